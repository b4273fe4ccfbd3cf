"""Boxes cut along near zeros: against nested quadrature, and the bounds that the cuts rest on."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from flint import acb, arb, ctx, fmpq
from mpmath import mpf

from proofs.geometry.affine import Affine
from proofs.geometry.polytopes import Polytope
from verify import Problem, certify
from verify.enclosure import Enclosure
from verify.expressions import parse, wide
from verify.integration import Deadline, Integral, Integrator
from verify.integration.cuts import Curve, crossings, excess, least, places, size_along
from verify.integration.gaps import hard_gaps, soft_gaps
from verify.integration.volumes import parts

SQUARE = Polytope.box([(Fraction(0), Fraction(1))] * 2)


def enclosed(text: str) -> Enclosure:
    with ctx.workprec(64):
        (part,) = parts([(parse(text, ("x", "y")), SQUARE)], ("x", "y"))
        return part.enclose(Fraction(1, 10**9), Fraction(1, 10**8), Deadline(60))


def nested(f: Callable[[mpf, mpf], mpf], roots: Callable[[mpf], list[mpf]], cuts: list[str]) -> mpf:
    """The integral over the unit square, cut where the integrand switches."""

    def inner(x: mpf) -> mpf:
        return mpmath.quad(lambda y: f(x, y), [0, *sorted(r for r in roots(x) if 0 < r < 1), 1])

    return mpmath.quad(inner, [mpf(c) for c in cuts])


@pytest.mark.parametrize(
    ("text", "function", "roots", "cuts"),
    [
        (
            "log(cosh(12*(x - y**2)))",
            lambda x, y: mpmath.log(mpmath.cosh(12 * (x - y**2))),
            lambda x: [mpmath.sqrt(x)],
            ["0", "0.1", "1"],
        ),
        (
            "Abs(y - Min(2*x, (x - 1)**2))",
            lambda x, y: abs(y - min(2 * x, (x - 1) ** 2)),
            lambda x: [min(2 * x, (x - 1) ** 2)],
            ["0", str(2 - mpmath.sqrt(3)), "1"],
        ),
        (
            "Abs(x*y - 1/5) - 2*Abs(y - x**2 - 1/10)",
            lambda x, y: abs(x * y - mpf(1) / 5) - 2 * abs(y - x**2 - mpf(1) / 10),
            lambda x: [1 / (5 * x), x**2 + mpf(1) / 10],
            ["0", "0.2", str(mpmath.sqrt(0.9)), "1"],
        ),
        (
            "(2 + x)*Abs(y - x**2)**(4/3)",
            lambda x, y: (2 + x) * abs(y - x**2) ** (mpf(4) / 3),
            lambda x: [x**2],
            ["0", "0.5", "1"],
        ),
    ],
    ids=["steep", "nested", "crossing", "power"],
)
def test_integrals_over_the_square(
    text: str, function: Callable[[mpf, mpf], mpf], roots: Callable[[mpf], list[mpf]], cuts: list[str]
) -> None:
    found, value = enclosed(text), nested(function, roots, cuts)
    assert found.width <= Fraction(1, 10**7)
    slack = Fraction(1, 10**8)
    assert found.lower - slack <= Fraction(str(value)) <= found.upper + slack


def test_a_nested_gap_counts_with_all_its_formulas() -> None:
    found = hard_gaps(parse("Abs(y - Min(x, x**2))", ("x", "y")))
    assert found is not None and len(found) == 3
    assert hard_gaps(parse("floor(x*y)", ("x", "y"))) is None
    soft = soft_gaps(parse("log(cosh(x - y)) + exp(-(x + y)**2)", ("x", "y")))
    assert set(soft) == {parse("x - y", ("x", "y")), parse("x + y", ("x", "y"))}


def test_a_curve_is_bounded_where_it_is_no_zero() -> None:
    """The interpolant of sqrt is no root of y^2 - x - 1/50: the bound along it is no smaller than what is seen."""
    side = (fmpq(1, 4), fmpq(1))
    curve = Curve.through([x.sqrt() for x in places(6, side)], side)
    for shift in (fmpq(0), fmpq(1, 50)):
        bound = size_along(lambda x, s=shift: curve.at(x) ** 2 - x - s, 6, side)  # type: ignore[misc]
        seen = max(abs(float((curve.at(acb(fmpq(k, 40))) ** 2).real) - k / 40 - float(shift)) for k in range(10, 41))
        assert seen <= float(bound.upper()) <= 0.2


def test_bounds_on_intervals_and_boxes() -> None:
    side = (fmpq(0), fmpq(1))
    assert excess(lambda x: x * (1 - x), lambda x: 1 - 2 * x, side) >= arb(0.25).lower()
    assert excess(lambda x: x - 1, lambda x: acb(1), side) == 0
    found = least(lambda t: 1 + t[0] * t[1] - t[0] / 2, [side, side])
    assert found is not None and found[0] == 1 and 0 < found[1] <= 0.5
    assert least(lambda t: t[0] - t[1], [side, side]) is None
    (zero,) = crossings(lambda x: x * x - fmpq(1, 2), lambda x: 2 * x, side)
    assert abs(zero * zero - fmpq(1, 2)) < fmpq(1, 10**9)


@pytest.mark.parametrize("sign", [1, -1])
def test_steep_functions_far_from_their_singularities(sign: int) -> None:
    """Beyond the strip in which the singularities lie, the continuation from the real axis; no principal values."""
    ctx.prec = 80
    for x, y in ((2.0, 5.0), (9.0, 40.0), (1.5, -3.0)):
        z = acb(arb(sign * x, 0.25), arb(y, 0.25))
        w = mpmath.mpc(sign * x, y)
        far = mpmath.mpc(x, sign * y)
        values = {
            "log cosh": (wide.log_cosh(z), far - mpmath.log(2) + mpmath.log1p(mpmath.exp(-2 * far))),
            "softplus": (wide.softplus(z), (w if sign > 0 else 0) + mpmath.log1p(mpmath.exp(-far))),
            "tanh": (wide.tanh(z), mpmath.tanh(w)),
            "atan": (wide.atan(z), mpmath.atan(w)),
        }
        for name, (found, value) in values.items():
            if found.is_finite():
                assert found.contains(acb(mpmath.nstr(value.real, 30), mpmath.nstr(value.imag, 30))), name
        assert all(found.is_finite() for found, _ in values.values())


SHEARED = {"vertices": [["0", "0"], ["1", "0"], ["-1/3", "1"], ["2/3", "1"]]}  # 0 <= x + y/3 <= 1, 0 <= y <= 1


@pytest.mark.parametrize("jump", ["1e-9", "-1e-13"])
@pytest.mark.parametrize("loss", [{"kind": "huber", "delta": "1/2"}, {"kind": "power", "exponent": "3/2"}, "absolute"])
def test_tiny_jumps_agree_with_the_line(loss: Any, jump: str) -> None:
    # nothing depends on y: a shear makes an interval times [0, 1] of the domain
    def arguments(u: str) -> dict[str, Any]:
        response = {"affine": f"1/3 + ({u})/5", "halfspaces": [{"where": f"{u} - 3/5 > 0", "jump": jump}]}
        return {"target": f"exp(-2*({u}))", "loss": loss, "width": 3, "response": response}

    kappa = abs(1 / Fraction(jump)) / 2  # a ramp as wide as the domain
    flat = certify(Problem(domain={"variables": ["x", "y"]} | SHEARED, **arguments("x + y/3")), kappa=kappa, budget=60)
    line = certify(Problem(domain={"variables": ["u"], "box": [["0", "1"]]}, **arguments("u")), kappa=kappa, digits=9)
    assert flat.gain is not None and line.gain is not None and line.gain.settled(9)
    assert flat.gain.settled(6), flat.reason
    assert flat.gain.lower <= line.gain.upper and line.gain.lower <= flat.gain.upper


def test_a_power_is_enclosed_where_its_base_is_flat_far_from_its_zeros() -> None:
    # the derivatives of the base along x are small where y is near pi/4
    names = ("x", "y")
    cell = SQUARE.split(Affine.of([Fraction(1), Fraction(-1, 3)], Fraction(-1, 2)))[1]
    assert cell is not None
    expression = parse("Abs(exp(x)*cos(2*y)/3 - 1/3)**(3/2)", names)
    deadline = Deadline(10)
    found = Integrator(names, deadline).enclose([Integral(expression, cell)], 4)
    assert found.settled(4) and not deadline.passed

    def inner(y: mpf) -> mpf:
        low = mpf(1) / 2 + y / 3
        root = -mpmath.log(mpmath.cos(2 * y)) if 2 * y < mpmath.pi / 2 else mpf(2)
        ends = [low, root, mpf(1)] if low < root < 1 else [low, mpf(1)]
        return mpmath.quad(lambda x: abs(mpmath.exp(x) * mpmath.cos(2 * y) / 3 - mpf(1) / 3) ** 1.5, ends)

    enters = mpmath.findroot(lambda y: mpmath.log(mpmath.cos(2 * y)) + mpf(1) / 2 + y / 3, 0.5)
    leaves = mpmath.acos(mpmath.exp(-1)) / 2
    value = mpmath.quad(inner, [0, enters, leaves, 1])
    assert float(found.lower) <= value * (1 + mpf("1e-9")) and float(found.upper) >= value * (1 - mpf("1e-9"))
