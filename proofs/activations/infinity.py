"""How an activation behaves far out: asymptotic expansions in monomials `s^i e^{q(s)}`, s -> infinity.

An expansion is a finite sum of such monomials with exact coefficients plus O(error monomial), in the manner of
`proofs.expansions.series`: every operation keeps the error true. Monomials are ordered by dominance: first by the
polynomial q (its leading coefficients), then by i. All functions here lie in a Hardy field, so that expansions of an
activation and of its derivatives may be compared termwise (cited: Hardy; Rosenlicht 1983).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cmp_to_key
from math import factorial
from typing import Any

from proofs.activations.activation import Formula, polynomial, variable
from proofs.numbers.constants import UndecidedError, expression, sign, tidied, vanishes

Monomial = tuple[tuple[Fraction, ...], Fraction]
"""(q_1, q_2, ..., without trailing zeros) and i of `s^i e^{q_1 s + q_2 s^2 + ...}`."""

UNIT: Monomial = ((), Fraction(0))
KEPT = 6


def _compare(a: Monomial, b: Monomial) -> int:
    """1 if a dominates b, -1 if b dominates a, 0 if they are equal."""
    for i in reversed(range(max(len(a[0]), len(b[0])))):
        p, q = (m[0][i] if i < len(m[0]) else Fraction(0) for m in (a, b))
        if p != q:
            return 1 if p > q else -1
    return (a[1] > b[1]) - (a[1] < b[1])


_KEY = cmp_to_key(_compare)


def _product(a: Monomial, b: Monomial) -> Monomial:
    longest = max(len(a[0]), len(b[0]))
    q = [(m[0] + (Fraction(0),) * longest)[:longest] for m in (a, b)]
    total = [s + t for s, t in zip(*q, strict=True)]
    while total and not total[-1]:
        total.pop()
    return tuple(total), a[1] + b[1]


def _largest(monomials: Iterable[Monomial | None]) -> Monomial | None:
    found = [m for m in monomials if m is not None]
    return max(found, key=_KEY) if found else None


@dataclass(frozen=True)
class Expansion:
    """`terms` in falling order of dominance, all above `error` (None: exact); coefficients are not 0."""

    terms: tuple[tuple[Monomial, Any], ...]
    error: Monomial | None = None

    @classmethod
    def of(cls, terms: Mapping[Monomial, Any], error: Monomial | None = None) -> Expansion:
        """Sort, drop what vanishes or lies below the error, keep the first few."""
        kept = [(m, tidied(c)) for m, c in terms.items() if error is None or _compare(m, error) > 0]
        kept = [(m, c) for m, c in kept if not vanishes(c)]
        kept.sort(key=lambda term: _KEY(term[0]), reverse=True)
        if len(kept) > KEPT:
            error = _largest([error, kept[KEPT][0]])
        return cls(tuple(kept[:KEPT]), error)

    @classmethod
    def constant(cls, value: Any) -> Expansion:
        """A constant."""
        return cls.of({UNIT: value})

    @property
    def leading(self) -> tuple[Monomial, Any] | None:
        """The dominant term; None for the exact 0. Raises UndecidedError where only an error term is known."""
        if self.terms:
            return self.terms[0]
        if self.error is None:
            return None
        raise UndecidedError("the leading term is below the terms kept")

    def __add__(self, other: Expansion) -> Expansion:
        terms = dict(self.terms)
        for m, c in other.terms:
            terms[m] = terms[m] + c if m in terms else c
        return Expansion.of(terms, _largest([self.error, other.error]))

    def __mul__(self, other: Expansion) -> Expansion:
        terms: dict[Monomial, Any] = {}
        for m, c in self.terms:
            for n, d in other.terms:
                key = _product(m, n)
                terms[key] = terms[key] + c * d if key in terms else c * d
        tops = [(e.terms[0][0] if e.terms else e.error) for e in (self, other)]
        crossed = ((self.error, tops[1]), (other.error, tops[0]))
        errors = [_product(e, top) if e is not None and top is not None else None for e, top in crossed]
        return Expansion.of(terms, _largest(errors))

    def scaled(self, factor: Any, monomial: Monomial = UNIT) -> Expansion:
        """The product with `factor * monomial`, factor not 0."""
        error = None if self.error is None else _product(self.error, monomial)
        return Expansion(tuple((_product(m, monomial), tidied(c * factor)) for m, c in self.terms), error)

    def split(self) -> tuple[Monomial, Any, Expansion]:
        """Return m, c, w with `self = c m (1 + w)` and w -> 0. Raises UndecidedError for 0."""
        found = self.leading
        if found is None:
            raise UndecidedError("a division by 0")
        (q, i), c = found
        inverse = tuple(-a for a in q), -i
        return (q, i), c, Expansion(self.terms[1:], self.error).scaled(1 / expression(c), inverse)


def _powers(small: Expansion, coefficients: list[Fraction]) -> Expansion:
    """`sum of coefficients[n] small^n`, small -> 0, with the error of cutting off."""
    top = small.terms[0][0] if small.terms else small.error
    if top is None:
        return Expansion.constant(coefficients[0])
    if _compare(top, UNIT) >= 0:
        raise UndecidedError("an expansion in something that does not tend to 0")
    result, power, error = Expansion.constant(coefficients[0]), Expansion.constant(Fraction(1)), top
    for c in coefficients[1:]:
        power = power * small
        error = _product(error, top)
        if c:
            result = result + power.scaled(c)
    return result + Expansion((), error)


def _real_power(base: Expansion, exponent: Fraction) -> Expansion:
    (q, i), c, small = base.split()
    if exponent.denominator > 1 and sign(c) < 0:
        raise UndecidedError("a fractional power of a negative number")
    binomials = [Fraction(1)]
    for n in range(KEPT):
        binomials.append(binomials[-1] * (exponent - n) / (n + 1))
    monomial = tuple(a * exponent for a in q), i * exponent
    return _powers(small, binomials).scaled(expression(c) ** expression(exponent), monomial)


def _exp(u: Expansion) -> Expansion:
    growing = {m: c for m, c in u.terms if _compare(m, UNIT) > 0}
    if u.error is not None and _compare(u.error, UNIT) >= 0:
        raise UndecidedError("an exponential of something known up to a constant only")
    exponents: dict[int, Fraction] = {}
    for (q, i), c in growing.items():
        if q or i.denominator > 1 or not isinstance(c, Fraction):
            raise UndecidedError("an exponential that grows like none of the monomials")
        exponents[int(i)] = c
    size = max(exponents, default=0)
    monomial = tuple(exponents.get(n, Fraction(0)) for n in range(1, size + 1)), Fraction(0)
    rest = Expansion(tuple((m, c) for m, c in u.terms if _compare(m, UNIT) < 0), u.error)
    at = dict(u.terms).get(UNIT, Fraction(0))
    import sympy

    series = [Fraction(1, factorial(n)) for n in range(KEPT + 1)]
    return _powers(rest, series).scaled(sympy.exp(expression(at)), monomial)


def _log(u: Expansion) -> Expansion:
    (q, i), c, small = u.split()
    if i or sign(c) < 0:
        raise UndecidedError("a logarithm that is none of the monomials")
    import sympy

    whole = {((), Fraction(n + 1)): a for n, a in enumerate(q)} | {UNIT: sympy.log(expression(c))}
    series = [Fraction(0), *(Fraction((-1) ** (n + 1), n) for n in range(1, KEPT + 1))]
    return Expansion.of(whole) + _powers(small, series)


def _tanh(u: Expansion) -> Expansion:
    one, e = Expansion.constant(Fraction(1)), _exp(u.scaled(Fraction(2)))
    return (e + one.scaled(Fraction(-1))) * _real_power(e + one, Fraction(-1))


def _unbounded_sign(u: Expansion) -> int:
    found = u.leading
    if found is None or _compare(found[0], UNIT) <= 0:
        raise UndecidedError("an arc tangent or error function of something bounded")
    return sign(found[1])


def _atan(u: Expansion) -> Expansion:
    import sympy

    half_turn = Expansion.constant(_unbounded_sign(u) * sympy.pi / 2)
    odd = [Fraction(0) if n % 2 == 0 else Fraction((-1) ** ((n + 1) // 2), n) for n in range(KEPT + 1)]
    return half_turn + _powers(_real_power(u, Fraction(-1)), odd)


def _erf(u: Expansion) -> Expansion:
    """`+-1 - e^{-u^2}/(sqrt(pi) u) (1 - 1/(2 u^2) + ...)`; the error of an alternating tail is its first term."""
    import sympy

    inverse = _real_power(u, Fraction(-1))
    series, term = [Fraction(1)], Fraction(1)
    for n in range(KEPT // 2):
        term *= -Fraction(2 * n + 1, 2)
        series += [Fraction(0), term]
    tail = _exp((u * u).scaled(Fraction(-1))) * inverse * _powers(inverse, series)
    return Expansion.constant(Fraction(_unbounded_sign(u))) + tail.scaled(-1 / sympy.sqrt(sympy.pi))


def expansion(formula: Formula, direction: int) -> Expansion:
    """Return the expansion of a formula as `variable() = direction * s`, s -> infinity. Raises UndecidedError."""
    return _expand(formula.subs(variable(), direction * variable()))


def _expand(formula: Formula) -> Expansion:
    import sympy

    coefficients = polynomial(formula)
    if coefficients is not None:
        return Expansion.of({((), Fraction(i)): c for i, c in enumerate(coefficients) if c})
    if formula.is_number:
        return Expansion.constant(formula)
    if formula.is_Add or formula.is_Mul:
        first, *others = (_expand(part) for part in formula.args)
        for other in others:
            first = first + other if formula.is_Add else first * other
        return first
    if formula.is_Pow and formula.exp.is_Rational:
        return _real_power(_expand(formula.base), Fraction(int(formula.exp.p), int(formula.exp.q)))
    functions = {sympy.exp: _exp, sympy.log: _log, sympy.tanh: _tanh, sympy.atan: _atan, sympy.erf: _erf}
    function = functions.get(formula.func)
    if function is None:
        raise UndecidedError(f"no expansion at infinity of {formula.func.__name__}")
    return function(_expand(formula.args[0]))
