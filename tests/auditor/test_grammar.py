"""The grammar: what an expression means, and where a fault is."""

from __future__ import annotations

import random
import time
from fractions import Fraction

import pytest
import sympy

from verify.auditor.affine import Affine, from_node
from verify.auditor.expressions import Node
from verify.auditor.grammar import parse, parse_condition, rational
from verify.auditor.verdicts import InvalidError


@pytest.mark.parametrize(
    "text, value",
    [
        ("1/3", "1/3"), ("0.25", "1/4"), ("-2", "-2"), ("1e-3", "1/1000"),
        ("+7", "7"), ("12e2", "1200"), ("-0.5e1", "-5"),
        ("0/7", "0"), ("007", "7"),
    ],
)  # fmt: skip
def test_exact_numbers(text: str, value: str) -> None:
    assert rational(text) == Fraction(value)


@pytest.mark.parametrize(
    "text",
    [
        "", " 1", "1 ", "1_0", ".5", "5.", "1/0", "1/-2", "1/2/3", "1.5/2", "1e", "1E5", "e5",
        "nan", "inf", "0x1", "１",
        "1e10000", "1e-10000", "9" * 4001, "1/" + "9" * 4000, "--1", "1e1/2", "1\n",
    ],
)  # fmt: skip
def test_what_is_no_exact_number(text: str) -> None:
    with pytest.raises(InvalidError):
        rational(text)


def test_the_longest_numbers() -> None:
    assert rational("9" * 4000) == Fraction(10**4000 - 1)
    assert rational("1e9999") == Fraction(10**9999)


@pytest.mark.parametrize(
    "text",
    [
        "-x**2", "2**3**2", "-2**2", "x - 1 - 2 - x/3/2*5", "2*-x", "x/2*3", "-(x - 1)*(x + 1)", "2**-2*x", "(-x)**3",
        "x**2*x - -x", "3 - 2*(x - (1 - x))", "0.1*x + 1e2", "(x + 1)**2/4 - 1/3", "+x - +2",
        "- - x", "((x))", "x**0 + 0**0",
    ],
)  # fmt: skip
def test_polynomials_agree_with_sympy(text: str) -> None:
    node = parse(text, ["x"])
    x = sympy.Symbol("x")
    expected = sympy.Poly(sympy.nsimplify(eval(text, {"x": x, "Rational": sympy.Rational}), rational=True), x)
    coefficients = [Fraction(int(c.p), int(c.q)) for c in reversed(expected.all_coeffs())]
    while coefficients and not coefficients[-1]:
        coefficients.pop()
    assert node.polynomial == coefficients


@pytest.mark.parametrize(
    "text, place",
    [
        ("", "character 1"),
        ("x +", "character 4"),
        ("(x", "character 3"),
        ("x)", "character 2"),
        ("2 x", "character 3: unexpected 'x'"),
        ("x.real", "character 2"),
        ("x y", "character 3"),
        ("foo(x)", "unknown name 'foo'"),
        ("__import__('os')", "character 1"),
        ("sin x", "character 5"),
        ("sin(x, x)", "character 1"),
        ("sin()", "character 5"),
        ("Max()", "character 5"),
        ("x < 1", "character 3"),
        ("True", "unknown name 'True'"),
        ("Piecewise((1, x < 0))", "last condition"),
        ("Piecewise((1, 0 < x < 1), (2, True))", "character 21"),
        ("Piecewise((1, x == 0), (2, True))", "character 17"),
        ("Piecewise(1, True)", "character 11"),
        ("'x'", "character 1"),
        ("x[0]", "character 2"),
        ("lambda: 0", "character 1"),
        ("π", "character 1"),
        ("x**1001", "exponent"),
        ("x**-1001", "exponent"),
        ("((x**100)**100)**2", "powers"),
        ("(2**1000)**1000", "powers"),
        ("1e10000", "exponent"),
        ("1.e5", "character 2"),
        ("x;1", "character 2"),
        ("x\x00", "character 2"),
    ],
)
def test_faults_have_a_place(text: str, place: str) -> None:
    with pytest.raises(InvalidError) as fault:
        parse(text, ["x"])
    assert place in str(fault.value)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "x" + ")" * 5000, "x+" * 200_000 + "x", "-" * 99_999, "x**" * 30_000 + "x",
        "sin(" * 101 + "x" + ")" * 101,
        "x+" * 20_001 + "x", "9" * 5000, "Max(" + "x," * 30_000 + "x)", "1" + "e9" * 40_000, "((x+1)*x+1)" * 9000,
    ],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_hostile_text_is_refused_quickly(text: str) -> None:
    start = time.monotonic()
    with pytest.raises(InvalidError):
        parse(text, ["x"])
    assert time.monotonic() - start < 1


def test_the_largest_that_is_accepted() -> None:
    for text in (
        "sin(" * 100 + "x" + ")" * 100,
        "x*(1+" * 100 + "x" + ")" * 100,
        "x+" * 9_990 + "x",
        "-" * 90_000 + "x",
    ):
        assert isinstance(parse(text, ["x"]), Node)
    assert len(parse("x*(1+" * 100 + "x" + ")" * 100, ["x"]).polynomial or []) == 102


def test_conditions() -> None:
    node, sign = parse_condition("2*x - 1 > x", ["x"])
    assert sign == ">" and node.polynomial == [Fraction(-1), Fraction(1)]
    with pytest.raises(InvalidError):
        parse_condition("x", ["x"])
    with pytest.raises(InvalidError):
        parse_condition("0 < x < 1", ["x"])


def test_affine_functions_of_several_variables() -> None:
    rng = random.Random(0)
    for _ in range(50):
        a, b, c = (Fraction(rng.randint(-9, 9), rng.randint(1, 9)) for _ in range(3))
        text = f"({a})*u - (v*2 - u)*({b}) + ({c})/3"
        assert from_node(parse(text, ["u", "v"]), 2) == Affine((a + b, -2 * b), c / 3)
    for text in ("u*v", "u**2", "sin(u)", "Abs(u)", "u*pi", "1/u"):
        assert from_node(parse(text, ["u", "v"]), 2) is None
