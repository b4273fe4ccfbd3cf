"""Families: evaluation at fixed k, and the converse of the limit against the constructions of proofs.ramp."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.closure.family import AffineGerm, MovingNeuron, NetworkFamily, converging_to
from proofs.expansions.germs import apply, parameter
from proofs.geometry.affine import Affine
from proofs.ramp import Ramp, constructions
from tests.proofs.strategies import affines, architectures, cube, dimensions, rationals, responses

K = parameter()
KAPPA = Fraction(1, 1000)


@given(st.data())
def test_the_family_at_kappa_is_the_competitor_of_the_first_construction(data: st.DataObject) -> None:
    n = data.draw(dimensions)
    architecture = data.draw(architectures)
    response = data.draw(responses(n, max_terms=3)).reduced(cube(n))
    networks = converging_to(response, architecture, cube(n))
    assert networks.width == response.dimension(architecture)
    network = networks.at(KAPPA)
    assert architecture == "residual" or network.is_feedforward
    construction = next(constructions(response, architecture))
    jumps = construction.response.jumps
    shifts = [Affine.constantly(0, n) for _ in jumps]
    if construction.weights:
        shifts[construction.weights[0][0]] = construction.shift_gradient
    weights = dict(construction.weights)
    kappas = [KAPPA / weights.get(i, 1) for i in range(len(jumps))]
    ramps = [Ramp(t, kappa, e) for t, kappa, e in zip(jumps, kappas, shifts, strict=True)]
    assert network.equals(construction.network(ramps, cube(n)), [cube(n)])


@given(affines(2), affines(2), rationals, st.lists(rationals, min_size=2, max_size=2))
def test_moving_affine_functions(f: Affine, g: Affine, c: Fraction, x: list[Fraction]) -> None:
    moving = AffineGerm.fixed(f) + AffineGerm.fixed(g) * (c * K) - AffineGerm.fixed(g)
    at = moving.at(KAPPA)
    assert at(x) == f(x) + c * KAPPA * g(x) - g(x)
    assert (-moving).at(KAPPA)(x) == -at(x)
    assert len(moving.entries) == 3


def test_evaluation_needs_rational_coefficients() -> None:
    neuron = MovingNeuron.of(apply("exp", K), [1], 0)
    networks = NetworkFamily(AffineGerm.of([0], 1), (neuron,))
    assert networks.dimension == 1 and networks.width == 1
    with pytest.raises(ValueError, match="rational"):
        networks.at(KAPPA)
