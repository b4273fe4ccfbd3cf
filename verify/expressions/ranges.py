"""Ranges of expressions over boxes, by interval arithmetic on the extended real line.

An interval is a pair of exact balls (lower, upper), possibly infinite; every operation rounds outward. Against
`verify.expressions.balls` (one ball, fit for integration) end points stay sharp: `sqrt` and `log` may start at 0,
`sin` stays within [-1, 1], and a variable may run through a half-line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

from flint import arb

from verify.expressions import tree
from verify.expressions.balls import to_fmpq
from verify.expressions.tree import Expression


class Range(NamedTuple):
    """All values lie in [lower, upper]; both are exact, or infinite."""

    lower: arb
    upper: arb

    @property
    def is_bounded(self) -> bool:
        """Whether both ends are finite."""
        return bool(self.lower.is_finite() and self.upper.is_finite())


RangeFunction = Callable[[Sequence[Range]], Range]
_ZERO, _ONE, _INFINITY = arb(0), arb(1), arb.pos_inf()
EVERYTHING = Range(arb.neg_inf(), arb.pos_inf())


def _down(value: arb) -> arb:
    """Return an exact lower end of a ball, -inf if it has none."""
    if value.is_finite():
        return value.lower()
    return value if value.is_exact() and not value.is_nan() else -_INFINITY


def _up(value: arb) -> arb:
    """Return an exact upper end of a ball, inf if it has none."""
    if value.is_finite():
        return value.upper()
    return value if value.is_exact() and not value.is_nan() else _INFINITY


def between(lower: Fraction, upper: Fraction) -> Range:
    """Return the range between two rationals."""
    return Range(_down(arb(to_fmpq(lower))), _up(arb(to_fmpq(upper))))


def compile_range(node: Expression, variables: Sequence[str]) -> RangeFunction:
    """Return the range function of an expression: it encloses every value taken at points of a box where defined."""
    return _compile(node, {name: i for i, name in enumerate(variables)})


def _compile(node: Expression, index: dict[str, int]) -> RangeFunction:
    match node:
        case tree.Number(value):
            number = between(value, value)
            return lambda x: number
        case tree.Constant(name):
            constant = arb.pi() if name == "pi" else arb.const_e()
            pair = Range(_down(constant), _up(constant))
            return lambda x: pair
        case tree.Variable(name):
            i = index[name]
            return lambda x: x[i]
        case tree.Sum(parts):
            terms = [_compile(p, index) for p in parts]
            return lambda x: _sum([t(x) for t in terms])
        case tree.Product(parts):
            factors = [_compile(p, index) for p in parts]
            return lambda x: _product([f(x) for f in factors])
        case tree.Power(base, tree.Number(constant_exponent)):
            root = _compile(base, index)
            return lambda x: power(root(x), constant_exponent)
        case tree.Power(base, exponent):
            below, above = _compile(base, index), _compile(exponent, index)
            return lambda x: _general_power(below(x), above(x))
        case tree.Call("Max" | "Min" as name, parts):
            arguments = [_compile(p, index) for p in parts]
            choose = _largest if name == "Max" else _least
            return lambda x: choose([a(x) for a in arguments])
        case tree.Call(name, (part,)):
            argument, function = _compile(part, index), _FUNCTIONS[name]
            return lambda x: function(argument(x))
        case tree.Piecewise(branches):
            return _compile_piecewise(branches, index)
    raise TypeError(f"no range of {type(node).__name__}")


def _sum(terms: Sequence[Range]) -> Range:
    lower, upper = terms[0]
    for low, high in terms[1:]:
        lower, upper = _down(lower + low), _up(upper + high)
    return Range(lower, upper)


def _times(a: arb, b: arb) -> arb:
    return _ZERO if a.is_zero() or b.is_zero() else a * b


def multiply(a: Range, b: Range) -> Range:
    """Return the range of a product."""
    if a.lower >= 0 and b.lower >= 0:
        return Range(_down(_times(a.lower, b.lower)), _up(_times(a.upper, b.upper)))
    ends = [_times(p, q) for p in a for q in b]
    return Range(_minimum([_down(e) for e in ends]), _maximum([_up(e) for e in ends]))


def _product(factors: Sequence[Range]) -> Range:
    result = factors[0]
    for factor in factors[1:]:
        result = multiply(result, factor)
    return result


def _minimum(values: Sequence[arb]) -> arb:
    best = values[0]
    for value in values[1:]:
        if value < best:
            best = value
    return best


def _maximum(values: Sequence[arb]) -> arb:
    best = values[0]
    for value in values[1:]:
        if value > best:
            best = value
    return best


def _largest(parts: Sequence[Range]) -> Range:
    return Range(_maximum([p.lower for p in parts]), _maximum([p.upper for p in parts]))


def _least(parts: Sequence[Range]) -> Range:
    return Range(_minimum([p.lower for p in parts]), _minimum([p.upper for p in parts]))


def hull(parts: Sequence[Range]) -> Range:
    """Return the least range that contains all."""
    return Range(_minimum([p.lower for p in parts]), _maximum([p.upper for p in parts]))


def _reciprocal(a: Range) -> Range:
    if a.lower > 0 or a.upper < 0:
        return Range(_down(_inverse(a.upper)), _up(_inverse(a.lower)))
    if a.lower >= 0:
        return Range(_down(_inverse(a.upper)) if a.upper > 0 else _ZERO, _INFINITY)
    if a.upper <= 0:
        return Range(-_INFINITY, _up(_inverse(a.lower)))
    return EVERYTHING


def _inverse(a: arb) -> arb:
    return _ONE / a if a.is_finite() else _ZERO


def power(a: Range, exponent: Fraction) -> Range:
    """Return the range of a power with a rational exponent (a fractional one on the part of the base that is >= 0)."""
    if exponent < 0:
        return _reciprocal(power(a, -exponent))
    if exponent.denominator == 1:
        whole = int(exponent)
        if whole == 0:
            return Range(_ONE, _ONE)
        low, high = _raised(a.lower, whole), _raised(a.upper, whole)
        if whole % 2:
            return Range(_down(low), _up(high))
        if a.lower >= 0:
            return Range(_down(low), _up(high))
        if a.upper <= 0:
            return Range(_down(high), _up(low))
        return Range(_ZERO, _maximum([_up(low), _up(high)]))
    base = _nonnegative(a)
    if exponent == Fraction(1, 2):
        return Range(_down(_root(base.lower)), _up(_root(base.upper)))
    e = arb(to_fmpq(exponent))
    low, high = (_ZERO if v.is_zero() else v if not v.is_finite() else v**e for v in base)
    return Range(_down(low), _up(high))


def _raised(a: arb, whole: int) -> arb:
    if a.is_finite():
        return a**whole
    return a if whole % 2 else _INFINITY


def _root(a: arb) -> arb:
    return a.sqrt() if a.is_finite() else a


def _nonnegative(a: Range) -> Range:
    return Range(a.lower if a.lower > 0 else _ZERO, a.upper if a.upper > 0 else _ZERO)


def _general_power(base: Range, exponent: Range) -> Range:
    return _exp(multiply(exponent, _log(_nonnegative(base)))) if base.upper > 0 else Range(_ZERO, _INFINITY)


def _exp(a: Range) -> Range:
    return Range(_down(_exponential(a.lower)), _up(_exponential(a.upper)))


def _exponential(a: arb) -> arb:
    return a.exp() if a.is_finite() else _INFINITY if a > 0 else _ZERO


def _log(a: Range) -> Range:
    low = _down(a.lower.log()) if a.lower > 0 and a.lower.is_finite() else -_INFINITY
    high = _up(a.upper.log()) if a.upper.is_finite() and a.upper > 0 else _INFINITY if a.upper > 0 else -_INFINITY
    return Range(low, high)


def _increasing(name: str, least: arb | None, largest: arb | None) -> Callable[[Range], Range]:
    """The range of an increasing function with limits at the infinite ends (None: infinite)."""
    function: Callable[[arb], arb] = getattr(arb, name)

    def apply(a: Range) -> Range:
        low = _down(function(a.lower)) if a.lower.is_finite() else -_INFINITY if least is None else least
        high = _up(function(a.upper)) if a.upper.is_finite() else _INFINITY if largest is None else largest
        if least is not None and low < least:
            low = least
        if largest is not None and high > largest:
            high = largest
        return Range(low, high)

    return apply


def _arc(name: str) -> Callable[[Range], Range]:
    function: Callable[[arb], arb] = getattr(arb, name)

    def apply(a: Range) -> Range:
        low = a.lower if a.lower > -1 else -_ONE
        high = a.upper if a.upper < 1 else _ONE
        if low > 1 or high < -1:
            return EVERYTHING
        first, last = (low, high) if name == "asin" else (high, low)
        return Range(_down(function(first)), _up(function(last)))

    return apply


def _cosh(a: Range) -> Range:
    size = _absolute(a)
    low = _down(size.lower.cosh())
    return Range(low if low > 1 else _ONE, _up(size.upper.cosh()) if size.upper.is_finite() else _INFINITY)


def _absolute(a: Range) -> Range:
    if a.lower >= 0:
        return a
    if a.upper <= 0:
        return Range(-a.upper, -a.lower)
    return Range(_ZERO, _maximum([-a.lower, a.upper]))


def _periodic(name: str) -> Callable[[Range], Range]:
    function: Callable[[arb], arb] = getattr(arb, name)
    slope: Callable[[arb], arb] = arb.cos if name == "sin" else lambda u: -arb.sin(u)

    def apply(a: Range) -> Range:
        if not a.is_bounded:
            return Range(-_ONE, _ONE)
        whole = a.lower.union(a.upper)
        ends = [function(end) for end in a]
        rate = slope(whole)
        if rate > 0 or rate < 0:
            low, high = _minimum([_down(e) for e in ends]), _maximum([_up(e) for e in ends])
        else:
            value = function(whole)
            low, high = _down(value), _up(value)
        return Range(low if low > -1 else -_ONE, high if high < 1 else _ONE)

    return apply


def _tan(a: Range) -> Range:
    if not a.is_bounded:
        return EVERYTHING
    cosine = a.lower.union(a.upper).cos()
    if cosine > 0 or cosine < 0:
        return Range(_down(a.lower.tan()), _up(a.upper.tan()))
    return EVERYTHING


def _step(at: Callable[[arb], arb]) -> Callable[[Range], Range]:
    return lambda a: Range(at(a.lower), at(a.upper))


def _sign(a: arb) -> arb:
    return _ONE if a > 0 else -_ONE if a < 0 else _ZERO


def _heaviside(a: arb) -> arb:
    return _ONE if a > 0 else _ZERO if a < 0 else arb(0.5)


def _floor(a: Range) -> Range:
    return Range(*(_down(end.floor()) if end.is_finite() else end for end in a))


def _ceiling(a: Range) -> Range:
    return Range(*(_up(end.ceil()) if end.is_finite() else end for end in a))


_FUNCTIONS: dict[str, Callable[[Range], Range]] = {
    "sin": _periodic("sin"),
    "cos": _periodic("cos"),
    "tan": _tan,
    "asin": _arc("asin"),
    "acos": _arc("acos"),
    "atan": _increasing("atan", arb(-2), arb(2)),
    "sinh": _increasing("sinh", None, None),
    "cosh": _cosh,
    "tanh": _increasing("tanh", arb(-1), arb(1)),
    "exp": _exp,
    "log": _log,
    "sqrt": lambda a: power(a, Fraction(1, 2)),
    "erf": _increasing("erf", arb(-1), arb(1)),
    "Abs": _absolute,
    "sign": _step(_sign),
    "floor": _floor,
    "ceiling": _ceiling,
    "Heaviside": _step(_heaviside),
}


def _compile_piecewise(
    branches: Sequence[tuple[Expression, tree.Condition | None]], index: dict[str, int]
) -> RangeFunction:
    compiled = [
        (_compile(value, index), None if c is None else (_compile(tree.difference(c.left, c.right), index), c.relation))
        for value, c in branches
    ]

    def choose(x: Sequence[Range]) -> Range:
        possible = []
        for value, condition in compiled:
            verdict = True if condition is None else holds(condition[0](x), condition[1])
            if verdict is not False:
                possible.append(value(x))
            if verdict:
                break
        return hull(possible)

    return choose


def holds(gap: Range, relation: str) -> bool | None:
    """Decide `gap relation 0` for all values of a range: True, False, or None where the range does not tell."""
    if relation in (">", "<="):
        verdict = True if gap.lower > 0 else False if gap.upper <= 0 else None
        return verdict if relation == ">" or verdict is None else not verdict
    verdict = True if gap.lower >= 0 else False if gap.upper < 0 else None
    return verdict if relation == ">=" or verdict is None else not verdict
