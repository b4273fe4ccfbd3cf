"""Exact integrals of polynomials over polytopes by Euler's identity: facets, facets of facets, and so on (Lasserre).

For f homogeneous of degree q, `(n + q) int_P f = sum over facets of int_F f (x . nu)`, and on the facet `a . x = b` the
last factor is b/|a|. Nothing is triangulated and no vertex is computed: only inequalities are used, by substitution.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

Row = tuple[tuple[Fraction, ...], Fraction]
"""(a, b) for the inequality `a . x <= b`."""
Polynomial = dict[tuple[int, ...], Fraction]


def integral(polynomial: Polynomial, rows: Sequence[Row], n: int) -> Fraction:
    """Return the integral over `{x : a . x <= b for all rows}`, which has to be bounded."""
    if n == 1:
        return _on_line(polynomial, rows)
    total = Fraction(0)
    kept = _distinct(rows)
    if kept is None:
        return total
    for index, (a, b) in enumerate(kept):
        j = max(range(n), key=lambda i: abs(a[i]))
        others = [_without(row, a, b, j) for k, row in enumerate(kept) if k != index]
        if b:
            for q, part in _by_degree(polynomial).items():
                facet = integral(_substituted(part, a, b, j), others, n - 1)
                total += b / abs(a[j]) * facet / (n + q)
    return total


def _on_line(polynomial: Polynomial, rows: Sequence[Row]) -> Fraction:
    low, high = None, None
    for (slope,), bound in rows:
        if slope > 0:
            high = bound / slope if high is None else min(high, bound / slope)
        elif slope < 0:
            low = bound / slope if low is None else max(low, bound / slope)
        elif bound < 0:
            return Fraction(0)
    assert low is not None and high is not None
    if low >= high:
        return Fraction(0)
    return sum((c * (high ** (e + 1) - low ** (e + 1)) / (e + 1) for (e,), c in polynomial.items()), Fraction(0))


def _distinct(rows: Sequence[Row]) -> list[Row] | None:
    """Return the rows scaled and without repetitions; None where nothing satisfies one."""
    tightest: dict[tuple[Fraction, ...], Fraction] = {}
    for a, b in rows:
        size = max(map(abs, a))
        if size:
            direction, bound = tuple(x / size for x in a), b / size
            tightest[direction] = min(bound, tightest.get(direction, bound))
        elif b < 0:
            return None
    return list(tightest.items())


def _without(row: Row, a: Sequence[Fraction], b: Fraction, j: int) -> Row:
    """Return a row on the hyperplane `a . x = b`, the j-th coordinate eliminated."""
    c, d = row
    ratio = c[j] / a[j]
    return tuple(c[i] - ratio * a[i] for i in range(len(a)) if i != j), d - ratio * b


def _by_degree(polynomial: Polynomial) -> dict[int, Polynomial]:
    parts: dict[int, Polynomial] = {}
    for exponents, coefficient in polynomial.items():
        parts.setdefault(sum(exponents), {})[exponents] = coefficient
    return parts


def _substituted(polynomial: Polynomial, a: Sequence[Fraction], b: Fraction, j: int) -> Polynomial:
    """Return the polynomial in the other coordinates, `x_j = (b - sum a_i x_i)/a_j` put in."""
    n = len(a)
    line: Polynomial = {(0,) * (n - 1): b / a[j]}
    for place, i in enumerate(i for i in range(n) if i != j):
        line[tuple(int(k == place) for k in range(n - 1))] = -a[i] / a[j]
    powers: list[Polynomial] = [{(0,) * (n - 1): Fraction(1)}]
    result: Polynomial = {}
    for exponents, coefficient in polynomial.items():
        while len(powers) <= exponents[j]:
            powers.append(_product(powers[-1], line))
        rest = tuple(e for i, e in enumerate(exponents) if i != j)
        for more, value in powers[exponents[j]].items():
            key = tuple(r + m for r, m in zip(rest, more, strict=True))
            result[key] = result.get(key, Fraction(0)) + coefficient * value
    return result


def _product(first: Polynomial, second: Polynomial) -> Polynomial:
    result: Polynomial = {}
    for p, c in first.items():
        for q, d in second.items():
            key = tuple(i + k for i, k in zip(p, q, strict=True))
            result[key] = result.get(key, Fraction(0)) + c * d
    return result
