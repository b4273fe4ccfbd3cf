"""Arrays of plain doubles, and what rounding may have done to them.

A program runs on `Points` at many places of a region at the cost of ordinary floating point, and once on `Rounded`,
which bounds for the whole region how far those results are from the exact ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.vectorized import elementary
from verify.vectorized.intervals import LEAST, Floats, Interval, up

_UNIT = 2.0**-52  # twice the unit roundoff: the errors are themselves computed with rounding
_ROUGH = 2.0**-42
"""Bounds the absolute error of the compositions below, beyond that of their argument, for results of size up to 1."""


@dataclass(slots=True)
class Points:
    """Doubles, with the operations of `Interval` without its guarantees."""

    values: Floats

    def __neg__(self) -> Points:
        return Points(-self.values)

    def __add__(self, other: Points | Interval) -> Points:
        return Points(self.values + _doubles(other))

    def __sub__(self, other: Points | Interval) -> Points:
        return Points(self.values - _doubles(other))

    def __mul__(self, other: Points | Interval) -> Points:
        return Points(self.values * _doubles(other))

    def square(self) -> Points:
        """Return x^2."""
        return Points(self.values * self.values)

    def inverse(self) -> Points:
        """Return 1/x."""
        return Points(1.0 / self.values)

    def whole_power(self, exponent: int) -> Points:
        """Return a power by repeated multiplication."""
        if exponent < 0:
            return self.whole_power(-exponent).inverse()
        result, square = np.ones_like(self.values), self.values
        while exponent:
            if exponent & 1:
                result = result * square
            exponent >>= 1
            if exponent:
                square = square * square
        return Points(result)

    def sqrt(self) -> Points:
        """Return the square root of what is >= 0."""
        return Points(np.sqrt(np.maximum(self.values, 0.0)))

    def exp(self) -> Points:
        """Return exp(x)."""
        return Points(elementary.exp(self.values))

    def log(self) -> Points:
        """Return log(x)."""
        return Points(elementary.log(self.values))

    def atan(self) -> Points:
        """Return atan(x)."""
        return Points(elementary.atan(self.values))

    def erf(self) -> Points:
        """Return erf(x)."""
        most = elementary.LARGEST_ERF
        return Points(elementary.erf(np.clip(self.values, -most, most)))

    def sin(self) -> Points:
        """Return sin(x)."""
        return Points(elementary.sin_cos(self.values)[0])

    def cos(self) -> Points:
        """Return cos(x)."""
        return Points(elementary.sin_cos(self.values)[1])

    def sinh(self) -> Points:
        """Return sinh(x)."""
        return Points(0.5 * (elementary.exp(self.values) - elementary.exp(-self.values)))

    def cosh(self) -> Points:
        """Return cosh(x)."""
        return Points(0.5 * (elementary.exp(self.values) + elementary.exp(-self.values)))

    def tanh(self) -> Points:
        """Return tanh(x) = 1 - 2/(exp(2x) + 1), which is 1 in doubles for x > 20."""
        return Points(1.0 - 2.0 / (elementary.exp(2.0 * np.clip(self.values, -300.0, 300.0)) + 1.0))

    def log_cosh(self) -> Points:
        """Return log(cosh(x)) = |x| + log((1 + exp(-2|x|))/2)."""
        size = np.abs(self.values)
        return Points(size + elementary.log(0.5 * elementary.exp(-2.0 * np.minimum(size, 300.0)) + 0.5))

    def softplus(self) -> Points:
        """Return log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|))."""
        size = np.minimum(np.abs(self.values), 600.0)
        return Points(np.maximum(self.values, 0.0) + elementary.log(1.0 + elementary.exp(-size)))

    def real_power(self, exponent: Interval, positive: bool) -> Points:
        """Return a power of what is > 0."""
        return Points(elementary.exp(np.clip(exponent.middle * elementary.log(self.values), -700.0, 700.0)))


@dataclass(slots=True)
class Rounded:
    """The range of exact results, and a bound of the error of the computed ones (infinite or nan where none is)."""

    range: Interval
    error: Floats

    @property
    def _reach(self) -> Interval:
        """Return an interval that contains the exact and the computed results."""
        return Interval(self.range.lo - up(self.error), self.range.hi + up(self.error))

    def _result(self, found: Interval, inherited: Floats, own: Floats | float) -> Rounded:
        return Rounded(found, inherited + own + LEAST)

    def __getitem__(self, key: Any) -> Rounded:
        return Rounded(self.range[key], self.error[key])

    def __neg__(self) -> Rounded:
        return Rounded(-self.range, self.error)

    def __add__(self, other: Rounded | Interval) -> Rounded:
        other = _rounded(other)
        found, inherited = self.range + other.range, self.error + other.error
        return self._result(found, inherited, (found.size + inherited) * _UNIT)

    def __sub__(self, other: Rounded | Interval) -> Rounded:
        return self + -_rounded(other)

    def __mul__(self, other: Rounded | Interval) -> Rounded:
        other = _rounded(other)
        return self._times(other, self.range * other.range)

    def _times(self, other: Rounded, found: Interval) -> Rounded:
        first, second = self.range.size, other.range.size
        inherited = first * other.error + second * self.error + self.error * other.error
        return self._result(found, inherited, (first * second + inherited) * _UNIT)

    def square(self) -> Rounded:
        """Return x^2."""
        return self._times(self, self.range.square())

    def inverse(self) -> Rounded:
        """Return 1/x; nothing is known where the interval contains 0."""
        rate = self._reach.inverse().size
        return self._result(self.range.inverse(), rate * rate * self.error * (1 + 1e-9), rate * _UNIT)

    def whole_power(self, exponent: int) -> Rounded:
        """Return a power by repeated multiplication."""
        if exponent < 0:
            return self.whole_power(-exponent).inverse()
        result, square, count = None, self, exponent
        while count:
            if count & 1:
                result = square if result is None else result * square
            count >>= 1
            if count:
                square = square.square()
        one = Interval.exactly(np.ones_like(self.error))
        return Rounded(self.range.whole_power(exponent), result.error) if result is not None else _rounded(one)

    def sqrt(self) -> Rounded:
        """Return the square root."""
        rate = self._reach.sqrt().inverse().scaled(0.5).size
        found = self.range.sqrt()
        return self._result(found, rate * self.error, found.size * _UNIT)

    def exp(self) -> Rounded:
        """Return exp(x), |x| being small enough."""
        most = self._reach.exp().size
        bad = _unless(self._reach.size < elementary.LARGEST_EXPONENT)
        return self._result(self.range.exp(), most * self.error, most * 2 * elementary.RELATIVE + bad)

    def log(self) -> Rounded:
        """Return log(x)."""
        found = self.range.log()
        return self._result(found, self._reach.inverse().size * self.error, self._reach.log().size * _ROUGH)

    def atan(self) -> Rounded:
        """Return atan(x), whose derivative is at most 1."""
        return self._gentle(self.range.atan(), 2.0)

    def erf(self) -> Rounded:
        """Return erf(x), whose derivative is below 1.2; it is within 2^-50 of 1 beyond the range that is computed."""
        found = self.range.erf()
        return self._result(found, 1.2 * self.error, 2 * elementary.RELATIVE_OF_ERF)

    def sin(self) -> Rounded:
        """Return sin(x), whose derivative is at most 1."""
        return self._wave(self.range.sin())

    def cos(self) -> Rounded:
        """Return cos(x), whose derivative is at most 1."""
        return self._wave(self.range.cos())

    def _wave(self, found: Interval) -> Rounded:
        return self._gentle(found, 1.0 + _unless(self._reach.size < elementary.LARGEST_ANGLE))

    def _gentle(self, found: Interval, scale: Floats | float) -> Rounded:
        """Return the result of a function with derivative of modulus at most 1."""
        return self._result(found, self.error, _ROUGH * scale)

    def sinh(self) -> Rounded:
        """Return sinh(x)."""
        return self._hyperbolic(self.range.sinh())

    def cosh(self) -> Rounded:
        """Return cosh(x)."""
        return self._hyperbolic(self.range.cosh())

    def _hyperbolic(self, found: Interval) -> Rounded:
        rate = self._reach.cosh().size
        bad = _unless(self._reach.size < elementary.LARGEST_EXPONENT)
        return self._result(found, rate * self.error, rate * _ROUGH + bad)

    def tanh(self) -> Rounded:
        """Return tanh(x), whose derivative is at most 1."""
        return self._gentle(self.range.tanh(), 1.0)

    def log_cosh(self) -> Rounded:
        """Return log(cosh(x)), whose derivative is at most 1."""
        return self._gentle(self.range.log_cosh(), 1.0 + self._reach.size)

    def softplus(self) -> Rounded:
        """Return log(1 + exp(x)), whose derivative is at most 1."""
        return self._gentle(self.range.softplus(), 1.0 + self._reach.size)

    def real_power(self, exponent: Interval, positive: bool) -> Rounded:
        """Return exp(exponent log(x)) for x > 0."""
        return (self.log() * exponent).exp()


def _doubles(other: Points | Interval) -> Floats:
    return other.values if isinstance(other, Points) else other.middle


def _rounded(other: Rounded | Interval) -> Rounded:
    return other if isinstance(other, Rounded) else Rounded(other, other.radius)


def _unless(good: NDArray[np.bool_]) -> Floats:
    """Return 0 where a statement holds, infinity elsewhere."""
    return np.where(good, 0.0, math.inf)
