"""The command line as other programs use it: JSON, exit codes, cold imports, interruption, reproducibility."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from verify.certificates import schema_path
from verify.cli import main
from verify.shipped import listed

ROOT = Path(__file__).parent.parent.parent
RUN = "import sys; from verify.cli import main; sys.exit(main())"
CERTIFIED = ["step-identity", "sine-exponential", "free-affine", "residual-mix", "kink-three-halves", "square-root"]


def command(*arguments: str, seed: str = "0") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed},
    )  # fmt: skip


def test_certify_answers_one_json_object_with_the_fixed_keys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "out.json"
    assert main(["certify", "example:free-affine", "--json", "-o", str(path)]) == 0
    printed = capsys.readouterr()
    answer = json.loads(printed.out)
    keys = {
        "verdict",
        "response_risk",
        "network_risk",
        "gain",
        "ramps",
        "network",
        "response",
        "theorem",
        "certificate",
    }
    assert keys <= set(answer) and printed.err == ""
    assert answer["certificate"] == str(path) and path.exists()
    assert answer["network"]["affine"] == "0" and len(answer["network"]["neurons"]) == 4
    assert {"where", "kappa", "shift", "gain"} <= set(answer["ramps"][0])
    assert {h["multiplicity"] for h in answer["response"]["halfspaces"]} == {2}
    assert answer["theorem"] in ("applies", "does-not-apply", "undecided")


def test_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["certify", "example:step-identity"]) == 0
    assert main(["certify", "example:step-target"]) == 1
    capsys.readouterr()
    assert main(["certify", "example:step-target", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["certificate"] is None
    assert main(["certify", "example:missing"]) == 2
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("relu-closure ")
    assert main(["--help"]) == 0


@pytest.mark.parametrize("name", CERTIFIED)
def test_certificates_follow_the_schema_and_pass_the_audit(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.json"
    assert main(["certify", f"example:{name}", "-o", str(path)]) == 0
    schema = json.loads(schema_path().read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(path.read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate({**document, "surprise": 1})
    assert main(["audit", str(path)]) == 0


@pytest.mark.parametrize("name", ["free-affine", "sine-exponential"])
def test_certificates_are_the_same_bytes_on_every_run(name: str, tmp_path: Path) -> None:
    texts = set()
    for seed in ("1", "2"):
        path = tmp_path / f"{seed}.json"
        assert command("certify", f"example:{name}", "-o", str(path), seed=seed).returncode == 0
        texts.add(path.read_bytes())
    assert len(texts) == 1


def test_examples_are_listed_with_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(listed("problem")) >= 8
    assert all(len(about) > 20 for _, about in listed("problem") + listed("family"))
    assert main(["examples", "--json"]) == 0
    assert {p["name"] for p in json.loads(capsys.readouterr().out)["problems"]} == {n for n, _ in listed("problem")}


@pytest.mark.parametrize(
    ("code", "forbidden"),
    [
        ("import verify", ["flint", "typer", "rich", "numpy", "sympy", "scipy", "proofs"]),
        ("import proofs", ["flint", "numpy", "sympy", "scipy", "verify"]),
        ("from verify.cli import main; main(['certify', 'example:sine-exponential'])",
         ["numpy", "sympy", "scipy", "matplotlib", "mpmath", "hypothesis"]),
        ("from verify.cli import main; main(['audit', 'x.json'])",
         ["flint", "numpy", "sympy", "proofs", "verify.problem"]),
    ],
)  # fmt: skip
def test_heavy_libraries_stay_out_of_the_way(code: str, forbidden: list[str]) -> None:
    script = f"{code}\nimport sys\nprint([m for m in {forbidden!r} if m in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stderr.strip().splitlines()[-1] == "[]"


def test_the_auditor_runs_from_the_source_tree_alone(tmp_path: Path) -> None:
    path = tmp_path / "step.json"
    assert main(["certify", "example:step-identity", "-o", str(path)]) == 0
    script = str(ROOT / "verify" / "auditor" / "__main__.py")
    done = subprocess.run([sys.executable, "-S", "-I", script, "--json", str(path)], capture_output=True, text=True)
    assert done.returncode == 0
    assert json.loads(done.stdout)["certificates"][0]["verdict"] == "valid"
    path.write_text(path.read_text().replace('"kappa": "1/2"', '"kappa": "1/3"'))
    assert subprocess.run([sys.executable, "-S", "-I", script, str(path)], capture_output=True).returncode == 1


def test_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    problem = tmp_path / "slow.toml"
    problem.write_text(
        '[domain]\nvariables = ["x"]\nbox = [["0", "1"]]\n[target]\nexpression = "Abs(sin(3000*x))"\n'
        '[loss]\nkind = "power"\nexponent = "3/2"\n[network]\nwidth = 2\n'
        '[response]\n[[response.halfspaces]]\nwhere = "x > 1/2"\njump = "1"\n'
    )
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, "certify", str(problem), "--digits", "30", "-o", str(tmp_path / "out.json")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"Traceback" not in errors
    assert [p.name for p in tmp_path.iterdir()] == ["slow.toml"]


def test_the_budget_is_kept(tmp_path: Path) -> None:
    problem = tmp_path / "slow.toml"
    problem.write_text(
        '[domain]\nvariables = ["x"]\nbox = [["0", "1"]]\n[target]\nexpression = "Abs(sin(3000*x))"\n'
        '[loss]\nkind = "power"\nexponent = "3/2"\n[network]\nwidth = 2\n'
        '[response]\n[[response.halfspaces]]\nwhere = "x > 1/2"\njump = "1"\n'
    )
    began = time.monotonic()
    assert main(["certify", str(problem), "--digits", "30", "--budget", "1"]) == 3
    assert time.monotonic() - began < 6
