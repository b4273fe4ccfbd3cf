"""The answer of `verify activations`: rows for programs, and the certificates behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from proofs.activations.scaling import Scaling
from verify.exact import decimal_above
from verify.separation import documents
from verify.separation.analysis import DOMAIN, LostMinimum, Separation
from verify.separation.boundary import BoundaryCase
from verify.separation.polynomials import polynomial_targets

EVERY_TARGET = "every continuous function"


class Files:
    """The certificates of one run by file name, and the path under which each is to be found (None: not written)."""

    def __init__(self, folder: str | None) -> None:
        self.folder = folder
        self.documents: dict[str, Mapping[str, Any]] = {}

    def add(self, name: str, document: Mapping[str, Any]) -> str | None:
        """Keep a certificate; return its path."""
        self.documents[f"{name}.json"] = document
        return None if self.folder is None else f"{self.folder.rstrip('/')}/{name}.json"


def row(name: str, found: Separation, files: Files) -> dict[str, Any]:
    """Return the row of one activation (INTERFACE.md), with everything else that was proved about it."""
    activation = found.activation
    rows = [_lost_row(one, stem, activation.text, files) for one, stem in _named(name, found)]
    kept = documents.kept_minimum(f"{name}-attained", found)
    path = None if kept is None else files.add(f"{name}-attained", kept)
    general: dict[str, Any] = {"name": name, "definition": activation.text, "verdict": found.verdict}
    general["reason"] = found.reason
    if found.verdict == "not-attained":
        general |= rows[0]
    else:
        general |= _nothing(path)
        if found.verdict == "attained":
            general |= {
                "widths": "every width",
                "target": EVERY_TARGET,
                "domain": documents.interval(*DOMAIN),
            }
            general |= {"argument": "polynomial-space" if found.kept is None else found.kept.rule}
            general |= {"steps": [] if found.kept is None else list(found.kept.steps)}
    general["further"] = rows[1:]
    general["attained_from_width"] = None
    if found.spanning is not None:
        general["attained_from_width"] = {"width": len(found.spanning), "certificate": path}
    general["limits"] = [
        {
            "kind": limit.kind,
            "neurons": limit.neurons,
            "family": limit.family,
            "function": limit.function,
            "continuous": limit.continuous,
        }
        for limit in found.limits
    ]
    general["polynomials"] = [
        {"degree": one.degree, "width": one.width, "verdict": one.verdict, "reason": one.reason}
        for one in polynomial_targets(found)
    ]
    return general


def _named(name: str, found: Separation) -> Iterator[tuple[LostMinimum, str]]:
    for index, lost in enumerate(found.lost):
        yield lost, name if index == 0 else f"{name}-{index + 1}"


def _nothing(path: str | None) -> dict[str, Any]:
    return {
        "width": None,
        "widths": None,
        "target": None,
        "domain": None,
        "limit": None,
        "risk_bounds": [],
        "rate": None,
        "factor": None,
        "until": None,
        "argument": None,
        "steps": [],
        "certificate": path,
    }


def _lost_row(lost: LostMinimum, stem: str, activation: str, files: Files) -> dict[str, Any]:
    bound, target = lost.bound, lost.target
    document = documents.lost_minimum(stem, activation, lost)
    return {
        "width": lost.width,
        "widths": lost.widths,
        "target": target.text,
        "domain": documents.interval(target.lower, target.upper),
        "limit": "k*sigma(x/k)" if isinstance(lost.family, Scaling) else lost.family.text,
        "risk_bounds": documents.risks_document(bound.risks),
        "rate": str(bound.rate),
        "factor": decimal_above(bound.factor, 6),
        "until": str(bound.until),
        "argument": lost.argument.rule,
        "steps": list(lost.argument.steps),
        "certificate": files.add(stem, document),
    }


def boundary_row(case: BoundaryCase, files: Files) -> dict[str, Any]:
    """Return the row of one case on ReLU's own boundary."""
    lost = case.verdict == "not-attained"
    return {
        "name": f"relu: {case.name}",
        "about": case.about,
        "verdict": case.verdict,
        "width": case.width,
        "target": case.target,
        "domain": case.domain,
        "limit": case.limit,
        "risk_bounds": documents.risks_document(case.risks),
        "rate": str(case.rate) if lost else None,
        "minimum": None if case.minimum is None else str(case.minimum),
        "argument": case.rule,
        "steps": list(case.steps),
        "certificate": files.add(f"relu-{case.name}", case.certificate),
    }
