"""Powers: quadratic, cubic, and requ, the square of ReLU."""

from __future__ import annotations

from fractions import Fraction

from proofs.activations.activation import Activation, Piece, variable


def quadratic() -> Activation:
    """`x^2`."""
    return Activation("quadratic", "x**2", (Piece(None, None, variable() ** 2),))


def cubic() -> Activation:
    """`x^3`."""
    return Activation("cubic", "x**3", (Piece(None, None, variable() ** 3),))


def requ() -> Activation:
    """`max(x, 0)^2`."""
    x, zero = variable(), Fraction(0)
    return Activation("requ", "Max(x, 0)**2", (Piece(None, zero, x * 0), Piece(zero, None, x**2)))
