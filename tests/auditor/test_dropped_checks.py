"""One certificate, or one call, for each check whose absence other tests did not notice (see tests/source_mutation)."""

from __future__ import annotations

import copy
import json
import re
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest

from tests.auditor.builder import build, changed, half, seal
from tests.auditor.test_separation import EXPONENTIALS, forged, one
from verify.auditor import Audit, audit_text, claims
from verify.auditor.affine import MOST_SUBSETS_OF, Affine, Jump, Response, dimension
from verify.auditor.arguments import Setting, check_argument, is_nonzero
from verify.auditor.calculus import Forms, polynomial
from verify.auditor.certificate import Claim as Numbers
from verify.auditor.certificate import Reader
from verify.auditor.claims import FINEST
from verify.auditor.domains import check_defined, check_sign
from verify.auditor.expressions import number
from verify.auditor.grammar import parse
from verify.auditor.lines import Claim, Part, parts, require_analytic
from verify.auditor.parametric import Slab
from verify.auditor.separation import _check_remainder, _check_risks
from verify.auditor.slopes import derivative
from verify.auditor.verdicts import Effort, InvalidError, UndecidedError

LINE = build([half("1/2", 1, kappa="1/4")])
TWO_INTERVALS = {"variables": ["x"], "union": [{"box": [["-1", "1"]]}, {"box": [["5", "6"]]}]}

QUARTER = {"variables": ["x", "y"], "box": [["0", "1"], ["0", "1"]], "restriction": "y**2 - Abs(x) <= 0"}


def disc(x: str, y: str, radius: str) -> dict[str, Any]:
    return {"ball": {"center": [x, y], "radius": radius}}


def audit(data: dict[str, Any]) -> Audit:
    return audit_text(json.dumps(data))


@pytest.mark.parametrize(
    "path, value, word",
    [
        ("problem.density.expression", "1 + 0*log(x - 1/4)", "density"),
        (
            "problem.loss",
            {"kind": "expression", "expression": "(y - f)**2 + 0*log(y + f - 1/4)"},
            "problem.loss.expression",
        ),
    ],
)
def test_what_is_undefined_and_multiplied_with_0(path: str, value: Any, word: str) -> None:
    found = audit(changed(LINE, path, value))
    assert found.verdict == "invalid" and word in found.reason and "logarithm" in found.reason


@pytest.mark.parametrize(
    "rule, start, path, value",
    [
        ("growth", "tanh", "problem.domain", TWO_INTERVALS),
        ("cusp", "relu", "activation", "Piecewise((0, x <= 1), (x, True))"),
        ("cusp", "relu", "problem.domain", QUARTER),  # the target is y there
        ("smoothness", "relu", "argument.class", 1),
        ("exponential-polynomials", "", "argument.target_with_exponential", 1),
        ("piecewise-linear", "relu", "problem.density.expression", "2"),
        ("piecewise-linear", "relu", "problem.loss", {"kind": "absolute"}),
        ("piecewise-linear", "relu", "problem.network.architecture", "residual"),
        ("piecewise-linear", "relu", "problem.domain", TWO_INTERVALS),
        ("piecewise-linear", "relu", "activation", "Piecewise((2*x, x > 0), (x - 1, True))"),
    ],
)
def test_forgeries(rule: str, start: str, path: str, value: Any) -> None:
    assert audit(one(rule, start)).verdict == "valid"
    assert audit(changed(one(rule, start), path, value)).verdict != "valid"


def test_a_kink_that_is_not_the_best() -> None:
    data = copy.deepcopy(one("one-kink"))
    data["argument"]["network"] = {"offset": "1/2", "neurons": []}
    data["claim"]["minimum"] = "1/2"
    found = audit(seal(data))
    assert found.verdict == "invalid" and "smaller risk" in found.reason


def test_a_kink_that_opens_to_the_left_is_better() -> None:
    """A line is the best of all b + c (x - o)^+, with the risk 1/24, but the target itself opens to the left."""
    data = copy.deepcopy(one("one-kink"))
    data["problem"]["domain"] = {"variables": ["x"], "box": [["-1", "1"]]}
    data["problem"]["target"]["expression"] = "Max(-x, 0)"
    neuron = {"output": "-1/2", "weights": ["1"], "bias": "1"}
    data["argument"]["network"] = {"offset": "3/4", "neurons": [neuron]}
    data["claim"]["minimum"] = "1/24"
    found = audit(seal(data))
    assert found.verdict == "invalid" and "smaller risk" in found.reason


def test_the_domain_of_other_targets_has_no_restriction() -> None:
    data = copy.deepcopy(one("growth", "tanh"))
    data["problem"]["domain"]["restriction"] = "x < 1/2"
    found = audit(seal(data))
    assert found.verdict == "invalid" and "expected an interval" in found.reason


def test_a_piece_that_is_not_analytic_at_its_end() -> None:
    node = parse("x**(3/2)", ["x"])
    require_analytic(Effort(), Part(Fraction(1, 9), None, node))
    with pytest.raises(UndecidedError, match="analytic"):
        require_analytic(Effort(), Part(Fraction(0), None, node))
    require_analytic(Effort(), Part(None, None, parse("1/sqrt(1 + exp(x))", ["x"])))
    require_analytic(Effort(), Part(None, None, parse("1/(1 + (1 + exp(x))**pi)", ["x"])))


def test_a_disc_more_on_the_side_of_the_one_that_is_apart() -> None:
    data = copy.deepcopy(one("unique-separating-line"))
    data["claim"].update(factor="1", risks=[{"parameter": "1/4", "upper": "1"}])
    assert data["argument"]["apart"] == 2 and audit(seal(data)).verdict == "valid"
    data["argument"]["weights"].append("0")
    for place, verdict in (("-5", "valid"), ("5", "invalid")):
        more = changed(data, "problem.domain.union", [*data["problem"]["domain"]["union"], disc(place, "0", "1")])
        found = audit(more)
        assert found.verdict == verdict and ("does not separate" in found.reason) is (place == "5")
    box = {"box": [["-1", "0"], ["5", "6"]]}  # a face on the line: the risk is of the order k
    found = audit(changed(data, "problem.domain.union", [*data["problem"]["domain"]["union"], box]))
    assert found.verdict == "invalid" and "expected discs" in found.reason


def test_the_factor_on_discs_is_that_of_the_jump_1() -> None:
    data = one("unique-separating-line")
    double = changed(data, "problem.target.expression", "Piecewise((2, x > 0), (0, True))")
    steep = changed(data, "problem.target.expression", "Piecewise((1, 2*x > 0), (0, True))")
    for lie in (changed(double, "family.jump", "2"), changed(steep, "family.where", "2*x > 0")):
        found = audit(lie)
        assert found.verdict == "invalid" and "expected the jump 1 and a unit normal" in found.reason


def test_weights_that_are_not_convex() -> None:
    """Tangents at weights 5/3 and -2/3 agree, but other lines separate the discs, and some network is the target."""
    data = copy.deepcopy(one("unique-separating-line"))
    data["claim"].update(factor="1", risks=[{"parameter": "1/4", "upper": "1"}])
    for y, weights, verdict in (("-2", ("1/2", "1/2"), "valid"), ("-2", ("1", "1"), "invalid"),
                                ("5", ("5/3", "-2/3"), "invalid")):  # fmt: skip
        data["problem"]["domain"]["union"] = [disc("-1", "2", "1"), disc("-1", y, "1"), disc("1", "0", "1")]
        data["argument"]["weights"] = [*weights, "0"]
        found = audit(seal(data))
        assert found.verdict == verdict and ("expected weights >= 0 with sum 1" in found.reason) is (verdict != "valid")


def test_one_kink_is_for_relu() -> None:
    data = copy.deepcopy(one("one-kink"))
    data["activation"] = "Max(2*x, 0)"
    for neuron in data["argument"]["network"]["neurons"]:
        neuron["output"] = str(Fraction(neuron["output"]) * Fraction(1, 2))
    found = audit(seal(data))
    assert found.verdict == "invalid" and "max(x, 0)" in found.reason


def test_a_network_with_a_risk_is_not_exact() -> None:
    data = copy.deepcopy(one("exact-network"))
    data["argument"]["network"] = {"offset": "0", "neurons": []}
    risk = re.search(r"risk of the network is (\S+)", audit(seal(data)).reason)
    assert risk
    data["claim"]["minimum"] = risk[1]
    found = audit(seal(data))
    assert found.verdict == "invalid" and "expected 0" in found.reason


def test_the_activation_must_be_smooth_where_the_family_meets_a_kink() -> None:
    data = copy.deepcopy(one("growth", "tanh"))
    data["problem"]["network"]["width"] = 2
    data["problem"]["target"] = {"expression": "Piecewise((1, x > 0), (0, True))"}
    data["problem"]["domain"] = {"variables": ["x"], "box": [["-1", "1"]]}
    data["activation"] = "Max(x, 0)"
    nodes = [{"weight": "1", "step": "1"}, {"weight": "-1", "step": "0"}]
    data["family"] = {"form": "difference", "order": 1, "base": "x", "direction": "1", "nodes": nodes}
    data["claim"].update(neurons=2, until="1", factor="0", rate="2", risks=[{"parameter": "1/4", "upper": "1"}])
    data["argument"] = {"rule": "smoothness", "class": 0, "point": "0", "order": 0}
    found = audit(seal(data))
    assert found.verdict == "undecided" and "not seen to agree" in found.reason


@pytest.mark.parametrize(
    "sigma, target, argument",
    [
        ("sqrt(x**2)", "x**2", {"rule": "growth", "degree": 1}),
        (
            "Max(x, 0)**2",
            "Piecewise((sqrt(x)**3, x > 0), (x, True))",
            {"rule": "smoothness", "class": 1, "point": "0", "order": 1},
        ),
        (
            "sin(x)",
            "x*sin(x)",
            {
                "rule": "exponential-polynomials", "level": 0, "piece": 0, "with_exponential": 0,
                "without_exponential": 0, "target": 1, "target_with_exponential": False,
            },
        ),
        (
            "exp(x)",
            "x*exp(x + 1)",
            {
                "rule": "exponential-polynomials", "level": 0, "piece": 0, "with_exponential": 0,
                "without_exponential": 0, "target": 1, "target_with_exponential": True,
            },
        ),
    ],
)  # fmt: skip
def test_arguments_beyond_their_rule(sigma: str, target: str, argument: dict[str, Any]) -> None:
    effort = Effort()
    pieces = parts(effort, parse(target, ["x"]), Fraction(-1), Fraction(1))
    setting = Setting(effort, parts(effort, parse(sigma, ["x"])), pieces, 1)
    with pytest.raises(UndecidedError):
        check_argument(setting, argument, Reader(), True)


@pytest.mark.parametrize(
    "text",
    [
        "1/(sin(x) - sin(x))",
        "exp(log(1 + exp(x))/2)",
        "(1 + exp(x) + exp(x**2) + exp(x**3) + sin(x) + cos(x))**30",
    ],
)
def test_what_has_no_normal_form(text: str) -> None:
    with pytest.raises(UndecidedError):
        Forms()(parse(text, ["x"]))


def test_powers_in_an_exponent_count() -> None:
    assert Forms()(parse("exp(x + x**2) - exp(x)*exp(x**2)", ["x"])).over == {}
    assert Forms()(parse("exp(x + x**2) - exp(x)", ["x"])).over


def test_a_switch_has_no_derivative() -> None:
    with pytest.raises(UndecidedError, match="no derivative of Abs"):
        derivative(parse("x*Abs(x)", ["x"]))


def test_a_quotient_is_no_polynomial() -> None:
    assert polynomial(parse("x**2/x", ["x"])) == [0, 1]
    assert polynomial(parse("1/x", ["x"])) is None


@pytest.mark.parametrize(
    "text",
    [
        "Piecewise((log(exp(x) - 3/2), exp(x) >= 3/2), (0, True))",  # undefined at log(3/2) only
        "(x - 2)**x",
        "x**(x - 1/2)",
    ],
)
def test_what_is_not_seen_to_be_defined(text: str) -> None:
    with pytest.raises((InvalidError, UndecidedError)):
        check_defined(Effort(), parse(text, ["x"]), ((Fraction(0),), (Fraction(1),)))


def test_a_maximum_is_not_below_the_one_that_is_not_negative() -> None:
    """Near 1 both and their difference are of the order (1 - x)**2; the sign of the second one is not seen there."""
    node = parse("Max(sin(pi*x)*tanh(1 - x), 2 - x - exp(1 - x))", ["x"])
    check_sign(Effort(), node, ((Fraction(0),), (Fraction(1),)), ">=", "a negative value")


def test_what_is_0_for_every_kappa_has_the_sign_0() -> None:
    slab = Slab((Fraction(0), Fraction(1)), Effort(), (Fraction(0),), (Fraction(1),))
    for text, sign in (("0*x", (0, 0)), ("0*x*k", (0, 0)), ("x*k", (1, 1)), ("x - 1/2", (-1, 1)), ("-k", (-1, -1))):
        assert slab.sign(parse(text, ["x", "k"])) == sign


def test_a_value_beyond_the_domain_of_a_function() -> None:
    with pytest.raises(UndecidedError, match="no value"):
        is_nonzero(Effort(), parse("log(x)", ["x"]), Fraction(-1))


def test_a_bound_within_the_enclosure_is_not_confirmed() -> None:
    risk = Fraction("3.1945280494653251136152137302875")  # int of exp(2 x) over [0, 1], rounded down
    claim = Claim(1, True, Fraction(1), Fraction(1), Fraction(2), [(Fraction(1), risk)])
    zero = parts(Effort(), parse("0", ["x"]), Fraction(0), Fraction(1))
    with pytest.raises(UndecidedError, match="enclosed only"):
        _check_risks(Effort(), lambda k: parse("exp(x)", ["x"]), zero, claim)
    claim = claim._replace(risks=[(Fraction(1), risk - Fraction(1, 10**9))])
    with pytest.raises(InvalidError, match="the risk is at least"):
        _check_risks(Effort(), lambda k: parse("exp(x)", ["x"]), zero, claim)


def test_a_scaled_activation_has_no_other_constant_than_the_target() -> None:
    """k sigma(x/k) tends to max(x, 0), not to max(x, 0) + 1; at k = 1/2 the bounds hold all the same."""
    for target in ("Piecewise((0, x < 0), (x + 1, True))", "Piecewise((-1, x < 0), (x, True))"):
        data = copy.deepcopy(one("smoothness", "elu"))
        assert data["family"] == {"form": "scaling"}
        data["problem"]["target"]["expression"] = target
        data["claim"].update(factor="4", risks=[{"parameter": "1/2", "upper": "4"}])
        found = audit(seal(data))
        assert found.verdict == "invalid" and "multiples of x" in found.reason


def test_a_family_of_more_neurons_than_the_width() -> None:
    nodes = [{"weight": weight, "step": weight} for weight in ("1", "-1")]
    for width, verdict in ((1, "invalid"), (2, "valid")):
        data = forged("tanh", "x", {"rule": "growth", "degree": 0}, width, base="0", nodes=nodes)
        found = audit(changed(data, "claim.neurons", 2))
        assert found.verdict == verdict and ("more than the width" in found.reason) is (width == 1)


def test_a_family_at_another_base_has_another_limit() -> None:
    """(exp(x + k x) - exp(x))/k tends to x exp(x), not so at x + 1 or 2 x."""
    rule = {**EXPONENTIALS, "target_with_exponential": True}
    nodes = [{"weight": "1", "step": "1"}, {"weight": "-1", "step": "0"}]
    for base, verdict in (("x", "valid"), ("x + 1", "invalid"), ("2*x", "invalid")):
        found = audit(changed(forged("exp", "x*exp(x)", rule, 2, base=base, nodes=nodes), "claim.neurons", 2))
        assert found.verdict == verdict and ("expected a constant or x" in found.reason) is (base != "x")


def test_a_remainder_is_that_of_all_points() -> None:
    """The derivative of exp is 1 at 0 and e at 1."""
    piece = Part(Fraction(-1), Fraction(1), parse("exp(x)", ["x"]))
    _check_remainder(Effort(), piece, 1, number(Fraction("7.4")))
    with pytest.raises(InvalidError, match="is larger"):
        _check_remainder(Effort(), piece, 1, number(Fraction("7.3")))


def test_a_remainder_is_refuted_by_what_its_enclosure_excludes_only() -> None:
    """The square of the second Taylor coefficient is 2, which is not above 2."""
    piece = Part(Fraction(-1), Fraction(1), parse("sqrt(2)*x**2", ["x"]))
    with pytest.raises(UndecidedError, match="cannot exclude a remainder"):
        _check_remainder(Effort(), piece, 2, number(2))
    with pytest.raises(InvalidError, match="is larger"):
        _check_remainder(Effort(), piece, 2, number(2 - Fraction(1, 10**40)))


@pytest.mark.parametrize("widths", list(permutations(["1e-3", "1", "7", "1e6"])))
def test_enclosures_that_are_narrow_enough_for_every_claim(widths: tuple[str, ...]) -> None:
    response, network, gain, one_ramp = ((Fraction(0), Fraction(width)) for width in widths)
    claim = Numbers(2, 2, response, network, gain, [one_ramp, (Fraction(1), Fraction(2))])
    risk, *gains = claims._needed(claim)
    assert risk <= response[1] and sum(gains) <= gain[1] and risk + sum(gains) <= network[1]
    assert gains[0] <= one_ramp[1] and gains[1] <= 1


class _Stuck:
    """An integral whose enclosure is never narrower than 1/2**20."""

    calls = 0

    def __init__(self, effort: Effort, parts: Any, finest: Fraction) -> None:
        assert finest == FINEST

    def enclosure(self, tolerance: Fraction | None = None) -> tuple[Fraction, Fraction]:
        _Stuck.calls += 1
        assert _Stuck.calls < 10
        return Fraction(1), 1 + FINEST


def test_enclosures_as_wide_as_the_finest_tolerance_are_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "Integral", _Stuck)
    monkeypatch.setattr(claims, "_needed", lambda claim: [Fraction(1), Fraction(1)])
    wide, around = (Fraction(1, 2), Fraction(2)), (Fraction(-1), Fraction(1))
    with pytest.raises(UndecidedError, match=r"claim\.gain"):
        claims.check_claims(Effort(), Numbers(2, 2, wide, around, (Fraction(1), Fraction(1)), [wide]), [], [[]])


def test_gradients_cancel_in_every_coordinate() -> None:
    side = Affine((Fraction(0), Fraction(1)), Fraction(0))
    for gradient, neurons in (((0, -3), 1), ((0, 0), 1), ((1, -3), 2), ((1, 0), 2), ((0, 1), 2)):
        start = Affine(tuple(map(Fraction, gradient)), Fraction(0))
        assert dimension(Response(start, (Jump(side, side.times(3)),)), "feedforward") == neurons


def test_too_many_gradients_for_a_search_of_subsets() -> None:
    def kink(i: int) -> Jump:
        side = Affine((Fraction(1),), Fraction(-i))
        return Jump(side, side.times(3**i))

    start = Affine((Fraction(1),), Fraction(0))
    assert dimension(Response(start, tuple(map(kink, range(9)))), "feedforward") == 10
    with pytest.raises(UndecidedError, match="too long a search"):
        dimension(Response(start, tuple(map(kink, range(MOST_SUBSETS_OF + 1)))), "feedforward")
