"""The checks of a certificate of kind `domination`, in the order of docs/certificate.md, section 4."""

from fractions import Fraction

from verify.auditor.affine import Affine, Jump, Response, dimension, reduced, zero
from verify.auditor.balls import piece
from verify.auditor.certificate import Claim, Problem, Ramp, Reader, Records
from verify.auditor.claims import check_claims
from verify.auditor.domains import check_defined, check_sign
from verify.auditor.expressions import multiply
from verify.auditor.losses import as_node
from verify.auditor.partitions import Cell, cells, pieces
from verify.auditor.verdicts import Effort, InvalidError, UndecidedError, at, postponed, require, shown

KEYS = "response:response ramps:ramp* network:network claim:claim"
RECORDS: Records = {
    "network": (
        lambda part, offset, neurons: Response(part._replace(constant=part.constant + offset), tuple(neurons)),
        "affine:affine offset:exact neurons:neuron*",
    ),
    "claim": (
        Claim,
        "dimension:count neurons:count response_risk:interval network_risk:interval gain:interval ramp_gains:interval*",
    ),
}  # fmt: skip
# A cell on which a ramp changes an affine function: (the cell, before, after, before - after).
Change = tuple[Cell, Affine, Affine, Affine]


def check(
    effort: Effort, r: Reader, problem: Problem, response: Response, ramps: list[Ramp], network: Response, claim: Claim
) -> None:
    """Return if the certificate is valid; InvalidError or UndecidedError with the reason otherwise.

    What the problem or the dimension leaves open is reported only if no later condition up to the identity fails.
    """
    doubts: list[UndecidedError] = []
    with postponed(doubts):
        check_problem(problem, effort)
    response = reduced(response, problem.shapes)
    require(bool(response.strict()), "response: it is not strict, no jump has multiplicity 2")
    with postponed(doubts):
        check_dimension(problem, claim.dimension, response)
    _check_neurons(problem, network, claim)
    _check_ramps(ramps, response.strict(), claim)
    changes = _check_identity(problem, response, ramps, network, effort)
    if doubts:
        raise doubts[0]
    _check_numbers(problem, response, changes, claim, effort)


def check_problem(problem: Problem, effort: Effort) -> None:
    """Density and target are defined on S, the density is >= 0 there (2)."""
    for cell in cells(effort, problem.shapes):
        with at("problem.density.expression"):
            check_defined(effort, problem.density, cell)
            check_sign(effort, problem.density, cell, ">=", "a negative value")
        with at("problem.target.expression"):
            check_defined(effort, problem.target, cell)


def check_dimension(problem: Problem, claimed: int, response: Response) -> None:
    """The dimension of the reduced response is the one claimed, at most the width (4)."""
    with at("claim.dimension"):
        found = dimension(response, problem.architecture)
        require(found == claimed, f"the response has dimension {found}, not {claimed}")
        require(found <= problem.width, f"the dimension {found} exceeds the width {problem.width}")


def _check_neurons(problem: Problem, network: Response, claim: Claim) -> None:
    """The number of neurons, their weights, the affine part of the network (5)."""
    count = len(network.jumps)
    require(count == claim.neurons, f"claim.neurons: the network has {count} neurons, not {claim.neurons}")
    require(count <= problem.width, f"network.neurons: {count} neurons exceed the width {problem.width}")
    for i, neuron in enumerate(network.jumps):
        require(any(neuron.side.gradient), f"network.neurons[{i}].weights: all are 0")
    is_free = problem.architecture == "residual" or not any(network.affine.gradient)
    require(is_free, "network.affine: it is not constant, but the network is feedforward")


def _check_ramps(ramps: list[Ramp], strict: list[Jump], claim: Claim) -> None:
    """Every jump of multiplicity 2 has exactly one ramp, with its boundary and jump (6)."""
    jumps = {jump.side: jump.jump for jump in strict}
    for i, ramp in enumerate(ramps):
        with at(f"ramps[{i}]"):
            boundary, factor = ramp.jump.normal()
            require(boundary in jumps, "no jump of multiplicity 2 is left at this boundary")
            jump = jumps.pop(boundary).times(1 if factor > 0 else -1)
            require(jump == ramp.jump.jump, "its jump is not that of the response")
    require(not jumps, f"ramps: {len(jumps)} jumps of multiplicity 2 have no ramp")
    values = len(claim.ramp_gains)
    require(values == len(ramps), f"claim.ramp_gains: {values} values for {len(ramps)} ramps")


def _check_identity(
    problem: Problem, response: Response, ramps: list[Ramp], network: Response, effort: Effort
) -> list[list[Change]]:
    """The network is the response with ramps for jumps, cell by cell (7); so it differs from it on the ramps only (8).

    Returns for every ramp the cells on which it changes the response.
    """
    whole, changes = cells(effort, problem.shapes), []
    for step in map(_step, ramps):
        changed = [(cell, change) for cell, change in pieces(effort, whole, step) if not change.is_zero()]
        found = [(*part, change) for cell, change in changed for part in pieces(effort, [cell], response)]
        changes.append([(cell, old, old.plus(change, -1), change) for cell, old, change in found])
        response = response.minus(step)
    for cell, gap in pieces(effort, whole, reduced(network.minus(response), problem.shapes)):
        if not gap.is_zero():
            part, claimed = next(pieces(effort, [cell], network))
            texts = [_text(function, problem.variables) for function in (claimed, claimed.plus(gap, -1))]
            place = piece(effort, *part).place()
            raise InvalidError(f"network: around {place} it is {texts[0]}, the response with ramps is {texts[1]}")
    return changes


def _step(ramp: Ramp) -> Response:
    """The jump minus its ramp (1/(2 kappa)) [(s + kappa (e + J))^+ - (s + kappa (e - J))^+], as jumps."""
    (s, jump), kappa, shift, _ = ramp
    neurons = [(s.plus(shift.plus(jump, sign), kappa), Fraction(-sign, 2 * kappa)) for sign in (1, -1)]
    jumps = (ramp.jump, *(Jump(side, side.times(output)) for side, output in neurons))
    return Response(zero(len(s.gradient)), jumps)


def _text(function: Affine, names: list[str]) -> str:
    terms = [f"{shown(a)} {name}" for a, name in zip(function.gradient, names, strict=True)]
    return " + ".join([*terms, shown(function.constant)])


def _check_numbers(
    problem: Problem, response: Response, changes: list[list[Change]], claim: Claim, effort: Effort
) -> None:
    """The integrals lie in the claimed intervals, and the gain is > 0 (9)."""
    f, h, loss = problem.target, problem.density, problem.loss
    before = list(pieces(effort, cells(effort, problem.shapes), response))
    if loss.kind == "expression":
        for cell, function in before + [(cell, new) for found in changes for cell, _, new, _ in found]:
            with at("problem.loss.expression"):
                check_defined(effort, loss.of(as_node(function), f), cell)
    risk = [(multiply(h, loss.of(as_node(r), f)), *cell) for cell, r in before]
    gains = [[(multiply(h, loss.drop(f, *map(as_node, fs))), *cell) for cell, *fs in found] for found in changes]
    check_claims(effort, claim, risk, gains)
