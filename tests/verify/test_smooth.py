"""Cells on which expressions are smooth: same function, exact cuts."""

from __future__ import annotations

from fractions import Fraction

import pytest

from proofs.geometry.polytopes import Polytope
from verify.expressions import parse, tree
from verify.expressions.balls import compile_balls, exact_bounds, to_fmpq
from verify.expressions.univariate import to_polynomial
from verify.integration import interval
from verify.smooth import smooth_cells

UNIT = Polytope.box([(-1, 2)])


@pytest.mark.parametrize(
    ("text", "cuts"),
    [
        ("Abs(x - 1/3)", ["1/3"]),
        ("Max(x, 0, 1 - x)", [0, "1/2", 1]),
        ("Min(x**2, 1/4)", ["-1/2", "1/2"]),
        ("floor(2*x)", ["-1/2", 0, "1/2", 1, "3/2"]),
        ("ceiling(x)", [0, 1]),
        ("Abs(Abs(x) - 1/2)", ["-1/2", 0, "1/2"]),
        ("Piecewise((x, x < 0), (x**2, x <= 1), (1, True))", [0, 1]),
        ("sign(x) + Heaviside(x - 1)", [0, 1]),
        ("x**2 + sin(x)", []),
    ],
)
def test_cuts_fall_where_the_switches_are(text: str, cuts: list[str | int]) -> None:
    found = smooth_cells((parse(text, ("x",)),), UNIT, ("x",))
    ends = sorted({e for cell, _ in found for e in interval(cell)})
    assert set(map(Fraction, cuts)) <= set(ends[1:-1])
    assert ends[0] == -1 and ends[-1] == 2
    assert sum((interval(c)[1] - interval(c)[0] for c, _ in found), Fraction(0)) == 3
    for _, (simple,) in found:
        assert not any(
            isinstance(p, tree.Piecewise | tree.Call) and getattr(p, "name", "") != "sin" for p in tree.walk(simple)
        )


@pytest.mark.parametrize("text", ["Abs(x**2 - 1/2)", "Max(exp(x), 2)", "Piecewise((1, x**3 < 1/3), (x, True))"])
def test_irrational_switches_stay_but_mean_the_same(text: str) -> None:
    whole = compile_balls(parse(text, ("x",)), ("x",))
    from flint import acb

    for cell, (simple,) in smooth_cells((parse(text, ("x",)),), UNIT, ("x",)):
        low, high = interval(cell)
        for k in range(1, 8):
            x = [acb(to_fmpq(low + (high - low) * Fraction(k, 8)))]
            first, second = whole(x, False).real, compile_balls(simple, ("x",))(x, False).real
            assert first.overlaps(second)


def test_resolved_pieces_are_polynomials() -> None:
    for _, (simple,) in smooth_cells((parse("Abs(x - 1/3)**3 + Max(x, 1/2)", ("x",)),), UNIT, ("x",)):
        assert to_polynomial(simple, "x") is not None


def test_bounds_of_a_ball_are_exact() -> None:
    from flint import arb

    low, high = exact_bounds(arb(to_fmpq(Fraction(1, 3))))
    assert low < Fraction(1, 3) < high
