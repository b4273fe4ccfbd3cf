"""Integrals over many simplices at a time: adaptive Gauss rules with proved error bounds, in outward-rounded doubles.

On the cube over which a simplex is parametrised, the rule has the Jacobian as its weight, and errs by at most
`4 M r^(-2N) / (1 - 1/r)` times the volume for each direction with N nodes, where M bounds the integrand on an ellipse
in that direction (see `rules`). A constant is integrated exactly: M is taken of the integrand minus the middle of its
range. Simplices that need too many nodes are halved.

A kink is a modulus |g|. Where g changes its sign in a simplex, it is replaced by an affine function there, up to an
error e; the simplex is cut where that one vanishes, and on each part |g| is taken as g or -g. Only where |g| <= e may
that be wrong, and there by at most 2 |g| times the rate at which the integrand depends on |g|.

A power |g|^q, q > 1 a fraction, becomes `A^(q-1) (q |g| - (q-1) A)` with |g| near an affine A >= 0, up to second order.
Where A is 0 at vertices it is a product of coordinates of the cube and a function > 0: the weight takes the power of
the coordinates, and what is left to the rule is analytic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from math import inf

import numpy as np
from numpy.typing import NDArray

from verify.enclosure import Enclosure
from verify.integration.account import Account
from verify.integration.deadline import Deadline
from verify.integration.flattened import Flattened, cut_at_zero, flattened, full, misjudged, unstraightened
from verify.integration.integrands import Gap, Integrand, Straight
from verify.integration.rules import mass
from verify.integration.simplices import NODES_AT_ONCE, OLD, Simplices, exponents_of, together
from verify.vectorized.intervals import Floats, Interval, up

AT_ONCE = 10_000
MOST = 400_000
MOST_NODES, MOST_POINTS = 16, 20_000
_ELLIPSES = (2.0, 3.5, 6.0, 12.0)
_SIZES = np.array([1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16])
_COARSE = np.array([2, 4, 8, 16])
_TOO_MANY = 10**6
_NEAR = 5.0
_GROWTH = 20.0
_UNEVEN, _RATIO = 2.0, 6.0
_SHARES = (2.0, 1.0, 0.5, 0.25, 0.125, 0.0625)

Mask = NDArray[np.bool_]
Moved = list[tuple[Integrand, Simplices]]


def integrate(pieces: Sequence[tuple[Integrand, Simplices]], goal: float, deadline: Deadline) -> Enclosure | None:
    """Return an enclosure of the sum of integrals over simplices, of a width of about `goal` unless effort ran out.

    The integrands are different ones. None where no bound was found.
    """
    account = Account(goal, goal)
    pools = {integrand: _Pool(integrand, account, simplices) for integrand, simplices in pieces}
    for gap in (gap for integrand, _ in pieces for gap in integrand.gaps):
        if gap.straight is not None:
            pools[gap.straight.near] = _Pool(gap.straight.near, account, None)
    with np.errstate(all="ignore"):
        while count := sum(pool.count for pool in pools.values()):
            crude = [pool.rough(account.allowance / (4 * count)) for pool in pools.values()]
            count = sum(pool.count for pool in pools.values())
            radius = sum(float(np.sum(part.radius)) for part in crude)
            if deadline.passed or count > MOST or radius < 0.4 * account.left:
                if not all(part.is_finite.all() for part in crude):
                    return None
                for part in crude:
                    account.enter(part)
                break
            share = account.allowance / max(1, count)
            moved: Moved = []
            for pool in pools.values():
                pool.part, count = pool.count / max(1, count), count - pool.count
                moved += pool.refine(share, pool.bearable(share), deadline)
            for to, some in moved:
                pools[to].add(some)
    return Enclosure(account.lower, account.upper)


class _Pool:
    """One integrand with the simplices over which its integral is still open."""

    def __init__(self, integrand: Integrand, account: Account, simplices: Simplices | None) -> None:
        self.integrand = integrand
        self.account = account
        self.simplices = simplices
        self.errors = np.zeros(0)
        self.part = 1.0

    @property
    def allowance(self) -> float:
        """What may be spent at a time: its part of what others leave."""
        return self.part * self.account.allowance

    @property
    def count(self) -> int:
        """How many simplices are open."""
        return 0 if self.simplices is None else self.simplices.count

    def add(self, simplices: Simplices) -> None:
        """Open simplices."""
        self.simplices = simplices if self.simplices is None else together([self.simplices, simplices])

    def rough(self, share: float) -> Interval:
        """Settle what is small enough by the range of the integrand; return the rough integrals over the others."""
        kept, values = [], [Interval.exactly(np.zeros(0))]
        for some in self._in_turn():
            some = self._with_signs(some)
            crude = self._crude(some)
            small = crude.is_finite & (crude.radius <= share)
            if small.any():
                self.account.enter(crude[small])
                self.account.spend(crude.radius[small], entered=True)
            kept.append(some.take(~small))
            values.append(crude[~small])
        if kept:
            self.simplices = together(kept)
        return Interval(*(np.concatenate([getattr(v, e) for v in values]) for e in ("lo", "hi")))

    def bearable(self, share: float) -> float:
        """Return what a part may err by at a kink, so that all that are expected may, and at least `share`.

        The error of a part that is halved in d directions falls like h^(3 + d), while 1/h^(d - 1) as many meet a kink.
        """
        rate: float = self.integrand.growth
        if not self.errors.size:
            return share
        each = self.allowance / float(np.sum(self.errors**rate))
        return max(share, float(each ** (1 / (1 - rate))))

    def refine(self, share: float, bearable: float, deadline: Deadline) -> Moved:
        """Enter what rules settle, make the rest smaller; return what is open of other integrands now."""
        kept: list[Simplices] = []
        moved: Moved = []
        self.errors = np.zeros(0)
        for some in self._in_turn():
            if deadline.passed:
                kept.append(some)
                continue
            smooth = (some.signs != 0).all(axis=0)
            if not smooth.all():
                kept += self._at_kinks(some.take(~smooth), bearable, moved)
            if smooth.any():
                kept += self._by_rules(some.take(smooth), share, bearable, moved)
        if kept:
            self.simplices = together(kept)
        return moved

    def _in_turn(self) -> list[Simplices]:
        if self.simplices is None:
            return []
        parts = [np.arange(i, min(i + AT_ONCE, self.count)) for i in range(0, self.count, AT_ONCE)]
        return [self.simplices.take(part) for part in parts]

    def _crude(self, simplices: Simplices) -> Interval:
        """Return enclosures of the integrals from the range of the integrand."""
        ranges = simplices.ranges
        value = full(self.integrand.value(simplices.inputs(ranges))[0], simplices.count)
        if self.integrand.power:
            value = value * ranges[-1].real_power(Interval.of(self.integrand.power), True)
        return value * simplices.volume

    def _with_signs(self, simplices: Simplices) -> Simplices:
        """Note the signs of gaps that do not change in a simplex."""
        for j, gap in enumerate(self.integrand.gaps):
            unknown = simplices.signs[j] == 0
            if unknown.any():
                value = full(gap.value(simplices.inputs(simplices.ranges))[0], simplices.count)
                signs = simplices.signs.copy()
                signs[j] = np.where(unknown, (value.lo >= 0).astype(np.int8) - (value.hi <= 0), signs[j])
                simplices = replace(simplices, signs=signs)
        return simplices

    def _by_rules(self, simplices: Simplices, share: float, bearable: float, moved: Moved) -> list[Simplices]:
        """Enter what rules settle; return the others in smaller parts, or add them to what has moved."""
        simplices = self._with_heights(simplices)
        near = _reach(simplices) <= _NEAR
        left, some = [simplices.take(~near)], simplices.take(near)
        if self.integrand.power:
            some, zeros = some.ordered()
            left += [self._by_rule(some.take(zeros == k), share, int(k)) for k in np.unique(zeros)]
        elif some.count:
            left.append(self._by_rule(some, share, 0))
        rest = together(left)
        for j, gap in enumerate(self.integrand.gaps):
            if gap.straight is not None and rest.count:
                rest = self._straightened(rest, j, gap.straight, flattened(rest, gap), bearable, moved)[1]
        return [self._halved(rest, None)]

    def _by_rule(self, some: Simplices, share: float, zeros: int) -> Simplices:
        """Enter what a rule settles, the last function being 0 at the first vertices, so many; return the others."""
        middle = full(self.integrand.value(some.inputs(some.ranges))[0], some.count).middle
        if self.integrand.power:
            middle = middle * some.forms.middle[-1, zeros:].mean(axis=0) ** float(self.integrand.power)
        sizes = np.full((some.dimension, some.count), _TOO_MANY)
        errors = np.zeros(some.count)
        hopeful = np.arange(some.count)
        for i in range(some.dimension):
            tried = some.take(hopeful)
            sizes[i, hopeful], error = self._sizes(tried, i, middle[hopeful], share / some.dimension, zeros)
            errors[hopeful] += error
            hopeful = hopeful[sizes[i, hopeful] <= MOST_NODES]
        hopeful = hopeful[sizes[:, hopeful].prod(axis=0) <= MOST_POINTS]
        open_ = np.ones(some.count, bool)
        if hopeful.size:
            chosen = _alike(sizes[:, hopeful])
            value, power = self.integrand.value, self.integrand.power
            bound = some.take(hopeful).rounded(value, power, zeros)
            for row in np.unique(chosen, axis=1).T:
                alike = (chosen == row[:, None]).all(axis=0)
                same = hopeful[alike]
                size = tuple(int(s) for s in row)
                values = some.take(same).by_rule(value, size, power, zeros, bound[alike])
                good = values.is_finite
                self.account.enter(values[good])
                self.account.spend(errors[same[good]])
                open_[same[good]] = False
        return some.take(open_)

    def _with_heights(self, simplices: Simplices) -> Simplices:
        """Find anew how far the integrand can be continued in each function alone, where that was long ago."""
        old = np.flatnonzero(simplices.age >= OLD)
        if not old.size:
            return simplices
        some = simplices.take(old)
        ranges, count = some.ranges, some.count
        value = full(self.integrand.value(some.inputs(ranges))[0], count)
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

    def _sizes(
        self, simplices: Simplices, i: int, middle: Floats, allowed: float, zeros: int
    ) -> tuple[NDArray[np.int64], Floats]:
        """Return for one direction the number of nodes for an error of at most `allowed`, and that error.

        Larger ellipses are tried as long as the integrand is bounded there and fewer nodes suffice.
        """
        best = np.full(simplices.count, _TOO_MANY)
        errors = np.full(simplices.count, inf)
        trying = np.arange(simplices.count)
        power = self.integrand.power
        share = float(mass(exponents_of(simplices.dimension, power, zeros))) * (1 + 1e-12)
        for r in _ELLIPSES:
            some = simplices if trying.size == simplices.count else simplices.take(trying)
            (value,) = self.integrand.value(some.around(i, r))
            if power:
                value = value * some.level(i, r, zeros).real_power(Interval.of(power), True)
            bound = up((value - Interval.exactly(middle[trying])).size * some.scale.hi)
            bound = np.where(np.isfinite(bound), bound, inf) * (4 / (1 - 1 / r) * share)
            need = np.ceil(np.log(np.maximum(bound / allowed, 1.0)) / (2 * np.log(r)))
            need = np.where(need <= MOST_NODES, np.maximum(need, 1), _TOO_MANY)
            size = np.append(_SIZES, _TOO_MANY)[np.searchsorted(_SIZES, need)]
            error = np.where(size < _TOO_MANY, bound * _decay(r)[np.searchsorted(_SIZES, need)], inf)
            better = (size < best[trying]) | ((size == best[trying]) & (error < errors[trying]))
            best[trying] = np.where(better, size, best[trying])
            errors[trying] = np.where(better, error, errors[trying])
            trying = trying[np.isfinite(bound) & (best[trying] > 1) & (better | (size == _TOO_MANY))]
            if not trying.size:
                break
        return best, errors

    def _halved(self, simplices: Simplices, weights: Floats | None) -> Simplices:
        """Halve simplices on the edge along which the functions' changes, by weights or heights, add up to most."""
        if not simplices.count:
            return simplices
        if weights is None:
            weights = 1.0 / simplices.heights
        values = simplices.forms.middle
        usual = (np.max(values, axis=1) - np.min(values, axis=1)).max(axis=1, keepdims=True) + 1e-300
        weights = np.where(np.isfinite(weights), weights, 1e6 / usual) + 1e-9 / usual
        edges = [(i, j) for i in range(values.shape[1]) for j in range(i + 1, values.shape[1])]
        change = np.stack([((weights * (values[:, i] - values[:, j])) ** 2).sum(axis=0) for i, j in edges])
        places = np.full((len(edges), simplices.count), 0.5)
        if self.integrand.power:
            for row, (i, j) in enumerate(edges):
                low, high = np.minimum(values[-1, i], values[-1, j]), np.maximum(values[-1, i], values[-1, j])
                inside = np.maximum(np.sqrt(low * high), high / _RATIO)
                both = low > 0
                change[row] += np.where(both, (_UNEVEN * np.log(high / low)) ** 2, 0.0)
                place = (inside - values[-1, i]) / (values[-1, j] - values[-1, i])
                places[row] = np.where(both & (high > 1.01 * low), place, 0.5)
        chosen = np.argmax(np.where(np.isfinite(change), change, 0.0), axis=0)
        first, second = (np.array([e[k] for e in edges])[chosen] for k in (0, 1))
        return together(simplices.cut(first, second, places[chosen, np.arange(simplices.count)]))

    def _at_kinks(self, simplices: Simplices, share: float, moved: Moved) -> list[Simplices]:
        """Cut or halve simplices in which some gap has both signs, at the first such gap, rough ones last."""
        unknown = simplices.signs == 0
        gaps, parts = self.integrand.gaps, []
        for j in sorted(range(len(gaps)), key=lambda j: gaps[j].rough):
            here = unknown[j].copy()
            if here.any():
                parts += self._at_gap(simplices.take(here), j, gaps[j], share, moved)
                unknown[:, here] = False
        return parts

    def _at_gap(self, simplices: Simplices, j: int, gap: Gap, share: float, moved: Moved) -> list[Simplices]:
        flat = flattened(simplices, gap)
        if gap.straight is not None:
            far, rest = self._straightened(simplices, j, gap.straight, flat, share, moved)
            return [self._halved(rest, flat.weights[:, far])]
        vertices = flat.vertices
        plain = (np.abs(vertices) > flat.error).all(axis=0) & (np.sign(vertices) == np.sign(vertices[:1])).all(axis=0)
        missed = misjudged(simplices, gap, flat)
        wrong = np.where(plain, 0.0, missed.radius)
        good = plain | (_within(wrong, share, self.allowance) & (not gap.rough))
        self._note(wrong[~good])
        parts = [self._halved(simplices.take(~good), flat.weights[:, ~good])]
        if good.any():
            self.account.enter(missed[good & ~plain])
            self.account.spend(wrong[good], entered=True)
            parts.append(cut_at_zero(simplices.take(good), vertices[:, good], j)[0])
        return parts

    def _note(self, errors: Floats) -> None:
        self.errors = np.append(self.errors, errors[np.isfinite(errors)])

    def _straightened(
        self, simplices: Simplices, j: int, straight: Straight, flat: Flattened, share: float, moved: Moved
    ) -> tuple[Mask, Simplices]:
        """Move the parts of simplices on which a gap is affine enough for its power; return which others there are."""
        n, vertices, q = simplices.dimension, flat.vertices, straight.exponent
        factor = full(straight.factor(simplices.inputs(simplices.ranges))[0], simplices.count).size
        low, high = np.abs(vertices).min(axis=0), np.abs(vertices).max(axis=0)
        low = np.where((np.sign(vertices) == np.sign(vertices[:1])).all(axis=0), low, 0.0)
        wrong = unstraightened(low, high, flat.error, q, 2 * n) * factor * simplices.volume.hi
        signs = np.delete(simplices.signs, j, axis=0)
        near = _within(wrong, share, self.allowance) & (signs != 0).all(axis=0)
        self._note(wrong[~near])
        if near.any():
            parts, values, origin = cut_at_zero(simplices.take(near), vertices[:, near], j)
            level = np.abs(values)
            wrong = unstraightened(level.min(axis=0), level.max(axis=0), flat.error[near][origin], q, n)
            self.account.spend(up(wrong * factor[near][origin] * parts.volume.hi))
            moved.append((straight.near, parts.with_function(level)))
        return ~near, simplices.take(~near)


def _within(errors: Floats, most: float, in_all: float) -> Mask:
    """Return which errors are at most so large, leaving out the largest if they add up to more than is allowed."""
    order = np.argsort(errors)
    small = np.empty(errors.size, bool)
    small[order] = np.cumsum(errors[order]) <= in_all
    return small & (errors <= most)


def _alike(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return numbers of nodes, larger ones where so few have the same that a rule is worked out in no time."""
    _, kind, count = np.unique(sizes, axis=1, return_inverse=True, return_counts=True)
    few = count[kind.ravel()] * sizes.prod(axis=0) < NODES_AT_ONCE
    return np.where(few, _COARSE[np.searchsorted(_COARSE, sizes)], sizes)


@cache
def _decay(r: float) -> Floats:
    """Return upper bounds of r^(-2N) for the numbers of nodes, infinity beyond them."""
    return np.array([float(Fraction(r) ** int(-2 * size)) * (1 + 1e-12) for size in _SIZES] + [inf])


def _reach(simplices: Simplices) -> Floats:
    """Return the largest change of a function in units of the height to which it can be continued."""
    ranges = simplices.ranges
    result: Floats = ((ranges.hi - ranges.lo) / simplices.heights).max(axis=0)
    return result
