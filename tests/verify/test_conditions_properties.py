"""No false verdict beside brute force; witnesses that hold up; verdicts that survive a change of coordinates."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.profiles import examples
from tests.verify.conditions_cases import CASES, Case
from tests.verify.conditions_oracle import Oracle, outcomes, reading
from tests.verify.conditions_random import Maker
from verify import InputError, Problem, check_conditions
from verify.conditions import Finding

SEEDS = st.integers(0, 10**9)


def findings(table: dict[str, Any], budget: float = 5) -> dict[str, Finding] | None:
    try:
        return {f.id: f for f in check_conditions(Problem(**table), budget=budget).findings}
    except InputError:
        return None


def test_brute_force_sees_most_of_the_faults_of_the_cases() -> None:
    seen = []
    for case in CASES:
        if case.verdict == "fails" and case.problem["loss"] == "squared":
            seen.append(outcomes(dict(case.problem))[case.id] is not None)
    assert sum(seen) >= 0.8 * len(seen), f"{sum(seen)} of {len(seen)}"


@pytest.mark.parametrize("dimension", [1, 2])
@given(seed=SEEDS)
@examples(25)  # slow: thousands of lines through thousands of points each
def test_never_holds_where_sampling_sees_a_violation(dimension: int, seed: int) -> None:
    table = Maker(seed, dimension).problem()
    found = findings(table)
    if found is None:
        return
    for name, violation in outcomes(table, seed).items():
        assert violation is None or found[name].verdict != "holds", (name, violation, found[name].reason, table)


@pytest.mark.parametrize("dimension", [1, 2])
@given(seed=SEEDS)
@examples(40)  # slow in the plane
def test_witnesses_hold_up(dimension: int, seed: int) -> None:
    table = Maker(seed, dimension).problem()
    found = findings(table)
    for finding in (found or {}).values():
        if finding.verdict == "fails":
            assert finding.witness is not None
            examine(finding, table)


@pytest.mark.parametrize("case", [c for c in CASES if c.verdict == "fails"], ids=lambda c: c.id)
def test_witnesses_of_the_cases_hold_up(case: Case) -> None:
    found = findings(dict(case.problem), 20)
    assert found is not None
    examine(found[case.id], case.problem)


def examine(finding: Finding, table: dict[str, Any]) -> None:
    """Check a witness by sampling around it (and exactly where it names a value)."""
    oracle, witness = Oracle(table), finding.witness
    assert witness is not None
    if finding.id == "hyperplane":
        confirm_plane(oracle, witness)
    elif finding.id in ("target-continuous", "density-continuous"):
        function = oracle.target if finding.id.startswith("target") else oracle.density
        confirm_fault(oracle, function, witness)
    elif finding.id == "density-nonnegative" and "point" in witness:
        assert oracle.density(oracle.at(place(witness)))[0] < 0


def place(witness: Any) -> np.ndarray[Any, Any]:
    values = []
    for entry in witness["point"]:
        ends = [entry["lower"], entry["upper"]] if isinstance(entry, dict) else [entry, entry]
        values.append(float(sum(map(Fraction, ends)) / 2))
    return np.array([values])


def confirm_plane(oracle: Oracle, witness: Any) -> None:
    function = reading(witness["hyperplane"])
    cloud = oracle.sample(20_000)
    sides = function(oracle.at(cloud))
    thin = len(cloud) < 200
    assert thin or (sides.min() < 0 < sides.max()), witness
    if witness["part"] == "a" and len(oracle.names) == 2:
        middle, scale = (oracle.low + oracle.high) / 2, oracle.scale
        ends = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]) * scale + middle
        values = function(oracle.at(ends))
        normal = (values[1:] - values[0]) / scale
        offset = float(normal @ middle - values[0])
        size = float(np.linalg.norm(normal))
        points = oracle._points_on(normal / size, offset / size)
        step = 1e-9 * scale * normal / size
        across = oracle.inside(points) & oracle.inside(points + step) & oracle.inside(points - step)
        largest = np.max(oracle.density(oracle.at(cloud)), initial=1e-9)
        there = np.where(across, oracle.density(oracle.at(points)), 0)
        assert (there > 1e-6 * largest).sum() <= 2, witness


def confirm_fault(oracle: Oracle, function: Any, witness: Any) -> None:
    """Undefined or unbounded near the point, or values there that differ by a good part of what is claimed."""
    centre, scale = place(witness), oracle.scale
    spread = 0.0
    for radius in (1e-5, 1e-7):
        near = centre + oracle.random.uniform(-1, 1, (4_000, len(oracle.names))) * radius * scale
        values = np.append(function(oracle.at(near)), function(oracle.at(centre)))
        if not np.isfinite(values).all():
            return
        spread = float(values.max() - values.min())
        if np.abs(values).max() > 8 and witness.get("values") == "unbounded":
            return
    if "values" in witness and isinstance(witness["values"], dict):
        claimed = [interval(v) for v in witness["values"].values()]
        least = max(max(a[0] - b[1], b[0] - a[1]) for a in claimed for b in claimed)
        assert spread > 0.5 * float(least), (witness, spread)


def interval(text: str) -> tuple[Fraction, Fraction]:
    ends = [Fraction(t) for t in text.strip("[]").split(",")]
    return ends[0], ends[-1]


# changes of coordinates


def renamed(text: str, values: dict[str, str]) -> str:
    return re.sub(r"\b[a-z]\b", lambda m: values.get(m.group(), m.group()), text)


def moved(table: dict[str, Any], factor: Fraction, shift: Fraction, names: dict[str, str]) -> dict[str, Any]:
    """The same problem in new coordinates `x' = factor x + shift`, variables renamed."""
    values = {old: f"(({new} - ({shift}))/({factor}))" for old, new in names.items()}

    def shape(part: dict[str, Any]) -> dict[str, Any]:
        def new(x: str) -> Fraction:
            return factor * Fraction(x) + shift

        if "union" in part:
            return {"union": [shape(p) for p in part["union"]]}
        if "ball" in part:
            ball = part["ball"]
            radius = abs(factor) * Fraction(ball["radius"])
            return {"ball": {"center": [str(new(c)) for c in ball["center"]], "radius": str(radius)}}
        if "box" in part:
            return {"box": [[str(v) for v in sorted(map(new, side))] for side in part["box"]]}
        return {"vertices": [[str(new(v)) for v in p] for p in part["vertices"]]}

    domain = {"variables": [names[v] for v in table["domain"]["variables"]], **shape(table["domain"])}
    if "restriction" in table["domain"]:
        domain["restriction"] = renamed(table["domain"]["restriction"], values)
    result = {**table, "domain": domain}
    for key in ("target", "density"):
        result[key] = renamed(table[key], values)
    if isinstance(table.get("loss"), dict) and "expression" in table["loss"]:
        result["loss"] = {**table["loss"], "expression": renamed(table["loss"]["expression"], values)}
    return result


COORDINATES = [
    (Fraction(1), Fraction(7, 2)),
    (Fraction(3, 2), Fraction(0)),
    (Fraction(-1), Fraction(0)),
]


def opposed(first: str, second: str) -> bool:
    return {first, second} == {"holds", "fails"}


@pytest.mark.parametrize(("factor", "shift"), COORDINATES, ids=["translation", "scaling", "reflection"])
@pytest.mark.parametrize("dimension", [1, 2])
@given(seed=SEEDS)
@examples(8)  # slow: two checks of a random problem each
def test_verdicts_never_contradict_in_other_coordinates(
    dimension: int, factor: Fraction, shift: Fraction, seed: int
) -> None:
    table = Maker(seed, dimension).problem()
    names = {"x": "u", "y": "v"}
    first, second = findings(table), findings(moved(table, factor, shift, names))
    if first is not None and second is not None:
        for name, finding in first.items():
            assert not opposed(finding.verdict, second[name].verdict), (name, table)


EXTREME = [
    (Fraction(10**9), Fraction(10**9)),
    (Fraction(1, 10**9), Fraction(0)),
    (Fraction(-3, 7), Fraction(22, 7)),
]


@pytest.mark.parametrize(("factor", "shift"), [*COORDINATES, *EXTREME], ids=str)
def test_verdicts_survive_a_change_of_coordinates(factor: Fraction, shift: Fraction) -> None:
    for case in CASES[:: 3 if (factor, shift) in EXTREME else 5]:
        names = {"x": "p", "y": "q", "z": "r"} if case.problem["loss"] == "squared" else {"x": "p"}
        found = findings(moved(dict(case.problem), factor, shift, names), 20)
        assert found is not None
        assert found[case.id].verdict == case.verdict, (case, found[case.id].reason)


@given(seed=SEEDS)
def test_a_continuous_summand_changes_nothing(seed: int) -> None:
    maker = Maker(seed, 1)
    table = maker.problem()
    first = findings(table)
    second = findings({**table, "target": f"({table['target']}) + ({maker.smooth()})"})
    if first is not None and second is not None:
        assert not opposed(first["target-continuous"].verdict, second["target-continuous"].verdict), table


@given(seed=SEEDS)
@examples(20)  # slow: it waits for budgets
def test_a_larger_budget_never_turns_fails_into_holds(seed: int) -> None:
    table = Maker(seed, 2).problem()
    short, long = findings(table, 0.02), findings(table, 2)
    if short is not None and long is not None:
        for name, finding in short.items():
            assert not opposed(finding.verdict, long[name].verdict), (name, table)
