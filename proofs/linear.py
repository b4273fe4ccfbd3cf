"""Linear algebra over the rationals: rank and linear dependence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations


def null_vector(vectors: Sequence[Sequence[Fraction]]) -> tuple[Fraction, ...] | None:
    """Return coefficients `c`, not all 0, with `sum c_k vectors[k] = 0`, or None if the vectors are independent."""
    count = len(vectors)
    rows: list[tuple[list[Fraction], list[Fraction]]] = []
    for index, vector in enumerate(vectors):
        entries = list(vector)
        combination = [Fraction(int(i == index)) for i in range(count)]
        for reduced, made_of in rows:
            pivot = next(i for i, e in enumerate(reduced) if e)
            factor = entries[pivot] / reduced[pivot]
            if factor:
                entries = [e - factor * r for e, r in zip(entries, reduced, strict=True)]
                combination = [c - factor * m for c, m in zip(combination, made_of, strict=True)]
        if not any(entries):
            return tuple(combination)
        rows.append((entries, combination))
    return None


def circuits(vectors: Sequence[Sequence[Fraction]]) -> Iterator[tuple[tuple[int, ...], tuple[Fraction, ...]]]:
    """Yield the minimal linearly dependent subsets (indices, smallest first) with their coefficients, all != 0."""
    size_limit = min(len(vectors), (len(vectors[0]) if vectors else 0) + 1)
    for size in range(1, size_limit + 1):
        for indices in combinations(range(len(vectors)), size):
            coefficients = null_vector([vectors[i] for i in indices])
            if coefficients is not None and all(coefficients):
                yield indices, coefficients
