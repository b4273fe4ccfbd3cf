"""Expressions as SymPy expressions, node by node (no text passes through SymPy)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verify.errors import InputError
from verify.expressions import tree
from verify.expressions.tree import Expression


def to_sympy(node: Expression, variables: Mapping[str, Any]) -> Any:
    """Return the same function as a SymPy expression. Raises InputError for what switches (`Abs`, `Max`, `floor`)."""
    import sympy

    match node:
        case tree.Number(value):
            return sympy.Rational(value.numerator, value.denominator)
        case tree.Constant(name):
            return sympy.pi if name == "pi" else sympy.E
        case tree.Variable(name):
            return variables[name]
        case tree.Sum(parts):
            return sympy.Add(*(to_sympy(part, variables) for part in parts))
        case tree.Product(parts):
            return sympy.Mul(*(to_sympy(part, variables) for part in parts))
        case tree.Power(base, exponent):
            return sympy.Pow(to_sympy(base, variables), to_sympy(exponent, variables))
        case tree.Call(name, (part,)) if name in _FUNCTIONS:
            return getattr(sympy, name)(to_sympy(part, variables))
    raise InputError("a part that switches has no single formula")


_FUNCTIONS = frozenset(
    {"sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "exp", "log", "sqrt", "erf"}
)
