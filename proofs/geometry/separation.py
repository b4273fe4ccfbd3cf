"""Weak separation of two finite sets of points by a hyperplane, decided exactly.

MATHEMATICS.md, section 1, (H2a): a hyperplane misses P exactly where it separates the components of P weakly.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from proofs.geometry.affine import Affine, Point

_0, _1 = Fraction(0), Fraction(1)


def separating(above: Sequence[Point], below: Sequence[Point], *, margin: bool = False) -> Affine | None:
    """Return an affine function, not constant on the points, that is >= 0 on `above` and <= 0 on `below`, or None.

    None is a proof if there is a set of `above` or `below` that lies in no hyperplane: then the interiors of the two
    convex hulls meet. With `margin` the function keeps the largest distance (in the maximum norm of its gradient) from
    all points; None then means that there is no positive one.
    """
    n = len(above[0])
    centre = tuple(sum(column, _0) / len(above) for column in zip(*above, strict=True))
    shifted = [[tuple(x - c for x, c in zip(p, centre, strict=True)) for p in points] for points in (above, below)]
    # columns: w+ (n), w- (n), o+, o-, t; a row r stands for r . z <= b
    rows: list[list[Fraction]] = []
    bounds: list[Fraction] = []
    for sign, points in ((-1, shifted[0]), (1, shifted[1])):
        for p in points:
            row = [sign * x for x in p]
            rows.append([*row, *(-x for x in row), Fraction(sign), Fraction(-sign), Fraction(margin)])
            bounds.append(_0)
    for k in range(2 * n + 3):
        rows.append([Fraction(j == k) for j in range(2 * n + 3)])
        bounds.append(_1 if k < 2 * n else _0 if k == 2 * n + 2 and not margin else _reach(shifted))
    if margin:
        goal = [_0] * (2 * n + 2) + [_1]
    else:
        goal = [-sum((row[k] for row in rows[: len(above) + len(below)]), _0) for k in range(2 * n + 3)]
    value, z = maximum(goal, rows, bounds)
    if value == 0:
        return None
    w = tuple(z[i] - z[n + i] for i in range(n))
    offset = z[2 * n] - z[2 * n + 1]
    return Affine(w, offset - sum((a * c for a, c in zip(w, centre, strict=True)), _0))


def _reach(sets: Sequence[Sequence[Point]]) -> Fraction:
    return 1 + max(sum((abs(x) for x in p), _0) for points in sets for p in points)


def maximum(
    goal: Sequence[Fraction], rows: Sequence[Sequence[Fraction]], bounds: Sequence[Fraction]
) -> tuple[Fraction, list[Fraction]]:
    """Return the maximum of `goal . z` over `z >= 0`, `rows z <= bounds` with bounds >= 0, and a z that attains it.

    The simplex method with Bland's rule, exact; the set must be bounded in the direction of the goal.
    """
    columns, count = len(goal), len(rows)
    table = [[*row, bound] for row, bound in zip(rows, bounds, strict=True)]
    cost = [*goal, _0]
    basis = list(range(columns, columns + count))  # the slack of each row
    outside = list(range(columns))
    while True:
        entering = min((k for k in range(columns) if cost[k] > 0), key=lambda k: outside[k], default=None)
        if entering is None:
            break
        ratios = [(row[-1] / row[entering], basis[i], i) for i, row in enumerate(table) if row[entering] > 0]
        if not ratios:
            raise ArithmeticError("the goal is unbounded")
        leaving = min(ratios)[2]
        pivot_row = table[leaving]
        pivot = pivot_row[entering]
        pivot_row[entering] = _1
        table[leaving] = pivot_row = [x / pivot for x in pivot_row]
        for row in (*table[:leaving], *table[leaving + 1 :], cost):
            factor = row[entering]
            if factor:
                row[entering] = _0
                for k, x in enumerate(pivot_row):
                    if x:
                        row[k] -= factor * x
        basis[leaving], outside[entering] = outside[entering], basis[leaving]
    z = [_0] * columns
    for i, name in enumerate(basis):
        if name < columns:
            z[name] = table[i][-1]
    return -cost[-1], z
