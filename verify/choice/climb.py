"""Choice of kappas and shifts: a floating-point search for a large gain. Heuristics only.

Each ramp has log kappa, the shift in units of the jump and, where ramps are tied together, the gradients of the shifts;
a coarse scan over kappa is followed by a compass search, and the result is snapped to simple rationals. Whatever comes
out is judged by rigorous arithmetic elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from proofs.geometry.affine import Affine
from proofs.ramp import Construction, Ramp
from verify.choice.settings import Estimator, Setting, snapped, to_float
from verify.gain import Piece
from verify.problem import Problem

EFFORT = 72  # constructions compared, times the square of the number of jumps


EstimatorOf = Callable[[Construction], Estimator]


def estimators(problem: Problem, pieces: Sequence[Piece]) -> EstimatorOf:
    """Return what estimates gains in the dimension of a problem; NumPy is loaded beyond one dimension only."""
    if problem.domain.dimension == 1:
        from verify.choice.line import LineEstimator

        return lambda construction: LineEstimator(problem, pieces, construction)
    from verify.choice.space import SpaceEstimator

    return lambda construction: SpaceEstimator(problem, pieces, construction)


def affordable(candidates: Sequence[Construction]) -> Sequence[Construction]:
    """Return as many constructions as can be compared in reasonable time."""
    return candidates[: max(4, EFFORT // len(candidates[0].response.jumps) ** 2)]


def choose(estimator_of: EstimatorOf, candidates: Sequence[Construction]) -> tuple[Construction, list[Ramp], float]:
    """Return the construction and the ramps with the largest estimated gain, and that estimate."""
    likely: list[tuple[float, Estimator, Construction]] = []
    for construction in affordable(candidates):
        estimator = estimator_of(construction)
        rough = 0.0 if len(candidates) == 1 else estimator.total(climb(estimator, construction, starts=1))
        likely.append((rough, estimator, construction))
    _, estimator, construction = max(likely, key=lambda entry: entry[0])
    settings = climb(estimator, construction, starts=3)
    gain = estimator.total(settings)
    ramps, estimate = snapped(construction, estimator, settings, gain)
    return construction, ramps, estimate


def climb(estimator: Estimator, construction: Construction, starts: int) -> list[Setting]:
    """Return good settings: a coarse scan over kappa (each ramp on its jump or beside it), then a compass search.

    The ramps whose kappas are tied together are moved together, the others one by one.
    """
    settings = _start(estimator, construction)
    tied = [k for k, _ in construction.weights]
    for group in ([tied] if tied else []) + [[k] for k in range(len(settings)) if k not in tied]:
        neighbourhood = _Neighbourhood(estimator, construction, group, settings)
        scanned = []
        for kappa in estimator.kappas(group[0]):
            row = [math.log(kappa / settings[group[0]][0])]
            for shift in (0.0, 1.0, -1.0):
                point = row + [shift] * len(group) + [0.0] * neighbourhood.tilts
                scanned.append((neighbourhood.gain(point), point))
        scanned.sort(key=lambda entry: -entry[0])
        climbed = [_compass(neighbourhood.gain, gain, point) for gain, point in _apart(scanned)[:starts]]
        settings = neighbourhood.at(max(climbed)[1])
    return settings


def _apart(scanned: list[tuple[float, list[float]]]) -> list[tuple[float, list[float]]]:
    """Return the scanned points, best first, without close neighbours of better ones."""
    kept: list[tuple[float, list[float]]] = []
    for gain, point in scanned:
        if all(abs(point[0] - old[0]) > 1.5 or point[1] != old[1] for _, old in kept):
            kept.append((gain, point))
    return kept


def _start(estimator: Estimator, construction: Construction) -> list[Setting]:
    tied = dict(construction.weights)
    share = [to_float(g) / max(1, len(tied)) for g in _missing(construction).gradient]
    settings: list[Setting] = []
    for k in range(len(construction.response.jumps)):
        settings.append((estimator.kappas(k)[3], 0.0, *(share if k in tied else [0.0] * len(share))))
    return _with_kappa(settings, construction, list(tied), settings[next(iter(tied))][0]) if tied else settings


def _missing(construction: Construction) -> Affine:
    """Return what the shifts over T must add up to; 0 outside the case (free)."""
    n = construction.response.dimension_of_input
    return construction.shift_gradient if construction.weights else Affine.constantly(0, n)


def _with_kappa(
    settings: list[Setting], construction: Construction, group: Sequence[int], kappa: float
) -> list[Setting]:
    result = list(settings)
    weights = dict(construction.weights)
    lead = group[0]
    for k in group:
        scale = to_float(weights[lead] / weights[k]) if k in weights else 1.0
        result[k] = (kappa * scale, *result[k][1:])
    return result


@dataclass(frozen=True, slots=True)
class _Neighbourhood:
    """Settings near given ones, by coordinates for the ramps of a group.

    The coordinates are the logarithm of kappa's change, the shift constants in units of the jumps, and all but one of
    the changes of the shift gradients (which keep their sum).
    """

    estimator: Estimator
    construction: Construction
    group: Sequence[int]
    base: list[Setting]

    @property
    def tilts(self) -> int:
        """The number of coordinates for gradients."""
        return (len(self.group) - 1) * (len(self.base[0]) - 2)

    def at(self, point: Sequence[float]) -> list[Setting]:
        group, n = self.group, len(self.base[0]) - 2
        settings = _with_kappa(self.base, self.construction, group, self.base[group[0]][0] * math.exp(point[0]))
        moved = [0.0] * n
        for i, k in enumerate(group):
            kappa, constant, *gradient = settings[k]
            if i == len(group) - 1:
                tilt = [-m for m in moved]
            else:
                size = self.estimator.steepness(k) + max(map(abs, self.base[k][2:]))
                first = 1 + len(group) + i * n
                tilt = [c * size for c in point[first : first + n]]
                moved = [m + t for m, t in zip(moved, tilt, strict=True)]
            constant += point[1 + i] * self.estimator.unit(k)
            settings[k] = (kappa, constant, *(g + t for g, t in zip(gradient, tilt, strict=True)))
        return settings

    def gain(self, point: Sequence[float]) -> float:
        settings = self.at(point)
        if len(self.group) > 1:
            return self.estimator.total(settings)
        k = self.group[0]
        return self.estimator.stage(k, settings[k], settings[:k])


def _compass(value: Callable[[Sequence[float]], float], best: float, start: list[float]) -> tuple[float, list[float]]:
    """Climb along the coordinate directions with a shrinking step; return the value reached, and where."""
    point, step = start, 0.4
    while step > 0.02:
        for i in range(len(point)):
            for direction in (step, -step):
                trial = [*point[:i], point[i] + direction, *point[i + 1 :]]
                gain = value(trial)
                if gain > best:
                    point, best = trial, gain
                    break
        step /= 2
    return best, point
