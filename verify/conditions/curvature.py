"""Convexity of a loss in its output y, by rules: which expressions are convex in y, and which strictly.

Coefficients may depend on x and f; their signs are asked of `Everywhere`. A strictly convex function plus a convex one
is strictly convex; a positive multiple keeps strictness.
"""

from __future__ import annotations

from enum import IntEnum
from fractions import Fraction

from verify.conditions.everywhere import Everywhere
from verify.expressions import tree
from verify.expressions.analytic import is_analytic
from verify.expressions.derivative import NoDerivativeError, derivative
from verify.expressions.tree import Call, Expression, Number, Power, Product, Sum

OUTPUT = "y"
_TWO, _HALF = Number(Fraction(2)), Number(Fraction(1, 2))


class Curvature(IntEnum):
    """What is known: nothing, convex, strictly convex."""

    UNKNOWN = 0
    CONVEX = 1
    STRICT = 2


def slope(node: Expression) -> Expression | None:
    """Return the coefficient of y in an expression that is affine in y, else None."""
    if OUTPUT not in tree.variables_of(node):
        return tree.ZERO
    try:
        first = derivative(node, OUTPUT)
    except NoDerivativeError:
        return None
    return first if OUTPUT not in tree.variables_of(first) and _is_sum_of_products(node) else None


def _is_sum_of_products(node: Expression) -> bool:
    """Whether y occurs under sums and products only (so the derivative is the coefficient, everywhere)."""
    match node:
        case tree.Variable():
            return True
        case Sum(parts):
            return all(_is_sum_of_products(p) for p in parts)
        case Product(parts):
            inner = [p for p in parts if OUTPUT in tree.variables_of(p)]
            return len(inner) <= 1 and all(_is_sum_of_products(p) for p in inner)
        case _:
            return OUTPUT not in tree.variables_of(node)


def curvature(node: Expression, signs: Everywhere) -> Curvature:
    """Return what is known about the convexity of an expression as a function of y, for all x and f."""
    best = _by_rules(node, signs)
    return max(best, _by_second_derivative(node, signs)) if best < Curvature.STRICT else best


def _moves(node: Expression, signs: Everywhere) -> bool:
    """Whether an expression is affine in y with a slope that is never 0."""
    rate = slope(node)
    return rate is not None and signs.sign(rate) in ((1, 1), (-1, -1))


def _by_rules(node: Expression, signs: Everywhere) -> Curvature:
    if slope(node) is not None:
        return Curvature.CONVEX
    match node:
        case Sum(parts):
            found = [curvature(p, signs) for p in parts]
            return Curvature.UNKNOWN if min(found) == Curvature.UNKNOWN else max(found)
        case Product(parts):
            free = [p for p in parts if OUTPUT not in tree.variables_of(p)]
            inner = [p for p in parts if OUTPUT in tree.variables_of(p)]
            low = signs.sign(tree.product_of(free))[0] if free else 1
            if len(inner) != 1 or not free or low < 0:
                return Curvature.UNKNOWN
            return min(curvature(inner[0], signs), Curvature.STRICT if low > 0 else Curvature.CONVEX)
        case Power(base, Number(exponent)) if exponent.denominator == 1 and exponent > 0 and exponent % 2 == 0:
            return _of_affine(base, signs)
        case Power(Call("Abs", (base,)), Number(exponent)) if exponent >= 1:
            return _of_affine(base, signs) if exponent > 1 else min(_of_affine(base, signs), Curvature.CONVEX)
        case Call("Abs", (base,)):
            return min(_of_affine(base, signs), Curvature.CONVEX)
        case Call("Max", parts):
            found = [curvature(p, signs) for p in parts]
            return min(found)  # the maximum of strictly convex functions is strictly convex
        case Call("exp" | "cosh", (base,)) if slope(base) is not None:
            return _of_affine(base, signs)
        case Call("exp", (base,)):
            return curvature(base, signs)
        case Call("log", (Call("cosh", (base,)),)):
            return _of_affine(base, signs)
        case Call("sqrt", (part,)) | Power(part, Number()) if not isinstance(node, Power) or node.exponent == _HALF:
            return _root_of_square(part, signs)
        case _:
            return Curvature.UNKNOWN


def _of_affine(base: Expression, signs: Everywhere) -> Curvature:
    """A strictly convex function of an affine one: strict where the slope is never 0."""
    if slope(base) is None:
        return Curvature.UNKNOWN
    return Curvature.STRICT if _moves(base, signs) else Curvature.CONVEX


def _root_of_square(part: Expression, signs: Everywhere) -> Curvature:
    """`sqrt(c + u^2)` with c > 0 and u affine in y is strictly convex, a norm of (sqrt c, u)."""
    terms = part.terms if isinstance(part, Sum) else (part,)
    inner = [t for t in terms if OUTPUT in tree.variables_of(t)]
    free = [t for t in terms if OUTPUT not in tree.variables_of(t)]
    match inner:
        case [Power(base, exponent)] if exponent == _TWO and free:
            low = signs.sign(tree.sum_of(free))[0]
            return _of_affine(base, signs) if low > 0 else Curvature.CONVEX if low == 0 else Curvature.UNKNOWN
        case _:
            return Curvature.UNKNOWN


def _by_second_derivative(node: Expression, signs: Everywhere) -> Curvature:
    """From `d2L/dy2 >= 0`; strict if it is > 0, or analytic in y and > 0 at one y for every x and f.

    An analytic second derivative that is not 0 identically has isolated zeros; the derivative of L then increases
    strictly.
    """
    try:
        second = derivative(derivative(node, OUTPUT), OUTPUT)
    except NoDerivativeError:
        return Curvature.UNKNOWN
    low = signs.sign(second)[0]
    if low < 0 or not is_analytic(node):
        return Curvature.UNKNOWN
    if low > 0:
        return Curvature.STRICT
    for value in (0, 1, -1, 10, -10, 1000):
        at = tree.folded(tree.substituted(second, {OUTPUT: Number(Fraction(value))}))
        if signs.sign(at)[0] > 0:
            return Curvature.STRICT
    return Curvature.CONVEX
