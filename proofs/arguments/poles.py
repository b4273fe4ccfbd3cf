"""Pole order: sums of functions with poles of order <= P have poles of order <= P."""

from __future__ import annotations

from proofs.activations.activation import Activation, derivative
from proofs.arguments.forms import level, quotient
from proofs.arguments.record import CITED, Argument, RefusedError, Target

RULE = "pole-order"


def argue(activation: Activation, target: Target, width: int) -> Argument:
    """Return the argument by poles, any width (MATHEMATICS.md, section 6).

    Hypotheses: for one m <= 3 all pieces of sigma^(m) are quotients (`proofs.arguments.forms`), whose poles have order
    at most P; on some piece of the target g, g^(m) is such a quotient with a pole of higher order. Where all pieces of
    sigma^(m) are rational in s, the pole at infinity may serve instead. Raises RefusedError where they fail.
    """
    found = level(activation.pieces, quotient)
    if found is None:
        raise RefusedError("no derivative of the activation is a rational function of s, or of s and e^s")
    order, forms = found
    most = max(form.pole_order for form in forms)
    rational = all(form.unit is None for form in forms)
    most_at_infinity = max(form.order_at_infinity for form in forms) if rational else None
    for index, piece in enumerate(target.pieces):
        form = quotient(derivative(piece.formula, order))
        if form is None:
            continue
        if form.pole_order > most:
            return _argument(order, index, "finite", most, form.pole_order)
        if most_at_infinity is not None and form.unit is None and form.order_at_infinity > most_at_infinity:
            return _argument(order, index, "infinity", most_at_infinity, form.order_at_infinity)
    raise RefusedError(f"the target's derivative of order {order} has no pole of order > {most}, as far as was seen")


def _argument(order: int, piece: int, place: str, most: int, own: int) -> Argument:
    where = "in the complex plane" if place == "finite" else "at infinity"
    return Argument(
        RULE,
        True,
        {"level": order, "piece": piece, "where": place, "activation": most, "target": own},
        (
            "Suppose a network of any width equals g almost everywhere on D. On a subinterval of the "
            f"{_ordinal(piece)} piece of g all neurons stay in one piece of sigma each.",
            f"There the derivatives of order {order} agree: a sum of terms c w^{order} sigma^({order})(w x + v) with "
            "w not 0 (the others are constant)" + (" and a constant" if order == 0 else "") + ", each the continuation "
            f"of a piece, meromorphic, with poles of order at most {most} {where}; so is their sum.",
            CITED + "Identity theorem for meromorphic functions: the two are equal wherever both continue.",
            f"But g^({order}) has a pole of order {own} {where}.",
        ),
    )


def _ordinal(index: int) -> str:
    return ("first", "second", "third")[index] if index < 3 else f"{index + 1}th"
