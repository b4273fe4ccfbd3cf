"""Exact integrals of polynomials over polytopes, by pull-back to the reference simplex.

On the simplex with vertices v_0, ..., v_n, with x = v_0 + sum t_i (v_i - v_0),
    int t^a dt = a_1! ... a_n! / (n + a_1 + ... + a_n)!    over {t_i >= 0, sum t_i <= 1},
times |det(v_1 - v_0, ..., v_n - v_0)|.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from math import comb, factorial

from flint import Ordering, fmpq, fmpq_mpoly, fmpq_mpoly_ctx

from proofs.geometry.affine import Point
from proofs.geometry.polytopes import Cell, Polytope, determinant
from verify.expressions import Expression
from verify.expressions.algebra import degree_bound, in_ring
from verify.expressions.balls import to_fmpq
from verify.expressions.univariate import to_fraction

MAX_TERMS = 4_000


def exactly(expression: Expression, cell: Cell, variables: Sequence[str]) -> Fraction | None:
    """Return the integral if the cell is a polytope and the expression visibly a polynomial over Q, else None.

    Polynomials that could have more than MAX_TERMS terms are left to the enclosures.
    """
    polynomial = to_polynomial(expression, variables) if isinstance(cell, Polytope) else None
    if polynomial is None or not isinstance(cell, Polytope):
        return None
    return to_fraction(sum((_over_simplex(polynomial, simplex) for simplex in cell.simplices()), fmpq(0)))


def to_polynomial(expression: Expression, variables: Sequence[str]) -> fmpq_mpoly | None:
    """Return the polynomial over Q that an expression visibly is, or None (also where it would be huge)."""
    degree = degree_bound(expression)
    if degree is None or comb(len(variables) + degree, degree) > MAX_TERMS:
        return None
    ring = _ring(len(variables))
    images = dict(zip(variables, ring.gens(), strict=True))
    return in_ring(expression, images, lambda value: ring.constant(to_fmpq(value)))


@cache
def _ring(n: int) -> fmpq_mpoly_ctx:
    return fmpq_mpoly_ctx.get([f"t{i}" for i in range(n)], Ordering.lex)


def _over_simplex(polynomial: fmpq_mpoly, simplex: Sequence[Point]) -> fmpq:
    n = len(simplex) - 1
    ring = _ring(n)
    first, *others = simplex
    gens = ring.gens()
    images = []
    for i, start in enumerate(first):
        image = ring.constant(to_fmpq(start))
        for gen, vertex in zip(gens, others, strict=True):
            if vertex[i] != start:
                image += gen * to_fmpq(vertex[i] - start)
        images.append(image)
    total = fmpq(0)
    for exponents, coefficient in polynomial.compose(*images, ctx=ring).terms():
        total += coefficient * _moment(tuple(int(e) for e in exponents))
    return total * to_fmpq(abs(determinant(simplex)))


@cache
def _moment(exponents: tuple[int, ...]) -> fmpq:
    """Return the integral of a monomial over the reference simplex."""
    numerator = 1
    for e in exponents:
        numerator *= factorial(e)
    return fmpq(numerator, factorial(len(exponents) + sum(exponents)))
