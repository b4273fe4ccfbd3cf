"""Expressions as floating-point functions: for heuristics only, never for a claim."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from verify.expressions import tree
from verify.expressions.tree import Expression

FloatFunction = Callable[[Sequence[float]], float]

_ONE_ARGUMENT: dict[str, Callable[[float], float]] = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "erf": math.erf,
    "Abs": abs,
    "sign": lambda u: math.copysign(1.0, u) if u else 0.0,
    "floor": lambda u: float(math.floor(u)),
    "ceiling": lambda u: float(math.ceil(u)),
    "Heaviside": lambda u: 1.0 if u > 0 else 0.5 if u == 0 else 0.0,
}


def compile_float(node: Expression, variables: Sequence[str]) -> FloatFunction:
    """Return `x -> value`, with nan where the value is undefined or overflows."""
    raw = _compile(node, {name: i for i, name in enumerate(variables)})

    def guarded(x: Sequence[float]) -> float:
        try:
            return raw(x)
        except (ValueError, OverflowError, ZeroDivisionError, TypeError):
            return math.nan

    return guarded


def _compile(node: Expression, index: dict[str, int]) -> FloatFunction:
    match node:
        case tree.Number(value):
            try:
                number = float(value)
            except OverflowError:
                number = math.inf if value > 0 else -math.inf
            return lambda x: number
        case tree.Constant(name):
            constant = math.pi if name == "pi" else math.e
            return lambda x: constant
        case tree.Variable(name):
            i = index[name]
            return lambda x: x[i]
        case tree.Sum(parts):
            terms = [_compile(p, index) for p in parts]
            if len(terms) == 2:
                one, two = terms
                return lambda x: one(x) + two(x)
            return lambda x: sum(t(x) for t in terms)
        case tree.Product(parts):
            factors = [_compile(p, index) for p in parts]
            if len(factors) == 2:
                first, second = factors
                return lambda x: first(x) * second(x)
            return lambda x: math.prod(f(x) for f in factors)
        case tree.Power(base, exponent):
            root, power = _compile(base, index), _compile(exponent, index)
            if isinstance(exponent, tree.Number) and exponent.value.denominator == 1:
                whole = int(exponent.value)
                return lambda x: root(x) ** whole
            return lambda x: math.pow(root(x), power(x))
        case tree.Call("Max" | "Min" as name, parts):
            arguments = [_compile(p, index) for p in parts]
            choose = max if name == "Max" else min
            return lambda x: choose(a(x) for a in arguments)
        case tree.Call("log", (tree.Call("cosh", (part,)),)):
            far = _compile(part, index)
            return lambda x: _log_cosh(far(x))
        case tree.Call("log", (tree.Sum((tree.ONE, tree.Call("exp", (part,)))),)):
            level = _compile(part, index)
            return lambda x: _softplus(level(x))
        case tree.Call(name, (part,)):
            function, argument = _ONE_ARGUMENT[name], _compile(part, index)
            return lambda x: function(argument(x))
        case tree.Piecewise(branches):
            compiled = [
                (
                    _compile(value, index),
                    None if c is None else (_compile(c.left, index), c.relation, _compile(c.right, index)),
                )
                for value, c in branches
            ]

            def choose_branch(x: Sequence[float]) -> float:
                for value, condition in compiled:
                    if condition is None or _holds(condition[0](x), condition[1], condition[2](x)):
                        return value(x)
                return math.nan

            return choose_branch
    raise TypeError(f"no float reading of {type(node).__name__}")


def _log_cosh(u: float) -> float:
    """Return log(cosh(u)); cosh alone would overflow from |u| = 711 on, where the loss log cosh is still small."""
    return abs(u) + math.log1p(math.exp(-2 * abs(u))) - math.log(2)


def _softplus(u: float) -> float:
    """Return log(1 + exp(u)), of which the same is true."""
    return max(u, 0.0) + math.log1p(math.exp(-abs(u)))


def _holds(left: float, relation: str, right: float) -> bool:
    if relation == "<":
        return left < right
    if relation == "<=":
        return left <= right
    return left > right if relation == ">" else left >= right
