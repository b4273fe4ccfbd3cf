"""Which expressions are real-analytic wherever they are defined."""

from __future__ import annotations

from verify.expressions import tree
from verify.expressions.tree import Call, Expression, Number, Piecewise


def is_analytic(node: Expression) -> bool:
    """Whether an expression is real-analytic wherever it is defined, by its form."""
    for part in tree.walk(node):
        match part:
            case Piecewise() | Call("Abs" | "Max" | "Min" | "sign" | "Heaviside" | "floor" | "ceiling" | "sqrt", _):
                return False
            case Call("asin" | "acos", _):
                return False
            case tree.Power(_, Number(exponent)) if exponent.denominator > 1:
                return False
    return True
