"""Rules of section 5 of docs/certificate.md: continuity, sign of the density, the loss, hyperplanes.

Every rule proves its verdict from the problem alone; its data say where to look.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from itertools import pairwise, product
from typing import NamedTuple

from verify.auditor import affine
from verify.auditor.affine import Affine, Shape, intervals
from verify.auditor.balls import piece as piece_of
from verify.auditor.calculus import Forms
from verify.auditor.certificate import Problem
from verify.auditor.domains import check_defined, check_sign, sign_at, split
from verify.auditor.evaluate import Vertex
from verify.auditor.expressions import Node, evaluate, multiply, negate, number, substitute, subtract
from verify.auditor.partitions import cells
from verify.auditor.simplices import centre, edges, facets, square
from verify.auditor.verdicts import Effort, doubt, require, settle, shown

MOST_POINTS = 20_000  # of a grid on which a polynomial is evaluated
_STEPS = frozenset({"sign", "floor", "Piecewise"})
Point = tuple[Fraction, ...]


class Setting(NamedTuple):
    """The problem, what is claimed of every hypothesis, and the function that an entry is about (target or density)."""

    problem: Problem
    effort: Effort
    verdicts: dict[str, str]
    function: Node

    def everywhere(self, check: Callable[[tuple[Vertex, ...]], None]) -> None:
        """Check a condition on closed intervals or simplices that cover S; a ball is covered by the box around it."""
        for shape in self.problem.shapes:
            for cell in cells(self.effort, [shape.around()]):
                with doubt("on a box around a ball", shape.kind == "ball" and len(self.problem.variables) > 1):
                    check(tuple(cell))

    def check_everywhere(self, node: Node, condition: str = "", what: str = "") -> None:
        """Prove that an expression is defined on S, and a condition on its sign if one is given."""

        def check(cell: tuple[Vertex, ...]) -> None:
            check_defined(self.effort, node, cell)
            if condition:
                check_sign(self.effort, node, cell, condition, what)

        self.everywhere(check)

    def check_at(self, point: Point, node: Node, condition: str, what: str) -> None:
        """Prove that a point lies in S, and a condition on the sign of an expression there."""
        inside = any(contains(self.effort, shape, point) for shape in self.problem.shapes)
        require(inside, f"({', '.join(map(shown, point))}) is not in the domain")
        check_defined(self.effort, node, (point,))
        check_sign(self.effort, node, (point,), condition, what)

    def check_mass(self, point: Point) -> None:
        """Prove that a point lies in D: in S with h > 0 there, the density being continuous."""
        settle(self.verdicts["density-continuous"] == "holds", "the density is not claimed to be continuous")
        self.check_at(point, self.problem.density, ">", "a density <= 0")

    def check_positive(self, a: Fraction, b: Fraction) -> None:
        """Prove that the density is > 0 on an open interval of S."""
        inside = any(low <= a < b <= high for low, high in intervals(self.problem.shapes))
        require(inside, f"({shown(a)}, {shown(b)}) is not in the domain")
        check_sign(self.effort, self.problem.density, ((a,), (b,)), ">", "a density <= 0", inside=True)

    def check_zero(self, *cell: Vertex) -> None:
        """Prove that the density is 0 almost everywhere on a cell."""
        for node, *vertices in split(self.effort, self.problem.density, *cell):
            low, high = piece_of(self.effort, *vertices).sign(node)
            require(low <= 0 <= high, "the density is not 0 everywhere")
            settle(low == high, "the density is not seen to be 0")


def contains(effort: Effort, shape: Shape, point: Point) -> bool:
    """Whether a closed shape contains a point."""
    if shape.kind == "ball":
        return square(point, shape.points[0]) <= shape.radius**2
    if shape.kind == "box":
        return all(lo <= x <= hi for lo, x, hi in zip(shape.points[0], point, shape.points[1], strict=True))
    return all(plane.value(point) >= 0 for plane in facets(effort, shape.points))


def bounded_shape(setting: Setting) -> None:
    """S is a finite union of closed boxes, hulls and balls: its closed subset D is compact."""


def has_steps(node: Node) -> bool:
    """Whether an expression contains a function that may jump."""
    return node.kind in _STEPS or (node.switches and any(map(has_steps, node.args)))


def composition(setting: Setting) -> None:
    """A composition of continuous functions that is defined on S is continuous there."""
    require(not has_steps(setting.function), "the expression has a function that may jump")
    if not setting.function.total:
        setting.check_everywhere(setting.function)


def pasting(setting: Setting) -> None:
    """On the line: continuous on finitely many closed intervals, with the same value where two of them meet."""
    node = setting.function
    for a, b in intervals(setting.problem.shapes):
        check_defined(setting.effort, node, ((a,), (b,)))  # so is each part inside, which is the same there
        parts = list(split(setting.effort, node, (a,), (b,)))
        for part, (u,), (v,) in parts:
            settle(not has_steps(part), f"a switch is left between {shown(u)} and {shown(v)}")
            for x in (u, v):
                _check_same_value(setting, part, x)
        ends = [a, *(x for _, *pair in parts for (x,) in pair), b]
        require(ends[::2] == ends[1::2], "the parts do not cover the interval")


def _check_same_value(setting: Setting, part: Node, x: Fraction) -> None:
    """An expression has the value of the function at a point: by signs, or by their normal forms there."""
    low, high = sign_at(setting.effort, subtract(part, setting.function), (x,))
    require(low <= 0 <= high, f"it is not continuous at {shown(x)}: the value and the limit differ")
    here = piece_of(setting.effort, (x,)).resolve(setting.function)
    same = low == high or (not has_steps(here) and not Forms()(substitute(subtract(part, here), {0: number(x)})).over)
    settle(same, f"whether the value at {shown(x)} is the limit is open")


def jump(setting: Setting, x: Fraction, radius: Fraction) -> None:
    """On the line: at a point of D the limits from the two sides, or a limit and the value, differ."""
    require(radius > 0, "data: expected a radius > 0")
    values = [setting.function]
    for u, v in ((x - radius, x), (x, x + radius)):
        if any(low <= u and v <= high for low, high in intervals(setting.problem.shapes)):
            setting.check_positive(u, v)
            part = piece_of(setting.effort, (u,), (v,)).resolve(setting.function)
            settle(not has_steps(part), f"a switch is left between {shown(u)} and {shown(v)}")
            with doubt("this rule does not follow limits"):
                check_defined(setting.effort, part, ((u,), (v,)))
            values.append(part)
    require(len(values) > 1, "data.point: it is not in the domain")
    signs = [sign_at(setting.effort, subtract(one, two), (x,)) for one, two in pairwise([*values, values[0]])]
    require(any(sign != (0, 0) for sign in signs), f"the values and limits at {shown(x)} agree")
    settle(any(sign in ((1, 1), (-1, -1)) for sign in signs), f"whether the limits at {shown(x)} differ is open")


def nonnegative(setting: Setting, point: Point) -> None:
    """The density is >= 0 on S, and > 0 around a point of S (a value at one point would carry no mass)."""
    setting.check_everywhere(setting.problem.density, ">=", "a density < 0")
    setting.check_mass(point)


def negative_value(setting: Setting, point: Point) -> None:
    """The density is < 0 at a point of S."""
    setting.check_at(point, negate(setting.problem.density), ">", "a density >= 0")


def zero_density(setting: Setting) -> None:
    """The density is 0 inside all cells of S."""
    setting.everywhere(lambda cell: setting.check_zero(*cell))


def known_loss(kinds: tuple[str, ...], setting: Setting, *points: Point) -> None:
    """By the kind of the loss (the proofs are in section 5); at any x in D, which points of D show not to be empty."""
    loss = setting.problem.loss
    kind = "absolute" if loss.kind == "power" and loss.parameter == 1 else loss.kind
    require(kind in kinds, f"it is not so for the loss {kind} by its kind")
    for point in points:
        setting.check_mass(point)


def _gap(setting: Setting) -> Node:
    """What must be > 0 for the minimum to be attained: f, for the logistic loss f (1 - f)."""
    kind, target = setting.problem.loss.kind, setting.problem.target
    require(kind in ("logistic", "poisson"), "this rule is for the losses logistic and poisson")
    return multiply(target, subtract(number(1), target)) if kind == "logistic" else target


def labels(setting: Setting) -> None:
    """0 < f < 1 (logistic) or 0 < f (poisson) on S, closed: for every x the derivative in y changes sign."""
    setting.check_everywhere(_gap(setting), ">", "a label out of range")


def label(setting: Setting, point: Point) -> None:
    """A label out of range at a point of D: y -> L(x, y) is strictly monotone there."""
    setting.check_mass(point)
    setting.check_at(point, negate(_gap(setting)), ">=", "a label in range")


def interval(setting: Setting, lower: Fraction, upper: Fraction) -> None:
    """On the line: h > 0 strictly between two points of S, and 0 on the rest of S: P is an open interval."""
    require(lower < upper, "data.lower: expected lower < upper")
    _require_data(setting)
    setting.check_positive(lower, upper)
    for a, b in intervals(setting.problem.shapes):
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
    for a, b in intervals(setting.problem.shapes):
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
    roots = ((point, Fraction(-s.value(point), s.gradient[pivot])) for point in product(*axes))
    return not any(evaluate(density, (*point[:pivot], root, *point[pivot + 1 :])) for point, root in roots)


def _face(shape: Shape, s: Affine) -> list[Point]:
    """The corners of the face a shape has within {s = 0}, none if there is no face.

    A ball has none: it meets a hyperplane that does not cut it in one point at most.
    """
    points = [p for p in shape.corners() if s.value(p) == 0] if shape.kind != "ball" else []
    return points if affine.rank(edges(points)) == len(s.gradient) - 1 else []


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
