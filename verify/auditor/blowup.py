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
from verify.auditor.expressions import Node, add, call, multiply, negate, number, power, substitute, subtract
from verify.auditor.parametric import between
from verify.auditor.responses import Jump, Response
from verify.auditor.simplices import facets, hull
from verify.auditor.verdicts import Effort, UndecidedError


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
    jump = frame.of(own.jump.jump)
    before = multiply(jump, call("Heaviside", frame.w))
    outputs = [frame.of(response.affine), before]
    for j in response.jumps:
        if j != own.jump:
            earlier = next((m for m in members[:i] if m.jump == j), None)
            outputs.append(_step(frame, j) if earlier is None else _ramp(frame, earlier, is_near))
    y, f = add(*outputs), substitute(problem.target, frame.coordinates)
    reach = [add(frame.w, multiply(number(own.ratio), frame.of(own.shift.plus(own.jump.jump, a)))) for a in (1, -1)]
    half = number(Fraction(1, 2 * own.ratio))
    bent = _bent(jump, reach, multiply(half, reach[0]), negate(multiply(half, reach[1])))
    # 0 by its form where the ramp is the jump
    above = number(0), call("Min", *reach), subtract(jump, bent), number(0)
    below = number(0), negate(call("Max", *reach)), negate(bent), number(0)
    args = Node("Piecewise", above, (">", "True")), frame.w, Node("Piecewise", below, (">", "True")), number(0)
    step = Node("Piecewise", args, (">", "True"))
    if problem.loss.kind == "squared":
        return multiply(step, add(multiply(number(2), y), negate(step), multiply(number(-2), f)))

    def loss(output: Node) -> Node:
        if problem.loss.kind == "expression":
            return substitute(problem.loss.expression, {**frame.coordinates, frame.n: f, frame.n + 1: output})
        return problem.loss.of(output, f)

    return subtract(loss(y), loss(subtract(y, step)))


def _step(frame: Frame, jump: Jump) -> Node:
    return multiply(frame.of(jump.jump), call("Heaviside", frame.of(jump.side)))


def _ramp(frame: Frame, member: Member, is_near: bool) -> Node:
    """Another ramp, in between a part of its jump or, away from kappa = 0, what its one active neuron gives."""
    jump, scale = frame.of(member.jump.jump), multiply(number(member.ratio), frame.kappa)
    reach = [
        add(frame.of(member.jump.side), multiply(scale, frame.of(member.shift.plus(member.jump.jump, a))))
        for a in (1, -1)
    ]
    if is_near:
        part = multiply(jump, between(frame.n))
        return _bent(jump, reach, part, part)
    half = power(multiply(number(2), scale), number(-1))
    return _bent(jump, reach, multiply(half, reach[0]), negate(multiply(half, reach[1])))


def _bent(jump: Node, reach: Sequence[Node], rising: Node, falling: Node) -> Node:
    """The jump where both neurons are active, 0 where none is, else what the one active neuron gives."""
    upper, lower = reach
    branches = (
        (jump, call("Min", upper, lower)), (number(0), negate(call("Max", upper, lower))), (rising, upper),
    )  # fmt: skip
    nodes = [node for branch in branches for node in branch]
    return Node("Piecewise", (*nodes, falling, number(0)), (">", ">", ">", "True"))


def _regions(effort: Effort, shapes: Sequence[Shape], frame: Frame, member: Member) -> Iterator[Part]:
    """(what is 1 on a part of S and 0 elsewhere, as factors; the vertices of a cell) for cells around the ramp."""
    corners = [corner for shape in shapes for corner in shape.corners()]
    size = max(abs(f.value(c)) for f in (member.shift, member.jump.jump) for c in corners)
    ends = -2 * member.ratio * size, 2 * member.ratio * size
    if frame.n == 1:
        for a, b in intervals(shapes):
            planes = [Affine((Fraction(1),), -a), Affine((Fraction(-1),), b)]
            yield [call("Heaviside", frame.of(plane)) for plane in planes], *ends
        return
    if len(shapes) > 1 or shapes[0].kind == "ball":
        raise UndecidedError("problem.domain: a union or a ball in more than one dimension is beyond this auditor")
    columns = [column for i, column in enumerate(zip(*corners, strict=True)) if i != frame.pivot]
    box: list[Vertex] = list(product(*[(min(c), max(c)) for c in columns], ends))
    inside = [call("Heaviside", frame.of(plane)) for plane in facets(effort, shapes[0].corners())]
    for simplex in hull(effort, box):
        yield inside, *simplex
