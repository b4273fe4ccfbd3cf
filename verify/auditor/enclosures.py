"""Interval arithmetic on integers: the interval (lo, hi) stands for [lo, hi] * 2**-p.

Every operation returns an interval that contains all its values on its arguments (on that part of them where it is
defined: that it is defined everywhere is proved elsewhere), and raises NoEnclosureError where no bounded one exists.
"""

from __future__ import annotations

from fractions import Fraction

from verify.auditor.elementary import FUNCTIONS, LARGEST, Interval, constant, exclude


class Enclosures:
    """The operations at one precision p."""

    def __init__(self, p: int) -> None:
        self.p = p
        self.one = 1 << p

    def rational(self, q: Fraction) -> Interval:
        """The narrowest interval that contains q."""
        exclude(q.numerator.bit_length() > q.denominator.bit_length() + LARGEST, "a number is too large")
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
        exclude(a[0] <= 0 <= a[1], "a division by an interval that contains 0")
        square = 1 << 2 * self.p
        return square // a[1], -(-square // a[0])

    def power(self, a: Interval, exponent: Fraction) -> Interval:
        """The power with a constant exponent; for an exponent that is no integer, on the part of a that is >= 0."""
        if exponent < 0:
            return self.reciprocal(self.power(a, -exponent))
        if exponent.denominator == 1:
            return self._integer_power(a, exponent.numerator)
        exclude(a[1] < 0, "a fractional power of a negative number")
        if exponent.denominator == 2:
            return self._integer_power(self.function("sqrt", a), exponent.numerator)
        return self._real_power(max(a[0], 0), exponent)[0], self._real_power(a[1], exponent)[1]

    def _integer_power(self, a: Interval, n: int) -> Interval:
        if n == 0:
            return self.one, self.one
        digits = max(-a[0], a[1]).bit_length() - self.p
        exclude(digits > 0 and n * digits > LARGEST, "a power is too large")
        x, y, shift = a[0] ** n, a[1] ** n, self.p * (n - 1)
        lo = 0 if n % 2 == 0 and a[0] <= 0 <= a[1] else min(x, y)
        return lo >> shift, -(-max(x, y) >> shift)

    def _real_power(self, n: int, exponent: Fraction) -> Interval:
        """exp(exponent log x) for x >= 0, the logarithm with as many more digits as the power magnifies its error."""
        if n == 0:
            return 0, 0
        extra = 16 + abs(n.bit_length() - self.p) * (exponent.numerator // exponent.denominator + 1)
        fine = Enclosures(self.p + extra)
        lo, hi = fine.function("exp", fine.product(FUNCTIONS["log"](n << extra, fine.p), fine.rational(exponent)))
        return lo >> extra, -(-hi >> extra)

    def function(self, name: str, a: Interval) -> Interval:
        """The elementary function of that name."""
        if name == "sqrt":
            a = max(a[0], 0) if a[1] >= 0 else a[0], a[1]
        if name in ("asin", "acos") and a[0] <= self.one and a[1] >= -self.one:
            a = max(a[0], -self.one), min(a[1], self.one)
        ends = [FUNCTIONS[name](n, self.p) for n in (a if a[0] < a[1] else a[:1])]
        low, high = min(lo for lo, _ in ends), max(hi for _, hi in ends)
        if name == "cosh":
            return self.one if a[0] <= 0 <= a[1] else low, high
        if name not in ("sin", "cos", "tan"):  # monotone
            return low, high
        met = self._quarters(a)
        exclude(name == "tan" and not met.isdisjoint({1, 3}), "a tangent at its pole")
        top, bottom = {"sin": (1, 3), "cos": (0, 2), "tan": (None, None)}[name]
        return -self.one if bottom in met else low, self.one if top in met else high

    def _quarters(self, a: Interval) -> set[int | None]:
        """The remainders m mod 4 of the multiples m pi/2 that may lie in a, after its left end."""
        w = max(self.p, a[1].bit_length(), a[0].bit_length()) + 8
        pi, shift = constant("pi", w), w + 1 - self.p
        first = min((a[0] << shift) // (pi + e) for e in (-2, 2)) + 1
        last = max((a[1] << shift) // (pi + e) for e in (-2, 2))
        return {m % 4 for m in range(first, min(last, first + 3) + 1)}
