"""Germs at k -> 0+: the coefficients of a family of networks, expanded as far as a question needs.

A germ is either a quotient of Puiseux polynomials in k, kept exactly, or a composition of such with elementary
functions, expanded lazily by the exact series arithmetic of `proofs.expansions.series`. MATHEMATICS.md, section 2.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil
from typing import TypeVar

from proofs.expansions.elementary import FUNCTIONS, ONE, sign_near_zero
from proofs.expansions.series import Exponent, ImpreciseError, Series, UndefinedGermError
from proofs.geometry.affine import Rational
from proofs.numbers.constants import Constant, UndecidedError, tidied, visibly_vanishes

_PRECISIONS = (6, 16, 40)
_LAST_PRECISION = 120
"""Tried only where so many more orders could suffice: poles that high are rare, and long expansions are slow."""
_MAX_EXACT_POWER = 100
_MAX_EXACT_SIZE = 1_000

T = TypeVar("T")
Operation = Callable[[Sequence[Series], int], Series]


class Germ(ABC):
    """A real function of k, for all small k > 0; `+ - * /` and rational powers are those of functions."""

    @abstractmethod
    def expand(self, precision: int) -> Series:
        """Return an expansion in which every inexact step kept `precision` orders. Raises ImpreciseError."""

    @property
    def is_exactly_zero(self) -> bool:
        """Whether this is visibly the zero function."""
        return False

    def upto(self, exponent: Exponent) -> Series:
        """Return an expansion that includes the coefficient of `k^exponent`. Raises UndecidedError."""
        missing = 0
        for precision in (*_PRECISIONS, _LAST_PRECISION):
            if precision == _LAST_PRECISION and not 0 < missing <= precision:
                break
            try:
                series = self.expand(precision)
            except ImpreciseError:
                continue
            if series.order is None or series.order > exponent:
                return series
            missing = ceil(exponent - series.order) + 1
        raise UndecidedError(f"no expansion up to k^({exponent}) was found")

    def start(self) -> Series:
        """Return an expansion that shows a term, or, if none was found, how small the germ is at least.

        Shown is a term that is not proved to vanish.
        """
        best: Series | None = None
        for precision in _PRECISIONS:
            try:
                best = self.expand(precision)
            except ImpreciseError:
                continue
            if best.is_exactly_zero or not all(visibly_vanishes(c) for _, c in best.terms):
                return best
        if best is None:
            raise UndecidedError("no expansion in powers of k was found")
        return best

    def sign(self) -> int:
        """Return the sign for all small k > 0. Raises UndecidedError."""
        try:
            return sign_near_zero(self.start())
        except ImpreciseError:
            raise UndecidedError("cannot tell whether a coefficient vanishes identically") from None

    def __add__(self, other: Germ | Rational) -> Germ:
        return _combined(
            self, other, lambda a, b: Quotient(a.over * b.under + b.over * a.under, a.under * b.under), _sum
        )

    __radd__ = __add__

    def __neg__(self) -> Germ:
        return self * -1

    def __sub__(self, other: Germ | Rational) -> Germ:
        return self + (-as_germ(other))

    def __rsub__(self, other: Rational) -> Germ:
        return as_germ(other) + (-self)

    def __mul__(self, other: Germ | Rational) -> Germ:
        return _combined(self, other, lambda a, b: Quotient(a.over * b.over, a.under * b.under), _product)

    __rmul__ = __mul__

    def __truediv__(self, other: Germ | Rational) -> Germ:
        return self * as_germ(other) ** -1

    def __rtruediv__(self, other: Rational) -> Germ:
        return as_germ(other) * self**-1

    def __pow__(self, exponent: Rational) -> Germ:
        """The real power. Raises UndefinedGermError for negative powers of 0 and fractional powers of negatives."""
        power = Fraction(exponent)
        exact = self._exact_power(power)
        return exact or Composite(lambda s, precision: s[0].power(power, precision), (self,))

    def _exact_power(self, exponent: Fraction) -> Germ | None:
        return None


class Quotient(Germ):
    """An exact quotient of two Puiseux polynomials, e.g. a rational function of k."""

    def __init__(self, over: Series, under: Series = ONE) -> None:
        """Take numerator and denominator, both without error term. Raises UndefinedGermError if the latter is 0."""
        if under is not ONE:
            if under.is_exactly_zero:
                raise UndefinedGermError("division by a coefficient that is 0")
            if len(under.terms) == 1:
                exponent, factor, _ = under.split_leading()
                over, under = over.shifted(-exponent, 1 / factor), ONE
        self.over = over
        self.under = under

    @property
    def is_exactly_zero(self) -> bool:
        """Whether the numerator is 0."""
        return self.over.is_exactly_zero

    @property
    def size(self) -> int:
        """The number of terms above and below."""
        return len(self.over.terms) + len(self.under.terms)

    def expand(self, precision: int) -> Series:
        """Return the exact numerator if there is no denominator, otherwise the truncated quotient."""
        if self.under is ONE or self.over.is_exactly_zero:
            return self.over
        return self.over * self.under.inverse(precision)

    def upto(self, exponent: Exponent) -> Series:
        """Return an expansion that includes the coefficient of `k^exponent`, however far that is."""
        series = self.expand(_PRECISIONS[0])
        if series.order is not None and series.order <= exponent:
            series = self.expand(int(exponent - series.order) + _PRECISIONS[0] + 1)
        return series

    def at(self, k: Fraction) -> Fraction:
        """Return the exact value at a rational k > 0. Raises ValueError where it is not rational."""
        values = [
            sum((Fraction(c) * _root(k, Fraction(e)) for e, c in part.terms), Fraction(0))
            for part in (self.over, self.under)
        ]
        return values[0] / values[1]

    def _exact_power(self, exponent: Fraction) -> Germ | None:
        if self.over.is_exactly_zero:
            if exponent < 0:
                raise UndefinedGermError("division by a coefficient that is 0")
            return self if exponent else Quotient(ONE)
        if self.under is ONE and len(self.over.terms) == 1:
            return Quotient(self.over.power(exponent, 1))
        if exponent.denominator > 1 or abs(exponent) > _MAX_EXACT_POWER:
            return None
        base = self if exponent >= 0 else Quotient(self.under, self.over)
        over, under = ONE, ONE
        for _ in range(abs(int(exponent))):
            over, under = over * base.over, under * base.under
        return Quotient(over, under)


class Composite(Germ):
    """An operation on other germs, expanded when asked."""

    def __init__(self, operation: Operation, operands: Sequence[Germ]) -> None:
        """Take what turns the expansions of the operands (and a precision) into the expansion."""
        self.operation = operation
        self.operands = tuple(operands)
        self._expansions: dict[int, Series] = {}

    def expand(self, precision: int) -> Series:
        """Expand the operands, then this. Raises ImpreciseError, UndecidedError, UndefinedGermError."""
        known = self._expansions.get(precision)
        if known is None:
            try:
                known = self.operation([o.expand(precision) for o in self.operands], precision)
            except ZeroDivisionError:
                raise UndefinedGermError("division by a coefficient that is 0") from None
            self._expansions[precision] = known
        return known


def parameter() -> Germ:
    """Return k itself."""
    return Quotient(Series.of({1: Fraction(1)}))


def as_germ(value: Germ | Constant) -> Germ:
    """Return a constant (an integer, a Fraction, a SymPy expression without k) as a germ; a germ as it is."""
    return value if isinstance(value, Germ) else Quotient(Series.constant(tidied(value)))


def in_pairs(items: Sequence[T], operation: Callable[[T, T], T]) -> T:
    """Return the items combined in pairs by an associative operation, so that the depth of germs stays small."""
    if len(items) == 1:
        return items[0]
    half = len(items) // 2
    return operation(in_pairs(items[:half], operation), in_pairs(items[half:], operation))


def apply(name: str, argument: Germ) -> Germ:
    """Return one of the functions of `proofs.expansions.elementary` at a germ. Raises KeyError for another name."""
    if name == "sqrt":
        return argument ** Fraction(1, 2)
    function = FUNCTIONS[name]
    return Composite(lambda s, precision: function(s[0], precision), (argument,))


def _sum(operands: Sequence[Series], precision: int) -> Series:
    return operands[0] + operands[1]


def _product(operands: Sequence[Series], precision: int) -> Series:
    return operands[0] * operands[1]


def _combined(
    first: Germ, second: Germ | Rational, exactly: Callable[[Quotient, Quotient], Germ], otherwise: Operation
) -> Germ:
    other = as_germ(second)
    if isinstance(first, Quotient) and isinstance(other, Quotient) and first.size * other.size <= _MAX_EXACT_SIZE:
        return exactly(first, other)
    return Composite(otherwise, (first, other))


def _root(base: Fraction, exponent: Fraction) -> Fraction:
    """Return `base ** exponent` where that is rational."""
    if exponent.denominator == 1:
        return base ** int(exponent)
    degree = exponent.denominator
    parts = [_integer_root(p, degree) for p in (base.numerator, base.denominator)]
    return Fraction(parts[0], parts[1]) ** exponent.numerator


def _integer_root(value: int, degree: int) -> int:
    low, high = 0, 1 << (value.bit_length() // degree + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**degree <= value else (low, middle - 1)
    if low**degree != value:
        raise ValueError(f"{value} has no rational root of degree {degree}")
    return low
