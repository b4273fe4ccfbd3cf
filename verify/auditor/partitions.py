"""The cells of S cut by hyperplanes, and piecewise affine functions on them (docs/certificate.md, section 4.7)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from verify.auditor.affine import Affine, Shape, intervals, zero
from verify.auditor.balls import covering, distance
from verify.auditor.certificate import Neuron, Ramp
from verify.auditor.evaluate import Vertex
from verify.auditor.responses import Jump
from verify.auditor.simplices import Point, centre, cut_all, volume
from verify.auditor.verdicts import Effort, UndecidedError, shown

Vertices = tuple[Vertex, ...]


def halves(ramp: Ramp) -> tuple[Jump, Jump]:
    """The two neurons of (1/(2 kappa)) [(s + kappa (e + J))^+ - (s + kappa (e - J))^+], as jumps."""
    (s, j), kappa, e = ramp.jump, ramp.kappa, ramp.shift
    factor = Fraction(1, 2 * kappa)
    u, v = s.plus(e.plus(j), kappa), s.plus(e.plus(j, -1), kappa)
    return Jump(u, u.times(factor)), Jump(v, v.times(-factor))


def of_neurons(neurons: Iterable[Neuron]) -> list[Jump]:
    """Neurons as jumps."""
    return [Jump(n.argument, n.argument.times(n.output)) for n in neurons]


class Cells:
    """The cells of S, and a point inside each."""

    cells: list[Vertices]
    centres: list[Point]

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

    def _profile(self, base: Affine, jumps: Iterable[Jump]) -> tuple[list[Fraction], list[Affine]]:
        """Breaks and pieces of a function: pieces[i] to the left of breaks[i], the last piece to the right of all."""
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
        return breaks, pieces

    def sums(self, base: Affine, jumps: Iterable[Jump]) -> list[Affine]:
        """What base + the sum of the jumps is on each cell, none of which has a boundary of theirs inside."""
        breaks, pieces = self._profile(base, jumps)
        result, i = [], 0
        for (a,), _ in self.cells:
            while i < len(breaks) and breaks[i] <= a:
                i += 1
            result.append(pieces[i])
        return result

    def where_not_zero(self, jumps: Iterable[Jump]) -> Iterator[tuple[int, Affine]]:
        """The cells on which the sum of the jumps is not 0, and what it is there."""
        breaks, pieces = self._profile(zero(1), jumps)
        starts = [a for (a,), _ in self.cells]
        ends = [0, *(bisect_left(starts, x) for x in breaks), len(starts)]
        for first, last, piece in zip(ends, ends[1:], pieces, strict=False):
            if not piece.is_zero():
                yield from ((k, piece) for k in range(first, last))

    def merged(self, cells: range) -> list[Vertices]:
        """Cells that follow each other, as few as possible."""
        result: list[Vertices] = []
        for a, b in self.cells[cells.start : cells.stop]:
            a = result.pop()[0] if result and result[-1][1] == a else a
            result.append((a, b))
        return result


class Simplices(Cells):
    """S in more dimensions as simplices, cut at the zeros of affine functions."""

    def __init__(self, effort: Effort, shapes: Sequence[Shape], functions: Iterable[Affine]) -> None:
        self.effort = effort
        whole = covering(effort, shapes)
        planes = {Jump(f, f).normal()[0] for f in functions if any(f.gradient)}
        parts = [(balls, part) for balls, simplex in whole for part in cut_all(effort, [simplex], planes)]
        if sum(volume(part) for _, part in parts) != sum(volume(simplex) for _, simplex in whole):
            raise UndecidedError("the cells do not cover the domain")
        parts = [(balls, part) for balls, part in parts if all(distance(ball, part) < ball[-1] ** 2 for ball in balls)]
        self.cells = [(*balls, *part) for balls, part in parts]
        self.centres = [centre(part) for _, part in parts]

    def sums(self, base: Affine, jumps: Iterable[Jump]) -> list[Affine]:
        """What base + the sum of the jumps is on each cell, none of which has a boundary of theirs inside."""
        result, jumps = [], list(jumps)
        for point in self.centres:
            self.effort.spend(4 * (1 + len(jumps)))
            total = base
            for side, jump in jumps:
                total = total.plus(jump) if side.value(point) > 0 else total
            result.append(total)
        return result

    def where_not_zero(self, jumps: Iterable[Jump]) -> Iterator[tuple[int, Affine]]:
        """The cells on which the sum of the jumps is not 0, and what it is there."""
        values = self.sums(zero(len(self.centres[0])), jumps)
        return ((k, value) for k, value in enumerate(values) if not value.is_zero())

    def merged(self, cells: range) -> list[Vertices]:
        """Cells that follow each other."""
        return self.cells[cells.start : cells.stop]


def partition(effort: Effort, shapes: Sequence[Shape], functions: Iterable[Affine] = ()) -> Intervals | Simplices:
    """The cells of the union of the shapes, cut at the zeros of affine functions."""
    return (Intervals if len(shapes[0].points[0]) == 1 else Simplices)(effort, shapes, functions)
