"""Integrals over cells in two or more dimensions, cut into images of cubes or into simplices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from proofs.geometry.affine import Point
from proofs.geometry.balls import RoundCell
from proofs.geometry.polytopes import Cell, Polytope
from verify.expressions import Expression
from verify.expressions.analytic import is_entire
from verify.expressions.switches import has_switches
from verify.integration.charts import Chart, SimplexChart
from verify.integration.cube import CubePart
from verify.integration.forms import Forms, separated
from verify.integration.rims import roots_of, straightened
from verify.integration.round import charts

if TYPE_CHECKING:
    from verify.integration.many import RoundPart, SimplicialPart
    from verify.integration.planar import PlanarPart


def parts(
    integrals: Sequence[tuple[Expression, Cell]], variables: Sequence[str]
) -> Sequence[CubePart | PlanarPart | RoundPart | SimplicialPart]:
    """Return integrals whose sum is that of expressions over cells."""
    easy: list[tuple[Forms, RoundCell]] = []
    hard: list[tuple[Forms, RoundCell]] = []
    flat: list[tuple[Forms, Sequence[Point]]] = []
    for expression, cell in integrals:
        forms = separated(expression, variables)
        if isinstance(cell, Polytope):
            flat += [(forms, simplex) for simplex in cell.simplices()]
        else:
            assert isinstance(cell, RoundCell)
            (hard if _needs_shells(forms, cell) else easy).append((forms, cell))
    if len(variables) > 2:
        from verify.integration.many import merged, rounded

        cubes = [CubePart(forms, chart) for forms, cell in easy for chart in charts(cell)]
        return [*cubes, *rounded(hard), *merged(flat)]
    from verify.integration.planar import PlanarPart

    pieces: list[tuple[Forms, Chart]] = [(forms, SimplexChart(simplex)) for forms, simplex in flat]
    pieces += [straightened(forms, chart, cell.ball) for forms, cell in easy for chart in charts(cell)]
    found = [PlanarPart(pieces)] if pieces else []
    if not hard:
        return found
    from verify.integration.many import rounded

    return [*found, *rounded(hard)]


def _needs_shells(forms: Forms, cell: RoundCell) -> bool:
    """Whether charts of a ball's cell do not serve: in space where many nodes are needed, in the plane at roots."""
    if cell.dimension > 2:
        return not is_entire(forms.body)
    return has_switches(forms.body) and bool(roots_of(forms, cell.ball))
