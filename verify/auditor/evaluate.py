"""Ranges and Taylor jets of an expression: what it does around every point of a cell, an interval or a simplex.

A jet of order n holds the range [lo, hi] of a function on the cell, and enclosures of its Taylor coefficients up to n
at every point of the cell at once, in a variable t: on the line x = middle + t (b - a) / 2. Coefficient k lies in
[mid[k] - rad[k], mid[k] + rad[k]] * 2**-p; entry 0 covers [lo, hi]. In several variables x = middle + sum of
t_i (v_i - v_0), t_i + 1 / (n + 1) barycentric; coefficient k is a form, the part of degree k, and mid[k] is off by a
form whose coefficients have sizes that add up to rad[k] at most; the rules, those of the derivative along t, stay the
same. Sums of products are exact, with one rounding (below 1 unit) of the middle and one of the radius: hence `ulps`.

A function y = f(u) follows from y' = d u': k y_k is the sum of j u_j d_(k-j) over j = 1..k. The slope d is itself an
expression in u and y (`slopes.slope`), one order behind: the orders are worked off one after the other. A power
y = u**e follows from u y' = e y u': k u_0 y_k is the sum of (e j - (k - j)) u_j y_(k-j) over j = 1..k.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from math import comb, lcm
from operator import mul
from typing import Any

from verify.auditor.affine import Affine, from_node
from verify.auditor.elementary import LARGEST, Enclosures, Interval, NoEnclosureError, exclude
from verify.auditor.expressions import SWITCHES, Node, branches, call, multiply, number, power
from verify.auditor.forms import Form, size, zeros
from verify.auditor.polynomials import signs_of
from verify.auditor.slopes import slope
from verify.auditor.verdicts import Effort

Vertex = Any  # a tuple of numbers
Coefficient = Any  # an integer; in several variables, from degree 1 on, a Form
Ball = tuple[Coefficient, int]
Rule = Callable[[int], Ball]  # coefficient k from those of lower order, and those of the arguments


class Jet:
    """Range and Taylor coefficients, see above, with the sizes |mid| and |mid| + rad; those after `last` are 0."""

    __slots__ = ("hi", "last", "lo", "mid", "rad", "size", "top")

    def __init__(self, ends: Interval, zeros: Sequence[Coefficient], last: int) -> None:
        self.lo, self.hi = ends
        self.last, self.mid = last, list(zeros)
        self.rad, self.size, self.top = ([0] * len(zeros) for _ in range(3))
        middle = (self.lo + self.hi) >> 1
        self.put(0, middle, self.hi - middle)

    def put(self, k: int, middle: Coefficient, radius: int) -> None:
        """Set coefficient k."""
        size = abs(middle)
        self.mid[k], self.rad[k], self.size[k], self.top[k] = middle, radius, size, size + radius


_function = lru_cache(1 << 12)(from_node)


@lru_cache(1 << 12)
def _factors(node: Node) -> tuple[Node, Node]:
    """A product, or a power with an integer, as a product of two."""
    if node.kind == "*":
        return node.args[0], multiply(*node.args[1:])
    exponent = node.args[1].number or 0
    u, v = (power(node.args[0], number(e)) for e in (exponent // 2, exponent - exponent // 2))
    return u, v


class Evaluation:
    """Jets of order n at precision p of expressions on the simplex with these vertices.

    With `at_middle`, the coefficients are those at the middle alone, in the variables t of the whole cell. Where an
    expression is not defined on the whole cell, its range is that of the part where it is. Where it has no derivatives
    on the whole cell, an order >= 1 raises NoEnclosureError; so it does at switches, which have ranges only:
    `Piece.resolve` removes them where they are settled.

    With `flat`, the ranges on the whole cell, a switch has a jet: it is some number in its range, another one at every
    point, with derivatives 0. For each of these numbers the rest has the Taylor formula around the middle, so that all
    of it holds for all points.
    """

    def __init__(
        self, effort: Effort, p: int, n: int, *vertices: Vertex, at_middle: bool = False, flat: Evaluation | None = None
    ) -> None:
        self.flat = flat
        self.effort, self.p, self.n, self.enclosures = effort, p, n, Enclosures(p)
        self.zeros = zeros(len(vertices) - 1, n)
        self.ulps = [2 * size(c) for c in self.zeros]
        unit = lcm(*(x.denominator for vertex in vertices for x in vertex))
        self.rows = [[*(x.numerator * (unit // x.denominator) for x in vertex), unit] for vertex in vertices]
        self.vertices, self.at_middle, self.line = vertices, at_middle, len(vertices[0]) == 1
        products = 4 * n if self.line else comb(n + 2 * len(vertices) - 2, n) // 60
        self.cost = (products + 1) * (1 + (p >> 9) ** 2)
        # Jets of other variables may be put in, if affine functions are not taken whole; rules of arguments come first.
        self.jets, self.rules, self.whole = dict[Node, Jet](), list[tuple[Jet, Rule]](), True

    def __call__(self, node: Node) -> Jet:
        """The jet of an expression; NoEnclosureError where there is none."""
        found = self._jet(node)
        for k in range(1, self.n + 1):
            for jet, rule in self.rules:  # the list grows by slopes
                if k <= jet.last:
                    jet.put(k, *rule(k))
        return found

    def _jet(self, node: Node) -> Jet:
        """The jet of an expression, of which the range is known; the rule for the rest is put down."""
        if node not in self.jets:
            self.effort.spend(self.cost)
            if self.flat is not None and node.kind in SWITCHES:
                return self.jets.setdefault(node, Jet(self.flat.ends(node), self.zeros, 0))
            last = 0 if node.constant else self.n if node.degree is None else min(node.degree, self.n)
            known = node.degree == 1 and (self.whole or not node.args)
            function = _function(node, len(self.vertices[0])) if known else None
            affine = self._affine(function) if function else None
            jet = self.jets[node] = Jet(affine[0] if affine else self._range(node), self.zeros, last)
            if last:
                self.rules.append((jet, affine[1] if affine else self._rule(node, jet)))
        return self.jets[node]

    def _affine(self, function: Affine) -> tuple[Interval, Rule]:
        """An affine function from its values at the vertices."""
        numbers = *function.gradient, function.constant
        unit = lcm(*(a.denominator for a in numbers))
        whole, scale = [a.numerator * (unit // a.denominator) << self.p for a in numbers], unit * self.rows[0][-1]
        values = [sum(map(mul, whole, row)) for row in self.rows]
        exclude(max(map(abs, values)).bit_length() > scale.bit_length() + self.p + LARGEST, "a number is too large")
        slopes = [(x - values[0]) // (scale << self.line) for x in values[1:]]
        ball = Form(len(slopes), 1, slopes[::-1]) if len(slopes) > 1 else sum(slopes), len(slopes)
        if self.at_middle:
            values, scale = [sum(values)], scale * len(values)
        return (min(values) // scale, -(-max(values) // scale)), lambda k: ball

    def ends(self, node: Node) -> Interval:
        """The range of an expression."""
        jet = self._jet(node)
        return jet.lo, jet.hi

    def _range(self, node: Node) -> Interval:
        kind, e = node.kind, self.enclosures
        if (value := node.number) is not None:
            return e.rational(value)
        if kind == "pi":
            return e.pi()
        if kind in SWITCHES:
            if self.n:
                raise NoEnclosureError("a switch")
            return self._hull_of_branches(node) if kind == "Piecewise" else self._hull(node)
        if kind == "*" and (factor := node.args[0].number) is not None:
            ends = [x * factor.numerator for x in self.ends(_factors(node)[1])]
            return min(ends) // factor.denominator, -(-max(ends) // factor.denominator)
        args = [self.ends(arg) for arg in node.args]
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
        kind, p, args = node.kind, self.p, [self.ends(arg) for arg in node.args]
        low, high = args[0]
        if kind == "Max":
            return max(low, args[1][0]), max(high, args[1][1])
        if kind == "Abs":
            return max(low, -high, 0), max(-low, high)
        if kind == "floor":
            return low >> p << p, high >> p << p
        least, largest = signs_of(low, high)
        return least << p, largest << p

    def _hull_of_branches(self, node: Node) -> Interval:
        choices = branches(node, lambda difference: signs_of(*self.ends(difference)))
        found = [self.ends(branch) for branch, _, _, holds in choices if holds is not False]
        return min(low for low, _ in found), max(high for _, high in found)

    def _rule(self, node: Node, y: Jet) -> Rule:
        """The coefficients from order 1 on."""
        kind, args = node.kind, node.args
        exponent = args[1].number if kind == "**" else None
        if kind == "+":
            return self._sum(list(map(self._jet, args)))
        if kind == "**" and exponent is None:
            return self._sum([self._jet(call("exp", multiply(args[1], call("log", args[0]))))])
        if kind not in ("*", "**"):
            return self._chain(node)
        if exponent is not None and (exponent < 0 or exponent.denominator > 1):
            return self._power(self._jet(args[0]), exponent, y)
        u, v = _factors(node)
        return self._product(self._jet(u), self._jet(v)) if u.number is None else self._multiple(u.number, self._jet(v))

    def _dot(self, u: Jet, v: Jet, first: int, k: int, factor: int = 0, constant: int = 1) -> Ball:
        """The sum of w_j u_j v_(k-j) over j = first..k with w_j = factor j + constant."""
        first, last = max(first, k - v.last), min(k, u.last)
        here, there = slice(first, last + 1), slice(k - first, k - last - 1 if last < k else None, -1)
        um, ur, us = u.mid[here], u.rad[here], u.size[here]
        if (factor, constant) != (0, 1):
            weights = [factor * j + constant for j in range(first, last + 1)]
            sizes = list(map(abs, weights))
            um, ur, us = list(map(mul, um, weights)), list(map(mul, ur, sizes)), list(map(mul, us, sizes))
        radius = sum(map(mul, ur, v.top[there])) + sum(map(mul, us, v.rad[there]))
        return sum(map(mul, um, v.mid[there]), self.zeros[k]), radius

    def _sum(self, terms: list[Jet]) -> Rule:
        return lambda k: (sum(jet.mid[k] for jet in terms), sum(jet.rad[k] for jet in terms))

    def _multiple(self, factor: Fraction, jet: Jet) -> Rule:
        n, d = factor.numerator, factor.denominator
        return lambda k: (jet.mid[k] * n // d, jet.rad[k] * abs(n) // d + self.ulps[k] * bool(jet.top[k]))

    def _product(self, u: Jet, v: Jet) -> Rule:
        def coefficient(k: int) -> Ball:
            m, r = self._dot(u, v, 0, k)
            return m >> self.p, (r >> self.p) + self.ulps[k]

        return coefficient

    def _power(self, u: Jet, exponent: Fraction, y: Jet) -> Rule:
        """A power of what is not 0, and > 0 if the exponent is no integer."""
        n, d = exponent.numerator, exponent.denominator
        low, high = self.enclosures.reciprocal((u.lo, u.hi))

        def coefficient(k: int) -> Ball:
            m, r = self._dot(u, y, 1, k, n + d, -d * k)
            m, r = m >> self.p, (r >> self.p) + self.ulps[k]
            r = r * max(-low, high) + abs(m) * (high - low)
            return m * low // (d * k << self.p), r // (d * k << self.p) + self.ulps[k]

        return coefficient

    def _chain(self, node: Node) -> Rule:
        """A function of its argument, by its slope, whose own rule comes later."""
        u = self._jet(node.args[0])
        slopes: list[Jet] = []

        def coefficient(k: int) -> Ball:
            if not slopes:
                slopes.append(self._jet(slope(node)))
            m, r = self._dot(u, slopes[0], 1, k, 1, 0)
            return m // (k << self.p), r // (k << self.p) + self.ulps[k]

        return coefficient
