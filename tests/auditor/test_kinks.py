"""Integrals of expressions with kinks on curved surfaces: every enclosure on the way contains the value of mpmath."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import mpmath
import pytest

from verify.auditor.evaluate import Evaluation
from verify.auditor.forms import Form, steepest
from verify.auditor.grammar import parse
from verify.auditor.integrate import Integral
from verify.auditor.simplices import hull
from verify.auditor.verdicts import Effort

SURFACES = [
    ("1/2 + sin(3*x)/4", lambda x, y: mpmath.mpf(1) / 2 + mpmath.sin(3 * x) / 4),
    ("exp(-x**2)*9/10", lambda x, y: mpmath.exp(-(x**2)) * 9 / 10),
    ("1/4 + x*y/2", lambda x, y: mpmath.mpf(1) / 4 + x * y / 2),
]
# An expression in the distance r to the surface, and its primitive that is 0 at r = 0.
KINKS = [
    ("Abs({r})", lambda r: r * abs(r) / 2),
    ("Max({r}, 0)", lambda r: max(r, 0) ** 2 / 2),
    ("Abs({r})**3", lambda r: r * abs(r) ** 3 / 4),
    ("Abs({r})**(3/2)", lambda r: mpmath.sign(r) * abs(r) ** mpmath.mpf("2.5") * 2 / 5),
    ("Piecewise((({r} - 1/16)/4, {r} > 1/8), (-({r} + 1/16)/4, {r} < -1/8), (({r})**2, True))", None),
]


def _soft(r: Any) -> Any:
    size, knee = abs(r), mpmath.mpf(1) / 8
    inside = min(size, knee) ** 3 / 3
    outside = ((max(size, knee) - mpmath.mpf(1) / 16) ** 2 - mpmath.mpf(1) / 256) / 8
    return mpmath.sign(r) * (inside + outside)


CASES = [(n, text, surface) for n in (2, 3) for text, surface in SURFACES if n == 3 or "y" not in text]


@pytest.mark.parametrize(("n", "text", "surface"), CASES)
@pytest.mark.parametrize(("kink", "primitive"), KINKS)
def test_enclosures_of_kinks_contain_the_value(n: int, text: str, surface: Any, kink: str, primitive: Any) -> None:
    primitive = primitive or _soft
    last = "xyz"[n - 1]
    node = parse(f"({kink.format(r=f'({last} - ({text}))')})*(1 + x/2)", list("xyz"[:n]))

    def column(x: Any, y: Any = 0) -> Any:
        g = surface(x, y)
        return (1 + x / 2) * (primitive(1 - g) - primitive(-g))

    mpmath.mp.dps = 15
    value = mpmath.quad(column, [0, 1]) if n == 2 else mpmath.quad(column, [0, 1], [0, 1])
    corners = [tuple(map(Fraction, corner)) for corner in product((0, 1), repeat=n)]
    integral = Integral(Effort(), [(node, *s) for s in hull(Effort(), corners)], Fraction(1, 1 << 20))
    first = float((integral.high - integral.low) * Fraction(1, 1 << integral.bits))
    for _ in range(60):
        integral.refine()
        unit = Fraction(1, 1 << integral.bits)
        low, high = (float(integral.exact + end * unit) for end in (integral.low, integral.high))
        assert low - 1e-9 <= value <= high + 1e-9
    assert high - low < first


def test_a_switch_is_another_number_at_every_point() -> None:
    """At the middle its jet has the range on the whole cell, and no derivatives; without ranges there is none."""
    cell = [tuple(map(Fraction, p)) for p in ((0, 0), (1, 0), (0, 1))]
    node = parse("Abs(x - 1/2)", ["x", "y"])
    flat = Evaluation(Effort(), 64, 0, *cell)
    jet = Evaluation(Effort(), 64, 3, *cell, at_middle=True, flat=flat)(node)
    assert (jet.lo, jet.hi, jet.last) == (0, 1 << 63, 0)


def test_the_steepest_edge() -> None:
    """Of (a t)**2 it is the edge between the vertices at which a t differs most: t_i is 1 at vertex i, else 0."""
    for a in ((3, 0, 0), (0, 2, -1), (1, 1, -2), (-1, 4, 4)):
        heights = [0, *a]
        squares = {(i, j): a[i] * a[j] * (1 if i == j else 2) for i in range(3) for j in range(i, 3)}
        order = [(2, 2), (1, 2), (1, 1), (0, 2), (0, 1), (0, 0)]
        edge = steepest(Form(3, 2, [squares[key] for key in order]))
        assert edge is not None
        assert abs(heights[edge[0]] - heights[edge[1]]) == max(heights) - min(heights)
    assert steepest(Form(3, 2, [0] * 6)) is None
    assert steepest(5) is None
