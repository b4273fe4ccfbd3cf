"""Integrals over many simplices at a time: against exact values, against arbitrary precision, with kinks."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import acb, ctx, fmpq

from proofs.geometry.affine import Affine
from proofs.geometry.polytopes import Polytope, cells
from verify import Problem, certify
from verify.enclosure import Enclosure, total
from verify.expressions import parse, tree
from verify.expressions.balls import compile_balls
from verify.integration import Deadline, Integral, Integrator
from verify.integration.charts import SimplexChart
from verify.integration.cube import CubePart
from verify.integration.flattened import unstraightened
from verify.integration.forms import separated
from verify.integration.integrands import Integrand
from verify.integration.kinks import with_signs
from verify.integration.many import SimplicialPart, merged
from verify.integration.simplices import Simplices
from verify.integration.simplicial import integrate
from verify.vectorized.compiled import UnsupportedError
from verify.vectorized.intervals import Interval

NAMES = ("x", "y", "z")
CUBE = Polytope.box([(Fraction(0), Fraction(1))] * 3)
SQUARE = Polytope.box([(Fraction(0), Fraction(1))] * 2)


def enclosed(text: str, cell: Polytope, tolerance: str, variables: tuple[str, ...] = NAMES) -> Enclosure:
    forms = separated(parse(text, variables), variables)
    part = SimplicialPart([(forms, simplex) for simplex in cell.simplices()])
    with ctx.workprec(80):
        return part.enclose(Fraction(0), Fraction(tolerance) / 6, Deadline(60))


def exactly(text: str, cell: Polytope, walls: list[str], pieces: list[str]) -> Fraction:
    """The integral of a function that equals a polynomial `pieces[k]` where k walls are positive."""
    sides = [Affine.of([Fraction(c) for c in wall.split()[:3]], Fraction(wall.split()[3])) for wall in walls]
    result = Fraction(0)
    for part in cells([cell], sides):
        text = pieces[sum(side(part.centre) > 0 for side in sides)]
        found = Integrator(NAMES, Deadline(10)).enclose([Integral(parse(text, NAMES), part)], 9)
        assert found.is_exact
        result += found.lower
    return result


@pytest.mark.parametrize("text", ["x**4*y - z**3 + 2", "(x - 2*y + 3*z)**6", "x*y*z*(1 - x)**2"])
def test_polynomials_agree_with_their_exact_integrals(text: str) -> None:
    exact = Integrator(NAMES, Deadline(10)).enclose([Integral(parse(text, NAMES), CUBE)], 9)
    found = enclosed(text, CUBE, "1e-8")
    assert exact.is_exact and found.lower <= exact.lower <= found.upper and found.width <= Fraction("1e-8")


@pytest.mark.parametrize("n", [4, 5])
def test_more_dimensions_agree_with_exact_integrals(n: int) -> None:
    names = tuple(f"x{i}" for i in range(n))
    corners = [[Fraction(int(i == j)) for i in range(n)] for j in range(-1, n)]
    simplex = Polytope.hull(corners)
    text = "(1 + x0 - 2*x1 + x2*x3)**2"
    exact = Integrator(names, Deadline(10)).enclose([Integral(parse(text, names), simplex)], 9)
    found = enclosed(text, simplex, "1e-6", names)
    assert exact.is_exact and found.lower <= exact.lower <= found.upper and found.width <= Fraction("1e-6")


@pytest.mark.parametrize(
    "text", ["exp(x*y)*sin(3*z)", "log(cosh(2*x - y + z))", "1/(1 + (2*x - z)**2)", "erf(x - y)*atan(y + z)"]
)
def test_analytic_functions_agree_with_arbitrary_precision(text: str) -> None:
    forms = separated(parse(text, NAMES), NAMES)
    with ctx.workprec(64):
        charts = [CubePart(forms, SimplexChart(simplex)) for simplex in CUBE.simplices()]
        slow = total(part.enclose(Fraction(0), Fraction(1, 10**9), Deadline(60)) for part in charts)
    found = enclosed(text, CUBE, "1e-8")
    assert found.width <= Fraction("1e-8")
    assert found.lower <= slow.upper and slow.lower <= found.upper


@pytest.mark.parametrize(
    ("text", "walls", "pieces"),
    [
        ("Abs(x + y - z - 1/3)", ["1 1 -1 -1/3"], ["1/3 + z - x - y", "x + y - z - 1/3"]),
        ("Max(2*x - y, z/3 + 1/5)", ["2 -1 -1/3 -1/5"], ["z/3 + 1/5", "2*x - y"]),
        ("Min(x, y)*(1 + z)", ["1 -1 0 0"], ["x*(1 + z)", "y*(1 + z)"]),
        (
            "Piecewise(((x - 2*y + z)**2/2, Abs(x - 2*y + z) <= 1/2), (1/2*(Abs(x - 2*y + z) - 1/4), True))",
            ["1 -2 1 1/2", "1 -2 1 -1/2"],
            ["(2*y - x - z)/2 - 1/8", "(x - 2*y + z)**2/2", "(x - 2*y + z)/2 - 1/8"],
        ),
    ],
)
def test_kinks_on_planes_agree_with_exact_sums_over_cells(text: str, walls: list[str], pieces: list[str]) -> None:
    found, exact = enclosed(text, CUBE, "1e-7"), exactly(text, CUBE, walls, pieces)
    assert found.lower <= exact <= found.upper and found.width <= Fraction("1e-7")


def test_huber_losses_of_residuals_with_a_known_sign() -> None:
    texts = (
        "Piecewise(((x*y + z)**2/2, Abs(x*y + z) <= 1/2), (1/2*(Abs(x*y + z) - 1/4), True))",
        "Piecewise(((x*y + z)**2/2, x*y + z <= 1/2), (1/2*((x*y + z) - 1/4), True))",
        "Piecewise(((-x*y - z)**2/2, -(-x*y - z) <= 1/2), (1/2*(-(-x*y - z) - 1/4), True))",
    )
    first, second, third = (enclosed(text, CUBE, "1e-4") for text in texts)
    for other in (second, third):
        assert first.lower <= other.upper and other.lower <= first.upper


@pytest.mark.parametrize(
    ("text", "variables", "exact", "tolerance"),
    [
        ("Abs(x**2 - y)", ("x", "y"), Fraction(11, 30), "1e-7"),  # int (x^2 - y)^- = 3/10 more than int (x^2 - y)^+
        ("Min(x, y**2)", ("x", "y"), Fraction(7, 30), "1e-7"),
        ("Max(x*y - 1/4, 0)**2", ("x", "y"), None, "1e-6"),
        ("Abs(z - x*y)", NAMES, Fraction(1, 9) + Fraction(1, 2) - Fraction(1, 4) * 1, "1e-4"),
    ],
)  # fmt: skip
def test_kinks_on_curves_and_surfaces(
    text: str, variables: tuple[str, ...], exact: Fraction | None, tolerance: str
) -> None:
    found = enclosed(text, SQUARE if len(variables) == 2 else CUBE, tolerance, variables)
    assert found.width <= Fraction(tolerance)
    if exact is not None:
        assert found.lower <= exact <= found.upper


def power_on_a_saddle(q: Fraction) -> mpmath.mpf:
    """The integral of |z - x y|^q over the cube: (H_(q+2)/(q+2) + 1/(q+2)^2)/(q+1), with the harmonic number H."""
    m = mpmath.mpf(q.numerator) / q.denominator + 1
    return (mpmath.harmonic(m + 1) / (m + 1) + 1 / (m + 1) ** 2) / m


@pytest.mark.parametrize(
    ("q", "tolerance"), [("3/2", "4e-6"), ("5/4", "1e-5"), ("11/10", "1e-4"), ("7/3", "1e-6"), ("7/2", "1e-7")]
)
def test_fractional_powers_on_curved_surfaces_agree_with_closed_forms(q: str, tolerance: str) -> None:
    exact = power_on_a_saddle(Fraction(q))
    found = enclosed(f"Abs(z - x*y)**({q})", CUBE, tolerance)
    assert mpmath.mpf(float(found.lower)) - 1e-15 <= exact <= mpmath.mpf(float(found.upper)) + 1e-15
    assert found.width <= Fraction(tolerance)


@pytest.mark.parametrize("factor", ["1", "z - x*y", "-3/2*exp(x)", "1 + Abs(y - 1/3)"])
def test_fractional_powers_with_factors_agree_with_quadrature(factor: str) -> None:
    def inner(x: float, y: float) -> float:
        """The integral over z, by hand."""
        even = ((1 - x * y) ** 2.5 + (x * y) ** 2.5) / 2.5
        odd = ((1 - x * y) ** 3.5 - (x * y) ** 3.5) / 3.5
        return {"1": even, "z - x*y": odd, "-3/2*exp(x)": -1.5 * math.exp(x) * even}.get(
            factor, (1 + abs(y - 1 / 3)) * even
        )

    exact = float(mpmath.quad(lambda x, y: inner(float(x), float(y)), [0, 1], [0, mpmath.mpf(1) / 3, 1], maxdegree=5))
    found = enclosed(f"({factor})*Abs(z - x*y)**(3/2)", CUBE, "1e-5")
    assert found.width <= Fraction("1e-5") and found.lower - Fraction("1e-9") <= exact <= found.upper + Fraction("1e-9")


@pytest.mark.parametrize("exponent", ["11/10", "3/2", "19/10", "2", "5/2", "4"])
def test_powers_are_straightened_within_their_bound(exponent: str) -> None:
    q, generator = Fraction(exponent), np.random.default_rng(8)
    for low, high in ((0.0, 1.0), (0.0, 1e-6), (0.3, 2.0), (1e-7, 1e-5)):
        level = np.linspace(low, high, 20_002)[1:-1]
        for error in (1e-5, 1e-3, 0.5):
            (bound,) = unstraightened(*(np.array([v]) for v in (low, high, error)), q, 1)
            for moved in (error, -error, generator.uniform(-error, error, level.size)):
                near = level ** float(q - 1) * (level + float(q) * moved)
                assert np.mean(np.abs(np.abs(level + moved) ** float(q) - near)) <= bound * (1 + 1e-3)


def test_what_is_no_power_of_one_gap_is_not_straightened() -> None:
    for text in ("Abs(x*y - z)**(1/2)", "Abs(x*y - z)**3", "Abs(x*y - z)**(3/2) + x",
                 "Abs(Abs(x*y - z) - x**2)*Abs(x*y - z)**(3/2)"):  # fmt: skip
        kinks = with_signs(parse(text, NAMES))
        assert all(kinks.power(j) is None for j in range(len(kinks.gaps))), text
    kinks = with_signs(parse("x*Abs(x*y - z)**(3/2)*Abs(x - y*z)", NAMES))
    assert [kinks.power(j) is None for j in range(2)] == [False, True]


def test_a_fractional_power_of_a_modulus() -> None:
    found = enclosed("Abs(x - 1/2)**(3/2)", CUBE, "1e-3")
    exact = Fraction("0.1414213562373095")  # (4/5) 2^(-5/2)
    assert found.lower <= exact <= found.upper and found.width <= Fraction("1e-3")


def test_simplices_with_functions_of_their_own_are_integrated_together() -> None:
    generator = random.Random(11)
    pieces, alone = [], []
    for simplex in CUBE.simplices():
        a, b = generator.randint(-4, 4), generator.randint(1, 3)
        forms = separated(parse(f"exp((x + {a}*y + 1)/{b})*sin(z + x)", NAMES), NAMES)
        pieces.append((forms, simplex))
        with ctx.workprec(64):
            alone.append(CubePart(forms, SimplexChart(simplex)).enclose(Fraction(0), Fraction(1, 10**9), Deadline(60)))
    (part,) = merged(pieces)
    assert isinstance(part, SimplicialPart)
    found, sum_of = part.enclose(Fraction(0), Fraction(1, 10**8), Deadline(60)), total(alone)
    assert found.lower <= sum_of.upper and sum_of.lower <= found.upper
    assert found.width <= Fraction(6, 10**8)


def test_many_digits_are_left_to_arbitrary_precision() -> None:
    found = enclosed("exp(x + y/3 - z)", CUBE, "1e-16")
    assert found.width <= Fraction("1e-14")


def test_what_is_no_modulus_is_left_alone() -> None:
    forms = separated(parse("floor(x*y + z)", NAMES), NAMES)
    assert all(isinstance(part, CubePart) for part in merged([(forms, simplex) for simplex in CUBE.simplices()]))
    with pytest.raises(UnsupportedError):
        with_signs(parse("Piecewise((x, x*y < 1), (y, True))", NAMES))
    with pytest.raises(UnsupportedError):  # it jumps by 1/8
        with_signs(parse("Piecewise((-x/2, x < -1/2), (x**2/2, True))", NAMES))


@pytest.mark.parametrize(
    "text",
    [
        "Piecewise((-(x*y - z)/2 - 1/8, x*y - z < -1/2), ((x*y - z)**2/2, x*y - z <= 1/2), ((x*y - z)/2 - 1/8, True))",
        "Piecewise((-(x*y - z)/2 - 1/8, x*y - z < -1/2), ((x*y - z)**2/2, True))",
        "Piecewise(((x*y - z)**2/2, x*y - z <= 1/2), ((x*y - z)/2 - 1/8, True))",
        "Piecewise(((x*y - z)**2/2, Abs(x*y - z) <= 1/2), (1/2*(Abs(x*y - z) - 1/4), True))",
        "Piecewise(((x*y - z)**2/2, -(x*y - z) <= 1/2), (-(x*y - z)/2 - 1/8, True))",
    ],
)
def test_pasted_squares_have_the_values_of_the_branches(text: str) -> None:
    expression = parse(text, NAMES)
    kinks, generator = with_signs(expression), random.Random(4)
    for _ in range(40):
        point = [acb(fmpq(generator.randint(-40, 40), 16)) for _ in NAMES]
        values = dict(zip(NAMES, point, strict=True))
        for name, gap in zip(kinks.signs, kinks.gaps, strict=True):
            level = compile_balls(gap, tuple(values))(list(values.values()), False).real
            values[name] = acb(1 if level >= 0 else -1)
        found = compile_balls(kinks.expression, tuple(values))(list(values.values()), False)
        assert found == compile_balls(expression, NAMES)(point, False)


def test_each_huber_loss_in_space_is_cut_at_its_kinks() -> None:
    problem = Problem(
        domain={"variables": list(NAMES), "box": [["0", "1"]] * 3},
        target="x*y*z",
        loss={"kind": "huber", "delta": "1/2"},
        width=2,
        response={"affine": "0", "halfspaces": [{"where": "x - 1/2 > 0", "jump": "1"}]},
    )
    with_signs(problem.loss.at(tree.ZERO, parse("x*y*z", NAMES)))
    assert certify(problem, budget=20).verdict == "dominated"


def test_the_rate_by_a_modulus_counts_kinks_around_it() -> None:
    kinks = with_signs(parse("Abs(z - Abs(x*y - 1/4))", NAMES))
    assert len(kinks.gaps) == 2
    assert tree.variables_of(kinks.gaps[0]) == {"x", "y"}
    assert "sign0" in tree.variables_of(kinks.gaps[1])
    assert kinks.rate(0) != tree.ZERO


@pytest.mark.parametrize("scale", ["1e-60", "1", "1e60"])
@pytest.mark.parametrize("exponent", [1, 3])
def test_the_size_of_what_has_a_kink_is_guessed_before_its_signs_are_known(exponent: int, scale: str) -> None:
    # x + y + z - 3/2 = u has the density 3/4 - u^2 for |u| < 1/2 and (3/2 - |u|)^2/2 beyond
    gap = f"Abs({scale}*(x + y + z) - {scale}*3/2)"
    expression = parse(gap if exponent == 1 else f"{gap}**{exponent}", NAMES)

    def primitive(u: Fraction, coefficients: tuple[str, ...]) -> Fraction:
        powers = enumerate(coefficients, exponent + 1)
        return sum((Fraction(c) * u**k / k for k, c in powers), Fraction(0))

    inner, outer = ("3/4", "0", "-1"), ("9/8", "-3/2", "1/2")
    half, most = Fraction(1, 2), Fraction(3, 2)
    value = 2 * (primitive(half, inner) + primitive(most, outer) - primitive(half, outer))
    value *= Fraction(scale) ** exponent
    (part,) = merged([(separated(expression, NAMES), simplex) for simplex in CUBE.simplices()])
    assert value / 10 < part.rough_size() < value * 10
    deadline = Deadline(60)
    found = Integrator(NAMES, deadline).enclose([Integral(expression, CUBE)], 6)
    assert not deadline.passed
    assert found.settled(6) and found.lower <= value <= found.upper


@pytest.mark.parametrize("tolerance", [10.0, 0.1, 1e-5])
@pytest.mark.parametrize(
    ("text", "spread"),
    [
        ("part*(x - 1/2)", lambda x: (min(x - 0.5, 0), max(x - 0.5, 0))),
        ("part*sin(20*x)", lambda x: (min(math.sin(20 * x), 0), max(math.sin(20 * x), 0))),
        ("(part*(exp(x) - 17/10))**2 + x*part", lambda x: (0, (math.exp(x) - 1.7) ** 2 + x)),
        ("Abs(x - part/3)", lambda x: (max(x - 1 / 3, 0), max(x, 1 / 3 - x))),
    ],
)
def test_what_is_known_to_a_range_only_may_differ_from_point_to_point(text: str, spread: Any, tolerance: float) -> None:
    """The integrals of the least and of the largest values at each point are enclosed, however rules are chosen."""
    ranges = {"part": Interval(np.float64(0.0), np.float64(1.0))}  # type: ignore[arg-type]
    integrand = Integrand.of(parse(text, ["x", "part"]), ["x"], ranges)
    corners = [[(Fraction(0),), (Fraction(1),)]]
    simplices = Simplices.of([[Affine.of([1])]], corners, len(integrand.gaps))
    found = integrate([(integrand, simplices)], tolerance, Deadline(20))
    middles = [(i + 0.5) / 20_000 for i in range(20_000)]
    low, high = (sum(spread(x)[k] for x in middles) / len(middles) for k in (0, 1))
    assert found is not None and found.lower <= low + 1e-7 and high - 1e-7 <= found.upper


@pytest.mark.parametrize("seed", range(20))
def test_ranges_that_differ_from_point_to_point_at_random(seed: int) -> None:
    source = random.Random(seed)
    a, b, c, d, e = (source.randint(-9, 9) for _ in range(5))
    text = f"({a} + {b}*x + {c}*part)*({d} + x**2 + part*x) + {e}*part*sin({b}*x)"
    part, x = np.linspace(0, 1, 41)[:, None], (np.arange(2_000)[None] + 0.5) / 2_000
    values = (a + b * x + c * part) * (d + x**2 + part * x) + e * part * np.sin(b * x)
    ranges = {"part": Interval(np.float64(0.0), np.float64(1.0))}  # type: ignore[arg-type]
    integrand = Integrand.of(parse(text, ["x", "part"]), ["x"], ranges)
    simplices = Simplices.of([[Affine.of([1])]], [[(Fraction(0),), (Fraction(1),)]], 0)
    found = integrate([(integrand, simplices)], 10.0 ** source.randint(-6, 2), Deadline(20))
    assert found is not None
    assert found.lower <= values.min(axis=0).mean() + 1e-4 and values.max(axis=0).mean() - 1e-4 <= found.upper
