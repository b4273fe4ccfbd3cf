"""Piecewise linear activations that keep their minimum on an interval: one kink, or a clipped line."""

from __future__ import annotations

from proofs.activations.activation import Activation
from proofs.arguments.record import CITED, Argument, RefusedError
from proofs.numbers.constants import vanishes

RULE = "piecewise-linear"


def argue(activation: Activation) -> Argument:
    """Return the proof that all widths attain their minimum, for every continuous target on an interval.

    Squared loss, density 1, one input dimension. Hypothesis, checked exactly: sigma is continuous and either linear on
    both sides of one breakpoint with different slopes (ReLU, leaky ReLU, |x|: MATHEMATICS.md, sections 2 to 4, for all
    dimensions in the case of ReLU), or constant, linear with slope not 0, constant (hard tanh). In both cases
    `sigma' = p + m 1_I`, m not 0, I a half-line, or I bounded and p = 0. Raises RefusedError.
    """
    lines = [piece.polynomial for piece in activation.pieces]
    if any(line is None or len(line) > 2 for line in lines):
        raise RefusedError("the activation is not piecewise linear with rational coefficients")
    for left, right in zip(activation.pieces, activation.pieces[1:], strict=False):
        assert left.upper is not None
        if not vanishes(left.value(left.upper) - right.value(left.upper)):
            raise RefusedError("the activation is not continuous")
    slopes = [0 if line is None or len(line) < 2 else line[1] for line in lines]
    one_kink = len(slopes) == 2 and slopes[0] != slopes[1]
    clipped = len(slopes) == 3 and slopes[0] == slopes[2] == 0 and bool(slopes[1])
    if not (one_kink or clipped):
        raise RefusedError("it has neither one kink nor the form of a clipped line")
    return Argument(RULE, True, {"slopes": [str(s) for s in slopes]}, STEPS)


STEPS = (
    "sigma' = p + m 1_I with m not 0, where I is a half-line, or I is bounded and p = 0. So on D N' = sum_j mu_j "
    "(p + m 1_(I_j)) with half-lines or intervals I_j whose ends are free, and N at the left end of D is free.",
    "Take networks whose risks tend to the infimum. Along a subsequence the ends of all I_j converge; on each cell "
    "between the limits inside D the networks are affine in the end and bounded in L^2, so that they converge (another "
    "subsequence) to some R, affine on each cell.",
    CITED + "Fatou's lemma: err(R) <= the infimum.",
    "The cell slopes are B mu for a fixed matrix B; its range is closed, so weights nu with nu - mu -> 0 give exactly "
    "the cell slopes of R. (An I_j that shrinks to a point has a zero column: it is bounded, hence p = 0.)",
    "If R is continuous, the intervals with their ends at the limits and the weights nu are a network of the same "
    "width that equals R: the minimum is attained.",
    "If R jumps by J at t inside D, some I_j shrinks to t, or the weights of the ends that tend to t are unbounded, as "
    "bounded ones have a continuous limit. Their signed sum is the finite change of slope at t, so both the positive "
    "and the negative ones are unbounded. Put the positive ends at t + a, the negative ones at t + b (or let the "
    "shrinking interval be a short one around t): R is replaced near t by a line through the midpoint of the jump, as "
    "steep as wanted, on an interval of width w -> 0, and is left as it is elsewhere.",
    "As the target is continuous, the risk changes at each jump by -w J^2/6 + o(w) < 0: this network, of the same "
    "width, beats R, hence the infimum. Contradiction.",
)
