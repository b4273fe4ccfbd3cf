"""Integrals over intervals: exact rationals for polynomials, balls otherwise.

The balls come from `acb.integral` (adaptive Gauss-Legendre quadrature with rigorous error bounds; F. Johansson,
"Numerical integration in arbitrary-precision ball arithmetic", 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import acb, arb

from proofs.geometry.polytopes import Cell
from verify.enclosure import Enclosure
from verify.expressions import Expression
from verify.expressions.balls import compile_balls, exact_bounds, to_fmpq
from verify.expressions.univariate import to_fraction, to_polynomial
from verify.integration.deadline import Deadline

MAX_EVALUATIONS = 200_000
EVALUATIONS_A_SECOND = 50_000


def interval(cell: Cell) -> tuple[Fraction, Fraction]:
    """Return the end points of a one-dimensional cell."""
    return cell.bounds[0]


def exactly(expression: Expression, cell: Cell, variable: str) -> Fraction | None:
    """Return the integral if the expression is visibly a polynomial over Q, else None."""
    polynomial = to_polynomial(expression, variable)
    if polynomial is None:
        return None
    lower, upper = interval(cell)
    primitive = polynomial.integral()
    return to_fraction(primitive(to_fmpq(upper)) - primitive(to_fmpq(lower)))


def first_cause(error: BaseException) -> BaseException:
    """Return the exception at the start of a chain of causes."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


class IntervalPart:
    """The integral of an expression of one variable over an interval."""

    def __init__(self, expression: Expression, cell: Cell, variables: Sequence[str]) -> None:
        self.function = compile_balls(expression, variables)
        self.lower, self.upper = map(to_fmpq, interval(cell))
        self.width = self.upper - self.lower

    @property
    def lost_bits(self) -> int:
        """How many bits the position of the interval needs beyond its width."""
        ratio = max(abs(self.lower), abs(self.upper)) / self.width
        return max(0, int(ratio.p).bit_length() - int(ratio.q).bit_length() + 1)

    def rough_size(self) -> Fraction:
        """Return a guess of the integral's magnitude, to set tolerances by; not a bound."""
        value = self.function((acb(self.lower + self.width / 3),), False).real.mid()
        return to_fraction(abs(value.fmpq()) * self.width) if value.is_finite() else Fraction(0)

    def enclose(self, relative: Fraction, tolerance: Fraction, deadline: Deadline) -> Enclosure:
        """Return an enclosure at the working precision. Raises ArithmeticError if the integrand is not bounded."""
        function = self.function
        try:
            value = acb.integral(
                lambda x, analytic: function((x,), analytic),
                acb(self.lower),
                acb(self.upper),
                rel_tol=arb(to_fmpq(relative)),
                abs_tol=arb(to_fmpq(tolerance)),
                eval_limit=int(min(MAX_EVALUATIONS, 1_000 + EVALUATIONS_A_SECOND * deadline.remaining)),
            )
        except SystemError as error:  # an exception in the callback, Ctrl-C among them (trap 4 of DESIGN.md)
            raise first_cause(error) from None
        if not value.real.is_finite():
            raise ArithmeticError(f"the integrand could not be bounded on [{self.lower}, {self.upper}]")
        return Enclosure(*exact_bounds(value.real))
