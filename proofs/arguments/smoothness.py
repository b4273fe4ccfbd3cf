"""Smoothness class: combinations of C^m functions are C^m."""

from __future__ import annotations

from fractions import Fraction

from proofs.activations.activation import MAX_SMOOTHNESS, Activation, Piece
from proofs.arguments.record import Argument, RefusedError, Target
from proofs.numbers.constants import UndecidedError, sign

RULE = "smoothness"


def argue(activation: Activation, target: Target, width: int) -> Argument:
    """Return the argument by smoothness, any width (MATHEMATICS.md, section 6).

    Hypotheses: sigma is C^m on R; at a point inside D between two pieces of the target, its one-sided derivatives of
    some order j <= m are proved to differ, those of lower orders to agree. Raises RefusedError where they fail.
    """
    smooth = MAX_SMOOTHNESS if activation.smoothness is None else activation.smoothness
    if smooth < 0:
        raise RefusedError("the activation is not continuous")
    for left, right in zip(target.pieces, target.pieces[1:], strict=False):
        assert left.upper is not None
        order = _first_difference(left, right, left.upper, smooth)
        if order is not None:
            return Argument(
                RULE,
                True,
                {"class": smooth, "point": str(left.upper), "order": order},
                (
                    f"The activation is in C^{smooth}(R): its pieces are analytic up to their ends and the one-sided "
                    f"derivatives up to order {order} agree there. So is every network, of any width.",
                    "A continuous function that equals g almost everywhere near a point has the one-sided limits of g.",
                    f"At x = {left.upper}, inside D, the one-sided derivatives of order {order} of g differ.",
                ),
            )
    raise RefusedError(f"the target has no visible corner of order <= {smooth}")


def _first_difference(left: Piece, right: Piece, at: Fraction, limit: int) -> int | None:
    for order in range(limit + 1):
        try:
            if sign(left.value(at, order) - right.value(at, order)):
                return order
        except UndecidedError:
            return None
    return None
