"""Integrals over many simplices at a time: adaptive Gauss rules with proved error bounds, in outward-rounded doubles.

On the cube over which a simplex is parametrised, an N-point rule in one direction errs by at most
`(64/15) M r^(-2N) / (1 - r^-2)` times half the width, where M bounds the integrand on the ellipse with foci at the ends
and sum of semi-axes r (see `cube`). A constant times the Jacobian is integrated exactly: M is taken of the integrand
minus the middle of its range. Simplices that need too many nodes are halved.

A kink is a modulus |g|. Where g changes its sign in a simplex, it is replaced by an affine function there, up to an
error e; the simplex is cut where that one vanishes, and on each part |g| is taken as g or -g. Only where |g| <= e may
that be wrong, and there by at most twice e times the rate at which the integrand depends on |g|.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, reduce
from math import inf

import numpy as np
from numpy.typing import NDArray

from verify.enclosure import Enclosure
from verify.expressions import Expression
from verify.expressions.derivative import NoDerivativeError, derivative
from verify.integration.deadline import Deadline
from verify.integration.kinks import GAP, MODULUS, with_signs
from verify.integration.simplices import OLD, Simplices, together
from verify.vectorized.compiled import Program, UnsupportedError
from verify.vectorized.intervals import Floats, Interval, up

AT_ONCE = 4_000
MOST = 400_000
MOST_NODES, MOST_POINTS = 16, 20_000
_ELLIPSES = (2.0, 3.5, 6.0, 12.0)
_SIZES = np.array([2, 3, 4, 5, 6, 8, 10, 12, 14, 16])
_TOO_MANY = 10**6
_ROUNDING = 1e-14
_PACE, _LEAST_PACE = 0.2, 1e-3
_NEAR = 5.0
_GROWTH = 20.0
_SHARES = (2.0, 1.0, 0.5, 0.25, 0.125, 0.0625)

Mask = NDArray[np.bool_]


class Integrand:
    """An expression in names, compiled for arrays. Raises UnsupportedError where it cannot be."""

    def __init__(self, expression: Expression, names: Sequence[str]) -> None:
        kinks = with_signs(expression)
        inputs = (*names, *kinks.signs)
        try:
            self.value = Program([kinks.expression], inputs)
            self.gaps = [
                Gap.of(kinks.gaps[j], kinks.rate(j), kinks.rough[j], names, inputs) for j in range(len(kinks.gaps))
            ]
        except (NoDerivativeError, OverflowError) as error:
            raise UnsupportedError(str(error)) from None


@dataclass(frozen=True)
class Gap:
    """A function whose modulus occurs in an integrand.

    `value` gives it, `slopes` its derivatives by all names, `bends` the second ones (k <= l), `rate` the derivative of
    the integrand by the modulus.
    """

    value: Program
    slopes: Program
    bends: Program
    rate: Program
    rough: bool

    @classmethod
    def of(cls, gap: Expression, rate: Expression, rough: bool, names: Sequence[str], inputs: Sequence[str]) -> Gap:
        """Compile a gap."""
        slopes = [derivative(gap, name) for name in names]
        bends = [derivative(slope, name) for k, slope in enumerate(slopes) for name in names[k:]]
        value, first, second = (Program(expressions, inputs) for expressions in ([gap], slopes, bends))
        return cls(value, first, second, Program([rate], (*inputs, GAP, MODULUS)), rough)


@dataclass
class _Account:
    """What is known of the integral, and the error that may still be made."""

    left: float
    lower: Fraction = Fraction(0)
    upper: Fraction = Fraction(0)

    def enter(self, values: Interval) -> None:
        """Add finite enclosures of parts."""
        low, high = float(np.sum(values.lo)), float(np.sum(values.hi))
        slack = Fraction(values.lo.size * 2.0**-51 * float(np.sum(np.abs(values.lo)) + np.sum(np.abs(values.hi))))
        self.lower += Fraction(low) - slack
        self.upper += Fraction(high) + slack

    def spend(self, errors: Floats, *, entered: bool = False) -> None:
        """Allow for errors, unless they are in what was entered already."""
        spent = float(np.sum(errors)) * (1 + 1e-9)
        self.left -= spent
        if not entered:
            self.lower -= Fraction(spent)
            self.upper += Fraction(spent)


def integrate(integrand: Integrand, simplices: Simplices, goal: float, deadline: Deadline) -> Enclosure | None:
    """Return an enclosure of the sum of the integrals over simplices, of a width of about `goal` unless effort ran out.

    None where no bound was found.
    """
    work = _Work(integrand, simplices, goal)
    active = simplices
    with np.errstate(all="ignore"):
        while active.count:
            active, crude = work.rough(active)
            if not active.count:
                break
            if deadline.passed or active.count > MOST or float(np.sum(crude.radius)) < 0.4 * work.account.left:
                if not crude.is_finite.all():
                    return None
                work.account.enter(crude)
                break
            share = max(_PACE * work.account.left, _LEAST_PACE * goal) / active.count
            parts = [
                work.refined(active.take(np.arange(i, min(i + AT_ONCE, active.count))), share, deadline)
                for i in range(0, active.count, AT_ONCE)
            ]
            active = together(parts)
    account = work.account
    return Enclosure(account.lower, account.upper)


class _Work:
    """One integration."""

    def __init__(self, integrand: Integrand, simplices: Simplices, goal: float) -> None:
        self.integrand = integrand
        self.account = _Account(goal)
        ranges = simplices.ranges
        self.usual = np.maximum((ranges.hi - ranges.lo).max(axis=1), 1e-300)

    def rough(self, simplices: Simplices) -> tuple[Simplices, Interval]:
        """Settle what is small enough by the range of the integrand; return the others with their rough integrals."""
        share = max(0.0, self.account.left) * _PACE / (4 * simplices.count)
        kept, values = [], []
        for i in range(0, simplices.count, AT_ONCE):
            some = simplices.take(np.arange(i, min(i + AT_ONCE, simplices.count)))
            some = self._with_signs(some)
            crude = _full(self.integrand.value(some.inputs(some.ranges))[0], some.count) * some.volume
            small = crude.is_finite & (crude.radius <= share)
            if small.any():
                self.account.enter(crude[small])
                self.account.spend(crude.radius[small], entered=True)
            kept.append(some.take(~small))
            values.append(crude[~small])
        return together(kept), Interval(*(np.concatenate([getattr(v, e) for v in values]) for e in ("lo", "hi")))

    def _with_signs(self, simplices: Simplices) -> Simplices:
        """Note the signs of gaps that do not change in a simplex."""
        for j, gap in enumerate(self.integrand.gaps):
            unknown = simplices.signs[j] == 0
            if unknown.any():
                value = _full(gap.value(simplices.inputs(simplices.ranges))[0], simplices.count)
                signs = simplices.signs.copy()
                signs[j] = np.where(unknown, (value.lo >= 0).astype(np.int8) - (value.hi <= 0), signs[j])
                simplices = replace(simplices, signs=signs)
        return simplices

    def refined(self, simplices: Simplices, share: float, deadline: Deadline) -> Simplices:
        """Enter what a rule settles; return the rest in smaller parts."""
        if deadline.passed:
            return simplices
        smooth = (simplices.signs != 0).all(axis=0)
        left = []
        if smooth.any():
            left.append(self._by_rules(simplices.take(smooth), share))
        if not smooth.all():
            left.append(self._at_kinks(simplices.take(~smooth), share))
        return together(left)

    def _by_rules(self, simplices: Simplices, share: float) -> Simplices:
        simplices = self._with_heights(simplices)
        near = _reach(simplices) <= _NEAR
        left, some = self._halved(simplices.take(~near), None), simplices.take(near)
        if not some.count:
            return left
        middle = _full(self.integrand.value(some.inputs(some.ranges))[0], some.count).middle
        sizes = np.full((some.dimension, some.count), _TOO_MANY)
        errors = np.zeros(some.count)
        hopeful = np.arange(some.count)
        for i in range(some.dimension):
            sizes[i, hopeful], error = self._sizes(some.take(hopeful), i, middle[hopeful], share / some.dimension)
            errors[hopeful] += error
            hopeful = hopeful[sizes[i, hopeful] <= MOST_NODES]
        hopeful = hopeful[sizes[:, hopeful].prod(axis=0) <= MOST_POINTS]
        open_ = np.ones(some.count, bool)
        if hopeful.size:
            chosen = sizes[:, hopeful]
            for row in np.unique(chosen, axis=1).T:
                same = hopeful[(chosen == row[:, None]).all(axis=0)]
                values = some.take(same).by_rule(self.integrand.value, tuple(int(s) for s in row))
                good = values.is_finite
                self.account.enter(values[good])
                self.account.spend(errors[same[good]])
                open_[same[good]] = False
        return together([left, self._halved(some.take(open_), None)])

    def _with_heights(self, simplices: Simplices) -> Simplices:
        """Find anew how far the integrand can be continued in each function alone, where that was long ago."""
        old = np.flatnonzero(simplices.age >= OLD)
        if not old.size:
            return simplices
        some = simplices.take(old)
        ranges, count = some.ranges, some.count
        value = _full(self.integrand.value(some.inputs(ranges))[0], count)
        centre = Interval.exactly(value.middle)
        most = _GROWTH * value.radius
        heights = np.empty_like(some.heights)
        for k in range(heights.shape[0]):
            width = ranges.hi[k] - ranges.lo[k] + 1e-300
            best = width * _SHARES[-1] / 2
            trying = np.arange(count)
            for share in _SHARES:
                tried = some.take(trying)
                (found,) = self.integrand.value(tried.above(k, share * width[trying]))
                good = np.broadcast_to((found - centre[trying]).size <= most[trying], trying.shape)
                best[trying[good]] = share * width[trying[good]]
                trying = trying[~good]
                if not trying.size:
                    break
            heights[k] = best
        all_heights, age = simplices.heights.copy(), simplices.age.copy()
        all_heights[:, old], age[old] = heights, 0
        return replace(simplices, heights=all_heights, age=age)

    def _sizes(self, simplices: Simplices, i: int, middle: Floats, allowed: float) -> tuple[NDArray[np.int64], Floats]:
        """Return for one direction the number of nodes for an error of at most `allowed`, and that error.

        Larger ellipses are tried as long as the integrand is bounded there and fewer nodes suffice.
        """
        best = np.full(simplices.count, _TOO_MANY)
        errors = np.full(simplices.count, inf)
        trying = np.arange(simplices.count)
        fewest = max(2, (simplices.dimension + 1) // 2)  # exact for the Jacobian, of degree n - 1
        for r in _ELLIPSES:
            some = simplices if trying.size == simplices.count else simplices.take(trying)
            (value,) = self.integrand.value(some.around(i, r))
            bound = up((value - Interval.exactly(middle[trying])).size * some.stretch(i, r))
            bound = np.where(np.isfinite(bound), bound, inf) * (64 / 30 / (1 - r**-2)) * (1 + 1e-12)
            need = np.ceil(np.log(np.maximum(bound / allowed, 1.0)) / (2 * np.log(r)))
            need = np.where(need <= MOST_NODES, np.maximum(need, fewest), _TOO_MANY)
            size = np.append(_SIZES, _TOO_MANY)[np.searchsorted(_SIZES, need)]
            error = np.where(size < _TOO_MANY, bound * _decay(r)[np.searchsorted(_SIZES, need)], inf)
            better = (size < best[trying]) | ((size == best[trying]) & (error < errors[trying]))
            best[trying] = np.where(better, size, best[trying])
            errors[trying] = np.where(better, error, errors[trying])
            trying = trying[np.isfinite(bound) & (best[trying] > 2) & (better | (size == _TOO_MANY))]
            if not trying.size:
                break
        return best, errors

    def _halved(self, simplices: Simplices, weights: Floats | None) -> Simplices:
        """Halve simplices on the edge along which the functions' changes, by weights or heights, add up to most."""
        if not simplices.count:
            return simplices
        if weights is None:
            weights = 1.0 / simplices.heights
        weights = np.where(np.isfinite(weights), weights, 1e6 / self.usual[:, None]) + 1e-9 / self.usual[:, None]
        values = simplices.forms.middle
        edges = [(i, j) for i in range(values.shape[1]) for j in range(i + 1, values.shape[1])]
        change = np.stack([((weights * (values[:, i] - values[:, j])) ** 2).sum(axis=0) for i, j in edges])
        chosen = np.argmax(np.where(np.isfinite(change), change, 0.0), axis=0)
        first, second = (np.array([e[k] for e in edges])[chosen] for k in (0, 1))
        return together(simplices.cut(first, second, np.full(simplices.count, 0.5)))

    def _at_kinks(self, simplices: Simplices, share: float) -> Simplices:
        """Cut or halve simplices in which some gap has both signs; the first such gap is dealt with."""
        index = np.argmax(simplices.signs == 0, axis=0)
        parts = []
        for j, gap in enumerate(self.integrand.gaps):
            here = index == j
            if here.any():
                parts += self._at_gap(simplices.take(here), j, gap, share)
        return together(parts)

    def _at_gap(self, simplices: Simplices, j: int, gap: Gap, share: float) -> list[Simplices]:
        flat = _flattened(simplices, gap)
        n, vertices = simplices.dimension, flat.vertices
        reach = Interval(-flat.error, flat.error)
        rate = _full(gap.rate([*simplices.inputs(simplices.ranges), reach, reach])[0], simplices.count).size
        spread = vertices.max(axis=0) - vertices.min(axis=0)
        thin = np.minimum(
            1.0, 2 * n * flat.error / spread * (1 + 1e-9)
        )  # the density of an affine function is <= n/spread
        thin = np.where(np.isnan(thin), 1.0, thin)
        wrong = up(rate * (2 * flat.error) * thin * simplices.volume.hi) * (1 + 1e-9)
        plain = (np.abs(vertices) > flat.error).all(axis=0) & (np.sign(vertices) == np.sign(vertices[:1])).all(axis=0)
        wrong = np.where(plain, 0.0, wrong)
        good = plain | ((wrong <= share) & (not gap.rough))
        parts = [self._halved(simplices.take(~good), flat.weights[:, ~good])]
        if good.any():
            self.account.spend(wrong[good])
            parts.append(_cut_at_zero(simplices.take(good), vertices[:, good], j))
        return parts


@dataclass(frozen=True)
class _Flattened:
    """An affine function, by its values at the vertices, that differs from a gap by at most `error`.

    `weights[k]` bounds by how much the derivative by the k-th function changes (or that itself, for rough gaps).
    """

    vertices: Floats
    error: Floats
    weights: Floats


def _flattened(simplices: Simplices, gap: Gap) -> _Flattened:
    """Return a gap's Taylor polynomial of degree 1 at the centroid, moved to the middle of the remainder's range."""
    count, centres, ranges = simplices.count, simplices.centres, simplices.ranges
    names = range(centres.lo.shape[0])
    away = [simplices.forms[:, i] - centres for i in range(simplices.dimension + 1)]
    spread = Interval(np.min([a.lo for a in away], axis=0), np.max([a.hi for a in away], axis=0))
    there = simplices.inputs(centres)
    slopes = [_full(s, count) for s in gap.slopes(there)]
    bends = iter(gap.bends(simplices.inputs(ranges)))
    weights, rest = np.zeros_like(spread.lo), Interval.exactly(np.zeros(count))
    for k in names:
        for m in names[k:]:
            bend = _full(next(bends), count)
            rest = rest + (bend * spread[k].square()).scaled(0.5) if m == k else rest + bend * (spread[k] * spread[m])
            weights[k] += bend.size * spread[m].size
            weights[m] += bend.size * spread[k].size
    total = _full(gap.value(there)[0], count) + Interval.exactly(rest.middle)
    rows = [reduce(lambda sum_, k: sum_ + a[k] * slopes[k], names, total) for a in away]
    vertices = np.stack([row.middle for row in rows])
    error = np.max([row.radius for row in rows], axis=0) + rest.radius + _ROUNDING * np.max(np.abs(vertices), axis=0)
    if gap.rough:
        weights = np.stack([s.size for s in slopes])
    return _Flattened(vertices, up(error) * (1 + 1e-12), weights)


def _cut_at_zero(simplices: Simplices, vertices: Floats, j: int) -> Simplices:
    """Cut simplices where an affine function with these vertex values vanishes, and note its sign as the j-th."""
    done = []
    while simplices.count:
        low, high = vertices.argmin(axis=0), vertices.argmax(axis=0)
        every = np.arange(simplices.count)
        least, most = vertices[low, every], vertices[high, every]
        mixed = (least < 0) & (most > 0)
        settled = simplices.take(~mixed)
        settled.signs[j] = np.where(most[~mixed] > 0, 1, -1)
        done.append(settled)
        simplices, vertices = simplices.take(mixed), vertices[:, mixed]
        if not simplices.count:
            break
        low, high, least, most = low[mixed], high[mixed], least[mixed], most[mixed]
        below, above = simplices.cut(low, high, least / (least - most))
        every = np.arange(simplices.count)
        lower, upper = vertices.copy(), vertices.copy()
        lower[high, every], upper[low, every] = 0.0, 0.0
        simplices, vertices = together([below, above]), np.concatenate([lower, upper], axis=1)
    return together(done)


@cache
def _decay(r: float) -> Floats:
    """Return upper bounds of r^(-2N) for the numbers of nodes, infinity beyond them."""
    return np.array([float(Fraction(r) ** int(-2 * size)) * (1 + 1e-12) for size in _SIZES] + [inf])


def _reach(simplices: Simplices) -> Floats:
    """Return the largest change of a function in units of the height to which it can be continued."""
    ranges = simplices.ranges
    result: Floats = ((ranges.hi - ranges.lo) / simplices.heights).max(axis=0)
    return result


def _full(value: Interval, count: int) -> Interval:
    """Return a value for each simplex, also where it is constant."""
    return Interval(np.broadcast_to(value.lo, (count,)), np.broadcast_to(value.hi, (count,)))
