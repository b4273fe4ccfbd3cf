"""Integrals over boxes that the zero set of a gap cuts as a graph.

A gap g is what decides a switch: the residual y - f of `Abs(y - f)**p`, say. Where its zeros in a box are the graph
`t_k = rho` of an analytic function of the other coordinates, the integral over the box is the sum of those over
`t_k = rho + (end - rho) s^m`, 0 <= s <= 1, for both faces `end`. On each g has one sign, and `g = s^m E` with
`E = (end - rho) D`, D a mean of values of the derivative between rho and t_k: the power of |g| with the exponent a/m is
`s^a |E|^(a/m)`, and thus analytic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial, reduce
from math import inf, lcm
from operator import mul

from flint import acb, arb, fmpq

from verify.expressions import tree
from verify.expressions.algebra import affine_expression
from verify.expressions.balls import BallFunction, compile_balls
from verify.expressions.derivative import NoDerivativeError, derivative
from verify.expressions.normal import up_to_scale
from verify.expressions.switches import gaps, has_switches, is_switch, settled
from verify.expressions.tree import Call, Expression, Number, Power, Variable, replaced
from verify.integration.charts import Chart, Coordinates
from verify.integration.forms import Forms
from verify.integration.roots import Function, Graph, Sides, real_ball, sign_of, sign_on

MAX_ROOT = 4
"""Powers with larger denominators stay singular at s = 0, though less than they were."""

_STEEPNESS = 8
_NOWHERE = acb("nan")
Integrand = Callable[[Coordinates, bool], acb]


class Graphs:
    """Where the gaps of an expression in a chart have graphs as zero sets; constants are of the working precision."""

    def __init__(self, forms: Forms, chart: Chart) -> None:
        self.forms, self.chart = forms, chart
        self.values = chart.prepared(forms.affine)
        self.has_switches = has_switches(forms.body)
        self._compiled: dict[Expression, BallFunction] = {}
        self._lines: dict[Expression, Expression] = {}
        self._functions: dict[Expression, tuple[Function, list[Function]] | None] = {}

    def split(self, sides: Sides) -> tuple[list[Integrand], int | None]:
        """Return integrands on the unit cube whose integrals add up to that over a box, none if no graph was seen.

        The second answer is the direction in which halving the box helps, None if there is no single gap.
        """
        if not self.has_switches:
            return [], None
        values, _ = self.values([real_ball(side) for side in sides])
        simpler = settled(self.forms.body, lambda gap: sign_of(self.value(gap, values)))
        gap = self._only_gap(simpler)
        found = None if gap is None else self._slopes(gap)
        if found is None:
            return [], None
        level, slopes = found
        if sign_on(level, sides):
            part = self._signed(simpler, sides)
            return ([] if part is None else [part]), None
        changes = self._changes(slopes, sides)
        steep = sorted(
            (k for k, slope in enumerate(slopes) if sign_on(slope, sides)), key=lambda k: -abs(float(changes[k].mid()))
        )
        for k in steep:
            graph = Graph.across(level, slopes, k, sides)
            parts = [] if graph is None else [self._side(graph, simpler, end) for end in (0, 1)]
            if parts and None not in parts:
                return [part for part in parts if part is not None], self._direction(changes, k)
        if steep:
            return [], self._direction(changes, steep[0])
        return [], max(range(len(sides)), key=lambda k: self._prospect(slopes, sides, k))

    def _changes(self, slopes: Sequence[Function], sides: Sides) -> list[arb]:
        real = [real_ball(side) for side in sides]
        return [slope(real).real * (high - low) for slope, (low, high) in zip(slopes, sides, strict=True)]

    def _direction(self, changes: Sequence[arb], k: int) -> int:
        """Return the direction to halve a box in whose zero set may be a graph in the k-th direction.

        Not the k-th one, where the zero set could leave through one more face, as long as halving the others helps.
        """
        size = [float(change.abs_upper()) if change.is_finite() else inf for change in changes]
        best = max((i for i in range(len(size)) if i != k), key=lambda i: size[i])
        return best if size[best] > size[k] / _STEEPNESS else k

    def _prospect(self, slopes: Sequence[Function], sides: Sides, k: int) -> tuple[int, fmpq]:
        """Return how many slopes get a sign by halving a box in the k-th direction, and its length."""
        low, high = sides[k]
        halves = [[*sides[:k], half, *sides[k + 1 :]] for half in ((low, (low + high) / 2), ((low + high) / 2, high))]
        return sum(bool(sign_on(slope, half)) for half in halves for slope in slopes), high - low

    def _function(self, expression: Expression) -> BallFunction:
        if expression not in self._compiled:
            self._compiled[expression] = compile_balls(expression, self.forms.names)
        return self._compiled[expression]

    def value(self, expression: Expression, values: Sequence[acb]) -> arb:
        """Return an enclosure of the real values of an expression, given those of the affine functions in it."""
        return self._function(expression)(values, False).real

    def _only_gap(self, expression: Expression) -> Expression | None:
        """Return a gap left in an expression if all are its multiples, None if there is none or more of them."""
        found: dict[Expression, None] = {}
        for node in tree.walk(expression):
            own = list(gaps(node))
            if (is_switch(node) and not own) or any(map(has_switches, own)):
                return None
            found.update(dict.fromkeys(own))
        different = {self.line(gap) for gap in found} if len(found) > 1 else set(found)
        return next(iter(found)) if len(different) == 1 else None

    def line(self, gap: Expression) -> Expression:
        """Return the same expression for all multiples of a gap, where that is plain."""
        if gap not in self._lines:
            forms = self.forms
            coordinates = [f"x{i}" for i in range(len(forms.affine[0].gradient))]
            images = {n: affine_expression(a, coordinates) for n, a in zip(forms.names, forms.affine, strict=True)}
            whole = tree.substituted(gap, images)
            self._lines[gap] = min(up_to_scale(whole), up_to_scale(tree.negated(whole)), key=repr)
        return self._lines[gap]

    def _slopes(self, gap: Expression) -> tuple[Function, list[Function]] | None:
        """Return a gap and its derivatives in the directions of the chart, None where they are not built."""
        if gap not in self._functions:
            self._functions[gap] = self._differentiated(gap)
        return self._functions[gap]

    def _differentiated(self, gap: Expression) -> tuple[Function, list[Function]] | None:
        present = tree.variables_of(gap)
        try:
            rates = [
                (i, self._function(derivative(gap, name))) for i, name in enumerate(self.forms.names) if name in present
            ]
        except NoDerivativeError:
            return None
        level = self._function(gap)
        slopes: list[Function] = []
        for k in range(self.chart.dimension):
            steps = self.chart.slopes([self.forms.affine[i] for i, _ in rates], k)
            if steps is None:
                return None
            slopes.append(partial(self._slope, [rate for _, rate in rates], steps))
        return lambda t: level(self.values(t)[0], True), slopes

    def _slope(self, rates: Sequence[BallFunction], steps: Callable[[Coordinates], list[acb]], t: Coordinates) -> acb:
        values = self.values(t)[0]
        return sum((rate(values, True) * step for rate, step in zip(rates, steps(t), strict=True)), acb(0))

    def _signed(self, expression: Expression, sides: Sides) -> Integrand | None:
        """Return the integrand over a box where all its gaps keep their signs."""
        values = self.values([acb((low + high) / 2) for low, high in sides])[0]
        function = self._function(self._settled(expression, self._levels(expression, values)))
        widths = [high - low for low, high in sides]
        area = reduce(mul, widths)

        def integrand(u: Coordinates, analytic: bool) -> acb:
            values, jacobian = self.values([side[0] + w * x for side, w, x in zip(sides, widths, u, strict=True)])
            return function(values, analytic) * (jacobian * area)

        return integrand

    def _levels(self, expression: Expression, values: Sequence[acb]) -> dict[Expression, arb]:
        return {gap: self.value(gap, values) for node in tree.walk(expression) for gap in gaps(node)}

    def _settled(self, expression: Expression, levels: Mapping[Expression, arb]) -> Expression:
        return settled(expression, lambda gap: sign_of(levels[gap]) if gap in levels else None)

    def _side(self, graph: Graph, expression: Expression, end: int) -> Integrand | None:
        """Return the integrand between the graph and one end of the box (0 the lower, 1 the upper one)."""
        k, sides = graph.k, graph.sides
        goal, sign = sides[k][end], graph.rising * (2 * end - 1)
        there = graph.join([acb((low + high) / 2) for i, (low, high) in enumerate(sides) if i != k], acb(goal))
        values = self.values(there)[0]
        levels = self._levels(expression, values)
        if not all(map(sign_of, levels.values())):
            return None
        unit = graph.level(there).real
        roots = {node: root for node in tree.walk(expression) if (root := root_of(node)) is not None}
        m = min(MAX_ROOT, lcm(1, *(exponent.denominator for _, exponent in roots.values())))
        factors = []
        for i, (node, (gap, exponent)) in enumerate(roots.items()):
            factors.append(acb(abs(levels[gap] / unit)))
            smooth = Power(Variable("side"), Number(exponent * m)), Power(Variable(f"size{i}"), Number(exponent))
            expression = replaced(expression, node, tree.Product(smooth))
        expression = self._settled(expression, levels)
        function = compile_balls(expression, (*self.forms.names, "side", *(f"size{i}" for i in range(len(roots)))))
        outer = [side for i, side in enumerate(sides) if i != k]
        area = m * (2 * end - 1) * reduce(mul, (high - low for low, high in outer), fmpq(1))
        cached: list[tuple[Coordinates, list[acb]]] = [((), [])]

        def placed(u: Coordinates) -> list[acb]:
            known, place = cached[0]
            if len(known) != len(u) or any(a is not b for a, b in zip(known, u, strict=True)):
                place = [low + (high - low) * x for x, (low, high) in zip(u, outer, strict=True)]
                cached[0] = (u, place)
            return place

        def integrand(u: Coordinates, analytic: bool) -> acb:
            *rest, s = u
            place = placed(rest)
            rho = graph.at(place)
            if rho is None:
                return _NOWHERE
            length = goal - rho
            last = s ** (m - 1)
            height = rho + length * last * s
            t = graph.join(place, height)
            values, jacobian = self.values(t)
            sizes = []
            if factors:
                if analytic or not is_point(s):
                    between = graph.join(place, rho.union(height))
                    if analytic and not graph.level(between).is_finite():
                        return _NOWHERE
                    size = sign * length * graph.slope(between)
                else:
                    size = sign * graph.level(t) / (last * s)
                sizes = [factor * size for factor in factors]
            return function([*values, s, *sizes], analytic) * (jacobian * length * last * area)

        return integrand


def is_point(s: acb) -> bool:
    """Whether a ball is about as narrow as rounding makes it."""
    return bool(s.rel_accuracy_bits() > 20)


def root_of(node: Expression) -> tuple[Expression, Fraction] | None:
    """Return g and p for a node `Abs(g)**p` with a fractional p."""
    match node:
        case Power(Call("Abs", (gap,)), Number(exponent)) if exponent.denominator > 1:
            return gap, exponent
    return None
