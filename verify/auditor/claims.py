"""Comparing the auditor's enclosures with the claimed intervals (docs/certificate.md, section 4.9)."""

from __future__ import annotations

from fractions import Fraction

from verify.auditor.certificate import Claim, Interval
from verify.auditor.integrate import Integral
from verify.auditor.verdicts import InvalidError, UndecidedError, shown

ROUNDS = 6


def check_claims(claim: Claim, risk: Integral, gains: list[Integral]) -> None:
    """Refine until every value is confirmed; InvalidError when one is refuted, UndecidedError after the last round."""
    if claim.gain[0] <= 0:
        raise InvalidError(f"claim.gain.lower: {shown(claim.gain[0])} is not > 0")
    for round_ in range(ROUNDS):
        tolerances = _tolerances(claim, round_)
        each = [gain.enclosure(t) for gain, t in zip(gains, tolerances[1:], strict=True)]
        gain = _sum(each)
        whole = risk.enclosure(tolerances[0])
        network = whole[0] - gain[1], whole[1] - gain[0]
        doubt = ""
        named = [(f"ramp_gains[{i}]", c, e) for i, (c, e) in enumerate(zip(claim.ramp_gains, each, strict=True))]
        named += [
            ("gain", claim.gain, gain),
            ("response_risk", claim.response_risk, whole),
            ("network_risk", claim.network_risk, network),
        ]
        for name, claimed, own in named:
            if own[1] < claimed[0] or claimed[1] < own[0]:
                raise InvalidError(f"claim.{name}: claimed {_text(claimed)}, but it lies in {_text(own)}")
            if not (claimed[0] <= own[0] and own[1] <= claimed[1]):
                doubt = doubt or f"claim.{name}: claimed {_text(claimed)}, enclosed only in {_text(own)}"
        if not doubt:
            return
    raise UndecidedError(doubt)


def _tolerances(claim: Claim, round_: int) -> list[Fraction]:
    """Widths for the response risk and the gains: an eighth of what the claims need, 64 times less in each round."""
    m = len(claim.ramp_gains)
    needed = [min(_width(claim.response_risk), _width(claim.network_risk) * Fraction(1, 2))]
    shared = min(_width(claim.gain), _width(claim.network_risk) * Fraction(1, 2)) * Fraction(1, m)
    needed += [min(_width(g), shared) for g in claim.ramp_gains]
    return [w * Fraction(1, 8 * 64**round_) for w in needed]


def _width(claimed: Interval) -> Fraction:
    """The width of a claimed interval; for a single number a millionth of it, so that a wrong one is refuted."""
    low, high = claimed
    return high - low or abs(low) * Fraction(1, 1_000_000) or Fraction(1, 1 << 64)


def _sum(enclosures: list[Interval]) -> Interval:
    return sum((e[0] for e in enclosures), Fraction(0)), sum((e[1] for e in enclosures), Fraction(0))


def _text(interval: Interval) -> str:
    return shown(interval[0]) if interval[0] == interval[1] else f"[{shown(interval[0])}, {shown(interval[1])}]"
