"""Zero sets of functions on boxes as graphs over the other coordinates, by Newton's method with a proof.

In a convex set where the derivative is never 0 a function has at most one zero; it has one if Newton's operator
`z - g(z)/g'(Z)` maps a box Z into itself. Both hold for complex arguments too, and give the analytic continuation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from flint import acb, arb, ctx, fmpq, fmpz

from verify.expressions.balls import ball_between

_STEPS = 40
_INFLATIONS = 4
_THIN = 20
_HALVINGS = 48
Coordinates = Sequence[acb]
Function = Callable[[Coordinates], acb]
Sides = Sequence[tuple[fmpq, fmpq]]
"""Lower and upper end in each direction."""


def real_ball(side: tuple[fmpq, fmpq]) -> acb:
    """Return a ball that contains an interval."""
    return acb(ball_between(arb(side[0]), arb(side[1])))


def sign_of(ball: arb) -> int | None:
    """Return the sign of all numbers in a ball, None if they have several."""
    return 1 if ball > 0 else -1 if ball < 0 else 0 if ball.is_zero() else None


def sign_on(function: Function, sides: Sides) -> int | None:
    """Return the strict sign of a function on a box, None if none was seen with a few halvings."""
    low, high = zip(*sides, strict=True)
    known = sign_of(function([acb((a + b) / 2) for a, b in sides]).real)
    if not known or any(sign_of(function(list(map(acb, corner))).real) != known for corner in (low, high)):
        return None
    stack = [list(sides)]
    for _ in range(_HALVINGS):
        box = stack.pop()
        found = sign_of(function([real_ball(side) for side in box]).real)
        if found is None:
            i = max(range(len(box)), key=lambda i: (box[i][1] - box[i][0]) / (sides[i][1] - sides[i][0] or 1))
            a, b = box[i]
            middle = (a + b) / 2
            stack += [[*box[:i], half, *box[i + 1 :]] for half in ((a, middle), (middle, b))]
        elif found != known:
            return None
        if not stack:
            return known
    return None


@dataclass
class Graph:
    """The zeros of `level` in a box where its derivative `slopes[k]` in the k-th direction has the sign `rising`.

    `level` has opposite signs on the two faces in that direction: the zeros form a graph over the whole face.
    """

    level: Function
    slopes: Sequence[Function]
    k: int
    sides: Sides
    rising: int
    _last: tuple[Coordinates, acb | None] = ((), None)
    _bases: dict[tuple[tuple[fmpz, fmpz], ...], acb] = field(default_factory=dict)

    @classmethod
    def across(cls, level: Function, slopes: Sequence[Function], k: int, sides: Sides) -> Graph | None:
        """Return the graph in a box, or None where that there is one was not seen."""
        rising = sign_on(slopes[k], sides)
        if not rising or not level([real_ball(side) for side in sides]).is_finite():
            return None
        for end, expected in zip(sides[k], (-rising, rising), strict=True):
            if sign_on(level, [*sides[:k], (end, end), *sides[k + 1 :]]) != expected:
                return None
        return cls(level, slopes, k, sides, rising)

    def slope(self, t: Coordinates) -> acb:
        """Return the derivative along the graph's direction."""
        return self.slopes[self.k](t)

    def at(self, outer: Coordinates) -> acb | None:
        """Return an enclosure of the k-th coordinate over (complex) values of the others, None if there is none.

        All values for one set of others are those of one analytic function there.
        """
        known, value = self._last
        if len(known) != len(outer) or any(a is not b for a, b in zip(known, outer, strict=True)):
            value = self._root(outer)
            self._last = (outer, value)
        return value

    def join(self, outer: Coordinates, height: acb) -> list[acb]:
        """Return the point over `outer` at a height."""
        return [*outer[: self.k], height, *outer[self.k :]]

    def _root(self, outer: Coordinates) -> acb | None:
        ends = self.sides[self.k]
        if all(x.imag.is_zero() for x in outer):
            # the zero over a real point lies in the box, where there is just one
            side = real_ball(ends)
            found = self._proved(outer, self._guess(outer), True)
            return found if found is not None and side.contains(found) else side
        rest = [side for i, side in enumerate(self.sides) if i != self.k]
        base = [x.real.mid().max(arb(low)).min(arb(high)).mid() for x, (low, high) in zip(outer, rest, strict=True)]
        if not all(x.contains(acb(b)) for x, b in zip(outer, base, strict=True)):
            return None
        first = self._base(base)
        middle = self.join([acb(x.real.mid(), x.imag.mid()) for x in outer], first)
        z = first - self.level(middle) / self.slope(middle)
        if not z.is_finite():
            return None
        # one analytic function gives the zeros over `outer`; over the base, a point of the box, it is the graph
        return self._proved(outer, acb(z.real.mid(), z.imag.mid()), False, first)

    def _base(self, base: Sequence[arb]) -> acb:
        """Return the zero over a real point of the box."""
        key = tuple(x.man_exp() for x in base)
        if key not in self._bases:
            found = self._root([acb(x) for x in base])
            assert found is not None
            self._bases[key] = found
        return self._bases[key]

    def _guess(self, outer: Coordinates) -> acb:
        """Return a number near the zero over the middle of real coordinates."""
        low, high = self.sides[self.k]
        middle = [acb(x.real.mid()) for x in outer]
        z = acb((low + high) / 2)
        wide = max(x.rad() for x in outer) if outer else arb(0)
        small = arb(high - low) * arb(2) ** (8 - ctx.prec) + wide / 16
        for _ in range(_STEPS):
            point = self.join(middle, z)
            step = self.level(point) / self.slope(point)
            if not step.is_finite():
                break
            z = acb((z - step).real.mid().max(arb(low)).min(arb(high)).mid())
            if step.abs_upper() < small:
                break
        return z

    def _proved(self, outer: Coordinates, z: acb, is_real: bool, known: acb | None = None) -> acb | None:
        """Return an enclosure of the only zeros near z, a set that contains `known`; None if that was not proved."""
        level = self._level_at(outer, z)
        step = level / self.slope(self.join(outer, z))
        low, high = self.sides[self.k]
        rounding = (z.abs_upper() + high - low) * arb(2) ** (4 - ctx.prec)
        for _ in range(_INFLATIONS):
            if not step.is_finite():
                return None
            radius = step.abs_upper() * fmpq(5, 4) + rounding
            around = ball_between(-radius, radius)
            region = z + (acb(around) if is_real else acb(around, around))
            points = self.join(outer, region)
            slope = self.slope(points)
            if slope.contains(0) or not (self._inside(region) or self.level(points).is_finite()):
                return None
            step = level / slope
            if region.contains(z - step) and (known is None or region.contains(known)):
                return z - step
        return None

    def _level_at(self, outer: Coordinates, z: acb) -> acb:
        """Return the values at height z, by the mean value theorem where `outer` is wide."""
        points = self.join(outer, z)
        plain = self.level(points)
        if all(x.rel_accuracy_bits() > _THIN for x in outer):
            return plain
        middle = [acb(x.real.mid(), x.imag.mid()) for x in outer]
        value = self.level(self.join(middle, z))
        rest = [slope for i, slope in enumerate(self.slopes) if i != self.k]
        for slope, x, m in zip(rest, outer, middle, strict=True):
            value += slope(points) * (x - m)
        return value if plain.is_finite() and value.rad() < plain.rad() else plain

    def _inside(self, region: acb) -> bool:
        """Whether a region over real points lies in the box, where the function is known to be analytic."""
        return bool(region.imag.is_zero() and real_ball(self.sides[self.k]).contains(region))
