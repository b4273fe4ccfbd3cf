"""Agreement of generator and auditor on random problems: certificates of the kinds that have random problems.

    python -m tests.benchmarks.bench_agreement line|plane|space [FIRST LAST [KIND...]]

KIND is domination, conditions (these two if none is given) or domination-family, which is slow. Prints the verdicts of
the audits, with the reasons of those that are not valid; the exit code is 1 if one is invalid. (A campaign of the same
generator audits domination, too, in supervised processes.)
"""

from __future__ import annotations

import json
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

from verify import Problem, certify, check_conditions
from verify.auditor import audit_text
from verify.campaigns.generator import generated
from verify.problem import parse_toml
from verify.ramp_families.document import family_document

_FEW = """
densities = ["1", "1", "1 + x**2"]
ranges = { a = ["-2", "2"] }
losses = [{ kind = "squared" }, { kind = "squared" }, { kind = "squared" }, { kind = "power", exponent = "4" }]
"""
SUITES = {
    "line": 'dimensions = [1]\ncount = 5000\nseed = 611\nwidths = [2, 6]\ndomains = ["box", "vertices", "gap"]',
    "plane": 'dimensions = [2]\ncount = 300\nseed = 612\nwidths = [2, 5]\ndomains = ["box", "vertices", "gap"]\n'
    'targets = ["x*y - {a}*x", "x**2 - {a}*y", "x**3 + y*x", "{a}*x + y**2/2", "sin({a}*x + y)", "exp(-x*y/4)"]' + _FEW,
    "space": 'dimensions = [3]\ncount = 20\nseed = 613\nwidths = [2, 3]\ndomains = ["box", "vertices"]\n'
    'targets = ["x*y*z", "x**2 - {a}*y + z", "z*y + {a}*x"]' + _FEW,
}


def documents(problem: Problem, kinds: list[str]) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """Yield kinds with certificates, or with the reason why there is none."""
    if "conditions" in kinds:
        yield "conditions", check_conditions(problem, budget=15).document()
    if not set(kinds) - {"conditions"}:
        return
    found = certify(problem, budget=60)
    if found.verdict != "dominated":
        yield "domination", f"{found.verdict}: {found.reason}"
        return
    if "domination" in kinds:
        yield "domination", found.document()
    if "domination-family" in kinds:
        family = found.family(budget=4)
        proved = family.verdict == "proved"
        yield "domination-family", family_document(found.result, family) if proved else f"{family.verdict}"


def main() -> int:
    name, *more = sys.argv[1:]
    first, last = (int(n) for n in more[:2] or (0, 10**6))
    suite = generated(tomllib.loads(f'name = "{name}"\n[generate]\n{SUITES[name]}'), name)
    counts: Counter[str] = Counter()
    start = time.perf_counter()
    for item in islice(suite.items(), first, last):
        for kind, document in documents(
            Problem.from_mapping(parse_toml(item.read())), more[2:] or ["domination", "conditions"]
        ):
            if isinstance(document, str):
                counts[f"{kind}: no certificate, {document}"] += 1
                continue
            found = audit_text(json.dumps(document))
            counts[f"{kind}: {found.verdict}" + ("" if found.verdict == "valid" else f", {found.reason[:70]}")] += 1
            if found.verdict == "invalid":
                print(f"{item.id} {kind}: {found.reason}", flush=True)
    for text, count in sorted(counts.items()):
        print(f"{count:6} {text}")
    print(f"{time.perf_counter() - start:.0f} s")
    return int(any(": invalid" in text for text in counts))


if __name__ == "__main__":
    sys.exit(main())
