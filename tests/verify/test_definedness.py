"""Where expressions are defined, and which sign they have: proved, refuted, or left open; never wrong."""

from __future__ import annotations

from fractions import Fraction

import pytest

from proofs.geometry.polytopes import Polytope
from verify.definedness import decide, first_undefined
from verify.expressions import parse

UNIT = Polytope.box([(0, 1)])


@pytest.mark.parametrize(
    "text",
    ["1/(x + 1)", "log(x + 1/100)", "sqrt(x)", "sqrt(x**2 - 2*x + 1)", "sqrt(1 - x**2)", "tan(x)", "asin(x)",
     "acos(1 - 2*x)",
     "x**(1/3)", "(x + 1)**x", "1/(x**2 + 1/1000000)", "log(exp(x))", "1/sin(x + 1)", "x**3 - 1/3",
     "Piecewise((1/x, x > 0), (0, True))", "Piecewise((log(x), x > 1/2), (x, True))", "(x - 1/2)**3",
     "Piecewise((sqrt(x - 1/2), x >= 1/2), (sqrt(1/2 - x), True))", "1/Max(x, 1/10)"],
)  # fmt: skip
def test_defined(text: str) -> None:
    assert first_undefined(parse(text, ("x",)), UNIT, ("x",)) is None


@pytest.mark.parametrize(
    ("text", "point"),
    [("1/x", 0), ("log(x)", 0), ("1/(x - 1/3)", "1/3"), ("sqrt(x - 1/2)", 0), ("1/(x - 1/3)**2", "1/3"),
     ("log(x - x**2)", 0), ("asin(x + 1)", 1), ("x**(-1/2)", 0), ("(x - 1)**(1/2)", 0), ("1/(x*x - x)", 0),
     ("Piecewise((1/x, x >= 0), (0, True))", 0)],
)  # fmt: skip
def test_undefined_with_the_point(text: str, point: str | int) -> None:
    trouble = first_undefined(parse(text, ("x",)), UNIT, ("x",))
    assert trouble is not None and trouble.certain
    assert trouble.point == (Fraction(point),)


@pytest.mark.parametrize(
    ("text", "near"), [("tan(2*x)", 0.7853981), ("1/(x**2 - 1/2)", 0.7071068), ("1/(exp(x) - 2)", 0.6931472)]
)
def test_undefined_at_irrational_points(text: str, near: float) -> None:
    trouble = first_undefined(parse(text, ("x",)), UNIT, ("x",))
    assert trouble is not None and trouble.certain
    assert abs(float(trouble.point[0]) - near) < 1e-6


@pytest.mark.parametrize(
    ("text", "relation", "verdict"),
    [("x", ">=", True), ("x", ">", False), ("x*(1 - x)", ">=", True), ("(x - 1/2)**2", ">=", True),
     ("x**2 - x + 1/4", ">=", True), ("x**2 - x + 1/4", ">", False), ("x**2 - x + 26/100", ">", True),
     ("x**2 - x + 24/100", ">=", False), ("exp(x) - 1 - x/2", ">", False), ("exp(x)", ">", True),
     ("sin(4*x)", ">=", False), ("1", ">", True), ("0", ">=", True), ("0", ">", False), ("x - 2", "<", True),
     ("x**2 - 2", "<=", True), ("x - 1", "<=", True), ("x - 1", "<", False), ("cos(x)", "!=", True)],
)  # fmt: skip
def test_signs(text: str, relation: str, verdict: bool) -> None:
    decision = decide(parse(text, ("x",)), relation, UNIT, ("x",))
    assert decision.verdict is verdict


def test_what_balls_cannot_settle_is_left_open() -> None:
    decision = decide(parse("sin(x)**2 + cos(x)**2 - 1", ("x",)), ">=", UNIT, ("x",))
    assert decision.verdict is None


@pytest.mark.parametrize(("text", "relation"), [("1 + (6*z - 6*y)**2", ">"), ("(y - 1/30)**2", ">="), ("exp(x)", "!=")])
def test_what_even_powers_say_needs_no_subdivision(text: str, relation: str) -> None:
    names = ("x", "y", "z")
    found = decide(parse(text, names), relation, Polytope.box([(0, 1)] * 3), names, max_boxes=1)
    assert found.verdict is True
    touched = decide(parse("(y - 1/2)**2", names), ">", Polytope.box([(0, 1)] * 3), names)
    assert touched.verdict is not True
