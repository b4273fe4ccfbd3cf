"""Points of a domain with weights and wanted values, for least squares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from proofs.geometry.affine import Point
from proofs.geometry.balls import RoundCell
from proofs.geometry.polytopes import Cell, Polytope
from verify.choice.settings import to_float
from verify.expressions.arrays import Floats, compile_array
from verify.gain import Piece, pieces
from verify.problem import Problem
from verify.search.guide import guide

POINTS = 800
_FEWEST = 100


@dataclass(frozen=True)
class Samples:
    """Points `u` in coordinates `(x - origin)/scale`, with wanted values and the square roots of their weights."""

    u: Floats
    values: Floats
    weights: Floats
    origin: Point
    scale: Point

    @property
    def size(self) -> float:
        """The size of the values."""
        return float(np.max(np.abs(self.values))) or 1.0


def samples(problem: Problem) -> Samples:
    """Return evenly spread points of the domain. Raises InputError where density or target give no finite numbers."""
    parts = pieces(problem)
    bounds = [part.cell.bounds for part in parts]
    ranges = [(min(b[i][0] for b in bounds), max(b[i][1] for b in bounds)) for i in range(problem.domain.dimension)]
    origin = tuple((a + b) / 2 for a, b in ranges)
    scale = tuple((b - a) / 2 for a, b in ranges)
    us, fs, ws = [], [], []
    for part in parts:
        u, f, w = _part(problem, part, origin, scale, max(_FEWEST, POINTS // len(parts)))
        us.append(u)
        fs.append(f)
        ws.append(w)
    u, f, w = np.concatenate(us), np.concatenate(fs), np.concatenate(ws)
    if not np.all(np.isfinite(f) & np.isfinite(w)):
        raise problem.fault("target or density give no finite numbers to search with; state a [response]", "target")
    if not np.any(w > 0):
        raise problem.fault("the density gives no mass to search with", "density.expression")
    x = [u[:, i] * to_float(s) + to_float(o) for i, (o, s) in enumerate(zip(origin, scale, strict=True))]
    weights: Floats = np.sqrt(np.maximum(w, 0) / np.sum(np.maximum(w, 0)))
    return Samples(u, guide(problem, x, f), weights, origin, scale)


def _part(problem: Problem, part: Piece, origin: Point, scale: Point, count: int) -> tuple[Floats, Floats, Floats]:
    cell = part.cell
    low, high = (
        np.array([to_float((b[i] - o) / s) for b, o, s in zip(cell.bounds, origin, scale, strict=True)]) for i in (0, 1)
    )
    spread = _kronecker(count, len(origin))
    u = low + (high - low) * spread
    u = u[_inside(cell, u, origin, scale)]
    x = [u[:, i] * to_float(s) + to_float(o) for i, (o, s) in enumerate(zip(origin, scale, strict=True))]
    density, target = (compile_array(e, problem.variables) for e in (part.density, part.target))
    weight = float(np.prod(high - low)) / count
    f, h = (np.broadcast_to(function(x), len(u)).astype(float) for function in (target, density))
    return u, f, h * weight


def _kronecker(count: int, n: int) -> Floats:
    """Return points spread evenly over the unit cube: multiples of powers of a generalised golden ratio, modulo 1."""
    ratio = 2.0
    for _ in range(40):
        ratio = (1 + ratio) ** (1 / (n + 1))
    steps = np.array([ratio ** -(i + 1) for i in range(n)])
    points: Floats = (0.5 + np.outer(np.arange(count), steps)) % 1.0
    return points


def _inside(cell: Cell, u: Floats, origin: Point, scale: Point) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    polytope = cell.polytope if isinstance(cell, RoundCell) else cell
    assert isinstance(polytope, Polytope)
    kept = np.ones(len(u), dtype=np.bool_)
    for facet in polytope.facets:
        slope = np.array([to_float(g * s) for g, s in zip(facet.gradient, scale, strict=True)])
        kept &= u @ slope + to_float(facet(origin)) >= 0
    if isinstance(cell, RoundCell):
        radius = cell.ball.radius
        centre = np.array([to_float((c - o) / radius) for c, o in zip(cell.ball.centre, origin, strict=True)])
        stretch = np.array([to_float(s / radius) for s in scale])
        kept &= ((u * stretch - centre) ** 2).sum(axis=1) <= 1
    return kept
