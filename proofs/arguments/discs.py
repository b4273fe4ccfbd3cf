"""Discs of which one can be separated from the others by a single line only: no two ReLU neurons tell them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from proofs.arguments.record import Argument, RefusedError
from proofs.geometry.affine import Affine, Point
from proofs.geometry.linear import solution

RULE = "unique-separating-line"


@dataclass(frozen=True)
class Disc:
    """A closed disc (ball) with rational centre and radius."""

    centre: Point
    radius: Fraction


def argue(discs: Sequence[Disc], apart: int, width: int) -> Argument:
    """Return the argument for the target 1 on one disc and 0 on the others, width 2 (MATHEMATICS.md, section 5).

    Hypothesis: weights l_i >= 0 with sum 1 over other discs and `|sum l_i (c - c_i)| = sum l_i (r + r_i)`, and the
    tangents of all discs with l_i > 0 and of the one apart are the same line with that normal. Raises RefusedError.
    """
    if width != 2:
        raise RefusedError("the argument is for width 2")
    one = discs[apart]
    others = [i for i in range(len(discs)) if i != apart]
    for chosen in combinations(others, 2):
        weights = _weights(one, [discs[i] for i in chosen])
        if weights is not None and is_unique([(discs[i], w) for i, w in zip(chosen, weights, strict=True)], one):
            data = {
                "apart": apart,
                "weights": [str(weights[chosen.index(i)]) if i in chosen else "0" for i in range(len(discs))],
            }
            return Argument(RULE, False, data, STEPS)
    raise RefusedError("the separating line was not proved to be unique")


def _weights(one: Disc, others: Sequence[Disc]) -> list[Fraction] | None:
    """Candidates for two discs of equal radii: the mean of the vectors `c - c_i` that is perpendicular to their gap."""
    if others[0].radius != others[1].radius:
        return None
    first, second = ([a - b for a, b in zip(one.centre, other.centre, strict=True)] for other in others)
    gap = [a - b for a, b in zip(first, second, strict=True)]
    row = [sum((a * d for a, d in zip(v, gap, strict=True)), Fraction(0)) for v in (first, second)]
    try:
        weights = solution([[Fraction(1), Fraction(1)], row], [Fraction(1), Fraction(0)])
    except ValueError:
        return None
    return weights if min(weights) >= 0 else None


def is_unique(others: Sequence[tuple[Disc, Fraction]], one: Disc) -> bool:
    """Whether the weighted discs and the one apart are separated by one line only, by equality in Cauchy-Schwarz."""
    n = len(one.centre)
    vector = [sum((w * (one.centre[i] - d.centre[i]) for d, w in others), Fraction(0)) for i in range(n)]
    reach = sum((w * (one.radius + d.radius) for d, w in others), Fraction(0))
    if sum(v * v for v in vector) != reach**2 or not reach:
        return False
    normal = Affine.of([v / reach for v in vector])
    level = normal(one.centre) - one.radius
    return all(normal(d.centre) + d.radius == level for d, w in others if w)


STEPS = (
    "Suppose a network with two neurons equals g almost everywhere. It is continuous and piecewise affine; let H_1, "
    "H_2 be the lines (at most two) at which it has a kink, its change across H_k being b_k s_k.",
    "No H_k meets the inside of a disc, where g is constant: each disc lies on one side of each H_k, and the affine "
    "functions by which the network is given on the discs are 0 and 1.",
    "Between the disc with value 1 and any other, the sum of +-b_k s_k over the H_k that separate the two is the "
    "constant 1. So at least two H_k do, and they are distinct and parallel: both separate that disc from all others.",
    "For every line that separates it from the others, with unit normal n, n.(c - c_i) >= r + r_i for all i. The "
    "weighted sum and Cauchy-Schwarz, here an equality, leave a single n, and then a single line. Contradiction.",
)
