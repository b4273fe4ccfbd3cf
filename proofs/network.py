"""Shallow ReLU networks with rational weights.

MATHEMATICS.md, section 1: `N(x) = affine(x) + sum_j c_j (w_j.x + b_j)^+`. A feedforward network has a constant
affine part (the offset); a residual network has any affine part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from proofs.geometry.affine import Affine, HalfSpace, Rational
from proofs.geometry.polytopes import AnyCell, Cell, cells
from proofs.response import GeneralizedResponse, Term, equal_almost_everywhere


@dataclass(frozen=True, slots=True)
class Neuron:
    """The function `output * (inner(x))^+`."""

    output: Fraction
    inner: Affine

    def __call__(self, point: Sequence[Rational]) -> Fraction:
        """Return the neuron's contribution at a rational point."""
        return self.output * max(self.inner(point), Fraction(0))


@dataclass(frozen=True)
class ShallowNetwork:
    """A network of width `len(neurons)`, in any input dimension."""

    affine: Affine
    neurons: tuple[Neuron, ...]

    @property
    def width(self) -> int:
        """The number of neurons."""
        return len(self.neurons)

    @property
    def is_feedforward(self) -> bool:
        """Whether the affine part is constant."""
        return self.affine.is_constant

    def __call__(self, point: Sequence[Rational]) -> Fraction:
        """Return the value at a rational point."""
        return sum((neuron(point) for neuron in self.neurons), self.affine(point))

    @cached_property
    def response(self) -> GeneralizedResponse:
        """The network's response, as an affine function plus one kink for every neuron that has one."""
        affine = self.affine
        terms: list[Term] = []
        for neuron in self.neurons:
            if neuron.inner.is_constant:
                affine = affine.plus(neuron.output * max(neuron.inner.constant, Fraction(0)))
            else:
                terms.append(Term(HalfSpace(neuron.inner), neuron.output * neuron.inner))
        return GeneralizedResponse(affine, tuple(terms))

    def cells(self, pieces: Iterable[AnyCell]) -> list[tuple[AnyCell, Affine]]:
        """Return the cells into which the kinks cut the pieces, each with the affine function the network is there."""
        kinks = {term.halfspace.boundary: term.halfspace.side for term in self.response.terms}
        return [(cell, self.response.at(cell.centre)) for cell in cells(pieces, kinks.values())]

    def breakpoints(self) -> tuple[Fraction, ...]:
        """Return the sorted kinks of a network of one variable. Raises ValueError in higher dimension."""
        if self.affine.dimension != 1:
            raise ValueError("breakpoints are points only in one dimension; use cells")
        sides = [term.halfspace.side for term in self.response.terms]
        return tuple(sorted({-s.constant / s.gradient[0] for s in sides}))

    def equals(self, other: ShallowNetwork | GeneralizedResponse, pieces: Iterable[Cell]) -> bool:
        """Whether two responses agree almost everywhere on the pieces (for two networks: everywhere), exactly."""
        theirs = other.response if isinstance(other, ShallowNetwork) else other
        return equal_almost_everywhere(self.response, theirs, pieces)
