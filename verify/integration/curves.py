"""What a circle leaves of a convex polygon: straight edges and arcs, with end points exact or roots of quadratics.

All questions of order are decided over the rationals; only the positions are balls.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cmp_to_key
from itertools import pairwise
from math import ceil

from flint import acb, arb, ctx

from proofs.geometry.affine import Affine, Point
from proofs.geometry.balls import Ball
from verify.expressions.balls import ball_between, to_fmpq

MAX_PRECISION = 20_000
_WIDEST_ARC = 1.6


def dot(first: Sequence[Fraction], second: Sequence[Fraction]) -> Fraction:
    """Return the inner product."""
    return sum((a * b for a, b in zip(first, second, strict=True)), Fraction(0))


def minus(first: Point, second: Point) -> Point:
    """Return `first - second`."""
    return tuple(a - b for a, b in zip(first, second, strict=True))


def ball(value: Fraction) -> arb:
    """Return a rational as a ball of the working precision."""
    return arb(to_fmpq(value))


@dataclass(frozen=True)
class Edge:
    """The edge from `a` to `b` against a ball: `|a + t (b - a) - centre|^2 - radius^2 = A t^2 + 2 B t + C`."""

    a: Point
    b: Point
    A: Fraction
    B: Fraction
    C: Fraction

    @classmethod
    def of(cls, a: Point, b: Point, sphere: Ball) -> Edge:
        """Measure the edge from a to b."""
        step, start = minus(b, a), minus(a, sphere.centre)
        return cls(a, b, dot(step, step), dot(start, step), dot(start, start) - sphere.radius**2)

    @property
    def starts_inside(self) -> bool:
        """Whether the edge runs inside the ball right after `a`."""
        return self.C < 0 or (self.C == 0 and self.B < 0)

    @property
    def ends_inside(self) -> bool:
        """Whether the edge runs inside the ball right before `b`."""
        end = self.A + 2 * self.B + self.C
        return end < 0 or (end == 0 and self.A + self.B > 0)

    @property
    def passes_inside(self) -> bool:
        """Whether some stretch of the edge lies inside the ball."""
        if self.starts_inside or self.ends_inside:
            return True
        return self.B < 0 < self.A + self.B and self.B**2 > self.A * self.C

    def stretch(self) -> tuple[arb, arb]:
        """Return the ends (as t) of the stretch inside the ball."""
        root = ball(self.B**2 - self.A * self.C).sqrt()
        first = arb(0) if self.starts_inside else ball(self.C) / (root - ball(self.B))
        last = arb(1) if self.ends_inside else (root - ball(self.B)) / ball(self.A)
        return first, last


@dataclass(frozen=True)
class Segment:
    """The stretch of an edge inside a ball."""

    edge: Edge

    @property
    def landmarks(self) -> tuple[Point, ...]:
        """Points that tell where and how large it is."""
        return self.edge.a, self.edge.b

    def prepared(self, functions: Sequence[Affine]) -> Iterator[tuple[arb, arb]]:
        """Yield for each affine function its value at the start and its change up to the end."""
        first, last = self.edge.stretch()
        for function in functions:
            start, end = function(self.edge.a), function(self.edge.b)
            yield ball(start) + first * ball(end - start), (last - first) * ball(end - start)


@dataclass(frozen=True)
class Plane:
    """A plane of two orthogonal directions with the circle `centre + radius (cos, sin)` in it."""

    centre: Point
    square: Fraction
    first: Point
    second: Point

    def axes(self, vector: Point) -> tuple[arb, arb]:
        """Return the coordinates of a vector along the two directions made unit."""
        return tuple(  # type: ignore[return-value]
            ball(dot(vector, axis)) / ball(dot(axis, axis)).sqrt() for axis in (self.first, self.second)
        )

    def angle(self, edge: Edge, at_end: bool) -> arb:
        """Return the angle of the point where an edge leaves (or enters) the circle."""
        t = edge.stretch()[1 if at_end else 0]
        (x, dx), (y, dy) = zip(self.axes(minus(edge.a, self.centre)), self.axes(minus(edge.b, edge.a)), strict=True)
        return arb.atan2(y + t * dy, x + t * dx)


@dataclass(frozen=True)
class Arc:
    """Part `index` of `count` equal parts of an arc, counterclockwise from where one edge leaves to where one enters.

    The whole circle if there are no edges.
    """

    plane: Plane
    leaves: Edge | None = None
    enters: Edge | None = None
    index: int = 0
    count: int = 1

    @property
    def landmarks(self) -> tuple[Point, ...]:
        """Points that tell where and how large the circle is."""
        square = self.plane.square
        radius = Fraction(2) ** ((square.numerator.bit_length() - square.denominator.bit_length()) // 2)
        return tuple(tuple(c + sign * radius for c in self.plane.centre) for sign in (1, -1))

    def span(self) -> tuple[arb, arb]:
        """Return the first angle and the (positive) length of the part."""
        if self.leaves is None or self.enters is None:
            start, length = arb(0), 2 * arb.pi()
        else:
            precision = ctx.prec
            while True:
                with ctx.workprec(precision):
                    start = self.plane.angle(self.leaves, True)
                    length = self.plane.angle(self.enters, False) - start
                    if length < 0:
                        length += 2 * arb.pi()
                if length > 0:
                    break
                precision *= 2
                if precision > MAX_PRECISION:
                    raise ArithmeticError("the ends of an arc could not be told apart")
        length /= self.count
        return start + self.index * length, length

    def prepared(self, functions: Sequence[Affine]) -> list[tuple[acb, acb, acb]]:
        """Return (o, a, b) for each affine function, which is `o + a cos + b sin` on the circle."""
        radius = ball(self.plane.square).sqrt()
        rows = []
        for function in functions:
            x, y = self.plane.axes(function.gradient)
            rows.append((acb(ball(function(self.plane.centre))), acb(radius * x), acb(radius * y)))
        return rows

    def range_of(self, function: Affine) -> arb:
        """Return a ball that contains the values of an affine function on the part."""
        ((o, a, b),) = self.prepared([function])
        cos, sin = directions(self.span(), acb(ball_between(arb(0), arb(1))))
        return (o + a * cos + b * sin).real

    def parts(self) -> list[Arc]:
        """Return parts that are short enough for one chart each."""
        count = ceil(float(self.span()[1]) / _WIDEST_ARC)
        return [Arc(self.plane, self.leaves, self.enters, i, count) for i in range(count)]


def directions(span: tuple[arb, arb], t: acb) -> tuple[acb, acb]:
    """Return cosine and sine of the angle at `t` in [0, 1]."""
    return acb.sin_cos(span[0] + span[1] * t)[::-1]


def boundary(polygon: Sequence[Point], sphere: Ball, plane: Plane) -> list[Segment | Arc]:
    """Return the boundary of a polygon's part in a ball.

    The polygon is counterclockwise as seen in the plane, which is that of the polygon.
    """
    edges = [Edge.of(a, b, sphere) for a, b in pairwise([*polygon, polygon[0]])]
    inside = [edge for edge in edges if edge.passes_inside]
    arcs: list[Arc] = []
    for edge, following in pairwise([*inside, *inside[:1]]):
        joined = edge.ends_inside and following.starts_inside and edge.b == following.a
        if not joined:
            arcs.append(Arc(plane, edge, following))
    if not inside and plane.square > 0 and _contains(polygon, plane):
        arcs.append(Arc(plane))
    return [*(Segment(edge) for edge in inside), *(part for arc in arcs for part in arc.parts())]


def _contains(polygon: Sequence[Point], plane: Plane) -> bool:
    """Whether the circle's centre lies in a counterclockwise polygon."""
    x, y = plane.first, plane.second
    for a, b in pairwise([*polygon, polygon[0]]):
        step, start = minus(b, a), minus(plane.centre, a)
        if dot(step, x) * dot(start, y) < dot(step, y) * dot(start, x):
            return False
    return True


def counterclockwise(corners: Sequence[Point], plane: Plane) -> list[Point]:
    """Return the corners of a convex polygon in order, as seen in a plane."""
    count = len(corners)
    middle = tuple(sum(column, Fraction(0)) / count for column in zip(*corners, strict=True))

    def position(corner: Point) -> tuple[Fraction, Fraction]:
        out = minus(corner, middle)
        return dot(out, plane.first) / dot(plane.first, plane.first), dot(out, plane.second)

    def compare(one: Point, two: Point) -> int:
        (x, y), (u, v) = position(one), position(two)
        upper, other = y > 0 or (y == 0 and x > 0), v > 0 or (v == 0 and u > 0)
        if upper != other:
            return -1 if upper else 1
        turn = x * v - y * u
        return -1 if turn > 0 else 1 if turn < 0 else 0

    return sorted(corners, key=cmp_to_key(compare))
