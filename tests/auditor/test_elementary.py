"""Elementary functions against arb: containment at random points and on intervals, tightness, exact special values.

With VERIFY_PROFILE=thorough 100,000 arguments of each function in place of some hundred.
"""

from __future__ import annotations

import os
import random
from fractions import Fraction

import mpmath
import pytest
from flint import arb, ctx

from verify.auditor.elementary import Enclosures, NoEnclosureError

REFERENCE = {
    "exp": lambda x: x.exp(),
    "log": lambda x: x.log(),
    "sqrt": lambda x: x.sqrt(),
    "sin": lambda x: x.sin(),
    "cos": lambda x: x.cos(),
    "tan": lambda x: x.tan(),
    "asin": lambda x: x.asin(),
    "acos": lambda x: x.acos(),
    "atan": lambda x: x.atan(),
    "sinh": lambda x: x.sinh(),
    "cosh": lambda x: x.cosh(),
    "tanh": lambda x: x.tanh(),
    "erf": lambda x: x.erf(),
    "softplus": lambda x: (1 + x.exp()).log(),
}
THOROUGH = os.environ.get("VERIFY_PROFILE") == "thorough"
RESTRICTED = {"asin": 1, "acos": 1}
POSITIVE = {"log", "sqrt"}


@pytest.fixture(autouse=True)
def _precision() -> None:
    ctx.prec = 3000


def ball(n: int, p: int) -> arb:
    return arb(n) * arb(2) ** (-p)


def contains(lo: int, hi: int, p: int, value: arb) -> bool:
    # the value is a ball of radius 2**-3000, which may meet the end of a narrow interval
    return not ball(lo, p) > value and not ball(hi, p) < value


def arguments(name: str, p: int, rng: random.Random) -> int:
    """A random argument: tiny, of size one, large, or next to a special point."""
    if name in RESTRICTED:
        one = 1 << p
        n = rng.choice([rng.randrange(one), one - rng.randrange(1 << rng.randrange(1, p)), one, rng.randrange(4)])
    else:
        size = rng.choice([-p + 3, -p // 2, -5, 0, 2, 4, 8, 40 if name not in ("exp", "sinh", "cosh") else 8])
        n = rng.getrandbits(max(p + size, 1))
        if rng.random() < 0.2:
            n = (n >> p) << p
    if name in POSITIVE:
        return n + (name == "log")
    return n if rng.random() < 0.5 else -n


@pytest.mark.parametrize("name", sorted(REFERENCE))
def test_points(name: str) -> None:
    rng = random.Random(name)
    for _ in range(60_000 if THOROUGH else 250):
        p = rng.choice([32, 53, 64, 96, 128, 192, 256])
        n = arguments(name, p, rng)
        ctx.prec = 3 * p + 800
        lo, hi = Enclosures(p).function(name, (n, n))
        value = REFERENCE[name](ball(n, p))
        assert contains(lo, hi, p, value), (n, p)
        assert hi - lo <= 4 + (abs(lo) >> (p - 8)), (n, p, hi - lo)


@pytest.mark.parametrize("name", sorted(REFERENCE))
def test_intervals(name: str) -> None:
    rng = random.Random(name)
    for _ in range(40_000 if THOROUGH else 150):
        p = rng.choice([64, 96, 128])
        ctx.prec = 3 * p + 800
        a, b = sorted((arguments(name, p, rng), arguments(name, p, rng)))
        if rng.random() < 0.5:
            b = min(b, a + rng.getrandbits(p - rng.randrange(0, p - 1)))
        try:
            lo, hi = Enclosures(p).function(name, (a, b))
        except NoEnclosureError:
            turns = [(ball(n, p) / arb.pi() - arb(0.5)).floor() for n in (a, b)]
            assert name == "tan" and turns[0] < turns[1]  # a pole between them
            continue
        inside = [a, b, *(rng.randint(a, b) for _ in range(8))]
        values = [REFERENCE[name](ball(n, p)) for n in inside]
        assert all(contains(lo, hi, p, value) for value in values), (a, b, p)
        if name not in ("sin", "cos", "cosh"):  # monotone: the ends are attained
            assert ball(hi - lo - 8 - (abs(hi) >> (p - 9)) - (abs(lo) >> (p - 9)), p) <= abs(values[0] - values[1])


def test_ranges_of_sine_and_cosine_have_the_right_extrema() -> None:
    e = Enclosures(64)
    for k in range(-9, 10):  # around k pi/2
        lo, hi = e.product(e.pi(), e.rational(Fraction(k, 2)))
        cell = lo - e.one // 8, hi + e.one // 9
        for name, top, bottom in (("sin", 1, 3), ("cos", 0, 2)):
            low, high = e.function(name, cell)
            assert (high == e.one) == (k % 4 == top)
            assert (low == -e.one) == (k % 4 == bottom)


def test_exact_values() -> None:
    e = Enclosures(80)
    zero, one = (0, 0), (e.one, e.one)
    for name in ("sin", "tan", "asin", "atan", "sinh", "tanh", "erf", "sqrt"):
        assert e.function(name, zero) == zero
    for name in ("exp", "cos", "cosh"):
        assert e.function(name, zero) == one
    assert e.function("log", one) == e.function("acos", one) == zero
    assert e.function("sqrt", (9 * e.one, 9 * e.one)) == (3 * e.one, 3 * e.one)


@pytest.mark.parametrize(
    "exponent", ["1/2", "3/2", "1/3", "-1/3", "7/5", "0.123456789", "-5/2", "2", "3", "-1", "-4", "17", "1000"]
)
def test_powers(exponent: str) -> None:
    q = Fraction(exponent)
    rng = random.Random(exponent)
    for _ in range(100):
        p = rng.choice([64, 128, 160])
        e = Enclosures(p)
        a = rng.getrandbits(p + rng.choice([-20, -3, 0, 2])) + (1 if q > 0 else e.one >> 6)
        b = a + rng.getrandbits(p - 2)
        if q.denominator == 1 and rng.random() < 0.4:
            a, b = -b, -a
        lo, hi = e.power((a, b), q)
        for n in (a, b, (a + b) // 2):
            x = ball(n, p)
            value = x ** int(q) if q.denominator == 1 else (x.log() * arb(q.numerator) / q.denominator).exp()
            assert contains(lo, hi, p, value), (a, b, p)


def test_powers_at_0() -> None:
    e = Enclosures(64)
    assert e.power((0, 4 * e.one), Fraction(1, 2)) == (0, 2 * e.one)
    assert e.power((-5, e.one), Fraction(1, 2)) == (0, e.one)  # on the part where it is defined
    assert e.power((0, e.one), Fraction(1, 3))[0] == 0
    assert e.power((-2 * e.one, e.one), Fraction(2)) == (0, 4 * e.one)
    for exponent in (Fraction(-1), Fraction(-1, 2)):
        with pytest.raises(NoEnclosureError):
            e.power((0, e.one), exponent)
    with pytest.raises(NoEnclosureError):
        e.power((-2, -1), Fraction(1, 2))


@pytest.mark.parametrize("p", [645, 902])
def test_a_pole_that_hardly_lies_in_an_interval(p: int) -> None:
    """At these precisions pi/2 is by less than 2**-10 units below, or above, a number; also beyond the other end."""
    with mpmath.workprec(p + 100):
        pole = mpmath.ldexp(mpmath.pi / 2, p)
        near = int(mpmath.nint(pole))
        assert 0 < abs(pole - near) < 2.0**-10
    e = Enclosures(p)
    with pytest.raises(NoEnclosureError):
        e.function("tan", (e.one, near) if pole < near else (near, 2 * e.one))
    low, high = e.function("tan", (e.one, near - 1) if pole < near else (near + 1, 2 * e.one))
    assert (low > 0) is (high > 0) is (pole < near)


def test_what_has_no_enclosure() -> None:
    e = Enclosures(64)
    for name, lo, hi in (("log", 0, 1), ("sqrt", -9, -1), ("asin", 2, 3), ("tan", 1, 2), ("exp", 10**6, 10**6)):
        with pytest.raises(NoEnclosureError):
            e.function(name, (lo * e.one, hi * e.one))
    assert e.function("exp", (-(10**9) * e.one, 0)) == (0, e.one)
