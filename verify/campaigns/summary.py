"""What the results of a campaign amount to, and their export."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from heapq import heappush, heappushpop
from typing import IO, Any

from verify.campaigns.outcome import VERDICTS
from verify.campaigns.store import COLUMNS

GROUPS = ("loss", "inputs", "case", "architecture", "dimension", "theorem", "audit")
MOST = 10


@dataclass
class Summary:
    """Counts of verdicts in all and by group, times, the slowest problems, and reasons with one problem each."""

    total: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    groups: dict[str, dict[str, Counter[str]]] = field(
        default_factory=lambda: {name: defaultdict(Counter) for name in GROUPS}
    )
    seconds: list[float] = field(default_factory=list)
    slowest: list[tuple[float, str]] = field(default_factory=list)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> Summary:
        """Read all rows once."""
        result = cls()
        for row in rows:
            result._add(row)
        result.seconds.sort()
        result.slowest.sort(reverse=True)
        return result

    def _add(self, row: Mapping[str, Any]) -> None:
        verdict = row["verdict"]
        self.total += 1
        self.verdicts[verdict] += 1
        for name in GROUPS:
            value = row[name]
            self.groups[name]["-" if value is None else str(value)][verdict] += 1
        seconds = float(row["seconds"] or 0.0)
        self.seconds.append(seconds)
        (heappush if len(self.slowest) < MOST else heappushpop)(self.slowest, (seconds, row["id"]))
        reason = None
        if verdict in ("undecided", "failed"):
            reason = (f"failed ({row['failure']})" if verdict == "failed" else verdict, row["reason"])
        elif row["audit"] in ("invalid", "undecided"):
            reason = (f"audit {row['audit']}", row["audit_reason"])
        if reason is not None:
            self.reasons[reason] += 1
            self.examples.setdefault(reason, row["id"])

    def quantile(self, part: float) -> float:
        """Return the time that this part of the problems did not exceed."""
        return self.seconds[round(part * (self.total - 1))] if self.seconds else 0.0

    @property
    def mean(self) -> float:
        """The mean time of a problem."""
        return sum(self.seconds) / max(1, self.total)

    def group(self, name: str) -> list[tuple[str, Counter[str]]]:
        """Return the counts by the values of a column, numbers in their order."""
        found = self.groups[name].items()
        return sorted(found, key=lambda entry: (int(entry[0]) if entry[0].isdigit() else -1, entry[0]))

    def document(self) -> dict[str, Any]:
        """Return the summary for programs."""
        return {
            "total": self.total,
            **_by_key(self.verdicts),
            "by": {name: {value: _by_key(counts) for value, counts in self.group(name)} for name in GROUPS},
            "seconds": {
                "sum": round(sum(self.seconds), 3),
                "mean": round(self.mean, 4),
                "median": round(self.quantile(0.5), 4),
                "p90": round(self.quantile(0.9), 4),
                "max": round(self.quantile(1.0), 4),
            },
            "slowest": [{"id": id, "seconds": round(seconds, 3)} for seconds, id in self.slowest],
            "reasons": [
                {"what": what, "reason": reason, "count": count, "example": self.examples[what, reason]}
                for (what, reason), count in self.reasons.most_common()
            ],
        }


def _by_key(counts: Counter[str]) -> dict[str, int]:
    return {verdict.replace("-", "_"): counts[verdict] for verdict in VERDICTS}


def write_csv(rows: Iterable[Mapping[str, Any]], stream: IO[str]) -> None:
    """Write all rows with a header line."""
    writer = csv.DictWriter(stream, [*COLUMNS, "seconds", "finished"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
