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


def derivative(p: Polynomial) -> Polynomial:
    """The derivative."""
    return [k * c for k, c in enumerate(p)][1:]


def divide(p: Polynomial, q: Polynomial) -> tuple[Polynomial, Polynomial]:
    """(quotient, remainder) for q not 0."""
    quotient, rest = [Fraction(0)] * max(len(p) - len(q) + 1, 0), list(p)
    while len(rest) >= len(q):
        factor, shift = Fraction(rest[-1], q[-1]), len(rest) - len(q)
        quotient[shift] = factor
        for i, c in enumerate(q):
            rest[i + shift] -= factor * c
        rest.pop()
        _trim(rest)
    return quotient, rest


def gcd(p: Polynomial, q: Polynomial) -> Polynomial:
    """A greatest common divisor."""
    while q:
        p, q = q, divide(p, q)[1]
        q = [Fraction(c, q[-1]) for c in q]
    return p


def _inner(p: Polynomial, a: Fraction, b: Fraction) -> Polynomial:
    """p without its factors x - a and b - x, which are positive in (a, b)."""
    for x, factor in ((a, [-a, Fraction(1)]), (b, [b, Fraction(-1)])):
        while not value(p, x):
            p = divide(p, factor)[0]
    return p


def _on_unit(p: Polynomial, a: Fraction, b: Fraction) -> list[int]:
    """Integers proportional to the coefficients of p(a + (b - a) t)."""
    result: Polynomial = []
    for c in reversed(p):
        result = add(multiply(result, [a, b - a]), [c])
    scale = lcm(*(c.denominator for c in result))
    return [int(c * scale) for c in result]


def _shifted(c: list[int]) -> list[int]:
    """The coefficients of p(t + 1)."""
    c = list(c)
    for i in range(len(c) - 1):
        for j in range(len(c) - 2, i - 1, -1):
            c[j] += c[j + 1]
    return c


def _variations(c: list[int]) -> int:
    """Sign changes in (1 + t)**d p(1 / (1 + t)): with 0 there is no root in (0, 1), with 1 exactly one (Descartes)."""
    signs = [x > 0 for x in _shifted(c[::-1]) if x]
    return sum(x != y for x, y in pairwise(signs))


def _square_free(p: Polynomial) -> Polynomial:
    return divide(p, gcd(p, derivative(p)))[0]


def _isolate(p: Polynomial, a: Fraction, b: Fraction) -> list[tuple[Fraction, Fraction]]:
    """Intervals with one root of the square-free p in (a, b) each; p is not 0 at a, b and any of their ends."""
    found, stack = [], [(_on_unit(p, a, b), a, b)]
    while stack:
        c, u, v = stack.pop()
        count = _variations(c)
        if count == 1:
            found.append((u, v))
        elif count:
            left = [x << (len(c) - 1 - k) for k, x in enumerate(c)]
            middle = Fraction(u + v, 2)
            if sum(left):
                stack += [(left, u, middle), (_shifted(left), middle, v)]
                continue
            while not value(p, middle):
                middle = Fraction(u + middle, 2)
            stack += [(_on_unit(p, x, y), x, y) for x, y in ((u, middle), (middle, v))]
    return found


def sign(p: Polynomial, a: Fraction, b: Fraction) -> tuple[int, int]:
    """The least and largest sign of p in the open interval (a, b), or at the point a = b; (-1, 1) if p is too large."""
    if len(p) - 1 > MOST_DEGREE_OF_SIGNS and a < b:
        return -1, 1
    roots = []
    if a < b and p:
        p = _inner(p, a, b)
        roots = _isolate(_square_free(p), a, b) if _variations(_on_unit(p, a, b)) else []
    values = [value(p, x) for x in (a, *(x for interval in roots for x in interval), b)]
    signs = [(y > 0) - (y < 0) for y in values] + [0] * len(roots)
    return min(signs), max(signs)


def rational_roots(p: Polynomial, a: Fraction, b: Fraction) -> list[Fraction]:
    """Rational roots of p in (a, b): all if the degree is 1, otherwise those that are found (small denominators)."""
    if len(p) == 2:
        return [x for x in [Fraction(-p[0], p[1])] if a < x < b]
    if not 2 < len(p) <= MOST_DEGREE_OF_SIGNS + 1:
        return []
    p, roots = _inner(p, a, b), set()
    for u, v in _isolate(p := _square_free(p), a, b) if _variations(_on_unit(p, a, b)) else []:
        rising = value(p, v) > 0
        for bits in (8, 16, 32):  # guess denominators below 2**bits
            while (v - u) * (1 << (2 * bits + 2)) > 1:
                middle = Fraction(u + v, 2)
                u, v = (u, middle) if (value(p, middle) > 0) == rising else (middle, v)
            guess = Fraction(u + v, 2).limit_denominator(1 << bits)
            if a < guess < b and not value(p, guess):
                roots.add(guess)
                break
    return sorted(roots)
