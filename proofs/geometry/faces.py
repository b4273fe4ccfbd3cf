"""The combinatorics of polytopes: triangulations from incidences alone, whatever the coordinates are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def triangulation(tight: Sequence[frozenset[int]], dimension: int) -> Iterator[tuple[int, ...]]:
    """Yield a triangulation of a polytope, each simplex as the indices of its `dimension + 1` vertices.

    `tight[i]` holds the indices of the facets through vertex i; touching hyperplanes that are no facets do no harm.
    """
    facets = sorted(frozenset().union(*tight))
    yield from _triangulated(frozenset(range(len(tight))), tight, facets, dimension)


def _triangulated(
    face: frozenset[int], tight: Sequence[frozenset[int]], facets: Sequence[int], dimension: int
) -> Iterator[tuple[int, ...]]:
    if dimension == 0:
        yield tuple(face)
        return
    apex = min(face)
    traces = {frozenset(i for i in face if f in tight[i]) for f in facets} - {face}
    for trace in sorted(traces, key=sorted):
        if apex not in trace and trace and not any(trace < other for other in traces):
            for simplex in _triangulated(trace, tight, facets, dimension - 1):
                yield (apex, *simplex)
