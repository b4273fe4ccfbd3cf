"""Exponential polynomials: functions p_i e^(q_i) with differences q_i - q_j not constant are independent over R[x]."""

from __future__ import annotations

from proofs.activations.activation import Activation, derivative
from proofs.arguments.forms import exponential_polynomial, level
from proofs.arguments.record import CITED, Argument, RefusedError, Target

RULE = "exponential-polynomials"


def argue(activation: Activation, target: Target, width: int) -> Argument:
    """Return the argument by linear independence, any width (MATHEMATICS.md, section 6).

    Hypotheses: for one m <= 3 all pieces of sigma^(m) are sums of `p(s) e^(q(s))`, with deg p <= A where q is not
    constant and deg p <= B where it is (B = -1 for none; for m = 0 constants count, B >= 0); on some piece of the
    target, its derivative of order m is such a sum with a coefficient of higher degree. Raises RefusedError.
    """
    found = level(activation.pieces, exponential_polynomial)
    if found is None:
        raise RefusedError("no derivative of the activation is an exponential polynomial")
    order, forms = found
    most = max((degree for form in forms for q, degree in form.items() if q), default=-1)
    plain = max((degree for form in forms for q, degree in form.items() if not q), default=-1)
    plain = max(plain, 0) if order == 0 else plain
    for index, piece in enumerate(target.pieces):
        form = exponential_polynomial(derivative(piece.formula, order))
        for exponent, degree in (form or {}).items():
            if degree > (most if exponent else plain):
                return _argument(order, index, most, plain, degree, bool(exponent))
    raise RefusedError("no coefficient of the target has a degree beyond those of the activation")


def _argument(order: int, piece: int, most: int, plain: int, own: int, exponential: bool) -> Argument:
    kind = "before an exponential" if exponential else "without an exponential"
    return Argument(
        RULE,
        True,
        {
            "level": order,
            "piece": piece,
            "with_exponential": most,
            "without_exponential": plain,
            "target": own,
            "target_with_exponential": exponential,
        },
        (
            "Suppose a network of any width equals g almost everywhere on D. On some interval inside that piece of g "
            "all neurons stay in one piece of sigma each.",
            f"There the derivatives of order {order} agree: the network's is a sum of P_i(x) e^(Q_i(x)), deg P_i <= "
            f"{most} where Q_i is not constant and <= {plain} where it is, after collecting exponents that differ by a "
            "constant (-1 means: no such term).",
            CITED + "Exponentials of polynomials with differences that are not constant are linearly independent over "
            "R[x]: both sides have the same coefficients.",
            f"But g^({order}) has a coefficient of degree {own} {kind}.",
        ),
    )
