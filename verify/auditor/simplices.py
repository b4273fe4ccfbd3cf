"""Simplices with rational vertices: hulls, disjoint unions, cuts by hyperplanes, volumes, integrals of polynomials."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations
from math import comb, factorial

from verify.auditor.affine import Affine, Shape, dot, rank
from verify.auditor.forms import monomials
from verify.auditor.verdicts import Effort, settle

MOST_DIMENSION = 4
Point = tuple[Fraction, ...]
Simplex = tuple[Point, ...]


def determinant(rows: Sequence[Sequence[Fraction]]) -> Fraction:
    """The determinant of a small matrix."""
    if not rows:
        return Fraction(1)
    minors = (determinant([(*row[:j], *row[j + 1 :]) for row in rows[1:]]) for j in range(len(rows)))
    return sum(
        (a * (-1) ** j * minor for j, (a, minor) in enumerate(zip(rows[0], minors, strict=True)) if a), Fraction()
    )


def edges(points: Sequence[Point]) -> list[Point]:
    """The vectors from the first point to the others."""
    return [tuple(a - b for a, b in zip(point, points[0], strict=True)) for point in points[1:]]


def volume(simplex: Simplex) -> Fraction:
    """The volume of a simplex."""
    return Fraction(abs(determinant(edges(simplex))), factorial(len(simplex) - 1))


def centre(points: Sequence[Point]) -> Point:
    """The mean of points."""
    return tuple(Fraction(sum(column), len(points)) for column in zip(*points, strict=True))


def square(p: Point, q: Point) -> Fraction:
    """The square of the distance of two points."""
    return sum(((a - b) ** 2 for a, b in zip(p, q, strict=True)), Fraction(0))


def distance(point: Point, points: Sequence[Point]) -> Fraction:
    """The square of the distance of a point to the hull of affinely independent points.

    If the nearest point of their affine hull lies outside, the nearest one of the hull misses a corner whose weight is
    negative there.
    """
    steps, (to_point,) = edges(points), edges([points[0], point])
    gram = [[dot(p, q) for q in steps] for p in steps]
    size, right = determinant(gram), [dot(step, to_point) for step in steps]
    weights = [  # Cramer's rule
        Fraction(determinant([[*row[:i], y, *row[i + 1 :]] for row, y in zip(gram, right, strict=True)]), size)
        for i in range(len(steps))
    ]
    weights.insert(0, Fraction(1 - sum(weights)))
    if min(weights) >= 0:
        return square(point, tuple(dot(weights, column) for column in zip(*points, strict=True)))
    outside = [i for i, weight in enumerate(weights) if weight < 0]
    return min(distance(point, [*points[:i], *points[i + 1 :]]) for i in outside)


def _plane(points: Sequence[Point], inside: Point) -> Affine:
    """The affine function that is 0 at n points and > 0 at another one."""
    steps = edges(points)
    minors = [determinant([(*e[:j], *e[j + 1 :]) for e in steps]) * (-1) ** j for j in range(len(points))]
    plane = Affine(tuple(minors), -dot(minors, points[0]))
    size = next(abs(a) for a in minors if a)
    return plane.times(Fraction(1 if plane.value(inside) > 0 else -1, size))


def _faces(simplices: Iterable[Simplex]) -> list[tuple[Simplex, Affine]]:
    """The faces on the boundary of a union of simplices that meet in whole faces, with functions > 0 inside."""
    faces: dict[frozenset[Point], tuple[Simplex, Point]] = {}
    for simplex in simplices:
        for i, opposite in enumerate(simplex):
            face = (*simplex[:i], *simplex[i + 1 :])
            if faces.pop(frozenset(face), None) is None:
                faces[frozenset(face)] = face, opposite
    return [(face, _plane(face, opposite)) for face, opposite in faces.values()]


def hull(effort: Effort, points: Sequence[Point]) -> list[Simplex]:
    """The convex hull of points of full dimension: each new point is joined to the faces it sees."""
    settle(len(points[0]) <= MOST_DIMENSION, f"a domain of more than {MOST_DIMENSION} dimensions")
    first: list[Point] = [points[0]]
    for point in points:
        if rank(edges([*first, point])) == len(first):
            first.append(point)
    simplices: list[Simplex] = [tuple(first)]
    for point in points:
        effort.spend(100 * len(simplices))
        simplices += [(*face, point) for face, plane in _faces(simplices) if plane.value(point) < 0]
    return simplices


def facets(effort: Effort, points: Sequence[Point]) -> list[Affine]:
    """Functions that are >= 0 on the convex hull of points of full dimension, and all only there."""
    return list({plane for _, plane in _faces(hull(effort, points))})


def cut(effort: Effort, simplex: Simplex, value: Callable[[Point], Fraction]) -> Iterator[Simplex]:
    """Cut a simplex at the zeros of an affine function: while it has both signs, at the zero on one of the edges."""
    stack = [(simplex, [value(point) for point in simplex])]
    while stack:
        simplex, values = stack.pop()
        effort.spend(20)
        low, high = min(values), max(values)
        if low >= 0 or high <= 0:
            yield simplex
            continue
        i, j, t = values.index(low), values.index(high), Fraction(low, low - high)
        zero = tuple(u + t * (v - u) for u, v in zip(simplex[i], simplex[j], strict=True))
        for k in (i, j):
            ends = (*simplex[:k], zero, *simplex[k + 1 :]), [*values[:k], Fraction(0), *values[k + 1 :]]
            stack.append(ends)


def cut_all(effort: Effort, simplices: Iterable[Simplex], planes: Iterable[Affine]) -> list[Simplex]:
    """Simplices cut at the zeros of affine functions."""
    result = list(simplices)
    for plane in planes:
        result = [part for simplex in result for part in cut(effort, simplex, plane.value)]
    return result


def union(effort: Effort, shapes: Sequence[Shape]) -> list[Simplex]:
    """The union of boxes and hulls as simplices without common inner points."""
    result: list[Simplex] = []
    hulls: list[set[Affine]] = []
    for shape in shapes:
        settle(shape.kind != "ball", "a ball in more than one dimension is beyond this auditor")
        new = hull(effort, shape.corners())
        planes = {plane for _, plane in _faces(new)}
        for other in hulls:
            inside = new
            new = []
            for plane in other:
                parts = cut_all(effort, inside, [plane])
                new += [part for part in parts if plane.value(centre(part)) < 0]
                inside = [part for part in parts if plane.value(centre(part)) > 0]
        result += new
        hulls.append(planes)
    return result


def halves(simplex: Simplex, edge: tuple[int, int] | None = None) -> tuple[Simplex, Simplex, Simplex]:
    """The two parts on both sides of the middle of an edge (the longest one), and the face between them."""

    def length(edge: tuple[int, int]) -> Fraction:
        return square(*(simplex[k] for k in edge))

    i, j = edge or max(combinations(range(len(simplex)), 2), key=length)
    middle = centre((simplex[i], simplex[j]))
    left, right = ((*simplex[:k], middle, *simplex[k + 1 :]) for k in (j, i))
    return left, right, (*left[:i], *left[i + 1 :])


@cache
def _cubature(n: int, s: int) -> list[tuple[Point, Fraction]]:
    """Barycentric points and weights whose weighted sum is the mean of every polynomial of degree <= 2 s + 1.

    A. Grundmann, H. M. Moeller, Invariant integration formulas for the n-simplex by combinatorial methods, 1978.
    """
    result = []
    for i in range(s + 1):
        d = n + 2 * s + 1 - 2 * i
        weight = Fraction((-1) ** i * d ** (2 * s + 1) * factorial(n), 4**s * factorial(i) * factorial(d + i))
        result += [(tuple(Fraction(2 * b + 1, d) for b in e), weight) for e in monomials(n + 1, s - i)]
    return result


def integral(effort: Effort, simplex: Simplex, degree: int, value: Callable[[Point], Fraction]) -> Fraction:
    """The integral of a polynomial of at most that degree, exactly, from its values at points."""
    columns, total = list(zip(*simplex, strict=True)), Fraction(0)
    effort.spend(10 * comb(len(simplex) + degree // 2, degree // 2))
    for weights, factor in _cubature(len(simplex) - 1, degree // 2):
        effort.spend(1)  # where numbers are long, the clock decides
        point = tuple(dot(weights, column) for column in columns)
        total += factor * value(point)
    return total * volume(simplex)
