"""Unions of polytopes: does a hyperplane pass through their interior?

MATHEMATICS.md, section 1, hypothesis (H2a) for one hyperplane and a density that is positive on the interior of D.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from proofs.geometry.affine import Affine, Point
from proofs.geometry.polytopes import Polytope


def cuts_interior(pieces: Iterable[Polytope], function: Affine) -> bool:
    """Whether the zero set of an affine function, not constant, contains an interior point of the union.

    It does iff a facet of what lies above it and a facet of what lies below it overlap, within the hyperplane, in more
    than a null set.
    """
    below: list[tuple[Point, ...]] = []
    above: list[tuple[Point, ...]] = []
    for piece in pieces:
        for part, faces in zip(piece.split(function), (below, above), strict=True):
            if part is not None:
                faces.append(tuple(v for v in part.vertices if function(v) == 0))
    if function.dimension == 1:
        return any(below) and any(above)
    pivot = next(i for i, g in enumerate(function.gradient) if g)
    return any(_overlap(a, b) for a in _full(below, pivot) for b in list(_full(above, pivot)))


def _full(faces: Sequence[Sequence[Point]], pivot: int) -> Iterator[Polytope]:
    """Yield the faces that have an interior within the hyperplane, with the pivot coordinate left out."""
    for face in faces:
        if face:
            with suppress(ValueError):  # the face has no interior there
                yield Polytope.hull([(*p[:pivot], *p[pivot + 1 :]) for p in face])


def _overlap(first: Polytope, second: Polytope) -> bool:
    rest: Polytope | None = first
    for facet in second.facets:
        if rest is None:
            return False
        rest = rest.split(facet)[1]
    return rest is not None
