"""Ramps: the network equals the response outside them, what they gain exactly, and what they gain to first order.

MATHEMATICS.md, sections 3 and 4. Data are polynomial and the loss is squared where integrals are compared, so that
both sides are rationals and have to agree exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from proofs.geometry.affine import Affine
from proofs.geometry.polytopes import Polytope, cells
from proofs.ramp import Ramp, check_competitor, constructions, stages
from proofs.response import GeneralizedResponse
from verify.expressions import Expression, tree
from verify.expressions.algebra import affine_expression, in_ring
from verify.gain import excess_integrals, pieces
from verify.integration import Deadline, Integral, Integrator
from verify.problem import Problem
from verify.properties.record import Example, Property, require
from verify.sampling.choices import Choices
from verify.sampling.problems import Mix, problem_table
from verify.sampling.responses import ramps as drawn_ramps

DIGITS = 6
POINTS = 6
SQUARED: tuple[dict[str, Any], ...] = ({"kind": "squared"},)
ANYWHERE = Mix(dimensions=(1, 2, 3), losses=SQUARED, domains=("box", "vertices", "gap"), polynomial=True)
POLYNOMIAL = Mix(dimensions=(1, 2, 3), losses=SQUARED, polynomial=True, widths=(2, 5))
_TINY = Fraction(1, 10**20)


def with_ramps(mix: Mix) -> Callable[[Choices], Example]:
    """Return what builds examples with a construction, ramps and points chosen."""

    def build(choices: Choices) -> Example:
        table = problem_table(choices, mix)
        problem, reduced = Example(table).reduced()
        construction = choices.pick(list(constructions(reduced, problem.architecture)))
        ramps = drawn_ramps(choices, construction)
        corners = [v for polytope in problem.domain.polytopes for v in polytope.vertices]
        points = []
        for _ in range(POINTS):
            weights = [choices.integer(0, 20) for _ in corners]
            weights[0] += not any(weights)
            points.append(
                tuple(
                    sum((w * v[i] for w, v in zip(weights, corners, strict=True)), Fraction(0)) / sum(weights)
                    for i in range(problem.domain.dimension)
                )
            )
        notes: dict[str, str] = {"construction": construction.case}
        for index, ramp in enumerate(ramps, start=1):
            where = ramp.term.halfspace.text(problem.variables)
            notes[f"ramp {index}"] = f"{where}, kappa = {ramp.kappa}, shift = {ramp.shift.text(problem.variables)}"
        return Example(table, (construction, ramps, points), notes)

    return build


def _outside(example: Example) -> None:
    problem, reduced = example.reduced()
    construction, ramps, points = example.choices
    network = construction.network(ramps, problem.domain)
    dimension = reduced.dimension(problem.architecture)
    require(network.width <= dimension, f"{network.width} neurons for a response of dimension {dimension}")
    require(problem.architecture == "residual" or network.is_feedforward, "the affine part is not constant")
    check_competitor(network, construction, ramps, problem.domain.polytopes)
    for point in points:
        if all(_keeps_off(ramp, point) for ramp in ramps):
            value, wanted = network(point), reduced(point)
            words = f"at {tuple(map(str, point))} the network is {value}, the response {wanted}"
            require(value == wanted, words)


def _keeps_off(ramp: Ramp, point: Sequence[Fraction]) -> bool:
    """Whether a point lies off the ramp, its jump and the strip between the two (MATHEMATICS.md, section 3)."""
    side, jump = ramp.term.halfspace.side(point), ramp.term.jump(point)
    moved = side + ramp.kappa * ramp.shift(point)
    return abs(moved) >= ramp.kappa * abs(jump) and side * moved > 0


def _decomposition(example: Example) -> None:
    problem = example.problem
    construction, ramps, _ = example.choices
    parts = pieces(problem)
    integrator = Integrator(problem.variables, Deadline(None))
    responses = stages(construction, ramps)
    for index, ramp in enumerate(ramps):
        first, second = responses[index], responses[index + 1]
        gain = integrator.enclose(excess_integrals(problem, parts, first, second), DIGITS)
        integrals = list(_defect_and_transport(problem, first, ramp))
        other = integrator.enclose(integrals, DIGITS)
        require(gain.is_exact and other.is_exact, "the integrals of polynomials are not exact")
        words = f"ramp {index + 1}: the gain is {gain.lower}, defect minus transport {other.lower}"
        require(gain.lower == other.lower, words)


def _defect_and_transport(problem: Problem, current: GeneralizedResponse, ramp: Ramp) -> Iterator[Integral]:
    """Yield integrals that add up to `int h C - int h A (L_+ - L_-)` (MATHEMATICS.md, section 4), squared loss.

    With `rho = theta J` the integrand is a polynomial on each cell: `C = rho (J - rho)` and
    `A (L_+ - L_-) = (rho - J 1{s > 0}) (2 R_- + J - 2 f)`.
    """
    side, jump = ramp.term.halfspace.side, ramp.term.jump
    slope = ramp.response()
    rest = list(current.terms)
    rest.remove(ramp.term)
    below = GeneralizedResponse(current.affine, tuple(rest))
    walls = [side, ramp.upper, ramp.lower, *(t.halfspace.side for t in rest)]
    for cell in cells(problem.domain.polytopes, [w for w in walls if not w.is_constant]):
        theta_jump = slope.at(cell.centre)
        step = jump if side(cell.centre) > 0 else jump * 0
        middle = below.at(cell.centre) * 2 + jump
        defect = _product(problem, theta_jump, jump - theta_jump)
        transport = _product(problem, theta_jump - step, middle)
        target = tree.Product((tree.Number(Fraction(2)), _expression(problem, theta_jump - step), problem.target))
        for term in (defect, tree.negated(transport), target):
            yield Integral(tree.Product((problem.density, term)), cell)


def _expression(problem: Problem, function: Affine) -> Expression:
    return affine_expression(function, problem.variables)


def _product(problem: Problem, *factors: Affine) -> Expression:
    return tree.Product(tuple(_expression(problem, f) for f in factors))


def _with_thin_ramp(choices: Choices) -> Example:
    table = problem_table(choices, POLYNOMIAL)
    _, reduced = Example(table).reduced()
    index = choices.integer(0, len(reduced.jumps) - 1)
    n = reduced.dimension_of_input
    shift = Affine.of([choices.rational(4, 3) for _ in range(n)], choices.rational(4, 3))
    notes = {"jump": str(index + 1), "shift": shift.text(Example(table).problem.variables)}
    return Example(table, (index, shift), notes)


def _first_order(example: Example) -> None:
    problem, reduced = example.reduced()
    index, shift = example.choices
    term = reduced.jumps[index]
    ramp = Ramp(term, _TINY, shift)
    rest = list(reduced.terms)
    rest.remove(term)
    below = GeneralizedResponse(reduced.affine, tuple(rest))
    slope = ramp.response()
    ramped = GeneralizedResponse(reduced.affine + slope.affine, (*rest, *slope.terms))
    integrator = Integrator(problem.variables, Deadline(None))
    gain = integrator.enclose(excess_integrals(problem, pieces(problem), reduced, ramped), DIGITS)
    parts = list(_on_the_boundary(problem, below, ramp))
    predicted = sum(parts, Fraction(0))
    scale = 1 + sum(map(abs, parts), Fraction(0))
    ratio = gain.lower / _TINY
    words = f"with kappa = 1e-20, gain/kappa = {float(ratio)!r}, the integral over the hyperplane {float(predicted)!r}"
    require(gain.is_exact and abs(ratio - predicted) <= scale / 10**8, words)


def _on_the_boundary(problem: Problem, below: GeneralizedResponse, ramp: Ramp) -> Iterator[Fraction]:
    """Yield the parts of `int_H h (|J|^3/3 - e J (2 R_- + J - 2 f)) dsigma/|n|`.

    Along a coordinate i with `n_i != 0` the measure `dsigma/|n|` is that of the other coordinates over `|n_i|`.
    """
    side = ramp.term.halfspace.side
    axis = next(i for i, g in enumerate(side.gradient) if g)
    names = tuple(name for i, name in enumerate(problem.variables) if i != axis)
    place = {problem.variables[axis]: affine_expression(_solved(side, axis), names)}
    density, target = (tree.substituted(e, place) for e in (problem.density, problem.target))
    jump, shift = (_cut(f, side, axis) for f in (ramp.term.jump, ramp.shift))
    for cell in cells(problem.domain.polytopes, [t.halfspace.side for t in below.terms]):
        current = _cut(below.at(cell.centre), side, axis)
        for section in _sections(cell, side, axis, jump):
            sign = 1 if jump(section.centre if section else ()) >= 0 else -1
            step, moved, middle = (affine_expression(f, names) for f in (jump, shift, current * 2 + jump))
            slopes = tree.Sum((middle, tree.Product((tree.Number(Fraction(-2)), target))))
            cubed = tree.Product((tree.Number(Fraction(sign, 3)), step, step, step))
            value = tree.Sum((cubed, tree.negated(tree.Product((moved, step, slopes)))))
            yield _integral(tree.Product((density, value)), section, names) / abs(side.gradient[axis])


def _sections(cell: Polytope, side: Affine, axis: int, jump: Affine) -> list[Polytope] | list[None]:
    """Return the parts of `side = 0` inside a cell, in the other coordinates, cut where the jump vanishes.

    On the line that is a single point, which is None.
    """
    outer, inner = cell.split(side)
    if outer is None or inner is None:
        return []
    if cell.dimension == 1:
        return [None]
    face = [tuple(x for i, x in enumerate(v) if i != axis) for v in inner.vertices if side(v) == 0]
    return cells([Polytope.hull(face)], [] if jump.is_constant else [jump])


def _solved(side: Affine, axis: int) -> Affine:
    """Return the coordinate `axis` on `side = 0` as an affine function of the others."""
    pivot = side.gradient[axis]
    others = [-g / pivot for i, g in enumerate(side.gradient) if i != axis]
    return Affine.of(others, -side.constant / pivot)


def _cut(function: Affine, side: Affine, axis: int) -> Affine:
    """Return an affine function on `side = 0` as one of the other coordinates."""
    rest = Affine.of([g for i, g in enumerate(function.gradient) if i != axis], function.constant)
    return rest + _solved(side, axis) * function.gradient[axis]


def _integral(expression: Expression, piece: Polytope | None, names: tuple[str, ...]) -> Fraction:
    if piece is not None:
        return Integrator(names, Deadline(None)).enclose([Integral(expression, piece)], DIGITS).lower
    value = in_ring(expression, {}, Fraction)
    assert value is not None
    return value


PROPERTIES = (
    Property(
        "ramp-equals-response",
        "Outside its ramps the network equals the response; it has at most as many neurons as the response's dimension",
        with_ramps(ANYWHERE),
        _outside,
    ),
    Property(
        "exact-decomposition",
        "The gain of a ramp is its convexity defect minus its transport term, exactly (squared loss, polynomials)",
        with_ramps(POLYNOMIAL),
        _decomposition,
    ),
    Property(
        "first-order-gain",
        "gain/kappa tends to the integral of h (|J|^3/3 - e (L_+ - L_-)) over the hyperplane (squared loss)",
        _with_thin_ramp,
        _first_order,
    ),
)
