"""Affine functions and half-spaces: values, texts, canonical boundaries."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.geometry.affine import Affine, HalfSpace
from tests.proofs.strategies import affines, rationals, sides

HALF = Fraction(1, 2)


def test_value_by_hand() -> None:
    assert Affine.of([2, HALF], -1)([3, 4]) == 7
    assert Affine.constantly(5, 3)([1, 2, 3]) == 5
    with pytest.raises(ValueError):
        Affine.of([1, 2])([1])


@given(affines(2), affines(2), rationals, st.lists(rationals, min_size=2, max_size=2))
def test_operations_are_those_of_functions(f: Affine, g: Affine, c: Fraction, x: list[Fraction]) -> None:
    assert (f + g)(x) == f(x) + g(x)
    assert (f - g)(x) == f(x) - g(x)
    assert (c * f)(x) == (f * c)(x) == c * f(x)
    assert f.plus(c)(x) == f(x) + c
    assert f.linear(x) == f(x) - f.constant
    assert (-f)(x) == -f(x)


wide = st.builds(Fraction, st.integers(-(10**30), 10**30), st.integers(1, 10**30))


@given(
    st.integers(1, 4).flatmap(lambda n: st.lists(st.tuples(wide, wide | st.integers()), min_size=n, max_size=n)), wide
)
def test_values_are_sums_of_products(pairs: list[tuple[Fraction, Fraction | int]], constant: Fraction) -> None:
    gradient, point = zip(*pairs, strict=True)
    value = sum((g * x for g, x in pairs), constant)
    function = Affine.of(gradient, constant)
    above, below = function.ratio_at(point)
    assert function(point) == value == Fraction(above, below) and below > 0
    assert function.plus(-value)(point) == 0 == function.plus(-value).ratio_at(point)[0]


def test_zero_and_constant_are_different_questions() -> None:
    assert Affine.of([0, 0], 0).is_zero and Affine.of([0, 0], 0).is_constant
    assert Affine.of([0, 0], 1).is_constant and not Affine.of([0, 0], 1).is_zero
    assert not Affine.of([0, 1]).is_constant


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (Affine.of([1, -1], HALF), "x - y + 1/2"),
        (Affine.of([-1, 0], 0), "-x"),
        (Affine.of([0, 0], 0), "0"),
        (Affine.of([0, 0], -3), "-3"),
        (Affine.of([Fraction(2, 3), Fraction(-1, 3)], -1), "2*x/3 - y/3 - 1"),
        (Affine.of([2, 0], 1), "2*x + 1"),
    ],
)
def test_texts(function: Affine, text: str) -> None:
    assert function.text(["x", "y"]) == text


def test_ratio_needs_every_coefficient() -> None:
    s = Affine.of([1, 2], -1)
    assert (3 * s).ratio_to(s) == 3
    assert Affine.constantly(0, 2).ratio_to(s) == 0
    assert Affine.of([3, 6], -2).ratio_to(s) is None
    assert Affine.of([3, 5], -3).ratio_to(s) is None
    assert Affine.of([0, 2], -1).ratio_to(s) is None


@given(sides(3), rationals.filter(bool))
def test_boundary_key_ignores_scale_and_side(side: Affine, factor: Fraction) -> None:
    first, second = HalfSpace(side), HalfSpace(side * factor)
    assert first.boundary == second.boundary == first.complement.boundary
    assert first.faces_like(second) == (factor > 0)
    assert HalfSpace(side.plus(1)).boundary != first.boundary


def test_half_spaces_are_open_and_need_a_boundary() -> None:
    half = HalfSpace(Affine.of([1], -HALF))
    assert half.contains([1]) and not half.contains([HALF]) and not half.contains([0])
    assert not half.complement.contains([HALF])
    assert half.text(["x"]) == "x - 1/2 > 0"
    with pytest.raises(ValueError, match="not constant"):
        HalfSpace(Affine.constantly(1, 2))
