"""Cells of balls as simplices and shells: against slices in closed form, charts, and random points."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

import mpmath
import pytest
from mpmath import mpf

from proofs.geometry.affine import Affine
from proofs.geometry.balls import Ball, RoundCell
from proofs.geometry.polytopes import cells
from verify import Problem
from verify.domination import dominate
from verify.enclosure import Enclosure, total
from verify.expressions import parse
from verify.integration import Deadline
from verify.integration.cube import CubePart
from verify.integration.forms import separated
from verify.integration.many import RoundPart
from verify.integration.round import charts

NAMES = ("x", "y", "z")


def integral(text: str, parts: list[RoundCell], width: str) -> Enclosure:
    names = NAMES[: parts[0].dimension]
    found = RoundPart([(separated(parse(text, names), names), part) for part in parts])
    return found.enclose(Fraction(0), Fraction(width) / 3, Deadline(60))


def assert_tight(found: Enclosure, value: mpf, width: str) -> None:
    exact = Fraction(str(value))
    assert found.lower <= exact <= found.upper
    assert found.width <= 2 * Fraction(width)


@pytest.mark.parametrize(
    ("n", "integrand", "line", "root"),
    [
        (2, "Abs({u} - 1/3)", lambda u: abs(u - mpf(1) / 3), True),
        (2, "Max({u}, -1/2)**2", lambda u: max(u, -mpf(1) / 2) ** 2, True),
        (2, "Abs({u})**(3/2)", lambda u: abs(u) ** mpf("1.5"), False),
        (3, "Abs({u} - 1/3)", lambda u: abs(u - mpf(1) / 3), False),
        (3, "exp({u})", mpmath.exp, False),
    ],
)
def test_functions_of_one_direction_agree_with_slices(
    n: int, integrand: str, line: Callable[[mpf], mpf], root: bool
) -> None:
    # of the ball, u has the density |B^(n-1)| (1 - u^2)^((n-1)/2); in the plane with weight sqrt(1 - |x|^2) it is
    # pi/2 (1 - u^2)
    direction = (Fraction(3, 5), Fraction(4, 5)) if n == 2 else (Fraction(1, 3), Fraction(2, 3), Fraction(-2, 3))
    sphere = Ball(tuple(Fraction(k + 1, 2) for k in range(n)), Fraction(1))
    height = Affine(direction, -sum(d * c for d, c in zip(direction, sphere.centre, strict=True)))
    text = integrand.format(u=f"({height.text(NAMES[:n])})")
    if root:
        squares = " - ".join(f"({x} - ({c}))**2" for x, c in zip(NAMES, sphere.centre, strict=False))
        text = f"({text})*sqrt(1 - {squares})"
    found = integral(text, [sphere.cell], "1e-3")
    scale = mpmath.pi / 2 if root else {2: 2, 3: mpmath.pi}[n]
    with mpmath.workdps(25):
        power = 1 if root else mpf(n - 1) / 2
        value = scale * mpmath.quad(lambda u: line(u) * (1 - u * u) ** power, [-1, -0.5, 0, mpf(1) / 3, 1])
    assert_tight(found, value, "1e-3")


WALLS = [
    Affine.of([Fraction(1), Fraction(1, 3), Fraction(0)], Fraction(-1, 5)),
    Affine.of([Fraction(1), Fraction(-2), Fraction(1)], Fraction(1, 2)),
    Affine.of([Fraction(-1), Fraction(0), Fraction(0)], Fraction(9, 10)),
]


@pytest.mark.parametrize("count", [1, 3])
def test_cells_agree_with_charts_and_random_points(count: int) -> None:
    # the cells of a ball add up to its volume; each is what iterated integrals over charts give
    sphere = Ball((Fraction(0), Fraction(1, 7), Fraction(0)), Fraction(1))
    parts = cells([sphere.cell], WALLS[:count])
    found = [integral("1 + x*y", [part], "1e-3") for part in parts]
    whole = total(found)
    assert whole.lower < Fraction(str(4 * mpmath.pi / 3)) < whole.upper and whole.width < Fraction(1, 50)
    forms = separated(parse("1 + x*y", NAMES), NAMES)
    rng = random.Random(7)
    points = [tuple(rng.uniform(-1, 1) for _ in NAMES) for _ in range(20_000)]
    inside = [(x, y + 1 / 7, z) for x, y, z in points if x * x + y * y + z * z < 1]
    for part, ours in zip(parts, found, strict=True):
        theirs = [CubePart(forms, c).enclose(Fraction(0), Fraction(1, 10**5), Deadline(20)) for c in charts(part)]
        other = total(theirs)
        assert ours.lower <= other.upper and other.lower <= ours.upper
        facets = [([float(g) for g in f.gradient], float(f.constant)) for f in part.polytope.facets]
        values = [
            1 + p[0] * p[1]
            for p in inside
            if all(sum(g * x for g, x in zip(gs, p, strict=True)) + c > 0 for gs, c in facets)
        ]
        assert abs(float(ours.lower) - 8 * sum(values) / len(points)) < 0.12  # 5 standard deviations


def test_a_cell_that_is_off_by_a_little_is_told_apart() -> None:
    sphere = Ball((Fraction(0),) * 3, Fraction(1))
    caps = []
    for level in (Fraction(1, 2), Fraction(501, 1000)):
        (cap,) = (c for c in cells([sphere.cell], [Affine.of([1, 0, 0], -level)]) if c.centre[0] > level)
        caps.append(integral("1", [cap], "1e-5"))
        height = 1 - mpf(level.numerator) / level.denominator
        assert_tight(caps[-1], mpmath.pi * height**2 * (3 - height) / 3, "1e-5")
    assert caps[1].upper < caps[0].lower


@pytest.mark.parametrize(
    ("names", "density", "mass"),
    [("xyz", "1", 4 * mpmath.pi / 3), ("xy", "sqrt(1 - x**2 - y**2)", 2 * mpmath.pi / 3)],
)
def test_a_loss_with_kinks_on_a_ball_and_with_a_root_as_density_on_a_disc(names: str, density: str, mass: mpf) -> None:
    # the target is 1/3, the response the step x > 0: the risk is the mean of |0 - 1/3| and |1 - 1/3|
    problem = Problem(
        domain={"variables": list(names), "ball": {"center": ["0"] * len(names), "radius": "1"}},
        target="1/3 + 0*x",
        density=density,
        loss={"kind": "absolute"},
        width=2,
        response={"affine": "0", "halfspaces": [{"where": "x > 0", "jump": "1"}]},
    )
    assert problem.response is not None
    found = dominate(problem, problem.response, digits=2)
    assert found.verdict == "dominated", found.reason
    assert found.response_risk is not None
    assert found.response_risk.lower <= Fraction(str(mass / 2)) <= found.response_risk.upper
