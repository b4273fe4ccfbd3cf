"""Certificates of the kinds `non-attainment` and `attainment` (docs/certificate.md, sections 6 and 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from proofs.activations.activation import VARIABLE_NAME
from proofs.activations.scaling import Scaling
from proofs.arguments.membership import Inner
from proofs.network import ShallowNetwork
from verify.certificates import sealed
from verify.exact import decimal_above
from verify.separation.analysis import DOMAIN, LostMinimum, Separation
from verify.separation.risk import VARIABLES, Family


def interval(lower: Fraction, upper: Fraction) -> dict[str, Any]:
    """Return the domain [lower, upper] as a file states it."""
    return {"variables": [VARIABLE_NAME], "box": [[str(lower), str(upper)]]}


def problem(name: str, domain: Mapping[str, Any], target: str, width: int) -> dict[str, Any]:
    """Return a problem with squared loss, density 1 and feedforward networks."""
    return {
        "name": name,
        "domain": dict(domain),
        "density": {"expression": "1"},
        "target": {"expression": target},
        "loss": {"kind": "squared"},
        "network": {"architecture": "feedforward", "width": width},
    }


def family_document(family: Family) -> dict[str, Any]:
    """Return a family of divided differences, or of growing weights."""
    if isinstance(family, Scaling):
        return {"form": "scaling"}
    return {
        "form": "difference",
        "order": family.order,
        "base": family.base.text(VARIABLES),
        "direction": family.direction.text(VARIABLES),
        "nodes": [{"weight": str(weight), "step": str(step)} for weight, step in family.nodes],
    }


def lost_minimum(name: str, activation: str, lost: LostMinimum) -> dict[str, Any]:
    """Return the certificate of a minimum that an activation loses."""
    target, bound = lost.target, lost.bound
    return non_attainment(
        problem(name, interval(target.lower, target.upper), target.text, lost.width),
        activation,
        family_document(lost.family),
        {
            "neurons": lost.family.neurons,
            "every_width": lost.argument.every_width,
            "until": str(bound.until),
            "factor": decimal_above(bound.factor, 6),
            "rate": str(bound.rate),
            "risks": risks_document(bound.risks),
        },
        {"rule": lost.argument.rule, **lost.argument.data},
    )


def risks_document(risks: Sequence[tuple[Fraction, Fraction]]) -> list[dict[str, str]]:
    """Return upper bounds of the risk along a family."""
    return [{"parameter": str(k), "upper": decimal_above(upper, 6)} for k, upper in risks]


def non_attainment(
    stated: Mapping[str, Any],
    activation: str,
    family: Mapping[str, Any],
    claim: Mapping[str, Any],
    argument: Mapping[str, Any],
) -> dict[str, Any]:
    """Return a certificate of the kind `non-attainment`."""
    body = {"problem": stated, "activation": activation, "family": family, "claim": claim, "argument": argument}
    return sealed("non-attainment", body)


def kept_minimum(name: str, found: Separation) -> dict[str, Any] | None:
    """Return the certificate that an activation attains its minima: all of them, or those of the wider networks."""
    text = found.activation.text
    if found.kept is not None:
        stated = problem(name, interval(*DOMAIN), "0", 1)
        return attainment(stated, text, claimed(widths="all"), {"rule": found.kept.rule})
    if found.spanning is None:
        return None
    width = len(found.spanning)
    stated = problem(name, interval(*DOMAIN), "0", width)
    argument = {"rule": "polynomial-space", "neurons": [_inner(one) for one in found.spanning]}
    return attainment(stated, text, claimed(widths="from"), argument)


def claimed(*, widths: str = "this", minimum: Fraction | None = None) -> dict[str, Any]:
    """Return the claim: all targets for all widths (or from the stated one on), or this one with its exact minimum."""
    return {"every_target": widths != "this", "widths": widths, "minimum": None if minimum is None else str(minimum)}


def _inner(neuron: Inner) -> dict[str, Any]:
    weight, bias = neuron
    return {"weights": [str(weight)], "bias": str(bias)}


def network_document(network: ShallowNetwork) -> dict[str, Any]:
    """Return a feedforward network."""
    return {
        "offset": str(network.affine.constant),
        "neurons": [
            {
                "output": str(neuron.output),
                "weights": [str(weight) for weight in neuron.inner.gradient],
                "bias": str(neuron.inner.constant),
            }
            for neuron in network.neurons
        ],
    }


def attainment(
    stated: Mapping[str, Any], activation: str, claim: Mapping[str, Any], argument: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a certificate of the kind `attainment`."""
    body = {"problem": stated, "activation": activation, "claim": claim, "argument": argument}
    return sealed("attainment", body)
