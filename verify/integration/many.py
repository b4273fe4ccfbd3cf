"""Integrals of one expression over many simplices, each with affine functions of its own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache

import numpy as np

from proofs.geometry.affine import Affine, Point
from proofs.geometry.balls import RoundCell
from verify.enclosure import Enclosure, total
from verify.expressions.tree import Expression
from verify.integration.charts import Chart, SimplexChart
from verify.integration.cube import CubePart
from verify.integration.deadline import Deadline
from verify.integration.forms import Forms
from verify.integration.integrands import Integrand
from verify.integration.round import charts
from verify.integration.shells import Block, blocks
from verify.integration.simplices import Simplices
from verify.integration.simplicial import integrate
from verify.vectorized.compiled import UnsupportedError

_FINEST = 1e-11
"""Tolerances below this share of the integral of the modulus are left to arbitrary precision."""


class _ArrayPart(ABC):
    """The sum of integrals over simplices of integrands on arrays."""

    def __init__(self, arrays: Sequence[tuple[Integrand, Simplices]]) -> None:
        self.arrays = arrays

    @abstractmethod
    def _charts(self) -> Iterator[tuple[Forms, Chart]]:
        """Yield functions on charts, with the same sum."""

    @property
    def lost_bits(self) -> int:
        """How many bits the position of the simplices needs beyond their size: they have no position."""
        return 0

    def rough_size(self) -> Fraction:
        """Return a guess of the magnitude of the integral of the modulus; not a bound."""
        size = 0.0
        with np.errstate(all="ignore"):
            for integrand, simplices in self.arrays:
                for i in range(simplices.dimension + 1):  # at one point it may be 0
                    (values,) = integrand.value(simplices.inputs(simplices.towards(i)))
                    size += float(np.sum(values.size * simplices.volume.hi)) / (simplices.dimension + 1)
        return Fraction(size) if np.isfinite(size) else Fraction(0)

    def enclose(self, relative: Fraction, tolerance: Fraction, deadline: Deadline) -> Enclosure:
        """Return an enclosure about as narrow as asked for. Raises ArithmeticError if the integrand is not bounded."""
        size = self.rough_size()
        goal = 3 * tolerance
        if goal < size * Fraction(_FINEST):
            return self._exactly_enough(relative, tolerance, deadline)
        found = integrate(self.arrays, float(goal), deadline)
        if found is None:
            reason = "the budget ended before it was bounded" if deadline.passed else "it could not be bounded"
            raise ArithmeticError(f"an integrand is too wild: {reason}")
        return found

    def _exactly_enough(self, relative: Fraction, tolerance: Fraction, deadline: Deadline) -> Enclosure:
        charts = list(self._charts())
        share = tolerance / len(charts)
        return total(CubePart(forms, chart).enclose(relative, share, deadline) for forms, chart in charts)


class SimplicialPart(_ArrayPart):
    """The integral of a function of affine functions over simplices; those functions are other ones on each."""

    def __init__(self, pieces: Sequence[tuple[Forms, Sequence[Point]]]) -> None:
        self.pieces = pieces
        first = pieces[0][0]
        integrand = _compiled(first.body, first.names)
        functions: list[tuple[Affine, ...]] = [forms.affine for forms, _ in pieces]
        simplices = Simplices.of(functions, [simplex for _, simplex in pieces], len(integrand.gaps))
        super().__init__([(integrand, simplices)])

    def _charts(self) -> Iterator[tuple[Forms, Chart]]:
        for forms, simplex in self.pieces:
            yield forms, SimplexChart(simplex)


class RoundPart(_ArrayPart):
    """The sum of integrals of functions of affine functions over cells of balls."""

    def __init__(self, pieces: Sequence[tuple[Forms, RoundCell]]) -> None:
        self.pieces = pieces
        groups: dict[Expression, list[Block]] = {}
        for forms, cell in pieces:
            for block in blocks(forms, cell):
                groups.setdefault(block.body, []).append(block)
        super().__init__([_joined(group) for group in groups.values()])

    def _charts(self) -> Iterator[tuple[Forms, Chart]]:
        for forms, cell in self.pieces:
            for chart in charts(cell):
                yield forms, chart


@lru_cache(maxsize=128)
def _compiled(body: Expression, names: tuple[str, ...], constants: tuple[str, ...] = ()) -> Integrand:
    return Integrand.of(body, names, constants=constants)


def _joined(group: Sequence[Block]) -> tuple[Integrand, Simplices]:
    """Return the integral over all simplices of blocks with the same body."""
    first = group[0]
    integrand = _compiled(first.body, first.names, first.constant_names)
    values = [vertices for block in group for vertices in block.simplices]
    scales = [scale for block in group for scale in block.scales]
    constants = [block.constants for block in group for _ in block.scales]
    return integrand, Simplices.known(values, scales, len(integrand.gaps), constants)


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


def rounded(pieces: Sequence[tuple[Forms, RoundCell]]) -> list[RoundPart | CubePart]:
    """Return integrals whose sum is that of functions over cells of balls."""
    if not pieces:
        return []
    try:
        return [RoundPart(pieces)]
    except (UnsupportedError, OverflowError):
        return [CubePart(forms, chart) for forms, cell in pieces for chart in charts(cell)]
