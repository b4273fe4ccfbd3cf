"""Affine functions, half-spaces, shapes of domains and responses over Q (docs/certificate.md, 1, 3, 4.3 and 4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from math import lcm
from operator import add, sub
from typing import NamedTuple

from verify.auditor.expressions import Node
from verify.auditor.verdicts import settle

MOST_SUBSETS_OF = 36
MOST_CORNERS = 200_000  # of the shapes of the domain, once for each half-space


def dot(p: Sequence[Fraction], q: Sequence[Fraction]) -> Fraction:
    """The inner product."""
    return sum((a * b for a, b in zip(p, q, strict=True)), Fraction(0))


class Affine(NamedTuple):
    """The function gradient . x + constant."""

    gradient: tuple[Fraction, ...]
    constant: Fraction

    def plus(self, other: Affine, factor: Fraction | int = 1) -> Affine:
        """This function plus a multiple of another one."""
        pairs = zip(self.gradient, other.gradient, strict=True)
        return Affine(tuple(a + factor * b for a, b in pairs), self.constant + factor * other.constant)

    def times(self, factor: Fraction | int) -> Affine:
        """A multiple."""
        return Affine(tuple(factor * a for a in self.gradient), factor * self.constant)

    def value(self, point: Sequence[Fraction]) -> Fraction:
        """The value at a point."""
        return dot(self.gradient, point) + self.constant

    def is_zero(self) -> bool:
        """Whether it is the function 0."""
        return not self.constant and not any(self.gradient)


def zero(n: int) -> Affine:
    """The function 0 of n variables."""
    return Affine((Fraction(0),) * n, Fraction(0))


def from_node(node: Node, n: int) -> Affine | None:
    """The affine function an expression is by its form: sums, and products with one factor that is not constant."""
    nothing = zero(n)
    if node.kind == "variable" and isinstance(node.value, int):
        return nothing._replace(gradient=tuple(Fraction(i == node.value) for i in range(n)))
    if (value := node.number) is not None:
        return nothing._replace(constant=value)
    parts = [from_node(arg, n) for arg in node.args]
    found = [part for part in parts if part is not None]
    if node.kind not in ("+", "*") or len(found) < len(parts):
        return None
    total = found[0]
    for part in found[1:]:
        if node.kind == "+":
            total = total.plus(part)
        elif any(part.gradient) and any(total.gradient):
            return None
        else:
            total = part.times(total.constant) if any(part.gradient) else total.times(part.constant)
    return total


def rank(rows: Sequence[Sequence[Fraction]]) -> int:
    """The rank of a matrix, by elimination."""
    matrix, found = [list(row) for row in rows], 0
    for column in range(len(matrix[0]) if matrix else 0):
        pivot = next((row for row in matrix[found:] if row[column]), None)
        if pivot is None:
            continue
        matrix.remove(pivot)
        matrix.insert(found, pivot)
        found += 1
        for row in matrix[found:]:
            factor = Fraction(row[column], pivot[column])
            row[:] = [a - factor * b for a, b in zip(row, pivot, strict=True)]
    return found


class Shape(NamedTuple):
    """A box (its lowest and highest corner), a hull (its vertices) or a ball (its centre, and a radius)."""

    kind: str
    points: tuple[tuple[Fraction, ...], ...]
    radius: Fraction = Fraction(0)

    def around(self) -> Shape:
        """The box around a ball; other shapes as they are."""
        if self.kind != "ball":
            return self
        low, high = (tuple(c + s * self.radius for c in self.points[0]) for s in (-1, 1))
        return Shape("box", (low, high))

    def corners(self) -> list[tuple[Fraction, ...]]:
        """The corners of a box, or of the one around a ball; the vertices of a hull."""
        points = self.around().points
        return list(points if self.kind == "vertices" else product(*zip(*points, strict=True)))

    def sides(self, s: Affine) -> tuple[bool, bool]:
        """Whether s is < 0 somewhere in the shape, and whether it is > 0 somewhere; s not constant."""
        if self.kind == "ball":
            at = s.value(self.points[0])
            inside = at**2 < self.radius**2 * sum(a**2 for a in s.gradient)
            return at < 0 or inside, at > 0 or inside
        if self.kind == "box":
            low, high = self.points
            terms = [(a * u, a * v) for a, u, v in zip(s.gradient, low, high, strict=True)]
            return s.constant + sum(map(min, terms)) < 0, s.constant + sum(map(max, terms)) > 0
        values = [s.value(point) for point in self.points]
        return min(values) < 0, max(values) > 0


def intervals(shapes: Sequence[Shape]) -> list[tuple[Fraction, Fraction]]:
    """The union of shapes on the line as disjoint closed intervals, in order."""
    parts = []
    for shape in shapes:
        values = [point[0] for point in shape.points]
        parts.append((min(values) - shape.radius, max(values) + shape.radius))
    merged: list[tuple[Fraction, Fraction]] = []
    for a, b in sorted(parts):
        if merged and a <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(b, merged[-1][1])
        else:
            merged.append((a, b))
    return merged


class Jump(NamedTuple):
    """The affine function `jump` on the half-space {side > 0}."""

    side: Affine
    jump: Affine

    def normal(self) -> tuple[Affine, Fraction]:
        """(boundary with leading coefficient 1, the factor that makes `side` of it)."""
        lead = next(a for a in self.side.gradient if a)
        return self.side.times(Fraction(1, lead)), lead

    def multiplicity(self) -> int:
        """1 if the jump vanishes on the boundary, else 2."""
        boundary, _ = self.normal()
        slope = next(b for a, b in zip(boundary.gradient, self.jump.gradient, strict=True) if a)
        return 1 if self.jump == boundary.times(slope) else 2


class Response(NamedTuple):
    """affine + the sum of the jumps."""

    affine: Affine
    jumps: tuple[Jump, ...]

    def minus(self, other: Response) -> Response:
        """The difference."""
        jumps = (Jump(side, jump.times(-1)) for side, jump in other.jumps)
        return Response(self.affine.plus(other.affine, -1), (*self.jumps, *jumps))

    def strict(self) -> list[Jump]:
        """The jumps of multiplicity 2."""
        return [j for j in self.jumps if j.multiplicity() == 2]


def reduced(response: Response, shapes: Sequence[Shape]) -> Response:
    """The same function in reduced form: distinct boundaries, all inside conv(S), leading coefficients 1, no jump 0."""
    pairs = len(response.jumps) * sum(len(shape.points) for shape in shapes)
    settle(pairs <= MOST_CORNERS, "too many half-spaces for so many shapes")
    affine = response.affine
    merged: dict[Affine, Affine] = {}
    for jump in response.jumps:
        sides = [shape.sides(jump.side) for shape in shapes]
        if not (any(low for low, _ in sides) and any(high for _, high in sides)):
            affine = affine.plus(jump.jump) if any(high for _, high in sides) else affine
            continue
        boundary, factor = jump.normal()
        change = jump.jump if factor > 0 else jump.jump.times(-1)
        affine = affine if factor > 0 else affine.plus(jump.jump)
        merged[boundary] = merged[boundary].plus(change) if boundary in merged else change
    return Response(affine, tuple(Jump(s, j) for s, j in merged.items() if not j.is_zero()))


def dimension(response: Response, architecture: str) -> int:
    """The number of neurons a reduced response needs; UndecidedError if that would take too long to find out."""
    count = sum(j.multiplicity() for j in response.jumps)
    if architecture == "residual":
        return count
    normals = [j.side.gradient for j in response.strict()]
    if rank(normals) < len(normals):
        return count
    vectors = [j.jump.gradient for j in response.jumps if any(j.jump.gradient)]
    return count + (0 if _some_subset_cancels(response.affine.gradient, vectors) else 1)


def _some_subset_cancels(start: tuple[Fraction, ...], vectors: list[tuple[Fraction, ...]]) -> bool:
    """Whether start plus the sum of some vectors is 0: the sums of one half, looked up among those of the other."""
    if not any(start):
        return True
    few = len(vectors) <= MOST_SUBSETS_OF
    settle(few, f"whether a subset of {len(vectors)} jumps has gradients that cancel is too long a search")
    scale = lcm(*(a.denominator for v in (start, *vectors) for a in v))
    first, second = {tuple(int(a * scale) for a in start)}, {(0,) * len(start)}
    for i, vector in enumerate(vectors):
        step = [int(a * scale) for a in vector]
        if i % 2:
            first |= {tuple(map(add, v, step)) for v in first}
        else:
            second |= {tuple(map(sub, v, step)) for v in second}
    return not first.isdisjoint(second)
