"""Gains of ramps on the line, estimated in plain floating point. Heuristics only."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from proofs.geometry.affine import Point
from proofs.ramp import Construction
from proofs.response import Term
from verify.choice.settings import Setting, to_float
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
        return cls(to_float(place), to_float(side.gradient[0]), to_float(jump((place,))), to_float(jump.gradient[0]))


class LineEstimator:
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
        self.affine = (to_float(affine.gradient[0]), to_float(affine.constant))
        self.jumps = [_Slope.of(t) for t in construction.response.jumps]
        self.kinks = [_Slope.of(t) for t in construction.response.kinks]
        sides = [t.halfspace.side for t in construction.response.jumps]
        self.anchors: Sequence[Point] = [(-side.constant / side.gradient[0],) for side in sides]
        self._last: tuple[tuple[int, tuple[Setting, ...]], _Others] | None = None
        self.length = max(s.upper for s in self.stretches) - min(s.lower for s in self.stretches)

    def total(self, settings: Sequence[Setting]) -> float:
        """Return the estimated gain with all jumps ramped."""
        return sum(self.stage(k, settings[k], settings[:k]) for k in range(len(self.jumps)))

    def stage(self, index: int, setting: Setting, before: Sequence[Setting] = ()) -> float:
        """Return the estimated gain of ramping one jump, the jumps of `before` being ramps already."""
        jump, others = self.jumps[index], self._others_than(index, before)
        corners = _corners(jump, setting)
        low, high = min(corners), max(corners)
        gain = 0.0
        for stretch in self.stretches:
            first, last = max(low, stretch.lower - jump.place), min(high, stretch.upper - jump.place)
            if first < last:
                inner = {u for u in corners if first < u < last}
                cuts = [first, *sorted(inner.union(others.breaks_between(first, last))), last]
                for a, b in pairwise(cuts):
                    gain += self._cell(jump, setting, others, stretch, a, b)
        return gain if math.isfinite(gain) else -math.inf

    def _others_than(self, index: int, before: Sequence[Setting]) -> _Others:
        """Return the rest of the response around a jump; the last one is kept, since ramps are tried one by one."""
        key = index, tuple(before)
        if self._last is None or self._last[0] != key:
            place = self.jumps[index].place
            terms = [(t, before[k] if k < len(before) else None) for k, t in enumerate(self.jumps) if k != index]
            terms += [(kink, None) for kink in self.kinks]
            self._last = key, _Others(place, self.length, self.affine, terms)
        return self._last[1]

    def kappas(self, index: int) -> list[float]:
        """Return kappas worth a try, from one whose ramp fills the domain downwards."""
        jump = self.jumps[index]
        widest = 2 * self.length * abs(jump.normal)
        steps = [widest / abs(jump.j0) * 0.5**i for i in range(16)] if jump.j0 else []
        if jump.j1:
            steps += [abs(jump.normal / jump.j1) * 0.5**i for i in range(8)]
        return sorted(steps, reverse=True) or [1.0] * 4

    def unit(self, index: int) -> float:
        """Return the size of a jump, the unit of its shift."""
        jump = self.jumps[index]
        return abs(jump.j0) or abs(jump.j1) * self.length

    def steepness(self, index: int) -> float:
        """Return the size of a jump's gradient, the unit of the gradient of its shift."""
        return abs(self.jumps[index].j1)

    def _cell(self, jump: _Slope, setting: Setting, others: _Others, stretch: _Stretch, a: float, b: float) -> float:
        half, middle = (b - a) / 2, (a + b) / 2
        level, slope = others.around(middle)
        total = 0.0
        for node, weight in _RULE:
            u = middle + half * node
            x = jump.place + u
            stepped = jump.j0 + jump.j1 * u if jump.normal * u > 0 else 0.0
            drop = stepped - _ramp(jump, setting, u)
            if drop == 0.0:
                continue
            value = level + slope * (u - middle) + stepped
            f = stretch.target((x,))
            if self.squared:
                difference = drop * (2 * value - drop - 2 * f)
            else:
                difference = self.loss((x, f, value)) - self.loss((x, f, value - drop))
            total += weight * difference * stretch.density((x,))
        return total * half


class _Others:
    """A piecewise affine function of u = x - place: an affine function and terms, jumps or (with settings) ramps.

    On each piece it is worked out when it is first asked for.
    """

    def __init__(
        self,
        place: float,
        length: float,
        affine: tuple[float, float],
        terms: Sequence[tuple[_Slope, Setting | None]],
    ) -> None:
        self.place, self.length, self.affine = place, length, affine
        self.terms = [(term.place - place, term, setting) for term, setting in terms]
        self.breaks = sorted(
            {at + end for at, term, setting in self.terms for end in (_corners(term, setting) if setting else (0.0,))}
        )
        self.pieces: dict[int, tuple[float, float, float]] = {}

    def breaks_between(self, low: float, high: float) -> list[float]:
        """Return where the function may jump or bend in an open interval."""
        return self.breaks[bisect_right(self.breaks, low) : bisect_left(self.breaks, high)]

    def around(self, u: float) -> tuple[float, float]:
        """Return the value and the slope at a place that is no break."""
        i = bisect_left(self.breaks, u)
        if i not in self.pieces:
            first = max(self.breaks[i - 1] if i else -math.inf, u - self.length)
            last = min(self.breaks[i] if i < len(self.breaks) else math.inf, u + self.length)
            step, middle = (last - first) / 4, (first + last) / 2
            low, high = self._value(middle - step), self._value(middle + step)
            self.pieces[i] = middle, (low + high) / 2, (high - low) / (2 * step)
        middle, level, slope = self.pieces[i]
        return level + slope * (u - middle), slope

    def _value(self, u: float) -> float:
        total = self.affine[0] * (self.place + u) + self.affine[1]
        for at, term, setting in self.terms:
            v = u - at
            if setting:
                total += _ramp(term, setting, v)
            elif term.normal * v > 0:
                total += term.j0 + term.j1 * v
        return total


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
