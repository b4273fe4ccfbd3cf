"""Integrals over cells in two or more dimensions, cut into images of cubes."""

from __future__ import annotations

from collections.abc import Sequence

from proofs.geometry.balls import RoundCell
from proofs.geometry.polytopes import Cell, Polytope
from verify.expressions import Expression
from verify.integration.charts import SimplexChart
from verify.integration.cube import CubePart
from verify.integration.forms import separated
from verify.integration.round import charts


def parts(expression: Expression, cell: Cell, variables: Sequence[str]) -> list[CubePart]:
    """Return integrals over cubes whose sum is the integral of an expression over a cell."""
    forms = separated(expression, variables)
    if isinstance(cell, Polytope):
        return [CubePart(forms, SimplexChart(simplex)) for simplex in cell.simplices()]
    assert isinstance(cell, RoundCell)
    return [CubePart(forms, chart) for chart in charts(cell)]
