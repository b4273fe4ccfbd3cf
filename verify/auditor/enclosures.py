"""Interval arithmetic on integers: the interval (lo, hi) stands for [lo, hi] * 2**-p.

Every operation returns an interval that contains all its values on its arguments (on that part of them where it is
defined: that it is defined everywhere is proved elsewhere), and raises NoEnclosureError where no bounded one exists.
"""

from __future__ import annotations

from fractions import Fraction

from verify.auditor import elementary
from verify.auditor.elementary import INCREASING, LARGEST, Interval, NoEnclosureError, constant, negative


class Enclosures:
    """The operations at one precision p."""

    def __init__(self, p: int) -> None:
        self.p = p
        self.one = 1 << p

    def rational(self, q: Fraction) -> Interval:
        """The narrowest interval that contains q."""
        if q.numerator.bit_length() > q.denominator.bit_length() + LARGEST:
            raise NoEnclosureError("a number is too large")
        n = q.numerator << self.p
        return n // q.denominator, -(-n // q.denominator)

    def pi(self) -> Interval:
        """Pi."""
        value = constant("pi", self.p)
        return value - 2, value + 2

    def product(self, a: Interval, b: Interval) -> Interval:
        """The product."""
        ends = (a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1])
        return min(ends) >> self.p, -(-max(ends) >> self.p)

    def reciprocal(self, a: Interval) -> Interval:
        """1 / a for a that does not contain 0."""
        if a[0] <= 0 <= a[1]:
            raise NoEnclosureError("a division by an interval that contains 0")
        square = 1 << 2 * self.p
        return square // a[1], -(-square // a[0])

    def power(self, a: Interval, exponent: Fraction) -> Interval:
        """The power with a constant exponent; for an exponent that is no integer, on the part of a that is >= 0."""
        if exponent < 0:
            return self.reciprocal(self.power(a, -exponent))
        if exponent.denominator == 1:
            return self._integer_power(a, exponent.numerator)
        if a[1] < 0:
            raise NoEnclosureError("a fractional power of a negative number")
        if exponent.denominator == 2:
            return self._integer_power(self.function("sqrt", a), exponent.numerator)
        return self._real_power(max(a[0], 0), exponent)[0], self._real_power(a[1], exponent)[1]

    def _integer_power(self, a: Interval, n: int) -> Interval:
        if n == 0:
            return self.one, self.one
        if max(-a[0], a[1]).bit_length() > self.p and n * (max(-a[0], a[1]).bit_length() - self.p) > LARGEST:
            raise NoEnclosureError("a power is too large")
        x, y, shift = a[0] ** n, a[1] ** n, self.p * (n - 1)
        lo = 0 if n % 2 == 0 and a[0] <= 0 <= a[1] else min(x, y)
        return lo >> shift, -(-max(x, y) >> shift)

    def _real_power(self, n: int, exponent: Fraction) -> Interval:
        """exp(exponent log x) for x >= 0, the logarithm with as many more digits as the power magnifies its error."""
        if n == 0:
            return 0, 0
        extra = 16 + abs(n.bit_length() - self.p) * (exponent.numerator // exponent.denominator + 1)
        fine = Enclosures(self.p + extra)
        lo, hi = fine.function("exp", fine.product(elementary.log(n << extra, fine.p), fine.rational(exponent)))
        return lo >> extra, -(-hi >> extra)

    def function(self, name: str, a: Interval) -> Interval:
        """The elementary function of that name."""
        if name == "sqrt":
            a = max(a[0], 0) if a[1] >= 0 else a[0], a[1]
        if name in ("asin", "acos") and a[0] <= self.one and a[1] >= -self.one:
            a = max(a[0], -self.one), min(a[1], self.one)
        if name in INCREASING:
            f = INCREASING[name]
            low = f(a[0], self.p)
            return low if a[0] == a[1] else (low[0], f(a[1], self.p)[1])
        if name == "acos":
            return elementary.acos(a[1], self.p)[0], elementary.acos(a[0], self.p)[1]
        if name == "cosh":
            low = elementary.cosh(0 if a[0] <= 0 <= a[1] else min(abs(a[0]), abs(a[1])), self.p)
            return low[0], elementary.cosh(max(abs(a[0]), abs(a[1])), self.p)[1]
        return self._periodic(name, a)

    def _periodic(self, name: str, a: Interval) -> Interval:
        """Sine, cosine, tangent: monotone between the multiples m pi/2 that may lie in a (after its left end)."""
        w = max(self.p, a[1].bit_length(), a[0].bit_length()) + 8
        pi, shift = constant("pi", w), w + 1 - self.p
        first = min((a[0] << shift) // (pi + e) for e in (-2, 2)) + 1
        last = max((a[1] << shift) // (pi + e) for e in (-2, 2))
        met = {m % 4 for m in range(first, min(last, first + 3) + 1)}
        if name == "tan":
            if met & {1, 3}:
                raise NoEnclosureError("a tangent at its pole")
            return elementary.tan(a[0], self.p)[0], elementary.tan(a[1], self.p)[1]
        f, top, bottom = (elementary.sin, 1, 3) if name == "sin" else (elementary.cos, 0, 2)
        low = f(a[0], self.p)
        high = low if a[0] == a[1] else f(a[1], self.p)
        return (
            -self.one if bottom in met else min(low[0], high[0]),
            self.one if top in met else max(low[1], high[1]),
        )


__all__ = ["Enclosures", "Interval", "NoEnclosureError", "negative"]
