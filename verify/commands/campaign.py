"""`verify campaign SUITE --out DIR` and `verify campaign show DIR`: many problems, and what came out."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from verify.campaigns import Counts, campaign
from verify.campaigns.outcome import VERDICTS
from verify.campaigns.store import rows
from verify.campaigns.summary import GROUPS, Summary, write_csv
from verify.commands.answer import BAD_INPUT, NO, UNDECIDED, YES, Answer, Table
from verify.commands.progress import progress
from verify.errors import InputError
from verify.shipped import resolve


def run(suite: str, out: str, jobs: int | None, scheduler: str | None, timeout: float, memory: int) -> Answer:
    """Run what is left of a campaign."""
    if jobs is not None and scheduler is not None:
        raise InputError("goes with local processes only, not with --scheduler", key="--jobs")
    if scheduler is not None:
        _silence_dask()
    name = str(resolve(suite, "campaign"))
    with progress(suite) as show:

        def watch(counts: Counts) -> None:
            note = ", ".join(f"{n} {verdict}" for verdict, n in sorted(counts.verdicts.items()))
            show(counts.done, counts.total, reused=counts.reused, note=note)

        counts = campaign(name, out, jobs=jobs, scheduler=scheduler, timeout=timeout, memory=memory, watch=watch)
    words = [_sentence(counts), f"Results are in {out}; look at them with: verify campaign show {out}"]
    return Answer({**counts.as_mapping(), "out": out}, _exit_code(counts), words)


def show(directory: str) -> Answer:
    """Sum up the results of a campaign."""
    summary = Summary.of(rows(Path(directory)))
    return Answer(summary.document(), YES, _words(summary))


def export(directory: str) -> None:
    """Write the results of a campaign as CSV to standard output."""
    write_csv(rows(Path(directory)), sys.stdout)


def _silence_dask() -> None:
    """Keep the log of Dask's client off standard error; what matters arrives as an exception."""
    from verify.campaigns import cluster  # noqa: F401 - its import sets the loggers up

    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _exit_code(counts: Counts) -> int:
    """Return the first of 2, 1, 3, 0 that occurs; a failure that is not due to bad input leaves it undecided."""
    verdicts, audits = counts.verdicts, counts.audits
    if counts.inputs:
        return BAD_INPUT
    if verdicts["not-dominated"] or audits["invalid"]:
        return NO
    return UNDECIDED if verdicts["undecided"] or verdicts["failed"] or audits["undecided"] else YES


def _sentence(counts: Counts) -> str:
    parts = [f"{counts.verdicts[v]} {v}" for v in VERDICTS if counts.verdicts[v]]
    audits = [f"{n} {verdict}" for verdict, n in sorted(counts.audits.items())]
    reused = f" ({counts.reused} of them done before)" if counts.reused else ""
    others = f" {counts.others} results of problems that are not in the suite are kept." if counts.others else ""
    shown = f"{counts.done} of {counts.total} problems{reused}: {', '.join(parts)}. Audits: {', '.join(audits) or '-'}."
    return shown + others


def _words(summary: Summary) -> list[str | Table]:
    if not summary.total:
        return ["No problem is finished yet."]
    rows_of_groups = [
        (name if index == 0 else "", value, *(str(counts[v] or "") for v in VERDICTS))
        for name in GROUPS
        for index, (value, counts) in enumerate(summary.group(name))
    ]
    parts = [f"{summary.verdicts[v]} {v}" for v in VERDICTS if summary.verdicts[v]]
    words: list[str | Table] = [
        f"{summary.total} problems: {', '.join(parts)}.\n",
        Table(("by", "", *VERDICTS), rows_of_groups),
        f"\nSeconds a problem: {summary.mean:.3f} on average, half below {summary.quantile(0.5):.3f}, "
        f"90 % below {summary.quantile(0.9):.3f}; {sum(summary.seconds):.1f} in all.\n",
        Table(("slowest", "seconds"), [(id, f"{seconds:.2f}") for seconds, id in summary.slowest]),
    ]
    if summary.reasons:
        entries = [
            (what, str(count), summary.examples[what, reason], reason)
            for (what, reason), count in summary.reasons.most_common(20)
        ]
        words += ["", Table(("what", "count", "for example", "reason"), entries)]
    return words
