"""A searched response with simple rational numbers."""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm

import numpy as np

from proofs.geometry.affine import Affine
from proofs.response import GeneralizedResponse
from verify.choice.settings import simplest
from verify.expressions.arrays import Floats
from verify.search.projection import Fit, HalfSpaces

_SNAPS = ((1, 8), (2, 16), (3, 24), (4, 32), (6, 48), (12, 100), (40, 400))
"""The largest entry of a normal, and the reciprocal of the tolerance of an offset."""
_LOSS = 1.02
_TOLERANCE = Fraction(1, 400)


def rational(fit: Fit, half: HalfSpaces) -> GeneralizedResponse:
    """Return the least-squares response with half-spaces near the given ones, as simple as keeps most of the fit.

    Coefficients are rounded to 1/400 of the size of the values over the domain.
    """
    best = fit.error(half)
    allowed = _LOSS * best + 1e-6 * fit.data.size**2
    for entry, fineness in _SNAPS:
        sides = _sides(fit, half, entry, Fraction(1, fineness))
        snapped = _read(fit, sides)
        error, coefficients = fit.solve(snapped)
        if error <= allowed:
            break
    if not np.isfinite(error):
        return GeneralizedResponse.of(_affine(fit, [float(np.mean(fit.data.values))]))
    return _response(fit, sides, snapped, coefficients)


def _sides(fit: Fit, half: HalfSpaces, entry: int, tolerance: Fraction) -> list[Affine]:
    """Return the half-spaces with normals of small integers (in units of the domain) and simple offsets."""
    origin, scale = fit.data.origin, fit.data.scale
    sides = []
    for k, offset in zip(fit.layout.normals, half.offsets, strict=True):
        normal = half.normals[k]
        size = float(np.max(np.abs(normal)))
        rough = [Fraction(round(entry * float(x) / size)) / s for x, s in zip(normal, scale, strict=True)]
        common = lcm(*(r.denominator for r in rough))
        whole = [int(r * common) for r in rough]
        linear = Affine.of([w // gcd(*whole) for w in whole])
        length = Fraction(float(np.linalg.norm([float(g * s) for g, s in zip(linear.gradient, scale, strict=True)])))
        sides.append(linear.plus(-simplest(linear(origin) + Fraction(offset) * length, length * tolerance)))
    return sides


def _read(fit: Fit, sides: list[Affine]) -> HalfSpaces:
    """Return exact half-spaces in the coordinates of the samples, in the same layout."""
    origin, scale = fit.data.origin, fit.data.scale
    slopes = np.array([[float(g * s) for g, s in zip(side.gradient, scale, strict=True)] for side in sides])
    sizes = np.linalg.norm(slopes, axis=1)
    first = [fit.layout.normals.index(i) for i in range(max(fit.layout.normals) + 1)]
    offsets = np.array([-float(side(origin)) for side in sides]) / sizes
    return HalfSpaces((slopes / sizes[:, None])[first], offsets)


def _response(fit: Fit, sides: list[Affine], half: HalfSpaces, coefficients: Floats) -> GeneralizedResponse:
    n, layout = len(fit.data.origin), fit.layout
    rest = [float(c) for c in coefficients]

    def taken(count: int) -> list[float]:
        found = rest[:count]
        del rest[:count]
        return found

    affine = _affine(fit, taken(1 if layout.constant else n + 1))
    terms = [(side, _affine(fit, taken(n + 1))) for side in sides[: layout.jumps]]
    unit = Fraction(fit.data.size)
    for side, normal in zip(sides[layout.jumps :], layout.normals[layout.jumps :], strict=True):
        pivot = int(np.argmax(np.abs(half.normals[normal])))
        factor = Fraction(taken(1)[0] * float(half.normals[normal][pivot])) / (
            side.gradient[pivot] * fit.data.scale[pivot]
        )
        spread = sum((abs(g * s) for g, s in zip(side.gradient, fit.data.scale, strict=True)), Fraction(0))
        terms.append((side, side * simplest(factor, unit * _TOLERANCE / spread)))
    return GeneralizedResponse.of(affine, terms)


def _affine(fit: Fit, coefficients: list[float]) -> Affine:
    """Return a simple affine function near `c_0 + c_1 u_1 + ...`; the slopes may be left out."""
    unit = Fraction(fit.data.size) * _TOLERANCE
    constant, *slopes = coefficients
    gradient = [Fraction(0)] * len(fit.data.origin)
    for i, slope in enumerate(slopes):
        gradient[i] = simplest(Fraction(slope) / fit.data.scale[i], unit / fit.data.scale[i])
    linear = Affine.of(gradient)
    at_zero = Fraction(constant) - linear(fit.data.origin)
    return linear.plus(simplest(at_zero, unit))
