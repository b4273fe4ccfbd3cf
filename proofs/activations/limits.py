"""What diverging families of networks converge to: the continuous functions that the closure adds.

MATHEMATICS.md, section 6. Four ways to run off, each with its limit derived from the activation's definition:

- vanishing weights: `(sigma(b + k x) - ...)/k^m -> x^m`, where sigma^(m)(b) != 0;
- divided differences of order 1 and 2: `v sigma'(u)` and `v^2 sigma''(u)`, u and v affine, where sigma is smooth;
- escaping bias: let psi = sigma''/sigma' tend to lambda at an end of the line. Then
  `(sigma(M + r x) - sigma(M)) / (r sigma'(M))`, M to that end, tends to x if lambda = 0 (r = 1), to
  `(e^(lambda x) - 1) / lambda` if lambda is finite (r = 1), and to `e^x - 1` if psi is unbounded (r = 1/psi(M)),
  because `sigma'(M + r x) / sigma'(M) = exp(int_M^(M + r x) psi)`;
- growing weight: `k sigma(x / k)` tends to `p x` for x > 0, to `q x` for x < 0, where sigma grows with these slopes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from proofs.activations.activation import MAX_SMOOTHNESS, Activation, Formula, derivative, variable
from proofs.activations.differences import ONE, Difference, X, first_difference, second_difference, vanishing_weights
from proofs.activations.infinity import UNIT, Expansion, expansion
from proofs.numbers.constants import UndecidedError, expression, sign

_BASES = tuple(Fraction(n, 2) for n in (0, 2, -2, 1, -1, 4, -4, 3, -3, 6, -6))


@dataclass(frozen=True)
class AddedLimit:
    """A function in the closure of width `neurons`: how the parameters run off, the family, the limit (an expression).

    `continuous` says whether the limit is a continuous function on the line.
    """

    kind: str
    neurons: int
    family: str
    function: str
    continuous: bool = True


def base_point(activation: Activation, degree: int) -> Difference | None:
    """Return a family with vanishing weights whose limit is x^degree, at a base point chosen from a short list.

    Preferred: 0 where sigma is even or odd, then a point at which the next coefficient is not 0, so that the rate is
    sharp. The base lies inside a piece. None if sigma^(degree) was not proved to differ from 0 anywhere on the list.
    """
    found: Difference | None = None
    for base in _BASES:
        if base in activation.breakpoints or not _differs(activation, base, degree):
            continue
        family = vanishing_weights(degree, base, activation.parity)
        if found is None:
            found = family
        if (base == 0 and activation.parity) or _differs(activation, base, family.next_order):
            return family
    return found


def _differs(activation: Activation, point: Fraction, order: int) -> bool:
    try:
        return sign(activation.derivative_at(point, order)) != 0
    except UndecidedError:
        return False


def limits(activation: Activation) -> tuple[AddedLimit, ...]:
    """Return the limits that could be derived, of all four kinds."""
    return tuple(limit for source in (_vanishing, _differences, _escaping, _growing) for limit in source(activation))


def _vanishing(activation: Activation) -> Iterator[AddedLimit]:
    for degree in (1, 2):
        family = base_point(activation, degree)
        if family is not None:
            yield AddedLimit("vanishing weights", family.neurons, family.text, "x" if degree == 1 else f"x**{degree}")


def _differences(activation: Activation) -> Iterator[AddedLimit]:
    smoothness = MAX_SMOOTHNESS if activation.smoothness is None else activation.smoothness
    for order in (1, 2):
        if not any(derivative(piece.formula, order) for piece in activation.pieces) or smoothness < order - 1:
            return
        smooth = smoothness >= order
        direction = X if smooth else ONE
        family = first_difference(direction, central=False) if order == 1 else second_difference(direction)
        v = variable() if smooth else 1
        function = _joined(activation, [v**order * derivative(piece.formula, order) for piece in activation.pieces])
        yield AddedLimit("divided difference", family.neurons, family.text, function, smooth)


def _joined(activation: Activation, formulas: list[Formula]) -> str:
    if len(formulas) == 1:
        return str(formulas[0])
    ends = activation.breakpoints
    branches = [f"({f}, {variable()} < {end})" for f, end in zip(formulas, ends, strict=False)]
    return f"Piecewise({', '.join(branches)}, ({formulas[-1]}, True))"


def _escaping(activation: Activation) -> Iterator[AddedLimit]:
    for direction, piece in ((1, activation.pieces[-1]), (-1, activation.pieces[0])):
        try:
            slope = expansion(derivative(piece.formula, 1), direction)
            curvature = expansion(derivative(piece.formula, 2), direction)
            found = _of_ratio(slope, curvature)
        except UndecidedError:
            continue
        if found is not None:
            function, scale = found
            end = "M" if direction > 0 else "-M"
            text = f"(sigma({end} + r*x) - sigma({end}))/(r*sigma'({end})), r = {scale}, M = 1/k"
            yield AddedLimit("escaping bias", 1, text, function)


def _of_ratio(slope: Expansion, curvature: Expansion) -> tuple[str, str] | None:
    """The limit and the scale r from the expansions of sigma' and sigma'' (the latter in the variable itself)."""
    if slope.leading is None:
        return None
    if curvature.leading is None:
        return "x", "1"
    (q, i), c = curvature.leading
    (p, j), d = slope.leading
    if q != p:
        if not slope.terms or _decays(q, p):
            return "x", "1"
        return None
    power, factor = i - j, expression(c) / expression(d)
    if power < 0:
        return "x", "1"
    if power == 0:
        import sympy

        return str((sympy.exp(factor * variable()) - 1) / factor), "1"
    return "exp(x) - 1", "sigma'/sigma'' at that point"


def _decays(q: tuple[Fraction, ...], p: tuple[Fraction, ...]) -> bool:
    """Whether `e^(q - p)` tends to 0 faster than every power."""
    size = max(len(q), len(p))
    gap = [a - b for a, b in zip((*q, *[Fraction(0)] * size), (*p, *[Fraction(0)] * size), strict=False)]
    lead = [g for g in gap if g]
    return bool(lead) and lead[-1] < 0


def _growing(activation: Activation) -> Iterator[AddedLimit]:
    slopes: list[Any] = []
    for direction, piece in ((1, activation.pieces[-1]), (-1, activation.pieces[0])):
        try:
            slope = _asymptotic_slope(expansion(piece.formula, direction))
        except UndecidedError:
            return
        if slope is None:
            return
        slopes.append(slope)
    right, left = slopes  # of sigma(s) and of sigma(-s) in s
    if not sign(right) and not sign(left):
        return
    import sympy

    x = variable()
    function = expression(right) * sympy.Max(x, 0) + expression(left) * sympy.Max(-x, 0)
    yield AddedLimit("growing weight", 1, "k*sigma(x/k)", str(function))


def _asymptotic_slope(found: Expansion) -> Any | None:
    """p where sigma(s) = p s + O(1); None where it grows faster or slower in another way."""
    linear = ((), Fraction(1))
    for (q, i), _ in found.terms:
        if ((q, i) not in (linear, UNIT)) and not (not q and i < 0) and not (q and _decays(q, ())):
            return None
    return dict(found.terms).get(linear, Fraction(0))
