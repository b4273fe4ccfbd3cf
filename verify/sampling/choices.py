"""Where randomness comes from: integers in a range, chosen by a seeded generator or by hypothesis."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from fractions import Fraction
from typing import TypeVar

T = TypeVar("T")


class Choices(ABC):
    """A source of integers, and what follows from them. Values near 0 and early options count as the simplest."""

    @abstractmethod
    def integer(self, lower: int, upper: int) -> int:
        """Return an integer with `lower <= integer <= upper`."""

    def flag(self) -> bool:
        """Return a truth value."""
        return bool(self.integer(0, 1))

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options."""
        return options[self.integer(0, len(options) - 1)]

    def distinct(self, options: Sequence[T], count: int) -> list[T]:
        """Return so many different options in any order."""
        rest = list(options)
        return [rest.pop(self.integer(0, len(rest) - 1)) for _ in range(count)]

    def rational(self, size: int = 12, denominator: int = 6) -> Fraction:
        """Return a fraction with numerator at most `size` in size, either sign or 0."""
        return Fraction(self.integer(-size, size), self.integer(1, denominator))

    def positive(self, size: int = 12, denominator: int = 6) -> Fraction:
        """Return a fraction > 0."""
        return Fraction(self.integer(1, size), self.integer(1, denominator))

    def nonzero(self, size: int = 12, denominator: int = 6) -> Fraction:
        """Return a fraction that is not 0."""
        return self.pick((1, -1)) * self.positive(size, denominator)


class SeededChoices(Choices):
    """Integers from a seed, a text: the same on every machine."""

    def __init__(self, seed: str) -> None:
        self._generator = random.Random(seed)

    def integer(self, lower: int, upper: int) -> int:
        """Return an integer of the range, all equally likely."""
        return self._generator.randint(lower, upper)
