"""Enclosures of integrals over intervals: exact rationals for polynomials, balls otherwise.

The balls come from `acb.integral` (adaptive Gauss-Legendre quadrature with rigorous error bounds; F. Johansson,
"Numerical integration in arbitrary-precision ball arithmetic", 2018). The working precision is set here only.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf

from flint import acb, arb, ctx

from proofs.polytopes import Polytope
from verify.enclosure import Enclosure, total
from verify.expressions import Expression
from verify.expressions.balls import BallFunction, compile_balls, exact_bounds, to_fmpq
from verify.expressions.univariate import to_fraction, to_polynomial

MAX_PASSES = 7
MAX_PRECISION = 4_000


@dataclass(frozen=True, slots=True)
class Integral:
    """The integral of an expression over a cell (an interval, for now)."""

    expression: Expression
    cell: Polytope


class Deadline:
    """A budget of seconds that begins now; `None` never ends."""

    def __init__(self, seconds: float | None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds

    @property
    def passed(self) -> bool:
        """Whether the time is over."""
        return self._end is not None and time.monotonic() > self._end


class Integrator:
    """Evaluates sums of integrals to a wanted relative width, raising the precision by itself."""

    def __init__(self, variables: Sequence[str], deadline: Deadline) -> None:
        self.variables = tuple(variables)
        self.deadline = deadline

    def enclose(self, integrals: Sequence[Integral], digits: int, size: float = 0.0) -> Enclosure:
        """Return an enclosure of the sum of the integrals.

        Its relative width is at most 10^-digits unless the sum is 0, the effort ran out, or an integrand is unbounded
        (then `unbounded` is raised as ArithmeticError). `size` is a guess of the sum's magnitude, to save effort.
        """
        exact = Fraction(0)
        rest: list[tuple[BallFunction, Polytope]] = []
        for integral in integrals:
            value = self._exactly(integral)
            if value is None:
                rest.append((compile_balls(integral.expression, self.variables), integral.cell))
            else:
                exact += value
        if not rest:
            return Enclosure.exactly(exact)
        wanted = Fraction(1, 10**digits)
        precision = 40 + int(3.4 * digits) + max(_lost_bits(cell) for _, cell in rest)
        with ctx.workprec(precision):
            scale = Fraction(size) if 0 < size < inf else max(_rough_size(f, cell) for f, cell in rest)
        tolerance = scale * wanted / (8 * len(rest))
        relative = wanted / 16
        best: Enclosure | None = None
        for _ in range(MAX_PASSES):
            with ctx.workprec(precision):
                found = total(_integrate(f, cell, relative, tolerance) for f, cell in rest)
            result = found + Enclosure.exactly(exact)
            best = result if best is None or result.width < best.width else best
            if best.settled(digits) or self.deadline.passed or precision > MAX_PRECISION:
                break
            middle = abs(best.lower + best.upper) / 2
            goal = middle if middle > best.width else best.width / 1000
            tolerance = min(goal * wanted / (8 * len(rest)), tolerance / 64)
            relative /= 64
            precision = precision * 3 // 2 + 32
        assert best is not None
        return best

    def _exactly(self, integral: Integral) -> Fraction | None:
        polynomial = to_polynomial(integral.expression, self.variables[0])
        if polynomial is None:
            return None
        lower, upper = interval(integral.cell)
        primitive = polynomial.integral()
        return to_fraction(primitive(to_fmpq(upper)) - primitive(to_fmpq(lower)))


def interval(cell: Polytope) -> tuple[Fraction, Fraction]:
    """Return the end points of a one-dimensional cell."""
    first, second = (v[0] for v in cell.vertices)
    return (first, second) if first < second else (second, first)


def _lost_bits(cell: Polytope) -> int:
    """Return how many bits the position of a cell needs beyond its width."""
    lower, upper = interval(cell)
    ratio = max(abs(lower), abs(upper)) / (upper - lower)
    return max(0, ratio.numerator.bit_length() - ratio.denominator.bit_length() + 1)


def _rough_size(function: BallFunction, cell: Polytope) -> Fraction:
    """Return a guess of an integral's magnitude, to set tolerances by; not a bound."""
    lower, upper = interval(cell)
    value = function((acb(to_fmpq((2 * lower + upper) / 3)),), False).real.mid()
    return abs(exact_bounds(value)[0]) * (upper - lower) if value.is_finite() else Fraction(0)


def _integrate(function: BallFunction, cell: Polytope, relative: Fraction, tolerance: Fraction) -> Enclosure:
    lower, upper = (to_fmpq(end) for end in interval(cell))
    try:
        value = acb.integral(
            lambda x, analytic: function((x,), analytic),
            acb(lower),
            acb(upper),
            rel_tol=arb(to_fmpq(relative)),
            abs_tol=arb(to_fmpq(tolerance)),
        )
    except SystemError as error:  # an exception in the callback, Ctrl-C among them (trap 4 of DESIGN.md)
        if error.__cause__ is None:
            raise
        raise error.__cause__ from None
    if not value.real.is_finite():
        raise ArithmeticError(f"the integrand could not be bounded on [{interval(cell)[0]}, {interval(cell)[1]}]")
    return Enclosure(*exact_bounds(value.real))
