"""Expressions as programs on arrays: intervals, rectangles, points; common subexpressions are worked out once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from operator import add, mul
from typing import Any

import numpy as np

from verify.expressions import tree
from verify.expressions.tree import Expression
from verify.vectorized.intervals import Interval
from verify.vectorized.points import Points, Rounded
from verify.vectorized.rectangles import Rectangle

Number = Interval | Rectangle | Points | Rounded
Step = Callable[[list[Any]], Any]

_NONE: Mapping[str, Interval] = {}
_METHODS = frozenset({"exp", "log", "sin", "cos", "atan", "sinh", "cosh", "tanh", "erf", "sqrt"})


class UnsupportedError(ValueError):
    """The expression holds a function that is not offered on arrays."""


class Program:
    """Several expressions as one function of arrays.

    On intervals it encloses all real values; on rectangles the values of the analytic continuation, nan where there
    is none; points and bounds of their rounding errors are in `points`. Inputs of other kinds than `Interval` may be
    mixed with intervals. Of names in `ranges` only an interval is known, the same everywhere. Raises UnsupportedError
    when it is built, OverflowError for numbers beyond the doubles.
    """

    def __init__(
        self, expressions: Sequence[Expression], names: Sequence[str], ranges: Mapping[str, Interval] = _NONE
    ) -> None:
        self._ranges = ranges
        self._places: dict[Expression, int] = {tree.Variable(name): i for i, name in enumerate(names)}
        self._steps: list[Step] = []
        self._inputs = len(names)
        self._results = [self._place(e) for e in expressions]

    def __call__(self, inputs: Sequence[Number]) -> list[Any]:
        """Return the values of the expressions; constant ones have no dimensions."""
        values: list[Any] = list(inputs)
        with np.errstate(all="ignore"):
            for step in self._steps:
                values.append(step(values))
        return [values[i] for i in self._results]

    def _place(self, node: Expression) -> int:
        if node not in self._places:
            step = self._step(node)
            self._places[node] = self._inputs + len(self._steps)
            self._steps.append(step)
        return self._places[node]

    def _step(self, node: Expression) -> Step:
        match node:
            case tree.Number(value):
                number = Interval.of(value)
                return lambda values: number
            case tree.Variable(name):
                number = self._ranges[name]
                return lambda values: number
            case tree.Constant(name):
                number = Interval.of(_CONSTANTS[name][0]).join(Interval.of(_CONSTANTS[name][1]))
                return lambda values: number
            case tree.Sum(parts):
                places = [self._place(p) for p in parts]
                return lambda values: reduce(_add, (values[i] for i in places))
            case tree.Product(parts):
                if isinstance(parts[0], tree.Number) and parts[0].value == -1 and len(parts) == 2:
                    (place,) = (self._place(p) for p in parts[1:])
                    return lambda values: -values[place]
                places = [self._place(p) for p in parts]
                return lambda values: reduce(_multiply, (values[i] for i in places))
            case tree.Power(base, tree.Number(exponent)):
                return self._power(self._place(base), exponent)
            case tree.Power(tree.Constant("E"), part):
                return self._method("exp", part)
            case tree.Call("log", (tree.Call("cosh", (part,)),)):
                return self._method("log_cosh", part)
            case tree.Call(
                "log",
                (tree.Sum((tree.ONE, tree.Call("exp", (part,)))) | tree.Sum((tree.Call("exp", (part,)), tree.ONE)),),
            ):
                return self._method("softplus", part)
            case tree.Call(name, (part,)) if name in _METHODS:
                return self._method(name, part)
        raise UnsupportedError(f"{type(node).__name__} is not offered on arrays")

    def _method(self, name: str, part: Expression) -> Step:
        place = self._place(part)
        return lambda values: getattr(values[place], name)()

    def _power(self, place: int, exponent: Fraction) -> Step:
        if exponent == 2:
            return lambda values: values[place].square()
        if exponent.denominator == 1:
            if exponent == -1:
                return lambda values: values[place].inverse()
            return lambda values: values[place].whole_power(int(exponent))
        if exponent == Fraction(1, 2):
            return lambda values: values[place].sqrt()
        number, positive = Interval.of(exponent), exponent > 0
        return lambda values: values[place].real_power(number, positive)


_CONSTANTS = {
    "pi": (Fraction("3.14159265358979323846"), Fraction("3.14159265358979323847")),
    "E": (Fraction("2.71828182845904523536"), Fraction("2.71828182845904523537")),
}


def _add(first: Any, second: Any) -> Any:
    return add(second, first) if isinstance(first, Interval) else add(first, second)


def _multiply(first: Any, second: Any) -> Any:
    return mul(second, first) if isinstance(first, Interval) else mul(first, second)
