"""Budgets of time."""

from __future__ import annotations

import time
from math import inf


class Deadline:
    """A budget of seconds that begins now; `None` never ends."""

    def __init__(self, seconds: float | None) -> None:
        self._end = inf if seconds is None else time.monotonic() + seconds

    @property
    def remaining(self) -> float:
        """The seconds left, at least 0; infinite where there is no end."""
        return max(0.0, self._end - time.monotonic())

    @property
    def passed(self) -> bool:
        """Whether the time is over."""
        return self.remaining == 0.0
