"""Integrals over cells in two or more dimensions, cut into images of cubes or into simplices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from proofs.geometry.affine import Point
from proofs.geometry.balls import RoundCell
from proofs.geometry.polytopes import Cell, Polytope
from verify.expressions import Expression
from verify.integration.charts import Chart, SimplexChart
from verify.integration.cube import CubePart
from verify.integration.forms import Forms, separated
from verify.integration.rims import straightened
from verify.integration.round import charts

if TYPE_CHECKING:
    from verify.integration.many import SimplicialPart
    from verify.integration.planar import PlanarPart


def parts(
    integrals: Sequence[tuple[Expression, Cell]], variables: Sequence[str]
) -> Sequence[CubePart | PlanarPart | SimplicialPart]:
    """Return integrals whose sum is that of expressions over cells."""
    curved: list[tuple[Forms, Chart]] = []
    flat: list[tuple[Forms, Sequence[Point]]] = []
    for expression, cell in integrals:
        forms = separated(expression, variables)
        if isinstance(cell, Polytope):
            flat += [(forms, simplex) for simplex in cell.simplices()]
        else:
            assert isinstance(cell, RoundCell)
            curved += [straightened(forms, chart, cell.ball) for chart in charts(cell)]
    if len(variables) == 2:
        from verify.integration.planar import PlanarPart

        pieces = curved + [(forms, SimplexChart(simplex)) for forms, simplex in flat]
        return [PlanarPart(pieces)] if pieces else []
    from verify.integration.many import merged

    return [*(CubePart(forms, chart) for forms, chart in curved), *merged(flat)]
