"""What a property is: a claim, random examples of it, and a check of one example."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from proofs.response import GeneralizedResponse
from verify.problem import Problem
from verify.sampling.choices import Choices
from verify.sampling.texts import toml_text


class RefutedError(Exception):
    """An example that contradicts a property; says in which way."""


def require(condition: bool, words: str) -> None:
    """Raise RefutedError unless the condition holds."""
    if not condition:
        raise RefutedError(words)


@dataclass(frozen=True)
class Example:
    """One example: the contents of a problem file, and further choices that it does not hold.

    `notes` says the further choices in words, for the comment in the file of a counterexample.
    """

    table: dict[str, Any]
    choices: Any = None
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def problem(self) -> Problem:
        """The problem of the table."""
        return Problem.from_mapping(self.table)

    def reduced(self) -> tuple[Problem, GeneralizedResponse]:
        """Return the problem and its response in reduced form."""
        problem = self.problem
        assert problem.response is not None
        return problem, problem.response.reduced(problem.domain)

    def file(self, name: str, reason: str) -> str:
        """Return the problem file of a counterexample to a property."""
        return toml_text(self.table, [f"contradicts {name}: {reason}", *(f"{k}: {v}" for k, v in self.notes.items())])


@dataclass(frozen=True)
class Property:
    """A named claim; `check` raises (RefutedError, or anything else) where an example contradicts it.

    `statement` is the id of the statement it tests, where there is one (`verify theorems`).
    """

    name: str
    claim: str
    build: Callable[[Choices], Example]
    check: Callable[[Example], None]
