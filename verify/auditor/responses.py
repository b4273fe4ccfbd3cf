"""Generalized responses: the reduced form and the number of neurons it needs (docs/certificate.md, 4.3 and 4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from operator import add, sub
from typing import NamedTuple

from verify.auditor.affine import Affine, Shape, rank
from verify.auditor.verdicts import settle

MOST_SUBSETS_OF = 36
MOST_CORNERS = 200_000  # of the shapes of the domain, once for each half-space


class Jump(NamedTuple):
    """The affine function `jump` on the half-space {side > 0}."""

    side: Affine
    jump: Affine

    def normal(self) -> tuple[Affine, Fraction]:
        """(boundary with leading coefficient 1, the factor that makes `side` of it)."""
        lead = next(a for a in self.side.gradient if a)
        return self.side.times(Fraction(1, lead)), lead

    def multiplicity(self) -> int:
        """1 if the jump vanishes on the boundary, else 2."""
        boundary, _ = self.normal()
        slope = next(b for a, b in zip(boundary.gradient, self.jump.gradient, strict=True) if a)
        return 1 if self.jump == boundary.times(slope) else 2


class Response(NamedTuple):
    """affine + the sum of the jumps."""

    affine: Affine
    jumps: tuple[Jump, ...]

    def minus(self, other: Response) -> Response:
        """The difference."""
        jumps = (Jump(side, jump.times(-1)) for side, jump in other.jumps)
        return Response(self.affine.plus(other.affine, -1), (*self.jumps, *jumps))

    def strict(self) -> list[Jump]:
        """The jumps of multiplicity 2."""
        return [j for j in self.jumps if j.multiplicity() == 2]


def reduced(response: Response, shapes: Sequence[Shape]) -> Response:
    """The same function in reduced form: distinct boundaries, all inside conv(S), leading coefficients 1, no jump 0."""
    pairs = len(response.jumps) * sum(len(shape.points) for shape in shapes)
    settle(pairs <= MOST_CORNERS, "too many half-spaces for so many shapes")
    affine = response.affine
    merged: dict[Affine, Affine] = {}
    for jump in response.jumps:
        sides = [shape.sides(jump.side) for shape in shapes]
        if not (any(low for low, _ in sides) and any(high for _, high in sides)):
            affine = affine.plus(jump.jump) if any(high for _, high in sides) else affine
            continue
        boundary, factor = jump.normal()
        change = jump.jump if factor > 0 else jump.jump.times(-1)
        affine = affine if factor > 0 else affine.plus(jump.jump)
        merged[boundary] = merged[boundary].plus(change) if boundary in merged else change
    return Response(affine, tuple(Jump(s, j) for s, j in merged.items() if not j.is_zero()))


def dimension(response: Response, architecture: str) -> int:
    """The number of neurons a reduced response needs; UndecidedError if that would take too long to find out."""
    count = sum(j.multiplicity() for j in response.jumps)
    if architecture == "residual":
        return count
    normals = [j.side.gradient for j in response.strict()]
    if rank(normals) < len(normals):
        return count
    vectors = [j.jump.gradient for j in response.jumps if any(j.jump.gradient)]
    return count + (0 if _some_subset_cancels(response.affine.gradient, vectors) else 1)


def _some_subset_cancels(start: tuple[Fraction, ...], vectors: list[tuple[Fraction, ...]]) -> bool:
    """Whether start plus the sum of some vectors is 0: the sums of one half, looked up among those of the other."""
    if not any(start):
        return True
    few = len(vectors) <= MOST_SUBSETS_OF
    settle(few, f"whether a subset of {len(vectors)} jumps has gradients that cancel is too long a search")
    scale = lcm(*(a.denominator for v in (start, *vectors) for a in v))
    first, second = {tuple(int(a * scale) for a in start)}, {(0,) * len(start)}
    for i, vector in enumerate(vectors):
        step = [int(a * scale) for a in vector]
        if i % 2:
            first |= {tuple(map(add, v, step)) for v in first}
        else:
            second |= {tuple(map(sub, v, step)) for v in second}
    return not first.isdisjoint(second)
