"""Expressions with kinks, written by the signs of what is inside: `Abs(g)` becomes `sign0 * g`, with sign0 = 1 or -1.

`Max`, `Min` and the Huber loss are moduli in disguise:
    Max(a, b) = (a + b + |a - b|)/2,   Min(a, b) = (a + b - |a - b|)/2,
    huber(g) = (g^2 - p(g - d)^2 - p(-g - d)^2)/2  with p(u) = (u + |u|)/2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce

from verify.expressions import tree
from verify.expressions.algebra import in_ring
from verify.expressions.derivative import derivative
from verify.expressions.switches import is_switch
from verify.expressions.tree import Call, Condition, Expression, Number, Piecewise, Power, Product, Sum, Variable
from verify.vectorized.compiled import UnsupportedError

_HALF = Number(Fraction(1, 2))
GAP, MODULUS = "gap", "modulus"


@dataclass(frozen=True)
class Kinks:
    """An expression in names and in signs; the sign `signs[j]` is that of `gaps[j]`, which has earlier signs only.

    Where `rough[j]`, the expression has a fractional power of the modulus of the gap, and is not analytic at its zeros.
    """

    expression: Expression
    gaps: tuple[Expression, ...]
    rough: tuple[bool, ...]

    @property
    def signs(self) -> tuple[str, ...]:
        """The names of the signs."""
        return tuple(f"sign{j}" for j in range(len(self.gaps)))

    def rate(self, j: int) -> Expression:
        """Return the derivative of the expression by the modulus of a gap, with variables GAP and MODULUS for them."""
        outside = tree.replaced(self.expression, _modulus(j, self.gaps[j]), Variable(MODULUS))
        return derivative(tree.replaced(outside, self.gaps[j], Variable(GAP)), MODULUS)


def with_signs(expression: Expression) -> Kinks:
    """Return an expression without switches. Raises UnsupportedError at a switch that is none of the above."""
    gaps: dict[Expression, int] = {}
    rough: set[int] = set()

    def modulus(gap: Expression) -> Expression:
        if isinstance(gap, Number):
            return Number(abs(gap.value))
        return _modulus(gaps.setdefault(gap, len(gaps)), gap)

    def smooth(node: Expression) -> Expression:
        match node:
            case Power(Call("Abs", (part,)), Number(exponent)) if exponent.denominator > 1:
                base = modulus(smooth(part))
                if not isinstance(base, Number):
                    rough.add(gaps[base.factors[1]])  # type: ignore[union-attr]
                return Power(base, Number(exponent))
            case Call("Abs", (part,)):
                return modulus(smooth(part))
            case Call("Max" | "Min" as name, parts):
                return reduce(lambda a, b: _extremum(name, a, b, modulus), [smooth(p) for p in parts])
            case Piecewise():
                found = _huber(node)
                if found is None:
                    raise UnsupportedError("a Piecewise that is no Huber loss")
                gap, width = smooth(found[0]), found[1]
                outer = [_positive_part(Sum((g, Number(-width))), modulus) for g in (gap, tree.negated(gap))]
                squares = [tree.negated(Power(p, Number(Fraction(2)))) for p in outer]
                return Product((_HALF, Sum((Power(gap, Number(Fraction(2))), *squares))))
            case _ if is_switch(node):
                raise UnsupportedError("a switch that is no modulus")
            case _:
                return tree.rebuilt(node, smooth)

    result = smooth(expression)
    return Kinks(result, tuple(gaps), tuple(j in rough for j in range(len(gaps))))


def _modulus(j: int, gap: Expression) -> Expression:
    return Product((Variable(f"sign{j}"), gap))


def _extremum(
    name: str, first: Expression, second: Expression, modulus: Callable[[Expression], Expression]
) -> Expression:
    distance = modulus(tree.difference(first, second))
    return Product((_HALF, Sum((first, second, distance if name == "Max" else tree.negated(distance)))))


def _positive_part(node: Expression, modulus: Callable[[Expression], Expression]) -> Expression:
    return Product((_HALF, Sum((node, modulus(node)))))


def _huber(node: Piecewise) -> tuple[Expression, Fraction] | None:
    """Return g and d for the Huber loss of g, which is g^2/2 where |g| <= d, else d (|g| - d/2)."""
    match node.branches:
        case (first, Condition(Call("Abs", (gap,)), "<=", Number(width))), (second, None):
            size, inside = _polynomial(first, (gap,)), _polynomial(second, (Call("Abs", (gap,)),))
            parabola = Fraction(0), Fraction(0), Fraction(1, 2)
            if size == parabola and inside == (-(width**2) / 2, width) and width > 0:
                return gap, width
    return None


def _polynomial(node: Expression, atoms: Sequence[Expression]) -> tuple[Fraction, ...] | None:
    """Return the coefficients of a polynomial in one subexpression, constant first, None if it is none."""
    for atom in atoms:
        node = tree.replaced(node, atom, Variable("atom"))
    if tree.variables_of(node) != {"atom"}:
        return None
    values = in_ring(node, {"atom": _Polynomial((Fraction(0), Fraction(1)))}, lambda value: _Polynomial((value,)))
    return None if values is None else values.coefficients


@dataclass(frozen=True)
class _Polynomial:
    coefficients: tuple[Fraction, ...]

    def __add__(self, other: _Polynomial) -> _Polynomial:
        size = max(len(self.coefficients), len(other.coefficients))
        padded = [p.coefficients + (Fraction(0),) * (size - len(p.coefficients)) for p in (self, other)]
        return _Polynomial(_trimmed([a + b for a, b in zip(*padded, strict=True)]))

    def __mul__(self, other: _Polynomial) -> _Polynomial:
        result = [Fraction(0)] * (len(self.coefficients) + len(other.coefficients))
        for i, a in enumerate(self.coefficients):
            for j, b in enumerate(other.coefficients):
                result[i + j] += a * b
        return _Polynomial(_trimmed(result))

    def __pow__(self, exponent: int) -> _Polynomial:
        return reduce(lambda a, b: a * b, [self] * exponent, _Polynomial((Fraction(1),)))


def _trimmed(coefficients: list[Fraction]) -> tuple[Fraction, ...]:
    while coefficients and not coefficients[-1]:
        coefficients.pop()
    return tuple(coefficients)
