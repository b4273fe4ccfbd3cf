"""The activations that are known by name."""

from __future__ import annotations

from collections.abc import Callable

from proofs.activations import exponential, linear, powers, rectifiers, sigmoids
from proofs.activations.activation import Activation

_MAKERS: dict[str, Callable[[], Activation]] = {
    "relu": linear.relu,
    "leaky-relu": linear.leaky_relu,
    "abs": linear.absolute,
    "hard-tanh": linear.hard_tanh,
    "tanh": sigmoids.tanh,
    "logistic": sigmoids.logistic,
    "arctan": sigmoids.arctan,
    "erf": sigmoids.erf,
    "softsign": sigmoids.softsign,
    "softplus": rectifiers.softplus,
    "gelu": rectifiers.gelu,
    "silu": rectifiers.silu,
    "mish": rectifiers.mish,
    "elu": exponential.elu,
    "selu": exponential.selu,
    "sin": exponential.sin,
    "exp": exponential.exp,
    "gaussian": exponential.gaussian,
    "requ": powers.requ,
    "quadratic": powers.quadratic,
    "cubic": powers.cubic,
}
ALIASES = {
    "sigmoid": "logistic",
    "swish": "silu",
    "hardtanh": "hard-tanh",
    "leaky_relu": "leaky-relu",
    "atan": "arctan",
}
NAMES = tuple(_MAKERS)


def activation(name: str) -> Activation:
    """Return the activation of a name or an alias. Raises KeyError for unknown names."""
    return _MAKERS[ALIASES.get(name, name)]()
