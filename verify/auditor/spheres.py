"""Integrals of polynomials over parts of a ball in space, by integrals along lines (docs/certificate.md, section 4.7).

All is seen from the ball's centre; r is the radius, n a normal. By the divergence theorem the integral of a form g of
degree k is that of g (x.n)/(3 + k) over the boundary of the part. On the sphere the spherical Laplacian of g is
D g - k (k + 1) g/r**2: the integral of g there is one of D g, of degree k - 2, and one along the rim of the derivative
of g across; the area is an integral along the rim of r det(q, x, dx)/(r + q.x) for a unit vector q, unless -r q is
inside. In the plane of a face all edges are joined to the centre's foot f: of the triangle (f, a, b) a triangle is left
where the edge is inside, else a sector up to v = f + m ((1 - t) a + t b - f). Signs make up for what is outside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, pairwise
from math import isqrt
from typing import Any

from verify.auditor.affine import Affine, dot
from verify.auditor.expressions import Node, add, multiply, number, power, substitute
from verify.auditor.simplices import Point, Simplex, centre, cut_all, determinant, distance, edges
from verify.auditor.verdicts import Effort

Terms = defaultdict[tuple[int, ...], Fraction]  # the coefficients of a polynomial in three variables
ORIGIN: Point = (Fraction(0),) * 3
UNIT = (Fraction(0),), (Fraction(1),)
_X = [Node("variable", (), i) for i in range(3)]


def _cross(a: Point, b: Point) -> Point:
    return tuple(a[i - 2] * b[i - 1] - a[i - 1] * b[i - 2] for i in range(3))


def charts(effort: Effort, middle: Point, radius: Fraction, simplex: Simplex, node: Node) -> Iterator[tuple[Any, ...]]:
    """Weighted polynomials on simplices and expressions on (0, 1), whose integrals add up to that of a polynomial."""
    moved = substitute(node, {i: add(x, number(c)) for i, (x, c) in enumerate(zip(_X, middle, strict=True))})
    corners = tuple(edges([middle, *simplex]))
    axes = [Affine(tuple(Fraction(i == k) for i in range(3)), Fraction(0)) for k in range(3)]
    for part in cut_all(effort, [corners], axes):
        inner = centre(part)
        pole = tuple(Fraction(k if x > 0 else -k, 3) for x, k in zip(inner, (2, 2, 1), strict=True))
        for face in combinations(part, 3):
            normal = _cross(*edges(face))
            height = dot(normal, face[0])
            seen = dot(normal, inner) < height  # counterclockwise, from outside
            below = tuple(Fraction(x * height, dot(normal, normal)) for x in normal)
            for i, j in ((0, 1), (1, 2), (2, 0)) if dot(below, below) < radius**2 else ():
                weight, (a, b) = (1 if seen == (face[i] < face[j]) else -1), sorted((face[i], face[j]))
                side = determinant([below, a, b])
                for ends in _cut(a, b, radius) if any(_cross(*edges([below, a, b]))) else ():
                    if max(dot(x, x) for x in ends) > radius**2:
                        yield weight, _sector(moved, radius, below, ends, pole), *UNIT
                    elif side:
                        yield weight if side > 0 else -weight, moved, ORIGIN, below, *ends


def _root(number: Fraction, up: int) -> Fraction:
    """The square root, rounded down, or up with up = 1."""
    bits = 40 + max(0, number.denominator.bit_length() - number.numerator.bit_length())
    return Fraction(isqrt((number.numerator << 2 * bits) // number.denominator) + up, 1 << bits)


def _cut(a: Point, b: Point, radius: Fraction) -> Iterator[Simplex]:
    """A segment, cut close to the sphere: the parts are inside, outside or tiny."""
    (way,) = edges([a, b])
    size, half = dot(way, way), dot(a, way)
    square = half**2 - size * (dot(a, a) - radius**2)
    roots = [s * _root(square, up) for s, up in ((-1, 1), (-1, 0), (1, 0), (1, 1))] if square > 0 else []
    times = [Fraction(0), *(t for t in (Fraction(x - half, size) for x in roots) if 0 < t < 1), Fraction(1)]
    return pairwise(tuple(x + t * y for x, y in zip(a, way, strict=True)) for t in times)


@lru_cache(1 << 12)
def _sector(node: Node, radius: Fraction, below: Point, ends: Simplex, pole: Point) -> Node:
    """What is to be integrated over 0 < t < 1 for a segment, with the vector w from f to its points.

    The angle has the element |n| dt/|w|**2 for the normal n with the length of the vector product of the ends; m is
    (r**2 - |f|**2)**(1/2)/|w| or, in the ball, 1.
    """
    ways = edges([below, *ends])
    normal, (step,) = _cross(*ways), edges(ways)
    scale = next(x for x in normal if x)
    unit = tuple(Fraction(x, scale) for x in normal)
    flat, rim, left = _lowered(node, radius, below, unit)
    size = dot(step, step)
    along = power(add(_X[0], number(Fraction(dot(ways[0], step), size))), number(2))
    ratio = multiply(
        number(Fraction(size, radius**2 - dot(below, below))),
        add(along, number(Fraction(dot(normal, normal), size**2))),
    )  # 1/m**2
    reach = power(ratio, number(Fraction(-1, 2)))
    way = [add(number(x), multiply(number(y), _X[0])) for x, y in zip(ways[0], step, strict=True)]
    rays = [multiply(reach, y) for y in way]
    lean = add(number(dot(pole, below)), *(multiply(number(q), y) for q, y in zip(pole, rays, strict=True)))
    across = add(multiply(number(dot(unit, below)), lean), number(-dot(pole, unit) * radius**2))
    area = multiply(number(left), across, power(add(number(radius), lean), number(-1)))
    outer = multiply(number(scale), power(ratio, number(-1)), add(_at(rim, rays), area))
    if distance(ORIGIN, ends) >= radius**2:
        return outer
    inner = multiply(number(scale), _at(flat, way))
    return Node("Piecewise", (inner, add(ratio, number(-1)), outer, number(0)), ("<=", "True"))


@lru_cache(1 << 10)
def _lowered(node: Node, radius: Fraction, below: Point, normal: Point) -> tuple[Terms, Terms, Fraction]:
    """Polynomials in x - f along an edge, inside and at the sphere, and the factor of the area's integrand."""
    level, square, terms = dot(normal, below), radius**2, _expanded(node)
    disc = square - dot(below, below)
    left = Terms(Fraction, {e: Fraction(c * square, disc * (3 + sum(e))) for e, c in terms.items()})
    rim: Terms = Terms(Fraction, {e: Fraction(0) for e in terms})
    for k in range(max(map(sum, left)), 0, -1):
        for e, c in [(e, Fraction(c * square, k * (k + 1))) for e, c in left.items() if sum(e) == k]:
            rim[e] += Fraction(level * k * c, square)
            for i in range(3):
                for by, into, factor in ((1, rim, -e[i] * normal[i]), (2, left, e[i] * (e[i] - 1))):
                    if factor:
                        into[(*e[:i], e[i] - by, *e[i + 1 :])] += factor * c
    moved = [add(x, number(f)) for x, f in zip(_X, below, strict=True)]
    flat = _expanded(_at(Terms(Fraction, {e: Fraction(c * level, 3 + sum(e)) for e, c in terms.items()}), moved))
    flat = Terms(Fraction, {e: Fraction(c, 2 + sum(e)) for e, c in flat.items()})
    both = Terms(Fraction, _expanded(_at(rim, moved)))
    for e, c in flat.items():
        both[e] += c
    return flat, both, left[0, 0, 0]


@lru_cache(1 << 10)
def _expanded(node: Node) -> Terms:
    """A polynomial in three variables by its monomials."""
    if node.number is not None:
        return Terms(Fraction, {(0, 0, 0): node.number})
    if node.kind == "variable":
        return Terms(Fraction, {tuple(int(i == node.value) for i in range(3)): Fraction(1)})
    result, *others = map(_expanded, node.args)
    if node.kind == "**":
        result, others = (
            Terms(Fraction, {(0, 0, 0): Fraction(1)}),
            [result] * (node.args[1].number or Fraction(0)).numerator,
        )
    for other in others:
        total: Terms = Terms(Fraction, result) if node.kind == "+" else Terms(Fraction)
        for f, d in other.items():
            for e, c in [((0, 0, 0), Fraction(1))] if node.kind == "+" else result.items():
                total[e[0] + f[0], e[1] + f[1], e[2] + f[2]] += c * d
        result = total
    return result


def _at(terms: Terms, x: Sequence[Node], i: int = 0) -> Node:
    """A polynomial of expressions, by Horner's rule."""
    if i == len(x):
        return number(sum(terms.values(), Fraction(0)))
    found = number(0)
    for k in range(max((e[i] for e in terms), default=0), -1, -1):
        rest = _at(Terms(Fraction, {e: c for e, c in terms.items() if e[i] == k}), x, i + 1)
        found = rest if found.number == 0 else add(multiply(found, x[i]), rest)
    return found
