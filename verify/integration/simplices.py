"""Arrays of simplices, known by the values of affine functions at their vertices, and Gauss rules on them.

A simplex with vertices v_0, ..., v_n is the image of the unit cube under
    v_0 + t_1 ((v_1 - v_0) + t_2 ((v_2 - v_1) + ...)),   with Jacobian D t_1^(n-1) t_2^(n-2) ...,  D = n! volume.
Cutting an edge at a point gives two simplices, whose vertex values are means: no coordinates are needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from math import factorial

import numpy as np
from numpy.typing import NDArray

from proofs.geometry.affine import Affine, Point
from proofs.geometry.polytopes import determinant
from verify.enclosure import Enclosure
from verify.integration.rules import mass, rule
from verify.vectorized.compiled import Program
from verify.vectorized.intervals import Floats, Interval, down, up
from verify.vectorized.points import Points, Rounded
from verify.vectorized.rectangles import Rectangle

Indices = NDArray[np.intp]
Signs = NDArray[np.int8]
NODES_AT_ONCE = 20_000
OLD = 4


@dataclass(slots=True)
class Simplices:
    """`forms[k, i, b]`: the k-th function at the i-th vertex of simplex b; `scale[b]` = n! volume; `signs[j, b]`.

    `constants[m, b]`: numbers that an integrand takes besides. A sign is 0 as long as it is not known. `heights[k, b]`
    guesses how far the integrand can be continued into the complex plane in the k-th function, `age[b]` counts the
    cuts since they were found.
    """

    forms: Interval
    scale: Interval
    signs: Signs
    constants: Interval
    heights: Floats
    age: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        functions: Sequence[Sequence[Affine]],
        corners: Sequence[Sequence[Point]],
        gaps: int,
    ) -> Simplices:
        """Read simplices, each with its own functions. Raises OverflowError beyond the doubles."""
        exactly = Enclosure.exactly
        values = [[[exactly(f(v)) for v in c] for f in own] for own, c in zip(functions, corners, strict=True)]
        return cls.known(values, [exactly(abs(determinant(tuple(c)))) for c in corners], gaps)

    @classmethod
    def known(
        cls,
        values: Sequence[Sequence[Sequence[Enclosure]]],
        scales: Sequence[Enclosure],
        gaps: int,
        constants: Sequence[Sequence[Enclosure]] = (),
    ) -> Simplices:
        """Read simplices with the values of functions at vertices, n! volumes, and constants. Raises OverflowError."""
        count, size, n = len(scales), len(values[0]), len(values[0][0]) - 1
        rows = [own[k][i] for k in range(size) for i in range(n + 1) for own in values]
        forms, scale = Interval.around(rows, (size, n + 1, count)), Interval.around(scales, (count,))
        signs = np.zeros((gaps, count), np.int8)
        columns = list(zip(*constants, strict=True))
        known = Interval.around([c for column in columns for c in column], (len(columns), count))
        return cls(forms, scale, signs, known, np.ones((size, count)), np.full(count, OLD))

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

    def towards(self, i: int) -> Interval:
        """Return the functions half-way between the centroid and the i-th vertex."""
        n = self.dimension
        total = reduce(lambda a, b: a + b, (self.forms[:, j] for j in (*range(n + 1), *[i] * (n + 1))))
        return total * Interval.of(Fraction(1, 2 * (n + 1)))

    def inputs(self, forms: Interval) -> list[Interval]:
        """Return values of the functions, signs (those not known between -1 and 1) and constants for a program."""
        return [*_rows(forms), *self._signs(), *_rows(self.constants)]

    def _signs(self) -> list[Interval]:
        known = self.signs.astype(np.float64)
        free = (self.signs == 0).astype(np.float64)
        return [Interval(s - f, s + f) for s, f in zip(known, free, strict=True)]

    def take(self, which: Indices | NDArray[np.bool_]) -> Simplices:
        """Return some of them."""
        arrays = self.signs[:, which], self.constants[:, which], self.heights[:, which], self.age[which]
        return Simplices(self.forms[:, :, which], self.scale[which], *arrays)

    def with_function(self, values: Floats) -> Simplices:
        """Return them with one function more, which has these values at the vertices."""
        forms = Interval(*(np.concatenate([end, values[None]]) for end in (self.forms.lo, self.forms.hi)))
        heights = np.concatenate([self.heights, np.ones((1, self.count))])
        return Simplices(forms, self.scale, self.signs, self.constants, heights, np.full(self.count, OLD))

    def cut(self, first: Indices, second: Indices, at: Floats) -> tuple[Simplices, Simplices]:
        """Cut edges from `first` to `second` at a share of their lengths; return the parts with `first`, `second`."""
        every = np.arange(self.count)
        start, end = self.forms[:, first, every], self.forms[:, second, every]
        place = Interval.exactly(at)
        point = start + (end - start) * place
        fixed = (start.lo == end.lo) & (start.hi == end.hi)
        point = Interval(np.where(fixed, start.lo, point.lo), np.where(fixed, start.hi, point.hi))
        near, far = self._with(second, point), self._with(first, point)
        near.scale = self.scale * place
        far.scale = self.scale * (Interval.exactly(np.ones_like(at)) - place)
        return near, far

    def _with(self, vertex: Indices, point: Interval) -> Simplices:
        every = np.arange(self.count)
        lo, hi = self.forms.lo.copy(), self.forms.hi.copy()
        lo[:, vertex, every], hi[:, vertex, every] = point.lo, point.hi
        return Simplices(Interval(lo, hi), self.scale, self.signs, self.constants, self.heights, self.age + 1)

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
        vertices = [self.forms[:, k] for k in range(self.dimension + 1)]
        found = _ellipse(vertices[i], [v - vertices[i] for v in vertices[i + 1 :]], vertices[:i], r)
        rectangles = [Rectangle(found.re[k], found.im[k]) for k in range(found.re.lo.shape[0])]
        return rectangles + self.inputs(found.re[:0])

    def level(self, i: int, r: float, zeros: int) -> Rectangle | Interval:
        """Return the last function over the coordinates `t_1 ... t_zeros`, which it has as factors, on that ellipse."""
        vertices = [self.forms[-1, m] for m in range(zeros, self.dimension + 1)]
        if i < zeros:
            return reduce(lambda a, b: a.join(b), vertices)
        k = i - zeros
        return _ellipse(vertices[k], [v - vertices[k] for v in vertices[k + 1 :]], vertices[:k], r)

    def ordered(self) -> tuple[Simplices, Indices]:
        """Return them with the vertices at which the last function is 0 in front, and the numbers of those."""
        nought = (self.forms.lo[-1] == 0) & (self.forms.hi[-1] == 0)
        order = np.argsort(~nought, axis=0, kind="stable")[None]
        forms = Interval(*(np.take_along_axis(end, order, axis=1) for end in (self.forms.lo, self.forms.hi)))
        return replace(self, forms=forms), nought.sum(axis=0)

    def rounded(self, program: Program, power: Fraction, zeros: int) -> Rounded:
        """Return the range of the program's first value in plain doubles, and a bound of its error.

        That is times a power of the last function, which is 0 at the first vertices, so many, and > 0 at the others.
        The functions' values are sums of at most n + 1 terms, products of at most n + 1 factors, none larger than
        twice the largest value at a vertex: they err by less than 2^-46 of that.
        """
        size = np.maximum(np.abs(self.forms.lo), np.abs(self.forms.hi)).max(axis=1)
        slack = size * 2.0**-46 + self.forms.radius.max(axis=1)
        ranges = self.ranges
        exact: list[Rounded | Interval] = [Rounded(ranges[k], slack[k]) for k in range(size.shape[0])]
        (bound,) = program(exact + self._signs() + [Rounded(c, c.radius) for c in _rows(self.constants)])
        if isinstance(bound, Interval):
            bound = Rounded(bound, bound.radius)
        if power:
            level = self.forms[-1, zeros:]
            span = Interval(level.lo.min(axis=0), level.hi.max(axis=0))
            bound = bound * Rounded(span, slack[-1]).real_power(Interval.of(power), True)
        whole: Rounded = bound + Interval.exactly(np.zeros(self.count))
        return whole

    def by_rule(
        self, program: Program, sizes: tuple[int, ...], power: Fraction, zeros: int, bound: Rounded
    ) -> Interval:
        """Return enclosures of what a Gauss rule with so many nodes a direction gives for what `rounded` bounds."""
        n, count = self.dimension, int(np.prod(sizes))
        exponents, exponent = exponents_of(n, power, zeros), Interval.of(power)
        error = bound.error * 2 + (count + 64) * 2.0**-51 * (bound.range.size + bound.error)
        nodes, weights = rule(sizes, exponents)
        totals = []
        per_turn = max(1, NODES_AT_ONCE // count)
        middles, known = self.forms.middle, np.concatenate([self.signs.astype(np.float64), self.constants.middle])
        for start in range(0, self.count, per_turn):
            vertices = middles[:, :, start : start + per_turn, *(None,) * n]
            value = _placed(vertices, nodes)
            here = known[:, start : start + per_turn, *(None,) * n]
            (found,) = program([Points(v) for v in (*value, *here)])
            values = found.values if isinstance(found, Points) else found.middle
            if power:
                top = Points(_placed(vertices[-1:, zeros:], nodes[zeros:])[0])
                values = values * top.real_power(exponent, True).values
            shape = (vertices.shape[2], *sizes)
            totals.append((np.broadcast_to(values, shape) * weights).reshape(shape[0], -1).sum(axis=1))
        total = np.concatenate(totals)
        error = error * float(mass(exponents)) * (1 + 1e-12)
        return Interval(down(total - error), up(total + error)) * self.scale


def exponents_of(n: int, power: Fraction, zeros: int) -> tuple[Fraction, ...]:
    """Return the exponents of `t_1, t_2, ...` in the Jacobian times a power of `t_1 ... t_zeros`."""
    return tuple(n - 1 - i + (power if i < zeros else 0) + Fraction(0) for i in range(n))


def _placed(vertices: Floats, nodes: Sequence[Floats]) -> Floats:
    """Return the functions with given values at the vertices (second axis) at places in the cube."""
    last = vertices.shape[1] - 1
    if last == 0:
        return vertices[:, 0]
    value = vertices[:, last] - vertices[:, last - 1]
    for i in range(last - 1, 0, -1):
        value = (vertices[:, i] - vertices[:, i - 1]) + value * nodes[i]
    result: Floats = vertices[:, 0] + value * nodes[0]
    return result


def _ellipse(centre: Interval, steps: Sequence[Interval], earlier: Sequence[Interval], r: float) -> Rectangle:
    """Return the upper half of an ellipse of steps from a vertex, and all between it and earlier vertices."""
    long, short = (r + 1 / r) / 2, (r - 1 / r) / 2
    reach = reduce(lambda a, b: a.join(b), steps)
    half = _span((1 - long) / 2, (1 + long) / 2), _span(0.0, short / 2)
    re, im = centre + reach * half[0], reach * half[1]
    for vertex in earlier:
        re, im = re.join(vertex), Interval(np.minimum(im.lo, 0.0), np.maximum(im.hi, 0.0))
    return Rectangle(re, im)


def together(parts: Sequence[Simplices]) -> Simplices:
    """Return the simplices of several arrays as one."""
    forms, scale, constants = (
        Interval(*(np.concatenate([getattr(getattr(p, name), end) for p in parts], axis=-1) for end in ("lo", "hi")))
        for name in ("forms", "scale", "constants")
    )
    signs, heights = (np.concatenate([getattr(p, name) for p in parts], axis=1) for name in ("signs", "heights"))
    return Simplices(forms, scale, signs, constants, heights, np.concatenate([p.age for p in parts]))


def _rows(values: Interval) -> list[Interval]:
    return [values[k] for k in range(values.lo.shape[0])]


def _span(low: float, high: float) -> Interval:
    """Return an interval that contains all between two rounded numbers."""
    ends = np.array([low, high])
    return Interval(down(down(ends[0])), up(up(ends[1])))
