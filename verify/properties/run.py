"""Running properties with hypothesis: reproducible from a seed, in as many processes as wanted.

The examples of a property are split into chunks of a fixed size, each with a seed of its own and in a fresh process:
neither the number of processes nor what ran before changes what is drawn (hypothesis also draws constants of the
modules that are loaded).
"""

from __future__ import annotations

import hashlib
import multiprocessing
import signal
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import seed as seeded
from hypothesis.configuration import set_hypothesis_home_dir

from verify.errors import InputError
from verify.properties import properties
from verify.properties.record import Example, Property, RefutedError
from verify.strategies import built

CHUNK = 250


@dataclass(frozen=True)
class Outcome:
    """What came of a property: `counterexample` is the text of a problem file, None if it passed.

    `examples` counts those up to the first failure.
    """

    name: str
    claim: str
    examples: int
    reason: str = ""
    counterexample: str | None = None

    @property
    def passed(self) -> bool:
        """Whether no example contradicted it."""
        return not self.reason


Watcher = Callable[[int, int], None]
"""Is called with the number of examples that are done, and that there are."""


def run(
    chosen: Sequence[Property], examples: int, seed: int, jobs: int, watch: Watcher = lambda done, total: None
) -> list[Outcome]:
    """Run properties on so many random examples each; the outcomes are in the order of the properties.

    Raises InputError if a process dies, which no example should bring about.
    """
    total = examples * len(chosen)
    tasks = [(p.name, first) for p in chosen for first in range(0, examples, CHUNK)]
    done: dict[tuple[str, int], Outcome] = {}
    executor = _executor(jobs)
    try:
        futures: dict[Future[Outcome], tuple[str, int]] = {
            executor.submit(chunk, name, first, min(CHUNK, examples - first), seed): (name, first)
            for name, first in tasks
        }
        watch(0, total)
        finished = 0
        for future in as_completed(futures):
            name, first = futures[future]
            done[name, first] = future.result()
            finished += min(CHUNK, examples - first)
            watch(finished, total)
    except BrokenProcessPool:
        words = f"a process died during {name} (examples from {first}), perhaps for lack of memory; try fewer --jobs"
        raise InputError(words) from None
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():
            child.kill()
        raise
    executor.shutdown()
    return [_together(p, [done[p.name, first] for first in range(0, examples, CHUNK)]) for p in chosen]


def chunk(name: str, first: int, examples: int, seed: int) -> Outcome:
    """Run one chunk of the examples of a property, which starts at the number `first`."""
    found = next(p for p in properties() if p.name == name)
    digest = hashlib.sha256(f"{seed}/{name}/{first}".encode()).digest()
    return run_here(found, examples, int.from_bytes(digest[:8]))


def run_here(found: Property, examples: int, seed: int) -> Outcome:
    """Run a property in this process."""
    tried = 0
    last: tuple[Example, Exception] | None = None

    @seeded(seed)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
        verbosity=Verbosity.quiet,
    )
    @given(built(found.build))
    def check(example: Example) -> None:
        nonlocal tried, last
        if last is None:
            tried += 1
        try:
            found.check(example)
        except Exception as error:
            last = example, error
            raise

    try:
        check()
    except Exception as error:
        if last is None:  # an example could not even be built
            return Outcome(found.name, found.claim, tried, f"while an example was built: {_words(error)}")
        example, fault = last
        reason = _words(fault)
        return Outcome(found.name, found.claim, tried, reason, example.file(found.name, reason))
    return Outcome(found.name, found.claim, tried)


def _words(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if isinstance(error, RefutedError) else f"{type(error).__name__}: {text}"


def _together(found: Property, parts: Sequence[Outcome]) -> Outcome:
    """Return the outcome of all chunks: the first that failed, or the sum of all."""
    tried = 0
    for part in parts:
        tried += part.examples
        if not part.passed:
            return Outcome(part.name, part.claim, tried, part.reason, part.counterexample)
    return Outcome(found.name, found.claim, tried)


def _executor(jobs: int) -> ProcessPoolExecutor:
    """Return processes that serve one chunk each; all start from the same modules."""
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload([__name__])
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, max_tasks_per_child=1)


def _start() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    # nothing is kept: whatever hypothesis notes down does not belong in the user's folder
    set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "relu-closure-hypothesis")
