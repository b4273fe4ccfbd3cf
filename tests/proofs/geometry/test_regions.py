"""Does a hyperplane pass through the interior of a union? Known shapes, and near-misses."""

from __future__ import annotations

from fractions import Fraction

import pytest

from proofs.geometry.affine import Affine
from proofs.geometry.polytopes import Polytope
from proofs.geometry.regions import cuts_interior

box = Polytope.box
X = Affine.of([1, 0])
L_SHAPE = [box([(-1, 0), (-1, 1)]), box([(0, 1), (-1, 0)])]
APART = [box([(-1, 0), (-1, 0)]), box([(0, 1), (0, 1)])]  # they touch in a corner


@pytest.mark.parametrize(
    ("pieces", "function", "expected"),
    [
        ([box([(0, 1)])], Affine.of([1], Fraction(-1, 2)), True),
        ([box([(0, 1)])], Affine.of([1]), False),
        ([box([(0, 1)]), box([(2, 3)])], Affine.of([2], -3), False),
        ([box([(0, 1)]), box([(2, 3)])], Affine.of([1], -1), False),
        ([box([(0, 1)]), box([(1, 3)])], Affine.of([-1], 1), True),
        ([box([(-1, 0), (0, 1)]), box([(0, 1), (0, 1)])], X, True),
        ([box([(-1, 0), (-1, 0)]), box([(0, 1), (Fraction(-1, 9), 1)])], X, True),
        (APART, X, False),
        (APART, Affine.of([1, 1]), False),
        (APART, Affine.of([1, -1]), True),
        (L_SHAPE, X, True),
        (L_SHAPE, Affine.of([0, 1]), True),
        (L_SHAPE, Affine.of([1, 1], -1), False),  # through the missing corner, touching both arms
        ([box([(-1, 0)] * 3), box([(0, 1)] * 3)], Affine.of([1, 0, 0]), False),
        ([box([(-1, 0), (0, 1), (0, 1)]), box([(0, 1)] * 3)], Affine.of([1, 0, 0]), True),
        ([box([(-1, 0), (0, 1), (0, 1)]), box([(0, 1), (1, 2), (0, 1)])], Affine.of([1, 0, 0]), False),  # share an edge
    ],
)
def test_known_shapes(pieces: list[Polytope], function: Affine, expected: bool) -> None:
    assert cuts_interior(pieces, function) is expected
    assert cuts_interior(pieces, -3 * function) is expected
