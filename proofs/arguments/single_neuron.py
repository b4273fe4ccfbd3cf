"""One neuron: where a target is a polynomial, the activation is one of the same degree, on an interval each."""

from __future__ import annotations

from proofs.activations.activation import Activation, is_nonzero_at
from proofs.arguments.record import CITED, Argument, RefusedError, Target

RULE = "single-neuron"


def argue(activation: Activation, target: Target, width: int) -> Argument:
    """Return the argument for width 1 and a target that is not constant (MATHEMATICS.md, section 6).

    Hypotheses: on one of its pieces the target is a polynomial of some degree m; on every piece of the activation,
    sigma^(m+1) is not 0 at some point, or sigma is a polynomial of a degree other than m. Raises RefusedError.
    """
    if width != 1:
        raise RefusedError("the width is not 1")
    if all(is_nonzero_at(piece, 1) is None for piece in target.pieces):
        raise RefusedError("the target was not proved to vary")
    reason = "the target is not a polynomial on any of its pieces"
    for index, piece in enumerate(target.pieces):
        coefficients = piece.polynomial
        if coefficients is None:
            continue
        degree = max(len(coefficients) - 1, 0)
        points = _points(activation, degree)
        if points is not None:
            return Argument(RULE, False, {"piece": index, "points": points}, _steps(degree))
        reason = f"on some piece the activation may be a polynomial of degree {degree}"
    raise RefusedError(reason)


def _points(activation: Activation, degree: int) -> list[str | None] | None:
    """One point a piece where the derivative of order m + 1 is not 0, None for polynomials of another degree."""
    points: list[str | None] = []
    for piece in activation.pieces:
        coefficients = piece.polynomial
        if coefficients is not None and max(len(coefficients) - 1, 0) != degree:
            points.append(None)
            continue
        point = is_nonzero_at(piece, degree + 1)
        if point is None:
            return None
        points.append(str(point))
    return points


def _steps(degree: int) -> tuple[str, ...]:
    return (
        "Suppose b + c sigma(w x + v) = g(x) almost everywhere on D. As g is not constant, c and w are not 0.",
        f"On one piece of D the target is a polynomial of degree {degree}, so sigma(s) = (g((s - v)/w) - b)/c is one "
        "of the same degree on an interval, hence on a subinterval of one piece of sigma"
        + (" (of degree 0: a constant)." if degree == 0 else "."),
        CITED + "Identity theorem: sigma is that polynomial on the whole piece, where it is real-analytic.",
        f"No piece allows that: its derivative of order {degree + 1} is not 0 at the stated point, or it is a "
        "polynomial of another degree.",
    )
