"""Expressions as ball functions: rigorous enclosures on complex boxes, fit for `acb.integral`.

A compiled function takes the variables as balls and the flag `analytic`. With the flag set, the result is finite only
where the expression is one analytic function on the whole box (traps 1 and 3 of DESIGN.md); without it, the result
encloses every value that the expression takes at real points of the box where it is defined.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import reduce
from typing import Any

from flint import acb, arb, fmpq

from verify.expressions import tree, wide
from verify.expressions.tree import Expression

BallFunction = Callable[[Sequence[acb], bool], acb]
_NOWHERE = acb("nan")

_ENTIRE = {"sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "erf"}
_WIDE = {"exp": wide.exp, "sinh": wide.sinh, "cosh": wide.cosh, "tanh": wide.tanh, "erf": wide.erf}


def to_fmpq(value: Fraction) -> fmpq:
    """Return the same rational for python-flint."""
    return fmpq(value.numerator, value.denominator)


def exact_bounds(ball: arb) -> tuple[Fraction, Fraction]:
    """Return the exact rational end points of a finite real ball. Raises ValueError if it is not finite."""
    if not ball.is_finite():
        raise ValueError("the ball is not finite")
    middle, radius = ball.mid().fmpq(), ball.rad().fmpq()
    lower, upper = middle - radius, middle + radius
    return Fraction(int(lower.p), int(lower.q)), Fraction(int(upper.p), int(upper.q))


def ball_between(lower: arb, upper: arb) -> arb:
    """Return a ball that contains both balls, hence the interval between them."""
    return lower.union(upper)


def compile_balls(node: Expression, variables: Sequence[str]) -> BallFunction:
    """Return the ball function of an expression; exact constants are taken in at the precision of each call."""
    return _compile(node, {name: i for i, name in enumerate(variables)})


def _compile(node: Expression, index: dict[str, int]) -> BallFunction:
    match node:
        case tree.Number(value):
            number = to_fmpq(value)
            return lambda x, analytic: acb(number)
        case tree.Constant(name):
            return (lambda x, analytic: acb.pi()) if name == "pi" else (lambda x, analytic: acb(arb.const_e()))
        case tree.Variable(name):
            i = index[name]
            return lambda x, analytic: x[i]
        case tree.Sum((tree.Product((tree.Number(slope), tree.Variable(name))), tree.Number(value))):
            i, factor, shift = index[name], to_fmpq(slope), to_fmpq(value)
            return lambda x, analytic: x[i] * factor + shift
        case tree.Sum((*parts, tree.Number(value))):
            shift, head = to_fmpq(value), _compile(tree.sum_of(parts), index)
            return lambda x, analytic: head(x, analytic) + shift
        case tree.Sum(parts):
            terms = [_compile(p, index) for p in parts]
            if len(terms) == 2:
                one, two = terms
                return lambda x, analytic: one(x, analytic) + two(x, analytic)
            return lambda x, analytic: reduce(lambda total, t: total + t(x, analytic), terms, acb(0))
        case tree.Product(parts):
            return _compile_product(parts, index)
        case tree.Power(base, exponent):
            return _compile_power(base, exponent, index)
        case tree.Call("log", (tree.Call("cosh", (part,)),)):
            return _either(_compile(part, index), wide.log_cosh, lambda z, analytic: z.cosh().log(analytic=analytic))
        case tree.Call(
            "log",
            (tree.Sum((tree.ONE, tree.Call("exp", (part,)))) | tree.Sum((tree.Call("exp", (part,)), tree.ONE)),),
        ):
            return _either(
                _compile(part, index), wide.softplus, lambda z, analytic: (z.exp() + 1).log(analytic=analytic)
            )
        case tree.Call(name, parts):
            return _compile_call(name, [_compile(p, index) for p in parts])
        case tree.Piecewise(branches):
            return _compile_piecewise(branches, index)


def _compile_product(parts: Sequence[Expression], index: dict[str, int]) -> BallFunction:
    if len(parts) == 1:
        return _compile(parts[0], index)
    if isinstance(parts[0], tree.Number):
        number = to_fmpq(parts[0].value)
        if len(parts) == 2 and isinstance(parts[1], tree.Variable):
            i = index[parts[1].name]
            return lambda x, analytic: x[i] * number
        only = _compile_product(parts[1:], index)
        return lambda x, analytic: only(x, analytic) * number
    first, *others = [_compile(p, index) for p in parts]
    if len(others) == 1:
        second = others[0]
        return lambda x, analytic: first(x, analytic) * second(x, analytic)
    if len(others) == 2:
        second, third = others
        return lambda x, analytic: first(x, analytic) * second(x, analytic) * third(x, analytic)
    return lambda x, analytic: reduce(lambda total, f: total * f(x, analytic), others, first(x, analytic))


def _compile_power(base: Expression, exponent: Expression, index: dict[str, int]) -> BallFunction:
    root = _compile(base, index)
    if isinstance(exponent, tree.Number):
        value = exponent.value
        if value.denominator == 1:
            whole = int(value)
            if whole == 2:
                return lambda x, analytic: _square(root(x, analytic), analytic)
            return lambda x, analytic: _whole_power(root(x, analytic), whole, analytic)
        if value == Fraction(1, 2):
            return lambda x, analytic: _sqrt(root(x, analytic), analytic)
        return lambda x, analytic: real_power(root(x, analytic), value, analytic)
    power = _compile(exponent, index)
    return lambda x, analytic: _general_power(root(x, analytic), power(x, analytic), analytic)


def _compile_call(name: str, arguments: list[BallFunction]) -> BallFunction:
    if name in ("Max", "Min"):
        choose = acb.real_max if name == "Max" else acb.real_min
        first, *others = arguments

        def extremum(x: Sequence[acb], analytic: bool) -> acb:
            return reduce(lambda best, f: choose(best, f(x, analytic), analytic=analytic), others, first(x, analytic))

        return extremum
    argument = arguments[0]
    if name in _ENTIRE:  # tan and tanh are meromorphic: a pole inside the box gives a result that is not finite
        entire, spread = getattr(acb, name), _WIDE.get(name)
        if spread is None:
            return lambda x, analytic: entire(argument(x, analytic))
        return _either(argument, spread, lambda z, analytic: entire(z))
    function = _BRANCHED[name]
    return lambda x, analytic: function(argument(x, analytic), analytic)


def _either(argument: BallFunction, spread: Callable[[acb], acb], usual: Callable[[acb, bool], acb]) -> BallFunction:
    """Return the composition with a function that has an enclosure of its own on wide boxes."""

    def either(x: Sequence[acb], analytic: bool) -> acb:
        z = argument(x, analytic)
        return spread(z) if wide.is_wide(z) else usual(z, analytic)

    return either


def _square(z: acb, analytic: bool) -> acb:
    if wide.is_wide(z):
        return wide.square(z)
    if not analytic and z.imag.is_zero():
        size = z.real.__abs__()
        return acb(size * size)
    return z * z


def _whole_power(z: acb, exponent: int, analytic: bool) -> acb:
    if not analytic and z.imag.is_zero() and exponent > 0:
        # a power of a real interval has its extremes at the end points (and at 0)
        low, high = z.real.lower(), z.real.upper()
        ends = ball_between(low**exponent, high**exponent)
        if exponent % 2 == 0 and z.real.contains(0):
            ends = ball_between(arb(0), ends)
        return acb(ends) if ends.is_finite() else z**exponent
    if exponent < 0 and wide.is_wide(z):
        return wide.inverse(z) ** -exponent
    return z**exponent


def _sqrt(z: acb, analytic: bool) -> acb:
    if not analytic and z.imag.is_zero():
        return acb(z.real.nonnegative_part().sqrt())
    if wide.is_wide(z) and _off_negative_axis(z):
        return wide.power(z, arb(1) / 2)
    return z.sqrt(analytic=analytic)


def real_power(z: acb, exponent: Fraction, analytic: bool) -> acb:
    """Return `z ** exponent` for a real base >= 0 and a rational exponent, continued analytically off the axis."""
    if analytic:
        if not _off_negative_axis(z):
            return _NOWHERE
        power = arb(to_fmpq(exponent))
        return wide.power(z, power) if wide.is_wide(z) else z.pow(acb(power), analytic=True)
    if not z.imag.is_zero():
        return z.pow(acb(to_fmpq(exponent)))
    base = z.real.nonnegative_part()
    power = arb(to_fmpq(exponent))
    if base > 0:
        return acb(base**power)
    if exponent < 0:
        return _NOWHERE
    top = base.upper()
    return acb(ball_between(arb(0), top**power if top > 0 else arb(0)))


def _general_power(base: acb, exponent: acb, analytic: bool) -> acb:
    if analytic:
        return (base.log(analytic=True) * exponent).exp() if _off_negative_axis(base) else _NOWHERE
    if base.imag.is_zero() and exponent.imag.is_zero():
        b, e = base.real.nonnegative_part(), exponent.real
        if b > 0:
            return acb((b.log() * e).exp())
        if e >= 0:  # 0 <= b^e <= max(1, b)^e, and 0**0 = 1
            top = b.upper().max(arb(1))
            return acb(ball_between(arb(0), (top.log() * e.upper()).exp()))
    return _NOWHERE


def _off_negative_axis(z: acb) -> bool:
    return bool(z.real > 0) or bool(z.imag > 0) or bool(z.imag < 0)


def _log(z: acb, analytic: bool) -> acb:
    return wide.log(z) if wide.is_wide(z) and _off_negative_axis(z) else z.log(analytic=analytic)


def _arc(name: str) -> Callable[[acb, bool], acb]:
    complex_arc, real_arc = getattr(acb, name), getattr(arb, name)

    def arc(z: acb, analytic: bool) -> acb:
        if analytic:
            return complex_arc(z) if -1 < z.real < 1 else _NOWHERE
        if not z.imag.is_zero():
            return _NOWHERE
        low, high = z.real.lower().max(arb(-1)), z.real.upper().min(arb(1))
        return acb(ball_between(real_arc(low), real_arc(high)))  # monotone on [-1, 1]

    return arc


def _atan(z: acb, analytic: bool) -> acb:
    if wide.is_wide(z) and (-1 < z.imag < 1 or z.real > 0 or z.real < 0):
        return wide.atan(z)
    if analytic and not (-1 < z.imag < 1):
        return _NOWHERE
    return z.atan()


_BRANCHED: dict[str, Callable[[acb, bool], acb]] = {
    "sqrt": _sqrt,
    "log": _log,
    "asin": _arc("asin"),
    "acos": _arc("acos"),
    "atan": _atan,
    "Abs": lambda z, analytic: z.real_abs(analytic=analytic),
    "sign": lambda z, analytic: z.real_sgn(analytic=analytic),
    "floor": lambda z, analytic: z.real_floor(analytic=analytic),
    "ceiling": lambda z, analytic: z.real_ceil(analytic=analytic),
    "Heaviside": lambda z, analytic: z.real_heaviside(analytic=analytic),
}


def _compile_piecewise(branches: Sequence[tuple[Expression, Any]], index: dict[str, int]) -> BallFunction:
    compiled = [
        (_compile(value, index), None if c is None else (_compile(tree.difference(c.left, c.right), index), c.relation))
        for value, c in branches
    ]

    def choose(x: Sequence[acb], analytic: bool) -> acb:
        possible: acb | None = None
        for value, condition in compiled:
            verdict = True if condition is None else truth(condition[0](x, analytic).real, condition[1])
            if verdict is False:
                continue
            if verdict is None and analytic:
                return _NOWHERE
            candidate = value(x, analytic)
            possible = candidate if possible is None else possible.union(candidate)
            if verdict:
                break
        return _NOWHERE if possible is None else possible

    return choose


def truth(gap: arb, relation: str) -> bool | None:
    """Decide `gap relation 0` on a whole ball: True, False, or None where the ball does not tell."""
    if gap.is_zero():
        return relation in ("<=", ">=")
    if relation in (">", "<="):
        return (relation == ">") if gap > 0 else (relation == "<=") if gap <= 0 else None
    return (relation == "<") if gap < 0 else (relation == ">=") if gap >= 0 else None
