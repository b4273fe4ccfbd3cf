"""Charts of what half-spaces leave of a disc or a ball in three dimensions.

Every piece is a cone `p + t (y - p)` from an interior point p over a piece y of the boundary: a fan of triangles and
circular sectors in a plane or, in space, of a spherical patch. Patches are fans too, of great arcs from one point of
the sphere; these may leave the patch (not its octant of the ball) and then cancel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import mul

from flint import acb, arb

from proofs.geometry.affine import Affine, Point
from proofs.geometry.balls import Ball, RoundCell, inner_point
from proofs.geometry.linear import matrix_determinant
from verify.expressions.balls import to_fmpq
from verify.integration.charts import Chart, Coordinates, differences, position_bits
from verify.integration.curves import (
    Arc,
    Edge,
    Plane,
    Segment,
    ball,
    boundary,
    counterclockwise,
    directions,
    dot,
    minus,
)

Curve = Callable[[acb], tuple[list[acb], acb]]
"""`t -> (values of affine functions on a curve, Jacobian of the cone over it without powers of its coordinates)`."""


def charts(cell: RoundCell) -> list[Chart]:
    """Return charts that make up a cell. Raises ArithmeticError beyond three dimensions."""
    if cell.dimension == 2:
        return [ConeChart((cell.centre,), piece) for piece in outline(cell)]
    if cell.dimension == 3:
        return list(_solid(cell))
    raise ArithmeticError("integrals over balls are not yet built beyond three dimensions")


def outline(cell: RoundCell) -> list[Segment | Arc]:
    """Return the boundary of a cell in the plane, counterclockwise."""
    plane = Plane(cell.ball.centre, cell.ball.radius**2, _unit(0, 2), _unit(1, 2))
    return boundary(counterclockwise(cell.polytope.vertices, plane), cell.ball, plane)


def sections(cell: RoundCell, wall: Affine) -> list[Chart]:
    """Return charts of the part of a hyperplane in a cell that it cuts, for the surface measure."""
    below, _ = cell.split(wall)
    assert below is not None
    corners = [v for v in below.polytope.vertices if wall(v) == 0]
    if cell.dimension == 2:
        a, b = corners
        return [ConeChart((), Segment(Edge.of(a, b, cell.ball)))]
    face = _face(wall, corners, cell.ball)
    middle = inner_point(corners, cell.ball)
    return [ConeChart((middle,), piece) for piece in boundary(face.polygon, cell.ball, face.plane)]


@dataclass(frozen=True)
class _Face:
    """A polygon in the plane of a facet, counterclockwise around the inward normal."""

    facet: Affine
    polygon: Sequence[Point]
    plane: Plane


@dataclass(frozen=True)
class Side:
    """A piece of the boundary of a facet's part in the ball, and a point of that part's interior."""

    facet: Affine
    middle: Point
    piece: Segment | Arc


def _unit(i: int, n: int) -> Point:
    return tuple(Fraction(int(i == j)) for j in range(n))


def _face(facet: Affine, corners: Sequence[Point], sphere: Ball) -> _Face:
    g = facet.gradient
    size = dot(g, g)
    height = facet(sphere.centre)
    foot = tuple(c - height / size * x for c, x in zip(sphere.centre, g, strict=True))
    first = minus(corners[1], corners[0])
    second = (g[1] * first[2] - g[2] * first[1], g[2] * first[0] - g[0] * first[2], g[0] * first[1] - g[1] * first[0])
    plane = Plane(foot, sphere.radius**2 - height**2 / size, first, second)
    return _Face(facet, counterclockwise(corners, plane), plane)


def _solid(whole: RoundCell) -> Iterator[Chart]:
    """Yield charts of a cell in space."""
    for cell, sides in outlines(whole):
        for side in sides:
            yield ConeChart((cell.centre, side.middle), side.piece, side.facet)
        for side in sides:
            if isinstance(side.piece, Arc):
                yield SphereChart(cell.ball, cell.centre, side.piece)


def outlines(cell: RoundCell) -> Iterator[tuple[RoundCell, list[Side]]]:
    """Yield parts of a cell in space with their edges, cut until every patch of the sphere is seen from one point.

    They are cut through the ball's centre.
    """
    sides: list[Side] = []
    for index, facet in enumerate(cell.polytope.facets):
        corners = [v for v, on in zip(cell.polytope.vertices, cell.polytope.tight, strict=True) if index in on]
        face = _face(facet, corners, cell.ball)
        pieces = boundary(face.polygon, cell.ball, face.plane)
        if pieces:
            middle = inner_point(corners, cell.ball)
            sides += [Side(facet, middle, piece) for piece in pieces]
    if cell.is_flat or _is_seen(cell, [side.piece for side in sides if isinstance(side.piece, Arc)]):
        yield cell, sides
        return
    spans = [(high - low, i) for i, (low, high) in enumerate(cell.bounds)]
    for _, i in sorted(spans, reverse=True):
        halves = cell.split(Affine(_unit(i, 3), -cell.ball.centre[i]))
        if None not in halves:
            yield from (found for half in halves if half is not None for found in outlines(half))
            return
    raise ArithmeticError("a cell of a ball is too thin to be cut into charts")


def _is_seen(cell: RoundCell, patch: Sequence[Arc]) -> bool:
    """Whether the point q of the sphere beyond the apex sees a patch well: `-q` is not in it, and its rim is not near.

    Then the great arcs from q to the rim, counted with their orientation, cover the patch once and the rest 0 times.
    """
    out = minus(cell.centre, cell.ball.centre)
    if not any(out):
        return False
    scale = ball(cell.ball.radius) / ball(dot(out, out)).sqrt()
    if not any(ball(f(cell.ball.centre)) - scale * ball(dot(f.gradient, out)) < 0 for f in cell.polytope.facets):
        return False
    across = Affine(out, -dot(out, cell.ball.centre))
    return all(4 * scale * arc.range_of(across) > -(ball(cell.ball.radius) ** 2) for arc in patch)


class ConeChart:
    """Iterated cones `a_1 + t_1 (a_2 + t_2 (... y(t) - a_2) - a_1)` over a straight or circular piece y."""

    def __init__(self, apexes: Sequence[Point], curve: Segment | Arc, facet: Affine | None = None) -> None:
        self.apexes, self.curve, self.facet = tuple(apexes), curve, facet
        self.dimension = len(self.apexes) + 1

    def prepared(self, functions: Sequence[Affine]) -> Callable[[Coordinates], tuple[list[acb], acb]]:
        """Return `t -> (values of affine functions, Jacobian)`."""
        curve = self._segment(functions) if isinstance(self.curve, Segment) else self._arc(self.curve, functions)
        tips = [[acb(to_fmpq(function(apex))) for function in functions] for apex in self.apexes]

        def chart(t: Coordinates) -> tuple[list[acb], acb]:
            values, jacobian = curve(t[-1])
            power = 1
            for coordinate, tip in zip(t[-2::-1], tips[::-1], strict=True):
                values = [a + coordinate * (v - a) for a, v in zip(tip, values, strict=True)]
                jacobian *= coordinate**power
                power += 1
            return values, jacobian

        return chart

    def slopes(self, functions: Sequence[Affine], k: int) -> Callable[[Coordinates], list[acb]]:
        """Return `t -> derivatives of affine functions along the k-th coordinate`."""
        if k < len(self.apexes) or isinstance(self.curve, Segment):
            return differences(self, functions, k)
        span, lines = self.curve.span(), self.curve.prepared(functions)

        def slope(t: Coordinates) -> list[acb]:
            cos, sin = directions(span, t[-1])
            scale = reduce(mul, t[:-1], acb(span[1]))
            return [scale * (b * cos - a * sin) for _, a, b in lines]

        return slope

    def lost_bits(self) -> int:
        """Return how many bits the position of the image needs beyond its size."""
        return position_bits([*self.apexes, *self.curve.landmarks])

    def _segment(self, functions: Sequence[Affine]) -> Curve:
        assert isinstance(self.curve, Segment)
        edge = self.curve.edge
        lines = [(acb(start), acb(change)) for start, change in self.curve.prepared(functions)]
        first, last = edge.stretch()
        corners = [*self.apexes, edge.a, edge.b]
        weight = acb((last - first) * content(corners))
        return lambda t: ([start + t * change for start, change in lines], weight)

    def _arc(self, arc: Arc, functions: Sequence[Affine]) -> Curve:
        span, radius, lines = arc.span(), ball(arc.plane.square).sqrt(), arc.prepared(functions)
        x, y = arc.plane.axes(minus(arc.plane.centre, self.apexes[-1]))
        height = arb(1)
        if self.facet is not None:
            height = ball(self.facet(self.apexes[0])) / ball(dot(self.facet.gradient, self.facet.gradient)).sqrt()
        scale = radius * span[1] * height

        def curve(t: acb) -> tuple[list[acb], acb]:
            cos, sin = directions(span, t)
            return [o + cos * a + sin * b for o, a, b in lines], scale * (radius + x * cos + y * sin)

        return curve


class SphereChart:
    """The cone from p over a fan of great arcs, from one point q of a sphere to an arc of a circle on it.

    A great arc from q to y is `c + v/l` with `v = (1 - s) (q - c) + s (y - c)` and `l = |v|/r`, where
    `l^2 = 1 - 2 s (1 - s) (1 - cos w)` for the angle w between q and y, seen from the centre c. The volume element is
    `t^2 (r - (p - c).v/(l r)) s det(q - c, y - c, dy/dtheta) / (r l^3)`.
    """

    dimension = 3

    def __init__(self, sphere: Ball, apex: Point, arc: Arc) -> None:
        self.sphere, self.apex, self.arc = sphere, apex, arc

    def prepared(self, functions: Sequence[Affine]) -> Callable[[Coordinates], tuple[list[acb], acb]]:
        """Return `t -> (values of affine functions, Jacobian)`; the Jacobian may be negative."""
        centre, plane, r = self.sphere.centre, self.arc.plane, ball(self.sphere.radius)
        out = minus(self.apex, centre)
        pole = r / ball(dot(out, out)).sqrt()
        span, radius = self.arc.span(), ball(plane.square).sqrt()
        lift = minus(plane.centre, centre)

        def parts(gradient: Point) -> tuple[acb, acb, acb, acb]:
            """Return the inner products with q - c and with the centre and the two axes of the circle."""
            x, y = plane.axes(gradient)
            return (
                acb(pole * ball(dot(gradient, out))),
                acb(to_fmpq(dot(gradient, lift))),
                acb(radius * x),
                acb(radius * y),
            )

        rows = [(acb(to_fmpq(f(self.apex))), acb(to_fmpq(f(centre))), parts(f.gradient)) for f in functions]
        size, half, quarter = acb(r), acb(0.5), acb(0.25)
        own = [x / r for x in parts(out)]
        level, *along = (
            acb(pole * x) / size**2 for x in (ball(dot(out, lift)), *(radius * x for x in plane.axes(out)))
        )
        normal, sideways = cross(plane.first, plane.second), cross(out, lift)
        upright = acb(pole * radius**2 * ball(dot(out, normal)) / ball(dot(normal, normal)).sqrt())
        turn = [acb(pole * radius * x) for x in plane.axes(sideways)]
        scale = acb(span[1] / r)

        def chart(t: Coordinates) -> tuple[list[acb], acb]:
            cos, sin = directions(span, t[2])
            near, far = 1 - t[1], t[1]
            off = far - half
            bulge = 2 * (quarter - off * off)  # 2 s (1 - s)
            stretch = 1 / (1 - bulge * (1 - level - along[0] * cos - along[1] * sin)).sqrt(analytic=True)
            values = []
            for tip, middle, (q, o, x, y) in rows:
                value = middle + (near * q + far * (o + x * cos + y * sin)) * stretch
                values.append(tip + t[0] * (value - tip))
            q, o, x, y = own
            lean = (near * q + far * (o + x * cos + y * sin)) * stretch
            volume = upright + turn[1] * cos - turn[0] * sin
            return values, t[0] ** 2 * (size - lean) * far * volume * (stretch * stretch * stretch) * scale

        return chart

    def slopes(self, functions: Sequence[Affine], k: int) -> None:
        """Return None: derivatives are not built for this chart."""

    def lost_bits(self) -> int:
        """Return how many bits the position of the image needs beyond its size."""
        return position_bits([self.sphere.centre, *self.arc.landmarks])


def cross(a: Point, b: Point) -> Point:
    """Return the vector product in space."""
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def content(corners: Sequence[Point]) -> arb:
    """Return k! times the volume of a k-dimensional simplex in space."""
    edges = [minus(corner, corners[0]) for corner in corners[1:]]
    return ball(matrix_determinant([[dot(a, b) for b in edges] for a in edges])).sqrt()
