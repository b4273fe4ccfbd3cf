"""Exact numbers in, outward decimals out."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.errors import InputError
from verify.exact import decimal_above, decimal_below, parse_number


@pytest.mark.parametrize(
    ("text", "value"),
    [("1/3", "1/3"), ("0.25", "1/4"), ("-2", -2), ("1e-3", "1/1000"), ("+7/14", "1/2"), ("1.50e2", 150), (5, 5)],
)
def test_numbers_are_exact(text: str | int, value: str | int) -> None:
    assert parse_number(text) == Fraction(value)


@pytest.mark.parametrize(
    "text",
    ["", "1/0", "1 /2", "1_000", "٣", "0x10", "1e10000", "1e", ".5", "5.", "nan", "inf", "1/2/3", "--1", "pi", "1,5",
     "9" * 4001, 0.5, True, None, [1], "1e+-3", "1/2e3"],
)  # fmt: skip
def test_everything_else_is_refused(text: object) -> None:
    with pytest.raises(InputError):
        parse_number(text)


def test_a_float_is_refused_with_a_hint() -> None:
    with pytest.raises(InputError, match=r'quote it \("0\.5"\)'):
        parse_number(0.5)


@given(
    st.fractions()
    | st.builds(
        lambda n, d, e: Fraction(n, d) * Fraction(10) ** e, st.integers(), st.integers(1), st.integers(-60, 60)
    ),
    st.integers(1, 20),
)
def test_decimals_are_rounded_outward_and_tight(value: Fraction, digits: int) -> None:
    low, high = Fraction(decimal_below(value, digits)), Fraction(decimal_above(value, digits))
    assert low <= value <= high
    assert (high - low) * 10 ** (digits - 1) <= abs(value)
    assert parse_number(decimal_below(value, digits)) == low
