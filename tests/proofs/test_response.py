"""Generalized responses: multiplicities, reduction and dimension, case by case by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.geometry.affine import Affine, HalfSpace
from proofs.geometry.polytopes import cells
from proofs.response import GeneralizedResponse, Term, differences, equal_almost_everywhere, subset_with_sum
from tests.proofs.strategies import cube, dimensions, rationals, responses

HALF = Fraction(1, 2)
X, Y = Affine.of([1, 0]), Affine.of([0, 1])
ONE = Affine.constantly(1, 2)
S = Affine.of([1], -HALF)


def line(slope: int, *terms: tuple[Affine, Affine]) -> GeneralizedResponse:
    return GeneralizedResponse.of(Affine.of([slope], 1), terms)


@pytest.mark.parametrize(
    ("jump", "multiplicity"),
    [(2 * S, 1), (Affine.of([2], -1), 1), (Affine.of([0], 1), 2), (Affine.of([2], -2), 2), (Affine.of([0], 0), 1)],
)
def test_multiplicity(jump: Affine, multiplicity: int) -> None:
    assert Term(HalfSpace(S), jump).multiplicity == multiplicity


@pytest.mark.parametrize(
    ("response", "feedforward", "residual"),
    [
        (line(0), 0, 0),
        (line(2), 1, 0),
        (line(0, (S, 3 * S)), 1, 1),
        (line(2, (S, 3 * S)), 2, 1),
        (line(-3, (S, 3 * S)), 1, 1),  # turned over: constant
        (line(3, (S, 3 * S)), 2, 1),  # the wrong sign: near-miss
        (line(0, (S, Affine.of([0], 1))), 2, 2),
        (line(2, (S, Affine.of([0], 1))), 3, 2),
        (line(2, (S, Affine.of([-2], 7))), 2, 2),
        (line(2, (S, Affine.of([0], 1)), (S.plus(Fraction(1, 4)), Affine.of([0], 1))), 4, 4),  # free
        (line(2, (S, Affine.of([0], 1)), (S.plus(Fraction(1, 4)), S.plus(Fraction(1, 4)))), 4, 3),  # one jump, one kink
        (GeneralizedResponse.of(X, [(X, ONE)]), 3, 2),
        (GeneralizedResponse.of(X, [(X, ONE), (Y, ONE)]), 5, 4),  # independent normals
        (GeneralizedResponse.of(X, [(X, ONE), (X.plus(HALF), ONE)]), 4, 4),  # parallel
        (GeneralizedResponse.of(X, [(X, ONE), (Y, ONE), ((X + Y).plus(HALF), ONE)]), 6, 6),
        (GeneralizedResponse.of(X, [(X, ONE), (Y, ONE), ((X + Y).plus(HALF), (X + Y).plus(HALF))]), 6, 5),
        (GeneralizedResponse.of(-X - Y, [(X, X), (Y, Y)]), 2, 2),  # both turned over
    ],
)
def test_dimension_by_hand(response: GeneralizedResponse, feedforward: int, residual: int) -> None:
    assert response.dimension("feedforward") == feedforward
    assert response.dimension("residual") == residual


def test_reduction_merges_opposite_labels_and_drops_what_misses_the_domain() -> None:
    pairs = [(S, Affine.of([1])), (-2 * S, Affine.of([0], 3)), (Affine.of([1]), Affine.of([0], 7))]
    reduced = line(0, *pairs, (Affine.of([1], -1), Affine.of([5]))).reduced(_unit())
    assert reduced.affine == Affine.of([0], 1 + 3 + 7)
    assert reduced.terms == (Term(HalfSpace(S), Affine.of([1], -3)),)


def test_reduction_drops_jumps_that_cancel() -> None:
    reduced = line(0, (S, Affine.of([1])), (3 * S, Affine.of([-1]))).reduced(_unit())
    assert reduced == line(0) and not reduced.is_strict


@given(st.data())
def test_reduction_and_turning_over_keep_the_function(data: st.DataObject) -> None:
    n = data.draw(dimensions)
    response = data.draw(responses(n))
    reduced = response.reduced(cube(n))
    assert equal_almost_everywhere(response, reduced, [cube(n)])
    assert len({t.halfspace.boundary for t in reduced.terms}) == len(reduced.terms)
    indices = [i for i in range(len(reduced.terms)) if data.draw(st.booleans())]
    turned = reduced.turned_over(indices)
    assert equal_almost_everywhere(turned, reduced, [cube(n)])
    for architecture in ("feedforward", "residual"):
        assert turned.dimension(architecture) == reduced.dimension(architecture)  # type: ignore[arg-type]


@given(st.data())
def test_at_agrees_with_values_on_cells(data: st.DataObject) -> None:
    n = data.draw(dimensions)
    response = data.draw(responses(n))
    for cell in cells([cube(n)], [t.halfspace.side for t in response.terms]):
        x = cell.centre
        by_hand = response.affine(x) + sum(t.jump(x) for t in response.terms if t.halfspace.side(x) > 0)
        assert response(x) == response.at(x)(x) == by_hand


def test_turning_finds_the_set_whose_gradients_cancel() -> None:
    response = GeneralizedResponse.of(-X - Y, [(X, X), (X.plus(HALF), ONE), (Y, Y)])
    assert response.turning == (0, 2)
    assert GeneralizedResponse.of(X, [(X, X)]).turning is None
    assert GeneralizedResponse.of(ONE).turning == ()


@given(st.lists(st.tuples(rationals, rationals), max_size=6), st.data())
def test_subset_sums(vectors: list[tuple[Fraction, Fraction]], data: st.DataObject) -> None:
    chosen = [v for v in vectors if data.draw(st.booleans())]
    target = (sum((v[0] for v in chosen), Fraction(0)), sum((v[1] for v in chosen), Fraction(0)))
    found = subset_with_sum(vectors, target)
    assert found is not None and len(set(found)) == len(found)
    assert tuple(sum((vectors[i][k] for i in found), Fraction(0)) for k in (0, 1)) == target
    assert subset_with_sum([(Fraction(2),), (Fraction(4),)], (Fraction(3),)) is None


def test_differences_are_the_cells_where_responses_differ() -> None:
    shifted = line(0, (S.plus(Fraction(1, 4)), Affine.of([0], 1)))
    apart = differences(line(0, (S, Affine.of([0], 1))), shifted, [_unit()])
    assert [(c.volume, f.constant, g.constant) for c, f, g in apart] == [(Fraction(1, 4), 1, 2)]
    assert not equal_almost_everywhere(line(0), line(1), [_unit()])


def _unit():  # type: ignore[no-untyped-def]
    from proofs.geometry.polytopes import Polytope

    return Polytope.box([(0, 1)])
