"""Many files: what is to be audited, and rows in that order, however many processes do the work."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path

from verify.audits.row import Row, audited_file


def certificates(paths: Iterable[str]) -> list[str | Row]:
    """Return the files to audit: paths as given, and for a folder all *.json in it and below, sorted.

    A folder that cannot be read, or has none, gives a row of bad input in its place.
    """
    found: list[str | Row] = []
    for path in paths:
        found += _below(path) if Path(path).is_dir() else [path]
    return found


def _below(folder: str) -> list[str | Row]:
    faults: list[OSError] = []
    names = [
        Path(parent, name)
        for parent, _, files in os.walk(folder, onerror=faults.append)
        for name in files
        if name.endswith(".json")
    ]
    rows: list[str | Row] = [Row(str(f.filename), "", "", f"folder: {f.strerror}") for f in faults]
    if not names and not faults:
        rows.append(Row(folder, "", "", "folder: no certificates (*.json) in it"))
    return [*rows, *map(str, sorted(names))]


def audited(files: Sequence[str | Row], jobs: int) -> Generator[Row]:
    """Yield one row a file, in the order of the files. A single one is audited here, several in so many processes.

    Closing the generator ends the processes at once.
    """
    if len(files) < 2:
        for file in files:
            yield file if isinstance(file, Row) else audited_file(file)
        return
    from multiprocessing.connection import wait

    from verify.audits.worker import Worker

    rows = {index: file for index, file in enumerate(files) if isinstance(file, Row)}
    tasks = [(index, file) for index, file in enumerate(files) if isinstance(file, str)][::-1]
    idle: list[Worker] = []
    busy: list[Worker] = []
    try:
        for index in range(len(files)):
            while index not in rows:
                while tasks and len(busy) < jobs:
                    busy.append(idle.pop() if idle else Worker())
                    busy[-1].give(*tasks.pop())
                ready = wait([w.connection for w in busy], min(w.left() for w in busy))
                for worker in [w for w in busy if w.connection in ready or not w.left()]:
                    busy.remove(worker)
                    rows[worker.index], alive = worker.take()
                    if alive:
                        idle.append(worker)
            yield rows.pop(index)
    finally:
        for worker in [*idle, *busy]:
            worker.stop()
