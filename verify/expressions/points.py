"""Values and signs of expressions at rational points: exact where possible, proved by enclosures otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from flint import ctx

from verify.expressions import tree
from verify.expressions.balls import exact_bounds
from verify.expressions.normal import NoFormError, form
from verify.expressions.ranges import Range, between, compile_range
from verify.expressions.tree import Call, Expression, Number

PRECISIONS = (64, 128, 256, 512)
MAX_BITS = 20_000


class UndefinedError(ArithmeticError):
    """The expression is undefined at the point (INTERFACE.md, "Numbers and expressions")."""


def at_point(node: Expression, point: Mapping[str, Fraction]) -> Expression:
    """Return the expression with rationals put in for variables and worked out as far as it goes exactly.

    Raises UndefinedError where it is seen to be undefined.
    """
    return _evaluated(tree.substituted(node, {name: Number(x) for name, x in point.items()}))


def exact_value(node: Expression, point: Mapping[str, Fraction]) -> Fraction | None:
    """Return the value at a rational point if it is seen to be rational, else None. Raises UndefinedError."""
    result = at_point(node, point)
    if isinstance(result, Number):
        return result.value
    try:
        settled = form(result).expression
    except NoFormError:
        return None
    return settled.value if isinstance(settled, Number) else None


def enclosed_value(node: Expression, point: Mapping[str, Fraction], precision: int = 128) -> Range:
    """Return a range that contains the value at a rational point where the expression is defined there."""
    names = tuple(point)
    with ctx.workprec(precision):
        return compile_range(node, names)([between(x, x) for x in point.values()])


def sign_at(node: Expression, point: Mapping[str, Fraction]) -> int | None:
    """Return the sign at a rational point, or None if it is not settled. Raises UndefinedError."""
    return sign_of_constant(at_point(node, point))


def sign_of_constant(node: Expression) -> int | None:
    """Return the sign of an expression without variables, or None if it is not settled."""
    if isinstance(node, Number):
        return (node.value > 0) - (node.value < 0)
    for precision in PRECISIONS:
        with ctx.workprec(precision):
            value = compile_range(node, ())(())
        if value.lower > 0:
            return 1
        if value.upper < 0:
            return -1
        if precision == PRECISIONS[0]:
            try:
                settled = form(node)
            except NoFormError:
                continue
            if settled.is_zero:
                return 0
    return None


def bounds(value: Range) -> tuple[Fraction, Fraction] | None:
    """Return the exact rational ends of a range, None if it is unbounded."""
    if not value.is_bounded:
        return None
    return exact_bounds(value.lower)[0], exact_bounds(value.upper)[1]


def _evaluated(node: Expression) -> Expression:
    match node:
        case tree.Sum(parts):
            return tree.folded(tree.Sum(tuple(_evaluated(p) for p in parts)))
        case tree.Product(parts):
            return tree.folded(tree.Product(tuple(_evaluated(p) for p in parts)))
        case tree.Power(base, exponent):
            return _power(_evaluated(base), _evaluated(exponent))
        case Call(name, parts):
            return _call(name, tuple(_evaluated(p) for p in parts))
        case tree.Piecewise(branches):
            return _piecewise(branches)
        case _:
            return node


def _power(base: Expression, exponent: Expression) -> Expression:
    if isinstance(exponent, Number):
        value = exponent.value
        if value.denominator > 1 and (sign := sign_of_constant(base)) is not None and (sign < 0 or sign == 0 > value):
            raise UndefinedError("a fractional power of a negative number, or a negative power of 0")
        if value.denominator == 1 and value < 0 and sign_of_constant(base) == 0:
            raise UndefinedError("a division by zero")
        if isinstance(base, Number) and value.denominator == 1:
            size = max(base.value.numerator.bit_length(), base.value.denominator.bit_length()) * abs(value)
            if size <= MAX_BITS:
                return Number(base.value ** int(value))
        if value == 0:
            return tree.ONE
    elif (sign := sign_of_constant(base)) is not None and sign <= 0:
        power = sign_of_constant(exponent)
        if sign < 0 or (power is not None and power < 0):
            raise UndefinedError("a base that is not positive under a variable power")
        if power is not None:
            return tree.ONE if power == 0 else tree.ZERO
    return tree.Power(base, exponent)


def _call(name: str, arguments: Sequence[Expression]) -> Expression:
    argument = arguments[0]
    if name in ("Max", "Min"):
        if all(isinstance(a, Number) for a in arguments):
            values = [a.value for a in arguments if isinstance(a, Number)]
            return Number(max(values) if name == "Max" else min(values))
        return Call(name, tuple(arguments))
    if name in ("log", "sqrt", "Abs", "sign", "Heaviside"):
        sign = sign_of_constant(argument)
        if sign is not None:
            return _by_sign(name, argument, sign)
    if name in ("asin", "acos"):
        for side in (tree.Sum((tree.ONE, argument)), tree.difference(tree.ONE, argument)):
            if sign_of_constant(tree.folded(side)) == -1:
                raise UndefinedError(f"{name} outside [-1, 1]")
    if name == "tan" and sign_of_constant(Call("cos", (argument,))) == 0:
        raise UndefinedError("a pole of tan")
    if name in ("floor", "ceiling") and isinstance(argument, Number):
        value = argument.value
        whole = value.numerator // value.denominator if name == "floor" else -(-value.numerator // value.denominator)
        return Number(Fraction(whole))
    return Call(name, (argument,))


def _by_sign(name: str, argument: Expression, sign: int) -> Expression:
    if (name == "log" and sign <= 0) or (name == "sqrt" and sign < 0):
        raise UndefinedError(
            f"{'the logarithm' if name == 'log' else 'the square root'} of a number that is not in its domain"
        )
    if name == "sign":
        return Number(Fraction(sign))
    if name == "Heaviside":
        return Number(Fraction(1 + sign, 2))
    if name == "Abs":
        return argument if sign >= 0 else tree.folded(tree.negated(argument))
    if sign == 0:
        return tree.ZERO
    return Call(name, (argument,))


def _piecewise(branches: Sequence[tuple[Expression, tree.Condition | None]]) -> Expression:
    kept: list[tuple[Expression, tree.Condition | None]] = []
    for value, condition in branches:
        if condition is not None:
            left, right = _evaluated(condition.left), _evaluated(condition.right)
            sign = sign_of_constant(tree.folded(tree.difference(left, right)))
            if sign is None:
                kept.append((value, tree.Condition(left, condition.relation, right)))
                continue
            if not condition.holds(sign):
                continue
        kept.append((_evaluated(value), None))
        break
    return kept[0][0] if len(kept) == 1 else tree.Piecewise(tuple(kept))
