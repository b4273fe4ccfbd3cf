"""Integrals whose integrands switch along curves and surfaces, against nested quadrature cut at the same places."""

from collections.abc import Callable
from fractions import Fraction

import mpmath
import pytest
from flint import acb, arb, ctx, fmpq
from mpmath import mpf

from proofs.geometry.balls import Ball
from proofs.geometry.polytopes import Cell, Polytope
from verify.enclosure import Enclosure, total
from verify.expressions import parse
from verify.integration import Deadline
from verify.integration.roots import Graph, sign_on
from verify.integration.volumes import parts

SQUARE = Polytope.box([(Fraction(0), Fraction(1))] * 2)
DISC = Ball((Fraction(0), Fraction(0)), Fraction(1)).cell
Function = Callable[[mpf], mpf]


def enclosed(text: str, cell: Cell, tolerance: str = "1e-6") -> Enclosure:
    goal = Fraction(tolerance)
    with ctx.workprec(64):
        return total(
            p.enclose(Fraction(1, 10**9), goal / 8, Deadline(60))
            for p in parts([(parse(text, ("x", "y")), cell)], ("x", "y"))
        )


def nested(
    function: Callable[[mpf, mpf], mpf], roots: Callable[[mpf], list[mpf]], cuts: list[str], high: Function
) -> mpf:
    """The integral over {low <= y <= high(x)}, low = 0, or -high on the disc, cut where the integrand switches."""

    def inner(x: mpf) -> mpf:
        low, top = (-high(x) if mpf(cuts[0]) < 0 else mpf(0)), high(x)
        inside = sorted(r for r in roots(x) if low < r < top)
        return mpmath.quad(lambda y: function(x, y), [low, *inside, top])

    return mpmath.quad(inner, [mpf(c) for c in cuts])


def agrees(found: Enclosure, value: mpf, tolerance: float = 1e-6) -> None:
    assert found.width <= 3 * tolerance  # tolerances are met about
    slack = Fraction(1, 10**9)
    assert found.lower - slack <= Fraction(str(value)) <= found.upper + slack


@pytest.mark.parametrize("power", ["1", "3", "3/2", "4/3", "7/5"])
def test_powers_of_a_residual_with_a_curve_of_zeros(power: str) -> None:
    p = mpf(Fraction(power).numerator) / Fraction(power).denominator
    value = nested(
        lambda x, y: abs(x * y - mpf(1) / 5) ** p, lambda x: [1 / (5 * x)], ["0", "0.2", "1"], lambda x: mpf(1)
    )
    agrees(enclosed(f"Abs(x*y - 1/5)**({power})", SQUARE), value)


def test_a_curve_that_touches_the_boundary() -> None:
    value = nested(
        lambda x, y: abs(y - (x - mpf(1) / 2) ** 2), lambda x: [(x - mpf(1) / 2) ** 2], ["0", "1"], lambda x: mpf(1)
    )
    agrees(enclosed("Abs(y - (x - 1/2)**2)", SQUARE), value)


def test_a_saddle() -> None:
    half, third = mpf(1) / 2, mpf(1) / 3
    value = mpmath.quad(lambda x: abs(x - half), [0, half, 1]) * mpmath.quad(lambda y: abs(y - third), [0, third, 1])
    agrees(enclosed("Abs(x*y - x/3 - y/2 + 1/6)", SQUARE, "2e-4"), value, 2e-4)


def test_two_curves_of_one_piecewise_function() -> None:
    quarter = mpf(1) / 4

    def huber(x: mpf, y: mpf) -> mpf:
        r = abs(mpmath.exp(x) * y - 1)
        return r * r / 2 if r <= quarter else quarter * (r - quarter / 2)

    value = nested(
        huber,
        lambda x: [(1 + s * quarter) * mpmath.exp(-x) for s in (-1, 0, 1)],
        ["0", str(mpmath.log(1.25)), "1"],
        lambda x: mpf(1),
    )
    text = "Piecewise(((exp(x)*y - 1)**2/2, Abs(exp(x)*y - 1) <= 1/4), (1/4*(Abs(exp(x)*y - 1) - 1/8), True))"
    agrees(enclosed(text, SQUARE), value)


def test_a_curve_in_a_disc() -> None:
    value = nested(
        lambda x, y: abs(y - x**2 / 2), lambda x: [x**2 / 2], ["-1", "0", "1"], lambda x: mpmath.sqrt(1 - x**2)
    )
    agrees(enclosed("Abs(y - x**2/2)", DISC), value)


def test_small_and_large_boxes() -> None:
    for scale in ("1e-9", "1e9"):
        size = Fraction(scale)
        box = Polytope.box([(Fraction(0), size)] * 2)
        found = enclosed(f"Abs(x*y - {scale}**2/5)", box, str(size**4 / 10**6))
        unit = Enclosure(found.lower / size**4, found.upper / size**4)
        agrees(unit, mpf("0.1743775102300640"))


def test_the_graph_of_a_function_is_enclosed_and_continued() -> None:
    """y^2 + x - 2 = 0 on [0, 1] x [1/2, 2]: y = sqrt(2 - x), and so for complex x."""
    graph = Graph.across(
        lambda t: t[1] ** 2 + t[0] - 2,
        [lambda t: acb(1), lambda t: 2 * t[1]],
        1,
        [(fmpq(0), fmpq(1)), (fmpq(1, 2), fmpq(2))],
    )
    assert graph is not None
    for x in (acb(fmpq(1, 3)), acb(arb(0.5, 0.25)), acb(arb(0.5, 0.125), arb(0.125, 0.125))):
        found = graph.at([x])
        assert found is not None
        for point in (acb(x.real.mid(), x.imag.mid()), acb(x.real.lower(), x.imag.upper())):
            assert found.overlaps((2 - point).sqrt())


def test_a_graph_that_leaves_the_box_is_refused() -> None:
    level, slopes = (lambda t: t[1] - t[0]), [lambda t: acb(-1), lambda t: acb(1)]
    assert Graph.across(level, slopes, 1, [(fmpq(0), fmpq(1)), (fmpq(0), fmpq(2))]) is None
    assert Graph.across(level, slopes, 1, [(fmpq(1, 9), fmpq(1)), (fmpq(0), fmpq(2))]) is not None


def test_signs_on_boxes() -> None:
    unit = [(fmpq(0), fmpq(1))] * 2
    assert sign_on(lambda t: 1 + t[0] * t[1] - t[0] / 2, unit) == 1
    assert sign_on(lambda t: t[0] - t[1] - 2, unit) == -1
    assert sign_on(lambda t: t[0] - t[1], unit) is None
    assert sign_on(lambda t: (t[0] - acb(0.5)) ** 2 + fmpq(1, 10**6), unit) in (None, 1)
