"""What a check answers: verdicts with reasons, witnesses and the steps of the reasoning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Verdict = Literal["holds", "fails", "undecided"]
Theorem = Literal["applies", "does-not-apply", "undecided"]

IDS = (
    "domain-compact",
    "density-continuous",
    "density-nonnegative",
    "hyperplane",
    "target-continuous",
    "loss-continuous",
    "loss-strictly-convex",
    "loss-attains-minimum",
)


@dataclass(frozen=True)
class Finding:
    """The verdict on one hypothesis; `witness` is given exactly where it fails, `steps` are the reasoning in order.

    `proof` names the rule of docs/certificate.md (section 5) that an auditor can follow, with its data.
    """

    id: str
    verdict: Verdict
    reason: str
    witness: Mapping[str, Any] | None = None
    steps: tuple[str, ...] = ()
    proof: Mapping[str, Any] | None = None

    def document(self) -> dict[str, Any]:
        """Return the JSON object of INTERFACE.md."""
        return {
            "id": self.id,
            "verdict": self.verdict,
            "reason": self.reason,
            "witness": None if self.witness is None else dict(self.witness),
            "steps": list(self.steps),
        }


def theorem(findings: tuple[Finding, ...]) -> Theorem:
    """Return whether the theorem applies: iff all hypotheses hold; it does not iff one fails."""
    verdicts = {finding.verdict for finding in findings}
    if "fails" in verdicts:
        return "does-not-apply"
    return "undecided" if "undecided" in verdicts else "applies"
