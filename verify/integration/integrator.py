"""Sums of integrals over cells to a wanted relative width. The working precision is set here only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Protocol

from flint import ctx

from proofs.geometry.polytopes import Cell
from verify.enclosure import Enclosure, total
from verify.expressions import Expression
from verify.integration import intervals
from verify.integration.deadline import Deadline

MAX_PASSES = 7
EASY_DIGITS = 8
MAX_PRECISION = 4_000


@dataclass(frozen=True, slots=True)
class Integral:
    """The integral of an expression over a cell."""

    expression: Expression
    cell: Cell


class Part(Protocol):
    """An integral that has no exact value in sight."""

    @property
    def lost_bits(self) -> int:
        """How many bits the position of the cell needs beyond its width."""
        ...

    def rough_size(self) -> Fraction:
        """Return a guess of the integral's magnitude, to set tolerances by; not a bound."""
        ...

    def enclose(self, relative: Fraction, tolerance: Fraction, deadline: Deadline) -> Enclosure:
        """Return an enclosure at the working precision, about as narrow as asked for. Raises ArithmeticError."""
        ...


class Integrator:
    """Evaluates sums of integrals to a wanted relative width, raising the precision by itself."""

    def __init__(self, variables: Sequence[str], deadline: Deadline) -> None:
        self.variables = tuple(variables)
        self.deadline = deadline

    def enclose(
        self, integrals: Sequence[Integral], digits: int, size: float = 0.0, floor: Fraction = Fraction(0)
    ) -> Enclosure:
        """Return an enclosure of the sum of the integrals.

        Its relative width is at most 10^-digits, or its width at most `floor`, unless the effort ran out. Raises
        ArithmeticError if an integrand could not be bounded. `size` is a guess of the sum's magnitude, to save effort.
        """
        exact = Fraction(0)
        hard: list[Integral] = []
        for integral in integrals:
            value = self._exactly(integral)
            if value is None:
                hard.append(integral)
            else:
                exact += value
        rest = self._parts(hard)
        if not rest:
            return Enclosure.exactly(exact)
        wanted = Fraction(1, 10 ** min(digits, EASY_DIGITS))  # more only once the sum's size is known
        least = 40 + max(part.lost_bits for part in rest)
        precision = least + int(3.4 * digits)
        with ctx.workprec(precision):
            rough = max(part.rough_size() for part in rest)
        guess = Fraction(size) if 0 < size < inf else Fraction(0)
        tolerance = max((guess or rough) * wanted, floor) / (8 * len(rest))
        relative = wanted / 16
        best: Enclosure | None = None
        for _ in range(MAX_PASSES):
            with ctx.workprec(precision):
                found = total(part.enclose(relative, tolerance, self.deadline) for part in rest)
            result = found + Enclosure.exactly(exact) if exact else found
            best = result if best is None or result.width < best.width else best
            if best.settled(digits) or best.width <= floor or self.deadline.passed or precision > MAX_PRECISION:
                break
            middle = abs(best.lower + best.upper) / 2
            goal = middle if middle > best.width else guess if 0 < guess < best.width else best.width / 1000
            needed = max(goal / 10**digits, floor) / (8 * len(rest))
            tolerance = needed if needed < tolerance / 2 else tolerance / 64
            relative = min(relative / 64, needed / max(rough, goal))
            bits = (relative.denominator // relative.numerator).bit_length()
            precision = max(precision * 3 // 2 + 32, least + 2 * bits)
        assert best is not None
        return best

    def _exactly(self, integral: Integral) -> Fraction | None:
        if len(self.variables) == 1:
            return intervals.exactly(integral.expression, integral.cell, self.variables[0])
        from verify.integration import polynomials

        return polynomials.exactly(integral.expression, integral.cell, self.variables)

    def _parts(self, integrals: Sequence[Integral]) -> Sequence[Part]:
        if len(self.variables) == 1:
            return [intervals.IntervalPart(i.expression, i.cell, self.variables) for i in integrals]
        from verify.integration import volumes

        return volumes.parts([(i.expression, i.cell) for i in integrals], self.variables)
