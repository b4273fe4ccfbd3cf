"""The cells of S, and the parts of them on which a response is affine (docs/certificate.md, section 4.7)."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from verify.auditor.affine import Affine, Jump, Response, Shape, intervals
from verify.auditor.balls import apart, covering
from verify.auditor.evaluate import Vertex
from verify.auditor.simplices import cut, volume
from verify.auditor.verdicts import Effort, settle

Cell = tuple[Vertex, ...]  # an interval or a simplex, after the ball of which it shows a part if there is one


def cells(effort: Effort, shapes: Sequence[Shape]) -> list[Cell]:
    """Cells that cover the shapes; no inner point is covered twice."""
    if len(shapes[0].points[0]) == 1:
        return [((a,), (b,)) for a, b in intervals(shapes)]
    return [(*balls, *simplex) for balls, simplex in covering(effort, shapes)]


def pieces(effort: Effort, whole: Iterable[Cell], response: Response) -> Iterator[tuple[Cell, Affine]]:
    """The cells, cut at the boundaries of the jumps, each with the affine function that the response is there.

    A jump whose boundary does not cut a cell is settled for all parts of it. The jumps are put in an order in which the
    middle one of those along a line lies anywhere among them: their number falls to a part of it with every cut.
    """
    n = len(response.affine.gradient)
    mixed = sorted(enumerate(response.jumps), key=lambda entry: entry[0] * 0x9E3779B1 % (1 << 32))
    stack = [(cell, response.affine, [jump for _, jump in mixed]) for cell in whole]
    while stack:
        cell, base, jumps = stack.pop()
        balls, simplex = cell[: len(cell) - n - 1], cell[-n - 1 :]
        if any(apart(ball, simplex) for ball in balls):
            continue
        effort.spend(4 * (1 + len(jumps)))
        cutting = []
        for side, jump in jumps:
            values = list(map(side.value, simplex))
            if max(values) > 0:
                if min(values) < 0:
                    cutting.append(Jump(side, jump))
                else:
                    base = base.plus(jump)
        if not cutting:
            yield cell, base
            continue
        parts = list(cut(effort, simplex, cutting[len(cutting) // 2].side.value))
        settle(sum(map(volume, parts), Fraction(0)) == volume(simplex), "the parts of a cell do not cover it")
        stack += [((*balls, *part), base, cutting) for part in parts]
