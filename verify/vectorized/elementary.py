"""Elementary functions on arrays of doubles, with proved error bounds.

Only `+ - * /` and `sqrt` are used, which IEEE 754 rounds correctly (NumPy's own `exp`, `log`, ... come without
proof), after argument reductions that are exact or nearly so (as in fdlibm). Each function states a bound that leaves a
factor of 8 or more to what a count of the roundings gives. Arguments that are nan give nan.

Let u = 2^-53. A Horner scheme of degree n for `sum c_i z^i` errs by at most `4 (n + 1) u sum |c_i z^i|`, the
rounding of the coefficients included.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RELATIVE = 2.0**-45
"""Relative error of `exp`, `log`, `atan`; absolute error of `sin`, `cos`."""
RELATIVE_OF_ERF = 2.0**-40

LARGEST_EXPONENT = 700.0
LARGEST_ANGLE = 2.0**20
LARGEST_ERF = 6.0

_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10  # 33 bits, and the rest
_HALF_PI = (1.57079632673412561417e00, 6.07710050630396597660e-11, 2.02226624871116645580e-21)  # 33 bits each
_SQRT_HALF = math.sqrt(0.5)
_EXP = [1 / math.factorial(k) for k in range(15)]
_LOG = [2 / (2 * k + 1) for k in range(12)]
_ATAN = [(-1) ** k / (2 * k + 1) for k in range(15)]
_SIN = [(-1) ** k / math.factorial(2 * k + 1) for k in range(10)]
_COS = [(-1) ** k / math.factorial(2 * k) for k in range(11)]


def _horner(coefficients: list[float], z: Floats) -> Floats:
    result = z * coefficients[-1] + coefficients[-2]
    for c in coefficients[-3::-1]:
        result *= z
        result += c
    return result


def exp(x: Floats) -> Floats:
    """Return exp(x) for |x| <= LARGEST_EXPONENT, with relative error below RELATIVE.

    x = k log 2 + r with |r| < 0.35: k has 10 bits, so its product with the high part is exact; r errs by less than
    2 u, the series by 0.35^15/15! < u.
    """
    k = np.rint(x * (1 / math.log(2)))
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    return _horner(_EXP, r) * _power_of_two(k)


def _power_of_two(k: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        bits: NDArray[np.int64] = (k.astype(np.int64) + 1023) << 52
    result: Floats = bits.view(np.float64)
    return result


def log(x: Floats) -> Floats:
    """Return log(x) for normal x > 0, with relative error below RELATIVE.

    x = 2^e m with sqrt(1/2) <= m < sqrt(2), log m = 2 atanh(f) with f = (m - 1)/(m + 1), |f| < 0.172: m - 1 is exact.
    The series errs by less than 0.0296^12/25 < u, relatively. Where e is not 0, the sum is at least 0.34 in size, and
    its terms at most (|e| + 1/2) log 2: the loss is a factor below 4.
    """
    m, e = np.frexp(x)
    low = m < _SQRT_HALF
    m = m * (1.0 + low)
    e = e - low
    f = (m - 1.0) / (m + 1.0)
    result: Floats = e * _LN2_HIGH + (e * _LN2_LOW + f * _horner(_LOG, f * f))
    return result


def atan(x: Floats) -> Floats:
    """Return atan(x), with relative error below RELATIVE.

    Reduced to [0, 1] by atan x = pi/2 - atan(1/x), then twice by atan y = 2 atan(y/(1 + sqrt(1 + y^2))) to y < 0.199;
    the series errs by less than 0.0396^15/31 < u.
    """
    size = np.abs(x)
    far = size > 1.0
    y = np.minimum(size, 1.0) / np.maximum(size, 1.0)  # exact division by 1, or by size where it is > 1
    for _ in range(2):
        y = y / (1.0 + np.sqrt(1.0 + y * y))
    y = 4.0 * y * _horner(_ATAN, y * y)
    return np.copysign(np.where(far, math.pi / 2 - y, y), x)


def sin_cos(x: Floats) -> tuple[Floats, Floats]:
    """Return sin(x) and cos(x) for |x| <= LARGEST_ANGLE, with absolute error below RELATIVE.

    x = k pi/2 + r with |r| < 0.79: k has 20 bits, so its products with the 33-bit parts of pi/2 are exact; r errs by
    less than 4 u. The series err by less than 0.79^21/21! < u.
    """
    k = np.rint(x * (2 / math.pi))
    r = ((x - k * _HALF_PI[0]) - k * _HALF_PI[1]) - k * _HALF_PI[2]
    z = r * r
    s, c = r * _horner(_SIN, z), _horner(_COS, z)
    with np.errstate(invalid="ignore"):
        quarter = k.astype(np.int64) & 3
    swap, poison = (quarter & 1).astype(bool), x - x
    sine, cosine = np.where(swap, c, s), np.where(swap, s, c)
    sine = np.where(quarter & 2, -sine, sine)
    cosine = np.where((quarter + 1) & 2, -cosine, cosine)
    return sine + poison, cosine + poison


def erf(x: Floats) -> Floats:
    """Return erf(x) for |x| <= LARGEST_ERF, with relative error below RELATIVE_OF_ERF.

    erf x = (2/sqrt(pi)) x exp(-x^2) sum_k (2 x^2)^k / (1 3 ... (2k + 1)), whose terms are positive; x^2 <= 36 errs by
    36 u, the terms by 4 k u. The terms left out are at most half of the one before, and together below u.
    """
    z = x * x
    most = float(np.max(z, initial=0.0, where=np.isfinite(z)))
    terms = _terms_of_erf(math.ceil(most))
    result = np.ones_like(z)
    for k in range(terms, 0, -1):
        result *= z * (2.0 / (2 * k + 1))
        result += 1.0
    return (2.0 / math.sqrt(math.pi)) * x * exp(-z) * result


@cache
def _terms_of_erf(most: int) -> int:
    """Return how many terms suffice for x^2 <= most: beyond them they halve, and the next one is below u."""
    k, term = 0, 1.0
    while term > 2.0**-56 or 4 * most > 2 * k + 3:
        k += 1
        term *= 2 * most / (2 * k + 1)
    return k
