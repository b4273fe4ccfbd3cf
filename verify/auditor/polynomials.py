"""Exact polynomials in one variable over Q: lists of coefficients, lowest degree first, no leading zero ([] is 0)."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import lcm

Polynomial = list[Fraction]
MOST_DEGREE_OF_SIGNS = 40


def _trim(p: Polynomial) -> Polynomial:
    while p and not p[-1]:
        p.pop()
    return p


def add(p: Polynomial, q: Polynomial) -> Polynomial:
    """The sum."""
    if len(p) < len(q):
        p, q = q, p
    return _trim([c + q[i] if i < len(q) else c for i, c in enumerate(p)])


def multiply(p: Polynomial, q: Polynomial) -> Polynomial:
    """The product."""
    if not p or not q:
        return []
    result = [Fraction(0)] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            result[i + j] += a * b
    return result


def power(p: Polynomial, n: int) -> Polynomial:
    """The n-th power, n >= 0."""
    result = [Fraction(1)]
    for bit in bin(n)[2:]:
        result = multiply(result, result)
        if bit == "1":
            result = multiply(result, p)
    return result


def value(p: Polynomial, x: Fraction) -> Fraction:
    """The value at x."""
    result = Fraction(0)
    for c in reversed(p):
        result = result * x + c
    return result


def integral(p: Polynomial, a: Fraction, b: Fraction) -> Fraction:
    """The integral from a to b."""
    primitive = [Fraction(0)] + [Fraction(c, k + 1) for k, c in enumerate(p)]
    return value(primitive, b) - value(primitive, a)


def _derivative(p: Polynomial) -> Polynomial:
    return [k * c for k, c in enumerate(p)][1:]


def _divide(p: Polynomial, q: Polynomial) -> tuple[Polynomial, Polynomial]:
    quotient, rest = [Fraction(0)] * max(len(p) - len(q) + 1, 0), list(p)
    while len(rest) >= len(q):
        factor, shift = Fraction(rest[-1], q[-1]), len(rest) - len(q)
        quotient[shift] = factor
        for i, c in enumerate(q):
            rest[i + shift] -= factor * c
        rest.pop()
        _trim(rest)
    return quotient, rest


def _gcd(p: Polynomial, q: Polynomial) -> Polynomial:
    while q:
        p, q = q, _divide(p, q)[1]
        q = [Fraction(c, q[-1]) for c in q]
    return p


def _square_free(p: Polynomial) -> tuple[Polynomial, Polynomial]:
    """(the product of all distinct factors of p, the product of those of odd multiplicity), by Yun's algorithm."""
    common = _gcd(p, _derivative(p))
    w = everything = _divide(p, common)[0]
    y, odd, multiplicity = _divide(_derivative(p), common)[0], [Fraction(1)], 1
    while len(w) > 1:
        z = add(y, [-c for c in _derivative(w)])
        factor = _gcd(w, z) if z else w
        if multiplicity % 2:
            odd = multiply(odd, factor)
        w, y, multiplicity = _divide(w, factor)[0], _divide(z, factor)[0], multiplicity + 1
    return everything, odd


def _variations(p: Polynomial, a: Fraction, b: Fraction) -> int:
    """Sign changes of the coefficients of (1 + t)**d p((a + b t) / (1 + t)).

    With 0 there is no root in (a, b), with 1 exactly one (Descartes).
    """
    d = len(p) - 1
    numerator, denominator = [a, b], [Fraction(1), Fraction(1)]
    total, low = [p[-1]], list(denominator)
    for c in reversed(p[:-1]):
        total = add(multiply(total, numerator), [c * x for x in low])
        low = multiply(low, denominator)
    signs = [c > 0 for c in total if c]
    return sum(x != y for x, y in pairwise(signs)) if d else 0


def _isolate(p: Polynomial, a: Fraction, b: Fraction) -> list[tuple[Fraction, Fraction]]:
    """Intervals, each with one root in (a, b) of the square-free p: open ones, or single points."""
    found, stack = [], [(a, b)]
    while stack:
        u, v = stack.pop()
        count = _variations(p, u, v)
        if count == 1:
            found.append((u, v))
        elif count > 1:
            middle = Fraction(u + v, 2)
            if not value(p, middle):
                found.append((middle, middle))
            stack += [(u, middle), (middle, v)]
    return found


def sign(p: Polynomial, a: Fraction, b: Fraction) -> tuple[int, int]:
    """The least and largest sign of p in the open interval (a, b), or at the point a = b; (-1, 1) if p is too large."""
    if not p:
        return 0, 0
    middle = value(p, Fraction(a + b, 2))
    at = (middle > 0) - (middle < 0)
    if a == b or len(p) == 1:
        return at, at
    if len(p) - 1 > MOST_DEGREE_OF_SIGNS:
        return -1, 1
    if _variations(p, a, b) == 0:
        return at, at
    everything, odd = _square_free(p)
    if len(odd) > 1 and _isolate(odd, a, b):
        return -1, 1
    if not _isolate(everything, a, b):
        return at, at
    at = at or _sign_near(p, a, b)
    return min(at, 0), max(at, 0)


def _sign_near(p: Polynomial, a: Fraction, b: Fraction) -> int:
    """The sign of p, not 0, at some point of (a, b)."""
    x = b
    while True:
        x = Fraction(a + x, 2)
        if y := value(p, x):
            return 1 if y > 0 else -1


def rational_roots(p: Polynomial, a: Fraction, b: Fraction) -> list[Fraction]:
    """The rational roots of p in (a, b): with integer coefficients their denominators divide the leading one."""
    if len(p) < 2 or len(p) - 1 > MOST_DEGREE_OF_SIGNS:
        return []
    if len(p) == 2:
        roots = [Fraction(-p[0], p[1])]
        return [r for r in roots if a < r < b]
    p = _square_free(p)[0]
    leading = abs(p[-1] * lcm(*(c.denominator for c in p)))
    roots = []
    for u, v in _isolate(p, a, b):
        while (v - u) * leading >= 1:
            middle = Fraction(u + v, 2)
            at = value(p, middle)
            if not at:
                u = v = middle
            elif _variations(p, u, middle):
                v = middle
            else:
                u = middle
        doubled = (u + v) * leading + 1
        candidate = Fraction(doubled.numerator // (2 * doubled.denominator), leading)  # the nearest one
        if u <= candidate <= v and a < candidate < b and not value(p, candidate):
            roots.append(candidate)
    return sorted(roots)
