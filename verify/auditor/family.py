"""The checks of a certificate of kind `domination-family` (docs/certificate.md, section 8).

Near the boundary {s = 0} of a jump, s = kappa w: the gain of its ramp divided by kappa is an integral over w and the
coordinates along the boundary in which kappa is no singularity any more. It is enclosed for all kappa in an interval at
once, 0 included; intervals on which that does not show enough are halved.
"""

from __future__ import annotations

from collections import deque
from fractions import Fraction
from typing import NamedTuple

from verify.auditor.affine import Affine
from verify.auditor.blowup import Blowup, Member, parts
from verify.auditor.certificate import Interval, Problem, Reader, Records
from verify.auditor.domination import check_dimension, check_problem
from verify.auditor.parametric import ParametricIntegral
from verify.auditor.responses import Jump, Response, reduced
from verify.auditor.verdicts import Effort, UndecidedError, at, require, settle, shown

MOST_HALVINGS = 40
REFINEMENTS = 4, 12, 24, 48  # of the cells, before an interval of kappas is halved
SMALL = Fraction(1, 1 << 40)  # of the largest kappa, for the limit


class Stretch(NamedTuple):
    """gain >= rate * kappa for low < kappa <= high."""

    low: Fraction
    high: Fraction
    rate: Fraction


class Claim(NamedTuple):
    """What is claimed."""

    dimension: int
    neurons: int
    kappa: Fraction
    first_order: Interval | None
    cover: list[Stretch]


def _member(side: Affine, jump: Affine, ratio: Fraction, shift: Affine, facing: str) -> Member:
    require(ratio > 0, f"ratio: {shown(ratio)} is not > 0")
    return Member(Jump(side, jump), ratio, shift, facing == "opposite")


KEYS = "response:response ramps:member* claim:claim"
RECORDS: Records = {
    "member": (_member, "where:where jump:affine ratio:exact shift:affine facing:same|opposite"),
    "claim": (Claim, "dimension:count neurons:count kappa:exact first_order:interval? cover:stretch*"),
    "stretch": (Stretch, "from:exact to:exact rate:exact"),
}


def check(effort: Effort, r: Reader, problem: Problem, response: Response, members: list[Member], claim: Claim) -> None:
    """Return if the certificate is valid; InvalidError or UndecidedError with the reason otherwise."""
    _check_form(problem, response, members, claim)
    _check_cover(claim)
    check_problem(problem, effort)
    loss = problem.loss
    settle(loss.kind != "expression" or loss.expression.total, "problem.loss: not seen to be defined everywhere")
    nodes = parts(effort, problem, response, members)
    if claim.first_order is not None:
        with at("claim.first_order"):
            _check_limit(nodes, claim.first_order, claim.kappa * SMALL, effort)
    for i, stretch in enumerate(claim.cover):
        with at(f"claim.cover[{i}]"):
            _check_stretch(nodes, stretch, effort)


def _check_form(problem: Problem, response: Response, members: list[Member], claim: Claim) -> None:
    """Every member of the family is a network of the claimed width that replaces every jump by a ramp."""
    own = reduced(response, problem.shapes)
    require(len(own.jumps) == len(response.jumps), "response: it is not reduced")
    require(bool(own.strict()), "response: it is not strict, no jump has multiplicity 2")
    check_dimension(problem, claim.dimension, own)
    require([m.jump for m in members] == response.strict(), "ramps: not those of the jumps of multiplicity 2, in order")
    turned = [m for m in members if m.opposite]
    # s/(2 kappa_k) + (e - J)/2 is what opposite neurons add to their ramp
    growing, constant = Affine(tuple(0 * g for g in response.affine.gradient), Fraction(0)), response.affine
    for m in turned:
        growing = growing.plus(m.jump.side, Fraction(1, 2 * m.ratio))
        constant = constant.plus(m.shift.plus(m.jump.jump, -1), Fraction(-1, 2))
    is_free = problem.architecture == "residual" or not (any(growing.gradient) or any(constant.gradient))
    neurons = len(response.jumps) + len(members) + (0 if is_free else 1)
    require(neurons == claim.neurons, f"claim.neurons: the networks have {neurons} neurons, not {claim.neurons}")
    require(neurons <= problem.width, f"claim.neurons: {neurons} neurons exceed the width {problem.width}")


def _check_cover(claim: Claim) -> None:
    """The stretches cover (0, kappa] without a gap, with positive rates."""
    reached = Fraction(0)
    for i, (low, high, rate) in enumerate(claim.cover):
        require(low == reached < high, f"claim.cover[{i}]: it does not begin at {shown(reached)} and go on")
        require(rate > 0, f"claim.cover[{i}].rate: {shown(rate)} is not > 0")
        reached = high
    require(reached == claim.kappa > 0, f"claim.kappa: the cover ends at {shown(reached)}, not at {shown(claim.kappa)}")


def _check_limit(nodes: Blowup, claimed: Interval, small: Fraction, effort: Effort) -> None:
    """gain / kappa lies in the claimed interval for 0 < kappa <= small."""
    width = claimed[1] - claimed[0] or abs(claimed[0]) * Fraction(1, 1 << 20) or Fraction(1, 1 << 64)
    integral = ParametricIntegral(effort, nodes.near, (Fraction(0), small), width * Fraction(1, 1 << 20))
    for shrink in (1, 16, 256):
        low, high = integral.enclosure(width * Fraction(1, 4 * shrink))
        require(low <= claimed[1] and claimed[0] <= high, f"it lies in [{shown(low)}, {shown(high)}]")
        if claimed[0] <= low and high <= claimed[1]:
            return
    raise UndecidedError(f"enclosed only in [{shown(low)}, {shown(high)}]")


def _check_stretch(nodes: Blowup, stretch: Stretch, effort: Effort) -> None:
    """gain >= rate * kappa on a stretch, halved where that does not show yet."""
    queue = deque([(stretch.low, stretch.high, MOST_HALVINGS)])
    while queue:  # the widest first: where the rate is not reached is then found early
        low, high, halvings = queue.popleft()
        found = nodes.away if low else nodes.near
        integral = ParametricIntegral(effort, found, (low, high), stretch.rate * Fraction(1, 1 << 10))
        least, largest = _refined(integral, stretch.rate)
        where = f"for {shown(low)} < kappa <= {shown(high)}"
        refuted = least is not None and largest < stretch.rate
        require(not refuted, f"the gain is at most {shown(largest)} kappa {where}")
        if least is None or least < stretch.rate:
            settle(halvings > 0, f"a gain of {shown(stretch.rate)} kappa is not seen {where}")
            ratio = Fraction(high, low) if low else Fraction(1)  # far apart: halved by their logarithms
            middle = Fraction(low + high, 2) if ratio < 4 else low * (1 << (int(ratio).bit_length() >> 1))
            queue += [(low, middle, halvings - 1), (middle, high, halvings - 1)]
        else:
            effort.progress()


def _refined(integral: ParametricIntegral, rate: Fraction) -> tuple[Fraction | None, Fraction]:
    """Bounds, from cells that are halved while that promises to show on which side of the rate they are."""
    least, largest = integral.bounds()
    for count in REFINEMENTS:
        if least is not None and not least < rate <= largest:
            break
        before = least
        for _ in range(count):
            integral.refine()
        least, largest = integral.bounds()
        if least is not None and before is not None and 2 * least < before + rate:
            break
    return least, largest
