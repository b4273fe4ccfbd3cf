"""Rules of section 5 of docs/certificate.md: the hyperplane condition."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from itertools import product

from verify.auditor import affine
from verify.auditor.affine import Affine, Shape
from verify.auditor.expressions import Node, evaluate
from verify.auditor.hypotheses import Point, Setting, contains
from verify.auditor.simplices import centre
from verify.auditor.verdicts import doubt, require, settle

MOST_POINTS = 20_000  # of a grid on which a polynomial is evaluated


def interval(setting: Setting, lower: Fraction, upper: Fraction) -> None:
    """On the line: h > 0 strictly between two points of S, and 0 on the rest of S: P is an open interval."""
    require(lower < upper, "data.lower: expected lower < upper")
    _require_data(setting)
    setting.check_positive(lower, upper)
    for a, b in setting.intervals():
        for u, v in ((a, min(b, lower)), (max(a, upper), b)):
            if u < v:
                setting.check_zero((u,), (v,))


def _require_data(setting: Setting) -> None:
    for name in ("density-continuous", "density-nonnegative"):
        settle(setting.verdicts[name] == "holds", f"this rule rests on {name}, which is not claimed to hold")


def _check_sides(setting: Setting, s: Affine, above: Point, below: Point) -> None:
    """P has points on both sides of {s = 0}, which therefore meets the interior of conv(D)."""
    require(any(s.gradient), "data.hyperplane: expected a function that is not constant")
    for point, side, name in ((above, 1, "above"), (below, -1, "below")):
        require(side * s.value(point) > 0, f"data.{name}: it is not on its side of the hyperplane")
        setting.check_mass(point)


def gap(setting: Setting, x: Fraction, radius: Fraction, above: Point, below: Point) -> None:
    """On the line: a point outside S between points of D, or one around which h is 0."""
    require(radius > 0, "data: expected a radius > 0")
    _check_sides(setting, Affine((Fraction(1),), -x), above, below)
    for a, b in setting.intervals():
        u, v = max(a, x - radius), min(b, x + radius)
        if u < v:
            setting.check_zero((u,), (v,))


def zero(setting: Setting, x: Fraction, above: Point, below: Point) -> None:
    """On the line: h is 0 at a point between points of D."""
    _check_sides(setting, Affine((Fraction(1),), -x), above, below)
    setting.check_at((x,), setting.problem.density, "=", "a density that is not 0")


def convex(setting: Setting) -> None:
    """S is one convex shape, and h vanishes identically on no hyperplane through its interior."""
    _require_data(setting)
    require(len(setting.problem.shapes) == 1, "the domain is not one convex shape")
    factors = [setting.problem.density]
    while factors:
        node = factors.pop()
        exponent = node.args[1].number if node.kind == "**" else None
        if node.kind == "*":
            factors += node.args
        elif node.kind == "Abs" or (exponent is not None and exponent > 0):
            factors.append(node.args[0])
        else:
            _check_not_flat(setting, node)


def _check_not_flat(setting: Setting, node: Node) -> None:
    """Return if a factor vanishes identically on no hyperplane through the interior of the shape."""
    n, shape = len(setting.problem.variables), setting.problem.shapes[0]
    require(node.number != 0, "the density is 0")
    wall = affine.from_node(node, n)
    if wall is not None and any(wall.gradient):
        require(shape.sides(wall) != (True, True), "the density vanishes on a hyperplane through the interior")
        return
    if node.degree == 2 and _rank_of_quadratic(node, n) >= 3:
        return  # a quadratic polynomial with an affine factor has a matrix of rank 2 at most
    with doubt("a factor of the density may vanish on a hyperplane"):
        setting.check_everywhere(node, "!=", "a zero of a factor")


def _rank_of_quadratic(node: Node, n: int) -> int:
    """The rank of the matrix M with p(x) = (x, 1) M (x, 1)^T, which is that of twice M in another basis.

    The basis: (c, 1) for 0 and the unit vectors c; p is taken at their means, since 2 a M b = 4 p(mean) - p(a) - p(b).
    """
    corners = [tuple(Fraction(i == j) for j in range(n)) for i in range(n + 1)]

    p = partial(evaluate, node)
    return affine.rank([[4 * p(centre((a, b))) - p(a) - p(b) for b in corners] for a in corners])


def separated(setting: Setting, s: Affine, above: Point, below: Point, apart: Sequence[Affine]) -> None:
    """A hyperplane misses P: h vanishes on it, or every shape lies on one side and none share a face across it."""
    _check_sides(setting, s, above, below)
    if _vanishes_on(setting.problem.density, s):
        return
    sides = [(shape, *shape.sides(s)) for shape in setting.problem.shapes]
    settle(not any(low and high for _, low, high in sides), "data.hyperplane: it cuts a shape where h may be > 0")
    for (one, _, is_above), (two, is_below, _) in product(sides, sides):
        if is_above and is_below:
            setting.effort.spend(20 * (len(one.points) + len(two.points) + (1 << len(s.gradient))))
            settle(_thin_contact(one, two, s, apart), "data.apart: two shapes may share a face")


def _vanishes_on(density: Node, s: Affine) -> bool:
    """Whether the density, a polynomial, is 0 on {s = 0}: by its values over a grid that is large enough."""
    n, degree = len(s.gradient), density.degree
    if degree is None or (degree + 1) ** (n - 1) > MOST_POINTS:
        return False
    pivot = next(i for i, g in enumerate(s.gradient) if g)
    axes = [[Fraction(k) for k in range(degree + 1 if i != pivot else 1)] for i in range(n)]
    for point in product(*axes):
        own = Fraction(-s.value(point), s.gradient[pivot])
        if evaluate(density, (*point[:pivot], own, *point[pivot + 1 :])) != 0:
            return False
    return True


def _face(shape: Shape, s: Affine) -> list[Point]:
    """The corners of the face a shape has within {s = 0}, none if there is no face.

    A ball has none: it meets a hyperplane that does not cut it in one point at most.
    """
    points = [p for p in shape.corners() if s.value(p) == 0] if shape.kind != "ball" else []
    edges = [[a - b for a, b in zip(p, points[0], strict=True)] for p in points]
    return points if affine.rank(edges) == len(s.gradient) - 1 else []


def _thin_contact(one: Shape, two: Shape, s: Affine, apart: Sequence[Affine]) -> bool:
    """Whether two shapes on opposite sides of {s = 0} share no more than a null set of it."""
    faces = _face(one, s), _face(two, s)
    if not all(faces):
        return True
    signs = [[[t.value(p) for p in face] for face in faces] for t in apart]
    return any(min(first) >= 0 >= max(second) and any(v != first[0] for v in first) for first, second in signs)


def one_sided_face(setting: Setting, s: Affine, point: Point, above: Point, below: Point) -> None:
    """A face of one shape, around a point of it where h > 0, has D on one side of its hyperplane only."""
    require(s.value(point) == 0, "data.point: it is not on the hyperplane")
    _check_sides(setting, s, above, below)
    setting.check_mass(point)
    around = [shape for shape in setting.problem.shapes if contains(setting.effort, shape, point)]
    sides = {shape.sides(s) for shape in around}
    one = len(sides) == 1 and sides != {(True, True)}
    require(one, "data.point: shapes on both sides of the hyperplane meet there")
    require(any(_face(shape, s) for shape in around), "data.point: no shape has a face there")
