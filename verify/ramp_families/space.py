"""Lower bounds of gain / kappa in any dimension, for all kappas of an interval at once, 0 included.

For kappas within r of a middle m the integral of E over cells that stay where they are (blowup.py) lies in

    int E(m) + [-r, r] int dE/dkappa(all kappas),

both in intervals of doubles on arrays. Moduli in E become signs times functions; in its derivative the signs are known
no better than to lie in [-1, 1]. What is known to lie in an interval only may differ from point to point: a rule is
applied to the function with the middles of such intervals, and `Simplices.by_rule` bounds by how much all others
differ from it on the whole cell, as it does for rounding errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

from proofs.geometry.affine import Affine, Point
from proofs.geometry.polytopes import Polytope
from proofs.ramp_family import RampFamily
from verify.enclosure import Enclosure
from verify.expressions import Expression
from verify.expressions.derivative import NoDerivativeError, derivative
from verify.gain import Piece
from verify.integration import Deadline
from verify.integration.integrands import Integrand
from verify.integration.kinks import with_signs
from verify.integration.simplices import Simplices, together
from verify.integration.simplicial import integrate
from verify.problem import Problem
from verify.ramp_families.blowup import KAPPA, Blowup, State, corners_of
from verify.ramp_families.halving import proves_by_halving
from verify.vectorized.compiled import UnsupportedError
from verify.vectorized.intervals import Interval

COARSE = Fraction(1, 16)  # of the wanted rate, what all integrals together may be off by
HALVES = 6  # of every cell in turn, before the integrand is looked at
_UNIT = Interval(np.float64(0.0), np.float64(1.0))  # type: ignore[arg-type]
_SIGN = Interval(np.float64(-1.0), np.float64(1.0))  # type: ignore[arg-type]


class SpatialGain:
    """gain / kappa of a family of ramps. Raises ArithmeticError, with the reason, where it is not offered."""

    def __init__(self, problem: Problem, family: RampFamily, parts: Sequence[Piece], deadline: Deadline) -> None:
        count = len(family.construction.response.jumps)
        self.deadline, self.family, self.parts = deadline, family, parts
        self.blowups = [Blowup(problem, family, i, piece) for i in range(count) for piece in parts]

    @property
    def cap(self) -> Fraction:
        """The largest kappa that is looked at: that at which some ramp fills the domain where its jump is largest."""
        found = []
        vertices = [v for p in self.parts for v in corners_of(p).vertices]
        for m in self.family.ramps(Fraction(1)):
            values = [m.term.halfspace.side(v) for v in vertices]
            found.append((max(values) - min(values)) / max(abs(m.term.jump(v)) * m.kappa for v in vertices))
        return min(found)

    def proves(self, low: Fraction, high: Fraction, rate: Fraction, deadline: Deadline) -> bool:
        """Whether `gain(kappa) >= rate * kappa` was shown for low < kappa <= high, with halvings of that interval."""
        return proves_by_halving(self.least, low, high, rate, deadline)

    def least(self, low: Fraction, high: Fraction, size: Fraction) -> Fraction | None:
        """Return a lower bound of gain / kappa for low < kappa <= high, or None; `size` sets the effort."""
        cells: list[tuple[Blowup, tuple[State, ...], list[Polytope]]] = []
        for blowup in self.blowups:
            alike: dict[tuple[State, ...], list[Polytope]] = {}
            for cell, states in blowup.parts(low, high):
                alike.setdefault(states, []).append(cell)
            cells += [(blowup, states, same) for states, same in alike.items()]
        total = Fraction(0)
        try:
            for blowup, states, same in cells:
                found = self._integral(blowup, states, same, low, high, size * COARSE / len(cells))
                if found is None:
                    return None
                total += found.lower
        except (UnsupportedError, NoDerivativeError, OverflowError) as error:
            message = f"in more than one dimension families are not built for this integrand: {error}"
            raise ArithmeticError(message) from None
        return total

    def _integral(
        self,
        blowup: Blowup,
        states: tuple[State, ...],
        same: Sequence[Polytope],
        low: Fraction,
        high: Fraction,
        goal: Fraction,
    ) -> Enclosure | None:
        """Return an enclosure of the integral over cells alike for all these kappas."""
        middle, radius = (low + high) / 2, (high - low) / 2
        expressions, free = blowup.integrands(states, low > 0)
        simplices = [simplex for cell in same for simplex in cell.simplices()]
        ranges = dict.fromkeys(free, _UNIT)
        total = Enclosure.exactly(Fraction(0))
        for expression in expressions:
            at_middle = self._enclosed(
                expression, blowup.names, {**ranges, KAPPA: Interval.of(middle)}, simplices, goal
            )
            if at_middle is None:
                return None
            total = total + at_middle
            if not radius:
                continue
            kinks = with_signs(expression)
            slope = derivative(kinks.expression, KAPPA)
            known = {**ranges, KAPPA: Interval.of(low).join(Interval.of(high)), **dict.fromkeys(kinks.signs, _SIGN)}
            change = self._enclosed(slope, blowup.names, known, simplices, goal / radius)
            if change is None:
                return None
            most = radius * max(abs(change.lower), abs(change.upper))
            total = total + Enclosure(-most, most)
        return total

    def _enclosed(
        self,
        expression: Expression,
        names: Sequence[str],
        ranges: Mapping[str, Interval],
        simplices: Sequence[Sequence[Point]],
        goal: Fraction,
    ) -> Enclosure | None:
        integrand = Integrand.of(expression, names, ranges)
        forms = [Affine.of([int(i == k) for i in range(len(names))]) for k in range(len(names))]
        where = Simplices.of([forms] * len(simplices), simplices, len(integrand.gaps))
        for _ in range(HALVES):
            where = _halved(where)
        return integrate([(integrand, where)], float(goal), self.deadline)


def _halved(simplices: Simplices) -> Simplices:
    """Return the halves of simplices, cut at the middle of an edge along which some coordinate changes most."""
    values = simplices.forms.middle
    edges = np.array([(i, j) for i in range(values.shape[1]) for j in range(i)])
    change = np.abs(values[:, edges[:, 0]] - values[:, edges[:, 1]]).max(axis=0)
    first, second = edges[change.argmax(axis=0)].T
    return together(simplices.cut(first, second, np.full(simplices.count, 0.5)))
