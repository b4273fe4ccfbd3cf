"""What a response should be near at each point: the minimiser of the loss there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from verify.expressions.arrays import Floats, compile_array
from verify.problem import Problem

_GOLDEN = (np.sqrt(5) - 1) / 2
_STEPS = 60
_FAR = 10.0


def guide(problem: Problem, x: Sequence[Floats], f: Floats) -> Floats:
    """Return where each `y -> L(x, y)` is least, within some bounds where it falls for ever."""
    if problem.loss.pointwise_minimum_is_zero:
        return f
    loss = compile_array(problem.loss.expression, (*problem.variables, "f", "y"))

    def value(y: Floats) -> Floats:
        found = np.broadcast_to(loss((*x, f, y)), f.shape)
        return np.where(np.isfinite(found), found, np.inf)

    reach = _FAR * (1 + float(np.max(np.abs(f))))
    low, high = np.full_like(f, -reach), np.full_like(f, reach)
    for _ in range(_STEPS):  # golden section: each loss is convex in y
        span = _GOLDEN * (high - low)
        left = value(high - span) <= value(low + span)
        low, high = np.where(left, low, high - span), np.where(left, low + span, high)
    return (low + high) / 2
