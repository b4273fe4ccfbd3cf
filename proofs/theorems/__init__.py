"""The statements of MATHEMATICS.md as records, each with the exact computations that check it."""

from __future__ import annotations

from proofs.theorems import closure, counterexamples, faces, limits, numbers, ramps
from proofs.theorems.record import Statement, Step

__all__ = ["Statement", "Step", "statement", "statements"]


def statements() -> tuple[Statement, ...]:
    """Return all statements: the closure, the ramp, the theorems, the counterexamples, the numbers."""
    return (
        *limits.STATEMENTS,
        *ramps.STATEMENTS,
        *closure.STATEMENTS,
        *counterexamples.STATEMENTS,
        *faces.STATEMENTS,
        *numbers.STATEMENTS,
    )


def statement(id: str) -> Statement:
    """Return the statement with a permanent id. Raises KeyError for an unknown one."""
    return {s.id: s for s in statements()}[id]
