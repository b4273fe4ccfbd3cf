"""Choice of kappas and shifts: a floating-point search for a large gain on the line. Heuristics only.

Each ramp has two parameters, log kappa and the shift in units of the jump; a coarse scan over kappa is followed by a
compass search, and the result is snapped to simple rationals. Whatever comes out is judged by rigorous arithmetic
elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from proofs.affine import Affine
from proofs.ramp import Construction, Ramp
from proofs.response import Term
from verify.expressions.floats import compile_float
from verify.gain import Piece
from verify.integration import interval
from verify.problem import Problem

# Gauss-Legendre nodes and weights on [-1, 1], 6 points
_NODES = (
    (0.2386191860831969, 0.46791393457269104),
    (0.6612093864662645, 0.3607615730481386),
    (0.932469514203152, 0.17132449237917036),
)
_RULE = tuple((sign * x, w) for x, w in _NODES for sign in (-1.0, 1.0))
_SNAPS = (Fraction(1, 50), Fraction(1, 1000), Fraction(1, 10**6))
MAX_CONSTRUCTIONS = 24


@dataclass(frozen=True, slots=True)
class _Stretch:
    """An interval of the domain on which density and target are smooth."""

    lower: float
    upper: float
    density: Callable[[Sequence[float]], float]
    target: Callable[[Sequence[float]], float]


@dataclass(slots=True)
class _Slope:
    """A term in floats around its own boundary: jump(u) = j0 + j1 u, s(u) = n u, u = x - place."""

    place: float
    normal: float
    j0: float
    j1: float

    @classmethod
    def of(cls, term: Term) -> _Slope:
        side, jump = term.halfspace.side, term.jump
        place = -side.constant / side.gradient[0]
        return cls(_float(place), _float(side.gradient[0]), _float(jump((place,))), _float(jump.gradient[0]))


Setting = tuple[float, float, float]  # kappa, shift constant at the jump, shift gradient


def _float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.copysign(1e300, value)


class GainEstimator:
    """Estimates gains of ramps on the line in floating point."""

    def __init__(self, problem: Problem, pieces: Iterable[Piece], construction: Construction) -> None:
        variables = problem.variables
        self.stretches = []
        for piece in pieces:
            low, high = interval(piece.cell)
            density, target = (compile_float(e, variables) for e in (piece.density, piece.target))
            self.stretches.append(_Stretch(float(low), float(high), density, target))
        self.squared = problem.loss.kind == "squared"
        self.loss = compile_float(problem.loss.expression, (*variables, "f", "y"))
        affine = construction.response.affine
        self.affine = (_float(affine.gradient[0]), _float(affine.constant))
        self.jumps = [_Slope.of(t) for t in construction.response.jumps]
        self.kinks = [_Slope.of(t) for t in construction.response.kinks]
        self.length = self.stretches[-1].upper - self.stretches[0].lower

    def total(self, settings: Sequence[Setting]) -> float:
        """Return the estimated gain with all jumps ramped."""
        return sum(self.stage(k, settings[k], settings[:k]) for k in range(len(self.jumps)))

    def stage(self, index: int, setting: Setting, before: Sequence[Setting] = ()) -> float:
        """Return the estimated gain of ramping one jump, the jumps of `before` being ramps already."""
        jump = self.jumps[index]
        corners = _corners(jump, setting)
        low, high = min(corners), max(corners)
        breaks = {0.0, *corners}
        for k, other in enumerate(self.jumps):
            if k != index:
                offset = other.place - jump.place
                ends = _corners(other, before[k]) if k < len(before) else (0.0,)
                breaks.update(offset + e for e in ends)
        breaks.update(kink.place - jump.place for kink in self.kinks)
        gain = 0.0
        for stretch in self.stretches:
            first, last = max(low, stretch.lower - jump.place), min(high, stretch.upper - jump.place)
            if first < last:
                cuts = [first, *sorted(b for b in breaks if first < b < last), last]
                for a, b in pairwise(cuts):
                    gain += self._cell(index, setting, before, stretch, a, b)
        return gain if math.isfinite(gain) else -math.inf

    def _cell(
        self, index: int, setting: Setting, before: Sequence[Setting], stretch: _Stretch, a: float, b: float
    ) -> float:
        jump = self.jumps[index]
        half, middle = (b - a) / 2, (a + b) / 2
        total = 0.0
        for node, weight in _RULE:
            u = middle + half * node
            x = jump.place + u
            stepped = jump.j0 + jump.j1 * u if jump.normal * u > 0 else 0.0
            drop = stepped - _ramp(jump, setting, u)
            if drop == 0.0:
                continue
            value = self.affine[0] * x + self.affine[1] + stepped
            for k, other in enumerate(self.jumps):
                if k != index:
                    v = x - other.place
                    if k < len(before):
                        value += _ramp(other, before[k], v)
                    elif other.normal * v > 0:
                        value += other.j0 + other.j1 * v
            for kink in self.kinks:
                v = x - kink.place
                if kink.normal * v > 0:
                    value += kink.j1 * v
            f = stretch.target((x,))
            if self.squared:
                difference = drop * (2 * value - drop - 2 * f)
            else:
                difference = self.loss((x, f, value)) - self.loss((x, f, value - drop))
            total += weight * difference * stretch.density((x,))
        return total * half


def _corners(jump: _Slope, setting: Setting) -> tuple[float, ...]:
    """Return 0 and the places (relative to the jump) where the ramp's neurons have their kinks."""
    kappa, e0, e1 = setting
    result = [0.0]
    for sign in (1.0, -1.0):
        slope = jump.normal + kappa * (e1 + sign * jump.j1)
        if slope:
            result.append(-kappa * (e0 + sign * jump.j0) / slope)
    if any((jump.normal + kappa * (e1 + sign * jump.j1)) * jump.normal <= 0 for sign in (1.0, -1.0)):
        result += [-1e9, 1e9]  # a neuron faces backwards: the ramp is not confined to a strip
    return tuple(result)


def _ramp(jump: _Slope, setting: Setting, u: float) -> float:
    kappa, e0, e1 = setting
    side, step, shift = jump.normal * u, jump.j0 + jump.j1 * u, e0 + e1 * u
    upper, lower = side + kappa * (shift + step), side + kappa * (shift - step)
    if upper > 0 and lower > 0:
        return step
    return (max(upper, 0.0) - max(lower, 0.0)) / (2 * kappa)


def choose(
    problem: Problem, pieces: Sequence[Piece], candidates: Sequence[Construction]
) -> tuple[Construction, list[Ramp], float]:
    """Return the construction and the ramps with the largest estimated gain, and that estimate."""
    rough: list[tuple[float, GainEstimator, Construction, list[Setting]]] = []
    for construction in candidates[:MAX_CONSTRUCTIONS]:
        estimator = GainEstimator(problem, pieces, construction)
        settings = _climb(estimator, construction, starts=1)
        rough.append((estimator.total(settings), estimator, construction, settings))
    gain, estimator, construction, settings = max(rough, key=lambda entry: entry[0])
    thorough = _climb(estimator, construction, starts=3)
    if (better := estimator.total(thorough)) > gain:
        gain, settings = better, thorough
    for tolerance in _SNAPS:
        ramps = snapped(construction, settings, tolerance)
        estimate = estimator.total([_setting(ramp) for ramp in ramps])
        if estimate > 0.9 * gain:
            break
    return construction, ramps, estimate


def _setting(ramp: Ramp) -> Setting:
    side = ramp.term.halfspace.side
    place = -side.constant / side.gradient[0]
    return _float(ramp.kappa), _float(ramp.shift((place,))), _float(ramp.shift.gradient[0])


def _climb(estimator: GainEstimator, construction: Construction, starts: int) -> list[Setting]:
    """Return good settings: a coarse scan over kappa (each ramp on its jump or beside it), then a compass search.

    The ramps whose kappas are tied together are moved together, the others one by one.
    """
    settings = _start(estimator, construction)
    tied = [k for k, _ in construction.weights]
    for group in ([tied] if tied else []) + [[k] for k in range(len(settings)) if k not in tied]:
        neighbourhood = _Neighbourhood(estimator, construction, group, settings)
        scanned = []
        for kappa in _kappas(estimator, group[0]):
            row = [math.log(kappa / settings[group[0]][0])]
            for shift in (0.0, 1.0, -1.0):
                point = row + [shift] * len(group) + [0.0] * (len(group) - 1)
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


def _start(estimator: GainEstimator, construction: Construction) -> list[Setting]:
    tied = dict(construction.weights)
    share = _float(construction.shift_gradient.gradient[0]) / len(tied) if tied else 0.0
    settings: list[Setting] = []
    for k in range(len(estimator.jumps)):
        settings.append((_kappas(estimator, k)[3], 0.0, share if k in tied else 0.0))
    return _with_kappa(settings, construction, list(tied), settings[next(iter(tied))][0]) if tied else settings


def _kappas(estimator: GainEstimator, index: int) -> list[float]:
    jump = estimator.jumps[index]
    widest = 2 * estimator.length * abs(jump.normal)
    steps = [widest / abs(jump.j0) * 0.5**i for i in range(16)] if jump.j0 else []
    if jump.j1:
        steps += [abs(jump.normal / jump.j1) * 0.5**i for i in range(8)]
    return sorted(steps, reverse=True) or [1.0] * 4


def _with_kappa(
    settings: list[Setting], construction: Construction, group: Sequence[int], kappa: float
) -> list[Setting]:
    result = list(settings)
    weights = dict(construction.weights)
    lead = group[0]
    for k in group:
        scale = _float(weights[lead] / weights[k]) if k in weights else 1.0
        result[k] = (kappa * scale, result[k][1], result[k][2])
    return result


@dataclass(frozen=True, slots=True)
class _Neighbourhood:
    """Settings near given ones, by coordinates for the ramps of a group.

    The coordinates are the logarithm of kappa's change, the shift constants in units of the jumps, and all but one of
    the changes of the shift gradients (which keep their sum).
    """

    estimator: GainEstimator
    construction: Construction
    group: Sequence[int]
    base: list[Setting]

    def at(self, point: Sequence[float]) -> list[Setting]:
        lead = self.group[0]
        settings = _with_kappa(self.base, self.construction, self.group, self.base[lead][0] * math.exp(point[0]))
        moved = 0.0
        for i, k in enumerate(self.group):
            jump = self.estimator.jumps[k]
            last = i == len(self.group) - 1
            tilt = -moved if last else point[1 + len(self.group) + i] * (abs(jump.j1) + abs(self.base[k][2]))
            moved += tilt
            unit = abs(jump.j0) or abs(jump.j1) * self.estimator.length
            kappa, e0, e1 = settings[k]
            settings[k] = (kappa, e0 + point[1 + i] * unit, e1 + tilt)
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


def snapped(construction: Construction, settings: Sequence[Setting], tolerance: Fraction) -> list[Ramp]:
    """Return ramps with simple rational parameters near the given ones, tied together as the construction asks.

    The tolerance is relative to kappa and to the size of the jump.
    """
    jumps = construction.response.jumps
    kappas = construction.kappas([_near(Fraction(s[0]), Fraction(s[0]) * tolerance) for s in settings])
    tied = [k for k, _ in construction.weights]
    missing = construction.shift_gradient if tied else None
    ramps: list[Ramp] = []
    for k, (term, kappa, (_, e0, e1)) in enumerate(zip(jumps, kappas, settings, strict=True)):
        side, jump = term.halfspace.side, term.jump
        place = -side.constant / side.gradient[0]
        unit = abs(jump((place,))) or abs(jump.gradient[0])
        constant = _near(Fraction(e0), unit * tolerance) if math.isfinite(e0) else Fraction(0)
        tilt = Fraction(0)
        if k in tied and missing is not None:
            tilt = (
                missing.gradient[0] if k == tied[-1] else _near(Fraction(e1), max(abs(Fraction(e1)), unit) * tolerance)
            )
            missing = missing - Affine.of([tilt])
        ramps.append(Ramp(term, kappa, Affine.of([tilt], constant - tilt * place)))
    return ramps


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


def _near(value: Fraction, tolerance: Fraction) -> Fraction:
    """Return the simplest rational within the tolerance."""
    if abs(value) <= tolerance:
        return Fraction(0)
    size = abs(value)
    low, high = size - tolerance, size + tolerance
    # Stern-Brocot descent, by continued fractions
    terms: list[int] = []
    while True:
        whole = low.numerator // low.denominator
        if low == whole:
            terms.append(whole)
            break
        if whole + 1 <= high:
            terms.append(whole + 1)
            break
        terms.append(whole)
        low, high = 1 / (high - whole), 1 / (low - whole)
    result = Fraction(terms[-1])
    for term in reversed(terms[:-1]):
        result = term + 1 / result
    return result if value > 0 else -result
