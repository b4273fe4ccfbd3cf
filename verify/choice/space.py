"""Gains of ramps in two or more dimensions, estimated with NumPy. Heuristics only.

A ramp acts along the normals of its hyperplane: a grid of parallel lines carries one-dimensional rules between the
places where the ramp bends, clipped to the cells of the domain.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from proofs.geometry.affine import Affine, Point
from proofs.geometry.balls import RoundCell
from proofs.geometry.polytopes import Cell, Polytope
from proofs.ramp import Construction
from proofs.response import Term
from verify.choice.settings import Setting, to_float
from verify.choice.settled import anchors
from verify.expressions.arrays import ArrayFunction, Floats, compile_array
from verify.gain import Piece
from verify.problem import Problem

LINES = {2: 48, 3: 14, 4: 6}
"""Lines a direction of the hyperplane, by dimension (4 beyond)."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)
_FAR = 1e9


@dataclass(frozen=True, slots=True)
class _Form:
    """An affine function in coordinates around the middle of the domain."""

    gradient: Floats
    constant: float

    @classmethod
    def of(cls, function: Affine, origin: Point) -> _Form:
        return cls(np.array([to_float(g) for g in function.gradient]), to_float(function(origin)))

    def along(self, lines: _Lines) -> tuple[Floats, float]:
        """Return the values at the feet of lines and the slope along them."""
        return lines.feet @ self.gradient + self.constant, float(self.gradient @ lines.direction)


@dataclass(frozen=True, slots=True)
class _Jump:
    side: _Form
    jump: _Form


@dataclass(frozen=True, slots=True)
class _Lines:
    """Parallel lines `foot + u direction` with the part [low, high] of each in one cell of the domain."""

    feet: Floats
    direction: Floats
    low: Floats
    high: Floats
    weight: float
    density: ArrayFunction
    target: ArrayFunction


class SpaceEstimator:
    """Estimates gains of ramps in floating point; MATHEMATICS.md, section 3."""

    def __init__(self, problem: Problem, pieces: Iterable[Piece], construction: Construction) -> None:
        self.pieces = list(pieces)
        bounds = [piece.cell.bounds for piece in self.pieces]
        lower = [min(b[i][0] for b in bounds) for i in range(problem.domain.dimension)]
        upper = [max(b[i][1] for b in bounds) for i in range(problem.domain.dimension)]
        self.origin = tuple((a + b) / 2 for a, b in zip(lower, upper, strict=True))
        self.shifted = np.array([to_float(x) for x in self.origin])
        self.length = math.hypot(*(to_float(b - a) for a, b in zip(lower, upper, strict=True)))
        self.squared = problem.loss.kind == "squared"
        self.loss = compile_array(problem.loss.expression, (*problem.variables, "f", "y"))
        self.compiled = [
            tuple(compile_array(e, problem.variables) for e in (piece.density, piece.target)) for piece in self.pieces
        ]
        self.affine = _Form.of(construction.response.affine, self.origin)
        self.jumps = [self._read(t) for t in construction.response.jumps]
        self.kinks = [self._read(t) for t in construction.response.kinks]
        self.lines = [self._lines(jump) for jump in self.jumps]
        self.anchors: Sequence[Point] = anchors(construction, [piece.cell for piece in self.pieces])
        self.places = [np.array([to_float(a - o) for a, o in zip(p, self.origin, strict=True)]) for p in self.anchors]
        self.sizes = [self._size(k) for k in range(len(self.jumps))]

    def total(self, settings: Sequence[Setting]) -> float:
        """Return the estimated gain with all jumps ramped."""
        return sum(self.stage(k, settings[k], settings[:k]) for k in range(len(self.jumps)))

    def stage(self, index: int, setting: Setting, before: Sequence[Setting] = ()) -> float:
        """Return the estimated gain of ramping one jump, the jumps of `before` being ramps already."""
        with np.errstate(all="ignore"):
            gain = sum(self._gain(index, setting, before, lines) for lines in self.lines[index])
        return gain if math.isfinite(gain) else -math.inf

    def kappas(self, index: int) -> list[float]:
        """Return kappas worth a try, from one whose ramp fills the domain downwards."""
        widest = 2 * self.length * float(np.linalg.norm(self.jumps[index].side.gradient)) / self.unit(index)
        return [widest * 0.5**i for i in range(14)]

    def unit(self, index: int) -> float:
        """Return the size of a jump, the unit of its shift."""
        return self.sizes[index]

    def steepness(self, index: int) -> float:
        """Return the size of a jump's gradient, the unit of the gradient of its shift."""
        return float(np.linalg.norm(self.jumps[index].jump.gradient))

    def _read(self, term: Term) -> _Jump:
        return _Jump(_Form.of(term.halfspace.side, self.origin), _Form.of(term.jump, self.origin))

    def _lines(self, jump: _Jump) -> list[_Lines]:
        """Return lines across a hyperplane, those that meet the domain, for each of its cells."""
        n = len(self.shifted)
        size = float(np.linalg.norm(jump.side.gradient))
        direction = jump.side.gradient / size
        middle = -jump.side.constant / size * direction
        basis = np.linalg.svd(direction.reshape(1, n))[2][1:]
        count = LINES.get(n, 4)
        result = []
        for piece, (density, target) in zip(self.pieces, self.compiled, strict=True):
            shadow = self._corners(piece.cell) @ basis.T
            low, high = shadow.min(axis=0), shadow.max(axis=0)
            steps = [a + (b - a) * (np.arange(count) + 0.5) / count for a, b in zip(low, high, strict=True)]
            grid = np.stack([g.ravel() for g in np.meshgrid(*steps, indexing="ij")], axis=-1)
            feet = middle + grid @ basis
            start, end = self._clipped(piece.cell, feet, direction)
            kept = start < end
            weight = float(np.prod((high - low) / count))
            if kept.any():
                result.append(_Lines(feet[kept], direction, start[kept], end[kept], weight, density, target))
        return result

    def _corners(self, cell: Cell) -> Floats:
        polytope = cell if isinstance(cell, Polytope) else Polytope.box(cell.bounds)
        return np.array([[to_float(x - o) for x, o in zip(v, self.origin, strict=True)] for v in polytope.vertices])

    def _clipped(self, cell: Cell, feet: Floats, direction: Floats) -> tuple[Floats, Floats]:
        """Return the ends of the part of each line in a cell (start >= end where they miss it)."""
        start, end = np.full(len(feet), -_FAR * self.length), np.full(len(feet), _FAR * self.length)
        polytope = cell if isinstance(cell, Polytope) else cell.polytope if isinstance(cell, RoundCell) else None
        assert polytope is not None
        for facet in polytope.facets:
            form = _Form.of(facet, self.origin)
            values, slope = feet @ form.gradient + form.constant, float(form.gradient @ direction)
            if abs(slope) > 1e-12 * float(np.linalg.norm(form.gradient)):
                crossing = -values / slope
                start, end = (np.maximum(start, crossing), end) if slope > 0 else (start, np.minimum(end, crossing))
            else:
                end = np.where(values > 0, end, start)
        if isinstance(cell, RoundCell):
            centre = np.array([to_float(c - o) for c, o in zip(cell.ball.centre, self.origin, strict=True)])
            across = feet - centre
            middle = -across @ direction
            reach = np.sqrt(np.maximum(0.0, to_float(cell.ball.radius) ** 2 - (across**2).sum(axis=1) + middle**2))
            start, end = np.maximum(start, middle - reach), np.minimum(end, middle + reach)
        return start, end

    def _size(self, index: int) -> float:
        """Return the root mean square of a jump on its hyperplane."""
        squares = [self.jumps[index].jump.along(lines)[0] ** 2 for lines in self.lines[index]]
        size = math.sqrt(float(np.concatenate(squares).mean())) if squares else 0.0
        return size or 1.0

    def _gain(self, index: int, setting: Setting, before: Sequence[Setting], lines: _Lines) -> float:
        profile = _Profile(self.jumps[index], setting, self.places[index], lines)
        bends = profile.bends(4 * self.length)
        starts, ends = zip(*pairwise(bends), strict=True)
        first = np.clip(np.stack(starts, axis=1), lines.low[:, None], lines.high[:, None])
        last = np.clip(np.stack(ends, axis=1), lines.low[:, None], lines.high[:, None])
        half = (last - first)[..., None] / 2
        u = (first + last)[..., None] / 2 + half * _NODES
        u = u.reshape(len(u), -1)
        stepped, ramped = profile.step(u), profile.ramp(u)
        value = _at(self.affine.along(lines), u) + stepped
        for k, other in enumerate(self.jumps):
            if k != index:
                passed = before[k] if k < len(before) else None
                theirs = _Profile(other, passed or setting, self.places[k], lines)
                value = value + (theirs.ramp(u) if passed else theirs.step(u))
        for kink in self.kinks:
            value = value + np.where(_at(kink.side.along(lines), u) > 0, _at(kink.jump.along(lines), u), 0.0)
        points = lines.feet[:, None, :] + u[..., None] * lines.direction + self.shifted
        x = [points[..., i] for i in range(points.shape[-1])]
        f = lines.target(x)
        drop = stepped - ramped
        if self.squared:
            difference = drop * (2 * value - drop - 2 * f)
        else:
            difference = self.loss((*x, f, value)) - self.loss((*x, f, value - drop))
        weights = (half * _WEIGHTS).reshape(len(u), -1)
        return float(np.sum(weights * difference * lines.density(x))) * lines.weight


def _at(line: tuple[Floats, float], u: Floats) -> Floats:
    return line[0][:, None] + line[1] * u


class _Profile:
    """A jump and its ramp along lines."""

    def __init__(self, jump: _Jump, setting: Setting, place: Floats, lines: _Lines) -> None:
        self.kappa, constant, *gradient = setting
        shift = _Form(np.array(gradient), constant - float(np.array(gradient) @ place))
        self.side, self.jump, self.shift = (form.along(lines) for form in (jump.side, jump.jump, shift))

    def bends(self, far: float) -> list[Floats]:
        """Return where, on each line, the ramp may start, bend or stop to differ from the jump, in order."""
        places = [-self.side[0] / self.side[1]]
        for sign in (1.0, -1.0):
            slope = self.side[1] + self.kappa * (self.shift[1] + sign * self.jump[1])
            if slope <= 0:
                places += [np.full_like(places[0], -far), np.full_like(places[0], far)]
            if slope:
                height = self.side[0] + self.kappa * (self.shift[0] + sign * self.jump[0])
                places.append(-height / slope)
        return list(np.sort(np.stack(places), axis=0))

    def step(self, u: Floats) -> Floats:
        """Return the jump's values."""
        return np.where(_at(self.side, u) > 0, _at(self.jump, u), 0.0)

    def ramp(self, u: Floats) -> Floats:
        """Return the ramp's values."""
        moved = _at(self.side, u) + self.kappa * _at(self.shift, u)
        jump = _at(self.jump, u)
        upper, lower = moved + self.kappa * jump, moved - self.kappa * jump
        slope = (np.maximum(upper, 0.0) - np.maximum(lower, 0.0)) / (2 * self.kappa)
        return np.where((upper > 0) & (lower > 0), jump, slope)
