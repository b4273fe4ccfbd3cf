"""Pieces of domains in more than one dimension: relatively open simplices with rational vertices."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import partial
from itertools import combinations

from verify.auditor import simplices
from verify.auditor.evaluate import Vertex
from verify.auditor.expressions import Node, evaluate
from verify.auditor.signs import UNKNOWN, Piece, Sign
from verify.auditor.simplices import Simplex
from verify.auditor.verdicts import Effort, shown


class Cell(Piece):
    """The relative interior of the convex hull of vertices, one of them or more."""

    def __init__(self, effort: Effort, *vertices: Vertex) -> None:
        spans = [max(column) - min(column) for column in zip(*vertices, strict=True)]
        super().__init__(effort, Fraction(0), max(spans))
        self.vertices = vertices
        self.size = simplices.volume(vertices) if len(vertices) == len(spans) + 1 else Fraction(0)

    def place(self) -> str:
        """The centre, for a message."""
        return f"({', '.join(map(shown, simplices.centre(self.vertices)))})"

    def faces(self) -> list[tuple[Vertex, ...]]:
        """The vertices of the piece and of the faces of its closure."""
        return [face for k in range(len(self.vertices)) for face in combinations(self.vertices, k + 1)]

    def halves(self) -> tuple[Simplex, ...]:
        """The vertices of the two halves, and of what is between them."""
        return simplices.halves(self.vertices)

    def cut(self, nodes: Iterable[Node]) -> list[Simplex]:
        """The vertices of the parts between the zeros of affine functions, also of those that are factors."""
        parts, stack = [self.vertices], list(nodes)
        while stack:
            node = stack.pop()
            if node.kind in ("*", "**"):
                stack += node.args
            elif node.degree == 1:
                parts = [q for p in parts for q in simplices.cut(self.effort, p, partial(evaluate, node))]
        return parts

    def integral(self, node: Node) -> Fraction | None:
        """The integral of a polynomial, None for other expressions."""
        if node.degree is None:
            return None
        return simplices.integral(self.effort, self.vertices, node.degree, partial(evaluate, node))

    def _point(self, vertex: Vertex) -> Piece:
        return Cell(self.effort, vertex)

    def _value(self, node: Node, vertex: Vertex) -> Fraction:
        return evaluate(node, vertex)

    def _polynomial_sign(self, node: Node) -> Sign:
        if node.degree is None or (node.degree > 1 and not self.is_point()):
            return UNKNOWN
        values = [evaluate(node, vertex) for vertex in self.vertices]
        low, high = min(values), max(values)
        if low < high:  # an affine function takes its least and largest value on the boundary only
            return (1 if low >= 0 else -1), (-1 if high <= 0 else 1)
        return ((low > 0) - (low < 0),) * 2
