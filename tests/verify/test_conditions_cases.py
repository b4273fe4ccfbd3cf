"""The verdicts and witnesses on problems written down by hand."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from proofs.geometry.affine import HalfSpace
from tests.verify.conditions_cases import CASES, Case
from verify import Problem, check_conditions
from verify.conditions import IDS
from verify.expressions.algebra import parse_affine


def name(case: Case) -> str:
    text = case.problem["density"] if case.id in ("hyperplane", *IDS[1:3]) else case.problem["target"]
    kind = case.problem["loss"]
    return f"{case.id}-{case.verdict}-{text if kind == 'squared' else kind}"


@pytest.mark.parametrize("case", CASES, ids=name)
def test_verdict_and_witness(case: Case) -> None:
    problem = Problem(**case.problem)
    finding = check_conditions(problem, budget=20)[case.id]
    assert finding.verdict == case.verdict, finding.reason
    assert (finding.witness is not None) == (case.verdict == "fails")
    assert finding.reason
    for key, expected in case.witness.items():
        assert finding.witness is not None
        check(key, expected, finding.witness, problem.variables)


def check(key: str, expected: Any, witness: Any, variables: tuple[str, ...]) -> None:
    if key == "at":
        for coordinate, value in zip(witness["point"], expected, strict=True):
            low, high = ends(coordinate)
            assert low - 1e-6 <= value <= high + 1e-6, witness
    elif key == "plane":
        found, wanted = (parse_affine(text, variables) for text in (witness["hyperplane"], expected))
        assert HalfSpace(found).boundary == HalfSpace(wanted).boundary, witness
    else:
        assert witness[key] == expected, witness


def ends(coordinate: Any) -> tuple[float, float]:
    if isinstance(coordinate, dict):
        return float(coordinate["lower"]), float(coordinate["upper"])
    numerator, _, denominator = coordinate.partition("/")
    return (float(numerator) / float(denominator or 1),) * 2


def test_there_are_enough_cases_of_every_kind() -> None:
    counts = Counter(case.id for case in CASES)
    assert set(counts) == set(IDS)
    assert len(CASES) >= 120
    assert sum(case.verdict == "fails" for case in CASES) >= len(CASES) / 3


def test_ids_come_in_the_order_of_the_interface() -> None:
    found = check_conditions(Problem(domain={"variables": ["x"], "box": [["0", "1"]]}, target="x", width=1))
    assert tuple(f.id for f in found.findings) == IDS
    assert found.theorem == "applies"
    answer = found.answer()
    assert set(answer) >= {"problem", "theorem", "conditions"}
    assert all(set(c) >= {"id", "verdict", "reason", "witness"} for c in answer["conditions"])
