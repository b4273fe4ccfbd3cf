"""When is a number made of rationals and roots zero? A separation bound turns enough digits into a proof.

Every such number is `U/L` with algebraic integers U, L of a field of degree at most D, the product of the root
degrees; all conjugates of U and L are at most u and l in absolute value, by the rules below. If `U != 0`, the norm of
U is an integer that is not 0, so `|U| >= u^(1 - D)` and `|U/L| >= 1/(u^(D - 1) l)` (Burnikel, Funke, Mehlhorn,
Schirra, Schmitt 2001).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import ceil, prod
from typing import Any


@dataclass(frozen=True)
class _Size:
    """Upper bounds, at least 0, of log2 u and log2 l."""

    over: Fraction
    under: Fraction

    def plus(self, other: _Size) -> _Size:
        """Bounds for a sum: `(U1 L2 + U2 L1)/(L1 L2)`."""
        return _Size(1 + max(self.over + other.under, other.over + self.under), self.under + other.under)

    def times(self, other: _Size) -> _Size:
        """Bounds for a product."""
        return _Size(self.over + other.over, self.under + other.under)

    def root(self, degree: int) -> _Size:
        """Bounds for a root: `(U L^(k-1))^(1/k) / L`."""
        return _Size((self.over + (degree - 1) * self.under) / degree, self.under)


def separation_bits(value: Any) -> int | None:
    """Return b such that a SymPy number made of rationals and roots is 0 or at least 2^-b in size.

    None if the number is made of anything else.
    """
    roots: dict[Any, int] = {}
    size = _size(value, roots)
    if size is None:
        return None
    return ceil((prod(roots.values()) - 1) * size.over + size.under) + 1


def _size(value: Any, roots: dict[Any, int]) -> _Size | None:
    if value.is_Rational:
        return _Size(Fraction(abs(int(value.p)).bit_length()), Fraction(int(value.q).bit_length()))
    if value.is_Pow and value.exp.is_Rational:
        base = _size(value.base, roots)
        if base is None:
            return None
        exponent = Fraction(int(value.exp.p), int(value.exp.q))
        if exponent.denominator > 1:
            roots[value.base, exponent.denominator] = exponent.denominator
            base = base.root(exponent.denominator)
        power = abs(exponent.numerator)
        result = _Size(power * base.over, power * base.under)
        return result if exponent > 0 else _Size(result.under, result.over)
    if not (value.is_Add or value.is_Mul):
        return None
    parts = [_size(argument, roots) for argument in value.args]
    known = [part for part in parts if part is not None]
    return reduce(_Size.plus if value.is_Add else _Size.times, known) if len(known) == len(parts) else None
