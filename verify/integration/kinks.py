"""Expressions with kinks, written by the signs of what is inside: `Abs(g)` becomes `sign0 * g`, with sign0 = 1 or -1.

`Max`, `Min` and the Huber loss are moduli in disguise:
    Max(a, b) = (a + b + |a - b|)/2,   Min(a, b) = (a + b - |a - b|)/2,
    huber(g) = d g - d^2/2 + (p(d - g)^2 - p(-d - g)^2)/2  with p(u) = (u + |u|)/2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import zip_longest

from verify.expressions import tree
from verify.expressions.derivative import derivative
from verify.expressions.switches import is_switch
from verify.expressions.tree import Call, Condition, Expression, Number, Piecewise, Power, Product, Sum, Variable
from verify.expressions.univariate import to_fraction, to_polynomial
from verify.vectorized.compiled import UnsupportedError

_HALF = Number(Fraction(1, 2))
GAP, MODULUS, LEVEL = "gap", "modulus", "level"
Branch = tuple[Expression, Condition | None]


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

    def power(self, j: int) -> tuple[Fraction, Expression] | None:
        """Return q and h where the expression is `h |g|^q` with q > 1 and h free of the sign of the gap g, or None."""
        whole = self.expression
        found: list[Fraction] = []
        others: list[Expression] = [tree.ONE] if isinstance(whole, Power) else []
        for factor in whole.factors if isinstance(whole, Product) else (whole,):
            match factor:
                case Power(base, Number(q)) if self.rough[j] and base == _modulus(j, self.gaps[j]) and q > 1:
                    found.append(q)
                case _:
                    others.append(factor)
        free = all(self.signs[j] not in tree.variables_of(part) for part in (*others, *self.gaps))
        return (found[0], tree.product_of(others)) if len(found) == 1 and others and free else None

    def straightened(self, j: int) -> Expression:
        """Return F for which `F LEVEL^(q-1)` is `h |g|^q` up to second order in `|g| - LEVEL`; see `power`."""
        found = self.power(j)
        assert found is not None
        q, h = found
        modulus = Product((Number(q), _modulus(j, self.gaps[j])))
        return tree.product_of([h, tree.difference(modulus, Product((Number(q - 1), Variable(LEVEL))))])


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
                found = _pasted(node)
                if found is None:
                    raise UnsupportedError("a Piecewise that is no sum of squares of positive parts")
                level, last, steps = smooth(found[0]), smooth(found[1]), found[2]
                below = [(c, _positive_part(tree.difference(Number(a), level), modulus)) for a, c in steps]
                return Sum((last, *(Product((Number(c), Power(p, Number(Fraction(2))))) for c, p in below)))
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


def _pasted(node: Piecewise) -> tuple[Expression, Expression, list[tuple[Fraction, Fraction]]] | None:
    """Return g, the last branch and pairs a, c: to that branch the function adds the sum of c ((a - g)^+)^2.

    So it is for polynomials in g, two of which differ by c (g - a)^2 where g = a parts them, as in the Huber loss.
    """
    *earlier, (last, _) = _in_order(node.branches)
    level = earlier[0][1].left if earlier[0][1] is not None else last
    places: list[Fraction] = []
    for _, condition in earlier:
        match condition:
            case Condition(left, "<" | "<=", Number(place)) if left == level and (not places or places[-1] < place):
                places.append(place)
            case _:
                return None
    known = [_polynomial(part, level) for part in (*(part for part, _ in earlier), last)]
    steps = []
    for place, below, above in zip(places, known, known[1:], strict=False):
        if below is None or above is None:
            return None
        gap = [b - a for b, a in zip_longest(below, above, fillvalue=Fraction(0))]
        c = Fraction(gap[-1])
        if gap != [c * place**2, -2 * c * place, c]:
            return None
        steps.append((place, c))
    return level, last, steps


def _in_order(branches: Sequence[Branch]) -> Sequence[Branch]:
    """Return the branches of two pieces with conditions on g itself in place of |g| <= d and -g <= d."""
    match branches:
        case (inner, Condition(Call("Abs", (gap,)) as size, "<=", Number(width))), (outer, None):
            ends = [tree.replaced(outer, size, end) for end in (tree.negated(gap), gap)]
            bounds = Condition(gap, "<", Number(-width)), Condition(gap, "<=", Number(width))
            return (ends[0], bounds[0]), (inner, bounds[1]), (ends[1], None)
        case (inner, Condition(Product((tree.MINUS_ONE, gap)), "<=", Number(width))), (outer, None):
            return (outer, Condition(gap, "<", Number(-width))), (inner, None)
    return branches


def _polynomial(node: Expression, atom: Expression) -> list[Fraction | int] | None:
    """Return the coefficients of a polynomial in one subexpression, constant first, None if it is none."""
    node = tree.replaced(node, atom, Variable("atom"))
    found = to_polynomial(node, "atom") if tree.variables_of(node) <= {"atom"} else None
    return None if found is None else [to_fraction(c) for c in found.coeffs()]
