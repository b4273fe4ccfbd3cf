"""Zeros of an expression on an interval: exact points or short brackets, each with exactly one zero, or nothing proved.

Polynomials by their factors (Sturm); other expressions by monotony between sign changes, and by Taylor's formula around
rational points where they vanish exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from proofs.geometry.polytopes import Polytope
from verify.expressions import tree
from verify.expressions.balls import to_fmpq
from verify.expressions.derivative import NoDerivativeError, derivative
from verify.expressions.factors import factors_of
from verify.expressions.normal import monic
from verify.expressions.tree import Call, Expression, Number, Power, Product
from verify.expressions.univariate import roots_inside, to_polynomial
from verify.integration import Deadline
from verify.signs.decide import Signs
from verify.signs.regions import Region, sign_at_point

MAX_PIECES = 400
MAX_ORDER = 6
_NARROWEST = Fraction(1, 2**20)
_SHORT = Fraction(1, 2**70)


@dataclass(frozen=True)
class Root:
    """One zero of `node` in [lower, upper]; exact if both ends agree."""

    lower: Fraction
    upper: Fraction
    node: Expression

    @property
    def is_exact(self) -> bool:
        """Whether the zero is a known rational."""
        return self.lower == self.upper


def zeros(node: Expression, lower: Fraction, upper: Fraction, name: str, deadline: Deadline) -> list[Root] | None:
    """Return all zeros of an expression in a closed interval in order, or None if they were not all found.

    Zeros of different factors that could not be told apart give None too. The expression is defined on the interval.
    """
    found: list[Root] = []
    for factor in dict.fromkeys(monic(factor) for factor in factors_for_zeros(node)):
        part = _of_factor(factor, lower, upper, name, deadline)
        if part is None:
            return None
        found += part
    return _in_order(found)


def _in_order(found: Sequence[Root]) -> list[Root] | None:
    result: list[Root] = []
    for root in sorted(found, key=lambda r: (r.lower, r.upper)):
        if result and root.lower <= result[-1].upper:
            last = result[-1]
            if (last.lower, last.upper) == (root.lower, root.upper) and (last.is_exact or last.node == root.node):
                continue
            return None
        result.append(root)
    return result


def factors_for_zeros(node: Expression) -> list[Expression]:
    """Return expressions whose zeros together are those of a node."""
    match node:
        case Product(parts):
            return [f for part in parts for f in factors_for_zeros(part)]
        case Power(base, Number(exponent)):
            return [] if exponent <= 0 else factors_for_zeros(base)
        case Call("Abs" | "sqrt" | "sinh" | "tanh" | "atan" | "asin" | "erf", (part,)):
            return factors_for_zeros(part)
        case Call("exp" | "cosh", _):
            return []
        case Call("log", (part,)):
            return [tree.difference(part, tree.ONE)]
        case Number(value):
            return [] if value else [node]
        case _:
            return [node]


def _of_factor(node: Expression, lower: Fraction, upper: Fraction, name: str, deadline: Deadline) -> list[Root] | None:
    found = factors_of(node, (name,))
    if found is not None:
        return [root for f in found.factors for root in _of_polynomial(f.expression, lower, upper, name)]
    region = Region(Polytope.box([(lower, upper)]))
    if Signs(region, (name,), deadline).decide(node, "!=", 200).verdict is True:
        return []
    return _of_function(node, lower, upper, name, deadline)


def _of_polynomial(node: Expression, lower: Fraction, upper: Fraction, name: str) -> list[Root]:
    """Return the roots of an irreducible polynomial."""
    polynomial = to_polynomial(node, name)
    assert polynomial is not None
    if polynomial.degree() == 1:
        p, q = polynomial[0], polynomial[1]
        root = -Fraction(int(p.p), int(p.q)) / Fraction(int(q.p), int(q.q))
        return [Root(root, root, node)] if lower <= root <= upper else []
    found = []
    stack = [(lower, upper)]
    while stack:
        a, b = stack.pop()
        count = roots_inside(polynomial, a, b, closed=False)[0]
        if count == 0:
            continue
        if count == 1 and b - a <= (upper - lower) * _SHORT:
            found.append(Root(a, b, node))
            continue
        middle = (a + b) / 2
        if count == 1:
            left = (polynomial(to_fmpq(a)) > 0) != (polynomial(to_fmpq(middle)) > 0)
            stack.append((a, middle) if left else (middle, b))
        else:
            stack += [(a, middle), (middle, b)]
    return found


def _of_function(
    node: Expression, lower: Fraction, upper: Fraction, name: str, deadline: Deadline
) -> list[Root] | None:
    """Cover the interval by pieces without zero, monotone pieces with a sign change, and pieces around exact zeros."""
    try:
        slope = derivative(node, name)
    except NoDerivativeError:
        return None
    found: list[Root] = []
    stack = [(lower, upper)]
    for _ in range(MAX_PIECES):
        if not stack:
            return found
        if deadline.passed:
            return None
        a, b = stack.pop()
        if b - a < (upper - lower) * _NARROWEST:
            return None
        signs = Signs(Region(Polytope.box([(a, b)])), (name,), deadline)
        if signs.decide(node, "!=", 8).verdict is True:
            continue
        ends = [sign_at_point(node, (x,), (name,)) for x in (a, b)]
        if None not in ends and signs.decide(slope, "!=", 8).verdict is True:
            found += _monotone(node, a, b, ends, name)
            continue
        exact = next((x for x in (a, b, (a + b) / 2) if sign_at_point(node, (x,), (name,)) == 0), None)
        if exact is not None and _only_zero(node, exact, signs, name):
            found.append(Root(exact, exact, node))
            continue
        middle = (a + b) / 2
        stack += [(a, middle), (middle, b)]
    return None


def _monotone(node: Expression, a: Fraction, b: Fraction, ends: Sequence[int | None], name: str) -> list[Root]:
    for x, sign in zip((a, b), ends, strict=True):
        if sign == 0:
            return [Root(x, x, node)]
    if ends[0] == ends[1]:
        return []
    while b - a > _SHORT:
        middle = (a + b) / 2
        sign = sign_at_point(node, (middle,), (name,))
        if sign == 0:
            return [Root(middle, middle, node)]
        if sign is None:
            break
        a, b = (middle, b) if sign == ends[0] else (a, middle)
    return [Root(a, b, node)]


def _only_zero(node: Expression, point: Fraction, signs: Signs, name: str) -> bool:
    """Whether an exact zero is the only one of the region: some derivative is != 0 on it, those before vanish there."""
    try:
        for _ in range(MAX_ORDER):
            if sign_at_point(node, (point,), (name,)) != 0:
                return False
            node = derivative(node, name)
            if signs.decide(node, "!=", 8).verdict is True:
                return True
    except NoDerivativeError:
        return False
    return False
