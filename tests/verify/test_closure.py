"""`verify closure` and `verify theorems` as other programs use them: golden verdicts, keys, exit codes."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from proofs.geometry.affine import Affine
from proofs.response import GeneralizedResponse, equal_almost_everywhere
from verify.cli import main
from verify.closure import closure
from verify.expressions.algebra import parse_affine, parse_halfspace
from verify.family import Family
from verify.shipped import listed, resolve

# name: verdict, affine part, half-spaces (where, jump, multiplicity), dimension, (bounded, tends_to_limit), excess
GOLDEN: dict[str, tuple[Any, ...]] = {
    "always-active-pair": ("converges", "x - 1", [], 1, (True, True), "O(k**4)"),
    "borderline-spike": ("converges", "0", [], 0, (True, False), "2/3*k**0"),
    "flat": ("converges", "0", [("x - 1/2 > 0", "1", 2)], 2, (True, True), "1/6*k**1"),
    "four-normals-space": (
        "converges",
        "x + 1",
        [("x > 0", "1", 2), ("y > 0", "1", 2), ("z > 0", "1", 2), ("x + y + z - 1/2 > 0", "-1", 2)],
        8,
        (True, True),
        None,
    ),
    "gap": ("converges", "0", [("x - 17/10 > 0", "x", 2)], 2, (True, True), "O(k**4)"),
    "grazing-corner": ("converges", "0", [], 0, (True, False), "1/12*k**0"),
    "hidden-zero": ("converges", "0", [("x - 1/2 > 0", "3*x - 3/2", 1)], 1, (True, True), "0"),
    "irrational-boundary": ("converges", "0", [("x - sqrt(2)/2 > 0", "1", 2)], 2, (None, None), None),
    "irrational-jump": ("converges", "0", [("x - 1/2 > 0", "pi", 2)], 2, (None, None), None),
    "jump-plus-kink": ("converges", "0", [("x > 0", "2*x + 2", 2)], 2, (True, True), None),
    "leaving": ("converges", "0", [], 0, (False, False), "1/3*k**-1"),
    "opposite-pairs-free-line": (
        "converges",
        "x + 1",
        [("x - 1/4 > 0", "1", 2), ("x - 3/4 > 0", "-1", 2)],
        4,
        (True, True),
        None,
    ),
    "pair": ("converges", "0", [("x - 1/2 > 0", "1", 2)], 2, (True, True), "1/6*k**1"),
    "residual-opposite-pair": ("converges", "0", [("x - 1/2 > 0", "1", 2)], 2, (True, True), "1/6*k**1"),
    "rotating-pair": ("converges", "0", [("x - 1/2 > 0", "y", 2)], 2, (True, True), None),
    "sloped-pair": ("converges", "0", [("x - 1/2 > 0", "-2*x + 3", 2)], 2, (True, True), "4/3*k**1"),
    "spike": ("converges", "0", [], 0, (False, False), "2/3*k**-3"),
    "square-roots": ("converges", "0", [("x - 1/2 > 0", "1", 2)], 2, (True, True), "1/6*k**(1/2)"),
    "three-normals-plane": (
        "converges",
        "x + 1",
        [("x > 0", "1", 2), ("y > 0", "1", 2), ("x + y - 1/2 > 0", "-1", 2)],
        6,
        (True, True),
        None,
    ),
    "transcendental": ("converges", "0", [("x - 1/2 > 0", "-3*x/2 + 9/4", 2)], 2, (True, True), None),
    "unbalanced-pair": ("converges", "0", [("x - 1/2 > 0", "2*x - 1", 1)], 1, (True, True), None),
    "vanishing-weights": ("converges", "0", [("x + y - 1 > 0", "y + 1", 2)], 2, (True, True), None),
}
DIVERGING = {
    "lonely-neuron": (["x - 1/2 > 0"], "(x - 1/2)*k**-1"),
    "opposite-pair": (["-x + 1/2 > 0"], "(x/2 - 1/4)*k**-1"),
    "two-normals-plane": (["-x > 0", "-y > 0"], "(x/2 + y/2)*k**-1"),
}
UNDECIDED = {"logarithm": "logarithm"}


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main([*arguments, "--json"])
    printed = capsys.readouterr()
    assert printed.err == ""
    found = json.loads(printed.out)
    assert isinstance(found, dict)
    return code, found


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_limits(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    verdict, affine, halfspaces, dimension, risk, rate = GOLDEN[name]
    code, found = answer(capsys, "closure", f"example:{name}")
    assert (code, found["verdict"], found["response"]["affine"]) == (0, verdict, affine)
    assert [(h["where"], h["jump"], h["multiplicity"]) for h in found["response"]["halfspaces"]] == halfspaces
    assert found["dimension"] == dimension
    assert found["strict"] == any(h[2] == 2 for h in halfspaces)
    assert (found["risk"]["bounded"], found["risk"]["tends_to_limit"]) == risk
    assert rate is None or found["risk"]["excess"] == rate
    assert found["determined"] == (name != "gap")


@pytest.mark.parametrize("name", DIVERGING)
def test_golden_divergences(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    cell, leading = DIVERGING[name]
    code, found = answer(capsys, "closure", f"example:{name}")
    assert (code, found["verdict"], found["risk"]["bounded"]) == (1, "diverges", False)
    assert found["witness"]["cell"] == cell and found["witness"]["leading_term"] == leading
    variables = ["x", "y"][: len(found["witness"]["point"])]
    point = [Fraction(x) for x in found["witness"]["point"]]
    assert all(parse_halfspace(where, variables).contains(point) for where in cell)
    assert "response" not in found and "dimension" not in found


@pytest.mark.parametrize("name", UNDECIDED)
def test_golden_undecided(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = answer(capsys, "closure", f"example:{name}")
    assert (code, found["verdict"]) == (3, "undecided") and UNDECIDED[name] in found["reason"]


def test_every_shipped_family_has_a_golden_verdict() -> None:
    shipped = {name for name, _ in listed("family")}
    assert shipped == set(GOLDEN) | set(DIVERGING) | set(UNDECIDED)
    assert len(shipped) >= 20


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_printed_limits_parse_back_to_the_limit(name: str) -> None:
    if name.startswith("irrational"):
        return
    family = Family.from_toml(resolve(f"example:{name}", "family"))
    found = closure(family)
    response = found.document()["response"]
    read = GeneralizedResponse.of(
        parse_affine(response["affine"], family.variables),
        [
            (parse_halfspace(h["where"], family.variables).side, parse_affine(h["jump"], family.variables))
            for h in response["halfspaces"]
        ],
    )
    assert isinstance(found.limit.response, GeneralizedResponse)
    assert equal_almost_everywhere(read, found.limit.response, family.domain.polytopes)


def test_words_latex_and_notebook(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["closure", "example:spike"]) == 0
    words = capsys.readouterr().out
    assert words.startswith("CONVERGES") and "unbounded" in words
    assert main(["closure", "example:lonely-neuron"]) == 1
    assert "x = 3/4" in capsys.readouterr().out
    assert main(["closure", "example:pair", "--latex"]) == 0
    latex = capsys.readouterr().out.strip()
    assert latex == r"\lim_{k\downarrow 0} N_{k} = \mathbf{1}_{\{x-\tfrac{1}{2} > 0\}}"
    for name in ("pair", "lonely-neuron", "logarithm"):
        shown = closure(Family.from_toml(resolve(f"example:{name}", "family")))
        assert shown._repr_latex_().startswith("$$ ") and "<table>" in shown._repr_html_()


def test_a_family_from_python() -> None:
    family = Family.from_mapping(
        {
            "variables": ["u"],
            "parameter": "h",
            "domain": {"box": [["0", "2"]]},
            "architecture": "residual",
            "network": {
                "affine": "(2*u - 1)/h + 3",
                "neurons": [{"output": "-2/h", "weights": ["1"], "bias": "-1/2 + h"}],
            },
        }
    )
    assert family.networks.affine.at(Fraction(1, 2)) == Affine.of([4], 1)
    assert closure(family).verdict == "diverges"


GOOD = """
variables = ["x", "y"]
parameter = "k"
domain = { box = [["0", "1"], ["0", "1"]] }
architecture = "feedforward"
[network]
offset = "0"
[[network.neurons]]
output = "1/k"
weights = ["1", "k"]
bias = "-1/2"
"""

BROKEN: dict[str, tuple[str, str, str]] = {
    "no-variables": ('variables = ["x", "y"]', "", "variables"),
    "parameter-is-variable": ('parameter = "k"', 'parameter = "x"', "parameter"),
    "parameter-reserved": ('parameter = "k"', 'parameter = "pi"', "parameter"),
    "no-parameter": ('parameter = "k"\n', "", "parameter"),
    "architecture": ('"feedforward"', '"recurrent"', "architecture"),
    "no-domain": ('domain = { box = [["0", "1"], ["0", "1"]] }\n', "", "domain"),
    "empty-box": ('[["0", "1"], ["0", "1"]]', '[["0", "1"], ["1", "1"]]', "domain.box"),
    "ball": ('{ box = [["0", "1"], ["0", "1"]] }', '{ ball = { center = ["0", "0"], radius = "1" } }', "domain"),
    "restricted": ('["0", "1"]] }', '["0", "1"]], restriction = "x - y > 0" }', "domain.restriction"),
    "unknown-key": ("[network]", "colour = 1\n[network]", "colour"),
    "unknown-neuron-key": ('bias = "-1/2"', 'bias = "-1/2"\nbia = "1"', "network.neurons.1.bia"),
    "affine-in-feedforward": ('offset = "0"', 'affine = "x"', "network.affine"),
    "no-bias": ('bias = "-1/2"', "", "network.neurons.1.bias"),
    "few-weights": ('["1", "k"]', '["1"]', "network.neurons.1.weights"),
    "float": ('"1/k"', "0.5", "network.neurons.1.output"),
    "variable-in-weight": ('["1", "k"]', '["1", "x"]', "network.neurons.1.weights.2"),
    "code": ('"1/k"', "\"__import__('os')\"", "network.neurons.1.output"),
    "division-by-zero": ('"1/k"', '"1/(k - k)"', "network.neurons.1.output"),
    "logarithm-of-negative": ('"1/k"', '"log(k - 1)"', "network.neurons.1.output"),
    "root-of-negative": ('"1/k"', '"sqrt(-k)"', "network.neurons.1.output"),
    "hidden-division-by-zero": ('"1/k"', '"1/(1/(1 + k) - 1/(1 + k))"', "network.neurons.1.output"),
    "number-too-long": ('"1/k"', f'"{"1" * 5000}"', "network.neurons.1.output"),
    "tower": ('"1/k"', '"k**(9**9**9)"', "network.neurons.1.output"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_bad_families_are_one_line(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new, key = BROKEN[name]
    assert GOOD.count(old) == 1
    path = tmp_path / "family.toml"
    path.write_text(GOOD.replace(old, new), "utf-8")
    assert main(["closure", str(path), "--json"]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.count("\n") == 1
    assert printed.err.startswith(f"error: {path}: {key}")


def test_the_good_family_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "family.toml"
    path.write_text(GOOD, "utf-8")
    assert closure(Family.from_toml(path)).verdict == "diverges"


def test_residual_affine_parts_must_be_affine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "family.toml"
    for text in ("x*y", "x**2", "sin(x)", "1/x", "x/(y*k)"):
        path.write_text(GOOD.replace("feedforward", "residual").replace('offset = "0"', f'affine = "{text}"'), "utf-8")
        assert main(["closure", str(path)]) == 2
        assert "network.affine" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Max(k, 1)", "converges"),
        ("Min(1/k, 2, k)", "converges"),
        ("Abs(-1/k)", "diverges"),
        ("sign(k) + Heaviside(-k)", "converges"),
        ("floor(1 + k) + ceiling(k)", "converges"),
        ("Piecewise((1/k, k > 1), (2, k <= 1/2), (1/k, True))", "converges"),
        ("k**k", "undecided"),
        ("(1 + k)**(1/k)", "converges"),
        ("pi*E", "converges"),
        ("Max(sin(k)**2 + cos(k)**2, 1)", "undecided"),
        ("sqrt(k)/k", "diverges"),
        ("erf(1/k) + tanh(1/k) + atan(1/k)", "converges"),
        ("asin(k) + acos(k)", "converges"),
    ],
)
def test_the_whole_grammar_is_understood(text: str, verdict: str) -> None:
    family = Family.from_mapping(
        {
            "variables": ["x"],
            "parameter": "k",
            "domain": {"box": [["0", "1"]]},
            "architecture": "feedforward",
            "network": {"neurons": [{"output": text, "weights": ["1"], "bias": "-1/2"}]},
        }
    )
    assert closure(family).verdict == verdict


def test_theorems_command(capsys: pytest.CaptureFixture[str]) -> None:
    code, found = answer(capsys, "theorems")
    assert code == 0 and {"id", "title", "status", "hypotheses", "claim", "latex", "steps"} <= set(found["theorems"][0])
    code, found = answer(capsys, "theorems", "squared-gain", "--check")
    assert (code, found["verdict"]) == (0, "passed")
    assert [s["verdict"] for s in found["theorems"][0]["steps"]] == ["passed"]
    assert main(["theorems", "closed-example"]) == 0
    assert "kappa = 1/2" in capsys.readouterr().out
    assert main(["theorems", "no-such-statement"]) == 2
    assert capsys.readouterr().err.startswith("error: no-such-statement: no such statement")


def test_theorems_check_runs_every_step(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["theorems", "--check"]) == 0
    assert "FAILED" not in capsys.readouterr().out
