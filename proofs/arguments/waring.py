"""Waring rank: sigma = x^p, and a polynomial that is a limit of few p-th powers but not a sum of as few.

`b + sum_j c_j (w_j x + v_j)^p = sum_i g_i x^i` says, for the atoms `r_j = v_j / w_j` with weights `C_j = c_j w_j^p`
(neurons with w_j = 0 are constant), `sum_j C_j r_j^l = mu_l` with `mu_l = g_(p-l) / binom(p, l)` for l = 0, ..., p - 1.
If Q is a monic polynomial of degree d that vanishes on the atoms, with coefficients q_i, then
`sum_i q_i mu_(l+i) = 0` for l = 0, ..., p - 1 - d (Sylvester, Prony).
"""

from __future__ import annotations

from fractions import Fraction
from math import comb

from proofs.activations.activation import Activation
from proofs.arguments.record import Argument, RefusedError, Target, degree_of
from proofs.geometry.linear import null_vector

RULE = "waring"


def argue(activation: Activation, target: Target, width: int) -> Argument:
    """Return the argument for sigma = x^p and a polynomial target of degree <= p (MATHEMATICS.md, section 6).

    Hypothesis: the recurrences above have no monic solution Q, which a combination of them shows: multipliers y_l with
    `sum_l y_l mu_(l+i) = 0` for i < d and not for i = d. Raises RefusedError where there is none.
    """
    sigma = activation.pieces[0].polynomial if len(activation.pieces) == 1 else None
    power = 0 if sigma is None else len(sigma) - 1
    if power < 2 or sigma != [Fraction(0)] * power + [Fraction(1)]:
        raise RefusedError("the activation is not a power x^p, p >= 2")
    degree = degree_of(target)
    if degree > power or width >= power:
        raise RefusedError("the degree of the target or the width is too large for this rule")
    multipliers = _multipliers(moments(target, power), width)
    if multipliers is None:
        raise RefusedError("the recurrences for the target's moments have a solution: it may be representable")
    return Argument(
        RULE,
        False,
        {"power": power, "multipliers": [str(y) for y in multipliers]},
        (
            f"Suppose b + a sum of at most {width} terms c (w x + v)^{power} equals the polynomial g on D, hence as "
            "polynomials. Terms with w = 0 are constant; let r = v/w and C = c w^p for the others.",
            "Comparing coefficients, the weighted power sums of the numbers r are the moments of g of order < p.",
            f"A monic polynomial of degree {width} that vanishes at all r gives linear recurrences for the moments.",
            "The stated combination of the recurrences makes the leading coefficient 0 that is 1.",
        ),
    )


def moments(target: Target, power: int) -> list[Fraction]:
    """Return mu_0, ..., mu_(p-1) of a polynomial target."""
    coefficients = target.polynomial or []
    padded = [*coefficients, *[Fraction(0)] * (power + 1 - len(coefficients))]
    return [padded[power - i] / comb(power, i) for i in range(power)]


def _multipliers(mu: list[Fraction], width: int) -> list[Fraction] | None:
    rows = [mu[i : i + width + 1] for i in range(len(mu) - width)]
    chosen: list[int] = []
    for i in range(len(rows)):
        if null_vector([rows[j] for j in (*chosen, i)]) is None:
            chosen.append(i)
    unit = [Fraction(0)] * width + [Fraction(1)]
    vector = null_vector([*(rows[j] for j in chosen), unit])
    if vector is None:
        return None
    found = dict(zip(chosen, vector, strict=False))
    return [found.get(i, Fraction(0)) for i in range(len(rows))]
