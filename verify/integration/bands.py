"""Boxes in the plane cut along the zeros of gaps into curved bands on which an integrand is one formula.

A gap is what decides a switch. Where all gaps in a box are strictly monotone in one direction, the box is cut across
into slabs at whose ends zeros enter or leave, and each slab along polynomials near the zeros (cuts.py). Between such a
polynomial q and the place beta in the box where the gap g changes its sign lie the only points with a wrong formula.
With |dg| >= m in the direction and |g| <= v along q that is at most v/m wide (and what q leaves the box by), so the
error is at most that times the slab's width and the size of the two formulas there.

For a power |g|^(a/m) the coordinate in a band is `t = q + (end - q) s^m`, and g is replaced by `g - g(q) = s^m E`, E
the distance of `end` times a mean of derivatives: the power is then `s^a |E|^(a/m)`, analytic, and wrong by at most
`p (|g| + v)^(p - 1) v`, p = a/m >= 1. The same, with m = 1, keeps functions that are steep at g = 0 steep in s only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import lcm

from flint import acb, arb, fmpq

from verify.expressions import tree
from verify.expressions.balls import ball_between, compile_balls, to_fmpq
from verify.expressions.derivative import NoDerivativeError, derivative
from verify.expressions.switches import has_switches, settled
from verify.expressions.tree import Expression, Number, Power, Variable, replaced
from verify.integration.charts import Coordinates
from verify.integration.cuts import Curve, Line, crossings, excess, least
from verify.integration.gaps import hard_gaps, soft_gaps, tamed
from verify.integration.graphs import MAX_ROOT, Graphs, Integrand, is_point, root_of
from verify.integration.roots import Function, Sides, real_ball, sign_of, sign_on
from verify.integration.strips import Cut, Frame, Gap, Strip

_ROOM = fmpq(1, 4096)
_MOST_SLABS = 8
_SOFT = 3
_NOWHERE = acb("nan")


@dataclass(frozen=True)
class Cutting:
    """Integrands on the unit square whose integrals add up to that over a box but for `error`."""

    parts: Sequence[Integrand]
    error: arb


class Bands(Graphs):
    """The bands of an expression in a chart of the plane; constants are of the working precision."""

    def cut(self, expression: Expression, sides: Sides, allowed: arb) -> Cutting | int:
        """Return integrands over the bands of a box, or the direction in which to halve it."""
        longest = 0 if sides[0][1] - sides[0][0] >= sides[1][1] - sides[1][0] else 1
        hard = self._lines_of(hard_gaps(expression))
        if hard is None:
            return longest
        middle = self.values([acb((low + high) / 2) for low, high in sides])[0]
        hard = {line: known for line, known in hard.items() if not sign_on(known[1], sides)}
        values = self.values([real_ball(side) for side in sides])[0]
        steep_ones = [u for u in soft_gaps(expression) if self._is_steep(u, values)]
        soft = {} if not steep_ones else self._lines_of(steep_ones) or {}
        soft = {line: known for line, known in soft.items() if line not in hard}
        simpler = expression if hard else self._at(expression, middle)
        if not hard:
            if has_switches(simpler):
                return longest
            if not soft:
                return Cutting([self._whole(simpler, sides)], arb(0))
        known = list((hard or soft).values())
        steep = [k for k in (0, 1) if all(sign_on(slopes[k], sides) for _, _, slopes in known)]
        if not steep:
            flat = [slope for _, _, slopes in known for slope in slopes]
            return max(range(2), key=lambda k: self._prospect(flat, sides, k))
        real = [real_ball(side) for side in sides]
        changes = [
            max(
                float(slopes[k](real).abs_upper() * (sides[k][1] - sides[k][0]))
                for _, _, slopes in [*known, *soft.values()]
            )
            for k in (0, 1)
        ]
        steep.sort(key=lambda k: -changes[k])
        for k in steep:
            also = [entry for entry in soft.values() if sign_on(entry[2][k], sides)] if hard else []
            result = self._along(expression, [*known, *also], k, sides, allowed)
            if result is not None:
                return result
        k = steep[0]
        return 1 - k if changes[1 - k] > changes[k] / 16 else k

    def plain(self, expression: Expression, sides: Sides) -> Integrand | None:
        """Return the integrand over a box where it has one formula, else None."""
        if has_switches(expression):
            return None
        return self._whole(expression, sides)

    def _at(self, expression: Expression, values: Sequence[acb]) -> Expression:
        """Return an expression settled as it is at a point."""
        return settled(expression, lambda gap: sign_of(self.value(gap, values)))

    def _is_steep(self, soft: Expression, values: Sequence[acb]) -> bool:
        value = self.value(soft, values)
        return bool(value.contains(0)) and bool(value.rad() > _SOFT)

    def _lines_of(
        self, found: Sequence[Expression] | None
    ) -> dict[Expression, tuple[Expression, Function, Sequence[Function]]] | None:
        """Return one gap a line with its values and derivatives, None if these are not known."""
        if found is None:
            return None
        lines: dict[Expression, Expression] = {}
        for gap in found:
            lines.setdefault(self.line(gap), gap)
        result: dict[Expression, tuple[Expression, Function, Sequence[Function]]] = {}
        for line, gap in lines.items():
            pair = self._slopes(gap)
            if pair is None:
                return None
            result[line] = (gap, *pair)
        return result

    def _along(
        self,
        expression: Expression,
        known: Sequence[tuple[Expression, Function, Sequence[Function]]],
        k: int,
        sides: Sides,
        allowed: arb,
    ) -> Cutting | None:
        low, high = sides[k]
        room = (high - low) * _ROOM
        wider = [(low - room, high + room) if i == k else side for i, side in enumerate(sides)]
        graded: list[Gap] = []
        for name, level, slopes in known:
            bound = least(slopes[k], wider)
            if bound is None:
                return None
            graded.append(Gap(name, level, slopes, *bound))
        frame = Frame(k, sides[1 - k], (low, high), room)
        places_: set[fmpq] = set()
        for gap in graded:
            for end in (low, high):
                places_.update(crossings(*frame.face(gap, end), frame.outer))
        inside = sorted(x for x in places_ if frame.outer[0] < x < frame.outer[1])
        if len(inside) >= _MOST_SLABS:
            return None
        ends = [frame.outer[0], *inside, frame.outer[1]]
        parts: list[Integrand] = []
        error = arb(0)
        for a, b in pairwise(ends):
            slab = self._slab(expression, graded, frame, (a, b), allowed / len(ends))
            if slab is None:
                return None
            parts += slab.parts
            error += slab.error
        return Cutting(parts, error)

    def _slab(
        self, expression: Expression, graded: Sequence[Gap], frame: Frame, outer: tuple[fmpq, fmpq], allowed: arb
    ) -> Cutting | None:
        low, high = frame.inner
        middle = (outer[0] + outer[1]) / 2
        cuts: list[Cut] = []
        signs: list[tuple[Gap, int]] = []
        off = arb(0)
        for gap in graded:
            below, above = (gap.rising * gap.level(frame.join(acb(middle), acb(end))).real for end in (low, high))
            if below < 0 < above:
                found = frame.approximated(gap, outer, allowed)
                if found is None:
                    return None
                cuts.append(found)
                off += found.off
            else:  # one sign, but for what zeros beyond the ends may cut off
                sign, end = (1, high) if above <= 0 else (-1, low)
                level, slope = frame.face(gap, end)
                wrong = excess(_times(sign * gap.rising, level), _times(sign * gap.rising, slope), outer)
                off += wrong / gap.steepness
                signs.append((gap, -sign * gap.rising))
        cuts.sort(key=lambda cut: float(cut.curve.at(acb(middle)).real.mid()))
        for one, two in pairwise(cuts):
            off += excess(
                lambda x, a=one.curve, b=two.curve: a.at(x) - b.at(x),  # type: ignore[misc]
                lambda x, a=one.curve, b=two.curve: a.slope(x) - b.slope(x),  # type: ignore[misc]
                outer,
            )
        if not off < arb(frame.room):
            return None
        values, jacobian = self.values(frame.join(real_ball(outer), real_ball(frame.inner)))
        sizes = (self._function(expression)(values, False) * jacobian).abs_upper()
        walls: list[Cut | None] = [None, *cuts, None]
        parts: list[Integrand] = []
        error = arb(0)
        for i, (lower, upper) in enumerate(pairwise(walls)):
            known = [*signs, *((cut.gap, cut.gap.rising * (1 if j < i else -1)) for j, cut in enumerate(cuts))]
            band = self._band(expression, frame, outer, lower, upper, known)
            if band is None:
                return None
            parts.append(band.integrand)
            sizes += band.size
            error += band.error
        error += off * (outer[1] - outer[0]) * sizes
        return Cutting(parts, error) if error <= allowed else None

    def _band(
        self,
        expression: Expression,
        frame: Frame,
        outer: tuple[fmpq, fmpq],
        lower: Cut | None,
        upper: Cut | None,
        signs: Sequence[tuple[Gap, int]],
    ) -> _Band | None:
        """Return a band on which the gaps have given signs, or None."""
        curves = [
            Curve.constant(end, outer) if cut is None else cut.curve
            for cut, end in zip((lower, upper), frame.inner, strict=True)
        ]
        middle = acb((outer[0] + outer[1]) / 2)
        inner = [curve.at(middle).real.mid() for curve in curves]
        there = frame.join(middle, acb((inner[0] + inner[1]) / 2))
        if any(sign_of(gap.level(there).real) != sign for gap, sign in signs):
            return None
        point = self.values(there)[0]
        x = real_ball(outer)
        heights = ball_between(*(curve.at(x).real for curve in curves))
        heights = ball_between(heights - arb(frame.room), heights + arb(frame.room))
        wide, jacobian = self.values(frame.join(x, acb(heights)))
        opened = _opened(expression, self, lower, upper)
        if opened is None:
            simple = self._at(expression, point)
            if has_switches(simple):
                return None
            size = (self._function(simple)(wide, True) * jacobian).abs_upper()
            part = self._plain(simple, frame, outer, curves)
            return _Band(part, size, arb(0)) if size.is_finite() else None
        # g takes the place of what it is a multiple of: w = s^m E times the ratio, or a power of it
        cut, marked, nodes = opened
        if cut.gap.slopes[frame.k](frame.join(x, acb(heights))).real.contains(0):
            return None  # means of derivatives from the zeros to the far end would contain 0
        unit = cut.gap.level(there).real
        ratios = [self.value(node.gap, point) / abs(unit) for node in nodes]
        names_of = {node.name: node.whole for node in nodes}
        marked = settled(marked, lambda gap: sign_of(self.value(tree.substituted(gap, names_of), point)))
        if has_switches(marked) or any(node.exponent < 1 for node in nodes):
            return None
        names = (*self.forms.names, *(node.name for node in nodes))
        steps, inputs = [], []
        for node, ratio in zip(nodes, ratios, strict=True):
            wrong = abs(ratio) * cut.value
            most = self.value(node.gap, wide).abs_upper() + wrong
            power = arb(to_fmpq(node.exponent))
            steps.append(power * most ** (power - 1) * wrong)
            inputs.append(acb(ball_between(-(most**power), most**power)))
        size = (compile_balls(marked, names)([*wide, *inputs], True) * jacobian).abs_upper()
        error = arb(0)
        try:
            for node, step in zip(nodes, steps, strict=True):
                rate = compile_balls(tamed(derivative(marked, node.name)), names)
                error += (rate([*wide, *inputs], True) * jacobian).abs_upper() * step
        except NoDerivativeError:
            return None
        if not (size.is_finite() and error.is_finite()):
            return None
        part = self._rooted(marked, frame, outer, curves, cut, nodes, ratios, upper is cut)
        return _Band(part, size, error * (outer[1] - outer[0]) * (heights.upper() - heights.lower()))

    def _plain(
        self, expression: Expression, frame: Frame, outer: tuple[fmpq, fmpq], curves: Sequence[Curve]
    ) -> Integrand:
        function = self._function(expression)
        strip = Strip(outer, curves)

        def integrand(u: Coordinates, analytic: bool) -> acb:
            x, low, high = strip.at(u[0])
            length = high - low
            values, jacobian = self.values(frame.join(x, low + length * u[1]))
            return function(values, analytic) * (jacobian * length * strip.width)

        return integrand

    def _whole(self, expression: Expression, sides: Sides) -> Integrand:
        """Return the integrand over a whole box."""
        frame = Frame(1, sides[0], sides[1], fmpq(0))
        curves = [Curve.constant(end, sides[0]) for end in sides[1]]
        return self._plain(expression, frame, sides[0], curves)

    def _rooted(
        self,
        marked: Expression,
        frame: Frame,
        outer: tuple[fmpq, fmpq],
        curves: Sequence[Curve],
        cut: Cut,
        nodes: Sequence[_Node],
        ratios: Sequence[arb],
        from_above: bool,
    ) -> Integrand:
        m = min(MAX_ROOT, lcm(1, *(node.exponent.denominator for node in nodes)))
        for i, node in enumerate(nodes):
            powers = (
                Power(Variable("side"), Number(node.exponent * m)),
                Power(Variable(f"size{i}"), Number(node.exponent)),
            )
            marked = replaced(marked, Variable(node.name), tree.folded(tree.Product(powers)))
        factors = [acb(abs(ratio) if node.is_size else ratio) for node, ratio in zip(nodes, ratios, strict=True)]
        function = compile_balls(marked, (*self.forms.names, "side", *(f"size{i}" for i in range(len(nodes)))))
        strip = Strip(outer, curves)
        slope, level = cut.gap.slopes[frame.k], cut.gap.level
        sign = cut.gap.rising * (-1 if from_above else 1)

        def integrand(u: Coordinates, analytic: bool) -> acb:
            x, low, high = strip.at(u[0])
            start, length = (high, low - high) if from_above else (low, high - low)
            s = u[1]
            last = s ** (m - 1)
            height = start + length * last * s
            t = frame.join(x, height)
            values, jacobian = self.values(t)
            if analytic or not is_point(s):
                between = frame.join(x, start.union(height))
                if analytic and not level(between).is_finite():
                    return _NOWHERE
                size = sign * length * slope(between)
            else:
                size = sign * length * (level(t) - level(frame.join(x, start))) / (height - start)
            sizes = [factor * size for factor in factors]
            area = jacobian * (high - low) * last * (m * strip.width)
            return function([*values, s, *sizes], analytic) * area

        return integrand


@dataclass(frozen=True)
class _Band:
    """An integrand on the unit square, a bound of its formula on and near the band, and by how much it is wrong."""

    integrand: Integrand
    size: arb
    error: arb


@dataclass(frozen=True)
class _Node:
    """A part of an expression that was given a name: `|gap|^exponent` (is_size) or the gap itself."""

    name: str
    whole: Expression
    gap: Expression
    exponent: Fraction
    is_size: bool


def _opened(
    expression: Expression, graphs: Graphs, lower: Cut | None, upper: Cut | None
) -> tuple[Cut, Expression, list[_Node]] | None:
    """Return a side of a band, and the expression with names for the nodes `Abs(g)**p`, p fractional, that are 0 there.

    Where there are none, for nodes g that are 0 there and that a part of the expression is steep in. None if there are
    none of either kind.
    """
    roots = {node: root for node in tree.walk(expression) if (root := root_of(node)) is not None}
    found = [(node, *root, True) for node, root in roots.items()]
    if not found:
        found = [(u, u, Fraction(1), False) for u in soft_gaps(expression)]
    for cut in (lower, upper):
        if cut is None:
            continue
        line = graphs.line(cut.gap.expression)
        nodes = []
        for i, (node, gap, exponent, is_size) in enumerate(found):
            if graphs.line(gap) == line:
                nodes.append(_Node(f"root{i}", node, gap, exponent, is_size))
                expression = replaced(expression, node, Variable(f"root{i}"))
        if nodes:
            return cut, expression, nodes
    return None


def _times(sign: int, function: Line) -> Line:
    return lambda x: sign * function(x)
