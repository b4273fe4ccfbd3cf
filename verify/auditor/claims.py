"""Comparing the auditor's enclosures with the claimed intervals (docs/certificate.md, section 4.9)."""

from fractions import Fraction

from verify.auditor.certificate import Claim, Interval
from verify.auditor.domains import Part
from verify.auditor.integrate import Integral
from verify.auditor.verdicts import Effort, InvalidError, require, settle, shown

FINEST = Fraction(1, 1 << 20)  # of the widths the claims ask for; narrower enclosures are not tried


def check_claims(effort: Effort, claim: Claim, risk: list[Part], gains: list[list[Part]]) -> None:
    """Refine until every value is confirmed; raise when one is refuted, or when the finest tolerance is reached."""
    require(claim.gain[0] > 0, f"claim.gain.lower: {shown(claim.gain[0])} is not > 0")
    needed, integrals, own = _needed(claim), [], []
    for parts, t in zip([risk, *gains], needed, strict=True):
        integrals.append(Integral(effort, parts, t * FINEST))
        own.append(integrals[-1].enclosure())
        effort.progress()  # one more value has bounds
    while doubt := _compare(claim, own):  # what is widest for its claim is made twice as narrow
        ratio, k = max((Fraction(high - low, t), k) for k, ((low, high), t) in enumerate(zip(own, needed, strict=True)))
        settle(ratio > FINEST, doubt)
        own[k] = integrals[k].enclosure(max(ratio * Fraction(1, 2), FINEST) * needed[k])


def _compare(claim: Claim, own: list[Interval]) -> str:
    """The first claim that is not confirmed, "" if all are; InvalidError for one that is refuted."""
    risk, gains = own[0], own[1:]
    gain = sum((low for low, _ in gains), Fraction(0)), sum((high for _, high in gains), Fraction(0))
    pairs = [(f"ramp_gains[{i}]", *both) for i, both in enumerate(zip(claim.ramp_gains, gains, strict=True))]
    pairs += [("gain", claim.gain, gain), ("response_risk", claim.response_risk, risk)]
    pairs += [("network_risk", claim.network_risk, (risk[0] - gain[1], risk[1] - gain[0]))]
    doubts = []
    for name, claimed, found in pairs:
        if found[1] < claimed[0] or claimed[1] < found[0]:
            raise InvalidError(f"claim.{name}: claimed {_text(claimed)}, but it lies in {_text(found)}")
        if found[0] < claimed[0] or claimed[1] < found[1]:
            doubts.append(f"claim.{name}: claimed {_text(claimed)}, enclosed only in {_text(found)}")
    return doubts[0] if doubts else ""


def _needed(claim: Claim) -> list[Fraction]:
    """How narrow the enclosures of the response risk and of the gains have to be for the claims."""
    half = Fraction(1, 2) * _width(claim.network_risk)
    shared = min(_width(claim.gain), half) * Fraction(1, len(claim.ramp_gains))
    return [min(_width(claim.response_risk), half), *(min(_width(g), shared) for g in claim.ramp_gains)]


def _width(claimed: Interval) -> Fraction:
    """The width of a claimed interval; for a single number a millionth of it, so that a wrong one is refuted."""
    low, high = claimed
    return high - low or abs(low) * Fraction(1, 1_000_000) or Fraction(1, 1 << 64)


def _text(interval: Interval) -> str:
    return shown(interval[0]) if interval[0] == interval[1] else f"[{shown(interval[0])}, {shown(interval[1])}]"
