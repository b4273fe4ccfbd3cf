"""What an argument is: a rule, its checked data, and its steps in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from proofs.activations.activation import Piece, variable

CITED = "(cited) "


class RefusedError(Exception):
    """A hypothesis of a rule fails, or was not proved; the text says which."""


@dataclass(frozen=True)
class Target:
    """A function on [lower, upper], analytic piece by piece: the pieces cover the interval in order."""

    pieces: tuple[Piece, ...]

    @property
    def lower(self) -> Fraction:
        """The left end of the domain."""
        lower = self.pieces[0].lower
        assert lower is not None
        return lower

    @property
    def upper(self) -> Fraction:
        """The right end of the domain."""
        upper = self.pieces[-1].upper
        assert upper is not None
        return upper

    @property
    def polynomial(self) -> list[Fraction] | None:
        """The coefficients (lowest first) where the target is one polynomial over Q, else None."""
        return self.pieces[0].polynomial if len(self.pieces) == 1 else None

    @property
    def text(self) -> str:
        """The target as an expression of the grammar."""
        *first, last = self.pieces
        if not first:
            return str(last.formula)
        branches = [f"({p.formula}, {variable()} < {p.upper})" for p in first]
        return f"Piecewise({', '.join(branches)}, ({last.formula}, True))"


@dataclass(frozen=True)
class Argument:
    """A proof that no network of some width equals the target almost everywhere on its domain.

    `data` is what a certificate states beside the rule's name; steps that are cited facts begin with `CITED`.
    `every_width` says whether the width plays no part.
    """

    rule: str
    every_width: bool
    data: Mapping[str, Any]
    steps: tuple[str, ...]


def degree_of(target: Target) -> int:
    """Return the degree of a polynomial target of degree >= 1. Raises RefusedError for any other target."""
    coefficients = target.polynomial
    if coefficients is None or len(coefficients) < 2:
        raise RefusedError("the target is not a polynomial of degree >= 1")
    return len(coefficients) - 1
