"""How long the hypotheses take, warm: python -m tests.benchmarks.bench_conditions."""

from __future__ import annotations

from functools import partial

from tests.benchmarks.clock import median
from tests.verify.conditions_cases import CASES
from verify import Problem, check_conditions

REPEATS = 3


def main() -> None:
    """Print median, 95th percentile and maximum over the hand-written problems, by input dimension."""
    by_dimension: dict[int, list[tuple[float, str]]] = {}
    for case in CASES:
        table = dict(case.problem)
        label = f"{case.id}: target {table['target']}, density {table['density']}, loss {table['loss']}"
        by_dimension.setdefault(len(table["domain"]["variables"]), []).append(
            (median(partial(check_conditions, Problem(**table)), REPEATS), label)
        )
    for dimension, found in sorted(by_dimension.items()):
        found.sort()
        times = [t for t, _ in found]
        middle, late = times[len(times) // 2], times[int(0.95 * len(times))]
        print(f"{dimension}-D, {len(times)} problems: median {middle * 1e3:.1f} ms, 95% {late * 1e3:.0f} ms")
        print(f"     slowest {times[-1] * 1e3:.0f} ms: {found[-1][1]}")


if __name__ == "__main__":
    main()
