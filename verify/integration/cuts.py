"""Polynomial curves along the zeros of functions, and bounds of functions on intervals and boxes.

Zeros need not be known exactly: an integral may be cut along any curve near them, as long as what lies between the two
is bounded. The curve is the Chebyshev interpolant of zeros found in floating point; a function that is analytic and
bounded by M on the ellipse around an interval whose semi-axes add up to r differs from its interpolant in n Chebyshev
points by at most `4 M r^(1 - n)/(r - 1)`: each T_k, k >= n, with a coefficient of at most `2 M r^-k`, is taken for one
T_j or 0. An interpolant of values of size v is at most `(1 + (2/pi) log n) v < 4 v` (n <= 100).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from flint import acb, acb_poly, arb, arb_poly, ctx, fmpq

from verify.expressions.balls import to_fmpq
from verify.integration.cube import rectangles
from verify.integration.roots import Function, Sides, real_ball, sign_of

Side = tuple[fmpq, fmpq]
Line = Callable[[acb], acb]

_STEPS = 60
_BISECTIONS = 12
_PARTS = 48
_ELLIPSES = tuple(map(Fraction, (16, 8, 4, 2)))


@dataclass(frozen=True)
class Curve:
    """The polynomial `x -> p((x - middle)/half)` on the interval `side`."""

    polynomial: acb_poly
    side: Side

    @classmethod
    def constant(cls, value: fmpq, side: Side) -> Curve:
        """Return a constant."""
        return cls(acb_poly([acb(value)]), side)

    @classmethod
    def through(cls, heights: Sequence[arb], side: Side) -> Curve:
        """Return the polynomial with these values (their middles) at the Chebyshev points, about."""
        polynomial = arb_poly.interpolate(chebyshev(len(heights)), list(heights))
        return cls(acb_poly([acb(c.mid()) for c in polynomial.coeffs()]), side)

    @cached_property
    def is_constant(self) -> bool:
        """Whether the polynomial is given as a constant."""
        return bool(self.polynomial.degree() < 1)

    @cached_property
    def _slope(self) -> acb_poly:
        return self.polynomial.derivative()

    @cached_property
    def _scale(self) -> tuple[fmpq, fmpq]:
        low, high = self.side
        return (low + high) / 2, 2 / (high - low)

    def at(self, x: acb) -> acb:
        """Return the values over a (complex) ball."""
        if self.is_constant:
            return self.polynomial(acb(0))
        middle, scale = self._scale
        u = (x - middle) * scale
        plain = self.polynomial(u)
        if u.real.rad() < _THIN and u.imag.rad() < _THIN:
            return plain
        centre = acb(u.real.mid(), u.imag.mid())
        return self.polynomial(centre) + self._slope(u) * (u - centre)

    def slope(self, x: acb) -> acb:
        """Return the derivatives over a ball."""
        middle, scale = self._scale
        return self._slope((x - middle) * scale) * scale


_THIN = arb(2) ** -20


def chebyshev(n: int) -> list[arb]:
    """Return the Chebyshev points of the first kind on [-1, 1]."""
    return [arb.cos_pi_fmpq(fmpq(2 * k + 1, 2 * n)) for k in range(n)]


def places(n: int, side: Side) -> list[arb]:
    """Return the Chebyshev points on an interval."""
    low, high = side
    return [arb((low + high) / 2) + x * arb((high - low) / 2) for x in chebyshev(n)]


def zero_over(level: Line, slope: Line, low: arb, high: arb) -> arb | None:
    """Return a number near the zero of a monotone function in an interval, None if Newton's method stays outside."""
    z = (low + high).mid() / 2
    small = (high - low).mid() * arb(2) ** (24 - ctx.prec)
    for _ in range(_STEPS):
        step = (level(acb(z)) / slope(acb(z))).real.mid()
        if not step.is_finite():
            return None
        moved = (z - step).max(low).min(high).mid()
        if abs(moved - z) < small:
            return moved if abs(step) < 4 * small else None
        z = moved
    return None


def crossings(level: Line, slope: Line, side: Side, samples: int = 8) -> list[fmpq]:
    """Return numbers near the zeros at which a function on an interval was seen to change its sign."""
    low, high = side
    result = []
    points = [low + (high - low) * fmpq(i, samples) for i in range(samples + 1)]
    known = [level(acb(x)).real.mid() for x in points]
    for i in range(samples):
        a, b = points[i : i + 2]
        if known[i] * known[i + 1] >= 0:
            continue
        for _ in range(_BISECTIONS):
            middle = (a + b) / 2
            if level(acb(middle)).real.mid() * known[i] > 0:
                a = middle
            else:
                b = middle
        zero = zero_over(level, slope, arb(a), arb(b))
        result.append((a + b) / 2 if zero is None else zero.mid().fmpq())
    return result


def least(function: Function, sides: Sides) -> tuple[int, arb] | None:
    """Return the strict sign of a function on a box and a positive bound of its size from below, or None."""
    known = sign_of(function([acb((a + b) / 2) for a, b in sides]).real)
    if not known:
        return None
    stack, bound = [list(sides)], arb("inf")
    for _ in range(_PARTS):
        box = stack.pop()
        value = function([real_ball(side) for side in box]).real * known
        if value > 0:
            bound = bound.min(value.lower())
        else:
            i = max(range(len(box)), key=lambda i: (box[i][1] - box[i][0]) / (sides[i][1] - sides[i][0] or 1))
            a, b = box[i]
            middle = (a + b) / 2
            stack += [[*box[:i], half, *box[i + 1 :]] for half in ((a, middle), (middle, b))]
        if not stack:
            return known, bound
    return None


def excess(function: Line, slope: Line, side: Side) -> arb:
    """Return a bound >= 0 of a real function from above on an interval, given its derivative."""
    stack, bound = [side], arb(0)
    for i in range(_PARTS):
        low, high = stack.pop()
        whole = real_ball((low, high))
        value = function(whole).real.upper()
        if not value <= 0:
            rate = slope(whole).real
            if rate > 0 or rate < 0:
                value = function(acb(high if rate > 0 else low)).real.upper()
            elif i + len(stack) < _PARTS - 2:
                middle = (low + high) / 2
                stack += [(low, middle), (middle, high)]
                continue
        bound = bound.max(value)
        if not stack:
            return bound
    return arb("inf")


def size_along(function: Line, n: int, side: Side) -> arb:
    """Return a bound of the size of a function on an interval, where it is about 0 at n Chebyshev points."""
    low, high = side
    middle, half = (low + high) / 2, (high - low) / 2
    nodes = max((function(acb(x)).abs_upper() for x in places(n, side)), key=float)
    best = arb("inf")
    for r in _ELLIPSES:
        bound = arb(0)
        for across, wide, tall in rectangles(r, 4):
            height = half * tall
            spot = acb(
                real_ball((middle + half * (across - wide), middle + half * (across + wide))).real,
                real_ball((fmpq(0), 2 * height)).real,
            )
            value = function(spot)
            bound = bound.max(value.abs_upper()) if value.is_finite() else arb("inf")
            if not bound.is_finite():
                break
        if bound.is_finite():
            best = best.min(4 * bound * to_fmpq(r ** (1 - n) / (r - 1)))
    return 4 * nodes + best
