"""Exact numbers in files, and decimals rounded outward.

INTERFACE.md, "Numbers and expressions". No floating point passes through here.
"""

from __future__ import annotations

import re
from fractions import Fraction

from verify.errors import InputError

MAX_DIGITS = 4_000
MAX_EXPONENT = 9_999
_NUMBER = re.compile(r"([+-]?)(?:([0-9]+)/([0-9]+)|([0-9]+)(?:\.([0-9]+))?(?:e([+-]?[0-9]+))?)", re.ASCII)


def parse_number(value: object, key: str = "") -> Fraction:
    """Return the rational that a string or an integer of a file denotes, exactly.

    Raises InputError for anything else: floats (with a hint to quote them), irrational or malformed texts, more than
    4,000 digits, exponents beyond 9,999, denominators 0.
    """
    if isinstance(value, bool) or not isinstance(value, int | str | float):
        raise InputError('expected an exact number such as "1/3" or "0.25"', key=key)
    if isinstance(value, float):
        raise InputError(f'{value!r} is a floating-point number; quote it ("{value!r}") to mean it exactly', key=key)
    if isinstance(value, int):
        if value.bit_length() > 3.3 * MAX_DIGITS:
            raise InputError(f"more than {MAX_DIGITS} digits", key=key)
        return Fraction(value)
    if len(value) > MAX_DIGITS + 20:
        raise InputError(f"a number of {len(value)} characters; at most {MAX_DIGITS} digits are accepted", key=key)
    match = _NUMBER.fullmatch(value)
    if match is None:
        shown = value if len(value) <= 40 else value[:37] + "..."
        reason = "irrational or not a number" if re.search(r"[A-Za-z(*]", value) else "not a number"
        raise InputError(f'"{shown}" is {reason}; expected a rational such as "1/3", "0.25" or "1e-3"', key=key)
    sign, numerator, denominator, whole, decimals, exponent = match.groups()
    if numerator is not None:
        if len(numerator) + len(denominator) > MAX_DIGITS:
            raise InputError(f"more than {MAX_DIGITS} digits", key=key)
        if int(denominator) == 0:
            raise InputError(f'"{value}" divides by zero', key=key)
        size = Fraction(int(numerator), int(denominator))
    else:
        size = decimal_literal(whole, decimals or "", exponent or "0", key)
    return -size if sign == "-" else size


def decimal_literal(whole: str, decimals: str, exponent: str, key: str = "") -> Fraction:
    """Return `whole.decimals * 10^exponent` exactly. Raises InputError beyond the limits of INTERFACE.md."""
    if len(whole) + len(decimals) > MAX_DIGITS:
        raise InputError(f"more than {MAX_DIGITS} digits", key=key)
    if len(exponent) > 6 or abs(int(exponent)) > MAX_EXPONENT:
        raise InputError(f"an exponent beyond {MAX_EXPONENT} in size", key=key)
    power = int(exponent) - len(decimals)
    mantissa = int(whole + decimals)
    return Fraction(mantissa * 10**power) if power >= 0 else Fraction(mantissa, 10**-power)


def decimal_below(value: Fraction, digits: int) -> str:
    """Return the largest decimal of `digits` significant digits that is <= value."""
    return _decimal(value, digits, up=False)


def decimal_above(value: Fraction, digits: int) -> str:
    """Return the smallest decimal of `digits` significant digits that is >= value."""
    return _decimal(value, digits, up=True)


def _decimal(value: Fraction, digits: int, *, up: bool) -> str:
    if value == 0:
        return "0"
    size = abs(value)
    away = up == (value > 0)
    exponent = _magnitude(size) - digits + 1
    scaled = size / Fraction(10) ** exponent
    mantissa = -((-scaled.numerator) // scaled.denominator) if away else scaled.numerator // scaled.denominator
    text = str(mantissa)
    while text.endswith("0") and len(text) > 1:
        text, exponent = text[:-1], exponent + 1
    sign = "-" if value < 0 else ""
    position = len(text) + exponent  # of the decimal point
    if 0 < position <= len(text):
        body = text[:position] + ("." + text[position:] if position < len(text) else "")
    elif -6 < position <= 0:
        body = "0." + "0" * -position + text
    elif len(text) < position <= 16:
        body = text + "0" * (position - len(text))
    else:
        body = text[0] + ("." + text[1:] if len(text) > 1 else "") + f"e{position - 1}"
    return sign + body


def _magnitude(size: Fraction) -> int:
    """Return the exponent `e` with `10^e <= size < 10^(e+1)`, for size > 0."""
    guess = (size.numerator.bit_length() - size.denominator.bit_length()) * 30103 // 100000
    while Fraction(10) ** guess > size:
        guess -= 1
    while Fraction(10) ** (guess + 1) <= size:
        guess += 1
    return guess
