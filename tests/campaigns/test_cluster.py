"""The same campaign on a real Dask cluster on loopback: same results, also when a worker is killed on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.campaigns.tools import environment, files, generator, left_over, rows_in, start, table
from verify import InputError
from verify.campaigns import campaign

pytest.importorskip("distributed")
DASK = [sys.executable, "-m", "dask"]


class Cluster:
    """A scheduler and workers, each a process of one thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        self.workers: list[subprocess.Popen[bytes]] = []
        contact = folder / "scheduler.json"
        self.scheduler = self._spawn(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(contact)
        )
        deadline = time.monotonic() + 60
        while not contact.exists() or not contact.read_text("utf-8"):
            assert time.monotonic() < deadline and self.scheduler.poll() is None, "the scheduler did not start"
            time.sleep(0.05)
        self.address: str = json.loads(contact.read_text("utf-8"))["address"]

    def add_worker(self) -> None:
        number = len(self.workers)
        arguments = ("--no-nanny", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1")
        folder = str(self.folder / f"worker-{number}")
        self.workers.append(self._spawn("worker", self.address, *arguments, "--local-directory", folder))

    def _spawn(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"log-{len(self.processes)}").open("wb") as log:
            process = subprocess.Popen([*DASK, *arguments], stdout=log, stderr=log, env=environment(), cwd=self.folder)
        self.processes.append(process)
        return process

    def close(self) -> None:
        for process in reversed(self.processes):
            process.send_signal(signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    found = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        for _ in range(2):
            found.add_worker()
        yield found
    finally:
        found.close()


def test_a_worker_killed_in_the_middle_costs_nothing(cluster: Cluster, tmp_path: Path) -> None:
    suite = generator(tmp_path, 90, targets=["x**2", "sin(3*x)", "1/(x - 1/2)", "Abs(x - 1/3)"])
    local, out = tmp_path / "local", tmp_path / "out"
    timeout = 63.75
    campaign(str(suite), local, timeout=timeout)
    process = start(suite, "--out", out, "--scheduler", cluster.address, "--timeout", timeout, "--json")
    killed_at = 0
    while killed_at < 20:
        assert process.poll() is None, process.communicate()
        killed_at = rows_in(out)
        time.sleep(0.02)
    cluster.workers[0].kill()
    output, errors = process.communicate(timeout=120)
    assert killed_at < 85, "the worker was to be killed in the middle"
    assert errors == ""
    answer = json.loads(output)
    assert (answer["total"], answer["reused"]) == (90, 0)
    assert table(out) == table(local)
    assert files(out) == files(local)


def test_an_interrupted_campaign_goes_on_with_local_processes(cluster: Cluster, tmp_path: Path) -> None:
    cluster.add_worker()
    suite, out = generator(tmp_path, 200), tmp_path / "out"
    process = start(suite, "--out", out, "--scheduler", cluster.address)
    while rows_in(out) < 10:
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output, errors) == (130, "", "interrupted\n")
    done = len(table(out))
    assert campaign(str(suite), out).reused == done < 200


def test_a_lost_scheduler_is_told(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path)
    try:
        cluster.add_worker()
        suite, out = generator(tmp_path, 300), tmp_path / "out"
        process = start(suite, "--out", out, "--scheduler", cluster.address, "--timeout", "64.5")
        while rows_in(out) < 5:
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)
        os.kill(cluster.scheduler.pid, signal.SIGKILL)
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 2 and output == ""
        assert errors == f"error: {cluster.address}: the scheduler was lost; run again to continue\n"
    finally:
        cluster.close()
    deadline = time.monotonic() + 10
    while left_over("64.5") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left_over("64.5")


def test_nobody_there(tmp_path: Path) -> None:
    for address in ("tcp://127.0.0.1:1", "somewhere"):
        with pytest.raises(InputError, match="no Dask scheduler answers"):
            campaign(str(generator(tmp_path, 2)), tmp_path / "out", scheduler=address)


def test_without_dask_the_reason_is_one_line(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['distributed'] = None\nfrom verify.cli import main\n"
        f"sys.exit(main(['campaign', {str(generator(tmp_path, 2))!r}, '--out', {str(tmp_path / 'out')!r}, "
        "'--scheduler', 'tcp://127.0.0.1:1']))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment())
    assert result.returncode == 2
    assert result.stderr == (
        "error: --scheduler: dask[distributed] is not installed; try: pip install 'relu-closure[cluster]'\n"
    )
