"""Gauss-Jacobi rules on the unit cube, for weights t_1^a t_2^b ...

With N nodes a direction, a rule with positive weights that is exact to degree 2N - 1 errs by at most
`4 M mu r^(-2N) / (1 - 1/r)`, where mu is the integral of the weight and M bounds the integrand on the ellipse with foci
0 and 1 and sum of semi-axes r, in units of half the distance of the foci (the coefficients of its Chebyshev expansion
are at most `2 M r^-k`; what is left beyond degree 2N - 1 enters twice, into the integral and into the rule).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache, lru_cache
from itertools import pairwise
from math import prod

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_BITS = 160
_NEAR = arb(2) ** -60
_TURNS = 8


def mass(exponents: Sequence[Fraction]) -> Fraction:
    """Return the integral of the weight."""
    return prod((1 / (e + 1) for e in exponents), start=Fraction(1))


@lru_cache(maxsize=512)
def rule(sizes: tuple[int, ...], exponents: tuple[Fraction, ...]) -> tuple[list[Floats], Floats]:
    """Return the nodes in each direction, and the products of the weights.

    The products are positive and add up to the mass; they err by less than 2^-48 of their size.
    """
    n = len(sizes)
    nodes, total = [], np.ones((1,) * n)
    for i, (size, exponent) in enumerate(zip(sizes, exponents, strict=True)):
        place, weight = (x.reshape([size if k == i else 1 for k in range(n)]) for x in _jacobi(size, exponent))
        nodes.append(place)
        total = total * weight
    return nodes, total


@cache
def _jacobi(size: int, exponent: Fraction) -> tuple[Floats, Floats]:
    """Return nodes and weights on [0, 1] for the weight t^exponent, each with a relative error below 2^-52.

    The nodes are (1 + x)/2 for the zeros x of P = P_N^(0, b), which lie where it changes its sign, N times; the
    weights are 1/((1 - x^2) P'(x)^2).
    """
    with ctx.workprec(_BITS):
        b = arb(exponent.numerator) / exponent.denominator
        pairs = [_pair(size, b, x) for x in _guesses(size, float(exponent))]
        nodes = [(x + 1) / 2 for x, _ in pairs]
        assert all(x < y for x, y in pairwise(nodes))
        return np.array([float(x) for x in nodes]), np.array([float(w) for _, w in pairs])


def _guesses(size: int, b: float) -> list[float]:
    """Return the eigenvalues of the matrix of the recurrence of the polynomials, in order."""
    k = np.arange(size)
    diagonal = np.full(size, b / (b + 2))
    diagonal[1:] = b * b / ((2 * k[1:] + b) * (2 * k[1:] + b + 2))
    j = k[1:]
    beside = 2 * j * (j + b) / ((2 * j + b) * np.sqrt((2 * j + b + 1) * (2 * j + b - 1)))
    matrix = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
    return sorted(float(x) for x in np.linalg.eigvalsh(matrix))


def _pair(size: int, b: arb, guess: float) -> tuple[arb, arb]:
    """Return a zero of P_N^(0, b) near a guess and its weight."""

    def value(x: arb) -> arb:
        return x.jacobi_p(size, 0, b)

    def slope(x: arb) -> arb:
        return (size + b + 1) / 2 * x.jacobi_p(size - 1, 1, b + 1)

    x = arb(guess)
    for _ in range(_TURNS):
        x = (x - value(x) / slope(x)).mid()
    room = (1 - x * x).mid() * _NEAR
    low, high = value(x - room), value(x + room)
    assert (low < 0 and high > 0) or (low > 0 and high < 0)
    zero = x + arb(0, 1) * room
    return zero, 1 / ((1 - zero * zero) * slope(zero) ** 2)
