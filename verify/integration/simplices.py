"""Arrays of simplices, known by the values of affine functions at their vertices, and Gauss rules on them.

A simplex with vertices v_0, ..., v_n is the image of the unit cube under
    v_0 + t_1 ((v_1 - v_0) + t_2 ((v_2 - v_1) + ...)),   with Jacobian D t_1^(n-1) t_2^(n-2) ...,  D = n! volume.
Cutting an edge at a point gives two simplices, whose vertex values are means: no coordinates are needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, reduce
from math import factorial

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from proofs.geometry.affine import Affine, Point
from proofs.geometry.polytopes import determinant
from verify.vectorized.compiled import Program
from verify.vectorized.intervals import Floats, Interval, down, up
from verify.vectorized.points import Points, Rounded
from verify.vectorized.rectangles import Rectangle

Indices = NDArray[np.intp]
Signs = NDArray[np.int8]
NODES_AT_ONCE = 20_000
OLD = 4
_NODE_BITS = 80


@dataclass(slots=True)
class Simplices:
    """`forms[k, i, b]`: the k-th function at the i-th vertex of simplex b; `scale[b]` = n! volume; `signs[j, b]`.

    A sign is 0 as long as it is not known. `heights[k, b]` guesses how far the integrand can be continued into the
    complex plane in the k-th function, `age[b]` counts the cuts since they were found.
    """

    forms: Interval
    scale: Interval
    signs: Signs
    heights: Floats
    age: NDArray[np.int64]

    @classmethod
    def of(cls, functions: Sequence[Sequence[Affine]], corners: Sequence[Sequence[Point]], gaps: int) -> Simplices:
        """Read simplices, each with its own functions. Raises OverflowError beyond the doubles."""
        count, n = len(corners), len(corners[0]) - 1
        size = len(functions[0])
        rows = [
            f(v)
            for k in range(size)
            for i in range(n + 1)
            for f, v in zip(_column(functions, k), _column(corners, i), strict=True)
        ]
        forms = Interval.array(rows, (size, n + 1, count))
        scale = Interval.array([abs(determinant(tuple(c))) for c in corners], (count,))
        signs = np.zeros((gaps, count), np.int8)
        return cls(forms, scale, signs, np.ones((size, count)), np.full(count, OLD))

    @property
    def count(self) -> int:
        """How many there are."""
        return int(self.scale.lo.shape[0])

    @property
    def dimension(self) -> int:
        """The dimension n of the space."""
        return int(self.forms.lo.shape[1]) - 1

    @property
    def ranges(self) -> Interval:
        """The ranges of the functions, exact up to rounding."""
        return Interval(self.forms.lo.min(axis=1), self.forms.hi.max(axis=1))

    @property
    def volume(self) -> Interval:
        """The volumes."""
        return self.scale * Interval.of(Fraction(1, factorial(self.dimension)))

    @property
    def centres(self) -> Interval:
        """The functions at the centroids."""
        total = reduce(lambda a, b: a + b, (self.forms[:, i] for i in range(self.dimension + 1)))
        return total * Interval.of(Fraction(1, self.dimension + 1))

    def inputs(self, forms: Interval) -> list[Interval]:
        """Return values of the functions and the signs (those not known between -1 and 1) as a program takes them."""
        signs = self.signs.reshape(*self.signs.shape, *(1,) * (forms.lo.ndim - 2))
        known = signs.astype(np.float64)
        free = (signs == 0).astype(np.float64)
        return [forms[k] for k in range(forms.lo.shape[0])] + [
            Interval(s - f, s + f) for s, f in zip(known, free, strict=True)
        ]

    def take(self, which: Indices | NDArray[np.bool_]) -> Simplices:
        """Return some of them."""
        arrays = self.signs[:, which], self.heights[:, which], self.age[which]
        return Simplices(self.forms[:, :, which], self.scale[which], *arrays)

    def cut(self, first: Indices, second: Indices, at: Floats) -> tuple[Simplices, Simplices]:
        """Cut edges from `first` to `second` at a share of their lengths; return the parts with `first`, `second`."""
        every = np.arange(self.count)
        start, end = self.forms[:, first, every], self.forms[:, second, every]
        place = Interval.exactly(at)
        point = start + (end - start) * place
        near, far = self._with(second, point), self._with(first, point)
        near.scale = self.scale * place
        far.scale = self.scale * (Interval.exactly(np.ones_like(at)) - place)
        return near, far

    def _with(self, vertex: Indices, point: Interval) -> Simplices:
        every = np.arange(self.count)
        lo, hi = self.forms.lo.copy(), self.forms.hi.copy()
        lo[:, vertex, every], hi[:, vertex, every] = point.lo, point.hi
        return Simplices(Interval(lo, hi), self.scale, self.signs, self.heights, self.age + 1)

    def above(self, k: int, heights: Floats) -> list[Rectangle | Interval]:
        """Return the ranges of the functions, the k-th one with an imaginary part up to a height."""
        ranges = self.ranges
        inputs: list[Rectangle | Interval] = [*self.inputs(ranges)]
        inputs[k] = Rectangle(ranges[k], Interval(np.zeros_like(heights), heights))
        return inputs

    def around(self, i: int, r: float) -> list[Rectangle | Interval]:
        """Return the functions on the upper half of the ellipse in the i-th direction with semi-axes of sum r.

        The other coordinates run through [0, 1]; the ellipse lies in a rectangle.
        """
        long, short = (r + 1 / r) / 2, (r - 1 / r) / 2
        vertices = [self.forms[:, k] for k in range(self.dimension + 1)]
        steps = [v - vertices[i] for v in vertices[i + 1 :]]
        reach = reduce(lambda a, b: a.join(b), steps)
        half = _span((1 - long) / 2, (1 + long) / 2), _span(0.0, short / 2)
        re, im = vertices[i] + reach * half[0], reach * half[1]
        for vertex in vertices[:i]:  # the segments to the earlier vertices
            re, im = re.join(vertex), Interval(np.minimum(im.lo, 0.0), np.maximum(im.hi, 0.0))
        return [Rectangle(re[k], im[k]) for k in range(re.lo.shape[0])] + self.inputs(re[:0])

    def stretch(self, i: int, r: float) -> Floats:
        """Return a bound of the Jacobian's modulus on the same ellipse."""
        long = (r + 1 / r) / 2
        bound = self.scale.hi
        for _ in range(self.dimension - 1 - i):
            bound = up(bound * ((1 + long) / 2 * (1 + 1e-12)))
        return bound

    def by_rule(self, program: Program, sizes: tuple[int, ...]) -> Interval:
        """Return enclosures of what a Gauss rule with so many nodes a direction gives for the program's first value.

        It is worked out in plain doubles. The functions' values are sums of at most n + 1 terms, products of at most
        n + 1 factors, none larger than twice the largest value at a vertex: they err by less than 2^-46 of that.
        """
        n, count = self.dimension, int(np.prod(sizes))
        size = np.maximum(np.abs(self.forms.lo), np.abs(self.forms.hi)).max(axis=1)
        slack = size * 2.0**-46 + self.forms.radius.max(axis=1)
        ranges = self.ranges
        exact: list[Rounded | Interval] = [Rounded(ranges[k], slack[k]) for k in range(size.shape[0])]
        exact += self.inputs(ranges[:0])
        (bound,) = program(exact)
        if isinstance(bound, Interval):
            bound = Rounded(bound, bound.radius)
        error = bound.error * 2 + (count + 64) * 2.0**-51 * (bound.range.size + bound.error)
        nodes, weights = _rule(sizes, n)
        totals = []
        per_turn = max(1, NODES_AT_ONCE // count)
        middles, signs = self.forms.middle, self.signs.astype(np.float64)
        for start in range(0, self.count, per_turn):
            vertices = middles[:, :, start : start + per_turn, *(None,) * n]
            value = vertices[:, n] - vertices[:, n - 1]
            for i in range(n - 1, 0, -1):
                value = (vertices[:, i] - vertices[:, i - 1]) + value * nodes[i]
            value = vertices[:, 0] + value * nodes[0]
            known = signs[:, start : start + per_turn, *(None,) * n]
            (found,) = program([Points(v) for v in value] + [Points(s) for s in known])
            values = found.values if isinstance(found, Points) else found.middle
            shape = (value.shape[1], *sizes)
            totals.append((np.broadcast_to(values, shape) * weights).reshape(shape[0], -1).sum(axis=1))
        total = np.concatenate(totals)
        ball = Interval(down(total - error / factorial(n)), up(total + error / factorial(n)))
        return ball * self.scale


def together(parts: Sequence[Simplices]) -> Simplices:
    """Return the simplices of several arrays as one."""
    forms = Interval(*(np.concatenate([getattr(p.forms, end) for p in parts], axis=2) for end in ("lo", "hi")))
    scale = Interval(*(np.concatenate([getattr(p.scale, end) for p in parts]) for end in ("lo", "hi")))
    signs, heights = (np.concatenate([getattr(p, name) for p in parts], axis=1) for name in ("signs", "heights"))
    return Simplices(forms, scale, signs, heights, np.concatenate([p.age for p in parts]))


def _column(rows: Sequence[Sequence[Affine]] | Sequence[Sequence[Point]], k: int) -> list:  # type: ignore[type-arg]
    return [row[k] for row in rows]


def _span(low: float, high: float) -> Interval:
    """Return an interval that contains all between two rounded numbers."""
    ends = np.array([low, high])
    return Interval(down(down(ends[0])), up(up(ends[1])))


@lru_cache(maxsize=512)
def _rule(sizes: tuple[int, ...], n: int) -> tuple[list[Floats], Floats]:
    """Return the nodes in each direction on [0, 1], and the products of the weights with t_1^(n-1) t_2^(n-2) ...

    The products are positive and add up to 1/n!; they err by less than 2^-46 of their size.
    """
    nodes, total = [], np.ones((1,) * n)
    for i, size in enumerate(sizes):
        place, weight = (x.reshape([size if k == i else 1 for k in range(n)]) for x in _legendre(size))
        nodes.append(place)
        total = total * weight
        for _ in range(n - 1 - i):
            total = total * place
    return nodes, total


@lru_cache(maxsize=64)
def _legendre(size: int) -> tuple[Floats, Floats]:
    """Return nodes and weights on [0, 1], each with a relative error below 2^-52."""
    with ctx.workprec(_NODE_BITS):
        pairs = [arb.legendre_p_root(size, k, weight=True) for k in range(size)]
        return np.array([float((node + 1) / 2) for node, _ in pairs]), np.array([float(w / 2) for _, w in pairs])
