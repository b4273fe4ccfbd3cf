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
Key = tuple[Any, ...]

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
        self._places: dict[Key, int] = {("variable", name): i for i, name in enumerate(names)}
        self._steps: list[Step] = []
        self._inputs = len(names)
        found: dict[int, int] = {}
        self._results = [self._place(e, found) for e in expressions]

    def __call__(self, inputs: Sequence[Number]) -> list[Any]:
        """Return the values of the expressions; constant ones have no dimensions."""
        values: list[Any] = list(inputs)
        with np.errstate(all="ignore"):
            for step in self._steps:
                values.append(step(values))
        return [values[i] for i in self._results]

    def _place(self, node: Expression, found: dict[int, int]) -> int:
        """Return where the value of an expression stands; `found` are places by identity, as parts occur often."""
        if id(node) not in found:
            key, step = self._step(node, lambda part: self._place(part, found))
            if key not in self._places:
                self._places[key] = self._inputs + len(self._steps)
                self._steps.append(step)
            found[id(node)] = self._places[key]
        return found[id(node)]

    def _step(self, node: Expression, place: Callable[[Expression], int]) -> tuple[Key, Step]:
        """Return what an expression is by the places of its parts, and how it comes from them."""
        match node:
            case tree.Number(value):
                number = Interval.of(value)
                return ("number", value), lambda values: number
            case tree.Variable(name):
                known = None if ("variable", name) in self._places else self._ranges[name]
                return ("variable", name), lambda values: known
            case tree.Constant(name):
                number = Interval.of(_CONSTANTS[name][0]).join(Interval.of(_CONSTANTS[name][1]))
                return ("constant", name), lambda values: number
            case tree.Sum(parts):
                places = tuple(map(place, parts))
                return ("sum", *places), lambda values: reduce(_add, (values[i] for i in places))
            case tree.Product((tree.Number(value), part)) if value == -1:
                other = place(part)
                return ("negative", other), lambda values: -values[other]
            case tree.Product(parts):
                places = tuple(map(place, parts))
                return ("product", *places), lambda values: reduce(_multiply, (values[i] for i in places))
            case tree.Power(base, tree.Number(exponent)):
                base_place = place(base)
                return ("power", base_place, exponent), _power(base_place, exponent)
            case tree.Power(tree.Constant("E"), part):
                return _method("exp", place(part))
            case tree.Call("log", (tree.Call("cosh", (part,)),)):
                return _method("log_cosh", place(part))
            case tree.Call(
                "log",
                (tree.Sum((tree.ONE, tree.Call("exp", (part,)))) | tree.Sum((tree.Call("exp", (part,)), tree.ONE)),),
            ):
                return _method("softplus", place(part))
            case tree.Call(name, (part,)) if name in _METHODS:
                return _method(name, place(part))
        raise UnsupportedError(f"{type(node).__name__} is not offered on arrays")


def _method(name: str, place: int) -> tuple[Key, Step]:
    return (name, place), lambda values: getattr(values[place], name)()


def _power(place: int, exponent: Fraction) -> Step:
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
