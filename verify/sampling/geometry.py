"""Random affine functions, polytopes, tables `[domain]`, and hyperplanes that cut a domain."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from proofs.geometry.affine import Affine, Point
from proofs.geometry.polytopes import Polytope
from verify.sampling.choices import Choices

NAMES = ("x", "y", "z")
CONVEX = ("box", "vertices")
DOMAINS = (*CONVEX, "gap")
SHAPES = (*DOMAINS, "ball")
_SLOTS = 30


def affine(choices: Choices, n: int) -> Affine:
    """Return an affine function on R^n."""
    return Affine.of([choices.rational() for _ in range(n)], choices.rational())


def normal(choices: Choices, n: int, pivot: int | None = None) -> tuple[Fraction, ...]:
    """Return a vector that is not 0 whose first entry other than 0, at `pivot` if given, is positive."""
    first = choices.integer(0, n - 1) if pivot is None else pivot
    rest = [choices.integer(-3, 3) for _ in range(n - first - 1)]
    return tuple(Fraction(e) for e in (*[0] * first, choices.integer(1, 3), *rest))


def sides(choices: Choices, points: Sequence[Point], normals: Sequence[tuple[Fraction, ...]]) -> list[Affine]:
    """Return one affine function a normal, with different zero sets that cut the interior of the points' hull.

    The first entry other than 0 of each normal has to be positive, as `normal` makes it.
    """
    result = []
    for gradient, slot in zip(normals, choices.distinct(range(1, _SLOTS), len(normals)), strict=True):
        linear = Affine.of(gradient)
        values = [linear(p) for p in points]
        result.append(linear.plus(-min(values) - (max(values) - min(values)) * Fraction(slot, _SLOTS)))
    return result


def point_on(side: Affine, points: Sequence[Point]) -> Point:
    """Return a point of the hull at which a function that takes both signs on the points vanishes."""
    low, high = min(points, key=side), max(points, key=side)
    weight = side(low) / (side(low) - side(high))
    return tuple(a + weight * (b - a) for a, b in zip(low, high, strict=True))


def polytope(choices: Choices, n: int) -> Polytope:
    """Return a box, a simplex or a box with a peak, of full dimension."""
    kind = choices.pick(("box", "simplex", "peak"))
    if kind == "simplex":
        return Polytope.hull(_simplex(choices, n))
    box = Polytope.box(_bounds(choices, n))
    return Polytope.hull(_peaked(choices, box)) if kind == "peak" else box


def domain_table(choices: Choices, n: int, kinds: Sequence[str] = CONVEX) -> dict[str, Any]:
    """Return a table `[domain]`: a box, a convex hull, two boxes with a gap between them, or a ball."""
    kind = choices.pick(kinds)
    table: dict[str, Any] = {"variables": list(NAMES[:n])}
    if kind == "box":
        table["box"] = _texts(_bounds(choices, n))
    elif kind == "vertices":
        hull = _simplex(choices, n) if choices.flag() else _peaked(choices, Polytope.box(_bounds(choices, n)))
        table["vertices"] = _texts(hull)
    elif kind == "gap":
        (low, high), *rest = _bounds(choices, n)
        start = high + choices.positive(4, 4)
        second = [(start, start + choices.positive(4, 4)), *rest]
        table["union"] = [{"box": _texts([(low, high), *rest])}, {"box": _texts(second)}]
    elif kind == "ball":
        centre, radius = ([choices.rational(6, 4) for _ in range(n)], choices.positive(6, 4))
        unit = not choices.flag()
        table["ball"] = {"center": ["0" if unit else str(c) for c in centre], "radius": "1" if unit else str(radius)}
    else:
        raise ValueError(f"{kind!r} is none of {', '.join(SHAPES)}")
    return table


def _bounds(choices: Choices, n: int) -> list[tuple[Fraction, Fraction]]:
    """Return the bounds of a box; the unit box often."""
    if not choices.flag():
        return [(Fraction(0), Fraction(1))] * n
    lower = [choices.rational(6, 4) for _ in range(n)]
    return [(low, low + choices.positive(6, 4)) for low in lower]


def _simplex(choices: Choices, n: int) -> list[Point]:
    """Return the vertices of a simplex: a corner, and edges that form a triangular matrix."""
    corner = [choices.rational(6, 4) for _ in range(n)]
    points = [tuple(corner)]
    for i in range(n):
        edge = [*(choices.rational(3, 2) for _ in range(i)), choices.positive(6, 4), *[Fraction(0)] * (n - i - 1)]
        points.append(tuple(c + e for c, e in zip(corner, edge, strict=True)))
    return points


def _peaked(choices: Choices, box: Polytope) -> list[Point]:
    """Return the corners of a box and a point beyond the middle of one of its faces."""
    axis = choices.integer(0, box.dimension - 1)
    top = max(v[axis] for v in box.vertices) + choices.positive(4, 4)
    return [*box.vertices, tuple(top if i == axis else c for i, c in enumerate(box.centre))]


def _texts(rows: Sequence[Sequence[Fraction]]) -> list[list[str]]:
    return [[str(entry) for entry in row] for row in rows]
