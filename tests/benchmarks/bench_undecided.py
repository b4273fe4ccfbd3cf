"""How often `certify` and `audit` leave a random problem undecided. Run: python -m tests.benchmarks.bench_undecided

Random problems that satisfy the hypotheses (all cases of section 3; boxes and hulls, or `--shape ball`), for each
loss and each input dimension: certify within a budget, audit every certificate, and print a table of what stays
undecided, and why. Arguments: problems a cell of the table (default 10), seconds for each problem (10), dimensions
(1 2 3), a seed (0).
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

from verify import Problem, audit, certify
from verify.sampling.choices import SeededChoices
from verify.sampling.functions import NOT_STRICT, STRICT
from verify.sampling.geometry import CONVEX, SHAPES
from verify.sampling.problems import Mix, accepts, problem_table


@dataclass(frozen=True)
class Outcome:
    """What became of one problem."""

    verdict: str
    reason: str
    audited: str
    doubt: str
    seconds: tuple[float, float]


def outcome(job: tuple[dict[str, Any], float, bool]) -> Outcome:
    """Certify and audit one problem."""
    table, budget, audited = job
    began = time.perf_counter()
    found = certify(Problem.from_mapping(table), budget=budget)
    middle = time.perf_counter()
    if found.verdict != "dominated" or not audited:
        return Outcome(found.verdict, found.reason, "", "", (middle - began, 0.0))
    verdict = audit(found)
    return Outcome(found.verdict, "", verdict.verdict, verdict.reason, (middle - began, time.perf_counter() - middle))


def label(loss: dict[str, Any]) -> str:
    """Return a short name of a loss."""
    parameter = loss.get("exponent") or loss.get("delta") or loss.get("level")
    return f"{loss['kind']} {parameter}" if parameter else str(loss["kind"])


def main() -> None:
    """Print the table, then the reasons."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--budget", type=float, default=10.0)
    parser.add_argument("--dimensions", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--losses", nargs="+", help="only these kinds")
    parser.add_argument("--shape", nargs="+", default=CONVEX, choices=SHAPES, help="kinds of domains")
    parser.add_argument("--no-audit", action="store_true", help="certify only")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--problems", action="store_true", help="print the problems that stay undecided, as JSON")
    options = parser.parse_args()
    keys: list[tuple[str, int]] = []
    jobs: list[tuple[dict[str, Any], float, bool]] = []
    for loss in (*STRICT, *NOT_STRICT):
        for n in options.dimensions:
            if not accepts(loss, n) or (options.losses and loss["kind"] not in options.losses):
                continue
            mix = Mix(dimensions=(n,), losses=(loss,), domains=options.shape)
            for i in range(options.count):
                choices = SeededChoices(f"{options.seed} {label(loss)} {n} {i}")
                keys.append((label(loss), n))
                jobs.append(
                    (problem_table(choices, mix, f"{label(loss)} {n} {i}"), options.budget, not options.no_audit)
                )
    with ProcessPoolExecutor(options.jobs) as pool:
        results = list(pool.map(outcome, jobs))
    print(
        "loss             n  problems  undecided     rate  audit undecided  invalid  seconds (certify, audit; longest)"
    )
    for key in dict.fromkeys(keys):
        row = [r for k, r in zip(keys, results, strict=True) if k == key]
        undecided = sum(r.verdict == "undecided" for r in row)
        audits = Counter(r.audited for r in row)
        longest = [max(r.seconds[i] for r in row) for i in (0, 1)]
        print(
            f"{key[0]:16} {key[1]} {len(row):9} {undecided:10} {undecided / len(row):8.1%} {audits['undecided']:16} "
            f"{audits['invalid']:8}  {longest[0]:8.1f} {longest[1]:8.1f}"
        )
    for (table, _, audited), result in zip(jobs, results, strict=True):
        if result.verdict != "dominated" or (audited and result.audited != "valid"):
            where = "certify" if result.verdict != "dominated" else "audit"
            words = result.reason if where == "certify" else f"{result.audited}, {result.doubt}"
            print(f"{table['name']}: {where}: {result.verdict if where == 'certify' else ''} {words}")
            if options.problems:
                print("   ", json.dumps(table))


if __name__ == "__main__":
    main()
