"""The shipped problems in the plane and in space show what they say, and their certificates are valid."""

from __future__ import annotations

import pytest

from proofs.ramp import constructions, stages
from verify import Problem, audit, certify
from verify.certification import Certificate
from verify.choice.settled import anchors, settled_ramps, thin_kappa
from verify.gain import excess_integrals, pieces
from verify.integration import Deadline, Integrator
from verify.shipped import resolve

CASES = {
    "polygon": "constant",
    "two-jumps-plane": "residual",
    "free-affine-plane": "free",
    "free-affine-space": "free",
    "orientation": "free",
    "sign-change": "residual",
    "disc": "residual",
    "union": "constant",
    "l-shape-stands": "constant",
    "search-plane": "free",
    "space-box": "residual",
}


def problem(name: str) -> Problem:
    return Problem.from_toml(resolve(f"example:{name}"))


def certified(name: str) -> Certificate:
    found = certify(problem(name))
    assert found.verdict == "dominated", found.reason
    return found


@pytest.mark.parametrize("name", CASES)
def test_they_are_beaten_and_the_certificates_are_valid(name: str) -> None:
    found = certified(name)
    assert found.result.construction is not None and found.result.construction.case == CASES[name]
    checked = audit(found)
    assert checked.verdict == "valid", checked.reason


@pytest.mark.parametrize("name", ["l-shape-stands", "union"])
def test_where_the_theorem_is_silent_the_certificate_stands_alone(name: str) -> None:
    found = certified(name)
    assert found.conditions.theorem == "does-not-apply"


def test_the_l_shape_with_a_response_near_its_target_is_not_beaten_by_ramps() -> None:
    found = certify(problem("l-shape"))
    assert found.verdict == "undecided" and found.conditions.theorem == "does-not-apply"


def test_one_orientation_loses_what_the_other_wins() -> None:
    stated = problem("orientation")
    assert stated.response is not None
    rates = []
    for construction in constructions(stated.response.reduced(stated.domain), "feedforward"):
        (_, jump) = construction.response.jumps
        kappa = thin_kappa(stated, jump.jump, jump.halfspace.side, 12)
        first, *_, last = stages(
            construction, settled_ramps(construction, [kappa] * 2, anchors(construction, stated.domain.cells))
        )
        integrals = excess_integrals(stated, pieces(stated), first, last)
        rates.append(float(Integrator(stated.variables, Deadline(20)).enclose(integrals, 6).lower / kappa))
    assert sorted(round(rate, 2) for rate in rates) == [-0.86, 1.24]


def test_the_jump_changes_sign_on_its_line() -> None:
    stated = problem("sign-change")
    assert stated.response is not None
    (term,) = stated.response.terms
    assert term.multiplicity == 2
    assert term.jump((0, 0)) < 0 < term.jump((1, 0)) and term.halfspace.side.gradient[0] == 0
