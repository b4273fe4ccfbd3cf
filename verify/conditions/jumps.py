"""Where the two sides of a switch certainly disagree: a point, or a short bracket, with the values on both sides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from proofs.geometry.affine import Affine, Point
from verify.conditions.dense import nowhere_flat
from verify.conditions.places import bracket_text, decimals, point_text
from verify.conditions.switches import has_steps
from verify.expressions import tree
from verify.expressions.algebra import as_affine
from verify.expressions.derivative import NoDerivativeError, gradient
from verify.expressions.factors import factors_of
from verify.expressions.points import UndefinedError, at_point, bounds, enclosed_value, exact_value, sign_of_constant
from verify.expressions.printing import text
from verify.expressions.ranges import Range, between, compile_range
from verify.expressions.tree import Expression
from verify.integration import Deadline
from verify.signs.decide import Signs
from verify.signs.regions import Region, as_mapping, sign_at_point

Carries = Callable[[Sequence[Point]], bool]
BISECTIONS = 60
MAX_SAMPLES = 40


@dataclass(frozen=True)
class Jump:
    """A discontinuity at `point`, or between the two ends of `bracket` (then `point` is None).

    `isolated` means that only the value at the switch itself differs from the limit `limit`.
    """

    gap: Expression
    point: Point | None
    bracket: tuple[Point, Point] | None
    below: str | None
    value: str | None
    above: str | None
    isolated: bool = False

    @property
    def limit(self) -> str | None:
        """The limit from the side on which there is one."""
        return self.above if self.above is not None else self.below

    def words(self, name: str) -> str:
        """Return the reason in words."""
        place = "" if self.point is None else f" at {point_text(self.point)}"
        if self.isolated:
            return (
                f"{name} has the value {self.value} where {text(self.gap)} = 0{place}, but the limit {self.limit} there"
            )
        first = self.value if self.below is None else self.below
        last = self.value if self.above is None else self.above
        return f"{name} jumps from {first} to {last} where {text(self.gap)} = 0{place}"

    def witness(self, variables: Sequence[str]) -> dict[str, Any]:
        """Return the witness as JSON."""
        values = {"below": self.below, "at": self.value, "above": self.above}
        return {"point": self._place(), "switch": text(self.gap), "values": {k: v for k, v in values.items() if v}}

    def _place(self) -> list[Any]:
        if self.point is not None:
            return [str(x) for x in self.point]
        assert self.bracket is not None
        return list(bracket_text(*self.bracket))


def constant_text(node: Expression) -> str:
    """Return an expression without variables as a value: exact, or a decimal enclosure."""
    value = value_text(node, (), ())
    return text(node) if value is None else value


def value_text(node: Expression, point: Point, variables: Sequence[str], digits: int = 12) -> str | None:
    """Return a value at a point: exact if rational, else a decimal enclosure; None where it is undefined."""
    place = as_mapping(point, variables)
    try:
        exact = exact_value(node, place)
    except UndefinedError:
        return None
    if exact is not None and len(str(exact)) <= 40:
        return str(exact)
    ends = bounds(enclosed_value(node, place, 128 + 4 * digits))
    return None if ends is None else decimals(*ends, digits)


def _told_apart(values: Mapping[int, Expression], point: Point, variables: Sequence[str]) -> dict[int, str | None]:
    """Return values as texts, with as many digits as it takes to see that not all of them are equal."""
    texts: dict[int, str | None] = {}
    for digits in (12, 24, 48, 96, 192):
        texts = {side: value_text(value, point, variables, digits) for side, value in values.items()}
        if len(set(texts.values())) > 1:
            break
    return texts


def find_jump(
    gap: Expression,
    above: Expression,
    at_zero: Expression,
    below: Expression,
    region: Region,
    variables: tuple[str, ...],
    carries: Carries,
    actual: Expression,
    limits: Mapping[tuple[int, Point], Expression] | None = None,
) -> Jump | None:
    """Return a certain discontinuity across `{gap = 0}` in a region, or None.

    `actual` is the whole function: where the region is a side of another switch, its value on the edge is not that of
    `at_zero`. `carries(points)` says whether the segment between the points certainly lies in D; `limits` holds values
    that a side (1 or -1) has as a limit at points where it is undefined.
    """
    for point, sides in _meeting_points(gap, region, variables):
        jump = _jump_at(point, sides, gap, above, actual, below, variables, limits or {})
        if jump is not None and carries([point]):
            return jump
    for low, high, exact in _brackets(gap, region, variables):
        jump = _jump_between(low, high, gap, above, at_zero, below, variables)
        if jump is not None and exact is not None:
            jump = _jump_at(exact, frozenset({1, -1}), gap, above, actual, below, variables, {}) or jump
        if jump is not None and region.holds_segment([low, high], variables) and carries([low, high]):
            return jump
    return None


def _meeting_points(
    gap: Expression, region: Region, variables: tuple[str, ...]
) -> Iterator[tuple[Point, frozenset[int]]]:
    """Yield exact points of the region where the gap is 0, with sides (1, -1) on which the region has points near by.

    Only affine gaps, polynomials of one variable and gaps of one sign: there the sign near the point is known.
    """
    signs_of = Signs(region, variables, Deadline(None))
    one_sign = {(0, 1): 1, (-1, 0): -1}.get(signs_of.sign(gap))
    if one_sign is not None and nowhere_flat(gap, signs_of):
        for point in signs_of.plain_points(gap):
            if _is_limit(point, region, variables) and sign_at_point(gap, point, variables) == 0:
                yield point, frozenset({one_sign})
    wall = as_affine(gap, variables)
    if wall is not None and not wall.is_constant:
        above = region.split(wall)[1]
        whole = region if above is None else above
        for point in _on_wall(whole.cell.vertices, wall, region, variables):
            yield point, _sides_of(wall, region, variables)
    elif len(variables) == 1:
        yield from _roots_with_sides(gap, region, variables)


def _is_limit(point: Point, region: Region, variables: Sequence[str]) -> bool:
    """Whether a point is certainly a limit of interior points of a region."""
    if not all(f(point) >= 0 for f in region.cell.facets):
        return False
    if region.is_convex:
        return region.satisfies(point, variables) and next(region.samples(variables), None) is not None
    return region.satisfies(point, variables, strictly=True)


def _sides_of(wall: Affine, region: Region, variables: Sequence[str]) -> frozenset[int]:
    """Return the sides of a hyperplane on which a region has points near any of its limit points on it.

    A segment from such a point to an interior point of a convex region stays inside; where no constraint is 0, the
    region is its cell near by.
    """
    if not region.is_convex:
        return frozenset(s for s, part in zip((-1, 1), region.cell.split(wall), strict=True) if part is not None)
    values = [wall(p) for p in region.samples(variables)]
    return frozenset(s for s in (1, -1) if any(s * v > 0 for v in values))


def _roots_with_sides(
    gap: Expression, region: Region, variables: tuple[str, ...]
) -> Iterator[tuple[Point, frozenset[int]]]:
    """Yield the rational roots of a polynomial in an interval, with its signs next to them by the multiplicities."""
    found = factors_of(gap, variables)
    lower, upper = region.box[0]
    for factor in found.factors if found else ():
        flat = factor.affine(1)
        if found is None or flat is None:
            continue
        root = -flat.constant / flat.gradient[0]
        if not (lower <= root <= upper and region.satisfies((root,), variables, strictly=True)):
            continue
        right = (1 if found.scale > 0 else -1) * (1 if flat.gradient[0] > 0 else -1) ** factor.multiplicity
        for other in found.factors:
            if other is not factor:
                sign = sign_at_point(other.expression, (root,), variables)
                right *= 0 if sign is None else sign**other.multiplicity
        left = right * (-1) ** factor.multiplicity
        sides = {right} if root < upper else set()
        yield (root,), frozenset((sides | ({left} if root > lower else set())) - {0})


def _on_wall(vertices: Sequence[Point], wall: Any, region: Region, variables: Sequence[str]) -> Iterator[Point]:
    on = [v for v in vertices if wall(v) == 0]
    if on:
        centre = tuple(sum(column, Fraction(0)) / len(on) for column in zip(*on, strict=True))
        for point in (centre, *on, *(tuple((a + b) / 2 for a, b in zip(centre, v, strict=True)) for v in on)):
            if _is_limit(point, region, variables):
                yield point


def _jump_at(
    point: Point,
    sides: frozenset[int],
    gap: Expression,
    above: Expression,
    actual: Expression,
    below: Expression,
    variables: Sequence[str],
    limits: Mapping[tuple[int, Point], Expression],
) -> Jump | None:
    place = as_mapping(point, variables)
    values: dict[int, Expression] = {}
    for side, node in ((1, above), (0, actual), (-1, below)):
        if side and (side not in sides or has_steps(node)):
            continue
        try:
            values[side] = limits[side, point] if (side, point) in limits else at_point(node, place)
        except UndefinedError:
            continue

    def differ(a: int, b: int) -> bool:
        if a not in values or b not in values:
            return False
        return sign_of_constant(tree.folded(tree.difference(values[a], values[b]))) in (1, -1)

    texts = _told_apart(values, point, variables)
    if differ(1, -1):
        return Jump(gap, point, None, texts.get(-1), texts.get(0), texts.get(1))
    if differ(1, 0) or differ(-1, 0):
        return Jump(gap, point, None, texts.get(-1), texts.get(0), texts.get(1), isolated=sides <= set(values))
    return None


def _brackets(
    gap: Expression, region: Region, variables: tuple[str, ...]
) -> Iterator[tuple[Point, Point, Point | None]]:
    """Yield short segments between interior points across which the gap changes sign from < 0 to > 0."""
    low: list[Point] = []
    high: list[Point] = []
    for count, point in enumerate(region.samples(variables, 16)):
        sign = sign_at_point(gap, point, variables)
        if sign:
            (high if sign > 0 else low).append(point)
        if count > MAX_SAMPLES:
            break
    for a in low[:4]:
        for b in high[:4]:
            yield _narrowed(gap, a, b, variables)


def _narrowed(
    gap: Expression, low: Point, high: Point, variables: tuple[str, ...]
) -> tuple[Point, Point, Point | None]:
    """Return a short segment with the sign change, and a point of it where the gap passes through 0 exactly."""
    for _ in range(BISECTIONS):
        middle = _middle(low, high)
        sign = sign_at_point(gap, middle, variables)
        if sign == 0:
            ends = [_middle(middle, end, Fraction(1, 2**BISECTIONS)) for end in (low, high)]
            if [sign_at_point(gap, end, variables) for end in ends] == [-1, 1]:
                return ends[0], ends[1], middle if _crosses(gap, middle, low, high, variables) else None
        if not sign:
            break
        low, high = (middle, high) if sign < 0 else (low, middle)
    return low, high, None


def _middle(start: Point, end: Point, weight: Fraction = Fraction(1, 2)) -> Point:
    return tuple(a + weight * (b - a) for a, b in zip(start, end, strict=True))


def _crosses(gap: Expression, point: Point, low: Point, high: Point, variables: tuple[str, ...]) -> bool:
    """Whether the derivative of the gap from `low` to `high` is certainly > 0 at a point."""
    try:
        slopes = gradient(gap, variables)
    except NoDerivativeError:
        return False
    steps = [tree.Number(b - a) for a, b in zip(low, high, strict=True)]
    rate = tree.sum_of([tree.Product((step, slope)) for step, slope in zip(steps, slopes, strict=True)])
    return sign_at_point(rate, point, variables) == 1


def _jump_between(
    low: Point,
    high: Point,
    gap: Expression,
    above: Expression,
    at_zero: Expression,
    below: Expression,
    variables: Sequence[str],
) -> Jump | None:
    """A continuous function would map the segment to an interval; the ranges of the three values leave a hole in it."""
    box = [between(min(a, b), max(a, b)) for a, b in zip(low, high, strict=True)]
    top, middle, bottom = (compile_range(node, variables)(box) for node in (above, at_zero, below))
    if not (top.is_bounded and bottom.is_bounded and _apart(top, bottom)):
        return None
    try:
        at_point(above, as_mapping(high, variables))
        at_point(below, as_mapping(low, variables))
    except UndefinedError:
        return None
    if not (_apart(middle, top) or _apart(middle, bottom)):
        return None
    ends = [bounds(r) for r in (bottom, top)]
    assert ends[0] is not None and ends[1] is not None
    return Jump(gap, None, (low, high), decimals(*ends[0]), None, decimals(*ends[1]))


def _apart(a: Range, b: Range) -> bool:
    return bool(a.upper < b.lower) or bool(b.upper < a.lower)
