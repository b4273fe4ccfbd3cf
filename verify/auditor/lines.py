"""The line: activations in pieces, what their form shows there, what their kinds share (docs/certificate.md, 6.1)."""

from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from verify.auditor.affine import intervals
from verify.auditor.certificate import Problem
from verify.auditor.expressions import SWITCHES, Node, subtract
from verify.auditor.grammar import parse
from verify.auditor.signs import UNKNOWN, Piece, Sign
from verify.auditor.verdicts import Effort, at, require, settle

MOST_PIECES = 50
BOUNDED = ("tanh", "sin", "cos", "atan", "erf")


class Line(Piece):
    """An interval of the line, None for an unbounded end, open or closed; signs by form alone, hence on all of it."""

    def __init__(self, effort: Effort, low: Fraction | None, high: Fraction | None, closed: bool = True) -> None:
        super().__init__(effort, (Fraction(0),), (Fraction(1),))
        self.low, self.high, self.closed = low, high, closed

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
    found, pending = [], [(node, low, high)]
    while pending:
        effort.spend(10)
        node, low, high = pending.pop()
        node = Line(effort, low, high, closed=False).resolve(node)
        if not node.switches:
            found.append(Part(low, high, node))
            continue
        cuts = [x for x in _roots(node) if Part(low, high, node).inside(x)]
        few = len(found) + len(pending) <= MOST_PIECES
        settle(bool(cuts) and few, "a switch at points that are not seen to be rational")
        pending += [(node, cuts[0], high), (node, low, cuts[0])]
    return found


def _roots(node: Node) -> list[Fraction]:
    kind, found = node.kind, [x for arg in node.args for x in _roots(arg)]
    if kind not in SWITCHES or kind == "floor":
        return found
    gaps = node.args[1::2] if kind == "Piecewise" else node.args[:1]
    polynomials = [gap.polynomial for gap in ((subtract(*node.args),) if kind == "Max" else gaps)]
    return found + [Fraction(-p[0], p[1]) for p in polynomials if p is not None and len(p) == 2]


def require_analytic(effort: Effort, part: Part) -> None:
    """UndecidedError unless the form shows that the expression is real-analytic on the closed interval."""
    seen = _is_analytic(Line(effort, part.low, part.high), part.node)
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


class Claim(NamedTuple):
    """risk <= factor k**rate for 0 < k <= until, and upper bounds at single k."""

    neurons: int
    every_width: bool
    until: Fraction
    factor: Fraction
    rate: Fraction
    risks: list[tuple[Fraction, Fraction]]


def read_claim(*values: Any) -> Claim:
    """A claim with falling parameters in (0, until], and a rate > 0."""
    claim = Claim(*values)
    ks = [k for k, _ in claim.risks]
    falling = bool(ks) and all(k > later for k, later in pairwise(ks)) and 0 < ks[-1] <= ks[0] <= claim.until
    require(falling, "risks: expected falling parameters in (0, until]")
    require(claim.rate > 0 and claim.factor >= 0, "expected a rate > 0 and a factor >= 0")
    return claim


def activation(text: str, effort: Effort) -> list[Part]:
    """The activation in pieces on the line."""
    with at("activation"):
        return parts(effort, parse(text, ["x"]))


def check_standard(problem: Problem) -> None:
    """Squared loss, density 1, feedforward networks of width >= 1."""
    standard = problem.loss.kind == "squared" and problem.density.number == 1 and problem.width > 0
    feedforward = problem.architecture == "feedforward"
    require(standard and feedforward, "problem: expected squared loss, density 1, feedforward networks")


def interval(problem: Problem) -> tuple[Fraction, Fraction]:
    """The domain, which must be one interval."""
    cells = intervals(problem.shapes) if len(problem.variables) == 1 and problem.restriction is None else []
    require(len(cells) == 1, "problem.domain: expected an interval, without restriction")
    return cells[0]


def require_relu(sigma: list[Part]) -> None:
    """InvalidError unless the activation is max(x, 0)."""
    expected: list[Any] = [(0, []), (None, [0, 1])]
    require([(p.high, p.node.polynomial) for p in sigma] == expected, "activation: expected max(x, 0)")
