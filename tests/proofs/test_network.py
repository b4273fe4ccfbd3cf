"""Networks as responses: values, kinks, exact equality."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.geometry.affine import Affine
from proofs.geometry.polytopes import Polytope
from proofs.network import Neuron, ShallowNetwork
from tests.proofs.strategies import affines, cube, dimensions, rationals

HALF = Fraction(1, 2)
UNIT = [Polytope.box([(0, 1)])]


def network(*neurons: tuple[Fraction | int, Affine], affine: Affine | None = None) -> ShallowNetwork:
    inner = tuple(Neuron(Fraction(c), s) for c, s in neurons)
    return ShallowNetwork(affine or Affine.constantly(0, 1), inner)


@given(st.data())
def test_value_is_the_sum_of_positive_parts_and_that_of_the_response(data: st.DataObject) -> None:
    n = data.draw(dimensions)
    neurons = tuple(Neuron(data.draw(rationals), data.draw(affines(n))) for _ in range(3))
    net = ShallowNetwork(data.draw(affines(n)), neurons)
    point = [data.draw(rationals) for _ in range(n)]
    value = net.affine(point) + sum(m.output * max(m.inner(point), 0) for m in neurons)
    assert net(point) == net.response(point) == value
    for cell, function in net.cells([cube(n)]):
        assert function(cell.centre) == net(cell.centre)
    assert net.equals(net.response, [cube(n)])


def test_constant_neurons_are_part_of_the_affine_part() -> None:
    net = network((2, Affine.of([0], 3)), (5, Affine.of([0], -3)))
    assert net.response.affine == Affine.of([0], 6) and not net.response.terms
    assert net.width == 2 and net.is_feedforward


def test_breakpoints_are_sorted_and_distinct() -> None:
    s = Affine.of([1], -HALF)
    assert network((1, s), (2, -3 * s), (1, Affine.of([2]))).breakpoints() == (0, HALF)
    with pytest.raises(ValueError, match="one dimension"):
        ShallowNetwork(Affine.of([0, 0]), ()).breakpoints()


def test_equality_is_that_of_functions_on_the_domain() -> None:
    s = Affine.of([1], -HALF)
    turned = network((1, -s), affine=s)  # x^+ = x + (-x)^+
    assert network((1, s)).equals(turned, UNIT)
    assert not network((1, s)).equals(network((1, s.plus(Fraction(1, 10**9)))), UNIT)
    assert network((1, Affine.of([1]))).equals(network(affine=Affine.of([1])), UNIT)  # active on all of D
    assert not network(affine=Affine.of([1])).is_feedforward
