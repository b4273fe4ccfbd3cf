"""`verify conditions PROBLEM`: the hypotheses of the theorem, one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verify.commands.answer import NO, UNDECIDED, YES, Answer, Table
from verify.conditions import IDS, Conditions, Finding, check_conditions
from verify.errors import InputError
from verify.problem import Problem
from verify.shipped import resolve

_EXIT = {"applies": YES, "does-not-apply": NO, "undecided": UNDECIDED}
_SENTENCE = {
    "applies": "THE THEOREM APPLIES: every hypothesis holds, so a network of minimal risk exists.",
    "does-not-apply": "THE THEOREM DOES NOT APPLY: a hypothesis fails. (The theorem is silent; nothing is refuted.)",
    "undecided": "UNDECIDED: no hypothesis was shown to fail, but not all were proved.",
}


def run(problem: str, output: str | None, explain: str | None, budget: float) -> Answer:
    """Check one problem; writes a certificate of the verdicts to `output`; `explain` names one id to spell out."""
    if explain is not None and explain not in IDS:
        raise InputError(f"{explain!r} is no hypothesis; expected one of {', '.join(IDS)}", key="--explain")
    found = check_conditions(Problem.from_toml(resolve(problem)), budget=budget)
    words = _words(found) if explain is None else _explanation(found[explain])
    saved = None
    if output is not None and found.problem.domain.restriction is not None:
        words.append("No certificate was written: there is none yet for a domain with a restriction.")
    elif output is not None:
        found.save(output)
        saved = output
        words.append(f"Certificate written to {output}; check it with: verify audit {output}")
        bare = _without_rule(found)
        if bare:
            words.append(f"The audit will be undecided: no rule re-proves the verdict on {', '.join(bare)}.")
    return Answer(found.answer() | {"certificate": saved}, _EXIT[found.theorem], words)


def _without_rule(found: Conditions) -> list[str]:
    """Return the ids of verdicts that are stated in the certificate without a rule by which they are re-proved."""
    entries = found.document()["claim"]["conditions"]
    return [e["id"] for e in entries if e["verdict"] != "undecided" and e["rule"] == "none"]


def _words(found: Conditions) -> list[str | Table]:
    rows = [(finding.id, finding.verdict.upper(), finding.reason) for finding in found.findings]
    words: list[str | Table] = [_SENTENCE[found.theorem], "", Table(("hypothesis", "verdict", "reason"), rows)]
    for finding in found.findings:
        if finding.witness is not None:
            words.append(f"\nwitness for {finding.id}: {_shown(finding.witness)}")
    words.append("\nAdd --explain HYPOTHESIS for the reasoning step by step.")
    return words


def _explanation(finding: Finding) -> list[str | Table]:
    words: list[str | Table] = [f"{finding.id}: {finding.verdict.upper()}", f"  {finding.reason}"]
    if finding.steps:
        words += ["", *(f"  {number}. {step}" for number, step in enumerate(finding.steps, 1))]
    if finding.witness is not None:
        words += ["", f"  witness: {_shown(finding.witness)}"]
    return words


def _shown(value: Any) -> str:
    """Return a witness in words: keys in the order given, lists in brackets."""
    if isinstance(value, Mapping):
        if set(value) == {"lower", "upper"}:
            return f"[{value['lower']}, {value['upper']}]"
        return ", ".join(f"{key} {_inner(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return f"({', '.join(_shown(part) for part in value)})"
    return str(value)


def _inner(part: Any) -> str:
    nested = isinstance(part, Mapping) and set(part) != {"lower", "upper"}
    return f"({_shown(part)})" if nested else _shown(part)
