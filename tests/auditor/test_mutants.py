"""No certificate with one thing changed is accepted, unless what it says is still true, which is proved on the spot.

Quick: a sample of the mutants of each certificate. VERIFY_PROFILE=thorough, or tests/benchmarks/bench_mutants.py: all.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from typing import Any

import jsonschema
import pytest

from tests.auditor import harmless, harmless_activations, harmless_families
from tests.auditor.bases import BASES
from tests.auditor.mutants import Mutant, mutants
from verify.auditor import BadInputError, audit_text
from verify.certificates import schema_path

HARMLESS = {
    "domination": harmless.domination,
    "domination-family": harmless_families.family,
    "conditions": harmless.conditions,
    "non-attainment": harmless_activations.non_attainment,
    "attainment": harmless_activations.attainment,
}
SCHEMA = jsonschema.Draft202012Validator(json.loads(schema_path().read_text("utf-8")))
STRIDE = 1 if os.environ.get("VERIFY_PROFILE") == "thorough" else 37
SLOW = ("domination: analytic", "domination: space", "activation: gelu-5", "activation: softsign-2")


def verdict(document: dict[str, Any]) -> str:
    try:
        return audit_text(json.dumps(document)).verdict
    except BadInputError:
        return "bad input"


def outcomes(document: dict[str, Any], chosen: Iterable[Mutant]) -> Counter[str]:
    """Audit mutants, also with the digest of the original; AssertionError if one is accepted that says more."""
    counts: Counter[str] = Counter()
    for mutant in chosen:
        stale = {**mutant.document, "digest": document["digest"]}
        assert verdict(stale) in ("invalid", "bad input"), (mutant.path, mutant.change)
        found = verdict(mutant.document)
        counts[found] += 1
        if found == "valid":
            assert SCHEMA.is_valid(mutant.document), (mutant.path, mutant.change)
            assert HARMLESS[document["kind"]](document, mutant.document), (mutant.path, mutant.change)
    return counts


@pytest.mark.parametrize("name", BASES)
def test_mutants_are_rejected_or_harmless(name: str) -> None:
    document = BASES[name]()
    assert verdict(document) == "valid"
    assert SCHEMA.is_valid(document)
    stride = STRIDE * (5 if name in SLOW and STRIDE > 1 else 1)
    chosen = list(mutants(document))[sum(map(ord, name)) % stride :: stride]
    counts = outcomes(document, chosen)
    assert 3 * counts["invalid"] >= len(chosen) > 0


def test_every_key_of_every_kind_is_changed() -> None:
    """Each key that some certificate has is dropped, and each value is changed in at least three ways."""
    for name in (
        "domination: free-affine",
        "family: free-affine",
        "conditions: 7",
        "activation: tanh",
        "activation: cubic-attained",
    ):
        changes: dict[str, set[str]] = {}
        for mutant in mutants(BASES[name]()):
            changes.setdefault(mutant.place, set()).add(mutant.change)
        assert all(len(found) >= 3 for found in changes.values())
        for place in changes:
            parent, _, key = place.rpartition(".")
            assert key in ("", "*") or f"without {key}" in changes[parent]
