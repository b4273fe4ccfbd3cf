"""Expressions with kinks, written by the signs of what is inside: `Abs(g)` becomes `sign0 * g`, with sign0 = 1 or -1.

`Max`, `Min` and the Huber loss are moduli in disguise:
    Max(a, b) = (a + b + |a - b|)/2,   Min(a, b) = (a + b - |a - b|)/2,
    huber(g) = (g^2 - p(g - d)^2 - p(-g - d)^2)/2  with p(u) = (u + |u|)/2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce

from verify.expressions import tree
from verify.expressions.derivative import derivative
from verify.expressions.switches import is_switch
from verify.expressions.tree import Call, Condition, Expression, Number, Piecewise, Power, Product, Sum, Variable
from verify.expressions.univariate import to_fraction, to_polynomial
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
                sides = (gap, tree.negated(gap)) if found[2] is None else (gap if found[2] > 0 else tree.negated(gap),)
                outer = [_positive_part(Sum((g, Number(-width))), modulus) for g in sides]
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


def _huber(node: Piecewise) -> tuple[Expression, Fraction, int | None] | None:
    """Return g, d and the sign of g if known, for the Huber loss of g: g^2/2 where |g| <= d, else d (|g| - d/2)."""
    match node.branches:
        case (first, Condition(size, "<=", Number(width))), (second, None) if width > 0:
            match size:
                case Call("Abs", (gap,)):
                    sign = None
                case Product((tree.MINUS_ONE, gap)):
                    sign = -1
                case gap:
                    sign = 1
            inside = _polynomial(first, gap)
            outside = _polynomial(second, size if sign is None else gap)
            slope = width * (sign or 1)
            if inside == [0, 0, Fraction(1, 2)] and outside == [-(width**2) / 2, slope]:
                return gap, width, sign
    return None


def _polynomial(node: Expression, atom: Expression) -> list[Fraction | int] | None:
    """Return the coefficients of a polynomial in one subexpression, constant first, None if it is none."""
    node = tree.replaced(node, atom, Variable("atom"))
    found = to_polynomial(node, "atom") if tree.variables_of(node) <= {"atom"} else None
    return None if found is None else [to_fraction(c) for c in found.coeffs()]
