"""Cutting cells until an expression is smooth on each: kinks and steps at rational places become boundaries.

`Abs`, `Max`, `Min`, `sign`, `Heaviside`, `floor`, `ceiling` and `Piecewise` switch where an argument changes sign.
Where that happens on hyperplanes (or, in one dimension, at rational points), the cell is cut there and the switch
resolved exactly; what cannot be resolved stays in the expression and is left to the enclosures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import ceil, floor, prod

from proofs.geometry.affine import Affine
from proofs.geometry.polytopes import AnyCell, Cell, cells
from verify.expressions import tree
from verify.expressions.algebra import as_affine
from verify.expressions.balls import to_fmpq
from verify.expressions.ranges import between, compile_range
from verify.expressions.switches import STEPS, gaps, has_switches, settled
from verify.expressions.tree import Call, Expression, Number
from verify.expressions.univariate import rational_roots, roots_inside, to_fraction, to_polynomial

MAX_STEPS = 1_000


def smooth_cells(
    expressions: Sequence[Expression], cell: AnyCell, variables: Sequence[str]
) -> list[tuple[AnyCell, tuple[Expression, ...]]]:
    """Return cells that make up `cell`, each with the expressions as they simplify there (almost everywhere)."""
    if not any(map(has_switches, expressions)):
        return [(cell, tuple(expressions))]
    walls = [w for e in expressions for w in _walls(e, cell, variables)]
    result: list[tuple[AnyCell, tuple[Expression, ...]]] = []
    for part in cells([cell], walls):
        simpler = tuple(_settled(e, part, variables) for e in expressions)
        if simpler == tuple(expressions):
            result.append((part, simpler))
        else:  # an inner switch is gone: an outer one may have become affine
            result += smooth_cells(simpler, part, variables)
    return result


def _walls(expression: Expression, cell: Cell, variables: Sequence[str]) -> Iterator[Affine]:
    for node in tree.walk(expression):
        for gap in gaps(node):
            wall = as_affine(gap, variables)
            if wall is not None:
                if not wall.is_constant:
                    yield wall
            elif len(variables) == 1:
                polynomial = to_polynomial(gap, variables[0])
                if polynomial is not None and polynomial.degree() > 0:
                    yield from (Affine.of([1], -root) for root in rational_roots(polynomial))
        if isinstance(node, Call) and node.name in STEPS:
            wall = as_affine(node.arguments[0], variables)
            if wall is not None and not wall.is_constant:
                lowest, highest = cell.lower_bound(wall), -cell.lower_bound(-wall)
                steps = range(ceil(lowest), floor(highest) + 1)
                if len(steps) <= MAX_STEPS:
                    yield from (wall.plus(-step) for step in steps)


def sign_inside(gap: Expression, cell: Cell, variables: Sequence[str]) -> int | None:
    """Return the sign (1, -1, 0) of an expression almost everywhere on a cell, or None if that is not plain.

    Decided for affine expressions, polynomials of one variable, their products and powers, and by one look at a box.
    """
    wall = as_affine(gap, variables)
    if wall is not None:
        if wall.is_zero:
            return 0
        return cell.sign_of(wall) or None
    polynomial = to_polynomial(gap, variables[0]) if len(variables) == 1 else None
    if polynomial is None:
        return _sign_by_form(gap, cell, variables)
    if polynomial.degree() < 0:
        return 0
    ((lower, upper),) = cell.bounds
    if roots_inside(polynomial, lower, upper, closed=False)[1]:
        return None
    middle = next(
        value
        for k in range(1, polynomial.degree() + 2)
        if (value := polynomial(to_fmpq(lower + (upper - lower) * Fraction(k, polynomial.degree() + 2)))) != 0
    )
    return 1 if to_fraction(middle) > 0 else -1


def _sign_by_form(gap: Expression, cell: Cell, variables: Sequence[str]) -> int | None:
    match gap:
        case tree.Product(factors):
            signs = [sign_inside(factor, cell, variables) for factor in factors]
            known = [s for s in signs if s is not None]
            return prod(known) if len(known) == len(signs) else None
        case tree.Power(base, Number(exponent)) if exponent.denominator == 1 and exponent > 0:
            sign = sign_inside(base, cell, variables)
            return None if sign is None else sign ** int(exponent)
    low, high = compile_range(gap, variables)([between(*ends) for ends in cell.bounds])
    return 1 if low > 0 else -1 if high < 0 else None


def _settled(node: Expression, cell: Cell, variables: Sequence[str]) -> Expression:
    def step(name: str, argument: Expression) -> int | None:
        height = as_affine(argument, variables)
        if height is None:
            return None
        below = floor(height(cell.centre))
        if height.is_constant:
            return ceil(height.constant) if name == "ceiling" else below
        if cell.sign_of(height.plus(-below)) < 1 or cell.sign_of(height.plus(-below - 1)) > -1:
            return None
        return below if name == "floor" else below + 1

    return tree.folded(settled(node, lambda gap: sign_inside(gap, cell, variables), step))
