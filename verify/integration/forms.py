"""An expression as a function of the affine functions in it.

An affine function has exact values at the vertices of a cell, and therefore a tight range on any part of it. Evaluating
`J/kappa + ...` from boxes around the coordinates would lose what makes a thin cell thin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from proofs.geometry.affine import Affine
from verify.expressions import tree
from verify.expressions.algebra import as_affine
from verify.expressions.balls import BallFunction, compile_balls
from verify.expressions.tree import Expression, Number, Sum, Variable


@dataclass(frozen=True, slots=True)
class Forms:
    """The function `x -> function([L(x) for L in affine])`; `body` is the expression compiled, in variables `names`."""

    affine: tuple[Affine, ...]
    names: tuple[str, ...]
    body: Expression
    function: BallFunction


def separated(expression: Expression, variables: Sequence[str]) -> Forms:
    """Return an expression as a ball function of its largest affine parts."""
    found: dict[Affine, str] = {}

    def leaf(function: Affine) -> Expression:
        if function.is_constant:
            return Number(function.constant)
        return Variable(found.setdefault(function, f"form{len(found)}"))

    def reduced(node: Expression) -> Expression:
        whole = as_affine(node, variables)
        if whole is not None:
            return leaf(whole)
        match node:
            case Sum(parts):
                readings = [as_affine(p, variables) for p in parts]
                others = [reduced(p) for p, r in zip(parts, readings, strict=True) if r is None]
                together = [r for r in readings if r is not None]
                if together:
                    others.append(leaf(sum(together[1:], together[0])))
                return tree.sum_of(others)
            case _:
                return tree.rebuilt(node, reduced)

    body = reduced(expression)
    names = tuple(found.values())
    return Forms(tuple(found), names, body, compile_balls(body, names))
