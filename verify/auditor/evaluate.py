"""Jets and ranges of an expression on a cell of the line."""

from __future__ import annotations

from fractions import Fraction

from verify.auditor.elementary import NoEnclosureError
from verify.auditor.expressions import SWITCHES, Node, negate, number
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

    With the evaluation on the whole cell as `wide`, the jets are those at the middle alone, of the same smooth
    functions: switches go the same way. Where an expression is not defined on the whole cell, its jet is that of the
    part where it is.
    """

    def __init__(
        self, effort: Effort, p: int, n: int, a: Fraction, b: Fraction, wide: Evaluation | None = None
    ) -> None:
        self.jets, self.effort = Jets(p, n), effort
        low, high = (Fraction(a + b, 2),) * 2 if wide else (a, b)
        ends = self.jets.enclosures.rational(low)[0], self.jets.enclosures.rational(high)[1]
        self.x = self.jets.variable(ends, Fraction(b - a, 2))
        self.cost = (n + 1) * (1 + (p >> 9) ** 2)
        self.done: dict[int, tuple[Node, Jet]] = {}  # the nodes are kept, so that their ids stay their own
        self.chosen: dict[int, Node] = wide.chosen if wide else {}

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
            return self._switch(node)
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

    def _switch(self, node: Node) -> Jet:
        """The jet of what the node switches to on the whole cell; the hull of all it may be if not one thing."""
        if id(node) not in self.chosen:
            found = self._piecewise(node) if node.kind == "Piecewise" else self._choose(node)
            if isinstance(found, tuple):
                if self.jets.n:
                    raise NoEnclosureError("a switch inside the cell")
                return self.jets.constant(found)
            self.chosen[id(node)] = found
        return self(self.chosen[id(node)])

    def _choose(self, node: Node) -> Node | tuple[int, int]:
        kind, one, u = node.kind, self.jets.enclosures.one, self(node.args[0])
        if kind in ("Max", "Min"):
            v, best = self(node.args[1]), max if kind == "Max" else min
            if u.hi <= v.lo or v.hi <= u.lo:
                return node.args[1 if (u.hi <= v.lo) == (kind == "Max") else 0]
            return best(u.lo, v.lo), best(u.hi, v.hi)
        if kind == "Abs":
            if u.lo >= 0 or u.hi <= 0:
                return node.args[0] if u.lo >= 0 else negate(node.args[0])
            return 0, max(-u.lo, u.hi)
        if kind in ("floor", "ceiling"):
            p = self.jets.p
            low, high = (u.lo >> p, u.hi >> p) if kind == "floor" else (-(-u.lo >> p), -(-u.hi >> p))
            return number(low) if low == high else (low << p, high << p)
        low, high = (u.lo > 0) - (u.lo < 0), (u.hi > 0) - (u.hi < 0)
        if kind == "sign":
            return number(low) if low == high else (low * one, high * one)
        return number(Fraction(1 + low, 2)) if low == high else ((1 + low) * one >> 1, (1 + high) * one >> 1)

    def _piecewise(self, node: Node) -> Node | tuple[int, int]:
        possible: list[Node] = []
        signs = node.value if isinstance(node.value, tuple) else ()
        for branch, difference, sign in zip(node.args[::2], node.args[1::2], signs, strict=True):
            d = self(difference)
            holds = decide(sign, (d.lo > 0) - (d.lo < 0), (d.hi > 0) - (d.hi < 0))
            if holds is not False:
                possible.append(branch)
            if holds:
                break
            if possible and self.jets.n:
                raise NoEnclosureError("a switch inside the cell")
        if len(possible) == 1:
            return possible[0]
        jets = list(map(self, possible))
        return min(j.lo for j in jets), max(j.hi for j in jets)
