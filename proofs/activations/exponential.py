"""Activations made of exponentials: exp, gaussian, sin, elu, selu."""

from __future__ import annotations

from fractions import Fraction

from proofs.activations.activation import Activation, Piece, variable
from proofs.numbers.constants import expression

SELU_SCALE = "1.0507009873554804934193349852946"
SELU_ALPHA = "1.6732632423543772848170429916717"


def exp() -> Activation:
    """The exponential."""
    import sympy

    return Activation("exp", "exp(x)", (Piece(None, None, sympy.exp(variable())),))


def gaussian() -> Activation:
    """`e^(-x^2)`."""
    import sympy

    return Activation("gaussian", "exp(-x**2)", (Piece(None, None, sympy.exp(-(variable() ** 2))),))


def sin() -> Activation:
    """The sine."""
    import sympy

    return Activation("sin", "sin(x)", (Piece(None, None, sympy.sin(variable())),))


def elu() -> Activation:
    """`x` for x > 0, `e^x - 1` otherwise (alpha = 1)."""
    return _unit("elu", "Piecewise((x, x > 0), (exp(x) - 1, True))", Fraction(1), Fraction(1))


def selu() -> Activation:
    """`scale x` for x > 0, `scale alpha (e^x - 1)` otherwise, with the two constants as published, 31 decimals."""
    text = f"Piecewise(({SELU_SCALE}*x, x > 0), ({SELU_SCALE}*{SELU_ALPHA}*(exp(x) - 1), True))"
    return _unit("selu", text, Fraction(SELU_SCALE), Fraction(SELU_ALPHA))


def _unit(name: str, text: str, scale: Fraction, alpha: Fraction) -> Activation:
    import sympy

    x, zero = variable(), Fraction(0)
    below = expression(scale * alpha) * (sympy.exp(x) - 1)
    return Activation(name, text, (Piece(None, zero, below), Piece(zero, None, expression(scale) * x)))
