"""Exact objects: responses, networks, limits, ramps. No floating point, no files.

The names below are loaded when they are first used; importing the package loads nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from proofs.affine import Affine, HalfSpace
    from proofs.family import NetworkFamily, converging_to
    from proofs.limits import Limit, limit
    from proofs.network import Neuron, ShallowNetwork
    from proofs.polytopes import Polytope
    from proofs.response import GeneralizedResponse

_HOMES = {
    "Affine": "proofs.affine",
    "GeneralizedResponse": "proofs.response",
    "HalfSpace": "proofs.affine",
    "Limit": "proofs.limits",
    "NetworkFamily": "proofs.family",
    "Neuron": "proofs.network",
    "Polytope": "proofs.polytopes",
    "ShallowNetwork": "proofs.network",
    "converging_to": "proofs.family",
    "limit": "proofs.limits",
}

__all__ = [
    "Affine",
    "GeneralizedResponse",
    "HalfSpace",
    "Limit",
    "NetworkFamily",
    "Neuron",
    "Polytope",
    "ShallowNetwork",
    "converging_to",
    "limit",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
