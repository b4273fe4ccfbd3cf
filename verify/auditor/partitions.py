"""The cells of S cut by hyperplanes, and piecewise affine functions on them (docs/certificate.md, section 4.7)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise

from verify.auditor.affine import Affine, Shape, intervals
from verify.auditor.balls import covering, distance
from verify.auditor.evaluate import Vertex
from verify.auditor.responses import Jump
from verify.auditor.simplices import Point, centre, cut_all, volume
from verify.auditor.verdicts import Effort, settle, shown

Vertices = tuple[Vertex, ...]


class Cells(ABC):
    """The cells of S, and a point inside each."""

    effort: Effort
    cells: list[Vertices]
    centres: list[Point]

    @abstractmethod
    def sums(self, base: Affine, jumps: Iterable[Jump]) -> list[Affine]:
        """What base + the sum of the jumps is on each cell, none of which has a boundary of theirs inside."""

    def place(self, k: int) -> str:
        """A cell in words."""
        return f"around ({', '.join(map(shown, self.centres[k]))})"


class Intervals(Cells):
    """The intervals of S on the line, cut at the zeros of affine functions."""

    def __init__(self, effort: Effort, shapes: Sequence[Shape], functions: Iterable[Affine]) -> None:
        self.effort = effort
        ordered = sorted({Fraction(-f.constant, f.gradient[0]) for f in functions if f.gradient[0]})
        self.cells = []
        for a, b in intervals(shapes):
            first, last = bisect_left(ordered, a), bisect_left(ordered, b)
            self.cells += pairwise((x,) for x in (a, *(x for x in ordered[first:last] if x > a), b))
        self.centres = [centre(cell) for cell in self.cells]

    def sums(self, base: Affine, jumps: Iterable[Jump]) -> list[Affine]:
        """The same sums, from the breaks and pieces of the function: pieces[i] is to the left of breaks[i]."""
        changes: dict[Fraction, Affine] = {}
        for side, jump in jumps:
            slope = side.gradient[0]
            if not slope:
                base = base.plus(jump) if side.constant > 0 else base
                continue
            at = Fraction(-side.constant, slope)
            base = base if slope > 0 else base.plus(jump)
            change = jump if slope > 0 else jump.times(-1)
            changes[at] = changes[at].plus(change) if at in changes else change
        breaks, pieces = sorted(changes), [base]
        for at in breaks:
            self.effort.spend(1 + (pieces[-1].constant.denominator.bit_length() >> 6))
            pieces.append(pieces[-1].plus(changes[at]))
        self.effort.spend(len(self.cells) // 10)
        result, i = [], 0
        for (a,), _ in self.cells:
            while i < len(breaks) and breaks[i] <= a:
                i += 1
            result.append(pieces[i])
        return result


class Simplices(Cells):
    """S in more dimensions as simplices, cut at the zeros of affine functions."""

    def __init__(self, effort: Effort, shapes: Sequence[Shape], functions: Iterable[Affine]) -> None:
        self.effort = effort
        whole = covering(effort, shapes)
        planes = {Jump(f, f).normal()[0] for f in functions if any(f.gradient)}
        parts = [(balls, part) for balls, simplex in whole for part in cut_all(effort, [simplex], planes)]
        total, own = (sum(volume(simplex) for _, simplex in found) for found in (whole, parts))
        settle(own == total, "the cells do not cover the domain")
        parts = [(balls, part) for balls, part in parts if all(distance(ball, part) < ball[-1] ** 2 for ball in balls)]
        self.cells = [(*balls, *part) for balls, part in parts]
        self.centres = [centre(part) for _, part in parts]

    def sums(self, base: Affine, jumps: Iterable[Jump]) -> list[Affine]:
        """The same sums, from the signs at the centres."""
        result, jumps = [], list(jumps)
        for point in self.centres:
            self.effort.spend(4 * (1 + len(jumps)))
            total = base
            for side, jump in jumps:
                total = total.plus(jump) if side.value(point) > 0 else total
            result.append(total)
        return result


def partition(effort: Effort, shapes: Sequence[Shape], functions: Iterable[Affine] = ()) -> Cells:
    """The cells of the union of the shapes, cut at the zeros of affine functions."""
    return (Intervals if len(shapes[0].points[0]) == 1 else Simplices)(effort, shapes, functions)
