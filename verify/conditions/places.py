"""Points, short intervals and hyperplanes as they are shown: simple rationals, outward decimals, plain equations."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor

from proofs.geometry.affine import Affine, HalfSpace, Point
from verify.exact import decimal_above, decimal_below

Place = str | dict[str, str]
DIGITS = 20


def interval_text(lower: Fraction, upper: Fraction) -> Place:
    """Return an interval as JSON, a single number as that."""
    if lower == upper:
        return str(lower)
    return {"lower": decimal_below(lower, DIGITS), "upper": decimal_above(upper, DIGITS)}


def bracket_text(first: Point, second: Point) -> list[Place]:
    """Return the box between two points as JSON, one interval a coordinate."""
    return [interval_text(min(pair), max(pair)) for pair in zip(first, second, strict=True)]


def point_text(point: Sequence[Fraction]) -> str:
    """Return a point for a sentence."""
    return f"({', '.join(map(str, point))})"


def decimals(lower: Fraction, upper: Fraction, digits: int = 12) -> str:
    """Return a number or an interval for a sentence: one decimal if both ends agree to that many digits."""
    if lower == upper and len(str(lower)) <= 24:
        return str(lower)
    low, high = decimal_below(lower, digits), decimal_above(upper, digits)
    return low if low == high else f"[{low}, {high}]"


def simplest_between(lower: Fraction, upper: Fraction) -> Fraction:
    """Return the rational of least denominator strictly between two rationals, lower < upper."""
    if lower < 0 < upper:
        return Fraction(0)
    if upper <= 0:
        return -simplest_between(-upper, -lower)
    whole = floor(lower)
    if whole + 1 < upper:
        return Fraction(whole + 1)
    rest = lower - whole
    if rest == 0:
        return whole + Fraction(1, floor(1 / (upper - whole)) + 1)
    return whole + 1 / simplest_between(1 / (upper - whole), 1 / rest)


def canonical_wall(wall: Affine) -> Affine:
    """Return the equation of a hyperplane with coprime integers, the first coefficient positive."""
    *gradient, constant = HalfSpace(wall).boundary
    return Affine(tuple(map(Fraction, gradient)), Fraction(constant))
