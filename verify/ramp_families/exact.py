"""The gain of a family of ramps as an exact function of kappa, where everything is polynomial.

Let jumps and shifts be constant, density and target polynomial on polytopes, the loss an even power p. All walls (edges
of the pieces, boundaries of the response, ends `s + kappa_k (e +- J) = 0` of the ramps) keep their directions and
move with a speed constant in kappa. Where n + 1 of them have a common point is an affine equation in kappa; between its
roots every vertex is an affine function of kappa, and `kappa^p gain(kappa)` is a polynomial of degree
<= p max(1, deg f) + deg h + n + p, found from that many exact gains and one more. Signs are decided by Sturm sequences.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import combinations

from flint import fmpq_poly

from proofs.geometry.affine import Affine
from proofs.geometry.linear import matrix_determinant
from proofs.geometry.polytopes import Polytope
from proofs.ramp import stages
from proofs.ramp_family import RampFamily
from verify.expressions.algebra import degree_bound
from verify.expressions.balls import to_fmpq
from verify.expressions.univariate import roots_inside, to_fraction
from verify.gain import Piece, excess_integrals
from verify.integration import Deadline, Integrator
from verify.problem import Problem

MAX_SUBSETS = 20_000


class ExactGain:
    """gain(kappa) as a piecewise rational function. Raises ArithmeticError, with the reason, where it is none."""

    def __init__(self, problem: Problem, family: RampFamily, parts: Sequence[Piece], deadline: Deadline) -> None:
        self.problem, self.family, self.parts, self.deadline = problem, family, parts, deadline
        self.power = _even_power(problem)
        if any(not a.is_constant for t, e in self._jumps for a in (t, e)):
            raise ArithmeticError("a jump or a shift is not constant")
        degrees = [(degree_bound(p.target), degree_bound(p.density)) for p in parts]
        if any(not isinstance(p.cell, Polytope) for p in parts) or any(f is None or h is None for f, h in degrees):
            raise ArithmeticError("density or target is not polynomial on polytopes")
        highest = max(self.power * max(1, f or 0) + (h or 0) for f, h in degrees)
        self.degree = highest + problem.domain.dimension + self.power
        self._found: dict[int, fmpq_poly] = {}

    @property
    def _jumps(self) -> Iterator[tuple[Affine, Affine]]:
        terms = self.family.construction.response.jumps
        return ((t.jump, e) for t, e in zip(terms, self.family.shifts, strict=True))

    def gain(self, kappa: Fraction) -> Fraction:
        """Return the exact gain of one member."""
        responses = stages(self.family.construction, self.family.ramps(kappa))
        integrals = excess_integrals(self.problem, self.parts, responses[0], responses[-1])
        found = Integrator(self.problem.variables, self.deadline).enclose(integrals, 6)
        if not found.is_exact:
            raise ArithmeticError("the gain is not exact")
        return found.lower

    @cached_property
    def breaks(self) -> list[Fraction]:
        """0, the kappas at which the arrangement of the walls may change, and twice the last of those."""
        fixed, moving = self._walls()
        n = self.problem.domain.dimension
        walls = [*moving, *((wall, wall) for wall in fixed)]
        found: set[Fraction] = set()
        for count, chosen in enumerate(combinations(range(len(walls)), n + 1)):
            if chosen[0] >= len(moving):
                break
            if count > MAX_SUBSETS or self.deadline.passed:
                raise ArithmeticError("there are too many walls to follow")
            start, end = (matrix_determinant([_row(walls[i][j]) for i in chosen]) for j in (0, 1))
            if start != end and (root := start / (start - end)) > 0:
                found.add(root)
        last = max(found, default=Fraction(1))
        return [Fraction(0), *sorted(found), 2 * last]

    def _walls(self) -> tuple[list[Affine], list[tuple[Affine, Affine]]]:
        """Return the fixed walls, and those of the ramps at kappa = 0 and kappa = 1."""
        sides = [t.halfspace.side for t in self.family.construction.response.terms]
        cells = [p.cell for p in self.parts if isinstance(p.cell, Polytope)]
        fixed = _distinct([*sides, *(facet for cell in cells for facet in cell.facets)])
        ends = self.family.ramps(Fraction(1))
        return fixed, [(r.term.halfspace.side, wall) for r in ends for wall in (r.upper, r.lower)]

    def polynomial(self, index: int) -> fmpq_poly:
        """Return `kappa^p gain(kappa)` between two neighbouring breaks."""
        if index not in self._found:
            low, high = self.breaks[index : index + 2]
            points = [low + (high - low) * Fraction(2 * i + 1, 2 * self.degree + 4) for i in range(self.degree + 2)]
            values = [k**self.power * self.gain(k) for k in points]
            found = interpolated(points[:-1], values[:-1])
            if to_fraction(found(to_fmpq(points[-1]))) != values[-1]:
                raise ArithmeticError("the gain is no polynomial between two breaks")
            self._found[index] = found
        return self._found[index]

    def proves(self, low: Fraction, high: Fraction, rate: Fraction, deadline: Deadline) -> bool:
        """Whether `gain(kappa) >= rate * kappa` for low < kappa <= high, decided exactly."""
        shift = self.power + 1
        ends = [*self.breaks[1:-1], max(high, self.breaks[-1])]  # nothing changes after the last
        for index, (start, end) in enumerate(zip(self.breaks, ends, strict=False)):
            u, v = max(start, low), min(end, high)
            if u >= v:
                continue
            if deadline.passed:
                return False
            rest = self.polynomial(index) - fmpq_poly([0] * shift + [to_fmpq(rate)])
            coefficients = [to_fraction(c) for c in rest.coeffs()]
            while u == 0 and coefficients and not coefficients[0]:
                coefficients = coefficients[1:]
            rest = fmpq_poly([to_fmpq(c) for c in coefficients])
            if not coefficients:
                continue
            values = [to_fraction(rest(to_fmpq(u + (v - u) * Fraction(i, 7)))) for i in (3, 4)]
            if min(values) < 0 or roots_inside(rest, u, v, closed=False)[1]:
                return False
        return True

    @property
    def cap(self) -> Fraction:
        """The largest kappa that is looked at."""
        return self.breaks[-1]


def interpolated(points: Sequence[Fraction], values: Sequence[Fraction]) -> fmpq_poly:
    """Return the polynomial of least degree with given values (Newton's divided differences)."""
    table = list(values)
    for level in range(1, len(points)):
        for i in range(len(points) - 1, level - 1, -1):
            table[i] = (table[i] - table[i - 1]) / (points[i] - points[i - level])
    result = fmpq_poly([])
    for point, coefficient in zip(reversed(points), reversed(table), strict=True):
        result = result * fmpq_poly([to_fmpq(-point), 1]) + fmpq_poly([to_fmpq(coefficient)])
    return result


def _even_power(problem: Problem) -> int:
    loss = problem.loss
    if loss.kind == "squared":
        return 2
    if loss.kind == "power" and loss.parameter is not None and loss.parameter % 2 == 0:
        return int(loss.parameter)
    raise ArithmeticError(f"the loss {loss.kind} is no even power")


def _row(wall: Affine) -> list[Fraction]:
    return [*wall.gradient, wall.constant]


def _distinct(walls: Iterable[Affine]) -> list[Affine]:
    """Return one function for each zero set."""
    found: dict[tuple[Fraction, ...], Affine] = {}
    for wall in walls:
        row = _row(wall)
        lead = next(x for x in row if x)
        found.setdefault(tuple(x / lead for x in row), wall)
    return list(found.values())
