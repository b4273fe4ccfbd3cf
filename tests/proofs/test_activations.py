"""Activations: definitions, derivatives, expansions at infinity and derived limits, against mpmath."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import mpmath
import pytest
import sympy

from proofs.activations.activation import Activation, Piece, derivative, polynomial, variable
from proofs.activations.catalogue import ALIASES, NAMES, activation
from proofs.activations.differences import CENTRAL, FORWARD, ONE, Difference, X, first_difference, vanishing_weights
from proofs.activations.infinity import expansion
from proofs.activations.limits import AddedLimit, base_point, limits
from proofs.activations.scaling import scaling
from proofs.geometry.affine import Affine
from proofs.numbers.constants import UndecidedError
from tests.verify.activations import numeric, value

x = variable()
SMOOTHNESS = {"relu": 0, "leaky-relu": 0, "abs": 0, "hard-tanh": 0, "softsign": 1, "elu": 1, "selu": 0, "requ": 1}
PARITY = {"tanh": -1, "arctan": -1, "erf": -1, "sin": -1, "gaussian": 1, "quadratic": 1, "cubic": -1}


@pytest.mark.parametrize("name", NAMES)
def test_pieces_are_the_definition(name: str) -> None:
    a = activation(name)
    for point in (-7, -2, -1.5, -0.5, -1e-3, 1e-3, 0.25, 1.5, 3, 8):
        assert mpmath.almosteq(numeric(a, point), value(a.text, x=mpmath.mpf(point)), rel_eps=1e-12, abs_eps=1e-12)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("order", [1, 2, 3])
def test_derivatives(name: str, order: int) -> None:
    a = activation(name)
    for point in (Fraction(-5, 2), Fraction(-1, 3), Fraction(2, 7), Fraction(9, 4)):
        with mpmath.workdps(40):
            expected = mpmath.diff(lambda s: numeric(a, s), mpmath.mpf(point.numerator) / point.denominator, order)
            found = mpmath.mpf(sympy.N(a.derivative_at(point, order), 40))
            assert abs(found - expected) < 1e-12 * (1 + abs(expected))


def test_smoothness_and_parity() -> None:
    for name in NAMES:
        a = activation(name)
        assert a.smoothness == SMOOTHNESS.get(name)
        assert a.parity == PARITY.get(name, 0)


def test_aliases_and_unknown_names() -> None:
    assert all(activation(alias).name == name for alias, name in ALIASES.items())
    with pytest.raises(KeyError):
        activation("sigmoidal")


@pytest.mark.parametrize(
    "pieces",
    [
        (Piece(None, None, 1 / x),),
        (Piece(None, None, sympy.log(x)),),
        (Piece(None, None, sympy.sqrt(x)),),
        (Piece(None, None, sympy.tan(x)),),
        (Piece(None, None, abs(x)),),
        (Piece(None, Fraction(0), x / (1 + x)), Piece(Fraction(0), None, x)),
        (Piece(None, Fraction(0), x), Piece(Fraction(1), None, x)),
        (Piece(None, Fraction(0), x),),
        (Piece(Fraction(0), None, x),),
    ],
)
def test_what_is_not_analytic_piece_by_piece_is_refused(pieces: tuple[Piece, ...]) -> None:
    with pytest.raises(ValueError, match=r"analytic|cover"):
        Activation("bad", "x", pieces)


@pytest.mark.parametrize("formula", [sympy.sqrt(1 + x**2), sympy.log(1 + sympy.exp(x)), 1 / (2 + sympy.exp(-x)), x**3])
def test_analytic_formulas_are_accepted(formula: Any) -> None:
    assert Activation("fine", "x", (Piece(None, None, formula),)).smoothness is None


@pytest.mark.parametrize("name", [n for n in NAMES if n != "sin"])
@pytest.mark.parametrize("order", [0, 1, 2])
def test_expansions_at_infinity(name: str, order: int) -> None:
    a = activation(name)
    for direction, piece in ((1, a.pieces[-1]), (-1, a.pieces[0])):
        found = expansion(derivative(piece.formula, order), direction)
        for s in (12, 25):
            with mpmath.workdps(350):
                exact = mpmath.mpf(sympy.N(piece.value(Fraction(direction * s), order), 350))
                total = sum((_monomial(m, s) * mpmath.mpf(sympy.N(c, 350)) for m, c in found.terms), mpmath.mpf(0))
                allowed = 0 if found.error is None else 1e7 * _monomial(found.error, s)
                assert abs(total - exact) <= allowed + abs(exact) * mpmath.mpf(10) ** -330


def _monomial(monomial: tuple[tuple[Fraction, ...], Fraction], s: int) -> Any:
    q, i = monomial
    exponent = sum((mpmath.mpf(c.numerator) / c.denominator * s ** (n + 1) for n, c in enumerate(q)), mpmath.mpf(0))
    return mpmath.exp(exponent) * mpmath.mpf(s) ** (mpmath.mpf(i.numerator) / i.denominator)


def test_expansions_that_do_not_exist_are_refused() -> None:
    for formula in (sympy.sin(x), sympy.exp(sympy.exp(x)), sympy.log(x**2 + 1), sympy.atan(1 / (1 + sympy.exp(-x)))):
        with pytest.raises(UndecidedError):
            expansion(formula, 1)


def _approaches(a: Activation, limit: AddedLimit) -> list[Any]:
    """Sup-distances between the family and its limit at two small k, up to constants and a factor (both are free)."""
    points = [mpmath.mpf(n) / 7 for n in (-6, -3, 2, 5)]
    goals = [value(limit.function, x=p) for p in points]
    distances = []
    escaping = limit.kind == "escaping bias"
    for k in (mpmath.mpf(1) / 8, mpmath.mpf(1) / 32) if escaping else (mpmath.mpf(10) ** -2, mpmath.mpf(10) ** -4):
        values = [_along(a, limit, k, p) for p in points]
        affine = limit.kind in ("vanishing weights", "escaping bias")
        scale = (goals[-1] - goals[0]) / (values[-1] - values[0]) if affine and goals[-1] != goals[0] else 1
        if limit.function == "x**2":
            scale = (goals[1] - goals[0]) / (values[1] - values[0])
        shift = goals[0] - scale * values[0] if affine else 0
        distances.append(max(abs(scale * v + shift - g) for v, g in zip(values, goals, strict=True)))
    return distances


def _along(a: Activation, limit: AddedLimit, k: Any, point: Any) -> Any:
    sigma = lambda s: numeric(a, s)  # noqa: E731
    if limit.kind != "escaping bias":
        return value(limit.family, x=point, k=k, sigma=sigma, nu=mpmath.mpf(1))
    end, r = (1 if "sigma(M" in limit.family else -1) / k, mpmath.mpf(1)
    if "sigma''" in limit.family:
        piece, at = a.pieces[-1 if end > 0 else 0], Fraction(int(end))
        r = mpmath.mpf(sympy.N(piece.value(at, 1) / piece.value(at, 2), 60))
    return sigma(end + r * point)


@pytest.mark.parametrize("name", NAMES)
def test_derived_limits_are_limits(name: str) -> None:
    a = activation(name)
    found = limits(a)
    assert {one.kind for one in found} >= {"vanishing weights"}
    for one in found:
        with mpmath.workdps(1000 if one.kind == "escaping bias" else 60):
            first, second = _approaches(a, one)
        assert second < 0.1, (one, first, second)
        assert second <= first * 0.6 + 1e-15, (one, first, second)


def test_vanishing_weights_choose_points_where_the_derivative_does_not_vanish() -> None:
    assert base_point(activation("tanh"), 1) is not None
    even = base_point(activation("gaussian"), 2)
    assert even is not None and even.base.constant == 0 and even.neurons == 1
    assert base_point(activation("relu"), 2) is None


def test_families_that_do_not_converge_are_refused() -> None:
    with pytest.raises(ValueError, match="vanish"):
        Difference(2, X, X, FORWARD)
    with pytest.raises(ValueError, match="vanish"):
        Difference(1, X, X, ((Fraction(1), Fraction(1)),))
    with pytest.raises(ValueError, match="vanish"):
        vanishing_weights(1, Fraction(0), parity=1)


def test_orders_of_the_remainder() -> None:
    assert first_difference(ONE, central=True).next_order == 3
    assert first_difference(ONE, central=False).next_order == 2
    assert vanishing_weights(2, Fraction(1)).next_order == 4
    assert vanishing_weights(1, Fraction(0), parity=-1).next_order == 3
    assert Difference(1, X, X, CENTRAL).text == "(sigma(x + k*x)/2 - sigma(x - k*x)/2)/k"


def test_reach_is_the_hull() -> None:
    family, generator = Difference(1, X, Affine.of([2], -1), CENTRAL), random.Random(5)
    low, high = family.reach(Fraction(-1), Fraction(2), Fraction(1, 2))
    for _ in range(200):
        at, k = Fraction(generator.randint(-10, 20), 10), Fraction(generator.randint(0, 10), 20)
        for _, step in family.nodes:
            assert low <= at + k * step * (2 * at - 1) <= high


def test_scaling_needs_visible_bounds() -> None:
    found = scaling(activation("elu"))
    assert found is not None and found.slopes == (0, 1) and found.deviations == (1, 0)
    for name in ("relu", "softsign", "softplus", "tanh", "requ", "hard-tanh"):
        assert scaling(activation(name)) is None
    grows = Activation("g", "g", (Piece(None, Fraction(0), sympy.exp(-x)), Piece(Fraction(0), None, x)))
    assert scaling(grows) is None


def test_polynomials_are_read_exactly() -> None:
    assert polynomial((x + 1) ** 2 - x**2) == [1, 2]
    assert polynomial(sympy.sqrt(2) * x) is None
    assert polynomial(sympy.exp(x)) is None
    assert polynomial(x * 0) == []
