"""Cells of balls as simplices: an inscribed polytope, and thin shells between its facets and the sphere.

All corners of the polytope's curved side lie on the sphere (centre c, radius r). Over a simplex with such corners and
points W, the shell consists of
    c + s (W - c)   for 1 <= s <= k = r/|W - c|,   with Jacobian s^(n-1) (k - 1) det(v_i - c) for s = 1 + t (k - 1).
Its sides are radial, so that shells side by side fit together. At the rim of a flat side in space they do not: there
an arc A with centre o and radius a belongs to the triangle of a corner z and the chord of A. What lies between is the
cone from z over the segment of the circle, and the shell over the cone from z over A.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import combinations, pairwise
from math import acos, ceil, lcm
from operator import add
from typing import Any

from flint import acb, arb, ctx

from proofs.geometry.affine import Affine, Point
from proofs.geometry.balls import RoundCell
from proofs.geometry.polytopes import Polytope, determinant
from verify.enclosure import Enclosure
from verify.expressions import tree
from verify.expressions.balls import exact_bounds
from verify.expressions.tree import Expression, Number, Power, Product
from verify.integration.charts import position_bits
from verify.integration.curves import Arc, Segment, ball, directions
from verify.integration.forms import Forms
from verify.integration.rims import roots_of
from verify.integration.round import Side, outline, outlines
from verify.integration.traced import Tracer

_STEP = 0.4  # angle
_SPARE_BITS = 64 + 53

Place = list[Any]
"""The values of the affine functions of an integrand at a point, then its coordinates."""


@dataclass(frozen=True)
class Block:
    """An integrand over simplices, in functions that are affine there (by vertices) and in constants."""

    body: Expression
    names: tuple[str, ...]
    constants: tuple[Enclosure, ...]
    simplices: Sequence[Sequence[Sequence[Enclosure]]]
    scales: Sequence[Enclosure]

    @property
    def constant_names(self) -> tuple[str, ...]:
        """The names of the constants."""
        return tuple(f"constant{i}" for i in range(len(self.constants)))


def blocks(forms: Forms, cell: RoundCell) -> list[Block]:
    """Return blocks whose integrals add up to that over a cell. Raises ArithmeticError if it cannot be cut."""
    if cell.dimension > 3:
        raise ArithmeticError("integrals over balls are not yet built beyond three dimensions")
    result: list[Block] = []
    parts = [(cell, None)] if cell.dimension == 2 else list(outlines(cell))
    for part, sides in parts:
        with ctx.workprec(_SPARE_BITS + position_bits([part.ball.centre, *part.polytope.vertices])):
            shells = _Shells(forms, part)
            result += shells.in_plane(outline(part)) if sides is None else shells.in_space(sides)
    return result


class _Shells:
    def __init__(self, forms: Forms, cell: RoundCell) -> None:
        self.forms, self.cell, self.n = forms, cell, cell.dimension
        axes = [Affine.of([int(i == k) for i in range(self.n)]) for k in range(self.n)]
        self.functions = (*forms.affine, *axes)
        self.centre = self._at(cell.ball.centre)
        self.radius = ball(cell.ball.radius)
        self.apex = self._at(cell.centre)
        self.roots = roots_of(forms, cell.ball)
        self.order = lcm(*(exponent.denominator for _, exponent in self.roots.values()))

    def in_plane(self, pieces: Sequence[Segment | Arc]) -> Iterator[Block]:
        """Yield blocks of a cell in the plane with a boundary."""
        for piece in pieces:
            for a, b in pairwise(self._stops(piece)):
                yield self._flat([self.apex, a, b], 1)
                if isinstance(piece, Arc):
                    yield self._shell([a, b])

    def in_space(self, sides: Sequence[Side]) -> Iterator[Block]:
        """Yield blocks of a cell in space, whose facets are counterclockwise as seen from inside."""
        for side in sides:
            for a, b in pairwise(self._stops(side.piece)):
                yield self._flat([self.apex, self._at(side.middle), a, b], -1)
        arcs = [side.piece for side in sides if isinstance(side.piece, Arc)]
        if arcs:
            yield from self._patch(arcs)

    def _patch(self, arcs: Sequence[Arc]) -> Iterator[Block]:
        """Yield what lies between the apex and a patch of the sphere, a fan from the point beyond the apex."""
        pole = self._lifted(self._at(self.cell.centre))
        stops = [self._stops(arc) for arc in arcs]
        count = max(1, *(ceil(self._angle(pole, y) / _STEP) for places in stops for y in places))
        for arc, places in zip(arcs, stops, strict=True):
            rim = self._at(arc.plane.centre)
            rays = [[self._lifted(_between(pole, y, Fraction(j, count))) for j in range(1, count)] for y in places]
            for (y, ray), (w, other) in pairwise(zip(places, rays, strict=True)):
                left, right = [pole, *ray, y], [pole, *other, w]
                for j in range(count):
                    last = j == count - 1
                    triangles = [[left[j], left[j + 1], right[j + 1]]]
                    if j:
                        triangles.append([left[j], right[j + 1], right[j]])
                    for i, triangle in enumerate(triangles):
                        yield self._flat([self.apex, *triangle], 1)
                        if last and i == 0:
                            yield from self._rim(triangle, rim, ball(arc.plane.square).sqrt())
                        else:
                            yield self._shell(triangle)

    def _at(self, point: Point) -> Place:
        return [ball(f(point)) for f in self.functions]

    def _stops(self, piece: Segment | Arc) -> list[Place]:
        """Return the ends of a segment, or points along an arc."""
        if isinstance(piece, Segment):
            lines = list(piece.prepared(self.functions))
            return [[start for start, _ in lines], [start + change for start, change in lines]]
        span, rows = piece.span(), piece.prepared(self.functions)
        count = ceil(float(span[1]) / _STEP)
        result = []
        for i in range(count + 1):
            cos, sin = directions(span, acb(i) / count)
            result.append([(o + a * cos + b * sin).real for o, a, b in rows])
        return result

    def _lifted(self, place: Place) -> Place:
        """Return the point of the sphere on the ray from the centre through a point."""
        u = _minus(place, self.centre)
        return _plus(self.centre, u, self.radius / self._length(u))

    def _angle(self, first: Place, second: Place) -> float:
        u, v = _minus(first, self.centre), _minus(second, self.centre)
        cosine = float(sum(a * b for a, b in zip(u[-self.n :], v[-self.n :], strict=True)) / self.radius**2)
        return acos(max(-1.0, min(1.0, cosine)))

    def _length(self, u: Place) -> Any:
        return self._square(u).sqrt()

    def _square(self, u: Place) -> Any:
        return self._dot(u, u)

    def _dot(self, u: Place, v: Place) -> Any:
        return reduce(add, (x * y for x, y in zip(u[-self.n :], v[-self.n :], strict=True)))

    def _det(self, vectors: Sequence[Place]) -> Any:
        rows = [v[-self.n :] for v in vectors]
        if self.n == 2:
            (a, b), (c, d) = rows
            return a * d - b * c
        (a, b, c), (d, e, f), (g, h, i) = rows
        return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)

    def _flat(self, corners: Sequence[Place], orientation: int) -> Block:
        """Return a simplex, counted with its orientation."""
        det = orientation * self._det([_minus(v, corners[0]) for v in corners[1:]])
        sign = arb(1) if det > 0 else arb(-1) if det < 0 else arb(0, 1)
        values = [[_enclosed(v[k]) for v in corners] for k in range(len(self.forms.affine))]
        tracer, names, body = Tracer(), self.forms.names, self.forms.body
        if self.roots or not names:
            shares = tuple(f"share{i}" for i in range(self.n + 1))
            names += shares
            values += [[Enclosure.exactly(Fraction(int(i == k))) for i in range(self.n + 1)] for k in range(self.n + 1)]
            body = self._rooted(self._depth(corners, tracer.variables(shares)))
        return Block(_times(body, tracer.read(sign)), names, tuple(tracer.values), [values], [_enclosed(abs(det))])

    def _depth(self, corners: Sequence[Place], shares: Sequence[Any]) -> Any:
        """Return rho = r^2 - |x - c|^2 at x = sum b_i v_i: the sum of b_i rho(v_i) and of b_i b_j |v_i - v_j|^2."""
        mixed = combinations(zip(shares, corners, strict=True), 2)
        own = [
            b * (self.radius**2 - self._square(_minus(v, self.centre))) for b, v in zip(shares, corners, strict=True)
        ]
        return reduce(add, [*(a * b * self._square(_minus(v, w)) for (a, v), (b, w) in mixed), *own])

    def _rooted(self, rho: Any, power: Any = None) -> Expression:
        """Return the integrand with (k rho)^q written by rho, or by rho/t and by a power of t, t^(1/m)."""
        body = self.forms.body
        for node, (factor, exponent) in self.roots.items():
            parts = [Power(Number(factor), Number(exponent)), Power(rho.expression, Number(exponent))]
            if power is not None:
                parts.append((power ** int(exponent * self.order)).expression)
            body = tree.replaced(body, node, Product(tuple(parts)))
        return body

    def _shell(self, corners: Sequence[Place]) -> Block:
        """Return the shell over a simplex."""
        tracer = Tracer()
        depth, *where = tracer.variables([f"t{i}" for i in range(self.n)])
        base = corners[0]
        for t, corner in zip(where, corners[1:], strict=True):
            base = _plus(base, _minus(corner, corners[0]), t)
        det = self._det([_minus(v, self.centre) for v in corners])
        gap = self._depth(corners, [1 - reduce(add, where), *where])
        unit = [tuple(Fraction(int(i == k)) for i in range(self.n - 1)) for k in range(-1, self.n - 1)]
        return self._bulging(tracer, depth, base, gap, det, _prism(unit))

    def _bulging(
        self, tracer: Tracer, depth: Any, base: Place, gap: Any, det: Any, domain: Sequence[Sequence[Point]]
    ) -> Block:
        """Return the shell over points; the distance from the rim is a power of `depth`."""
        m = self.order
        t = 1 - depth**m
        u = _minus(base, self.centre)
        length = (self.radius**2 - gap).sqrt()
        over = gap * (1 / (length * (length + self.radius)))
        s = 1 + t * over
        jacobian = s ** (self.n - 1) * over * det
        if m > 1:
            jacobian = jacobian * (depth ** (m - 1) * m)
        rest = gap * ((s * length + self.radius) * (1 / (length + self.radius)))  # times depth^m
        return self._traced(tracer, self._rooted(rest, depth), _plus(self.centre, u, s), jacobian, domain)

    def _rim(self, triangle: Sequence[Place], centre: Place, radius: arb) -> Iterator[Block]:
        """Yield what lies between a triangle and the sphere, where the side that is its last two points is an arc."""
        z, first, last = triangle
        ends = _minus(first, centre), _minus(last, centre)
        lean = [self._dot(_minus(centre, z), end) for end in ends]
        cube = list(Polytope.box([(Fraction(0), Fraction(1))] * 3).simplices())

        tracer = Tracer()
        t, along, across = tracer.variables(["t0", "t1", "t2"])
        u = _between(*ends, across)
        chord = self._square(_minus(last, first))
        gap = across * (1 - across) * chord
        length = (radius**2 - gap).sqrt()
        over = gap * (1 / (length * (length + radius)))
        s = 1 + t * over
        jacobian = along**2 * s * over * self._det([_minus(z, centre), *ends])
        low = (1 - t) * gap * ((s * length + radius) * (1 / (length + radius)))
        away = self._square(_minus(centre, z)) + s * (s * length**2 + _mean(lean, across) * 2)
        rho = along * ((1 - along) * away + low)
        yield self._traced(tracer, self._rooted(rho), _between(z, _plus(centre, u, s), along), jacobian, cube)

        tracer = Tracer()
        t, along, across = tracer.variables(["t0", "t1", "t2"])
        u = _between(*ends, across)
        inverse = 1 / (radius**2 - across * (1 - across) * chord).sqrt()
        arc = _plus(centre, u, radius * inverse)
        up, off = _minus(z, self.centre), _minus(centre, self.centre)
        a, b = (self._det([up, off, end]) for end in ends)
        g = self._dot(*ends)
        away = self._square(_minus(centre, z)) + radius**2 + _mean(lean, across) * inverse * (2 * radius)
        low, high = radius**2 * b - g * a, g * b - radius**2 * a
        turn = radius * inverse**2 * (radius * self._det([up, *ends]) + inverse * _mean([low, high], across))
        yield self._bulging(tracer, t, _between(z, arc, along), along * (1 - along) * away, along * turn, cube)

    def _traced(
        self, tracer: Tracer, body: Expression, place: Place, jacobian: Any, domain: Sequence[Sequence[Point]]
    ) -> Block:
        images = {name: value.expression for name, value in zip(self.forms.names, place, strict=False)}
        whole = _times(tree.substituted(body, images), jacobian.expression)
        simplices = [[[Enclosure.exactly(v[k]) for v in s] for k in range(self.n)] for s in domain]
        names = tuple(f"t{i}" for i in range(self.n))
        return Block(
            whole, names, tuple(tracer.values), simplices, [Enclosure.exactly(abs(determinant(s))) for s in domain]
        )


def _prism(base: Sequence[Point]) -> list[list[Point]]:
    """Return simplices that make up the interval [0, 1] times a simplex."""
    low, high = ([(Fraction(end), *v) for v in base] for end in (0, 1))
    return [[*low[: i + 1], *high[i:]] for i in range(len(base))]


def _times(body: Expression, factor: Expression) -> Expression:
    return Product((*(body.factors if isinstance(body, Product) else (body,)), factor))


def _enclosed(value: arb) -> Enclosure:
    return Enclosure(*exact_bounds(value))


def _minus(a: Place, b: Place) -> Place:
    return [x - y for x, y in zip(a, b, strict=True)]


def _plus(a: Place, direction: Place, t: Any) -> Place:
    return [x + t * y for x, y in zip(a, direction, strict=True)]


def _mean(ends: Sequence[arb], t: Any) -> Any:
    return ends[0] + t * (ends[1] - ends[0])


def _between(a: Place, b: Place, t: Any) -> Place:
    t = ball(t) if isinstance(t, Fraction) else t
    return _plus(a, _minus(b, a), t)
