"""All mutants of all certificates of tests.auditor.bases: how many are rejected, how many are proved harmless.

    python -m tests.benchmarks.bench_mutants [BEGINNING OF A NAME]...

Ends with an AssertionError at the first mutant that is accepted and not proved harmless.
"""

from __future__ import annotations

import sys
import time
from collections import Counter

from tests.auditor.bases import BASES
from tests.auditor.mutants import mutants
from tests.auditor.test_mutants import outcomes


def main() -> None:
    total: Counter[str] = Counter()
    for name in [n for n in BASES if not sys.argv[1:] or n.startswith(tuple(sys.argv[1:]))]:
        start = time.perf_counter()
        document = BASES[name]()
        counts = outcomes(document, mutants(document))
        print(f"{name}: {dict(counts)}, {time.perf_counter() - start:.1f} s", flush=True)
        total += counts
    rejected = total["invalid"] + total["undecided"] + total["bad input"]
    print(
        f"{rejected} mutants rejected ({dict(total)}), as many again with a stale digest; all {total['valid']} accepted"
    )
    print("ones are proved harmless.")


if __name__ == "__main__":
    main()
