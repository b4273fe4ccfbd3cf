"""Discs: areas and moments against closed forms and sums over lines, and certificates over discs with near-misses."""

from __future__ import annotations

import json
import math
import random
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from tests.auditor.builder import changed
from verify import Problem, certify
from verify.auditor import audit_text
from verify.auditor.affine import Affine, Jump, Response, Shape
from verify.auditor.balls import Ball, Round, covering
from verify.auditor.domains import check_sign
from verify.auditor.grammar import parse
from verify.auditor.integrate import Integral
from verify.auditor.partitions import Cell, cells, pieces
from verify.auditor.simplices import Point, centre, distance, union, volume
from verify.auditor.verdicts import Effort, InvalidError, UndecidedError

UNIT = (Fraction(0), Fraction(0), Fraction(1))


def ball(x: Any, y: Any, r: Any) -> Shape:
    return Shape("ball", ((Fraction(x), Fraction(y)),), Fraction(r))


def between(shape: Shape, walls: list[Affine]) -> list[Cell]:
    """The cells of a shape between straight lines, at which a response jumps."""
    nothing = Affine((Fraction(0),) * len(shape.points[0]), Fraction(0))
    response = Response(nothing, tuple(Jump(wall, nothing) for wall in walls))
    return [cell for cell, _ in pieces(Effort(), cells(Effort(), [shape]), response)]


@pytest.mark.parametrize("disc", [("0", "0", "1"), ("1/3", "-7/5", "3/7"), ("1", "2", "1e-9"), ("-5", "1/9", "1e9")])
def test_cells_add_up_to_the_area_of_the_disc(disc: tuple[str, str, str]) -> None:
    x, y, r = map(Fraction, disc)
    walls = [Affine((Fraction(1), Fraction(2)), -x - 2 * y - r / 3), Affine((Fraction(3), Fraction(-1)), y - 3 * x)]
    parts = between(ball(x, y, r), walls)
    low, high = Integral(Effort(), [(parse("1", ["x", "y"]), *c) for c in parts], r**2 / 10**9).enclosure(r**2 / 100)
    assert low / r**2 <= Fraction(math.pi) <= high / r**2 <= low / r**2 + Fraction(1, 100)


def test_a_segment_of_a_disc() -> None:
    """Beyond x = 1/2: area pi/3 - sqrt(3)/4, first moment of x 2/3 (3/4)^(3/2)."""
    wall = [Affine((Fraction(1), Fraction(0)), Fraction(-1, 2))]
    parts = [c for c in between(ball(0, 0, 1), wall) if min(v[0] for v in c[1:]) >= Fraction(1, 2)]
    for text, value in (("1", math.pi / 3 - math.sqrt(3) / 4), ("x", 2 / 3 * 0.75**1.5), ("y", 0.0)):
        integral = Integral(Effort(), [(parse(text, ["x", "y"]), *c) for c in parts], Fraction(1, 10**8))
        low, high = integral.enclosure(Fraction(1, 10**3))
        assert low <= Fraction(value) <= high <= low + Fraction(1, 10**3)


def over_lines(disc: Ball, triangle: list[Point]) -> list[float]:
    """The integrals of 1, x and y over a triangle's part in a disc, by 20,000 vertical lines."""
    cx, cy, r = map(float, disc)
    corners = [(float(x), float(y)) for x, y in triangle]
    left, right = max(cx - r, min(x for x, _ in corners)), min(cx + r, max(x for x, _ in corners))
    total, n = [0.0, 0.0, 0.0], 20_000
    for i in range(n if left < right else 0):
        x = left + (right - left) * (i + 0.5) / n
        heights = [
            a[1] + (b[1] - a[1]) * (x - a[0]) / (b[0] - a[0])
            for a, b in zip(corners, corners[1:] + corners[:1], strict=True)
            if (a[0] - x) * (b[0] - x) < 0
        ]
        if len(heights) == 2:
            reach = math.sqrt(max(0.0, r * r - (x - cx) ** 2))
            low, high = max(min(heights), cy - reach), min(max(heights), cy + reach)
            if low < high:
                for k, term in enumerate((high - low, (high - low) * x, (high**2 - low**2) / 2)):
                    total[k] += term * (right - left) / n
    return total


def test_random_triangles() -> None:
    """Small triangles at the rim, so that the two polytopes around the part are close to each other."""
    source, meets = random.Random(5), 0
    for _ in range(30):
        triangle = [(Fraction(source.randint(-14, 14), 7), Fraction(source.randint(-14, 14), 7)) for _ in range(3)]
        disc = tuple(Fraction(source.randint(*span), 5) for span in ((-3, 3), (-3, 3), (2, 8)))
        t, middle = Fraction(source.randint(-20, 20), 10), centre(triangle)
        rim = (1 - t**2) / (1 + t**2), 2 * t / (1 + t**2)
        new = [c + disc[2] * x for c, x in zip(disc, rim, strict=False)]
        triangle = [tuple(n + disc[2] * (x - m) / 20 for x, m, n in zip(p, middle, new, strict=True)) for p in triangle]
        piece = Round(Effort(), disc, triangle)
        if not piece.size:
            continue
        area, x, y = over_lines(disc, triangle)
        (a, b), (c, d) = [(float(p[0] - triangle[0][0]), float(p[1] - triangle[0][1])) for p in triangle[1:]]
        px, py = x - float(triangle[0][0]) * area, y - float(triangle[0][1]) * area
        size = a * d - b * c
        expected = [area, (px * d - py * c) / size - area / 3, (py * a - px * b) / size - area / 3]
        inner, means, rest = piece.moments
        found = [(inner, inner + rest), *((m - rest / 3, m + rest * 2 / 3) for m in means)]
        for (low, high), value in zip(found, expected, strict=True):
            assert float(low) - 1e-3 <= value / float(piece.size) <= float(high) + 1e-3
        assert (area == 0) == (distance(disc[:-1], triangle) >= disc[2] ** 2) or area < 1e-6
        if 0.01 < area / float(piece.size) < 0.99:
            meets += 1
            assert found[0][1] - found[0][0] < Fraction(1, 3)
    assert meets > 10


def test_distance_in_space() -> None:
    """Against the least value over many points of the simplex, in three dimensions."""
    source = random.Random(2)
    for _ in range(20):
        corners = [tuple(Fraction(source.randint(-9, 9), 3) for _ in range(3)) for _ in range(4)]
        ball = tuple(Fraction(source.randint(-9, 9), 2) for _ in range(4))
        if not volume(tuple(corners)):
            continue
        found, best = float(distance(ball[:-1], corners)), math.inf
        for i, j, k in product(range(21), repeat=3):
            if i + j + k <= 20:
                weights = [i / 20, j / 20, k / 20, (20 - i - j - k) / 20]
                point = [sum(w * float(c[axis]) for w, c in zip(weights, corners, strict=True)) for axis in range(3)]
                best = min(best, sum((x - float(c)) ** 2 for x, c in zip(point, ball, strict=False)))
        assert found <= best + 1e-9 and math.sqrt(best) - math.sqrt(found) < 0.8


def test_triangles_that_touch_a_disc_or_nearly() -> None:
    near, tiny = Fraction(1), Fraction(1, 10**12)
    for gap, meets in ((Fraction(0), False), (tiny, False), (-tiny, True)):
        triangle = [(near + gap, Fraction(-1)), (near + gap, Fraction(1)), (Fraction(2), Fraction(0))]
        assert (distance(UNIT[:-1], triangle) < 1) is meets
    for offset, count in ((Fraction(1), 0), (1 - tiny, 1)):
        parts = between(ball(0, 0, 1), [Affine((Fraction(1), Fraction(0)), -offset)])
        assert any(max(v[0] for v in c[1:]) > offset for c in parts) is bool(count)


def test_discs_that_overlap_are_left_open_and_others_are_not() -> None:
    with pytest.raises(UndecidedError, match="overlaps"):
        covering(Effort(), [ball(0, 0, 1), ball("19/10", 0, 1)])
    with pytest.raises(UndecidedError, match="overlaps"):
        covering(Effort(), [Shape("box", ((Fraction(9, 10), Fraction(0)), (Fraction(2), Fraction(1)))), ball(0, 0, 1)])
    square = Shape("box", ((Fraction(1), Fraction(0)), (Fraction(2), Fraction(1))))
    assert len(covering(Effort(), [square, ball(0, 0, 1), ball(0, 2, 1)])) == 6


@pytest.mark.parametrize("text", ["1 - x**2 - y**2", "2 - 2*x**2 - 2*y**2", "x**2 + y**2", "5/4 - x - y/2 + y**4"])
def test_a_sign_that_holds_on_the_disc_only(text: str) -> None:
    for cell in cells(Effort(), [ball(0, 0, 1)]):
        check_sign(Effort(), parse(text, ["x", "y"]), cell, ">=", "a negative value")


def test_the_sign_of_the_distance_to_the_rim_of_another_disc() -> None:
    for cell in cells(Effort(), [ball(2, 1, "1/2")]):
        check_sign(Effort(), parse("1/4 - (x - 2)**2 - (y - 1)**2", ["x", "y"]), cell, ">=", "a negative value")
        with pytest.raises((InvalidError, UndecidedError)):
            check_sign(Effort(), parse("1/5 - (x - 2)**2 - (y - 1)**2", ["x", "y"]), cell, ">=", "a negative value")


_DISC = "1 - x**2 - y**2"


@pytest.mark.parametrize(
    "text",
    [
        "99/100 - x**2 - y**2", "x**2 + y**2 - 1", "1/2 - x", f"{_DISC} + 4*x*y",
        f"{_DISC} + 8*(x**3 - x)*(y**3 - y)",
        # as on a multiple of it the values at 0, (1, 1) and three of the points (+-1, 0), (0, +-1)
        *(f"{_DISC} + {way}{q}" for way in ("", "2*") for q in ("(x**2 - x)", "(y**2 - y)")),
        *(f"{_DISC} - 2*{q}" for q in ("(x**2 + x - 2*x*y)", "(y**2 + y - 2*x*y)")),
    ],
)  # fmt: skip
def test_a_sign_that_fails_on_the_disc(text: str) -> None:
    with pytest.raises((InvalidError, UndecidedError)) as found:
        for cell in cells(Effort(), [ball(0, 0, 1)]):
            check_sign(Effort(), parse(text, ["x", "y"]), cell, ">=", "a negative value")
    assert found.type is InvalidError or text.startswith("99")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return certify(
        Problem(
            domain={"variables": ["x", "y"], "ball": {"center": ["0", "0"], "radius": "1"}},
            target="exp(x)*sin(y)",
            width=3,
            response={"affine": "0", "halfspaces": [{"where": "x + y/3 - 1/5 > 0", "jump": "1"}]},
        )
    ).document()


def test_a_certificate_over_a_disc(document: dict[str, Any]) -> None:
    assert audit_text(json.dumps(document)).verdict == "valid"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("problem.domain.ball.radius", "21/20"),
        ("problem.domain.ball.center", ["0", "1/20"]),
        ("problem.domain", {"variables": ["x", "y"], "box": [["-1", "1"], ["-1", "1"]]}),
        ("problem.target.expression", "exp(x)*sin(y)*101/100"),
        ("response.halfspaces.0.where", "x + y/3 - 2 > 0"),
        ("claim.gain", {"lower": "0.9", "upper": "1"}),
        ("claim.response_risk", {"lower": "1", "upper": "1.01"}),
    ],
)
@pytest.mark.many
def test_near_misses(document: dict[str, Any], path: str, value: Any) -> None:
    assert audit_text(json.dumps(changed(document, path, value))).verdict == "invalid"


def test_a_corner_in_the_disc() -> None:
    """l = 1 - x/30 in a thin triangle with the corner 0, (l - 1/3)**2 close to 4/9 in the disc: 1/900 of it."""
    piece = Round(Effort(), UNIT, [(Fraction(30), Fraction(y, 10)) for y in (1, -1)] + [(Fraction(0), Fraction(0))])
    found = piece.bounds(parse("(2/3 - x/30)**2", ["x", "y"]), 200, 2)
    assert found is not None
    truth = sum((2 / 3 - x / 30) ** 2 * x / 150 / 1000 for x in ((i + 0.5) / 1000 for i in range(1000)))
    assert float(found[0]) < truth < float(found[1]) < 1.2 * truth


def test_a_cell_that_leaves_the_ball_on_both_sides() -> None:
    """Its ends before and behind are outside: 28 % of it lie in the disc, between x = -1 and x = 1."""
    triangle = [(Fraction(-3), Fraction(1, 10)), (Fraction(-3), Fraction(-1, 10)), (Fraction(7), Fraction(0))]
    low, _, rest = Round(Effort(), UNIT, triangle).moments
    assert low <= Fraction(28, 100) <= low + rest


def test_a_ball_is_no_union_of_simplices() -> None:
    with pytest.raises(UndecidedError, match="ball"):
        union(Effort(), [ball(0, 0, 1)])
