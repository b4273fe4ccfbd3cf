"""Is a density >= 0 everywhere on D, its values where it switches included?

On the closed sides of a switch the formulas are continuous and decided there; the value at the switch itself may be a
third one, or that of a side which has no points near by, and is decided on `{gap = 0}`.
"""

from __future__ import annotations

from collections.abc import Sequence

from proofs.geometry.affine import Affine
from verify.conditions.support import where_nonnegative
from verify.conditions.switches import first_switch, without_steps
from verify.expressions import tree
from verify.expressions.algebra import as_affine
from verify.expressions.tree import Expression
from verify.integration import Deadline
from verify.signs.decide import Outcome, Signs
from verify.signs.regions import Region, sign_at_point

MAX_DEPTH = 12
FEW_BOXES = 300
OPEN = Outcome(None)


def decide_nonnegative(
    node: Expression, region: Region, variables: tuple[str, ...], deadline: Deadline, depth: int = 0
) -> Outcome:
    """Decide whether an expression is >= 0 at every point of a region where it is defined."""
    node = without_steps(node, Signs(region, variables, deadline))
    switch = first_switch(node)
    if isinstance(switch, str) or depth > MAX_DEPTH or deadline.passed:
        return OPEN
    if switch is None:
        return Signs(region, variables, deadline).decide(node, ">=")
    above, at_zero, below = (
        tree.folded(tree.replaced(node, switch.node, value)) for value in (switch.above, switch.at_zero, switch.below)
    )
    doubt: Outcome | None = None
    reached: list[Expression] = []
    for value, gap in ((above, switch.gap), (below, tree.negated(switch.gap))):
        parts = list(where_nonnegative(region, gap, variables, deadline))
        reached += [value] if parts else []
        for part in parts:
            found = decide_nonnegative(value, part, variables, deadline, depth + 1)
            if found.verdict is False and found.point is not None and sign_at_point(node, found.point, variables) == -1:
                return found
            doubt = found if found.verdict is not True else doubt
    wall = as_affine(switch.gap, variables)
    if not (at_zero in reached and wall is not None and region.is_convex):
        found = _on_switch(at_zero, switch.gap, wall, region, variables, deadline, depth)
        if found.verdict is False:
            return found
        doubt = found if found.verdict is not True else doubt
    return Outcome(True) if doubt is None else Outcome(None, doubt.point)


def _on_switch(
    node: Expression,
    gap: Expression,
    wall: Affine | None,
    region: Region,
    variables: Sequence[str],
    deadline: Deadline,
    depth: int,
) -> Outcome:
    """Decide whether an expression is >= 0 where a gap is 0."""
    names = tuple(variables)
    if Signs(region, names, deadline).decide(gap, "!=", FEW_BOXES).verdict is True:
        return Outcome(True)
    if wall is not None and not wall.is_constant and len(names) == 1:
        point = (-wall.constant / wall.gradient[0],)
        sign = sign_at_point(node, point, names)
        if not region.contains(point, names):
            return OPEN
        return OPEN if sign is None else Outcome(sign >= 0, point if sign < 0 else None)
    for vertex in region.cell.vertices if wall is not None else ():
        on_it = wall is not None and wall(vertex) == 0 and sign_at_point(node, vertex, names) == -1
        if on_it and region.contains(vertex, names):
            return Outcome(False, vertex)
    section = region.with_constraint(gap, names).with_constraint(tree.negated(gap), names)
    return decide_nonnegative(node, section, names, deadline, depth + 1)
