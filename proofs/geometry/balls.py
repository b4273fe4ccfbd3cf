"""Exact cells of balls: what half-spaces leave of a ball, decided without any tolerance.

A cell is kept as a polytope and a ball. That their interiors meet is a question about the point of the polytope nearest
to the centre, which is rational.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import count
from math import isqrt
from operator import mul

from proofs.geometry.affine import Affine, Point
from proofs.geometry.linear import solution
from proofs.geometry.polytopes import Polytope


@dataclass(frozen=True)
class Ball:
    """The closed ball `{x : |x - centre| <= radius}` in two or more dimensions."""

    centre: Point
    radius: Fraction

    def sign_of(self, function: Affine) -> int:
        """Return 1 if `function >= 0` on the ball, -1 if `<= 0`, 0 if the hyperplane cuts its interior."""
        value = function(self.centre)
        if value**2 < self._reach_squared(function):
            return 0
        return 1 if value >= 0 else -1

    def lower_bound(self, function: Affine) -> Fraction:
        """Return a rational lower bound of the function on the ball, within about 1e-9 of its scale."""
        square = self._reach_squared(function)
        scale = 10**9 * square.denominator
        return function(self.centre) - Fraction(isqrt(square.numerator * square.denominator * 10**18) + 1, scale)

    def _reach_squared(self, function: Affine) -> Fraction:
        return self.radius**2 * sum((g * g for g in function.gradient), Fraction(0))

    def excess(self, point: Point) -> Fraction:
        """Return `|point - centre|^2 - radius^2`: negative inside, 0 on the sphere."""
        return squared_distance(point, self.centre) - self.radius**2

    @cached_property
    def cell(self) -> RoundCell:
        """The whole ball as a cell."""
        return RoundCell(self, Polytope.box([(c - self.radius, c + self.radius) for c in self.centre]))


@dataclass(frozen=True)
class RoundCell:
    """The part of a ball in a polytope; their interiors meet."""

    ball: Ball
    polytope: Polytope

    @property
    def dimension(self) -> int:
        """The dimension n of the space."""
        return self.polytope.dimension

    @cached_property
    def is_flat(self) -> bool:
        """Whether the ball does not cut the polytope."""
        return all(self.ball.excess(v) <= 0 for v in self.polytope.vertices)

    @cached_property
    def centre(self) -> Point:
        """An interior point."""
        point = inner_point(self.polytope.vertices, self.ball)
        return point if point == self.polytope.centre else self._simpler(point)

    def _simpler(self, point: Point) -> Point:
        """Return a nearby interior point with small denominators."""
        for bits in count(2, 3):
            unit = self.ball.radius / 2**bits
            near = tuple(c + round((p - c) / unit) * unit for p, c in zip(point, self.ball.centre, strict=True))
            if self.ball.excess(near) < 0 and all(facet(near) > 0 for facet in self.polytope.facets):
                return near
        raise AssertionError

    @cached_property
    def bounds(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """The ranges of the coordinates, or somewhat more."""
        r = self.ball.radius
        return tuple(
            (max(low, c - r), min(high, c + r))
            for (low, high), c in zip(self.polytope.bounds, self.ball.centre, strict=True)
        )

    def sign_of(self, function: Affine) -> int:
        """Return 1 if `function >= 0` on the cell, -1 if `<= 0`, 0 if it takes both signs inside."""
        below, above = self.split(function)
        return 0 if below is not None and above is not None else 1 if below is None else -1

    def lower_bound(self, function: Affine) -> Fraction:
        """Return a rational lower bound of an affine function on the cell."""
        return max(self.ball.lower_bound(function), self.polytope.lower_bound(function))

    def split(self, function: Affine) -> tuple[RoundCell | None, RoundCell | None]:
        """Return the parts where `function <= 0` and where `function >= 0`; None where that part has no interior."""
        side = self.ball.sign_of(function)
        if side:
            return (None, self) if side > 0 else (self, None)
        below, above = self.polytope.split(function)
        low, high = (
            None if part is None or not interiors_meet(self.ball, part) else RoundCell(self.ball, part)
            for part in (below, above)
        )
        return low, high

    def lowest(self, function: Affine) -> Point:
        """Return a point of the closed cell where an affine function has the sign of its minimum."""
        negative = self.split(function)[0]
        if negative is not None:
            return negative.centre
        below = self.polytope.split(function)[0]
        corners = below.vertices if below is not None else [v for v in self.polytope.vertices if function(v) == 0]
        if corners:
            near = nearest_point(corners, self.ball.centre)
            if self.ball.excess(near) <= 0:
                return near
        return self.centre


def interiors_meet(ball: Ball, polytope: Polytope) -> bool:
    """Whether the interiors of a ball and of a polytope have a common point."""
    if any(ball.excess(v) < 0 for v in polytope.vertices):
        return True
    if any(ball.sign_of(facet) < 0 for facet in polytope.facets):
        return False
    return ball.excess(nearest_point(polytope.vertices, ball.centre)) < 0


def inner_point(corners: Sequence[Point], ball: Ball) -> Point:
    """Return a point of the relative interior of a convex hull that lies inside a ball; there must be one."""
    middle = tuple(sum(column, Fraction(0)) / len(corners) for column in zip(*corners, strict=True))
    if ball.excess(middle) < 0:
        return middle
    near = nearest_point(corners, ball.centre)
    for k in count(1):
        weight = Fraction(1, 2**k)
        point = tuple(p + weight * (q - p) for p, q in zip(near, middle, strict=True))
        if ball.excess(point) < 0:
            return point
    raise AssertionError


def squared_distance(first: Point, second: Point) -> Fraction:
    """Return the square of the distance of two points."""
    return sum(((a - b) ** 2 for a, b in zip(first, second, strict=True)), Fraction(0))


def nearest_point(corners: Sequence[Point], origin: Point) -> Point:
    """Return the point of the convex hull of `corners` that is nearest to `origin`, exactly (P. Wolfe, 1976)."""
    vectors = [tuple(c - o for c, o in zip(corner, origin, strict=True)) for corner in corners]
    chosen = [min(range(len(vectors)), key=lambda i: _dot(vectors[i], vectors[i]))]
    weights = [Fraction(1)]
    while True:
        nearest = _combination(weights, [vectors[i] for i in chosen])
        goal = _dot(nearest, nearest)
        lowest = min(range(len(vectors)), key=lambda i: _dot(nearest, vectors[i]))
        if _dot(nearest, vectors[lowest]) >= goal:
            return tuple(o + x for o, x in zip(origin, nearest, strict=True))
        chosen.append(lowest)
        weights.append(Fraction(0))
        while True:
            affine = _affine_minimiser([vectors[i] for i in chosen])
            if all(w > 0 for w in affine):
                weights = affine
                break
            step = min(w / (w - a) for w, a in zip(weights, affine, strict=True) if a <= 0 and w > a)
            moved = [w + step * (a - w) for w, a in zip(weights, affine, strict=True)]
            kept = [(i, w) for i, w in zip(chosen, moved, strict=True) if w > 0]
            chosen, weights = [i for i, _ in kept], [w for _, w in kept]


def _dot(first: Sequence[Fraction], second: Sequence[Fraction]) -> Fraction:
    return sum(map(mul, first, second), Fraction(0))


def _combination(weights: Sequence[Fraction], vectors: Sequence[Point]) -> Point:
    return tuple(_dot(weights, column) for column in zip(*vectors, strict=True))


def _affine_minimiser(vectors: Sequence[Point]) -> list[Fraction]:
    """Return the weights, with sum 1, of the shortest vector of the affine hull of affinely independent vectors."""
    gram = [[_dot(a, b) + 1 for b in vectors] for a in vectors]
    raw = solution(gram, [Fraction(1)] * len(vectors))
    scale = sum(raw, Fraction(0))
    return [r / scale for r in raw]
