"""Which expressions are real-analytic wherever they are defined, and which extend to all complex numbers."""

from __future__ import annotations

from verify.expressions import tree
from verify.expressions.tree import Call, Constant, Expression, Number, Piecewise, Power, Product, Sum, Variable


def is_analytic(node: Expression) -> bool:
    """Whether an expression is real-analytic wherever it is defined, by its form."""
    for part in tree.walk(node):
        match part:
            case Piecewise() | Call("Abs" | "Max" | "Min" | "sign" | "Heaviside" | "floor" | "ceiling" | "sqrt", _):
                return False
            case Call("asin" | "acos", _):
                return False
            case Power(_, Number(exponent)) if exponent.denominator > 1:
                return False
    return True


def is_entire(node: Expression) -> bool:
    """Whether an expression is an entire function of its variables, by its form."""
    for part in tree.walk(node):
        match part:
            case Number() | Constant() | Variable() | Sum() | Product():
                pass
            case Call("exp" | "sin" | "cos" | "sinh" | "cosh" | "erf", _):
                pass
            case Power(_, Number(exponent)) if exponent >= 0 and exponent.denominator == 1:
                pass
            case _:
                return False
    return True
