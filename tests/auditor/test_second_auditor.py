"""Two auditors that know nothing of each other say the same: on certificates as written, and on their mutants."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.auditor.bases import BASES
from tests.auditor.mutants import mutants
from tests.auditor.second_auditor import check
from verify import Problem, certify
from verify.auditor import BadInputError, audit_text
from verify.certificates import as_text, schema_path
from verify.sampling.choices import SeededChoices
from verify.sampling.problems import Mix, problem_table

POLYNOMIAL = ("step-identity", "free-affine", "line, union", "line, polynomial density")
MIX = Mix(losses=({"kind": "squared"},), polynomial=True, domains=("box", "vertices", "gap"), widths=(2, 7))
SCHEMA = jsonschema.Draft202012Validator(json.loads(schema_path().read_text("utf-8")))


def first(text: str) -> str:
    try:
        return audit_text(text).verdict
    except BadInputError:
        return "bad input"


def second(text: str) -> bool:
    if not SCHEMA.is_valid(json.loads(text)):
        return False
    try:
        check(text)
    except (ValueError, SyntaxError):
        return False
    return True


@pytest.mark.parametrize("name", POLYNOMIAL)
def test_they_agree_on_certificates_and_mutants(name: str) -> None:
    document = BASES[f"domination: {name}"]()
    check(as_text(document))
    accepted = 0
    for mutant in mutants(document):
        text = json.dumps(mutant.document)
        assert (first(text) == "valid") is second(text), (mutant.path, mutant.change)
        accepted += second(text)
    assert accepted > 30


@given(st.integers(0, 10**9))
def test_they_agree_on_random_certificates(seed: int) -> None:
    table: dict[str, Any] = problem_table(SeededChoices(f"second {seed}"), MIX)
    found = certify(Problem.from_mapping(table))
    if found.verdict == "dominated":
        text = as_text(found.document())
        check(text)
        assert audit_text(text).verdict == "valid"
