"""Signs of exact constants: proved, or refused."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import flint
import pytest
import sympy
from sympy import E, Symbol, cos, exp, log, pi, sin, sqrt

from proofs.numbers.constants import UndecidedError, expression, nearby, sign, tidied, vanishes, visibly_vanishes


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction(-1, 3), -1),
        (0, 0),
        (pi - Fraction(22, 7), -1),
        (sqrt(2) + sqrt(3) - sqrt(5 + 2 * sqrt(6)), 0),
        ((1 + sqrt(2)) * (1 - sqrt(2)) + 1, 0),
        (exp(pi * sqrt(163)) - 262537412640768744, -1),  # -7.5e-13
        (sin(1) ** 2 + cos(1) ** 2 - 1, 0),
        (log(6) - log(2) - log(3), 0),
        (E - Fraction(2718281828, 10**9), 1),
        (sympy.Rational(1, 10**60) * pi, 1),
    ],
)
def test_signs_of_numbers(value: Any, expected: int) -> None:
    assert sign(value) == expected
    assert vanishes(value) == (expected == 0)


def test_zeros_that_cannot_be_proved_are_refused() -> None:
    # true, but beyond the algebra used here; no ball decides it
    machin = 4 * sympy.atan(sympy.Rational(1, 5)) - sympy.atan(sympy.Rational(1, 239)) - pi / 4
    with pytest.raises(UndecidedError, match="sign"):
        sign(machin)
    with pytest.raises(UndecidedError):
        sign(sympy.gamma(sympy.Rational(1, 3)) - 2)  # no balls for this function


def test_symbols_decide_by_their_assumptions() -> None:
    a, t = Symbol("a", positive=True), Symbol("t", real=True)
    assert sign(a * (1 + t**2)) == 1 and sign(-a) == -1
    assert vanishes((a + t) ** 2 - a**2 - 2 * a * t - t**2)
    assert not vanishes(a)
    for open_question in (sign, vanishes):
        with pytest.raises(UndecidedError, match="t"):
            open_question(t - a)
    assert not visibly_vanishes(t) and visibly_vanishes(t - t)


def test_rational_expressions_become_fractions() -> None:
    assert tidied(sqrt(2) * sqrt(2)) == Fraction(2) and isinstance(tidied(sqrt(2) * sqrt(2)), Fraction)
    assert tidied(3) == Fraction(3) and expression(Fraction(1, 2)) == sympy.Rational(1, 2)
    assert expression(pi) is pi


def test_nearby_is_close_and_precision_is_restored() -> None:
    before = flint.ctx.prec
    assert abs(nearby(sqrt(2)) ** 2 - 2) < Fraction(1, 10**12)
    assert nearby(Fraction(1, 3)) == Fraction(1, 3)
    assert flint.ctx.prec == before
    with pytest.raises(UndecidedError):
        nearby(Symbol("t", real=True))
