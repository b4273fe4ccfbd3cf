"""A bound for all kappas of an interval, which is halved where it does not show yet."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from verify.integration import Deadline

HALVINGS = 12
Least = Callable[[Fraction, Fraction, Fraction], Fraction | None]


def proves_by_halving(least: Least, low: Fraction, high: Fraction, rate: Fraction, deadline: Deadline) -> bool:
    """Whether `least(u, v, rate) >= rate` on intervals [u, v] that make up [low, high]."""
    stack = [(low, high, HALVINGS)]
    while stack:
        u, v, halvings = stack.pop()
        found = least(u, v, rate)
        if found is not None and found >= rate:
            continue
        if not halvings or deadline.passed:
            return False
        middle = (u + v) / 2
        stack += [(u, middle, halvings - 1), (middle, v, halvings - 1)]
    return True
