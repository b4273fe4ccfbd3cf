"""`certify`: from a problem to a network that provably beats its response.

MATHEMATICS.md, sections 2-4. The response is reduced, a construction and ramps are chosen by heuristics, and the gain
is enclosed by rigorous arithmetic; only that enclosure decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import inf
from typing import Literal

from proofs.network import ShallowNetwork
from proofs.ramp import Construction, Ramp, check_competitor, stages
from proofs.response import GeneralizedResponse
from verify.choice import attempts
from verify.definedness import decide, first_undefined
from verify.enclosure import Enclosure, total
from verify.expressions import tree
from verify.gain import Piece, excess_integrals, pieces, risk_integrals
from verify.integration import Deadline, Integrator
from verify.problem import Problem

Verdict = Literal["dominated", "not-dominated", "undecided"]
MAX_DECADES = 9_000
RISK_SHARE, MOMENT = 1 / 4, 1 / 16  # of the time left: risks are shown, no verdict rests on them
ATTEMPT_SHARE = 0.6
LEAST_ATTEMPT = 0.5  # seconds


@dataclass(frozen=True)
class Domination:
    """What `certify` found: the verdict with its reason, and whatever was enclosed on the way.

    `ramp_gains[i]` is the gain of ramping jump i after those before it; the gain is their sum.
    """

    problem: Problem
    verdict: Verdict
    reason: str
    response: GeneralizedResponse
    dimension: int
    digits: int
    response_risk: Enclosure | None = None
    construction: Construction | None = None
    ramps: tuple[Ramp, ...] = ()
    ramp_gains: tuple[Enclosure, ...] = ()
    network: ShallowNetwork | None = None
    network_risk: Enclosure | None = None

    @property
    def gain(self) -> Enclosure | None:
        """The enclosure of `err(response) - err(network)`."""
        return total(self.ramp_gains) if self.ramp_gains else None


def dominate(
    problem: Problem,
    response: GeneralizedResponse,
    *,
    kappa: Fraction | None = None,
    digits: int = 6,
    budget: float | None = 60.0,
) -> Domination:
    """Beat a generalized response by a network of the problem's width, and prove it.

    Raises InputError if the response is not strict, needs more neurons than the width, or density or target are
    undefined somewhere on the domain or the density is negative.
    """
    reduced = check_response(problem, response)
    dimension = reduced.dimension(problem.architecture)
    doubt = check_data(problem)
    deadline = Deadline(budget)
    parts = [p for p in pieces(problem) if p.density != tree.ZERO]
    if not parts:
        raise problem.fault("the density is 0 on the whole domain", "density.expression")
    blank = Domination(problem, "undecided", doubt or "", reduced, dimension, digits)
    if doubt is not None:
        return blank
    try:
        risk = _risk(problem, parts, reduced, digits, deadline, RISK_SHARE)
    except ArithmeticError as error:
        return replace(blank, reason=f"the response's risk could not be enclosed: {error}")
    blank = replace(blank, response_risk=risk)
    if risk.upper <= 0 and problem.loss.pointwise_minimum_is_zero:
        reason = "the response's risk is 0: it equals the target, and nothing can beat it"
        return replace(blank, verdict="not-dominated", reason=reason)
    integrator = whole = Integrator(problem.variables, deadline)
    best: Domination | None = None
    for construction, ramps, estimate in attempts(problem, parts, reduced, kappa):
        if problem.domain.dimension == 2 and kappa is None:  # thinner ramps may be easier: leave them some time
            patience = Deadline(ATTEMPT_SHARE * deadline.remaining)
            integrator = Integrator(problem.variables, patience)
        try:
            gains = _ramp_gains(problem, parts, construction, ramps, integrator, digits, estimate)
        except ArithmeticError as error:
            blank = replace(blank, reason=f"the gain could not be enclosed: {error}")
            if integrator is whole or deadline.remaining < LEAST_ATTEMPT:
                break
            continue
        found = replace(blank, construction=construction, ramps=tuple(ramps), ramp_gains=tuple(gains))
        gain = total(gains)
        if gain.lower > 0 and (gain.settled(digits) or not integrator.deadline.passed):
            best = found
            break
        if best is None or gain.lower > total(best.ramp_gains).lower:
            best = found
        if deadline.remaining < LEAST_ATTEMPT:
            break
    if best is None:
        return blank
    assert best.construction is not None
    network = best.construction.network(best.ramps, problem.domain)
    check_competitor(network, best.construction, best.ramps, [p.cell for p in parts])
    best = replace(best, network=network, network_risk=_network_risk(problem, parts, best, network, deadline))
    return _judged(best, kappa is not None, deadline.passed)


def check_response(problem: Problem, response: GeneralizedResponse) -> GeneralizedResponse:
    """Return the reduced form of a response that a network of the problem's width should beat. Raises InputError."""
    reduced = response.reduced(problem.domain)
    if not reduced.is_strict:
        raise problem.fault(
            f"not a strict response: {len(reduced.kinks)} kinks and 0 jumps are left in reduced form on the domain, "
            "at least 1 jump is needed",
            "response.halfspaces",
        )
    dimension = reduced.dimension(problem.architecture)
    if dimension > problem.width:
        raise problem.fault(
            f"the response has dimension {dimension} ({problem.architecture}), more than the width {problem.width}",
            "response",
        )
    return reduced


def check_data(problem: Problem) -> str | None:
    """Return None if target and density are defined and the density is >= 0 on the domain, or a doubt in words.

    Raises InputError with the point where one is certainly undefined or the density certainly negative.
    """
    doubts = []
    for key, expression in (("target", problem.target), ("density", problem.density)):
        for cell in problem.domain.cells:
            trouble = first_undefined(expression, cell, problem.variables)
            if trouble is None:
                continue
            place = _point(problem, trouble.point)
            if trouble.certain:
                raise problem.fault(f"undefined at {place}: {trouble.reason}", f"{key}.expression")
            doubts.append(f"the {key} may be undefined near {place}: {trouble.reason} could not be ruled out")
    if doubts:
        return doubts[0]
    for part in pieces(problem):
        decision = decide(part.density, ">=", part.cell, problem.variables)
        if decision.verdict is False and decision.point is not None:
            raise problem.fault(f"negative at {_point(problem, decision.point)}", "density.expression")
        if decision.verdict is None and decision.point is not None:
            return f"the density could not be shown to be >= 0 near {_point(problem, decision.point)}"
    return None


def _point(problem: Problem, point: Sequence[Fraction]) -> str:
    texts = []
    for name, x in zip(problem.variables, point, strict=True):
        exact = str(x)
        texts.append(f"{name} = {exact}" if len(exact) <= 24 else f"{name} = {float(x):.12g} (about)")
    return ", ".join(texts)


def _ramp_gains(
    problem: Problem,
    parts: Sequence[Piece],
    construction: Construction,
    ramps: Sequence[Ramp],
    integrator: Integrator,
    digits: int,
    estimate: float,
) -> list[Enclosure]:
    responses = stages(construction, ramps)
    sums = [excess_integrals(problem, parts, first, second) for first, second in pairwise(responses)]
    # only the sum has to be known to so many digits
    share = Fraction(1, 2 * len(sums) * 10**digits)
    floor = Fraction(estimate) * share if len(sums) > 1 and 0 < estimate < inf else Fraction(0)
    gains = [integrator.enclose(integrals, digits, abs(estimate) / len(sums), floor) for integrals in sums]
    # a poor estimate, or opposite signs
    if not total(gains).settled(digits) and len(gains) > 1 and not integrator.deadline.passed:
        whole = total(gains)
        floor = max(abs(whole.lower + whole.upper) / 2, whole.width / 1000) * share
        for i, integrals in enumerate(sums):
            if gains[i].width > floor:
                again = integrator.enclose(integrals, 2 * digits + 4, float(floor) * 10**digits, floor)
                gains[i] = min(gains[i], again, key=lambda gain: gain.width)  # time may be over
    return gains


def _risk(
    problem: Problem,
    parts: Sequence[Piece],
    response: GeneralizedResponse,
    digits: int,
    deadline: Deadline,
    share: float,
    floor: Fraction = Fraction(0),
) -> Enclosure:
    """Return an enclosure of a risk: to all digits if that takes a moment, else to half of them in a share of the time.

    Raises ArithmeticError if it could not be bounded.
    """
    integrals = risk_integrals(problem, parts, response)

    def within(part: float, digits: int) -> Enclosure:
        return Integrator(problem.variables, Deadline(part * deadline.remaining)).enclose(integrals, digits, 0, floor)

    try:
        risk = within(MOMENT, digits)
    except ArithmeticError:  # not bounded in a moment
        return within(share, digits // 2)
    if not (risk.settled(digits // 2) or risk.width <= floor):
        with suppress(ArithmeticError):
            own = within(share, digits // 2)
            risk = Enclosure(max(risk.lower, own.lower), min(risk.upper, own.upper))
    return risk


def _network_risk(
    problem: Problem, parts: Sequence[Piece], found: Domination, network: ShallowNetwork, deadline: Deadline
) -> Enclosure:
    """Return an enclosure of `err(network)`: the response's risk minus the gain, or an integral where that is poor."""
    assert found.response_risk is not None and found.gain is not None
    risk = found.response_risk - found.gain
    if not risk.settled(found.digits // 2) and not deadline.passed:
        try:
            floor = found.response_risk.upper / 10 ** (found.digits + 25)
            own = _risk(problem, parts, network.response, found.digits, deadline, MOMENT, floor)
            risk = Enclosure(max(risk.lower, own.lower), min(risk.upper, own.upper))
        except ArithmeticError:
            pass
    return risk.at_least(Fraction(0)) if problem.loss.pointwise_minimum_is_zero else risk


def _writable(found: Domination) -> bool:
    """Whether risks and gains have exponents that the format accepts."""
    limit = 10**MAX_DECADES
    values = [v for v in (found.response_risk, found.network_risk, *found.ramp_gains) if v is not None]
    assert found.gain is not None
    return found.gain.lower * limit >= 1 and all(max(-v.lower, v.upper) <= limit for v in values)


def _judged(found: Domination, kappa_given: bool, out_of_time: bool) -> Domination:
    gain = found.gain
    assert gain is not None
    if gain.lower > 0 and not _writable(found):
        return replace(found, reason=f"a certificate holds numbers between 1e-{MAX_DECADES} and 1e{MAX_DECADES} only")
    if gain.lower > 0 and gain.settled(found.digits):
        return replace(found, verdict="dominated", reason="the gain is positive")
    if gain.lower > 0:
        return replace(
            found, reason=f"the gain is positive, but not enclosed to {found.digits} digits within the budget"
        )
    if out_of_time:
        return replace(found, reason="the budget ended before a positive gain was proved")
    if gain == Enclosure.exactly(Fraction(0)):
        return replace(found, reason="the network equals the response almost everywhere on the domain: the gain is 0")
    if kappa_given:
        return replace(found, reason="with this kappa the network does not beat the response; try a smaller one")
    return replace(found, reason="no ramp that was tried has a gain that could be proved positive")
