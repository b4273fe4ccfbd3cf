"""Is the interior of a region connected? An argument by boxes.

Boxes inside the region that hang together make up its body. Every other box that meets the region must be swept into
the body: along some direction all constraints that are not plainly positive grow, so a point of the region in the box
moves to the body without leaving the region. Then the interior is connected. Failure proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product

from verify.expressions import tree
from verify.expressions.derivative import NoDerivativeError, gradient
from verify.expressions.floats import compile_float
from verify.expressions.ranges import between
from verify.expressions.tree import Expression
from verify.signs.decide import Signs
from verify.signs.regions import Box, Region

CELLS = {2: 16, 3: 8}
MAX_REFINEMENTS = 3
MAX_BOXES = 20_000
_REACHES = (Fraction(2), Fraction(4), Fraction(7), Fraction(1))


def is_connected(region: Region, signs: Signs) -> bool:
    """Whether the interior of a region is shown to be connected (in two or three dimensions)."""
    n = len(signs.variables)
    if n not in CELLS:
        return False
    try:
        slopes = [gradient(c, signs.variables) for c in region.constraints]
    except NoDerivativeError:
        return False
    return _Sweeper(region, signs, slopes).run(CELLS[n])


class _Sweeper:
    def __init__(self, region: Region, signs: Signs, slopes: Sequence[tuple[Expression, ...]]) -> None:
        self.region, self.signs, self.slopes = region, signs, slopes
        self.floats = [[compile_float(s, signs.variables) for s in slope] for slope in slopes]
        self.values = [compile_float(c, signs.variables) for c in region.constraints]
        self.body: list[Box] = []

    def run(self, count: int) -> bool:
        boxes = list(_grid(self.region.box, count))
        self.body = [box for box in boxes if self._inside(box)]
        if not self.body or not _hang_together(self.body):
            return False
        known = set(self.body)
        queue = [(box, 0) for box in boxes if box not in known]
        for seen, (box, depth) in enumerate(queue):
            if self.signs.deadline.passed or seen > MAX_BOXES:
                return False
            if self._outside(box) or self._swept(box):
                continue
            if depth == MAX_REFINEMENTS:
                return False
            queue.extend((part, depth + 1) for part in _grid(box, 2))
        return True

    def _inside(self, box: Box) -> bool:
        ranges = [between(lo, hi) for lo, hi in box]
        if not all(self.signs.range(c, ranges).lower > 0 for c in self.region.constraints):
            return False
        corners = list(product(*box))
        return all(f(corner) >= 0 for f in self.region.cell.facets for corner in corners)

    def _outside(self, box: Box) -> bool:
        ranges = [between(lo, hi) for lo, hi in box]
        if any(self.signs.range(c, ranges).upper <= 0 for c in self.region.constraints):
            return True
        corners = list(product(*box))
        return any(all(f(corner) <= 0 for corner in corners) for f in self.region.cell.facets)

    def _swept(self, box: Box) -> bool:
        size = max(hi - lo for lo, hi in box)
        for direction in self._directions(box):
            for reach in _REACHES:
                step = [size * reach * d for d in direction]
                end = tuple((lo + s, hi + s) for (lo, hi), s in zip(box, step, strict=True))
                if self._inside(end) and self._meets_body(end) and self._grows(box, end, direction):
                    return True
        return False

    def _directions(self, box: Box) -> Iterator[list[Fraction]]:
        centre = [float((lo + hi) / 2) for lo, hi in box]
        rows = []
        for value, slope in zip(self.values, self.floats, strict=True):
            row = [s(centre) for s in slope]
            length = sum(x * x for x in row) ** 0.5
            if length > 0 and length < 1e100:
                rows.append((value(centre) / length, [x / length for x in row]))
        rows.sort(key=lambda r: r[0])
        for count in (1, 2, len(rows)):
            if 0 < count <= len(rows):
                total = [sum(column) for column in zip(*(r for _, r in rows[:count]), strict=True)]
                largest = max(abs(x) for x in total)
                if largest > 1e-9:
                    yield [Fraction(round(16 * x / largest), 16) for x in total]
        inward = [float((lo + hi) / 2) - c for (lo, hi), c in zip(self.region.box, centre, strict=True)]
        if any(inward):
            largest = max(abs(x) for x in inward)
            yield [Fraction(round(16 * x / largest), 16) for x in inward]

    def _grows(self, start: Box, end: Box, direction: Sequence[Fraction]) -> bool:
        """Whether no constraint that may be <= 0 on the way decreases along the direction."""
        way = [between(min(a[0], b[0]), max(a[1], b[1])) for a, b in zip(start, end, strict=True)]
        for constraint, slope in zip(self.region.constraints, self.slopes, strict=True):
            if self.signs.range(constraint, way).lower > 0:
                continue
            terms = [tree.Product((tree.Number(d), s)) for d, s in zip(direction, slope, strict=True) if d]
            rate = self.signs.range(tree.sum_of(terms), way)
            if not (rate.lower >= 0 and rate.is_bounded):
                return False
        return True

    def _meets_body(self, box: Box) -> bool:
        centre = [(lo + hi) / 2 for lo, hi in box]
        return any(all(lo <= x <= hi for x, (lo, hi) in zip(centre, b, strict=True)) for b in self.body)


def _grid(box: Box, count: int) -> Iterator[Box]:
    for index in product(range(count), repeat=len(box)):
        yield tuple(
            (lo + (hi - lo) * Fraction(k, count), lo + (hi - lo) * Fraction(k + 1, count))
            for k, (lo, hi) in zip(index, box, strict=True)
        )


def _hang_together(boxes: Sequence[Box]) -> bool:
    """Whether boxes are connected through shared faces with an interior."""
    rest = set(boxes)
    stack = [rest.pop()]
    while stack:
        box = stack.pop()
        near = [other for other in rest if _share_face(box, other)]
        rest.difference_update(near)
        stack += near
    return not rest


def _share_face(a: Box, b: Box) -> bool:
    touching = 0
    for (lo, hi), (low, high) in zip(a, b, strict=True):
        if hi < low or high < lo:
            return False
        touching += hi == low or high == lo
    return touching <= 1
