"""Geometry over Q(t) against the rational geometry at a fixed small t."""

from __future__ import annotations

from fractions import Fraction

import flint
from hypothesis import given
from hypothesis import strategies as st

from proofs.closure.moving import Laurent, MovingPolytope, determinant, polynomial, sign_near_zero, valuation
from proofs.geometry.affine import Affine
from proofs.geometry.polytopes import Polytope
from tests.proofs.strategies import cube, rationals, sides

T = Fraction(1, 10**6)


def at(p: flint.fmpq_poly, t: Fraction) -> Fraction:
    return sum((Fraction(int(c.p), int(c.q)) * t**i for i, c in enumerate(p.coeffs())), Fraction(0))


def test_sign_is_that_of_the_lowest_coefficient() -> None:
    p = polynomial([Fraction(0), Fraction(0), Fraction(-1), Fraction(100)])
    assert valuation(p) == 2 and sign_near_zero(p) == -1
    assert sign_near_zero(polynomial([])) == 0


@given(st.data())
def test_clipping_agrees_with_rational_clipping_at_a_small_t(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 3))
    moving: MovingPolytope | None = MovingPolytope.fixed(cube(n))
    fixed: Polytope | None = cube(n)
    for _ in range(2):
        base, move = data.draw(sides(n)), Affine.of([data.draw(rationals) for _ in range(n)], data.draw(rationals))
        form = tuple(
            polynomial([a, b])
            for a, b in zip((*base.gradient, base.constant), (*move.gradient, move.constant), strict=True)
        )
        moving = moving and moving.clipped(form)
        fixed = fixed and fixed.split(base + T * move)[1]
    assert (moving is None) == (fixed is None)
    if moving is None or fixed is None:
        return
    points = {tuple(at(x, T) / at(v[-1], T) for x in v[:-1]) for v in moving.vertices}
    assert points == set(fixed.vertices)
    one = tuple(polynomial([Fraction(int(i == n))]) for i in range(n + 1))
    volume = moving.integral_of_product(one, one, 8)
    exact = at(volume.part, T) * T**volume.shift
    assert abs(exact - fixed.volume) <= Fraction(1, 10**20)


def test_a_half_space_that_shrinks_onto_a_corner() -> None:
    corner = tuple(polynomial(c) for c in ([Fraction(-1)], [Fraction(-1)], [Fraction(-2), Fraction(1)]))
    clipped = MovingPolytope.fixed(cube(2)).clipped(corner)
    assert clipped is not None and len(clipped.vertices) == 3
    one = (polynomial([]), polynomial([]), polynomial([Fraction(1)]))
    assert clipped.integral_of_product(one, one, 6).leading(6) == (2, Fraction(1, 2))


def test_a_half_space_outside_leaves_nothing_and_one_around_everything() -> None:
    square = MovingPolytope.fixed(cube(2))
    outside = (polynomial([Fraction(1)]), polynomial([]), polynomial([Fraction(-1), Fraction(-1)]))
    around = (polynomial([Fraction(1)]), polynomial([]), polynomial([Fraction(1), Fraction(1)]))
    assert square.clipped(outside) is None
    assert square.clipped(around) is square


def test_determinant_of_polynomials() -> None:
    t, one, zero = polynomial([Fraction(0), Fraction(1)]), polynomial([Fraction(1)]), polynomial([])
    assert determinant([(zero, one, t), (t, zero, one), (one, t, zero)]) == t**3 + 1
    assert not determinant([(one, t), (t, t * t)])


def test_laurent_quotients() -> None:
    t = polynomial([Fraction(0), Fraction(1)])
    series = Laurent.quotient(polynomial([Fraction(1)]), t * t - t**3, 2)
    assert series.shift == -2 and series.part == flint.fmpq_poly([1, 1, 1, 1])
    assert series.plus(series.times_power(1)).leading(2) == (-2, Fraction(1))
    assert Laurent(polynomial([]), 0).leading(5) is None
