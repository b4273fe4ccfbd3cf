"""Affine functions, half-spaces and the shapes of domains over Q, in any dimension (docs/certificate.md, 1 and 3)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import NamedTuple

from verify.auditor.expressions import Node


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
        return sum((a * x for a, x in zip(self.gradient, point, strict=True)), self.constant)

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
