"""Reading a certificate: strict JSON, digest, keys, types (docs/certificate.md, sections 1, 3 and 4.1)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple, TypeVar

from verify.auditor import affine, grammar
from verify.auditor.affine import Affine, Shape
from verify.auditor.expressions import Node
from verify.auditor.losses import PARAMETERS, Loss
from verify.auditor.responses import Jump, Response
from verify.auditor.verdicts import BadInputError, InvalidError, UndecidedError, at

FORMAT = "relu-closure/1"
MOST_BYTES = 8_000_000
MOST_ENTRIES = 2_000  # of one list
MOST_DIGITS = 200_000  # of all numbers together
T = TypeVar("T")
Interval = tuple[Fraction, Fraction]


class Ramp(NamedTuple):
    """The ramp that replaces a jump, with kappa > 0 and the affine shift."""

    jump: Jump
    kappa: Fraction
    shift: Affine


class Neuron(NamedTuple):
    """output * (argument)^+."""

    output: Fraction
    argument: Affine


class Claim(NamedTuple):
    """What is claimed."""

    dimension: int
    neurons: int
    response_risk: Interval
    network_risk: Interval
    gain: Interval
    ramp_gains: list[Interval]


class Certificate(NamedTuple):
    """A certificate of the kind `domination`."""

    variables: list[str]
    shapes: list[Shape]
    density: Node
    target: Node
    loss: Loss
    architecture: str
    width: int
    response: Response
    ramps: list[Ramp]
    network: Affine
    neurons: list[Neuron]
    claim: Claim


def load(text: str) -> dict[str, Any]:
    """The JSON object of a certificate; BadInputError if it is none, InvalidError if it breaks rules of section 1."""
    faults: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(result := dict(items)) < len(items):
            faults.append("an object with the same key twice")
        return result

    def refuse(literal: str) -> None:
        faults.append(f"a number that is not exact: {literal[:20]}; quote it")

    def integer(literal: str) -> int:
        if len(literal) > grammar.MOST_DIGITS:
            faults.append(f"an integer of more than {grammar.MOST_DIGITS} digits")
            return 0
        return int(literal)

    try:
        data = json.loads(text, object_pairs_hook=pairs, parse_float=refuse, parse_constant=refuse, parse_int=integer)
    except ValueError as error:
        raise BadInputError(f"json: {error}") from None
    except RecursionError:
        raise BadInputError("json: nested too deeply") from None
    if not isinstance(data, dict):
        raise BadInputError("json: expected an object")
    if data.get("format") != FORMAT:
        raise BadInputError(f'format: expected "{FORMAT}"')
    if faults:
        raise InvalidError(faults[0])
    return data


def check_digest(data: dict[str, Any]) -> None:
    """InvalidError unless "digest" is the SHA-256 of the rest in the canonical form."""
    rest = {key: value for key, value in data.items() if key != "digest"}
    try:
        canonical = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError) as error:
        raise InvalidError(f"digest: {error}") from None
    if hashlib.sha256(canonical).hexdigest() != data.get("digest"):
        raise InvalidError("digest: it is not that of the content")


class _Reader:
    """Typed access to the object; every fault names its place."""

    def __init__(self) -> None:
        self.variables: list[str] = []
        self.digits = 0

    def fields(self, value: Any, place: str, *keys: str) -> list[Any]:
        if not isinstance(value, dict):
            raise InvalidError(f"{place}: expected an object")
        for key in [*keys, *value]:
            if (key in keys) != (key in value):
                raise InvalidError(f"{place}: {'missing' if key in keys else 'unknown'} key {key[:40]!a}")
        return [value[key] for key in keys]

    def string(self, value: Any, place: str) -> str:
        if not isinstance(value, str):
            raise InvalidError(f"{place}: expected a string")
        return value

    def count(self, value: Any, place: str) -> int:
        if type(value) is not int or value < 0:
            raise InvalidError(f"{place}: expected an integer >= 0")
        return value

    def exact(self, value: Any, place: str) -> Fraction:
        if type(value) is not int and not isinstance(value, str):
            raise InvalidError(f"{place}: expected an exact number, an integer or a string")
        try:
            result = Fraction(value) if isinstance(value, int) else grammar.rational(value)
        except ValueError as error:
            raise InvalidError(f"{place}: {error}") from None
        self.digits += len(value) if isinstance(value, str) else value.bit_length() // 3
        if self.digits > MOST_DIGITS:
            raise UndecidedError(f"{place}: the numbers up to here have more than {MOST_DIGITS} digits together")
        return result

    def interval(self, value: Any, place: str) -> Interval:
        lower, upper = self.fields(value, place, "lower", "upper")
        low, high = self.exact(lower, f"{place}.lower"), self.exact(upper, f"{place}.upper")
        if low > high:
            raise InvalidError(f"{place}: lower > upper")
        return low, high

    def array(self, value: Any, place: str, read: Callable[[Any, str], T]) -> list[T]:
        if not isinstance(value, list):
            raise InvalidError(f"{place}: expected a list")
        if len(value) > MOST_ENTRIES:
            raise UndecidedError(f"{place}: more than {MOST_ENTRIES} entries")
        return [read(item, f"{place}[{i}]") for i, item in enumerate(value)]

    def point(self, value: Any, place: str) -> tuple[Fraction, ...]:
        numbers = self.array(value, place, self.exact)
        if len(numbers) != len(self.variables):
            raise InvalidError(f"{place}: expected one number a variable")
        return tuple(numbers)

    def expression(self, value: Any, place: str, *more: str) -> Node:
        text = self.string(value, place)
        with at(place):
            return grammar.parse(text, [*self.variables, *more])

    def affine(self, value: Any, place: str) -> Affine:
        return self._affine(self.expression(value, place), place)

    def _affine(self, node: Node, place: str) -> Affine:
        result = affine.from_node(node, len(self.variables))
        if result is None:
            raise InvalidError(f"{place}: expected an affine function with rational coefficients")
        return result

    def halfspace(self, value: Any, place: str) -> Jump:
        where, jump = self.fields(value, place, "where", "jump")
        return self.jump(where, jump, place)

    def jump(self, where: Any, jump: Any, place: str) -> Jump:
        text = self.string(where, f"{place}.where")
        with at(f"{place}.where"):
            node, sign = grammar.parse_condition(text, self.variables)
        side = self._affine(node, f"{place}.where")
        if sign not in ("<", ">") or not any(side.gradient):
            raise InvalidError(f"{place}.where: expected A > B or A < B, not constant")
        return Jump(side if sign == ">" else side.times(-1), self.affine(jump, f"{place}.jump"))

    def shape(self, kind: str, value: Any, place: str) -> list[Shape]:
        if kind == "union":
            return [shape for part in self.array(value, place, self.part) for shape in part]
        if kind == "ball":
            centre, radius = self.fields(value, place, "center", "radius")
            ball = Shape(kind, (self.point(centre, f"{place}.center"),), self.exact(radius, f"{place}.radius"))
            if ball.radius <= 0:
                raise InvalidError(f"{place}.radius: expected a number > 0")
            return [ball]
        if kind == "box":
            sides = self.array(value, place, lambda v, p: self.array(v, p, self.exact))
            if len(sides) != len(self.variables) or any(len(s) != 2 or s[0] >= s[1] for s in sides):
                raise InvalidError(f"{place}: expected one pair lo < hi a variable")
            return [Shape(kind, (tuple(s[0] for s in sides), tuple(s[1] for s in sides)))]
        points = self.array(value, place, self.point)
        edges = [[a - b for a, b in zip(point, points[0], strict=True)] for point in points]
        if affine.rank(edges) < len(self.variables):
            raise InvalidError(f"{place}: expected vertices of full dimension")
        return [Shape(kind, tuple(points))]

    def part(self, value: Any, place: str) -> list[Shape]:
        kind = next(iter(value), "") if isinstance(value, dict) else ""
        if kind not in ("box", "vertices", "ball"):
            raise InvalidError(f"{place}: expected one of box, vertices, ball")
        return self.shape(kind, self.fields(value, place, kind)[0], f"{place}.{kind}")

    def domain(self, value: Any) -> list[Shape]:
        place = "problem.domain"
        kind = next(
            (key for key in ("box", "vertices", "ball", "union") if isinstance(value, dict) and key in value), "box"
        )
        names, shape = self.fields(value, place, "variables", kind)
        self.variables = self.array(names, f"{place}.variables", self.string)
        for name in self.variables:
            if not grammar.VARIABLE.fullmatch(name) or name in grammar.RESERVED or self.variables.count(name) > 1:
                raise InvalidError(f"{place}.variables: {name[:40]!a} is no name for a variable, or is there twice")
        shapes = self.shape(kind, shape, f"{place}.{kind}")
        if not self.variables or not shapes:
            raise InvalidError(f"{place}: expected at least one variable and one shape")
        return shapes

    def loss(self, value: Any) -> Loss:
        place = "problem.loss"
        kind = value.get("kind") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in PARAMETERS:
            raise InvalidError(f"{place}.kind: expected one of {', '.join(PARAMETERS)}")
        key = PARAMETERS[kind]
        values = self.fields(value, place, "kind", *([key] if key else []))
        if kind == "expression":
            if {"f", "y"} & set(self.variables):
                raise InvalidError(f"{place}: no variable may be called f or y")
            return Loss(kind, expression=self.expression(values[1], f"{place}.expression", "f", "y"))
        loss = Loss(kind, self.exact(values[1], f"{place}.{key}")) if key else Loss(kind)
        if not loss.in_range():
            raise InvalidError(f"{place}.{key}: out of range")
        return loss

    def ramp(self, value: Any, place: str) -> Ramp:
        where, jump, kappa, shift = self.fields(value, place, "where", "jump", "kappa", "shift")
        return Ramp(
            self.jump(where, jump, place), self.exact(kappa, f"{place}.kappa"), self.affine(shift, f"{place}.shift")
        )

    def neuron(self, value: Any, place: str) -> Neuron:
        output, weights, bias = self.fields(value, place, "output", "weights", "bias")
        argument = Affine(self.point(weights, f"{place}.weights"), self.exact(bias, f"{place}.bias"))
        return Neuron(self.exact(output, f"{place}.output"), argument)


def read(data: dict[str, Any]) -> Certificate:
    """The certificate of an object; InvalidError with the place of the first fault of structure."""
    r = _Reader()
    _, _, problem, response, ramps, network, claim, _ = r.fields(
        data, "certificate", "format", "kind", "problem", "response", "ramps", "network", "claim", "digest"
    )
    name, domain, density, target, loss, form = r.fields(
        problem, "problem", "name", "domain", "density", "target", "loss", "network"
    )
    r.string(name, "problem.name")
    shapes = r.domain(domain)
    density, target = (
        r.expression(*r.fields(v, f"problem.{k}", "expression"), f"problem.{k}.expression")
        for k, v in (("density", density), ("target", target))
    )
    architecture, width = r.fields(form, "problem.network", "architecture", "width")
    if architecture not in ("feedforward", "residual"):
        raise InvalidError("problem.network.architecture: expected feedforward or residual")
    base, halfspaces = r.fields(response, "response", "affine", "halfspaces")
    part, offset, neurons = r.fields(network, "network", "affine", "offset", "neurons")
    constant = affine.zero(len(r.variables))._replace(constant=r.exact(offset, "network.offset"))
    dimension, count, before, after, gain, gains = r.fields(
        claim, "claim", "dimension", "neurons", "response_risk", "network_risk", "gain", "ramp_gains"
    )
    return Certificate(
        r.variables,
        shapes,
        density,
        target,
        r.loss(loss),
        architecture,
        r.count(width, "problem.network.width"),
        Response(
            r.affine(base, "response.affine"),
            tuple(r.array(halfspaces, "response.halfspaces", r.halfspace)),
        ),
        r.array(ramps, "ramps", r.ramp),
        r.affine(part, "network.affine").plus(constant),
        r.array(neurons, "network.neurons", r.neuron),
        Claim(
            r.count(dimension, "claim.dimension"),
            r.count(count, "claim.neurons"),
            r.interval(before, "claim.response_risk"),
            r.interval(after, "claim.network_risk"),
            r.interval(gain, "claim.gain"),
            r.array(gains, "claim.ramp_gains", r.interval),
        ),
    )
