"""The search in two or more dimensions: random half-spaces, the affine functions by variable projection.

For given half-spaces the best affine part and jumps of squared loss solve a linear problem. The half-spaces are found
by many random draws, exchange of single half-spaces for random others, and a compass search; then they become simple
rationals. Squared distance to the minimiser of the loss at each point is the guide for every loss.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Protocol

import numpy as np

from proofs.response import GeneralizedResponse
from verify.choice.settings import simplest
from verify.expressions.arrays import Floats
from verify.integration import Deadline
from verify.problem import Problem
from verify.search.layouts import layouts
from verify.search.projection import Fit, HalfSpaces
from verify.search.rounding import rational
from verify.search.samples import samples

DRAWS = 150
STARTS = 5
EXCHANGES = 30
ROUNDS = 3
FIRST_STEP, LAST_STEP = 0.2, 0.002
ENOUGH = 0.99
SEED = 2303_03950


class Show(Protocol):
    """Is told how far a search is."""

    def __call__(self, done: int, total: int) -> None:
        """Show it."""


def search(
    problem: Problem, deadline: Deadline, show: Show | None = None
) -> tuple[list[GeneralizedResponse], Fraction]:
    """Return a good response for each layout that the width allows, the best first, and the size of the values."""
    data = samples(problem)
    fits = [Fit(layout, data) for layout in layouts(problem.width, problem.architecture, problem.domain.dimension)]
    best: list[tuple[float, int, HalfSpaces]] = []
    for i, fit in enumerate(fits):
        generator = np.random.default_rng(SEED)
        drawn = [_draw(fit, generator) for _ in range(DRAWS)]
        starts = sorted((fit.error(half), j) for j, half in enumerate(drawn))[:STARTS]
        climbed = []
        for k, (error, j) in enumerate(starts):
            if not k or not deadline.passed:
                climbed.append(_climbed(fit, drawn[j], error, generator, deadline))
            if show is not None:
                show(i * STARTS + k + 1, len(fits) * STARTS)
        error, half = min(climbed, key=lambda entry: entry[0])
        best.append((error, i, half))
    found = [rational(fits[i], half) for _, i, half in sorted(best, key=lambda entry: entry[:2])]
    return found, simplest(Fraction(data.size), Fraction(data.size) / 16)


def _draw(fit: Fit, generator: np.random.Generator) -> HalfSpaces:
    count = len(fit.layout.normals)
    normals = generator.normal(size=(max(fit.layout.normals) + 1, fit.data.u.shape[1]))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return HalfSpaces(
        normals, np.array([_offset(fit, normals[fit.layout.normals[k]], generator) for k in range(count)])
    )


def _offset(fit: Fit, normal: Floats, generator: np.random.Generator) -> float:
    """Return an offset such that the hyperplane passes a sample."""
    return float(fit.data.u[generator.integers(len(fit.data.u))] @ normal)


def _climbed(
    fit: Fit, half: HalfSpaces, error: float, generator: np.random.Generator, deadline: Deadline
) -> tuple[float, HalfSpaces]:
    """Return a better choice, found by exchanging single half-spaces and by moving them about, and its error."""
    for _ in range(ROUNDS):
        before = error
        for k in range(len(half.offsets)):
            trials = (_exchanged(fit, half, k, generator) for _ in range(EXCHANGES))
            error, half = _best(fit, (error, half), trials)
        step = FIRST_STEP
        while step > LAST_STEP and not deadline.passed:
            for index in _coordinates(half):
                error, half = _best(fit, (error, half), (_moved(half, index, change) for change in (step, -step)))
            step /= 2
        if deadline.passed or error > ENOUGH * before:
            break
    return error, half


def _best(fit: Fit, known: tuple[float, HalfSpaces], trials: Iterable[HalfSpaces]) -> tuple[float, HalfSpaces]:
    for trial in trials:
        error = fit.error(trial)
        if error < known[0]:
            known = error, trial
    return known


def _exchanged(fit: Fit, half: HalfSpaces, k: int, generator: np.random.Generator) -> HalfSpaces:
    """Return the choice with one half-space drawn anew; one that shares its normal keeps it."""
    normals, offsets = half.normals.copy(), half.offsets.copy()
    which = fit.layout.normals
    if which.count(which[k]) == 1:
        normal = generator.normal(size=normals.shape[1])
        normals[which[k]] = normal / np.linalg.norm(normal)
    offsets[k] = _offset(fit, normals[which[k]], generator)
    return HalfSpaces(normals, offsets)


def _coordinates(half: HalfSpaces) -> list[tuple[int, ...]]:
    """Return one index for each offset, and two for each entry of a normal."""
    return [(k,) for k in range(len(half.offsets))] + [(i, j) for i, j in np.ndindex(*half.normals.shape)]


def _moved(half: HalfSpaces, index: tuple[int, ...], change: float) -> HalfSpaces:
    normals, offsets = half.normals.copy(), half.offsets.copy()
    if len(index) == 1:
        offsets[index] += change
    else:
        normals[index] += change
        normals[index[0]] /= np.linalg.norm(normals[index[0]])
    return HalfSpaces(normals, offsets)
