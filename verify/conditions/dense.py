"""Is an expression different from 0 on a dense subset of a region? Signs that an identity theorem rests on."""

from __future__ import annotations

from verify.conditions.roots import zeros
from verify.expressions import tree
from verify.expressions.analytic import is_analytic
from verify.expressions.demands import demands
from verify.expressions.factors import to_mpoly
from verify.expressions.normal import NoFormError, form
from verify.expressions.tree import Call, Expression, Number, Piecewise
from verify.signs.decide import Signs
from verify.signs.regions import Region, sign_at_point

FEW_BOXES = 300


def nowhere_flat(node: Expression, signs: Signs) -> bool:
    """Whether an expression is shown to vanish on no open set of a region where it is defined.

    An analytic function on a connected set that is != 0 somewhere vanishes on none; nor do roots, sizes, products,
    maxima and branches of such, nor a sum of terms >= 0 one of which is such.
    """
    if signs.sign(node) in ((1, 1), (-1, -1)):
        return True
    if is_analytic(node):
        return _analytic_nowhere_flat(node, signs)
    match node:
        case Call("Abs" | "sqrt", (part,)) | tree.Power(part, Number()):
            return nowhere_flat(part, signs)
        case tree.Product(parts) | Call("Max" | "Min", parts):
            return all(nowhere_flat(p, signs) for p in parts)
        case tree.Sum(parts):
            return all(signs.sign(p)[0] >= 0 for p in parts) and any(nowhere_flat(p, signs) for p in parts)
        case Piecewise(branches):
            return all(nowhere_flat(value, signs) for value, _ in branches)
        case _:
            return False


def _analytic_nowhere_flat(node: Expression, signs: Signs) -> bool:
    try:
        over, _ = form(node).quotient
    except NoFormError:
        return False
    if to_mpoly(over, signs.variables) is not None:
        return over != tree.ZERO  # a rational function
    differs = any(sign_at_point(node, p, signs.variables) in (1, -1) for p in signs.region.samples(signs.variables, 4))
    return differs and _is_analytic_throughout(node, signs)


def _is_analytic_throughout(node: Expression, signs: Signs) -> bool:
    """Whether an expression by form analytic where defined is so on a connected set in which the region is dense.

    That is the region if it is convex, else its cell. `atan(x) + atan(1/x)` is not: it is constant on either side of 0.
    """
    whole = signs if signs.region.is_convex else Signs(Region(signs.region.cell), signs.variables, signs.deadline)
    for part in tree.walk(node):
        for gap, relation, _ in demands(part):
            if whole.decide(gap, relation, FEW_BOXES).verdict is not True and not _only_at_ends(gap, whole):
                return False
    return True


def _only_at_ends(gap: Expression, signs: Signs) -> bool:
    """Whether a gap on the line is 0 at the ends of the interval at most."""
    if len(signs.variables) > 1 or not is_analytic(gap):
        return False
    lower, upper = signs.region.box[0]
    found = zeros(gap, lower, upper, signs.variables[0], signs.deadline)
    return found is not None and all(root.is_exact and root.lower in (lower, upper) for root in found)
