"""The ways an audit can end, and the limit on its effort."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

STEPS = 40_000_000
SECONDS = 60  # of the processor


class BadInputError(Exception):
    """The file is no certificate at all (exit code 2)."""


class InvalidError(Exception):
    """A condition of docs/certificate.md fails."""


class UndecidedError(Exception):
    """The auditor's enclosures or its effort do not settle a condition."""


def require(holds: bool, what: str) -> None:
    """InvalidError unless a condition holds."""
    if not holds:
        raise InvalidError(what)


def settle(seen: bool, what: str) -> None:
    """UndecidedError unless a condition was seen to hold."""
    if not seen:
        raise UndecidedError(what)


class Effort:
    """A budget of elementary steps, the same on every machine, with the processor's clock as a second guard.

    A tenth of both is there at once; progress gives half as much again, until all is used.
    """

    def __init__(self, steps: int = STEPS, seconds: int = SECONDS) -> None:
        self._start, self._spent = time.process_time_ns(), 0
        self._most = steps, seconds * 1_000_000_000
        self._granted = [most // 10 for most in self._most]

    def progress(self) -> None:
        """Something is twice as sharp as before, or settled: more steps and seconds."""
        self._granted = [min(3 * part // 2, most) for part, most in zip(self._granted, self._most, strict=True)]

    def spend(self, steps: int) -> None:
        """Take steps off the budget; UndecidedError when it, or the time, is used up."""
        self._spent += steps
        settle(self._spent <= self._granted[0], "the effort limit was reached")
        settle(time.process_time_ns() - self._start <= self._granted[1], "the time limit was reached")


@contextmanager
def at(place: str) -> Iterator[None]:
    """Put a place before the reason of a fault."""
    try:
        yield
    except (InvalidError, UndecidedError) as fault:
        raise type(fault)(f"{place}: {fault}") from None


@contextmanager
def postponed(doubts: list[UndecidedError]) -> Iterator[None]:
    """What stays open is put down for later."""
    try:
        yield
    except UndecidedError as doubt:
        doubts.append(doubt)


@contextmanager
def doubt(why: str, open_: bool = True) -> Iterator[None]:
    """What fails is only left open, since the check asks for more than the claim does."""
    try:
        yield
    except InvalidError as fault:
        raise UndecidedError(f"{why}: {fault}") if open_ else fault from None


def shown(q: Fraction) -> str:
    """A rational for a message: exact if short, else 15 digits of it, rounded towards 0."""
    if q.numerator.bit_length() + q.denominator.bit_length() < 120:
        return str(q)
    exponent = (q.numerator.bit_length() - q.denominator.bit_length()) * 301 // 1000
    digits = abs(q) * Fraction(10) ** (15 - exponent)
    return f"{'-' if q < 0 else ''}{digits.numerator // digits.denominator}e{exponent - 15}"
