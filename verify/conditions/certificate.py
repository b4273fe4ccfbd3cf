"""The certificate of the verdicts (docs/certificate.md, section 5): which rule re-proves which, with what data.

A verdict for which there is no rule is stated with the rule `none`: an auditor then leaves the certificate undecided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from proofs.geometry.affine import Affine, Point
from proofs.geometry.separation import separating
from verify.certificates import sealed
from verify.conditions.support import Support
from verify.conditions.switches import has_steps
from verify.conditions.verdicts import Finding
from verify.errors import InputError
from verify.expressions.algebra import affine_expression, parse_affine
from verify.expressions.printing import text
from verify.problem import Problem
from verify.signs.regions import sign_at_point

Rule = tuple[str, dict[str, Any]]
NONE: Rule = ("none", {})
_KNOWN: Rule = ("known-loss", {})
_RADII = tuple(Fraction(1, 2**k) for k in (3, 6, 10, 20))


def conditions_document(
    problem: Problem, support: Support, findings: Sequence[Finding], theorem: str
) -> dict[str, Any]:
    """Return the certificate of some findings. Raises InputError for a domain with a restriction."""
    if problem.domain.restriction is not None:
        raise InputError("there is no certificate for a domain with a restriction yet", key="domain.restriction")
    writer = _Writer(problem, support, {finding.id: finding for finding in findings})
    entries = []
    for finding in findings:
        rule, data = NONE if finding.verdict == "undecided" else writer.rule(finding)
        entries.append({"id": finding.id, "verdict": finding.verdict, "rule": rule, "data": data})
    body = {"problem": dict(problem.specification), "claim": {"theorem": theorem, "conditions": entries}}
    return sealed("conditions", body)


class _Writer:
    def __init__(self, problem: Problem, support: Support, findings: Mapping[str, Finding]) -> None:
        self.problem, self.support, self.findings = problem, support, findings
        self.variables = problem.variables
        self.on_line = problem.domain.dimension == 1

    def rule(self, finding: Finding) -> Rule:
        """Return the rule and data for a verdict that is claimed."""
        match finding.id:
            case "domain-compact":
                return "bounded-shape", {}
            case "density-continuous" | "target-continuous":
                return self._continuity(finding)
            case "density-nonnegative":
                return self._sign(finding)
            case "hyperplane":
                return self._hyperplane(finding)
            case _:
                return self._loss(finding)

    def _continuity(self, finding: Finding) -> Rule:
        node = self.problem.density if finding.id == "density-continuous" else self.problem.target
        if finding.verdict == "holds":
            if self.support.vanishing or "filling in" in finding.reason:
                return NONE
            if not has_steps(node):
                return "composition", {}
            return ("pasting", {}) if self.on_line else NONE
        witness = finding.witness or {}
        if not self.on_line or not isinstance(witness.get("values"), Mapping) or "switch" not in witness:
            return NONE
        point = _rational(witness.get("point"))
        radius = None if point is None else self._radius(point[0])
        return NONE if point is None or radius is None else ("jump", {"point": str(point[0]), "radius": str(radius)})

    def _radius(self, x: Fraction) -> Fraction | None:
        """Return a radius within which the density is > 0 on the stretches of the domain beside a point."""
        for radius in _RADII:
            near = [x - radius, x - radius / 2, x + radius / 2, x + radius]
            inside = [p for p in near if any(part.region.contains((p,), self.variables) for part in self.support.parts)]
            positive = all(sign_at_point(self.problem.density, (p,), self.variables) == 1 for p in inside)
            if inside and positive and len(inside) in (2, 4):
                return radius
        return None

    def _sign(self, finding: Finding) -> Rule:
        if finding.verdict == "fails":
            point = _rational((finding.witness or {}).get("point"))
            return ("zero-density", {}) if point is None else ("negative-value", {"point": _texts(point)})
        point = self._mass()
        defined = self.findings["density-continuous"].verdict == "holds"
        return ("nonnegative", {"point": _texts(point)}) if point is not None and defined else NONE

    def _mass(self, side: Affine | None = None) -> Point | None:
        """Return a point of P, on the positive side of a hyperplane."""
        for part in self.support.parts:
            candidates = [] if part.point is None else [part.point]
            for point in (*candidates, *part.region.samples(self.variables, 8 if len(self.variables) < 3 else 4)):
                if side is not None and side(point) <= 0:
                    continue
                if sign_at_point(self.problem.density, point, self.variables) == 1:
                    return point
        return None

    def _hyperplane(self, finding: Finding) -> Rule:
        if finding.verdict == "holds":
            if self.on_line:
                ends = [x for part in self.support.parts for x in part.region.box[0]]
                curved = any(part.region.constraints for part in self.support.parts)
                return NONE if curved else ("interval", {"lower": str(min(ends)), "upper": str(max(ends))})
            return ("convex", {}) if len(self.problem.domain.pieces) == 1 and not self.support.vanishing else NONE
        witness = finding.witness or {}
        try:
            wall = parse_affine(witness.get("hyperplane"), self.variables)
        except InputError:
            return NONE
        above, below = self._mass(wall), self._mass(-wall)
        if above is None or below is None:
            return NONE
        sides = {"above": _texts(above), "below": _texts(below)}
        if self.on_line:
            return self._missed_point(witness, sides)
        shown = {"hyperplane": text(affine_expression(wall, self.variables))}
        if witness.get("part") == "b":
            return "one-sided-face", {**shown, "point": list(witness["point"]), **sides}
        return "separated", {**shown, **sides, "apart": self._apart(wall)}

    def _missed_point(self, witness: Mapping[str, Any], sides: Mapping[str, Any]) -> Rule:
        point = _rational(witness.get("point"))
        if point is None:
            return NONE
        if "gap" not in witness.get("values", {}):
            return "zero", {"point": str(point[0]), **sides}
        ends = [_rational([end]) for end in witness["values"]["gap"]]
        if any(end is None for end in ends):
            return NONE
        radius = min(abs(point[0] - end[0]) for end in ends if end is not None)
        return "gap", {"point": str(point[0]), "radius": str(radius), **sides}

    def _apart(self, wall: Affine) -> list[str]:
        """Return functions that part the faces which polytopes on both sides have in a hyperplane."""
        faces: dict[int, list[list[Point]]] = {1: [], -1: []}
        for piece in self.problem.domain.pieces:
            sign, vertices = piece.sign_of(wall), getattr(piece, "vertices", ())
            face = [v for v in vertices if wall(v) == 0]
            if sign and len(face) >= wall.dimension:
                faces[sign].append(face)
        found = []
        pivot = next(i for i, g in enumerate(wall.gradient) if g)
        for one in faces[1]:
            for two in faces[-1]:
                flat = [[(*p[:pivot], *p[pivot + 1 :]) for p in face] for face in (one, two)]
                function = separating(*flat)
                if function is not None:
                    gradient = (*function.gradient[:pivot], Fraction(0), *function.gradient[pivot:])
                    whole = Affine(gradient, function.constant)
                    found.append(text(affine_expression(whole, self.variables)))
        return found

    def _loss(self, finding: Finding) -> Rule:
        kind = self.problem.loss.kind
        if kind == "expression":
            return NONE
        if finding.id == "loss-attains-minimum" and kind in ("logistic", "poisson"):
            if finding.verdict == "holds":
                return NONE if self.support.vanishing else ("labels", {})
            point = _rational((finding.witness or {}).get("point"))
            return NONE if point is None else ("label", {"point": _texts(point)})
        if finding.verdict == "fails":
            mass = self._mass()
            return NONE if mass is None else ("known-loss", {"point": _texts(mass)})
        return _KNOWN


def _texts(point: Sequence[Fraction]) -> list[str]:
    return [str(x) for x in point]


def _rational(point: Any) -> Point | None:
    """Return a witness's point if it is given exactly."""
    if not isinstance(point, list) or not all(isinstance(x, str) for x in point):
        return None
    return tuple(Fraction(x) for x in point)
