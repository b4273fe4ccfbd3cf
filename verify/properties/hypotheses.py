"""Hypotheses: those that hold are recognised, those that are broken in a known way are refuted.

MATHEMATICS.md, sections 1 and 5.
"""

from __future__ import annotations

from verify.conditions import check_conditions
from verify.errors import InputError
from verify.properties.record import Example, Property, require
from verify.sampling.choices import Choices
from verify.sampling.functions import NOT_STRICT, broken_target, vanishing_density
from verify.sampling.problems import ANY, Mix, corners, problem_table

BUDGET = 30.0
BREAKS = ("nothing", "target", "density", "gap", "loss")
_BROKEN = {"target": "target-continuous", "density": "hyperplane", "gap": "hyperplane", "loss": "loss-strictly-convex"}


def _broken(choices: Choices) -> Example:
    kind = choices.pick(BREAKS)
    mix = {"gap": Mix(domains=("gap",)), "loss": Mix(losses=NOT_STRICT)}.get(kind, ANY)
    table = problem_table(choices, mix)
    notes = {"broken on purpose": kind}
    if kind == "target":
        found = broken_target(choices, corners(table["domain"]))
        table["target"] = {"expression": found.expression}
        return Example(table, (kind, found.is_undefined), notes)
    if kind == "density":
        table["density"] = {"expression": vanishing_density(choices, corners(table["domain"]))}
    return Example(table, (kind, False), notes)


def _recognised(example: Example) -> None:
    kind, undefined = example.choices
    try:
        found = check_conditions(example.problem, budget=BUDGET)
    except InputError:
        require(undefined, "the problem is refused")
        return
    if kind == "nothing":
        verdicts = {finding.id: finding.verdict for finding in found.findings}
        require(found.theorem == "applies", f"the theorem: {found.theorem}, {verdicts}")
        return
    broken = _BROKEN[kind]
    finding = found[broken]
    words = f"{broken} {finding.verdict}: {finding.reason}"
    require(finding.verdict != "holds" and found.theorem != "applies", words)
    if not undefined:  # whether the limit at a pole exists may be left open
        require(finding.verdict == "fails" and finding.witness is not None, words)


PROPERTIES = (
    Property(
        "hypotheses-recognised",
        "Hypotheses that hold are proved; one broken on purpose is refuted with a witness (at poles: not confirmed)",
        _broken,
        _recognised,
    ),
)
