"""Polytopes whose vertices move with a small parameter t > 0, exactly: geometry over the ordered field Q(t).

Every coordinate is a polynomial in t over Q (python-flint), points are homogeneous, and a sign is the sign for all
small t > 0: that of the lowest coefficient. So "cut by a half-space that shrinks onto a facet" has an exact meaning,
and integrals over such polytopes are exact Laurent series in t.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import factorial

import flint

from proofs.geometry.faces import triangulation
from proofs.geometry.polytopes import Polytope

Polynomial = flint.fmpq_poly
Form = tuple[Polynomial, ...]
"""A linear form on homogeneous points: the coefficients of an affine function, the constant last."""

ZERO = Polynomial([])


def polynomial(coefficients: Sequence[Fraction]) -> Polynomial:
    """Return the polynomial with these coefficients, lowest first."""
    return Polynomial([flint.fmpq(c.numerator, c.denominator) for c in coefficients])


def valuation(p: Polynomial) -> int:
    """Return the lowest exponent of a polynomial that is not 0."""
    return next(i for i in range(p.length()) if p[i] != 0)


def sign_near_zero(p: Polynomial) -> int:
    """Return the sign for all small t > 0."""
    if not p:
        return 0
    return 1 if p[valuation(p)] > 0 else -1


def apply(form: Form, point: Form) -> Polynomial:
    """Return the value of a linear form at a homogeneous point."""
    total = ZERO
    for a, b in zip(form, point, strict=True):
        total += a * b
    return total


@dataclass(frozen=True)
class MovingPolytope:
    """A polytope for every small t > 0, always of the same combinatorial type; see `geometry.polytopes.Polytope`.

    `vertices` are homogeneous, the last entry positive for small t; `tight[i]` holds the facets through vertex i.
    """

    vertices: tuple[Form, ...]
    tight: tuple[frozenset[int], ...]

    @classmethod
    def fixed(cls, polytope: Polytope) -> MovingPolytope:
        """A polytope that does not move."""
        vertices = tuple((*(polynomial([x]) for x in v), polynomial([Fraction(1)])) for v in polytope.vertices)
        return cls(vertices, polytope.tight)

    @property
    def dimension(self) -> int:
        """The dimension n of the space."""
        return len(self.vertices[0]) - 1

    def clipped(self, form: Form) -> MovingPolytope | None:
        """Return the part where the form is >= 0, or None if that has no interior."""
        values = [apply(form, v) for v in self.vertices]
        signs = [sign_near_zero(v) for v in values]
        if 1 not in signs:
            return None
        if -1 not in signs:
            return self
        new = 1 + max(f for on in self.tight for f in on)
        vertices: list[Form] = []
        tight: list[frozenset[int]] = []
        for vertex, on, s in zip(self.vertices, self.tight, signs, strict=True):
            if s >= 0:
                vertices.append(vertex)
                tight.append(on if s else on | {new})
        for i, j in combinations(range(len(signs)), 2):
            if signs[i] * signs[j] < 0:
                common = self.tight[i] & self.tight[j]
                if any(common <= t for k, t in enumerate(self.tight) if k not in (i, j)):
                    continue  # not an edge: the least face with both has a third vertex
                up, down = (i, j) if signs[i] > 0 else (j, i)
                pairs = zip(self.vertices[down], self.vertices[up], strict=True)
                vertices.append(_without_common_power(tuple(values[up] * d - values[down] * u for d, u in pairs)))
                tight.append(common | {new})
        return MovingPolytope(tuple(vertices), tuple(tight))

    def simplices(self) -> Iterator[tuple[Form, ...]]:
        """Yield a triangulation."""
        for indices in triangulation(self.tight, self.dimension):
            yield tuple(self.vertices[i] for i in indices)

    def integral_of_product(self, first: Form, second: Form, length: int) -> Laurent:
        """Return the integral of the product of two affine functions, to `length` powers of t from t^0 on."""
        n = self.dimension
        total = Laurent(ZERO, 0)
        for simplex in self.simplices():
            weights = [v[-1] for v in simplex]
            cofactors = [_product([w for j, w in enumerate(weights) if j != i]) for i in range(n + 1)]
            ours = [apply(first, v) * c for v, c in zip(simplex, cofactors, strict=True)]
            theirs = [apply(second, v) * c for v, c in zip(simplex, cofactors, strict=True)]
            bracket = _total(ours) * _total(theirs) + _total([a * b for a, b in zip(ours, theirs, strict=True)])
            size = determinant(simplex)
            over = size * bracket * flint.fmpq(sign_near_zero(size), factorial(n) * (n + 1) * (n + 2))
            if over:
                total = total.plus(Laurent.quotient(over, _product(weights) ** 3, length))
        return total


@dataclass(frozen=True)
class Laurent:
    """The truncated Laurent series `t^shift * part`."""

    part: Polynomial
    shift: int

    @classmethod
    def quotient(cls, over: Polynomial, under: Polynomial, length: int) -> Laurent:
        """Return `over / under`, correct below `t^length`."""
        down = valuation(under)
        needed = length + down
        if needed <= 0:
            return cls(ZERO, 0)
        return cls(over.mul_low(_inverse(under.right_shift(down), needed), needed), -down)

    def times_power(self, exponent: int) -> Laurent:
        """Multiply by a power of t."""
        return Laurent(self.part, self.shift + exponent)

    def plus(self, other: Laurent) -> Laurent:
        """Return the sum."""
        low = min(self.shift, other.shift)
        return Laurent(self.part.left_shift(self.shift - low) + other.part.left_shift(other.shift - low), low)

    def leading(self, length: int) -> tuple[int, Fraction] | None:
        """Return exponent and coefficient of the leading term below `t^length`, or None."""
        if not self.part:
            return None
        exponent = valuation(self.part)
        if exponent + self.shift >= length:
            return None
        found = self.part[exponent]
        return exponent + self.shift, Fraction(int(found.p), int(found.q))


def determinant(rows: Sequence[Form]) -> Polynomial:
    """Return the determinant of a square matrix of polynomials (Bareiss elimination, exact divisions)."""
    matrix = [list(row) for row in rows]
    sign, previous = 1, polynomial([Fraction(1)])
    for step in range(len(matrix) - 1):
        pivot = next((r for r in range(step, len(matrix)) if matrix[r][step]), None)
        if pivot is None:
            return ZERO
        if pivot != step:
            matrix[step], matrix[pivot] = matrix[pivot], matrix[step]
            sign = -sign
        for r in range(step + 1, len(matrix)):
            for c in range(step + 1, len(matrix)):
                cross = matrix[r][c] * matrix[step][step] - matrix[r][step] * matrix[step][c]
                matrix[r][c] = cross // previous
        previous = matrix[step][step]
    return matrix[-1][-1] * sign


def _inverse(p: Polynomial, length: int) -> Polynomial:
    """Return the power series `1/p` below `t^length`; p(0) is not 0. Newton's iteration."""
    result, known = Polynomial([1 / p[0]]), 1
    while known < length:
        known = min(2 * known, length)
        result = result.mul_low(2 - p.mul_low(result, known), known)
    return result


def _without_common_power(point: Form) -> Form:
    common = min(valuation(p) for p in point if p)
    return tuple(p.right_shift(common) for p in point) if common else point


def _total(polynomials: Sequence[Polynomial]) -> Polynomial:
    result = ZERO
    for p in polynomials:
        result += p
    return result


def _product(polynomials: Sequence[Polynomial]) -> Polynomial:
    result = polynomial([Fraction(1)])
    for p in polynomials:
        result *= p
    return result
