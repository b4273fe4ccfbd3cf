"""What one neuron, two neurons and dependent pairs tend to, with symbols for offsets, normals and jumps."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import Any

from proofs.closure.excess import Excess, excess
from proofs.closure.family import AffineGerm, MovingNeuron, NetworkFamily
from proofs.closure.limits import Limit, limit
from proofs.closure.vectors import ExactResponse
from proofs.expansions.germs import as_germ, parameter
from proofs.geometry.affine import Affine
from proofs.geometry.polytopes import Polytope
from proofs.numbers.constants import expression, sign, vanishes
from proofs.response import GeneralizedResponse
from proofs.theorems.record import Statement, true

HALF = Fraction(1, 2)


def pair(side: AffineGerm, jump: AffineGerm, shift: AffineGerm, weight: Any = 1) -> list[MovingNeuron]:
    """Return the two neurons of the ramp with kappa = k / weight, facing the same way."""
    kappa = parameter() / as_germ(weight)
    upper, lower = side + (shift + jump) * kappa, side + (shift - jump) * kappa
    return [MovingNeuron(HALF / kappa, upper), MovingNeuron(-HALF / kappa, lower)]


def opposite_pair(side: AffineGerm, jump: AffineGerm, shift: AffineGerm, weight: Any = 1) -> list[MovingNeuron]:
    """Return the same with the second neuron facing the other way: the ramp plus half of its lower affine function."""
    first, second = pair(side, jump, shift, weight)
    return [first, MovingNeuron(second.output, -second.inner)]


def nowhere(n: int) -> AffineGerm:
    """The zero function on R^n."""
    return AffineGerm.of([0] * n)


def general_side(n: int, tag: str = "") -> AffineGerm:
    """`n_1 x_1 + ... - o` with `n_1 > 0`: every half-space, after renumbering coordinates and turning over."""
    from sympy import Symbol

    normal = [Symbol(f"n1{tag}", positive=True)] + [Symbol(f"n{i}{tag}", real=True) for i in range(2, n + 1)]
    return AffineGerm.of(normal, -Symbol(f"o{tag}", real=True))


def general_jump(side: AffineGerm, tag: str = "") -> AffineGerm:
    """An affine function with any gradient and a value `J0 > 0` at one point of the boundary: any jump, no kink.

    A jump that is somewhere != 0 on the boundary is > 0 at some point of it after turning over; the coordinates are
    shifted such that it is the point on the first axis.
    """
    from sympy import Symbol

    n = len(side.gradient)
    gradient = [Symbol(f"j{i}{tag}", real=True) for i in range(1, n + 1)]
    normal, offset = side.gradient[0], side.constant
    value = Symbol(f"J0{tag}", positive=True)
    return AffineGerm.of(gradient, as_germ(gradient[0]) * offset / normal + value)


def _entries(function: AffineGerm) -> list[Any]:
    return [germ.upto(0).coefficient(0) for germ in function.entries]


def _pivot(entries: Sequence[Any]) -> int:
    return next(i for i, entry in enumerate(entries) if not vanishes(entry))


def same_terms(found: Limit, affine: AffineGerm, terms: Sequence[tuple[AffineGerm, AffineGerm]]) -> bool:
    """Whether a limit is `affine + sum of jump 1{side > 0}` with exactly these terms, each side up to its scale."""
    response = found.response
    if not isinstance(response, ExactResponse) or len(response.terms) != len(terms):
        return False
    pairs = list(zip(response.affine.entries, _entries(affine), strict=True))
    for term, (side, jump) in zip(response.terms, terms, strict=True):
        pairs += zip(term.jump.entries, _entries(jump), strict=True)
        expected = _entries(side)
        pivot = _pivot(expected)
        scale = expression(term.side.entries[pivot]) / expression(expected[pivot])
        pairs += [(a, scale * expression(b)) for a, b in zip(term.side.entries, expected, strict=True)]
    return all(vanishes(expression(a) - expression(b)) for a, b in pairs)


def pair_gives_any_jump(n: int) -> bool:
    """Whether the pair tends to `J 1{s > 0}`, multiplicity 2, for any s, J, e on R^n."""
    from sympy import Symbol

    side = general_side(n)
    jump = general_jump(side)
    shift = AffineGerm.of([Symbol(f"e{i}", real=True) for i in range(1, n + 1)], Symbol("e0", real=True))
    found = limit(NetworkFamily(nowhere(n), tuple(pair(side, jump, shift))), None)
    response = found.response
    return (
        same_terms(found, nowhere(n), [(side, jump)])
        and isinstance(response, ExactResponse)
        and response.terms[0].multiplicity == 2
        and response.dimension("residual") == 2
    )


def lonely_neuron(n: int, pole: int) -> Limit:
    """Return the limit of `c k^-pole (l0 + k l1 + k^2 l2)^+` with any `l0` not constant, `c > 0`."""
    from sympy import Symbol

    k = parameter()
    inner = general_side(n)
    for power in (1, 2):
        change = [Symbol(f"d{i}_{power}", real=True) for i in range(n + 1)]
        inner = inner + AffineGerm.of(change[:-1], change[-1]) * k**power
    output = as_germ(Symbol("c", positive=True)) * k**-pole
    return limit(NetworkFamily(nowhere(n), (MovingNeuron(output, inner),)), None)


def lonely_neuron_is_a_kink(n: int) -> bool:
    """Whether the bounded lonely neuron tends to a term of multiplicity 1."""
    response = lonely_neuron(n, 0).response
    return isinstance(response, ExactResponse) and [t.multiplicity for t in response.terms] == [1]


def lonely_neuron_diverges(n: int, pole: int) -> bool:
    """Whether it diverges with exponent -pole."""
    found = lonely_neuron(n, pole)
    return found.verdict == "diverges" and found.witness is not None and found.witness.exponent == -pole


def opposite_pair_diverges(n: int) -> bool:
    """Whether an opposite pair alone diverges on both sides of its boundary: like `-s/(2k)` below, like 1/k."""
    side = general_side(n)
    found = limit(NetworkFamily(nowhere(n), tuple(opposite_pair(side, general_jump(side), nowhere(n)))), None)
    return found.verdict == "diverges" and found.witness is not None and found.witness.exponent == -1


def _dependent_sides(n: int) -> tuple[list[AffineGerm], list[Any]]:
    """Return n + 1 half-spaces and `c_k > 0` with `sum c_k n_k = 0`, any n of the normals independent."""
    from sympy import Symbol

    weights = [Symbol(f"c{i}", positive=True) for i in range(1, n + 1)] + [Fraction(1)]
    sides: list[AffineGerm] = []
    for row in range(n):
        entries: list[Any] = [Fraction(0)] * row + [Symbol(f"a{row}{row}", positive=True)]
        entries += [Symbol(f"a{row}{column}", real=True) for column in range(row + 1, n)]
        sides.append(AffineGerm.of(entries, -Symbol(f"o{row}", real=True)))
    last = nowhere(n)
    for side, weight in zip(sides, weights, strict=False):
        last = last - side * as_germ(weight)
    gap = Symbol("gap", positive=True)
    return [*sides, AffineGerm(last.gradient, last.constant + gap)], weights


def free_affine_family(n: int) -> tuple[NetworkFamily, AffineGerm, list[tuple[AffineGerm, AffineGerm]]]:
    """Return n + 1 opposite pairs with dependent normals, the affine part and the terms that they should tend to."""
    from sympy import Symbol

    sides, weights = _dependent_sides(n)
    affine = AffineGerm.of([Symbol(f"g{i}", real=True) for i in range(n)], Symbol("g", real=True))
    jumps = [
        AffineGerm.of([Symbol(f"p{j}{i}", real=True) for i in range(n)], Symbol(f"p{j}", positive=True))
        for j in range(n + 1)
    ]
    linear = affine * 2
    for jump in jumps:
        linear = linear + jump
    shifts = [AffineGerm(linear.gradient, as_germ(0))] + [nowhere(n)] * n
    offset = affine
    neurons: list[MovingNeuron] = []
    for side, jump, shift, weight in zip(sides, jumps, shifts, weights, strict=True):
        kappa = parameter() / as_germ(weight)
        neurons += opposite_pair(side, jump, shift, weight)
        offset = offset - (side + (shift - jump) * kappa) * (HALF / kappa)
    return NetworkFamily(offset, tuple(neurons)), affine, list(zip(sides, jumps, strict=True))


def free_affine_part(n: int) -> list[bool]:
    """Whether the family is feedforward (its affine part constant), has width 2 (n + 1), and tends to the response."""
    family, affine, terms = free_affine_family(n)
    is_constant = all(germ.upto(4).is_exactly_zero for germ in family.affine.gradient)
    return [is_constant, family.width == 2 * (n + 1), _tends_to(limit(family, None), affine, terms)]


def _tends_to(found: Limit, affine: AffineGerm, terms: Sequence[tuple[AffineGerm, AffineGerm]]) -> bool:
    """As same_terms, for a limit that may label a half-space from the other side."""
    response = found.response
    if not isinstance(response, ExactResponse):
        return False
    relabelled = []
    for term, (side, jump) in zip(response.terms, terms, strict=True):
        pivot = _pivot(_entries(side))
        if sign(term.side.entries[pivot]) != sign(_entries(side)[pivot]):
            affine, side, jump = affine + jump, -side, -jump
        relabelled.append((side, jump))
    return same_terms(found, affine, relabelled)


def spike(pole: int) -> tuple[Limit, Excess]:
    """Return limit and excess of `k^-pole [(x + k)^+ - 2 x^+ + (x - k)^+]` on [-1, 1]."""
    k = parameter()
    neurons = [MovingNeuron.of(f * k**-pole, [1], b * k) for f, b in ((1, 1), (-2, 0), (1, -1))]
    family = NetworkFamily(nowhere(1), tuple(neurons))
    pieces = [Polytope.box([(-1, 1)])]
    nothing = GeneralizedResponse(Affine.constantly(0, 1), ())
    return limit(family, pieces), excess(family, nothing, pieces)


def spike_vanishes(pole: int) -> bool:
    """Whether the spike tends to 0 almost everywhere with excess `(2/3) k^(3 - 2 pole)`."""
    found, rate = spike(pole)
    expected = Excess(Fraction(2, 3), Fraction(3 - 2 * pole))
    return isinstance(found.response, GeneralizedResponse) and not found.response.terms and rate == expected


DIMENSIONS = (1, 2, 3)

STATEMENTS = (
    Statement(
        id="pair-any-jump",
        title="Two neurons facing the same way give any affine jump",
        hypotheses=("s affine and not constant, J and e affine on R^n, J not identically 0 on {s = 0}",),
        claim="ramp_k -> J 1{s > 0} almost everywhere as k -> 0+; the limit has multiplicity 2 and no affine remainder",
        latex=r"\tfrac1{2k}\left[(s+k(e+J))^+-(s+k(e-J))^+\right]\longrightarrow J\,\mathbf 1_{\{s>0\}}",
        reference="MATHEMATICS.md, sections 2 and 3",
        status="derived",
        steps=tuple(true(f"n = {n}, all coefficients symbols", partial(pair_gives_any_jump, n)) for n in DIMENSIONS),
    ),
    Statement(
        id="single-neuron-kink",
        title="A single neuron gives only a kink",
        hypotheses=("one neuron c k^-p (l0 + k l1 + k^2 l2)^+ with l0 not constant, c > 0", "p = 0, 1, 2, 3"),
        claim="for p = 0 it tends to a term of multiplicity 1; for p > 0 it diverges on {l0 > 0} like k^-p",
        latex=r"c\,k^{-p}(\ell_0+k\ell_1+k^2\ell_2)^+\to c\,\ell_0\mathbf 1_{\{\ell_0>0\}}\ (p=0),\quad"
        r"\text{diverges like }k^{-p}\ (p>0)",
        reference="MATHEMATICS.md, section 2, proof of the closure theorem",
        status="derived",
        steps=(
            *(true(f"n = {n}, p = 0: a kink", partial(lonely_neuron_is_a_kink, n)) for n in DIMENSIONS),
            *(
                true(f"n = {n}, p = {p}: diverges", partial(lonely_neuron_diverges, n, p))
                for n in DIMENSIONS
                for p in (1, 2, 3)
            ),
        ),
    ),
    Statement(
        id="opposite-pair-diverges",
        title="Two neurons facing opposite ways with diverging weights diverge on their own",
        hypotheses=("the pair of the ramp with its second neuron turned over, constant affine part",),
        claim="the remainder -(s + k (e - J))/(2k) diverges like 1/k",
        latex=r"\tfrac1{2k}\left[(s+kJ)^+-(-s+kJ)^+\right]\ \text{diverges like}\ \tfrac{1}{2k}\,s",
        reference="MATHEMATICS.md, sections 2 and 3",
        status="derived",
        steps=tuple(true(f"n = {n}", partial(opposite_pair_diverges, n)) for n in DIMENSIONS),
    ),
    Statement(
        id="free-affine-limit",
        title="Opposite pairs with dependent normals leave any affine part in the limit",
        hypotheses=("n + 1 half-spaces with sum c_k n_k = 0, c_k > 0", "any jumps, any affine part a"),
        claim="2 (n + 1) neurons and a constant tend to a + sum of J_k 1{s_k > 0}: the affine part costs no neuron",
        latex=r"b+\sum_{k\in T}\tfrac{c_k}{2\kappa}\left[(s_k+\tfrac{\kappa}{c_k}(J_k+e_k))^+"
        r"-(-s_k+\tfrac{\kappa}{c_k}(J_k-e_k))^+\right]\longrightarrow a+\sum_{k\in T} J_k\mathbf 1_{\{s_k>0\}}",
        reference="MATHEMATICS.md, section 3, the (free) case",
        status="derived",
        steps=tuple(
            true(f"n = {n}: {n + 1} normals, all else symbols", partial(free_affine_part, n)) for n in DIMENSIONS
        ),
        uses=("free-affine-lemma",),
    ),
    Statement(
        id="spike",
        title="A family can converge almost everywhere while its risk blows up",
        hypotheses=("k^-p [(x + k)^+ - 2 x^+ + (x - k)^+] on [-1, 1], squared loss", "p = 0, 1, 2, 3"),
        claim="it tends to 0 almost everywhere for every p; int N_k^2 = (2/3) k^(3 - 2p), so its risk tends to that of "
        "0 for p = 0, 1 and is unbounded for p = 2, 3",
        latex=r"\int_{-1}^1\left(k^{-p}[(x+k)^+-2x^++(x-k)^+]\right)^2dx=\tfrac23\,k^{3-2p}",
        reference="MATHEMATICS.md, section 2, exact limits of a given family",
        status="derived",
        steps=tuple(true(f"p = {p}: limit 0, exact excess", partial(spike_vanishes, p)) for p in (0, 1, 2, 3)),
    ),
)
