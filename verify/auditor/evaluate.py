"""Jets and ranges of an expression on a cell of the line."""

from __future__ import annotations

from fractions import Fraction

from verify.auditor.elementary import NoEnclosureError
from verify.auditor.expressions import Node
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

    With `at`, the coefficients are those at the point `at` alone, in the variable t of the cell [a, b]. Where an
    expression is not defined on the whole cell, its jet is that of the part where it is.
    """

    def __init__(self, effort: Effort, p: int, n: int, a: Fraction, b: Fraction, at: Fraction | None = None) -> None:
        self.jets, self.effort = Jets(p, n), effort
        low, high = (a, b) if at is None else (at, at)
        ends = self.jets.enclosures.rational(low)[0], self.jets.enclosures.rational(high)[1]
        self.x = self.jets.variable(ends, Fraction(b - a, 2))
        self.cost = (n + 1) * (1 + (p >> 9) ** 2)
        self.done: dict[int, tuple[Node, Jet]] = {}

    def __call__(self, node: Node) -> Jet:
        """The jet of an expression; NoEnclosureError where there is none, UndecidedError when the effort is used up."""
        if id(node) not in self.done:
            self.effort.spend(self.cost)
            self.done[id(node)] = node, self._jet(node)  # the node is kept, so that its id stays its own
        return self.done[id(node)][1]

    def _jet(self, node: Node) -> Jet:
        jets, kind = self.jets, node.kind
        if kind == "variable":
            return self.x
        if (value := node.number) is not None:
            return jets.constant(jets.enclosures.rational(value))
        if kind == "pi":
            return jets.constant(jets.enclosures.pi())
        if kind == "Piecewise":
            return self._piecewise(node)
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
        return self._switch(kind, args) if node.kind in _SWITCHES else jets.function(kind, args[0])

    def _switch(self, kind: str, args: list[Jet]) -> Jet:
        jets, one, u = self.jets, self.jets.enclosures.one, args[0]
        if kind in ("Max", "Min"):
            v = args[1]
            if u.hi <= v.lo or v.hi <= u.lo:
                return v if (u.hi <= v.lo) == (kind == "Max") else u
            best = max if kind == "Max" else min
            return self._hull(best(u.lo, v.lo), best(u.hi, v.hi))
        if kind == "Abs":
            if u.lo >= 0 or u.hi <= 0:
                return u if u.lo >= 0 else jets.scale(u, Fraction(-1))
            return self._hull(0, max(-u.lo, u.hi))
        if kind in ("floor", "ceiling"):
            p = jets.p
            lo, hi = (u.lo >> p, u.hi >> p) if kind == "floor" else (-(-u.lo >> p), -(-u.hi >> p))
            return self._hull(lo << p, hi << p)
        values = (-one, 0, one) if kind == "sign" else (0, one >> 1, one)
        return self._hull(values[(u.lo > 0) - (u.lo < 0) + 1], values[(u.hi > 0) - (u.hi < 0) + 1])

    def _hull(self, lo: int, hi: int) -> Jet:
        if self.jets.n and lo < hi:
            raise NoEnclosureError("a switch inside the cell")
        return self.jets.constant((lo, hi))

    def _piecewise(self, node: Node) -> Jet:
        possible: list[Jet] = []
        signs = node.value if isinstance(node.value, tuple) else ()
        for branch, difference, sign in zip(node.args[::2], node.args[1::2], signs, strict=True):
            d = self(difference)
            holds = decide(sign, (d.lo > 0) - (d.lo < 0), (d.hi > 0) - (d.hi < 0))
            if holds is not False:
                possible.append(self(branch))
            if holds:
                break
            if possible and self.jets.n:
                raise NoEnclosureError("a switch inside the cell")
        if len(possible) == 1:
            return possible[0]
        return self._hull(min(j.lo for j in possible), max(j.hi for j in possible))


_SWITCHES = ("Abs", "Max", "Min", "sign", "Heaviside", "floor", "ceiling")
