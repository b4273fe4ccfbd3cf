"""How long the hypotheses take, warm: python tests/benchmarks/bench_conditions.py."""

from __future__ import annotations

import statistics
import time
from typing import Any

from tests.verify.conditions_cases import CASES
from verify import Problem, check_conditions

REPEATS = 3


def seconds(table: dict[str, Any]) -> float:
    """Return the median time of a check."""
    problem = Problem(**table)
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        check_conditions(problem)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Print median, 95th percentile and maximum over the hand-written problems, by input dimension."""
    by_dimension: dict[int, list[tuple[float, str]]] = {}
    for case in CASES:
        table = dict(case.problem)
        label = f"{case.id}: target {table['target']}, density {table['density']}, loss {table['loss']}"
        by_dimension.setdefault(len(table["domain"]["variables"]), []).append((seconds(table), label))
    for dimension, found in sorted(by_dimension.items()):
        found.sort()
        times = [t for t, _ in found]
        middle, late = times[len(times) // 2], times[int(0.95 * len(times))]
        print(f"{dimension}-D, {len(times)} problems: median {middle * 1e3:.1f} ms, 95% {late * 1e3:.0f} ms")
        print(f"     slowest {times[-1] * 1e3:.0f} ms: {found[-1][1]}")


if __name__ == "__main__":
    main()
