"""Polytopes: volumes of known bodies, cells of arrangements, cuts that miss, touch or hit."""

from __future__ import annotations

from fractions import Fraction
from math import comb, factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.geometry.affine import Affine
from proofs.geometry.polytopes import Polytope, cells, disjoint
from tests.proofs.strategies import cube, dimensions, domains, sides

HALF = Fraction(1, 2)


def simplex(n: int) -> Polytope:
    return Polytope.hull([[0] * n, *([int(i == j) for i in range(n)] for j in range(n))])


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_volumes_of_cube_simplex_and_cross_polytope(n: int) -> None:
    assert cube(n).volume == 2**n
    assert simplex(n).volume == Fraction(1, factorial(n))
    cross = Polytope.hull([[s * int(i == j) for i in range(n)] for j in range(n) for s in (1, -1)])
    assert cross.volume == Fraction(2**n, factorial(n))
    assert len(cross.vertices) == 2 * n


def test_volume_of_a_polygon_and_of_a_pyramid() -> None:
    hexagon = Polytope.hull([(2, 0), (1, 2), (-1, 2), (-2, 0), (-1, -2), (1, -2)])
    assert hexagon.volume == 12 and len(hexagon.facets) == 6
    pyramid = Polytope.hull([(0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 0), (HALF, HALF, 1)])
    assert pyramid.volume == Fraction(1, 3) and len(pyramid.facets) == 5


def test_hull_drops_points_that_are_no_vertices_and_refuses_flat_sets() -> None:
    square = Polytope.hull([(0, 0), (1, 0), (0, 1), (1, 1), (HALF, HALF), (HALF, 0)])
    assert set(square.vertices) == {(0, 0), (1, 0), (0, 1), (1, 1)}
    with pytest.raises(ValueError, match="full-dimensional"):
        Polytope.hull([(0, 0), (1, 1), (2, 2)])


@given(st.data())
def test_a_cut_keeps_the_volume_and_the_sides(data: st.DataObject) -> None:
    n = data.draw(dimensions)
    (body, *_) = data.draw(domains(n))
    side = data.draw(sides(n))
    below, above = body.split(side)
    parts = [p for p in (below, above) if p is not None]
    assert sum(p.volume for p in parts) == body.volume
    assert all(p.volume > 0 for p in parts)
    if below is not None:
        assert below.sign_of(side) == -1 and all(side(v) <= 0 for v in below.vertices)
    if above is not None:
        assert above.sign_of(side) == 1 and all(side(v) >= 0 for v in above.vertices)
    assert (body.sign_of(side) == 0) == (len(parts) == 2)
    for part in parts:
        assert all(f(part.centre) > 0 for f in part.facets)
        assert all(
            (f(v) == 0) == (i in t)
            for v, t in zip(part.vertices, part.tight, strict=True)
            for i, f in enumerate(part.facets)
        )


def test_a_hyperplane_that_touches_does_not_cut() -> None:
    square = cube(2)
    assert square.split(Affine.of([1, 0], -1)) == (square, None)
    assert square.split(Affine.of([1, 1], 2)) == (None, square)
    assert square.sign_of(Affine.of([1, 1], -2)) == -1
    assert square.lower_bound(Affine.of([1, 2], 1)) == -2


@pytest.mark.parametrize(("n", "count"), [(1, 4), (2, 4), (3, 5)])
def test_hyperplanes_in_general_position_make_the_known_number_of_cells(n: int, count: int) -> None:
    # normals (1, t, t^2), offsets t^n/1000 (Vandermonde): every n meet in one point of the cube, no n + 1 do
    planes = [Affine.of([Fraction(t) ** i for i in range(n)], Fraction(t**n, 1000)) for t in range(1, count + 1)]
    expected = sum(comb(count, i) for i in range(n + 1))
    found = cells([cube(n)], planes)
    assert len(found) == expected
    assert sum(c.volume for c in found) == 2**n


def test_minus_and_disjoint_partition_the_union() -> None:
    first, second = Polytope.box([(0, 2), (0, 2)]), Polytope.box([(1, 3), (1, 3)])
    assert sum(p.volume for p in first.minus(second)) == 3
    assert sum(p.volume for p in disjoint([first, second])) == 7
    assert disjoint([first, first]) == [first]
    assert list(first.minus(first)) == []


@given(st.data())
def test_triangulations_partition(data: st.DataObject) -> None:
    n = data.draw(dimensions)
    body = cells([cube(n)], [data.draw(sides(n)) for _ in range(2)])[0]
    point = tuple(sum(w * x for w, x in zip((3, 5, 7, 11), c, strict=False)) for c in zip(*body.vertices, strict=True))
    weight = sum(w for w, _ in zip((3, 5, 7, 11), body.vertices, strict=False))
    point = tuple(x / weight for x in point)
    parts = [Polytope.hull(s) for s in body.simplices()]
    assert sum(p.volume for p in parts) == body.volume
    assert any(all(f(point) >= 0 for f in p.facets) for p in parts)
    assert sum(all(f(point) > 0 for f in p.facets) for p in parts) <= 1
