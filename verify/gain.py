"""Risks and gains as sums of integrals over exact cells.

MATHEMATICS.md, section 3: two full risks are never subtracted; the gain is an integral over the cells where the
responses differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from proofs.geometry.affine import Affine
from proofs.geometry.polytopes import Cell, cells
from proofs.response import GeneralizedResponse, differences
from verify.expressions import Expression, tree
from verify.expressions.algebra import affine_expression
from verify.expressions.switches import has_switches
from verify.integration import Integral
from verify.problem import Problem
from verify.smooth import smooth_cells


@dataclass(frozen=True, slots=True)
class Piece:
    """A cell of the domain with density and target as they simplify on it."""

    cell: Cell
    density: Expression
    target: Expression


def pieces(problem: Problem) -> list[Piece]:
    """Return disjoint cells that make up the domain, cut where density or target have kinks or steps."""
    result = []
    for whole in problem.domain.cells:
        for cell, (density, target) in smooth_cells((problem.density, problem.target), whole, problem.variables):
            result.append(Piece(cell, density, target))
    return result


def excess_integrals(
    problem: Problem, parts: Iterable[Piece], first: GeneralizedResponse, second: GeneralizedResponse
) -> list[Integral]:
    """Return integrals whose sum is `err(first) - err(second)`, over the cells where the two responses differ."""
    result: list[Integral] = []
    for part in parts:
        for cell, one, two in differences(first, second, [part.cell]):
            for loss in _excess(problem, one, two, part.target):
                result += _weighted(problem, part, cell, loss)
    return result


def _excess(problem: Problem, first: Affine, second: Affine, target: Expression) -> list[Expression]:
    """Return terms whose sum is the difference of two losses: one where they cancel, two where each has its zeros."""
    loss, variables = problem.loss, problem.variables
    if len(variables) == 1 or not has_switches(loss.expression):
        return [loss.excess(first, second, target, variables)]
    one, two = (loss.at(affine_expression(a, variables), target) for a in (first, second))
    return [one, tree.negated(two)]


def risk_integrals(problem: Problem, parts: Iterable[Piece], response: GeneralizedResponse) -> list[Integral]:
    """Return integrals whose sum is `err(response)`."""
    walls = [term.halfspace.side for term in response.terms]
    result: list[Integral] = []
    for part in parts:
        for cell in cells([part.cell], walls):
            output = affine_expression(response.at(cell.centre), problem.variables)
            result += _weighted(problem, part, cell, problem.loss.at(output, part.target))
    return result


def _weighted(problem: Problem, part: Piece, cell: Cell, loss: Expression) -> list[Integral]:
    factors = loss.factors if isinstance(loss, tree.Product) else (loss,)
    integrand = tree.product_of(factors if part.density == tree.ONE else (*factors, part.density))
    return [
        Integral(expression, smooth) for smooth, (expression,) in smooth_cells((integrand,), cell, problem.variables)
    ]
