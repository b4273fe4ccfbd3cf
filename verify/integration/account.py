"""What an integration by parts of the domain has found so far, and the error it may still make."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from verify.vectorized.intervals import Floats, Interval

_PACE, _LEAST_PACE = 0.5, 1e-3


@dataclass
class Account:
    """What is known of the integral, and the error that may still be made."""

    goal: float
    left: float
    lower: Fraction = Fraction(0)
    upper: Fraction = Fraction(0)

    @property
    def allowance(self) -> float:
        """What may be spent at a time."""
        return max(_PACE * self.left, _LEAST_PACE * self.goal)

    def enter(self, values: Interval) -> None:
        """Add finite enclosures of parts."""
        low, high = float(np.sum(values.lo)), float(np.sum(values.hi))
        slack = Fraction(values.lo.size * 2.0**-51 * float(np.sum(np.abs(values.lo)) + np.sum(np.abs(values.hi))))
        self.lower += Fraction(low) - slack
        self.upper += Fraction(high) + slack

    def spend(self, errors: Floats, *, entered: bool = False) -> None:
        """Allow for errors, unless they are in what was entered already."""
        spent = float(np.sum(errors)) * (1 + 1e-9)
        self.left -= spent
        if not entered:
            self.lower -= Fraction(spent)
            self.upper += Fraction(spent)
