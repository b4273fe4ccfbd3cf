"""The blow-up at a jump: gain / kappa as an integral in which kappa = 0 is no singularity (MATHEMATICS.md, section 4).

At a jump with boundary {s = 0} put `s = kappa w`. The coordinate in which s has its largest slope becomes a function of
the others, of w and of kappa; divided by kappa, the two neurons of the ramp are `w + r (e +- J)`. Where a cell of
(others, w) lies on one side of every wall for all kappas of an interval, response and ramps are one formula there. On a
cell that a wall crosses, a switch is some number in [0, 1], another one at each point. So it is on the small cells that
the rim of a ball crosses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from proofs.geometry.affine import Affine, Point
from proofs.geometry.balls import RoundCell
from proofs.geometry.polytopes import Polytope, cells
from proofs.ramp import Ramp
from proofs.ramp_family import RampFamily
from verify.expressions import Expression, tree
from verify.expressions.algebra import affine_expression
from verify.expressions.switches import has_switches
from verify.expressions.tree import Number, Power, Product, Sum, Variable
from verify.gain import Piece
from verify.problem import Problem

W, KAPPA = "w of the ramp", "kappa of the ramp"
RIM_HALVINGS = 8  # of cells that the rim of a ball crosses
_HALF = Fraction(1, 2)
State = int | None  # of a wall on a cell: 1 or 0 for its two sides, None if it crosses
Part = tuple[Polytope, tuple[State, ...]]


@dataclass(frozen=True)
class Wall:
    """A function that is affine in (others, w) for each kappa: `terms[k]` belongs to kappa^k."""

    terms: tuple[Affine, ...]

    def at(self, kappa: Fraction) -> Affine:
        """Return the function for one kappa."""
        result = self.terms[0]
        for k, term in enumerate(self.terms[1:], 1):
            result = result + term * kappa**k
        return result

    def state(self, cell: Polytope, low: Fraction, high: Fraction) -> State:
        """Return 1 if it is >= 0 on a cell for low <= kappa <= high, 0 if <= 0, None if neither is seen.

        For each vertex it is a polynomial in kappa, between the least and the largest of its Bernstein coefficients.
        """
        constant, slope, bend = (*self.terms, *[self.terms[0] * 0] * (3 - len(self.terms)))
        between = constant + slope * ((low + high) / 2) + bend * (low * high)
        signs = {cell.sign_of(f) for f in (self.at(low), between, self.at(high))}
        return {1: 1, -1: 0}.get(signs.pop()) if len(signs) == 1 else None


class Blowup:
    """One jump on one piece of the domain, in the coordinates (others, w); `of` says how x depends on them."""

    def __init__(self, problem: Problem, family: RampFamily, index: int, piece: Piece) -> None:
        whole = corners_of(piece)
        self.ball = piece.cell.ball if isinstance(piece.cell, RoundCell) else None
        self.problem, self.piece, self.facets = problem, piece, whole.facets
        self.members = family.ramps(Fraction(1))
        self.own, self.index = self.members[index], index
        self.response = family.construction.response
        self.side = self.own.term.halfspace.side
        sizes = [abs(g) for g in self.side.gradient]
        self.pivot = sizes.index(max(sizes))
        self.names = (*(v for i, v in enumerate(problem.variables) if i != self.pivot), W)
        moves = [m - self.side for m in (self.own.upper, self.own.lower)]
        reach = max(abs(m(v)) for m in moves for v in whole.vertices)
        others = [b for i, b in enumerate(piece.cell.bounds) if i != self.pivot]
        self.box = Polytope.box([*others, (-reach, reach)]) if reach else None
        w = Affine.of([int(name == W) for name in self.names])
        self.outside = [t for t in self.response.terms if t is not self.own.term]
        self.earlier = {m.term: m for m in self.members[:index]}
        # w, the ends of the ramp, the facets; then the other jumps, two walls for each that is a ramp already
        self.walls = [Wall((w,)), *(Wall((w + a, b)) for a, b in map(self.terms, moves))]
        self.walls += [Wall(self.terms(facet)) for facet in self.facets]
        for t in self.outside:
            ramp = self.earlier.get(t)
            for end in (t.halfspace.side,) if ramp is None else (ramp.upper, ramp.lower):
                (a, b), (c, d) = self.terms(t.halfspace.side), self.terms(end - t.halfspace.side)
                self.walls.append(Wall((a, b + c, d)))

    def terms(self, function: Affine) -> tuple[Affine, Affine]:
        """Return an affine function of x as `a + kappa b` in the coordinates."""
        factor = function.gradient[self.pivot] / self.side.gradient[self.pivot]
        rest = function - self.side * factor
        gradient = [g for i, g in enumerate(rest.gradient) if i != self.pivot]
        return Affine.of([*gradient, 0], rest.constant), Affine.of([0] * len(gradient) + [factor])

    def of(self, function: Affine) -> Expression:
        """Return an affine function of x as an expression in the coordinates and kappa."""
        constant, slope = (affine_expression(part, self.names) for part in self.terms(function))
        return tree.folded(Sum((constant, Product((Variable(KAPPA), slope)))))

    @property
    def _pivot_unit(self) -> Affine:
        """The coordinate of x that depends on w and kappa."""
        return Affine.of([int(i == self.pivot) for i in range(len(self.problem.variables))])

    def moved(self, node: Expression) -> Expression:
        """Return an expression in x as one in the coordinates and kappa."""
        return tree.folded(tree.substituted(node, {self.problem.variables[self.pivot]: self.of(self._pivot_unit)}))

    def place(self, point: Point, kappa: Fraction) -> Point:
        """Return the x of a point in the coordinates."""
        constant, slope = self.terms(self._pivot_unit)
        return (*point[: self.pivot], constant(point) + kappa * slope(point), *point[self.pivot : -1])

    def parts(self, low: Fraction, high: Fraction) -> list[Part]:
        """Return cells, with their states for all kappas in [low, high], that make up what the ramp changes."""
        parts: list[Part] = [] if self.box is None else [(self.box, ())]
        for wall in self.walls:
            found: list[Part] = []
            for cell, states in parts:
                crossed = wall.state(cell, low, high) is None
                for part in cells([cell], [wall.at(low), wall.at(high)] if crossed else []):
                    found.append((part, (*states, wall.state(part, low, high))))
            parts = [part for part in found if not self._is_idle(part[1])]
        if self.ball is None:
            return parts
        cut = [(part, (*states, rim)) for cell, states in parts for part, rim in self._at_rim(cell, low, high)]
        return [(part, states) for part, states in cut if states[-1] != 0]

    def _at_rim(
        self, cell: Polytope, low: Fraction, high: Fraction, halvings: int = RIM_HALVINGS
    ) -> Iterator[tuple[Polytope, State]]:
        """Yield parts of a cell that lie inside the ball, outside, or on both sides for kappas in [low, high]."""
        points = [self.place(v, kappa) for v in cell.vertices for kappa in (low, high)]
        state = self._side_of_rim(points)
        if state is not None or not halvings:
            yield cell, state
            return
        change = self.terms(self._pivot_unit)[1].gradient[-1] * high  # of x along w
        widths = [b - a for a, b in cell.bounds]
        widths[-1] *= abs(change)
        k = widths.index(max(widths))
        a, b = cell.bounds[k]
        middle = Affine.of([int(i == k) for i in range(len(widths))], -(a + b) / 2)
        for part in cells([cell], [middle]):
            yield from self._at_rim(part, low, high, halvings - 1)

    def _side_of_rim(self, points: Sequence[Point]) -> State:
        """Return 1 if the hull of points lies in the ball, 0 if a plane beside the ball has it on its other side."""
        assert self.ball is not None
        if all(self.ball.excess(p) <= 0 for p in points):
            return 1
        away = [
            sum(column) / len(points) - c for column, c in zip(zip(*points, strict=True), self.ball.centre, strict=True)
        ]
        nearest = min(map(Affine.of(away), points))
        return 0 if self.ball.sign_of(Affine.of(away, -nearest)) < 0 else None

    def _is_idle(self, states: Sequence[State]) -> bool:
        """Whether cells lie outside the piece, or where the ramp is its jump."""
        return tuple(states[:3]) in ((1, 1, 1), (0, 0, 0)) or 0 in states[3 : 3 + len(self.facets)]

    def integrands(self, states: Sequence[State], away: bool) -> tuple[list[Expression], list[str]]:
        """Return terms of the integrand of gain / kappa on cells with these states; and what is in [0, 1] in them.

        `away`: kappa keeps away from 0. Otherwise, of the slope of another ramp no more is used than that it is a part
        of its jump.
        """
        free: list[str] = []

        def step(state: State) -> Expression:
            if state is None:
                free.append(f"part {len(free)}")
            return Variable(free[-1]) if state is None else Number(Fraction(state))

        rest = iter(states[3:])
        inside = [step(next(rest)) for _ in self.facets]
        if self.ball is not None:
            inside.append(step(states[-1]))
        jump = self.of(self.own.term.jump)
        before = Product((step(states[0]), jump))
        ramp = self._slope(self.own, [step(s) for s in states[1:3]], Variable(W), Number(Fraction(1)))
        if None not in states[1:3] and states[1] == states[2]:
            ramp = Product((Number(Fraction(states[1] or 0)), jump))
        outputs = [self.of(self.response.affine), before]
        for term in self.outside:
            other, first = self.earlier.get(term), next(rest)
            if other is None or first == (second := next(rest)) is not None:
                outputs.append(Product((step(first), self.of(term.jump))))
            elif away and None not in (first, second):
                slope = self._slope(other, [step(first), step(second)], self.of(term.halfspace.side), Variable(KAPPA))
                outputs.append(slope)
            else:
                outputs.append(Product((step(None), self.of(term.jump))))
        factor = Number(1 / abs(self.side.gradient[self.pivot]))
        weight = (factor, *inside, self.moved(self.piece.density))
        terms = drops(self.problem, Sum(tuple(outputs)), Sum((before, tree.negated(ramp))), self.piece.target)
        return [tree.folded(Product((*weight, self.moved(term)))) for term in terms], free

    def _slope(self, ramp: Ramp, active: Sequence[Expression], side: Expression, kappa: Expression) -> Expression:
        """Return a ramp from its two neurons, given which are active, at `side` and `kappa`."""
        half = Product((Number(_HALF / ramp.kappa), Power(kappa, tree.MINUS_ONE)))
        moves = [self.of(end - ramp.term.halfspace.side) for end in (ramp.upper, ramp.lower)]
        upper, lower = (Product((on, Sum((side, Product((kappa, m)))))) for on, m in zip(active, moves, strict=True))
        return Product((half, Sum((upper, tree.negated(lower)))))


def corners_of(piece: Piece) -> Polytope:
    """Return the polytope that is a piece's cell, or around it."""
    if isinstance(piece.cell, RoundCell):
        return piece.cell.polytope
    assert isinstance(piece.cell, Polytope)
    return piece.cell


def drops(problem: Problem, y: Expression, step: Expression, target: Expression) -> list[Expression]:
    """Return terms whose sum is the loss at y minus that at y - step: one where they cancel, two where they kink."""
    loss = problem.loss
    if loss.kind == "squared":
        two = Number(Fraction(2))
        rest = Sum((Product((two, y)), tree.negated(step), tree.negated(Product((two, target)))))
        return [Product((step, rest))]
    terms = [loss.at(y, target), tree.negated(loss.at(tree.difference(y, step), target))]
    return terms if has_switches(loss.expression) else [Sum(tuple(terms))]
