"""The campaign itself: items that are not done yet go out, outcomes come in and are stored one by one."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from verify.campaigns.item import Item, Suite
from verify.campaigns.outcome import VERDICTS, Limits, Outcome
from verify.campaigns.store import Store
from verify.campaigns.suite import read_suite
from verify.errors import InputError

BATCH = 500
MAX_SECONDS = 10**6
MAX_MEGABYTES = 10**7


@dataclass
class Counts:
    """How many problems ended how; `reused` were done before. `inputs` counts the failures due to bad input.

    `others` counts results in the directory of problems that are not in the suite now; it is known at the end.
    """

    total: int
    verdicts: Counter[str] = field(default_factory=Counter)
    audits: Counter[str] = field(default_factory=Counter)
    reused: int = 0
    inputs: int = 0
    others: int = 0

    def add(self, verdict: str, failure: str, audit: str) -> None:
        """Count one problem."""
        self.verdicts[verdict] += 1
        self.inputs += failure == "input"
        if audit:
            self.audits[audit] += 1

    @property
    def done(self) -> int:
        """How many problems have an outcome."""
        return self.verdicts.total()

    def as_mapping(self) -> dict[str, Any]:
        """Return the keys of INTERFACE.md, and the verdicts of the audits."""
        return {
            "total": self.total,
            **{verdict.replace("-", "_"): self.verdicts[verdict] for verdict in VERDICTS},
            "reused": self.reused,
            "others": self.others,
            "audits": {v: self.audits[v] for v in ("valid", "invalid", "undecided")},
        }


Watcher = Callable[[Counts], None]
"""Is called whenever something is finished."""


def campaign(
    suite: str,
    out: str | os.PathLike[str],
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    timeout: float = 60.0,
    memory: int = 2048,
    watch: Watcher | None = None,
) -> Counts:
    """Check, certify and audit the problems of a suite, and keep the results in the directory `out`.

    What is there already is not done again. The work is done by `jobs` processes (one a core by default), or on the
    Dask cluster of a scheduler such as "tcp://127.0.0.1:8786". One problem may take `timeout` seconds and `memory`
    megabytes. Raises InputError for suites and directories that cannot be used; a problem that cannot be used is a row
    of the results.
    """
    limits = _limits(timeout, memory)
    directory = Path(out)
    chosen = read_suite(suite, directory)
    with Store(directory, chosen.identity) as store:
        run = _Run(chosen, store, limits, watch or (lambda counts: None))
        with closing(_outcomes(run.tasks(), limits, jobs, scheduler)) as finished:
            for item, outcome in finished:
                run.save(item, outcome)
        run.counts.others = store.count() - run.counts.done
    return run.counts


def _limits(timeout: float, memory: int) -> Limits:
    if not 0 < timeout <= MAX_SECONDS:
        raise InputError(f"expected at most {MAX_SECONDS} seconds, more than 0", key="--timeout")
    if not 0 < memory <= MAX_MEGABYTES:
        raise InputError(f"expected at most {MAX_MEGABYTES} megabytes, more than 0", key="--memory")
    return Limits(timeout, memory)


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _outcomes(
    tasks: Iterator[tuple[Item, str]], limits: Limits, jobs: int | None, scheduler: str | None
) -> Generator[tuple[Item, Outcome]]:
    if scheduler is not None:
        from verify.campaigns import cluster

        return cluster.outcomes(tasks, limits, scheduler)
    from verify.campaigns import pool

    return pool.outcomes(tasks, limits, jobs or _cores())


class _Run:
    def __init__(self, suite: Suite, store: Store, limits: Limits, watch: Watcher) -> None:
        self.suite, self.store, self.limits, self.watch = suite, store, limits, watch
        self.counts = Counts(suite.count)
        self.texts: dict[str, str] = {}
        watch(self.counts)

    def tasks(self) -> Iterator[tuple[Item, str]]:
        """Yield what is left to do; count what is done, and save what cannot be read."""
        items = self.suite.items()
        while batch := list(islice(items, BATCH)):
            known = self.store.verdicts(batch, self.limits)
            for item in batch:
                if item.id in known:
                    self.counts.add(*known[item.id])
                    self.counts.reused += 1
                    continue
                try:
                    text = item.read()
                except InputError as error:
                    self.save(item, Outcome().failed("input", error.message))
                    continue
                if item.generated:
                    self.texts[item.id] = text
                yield item, text
            self.watch(self.counts)

    def save(self, item: Item, outcome: Outcome) -> None:
        """Store one outcome; generated problems that were not dominated with their text."""
        text = self.texts.pop(item.id, None)
        finished = datetime.now(UTC).isoformat(timespec="seconds")
        self.store.save(item, outcome, self.limits, None if outcome.certificate else text, finished)
        self.counts.add(outcome.verdict, outcome.failure, outcome.audit or "")
        self.watch(self.counts)
