"""The order of int (N_k - R)^2 against exact integrals at fixed small k, and against integrals by hand."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from proofs.closure.excess import Excess, excess
from proofs.closure.family import NetworkFamily, converging_to
from proofs.closure.limits import limit
from proofs.expansions.germs import Quotient, apply, as_germ, parameter
from proofs.geometry.affine import Affine
from proofs.geometry.polytopes import Polytope, cells
from proofs.network import ShallowNetwork
from proofs.numbers.constants import UndecidedError
from proofs.response import GeneralizedResponse
from tests.proofs.closure.test_limits import HALF, PAIR, SQUARE, UNIT, K, family
from tests.proofs.strategies import completed_families, cube, domains, families, responses

NOTHING = GeneralizedResponse(Affine.of([0]), ())
SYMMETRIC = [cube(1)]


def squared_difference(network: ShallowNetwork, response: GeneralizedResponse, pieces: Sequence[Polytope]) -> Fraction:
    """The exact integral at a fixed k, cell by cell and simplex by simplex."""
    sides = {t.halfspace.boundary: t.halfspace.side for t in (*network.response.terms, *response.terms)}
    total = Fraction(0)
    for cell in cells(pieces, sides.values()):
        function = network.response.at(cell.centre) - response.at(cell.centre)
        n = cell.dimension
        for simplex in cell.simplices():
            values = [function(v) for v in simplex]
            part = Polytope.hull(simplex)
            total += part.volume * (sum(values) ** 2 + sum(v * v for v in values)) / ((n + 1) * (n + 2))
    return total


def leading_value(rate: Excess, k: Fraction) -> Fraction:
    assert rate.exponent is not None
    power = parameter() ** rate.exponent
    assert isinstance(power, Quotient)
    return rate.factor * power.at(k)


@given(st.data())
def test_leading_term_agrees_with_exact_integrals_at_small_k(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 2))
    pieces = data.draw(domains(n))
    networks = data.draw(families(n))
    found = limit(networks, pieces)
    if not isinstance(found.response, GeneralizedResponse):
        return
    rate = excess(networks, found.response, pieces)
    k = Fraction(1, 10**42)
    value = squared_difference(networks.at(k), found.response, pieces)
    if rate.exponent is None:
        assert value == 0
    elif rate.factor == 0:
        assert value <= k
    else:
        assert abs(value / leading_value(rate, k) - 1) < Fraction(1, 10**6)


@given(st.data())
def test_leading_term_for_groups_with_unrelated_rates(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 2))
    networks, response = data.draw(completed_families(n))
    rate = excess(networks, response.reduced(cube(n)), [cube(n)])
    k = Fraction(1, 10**42)
    value = squared_difference(networks.at(k), response, [cube(n)])
    assert rate.exponent is not None
    assert abs(value / leading_value(rate, k) - 1) < Fraction(1, 10**6) if rate.factor else value <= k**2


@given(st.data())
def test_built_families_have_a_vanishing_excess(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 3))
    response = data.draw(responses(n, max_terms=2)).reduced(cube(n))
    rate = excess(converging_to(response, "feedforward", cube(n)), response, [cube(n)])
    assert rate.tends_to_limit and rate.is_bounded
    assert response.is_strict == (rate.exponent == 1)


def spike(pole: Fraction | int) -> NetworkFamily:
    scale = K ** -Fraction(pole)
    return family((scale, [1], K), (-2 * scale, [1], 0), (scale, [1], -K))


@pytest.mark.parametrize(
    ("networks", "pieces", "expected"),
    [
        (spike(1), SYMMETRIC, Excess(Fraction(2, 3), Fraction(1))),
        (spike(Fraction(3, 2)), SYMMETRIC, Excess(Fraction(2, 3), Fraction(0))),
        (spike(3), SYMMETRIC, Excess(Fraction(2, 3), Fraction(-3))),
        # a ramp of height 1 and half-width k: 2 int_0^k ((1 - x/k)/2)^2 dx = k/6
        (family(*PAIR), UNIT, Excess(Fraction(1, 6), Fraction(1))),
        # k^-2 (x - 1 + k)^+ on [0, 1]: int_0^k k^-4 u^2 du
        (family((K**-2, [1], -1 + K)), UNIT, Excess(Fraction(1, 3), Fraction(-1))),
        # the corner x + y > 2 - k of the square: int k^-2 (k - u)^2 u du = k^2/12
        (family((1 / K, [1, 1], -2 + K), n=2), SQUARE, Excess(Fraction(1, 12), Fraction(2))),
        (family((K**-2, [1, 1], -2 + K), n=2), SQUARE, Excess(Fraction(1, 12), Fraction(0))),
        (family((3, [1], -HALF)), UNIT, Excess(Fraction(0), None)),
        (family((K, [1], 0)), UNIT, Excess(Fraction(1, 3), Fraction(2))),
        (family((K**5, [1], 0)), UNIT, Excess(Fraction(0), Fraction(4))),
        (family((K**-3, [1], -1 - K)), UNIT, Excess(Fraction(0), Fraction(4))),
    ],
)
def test_worked_orders(networks: NetworkFamily, pieces: list[Polytope], expected: Excess) -> None:
    found = limit(networks, pieces).response
    assert isinstance(found, GeneralizedResponse)
    assert excess(networks, found, pieces) == expected


def test_consequences() -> None:
    blows_up, stays, tends = (Excess(Fraction(1), Fraction(e)) for e in (-1, 0, 1))
    assert not blows_up.is_bounded and not blows_up.tends_to_limit
    assert stays.is_bounded and not stays.tends_to_limit
    assert tends.is_bounded and tends.tends_to_limit


def test_transcendental_coefficients_are_cut_off_late_enough() -> None:
    sine = apply("sin", K) / K
    networks = family((sine / (2 * K), [1], -HALF + K), (-1 / (2 * K), [1], -HALF - apply("tan", K)))
    assert excess(
        networks, GeneralizedResponse.of(Affine.of([0]), [(Affine.of([1], -HALF), Affine.of([0], 1))]), UNIT
    ) == (Excess(Fraction(1, 6), Fraction(1)))


def test_a_coarse_expansion_still_decides() -> None:
    wobbly = family((1 / (2 * K), [1], -HALF + K + K**2 * apply("sin", 1 / K)), (-1 / (2 * K), [1], -HALF - K))
    step = GeneralizedResponse.of(Affine.of([0]), [(Affine.of([1], -HALF), Affine.of([0], 1))])
    assert excess(wobbly, step, UNIT) == Excess(Fraction(1, 6), Fraction(1))


def test_irrational_coefficients_and_huge_orders_are_refused() -> None:
    with pytest.raises(UndecidedError, match="rational"):
        excess(family((as_germ(sympy.pi), [1], 0)), NOTHING, UNIT)
    with pytest.raises(UndecidedError, match="moderate orders"):
        excess(spike(2_000), NOTHING, SYMMETRIC)
