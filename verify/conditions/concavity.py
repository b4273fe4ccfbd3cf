"""Which expressions are concave on a cell, by rules (a set where a concave function is >= 0 is convex)."""

from __future__ import annotations

from verify.expressions import tree
from verify.expressions.algebra import as_affine
from verify.expressions.derivative import NoDerivativeError, derivative
from verify.expressions.factors import definite, quadratic_matrix, to_mpoly
from verify.expressions.tree import Call, Expression, Number, Power, Product, Sum
from verify.signs.decide import Signs

CONVEX, CONCAVE = 1, -1


def is_concave(node: Expression, signs: Signs) -> bool:
    """Whether an expression is shown to be concave on the cell of a region."""
    return _curved(node, CONCAVE, signs)


def _curved(node: Expression, way: int, signs: Signs) -> bool:
    """Whether an expression is convex (way 1) or concave (way -1).

    Rules: affine functions; quadratic ones by their matrix; sums; multiples; functions of one variable by the sign of
    the second derivative; increasing convex functions of convex ones (exp, even powers of affine ones, Max, Abs), and
    increasing concave functions of concave ones (sqrt, log, Min, powers between 0 and 1).
    """
    if as_affine(node, signs.variables) is not None:
        return True
    polynomial = to_mpoly(node, signs.variables)
    if polynomial is not None:
        n = len(signs.variables)
        matrix = quadratic_matrix(polynomial, n)
        if matrix is not None and definite([row[:n] for row in matrix[:n]])[0] == way:
            return True
    match node:
        case Sum(parts):
            if all(_curved(p, way, signs) for p in parts):
                return True
        case Product((Number(value), *rest)):
            return _curved(tree.product_of(rest), way if value > 0 else -way, signs)
        case Call("Max" | "exp", parts) if way == CONVEX:
            return all(_curved(p, CONVEX, signs) for p in parts)
        case Call("Min" | "sqrt" | "log", parts) if way == CONCAVE:
            return all(_curved(p, CONCAVE, signs) for p in parts)
        case Call("Abs", (part,)) if way == CONVEX:
            return as_affine(part, signs.variables) is not None
        case Power(base, Number(exponent)):
            if way == CONVEX and exponent.denominator == 1 and exponent > 0 and exponent % 2 == 0:
                return as_affine(base, signs.variables) is not None
            if way == CONCAVE and 0 < exponent < 1:
                return _curved(base, CONCAVE, signs)
    return _by_second_derivative(node, way, signs)


def _by_second_derivative(node: Expression, way: int, signs: Signs) -> bool:
    names = tree.variables_of(node)
    if len(names) != 1:
        return False
    name = next(iter(names))
    try:
        second = derivative(derivative(node, name), name)
    except NoDerivativeError:
        return False
    return signs.decide(second, ">=" if way == CONVEX else "<=", 200).verdict is True
