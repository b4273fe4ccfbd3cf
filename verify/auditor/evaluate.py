"""Jets and ranges of an expression on a cell: an interval of the line, or a simplex."""

from __future__ import annotations

from fractions import Fraction
from math import comb
from typing import Any

from verify.auditor.elementary import Interval, NoEnclosureError
from verify.auditor.expressions import SWITCHES, Node
from verify.auditor.jets import Jet, Jets
from verify.auditor.verdicts import Effort

Vertex = Any  # a number on the line, else a tuple of numbers


def decide(sign: str, least: int, largest: int) -> bool | None:
    """Whether `d sign 0` holds where the sign of d lies between least and largest: always, never, or None."""
    if sign in ("<", "<="):
        least, largest = -largest, -least
    if sign == "True" or least > 0 or (least >= 0 and sign in ("<=", ">=")):
        return True
    return False if largest < 0 or (largest <= 0 and sign in ("<", ">")) else None


class Evaluation:
    """Jets of order n at precision p of expressions on [a, b], or on the simplex with these vertices.

    With `at_middle`, the coefficients are those at the middle alone, in the variables t of the whole cell: on the line
    x = middle + t (b - a) / 2, else x = middle + sum of t_i (v_i - v_0), t_i + 1 / (n + 1) barycentric. Where an
    expression is not defined on the whole cell, its jet is that of the part where it is. Switches have hulls, no
    derivatives: `Piece.resolve` removes them where they are settled.
    """

    def __init__(self, effort: Effort, p: int, n: int, *vertices: Vertex, at_middle: bool = False) -> None:
        line = not isinstance(vertices[0], tuple)
        self.jets, self.effort = Jets(p, n, len(vertices) - 1), effort
        self.x = []
        for column in [vertices] if line else zip(*vertices, strict=True):
            values = [Fraction(sum(column), len(column))] if at_middle else column
            ends = self.jets.enclosures.rational(min(values))[0], self.jets.enclosures.rational(max(values))[1]
            self.x.append(self.jets.affine(ends, [Fraction(x - column[0], 1 + line) for x in column[1:]]))
        products = n if line else comb(n + 2 * len(vertices) - 2, n) // 60
        self.cost = (products + 1) * (1 + (p >> 9) ** 2)
        self.done: dict[int, tuple[Node, Jet]] = {}  # the nodes are kept, so that their ids stay their own

    def __call__(self, node: Node) -> Jet:
        """The jet of an expression; NoEnclosureError where there is none."""
        if id(node) not in self.done:
            self.effort.spend(self.cost)
            self.done[id(node)] = node, self._jet(node)
        return self.done[id(node)][1]

    def _jet(self, node: Node) -> Jet:
        jets, kind = self.jets, node.kind
        if kind == "variable" and isinstance(node.value, int):
            return self.x[node.value]
        if (value := node.number) is not None:
            return jets.constant(jets.enclosures.rational(value))
        if kind == "pi":
            return jets.constant(jets.enclosures.pi())
        if kind in SWITCHES:
            if jets.n:
                raise NoEnclosureError("a switch")
            return jets.constant(self._hull_of_branches(node) if kind == "Piecewise" else self._hull(node))
        if kind == "*":
            factor = node.args[0].number
            args = list(map(self, node.args[0 if factor is None else 1 :]))
            result = args[0]
            for arg in args[1:]:
                result = jets.multiply(result, arg)
            return result if factor is None else jets.scale(result, factor)
        if kind == "**" and (exponent := node.args[1].number) is not None:
            return jets.power(self(node.args[0]), exponent)
        args = list(map(self, node.args))
        if kind == "+":
            return jets.add(args)
        if kind == "**":
            return jets.function("exp", jets.multiply(args[1], jets.function("log", args[0])))
        return jets.function(kind, args[0])

    def _hull(self, node: Node) -> Interval:
        """Bounds of a switch: all are monotone in each argument but Abs."""
        kind, p, args = node.kind, self.jets.p, [self(arg) for arg in node.args]
        low, high = args[0].lo, args[0].hi
        if kind in ("Max", "Min"):
            best = max if kind == "Max" else min
            return best(low, args[1].lo), best(high, args[1].hi)
        if kind == "Abs":
            return max(low, -high, 0), max(-low, high)
        if kind == "floor":
            return low >> p << p, high >> p << p
        if kind == "ceiling":
            return -(-low >> p << p), -(-high >> p << p)
        low, high = (low > 0) - (low < 0), (high > 0) - (high < 0)
        return (low << p, high << p) if kind == "sign" else ((1 + low) << (p - 1), (1 + high) << (p - 1))

    def _hull_of_branches(self, node: Node) -> Interval:
        jets: list[Jet] = []
        signs = node.value if isinstance(node.value, tuple) else ()
        for branch, difference, sign in zip(node.args[::2], node.args[1::2], signs, strict=True):
            d = self(difference)
            holds = decide(sign, (d.lo > 0) - (d.lo < 0), (d.hi > 0) - (d.hi < 0))
            if holds is not False:
                jets.append(self(branch))
            if holds:
                break
        return min(j.lo for j in jets), max(j.hi for j in jets)
