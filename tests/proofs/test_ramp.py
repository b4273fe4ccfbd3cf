"""Ramps and the four constructions, against the formulas of MATHEMATICS.md, section 3, evaluated pointwise."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.geometry.affine import Affine, HalfSpace
from proofs.geometry.polytopes import Polytope
from proofs.ramp import Construction, Ramp, check_competitor, constructions, stages
from proofs.response import GeneralizedResponse, Term
from tests.proofs.strategies import affines, architectures, cube, dimensions, rationals, responses, sides

HALF = Fraction(1, 2)
KAPPA = Fraction(1, 50)
UNIT = [Polytope.box([(0, 1)])]


@given(st.data())
def test_the_ramp_interpolates(data: st.DataObject) -> None:
    n = data.draw(dimensions)
    term = Term(HalfSpace(data.draw(sides(n))), data.draw(affines(n)))
    ramp = Ramp(term, KAPPA, data.draw(affines(n)))
    point = [data.draw(rationals) for _ in range(n)]
    jump, moved = term.jump(point), term.halfspace.side(point) + KAPPA * ramp.shift(point)
    theta = Fraction(int(moved > 0)) if jump == 0 else (1 + moved / (KAPPA * abs(jump))) / 2
    expected = min(Fraction(1), max(Fraction(0), theta)) * jump
    same = sum(m(point) for m in ramp.neurons())
    opposite = sum(m(point) for m in ramp.neurons(opposite=True))
    assert same == expected == ramp.response()(point)
    assert opposite == expected + term.halfspace.side(point) / (2 * KAPPA) + (ramp.shift(point) - jump) / 2


def test_kappa_must_be_positive() -> None:
    term = Term(HalfSpace(Affine.of([1])), Affine.of([0], 1))
    with pytest.raises(ValueError, match="positive"):
        Ramp(term, Fraction(0), Affine.of([0]))


def ramps_for(construction: Construction, kappa: Fraction) -> list[Ramp]:
    jumps = construction.response.jumps
    shifts = [Affine.constantly(0, construction.response.dimension_of_input) for _ in jumps]
    if construction.weights:
        shifts[construction.weights[0][0]] = construction.shift_gradient
    kappas = construction.kappas([kappa] * len(jumps))
    return [Ramp(t, k, e) for t, k, e in zip(jumps, kappas, shifts, strict=True)]


@given(st.data())
def test_every_construction_is_a_competitor_of_the_right_width(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 2))
    architecture = data.draw(architectures)
    response = data.draw(responses(n, max_terms=3)).reduced(cube(n))
    for construction in constructions(response, architecture):
        ramps = ramps_for(construction, KAPPA)
        network = construction.network(ramps, cube(n))
        assert network.width <= response.dimension(architecture)
        assert architecture == "residual" or network.is_feedforward
        check_competitor(network, construction, ramps, [cube(n)])
        assert len(stages(construction, ramps)) == len(ramps) + 1


def case_names(response: GeneralizedResponse) -> set[str]:
    return {c.case for c in constructions(response, "feedforward")}


def test_which_construction_applies() -> None:
    s, one = Affine.of([1], -HALF), Affine.of([0], 1)
    assert case_names(GeneralizedResponse.of(one, [(s, one)])) == {"constant"}
    assert case_names(GeneralizedResponse.of(Affine.of([1]), [(s, one)])) == {"active"}
    two = GeneralizedResponse.of(Affine.of([1]), [(s, one), (s.plus(Fraction(1, 4)), one)])
    assert case_names(two) == {"free"} and len(list(constructions(two, "feedforward"))) == 2
    assert [c.case for c in constructions(two, "residual")] == ["residual"]


def test_free_shifts_must_satisfy_their_condition() -> None:
    s, one = Affine.of([1], -HALF), Affine.of([0], 1)
    response = GeneralizedResponse.of(Affine.of([1]), [(s, one), (s.plus(Fraction(1, 4)), one)])
    construction = next(constructions(response, "feedforward"))
    wrong = [Ramp(t, KAPPA, Affine.of([0])) for t in construction.response.jumps]
    with pytest.raises(ValueError, match="does not cancel"):
        construction.network(wrong, UNIT[0])
    right = ramps_for(construction, KAPPA)
    with pytest.raises(ValueError, match="in order"):
        construction.network(right[::-1], UNIT[0])


def test_a_network_that_is_not_the_ramped_response_is_refused() -> None:
    s, one = Affine.of([1], -HALF), Affine.of([0], 1)
    construction = next(constructions(GeneralizedResponse.of(one, [(s, one)]), "feedforward"))
    ramps = ramps_for(construction, KAPPA)
    other = construction.network(ramps_for(construction, KAPPA / 2), UNIT[0])
    with pytest.raises(ArithmeticError, match="not the ramped response"):
        check_competitor(other, construction, ramps, UNIT)


def test_covers_the_slope_and_the_strip_that_a_shift_moved() -> None:
    term = Term(HalfSpace(Affine.of([1])), Affine.of([0], 1))
    ramp = Ramp(term, Fraction(1, 10), Affine.of([0], 3))  # slope on (-0.4, -0.2), moved strip (-0.2, 0)
    spots = {Fraction(-1, 2): False, Fraction(-3, 10): True, Fraction(-1, 10): True, Fraction(1, 10): False}
    for middle, expected in spots.items():
        assert ramp.covers(Polytope.box([(middle - Fraction(1, 100), middle + Fraction(1, 100))])) is expected
