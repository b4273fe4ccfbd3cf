"""Can a hyperplane separate two groups of pieces weakly? Exact for polytopes, by cutting planes for ellipsoids.

A function that is >= 0 on one group and <= 0 on the other is checked piece by piece, exactly. That there is none is
proved by points of the two groups whose convex hulls overlap (exact linear programming).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, isqrt, lcm

from proofs.geometry.affine import Affine, Point
from proofs.geometry.separation import separating
from verify.conditions.pieces import Piece
from verify.signs.regions import Ellipsoid

MAX_ROUNDS = 40
_SNAPS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 100, 1000)


@dataclass(frozen=True)
class Separation:
    """`wall` separates weakly (verdict True), the interiors of the convex hulls meet (False), or open (None)."""

    verdict: bool | None
    wall: Affine | None = None


def separate(above: Sequence[Piece], below: Sequence[Piece]) -> Separation:
    """Look for a hyperplane that separates two groups of pieces weakly."""
    groups = (above, below)
    points = [[p for piece in group for p in piece.corners] for group in groups]
    for wall in _plain_candidates(above, below):
        if _separates(wall, groups):
            return Separation(True, wall)
    if not any(piece.region.constraints for group in groups for piece in group):
        wide = separating(*points, margin=True)
        for candidate in () if wide is None else _snapped(wide):
            if _separates(candidate, groups):
                return Separation(True, candidate)
        weak = separating(*points)
        return Separation(False) if weak is None else Separation(True, _tidy(weak))
    for _ in range(MAX_ROUNDS):
        if above[0].deadline.passed:
            break
        weak = separating(*points)
        if weak is None:
            return Separation(False)
        wide = separating(*points, margin=True) or weak
        for candidate in (*_snapped(wide), *_snapped(weak), *_through_centres(wide, groups)):
            if _separates(candidate, groups):
                return Separation(True, candidate)
        if not _refine(points, groups, wide):
            break
    for piece in (*above, *below):
        for facet in piece.region.cell.facets:
            for wall in (facet, -facet):
                if _separates(wall, groups):
                    return Separation(True, wall)
    return Separation(None)


def _refine(points: list[list[Point]], groups: tuple[Sequence[Piece], Sequence[Piece]], wall: Affine) -> bool:
    """Add points of ellipsoids that come closest to a hyperplane; False if there are no new ones."""
    grown = False
    for own, group, sign in zip(points, groups, (1, -1), strict=True):
        for piece in group:
            for body in piece.region.ellipsoids if len(piece.region.constraints) == 1 else ():
                point = _lowest(body, wall * sign)
                if piece.region.contains(point, piece.variables) and point not in own:
                    own.append(point)
                    grown = True
    return grown


def _separates(wall: Affine, groups: tuple[Sequence[Piece], Sequence[Piece]]) -> bool:
    return all(piece.side(wall) == 1 for piece in groups[0]) and all(piece.side(wall) == -1 for piece in groups[1])


def _plain_candidates(above: Sequence[Piece], below: Sequence[Piece]) -> Iterator[Affine]:
    """Yield, for pairs of ellipsoids, planes across the segment between the centres."""
    for a in above:
        for b in below:
            for one in a.region.ellipsoids:
                for two in b.region.ellipsoids:
                    yield from _between(one, two)


def _between(first: Ellipsoid, second: Ellipsoid) -> Iterator[Affine]:
    """Yield the plane across the segment of two centres that divides it in the ratio of the radii (touching balls)."""
    normal = tuple(a - b for a, b in zip(first.centre, second.centre, strict=True))
    if not any(normal):
        return
    flat = Affine(normal, Fraction(0))
    reaches = [_root(body.reach_squared(flat)) for body in (first, second)]
    weight = reaches[1] / (reaches[0] + reaches[1])
    level = flat(second.centre) + weight * (flat(first.centre) - flat(second.centre))
    yield flat.plus(-level)


def _root(square: Fraction) -> Fraction:
    """Return the square root, exact if it is rational, else to about 40 digits."""
    exact = Fraction(isqrt(square.numerator), isqrt(square.denominator))
    if exact * exact == square:
        return exact
    return Fraction(isqrt(square.numerator * square.denominator * 10**80), square.denominator * 10**40)


def _lowest(body: Ellipsoid, wall: Affine) -> Point:
    """Return a point of the ellipsoid close to where an affine function is least."""
    reach = _root(body.reach_squared(wall)) * (1 + Fraction(1, 10**12))
    steps = [sum((m * g for m, g in zip(row, wall.gradient, strict=True)), Fraction(0)) for row in body.matrix]
    return tuple((c - s / reach).limit_denominator(10**9) for c, s in zip(body.centre, steps, strict=True))


def _snapped(wall: Affine) -> Iterator[Affine]:
    """Yield simple functions near a given one."""
    largest = max(abs(g) for g in wall.gradient)
    unit = wall * (1 / largest)
    seen = set()
    for bound in _SNAPS:
        simple = Affine(
            tuple(g.limit_denominator(bound) for g in unit.gradient), unit.constant.limit_denominator(bound)
        )
        if any(simple.gradient) and simple not in seen:
            seen.add(simple)
            yield _tidy(simple)
    yield _tidy(wall)


def _through_centres(wall: Affine, groups: tuple[Sequence[Piece], Sequence[Piece]]) -> Iterator[Affine]:
    """Yield hyperplanes through the centres of cells and ellipsoids with simple normals near a given one."""
    regions = [piece.region for group in groups for piece in group]
    centres = {region.cell.centre for region in regions} | {b.centre for region in regions for b in region.ellipsoids}
    unit = wall * (1 / max(abs(g) for g in wall.gradient))
    for normal in dict.fromkeys(tuple(g.limit_denominator(bound) for g in unit.gradient) for bound in _SNAPS[:3]):
        flat = Affine(normal, Fraction(0))
        yield from (_tidy(flat.plus(-flat(centre))) for centre in sorted(centres))


def _tidy(wall: Affine) -> Affine:
    """Return the positive multiple with coprime integer coefficients."""
    entries = (*wall.gradient, wall.constant)
    scale = lcm(*(e.denominator for e in entries))
    return wall * Fraction(scale, gcd(*(int(e * scale) for e in entries)))
