"""Truncated Puiseux series: the error terms are true, checked against SymPy's series and mpmath values."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from proofs.expansions.series import ImpreciseError, Series, UndefinedGermError, constant_power
from proofs.numbers.constants import expression
from tests.proofs.strategies import rationals

HALF = Fraction(1, 2)


def series(*pairs: tuple[int | Fraction, int | Fraction], order: int | Fraction | None = None) -> Series:
    return Series.of({e: Fraction(c) for e, c in pairs}, order)


@st.composite
def truncated(draw: st.DrawFn) -> Series:
    exponents = draw(st.lists(st.integers(-3, 4), unique=True, max_size=4))
    order = draw(st.one_of(st.none(), st.integers(-3, 6)))
    return Series.of({e: draw(rationals) for e in exponents}, order)


def represents(found: Series, exact: dict[int, Fraction]) -> bool:
    """Whether a series agrees with a Laurent polynomial below its order."""
    known = dict(found.terms)
    below = {e for e in (*exact, *known) if found.order is None or e < found.order}
    return all(known.get(e, 0) == exact.get(e, 0) for e in below)


def completed(s: Series, draw: st.DrawFn) -> dict[int, Fraction]:
    """One of the functions that a truncated series stands for: any terms at and beyond the order."""
    terms = {int(e): c for e, c in s.terms}
    if s.order is not None:
        for e in range(int(s.order), int(s.order) + 3):
            terms[e] = draw(rationals)
    return terms


@given(st.data())
def test_sums_and_products_of_all_completions_agree_below_the_order(data: st.DataObject) -> None:
    a, b = data.draw(truncated()), data.draw(truncated())
    f, g = completed(a, data.draw), completed(b, data.draw)
    total = {e: f.get(e, Fraction(0)) + g.get(e, Fraction(0)) for e in {*f, *g}}
    product: dict[int, Fraction] = {}
    for e, c in f.items():
        for k, d in g.items():
            product[e + k] = product.get(e + k, Fraction(0)) + c * d
    assert represents(a + b, total)
    assert represents(a - b, {e: f.get(e, Fraction(0)) - g.get(e, Fraction(0)) for e in {*f, *g}})
    assert represents(a * b, product)


@given(truncated())
def test_inverse_times_itself_is_one(s: Series) -> None:
    if s.is_exactly_zero:
        with pytest.raises(ZeroDivisionError):
            s.inverse(4)
    elif s.leading() is None:
        with pytest.raises(ImpreciseError):
            s.inverse(4)
    else:
        assert represents(s * s.inverse(4), {0: Fraction(1)})


def test_order_of_a_product_uses_the_first_exponents() -> None:
    assert (series((-2, 1), order=3) * series((1, 1), order=2)).order == 0
    assert (series(order=3) * series((1, 1))).order == 4
    assert (series() * series((1, 1), order=1)).is_exactly_zero


def test_powers_against_sympy() -> None:
    t = sympy.Symbol("t", positive=True)  # the root of k
    found = series((1, 4), (2, 1)).power(HALF, 3)
    expected = sympy.series(t * sympy.sqrt(4 + t**2), t, 0, 8).removeO()
    assert found.order is not None and found.order >= 3
    for exponent, coefficient in found.terms:
        assert expression(coefficient) == expected.coeff(t, int(2 * exponent))
    assert series((0, -8)).power(Fraction(3), 2) == series((0, -512))
    with pytest.raises(UndefinedGermError, match="negative base"):
        series((0, -8)).power(HALF, 2)
    assert constant_power(Fraction(2), Fraction(1, 2)) == sympy.sqrt(2)
    assert constant_power(Fraction(9, 4), Fraction(-1, 2)) == Fraction(2, 3)


def test_derivative_and_integral() -> None:
    s = series((HALF, 2), (2, 3), order=4)
    assert s.derivative() == series((-HALF, 1), (1, 6), order=3)
    assert s.derivative().integral() == s
    with pytest.raises(ImpreciseError):
        series((-1, 1)).integral()


def test_limit_at_zero() -> None:
    limit, small = series((0, 5), (1, 2), order=3).at_zero()
    assert limit == 5 and small == series((1, 2), order=3)
    for unknown in (series((-1, 1)), series((0, 1), order=0)):
        with pytest.raises(ImpreciseError):
            unknown.at_zero()


def test_numbers_at_a_small_k() -> None:
    with mpmath.workdps(60):
        k = mpmath.mpf("1e-8")
        exact = (1 + k) ** mpmath.mpf("0.3")
        found = series((0, 1), (1, 1)).power(Fraction(3, 10), 4)
        value = sum(mpmath.mpf(c.numerator) / c.denominator * k**e for e, c in found.terms)
        assert found.order is not None and abs(exact - value) < 10 * k**found.order
