"""Certificates: domination whenever the hypotheses hold, agreement of the auditor, refusal of mutants."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from proofs.geometry.affine import Affine
from proofs.network import Neuron, ShallowNetwork
from proofs.response import equal_almost_everywhere
from verify.auditor import audit_text
from verify.certificates import FORMAT, sealed
from verify.certification import Certificate, certify
from verify.expressions.algebra import parse_affine
from verify.properties.ramps import SQUARED
from verify.properties.record import Example, Property, require
from verify.sampling.choices import Choices
from verify.sampling.problems import ANY, Mix, problem_table

BUDGET = 60.0
IN_SPACE = Mix(dimensions=(2, 3), losses=SQUARED, polynomial=True, widths=(2, 4))
LINE = Mix(losses=SQUARED, polynomial=True, widths=(2, 5))
KINDS = ("neuron", "offset", "kappa", "where", "jump", "affine", "dimension", "neurons", "width", "claim", "drop")


def _any_loss(choices: Choices) -> Example:
    """Return a problem on the line with any loss of the theorem; one in four has polynomials in the plane or space."""
    mix = IN_SPACE if choices.integer(0, 3) == 3 else ANY
    return Example(problem_table(choices, mix))


def _domination(example: Example) -> None:
    problem, reduced = example.reduced()
    found = certify(problem, budget=BUDGET)
    require(found.conditions.theorem == "applies", f"the theorem: {found.conditions.theorem}")
    _require_dominated(found)
    assert found.network is not None and found.gain is not None
    dimension = reduced.dimension(problem.architecture)
    width = found.network.width
    require(width <= dimension <= problem.width, f"{width} neurons, dimension {dimension}, width {problem.width}")
    require(found.gain.lower > 0, "the gain is not positive")


def _require_dominated(found: Certificate) -> None:
    require(found.verdict == "dominated", f"{found.verdict}: {found.reason}")


def _agreement(example: Example) -> None:
    found = certify(example.problem, budget=BUDGET)
    _require_dominated(found)
    audit = audit_text(json.dumps(found.document()))
    require(audit.verdict == "valid", f"the auditor says {audit.verdict}: {audit.reason}")


def _mutant(choices: Choices) -> Example:
    mix = Mix(dimensions=(2,), losses=SQUARED, polynomial=True, widths=(2, 4)) if choices.integer(0, 3) == 3 else LINE
    kind = choices.pick(KINDS)
    place, sign = choices.integer(0, 11), choices.pick((1, -1))
    notes = {"mutation": kind, "place": str(place), "sign": str(sign)}
    return Example(problem_table(choices, mix), (kind, place, sign), notes)


def _refusal(example: Example) -> None:
    problem = example.problem
    found = certify(problem, budget=BUDGET)
    _require_dominated(found)
    kind, place, sign = example.choices
    document = found.document()
    changed = copy.deepcopy(document)
    _MUTATIONS[kind](changed, place, sign)
    if _is_the_same(found, changed, kind, place, sign):
        return
    body = {key: value for key, value in changed.items() if key not in ("format", "kind", "digest")}
    mutant = sealed(changed["kind"], body)
    require(mutant["format"] == FORMAT and mutant["digest"] != document["digest"], "the mutation changed nothing")
    audit = audit_text(json.dumps(mutant))
    require(audit.verdict != "valid", f"the auditor accepts a mutant ({kind}, place {place})")


def _is_the_same(found: Certificate, changed: dict[str, Any], kind: str, place: int, sign: int) -> bool:
    """Whether a mutant states the same functions on the domain, exactly: what is never active there may be anything."""
    problem, ramps = found.result.problem, found.result.ramps
    pieces = problem.domain.polytopes
    if kind in ("neuron", "drop"):
        assert found.network is not None
        return _network(changed["network"], problem.variables).equals(found.network, pieces)
    if kind == "kappa":
        ramp = ramps[place % len(ramps)]
        moved = replace(ramp, kappa=Fraction(_nudged(str(ramp.kappa), sign)))
        return equal_almost_everywhere(ramp.response(), moved.response(), pieces)
    return False


def _network(table: dict[str, Any], variables: tuple[str, ...]) -> ShallowNetwork:
    neurons = tuple(
        Neuron(Fraction(e["output"]), Affine.of([Fraction(w) for w in e["weights"]], Fraction(e["bias"])))
        for e in table["neurons"]
    )
    return ShallowNetwork(parse_affine(table["affine"], variables).plus(Fraction(table["offset"])), neurons)


def _nudged(text: str, sign: int) -> str:
    return str(Fraction(text) + sign * Fraction(1, 10**9))


def _neuron(document: dict[str, Any], place: int, sign: int) -> None:
    neurons = document["network"]["neurons"]
    neuron = neurons[place % len(neurons)]
    if place % 3 == 0:
        neuron["weights"][place % len(neuron["weights"])] = _nudged(
            neuron["weights"][place % len(neuron["weights"])], sign
        )
    else:
        key = ("output", "bias")[place % 2]
        neuron[key] = _nudged(neuron[key], sign)


def _in(path: str, key: str, change: Callable[[str, int], str]) -> Callable[[dict[str, Any], int, int], None]:
    def mutate(document: dict[str, Any], place: int, sign: int) -> None:
        entries = document[path] if path == "ramps" else document[path]["halfspaces"]
        entry = entries[place % len(entries)]
        entry[key] = change(entry[key], sign)

    return mutate


def _plus(text: str, sign: int) -> str:
    return f"{text} + {sign}/1000000000" if sign > 0 else f"{text} - 1/1000000000"


def _moved(text: str, sign: int) -> str:
    return f"{_plus(text.removesuffix(' > 0'), sign)} > 0"


def _offset(document: dict[str, Any], place: int, sign: int) -> None:
    document["network"]["offset"] = _nudged(document["network"]["offset"], sign)


def _affine(document: dict[str, Any], place: int, sign: int) -> None:
    document["response"]["affine"] = _plus(document["response"]["affine"], sign)


def _count(key: str) -> Callable[[dict[str, Any], int, int], None]:
    def mutate(document: dict[str, Any], place: int, sign: int) -> None:
        document["claim"][key] += sign

    return mutate


def _width(document: dict[str, Any], place: int, sign: int) -> None:
    document["problem"]["network"]["width"] = document["claim"]["dimension"] - 1


def _claim(document: dict[str, Any], place: int, sign: int) -> None:
    intervals = list(_intervals(document["claim"]))
    interval = intervals[place % len(intervals)]
    low, high = Fraction(interval["lower"]), Fraction(interval["upper"])
    step = sign * (2 * (high - low) or abs(low) / 1000 or Fraction(1, 1000))
    interval["lower"], interval["upper"] = str(low + step), str(high + step)


def _intervals(claim: dict[str, Any]) -> Iterator[dict[str, str]]:
    yield from (claim[key] for key in ("response_risk", "network_risk", "gain"))
    yield from claim["ramp_gains"]


def _drop(document: dict[str, Any], place: int, sign: int) -> None:
    neurons = document["network"]["neurons"]
    del neurons[place % len(neurons)]
    document["claim"]["neurons"] -= 1


_MUTATIONS: dict[str, Callable[[dict[str, Any], int, int], None]] = {
    "neuron": _neuron,
    "offset": _offset,
    "kappa": _in("ramps", "kappa", _nudged),
    "where": _in("ramps", "where", _moved),
    "jump": _in("response", "jump", _plus),
    "affine": _affine,
    "dimension": _count("dimension"),
    "neurons": _count("neurons"),
    "width": _width,
    "claim": _claim,
    "drop": _drop,
}

PROPERTIES = (
    Property(
        "domination",
        "Where the hypotheses hold, every strict response is beaten by a network of its dimension",
        _any_loss,
        _domination,
    ),
    Property("auditor-agrees", "The auditor confirms every certificate that certify writes", _any_loss, _agreement),
    Property("mutants-rejected", "The auditor accepts no certificate with one thing changed", _mutant, _refusal),
)
