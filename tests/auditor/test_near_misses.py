"""Certificates that almost hold are refused: every number nudged, with the digest made right again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import mpmath
import pytest

from tests.auditor.builder import build, changed, half, line, seal
from verify.auditor import Audit, audit_text


def audit(data: dict[str, Any]) -> Audit:
    return audit_text(json.dumps(data))


def refused(data: dict[str, Any], word: str = "") -> None:
    result = audit(data)
    assert result.verdict == "invalid", result
    assert word in result.reason, result


EXACT = build(
    [half("1/3", 1, kappa="1/20", shift="1/30"), half("2/3", line("-1/2", "1/4"), kappa="1/30")],
    target="x**2",
    f=lambda x: x**2,
)
SINE = build(
    [half("1/3", 1, kappa="1/20"), half("2/3", -1, kappa="1/30", turn=True), half("1/2", line("-1/2", 1))],
    target="sin(2*pi*x)",
    f=lambda x: mpmath.sin(2 * mpmath.pi * x),
    density="exp(x)",
    h=mpmath.exp,
)


def numbers(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every number of a certificate with its path."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key not in ("digest", "format", "kind", "name", "variables"):
                yield from numbers(value, f"{path}.{key}" if path else key)
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from numbers(value, f"{path}.{i}")
    else:
        yield path, data


def test_they_are_valid_before_the_change() -> None:
    assert audit(EXACT).verdict == audit(SINE).verdict == "valid"


@pytest.mark.parametrize("data", [EXACT, SINE], ids=["exact", "sine"])
def test_every_nudged_number_of_network_and_ramps(data: dict[str, Any]) -> None:
    for path, value in numbers(data):
        if not path.startswith(("network", "ramps", "response")):
            continue
        if isinstance(value, str) and ("x" in value or ">" in value):
            nudged = value.replace(">", "+ 1/1000000000 >") if ">" in value else f"{value} + x/1000000000"
        else:
            nudged = str(Fraction(value) + Fraction(1, 10**12))
        refused(changed(data, path, nudged))


@pytest.mark.parametrize("data", [EXACT, SINE], ids=["exact", "sine"])
def test_every_claim_moved_off_the_value(data: dict[str, Any]) -> None:
    for path, value in numbers(data["claim"], "claim"):
        if isinstance(value, int):
            refused(changed(data, path, value + 1))
            refused(changed(data, path, value - 1))
    for key in ("response_risk", "network_risk", "gain", "ramp_gains.0", "ramp_gains.1"):
        entry: Any = data["claim"]
        for part in key.split("."):
            entry = entry[int(part)] if part.isdigit() else entry[part]
        low, high = Fraction(entry["lower"]), Fraction(entry["upper"])
        for shift in (high - low, low - high):
            moved = {"lower": str(low + shift), "upper": str(high + shift)}
            refused(changed(data, f"claim.{key}", moved), key.split(".")[0])


@pytest.mark.parametrize("data", [EXACT, SINE], ids=["exact", "sine"])
def test_problem_changed_under_the_claims(data: dict[str, Any]) -> None:
    refused(changed(data, "problem.target.expression", data["problem"]["target"]["expression"] + " + 1/1000"))
    refused(changed(data, "problem.density.expression", data["problem"]["density"]["expression"] + " + 1/1000"))
    refused(changed(data, "problem.domain.union.0.box.0.1", "1001/1000"))
    refused(changed(data, "problem.loss", {"kind": "power", "exponent": "2001/1000"}))
    refused(changed(data, "problem.network.width", data["problem"]["network"]["width"] - 1), "width")


def test_ramps_dropped_doubled_or_wrong() -> None:
    ramps, gains = SINE["ramps"], SINE["claim"]["ramp_gains"]
    for kept in ([0], [1], [0, 0], [0, 1, 1], []):
        data = changed(SINE, "ramps", [ramps[i] for i in kept])
        refused(changed(data, "claim.ramp_gains", [gains[i] for i in kept]), "ramps")
    refused(changed(SINE, "claim.ramp_gains", gains[:1]), "ramp_gains")
    refused(changed(SINE, "ramps.0.kappa", "0"), "kappa")
    refused(changed(SINE, "ramps.0.kappa", "-1/20"), "kappa")
    refused(changed(SINE, "ramps.0.kappa", "1/19"), "network")
    refused(changed(SINE, "ramps.1.jump", "-1"), "jump")
    refused(changed(SINE, "ramps.0.where", "x < 1/3"), "jump")


def test_ramps_in_another_order_have_other_gains_only_where_they_overlap() -> None:
    data = changed(SINE, "ramps", SINE["ramps"][::-1])
    assert audit(changed(data, "claim.ramp_gains", SINE["claim"]["ramp_gains"][::-1])).verdict == "valid"
    refused(data, "ramp_gains")


def test_neurons() -> None:
    neurons = SINE["network"]["neurons"]
    extra = {"output": "0", "weights": ["1"], "bias": "0"}
    refused(changed(SINE, "network.neurons", neurons[:-1]), "neurons")
    data = changed(changed(SINE, "network.neurons", [*neurons, extra]), "claim.neurons", 6)
    refused(data, "width")
    assert audit(changed(data, "problem.network.width", 6)).verdict == "valid"
    dead = changed(data, "network.neurons.5.weights", ["0"])
    refused(changed(dead, "problem.network.width", 6), "weights")
    refused(changed(SINE, "network.affine", "x/7"), "feedforward")


def test_dimension_depends_on_the_architecture() -> None:
    one = build([half("1/2", line(1, 1), kappa="1/9")], affine=line(0, 2), mode="always")
    assert audit(one).verdict == "valid"
    refused(changed(one, "claim.dimension", 2), "dimension 3, not 2")
    residual = changed(one, "problem.network.architecture", "residual")
    refused(residual, "dimension 2, not 3")
    assert audit(changed(residual, "claim.dimension", 2)).verdict == "valid"


def test_a_response_that_is_no_strict_one() -> None:
    refused(changed(EXACT, "response.halfspaces", [{"where": "x > 1/3", "jump": "x - 1/3"}]), "strict")
    refused(changed(EXACT, "response.halfspaces", []), "strict")
    refused(changed(EXACT, "response.halfspaces", [{"where": "x > 1", "jump": "1"}]), "strict")
    refused(changed(EXACT, "response.halfspaces.0.where", "x > x"), "where")
    refused(changed(EXACT, "response.halfspaces.0.where", "x >= 1/3"), "where")
    refused(changed(EXACT, "response.halfspaces.0.where", "x**2 > 1/9"), "where")


def test_a_gain_that_is_not_positive() -> None:
    step = {"target": "Heaviside(x - 1/2)", "f": lambda x: mpmath.mpf(1) if x > 0.5 else mpmath.mpf(0)}
    refused(build([half("1/2", 1, kappa="1/4")], **step), "is not > 0")  # the response is the target
    low = {"lower": "0", "upper": EXACT["claim"]["gain"]["upper"]}
    refused(changed(EXACT, "claim.gain", low), "gain")


@pytest.mark.parametrize(
    "key, text, word",
    [
        ("density", "x - 1/5", "negative value at (0)"),
        ("density", "(x - 1/2)**2 - 1e-9", "negative value at (1/2)"),
        ("density", "sin(2*pi*x)", "negative"),
        ("density", "Piecewise((-1, x <= 0), (1, True))", "negative value at (0)"),
        ("target", "1/(x - 1/3)", "division by 0 at (1/3)"),
        ("target", "sqrt(x - 1/1000)", "base < 0 with the exponent 1/2"),
        ("target", "log(x)", "logarithm of a number <= 0 at (0)"),
        ("target", "(x - 1/7)**(1/3)", "base < 0"),
        ("target", "tan(pi*x)", "tangent at (1/2)"),
        ("target", "asin(2*x)", "asin"),
        ("target", "Piecewise((1, x < 1/2), (1/(x - 1/2), True))", "division by 0 at (1/2)"),
        ("target", "Max(x, 1/x)", "division by 0 at (0)"),
        ("target", "0*log(x)", "logarithm"),
    ],
)
def test_densities_and_targets_that_break_the_rules(key: str, text: str, word: str) -> None:
    refused(changed(EXACT, f"problem.{key}.expression", text), word)


def test_undecided_is_neither() -> None:
    exact = SINE["claim"]["gain"]
    middle = (Fraction(exact["lower"]) + Fraction(exact["upper"])) / 2
    assert audit(changed(SINE, "claim.gain", {"lower": str(middle), "upper": exact["upper"]})).verdict in (
        "undecided",
        "invalid",
    )
    data = changed(SINE, "problem.domain.variables", ["x", "y"])
    refused(data, "box")
    assert audit(changed(EXACT, "problem.target.expression", "1/(x**2 - 1/2)")).verdict == "undecided"


def test_a_variable_that_nothing_depends_on() -> None:
    data = json.loads(json.dumps(build([half("1/2", 1, kappa="1/4")])))
    data["problem"]["domain"] = {"variables": ["x", "z"], "box": [["0", "1"], ["0", "1"]]}
    for neuron in data["network"]["neurons"]:
        neuron["weights"].append("0")
    data = seal(data)
    assert audit(data).verdict == "valid"
    refused(changed(data, "claim.dimension", 4), "dimension")
