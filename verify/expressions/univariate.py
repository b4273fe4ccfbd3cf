"""Polynomials of one variable over Q: reading them off an expression, their roots and signs, exactly."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from flint import fmpq_poly

from verify.expressions import tree
from verify.expressions.algebra import in_ring
from verify.expressions.balls import to_fmpq
from verify.expressions.tree import Expression


def to_polynomial(node: Expression, variable: str) -> fmpq_poly | None:
    """Return the polynomial over Q that an expression of one variable visibly is, or None."""
    if any(isinstance(part, tree.Call | tree.Constant | tree.Piecewise) for part in tree.walk(node)):
        return None
    return in_ring(node, {variable: fmpq_poly([0, 1])}, lambda value: fmpq_poly([to_fmpq(value)]))


def to_fraction(value: object) -> Fraction:
    """Return the same rational for the standard library."""
    return Fraction(int(value.p), int(value.q))  # type: ignore[attr-defined]


def rational_roots(polynomial: fmpq_poly) -> list[Fraction]:
    """Return the distinct rational roots of a polynomial that is not 0."""
    _, factors = polynomial.factor()
    return [to_fraction(-factor[0] / factor[1]) for factor, _ in factors if factor.degree() == 1]


def roots_inside(polynomial: fmpq_poly, lower: Fraction, upper: Fraction, *, closed: bool) -> tuple[int, int]:
    """Return how many distinct real roots lie between two rationals: (all, those of odd multiplicity).

    Exact, by Sturm sequences of the irreducible factors. The polynomial must not be 0.
    """
    total = odd = 0
    _, factors = polynomial.factor()
    for factor, multiplicity in factors:
        count = _sturm_count(factor, lower, upper)  # roots in (lower, upper]
        count += int(closed and factor(to_fmpq(lower)) == 0)
        count -= int(not closed and factor(to_fmpq(upper)) == 0)
        total += count
        odd += count if multiplicity % 2 else 0
    return total, odd


def _sturm_count(polynomial: fmpq_poly, lower: Fraction, upper: Fraction) -> int:
    chain = [polynomial, polynomial.derivative()]
    while chain[-1].degree() > 0:
        chain.append(-(chain[-2] % chain[-1]))
    return _changes(chain, lower) - _changes(chain, upper)


def _changes(chain: list[fmpq_poly], at: Fraction) -> int:
    point = to_fmpq(at)
    signs = [value > 0 for value in (p(point) for p in chain) if value != 0]
    return sum(a != b for a, b in pairwise(signs))
