"""Arrays of rectangles in the complex plane: enclosures of analytic functions around intervals.

The formulas are those of `verify.expressions.wide`: real and imaginary parts are bounded where they are extreme, by
monotony. Nothing is known (nan) where a function is not analytic on the whole rectangle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from verify.vectorized.intervals import LEAST, Floats, Interval, up

_ONE = Interval.exactly(np.float64(1.0))  # type: ignore[arg-type]
_HALF_PI = 1.5707963267948966  # below pi/2
_LAST = 1.57  # angles up to here are safely below pi/2
_APART = 0.125
_LOG_2 = Interval(np.float64(0.6931471805599453), np.float64(0.6931471805599454))  # type: ignore[arg-type]


@dataclass(slots=True)
class Rectangle:
    """Rectangles `re + i im`, elementwise."""

    re: Interval
    im: Interval

    @property
    def is_finite(self) -> NDArray[np.bool_]:
        """Where all ends are finite."""
        return self.re.is_finite & self.im.is_finite

    @property
    def size(self) -> Floats:
        """A bound of the modulus; squares of what is scaled to 1 neither vanish nor overflow."""
        a, b = self.re.size, self.im.size
        power = np.frexp(np.maximum(np.maximum(a, b), LEAST))[1]
        a, b = np.ldexp(a, -power), np.ldexp(b, -power)
        return up(np.ldexp(up(np.sqrt(up(up(a * a) + up(b * b)))), power))

    def __neg__(self) -> Rectangle:
        return Rectangle(-self.re, -self.im)

    def __add__(self, other: Rectangle | Interval) -> Rectangle:
        if isinstance(other, Interval):
            return Rectangle(self.re + other, self.im)
        return Rectangle(self.re + other.re, self.im + other.im)

    def __sub__(self, other: Rectangle | Interval) -> Rectangle:
        return self + -other

    def __mul__(self, other: Rectangle | Interval) -> Rectangle:
        if isinstance(other, Interval):
            return Rectangle(self.re * other, self.im * other)
        return Rectangle(self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re)

    def scaled(self, factor: float) -> Rectangle:
        """Return the product with a double."""
        return Rectangle(self.re.scaled(factor), self.im.scaled(factor))

    def square(self) -> Rectangle:
        """Return z^2."""
        return Rectangle(self.re.square() - self.im.square(), (self.re * self.im).scaled(2.0))

    def whole_power(self, exponent: int) -> Rectangle:
        """Return a power with a whole exponent, positive or negative."""
        if exponent < 0:
            return self.whole_power(-exponent).inverse()
        result, square = None, self
        while exponent:
            if exponent & 1:
                result = square if result is None else result * square
            exponent >>= 1
            if exponent:
                square = square.square()
        return Rectangle(_ONE, _ONE - _ONE) if result is None else result

    def exp(self) -> Rectangle:
        """Return exp(z) = e^x (cos y + i sin y)."""
        size = self.re.exp()
        return Rectangle(size * self.im.cos(), size * self.im.sin())

    def sin(self) -> Rectangle:
        """Return sin(z) = sin x cosh y + i cos x sinh y."""
        x, y = self.re, self.im
        return Rectangle(x.sin() * y.cosh(), x.cos() * y.sinh())

    def cos(self) -> Rectangle:
        """Return cos(z) = cos x cosh y - i sin x sinh y."""
        x, y = self.re, self.im
        return Rectangle(x.cos() * y.cosh(), -(x.sin() * y.sinh()))

    def sinh(self) -> Rectangle:
        """Return sinh(z) = sinh x cos y + i cosh x sin y."""
        x, y = self.re, self.im
        return Rectangle(x.sinh() * y.cos(), x.cosh() * y.sin())

    def cosh(self) -> Rectangle:
        """Return cosh(z) = cosh x cos y + i sinh x sin y."""
        x, y = self.re, self.im
        return Rectangle(x.cosh() * y.cos(), x.sinh() * y.sin())

    def tanh(self) -> Rectangle:
        """Return tanh(z) = (sinh 2x + i sin 2y)/(cosh 2x + cos 2y), whose parts are monotone for |y| < pi/4.

        The real part is tanh(2x)/(1 + cos(2y)/cosh(2x)). Elsewhere, 1 - 2/(exp(2z) + 1).
        """
        x, y = self.re.scaled(2.0), self.im.scaled(2.0)
        (near, far), (flat, steep) = _reach(x), _reach(y)
        tall = ~(steep.hi < _LAST)
        real, imaginary = [], []
        for end, lower in ((_at(x.lo), True), (_at(x.hi), False)):
            grows = end.lo < 0 if lower else end.hi > 0
            angle = _choose(grows, steep, flat).cos()
            real.append(end.tanh() * (_ONE + angle * end.cosh().inverse()).inverse())
        for end, lower in ((_at(y.lo), True), (_at(y.hi), False)):
            grows = end.lo < 0 if lower else end.hi > 0
            width = _choose(grows, near, far).cosh()
            imaginary.append(end.sin() * (width + end.cos()).inverse())
        re, im = Interval(real[0].lo, real[1].hi), Interval(imaginary[0].lo, imaginary[1].hi)
        if not tall.any():
            return Rectangle(re, im)
        # on a half-plane tanh z = 1 - 2w/(1 + w) with w = exp(-2z), |w| < 1
        negative = self.re.hi < 0
        w = _flipped(Rectangle(-x, -y), negative).exp()
        other = _flipped(-(w * (w + _ONE).inverse()).scaled(2.0) + _ONE, negative)
        plain = -((Rectangle(x, y).exp() + _ONE).inverse().scaled(2.0)) + _ONE
        return _pick(tall, _pick(_off_axis(self.re), other, plain), Rectangle(re, im))

    def erf(self) -> Rectangle:
        """Return erf(z): the real function plus the integral of its derivative up to the rectangle."""
        near, far = _reach(self.re)[0], _reach(self.im)[1]
        room = ((far.square() - near.square()).exp() * far).scaled(2 / 1.7724538509)  # above 2/sqrt(pi)
        ball = Interval(-room.hi, room.hi)
        return Rectangle(self.re.erf() + ball, ball)

    def atan(self) -> Rectangle:
        """Return atan(z) for |Im z| < 1: (atan(x/(1 - y)) + atan(x/(1 + y)))/2 + i log(1 + 4y/((1 - y)^2 + x^2))/4."""
        tall = ~((self.im.lo > -1) & (self.im.hi < 1))
        found = self._atan_low()
        if not tall.any():
            return found
        # where Re z >= 1, atan z = pi/2 - atan(1/z), and |Im 1/z| <= 1/2
        quarter = np.where(self.re.lo > 0, _HALF_PI, -_HALF_PI)
        turn = Interval(quarter - 2.0**-50, quarter + 2.0**-50)
        far = (self.re.lo >= 1) | (self.re.hi <= -1)
        return _pick(tall & far, -(self.inverse()._atan_low()) + turn, _nowhere(found, tall))

    def _atan_low(self) -> Rectangle:
        x, y = self.re, self.im
        near, far = (e.square() for e in _reach(x))
        bad = _unless((y.lo > -1) & (y.hi < 1))
        parts = [(x * d.inverse()).atan() for d in (_ONE - y, _ONE + y)]
        ends = []
        for end, high in ((_at(y.lo), False), (_at(y.hi), True)):
            grows = (end.lo > 0) == high
            side = (_ONE - end).square() + _choose(grows, near, far)
            ends.append((_ONE + end.scaled(4.0) * side.inverse()).log().scaled(0.25))
        real = (parts[0] + parts[1]).scaled(0.5)
        return Rectangle(Interval(real.lo + bad, real.hi), Interval(ends[0].lo, ends[1].hi))

    def inverse(self) -> Rectangle:
        """Return 1/z where x > 0, x < 0, y > 0 or y < 0 on the whole rectangle."""
        x, y = self.re, self.im
        if np.all(x.lo > 0):
            return _inverse_right(x, y)
        upright = (x.lo > 0) | (x.hi < 0)
        # 1/z = -i/(-i z): elsewhere the rectangle is turned onto the right half-plane, then onto itself
        turned = Rectangle(_choose(upright, x, y), _choose(upright, y, -x))
        flipped = turned.re.hi < 0
        found = _inverse_right(_choose(flipped, -turned.re, turned.re), _choose(flipped, -turned.im, turned.im))
        real, imaginary = _choose(flipped, -found.re, found.re), _choose(flipped, -found.im, found.im)
        return Rectangle(_choose(upright, real, imaginary), _choose(upright, imaginary, -real))

    def log(self) -> Rectangle:
        """Return the principal log(z) where x > 0, y > 0 or y < 0 on the whole rectangle."""
        x, y = self.re, self.im
        if np.all(x.lo > 0):
            return _log_right(x, y)
        right, above = x.lo > 0, y.lo > 0
        # log z = log(-i z) + i pi/2 above the axis, log(i z) - i pi/2 below
        found = _log_right(_choose(right, x, _choose(above, y, -y)), _choose(right, y, _choose(above, -x, x)))
        quarter = np.where(right, 0.0, np.where(above, _HALF_PI, -_HALF_PI))
        turn = Interval(quarter - 2.0**-50 * ~right, quarter + 2.0**-50 * ~right)
        return Rectangle(found.re, found.im + turn)

    def log_cosh(self) -> Rectangle:
        """Return log(cosh(z)) for |Im z| < pi/2: log(cosh^2 x - sin^2 y)/2 + i atan(tanh x tan y).

        cosh^2 x - sin^2 y = cosh^2 x (1 - (sin y/cosh x)^2).
        """
        x, y = self.re, self.im
        (near, far), (flat, steep) = _reach(x), _reach(y)
        tall = ~(steep.hi < _LAST)
        low = near.log_cosh() + _defect(steep, near)
        high = far.log_cosh() + _defect(flat, far)
        lean = x.tanh() * _tan(y)
        found = Rectangle(Interval(low.lo, high.hi), lean.atan())
        if not tall.any():
            return found
        # on a half-plane log cosh z = z - log 2 + log(1 + w) with w = exp(-2z), |w| < 1
        right = _flipped(self, x.hi < 0)
        other = right + ((-right).scaled(2.0).exp() + _ONE).log() - _LOG_2
        return _pick(tall & _off_axis(x), other, _nowhere(found, tall))

    def softplus(self) -> Rectangle:
        """Return log(1 + exp(z)) for |Im z| < pi/2, where modulus and argument of 1 + e^z are monotone.

        |1 + e^z|^2 = (1 + e^x)^2 (1 - (1 - cos y)/(2 cosh^2(x/2))).
        """
        x, y = self.re, self.im
        flat, steep = _reach(y)
        tall = ~(steep.hi < _LAST)
        ends = []
        for end, angle in ((_at(x.lo), steep), (_at(x.hi), flat)):
            share = (_ONE - angle.cos()) * end.scaled(0.5).cosh().square().inverse().scaled(0.5)
            ends.append(end.softplus() + (_ONE - share).log().scaled(0.5))
        low, high = _argument(x, y.lo, lower=True), _argument(x, y.hi, lower=False)
        found = Rectangle(Interval(ends[0].lo, ends[1].hi), Interval(low.lo, high.hi))
        if not tall.any():
            return found
        # on a half-plane log(1 + exp z) = log(1 + w) + (0 or z) with w = exp(z) or exp(-z), |w| < 1
        left = _flipped(self, x.lo > 0)
        rest = (left.exp() + _ONE).log()
        other = _pick(x.lo > 0, rest + self, rest)
        return _pick(tall & _off_axis(x), other, _nowhere(found, tall))

    def sqrt(self) -> Rectangle:
        """Return the principal square root."""
        return self.real_power(Interval.exactly(np.float64(0.5)), True)  # type: ignore[arg-type]

    def real_power(self, exponent: Interval, positive: bool) -> Rectangle:
        """Return z^exponent = exp(exponent log z), whatever the sign of the exponent."""
        return (self.log() * exponent).exp()


def _off_axis(x: Interval) -> NDArray[np.bool_]:
    """Return where real parts are so far from 0 that |exp(-z)| or |exp(z)| is well below 1."""
    return (x.lo > _APART) | (x.hi < -_APART)


def _flipped(z: Rectangle, which: NDArray[np.bool_]) -> Rectangle:
    """Return -z at some places, z at the others."""
    return Rectangle(_choose(which, -z.re, z.re), _choose(which, -z.im, z.im))


def _pick(condition: NDArray[np.bool_], yes: Rectangle, no: Rectangle) -> Rectangle:
    return Rectangle(_choose(condition, yes.re, no.re), _choose(condition, yes.im, no.im))


def _nowhere(z: Rectangle, which: NDArray[np.bool_]) -> Rectangle:
    """Return z, with nothing known at some places."""
    bad = np.where(which, np.nan, 0.0)
    return Rectangle(Interval(z.re.lo + bad, z.re.hi + bad), z.im)


def _at(x: Floats) -> Interval:
    return Interval(x, x)


def _unless(good: NDArray[np.bool_]) -> Floats:
    """Return 0 where a statement holds, nan elsewhere."""
    return np.where(good, 0.0, np.nan)


def _choose(condition: NDArray[np.bool_], yes: Interval, no: Interval) -> Interval:
    return Interval(np.where(condition, yes.lo, no.lo), np.where(condition, yes.hi, no.hi))


def _reach(x: Interval) -> tuple[Interval, Interval]:
    """Return the least and the largest absolute value, as points."""
    size = x.magnitude()
    return _at(size.lo), _at(size.hi)


def _tan(y: Interval) -> Interval:
    """Return tan(y) for |y| < _LAST, by monotony."""
    low, high = (e.sin() * e.cos().inverse() for e in (_at(y.lo), _at(y.hi)))
    return Interval(low.lo, high.hi)


def _defect(y: Interval, x: Interval) -> Interval:
    """Return log(1 - (sin y/cosh x)^2)/2."""
    return (_ONE - (y.sin() * x.cosh().inverse()).square()).log().scaled(0.5)


def _argument(x: Interval, y: Floats, *, lower: bool) -> Interval:
    """Return the end of arg(1 + e^(x + iy)) for |y| < pi/2: between 0 and y, nearer to y for large x."""
    end = _at(np.where((y < 0) == lower, x.hi, x.lo))
    angle = _at(y)
    return (angle.sin() * ((-end).exp() + angle.cos()).inverse()).atan()


def _inverse_right(x: Interval, y: Interval) -> Rectangle:
    """Return 1/z for x > 0, with Re = x/(x^2 + y^2) and Im = -y/(x^2 + y^2)."""
    bad = _unless(x.lo > 0)
    a, b = _at(x.lo), _at(x.hi)
    near, far = _reach(y)
    far_square = far.square()
    ends = [e * (e.square() + far_square).inverse() for e in (a, b)]
    best = _at(np.minimum(np.maximum(near.lo, x.lo), x.hi))  # x/(x^2 + near^2) rises until x = near
    top = best * (best.square() + near.square()).inverse()
    real = Interval(np.minimum(ends[0].lo, ends[1].lo) + bad, top.hi)
    return Rectangle(real, Interval(-_highest(y.lo, y.hi, x).hi, _highest(-y.hi, -y.lo, x).hi))


def _highest(low: Floats, high: Floats, x: Interval) -> Interval:
    """Return the largest t/(x^2 + t^2) for low <= t <= high and x in an interval of numbers > 0.

    For t > 0 the best x is the least one, and it rises until t = x; for t <= 0 the best x is the largest, t an end.
    """
    a, b = _at(x.lo).square(), _at(x.hi).square()
    t = _at(np.minimum(np.maximum(low, x.lo), high))
    rising = t * (a + t.square()).inverse()
    ends = [e * (b + e.square()).inverse() for e in (_at(low), _at(high))]
    falling = Interval(np.maximum(ends[0].lo, ends[1].lo), np.maximum(ends[0].hi, ends[1].hi))
    return _choose(high > 0, rising, falling)


def _log_right(x: Interval, y: Interval) -> Rectangle:
    bad = _unless(x.lo > 0)
    size = (x.square() + y.square()).log().scaled(0.5)
    a, b = _at(x.lo), _at(x.hi)
    low = (_at(y.lo) * _choose(y.lo < 0, a, b).inverse()).atan()
    high = (_at(y.hi) * _choose(y.hi > 0, a, b).inverse()).atan()
    return Rectangle(Interval(size.lo + bad, size.hi), Interval(low.lo, high.hi))
