"""Integrals of one expression over many simplices, each with affine functions of its own."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from proofs.geometry.affine import Affine, Point
from verify.enclosure import Enclosure, total
from verify.expressions.tree import Expression
from verify.integration.charts import SimplexChart
from verify.integration.cube import CubePart
from verify.integration.deadline import Deadline
from verify.integration.forms import Forms
from verify.integration.integrands import Integrand
from verify.integration.simplices import Simplices
from verify.integration.simplicial import integrate
from verify.vectorized.compiled import UnsupportedError

_FINEST = 1e-11
"""Tolerances below this share of the integral of the modulus are left to arbitrary precision."""


class SimplicialPart:
    """The integral of a function of affine functions over simplices; those functions are other ones on each."""

    def __init__(self, pieces: Sequence[tuple[Forms, Sequence[Point]]]) -> None:
        self.pieces = pieces
        first = pieces[0][0]
        self.integrand = Integrand.of(first.body, first.names)
        functions: list[tuple[Affine, ...]] = [forms.affine for forms, _ in pieces]
        self.simplices = Simplices.of(functions, [simplex for _, simplex in pieces], len(self.integrand.gaps))
        self._one_by_one: list[CubePart] | None = None

    @property
    def lost_bits(self) -> int:
        """How many bits the position of the simplices needs beyond their size: they have no position."""
        return 0

    def rough_size(self) -> Fraction:
        """Return a guess of the magnitude of the integral of the modulus; not a bound."""
        simplices, size = self.simplices, 0.0
        with np.errstate(all="ignore"):
            for i in range(simplices.dimension + 1):  # at one point it may be 0
                (values,) = self.integrand.value(simplices.inputs(simplices.towards(i)))
                size += float(np.sum(values.size * simplices.volume.hi))
        size /= simplices.dimension + 1
        return Fraction(size) if np.isfinite(size) else Fraction(0)

    def enclose(self, relative: Fraction, tolerance: Fraction, deadline: Deadline) -> Enclosure:
        """Return an enclosure about as narrow as asked for. Raises ArithmeticError if the integrand is not bounded."""
        size = self.rough_size()
        goal = 3 * tolerance
        if goal < size * Fraction(_FINEST):
            return self._exactly_enough(relative, tolerance, deadline)
        found = integrate(self.integrand, self.simplices, float(goal), deadline)
        if found is None:
            reason = "the budget ended before it was bounded" if deadline.passed else "it could not be bounded"
            raise ArithmeticError(f"an integrand is too wild: {reason}")
        return found

    def _exactly_enough(self, relative: Fraction, tolerance: Fraction, deadline: Deadline) -> Enclosure:
        if self._one_by_one is None:
            self._one_by_one = [CubePart(forms, SimplexChart(simplex)) for forms, simplex in self.pieces]
        share = tolerance / len(self._one_by_one)
        return total(part.enclose(relative, share, deadline) for part in self._one_by_one)


def merged(pieces: Sequence[tuple[Forms, Sequence[Point]]]) -> list[SimplicialPart | CubePart]:
    """Return integrals whose sum is that of functions over simplices, the same expressions taken together."""
    groups: dict[Expression, list[tuple[Forms, Sequence[Point]]]] = {}
    for forms, simplex in pieces:
        groups.setdefault(forms.body, []).append((forms, simplex))
    result: list[SimplicialPart | CubePart] = []
    for group in groups.values():
        try:
            result.append(SimplicialPart(group))
        except (UnsupportedError, OverflowError):
            result += [CubePart(forms, SimplexChart(simplex)) for forms, simplex in group]
    return result
