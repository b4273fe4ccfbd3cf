"""Affine functions whose coefficients are exact constants: rational, irrational or symbolic.

A vector is `(gradient..., constant)`. Zero tests are proofs (`proofs.numbers.constants`): what cannot be proved raises
UndecidedError. `proofs.geometry.affine` is the rational case.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import gcd, lcm

from proofs.geometry.affine import Affine, HalfSpace
from proofs.numbers.constants import Constant, UndecidedError, expression, sign, tidied, vanishes
from proofs.response import Architecture, GeneralizedResponse, Term

Vector = tuple[Constant, ...]


def plus(first: Vector, second: Vector) -> Vector:
    """Return the sum."""
    return tuple(tidied(a + b) for a, b in zip(first, second, strict=True))


def times(factor: Constant, vector: Vector) -> Vector:
    """Return the multiple."""
    return tuple(tidied(factor * v) for v in vector)


def is_zero(vector: Iterable[Constant]) -> bool:
    """Whether all entries vanish: one entry that is proved not to is enough to say no."""
    doubt: UndecidedError | None = None
    for entry in vector:
        try:
            if not vanishes(entry):
                return False
        except UndecidedError as error:
            doubt = error
    if doubt is not None:
        raise doubt
    return True


def is_rational(vector: Iterable[Constant]) -> bool:
    """Whether all entries are given as rationals."""
    return all(isinstance(entry, Fraction) for entry in vector)


def value(vector: Vector, point: Sequence[Fraction]) -> Constant:
    """Return the value at a rational point."""
    total = vector[-1]
    for entry, coordinate in zip(vector, point, strict=False):
        total = total + entry * (coordinate if isinstance(entry, Fraction) else expression(coordinate))
    return tidied(total)


def as_affine(vector: Vector) -> Affine:
    """Return a rational vector as an affine function."""
    return Affine(tuple(vector[:-1]), vector[-1])


def monic(vector: Vector) -> tuple[Vector, int] | None:
    """Return the vector over its first nonzero gradient entry, and that entry's sign; None without a gradient."""
    for entry in vector[:-1]:
        if not vanishes(entry):
            return times(1 / entry, vector), sign(entry)
    return None


def primitive(vector: Vector) -> Vector:
    """Return a positive multiple with coprime integers as gradient, if the gradient is rational."""
    if not is_rational(vector[:-1]):
        return vector
    scale = lcm(*(g.denominator for g in vector[:-1]))
    content = gcd(*(int(g * scale) for g in vector[:-1]))
    return times(Fraction(scale, content), vector)


@dataclass(frozen=True)
class ExactAffine:
    """An affine function with any exact constants as coefficients."""

    entries: Vector

    def text(self, variables: Sequence[str]) -> str:
        """Return the function as an expression of the grammar of INTERFACE.md."""
        if is_rational(self.entries):
            return as_affine(self.entries).text(variables)
        import sympy

        names = [sympy.Symbol(name) for name in variables]
        terms = (expression(e) * name for e, name in zip(self.entries, names, strict=False))
        return str(sum(terms, expression(self.entries[-1])))


@dataclass(frozen=True)
class ExactTerm:
    """The function `jump * 1{side > 0}`."""

    side: ExactAffine
    jump: ExactAffine

    @property
    def multiplicity(self) -> int:
        """1 for a kink (the jump is a multiple of the side), 2 for a jump. Raises UndecidedError."""
        pivot = next(i for i, e in enumerate(self.side.entries) if not vanishes(e))
        ratio = self.jump.entries[pivot] / self.side.entries[pivot]
        return 1 if is_zero(plus(self.jump.entries, times(-ratio, self.side.entries))) else 2

    @property
    def known_multiplicity(self) -> int | None:
        """The multiplicity, or None where it is undecided."""
        try:
            return self.multiplicity
        except UndecidedError:
            return None


@dataclass(frozen=True)
class ExactResponse:
    """A generalized response, reduced, with irrational or symbolic coefficients; MATHEMATICS.md, section 2."""

    affine: ExactAffine
    terms: tuple[ExactTerm, ...]

    @property
    def is_strict(self) -> bool:
        """Whether some term is a jump. Raises UndecidedError."""
        return any(t.multiplicity == 2 for t in self.terms)

    def dimension(self, architecture: Architecture) -> int:
        """Return the number of neurons the response needs. Raises UndecidedError."""
        count = sum(t.multiplicity for t in self.terms)
        if architecture == "residual" or self._has_constant_turning() or self._has_free_affine_part():
            return count
        return count + 1

    def _has_constant_turning(self) -> bool:
        gradient = self.affine.entries[:-1]
        gradients = [t.jump.entries[:-1] for t in self.terms]
        for size in range(len(gradients) + 1):
            for chosen in combinations(gradients, size):
                if is_zero(sum(column) for column in zip(gradient, *chosen, strict=True)):
                    return True
        return False

    def _has_free_affine_part(self) -> bool:
        rows = [list(t.side.entries[:-1]) for t in self.terms if t.multiplicity == 2]
        return rank(rows) < len(rows)


def rank(rows: Iterable[Sequence[Constant]]) -> int:
    """Return the rank of a matrix of constants. Raises UndecidedError."""
    rest = [list(row) for row in rows]
    found = 0
    while rest:
        row = rest.pop()
        pivot = next((i for i, e in enumerate(row) if not vanishes(e)), None)
        if pivot is None:
            continue
        found += 1
        for other in rest:
            factor = tidied(other[pivot] / row[pivot])
            other[:] = [tidied(a - factor * b) for a, b in zip(other, row, strict=True)]
    return found


def response_of(affine: Vector, terms: Sequence[tuple[Vector, Vector]]) -> GeneralizedResponse | ExactResponse:
    """Return a response from `(side, jump)` pairs: with rational arithmetic if all entries are rational."""
    if is_rational(affine) and all(is_rational((*side, *jump)) for side, jump in terms):
        kept = tuple(Term(HalfSpace(as_affine(side)), as_affine(jump)) for side, jump in terms)
        return GeneralizedResponse(as_affine(affine), kept)
    return ExactResponse(
        ExactAffine(affine), tuple(ExactTerm(ExactAffine(side), ExactAffine(jump)) for side, jump in terms)
    )
