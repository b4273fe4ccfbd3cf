"""Reading a certificate: strict JSON, digest, keys, types (docs/certificate.md, sections 1, 3 and 4.1)."""

import hashlib
import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from verify.auditor import affine, grammar
from verify.auditor.affine import Affine, Jump, Response, Shape
from verify.auditor.expressions import Node
from verify.auditor.losses import KINDS, Loss
from verify.auditor.simplices import edges
from verify.auditor.verdicts import BadInputError, InvalidError, at, require, settle, shown

FORMAT = "relu-closure/1"
MOST_BYTES = 8_000_000
MOST_ENTRIES = 2_000  # of one list
MOST_VARIABLES = 8
MOST_DIGITS = 200_000  # of all numbers together
MOST_CHARACTERS = 500_000  # of all expressions together
Interval = tuple[Fraction, Fraction]
Condition = tuple[Node, str]
# How an object is read: what makes a value of it, and "key:what stands there" for every key. What stands there is the
# name of a record or of a method of the reader, or choices x|y; a * after it says a list of these, a ? that or null.
Records = dict[str, tuple[Callable[..., Any], str]]


class Ramp(NamedTuple):
    """The ramp that replaces a jump: kappa > 0, in a family its ratio to that of the family, and the affine shift."""

    jump: Jump
    kappa: Fraction
    shift: Affine
    opposite: bool


class Claim(NamedTuple):
    """What is claimed."""

    dimension: int
    neurons: int
    response_risk: Interval
    network_risk: Interval
    gain: Interval
    ramp_gains: list[Interval]


class Problem(NamedTuple):
    """The problem of section 3."""

    variables: list[str]
    shapes: list[Shape]
    density: Node
    target: Node
    loss: Loss
    architecture: str
    width: int
    restriction: Condition | None = None


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
        return int(literal[: grammar.MOST_DIGITS])

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
    same = hashlib.sha256(canonical).hexdigest() == data.get("digest")
    require(same, "digest: it is not that of the content")


PLAIN: dict[str, tuple[Callable[[Any], bool], str]] = {  # values that are taken as they are
    "any": (lambda value: True, "a value"),
    "string": (lambda value: isinstance(value, str), "a string"),
    "flag": (lambda value: isinstance(value, bool), "true or false"),
    "count": (lambda value: type(value) is int and value >= 0, "an integer >= 0"),
    "degree": (lambda value: type(value) is int and value >= -1, "an integer >= -1"),
}


def _interval(low: Fraction, high: Fraction) -> Interval:
    require(low <= high, "lower > upper")
    return low, high


def _ball(centre: tuple[Fraction, ...], radius: Fraction) -> Shape:
    require(radius > 0, "expected a radius > 0")
    return Shape("ball", (centre,), radius)


def _ramp(side: Affine, jump: Affine, kappa: Fraction, shift: Affine, facing: str = "same") -> Ramp:
    require(kappa > 0, f"kappa (or its ratio) = {shown(kappa)} is not > 0")
    return Ramp(Jump(side, jump), kappa, shift, facing == "opposite")


def _neuron(output: Fraction, *argument: Any) -> Jump:
    side = Affine(*argument)
    return Jump(side, side.times(output))


RECORDS: Records = {  # those of more than one kind
    "interval": (_interval, "lower:exact upper:exact"),
    "ball": (_ball, "center:point radius:exact"),
    "function": (lambda node: node, "expression:expression"),
    "form": (lambda *both: both, "architecture:feedforward|residual width:count"),
    "halfspace": (Jump, "where:where jump:affine"),
    "response": (lambda base, jumps: Response(base, tuple(jumps)), "affine:affine halfspaces:halfspace*"),
    "ramp": (_ramp, "where:where jump:affine kappa:exact shift:affine"),
    "member": (_ramp, "where:where jump:affine ratio:exact shift:affine facing:same|opposite"),
    "neuron": (_neuron, "output:exact weights:point bias:exact"),
}


class Reader:
    """Typed access to the object: a method reads a value, and every fault names its place."""

    def __init__(self, records: Records | None = None) -> None:
        self.records = {**RECORDS, **(records or {})}
        self.variables: list[str] = []
        self.digits = self.characters = 0

    def read(self, what: str, value: Any, place: str) -> Any:
        """A value of the stated form."""
        if what.endswith("?"):
            return None if value is None else self.read(what[:-1], value, place)
        if what.endswith("*"):
            require(isinstance(value, list), f"{place}: expected a list")
            settle(len(value) <= MOST_ENTRIES, f"{place}: more than {MOST_ENTRIES} entries")
            return [self.read(what[:-1], item, f"{place}[{i}]") for i, item in enumerate(value)]
        if "|" in what:
            require(value in what.split("|"), f"{place}: expected one of {', '.join(what.split('|'))}")
            return value
        if what in PLAIN:
            fits, words = PLAIN[what]
            require(fits(value), f"{place}: expected {words}")
            return value
        if what not in self.records:
            return getattr(self, what)(value, place)
        make, keys = self.records[what]
        values = self.record(value, place, keys)
        with at(place):
            return make(*values)

    def record(self, value: Any, place: str, keys: str) -> list[Any]:
        """The values of an object that has exactly these keys, in their order."""
        require(isinstance(value, dict), f"{place}: expected an object")
        readers = dict(entry.split(":") for entry in keys.split())
        for key in [*readers, *value]:
            what = f"{'missing' if key in readers else 'unknown'} key {key[:40]!a}"
            require((key in readers) == (key in value), f"{place}: {what}")
        return [self.read(what, value[key], f"{place}.{key}") for key, what in readers.items()]

    def choice(self, value: Any, place: str, key: str, options: dict[str, str]) -> list[Any]:
        """The value of a key of an object, which is a name, and the values of the keys that go with this name."""
        name = value.get(key) if isinstance(value, dict) else None
        known = isinstance(name, str) and name in options
        require(known, f"{place}.{key}: expected one of {', '.join(options)}")
        return self.record(value, place, f"{key}:string {options[str(name)]}")

    def exact(self, value: Any, place: str) -> Fraction:
        """An exact number."""
        is_exact = type(value) is int or isinstance(value, str)
        require(is_exact, f"{place}: expected an exact number, an integer or a string")
        with at(place):
            result = grammar.rational(str(value))
        self.digits += len(str(value))
        settle(self.digits <= MOST_DIGITS, f"{place}: the numbers up to here have more than {MOST_DIGITS} digits")
        return result

    def point(self, value: Any, place: str) -> tuple[Fraction, ...]:
        """One number a variable."""
        numbers = self.read("exact*", value, place)
        require(len(numbers) == len(self.variables), f"{place}: expected one number a variable")
        return tuple(numbers)

    def _parsed(self, parse: Callable[..., Any], value: Any, place: str, *more: str) -> Any:
        text = self.read("string", value, place)
        self.characters += len(text)
        settle(self.characters <= MOST_CHARACTERS, f"{place}: more than {MOST_CHARACTERS} characters up to here")
        with at(place):
            return parse(text, [*self.variables, *more])

    def expression(self, value: Any, place: str) -> Any:
        """An expression in the variables."""
        return self._parsed(grammar.parse, value, place)

    def integrand(self, value: Any, place: str) -> Any:
        """An expression in the variables, f and y."""
        require(not {"f", "y"} & set(self.variables), f"{place}: no variable may be called f or y")
        return self._parsed(grammar.parse, value, place, "f", "y")

    def condition(self, value: Any, place: str) -> Any:
        """A comparison: what is compared with 0, and how."""
        return self._parsed(grammar.parse_condition, value, place)

    def affine(self, value: Any, place: str) -> Affine:
        """An affine function."""
        return self._affine(self.expression(value, place), place)

    def _affine(self, node: Node, place: str) -> Affine:
        result = affine.from_node(node, len(self.variables))
        if result is None:
            raise InvalidError(f"{place}: expected an affine function with rational coefficients")
        return result

    def where(self, value: Any, place: str) -> Affine:
        """The function that is > 0 on a half-space."""
        node, sign = self.condition(value, place)
        side = self._affine(node, place)
        fits = sign in ("<", ">") and any(side.gradient)
        require(fits, f"{place}: expected A > B or A < B, not constant")
        return side if sign == ">" else side.times(-1)

    def box(self, value: Any, place: str) -> Shape:
        """A box."""
        sides = self.read("exact**", value, place)
        fits = len(sides) == len(self.variables) and all(len(side) == 2 and side[0] < side[1] for side in sides)
        require(fits, f"{place}: expected one pair lo < hi a variable")
        return Shape("box", (tuple(low for low, _ in sides), tuple(high for _, high in sides)))

    def vertices(self, value: Any, place: str) -> Shape:
        """A convex hull."""
        points = self.read("point*", value, place)
        require(affine.rank(edges(points)) == len(self.variables), f"{place}: expected vertices of full dimension")
        return Shape("vertices", tuple(points))

    def part(self, value: Any, place: str) -> Any:
        """A shape that is no union."""
        return self._shape(value, place, ("box", "vertices", "ball"), "")[0]

    def _shape(self, value: Any, place: str, kinds: tuple[str, ...], more: str) -> list[Any]:
        kind = next((key for key in kinds if isinstance(value, dict) and key in value), None)
        require(kind is not None, f"{place}: expected one of {', '.join(kinds)}")
        return self.record(value, place, f"{more} {kind}:{'part*' if kind == 'union' else kind}")

    def names(self, value: Any, place: str) -> None:
        """The names of the variables, which are needed to read the rest."""
        self.variables = names = self.read("string*", value, place)
        for name in names:
            fits = grammar.VARIABLE.fullmatch(name) and name not in grammar.RESERVED and names.count(name) == 1
            require(bool(fits), f"{place}: {name[:40]!a} is no name for a variable, or is there twice")
        settle(len(names) <= MOST_VARIABLES, f"{place}: more than {MOST_VARIABLES}")

    def domain(self, value: Any, place: str) -> tuple[list[Shape], list[Condition]]:
        """The shapes, and the restriction if there is one."""
        more = "restriction:condition" if isinstance(value, dict) and "restriction" in value else ""
        kinds = "box", "vertices", "ball", "union"
        _, *restriction, shapes = self._shape(value, place, kinds, f"variables:names {more}")
        require(bool(self.variables and shapes), f"{place}: expected at least one variable and one shape")
        return (shapes if isinstance(shapes, list) else [shapes]), restriction

    def loss(self, value: Any, place: str) -> Loss:
        """The loss."""
        kind, *parameters = self.choice(value, place, "kind", {kind: key for kind, (key, _) in KINDS.items()})
        if kind == "expression":
            return Loss(kind, expression=parameters[0], variables=len(self.variables))
        loss = Loss(kind, *parameters)
        require(loss.in_range(), f"{place}: a parameter out of range")
        return loss

    def problem(self, value: Any, place: str) -> Problem:
        """The problem."""
        # the domain comes first: it names the variables
        keys = "domain:domain name:string density:function target:function loss:loss network:form"
        (shapes, restriction), _, *functions, form = self.record(value, place, keys)
        return Problem(self.variables, shapes, *functions, *form, *restriction)
