"""Linear dependence over the rationals, against determinants and by hand."""

from __future__ import annotations

from fractions import Fraction

import sympy
from hypothesis import given
from hypothesis import strategies as st

from proofs.geometry.linear import circuits, null_vector
from tests.proofs.strategies import integers


def vectors(*rows: tuple[int, ...]) -> list[tuple[Fraction, ...]]:
    return [tuple(Fraction(x) for x in row) for row in rows]


@given(st.lists(st.lists(integers, min_size=3, max_size=3), min_size=1, max_size=4))
def test_null_vector_exists_iff_the_rank_is_too_small(rows: list[list[int]]) -> None:
    given_vectors = vectors(*(tuple(r) for r in rows))
    found = null_vector(given_vectors)
    assert (found is None) == (sympy.Matrix(rows).rank() == len(rows))
    if found is not None:
        assert any(found)
        assert all(sum(c * v[i] for c, v in zip(found, given_vectors, strict=True)) == 0 for i in range(3))


def test_no_vectors_are_independent_and_zero_is_not() -> None:
    assert null_vector([]) is None
    assert null_vector(vectors((0, 0))) == (1,)


def test_circuits_of_three_vectors_in_the_plane() -> None:
    assert list(circuits(vectors((1, 0), (0, 1)))) == []
    found = list(circuits(vectors((1, 0), (0, 1), (1, 1))))
    assert [indices for indices, _ in found] == [(0, 1, 2)]
    (coefficients,) = [c for _, c in found]
    assert coefficients[0] == coefficients[1] == -coefficients[2]


def test_circuits_are_minimal() -> None:
    found = [indices for indices, _ in circuits(vectors((1, 0), (2, 0), (0, 1), (1, 1)))]
    assert found == [(0, 1), (0, 2, 3), (1, 2, 3)]
