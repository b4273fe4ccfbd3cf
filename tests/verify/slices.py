"""Integrals in floating point by slices: iterated Gauss-Legendre rules between the places where hyperplanes meet.

Everything between the first coordinates of the vertices of an arrangement is smooth in the first coordinate; then the
slice is an arrangement again. Cells, signs and triangulations play no part: the integrand is evaluated point by point.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Function = Callable[[Floats], Floats]
"""From points (one a row) to values."""


def integral(function: Function, planes: Sequence[tuple[Sequence[float], float]], n: int, nodes: int) -> float:
    """Return the integral over R^n of a function with bounded support that is smooth off the planes `a . x + b = 0`."""
    points, weights = _rule(
        np.array([[*a, b] for a, b in planes], dtype=float), n, np.polynomial.legendre.leggauss(nodes)
    )
    return float(np.sum(weights * function(points))) if len(points) else 0.0


def _rule(planes: Floats, n: int, rule: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    marks = _first_coordinates(planes, n)
    low, high = marks[:-1, None], marks[1:, None]
    half = (high - low) / 2
    first = ((low + high) / 2 + half * rule[0]).ravel()
    weights = (half * rule[1]).ravel()
    if n == 1:
        return first[:, None], weights
    points, products = [], []
    for x, w in zip(first, weights, strict=True):
        slice_planes = np.concatenate([planes[:, 1:n], planes[:, :1] * x + planes[:, n:]], axis=1)
        inner, inner_weights = _rule(slice_planes, n - 1, rule)
        points.append(np.concatenate([np.full((len(inner), 1), x), inner], axis=1))
        products.append(w * inner_weights)
    return np.concatenate(points), np.concatenate(products)


def _first_coordinates(planes: Floats, n: int) -> Floats:
    """Return the first coordinates of all points where n of the planes meet, in order, without near repetitions."""
    if n == 1:
        return _apart(-planes[:, 1][planes[:, 0] != 0] / planes[:, 0][planes[:, 0] != 0])
    found = []
    for chosen in combinations(planes, n):
        system = np.array(chosen)
        matrix = system[:, :n] / np.linalg.norm(system[:, :n], axis=1, keepdims=True).clip(1e-300)
        if abs(np.linalg.det(matrix)) > 1e-9:
            found.append(np.linalg.solve(system[:, :n], -system[:, n])[0])
    return _apart(np.array(found))


def _apart(values: Floats) -> Floats:
    marks = np.unique(values)
    return marks[np.concatenate([[True], np.diff(marks) > 1e-13 * max(1.0, float(np.ptp(marks)))])]
