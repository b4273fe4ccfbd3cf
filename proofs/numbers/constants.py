"""Exact real constants: rationals, and SymPy expressions whose sign is proved or refused, never rounded.

A constant is a `Fraction` wherever it is rational. Otherwise it is a SymPy expression: a number such as `pi` or
`sqrt(2)/2`, or an expression in symbols with assumptions. Signs of numbers are proved with rigorous balls (and zeros
with separation bounds or algebraic simplification), signs of expressions with symbols from their assumptions.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from proofs.numbers.radicals import separation_bits

if TYPE_CHECKING:
    import flint

Constant: TypeAlias = Any
"""A `Fraction`, or a SymPy expression."""

_PRECISIONS = (64, 256, 1024)
_MAX_BITS = 100_000
_FUNCTIONS = ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "asin", "acos", "atan", "erf", "Abs")


class UndecidedError(Exception):
    """A sign, or an expansion, that exact computation could not settle; the text says which."""


def tidied(value: Constant) -> Constant:
    """Return the same constant: a `Fraction` if it is visibly rational, otherwise an expanded expression."""
    if isinstance(value, Fraction):
        return value
    if isinstance(value, int):
        return Fraction(value)
    import sympy

    simplified = sympy.cancel(sympy.together(value)) if value.free_symbols else sympy.expand(value)
    if simplified.is_Rational:
        return Fraction(int(simplified.p), int(simplified.q))
    return simplified


def expression(value: Constant) -> Any:
    """Return a constant as a SymPy expression."""
    if isinstance(value, Fraction | int):
        import sympy

        return sympy.Rational(value.numerator, value.denominator)
    return value


def vanishes(value: Constant) -> bool:
    """Whether a constant is zero. Raises UndecidedError where that cannot be proved either way."""
    value = tidied(value)
    if isinstance(value, Fraction):
        return not value
    if not value.free_symbols:
        return _sign_of_number(value) == 0
    import sympy

    answer = sympy.factor(value).is_zero
    if answer is None:
        raise UndecidedError(f"cannot tell whether {_shown(value)} is zero")
    return bool(answer)


def visibly_vanishes(value: Constant) -> bool:
    """Whether a constant is proved to be zero (no means: it is not, or that is open)."""
    try:
        return vanishes(value)
    except UndecidedError:
        return False


def sign(value: Constant) -> int:
    """Return the sign, -1, 0 or 1, of a constant. Raises UndecidedError where it cannot be proved."""
    value = tidied(value)
    if isinstance(value, Fraction):
        return (value > 0) - (value < 0)
    if not value.free_symbols:
        return _sign_of_number(value)
    import sympy

    factored = sympy.factor(value)
    for answer, holds in ((0, factored.is_zero), (1, factored.is_positive), (-1, factored.is_negative)):
        if holds:
            return answer
    raise UndecidedError(f"cannot tell the sign of {_shown(value)}")


def nearby(value: Constant) -> Fraction:
    """Return a rational within about 1e-15 of a number, for choosing points (nothing is decided by it)."""
    value = tidied(value)
    if isinstance(value, Fraction):
        return value
    ball = _enclosure(value, _PRECISIONS[0])
    if ball is None or not ball.is_finite():
        raise UndecidedError(f"cannot enclose {_shown(value)}")
    middle = ball.mid().fmpq()
    return Fraction(int(middle.p), int(middle.q))


def text(value: Constant) -> str:
    """Return a constant as an expression of the grammar of INTERFACE.md."""
    return str(value)


def _shown(value: Any) -> str:
    full = str(value)
    return full if len(full) <= 120 else full[:117] + "..."


def _sign_of_number(value: Any) -> int:
    for precision in _PRECISIONS:
        ball = _enclosure(value, precision)
        if ball is None:
            break
        if ball > 0:
            return 1
        if ball < 0:
            return -1
    if _is_exactly_zero(value):
        return 0
    raise UndecidedError(f"cannot tell the sign of {_shown(value)}")


def _is_exactly_zero(value: Any) -> bool:
    """Whether a number that no ball separates from 0 is proved to be 0."""
    import sympy

    bits = separation_bits(value)
    if bits is None:
        return bool(sympy.simplify(value) == 0)
    if bits > _MAX_BITS:
        return False
    ball = _enclosure(value, 2 * bits + 64)
    return ball is not None and bool(abs(ball) * 2**bits < 1)


def _enclosure(value: Any, precision: int) -> flint.arb | None:
    """Return a ball that contains a SymPy number, or None for one that this program has no balls for."""
    import flint

    with flint.ctx.workprec(precision):
        return _ball(value)


def _ball(value: Any) -> flint.arb | None:
    import flint
    import sympy

    if value.is_Rational:
        return flint.arb(flint.fmpq(int(value.p), int(value.q)))
    if value is sympy.pi:
        return flint.arb.pi()
    if value is sympy.E:
        return flint.arb(1).exp()
    parts = [_ball(argument) for argument in value.args]
    balls = [part for part in parts if part is not None]
    if not balls or len(balls) < len(parts):
        return None
    if value.is_Add:
        return sum(balls[1:], balls[0])
    if value.is_Mul:
        product = balls[0]
        for ball in balls[1:]:
            product = product * ball
        return product
    if value.is_Pow and value.exp.is_Integer:
        return balls[0] ** int(value.exp)
    if value.is_Pow:
        return (balls[1] * balls[0].log()).exp() if balls[0] > 0 else None
    name = type(value).__name__
    if name not in _FUNCTIONS or len(balls) != 1:
        return None
    return abs(balls[0]) if name == "Abs" else getattr(balls[0], name)()
