"""Regions: closed sets on which a hypothesis is checked, given by a polytope and constraints.

A region is `{x in cell : c(x) >= 0 for all constraints c}`. A constraint is continuous on the cell; on an
ellipsoid affine functions are bounded exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import isqrt

from proofs.geometry.affine import Affine, Point
from proofs.geometry.balls import Ball, RoundCell, interiors_meet
from proofs.geometry.polytopes import Cell, Polytope
from verify.expressions import tree
from verify.expressions.factors import definite, quadratic_matrix, to_mpoly
from verify.expressions.normal import identically_zero
from verify.expressions.points import UndefinedError, sign_at
from verify.expressions.ranges import between, compile_range
from verify.expressions.tree import Expression, Number

_0 = Fraction(0)
Box = tuple[tuple[Fraction, Fraction], ...]


@dataclass(frozen=True)
class Ellipsoid:
    """`{x : (x - centre)^T matrix^-1 (x - centre) <= 1}` with a positive definite rational matrix."""

    centre: Point
    matrix: tuple[tuple[Fraction, ...], ...]

    @classmethod
    def of_ball(cls, ball: Ball) -> Ellipsoid:
        """A ball as an ellipsoid."""
        n, square = len(ball.centre), ball.radius**2
        return cls(ball.centre, tuple(tuple(square * (i == j) for j in range(n)) for i in range(n)))

    @property
    def ball(self) -> Ball | None:
        """The ellipsoid as a ball with a rational radius, None if it is no such."""
        n, square = len(self.centre), self.matrix[0][0]
        radius = Fraction(isqrt(square.numerator), isqrt(square.denominator))
        is_round = all(self.matrix[i][j] == square * (i == j) for i in range(n) for j in range(n))
        return Ball(self.centre, radius) if is_round and radius**2 == square else None

    def reach_squared(self, function: Affine) -> Fraction:
        """Return the square of how far an affine function moves from its value at the centre."""
        g = function.gradient
        return sum((a * m * b for a, row in zip(g, self.matrix, strict=True) for m, b in zip(row, g, strict=True)), _0)

    def sign_of(self, function: Affine) -> int:
        """Return 1 if `function >= 0` on the ellipsoid, -1 if `<= 0`, 0 if the hyperplane cuts its interior."""
        value = function(self.centre)
        if value**2 < self.reach_squared(function):
            return 0
        return 1 if value > 0 else -1

    def touches(self, function: Affine) -> bool:
        """Whether the hyperplane `function = 0` is tangent to the ellipsoid."""
        return function(self.centre) ** 2 == self.reach_squared(function)

    def tangent_point(self, function: Affine) -> Point | None:
        """Return the point where a tangent hyperplane touches, None if it does not touch."""
        value = function(self.centre)
        if not self.touches(function) or value == 0:
            return None
        steps = [sum((m * g for m, g in zip(row, function.gradient, strict=True)), _0) for row in self.matrix]
        reach = self.reach_squared(function)
        return tuple(c - value / reach * s for c, s in zip(self.centre, steps, strict=True))


def ellipsoid_of(node: Expression, variables: tuple[str, ...]) -> Ellipsoid | None:
    """Return `{node >= 0}` as an ellipsoid, None if it is not visibly one with an interior."""
    polynomial = to_mpoly(node, variables)
    n = len(variables)
    matrix = None if polynomial is None else quadratic_matrix(polynomial, n)
    if matrix is None or definite([row[:n] for row in matrix[:n]]) != (-1, n):
        return None
    inverse = _inverse([[-m for m in row[:n]] for row in matrix[:n]])
    linear = [row[n] for row in matrix[:n]]
    centre = tuple(sum((m * b for m, b in zip(row, linear, strict=True)), _0) for row in inverse)
    level = matrix[n][n] + sum((c * b for c, b in zip(centre, linear, strict=True)), _0)
    if level <= 0:
        return None
    return Ellipsoid(centre, tuple(tuple(level * m for m in row) for row in inverse))


def _inverse(matrix: list[list[Fraction]]) -> list[list[Fraction]]:
    """Return the inverse of a positive definite matrix."""
    n = len(matrix)
    rows = [list(row) + [Fraction(i == j) for j in range(n)] for i, row in enumerate(matrix)]
    for i in range(n):
        pivot = rows[i][i]
        rows[i] = [x / pivot for x in rows[i]]
        for k in range(n):
            if k != i and rows[k][i]:
                factor = rows[k][i]
                rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i], strict=True)]
    return [row[n:] for row in rows]


@dataclass(frozen=True)
class Region:
    """A polytope cut down by constraints `>= 0`; `ellipsoids` are those constraints that are such."""

    cell: Polytope
    constraints: tuple[Expression, ...] = ()
    ellipsoids: tuple[Ellipsoid, ...] = ()

    @classmethod
    def of(cls, piece: Polytope | Ball, variables: Sequence[str]) -> Region:
        """Return a piece of a domain as a region."""
        if isinstance(piece, Polytope):
            return cls(piece)
        around = Polytope.box([(c - piece.radius, c + piece.radius) for c in piece.centre])
        return cls(around, (ball_constraint(piece, variables),), (Ellipsoid.of_ball(piece),))

    @classmethod
    def of_cell(cls, cell: Cell, variables: Sequence[str]) -> Region:
        """Return a cell as a region."""
        if not isinstance(cell, RoundCell):
            assert isinstance(cell, Polytope)
            return cls(cell)
        if cell.is_flat:
            return cls(cell.polytope)
        return replace(cls.of(cell.ball, variables), cell=cell.polytope)

    @cached_property
    def box(self) -> Box:
        """The least box around the cell."""
        return tuple((min(values), max(values)) for values in zip(*self.cell.vertices, strict=True))

    @property
    def is_polytope(self) -> bool:
        """Whether there are no constraints."""
        return not self.constraints

    @property
    def is_convex(self) -> bool:
        """Whether the region is visibly convex: an intersection of a polytope with ellipsoids."""
        return len(self.constraints) == len(self.ellipsoids)

    def with_constraint(self, constraint: Expression, variables: tuple[str, ...]) -> Region:
        """Return the part where another constraint holds."""
        body = ellipsoid_of(constraint, variables)
        bodies = self.ellipsoids if body is None else (*self.ellipsoids, body)
        return replace(self, constraints=(*self.constraints, constraint), ellipsoids=bodies)

    def split(self, function: Affine) -> tuple[Region | None, Region | None]:
        """Return the parts where an affine function is `<= 0` and `>= 0`; None where a part has no interior."""
        below, above = self.cell.split(function)
        return (
            None if below is None or self.excludes(-function) else replace(self, cell=below),
            None if above is None or self.excludes(function) else replace(self, cell=above),
        )

    def excludes(self, function: Affine) -> bool:
        """Whether an ellipsoid shows that `function > 0` is nowhere true in the region."""
        return any(body.sign_of(function) < 0 for body in self.ellipsoids)

    @property
    def is_plainly_empty(self) -> bool:
        """Whether an ellipsoid and the cell show that there is no interior (exact for one ball)."""
        balls = [body.ball for body in self.ellipsoids]
        return any(self.excludes(facet) for facet in self.cell.facets) or any(
            ball is not None and not interiors_meet(ball, self.cell) for ball in balls
        )

    def sign_of(self, function: Affine) -> int:
        """Return 1 if `function >= 0` on the region, -1 if `<= 0`, 0 if neither is plain from cell and ellipsoids."""
        if sign := self.cell.sign_of(function):
            return sign
        return next((sign for body in self.ellipsoids if (sign := body.sign_of(function))), 0)

    def inside(self, point: Point, variables: Sequence[str]) -> bool:
        """Whether a point certainly lies in the interior: in that of the cell, with all constraints > 0."""
        return all(f(point) > 0 for f in self.cell.facets) and self.satisfies(point, variables, strictly=True)

    def contains(self, point: Point, variables: Sequence[str]) -> bool:
        """Whether a point certainly lies in the region."""
        return all(f(point) >= 0 for f in self.cell.facets) and self.satisfies(point, variables)

    def satisfies(self, point: Point, variables: Sequence[str], *, strictly: bool = False) -> bool:
        """Whether all constraints are certainly >= 0 (or > 0) at a point."""
        return all(_at_least(c, point, variables, 1 if strictly else 0) for c in self.constraints)

    def holds_segment(self, points: Sequence[Point], variables: Sequence[str]) -> bool:
        """Whether the segment between points certainly lies in the closure of the interior, which is not empty."""
        if self.is_convex:
            return all(self.contains(p, variables) for p in points)
        if not all(f(p) >= 0 for p in points for f in self.cell.facets):
            return False
        box = [between(min(values), max(values)) for values in zip(*points, strict=True)]
        return all(compile_range(c, variables)(box).lower > 0 for c in self.constraints)

    def samples(self, variables: Sequence[str], fineness: int = 8) -> Iterator[Point]:
        """Yield rational interior points: the centre, then ever finer grids over the box."""
        given: set[Point] = set()
        for point in self._grid(fineness):
            if point not in self._known:
                self._known[point] = self.inside(point, variables)
            if self._known[point] and point not in given:
                given.add(point)
                yield point

    @cached_property
    def _known(self) -> dict[Point, bool]:
        """Which grid points lie inside, as far as they were asked for."""
        return {}

    def _grid(self, fineness: int) -> Iterator[Point]:
        yield self.cell.centre
        for ball in (body.ball for body in self.ellipsoids):
            if ball is not None and interiors_meet(ball, self.cell):
                yield RoundCell(ball, self.cell).centre
        n = len(self.box)
        steps = 2
        while steps <= fineness and steps**n <= 5_000:
            for index in product(range(1, steps), repeat=n):
                yield tuple(lo + (hi - lo) * Fraction(k, steps) for k, (lo, hi) in zip(index, self.box, strict=True))
            steps *= 2


def ball_constraint(ball: Ball, variables: Sequence[str]) -> Expression:
    """Return `radius^2 - |x - centre|^2`."""
    squares = []
    for name, c in zip(variables, ball.centre, strict=True):
        step = tree.Variable(name) if c == 0 else tree.Sum((tree.Variable(name), Number(-c)))
        squares.append(tree.negated(tree.Power(step, Number(Fraction(2)))))
    return tree.Sum((Number(ball.radius**2), *squares))


def as_mapping(point: Sequence[Fraction], variables: Sequence[str]) -> Mapping[str, Fraction]:
    """Return a point as values of the variables."""
    return dict(zip(variables, point, strict=True))


def sign_at_point(node: Expression, point: Point, variables: Sequence[str]) -> int | None:
    """Return the sign at a point, None where it is not settled or the expression is undefined."""
    try:
        return sign_at(node, as_mapping(point, variables))
    except UndefinedError:
        return None


def same_up_to_factor(first: Expression, second: Expression, factor: Fraction) -> bool:
    """Whether `first = factor * second` by normal forms."""
    return identically_zero(tree.difference(first, tree.Product((Number(factor), second))))


def _at_least(node: Expression, point: Point, variables: Sequence[str], least: int) -> bool:
    sign = sign_at_point(node, point, variables)
    return sign is not None and sign >= least
