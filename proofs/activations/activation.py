"""Activations: functions of one real variable, exact, analytic piece by piece.

MATHEMATICS.md, section 6. A network of width d is `N(x) = b + sum_{j <= d} c_j sigma(w_j.x + b_j)`. An activation is
known by its definition alone: the pieces between finitely many rational breakpoints, each an exact expression in
`VARIABLE_NAME`. What is said about it (derivatives, smoothness, parity) is computed from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from itertools import pairwise
from typing import Any

from proofs.numbers.constants import UndecidedError, expression, sign, vanishes

VARIABLE_NAME = "x"
Formula = Any
"""A SymPy expression in `variable()`."""

MAX_SMOOTHNESS = 8


@cache
def variable() -> Formula:
    """The variable of all activations and targets."""
    import sympy

    return sympy.Symbol(VARIABLE_NAME, real=True)


@dataclass(frozen=True)
class Piece:
    """An expression on an interval; None as an end means that the interval is unbounded there."""

    lower: Fraction | None
    upper: Fraction | None
    formula: Formula

    @property
    def inside(self) -> tuple[Fraction, ...]:
        """A few rational points of the open interval."""
        if self.lower is None and self.upper is None:
            return tuple(Fraction(n, 4) for n in (0, 2, -3, 5, -7, 11))
        if self.upper is None:
            assert self.lower is not None
            return tuple(self.lower + Fraction(n, 4) for n in (2, 3, 5, 7, 11))
        if self.lower is None:
            return tuple(self.upper - Fraction(n, 4) for n in (2, 3, 5, 7, 11))
        return tuple(self.lower + (self.upper - self.lower) * Fraction(n, 8) for n in (4, 3, 5, 2, 7))

    @property
    def on_rays(self) -> Formula:
        """The formula in a variable that carries what is known of x on the closed piece: real, or >= 0."""
        import sympy

        if self.lower is None and self.upper is None:
            return self.formula
        beyond = sympy.Dummy("y", nonnegative=True)
        if self.lower is not None:
            return self.formula.subs(variable(), beyond + expression(self.lower))
        assert self.upper is not None
        return self.formula.subs(variable(), expression(self.upper) - beyond)

    def value(self, at: Fraction, order: int = 0) -> Formula:
        """Return the derivative of an order at a point of the closed piece, exactly (a constant)."""
        return self.derivative(order).formula.subs(variable(), expression(at))

    def derivative(self, order: int) -> Piece:
        """Return the piece of the derivative of an order."""
        return Piece(self.lower, self.upper, derivative(self.formula, order))

    @property
    def polynomial(self) -> list[Fraction] | None:
        """The coefficients (lowest first, no leading zero) if the formula is a polynomial over Q, else None."""
        return polynomial(self.formula)


@dataclass(frozen=True)
class Activation:
    """An activation: its definition as a text of the grammar of INTERFACE.md, and the same as pieces.

    Raises ValueError where the pieces do not cover the line in order, or where a piece is not visibly analytic on its
    closed interval (all exact statements rest on that).
    """

    name: str
    text: str
    pieces: tuple[Piece, ...]

    def __post_init__(self) -> None:
        ends = [None, *(p.upper for p in self.pieces[:-1])]
        if [p.lower for p in self.pieces] != ends or self.pieces[-1].upper is not None:
            raise ValueError("the pieces do not cover the line in order")
        for piece in self.pieces:
            if not is_analytic(piece.on_rays):
                raise ValueError(f"{piece.formula} is not visibly analytic on its piece")

    @property
    def breakpoints(self) -> tuple[Fraction, ...]:
        """The points between pieces."""
        return tuple(p.upper for p in self.pieces if p.upper is not None)

    @cached_property
    def smoothness(self) -> int | None:
        """The largest m with sigma in C^m(R), capped at 8; None for one analytic piece, -1 for a discontinuity.

        Raises UndecidedError where an equality of one-sided derivatives cannot be settled.
        """
        if len(self.pieces) == 1:
            return None
        return smoothness(self.pieces, MAX_SMOOTHNESS)

    @property
    def parity(self) -> int:
        """1 if sigma is even, -1 if odd, both proved from the formula; 0 if neither was seen."""
        if len(self.pieces) > 1:
            return 0
        import sympy

        formula = self.pieces[0].formula
        mirrored = formula.subs(variable(), -variable())
        if sympy.expand(formula - mirrored) == 0:
            return 1
        return -1 if sympy.expand(formula + mirrored) == 0 else 0

    def piece_at(self, point: Fraction) -> Piece:
        """Return the piece to which a point belongs (at a breakpoint: the left one)."""
        return next(p for p in self.pieces if p.upper is None or point <= p.upper)

    def derivative_at(self, point: Fraction, order: int) -> Formula:
        """Return the derivative of an order at a point where the activation has it, as an exact constant."""
        return self.piece_at(point).value(point, order)


def smoothness(pieces: Sequence[Piece], limit: int) -> int:
    """Return the largest m <= limit such that all one-sided derivatives up to m agree between pieces; -1 for none.

    Raises UndecidedError.
    """
    for order in range(limit + 1):
        for left, right in pairwise(pieces):
            assert left.upper is not None
            if not vanishes(left.value(left.upper, order) - right.value(left.upper, order)):
                return order - 1
    return limit


@cache
def derivative(formula: Formula, order: int) -> Formula:
    """Return the derivative of an order in the variable."""
    if order == 0:
        return formula
    import sympy

    return sympy.diff(derivative(formula, order - 1), variable())


def polynomial(formula: Formula) -> list[Fraction] | None:
    """Return the coefficients (lowest first, no leading zero) of a polynomial over Q, or None if it is none."""
    import sympy

    try:
        found = sympy.Poly(formula, variable())
    except sympy.PolynomialError:
        return None
    coefficients = found.all_coeffs()[::-1]
    if not all(c.is_Rational for c in coefficients):
        return None
    result = [Fraction(int(c.p), int(c.q)) for c in coefficients]
    while result and not result[-1]:
        result.pop()
    return result


def is_analytic(formula: Formula) -> bool:
    """Whether an expression in real variables is visibly real-analytic wherever their assumptions hold.

    Sums, products and compositions of entire functions, quotients whose denominators are proved not to vanish,
    logarithms and real powers of what is proved to be positive. No means: it was not seen.
    """
    import sympy

    entire = (sympy.exp, sympy.sin, sympy.cos, sympy.sinh, sympy.cosh, sympy.tanh, sympy.atan, sympy.erf)
    if formula.is_number:
        return bool(formula.is_real)
    if formula.is_Symbol:
        return True
    if formula.is_Add or formula.is_Mul or isinstance(formula, entire):
        return all(is_analytic(part) for part in formula.args)
    if isinstance(formula, sympy.log):
        return bool(formula.args[0].is_positive) and is_analytic(formula.args[0])
    if formula.is_Pow:
        base, exponent = formula.args
        if not (is_analytic(base) and is_analytic(exponent)):
            return False
        if exponent.is_Integer:
            return bool(exponent >= 0) or bool(base.is_positive) or bool(base.is_negative)
        return bool(base.is_positive)
    return False


def is_nonzero_at(piece: Piece, order: int, points: Sequence[Fraction] | None = None) -> Fraction | None:
    """Return a rational point of a piece at which the derivative of an order is proved not to be 0, or None."""
    for point in piece.inside if points is None else points:
        try:
            if sign(piece.value(point, order)):
                return point
        except UndecidedError:
            continue
    return None
