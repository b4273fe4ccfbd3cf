"""The ramp: its identity, the change of risk, the first-order gain, the effective kappa, the free affine part."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from proofs.theorems.ramp_algebra import (
    closed_example,
    closed_example_is_target,
    decomposition,
    defect_integral,
    effective_margin,
    effective_pieces,
    exact_instance,
    free_gradient,
    free_identity,
    long_normal,
    mean_of_moved_jumps,
    outside_the_strip,
    ramp_inside,
    ramp_outside,
    squared_defect,
    squared_phi,
    theta_and_rest,
    transport_integral,
    turning_over,
)
from proofs.theorems.record import Statement, positive, true, zero

_CASES: tuple[tuple[str, Callable[[], Any]], ...] = tuple(
    (
        f"J {'> 0' if sign > 0 else '< 0'}, m {'>= kappa |J|' if side > 0 else '<= -kappa |J|'}",
        partial(ramp_outside, sign, side),
    )
    for sign in (1, -1)
    for side in (1, -1)
)

STATEMENTS = (
    Statement(
        id="ramp-identity",
        title="The ramp equals its jump outside a thin set, and interpolates inside",
        hypotheses=("kappa > 0, s, e, J real values at one point, m = s + kappa e",),
        claim="ramp = J 1{m > 0} where |m| >= kappa |J|; between, theta J with theta = (1 + m/(kappa |J|))/2 in [0, 1]",
        latex=r"\tfrac1{2\kappa}[(m+\kappa J)^+-(m-\kappa J)^+]=\theta J,\quad"
        r"\theta=\min\{1,\max\{0,\tfrac12(1+\tfrac{m}{\kappa|J|})\}\}",
        reference="MATHEMATICS.md, section 3",
        status="derived",
        steps=(
            *(zero(text, compute) for text, compute in _CASES),
            *(zero(f"J {'> 0' if g > 0 else '< 0'}, |m| < kappa |J|", partial(ramp_inside, g)) for g in (1, -1)),
            positive("theta > 0 and 1 - theta > 0 inside", theta_and_rest),
            zero(
                "outside |s| <= kappa (|e| + |J|) nothing changes, all signs of J, s and e",
                lambda: [outside_the_strip(g, side, e) for g in (1, -1) for side in (1, -1) for e in (1, -1)],
            ),
        ),
    ),
    Statement(
        id="ramp-mean",
        title="A ramp is a mean of moved jumps",
        hypotheses=("as for ramp-identity",),
        claim="ramp = (1/2) int_{-1}^{1} J 1{s + kappa (e + t J) > 0} dt; by convexity its loss is at most their mean",
        latex=r"\mathrm{ramp}_\kappa=\tfrac12\int_{-1}^1 J\,\mathbf 1_{\{s+\kappa(e+tJ)>0\}}\,dt",
        reference="MATHEMATICS.md, section 3",
        status="derived",
        steps=tuple(zero(f"J {'> 0' if g > 0 else '< 0'}", partial(mean_of_moved_jumps, g)) for g in (1, -1)),
    ),
    Statement(
        id="risk-decomposition",
        title="The change of risk is convexity defect and transport, exactly",
        hypotheses=("N = (1 - theta) R_- + theta R_+ at x", "any loss"),
        claim="L_N - L_R = -C + A (L_+ - L_-) with C = (1 - theta) L_- + theta L_+ - L_N, A = theta below and "
        "-(1 - theta) above the boundary; C = theta (1 - theta) J^2 for squared loss",
        latex=r"\mathrm{err}(N)-\mathrm{err}(R)=-\int hC+\int hA\,(L_+-L_-)",
        reference="MATHEMATICS.md, section 4",
        status="derived",
        steps=(
            zero("below the boundary", partial(decomposition, -1)),
            zero("above the boundary", partial(decomposition, 1)),
            zero("squared loss: C = theta (1 - theta) J^2", squared_defect),
        ),
    ),
    Statement(
        id="first-order-gain",
        title="The gain to first order in kappa",
        hypotheses=("|n| = 1, (H1), (H2b), (H3)", "one jump at a time"),
        claim="d/dkappa err at 0+ = int_H h {Phi + e (L_+ - L_-)} dsigma, "
        "Phi = |J| [int_{-1}^{1} L(R_- + J (1 + t)/2) dt - L_- - L_+] <= 0, < 0 where J != 0 and L is strictly convex",
        latex=r"\frac{d}{d\kappa}\Big|_{0+}\mathrm{err}=\int_H h\{\Phi+e\,(L_+-L_-)\}\,d\sigma,\qquad"
        r"\Phi=|J|\Big[\int_{-1}^1L(R_-+\tfrac{1+t}2J)\,dt-L_--L_+\Big]",
        reference="MATHEMATICS.md, section 4",
        status="argued",
        argument="In the coordinates s = kappa u along the unit normal the integrand converges boundedly, because L, f "
        "and h are continuous; the coarea formula and (H2b) turn the strip into H times an interval, both sides of "
        "almost every point of H with h > 0 belonging to D. What is left, the integrals over u, is derived below. "
        "Phi < 0 is Jensen's inequality for the strictly convex L.",
        steps=(
            zero("the defect integrates to Phi, for any loss", defect_integral),
            *(
                zero(f"the transport term integrates to e: {c} the ramp", partial(transport_integral, c))
                for c in ("inside", "above", "below")
            ),
            zero("n not a unit vector: kappa/|n| takes the place of kappa", long_normal),
            zero("an exact instance with symbols for density, target, response and shift", exact_instance),
        ),
        uses=("ramp-identity", "risk-decomposition"),
    ),
    Statement(
        id="squared-gain",
        title="For squared loss the first-order gain is int h |J|^3 / 3",
        hypotheses=("squared loss", "as for first-order-gain, e = 0"),
        claim="Phi = -|J|^3/3",
        latex=r"\Phi=-\tfrac13|J|^3",
        reference="MATHEMATICS.md, section 4",
        status="derived",
        steps=(zero("both signs of J", squared_phi),),
        uses=("first-order-gain",),
    ),
    Statement(
        id="effective-kappa",
        title="An explicit kappa that wins in one dimension",
        hypotheses=(
            "one dimension, squared loss, J constant, e = 0, |n| = 1",
            "the strip |s| <= kappa |J| lies in D, h > 0 on it",
            "the oscillation of h m over it, m = R_- + J/2 - f, is below (2/3) |J| min h",
        ),
        claim="err(N) < err(R), for this kappa and every smaller one",
        latex=r"\operatorname{osc}(hm)<\tfrac23|J|\min h\ \Longrightarrow\ \mathrm{err}(N)<\mathrm{err}(R)",
        reference="MATHEMATICS.md, section 4",
        status="derived",
        argument="L_+ - L_- = 2 J m. As int A = 0 over the strip, int h m A = int (h m - c) A <= (osc/2) int |A|, c "
        "the mid-range of h m; and int h theta (1 - theta) >= min h kappa |J|/3. On a smaller strip osc is not larger "
        "and min h not smaller.",
        steps=(
            zero(
                "int A = 0, int |A| = kappa |J|/2, int theta (1 - theta) = kappa |J|/3, L_+ - L_- = 2 J m",
                effective_pieces,
            ),
            positive("what is won exceeds what can be lost", effective_margin),
        ),
        uses=("risk-decomposition",),
    ),
    Statement(
        id="closed-example",
        title="The unit step against the identity",
        hypotheses=("D = [0, 1], h = 1, f = x, R = 1{x > 1/2}, squared loss, 0 < kappa <= 1/2",),
        claim="err(N_kappa) - err(R) = -kappa/3 + kappa^2/3, and kappa = 1/2 gives f itself",
        latex=r"\mathrm{err}(N_\kappa)-\mathrm{err}(R)=-\tfrac{\kappa}{3}+\tfrac{\kappa^2}{3}",
        reference="MATHEMATICS.md, section 4",
        status="derived",
        steps=(
            zero("the exact difference", closed_example),
            true("kappa = 1/2 is the target", closed_example_is_target),
        ),
    ),
    Statement(
        id="free-affine-lemma",
        title="Opposite pairs with dependent normals hide the affine part",
        hypotheses=("sum of c_k n_k = 0 over T, c_k > 0, kappa_k = kappa/c_k",),
        claim="the opposite pairs equal the ramps plus sum s_k/(2 kappa_k) + sum (e_k - J_k)/2; the network is a + the "
        "ramps iff grad sum e_k = 2 grad a + grad sum J_k; turning over all labels reverses the transport term",
        latex=r"\nabla\sum_{k\in T}e_k=2\nabla a+\sum_{k\in T}\nabla J_k",
        reference="MATHEMATICS.md, section 3, the (free) case",
        status="derived",
        steps=(
            zero("opposite pair, second neuron inactive", partial(free_identity, 1)),
            zero("opposite pair, second neuron active", partial(free_identity, -1)),
            *(zero(f"linear parts, |T| = {count}", partial(free_gradient, count)) for count in (2, 3, 4)),
            zero("turned over: the same condition, opposite transport", turning_over),
        ),
        uses=("ramp-identity",),
    ),
)
