"""Arrays of real intervals with double end points, rounded outward.

An end that is nan or infinite means that nothing is known there; it spreads to every result that depends on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.enclosure import Enclosure
from verify.vectorized import elementary

Floats = NDArray[np.float64]

_ULP = 2.0**-52
LEAST = 1e-300
_PI = float.fromhex("0x1.921fb54442d18p+1")
_SLACK = 1e-9


def down(x: Floats) -> Floats:
    """Return numbers below the exact results of which x are the rounded ones.

    |x| 2^-52 is at least the spacing of doubles around a normal x; the smallest normal ones are covered by LEAST.
    """
    return x - (np.abs(x) * _ULP + LEAST)


def up(x: Floats) -> Floats:
    """Return numbers above the exact results of which x are the rounded ones."""
    return x + (np.abs(x) * _ULP + LEAST)


@dataclass(slots=True)
class Interval:
    """Intervals [lo, hi], elementwise; the arrays broadcast as NumPy's do."""

    lo: Floats
    hi: Floats

    @classmethod
    def of(cls, value: Fraction) -> Interval:
        """The narrowest interval around a rational. Raises OverflowError beyond the doubles."""
        lo, hi = bounds(value)
        return cls(np.float64(lo), np.float64(hi))  # type: ignore[arg-type]

    @classmethod
    def around(cls, values: Sequence[Enclosure], shape: tuple[int, ...]) -> Interval:
        """The narrowest intervals around enclosures, in an array of a shape. Raises OverflowError."""
        low, high = (cls.array([getattr(v, end) for v in values], shape) for end in ("lower", "upper"))
        return cls(low.lo, high.hi)

    @classmethod
    def array(cls, values: Sequence[Fraction], shape: tuple[int, ...]) -> Interval:
        """The narrowest intervals around rationals, in an array of a shape. Raises OverflowError."""
        ends = np.array([bounds(v) for v in values], dtype=np.float64).reshape(-1, 2)
        return cls(np.ascontiguousarray(ends[:, 0]).reshape(shape), np.ascontiguousarray(ends[:, 1]).reshape(shape))

    @classmethod
    def exactly(cls, values: Floats) -> Interval:
        """Intervals of one point each."""
        return cls(values, values)

    @property
    def middle(self) -> Floats:
        """A number near the middle of each."""
        return 0.5 * self.lo + 0.5 * self.hi

    @property
    def radius(self) -> Floats:
        """A bound of the distance from `middle` to both ends."""
        middle = self.middle
        return up(np.maximum(self.hi - middle, middle - self.lo))

    @property
    def size(self) -> Floats:
        """The largest absolute value."""
        return np.maximum(-self.lo, self.hi)

    @property
    def is_finite(self) -> NDArray[np.bool_]:
        """Where both ends are finite."""
        return np.isfinite(self.lo) & np.isfinite(self.hi)

    def __getitem__(self, key: Any) -> Interval:
        return Interval(self.lo[key], self.hi[key])

    def __neg__(self) -> Interval:
        return Interval(-self.hi, -self.lo)

    def __add__(self, other: Interval) -> Interval:
        return Interval(down(self.lo + other.lo), up(self.hi + other.hi))

    def __sub__(self, other: Interval) -> Interval:
        return Interval(down(self.lo - other.hi), up(self.hi - other.lo))

    def __mul__(self, other: Interval) -> Interval:
        a, b = self.lo * other.lo, self.hi * other.hi
        c, d = self.lo * other.hi, self.hi * other.lo
        return Interval(
            down(np.minimum(np.minimum(a, b), np.minimum(c, d))), up(np.maximum(np.maximum(a, b), np.maximum(c, d)))
        )

    def scaled(self, factor: float) -> Interval:
        """Return the product with a double."""
        low, high = (self.lo, self.hi) if factor >= 0 else (self.hi, self.lo)
        return Interval(down(low * factor), up(high * factor))

    def join(self, other: Interval) -> Interval:
        """Return the smallest intervals that contain both."""
        return Interval(np.minimum(self.lo, other.lo), np.maximum(self.hi, other.hi))

    def magnitude(self) -> Interval:
        """Return the absolute values."""
        return Interval(np.maximum(np.maximum(self.lo, -self.hi), 0.0) + 0.0 * self.lo, self.size)

    def square(self) -> Interval:
        """Return the squares."""
        size = self.magnitude()
        return Interval(np.maximum(down(size.lo * size.lo), 0.0), up(size.hi * size.hi))

    def inverse(self) -> Interval:
        """Return 1/x, nothing known where an interval contains 0."""
        bad = np.where((self.lo > 0) | (self.hi < 0), 0.0, np.nan)
        return Interval(down(1.0 / self.hi) + bad, up(1.0 / self.lo) + bad)

    def sqrt(self) -> Interval:
        """Return the square roots of what is >= 0."""
        lo, hi = np.sqrt(np.maximum(self.lo, 0.0)), np.sqrt(np.maximum(self.hi, 0.0))
        return Interval(np.maximum(down(lo), 0.0), up(hi))

    def exp(self) -> Interval:
        """Return exp(x)."""
        most = elementary.LARGEST_EXPONENT
        lo = _shrunk(elementary.exp(np.clip(self.lo, -most, most)), elementary.RELATIVE)
        hi = _grown(elementary.exp(np.clip(self.hi, -most, most)), elementary.RELATIVE)
        if np.any(self.lo < -most):
            lo = np.where(self.lo < -most, 0.0, lo)
        if np.any(self.hi > most):
            hi = np.where(self.hi > most, np.inf, hi)
        return Interval(lo, hi)

    def log(self) -> Interval:
        """Return log(x), nothing known where an interval reaches 0."""
        with np.errstate(all="ignore"):
            lo = np.where((self.lo > 1e-300) & (self.hi < 1e300), self.lo, np.nan)
            return _widened(elementary.log(lo), elementary.log(self.hi + 0.0 * lo), elementary.RELATIVE)

    def atan(self) -> Interval:
        """Return atan(x)."""
        return _widened(elementary.atan(self.lo), elementary.atan(self.hi), elementary.RELATIVE)

    def erf(self) -> Interval:
        """Return erf(x), which is within 2^-50 of 1 for x >= 6."""
        most = elementary.LARGEST_ERF
        lo, hi = (elementary.erf(np.clip(x, -most, most)) for x in (self.lo, self.hi))
        found = _widened(lo, hi, elementary.RELATIVE_OF_ERF)
        return Interval(np.maximum(found.lo, -1.0), np.minimum(found.hi, 1.0))

    def sin(self) -> Interval:
        """Return sin(x)."""
        return self._wave(0, 0.25)

    def cos(self) -> Interval:
        """Return cos(x)."""
        return self._wave(1, 0.0)

    def _wave(self, which: int, top: float) -> Interval:
        """Return sine (0) or cosine (1), with its maxima at 2 pi (k + top) and its minima half a turn further."""
        most = elementary.LARGEST_ANGLE
        ends = [elementary.sin_cos(np.clip(x, -most, most))[which] for x in (self.lo, self.hi)]
        lo = np.minimum(*ends) - elementary.RELATIVE
        hi = np.maximum(*ends) + elementary.RELATIVE
        first, last = self.lo / (2 * _PI), self.hi / (2 * _PI)
        pad = _SLACK + (np.abs(first) + np.abs(last)) * 1e-14
        far = self.size > most
        for shift, sign in ((top, 1), (top + 0.5, -1)):
            extreme = (np.floor(last - shift + pad) >= np.ceil(first - shift - pad)) | far
            if sign > 0:
                hi = np.where(extreme, 1.0 + 0.0 * hi, hi)
            else:
                lo = np.where(extreme, -1.0 + 0.0 * lo, lo)
        return Interval(np.maximum(lo, -1.0), np.minimum(hi, 1.0))

    def tanh(self) -> Interval:
        """Return tanh(x) = 1 - 2/(exp(2x) + 1), which is increasing."""
        one = Interval.exactly(np.float64(1.0))  # type: ignore[arg-type]
        found = one - ((self.scaled(2.0).exp() + one).inverse()).scaled(2.0)
        return Interval(np.maximum(found.lo, -1.0), np.minimum(found.hi, 1.0))

    def cosh(self) -> Interval:
        """Return cosh(x)."""
        size = self.magnitude()
        found = (size.exp() + (-size).exp()).scaled(0.5)
        ends = Interval(size.lo, size.lo), Interval(size.hi, size.hi)
        low, high = ((e.exp() + (-e).exp()).scaled(0.5) for e in ends)
        return Interval(np.maximum(low.lo, 1.0) + 0.0 * found.lo, high.hi)

    def sinh(self) -> Interval:
        """Return sinh(x), which is increasing."""
        grows, falls = self.exp(), (-self).exp()
        # at each end both exponentials are those of that end
        low = Interval(grows.lo, grows.lo) - Interval(falls.hi, falls.hi)
        high = Interval(grows.hi, grows.hi) - Interval(falls.lo, falls.lo)
        return Interval(low.lo * 0.5, high.hi * 0.5)

    def log_cosh(self) -> Interval:
        """Return log(cosh(x)) = |x| + log((1 + exp(-2|x|))/2), which is increasing in |x|."""
        size = self.magnitude()
        low, high = (_log_cosh(Interval(e, e)) for e in (size.lo, size.hi))
        return Interval(np.maximum(low.lo, 0.0), high.hi)

    def softplus(self) -> Interval:
        """Return log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)), which is increasing."""
        low, high = (_softplus(e) for e in (self.lo, self.hi))
        return Interval(np.maximum(low.lo, 0.0), high.hi)

    def whole_power(self, exponent: int) -> Interval:
        """Return a power with a whole exponent, positive or negative."""
        if exponent < 0:
            return self.whole_power(-exponent).inverse()
        base = self.magnitude() if exponent % 2 == 0 else self
        low, high = (_repeated(Interval(e, e), exponent) for e in (base.lo, base.hi))
        return Interval(np.maximum(low.lo, 0.0) if exponent % 2 == 0 else low.lo, high.hi)

    def real_power(self, exponent: Interval, positive: bool) -> Interval:
        """Return a power of what is >= 0 (the sign of the exponent is given), by monotony."""
        clipped = Interval(np.maximum(self.lo, 1e-250), np.maximum(self.hi, 1e-250))
        found = (clipped.log() * exponent).exp()
        if positive:
            return Interval(np.where(self.lo > 1e-250, found.lo, 0.0 + 0.0 * self.lo), found.hi)
        bad = np.where(self.lo > 1e-250, 0.0, np.nan)
        return Interval(found.lo + bad, found.hi + bad)


def bounds(value: Fraction) -> tuple[float, float]:
    """Return neighbouring doubles around a rational, equal if it is one. Raises OverflowError."""
    near = float(value)
    exact = Fraction(near)
    if exact == value:
        return near, near
    if exact < value:
        return near, float(np.nextafter(near, np.inf))
    return float(np.nextafter(near, -np.inf)), near


def _repeated(base: Interval, exponent: int) -> Interval:
    result, square = None, base
    while exponent:
        if exponent & 1:
            result = square if result is None else result * square
        exponent >>= 1
        if exponent:
            square = square * square
    return Interval.exactly(np.ones_like(base.lo)) if result is None else result


def _softplus(x: Floats) -> Interval:
    size = np.abs(x)
    rest = Interval(-size, -size).exp() + Interval.exactly(np.float64(1.0))  # type: ignore[arg-type]
    base = np.maximum(x, 0.0)
    return Interval(base, base) + rest.log()


def _log_cosh(size: Interval) -> Interval:
    half = Interval.exactly(np.float64(0.5))  # type: ignore[arg-type]
    return size + ((size.scaled(-2.0)).exp().scaled(0.5) + half).log()


def _shrunk(x: Floats, relative: float) -> Floats:
    return np.maximum(down(x * (1 - relative)), 0.0)


def _grown(x: Floats, relative: float) -> Floats:
    return up(x * (1 + relative))


def _widened(lo: Floats, hi: Floats, relative: float) -> Interval:
    """Return an interval around numbers known up to a relative error."""
    return Interval(down(lo - relative * np.abs(lo)), up(hi + relative * np.abs(hi)))
