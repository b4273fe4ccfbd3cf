"""The checks of a certificate of kind `conditions`, rule by rule (docs/certificate.md, section 5)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from verify.auditor import hyperplanes, hypotheses
from verify.auditor.certificate import Problem, Reader, Records
from verify.auditor.hypotheses import Setting
from verify.auditor.verdicts import Effort, UndecidedError, at, require

IDS = (
    "domain-compact", "density-continuous", "density-nonnegative", "hyperplane", "target-continuous",
    "loss-continuous", "loss-strictly-convex", "loss-attains-minimum",
)  # fmt: skip
Rule = Callable[[Setting, Any, str], None]
_DENSITY, _TARGET = partial(Setting.function, key="density"), partial(Setting.function, key="target")
_RULES: dict[tuple[str, str], dict[str, Rule]] = {
    ("domain-compact", "holds"): {"bounded-shape": hypotheses.nothing},
    ("density-continuous", "holds"): {
        "composition": partial(hypotheses.composition, choose=_DENSITY),
        "pasting": partial(hypotheses.pasting, choose=_DENSITY),
    },
    ("density-continuous", "fails"): {"jump": partial(hypotheses.jump, choose=_DENSITY)},
    ("target-continuous", "holds"): {
        "composition": partial(hypotheses.composition, choose=_TARGET),
        "pasting": partial(hypotheses.pasting, choose=_TARGET),
    },
    ("target-continuous", "fails"): {"jump": partial(hypotheses.jump, choose=_TARGET)},
    ("density-nonnegative", "holds"): {"nonnegative": hypotheses.nonnegative},
    ("density-nonnegative", "fails"): {
        "negative-value": hypotheses.negative_value,
        "zero-density": hypotheses.zero_density,
    },
    ("hyperplane", "holds"): {"interval": hyperplanes.interval, "convex": hyperplanes.convex},
    ("hyperplane", "fails"): {
        "gap": hyperplanes.gap,
        "zero": hyperplanes.zero,
        "separated": hyperplanes.separated,
        "one-sided-face": hyperplanes.one_sided_face,
    },
    ("loss-continuous", "holds"): {"known-loss": partial(hypotheses.known_loss, kinds=hypotheses.KNOWN)},
    ("loss-strictly-convex", "holds"): {"known-loss": hypotheses.strictly_convex},
    ("loss-strictly-convex", "fails"): {"known-loss": hypotheses.not_strictly_convex},
    ("loss-attains-minimum", "holds"): {
        "known-loss": partial(hypotheses.known_loss, kinds=hypotheses.AT_TARGET),
        "labels": hypotheses.labels,
    },
    ("loss-attains-minimum", "fails"): {"label": hypotheses.label},
}


class Entry(NamedTuple):
    """What is claimed of one hypothesis, and the rule with its data by which it is re-proved."""

    id: str
    verdict: str
    rule: str
    data: Any


KEYS = "claim:claim"
RECORDS: Records = {
    "claim": (lambda *both: both, "theorem:string conditions:entry*"),
    "entry": (Entry, "id:string verdict:holds|fails|undecided rule:string data:any"),
}


def check(effort: Effort, r: Reader, problem: Problem, claim: tuple[str, list[Entry]]) -> str:
    """Return what was re-proved, if that is every verdict claimed; InvalidError or UndecidedError otherwise."""
    theorem, entries = claim
    require([entry.id for entry in entries] == list(IDS), f"claim.conditions: expected {', '.join(IDS)}, in this order")
    verdicts = {entry.verdict for entry in entries}
    expected = "does-not-apply" if "fails" in verdicts else "undecided" if "undecided" in verdicts else "applies"
    require(theorem == expected, f"claim.theorem: the verdicts say {expected}")
    setting = Setting(problem, effort, r, {entry.id: entry.verdict for entry in entries})
    doubts = [doubt for i, entry in enumerate(entries) if (doubt := _check_entry(entry, i, setting)) is not None]
    if doubts:
        raise UndecidedError(doubts[0])
    claimed = sum(entry.verdict != "undecided" for entry in entries)
    return f"{claimed} of {len(entries)} verdicts are claimed, all were re-proved; the theorem: {theorem}"


def _check_entry(entry: Entry, index: int, setting: Setting) -> str | None:
    """Re-prove one entry; returns a doubt. An entry that says undecided claims nothing."""
    place = f"claim.conditions[{index}]"
    if entry.verdict == "undecided":
        require(entry.rule == "none", f"{place}.rule: expected none, for nothing is claimed")
    if entry.rule == "none":
        require(entry.data == {}, f"{place}.data: expected no data, for there is no rule")
    if entry.verdict == "undecided":
        return None
    if entry.rule == "none":
        return f"{place}: {entry.id} {entry.verdict} is stated without a rule, it was not re-proved"
    rules = _RULES.get((entry.id, entry.verdict), {})
    require(entry.rule in rules, f"{place}.rule: expected one of {', '.join(rules) or 'none'}")
    try:
        with at(place):
            rules[entry.rule](setting, entry.data, f"{place}.data")
    except UndecidedError as doubt:
        return str(doubt)
    return None
