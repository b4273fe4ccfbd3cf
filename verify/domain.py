"""Domains: boxes, convex hulls, balls and unions of them, exact.

INTERFACE.md, "Problem file". Every shape is compact; a domain answers how affine functions range over its convex hull
(which is all that reduced forms and constructions need) and hands out disjoint cells to integrate over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from math import comb
from typing import Any

from proofs.geometry.affine import Affine, Point
from proofs.geometry.balls import Ball as Ball
from proofs.geometry.balls import RoundCell, interiors_meet, squared_distance
from proofs.geometry.polytopes import Polytope, disjoint
from verify.errors import InputError
from verify.exact import parse_number
from verify.expressions import Condition, check_variables, parse_condition

SHAPES = ("box", "vertices", "ball", "union")
MAX_DIMENSION = 8
MAX_PIECES = 1_000
MAX_FACET_CANDIDATES = 200_000

Piece = Polytope | Ball


@dataclass(frozen=True)
class Domain:
    """The stated shape of a problem, cut down by an optional restriction.

    `specification` is the shape as a file states it (exact numbers as strings), ready for a certificate.
    """

    variables: tuple[str, ...]
    pieces: tuple[Piece, ...]
    restriction: Condition | None
    specification: Mapping[str, Any]

    @classmethod
    def from_mapping(cls, data: object, variables: object = None) -> Domain:
        """Read the table `[domain]`, or the shape of a family file whose variables stand outside. Raises InputError."""
        table = _table(data, "")
        allowed = {*SHAPES, "restriction"} | ({"variables"} if variables is None else set())
        for key in table:
            if key not in allowed:
                raise InputError(f"unknown key; expected one of {', '.join(sorted(allowed))}", key=str(key))
        names = table.get("variables") if variables is None else variables
        if not isinstance(names, list | tuple) or not names:
            raise InputError('expected a list of names such as ["x"]', key="variables")
        checked = check_variables(list(names), "variables")
        if len(checked) > MAX_DIMENSION:
            raise InputError(f"{len(checked)} variables; at most {MAX_DIMENSION} are accepted", key="variables")
        pieces, shape = _shape(table, len(checked))
        restriction = None
        specification: dict[str, Any] = {"variables": list(checked), **shape}
        if "restriction" in table:
            restriction = parse_condition(table["restriction"], checked, "restriction")
            specification["restriction"] = table["restriction"]
        return cls(checked, tuple(_merged(pieces, len(checked))), restriction, specification)

    @property
    def dimension(self) -> int:
        """The input dimension n."""
        return len(self.variables)

    def sign_of(self, function: Affine) -> int:
        """Return 1 if `function >= 0` on the domain, -1 if `<= 0`, 0 if the hyperplane cuts its convex hull."""
        signs = {piece.sign_of(function) for piece in self.pieces}
        return signs.pop() if len(signs) == 1 else 0

    def lower_bound(self, function: Affine) -> Fraction:
        """Return a rational lower bound of the function on the domain."""
        return min(piece.lower_bound(function) for piece in self.pieces)

    @cached_property
    def polytopes(self) -> tuple[Polytope, ...]:
        """Disjoint polytopes (up to boundaries) that make up the domain. Raises InputError if a piece is a ball."""
        if any(isinstance(piece, Ball) for piece in self.pieces):
            raise InputError("balls are not yet accepted here; use a box, vertices or a union of them", key="domain")
        return tuple(disjoint(piece for piece in self.pieces if isinstance(piece, Polytope)))

    @cached_property
    def cells(self) -> tuple[Polytope | RoundCell, ...]:
        """Disjoint cells (up to boundaries) that make up the domain. Raises InputError if a ball overlaps a piece."""
        balls = [piece for piece in self.pieces if isinstance(piece, Ball)]
        if not balls:
            return self.polytopes
        others = [piece for piece in self.pieces if isinstance(piece, Polytope)]
        if any(
            squared_distance(a.centre, b.centre) < (a.radius + b.radius) ** 2 for a, b in combinations(balls, 2)
        ) or any(interiors_meet(ball, other) for ball in balls for other in others):
            raise InputError("a ball that overlaps another piece is not yet accepted here", key="domain")
        return (*disjoint(others), *(ball.cell for ball in balls))


def _table(data: object, key: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise InputError("expected a table", key=key)
    return data


def _list(data: object, key: str, what: str) -> list[Any]:
    if not isinstance(data, list | tuple) or not data:
        raise InputError(f"expected {what}", key=key)
    return list(data)


def _shape(table: Mapping[str, Any], n: int) -> tuple[list[Piece], dict[str, Any]]:
    present = [kind for kind in SHAPES if kind in table]
    if len(present) != 1:
        found = "none" if not present else " and ".join(present)
        raise InputError(f"expected exactly one of {', '.join(SHAPES)}, found {found}", key="")
    kind = present[0]
    try:
        if kind == "union":
            return _union(table["union"], n)
        piece, text = {"box": _box, "vertices": _vertices, "ball": _ball}[kind](table[kind], n)
    except InputError as error:
        raise error.within(key=kind) from None
    return [piece], {kind: text}


def _union(data: object, n: int) -> tuple[list[Piece], dict[str, Any]]:
    members = _list(data, "", "a list of shapes")
    if len(members) > MAX_PIECES:
        raise InputError(f"{len(members)} shapes; at most {MAX_PIECES} are accepted")
    pieces: list[Piece] = []
    texts: list[dict[str, Any]] = []
    for index, member in enumerate(members):
        try:
            table = _table(member, "")
            for key in table:
                if key not in SHAPES:
                    raise InputError(f"unknown key; expected one of {', '.join(SHAPES)}", key=str(key))
            parts, text = _shape(table, n)
        except InputError as error:
            raise error.within(key=str(index + 1)) from None
        pieces += parts
        texts.append(text)
    return pieces, {"union": texts}


def _box(data: object, n: int) -> tuple[Piece, list[list[str]]]:
    bounds: list[tuple[Fraction, Fraction]] = []
    for index, pair in enumerate(_list(data, "", "one [lower, upper] pair a variable")):
        ends = _list(pair, str(index + 1), "a pair [lower, upper]")
        if len(ends) != 2:
            raise InputError(f"expected a pair [lower, upper], found {len(ends)} entries", key=str(index + 1))
        lower, upper = (parse_number(e, str(index + 1)) for e in ends)
        if lower >= upper:
            raise InputError(f"the lower bound {lower} is not below the upper bound {upper}", key=str(index + 1))
        bounds.append((lower, upper))
    if len(bounds) != n:
        raise InputError(f"{len(bounds)} pairs for {n} variables")
    return Polytope.box(bounds), [[str(lower), str(upper)] for lower, upper in bounds]


def _point(data: object, n: int, key: str) -> Point:
    entries = _list(data, key, f"a point of {n} coordinates")
    if len(entries) != n:
        raise InputError(f"expected a point of {n} coordinates, found {len(entries)}", key=key)
    return tuple(parse_number(e, key) for e in entries)


def _vertices(data: object, n: int) -> tuple[Piece, list[list[str]]]:
    points = [_point(p, n, str(i + 1)) for i, p in enumerate(_list(data, "", "a list of points"))]
    if comb(len(set(points)), n) > MAX_FACET_CANDIDATES:
        raise InputError(f"{len(points)} vertices are too many in dimension {n}")
    try:
        hull = Polytope.hull(points)
    except ValueError as error:
        raise InputError(str(error)) from None
    return hull, [[str(x) for x in p] for p in points]


def _ball(data: object, n: int) -> tuple[Piece, dict[str, Any]]:
    table = _table(data, "")
    if set(table) != {"center", "radius"}:
        raise InputError("expected the keys center and radius")
    centre = _point(table["center"], n, "center")
    radius = parse_number(table["radius"], "radius")
    if radius <= 0:
        raise InputError("the radius must be positive", key="radius")
    text = {"center": [str(x) for x in centre], "radius": str(radius)}
    if n == 1:
        return Polytope.box([(centre[0] - radius, centre[0] + radius)]), text
    return Ball(centre, radius), text


def _merged(pieces: list[Piece], n: int) -> list[Piece]:
    """Join overlapping and touching intervals; leave higher dimensions alone."""
    if n > 1:
        return pieces
    result: list[tuple[Fraction, Fraction]] = []
    ends = sorted((min(p.vertices)[0], max(p.vertices)[0]) for p in pieces if isinstance(p, Polytope))
    for lower, upper in ends:
        if result and lower <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], upper))
        else:
            result.append((lower, upper))
    return [Polytope.box([pair]) for pair in result]
