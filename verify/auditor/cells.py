"""Pieces of the line, on which polynomials are settled exactly."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise

from verify.auditor import polynomials
from verify.auditor.evaluate import Vertex
from verify.auditor.expressions import Node
from verify.auditor.signs import UNKNOWN, Piece, Sign
from verify.auditor.simplices import Simplex


class Stretch(Piece):
    """An open interval, or a point."""

    @property
    def ends(self) -> tuple[Fraction, Fraction]:
        """The ends, in order."""
        (a,), (b,) = min(self.vertices), max(self.vertices)
        return a, b

    def cut(self, nodes: Iterable[Node]) -> list[Simplex]:
        """The vertices of the parts between those zeros of polynomials that are rational."""
        known = [node.polynomial for node in nodes if node.polynomial is not None]
        roots = {(x,) for p in known for x in polynomials.rational_roots(p, *self.ends)}
        return list(pairwise([min(self.vertices), *sorted(roots), max(self.vertices)]))

    def integral(self, node: Node) -> Fraction | None:
        """The integral of a polynomial, None for other expressions."""
        return None if node.polynomial is None else polynomials.integral(node.polynomial, *self.ends)

    def face(self, *vertices: Vertex) -> Piece:
        """An end."""
        return Stretch(self.effort, *vertices)

    def _polynomial_sign(self, node: Node) -> Sign:
        return UNKNOWN if node.polynomial is None else polynomials.sign(node.polynomial, *self.ends)
