"""`verify conditions`: answers, exit codes, explanations, and what certify says about the theorem."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from verify import InputError, Problem, certify, check_conditions
from verify.cli import main
from verify.commands.certify import _theorem as words_of
from verify.conditions import IDS

EXAMPLES = {
    "three-discs": {"hyperplane"},
    "cusp": {"hyperplane"},
    "l-shape": {"hyperplane"},
    "gap": {"hyperplane"},
    "zero-line": {"hyperplane"},
    "hard-labels": {"loss-attains-minimum"},
    "step-target": {"target-continuous"},
    "soft-labels": set(),
    "zero-point": set(),
    "annulus": set(),
}


@pytest.mark.parametrize(("name", "failing"), EXAMPLES.items(), ids=list(EXAMPLES))
def test_examples(name: str, failing: set[str], capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["conditions", f"example:{name}", "--json"])
    printed = capsys.readouterr()
    answer = json.loads(printed.out)
    assert printed.err == ""
    assert {c["id"] for c in answer["conditions"] if c["verdict"] == "fails"} == failing
    assert [c["id"] for c in answer["conditions"]] == list(IDS)
    assert (code, answer["theorem"]) == ((1, "does-not-apply") if failing else (0, "applies"))
    assert all((c["witness"] is not None) == (c["verdict"] == "fails") for c in answer["conditions"])


def test_undecided_has_exit_code_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "p.toml"
    path.write_text(
        '[domain]\nvariables = ["x"]\nbox = [["-1", "1"]]\n[target]\nexpression = "sin(1/x)"\n'
        '[network]\narchitecture = "residual"\nwidth = 1\n'
    )
    assert main(["conditions", str(path), "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["theorem"] == "undecided"


def test_bad_input_has_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conditions", "no-such-file.toml"]) == 2
    assert main(["conditions", "example:gap", "--explain", "nonsense"]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 2
    assert all(line.startswith("error: ") for line in errors)


def test_the_table_names_every_hypothesis(capsys: pytest.CaptureFixture[str]) -> None:
    main(["conditions", "example:gap"])
    printed = capsys.readouterr().out
    assert all(name in printed for name in IDS)
    assert "x - 3/2" in printed


def test_an_explanation_numbers_the_steps(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conditions", "example:zero-line", "--explain", "hyperplane"]) == 1
    printed = capsys.readouterr().out
    assert "1. " in printed
    assert "x - y" in printed


def test_certify_says_whether_the_hypotheses_hold(capsys: pytest.CaptureFixture[str]) -> None:
    main(["certify", "example:sine-exponential", "--json"])
    assert json.loads(capsys.readouterr().out)["theorem"] == "applies"
    main(["certify", "example:gap", "--json"])
    assert json.loads(capsys.readouterr().out)["theorem"] == "does-not-apply"
    main(["certify", "example:gap"])
    assert "stands on its own" in capsys.readouterr().out


def test_certify_itself_does_not_pay_for_the_hypotheses() -> None:
    certificate = certify(Problem(domain={"variables": ["x"], "box": [["0", "1"]]}, target="x**2", width=2))
    assert "conditions" not in vars(certificate)
    assert certificate.answer()["theorem"] == "applies"


def test_the_budget_is_kept() -> None:
    problem = Problem(
        domain={"variables": ["x", "y"], "box": [["-1", "1"], ["-1", "1"]]},
        target="log(x**2 + y**2 + x*y)*(x**2 + y**2)",
        density="(2 + sin(9*x*y))*(x**2 + sin(x*y)**2)",
        width=2,
    )
    start = time.monotonic()
    check_conditions(problem, budget=0.2)
    assert time.monotonic() - start < 3


@pytest.mark.parametrize("name", ["step-target", "gap", "zero-line", "l-shape", "hard-labels", "sine-exponential"])
def test_the_certificate_that_is_written_passes_the_audit(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "conditions.json"
    main(["conditions", f"example:{name}", "--json", "-o", str(path)])
    assert json.loads(capsys.readouterr().out)["certificate"] == str(path)
    assert main(["audit", str(path)]) == 0


def test_no_certificate_is_written_for_a_restricted_domain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "conditions.json"
    assert main(["conditions", "example:cusp", "-o", str(path)]) == 1
    assert "No certificate was written" in capsys.readouterr().out
    assert main(["conditions", "example:cusp", "--json", "-o", str(path)]) == 1
    assert json.loads(capsys.readouterr().out)["certificate"] is None
    assert not path.exists()


def test_a_certificate_that_cannot_be_re_proved_is_announced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problem, path = tmp_path / "p.toml", tmp_path / "conditions.json"
    problem.write_text(
        '[domain]\nvariables = ["x"]\nbox = [["0", "1"]]\n[target]\nexpression = "x"\n'
        '[loss]\nkind = "expression"\nexpression = "(y - f)**4"\n[network]\narchitecture = "residual"\nwidth = 1\n'
    )
    assert main(["conditions", str(problem), "-o", str(path)]) == 0
    assert "no rule re-proves the verdict on loss-continuous, loss-strictly-convex" in capsys.readouterr().out
    assert main(["audit", str(path)]) == 3


SPLIT = [{"box": [["-1", "0"], ["-10", "10"]]}, {"box": [["0", "1"], ["-1", "1"]]}]
APART = [{"box": [["0", "1"]]}, {"box": [["2", "3"]]}]


@pytest.mark.parametrize(
    ("parts", "failing"),
    [
        ({"loss": "absolute"}, {"loss-strictly-convex"}),
        ({"loss": {"kind": "huber", "delta": "1/2"}}, {"loss-strictly-convex"}),
        ({"loss": {"kind": "pinball", "level": "1/3"}}, {"loss-strictly-convex"}),
        ({"loss": {"kind": "power", "exponent": "1"}}, {"loss-strictly-convex"}),
        ({"loss": "logistic"}, {"loss-attains-minimum"}),
        ({"domain": {"variables": ["x"], "union": APART}}, {"hyperplane"}),
        ({"domain": {"variables": ["x", "y"], "union": SPLIT}}, {"hyperplane"}),
        ({"density": "(x - 1/4)**2"}, {"hyperplane"}),
        ({"target": "Piecewise((x, x < 1/4), (x + 1, True))"}, {"target-continuous"}),
        ({"density": "sqrt(sin(pi*x))"}, set()),
        (
            {
                "domain": {"variables": ["x", "y"], "box": [["0", "1"], ["0", "1"]]},
                "density": "sin(pi*x)*sin(pi*y)",
            },
            set(),
        ),
        ({}, set()),
    ],
    ids=str,
)
def test_certify_names_the_hypotheses_that_fail(parts: dict[str, Any], failing: set[str]) -> None:
    plain = {"domain": {"variables": ["x"], "box": [["0", "1"]]}, "target": "x", "width": 2}
    place = "x" if "union" in str(parts) and "y" in str(parts) else "x - 1/2"
    response = {"affine": "0", "halfspaces": [{"where": f"{place} > 0", "jump": "1"}]}
    found = certify(Problem(**{**plain, **parts}, response=response))
    assert found.verdict == "dominated", found.reason
    assert found.answer()["theorem"] == ("does-not-apply" if failing else "applies")
    assert {f.id for f in found.conditions.findings if f.verdict == "fails"} == failing
    words = str(words_of(found))
    assert ("stands on its own" in words) == bool(failing)
    assert all(name in words for name in failing)


@pytest.mark.parametrize("restriction", ["y <= sqrt(x)", "1/x >= 1", "log(x + y) <= 0"])
def test_a_restriction_that_is_undefined_somewhere_is_bad_input(restriction: str) -> None:
    domain = {"variables": ["x", "y"], "box": [["-1", "1"], ["-1", "1"]], "restriction": restriction}
    with pytest.raises(InputError, match="restriction: undefined at"):
        check_conditions(Problem(domain=domain, target="x", width=2))
