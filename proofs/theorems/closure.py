"""The counting rule, the closure theorem and the domination theorem: what is derived, and what is argued."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import Any

from proofs.closure.family import converging_to
from proofs.closure.limits import limit
from proofs.geometry.affine import Affine
from proofs.geometry.polytopes import Polytope
from proofs.ramp import Ramp, check_competitor, constructions
from proofs.response import Architecture, GeneralizedResponse, equal_almost_everywhere
from proofs.theorems.record import Statement, true, zero

HALF = Fraction(1, 2)
LINE = (Polytope.box([(0, 1)]),)
PLANE = (Polytope.box([(-1, 1), (-1, 1)]),)


def _line(slope: int, constant: Fraction | int, *terms: tuple[Fraction, int, Fraction | int]) -> GeneralizedResponse:
    """`slope x + constant + sum of (g x + c) 1{x > o}` from triples (o, g, c)."""
    pairs = [(Affine.of([1], -o), Affine.of([g], c)) for o, g, c in terms]
    return GeneralizedResponse.of(Affine.of([slope], constant), pairs)


def examples() -> dict[str, tuple[GeneralizedResponse, Sequence[Polytope], Architecture, int]]:
    """One response for every case of the counting rule: response, domain, architecture, dimension by hand."""
    x, y = Affine.of([1, 0]), Affine.of([0, 1])
    one = Affine.constantly(1, 2)
    jump, kink = (HALF, 0, 1), (HALF, 2, -1)
    return {
        "residual: a jump and a slope": (_line(1, 0, jump), LINE, "residual", 2),
        "constant affine part: a jump": (_line(0, 1, jump), LINE, "feedforward", 2),
        "constant after turning over: a kink": (_line(-2, 0, kink), LINE, "feedforward", 1),
        "always active: a slope alone": (_line(1, 0), LINE, "feedforward", 1),
        "always active: a slope and one jump": (_line(1, 0, jump), LINE, "feedforward", 3),
        "always active: a slope and a kink": (_line(1, 0, kink), LINE, "feedforward", 2),
        "free: a slope and two jumps": (
            _line(1, 0, (Fraction(1, 4), 0, 1), (Fraction(3, 4), 1, 1)),
            LINE,
            "feedforward",
            4,
        ),
        "the plane, independent normals": (GeneralizedResponse.of(x, [(x, one), (y, one)]), PLANE, "feedforward", 5),
        "the plane, parallel jumps": (
            GeneralizedResponse.of(y, [(x, one), (x.plus(HALF), one)]),
            PLANE,
            "feedforward",
            4,
        ),
        "the plane, three dependent normals": (
            GeneralizedResponse.of(x, [(x, one), (y, one), ((x + y).plus(HALF), y)]),
            PLANE,
            "feedforward",
            6,
        ),
    }


def is_reached(name: str) -> bool:
    """Whether the family built for an example has the counted width and tends to the example."""
    response, pieces, architecture, dimension = examples()[name]
    family = converging_to(response, architecture, pieces[0])
    found = limit(family, pieces).response
    return (
        response.dimension(architecture) == dimension == family.width
        and (architecture == "residual" or all(g.upto(4).is_exactly_zero for g in family.affine.gradient))
        and isinstance(found, GeneralizedResponse)
        and found.dimension(architecture) == dimension
        and equal_almost_everywhere(found, response, pieces)
    )


def is_competitor(name: str) -> bool:
    """Whether every construction for an example has `dimension` neurons and leaves it inside the ramps only."""
    response, pieces, architecture, dimension = examples()[name]
    for construction in constructions(response, architecture):
        n = response.dimension_of_input
        shifts = [Affine.constantly(0, n) for _ in construction.response.jumps]
        if construction.weights:
            shifts[construction.weights[0][0]] = construction.shift_gradient
        kappas = construction.kappas([Fraction(1, 100)] * len(shifts))
        terms = zip(construction.response.jumps, kappas, shifts, strict=True)
        ramps = [Ramp(term, kappa, shift) for term, kappa, shift in terms]
        network = construction.network(ramps, pieces[0])
        check_competitor(network, construction, ramps, pieces)
        if network.width != dimension or (architecture == "feedforward" and not network.is_feedforward):
            return False
    return True


def bounded_spike() -> Any:
    """For k^(-3/2) [(x + k)^+ - 2 x^+ + (x - k)^+]: int N^2 - 2/3 and int N - k^(1/2), the cross term with f = 1."""
    from sympy import Rational, Symbol, integrate, simplify

    x, k = Symbol("x", real=True), Symbol("k", positive=True)
    scale = k ** Rational(-3, 2)
    half = scale * (x + k)  # on [-k, 0]; even in x
    return [
        simplify(2 * integrate(half**2, (x, -k, 0)) - Rational(2, 3)),
        simplify(2 * integrate(half, (x, -k, 0)) - k ** Rational(1, 2)),
    ]


STATEMENTS = (
    Statement(
        id="counting-rule",
        title="How many neurons a generalized response needs",
        hypotheses=("R in reduced form on a compact D with (H2a)",),
        claim="residual: the sum of the multiplicities; feedforward: one more unless some set of half-spaces "
        "turned over leaves a constant affine part, or the normals of the jumps are linearly dependent",
        latex=r"\dim R=\sum_k m_k+m_0",
        reference="MATHEMATICS.md, section 2",
        status="argued",
        argument="That this many neurons suffice is derived (the families below, and for all symbols in "
        "pair-any-jump and free-affine-limit). That fewer do not is the counting in the proof of the closure "
        "theorem: with an always-active neuron the affine part is free and costs one; without it, a group of three "
        "or more, an opposite pair with bounded weights, a group with more than m_k neurons, or a neuron that "
        "vanishes leaves a spare neuron; what remains are kinks, pairs facing the same way, and opposite pairs "
        "whose diverging affine parts must cancel.",
        steps=tuple(true(name, partial(is_reached, name)) for name in examples()),
        uses=("pair-any-jump", "single-neuron-kink", "opposite-pair-diverges", "free-affine-limit"),
    ),
    Statement(
        id="closure-theorem",
        title="The closure consists of the generalized responses, and contains a minimiser",
        hypotheses=("(H1)", "(H2a)", "L coercive, lower semicontinuous in y and bounded on bounded sets"),
        claim="the almost-everywhere limits of bounded-risk sequences of width-d networks are the generalized "
        "responses of dimension <= d; one of these attains the infimum of err over width-d networks",
        latex=r"\overline{\mathcal N_d}=\{R:\dim R\le d\},\qquad "
        r"\min_{\dim R\le d}\mathrm{err}(R)=\inf_{N\in\mathcal N_d}\mathrm{err}(N)",
        reference="MATHEMATICS.md, section 2; Dereich & Kassing, arXiv 2303.03950",
        status="argued",
        argument="Compactness of normalised hyperplanes gives a subsequence with limit boundaries. (H2a) and the "
        "continuity of h give, for every boundary, two adjacent cells of positive mass; Fatou's lemma and "
        "coercivity make the network converge on every cell of positive mass, so the jumps and the affine part "
        "converge. The counting rule bounds the dimension; Fatou again gives lower semicontinuity of err, and the "
        "approximating families equal R off thin strips, so that err(R) is a limit of risks of networks.",
        steps=tuple(true(f"reached: {name}", partial(is_reached, name)) for name in examples()),
        uses=("counting-rule",),
    ),
    Statement(
        id="domination-theorem",
        title="Every strict generalized response is beaten by a network",
        hypotheses=(
            "(H1): the strips carry finite mass, risks are finite",
            "(H2a): every jump has points of P on its boundary, so that the first-order gain is not 0",
            "(H2b): no one-sided face, so that the transport terms of the two sides cancel",
            "(H3): L and f continuous, so that the integrand on the strip converges",
            "(H4): strict convexity makes Phi < 0; attained minima make L coercive (closure theorem)",
        ),
        claim="for every strict R of dimension <= d there is a width-d network with err(N) < err(R); with the "
        "closure theorem a global minimum over width-d networks exists",
        latex=r"\dim R\le d,\ R\text{ strict}\ \Longrightarrow\ "
        r"\exists N\in\mathcal N_d:\ \mathrm{err}(N)<\mathrm{err}(R)",
        reference="MATHEMATICS.md, section 4; Dereich & Kassing, arXiv 2303.03950",
        status="argued",
        argument="Replace the jumps by ramps, one after the other; crossings of ramps cost O(kappa^2). In the "
        "cases (const), residual and m_0 = 1 take e = 0: each jump gains -kappa int_H h Phi dsigma + o(kappa) > 0. "
        "In the case (free) the shifts are prescribed up to the choice of labels, and one of the two labellings "
        "has a transport term <= 0. Kinks stay single neurons, so the count is the dimension.",
        steps=tuple(true(f"competitor, exactly: {name}", partial(is_competitor, name)) for name in examples()),
        uses=("ramp-identity", "risk-decomposition", "first-order-gain", "free-affine-lemma", "counting-rule"),
    ),
    Statement(
        id="risk-along-a-family",
        title="The excess decides what the risk does along a family",
        hypotheses=("squared loss, h = 1, bounded target f", "N_k -> R almost everywhere"),
        claim="err(N_k) - err(R) = int (N_k - R)^2 + o(1) while the integral stays bounded; if it is unbounded, so "
        "is the risk",
        latex=r"\mathrm{err}(N_k)-\mathrm{err}(R)=\int_D(N_k-R)^2\,dx+o(1)",
        reference="MATHEMATICS.md, section 2, exact limits of a given family",
        status="argued",
        argument="err(N_k) - err(R) = int (N_k - R)^2 + 2 int (N_k - R)(R - f). A bounded sequence in L^2(D) that "
        "converges to 0 almost everywhere converges weakly to 0, so the last integral tends to 0; in general it is "
        "at most a constant times the root of the first.",
        steps=(zero("the spike with pole 3/2: excess 2/3, vanishing cross term", bounded_spike),),
        uses=("spike",),
    ),
)
