"""Ramps with given kappas: the shifts that the construction asks for, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from proofs.affine import Affine
from proofs.ramp import Construction, Ramp


def settled_ramps(construction: Construction, kappas: Sequence[Fraction]) -> list[Ramp]:
    """Return ramps with given kappas and no shift beyond what the construction asks for, shared out evenly.

    Over T the kappas are tied to the first. In one dimension each shift vanishes at its jump (MATHEMATICS.md, end of
    section 3); in higher dimensions at the origin.
    """
    jumps = construction.response.jumps
    tied = [k for k, _ in construction.weights]
    share = construction.shift_gradient * Fraction(1, len(tied)) if tied else None
    ramps = []
    for k, (term, kappa) in enumerate(zip(jumps, construction.kappas(kappas), strict=True)):
        shift = Affine.constantly(0, construction.response.dimension_of_input)
        if k in tied and share is not None:
            shift = share
            if share.dimension == 1:
                side = term.halfspace.side
                shift = share.plus(-share((-side.constant / side.gradient[0],)))
        ramps.append(Ramp(term, kappa, shift))
    return ramps
