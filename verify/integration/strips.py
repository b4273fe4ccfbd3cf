"""Boxes in the plane seen along one direction, and polynomials near the zeros of gaps over slabs of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import acb, arb, fmpq

from verify.expressions.tree import Expression
from verify.integration.cuts import Curve, Line, excess, places, size_along, zero_over
from verify.integration.roots import Function

_DEGREES = (6, 12, 20)
_NOWHERE = acb("nan")


@dataclass(frozen=True)
class Gap:
    """A gap that is monotone in the direction k: values, derivatives, the sign and a bound of the k-th one."""

    expression: Expression
    level: Function
    slopes: Sequence[Function]
    rising: int
    steepness: arb


@dataclass(frozen=True)
class Cut:
    """A polynomial near the zeros of a gap, a bound of the gap along it, how far the sign may be wrong around it."""

    gap: Gap
    curve: Curve
    value: arb
    off: arb


@dataclass(frozen=True)
class Frame:
    """A box seen along the direction k: the sides across and along it, and by how much it may be left."""

    k: int
    outer: tuple[fmpq, fmpq]
    inner: tuple[fmpq, fmpq]
    room: fmpq

    def join(self, x: acb, height: acb) -> list[acb]:
        """Return the point over x at a height."""
        return [x, height] if self.k == 1 else [height, x]

    def face(self, gap: Gap, end: fmpq) -> tuple[Line, Line]:
        """Return a gap on one face, and its derivative along it."""
        height = acb(end)
        slope = gap.slopes[1 - self.k]
        return (lambda x: gap.level(self.join(x, height))), (lambda x: slope(self.join(x, height)))

    def approximated(self, gap: Gap, outer: tuple[fmpq, fmpq], allowed: arb) -> Cut | None:
        """Return a polynomial near the zeros of a gap over an interval, None if none was found to be near enough."""
        low, high = arb(self.inner[0] - self.room), arb(self.inner[1] + self.room)
        slope = gap.slopes[self.k]
        best: Cut | None = None
        for n in _DEGREES:
            heights: list[arb] = []
            for x in places(n, outer):
                foot = acb(x.mid())
                zero = zero_over(
                    lambda z, foot=foot: gap.level(self.join(foot, z)),  # type: ignore[misc]
                    lambda z, foot=foot: slope(self.join(foot, z)),  # type: ignore[misc]
                    low,
                    high,
                )
                if zero is None:
                    return best
                heights.append(zero)
            curve = Curve.through(heights, outer)
            value = size_along(lambda x, c=curve: gap.level(self.join(x, c.at(x))), n, outer)  # type: ignore[misc]
            over = excess(lambda x, c=curve: c.at(x) - self.inner[1], curve.slope, outer)  # type: ignore[misc]
            under = excess(
                lambda x, c=curve: self.inner[0] - c.at(x),  # type: ignore[misc]
                lambda x, c=curve: -c.slope(x),  # type: ignore[misc]
                outer,
            )
            off = value / gap.steepness + over + under
            if off.is_finite() and (best is None or off < best.off):
                best = Cut(gap, curve, value, off)
            if best is not None and best.off * (outer[1] - outer[0]) < allowed / 1024:
                break
        return best


@dataclass
class Strip:
    """A band between two curves over an interval; the last ends are kept, since many points share them."""

    outer: tuple[fmpq, fmpq]
    curves: Sequence[Curve]

    def __post_init__(self) -> None:
        self.width = self.outer[1] - self.outer[0]
        self._last: tuple[acb | None, tuple[acb, acb, acb]] = (None, (_NOWHERE, _NOWHERE, _NOWHERE))

    def at(self, u: acb) -> tuple[acb, acb, acb]:
        """Return the coordinate across, and the two ends there."""
        known, result = self._last
        if known is not u:
            x = u * self.width + self.outer[0]
            result = (x, self.curves[0].at(x), self.curves[1].at(x))
            self._last = (u, result)
        return result
