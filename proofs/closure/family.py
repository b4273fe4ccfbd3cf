"""Families of shallow networks whose parameter k tends to 0 from above, and one for every generalized response.

MATHEMATICS.md, sections 2 and 3: `N_k(x) = affine_k(x) + sum_j c_j(k) (w_j(k).x + b_j(k))^+` with germs as coefficients
(`proofs.expansions.germs`). `converging_to` is the converse of the limit: a family of the least width with a given
limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from proofs.expansions.germs import Germ, Quotient, as_germ, parameter
from proofs.geometry.affine import Affine, Rational
from proofs.network import Neuron, ShallowNetwork
from proofs.ramp import Construction, constructions
from proofs.response import Architecture, GeneralizedResponse, Shape

Coefficient = Germ | Rational


@dataclass(frozen=True)
class AffineGerm:
    """The function `x -> gradient . x + constant` with germs as coefficients."""

    gradient: tuple[Germ, ...]
    constant: Germ

    @classmethod
    def of(cls, gradient: Sequence[Coefficient], constant: Coefficient = 0) -> AffineGerm:
        """Build from germs and rationals."""
        return cls(tuple(as_germ(g) for g in gradient), as_germ(constant))

    @classmethod
    def fixed(cls, function: Affine) -> AffineGerm:
        """The function that does not depend on k."""
        return cls.of(function.gradient, function.constant)

    @property
    def entries(self) -> tuple[Germ, ...]:
        """The gradient, then the constant."""
        return (*self.gradient, self.constant)

    def __add__(self, other: AffineGerm) -> AffineGerm:
        pairs = [a + b for a, b in zip(self.entries, other.entries, strict=True)]
        return AffineGerm(tuple(pairs[:-1]), pairs[-1])

    def __mul__(self, factor: Coefficient) -> AffineGerm:
        return AffineGerm(tuple(g * factor for g in self.gradient), self.constant * factor)

    def __neg__(self) -> AffineGerm:
        return self * -1

    def __sub__(self, other: AffineGerm) -> AffineGerm:
        return self + (-other)

    def at(self, k: Fraction) -> Affine:
        """Return the function at a rational k > 0. Raises ValueError where a coefficient is not rational there."""
        values = [_value(germ, k) for germ in self.entries]
        return Affine(tuple(values[:-1]), values[-1])


@dataclass(frozen=True)
class MovingNeuron:
    """The neuron `output(k) * (inner_k(x))^+`."""

    output: Germ
    inner: AffineGerm

    @classmethod
    def of(cls, output: Coefficient, weights: Sequence[Coefficient], bias: Coefficient) -> MovingNeuron:
        """Build from germs and rationals."""
        return cls(as_germ(output), AffineGerm.of(weights, bias))


@dataclass(frozen=True)
class NetworkFamily:
    """A network for every small k > 0. A feedforward family has a constant affine part (the offset)."""

    affine: AffineGerm
    neurons: tuple[MovingNeuron, ...]

    @property
    def dimension(self) -> int:
        """The input dimension n."""
        return len(self.affine.gradient)

    @property
    def width(self) -> int:
        """The number of neurons."""
        return len(self.neurons)

    def at(self, k: Fraction) -> ShallowNetwork:
        """Return the network at a rational k > 0. Raises ValueError where a coefficient is not rational there."""
        neurons = tuple(Neuron(_value(m.output, k), m.inner.at(k)) for m in self.neurons)
        return ShallowNetwork(self.affine.at(k), neurons)


def converging_to(response: GeneralizedResponse, architecture: Architecture, shape: Shape) -> NetworkFamily:
    """Return a family of `response.dimension(architecture)` neurons that tends to a reduced response.

    Every jump becomes its ramp with kappa = k, the affine part is paid for as the first of `proofs.ramp.constructions`
    says (MATHEMATICS.md, section 3); limit and dimension are those of the closure theorem, section 2.
    """
    construction = next(constructions(response, architecture))
    response = construction.response
    n = response.dimension_of_input
    weights = dict(construction.weights)
    affine = AffineGerm.fixed(response.affine)
    neurons: list[MovingNeuron] = []
    for index, (term, shift) in enumerate(zip(response.jumps, _shifts(construction), strict=True)):
        kappa = parameter() * (1 / weights.get(index, Fraction(1)))
        side, jump = AffineGerm.fixed(term.halfspace.side), AffineGerm.fixed(term.jump)
        moved = AffineGerm.fixed(shift)
        lower = side + (moved - jump) * kappa
        half = Fraction(1, 2) / kappa
        neurons.append(MovingNeuron(half, side + (moved + jump) * kappa))
        neurons.append(MovingNeuron(-half, -lower if index in weights else lower))
        if index in weights:
            affine = affine - lower * half
    for kink in response.kinks:
        ratio = kink.jump.ratio_to(kink.halfspace.side)
        neurons.append(MovingNeuron(as_germ(ratio), AffineGerm.fixed(kink.halfspace.side)))
    if construction.case == "active":
        lift = ceil(1 - shape.lower_bound(response.affine))
        neurons.append(MovingNeuron(as_germ(1), AffineGerm.fixed(response.affine.plus(lift))))
        affine = AffineGerm.fixed(Affine.constantly(-lift, n))
    return NetworkFamily(affine, tuple(neurons))


def _shifts(construction: Construction) -> list[Affine]:
    """Return a shift for every jump: over T their linear parts add up to what the case (free) asks for, else 0."""
    response = construction.response
    shifts = [Affine.constantly(0, response.dimension_of_input) for _ in response.jumps]
    if construction.weights:
        first, _ = construction.weights[0]
        shifts[first] = construction.shift_gradient
    return shifts


def _value(germ: Germ, k: Fraction) -> Fraction:
    if not isinstance(germ, Quotient):
        raise ValueError("only coefficients that are rational in a root of k have exact values")
    return germ.at(k)
