"""Elementary functions of one exact argument as intervals of integers, and interval arithmetic.

`f(n, p)` encloses f(n * 2**-p) in [lo, hi] * 2**-p. Each function works at a precision w > p and carries an integer
bound of its error in units of 2**-w ("ulp"); the comments argue the bounds. A floor division, a shift and an integer
square root are off by less than 1 ulp each. The loops stop when a term is at most 1 ulp; the tail is then below 4.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import cache, lru_cache
from math import isqrt

Interval = tuple[int, int]
LARGEST = 1 << 13  # most binary digits before the point


class NoEnclosureError(Exception):
    """There is no bounded enclosure (a pole, log at 0), or none that a function smooth on its argument would have."""


def exclude(bad: bool, what: str) -> None:
    """NoEnclosureError in a bad case."""
    if bad:
        raise NoEnclosureError(what)


def outward(value: int, error: int, shift: int) -> Interval:
    """[value - error, value + error] * 2**-shift, rounded outward to integers."""
    return (value - error) >> shift, -((-value - error) >> shift)


def _series(x: int, w: int, sign: int) -> tuple[int, int]:
    """(value, error) of atanh x for sign = 1, of atan x for sign = -1, where x <= 1/4."""
    square = x * x >> w
    term, total, i = x, 0, 1
    while abs(term) > 1:
        total += term // i  # off by at most 3
        term, i = sign * (term * square >> w), i + 2
    return total, 3 * i + 8


@cache
def _constant(name: str, w: int) -> int:
    # The coefficients add up to 28 at most, the errors are below 2 w: half a unit is left when the guard is cut.
    guard = w.bit_length() + 10
    sign, parts = (-1, ((16, 5), (-4, 239))) if name == "pi" else (1, ((18, 26), (-2, 4801), (8, 8749)))
    return sum(factor * _series((1 << (w + guard)) // n, w + guard, sign)[0] for factor, n in parts) >> guard


def constant(name: str, w: int) -> int:
    """Pi or log 2 ("pi", "ln2") at scale 2**-w, off by at most 2 ulp."""
    wide = (w | 255) + 1
    return _constant(name, wide) >> (wide - w)


def exp(n: int, p: int) -> Interval:
    """e**x by x = k log 2 + r, Taylor at r / 2**h, h squarings."""
    if n == 0:
        return 1 << p, 1 << p
    k = (2 * n + constant("ln2", p)) // (2 * constant("ln2", p))
    exclude(k > LARGEST, "an exponential is too large")
    if k < -p - 2:
        return 0, 1  # x < (k + 1) log 2
    h = isqrt(p + max(k, 0)) // 2 + 4
    w = p + max(k, 0) + 2 * h + k.bit_length() + p.bit_length() + 12
    r = ((n << (w - p)) - k * constant("ln2", w)) >> h  # |r| < 1/32, off by 2 |k| / 2**h + 1
    total = term = 1 << w
    i = 0
    while abs(term) > 1:
        i += 1
        term = (term * r >> w) // i  # off by at most 3
        total += term
    for _ in range(h):  # values below 3/2: an error E becomes at most 2 (3/2) E + E**2 ulp + 1 <= 4 E
        total = total * total >> w
    lo, hi = outward(total, (3 * i + 2 * abs(k) + 8) << (2 * h), w - p - k)
    return max(lo, 0), hi


def log(n: int, p: int) -> Interval:
    """log x for x > 0 by x = 2**k m, log m = 2 atanh((m - 1) / (m + 1))."""
    exclude(n <= 0, "a logarithm at 0")
    if n == 1 << p:
        return 0, 0
    k = n.bit_length() - p
    w = p + k.bit_length() + p.bit_length() + 12
    m = n << (w - p - k) if w - p >= k else n >> (k - w + p)
    if 10 * m < 7 << w:
        m, k = 2 * m, k - 1  # now 7/10 <= m < 7/5, off by at most 2
    z = ((m - (1 << w)) << w) // (m + (1 << w))  # |z| < 0.18, off by at most 3
    total, error = _series(z, w, 1)
    return outward(2 * total + k * constant("ln2", w), 2 * error + 2 * abs(k), w - p)


def _sin_cos(n: int, p: int) -> tuple[int, int, int, int]:
    """(sine, cosine, error, w) by x = q pi/2 + r and Taylor."""
    w = p + max(n.bit_length() - p, 0) + p.bit_length() + 12
    pi, x = constant("pi", w), n << (w - p)
    q = (4 * x + pi) // (2 * pi)
    r = x - (q * pi >> 1)  # |r| < 4/5, off by |q| + 1
    sums, term, i = [1 << w, 0], 1 << w, 0
    while abs(term) > 1:
        i += 1
        term = (term * r >> w) // i  # off by at most 3
        sums[i % 2] += -term if i % 4 > 1 else term
    c, s = sums
    s, c = ((s, c), (c, -s), (-s, -c), (-c, s))[q % 4]
    return s, c, 3 * i + abs(q) + 8, w


def sin(n: int, p: int) -> Interval:
    """Sine."""
    s, _, error, w = _sin_cos(n, p)
    lo, hi = outward(s, error, w - p)
    return max(lo, -1 << p), min(hi, 1 << p)


def cos(n: int, p: int) -> Interval:
    """Cosine."""
    _, c, error, w = _sin_cos(n, p)
    lo, hi = outward(c, error, w - p) if n else (1 << p, 1 << p)
    return max(lo, -1 << p), min(hi, 1 << p)


def tan(n: int, p: int) -> Interval:
    """Tangent, the quotient of sine and cosine; its poles are irrational."""
    s, c, error, _ = _sin_cos(n, p)
    exclude(abs(c) <= error, "a tangent at its pole")
    ends = [((s + a) << p, c + b) for a in (-error, error) for b in (-error, error)]
    return min(a // b for a, b in ends), max(-(-a // b) for a, b in ends)


def _angle(y: int, x: int, w: int) -> tuple[int, int]:
    """(atan(y/x), error) for x, y >= 0, not both 0, at scale w."""
    if y > x:
        value, error = _angle(x, y, w)
        return (constant("pi", w) >> 1) - value, error + 4
    t = (y << w) // x
    for _ in range(3):  # atan t = 2 atan(t / (1 + sqrt(1 + t**2))): an error E becomes at most E/2 + 2
        t = (t << w) // ((1 << w) + isqrt((1 << 2 * w) + t * t))
    total, error = _series(t, w, -1)  # t < 1/10, off by at most 4, which moves the arc tangent by as much
    return total << 3, (error + 4) << 3


def atan(n: int, p: int) -> Interval:
    """Arc tangent."""
    w = p + p.bit_length() + 12
    return outward(*_angle(n << (w - p), 1 << w, w), w - p)


def asin(n: int, p: int) -> Interval:
    """Arc sine, the angle at (sqrt(1 - x**2), x), which moves by no more than the root is off."""
    exclude(n > 1 << p, "an arc sine outside [-1, 1]")
    w = p + p.bit_length() + 12
    x = n << (w - p)
    value, error = _angle(x, isqrt((1 << 2 * w) - x * x), w)
    return outward(value, error + 4, w - p)


def acos(n: int, p: int) -> Interval:
    """Arc cosine, pi/2 - asin."""
    if n == 1 << p:
        return 0, 0
    (lo, hi), half_pi = enclosed("asin", n << 2, p + 2), constant("pi", p + 1)  # both at scale p + 2
    return (half_pi - 2 - hi) >> 2, -((lo - half_pi - 2) >> 2)


def tanh(n: int, p: int) -> Interval:
    """Hyperbolic tangent (1 - u) / (1 + u), u = e**(-2 x), falling in u."""
    low, high = exp(-n << 5, p + 4)
    one = 1 << (p + 4)
    return ((one - high) << p) // (one + high), -(((low - one) << p) // (one + low))


def sinh(n: int, p: int) -> Interval:
    """Hyperbolic sine (e**x - e**-x) / 2."""
    (a, b), (c, d) = exp(2 * n, p + 1), exp(-2 * n, p + 1)
    return (a - d) >> 2, -((c - b) >> 2)


def cosh(n: int, p: int) -> Interval:
    """Hyperbolic cosine (e**x + e**-x) / 2."""
    (a, b), (c, d) = exp(2 * n, p + 1), exp(-2 * n, p + 1)
    return max((a + c) >> 2, 1 << p), -((-b - d) >> 2)


def softplus(n: int, p: int) -> Interval:
    """log(1 + e**x) = max(x, 0) + log(1 + e**-|x|)."""
    low, high = exp(-abs(n), p)
    return max(n, 0) + log((1 << p) + low, p)[0], max(n, 0) + log((1 << p) + high, p)[1]


def erf(n: int, p: int) -> Interval:
    """Error function, 2/sqrt(pi) times the sum of (-1)**k x**(2k+1) / (k! (2k+1))."""
    square = n * n >> 2 * p
    if square > p + 2:
        return (1 << p) - 1, 1 << p  # erfc x <= e**(-x**2)
    # A term is off by t_k with t_(k+1) <= t_k x**2 / (k+1) + 3, so by at most 3 e**(x**2) < 3 * 2**growth.
    growth = (3 * square + 4) // 2
    w = p + 2 * growth + p.bit_length() + 12
    term, total, k = n << (w - p), 0, 0
    while abs(term) > 1 or k <= square:
        total += term // (2 * k + 1)
        k += 1
        term = -(term * n * n >> 2 * p) // k
    error = (4 * k + 8) << growth
    root = isqrt(constant("pi", w) << w)  # sqrt(pi), off by at most 3; the quotient is at most 1 + error
    lo, hi = outward((total << (w + 1)) // root, 2 * error + 8, w - p)
    return max(lo, 0), min(hi, 1 << p)


def sqrt(n: int, p: int) -> Interval:
    """Square root of x >= 0."""
    exclude(n < 0, "a square root of a negative number")
    root = isqrt(n << p)
    return root, root + (root * root < n << p)


FUNCTIONS: dict[str, Callable[[int, int], Interval]] = {
    "exp": exp, "log": log, "sin": sin, "cos": cos, "tan": tan, "asin": asin, "acos": acos, "atan": atan, "sinh": sinh,
    "cosh": cosh, "tanh": tanh, "erf": erf, "sqrt": sqrt, "softplus": softplus,
}  # fmt: skip
_ODD = frozenset({"sin", "tan", "asin", "atan", "sinh", "tanh", "erf"})  # their own code is for arguments > 0


@lru_cache(1 << 14)
def enclosed(name: str, n: int, p: int) -> Interval:
    """The function of that name at n * 2**-p."""
    if name not in _ODD or n > 0:
        return FUNCTIONS[name](n, p)
    low, high = FUNCTIONS[name](-n, p) if n else (0, 0)
    return -high, -low


class Enclosures:
    """The operations at one precision p on intervals (lo, hi), which stand for [lo, hi] * 2**-p.

    Every operation returns an interval that contains all its values on its arguments (on that part of them where it is
    defined: that it is defined everywhere is proved elsewhere), and raises NoEnclosureError where none is bounded.
    """

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
        ends = [enclosed(name, n, self.p) for n in (a if a[0] < a[1] else a[:1])]
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
