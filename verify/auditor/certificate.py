"""Reading a certificate: strict JSON, digest, keys, types (docs/certificate.md, sections 1, 3 and 4.1)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from fractions import Fraction
from functools import partial
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
MOST_VARIABLES = 8
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


class Network(NamedTuple):
    """affine + the sum of the neurons."""

    affine: Affine
    neurons: list[Neuron]


class Problem(NamedTuple):
    """The problem of section 3."""

    variables: list[str]
    shapes: list[Shape]
    density: Node
    target: Node
    loss: Loss
    architecture: str
    width: int


class Certificate(NamedTuple):
    """A certificate of the kind `domination`."""

    problem: Problem
    response: Response
    ramps: list[Ramp]
    network: Network
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
    """Typed access to the object: a method reads a value, and every fault names its place."""

    def __init__(self) -> None:
        self.variables: list[str] = []
        self.digits = 0

    def record(self, value: Any, place: str, **readers: Callable[[Any, str], Any]) -> list[Any]:
        """The values of an object that has exactly these keys, each read in its own way."""
        if not isinstance(value, dict):
            raise InvalidError(f"{place}: expected an object")
        for key in [*readers, *value]:
            if (key in readers) != (key in value):
                raise InvalidError(f"{place}: {'missing' if key in readers else 'unknown'} key {key[:40]!a}")
        return [read(value[key], f"{place}.{key}") for key, read in readers.items()]

    def array(self, value: Any, place: str, read: Callable[[Any, str], T]) -> list[T]:
        if not isinstance(value, list):
            raise InvalidError(f"{place}: expected a list")
        if len(value) > MOST_ENTRIES:
            raise UndecidedError(f"{place}: more than {MOST_ENTRIES} entries")
        return [read(item, f"{place}[{i}]") for i, item in enumerate(value)]

    def raw(self, value: Any, place: str) -> Any:
        return value

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
        with at(place):
            result = grammar.rational(str(value))
        self.digits += len(str(value))
        if self.digits > MOST_DIGITS:
            raise UndecidedError(f"{place}: the numbers up to here have more than {MOST_DIGITS} digits together")
        return result

    def numbers(self, value: Any, place: str) -> list[Fraction]:
        return self.array(value, place, self.exact)

    def interval(self, value: Any, place: str) -> Interval:
        low, high = self.record(value, place, lower=self.exact, upper=self.exact)
        if low > high:
            raise InvalidError(f"{place}: lower > upper")
        return low, high

    def point(self, value: Any, place: str) -> tuple[Fraction, ...]:
        numbers = self.numbers(value, place)
        if len(numbers) != len(self.variables):
            raise InvalidError(f"{place}: expected one number a variable")
        return tuple(numbers)

    def expression(self, value: Any, place: str, more: tuple[str, ...] = ()) -> Node:
        text = self.string(value, place)
        with at(place):
            return grammar.parse(text, [*self.variables, *more])

    def wrapped(self, value: Any, place: str) -> Node:
        node: Node = self.record(value, place, expression=self.expression)[0]
        return node

    def affine(self, value: Any, place: str) -> Affine:
        return self._affine(self.expression(value, place), place)

    def _affine(self, node: Node, place: str) -> Affine:
        result = affine.from_node(node, len(self.variables))
        if result is None:
            raise InvalidError(f"{place}: expected an affine function with rational coefficients")
        return result

    def where(self, value: Any, place: str) -> Affine:
        text = self.string(value, place)
        with at(place):
            node, sign = grammar.parse_condition(text, self.variables)
        side = self._affine(node, place)
        if sign not in ("<", ">") or not any(side.gradient):
            raise InvalidError(f"{place}: expected A > B or A < B, not constant")
        return side if sign == ">" else side.times(-1)

    def halfspace(self, value: Any, place: str) -> Jump:
        return Jump(*self.record(value, place, where=self.where, jump=self.affine))

    def ramp(self, value: Any, place: str) -> Ramp:
        side, jump, kappa, shift = self.record(
            value, place, where=self.where, jump=self.affine, kappa=self.exact, shift=self.affine
        )
        return Ramp(Jump(side, jump), kappa, shift)

    def neuron(self, value: Any, place: str) -> Neuron:
        output, weights, bias = self.record(value, place, output=self.exact, weights=self.point, bias=self.exact)
        return Neuron(output, Affine(weights, bias))

    def box(self, value: Any, place: str) -> list[Shape]:
        sides = self.array(value, place, self.numbers)
        if len(sides) != len(self.variables) or any(len(s) != 2 or s[0] >= s[1] for s in sides):
            raise InvalidError(f"{place}: expected one pair lo < hi a variable")
        return [Shape("box", (tuple(s[0] for s in sides), tuple(s[1] for s in sides)))]

    def vertices(self, value: Any, place: str) -> list[Shape]:
        points = self.array(value, place, self.point)
        edges = [[a - b for a, b in zip(point, points[0], strict=True)] for point in points]
        if affine.rank(edges) < len(self.variables):
            raise InvalidError(f"{place}: expected vertices of full dimension")
        return [Shape("vertices", tuple(points))]

    def ball(self, value: Any, place: str) -> list[Shape]:
        centre, radius = self.record(value, place, center=self.point, radius=self.exact)
        if radius <= 0:
            raise InvalidError(f"{place}.radius: expected a number > 0")
        return [Shape("ball", (centre,), radius)]

    def union(self, value: Any, place: str) -> list[Shape]:
        return [shape for part in self.array(value, place, self.shape) for shape in part]

    def shape(self, value: Any, place: str, **more: Callable[[Any, str], list[Shape]]) -> list[Shape]:
        readers = {"box": self.box, "vertices": self.vertices, "ball": self.ball, **more}
        kind = next((key for key in readers if isinstance(value, dict) and key in value), None)
        if kind is None:
            raise InvalidError(f"{place}: expected one of {', '.join(readers)}")
        shapes: list[Shape] = self.record(value, place, **{kind: readers[kind]})[0]
        return shapes

    def domain(self, value: Any, place: str) -> list[Shape]:
        names = value.get("variables") if isinstance(value, dict) else None
        self.variables = self.array(names, f"{place}.variables", self.string)
        for name in self.variables:
            if not grammar.VARIABLE.fullmatch(name) or name in grammar.RESERVED or self.variables.count(name) > 1:
                raise InvalidError(f"{place}.variables: {name[:40]!a} is no name for a variable, or is there twice")
        if len(self.variables) > MOST_VARIABLES:
            raise UndecidedError(f"{place}.variables: more than {MOST_VARIABLES}")
        rest = {key: part for key, part in value.items() if key != "variables"}
        shapes = self.shape(rest, place, union=self.union)
        if not self.variables or not shapes:
            raise InvalidError(f"{place}: expected at least one variable and one shape")
        return shapes

    def loss(self, value: Any, place: str) -> Loss:
        kind = value.get("kind") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in PARAMETERS:
            raise InvalidError(f"{place}.kind: expected one of {', '.join(PARAMETERS)}")
        if kind == "expression":
            if {"f", "y"} & set(self.variables):
                raise InvalidError(f"{place}: no variable may be called f or y")
            reader = partial(self.expression, more=("f", "y"))
            expression = self.record(value, place, kind=self.raw, expression=reader)[1]
            return Loss(kind, expression=expression, variables=len(self.variables))
        key = PARAMETERS[kind]
        loss = Loss(*self.record(value, place, kind=self.raw, **({key: self.exact} if key else {})))
        if not loss.in_range():
            raise InvalidError(f"{place}.{key}: out of range")
        return loss

    def form(self, value: Any, place: str) -> tuple[str, int]:
        architecture, width = self.record(value, place, architecture=self.string, width=self.count)
        if architecture not in ("feedforward", "residual"):
            raise InvalidError(f"{place}.architecture: expected feedforward or residual")
        return architecture, width

    def problem(self, value: Any, place: str) -> Problem:
        # the domain comes first: it names the variables
        shapes = self.domain(value.get("domain") if isinstance(value, dict) else None, f"{place}.domain")
        _, _, density, target, loss, form = self.record(
            value,
            place,
            name=self.string,
            domain=self.raw,
            density=self.wrapped,
            target=self.wrapped,
            loss=self.loss,
            network=self.form,
        )
        return Problem(self.variables, shapes, density, target, loss, *form)

    def response(self, value: Any, place: str) -> Response:
        base, jumps = self.record(value, place, affine=self.affine, halfspaces=partial(self.array, read=self.halfspace))
        return Response(base, tuple(jumps))

    def network(self, value: Any, place: str) -> Network:
        part, offset, neurons = self.record(
            value, place, affine=self.affine, offset=self.exact, neurons=partial(self.array, read=self.neuron)
        )
        return Network(part._replace(constant=part.constant + offset), neurons)

    def claim(self, value: Any, place: str) -> Claim:
        return Claim(
            *self.record(
                value,
                place,
                dimension=self.count,
                neurons=self.count,
                response_risk=self.interval,
                network_risk=self.interval,
                gain=self.interval,
                ramp_gains=partial(self.array, read=self.interval),
            )
        )


Reader = _Reader  # for the other kinds


def read(data: dict[str, Any]) -> Certificate:
    """The certificate of an object; InvalidError with the place of the first fault of structure."""
    r = Reader()
    parts = r.record(
        data,
        "certificate",
        format=r.raw,
        kind=r.raw,
        digest=r.raw,
        problem=r.problem,
        response=r.response,
        ramps=partial(r.array, read=r.ramp),
        network=r.network,
        claim=r.claim,
    )
    return Certificate(*parts[3:])
