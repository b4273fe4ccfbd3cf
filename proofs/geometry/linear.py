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


def matrix_determinant(matrix: Sequence[Sequence[Fraction]]) -> Fraction:
    """Return the determinant of a square matrix."""
    rows = [list(row) for row in matrix]
    result = Fraction(1)
    for column in range(len(rows)):
        pivot = next((r for r in range(column, len(rows)) if rows[r][column]), None)
        if pivot is None:
            return Fraction(0)
        if pivot != column:
            rows[column], rows[pivot] = rows[pivot], rows[column]
            result = -result
        result *= rows[column][column]
        for r in range(column + 1, len(rows)):
            factor = rows[r][column] / rows[column][column]
            if factor:
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[column], strict=True)]
    return result


def solution(matrix: Sequence[Sequence[Fraction]], right: Sequence[Fraction]) -> list[Fraction]:
    """Return the solution of a system with as many equations as unknowns. Raises ValueError if it is singular."""
    rows = [[*row, b] for row, b in zip(matrix, right, strict=True)]
    for column in range(len(rows)):
        pivot = next((r for r in range(column, len(rows)) if rows[r][column]), None)
        if pivot is None:
            raise ValueError("the matrix is singular")
        rows[column], rows[pivot] = rows[pivot], rows[column]
        lead = rows[column][column]
        rows[column] = [e / lead for e in rows[column]]
        for r in range(len(rows)):
            factor = rows[r][column]
            if r != column and factor:
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[column], strict=True)]
    return [row[-1] for row in rows]


def circuits(vectors: Sequence[Sequence[Fraction]]) -> Iterator[tuple[tuple[int, ...], tuple[Fraction, ...]]]:
    """Yield the minimal linearly dependent subsets (indices, smallest first) with their coefficients, all != 0."""
    size_limit = min(len(vectors), (len(vectors[0]) if vectors else 0) + 1)
    for size in range(1, size_limit + 1):
        for indices in combinations(range(len(vectors)), size):
            coefficients = null_vector([vectors[i] for i in indices])
            if coefficients is not None and all(coefficients):
                yield indices, coefficients
