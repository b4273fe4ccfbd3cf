"""From a winning network to the family it belongs to: the largest kappa up to which every member wins, with a proof.

Floating-point gains of single members propose how far the family goes and at what rate it wins; `gain(kappa) >= rate *
kappa` is then proved for all kappa of each stretch (exact.py, line.py, space.py). MATHEMATICS.md, sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import inf
from typing import Literal, Protocol

from proofs.ramp import stages
from proofs.ramp_family import RampFamily
from verify.choice.settings import simplest
from verify.choice.settled import anchors, settled_ramps
from verify.conditions.verdicts import Finding
from verify.domination import Domination
from verify.enclosure import Enclosure
from verify.expressions import tree
from verify.first_order import FirstOrder, first_order
from verify.gain import Piece, excess_integrals, pieces
from verify.integration import Deadline, Integrator
from verify.problem import Problem
from verify.ramp_families.exact import ExactGain
from verify.ramp_families.halving import Least
from verify.ramp_families.line import LineGain

MARKS = tuple(Fraction(i, 32) for i in (1, 2, 4, 8, 12, 16, 24, 32))
"""Ends of the stretches, as parts of the whole."""

SAMPLES = 24
RATES = 3  # that are tried, each half of the one before
RETREATS = 5
_MARGIN = Fraction(1, 64)
_KEPT = Fraction(3, 4), Fraction(1, 2)  # of the least rate that was sampled: on the line, and in more dimensions
_ROOM = Fraction(0), Fraction(1, 4)  # of the first rate: families are not followed to where they win by less


@dataclass(frozen=True)
class Stretch:
    """`gain(kappa) >= rate * kappa` for low < kappa <= high; rate > 0."""

    low: Fraction
    high: Fraction
    rate: Fraction


@dataclass(frozen=True)
class FamilyProof:
    """Whether every member of a family with 0 < kappa <= `kappa` beats the response; the cover proves it."""

    verdict: Literal["proved", "undecided"]
    reason: str
    family: RampFamily | None = None
    first_order: FirstOrder | None = None
    cover: tuple[Stretch, ...] = ()

    @property
    def kappa(self) -> Fraction | None:
        """The largest kappa of the family, that of the first ramp."""
        return self.cover[-1].high if self.cover else None

    @property
    def neurons(self) -> int:
        """How many neurons the members have (at most)."""
        assert self.family is not None
        construction = self.family.construction
        response = construction.response
        return len(response.terms) + len(response.jumps) + (construction.case == "active")


class _Gain(Protocol):
    """What proves rates for all kappas of an interval."""

    @property
    def cap(self) -> Fraction:
        """The largest kappa that is looked at."""
        ...

    def proves(self, low: Fraction, high: Fraction, rate: Fraction, deadline: Deadline) -> bool:
        """Whether `gain(kappa) >= rate * kappa` was shown for low < kappa <= high in time."""
        ...


def prove_family(
    found: Domination, findings: Sequence[Finding], *, kappa: Fraction | None = None, budget: float | None = 60.0
) -> FamilyProof:
    """Extend a domination to all thinner ramps in the same proportion, or to ramps without shift.

    `kappa` fixes the end of the family; otherwise it is searched for. `findings` are the verdicts on the hypotheses.
    """
    if found.verdict != "dominated" or found.construction is None:
        return FamilyProof("undecided", f"there is no winning network to begin with: {found.reason}")
    deadline = Deadline(budget)
    doubt: FamilyProof | None = None
    for family, own in _families(found):
        proof = _proved(found.problem, family, findings, kappa, own, deadline)
        if proof.verdict == "proved":
            return proof
        doubt = doubt or proof
    assert doubt is not None
    return doubt


def _families(found: Domination) -> Iterator[tuple[RampFamily, Fraction]]:
    """Yield the family of the network that was found, then that of ramps with no more shift than they need.

    With each its kappa in the network that was found.
    """
    assert found.construction is not None
    yield RampFamily.through(found.construction, found.ramps), found.ramps[0].kappa
    cells = [p.cell for p in pieces(found.problem)]
    count = len(found.construction.response.jumps)
    ramps = settled_ramps(found.construction, [Fraction(1)] * count, anchors(found.construction, cells))
    yield RampFamily.through(found.construction, ramps), found.ramps[0].kappa


def _proved(
    problem: Problem,
    family: RampFamily,
    findings: Sequence[Finding],
    kappa: Fraction | None,
    own: Fraction,
    deadline: Deadline,
) -> FamilyProof:
    limit = first_order(problem, family, findings, deadline, 6)
    doubt = FamilyProof("undecided", "", family, limit)

    def because(reason: str) -> FamilyProof:
        return FamilyProof("undecided", reason, doubt.family, doubt.first_order)

    if limit.value is not None and limit.value.upper < 0:
        return because("thin ramps with these shifts lose: the first-order gain is negative")
    if limit.value is not None and limit.value.lower <= 0:
        return because("the first-order gain is not positive: a higher order would have to decide")
    parts = [p for p in pieces(problem) if p.density != tree.ZERO]
    try:
        gain, bound = _gain(problem, family, parts, deadline)
        members = _Members(problem, family, parts, bound, limit.value, deadline)
        end = kappa or members.last_winner(max(gain.cap, own))
        for _ in range(1 if kappa else RETREATS):
            cover = _covered(gain, members, end, limit.value, deadline)
            if cover and (kappa is None or cover[-1].high == kappa):
                return FamilyProof("proved", "every member beats the response", family, limit, tuple(cover))
            if deadline.passed:
                return because("the budget ended before a cover was proved")
            end = simplest(end / 2, end / 8)
    except ArithmeticError as error:
        return because(str(error))
    return because(f"no rate of gain was proved on all of (0, {end}]" if kappa else "no interval (0, kappa] was proved")


def _gain(
    problem: Problem, family: RampFamily, parts: Sequence[Piece], deadline: Deadline
) -> tuple[_Gain, Least | None]:
    """Return what bounds gain / kappa; also for single members, where this is quicker than their integrals."""
    try:
        return ExactGain(problem, family, parts, deadline), None
    except ArithmeticError:
        if problem.domain.dimension == 1:
            return LineGain(problem, family, parts), None
    from verify.ramp_families.space import SpatialGain  # loads NumPy, which problems on the line do without

    spatial = SpatialGain(problem, family, parts, deadline)
    return spatial, spatial.least


class _Members:
    """Gains of single members, to propose rates by."""

    def __init__(
        self,
        problem: Problem,
        family: RampFamily,
        parts: Sequence[Piece],
        bound: Least | None,
        limit: Enclosure | None,
        deadline: Deadline,
    ) -> None:
        self.problem, self.family, self.parts, self.bound = problem, family, parts, bound
        self.integrator = Integrator(problem.variables, deadline)
        self.kept, room = _KEPT[problem.domain.dimension > 1], _ROOM[problem.domain.dimension > 1]
        self.least = room * limit.lower if limit is not None else Fraction(0)

    def rate(self, kappa: Fraction) -> Fraction:
        """Return about gain / kappa, from below."""
        if self.bound is not None and self.least > 0:
            return self.bound(kappa, kappa, self.least) or Fraction(0)
        responses = stages(self.family.construction, self.family.ramps(kappa))
        integrals = excess_integrals(self.problem, self.parts, responses[0], responses[-1])
        return self.integrator.enclose(integrals, 3).lower / kappa

    def last_winner(self, cap: Fraction) -> Fraction:
        """Return a simple kappa such that all samples below it win, at more than the least rate, near the largest."""
        good, bad = Fraction(0), cap
        for i in range(1, SAMPLES + 1):
            kappa = cap * Fraction(i, SAMPLES) ** 2
            if self.rate(kappa) <= self.least:
                bad = kappa
                break
            good = kappa
        while good < bad and bad - good > good * _MARGIN:
            middle = (good + bad) / 2
            good, bad = (middle, bad) if self.rate(middle) > self.least else (good, middle)
        wins_to_the_end = good == bad
        return simplest(cap * (1 - _MARGIN / 2), cap * _MARGIN / 2) if wins_to_the_end else _below(good)


def _below(kappa: Fraction) -> Fraction:
    """Return a simple number a little below."""
    return simplest(kappa * (1 - 2 * _MARGIN), kappa * _MARGIN)


def _covered(
    gain: _Gain, members: _Members, end: Fraction, limit: Enclosure | None, deadline: Deadline
) -> list[Stretch]:
    """Return stretches from 0 on with proved rates, as many as there are in time."""
    marks = [Fraction(0), *(end * mark for mark in MARKS)]
    before = limit.lower if limit is not None else members.rate(marks[1] / 1000)
    cover: list[Stretch] = []
    for low, high in pairwise(marks):
        after = members.rate(high)
        sampled = min(before, after, members.rate((low + high) / 2))
        rate = _proved_rate(gain, low, high, sampled * members.kept, deadline)
        if rate is None:
            break
        cover.append(Stretch(low, high, rate))
        before = after
    return cover


def _proved_rate(gain: _Gain, low: Fraction, high: Fraction, least: Fraction, deadline: Deadline) -> Fraction | None:
    """Return a simple rate that holds on a stretch, at most about a given one."""
    if least <= 0:
        return None
    share = Deadline(None if deadline.remaining == inf else deadline.remaining / 4)
    for i in range(RATES):
        rate = simplest(least / 2**i, least / 6 / 2**i)
        if gain.proves(low, high, rate, share):
            return rate
    return None
