"""Broken problem files: exit code 2, one line that names file and key, nothing written, nothing run, quickly."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from verify.cli import main

GOOD = """
name = "good"
[domain]
variables = ["x"]
box = [["0", "1"]]
[density]
expression = "1"
[target]
expression = "x"
[loss]
kind = "squared"
[network]
architecture = "feedforward"
width = 2
[response]
affine = "0"
[[response.halfspaces]]
where = "x - 1/2 > 0"
jump = "1"
"""


def changed(old: str, new: str) -> bytes:
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new).encode()


def target(text: str) -> bytes:
    return changed('[target]\nexpression = "x"', f'[target]\nexpression = "{text}"')


BROKEN: dict[str, tuple[bytes, str]] = {
    "import": (target("__import__('os').system('touch hacked')"), "target.expression"),
    "attribute": (target("x.real"), "target.expression"),
    "lambda": (target("(lambda: x)()"), "target.expression"),
    "unknown-call": (target("open(x)"), "target.expression"),
    "string": (target("'x'"), "target.expression"),
    "tower": (target("9**9**9**9"), "target.expression"),
    "nested-powers": (target("((x**999)**999)**999"), "target.expression"),
    "parentheses": (target("(" * 5000 + "x" + ")" * 5000), "target.expression"),
    "terms": (target("+".join(["x"] * 200_000)), "target.expression"),
    "many-terms-short": (target("+".join(["x"] * 30_000)), "target.expression"),
    "nan": (changed('box = [["0", "1"]]', "box = [[nan, 1]]"), "domain.box.1"),
    "infinity": (changed('box = [["0", "1"]]', "box = [[0, inf]]"), "domain.box.1"),
    "float": (changed('box = [["0", "1"]]', "box = [[0, 0.5]]"), "quote it"),
    "irrational-bound": (changed('box = [["0", "1"]]', 'box = [["0", "pi"]]'), "irrational"),
    "digits": (changed('box = [["0", "1"]]', f'box = [["0", "{"1" * 5000}"]]'), "4000 digits"),
    "exponent": (changed('box = [["0", "1"]]', 'box = [["0", "1e10000"]]'), "exponent"),
    "width-fraction": (changed("width = 2", "width = 2.5"), "network.width"),
    "width-negative": (changed("width = 2", "width = -1"), "network.width"),
    "width-true": (changed("width = 2", "width = true"), "network.width"),
    "width-small": (changed("width = 2", "width = 1"), "width 1"),
    "box-reversed": (changed('["0", "1"]', '["1", "0"]'), "domain.box.1"),
    "box-empty": (changed('["0", "1"]', '["1", "1"]'), "domain.box.1"),
    "box-dimension": (changed('[["0", "1"]]', '[["0", "1"], ["0", "1"]]'), "domain.box"),
    "two-shapes": (changed('box = [["0", "1"]]', 'box = [["0", "1"]]\nvertices = [["0"], ["1"]]'), "exactly one"),
    "jump-not-affine": (changed('jump = "1"', 'jump = "x**2"'), "response.halfspaces.1.jump"),
    "jump-irrational": (changed('jump = "1"', 'jump = "pi"'), "response.halfspaces.1.jump"),
    "where-not-affine": (changed('"x - 1/2 > 0"', '"x*x > 0"'), "response.halfspaces.1.where"),
    "where-constant": (changed('"x - 1/2 > 0"', '"1 > 0"'), "response.halfspaces.1.where"),
    "where-closed": (changed('"x - 1/2 > 0"', '"x >= 1/2"'), "open"),
    "where-chained": (changed('"x - 1/2 > 0"', '"0 < x < 1"'), "response.halfspaces.1.where"),
    "unknown-table": (GOOD.encode() + b"\n[surprise]\na = 1\n", "surprise"),
    "unknown-key": (changed("width = 2", "width = 2\ndepth = 3"), "network.depth"),
    "unknown-loss": (changed('kind = "squared"', 'kind = "hinge"'), "loss.kind"),
    "exponent-missing": (changed('kind = "squared"', 'kind = "power"'), "loss.exponent"),
    "exponent-small": (changed('kind = "squared"', 'kind = "power"\nexponent = "1/2"'), "loss.exponent"),
    "architecture": (changed('"feedforward"', '"recurrent"'), "network.architecture"),
    "reserved-variable": (changed('variables = ["x"]', 'variables = ["sin"]'), "domain.variables"),
    "undeclared": (target("x + y"), "position 5"),
    "piecewise-open": (target("Piecewise((x, x < 1/2))"), "True"),
    "comparison": (target("x < 1"), "target.expression"),
    "unicode": ("x² > 0".join(GOOD.split("x - 1/2 > 0")).encode(), "response.halfspaces.1.where"),
    "not-toml": (b"name = = 3", "not TOML"),
    "binary": (bytes(range(256)) * 50, "UTF-8"),
    "empty": (b"", "domain"),
    "deep-toml": (b"a = " + b"[" * 50_000, "TOML"),
    "undefined-target": (target("1/(x - 1/3)"), "x = 1/3"),
    "negative-density": (changed('[density]\nexpression = "1"', '[density]\nexpression = "x - 1/2"'), "density"),
    "not-strict": (changed('jump = "1"', 'jump = "x - 1/2"'), "strict"),
    "restriction": (changed('box = [["0", "1"]]', 'box = [["0", "1"]]\nrestriction = "x < 1/2"'), "restriction"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_refused_in_one_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content, words = BROKEN[name]
    (tmp_path / "broken.toml").write_bytes(content)
    monkeypatch.chdir(tmp_path)
    began = time.perf_counter()
    code = main(["certify", "broken.toml", "-o", "out.json", "--json"])
    seconds = time.perf_counter() - began
    printed = capsys.readouterr()
    assert code == 2
    assert printed.out == ""
    assert printed.err.startswith("error: broken.toml: ") and printed.err.count("\n") == 1
    assert words in printed.err
    assert len(printed.err) < 400
    assert [p.name for p in tmp_path.iterdir()] == ["broken.toml"]
    assert seconds < 2


def test_the_unbroken_file_is_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "good.toml").write_text(GOOD)
    assert main(["certify", str(tmp_path / "good.toml"), "--json"]) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["certify"],
        ["certify", "missing.toml"],
        ["certify", "example:nothing"],
        ["certify", "example:step-identity", "--kappa", "0"],
        ["certify", "example:step-identity", "--kappa", "0.5.5"],
        ["certify", "example:step-identity", "--digits", "0"],
        ["certify", "example:step-identity", "--digits", "many"],
        ["certify", "example:step-identity", "--budget", "-3"],
        ["certify", "example:step-identity", "-o", "no/such/folder/out.json"],
        ["certify", "."],
        ["frobnicate"],
        ["certify", "example:step-identity", "--frobnicate"],
    ],
)
def test_bad_usage_is_one_line(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("error: ") and printed.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_survives_a_refusal(tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    kept.write_text("precious")
    assert main(["certify", "example:step-target", "-o", str(kept)]) == 1
    assert kept.read_text() == "precious"
