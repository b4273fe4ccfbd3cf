"""Exact polynomials in one variable over Q: lists of coefficients, lowest degree first, no leading zero ([] is 0)."""

from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

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


def primitive(p: Polynomial, x: Fraction, y: Fraction = Fraction(0)) -> Polynomial:
    """The primitive with the value y at x."""
    rising = [Fraction(0), *(Fraction(c, k + 1) for k, c in enumerate(p))]
    return add(rising, [y - value(rising, x)])


def integral(p: Polynomial, a: Fraction, b: Fraction) -> Fraction:
    """The integral from a to b."""
    return value(primitive(p, a), b)


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


@lru_cache(1 << 10)
def _chain(*p: Fraction) -> list[Polynomial]:
    """Sturm's chain: p, its derivative, and minus the remainders of the divisions that follow, up to factors > 0."""
    chain = [list(p), derivative(list(p))]
    while chain[-1]:
        rest = divide(chain[-2], chain[-1])[1]
        chain.append([Fraction(-c, abs(rest[-1])) for c in rest])
    return chain[:-1]


def _changes(p: Polynomial, x: Fraction) -> int:
    """The changes of sign in Sturm's chain: between points that are no roots, as many are lost as there are roots."""
    signs = [y > 0 for q in _chain(*p) if (y := value(q, x))]
    return sum(u != v for u, v in pairwise(signs))


def _isolate(p: Polynomial, a: Fraction, b: Fraction) -> list[tuple[Fraction, Fraction]]:
    """Intervals with one root of p in (a, b) each; p is not 0 at a, b and any of their ends."""
    found, stack = [], [(a, b)]
    while stack:
        u, v = stack.pop()
        count = _changes(p, u) - _changes(p, v)
        middle = Fraction(u + v, 2)
        while not value(p, middle):
            middle = Fraction(u + middle, 2)
        found += [(u, v)] if count == 1 else []
        stack += [(u, middle), (middle, v)] if count > 1 else []
    return found


def signs_of(low: Fraction | int, high: Fraction | int) -> tuple[int, int]:
    """The signs of both ends."""
    return (low > 0) - (low < 0), (high > 0) - (high < 0)


def sign(p: Polynomial, a: Fraction, b: Fraction) -> tuple[int, int]:
    """The least and largest sign of p in the open interval (a, b), or at the point a = b; (-1, 1) if p is too large."""
    if len(p) - 1 > MOST_DEGREE_OF_SIGNS and a < b:
        return -1, 1
    roots = []
    if a < b and p:
        roots = _isolate(p := _inner(p, a, b), a, b)
    values = [value(p, x) for x in (a, *(x for interval in roots for x in interval), b)] + [Fraction(0)] * len(roots)
    return signs_of(min(values), max(values))


def rational_roots(p: Polynomial, a: Fraction, b: Fraction) -> list[Fraction]:
    """Rational roots of p in (a, b): all if the degree is 1, otherwise those with denominators <= 2**32."""
    if len(p) == 2:
        return [x for x in [Fraction(-p[0], p[1])] if a < x < b]
    if not 2 < len(p) <= MOST_DEGREE_OF_SIGNS + 1:
        return []
    p, roots = _inner(p, a, b), set()
    p = divide(p, gcd(p, derivative(p)))[0]
    for u, v in _isolate(p, a, b):
        rising = value(p, v) > 0
        while (v - u) * (1 << 66) > 1:  # then no other fraction with such a denominator is as near
            middle = Fraction(u + v, 2)
            u, v = (u, middle) if (value(p, middle) > 0) == rising else (middle, v)
        guess = Fraction(u + v, 2).limit_denominator(1 << 32)
        if a < guess < b and not value(p, guess):
            roots.add(guess)
    return sorted(roots)
