"""Proofs for families as JSON: the key `family` of `certify`, and the certificate (docs/certificate.md, section 8)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from proofs.ramp_family import RampFamily
from verify.certificates import sealed
from verify.domination import Domination
from verify.enclosure import Enclosure
from verify.errors import InputError
from verify.problem import response_as_texts
from verify.ramp_families.proof import FamilyProof

_CLAIMED_DIGITS = 8
_SLACK = Fraction(1, 1_000)


def family_answer(proof: FamilyProof, variables: tuple[str, ...]) -> dict[str, Any]:
    """Return the JSON value of the key `family`."""
    limit = None if proof.first_order is None else proof.first_order.value
    return {
        "verdict": proof.verdict,
        "reason": proof.reason,
        "kappa": None if proof.kappa is None else str(proof.kappa),
        "neurons": None if proof.family is None else proof.neurons,
        "ramps": [] if proof.family is None else _ramps(proof.family, variables),
        "first_order": None if limit is None else limit.decimals(_CLAIMED_DIGITS),
        "cover": _cover(proof),
    }


def family_document(found: Domination, proof: FamilyProof) -> dict[str, Any]:
    """Return the certificate of kind `domination-family`. Raises InputError unless the family was proved."""
    if proof.verdict != "proved" or proof.family is None or proof.first_order is None:
        raise InputError(f"there is nothing to certify: {proof.reason}")
    variables = found.problem.variables
    response = response_as_texts(proof.family.construction.response, variables)
    return sealed(
        "domination-family",
        {
            "problem": dict(found.problem.specification),
            "response": {
                "affine": response["affine"],
                "halfspaces": [{"where": h["where"], "jump": h["jump"]} for h in response["halfspaces"]],
            },
            "ramps": _ramps(proof.family, variables),
            "claim": {
                "dimension": found.dimension,
                "neurons": proof.neurons,
                "kappa": str(proof.kappa),
                "first_order": _claimed(proof.first_order.value),
                "cover": _cover(proof),
            },
        },
    )


def _ramps(family: RampFamily, variables: tuple[str, ...]) -> list[dict[str, str]]:
    construction = family.construction
    opposite = {k for k, _ in construction.weights}
    return [
        {
            "where": term.halfspace.text(variables),
            "jump": term.jump.text(variables),
            "ratio": str(ratio),
            "shift": shift.text(variables),
            "facing": "opposite" if k in opposite else "same",
        }
        for k, (term, ratio, shift) in enumerate(
            zip(construction.response.jumps, family.ratios, family.shifts, strict=True)
        )
    ]


def _cover(proof: FamilyProof) -> list[dict[str, str]]:
    return [{"from": str(s.low), "to": str(s.high), "rate": str(s.rate)} for s in proof.cover]


def _claimed(limit: Enclosure | None) -> dict[str, str] | None:
    """Return the claimed interval of the first-order gain, wide enough to be confirmed at reasonable cost."""
    if limit is None:
        return None
    slack = max(limit.width, abs(limit.lower) * _SLACK)
    return Enclosure(limit.lower - slack, limit.upper + slack).decimals(_CLAIMED_DIGITS)
