"""A supervised process: problems that hang, die or take all memory cost that process and nothing else."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from tests.campaigns.tools import problem
from verify.campaigns.outcome import Limits, Outcome
from verify.campaigns.supervision import Stopped, Supervised

SABOTAGE = """
import os, re, signal, sys
import verify.campaigns.trial as trial

certify, audit_text = trial.certify, trial.audit_text

def sabotaged(problem, **options):
    print("noise on standard output")
    if problem.name == "sleep": signal.pause()
    if problem.name == "stuck": re.fullmatch("(a+)+", "a" * 60 + "b")  # in C, holding the interpreter's lock
    if problem.name == "die": os.kill(os.getpid(), 9)
    if problem.name == "exit": os._exit(3)
    if problem.name == "eat": bytearray(10**10)
    if problem.name == "nibble":
        eaten = []
        while True: eaten.append(bytearray(10**6))
    if problem.name == "callback":
        try: raise MemoryError
        except MemoryError as error: raise SystemError("in a callback") from error
    if problem.name == "raise": raise ZeroDivisionError("on purpose")
    if problem.name == "once" and not os.path.exists(os.environ["MARK"]):
        open(os.environ["MARK"], "w").close()
        os.kill(os.getpid(), 9)
    return certify(problem, **options)

def slow_audit(text):
    if '"slow audit"' in text: signal.pause()
    return audit_text(text)

trial.certify, trial.audit_text = sabotaged, slow_audit
"""


AMPLE = Limits(timeout=20, memory=1024)


@pytest.fixture
def sabotage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Problems with certain names misbehave in processes that are started now."""
    (tmp_path / "sitecustomize.py").write_text(SABOTAGE, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("MARK", str(tmp_path / "mark"))


def run(*names: str, limits: Limits = AMPLE) -> list[Outcome]:
    process = Supervised(limits)
    try:
        return [process.run(problem(name)) for name in names]
    finally:
        process.stop()


def test_a_good_problem_after_another() -> None:
    first, second = run("one", "two")
    assert first.verdict == second.verdict == "dominated" and first.audit == "valid"
    assert first.theorem == "applies" and set(first.conditions.values()) == {"holds"} and len(first.conditions) == 8
    assert (first.name, first.inputs, first.loss, first.width, first.dimension) == ("one", 1, "squared", 2, 2)
    assert first.gain == {"lower": "0.08333333333", "upper": "0.08333333334"} or first.gain is not None
    assert first.certificate is not None and first.certificate.replace("one", "two") != second.certificate


def test_broken_files_are_outcomes() -> None:
    process = Supervised(Limits())
    try:
        for text, words in [
            ("", "domain: this table is missing"),
            ("[domain", "not TOML"),
            (problem(target="x +"), "target.expression"),
            (problem(target="1/(x - 1/3)"), "target.expression: undefined at x = 1/3"),
            ("[" * 5000, "not TOML"),
        ]:
            outcome = process.run(text)
            assert (outcome.verdict, outcome.failure) == ("failed", "input")
            assert words in outcome.reason
            assert process.run(problem()).verdict == "dominated"
    finally:
        process.stop()


@pytest.mark.usefixtures("sabotage")
def test_death_is_tried_again_once_and_then_an_outcome() -> None:
    good, dead, gone, after = run("good", "die", "exit", "after")
    assert good.verdict == after.verdict == "dominated"
    assert dead.failure == gone.failure == "crash"
    assert "died 2 times (signal 9)" in dead.reason and "(exit code 3)" in gone.reason
    assert dead.name == "die" and dead.loss == "squared"


@pytest.mark.usefixtures("sabotage")
def test_a_death_from_outside_changes_nothing() -> None:
    once, good = run("once", "good")
    assert (once.verdict, once.audit) == (good.verdict, good.audit) == ("dominated", "valid")


@pytest.mark.usefixtures("sabotage")
def test_lack_of_memory_is_an_outcome() -> None:
    outcomes = run("eat", "good", "nibble", "good", "callback")
    assert [o.failure for o in outcomes] == ["memory", "", "memory", "", "memory"]
    assert outcomes[0].reason == "more than 1024 MB of memory"


@pytest.mark.usefixtures("sabotage")
def test_errors_of_the_program_are_outcomes() -> None:
    (outcome,) = run("raise")
    assert (outcome.failure, outcome.reason) == ("error", "ZeroDivisionError: on purpose")


@pytest.mark.usefixtures("sabotage")
def test_time_is_limited_even_within_c() -> None:
    start = time.monotonic()
    asleep, stuck, late, good = run("sleep", "stuck", "slow audit", "good", limits=Limits(timeout=1.5))
    assert time.monotonic() - start < 20
    assert asleep.failure == stuck.failure == "timeout"
    assert asleep.reason == "stopped after the timeout of 1.5 seconds" and asleep.seconds == 1.5
    assert (late.verdict, late.audit) == ("dominated", "undecided") and late.certificate is not None
    assert late.audit_reason == asleep.reason
    assert (good.verdict, good.audit) == ("dominated", "valid")


@pytest.mark.usefixtures("sabotage")
def test_stopping_from_another_thread() -> None:
    process = Supervised(Limits())
    threading.Timer(1.5, process.stop).start()
    with pytest.raises(Stopped):
        process.run(problem("sleep"))
    with pytest.raises(Stopped):
        process.run(problem())


@pytest.mark.usefixtures("sabotage")
@pytest.mark.parametrize("name", ["sleep", "stuck"])
def test_a_process_ends_with_its_input(name: str) -> None:
    process = Supervised(Limits(timeout=1))
    process.run(problem())
    child = process._process
    assert child is not None and child.stdin is not None
    child.stdin.write(json.dumps({"text": problem(name)}).encode() + b"\n")
    child.stdin.close()  # as the system does when the parent is killed
    child.wait(10)
    process.stop()
