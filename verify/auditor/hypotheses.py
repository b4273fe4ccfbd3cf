"""Rules of section 5 of docs/certificate.md: continuity, sign of the density, the loss.

Every rule proves its verdict from the problem alone; its data say where to look.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from verify.auditor.affine import Shape, intervals
from verify.auditor.balls import piece as piece_of
from verify.auditor.calculus import Forms
from verify.auditor.certificate import Problem
from verify.auditor.domains import check_defined, check_sign, split
from verify.auditor.evaluate import Vertex
from verify.auditor.expressions import Node, multiply, negate, number, substitute, subtract
from verify.auditor.partitions import cells
from verify.auditor.simplices import facets
from verify.auditor.verdicts import Effort, doubt, require, settle, shown

_STEPS = frozenset({"sign", "floor", "Piecewise"})
Point = tuple[Fraction, ...]


class Setting(NamedTuple):
    """The problem, what is claimed of every hypothesis, and the function that an entry is about (target or density)."""

    problem: Problem
    effort: Effort
    verdicts: dict[str, str]
    function: Node

    @property
    def on_line(self) -> bool:
        """Whether there is one input variable."""
        return len(self.problem.variables) == 1

    def everywhere(self, check: Callable[[tuple[Vertex, ...]], None]) -> None:
        """Check a condition on closed intervals or simplices that cover S; a ball is covered by the box around it."""
        for shape in self.problem.shapes:
            for cell in cells(self.effort, [shape.around()]):
                with doubt("on a box around a ball", shape.kind == "ball" and not self.on_line):
                    check(tuple(cell))

    def check_everywhere(self, node: Node, condition: str = "", what: str = "") -> None:
        """Prove that an expression is defined on S, and a condition on its sign if one is given."""

        def check(cell: tuple[Vertex, ...]) -> None:
            check_defined(self.effort, node, cell)
            if condition:
                check_sign(self.effort, node, cell, condition, what)

        self.everywhere(check)

    def sign_at(self, node: Node, point: Point) -> tuple[int, int]:
        """The sign of an expression at a point, where it must be defined."""
        check_defined(self.effort, node, (point,))
        return piece_of(self.effort, point).sign(node)

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
        inside = any(low <= a < b <= high for low, high in self.intervals())
        require(inside, f"({shown(a)}, {shown(b)}) is not in the domain")
        check_sign(self.effort, self.problem.density, ((a,), (b,)), ">", "a density <= 0", inside=True)

    def check_zero(self, *cell: Vertex) -> None:
        """Prove that the density is 0 almost everywhere on a cell."""
        for node, *vertices in split(self.effort, self.problem.density, *cell):
            low, high = piece_of(self.effort, *vertices).sign(node)
            require(low <= 0 <= high, "the density is not 0 everywhere")
            settle(low == high, "the density is not seen to be 0")

    def intervals(self) -> list[tuple[Fraction, Fraction]]:
        """S on the line as disjoint intervals."""
        return intervals(self.problem.shapes)


def contains(effort: Effort, shape: Shape, point: Point) -> bool:
    """Whether a closed shape contains a point."""
    if shape.kind == "ball":
        square = sum(((a - b) ** 2 for a, b in zip(point, shape.points[0], strict=True)), Fraction(0))
        return square <= shape.radius**2
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
    for a, b in setting.intervals():
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
    low, high = setting.sign_at(subtract(part, setting.function), (x,))
    require(low <= 0 <= high, f"it is not continuous at {shown(x)}: the value and the limit differ")
    here = piece_of(setting.effort, (x,)).resolve(setting.function)
    same = low == high or (not has_steps(here) and not Forms()(substitute(subtract(part, here), {0: number(x)})).over)
    settle(same, f"whether the value at {shown(x)} is the limit is open")


def jump(setting: Setting, x: Fraction, radius: Fraction) -> None:
    """On the line: at a point of D the limits from the two sides, or a limit and the value, differ."""
    require(radius > 0, "data: expected a radius > 0")
    values = [setting.function]
    for u, v in ((x - radius, x), (x, x + radius)):
        if any(low <= u and v <= high for low, high in setting.intervals()):
            setting.check_positive(u, v)
            part = piece_of(setting.effort, (u,), (v,)).resolve(setting.function)
            settle(not has_steps(part), f"a switch is left between {shown(u)} and {shown(v)}")
            with doubt("this rule does not follow limits"):
                check_defined(setting.effort, part, ((u,), (v,)))
            values.append(part)
    require(len(values) > 1, "data.point: it is not in the domain")
    signs = [setting.sign_at(subtract(one, two), (x,)) for one, two in pairwise([*values, values[0]])]
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
