"""The cusp: a domain that one line only cuts in two without entering either part."""

from __future__ import annotations

from proofs.arguments.record import Argument, RefusedError
from proofs.geometry.affine import Affine

RULE = "cusp"


def argue(side: Affine, jump: Affine) -> Argument:
    """Return the argument for `jump` on x > 0 and 0 on x < 0, any width (MATHEMATICS.md, section 5).

    The domain is `{y^2 <= |x|}` in a disc around 0. Hypotheses: `side` is a multiple of x, and the jump is no multiple
    of it. Raises RefusedError.
    """
    if side.ratio_to(Affine.of([1, 0])) is None:
        raise RefusedError("the jump is not at x = 0, the only line between the two halves")
    if jump.ratio_to(side) is not None:
        raise RefusedError("the jump is a kink at x = 0: a network may equal the target")
    return Argument(RULE, True, {}, STEPS)


STEPS = (
    "D = {|y| <= sqrt|x|} in a disc around 0, g = J for x > 0 and 0 for x < 0. Suppose a network of any width "
    "equals g almost everywhere on D; it is continuous and piecewise affine.",
    "Inside the two halves of D it is affine, so no line at which it has a kink meets the inside of a half.",
    "A line that has the two halves on different sides contains 0, which lies in the closure of both. The line y = m x "
    "enters the half x > 0, as |m x| < sqrt(x) for small x > 0: only the line x = 0 is left.",
    "So the affine functions on the two halves, J and 0, differ by a sum of kinks at x = 0, a multiple of x, which J "
    "is not. Contradiction.",
)
