"""Charts: analytic maps of the unit cube onto cells, through which integrals over cells become integrals over cubes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Protocol

from flint import acb

from proofs.geometry.affine import Affine, Point
from proofs.geometry.polytopes import determinant
from verify.expressions.balls import to_fmpq

Coordinates = Sequence[acb]


class Chart(Protocol):
    """A map of the unit cube into space; its constants are built at the working precision of each `prepared` call."""

    dimension: int

    def prepared(self, functions: Sequence[Affine]) -> Callable[[Coordinates], tuple[list[acb], acb]]:
        """Return `t -> (values of affine functions at the image of t, the Jacobian there)`."""
        ...

    def slopes(self, functions: Sequence[Affine], k: int) -> Callable[[Coordinates], list[acb]] | None:
        """Return `t -> derivatives of affine functions along the k-th coordinate`, None where that is not built."""
        ...

    def lost_bits(self) -> int:
        """Return how many bits the position of the image needs beyond its size."""
        ...


class SimplexChart:
    """`v_0 + t_1 ((v_1 - v_0) + t_2 ((v_2 - v_1) + ...))`, with Jacobian `|det| t_1^(n-1) t_2^(n-2) ...`.

    Each coordinate occurs once in the value of an affine function: its range over a box of t is exact.
    """

    def __init__(self, simplex: Sequence[Point]) -> None:
        self.vertices = tuple(simplex)
        self.dimension = len(self.vertices) - 1

    def prepared(self, functions: Sequence[Affine]) -> Callable[[Coordinates], tuple[list[acb], acb]]:
        """Return `t -> (values of affine functions, Jacobian)`."""
        rows = []
        for function in functions:
            values = [function(v) for v in self.vertices]
            steps = [values[0], *(b - a for a, b in pairwise(values))]
            rows.append([acb(to_fmpq(s)) for s in reversed(steps)])
        size = acb(to_fmpq(abs(determinant(self.vertices))))
        n = self.dimension

        def chart(t: Coordinates) -> tuple[list[acb], acb]:
            backwards = t[::-1]
            result = []
            for last, *rest in rows:
                value = last
                for coordinate, step in zip(backwards, rest, strict=True):
                    value = step + coordinate * value
                result.append(value)
            jacobian = size
            for i in range(n - 1):
                jacobian = jacobian * t[i] ** (n - 1 - i)
            return result, jacobian

        return chart

    def slopes(self, functions: Sequence[Affine], k: int) -> Callable[[Coordinates], list[acb]]:
        """Return `t -> derivatives of affine functions along the k-th coordinate`."""
        return differences(self, functions, k)

    def lost_bits(self) -> int:
        """Return how many bits the position of the simplex needs beyond its size."""
        return position_bits(self.vertices)


def differences(chart: Chart, functions: Sequence[Affine], k: int) -> Callable[[Coordinates], list[acb]]:
    """Return the derivatives along a coordinate in which a chart is affine."""
    values = chart.prepared(functions)

    def slope(t: Coordinates) -> list[acb]:
        first, last = (values([*t[:k], acb(end), *t[k + 1 :]])[0] for end in (0, 1))
        return [b - a for a, b in zip(first, last, strict=True)]

    return slope


def position_bits(points: Sequence[Point]) -> int:
    """Return how many bits the position of a set of points needs beyond its size."""
    columns = list(zip(*points, strict=True))
    ratio = max(abs(x) for c in columns for x in c) / max(max(c) - min(c) for c in columns)
    bits: int = ratio.numerator.bit_length() - ratio.denominator.bit_length()
    return max(0, bits + 1)
