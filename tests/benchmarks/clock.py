"""The clock of the benchmarks."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def seconds(work: Callable[[], object]) -> float:
    """Return the time of one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median(work: Callable[[], object], runs: int) -> float:
    """Return the median time of a call in seconds, after a warm-up."""
    work()
    return statistics.median(seconds(work) for _ in range(runs))


def median_ms(work: Callable[[], object], runs: int = 41) -> float:
    """Return the same in milliseconds."""
    return 1000 * median(work, runs)
