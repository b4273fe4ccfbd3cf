"""Choosing ramps: the estimates that guide it, against exact gains."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest

from verify import Problem, certify
from verify.choice.attempts import attempts
from verify.gain import pieces


def table(seed: int, jumps: int, architecture: str) -> dict[str, Any]:
    """A random problem on the line whose jumps and kinks stand close together."""
    choose = random.Random(seed)
    places = sorted(choose.sample(range(1, 60), jumps + 2))
    halfspaces = [
        {
            "where": f"x {choose.choice('<>')} {place}/60",
            "jump": f"{choose.choice((-1, 1, 2))}/3 + x/{choose.choice((5, 7))}",
        }
        for place in places[:jumps]
    ]
    halfspaces += [{"where": f"x > {place}/60", "jump": f"2*x - {place}/30"} for place in places[jumps:]]
    return {
        "domain": {"variables": ["x"], "union": [{"box": [["0", "2/5"]]}, {"box": [["1/2", "1"]]}]},
        "density": {"expression": "1 + x"},
        "target": {"expression": "x**3 - x"},
        "network": {"architecture": architecture, "width": 2 * jumps + 3},
        "response": {"affine": "x/3 - 1/4", "halfspaces": halfspaces},
    }


@pytest.mark.parametrize("architecture", ["residual", "feedforward"])
@pytest.mark.parametrize("seed", range(5))
def test_estimates_on_the_line_are_near_the_exact_gains(seed: int, architecture: str) -> None:
    problem = Problem.from_mapping(table(seed, 1 + 2 * seed, architecture))
    assert problem.response is not None
    reduced = problem.response.reduced(problem.domain)
    parts = list(pieces(problem))
    _, ramps, estimate = next(attempts(problem, parts, reduced, None))
    found = certify(problem)
    assert found.gain is not None and found.gain.is_exact and found.verdict == "dominated"
    assert [ramp.kappa for ramp in found.result.ramps] == [ramp.kappa for ramp in ramps]
    assert abs(Fraction(estimate) - found.gain.lower) <= abs(found.gain.lower) * Fraction(1, 10**9)
