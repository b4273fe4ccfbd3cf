"""Piecewise linear activations: relu, leaky-relu, abs, hard-tanh.

One kink at 0 with slopes p != q, or a line clipped on both sides. Their limits add jumps only: see
`proofs.arguments.kinks`.
"""

from __future__ import annotations

from fractions import Fraction

from proofs.activations.activation import Activation, Formula, Piece, variable
from proofs.numbers.constants import expression


def relu() -> Activation:
    """`max(x, 0)`."""
    return _one_kink("relu", "Max(x, 0)", Fraction(0))


def leaky_relu() -> Activation:
    """`max(x, x/100)`, the usual slope 1/100 on the negative side."""
    return _one_kink("leaky-relu", "Max(x, x/100)", Fraction(1, 100))


def absolute() -> Activation:
    """`|x|`."""
    return _one_kink("abs", "Abs(x)", Fraction(-1))


def hard_tanh() -> Activation:
    """`max(-1, min(x, 1))`."""
    x = variable()
    one = x**0
    return Activation(
        "hard-tanh",
        "Max(-1, Min(x, 1))",
        (Piece(None, Fraction(-1), -one), Piece(Fraction(-1), Fraction(1), x), Piece(Fraction(1), None, one)),
    )


def _one_kink(name: str, text: str, slope: Fraction) -> Activation:
    x: Formula = variable()
    return Activation(name, text, (Piece(None, Fraction(0), expression(slope) * x), Piece(Fraction(0), None, x)))
