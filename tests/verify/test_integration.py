"""Integrals over cells in one to four dimensions against routes that share no code with them."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

from proofs.geometry.affine import Affine
from proofs.geometry.polytopes import Polytope, cells, disjoint
from tests.verify import euler, slices
from verify import Problem, certify
from verify.domain import Domain
from verify.expressions import parse
from verify.integration import Deadline, Integral, Integrator
from verify.sampling import geometry
from verify.sampling.choices import SeededChoices
from verify.sampling.functions import STRICT
from verify.sampling.problems import Mix, problem_table

NAMES = ("x", "y", "z", "t")
THOROUGH = settings.default.max_examples > 1_000
ARRANGEMENTS = 500 if THOROUGH else 60
MIXED = 200 if THOROUGH else 20

Arrangement = tuple[Polytope, list[Affine]]


def arrangement(seed: int) -> Arrangement:
    """A random polytope in 1, 2, 3, 4, 1, ... dimensions and half-spaces: any, nearly parallel, through vertices."""
    choices, n = SeededChoices(f"arrangement {seed}"), seed % 4 + 1
    whole = geometry.polytope(choices, n) if n < 4 else Polytope.box([(0, choices.positive(6, 4)) for _ in range(n)])
    walls: list[Affine] = []
    for _ in range(choices.integer(1, (8, 6, 4, 2)[n - 1])):
        gradient = geometry.normal(choices, n)
        kind = choices.integer(0, 3)
        if kind == 0 and walls:
            nudge = Fraction(1, 10 ** choices.integer(3, 12))
            walls.append(walls[-1] + Affine.of([nudge * choices.integer(-2, 2) for _ in range(n)], nudge))
        elif kind == 1:
            linear = Affine.of(gradient)
            walls.append(linear.plus(-linear(choices.pick(whole.vertices))))
        else:
            walls += geometry.sides(choices, whole.vertices, [gradient])
    return whole, [w for w in walls if not w.is_constant]


def polynomial(seed: int, n: int) -> euler.Polynomial:
    choices = SeededChoices(f"polynomial {seed}")
    degree = (6, 6, 4, 2)[n - 1]
    result: euler.Polynomial = {}
    for _ in range(choices.integer(1, 4)):
        exponents = [0] * n
        for _ in range(choices.integer(0, degree)):
            exponents[choices.integer(0, n - 1)] += 1
        result[tuple(exponents)] = choices.nonzero()
    return result


def written(polynomial: euler.Polynomial) -> str:
    return " + ".join(
        f"({c})*" + "*".join(["1", *(f"{name}**{e}" for name, e in zip(NAMES, exponents, strict=False) if e)])
        for exponents, c in polynomial.items()
    )


def rows(cell: Polytope) -> list[euler.Row]:
    return [(tuple(-g for g in facet.gradient), facet.constant) for facet in cell.facets]


@pytest.mark.parametrize("seed", range(ARRANGEMENTS))
def test_exact_integrals_of_polynomials_agree_with_eulers_identity(seed: int) -> None:
    whole, walls = arrangement(seed)
    n = whole.dimension
    wanted = polynomial(seed, n)
    variables = NAMES[:n]
    expression = parse(written(wanted), variables)
    parts = cells([whole], walls)
    integrator = Integrator(variables, Deadline(None))
    total = integrator.enclose([Integral(expression, part) for part in parts], 6)
    assert total.is_exact and total.lower == euler.integral(wanted, rows(whole), n)
    one: euler.Polynomial = {(0,) * n: Fraction(1)}
    assert sum(part.volume for part in parts) == whole.volume == euler.integral(one, rows(whole), n)
    for part in random.Random(seed).sample(parts, min(len(parts), 4)):
        found = integrator.enclose([Integral(expression, part)], 6)
        assert found.is_exact and found.lower == euler.integral(wanted, rows(part), n)
        assert part.volume == euler.integral(one, rows(part), n)


@pytest.mark.parametrize("seed", range(MIXED))
def test_volumes_of_unions_are_those_of_inclusion_and_exclusion(seed: int) -> None:
    choices, n = SeededChoices(f"union {seed}"), seed % 3 + 1
    first, second = geometry.polytope(choices, n), geometry.polytope(choices, n)
    one: euler.Polynomial = {(0,) * n: Fraction(1)}
    single = [euler.integral(one, rows(piece), n) for piece in (first, second)]
    both = euler.integral(one, [*rows(first), *rows(second)], n)
    assert sum(part.volume for part in disjoint([first, second])) == sum(single) - both


@pytest.mark.parametrize(("n", "digits"), [(2, 10), (3, 5)])
@pytest.mark.parametrize("seed", range(MIXED // 4))
def test_volumes_of_the_cells_of_a_ball_add_up_to_its_own(n: int, digits: int, seed: int) -> None:
    choices = SeededChoices(f"ball {n} {seed}")
    radius = choices.positive(6, 4)
    centre = [choices.rational(6, 4) for _ in range(n)]
    text = {"variables": list(NAMES[:n]), "ball": {"center": [str(c) for c in centre], "radius": str(radius)}}
    domain = Domain.from_mapping(text)
    walls = []
    for _ in range(choices.integer(1, 3)):
        side = Affine.of(geometry.normal(choices, n))
        walls.append(side.plus(-side(centre) + radius * choices.rational(6, 4)))
    parts = cells(domain.cells, walls)
    found = Integrator(NAMES[:n], Deadline(60)).enclose(
        [Integral(parse("1", NAMES[:n]), part) for part in parts], digits
    )
    volume = math.pi * float(radius) ** 2 if n == 2 else 4 / 3 * math.pi * float(radius) ** 3
    assert float(found.lower) * (1 - 1e-14) <= volume <= float(found.upper) * (1 + 1e-14)
    assert found.settled(digits)


ANALYTIC = (
    "sin({a}*{x} - {b}*{y}/2 + {z}/3)*exp(({b}*{x} + {y})/5)",
    "cos({a}*{x}*{y})/2 + {z}*exp(-({b}*{y}/4)**2)",
    "1/(2 + sin({b}*{x} + {y} - {z}))",
    "log(3 + cos({a}*{x} - {z}))*{y}",
    "tanh(({a}*{x} + {y}*{z})/4)",
    "sqrt(5 + ({a}*{x} - {b}*{z})**2 + {y}**2)",
)


@pytest.mark.parametrize(
    ("n", "template"), [(n, t) for n in (1, 2, 3) for i, t in enumerate(ANALYTIC) if n < 3 or THOROUGH or i in (1, 3)]
)
@pytest.mark.parametrize("seed", range(5 if THOROUGH else 1))
def test_analytic_integrals_agree_with_gauss_quadrature_to_nine_digits(n: int, template: str, seed: int) -> None:
    choices = SeededChoices(f"{template} {n} {seed}")
    whole = geometry.polytope(choices, n)
    names = NAMES[:n]
    places = dict(zip("xyz", (*names, "2/3", "(-1/2)"), strict=False))
    text = template.format(a=choices.integer(1, 2), b=choices.integer(-2, 2), **places)
    (wall,) = geometry.sides(choices, whole.vertices, [geometry.normal(choices, n)])
    part = cells([whole], [wall])[0]
    found = Integrator(names, Deadline(60)).enclose([Integral(parse(text, names), part)], 10)
    inside, function, nodes = within(part), compiled(text, names), 24 if n < 3 else 14
    value = slices.integral(lambda p: np.where(inside(p), function(p), 0.0), planes(part), n, nodes)
    size = slices.integral(lambda p: np.where(inside(p), np.abs(function(p)), 0.0), planes(part), n, nodes)
    assert abs(float(found.lower) - value) <= 1e-9 * size
    assert abs(float(found.upper) - value) <= 1e-9 * size


def planes(cell: Polytope) -> list[tuple[list[float], float]]:
    return [([float(g) for g in facet.gradient], float(facet.constant)) for facet in cell.facets]


def within(cell: Polytope) -> Callable[[slices.Floats], Any]:
    matrix = np.array([[*gradient, constant] for gradient, constant in planes(cell)])
    return lambda points: np.all(points @ matrix[:, :-1].T + matrix[:, -1] >= 0, axis=1)


FUNCTIONS = {name: getattr(np, name) for name in ("sin", "cos", "exp", "log", "sqrt", "tanh", "cosh")} | {
    "atan": np.arctan,
    "Abs": np.abs,
}


def compiled(text: str, names: tuple[str, ...], **more: Any) -> Callable[..., Any]:
    """An expression as NumPy evaluates it; arguments are points, one a row, and further arrays by name."""
    code = compile(text, "test", "eval")

    def function(points: slices.Floats, **arrays: Any) -> Any:
        values = dict(zip(names, points.T, strict=True))
        return np.broadcast_to(eval(code, {**FUNCTIONS, **more}, {**values, **arrays}), len(points))

    return function


def affine_of(text: str, names: tuple[str, ...]) -> tuple[list[float], float]:
    """The coefficients of an affine expression, from its values."""
    function = compiled(text, names)
    constant = float(function(np.zeros((1, len(names))))[0])
    return [float(v) - constant for v in function(np.eye(len(names)))], constant


LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "squared": lambda y, f: (y - f) ** 2,
    "power": lambda y, f: (y - f) ** 4,
    "logcosh": lambda y, f: np.logaddexp(y - f, f - y) - math.log(2),
    "logistic": lambda y, f: np.logaddexp(0, y) - f * y,
    "poisson": lambda y, f: np.exp(y) - f * y,
}
SMOOTH = [loss for loss in STRICT if loss["kind"] in LOSSES and loss.get("exponent", "4") == "4"]
TARGETS = {
    2: ("1/2 + sin({a}*x - {b}*y)/3", "exp(-(x - {a}*y)**2/9)*9/10 + 1/20", "1/(2 + ({a}*x*y)**2)"),
    3: ("1/2 + sin({a}*x - {b}*y + z)/3", "1/(2 + ({a}*x + y - {b}*z)**2/9)"),
}
DENSITIES = {2: ("1", "2 + cos({a}*x - y)", "1 + (x - {b}*y)**2"), 3: ("1", "2 + cos({a}*x - y + z)")}
RANGES = {name: (Fraction(-2), Fraction(2)) for name in "ab"}


@pytest.mark.parametrize("seed", range(MIXED))
def test_gain_enclosures_contain_the_independent_value(seed: int) -> None:
    n = 3 if seed % 10 == 9 else 2
    widths = (2, 3) if n == 3 else (2, 6)
    losses = SMOOTH if n == 2 else SMOOTH[:1]
    mix = Mix(dimensions=(n,), losses=losses, widths=widths, targets=TARGETS, densities=DENSITIES, ranges=RANGES)
    table = problem_table(SeededChoices(f"gain {seed}"), mix)
    found = certify(Problem.from_mapping(table), budget=30)
    assert found.verdict == "dominated", (found.reason, table)
    gain, size = independent_gain(table, found.answer())
    assert found.gain is not None
    slack = 1e-9 * size
    assert float(found.gain.lower) - slack <= gain <= float(found.gain.upper) + slack


def independent_gain(table: dict[str, Any], answer: dict[str, Any]) -> tuple[float, float]:
    """Return `err(R) - err(N)` and the integral of the modulus, point by point from the texts of problem and answer."""
    names = tuple(table["domain"]["variables"])
    n = len(names)
    (piece,) = Domain.from_mapping(table["domain"]).polytopes
    walls = planes(piece)
    affine, terms = compiled(answer["response"]["affine"], names), []
    for halfspace in answer["response"]["halfspaces"]:
        side = halfspace["where"].removesuffix("> 0")
        walls.append(affine_of(side, names))
        terms.append((compiled(side, names), compiled(halfspace["jump"], names)))
    network = answer["network"]
    carried = compiled(f"{network['affine']} + {network['offset']}", names)
    neurons = [
        (float(Fraction(v["output"])), np.array([float(Fraction(w)) for w in v["weights"]]), float(Fraction(v["bias"])))
        for v in network["neurons"]
    ]
    walls += [(list(weights), bias) for _, weights, bias in neurons]
    target, density = (compiled(table[key]["expression"], names) for key in ("target", "density"))
    loss, inside = LOSSES[table["loss"]["kind"]], within(piece)

    def difference(points: slices.Floats) -> slices.Floats:
        response = affine(points) + sum(np.where(s(points) > 0, j(points), 0.0) for s, j in terms)
        output = carried(points) + sum(c * np.maximum(points @ w + b, 0.0) for c, w, b in neurons)
        f = target(points)
        both: slices.Floats = np.where(inside(points), density(points) * (loss(response, f) - loss(output, f)), 0.0)
        return both

    values: list[float] = []

    def both(points: slices.Floats) -> slices.Floats:
        found = difference(points)
        values.append(float(np.max(np.abs(found))))
        return found

    gain = slices.integral(both, walls, n, 14 if n == 2 else 7)
    return gain, values[0] * float(piece.volume)
