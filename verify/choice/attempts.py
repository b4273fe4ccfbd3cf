"""What `certify` tries, in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from proofs.ramp import Construction, Ramp, constructions
from proofs.response import GeneralizedResponse
from verify.choice.climb import affordable, choose, estimators
from verify.choice.settings import setting_of
from verify.choice.settled import anchors, pushed, settled_ramps, thin_kappa
from verify.gain import Piece
from verify.problem import Problem

MAX_SHRINKS = 40
FIRST_SHRINK = 3  # thin enough for data to vary little across a ramp
BEST = 2

Attempt = tuple[Construction, list[Ramp], float]
"""A construction, its ramps, and the estimated gain (0 for no estimate)."""


def attempts(
    problem: Problem, pieces: Sequence[Piece], response: GeneralizedResponse, kappa: Fraction | None
) -> Iterator[Attempt]:
    """Yield constructions with ramps to try, the most promising first, then ever thinner ones.

    With a given kappa: every construction, its shifts as they have to be, then moved where that seems to help.
    """
    candidates = list(constructions(response, problem.architecture))
    if kappa is not None:
        for construction in candidates:
            ramps = settled_ramps(
                construction, [kappa] * len(response.jumps), anchors(construction, problem.domain.cells)
            )
            yield construction, ramps, 0.0
        return
    estimator_of = estimators(problem, pieces)
    yield choose(estimator_of, candidates)
    likely = affordable(candidates)
    known = [estimator_of(construction) for construction in likely]
    for shrink in (FIRST_SHRINK, *(k for k in range(1, MAX_SHRINKS) if k != FIRST_SHRINK)):
        found: list[Attempt] = []
        for construction, estimator in zip(likely, known, strict=True):
            kappas = [
                thin_kappa(problem, term.jump, term.halfspace.side, shrink) for term in construction.response.jumps
            ]
            ramps = pushed(estimator, settled_ramps(construction, kappas, estimator.anchors))
            settings = [setting_of(ramp, place) for ramp, place in zip(ramps, estimator.anchors, strict=True)]
            found.append((construction, ramps, estimator.total(settings)))
        yield from sorted(found, key=lambda attempt: -attempt[2])[:BEST]
