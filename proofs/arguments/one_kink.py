"""The exact minimum over all ReLU networks with one neuron, for a piecewise polynomial target on an interval.

MATHEMATICS.md, section 5. A feedforward network of width 1 is `b + c (x - o)^+` or `b + c (o - x)^+` with o in the
closed interval (affine functions: o at an end). For fixed o the best b and c solve a 2 x 2 least-squares problem; what
is left is a rational function of o on each cell between the target's breakpoints, and a claim `risk >= m` is the sign
of a polynomial.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from proofs.activations.activation import Piece, variable
from proofs.arguments.record import RefusedError, Target
from proofs.geometry.affine import Affine
from proofs.network import Neuron, ShallowNetwork
from proofs.numbers.constants import expression


@dataclass(frozen=True)
class OneKinkMinimum:
    """The least risk of one neuron, and a network that has it."""

    risk: Fraction
    network: ShallowNetwork


@dataclass(frozen=True)
class _Cell:
    """A range of kinks o, with F_0 = int f, F_1(o) = int_o^upper f (x - o), F_2 = int f^2 and the lengths."""

    lower: Fraction
    upper: Fraction
    length: Fraction
    rest: Any
    mean: Fraction
    moment: Any
    square: Fraction

    @property
    def determinant(self) -> Any:
        """The Gram determinant of 1 and (x - o)^+ , positive for o inside D."""
        return expression(self.length) * self.rest**3 / 3 - self.rest**4 / 4

    @property
    def explained(self) -> Any:
        """What the best b and c explain of int f^2, times the determinant."""
        half = self.rest**2 / 2
        mean, length = expression(self.mean), expression(self.length)
        return mean**2 * self.rest**3 / 3 - 2 * mean * self.moment * half + self.moment**2 * length


def minimum(target: Target) -> OneKinkMinimum:
    """Return the exact minimum and a minimiser with a rational kink. Raises RefusedError where none was proved.

    Candidates are the rational critical points of the risk as a function of the kink; the least is accepted if no cell
    and no facing goes below it, by exact signs of polynomials.
    """
    import sympy

    o = variable()
    best: tuple[Fraction, Fraction, bool] | None = None
    for mirrored in (False, True):
        for cell in _cells(_mirrored(target) if mirrored else target):
            risk = expression(cell.square) - cell.explained / cell.determinant
            over = sympy.fraction(sympy.cancel(sympy.diff(risk, o)))[0]
            roots = sympy.Poly(over, o).ground_roots() if over.has(o) else {}
            for root in roots:
                at = Fraction(int(root.p), int(root.q))
                if cell.lower < at < cell.upper:
                    value = risk.subs(o, root)
                    found = Fraction(int(value.p), int(value.q)), at, mirrored
                    best = found if best is None or found[0] < best[0] else best
    if best is None:
        raise RefusedError("the risk of one neuron has no rational critical point")
    if not is_lower_bound(target, best[0]):
        raise RefusedError("the least critical value found is not proved to be the minimum")
    return OneKinkMinimum(best[0], _network(target, *best[1:]))


def is_lower_bound(target: Target, risk: Fraction) -> bool:
    """Whether no network with one neuron has a smaller risk, by exact signs of polynomials on all cells."""
    import sympy

    for side in (target, _mirrored(target)):
        for cell in _cells(side):
            gap = sympy.Poly(
                (expression(cell.square - risk)) * cell.determinant - cell.explained, variable(), domain="QQ"
            )
            if not _is_nonnegative(gap, cell.lower, cell.upper):
                return False
    return True


def _is_nonnegative(polynomial: Any, lower: Fraction, upper: Fraction) -> bool:
    """Whether a polynomial is >= 0 on an interval: exact counts of the roots of odd multiplicity, and one value."""
    if polynomial.is_zero:
        return True
    a, b = expression(lower), expression(upper)
    for factor, multiplicity in polynomial.factor_list()[1]:
        inside = factor.count_roots(a, b) - (factor.eval(a) == 0) - (factor.eval(b) == 0)
        if multiplicity % 2 and inside:
            return False
    points = (lower + (upper - lower) * Fraction(n, polynomial.degree() + 2) for n in range(1, polynomial.degree() + 2))
    value = next(v for p in points if (v := polynomial.eval(expression(p))) != 0)
    return bool(value > 0)


def _cells(target: Target) -> list[_Cell]:
    import sympy

    x, o = variable(), sympy.Dummy("o")
    if any(piece.polynomial is None for piece in target.pieces):
        raise RefusedError("the target is not piecewise polynomial over Q")
    ends = [(p.formula, expression(p.lower), expression(p.upper)) for p in target.pieces]
    mean, square = (sum(sympy.integrate(f**n, (x, a, b)) for f, a, b in ends) for n in (1, 2))
    cells = []
    for index, piece in enumerate(target.pieces):
        assert piece.lower is not None and piece.upper is not None
        moment = sympy.integrate(ends[index][0] * (x - o), (x, o, ends[index][2]))
        moment += sum(sympy.integrate(f * (x - o), (x, a, b)) for f, a, b in ends[index + 1 :])
        cells.append(
            _Cell(
                piece.lower,
                piece.upper,
                target.upper - target.lower,
                expression(target.upper) - x,
                Fraction(int(mean.p), int(mean.q)),
                sympy.expand(moment).subs(o, x),
                Fraction(int(square.p), int(square.q)),
            )
        )
    return cells


def _mirrored(target: Target) -> Target:
    """The target with x replaced by -x."""
    x = variable()
    pieces = []
    for piece in reversed(target.pieces):
        assert piece.lower is not None and piece.upper is not None
        pieces.append(Piece(-piece.upper, -piece.lower, piece.formula.subs(x, -x)))
    return Target(tuple(pieces))


def _network(target: Target, kink: Fraction, mirrored: bool) -> ShallowNetwork:
    side = _mirrored(target) if mirrored else target
    cell = next(c for c in _cells(side) if c.lower <= kink <= c.upper)
    rest, moment = side.upper - kink, cell.moment.subs(variable(), expression(kink))
    f1 = Fraction(int(moment.p), int(moment.q))
    a, b, c = cell.length, rest**2 / 2, rest**3 / 3
    determinant = a * c - b * b
    offset, output = (c * cell.mean - b * f1) / determinant, (a * f1 - b * cell.mean) / determinant
    inner = Affine.of([-1 if mirrored else 1], -kink)
    return ShallowNetwork(Affine.of([0], offset), (Neuron(output, inner),))
