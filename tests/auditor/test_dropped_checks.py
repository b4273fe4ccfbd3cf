"""One certificate, or one call, for each check whose absence other tests did not notice (see tests/source_mutation)."""

from __future__ import annotations

import copy
import json
import re
from fractions import Fraction
from typing import Any

import pytest

from tests.auditor.builder import build, changed, half, seal
from tests.auditor.test_separation import one
from verify.auditor import Audit, audit_text
from verify.auditor.activations import Claim
from verify.auditor.arguments import Setting, bounds, check_argument
from verify.auditor.calculus import Forms, polynomial
from verify.auditor.certificate import Reader
from verify.auditor.domains import check_defined
from verify.auditor.grammar import parse
from verify.auditor.lines import Part, parts, require_analytic
from verify.auditor.separation import _check_risks
from verify.auditor.verdicts import Effort, InvalidError, UndecidedError

LINE = build([half("1/2", 1, kappa="1/4")])
TWO_INTERVALS = {"variables": ["x"], "union": [{"box": [["-1", "1"]]}, {"box": [["5", "6"]]}]}


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


def test_a_value_beyond_the_domain_of_a_function() -> None:
    with pytest.raises(UndecidedError, match="no value"):
        bounds(Effort(), parse("log(x)", ["x"]), Fraction(-1))


def test_a_bound_within_the_enclosure_is_not_confirmed() -> None:
    risk = Fraction("3.1945280494653251136152137302875")  # int of exp(2 x) over [0, 1], rounded down
    claim = Claim(1, True, Fraction(1), Fraction(1), Fraction(2), [(Fraction(1), risk)])
    zero = parts(Effort(), parse("0", ["x"]), Fraction(0), Fraction(1))
    with pytest.raises(UndecidedError, match="enclosed only"):
        _check_risks(Effort(), lambda k: parse("exp(x)", ["x"]), zero, claim)
