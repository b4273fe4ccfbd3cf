"""`verify examples`: what ships with the package."""

from __future__ import annotations

from verify.commands.answer import YES, Answer, Table
from verify.shipped import listed

KINDS = {"problem": "problems", "family": "families", "campaign": "campaigns"}


def run() -> Answer:
    """List the shipped problems, families and generator files of campaigns."""
    shipped = {kind: listed(kind) for kind in KINDS}
    document = {KINDS[kind]: [{"name": n, "about": about} for n, about in found] for kind, found in shipped.items()}
    words: list[str | Table] = []
    for kind, found in shipped.items():
        words += [Table((kind, "why it is interesting"), found), ""]
    words.append("Use one as example:NAME, e.g. verify certify example:step-identity")
    return Answer(document, YES, words)
