"""Rules of section 5 of docs/certificate.md: the hyperplane condition."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from itertools import product
from typing import Any

from verify.auditor import affine
from verify.auditor.affine import Affine, Shape
from verify.auditor.discs import piece as piece_of
from verify.auditor.domains import split
from verify.auditor.expressions import Node, add, evaluate, multiply, number, substitute
from verify.auditor.hypotheses import Point, Setting, around, contains
from verify.auditor.partitions import partition
from verify.auditor.verdicts import InvalidError, UndecidedError, require, settle, shown

MOST_POINTS = 20_000  # of a grid on which a polynomial is evaluated
MOST_BISECTIONS = 300


def interval(setting: Setting, data: Any, place: str) -> None:
    """On the line: h > 0 strictly between two points of S, and 0 on the rest of S: P is an open interval."""
    r = setting.reader
    lower, upper = r.record(data, place, "lower:exact upper:exact")
    require(setting.on_line and lower < upper, "this rule is for one input variable and lower < upper")
    _require_data(setting)
    setting.check_positive(lower, upper, place)
    for a, b in setting.intervals():
        for u, v in ((a, min(b, lower)), (max(a, upper), b)):
            if u < v:
                _check_zero(setting, u, v, place)


def _require_data(setting: Setting) -> None:
    for name in ("density-continuous", "density-nonnegative"):
        settle(setting.verdicts[name] == "holds", f"this rule rests on {name}, which is not claimed to hold")


def _check_zero(setting: Setting, a: Fraction, b: Fraction, place: str) -> None:
    for node, u, v in split(setting.effort, setting.problem.density, a, b):
        sign = piece_of(setting.effort, u, v).sign(node)
        require(sign[0] <= 0 <= sign[1], f"{place}: the density is not 0 between {shown(u)} and {shown(v)}")
        settle(sign == (0, 0), f"{place}: the density is not seen to be 0 between {shown(u)} and {shown(v)}")


def _check_sides(setting: Setting, s: Affine, above: Point, below: Point, place: str) -> None:
    """P has points on both sides of {s = 0}, which therefore meets the interior of conv(D)."""
    for point, side, name in ((above, 1, "above"), (below, -1, "below")):
        require(side * s.value(point) > 0, f"{place}.{name}: it is not on its side of the hyperplane")
        setting.check_mass(point, f"{place}.{name}")


def gap(setting: Setting, data: Any, place: str) -> None:
    """On the line: a point outside S between points of D, or one around which h is 0."""
    r = setting.reader
    x, radius, above, below = r.record(data, place, "point:exact radius:exact above:point below:point")
    require(setting.on_line and radius > 0, "this rule is for one input variable and a radius > 0")
    _check_sides(setting, Affine((Fraction(1),), -x), above, below, place)
    for a, b in setting.intervals():
        u, v = max(a, x - radius), min(b, x + radius)
        if u < v:
            _check_zero(setting, u, v, place)


def zero(setting: Setting, data: Any, place: str) -> None:
    """On the line: h is 0 at a point between points of D."""
    r = setting.reader
    x, above, below = r.record(data, place, "point:exact above:point below:point")
    require(setting.on_line, "this rule is for one input variable")
    _check_sides(setting, Affine((Fraction(1),), -x), above, below, place)
    low, high = setting.sign_at(setting.problem.density, (x,))
    require(low <= 0 <= high, f"{place}.point: the density is not 0")
    settle(low == high, f"{place}.point: the sign of the density is open")


def convex(setting: Setting, data: Any, place: str) -> None:
    """S is one convex shape, and h vanishes identically on no hyperplane through its interior."""
    setting.reader.record(data, place, "")
    _require_data(setting)
    require(len(setting.problem.shapes) == 1, "the domain is not one convex shape")
    _check_not_flat(setting, setting.problem.density)


def _check_not_flat(setting: Setting, node: Node) -> None:
    """Return if a node vanishes identically on no hyperplane through the interior of the shape."""
    if node.kind == "*":
        for factor in node.args:
            _check_not_flat(setting, factor)
        return
    exponent = node.args[1].number if node.kind == "**" else None
    if exponent is not None and exponent > 0:
        return _check_not_flat(setting, node.args[0])
    if node.kind in ("Abs", "sqrt"):
        return _check_not_flat(setting, node.args[0])
    value, shape = node.number, setting.problem.shapes[0]
    if value is not None:
        require(value != 0, "the density is 0")
        return
    if node.kind in ("exp", "cosh"):
        return
    wall = affine.from_node(node, len(setting.problem.variables))
    if wall is not None and any(wall.gradient):
        require(shape.sides(wall) != (True, True), "the density vanishes on a hyperplane through the interior")
        return
    if node.degree == 2 and _rank_of_quadratic(setting, node) >= 3:
        return  # a quadratic polynomial with an affine factor has a matrix of rank 2 at most
    _check_positive_around(setting, node)


def _rank_of_quadratic(setting: Setting, node: Node) -> int:
    """The rank of the matrix M with p(x) = (x, 1) M (x, 1)^T, from values of p."""
    n = len(setting.problem.variables)
    unit = [tuple(Fraction(i == j) for j in range(n)) for i in range(n)]
    origin = (Fraction(0),) * n
    at = partial(evaluate, node)

    def plus(a: Point, b: Point) -> Point:
        return tuple(x + y for x, y in zip(a, b, strict=True))

    constant = at(origin)
    squares = [Fraction(at(plus(u, u)) - 2 * at(u) + constant, 2) for u in unit]
    linear = [at(u) - constant - q for u, q in zip(unit, squares, strict=True)]
    rows = [[Fraction(0)] * (n + 1) for _ in range(n + 1)]
    for i in range(n):
        rows[i][i], rows[i][n], rows[n][i] = squares[i], Fraction(linear[i], 2), Fraction(linear[i], 2)
        for j in range(i):
            mixed = at(plus(unit[i], unit[j])) - at(unit[i]) - at(unit[j]) + constant
            rows[i][j] = rows[j][i] = Fraction(mixed, 2)
    rows[n][n] = constant
    return affine.rank(rows)


def _check_positive_around(setting: Setting, node: Node) -> None:
    """Prove a node != 0 on the shape, or on the box around a ball."""
    shape = setting.problem.shapes[0]
    shape = around(shape) if shape.kind == "ball" else shape
    for cell in partition(setting.effort, [shape]).cells:
        stack = [tuple(cell)]
        for _ in range(MOST_BISECTIONS):
            if not stack:
                break
            piece = piece_of(setting.effort, *stack.pop())
            if piece.sign(node) not in ((1, 1), (-1, -1)):
                settle(not piece.is_point(), f"a factor of the density may be 0 at {piece.place()}")
                stack += piece.halves()
        else:
            raise UndecidedError("a factor of the density may vanish on a hyperplane")


def separated(setting: Setting, data: Any, place: str) -> None:
    """A hyperplane misses P: h vanishes on it, or every shape lies on one side and none share a face across it."""
    r = setting.reader
    s, above, below, apart = r.record(data, place, "hyperplane:affine above:point below:point apart:affine*")
    require(any(s.gradient), f"{place}.hyperplane: expected a function that is not constant")
    require(not setting.on_line, "this rule is for two and more input variables")
    _check_sides(setting, s, above, below, place)
    if _vanishes_on(setting, s):
        return
    shapes = setting.problem.shapes
    for shape in shapes:
        settle(shape.sides(s) != (True, True), f"{place}.hyperplane: it cuts a shape where h may be > 0")
    upper = [shape for shape in shapes if shape.sides(s)[1]]
    lower = [shape for shape in shapes if shape.sides(s)[0]]
    for one, two in product(upper, lower):
        setting.effort.spend(20 * (len(one.points) + len(two.points) + (1 << len(s.gradient))))
        settle(_thin_contact(one, two, s, apart), f"{place}.apart: two shapes may share a face")


def _vanishes_on(setting: Setting, s: Affine) -> bool:
    """Whether the density, a polynomial, is 0 on {s = 0}: by its values on a grid that is large enough."""
    degree = setting.problem.density.degree
    if degree is None:
        return False
    n = len(setting.problem.variables)
    pivot = next(i for i, g in enumerate(s.gradient) if g)
    terms = [
        multiply(number(Fraction(-g, s.gradient[pivot])), Node("variable", (), i))
        for i, g in enumerate(s.gradient)
        if g and i != pivot
    ]
    solved = add(*terms, number(Fraction(-s.constant, s.gradient[pivot])))
    node = substitute(setting.problem.density, {pivot: solved})
    if (degree + 1) ** (n - 1) > MOST_POINTS:
        return False
    axes = [[Fraction(0)] if i == pivot else [Fraction(k) for k in range(degree + 1)] for i in range(n)]
    return all(evaluate(node, point) == 0 for point in product(*axes))


def _thin_contact(one: Shape, two: Shape, s: Affine, apart: Sequence[Affine]) -> bool:
    """Whether two shapes on opposite sides of {s = 0} share no more than a null set of it."""
    if "ball" in (one.kind, two.kind):
        return True  # a ball meets a hyperplane that does not cut it in one point at most
    faces = [[p for p in _corners(shape) if s.value(p) == 0] for shape in (one, two)]
    n = len(s.gradient)
    for face in faces:
        if affine.rank([[a - b for a, b in zip(p, face[0], strict=True)] for p in face]) < n - 1:
            return True
    for t in apart:
        signs = [[t.value(p) for p in face] for face in faces]
        if min(signs[0]) >= 0 >= max(signs[1]) and any(v != signs[0][0] for v in signs[0]):
            return True
    return False


def _corners(shape: Shape) -> list[Point]:
    if shape.kind == "box":
        return list(product(*zip(*shape.points, strict=True)))
    return list(shape.points)


def one_sided_face(setting: Setting, data: Any, place: str) -> None:
    """A face of one shape, around a point of it where h > 0, has D on one side of its hyperplane only."""
    r = setting.reader
    s, point, above, below = r.record(data, place, "hyperplane:affine point:point above:point below:point")
    require(any(s.gradient) and s.value(point) == 0, f"{place}.point: it is not on the hyperplane")
    require(not setting.on_line, "this rule is for two and more input variables")
    _check_sides(setting, s, above, below, place)
    setting.check_mass(point, f"{place}.point")
    around = [shape for shape in setting.problem.shapes if contains(setting.effort, shape, point)]
    sides = {shape.sides(s) for shape in around}
    if len(sides) != 1 or sides == {(True, True)}:
        raise InvalidError(f"{place}.point: shapes on both sides of the hyperplane meet there")
    n = len(s.gradient)
    for shape in around:
        face = [] if shape.kind == "ball" else [p for p in _corners(shape) if s.value(p) == 0]
        if affine.rank([[a - b for a, b in zip(p, face[0], strict=True)] for p in face]) == n - 1:
            return
    raise InvalidError(f"{place}.point: no shape has a face there")
