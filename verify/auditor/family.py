"""The checks of a certificate of kind `domination-family` (docs/certificate.md, section 8).

Near the boundary {s = 0} of a jump, s = kappa w: the gain of its ramp divided by kappa is an integral over w and the
coordinates along the boundary in which kappa is no singularity any more. It is enclosed for all kappa in an interval at
once, 0 included; intervals on which that does not show enough are halved.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from typing import NamedTuple

from verify.auditor.affine import Affine, Response, Shape, reduced
from verify.auditor.certificate import Interval, Problem, Ramp, Reader, Records
from verify.auditor.domains import Part
from verify.auditor.domination import check_dimension, check_problem
from verify.auditor.evaluate import Vertex
from verify.auditor.expressions import Node, add, call, multiply, negate, number, power, substitute, subtract
from verify.auditor.grammar import parse
from verify.auditor.parametric import ParametricIntegral, between
from verify.auditor.partitions import cells
from verify.auditor.simplices import facets, hull
from verify.auditor.verdicts import Effort, UndecidedError, at, require, settle, shown

MOST_HALVINGS = 40
REFINEMENTS = 16, 16, 32, 64, 128, 256, 512  # of the cells, before an interval of kappas is halved
# A ramp: the jump where both neurons are active, 0 where none is, else what the one active neuron gives. Then the jump
# minus its ramp, which is 0 by its form outside of it.
_NAMES = ["jump", "side", "upper", "lower", "rising", "falling"]
_RAMP = "Piecewise((jump, Min(upper, lower) > 0), (0, Max(upper, lower) < 0), (rising, upper > 0), (falling, True))"
_ZERO = "(0, Min(side, upper, lower) > 0), (0, Max(side, upper, lower) < 0)"
RAMP = parse(_RAMP, _NAMES)
STEP = parse(f"Piecewise({_ZERO}, (jump*Heaviside(side) - {_RAMP}, True))", _NAMES)


class Blowup(NamedTuple):
    """Expressions on cells; the sum of their integrals is gain / kappa, for all kappas or for those away from 0."""

    near: list[Part]
    away: list[Part]


class Stretch(NamedTuple):
    """gain >= rate * kappa for low < kappa <= high."""

    low: Fraction
    high: Fraction
    rate: Fraction


class Claim(NamedTuple):
    """What is claimed."""

    dimension: int
    neurons: int
    kappa: Fraction
    first_order: Interval | None
    cover: list[Stretch]


KEYS = "response:response ramps:member* claim:claim"
RECORDS: Records = {
    "claim": (Claim, "dimension:count neurons:count kappa:exact first_order:interval? cover:stretch*"),
    "stretch": (Stretch, "from:exact to:exact rate:exact"),
}


def check(effort: Effort, r: Reader, problem: Problem, response: Response, members: list[Ramp], claim: Claim) -> None:
    """Return if the certificate is valid; InvalidError or UndecidedError with the reason otherwise."""
    _check_form(problem, response, members, claim)
    _check_cover(claim)
    check_problem(problem, effort)
    loss = problem.loss
    settle(loss.kind != "expression" or loss.expression.total, "problem.loss: not seen to be defined everywhere")
    nodes = parts(effort, problem, response, members)
    if claim.first_order is not None:
        with at("claim.first_order"):
            _check_limit(nodes, claim.first_order, claim.kappa, effort)
    for i, stretch in enumerate(claim.cover):
        with at(f"claim.cover[{i}]"):
            _check_stretch(nodes, stretch, effort)


def _check_form(problem: Problem, response: Response, members: list[Ramp], claim: Claim) -> None:
    """Every member of the family is a network of the claimed width that replaces every jump by a ramp."""
    own = reduced(response, problem.shapes)
    require(len(own.jumps) == len(response.jumps), "response: it is not reduced")
    require(bool(own.strict()), "response: it is not strict, no jump has multiplicity 2")
    check_dimension(problem, claim.dimension, own)
    require([m.jump for m in members] == response.strict(), "ramps: not those of the jumps of multiplicity 2, in order")
    turned = [m for m in members if m.opposite]
    # s/(2 kappa_k) + (e - J)/2 is what opposite neurons add to their ramp
    growing, constant = Affine(tuple(0 * g for g in response.affine.gradient), Fraction(0)), response.affine
    for m in turned:
        growing = growing.plus(m.jump.side, Fraction(1, 2 * m.kappa))
        constant = constant.plus(m.shift.plus(m.jump.jump, -1), Fraction(-1, 2))
    is_free = problem.architecture == "residual" or not (any(growing.gradient) or any(constant.gradient))
    neurons = len(response.jumps) + len(members) + (0 if is_free else 1)
    require(neurons == claim.neurons, f"claim.neurons: the networks have {neurons} neurons, not {claim.neurons}")
    require(neurons <= problem.width, f"claim.neurons: {neurons} neurons exceed the width {problem.width}")


def _check_cover(claim: Claim) -> None:
    """The stretches cover (0, kappa] without a gap, with positive rates."""
    reached = Fraction(0)
    for i, (low, high, rate) in enumerate(claim.cover):
        require(low == reached < high, f"claim.cover[{i}]: it does not begin at {shown(reached)} and go on")
        require(rate > 0, f"claim.cover[{i}].rate: {shown(rate)} is not > 0")
        reached = high
    require(reached == claim.kappa > 0, f"claim.kappa: the cover ends at {shown(reached)}, not at {shown(claim.kappa)}")


def _check_limit(nodes: Blowup, claimed: Interval, kappa: Fraction, effort: Effort) -> None:
    """gain / kappa lies in the claimed interval for kappas that are small, compared with its width."""
    width = claimed[1] - claimed[0] or abs(claimed[0]) * Fraction(1, 1 << 20) or Fraction(1, 1 << 64)
    small = kappa * min(Fraction(1), Fraction(width, max(map(abs, claimed)) or 1)) * Fraction(1, 1 << 20)
    integral = ParametricIntegral(effort, nodes.near, (Fraction(0), small), width * Fraction(1, 1 << 20))
    for shrink in (1, 16, 256):
        low, high = integral.enclosure(width * Fraction(1, 4 * shrink))
        require(low <= claimed[1] and claimed[0] <= high, f"it lies in [{shown(low)}, {shown(high)}]")
        if claimed[0] <= low and high <= claimed[1]:
            return
    raise UndecidedError(f"enclosed only in [{shown(low)}, {shown(high)}]")


def _check_stretch(nodes: Blowup, stretch: Stretch, effort: Effort) -> None:
    """gain >= rate * kappa on a stretch, halved where that does not show yet."""
    queue = deque([(stretch.low, stretch.high, MOST_HALVINGS)])
    while queue:  # the widest first: where the rate is not reached is then found early
        low, high, halvings = queue.popleft()
        found = nodes.away if low else nodes.near
        integral = ParametricIntegral(effort, found, (low, high), stretch.rate * Fraction(1, 1 << 10))
        least, largest = _refined(integral, stretch.rate)
        where = f"for {shown(low)} < kappa <= {shown(high)}"
        refuted = least is not None and largest < stretch.rate
        require(not refuted, f"the gain is at most {shown(largest)} kappa {where}")
        if least is None or least < stretch.rate:
            settle(halvings > 0, f"a gain of {shown(stretch.rate)} kappa is not seen {where}")
            ratio = Fraction(high, low) if low else Fraction(1)  # far apart: halved by their logarithms
            middle = Fraction(low + high, 2) if ratio < 4 else low * (1 << (int(ratio).bit_length() >> 1))
            queue += [(low, middle, halvings - 1), (middle, high, halvings - 1)]
        else:
            effort.progress()


def _refined(integral: ParametricIntegral, rate: Fraction) -> tuple[Fraction | None, Fraction]:
    """Bounds, from cells that are halved as long as each time a third of what is missing to the rate is gained."""
    least, largest = integral.bounds()
    for count in REFINEMENTS:
        if least is not None and not least < rate <= largest:
            break
        before = least
        for _ in range(count):
            integral.refine()
        least, largest = integral.bounds()
        if least is not None and before is not None and 3 * (rate - least) > 2 * (rate - before):
            break
    return least, largest


class Frame:
    """Coordinates at {s = 0}: those of x but the one with the largest slope, then w = s / kappa, then kappa."""

    def __init__(self, side: Affine) -> None:
        sizes = [abs(a) for a in side.gradient]
        self.side, self.n, self.pivot = side, len(sizes), sizes.index(max(sizes))
        self.slope = side.gradient[self.pivot]
        self.w, self.kappa = (Node("variable", (), self.n - 1 + i) for i in (0, 1))
        units = [tuple(Fraction(i == j) for j in range(self.n)) for i in range(self.n)]
        self.coordinates = {i: self.of(Affine(unit, Fraction(0))) for i, unit in enumerate(units)}

    def of(self, function: Affine) -> Node:
        """An affine function of x in these coordinates."""
        factor = Fraction(function.gradient[self.pivot], self.slope)
        rest = function.plus(self.side, -factor)
        others = [a for i, a in enumerate(rest.gradient) if i != self.pivot]
        terms = [multiply(number(a), Node("variable", (), i)) for i, a in enumerate(others) if a]
        moved = [multiply(number(factor), self.kappa, self.w)] if factor else []
        return add(*terms, *moved, number(rest.constant))


def parts(effort: Effort, problem: Problem, response: Response, members: Sequence[Ramp]) -> Blowup:
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


def _change(problem: Problem, frame: Frame, response: Response, members: Sequence[Ramp], i: int, is_near: bool) -> Node:
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


def _of(pattern: Node, frame: Frame, member: Ramp, side: Node, kappa: Node, part: Node | None) -> Node:
    """A ramp, or jump minus ramp, at side and kappa; where one neuron is active, this part of the jump if it is given.

    That is less than is known, but has no singularity at kappa = 0.
    """
    jump, scale = frame.of(member.jump.jump), multiply(number(member.kappa), kappa)
    neurons = [add(side, multiply(scale, frame.of(member.shift.plus(member.jump.jump, a)))) for a in (1, -1)]
    half = power(multiply(number(2), scale), number(-1))
    alone = [multiply(half, neurons[0]), multiply(number(-1), half, neurons[1])]
    if part is not None:
        alone = [multiply(jump, part)] * 2
    return substitute(pattern, dict(enumerate((jump, side, *neurons, *alone))))


def _regions(effort: Effort, shapes: Sequence[Shape], frame: Frame, member: Ramp) -> Iterator[Part]:
    """(what is 1 on a part of S and 0 elsewhere, as factors; the vertices of a cell) for cells around the ramp."""
    corners = [corner for shape in shapes for corner in shape.corners()]
    size = max(abs(f.value(c)) for f in (member.shift, member.jump.jump) for c in corners)
    ends = -2 * member.kappa * size, 2 * member.kappa * size
    columns = [column for i, column in enumerate(zip(*corners, strict=True)) if i != frame.pivot]
    box: list[Vertex] = list(product(*[(min(c), max(c)) for c in columns], ends))
    for inside, simplex in product(_indicators(effort, shapes, frame), hull(effort, box)):
        yield inside, *simplex


def _indicators(effort: Effort, shapes: Sequence[Shape], frame: Frame) -> Iterator[list[Node]]:
    """Factors that are 1 on a part of S and 0 elsewhere, for parts that add up to S."""
    if frame.n == 1 or len(shapes) > 1:
        balls = [shape for shape in shapes if shape.kind == "ball" and frame.n > 1]
        simplices = (cell for cell in cells(effort, shapes) if len(cell) == frame.n + 1)
        shapes = [*balls, *(Shape("vertices", simplex) for simplex in simplices)]
    for shape in shapes:
        if shape.kind == "ball":
            ways = [add(frame.coordinates[i], number(-c)) for i, c in enumerate(shape.points[0])]
            yield [call("Heaviside", add(number(shape.radius**2), *(negate(power(way, number(2))) for way in ways)))]
        else:
            yield [call("Heaviside", frame.of(plane)) for plane in facets(effort, shape.corners())]
