"""Integrals over the unit cube of functions that are analytic almost everywhere: adaptive tensor Gauss-Legendre rules.

On a box, an N-point rule in the i-th direction errs by at most `(64/15) M r^(-2N) / (1 - r^-2)` times half the width,
where M bounds the integrand on the ellipse with foci at the ends and sum of semi-axes r (N >= 2; the coefficients of
its Chebyshev expansion are at most `2 M r^-k`, the rule is exact to degree 2N - 1, has positive weights, and integrates
an even T_k, k >= 4, to at most 2 in size where the integral is at most 2/15). The rule in all directions together errs
by at most the sum of these, each with the other coordinates real, times the widths of the other directions.
M comes from one evaluation on a complex box around the ellipse. Where the integrand has no analytic continuation there,
the box is halved; boxes whose whole contribution is small enough are kept as they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from heapq import heapify, heappop, heappush
from itertools import count, product
from typing import TYPE_CHECKING

from flint import acb, arb, ctx, fmpq

from verify.enclosure import Enclosure
from verify.expressions.balls import ball_between, exact_bounds, to_fmpq
from verify.integration.charts import Chart, Coordinates
from verify.integration.forms import Forms
from verify.integration.graphs import Graphs
from verify.integration.roots import Sides

if TYPE_CHECKING:
    from verify.integration.deadline import Deadline

MAX_BOXES = 4_000
MAX_INNER = 60
TINY = arb(2) ** -10
_WIDE = tuple(map(Fraction, (4, 8, 16, 32, 64, 256)))
_NARROW = (Fraction(2), Fraction(7, 5))
_COLUMNS = (1, 4)
_HALF = fmpq(1, 2)
_ASKEW = fmpq(61, 128)  # zeros at simple places shall not lie on the face between two boxes
_FEW = 8

Integrand = Callable[[Coordinates, bool], acb]
Splitter = Callable[[Sides], tuple[list[Integrand], int | None]]
Side = tuple[fmpq, fmpq]  # middle and half-width
Box = tuple[Side, ...]


class CubePart:
    """The integral of an expression over the image of a chart."""

    def __init__(self, forms: Forms, chart: Chart) -> None:
        self.forms, self.chart = forms, chart

    @property
    def lost_bits(self) -> int:
        """How many bits the position of the image needs beyond its size."""
        return self.chart.lost_bits()

    def rough_size(self) -> Fraction:
        """Return a guess of the integral's magnitude, to set tolerances by; not a bound."""
        point = [acb(x) for x in (0.43, 0.57, 0.46, 0.52, 0.49, 0.51, 0.48, 0.53)[: self.chart.dimension]]
        value = self.integrand()(point, False).real.mid()
        return abs(exact_bounds(value)[0]) if value.is_finite() else Fraction(0)

    def enclose(self, relative: Fraction, tolerance: Fraction, deadline: Deadline) -> Enclosure:
        """Return an enclosure at the working precision. Raises ArithmeticError if the integrand is not bounded."""
        goal = max(tolerance, relative * self.rough_size())
        split = Graphs(self.forms, self.chart).split
        value = integrate(self.integrand(), self.chart.dimension, arb(to_fmpq(goal)), deadline, split)
        if not value.is_finite():
            reason = "the budget ended before it was bounded" if deadline.passed else "it could not be bounded"
            raise ArithmeticError(f"an integrand is too wild: {reason}")
        return Enclosure(*exact_bounds(value))

    def integrand(self) -> Integrand:
        """Return the integrand on the unit cube."""
        chart, function = self.chart.prepared(self.forms.affine), self.forms.function

        def integrand(t: Coordinates, analytic: bool) -> acb:
            values, jacobian = chart(t)
            return function(values, analytic) * jacobian

        return integrand


def integrate(
    integrand: Integrand, dimension: int, goal: arb, deadline: Deadline, split: Splitter, most: int = MAX_BOXES
) -> arb:
    """Return an enclosure of the integral over the unit cube, with a radius of about `goal` unless the effort ran out.

    `split` gives integrands on the unit cube whose integrals add up to that over a box, or the direction to halve it
    in. The result is not finite where no bound was found.
    """
    order = count()
    half = fmpq(1, 2)
    total = arb(0)
    whole: Box = ((half, half),) * dimension
    heap = [(-math.inf, next(order), whole, crudely(integrand, whole))]
    for i in range(most):
        if not heap or deadline.passed:
            break
        if i % 16 == 0 and i and sum(-item[0] for item in heap) < goal:
            break
        share = goal * fmpq(4, 8 + i)
        _, _, box, crude = heappop(heap)
        found = _by_rule(integrand, box, share)
        if isinstance(found, arb):
            total += found
            continue
        parts, direction = split([(middle - half, middle + half) for middle, half in box])
        if parts:
            value = sum((integrate(part, dimension, share, deadline, _never, MAX_INNER) for part in parts), arb(0))
            if value.is_finite() and value.rad() <= 8 * share:
                total += value
                continue
        for part in halves(box, found) if direction is None else halves(box, direction, _ASKEW):
            crude = crudely(integrand, part)
            if crude.is_finite() and crude.rad() <= TINY * goal:
                total += crude
            else:
                radius = float(crude.rad()) if crude.is_finite() else math.inf
                heappush(heap, (-radius, next(order), part, crude))
    heapify(heap)
    return sum((crude for _, _, _, crude in heap), total)


def crudely(integrand: Integrand, box: Box) -> arb:
    """Return an enclosure of the integral over a box from the range of the integrand."""
    return integrand([acb(real_side(side)) for side in box], False).real * volume_of(box)


def _never(sides: Sides) -> tuple[list[Integrand], None]:
    """Split no box."""
    return [], None


def halves(box: Box, direction: int, at: fmpq = _HALF) -> tuple[Box, Box]:
    """Return the two parts of a box cut at a share of its side."""
    middle, half = box[direction]
    low, high = half * at, half * (1 - at)
    sides = (middle - half + low, low), (middle + half - high, high)
    first, second = ((*box[:direction], side, *box[direction + 1 :]) for side in sides)
    return first, second


def real_side(side: Side) -> arb:
    """Return the ball of a side."""
    middle, half = side
    return ball_between(arb(middle - half), arb(middle + half))


def volume_of(box: Box) -> arb:
    """Return the volume of a box."""
    result = arb(1)
    for _, half in box:
        result *= 2 * arb(half)
    return result


def _by_rule(integrand: Integrand, box: Box, tolerance: arb) -> arb | int:
    """Return an enclosure by one tensor rule, or the direction to halve the box in."""
    real = [acb(real_side(side)) for side in box]
    volume = volume_of(box)
    allowed = tolerance / (2 * len(box))
    points: list[int] = []
    error = arb(0)
    worst = []
    for i, side in enumerate(box):
        found = rule_size(integrand, real, i, side, volume, allowed)
        worst.append((math.inf if found is None else found[2], float(side[1]), i))
        if found is not None:
            points.append(found[0])
            error += found[1]
    excess, _, direction = max(worst)
    if excess > 1:  # where the integrand is unbounded on the box itself, any direction may be the reason
        return direction if excess < math.inf or integrand(real, True).is_finite() else max(w[1:] for w in worst)[1]
    axes = [gauss_nodes(side, n) for side, n in zip(box, points, strict=True)]
    total = acb(0)
    for nodes in product(*axes):
        weight = nodes[0][1]
        for _, w in nodes[1:]:
            weight = weight * w
        total += integrand([x for x, _ in nodes], False) * weight
    return total.real + ball_between(-error, error)


def rule_size(
    integrand: Integrand, real: Sequence[acb], i: int, side: Side, volume: arb, allowed: arb
) -> tuple[int, arb, float] | None:
    """Return for one direction the number of points, a bound of the error, and whether (> 1) halving is better.

    None if the integrand has no continuation to any of the ellipses that were tried.
    """
    best: tuple[int, arb, float] | None = None
    for columns in _COLUMNS:
        for ladder in (_WIDE, _NARROW):
            for r in ladder:
                bound = bound_around(integrand, real, i, side, r, columns)
                if bound is None:
                    break
                scale = bound * volume * fmpq(64, 30) * to_fmpq(1 / (1 - r**-2))
                ratio = scale / allowed
                logarithm = float(ratio.log().upper()) if ratio > 1 else 0.0
                size = max(2, math.ceil(logarithm / (2 * math.log(r))))
                if best is None or size < best[0]:
                    best = (size, scale / arb(to_fmpq(r)) ** (2 * size), size / (6 + 0.35 * logarithm))
                elif size > best[0]:
                    break
            if best is not None and best[0] <= _FEW:
                return best
    return best


def bound_around(
    integrand: Integrand, real: Sequence[acb], i: int, side: Side, r: Fraction, columns: int
) -> arb | None:
    """Return a bound of the integrand's modulus around an ellipse in the i-th direction, or None.

    The upper half of the ellipse (the integrand is real on the axis) lies in so many rectangles side by side.
    """
    middle, half = side
    result = arb(0)
    for across, wide, tall in rectangles(r, columns):
        height = half * tall
        spot = acb(real_side((middle + half * across, half * wide)), real_side((height, height)))
        value = integrand([*real[:i], spot, *real[i + 1 :]], True)
        if not value.is_finite():
            return None
        result = result.max(value.abs_upper())
    return result


@lru_cache(maxsize=64)
def rectangles(r: Fraction, columns: int) -> list[tuple[fmpq, fmpq, fmpq]]:
    """Return the rectangles around the ellipse on [-1, 1]: middle and half-width along the axis, half the height."""
    long, short = (r + 1 / r) / 2, float(r - 1 / r) / 2
    result = []
    for k in range(columns):
        left, right = (Fraction(2 * (k + j), columns) - 1 for j in (0, 1))
        inner = 0.0 if left * right < 0 else min(abs(left), abs(right))
        height = Fraction(min(1.0, math.sqrt(1 - float(inner) ** 2) * (1 + 1e-9)) * short * (1 + 1e-9))
        result.append((to_fmpq(long * (left + right) / 2), to_fmpq(long / columns), to_fmpq(height / 2)))
    return result


def gauss_nodes(side: Side, n: int) -> list[tuple[acb, arb]]:
    """Return the nodes and weights of a Gauss rule on a side."""
    middle, half = arb(side[0]), arb(side[1])
    return [(acb(middle + half * x), half * w) for x, w in _legendre(n, ctx.prec)]


@lru_cache(maxsize=256)
def _legendre(n: int, precision: int) -> list[tuple[arb, arb]]:
    """Return nodes and weights on [-1, 1] at a precision (which must be the working one)."""
    return [arb.legendre_p_root(n, k, weight=True) for k in range(n)]
