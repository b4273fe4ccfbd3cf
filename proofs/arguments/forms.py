"""Normal forms: rational functions in s, rational functions in e^(lambda s) with powers of s, exponential polynomials.

An activation that is none of them may have a derivative that is (softplus, arctan, erf, GELU): each rule looks at the
least order of derivative for which all pieces have the form it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import gcd, lcm
from typing import Any, TypeVar

from proofs.activations.activation import Formula, Piece, derivative, polynomial, variable

MAX_LEVEL = 3
T = TypeVar("T")


@cache
def in_exponentials(formula: Formula) -> Formula | None:
    """Return the same function by s, exp and rational operations alone, or None."""
    import sympy

    result = formula.replace(sympy.tanh, lambda u: (sympy.exp(2 * u) - 1) / (sympy.exp(2 * u) + 1))
    result = result.replace(sympy.sinh, lambda u: (sympy.exp(u) - sympy.exp(-u)) / 2)
    result = result.replace(sympy.cosh, lambda u: (sympy.exp(u) + sympy.exp(-u)) / 2)
    functions = result.atoms(sympy.Function)
    if any(not isinstance(f, sympy.exp) for f in functions):
        return None
    if any(polynomial(f.args[0]) is None for f in functions):
        return None
    powers = [p for p in result.atoms(sympy.Pow) if not isinstance(p, sympy.exp) and p.has(variable())]
    return result if all(p.exp.is_Integer for p in powers) else None


@dataclass(frozen=True)
class Quotient:
    """A reduced quotient of polynomials over Q: in s alone (unit None), or in s and E = e^(unit s), denominator in E.

    `denominator` is a SymPy polynomial in one generator, `numerator` one in s (and E).
    """

    numerator: Any
    denominator: Any
    unit: Fraction | None

    @property
    def pole_order(self) -> int:
        """The largest order of a pole in the complex plane (0 for none).

        In reduced form every irreducible factor of the denominator other than E leaves a numerator that is a nonzero
        polynomial in s modulo it, and `e^(unit s) = E_0` has infinitely many solutions s: the order is attained.
        """
        orders = [
            multiplicity for factor, multiplicity in self.denominator.factor_list()[1] if not _is_generator(factor)
        ]
        if self.unit is None:
            orders = [multiplicity for _, multiplicity in self.denominator.factor_list()[1]]
        return max(orders, default=0)

    @property
    def order_at_infinity(self) -> int:
        """The order of the pole at infinity of a rational function of s (0 if there is none)."""
        if self.numerator.is_zero:
            return 0
        return max(0, int(self.numerator.degree()) - int(self.denominator.degree()))


def _is_generator(factor: Any) -> bool:
    return bool(factor.is_monomial)


@cache
def quotient(formula: Formula) -> Quotient | None:
    """Return a function as such a quotient, or None if it is not visibly one."""
    import sympy

    plain = in_exponentials(formula)
    if plain is None:
        return None
    x, e = variable(), sympy.Dummy("E", positive=True)
    exponents: dict[Any, Fraction] = {}
    for power in plain.atoms(sympy.exp):
        coefficients = polynomial(power.args[0])
        if coefficients is None or len(coefficients) != 2 or coefficients[0]:
            return None
        exponents[power] = coefficients[1]
    unit = None
    if exponents:
        unit = _common_unit(list(exponents.values()))
        plain = plain.xreplace({power: e ** int(a / unit) for power, a in exponents.items()})
    over, under = sympy.fraction(sympy.cancel(sympy.together(plain)))
    if unit is not None and under.has(x):
        return None
    generators = (x,) if unit is None else (x, e)
    try:
        numerator = sympy.Poly(over, *generators, domain="QQ")
        denominator = sympy.Poly(under, generators[-1], domain="QQ")
    except (sympy.PolynomialError, sympy.CoercionFailed):
        return None
    return Quotient(numerator, denominator, unit)


def _common_unit(values: Sequence[Fraction]) -> Fraction:
    scale = lcm(*(v.denominator for v in values))
    return Fraction(gcd(*(int(v * scale) for v in values)), scale)


Exponent = tuple[Fraction, ...]


@cache
def exponential_polynomial(formula: Formula) -> dict[Exponent, int] | None:
    """Return `{q: degree of p_q}` where the function is `sum of p_q(s) e^(q(s))`, or None if it is not visibly one.

    The exponents are polynomials over Q without constant, as coefficients of s, s^2, ... without trailing zeros; the
    coefficients p_q are not 0.
    """
    import sympy

    plain = in_exponentials(formula)
    if plain is None:
        return None
    x = variable()
    groups: dict[Exponent, Any] = {}
    for term in sympy.Add.make_args(sympy.expand(plain, power_exp=False)):
        exponent, factor = [], sympy.Integer(1)
        for part in sympy.Mul.make_args(term):
            base, power = part.as_base_exp()
            if isinstance(part, sympy.exp):
                exponent.append(part.args[0])
            elif isinstance(base, sympy.exp) and power.is_Integer:
                exponent.append(power * base.args[0])
            elif not part.has(x) or (base == x and power.is_Integer and power > 0):
                factor *= part
            else:
                return None
        coefficients = polynomial(sympy.Add(*exponent))
        if coefficients is None or (coefficients and coefficients[0]):
            return None
        key = tuple(coefficients[1:])
        groups[key] = groups.get(key, sympy.Integer(0)) + factor
    degrees: dict[Exponent, int] = {}
    for key, value in groups.items():
        found = sympy.Poly(value, x)
        if not found.is_zero:
            degrees[key] = int(found.degree())
    return degrees


def level(pieces: Sequence[Piece], read: Callable[[Formula], T | None]) -> tuple[int, list[T]] | None:
    """Return the least order m <= 3 of derivative for which `read` knows all pieces, with what it read, or None."""
    for order in range(MAX_LEVEL + 1):
        found = [read(derivative(piece.formula, order)) for piece in pieces]
        known = [f for f in found if f is not None]
        if len(known) == len(found):
            return order, known
    return None
