"""Exact objects: responses, networks, limits, ramps. No floating point, no files.

The names below are loaded when they are first used; importing the package loads nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from proofs.closure.family import NetworkFamily, converging_to
    from proofs.closure.limits import Limit, limit
    from proofs.geometry.affine import Affine, HalfSpace
    from proofs.geometry.polytopes import Polytope
    from proofs.network import Neuron, ShallowNetwork
    from proofs.response import GeneralizedResponse

_HOMES = {
    "Affine": "proofs.geometry.affine",
    "GeneralizedResponse": "proofs.response",
    "HalfSpace": "proofs.geometry.affine",
    "Limit": "proofs.closure.limits",
    "NetworkFamily": "proofs.closure.family",
    "Neuron": "proofs.network",
    "Polytope": "proofs.geometry.polytopes",
    "ShallowNetwork": "proofs.network",
    "converging_to": "proofs.closure.family",
    "limit": "proofs.closure.limits",
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
