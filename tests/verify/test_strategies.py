"""What is drawn is what was asked for, shrinks to something small, and throws nothing away."""

from __future__ import annotations

import random
import subprocess
import sys
import tomllib
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, seed, settings
from hypothesis import strategies as st

from proofs import limit
from proofs.geometry.balls import Ball
from proofs.geometry.polytopes import Polytope
from proofs.ramp import Case, constructions
from proofs.response import equal_almost_everywhere
from tests.profiles import examples
from verify import InputError, Problem, certify, strategies
from verify.domination import check_data
from verify.expressions import parse
from verify.expressions.algebra import as_affine
from verify.expressions.floats import compile_float
from verify.sampling.choices import SeededChoices
from verify.sampling.functions import FAULTS, NOT_STRICT, vanishing_density
from verify.sampling.geometry import NAMES
from verify.sampling.problems import SEARCHED, Mix, problem_table
from verify.sampling.responses import CASES
from verify.sampling.texts import toml_text

DIMENSIONS = (1, 2, 3)


def cube(n: int) -> Polytope:
    return Polytope.box([(0, 1)] * n)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("n", DIMENSIONS)
def test_responses_have_the_case_and_the_dimension(n: int, case: Case) -> None:
    @given(st.data())
    def run(data: st.DataObject) -> None:
        polytope = data.draw(strategies.polytopes(n))
        response = data.draw(strategies.responses(polytope, case))
        reduced = response.reduced(polytope)
        assert reduced == response and response.is_strict
        multiplicities = sum(t.multiplicity for t in response.terms)
        assert response.dimension("residual") == multiplicities <= 6
        if case != "residual":
            assert response.dimension("feedforward") == multiplicities + (case == "active") <= 6
            assert case in {c.case for c in constructions(response, "feedforward")}
            assert (response.turning is not None) == (case == "constant")

    run()


@pytest.mark.parametrize("n", DIMENSIONS)
def test_halfspaces_cut_their_polytope(n: int) -> None:
    @given(strategies.polytopes(n).flatmap(lambda p: st.tuples(st.just(p), strategies.halfspaces(p))))
    def run(drawn: tuple[Polytope, Any]) -> None:
        polytope, halfspace = drawn
        assert polytope.volume > 0
        assert polytope.sign_of(halfspace.side) == 0

    run()


@pytest.mark.parametrize("n", DIMENSIONS)
@examples(30)
@given(data=st.data())
def test_families_tend_to_their_response(n: int, data: st.DataObject) -> None:
    polytope = data.draw(strategies.polytopes(n))
    family, response = data.draw(strategies.families(polytope))
    found = limit(family, [polytope])
    assert found.verdict == "converges" and found.response is not None
    assert equal_almost_everywhere(found.response, response, [polytope])  # type: ignore[arg-type]


@pytest.mark.parametrize("n", DIMENSIONS)
@given(data=st.data())
def test_networks_are_as_wide_as_they_say(n: int, data: st.DataObject) -> None:
    polytope = data.draw(strategies.polytopes(n))
    network = data.draw(strategies.networks(polytope, 3))
    assert network.width <= 3
    assert all(polytope.sign_of(neuron.inner) == 0 for neuron in network.neurons)


@pytest.mark.parametrize("n", DIMENSIONS)
@examples(30)
@given(data=st.data())
def test_problems_are_accepted_and_survive_a_file(n: int, data: st.DataObject) -> None:
    mix = Mix(dimensions=(n,), cases=(*CASES, SEARCHED), losses=NOT_STRICT)
    table = data.draw(strategies.problem_tables(mix))
    assert tomllib.loads(toml_text(table, ["a comment\nof two lines"])) == table
    problem = Problem.from_mapping(table)
    assert problem.domain.dimension == n and problem.loss.kind != "squared"
    assert check_data(problem) is None
    if problem.response is not None:
        assert problem.response.reduced(problem.domain).dimension(problem.architecture) <= problem.width


@pytest.mark.parametrize("fault", FAULTS)
@examples(20)
@given(data=st.data())
def test_broken_targets_are_broken(fault: str, data: st.DataObject) -> None:
    polytope = data.draw(strategies.polytopes(1))
    broken = data.draw(strategies.broken_targets(polytope, [fault]))
    place = -broken.side.constant / broken.side.gradient[0]
    low, high = sorted(v[0] for v in polytope.vertices)
    assert low < place < high
    problem = Problem(
        domain={"variables": ["x"], "box": [[str(low), str(high)]]},
        target=broken.expression,
        width=2,
        response={"affine": "0", "halfspaces": [{"where": f"x > {(low + high) / 2}", "jump": "1"}]},
    )
    if broken.is_undefined:
        with pytest.raises(InputError, match=r"target\.expression: undefined"):
            certify(problem)
    else:
        value = compile_float(problem.target, ("x",))
        gap = abs(value((float(place) + 1e-9,)) - value((float(place) - 1e-9,)))
        assert gap > 1e-2


@given(data=st.data())
def test_vanishing_densities_vanish_inside(data: st.DataObject) -> None:
    text = data.draw(strategies.built(lambda c: vanishing_density(c, cube(2).vertices)))
    value = compile_float(parse(text, ("x", "y")), ("x", "y"))
    along = [value((i / 64, 1 - i / 64)) for i in range(65)] + [value((i / 64, i / 64)) for i in range(65)]
    assert min(along) >= 0 and max(along) > 0
    side = parse(text.removesuffix("**2").removeprefix("Abs").strip("()"), ("x", "y"))
    wall = as_affine(side, ("x", "y"))
    assert wall is not None and cube(2).sign_of(wall) == 0


def test_failures_shrink_to_something_small() -> None:
    table = find(
        strategies.problem_tables(),
        lambda t: len(t["response"]["halfspaces"]) == 3,
        settings=settings(database=None, max_examples=500),
        random=random.Random(1),
    )
    assert table["domain"] == {"variables": ["x"], "box": [["0", "1"]]}
    assert table["density"]["expression"] == "1" and table["loss"] == {"kind": "squared"}
    assert len(toml_text(table)) < 600


@examples(20)
@given(
    strategies.problem_tables(
        strategies.Mix(cases=["free"], targets={1: ["sin({a}*x)"]}, ranges={"a": (Fraction(1), Fraction(2))})
    )
)
def test_a_mix_chooses(table: dict[str, Any]) -> None:
    number = Fraction(table["target"]["expression"].removeprefix("sin((").removesuffix(")*x)"))
    assert 1 <= number <= 2
    assert Problem.from_mapping(table).response.has_free_affine_part  # type: ignore[union-attr]


def test_a_mix_without_a_possible_case_is_refused() -> None:
    with pytest.raises(ValueError, match="none of the cases free, active is possible with width 2"):
        strategies.problems(cases=("free", "active"), widths=(2, 2))


def test_every_public_strategy_is_documented() -> None:
    assert all(getattr(strategies, name).__doc__ for name in strategies.__all__)


def test_nothing_is_thrown_away() -> None:
    calls = []

    @seed(1)
    @settings(max_examples=300, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategies.problems(dimensions=DIMENSIONS))
    def run(problem: Problem) -> None:
        calls.append(problem)

    run()
    assert len(calls) >= 290


def test_a_seed_gives_the_same_problem_everywhere() -> None:
    code = (
        "from verify.sampling.choices import SeededChoices; from verify.sampling.problems import problem_table;"
        "print([problem_table(SeededChoices(f'7/{i}')) for i in range(20)])"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": s}
        ).stdout
        for s in ("1", "2")
    }
    assert texts == {str([problem_table(SeededChoices(f"7/{i}")) for i in range(20)]) + "\n"}


def test_names_of_variables_are_enough() -> None:
    assert len(NAMES) == max(DIMENSIONS)


def test_without_hypothesis_the_reason_is_one_line() -> None:
    code = "import sys; sys.modules['hypothesis'] = None\nimport verify.strategies"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stderr.splitlines()[-1] == (
        "ModuleNotFoundError: hypothesis is not installed; try: pip install 'relu-closure[properties]'"
    )


def test_rationals_are_bounded() -> None:
    @given(strategies.rationals(5, 3))
    def run(value: Fraction) -> None:
        assert abs(value) <= 5 and value.denominator <= 3

    run()


@pytest.mark.parametrize("n", [2, 3])
def test_jumps_of_problems_on_balls_cut_the_ball(n: int) -> None:
    mix = Mix(dimensions=(n,), domains=("ball",))
    for i in range(20):
        problem = Problem.from_mapping(problem_table(SeededChoices(f"ball {n} {i}"), mix))
        (ball,) = problem.domain.pieces
        assert isinstance(ball, Ball) and problem.response is not None
        assert problem.response.jumps
        assert all(ball.sign_of(term.halfspace.side) == 0 for term in problem.response.jumps)
