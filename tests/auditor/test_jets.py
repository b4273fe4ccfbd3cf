"""Jets and integrals against mpmath: Taylor coefficients at every point of a cell, enclosures of integrals."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import pytest

from verify.auditor.evaluate import Evaluation
from verify.auditor.grammar import parse
from verify.auditor.integrate import Integral
from verify.auditor.verdicts import Effort, UndecidedError

mp = mpmath.mpf
FUNCTIONS: dict[str, Any] = {
    "x**5 - 3*x + 1/7": lambda x: x**5 - 3 * x + mp(1) / 7,
    "exp(x/2 - x**2)": lambda x: mpmath.exp(x / 2 - x**2),
    "log(1 + x + x**2)": lambda x: mpmath.log(1 + x + x**2),
    "sin(3*x)*cos(2*x)": lambda x: mpmath.sin(3 * x) * mpmath.cos(2 * x),
    "tan(x) + tanh(3*x)": lambda x: mpmath.tan(x) + mpmath.tanh(3 * x),
    "asin(x/2) - 2*acos(x**2/3)": lambda x: mpmath.asin(x / 2) - 2 * mpmath.acos(x**2 / 3),
    "atan(2*x)": lambda x: mpmath.atan(2 * x),
    "sinh(x) - cosh(x/3)": lambda x: mpmath.sinh(x) - mpmath.cosh(x / 3),
    "sqrt(1 + x) + (2 - x)**(5/3)": lambda x: mpmath.sqrt(1 + x) + (2 - x) ** (mp(5) / 3),
    "1/(1 + x**2)**3 + pi": lambda x: 1 / (1 + x**2) ** 3 + mpmath.pi,
    "erf(2*x) + E**x": lambda x: mpmath.erf(2 * x) + mpmath.exp(x),
    "(1 + x)**(1 + x)": lambda x: (1 + x) ** (1 + x),
}


@pytest.mark.parametrize("text", FUNCTIONS)
def test_taylor_coefficients(text: str) -> None:
    node, f = parse(text, ["x"]), FUNCTIONS[text]
    a, b = Fraction(1, 7), Fraction(2, 5)
    n, p, radius = 6, 96, mp(b.numerator) / b.denominator / 2 - mp(a.numerator) / a.denominator / 2
    mpmath.mp.dps = 60
    radius = (mp(2) / 5 - mp(1) / 7) / 2
    wide = Evaluation(Effort(), p, n, (a,), (b,))
    for evaluation in (wide, Evaluation(Effort(), p, n, (a,), (b,), at_middle=True)):
        jet = evaluation(node)
        for x in [mp(1) / 7, mp(1) / 5, mp(3) / 10, mp(2) / 5] if evaluation is wide else [mp(19) / 70]:
            assert jet.lo <= f(x) * mp(2) ** p <= jet.hi
            for k, c in enumerate(mpmath.taylor(f, x, n)):
                assert abs(c * radius**k * mp(2) ** p - jet.mid[k]) <= jet.rad[k] + mp(2) ** (p - 80)
        if evaluation is not wide:
            assert max(jet.rad) < 1 << 14


def sine_minus_x(x: Any) -> Any:
    return mpmath.sin(2 * mpmath.pi * x) - x


INTEGRALS: list[tuple[str, str, str, Any]] = [
    (
        "exp(x)*(sin(2*pi*x) - x)**2",
        "0",
        "1",
        lambda: mpmath.quad(lambda x: mpmath.exp(x) * sine_minus_x(x) ** 2, [0, 1]),
    ),
    ("sqrt(x)", "0", "1", lambda: mp(2) / 3),
    ("x**(1/3)", "0", "1", lambda: mp(3) / 4),
    ("Abs(x - 1/3)**(3/2)", "0", "1", lambda: ((mp(1) / 3) ** 2.5 + (mp(2) / 3) ** 2.5) / 2.5),
    ("(1 - x**2)**(1/2)", "-1", "1", lambda: mpmath.pi / 2),
    ("sin(50*x)**2", "0", "1", lambda: (1 - mpmath.sin(100) / 100) / 2),
    ("exp(-1000000*(x - 1/3)**2)", "0", "1", lambda: mpmath.sqrt(mpmath.pi) / 1000),
    ("1/(1 + 25*x**2)", "-1", "1", lambda: 2 * mpmath.atan(5) / 5),
    ("Abs(x**2 - 2)", "0", "2", lambda: (8 * mpmath.sqrt(2) - 4) / 3),
    ("sign(x**2 - 2)", "0", "2", lambda: 2 - 2 * mpmath.sqrt(2)),
    ("floor(exp(x))", "0", "1", lambda: 2 - mpmath.log(2)),
    ("Max(sin(x), cos(x))", "0", "pi/2", None),
    ("asin(x)", "-1", "1", lambda: mp(0)),
    ("log(1 + x)", "0", "1", lambda: 2 * mpmath.log(2) - 1),
]


@pytest.mark.parametrize("text, a, b, reference", [i for i in INTEGRALS if i[3]], ids=[i[0] for i in INTEGRALS if i[3]])
def test_integrals(text: str, a: str, b: str, reference: Any) -> None:
    tolerance = Fraction(1, 10**7)
    low, high = Integral(Effort(), [(parse(text, ["x"]), (Fraction(a),), (Fraction(b),))], tolerance).enclosure(
        tolerance
    )
    assert 0 < high - low <= tolerance
    mpmath.mp.dps = 30
    assert mp(low.numerator) / low.denominator <= reference() <= mp(high.numerator) / high.denominator


@pytest.mark.parametrize(
    "text, a, b, value",
    [
        ("x**10", "-1", "2", "2049/11"),
        ("Abs(x - 1/3)", "0", "1", "5/18"),
        ("Max(x, 1 - x, 3/4)", "0", "1", "13/16"),
        ("Abs(x**2 - 1/4)", "0", "1", "1/4"),
        ("Piecewise((x, x < 1/2), (1 - x, True))*Heaviside(x - 1/4)", "0", "1", "7/32"),
        ("floor(3*x) + ceiling(-2*x) + sign(x - 1/5)", "0", "1", "11/10"),
        ("Min(Abs(x), Abs(x - 1))", "-1", "2", "5/4"),
        ("Abs(Abs(x) - 1/2)", "-1", "1", "1/2"),
    ],
)
def test_piecewise_polynomials_are_exact(text: str, a: str, b: str, value: str) -> None:
    low, high = Integral(Effort(), [(parse(text, ["x"]), (Fraction(a),), (Fraction(b),))], Fraction(1)).enclosure()
    assert low == high == Fraction(value)


def test_refinement_goes_on_where_it_stopped() -> None:
    integral = Integral(
        Effort(), [(parse("sin(x)*exp(x)", ["x"]), (Fraction(0),), (Fraction(3),))], Fraction(1, 10**30)
    )
    first = integral.enclosure(Fraction(1, 100))
    second = integral.enclosure(Fraction(1, 10**30))
    assert first[0] <= second[0] < second[1] <= first[1]
    assert second[1] - second[0] <= Fraction(1, 10**30)


def test_effort_is_limited() -> None:
    with pytest.raises(UndecidedError, match="effort"):
        Integral(
            Effort(steps=20_000), [(parse("sin(10000*x)", ["x"]), (Fraction(0),), (Fraction(1),))], Fraction(1, 10**6)
        ).enclosure(Fraction(1, 10**6))
    with pytest.raises(UndecidedError, match="no bound"):
        Integral(Effort(), [(parse("x**(-1/2)", ["x"]), (Fraction(0),), (Fraction(1),))], Fraction(1, 10**6)).enclosure(
            Fraction(1, 10**6)
        )
