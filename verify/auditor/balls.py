"""Balls: simplices of which only the part in a ball counts (docs/certificate.md, section 4.7).

Such a cell has its ball (the centre's coordinates, then the radius) among its vertices. What holds on the simplex holds
on its part. The part lies between two polytopes: what a tangent plane of the ball leaves of the simplex, and what a
parallel plane leaves that lies so far inside that no point of the simplex before it is outside the ball.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import partial
from itertools import product
from typing import Any

from verify.auditor import spheres
from verify.auditor.affine import Shape, dot
from verify.auditor.evaluate import Vertex
from verify.auditor.expressions import Node, evaluate
from verify.auditor.forms import Edge
from verify.auditor.signs import UNKNOWN, Piece, Sign, Stretch
from verify.auditor.simplices import Point, Simplex, centre, cut, determinant, distance, edges, root, square, union
from verify.auditor.verdicts import Effort, UndecidedError

PRECISION = 192
Ball = tuple[Fraction, ...]
Range = tuple[Fraction, Fraction]


def apart(ball: Ball, points: Sequence[Point]) -> bool:
    """Whether the hull of affinely independent points has no point inside the ball."""
    middle, size = ball[:-1], ball[-1] ** 2
    return all(square(middle, point) >= size for point in points) and distance(middle, points) >= size


def covering(effort: Effort, shapes: Sequence[Shape]) -> list[tuple[list[Ball], Simplex]]:
    """Simplices that cover the shapes, with the ball of which they show a part; no inner point is covered twice."""
    balls = [(*shape.points[0], shape.radius) for shape in shapes if shape.kind == "ball"]
    others = [shape for shape in shapes if shape.kind != "ball"]
    result: list[tuple[list[Ball], Simplex]] = [([], s) for s in union(effort, others)] if others else []
    for i, ball in enumerate(balls):
        free = all(apart(ball, s) for marks, s in result if not marks)
        if not free or any(square(ball[:-1], other[:-1]) < (ball[-1] + other[-1]) ** 2 for other in balls[:i]):
            raise UndecidedError("a ball that overlaps another shape is beyond this auditor")
        if len(ball) == 3:
            low, high = (tuple(c + s * ball[-1] for c in ball[:-1]) for s in (-1, 1))
            result += [([ball], s) for s in union(effort, [Shape("box", (low, high))])]
            continue
        reach = Fraction(len(ball), 2) * ball[-1]  # (n + 1)/2 >= n**(1/2): the outer faces miss the ball
        for signs in product((-1, 1), repeat=len(ball) - 1):  # cells within an octant serve integrals over balls
            tips = [(*ball[:k], ball[k] + sign * reach, *ball[k + 1 : -1]) for k, sign in enumerate(signs)]
            result.append(([ball], (ball[:-1], *tips)))
    return result


class Round(Piece):
    """The part of a simplex (or of one of its faces) in a ball."""

    def __init__(self, effort: Effort, ball: Ball, vertices: Sequence[Vertex]) -> None:
        super().__init__(effort, *vertices)
        self.ball, self.middle, self.square = ball, ball[:-1], ball[-1] ** 2
        self.whole = all(square(self.middle, vertex) <= self.square for vertex in vertices)

    def _marked(self, parts: Iterable[Simplex]) -> list[Simplex]:
        return [(self.ball, *part) for part in parts]

    def faces(self) -> list[tuple[Vertex, ...]]:
        """The cell and the faces of its simplex."""
        return self._marked(super().faces())

    def halves(self, edge: Edge = None) -> tuple[Simplex, ...]:
        """The parts in the two halves of the simplex, and in what is between them."""
        return tuple(self._marked(super().halves(edge)))

    def cut(self, nodes: Iterable[Node]) -> list[Simplex]:
        """The parts between the zeros of affine functions."""
        return self._marked(super().cut(nodes))

    def is_empty(self) -> bool:
        """Whether the closed simplex misses the closed ball."""
        return distance(self.middle, self.vertices) > self.square

    def has_middle(self) -> bool:
        """Whether the simplex's centre is a point of the cell."""
        return self.whole or square(self.middle, centre(self.vertices)) <= self.square

    def _polynomial_sign(self, node: Node) -> Sign:
        found = super()._polynomial_sign(node)
        if found == UNKNOWN and node.degree == 2:  # a multiple of radius**2 - |x - centre|**2 is known by some values
            *middle, radius = self.ball
            steps = list(product((0, 1, -1), repeat=len(middle)))
            values = [evaluate(node, [x + radius * a for x, a in zip(middle, step, strict=True)]) for step in steps]
            if all(v == values[0] * (1 - sum(map(abs, step))) for v, step in zip(values, steps, strict=True)):
                return (0, 1) if values[0] >= 0 else (-1, 0)
        return found

    def charts(self, node: Node) -> Iterable[tuple[Any, ...]]:
        """A polynomial in space has a way of its own."""
        if self.whole or node.degree is None or len(self.vertices) != 4:
            return [(1, node, self.ball, *self.vertices)]
        return spheres.charts(self.effort, self.middle, self.ball[-1], tuple(self.vertices), node)

    def order(self, node: Node) -> int:
        """How many derivatives serve to integrate an expression: two at the rim."""
        return super().order(node) if self.whole else 2

    def integral(self, node: Node) -> Fraction | None:
        """The integral where it is known exactly."""
        if node.number == 0 or apart(self.ball, self.vertices):
            return Fraction(0)
        return super().integral(node) if self.whole else None

    def bounds(self, node: Node, n: int) -> Range | None:
        """Bounds of the integral at the rim, with n = 0 or 2 derivatives; None elsewhere.

        The integrand is g + sum of g_i t_i at the middle, plus a quadratic form in t that belongs to some point of the
        simplex, where -1 / (d + 1) <= t_i <= d / (d + 1) in d dimensions.
        """
        if self.whole:
            return None
        share, *moments = self.moments()
        wide = self.evaluation(PRECISION, n)(node)
        if not n:
            ends = [_product((wide.lo, wide.hi), share)]
        else:
            thin = self.evaluation(PRECISION, 1, at_middle=True)(node)
            ends = [_product((thin.lo, thin.hi), share)]
            for slope, moment in zip(thin.mid[1].coefficients[::-1], moments, strict=True):
                ends.append(_product((slope - thin.rad[1], slope + thin.rad[1]), moment))
            rest = (abs(wide.mid[2]) + wide.rad[2]) * share[1] * Fraction(len(moments), len(moments) + 1) ** 2
            ends.append((-rest, rest))
        unit = Fraction(self.size, 1 << PRECISION)
        return sum(low for low, _ in ends) * unit, sum(high for _, high in ends) * unit

    def moments(self) -> list[Range]:
        """The integrals of 1 and of t_1, t_2, ... over the part in the ball, divided by the size of the simplex."""
        axis, *ways = edges([self.middle, centre(self.vertices), *self.vertices])
        length, n = dot(axis, axis), len(ways) - 1
        heights = [dot(axis, way) for way in ways]
        if not length:
            return [(Fraction(0), Fraction(1)), *[(Fraction(-1, n + 1), Fraction(n, n + 1))] * n]
        beside = max(dot(way, way) - Fraction(h**2, length) for way, h in zip(ways, heights, strict=True))
        most, _ = self._below(heights, root(self.square * length, 1))
        least, means = Fraction(0), [Fraction(0)] * n
        if beside < self.square and (reach := root((self.square - beside) * length, 0)) >= -min(heights):
            least, means = self._below(heights, reach)
        rest = most - least
        return [(least, most), *((m - rest * Fraction(1, n + 1), m + rest * Fraction(n, n + 1)) for m in means)]

    def _below(self, heights: list[Fraction], level: Fraction) -> tuple[Fraction, list[Fraction]]:
        """The integrals of 1 and of t_1, t_2, ... where the height is below the level; the size of the simplex is 1."""
        n = len(heights) - 1
        whole: Simplex = tuple(tuple(Fraction(i == j) for j in range(n + 1)) for i in range(n + 1))
        gaps = [level - height for height in heights]
        share, moments = Fraction(0), [Fraction(0)] * n
        for part in cut(self.effort, whole, partial(dot, gaps)):
            middle = centre(part)
            if dot(gaps, middle) > 0:
                size = abs(determinant(part))
                share += size
                moments = [m + size * (x - Fraction(1, n + 1)) for m, x in zip(moments, middle[1:], strict=True)]
        return share, moments


def _product(a: tuple[Fraction | int, Fraction | int], b: Range) -> Range:
    ends = [x * y for x in a for y in b]
    return min(ends), max(ends)


def piece(effort: Effort, *vertices: Vertex) -> Piece:
    """The piece with these vertices: of the line, of a domain in more dimensions, or of a ball if one is among them."""
    if len(vertices[0]) == 1:
        return Stretch(effort, *vertices)
    size = min(map(len, vertices))
    balls = [vertex for vertex in vertices if len(vertex) > size]
    return Round(effort, balls[0], [v for v in vertices if len(v) == size]) if balls else Piece(effort, *vertices)
