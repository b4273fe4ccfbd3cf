"""Smooth relatives of ReLU: softplus, gelu, silu (swish), mish."""

from __future__ import annotations

from proofs.activations.activation import Activation, Piece, variable


def softplus() -> Activation:
    """`log(1 + e^x)`."""
    import sympy

    return Activation("softplus", "log(1 + exp(x))", (Piece(None, None, sympy.log(1 + sympy.exp(variable()))),))


def gelu() -> Activation:
    """`x Phi(x)` with the distribution function Phi of the standard normal law."""
    import sympy

    x = variable()
    formula = x * (1 + sympy.erf(x / sympy.sqrt(2))) / 2
    return Activation("gelu", "x*(1 + erf(x/sqrt(2)))/2", (Piece(None, None, formula),))


def silu() -> Activation:
    """`x/(1 + e^-x)`, also called swish."""
    import sympy

    return Activation("silu", "x/(1 + exp(-x))", (Piece(None, None, variable() / (1 + sympy.exp(-variable()))),))


def mish() -> Activation:
    """`x tanh(log(1 + e^x))`."""
    import sympy

    x = variable()
    formula = x * sympy.tanh(sympy.log(1 + sympy.exp(x)))
    return Activation("mish", "x*tanh(log(1 + exp(x)))", (Piece(None, None, formula),))
