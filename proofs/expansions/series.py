"""Truncated Puiseux series at k -> 0+, with exact coefficients and an honest error term.

A series is `sum of c_e k^e + O(k^order)`, finitely many rational exponents `e < order`; `order` None means that nothing
was left out. Every operation keeps the error term true: it is the least order that the operands' errors can reach.
MATHEMATICS.md, section 2, "Exact limits of a given family".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from proofs.geometry.affine import Rational
from proofs.numbers.constants import Constant, UndecidedError, expression, sign, tidied, vanishes

Exponent = Rational
MAX_TERMS = 400


class ImpreciseError(Exception):
    """The terms kept do not suffice for this operation; more may."""


class UndefinedGermError(ValueError):
    """The expression has no real value for small k > 0."""


@dataclass(frozen=True, slots=True)
class Series:
    """`terms` are pairs (exponent, coefficient), exponents rising and below `order`."""

    terms: tuple[tuple[Exponent, Constant], ...]
    order: Exponent | None = None

    @classmethod
    def of(cls, terms: Mapping[Exponent, Constant], order: Exponent | None = None) -> Series:
        """Build from any terms: those at or beyond the order are swallowed by it, visible zeros are dropped."""
        kept = ((e, c) for e, c in terms.items() if c != 0 and (order is None or e < order))
        return cls(tuple(sorted(kept, key=lambda term: term[0])), order)

    @classmethod
    def constant(cls, value: Constant) -> Series:
        """The exact series of a constant."""
        return cls.of({0: tidied(value)})

    @property
    def is_exactly_zero(self) -> bool:
        """Whether there is no term and no error."""
        return not self.terms and self.order is None

    @property
    def floor(self) -> Exponent | None:
        """A lower bound of all exponents, the error's included; None for the exact zero."""
        return self.terms[0][0] if self.terms else self.order

    def coefficient(self, exponent: Exponent) -> Constant:
        """Return a coefficient below the order."""
        return next((c for e, c in self.terms if e == exponent), Fraction(0))

    def leading(self) -> tuple[Exponent, Constant] | None:
        """Return the first term that is proved not to vanish; None if no kept term is."""
        return next(((e, c) for e, c in self.terms if not vanishes(c)), None)

    def truncated(self, order: Exponent) -> Series:
        """Forget the terms at and beyond an order."""
        if (self.order is not None and self.order <= order) or not any(e >= order for e, _ in self.terms):
            return self
        return Series(tuple((e, c) for e, c in self.terms if e < order), order)

    def __add__(self, other: Series) -> Series:
        terms = dict(self.terms)
        for e, c in other.terms:
            terms[e] = tidied(terms[e] + c) if e in terms else c
        return Series.of(terms, _least(self.order, other.order))

    def __neg__(self) -> Series:
        return Series(tuple((e, -c) for e, c in self.terms), self.order)

    def __sub__(self, other: Series) -> Series:
        return self + (-other)

    def __mul__(self, other: Series) -> Series:
        order = _least(_plus(self.order, other.floor), _plus(other.order, self.floor))
        if len(self.terms) * len(other.terms) > MAX_TERMS**2:
            raise UndecidedError(f"expansions with more than {MAX_TERMS} terms would be needed")
        terms: dict[Exponent, Constant] = {}
        for e, c in self.terms:
            for f, d in other.terms:
                if order is not None and e + f >= order:
                    break
                terms[e + f] = terms[e + f] + c * d if e + f in terms else c * d
        return Series.of({e: tidied(c) for e, c in terms.items()}, order)

    def shifted(self, exponent: Exponent, factor: Constant = Fraction(1)) -> Series:
        """Multiply by `factor k^exponent`."""
        terms = tuple((e + exponent, tidied(c * factor)) for e, c in self.terms)
        return Series(terms, _plus(self.order, exponent))

    def derivative(self) -> Series:
        """The derivative in k, term by term."""
        return Series.of({e - 1: tidied(e * c) for e, c in self.terms}, _plus(self.order, -1))

    def integral(self) -> Series:
        """The integral from 0, term by term; all exponents must exceed -1."""
        if self.floor is not None and self.floor <= -1:
            raise ImpreciseError
        return Series.of({e + 1: tidied(c / Fraction(e + 1)) for e, c in self.terms}, _plus(self.order, 1))

    def split_leading(self) -> tuple[Exponent, Constant, Series]:
        """Return `e`, `c`, `w` with `self = c k^e (1 + w)`, c not 0 and w small.

        Raises ImpreciseError if no kept term is known not to vanish, ZeroDivisionError for the exact zero.
        """
        if self.is_exactly_zero:
            raise ZeroDivisionError
        found = self.leading()
        if found is None:
            raise ImpreciseError
        exponent, factor = found
        rest = Series(tuple(t for t in self.terms if t[0] > exponent), self.order)
        return exponent, factor, rest.shifted(-exponent, 1 / factor)

    def power(self, exponent: Fraction, precision: Exponent) -> Series:
        """Return the real power `self ** exponent`, to `precision` orders beyond its leading term.

        Raises ZeroDivisionError, ImpreciseError (as split_leading), UndefinedGermError for a negative base with an
        exponent that is not an integer.
        """
        if exponent == 0:
            return Series.constant(Fraction(1))
        if self.is_exactly_zero and exponent > 0:
            return self
        lead, factor, small = self.split_leading()
        if exponent.denominator > 1 and sign(factor) < 0:
            raise UndefinedGermError("a negative base has a fractional exponent")
        if small.is_exactly_zero:
            result = Series.constant(Fraction(1))
        else:
            result = _composed(_binomials(exponent), small, precision)
        return result.shifted(lead * exponent, constant_power(factor, exponent))

    def inverse(self, precision: Exponent) -> Series:
        """Return `1 / self` to `precision` orders beyond its leading term. Raises as power does."""
        return self.power(Fraction(-1), precision)

    def at_zero(self) -> tuple[Constant, Series]:
        """Return the limit and the rest, which is small.

        Raises ImpreciseError if a term of negative order may remain.
        """
        if any(e < 0 and not vanishes(c) for e, c in self.terms) or (self.order is not None and self.order <= 0):
            raise ImpreciseError
        small = Series(tuple((e, c) for e, c in self.terms if e > 0), self.order)
        return self.coefficient(0), small


def constant_power(base: Constant, exponent: Fraction) -> Constant:
    """Return a power of a positive constant, or of any constant but 0 with an integer exponent."""
    if exponent.denominator == 1 and isinstance(base, Fraction):
        return base ** int(exponent)
    return tidied(expression(base) ** expression(exponent))


def exponential(small: Series, precision: Exponent) -> Series:
    """Return `exp` of a small series."""
    return _composed(_reciprocal_factorials(), small, precision)


def sine_and_cosine(small: Series, precision: Exponent) -> tuple[Series, Series]:
    """Return `sin` and `cos` of a small series."""
    coefficients = list(_first(_reciprocal_factorials(), small, precision))
    odd = [c * (0, 1, 0, -1)[i % 4] for i, c in enumerate(coefficients)]
    even = [c * (1, 0, -1, 0)[i % 4] for i, c in enumerate(coefficients)]
    return _composed(odd, small, precision), _composed(even, small, precision)


def _reciprocal_factorials() -> Iterable[Fraction]:
    value, index = Fraction(1), 0
    while True:
        yield value
        index += 1
        value /= index


def _binomials(exponent: Fraction) -> Iterable[Fraction]:
    value, index = Fraction(1), 0
    while True:
        yield value
        value = value * (exponent - index) / (index + 1)
        index += 1


def _first(coefficients: Iterable[Fraction], small: Series, precision: Exponent) -> Sequence[Fraction]:
    floor = small.floor
    if floor is None:
        count = 1
    elif floor <= 0:
        raise ImpreciseError
    else:
        count = int(Fraction(precision) / floor) + 1
    if count > MAX_TERMS:
        raise UndecidedError(f"expansions with more than {MAX_TERMS} terms would be needed")
    return [c for c, _ in zip(coefficients, range(count), strict=False)]


def _composed(coefficients: Iterable[Fraction], small: Series, precision: Exponent) -> Series:
    """Return `sum of coefficients[i] small^i` to `precision` orders, by Horner's rule."""
    if small.is_exactly_zero:
        return Series.constant(next(iter(coefficients)))
    kept = _first(coefficients, small, precision)
    small = small.truncated(precision)
    result = Series((), None)
    for coefficient in reversed(kept):
        result = (result * small).truncated(precision) + Series.constant(coefficient)
    return Series.of(dict(result.terms), _least(result.order, precision))


def _least(*orders: Exponent | None) -> Exponent | None:
    return min((o for o in orders if o is not None), default=None)


def _plus(order: Exponent | None, shift: Exponent | None) -> Exponent | None:
    return None if order is None or shift is None else order + shift
