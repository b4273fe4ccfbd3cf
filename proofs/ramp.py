"""The network that beats a jump: ramps, and the constructions that keep the neuron count.

MATHEMATICS.md, section 3. A ramp replaces `J 1{s > 0}` by two neurons that agree with it outside a thin set. How the
affine part is paid for gives four constructions: it is free (residual), constant after turning over some half-spaces,
an always-active neuron, or hidden in opposite-facing pairs with dependent normals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import ceil
from operator import add
from typing import Literal

from proofs.geometry.affine import Affine
from proofs.geometry.linear import circuits
from proofs.geometry.polytopes import Cell
from proofs.network import Neuron, ShallowNetwork
from proofs.response import Architecture, GeneralizedResponse, Shape, Term, differences

Case = Literal["residual", "constant", "active", "free"]


@dataclass(frozen=True, slots=True)
class Ramp:
    """`(1/(2 kappa)) [(s + kappa (e + J))^+ - (s + kappa (e - J))^+]` with `s`, `J` from the term, `e` the shift.

    Raises ValueError unless `kappa > 0`.
    """

    term: Term
    kappa: Fraction
    shift: Affine

    def __post_init__(self) -> None:
        if self.kappa <= 0:
            raise ValueError("the kappa of a ramp must be positive")

    @property
    def upper(self) -> Affine:
        """`s + kappa (e + J)`."""
        return self.term.halfspace.side + self.kappa * (self.shift + self.term.jump)

    @property
    def lower(self) -> Affine:
        """`s + kappa (e - J)`."""
        return self.term.halfspace.side + self.kappa * (self.shift - self.term.jump)

    def neurons(self, *, opposite: bool = False) -> tuple[Neuron, Neuron]:
        """Return the two neurons, facing the same way, or opposite ways as the case (free) needs them.

        The same-facing pair is the ramp itself; the opposite pair is the ramp plus `s/(2 kappa) + (e - J)/2`.
        """
        weight = 1 / (2 * self.kappa)
        return Neuron(weight, self.upper), Neuron(-weight, -self.lower if opposite else self.lower)

    def response(self) -> GeneralizedResponse:
        """The ramp as a response with kinks only."""
        return ShallowNetwork(Affine.constantly(0, self.shift.dimension), self.neurons()).response

    def covers(self, cell: Cell) -> bool:
        """Whether the cell lies where the ramp may leave its jump: on the slope, or in the strip a shift moved."""
        side, jump = self.term.halfspace.side(cell.centre), self.term.jump(cell.centre)
        moved = side + self.kappa * self.shift(cell.centre)
        return abs(moved) < self.kappa * abs(jump) or side * moved < 0


@dataclass(frozen=True)
class Construction:
    """A way to turn a response into a network of at most `dimension` neurons.

    `response` is the given one labelled from the sides that the construction needs. In the case "free", `weights`
    holds `(k, c_k)` for the jumps in T (k counts jumps), with `sum c_k n_k = 0`, all `c_k > 0`; otherwise it is empty.
    """

    case: Case
    response: GeneralizedResponse
    weights: tuple[tuple[int, Fraction], ...] = ()

    @property
    def shift_gradient(self) -> Affine:
        """What the linear parts of the shifts over T must add up to: `2 grad a + sum_T grad J` (case "free")."""
        jumps = self.response.jumps
        return reduce(add, (jumps[k].jump for k, _ in self.weights), 2 * self.response.affine).linear

    def kappas(self, kappas: Sequence[Fraction]) -> tuple[Fraction, ...]:
        """Return one kappa a jump; over T they are tied: `kappa_k = kappa / c_k` with kappa from the first of T."""
        result = list(kappas)
        if self.weights:
            first, scale = self.weights[0]
            for k, c in self.weights[1:]:
                result[k] = kappas[first] * scale / c
        return tuple(result)

    def network(self, ramps: Sequence[Ramp], shape: Shape) -> ShallowNetwork:
        """Return the competitor, one ramp for each jump of `response` in order; kinks stay single neurons.

        Raises ValueError where a ramp is not that of its jump, or kappas and shifts over T do not fit together.
        """
        jumps = self.response.jumps
        if tuple(r.term for r in ramps) != jumps:
            raise ValueError("one ramp is needed for each jump, in order")
        affine = self.response.affine
        neurons: list[Neuron] = []
        free = {k for k, _ in self.weights}
        for k, ramp in enumerate(ramps):
            neurons += ramp.neurons(opposite=k in free)
            if k in free:
                remainder = ramp.term.halfspace.side * (1 / ramp.kappa) + ramp.shift - ramp.term.jump
                affine = affine - remainder * Fraction(1, 2)
        for kink in self.response.kinks:
            ratio = kink.jump.ratio_to(kink.halfspace.side)
            assert ratio is not None
            neurons.append(Neuron(ratio, kink.halfspace.side))
        affine = affine.plus(sum((n((0,) * affine.dimension) for n in neurons if n.inner.is_constant), Fraction(0)))
        neurons = [n for n in neurons if not n.inner.is_constant]  # a slope that cancels leaves a constant
        if self.case == "active":
            lift = ceil(1 - shape.lower_bound(affine))
            neurons.append(Neuron(Fraction(1), affine.plus(lift)))
            affine = Affine.constantly(-lift, affine.dimension)
        if self.case != "residual" and not affine.is_constant:
            raise ValueError("the affine part does not cancel: kappas or shifts do not satisfy the case (free)")
        return ShallowNetwork(affine, tuple(neurons))


def constructions(response: GeneralizedResponse, architecture: Architecture) -> Iterator[Construction]:
    """Yield the constructions whose neuron count is the dimension of a reduced response, cheapest idea first."""
    if architecture == "residual":
        yield Construction("residual", response)
        return
    if response.turning is not None:
        yield Construction("constant", response.turned_over(response.turning))
    position = [i for i, t in enumerate(response.terms) if t.multiplicity == 2]
    found = response.turning is not None
    for chosen, coefficients in circuits([t.halfspace.side.gradient for t in response.jumps]):
        found = True
        for sign in (1, -1):
            backwards = [position[k] for k, c in zip(chosen, coefficients, strict=True) if sign * c < 0]
            weights = tuple((k, abs(c)) for k, c in zip(chosen, coefficients, strict=True))
            yield Construction("free", response.turned_over(backwards), weights)
    if not found:
        yield Construction("active", response)


def stages(construction: Construction, ramps: Sequence[Ramp]) -> list[GeneralizedResponse]:
    """Return `R_0, R_1, ...`: the response, then with the first jump ramped, the first two, and so on."""
    current = construction.response
    result = [current]
    for ramp in ramps:
        slope = ramp.response()
        rest = list(current.terms)
        rest.remove(ramp.term)
        current = GeneralizedResponse(current.affine + slope.affine, (*rest, *slope.terms))
        result.append(current)
    return result


def check_competitor(
    network: ShallowNetwork, construction: Construction, ramps: Sequence[Ramp], pieces: Iterable[Cell]
) -> None:
    """Check exactly that the network is the ramped response, and the response itself outside the ramps.

    Raises ArithmeticError if it is not (which would be an error in this program).
    """
    parts = list(pieces)
    if not network.equals(stages(construction, ramps)[-1], parts):
        raise ArithmeticError("the network is not the ramped response")
    for cell, _, _ in differences(construction.response, network.response, parts):
        if not any(ramp.covers(cell) for ramp in ramps):
            raise ArithmeticError(f"the network leaves the response outside the ramps, at {cell.centre}")
