"""LaTeX and texts of exact objects."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy

from proofs.closure.notation import default_variables, latex_affine, latex_name, latex_response, power_text, term_text
from proofs.closure.vectors import ExactAffine, response_of
from proofs.geometry.affine import Affine
from proofs.response import GeneralizedResponse

HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    ("function", "latex"),
    [
        (Affine.of([1, -1], HALF), r"x-y+\tfrac{1}{2}"),
        (Affine.of([-HALF, 0]), r"-\tfrac{1}{2}\,x"),
        (Affine.of([0, 0]), "0"),
        (Affine.of([0, 0], -2), "-2"),
        (ExactAffine((sympy.pi, Fraction(0), 1 + sympy.sqrt(2))), r"\pi\,x+1 + \sqrt{2}"),
        (ExactAffine((1 + sympy.sqrt(2), Fraction(1), Fraction(0))), r"\left(1 + \sqrt{2}\right)\,x+y"),
    ],
)
def test_affine_functions(function: Affine | ExactAffine, latex: str) -> None:
    assert latex_affine(function, "xy") == latex


def test_responses() -> None:
    step = GeneralizedResponse.of(Affine.of([0]), [(Affine.of([1], -HALF), Affine.of([0], 1))])
    assert latex_response(step, "x") == r"\mathbf{1}_{\{x-\tfrac{1}{2} > 0\}}"
    assert latex_response(GeneralizedResponse(Affine.of([0]), ()), "x") == "0"
    sloped = GeneralizedResponse.of(Affine.of([1]), [(Affine.of([1]), Affine.of([2], 1))])
    assert latex_response(sloped, "x") == r"x + \left(2\,x+1\right)\,\mathbf{1}_{\{x > 0\}}"
    irrational = response_of((Fraction(0), Fraction(0)), [((Fraction(1), Fraction(0)), (Fraction(0), sympy.pi))])
    assert latex_response(irrational, "x") == r"\left(\pi\right)\,\mathbf{1}_{\{x > 0\}}"


def test_names_and_powers() -> None:
    assert [latex_name(n) for n in ("x", "x12", "x_1", "height")] == ["x", "x_{12}", "x_{1}", r"\mathrm{height}"]
    assert default_variables(2) == ("x", "y") and default_variables(4) == ("x1", "x2", "x3", "x4")
    assert power_text("k", Fraction(-2)) == "k**-2" and power_text("k", -HALF) == "k**(-1/2)"
    assert term_text(Affine.of([1], -HALF), "x", "k", Fraction(-1)) == "(x - 1/2)*k**-1"
