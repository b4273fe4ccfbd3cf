"""Diverging families of networks whose limits are derivatives of the activation: divided differences.

MATHEMATICS.md, section 6. With affine u, v, rational weights g_j and steps t_j, and small k > 0,

    N_k(x) = offset(k) + (1/(nu k^m)) sum_j g_j sigma(u(x) + k t_j v(x)).

By Taylor's formula in k it tends to `(M_m / m!) v^m sigma^(m)(u) / nu`, with the moments `M_i = sum_j g_j t_j^i`, if
the coefficients of lower order vanish. Where u is constant (vanishing weights), the terms without v go into the offset
and a node with t = 0 costs no neuron; nu is then chosen such that the limit is v^m.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import factorial

from proofs.activations.activation import Activation, Formula, Piece, variable
from proofs.geometry.affine import Affine
from proofs.numbers.constants import expression

Node = tuple[Fraction, Fraction]
_MAX_REMAINDER = 7


@dataclass(frozen=True)
class Difference:
    """One family: the order m, the affine functions u (`base`) and v (`direction`) of one variable, nodes (g_j, t_j).

    Raises ValueError unless the coefficients of order below m vanish (those of order 0 only if u is not constant;
    those that `parity` kills never count).
    """

    order: int
    base: Affine
    direction: Affine
    nodes: tuple[Node, ...]
    parity: int = 0

    def __post_init__(self) -> None:
        lowest = 1 if self.vanishing else 0
        if any(not self.is_dead(i) for i in range(lowest, self.order)) or self.is_dead(self.order):
            raise ValueError("the coefficients below the order do not vanish, or that of the order does")

    @property
    def vanishing(self) -> bool:
        """Whether the weights vanish in the limit (u is constant)."""
        return self.base.is_constant

    @property
    def neurons(self) -> int:
        """How many neurons the family needs."""
        return sum(1 for _, step in self.nodes if step or not self.vanishing)

    def moment(self, order: int) -> Fraction:
        """`sum_j g_j t_j^i`."""
        return sum((weight * step**order for weight, step in self.nodes), Fraction(0))

    def is_dead(self, order: int) -> bool:
        """Whether the Taylor coefficient of an order vanishes, by the moments or by the parity of sigma at 0."""
        if self.parity and self.base.is_zero and (order % 2 == 0) != (self.parity > 0):
            return True
        return not self.moment(order)

    @property
    def next_order(self) -> int:
        """The order of the first Taylor coefficient beyond m that need not vanish, at most 7."""
        return next((i for i in range(self.order + 1, _MAX_REMAINDER) if not self.is_dead(i)), _MAX_REMAINDER)

    @property
    def text(self) -> str:
        """The family as a formula in sigma, x and k (nu stands for the normaliser)."""
        slope, constant = self.direction.gradient[0], self.direction.constant
        inner = [
            Affine.of([self.base.gradient[0], step * slope, step * constant], self.base.constant)
            for _, step in self.nodes
        ]
        values = [f"sigma({one.text(('x', 'k*x', 'k'))})" for one in inner]
        weights = [weight for weight, _ in self.nodes]
        if self.vanishing:
            values.append(f"sigma({self.base.constant})")
            weights.append(-self.moment(0))
        top = Affine.of(weights).text(values)
        under = ("nu*" if self.vanishing else "") + ("k" if self.order == 1 else f"k**{self.order}")
        return f"({top})/({under})" if self.vanishing else f"({top})/{under}"

    def reach(self, lower: Fraction, upper: Fraction, until: Fraction) -> tuple[Fraction, Fraction]:
        """Return the hull of all u + k t_j v for x in [lower, upper], 0 <= k <= until (attained at corners)."""
        values = [
            self.base((x,)) + k * step * self.direction((x,))
            for x in (lower, upper)
            for k in (Fraction(0), until)
            for _, step in self.nodes
        ]
        return min(values), max(values)

    def normaliser(self, activation: Activation) -> Formula:
        """Return nu: `(M_m / m!) sigma^(m)(u)` where u is constant, else 1; an exact constant."""
        if not self.vanishing:
            return expression(Fraction(1))
        factor = self.moment(self.order) / factorial(self.order)
        return expression(factor) * activation.derivative_at(self.base.constant, self.order)

    def limit(self, activation: Activation, lower: Fraction, upper: Fraction) -> tuple[Piece, ...]:
        """Return the limit on [lower, upper], as pieces; u must be constant or the variable itself."""
        x = variable()
        v = expression(self.direction.gradient[0]) * x + expression(self.direction.constant)
        if self.vanishing:
            return (Piece(lower, upper, v**self.order),)
        factor = expression(self.moment(self.order) / factorial(self.order)) * v**self.order
        pieces = []
        for piece in activation.pieces:
            start = lower if piece.lower is None else max(lower, piece.lower)
            end = upper if piece.upper is None else min(upper, piece.upper)
            if start < end:
                pieces.append(Piece(start, end, factor * piece.derivative(self.order).formula))
        return tuple(pieces)


def _pairs(*nodes: tuple[Fraction | int, Fraction | int]) -> tuple[Node, ...]:
    return tuple((Fraction(g), Fraction(t)) for g, t in nodes)


ONE_NODE = _pairs((1, 1))
TWO_NODES = _pairs((1, 1), (1, -1))
TWO_ODD_NODES = _pairs((-2, 1), (1, 2))
THREE_NODES = _pairs((-1, -1), (-3, 1), (1, 2))
FORWARD = _pairs((1, 1), (-1, 0))
CENTRAL = _pairs((Fraction(1, 2), 1), (Fraction(-1, 2), -1))
SECOND = _pairs((1, 1), (-2, 0), (1, -1))

X = Affine.of([1])
ONE = Affine.of([0], 1)


def vanishing_weights(degree: int, base: Fraction, parity: int = 0) -> Difference:
    """Return the family with vanishing weights at a base point whose limit is x^degree, for degree 1, 2 or 3.

    Where sigma is even or odd and the base is 0, fewer neurons do.
    """
    nodes = {1: ONE_NODE, 2: TWO_NODES, 3: THREE_NODES}[degree]
    if base == 0 and parity == (1 if degree % 2 == 0 else -1):
        nodes = {1: ONE_NODE, 2: ONE_NODE, 3: TWO_ODD_NODES}[degree]
    return Difference(degree, Affine.of([0], base), X, nodes, parity)


def first_difference(direction: Affine, *, central: bool) -> Difference:
    """Return `(sigma(x + k v) - sigma(x)) / k`, or its central form, with the limit `v sigma'(x)`."""
    return Difference(1, X, direction, CENTRAL if central else FORWARD)


def second_difference(direction: Affine) -> Difference:
    """Return `(sigma(x + k v) - 2 sigma(x) + sigma(x - k v)) / k^2`, with the limit `v^2 sigma''(x)`."""
    return Difference(2, X, direction, SECOND)
