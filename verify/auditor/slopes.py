"""Derivatives of expressions: one table of slopes for the normal forms and for the Taylor coefficients."""

from functools import lru_cache

from verify.auditor.expressions import Node, add, call, multiply, number, power, substitute
from verify.auditor.grammar import parse
from verify.auditor.verdicts import settle

MOST_ORDER = 20
# d with y' = d u' for y = f(u)
_SLOPES = {
    "exp": "y",
    "log": "1/u",
    "sin": "cos(u)",
    "cos": "-sin(u)",
    "tan": "1 + y**2",
    "asin": "(1 - u**2)**(-1/2)",
    "acos": "-(1 - u**2)**(-1/2)",
    "atan": "1/(1 + u**2)",
    "sinh": "cosh(u)",
    "cosh": "sinh(u)",
    "tanh": "1 - y**2",
    "erf": "2*pi**(-1/2)*exp(-u**2)",
    "softplus": "(1 + tanh(u/2))/2",
}


@lru_cache(1 << 12)
def slope(node: Node) -> Node:
    """The factor d with (f(u))' = d u', for a function f or a constant exponent; UndecidedError if there is none."""
    u = node.args[0]
    if node.kind == "**" and (exponent := node.args[1].number) is not None:
        return multiply(number(exponent), node, power(u, number(-1)))
    settle(node.kind in _SLOPES, f"no derivative of {node.kind}")
    return substitute(parse(_SLOPES[node.kind], ["u", "y"]), {0: u, 1: node})


def derivative(node: Node, order: int = 1) -> Node:
    """The derivative in the one variable; UndecidedError for a switch or a function without one here."""
    settle(order <= MOST_ORDER, f"a derivative of an order beyond {MOST_ORDER}")
    for _ in range(order):
        node = _derivative(node)
    return node


def _derivative(node: Node) -> Node:
    kind, args = node.kind, node.args
    if kind in ("variable", "number", "pi"):
        return number(kind == "variable")
    slopes = list(map(_derivative, args))
    if kind == "+":
        return add(*slopes)
    if kind == "*":
        parts = [(*args[:i], slope, *args[i + 1 :]) for i, slope in enumerate(slopes) if slope.number != 0]
        return add(*(multiply(*part) for part in parts))
    if kind == "**" and args[1].number is None:
        return multiply(node, _derivative(multiply(args[1], call("log", args[0]))))
    if slopes[0].number == 0:
        return number(0)
    if kind == "**" and (e := args[1].number) is not None and e.denominator == 1:  # also where the base is 0
        return multiply(number(e), power(args[0], number(e - 1)), slopes[0])
    return multiply(slope(node), slopes[0])
