"""Cutting cells until an expression is smooth on each: kinks and steps at rational places become boundaries.

`Abs`, `Max`, `Min`, `sign`, `Heaviside`, `floor`, `ceiling` and `Piecewise` switch where an argument changes sign.
Where that happens on hyperplanes (or, in one dimension, at rational points), the cell is cut there and the switch
resolved exactly; what cannot be resolved stays in the expression and is left to the enclosures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import ceil, floor

from proofs.geometry.affine import Affine
from proofs.geometry.polytopes import AnyCell, Cell, cells
from verify.expressions import tree
from verify.expressions.algebra import as_affine
from verify.expressions.balls import to_fmpq
from verify.expressions.tree import Call, Condition, Expression, Number, Piecewise
from verify.expressions.univariate import rational_roots, roots_inside, to_fraction, to_polynomial

MAX_STEPS = 1_000
_SWITCHES = frozenset({"Abs", "Max", "Min", "sign", "Heaviside", "floor", "ceiling"})


def smooth_cells(
    expressions: Sequence[Expression], cell: AnyCell, variables: Sequence[str]
) -> list[tuple[AnyCell, tuple[Expression, ...]]]:
    """Return cells that make up `cell`, each with the expressions as they simplify there (almost everywhere)."""
    if not any(_is_switch(part) for e in expressions for part in tree.walk(e)):
        return [(cell, tuple(expressions))]
    walls = [w for e in expressions for w in _walls(e, cell, variables)]
    result: list[tuple[AnyCell, tuple[Expression, ...]]] = []
    for part in cells([cell], walls):
        simpler = tuple(tree.folded(_resolved(e, part, variables)) for e in expressions)
        if simpler == tuple(expressions):
            result.append((part, simpler))
        else:  # an inner switch is gone: an outer one may have become affine
            result += smooth_cells(simpler, part, variables)
    return result


def _is_switch(node: Expression) -> bool:
    return isinstance(node, Piecewise) or (isinstance(node, Call) and node.name in _SWITCHES)


def _gaps(node: Expression) -> Iterator[Expression]:
    """Yield the expressions whose signs decide a switch."""
    if isinstance(node, Piecewise):
        for _, condition in node.branches:
            if condition is not None:
                yield tree.difference(condition.left, condition.right)
    elif isinstance(node, Call) and node.name in ("Max", "Min"):
        for i, first in enumerate(node.arguments):
            for second in node.arguments[i + 1 :]:
                yield tree.difference(first, second)
    elif isinstance(node, Call) and node.name in ("Abs", "sign", "Heaviside"):
        yield node.arguments[0]


def _walls(expression: Expression, cell: Cell, variables: Sequence[str]) -> Iterator[Affine]:
    for node in tree.walk(expression):
        for gap in _gaps(node):
            wall = as_affine(gap, variables)
            if wall is not None:
                if not wall.is_constant:
                    yield wall
            elif len(variables) == 1:
                polynomial = to_polynomial(gap, variables[0])
                if polynomial is not None and polynomial.degree() > 0:
                    yield from (Affine.of([1], -root) for root in rational_roots(polynomial))
        if isinstance(node, Call) and node.name in ("floor", "ceiling"):
            wall = as_affine(node.arguments[0], variables)
            if wall is not None and not wall.is_constant:
                lowest, highest = cell.lower_bound(wall), -cell.lower_bound(-wall)
                steps = range(ceil(lowest), floor(highest) + 1)
                if len(steps) <= MAX_STEPS:
                    yield from (wall.plus(-step) for step in steps)


def sign_inside(gap: Expression, cell: Cell, variables: Sequence[str]) -> int | None:
    """Return the sign (1, -1, 0) of an expression almost everywhere on a cell, or None if that is not plain.

    Decided exactly, for affine expressions and for polynomials of one variable only.
    """
    wall = as_affine(gap, variables)
    if wall is not None:
        if wall.is_zero:
            return 0
        return cell.sign_of(wall) or None
    if len(variables) > 1:
        return None
    polynomial = to_polynomial(gap, variables[0])
    if polynomial is None:
        return None
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


def _resolved(node: Expression, cell: Cell, variables: Sequence[str]) -> Expression:
    def inner(part: Expression) -> Expression:
        return _resolved(part, cell, variables)

    def sign(gap: Expression) -> int | None:
        return sign_inside(gap, cell, variables)

    match node:
        case Call("Abs", (part,)):
            argument = inner(part)
            direction = sign(argument)
            if direction is None:
                return Call("Abs", (argument,))
            if direction == 0:
                return tree.ZERO
            return tree.negated(argument) if direction < 0 else argument
        case Call("sign" | "Heaviside" as name, (part,)):
            argument = inner(part)
            direction = sign(argument)
            if direction is None:
                return Call(name, (argument,))
            return Number(Fraction(direction) if name == "sign" else Fraction(direction + 1, 2))
        case Call("floor" | "ceiling" as name, (part,)):
            argument = inner(part)
            step = as_affine(argument, variables)
            if step is None:
                return Call(name, (argument,))
            if step.is_constant:
                return Number(Fraction(floor(step.constant) if name == "floor" else ceil(step.constant)))
            low = floor(step(cell.centre))
            if cell.sign_of(step.plus(-low)) < 1 or cell.sign_of(step.plus(-low - 1)) > -1:
                return Call(name, (argument,))
            return Number(Fraction(low if name == "floor" else low + 1))
        case Call("Max" | "Min" as name, parts):
            arguments = [inner(p) for p in parts]
            best = [arguments[0]]
            for candidate in arguments[1:]:
                verdicts = [sign(tree.difference(candidate, old)) for old in best]
                better = 1 if name == "Max" else -1
                if any(v is not None and v != better for v in verdicts):
                    continue
                best = [old for old, v in zip(best, verdicts, strict=True) if v is None]
                best.append(candidate)
            return best[0] if len(best) == 1 else Call(name, tuple(best))
        case Piecewise(branches):
            kept: list[tuple[Expression, Condition | None]] = []
            for value, condition in branches:
                if condition is None:
                    kept.append((inner(value), None))
                    break
                left, right = inner(condition.left), inner(condition.right)
                direction = sign(tree.difference(left, right))
                if direction is None:
                    kept.append((inner(value), Condition(left, condition.relation, right)))
                elif _true(direction, condition.relation):
                    kept.append((inner(value), None))
                    break
            return kept[0][0] if len(kept) == 1 else Piecewise(tuple(kept))
        case Call(name, parts):
            return Call(name, tuple(inner(p) for p in parts))
        case tree.Sum(parts):
            return tree.Sum(tuple(inner(p) for p in parts))
        case tree.Product(parts):
            return tree.Product(tuple(inner(p) for p in parts))
        case tree.Power(base, exponent):
            return tree.Power(inner(base), inner(exponent))
        case _:
            return node


def _true(direction: int, relation: str) -> bool:
    return {"<": direction < 0, "<=": direction <= 0, ">": direction > 0, ">=": direction >= 0}[relation]
