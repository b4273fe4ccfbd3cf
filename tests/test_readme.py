"""Every command and code block of the README runs, and prints what the README says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from verify.cli import main
from verify.shipped import resolve

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, flags=re.S | re.M)


def blocks(tag: str) -> list[str]:
    return [body for name, body in BLOCKS if name == tag]


def run(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    program, *arguments = command.split()
    assert program in ("verify", ".venv/bin/verify")
    assert main(arguments) in (0, 1)  # yes or no, never bad input
    return capsys.readouterr().out


def plain(text: str) -> list[str]:
    return [re.sub(r"\s+", " ", line).strip() for line in text.splitlines() if line.strip()]


def test_the_blocks_are_the_ones_we_know() -> None:
    assert [name for name, _ in BLOCKS] == ["sh", "sh", "toml", *["console"] * 5, "python", "toml", "console", "python"]


def test_the_main_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    venv, install, *commands = blocks("sh")[0].strip().split(" && ")
    assert venv == "python3 -m venv .venv" and install == ".venv/bin/pip install -q ."
    for command in commands:
        run(command, capsys)
    assert (tmp_path / "step.json").exists()


def test_the_test_command_is_the_one_that_runs_this() -> None:
    expected = "python3 -m venv .venv && .venv/bin/pip install -q '.[test]' && .venv/bin/python -m pytest -q"
    assert blocks("sh")[1].strip() == expected


def test_the_example_file_is_the_shipped_one() -> None:
    assert tomllib.loads(blocks("toml")[0]) == tomllib.loads(resolve("example:step-identity").read_text("utf-8"))


@pytest.mark.parametrize("transcript", blocks("console"))
def test_the_transcripts(
    transcript: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "waves.toml").write_text(blocks("toml")[1], "utf-8")
    for part in re.split(r"^\$ ", transcript, flags=re.M)[1:]:
        command, _, expected = part.partition("\n")
        assert plain(run(command, capsys)) == plain(expected)


@pytest.mark.parametrize("block", blocks("python"))
def test_the_python_blocks(block: str) -> None:
    exec(compile(block, "README.md", "exec"), {})  # our own file


def test_the_picture_exists() -> None:
    for path in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (Path(__file__).parent.parent / path).is_file()
