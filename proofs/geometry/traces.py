"""What a hyperplane meets of a union of polytopes: its faces on both sides, and those on one side only.

Surface integrals become integrals over one dimension less: on `{s = 0}` a coordinate with a nonzero slope is an affine
function of the others, and `int g dsigma / |grad s| = int g dx' / |slope|` over the shadow, without any square root.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from proofs.geometry.affine import Affine, Point
from proofs.geometry.polytopes import Polytope


@dataclass(frozen=True)
class Hyperplane:
    """The zero set of an affine function that is not constant, seen along one coordinate axis."""

    side: Affine

    @cached_property
    def pivot(self) -> int:
        """The coordinate that is left out: the first with the largest slope."""
        sizes = [abs(g) for g in self.side.gradient]
        return sizes.index(max(sizes))

    @property
    def slope(self) -> Fraction:
        """The size of the slope in the coordinate that is left out."""
        return abs(self.side.gradient[self.pivot])

    @cached_property
    def solved(self) -> Affine:
        """The coordinate that is left out, as a function of the others."""
        lead = self.side.gradient[self.pivot]
        rest = self._without_pivot(self.side.gradient)
        return Affine(tuple(-g / lead for g in rest), -self.side.constant / lead)

    def shadow(self, point: Point) -> Point:
        """Return the other coordinates of a point."""
        return self._without_pivot(point)

    def lifted(self, shadow: Sequence[Fraction]) -> Point:
        """Return the point of the hyperplane above a shadow."""
        return (*shadow[: self.pivot], self.solved(shadow), *shadow[self.pivot :])

    def restricted(self, function: Affine) -> Affine:
        """Return an affine function on the hyperplane as a function of the shadow."""
        slope = function.gradient[self.pivot]
        return Affine(self._without_pivot(function.gradient), function.constant) + slope * self.solved

    def _without_pivot(self, entries: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
        return (*entries[: self.pivot], *entries[self.pivot + 1 :])


@dataclass(frozen=True)
class Trace:
    """Shadows of what a hyperplane meets: `inner` has cells on both sides, `one_sided` on one side only.

    On the line a shadow is the empty point `()`, since a hyperplane is a point there; it stands as None.
    """

    inner: tuple[Polytope | None, ...]
    one_sided: tuple[Polytope | None, ...]


def trace(cells: Iterable[Polytope], plane: Hyperplane) -> Trace:
    """Return the trace of a hyperplane on polytopes that overlap in their boundaries only, exactly."""
    inner: list[Polytope | None] = []
    sides: tuple[list[Polytope], list[Polytope]] = ([], [])
    touched = [False, False]
    for cell in cells:
        below, above = cell.split(plane.side)
        corners = [v for v in (below or above or cell).vertices if plane.side(v) == 0]
        if cell.dimension == 1:
            if below is not None and above is not None:
                return Trace((None,), ())
            if corners:
                touched[above is not None] = True
            continue
        if len(corners) < cell.dimension:
            continue
        try:
            face = Polytope.hull(plane.shadow(v) for v in corners)
        except ValueError:  # an edge or a corner only
            continue
        if below is not None and above is not None:
            inner.append(face)
        else:
            sides[above is not None].append(face)
    if any(touched):
        return Trace((None,), ()) if all(touched) else Trace((), (None,))
    left, right = sides
    lonely = [*_without(left, right), *_without(right, left)]
    for face in left:
        rest = _without([face], right)
        inner += _without([face], rest)
    return Trace(tuple(inner), tuple(lonely))


def _without(faces: Iterable[Polytope], others: Sequence[Polytope]) -> list[Polytope]:
    """Return polytopes that make up the faces without the others."""
    result = list(faces)
    for other in others:
        result = [part for face in result for part in face.minus(other)]
    return result
