"""`verify properties [NAME...]`: the theorem and its lemmas on random problems."""

from __future__ import annotations

import os
from collections.abc import Sequence

from verify.commands.answer import NO, YES, Answer, Table
from verify.commands.progress import progress
from verify.errors import InputError


def run(names: Sequence[str], examples: int, seed: int, jobs: int | None) -> Answer:
    """Run the named properties, or all."""
    try:
        from verify.properties.run import run as run_properties
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        raise InputError("hypothesis is not installed; try: pip install 'relu-closure[properties]'") from None
    from verify.properties import properties

    known = {p.name: p for p in properties()}
    for name in names:
        if name not in known:
            raise InputError(f"no such property; there are {', '.join(known)}", key="NAME", source=name)
    chosen = [p for p in known.values() if not names or p.name in names]
    with progress("examples") as show:
        outcomes = run_properties(chosen, examples, seed, jobs or os.cpu_count() or 1, show)
    document = {
        "properties": [
            {
                "name": o.name,
                "claim": o.claim,
                "examples": o.examples,
                "verdict": "passed" if o.passed else "failed",
                "reason": o.reason,
                "counterexample": o.counterexample,
            }
            for o in outcomes
        ],
        "seed": seed,
    }
    rows = [(o.name, str(o.examples), "passed" if o.passed else "FAILED", o.claim) for o in outcomes]
    words: list[str | Table] = [Table(("property", "examples", "verdict", "claim"), rows)]
    for o in outcomes:
        if not o.passed:
            words += [f"\n{o.name}: {o.reason}", o.counterexample or "There is no problem file."]
    failed = sum(not o.passed for o in outcomes)
    words.append(f"\n{len(outcomes) - failed} of {len(outcomes)} properties passed (seed {seed}).")
    return Answer(document, NO if failed else YES, words)
