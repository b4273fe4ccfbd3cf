"""Piecewise affine functions on the line: the cells of S, and the differences the ramps make (section 4.7)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from verify.auditor.affine import Affine
from verify.auditor.certificate import Neuron, Ramp
from verify.auditor.responses import Jump
from verify.auditor.verdicts import Effort

Cell = tuple[Fraction, Fraction]


def root(function: Affine) -> Fraction | None:
    """The zero of an affine function of one variable, None if it is constant."""
    slope = function.gradient[0]
    return Fraction(-function.constant, slope) if slope else None


def halves(ramp: Ramp) -> tuple[Jump, Jump]:
    """The two neurons of (1/(2 kappa)) [(s + kappa (e + J))^+ - (s + kappa (e - J))^+], as jumps."""
    (s, j), kappa, e = ramp.jump, ramp.kappa, ramp.shift
    factor = Fraction(1, 2 * kappa)
    u, v = s.plus(e.plus(j), kappa), s.plus(e.plus(j, -1), kappa)
    return Jump(u, u.times(factor)), Jump(v, v.times(-factor))


def of_neurons(neurons: Iterable[Neuron]) -> list[Jump]:
    """Neurons as jumps."""
    return [Jump(n.argument, n.argument.times(n.output)) for n in neurons]


class Profile(NamedTuple):
    """A piecewise affine function: pieces[i] to the left of breaks[i], the last piece to the right of all."""

    breaks: list[Fraction]
    pieces: list[Affine]

    def on(self, cells: Sequence[Cell]) -> list[Affine]:
        """The affine function on each of the cells, none of which has a break inside."""
        result, i = [], 0
        for a, _ in cells:
            while i < len(self.breaks) and self.breaks[i] <= a:
                i += 1
            result.append(self.pieces[i])
        return result

    def where_not_zero(self, starts: Sequence[Fraction]) -> Iterator[tuple[int, Affine]]:
        """The cells, given by their left ends, on which the function is not 0, and what it is there."""
        ends = [0, *(bisect_left(starts, x) for x in self.breaks), len(starts)]
        for first, last, piece in zip(ends, ends[1:], self.pieces, strict=False):
            if not piece.is_zero():
                yield from ((k, piece) for k in range(first, last))


def profile(effort: Effort, base: Affine, jumps: Iterable[Jump]) -> Profile:
    """The function base + the sum of the jumps (whose sides may be constant)."""
    changes: dict[Fraction, Affine] = {}
    for side, jump in jumps:
        at = root(side)
        if at is None:
            base = base.plus(jump) if side.constant > 0 else base
            continue
        rising = side.gradient[0] > 0
        base = base if rising else base.plus(jump)
        change = jump if rising else jump.times(-1)
        changes[at] = changes[at].plus(change) if at in changes else change
    breaks, pieces = sorted(changes), [base]
    for at in breaks:
        effort.spend(1 + (pieces[-1].constant.denominator.bit_length() >> 6))
        pieces.append(pieces[-1].plus(changes[at]))
    return Profile(breaks, pieces)


def cut(intervals: Iterable[Cell], points: Iterable[Fraction]) -> list[Cell]:
    """The intervals, in order, cut at the points inside them."""
    ordered = sorted(set(points))
    cells: list[Cell] = []
    for a, b in intervals:
        first, last = bisect_left(ordered, a), bisect_left(ordered, b)
        ends = [a, *(x for x in ordered[first:last] if x > a), b]
        cells += pairwise(ends)
    return cells
