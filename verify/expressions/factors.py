"""Polynomials of several variables over Q: factors, definite quadratic forms, flat factors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from random import Random

from flint import Ordering, fmpq_mpoly, fmpq_mpoly_ctx

from proofs.geometry.affine import Affine
from verify.expressions import tree
from verify.expressions.algebra import in_ring
from verify.expressions.balls import to_fmpq
from verify.expressions.normal import as_expression
from verify.expressions.tree import Expression, Number, Variable
from verify.expressions.univariate import to_fraction

MAX_DEGREE = 60
_TRIES = 4


@dataclass(frozen=True, slots=True)
class Factor:
    """One irreducible factor over Q with its multiplicity."""

    polynomial: fmpq_mpoly
    multiplicity: int
    expression: Expression

    def affine(self, n: int) -> Affine | None:
        """Return the factor as an affine function, None if its degree is larger."""
        if int(self.polynomial.total_degree()) > 1:
            return None
        gradient, constant = [Fraction(0)] * n, Fraction(0)
        for exponents, coefficient in self.polynomial.terms():
            value = to_fraction(coefficient)
            if any(exponents):
                gradient[next(i for i, e in enumerate(exponents) if int(e))] = value
            else:
                constant = value
        return Affine(tuple(gradient), constant)


@dataclass(frozen=True, slots=True)
class Factors:
    """`scale` times the product of the factors."""

    scale: Fraction
    factors: tuple[Factor, ...]


def to_mpoly(node: Expression, variables: Sequence[str]) -> fmpq_mpoly | None:
    """Return the polynomial over Q in the variables that an expression visibly is, or None."""
    context = fmpq_mpoly_ctx.get(tuple(variables), Ordering.deglex)
    images = dict(zip(variables, context.gens(), strict=True))
    return in_ring(node, images, lambda value: context.constant(to_fmpq(value)))


@lru_cache(maxsize=512)
def factors_of(node: Expression, variables: tuple[str, ...]) -> Factors | None:
    """Return the factorization over Q of an expression that is visibly a polynomial, not 0; else None."""
    polynomial = to_mpoly(node, variables)
    if polynomial is None or polynomial.is_zero() or int(polynomial.total_degree()) > MAX_DEGREE:
        return None
    scale, parts = polynomial.factor()
    generators = [Variable(name) for name in variables]
    return Factors(
        to_fraction(scale),
        tuple(Factor(p, int(m), as_expression(p, generators)) for p, m in parts if not p.is_constant()),
    )


def with_squares(factor: Factor, variables: Sequence[str]) -> Expression:
    """Return a factor with the squares completed if it is quadratic without mixed terms: its ranges are then sharp."""
    n = len(variables)
    matrix = quadratic_matrix(factor.polynomial, n)
    if matrix is None or any(matrix[i][j] for i in range(n) for j in range(i)):
        return factor.expression
    constant, terms = matrix[n][n], []
    for i, name in enumerate(variables):
        square, linear = matrix[i][i], matrix[i][n]
        step: Expression = Variable(name)
        if square:
            step = tree.folded(tree.Sum((step, Number(linear / square))))
            terms.append(tree.folded(tree.Product((Number(square), tree.Power(step, Number(Fraction(2)))))))
            constant -= linear**2 / square
        elif linear:
            terms.append(tree.folded(tree.Product((Number(2 * linear), step))))
    return tree.folded(tree.Sum((*terms, Number(constant))))


def quadratic_matrix(polynomial: fmpq_mpoly, n: int) -> list[list[Fraction]] | None:
    """Return the symmetric matrix M with `p(x) = (x, 1) M (x, 1)^T`, None if the degree is not 2."""
    if int(polynomial.total_degree()) != 2:
        return None
    matrix = [[Fraction(0)] * (n + 1) for _ in range(n + 1)]
    for exponents, coefficient in polynomial.terms():
        value = to_fraction(coefficient)
        places = [i for i, e in enumerate(exponents) for _ in range(int(e))]
        places += [n] * (2 - len(places))
        i, j = places
        if i == j:
            matrix[i][i] += value
        else:
            matrix[i][j] += value / 2
            matrix[j][i] += value / 2
    return matrix


def definite(matrix: list[list[Fraction]]) -> tuple[int, int]:
    """Return (sign, rank): 1 if the matrix is positive semidefinite, -1 if negative, 0 if indefinite or 0.

    Exact, by symmetric elimination; the rank is meaningful for semidefinite matrices only.
    """
    rows = [list(row) for row in matrix]
    size = len(rows)
    signs: set[int] = set()
    left = list(range(size))
    while left:
        pivot = next((i for i in left if rows[i][i]), None)
        if pivot is None:
            if any(rows[i][j] for i in left for j in left):
                return 0, 0  # a zero diagonal beside an entry: both signs occur
            break
        signs.add(1 if rows[pivot][pivot] > 0 else -1)
        left.remove(pivot)
        for i in left:
            factor = rows[i][pivot] / rows[pivot][pivot]
            for j in left:
                rows[i][j] -= factor * rows[pivot][j]
    if len(signs) != 1:
        return 0, 0
    return signs.pop(), size - len(left)


def may_be_flat(polynomial: fmpq_mpoly) -> bool:
    """Whether an irreducible polynomial over Q might have an affine factor over the reals.

    False is a proof: the polynomial then vanishes identically on no hyperplane. If an irreducible polynomial of degree
    >= 2 had one, its conjugates would make it a product of linear forms over C, and so would be its restriction to
    every plane; a plane curve that consists of distinct lines is a factor of its Hessian curve (every point of a line
    is a flex). One plane on which the restriction is not a factor of its Hessian refutes that.
    """
    n, degree = polynomial.context().nvars(), int(polynomial.total_degree())
    if degree <= 1 or n == 1:
        return True
    source = Random(degree)
    return all(_lines_only(_restricted(polynomial, n, source)) for _ in range(_TRIES if n > 2 else 1))


def _restricted(polynomial: fmpq_mpoly, n: int, source: Random) -> fmpq_mpoly:
    """Return the homogeneous form in (u, v, w) of the restriction to a plane (the whole plane if n = 2)."""
    context = fmpq_mpoly_ctx.get(("u", "v", "w"), Ordering.deglex)
    u, v, w = context.gens()
    if n == 2:
        images = [u, v]
    else:
        images = [source.randint(-3, 3) * u + source.randint(-3, 3) * v + source.randint(-3, 3) * w for _ in range(n)]
    degree = int(polynomial.total_degree())
    result = context.constant(0)
    for exponents, coefficient in polynomial.terms():
        term = context.constant(coefficient)
        for image, e in zip(images, exponents, strict=True):
            term *= image ** int(e)
        result += term * w ** (degree - sum(int(e) for e in exponents))
    return result


def _lines_only(curve: fmpq_mpoly) -> bool:
    """Whether a homogeneous form in three variables might be a product of linear forms."""
    if curve.is_zero() or int(curve.total_degree()) <= 1:
        return True
    h = [[curve.derivative(i).derivative(j) for j in range(3)] for i in range(3)]
    hessian = (
        h[0][0] * (h[1][1] * h[2][2] - h[1][2] * h[2][1])
        - h[0][1] * (h[1][0] * h[2][2] - h[1][2] * h[2][0])
        + h[0][2] * (h[1][0] * h[2][1] - h[1][1] * h[2][0])
    )
    if hessian.is_zero() or any(int(m) > 1 for _, m in curve.factor()[1]):
        return True
    return bool(divmod(hessian, curve)[1].is_zero())
