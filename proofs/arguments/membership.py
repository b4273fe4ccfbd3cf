"""Networks that equal a polynomial exactly: the near-misses of non-attainment, and the spaces that are attained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from proofs.activations.activation import Activation, Formula, Piece, derivative, variable
from proofs.arguments.forms import exponential_polynomial, level, quotient
from proofs.geometry.affine import Affine
from proofs.geometry.linear import null_vector
from proofs.numbers.constants import UndecidedError, expression, vanishes

Inner = tuple[Fraction, Fraction]
"""(w, v) of the neuron sigma(w x + v)."""


@dataclass(frozen=True)
class Representation:
    """`offset + sum of output sigma(w x + v)`, equal to a polynomial on the domain; exact constants."""

    offset: Formula
    neurons: tuple[tuple[Formula, Inner], ...]

    @property
    def text(self) -> str:
        """The network as a formula with sigma."""
        terms = [f"({c})*sigma({Affine.of([w], v).text(('x',))})" for c, (w, v) in self.neurons]
        return " + ".join([*terms, f"({self.offset})"] if self.offset else terms)


def representation(
    activation: Activation, degree: int, width: int, lower: Fraction, upper: Fraction
) -> Representation | None:
    """Return a network of at most that width that equals x^degree on [lower, upper], or None if none was found.

    Tried: neurons that stay in one polynomial piece (a linear system over Q), and `sigma(x) - sigma(-x)`.
    """
    for count in range(1, width + 1):
        for piece in activation.pieces:
            found = _in_piece(piece, degree, count, lower, upper)
            if found is not None:
                return found
    if degree == 1 and width >= 2:
        return _odd_part(activation)
    return None


def spanning_neurons(activation: Activation) -> tuple[Inner, ...] | None:
    """Return neurons that, with the constants, span all polynomials of degree <= deg sigma, for a polynomial sigma.

    As every network lies in that space, all widths of at least this number attain their minimum (in one dimension).
    """
    coefficients = activation.pieces[0].polynomial if len(activation.pieces) == 1 else None
    degree = 0 if coefficients is None else len(coefficients) - 1
    if coefficients is None or degree < 1:
        return None
    inner = tuple((Fraction(1), Fraction(v)) for v in range(degree))
    columns = [composed(coefficients, w, v)[1:] for w, v in inner]
    return inner if null_vector(columns) is None else None


def composed(coefficients: Sequence[Fraction], w: Fraction, v: Fraction) -> list[Fraction]:
    """Return the coefficients of `p(w x + v)`, as many as p has."""
    result = [Fraction(0)] * len(coefficients)
    for c in reversed(coefficients):
        shifted = [v * r + (w * result[i - 1] if i else 0) for i, r in enumerate(result)]
        shifted[0] += c
        result = shifted
    return result


def _in_piece(piece: Piece, degree: int, count: int, lower: Fraction, upper: Fraction) -> Representation | None:
    coefficients = piece.polynomial
    if coefficients is None or not degree < len(coefficients):
        return None
    wanted = [Fraction(int(i == degree)) for i in range(len(coefficients))]
    for chosen in combinations(_inside(piece, lower, upper), count):
        columns = [composed(coefficients, w, v) for w, v in chosen]
        dependency = null_vector([*(c[1:] for c in columns), wanted[1:]])
        if dependency is not None and dependency[-1]:
            outputs = [-c / dependency[-1] for c in dependency[:-1]]
            offset = -sum((o * c[0] for o, c in zip(outputs, columns, strict=True)), Fraction(0))
            pairs = tuple((expression(o), inner) for o, inner in zip(outputs, chosen, strict=True) if o)
            return Representation(expression(offset), pairs)
    return None


def _inside(piece: Piece, lower: Fraction, upper: Fraction) -> list[Inner]:
    """A few affine maps that send [lower, upper] into the piece."""
    size = upper - lower
    maps: list[Inner] = []
    for n in (0, 1, -1, 2):
        if piece.lower is None and piece.upper is None:
            maps.append((Fraction(1), Fraction(n)))
        elif piece.upper is None and piece.lower is not None:
            maps.append((Fraction(1), piece.lower - lower + 1 + abs(n)))
        elif piece.lower is None and piece.upper is not None:
            maps.append((Fraction(1), piece.upper - upper - 1 - abs(n)))
        elif piece.lower is not None and piece.upper is not None:
            w = (piece.upper - piece.lower) / (2 * size)
            maps.append((w, piece.lower - w * lower + w * size * Fraction(n + 1, 3)))
    return maps


def _odd_part(activation: Activation) -> Representation | None:
    """`x = (sigma(x) - sigma(-x)) / c`, c = 2 sigma'(0), where that is an identity."""
    if len(activation.pieces) > 1:
        return None
    x, formula = variable(), activation.pieces[0].formula
    slope = 2 * activation.derivative_at(Fraction(0), 1)
    gap = Piece(None, None, formula - formula.subs(x, -x) - slope * x)
    try:
        if vanishes(slope) or not _is_zero(gap):
            return None
    except UndecidedError:
        return None
    one, zero = Fraction(1), Fraction(0)
    return Representation(expression(zero), ((1 / slope, (one, zero)), (-1 / slope, (-one, zero))))


def _is_zero(piece: Piece) -> bool:
    """Whether an analytic function on R is 0: a derivative is, by its normal form, and those before it are, at 0."""
    for read in (quotient, exponential_polynomial):
        found = level((piece,), read)
        if found is not None:
            order = found[0]
            form = read(derivative(piece.formula, order))
            gone = form == {} if isinstance(form, dict) else form is not None and form.numerator.is_zero
            return bool(gone) and all(vanishes(piece.value(Fraction(0), i)) for i in range(order))
    return False
