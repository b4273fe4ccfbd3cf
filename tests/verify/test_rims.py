"""Roots of what vanishes on the boundary of a ball: against integrals over slices in closed form, at any scale."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from mpmath import mpf

from proofs.geometry.affine import Affine
from proofs.geometry.balls import Ball
from proofs.geometry.polytopes import cells
from verify import Problem, certify
from verify.expressions import parse
from verify.integration import Deadline, Integral, Integrator
from verify.integration.forms import separated
from verify.integration.rims import RimChart, straightened
from verify.integration.round import charts

NAMES = ("x", "y", "z")
DIRECTIONS = {2: (Fraction(3, 5), Fraction(4, 5)), 3: (Fraction(1, 3), Fraction(2, 3), Fraction(-2, 3))}


def rho(sphere: Ball, factor: str = "1") -> str:
    squares = [f"({n} - ({c}))**2" for n, c in zip(NAMES, sphere.centre, strict=False)]
    return f"({factor})*(({sphere.radius})**2 - {' - '.join(squares)})"


def sphere_of(n: int, radius: str, place: str) -> Ball:
    return Ball(tuple(Fraction(place) * (i + 1) for i in range(n)), Fraction(radius))


@pytest.mark.parametrize(
    ("n", "radius", "place", "q", "factor", "share"),
    [
        (2, "1", "0", "1/2", "1", "0"),
        (2, "1", "0", "1/2", "4", "1/7"),
        (2, "3/2", "5/3", "1/3", "1/5", "-9/10"),
        (2, "2", "-1", "3/2", "1", "99/100"),
        (2, "1e-30", "1", "1/2", "1e40", "-1/3"),
        (2, "1e20", "1e19", "5/4", "1", "1/2"),
    ],
)
def test_caps_agree_with_slices(n: int, radius: str, place: str, q: str, factor: str, share: str) -> None:
    # over u = v r, u the height, a slice has the integral B (1 - v^2)^(q + (n-1)/2) (factor r^2)^q r^(n-1)
    sphere, direction = sphere_of(n, radius, place), DIRECTIONS[n]
    height = Affine(direction, -sum(d * c for d, c in zip(direction, sphere.centre, strict=True)))
    level = Fraction(share) * sphere.radius
    parts = [c for c in cells([sphere.cell], [height.plus(-level)]) if height(c.centre) > level]
    text = f"exp(({height.text(NAMES[:n])})/({radius}))*({rho(sphere, factor)})**({q})"
    digits = 6 if n == 2 else 3
    deadline = Deadline(60)
    integrals = [Integral(parse(text, NAMES[:n]), part) for part in parts]
    found = Integrator(NAMES[:n], deadline).enclose(integrals, digits)
    assert found.settled(digits) and not deadline.passed
    with mpmath.workdps(30):
        p, r = mpf(Fraction(q).numerator) / Fraction(q).denominator, mpf(radius)
        k = mpf(Fraction(factor).numerator) / Fraction(factor).denominator
        ends = [mpf(Fraction(share).numerator) / Fraction(share).denominator, 1]
        slab = mpmath.beta(mpf(1) / 2, p + 1) if n == 2 else mpmath.pi / (p + 1)
        mean = mpmath.quad(lambda v: mpmath.exp(v) * (1 - v * v) ** (p + mpf(n - 1) / 2), ends)
        value = Fraction(str(slab * mean * (k * r * r) ** p * r**n))
    assert found.lower <= value * (1 + Fraction(1, 10**18)) and found.upper >= value * (1 - Fraction(1, 10**18))


def test_only_multiples_of_the_distance_to_the_sphere_are_straightened() -> None:
    sphere = sphere_of(2, "3/2", "1/3")
    opened = {
        f"sqrt({rho(sphere)})": True,
        f"x*({rho(sphere, '7/3')})**(2/3) + ({rho(sphere)})**(1/2)": True,
        f"sqrt({rho(sphere)} + 1e-30)": False,
        f"sqrt({rho(sphere, '-1')})": False,
        f"({rho(sphere)})**2": False,
        f"({rho(sphere)})**(-1/2)": False,
        f"sqrt({rho(sphere)})*Abs(x - 1/2)": False,
        f"sqrt(x*({rho(sphere)}))": False,
    }
    chart = charts(sphere.cell)[0]
    for text, expected in opened.items():
        found = straightened(separated(parse(text, ("x", "y")), ("x", "y")), chart, sphere)[1]
        assert isinstance(found, RimChart) is expected, text


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_a_density_that_vanishes_at_the_rim_like_a_root(loss: str) -> None:
    # the response is 0 and 1 on two halves, the target x or 1/2; slices along y have the integral pi (1 - x^2)/2
    domain = {"variables": ["x", "y"], "ball": {"center": ["0", "0"], "radius": "1"}}
    response = {"affine": "0", "halfspaces": [{"where": "x > 0", "jump": "1"}]}
    target = "x" if loss == "squared" else "1/2"
    problem = Problem(
        domain=domain, density="sqrt(1 - x**2 - y**2)", target=target, width=2, loss=loss, response=response
    )
    k = Fraction(1, 2)
    found = certify(problem, kappa=k, budget=60)
    assert found.verdict == "dominated" and found.gain is not None

    def cost(y: mpf, f: mpf) -> mpf:
        return (y - f) ** 2 if loss == "squared" else mpmath.log(1 + mpmath.exp(y)) - f * y

    def difference(x: mpf) -> mpf:
        f = x if loss == "squared" else mpf(1) / 2
        network = min(max(x + mpf(1) / 2, 0), 1)
        return (cost(mpf(x > 0), f) - cost(network, f)) * mpmath.pi * (1 - x * x) / 2

    gain = mpmath.quad(difference, [-1, -0.5, 0, 0.5, 1])
    assert found.gain.settled(6)
    assert float(found.gain.lower) <= gain * (1 + 1e-12) and float(found.gain.upper) >= gain * (1 - 1e-12)
