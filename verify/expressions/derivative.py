"""Derivatives of expressions that have no switches, by the rules of calculus.

The derivative is right wherever the expression is differentiable; where it is defined is asked elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from verify.expressions import tree
from verify.expressions.tree import Call, Constant, Expression, Number, Power, Product, Sum, Variable

_TWO = Number(Fraction(2))


class NoDerivativeError(ValueError):
    """The expression has a switch (`Abs`, `Max`, `Piecewise`, ...) that depends on the variable."""


def derivative(node: Expression, variable: str) -> Expression:
    """Return the derivative with respect to a variable. Raises NoDerivativeError at a switch."""
    known: dict[int, Expression] = {}

    def rate(part: Expression) -> Expression:
        if id(part) not in known:  # parts often occur in many places
            known[id(part)] = _derivative(part, variable, rate)
        return known[id(part)]

    return tree.folded(rate(node))


def gradient(node: Expression, variables: tuple[str, ...]) -> tuple[Expression, ...]:
    """Return the partial derivatives. Raises NoDerivativeError at a switch."""
    return tuple(derivative(node, name) for name in variables)


def _derivative(node: Expression, variable: str, rate: Callable[[Expression], Expression]) -> Expression:
    """Return the derivative, given those of the parts."""
    match node:
        case Number() | Constant():
            return tree.ZERO
        case Variable(name):
            return tree.ONE if name == variable else tree.ZERO
        case Sum(parts):
            return tree.sum_of([p for p in map(rate, parts) if p != tree.ZERO] or [tree.ZERO])
        case Product(parts):
            terms = []
            for i, part in enumerate(parts):
                inner = rate(part)
                if inner != tree.ZERO:
                    terms.append(_times(*parts[:i], inner, *parts[i + 1 :]))
            return tree.sum_of(terms or [tree.ZERO])
        case Power(base, Number(exponent)):
            lowered = Number(exponent - 1)
            return _times(Number(exponent), base if exponent == 2 else Power(base, lowered), rate(base))
        case Call(name, (argument,)) if name in _OUTER:
            return _times(_OUTER[name](argument), rate(argument))
        case _ if variable not in tree.variables_of(node):
            return tree.ZERO
        case Power(base, exponent):
            slopes = (
                _times(rate(exponent), Call("log", (base,))),
                _times(exponent, rate(base), Power(base, tree.MINUS_ONE)),
            )
            return _times(node, Sum(slopes))
        case _:
            raise NoDerivativeError(f"{type(node).__name__} has no derivative everywhere")


def _times(*factors: Expression) -> Expression:
    kept = [f for f in factors if f != tree.ONE]
    if tree.ZERO in kept:
        return tree.ZERO
    return tree.product_of(kept) if kept else tree.ONE


def _squared(node: Expression) -> Expression:
    return Power(node, _TWO)


def _one_minus_square(node: Expression) -> Expression:
    return tree.difference(tree.ONE, _squared(node))


def _power(node: Expression, numerator: int, denominator: int = 1) -> Expression:
    return Power(node, Number(Fraction(numerator, denominator)))


_OUTER: dict[str, Callable[[Expression], Expression]] = {
    "sin": lambda u: Call("cos", (u,)),
    "cos": lambda u: tree.negated(Call("sin", (u,))),
    "tan": lambda u: _power(Call("cos", (u,)), -2),
    "asin": lambda u: _power(_one_minus_square(u), -1, 2),
    "acos": lambda u: tree.negated(_power(_one_minus_square(u), -1, 2)),
    "atan": lambda u: _power(Sum((tree.ONE, _squared(u))), -1),
    "sinh": lambda u: Call("cosh", (u,)),
    "cosh": lambda u: Call("sinh", (u,)),
    "tanh": lambda u: _power(Call("cosh", (u,)), -2),
    "exp": lambda u: Call("exp", (u,)),
    "log": lambda u: _power(u, -1),
    "sqrt": lambda u: _times(Number(Fraction(1, 2)), _power(u, -1, 2)),
    "erf": lambda u: _times(_TWO, _power(Constant("pi"), -1, 2), Call("exp", (tree.negated(_squared(u)),))),
}
