"""Bounded monotone activations: tanh, logistic, arctan, erf, softsign."""

from __future__ import annotations

from fractions import Fraction

from proofs.activations.activation import Activation, Piece, variable


def tanh() -> Activation:
    """The hyperbolic tangent."""
    import sympy

    return Activation("tanh", "tanh(x)", (Piece(None, None, sympy.tanh(variable())),))


def logistic() -> Activation:
    """`1/(1 + e^-x)`, also called the sigmoid."""
    import sympy

    return Activation("logistic", "1/(1 + exp(-x))", (Piece(None, None, 1 / (1 + sympy.exp(-variable()))),))


def arctan() -> Activation:
    """The arc tangent."""
    import sympy

    return Activation("arctan", "atan(x)", (Piece(None, None, sympy.atan(variable())),))


def erf() -> Activation:
    """The error function."""
    import sympy

    return Activation("erf", "erf(x)", (Piece(None, None, sympy.erf(variable())),))


def softsign() -> Activation:
    """`x/(1 + |x|)`."""
    x, zero = variable(), Fraction(0)
    return Activation("softsign", "x/(1 + Abs(x))", (Piece(None, zero, x / (1 - x)), Piece(zero, None, x / (1 + x))))
