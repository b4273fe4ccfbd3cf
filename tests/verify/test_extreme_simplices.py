"""Integrals over one tetrahedron by arrays of doubles, at extreme places and scales, against divided differences.

The integral of F'''(u) for an affine u with vertex values a_0, ..., a_3 is 6 volume F[a_0, ..., a_3] (Hermite and
Genocchi), worked out with mpmath to 120 digits.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise

import mpmath
import pytest

from proofs.geometry.affine import Affine
from proofs.geometry.polytopes import determinant
from verify.expressions import parse
from verify.integration import Deadline
from verify.integration.forms import Forms, separated
from verify.integration.many import SimplicialPart

Number = mpmath.mpf
NAMES = ("x", "y", "z")
PRIMITIVES: dict[str, Callable[[Number], Number]] = {
    "exp(u)": mpmath.exp,
    "sin(2*u)": lambda u: mpmath.cos(2 * u) / 8,
    "u**4 - u": lambda u: u**7 / 210 - u**4 / 24,
    "2/(u + 9)**3": lambda u: mpmath.log(u + 9),
    "(u + 9)**(1/2)": lambda u: (u + 9) ** Number("3.5") * 8 / 105,
    "(4*u**2 - 2)*exp(-u**2)": lambda u: mpmath.sqrt(mpmath.pi) / 2 * mpmath.erf(u),
    "exp(u/2)*2*(1 - exp(u/2))": lambda u: 16 * mpmath.exp(u / 2) - 2 * mpmath.exp(u),
    "Abs(u - 1/3)": lambda u: mpmath.sign(u - third()) * (u - third()) ** 4 / 24,
    "Max(u, 1/3)": lambda u: (u**4 / 24 + u**3 / 18) / 2 + mpmath.sign(u - third()) * (u - third()) ** 4 / 48,
    "Abs(u - 1/3)**(3/2)": lambda u: power(u - third(), "1.5"),
    "Abs(u - 1/3)**(7/3)": lambda u: power(u - third(), third() * 7),
    "Abs(u - 1/3)**(5/4)": lambda u: power(u - third(), "1.25"),
}


def third() -> Number:
    return Number(1) / 3


def power(u: Number, exponent: Number | str) -> Number:
    q = Number(exponent)
    return mpmath.sign(u) * abs(u) ** (q + 3) / ((q + 1) * (q + 2) * (q + 3))


def exact(value: Fraction) -> Number:
    return Number(value.numerator) / value.denominator


def divided_difference(function: Callable[[Number], Number], places: Sequence[Fraction]) -> Number:
    points = [exact(p) for p in places]
    values = [function(p) for p in points]
    for step in range(1, len(points)):
        values = [(b - a) / (points[i + step] - points[i]) for i, (a, b) in enumerate(pairwise(values))]
    return values[0]


@pytest.mark.parametrize("text", PRIMITIVES)
def test_integrals_hold_divided_differences(text: str) -> None:
    generator = random.Random(text)
    for _ in range(12):
        scale = Fraction(10) ** generator.randint(-9, 9)
        factor = Fraction(10) ** generator.randint(-9, 9)
        place = [Fraction(generator.randint(-(10**6), 10**6)) for _ in NAMES]
        corners = [[Fraction(generator.randint(-40, 40), 16) for _ in NAMES] for _ in range(4)]
        gradient = [Fraction(generator.randint(-9, 9), 8) for _ in NAMES]
        across = Affine.of([g / scale for g in gradient], Fraction(0))
        u = across.plus(-across(place))
        simplex = [tuple(p + scale * c for p, c in zip(place, corner, strict=True)) for corner in corners]
        values = [u(corner) for corner in simplex]
        if determinant(simplex) == 0 or len(set(values)) < 4:
            continue
        forms = separated(parse(f"({factor})*({text})", ("u",)), ("u",))
        functions = tuple((form.gradient[0] * u).plus(form.constant) for form in forms.affine)
        part = SimplicialPart([(Forms(functions, forms.names, forms.body, forms.function), simplex)])
        size = float(abs(determinant(simplex))) * float(factor)
        found = part.enclose(Fraction(0), Fraction(size) / 10**8, Deadline(20))
        with mpmath.workdps(120):
            true = exact(abs(determinant(simplex)) * factor) * divided_difference(PRIMITIVES[text], values)
            assert exact(found.lower) <= true <= exact(found.upper)
        assert found.width <= Fraction(size) / 10**7
