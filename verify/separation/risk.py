"""Rigorous bounds of the risk along a diverging family.

MATHEMATICS.md, section 6. For divided differences (`proofs.activations.differences`) with next order q, Taylor's
formula gives

    |N_k - g| <= k^(q-m) |v|^q K G / |nu|,   K = sup |sigma^(q)| / q!,   G = sum_j |g_j t_j^q|,

the supremum over all arguments u + k t_j v with x in D, 0 < k <= until. Squared, integrated: risk <= C k^(2(q-m)).
For `k sigma(x/k)` (`proofs.activations.scaling`) the deviation is at most k B on the right and k B' on the left of 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from heapq import heappop, heappush
from itertools import pairwise
from math import factorial

from flint import acb, arb, ctx

from proofs.activations.activation import MAX_SMOOTHNESS, VARIABLE_NAME, Activation, Formula, polynomial
from proofs.activations.differences import Difference, X
from proofs.activations.scaling import Scaling
from proofs.geometry.polytopes import Polytope
from verify.enclosure import Enclosure
from verify.exact import decimal_above
from verify.expressions import Expression, parse, tree
from verify.expressions.algebra import affine_expression
from verify.expressions.balls import BallFunction, compile_balls, exact_bounds, to_fmpq
from verify.integration import Deadline, Integral, Integrator
from verify.smooth import smooth_cells

_STARTS = tuple(Fraction(1, 2**n) for n in range(1, 8))
_PARAMETERS = 5
_FALL = 4
_PRECISION = 128
_SLACK = Fraction(9, 8)
_MAX_PARTS = 2_000
_UNBOUNDED = Fraction(10**1000)
VARIABLES = (VARIABLE_NAME,)
Family = Difference | Scaling


@dataclass(frozen=True)
class RiskBound:
    """`risk <= factor k^rate` for 0 < k <= until, and upper bounds of the risk at falling parameters."""

    until: Fraction
    factor: Fraction
    rate: int
    risks: tuple[tuple[Fraction, Fraction], ...]


def bound(
    activation: Activation, family: Family, lower: Fraction, upper: Fraction, deadline: Deadline
) -> RiskBound | None:
    """Return the bound for the family on D = [lower, upper], or None where sigma is not smooth enough there.

    Raises ArithmeticError where a derivative or an integrand could not be bounded.
    """
    until = _STARTS[0]
    if isinstance(family, Scaling):
        rate = 2
        factor = -lower * family.deviations[0] ** 2 + upper * family.deviations[1] ** 2
    else:
        fitting = [k for k in _STARTS if _smooth_enough(activation, family, lower, upper, k)]
        if not fitting:
            return None
        until = fitting[0]
        rate = 2 * (family.next_order - family.order)
        factor = _factor(activation, family, lower, upper, until)
    integrator = Integrator(VARIABLES, deadline)
    risks = []
    for index in range(_PARAMETERS):
        k = until / _FALL**index
        found = risk(activation, family, lower, upper, k, integrator)
        risks.append((k, Fraction(decimal_above(found.upper * (1 + Fraction(1, 1000)), 6))))
    return RiskBound(until, Fraction(decimal_above(factor, 6)), rate, tuple(risks))


def _smooth_enough(
    activation: Activation, family: Difference, lower: Fraction, upper: Fraction, until: Fraction
) -> bool:
    """Whether sigma^(q-1) is continuous on the arguments that occur, so that Taylor's formula holds."""
    start, end = family.reach(lower, upper, until)
    if not any(start <= b <= end for b in activation.breakpoints):
        return True
    smoothness = MAX_SMOOTHNESS if activation.smoothness is None else activation.smoothness
    return smoothness >= family.next_order - 1


def _factor(activation: Activation, family: Difference, lower: Fraction, upper: Fraction, until: Fraction) -> Fraction:
    q = family.next_order
    start, end = family.reach(lower, upper, until)
    cuts = [start, *(b for b in activation.breakpoints if start < b < end), end]
    with ctx.workprec(_PRECISION):
        largest = max(
            supremum(compiled(activation.piece_at((a + b) / 2).derivative(q).formula), a, b) for a, b in pairwise(cuts)
        )
        nu = compiled(family.normaliser(activation))((acb(0),), False).real
        smallest = exact_bounds(abs(nu))[0]
    weight = sum((abs(g * t**q) for g, t in family.nodes), Fraction(0))
    slope, constant = family.direction.gradient[0], family.direction.constant
    moment = _integral_of_power(slope, constant, 2 * q, lower, upper)
    return (_SLACK * largest * weight / (factorial(q) * smallest)) ** 2 * moment


def _integral_of_power(slope: Fraction, constant: Fraction, power: int, lower: Fraction, upper: Fraction) -> Fraction:
    if not slope:
        return constant**power * (upper - lower)
    ends = [(slope * x + constant) ** (power + 1) for x in (lower, upper)]
    return (ends[1] - ends[0]) / (slope * (power + 1))


def compiled(formula: Formula) -> BallFunction:
    """Return the ball function of a formula, through its text."""
    return compile_balls(parse(str(formula), VARIABLES), VARIABLES)


def supremum(function: BallFunction, lower: Fraction, upper: Fraction) -> Fraction:
    """Return an upper bound of |function| on an interval, usually within a percent. Raises ArithmeticError."""
    best = Fraction(0)
    heap: list[tuple[Fraction, Fraction, Fraction]] = []

    def add(a: Fraction, b: Fraction) -> None:
        nonlocal best
        wide = function((acb(arb(to_fmpq(a)).union(arb(to_fmpq(b)))),), False).real
        middle = function((acb(to_fmpq((a + b) / 2)),), False).real
        if middle.is_finite():
            best = max(best, exact_bounds(abs(middle))[0])
        heappush(heap, (-exact_bounds(abs(wide))[1] if wide.is_finite() else -_UNBOUNDED, a, b))

    add(lower, upper)
    while -heap[0][0] * 100 > best * 101 and len(heap) < _MAX_PARTS:
        _, a, b = heappop(heap)
        add(a, (a + b) / 2)
        add((a + b) / 2, b)
    if -heap[0][0] >= _UNBOUNDED:
        raise ArithmeticError(f"no bound of a derivative of the activation on [{lower}, {upper}]")
    return -heap[0][0]


def network(activation: Activation, family: Family, k: Fraction) -> Expression:
    """Return N_k as an expression in x."""
    sigma = parse(activation.text, VARIABLES)
    if isinstance(family, Scaling):
        inner = affine_expression(X * (1 / k), VARIABLES)
        return tree.product_of((tree.Number(k), tree.substituted(sigma, {VARIABLE_NAME: inner})))
    nu = parse(str(family.normaliser(activation)), VARIABLES)
    terms: list[Expression] = []
    for weight, step in family.nodes:
        scale = tree.Number(weight / k**family.order)
        inner = affine_expression(family.base + family.direction * (k * step), VARIABLES)
        value = tree.substituted(sigma, {VARIABLE_NAME: inner})
        if family.vanishing:
            start = tree.substituted(sigma, {VARIABLE_NAME: tree.Number(family.base.constant)})
            value = tree.difference(value, start)
        terms.append(tree.product_of((scale, value)))
    return tree.product_of((tree.Power(nu, tree.MINUS_ONE), tree.sum_of(terms)))


def risk(
    activation: Activation, family: Family, lower: Fraction, upper: Fraction, k: Fraction, integrator: Integrator
) -> Enclosure:
    """Return an enclosure of `int_D (N_k - g)^2 dx` with g the family's limit."""
    excess: list[Integral] = []
    approximant = network(activation, family, k)
    for piece in family.limit(activation, lower, upper):
        assert piece.lower is not None and piece.upper is not None
        gap = tree.difference(approximant, parse(str(piece.formula), VARIABLES))
        squared = tree.Power(gap, tree.Number(Fraction(2)))
        cell = Polytope.box([(piece.lower, piece.upper)])
        excess += [Integral(e, part) for part, (e,) in smooth_cells((squared,), cell, VARIABLES)]
    return integrator.enclose(excess, 5)


def is_exact(activation: Activation, family: Difference) -> bool:
    """Whether N_k equals its limit for all small k, because sigma is a polynomial of degree < q around the base."""
    if not family.vanishing:
        return False
    coefficients = polynomial(activation.piece_at(family.base.constant).formula)
    return coefficients is not None and len(coefficients) - 1 < family.next_order
