"""What the kinds about activations share: the standard problem, the activation in pieces, the claim about risks."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from verify.auditor.affine import intervals
from verify.auditor.certificate import Problem
from verify.auditor.grammar import parse
from verify.auditor.lines import Part, parts
from verify.auditor.verdicts import Effort, at, require

Cell = tuple[Fraction, Fraction]


class Claim(NamedTuple):
    """risk <= factor k**rate for 0 < k <= until, and upper bounds at single k."""

    neurons: int
    every_width: bool
    until: Fraction
    factor: Fraction
    rate: Fraction
    risks: list[tuple[Fraction, Fraction]]


def read_claim(*values: Any) -> Claim:
    """A claim with falling parameters in (0, until], and a rate > 0."""
    claim = Claim(*values)
    ks = [k for k, _ in claim.risks]
    falling = bool(ks) and all(k > later for k, later in pairwise(ks)) and 0 < ks[-1] <= ks[0] <= claim.until
    require(falling, "risks: expected falling parameters in (0, until]")
    require(claim.rate > 0 and claim.factor >= 0, "expected a rate > 0 and a factor >= 0")
    return claim


def activation(text: str, effort: Effort) -> list[Part]:
    """The activation in pieces on the line."""
    with at("activation"):
        return parts(effort, parse(text, ["x"]))


def check_standard(problem: Problem) -> None:
    """Squared loss, density 1, feedforward networks of width >= 1."""
    standard = problem.loss.kind == "squared" and problem.density.number == 1 and problem.width > 0
    feedforward = problem.architecture == "feedforward"
    require(standard and feedforward, "problem: expected squared loss, density 1, feedforward networks")


def interval(problem: Problem) -> Cell:
    """The domain, which must be one interval."""
    cells = intervals(problem.shapes) if len(problem.variables) == 1 and problem.restriction is None else []
    require(len(cells) == 1, "problem.domain: expected an interval, without restriction")
    return cells[0]


def require_relu(sigma: list[Part]) -> None:
    """InvalidError unless the activation is max(x, 0)."""
    zero, expected = Fraction(0), [[], [Fraction(0), Fraction(1)]]
    require([p.high for p in sigma] == [zero, None], "activation: expected max(x, 0)")
    require([p.node.polynomial for p in sigma] == expected, "activation: expected max(x, 0)")
