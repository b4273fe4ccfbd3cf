"""Variable projection: for given half-spaces the best affine part and jumps of squared loss solve a linear problem."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from verify.expressions.arrays import Floats
from verify.search.layouts import Layout
from verify.search.samples import Samples

LEAST_SHARE = 0.02
"""The least share of the mass on either side of a half-space."""
_RIDGE = 1e-11


@dataclass(frozen=True)
class HalfSpaces:
    """`normals[which[k]] . u > offsets[k]` for each k, in the coordinates of the samples; unit normals."""

    normals: Floats
    offsets: Floats


@dataclass(frozen=True)
class Fit:
    """Least squares over the samples with the half-spaces of a layout."""

    layout: Layout
    data: Samples

    def columns(self, half: HalfSpaces) -> Floats | None:
        """Return the functions to combine at the samples, or None where a half-space hardly cuts the domain.

        First the affine part (1, u; or 1 alone), then for each jump `(1, u) 1{s > 0}`, for each kink `s 1{s > 0}`.
        """
        u = self.data.u
        ones = np.ones((len(u), 1))
        full = np.concatenate([ones, u], axis=1)
        blocks = [ones if self.layout.constant else full]
        sides = u @ half.normals[list(self.layout.normals)].T - half.offsets
        inside = sides > 0
        share = (self.data.weights**2) @ inside
        if np.any(share < LEAST_SHARE) or np.any(share > 1 - LEAST_SHARE):
            return None
        for k in range(self.layout.jumps):
            blocks.append(full * inside[:, k : k + 1])
        for k in range(self.layout.jumps, len(half.offsets)):
            blocks.append(np.maximum(sides[:, k : k + 1], 0))
        return np.concatenate(blocks, axis=1)

    def solve(self, half: HalfSpaces) -> tuple[float, Floats]:
        """Return the least mean squared error for given half-spaces (infinite where they are bad), and coefficients."""
        columns = self.columns(half)
        if columns is None:
            return np.inf, np.zeros(0)
        matrix = columns * self.data.weights[:, None]
        wanted = self.data.values * self.data.weights
        gram = matrix.T @ matrix
        gram[np.diag_indices_from(gram)] += _RIDGE * np.trace(gram)
        coefficients = np.asarray(np.linalg.solve(gram, matrix.T @ wanted), dtype=np.float64)
        return float(np.sum((matrix @ coefficients - wanted) ** 2)), coefficients

    def error(self, half: HalfSpaces) -> float:
        """Return the least mean squared error for given half-spaces."""
        return self.solve(half)[0]
