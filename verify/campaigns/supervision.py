"""One supervised process: a problem that hangs, dies or takes all memory costs that process, nothing else."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from verify.campaigns.outcome import Limits, Outcome
from verify.errors import InputError
from verify.processes import death

ATTEMPTS = 2
START_SECONDS = 120.0
_ROOT = Path(__file__).parent.parent.parent


class Stopped(Exception):  # noqa: N818 - not an error
    """The process was stopped from outside."""


class Supervised:
    """Runs problems one after another in a process of its own, which is started when it is needed."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._buffer = b""
        self._stopped = False

    def run(self, text: str) -> Outcome:
        """Return the outcome of the problem of a file's text.

        Raises Stopped after `stop`, InputError if no process can be started.
        """
        known = Outcome()
        for _ in range(ATTEMPTS):
            process = self._started()
            known = Outcome()
            deadline = time.monotonic() + self.limits.timeout
            try:
                self._send(process, {"text": text})
                while "outcome" in (message := self._receive(process, deadline)):
                    known = Outcome.from_mapping(message["outcome"])
                if known.failure == "memory":
                    self._end()
                return known
            except TimeoutError:
                self._end()
                return known.out_of_time(self.limits)
            except (BrokenPipeError, EOFError):
                code = self._end()
        reason = f"the process died {ATTEMPTS} times ({death(code)}), perhaps for lack of memory"
        return known.failed("crash", reason)

    def stop(self) -> None:
        """End the process, from any thread; a call of `run` that waits for it raises Stopped."""
        self._stopped = True
        process = self._process
        if process is not None:
            process.kill()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._stopped:
            raise Stopped
        if self._process is None:
            self._buffer = b""
            self._process = subprocess.Popen(
                [sys.executable, "-m", "verify.campaigns.worker", str(self.limits.timeout), str(self.limits.memory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is for the parent
            )
            try:
                self._receive(self._process, time.monotonic() + START_SECONDS)
            except (TimeoutError, EOFError):
                code = self._end()
                words = f"a process of the campaign cannot start ({death(code)}); what was finished is kept"
                raise InputError(words) from None
        return self._process

    def _end(self) -> int:
        """End the process and return its exit code."""
        process, self._process = self._process, None
        assert process is not None and process.stdin is not None and process.stdout is not None
        process.kill()
        process.stdout.close()
        code = process.wait()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        if self._stopped:
            raise Stopped
        return code

    def _send(self, process: subprocess.Popen[bytes], message: dict[str, Any]) -> None:
        assert process.stdin is not None
        process.stdin.write(json.dumps(message).encode() + b"\n")
        process.stdin.flush()

    def _receive(self, process: subprocess.Popen[bytes], deadline: float) -> dict[str, Any]:
        """Return the next message. Raises TimeoutError after the deadline, EOFError if the process ended."""
        assert process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._buffer:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise TimeoutError
                piece = os.read(process.stdout.fileno(), 1 << 16)
                if not piece:
                    raise EOFError
                self._buffer += piece
        line, _, self._buffer = self._buffer.partition(b"\n")
        return dict(json.loads(line))


def _environment() -> dict[str, str]:
    """Return the environment of the process: this package can be imported, and linear algebra uses one core."""
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**os.environ, **single, "PYTHONPATH": os.pathsep.join(paths)}
