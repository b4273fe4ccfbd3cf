"""Where an expression is defined on a cell, and its sign there: proved, refuted with a point, or left open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import arb

from proofs.geometry.affine import Affine, Point
from proofs.geometry.polytopes import Cell, Polytope
from verify.expressions import tree
from verify.expressions.algebra import as_affine
from verify.expressions.balls import to_fmpq, truth
from verify.expressions.demands import demands
from verify.expressions.tree import Condition, Expression, Piecewise
from verify.integration import Deadline
from verify.signs import Region, Signs

MAX_BOXES = 400
_TURNED = {"<": ">", "<=": ">="}


@dataclass(frozen=True, slots=True)
class Decision:
    """`verdict` is True (proved on the whole cell), False (refuted at `point`) or None (not settled near `point`)."""

    verdict: bool | None
    point: Point | None = None


HOLDS = Decision(True)


def decide(
    gap: Expression,
    relation: str,
    cell: Cell,
    variables: Sequence[str],
    excluded: Sequence[Affine] = (),
    max_boxes: int = MAX_BOXES,
) -> Decision:
    """Decide whether `gap relation 0` on a closed cell without the hyperplanes `excluded = 0` along its boundary.

    The relation is one of `> >= < <= !=`; `gap` must be defined on the cell.
    """
    wall = as_affine(gap, variables)
    if wall is not None:
        wall = -wall if relation in _TURNED else wall
        if cell.sign_of(wall) > 0 and any(_is_excluded(wall, out, cell) for out in excluded):
            return HOLDS  # it vanishes on excluded points at most
        return _decide_affine(wall, _TURNED.get(relation, relation), cell)
    found = Signs(Region.of_cell(cell, variables), variables, Deadline(None)).decide(gap, relation, max_boxes)
    if found.bracket is not None:
        return Decision(False, tuple((p + q) / 2 for p, q in zip(*found.bracket, strict=True)))
    return Decision(found.verdict, found.point)


def _decide_affine(wall: Affine, relation: str, cell: Cell) -> Decision:
    low = cell.lowest(wall)
    value = wall(low)
    if relation == "!=":
        high = cell.lowest(-wall)
        if value * wall(high) > 0:
            return HOLDS
        if value == wall(high):
            return Decision(False, low)
        weight = value / (value - wall(high))
        return Decision(False, tuple(p + weight * (q - p) for p, q in zip(low, high, strict=True)))
    holds = value > 0 if relation == ">" else value >= 0
    return HOLDS if holds else Decision(False, low)


def _is_excluded(wall: Affine, out: Affine, cell: Cell) -> bool:
    """Whether an affine function `>= 0` on a cell vanishes nowhere on it but (perhaps) where `out` vanishes too."""
    if isinstance(cell, Polytope):
        return all(out(v) == 0 for v in cell.vertices if wall(v) == 0)
    return wall.ratio_to(out) is not None


@dataclass(frozen=True, slots=True)
class Undefined:
    """Where and why an expression is undefined, or (`certain` False) could not be shown to be defined."""

    point: Point
    reason: str
    certain: bool


@dataclass(frozen=True, slots=True)
class _Region:
    """A closed cell without the hyperplanes `excluded = 0` along its boundary."""

    cell: Cell
    excluded: tuple[Affine, ...] = ()


def first_undefined(node: Expression, cell: Cell, variables: Sequence[str]) -> Undefined | None:
    """Return None if an expression is defined on a whole closed cell, otherwise a point of trouble.

    Branches of `Piecewise` are asked only where they can be chosen.
    """
    return _first_undefined(node, [_Region(cell)], variables)


def _worse(first: Undefined | None, second: Undefined | None) -> Undefined | None:
    return second if first is None or (second is not None and second.certain and not first.certain) else first


def _first_undefined(node: Expression, regions: list[_Region], variables: Sequence[str]) -> Undefined | None:
    trouble: Undefined | None = None
    if isinstance(node, Piecewise):
        return _first_undefined_branch(node, regions, variables)
    for child in tree.children(node):
        trouble = _worse(trouble, _first_undefined(child, regions, variables))
    if trouble is not None:
        return trouble
    for gap, relation, words in demands(node):
        for region in regions:
            decision = decide(gap, relation, region.cell, variables, region.excluded)
            if decision.verdict is not True:
                assert decision.point is not None
                certain = decision.verdict is False and all(out(decision.point) != 0 for out in region.excluded)
                trouble = _worse(trouble, Undefined(decision.point, words, certain))
    return trouble


def _first_undefined_branch(node: Piecewise, regions: list[_Region], variables: Sequence[str]) -> Undefined | None:
    trouble: Undefined | None = None
    for value, condition in node.branches:
        if condition is None:
            return _worse(trouble, _first_undefined(value, regions, variables))
        for side in (condition.left, condition.right):
            trouble = _worse(trouble, _first_undefined(side, regions, variables))
        chosen, regions, sharp = _where(condition, regions, variables)
        branch = _first_undefined(value, chosen, variables)
        if branch is not None and not sharp:
            branch = Undefined(branch.point, branch.reason, False)
        trouble = _worse(trouble, branch)
        if not sharp and trouble is not None:
            trouble = Undefined(trouble.point, trouble.reason, False)
        if not regions:
            break
    return trouble


def _where(
    condition: Condition, regions: list[_Region], variables: Sequence[str]
) -> tuple[list[_Region], list[_Region], bool]:
    """Return regions that cover where a condition holds, where it does not, and whether both are exact."""
    wall = as_affine(tree.difference(condition.left, condition.right), variables)
    if wall is None:
        return regions, regions, False
    if wall.is_constant:
        verdict = truth(arb(to_fmpq(wall.constant)), condition.relation)
        return (regions, [], True) if verdict else ([], regions, True)
    if condition.relation in ("<", "<="):
        wall = -wall
    strict = condition.relation in ("<", ">")
    yes: list[_Region] = []
    no: list[_Region] = []
    for region in regions:
        below, above = region.cell.split(wall)
        if above is not None:
            yes.append(_Region(above, (*region.excluded, wall) if strict else region.excluded))
        if below is not None:
            no.append(_Region(below, region.excluded if strict else (*region.excluded, wall)))
    return yes, no, True
