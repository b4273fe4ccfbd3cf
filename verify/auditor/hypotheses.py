"""Rules of section 5 of docs/certificate.md: continuity, sign of the density, the loss.

Every rule proves its verdict from the problem alone; its data say where to look.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

from verify.auditor import simplices
from verify.auditor.affine import Shape, intervals
from verify.auditor.calculus import Forms
from verify.auditor.certificate import Problem, Reader
from verify.auditor.discs import piece as piece_of
from verify.auditor.domains import check_defined, check_nonnegative, split
from verify.auditor.evaluate import Vertex
from verify.auditor.expressions import Node, add, negate, number, substitute, subtract
from verify.auditor.losses import PARAMETERS
from verify.auditor.partitions import partition
from verify.auditor.signs import Piece
from verify.auditor.verdicts import Effort, InvalidError, UndecidedError, require, settle, shown

KNOWN = tuple(kind for kind in PARAMETERS if kind != "expression")
AT_TARGET = ("squared", "power", "absolute", "huber", "logcosh", "pinball")
_STEPS = frozenset({"sign", "Heaviside", "floor", "ceiling", "Piecewise"})
MOST_BISECTIONS = 300
Point = tuple[Fraction, ...]


class Setting(NamedTuple):
    """The problem, with what is claimed of every hypothesis."""

    problem: Problem
    effort: Effort
    reader: Reader
    verdicts: dict[str, str]

    def function(self, key: str) -> Node:
        """The density or the target."""
        return self.problem.density if key == "density" else self.problem.target

    @property
    def on_line(self) -> bool:
        """Whether there is one input variable."""
        return len(self.problem.variables) == 1

    def everywhere(self, check: Callable[[tuple[Vertex, ...]], None]) -> None:
        """Check a condition on closed intervals or simplices that cover S; a ball is covered by the box around it."""
        balls = [shape for shape in self.problem.shapes if shape.kind == "ball" and not self.on_line]
        others = [shape for shape in self.problem.shapes if shape not in balls]
        for cell in partition(self.effort, others).cells if others else []:
            check(tuple(cell))
        for cell in partition(self.effort, list(map(around, balls))).cells if balls else []:
            try:
                check(tuple(cell))
            except InvalidError as fault:
                raise UndecidedError(f"on a box around a ball: {fault}") from None

    def vertex(self, point: Point) -> Vertex:
        """A point as the pieces take it."""
        return point[0] if self.on_line else point

    def sign_at(self, node: Node, point: Point) -> tuple[int, int]:
        """The sign of an expression at a point, where it must be defined."""
        vertex = self.vertex(point)
        check_defined(self.effort, node, (vertex, vertex) if self.on_line else (vertex,))
        return self._point(vertex).sign(node)

    def resolved(self, node: Node, point: Point) -> Node:
        """The expression with the switches gone that are settled at a point."""
        return self._point(self.vertex(point)).resolve(node)

    def _point(self, vertex: Vertex) -> Piece:
        return piece_of(self.effort, vertex, vertex) if self.on_line else piece_of(self.effort, vertex)

    def check_inside(self, point: Point, place: str) -> None:
        """A point lies in S."""
        inside = (contains(self.effort, shape, point) for shape in self.problem.shapes)
        require(any(inside), f"{place}: it is not in the domain")

    def check_mass(self, point: Point, place: str) -> None:
        """Prove that a point lies in D: in S with h > 0 there, the density being continuous."""
        self.check_inside(point, place)
        settle(self.verdicts["density-continuous"] == "holds", f"{place}: the density is not claimed to be continuous")
        settle(self.sign_at(self.problem.density, point) == (1, 1), f"{place}: the density is not seen to be > 0")

    def check_positive(self, a: Fraction, b: Fraction, place: str) -> None:
        """Prove that the density is > 0 on an open interval of S."""
        inside = any(low <= a < b <= high for low, high in self.intervals())
        require(inside, f"{place}: ({shown(a)}, {shown(b)}) is not in the domain")
        parts = list(split(self.effort, self.problem.density, a, b))
        for _, u, v in parts:
            _positive_inside(self, u, v, place)
        for x in {x for _, *ends in parts for x in ends} - {a, b}:
            sign = self.sign_at(self.problem.density, (x,))
            require(sign[1] > 0, f"{place}: the density is not > 0 at {shown(x)}")
            settle(sign == (1, 1), f"{place}: the sign of the density at {shown(x)} is open")

    def intervals(self) -> list[tuple[Fraction, Fraction]]:
        """S on the line as disjoint intervals."""
        return intervals(self.problem.shapes)


def _positive_inside(setting: Setting, a: Fraction, b: Fraction, place: str) -> None:
    stack = [(a, b)]
    for _ in range(MOST_BISECTIONS):
        if not stack:
            return
        u, v = stack.pop()
        sign = piece_of(setting.effort, u, v).sign(setting.problem.density)
        if sign == (1, 1):
            continue
        require(sign[1] > 0, f"{place}: the density is not > 0 between {shown(u)} and {shown(v)}")
        middle = Fraction(u + v, 2)
        at_middle = setting.sign_at(setting.problem.density, (middle,))
        require(at_middle[1] > 0, f"{place}: the density is not > 0 at {shown(middle)}")
        settle(at_middle == (1, 1), f"{place}: the sign of the density at {shown(middle)} is open")
        stack += [(u, middle), (middle, v)]
    raise UndecidedError(f"{place}: the density is not seen to be > 0 near {shown(stack[-1][0])}")


def around(ball: Shape) -> Shape:
    """The box around a ball."""
    low, high = (tuple(c + s * ball.radius for c in ball.points[0]) for s in (-1, 1))
    return Shape("box", (low, high))


def contains(effort: Effort, shape: Shape, point: Point) -> bool:
    """Whether a closed shape contains a point (of a hull: whether no facet parts them, seen by its simplices)."""
    if shape.kind == "ball":
        square = sum(((a - b) ** 2 for a, b in zip(point, shape.points[0], strict=True)), Fraction(0))
        return square <= shape.radius**2
    if shape.kind == "box":
        return all(lo <= x <= hi for lo, x, hi in zip(shape.points[0], point, shape.points[1], strict=True))
    return in_hull(effort, shape.points, point)


def in_hull(effort: Effort, vertices: tuple[Point, ...], point: Point) -> bool:
    """Whether a point lies in the convex hull of a full-dimensional set: in one of the simplices of its cells."""
    for cell in partition(effort, [Shape("vertices", vertices)]).cells:
        corners = list(cell)
        if len(point) == 1:
            if min(corners) <= point[0] <= max(corners):
                return True
            continue
        whole = simplices.volume(tuple(corners))
        parts = [simplices.volume((*corners[:i], point, *corners[i + 1 :])) for i in range(len(corners))]
        if sum(map(abs, parts), Fraction(0)) == abs(whole):
            return True
    return False


def nothing(setting: Setting, data: Any, place: str) -> None:
    """S is a finite union of closed boxes, hulls and balls: its closed subset D is compact."""
    setting.reader.record(data, place, "")


def has_steps(node: Node) -> bool:
    """Whether an expression contains a function that may jump."""
    seen, stack = set(), [node]
    while stack:
        top = stack.pop()
        if top.kind in _STEPS:
            return True
        if id(top) not in seen:
            seen.add(id(top))
            stack += top.args
    return False


def composition(setting: Setting, data: Any, place: str, choose: Callable[[Setting], Node]) -> None:
    """A composition of continuous functions that is defined on S is continuous there."""
    setting.reader.record(data, place, "")
    node = choose(setting)
    require(not has_steps(node), "the expression has a function that may jump")
    if node.total:
        return
    setting.everywhere(lambda cell: check_defined(setting.effort, node, cell))


def pasting(setting: Setting, data: Any, place: str, choose: Callable[[Setting], Node]) -> None:
    """On the line: continuous on finitely many closed intervals, with the same value where two of them meet."""
    setting.reader.record(data, place, "")
    require(setting.on_line, "this rule is for one input variable")
    node = choose(setting)
    for a, b in setting.intervals():
        check_defined(setting.effort, node, (a, b))
        parts = list(split(setting.effort, node, a, b))
        for part, u, v in parts:
            settle(not has_steps(part), f"a switch is left between {shown(u)} and {shown(v)}")
            check_defined(setting.effort, part, (u, v))
            for x in (u, v):
                _same_value(setting, part, node, x)
        ends = [a, *(x for _, *pair in parts for x in pair), b]
        require(ends[::2] == ends[1::2], "the parts do not cover the interval")


def _same_value(setting: Setting, part: Node, node: Node, x: Fraction) -> None:
    low, high = setting.sign_at(subtract(part, node), (x,))
    require(low <= 0 <= high, f"it is not continuous at {shown(x)}: the value and the limit differ")
    settle(low == high or _same_form(setting, part, node, x), f"whether the value at {shown(x)} is the limit is open")


def _same_form(setting: Setting, part: Node, node: Node, x: Fraction) -> bool:
    """Whether two expressions are seen to have the same value at a point: their normal forms there agree."""
    here = setting.resolved(node, (x,))
    return not has_steps(here) and not Forms()(substitute(subtract(part, here), {0: number(x)})).over


def jump(setting: Setting, data: Any, place: str, choose: Callable[[Setting], Node]) -> None:
    """On the line: at a point of D the limits from the two sides, or a limit and the value, differ."""
    r = setting.reader
    x, radius = r.record(data, place, "point:exact radius:exact")
    require(setting.on_line and radius > 0, "this rule is for one input variable and a radius > 0")
    node = choose(setting)
    values: list[Node] = [node]
    for u, v in ((x - radius, x), (x, x + radius)):
        if any(low <= u and v <= high for low, high in setting.intervals()):
            setting.check_positive(u, v, place)
            part = piece_of(setting.effort, u, v).resolve(node)
            settle(not has_steps(part), f"a switch is left between {shown(u)} and {shown(v)}")
            try:
                check_defined(setting.effort, part, (u, v))
            except InvalidError as fault:
                raise UndecidedError(f"this rule does not follow limits: {fault}") from None
            values.append(part)
    require(len(values) > 1, f"{place}: the point is not in the domain")
    signs = [setting.sign_at(subtract(one, two), (x,)) for one, two in pairwise([*values, values[0]])]
    require(any(sign != (0, 0) for sign in signs), f"the values and limits at {shown(x)} agree")
    settle(any(sign in ((1, 1), (-1, -1)) for sign in signs), f"whether the limits at {shown(x)} differ is open")


def nonnegative(setting: Setting, data: Any, place: str) -> None:
    """The density is >= 0 on S, and > 0 around a point of S (a value at one point would carry no mass)."""
    (point,) = setting.reader.record(data, place, "point:point")
    density, effort = setting.problem.density, setting.effort
    setting.everywhere(lambda cell: check_defined(effort, density, cell))
    setting.everywhere(lambda cell: check_nonnegative(effort, density, cell))
    setting.check_mass(point, f"{place}.point")


def negative_value(setting: Setting, data: Any, place: str) -> None:
    """The density is < 0 at a point of S."""
    (point,) = setting.reader.record(data, place, "point:point")
    setting.check_inside(point, f"{place}.point")
    low, high = setting.sign_at(setting.problem.density, point)
    require(low < 0, f"{place}.point: the density is not < 0")
    settle(high < 0, f"{place}.point: the sign of the density is open")


def zero_density(setting: Setting, data: Any, place: str) -> None:
    """The density is 0 inside all cells of S."""
    setting.reader.record(data, place, "")

    def check(cell: tuple[Vertex, ...]) -> None:
        for node, *vertices in split(setting.effort, setting.problem.density, *cell):
            sign = piece_of(setting.effort, *vertices).sign(node)
            require(sign[0] <= 0 <= sign[1], "the density is not 0 everywhere")
            settle(sign == (0, 0), "the density is not seen to be 0")

    setting.everywhere(check)


def known_loss(setting: Setting, data: Any, place: str, kinds: tuple[str, ...]) -> None:
    """By the kind of the loss (the proofs are in section 5)."""
    setting.reader.record(data, place, "")
    require(setting.problem.loss.kind in kinds, f"it is not so for the loss {setting.problem.loss.kind} by its kind")


def strictly_convex(setting: Setting, data: Any, place: str) -> None:
    """By the kind of the loss."""
    kinds = ("squared", "logcosh", "logistic", "poisson")
    power = setting.problem.loss.kind == "power" and setting.problem.loss.parameter > 1
    known_loss(setting, data, place, (*kinds, "power") if power else kinds)


def not_strictly_convex(setting: Setting, data: Any, place: str) -> None:
    """By the kind of the loss, at any x in D: a point of S with h > 0 shows that there is one."""
    (point,) = setting.reader.record(data, place, "point:point")
    loss = setting.problem.loss
    flat = loss.kind in ("absolute", "huber", "pinball") or (loss.kind == "power" and loss.parameter == 1)
    require(flat, f"it is not so for the loss {loss.kind} by its kind")
    setting.check_mass(point, f"{place}.point")


def _gaps(setting: Setting) -> list[Node]:
    """What must be > 0 for the minimum to be attained."""
    kind, target = setting.problem.loss.kind, setting.problem.target
    require(kind in ("logistic", "poisson"), "this rule is for the losses logistic and poisson")
    return [target, add(number(1), negate(target))] if kind == "logistic" else [target]


def labels(setting: Setting, data: Any, place: str) -> None:
    """0 < f < 1 (logistic) or 0 < f (poisson) on S, closed: for every x the derivative in y changes sign."""
    setting.reader.record(data, place, "")
    for gap in _gaps(setting):
        setting.everywhere(partial(_positive_on, setting, gap))


def _positive_on(setting: Setting, node: Node, cell: tuple[Vertex, ...]) -> None:
    check_defined(setting.effort, node, cell)
    faces = {tuple(sorted(f)) for f in piece_of(setting.effort, *cell).faces()}
    stack = sorted(faces, key=len)
    for _ in range(10 * MOST_BISECTIONS):
        if not stack:
            return
        piece = piece_of(setting.effort, *stack.pop())
        sign = piece.sign(node)
        require(sign[1] > 0, f"a label out of range at {piece.place()}")
        if sign != (1, 1):
            settle(not piece.is_point(), f"the label at {piece.place()} is open")
            stack += piece.halves()
    raise UndecidedError("the labels are not seen to be in range")


def label(setting: Setting, data: Any, place: str) -> None:
    """A label out of range at a point of D: y -> L(x, y) is strictly monotone there."""
    (point,) = setting.reader.record(data, place, "point:point")
    setting.check_mass(point, f"{place}.point")
    signs = [setting.sign_at(gap, point) for gap in _gaps(setting)]
    if all(sign == (1, 1) for sign in signs):
        raise InvalidError(f"{place}.point: the label is in range")
    settle(any(sign[1] <= 0 for sign in signs), f"{place}.point: whether the label is in range is open")
