"""The checks of a certificate of kind `domination`, in the order of docs/certificate.md, section 4."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from verify.auditor.affine import Affine, zero
from verify.auditor.certificate import Certificate, Claim, Network, Problem, Ramp, Reader, Records
from verify.auditor.claims import check_claims
from verify.auditor.domains import check_defined, check_sign
from verify.auditor.evaluate import Vertex
from verify.auditor.expressions import multiply
from verify.auditor.losses import as_node
from verify.auditor.partitions import halves, of_neurons, partition
from verify.auditor.responses import Jump, Response, dimension, reduced
from verify.auditor.verdicts import Effort, InvalidError, UndecidedError, at, require, settle, shown

KEYS = "response:response ramps:ramp* network:network claim:claim"
RECORDS: Records = {
    "ramp": (
        lambda side, jump, *rest: Ramp(Jump(side, jump), *rest), "where:where jump:affine kappa:exact shift:affine",
    ),
    "network": (
        lambda part, offset, neurons: Network(part._replace(constant=part.constant + offset), neurons),
        "affine:affine offset:exact neurons:neuron*",
    ),
    "claim": (
        Claim,
        "dimension:count neurons:count response_risk:interval network_risk:interval gain:interval ramp_gains:interval*",
    ),
}  # fmt: skip
# Cells on which ramp i changes the affine function `before` to `before - step`: (a cell, before, step).
Change = tuple[tuple[Vertex, ...], Affine, Affine]


def check(effort: Effort, r: Reader, *parts: Any) -> None:
    """Return if the certificate is valid; InvalidError or UndecidedError with the reason otherwise.

    What the problem or the dimension leaves open is reported only if no later condition up to the identity fails.
    """
    c = Certificate(*parts)
    doubts = _attempt(lambda: check_problem(c.problem, effort))
    response = reduced(c.response, c.problem.shapes)
    require(bool(response.strict()), "response: it is not strict, no jump has multiplicity 2")
    doubts += _attempt(lambda: check_dimension(c.problem, c.claim.dimension, response))
    _check_neurons(c)
    _check_ramps(c, response.strict())
    changes = _check_identity(c, response, effort)
    settle(not doubts, "".join(doubts[:1]))
    _check_numbers(c, response, changes, effort)


def _attempt(step: Callable[[], None]) -> list[str]:
    try:
        step()
    except UndecidedError as reason:
        return [str(reason)]
    return []


def check_problem(problem: Problem, effort: Effort) -> None:
    """Density and target are defined on S, the density is >= 0 there (2)."""
    for cell in partition(effort, problem.shapes).cells:
        with at("problem.density.expression"):
            check_defined(effort, problem.density, cell)
            check_sign(effort, problem.density, cell, ">= 0", "a negative value")
        with at("problem.target.expression"):
            check_defined(effort, problem.target, cell)


def check_dimension(problem: Problem, claimed: int, response: Response) -> None:
    """The dimension of the reduced response is the one claimed, at most the width (4)."""
    with at("claim.dimension"):
        found = dimension(response, problem.architecture)
        require(found == claimed, f"the response has dimension {found}, not {claimed}")
        require(found <= problem.width, f"the dimension {found} exceeds the width {problem.width}")


def _check_neurons(c: Certificate) -> None:
    """The number of neurons, their weights, the affine part of the network (5)."""
    count = len(c.network.neurons)
    require(count == c.claim.neurons, f"claim.neurons: the network has {count} neurons, not {c.claim.neurons}")
    require(count <= c.problem.width, f"network.neurons: {count} neurons exceed the width {c.problem.width}")
    for i, neuron in enumerate(c.network.neurons):
        require(any(neuron.argument.gradient), f"network.neurons[{i}].weights: all are 0")
    is_free = c.problem.architecture == "residual" or not any(c.network.affine.gradient)
    require(is_free, "network.affine: it is not constant, but the network is feedforward")


def _check_ramps(c: Certificate, strict: list[Jump]) -> None:
    """Every jump of multiplicity 2 has exactly one ramp, with its boundary and jump (6)."""
    jumps = {jump.side: jump.jump for jump in strict}
    for i, ramp in enumerate(c.ramps):
        with at(f"ramps[{i}]"):
            require(ramp.kappa > 0, f"kappa = {shown(ramp.kappa)} is not > 0")
            boundary, factor = ramp.jump.normal()
            require(boundary in jumps, "no jump of multiplicity 2 is left at this boundary")
            jump = jumps.pop(boundary).times(1 if factor > 0 else -1)
            require(jump == ramp.jump.jump, "its jump is not that of the response")
    require(not jumps, f"ramps: {len(jumps)} jumps of multiplicity 2 have no ramp")
    values = len(c.claim.ramp_gains)
    require(values == len(c.ramps), f"claim.ramp_gains: {values} values for {len(c.ramps)} ramps")


def _check_identity(c: Certificate, response: Response, effort: Effort) -> list[list[Change]]:
    """The network is the response with ramps for jumps, cell by cell, and differs from it on the ramps only (7, 8).

    Returns for every ramp the cells on which it changes the response.
    """
    neurons, steps = of_neurons(c.network.neurons), list(map(_step, c.ramps))
    sides = [side for jumps in (response.jumps, neurons, *steps) for side, _ in jumps]
    cells = partition(effort, c.problem.shapes, sides)
    before = cells.sums(response.affine, response.jumps)
    current, nothing = list(before), zero(len(c.problem.variables))
    touched: list[list[Ramp]] = [[] for _ in before]
    changes: list[list[Change]] = []
    for ramp, step in zip(c.ramps, steps, strict=True):
        found: list[Change] = []
        for k, change in enumerate(cells.sums(nothing, step)):
            if not change.is_zero():
                found.append((cells.cells[k], current[k], change))
                current[k] = current[k].plus(change, -1)
                touched[k].append(ramp)
        changes.append(found)
    network = cells.sums(c.network.affine, neurons)
    for k, (was, is_now, claimed, ramps) in enumerate(zip(before, current, network, touched, strict=True)):
        place = f"network: {cells.place(k)}"
        if is_now != claimed:
            texts = [_text(function, c.problem.variables) for function in (claimed, is_now)]
            raise InvalidError(f"{place} it is {texts[0]}, the response with ramps is {texts[1]}")
        if was != claimed and not any(_acts(ramp, cells.centres[k]) for ramp in ramps):
            raise InvalidError(f"{place} it differs from the response outside all ramps")
    return changes


def _step(ramp: Ramp) -> list[Jump]:
    """The jump minus its ramp."""
    return [ramp.jump, *(Jump(side, jump.times(-1)) for side, jump in halves(ramp))]


def _acts(ramp: Ramp, point: Sequence[Fraction]) -> bool:
    """Whether |s + kappa e| < kappa |J| or s (s + kappa e) < 0 at a point, and so on its whole cell.

    The cell is cut where s or s + kappa (e +- J) is 0: these keep their signs, so has one of the two inequalities
    |s + kappa e| < kappa |J| and > throughout; with the second one s + kappa e is not 0 and keeps its sign, too. (If
    one of the two functions is 0 everywhere, the other one is twice s + kappa e.)
    """
    s, shift, jump = (f.value(point) for f in (ramp.jump.side, ramp.shift, ramp.jump.jump))
    moved = s + ramp.kappa * shift
    return abs(moved) < ramp.kappa * abs(jump) or s * moved < 0


def _text(function: Affine, names: list[str]) -> str:
    terms = [f"{shown(a)} {name}" for a, name in zip(function.gradient, names, strict=True)]
    return " + ".join([*terms, shown(function.constant)])


def _check_numbers(c: Certificate, response: Response, changes: list[list[Change]], effort: Effort) -> None:
    """The integrals lie in the claimed intervals, and the gain is > 0 (9)."""
    f, h, loss = c.problem.target, c.problem.density, c.problem.loss
    cells = partition(effort, c.problem.shapes, [jump.side for jump in response.jumps])
    pieces = list(zip(cells.cells, cells.sums(response.affine, response.jumps), strict=True))
    if loss.kind == "expression":
        after = [(cell, old.plus(step, -1)) for found in changes for cell, old, step in found]
        for cell, function in pieces + after:
            with at("problem.loss.expression"):
                check_defined(effort, loss.of(as_node(function), f), cell)
    risk = [(multiply(h, loss.of(as_node(r), f)), *cell) for cell, r in pieces]
    gains = [[(multiply(h, loss.drop(old, step, f)), *cell) for cell, old, step in found] for found in changes]
    check_claims(effort, c.claim, risk, gains)
