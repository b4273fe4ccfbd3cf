"""Arithmetic on arrays of doubles against arbitrary precision: functions, intervals, rectangles, rounding errors."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import acb, arb, ctx

from verify.expressions import parse
from verify.expressions.balls import compile_balls, to_fmpq
from verify.vectorized import elementary
from verify.vectorized.compiled import Program, UnsupportedError
from verify.vectorized.elementary import Floats
from verify.vectorized.intervals import LEAST, Interval
from verify.vectorized.points import Points, Rounded
from verify.vectorized.rectangles import Rectangle

COUNT = 300
FUNCTIONS: dict[str, tuple[Callable[[Floats], Floats], Callable[[arb], arb], float, list[float]]] = {
    "exp": (elementary.exp, arb.exp, elementary.RELATIVE, [700.0, 1.0, 1e-3]),
    "log": (elementary.log, arb.log, elementary.RELATIVE, [1e250, 4.0]),
    "atan": (elementary.atan, arb.atan, elementary.RELATIVE, [1e6, 3.0, 1e-8]),
    "sin": (lambda x: elementary.sin_cos(x)[0], arb.sin, elementary.RELATIVE, [2.0**20, 10.0]),
    "cos": (lambda x: elementary.sin_cos(x)[1], arb.cos, elementary.RELATIVE, [2.0**20, 10.0]),
    "erf": (elementary.erf, arb.erf, elementary.RELATIVE_OF_ERF, [6.0, 1.0, 1e-5]),
}
ANALYTIC = [
    "x**2*y - 3*x", "exp(x*y)", "sin(3*x) + cos(y)", "atan(x*y + 1/3)", "tanh(x) + sinh(y)*cosh(x/3)", "erf(x - y)",
    "log(cosh(x))*y", "log(1 + exp(2*x))", "1/(1 + x**2)", "sqrt(3 + x*y/9)", "(4 + x)**(3/2)", "log(5 + x)",
    "(x - y)**5", "(7 + y)**-3", "E**(x/4)", "pi*x",
]  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_elementary_functions_err_by_less_than_they_say(name: str) -> None:
    function, exact, bound, sizes = FUNCTIONS[name]
    generator = np.random.default_rng(3)
    points = np.concatenate([generator.uniform(-s, s, COUNT) for s in sizes] + [np.linspace(-1, 1, 21)])
    if name == "log":
        points = np.concatenate([np.exp(generator.uniform(-600, 600, COUNT)), np.abs(points) + 1e-9, [1.0, 0.5, 2.0]])
    with ctx.workprec(120):
        for x, y in zip(points.tolist(), function(points).tolist(), strict=True):
            value = exact(arb(x))
            scale = 1 if name in ("sin", "cos") else abs(value)
            assert abs(arb(y) - value) <= scale * bound / 8


def boxes(generator: np.random.Generator, width: float, height: float) -> tuple[Interval, Interval]:
    middle, around = generator.normal(size=COUNT) * 1.5, generator.exponential(size=COUNT) * width
    up, tall = generator.normal(size=COUNT) * height, generator.exponential(size=COUNT) * height
    return Interval(middle - around, middle + around), Interval(up - tall, up + tall)


def inside(part: Interval, index: int, value: arb) -> bool:
    return bool(arb(float(part.lo[index])) <= value) and bool(value <= arb(float(part.hi[index])))


def wide(value: Interval) -> Interval:
    return Interval(*np.broadcast_arrays(value.lo, value.hi, np.zeros(COUNT))[:2])


@pytest.mark.parametrize("text", ANALYTIC)
def test_intervals_and_rectangles_hold_sampled_values(text: str) -> None:
    expression = parse(text, ("x", "y"))
    program, exact = Program([expression], ("x", "y")), compile_balls(expression, ("x", "y"))
    generator = np.random.default_rng(5)
    finite = 0
    for width, height in ((1e-9, 0.0), (0.2, 0.1), (1.0, 0.5)):
        (a, b), (c, d) = boxes(generator, width, height), boxes(generator, width, height)
        real, complex_ = wide(program([a, c])[0]), program([Rectangle(a, b), Rectangle(c, d)])[0]
        for i in range(COUNT):
            shares = generator.choice([0.0, 1.0, 0.3, 0.77], size=4)
            ends = [(float(p.lo[i]), float(p.hi[i])) for p in (a, c, b, d)]
            x, y, u, v = (min(low + (high - low) * s, high) for (low, high), s in zip(ends, shares, strict=True))
            with ctx.workprec(200):
                if real.is_finite[i]:
                    assert inside(real, i, exact([acb(x), acb(y)], False).real)
                value = exact([acb(x, u), acb(y, v)], True)
                if complex_.is_finite[i] and value.is_finite() and abs(u) < 0.75:  # the principal logarithm until pi/2
                    finite += 1
                    assert inside(complex_.re, i, value.real)
                    assert inside(complex_.im, i, value.imag)
    assert finite > COUNT


def test_log_cosh_and_softplus_are_continued_on_half_planes() -> None:
    generator = np.random.default_rng(13)
    size, tall = generator.exponential(size=COUNT), generator.exponential(size=COUNT) * 4
    low = generator.uniform(0.2, 4, size=COUNT)
    for sign in (1.0, -1.0):
        ends = sign * low, sign * (low + size)
        z = Rectangle(Interval(np.minimum(*ends), np.maximum(*ends)), Interval(-tall, tall))
        cosh, plus, quarter, tanh = z.log_cosh(), z.softplus(), z.atan(), z.tanh()
        assert cosh.is_finite.all() and plus.is_finite.all() and tanh.is_finite.all()
        assert quarter.is_finite[low >= 1].all()
        for i in range(COUNT):
            u, v = generator.choice([0.0, 1.0, 0.4], size=2)
            point = mpmath.mpc(float(z.re.lo[i] + (z.re.hi[i] - z.re.lo[i]) * u), float(-tall[i] + 2 * tall[i] * v))
            half = sign * point
            small = mpmath.log(1 + mpmath.exp(-half))
            for found, value in (
                (cosh, half - mpmath.log(2) + mpmath.log(1 + mpmath.exp(-2 * half))),
                (plus, small + (point if sign > 0 else 0)),
                (tanh, mpmath.tanh(point)),
                (quarter, mpmath.atan(point)),
            ):
                if found.is_finite[i]:
                    assert found.re.lo[i] - 1e-12 <= value.real <= found.re.hi[i] + 1e-12
                    assert found.im.lo[i] - 1e-12 <= value.imag <= found.im.hi[i] + 1e-12


@pytest.mark.parametrize("decade", [-400, -320, -300, -180, -12, 0, 160, 300])
def test_the_modulus_of_a_rectangle_is_bounded_closely_at_any_scale(decade: int) -> None:
    generator = np.random.default_rng(7)
    a, b = (np.exp(generator.uniform(-40, 2, COUNT)) * 10.0**decade for _ in range(2))
    bound = Rectangle(Interval(-a, a / 2), Interval(b / 3, b)).size
    with ctx.workprec(200):
        for x, y, most in zip(a.tolist(), b.tolist(), bound.tolist(), strict=True):
            exact = (arb(x) ** 2 + arb(y) ** 2).sqrt()
            assert exact <= arb(most) and arb(most) <= exact * (1 + arb("1e-14")) + 2 * LEAST
    huge, lost = np.array([np.inf, 1e308]), np.array([1.0, 1e308])
    assert np.isinf(Rectangle(Interval(-huge, huge), Interval(-lost, lost)).size[0])


def test_rectangles_around_singularities_are_not_finite() -> None:
    generator = np.random.default_rng(7)
    for text, at in (("1/x", 0), ("log(x)", -1), ("sqrt(x)", 0), ("atan(x)", 1j), ("tanh(x)", 1.5707963267948966j),
                     ("log(cosh(x))", 1.6j), ("log(1 + exp(x))", 3.2j)):  # fmt: skip
        size = generator.exponential(size=COUNT) + 1e-3
        z = complex(at)
        around = Rectangle(Interval(z.real - size, z.real + size), Interval(z.imag - size, z.imag + size))
        assert not Program([parse(text, ("x",))], ("x",))([around])[0].is_finite.any(), text


@pytest.mark.parametrize("text", ANALYTIC)
def test_rounding_errors_of_plain_points_are_bounded(text: str) -> None:
    expression = parse(text, ("x", "y"))
    program, exact = Program([expression], ("x", "y")), compile_balls(expression, ("x", "y"))
    generator = np.random.default_rng(9)
    (a, _), (c, _) = boxes(generator, 0.5, 0.0), boxes(generator, 0.5, 0.0)
    off = 1e-12
    found = program([Rounded(a, np.full(COUNT, off)), Rounded(c, np.full(COUNT, off))])[0]
    assert np.isfinite(found.error).mean() > 0.9
    for share in (0.0, 0.4, 1.0):
        x, y = a.lo + (a.hi - a.lo) * share, c.lo + (c.hi - c.lo) * (1 - share)
        values = program([Points(x), Points(y)])[0].values
        for i in range(COUNT):
            with ctx.workprec(120):
                true = exact([acb(arb(float(x[i])) + off), acb(arb(float(y[i])) - off)], False).real
                if np.isfinite(found.error[i]):
                    assert abs(true - arb(float(values[i]))) <= arb(float(found.error[i]) * (1 + 1e-6))


def test_rationals_become_the_narrowest_intervals() -> None:
    for value in (Fraction(1, 3), Fraction(-7, 10), Fraction(5, 8), Fraction(0)):
        found = Interval.of(value)
        with ctx.workprec(300):
            assert arb(float(found.lo)) <= arb(to_fmpq(value)) <= arb(float(found.hi))
        assert found.hi == found.lo if value.denominator in (1, 8) else found.hi == np.nextafter(found.lo, 9)


@pytest.mark.parametrize("text", ["sign(x)", "floor(x)", "Heaviside(x)", "x**y", "tan(x)", "Abs(x)"])
def test_what_is_not_offered_is_refused(text: str) -> None:
    with pytest.raises(UnsupportedError):
        Program([parse(text, ("x", "y"))], ("x", "y"))
