"""The first-order gain against closed forms, and against quotients of gains that mpmath integrates on its own."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise
from typing import Any

import mpmath
import pytest
from mpmath import mpf

from tests.verify.second_route import function
from verify import Problem, certify
from verify.certification import Certificate

CASES = [
    {"kind": "squared"}, {"kind": "absolute"}, {"kind": "logcosh"}, {"kind": "logistic"}, {"kind": "poisson"},
    {"kind": "huber", "delta": "1/3"}, {"kind": "pinball", "level": "1/3"}, {"kind": "power", "exponent": "3/2"},
    {"kind": "power", "exponent": "4"}, {"kind": "expression", "expression": "(y - f)**2 + exp(y - x)"},
]  # fmt: skip


def line_problem(loss: dict[str, Any], **more: Any) -> Problem:
    table: dict[str, Any] = {
        "domain": {"variables": ["x"], "box": [["0", "1"]]}, "target": "1/4 + sin(x)/3", "density": "exp(-x)",
        "width": 2, "response": {"affine": "0", "halfspaces": [{"where": "x - 1/2 > 0", "jump": "1/2 + x"}]},
    }  # fmt: skip
    return Problem(**{**table, "loss": loss, **more})


def by_loss(table: dict[str, Any]) -> Any:
    kind = table["kind"]
    if kind == "power":
        p = Fraction(table["exponent"])
        return lambda x, y, f: abs(y - f) ** (mpf(p.numerator) / p.denominator)
    if kind == "huber":
        d = mpf(1) / 3
        return lambda x, y, f: (y - f) ** 2 / 2 if abs(y - f) <= d else d * (abs(y - f) - d / 2)
    return {
        "squared": lambda x, y, f: (y - f) ** 2,
        "absolute": lambda x, y, f: abs(y - f),
        "logcosh": lambda x, y, f: mpmath.log(mpmath.cosh(y - f)),
        "logistic": lambda x, y, f: mpmath.log(1 + mpmath.exp(y)) - f * y,
        "poisson": lambda x, y, f: mpmath.exp(y) - f * y,
        "pinball": lambda x, y, f: max((f - y) / 3, 2 * (y - f) / 3),
        "expression": lambda x, y, f: (y - f) ** 2 + mpmath.exp(y - x),
    }[kind]


def quotient(found: Certificate, loss: dict[str, Any], kappa: Any) -> Any:
    """gain / kappa on the line: each jump J 1{s > 0} becomes the two neurons of section 3, integrated by mpmath."""
    problem, result = found.result.problem, found.result
    assert result.construction is not None
    target, density = (function(problem.specification[key]["expression"]) for key in ("target", "density"))
    L = by_loss(loss)
    response = result.construction.response
    first = result.ramps[0].kappa

    def real(a: Any, x: Any) -> Any:
        slope, constant = a.gradient[0], a.constant
        return mpf(slope.numerator) / slope.denominator * x + mpf(constant.numerator) / constant.denominator

    def jumps(x: Any) -> Any:
        return real(response.affine, x) + sum(real(t.jump, x) for t in response.terms if real(t.halfspace.side, x) > 0)

    def ramped(x: Any) -> Any:
        value = jumps(x)
        for r in result.ramps:
            k = kappa * mpf((r.kappa / first).numerator) / (r.kappa / first).denominator
            s, e, j = real(r.term.halfspace.side, x), real(r.shift, x), real(r.term.jump, x)
            value += (max(s + k * (e + j), 0) - max(s + k * (e - j), 0)) / (2 * k) - (j if s > 0 else 0)
        return value

    total = mpf(0)
    for r in result.ramps:
        a, b = real(r.term.halfspace.side, mpf(0)), real(r.term.halfspace.side.linear, mpf(1))
        place = -a / b
        reach = 4 * kappa * (abs(real(r.term.jump, place)) + abs(real(r.shift, place))) / abs(b)
        reach *= max(1, float(r.kappa / first))
        bends = sorted({place, *(_bend(r, sign, kappa, first, real) for sign in (-1, 1))})
        cuts = [place - reach, *bends, place + reach]
        pieces = [u + (v - u) * mpf(i) / 2 for u, v in pairwise(cuts) for i in range(2)] + cuts[-1:]
        total += mpmath.quad(lambda x: density(x) * (L(x, jumps(x), target(x)) - L(x, ramped(x), target(x))), pieces)
    return total / kappa


def _bend(r: Any, sign: int, kappa: Any, first: Fraction, real: Any) -> Any:
    """The zero of s + kappa (e +- J)."""
    ratio = r.kappa / first
    k = kappa * mpf(ratio.numerator) / ratio.denominator
    value = [real(r.term.halfspace.side, x) + k * (real(r.shift, x) + sign * real(r.term.jump, x)) for x in (0, 1)]
    return -value[0] / (value[1] - value[0])


def limit(found: Certificate, loss: dict[str, Any]) -> Any:
    """The limit of the quotients, twice extrapolated."""
    with mpmath.workdps(25):
        k = mpf("1e-4")
        one, two, three = (quotient(found, loss, k / 2**i) for i in range(3))
        return (8 * three - 6 * two + one) / 3


@pytest.mark.parametrize("loss", CASES, ids=lambda loss: f"{loss['kind']}-{loss.get('exponent', '')}")
def test_every_loss_on_the_line(loss: dict[str, Any]) -> None:
    found = certify(line_problem(loss))
    value = found.first_order.value
    assert value is not None, found.first_order.reason
    middle = mpf(value.lower.numerator) / value.lower.denominator
    assert float(value.width) <= 1e-5 * abs(float(value.lower))
    # where f crosses R within the ramp, power 3/2 and kinks leave quotients with an error of O(kappa^(3/2))
    assert abs(limit(found, loss) - middle) < mpf("2e-5") * max(1, abs(middle))


@pytest.mark.parametrize("seed", range(6))
def test_the_free_affine_part(seed: int) -> None:
    pick = random.Random(seed)
    q = lambda a, b: str(Fraction(pick.randint(a, b), 6))  # noqa: E731
    jumps = [
        {"where": "x - 1/3 > 0", "jump": f"{q(3, 9)} + {q(-3, 3)}*x"},
        {"where": "x - 2/3 < 0", "jump": f"{q(3, 9)} + {q(-3, 3)}*x"},
    ]
    response = {"affine": f"{q(1, 9)}*x", "halfspaces": jumps}
    found = certify(line_problem({"kind": "squared"}, target="x**2", width=4, response=response))
    assert found.result.construction is not None
    value = found.first_order.value
    assert value is not None
    middle = mpf(value.lower.numerator) / value.lower.denominator
    assert abs(limit(found, {"kind": "squared"}) - middle) < mpf("1e-6") * max(1, abs(middle))


def plane_problem(**more: Any) -> Problem:
    table: dict[str, Any] = {
        "domain": {"variables": ["x", "y"], "box": [["0", "1"], ["0", "1"]]}, "target": "x*y", "width": 2,
        "architecture": "residual",
        "response": {"affine": "0", "halfspaces": [{"where": "x + y - 1 > 0", "jump": "3/2 - 2*y"}]},
    }  # fmt: skip
    return Problem(**{**table, **more})


def third_of_the_cube(problem: Problem) -> Any:
    """The first order of ramps without shift."""
    from proofs.ramp import constructions
    from proofs.ramp_family import RampFamily
    from verify.choice.settled import anchors, settled_ramps
    from verify.conditions import check_conditions
    from verify.first_order import first_order
    from verify.gain import pieces
    from verify.integration import Deadline

    assert problem.response is not None
    construction = next(constructions(problem.response.reduced(problem.domain), problem.architecture))
    places = anchors(construction, [p.cell for p in pieces(problem)])
    ramps = settled_ramps(construction, [Fraction(1)] * len(construction.response.jumps), places)
    family = RampFamily.through(construction, ramps)
    return first_order(problem, family, check_conditions(problem, budget=1.0).findings, Deadline(20.0), 6)


def test_the_closed_form_for_squared_loss_without_shift() -> None:
    # on x + y = 1 with |n| = sqrt 2: (1/sqrt 2) int |J|^3/3 dsigma = int_0^1 |3/2 - 2y|^3 / 3 dy
    #   = (1/24) ((3/2)^4 + (1/2)^4) = (1/24) (82/16)
    assert third_of_the_cube(plane_problem()).value.lower == Fraction(82, 16 * 24)
    steep = {"affine": "0", "halfspaces": [{"where": "7*x + 7*y - 7 > 0", "jump": "3/2 - 2*y"}]}
    assert third_of_the_cube(plane_problem(response=steep)).value.lower == Fraction(82, 16 * 24 * 7)
    # with the density exp(x), so h = e^(1-y): mpmath on the line
    value = third_of_the_cube(plane_problem(density="exp(x)")).value
    other = mpmath.quad(lambda y: mpmath.exp(1 - y) * abs(mpf(3) / 2 - 2 * y) ** 3 / 3, [0, 0.75, 1])
    assert float(value.lower) <= other <= float(value.upper)
    assert float(value.width) < 1e-5
    line = {"affine": "0", "halfspaces": [{"where": "1/2 - x > 0", "jump": "-3 + x"}]}
    value = third_of_the_cube(line_problem({"kind": "squared"}, density="x**2", response=line)).value
    assert value.is_exact and value.lower == Fraction(1, 4) * Fraction(5, 2) ** 3 / 3


def test_space_is_exact() -> None:
    problem = Problem(
        domain={"variables": ["x", "y", "z"], "box": [["0", "1"], ["0", "1"], ["0", "1"]]}, target="x*y*z", width=2,
        architecture="residual", density="1 + z",
        response={"affine": "0", "halfspaces": [{"where": "x + y/2 - 3/4 > 0", "jump": "y + z"}]},
    )  # fmt: skip
    # x = 3/4 - y/2 lies in [0, 1] for all y in [0, 1]: int int (1 + z)(y + z)^3 / 3 dy dz
    moments = Fraction(0)
    for i, c in enumerate((1, 3, 3, 1)):  # y^i z^(3-i)
        for j in (0, 1):
            moments += Fraction(c, (i + 1) * (3 - i + j + 1))
    assert third_of_the_cube(problem).value.lower == moments / 3


@pytest.mark.parametrize("loss", ["squared", "logcosh"])
def test_the_plane_against_gains_of_thin_ramps(loss: str) -> None:
    two = [{"where": "x + y/3 - 1/2 > 0", "jump": "1 + y"}, {"where": "x - y > 0", "jump": "1/2"}]
    problem = plane_problem(width=4, loss=loss, response={"affine": "0", "halfspaces": two}, target="x*y + Abs(x-1/3)")
    found = certify(problem, kappa=Fraction(1, 10**5))
    assert found.first_order.value is not None and found.gain is not None
    quotient = found.gain.lower * 10**5
    assert abs(found.first_order.value.lower - quotient) < Fraction(1, 1000) * abs(quotient)


REFUSED = {
    "jump of the target": {"target": "x + Heaviside(x - 1/2)"},
    "hidden jump of the target": {"target": "x + Heaviside((2*x - 1)*exp(x))"},
    "jump of the density": {"density": "1 + Heaviside(x - 1/2)"},
    "face": {"domain": {"variables": ["x"], "union": [{"box": [["0", "1/2"]]}, {"box": [["1", "2"]]}]}},
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_claimed(name: str) -> None:
    found = certify(line_problem({"kind": "squared"}, **REFUSED[name]), kappa=Fraction(1, 100))
    assert found.first_order.value is None
    assert "continuous" in found.first_order.reason or "face" in found.first_order.reason
    assert found.answer()["first_order"] is None and found.answer()["first_order_reason"]


NEAR = {
    "kink at the jump": {"target": "x + Abs(x - 1/2)", "density": "1 + Abs(x - 1/2)"},
    "jump elsewhere": {"target": "x + Heaviside(x - 3/5)"},
    "pieces that fit": {"target": "Piecewise((sin(x), x < 1/2), (sin(x) + (x - 1/2)**2, True))"},
    "removed value": {"target": "x + sign(x - 1/2)**2 - 1"},
}


@pytest.mark.parametrize("name", NEAR)
def test_what_is_claimed_all_the_same(name: str) -> None:
    problem = line_problem({"kind": "squared"}, **NEAR[name])
    found = certify(problem, kappa=Fraction(1, 10**6))
    assert found.first_order.value is not None and found.gain is not None
    assert abs(found.first_order.value.lower - found.gain.lower * 10**6) < Fraction(1, 10**4)


def test_one_sided_faces_of_the_plane_are_refused_and_shared_ones_are_not() -> None:
    def at(shapes: list[Any]) -> Any:
        response = {"affine": "0", "halfspaces": [{"where": "x > 0", "jump": "1"}]}
        domain = {"variables": ["x", "y"], "union": [{"box": box} for box in shapes]}
        return third_of_the_cube(plane_problem(domain=domain, response=response))

    high = [["-1", "0"], ["-10", "10"]]
    assert at([high, [["0", "1"], ["-1", "1"]]]).value is None  # MATHEMATICS.md, section 5
    whole = at([high, [["0", "1"], ["-10", "0"]], [["0", "1"], ["0", "10"]]])
    assert whole.value.lower == Fraction(20, 3)
