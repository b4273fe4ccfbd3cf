"""ReLU's own boundary: targets and domains outside the theorem, with what happens there.

MATHEMATICS.md, section 5. Two jumps in the target or the domain that no network equals (infimum 0, not attained), and
two cases in which the minimum is attained all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from proofs.activations.activation import Piece, variable
from proofs.activations.catalogue import activation
from proofs.arguments import cusp, discs, one_kink, smoothness
from proofs.arguments.record import Argument, Target
from proofs.arguments.step import PowerBound, on_cusp, on_discs, on_interval
from proofs.geometry.affine import Affine
from proofs.network import ShallowNetwork
from proofs.ramp import Ramp
from proofs.response import GeneralizedResponse
from verify.domain import Domain
from verify.exact import decimal_above
from verify.separation import documents

_PARAMETERS = tuple(Fraction(1, 4**n) for n in range(1, 6))
_ZERO, _ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class BoundaryCase:
    """One case: the problem, the verdict, the certificate, and what a table shows."""

    name: str
    about: str
    verdict: Literal["attained", "not-attained"]
    width: int
    target: str
    domain: Mapping[str, Any]
    limit: str | None
    risks: tuple[tuple[Fraction, Fraction], ...]
    rate: Fraction | None
    rule: str
    steps: tuple[str, ...]
    minimum: Fraction | None
    certificate: Mapping[str, Any]


def boundary() -> list[BoundaryCase]:
    """Return all cases; each is worked out and checked here, none is looked up."""
    makers: tuple[Callable[[], BoundaryCase], ...] = (_step, _step_width_1, _discs, _cusp, _gap)
    return [make() for make in makers]


def _lost(
    name: str,
    about: str,
    domain: Mapping[str, Any],
    where: Affine,
    jump: Affine,
    bound: PowerBound,
    argument: Argument,
) -> BoundaryCase:
    names = tuple(domain["variables"])
    condition, value = f"{where.text(names)} > 0", jump.text(names)
    target = f"Piecewise(({value}, {condition}), (0, True))"
    root = bound.rate.denominator == 2
    risks = tuple((k, _power_above(bound, k)) for k in _PARAMETERS)
    factor = decimal_above(bound.factor, 6) if root else str(bound.factor)
    claim = {
        "neurons": 2,
        "every_width": argument.every_width,
        "until": str(bound.until),
        "factor": factor,
        "rate": str(bound.rate),
        "risks": documents.risks_document(risks),
    }
    certificate = documents.non_attainment(
        documents.problem(name, domain, target, 2),
        activation("relu").text,
        {"form": "ramp", "where": condition, "jump": value},
        claim,
        {"rule": argument.rule, **argument.data},
    )
    limit = f"(1/(2*k))*((s + k*J)^+ - (s - k*J)^+), s = {where.text(names)}, J = {value}"
    return BoundaryCase(
        name, about, "not-attained", 2, target, domain, limit, risks, bound.rate, argument.rule, argument.steps, None,
        certificate,
    )  # fmt: skip


def _power_above(bound: PowerBound, k: Fraction) -> Fraction:
    """A bound of `factor k^rate` from above, for k = 4^-n and rates that are multiples of 1/2."""
    root = Fraction(1, 2 ** ((k.denominator.bit_length() - 1) // 2))
    return Fraction(decimal_above(bound.factor * root ** int(2 * bound.rate), 6))


def _step_target() -> Target:
    zero = variable() * 0
    return Target((Piece(-_ONE, _ZERO, zero), Piece(_ZERO, _ONE, zero + 1)))


def _step() -> BoundaryCase:
    return _lost(
        "step",
        "discontinuous target",
        documents.interval(-_ONE, _ONE),
        Affine.of([1]),
        Affine.of([0], 1),
        on_interval(Affine.of([1]), _ONE),
        smoothness.argue(activation("relu"), _step_target(), 2),
    )


def _step_width_1() -> BoundaryCase:
    target = _step_target()
    found = one_kink.minimum(target)
    steps = (
        f"For each kink o the best b and c leave a rational function of o; it is >= {found.risk} on [-1, 1] for both "
        "facings, by the exact sign of a polynomial, and the stated network attains it.",
    )
    return _attained(
        "step-width-1", "the same with one neuron", target, 1, found.network, found.risk, "one-kink", steps
    )


def _gap() -> BoundaryCase:
    domain = {"variables": ["x"], "union": [{"box": [["0", "1"]]}, {"box": [["2", "3"]]}]}
    side, jump = Affine.of([1], Fraction(-3, 2)), Affine.of([0], 1)
    response = GeneralizedResponse.of(Affine.of([0]), [(side, jump)])
    ramp = Ramp(response.terms[0], Fraction(1, 4), Affine.of([0]))
    network = ShallowNetwork(Affine.of([0]), ramp.neurons())
    if not network.equals(response, Domain.from_mapping(domain).polytopes):
        raise AssertionError("the ramp leaves the gap")
    zero = variable() * 0
    target = Target((Piece(_ZERO, Fraction(3, 2), zero), Piece(Fraction(3, 2), Fraction(3), zero + 1)))
    steps = ("The ramp fits inside the gap of the domain: the network equals the target on all of it, the risk is 0.",)
    return _attained("gap", "a gap in the domain", target, 2, network, _ZERO, "exact-network", steps, domain)


def _attained(
    name: str,
    about: str,
    target: Target,
    width: int,
    network: ShallowNetwork,
    risk: Fraction,
    rule: str,
    steps: tuple[str, ...],
    domain: Mapping[str, Any] | None = None,
) -> BoundaryCase:
    place = domain or documents.interval(target.lower, target.upper)
    certificate = documents.attainment(
        documents.problem(name, place, target.text, width),
        activation("relu").text,
        documents.claimed(minimum=risk),
        {"rule": rule, "network": documents.network_document(network)},
    )
    return BoundaryCase(
        name, about, "attained", width, target.text, place, None, (), None, rule, steps, risk, certificate
    )


def _discs() -> BoundaryCase:
    centres = ((-1, 2), (-1, -2), (1, 0))
    places = [discs.Disc((Fraction(x), Fraction(y)), _ONE) for x, y in centres]
    domain = {
        "variables": ["x", "y"],
        "union": [{"ball": {"center": [str(x), str(y)], "radius": "1"}} for x, y in centres],
    }
    side = Affine.of([1, 0])
    return _lost(
        "three-discs",
        "a domain that one line only separates",
        domain,
        side,
        Affine.of([0, 0], 1),
        on_discs(places, side),
        discs.argue(places, 2, 2),
    )


def _cusp() -> BoundaryCase:
    domain = {
        "variables": ["x", "y"],
        "ball": {"center": ["0", "0"], "radius": "1"},
        "restriction": "y**2 - Abs(x) <= 0",
    }
    side, jump = Affine.of([1, 0]), Affine.of([0, 1])
    return _lost("cusp", "a domain with a cusp", domain, side, jump, on_cusp(), cusp.argue(side, jump))
