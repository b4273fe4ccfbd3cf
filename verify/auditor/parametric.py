"""Integrals that depend on a parameter kappa, enclosed for all values of it in an interval [a, b] at once.

Kappa is one variable more, after those that are integrated over: a constant of which only the interval is known. One
more after it has the range [0, 1]: what stands under a switch there is known no better (`between`).
Expressions of degree 1 in the others have exact signs: for each kappa they are least and largest at vertices.
"""

from collections.abc import Iterable
from fractions import Fraction
from functools import partial
from typing import Any

from verify.auditor import polynomials, simplices
from verify.auditor.domains import Part
from verify.auditor.evaluate import Evaluation, Jet, Vertex
from verify.auditor.expressions import Node, add, call, evaluate, number, substitute
from verify.auditor.forms import Edge
from verify.auditor.integrate import Integral
from verify.auditor.signs import UNKNOWN, Piece, Sign
from verify.auditor.verdicts import Effort

FEW = 5
Range = tuple[Fraction, Fraction]


def between(n: int) -> Node:
    """Some number in [0, 1], another one at every point, where n variables are integrated over."""
    return call("Heaviside", add(Node("variable", (), n + 1), number(Fraction(-1, 2))))


class Slab(Piece):
    """A cell times an open interval of kappas."""

    def __init__(self, kappas: Range, effort: Effort, *vertices: Vertex) -> None:
        super().__init__(effort, *vertices)
        self.kappas, self.n = kappas, len(vertices[0])

    def evaluation(self, p: int, n: int, **options: Any) -> Evaluation:
        """Kappa has a range, and no slope along the cell."""
        found = super().evaluation(p, n, **options)
        low, high = map(found.enclosures.rational, self.kappas)
        for i, ends in enumerate(((low[0], high[1]), (0, 1 << p)), self.n):
            found.jets[Node("variable", (), i)] = Jet(ends, found.zeros, 0)
        found.whole = False
        return found

    def order(self, node: Node) -> int:
        """A polynomial needs its degree of derivatives; others gain little by many, kappa being known roughly only."""
        return FEW if node.degree is None else min(super().order(node), max(self.degrees(node)[0], 1))

    def integral(self, node: Node) -> Fraction | None:
        """None, but for 0."""
        return Fraction(0) if is_zero(node) else None

    def cut(self, nodes: Iterable[Node]) -> list[tuple[Vertex, ...]]:
        """Cut where expressions of degree 1, or their factors, are 0 for the least or the largest kappa."""
        parts, stack = [self.vertices], list(nodes)
        while stack:
            node = stack.pop()
            if node.kind in ("*", "**", "Max"):
                stack += node.args
            if self.degrees(node)[0] == 1:
                for kappa in self.kappas:
                    value = partial(self._value_at, node, kappa)
                    parts = [q for part in parts for q in simplices.cut(self.effort, part, value)]
        return parts

    def _value_at(self, node: Node, kappa: Fraction, vertex: Vertex) -> Fraction:
        return evaluate(node, (*vertex, kappa))

    def degrees(self, node: Node) -> tuple[int, int]:
        """Bounds of the degrees in the variables and in kappa of a polynomial; (2, 0) for what is none."""
        if node.degree is None:
            return 2, 0
        if node.kind == "variable" and isinstance(node.value, int):
            return (int(node.value < self.n), 1 - int(node.value < self.n)) if node.value <= self.n else (2, 0)
        parts = [self.degrees(arg) for arg in node.args]
        if node.kind == "**":
            return parts[0][0] * node.degree, parts[0][1] * node.degree
        combine = max if node.kind == "+" else sum
        return combine([d for d, _ in parts] or [0]), combine([d for _, d in parts] or [0])

    def _sign(self, node: Node) -> Sign:
        in_cell, in_kappa = self.degrees(node)
        if in_cell > 1:
            return super()._sign(node)
        signs = [self._sign_at(node, vertex, in_kappa) for vertex in set(self.vertices)]
        low, high = min(s[0] for s in signs), max(s[1] for s in signs)
        if low == 0 and max(s[0] for s in signs) > 0:
            low = 1  # inside, the value is a mean of those at the vertices
        if high == 0 and min(s[1] for s in signs) < 0:
            high = -1
        return low, high

    def _sign_at(self, node: Node, vertex: Vertex, degree: int) -> Sign:
        if degree < 2:
            values = [self._value_at(node, kappa, vertex) for kappa in self.kappas]
            least, largest = min(values), max(values)
            if least < largest:  # affine in kappa: strict inside
                return (1 if least >= 0 else -1), (-1 if largest <= 0 else 1)
            return ((least > 0) - (least < 0),) * 2
        point = dict(enumerate(map(number, vertex)))
        in_kappa = substitute(substitute(node, point), {self.n: Node("variable")}).polynomial
        return UNKNOWN if in_kappa is None else polynomials.sign(in_kappa, *self.kappas)

    def _polynomial_sign(self, node: Node) -> Sign:
        return UNKNOWN

    def _monotone_sign(self, node: Node) -> Sign:
        return UNKNOWN

    def _periodic_sign(self, kind: str, argument: Node) -> Sign:
        return UNKNOWN


class ParametricIntegral(Integral):
    """The sum of integrals of expressions over cells, for all kappas in [low, high] at once."""

    def __init__(self, effort: Effort, parts: Iterable[Part], kappas: Range, finest: Fraction) -> None:
        super().__init__(effort, parts, finest, partial(Slab, kappas))

    def starting_order(self, node: Node, piece: Piece) -> int:
        """All that serve: whether the kappas are halved is seen after few steps."""
        return piece.order(node)

    def _cell(self, node: Node, piece: Piece, p: int, n: int) -> tuple[int, int, int, Edge]:
        """What comes from the range of kappas is no rounding, which more precision would help against."""
        low, high, _, edge = super()._cell(node, piece, p, n)
        return low, high, 0, edge

    def bounds(self) -> tuple[Fraction | None, Fraction]:
        """What is known so far, None if it is unbounded."""
        unit = Fraction(1, 1 << self.bits)
        return None if self.unbounded else self.exact + self.low * unit, self.exact + self.high * unit


def is_zero(node: Node) -> bool:
    """Whether the form of an expression shows that it is 0."""
    return node.number == 0 or (node.kind == "*" and any(map(is_zero, node.args)))
