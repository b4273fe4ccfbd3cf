"""The checks of a certificate of kind `conditions`, rule by rule (docs/certificate.md, section 5)."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from verify.auditor import hypotheses
from verify.auditor.certificate import Problem, Reader, Records
from verify.auditor.hypotheses import Setting
from verify.auditor.verdicts import Effort, UndecidedError, at, postponed, require, settle

LINE, SPACE = True, False


class Rule(NamedTuple):
    """What checks a rule, the keys of its data, and whether it is for one variable or for more (None: for both)."""

    check: Callable[..., None]
    keys: str = ""
    on_line: bool | None = None


# Kinds of losses; by hypotheses.known_loss the power with exponent 1 is the loss `absolute`.
_AT_TARGET, _LABELS, _FLAT = ("squared", "power", "logcosh"), ("logistic", "poisson"), ("absolute", "huber", "pinball")
_SIDES = "above:point below:point"
_PASTING = Rule(hypotheses.pasting, "", LINE)
_JUMP = Rule(hypotheses.jump, "point:exact radius:exact", LINE)
_RULES = {  # of a hypothesis and a verdict
    "domain-compact holds bounded-shape": Rule(hypotheses.bounded_shape),
    "density-continuous holds composition": Rule(hypotheses.composition),
    "density-continuous holds pasting": _PASTING,
    "density-continuous fails jump": _JUMP,
    "density-nonnegative holds nonnegative": Rule(hypotheses.nonnegative, "point:point"),
    "density-nonnegative fails negative-value": Rule(hypotheses.negative_value, "point:point"),
    "density-nonnegative fails zero-density": Rule(hypotheses.zero_density),
    "hyperplane holds interval": Rule(hypotheses.interval, "lower:exact upper:exact", LINE),
    "hyperplane holds convex": Rule(hypotheses.convex),
    "hyperplane fails gap": Rule(hypotheses.gap, f"point:exact radius:exact {_SIDES}", LINE),
    "hyperplane fails zero": Rule(hypotheses.zero, f"point:exact {_SIDES}", LINE),
    "hyperplane fails separated": Rule(hypotheses.separated, f"hyperplane:affine {_SIDES} apart:affine*", SPACE),
    "hyperplane fails one-sided-face": Rule(
        hypotheses.one_sided_face, f"hyperplane:affine point:point {_SIDES}", SPACE
    ),
    "target-continuous holds composition": Rule(hypotheses.composition),
    "target-continuous holds pasting": _PASTING,
    "target-continuous fails jump": _JUMP,
    "loss-continuous holds known-loss": Rule(partial(hypotheses.known_loss, _AT_TARGET + _LABELS + _FLAT)),
    "loss-strictly-convex holds known-loss": Rule(partial(hypotheses.known_loss, _AT_TARGET + _LABELS)),
    "loss-strictly-convex fails known-loss": Rule(partial(hypotheses.known_loss, _FLAT), "point:point"),
    "loss-attains-minimum holds known-loss": Rule(partial(hypotheses.known_loss, _AT_TARGET + _FLAT)),
    "loss-attains-minimum holds labels": Rule(hypotheses.labels),
    "loss-attains-minimum fails label": Rule(hypotheses.label, "point:point"),
}
IDS = list(dict.fromkeys(name.split()[0] for name in _RULES))


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
    require([entry.id for entry in entries] == IDS, f"claim.conditions: expected {', '.join(IDS)}, in this order")
    verdicts = {entry.id: entry.verdict for entry in entries}
    found = set(verdicts.values())
    expected = "does-not-apply" if "fails" in found else "undecided" if "undecided" in found else "applies"
    require(theorem == expected, f"claim.theorem: the verdicts say {expected}")
    doubts: list[UndecidedError] = []
    for i, entry in enumerate(entries):
        function = problem.target if entry.id == "target-continuous" else problem.density
        setting = Setting(problem, effort, verdicts, function)
        with postponed(doubts), at(f"claim.conditions[{i}]"):
            _check_entry(entry, r, setting)
    if doubts:
        raise doubts[0]
    claimed = sum(entry.verdict != "undecided" for entry in entries)
    return f"{claimed} of {len(entries)} verdicts are claimed, all were re-proved; the theorem: {theorem}"


def _check_entry(entry: Entry, r: Reader, setting: Setting) -> None:
    """Re-prove one entry. One that says undecided claims nothing."""
    claims = entry.verdict != "undecided"
    require(claims or entry.rule == "none", "rule: expected none, for nothing is claimed")
    if entry.rule == "none":
        require(entry.data == {}, "data: expected no data, for there is no rule")
        settle(not claims, f"{entry.id} {entry.verdict} is stated without a rule, it was not re-proved")
        return
    claimed = f"{entry.id} {entry.verdict} "
    rules = [name.removeprefix(claimed) for name in _RULES if name.startswith(claimed)]
    require(entry.rule in rules, f"rule: expected one of {', '.join(rules) or 'none'}")
    check, keys, on_line = _RULES[claimed + entry.rule]
    values = r.record(entry.data, "data", keys)
    wanted = "one input variable" if on_line else "two and more input variables"
    require(on_line in (None, len(setting.problem.variables) == 1), f"this rule is for {wanted}")
    check(setting, *values)
