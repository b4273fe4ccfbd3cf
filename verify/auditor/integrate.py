"""Enclosures of integrals over cells, intervals or simplices: exact for polynomials, else by Taylor jets.

On an interval x = c + r t, |t| <= 1, an integrand g with n derivatives is the sum over k < n of g_k t**k, plus t**n
times g_n at some point, so that its mean lies in the sum of g_k m_k over k < n, plus [g_n] m_n, where m_k is the mean
of t**k. In several variables g_k is a form, and so it is with its monomials. Without derivatives the range of g serves.
The cell with the widest enclosure comes next: its range serves first, then derivatives, then halves: of the longest
edge at switches, otherwise of the one along which the derivatives vary most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from fractions import Fraction
from heapq import heappop, heappush

from verify.auditor.balls import piece as piece_of
from verify.auditor.domains import Part, split
from verify.auditor.elementary import NoEnclosureError
from verify.auditor.expressions import Node, multiply, number
from verify.auditor.forms import Edge, dot, moments, steepest
from verify.auditor.signs import Piece
from verify.auditor.verdicts import Effort, UndecidedError, settle

MOST_PRECISION = 1 << 13
_UNBOUNDED = -(1 << 1_000_000)  # minus the width of a cell without an enclosure
Enclosure = tuple[Fraction, Fraction]
Maker = Callable[..., Piece]  # of the effort and the vertices


class Integral:
    """The sum of integrals of expressions over cells, refined on demand down to the tolerance `finest`."""

    def __init__(self, effort: Effort, parts: Iterable[Part], finest: Fraction, make: Maker = piece_of) -> None:
        self.effort, self.exact, self.low, self.high, self.unbounded = effort, Fraction(0), 0, 0, 0
        self.make, self.count = make, 0
        self.bits = 96 + max(0, finest.denominator.bit_length() - finest.numerator.bit_length())
        # Cells: (low - high, number, the cell, expression, precision, order, rounding, edge to be halved, low, high);
        # the integral lies in [low, high] * 2**-bits, `rounding` is what of high - low comes from rounding.
        self.heap: list[tuple[int, int, Piece, Node, int, int, int, Edge, int, int]] = []
        charts: Counter[Part] = Counter()
        for part in parts:
            for node, *cell in split(effort, *part, make=make):
                for weight, *chart in make(effort, *cell).charts(node):
                    charts[tuple(chart)] += weight
        for (node, *vertices), weight in charts.items():
            if weight:
                piece, weighted = make(effort, *vertices), multiply(node, number(weight))
                self._add(weighted, piece, self.bits, self.starting_order(weighted, piece))
        self.reached: int | None = None if self.unbounded else self.high - self.low

    def starting_order(self, node: Node, piece: Piece) -> int:
        """How many derivatives a cell starts with."""
        return 0

    def enclosure(self, tolerance: Fraction | None = None) -> Enclosure:
        """A bounded enclosure; with a tolerance >= `finest` one that is at most as wide."""
        goal = None if tolerance is None else (tolerance.numerator << self.bits) // tolerance.denominator
        while self.heap and (self.unbounded or (goal is not None and self.high - self.low > goal)):
            self.refine()
            width = self.high - self.low
            if not self.unbounded and (self.reached is None or 2 * width < self.reached):
                self.reached = width
                self.effort.progress()
        unit = Fraction(1, 1 << self.bits)
        return self.exact + self.low * unit, self.exact + self.high * unit

    def refine(self) -> None:
        """Take the cell with the widest enclosure with more digits, else with derivatives, else in halves."""
        self.effort.spend(100)
        width, _, piece, node, p, n, rounding, edge, low, high = heappop(self.heap)
        self.low, self.high = self.low - low, self.high - high
        self.unbounded -= width == _UNBOUNDED
        if 4 * rounding > -width:
            settle(p <= MOST_PRECISION, "an integrand needs too many digits")
            self._add(node, piece, 2 * p, n)
        elif n < (order := min(piece.order(node), 2 if node.switches else 20)):
            self._add(node, piece, p, order)
        else:
            for half in (self.make(self.effort, *vertices) for vertices in piece.halves(edge)[:2]):
                self._add(half.resolve(node), half, p, n)

    def _add(self, node: Node, piece: Piece, p: int, n: int) -> None:
        self.effort.spend(1)
        self.count += 1
        size = piece.size
        if (value := piece.integral(node)) is not None:
            self.exact += value
            return
        extra = max(0, size.denominator.bit_length() - size.numerator.bit_length())
        if extra > self.bits:
            raise UndecidedError(f"no bound of an integrand near {piece.place()}")
        for order in (n, 0):
            try:
                low, high, rounding, edge = self._cell(node, piece, p + extra, order)
            except NoEnclosureError:
                continue
            self.low, self.high = self.low + low, self.high + high
            heappush(self.heap, (low - high, self.count, piece, node, p, n, rounding, edge, low, high))
            return
        self.unbounded += 1
        heappush(self.heap, (_UNBOUNDED, self.count, piece, node, p, n, 0, None, 0, 0))

    def _cell(self, node: Node, piece: Piece, p: int, n: int) -> tuple[int, int, int, Edge]:
        """(low, high) of the integral over the cell in units of 2**-bits, what of it is rounding, an edge to halve.

        The jets of order n contain those of every lower order; the best of the enclosures serves.
        """
        if (own := piece.bounds(node, p, n)) is not None:
            least, most = (end * (1 << self.bits) for end in own)
            return least.numerator // least.denominator, -(-most.numerator // most.denominator), 0, None
        flat, edge = piece.evaluation(p, 0), None
        wide = piece.evaluation(p, n, flat=flat)(node)
        unit, means = moments(len(piece.vertices) - 1, n)
        low, high, middle, rounding = wide.lo * unit, wide.hi * unit, 0, 0
        if n:
            thin = piece.evaluation(p, n - 1, at_middle=True, flat=flat)(node)
            edge = None if node.switches else steepest(thin.mid[n - 1])
            for k, (mean, bound) in enumerate(means[:-1]):
                middle += dot(thin.mid[k], mean)
                rounding += thin.rad[k] * bound
                mean, bound = means[k + 1]
                value = middle + dot(wide.mid[k + 1], mean)
                radius = rounding + wide.rad[k + 1] * bound
                low, high = max(low, value - radius), min(high, value + radius)
        scale = piece.size * Fraction(1 << self.bits, unit << p)
        low, high = low * scale.numerator // scale.denominator, -(-high * scale.numerator // scale.denominator)
        rounding = 0 if node.switches else 2 * rounding * scale.numerator // scale.denominator
        return low, high, rounding, edge
