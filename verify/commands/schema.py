"""`verify schema`: the JSON Schema of certificates, or with --spec the specification in words."""

from __future__ import annotations

import json

from verify.certificates import schema_path, specification_path
from verify.commands.answer import YES, Answer


def run(spec: bool) -> Answer:
    """Return the schema, or the specification's text."""
    if spec:
        text = specification_path().read_text("utf-8")
        return Answer({"specification": text}, YES, [text.rstrip("\n")])
    text = schema_path().read_text("utf-8")
    return Answer(json.loads(text), YES, [text.rstrip("\n")])
