"""Arguments about activations, each refused by one check alone (see tests/source_mutation)."""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from typing import Any

import pytest

from tests.auditor.builder import changed, seal
from tests.auditor.test_separation import one
from verify.auditor import audit_text
from verify.auditor.arguments import Setting, check_argument, poles
from verify.auditor.calculus import Forms
from verify.auditor.certificate import Reader
from verify.auditor.grammar import parse
from verify.auditor.lines import parts
from verify.auditor.separation import RECORDS
from verify.auditor.verdicts import Effort, InvalidError, UndecidedError

Argument = dict[str, Any]
RELU = "Max(x, 0)"
EXPONENTIALS: Argument = {
    "rule": "exponential-polynomials", "level": 0, "piece": 0, "with_exponential": 0, "without_exponential": 0,
    "target": 1, "target_with_exponential": True,
}  # fmt: skip
POLES: Argument = {"rule": "pole-order", "level": 0, "piece": 0, "where": "finite", "activation": 1, "target": 2}


def single(*points: str | None) -> Argument:
    return {"rule": "single-neuron", "piece": 0, "points": list(points)}


def smooth(class_: int, order: int, point: str = "0") -> Argument:
    return {"rule": "smoothness", "class": class_, "point": point, "order": order}


def waring(power: int, *multipliers: str) -> Argument:
    return {"rule": "waring", "power": power, "multipliers": list(multipliers)}


def apply(sigma: str, target: str, argument: Argument, width: int, every_width: bool | None = None) -> None:
    effort = Effort()
    pieces = parts(effort, parse(target, ["x"]), Fraction(-1), Fraction(1))
    setting = Setting(effort, parts(effort, parse(sigma, ["x"])), pieces, width)
    every = argument["rule"] not in ("single-neuron", "waring") if every_width is None else every_width
    check_argument(setting, argument, Reader(), every)


@pytest.mark.parametrize(
    ("sigma", "target", "argument"),
    [
        ("sin(x)", "x", single("1/2")),
        ("x**2", "x", single(None)),
        (RELU, "x**2", single(None, None)),
        ("tanh(x)", "x", {"rule": "growth", "degree": 0}),
        ("log(1 + x**2)", "x**2", {"rule": "growth", "degree": 1}),
        ("log(1 + sin(x)**2)", "x", {"rule": "growth", "degree": 0}),
        ("exp(x)", "x*exp(x)", EXPONENTIALS),
        (RELU, "Piecewise((1, x > 0), (0, True))", smooth(0, 0)),
        ("exp(x)", "x", {**EXPONENTIALS, "target_with_exponential": False}),
        ("tanh(x)", "1/(1 + exp(-x))**2", POLES),
        ("x**3", "x", waring(3, "-3")),
    ],
)
def test_true_arguments(sigma: str, target: str, argument: Argument) -> None:
    apply(sigma, target, argument, 2 if argument["rule"] == "waring" else 1)


@pytest.mark.parametrize(
    ("sigma", "target", "argument", "width", "word"),
    [
        ("tanh(x)", "Piecewise((x**2, x < 0), (0, True))", {"rule": "growth", "degree": 1}, 1, "not a polynomial"),
        ("tanh(x)", "sin(x)", {"rule": "growth", "degree": 0}, 1, "not a polynomial"),
        ("tanh(x)", "x", {"rule": "growth", "degree": 1}, 1, "not below"),
        ("sin(x)", "x", single("0"), 2, "expected width 1"),
        ("sin(x)", "x", single("0", "0"), 1, "one point a piece"),
        ("sin(x)", "sin(x)", single("0"), 1, "not a polynomial there"),
        ("x**2", "x**2", single(None), 1, "a piece has degree 2"),
        ("Piecewise((x**3, x > 0), (x**4, True))", "x", single("1/2", "1/2"), 1, "outside its piece"),
        ("exp(x)", "exp(x)", {**EXPONENTIALS, "target": 0}, 1, "not beyond"),
        ("exp(x)", "x*exp(x)", {**EXPONENTIALS, "level": 0, "without_exponential": -1, "piece": 1}, 1, "fewer pieces"),
        ("x + exp(x)", "x**2*exp(x)", {**EXPONENTIALS, "target": 2}, 1, "a higher degree"),
        ("1 + exp(x)", "x*exp(x)", {**EXPONENTIALS, "level": 1, "without_exponential": -2}, 1, "expected"),
        ("exp(x)", "1", {**EXPONENTIALS, "without_exponential": -1, "target": 0, "target_with_exponential": False}, 1,
         "constants count"),
        (RELU, RELU, smooth(0, 1), 1, "exceeds the class"),
        (RELU, "Piecewise((1, x > 0), (0, True))", smooth(0, 0, "1/2"), 1, "no point between"),
        ("2*x**3", "x", waring(3, "-3"), 2, "not this power"),
        ("x**3 + x", "x", waring(3, "-3"), 2, "not this power"),
        (RELU, "x", waring(1), 1, "not this power"),
        ("x**3", "x", waring(3, "-3", "0"), 2, "out of range"),
        ("x**3", "x**4", waring(3, "-3"), 2, "out of range"),
        ("x**3", "x", waring(3), 3, "out of range"),
        ("x**2", "x", waring(3, "1"), 2, "not this power"),
        ("x**3", "1", waring(3, "1"), 2, "do not contradict"),
        ("x**3", "x**3 + 3*x", waring(3, "1"), 2, "do not contradict"),  # ((x + 1)**3 + (x - 1)**3)/2
        ("x**3", "x**2 + x", waring(3, "1"), 2, "do not contradict"),  # (x + p)**3 - (x + q)**3 with p + q = 1
        ("tanh(x)**2", "tanh(x)**2", POLES, 1, "orders of the poles"),
        ("Piecewise((tanh(x)**2, x > 0), (tanh(x), True))", "tanh(x)**2", POLES, 1, "orders of the poles"),
        ("tanh(x)", "x", {**POLES, "where": "infinity", "activation": 0, "target": 1}, 1, "orders of the poles"),
        ("tanh(x)", "x", {"rule": []}, 1, "expected one of"),
        ("x**3", "x**3", waring(3, "1"), 2, "do not contradict"),
        ("tanh(x)", "x", {**POLES, "where": "nowhere"}, 1, "finite, infinity"),
        ("tanh(x)", "tanh(x)", {**POLES, "target": 1}, 1, "higher order"),
        ("tanh(x)", "x", POLES, 1, "orders of the poles"),
        ("tanh(x)", "x", {"rule": "it is obvious"}, 1, "expected one of"),
    ],
)  # fmt: skip
def test_refuted(sigma: str, target: str, argument: Argument, width: int, word: str) -> None:
    with pytest.raises(InvalidError, match=word):
        apply(sigma, target, argument, width)


@pytest.mark.parametrize(
    ("sigma", "target", "argument", "word"),
    [
        ("sin(x)", "1/2", single("1/3"), "not seen to vary"),
        # constant on its pieces, though the expressions vary beyond them
        ("sin(x)", "Piecewise((-2/5, x < 1/2), (sqrt((x - 2/5)**2) - x, True))", single("1/2"), "not seen to vary"),
        ("sin(x)", "Piecewise((11/10, x < 1/2), (sqrt((x - 11/10)**2) + x, True))", single("1/2"), "not seen to vary"),
        ("sin(x)", "x", single(None), "not seen to be a polynomial"),
        ("sin(x)", "x", single("0"), "a derivative is 0"),
        ("1 + x", "x", single("0"), "a derivative is 0"),
        ("log(1 + exp(x))", "x", {"rule": "growth", "degree": 0}, "growth"),
        ("exp(x)", "exp(x)", EXPONENTIALS, "no coefficient"),
        ("exp(x)", "x", {"rule": "growth", "degree": 0}, "growth"),
        ("erf(x)", "x", {**EXPONENTIALS, "target_with_exponential": False}, "no exponential polynomial"),
        ("1/(1 + x**2)", "x", {**EXPONENTIALS, "target_with_exponential": False}, "no exponential polynomial"),
        (
            "Piecewise((x + 2, x > -1), (-1/x, True))",
            "x**2",
            {**EXPONENTIALS, "without_exponential": 1, "target": 2, "target_with_exponential": False},
            "no exponential polynomial",
        ),
        (
            "x*exp(x)",
            "x*exp(x)",
            {**EXPONENTIALS, "with_exponential": 1, "target_with_exponential": False},
            "no coefficient",
        ),
        ("exp(x)", "x*exp(x + 1)", EXPONENTIALS, "exponent with a constant"),
        (RELU, "Piecewise((1, x > 0), (0, True))", smooth(1, 0), "not seen to agree"),
        (RELU, "Piecewise((x, x > 0), (0, True))", smooth(0, 0), "not seen to differ"),
        (RELU, "Piecewise((1 + sqrt((x - 1/2)**2), x > 0), (0, True))", smooth(0, 0), "not seen to be real-analytic"),
        ("sqrt(x**2)", "x**2", {"rule": "growth", "degree": 1}, "not seen to be real-analytic"),
    ],
)
def test_not_confirmed(sigma: str, target: str, argument: Argument, word: str) -> None:
    with pytest.raises(UndecidedError, match=word):
        apply(sigma, target, argument, 1)


@pytest.mark.parametrize(
    ("text", "order", "at_infinity"),
    [
        ("pi*x", 0, 1),
        ("1/(1 + x**2)", 1, 0),
        ("(1 + x)**4/(1 + x**2)", 1, 2),
        ("pi/(1 + x)**2", 2, 0),
        ("1/(x**2 + x**3)", 2, 0),
        ("tanh(x)", 1, None),
        ("1/(2 + exp(-x))", 1, None),
        ("x*exp(x)/(1 + exp(x))", 1, None),
        ("exp(-x)", 0, None),
    ],
)
def test_orders_of_poles(text: str, order: int, at_infinity: int | None) -> None:
    assert poles(Forms()(parse(text, ["x"]))) == (order, at_infinity)


@pytest.mark.parametrize(
    "text",
    [
        "1/x", "1/x**2", "exp(x + 1)", "exp(x**2)", "exp(x)/x", "exp(x)/(x + 1)", "1/(x + exp(x))", "erf(x)",
        "x*erf(x)", "pi*x + x**2", "1/(pi + x)", "(pi + x)/(1 + x)", "exp(x) + pi", "1/(1 + exp(1)*exp(x))",
        "erf(x)/(1 + x)", "1/erf(x)",
    ],
)  # fmt: skip
def test_forms_without_orders(text: str) -> None:
    with pytest.raises(UndecidedError, match="not rational"):
        poles(Forms()(parse(text, ["x"])))


def test_a_rule_for_one_width_says_nothing_of_every_width() -> None:
    with pytest.raises(InvalidError, match="every_width"):
        apply("sin(x)", "x", single("1/2"), 1, every_width=True)


def refused(data: Argument, word: str, verdict: str = "invalid") -> None:
    found = audit_text(json.dumps(seal(data)))
    assert found.verdict == verdict and word in found.reason


def test_a_risk_that_is_enclosed_only_is_not_0() -> None:
    """The enclosure of the risk of tanh against tanh + 1e-60 starts at 0, the risk itself is 2e-120."""
    data = copy.deepcopy(one("exact-network"))
    data["activation"] = "tanh(x)"
    data["problem"]["target"] = {"expression": "tanh(x) + 1e-60*exp(x)"}
    neurons = [{"output": "1", "weights": ["1"], "bias": "0"}]
    data["argument"]["network"] = {"offset": "0", "neurons": neurons}
    refused(data, "not found exactly", "undecided")


@pytest.mark.parametrize(
    ("sigma", "word"),
    [
        ("Piecewise((x, x > 0), (x**2, True))", "not piecewise linear"),
        ("Piecewise((x, x > 0), (sin(x), True))", "not piecewise linear"),
        ("Piecewise((x, x < 0), (2*x, x < 1), (x + 1, True))", "expected one kink"),
        ("Piecewise((0, x < 0), (x, x < 1), (2*x - 1, True))", "expected one kink"),
        ("2*x", "expected one kink"),
        ("Piecewise((x, x > 0), (x, True))", "expected one kink"),
    ],
)
def test_piecewise_linear(sigma: str, word: str) -> None:
    refused(changed(one("piecewise-linear", "relu"), "activation", sigma), word)


def test_a_space_of_polynomials() -> None:
    data = copy.deepcopy(one("polynomial-space"))
    constant = changed(data, "activation", "1")
    constant["argument"]["neurons"] = []
    refused(constant, "expected a polynomial")
    refused(changed(data, "activation", "tanh(x)"), "expected a polynomial")
    refused(changed(data, "problem.network.width", 2), "enough neurons")
    refused(changed(data, "argument.neurons.1.bias", "0"), "do not span")


def test_one_kink() -> None:
    data = copy.deepcopy(one("one-kink"))
    network = data["argument"]["network"]
    network["neurons"] += [{"output": "0", "weights": ["1"], "bias": "0"}]
    refused(data, "more neurons than the width")
    data["problem"]["network"]["width"] = 2
    refused(data, "expected 1")
    refused(changed(one("one-kink"), "problem.target.expression", "1/(2 + x)"), "", "undecided")
    refused(changed(one("one-kink"), "claim.minimum", "1/10"), "risk of the network")


def test_one_kink_with_a_constant_that_is_no_polynomial_by_its_form() -> None:
    """The target is 1, so the risk 2 (3/16)^2 of the network is not the smallest; that of a step is 1/9."""
    data = copy.deepcopy(one("one-kink"))
    data["problem"]["target"] = {"expression": "Piecewise((cos(0), x < 0), (1, True))"}
    data["argument"]["network"] = {"offset": "13/16", "neurons": []}
    data["claim"]["minimum"] = "9/128"
    refused(data, "not piecewise polynomial", "undecided")


def test_claims_of_attainment() -> None:
    data = one("piecewise-linear", "relu")
    refused(changed(data, "claim.widths", "from"), "does not fit")
    refused(changed(data, "claim.minimum", "0"), "does not fit")
    refused(changed(data, "problem.target.expression", "x"), "stands for every target")
    for rule in ("cusp", [], None):
        refused(changed(data, "argument", {"rule": rule}), "expected one of")
    refused(changed(data, "problem.network.width", 0), "expected squared loss")
    plane = changed(one("exact-network"), "problem.target.expression", "x")
    plane["problem"]["domain"] = {"variables": ["x", "y"], "box": [["-1", "1"], ["-1", "1"]]}
    sides = [{"output": sign, "weights": [sign, "0"], "bias": "0"} for sign in ("1", "-1")]
    plane["argument"]["network"] = {"offset": "0", "neurons": sides}
    refused(plane, "does not fit")


@pytest.mark.parametrize(
    "change",
    [
        {"rate": "0"},
        {"rate": "-1"},
        {"factor": "-1"},
        {"risks": []},
        {"risks": [("1/4", "1"), ("1/4", "1")]},
        {"risks": [("1/8", "1"), ("1/4", "1")]},
        {"risks": [("1/4", "1"), ("0", "1")]},
        {"risks": [("1/4", "1"), ("-1/4", "1")]},
        {"risks": [("1", "1"), ("1/4", "1")]},
        {"every_width": 1},
    ],
)
def test_claims_about_risks(change: Argument) -> None:
    risks = [("1/2", "1"), ("1/4", "1")]
    claim = {"neurons": 1, "every_width": True, "until": "1/2", "factor": "0", "rate": "1", "risks": risks}

    def read(data: Argument) -> None:
        data["risks"] = [{"parameter": k, "upper": upper} for k, upper in data["risks"]]
        Reader(RECORDS).read("claim", data, "claim")

    read(dict(claim))
    with pytest.raises(InvalidError, match="claim"):
        read({**claim, **change})


def test_pieces_are_cut_at_switches_only() -> None:
    """Not where a branch that is not taken there, or a logarithm, would end."""
    for text, ends in (
        ("Piecewise((log(x + 5), x > 0), (x, True))", [0, None]),
        ("Piecewise((x, x > 0), (x, True))", [0, None]),
        ("Abs(x) + Max(x, 1)", [0, 1, None]),
    ):
        assert [part.high for part in parts(Effort(), parse(text, ["x"]))] == ends


def test_exponents_far_apart_end_undecided_and_soon() -> None:
    for n in (1001, 10**9):
        with pytest.raises(UndecidedError, match="too far apart"):
            poles(Forms()(parse(f"(exp({n}*x) + 2*x)/(1 + exp({n}*x) + exp(x))", ["x"])))
    assert poles(Forms()(parse("(exp(1000*x) + 2*x)/(1 + exp(1000*x) + exp(x))", ["x"]))) == (1, None)
    assert poles(Forms()(parse("1/(1 + exp(10**9*x))**2", ["x"]))) == (2, None)
