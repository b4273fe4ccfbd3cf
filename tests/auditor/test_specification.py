"""docs/certificate.md says everything: each key and word of the schema, and an example that both auditors accept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest

from tests.auditor.second_auditor import check
from verify import Problem, certify
from verify.auditor import audit_text
from verify.certificates import schema_path, specification_path
from verify.cli import main
from verify.shipped import resolve

TEXT = specification_path().read_text("utf-8")
SCHEMA = json.loads(schema_path().read_text("utf-8"))


def words(schema: Any) -> Iterator[str]:
    """Every key that the schema allows, and every word of a list of choices."""
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "properties":
                yield from value
            if key in ("enum", "const"):
                yield from value if isinstance(value, list) else [value]
            yield from words(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from words(value)


@pytest.mark.parametrize("word", sorted(set(words(SCHEMA))))
def test_the_schema_has_no_word_that_the_text_lacks(word: str) -> None:
    table = rf"^\| {re.escape(word)} \|"  # the losses stand in a table
    assert re.search(rf'"{re.escape(word)}"|`{re.escape(word)}`|{table}', TEXT, re.MULTILINE)


def example() -> str:
    found = re.search(r"```json\n(.*?)```", TEXT, re.DOTALL)
    assert found
    return found[1]


def test_the_example_is_valid_for_both_auditors() -> None:
    check(example())
    assert audit_text(example()).verdict == "valid"


def test_the_example_is_the_shipped_problem() -> None:
    """Word for word what certify writes, but for the intervals, which are exact here."""
    found = certify(Problem.from_toml(resolve("example:step-identity")), kappa=Fraction(1, 4))
    assert found.gain is not None and found.gain.lower == found.gain.upper == Fraction(1, 16)
    written, stated = found.document(), json.loads(example())
    assert all(written[key] == stated[key] for key in ("problem", "response", "ramps", "network"))


def test_schema_spec_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--spec"]) == 0
    assert capsys.readouterr().out.strip() == TEXT.strip()
