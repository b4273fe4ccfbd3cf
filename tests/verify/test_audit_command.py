"""`verify audit`: files and folders, in any number of processes, whatever the files do."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import pytest

from tests.auditor.builder import build, changed, half
from verify.audits import Row, audited, worker
from verify.cli import main

ROOT = Path(__file__).parent.parent.parent
GOOD = build([half("1/2", 1, kappa="1/4")])
WRONG = changed(GOOD, "network.offset", "1")
OPEN = changed(GOOD, "problem.target.expression", "1/(x**2 - 1/2)")
VERDICTS = {"a.json": "valid", "b.json": "invalid", "c/d.json": "valid", "c/e.json": "undecided", "c/f/g.json": "valid"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    texts = {"valid": json.dumps(GOOD), "invalid": json.dumps(WRONG), "undecided": json.dumps(OPEN)}
    for name, verdict in VERDICTS.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(texts[verdict])
    (tmp_path / "c" / "notes.txt").write_text("no certificate")
    return tmp_path


@pytest.fixture
def endless(tmp_path: Path) -> str:
    """A file that nobody ever gets to the end of."""
    path = tmp_path / "endless.json"
    os.mkfifo(path)
    return str(path)


def verify(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "verify", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_rows_and_their_order_do_not_depend_on_the_jobs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    again = str(folder / "c" / "e.json")
    answers = []
    for jobs in ("1", "2", "5"):
        assert main(["audit", "--json", "--jobs", jobs, str(folder), again]) == 1
        out, err = capsys.readouterr()
        assert err == ""
        answers.append(out)
    assert len(set(answers)) == 1
    rows = json.loads(answers[0])["certificates"]
    assert [(row["path"], row["verdict"]) for row in rows] == [
        *((str(folder / name), verdict) for name, verdict in VERDICTS.items()), (again, "undecided"),
    ]  # fmt: skip
    assert all(list(row) == ["path", "kind", "verdict", "reason"] and row["reason"] for row in rows)
    assert main(["audit", str(folder)]) == 1
    out, err = capsys.readouterr()
    assert [line.split(": ")[1] for line in out.splitlines()] == [*VERDICTS.values(), "3 valid, 1 invalid, 1 undecided"]


def test_bad_input_is_said_and_stops_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.json").write_bytes(b"\xff")
    empty = folder / "empty"
    empty.mkdir()
    missing = str(folder / "missing.json")
    assert main(["audit", "--json", missing, str(folder), str(empty)]) == 2
    out, err = capsys.readouterr()
    assert [row["verdict"] for row in json.loads(out)["certificates"]] == list(VERDICTS.values())[1:]
    first, second, third = err.splitlines()
    assert first.startswith(f"error: {missing}: file: ") and third.startswith(f"error: {empty}: folder: ")
    assert second == f"error: {folder / 'a.json'}: file: not UTF-8 at byte 0"


@pytest.mark.parametrize(
    ("names", "code"),
    [(["a.json"], 0), (["c"], 3), (["a.json", "c"], 3), (["c", "b.json"], 1), (["c", "b.json", "x"], 2), ([], 2)],
)
def test_exit_codes(folder: Path, names: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", *(str(folder / name) for name in names)]) == code
    assert len(capsys.readouterr().err.splitlines()) == (code == 2)


def test_a_process_that_dies_is_a_row(folder: Path, endless: str) -> None:
    def kill() -> None:
        while not (children := multiprocessing.active_children()):
            time.sleep(0.01)
        time.sleep(1)
        assert children[0].pid
        os.kill(children[0].pid, signal.SIGKILL)

    thread = Thread(target=kill)
    thread.start()
    rows = list(audited([endless, str(folder / "a.json"), str(folder / "b.json")], 1))
    thread.join()
    assert rows[0] == Row(endless, "", "undecided", "the auditor's process died (signal 9)")
    assert [row.verdict for row in rows[1:]] == ["valid", "invalid"]


def test_a_file_without_end_is_a_row(folder: Path, endless: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "SECONDS", 2.0)
    rows = list(audited([str(folder / "a.json"), endless, str(folder / "b.json")], 2))
    assert [row.verdict for row in rows] == ["valid", "undecided", "invalid"]
    assert rows[1].reason == "stopped after 2 seconds"
    assert not multiprocessing.active_children()


def test_a_file_that_takes_all_memory_is_a_row(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "MEGABYTES", 24)
    (folder / "large.json").write_text(f"[{'0,' * 3_900_000}0]")
    names = [str(folder / name) for name in ("large.json", "a.json")]
    rows = list(audited(names, 1))
    assert rows[0].verdict == "undecided" and "memory" in rows[0].reason
    assert rows[1].verdict == "valid"


def test_ctrl_c(folder: Path, endless: str) -> None:
    process = verify("audit", str(folder), endless)
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (130, "", "interrupted\n")


def on_a_terminal(*arguments: str) -> tuple[int, str, bytes]:
    """The exit code, standard output, and what a terminal on standard error is sent."""
    reader, terminal = pty.openpty()
    command = [sys.executable, "-m", "verify", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=terminal, text=True) as process:
        os.close(terminal)
        seen = b""
        with contextlib.suppress(OSError):  # the other end is closed
            while piece := os.read(reader, 4096):
                seen += piece
        assert process.stdout is not None
        out = process.stdout.read()
    os.close(reader)
    return process.returncode, out, seen


def test_progress_on_a_terminal_only(folder: Path) -> None:
    code, out, seen = on_a_terminal("audit", str(folder))
    assert code == 1 and len(out.splitlines()) == 6
    assert b"audit" in seen and b"5/5" in seen
    assert on_a_terminal("audit", str(folder / "a.json"))[2] == b""
    assert verify("audit", str(folder)).communicate()[1] == ""


def test_a_cold_audit_is_quick_and_loads_the_standard_library_only(folder: Path) -> None:
    code = (
        "import sys; sys.argv[1:] = ['audit', *sys.argv[1:]]\nfrom verify.__main__ import main\nassert main() == 0\n"
        "print([m for m in sys.modules if m.partition('.')[0] not in {*sys.stdlib_module_names, 'verify'}])"
    )
    path = str(folder / "a.json")
    done = subprocess.run(
        [sys.executable, "-S", "-c", code, path], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.splitlines()[-1] in ("[]", "['__main__']")
    usage = []
    for _ in range(5):
        before = os.times()
        assert verify("audit", path).wait() == 0
        after = os.times()
        usage.append(after.children_user + after.children_system - before.children_user - before.children_system)
    assert min(usage) < 0.3
