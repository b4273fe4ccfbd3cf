"""Random expressions, evaluated by mpmath at random points: ranges contain, signs and definedness do not lie."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest

from verify.auditor import domains
from verify.auditor.elementary import NoEnclosureError
from verify.auditor.evaluate import Evaluation
from verify.auditor.grammar import parse
from verify.auditor.integrate import Integral
from verify.auditor.signs import Stretch
from verify.auditor.verdicts import Effort, InvalidError, UndecidedError

mp = mpmath.mpf
Pair = tuple[str, Callable[[Any], Any]]  # the text and the function


class UndefinedError(Exception):
    pass


def real(f: Callable[[Any], Any], domain: Callable[[Any], bool] = lambda u: True) -> Callable[[Any], Any]:
    def g(u: Any) -> Any:
        if not domain(u):
            raise UndefinedError
        return f(u)

    return g


UNARY: dict[str, Callable[[Any], Any]] = {
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "asin": real(mpmath.asin, lambda u: abs(u) <= 1),
    "acos": real(mpmath.acos, lambda u: abs(u) <= 1),
    "atan": mpmath.atan,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "tanh": mpmath.tanh,
    "exp": mpmath.exp,
    "log": real(mpmath.log, lambda u: u > 0),
    "sqrt": real(mpmath.sqrt, lambda u: u >= 0),
    "Abs": abs,
    "sign": mpmath.sign,
    "floor": mpmath.floor,
    "ceiling": mpmath.ceil,
    "Heaviside": lambda u: mp(1) if u > 0 else mp(0) if u < 0 else mp("0.5"),
    "erf": mpmath.erf,
}
POWERS = ["2", "3", "-1", "1/2", "3/2", "-2", "1/3", "0"]


def power(u: Any, e: Fraction) -> Any:
    if (u < 0 and e.denominator > 1) or (u == 0 and e < 0):
        raise UndefinedError
    if e.denominator == 1:
        return u ** int(e)
    return u ** (mp(e.numerator) / e.denominator) if u else mp(0)


def combine(rng: random.Random, depth: int) -> Pair:
    if depth == 0 or rng.random() < 0.15:
        q = Fraction(rng.randint(-6, 6), rng.randint(1, 4))
        return rng.choice(
            [
                ("x", lambda x: x),
                ("x", lambda x: x),
                (f"({q})", lambda x: mp(q.numerator) / q.denominator),
                ("(pi/3 + 1/7)", lambda x: mpmath.pi / 3 + mp(1) / 7),
            ]
        )
    kind = rng.choice(["+", "-", "*", "/", "**", "u", "u", "u", "Max", "Min", "Piecewise"])
    a, f = combine(rng, depth - 1)
    if kind == "u":
        name = rng.choice(list(UNARY))
        g = UNARY[name]
        return f"{name}({a})", lambda x: g(f(x))
    if kind == "**":
        e = rng.choice(POWERS)
        return f"({a})**({e})", lambda x: power(f(x), Fraction(e))
    b, h = combine(rng, depth - 1)
    if kind == "/":
        return f"({a})/({b})", lambda x: f(x) * power(h(x), Fraction(-1))
    if kind in ("Max", "Min"):
        best = max if kind == "Max" else min
        return f"{kind}({a}, {b})", lambda x: best(f(x), h(x))
    if kind == "Piecewise":
        c, k = combine(rng, depth - 1)
        return f"Piecewise(({a}, {c} < 1/3), ({b}, True))", lambda x: f(x) if k(x) < mp(1) / 3 else h(x)
    operation: Callable[[Any, Any], Any] = {"+": lambda u, v: u + v, "-": lambda u, v: u - v, "*": lambda u, v: u * v}[
        kind
    ]
    return f"({a}) {kind} ({b})", lambda x: operation(f(x), h(x))


@pytest.mark.parametrize("seed", range(8))
def test_nothing_false_is_said(seed: int) -> None:
    rng = random.Random(seed)
    mpmath.mp.dps = 60
    settled = 0
    for _ in range(120):
        text, f = combine(rng, rng.randint(1, 4))
        a = Fraction(rng.randint(-6, 6), rng.choice([1, 2, 3, 7]))
        b = a + Fraction(rng.randint(1, 5), rng.choice([2, 3, 50]))
        node, effort = parse(text, ["x"]), Effort(steps=60_000)
        samples = [a, b, *(a + (b - a) * Fraction(rng.randint(1, 999), 1000) for _ in range(6))]
        values: list[Any] = []
        for x in samples:
            try:
                values.append(f(mp(x.numerator) / x.denominator))
            except (UndefinedError, OverflowError, ZeroDivisionError):
                values.append(None)
        try:
            domains.check_defined(effort, node, ((a,), (b,)))
        except (InvalidError, UndecidedError):
            continue
        settled += 1
        assert None not in values, (text, a, b)
        try:
            _check_values(effort, node, a, b, values, text)
        except UndecidedError:
            continue
    assert settled > 40


def _check_values(effort: Effort, node: Any, a: Fraction, b: Fraction, values: list[Any], text: str) -> None:
    tiny = mp(10) ** -40  # mpmath rounds
    for p in (64, 128):
        try:
            jet = Evaluation(effort, p, 0, (a,), (b,))(node)
        except NoEnclosureError:
            continue
        low, high = mp(jet.lo) / mp(2) ** p, mp(jet.hi) / mp(2) ** p
        assert all(low - tiny <= y <= high + tiny for y in values), (text, a, b, low, high)
    least, largest = Stretch(effort, (a,), (b,)).sign(node)
    for y in values[2:]:  # points inside
        if abs(y) > tiny:
            assert least <= (1 if y > 0 else -1) <= largest, (text, a, b, least, largest)
    for x, y in zip((a, b), values, strict=False):
        least, largest = Stretch(effort, (x,)).sign(node)
        assert abs(y) <= tiny or least <= (1 if y > 0 else -1) <= largest, (text, x)
    try:
        domains.check_sign(effort, node, ((a,), (b,)), ">=", "a negative value")
        assert all(y >= -tiny for y in values), (text, a, b)
    except InvalidError:
        pass
    except UndecidedError:
        return
    parts = list(domains.split(effort, node, (a,), (b,)))
    assert parts[0][1] == (a,) and parts[-1][2] == (b,)
    for part, (u,), (v,) in parts:
        if (polynomial := part.polynomial) is not None:
            x = (u + v) / 2
            try:
                original = Evaluation(effort, 128, 0, (x,))(node)
            except NoEnclosureError:
                continue
            y = sum(c * x**k for k, c in enumerate(polynomial))
            assert original.lo - 2**60 <= y * 2**128 <= original.hi + 2**60, (text, x)


def test_integrals_of_random_expressions() -> None:
    rng = random.Random(5)
    mpmath.mp.dps = 20
    done = 0
    for _ in range(150):
        text, f = combine(rng, 3)
        a, b = Fraction(1, 3), Fraction(2, 3)
        effort = Effort(steps=20_000)
        try:
            node = parse(text, ["x"])
            domains.check_defined(effort, node, ((a,), (b,)))
            cuts = [a, *(v for _, _, (v,) in domains.split(effort, node, (a,), (b,)))]
            low, high = Integral(effort, [(node, (a,), (b,))], Fraction(1, 10**6)).enclosure(Fraction(1, 10**6))
        except (InvalidError, UndecidedError):
            continue
        value, error = mpmath.quad(f, [mp(x.numerator) / x.denominator for x in cuts], error=True)
        if error < mp(10) ** -9:
            done += 1
            slack = 10 * error + mp(10) ** -15
            bounds = [mp(q.numerator) / q.denominator for q in (low, high)]
            assert bounds[0] - slack <= value <= bounds[1] + slack, text
    assert done > 40
