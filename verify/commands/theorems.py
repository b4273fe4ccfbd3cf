"""`verify theorems [ID]`: the statements that this project rests on, and what checks each of them."""

from __future__ import annotations

from typing import Any

from proofs.theorems import Statement, statements
from verify.commands.answer import NO, YES, Answer, Table
from verify.errors import InputError


def run(id: str | None, check: bool) -> Answer:
    """List all statements or show one; `check` runs every step of what is listed."""
    chosen = [s for s in statements() if id is None or s.id == id]
    if not chosen:
        known = ", ".join(s.id for s in statements())
        raise InputError(f"no such statement; there are {known}", source=id or "")
    results = {s.id: s.check() for s in chosen} if check else {}
    failed = [(s, step.text, failure) for s in chosen for step, failure in results.get(s.id, ()) if failure]
    document: dict[str, Any] = {"theorems": [_document(s, results.get(s.id)) for s in chosen]}
    if check:
        document["verdict"] = "failed" if failed else "passed"
    words = _listing(chosen, results) if id is None else _page(chosen[0], results.get(chosen[0].id))
    if check:
        count = sum(len(steps) for steps in results.values())
        words += [f"\nFAILED: {s.id}: {text}: {why}" for s, text, why in failed]
        words.append(f"\n{count - len(failed)} of {count} steps hold by exact computation.")
    return Answer(document, NO if failed else YES, words)


_Results = tuple[tuple[Any, str], ...] | None


def _document(s: Statement, results: _Results) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"text": step.text, "kind": step.kind} for step in s.steps]
    for entry, (_, failure) in zip(steps, results or (), strict=False):
        entry["verdict"] = "failed" if failure else "passed"
        if failure:
            entry["reason"] = failure
    return {
        "id": s.id,
        "title": s.title,
        "status": s.status,
        "hypotheses": list(s.hypotheses),
        "claim": s.claim,
        "latex": s.latex,
        "reference": s.reference,
        "argument": s.argument,
        "uses": list(s.uses),
        "steps": steps,
    }


def _listing(chosen: list[Statement], results: dict[str, tuple[tuple[Any, str], ...]]) -> list[str | Table]:
    rows = []
    for s in chosen:
        steps = f"{len(s.steps)}"
        if s.id in results:
            steps = f"{sum(not failure for _, failure in results[s.id])}/{len(s.steps)} hold"
        rows.append((s.id, s.status, steps, s.title))
    return [
        Table(("id", "status", "steps", "statement"), rows),
        "\nderived: the steps prove it. argued: they prove its computable parts, the rest is the argument given.\n"
        "cited: only values are confirmed. Show one with: verify theorems ID",
    ]


def _page(s: Statement, results: _Results) -> list[str | Table]:
    words: list[str | Table] = [f"{s.title}  [{s.id}, {s.status}]", ""]
    words += [f"Given: {h}" for h in s.hypotheses]
    words += [f"Claim: {s.claim}", f"LaTeX: {s.latex}"]
    if s.argument:
        words.append(f"Argument: {s.argument}")
    kinds = {"zero": "= 0", "positive": "> 0", "true": "exact"}
    failures = [failure for _, failure in results] if results is not None else [None] * len(s.steps)
    verdicts = {None: "", "": "holds"}
    for number, (step, failure) in enumerate(zip(s.steps, failures, strict=True), start=1):
        words.append(f"Step {number} ({kinds[step.kind]}): {step.text}  {verdicts.get(failure, 'FAILS')}".rstrip())
    if s.uses:
        words.append(f"Uses: {', '.join(s.uses)}")
    words.append(f"Reference: {s.reference}")
    return words
