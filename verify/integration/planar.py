"""Sums of integrals over pieces of the plane to one common tolerance: the worst box of all is refined first.

Boxes on which the integrand is one formula are integrated by tensor Gauss rules (cube.py), boxes with switches are cut
into bands along the zeros of the gaps (bands.py) or halved. What is known is kept when a smaller tolerance is wanted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import heappop, heappush
from itertools import count
from typing import Protocol

from flint import acb, arb, ctx, fmpq

from verify.enclosure import Enclosure
from verify.expressions.balls import exact_bounds
from verify.expressions.switches import has_switches, settled
from verify.expressions.tree import Expression
from verify.integration.bands import Bands
from verify.integration.charts import Chart
from verify.integration.cube import (
    CubePart,
    bound_around,
    crudely,
    gauss_nodes,
    halves,
    real_side,
    rule_size,
    volume_of,
)
from verify.integration.deadline import Deadline
from verify.integration.forms import Forms
from verify.integration.gaps import soft_gaps
from verify.integration.graphs import Integrand
from verify.integration.rims import RimChart
from verify.integration.roots import real_ball, sign_of

MAX_BOXES = 60_000
_HALF = fmpq(1, 2)
_ASKEW = fmpq(61, 128)  # zeros at simple places shall not lie on the face between two boxes
_LEAST = Fraction(7, 5)
_SPARE_BITS = 72  # so that a second pass need not begin again
Box = tuple[tuple[fmpq, fmpq], ...]  # middle and half-width
UNIT: Box = ((_HALF, _HALF), (_HALF, _HALF))


class Patch(Protocol):
    """An integral over a box, with an enclosure."""

    value: arb

    def refined(self, tolerance: arb) -> Sequence[Patch]:
        """Return patches that add up to this one: itself better enclosed, or smaller ones."""
        ...


@dataclass
class Remainder:
    """What cutting along near zeros leaves open."""

    value: arb

    def refined(self, tolerance: arb) -> Sequence[Patch]:
        """Return itself: the box it comes from was cut to the tolerance asked for then."""
        return [self]


class SmoothPatch:
    """The integral of one formula over a box."""

    def __init__(self, integrand: Integrand, box: Box, value: arb | None = None) -> None:
        self.integrand, self.box = integrand, box
        self.value = crudely(integrand, box) if value is None else value

    def refined(self, tolerance: arb) -> Sequence[Patch]:
        """Return the patch enclosed by one tensor rule, or its halves."""
        integrand, box = self.integrand, self.box
        real = [acb(real_side(side)) for side in box]
        volume = volume_of(box)
        allowed = tolerance / 4
        found = [rule_size(integrand, real, i, side, volume, allowed) for i, side in enumerate(box)]
        first, second = found
        if first is None or second is None or max(first[2], second[2]) > 1:
            direction = self._direction(found)
            return [SmoothPatch(integrand, half) for half in halves(box, direction)]
        xs, ys = gauss_nodes(box[0], first[0]), gauss_nodes(box[1], second[0])
        total = arb(0)
        for x, v in xs:
            line = acb(0)
            for y, w in ys:
                line += integrand((x, y), False) * w
            total += line.real * v
        error = first[1] + second[1]
        return [SmoothPatch(integrand, box, total + arb(0, error.upper()))]

    def _direction(self, found: Sequence[tuple[int, arb, float] | None]) -> int:
        """Return the direction in which to halve the box: the harder one, or the one that helps where both are open."""
        hard = [math.inf if entry is None else entry[2] for entry in found]
        wide = [acb(real_side(side)) for side in self.box]
        if max(hard) < math.inf or (hard[0] != hard[1] and self.integrand(wide, True).is_finite()):
            return 0 if hard[0] > hard[1] else 1
        prospects = []
        for k in (0, 1):
            hopes = 0
            for half in halves(self.box, k):
                real = [acb(real_side(side)) for side in half]
                for i, side in enumerate(half):
                    hopes += bound_around(self.integrand, real, i, side, _LEAST, 4) is not None
            prospects.append((hopes, self.box[k][1]))
        return 0 if prospects[0] >= prospects[1] else 1


class SwitchPatch:
    """The integral over a box of an expression that may switch in it."""

    def __init__(self, bands: Bands, expression: Expression, box: Box) -> None:
        self.bands, self.box = bands, box
        self.sides = [(middle - half, middle + half) for middle, half in box]
        values, jacobian = bands.values([real_ball(side) for side in self.sides])
        self.expression = settled(expression, lambda gap: sign_of(bands.value(gap, values)))
        self.smooth = bands.plain(self.expression, self.sides)
        self.value = (bands.value(self.expression, values)) * jacobian.real * volume_of(box)

    def refined(self, tolerance: arb) -> Sequence[Patch]:
        """Return the bands of the patch, or its halves."""
        if self.smooth is not None:
            tried = SmoothPatch(self.smooth, UNIT, self.value).refined(tolerance)
            if len(tried) == 1:
                return tried
        found = self.bands.cut(self.expression, self.sides, tolerance / 16)
        if isinstance(found, int):
            return [SwitchPatch(self.bands, self.expression, half) for half in halves(self.box, found, _ASKEW)]
        parts: list[Patch] = [SmoothPatch(part, UNIT) for part in found.parts]
        if not found.error.is_zero():
            parts.append(Remainder(arb(0, found.error.upper())))
        return parts


class PlanarPart:
    """The sum of integrals over images of charts in the plane."""

    def __init__(self, pieces: Sequence[tuple[Forms, Chart]]) -> None:
        self.pieces = [CubePart(forms, chart) for forms, chart in pieces]
        self._precision = 0
        self._open: list[tuple[float, int, Patch]] = []
        self._closed = arb(0)
        self._order = count()

    @property
    def lost_bits(self) -> int:
        """How many bits the position of the cells needs beyond their sizes."""
        return max(piece.lost_bits for piece in self.pieces)

    def rough_size(self) -> Fraction:
        """Return a guess of the integral's magnitude, to set tolerances by; not a bound."""
        return max(piece.rough_size() for piece in self.pieces)

    def enclose(self, relative: Fraction, tolerance: Fraction, deadline: Deadline) -> Enclosure:
        """Return an enclosure at the working precision. Raises ArithmeticError if an integrand is not bounded."""
        goal = float(max(tolerance, relative * self.rough_size()))
        if restart := ctx.prec > self._precision:
            self._precision = ctx.prec + _SPARE_BITS
        with ctx.workprec(self._precision):
            if restart or self._lost > goal / 2:
                self._start()
            self._refine(goal, deadline)
            value = sum((patch.value for _, _, patch in self._open), self._closed)
        if not value.is_finite():
            reason = "the budget ended before it was bounded" if deadline.passed else "it could not be bounded"
            raise ArithmeticError(f"an integrand is too wild: {reason}")
        return Enclosure(*exact_bounds(value))

    @property
    def _lost(self) -> float:
        """The error that no refinement makes smaller."""
        return float(self._closed.rad()) + sum(-r for r, _, patch in self._open if isinstance(patch, Remainder))

    def _refine(self, goal: float, deadline: Deadline) -> None:
        opened = self._open
        while opened and not deadline.passed and len(opened) < MAX_BOXES:
            if sum(-radius for radius, _, _ in opened) <= goal:
                break
            for _ in range(max(1, len(opened) // 8)):
                if not opened or deadline.passed:
                    break
                radius, _, patch = heappop(opened)
                if -radius < goal / (4 * len(opened) + 4):
                    self._push(patch)
                    break
                parts = patch.refined(arb(min(goal / (8 + 2 * len(opened)), -radius / 256)))
                same = len(parts) == 1 and type(parts[0]) is type(patch)
                if same and float(parts[0].value.rad()) > -radius / 2:
                    self._closed += parts[0].value  # as good as it gets at this precision
                else:
                    for part in parts:
                        self._push(part)

    def _start(self) -> None:
        self._open, self._closed = [], arb(0)
        for piece in self.pieces:
            body = piece.forms.body
            if (has_switches(body) or soft_gaps(body)) and not isinstance(piece.chart, RimChart):
                self._push(SwitchPatch(Bands(piece.forms, piece.chart), body, UNIT))
            else:
                self._push(SmoothPatch(piece.integrand(), UNIT))

    def _push(self, patch: Patch) -> None:
        value = patch.value
        radius = float(value.rad()) if value.is_finite() else math.inf
        heappush(self._open, (-radius, next(self._order), patch))
