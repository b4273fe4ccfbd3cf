"""A progress bar on standard error, if that is a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Show(Protocol):
    """Shows how far things are; what was `reused` took no time. The note stands at the end of the line."""

    def __call__(self, done: int, total: int, *, reused: int = 0, note: str = "") -> None:
        """Show it."""


@contextmanager
def progress(label: str, *, wanted: bool = True) -> Iterator[Show]:
    """Yield what shows progress: a bar, the rate, the time left; nothing where nobody looks, or if it is not wanted."""
    if not (wanted and sys.stderr.isatty()):
        yield lambda done, total, *, reused=0, note="": None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=Console(stderr=True), speed_estimate_period=60) as bar:
        task = bar.add_task(label, total=None, rate="", note="")
        start = time.monotonic()

        def show(done: int, total: int, *, reused: int = 0, note: str = "") -> None:
            rate = (done - reused) / max(time.monotonic() - start, 1e-3)
            bar.update(task, total=total, completed=done, rate=f"{rate:.1f}/s" if done > reused else "", note=note)

        yield show
