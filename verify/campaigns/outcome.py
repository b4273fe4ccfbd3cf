"""What a campaign knows about one problem: a row of its table, and the certificate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

Verdict = Literal["dominated", "not-dominated", "undecided", "failed"]
Failure = Literal["", "input", "timeout", "memory", "crash", "error"]
VERDICTS: tuple[Verdict, ...] = ("dominated", "not-dominated", "undecided", "failed")


@dataclass(frozen=True)
class Limits:
    """What one problem may take: seconds in all, and megabytes beyond what the program itself needs."""

    timeout: float = 60.0
    memory: int = 2048


@dataclass(frozen=True)
class Outcome:
    """The outcome of one problem. Where the verdict is "failed", `failure` says in which way.

    Everything is a text or a number; what is unknown is None. `seconds` is the only field that another run of the same
    problem may change.
    """

    verdict: Verdict = "undecided"
    reason: str = ""
    failure: Failure = ""
    name: str | None = None
    inputs: int | None = None
    loss: str | None = None
    architecture: str | None = None
    width: int | None = None
    theorem: str | None = None
    conditions: Mapping[str, str] = field(default_factory=dict)
    case: str | None = None
    dimension: int | None = None
    neurons: int | None = None
    response_risk: dict[str, str] | None = None
    network_risk: dict[str, str] | None = None
    gain: dict[str, str] | None = None
    audit: str | None = None
    audit_reason: str = ""
    certificate: str | None = None
    seconds: float = 0.0

    @classmethod
    def from_mapping(cls, data: dict[str, Any]) -> Outcome:
        """Return the outcome that a process sent."""
        return cls(**data)

    def as_mapping(self) -> dict[str, Any]:
        """Return the outcome as a process sends it."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def failed(self, failure: Failure, reason: str) -> Outcome:
        """Return the outcome of a problem that was given up."""
        return replace(self, verdict="failed", failure=failure, reason=reason)

    def out_of_time(self, limits: Limits) -> Outcome:
        """Return the outcome of a problem that was stopped: a certificate stays, its audit is undecided."""
        words = f"stopped after the timeout of {limits.timeout:g} seconds"
        if self.certificate is not None:
            return replace(self, audit="undecided", audit_reason=words, seconds=limits.timeout)
        return replace(self.failed("timeout", words), seconds=limits.timeout)
