"""The theorem and its lemmas as properties of random problems: `verify properties`, or in your own test run

    pytest --pyargs verify.properties

A failure comes with a small problem file that contradicts the property.
"""

from __future__ import annotations

from verify.properties import activations, certificates, closure, hypotheses, ramps, symmetries
from verify.properties.record import Example, Property, RefutedError

__all__ = ["Example", "Property", "RefutedError", "properties"]


def properties() -> tuple[Property, ...]:
    """Return all properties, those of the mathematics before those of the programs."""
    modules = (ramps, closure, certificates, hypotheses, symmetries, activations)
    return tuple(found for module in modules for found in module.PROPERTIES)
