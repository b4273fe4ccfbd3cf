"""A user's own activation: from an expression to exact pieces."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from proofs.activations.activation import VARIABLE_NAME, Activation, Piece, variable
from verify.errors import InputError
from verify.expressions import parse, tree
from verify.expressions.algebra import as_affine
from verify.expressions.switches import gaps, is_switch, settled
from verify.expressions.symbolic import to_sympy
from verify.expressions.tree import Expression

_MAX_ROUNDS = 20


def defined(text: str) -> Activation:
    """Return the activation that an expression in x defines.

    Raises InputError for malformed or constant expressions, and ValueError where its pieces are not found exactly
    (switches at points that are not rational, formulas that are not visibly analytic).
    """
    try:
        node = parse(text, [VARIABLE_NAME])
    except InputError as error:
        raise error.within(key="--define") from None
    if not tree.variables_of(node):
        raise InputError(f"the expression does not depend on {VARIABLE_NAME}", key="--define")
    return Activation("defined", " ".join(text.split()), tuple(pieces(node)))


def pieces(node: Expression) -> list[Piece]:
    """Return the pieces of an expression on the line. Raises ValueError where they are not found exactly."""
    cuts: set[Fraction] = set()
    for _ in range(_MAX_ROUNDS):
        ends = [None, *sorted(cuts), None]
        found = list(pairwise(ends))
        formulas = [_without_switches(node, lower, upper) for lower, upper in found]
        fresh = {root for formula in formulas if isinstance(formula, set) for root in formula} - cuts
        if not fresh:
            break
        cuts |= fresh
    result: list[Piece] = []
    for (lower, upper), formula in zip(found, formulas, strict=True):
        if isinstance(formula, set):
            raise ValueError("a part of it switches at points that are not found as rational numbers")
        try:
            piece = Piece(lower, upper, to_sympy(formula, {VARIABLE_NAME: variable()}))
        except InputError as error:
            raise ValueError(error.message) from None
        if result and result[-1].formula == piece.formula:
            piece = Piece(result.pop().lower, upper, piece.formula)
        result.append(piece)
    return result


def _without_switches(node: Expression, lower: Fraction | None, upper: Fraction | None) -> Expression | set[Fraction]:
    """Return the expression as it is on an interval; or the points inside at which it has to be cut first.

    An empty set says that neither is possible. Only affine gaps are settled: their signs are constant between roots.
    """
    for _ in range(_MAX_ROUNDS):
        if not any(is_switch(part) for part in tree.walk(node)):
            return tree.folded(node)
        signs = [gap for part in tree.walk(node) for gap in gaps(part)]
        lines = [line for gap in signs if (line := as_affine(tree.folded(gap), [VARIABLE_NAME])) is not None]
        roots = {-line.constant / line.gradient[0] for line in lines if not line.is_constant}
        inside = {root for root in roots if _is_inside(root, Piece(lower, upper, None))}
        if inside:
            return inside
        simpler = _settled(node, Piece(lower, upper, None))
        if simpler == node:
            break
        node = simpler
    return set()


def _is_inside(point: Fraction, where: Piece) -> bool:
    return (where.lower is None or point > where.lower) and (where.upper is None or point < where.upper)


def _settled(node: Expression, where: Piece) -> Expression:
    """Settle the switches on an interval whose gaps are affine without a root inside."""

    def sign(gap: Expression) -> int | None:
        line = as_affine(tree.folded(gap), [VARIABLE_NAME])
        if line is None or (not line.is_constant and _is_inside(-line.constant / line.gradient[0], where)):
            return None
        value = line((where.inside[0],))
        return (value > 0) - (value < 0)

    return tree.folded(settled(node, sign))
