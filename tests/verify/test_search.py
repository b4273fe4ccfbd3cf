"""Searched responses: strict, within the width, as good as brute force finds them, the same every time."""

from __future__ import annotations

import math
import time
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from verify import InputError, Problem, audit, certify
from verify.integration import Deadline
from verify.sampling.choices import Choices
from verify.sampling.functions import NOT_STRICT, STRICT
from verify.sampling.problems import SEARCHED, Mix, problem_table
from verify.search import find_response
from verify.search.layouts import layouts
from verify.strategies import built

SQUARE = {"variables": ["x", "y"], "box": [["0", "1"], ["0", "1"]]}
SHAPES: dict[str, dict[str, Any]] = {
    "triangle": {"vertices": [["0", "0"], ["3", "0"], ["1", "2"]]},
    "far box": {"box": [["1000", "1001"], ["-1/100", "0"]]},
    "long box": {"box": [["0", "1000"], ["0", "1/10"]]},
    "disc": {"ball": {"center": ["1/2", "-1"], "radius": "3/2"}},
    "union": {"union": [{"box": [["0", "1"], ["0", "1"]]}, {"box": [["2", "3"], ["3", "5"]]}]},
}


def searched(choices: Choices) -> Problem:
    table = problem_table(choices, Mix(dimensions=(2, 3), cases=(SEARCHED,), widths=(2, 8)))
    table["network"]["architecture"] = choices.pick(("feedforward", "residual"))
    return Problem.from_mapping(table)


@settings(max_examples=max(30, settings.default.max_examples // 20))
@given(built(searched))
def test_searched_responses_are_strict_fit_the_width_and_cut_the_domain(problem: Problem) -> None:
    found = find_response(problem, Deadline(None))
    assert found.is_strict
    assert found.dimension(problem.architecture) <= problem.width
    assert all(problem.domain.sign_of(term.halfspace.side) == 0 for term in found.terms)
    assert found.reduced(problem.domain) == found
    assert find_response(problem, Deadline(None)) == found


def brute_force(target: str, constant: bool) -> float:
    """The least squared error of one jump on the unit square, over a grid of lines and a grid of points."""
    mids = (np.arange(40) + 0.5) / 40
    x, y = (g.ravel() for g in np.meshgrid(mids, mids))
    f = eval(target, {"x": x, "y": y, "exp": np.exp, "sin": np.sin, "Max": np.maximum, "Min": np.minimum})
    plane = np.stack([np.ones_like(x), x, y], axis=1)
    best = math.inf
    for angle in np.arange(48) * 2 * math.pi / 48:
        heights = math.cos(angle) * x + math.sin(angle) * y
        for offset in np.quantile(heights, np.arange(1, 40) / 40):
            above = (heights > offset)[:, None]
            columns = np.concatenate([plane[:, :1] if constant else plane, plane * above], axis=1)
            rest = f - columns @ np.linalg.lstsq(columns, f, rcond=None)[0]
            best = min(best, float(np.mean(rest**2)))
    return best


@pytest.mark.parametrize("architecture", ["feedforward", "residual"])
@pytest.mark.parametrize(
    "target", ["x*y", "sin(5*x - 3*y)*y", "1/(1 + exp(-20*(x + 2*y - 3/2)))", "Max(0, Min(1, 8*(x - y)))*(1 - x)"]
)
def test_one_jump_is_as_good_as_brute_force(target: str, architecture: str) -> None:
    problem = Problem(domain=SQUARE, target=target, architecture=architecture, width=2)
    found = certify(problem, digits=2)
    assert found.verdict == "dominated", found.reason
    assert found.result.response_risk is not None
    assert float(found.result.response_risk.upper) < 1.05 * brute_force(target, architecture == "feedforward")


def test_more_neurons_fit_better() -> None:
    risks = []
    for width in (2, 3, 5, 7, 9):
        found = certify(Problem(domain=SQUARE, target="sin(3*x*y)", width=width), digits=2)
        assert found.verdict == "dominated", found.reason
        assert found.result.response_risk is not None and found.result.dimension <= width
        risks.append(found.result.response_risk.upper)
    assert all(later < Fraction(3, 4) * earlier for earlier, later in pairwise(risks))


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("width", [2, 5])
def test_certificates_without_a_response_on_every_shape(name: str, width: int) -> None:
    domain = {"variables": ["x", "y"], **SHAPES[name]}
    found = certify(Problem(domain=domain, target="x**2 - 3*x*y", width=width))
    assert found.verdict == "dominated", found.reason
    assert name == "disc" or audit(found).verdict == "valid"


def test_in_space() -> None:
    box = {"variables": ["x", "y", "z"], "box": [["0", "1"], ["-1", "1"], ["0", "2"]]}
    found = certify(Problem(domain=box, target="x*y + z**2", width=3))
    assert found.verdict == "dominated", found.reason
    assert audit(found).verdict == "valid"


@pytest.mark.parametrize("loss", [*STRICT, *NOT_STRICT], ids=lambda loss: "-".join(loss.values()))
def test_every_loss_has_a_guide(loss: dict[str, Any]) -> None:
    target = "(1 + x*y)/4"
    variables = ["u", "v"] if loss["kind"] == "expression" else ["x", "y"]
    target = target.replace("x", variables[0]).replace("y", variables[1])
    domain = {"variables": variables, "box": SQUARE["box"]}
    found = find_response(Problem(domain=domain, target=target, loss=loss, width=3), Deadline(None))
    wanted = {"logistic": lambda f: math.log(f / (1 - f)), "poisson": math.log}.get(loss["kind"], lambda f: f)
    for place in ((Fraction(1, 7), Fraction(2, 3)), (Fraction(6, 7), Fraction(5, 6))):
        f = (1 + float(place[0] * place[1])) / 4
        assert abs(float(found(place)) - wanted(f)) < 0.2


@pytest.mark.parametrize("target", ["x + y", "0", "7", "Max(x, y)", "Max(0, Min(1, 10*(x - 2*y + 1/2)))"])
@pytest.mark.parametrize("width", [2, 3, 4])
def test_targets_that_networks_equal_leave_a_strict_response(target: str, width: int) -> None:
    for architecture in ("feedforward", "residual"):
        found = find_response(
            Problem(domain=SQUARE, target=target, architecture=architecture, width=width), Deadline(None)
        )
        assert found.is_strict and found.dimension(architecture) <= width


def test_width_one_has_no_strict_response_in_the_plane_either() -> None:
    with pytest.raises(InputError, match=r"width 1 admits no strict response \(a jump needs 2 neurons\)"):
        certify(Problem(domain=SQUARE, target="x*y", width=1))


def test_values_that_are_no_numbers_are_bad_input() -> None:
    with pytest.raises(InputError, match="no finite numbers"):
        find_response(Problem(domain=SQUARE, target="log(x - 1/2)", width=2), Deadline(None))
    with pytest.raises(InputError, match="no mass"):
        find_response(Problem(domain=SQUARE, target="x", density="0", width=2), Deadline(None))


def test_a_short_budget_is_kept_and_progress_is_told() -> None:
    problem = Problem(domain=SQUARE, target="sin(9*x*y)", width=13)
    told: list[tuple[int, int]] = []
    began = time.process_time()
    find_response(problem, Deadline(0.05), lambda done, total: told.append((done, total)))
    assert time.process_time() - began < 1.0
    assert told == [(i + 1, len(told)) for i in range(len(told))]


@pytest.mark.parametrize("n", [2, 3, 4])
@pytest.mark.parametrize("width", range(2, 14))
def test_layouts_never_promise_more_than_the_width(n: int, width: int) -> None:
    for layout in layouts(width, "feedforward", n):
        free = layout.constant or layout.parallel or layout.jumps > n
        assert 2 * layout.jumps + layout.kinks + (not free) <= width
    (layout,) = layouts(width, "residual", n)
    assert 2 * layout.jumps + layout.kinks <= width
