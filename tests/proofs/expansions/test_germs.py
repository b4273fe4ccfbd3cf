"""Germs: elementary functions against SymPy's series and mpmath, exact quotients, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import factorial
from operator import add
from typing import Any

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from proofs.expansions.germs import Composite, Germ, Quotient, apply, as_germ, in_pairs, parameter
from proofs.expansions.series import Series, UndefinedGermError
from proofs.numbers.constants import UndecidedError, expression
from tests.proofs.strategies import germs, rationals

K = parameter()
HALF = Fraction(1, 2)
k = sympy.Symbol("k", positive=True)

PAIRS: list[tuple[Germ, Any]] = [
    (apply("sin", K) / K**2, sympy.sin(k) / k**2),
    (apply("cos", K - K**2), sympy.cos(k - k**2)),
    (apply("exp", K), sympy.exp(k)),
    (apply("exp", 1 + K), sympy.exp(1 + k)),
    (apply("exp", K**HALF), sympy.exp(sympy.sqrt(k))),
    (1 / apply("log", 1 + K), 1 / sympy.log(1 + k)),
    (apply("log", 3 + K), sympy.log(3 + k)),
    (apply("tan", K) * K**-3, sympy.tan(k) / k**3),
    (apply("tan", 1 + K), sympy.tan(1 + k)),
    (apply("sinh", 2 * K), sympy.sinh(2 * k)),
    (apply("cosh", K), sympy.cosh(k)),
    (apply("tanh", K), sympy.tanh(k)),
    (apply("atan", K), sympy.atan(k)),
    (apply("atan", 1 + K), sympy.atan(1 + k)),
    (apply("asin", K), sympy.asin(k)),
    (apply("acos", HALF + K), sympy.acos(sympy.Rational(1, 2) + k)),
    (apply("erf", K), sympy.erf(k)),
    (apply("sqrt", 1 + K), sympy.sqrt(1 + k)),
    (apply("sqrt", K + K**2), sympy.sqrt(k + k**2)),
    (apply("sin", 1 + K), sympy.sin(1 + k)),
    ((1 + K) ** Fraction(-5, 3), (1 + k) ** sympy.Rational(-5, 3)),
    (apply("exp", apply("log", 1 + K) / K), (1 + k) ** (1 / k)),
    ((apply("exp", K) - 1 - K) / K**2, (sympy.exp(k) - 1 - k) / k**2),
    (apply("sin", apply("tan", K)) - apply("tan", apply("sin", K)), sympy.sin(sympy.tan(k)) - sympy.tan(sympy.sin(k))),
]


@pytest.mark.parametrize(("germ", "formula"), PAIRS, ids=[str(f) for _, f in PAIRS])
def test_expansions_have_true_error_terms(germ: Germ, formula: Any) -> None:
    """At two small k the remainder is O(k^order): an independent route, in 400-digit arithmetic."""
    for precision in (6, 16):
        series = germ.expand(precision)
        assert series.order is not None
        sizes = []
        for digits in (8, 10):
            x = sympy.Rational(1, 10**digits)
            exact = formula.evalf(390, subs={k: x})
            value = sum(sympy.N(expression(c) * x ** sympy.Rational(e), 390) for e, c in series.terms)
            sizes.append(abs(exact - value) / sympy.N(x ** sympy.Rational(series.order), 390))
        assert sizes[1] < 2 * sizes[0] + 1 and sizes[0] < 10**6


@pytest.mark.parametrize("index", [0, 2, 5, 9, 11, 12, 14, 17, 22])
def test_coefficients_agree_with_sympy(index: int) -> None:
    germ, formula = PAIRS[index]
    series = germ.upto(3)
    expected = sympy.series(formula, k, 0, 4).removeO()
    for exponent in range(-3, 4):
        assert sympy.simplify(expected.coeff(k, exponent) - expression(series.coefficient(exponent))) == 0


@given(st.data())
def test_arithmetic_of_quotients_is_that_of_values(data: st.DataObject) -> None:
    first, second = data.draw(germs(-2)), data.draw(germs(-1))
    at = Fraction(1, 97)
    assert isinstance(first, Quotient) and isinstance(second, Quotient)
    c = data.draw(rationals)
    results: list[tuple[Germ, Callable[[], Fraction]]] = [
        (first + second, lambda: first.at(at) + second.at(at)),
        (first - second, lambda: first.at(at) - second.at(at)),
        (c - first, lambda: c - first.at(at)),
        (first * second, lambda: first.at(at) * second.at(at)),
        (first**3, lambda: first.at(at) ** 3),
    ]
    if not second.over.is_exactly_zero:
        results += [(first / second, lambda: first.at(at) / second.at(at)), (second**-2, lambda: second.at(at) ** -2)]
    for germ, value in results:
        assert isinstance(germ, Quotient) and germ.at(at) == value()
    assert (first - first).start().is_exactly_zero


@given(st.data())
def test_expansions_of_quotients(data: st.DataObject) -> None:
    germ = data.draw(germs(-2))
    assert isinstance(germ, Quotient)
    tiny = Fraction(1, 10**30)
    series = germ.upto(2)
    value = sum((c * tiny ** int(e) for e, c in series.terms), Fraction(0))
    assert abs(germ.at(tiny) - value) < tiny**2


def test_roots_are_exact_or_refused() -> None:
    root = K**HALF
    assert isinstance(root, Quotient)
    assert root.at(Fraction(1, 10**30)) == Fraction(1, 10**15)
    assert (K ** Fraction(-2, 3)).at(Fraction(8, 27)) == Fraction(9, 4)  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="no rational root"):
        root.at(Fraction(1, 2))
    assert (root * root - K).start().is_exactly_zero


def test_long_sums_of_quotients_fall_back_to_series() -> None:
    short = in_pairs([1 / (i + K) for i in range(1, 20)], add)
    total = in_pairs([1 / (i + K) for i in range(1, 2_000)], add)
    assert isinstance(short, Quotient) and isinstance(total, Composite)
    assert total.upto(0).coefficient(0) == sum((Fraction(1, i) for i in range(1, 2_000)), Fraction(0))


def test_deep_poles_are_expanded_as_far_as_needed() -> None:
    series = (apply("exp", K) / K**90).upto(0)
    assert series.coefficient(0) == Fraction(1, factorial(90))
    with pytest.raises(UndecidedError, match="no expansion up to"):
        (apply("exp", K) / K**200).upto(0)
    assert (apply("exp", K) / K**200).start().leading() == (-200, 1)


def test_dense_expansions_are_refused_quickly() -> None:
    with pytest.raises(UndecidedError, match="more than"):
        apply("exp", K ** Fraction(1, 100) + K ** Fraction(1, 99)).start()


def test_limits_at_infinity() -> None:
    assert apply("tanh", 1 / K).upto(3).terms == ((0, 1),)
    assert apply("tanh", -1 / K).upto(3).terms == ((0, -1),)
    assert apply("erf", 1 / K).upto(3).terms == ((0, 1),)
    assert apply("exp", -1 / K).upto(5).terms == ()
    assert apply("atan", 1 / K).upto(1).truncated(2).terms == ((0, sympy.pi / 2), (1, -1))
    assert apply("sin", 1 / K).expand(6) == Series((), 0)


@pytest.mark.parametrize(
    ("germ", "value"), [(2 + K, 2), (2 - K, 1), (as_germ(2), 2), (-K, -1), (as_germ(sympy.pi), 3), (as_germ(-HALF), -1)]
)
def test_floor(germ: Germ, value: int) -> None:
    series = apply("floor", germ).upto(3)
    assert series == Series.constant(Fraction(value))


def test_signs() -> None:
    assert (K - K**2).sign() == 1 and (apply("sin", K) - K).sign() == -1 and as_germ(0).sign() == 0
    assert (as_germ(sympy.pi) - Fraction(22, 7)).sign() == -1
    with pytest.raises(UndecidedError, match="vanishes identically"):
        (apply("sin", K) ** 2 + apply("cos", K) ** 2 - 1).sign()


@pytest.mark.parametrize(
    "germ",
    [
        apply("log", K),
        apply("exp", 1 / K),
        apply("tan", 1 / K),
        apply("cosh", 1 / K),
        apply("log", 1 / K),
        apply("floor", 1 / K),
    ],
)
def test_what_has_no_expansion_is_undecided(germ: Germ) -> None:
    with pytest.raises(UndecidedError):
        germ.upto(0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: 1 / as_germ(0),
        lambda: 1 / (K - K),
        lambda: apply("log", -1 + K).start(),
        lambda: apply("log", as_germ(0)).start(),
        lambda: (-K) ** HALF,
        lambda: apply("sqrt", -1 - K).start(),
        lambda: apply("asin", 2 + K).start(),
        lambda: apply("asin", 1 + K).start(),
        lambda: apply("acos", 1 / K).start(),
    ],
)
def test_what_is_not_real_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(UndefinedGermError):
        make()
