"""Ranges and Taylor jets of an expression: what it does around every point of a cell, an interval or a simplex.

A jet of order n holds the range [lo, hi] of a function on the cell, and enclosures of its Taylor coefficients up to n
at every point of the cell at once, in a variable t: on the line x = middle + t (b - a) / 2. Coefficient k lies in
[mid[k] - rad[k], mid[k] + rad[k]] * 2**-p; entry 0 covers [lo, hi]. In several variables x = middle + sum of
t_i (v_i - v_0), t_i + 1 / (n + 1) barycentric; coefficient k is a form, the part of degree k, and mid[k] is off by a
form whose coefficients have sizes that add up to rad[k] at most; the rules, those of the derivative along t, stay the
same. Sums of products are exact, with one rounding (below 1 unit) of the middle and one of the radius: hence `ulps`.

A function y = f(u) follows from y' = d u': k y_k is the sum of j u_j d_(k-j) over j = 1..k. The slope d is itself an
expression in u and y (`slopes.slope`), one order behind: the orders are worked off one after the other.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import comb
from operator import mul
from typing import Any, NamedTuple

from verify.auditor.enclosures import Enclosures, Interval, NoEnclosureError
from verify.auditor.expressions import SWITCHES, Node, call, multiply, number, power
from verify.auditor.forms import Form, size, zeros
from verify.auditor.slopes import slope
from verify.auditor.verdicts import Effort

Vertex = Any  # a number on the line, else a tuple of numbers
Coefficient = Any  # an integer; in several variables, from degree 1 on, a Form
Ball = tuple[Coefficient, int]
Row = list[Coefficient]
Rule = Callable[[int], Ball]  # coefficient k from those of lower order, and those of the arguments


def decide(sign: str, least: int, largest: int) -> bool | None:
    """Whether `d sign 0` holds where the sign of d lies between least and largest: always, never, or None."""
    if sign in ("<", "<="):
        least, largest = -largest, -least
    if sign == "True" or least > 0 or (least >= 0 and sign in ("<=", ">=")):
        return True
    return False if largest < 0 or (largest <= 0 and sign in ("<", ">")) else None


class Jet(NamedTuple):
    """Range and Taylor coefficients, see above."""

    lo: int
    hi: int
    mid: Row
    rad: list[int]


def _dot(am: Row, ar: list[int], bm: Row, br: list[int]) -> Ball:
    """The sum of products of two rows of balls."""
    rad = sum(map(mul, map(abs, am), br)) + sum(r * (abs(m) + s) for r, m, s in zip(ar, bm, br, strict=True) if r)
    return sum(map(mul, am, bm)), rad


class Evaluation:
    """Jets of order n at precision p of expressions on [a, b], or on the simplex with these vertices.

    With `at_middle`, the coefficients are those at the middle alone, in the variables t of the whole cell. Where an
    expression is not defined on the whole cell, its range is that of the part where it is. Where it has no derivatives
    on the whole cell, an order >= 1 raises NoEnclosureError; so it does at switches, which have ranges only:
    `Piece.resolve` removes them where they are settled.
    """

    def __init__(self, effort: Effort, p: int, n: int, *vertices: Vertex, at_middle: bool = False) -> None:
        self.effort, self.p, self.n, self.enclosures = effort, p, n, Enclosures(p)
        self.zeros = zeros(len(vertices) - 1, n)
        self.ulps = [2 * size(c) for c in self.zeros]
        line = not isinstance(vertices[0], tuple)
        rational = self.enclosures.rational
        self.variables: list[tuple[Interval, Ball]] = []
        for column in [vertices] if line else zip(*vertices, strict=True):
            values = [Fraction(sum(column), len(column))] if at_middle else column
            ends = [rational(Fraction(x - column[0], 1 + line)) for x in column[1:]]
            lows = [low for low, _ in ends]
            edge = Form(len(lows), 1, lows[::-1]) if len(lows) > 1 else sum(lows)
            ball = edge, sum(high - low for low, high in ends)
            self.variables.append(((rational(min(values))[0], rational(max(values))[1]), ball))
        products = 4 * n if line else comb(n + 2 * len(vertices) - 2, n) // 60
        self.cost = (products + 1) * (1 + (p >> 9) ** 2)
        self.done: dict[tuple[Any, ...], tuple[Jet, Rule]] = {}  # by form: equal nodes share their jet
        self.known: dict[int, tuple[Node, Jet, Rule]] = {}  # the nodes are kept: their ids stay their own

    def __call__(self, node: Node) -> Jet:
        """The jet of an expression; NoEnclosureError where there is none."""
        for k in range(self.n):
            self._jet(node, k)
        return self._jet(node, self.n)

    def _jet(self, node: Node, order: int) -> Jet:
        """The jet of an expression, at least up to this order."""
        if id(node) not in self.known:
            key = node.kind, node.value, *map(id, node.args)
            if key not in self.done:
                self.effort.spend(self.cost)
                lo, hi = self._range(node)
                middle = (lo + hi) >> 1
                self.done[key] = Jet(lo, hi, [middle], [hi - middle]), self._rule(node)
            self.known[id(node)] = node, *self.done[key]
        _, jet, rule = self.known[id(node)]
        while len(jet.mid) <= order:
            middle, radius = rule(len(jet.mid))
            jet.mid.append(middle)
            jet.rad.append(radius)
        return jet

    def _ends(self, node: Node) -> Interval:
        jet = self._jet(node, 0)
        return jet.lo, jet.hi

    def _range(self, node: Node) -> Interval:
        kind, e = node.kind, self.enclosures
        if kind == "variable" and isinstance(node.value, int):
            return self.variables[node.value][0]
        if (value := node.number) is not None:
            return e.rational(value)
        if kind == "pi":
            return e.pi()
        if kind in SWITCHES:
            if self.n:
                raise NoEnclosureError("a switch")
            return self._hull_of_branches(node) if kind == "Piecewise" else self._hull(node)
        if kind == "*" and (factor := node.args[0].number) is not None:
            ends = [x * factor.numerator for x in self._ends(multiply(*node.args[1:]))]
            return min(ends) // factor.denominator, -(-max(ends) // factor.denominator)
        args = [self._ends(arg) for arg in node.args]
        if kind == "+":
            return sum(lo for lo, _ in args), sum(hi for _, hi in args)
        if kind == "*":
            result = args[0]
            for arg in args[1:]:
                result = e.product(result, arg)
            return result
        self.effort.spend((max(map(abs, args[0])).bit_length() >> 8) ** 2)  # functions of huge arguments take long
        if kind != "**":
            return e.function(kind, args[0])
        if (exponent := node.args[1].number) is not None:
            return e.power(args[0], exponent)
        return e.function("exp", e.product(args[1], e.function("log", args[0])))

    def _hull(self, node: Node) -> Interval:
        """Bounds of a switch: all are monotone in each argument but Abs."""
        kind, p, args = node.kind, self.p, [self._ends(arg) for arg in node.args]
        low, high = args[0]
        if kind in ("Max", "Min"):
            best = max if kind == "Max" else min
            return best(low, args[1][0]), best(high, args[1][1])
        if kind == "Abs":
            return max(low, -high, 0), max(-low, high)
        if kind == "floor":
            return low >> p << p, high >> p << p
        if kind == "ceiling":
            return -(-low >> p << p), -(-high >> p << p)
        low, high = (low > 0) - (low < 0), (high > 0) - (high < 0)
        return (low << p, high << p) if kind == "sign" else ((1 + low) << (p - 1), (1 + high) << (p - 1))

    def _hull_of_branches(self, node: Node) -> Interval:
        found: list[Interval] = []
        signs = node.value if isinstance(node.value, tuple) else ()
        for branch, difference, sign in zip(node.args[::2], node.args[1::2], signs, strict=True):
            low, high = self._ends(difference)
            holds = decide(sign, (low > 0) - (low < 0), (high > 0) - (high < 0))
            if holds is not False:
                found.append(self._ends(branch))
            if holds:
                break
        return min(low for low, _ in found), max(high for _, high in found)

    def _rule(self, node: Node) -> Rule:
        """The coefficients from order 1 on."""
        kind, args = node.kind, node.args
        exponent = args[1].number if kind == "**" else None
        if kind == "variable" and isinstance(node.value, int):
            edge = self.variables[node.value][1]
            return lambda k: edge if k == 1 else (self.zeros[k], 0)
        if not args or exponent == 0:
            return lambda k: (self.zeros[k], 0)
        if kind == "+":
            return self._sum(args)
        if kind == "*":
            factor, rest = args[0].number, multiply(*args[1:])
            return self._product(args[0], rest) if factor is None else self._multiple(factor, rest)
        if kind == "**" and exponent is None:
            return self._rule(call("exp", multiply(args[1], call("log", args[0]))))
        if exponent is None or exponent.denominator > 1:
            return self._chain(node)
        if exponent == -1:
            return self._reciprocal(node)
        if exponent < 0:
            return self._rule(power(power(args[0], number(-1)), number(-exponent)))
        half = power(args[0], number(exponent.numerator // 2))
        return (
            self._product(half, half)
            if exponent % 2 == 0
            else self._product(args[0], power(args[0], number(exponent - 1)))
        )

    def _sum(self, terms: tuple[Node, ...]) -> Rule:
        def coefficient(k: int) -> Ball:
            jets = [self._jet(term, k) for term in terms]
            return sum(jet.mid[k] for jet in jets), sum(jet.rad[k] for jet in jets)

        return coefficient

    def _multiple(self, factor: Fraction, node: Node) -> Rule:
        n, d = factor.numerator, factor.denominator

        def coefficient(k: int) -> Ball:
            jet = self._jet(node, k)
            m, r = jet.mid[k], jet.rad[k]
            return m * n // d, r * abs(n) // d + self.ulps[k] if r or m else 0

        return coefficient

    def _product(self, a: Node, b: Node) -> Rule:
        def coefficient(k: int) -> Ball:
            u, v = self._jet(a, k), self._jet(b, k)
            m, r = _dot(u.mid[: k + 1], u.rad[: k + 1], v.mid[k::-1], v.rad[k::-1])
            return m >> self.p, (r >> self.p) + self.ulps[k]

        return coefficient

    def _reciprocal(self, node: Node) -> Rule:
        """u y = 1, hence y_k = -y_0 times the sum of u_j y_(k-j) over j = 1..k."""

        def coefficient(k: int) -> Ball:
            u, y = self._jet(node.args[0], k), self._jet(node, k - 1)
            m, r = _dot(u.mid[1 : k + 1], u.rad[1 : k + 1], y.mid[k - 1 :: -1], y.rad[k - 1 :: -1])
            m, r = _dot([m >> self.p], [(r >> self.p) + self.ulps[k]], y.mid[:1], y.rad[:1])
            return (m >> self.p) * -1, (r >> self.p) + self.ulps[k]

        return coefficient

    def _chain(self, node: Node) -> Rule:
        """A function of its argument, by its slope."""
        slopes: list[Node] = []

        def coefficient(k: int) -> Ball:
            if not slopes:
                slopes.append(slope(node))
            u, d = self._jet(node.args[0], k), self._jet(slopes[0], k - 1)
            um, ur = ([j * c for j, c in enumerate(row[1 : k + 1], 1)] for row in (u.mid, u.rad))
            m, r = _dot(um, ur, d.mid[k - 1 :: -1], d.rad[k - 1 :: -1])
            return m // (k << self.p), r // (k << self.p) + self.ulps[k]

        return coefficient
