"""Lower bounds of gain / kappa on the line, for all kappas of an interval at once, 0 included.

At a jump with `s = g x + c` put `s = kappa w`. Divided by kappa, the two neurons of its ramp are `w + r (e +- J)`, and
`gain / kappa` is `1/|g|` times an integral over w of `h (L(x, R) - L(x, N))` at `x = (kappa w - c)/g`: nothing in it is
singular at kappa = 0, where it is the first-order gain. Kappa is a ball in the integrand; the integral is taken by
`acb.integral`, cut where a switch may change for the first and for the last kappa.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from flint import acb, arb, ctx

from proofs.geometry.affine import Affine
from proofs.ramp import Ramp
from proofs.ramp_family import RampFamily
from proofs.response import Term
from verify.expressions import Expression, tree
from verify.expressions.algebra import affine_expression
from verify.expressions.balls import BallFunction, ball_between, compile_balls, exact_bounds, to_fmpq
from verify.expressions.tree import Call, Condition, Number, Piecewise, Product, Sum, Variable
from verify.gain import Piece
from verify.integration import Deadline, interval
from verify.integration.intervals import first_cause
from verify.problem import Problem
from verify.ramp_families.blowup import drops
from verify.ramp_families.halving import proves_by_halving

PRECISION = 128
EVALUATIONS = 600
COARSE = Fraction(1, 200)  # of the wanted rate, what each integral may be off by
_W, _KAPPA = Variable("w of the ramp"), Variable("kappa of the ramp")


_Reader = Callable[[Affine], Expression]


@dataclass(frozen=True)
class _Share:
    """The integrand of one jump on one piece of the domain, over |w| <= reach."""

    function: BallFunction
    term: Term
    reach: Fraction
    ends: tuple[Fraction, Fraction]


class LineGain:
    """gain / kappa of a family of ramps on the line."""

    def __init__(self, problem: Problem, family: RampFamily, parts: Sequence[Piece]) -> None:
        self.problem, self.family = problem, family
        self.members = family.ramps(Fraction(1))
        self.spread = [(p.cell, p) for p in parts]
        self.shares = [share for i in range(len(self.members)) for share in self._shares(i, parts)]

    @property
    def cap(self) -> Fraction:
        """The largest kappa that is looked at: twice that at which some ramp fills the domain."""
        low = min(interval(cell)[0] for cell, _ in self.spread)
        high = max(interval(cell)[1] for cell, _ in self.spread)
        widths = []
        for m in self.members:
            side, jump = m.term.halfspace.side, m.term.jump
            place = -side.constant / side.gradient[0]
            widths.append((high - low) * abs(side.gradient[0]) / (m.kappa * abs(jump((place,)))))
        return 2 * min(widths)

    def proves(self, low: Fraction, high: Fraction, rate: Fraction, deadline: Deadline) -> bool:
        """Whether `gain(kappa) >= rate * kappa` was shown for low < kappa <= high, with halvings of that interval."""
        return proves_by_halving(self.least, low, high, rate, deadline)

    def least(self, low: Fraction, high: Fraction, size: Fraction) -> Fraction | None:
        """Return a lower bound of gain / kappa for low < kappa <= high, or None; `size` sets the effort."""
        with ctx.workprec(PRECISION):
            kappa = acb(ball_between(arb(to_fmpq(low)), arb(to_fmpq(high))))
            tolerance = arb(to_fmpq(size * COARSE / len(self.shares)))
            total = arb(0)
            for share in self.shares:
                factor = 1 / abs(to_fmpq(share.term.halfspace.side.gradient[0]))
                for start, end in pairwise(self._cuts(share, low, high)):
                    found = _integral(share.function, kappa, start, end, tolerance)
                    if not found.is_finite():
                        return None
                    total += found * factor
            return exact_bounds(total)[0]

    def _cuts(self, share: _Share, low: Fraction, high: Fraction) -> list[Fraction]:
        """Return where to cut the range of w: at 0, and at the walls for the first and the last kappa."""
        side = share.term.halfspace.side
        g, c = side.gradient[0], side.constant
        found = {-share.reach, share.reach, Fraction(0)}
        for m in self.members:
            for kappa in (low, high):
                for end in (m.upper, m.lower):
                    move = end - m.term.halfspace.side  # kappa_1 (e +- J)
                    if m.term is share.term:  # w + (e +- J)(x) = 0
                        slope = 1 + kappa * move.gradient[0] / g
                        found |= {-move((-c / g,)) / slope} if slope else set()
                    elif kappa:
                        found |= _root(m.term.halfspace.side + kappa * move, kappa, g, c)
        for kappa in (low, high):
            for term in self.family.construction.response.terms:
                found |= _root(term.halfspace.side, kappa, g, c) if kappa else set()
            found |= {(g * x + c) / kappa for x in share.ends} if kappa else set()
        return sorted(w for w in found if abs(w) <= share.reach)

    def _shares(self, index: int, parts: Sequence[Piece]) -> Iterator[_Share]:
        own = self.members[index]
        name = self.problem.variables[0]
        g, c = own.term.halfspace.side.gradient[0], own.term.halfspace.side.constant
        x = Sum((Product((Number(1 / g), _KAPPA, _W)), Number(-c / g)))
        outside = [t for t in self.family.construction.response.terms if t is not own.term]

        def at(function: Affine) -> Expression:
            return tree.folded(tree.substituted(affine_expression(function, (name,)), {name: x}))

        jump = at(own.term.jump)
        before = Product((jump, Call("Heaviside", (_W,))))
        output: list[Expression] = [at(self.family.construction.response.affine), before]
        for term in outside:
            earlier = next((m for m in self.members[:index] if m.term is term), None)
            output.append(self._step(term, at) if earlier is None else _other(earlier, at))
        move = [end - own.term.halfspace.side for end in (own.upper, own.lower)]
        reach = [Sum((_W, at(m))) for m in move]
        half = Number(1 / (2 * own.kappa))
        step = Piecewise(  # 0 by its form where the ramp is the jump
            (
                (tree.ZERO, Condition(Call("Min", (_W, *reach)), ">", tree.ZERO)),
                (tree.ZERO, Condition(Call("Max", (_W, *reach)), "<", tree.ZERO)),
                (tree.difference(before, _bent(jump, reach, half)), None),
            )
        )
        for piece in parts:
            y: Expression = Sum(tuple(output))
            density, target = (tree.substituted(e, {name: x}) for e in (piece.density, piece.target))
            ends = interval(piece.cell)
            size = max(abs(m((end,))) for m in move for end in ends)
            inside = [Call("Heaviside", (at(Affine.of([a], -a * e)),)) for a, e in zip((1, -1), ends, strict=True)]
            drop = tree.substituted(Sum(tuple(drops(self.problem, y, step, target))), {name: x})
            integrand = tree.folded(Product((*inside, density, drop)))
            function = compile_balls(integrand, (_W.name, _KAPPA.name))
            yield _Share(function, own.term, size, ends)

    def _step(self, term: Term, at: _Reader) -> Expression:
        return Product((at(term.jump), Call("Heaviside", (at(term.halfspace.side),))))


def _other(member: Ramp, at: _Reader) -> Expression:
    """Return a ramp elsewhere, at kappa times its ratio."""
    side = member.term.halfspace.side
    reach = [Sum((at(side), Product((_KAPPA, at(end - side))))) for end in (member.upper, member.lower)]
    half = Product((Number(1 / (2 * member.kappa)), tree.Power(_KAPPA, tree.MINUS_ONE)))
    return _bent(at(member.term.jump), reach, half)


def _bent(jump: Expression, reach: Sequence[Expression], half: Expression) -> Expression:
    """Return the jump where both neurons are active, 0 where none is, else what the active one gives."""
    upper, lower = reach
    zero = tree.ZERO
    return Piecewise(
        (
            (jump, Condition(Call("Min", (upper, lower)), ">", zero)),
            (zero, Condition(Call("Max", (upper, lower)), "<", zero)),
            (Product((half, upper)), Condition(upper, ">", zero)),
            (tree.negated(Product((half, lower))), None),
        )
    )


def _root(wall: Affine, kappa: Fraction, g: Fraction, c: Fraction) -> set[Fraction]:
    """Return the w of the zero of an affine function of x."""
    if not wall.gradient[0]:
        return set()
    return {(c - g * wall.constant / wall.gradient[0]) / kappa}


def _integral(function: BallFunction, kappa: acb, start: Fraction, end: Fraction, tolerance: arb) -> arb:
    try:
        value = acb.integral(
            lambda w, analytic: function((w, kappa), analytic),
            acb(to_fmpq(start)),
            acb(to_fmpq(end)),
            rel_tol=arb(to_fmpq(COARSE)),
            abs_tol=tolerance,
            eval_limit=EVALUATIONS,
        )
    except SystemError as error:
        raise first_cause(error) from None
    return value.real
