"""Expressions on the whole line: their pieces, and what their form shows there (docs/certificate.md, 6.1)."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from verify.auditor.domains import split
from verify.auditor.evaluate import Vertex
from verify.auditor.expressions import Node, number
from verify.auditor.signs import UNKNOWN, Piece, Sign
from verify.auditor.verdicts import Effort, settle

MOST_PIECES = 50
BOUNDED = ("tanh", "sin", "cos", "atan", "erf")


class Line(Piece):
    """An interval of the line, None for an unbounded end, open or closed; signs by form alone, hence on all of it."""

    def __init__(self, effort: Effort, *ends: Vertex, closed: bool = True) -> None:
        super().__init__(effort, (Fraction(0),), (Fraction(1),))
        ((self.low,), (self.high,)), self.closed = ends, closed

    def _sign(self, node: Node) -> Sign:
        p = node.polynomial
        if node.constant:
            return super()._sign(node)
        if p is None or len(p) != 2:
            return self._structural_sign(node)
        ends = [p[1] * t if end is None else p[0] + p[1] * end for end, t in ((self.low, -1), (self.high, 1))]
        signs = [(value > 0) - (value < 0) for value in ends]
        if not self.closed:  # the ends themselves are left out
            signs = [s or (1 if max(signs) > 0 else -1) for s in signs]
        return min(signs), max(signs)

    def cut(self, nodes: Iterable[Node]) -> list[tuple[Vertex, ...]]:
        """The ends of the parts between the zeros of affine functions."""
        affine = [p for p in (node.polynomial for node in nodes) if p is not None and len(p) == 2]
        zeros = {x for x in (Fraction(-p[0], p[1]) for p in affine) if Part(self.low, self.high, number(0)).inside(x)}
        return list(pairwise([(x,) for x in (self.low, *sorted(zeros), self.high)]))

    def _periodic_sign(self, kind: str, argument: Node) -> Sign:
        return UNKNOWN


class Part(NamedTuple):
    """An expression without switches on an interval."""

    low: Fraction | None
    high: Fraction | None
    node: Node

    @property
    def ends(self) -> tuple[Fraction, Fraction]:
        """Both ends of a bounded interval."""
        return self.low or Fraction(0), self.high or Fraction(0)

    def inside(self, x: Fraction) -> bool:
        """Whether x lies in the open interval."""
        return (self.low is None or x > self.low) and (self.high is None or x < self.high)


def parts(effort: Effort, node: Node, low: Fraction | None = None, high: Fraction | None = None) -> list[Part]:
    """The expression on (low, high) in pieces; its switches must lie at zeros of affine functions."""
    found: list[Part] = []
    for piece, (a,), (b,) in split(effort, node, (low,), (high,), make=partial(Line, closed=False)):
        settle(not piece.switches and len(found) < MOST_PIECES, "a switch at points that are not seen to be rational")
        found.append(Part(a, b, piece))
    return found


def require_analytic(effort: Effort, part: Part) -> None:
    """UndecidedError unless the form shows that the expression is real-analytic on the closed interval."""
    seen = _is_analytic(Line(effort, (part.low,), (part.high,)), part.node)
    settle(seen, "a piece is not seen to be real-analytic up to its ends")


def _is_analytic(line: Line, node: Node) -> bool:
    kind, args = node.kind, node.args
    if not all(_is_analytic(line, arg) for arg in args):
        return False
    if kind in ("variable", "number", "pi", "+", "*", "exp", "sinh", "cosh", *BOUNDED):
        return True
    least, largest = line.sign(args[0])
    if kind == "**" and (e := args[1].number) is not None and e.denominator == 1:
        return e >= 0 or least > 0 or largest < 0
    return kind in ("**", "log") and least > 0


def growth(line: Line, node: Node) -> int | None:
    """q with |expression| <= A (1 + |s|)**q on the line for some A, None if its form shows none."""
    kind, args = node.kind, node.args
    if kind in ("number", "pi", "variable", *BOUNDED):
        return int(kind == "variable")
    if kind in ("+", "*"):
        each = [growth(line, arg) for arg in args]
        known = [g for g in each if g is not None]
        return None if len(known) < len(each) else max(known) if kind == "+" else sum(known)
    if kind == "exp":
        return 0 if line.sign(args[0])[1] <= 0 or growth(line, args[0]) == 0 else None
    if kind == "log":
        return _growth_of_log(line, args[0]) if _stays_above_0(line, args[0]) else None
    e = args[1].number if kind == "**" else None
    if e is not None and e < 0:
        return 0 if _stays_above_0(line, args[0]) else None
    base = growth(line, args[0]) if e is not None else None
    return None if base is None or e is None else -(-base * e.numerator // e.denominator)


def _growth_of_log(line: Line, node: Node) -> int | None:
    """q with |expression| <= exp(A (1 + |s|)**q)."""
    if (g := growth(line, node)) is not None:
        return min(g, 1)
    if node.kind == "exp":
        return growth(line, node.args[0])
    each = [_growth_of_log(line, arg) for arg in node.args] if node.kind in ("+", "*") else [None]
    known = [g for g in each if g is not None]
    return max(known) if len(known) == len(each) else None


def _stays_above_0(line: Line, node: Node) -> bool:
    """Whether it is a sum of a number > 0 and terms >= 0, or a positive power of one, hence bounded away from 0."""
    if node.kind == "**" and (node.args[1].number or 0) > 0:
        return _stays_above_0(line, node.args[0])
    terms = node.args if node.kind == "+" else (node,)
    return any((t.number or 0) > 0 for t in terms) and all(line.sign(t)[0] >= 0 for t in terms)
