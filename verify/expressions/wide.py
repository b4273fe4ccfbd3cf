"""Elementary functions on wide complex boxes, with enclosures near the true range.

The library's functions are made for balls about as small as a rounding error: `exp(3 +- 5)` encloses negative numbers,
and `1/z`, `log`, `atan`, `tanh` on a box a few units wide are worse. Bounds of analytic functions around an interval
need such boxes. Here each real and imaginary part is bounded at the ends where it is extreme, by monotony. Every
function returns nan where the function is not analytic on the whole box.
"""

from __future__ import annotations

from flint import acb, arb

_NARROW = arb(2) ** -7
_NOWHERE = acb("nan")


def is_wide(z: acb) -> bool:
    """Whether a box is so large that the library's enclosures would be poor."""
    return bool(z.real.rad() > _NARROW) or bool(z.imag.rad() > _NARROW)


def _between(lower: arb, upper: arb) -> arb:
    return lower.union(upper)


def _times(x: arb, y: arb) -> arb:
    """Return the product of two intervals."""
    a, b, c, d = x.lower(), x.upper(), y.lower(), y.upper()
    return (a * c).union(b * d).union((a * d).union(b * c))


def _reach(x: arb) -> tuple[arb, arb]:
    """Return the least and the largest absolute value in an interval."""
    low, high = x.lower(), x.upper()
    if low >= 0:
        return low, high
    if high <= 0:
        return -high, -low
    return arb(0), (-low).max(high)


def square(z: acb) -> acb:
    """Return z^2."""
    (a, b), (c, d) = _reach(z.real), _reach(z.imag)
    return acb(_between(a * a - d * d, b * b - c * c), 2 * _times(z.real, z.imag))


def exp(z: acb) -> acb:
    """Return exp(z) = e^x (cos y + i sin y)."""
    x, y = z.real, z.imag
    size = _between(x.lower().exp(), x.upper().exp())
    return acb(size) if y.is_zero() else acb(_times(size, y.cos()), _times(size, y.sin()))


def _cosh_real(x: arb) -> arb:
    low, high = _reach(x)
    return _between(low.cosh(), high.cosh())


def _sinh_real(x: arb) -> arb:
    return _between(x.lower().sinh(), x.upper().sinh())


def cosh(z: acb) -> acb:
    """Return cosh(z) = cosh x cos y + i sinh x sin y."""
    x, y = z.real, z.imag
    return acb(_cosh_real(x)) if y.is_zero() else acb(_times(_cosh_real(x), y.cos()), _times(_sinh_real(x), y.sin()))


def sinh(z: acb) -> acb:
    """Return sinh(z) = sinh x cos y + i cosh x sin y."""
    x, y = z.real, z.imag
    return acb(_sinh_real(x)) if y.is_zero() else acb(_times(_sinh_real(x), y.cos()), _times(_cosh_real(x), y.sin()))


def tanh(z: acb) -> acb:
    """Return tanh(z) = (sinh 2x + i sin 2y)/(cosh 2x + cos 2y), whose parts are monotone for |y| < pi/4."""
    x, y = 2 * z.real, 2 * z.imag
    if y.is_zero():
        return acb(_between(z.real.lower().tanh(), z.real.upper().tanh()))
    (near, far), (flat, steep) = _reach(x), _reach(y)
    if not steep < arb.pi() / 2:
        near_axis = 1 - 2 * inverse(exp(2 * z) + 1)
        return near_axis if near_axis.is_finite() else _far_tanh(z)
    real, imaginary = [], []
    for end, grows in ((x.lower(), x.lower() < 0), (x.upper(), x.upper() > 0)):
        real.append(end.tanh() / (1 + (steep if grows else flat).cos() / end.cosh()))
    for end, grows in ((y.lower(), y.lower() < 0), (y.upper(), y.upper() > 0)):
        imaginary.append(end.sin() / ((near if grows else far).cosh() + end.cos()))
    return acb(_between(*real), _between(*imaginary))


def erf(z: acb) -> acb:
    """Return erf(z): the real function plus the integral of its derivative up to the box, which is small."""
    x, y = z.real, z.imag
    real = acb(_between(x.lower().erf(), x.upper().erf()))
    if y.is_zero():
        return real
    near, far = _reach(x)[0], _reach(y)[1]
    room = 2 * far * (far * far - near * near).exp() / arb.pi().sqrt()
    ball = _between(-room, room)
    return real + acb(ball, ball)


def atan(z: acb) -> acb:
    """Return atan(z) for |Im z| < 1 or Re z != 0.

    In the strip (atan(x/(1 - y)) + atan(x/(1 + y)))/2 + i log(1 + 4y/((1 - y)^2 + x^2))/4.
    """
    x, y = z.real, z.imag
    if y.is_zero():
        return acb(_between(x.lower().atan(), x.upper().atan()))
    near, far = _reach(x)
    if not ((1 - y).lower() > 0 and (1 + y).lower() > 0):
        if not (x > 0 or x < 0):
            return _NOWHERE
        turned = inverse(z)  # nearer to the axis: atan(z) + atan(1/z) = pi/2 for Re z > 0
        if not turned.imag.abs_upper() < 1:
            return _NOWHERE
        return (arb.pi() / 2 if x > 0 else -arb.pi() / 2) - atan(turned)
    parts = [
        _between(_quotient(x.lower(), d, low=True).atan(), _quotient(x.upper(), d, low=False).atan())
        for d in (1 - y, 1 + y)
    ]
    ends = []
    for side, end in (("low", y.lower()), ("high", y.upper())):
        least, most = (1 - end) ** 2 + near * near, (1 - end) ** 2 + far * far
        grows = (end > 0) == (side == "high")
        ends.append((1 + 4 * end / (least if grows else most)).log() / 4)
    return acb((parts[0] + parts[1]) / 2, _between(*ends))


def _quotient(x: arb, d: arb, *, low: bool) -> arb:
    """Return the end of x/d for a number x and an interval d > 0."""
    return x / (d.lower() if bool(x < 0) == low else d.upper())


def inverse(z: acb) -> acb:
    """Return 1/z on a box without 0."""
    x, y = z.real, z.imag
    if x > 0:
        return _inverse_right(x, y)
    if x < 0:
        return -_inverse_right(-x, -y)
    if y > 0:  # 1/z = -i/(-i z)
        turned = _inverse_right(y, -x)
        return acb(turned.imag, -turned.real)
    if y < 0:
        turned = _inverse_right(-y, x)
        return acb(-turned.imag, turned.real)
    return _NOWHERE


def _inverse_right(x: arb, y: arb) -> acb:
    """Return 1/z for x > 0, with Re = x/(x^2 + y^2) and Im = -y/(x^2 + y^2)."""
    a, b = x.lower(), x.upper()
    near, far = _reach(y)
    least = (a / (a * a + far * far)).min(b / (b * b + far * far))
    best = near.max(a).min(b)  # x/(x^2 + near^2) rises until x = near
    real = _between(least, best / (best * best + near * near))
    if y.is_zero():
        return acb(real)
    c, d = y.lower(), y.upper()
    return acb(real, _between(-_highest(c, d, a, b), _highest(-d, -c, a, b)))


def _highest(low: arb, high: arb, a: arb, b: arb) -> arb:
    """Return the largest t/(x^2 + t^2) for low <= t <= high and 0 < a <= x <= b."""
    if high > 0:
        t = low.max(a).min(high)  # it rises until t = x
        return t / (a * a + t * t)
    return (low / (b * b + low * low)).max(high / (b * b + high * high))


def log(z: acb) -> acb:
    """Return the principal log(z) on a box that misses the half-line z <= 0."""
    x, y = z.real, z.imag
    if x > 0:
        return _log_right(x, y)
    quarter = acb(0, arb.pi() / 2)
    if y > 0:
        return _log_right(y, -x) + quarter
    if y < 0:
        return _log_right(-y, x) - quarter
    return _NOWHERE


def _log_right(x: arb, y: arb) -> acb:
    a, b = x.lower(), x.upper()
    near, far = _reach(y)
    size = _between(a * a + near * near, b * b + far * far)
    real = _between(size.lower().log(), size.upper().log()) / 2
    if y.is_zero():
        return acb(real)
    c, d = y.lower(), y.upper()
    return acb(real, _between((c / (a if c < 0 else b)).atan(), (d / (a if d > 0 else b)).atan()))


def log_cosh(z: acb) -> acb:
    """Return log(cosh(z)) for |Im z| < pi/2: log(cosh^2 x - sin^2 y)/2 + i atan(tanh x tan y)."""
    x, y = z.real, z.imag
    near, far = _reach(x)
    if y.is_zero():
        return acb(_between(_log_cosh(near), _log_cosh(far)))
    flat, steep = _reach(y)
    if not steep < arb.pi() / 2:  # analytic for x > 0 as well: z - log 2 + log(1 + e^(-2z))
        outward = z if x > 0 else -z
        return outward - arb.const_log2() + _log_near_one(exp(-2 * outward)) if x > 0 or x < 0 else _NOWHERE
    low = near.sinh() ** 2 + steep.cos() ** 2
    real = _between((low.log() / 2).lower(), _log_cosh(far) + (1 - (flat.sin() / far.cosh()) ** 2).log() / 2)
    lean = _times(_between(x.lower().tanh(), x.upper().tanh()), _between(y.lower().tan(), y.upper().tan()))
    return acb(real, _between(lean.lower().atan(), lean.upper().atan()))


def _log_near_one(w: acb) -> acb:
    """Return log(1 + w) for |w| <= r < 1: at most -log(1 - r) in size."""
    size = w.abs_upper()
    if not size < 1:
        return _NOWHERE
    room = -(1 - size).log()
    ball = _between(-room, room)
    return acb(ball, ball)


def _far_tanh(z: acb) -> acb:
    """Return tanh(z) for Re z != 0: 1 - 2w/(1 + w) with w = e^(-2z) for Re z > 0."""
    if not (z.real > 0 or z.real < 0):
        return _NOWHERE
    outward = z if z.real > 0 else -z
    size = exp(-2 * outward).abs_upper()
    if not size < 1:
        return _NOWHERE
    room = 2 * size / (1 - size)
    ball = _between(-room, room)
    result = 1 + acb(ball, ball)
    return result if z.real > 0 else -result


def _log_cosh(x: arb) -> arb:
    """Return log(cosh(x)) for a number x >= 0."""
    return x + ((-2 * x).exp() / 2 + arb(1) / 2).log()


def softplus(z: acb) -> acb:
    """Return log(1 + exp(z)) for |Im z| < pi/2, where modulus and argument of 1 + e^z are monotone."""
    x, y = z.real, z.imag
    if y.is_zero():
        return acb(_between(_softplus(x.lower()), _softplus(x.upper())))
    flat, steep = _reach(y)
    if not steep < arb.pi() / 2:
        if x > 0:  # analytic in both half-planes x != 0 as well
            return z + _log_near_one(exp(-z))
        return _log_near_one(exp(z)) if x < 0 else _NOWHERE
    ends = []
    for end, angle in ((x.lower(), steep), (x.upper(), flat)):  # |1 + e^z|^2 = 1 + 2 e^x cos y + e^(2x)
        size = end.exp()
        ends.append((1 + 2 * size * angle.cos() + size * size).log() / 2)
    return acb(_between(*ends), _between(_argument(x, y.lower(), low=True), _argument(x, y.upper(), low=False)))


def _softplus(x: arb) -> arb:
    return x.exp().log1p() if x < 0 else x + (-x).exp().log1p()


def _argument(x: arb, y: arb, *, low: bool) -> arb:
    """Return the end of arg(1 + e^(x + iy)) for a number |y| < pi/2: between 0 and y, nearer to y for large x."""
    end = x.upper() if bool(y < 0) == low else x.lower()
    return (y.sin() / ((-end).exp() + y.cos())).atan()


def power(z: acb, exponent: arb) -> acb:
    """Return z^exponent = exp(exponent log z) on a box that misses the half-line z <= 0."""
    return exp(log(z) * exponent)
