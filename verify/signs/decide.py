"""Signs of expressions on regions: proved, refuted with a point, or left open.

What is not known at one look is searched: plain points for a refutation, boxes that are halved until a budget ends for
a proof.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from proofs.geometry.affine import Affine, Point
from verify.expressions import tree
from verify.expressions.algebra import affine_expression
from verify.expressions.factors import factors_of
from verify.expressions.ranges import Range, RangeFunction, compile_range
from verify.expressions.tree import Expression
from verify.integration import Deadline
from verify.signs.regions import Box, Region, sign_at_point
from verify.signs.structure import Part, Sign, StructuralSigns

DERIVATIVES = 2  # highest order of derivatives that monotony is read from
TESTED_CENTRES = 250
MAX_BOXES = {1: 600, 2: 3_000, 3: 6_000}
_PROVED: dict[str, Callable[[Sign], bool]] = {
    ">": lambda s: s[0] > 0,
    ">=": lambda s: s[0] >= 0,
    "<": lambda s: s[1] < 0,
    "<=": lambda s: s[1] <= 0,
    "!=": lambda s: s[0] == s[1] != 0,
}
_REFUTED: dict[str, Callable[[int], bool]] = {
    ">": lambda s: s <= 0,
    ">=": lambda s: s < 0,
    "<": lambda s: s >= 0,
    "<=": lambda s: s > 0,
    "!=": lambda s: s == 0,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """`verdict` is True (proved on the whole region), False (refuted) or None (open).

    `point` is an interior point that refutes, or where the proof got stuck; `bracket` two interior points between which
    the expression changes sign inside the region.
    """

    verdict: bool | None
    point: Point | None = None
    bracket: tuple[Point, Point] | None = None


PROVED = Outcome(True)


class Signs(StructuralSigns):
    """Decides signs on one region."""

    def __init__(self, region: Region, variables: Sequence[str], deadline: Deadline) -> None:
        super().__init__(region, variables)
        self.deadline = deadline
        self._facets = [self._facet(f) for f in region.cell.facets]

    def decide(self, node: Expression, relation: str, max_boxes: int | None = None) -> Outcome:
        """Decide `node relation 0` (one of `> >= < <= !=`) on the region, where the node is defined."""
        known = self.sign(node)
        if _PROVED[relation](known):
            return PROVED
        found = self._at_candidates(node, relation)
        if found is not None:
            return found
        limit = MAX_BOXES.get(len(self.variables), 6_000) if max_boxes is None else max_boxes
        return self._subdivide(node, relation, limit)

    def _facet(self, facet: Affine) -> RangeFunction:
        return compile_range(affine_expression(facet, self.variables), self.variables)

    def _at_candidates(self, node: Expression, relation: str) -> Outcome | None:
        """Look for a refutation at plain points: sample points, vertices, rational roots."""
        refuted = _REFUTED[relation]
        ends: dict[int, Point] = {}
        fineness = {1: 16, 2: 8}.get(len(self.variables), 4)
        vertices = [v for v in self.region.cell.vertices if self.region.contains(v, self.variables)]
        for point in (*self.region.samples(self.variables, fineness), *vertices):
            sign = sign_at_point(node, point, self.variables)
            if sign is not None and refuted(sign):
                return Outcome(False, point)
            if sign:
                ends[sign] = point
        if relation == "!=" and len(ends) == 2 and self.region.is_convex:
            return self._between(node, ends[-1], ends[1])
        for point in self.plain_points(node):
            sign = sign_at_point(node, point, self.variables)
            if sign is not None and refuted(sign) and self.region.contains(point, self.variables):
                return Outcome(False, point)
        return None

    def plain_points(self, node: Expression) -> list[Point]:
        """Return plain points where a node may vanish: vertices, rational roots, extreme points of ellipsoids."""
        points = list(self.region.cell.vertices)
        for body in self.region.ellipsoids:
            points.append(body.centre)
            for i in range(len(body.centre)):
                unit = Affine.of([int(i == j) for j in range(len(body.centre))])
                square = body.reach_squared(unit)
                root = Fraction(isqrt(square.numerator), isqrt(square.denominator))
                if root**2 == square:
                    for side in (root, -root):
                        top = body.tangent_point(unit.plus(-unit(body.centre) - side))
                        points += [] if top is None else [top]
        n = len(self.variables)
        if n == 1:
            for part in tree.walk(node):
                found = factors_of(part, self.variables)
                walls = [factor.affine(1) for factor in found.factors] if found else []
                points += [(-wall.constant / wall.gradient[0],) for wall in walls if wall is not None]
        if all(lo < 0 < hi for lo, hi in self.region.box):
            points.append((Fraction(0),) * n)
        points.append(self.region.cell.centre)
        return points

    def _between(self, node: Expression, low: Point, high: Point) -> Outcome:
        """Return where a node changes sign between two points of a convex region: a zero, or a short bracket."""
        for _ in range(48):
            middle = tuple((a + b) / 2 for a, b in zip(low, high, strict=True))
            sign = sign_at_point(node, middle, self.variables)
            if sign == 0:
                return Outcome(False, middle)
            if sign is None:
                break
            low, high = (middle, high) if sign < 0 else (low, middle)
        return Outcome(False, None, (low, high))

    def _subdivide(self, node: Expression, relation: str, limit: int) -> Outcome:
        proved, refuted = _PROVED[relation], _REFUTED[relation]
        queue: deque[tuple[Box, int]] = deque([(self.region.box, 0)])
        seen = 0
        while queue:
            box, depth = queue.popleft()
            seen += 1
            part = Part(box)
            if self._outside(part.ranges) or proved(self.refined(node, part, DERIVATIVES)):
                continue
            centre = tuple((lo + hi) / 2 for lo, hi in box)
            tested = seen <= TESTED_CENTRES and depth % len(box) == 0
            if tested and self.region.inside(centre, self.variables):
                sign = sign_at_point(node, centre, self.variables)
                if sign is not None and refuted(sign):
                    return Outcome(False, centre)
            if seen + len(queue) >= limit or self.deadline.passed or depth > 60 * len(box):
                return Outcome(None, centre)
            queue.extend((part, depth + 1) for part in halved(box))
        return PROVED

    def _outside(self, ranges: Sequence[Range]) -> bool:
        return any(f(ranges).upper < 0 for f in self._facets) or any(
            self.range(c, ranges).upper < 0 for c in self.region.constraints
        )


def halved(box: Box) -> tuple[Box, Box]:
    """Return the two halves of a box across its longest side."""
    i = max(range(len(box)), key=lambda k: box[k][1] - box[k][0])
    lo, hi = box[i]
    middle = (lo + hi) / 2
    return (*box[:i], (lo, middle), *box[i + 1 :]), (*box[:i], (middle, hi), *box[i + 1 :])
