"""Enclosures on wide complex boxes hold sampled values (mpmath) and are not much wider than the sample."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import mpmath
import pytest
from flint import acb, arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.expressions import parse, wide
from verify.expressions.balls import compile_balls

ends = st.floats(-9, 9).map(lambda v: round(v, 3))
pairs = st.tuples(ends, ends).map(lambda p: (min(p), max(p)))
HALF = arb(3) / 2
CASES: dict[str, tuple[Callable[[acb], acb], Callable[[mpmath.mpc], mpmath.mpc], float]] = {
    "square": (wide.square, lambda z: z * z, 1.01),
    "exp": (wide.exp, mpmath.exp, 1.5),
    "cosh": (wide.cosh, mpmath.cosh, 1.5),
    "sinh": (wide.sinh, mpmath.sinh, 1.5),
    "inverse": (wide.inverse, lambda z: 1 / z, 1.1),
    "log": (wide.log, mpmath.log, 1.1),
    "log cosh": (wide.log_cosh, lambda z: mpmath.log(mpmath.cosh(z)), 1.5),
    "softplus": (wide.softplus, lambda z: mpmath.log(1 + mpmath.exp(z)), 1.5),
    "tanh": (wide.tanh, mpmath.tanh, 1.2),
    "erf": (wide.erf, mpmath.erf, 40.0),
    "atan": (wide.atan, mpmath.atan, 2.5),
    "power": (lambda z: wide.power(z, HALF), lambda z: z ** mpmath.mpf("1.5"), 7.0),
}


def box(x: tuple[float, float], y: tuple[float, float]) -> acb:
    return acb(arb(x[0]).union(arb(x[1])), arb(y[0]).union(arb(y[1])))


def holds(part: arb, value: mpmath.mpf) -> bool:
    slack = mpmath.mpf("1e-12") * (1 + abs(value))
    low, high = (mpmath.mpf(end.mid().str(30, radius=False)) for end in (part.lower(), part.upper()))
    return bool(low - slack <= value <= high + slack)


def samples(x: tuple[float, float], y: tuple[float, float], count: int = 5) -> list[mpmath.mpc]:
    steps = [mpmath.mpf(i) / (count - 1) for i in range(count)]
    return [
        mpmath.mpc(x[0] + (mpmath.mpf(x[1]) - x[0]) * s, y[0] + (mpmath.mpf(y[1]) - y[0]) * t)
        for s, t in product(steps, steps)
    ]


@pytest.mark.parametrize("name", CASES)
@given(x=pairs, y=pairs, flat=st.sampled_from([0, 0.1, 1]))
@settings(max_examples=max(60, settings.default.max_examples // 10))
def test_boxes_hold_the_values(name: str, x: tuple[float, float], y: tuple[float, float], flat: float) -> None:
    ours, theirs, _ = CASES[name]
    ctx.prec = 80
    if name in ("exp", "sinh", "cosh", "erf", "tanh", "atan", "log cosh", "softplus"):
        flat = flat / 10
    y = (y[0] * flat, y[1] * flat)
    found = ours(box(x, y))
    if not found.is_finite():
        return
    with mpmath.workdps(30):
        for z in samples(x, y):
            value = theirs(z)
            assert holds(found.real, value.real) and holds(found.imag, value.imag), (z, value, found)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("x", [(0.5, 3.0), (1.0, 1.5), (2.0, 8.0)])
@pytest.mark.parametrize("y", [(-0.2, 0.4), (0.1, 0.5), (0.0, 0.0)])
def test_boxes_are_not_much_wider_than_the_values(name: str, x: tuple[float, float], y: tuple[float, float]) -> None:
    ours, theirs, factor = CASES[name]
    ctx.prec = 80
    found = ours(box(x, y))
    values = [theirs(z) for z in samples(x, y, 15)]
    for part, seen in ((found.real, [v.real for v in values]), (found.imag, [v.imag for v in values])):
        spread = float(max(seen) - min(seen))
        assert 2 * float(part.rad()) <= factor * spread + 1e-12, (name, found, min(seen), max(seen))


@pytest.mark.parametrize("name", ["inverse", "log", "power", "atan", "tanh", "log cosh"])
def test_a_box_around_a_singularity_is_refused(name: str) -> None:
    assert not CASES[name][0](box((-1, 1), (-2, 2))).is_finite()


@pytest.mark.parametrize("x", [(-1e6, 1e6), (999999.0, 1e6), (-1e6, -999999.0)])
def test_far_away_nothing_overflows(x: tuple[float, float]) -> None:
    for name, low, high in (("log cosh", 0.0, 1e6), ("softplus", -1e-9, 1e6), ("tanh", -1.0, 1.0)):
        found = CASES[name][0](box(x, (-0.1, 0.1)))
        assert found.is_finite() and low - 0.02 <= float(found.real.lower()) <= float(found.real.upper()) <= high + 0.02


@pytest.mark.parametrize(
    "text", ["1/(1 + x**2)", "log(1 + exp(x))", "log(exp(x) + 1)", "log(cosh(x))", "tanh(x)", "atan(x)"]
)
def test_expressions_that_are_defined_everywhere_are_bounded_on_wide_intervals(text: str) -> None:
    function = compile_balls(parse(text, ("x",)), ("x",))
    for low, high in ((-17.0, 30.0), (-1000.0, 1.0), (0.0, 40.0)):
        found = function([box((low, high), (0.0, 0.0))], False)
        assert found.is_finite() and found.imag.is_zero()
