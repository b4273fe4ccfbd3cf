"""Random generalized responses of a wanted case, networks, and families that tend to a response.

MATHEMATICS.md, sections 2 and 3. The case says how the affine part of a feedforward network is paid for: it is
constant after turning over some half-spaces (constant), hidden in jumps with dependent normals (free), or costs one
neuron (active). For residual networks (residual) it costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from proofs.geometry.affine import Affine, HalfSpace, Point
from proofs.network import Neuron, ShallowNetwork
from proofs.ramp import Case, Construction, Ramp
from proofs.response import GeneralizedResponse, Term
from verify.sampling.choices import Choices
from verify.sampling.geometry import affine, normal, point_on, sides

CASES: tuple[Case, ...] = ("constant", "active", "free", "residual")
MAX_TERMS = 5
_ODD = Fraction(1, 7)
"""Added to a gradient, it can be cancelled by no sum of gradients whose denominators are at most 6."""


@dataclass(frozen=True)
class Counts:
    """How many jumps and kinks a response has."""

    jumps: int
    kinks: int

    def width(self, case: Case) -> int:
        """Return the number of neurons that the response needs."""
        return 2 * self.jumps + self.kinks + (case == "active")


def least_width(case: str) -> int:
    """Return how many neurons a strict response of the case needs at least."""
    return {"active": 3, "free": 4}.get(case, 2)


def feasible(case: str, width: int) -> bool:
    """Whether some strict response of the case needs at most so many neurons."""
    return width >= least_width(case)


def counts(choices: Choices, n: int, case: Case, width: int) -> Counts:
    """Return numbers of jumps and kinks that fit a width; the case has to be feasible."""
    room = width - (case == "active")
    most = min(room // 2, MAX_TERMS, n if case == "active" else MAX_TERMS)
    jumps = choices.integer(2 if case == "free" else 1, most)
    return Counts(jumps, choices.integer(0, min(room - 2 * jumps, MAX_TERMS - jumps)))


def response(choices: Choices, points: Sequence[Point], case: Case, size: Counts) -> GeneralizedResponse:
    """Return a strict response in reduced form on every domain whose convex hull is that of the points.

    Its dimension for the case's architecture is `size.width(case)`. The case "active" allows at most n jumps.
    """
    n = len(points[0])
    normals = _normals(choices, n, case, size.jumps) + [normal(choices, n) for _ in range(size.kinks)]
    terms = []
    for index, side in enumerate(sides(choices, points, normals)):
        if index < size.jumps:
            slope = affine(choices, n).linear if choices.flag() else Affine.constantly(0, n)
            jump = slope.plus(choices.nonzero() - slope(point_on(side, points)))
        else:
            jump = side * choices.nonzero()
        terms.append(Term(HalfSpace(side * choices.pick((1, -1)) * choices.positive(3, 3)), jump))
    return GeneralizedResponse(_affine_part(choices, n, case, terms), tuple(terms))


def network(choices: Choices, points: Sequence[Point], width: int) -> ShallowNetwork:
    """Return a feedforward or residual network whose kinks cut the hull of the points, in part at the same place."""
    n = len(points[0])
    neurons: list[Neuron] = []
    for side in sides(choices, points, [normal(choices, n) for _ in range(width)]):
        if neurons and choices.flag():
            side = neurons[-1].inner * choices.pick((1, -1))
        neurons.append(Neuron(choices.nonzero(), side))
    part = affine(choices, n)
    return ShallowNetwork(part if choices.flag() else Affine.constantly(part.constant, n), tuple(neurons))


def ramps(choices: Choices, construction: Construction) -> list[Ramp]:
    """Return ramps for all jumps of a construction, wide and thin, with any shifts that it admits."""
    response = construction.response
    n = response.dimension_of_input
    tied = [k for k, _ in construction.weights]
    kappas = construction.kappas([choices.positive(4, 6) / 2 ** choices.integer(0, 8) for _ in response.jumps])
    missing = construction.shift_gradient if tied else Affine.constantly(0, n)
    result = []
    for index, (term, kappa) in enumerate(zip(response.jumps, kappas, strict=True)):
        shift = affine(choices, n) if choices.flag() else Affine.constantly(0, n)
        if index in tied:
            if index == tied[-1]:
                shift = missing.plus(shift.constant)
            missing = missing - shift.linear
        result.append(Ramp(term, kappa, shift))
    return result


def _normals(choices: Choices, n: int, case: Case, jumps: int) -> list[tuple[Fraction, ...]]:
    if case == "active":  # independent: their first entries other than 0 stand at different places
        return [normal(choices, n, pivot) for pivot in choices.distinct(range(n), jumps)]
    normals = [normal(choices, n) for _ in range(jumps)]
    if case == "free" and jumps <= n:  # more than n vectors are dependent anyway
        normals[1] = normals[0]
    return normals


def _affine_part(choices: Choices, n: int, case: Case, terms: Sequence[Term]) -> Affine:
    """Return an affine part; only for the case "constant" can turning over half-spaces make it constant.

    The gradients of the terms have denominators that divide 60; in the cases (free) and (active) that of `a` has a 7.
    """
    if case == "constant":
        total = Affine.constantly(choices.rational(), n)
        for term in terms:
            if choices.flag():
                total = total - term.jump.linear
        return total
    free = affine(choices, n)
    return free if case == "residual" else free + Affine.of([_ODD, *[0] * (n - 1)])
