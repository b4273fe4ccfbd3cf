"""Campaigns on this machine: nothing is lost, nothing is repeated, every outcome is a row."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.campaigns.tools import column, files, generator, left_over, problem, rows_in, start, table
from verify import InputError
from verify.auditor import audit_file
from verify.campaigns import Counts, campaign
from verify.campaigns import drive as driving
from verify.cli import main

BROKEN = {
    "a-good": problem("good"),
    "b-broken": "[domain",
    "c-equal": problem("equal", "Piecewise((0, x < 1/2), (1, True))"),
    "d-pole": problem("pole", "1/(x - 1/3)"),
    "e-wide": problem("narrow").replace("width = 2", "width = 1"),
    "f/good": problem("good again", "sin(x)"),
}


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """Six problems: two good ones, one that is not dominated, three that are broken."""
    for name, text in BROKEN.items():
        path = tmp_path / "suite" / f"{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (tmp_path / "suite" / "g-binary.toml").write_bytes(b"\xff\xfe\x00")
    return tmp_path / "suite"


def run(suite: Path, out: Path, **options: Any) -> Counts:
    return campaign(str(suite), out, jobs=1, **options)


def test_every_problem_is_a_row(suite: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    counts = run(suite, out)
    assert counts.as_mapping() == {
        "total": 7, "dominated": 2, "not_dominated": 1, "undecided": 0, "failed": 4, "reused": 0, "others": 0,
        "audits": {"valid": 2, "invalid": 0, "undecided": 0},
    }  # fmt: skip
    assert column(out, "verdict", "failure") == {
        "a-good": ("dominated", ""), "b-broken": ("failed", "input"), "c-equal": ("not-dominated", ""),
        "d-pole": ("failed", "input"), "e-wide": ("failed", "input"), "f/good": ("dominated", ""),
        "g-binary": ("failed", "input"),
    }  # fmt: skip
    reasons = column(out, "reason")
    assert reasons["g-binary"] == "not a text file (UTF-8 expected)"
    assert reasons["e-wide"].startswith("response: the response has dimension 2")
    assert reasons["d-pole"] == "target.expression: undefined at x = 1/3: a division by zero"
    for name in ("a-good", "f/good"):
        assert audit_file(out / f"certificates/{name}.json").verdict == "valid"
    assert sorted(files(out)) == ["certificates/a-good.json", "certificates/f/good.json"]


def test_a_second_run_does_nothing(suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    first = run(suite, out).as_mapping()
    before = table(out), table(out, "timings"), files(out)
    monkeypatch.setattr("verify.campaigns.supervision.Supervised.run", None)
    assert run(suite, out).as_mapping() == {**first, "reused": 7}
    assert (table(out), table(out, "timings"), files(out)) == before


def test_only_what_changed_is_done_again(suite: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(suite, out)
    (suite / "b-broken.toml").write_text(problem("mended"), "utf-8")
    (suite / "f/good.toml").write_text("[domain", "utf-8")
    (out / "certificates/a-good.json").write_text("cut off", "utf-8")
    (suite / "h-new.toml").write_text(problem("new"), "utf-8")
    counts = run(suite, out)
    assert (counts.total, counts.reused, counts.verdicts["dominated"]) == (8, 4, 3)
    assert sorted(files(out)) == [f"certificates/{name}.json" for name in ("a-good", "b-broken", "h-new")]
    assert run(suite, out).reused == 8


def test_wider_limits_try_again_what_ran_out(tmp_path: Path) -> None:
    suite, out = tmp_path / "suite", tmp_path / "out"
    suite.mkdir()
    (suite / "one.toml").write_text(problem("one", "sin(3*x)"), "utf-8")
    assert run(suite, out, timeout=0.001).verdicts == {"failed": 1}
    assert column(out, "failure") == {"one": "timeout"}
    assert run(suite, out, timeout=0.001).reused == 1
    assert run(suite, out, timeout=0.0005).reused == 1
    counts = run(suite, out, timeout=30.0)
    assert (counts.reused, counts.verdicts["dominated"]) == (0, 1)
    assert run(suite, out, timeout=60.0).reused == 1


def test_generated_problems_that_are_not_dominated_are_kept_as_files(tmp_path: Path) -> None:
    path = generator(tmp_path, 3, targets=["log(-1 - x**2)"])
    out = tmp_path / "out"
    counts = run(path, out)
    assert counts.verdicts == {"failed": 3} and counts.inputs == 3
    names = [f"problems/00000/{i:08d}.toml" for i in range(3)]
    assert sorted(files(out)) == names
    assert main(["certify", str(out / names[0])]) == 2


def test_another_suite_is_refused(suite: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(generator(tmp_path, 2), out)
    rows = table(out)
    for other in (suite, generator(tmp_path, 2, dimensions=[2])):
        with pytest.raises(InputError, match="another suite"):
            run(other, out)
    assert table(out) == rows
    assert run(generator(tmp_path, 3), out).reused == 2


def test_folders_that_cannot_be_used(suite: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(InputError, match="cannot be used"):
        run(suite, tmp_path / "file")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "campaign.sqlite").write_text("no database at all" * 100, "utf-8")
    with pytest.raises(InputError, match="not a database"):
        run(suite, tmp_path / "bad")


def test_two_campaigns_at_a_time_are_refused(suite: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"

    def second(counts: Counts) -> None:
        with pytest.raises(InputError, match="another campaign is running here"):
            run(suite, out)

    run(suite, out, watch=second)


def test_progress_is_told(suite: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    run(suite, tmp_path / "out", watch=lambda counts: seen.append((counts.done, counts.total)))
    assert seen[0] == (0, 7) and seen[-1] == (7, 7)
    assert seen == sorted(seen)


def test_an_error_of_the_driver_leaves_what_was_finished(
    suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"

    def full(counts: Counts) -> None:
        if counts.done == 3:
            raise OSError(28, "no space left on device")

    with pytest.raises(OSError, match="no space"):
        run(suite, out, watch=full)
    assert len(table(out)) == 3
    assert run(suite, out).reused == 3


def wait_for_nobody(marker: str) -> None:
    for _ in range(100):
        if not left_over(marker):
            return
        time.sleep(0.05)
    raise AssertionError(f"processes are left over: {left_over(marker)}")


def test_killed_at_ten_random_moments(tmp_path: Path) -> None:
    suite = generator(tmp_path, 120, targets=["x**2", "sin(3*x)", "1/(x - 1/2)", "Abs(x - 1/3)"])
    undisturbed, out = tmp_path / "undisturbed", tmp_path / "out"
    timeout = 61.25  # stands in the arguments of the processes
    campaign(str(suite), undisturbed, jobs=2, timeout=timeout)
    moments = random.Random(8)
    progress = [0]
    for _ in range(10):
        process = start(suite, "--out", out, "--jobs", "2", "--timeout", timeout)
        wanted = progress[-1] + moments.randint(0, 10)
        while rows_in(out) < wanted:
            time.sleep(0.005)
        time.sleep(0.1 * moments.random())
        process.kill()
        process.wait()
        progress.append(rows_in(out))
        wait_for_nobody(str(timeout))
    assert progress == sorted(progress) and 10 < progress[-1] < 120
    process = start(suite, "--out", out, "--jobs", "2", "--timeout", timeout, "--json")
    answer = json.loads(process.communicate(timeout=60)[0])
    assert (answer["reused"], answer["total"]) == (progress[-1], 120)
    assert table(out) == table(undisturbed)
    assert files(out) == files(undisturbed)


def test_ctrl_c_leaves_things_whole(tmp_path: Path) -> None:
    suite = generator(tmp_path, 2000)
    out = tmp_path / "out"
    process = start(suite, "--out", out, "--jobs", "2", "--timeout", "62.5")
    while rows_in(out) < 5:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert (output, errors) == ("", "interrupted\n")
    wait_for_nobody("62.5")
    done = table(out)
    assert 5 <= len(done) < 2000
    assert {f"certificates/{row[0]}.json" for row in done if row[3] == "dominated"} <= set(files(out))


def test_the_command(suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main(["campaign", str(suite), "--out", str(out), "--jobs", "1"]) == 2
    captured = capsys.readouterr()
    assert "7 of 7 problems: 2 dominated, 1 not-dominated, 4 failed. Audits: 2 valid." in captured.out
    assert captured.err == ""
    assert main(["campaign", str(suite), "--out", str(out), "--json"]) == 2
    answer = json.loads(capsys.readouterr().out)
    assert {"total", "dominated", "not_dominated", "undecided", "failed", "reused"} <= answer.keys()
    assert (answer["total"], answer["reused"]) == (7, 7)


def test_show(suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    run(suite, out)
    assert main(["campaign", "show", str(out)]) == 0
    shown = capsys.readouterr().out
    assert "7 problems: 2 dominated, 1 not-dominated, 4 failed." in shown
    assert "target.expression: undefined at x = 1/3" in shown
    assert main(["campaign", "show", str(out), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["by"]["loss"]["squared"]["dominated"] == 2
    assert answer["by"]["loss"]["-"]["failed"] == 2
    assert len(answer["slowest"]) == 7 and answer["seconds"]["max"] >= answer["seconds"]["median"] > 0
    assert {(r["count"], r["example"]) for r in answer["reasons"] if "UTF-8" in r["reason"]} == {(1, "g-binary")}
    assert main(["campaign", "show", str(out), "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert Counter(row["verdict"] for row in rows) == {"dominated": 2, "not-dominated": 1, "failed": 4}
    assert json.loads(next(row["gain"] for row in rows if row["id"] == "a-good"))["lower"]


def test_show_while_it_is_running(suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    totals = []

    def look(counts: Counts) -> None:
        main(["campaign", "show", str(out), "--json"])
        totals.append(json.loads(capsys.readouterr().out)["total"])

    run(suite, out, watch=look)
    assert totals[0] == 0 and totals[-1] == 7


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["{good}", "--out", "{out}"], 0),
        (["{equal}", "--out", "{out}"], 1),
        (["{slow}", "--out", "{out}", "--timeout", "0.1"], 3),
        (["{good}"], 2),
        (["show"], 2),
        (["show", "{out}"], 2),
        (["{good}", "{good}", "--out", "{out}"], 2),
        (["{good}", "--out", "{out}", "--jobs", "0"], 2),
        (["{good}", "--out", "{out}", "--csv"], 2),
        (["{good}", "--out", "{out}", "--jobs", "1", "--scheduler", "tcp://127.0.0.1:1"], 2),
        (["{good}", "--out", "{out}", "--scheduler", "tcp://127.0.0.1:1"], 2),
        (["{good}", "--out", "{out}", "--scheduler", "nonsense"], 2),
        (["missing", "--out", "{out}"], 2),
        (["example:missing", "--out", "{out}"], 2),
    ],
)
def test_exit_codes(arguments: list[str], code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    slow = problem("slow", "sin(x)**2") + '\n[loss]\nkind = "power"\nexponent = "3/2"\n'
    texts = {"good": BROKEN["a-good"], "equal": BROKEN["c-equal"], "slow": slow}
    for name, text in texts.items():
        (tmp_path / f"{name}.toml").write_text(text, "utf-8")
    names = {name: str(tmp_path / f"{name}.toml") for name in texts} | {"out": str(tmp_path / "out")}
    assert main(["campaign", *(a.format(**names) for a in arguments)]) == code
    if code == 2:
        captured = capsys.readouterr()
        assert captured.err.startswith("error: ") and captured.err.count("\n") == 1


def test_counts_of_a_failing_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    from verify.commands.campaign import _exit_code

    for verdict, failure, audit, code in [
        ("dominated", "", "valid", 0),
        ("dominated", "", "invalid", 1),
        ("dominated", "", "undecided", 3),
        ("failed", "crash", "", 3),
        ("failed", "input", "", 2),
        ("undecided", "", "", 3),
        ("not-dominated", "", "", 1),
    ]:
        counts = Counts(1)
        counts.add(verdict, failure, audit)
        assert _exit_code(counts) == code
    assert driving.BATCH > 0


def test_the_bar_is_for_terminals_only(suite: Path, tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    pid, terminal = pty.fork()
    if pid == 0:  # pragma: no cover - the child
        os.execve(
            "/bin/sh",
            ["sh", "-c", f"{_command()} campaign {suite} --out {tmp_path}/out --jobs 1 --json > {tmp_path}/answer"],
            {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent), "TERM": "xterm", "COLUMNS": "160"},
        )
    shown = b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.waitpid(pid, 0)
    assert "7/7" in shown.decode() and "/s" in shown.decode()
    assert json.loads((tmp_path / "answer").read_text("utf-8"))["total"] == 7


def _command() -> str:
    from tests.campaigns.tools import VERIFY

    return f"{VERIFY[0]} -c '{VERIFY[2]}'"
