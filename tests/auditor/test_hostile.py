"""Certificates made to exhaust an auditor end in a clean refusal within 10 s of the processor and 500 MB."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import verify.auditor
from tests.auditor.builder import build, changed, half, seal

COMMAND = Path(verify.auditor.__file__).parent / "__main__.py"
LINE = build([half("1/2", 1, kappa="1/4")])
IDS = (
    "domain-compact", "density-continuous", "density-nonnegative", "hyperplane", "target-continuous",
    "loss-continuous", "loss-strictly-convex", "loss-attains-minimum",
)  # fmt: skip


def target(text: str) -> dict[str, Any]:
    return changed(LINE, "problem.target.expression", text)


def plane(domain: dict[str, Any] | None = None, halfspaces: int = 1, neurons: int = 2) -> dict[str, Any]:
    """A certificate in the plane whose ramps do not fit: the work comes before that is seen."""
    problem = {**LINE["problem"], "target": {"expression": "x*y"}}
    problem["network"] = {"architecture": "residual", "width": 2000}
    problem["domain"] = {"variables": ["x", "y"], **(domain or {"box": [["0", "1"], ["0", "1"]]})}
    return seal(
        {
            **LINE,
            "problem": problem,
            "response": {
                "affine": "0",
                "halfspaces": [{"where": f"x + y > 1 + {i}", "jump": "1"} for i in range(halfspaces)],
            },
            "ramps": [{"where": "x + y > 1", "jump": "1", "kappa": "1/4", "shift": "0"}],
            "network": {
                "affine": "0",
                "offset": "0",
                "neurons": [
                    {"output": "1", "weights": [str(i), str(i * i % 97 + 1)], "bias": str(-i - 1)}
                    for i in range(neurons)
                ],
            },
            "claim": {**LINE["claim"], "neurons": neurons},
        }
    )


def conditions(domain: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """A claim that a hyperplane separates the domain."""
    entries: list[dict[str, Any]] = [{"id": name, "verdict": "undecided", "rule": "none", "data": {}} for name in IDS]
    entries[1].update(verdict="holds", rule="composition")
    entries[3].update(verdict="fails", rule="separated", data=data)
    problem = {**LINE["problem"], "domain": domain, "target": {"expression": "0"}}
    claim = {"theorem": "does-not-apply", "conditions": entries}
    return seal({"format": LINE["format"], "kind": "conditions", "problem": problem, "claim": claim})


def activation(sigma: str, goal: str, argument: dict[str, Any]) -> dict[str, Any]:
    """A claim that networks with one neuron come arbitrarily close to a target."""
    problem = {**LINE["problem"], "target": {"expression": goal}}
    problem["network"] = {"architecture": "feedforward", "width": 1}
    node = {"weight": "1", "step": "1"}
    return seal(
        {
            "format": LINE["format"], "kind": "non-attainment", "problem": problem, "activation": sigma,
            "family": {"form": "difference", "order": 1, "base": "0", "direction": "x", "nodes": [node]},
            "claim": {
                "neurons": 1, "every_width": argument["rule"] != "waring", "until": "1", "factor": "1", "rate": "2",
                "risks": [{"parameter": "1", "upper": "1"}],
            },
            "argument": argument,
        }
    )  # fmt: skip


def strips() -> dict[str, Any]:
    left = [{"box": [[str(-2 - i), str(-1 - i)], ["0", "1"]]} for i in range(1000)]
    right = [{"box": [[str(1 + i), str(2 + i)], ["0", "1"]]} for i in range(1000)]
    data = {"hyperplane": "x", "above": ["3/2", "1/2"], "below": ["-3/2", "1/2"], "apart": ["y"]}
    return conditions({"variables": ["x", "y"], "union": [*left, *right]}, data)


def many_variables(n: int) -> dict[str, Any]:
    corners = [[str((7 * i * i + 3 * j * i + j) % 10) for j in range(n)] for i in range(n + 1)]
    return changed(LINE, "problem.domain", {"variables": [f"x{i}" for i in range(n)], "vertices": corners})


def long_powers(n: int) -> dict[str, Any]:
    """A polynomial of high degree, integrated exactly over a triangle whose corners have 3000 digits each."""
    corners = [[f"{k}/{10**2999 + 7 * k}", f"{k * k}"] for k in (1, 2, 3)]
    data = plane({"vertices": corners})
    ramp = {"where": "x + y > 4", "jump": "1", "kappa": "1/4", "shift": "0"}
    data["problem"]["target"] = {"expression": f"(x + y/3)**{n}"}
    data["response"]["halfspaces"] = [{"where": "x + y > 4", "jump": "1"}]
    neurons = [("2", "-15/4"), ("-2", "-17/4")]
    data["network"]["neurons"] = [{"output": a, "weights": ["1", "1"], "bias": b} for a, b in neurons]
    return seal({**data, "ramps": [ramp]})


def of_text(old: str, new: str) -> str:
    assert old in json.dumps(LINE)
    return json.dumps(LINE).replace(old, new, 1)


HOSTILE: dict[str, Callable[[], dict[str, Any] | str]] = {
    "a file of 9 MB": lambda: " " * 9_000_000 + "{}",
    "a text of 7 MB": lambda: {**LINE, "digest": "x" * 7_000_000},
    "half a million keys": lambda: {**LINE, **{f"key {i}": 1 for i in range(400_000)}},
    "a million entries": lambda: changed(LINE, "network.neurons", [1] * 1_000_000),
    "nested lists": lambda: "[" * 1_000_000,
    "nested objects": lambda: '{"format":' * 500_000,
    "nested brackets": lambda: target("(" * 40_000 + "x" + ")" * 40_000),
    "a row of signs": lambda: target("-" * 99_001 + "x"),
    "a row of powers": lambda: target("x" + "**2" * 30_000),
    "a key twice": lambda: of_text('"width": 2', '"width": 2, "width": 2'),
    "not a number": lambda: of_text('"width": 2', '"width": NaN'),
    "infinity": lambda: of_text('"width": 2', '"width": -Infinity'),
    "a float": lambda: of_text('"width": 2', '"width": 1e400'),
    "an integer of a million digits": lambda: of_text('"width": 2', '"width": ' + "9" * 1_000_000),
    "a rational of a million digits": lambda: changed(LINE, "network.offset", "1/" + "7" * 1_000_000),
    "a huge exponent": lambda: changed(LINE, "network.offset", "1e999999999"),
    "a domain of length 1e9999": lambda: changed(
        target("sin(x)"), "problem.domain", {"variables": ["x"], "box": [["0", "1e9999"]]}
    ),
    "fast oscillations": lambda: target("sin(1e2400*x) + cos(1e2000*x)"),
    "many switches": lambda: target("+".join(f"floor({900 + i}*x)" for i in range(50))),
    "powers with many denominators": lambda: target("+".join(f"(x + 1/{10**50 + i})**70" for i in range(150))),
    "a huge exponent in an expression": lambda: target("1e999999999*x"),
    "a power of a power": lambda: target("((x**1000)**1000)**1000"),
    "a huge count": lambda: changed(LINE, "claim.dimension", 10**3000),
    "440 variables": lambda: many_variables(440),
    "20 variables": lambda: many_variables(20),
    "a million pairs of shapes": strips,
    "four million sides": lambda: plane(
        {"union": [{"box": [[f"1/{i + 2}", "1"], ["0", "1"]]} for i in range(2000)]}, halfspaces=2000
    ),
    "powers of long numbers": lambda: long_powers(100),
    "a hull of 2000 points": lambda: plane({"vertices": [[str(k), str(k * k)] for k in range(2000)]}),
    "a million cells of 2000 neurons": lambda: plane(neurons=2000),
    "a derivative of order 10**9": lambda: activation(
        "tanh(x)", "x",
        {"rule": "pole-order", "level": 10**9, "piece": 0, "where": "finite", "activation": 1, "target": 2},
    ),
    "smooth of class 10**9": lambda: activation(
        "Piecewise((x**3, x > 0), (x**3, True))", "x", {"rule": "smoothness", "class": 10**9, "point": "0", "order": 1}
    ),
    "a power of 10**10": lambda: activation("x**3", "x", {"rule": "waring", "power": 10**10, "multipliers": ["1"]}),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.many
def test_hostile_certificates_are_refused(name: str, tmp_path: Path) -> None:
    content = HOSTILE[name]()
    path = tmp_path / "c.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")

    def limits() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (500 << 20, 500 << 20))
        resource.setrlimit(resource.RLIMIT_CPU, (10, 10))

    run = subprocess.run(
        [sys.executable, "-S", "-I", str(COMMAND), str(path)],
        capture_output=True, text=True, check=False, preexec_fn=limits,
    )  # fmt: skip
    assert run.returncode in (1, 2, 3), (run.returncode, run.stdout, run.stderr[-300:])
    assert "Traceback" not in run.stderr
    assert "the memory" not in run.stdout
    assert len(run.stdout + run.stderr) < 5000 and (run.stdout + run.stderr).count("\n") == 1
