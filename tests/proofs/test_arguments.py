"""The rules: what each has to accept, the near-misses it has to refuse; all must refuse a network as target."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

from proofs.activations.activation import Activation, Piece, variable
from proofs.activations.catalogue import NAMES, activation
from proofs.arguments import (
    cusp,
    discs,
    exponentials,
    growth,
    kinks,
    one_kink,
    poles,
    single_neuron,
    smoothness,
    step,
    waring,
)
from proofs.arguments.membership import composed, representation, spanning_neurons
from proofs.arguments.record import Argument, RefusedError, Target
from proofs.geometry.affine import Affine
from proofs.numbers.constants import UndecidedError, expression
from tests.verify.activations import numeric, value

x = variable()
F = Fraction
LOW, HIGH = F(-1), F(1)
RULES: dict[str, Any] = {r.RULE: r for r in (growth, poles, exponentials, smoothness, waring, single_neuron)}


def whole(formula: Any) -> Target:
    return Target((Piece(LOW, HIGH, sympy.sympify(formula)),))


def corner(left: Any, right: Any) -> Target:
    zero = F(0)
    return Target((Piece(LOW, zero, sympy.sympify(left)), Piece(zero, HIGH, sympy.sympify(right))))


def network(a: Activation, neurons: Sequence[tuple[Fraction, Fraction, Fraction]], offset: Fraction) -> Target:
    """A network as a target, cut where one of its neurons changes its piece."""
    places = {(t - v) / w for _, w, v in neurons if w for t in a.breakpoints}
    cuts = sorted({LOW, HIGH, *(p for p in places if LOW < p < HIGH)})
    pieces = []
    for low, high in pairwise(cuts):
        formula = expression(offset)
        for c, w, v in neurons:
            inner = expression(w) * x + expression(v)
            formula += expression(c) * a.piece_at(w * (low + high) / 2 + v).formula.subs(x, inner)
        pieces.append(Piece(low, high, sympy.expand(formula)))
    return Target(tuple(pieces))


def accepted(rule: str, name: str, target: Target, width: int) -> Argument:
    found: Argument = RULES[rule].argue(activation(name), target, width)
    assert found.rule == rule and found.steps
    return found


def refused(rule: str, name: str, target: Target, width: int) -> None:
    with pytest.raises(RefusedError):
        RULES[rule].argue(activation(name), target, width)


sech2 = 1 - sympy.tanh(x) ** 2
logistic = 1 / (1 + sympy.exp(-x))
ACCEPTED = [
    ("single-neuron", "tanh", whole(x), 1),
    ("single-neuron", "softplus", whole(x), 1),
    ("single-neuron", "quadratic", whole(x), 1),
    ("single-neuron", "selu", corner(0, x), 1),
    ("single-neuron", "gaussian", whole(x**2), 1),
    ("growth", "tanh", whole(x), 3),
    ("growth", "softplus", whole(x**2), 5),
    ("growth", "mish", whole(x**3 - x), 2),
    ("pole-order", "tanh", whole(x * sech2), 2),
    ("pole-order", "logistic", whole(x * sympy.diff(logistic, x)), 4),
    ("pole-order", "arctan", whole(1 / (1 + x**2)), 2),
    ("pole-order", "softplus", whole(x * logistic), 2),
    ("pole-order", "silu", whole(sympy.diff(x * logistic, x)), 2),
    ("pole-order", "softsign", whole(x), 7),
    ("exponential-polynomials", "exp", whole(x), 4),
    ("exponential-polynomials", "exp", whole(x * sympy.exp(x)), 2),
    ("exponential-polynomials", "gaussian", whole(x * sympy.exp(-(x**2))), 2),
    ("exponential-polynomials", "erf", whole(sympy.exp(-(x**2))), 2),
    ("exponential-polynomials", "elu", whole(x**2), 2),
    ("smoothness", "elu", corner(0, x), 1),
    ("smoothness", "requ", corner(0, x), 2),
    ("smoothness", "softsign", corner(0, x), 2),
    ("smoothness", "relu", corner(0, 1), 2),
    ("smoothness", "elu", corner(sympy.exp(x), 1), 2),
    ("waring", "quadratic", whole(x), 1),
    ("waring", "cubic", whole(x), 2),
]
REFUSED = [
    ("single-neuron", "tanh", whole(x), 2),  # the width
    ("single-neuron", "elu", whole(x), 1),  # ELU represents x
    ("single-neuron", "elu", corner(0, x * 0), 1),  # constant, whatever its pieces look like
    ("single-neuron", "tanh", corner(sympy.sin(x) ** 2 + sympy.cos(x) ** 2, 1), 1),
    ("single-neuron", "hard-tanh", whole(x), 1),
    ("single-neuron", "quadratic", whole(x**2), 1),
    ("single-neuron", "cubic", whole(x**3 + 3 * x**2 + 3 * x), 1),
    ("single-neuron", "requ", whole(x**2), 1),
    ("single-neuron", "tanh", whole(sympy.tanh(x)), 1),
    ("growth", "softplus", whole(x), 2),  # softplus(x) - softplus(-x) = x
    ("growth", "gelu", whole(x), 2),
    ("growth", "silu", whole(x), 2),
    ("growth", "tanh", whole(3), 2),
    ("growth", "tanh", whole(sympy.tanh(x)), 1),
    ("growth", "exp", whole(x), 1),  # no polynomial bound
    ("growth", "elu", whole(x**2), 2),  # two pieces: no continuation
    ("growth", "relu", whole(x**2), 2),
    ("growth", "cubic", whole(x**3), 1),
    ("pole-order", "tanh", whole(sympy.tanh(x)), 1),
    ("pole-order", "tanh", whole(3 * sympy.tanh(2 * x + 1) - sympy.tanh(x)), 2),
    ("pole-order", "logistic", whole(1 / (1 + sympy.exp(-x)) + 2 / (1 + sympy.exp(3 * x))), 2),
    ("pole-order", "logistic", whole(sech2 + sympy.tanh(x) ** 2), 2),  # the poles cancel
    ("pole-order", "tanh", whole(sympy.exp(x)), 2),
    ("pole-order", "softplus", whole(x), 2),
    ("pole-order", "softplus", whole(logistic * 0 + 1), 2),
    ("pole-order", "arctan", whole(sympy.atan(x) + sympy.atan(2 * x)), 2),
    ("pole-order", "arctan", whole(5), 1),
    ("pole-order", "softsign", whole(1 / (1 + (x + 3))), 1),  # softsign of x + 3 on the domain, up to a constant
    ("pole-order", "silu", whole(x), 2),
    ("pole-order", "gelu", whole(x), 2),
    ("exponential-polynomials", "exp", whole(sympy.exp(x) + 3 * sympy.exp(-2 * x) + 1), 2),
    ("exponential-polynomials", "exp", whole(sympy.sinh(x)), 2),
    ("exponential-polynomials", "gaussian", whole(sympy.exp(-(x**2) + x)), 1),
    ("exponential-polynomials", "gelu", whole(x), 2),
    ("exponential-polynomials", "erf", whole(sympy.erf(x) - sympy.erf(2 * x)), 2),
    ("exponential-polynomials", "elu", whole(x), 1),
    ("exponential-polynomials", "elu", corner(sympy.exp(x) - 1, x), 1),
    ("exponential-polynomials", "tanh", whole(x), 1),
    ("smoothness", "relu", corner(0, x), 1),
    ("smoothness", "elu", corner(sympy.exp(x) - 1, x), 1),
    ("smoothness", "selu", corner(0, x), 1),  # SELU has a corner itself
    ("smoothness", "tanh", whole(x), 1),
    ("smoothness", "tanh", corner(x, x), 1),
    ("smoothness", "tanh", corner(x + x**9, x), 1),  # the first difference is beyond what is looked at
    ("smoothness", "requ", corner(0, x**2), 1),
    ("waring", "cubic", whole(x**2), 2),  # (1 + x)^3 + (1 - x)^3 = 2 + 6 x^2
    ("waring", "cubic", whole(x), 3),
    ("waring", "quadratic", whole(x), 2),
    ("waring", "quadratic", whole(x**2 + 2 * x), 1),
    ("waring", "cubic", whole((x + 1) ** 3 - 2 * (3 * x - 1) ** 3), 2),
    ("waring", "requ", whole(x), 1),
    ("waring", "cubic", whole(x**4), 1),
]


@pytest.mark.parametrize(("rule", "name", "target", "width"), ACCEPTED)
def test_accepted(rule: str, name: str, target: Target, width: int) -> None:
    accepted(rule, name, target, width)


@pytest.mark.parametrize(("rule", "name", "target", "width"), REFUSED)
def test_near_misses(rule: str, name: str, target: Target, width: int) -> None:
    refused(rule, name, target, width)


VALUES = [F(n, d) for n in range(-4, 5) for d in (1, 2, 3)]


@pytest.mark.parametrize("name", NAMES)
def test_no_rule_accepts_a_network_as_target(name: str) -> None:
    generator, a = random.Random(name), activation(name)
    for _ in range(8):
        count = generator.choice([1, 2, 2, 3])
        neurons = [tuple(generator.choice(VALUES) for _ in range(3)) for _ in range(count)]
        if count > 1 and generator.random() < 0.5:  # mirrored, coinciding or cancelling neurons
            c, w, v = neurons[0]
            neurons[1] = generator.choice([(-c, w, v), (-c, -w, -v), (c, -w, v), (c, w, v + 1)])
        target = network(a, neurons, generator.choice(VALUES))  # type: ignore[arg-type]
        for rule in RULES.values():
            for width in (count, count + 2):
                with pytest.raises((RefusedError, UndecidedError)):
                    rule.argue(a, target, width)


def test_data_of_the_rules() -> None:
    assert accepted("waring", "cubic", whole(x), 2).data["power"] == 3
    assert accepted("growth", "softplus", whole(x**2), 2).data == {"degree": 1}
    assert accepted("pole-order", "softsign", whole(x), 1).data["where"] == "infinity"
    assert accepted("exponential-polynomials", "erf", whole(x), 1).data["without_exponential"] == -1
    assert not accepted("single-neuron", "tanh", whole(x), 1).every_width
    assert accepted("growth", "tanh", whole(x), 1).every_width


@pytest.mark.parametrize("name", NAMES)
def test_growth_bounds_hold(name: str) -> None:
    a = activation(name)
    bound = growth.growth(a.pieces[0].formula) if len(a.pieces) == 1 else None
    if bound is not None:
        sizes = [abs(numeric(a, s)) / (1 + abs(s)) ** bound for s in (-1000, -10, -1, 0, 1, 10, 1000)]
        assert max(sizes) <= 2


@pytest.mark.parametrize("name", ["relu", "leaky-relu", "abs", "hard-tanh"])
def test_kinks_that_keep_the_minimum(name: str) -> None:
    assert kinks.argue(activation(name)).every_width


def test_kinks_refuses_the_rest() -> None:
    zero, one = F(0), F(1)
    shapes = {
        "two kinks": (Piece(None, zero, x * 0), Piece(zero, one, x), Piece(one, None, 2 * x - 1)),
        "a jump": (Piece(None, zero, x), Piece(zero, None, x + 1)),
        "no kink": (Piece(None, zero, x), Piece(zero, None, x + x * 0)),
        "a bump": (Piece(None, zero, x * 0), Piece(zero, one, x), Piece(one, None, 2 - x)),
        "curved": (Piece(None, zero, x * 0), Piece(zero, None, x**2)),
    }
    for name, pieces in shapes.items():
        with pytest.raises(RefusedError):
            kinks.argue(Activation(name, name, pieces))
    for name in set(NAMES) - {"relu", "leaky-relu", "abs", "hard-tanh"}:
        with pytest.raises(RefusedError):
            kinks.argue(activation(name))


@pytest.mark.parametrize("name", NAMES)
def test_representations_are_equalities(name: str) -> None:
    a = activation(name)
    for degree in (1, 2, 3):
        for width in (1, 2, 3):
            found = representation(a, degree, width, LOW, HIGH)
            if found is not None:
                assert len(found.neurons) <= width
                for point in (-1, -0.3, 0, 0.7, 1):
                    total = value(str(found.offset))
                    for c, (w, v) in found.neurons:
                        total += value(str(c)) * numeric(a, value(str(w)) * point + value(str(v)))
                    assert abs(total - mpmath.mpf(point) ** degree) < 1e-12


def test_which_polynomials_are_represented() -> None:
    least = {
        ("softplus", 1): 2, ("gelu", 1): 2, ("silu", 1): 2, ("elu", 1): 1, ("requ", 1): 2, ("requ", 2): 2,
        ("quadratic", 1): 2, ("cubic", 1): 3, ("cubic", 2): 2, ("cubic", 3): 1, ("tanh", 1): 9, ("mish", 1): 9,
    }  # fmt: skip
    for (name, degree), width in least.items():
        found = [w for w in (1, 2, 3) if representation(activation(name), degree, w, LOW, HIGH) is not None]
        assert (min(found) if found else 9) == width


def test_spanning_neurons() -> None:
    for name, count in (("quadratic", 2), ("cubic", 3)):
        found = spanning_neurons(activation(name))
        assert found is not None and len(found) == count
    assert spanning_neurons(activation("tanh")) is None
    assert composed([F(1), F(2), F(3)], F(2), F(-1)) == [2, -8, 12]


def step_target() -> Target:
    return corner(0, 1)


def test_the_step_with_one_neuron() -> None:
    found = one_kink.minimum(step_target())
    assert found.risk == F(1, 9)
    (neuron,) = found.network.neurons
    assert abs(-neuron.inner.constant / neuron.inner.gradient[0]) == F(1, 2)
    assert abs(neuron.output * neuron.inner.gradient[0]) == F(8, 9)
    assert one_kink.is_lower_bound(step_target(), F(1, 9))
    assert not one_kink.is_lower_bound(step_target(), F(1, 9) + F(1, 10**9))


@pytest.mark.parametrize("target", [step_target(), whole(x**2), corner(x, 1 - x), corner(-x, x**3)])
def test_no_search_beats_the_minimum_of_one_neuron(target: Target) -> None:
    try:
        least = float(one_kink.minimum(target).risk)
    except RefusedError:
        return
    assert not one_kink.is_lower_bound(target, F(least) + F(1, 10**6))
    grid = (np.arange(2000) + 0.5) / 1000 - 1
    goal = np.array(
        [float(next(p for p in target.pieces if t <= float(p.upper or 0)).formula.subs(x, t)) for t in grid]
    )
    for kink in np.linspace(-1, 0.99, 200):
        for facing in (1, -1):
            columns = np.stack([np.ones_like(grid), np.maximum(facing * (grid - kink), 0)], axis=1)
            best = columns @ np.linalg.lstsq(columns, goal, rcond=None)[0]
            assert np.sum((best - goal) ** 2) / 1000 >= least - 1e-4


def test_three_discs() -> None:
    places = [discs.Disc((F(a), F(b)), F(1)) for a, b in ((-1, 2), (-1, -2), (1, 0))]
    assert discs.argue(places, 2, 2).data["weights"] == ["1/2", "1/2", "0"]
    near = [
        (places, 0, 2),
        (places, 2, 1),
        (places, 2, 3),
        ([*places[:2], discs.Disc((F(1), F(0)), F(9, 10))], 2, 2),
        ([*places[:2], discs.Disc((F(11, 10), F(0)), F(1))], 2, 2),
        ([places[0], places[2]], 1, 2),
        ([discs.Disc((F(-1), F(2)), F(1)), discs.Disc((F(-1), F(5)), F(1)), places[2]], 2, 2),
    ]
    for shapes, apart, width in near:
        with pytest.raises(RefusedError):
            discs.argue(shapes, apart, width)


def test_the_cusp() -> None:
    one, y = Affine.of([1, 0]), Affine.of([0, 1])
    assert cusp.argue(one, y).every_width
    for side, jump in ((y, one), (one, one * 3), (one.plus(1), y), (one, Affine.of([0, 0]))):
        with pytest.raises(RefusedError):
            cusp.argue(side, jump)


@pytest.mark.parametrize("k", [0.9, 0.3, 0.05])
def test_bounds_of_the_ramps(k: float) -> None:
    def miss(s: Any, jump: Any) -> Any:
        return max((abs(jump) - abs(s) / k) / 2, 0)

    interval = step.on_interval(Affine.of([2], -1), F(-3))
    line = mpmath.quad(lambda t: miss(2 * t - 1, 3) ** 2, [0.5 - 1.5 * k, 0.5, 0.5 + 1.5 * k])
    assert abs(line - float(interval.factor) * k) < 1e-9
    shapes = [discs.Disc((F(-1), F(2)), F(1)), discs.Disc((F(2), F(0)), F(2))]
    bound = step.on_discs(shapes, Affine.of([1, 0]))
    caps = sum(
        mpmath.quad(lambda t, r=r: miss(t, 1) ** 2 * 2 * mpmath.sqrt(max(2 * r * t - t * t, 0)), [0, min(k, 2 * r)])
        for r in (1, 2)
    )
    assert 0.8 * float(bound.factor) * k**1.5 < caps <= float(bound.factor) * k**1.5
    wing = 4 * mpmath.quad(lambda s: mpmath.quad(lambda y: miss(s, y) ** 2, [s / k, mpmath.sqrt(s)]), [0, k * k])
    assert wing <= float(step.on_cusp().factor) * k**5
    with pytest.raises(RefusedError):
        step.on_discs(shapes, Affine.of([2, 0]))
    with pytest.raises(RefusedError):
        step.on_discs(shapes, Affine.of([1, 0], -1))
