"""The loss: joint continuity, strict convexity in y, attained minimum (MATHEMATICS.md, section 1, (H3) and (H4)).

The known losses by proof; what they ask of the target (0 < f < 1, f > 0) is decided on the closed set D.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from proofs.geometry.affine import Point
from verify.conditions import loss_expression
from verify.conditions.jumps import value_text
from verify.conditions.places import point_text
from verify.conditions.support import Support
from verify.conditions.verdicts import Finding
from verify.expressions import tree
from verify.expressions.demands import demands
from verify.expressions.points import UndefinedError, exact_value
from verify.expressions.tree import Expression
from verify.integration import Deadline
from verify.problem import Problem
from verify.signs.decide import Signs
from verify.signs.regions import as_mapping

CONTINUOUS, CONVEX, ATTAINS = "loss-continuous", "loss-strictly-convex", "loss-attains-minimum"
_CONTINUITY = {
    "squared": "(f, y) -> (y - f)^2 is a polynomial",
    "power": "(f, y) -> abs(y - f)^p is continuous for p >= 1",
    "absolute": "(f, y) -> abs(y - f) is continuous",
    "huber": "r^2/2 and delta (r - delta/2) agree at r = delta, and r = abs(y - f) is continuous",
    "logcosh": "(f, y) -> log cosh(y - f) is continuous, for cosh >= 1",
    "pinball": "the two branches are max(q (f - y), (1 - q)(y - f)), a maximum of continuous functions",
    "logistic": "(f, y) -> log(1 + e^y) - f y is continuous, for 1 + e^y > 0",
    "poisson": "(f, y) -> e^y - f y is continuous",
}
_STRICT = {
    "squared": "d^2L/dy^2 = 2 > 0",
    "logcosh": "d^2L/dy^2 = 1/cosh(y - f)^2 > 0",
    "logistic": "d^2L/dy^2 = e^y/(1 + e^y)^2 > 0",
    "poisson": "d^2L/dy^2 = e^y > 0",
}
_AT_TARGET = ("squared", "power", "absolute", "huber", "logcosh", "pinball")


@dataclass(frozen=True)
class LossChecker:
    """Checks the loss of one problem on its support; `defined` says that the target is known to be defined there."""

    problem: Problem
    support: Support
    deadline: Deadline
    defined: bool

    def findings(self) -> tuple[Finding, Finding, Finding]:
        """Return the verdicts on the three ids."""
        loss = self.problem.loss
        if loss.kind == "expression":
            return loss_expression.findings(self.problem, self.support, self.deadline)
        words = _CONTINUITY[loss.kind]
        reason = f"continuous in x, f and y: {words}"
        steps = (words, "with a continuous target (target-continuous) L(x, y) is then jointly continuous in x and y")
        continuous = Finding(CONTINUOUS, "holds", reason, steps=steps, proof={"rule": "known-loss"})
        return continuous, self._convex(), self._attains()

    def _convex(self) -> Finding:
        kind, parameter = self.problem.loss.kind, self.problem.loss.parameter
        if kind == "power" and parameter is not None and parameter > 1:
            words = f"r -> abs(r)^{parameter} is strictly convex: its derivative increases strictly"
            return Finding(CONVEX, "holds", words, steps=(words,), proof={"rule": "known-loss"})
        if kind in _STRICT:
            words = f"strictly convex in y: {_STRICT[kind]}"
            return Finding(CONVEX, "holds", words, steps=(words,), proof={"rule": "known-loss"})
        scale = parameter if kind == "huber" and parameter is not None else Fraction(1)
        steps = [scale * k for k in (1, 3, 2)]
        point, target = self._place()
        words = {
            "power": "abs(y - f) is affine on each side of f",
            "absolute": "abs(y - f) is affine on each side of f",
            "huber": "beyond delta the Huber loss is affine",
            "pinball": "the pinball loss is affine on each side of f",
        }[kind]
        reason = f"not strictly convex: {words}"
        if point is None:
            return Finding(CONVEX, "undecided", f"{reason}, but no point of D was found to show it at")
        q = 1 - parameter if kind == "pinball" and parameter is not None else Fraction(1)
        values = [scale * (s - scale / 2) if kind == "huber" else q * s for s in steps]
        outputs = [str(target + s) if target is not None else f"f + {s}" for s in steps]
        witness = {
            "point": [str(x) for x in point],
            "f": value_text(self.problem.target, point, self.problem.variables),
            "y": outputs[:2],
            "midpoint": outputs[2],
            "values": {"ends": [str(v) for v in values[:2]], "midpoint": str(values[2])},
        }
        shown = f"at x = {point_text(point)} the value at the midpoint of y = {outputs[0]} and {outputs[1]} is the mean"
        return Finding(CONVEX, "fails", reason, witness, (reason, shown), {"rule": "midpoint"})

    def _place(self) -> tuple[Point | None, Fraction | None]:
        """Return a point of P, preferably one where the target is rational and simple."""
        first: Point | None = None
        for part in self.support.parts:
            if part.point is None:
                continue
            first = part.point if first is None else first
            try:
                value = exact_value(self.problem.target, as_mapping(part.point, self.problem.variables))
            except UndefinedError:
                continue
            if value is not None:
                return part.point, value
        return first, None

    def _attains(self) -> Finding:
        kind = self.problem.loss.kind
        if kind in _AT_TARGET:
            words = "L >= 0 with L = 0 at y = f: the minimum is attained at the target"
            return Finding(ATTAINS, "holds", words, steps=(words,), proof={"rule": "known-loss"})
        target = self.problem.target
        if kind == "poisson":
            asked = [(target, "f > 0", "f <= 0: y -> e^y - f y increases strictly, its infimum lies at y -> -oo")]
            minimum = "y = log f"
        else:
            asked = [
                (target, "f > 0", "f <= 0: y -> log(1 + e^y) - f y increases strictly, its infimum lies at y -> -oo"),
                (
                    tree.difference(tree.ONE, target),
                    "f < 1",
                    "f >= 1: y -> log(1 + e^y) - f y decreases strictly, its infimum lies at y -> oo",
                ),
            ]
            minimum = "y = log(f/(1 - f))"
        return self._labels(asked, minimum)

    def _labels(self, asked: Sequence[tuple[Expression, str, str]], minimum: str) -> Finding:
        """Decide strict inequalities for the target on the closed set D."""
        steps: list[str] = []
        doubt: str | None = None
        for gap, words, fault in asked:
            for region in self.support.regions:
                found = Signs(region, self.support.variables, self.deadline).decide(gap, ">")
                if found.verdict is False and found.point is not None and self.support.carries([found.point]):
                    return self._bad_label(found.point, fault)
                if found.verdict is not True and doubt is None:
                    near = "" if found.point is None else f" near {point_text(_short(found.point))}"
                    doubt = f"whether {words} on all of D was not settled{near}"
            if doubt is None:
                steps.append(f"{words} on D, which is closed")
        if not self.defined and any(True for part in tree.walk(self.problem.target) for _ in demands(part)):
            doubt = doubt or "the target was not shown to be defined on all of D"
        if doubt is not None:
            return Finding(ATTAINS, "undecided", doubt, steps=tuple(steps))
        reason = f"{' and '.join(words for _, words, _ in asked)} on all of D: the minimum is attained at {minimum}"
        return Finding(ATTAINS, "holds", reason, steps=(*steps, reason), proof={"rule": "labels"})

    def _bad_label(self, point: Point, fault: str) -> Finding:
        value = value_text(self.problem.target, point, self.problem.variables)
        reason = f"at x = {point_text(point)} the label is f = {value}; {fault}"
        witness: Mapping[str, Any] = {"point": [str(x) for x in point], "f": value}
        return Finding(ATTAINS, "fails", reason, witness, (reason,), {"rule": "label"})


def _short(point: Point) -> Point:
    return tuple(x.limit_denominator(10**6) for x in point)
