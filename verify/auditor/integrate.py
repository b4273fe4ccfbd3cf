"""Enclosures of integrals over cells of the line: exact where the integrand is polynomial, else by Taylor jets.

On a cell x = c + r t, |t| <= 1, an integrand g with n derivatives is the sum over k < n of g_k t**k, plus t**n times
g_n at some point, so that for even n its mean lies in the sum of g_k / (k + 1) over even k < n, plus [g_n] / (n + 1).
Without derivatives its range serves. The cell with the widest enclosure is halved next.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from heapq import heappop, heappush
from math import lcm

from verify.auditor import polynomials
from verify.auditor.domains import Part, split
from verify.auditor.elementary import NoEnclosureError
from verify.auditor.evaluate import Evaluation
from verify.auditor.expressions import Node
from verify.auditor.signs import Piece
from verify.auditor.verdicts import Effort, UndecidedError, shown

ORDER = 12
_WEIGHTS = lcm(*range(1, ORDER + 2))
_UNBOUNDED = 1 << 1_000_000  # the width of a cell without an enclosure
Enclosure = tuple[Fraction, Fraction]


class Integral:
    """The sum of integrals of expressions over cells, refined on demand down to the tolerance `finest`."""

    def __init__(self, effort: Effort, parts: Iterable[Part], finest: Fraction) -> None:
        self.effort, self.exact, self.low, self.high, self.unbounded = effort, Fraction(0), 0, 0, 0
        self.bits = 96 + max(0, finest.denominator.bit_length() - finest.numerator.bit_length())
        # Cells: (low - high, a, b, expression, precision, rounding, low, high); the integral over the cell lies in
        # [low, high] * 2**-bits, `rounding` is what of high - low comes from rounding.
        self.heap: list[tuple[int, Fraction, Fraction, Node, int, int, int, int]] = []
        for part in parts:
            for node, a, b in split(effort, *part):
                effort.spend(1)
                if (p := node.polynomial) is not None:
                    self.exact += polynomials.integral(p, a, b)
                else:
                    self._add(node, a, b, self.bits)

    def enclosure(self, tolerance: Fraction | None = None) -> Enclosure:
        """A bounded enclosure; with a tolerance >= `finest` one that is at most as wide."""
        goal = None if tolerance is None else (tolerance.numerator << self.bits) // tolerance.denominator
        while self.heap and (self.unbounded or (goal is not None and self.high - self.low > goal)):
            self._refine()
        unit = Fraction(1, 1 << self.bits)
        return self.exact + self.low * unit, self.exact + self.high * unit

    def _refine(self) -> None:
        width, a, b, node, p, rounding, low, high = heappop(self.heap)
        self.low -= low
        self.high -= high
        self.unbounded -= width == -_UNBOUNDED
        if 4 * rounding > -width:
            self._add(node, a, b, 2 * p)
            return
        middle = Fraction(a + b, 2)
        for u, v in ((a, middle), (middle, b)):
            self._add(Piece(self.effort, u, v).resolve(node), u, v, p)

    def _add(self, node: Node, a: Fraction, b: Fraction, p: int) -> None:
        size = b - a
        extra = max(0, size.denominator.bit_length() - size.numerator.bit_length())
        if extra > self.bits:
            raise UndecidedError(f"no bound of an integrand near x = {shown(a)}")
        for n in (ORDER, 0):
            try:
                low, high, rounding = self._cell(node, a, b, p + extra, n)
            except NoEnclosureError:
                continue
            self.low += low
            self.high += high
            heappush(self.heap, (low - high, a, b, node, p, rounding, low, high))
            return
        self.unbounded += 1
        heappush(self.heap, (-_UNBOUNDED, a, b, node, p, 0, 0, 0))

    def _cell(self, node: Node, a: Fraction, b: Fraction, p: int, n: int) -> tuple[int, int, int]:
        """(low, high) of the integral over the cell in units of 2**-bits, and what of it is rounding.

        The jets of order n contain those of every lower order; the best of the enclosures serves.
        """
        wide = Evaluation(self.effort, p, n, a, b)(node)
        low, high, middle, rounding = wide.lo * _WEIGHTS, wide.hi * _WEIGHTS, 0, 0
        if n:
            thin = Evaluation(self.effort, p, n - 1, a, b, at_middle=True)(node)
            for k in range(0, n, 2):
                middle += thin.mid[k] * (_WEIGHTS // (k + 1))
                rounding += thin.rad[k] * (_WEIGHTS // (k + 1))
                value = middle + wide.mid[k + 2] * (_WEIGHTS // (k + 3))
                radius = rounding + wide.rad[k + 2] * (_WEIGHTS // (k + 3))
                low, high = max(low, value - radius), min(high, value + radius)
        scale = (b - a) * Fraction(1 << self.bits, _WEIGHTS << p)
        return (
            low * scale.numerator // scale.denominator,
            -(-high * scale.numerator // scale.denominator),
            2 * rounding * scale.numerator // scale.denominator,
        )
