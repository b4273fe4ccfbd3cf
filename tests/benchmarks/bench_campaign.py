"""Campaigns: throughput, scaling from one worker to two, what the store costs, how a restart grows.

    python -m tests.benchmarks.bench_campaign [PROBLEMS]

Figures only; state the load of the machine with them (the first line prints it).
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from verify.campaigns import Counts, campaign
from verify.campaigns.item import Item
from verify.campaigns.outcome import Limits, Outcome
from verify.campaigns.store import Store
from verify.campaigns.suite import read_suite

ROWS = 20_000


def generator(folder: Path, count: int) -> Path:
    path = folder / f"mixed-{count}.toml"
    path.write_text(f'name = "mixed-line"\n[generate]\ncount = {count}\nseed = 1\n', "utf-8")
    return path


def timed(suite: Path, out: Path, jobs: int) -> tuple[float, float, Counts]:
    """Seconds by the clock, processor seconds of the driver, and the counts."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    start = time.perf_counter()
    counts = campaign(str(suite), out, jobs=jobs)
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_SELF)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, counts


def throughput(folder: Path, count: int) -> None:
    suite = generator(folder, count)
    seconds, own, counts = timed(suite, folder / "whole", 2)
    verdicts = ", ".join(f"{n} {verdict}" for verdict, n in counts.verdicts.items())
    print(
        f"{count} mixed problems on the line, 2 workers: {seconds:.1f} s, {count / seconds:.1f} problems/s ({verdicts})"
    )
    print(f"  audits: {dict(counts.audits)}; the driver itself: {1000 * own / count:.2f} ms of processor a problem")
    size = sum(p.stat().st_size for p in (folder / "whole").rglob("*") if p.is_file())
    print(f"  on disk: {size / count / 1000:.2f} kB a problem")
    again, _, counts = timed(suite, folder / "whole", 2)
    print(f"  the same again, nothing to do: {1000 * again / count:.3f} ms a problem ({counts.reused} reused)")


def scaling(folder: Path, count: int) -> None:
    suite = generator(folder, count)
    one, _, _ = timed(suite, folder / "one", 1)
    two, _, _ = timed(suite, folder / "two", 2)
    print(f"{count} problems: 1 worker {one:.1f} s, 2 workers {two:.1f} s: {one / two:.2f} times faster")


def store(folder: Path) -> None:
    outcome = Outcome(verdict="dominated", reason="the gain is positive", loss="squared", certificate="x" * 2000)
    items = [Item(f"{i // 1000:05d}/{i:08d}", "digest", str) for i in range(ROWS)]
    limits = Limits()
    with Store(folder / "store", "bench") as kept:
        marks = [time.perf_counter()]
        for index, item in enumerate(items, start=1):
            kept.save(item, replace(outcome, name=item.id), limits, None, "now")
            if index in (1000, ROWS - 1000, ROWS):
                marks.append(time.perf_counter())
        print(
            f"store: {marks[1] - marks[0]:.3f} ms a row at the start, "
            f"{marks[3] - marks[2]:.3f} ms after {ROWS} rows (certificate, row, timing)"
        )
        start = time.perf_counter()
        for first in range(0, ROWS, 500):
            assert len(kept.verdicts(items[first : first + 500], limits)) == 500
        print(f"  looking up what is done: {1000 * (time.perf_counter() - start) / ROWS:.4f} ms a row")


def generation(folder: Path) -> None:
    items = read_suite(str(generator(folder, 2000)), folder / "nowhere").items()
    start = time.perf_counter()
    for item in items:
        item.read()
    print(f"generating a problem: {1000 * (time.perf_counter() - start) / 2000:.3f} ms")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    load = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    print(f"{os.cpu_count()} cores, load before (1, 5, 15 minutes): {load}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store(folder)
        generation(folder)
        throughput(folder, count)
        scaling(folder, max(20, count // 4))


if __name__ == "__main__":
    main()
