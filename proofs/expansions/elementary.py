"""Elementary functions of truncated Puiseux series: exp, log, powers, trigonometric and hyperbolic functions, erf.

Each function takes the series of its argument and a precision (orders kept by inexact steps) and returns a series
with a true error term. Constants such as `exp(1)` or `sin(1)` stay exact (`proofs.numbers.constants`). What has no
expansion in powers of k (`log(k)`, `exp(1/k)`) is refused with that reason.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import floor

from proofs.expansions.series import ImpreciseError, Series, UndefinedGermError, exponential, sine_and_cosine
from proofs.numbers.constants import Constant, UndecidedError, expression, nearby, sign, tidied

Function = Callable[[Series, int], Series]

ONE = Series.constant(Fraction(1))
_KEPT = {"exp": (0, 1), "sin": (0, 0), "cos": (0, 1), "log": (1, 0), "atan": (0, 0), "asin": (0, 0), "erf": (0, 0)}


def constant_value(name: str, argument: Constant) -> Constant:
    """Return the exact value of a function at a constant in its domain."""
    at, value = _KEPT[name]
    if argument == at:
        return Fraction(value)
    import sympy

    functions = {"exp": sympy.exp, "sin": sympy.sin, "cos": sympy.cos, "log": sympy.log}
    functions |= {"atan": sympy.atan, "asin": sympy.asin, "erf": sympy.erf}
    return tidied(functions[name](expression(argument)))


def direction_at_infinity(series: Series) -> int:
    """Return 1 or -1 where the series tends to that infinity, 0 where it stays bounded. Raises ImpreciseError."""
    found = series.leading()
    if found is None:
        if series.order is None or series.order >= 0:
            return 0
        raise ImpreciseError
    return sign(found[1]) if found[0] < 0 else 0


def exp(series: Series, precision: int) -> Series:
    """The exponential; smaller than every power of k where the argument tends to minus infinity."""
    direction = direction_at_infinity(series)
    if direction > 0:
        raise UndecidedError("an exponential grows faster than every power of 1/k")
    if direction < 0:
        return Series((), precision)
    limit, small = series.at_zero()
    return exponential(small, precision).shifted(0, constant_value("exp", limit))


def log(series: Series, precision: int) -> Series:
    """The natural logarithm."""
    if series.is_exactly_zero:
        raise UndefinedGermError("the logarithm of 0")
    lead, factor, small = series.split_leading()
    if sign(factor) < 0:
        raise UndefinedGermError("the logarithm of a negative number")
    if lead:
        raise UndecidedError("the logarithm of something that tends to 0 or infinity has no expansion in powers of k")
    rest = (small.derivative() * (ONE + small).inverse(precision)).integral()
    return rest + Series.constant(constant_value("log", factor))


def sine_cosine(series: Series, precision: int) -> tuple[Series, Series]:
    """Sine and cosine; only bounded where the argument is unbounded."""
    if direction_at_infinity(series):
        return Series((), 0), Series((), 0)
    limit, small = series.at_zero()
    sine, cosine = sine_and_cosine(small, precision)
    if limit == 0:
        return sine, cosine
    at_sine = Series.constant(constant_value("sin", limit))
    at_cosine = Series.constant(constant_value("cos", limit))
    return at_sine * cosine + at_cosine * sine, at_cosine * cosine - at_sine * sine


def sin(series: Series, precision: int) -> Series:
    """The sine."""
    return sine_cosine(series, precision)[0]


def cos(series: Series, precision: int) -> Series:
    """The cosine."""
    return sine_cosine(series, precision)[1]


def tan(series: Series, precision: int) -> Series:
    """The tangent."""
    if direction_at_infinity(series):
        raise UndecidedError("the tangent of an unbounded argument")
    sine, cosine = sine_cosine(series, precision)
    return sine * cosine.inverse(precision)


def sinh(series: Series, precision: int) -> Series:
    """The hyperbolic sine."""
    if direction_at_infinity(series):
        raise UndecidedError("a hyperbolic sine grows faster than every power of 1/k")
    return (exp(series, precision) - exp(-series, precision)).shifted(0, Fraction(1, 2))


def cosh(series: Series, precision: int) -> Series:
    """The hyperbolic cosine."""
    if direction_at_infinity(series):
        raise UndecidedError("a hyperbolic cosine grows faster than every power of 1/k")
    return (exp(series, precision) + exp(-series, precision)).shifted(0, Fraction(1, 2))


def tanh(series: Series, precision: int) -> Series:
    """The hyperbolic tangent, by `1 - 2 / (exp(2u) + 1)`."""
    direction = direction_at_infinity(series)
    if direction:
        return Series.of({0: Fraction(direction)}, precision)
    return sinh(series, precision) * cosh(series, precision).inverse(precision)


def atan(series: Series, precision: int) -> Series:
    """The arc tangent; `atan(u) = +-pi/2 - atan(1/u)` for unbounded u."""
    direction = direction_at_infinity(series)
    if direction:
        import sympy

        return Series.constant(direction * sympy.pi / 2) - atan(series.inverse(precision), precision)
    limit, _ = series.at_zero()
    slope = series.derivative() * (ONE + series * series).inverse(precision)
    return slope.integral() + Series.constant(constant_value("atan", limit))


def asin(series: Series, precision: int) -> Series:
    """The arc sine; at the ends of its domain the expansion has half-integer powers."""
    if direction_at_infinity(series):
        raise UndefinedGermError("the arc sine of a number beyond 1")
    limit, small = series.at_zero()
    if small.is_exactly_zero and sign(limit**2 - 1) <= 0:
        return Series.constant(constant_value("asin", limit))
    rest = ONE - series * series
    found = rest.leading()
    if found is not None and sign(found[1]) < 0:
        raise UndefinedGermError("the arc sine of a number beyond 1")
    slope = series.derivative() * rest.power(Fraction(-1, 2), precision)
    return slope.integral() + Series.constant(constant_value("asin", limit))


def acos(series: Series, precision: int) -> Series:
    """The arc cosine, `pi/2 - asin`."""
    import sympy

    return Series.constant(sympy.pi / 2) - asin(series, precision)


def erf(series: Series, precision: int) -> Series:
    """The error function; it reaches its limits at infinity faster than every power."""
    import sympy

    direction = direction_at_infinity(series)
    if direction:
        return Series.of({0: Fraction(direction)}, precision)
    limit, _ = series.at_zero()
    slope = exp(-(series * series), precision) * series.derivative()
    return slope.integral().shifted(0, 2 / sympy.sqrt(sympy.pi)) + Series.constant(constant_value("erf", limit))


def sqrt(series: Series, precision: int) -> Series:
    """The square root."""
    return series.power(Fraction(1, 2), precision)


def absolute(series: Series, precision: int) -> Series:
    """The absolute value."""
    return series if sign_near_zero(series) >= 0 else -series


def step(series: Series, precision: int) -> Series:
    """The sign, -1, 0 or 1."""
    return Series.constant(Fraction(sign_near_zero(series)))


def round_down(series: Series, precision: int) -> Series:
    """The floor."""
    if direction_at_infinity(series):
        raise UndecidedError("the floor of an unbounded argument")
    limit, small = series.at_zero()
    whole = Fraction(floor(nearby(limit)))
    while sign(limit - whole) < 0:
        whole -= 1
    while sign(limit - whole - 1) >= 0:
        whole += 1
    if sign(limit - whole) == 0 and sign_near_zero(small) < 0:
        whole -= 1
    return Series.constant(whole)


def sign_near_zero(series: Series) -> int:
    """Return the sign for all small k > 0. Raises ImpreciseError if no kept term shows it."""
    if series.is_exactly_zero:
        return 0
    found = series.leading()
    if found is None:
        raise ImpreciseError
    return sign(found[1])


FUNCTIONS: dict[str, Function] = {
    "exp": exp, "log": log, "sin": sin, "cos": cos, "tan": tan, "sinh": sinh, "cosh": cosh, "tanh": tanh,
    "asin": asin, "acos": acos, "atan": atan, "erf": erf, "sqrt": sqrt,
    "Abs": absolute, "sign": step, "floor": round_down,
}  # fmt: skip
