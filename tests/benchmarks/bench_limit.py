"""Times of the exact limit, as ratios in one run. Run: python -m tests.benchmarks.bench_limit

Compared with SymPy's own `limit`, applied to the network's value at one point of each cell, where it answers at all.
"""

from __future__ import annotations

import signal
import time
from fractions import Fraction
from functools import partial
from typing import Any

import sympy

from proofs.closure.excess import excess
from proofs.closure.family import AffineGerm, MovingNeuron, NetworkFamily
from proofs.closure.limits import limit
from proofs.expansions.germs import Quotient, parameter
from proofs.geometry.polytopes import Polytope, cells
from proofs.numbers.constants import expression
from proofs.response import GeneralizedResponse
from tests.benchmarks.clock import median_ms
from verify.closure import closure
from verify.family import Family
from verify.shipped import listed, resolve

SQUARE = [Polytope.box([(0, 1), (0, 1)])]
SECONDS = 10
TINY = Fraction(1, 10**30)


def plane_pairs(pairs: int) -> NetworkFamily:
    """Return pairs of neurons in the plane with coefficients rational in k, each tending to a jump."""
    k = parameter()
    neurons: list[MovingNeuron] = []
    for i in range(pairs):
        side = AffineGerm.of([1 + i, 3 - 2 * i], Fraction(-1 - i, 5))
        jump = AffineGerm.of([Fraction(i + 1, 3), Fraction(-i, 7)], Fraction(2 * i + 1, 4))
        neurons.append(MovingNeuron(1 / (2 * k), side + jump * (k / (1 + k))))
        neurons.append(MovingNeuron(-1 / (2 * k), side - jump * (k / (1 - k))))
    return NetworkFamily(AffineGerm.of([0, 0]), tuple(neurons))


def limit_of(networks: NetworkFamily) -> GeneralizedResponse:
    """Return the limit."""
    found = limit(networks, SQUARE).response
    assert isinstance(found, GeneralizedResponse)
    return found


def sympy_germ(germ: Any, k: sympy.Symbol) -> Any:
    """Return an exact quotient as a SymPy expression."""
    assert isinstance(germ, Quotient)
    parts = (germ.over, germ.under)
    over, under = (sum(expression(c) * k ** sympy.Rational(e) for e, c in part.terms) for part in parts)
    return over / under


def values_at(networks: NetworkFamily, point: tuple[Fraction, ...], cells_given: bool) -> Any:
    """Return the networks' value at a point as an expression in k: with Max, or the sum of the active neurons only."""
    k = sympy.Symbol("k", positive=True)
    total = sympy_germ(networks.affine.constant, k)
    for neuron in networks.neurons:
        inner = sympy_germ(neuron.inner.constant, k)
        for weight, x in zip(neuron.inner.gradient, point, strict=True):
            inner += sympy_germ(weight, k) * sympy.Rational(x)
        if not cells_given:
            inner = sympy.Max(inner, 0)
        elif neuron.inner.at(TINY)(point) < 0:
            continue
        total += sympy_germ(neuron.output, k) * inner
    return total


def sympy_limits(networks: NetworkFamily, points: list[tuple[Fraction, ...]], cells_given: bool) -> list[Any]:
    """Return SymPy's limit of the networks' value at each point, or the name of what it raises instead."""
    answers = []
    for point in points:
        value = values_at(networks, point, cells_given)
        signal.alarm(SECONDS)
        try:
            answers.append(sympy.limit(value, sympy.Symbol("k", positive=True), 0, "+"))
        except (TypeError, ValueError, NotImplementedError, RecursionError, TimeoutError) as error:
            answers.append(type(error).__name__)
        signal.alarm(0)
    return answers


def against_sympy(pairs: int) -> None:
    """Print our time, and SymPy's time and right answers at one point of every cell."""
    networks = plane_pairs(pairs)
    response = limit_of(networks)
    points = [c.centre for c in cells(SQUARE, [t.halfspace.side for t in response.terms])]
    ours = median_ms(lambda: limit(networks, SQUARE))
    risk = median_ms(lambda: excess(networks, response, SQUARE), 5)
    print(f"{2 * pairs} neurons in the plane: limit {ours:.2f} ms, risk {risk:.2f} ms")
    for cells_given in (True, False):
        began = time.perf_counter()
        answers = sympy_limits(networks, points, cells_given)
        theirs = 1000 * (time.perf_counter() - began)
        right = sum(a == expression(response(p)) for a, p in zip(answers, points, strict=True))
        told = "told which neurons are active" if cells_given else "given the networks with Max"
        print(f"   sympy.limit {told}: {theirs:.1f} ms, right on {right} of {len(points)}, ratio {theirs / ours:.0f}")


def _too_long(number: int, frame: object) -> None:
    raise TimeoutError


def spike_of(pole: int) -> None:
    """Print the times for the spike at one point of each of its cells, where SymPy's limit meets diverging Max."""
    k = parameter()
    neurons = tuple(MovingNeuron.of(f * k**-pole, [1], b * k) for f, b in ((1, 1), (-2, 0), (1, -1)))
    networks = NetworkFamily(AffineGerm.of([0]), neurons)
    line = [Polytope.box([(-1, 1)])]
    ours = median_ms(lambda: limit(networks, line))
    began = time.perf_counter()
    answers = sympy_limits(networks, [(Fraction(-1, 2),), (Fraction(1, 2),)], False)
    theirs = 1000 * (time.perf_counter() - began)
    print(f"spike, pole {pole}: limit {ours:.2f} ms; sympy.limit {theirs:.1f} ms {answers}, ratio {theirs / ours:.0f}")


def main() -> None:
    """Print all comparisons."""
    signal.signal(signal.SIGALRM, _too_long)
    for pairs in (1, 2, 4):
        against_sympy(pairs)
    for pole in (1, 3):
        spike_of(pole)
    for name, _ in listed("family"):
        path = resolve(f"example:{name}", "family")
        family = Family.from_toml(path)
        reading = median_ms(partial(Family.from_toml, path))
        print(f"{name:26s} read {reading:6.2f} ms, limit and risk {median_ms(partial(closure, family)):6.2f} ms")


if __name__ == "__main__":
    main()
