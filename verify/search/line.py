"""The search on the line: breakpoints by dynamic programming on a grid, pieces by weighted least squares.

Squared distance to the minimiser of the loss at each point is the guide for every loss.
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from proofs.geometry.affine import Affine
from proofs.response import GeneralizedResponse
from verify.choice.settings import simplest
from verify.expressions.floats import compile_float
from verify.gain import pieces
from verify.integration import interval
from verify.problem import Problem
from verify.search.guide import guide

GRID = 96
MAX_JUMPS = 8

Floats = NDArray[np.float64]


def search(problem: Problem) -> tuple[list[GeneralizedResponse], Fraction]:
    """Return a good response of at most the problem's width, and the size of the values."""
    samples = _Samples(problem)
    jumps = min(problem.width // 2, MAX_JUMPS)
    constant_side = problem.architecture == "feedforward" and jumps == 1 and problem.width == 2
    cuts = samples.best_cuts(jumps)
    lines = [samples.line(a, b) for a, b in pairwise(cuts)]
    if constant_side:
        lines = samples.one_constant(cuts, lines)
    scale = float(np.max(np.abs(samples.f))) or 1.0
    return [_rational(problem, samples, cuts, lines, scale)], simplest(Fraction(scale), Fraction(scale) / 16)


class _Samples:
    """Density-weighted Gauss-Legendre samples of the target on a grid of cells, with running moments."""

    def __init__(self, problem: Problem) -> None:
        density = compile_float(problem.density, problem.variables)
        target = compile_float(problem.target, problem.variables)
        nodes, weights = np.polynomial.legendre.leggauss(4)
        intervals = [tuple(map(float, interval(p))) for p in problem.domain.polytopes]
        length = sum(b - a for a, b in intervals)
        edges: list[float] = []
        rows: list[tuple[float, float, float]] = []
        counts: list[int] = [0]
        kinks = {float(e) for piece in pieces(problem) for e in interval(piece.cell)}
        for a, b in intervals:
            steps = max(2, round(GRID * (b - a) / length))
            marks = sorted({a + (b - a) * i / steps for i in range(steps + 1)} | {k for k in kinks if a < k < b})
            for low, high in pairwise(marks):
                for node, weight in zip(nodes, weights, strict=True):
                    x = (low + high) / 2 + (high - low) / 2 * float(node)
                    rows.append((x, target((x,)), float(weight) * (high - low) / 2 * density((x,))))
                edges.append(low)
                counts.append(len(rows))
        edges.append(intervals[-1][1])
        self.edges = edges
        self.counts = counts
        x, f, w = np.array(rows).T
        if not np.all(np.isfinite(f * w)):
            raise problem.fault("target or density give no finite numbers to search with; state a [response]", "target")
        if not np.any(w > 0):
            raise problem.fault("the density gives no mass to search with", "density.expression")
        f = guide(problem, [x], f)
        self.x, self.f, self.w = x, f, w
        self.centre = float(np.average(x, weights=w)) if np.sum(w) > 0 else 0.0
        u = x - self.centre
        moments = np.stack([w, w * u, w * u * u, w * f, w * u * f, w * f * f])
        running = np.concatenate([np.zeros((6, 1)), np.cumsum(moments, axis=1)], axis=1)
        self.running: Floats = running[:, counts]

    def best_cuts(self, jumps: int) -> list[int]:
        """Return the grid indices 0 < ... < last that cut the line into `jumps + 1` pieces of least squared error."""
        cells = len(self.edges) - 1
        cost = self._costs()
        best = cost[0].copy()
        back: list[NDArray[np.intp]] = []
        for _ in range(jumps):
            table = best[:, None] + cost  # table[i, j]: the last piece runs from i to j
            choice = np.argmin(table, axis=0)
            best = table[choice, np.arange(cells + 1)]
            back.append(choice)
        cuts = [cells]
        for choice in reversed(back):
            cuts.append(int(choice[cuts[-1]]))
        return [0, *reversed(cuts)] if cuts[-1] != 0 else list(reversed(cuts))

    def _costs(self) -> Floats:
        cells = len(self.edges) - 1
        cost = np.full((cells + 1, cells + 1), np.inf)
        for i in range(cells):
            s0, s1, s2, g0, g1, q = self.running[:, i + 1 :] - self.running[:, i : i + 1]
            spread = s0 * s2 - s1 * s1
            with np.errstate(divide="ignore", invalid="ignore"):
                flat = q - g0 * g0 / s0
                cost[i, i + 1 :] = flat - np.where(
                    spread > 1e-14 * s0 * s2, (s0 * g1 - s1 * g0) ** 2 / (s0 * spread), 0
                )
            cost[i, i + 1 :] = np.where(s0 > 0, np.maximum(cost[i, i + 1 :], 0), 0)
        return cost

    def line(self, first: int, last: int) -> tuple[float, float]:
        """Return (slope, value at `centre`) of the least-squares line over the cells first..last."""
        s0, s1, s2, g0, g1, _ = self.running[:, last] - self.running[:, first]
        spread = s0 * s2 - s1 * s1
        if s0 <= 0:
            return 0.0, 0.0
        if spread <= 1e-14 * s0 * s2:
            return 0.0, float(g0 / s0)
        slope = (s0 * g1 - s1 * g0) / spread
        return float(slope), float((g0 - slope * s1) / s0)

    def error(self, cuts: list[int], lines: list[tuple[float, float]]) -> float:
        """Return the squared error of lines on the pieces between cuts."""
        total = 0.0
        for (a, b), (slope, value) in zip(pairwise(cuts), lines, strict=True):
            s0, s1, s2, g0, g1, q = self.running[:, b] - self.running[:, a]
            total += float(q - 2 * (slope * g1 + value * g0) + slope**2 * s2 + 2 * slope * value * s1 + value**2 * s0)
        return total

    def one_constant(self, cuts: list[int], lines: list[tuple[float, float]]) -> list[tuple[float, float]]:
        """Return the two lines with that one made constant which costs less (the case (const) for one jump)."""
        choices = []
        for side in (0, 1):
            first, last = cuts[side], cuts[side + 1]
            s0, _, _, g0, _, _ = self.running[:, last] - self.running[:, first]
            flat = (0.0, float(g0 / s0) if s0 > 0 else 0.0)
            choices.append([flat if i == side else line for i, line in enumerate(lines)])
        return min(choices, key=lambda c: self.error(cuts, c))


def _rational(
    problem: Problem, samples: _Samples, cuts: list[int], lines: list[tuple[float, float]], scale: float
) -> GeneralizedResponse:
    low, high = interval(problem.domain.polytopes[0])[0], interval(problem.domain.polytopes[-1])[1]
    length = float(high - low)

    def simple(value: float, unit: float) -> Fraction:
        step = Fraction(10) ** (math.floor(math.log10(unit)) - 3)
        return round(Fraction(value) / step) * step

    centre = simple(samples.centre, length)
    exact = []
    for slope, value in lines:
        gradient = simple(slope, max(abs(slope), scale / length))
        constant = simple(value + slope * (float(centre) - samples.centre), scale)
        exact.append(Affine.of([gradient], constant - gradient * centre))
    terms: list[tuple[Affine, Affine]] = []
    for cut, (before, after) in zip(cuts[1:-1], pairwise(exact), strict=True):
        place = simple(samples.edges[cut], length)
        if low < place < high:
            terms.append((Affine.of([1], -place), after - before))
    return GeneralizedResponse.of(exact[0], terms)
