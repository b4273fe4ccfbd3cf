"""The support D of a problem's measure, as regions on each of which the density is one formula.

MATHEMATICS.md, section 1: `D` is the support of `mu = h dx` inside the stated shape. Where the density is 0 on an open
set, or the restriction fails, nothing of D is left; sets of measure 0 do not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from proofs.geometry.affine import Affine, Point
from verify.conditions.dense import nowhere_flat
from verify.conditions.switches import Switch, as_switch
from verify.errors import InputError
from verify.expressions import tree
from verify.expressions.algebra import as_affine
from verify.expressions.demands import demands
from verify.expressions.factors import factors_of, with_squares
from verify.expressions.normal import identically_zero
from verify.expressions.tree import Condition, Expression, Number
from verify.integration import Deadline
from verify.problem import Problem
from verify.signs.decide import Signs
from verify.signs.regions import Region, sign_at_point
from verify.smooth import smooth_cells

MAX_SWITCHES = 5
MAX_PARTS = 400
FEW_BOXES = 300


@dataclass(frozen=True, eq=False)
class Part:
    """A region that belongs to D up to a null set; `density` is the formula of h inside it.

    `point` is an interior point with h > 0, None if none was found (then the part may be empty). `is_full` says that h
    != 0 on a dense subset of the region is proved: then the closure of the region's interior belongs to D.
    """

    region: Region
    density: Expression
    point: Point | None
    is_full: bool


@dataclass(frozen=True)
class Support:
    """D as the union of parts.

    `shape` are the regions of the stated shape, cut by the restriction only; `vanishing` those parts of them where h is
    0 identically. A `doubt` says why the restriction may not be defined on all of the stated shape.
    """

    variables: tuple[str, ...]
    parts: tuple[Part, ...]
    vanishing: tuple[Region, ...]
    shape: tuple[Region, ...]
    doubt: str | None = None

    @property
    def is_full(self) -> bool:
        """Whether the interiors of the parts are known to belong to D."""
        return self.doubt is None and bool(self.parts) and all(part.is_full for part in self.parts)

    @property
    def regions(self) -> tuple[Region, ...]:
        """Closed regions that cover D: the stated shape where the density vanishes on no part of it, else the parts."""
        return self.shape if self.is_full and not self.vanishing else tuple(part.region for part in self.parts)

    def carries(self, points: Sequence[Point]) -> bool:
        """Whether the segment (or point) between points certainly lies in D."""
        return self.is_full and any(part.region.holds_segment(points, self.variables) for part in self.parts)


def support_of(problem: Problem, deadline: Deadline) -> Support:
    """Work out D: cut by the restriction and wherever the density may be 0 on an open set."""
    variables = problem.variables
    regions: list[Region] = []
    doubt: str | None = None
    for piece in problem.domain.pieces:
        whole = Region.of(piece, variables)
        if problem.domain.restriction is None:
            regions.append(whole)
        else:
            doubt = _undefined(whole, problem, deadline) or doubt
            regions += _restricted(whole, problem.domain.restriction, variables, deadline)
    parts: list[Part] = []
    vanishing: list[Region] = []
    for region in regions:
        for smaller, density in _with_formula(region, problem.density, variables, deadline, 0):
            if identically_zero(density):
                vanishing.append(smaller)
                continue
            point = _positive_point(smaller, density, variables)
            full = point is not None and nowhere_flat(density, Signs(smaller, variables, deadline))
            parts.append(Part(smaller, density, point, full))
            if len(parts) > MAX_PARTS:
                raise InputError(f"the support falls into more than {MAX_PARTS} parts", key="density.expression")
    return Support(variables, tuple(parts), tuple(vanishing), tuple(regions), doubt)


def _positive_point(region: Region, density: Expression, variables: Sequence[str]) -> Point | None:
    for point in region.samples(variables, 16 if len(variables) < 3 else 4):
        if sign_at_point(density, point, variables) == 1:
            return point
    return None


def _undefined(region: Region, problem: Problem, deadline: Deadline) -> str | None:
    """Return a doubt if the restriction was not shown to be defined on a region.

    Raises InputError with a point where it is certainly undefined.
    """
    restriction = problem.domain.restriction
    assert restriction is not None
    signs = Signs(region, problem.variables, deadline)
    for side in (restriction.left, restriction.right):
        for part in tree.walk(side):
            for gap, relation, words in demands(part):
                found = signs.decide(gap, relation)
                if found.verdict is False and found.point is not None:
                    place = ", ".join(f"{n} = {x}" for n, x in zip(problem.variables, found.point, strict=True))
                    raise problem.fault(f"undefined at {place}: {words}", "domain.restriction")
                if found.verdict is not True:
                    return f"the restriction may be undefined: {words} could not be ruled out"
    return None


def _restricted(
    region: Region, restriction: Condition, variables: tuple[str, ...], deadline: Deadline
) -> Iterator[Region]:
    gap = tree.difference(restriction.left, restriction.right)
    if restriction.relation in ("<", "<="):
        gap = tree.negated(gap)
    for smaller, resolved in _without_switches(region, gap, variables, deadline):
        if identically_zero(resolved):
            if restriction.relation in ("<=", ">="):
                yield smaller
            continue
        yield from where_nonnegative(smaller, resolved, variables, deadline)


def _without_switches(
    region: Region, node: Expression, variables: tuple[str, ...], deadline: Deadline
) -> Iterator[tuple[Region, Expression]]:
    """Yield parts of a region with the expression as it simplifies inside each, every switch settled."""
    for smaller, resolved in resolved_cells(region, node, variables):
        switches = _switches(resolved, with_absolute_values=True)
        if not switches:
            yield smaller, resolved
            continue
        for gap, place, value in _sides(switches[0], resolved):
            for part in where_nonnegative(smaller, gap, variables, deadline):
                yield from _without_switches(
                    part, tree.folded(tree.replaced(resolved, place, value)), variables, deadline
                )


def resolved_cells(region: Region, node: Expression, variables: tuple[str, ...]) -> Iterator[tuple[Region, Expression]]:
    """Yield parts of a region with the expression as it simplifies inside each (switches at affine walls resolved)."""
    for cell, (resolved,) in smooth_cells((node,), region.cell, variables):
        part = Region(cell, region.constraints, region.ellipsoids)
        if not part.is_plainly_empty:
            yield part, resolved


def where_nonnegative(
    region: Region, gap: Expression, variables: tuple[str, ...], deadline: Deadline
) -> Iterator[Region]:
    """Yield regions that make up `{gap >= 0}` in a region up to null sets; affine factors become walls of cells."""
    wall = as_affine(gap, variables)
    if wall is not None:
        if wall.is_constant:
            if wall.constant >= 0:
                yield region
            return
        above = region.split(wall)[1]
        if above is not None:
            yield above
        return
    found = factors_of(gap, variables)
    if found is None:
        yield from _one_constraint(region, gap, variables, deadline)
        return
    walls, others = [], []
    for factor in found.factors:
        if factor.multiplicity % 2:
            flat = factor.affine(len(variables))
            if flat is None:
                others.append(with_squares(factor, variables))
            else:
                walls.append(flat)
    for smaller, sign in _cells_with_sign(region, walls, 1 if found.scale > 0 else -1):
        yield from _by_signs(smaller, others, sign, variables, deadline)


def _cells_with_sign(region: Region, walls: Sequence[Affine], sign: int) -> Iterator[tuple[Region, int]]:
    """Yield the cells into which walls cut a region, with the sign of the product of the walls times `sign`."""
    cells = [(region, sign)]
    for wall in walls:
        parts = []
        for smaller, s in cells:
            below, above = smaller.split(wall)
            parts += [(part, t) for part, t in ((below, -s), (above, s)) if part is not None]
        cells = parts
    yield from cells


def _by_signs(
    region: Region, factors: Sequence[Expression], sign: int, variables: tuple[str, ...], deadline: Deadline
) -> Iterator[Region]:
    """Yield the parts of a region where `sign` times the product of curved factors is >= 0."""
    if not factors:
        if sign > 0:
            yield region
        return
    if len(factors) > MAX_SWITCHES:
        yield region.with_constraint(tree.product_of([Number(Fraction(sign)), *factors]), variables)
        return
    for signs in product((1, -1), repeat=len(factors)):
        total = sign
        for s in signs:
            total *= s
        if total > 0:
            parts = [region]
            for s, factor in zip(signs, factors, strict=True):
                node = factor if s > 0 else tree.negated(factor)
                parts = [smaller for part in parts for smaller in _one_constraint(part, node, variables, deadline)]
            yield from parts


def _one_constraint(
    region: Region, gap: Expression, variables: tuple[str, ...], deadline: Deadline
) -> Iterator[Region]:
    signs = Signs(region, variables, deadline)
    low, high = signs.sign(gap)
    if low < 0 < high and region.constraints:
        if signs.decide(gap, ">=", FEW_BOXES).verdict:
            low = 0
        elif signs.decide(gap, "<=", FEW_BOXES).verdict:
            high = 0
    if low >= 0:
        yield region
    elif high > 0 or (high == 0 and factors_of(gap, variables) is None):
        yield _pruned(region.with_constraint(gap, variables), variables, deadline)


def _pruned(region: Region, variables: tuple[str, ...], deadline: Deadline) -> Region:
    """Return the same region without curved constraints that follow from the others."""
    for constraint in region.constraints:
        others = Region(region.cell)
        for other in region.constraints:
            if other is not constraint:
                others = others.with_constraint(other, variables)
        if others.constraints and Signs(others, variables, deadline).decide(constraint, ">=", FEW_BOXES).verdict:
            return _pruned(others, variables, deadline)
    return region


def _with_formula(
    region: Region, density: Expression, variables: tuple[str, ...], deadline: Deadline, depth: int
) -> Iterator[tuple[Region, Expression]]:
    """Yield regions with the density's formula there, cut where it may vanish on an open set."""
    for smaller, resolved in resolved_cells(region, density, variables):
        switches = _switches(resolved)
        if not switches or depth > MAX_SWITCHES or not _may_vanish(resolved, switches):
            yield smaller, resolved
            continue
        for gap, place, value in _sides(switches[0], resolved):
            for part in where_nonnegative(smaller, gap, variables, deadline):
                formula = tree.folded(tree.replaced(resolved, place, value))
                yield from _with_formula(part, formula, variables, deadline, depth + 1)


def _sides(switch: Switch, root: Expression) -> Iterator[tuple[Expression, Expression, Expression]]:
    """Yield (gap that is >= 0 there, the node to replace, its value) for the two sides of a switch."""
    yield switch.gap, switch.node, switch.above
    yield tree.negated(switch.gap), switch.node, switch.below


def _switches(node: Expression, *, with_absolute_values: bool = False) -> list[Switch]:
    """Return the innermost switches of an expression."""
    found: dict[Expression, Switch] = {}
    for part in tree.walk(node):
        switch = as_switch(part, with_absolute_values=with_absolute_values)
        if switch is not None and not any(
            as_switch(inner, with_absolute_values=with_absolute_values) for inner in tree.walk(switch.gap)
        ):
            found.setdefault(part, switch)
    return list(found.values())


def _may_vanish(node: Expression, switches: Sequence[Switch]) -> bool:
    """Whether some way of settling the switches makes the expression 0 identically."""
    if identically_zero(node):
        return True
    if not switches or len(switches) > MAX_SWITCHES:
        return bool(switches)
    switch = switches[0]
    for value in (switch.above, switch.below):
        settled = tree.folded(tree.replaced(node, switch.node, value))
        if _may_vanish(settled, _switches(settled)):
            return True
    return False
