"""Exact rational polytopes: cells of a hyperplane arrangement, in any dimension.

A polytope knows its vertices and which of its facets each vertex lies on. Cutting with a hyperplane keeps that
knowledge (the double description method), so a cell is found without any tolerance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations, product
from math import factorial
from typing import Protocol, Self, TypeVar

from proofs.geometry.affine import Affine, Point, Rational
from proofs.geometry.faces import triangulation
from proofs.geometry.linear import matrix_determinant, null_vector


class Cell(Protocol):
    """What half-spaces can cut: a convex set with an interior."""

    @property
    def centre(self) -> Point:
        """An interior point."""
        ...

    @property
    def dimension(self) -> int:
        """The dimension n of the space."""
        ...

    @property
    def bounds(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """Bounds of the coordinates."""
        ...

    def sign_of(self, function: Affine) -> int:
        """Return 1 if `function >= 0` on the cell, -1 if `<= 0`, 0 if it takes both signs inside."""
        ...

    def lower_bound(self, function: Affine) -> Fraction:
        """Return a rational lower bound of an affine function on the cell."""
        ...

    def lowest(self, function: Affine) -> Point:
        """Return a point of the closed cell where an affine function has the sign of its minimum."""
        ...

    def split(self, function: Affine) -> tuple[Self | None, Self | None]:
        """Return the parts where `function <= 0` and where `function >= 0`; None where that part has no interior."""
        ...


AnyCell = TypeVar("AnyCell", bound=Cell)
_ENDS = (frozenset({0}), frozenset({1}))


@dataclass(frozen=True)
class Polytope:
    """A bounded full-dimensional polytope: `{x : facet(x) >= 0 for all facets}` with its vertices.

    `tight[i]` holds the indices of the facets on which `vertices[i]` lies.
    """

    facets: tuple[Affine, ...]
    vertices: tuple[Point, ...]
    tight: tuple[frozenset[int], ...]

    @classmethod
    def box(cls, bounds: Sequence[tuple[Rational, Rational]]) -> Polytope:
        """The box with the given (lower, upper) bounds, one pair a dimension; lower < upper."""
        n = len(bounds)
        facets: list[Affine] = []
        for i, (lower, upper) in enumerate(bounds):
            unit = [Fraction(int(i == j)) for j in range(n)]
            facets += [Affine.of(unit, -lower), Affine.of([-u for u in unit], upper)]
        vertices, tight = [], []
        for corner in product((0, 1), repeat=n):
            vertices.append(tuple(Fraction(bounds[i][c]) for i, c in enumerate(corner)))
            tight.append(frozenset(2 * i + c for i, c in enumerate(corner)))
        return cls(tuple(facets), tuple(vertices), tuple(tight))

    @classmethod
    def hull(cls, points: Iterable[Sequence[Rational]]) -> Polytope:
        """The convex hull of points. Raises ValueError if it has no interior."""
        distinct = sorted({tuple(Fraction(x) for x in p) for p in points})
        n = len(distinct[0])
        found: dict[tuple[int, ...], Affine] = {}
        for chosen in combinations(range(len(distinct)), n):
            facet = _supporting_plane([distinct[i] for i in chosen], distinct)
            if facet is not None:
                on_it = tuple(i for i, p in enumerate(distinct) if facet(p) == 0)
                found.setdefault(on_it, facet)
        incidence = list(found)
        if not incidence:
            raise ValueError("the points span no full-dimensional polytope")
        tight = [frozenset(f for f, on in enumerate(incidence) if i in on) for i in range(len(distinct))]
        corners = [
            i for i, t in enumerate(tight) if t and not any(j != i and t <= other for j, other in enumerate(tight))
        ]
        return cls(tuple(found.values()), tuple(distinct[i] for i in corners), tuple(tight[i] for i in corners))

    @property
    def dimension(self) -> int:
        """The dimension n of the space."""
        return len(self.vertices[0])

    @cached_property
    def centre(self) -> Point:
        """The mean of the vertices, an interior point."""
        if len(self.vertices) == 2:  # an interval, where this is called most
            ((a,), (b,)) = self.vertices
            below = a.denominator * b.denominator
            return (Fraction(a.numerator * b.denominator + b.numerator * a.denominator, 2 * below),)
        count = len(self.vertices)
        return tuple(sum(column, Fraction(0)) / count for column in zip(*self.vertices, strict=True))

    @cached_property
    def bounds(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """The ranges of the coordinates."""
        return tuple((min(column), max(column)) for column in zip(*self.vertices, strict=True))

    def sign_of(self, function: Affine) -> int:
        """Return 1 if `function >= 0` on the polytope, -1 if `<= 0`, 0 if it takes both signs inside."""
        signs = [function.ratio_at(v)[0] for v in self.vertices]
        if min(signs) >= 0:
            return 1
        return -1 if max(signs) <= 0 else 0

    def lowest(self, function: Affine) -> Point:
        """Return a vertex where an affine function is least."""
        return min((function(v), v) for v in self.vertices)[1]

    def lower_bound(self, function: Affine) -> Fraction:
        """Return the minimum of an affine function on the polytope."""
        return min(function(v) for v in self.vertices)

    def split(self, function: Affine) -> tuple[Polytope | None, Polytope | None]:
        """Return the parts where `function <= 0` and where `function >= 0`; None where that part has no interior."""
        signs = [function.ratio_at(v)[0] for v in self.vertices]
        if min(signs) >= 0:
            return None, self
        if max(signs) <= 0:
            return self, None
        if len(signs) == 2:
            return self._split_segment(function, signs)
        values = [function(v) for v in self.vertices]
        crossings = list(self._crossings(values))
        return self._part(-function, [-v for v in values], crossings), self._part(function, values, crossings)

    def _split_segment(self, function: Affine, signs: list[int]) -> tuple[Polytope, Polytope]:
        """The same in one dimension, where it is called most."""
        root = (-function.constant / function.gradient[0],)
        (one, other), ((first,), (second,)) = self.vertices, self.tight
        opposite = -function
        walls = (opposite, function) if signs[0] < 0 else (function, opposite)
        parts = (
            Polytope((self.facets[first], walls[0]), (one, root), _ENDS),
            Polytope((self.facets[second], walls[1]), (other, root), _ENDS),
        )
        return parts if signs[0] < 0 else parts[::-1]

    def _crossings(self, values: list[Fraction]) -> Iterator[tuple[Point, frozenset[int]]]:
        """Yield the points where edges cross the zero set of a function, with the facets they lie on."""
        for i, j in combinations(range(len(values)), 2):
            if (values[i] > 0 > values[j]) or (values[i] < 0 < values[j]):
                common = self.tight[i] & self.tight[j]
                if any(common <= t for k, t in enumerate(self.tight) if k not in (i, j)):
                    continue  # not an edge: the least face with both has a third vertex
                weight = values[i] / (values[i] - values[j])
                point = tuple(p + weight * (q - p) for p, q in zip(self.vertices[i], self.vertices[j], strict=True))
                yield point, common

    def _part(
        self, function: Affine, values: list[Fraction], crossings: list[tuple[Point, frozenset[int]]]
    ) -> Polytope:
        """Return the part where `function >= 0`, given its values at the vertices."""
        new = len(self.facets)
        vertices: list[Point] = []
        tight: list[frozenset[int]] = []
        for vertex, on, value in zip(self.vertices, self.tight, values, strict=True):
            if value >= 0:
                vertices.append(vertex)
                tight.append(on | {new} if value == 0 else on)
        for point, on in crossings:
            vertices.append(point)
            tight.append(on | {new})
        counts = [sum(f in t for t in tight) for f in range(new + 1)]
        kept = [f for f, count in enumerate(counts) if count >= self.dimension]
        renamed = {f: index for index, f in enumerate(kept)}
        facets = (*self.facets, function)
        return Polytope(
            tuple(facets[f] for f in kept),
            tuple(vertices),
            tuple(frozenset(renamed[f] for f in t if f in renamed) for t in tight),
        )

    def minus(self, other: Polytope) -> Iterator[Polytope]:
        """Yield disjoint polytopes (up to boundaries) that make up this one without `other`."""
        rest: Polytope | None = self
        for facet in other.facets:
            if rest is None:
                return
            outside, rest = rest.split(facet)
            if outside is not None:
                yield outside

    def simplices(self) -> Iterator[tuple[Point, ...]]:
        """Yield a triangulation: each simplex as n + 1 vertices."""
        for indices in triangulation(self.tight, self.dimension):
            yield tuple(self.vertices[i] for i in indices)

    @cached_property
    def volume(self) -> Fraction:
        """The exact volume."""
        return sum((abs(determinant(s)) for s in self.simplices()), Fraction(0)) / factorial(self.dimension)


def cells(pieces: Iterable[AnyCell], functions: Iterable[Affine]) -> list[AnyCell]:
    """Return the cells into which the zero sets of `functions` cut the pieces."""
    result = list(pieces)
    for function in functions:
        result = [part for cell in result for part in cell.split(function) if part is not None]
    return result


def disjoint(pieces: Iterable[Polytope]) -> list[Polytope]:
    """Return polytopes with the same union that overlap in their boundaries only."""
    result: list[Polytope] = []
    for piece in pieces:
        fresh = [piece]
        for earlier in result:
            fresh = [part for f in fresh for part in f.minus(earlier)]
        result += fresh
    return result


def _supporting_plane(chosen: Sequence[Point], everything: Sequence[Point]) -> Affine | None:
    """Return the affine function that is 0 on the chosen points and >= 0 on all, if there is just one up to scale."""
    n = len(chosen[0])
    columns = [[p[i] for p in chosen] for i in range(n)] + [[Fraction(1)] * n]
    coefficients = null_vector(columns)
    if coefficients is None or not any(coefficients[:n]):
        return None
    independent = null_vector([[*(q - p for p, q in zip(chosen[0], c, strict=True))] for c in chosen[1:]]) is None
    if not independent:
        return None
    plane = Affine.of(coefficients[:n], coefficients[n])
    values = [plane(p) for p in everything]
    if not any(values):
        return None  # all points lie in one plane: it bounds nothing
    if all(v >= 0 for v in values):
        return plane
    return -plane if all(v <= 0 for v in values) else None


def determinant(simplex: Sequence[Point]) -> Fraction:
    """Return `det(v_1 - v_0, ..., v_n - v_0)` for the vertices of a simplex."""
    return matrix_determinant([[q - p for p, q in zip(simplex[0], vertex, strict=True)] for vertex in simplex[1:]])
