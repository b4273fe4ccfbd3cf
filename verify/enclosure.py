"""Enclosures of real numbers with exact rational end points."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from verify.exact import decimal_above, decimal_below


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A closed interval that contains a number; exact where both ends agree."""

    lower: Fraction
    upper: Fraction

    @classmethod
    def exactly(cls, value: Fraction) -> Enclosure:
        """The enclosure of a known rational."""
        return cls(value, value)

    @property
    def is_exact(self) -> bool:
        """Whether the number is known exactly."""
        return self.lower == self.upper

    @property
    def width(self) -> Fraction:
        """Upper minus lower end."""
        return self.upper - self.lower

    def __add__(self, other: Enclosure) -> Enclosure:
        return Enclosure(self.lower + other.lower, self.upper + other.upper)

    def __sub__(self, other: Enclosure) -> Enclosure:
        return Enclosure(self.lower - other.upper, self.upper - other.lower)

    def at_least(self, bound: Fraction) -> Enclosure:
        """Return the enclosure cut off below, for a number known to be >= bound."""
        return Enclosure(max(self.lower, bound), max(self.upper, bound))

    def settled(self, digits: int) -> bool:
        """Whether the interval is exact, or away from 0 with a relative width of at most 0.9 * 10^-digits.

        The rest of 10^-digits is left to rounding the ends to decimals.
        """
        if self.is_exact:
            return True
        if (self.lower.numerator > 0) != (self.upper.numerator > 0) or not self.lower or not self.upper:
            return False
        width, size = self.width, min(abs(self.lower), abs(self.upper))
        scale: int = 10 ** (digits + 1)
        return scale * width.numerator * size.denominator <= 9 * size.numerator * width.denominator

    def decimals(self, digits: int) -> dict[str, str]:
        """Return `{"lower", "upper"}` as decimals of so many significant digits, rounded outward."""
        return {"lower": decimal_below(self.lower, digits), "upper": decimal_above(self.upper, digits)}


def total(parts: Iterable[Enclosure]) -> Enclosure:
    """Return the enclosure of a sum."""
    lower = upper = Fraction(0)
    for part in parts:
        lower += part.lower
        upper += part.upper
    return Enclosure(lower, upper)
