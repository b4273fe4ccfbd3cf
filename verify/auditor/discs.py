"""Discs in the plane: triangles of which only the part in a disc counts (docs/certificate.md, section 4).

Such a cell has its disc (the centre's coordinates, then the radius) among its vertices. What holds on the triangle
holds on its part. Area and first moments of a part are sums over the edges of what is seen from the centre.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise

from verify.auditor.affine import Shape
from verify.auditor.cells import Cell
from verify.auditor.elementary import Interval
from verify.auditor.enclosures import Enclosures
from verify.auditor.evaluate import Vertex
from verify.auditor.expressions import Node, evaluate
from verify.auditor.signs import UNKNOWN, Piece, Sign
from verify.auditor.simplices import Point, Simplex, centre, union
from verify.auditor.verdicts import Effort, UndecidedError

PRECISION = 192
Disc = tuple[Fraction, ...]


def _cross(p: Point, q: Point) -> Fraction:
    return p[0] * q[1] - p[1] * q[0]


def _dot(p: Point, q: Point) -> Fraction:
    return p[0] * q[0] + p[1] * q[1]


def _from(disc: Disc, point: Point) -> Point:
    return point[0] - disc[0], point[1] - disc[1]


def _within(disc: Disc, point: Point) -> bool:
    out = _from(disc, point)
    return _dot(out, out) <= disc[2] ** 2


def distance(disc: Disc, points: Sequence[Point]) -> Fraction:
    """The square of the distance from the centre to the hull of at most three points."""
    corners = [_from(disc, point) for point in points]
    edges = list(pairwise([*corners, corners[0]]))
    turns = [_cross(p, q) for p, q in edges]
    if len(points) == 3 and (min(turns) >= 0 or max(turns) <= 0) and any(turns):
        return Fraction(0)
    found = []
    for p, q in edges:
        step = q[0] - p[0], q[1] - p[1]
        length = _dot(step, step)
        t = min(Fraction(1), max(Fraction(0), Fraction(-_dot(p, step), length))) if length else Fraction(0)
        near = p[0] + t * step[0], p[1] + t * step[1]
        found.append(_dot(near, near))
    return min(found)


def covering(effort: Effort, shapes: Sequence[Shape]) -> list[tuple[list[Disc], Simplex]]:
    """Triangles that cover the shapes, with the disc of which they show a part; no inner point is covered twice."""
    discs = [(*shape.points[0], shape.radius) for shape in shapes if shape.kind == "ball"]
    others = [shape for shape in shapes if shape.kind != "ball"]
    result: list[tuple[list[Disc], Simplex]] = [([], s) for s in union(effort, others)] if others else []
    for i, disc in enumerate(discs):
        if len(disc) != 3:
            raise UndecidedError("a ball in more than two dimensions is beyond this auditor")
        apart = all(distance(disc, s) >= disc[2] ** 2 for marks, s in result if not marks)
        if not apart or any(distance(disc, [d[:2]]) < (disc[2] + d[2]) ** 2 for d in discs[:i]):
            raise UndecidedError("a disc that overlaps another shape is beyond this auditor")
        low, high = (tuple(c + s * disc[2] for c in disc[:2]) for s in (-1, 1))
        result += [([disc], s) for s in union(effort, [Shape("box", (low, high))])]
    return result


class Round(Cell):
    """The part of a triangle (or of an edge, a vertex) in a disc."""

    def __init__(self, effort: Effort, disc: Disc, vertices: Sequence[Vertex]) -> None:
        super().__init__(effort, *vertices)
        self.disc = disc
        self.whole = all(_within(disc, vertex) for vertex in vertices)

    def _marked(self, parts: Iterable[Simplex]) -> list[Simplex]:
        return [(self.disc, *part) for part in parts]

    def faces(self) -> list[tuple[Vertex, ...]]:
        """The cell and the faces of its triangle."""
        return self._marked(super().faces())

    def halves(self) -> tuple[Simplex, ...]:
        """The parts in the two halves of the triangle, and in what is between them."""
        return tuple(self._marked(super().halves()))

    def cut(self, nodes: Iterable[Node]) -> list[Simplex]:
        """The parts between the zeros of affine functions."""
        return self._marked(super().cut(nodes))

    def is_empty(self) -> bool:
        """Whether the closed triangle misses the closed disc."""
        return distance(self.disc, self.vertices) > self.disc[2] ** 2

    def has_middle(self) -> bool:
        """Whether the triangle's centre is a point of the cell."""
        return self.whole or _within(self.disc, centre(self.vertices))

    def _polynomial_sign(self, node: Node) -> Sign:
        found = super()._polynomial_sign(node)
        if found == UNKNOWN and node.degree == 2:  # a multiple of radius**2 - |x - centre|**2 is known by six values
            (x, y, r), places = self.disc, ((0, 0), (1, 1), (1, 0), (-1, 0), (0, 1), (0, -1))
            inner, outer, *others = (evaluate(node, (x + a * r, y + b * r)) for a, b in places)
            if inner == -outer and not any(others):
                return (0, 1) if inner >= 0 else (-1, 0)
        return found

    def order(self, node: Node) -> int:
        """How many derivatives serve to integrate an expression: two at the rim."""
        return super().order(node) if self.whole else 2

    def integral(self, node: Node) -> Fraction | None:
        """The integral where it is known exactly."""
        if node.number == 0 or distance(self.disc, self.vertices) >= self.disc[2] ** 2:
            return Fraction(0)
        return super().integral(node) if self.whole else None

    def bounds(self, node: Node, n: int) -> tuple[Fraction, Fraction] | None:
        """Bounds of the integral at the rim, with n = 0 or 2 derivatives; None elsewhere.

        With t_i = l_i - 1/3, l barycentric, the integrand is g + sum of g_i t_i at the middle, plus a quadratic form in
        t that belongs to some point of the triangle; and |t_i t_j| <= 4/9.
        """
        if self.whole:
            return None
        e = Enclosures(PRECISION)
        (least, most), *moments = self._moments(e)
        wide = self.evaluation(PRECISION, n)(node)
        if not n:
            low, high = e.product((wide.lo, wide.hi), (max(least, 0), most))
        else:
            thin = self.evaluation(PRECISION, 1, at_middle=True)(node)
            terms = [e.product((thin.lo, thin.hi), (least, most))]
            for slope, moment in zip(thin.mid[1].coefficients[::-1], moments, strict=True):
                terms.append(e.product((slope - thin.rad[1], slope + thin.rad[1]), moment))
            rest = -(-4 * (abs(wide.mid[2]) + wide.rad[2]) * most // (9 << PRECISION))
            low, high = sum(a for a, _ in terms) - rest, sum(b for _, b in terms) + rest
        unit = Fraction(self.disc[2] ** 2, 1 << PRECISION)
        return low * unit, high * unit

    def _moments(self, e: Enclosures) -> list[Interval]:
        """The integrals of 1, t_1 and t_2 over the part, where the disc has the radius 1."""
        corners = [tuple(Fraction(x, self.disc[2]) for x in _from(self.disc, vertex)) for vertex in self.vertices]
        sectors = [_sector(e, p, q) for p, q in pairwise([*corners, corners[0]])]
        total = [(sum(a for a, _ in parts), sum(b for _, b in parts)) for parts in zip(*sectors, strict=True)]
        first, *rest = corners
        (a, b), (c, d) = [(x - first[0], y - first[1]) for x, y in rest]
        size = a * d - b * c
        area, x, y = total if size > 0 else [(-high, -low) for low, high in total]
        result = [area]
        for u, v in ((d, -c), (-b, a)):
            u, v = Fraction(u, size), Fraction(v, size)
            ends = _times(e, x, u), _times(e, y, v), _times(e, area, -u * first[0] - v * first[1] - Fraction(1, 3))
            result.append((sum(low for low, _ in ends), sum(high for _, high in ends)))
        return result


def _sector(e: Enclosures, p: Point, q: Point) -> list[Interval]:
    """The integrals of 1, x and y, with a sign, over the part in the unit disc of the triangle with corners 0, p, q."""
    turn, step = _cross(p, q), (q[0] - p[0], q[1] - p[1])
    length, slope = _dot(step, step), _dot(p, step)
    square = slope**2 - length * (_dot(p, p) - 1)
    insides = [_dot(p, p) <= 1, _dot(q, q) <= 1]
    if not turn:
        return [(0, 0)] * 3
    misses = square <= 0 or not (any(insides) or 0 < -slope < length)
    inner: list[list[Interval]] = []  # the ends of what the edge shows inside
    share, total = e.rational(Fraction(1)), [(0, 0)] * 3
    for end, inside, way in ((p, insides[0], step), (q, insides[1], (-step[0], -step[1]))):
        if inside:
            inner.append(list(map(e.rational, end)))
            continue
        out = e.reciprocal(e.function("sqrt", e.rational(_dot(end, end))))
        rim = [_times(e, out, x) for x in end]
        if not misses:  # the edge enters after a share t of its length
            low, high = e.function("sqrt", e.rational(square))
            t = _plus(_times(e, (-high, -low), Fraction(1, length)), e.rational(Fraction(-_dot(end, way), length)))
            share = _plus(share, (-t[1], -t[0]))
            inner.append([_plus(e.rational(x), _times(e, t, w)) for x, w in zip(end, way, strict=True)])
            ends = (rim, inner[-1]) if end is p else (inner[-1], rim)
            total = [_plus(a, b) for a, b in zip(total, _fan(e, *ends), strict=True)]
        else:
            inner.append(rim)
    if misses:
        return _fan(e, inner[0], inner[1])
    double = _times(e, share, turn)
    means = [_times(e, _plus(a, b), Fraction(1, 3)) for a, b in zip(*inner, strict=True)]
    flat = [_times(e, part, Fraction(1, 2)) for part in (double, *(e.product(double, mean) for mean in means))]
    return [_plus(a, b) for a, b in zip(total, flat, strict=True)]


def _fan(e: Enclosures, u: list[Interval], v: list[Interval]) -> list[Interval]:
    """The integrals of 1, x and y over the sector of the unit disc between two unit vectors less than pi apart."""
    cross = _plus(e.product(u[0], v[1]), _minus(e.product(u[1], v[0])))
    under = _plus(_plus(e.product(u[0], v[0]), e.product(u[1], v[1])), e.rational(Fraction(1)))
    area = e.function("atan", e.product(cross, e.reciprocal(under)))
    turned = _plus(v[1], _minus(u[1])), _plus(u[0], _minus(v[0]))
    return [area, *(_times(e, x, Fraction(1, 3)) for x in turned)]


def _minus(a: Interval) -> Interval:
    return -a[1], -a[0]


def _plus(a: Interval, b: Interval) -> Interval:
    return a[0] + b[0], a[1] + b[1]


def _times(e: Enclosures, a: Interval, factor: Fraction) -> Interval:
    return e.product(a, e.rational(factor))


def piece(effort: Effort, *vertices: Vertex) -> Piece:
    """The piece with these vertices: of the line, of a domain in more dimensions, or of a disc if one is among them."""
    if not isinstance(vertices[0], tuple):
        return Piece(effort, *vertices)
    size = min(map(len, vertices))
    discs = [vertex for vertex in vertices if len(vertex) > size]
    return Round(effort, discs[0], [v for v in vertices if len(v) == size]) if discs else Cell(effort, *vertices)
