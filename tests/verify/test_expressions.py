"""The grammar against Python's own precedence, and balls against mpmath at 40 digits."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import acb, arb, ctx, fmpq
from hypothesis import assume, given
from hypothesis import strategies as st

from proofs.geometry.affine import Affine
from tests.verify import second_route
from verify.errors import InputError
from verify.expressions import parse, parse_condition, tree
from verify.expressions.algebra import as_affine, parse_affine, parse_halfspace
from verify.expressions.analytic import is_entire
from verify.expressions.arrays import compile_array
from verify.expressions.balls import compile_balls, exact_bounds, to_fmpq
from verify.expressions.floats import compile_float
from verify.expressions.univariate import rational_roots, roots_inside, to_fraction, to_polynomial

leaves = st.sampled_from(["x", "1", "2", "1/3", "0.25", "pi", "E", "3"])


def combine(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} + {})".format, inner, inner),
        st.builds("{} - {}".format, inner, inner).map("({})".format),
        st.builds("({})*({})".format, inner, inner),
        st.builds("({})/({})".format, inner, inner),
        st.builds("-({})**2".format, inner),
        st.builds("Abs({})**(3/2)".format, inner),
        st.builds("{}({})".format, st.sampled_from(["sin", "cos", "exp", "atan", "tanh", "erf", "Abs", "sign"]), inner),
        st.builds("{}({})".format, st.sampled_from(["cosh", "sinh", "floor", "ceiling", "Heaviside"]), inner),
        st.builds("sqrt(Abs({}))".format, inner),
        st.builds("log(1 + Abs({}))".format, inner),
        st.builds("{}({}, {})".format, st.sampled_from(["Max", "Min"]), inner, inner),
        st.builds("Piecewise(({}, {} < {}), ({}, True))".format, inner, inner, inner, inner),
    )


expressions = st.recursive(leaves, combine, max_leaves=8)
points = st.builds(Fraction, st.integers(-40, 40), st.integers(1, 17))


def reference(text: str, x: Fraction) -> mpmath.mpf:
    try:
        value = second_route.function(text)(mpmath.mpf(x.numerator) / x.denominator)
    except (ZeroDivisionError, OverflowError, ValueError, MemoryError):
        assume(False)
    value = mpmath.mpmathify(value)
    assume(isinstance(value, mpmath.mpf) and mpmath.isfinite(value) and abs(value) < mpmath.mpf(10) ** 200)
    return value


@given(expressions, points)
def test_balls_at_points_contain_the_value(text: str, x: Fraction) -> None:
    ctx.prec = 160
    with mpmath.workdps(60):
        exact = reference(text, x)
        ball = compile_balls(parse(text, ("x",)), ("x",))([acb(to_fmpq(x))], False).real
        assume(ball.is_finite())
        low, high = exact_bounds(ball)
        value = Fraction(*map(int, mpmath.libmp.to_rational(exact._mpf_)))
        slack = Fraction(1, 10**35) * (1 + abs(value))
        assert low - slack <= value <= high + slack


@given(expressions, points, st.builds(Fraction, st.integers(1, 30), st.integers(1, 30)), st.integers(0, 10))
def test_balls_on_intervals_contain_every_value(text: str, x: Fraction, width: Fraction, step: int) -> None:
    with mpmath.workdps(40):
        inside = x + width * Fraction(step, 10)
        exact = reference(text, inside)
        wide = acb(arb(to_fmpq(x)).union(arb(to_fmpq(x + width))))
        ball = compile_balls(parse(text, ("x",)), ("x",))([wide], False).real
        assume(ball.is_finite())
        low, high = exact_bounds(ball)
        value = Fraction(*map(int, mpmath.libmp.to_rational(exact._mpf_)))
        slack = Fraction(1, 10**25) * (1 + abs(value))
        assert low - slack <= value <= high + slack


@given(expressions, points)
def test_floats_agree_with_the_reference(text: str, x: Fraction) -> None:
    with mpmath.workdps(40):
        exact = reference(text, x)
        value = compile_float(parse(text, ("x",)), ("x",))([float(x)])
        assume(abs(exact) < 1e12 and not any(s in text for s in ("floor", "ceiling", "sign", "Heaviside", "Piecewise")))
        assume(mpmath.isfinite(value))
        assert abs(value - exact) < 1e-6 * (1 + abs(exact)) or "/" in text or "tan" in text


@pytest.mark.parametrize("text", ["log(cosh(x - 3))", "log(1 + exp(2*x))"])
@pytest.mark.parametrize("x", [0.0, 1e-9, -3.7, 40.0, -800.0, 1e5, -1e12])
def test_floats_of_smooth_losses_do_not_overflow(text: str, x: float) -> None:
    node = parse(text, ("x",))
    with mpmath.workdps(40):
        exact = (
            mpmath.mpf(0) if (text, x) == ("log(1 + exp(2*x))", -1e12) else second_route.function(text)(mpmath.mpf(x))
        )
    for value in (compile_float(node, ("x",))([x]), float(compile_array(node, ("x",))([np.asarray(x)]))):
        assert abs(value - exact) <= 1e-15 + 1e-15 * abs(exact)


@pytest.mark.parametrize(
    ("text", "x", "value"),
    [
        ("-x**2", 3, -9), ("2**-1", 0, "1/2"), ("2**3**2", 0, 512), ("-2**2", 0, -4), ("x**0", 0, 1),
        ("1/3", 0, "1/3"), ("0.1", 0, "1/10"), ("1e3", 0, 1000), ("1e-3", 0, "1/1000"), ("1.5e1", 0, 15),
        ("2 - 3 - 4", 0, -5), ("24/4/3", 0, 2), ("2/3*x", 3, 2), ("--x", 5, 5), ("+x - -x", 5, 10),
        ("Max(x)", 4, 4), ("Max(1, x, 3)", 2, 3), ("Heaviside(x)", 0, "1/2"), ("sign(x)", 0, 0),
        ("Piecewise((1, x < 0), (2, x <= 0), (3, True))", 0, 2), ("(x + 1)**3", 1, 8), ("0**0", 0, 1),
    ],
)  # fmt: skip
def test_known_values(text: str, x: int, value: int | str) -> None:
    ball = compile_balls(parse(text, ("x",)), ("x",))([acb(x)], False).real
    low, high = exact_bounds(ball)
    assert low <= Fraction(value) <= high and high - low < Fraction(1, 10**12)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("x +", 4), ("(x", 3), ("x)", 2), ("x y", 3), ("2x", 2), ("x..real", 2), ("x.real", 2), ("sin", 4),
        ("sin(x, x)", 1), ("y", 1), ("x ** ", 6), ("x < 1", 3), ("1 = 1", 3), ("x[0]", 2), ("'x'", 1), ("x; x", 2),
        ("1e99999", 1), ("x**1001", 2), ("x**(1/2000)", 2), ("1/0", 2), ("Piecewise((1, x < 0 < 1), (1, True))", 21),
        ("Piecewise((1, x))", 16), ("lambda", 1), ("x^2", 2), ("", 1), (".5", 1), ("5.", 2), ("x!", 2),
    ],
)  # fmt: skip
def test_faults_are_placed(text: str, position: int) -> None:
    with pytest.raises(InputError, match=rf"at position {position}\)"):
        parse(text, ("x",))


def test_conditions_and_half_spaces() -> None:
    condition = parse_condition("x - 1/2 > 0", ("x",))
    assert condition.relation == ">"
    assert parse_halfspace("1/2 < x", ("x",)).side == Affine.of([1], Fraction(-1, 2))
    assert parse_halfspace("2*x + y < 3", ("x", "y")).side == Affine.of([-2, -1], 3)
    for bad in ("x > x", "x >= 0", "True", "x*x > 0", "sin(x) > 0", "x"):
        with pytest.raises(InputError):
            parse_halfspace(bad, ("x",))


@pytest.mark.parametrize(
    ("text", "gradient", "constant"),
    [("2*(x + 3)/4 - x", "-1/2", "3/2"), ("(x + 1) - (x - 1)", 0, 2), ("x*3**2/2", "9/2", 0), ("-(-x)", 1, 0)],
)
def test_affine_readings(text: str, gradient: str, constant: str) -> None:
    assert parse_affine(text, ("x",)) == Affine.of([Fraction(gradient)], Fraction(constant))


@pytest.mark.parametrize("text", ["x**2", "x*x", "1/x", "pi*x", "Abs(x)", "sin(1)", "Max(x, 1)", "x**(1/2)"])
def test_what_is_not_affine_is_not_read_as_affine(text: str) -> None:
    assert as_affine(parse(text, ("x",)), ("x",)) is None


@pytest.mark.parametrize("text", ["1/x", "exp(x)", "pi", "x**(1/2)", "Abs(x)"])
def test_what_is_not_polynomial_is_not_read_as_polynomial(text: str) -> None:
    assert to_polynomial(parse(text, ("x",)), "x") is None


@given(st.lists(points, min_size=1, max_size=5), points, points)
def test_roots_are_counted_exactly(roots: list[Fraction], a: Fraction, b: Fraction) -> None:
    assume(a < b)
    text = "*".join(f"(x - ({r}))" for r in roots) + "*(x**2 + 1)"
    polynomial = to_polynomial(parse(text, ("x",)), "x")
    assert polynomial is not None
    assert sorted(rational_roots(polynomial)) == sorted(set(roots))
    inside = [r for r in set(roots) if a < r < b]
    odd = [r for r in inside if roots.count(r) % 2]
    assert roots_inside(polynomial, a, b, closed=False) == (len(inside), len(odd))
    assert roots_inside(polynomial, a, b, closed=True)[0] == len([r for r in set(roots) if a <= r <= b])
    assert to_fraction(polynomial(fmpq(0))) == Fraction(int(polynomial(fmpq(0)).p), int(polynomial(fmpq(0)).q))


def test_folding_keeps_the_value() -> None:
    folded = tree.folded(tree.substituted(parse("2*3*x + 0 + (1 + p)**2*x**1", ("x", "p")), {"p": tree.ONE}))
    assert as_affine(folded, ("x",)) == Affine.of([10], 0)


@pytest.mark.parametrize(
    ("text", "entire"),
    [
        ("x**3*exp(-sin(x*y)) + pi*cosh(y)", True), ("erf(x)/2 + cos(y)**2", True), ("1/(1 + x**2)", False),
        ("log(cosh(x))", False), ("sqrt(x**2 + 1)", False), ("tanh(x)", False), ("Abs(x)", False), ("2**x", False),
    ],
)  # fmt: skip
def test_entire_functions_by_form(text: str, entire: bool) -> None:
    """A function that is called entire has no pole or branch point; 2**x is entire, but not seen to be."""
    assert is_entire(parse(text, ("x", "y"))) is entire
