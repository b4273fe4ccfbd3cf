"""Balls in space: integrals over their parts against closed forms and sums over lines; certificates."""

from __future__ import annotations

import json
import math
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tests.auditor.builder import changed
from tests.auditor.test_balls import between
from verify import Problem, certify
from verify.auditor import audit_text
from verify.auditor.affine import Affine, Shape
from verify.auditor.balls import Ball, Round
from verify.auditor.domains import check_sign
from verify.auditor.grammar import parse
from verify.auditor.integrate import Integral
from verify.auditor.partitions import Cell, cells
from verify.auditor.simplices import centre, volume
from verify.auditor.verdicts import Effort, InvalidError, UndecidedError

NAMES = ["x", "y", "z"]


def ball(*numbers: Any) -> Shape:
    *middle, radius = map(Fraction, numbers)
    return Shape("ball", (tuple(middle),), radius)


def plane(*numbers: Any) -> Affine:
    *gradient, constant = map(Fraction, numbers)
    return Affine(tuple(gradient), constant)


def integral(text: str, parts: list[Cell], width: float) -> float:
    """The middle of an enclosure of that width."""
    found = Integral(Effort(), [(parse(text, NAMES), *part) for part in parts], Fraction(width) / 1000)
    low, high = found.enclosure(Fraction(width))
    assert high - low <= Fraction(width)
    return float((low + high) / 2)


@pytest.mark.parametrize("scale", ["1", "1e-9", "1e6"])
@pytest.mark.parametrize("wall", [("1", "2", "-2"), ("1", "0", "0"), ("3", "-1", "1/7")])
def test_moments_of_a_ball(scale: str, wall: tuple[str, ...]) -> None:
    """4 pi r^3/3, 4 pi r^5/15, pi r^7/... : x^2 y^2 has 4 pi r^7/105, x^4 has 4 pi r^7/35."""
    r, (a, b, c) = Fraction(scale), map(Fraction, wall)
    middle = Fraction(1, 3), Fraction(-7, 5), Fraction(2)
    offset = sum((g * x for g, x in zip((a, b, c), middle, strict=True)), r / 5)
    parts = between(ball(*middle, r), [plane(a, b, c, -offset)])
    x, y = "(x - 1/3)", "(y + 7/5)"
    for text, value, degree in (
        ("1", 4 * math.pi / 3, 3), (f"{x}**2", 4 * math.pi / 15, 5), (f"{x}**2*{y}**2", 4 * math.pi / 105, 7),
        (f"{x}**4", 4 * math.pi / 35, 7), (f"{x}**3*{y}", 0.0, 7),
    ):  # fmt: skip
        size = float(r) ** degree
        assert abs(integral(text, parts, 1e-9 * size) - value * size) < 2e-9 * size


def test_exponentials_over_a_ball() -> None:
    """exp(x) has 4 pi (cosh 1 - sinh 1); the half x > 0 is summed over discs."""
    whole, n = 4 * math.pi * (math.cosh(1) - math.sinh(1)), 20_000
    half = sum(math.pi * (1 - x * x) * math.exp(x) / n for x in ((i + 0.5) / n for i in range(n)))
    parts = between(ball(0, 0, 0, 1), [plane(1, 0, 0, 0)])
    right = [part for part in parts if max(v[0] for v in part if len(v) == 3) > 0]
    for cells_of, value in ((parts, whole), (right, half)):
        found = Integral(Effort(), [(parse("exp(x)", NAMES), *part) for part in cells_of], Fraction(1, 1000))
        low, high = found.enclosure(Fraction(value) / 4)
        assert low < value - 1e-3 * value < value + 1e-3 * value < high <= low + Fraction(value) / 4


def test_polytopes_around_parts_of_a_ball() -> None:
    """Their volumes and first moments, against the integrals along lines."""
    source, meets = random.Random(3), 0
    for _ in range(8):
        around = tuple(Fraction(source.randint(*span), 5) for span in ((-3, 3), (-3, 3), (-3, 3), (4, 8)))
        rim = [
            c + around[3] * x for c, x in zip(around, source.choice([(1, 0, 0), (0, 0, -1), (0, 1, 0)]), strict=False)
        ]
        corners = [tuple(x + Fraction(source.randint(-6, 6), 20) for x in rim) for _ in range(4)]
        piece = Round(Effort(), around, corners)
        if not piece.size or piece.whole:
            continue
        inner, means, rest = piece.moments
        share, *moments = (integral(text, [(around, *corners)], 1e-5) / float(piece.size) for text in ("1", *NAMES))
        assert float(inner) - 1e-4 <= share <= float(inner + rest) + 1e-4
        meets += 0.01 < share < 0.99 and rest < Fraction(1, 4)
        ways = [[float(x - y) for x, y in zip(corner, corners[0], strict=True)] for corner in corners[1:]]
        middle = [float(x) for x in centre(corners)]
        low = [float(m - rest / 4) for m in means]
        for k, moment in enumerate(moments):  # x - middle is the sum of t_i times the edge i
            spread = sum(float(rest) * abs(way[k]) for way in ways)
            least = sum(min(m * way[k], (m + float(rest)) * way[k]) for m, way in zip(low, ways, strict=True))
            assert least - 1e-4 <= moment - share * middle[k] <= least + spread + 1e-4
    assert meets > 2


@pytest.mark.parametrize("h", ["1/3", "1", "8/5", "1/1000", "1999/1000"])
def test_caps(h: str) -> None:
    """A cap of height h: pi h^2 (3 - h)/3, and pi h^2 (2 - h)^2/4 for the first moment along its axis."""
    height = Fraction(h)
    wall = plane("2/3", "2/3", "1/3", height - 1)
    parts = [p for p in between(ball(0, 0, 0, 1), [wall]) if max(wall.value(v) for v in p if len(v) == 3) > 0]
    size = float(height)
    assert abs(integral("1", parts, 1e-9) - math.pi * size**2 * (3 - size) / 3) < 2e-9
    assert abs(integral("(2*x + 2*y + z)/3", parts, 1e-9) - math.pi * size**2 * (2 - size) ** 2 / 4) < 2e-9


def over_lines(around: Ball, corners: list[tuple[Fraction, ...]], n: int = 500) -> list[float]:
    """The integrals of 1, x z^2 and y^3 z over a tetrahedron's part in a ball, by n^2 lines along the last axis."""
    *middle, r = map(float, around)
    points = np.array([[float(x) for x in corner] for corner in corners])
    lows = np.maximum(points.min(0), np.array(middle) - r)
    steps = (np.minimum(points.max(0), np.array(middle) + r) - lows) / n
    if min(steps) <= 0:
        return [0.0] * 3
    x, y = (lows[i] + steps[i] * (np.arange(n) + 0.5) for i in range(2))
    x, y = np.meshgrid(x, y, indexing="ij")
    reach = np.sqrt(np.maximum(0, r**2 - (x - middle[0]) ** 2 - (y - middle[1]) ** 2))
    low, high = middle[2] - reach, middle[2] + reach
    for row in np.linalg.inv(np.vstack([points.T, np.ones(4)])):  # barycentric coordinates are >= 0
        rest = row[0] * x + row[1] * y + row[3]
        if abs(row[2]) < 1e-12:
            high = np.where(rest < 0, low, high)
        elif row[2] > 0:
            low = np.maximum(low, -rest / row[2])
        else:
            high = np.minimum(high, -rest / row[2])
    high = np.maximum(low, high)
    values = high - low, x * (high**3 - low**3) / 3, y**3 * (high**2 - low**2) / 2
    return [float(v.sum() * steps[0] * steps[1]) for v in values]


@pytest.mark.many
def test_random_tetrahedra() -> None:
    """Corners and centres with small coordinates, so that faces and edges often pass through the centre."""
    source, meets = random.Random(7), 0
    for _ in range(24):
        corners = [tuple(Fraction(source.randint(-4, 4), 2) for _ in range(3)) for _ in range(4)]
        around = (*tuple(Fraction(source.randint(-1, 1), 2) for _ in range(3)), Fraction(source.randint(2, 8), 4))
        if not volume(tuple(corners)):
            continue
        expected = over_lines(around, corners)
        meets += 0.01 < expected[0] < 0.99 * float(volume(tuple(corners)))
        for text, value in zip(("1", "x*z**2", "y**3*z"), expected, strict=True):
            assert abs(integral(text, [(around, *corners)], 1e-3) - value) < 0.002
    assert meets > 8


@pytest.mark.parametrize("text", ["1 - x**2 - y**2 - z**2", "(1 - x**2 - y**2 - z**2)**2", "x**2 + y**2 + z**4"])
def test_a_sign_that_holds_on_the_ball_only(text: str) -> None:
    for cell in cells(Effort(), [ball(0, 0, 0, 1)]):
        check_sign(Effort(), parse(text, NAMES), cell, ">=", "a negative value")


@pytest.mark.parametrize("text", ["99/100 - x**2 - y**2 - z**2", "1/2 - z", "1 - x**2 - y**2 - z**2 + x*z"])
def test_a_sign_that_fails_on_the_ball(text: str) -> None:
    with pytest.raises((InvalidError, UndecidedError)):
        for cell in cells(Effort(), [ball(0, 0, 0, 1)]):
            check_sign(Effort(), parse(text, NAMES), cell, ">=", "a negative value")


def certificate(target: str, density: str, width: int, *jumps: tuple[str, str]) -> dict[str, Any]:
    return certify(
        Problem(
            domain={"variables": NAMES, "ball": {"center": ["0", "0", "0"], "radius": "1"}},
            target=target,
            density=density,
            width=width,
            response={"affine": "0", "halfspaces": [{"where": where, "jump": jump} for where, jump in jumps]},
        )
    ).document()


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return certificate("x + y*z", "1", 2, ("x + y/3 - 1/5 > 0", "1"))


def test_a_certificate_over_a_ball(document: dict[str, Any]) -> None:
    assert audit_text(json.dumps(document)).verdict == "valid"


@pytest.mark.many
@pytest.mark.parametrize(
    ("target", "density", "jumps"),
    [
        ("x + y*z", "1 - x**2 - y**2 - z**2", [("x + y/3 - 1/5 > 0", "1")]),
        ("x**2 - y*z + z", "1", [("x + y/3 - 1/5 > 0", "1"), ("z - x/2 + 1/7 > 0", "1/2")]),
        ("exp(x)*cos(y*z)", "1", [("x + y/3 - 1/5 > 0", "1")]),
    ],
)
def test_certificates_over_a_ball(target: str, density: str, jumps: list[tuple[str, str]]) -> None:
    found = audit_text(json.dumps(certificate(target, density, 2 * len(jumps) + 1, *jumps)))
    assert found.verdict == "valid", found.reason


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("problem.domain.ball.radius", "5/4"),
        ("problem.domain.ball.center", ["1/2", "0", "0"]),
        ("problem.domain", {"variables": NAMES, "box": [["-1", "1"]] * 3}),
        ("problem.density.expression", "1 - x**2 - y**2 - z**2"),
        ("claim.gain", {"lower": "0.51", "upper": "0.6"}),
        ("claim.response_risk", {"lower": "1.1", "upper": "1.2"}),
    ],
)
@pytest.mark.many
def test_near_misses(document: dict[str, Any], path: str, value: Any) -> None:
    assert audit_text(json.dumps(changed(document, path, value))).verdict == "invalid"
