"""Affine functions and open half-spaces over the rationals, in any input dimension.

MATHEMATICS.md, section 2: the building blocks `a`, `J_k` (affine) and `A_k = {s_k > 0}` of a generalized response.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

Rational = Fraction | int
Point = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Affine:
    """The function `x -> gradient . x + constant` on R^n, exact."""

    gradient: tuple[Fraction, ...]
    constant: Fraction

    @classmethod
    def of(cls, gradient: Sequence[Rational], constant: Rational = 0) -> Affine:
        """Build from any rationals."""
        return cls(tuple(Fraction(g) for g in gradient), Fraction(constant))

    @classmethod
    def constantly(cls, value: Rational, dimension: int) -> Affine:
        """The constant function on R^dimension."""
        return cls((Fraction(0),) * dimension, Fraction(value))

    @property
    def dimension(self) -> int:
        """The input dimension n."""
        return len(self.gradient)

    @property
    def is_constant(self) -> bool:
        """Whether the gradient vanishes."""
        return not any(self.gradient)

    @property
    def is_zero(self) -> bool:
        """Whether the function vanishes identically."""
        return not self.constant and self.is_constant

    @property
    def linear(self) -> Affine:
        """The same function without its constant."""
        return Affine(self.gradient, Fraction(0))

    def __call__(self, point: Sequence[Rational]) -> Fraction:
        """Return the value at a rational point."""
        return Fraction(*self.ratio_at(point))

    def ratio_at(self, point: Sequence[Rational]) -> tuple[int, int]:
        """Return integers `(p, q)`, `q > 0`, such that the value at a rational point is `p / q`; its sign is that of p.

        One fraction is made in the end, or none where the sign is enough: this is called most of all.
        """
        above, below = self.constant.numerator, self.constant.denominator
        for g, x in zip(self.gradient, point, strict=True):
            p = g.numerator * x.numerator
            if p:
                q = g.denominator * x.denominator
                above, below = above * q + p * below, below * q
        return above, below

    def __add__(self, other: Affine) -> Affine:
        gradient = [g + k for g, k in zip(self.gradient, other.gradient, strict=True)]
        return Affine(tuple(gradient), self.constant + other.constant)

    def __neg__(self) -> Affine:
        return Affine(tuple([-g for g in self.gradient]), -self.constant)

    def __sub__(self, other: Affine) -> Affine:
        gradient = [g - k for g, k in zip(self.gradient, other.gradient, strict=True)]
        return Affine(tuple(gradient), self.constant - other.constant)

    def __mul__(self, factor: Rational) -> Affine:
        return Affine(tuple(factor * g for g in self.gradient), factor * self.constant)

    __rmul__ = __mul__

    def plus(self, value: Rational) -> Affine:
        """Add a constant."""
        return Affine(self.gradient, self.constant + value)

    def ratio_to(self, other: Affine) -> Fraction | None:
        """Return `c` with `self == c * other`, or None if there is none; `other` must not be constant."""
        pivot = next(i for i, g in enumerate(other.gradient) if g)
        factor = self.gradient[pivot] / other.gradient[pivot]
        return factor if self == other * factor else None

    def text(self, variables: Sequence[str]) -> str:
        """Return the function as an expression of the grammar of INTERFACE.md, e.g. `2*x - y/3 + 1/2`."""
        terms = [(g, name) for g, name in zip(self.gradient, variables, strict=True) if g]
        if self.constant or not terms:
            terms.append((self.constant, ""))
        pieces: list[str] = []
        for coefficient, name in terms:
            sign = "-" if coefficient < 0 else "+"
            size = abs(coefficient)
            if not name:
                body = str(size)
            elif size == 1:
                body = name
            elif size.denominator == 1:
                body = f"{size}*{name}"
            elif size.numerator == 1:
                body = f"{name}/{size.denominator}"
            else:
                body = f"{size.numerator}*{name}/{size.denominator}"
            if pieces:
                pieces.append(f" {sign} {body}")
            else:
                pieces.append(f"-{body}" if sign == "-" else body)
        return "".join(pieces)


@dataclass(frozen=True, slots=True)
class HalfSpace:
    """The open half-space `{x : side(x) > 0}`; `side` is not constant. Raises ValueError if it is."""

    side: Affine

    def __post_init__(self) -> None:
        if self.side.is_constant:
            raise ValueError("a half-space needs a function that is not constant")

    @property
    def complement(self) -> HalfSpace:
        """The open half-space on the other side of the same boundary."""
        return HalfSpace(-self.side)

    @property
    def boundary(self) -> tuple[int, ...]:
        """A canonical key of the boundary hyperplane: the primitive integer vector of its equation."""
        entries = (*self.side.gradient, self.side.constant)
        scale = lcm(*(e.denominator for e in entries))
        integers = [e.numerator * (scale // e.denominator) for e in entries]
        content = gcd(*integers)
        if next(i for i in integers if i) < 0:
            content = -content
        return tuple(i // content for i in integers)

    def faces_like(self, other: HalfSpace) -> bool:
        """Whether two half-spaces with the same boundary lie on the same side of it."""
        pivot = next(i for i, g in enumerate(self.side.gradient) if g)
        return (self.side.gradient[pivot] > 0) == (other.side.gradient[pivot] > 0)

    def contains(self, point: Sequence[Rational]) -> bool:
        """Whether a rational point lies in the open half-space."""
        return self.side.ratio_at(point)[0] > 0

    def text(self, variables: Sequence[str]) -> str:
        """Return the half-space as a condition, e.g. `x - 1/2 > 0`."""
        return f"{self.side.text(variables)} > 0"
