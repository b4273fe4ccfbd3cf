"""Gaps that are nearly affine on a simplex: their affine parts, and simplices cut where those vanish."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import reduce

import numpy as np

from verify.integration.integrands import Gap
from verify.integration.simplices import Indices, Simplices, together
from verify.vectorized.intervals import Floats, Interval, down, up

_ROUNDING = 1e-14


@dataclass(frozen=True)
class Flattened:
    """An affine function, by its values at the vertices, that differs from a gap by at most `error`.

    `weights[k]` bounds by how much the derivative by the k-th function changes (or that itself, for rough gaps).
    """

    vertices: Floats
    error: Floats
    weights: Floats


def flattened(simplices: Simplices, gap: Gap) -> Flattened:
    """Return a gap's Taylor polynomial of degree 1 at the middle of the functions' ranges, moved to the middle of the
    remainder's range."""
    count, ranges = simplices.count, simplices.ranges
    centres = Interval.exactly(ranges.middle)
    names = range(centres.lo.shape[0])
    away = [simplices.forms[:, i] - centres for i in range(simplices.dimension + 1)]
    spread = Interval(np.min([a.lo for a in away], axis=0), np.max([a.hi for a in away], axis=0))
    there = simplices.inputs(centres)
    slopes = [full(s, count) for s in gap.slopes(there)]
    bends = iter(gap.bends(simplices.inputs(ranges)))
    weights, rest = np.zeros_like(spread.lo), Interval.exactly(np.zeros(count))
    for k in names:
        for m in names[k:]:
            bend = full(next(bends), count)
            rest = rest + (bend * spread[k].square()).scaled(0.5) if m == k else rest + bend * (spread[k] * spread[m])
            weights[k] += bend.size * spread[m].size
            weights[m] += bend.size * spread[k].size
    total = full(gap.value(there)[0], count) + Interval.exactly(rest.middle)
    rows = [reduce(lambda sum_, k: sum_ + a[k] * slopes[k], names, total) for a in away]
    vertices = np.stack([row.middle for row in rows])
    error = np.max([row.radius for row in rows], axis=0) + rest.radius + _ROUNDING * np.max(np.abs(vertices), axis=0)
    if gap.rough and gap.straight is None:
        weights = np.stack([s.size for s in slopes])
    return Flattened(vertices, up(error) * (1 + 1e-12), weights)


def cut_at_zero(simplices: Simplices, vertices: Floats, j: int) -> tuple[Simplices, Floats, Indices]:
    """Cut simplices where an affine function with these vertex values vanishes, and note its sign as the j-th.

    Also return its values at the vertices of the parts, and from which simplex each comes.
    """
    done, values, origins = [], [], []
    origin = np.arange(simplices.count)
    while simplices.count:
        low, high = vertices.argmin(axis=0), vertices.argmax(axis=0)
        every = np.arange(simplices.count)
        least, most = vertices[low, every], vertices[high, every]
        mixed = (least < 0) & (most > 0)
        settled = simplices.take(~mixed)
        settled.signs[j] = np.where(most[~mixed] > 0, 1, -1)
        done.append(settled)
        values.append(vertices[:, ~mixed])
        origins.append(origin[~mixed])
        simplices, vertices, origin = simplices.take(mixed), vertices[:, mixed], np.tile(origin[mixed], 2)
        if not simplices.count:
            break
        low, high, least, most = low[mixed], high[mixed], least[mixed], most[mixed]
        below, above = simplices.cut(low, high, least / (least - most))
        every = np.arange(every.size - int((~mixed).sum()))
        lower, upper = vertices.copy(), vertices.copy()
        lower[high, every], upper[low, every] = 0.0, 0.0
        simplices, vertices = together([below, above]), np.concatenate([lower, upper], axis=1)
    return together(done), np.concatenate(values, axis=1), np.concatenate(origins)


def misjudged(simplices: Simplices, gap: Gap, flat: Flattened) -> Interval:
    """Return what integrals gain if a gap g has its modulus, not the sign of its affine part A.

    That is 2 |g| where the signs differ, times the rate; and there |g| is at most e - |A|. The density of A is at most
    n/spread. Cutting at A = 0 moves A by a rounding error.
    """
    n, vertices = simplices.dimension, flat.vertices
    reach = Interval(-flat.error, flat.error)
    rate = full(gap.rate([*simplices.inputs(simplices.ranges), reach, reach])[0], simplices.count)
    spread = vertices.max(axis=0) - vertices.min(axis=0)
    reached = flat.error + 2 * _ROUNDING * np.max(np.abs(vertices), axis=0)
    thin = np.fmin(1.0, n * reached / spread * (1 + 1e-9))
    most = up(2 * flat.error * thin * simplices.volume.hi) * (1 + 1e-9)
    return rate * Interval(0.0 * most, most)


def unstraightened(low: Floats, high: Floats, error: Floats, exponent: Fraction, density: int) -> Floats:
    """Return bounds of the mean of `| |g|^q - |A|^(q-1) (q s g - (q - 1) |A|) |` for |g - A| <= error, q > 1.

    s is the sign of A. |A| lies between `low` and `high`, and has a density of at most `density/(high - low)`. The
    second derivative of |u|^q is q (q-1) |u|^(q-2). For q < 2 the first one grows from A by at most 2 q |h| |A|^(q-2),
    since 1 + (s - 1)^(q-1) <= 2 s for s > 1, and by at most 2 q |h|^(q-1).
    """
    q = Interval.of(exponent)
    beyond, square = Interval.of(exponent - 2), up(error * error)
    if exponent >= 2:
        bound = up(square * _power(up(high + error), beyond, True)) * float(exponent * (exponent - 1) / 2)
    else:
        thin = _power(down((high - low) * (1 - 1e-9)) / density, beyond, False) / float(exponent - 1)
        mean = np.fmin(_power(low, beyond, False), thin)
        bound = np.fmin(up(square * mean) * float(exponent), 2 * _power(error, q, True))
    result: Floats = np.where(np.isnan(bound), np.inf, bound) * (1 + 1e-9)
    return result


def _power(base: Floats, exponent: Interval, positive: bool) -> Floats:
    return Interval.exactly(base).real_power(exponent, positive).hi


def full(value: Interval, count: int) -> Interval:
    """Return a value for each simplex, also where it is constant."""
    return Interval(np.broadcast_to(value.lo, (count,)), np.broadcast_to(value.hi, (count,)))
