"""One-sided limits on the line, at rational points, by orders of zeros."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from proofs.geometry.affine import Affine
from verify.expressions import tree
from verify.expressions.analytic import is_analytic
from verify.expressions.demands import demands
from verify.expressions.derivative import NoDerivativeError, derivative
from verify.expressions.normal import NoFormError, form
from verify.expressions.points import UndefinedError, at_point, sign_of_constant
from verify.expressions.tree import Call, Expression
from verify.integration import Deadline
from verify.signs.regions import Region, sign_at_point
from verify.smooth import smooth_cells

MAX_ORDER = 8
INFINITE: Final = tree.Call("log", (tree.ZERO,))  # a marker that is no value


def one_sided_limit(
    node: Expression, name: str, place: Fraction, side: int, region: Region, deadline: Deadline
) -> Expression | None:
    """Return the limit at a rational point from the right (side 1) or left (-1), INFINITE, or None if not found.

    `node` is defined next to the point on that side.
    """
    half = region.cell.split(Affine.of([1], -place))[1 if side > 0 else 0]
    if half is None:
        return None
    nearest = min(smooth_cells((node,), half, (name,)), key=lambda c: min(abs(v[0] - place) for v in c[0].vertices))
    try:
        settled = form(nearest[1][0])
    except NoFormError:
        return None
    over, under = settled.quotient
    where = {name: place}
    if _plain(settled.expression, name, place):
        try:
            return at_point(settled.expression, where)
        except UndefinedError:
            return None
    logs = [g for g in settled.generators if isinstance(g, Call) and g.name == "log" and not _plain(g, name, place)]
    if not all(_plain(e, name, place) for e in (under, *settled.generators) if e not in logs):
        return None
    if not logs:
        return _ratio(over, under, name, place)
    argument = logs[0].arguments[0]
    if len(logs) > 1 or not _plain(argument, name, place) or sign_at_point(argument, (place,), (name,)) != 0:
        return None
    return _with_logarithm(settled.coefficients(logs[0]), under, name, place)


def _plain(node: Expression, name: str, place: Fraction) -> bool:
    """Whether an expression is analytic at a point."""
    if not is_analytic(node):
        return False
    for part in tree.walk(node):
        for gap, relation, _ in demands(part):
            sign = sign_at_point(gap, (place,), (name,))
            if sign is None or sign == 0 or (relation != "!=" and sign < 0):
                return False
    return True


def _order(node: Expression, name: str, place: Fraction) -> tuple[int, Expression] | None:
    """Return the order of the zero of an analytic expression at a point, with the first derivative that is not 0."""
    try:
        for order in range(MAX_ORDER):
            value = at_point(node, {name: place})
            sign = sign_of_constant(value)
            if sign is None:
                return None
            if sign:
                return order, value
            node = derivative(node, name)
    except (NoDerivativeError, UndefinedError):
        return None
    return None


def _ratio(over: Expression, under: Expression, name: str, place: Fraction) -> Expression | None:
    above, below = _order(over, name, place), _order(under, name, place)
    if below is None:
        return None
    if above is None:
        return tree.ZERO if over == tree.ZERO else None
    if above[0] > below[0]:
        return tree.ZERO
    if above[0] < below[0]:
        return INFINITE
    return tree.folded(tree.Product((above[1], tree.Power(below[1], tree.MINUS_ONE))))


def _with_logarithm(coefficients: list[Expression], under: Expression, name: str, place: Fraction) -> Expression | None:
    """The limit of `sum c_k log(u)^k / under` where u(place) = 0: powers of log lose against any zero."""
    ratios = [_ratio(c, under, name, place) for c in coefficients]
    if any(r is None for r in ratios):
        return None
    grows = [k for k, r in enumerate(ratios) if k and r != tree.ZERO]
    if not grows:
        return ratios[0]
    if all(r is not INFINITE for r in ratios):
        return INFINITE
    return None
