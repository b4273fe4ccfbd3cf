"""Formulas as expressions: what they do with balls is run once on symbols.

The balls that they meet become constants of which intervals are known. So the same formula on cells of other places
and sizes is the same expression.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import arb

from verify.enclosure import Enclosure
from verify.expressions import tree
from verify.expressions.balls import exact_bounds
from verify.expressions.tree import Call, Expression, Number, Power, Product, Sum, Variable


class Tracer:
    """Makes variables, and notes the constants that they meet."""

    def __init__(self) -> None:
        self.values: list[Enclosure] = []

    @property
    def constants(self) -> tuple[str, ...]:
        """The names of the constants."""
        return tuple(f"constant{i}" for i in range(len(self.values)))

    def variables(self, names: Sequence[str]) -> list[Traced]:
        """Return variables."""
        return [Traced(Variable(name), self) for name in names]

    def read(self, value: Traced | arb | int) -> Expression:
        """Return an operand as an expression."""
        if isinstance(value, Traced):
            return value.expression
        if isinstance(value, int):
            return Number(Fraction(value))
        self.values.append(Enclosure(*exact_bounds(value)))
        return Variable(self.constants[-1])


class Traced:
    """An expression that takes part in the arithmetic of balls."""

    def __init__(self, expression: Expression, tracer: Tracer) -> None:
        self.expression, self.tracer = expression, tracer

    def __add__(self, other: Traced | arb | int) -> Traced:
        return Traced(Sum((self.expression, self.tracer.read(other))), self.tracer)

    __radd__ = __add__

    def __sub__(self, other: Traced | arb | int) -> Traced:
        return Traced(tree.difference(self.expression, self.tracer.read(other)), self.tracer)

    def __rsub__(self, other: Traced | arb | int) -> Traced:
        return Traced(tree.difference(self.tracer.read(other), self.expression), self.tracer)

    def __mul__(self, other: Traced | arb | int) -> Traced:
        return Traced(Product((self.expression, self.tracer.read(other))), self.tracer)

    __rmul__ = __mul__

    def __rtruediv__(self, other: Traced | arb | int) -> Traced:
        inverse = Power(self.expression, tree.MINUS_ONE)
        return Traced(Product((self.tracer.read(other), inverse)), self.tracer)

    def __pow__(self, exponent: int) -> Traced:
        return Traced(tree.folded(Power(self.expression, Number(Fraction(exponent)))), self.tracer)

    def sqrt(self) -> Traced:
        """Return the square root."""
        return Traced(Call("sqrt", (self.expression,)), self.tracer)
