"""Generalized responses: affine functions plus affine jumps on half-spaces.

MATHEMATICS.md, section 2. A response is `R(x) = a(x) + sum_k J_k(x) 1{s_k(x) > 0}`; values on the boundaries
`s_k = 0` (a null set) carry no meaning. The response of a ReLU network is the case in which all terms are kinks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Literal, Protocol

from proofs.geometry.affine import Affine, HalfSpace, Rational
from proofs.geometry.linear import null_vector
from proofs.geometry.polytopes import AnyCell, Cell

Architecture = Literal["feedforward", "residual"]


class Shape(Protocol):
    """What is asked of a compact domain: how affine functions range over its convex hull."""

    def sign_of(self, function: Affine) -> int:
        """Return 1 if `function >= 0` on the domain, -1 if `<= 0`, 0 if the hyperplane cuts its convex hull."""
        ...

    def lower_bound(self, function: Affine) -> Fraction:
        """Return a rational lower bound of the function on the domain."""
        ...


@dataclass(frozen=True, slots=True)
class Term:
    """The function `jump * 1{halfspace}`."""

    halfspace: HalfSpace
    jump: Affine

    @property
    def multiplicity(self) -> int:
        """1 for a kink (the jump vanishes on the boundary), 2 for a jump; MATHEMATICS.md, section 2."""
        return 2 if self.jump.ratio_to(self.halfspace.side) is None else 1

    @property
    def turned(self) -> Term:
        """The term on the other side: `J 1_A = J + turned` almost everywhere."""
        return Term(self.halfspace.complement, -self.jump)


@dataclass(frozen=True)
class GeneralizedResponse:
    """`affine + sum of terms`, in any input dimension."""

    affine: Affine
    terms: tuple[Term, ...]

    @classmethod
    def of(cls, affine: Affine, terms: Iterable[tuple[Affine, Affine]] = ()) -> GeneralizedResponse:
        """Build from pairs `(s, J)`, each standing for `J 1{s > 0}`."""
        return cls(affine, tuple(Term(HalfSpace(s), j) for s, j in terms))

    @property
    def dimension_of_input(self) -> int:
        """The input dimension n."""
        return self.affine.dimension

    @cached_property
    def jumps(self) -> tuple[Term, ...]:
        """The terms of multiplicity 2."""
        return tuple(t for t in self.terms if t.multiplicity == 2)

    @cached_property
    def kinks(self) -> tuple[Term, ...]:
        """The terms of multiplicity 1."""
        return tuple(t for t in self.terms if t.multiplicity == 1)

    @property
    def is_strict(self) -> bool:
        """Whether some term is a jump (meaningful for a reduced response)."""
        return bool(self.jumps)

    def __call__(self, point: Sequence[Rational]) -> Fraction:
        """Return the value at a rational point (on a boundary: without that half-space's jump)."""
        return self.at(point)(point)

    def at(self, point: Sequence[Rational]) -> Affine:
        """Return the affine function that the response equals near a point off all boundaries."""
        return _sum_at(self.affine, self.terms, point)

    def reduced(self, shape: Shape) -> GeneralizedResponse:
        """Return the reduced form on a domain: the same function almost everywhere on it.

        Equal boundaries are merged, also when labelled from opposite sides; half-spaces whose boundary misses the
        interior of the convex hull are dropped into the affine part; jumps that vanish are dropped.
        """
        affine = self.affine
        merged: dict[tuple[int, ...], Term] = {}
        for term in self.terms:
            side = shape.sign_of(term.halfspace.side)
            if side > 0:
                affine = affine + term.jump
            if side:
                continue
            key = term.halfspace.boundary
            first = merged.get(key)
            if first is None:
                merged[key] = term
            elif first.halfspace.faces_like(term.halfspace):
                merged[key] = Term(first.halfspace, first.jump + term.jump)
            else:
                affine = affine + term.jump
                merged[key] = Term(first.halfspace, first.jump - term.jump)
        return GeneralizedResponse(affine, tuple(t for t in merged.values() if not t.jump.is_zero))

    def turned_over(self, indices: Iterable[int]) -> GeneralizedResponse:
        """Return the same response (almost everywhere) with the terms at `indices` labelled from the other side."""
        chosen = set(indices)
        affine = self.affine
        terms: list[Term] = []
        for index, term in enumerate(self.terms):
            if index in chosen:
                affine = affine + term.jump
                term = term.turned
            terms.append(term)
        return GeneralizedResponse(affine, tuple(terms))

    def dimension(self, architecture: Architecture) -> int:
        """Return the number of neurons the response needs (MATHEMATICS.md, section 2); the form must be reduced."""
        count = sum(t.multiplicity for t in self.terms)
        return count if architecture == "residual" else count + self.affine_cost

    @property
    def affine_cost(self) -> int:
        """`m_0`: 0 in the cases (const) and (free), else 1."""
        return 0 if self.turning is not None or self.has_free_affine_part else 1

    @property
    def has_free_affine_part(self) -> bool:
        """The case (free): the normals of the jumps are linearly dependent."""
        return null_vector([t.halfspace.side.gradient for t in self.jumps]) is not None

    @cached_property
    def turning(self) -> tuple[int, ...] | None:
        """Return the case (const): a set F of terms with `grad a + sum_F grad J = 0`, or None if there is none."""
        return subset_with_sum([t.jump.gradient for t in self.terms], tuple(-g for g in self.affine.gradient))


def subset_with_sum(vectors: Sequence[tuple[Fraction, ...]], target: tuple[Fraction, ...]) -> tuple[int, ...] | None:
    """Return indices of a smallest-first subset of vectors that adds up to `target`, or None.

    Exact, by meeting in the middle: 2^(k/2) sums for k vectors that are not 0.
    """
    relevant = [i for i, v in enumerate(vectors) if any(v)]
    half = len(relevant) // 2

    def sums(indices: Sequence[int]) -> dict[tuple[Fraction, ...], tuple[int, ...]]:
        found: dict[tuple[Fraction, ...], tuple[int, ...]] = {tuple(Fraction(0) for _ in target): ()}
        for i in indices:
            for total, members in list(found.items()):
                found.setdefault(tuple(t + v for t, v in zip(total, vectors[i], strict=True)), (*members, i))
        return found

    left, right = sums(relevant[:half]), sums(relevant[half:])
    hits = [
        members + right[rest]
        for total, members in left.items()
        if (rest := tuple(g - t for g, t in zip(target, total, strict=True))) in right
    ]
    return min(hits, key=len, default=None)


def differences(
    first: GeneralizedResponse, second: GeneralizedResponse, pieces: Iterable[AnyCell]
) -> list[tuple[AnyCell, Affine, Affine]]:
    """Return the cells of the pieces on which two responses differ, each with their two affine functions."""
    own, other, common = list(first.terms), list(second.terms), []
    for term in first.terms:
        if term in other:
            own.remove(term)
            other.remove(term)
            common.append(term)
    found = _cut([(cell, first.affine, second.affine) for cell in pieces], own, other)
    return _cut([entry for entry in found if entry[1] != entry[2]], common, common)


def _cut(
    found: list[tuple[AnyCell, Affine, Affine]], own: Iterable[Term], other: Iterable[Term]
) -> list[tuple[AnyCell, Affine, Affine]]:
    """Return cells cut at the boundaries of terms; those of their side are added to the first or second function."""
    walls: dict[tuple[int, ...], tuple[HalfSpace, list[tuple[int, Affine]], list[tuple[int, Affine]]]] = {}
    for which, terms in enumerate((own, other)):
        for term in terms:
            halfspace, below, above = walls.setdefault(term.halfspace.boundary, (term.halfspace, [], []))
            (above if term.halfspace.faces_like(halfspace) else below).append((which, term.jump))
    for halfspace, below, above in walls.values():
        parts = []
        for cell, one, two in found:
            for part, added in zip(cell.split(halfspace.side), (below, above), strict=True):
                if part is not None:
                    parts.append((part, _plus(one, added, 0), _plus(two, added, 1)))
        found = parts
    return found


def _plus(affine: Affine, added: Iterable[tuple[int, Affine]], which: int) -> Affine:
    for index, jump in added:
        if index == which:
            affine = affine + jump
    return affine


def equal_almost_everywhere(first: GeneralizedResponse, second: GeneralizedResponse, pieces: Iterable[Cell]) -> bool:
    """Whether two responses agree almost everywhere on the union of the pieces, decided exactly cell by cell."""
    return not differences(first, second, pieces)


def _sum_at(affine: Affine, terms: Iterable[Term], point: Sequence[Rational]) -> Affine:
    """Return the affine function that `affine + sum of terms` equals near a point off all boundaries."""
    for term in terms:
        if term.halfspace.contains(point):
            affine = affine + term.jump
    return affine
