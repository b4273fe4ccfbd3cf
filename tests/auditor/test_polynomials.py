"""Exact signs and rational roots of polynomials, against factored forms."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from verify.auditor import polynomials
from verify.auditor.polynomials import Polynomial

small = st.builds(Fraction, st.integers(-8, 8), st.integers(1, 5))
IRRATIONAL = [[Fraction(-2), Fraction(0), Fraction(1)], [Fraction(1), Fraction(0), Fraction(1)]]  # x**2 - 2, x**2 + 1


def product(factors: list[Polynomial]) -> Polynomial:
    result = [Fraction(1)]
    for factor in factors:
        result = polynomials.multiply(result, factor)
    return result


@given(
    st.lists(st.tuples(small, st.integers(1, 3)), max_size=4),
    st.lists(st.tuples(st.sampled_from([0, 1]), st.integers(1, 2)), max_size=2),
    small.filter(bool),
    small,
    small,
)
def test_signs_and_roots(
    roots: list[tuple[Fraction, int]], others: list[tuple[int, int]], scale: Fraction, a: Fraction, b: Fraction
) -> None:
    factors = [[-x, Fraction(1)] for x, n in roots for _ in range(n)]
    factors += [IRRATIONAL[i] for i, n in others for _ in range(n)]
    p = [scale * c for c in product(factors)]
    a, b = min(a, b), max(a, b)
    if a == b:
        y = polynomials.value(p, a)
        assert polynomials.sign(p, a, b) == ((y > 0) - (y < 0),) * 2
        return
    inside = sorted({x for x, _ in roots if a < x < b})
    assert polynomials.rational_roots(p, a, b) == inside
    special = sorted({a, b, *inside, *(x for x in (Fraction(-1414214, 10**6), Fraction(1414214, 10**6)) if a < x < b)})
    samples = [x + (y - x) * Fraction(k, 8) for x, y in pairwise(special) for k in range(1, 8)]
    values = [polynomials.value(p, x) for x in samples]
    signs = {(y > 0) - (y < 0) for y in values}
    root2 = any(i == 0 and a < x < b for i, _ in others for x in (Fraction(-1414214, 10**6), Fraction(1414214, 10**6)))
    if inside or root2:
        signs.add(0)
    assert polynomials.sign(p, a, b) == (min(signs), max(signs))


def test_two_roots_close_together() -> None:
    e = Fraction(1, 10**30)
    p = product([[-Fraction(1, 3), Fraction(1)], [-Fraction(1, 3) - e, Fraction(1)]])
    assert polynomials.sign(p, Fraction(0), Fraction(1)) == (-1, 1)
    assert polynomials.rational_roots(p, Fraction(0), Fraction(1)) == [Fraction(1, 3)]  # the other one is not simple
    p[0] += e**2
    assert polynomials.sign(p, Fraction(0), Fraction(1)) == (1, 1)


def test_integrals_and_powers() -> None:
    p = polynomials.power([Fraction(1), Fraction(1)], 5)
    assert p == [Fraction(c) for c in (1, 5, 10, 10, 5, 1)]
    assert polynomials.integral(p, Fraction(-1), Fraction(1)) == Fraction(64, 6)
