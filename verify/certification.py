"""The main job as one call: a problem in, a certificate out."""

from __future__ import annotations

import html
import os
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from proofs.geometry.balls import Ball
from proofs.network import ShallowNetwork
from proofs.ramp_family import RampFamily
from proofs.response import GeneralizedResponse
from verify.certificates import as_text, sealed, write_text
from verify.domination import Domination, Verdict, dominate
from verify.enclosure import Enclosure
from verify.errors import InputError
from verify.expressions.switches import has_switches
from verify.integration import Deadline
from verify.problem import Problem, response_as_texts

if TYPE_CHECKING:
    from verify.conditions import Conditions
    from verify.first_order import FirstOrder
    from verify.ramp_families import FamilyProof
    from verify.search.space import Show

_CLAIMED_DIGITS = 10
_SLACK = Fraction(1, 10_000)
_WIDE_SLACK = Fraction(1, 100)  # in the plane where the auditor bisects along curves or at a rim
_SPACE_SLACK = Fraction(1, 4)
_FIRST_ORDER_SECONDS = 3.0
_MOMENT = 1.0  # seconds for the hypotheses of the theorem, which the verdict does not rest on


@dataclass(frozen=True)
class Certificate:
    """The answer of `certify`; where the verdict is "dominated" it can be saved and audited."""

    result: Domination

    @property
    def verdict(self) -> Verdict:
        """Whether the network was proved to beat the response: dominated, not-dominated or undecided."""
        return self.result.verdict

    @property
    def reason(self) -> str:
        """Why the verdict is what it is."""
        return self.result.reason

    @property
    def gain(self) -> Enclosure | None:
        """The enclosure of `err(response) - err(network)`."""
        return self.result.gain

    @property
    def network(self) -> ShallowNetwork | None:
        """The competitor."""
        return self.result.network

    @property
    def response(self) -> GeneralizedResponse:
        """The response in reduced form."""
        return self.result.response

    @cached_property
    def conditions(self) -> Conditions:
        """The hypotheses of the existence theorem on the problem, looked at for a moment only."""
        from verify.conditions import check_conditions

        return check_conditions(self.result.problem, budget=_MOMENT)

    @cached_property
    def first_order(self) -> FirstOrder:
        """The limit of gain / kappa for ramps in the proportion of these, kappa being that of the first (section 4)."""
        from verify.first_order import FirstOrder, first_order

        found = self.result
        if found.construction is None:
            return FirstOrder(None, "there are no ramps")
        family = RampFamily.through(found.construction, found.ramps)
        findings = self.conditions.findings
        return first_order(found.problem, family, findings, Deadline(_FIRST_ORDER_SECONDS), found.digits)

    def family(self, *, kappa: Fraction | None = None, budget: float | None = 60.0) -> FamilyProof:
        """Return the proof that every kappa in (0, kappa*] gives a winning network, or why there is none.

        The ramps keep the proportion of their kappas and their shifts; kappa is that of the first. Given, it is kappa*.
        """
        from verify.ramp_families import prove_family

        return prove_family(self.result, self.conditions.findings, kappa=kappa, budget=budget)

    def document(self) -> dict[str, Any]:
        """Return the certificate file as a dictionary (docs/certificate.md, section 4).

        Raises InputError unless the verdict is "dominated".
        """
        if self.verdict != "dominated" or self.network is None:
            raise InputError(f"there is nothing to certify: {self.verdict}, {self.reason}")
        return domination_document(self.result)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the certificate, whole or not at all. Raises InputError where `document` does or writing fails."""
        write_text(path, as_text(self.document()))

    def answer(self, saved: str | None = None) -> dict[str, Any]:
        """Return the JSON answer of `verify certify` (INTERFACE.md)."""
        found = self.result
        variables = found.problem.variables
        network = None if found.network is None else network_as_texts(found.network, variables)
        return {
            "problem": found.problem.name,
            "verdict": self.verdict,
            "reason": self.reason,
            "response_risk": _decimals(found.response_risk, found.digits),
            "network_risk": _decimals(found.network_risk, found.digits),
            "gain": _decimals(found.gain, found.digits),
            "gain_exact": _exact_text(found.gain),
            "first_order": _decimals(self.first_order.value, found.digits),
            "first_order_reason": self.first_order.reason or None,
            "family": None,
            "ramps": [
                {
                    "where": ramp.term.halfspace.text(variables),
                    "jump": ramp.term.jump.text(variables),
                    "kappa": str(ramp.kappa),
                    "shift": ramp.shift.text(variables),
                    "gain": _decimals(gain, found.digits),
                }
                for ramp, gain in zip(found.ramps, found.ramp_gains, strict=True)
            ],
            "case": None if found.construction is None else found.construction.case,
            "network": network,
            "response": response_as_texts(found.response, variables),
            "dimension": found.dimension,
            "neurons": None if found.network is None else found.network.width,
            "width": found.problem.width,
            "theorem": self.conditions.theorem,
            "certificate": saved,
        }

    def _repr_html_(self) -> str:
        rows = [("verdict", self.verdict), ("reason", self.reason)]
        if self.gain is not None:
            ends = self.gain.decimals(self.result.digits + 2)
            rows.append(("gain", f"[{ends['lower']}, {ends['upper']}]"))
        body = "".join(f"<tr><th>{k}</th><td>{html.escape(v)}</td></tr>" for k, v in rows)
        return f"<table>{body}</table>"


def certify(
    problem: Problem,
    *,
    kappa: Fraction | None = None,
    digits: int = 6,
    budget: float | None = 60.0,
    show: Show | None = None,
) -> Certificate:
    """Beat the problem's response (or a good one that is searched for) by a network of its width, and prove it.

    `kappa` fixes the ramps' kappa; `digits` is the wanted relative width 10^-digits of the gain; `budget` is in
    seconds; `show` is told how far a search is.

    Raises InputError for data that cannot be accepted (MATHEMATICS.md, sections 2-4; INTERFACE.md).
    """
    if digits < 1 or digits > 200:
        raise InputError(f"digits must lie between 1 and 200, not {digits}", key="--digits")
    if kappa is not None and kappa <= 0:
        raise InputError(f"kappa must be positive, not {kappa}", key="--kappa")
    if problem.domain.restriction is not None:
        raise problem.fault("certify does not accept a restriction; only conditions does", "domain.restriction")
    response, deadline = problem.response, Deadline(budget)
    if response is None:
        from verify.search import find_response  # NumPy, loaded only where it is needed

        response = find_response(problem, deadline, show)
    return Certificate(dominate(problem, response, kappa=kappa, digits=digits, budget=deadline.remaining))


def network_as_texts(network: ShallowNetwork, variables: tuple[str, ...]) -> dict[str, Any]:
    """Return a network as the JSON of INTERFACE.md."""
    return {
        "affine": network.affine.linear.text(variables),
        "offset": str(network.affine.constant),
        "neurons": [
            {
                "output": str(neuron.output),
                "weights": [str(w) for w in neuron.inner.gradient],
                "bias": str(neuron.inner.constant),
            }
            for neuron in network.neurons
        ],
    }


def domination_document(found: Domination) -> dict[str, Any]:
    """Return the certificate of a domination, claims widened so that an auditor can confirm them at reasonable cost."""
    variables = found.problem.variables
    network, gain, response = found.network, found.gain, response_as_texts(found.response, variables)
    assert network is not None and gain is not None
    assert found.response_risk is not None and found.network_risk is not None
    has_rim = any(isinstance(piece, Ball) for piece in found.problem.domain.pieces)
    hard = has_rim or has_switches(found.problem.loss.expression)
    slack = (_SLACK, _WIDE_SLACK if hard else _SLACK, _SPACE_SLACK)[min(len(variables), 3) - 1]
    floor = min(gain.lower, found.response_risk.upper) * slack
    least = found.response_risk.upper * (slack if slack > _SLACK else slack**2)
    return sealed(
        "domination",
        {
            "problem": dict(found.problem.specification),
            "response": {
                "affine": response["affine"],
                "halfspaces": [{"where": h["where"], "jump": h["jump"]} for h in response["halfspaces"]],
            },
            "ramps": [
                {
                    "where": ramp.term.halfspace.text(variables),
                    "jump": ramp.term.jump.text(variables),
                    "kappa": str(ramp.kappa),
                    "shift": ramp.shift.text(variables),
                }
                for ramp in found.ramps
            ],
            "network": network_as_texts(network, variables),
            "claim": {
                "dimension": found.dimension,
                "neurons": network.width,
                "response_risk": _claim(found.response_risk, slack),
                "network_risk": _claim(found.network_risk, slack, least),
                "gain": _claim(gain, slack),
                "ramp_gains": [_claim(g, slack, floor) for g in found.ramp_gains],
            },
        },
    )


def _claim(value: Enclosure, relative: Fraction, floor: Fraction = Fraction(0)) -> dict[str, str]:
    """Return a claimed interval: outward by a relative slack (at least `floor`), unless the value is exact."""
    if value.is_exact:
        return value.decimals(_CLAIMED_DIGITS)
    slack = max(floor, min(abs(value.lower), abs(value.upper)) * relative, value.width)
    return Enclosure(value.lower - slack, value.upper + slack).decimals(_CLAIMED_DIGITS)


def _exact_text(value: Enclosure | None) -> str | None:
    """Return an exact value as a fraction, unless it is unknown or too long to be read."""
    if value is None or not value.is_exact:
        return None
    long = max(value.lower.numerator.bit_length(), value.lower.denominator.bit_length()) > 2_000
    return None if long else str(value.lower)


def _decimals(value: Enclosure | None, digits: int) -> dict[str, str] | None:
    return None if value is None else value.decimals(digits + 3)
