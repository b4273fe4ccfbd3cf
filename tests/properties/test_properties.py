"""The properties hold, each can fail, and a failure is a small problem file; the command is reproducible."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import verify.properties.activations as activations
import verify.properties.certificates as certificates
import verify.properties.closure as closure
import verify.properties.hypotheses as hypotheses
import verify.properties.ramps as ramps
import verify.properties.symmetries as symmetries
from proofs.geometry.affine import Affine
from proofs.network import Neuron
from proofs.ramp import Ramp
from proofs.response import GeneralizedResponse
from tests.campaigns.tools import VERIFY, environment
from verify import Problem, check_conditions
from verify.auditor import Audit
from verify.cli import main
from verify.enclosure import Enclosure
from verify.properties import properties
from verify.properties.run import Outcome, run_here
from verify.properties.test_properties import test_property  # noqa: F401 - they run here too

NAMES = [p.name for p in properties()]


def outcome(name: str, examples: int = 60) -> Outcome:
    return run_here(next(p for p in properties() if p.name == name), examples, 1)


def wrong_ramp(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Ramp.neurons

    def neurons(self: Ramp, *, opposite: bool = False) -> tuple[Neuron, Neuron]:
        first, second = right(self, opposite=opposite)
        return Neuron(first.output * 2, first.inner), second

    monkeypatch.setattr(Ramp, "neurons", neurons)


def wrong_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    right = ramps._product
    monkeypatch.setattr(ramps, "_product", lambda problem, a, b: right(problem, a, b * Fraction(999, 1000)))


def wrong_first_order(monkeypatch: pytest.MonkeyPatch) -> None:
    right = ramps.excess_integrals
    monkeypatch.setattr(ramps, "excess_integrals", lambda *arguments: right(*arguments) * 2)


def wrong_dimension(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GeneralizedResponse, "has_free_affine_part", property(lambda self: False))


def wrong_width(monkeypatch: pytest.MonkeyPatch) -> None:
    right = GeneralizedResponse.dimension
    monkeypatch.setattr(GeneralizedResponse, "dimension", lambda self, a: right(self, a) + 2)


def wrong_family(monkeypatch: pytest.MonkeyPatch) -> None:
    right = closure.converging_to

    def moved(response: GeneralizedResponse, *rest: Any) -> Any:
        return right(GeneralizedResponse(response.affine.plus(1), response.terms), *rest)

    monkeypatch.setattr(closure, "converging_to", moved)


def wrong_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    right = certificates.certify

    def weak(problem: Problem, **options: Any) -> Any:
        found = right(problem, **options)
        return type(found)(replace(found.result, verdict="undecided")) if len(found.response.jumps) > 1 else found

    monkeypatch.setattr(certificates, "certify", weak)


def strict_auditor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "audit_text", lambda text: Audit("domination", "invalid", "never"))


def lax_auditor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "audit_text", lambda text: Audit("domination", "valid", "always"))


def credulous_conditions(monkeypatch: pytest.MonkeyPatch) -> None:
    right = hypotheses.check_conditions

    def all_hold(problem: Problem, **options: Any) -> Any:
        found = right(problem, **options)
        return replace(found, findings=tuple(replace(f, verdict="holds") for f in found.findings))

    monkeypatch.setattr(hypotheses, "check_conditions", all_hold)


def wrong_volume(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(symmetries, "_product_of", lambda factors: sum(factors, Fraction(5)))


def wrong_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    right = symmetries.certify

    def shifted(problem: Problem, **options: Any) -> Any:
        found = right(problem, **options)
        gains = tuple(Enclosure(g.lower + 1, g.upper + 1) for g in found.result.ramp_gains)
        return type(found)(replace(found.result, ramp_gains=gains))

    monkeypatch.setattr(symmetries, "certify", shifted)


def wrong_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    right = activations._lost

    def small(name: str) -> Any:
        return tuple(replace(e, bound=replace(e.bound, factor=e.bound.factor / 10**4)) for e in right(name))

    monkeypatch.setattr(activations, "_lost", small)


SABOTAGE: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "ramp-equals-response": wrong_ramp,
    "exact-decomposition": wrong_defect,
    "first-order-gain": wrong_first_order,
    "dimension-counts": wrong_dimension,
    "networks-count-themselves": wrong_width,
    "limit-of-family": wrong_family,
    "domination": wrong_verdict,
    "auditor-agrees": strict_auditor,
    "mutants-rejected": lax_auditor,
    "hypotheses-recognised": credulous_conditions,
    "moved-coordinates": wrong_volume,
    "rescaled-outputs": wrong_scale,
    "activation-bounds": wrong_bound,
}


@cache
def sabotaged(name: str) -> Outcome:
    """What a property says while something that it is about is broken."""
    with pytest.MonkeyPatch.context() as context:
        SABOTAGE[name](context)
        return outcome(name)


def test_every_property_is_sabotaged() -> None:
    assert list(SABOTAGE) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_property_can_fail(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = sabotaged(name)
    assert not found.passed and found.reason and found.counterexample is not None
    assert found.examples <= 60
    assert found.counterexample.startswith(f"# contradicts {name}: {found.reason}\n")
    assert len(found.counterexample) < 1500, "it did not shrink"
    path = tmp_path / "counterexample.toml"
    path.write_text(found.counterexample, "utf-8")
    Problem.from_toml(path)
    assert main(["conditions", str(path), "--json"]) in (0, 1, 3)
    if "response" in tomllib.loads(found.counterexample):
        assert main(["certify", str(path), "--json", "--budget", "20"]) in (0, 1, 3)
    assert capsys.readouterr().err == ""


def test_a_failure_that_shrinks_is_small() -> None:
    table = tomllib.loads(sabotaged("domination").counterexample or "")
    assert len(table["response"]["halfspaces"]) == 2
    assert table["domain"] == {"variables": ["x"], "box": [["0", "1"]]}
    assert table["loss"] == {"kind": "squared"} and table["density"]["expression"] == "1"


def test_an_example_that_cannot_be_built_is_a_failure() -> None:
    def broken(choices: Any) -> Any:
        raise OverflowError("no such thing")

    found = run_here(replace(properties()[0], build=broken), 5, 0)
    assert (found.passed, found.counterexample) == (False, None)
    assert found.reason == "while an example was built: OverflowError: no such thing"


def test_loss_expressions_of_unbounded_targets_are_undecided() -> None:
    # found by hypotheses-recognised: this was an AssertionError
    problem = Problem(
        domain={"variables": ["x"], "box": [["0", "1"]]},
        target="1/(x - 11/30)",
        loss={"kind": "expression", "expression": "(y - f)**2 + (y - f)**4"},
        width=2,
    )
    assert check_conditions(problem).theorem != "applies"


def test_affine_parts_of_residual_networks_are_read() -> None:
    table = {"affine": "2*x", "offset": "1/3", "neurons": [{"output": "1", "weights": ["1"], "bias": "0"}]}
    assert certificates._network(table, ("x",)).affine == Affine.of([2], Fraction(1, 3))


def test_the_number_of_processes_changes_nothing(tmp_path: Path) -> None:
    """All drawn examples are noted down by a sitecustomize: they are the same."""
    (tmp_path / "sitecustomize.py").write_text(RECORDER, "utf-8")
    drawn = []
    for jobs in ("1", "2"):
        record = tmp_path / f"record-{jobs}"
        record.mkdir()
        arguments = ["properties", "networks-count-themselves", "--examples", "280", "--seed", "7", "--jobs", jobs]
        result = subprocess.run(
            [*VERIFY, *arguments, "--json"],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=environment(RECORD=str(record), PYTHONPATH=f"{tmp_path}:{environment()['PYTHONPATH']}"),
        )
        assert (result.returncode, result.stderr) == (0, "")
        (answer,) = json.loads(result.stdout)["properties"]
        assert (answer["verdict"], answer["counterexample"]) == ("passed", None)
        drawn.append((answer["examples"], sorted(path.read_text("utf-8") for path in record.iterdir())))
        assert len(drawn[-1][1]) == 2  # two chunks, a process each
    assert drawn[0] == drawn[1]
    assert not (tmp_path / ".hypothesis").exists()


RECORDER = """
import hashlib, os
import verify.properties.record as record

original = record.Example.__init__

def noted(self, table, *arguments, **options):
    original(self, table, *arguments, **options)
    with open(os.path.join(os.environ["RECORD"], str(os.getpid())), "a") as stream:
        stream.write(hashlib.sha256(repr(table).encode()).hexdigest() + "\\n")

record.Example.__init__ = noted
"""


def test_a_process_that_dies_is_one_line(tmp_path: Path) -> None:
    killer = "import os, verify.properties.record as r; r.Example.__init__ = lambda *a, **k: os.kill(os.getpid(), 9)"
    (tmp_path / "sitecustomize.py").write_text(killer, "utf-8")
    result = subprocess.run(
        [*VERIFY, "properties", "domination", "--examples", "3", "--jobs", "1"],
        capture_output=True,
        text=True,
        env=environment(PYTHONPATH=f"{tmp_path}:{environment()['PYTHONPATH']}"),
    )
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("error: a process died during domination (examples from 0)")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nonsense"], "no such property; there are ramp-equals-response"),
        (["--examples", "0"], "'--examples'"),
        (["--seed", "-1"], "'--seed'"),
        (["--jobs", "0"], "'--jobs'"),
    ],
)
def test_bad_usage(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["properties", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("error: ") and words in captured.err and captured.err.count("\n") == 1


def test_a_failure_prints_its_file_and_exits_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import verify.properties.run as running

    failed = Outcome("domination", "claim", 3, "the reason", "name = 'a file'\n")
    monkeypatch.setattr(running, "run", lambda *arguments: [failed])
    assert main(["properties", "domination"]) == 1
    shown = capsys.readouterr().out
    assert "domination: the reason" in shown and "name = 'a file'" in shown and "0 of 1 properties passed" in shown
    assert main(["properties", "domination", "--json"]) == 1
    (answer,) = json.loads(capsys.readouterr().out)["properties"]
    assert (answer["verdict"], answer["counterexample"]) == ("failed", "name = 'a file'\n")


def test_without_hypothesis_the_command_says_so() -> None:
    code = "import sys; sys.modules['hypothesis'] = None\nfrom verify.cli import main; sys.exit(main(['properties']))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment())
    assert result.returncode == 2
    words = "hypothesis is not installed; try: pip install 'relu-closure[properties]'"
    assert result.stderr == f"error: {words}\n"


def test_the_thorough_profile_is_ten_thousand_examples_everywhere() -> None:
    code = (
        "import tests.conftest; from hypothesis import settings; from tests.profiles import examples;"
        "from verify.properties.test_properties import EXAMPLES;"
        "print(settings.default.max_examples, examples(3).max_examples, EXAMPLES['thorough'])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(VERIFY_PROFILE="thorough")
    )
    assert result.stdout == "10000 10000 10000\n", result.stderr
    capped = re.compile(r"^ *@settings\(max_examples=\d+\)", re.MULTILINE)
    tests = Path(__file__).parent.parent
    assert [path for path in tests.rglob("test_*.py") if capped.search(path.read_text("utf-8"))] == []
