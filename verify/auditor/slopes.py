"""Derivatives of expressions: one table of slopes for the normal forms and for the Taylor coefficients."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache

from verify.auditor.expressions import Node, add, call, multiply, negate, number, power
from verify.auditor.verdicts import UndecidedError

MOST_ORDER = 20
_HALF = Fraction(1, 2)


def _plus_one(node: Node) -> Node:
    return add(number(1), node)


def _square(node: Node) -> Node:
    return power(node, number(2))


def _to(node: Node, exponent: Fraction | int) -> Node:
    return power(node, number(exponent))


# d with y' = d u' for y = f(u)
_SLOPES: dict[str, Callable[[Node, Node], Node]] = {
    "exp": lambda u, y: y,
    "log": lambda u, y: _to(u, -1),
    "sin": lambda u, y: call("cos", u),
    "cos": lambda u, y: negate(call("sin", u)),
    "tan": lambda u, y: _plus_one(_square(y)),
    "asin": lambda u, y: _to(_plus_one(negate(_square(u))), -_HALF),
    "acos": lambda u, y: negate(_to(_plus_one(negate(_square(u))), -_HALF)),
    "atan": lambda u, y: _to(_plus_one(_square(u)), -1),
    "sinh": lambda u, y: call("cosh", u),
    "cosh": lambda u, y: call("sinh", u),
    "tanh": lambda u, y: _plus_one(negate(_square(y))),
    "erf": lambda u, y: multiply(number(2), _to(Node("pi"), -_HALF), call("exp", negate(_square(u)))),
    "softplus": lambda u, y: multiply(number(_HALF), _plus_one(call("tanh", multiply(number(_HALF), u)))),
}


@lru_cache(1 << 12)
def slope(node: Node) -> Node:
    """The factor d with (f(u))' = d u', for a function f or a constant exponent; UndecidedError if there is none."""
    u = node.args[0]
    if node.kind == "**" and (exponent := node.args[1].number) is not None:
        return multiply(number(exponent), node, _to(u, -1))
    if node.kind not in _SLOPES:
        raise UndecidedError(f"no derivative of {node.kind}")
    return _SLOPES[node.kind](u, node)


def derivative(node: Node, order: int = 1) -> Node:
    """The derivative in the one variable; UndecidedError for a switch or a function without one here."""
    if order > MOST_ORDER:
        raise UndecidedError(f"a derivative of an order beyond {MOST_ORDER}")
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
        return multiply(number(e), _to(args[0], e - 1), slopes[0])
    return multiply(slope(node), slopes[0])
