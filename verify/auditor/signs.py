"""Signs of an expression on a piece of the line, and the switches they settle.

A piece is an open interval (a, b) or a point a = b. A sign is a pair (least, largest) of numbers in {-1, 0, 1} between
which the sign of the expression lies, wherever it is defined on the piece; (-1, 1) says nothing. Polynomials are
settled exactly.
"""

from __future__ import annotations

from fractions import Fraction

from verify.auditor import polynomials
from verify.auditor.elementary import NoEnclosureError
from verify.auditor.evaluate import Evaluation, decide
from verify.auditor.expressions import Node, add, negate, number, rebuild, subtract
from verify.auditor.verdicts import Effort

Sign = tuple[int, int]
UNKNOWN: Sign = (-1, 1)
_ODD = ("sinh", "tanh", "atan", "asin", "erf")


class Piece:
    """One piece of the line, with what is known about expressions on it."""

    def __init__(self, effort: Effort, a: Fraction, b: Fraction) -> None:
        self.effort, self.a, self.b = effort, a, b
        self.known: dict[int, tuple[Node, Sign]] = {}
        self.resolved: dict[int, tuple[Node, Node]] = {}
        small = Fraction(b - a) or Fraction(1)
        self.p = 128 + 2 * max(0, small.denominator.bit_length() - small.numerator.bit_length())

    def sign(self, node: Node) -> Sign:
        """The sign of the expression on the piece."""
        if id(node) not in self.known:
            self.known[id(node)] = node, self._sign(self.resolve(node))
        return self.known[id(node)][1]

    def resolve(self, node: Node) -> Node:
        """An expression equal to it wherever it is defined on the piece, with as few switches as the signs allow."""
        if not node.switches:
            return node
        if id(node) not in self.resolved:
            self.resolved[id(node)] = node, self._resolve(node)
        return self.resolved[id(node)][1]

    def _resolve(self, node: Node) -> Node:
        if node.kind == "Piecewise":
            return self._branch(node)
        node = rebuild(node, list(map(self.resolve, node.args)))
        kind = node.kind
        if kind in ("Max", "Min"):
            u, v = node.args
            low, high = self.sign(subtract(u, v))
            if low >= 0 or high <= 0:
                return u if (low >= 0) == (kind == "Max") else v
        if kind in ("Abs", "sign", "Heaviside"):
            low, high = self.sign(node.args[0])
            if kind == "Abs" and (low >= 0 or high <= 0):
                return node.args[0] if low >= 0 else negate(node.args[0])
            if low == high and kind != "Abs":
                return number(low if kind == "sign" else Fraction(1 + low, 2))
        if kind in ("floor", "ceiling"):
            u = node.args[0] if kind == "floor" else negate(node.args[0])
            k = self._whole(u)
            if k is not None:
                return number(k if kind == "floor" else -k)
        return node

    def _whole(self, u: Node) -> int | None:
        """The number k with k <= u < k + 1 on the piece, if there is one."""
        try:
            middle = Fraction(self.a + self.b, 2)
            jet = Evaluation(self.effort, self.p, 0, middle, middle)(u)
        except NoEnclosureError:
            return None
        for k in {jet.lo >> self.p, jet.hi >> self.p}:
            if self.sign(add(u, number(-k)))[0] >= 0 and self.sign(add(u, number(-k - 1)))[1] < 0:
                return k
        return None

    def _branch(self, node: Node) -> Node:
        args: list[Node] = []
        signs: list[str] = []
        for i, sign in enumerate(node.value if isinstance(node.value, tuple) else ()):
            branch, difference = node.args[2 * i : 2 * i + 2]
            holds = decide(sign, *self.sign(difference))
            if holds is not False:
                args += [self.resolve(branch), number(0) if holds else self.resolve(difference)]
                signs.append("True" if holds else sign)
            if holds:
                break
        return args[0] if len(signs) == 1 else Node("Piecewise", tuple(args), tuple(signs))

    def _sign(self, node: Node) -> Sign:
        if (p := node.polynomial) is not None and (found := polynomials.sign(p, self.a, self.b)) != UNKNOWN:
            return found
        low, high = self._range_sign(node)
        if low < high:
            least, largest = self._structural_sign(node)
            low, high = max(low, least), min(high, largest)
        if (low, high) == UNKNOWN and self.a < self.b and node.polynomial is None:
            low, high = self._monotone_sign(node)
        return low, high

    def _range_sign(self, node: Node) -> Sign:
        try:
            jet = Evaluation(self.effort, self.p, 0, self.a, self.b)(node)
        except NoEnclosureError:
            return UNKNOWN
        return (jet.lo > 0) - (jet.lo < 0), (jet.hi > 0) - (jet.hi < 0)

    def _monotone_sign(self, node: Node) -> Sign:
        """If the derivative keeps one sign, the values at the ends of the closed interval are the least and largest."""
        try:
            jet = Evaluation(self.effort, self.p, 1, self.a, self.b)(node)
        except NoEnclosureError:
            return UNKNOWN
        if abs(jet.mid[1]) < jet.rad[1]:
            return UNKNOWN
        left, right = (Piece(self.effort, x, x).sign(node) for x in (self.a, self.b))
        return (left[0], right[1]) if jet.mid[1] > 0 else (right[0], left[1])

    def _structural_sign(self, node: Node) -> Sign:
        kind = node.kind
        if kind == "*":
            result = 1, 1
            for arg in node.args:
                ends = [x * y for x in result for y in self.sign(arg)]
                result = min(ends), max(ends)
            return result
        if kind == "+":
            signs = list(map(self.sign, node.args))
            low, high = min(s[0] for s in signs), max(s[1] for s in signs)
            return (max(s[0] for s in signs) if low >= 0 else -1), (min(s[1] for s in signs) if high <= 0 else 1)
        if kind == "**":
            return self._power_sign(*node.args)
        if kind in ("exp", "cosh", "softplus"):
            return 1, 1
        if kind in ("Max", "Min"):
            signs, best = list(map(self.sign, node.args)), (max if kind == "Max" else min)
            return best(s[0] for s in signs), best(s[1] for s in signs)
        if kind == "Piecewise":
            signs = list(map(self.sign, node.args[::2]))
            return min(s[0] for s in signs), max(s[1] for s in signs)
        if kind in ("sin", "cos"):
            return self._periodic_sign(kind, node.args[0])
        if kind not in (*_ODD, "Abs", "sqrt", "log", "sign"):
            return UNKNOWN
        least, largest = self.sign(add(node.args[0], number(-1)) if kind == "log" else node.args[0])
        if kind in ("Abs", "sqrt"):
            return min(abs(least), abs(largest)) if least * largest > 0 else 0, 1
        return least, largest

    def _power_sign(self, base: Node, exponent: Node) -> Sign:
        least, largest = self.sign(base)
        e = exponent.number
        if e is not None and e.denominator == 1 and e % 2:
            return least, largest
        if e == 0 or least > 0 or (largest < 0 and e is not None):
            return 1, 1
        return 0, 1

    def _periodic_sign(self, kind: str, argument: Node) -> Sign:
        """Sine and cosine of pi (u + v x), u and v rational, whose zeros are known exactly."""
        turns = _turns(argument)
        if turns is None or len(turns) > 2:
            return UNKNOWN
        low, high = sorted(polynomials.value(turns, x) + Fraction(kind == "cos", 2) for x in (self.a, self.b))
        k = low.numerator // low.denominator
        if low == high == k:
            return 0, 0
        if high > k + 1:
            return UNKNOWN
        return (-1, -1) if k % 2 else (1, 1)


def _turns(node: Node) -> polynomials.Polynomial | None:
    """The expression divided by pi as a polynomial, where its form shows that it is one."""
    if node.kind == "pi":
        return [Fraction(1)]
    if node.kind not in ("+", "*"):
        return None
    parts = [(a.polynomial, None if a.polynomial is not None else _turns(a)) for a in node.args]
    if node.kind == "*" and sum(turns is not None for _, turns in parts) != 1:
        return None
    result: polynomials.Polynomial = [Fraction(1)] if node.kind == "*" else []
    for polynomial, turns in parts:
        factor = turns if polynomial is None or node.kind == "+" else polynomial
        if factor is None:
            return None
        result = (polynomials.multiply if node.kind == "*" else polynomials.add)(result, factor)
    return result
