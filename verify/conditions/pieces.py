"""Pieces of D that no hyperplane missing P can cut, and how they hang together.

A piece is the closure of a set that is convex (a polytope, cut by concave constraints) or has a connected part of P
dense in it. Two pieces are tied if every hyperplane that misses P has both on the same side: their interiors meet, or
they share a face with a point of P in its relative interior.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations

from proofs.geometry.affine import Affine, Point
from proofs.geometry.polytopes import Polytope
from verify.conditions.concavity import is_concave
from verify.conditions.flats import Flats, flats
from verify.conditions.places import point_text
from verify.conditions.support import Part
from verify.expressions import tree
from verify.expressions.algebra import affine_expression
from verify.expressions.derivative import NoDerivativeError, derivative
from verify.expressions.points import UndefinedError, exact_value
from verify.expressions.tree import Expression
from verify.integration import Deadline
from verify.signs.decide import Signs
from verify.signs.regions import Region, sign_at_point

FEW_BOXES = 300


@dataclass(frozen=True, eq=False)
class Piece:
    """A region with the density on it; `is_convex` is proved, False says nothing."""

    region: Region
    density: Expression
    point: Point
    is_convex: bool
    flats: Flats
    variables: tuple[str, ...]
    deadline: Deadline

    @cached_property
    def signs(self) -> Signs:
        """The sign decisions on the region."""
        return Signs(self.region, self.variables, self.deadline)

    def side(self, wall: Affine) -> int:
        """Return 1 if an affine function is certainly >= 0 on the piece, -1 if <= 0, else 0."""
        if sign := self.region.sign_of(wall):
            return sign
        if not self.region.constraints:
            return 0
        node = affine_expression(wall, self.variables)
        for sign, relation in ((1, ">="), (-1, "<=")):
            if self.signs.decide(node, relation, FEW_BOXES).verdict is True or self._follows(wall, sign):
                return sign
        return 0

    def _follows(self, wall: Affine, sign: int) -> bool:
        """Whether `sign * wall * scale >= constraint` on the cell for some constraint (itself >= 0) and scale > 0."""
        whole = Signs(Region(self.region.cell), self.variables, self.deadline)
        for constraint in self.region.constraints:
            scale = self._slope(constraint, wall) * sign
            if scale > 0:
                multiple = affine_expression(wall * (sign * scale), self.variables)
                gap = tree.folded(tree.difference(multiple, constraint))
                if whole.decide(gap, ">=", FEW_BOXES).verdict is True:
                    return True
        return False

    def _slope(self, constraint: Expression, wall: Affine) -> Fraction:
        """Return how fast a constraint grows in the centre of the cell, as a multiple of a wall, in one coordinate."""
        pivot = pivot_of(wall)
        try:
            rate = derivative(constraint, self.variables[pivot])
            value = exact_value(rate, dict(zip(self.variables, self.region.cell.centre, strict=True)))
        except (NoDerivativeError, UndefinedError):
            return Fraction(0)
        return Fraction(0) if value is None else value / wall.gradient[pivot]

    def cut(self, wall: Affine) -> bool:
        """Whether the hyperplane certainly passes through the interior (both signs occur at interior points)."""
        values = [wall(p) for p in self.corners]
        return min(values) < 0 < max(values)

    @cached_property
    def corners(self) -> tuple[Point, ...]:
        """Points of the piece whose convex hull has an interior: the vertices, or points found inside."""
        if not self.region.constraints:
            return self.region.cell.vertices
        found = list(self.region.samples(self.variables, 8 if len(self.variables) == 2 else 4))
        return tuple(found) if self.point in found else (self.point, *found)


def pieces_of(parts: Sequence[Part], variables: tuple[str, ...], deadline: Deadline) -> list[Piece] | None:
    """Cut parts of D along the hyperplanes on which their density may vanish; None if a part may be empty."""
    result = []
    for part in parts:
        if part.point is None:
            return None
        found = flats(part.density, Signs(part.region, variables, deadline))
        regions = [part.region]
        for wall in sorted(found.walls, key=repr):
            regions = [r for region in regions for r in region.split(wall) if r is not None]
        for region in regions:
            point = part.point if len(regions) == 1 else _inner_point(region, part.density, variables)
            if point is None:
                return None
            convex = all(is_concave(c, Signs(Region(region.cell), variables, deadline)) for c in region.constraints)
            result.append(Piece(region, part.density, point, convex, found, variables, deadline))
    return result


def _inner_point(region: Region, density: Expression, variables: tuple[str, ...]) -> Point | None:
    for point in region.samples(variables, 16 if len(variables) == 2 else 4):
        if sign_at_point(density, point, variables) == 1:
            return point
    return None


def tied(first: Piece, second: Piece, density: Expression) -> str | None:
    """Return the reason why two pieces lie on the same side of every hyperplane that misses P, or None."""
    inner = _common_point(first, second)
    if inner is not None:
        return f"their interiors meet at {point_text(inner)}"
    for face, _ in contacts(first, second):
        for point in _points_of(face):
            strict = all(p.region.satisfies(point, p.variables, strictly=True) for p in (first, second))
            values = (density, first.density, second.density)
            if strict and all(sign_at_point(h, point, first.variables) == 1 for h in values):
                return f"they share a face with the point {point_text(point)} of P"
    return None


def _common_point(first: Piece, second: Piece) -> Point | None:
    if all(not p.region.constraints for p in (first, second)):
        rest: Polytope | None = first.region.cell
        for facet in second.region.cell.facets:
            rest = None if rest is None else rest.split(facet)[1]
        return None if rest is None else rest.centre
    for one, other in ((first, second), (second, first)):
        for point in (one.point, *one.corners):
            if one.region.inside(point, one.variables) and other.region.inside(point, one.variables):
                return point
    centres = [body.centre for p in (first, second) for body in p.region.ellipsoids[:1]] + [first.point, second.point]
    for a, b in combinations(centres, 2):
        for k in range(1, 32):
            point = tuple(x + Fraction(k, 32) * (y - x) for x, y in zip(a, b, strict=True))
            if all(p.region.inside(point, p.variables) for p in (first, second)):
                return point
    return None


def contacts(first: Piece, second: Piece) -> Iterator[tuple[list[Point], Affine]]:
    """Yield the common part (its vertices) of facets of two cells on opposite sides of a hyperplane, and that one."""
    for facet in first.region.cell.facets:
        if second.region.cell.sign_of(facet) < 0:
            other = [v for v in second.region.cell.vertices if facet(v) == 0]
            own = [v for v in first.region.cell.vertices if facet(v) == 0]
            common = overlap(own, other, facet)
            if common is not None:
                yield common, facet


def overlap(first: Sequence[Point], second: Sequence[Point], wall: Affine) -> list[Point] | None:
    """Return the vertices of the intersection of two faces within a hyperplane, None if it has no interior there."""
    if wall.dimension == 1:
        return list(first) if first and second else None
    one, other = (section(face, wall) for face in (first, second))
    rest = one
    for facet in other.facets if other is not None else ():
        rest = None if rest is None else rest.split(facet)[1]
    if rest is None or other is None:
        return None
    return [lifted(v, wall) for v in rest.vertices]


def section(face: Sequence[Point], wall: Affine) -> Polytope | None:
    """Return a face within a hyperplane as a polytope in one coordinate less, None if it has no interior there."""
    pivot = pivot_of(wall)
    try:
        return Polytope.hull([(*p[:pivot], *p[pivot + 1 :]) for p in face]) if face else None
    except ValueError:
        return None


def pivot_of(wall: Affine) -> int:
    """Return the coordinate that is left out within a hyperplane."""
    return next(i for i, g in enumerate(wall.gradient) if g)


def lifted(point: Point, wall: Affine) -> Point:
    """Return the point of a hyperplane with the given other coordinates."""
    pivot = pivot_of(wall)
    rest = (*point[:pivot], Fraction(0), *point[pivot:])
    return (*point[:pivot], -wall(rest) / wall.gradient[pivot], *point[pivot:])


def _points_of(face: Sequence[Point]) -> Iterator[Point]:
    """Yield relative interior points of the hull of some vertices."""
    centre = tuple(sum(column, Fraction(0)) / len(face) for column in zip(*face, strict=True))
    yield centre
    for weight in (Fraction(1, 2), Fraction(7, 8)):
        for v in face:
            yield tuple(c + weight * (x - c) for c, x in zip(centre, v, strict=True))
