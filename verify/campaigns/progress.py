"""A progress bar on standard error, if that is a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from verify.campaigns.drive import Counts, Watcher


@contextmanager
def progress_bar(label: str) -> Iterator[Watcher | None]:
    """Yield what shows the progress of a campaign: bar, rate, time left, verdicts; None where nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        TextColumn("{task.fields[verdicts]}"),
    )
    with Progress(*columns, console=Console(stderr=True), speed_estimate_period=60) as bar:
        task = bar.add_task(label, total=None, rate="", verdicts="")
        start = time.monotonic()

        def show(counts: Counts) -> None:
            fresh = counts.done - counts.reused
            rate = fresh / max(time.monotonic() - start, 1e-3)
            verdicts = ", ".join(f"{n} {verdict}" for verdict, n in sorted(counts.verdicts.items()))
            shown = f"{rate:.1f}/s" if fresh else ""
            bar.update(task, total=counts.total, completed=counts.done, rate=shown, verdicts=verdicts)

        yield show
