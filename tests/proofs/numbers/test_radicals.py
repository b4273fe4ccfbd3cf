"""Separation bounds: true for numbers that are tiny but not 0, and enough to prove zeros."""

from __future__ import annotations

from typing import Any

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy import Rational, cbrt, expand, sqrt

from proofs.numbers.constants import UndecidedError, sign
from proofs.numbers.radicals import separation_bits


@pytest.mark.parametrize(
    "value",
    [
        sqrt(2) + sqrt(3) + sqrt(5) - sqrt(expand((sqrt(2) + sqrt(3) + sqrt(5)) ** 2)),
        (1 + sqrt(2)) ** 10 * (1 - sqrt(2)) ** 10 - 1,
        cbrt(2 + sqrt(5)) - cbrt(sqrt(5) - 2) - 1,
        1 / (sqrt(3) - sqrt(2)) - sqrt(3) - sqrt(2),
        cbrt(cbrt(2) - 1) - cbrt(Rational(1, 9)) + cbrt(Rational(2, 9)) - cbrt(Rational(4, 9)),
    ],
)
def test_zeros_are_proved_and_near_zeros_are_not_zero(value: Any) -> None:
    assert sign(value) == 0
    assert sign(value + Rational(1, 10**200)) == 1
    assert sign(value - Rational(1, 10**200)) == -1


@given(st.lists(st.integers(1, 60), min_size=2, max_size=4), st.integers(-40, 40))
def test_bounds_hold(radicands: list[int], integer: int) -> None:
    value = sum(sqrt(sympy.Integer(r)) * (-1) ** i for i, r in enumerate(radicands)) + integer
    bits = separation_bits(sympy.sympify(value))
    assert bits is not None
    digits = abs(sympy.N(value, 200))
    assert digits < sympy.Float(10) ** -190 or digits * 2**bits >= 1


def test_pell_numbers_come_close_to_the_bound() -> None:
    # p - q sqrt(2) = (1 - sqrt(2))^n is as small as the norm allows
    p, q = 1, 1
    for _ in range(60):
        p, q = p + 2 * q, p + q
    value = p - q * sqrt(2)
    bits = separation_bits(value)
    assert bits is not None and sign(value) != 0
    size = abs(sympy.N(value, 100))
    assert 1 <= size * 2**bits < 2**12


def test_other_numbers_have_no_bound() -> None:
    assert separation_bits(sympy.pi) is None
    assert separation_bits(sqrt(2) + sympy.exp(1)) is None
    assert separation_bits(sympy.Rational(-3, 7)) == 3 + 1


def test_too_many_roots_are_refused() -> None:
    total = sum(sqrt(sympy.Integer(p)) for p in (2, 3, 5, 7, 11))
    with pytest.raises(UndecidedError, match="cannot tell the sign"):
        sign(total - sqrt(expand(total**2)))
