"""Homogeneous polynomials with integer coefficients: the Taylor coefficients of one degree in several variables.

They take the place of the integers in a jet: they are added and multiplied with each other; a number multiplies, shifts
or divides every coefficient (rounding down). The size `abs` is the sum of the sizes of the coefficients; that of a
product is at most the product of the sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations, product
from math import comb, factorial, isqrt, prod
from operator import add, mul
from typing import Any

Edge = tuple[int, int] | None


@cache
def monomials(n: int, degree: int) -> list[tuple[int, ...]]:
    """The exponents of the monomials of a degree in n variables."""
    if n == 1:
        return [(degree,)]
    return [(e, *rest) for e in range(degree + 1) for rest in monomials(n - 1, degree - e)]


@cache
def _table(n: int, j: int, k: int) -> list[list[int]]:
    """Where the products of the monomials of degree j with those of degree k stand."""
    index = {e: i for i, e in enumerate(monomials(n, j + k))}
    return [[index[tuple(map(add, e, f))] for f in monomials(n, k)] for e in monomials(n, j)]


class Form:
    """A homogeneous polynomial of a degree in n variables, its coefficients in the order of `monomials`."""

    __slots__ = ("coefficients", "degree", "n")

    def __init__(self, n: int, degree: int, coefficients: Sequence[int]) -> None:
        self.n, self.degree, self.coefficients = n, degree, coefficients

    def _with(self, coefficients: Sequence[int]) -> Form:
        return Form(self.n, self.degree, coefficients)

    def __mul__(self, other: Form | int) -> Form:
        if isinstance(other, int):
            return self._with([c * other for c in self.coefficients])
        degree = self.degree + other.degree
        result = [0] * len(monomials(self.n, degree))
        for a, row in zip(self.coefficients, _table(self.n, self.degree, other.degree), strict=True):
            if a:
                for b, i in zip(other.coefficients, row, strict=True):
                    result[i] += a * b
        return Form(self.n, degree, result)

    def __add__(self, other: Form | int) -> Form:
        if isinstance(other, int):  # the 0 with which a sum begins
            return self
        return self._with(list(map(add, self.coefficients, other.coefficients)))

    def __floordiv__(self, other: int) -> Form:
        return self._with([c // other for c in self.coefficients])

    def __rshift__(self, other: int) -> Form:
        return self._with([c >> other for c in self.coefficients])

    def __abs__(self) -> int:
        return sum(map(abs, self.coefficients))

    __radd__, __rmul__ = __add__, __mul__


def zeros(n: int, order: int) -> list[Any]:
    """The coefficients 0 of a jet in n variables: integers for one variable and for degree 0."""
    return [Form(n, k, [0] * len(monomials(n, k))) if n > 1 and k else 0 for k in range(order + 1)]


def size(coefficient: Any) -> int:
    """The number of coefficients of a form, 1 for a number."""
    return 1 if isinstance(coefficient, int) else len(coefficient.coefficients)


def dot(coefficient: Any, weights: Sequence[int]) -> int:
    """The sum of the coefficients of a form (or of the one number) times weights."""
    return sum(map(mul, (coefficient,) if isinstance(coefficient, int) else coefficient.coefficients, weights))


@cache
def _moment(exponents: tuple[int, ...]) -> Fraction:
    """The mean of a monomial in l_i - 1 / (n + 1), i = 1..n, over a simplex, l its barycentric coordinates."""
    n, total = len(exponents), Fraction(0)
    for powers in product(*(range(e + 1) for e in exponents)):  # the mean of a monomial in l is n! prod b! / (n + |b|)!
        rest = sum(exponents) - sum(powers)
        chosen = prod(map(comb, exponents, powers)) * prod(map(factorial, powers)) * (-1) ** rest
        total += Fraction(chosen * factorial(n), factorial(n + sum(powers)) * (n + 1) ** rest)
    return total


@cache
def moments(n: int, order: int) -> tuple[int, list[tuple[list[int], int]]]:
    """A unit, and in it for each degree up to the order the means of the monomials and a bound of those of their sizes.

    For n = 1 the variable runs through [-1, 1], otherwise the variables are those of `_moment`.
    """
    if n == 1:
        unit = factorial(order + 1)
        return unit, [([unit // (k + 1) * (1 - k % 2)], unit // (k + 1)) for k in range(order + 1)]
    unit, rows = factorial(n + order) * (n + 1) ** order, []
    for k in range(order + 1):
        squares = [_moment(tuple(2 * e for e in m)) * unit**2 for m in monomials(n, k)]
        square = max(squares)  # the mean of |m| is at most the root of the mean of m**2
        bound = isqrt(square.numerator // square.denominator) + 1
        rows.append(([int(_moment(m) * unit) for m in monomials(n, k)], bound))
    return unit, rows


def steepest(form: Any) -> Edge:
    """The edge of a simplex along which a form varies most, by the size of its derivative; None for a number, or 0."""
    if isinstance(form, int) or not any(form.coefficients):
        return None
    at = dict(zip(monomials(form.n, form.degree), form.coefficients, strict=True))

    def variation(edge: tuple[int, int]) -> int:
        ends = [(m - 1, sign) for m, sign in zip(edge, (-1, 1), strict=True) if m]
        slopes = [[s * (e[m] + 1) * at[(*e[:m], e[m] + 1, *e[m + 1 :])] for m, s in ends] for e in lower]
        return sum(abs(sum(row)) for row in slopes)

    lower = monomials(form.n, form.degree - 1)
    return max(combinations(range(form.n + 1), 2), key=variation)
