"""Irrational hyperplanes on which a density vanishes: `x = r` for an irrational root, or one line of a pair.

Pieces are cut at rational walls only; here a factor of the density shows that a hyperplane with irrational coefficients
misses P (MATHEMATICS.md, section 1, (H2a)).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from proofs.geometry.affine import Affine
from verify.conditions.agreement import divides
from verify.conditions.hyperplane_line import hyperplane_text
from verify.conditions.pieces import Piece
from verify.conditions.places import interval_text
from verify.expressions import tree
from verify.expressions.algebra import affine_expression
from verify.expressions.factors import Factor, factors_of, quadratic_matrix
from verify.expressions.printing import text
from verify.expressions.tree import Call, Expression, Number, Product, Sum
from verify.signs.regions import sign_at_point


def irrational_wall(pieces: Sequence[Piece]) -> dict[str, Any] | None:
    """Return the witness of an irrational hyperplane with P on both sides on which every piece's density vanishes."""
    variables = pieces[0].variables
    for name, root in dict.fromkeys(item for piece in pieces for item in piece.flats.irrational):
        index = variables.index(name)
        reached = [c[index] for piece in pieces for c in (piece.point, *piece.corners)]
        missed = all(
            (name, root) in p.flats.irrational
            or p.region.box[index][1] < root.lower
            or p.region.box[index][0] > root.upper
            for p in pieces
        )
        if min(reached) < root.lower and root.upper < max(reached) and missed:
            shown = hyperplane_text(root, name)
            return {"hyperplane": shown, "part": "a", "values": {name: interval_text(root.lower, root.upper)}}
    for node in dict.fromkeys(node for piece in pieces for node in piece.flats.open):
        for wall in _lines(node, variables):
            signs = {sign_at_point(wall, c, variables) for piece in pieces for c in (piece.point, *piece.corners)}
            if {1, -1} <= signs and all(_vanishes(piece, node) for piece in pieces):
                return {"hyperplane": text(wall), "part": "a"}
    return None


def _vanishes(piece: Piece, node: Expression) -> bool:
    return divides(node, piece.density) or piece.signs.decide(node, "!=", 200).verdict is True


def _lines(node: Expression, variables: tuple[str, ...]) -> Iterator[Expression]:
    """Yield the two hyperplanes of an irreducible quadratic factor `a p^2 - b q^2` with a, b > 0 (p, q affine)."""
    found = factors_of(node, variables)
    if found is None or len(found.factors) != 1:
        return
    pair = _difference_of_squares(found.factors[0], len(variables))
    if pair is None:
        return
    first, second, ratio = pair
    for sign in (1, -1):
        root = Product((Number(Fraction(sign)), Call("sqrt", (Number(ratio),)), affine_expression(second, variables)))
        yield Sum((affine_expression(first, variables), tree.folded(root)))


def _difference_of_squares(factor: Factor, n: int) -> tuple[Affine, Affine, Fraction] | None:
    """Return (p, q, r) with `factor = c (p^2 - r q^2)` and r > 0, None if it is not of that form."""
    matrix = quadratic_matrix(factor.polynomial, n)
    if matrix is None:
        return None
    squares: list[tuple[Fraction, Affine]] = []
    rows = [list(row) for row in matrix]
    left = list(range(n + 1))
    while any(rows[i][j] for i in left for j in left):
        pivot = next((i for i in left if rows[i][i]), None)
        if pivot is None or len(squares) == 2:
            return None
        line = [rows[pivot][j] / rows[pivot][pivot] if j in left else Fraction(0) for j in range(n + 1)]
        squares.append((rows[pivot][pivot], Affine(tuple(line[:n]), line[n])))
        left.remove(pivot)
        for i in left:
            factor_of_row = rows[i][pivot] / rows[pivot][pivot]
            for j in left:
                rows[i][j] -= factor_of_row * rows[pivot][j]
    if len(squares) != 2 or squares[0][0] * squares[1][0] >= 0:
        return None
    return squares[0][1], squares[1][1], -squares[1][0] / squares[0][0]
