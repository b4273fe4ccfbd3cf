"""Random exact objects: small rationals, affine functions, domains, reduced responses, families of networks."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from proofs.closure.family import AffineGerm, MovingNeuron, NetworkFamily
from proofs.expansions.germs import Germ, parameter
from proofs.geometry.affine import Affine, HalfSpace
from proofs.geometry.polytopes import Polytope
from proofs.response import Architecture, GeneralizedResponse, Term

dimensions = st.integers(1, 3)
architectures: st.SearchStrategy[Architecture] = st.sampled_from(("feedforward", "residual"))
rationals = st.builds(Fraction, st.integers(-6, 6), st.integers(1, 4))
integers = st.integers(-3, 3)


def cube(n: int) -> Polytope:
    return Polytope.box([(-1, 1)] * n)


@st.composite
def domains(draw: st.DrawFn, n: int) -> list[Polytope]:
    """A box, a simplex, or two boxes that share a face."""
    kind = draw(st.sampled_from(("box", "simplex", "two boxes")))
    if kind == "box":
        return [cube(n)]
    if kind == "simplex":
        return [Polytope.hull([[-1] * n] + [[2 * int(i == j) - 1 for i in range(n)] for j in range(n)])]
    rest = [(Fraction(-1), Fraction(1))] * (n - 1)
    return [Polytope.box([(-1, 0), *rest]), Polytope.box([(0, 1), *rest])]


@st.composite
def affines(draw: st.DrawFn, n: int) -> Affine:
    return Affine.of([draw(rationals) for _ in range(n)], draw(rationals))


@st.composite
def sides(draw: st.DrawFn, n: int) -> Affine:
    """A function whose zero set passes through the interior of the cube."""
    gradient = draw(st.lists(integers, min_size=n, max_size=n).filter(any))
    inside = [draw(st.builds(Fraction, st.integers(-3, 3), st.just(4))) for _ in range(n)]
    return Affine.of(gradient, -sum(g * x for g, x in zip(gradient, inside, strict=True)))


@st.composite
def responses(draw: st.DrawFn, n: int, max_terms: int = 4) -> GeneralizedResponse:
    """Kinks and jumps, some with dependent or equal normals; the affine part often constant after turning over."""
    terms: list[Term] = []
    for _ in range(draw(st.integers(0, max_terms))):
        side = draw(sides(n))
        if terms and draw(st.booleans()):
            side = terms[-1].halfspace.side.plus(draw(rationals)) * draw(st.sampled_from((1, -1)))
        jump = side * draw(rationals) if draw(st.booleans()) else draw(affines(n))
        if not side.is_constant:
            terms.append(Term(HalfSpace(side), jump))
    affine = draw(affines(n))
    if draw(st.booleans()):
        affine = Affine.constantly(affine.constant, n)
        for term in terms[: draw(st.integers(0, max_terms))]:
            affine = affine - term.jump
    return GeneralizedResponse(affine, tuple(terms))


@st.composite
def split_domains(draw: st.DrawFn, n: int) -> list[Polytope]:
    """Two boxes apart from each other: hyperplanes can pass between them."""
    rest = [(Fraction(-1), Fraction(1))] * (n - 1)
    gap = draw(st.sampled_from((Fraction(1, 8), Fraction(1, 2))))
    return [Polytope.box([(-1, -gap), *rest]), Polytope.box([(gap, 1), *rest])]


@st.composite
def germs(draw: st.DrawFn, low: int = 0, high: int = 2, k: Germ | None = None) -> Germ:
    """A rational function of k with exponents from `low` on, sometimes with a denominator."""
    k = parameter() if k is None else k
    result: Germ = k * 0
    for exponent in range(low, high + 1):
        if draw(st.booleans()):
            result = result + draw(rationals) * k**exponent
    if draw(st.integers(0, 3)) == 0:
        result = result / (1 + draw(rationals) * k)
    return result


@st.composite
def families(draw: st.DrawFn, n: int) -> NetworkFamily:
    """Neurons at shared limit boundaries with poles that cancel, or not; leaving, constant and active neurons.

    The coefficients are rational in k, in sqrt(k) or in k^(2/3).
    """
    k = parameter() ** draw(st.sampled_from((1, 1, Fraction(1, 2), Fraction(2, 3))))

    def drawn(low: int, high: int = 2) -> Germ:
        return draw(germs(low, high, k))

    neurons: list[MovingNeuron] = []
    for _ in range(draw(st.integers(1, 3))):
        base = AffineGerm.fixed(draw(sides(n)))
        shape = draw(st.sampled_from(("free", "pair", "spike", "opposite", "odd")))
        moves = [AffineGerm.of([drawn(1) for _ in range(n)], drawn(1)) for _ in range(3)]
        factor, pole = draw(rationals), draw(st.integers(0, 2))
        if shape == "free":
            neurons.append(MovingNeuron(drawn(-1), base + moves[0]))
        elif shape == "pair":
            neurons.append(MovingNeuron(factor * k**-pole, base + moves[0]))
            neurons.append(MovingNeuron(-factor * k**-pole + drawn(0, 1), base + moves[1]))
        elif shape == "spike":
            for weight, move in zip((1, -2, 1), (moves[0], moves[0] * 0, -moves[0]), strict=True):
                neurons.append(MovingNeuron(weight * factor * k**-pole, base + move))
        elif shape == "opposite":
            neurons.append(MovingNeuron(factor * k**-pole, base + moves[0]))
            neurons.append(MovingNeuron(-factor * k**-pole, -base + moves[1]))
        else:
            gradient = [drawn(0, 1) for _ in range(n)]
            neurons.append(MovingNeuron(drawn(-1, 1), AffineGerm.of(gradient, drawn(-1, 1))))
    affine = AffineGerm.of([0] * n, drawn(-1, 1))
    return NetworkFamily(affine, tuple(neurons))


@st.composite
def completed_families(draw: st.DrawFn, n: int) -> tuple[NetworkFamily, GeneralizedResponse]:
    """Groups of neurons with unrelated poles and rates, each side completed by one neuron to a finite limit.

    On one side of a boundary the sum of the group is `T(k) = sum c_j l_j` with a pole of order a; the neuron
    `k^-a (k^a (J - T))^+`, or `-k^-a (k^a (T - J))^+`, faces the same side and makes the sum J exactly.
    """
    k = parameter() ** draw(st.sampled_from((1, 1, Fraction(1, 2))))
    neurons: list[MovingNeuron] = []
    affine = draw(affines(n))
    terms: list[Term] = []
    for _ in range(draw(st.integers(1, 2))):
        side = draw(sides(n))
        if any(HalfSpace(side).boundary == t.halfspace.boundary for t in terms):
            continue
        for facing in draw(st.sampled_from(((1,), (-1,), (1, -1)))):
            total, top = AffineGerm.of([0] * n), Fraction(0)
            pole = draw(st.integers(1, 3))
            for index in range(draw(st.integers(1, 3))):
                order = pole if index == 0 else draw(st.integers(0, pole))
                weight = draw(rationals.filter(bool)) if index == 0 else draw(rationals)
                top += weight if order == pole else 0
                move = AffineGerm.of([draw(germs(1, 3, k)) for _ in range(n)], draw(germs(1, 3, k)))
                neuron = MovingNeuron(weight * k**-order, AffineGerm.fixed(facing * side) + move)
                neurons.append(neuron)
                total = total + neuron.inner * neuron.output
            jump = draw(affines(n))
            if top == 0:
                neurons.append(MovingNeuron(k**-pole, AffineGerm.fixed(facing * side)))
                total, top = total + AffineGerm.fixed(facing * side) * k**-pole, Fraction(1)
            rest = (AffineGerm.fixed(jump) - total) * k**pole
            sign = -1 if top > 0 else 1
            neurons.append(MovingNeuron(sign * k**-pole, rest * sign))
            terms.append(Term(HalfSpace(facing * side), jump))
    return NetworkFamily(AffineGerm.fixed(affine), tuple(neurons)), GeneralizedResponse(affine, tuple(terms))
