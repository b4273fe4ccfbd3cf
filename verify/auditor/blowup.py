"""The gain of ramps divided by kappa as an integral without a singularity at kappa = 0 (docs/certificate.md, 8.2).

At the ramp of {s > 0} the coordinate with the largest slope gives way to w = s / kappa. Then the two neurons of the
ramp, divided by kappa, are w + ratio (e +- J); a factor 1 / |slope| is left of kappa / kappa.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from typing import NamedTuple

from verify.auditor.affine import Affine, Shape, intervals
from verify.auditor.certificate import Problem
from verify.auditor.domains import Part
from verify.auditor.evaluate import Vertex
from verify.auditor.expressions import Node, add, call, multiply, number, power, substitute, subtract
from verify.auditor.grammar import parse
from verify.auditor.parametric import between
from verify.auditor.responses import Jump, Response
from verify.auditor.simplices import facets, hull
from verify.auditor.verdicts import Effort, UndecidedError

# A ramp: the jump where both neurons are active, 0 where none is, else what the one active neuron gives. Then the jump
# minus its ramp, which is 0 by its form outside of it.
_NAMES = ["jump", "side", "upper", "lower", "rising", "falling"]
_RAMP = "Piecewise((jump, Min(upper, lower) > 0), (0, Max(upper, lower) < 0), (rising, upper > 0), (falling, True))"
_ZERO = "(0, Min(side, upper, lower) > 0), (0, Max(side, upper, lower) < 0)"
RAMP = parse(_RAMP, _NAMES)
STEP = parse(f"Piecewise({_ZERO}, (jump*Heaviside(side) - {_RAMP}, True))", _NAMES)


class Member(NamedTuple):
    """A ramp with kappa_k = ratio * kappa."""

    jump: Jump
    ratio: Fraction
    shift: Affine
    opposite: bool


class Blowup(NamedTuple):
    """Expressions on cells; the sum of their integrals is gain / kappa, for all kappas or for those away from 0."""

    near: list[Part]
    away: list[Part]


class Frame:
    """Coordinates at {s = 0}: those of x but one, then w, then kappa."""

    def __init__(self, side: Affine) -> None:
        sizes = [abs(a) for a in side.gradient]
        self.side, self.n, self.pivot = side, len(sizes), sizes.index(max(sizes))
        self.slope = side.gradient[self.pivot]
        self.w, self.kappa = (Node("variable", (), self.n - 1 + i) for i in (0, 1))
        self.coordinates = {i: self.of(Affine(unit(self.n, i), Fraction(0))) for i in range(self.n)}

    def of(self, function: Affine) -> Node:
        """An affine function of x in these coordinates."""
        factor = Fraction(function.gradient[self.pivot], self.slope)
        rest = function.plus(self.side, -factor)
        others = [a for i, a in enumerate(rest.gradient) if i != self.pivot]
        terms = [multiply(number(a), Node("variable", (), i)) for i, a in enumerate(others) if a]
        moved = [multiply(number(factor), self.kappa, self.w)] if factor else []
        return add(*terms, *moved, number(rest.constant))


def unit(n: int, i: int) -> tuple[Fraction, ...]:
    """A unit vector."""
    return tuple(Fraction(i == j) for j in range(n))


def parts(effort: Effort, problem: Problem, response: Response, members: Sequence[Member]) -> Blowup:
    """gain / kappa for the ramps of the members, one after the other."""
    result = Blowup([], [])
    for i, member in enumerate(members):
        frame = Frame(member.jump.side)
        for inside, *cell in _regions(effort, problem.shapes, frame, member):
            for found, is_near in zip(result, (True, False), strict=True):
                change = _change(problem, frame, response, members, i, is_near)
                density = substitute(problem.density, frame.coordinates)
                factor = number(Fraction(1, abs(frame.slope)))
                found.append((multiply(factor, *inside, density, change), *cell))
    return result


def _change(
    problem: Problem, frame: Frame, response: Response, members: Sequence[Member], i: int, is_near: bool
) -> Node:
    """L before minus L after the i-th jump has become a ramp, the earlier ones being ramps already."""
    own = members[i]
    outputs = [frame.of(response.affine), multiply(frame.of(own.jump.jump), call("Heaviside", frame.w))]
    for j in response.jumps:
        if j != own.jump:
            earlier = next((m for m in members[:i] if m.jump == j), None)
            side, part = frame.of(j.side), between(frame.n) if is_near else None
            is_jump = multiply(frame.of(j.jump), call("Heaviside", side))
            outputs.append(_of(RAMP, frame, earlier, side, frame.kappa, part) if earlier else is_jump)
    y, f = add(*outputs), substitute(problem.target, frame.coordinates)
    step = _of(STEP, frame, own, frame.w, number(1), None)
    return problem.loss.drop(f, y, subtract(y, step), step, coordinates=frame.coordinates)


def _of(pattern: Node, frame: Frame, member: Member, side: Node, kappa: Node, part: Node | None) -> Node:
    """A ramp, or jump minus ramp, at side and kappa; where one neuron is active, this part of the jump if it is given.

    That is less than is known, but has no singularity at kappa = 0.
    """
    jump, scale = frame.of(member.jump.jump), multiply(number(member.ratio), kappa)
    neurons = [add(side, multiply(scale, frame.of(member.shift.plus(member.jump.jump, a)))) for a in (1, -1)]
    half = power(multiply(number(2), scale), number(-1))
    alone = [multiply(half, neurons[0]), multiply(number(-1), half, neurons[1])]
    if part is not None:
        alone = [multiply(jump, part)] * 2
    return substitute(pattern, dict(enumerate((jump, side, *neurons, *alone))))


def _regions(effort: Effort, shapes: Sequence[Shape], frame: Frame, member: Member) -> Iterator[Part]:
    """(what is 1 on a part of S and 0 elsewhere, as factors; the vertices of a cell) for cells around the ramp."""
    corners = [corner for shape in shapes for corner in shape.corners()]
    size = max(abs(f.value(c)) for f in (member.shift, member.jump.jump) for c in corners)
    ends = -2 * member.ratio * size, 2 * member.ratio * size
    if frame.n == 1:
        shapes = [Shape("box", ((a,), (b,))) for a, b in intervals(shapes)]
    elif len(shapes) > 1 or shapes[0].kind == "ball":
        raise UndecidedError("problem.domain: a union or a ball in more than one dimension is beyond this auditor")
    columns = [column for i, column in enumerate(zip(*corners, strict=True)) if i != frame.pivot]
    box: list[Vertex] = list(product(*[(min(c), max(c)) for c in columns], ends))
    for shape in shapes:
        inside = [call("Heaviside", frame.of(plane)) for plane in facets(effort, shape.corners())]
        for simplex in hull(effort, box):
            yield inside, *simplex
