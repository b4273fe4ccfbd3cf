"""Signs of expressions when a variable runs through all real numbers, by structure and normal forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from verify.expressions import tree
from verify.expressions.factors import definite, quadratic_matrix
from verify.expressions.normal import NoFormError, as_expression, form
from verify.expressions.ranges import EVERYTHING, Range, compile_range
from verify.expressions.tree import Call, Expression, Number, Power, Product, Sum, Variable
from verify.expressions.univariate import roots_inside, to_polynomial

Sign = tuple[int, int]
UNKNOWN: Sign = (-1, 1)
_FAR = Fraction(10**60)


class Everywhere:
    """Decides signs for all values of the variables in their ranges (the whole line where none is given)."""

    def __init__(self, ranges: Mapping[str, Range]) -> None:
        self.ranges = dict(ranges)

    def sign(self, node: Expression) -> Sign:
        """Return (least, largest) sign that an expression takes wherever it is defined."""
        known = self._plain(node)
        if known[0] < 0 < known[1]:
            try:
                settled = form(node)
            except NoFormError:
                return known
            over, under = (self._product(p, settled.generators) for p in (settled.numerator, settled.denominator))
            ends = [a * b for a in over for b in under]
            return min(ends), max(ends)
        return known

    def _product(self, polynomial: object, generators: Sequence[Expression]) -> Sign:
        scale, factors = polynomial.factor()  # type: ignore[attr-defined]
        result = (1, 1) if scale > 0 else (-1, -1) if scale < 0 else (0, 0)
        for factor, multiplicity in factors:
            low, high = self._factor(factor, generators)
            if int(multiplicity) % 2 == 0:
                low, high = (1 if low == high != 0 else 0), 1
            ends = [a * b for a in result for b in (low, high)]
            result = min(ends), max(ends)
        return result

    def _factor(self, factor: object, generators: Sequence[Expression]) -> Sign:
        node = as_expression(factor, generators)  # type: ignore[arg-type]
        known = self._plain(node)
        if known[0] == known[1] or known != UNKNOWN:
            return known
        matrix = quadratic_matrix(factor, len(generators))  # type: ignore[arg-type]
        if matrix is not None:
            sign, rank = definite(matrix)
            if sign:
                return (sign, sign) if rank == len(generators) + 1 else (min(sign, 0), max(sign, 0))
        return self._polynomial(node)

    def _polynomial(self, node: Expression) -> Sign:
        """A polynomial of one variable over Q, on the whole line: no real root, or none of odd multiplicity."""
        names = tree.variables_of(node)
        polynomial = to_polynomial(node, next(iter(names))) if len(names) == 1 else None
        if polynomial is None or roots_inside(polynomial, -_FAR, _FAR, closed=True)[1]:
            return UNKNOWN
        bound = 1 + max(abs(Fraction(int(c.p), int(c.q))) for c in polynomial.coeffs()) / abs(
            Fraction(int(polynomial.leading_coefficient().p), int(polynomial.leading_coefficient().q))
        )
        if bound >= _FAR:
            return UNKNOWN
        sign = 1 if polynomial.leading_coefficient() > 0 else -1
        touches = roots_inside(polynomial, -_FAR, _FAR, closed=True)[0] > 0
        return (min(sign, 0), max(sign, 0)) if touches else (sign, sign)

    def range(self, node: Expression) -> Range:
        """Return a range of the expression."""
        names = tuple(sorted(tree.variables_of(node)))
        return compile_range(node, names)([self.ranges.get(name, EVERYTHING) for name in names])

    def _plain(self, node: Expression) -> Sign:
        value = self.range(node)
        low = 1 if value.lower > 0 else 0 if value.lower >= 0 else -1
        high = -1 if value.upper < 0 else 0 if value.upper <= 0 else 1
        least, largest = self._structural(node)
        low, high = max(low, least), min(high, largest)
        return (low, high) if low <= high else UNKNOWN

    def _structural(self, node: Expression) -> Sign:
        match node:
            case Number(value):
                sign = (value > 0) - (value < 0)
                return sign, sign
            case Variable():
                return UNKNOWN
            case Sum(parts):
                signs = [self._plain(p) for p in parts]
                low, high = min(s[0] for s in signs), max(s[1] for s in signs)
                return (max(s[0] for s in signs) if low >= 0 else -1), (min(s[1] for s in signs) if high <= 0 else 1)
            case Product(parts):
                result = (1, 1)
                for part in parts:
                    ends = [a * b for a in result for b in self._plain(part)]
                    result = min(ends), max(ends)
                return result
            case Power(base, Number(exponent)) if exponent.denominator == 1:
                low, high = self._plain(base)
                if exponent % 2:
                    return low, high
                return (1 if low * high > 0 else 0), 1
            case Power(base, _):
                return (1 if self._plain(base)[0] > 0 else 0), 1
            case Call("exp" | "cosh", _):
                return 1, 1
            case Call("sinh" | "tanh" | "atan" | "erf", (part,)):
                return self._plain(part)
            case _:
                return UNKNOWN
