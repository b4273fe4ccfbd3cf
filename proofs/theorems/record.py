"""What a statement is: hypotheses, claim, reference, status, and the steps that check it by exact computation.

A step passes only if its residual is proved to be 0, its quantity is proved to be positive, or its condition holds by
exact arithmetic; nothing is sampled, and "could not tell" is a failure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from proofs.numbers.constants import UndecidedError, sign, vanishes

Status = Literal["derived", "argued", "cited"]
Kind = Literal["zero", "positive", "true"]


@dataclass(frozen=True)
class Step:
    """One step of a derivation: `compute` returns residuals (kind zero), quantities (positive) or truths (true)."""

    text: str
    kind: Kind
    compute: Callable[[], Any]

    def check(self) -> str:
        """Run the step: return "" if it passes, otherwise what failed."""
        try:
            results = self.compute()
        except UndecidedError as error:
            return str(error)
        for result in results if isinstance(results, Iterable) else (results,):
            failure = self._failure(result)
            if failure:
                return failure
        return ""

    def _failure(self, result: Any) -> str:
        try:
            if self.kind == "zero":
                return "" if vanishes(result) else f"{result} is not 0"
            if self.kind == "positive":
                return "" if sign(result) > 0 else f"{result} is not positive"
        except UndecidedError as error:
            return str(error)
        return "" if result is True else "the condition does not hold"


@dataclass(frozen=True)
class Statement:
    """A statement of MATHEMATICS.md.

    Its status: "derived" if the steps prove it, "argued" if they prove its computable parts and the rest rests on the
    given argument (compactness, Fatou, ...), "cited" if only values are confirmed here.
    """

    id: str
    title: str
    hypotheses: tuple[str, ...]
    claim: str
    latex: str
    reference: str
    status: Status
    steps: tuple[Step, ...]
    argument: str = ""
    uses: tuple[str, ...] = ()

    def check(self) -> tuple[tuple[Step, str], ...]:
        """Run all steps: pairs of a step and what failed ("" for none)."""
        return tuple((step, step.check()) for step in self.steps)

    @property
    def holds(self) -> bool:
        """Whether all steps pass."""
        return all(not failure for _, failure in self.check())

    def _repr_latex_(self) -> str:
        return f"$$ {self.latex} $$"


def zero(text: str, compute: Callable[[], Any]) -> Step:
    """A step that passes if what is computed is proved to be 0."""
    return Step(text, "zero", compute)


def positive(text: str, compute: Callable[[], Any]) -> Step:
    """A step that passes if what is computed is proved to be positive."""
    return Step(text, "positive", compute)


def true(text: str, compute: Callable[[], Any]) -> Step:
    """A step that passes if an exact decision comes out true."""
    return Step(text, "true", compute)
