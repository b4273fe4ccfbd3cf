"""Limits of families against constructions whose limit is known, and against exact evaluation at k = 10^-30."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st

from proofs.closure.family import AffineGerm, MovingNeuron, NetworkFamily, converging_to
from proofs.closure.limits import Limit, limit, limit_boundary
from proofs.closure.vectors import ExactResponse
from proofs.expansions.germs import Germ, Quotient, apply, as_germ, parameter
from proofs.geometry.affine import Affine
from proofs.geometry.polytopes import Polytope, cells
from proofs.numbers.constants import UndecidedError
from proofs.response import Architecture, GeneralizedResponse, equal_almost_everywhere
from tests.proofs.strategies import (
    architectures,
    completed_families,
    cube,
    dimensions,
    domains,
    families,
    responses,
    split_domains,
)

K = parameter()
HALF = Fraction(1, 2)
TINY = Fraction(1, 10**30)
UNIT = [Polytope.box([(0, 1)])]
SQUARE = [Polytope.box([(0, 1), (0, 1)])]


def family(*neurons: tuple[object, list[object], object], n: int = 1, offset: object = 0) -> NetworkFamily:
    moving = tuple(MovingNeuron.of(as_germ(c), [as_germ(x) for x in w], as_germ(b)) for c, w, b in neurons)
    return NetworkFamily(AffineGerm.of([0] * n, as_germ(offset)), moving)


def texts(found: Limit, variables: str = "x") -> tuple[str, list[tuple[str, str, int]]]:
    response = found.response
    assert isinstance(response, GeneralizedResponse), found
    terms = [(t.halfspace.text(variables), t.jump.text(variables), t.multiplicity) for t in response.terms]
    return response.affine.text(variables), terms


def assert_true_witness(found: Limit, networks: NetworkFamily, pieces: list[Polytope]) -> None:
    """The witness point lies in D and in the cell, and the exact networks grow there as the leading term says."""
    witness = found.witness
    assert witness is not None and witness.point is not None and witness.exponent < 0
    point = witness.point
    assert any(all(f(point) >= 0 for f in piece.facets) for piece in pieces)
    for side in witness.sides:
        assert Affine(tuple(side.entries[:-1]), side.entries[-1])(point) > 0
    lead = Affine(tuple(witness.leading.entries[:-1]), witness.leading.entries[-1])(point)
    assert lead != 0
    power = K**witness.exponent
    assert isinstance(power, Quotient)
    ratios = [networks.at(k)(point) / (lead * power.at(k)) for k in (TINY, TINY**2)]
    assert all(abs(r - 1) < Fraction(1, 10**6) for r in ratios)


@given(st.data())
def test_the_limit_of_a_family_built_for_a_response_is_that_response(data: st.DataObject) -> None:
    n = data.draw(dimensions)
    pieces = data.draw(domains(n))
    architecture: Architecture = data.draw(architectures)
    response = data.draw(responses(n)).reduced(_hull(pieces))
    networks = converging_to(response, architecture, _hull(pieces))
    assert networks.width == response.dimension(architecture)
    found = limit(networks, pieces)
    assert found.verdict == "converges" and found.determined
    assert isinstance(found.response, GeneralizedResponse)
    assert equal_almost_everywhere(found.response, response, pieces)
    assert found.dimension(architecture) == response.dimension(architecture)
    assert found.is_strict == response.is_strict


@given(st.data())
def test_random_families_agree_with_exact_evaluation(data: st.DataObject) -> None:
    n = data.draw(dimensions)
    pieces = data.draw(st.one_of(domains(n), split_domains(n)))
    networks = data.draw(families(n))
    found = limit(networks, pieces)
    if found.verdict == "diverges":
        assert_true_witness(found, networks, pieces)
        return
    assert found.verdict == "converges"
    assert isinstance(found.response, GeneralizedResponse)
    boundaries = [limit_boundary(neuron.inner) for neuron in networks.neurons]
    cuts = [Affine(tuple(b[:-1]), b[-1]) for b in boundaries if b is not None and any(b[:-1])]
    near = networks.at(TINY)
    for cell in cells(pieces, cuts):
        point = cell.centre
        assert abs(near(point) - found.response(point)) < Fraction(1, 10**6)


@given(st.data())
def test_groups_with_unrelated_rates_that_cancel_through_one_neuron(data: st.DataObject) -> None:
    n = data.draw(dimensions)
    pieces = data.draw(domains(n))
    networks, response = data.draw(completed_families(n))
    found = limit(networks, pieces)
    assert isinstance(found.response, GeneralizedResponse)
    assert equal_almost_everywhere(found.response, response, pieces)
    assert found.is_strict == response.reduced(_hull(pieces)).is_strict


@given(st.data())
def test_one_exponent_changed_diverges_with_a_true_witness(data: st.DataObject) -> None:
    n = data.draw(dimensions)
    pieces = [cube(n)]
    response = data.draw(responses(n)).reduced(pieces[0])
    assume(response.terms)
    networks = converging_to(response, data.draw(architectures), pieces[0])
    index = data.draw(st.integers(0, networks.width - 1))
    chosen = networks.neurons[index]
    boundary = limit_boundary(chosen.inner)
    assume(boundary is not None and pieces[0].sign_of(Affine(tuple(boundary[:-1]), boundary[-1])) == 0)
    assume(not chosen.output.start().is_exactly_zero)
    neurons = list(networks.neurons)
    neurons[index] = MovingNeuron(chosen.output / K, chosen.inner)
    changed = NetworkFamily(networks.affine, tuple(neurons))
    found = limit(changed, pieces)
    assert found.verdict == "diverges"
    assert_true_witness(found, changed, pieces)


def _hull(pieces: list[Polytope]) -> Polytope:
    return Polytope.hull([v for piece in pieces for v in piece.vertices])


PAIR = ((1 / (2 * K), [1], -HALF + K), (-1 / (2 * K), [1], -HALF - K))


@pytest.mark.parametrize(
    ("networks", "affine", "terms"),
    [
        (family(*PAIR), "0", [("x - 1/2 > 0", "1", 2)]),
        (family(*PAIR, offset=3), "3", [("x - 1/2 > 0", "1", 2)]),
        # a neuron facing the other way is labelled from its own side
        (family((2, [-1], HALF)), "0", [("-x + 1/2 > 0", "-2*x + 1", 1)]),
        # opposite facings with bounded weights: one kink, and an affine part
        (family((1, [1], -HALF), (1, [-1], HALF)), "-x + 1/2", [("x - 1/2 > 0", "2*x - 1", 1)]),
        # they may cancel to an affine function
        (family((1, [1], -HALF), (-1, [-1], HALF)), "x - 1/2", []),
        # leaves the domain, is always active, is constant, vanishes
        (family((1, [1], -1 + K)), "0", []),
        (family((1, [1], K)), "x", []),
        (family((1, [K], 2)), "2", []),
        (family((1 / K, [K], K * 2)), "x + 2", []),
        (family((1 / K**9, [0], 0)), "0", []),
        (family((1, [K], -2)), "0", []),
        (family((1 / K**5, [1], -5)), "0", []),
        # touches D in its boundary only
        (family((1, [1], 0)), "x", []),
        (family((1 / K**7, [-1], 0)), "0", []),
        (family((1 / K**7, [-1], K)), "0", []),
        # the limit boundary exists only after normalisation
        (family((K**-3, [K**3], -(K**3) / 2)), "0", [("x - 1/2 > 0", "x - 1/2", 1)]),
        (family((K**3, [K**-3], -(K**-3) / 2)), "0", [("x - 1/2 > 0", "x - 1/2", 1)]),
        # cancellation of poles through three neurons at three orders
        (
            family((K**-2, [1], -HALF + K), (-2 * K**-2, [1], -HALF), (K**-2, [1], -HALF - K + K**2)),
            "0",
            [("x - 1/2 > 0", "1", 2)],
        ),
        # boundaries that meet at different rates: k, k^2, k^3
        (
            family((K**-3, [1], -HALF + K**3), (K**-1 - K**-3, [1], -HALF), (-(K**-1), [1], -HALF - K)),
            "0",
            [("x - 1/2 > 0", "2", 2)],
        ),
        # always active neurons whose poles cancel
        (family((K**-2, [1 + K**2], 1), (-(K**-2), [1], 1 - K**2)), "x + 1", []),
        # a pole of the offset against one of an always active neuron
        (family((K**-1, [K], 1), offset=-1 / K), "x", []),
        # a coefficient that vanishes identically
        (family((((1 + K) ** 2 - 1 - 2 * K - K**2) / K**8, [1], -HALF)), "0", []),
        (family((1 / (1 + K) - (1 - K) / (1 - K**2) + 1, [1], -HALF)), "0", [("x - 1/2 > 0", "x - 1/2", 1)]),
    ],
)
def test_worked_limits_on_the_unit_interval(
    networks: NetworkFamily, affine: str, terms: list[tuple[str, str, int]]
) -> None:
    found = limit(networks, UNIT)
    assert found.verdict == "converges"
    assert texts(found) == (affine, terms)


def test_lines_that_rotate_into_each_other_leave_a_jump_that_grows_along_them() -> None:
    found = limit(family((1 / K, [1, K], -HALF), (-1 / K, [1, -K], -HALF), n=2), SQUARE)
    assert texts(found, "xy") == ("0", [("x - 1/2 > 0", "2*y", 2)])


def test_equal_limits_of_different_scale_and_rotation_are_one_group() -> None:
    networks = family((2, [1, K], -HALF), (1, [2 * K, K**2], -K), (-1, [-3, K], 3 * HALF), n=2)
    found = limit(networks, SQUARE)
    assert texts(found, "xy") == ("3*x - 3/2", [("x - 1/2 > 0", "-x + 1/2", 1)])


@pytest.mark.parametrize(
    ("networks", "exponent", "leading"),
    [
        (family((1 / K, [1], -HALF)), -1, "x - 1/2"),
        (family((1 / (2 * K), [1], -HALF + K), (-1 / (2 * K), [-1], HALF + K)), -1, None),
        (family((K**-2, [1], -HALF + K), (-(K**-2), [1], -HALF)), -1, "1"),
        (family((K**-2, [1], -HALF), (-(K**-2) + K ** Fraction(-1, 2), [1], -HALF)), Fraction(-1, 2), "x - 1/2"),
        (family((1, [K], K**-1)), -1, "1"),
        (family(offset=K**-3), -3, "1"),
        (family((1 / K, [1], 2)), -1, "x + 2"),
    ],
)
def test_worked_divergences(networks: NetworkFamily, exponent: Fraction, leading: str | None) -> None:
    found = limit(networks, UNIT)
    assert found.verdict == "diverges" and found.witness is not None
    assert found.witness.exponent == exponent
    if leading is not None:
        assert found.witness.leading.text("x") == leading
    assert_true_witness(found, networks, UNIT)
    with pytest.raises(ValueError, match="no limit"):
        found.dimension("residual")


def test_a_leading_term_that_vanishes_in_the_middle_of_its_cell_gets_another_point() -> None:
    found = limit(family((1 / K, [1], 1), offset=Fraction(-3, 2) / K), UNIT)
    assert found.witness is not None and found.witness.leading.text("x") == "x - 1/2"
    assert found.witness.point != (HALF,)


GAP = [Polytope.box([(0, 1)]), Polytope.box([(2, 3)])]


def test_divergence_where_the_domain_has_no_mass_does_not_count() -> None:
    third = Fraction(1, 3)
    spike = family((1 / K, [1], -1 - third), (-2 / K, [1], -HALF - 1), (1 / K, [1], -2 + third))
    found = limit(spike, GAP)
    assert found.verdict == "converges" and not found.determined
    assert isinstance(found.response, GeneralizedResponse)
    assert equal_almost_everywhere(found.response, GeneralizedResponse(Affine.of([0]), ()), GAP)
    assert limit(spike, [Polytope.box([(0, 3)])]).verdict == "diverges"


def test_divergence_beyond_a_gap_is_found() -> None:
    networks = family((1 / K, [1], -HALF - 1))
    found = limit(networks, GAP)
    assert found.verdict == "diverges" and found.witness is not None
    assert_true_witness(found, networks, GAP)
    assert found.witness.point is not None and found.witness.point[0] > 2


def test_pieces_that_share_a_face_determine_the_response() -> None:
    found = limit(family(*PAIR), [Polytope.box([(0, HALF)]), Polytope.box([(HALF, 1)])])
    assert found.determined and texts(found) == ("0", [("x - 1/2 > 0", "1", 2)])


@pytest.mark.parametrize(
    ("first", "second", "jump"),
    [
        (apply("sin", K) / K**2, -1 / K, "1"),
        (apply("exp", K) / (2 * K), -1 / (2 * K), "x/2 + 3/4"),
        (1 / apply("log", 1 + K) / 2, -1 / (2 * K), "x/4 + 7/8"),
        (apply("tan", K) / (2 * K**2), -apply("atan", K) / (2 * K**2), "1"),
        (K**-1 / 2, -apply("sinh", K) / (2 * K**2), "1"),
    ],
)
def test_transcendental_coefficients(first: Germ, second: Germ, jump: str) -> None:
    scale = 1 if jump == "1" and str(first.start().terms[0][1]) == "1" else HALF
    shift = HALF if scale == 1 else 1
    found = limit(family((first, [1], -HALF + shift * K), (second, [1], -HALF - shift * K)), UNIT)
    assert texts(found) == ("0", [("x - 1/2 > 0", jump, 2)])


def test_half_integer_powers() -> None:
    root = K**HALF
    found = limit(family((1 / (2 * root), [1], -HALF + root), (-1 / (2 * root), [1], -HALF - root)), UNIT)
    assert texts(found) == ("0", [("x - 1/2 > 0", "1", 2)])


def test_irrational_constants_stay_exact() -> None:
    pi = as_germ(sympy.pi)
    found = limit(family((pi / (2 * K), [1], -HALF + K), (-pi / (2 * K), [1], -HALF - K)), UNIT)
    assert isinstance(found.response, ExactResponse)
    assert found.response.terms[0].jump.entries[-1] == sympy.pi
    assert found.dimension("feedforward") == 2
    # sqrt(2)^2 - 2 vanishes, pi - 22/7 does not
    zero = as_germ(sympy.sqrt(2)) * as_germ(sympy.sqrt(2)) - 2
    assert texts(limit(family((zero / K**3, [1], -HALF)), UNIT)) == ("0", [])
    found = limit(family(((pi - Fraction(22, 7)) / K, [1], -HALF)), UNIT)
    assert found.verdict == "diverges"


def test_an_irrational_boundary_keeps_exact_signs_and_has_a_rational_witness() -> None:
    root = as_germ(sympy.sqrt(2))
    found = limit(family((1 / K, [root], -1)), UNIT)
    assert found.verdict == "diverges" and found.witness is not None and found.witness.point is not None
    assert 2 * found.witness.point[0] ** 2 > 1
    # boundary sqrt(2)/2 twice, once as 1/sqrt(2)
    found = limit(family((1 / K, [root], -1 + K), (-1 / K, [1], -1 / root)), UNIT)
    assert found.verdict == "diverges"  # sqrt(2)/k - 1/k on the right
    found = limit(family((1 / K, [root], -1 + K), (-root / K, [1], -1 / root)), UNIT)
    assert isinstance(found.response, ExactResponse) and len(found.response.terms) == 1


@pytest.mark.parametrize(
    ("networks", "reason"),
    [
        (family((apply("log", K), [1], -HALF)), "neuron 1: the logarithm"),
        (family((1, [1], -HALF), (apply("exp", 1 / K), [1], -HALF)), "neuron 2: an exponential"),
        (family((apply("sin", 1 / K), [1], -HALF)), "no expansion up to"),
    ],
)
def test_what_has_no_expansion_is_undecided_with_the_reason(networks: NetworkFamily, reason: str) -> None:
    found = limit(networks, UNIT)
    assert found.verdict == "undecided" and reason in found.reason


def test_terms_too_small_to_matter_need_no_expansion() -> None:
    wild = apply("exp", -1 / K) + K**2 * apply("sin", 1 / K)
    found = limit(family((1 / (2 * K), [1], -HALF + K + wild), (-1 / (2 * K), [1], -HALF - K)), UNIT)
    assert texts(found) == ("0", [("x - 1/2 > 0", "1", 2)])
    hidden = apply("sin", K) ** 2 + apply("cos", K) ** 2 - 1
    assert texts(limit(family((1, [hidden], hidden)), UNIT)) == ("0", [])


def test_what_is_never_active_or_has_no_weight_needs_no_expansion() -> None:
    log = apply("log", K)
    assert texts(limit(family((log, [1], -5), (0, [log], 1 / log), (K - K, [1], log)), UNIT)) == ("0", [])
    assert limit(family((log, [1], 0)), UNIT).verdict == "undecided"
    found = limit(family(offset=log), UNIT)
    assert found.verdict == "undecided" and found.reason.startswith("affine part: ")


def test_symbols_without_a_sign_are_undecided_and_with_one_are_not() -> None:
    free, positive = sympy.Symbol("t", real=True), sympy.Symbol("J0", positive=True)
    assert limit(family((as_germ(free) / K, [1], -HALF)), None).verdict == "undecided"
    assert limit(family((as_germ(positive) / K, [1], -HALF)), None).verdict == "diverges"


def test_notebooks_show_the_response() -> None:
    assert limit(family(*PAIR), UNIT)._repr_latex_() == r"$$ \mathbf{1}_{\{x-\tfrac{1}{2} > 0\}} $$"
    assert limit(family((as_germ(sympy.pi), [1], 0)), UNIT)._repr_latex_() == r"$$ \pi\,x $$"
    assert limit(family((1 / K, [1], 1)), UNIT)._repr_latex_() == r"$$ \text{diverges} $$"


def test_limit_boundary_of_nothing() -> None:
    assert limit_boundary(AffineGerm.of([0], 0)) is None
    with pytest.raises(UndecidedError):
        limit_boundary(AffineGerm.of([apply("sin", K) ** 2 + apply("cos", K) ** 2 - 1], 0))
