"""Files, JSON, digests, exit codes; independence of everything but the standard library; no floating point."""

from __future__ import annotations

import ast
import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import verify
import verify.auditor
from tests.auditor.builder import build, changed, half, seal
from verify.auditor import Audit, BadInputError, audit, audit_file, audit_text, main

ROOT = Path(verify.__file__).parent.parent
FILES = sorted((ROOT / "verify" / "auditor").glob("*.py"))
GOOD = build([half("1/2", 1, kappa="1/4")])
WRONG = changed(GOOD, "network.offset", "1")
OPEN = changed(GOOD, "problem.target.expression", "1/(x**2 - 1/2)")


def write(tmp_path: Path, name: str, content: Any) -> str:
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(path)


def test_exit_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, wrong, unsettled = (write(tmp_path, f"{i}.json", d) for i, d in enumerate((GOOD, WRONG, OPEN)))
    missing = str(tmp_path / "missing.json")
    for paths, code in (
        ([good], 0), ([wrong], 1), ([unsettled], 3), ([good, unsettled], 3), ([unsettled, wrong, good], 1),
        ([good, missing, wrong], 2), ([missing], 2), ([], 2), (["--jso", good], 2), (["--help"], 0),
    ):  # fmt: skip
        assert main(paths) == code
    capsys.readouterr()
    assert main(["--json", good, missing, wrong]) == 2
    out, err = capsys.readouterr()
    answer = json.loads(out)
    assert list(answer) == ["certificates"]
    assert [list(c) for c in answer["certificates"]] == [["path", "kind", "verdict", "reason"]] * 2
    assert [c["verdict"] for c in answer["certificates"]] == ["valid", "invalid"]
    assert err.startswith(f"error: {missing}: file: ") and err.count("\n") == 1


@pytest.mark.parametrize(
    "content, word",
    [
        (b"\xff\xfe", "UTF-8"), ("", "json"), ("{", "json"), ("[]", "object"), ("{}", "format"), ("null", "object"),
        ('{"format": "relu-closure/2"}', "format"), ("[" * 100_000, "json"), ('{"format":' * 50_000, "json"),
        ("\ufeff{}", "json"), (b" " * 8_000_001, "larger"), ('{"format": 1}', "format"),
        (GOOD | {"format": "x"}, "format"),
    ],
)  # fmt: skip
def test_what_is_no_certificate(tmp_path: Path, content: Any, word: str) -> None:
    with pytest.raises(BadInputError, match=word):
        audit_file(write(tmp_path, "c.json", content))
    with pytest.raises(BadInputError):
        audit_file(tmp_path)


def invalid(data: dict[str, Any] | str, word: str) -> None:
    result = audit_text(data if isinstance(data, str) else json.dumps(data))
    assert result.verdict == "invalid", result
    assert word in result.reason, result


def test_structure() -> None:
    invalid(GOOD | {"digest": "0" * 64}, "digest")
    invalid({k: v for k, v in GOOD.items() if k != "digest"}, "digest")
    invalid(GOOD | {"comment": ""}, "digest")
    invalid(seal(GOOD | {"comment": ""}), "unknown key 'comment'")
    invalid(seal(GOOD | {"kind": "unheard-of"}), "kind")
    invalid(seal(GOOD | {"kind": 7}), "kind")
    text = json.dumps(GOOD)
    invalid(text.replace('"width": 2', '"width": 2, "width": 2'), "twice")
    invalid(text.replace('"width": 2', '"width": 2.0'), "2.0")
    invalid(text.replace('"width": 2', '"width": NaN'), "NaN")
    invalid(text.replace('"width": 2', f'"width": {"9" * 5000}'), "digits")
    invalid(changed(GOOD, "problem.network.width", True), "width")
    for path, value, word in (
        ("problem.network.width", "2", "width"),
        ("problem.network.width", -2, "width"),
        ("problem.network.architecture", "deep", "architecture"),
        ("problem.loss", {"kind": "squared", "exponent": "2"}, "exponent"),
        ("problem.loss", {"kind": "power"}, "missing key 'exponent'"),
        ("problem.loss", {"kind": "power", "exponent": "1/2"}, "range"),
        ("problem.loss", {"kind": "huber", "delta": "0"}, "range"),
        ("problem.loss", {"kind": "pinball", "level": "1"}, "range"),
        ("problem.loss", {"kind": ["squared"]}, "kind"),
        ("problem.loss", {"kind": "hinge"}, "kind"),
        ("problem.domain", {"variables": ["x"], "box": [["1", "0"]]}, "box"),
        ("problem.domain", {"variables": ["x"], "box": [["0", "1", "2"]]}, "box"),
        ("problem.domain", {"variables": ["x", "x"], "box": [["0", "1"], ["0", "1"]]}, "twice"),
        ("problem.domain", {"variables": ["sin"], "box": [["0", "1"]]}, "name"),
        ("problem.domain", {"variables": [], "box": []}, "variable"),
        ("problem.domain", {"variables": ["x"], "union": []}, "shape"),
        ("problem.domain", {"variables": ["x"], "union": [{"union": []}]}, "one of"),
        ("problem.domain", {"variables": ["x"], "ball": {"center": ["0"], "radius": "0"}}, "radius"),
        ("problem.domain", {"variables": ["x"], "vertices": [["1"], ["1"]]}, "full dimension"),
        ("problem.domain", {"variables": ["x"], "vertices": []}, "full dimension"),
        ("problem.domain", {"variables": ["x"], "box": [["0", "1"]], "ball": {}}, "unknown key"),
        ("problem.domain", {"variables": ["x"], "box": [["0", "1"]], "restriction": "x < 1"}, "unknown key"),
        ("problem.domain.union.0.box.0.1", "sqrt(2)", "exact number"),
        ("problem.target.expression", "y", "unknown name"),
        ("problem.target.expression", 1, "string"),
        ("response.affine", "x**2", "affine"),
        ("response.affine", "pi", "affine"),
        ("network.neurons.0.weights", ["1", "2"], "one number a variable"),
        ("network.neurons.0.bias", None, "exact number"),
        ("network.neurons", {}, "list"),
        ("claim.gain", {"lower": "2", "upper": "1"}, "lower > upper"),
        ("claim.gain", "1", "object"),
        ("claim.dimension", "2", "integer"),
        ("ramps.0", {"where": "x > 1/2", "jump": "1", "kappa": "1/4"}, "missing key 'shift'"),
    ):
        invalid(changed(GOOD, path, value), word)


def test_surrogates_do_not_crash() -> None:
    text = json.dumps(GOOD).replace("by hand", "\\ud800")
    assert audit_text(text).verdict == "invalid"


def test_order_of_keys_and_spaces_do_not_matter() -> None:
    shuffled = json.dumps(dict(reversed(GOOD.items())), indent=3)
    assert audit_text(shuffled).verdict == "valid"


def test_audit_takes_paths_objects_and_documents(tmp_path: Path) -> None:
    class Written:
        def document(self) -> dict[str, Any]:
            return GOOD

    path = tmp_path / "c.json"
    path.write_text(json.dumps(GOOD))
    for source in (path, str(path), GOOD, Written()):
        assert audit(source) == Audit("domination", "valid", "all conditions hold, all intervals are confirmed")


HOSTILE: dict[str, Any] = {
    "a rational of a million digits": lambda: changed(GOOD, "network.offset", "1" * 10**6),
    "a million half-spaces": lambda: changed(GOOD, "response.halfspaces", [{"where": "x>1", "jump": "1"}] * 10**5),
    "half-spaces with long numbers": lambda: changed(
        GOOD, "response.halfspaces", [{"where": f"x > 1/{7**900 + i}", "jump": f"1/{3**900 + i}"} for i in range(1000)]
    ),
    "many neurons with different denominators": lambda: changed(
        GOOD,
        "network.neurons",
        [{"output": f"1/{10**30 + i}", "weights": ["1"], "bias": f"-1/{i + 2}"} for i in range(2000)],
    ),
    "a tower of powers": lambda: changed(GOOD, "problem.target.expression", "((((x**10)**10)**10)**10)**2"),
    "a large power": lambda: changed(GOOD, "problem.target.expression", "(1e9999*x)**1000"),
    "an exponential of an exponential": lambda: changed(GOOD, "problem.target.expression", "exp(exp(exp(100*x)))"),
    "twenty thousand sines": lambda: changed(GOOD, "problem.target.expression", "+".join(["sin(x)"] * 6000)),
    "a product of many factors": lambda: changed(GOOD, "problem.target.expression", "*".join(["(x+1)"] * 4000)),
    "long sums": lambda: changed(
        GOOD, "response.halfspaces", [{"where": "+".join(["x"] * 9_990) + "> 1", "jump": "x"}] * 300
    ),
    "a product of large powers": lambda: changed(GOOD, "response.affine", "*".join(["7**999"] * 2000)),
    "a product of large numbers": lambda: changed(GOOD, "problem.target.expression", "x*" + "*".join(["1e9999"] * 900)),
    "a sum of fractions": lambda: changed(
        GOOD, "response.affine", "+".join(f"1/({i}**999 + 1)" for i in range(2, 2000))
    ),
    "many steps": lambda: changed(GOOD, "problem.target.expression", "floor(1e9*x)"),
    "a claim of a thousand digits": lambda: changed(
        changed(GOOD, "problem.density.expression", "exp(x)"), "claim.gain", {"lower": "1e-4000", "upper": "2e-4000"}
    ),
    "a long union": lambda: changed(
        GOOD, "problem.domain.union", [{"box": [[f"1/{i + 2}", "1/2"]]} for i in range(1, 2000)]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.many
def test_hostile_certificates_are_refused_quickly(name: str, tmp_path: Path) -> None:
    path = write(tmp_path, "c.json", HOSTILE[name]())
    start = time.process_time()
    with contextlib.suppress(BadInputError):
        assert audit_file(path).verdict in ("invalid", "undecided")
    assert time.process_time() - start < 10


def test_it_runs_alone(tmp_path: Path) -> None:
    path = write(tmp_path, "c.json", GOOD)
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from verify.auditor import main; sys.exit(main([{path!r}]))"
    for command in (["-c", code], [str(ROOT / "verify" / "auditor" / "__main__.py"), path]):
        run = subprocess.run([sys.executable, "-S", "-I", *command], capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        assert "valid" in run.stdout and not run.stderr


def test_only_the_standard_library_is_loaded() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import verify.auditor.main; "
        "print([m for m in sys.modules if m.partition('.')[0] not in sys.stdlib_module_names | {'verify'} "
        "or m.startswith('verify.') and not m.startswith('verify.auditor') and m != 'verify'])"
    )
    run = subprocess.run([sys.executable, "-S", "-I", "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() in ("[]", "['__main__']")


FORBIDDEN = {
    "float", "complex", "eval", "exec", "round", "truediv", "fmean", "monotonic", "perf_counter", "process_time",
    "as_integer_ratio", "from_float", "hypot", "__truediv__", "__float__", "__import__", "import_module",
}  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_no_floating_point_and_no_foreign_import(path: Path) -> None:
    allowed_math = {"isqrt", "lcm", "gcd", "comb", "factorial", "prod"}
    for node in ast.walk(ast.parse(path.read_text())):
        assert not isinstance(node, ast.Constant) or not isinstance(node.value, float | complex), node.lineno
        assert not isinstance(node, ast.Div), "a division of integers would give a float"
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):  # 2**-1 would be a float
            assert not isinstance(node.right, ast.UnaryOp) or isinstance(node.right.operand, ast.Name), node.lineno
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        assert name not in FORBIDDEN, (name, node.lineno)
        assert not isinstance(node, ast.Attribute) or name != "time", node.lineno
        if isinstance(node, ast.Import):
            assert all(alias.name in sys.stdlib_module_names and alias.name != "math" for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.module and not node.level
            top = node.module.partition(".")[0]
            assert top in sys.stdlib_module_names or node.module.startswith("verify.auditor"), node.module
            if node.module == "math":
                assert {alias.name for alias in node.names} <= allowed_math


def test_public_names() -> None:
    assert verify.auditor.__all__ == ["Audit", "BadInputError", "audit", "audit_file", "audit_text", "main"]
