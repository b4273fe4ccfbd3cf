"""Balls: simplices of which only the part in a ball counts (docs/certificate.md, section 4.7).

Such a cell has its ball (the centre's coordinates, then the radius) among its vertices. What holds on the simplex holds
on its part. The part lies between two polytopes: what a tangent plane of the ball leaves of the simplex, and what a
parallel plane leaves that lies so far inside that no point of the simplex before it is outside the ball.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import isqrt, lcm
from operator import mul
from typing import Any

from verify.auditor import spheres
from verify.auditor.affine import Shape, dot
from verify.auditor.evaluate import Vertex
from verify.auditor.expressions import Node, evaluate
from verify.auditor.signs import UNKNOWN, Piece, Sign, Stretch
from verify.auditor.simplices import Point, Simplex, centre, distance, square, union
from verify.auditor.verdicts import Effort, UndecidedError

BITS = 32  # of the numbers in which the polytopes are rounded
Ball = tuple[Fraction, ...]


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

    def marked(self, parts: Iterable[Simplex]) -> list[Simplex]:
        """Simplices, of which only the parts in the ball count."""
        return [(self.ball, *part) for part in parts]

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
        if self.whole:
            return super().integral(node)
        inner, _, rest = self.moments
        return Fraction(0) if node.number == 0 or inner == rest == 0 else None

    def bounds(self, node: Node, p: int, n: int) -> tuple[Fraction, Fraction] | None:
        """Bounds of the integral at the rim, with n = 0 or 2 derivatives; None elsewhere.

        In the inner polytope the integrand is g + sum of g_i t_i at the middle, plus a quadratic form in t that belongs
        to some point of the simplex, where |t_i| <= d / (d + 1) in d dimensions. Of the rest any part may count.
        """
        if self.whole:
            return None
        inner, means, rest = self.moments
        flat = self.evaluation(p, 0)
        wide = self.evaluation(p, n, flat=flat)(node)
        low, high = inner * wide.lo, inner * wide.hi
        if n:
            thin = self.evaluation(p, 1, at_middle=True, flat=flat)(node)
            bend = (abs(wide.mid[2]) + wide.rad[2]) * Fraction(len(means), len(means) + 1) ** 2
            value = inner * thin.mid[0] + dot(thin.mid[1].coefficients[::-1], means)
            radius = inner * (thin.rad[0] + thin.rad[1] + bend)
            low, high = max(low, value - radius), min(high, value + radius)
        unit = Fraction(self.size, 1 << p)
        return (low + rest * min(0, wide.lo)) * unit, (high + rest * max(0, wide.hi)) * unit

    @cached_property
    def moments(self) -> tuple[Fraction, list[Fraction], Fraction]:
        """The integrals of 1 and t_1, t_2, ... over the inner polytope, and of 1 over what the outer one has more.

        They are divided by the size of the simplex.
        """
        points = [self.ball[-1:], self.middle, *self.vertices]
        unit = lcm(*(x.denominator for point in points for x in point))
        (radius,), middle, *corners = ([x.numerator * (unit // x.denominator) for x in point] for point in points)
        ways = [[x - c for x, c in zip(corner, middle, strict=True)] for corner in corners]
        axis = [sum(column) for column in zip(*ways, strict=True)]
        length, *heights = (sum(map(mul, axis, way)) for way in (axis, *ways))
        beside = max(sum(x**2 for x in way) * length - h**2 for way, h in zip(ways, heights, strict=True))
        outer, _ = _below([isqrt(radius**2 * length) + 1 - h for h in heights], 1)
        inner, means = Fraction(0), [Fraction(0)] * len(middle)
        if (least := radius**2 * length - beside) > 0 and (reach := isqrt(least)) >= -min(heights):
            inner, means = _below([reach - h for h in heights], 0)
        return inner, means, outer - inner


def _below(gaps: list[int], up: int) -> tuple[Fraction, list[Fraction]]:
    """The integrals of 1 and of t_1, t_2, ... where an affine function with these values at the corners is >= 0.

    The size of the simplex is 1. The values are rounded down or, with up = 1, up.
    """
    n, shift = len(gaps), max(0, max(map(abs, gaps)).bit_length() - BITS)
    corners = [tuple(Fraction(i == k) for i in range(n)) for k in range(n)]
    stack = [(Fraction(1), [(gap >> shift) + up for gap in gaps], corners)]
    share, sums = Fraction(0), [Fraction(0)] * n
    while stack:
        size, values, points = stack.pop()
        low, high = min(values), max(values)
        if low >= 0:
            share += size
            sums = [x + size * y for x, y in zip(sums, centre(points), strict=True)]
        elif high > 0:
            i, j, t = values.index(low), values.index(high), Fraction(low, low - high)
            zero = tuple(x + t * (y - x) for x, y in zip(points[i], points[j], strict=True))
            for k, part in ((i, 1 - t), (j, t)):
                stack.append((size * part, [*values[:k], 0, *values[k + 1 :]], [*points[:k], zero, *points[k + 1 :]]))
    return share, [x - share * Fraction(1, n) for x in sums[1:]]


def piece(effort: Effort, *vertices: Vertex) -> Piece:
    """The piece with these vertices: of the line, of a domain in more dimensions, or of a ball if one is among them."""
    if len(vertices[0]) == 1:
        return Stretch(effort, *vertices)
    size = min(map(len, vertices))
    balls = [vertex for vertex in vertices if len(vertex) > size]
    return Round(effort, balls[0], [v for v in vertices if len(v) == size]) if balls else Piece(effort, *vertices)
