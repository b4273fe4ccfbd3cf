"""Polynomials as targets: for which degrees and widths x^m lies in the closure but not in the class."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from proofs.arguments.membership import representation
from verify.separation.analysis import DEGREES, DOMAIN, LostMinimum, Separation

WIDTHS = (1, 2, 3)


@dataclass(frozen=True)
class PolynomialTarget:
    """What is known of x^degree on [-1, 1] for one width.

    in-class: a network equals it; closure-only: infimum 0, not attained; outside: not in the closure; or undecided.
    """

    degree: int
    width: int
    verdict: Literal["in-class", "closure-only", "outside", "undecided"]
    reason: str


def polynomial_targets(found: Separation) -> list[PolynomialTarget]:
    """Return the statements for all degrees and widths from 1 to 3."""
    return [_one(found, degree, width) for degree in DEGREES for width in WIDTHS]


def _one(found: Separation, degree: int, width: int) -> PolynomialTarget:
    network = representation(found.activation, degree, width, *DOMAIN)
    if network is not None:
        return PolynomialTarget(degree, width, "in-class", network.text)
    for lost in found.lost:
        if _is_power(lost, degree) and covers(lost, width):
            return PolynomialTarget(degree, width, "closure-only", lost.argument.rule)
    if found.kept is not None and degree > 1:
        return PolynomialTarget(degree, width, "outside", "the closure consists of piecewise affine functions")
    coefficients = found.activation.pieces[0].polynomial
    if found.spanning is not None and coefficients is not None and degree >= len(coefficients):
        return PolynomialTarget(degree, width, "outside", "all networks are polynomials of lower degree")
    return PolynomialTarget(degree, width, "undecided", "neither a network nor an argument was found")


def _is_power(lost: LostMinimum, degree: int) -> bool:
    return lost.target.polynomial == [Fraction(int(i == degree)) for i in range(degree + 1)]


def covers(lost: LostMinimum, width: int) -> bool:
    """Whether a minimum is lost at a width."""
    return lost.family.neurons <= width and (lost.argument.every_width or width <= lost.width)
