"""Jets and ranges of an expression on a cell of the line."""

from __future__ import annotations

from fractions import Fraction

from verify.auditor.elementary import Interval, NoEnclosureError
from verify.auditor.expressions import SWITCHES, Node
from verify.auditor.jets import Jet, Jets
from verify.auditor.verdicts import Effort


def decide(sign: str, least: int, largest: int) -> bool | None:
    """Whether `d sign 0` holds where the sign of d lies between least and largest: always, never, or None."""
    if sign in ("<", "<="):
        least, largest = -largest, -least
    if sign == "True" or least > 0 or (least >= 0 and sign in ("<=", ">=")):
        return True
    return False if largest < 0 or (largest <= 0 and sign in ("<", ">")) else None


class Evaluation:
    """Jets of order n at precision p of expressions in x, where x runs through [a, b].

    With `at_middle`, the coefficients are those at the middle alone, in the variable t of the whole cell. Where an
    expression is not defined on the whole cell, its jet is that of the part where it is. Switches have hulls, no
    derivatives: `Piece.resolve` removes them where they are settled.
    """

    def __init__(self, effort: Effort, p: int, n: int, a: Fraction, b: Fraction, *, at_middle: bool = False) -> None:
        self.jets, self.effort = Jets(p, n), effort
        low, high = (Fraction(a + b, 2),) * 2 if at_middle else (a, b)
        ends = self.jets.enclosures.rational(low)[0], self.jets.enclosures.rational(high)[1]
        self.x = self.jets.variable(ends, Fraction(b - a, 2))
        self.cost = (n + 1) * (1 + (p >> 9) ** 2)
        self.done: dict[int, tuple[Node, Jet]] = {}  # the nodes are kept, so that their ids stay their own

    def __call__(self, node: Node) -> Jet:
        """The jet of an expression; NoEnclosureError where there is none."""
        if id(node) not in self.done:
            self.effort.spend(self.cost)
            self.done[id(node)] = node, self._jet(node)
        return self.done[id(node)][1]

    def _jet(self, node: Node) -> Jet:
        jets, kind = self.jets, node.kind
        if kind == "variable":
            return self.x
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
