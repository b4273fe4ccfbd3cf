"""All hypotheses of the theorem on one concrete problem.

MATHEMATICS.md, sections 1 and 5; INTERFACE.md, `conditions`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import ctx

from proofs.geometry.affine import Point
from verify.certificates import as_text, write_text
from verify.conditions.certificate import conditions_document
from verify.conditions.continuity import Checker, Continuity
from verify.conditions.hyperplane import in_space
from verify.conditions.hyperplane_line import on_line
from verify.conditions.jumps import value_text
from verify.conditions.losses import LossChecker
from verify.conditions.nonnegative import decide_nonnegative
from verify.conditions.places import point_text
from verify.conditions.support import Part, Support, support_of
from verify.conditions.switches import has_steps
from verify.conditions.verdicts import IDS, Finding, Theorem, theorem
from verify.expressions.printing import text
from verify.integration import Deadline
from verify.problem import Problem
from verify.signs.decide import Signs
from verify.signs.regions import sign_at_point

PRECISION = 80


@dataclass(frozen=True)
class Conditions:
    """The verdicts on the eight hypotheses, in the order of INTERFACE.md."""

    problem: Problem
    findings: tuple[Finding, ...]
    support: Support

    @property
    def theorem(self) -> Theorem:
        """Whether the theorem applies: iff all hypotheses hold; it does not iff one fails."""
        return theorem(self.findings)

    def __getitem__(self, name: str) -> Finding:
        """Return the finding with an id."""
        return next(finding for finding in self.findings if finding.id == name)

    def answer(self) -> dict[str, Any]:
        """Return the JSON answer of `verify conditions` (INTERFACE.md)."""
        return {
            "problem": self.problem.name,
            "theorem": self.theorem,
            "conditions": [finding.document() for finding in self.findings],
        }

    def document(self) -> dict[str, Any]:
        """Return the certificate (docs/certificate.md, section 5). Raises InputError for domains with a restriction."""
        with ctx.workprec(PRECISION):
            return conditions_document(self.problem, self.support, self.findings, self.theorem)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the certificate, whole or not at all. Raises InputError where `document` does or writing fails."""
        write_text(path, as_text(self.document()))


def check_conditions(problem: Problem, *, budget: float | None = 60.0) -> Conditions:
    """Check every hypothesis of the theorem on a problem, within a budget of seconds.

    Each verdict is holds (proved), fails (with a witness) or undecided. Raises InputError where the problem's parts
    cannot be accepted.
    """
    deadline = Deadline(budget)
    with ctx.workprec(PRECISION):
        support = support_of(problem, deadline)
        return Conditions(problem, tuple(_findings(problem, support, deadline)), support)


def _findings(problem: Problem, support: Support, deadline: Deadline) -> list[Finding]:
    compact = _compact(problem)
    nonnegative = _nonnegative(problem, support, deadline)
    if not support.parts:
        empty = "D is empty: the density is 0 almost everywhere on the stated shape"
        later = [Finding(name, "undecided", empty) for name in IDS if name not in ("domain-compact", nonnegative.id)]
        return sorted([compact, nonnegative, *later], key=lambda finding: IDS.index(finding.id))
    density, density_checker = _continuity(problem, support, deadline, is_density=True)
    target, target_checker = _continuity(problem, support, deadline, is_density=False)
    plane = _hyperplane(problem, support, density, density_checker, nonnegative, deadline)
    defined = target.verdict == "holds" and not target_checker.extensions
    loss = LossChecker(problem, support, deadline, defined).findings()
    return [compact, density, nonnegative, plane, target, *loss]


def _compact(problem: Problem) -> Finding:
    kinds = problem.domain.specification
    shape = next(kind for kind in ("box", "vertices", "ball", "union") if kind in kinds)
    words = {
        "box": "a closed box is compact",
        "vertices": "a convex hull of finitely many points is compact",
        "ball": "a closed ball is compact",
        "union": "a finite union of closed boxes, hulls and balls is compact",
    }[shape]
    steps = (words, "D, the support of the density inside it, is closed: a closed subset of a compact set is compact")
    return Finding("domain-compact", "holds", words, steps=steps, proof={"rule": "bounded-shape"})


def _nonnegative(problem: Problem, support: Support, deadline: Deadline) -> Finding:
    name = "density-nonnegative"
    variables = problem.variables
    steps: list[str] = []
    doubt: str | None = None
    for part in support.parts:
        found = Signs(part.region, variables, deadline).decide(part.density, ">=")
        place = None if found.point is None or found.verdict is not False else _inside(found.point, part, problem)
        if place is not None:
            return _negative(problem, place, steps)
        if found.verdict is not True and doubt is None:
            near = "" if found.point is None else f" near {point_text(found.point)}"
            doubt = f"the density {text(part.density)} was not shown to be >= 0{near}"
        elif found.verdict:
            steps.append(f"{text(part.density)} >= 0 on a part of the stated shape")
    if not support.parts:
        reason = "the density is 0 almost everywhere on the stated shape: the measure is 0"
        witness = {"values": {"density": "0"}}
        return Finding(name, "fails", reason, witness, (reason,), {"rule": "zero-density"})
    if doubt is None and has_steps(problem.density):
        for region in support.shape:
            found = decide_nonnegative(problem.density, region, variables, deadline)
            if found.verdict is False and found.point is not None:
                return _negative(problem, found.point, steps)
            if found.verdict is not True:
                doubt = "the values of the density where it switches were not all shown to be >= 0"
    if doubt is not None:
        return Finding(name, "undecided", doubt, steps=tuple(steps))
    point = next((part.point for part in support.parts if part.point is not None), None)
    if point is None:
        return Finding(name, "undecided", "no point with a positive density was found", steps=tuple(steps))
    steps.append(f"it is > 0 at {point_text(point)}")
    reason = f"the density is >= 0, and > 0 at {point_text(point)}"
    return Finding(
        name, "holds", reason, steps=tuple(steps), proof={"rule": "nonnegative", "point": [*map(str, point)]}
    )


def _inside(point: Point, part: Part, problem: Problem) -> Point | None:
    """Return a point where the density is negative, near one where a part's formula is (on an edge it may not be)."""
    inner = next(part.region.samples(problem.variables), point)
    for k in (None, *range(1, 200)):
        weight = Fraction(0) if k is None else Fraction(1, 2**k)
        place = tuple(p + weight * (q - p) for p, q in zip(point, inner, strict=True))
        inside = k is None or part.region.inside(place, problem.variables)
        if inside and sign_at_point(problem.density, place, problem.variables) == -1:
            return place
    return None


def _negative(problem: Problem, point: Point, steps: Sequence[str]) -> Finding:
    value = value_text(problem.density, point, problem.variables)
    reason = f"the density is negative at {point_text(point)}: its value there is {value}"
    witness = {"point": [str(x) for x in point], "values": {"density": value}}
    return Finding("density-nonnegative", "fails", reason, witness, (*steps, reason), {"rule": "negative-value"})


def _continuity(problem: Problem, support: Support, deadline: Deadline, *, is_density: bool) -> tuple[Finding, Checker]:
    key, node = ("density", problem.density) if is_density else ("target", problem.target)
    checker = Checker(
        f"the {key}", problem.variables, deadline, support.carries, support.vanishing, is_density=is_density
    )
    found: Continuity = checker.check(node, support.regions)
    name = f"{key}-continuous"
    steps = tuple(checker.steps)
    if found.verdict is True:
        return Finding(name, "holds", found.reason, steps=steps, proof={"rule": "continuous"}), checker
    if found.verdict is False:
        return Finding(name, "fails", found.reason, found.witness, (*steps, found.reason)), checker
    return Finding(name, "undecided", found.reason, steps=steps), checker


def _hyperplane(
    problem: Problem,
    support: Support,
    density: Finding,
    checker: Checker,
    nonnegative: Finding,
    deadline: Deadline,
) -> Finding:
    if nonnegative.verdict == "fails":
        return Finding("hyperplane", "undecided", "the density is negative somewhere: D and P have no meaning")
    if support.doubt is not None:
        return Finding("hyperplane", "undecided", support.doubt)
    jumps = density.witness is not None and "switch" in density.witness
    if density.verdict == "undecided" or checker.extensions or (density.verdict == "fails" and not jumps):
        return Finding("hyperplane", "undecided", "the density was not shown to be defined on all of D")
    check: Callable[..., Finding] = on_line if problem.domain.dimension == 1 else in_space
    return check(support, problem.density, deadline)
