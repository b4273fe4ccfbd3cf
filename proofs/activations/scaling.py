"""Growing weights: the family `k sigma(x / k)` of one neuron and its limit, a multiple of x on either side of 0.

If sigma has its only breakpoint at 0 and `|sigma(s) - p s| <= B` for s > 0, `|sigma(s) - q s| <= B'` for s < 0, then
`k sigma(x/k)` differs by at most `k B` (`k B'`) from `p x` for x > 0 and `q x` for x < 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from proofs.activations.activation import Activation, Formula, Piece, polynomial, variable
from proofs.numbers.constants import expression

Range = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Scaling:
    """The family of one activation: the slopes q (left) and p (right) and the bounds B' (left) and B (right)."""

    slopes: tuple[Fraction, Fraction]
    deviations: tuple[Fraction, Fraction]
    neurons: int = 1

    def limit(self, activation: Activation, lower: Fraction, upper: Fraction) -> tuple[Piece, ...]:
        """Return the limit on [lower, upper], lower < 0 < upper, as pieces."""
        zero, x = Fraction(0), variable()
        left, right = (expression(slope) * x for slope in self.slopes)
        return Piece(lower, zero, left), Piece(zero, upper, right)


def scaling(activation: Activation) -> Scaling | None:
    """Return the family, where the bounds are visible from the pieces on both rays and the slopes differ; else None."""
    if activation.breakpoints != (Fraction(0),):
        return None
    slopes: list[Fraction] = []
    deviations: list[Fraction] = []
    for side, piece in zip((-1, 1), activation.pieces, strict=True):
        slope = _slope(piece.formula)
        found = _range(piece.formula - expression(slope) * variable(), side)
        if found is None:
            return None
        slopes.append(slope)
        deviations.append(max(abs(found[0]), abs(found[1])))
    if slopes[0] == slopes[1] or not any(deviations):
        return None
    return Scaling((slopes[0], slopes[1]), (deviations[0], deviations[1]))


def _slope(formula: Formula) -> Fraction:
    """The coefficient of x among the terms of a sum."""
    import sympy

    coefficient = sympy.expand(formula).coeff(variable(), 1)
    return Fraction(int(coefficient.p), int(coefficient.q)) if coefficient.is_Rational else Fraction(0)


def _range(formula: Formula, side: int) -> Range | None:
    """Bounds on the ray `side * x > 0` of a sum of constants and rational multiples of `e^(a x)`, `a x < 0` there."""
    import sympy

    low = high = Fraction(0)
    for term in sympy.Add.make_args(sympy.expand(formula)):
        factor, rest = term.as_coeff_Mul()
        if not factor.is_Rational:
            return None
        size = Fraction(int(factor.p), int(factor.q))
        if rest == 1:
            low, high = low + size, high + size
            continue
        exponent = polynomial(rest.args[0]) if isinstance(rest, sympy.exp) else None
        if exponent is None or len(exponent) != 2 or exponent[0] or exponent[1] * side > 0:
            return None
        low, high = low + min(size, Fraction(0)), high + max(size, Fraction(0))
    return low, high
