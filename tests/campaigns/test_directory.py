"""The directory of results: full, read-only, damaged, in use, somebody else's. Nothing is lost, nothing overwritten."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.campaigns.tools import VERIFY, column, environment, files, generator, problem, rows_in, start, table
from verify import InputError
from verify.auditor import audit_file
from verify.campaigns import campaign
from verify.campaigns.store import rows
from verify.cli import main


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_input_files_in_a_folder_called_problems_survive(tmp_path: Path) -> None:
    one = written(tmp_path / "problems/a.toml", problem())
    with pytest.raises(InputError, match=r"there is a folder problems, but no campaign\.sqlite"):
        campaign(str(tmp_path / "problems"), tmp_path, jobs=1)
    assert list(tmp_path.iterdir()) == [tmp_path / "problems"]
    other = written(tmp_path / "elsewhere/a.toml", problem("a", "x**2"))
    campaign(str(other), tmp_path / "out", jobs=1)
    moved = written(tmp_path / "out/problems/a.toml", one.read_text("utf-8"))
    assert campaign(str(tmp_path / "out/problems"), tmp_path / "out", jobs=1).verdicts == {"dominated": 1}
    assert one.exists() and moved.exists()


def test_certificates_of_another_origin_survive(tmp_path: Path) -> None:
    own = written(tmp_path / "out/certificates/a.json", "mine")
    with pytest.raises(InputError, match="there is a folder certificates"):
        campaign(str(written(tmp_path / "a.toml", problem())), tmp_path / "out", jobs=1)
    assert own.read_text("utf-8") == "mine"


def test_hidden_files_are_problems_only_when_asked_for(tmp_path: Path) -> None:
    for name in ("seen", ".hidden", ".venv/inside"):
        written(tmp_path / f"suite/{name}.toml", problem())
    out = tmp_path / "out"
    assert campaign(str(tmp_path / "suite"), out, jobs=1).total == 1
    assert campaign(str(tmp_path / "suite/**/.*.toml"), out, jobs=1).others == 1
    left = written(out / "certificates/.seen.json.ab_12xyz", "half")
    written(tmp_path / "suite/seen.toml", problem("seen", "x**2"))
    assert campaign(str(tmp_path / "suite"), out, jobs=1).reused == 0
    assert not left.exists()
    assert sorted(files(out)) == ["certificates/.hidden.json", "certificates/seen.json"]


def test_names_that_are_no_text_are_rows_too(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff.toml"
    try:
        with open(path, "w", encoding="utf-8") as stream:  # noqa: PTH123
            stream.write(problem())
    except OSError:
        pytest.skip("this file system has no such names")
    assert campaign(str(tmp_path), tmp_path / "out", jobs=1).verdicts == {"dominated": 1}
    assert column(tmp_path / "out", "verdict") == {"\\udcff": "dominated"}
    assert campaign(str(tmp_path), tmp_path / "out", jobs=1).reused == 1


def test_a_full_disk_is_one_line_and_loses_nothing(tmp_path: Path) -> None:
    suite = generator(tmp_path, 60)
    campaign(str(suite), tmp_path / "undisturbed", jobs=1)
    out = tmp_path / "out"
    command = [*VERIFY, "campaign", str(suite), "--out", str(out), "--jobs", "1"]
    limit = 150_000  # bytes a file may have: the log of the database outgrows it on the way

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    stopped = subprocess.run(command, capture_output=True, text=True, env=environment(), preexec_fn=small_files)
    assert (stopped.returncode, stopped.stdout) == (2, "")
    assert stopped.stderr.startswith(f"error: {out}") and stopped.stderr.count("\n") == 1
    assert "cannot be written" in stopped.stderr
    assert 0 < len(done := table(out)) < 60
    assert campaign(str(suite), out, jobs=1).reused == len(done)
    assert table(out) == table(tmp_path / "undisturbed") and files(out) == files(tmp_path / "undisturbed")


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is a directory that nobody can write to")
def test_a_directory_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    suite = written(tmp_path / "a.toml", problem())
    for out in ("/proc/results", "/proc"):
        with pytest.raises(InputError, match="cannot be used"):
            campaign(str(suite), out, jobs=1)


def test_results_can_be_shown_where_nothing_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    campaign(str(written(tmp_path / "a.toml", problem())), out, jobs=1)
    assert not (out / "campaign.sqlite-wal").exists()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    before = sorted(out.iterdir())
    assert [row["verdict"] for row in rows(out)] == ["dominated"]
    assert sorted(out.iterdir()) == before


def test_a_damaged_database_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    suite, out = generator(tmp_path, 60), tmp_path / "out"
    campaign(str(suite), out, jobs=2)
    database = out / "campaign.sqlite"
    whole = database.read_bytes()
    database.write_bytes(whole[:4096] + bytes(len(whole) - 4096))
    kept = files(out)
    for arguments in (["campaign", str(suite), "--out", str(out)], ["campaign", "show", str(out)]):
        assert main(arguments) == 2
        captured = capsys.readouterr()
        assert captured.err.startswith(f"error: {database}: cannot be") and captured.err.count("\n") == 1
    assert files(out) == kept and audit_file(out / min(kept)).verdict == "valid"
    database.write_bytes(whole)
    assert campaign(str(suite), out, jobs=1).reused == 60


def test_a_second_process_is_refused_and_disturbs_nothing(tmp_path: Path) -> None:
    suite, out = generator(tmp_path, 20), tmp_path / "out"
    first = start(suite, "--out", out, "--jobs", "1")
    while rows_in(out) < 3:
        assert first.poll() is None
        time.sleep(0.02)
    first.send_signal(signal.SIGSTOP)
    second = start(suite, "--out", out, "--jobs", "1")
    assert second.communicate(timeout=60) == ("", f"error: {out}: another campaign is running here\n")
    assert second.returncode == 2
    first.send_signal(signal.SIGCONT)
    output, errors = first.communicate(timeout=120)
    assert (first.returncode, errors) == (0, "") and output.startswith("20 of 20 problems: 20 dominated.")


def test_results_of_problems_that_left_the_suite_are_kept_and_told(tmp_path: Path) -> None:
    out = tmp_path / "out"
    campaign(str(generator(tmp_path, 3)), out, jobs=1)
    done = table(out)
    process = start(generator(tmp_path, 1), "--out", out)
    output, _ = process.communicate(timeout=60)
    assert "1 of 1 problems (1 of them done before)" in output
    assert "2 results of problems that are not in the suite are kept." in output
    assert table(out) == done


@pytest.mark.parametrize("option", [("--timeout", "inf"), ("--timeout", "1e7")])
def test_limits_have_limits(option: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    suite = written(tmp_path / "a.toml", problem())
    assert main(["campaign", str(suite), "--out", str(tmp_path / "out"), *option]) == 2
    assert capsys.readouterr().err == "error: --timeout: expected at most 1000000 seconds, more than 0\n"
    with pytest.raises(InputError, match="seconds"):
        campaign(str(suite), tmp_path / "out", timeout=float("nan"))
    with pytest.raises(InputError, match="megabytes"):
        campaign(str(suite), tmp_path / "out", memory=10**12)
    assert not (tmp_path / "out").exists()
