"""Kinds non-attainment and attainment: certificates written here are confirmed, mutated and forged ones are not."""

from __future__ import annotations

import json
import random
from fractions import Fraction as F  # noqa: N817
from functools import cache
from typing import Any

import pytest

from proofs.activations.catalogue import NAMES, activation
from tests.auditor.builder import changed, seal
from tests.proofs.test_arguments import VALUES, network
from verify.auditor import audit_text
from verify.auditor.arguments import Setting, check_argument
from verify.auditor.certificate import Reader
from verify.auditor.grammar import parse
from verify.auditor.lines import parts
from verify.auditor.verdicts import Effort, InvalidError, UndecidedError
from verify.integration import Deadline
from verify.separation.analysis import analyse
from verify.separation.answer import Files, boundary_row, row
from verify.separation.boundary import boundary

CHOSEN = ("relu", "hard-tanh", "tanh", "arctan", "softsign", "gelu", "elu", "selu", "exp", "gaussian", "requ", "cubic")


@cache
def written() -> dict[str, Any]:
    """The certificates of some activations, by name."""
    files = Files(None)
    for name in CHOSEN:
        row(name, analyse(activation(name), Deadline(None)), files)
    for case in boundary():
        boundary_row(case, files)
    return {name.removesuffix(".json"): json.loads(json.dumps(document)) for name, document in files.documents.items()}


def verdict(data: dict[str, Any]) -> str:
    return audit_text(json.dumps(data)).verdict


def fewer_risks(data: dict[str, Any], count: int = 2) -> dict[str, Any]:
    return changed(data, "claim.risks", data["claim"]["risks"][:count]) if "risks" in data["claim"] else data


def one(rule: str, start: str = "") -> dict[str, Any]:
    """A written certificate with this rule, with few risks."""
    found = (d for n, d in written().items() if d["argument"]["rule"] == rule and n.startswith(start))
    return fewer_risks(next(found), 1)


@pytest.mark.parametrize("name", CHOSEN)
def test_written_certificates_are_valid(name: str) -> None:
    for stem, data in written().items():
        if stem == name or stem.startswith(f"{name}-"):
            found = audit_text(json.dumps(fewer_risks(data, 3)))
            assert found.verdict == "valid", (stem, found.reason)


MUTATIONS: list[tuple[str, str, str, Any]] = [
    ("growth", "tanh", "claim.rate", "6"),
    ("growth", "tanh", "claim.rate", "5"),
    ("growth", "tanh", "claim.factor", "1/1000"),
    ("growth", "tanh", "claim.factor", "0"),
    ("growth", "tanh", "claim.neurons", 0),
    ("growth", "tanh", "claim.neurons", 2),
    ("growth", "tanh", "claim.every_width", False),
    ("growth", "tanh", "claim.until", "0"),
    ("growth", "tanh", "claim.risks", []),
    ("growth", "tanh", "claim.risks.0.upper", "1e-9"),
    ("growth", "tanh", "claim.risks.0.parameter", "2"),
    ("growth", "tanh", "claim.risks.0.parameter", "0"),
    ("growth", "tanh", "argument.degree", 1),
    ("growth", "tanh", "problem.target.expression", "2*x"),
    ("growth", "tanh", "problem.target.expression", "x + 1/1000000"),
    ("growth", "tanh", "problem.density.expression", "2"),
    ("growth", "tanh", "problem.loss", {"kind": "absolute"}),
    ("growth", "tanh", "problem.network.architecture", "residual"),
    ("growth", "tanh", "problem.network.width", 0),
    ("growth", "tanh", "problem.domain.box", [["-3", "3"]]),
    ("growth", "tanh", "activation", "tanh(2*x)"),
    ("growth", "tanh", "activation", "x*tanh(x)"),
    ("growth", "tanh", "activation", "x"),
    ("growth", "tanh", "family.order", 2),
    ("growth", "tanh", "family.base", "1"),
    ("growth", "tanh", "family.direction", "x + 1"),
    ("growth", "tanh", "family.nodes.0.step", "0"),
    ("growth", "tanh", "family.nodes.0.weight", "0"),
    ("growth", "tanh", "family.form", "scaling"),
    ("growth", "tanh", "family.form", "ramp"),
    ("growth", "tanh", "argument.rule", "pole-order"),
    ("pole-order", "tanh", "argument.target", 3),
    ("pole-order", "tanh", "argument.activation", 0),
    ("pole-order", "tanh", "argument.activation", 2),
    ("pole-order", "tanh", "argument.level", 1),
    ("pole-order", "tanh", "argument.piece", 1),
    ("pole-order", "tanh", "argument.where", "infinity"),
    ("pole-order", "tanh", "argument.where", "nowhere"),
    ("pole-order", "tanh", "problem.target.expression", "tanh(x)"),
    ("pole-order", "tanh", "family.nodes.0.weight", "1"),
    ("pole-order", "softsign", "problem.target.expression", "1/(1 + Abs(x))"),
    ("exponential-polynomials", "exp", "argument.with_exponential", -1),
    ("exponential-polynomials", "exp", "argument.without_exponential", -1),
    ("exponential-polynomials", "exp", "argument.target", 2),
    ("exponential-polynomials", "exp", "argument.target_with_exponential", True),
    ("exponential-polynomials", "gelu", "argument.level", 1),
    ("exponential-polynomials", "gelu", "argument.with_exponential", 1),
    ("smoothness", "elu", "argument.order", 2),
    ("smoothness", "elu", "argument.order", 0),
    ("smoothness", "elu", "argument.class", 2),
    ("smoothness", "elu", "argument.point", "1/2"),
    ("smoothness", "elu", "claim.factor", "9/10"),
    ("smoothness", "elu", "activation", "Max(x, 0)"),
    ("smoothness", "elu", "activation", "Piecewise((x, x > 0), (2*exp(x) - 2, True))"),
    ("smoothness", "requ", "activation", "Max(x, 0)"),
    ("single-neuron", "selu", "argument.points", ["-1/2", "0"]),
    ("single-neuron", "selu", "argument.points", [None, None]),
    ("single-neuron", "selu", "argument.points", ["1/2", None]),
    ("single-neuron", "selu", "argument.piece", 1),
    ("single-neuron", "selu", "problem.network.width", 2),
    ("waring", "cubic", "argument.multipliers", ["0"]),
    ("waring", "cubic", "argument.multipliers", ["1", "1"]),
    ("waring", "cubic", "argument.power", 4),
    ("waring", "cubic", "problem.network.width", 3),
    ("waring", "cubic", "activation", "x**3 + x"),
    ("unique-separating-line", "relu", "argument.weights", ["1", "0", "0"]),
    ("unique-separating-line", "relu", "argument.apart", 0),
    ("unique-separating-line", "relu", "problem.network.width", 3),
    ("unique-separating-line", "relu", "claim.factor", "32/100"),
    ("unique-separating-line", "relu", "claim.rate", "2"),
    ("unique-separating-line", "relu", "claim.every_width", True),
    ("unique-separating-line", "relu", "problem.domain.union.2.ball.center", ["11/10", "0"]),
    ("unique-separating-line", "relu", "problem.domain.union.0.ball.radius", "9/10"),
    ("unique-separating-line", "relu", "activation", "Abs(x)"),
    ("cusp", "relu", "problem.domain.restriction", "y**2 - 2*Abs(x) <= 0"),
    ("cusp", "relu", "problem.domain.restriction", "y**2 - Abs(x) >= 0"),
    ("cusp", "relu", "problem.domain.ball.center", ["1", "0"]),
    ("cusp", "relu", "family.jump", "x"),
    ("cusp", "relu", "claim.factor", "1/15"),
    ("cusp", "relu", "claim.risks.0.upper", "0"),
    ("smoothness", "relu", "claim.factor", "1/7"),
    ("smoothness", "relu", "problem.target.expression", "Piecewise((2, x > 0), (0, True))"),
    ("smoothness", "relu", "family.where", "x - 1/2 > 0"),
    ("smoothness", "relu", "problem.domain", {"variables": ["x"], "union": [{"box": [[-1, 0]]}, {"box": [[1, 2]]}]}),
    ("piecewise-linear", "relu", "activation", "Max(x, 0) + Max(x - 1, 0)"),
    ("piecewise-linear", "relu", "activation", "Heaviside(x)"),
    ("piecewise-linear", "relu", "activation", "Piecewise((x, x > 0), (x - 1, True))"),
    ("piecewise-linear", "relu", "activation", "Max(x, 0)**2"),
    ("piecewise-linear", "relu", "activation", "x"),
    ("piecewise-linear", "relu", "activation", "tanh(x)"),
    ("piecewise-linear", "relu", "problem.target.expression", "sqrt(-1)"),
    ("piecewise-linear", "relu", "problem.target.expression", "Heaviside(x)"),
    ("piecewise-linear", "relu", "claim.widths", "this"),
    ("piecewise-linear", "relu", "claim.every_target", False),
    ("piecewise-linear", "relu", "claim.minimum", "0"),
    ("piecewise-linear", "hard-tanh", "activation", "Max(-1, Min(x, 1)) + x/2"),
    ("piecewise-linear", "hard-tanh", "activation", "Max(0, Min(x, 2 - x))"),
    ("polynomial-space", "cubic", "argument.neurons.0.bias", "1"),
    ("polynomial-space", "cubic", "problem.network.width", 2),
    ("polynomial-space", "cubic", "activation", "exp(x)"),
    ("polynomial-space", "cubic", "claim.widths", "all"),
    ("one-kink", "relu", "claim.minimum", "1/10"),
    ("one-kink", "relu", "argument.network.offset", "1/100"),
    ("one-kink", "relu", "problem.network.width", 2),
    ("one-kink", "relu", "problem.target.expression", "Piecewise((0, x < 1/10), (1, True))"),
    ("one-kink", "relu", "activation", "Max(x, 0)**2"),
    ("exact-network", "relu", "argument.network.neurons.0.output", "3"),
    ("exact-network", "relu", "claim.minimum", "1/9"),
    ("exact-network", "relu", "problem.network.width", 1),
    ("exact-network", "relu", "argument.network.neurons.0.bias", "-3/4"),
]


@pytest.mark.parametrize(("rule", "start", "path", "value"), MUTATIONS)
def test_mutated_certificates_are_not_confirmed(rule: str, start: str, path: str, value: Any) -> None:
    data = one(rule, start)
    assert verdict(data) == "valid"
    assert verdict(changed(data, path, value)) != "valid"


def forged(name: str, target: str, argument: dict[str, Any], width: int, **family: Any) -> dict[str, Any]:
    """A certificate whose target a network of that width represents: some rule is claimed all the same."""
    shape = {"form": "difference", "order": 1, "base": "1", "direction": "x", "nodes": [{"weight": "1", "step": "1"}]}
    every = argument["rule"] not in ("single-neuron", "waring")
    return seal(
        {
            "format": "relu-closure/1",
            "kind": "non-attainment",
            "problem": {
                "name": "forged",
                "domain": {"variables": ["x"], "box": [["-1", "1"]]},
                "density": {"expression": "1"},
                "target": {"expression": target},
                "loss": {"kind": "squared"},
                "network": {"architecture": "feedforward", "width": width},
            },
            "activation": activation(name).text,
            "family": {**shape, **family},
            "claim": {
                "neurons": 1,
                "every_width": every,
                "until": "1/4",
                "factor": "1000",
                "rate": "2",
                "risks": [{"parameter": "1/4", "upper": "1000"}],
            },
            "argument": argument,
        }
    )


POLES = {"rule": "pole-order", "level": 0, "piece": 0, "where": "finite", "activation": 0, "target": 1}
EXPONENTIALS = {
    "rule": "exponential-polynomials", "level": 0, "piece": 0, "with_exponential": 0, "without_exponential": 0,
    "target": 1, "target_with_exponential": False,
}  # fmt: skip
FORGERIES = [
    ("softplus", "x", {"rule": "growth", "degree": 0}, 2),  # softplus(x) - softplus(-x) = x
    ("softplus", "x", {"rule": "growth", "degree": 1}, 2),
    ("softplus", "x", {"rule": "single-neuron", "piece": 0, "points": ["0"]}, 2),
    ("softplus", "x", {**POLES, "level": 1, "activation": 1, "target": 2}, 2),
    ("silu", "x", {"rule": "growth", "degree": 0}, 2),
    ("gelu", "x", {**EXPONENTIALS, "level": 2, "with_exponential": 2, "without_exponential": -1, "target": 0}, 2),
    ("gelu", "x", {"rule": "growth", "degree": 0}, 2),
    ("elu", "x", {"rule": "single-neuron", "piece": 0, "points": ["-1/2", "1/2"]}, 1),
    ("elu", "x", EXPONENTIALS, 1),
    ("elu", "x", {"rule": "smoothness", "class": 1, "point": "0", "order": 1}, 1),
    ("tanh", "tanh(x)", POLES, 1),
    ("tanh", "tanh(x)", {**POLES, "activation": 1, "target": 2}, 1),
    ("logistic", "1/(1 + exp(-x)) + 1/(1 + exp(-2*x - 1))", {**POLES, "activation": 1, "target": 2}, 2),
    ("exp", "exp(x)", {**EXPONENTIALS, "target_with_exponential": True}, 1),
    ("cubic", "x", {"rule": "waring", "power": 3, "multipliers": ["1"]}, 3),
    ("cubic", "x**2", {"rule": "waring", "power": 3, "multipliers": ["1"]}, 2),
    ("requ", "x", {"rule": "single-neuron", "piece": 0, "points": [None, None]}, 2),
    ("hard-tanh", "x", {"rule": "single-neuron", "piece": 0, "points": [None, "0", None]}, 1),
    ("relu", "Max(x, 0)", {"rule": "smoothness", "class": 0, "point": "0", "order": 1}, 1),
    ("relu", "Max(x, 0)", {"rule": "smoothness", "class": 1, "point": "0", "order": 1}, 1),
    ("tanh", "x", {"rule": "unique-separating-line", "apart": 0, "weights": ["0"]}, 1),
    ("tanh", "x", {"rule": "cusp"}, 1),
    ("tanh", "x", {"rule": "it is obvious"}, 1),
]


@pytest.mark.parametrize(("name", "target", "argument", "width"), FORGERIES)
def test_targets_that_a_network_represents(name: str, target: str, argument: dict[str, Any], width: int) -> None:
    assert verdict(forged(name, target, argument, width)) != "valid"


def test_forgeries_fail_for_the_argument_alone() -> None:
    """The same frame is valid with a target that is lost."""
    points = {"rule": "single-neuron", "piece": 0, "points": ["0"]}
    assert verdict(forged("softplus", "x", points, 1)) == "valid"
    assert verdict(forged("tanh", "x", {"rule": "growth", "degree": 0}, 1)) == "valid"


@pytest.mark.parametrize(
    "text",
    ["1/x", "Max(x**2 - 2, 0)", "floor(x)", "Max(tanh(x) - 1/2, 0)", "tan(x)", "sqrt(x)", "log(x)", "Abs(x - 1000)*x"],
)
def test_activations_that_cannot_be_read_are_undecided_or_refuted(text: str) -> None:
    assert verdict(changed(one("growth", "tanh"), "activation", text)) != "valid"


@pytest.mark.parametrize("target", ["exp(1)*x", "exp(x + 1)", "x*exp(2)", "0*log(x)", "erf(exp(x))", "exp(exp(x))"])
@pytest.mark.parametrize("rule", [POLES, EXPONENTIALS])
def test_forms_beyond_the_rules_do_not_crash(target: str, rule: dict[str, Any]) -> None:
    for name in ("tanh", "exp", "gelu"):
        assert verdict(forged(name, target, rule, 1)) != "valid"


@pytest.mark.parametrize("name", NAMES)
def test_no_rule_confirms_a_network_as_target(name: str) -> None:
    generator, a = random.Random(name), activation(name)
    sigma = parts(Effort(), parse(a.text, ["x"]))
    neurons = [tuple(generator.choice(VALUES) for _ in range(3)) for _ in range(2)]
    target = parts(Effort(), parse(network(a, neurons, F(1)).text, ["x"]), F(-1), F(1))  # type: ignore[arg-type]
    points = {"rule": "single-neuron", "piece": 0, "points": [None] * len(sigma)}
    tries = [points, {**points, "points": ["1/2" if p.inside(F(1, 2)) else "-1/2" for p in sigma]}]
    tries += [{"rule": "growth", "degree": q} for q in (0, 1)]
    tries += [{**POLES, "level": n, "activation": p, "target": p + 1} for n in (0, 1) for p in (0, 1)]
    tries += [{**EXPONENTIALS, "target": n, "target_with_exponential": e} for n in (1, 2) for e in (True, False)]
    tries += [{"rule": "smoothness", "class": 1, "point": str(p.high), "order": j} for p in target[:-1] for j in (0, 1)]
    for argument in tries:
        with pytest.raises((InvalidError, UndecidedError)):
            every = argument["rule"] != "single-neuron"
            check_argument(Setting(Effort(), sigma, target, 2), argument, Reader(), every)


def test_broken_structure() -> None:
    data = one("growth", "tanh")
    for key in ("problem", "activation", "family", "claim", "argument"):
        missing = seal({k: v for k, v in data.items() if k != key})
        assert verdict(missing) == "invalid"
        for wrong in (None, 3, [], "x + ", {"a": 1}):
            assert verdict(changed(data, key, wrong)) == "invalid"
    assert verdict(changed(data, "more", 1)) == "invalid"
    assert verdict({**data, "digest": "0" * 64}) == "invalid"
