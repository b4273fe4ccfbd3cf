"""Functions of canonical arguments in canonical shape: special values, odd and even functions, exact roots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import isqrt

from verify.expressions import tree
from verify.expressions.tree import Call, Constant, Expression, Number, Power, Product, Sum


def leads_negative(node: Expression) -> bool:
    """Whether the first term of a canonical expression has a negative coefficient."""
    first = node.terms[0] if isinstance(node, Sum) else node
    first = first.factors[0] if isinstance(first, Product) else first
    return isinstance(first, Number) and first.value < 0


def opposite(node: Expression) -> Expression:
    """Return minus a canonical expression, term by term."""
    if isinstance(node, Sum):
        return Sum(tuple(tree.folded(tree.negated(t)) for t in node.terms))
    return tree.folded(tree.negated(node))


_ODD = frozenset({"sin", "tan", "asin", "atan", "erf", "sign"})


def applied(name: str, argument: Expression) -> Expression:
    """Return a function of a canonical argument in canonical shape."""
    special = _special(name, argument)
    if special is not None:
        return special
    match name:
        case "tan":
            return Product((applied("sin", argument), Power(applied("cos", argument), tree.MINUS_ONE)))
        case "cosh" | "sinh" | "tanh":
            up, down = Call("exp", (argument,)), Call("exp", (opposite(argument),))
            even, odd = Sum((up, down)), tree.difference(up, down)
            if name == "tanh":
                return Product((odd, Power(even, tree.MINUS_ONE)))
            return Product((Number(Fraction(1, 2)), even if name == "cosh" else odd))
    if leads_negative(argument):
        if name in _ODD:
            return tree.negated(applied(name, opposite(argument)))
        if name in ("cos", "Abs"):
            return applied(name, opposite(argument))
    return Call(name, (argument,))


def _special(name: str, argument: Expression) -> Expression | None:
    if name in ("sin", "cos"):
        turns = _turns(argument)
        return None if turns is None else _sine_of_turns(turns if name == "sin" else turns + 6)
    if not isinstance(argument, Number):
        return None
    value = argument.value
    exact: Mapping[str, Callable[[], Fraction]] = {
        "Abs": lambda: abs(value),
        "sign": lambda: Fraction((value > 0) - (value < 0)),
        "Heaviside": lambda: Fraction(1 + (value > 0) - (value < 0), 2),
        "floor": lambda: Fraction(value.numerator // value.denominator),
        "ceiling": lambda: Fraction(-(-value.numerator // value.denominator)),
    }
    if name in exact:
        return Number(exact[name]())
    if value == 0 and name in ("asin", "atan", "erf", "sinh", "tanh", "exp", "cosh"):
        return Number(Fraction(name in ("exp", "cosh")))
    if value == 1 and name in ("log", "acos"):
        return tree.ZERO
    return None


def _turns(argument: Expression) -> int | None:
    """Return the whole number k of a canonical argument `k pi/12`, or None."""
    if argument == tree.ZERO:
        return 0
    if argument == Constant("pi"):
        return 12
    match argument:
        case Product((Number(value), Constant("pi"))) if (12 * value).denominator == 1:
            return int(12 * value)
        case _:
            return None


def _sine_of_turns(k: int) -> Expression | None:
    """Return `sin(k pi/12)` where it is 0, 1/2, sqrt(2)/2, sqrt(3)/2 or 1 up to sign."""
    k %= 24
    sign = 1 if k < 12 else -1
    k %= 12
    under_the_root = {0: 0, 2: 1, 3: 2, 4: 3, 6: 4}.get(min(k, 12 - k))
    if under_the_root is None:
        return None
    half = Number(Fraction(sign, 2))
    if under_the_root in (0, 1, 4):
        return Number(half.value * {0: 0, 1: 1, 4: 2}[under_the_root])
    return Product((half, Power(Number(Fraction(under_the_root)), Number(Fraction(1, 2)))))


def extremum(name: str, arguments: Sequence[Expression]) -> Expression:
    """Return the maximum or minimum of canonical arguments in canonical shape."""
    numbers = [a.value for a in arguments if isinstance(a, Number)]
    others: list[Expression] = sorted({a for a in arguments if not isinstance(a, Number)}, key=repr)
    if numbers:
        others.append(Number(max(numbers) if name == "Max" else min(numbers)))
    return others[0] if len(others) == 1 else Call(name, tuple(others))


def exact_root(value: Fraction, q: int) -> Fraction | None:
    """Return the rational q-th root of a rational >= 0, or None."""
    roots = []
    for part in (value.numerator, value.denominator):
        root = isqrt(part) if q == 2 else _whole_root(part, q)
        if root**q != part:
            return None
        roots.append(root)
    return Fraction(*roots)


def _whole_root(value: int, q: int) -> int:
    low, high = 0, 1 << (value.bit_length() // q + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**q <= value else (low, middle - 1)
    return low
