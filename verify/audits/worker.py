"""One process that audits files: a file that kills it, takes all memory or never ends costs that process only."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection

from verify.audits.row import Row, audited_file
from verify.processes import death, limit_memory

SECONDS = 180.0
"""For one file; the auditor's own limit, which it cannot always look at in time, is half of it."""
MEGABYTES = 1024
"""What one process may take beyond its size at the start."""


class Worker:
    """A process and the file it is at."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, inner = context.Pipe()
        self._process = context.Process(target=_serve, args=(inner, MEGABYTES), daemon=True)
        with _without_interrupts():
            self._process.start()
        inner.close()
        self.index = -1
        self._path = ""
        self._deadline = 0.0

    def give(self, index: int, path: str) -> None:
        """Let it audit the file that is number `index` of all."""
        self.index, self._path, self._deadline = index, path, time.monotonic() + SECONDS
        with contextlib.suppress(OSError):  # it died meanwhile: `take` will notice
            self.connection.send(path)

    def left(self) -> float:
        """Return the seconds until its file has taken too long."""
        return max(0.0, self._deadline - time.monotonic())

    def take(self) -> tuple[Row, bool]:
        """Return the row of its file, once the connection is ready or no time is left, and whether it still lives."""
        if not self.connection.poll():
            self.stop()
            return Row(self._path, "", "undecided", f"stopped after {SECONDS:g} seconds"), False
        try:
            row: Row = self.connection.recv()
        except (EOFError, OSError):
            self._process.join(1)  # it has ended, or is about to
            return Row(self._path, "", "undecided", f"the auditor's process died ({death(self.stop())})"), False
        return row, True

    def stop(self) -> int:
        """End the process and return its exit code."""
        self._process.kill()
        self._process.join()
        self.connection.close()
        return self._process.exitcode or 0


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Start processes that Ctrl-C does not reach: they inherit the mask, and the parent ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(connection: Connection, megabytes: int) -> None:
    """Audit files until the other end of the connection is closed."""
    limit_memory(megabytes)
    with contextlib.suppress(EOFError, OSError):
        while True:
            connection.send(audited_file(str(connection.recv())))
