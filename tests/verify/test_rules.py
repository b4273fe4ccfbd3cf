"""Gauss-Jacobi rules against exact moments, and their error bound against integrals known in closed form."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest

from verify.integration.rules import mass, rule

EXPONENTS = [Fraction(0), Fraction(1), Fraction(2), Fraction(1, 2), Fraction(5, 2), Fraction(1, 4), Fraction(7, 3)]


@pytest.mark.parametrize("exponent", EXPONENTS)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 16])
def test_rules_are_exact_to_degree_2n_minus_1_and_no_further(size: int, exponent: Fraction) -> None:
    (nodes,), weights = rule((size,), (exponent,))
    assert (weights > 0).all() and (nodes > 0).all() and (nodes < 1).all()
    pairs = [(Fraction(float(t)), Fraction(float(w))) for t, w in zip(nodes, weights, strict=True)]
    for k in range(2 * size + 1):
        moment, exact = sum((w * t**k for t, w in pairs), Fraction(0)), 1 / (k + exponent + 1)
        if k < 2 * size:
            assert abs(moment - exact) < exact / 10**14
        elif size <= 5:
            assert abs(moment - exact) > exact / 10**12


def test_products_of_weights_add_up_to_the_mass() -> None:
    exponents = (Fraction(5, 2), Fraction(1), Fraction(1, 3))
    nodes, weights = rule((2, 5, 3), exponents)
    assert weights.shape == (2, 5, 3) and [x.size for x in nodes] == [2, 5, 3]
    assert abs(Fraction(float(weights.sum())) - mass(exponents)) < Fraction(1, 10**14)


@pytest.mark.parametrize("exponent", EXPONENTS)
@pytest.mark.parametrize("away", ["1/20", "1/2", "3"])
def test_errors_are_within_the_bound(exponent: Fraction, away: str) -> None:
    """For 1/(t + a) on the ellipses that leave half the way to the pole, M = 2/a."""
    a = mpmath.mpf(Fraction(away).numerator) / Fraction(away).denominator
    b = mpmath.mpf(exponent.numerator) / exponent.denominator
    exact = mpmath.hyp2f1(1, b + 1, b + 2, -1 / a) / (a * (b + 1))
    long = 1 + a  # the semi-axis of the ellipse through -a/2, in units of 1/2
    r = float(long + mpmath.sqrt(long**2 - 1))
    errors = []
    for size in (1, 2, 4, 8):
        (nodes,), weights = rule((size,), (exponent,))
        found = sum(mpmath.mpf(float(w)) / (mpmath.mpf(float(t)) + a) for t, w in zip(nodes, weights, strict=True))
        errors.append(abs(found - exact))
        bound = 4 * (2 / a) * float(mass((exponent,))) * r ** (-2 * size) / (1 - 1 / r)
        assert errors[-1] <= bound + mpmath.mpf(10) ** -14
    assert errors[0] > mpmath.mpf(10) ** -6
