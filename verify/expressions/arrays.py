"""Expressions as functions of NumPy arrays: for heuristics only, never for a claim."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from verify.expressions import tree
from verify.expressions.tree import Expression

Floats = NDArray[np.float64]
ArrayFunction = Callable[[Sequence[Floats]], Floats]

_erf = np.vectorize(math.erf, otypes=[float])
_FUNCTIONS: dict[str, Callable[[Floats], Floats]] = {
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "erf": _erf,
    "Abs": np.abs,
    "sign": np.sign,
    "floor": np.floor,
    "ceiling": np.ceil,
    "Heaviside": lambda u: np.heaviside(u, 0.5),
}
_RELATIONS: dict[str, Callable[[Floats, Floats], NDArray[np.bool_]]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


def compile_array(node: Expression, variables: Sequence[str]) -> ArrayFunction:
    """Return `arrays -> array` by NumPy broadcasting, with nan where the value is undefined.

    Constant expressions give arrays without dimensions.
    """
    inner = _compile(node, {name: i for i, name in enumerate(variables)})

    def quiet(x: Sequence[Floats]) -> Floats:
        with np.errstate(all="ignore"):
            return inner(x)

    return quiet


def _number(value: float) -> ArrayFunction:
    number = np.asarray(value, dtype=np.float64)
    return lambda x: number


def _compile(node: Expression, index: dict[str, int]) -> ArrayFunction:
    match node:
        case tree.Number(value):
            try:
                return _number(float(value))
            except OverflowError:
                return _number(math.inf if value > 0 else -math.inf)
        case tree.Constant(name):
            return _number(math.pi if name == "pi" else math.e)
        case tree.Variable(name):
            i = index[name]
            return lambda x: x[i]
        case tree.Sum(parts):
            terms = [_compile(p, index) for p in parts]
            return lambda x: reduce(lambda total, t: total + t(x), terms[1:], terms[0](x))
        case tree.Product(parts):
            factors = [_compile(p, index) for p in parts]
            return lambda x: reduce(lambda total, f: total * f(x), factors[1:], factors[0](x))
        case tree.Power(base, tree.Number(exponent)) if exponent == 2:
            square = _compile(base, index)
            return lambda x: np.square(square(x))
        case tree.Power(base, exponent):
            root, power = _compile(base, index), _compile(exponent, index)
            return lambda x: np.power(root(x), power(x))
        case tree.Call("Max" | "Min" as name, parts):
            arguments = [_compile(p, index) for p in parts]
            choose = np.maximum if name == "Max" else np.minimum
            return lambda x: reduce(lambda best, a: choose(best, a(x)), arguments[1:], arguments[0](x))
        case tree.Call("log", (tree.Call("cosh", (part,)),)):  # cosh alone overflows, as in `floats`
            far = _compile(part, index)
            return lambda x: np.logaddexp(u := far(x), -u) - math.log(2)
        case tree.Call("log", (tree.Sum((tree.ONE, tree.Call("exp", (part,)))),)):
            level = _compile(part, index)
            return lambda x: np.logaddexp(0.0, level(x))
        case tree.Call(name, (part,)):
            function, argument = _FUNCTIONS[name], _compile(part, index)
            return lambda x: function(argument(x))
        case tree.Piecewise(branches):
            compiled = [
                (
                    _compile(value, index),
                    None if c is None else (_compile(c.left, index), c.relation, _compile(c.right, index)),
                )
                for value, c in branches
            ]

            def choose_branch(x: Sequence[Floats]) -> Floats:
                result: Floats = np.asarray(np.nan)
                for value, condition in reversed(compiled):
                    if condition is None:
                        result = value(x)
                    else:
                        left, relation, right = condition
                        result = np.where(_RELATIONS[relation](left(x), right(x)), value(x), result)
                return result

            return choose_branch
    raise TypeError(f"no array reading of {type(node).__name__}")
