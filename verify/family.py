"""Family files: networks whose coefficients are expressions in a parameter that tends to 0 from above.

INTERFACE.md, "Family file". Reading a file runs nothing in it; every fault is one line that names file and key.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import add, mul
from pathlib import Path
from typing import Any, NoReturn

from proofs.closure.family import AffineGerm, MovingNeuron, NetworkFamily
from proofs.expansions.germs import Composite, Germ, apply, as_germ, in_pairs, parameter
from proofs.expansions.series import ImpreciseError, Series, UndefinedGermError
from proofs.numbers.constants import UndecidedError
from proofs.response import Architecture
from verify.domain import Domain
from verify.errors import InputError
from verify.expressions import check_variables, parse, tree
from verify.expressions.tree import Condition, Expression
from verify.problem import read_toml

MAX_NEURONS = 1_000
_KEYS = ("name", "variables", "parameter", "domain", "architecture", "network")
_NEURON_KEYS = ("output", "weights", "bias")


@dataclass(frozen=True)
class Family:
    """A family of networks as a file states it, parsed; the domain is a union of polytopes."""

    name: str
    variables: tuple[str, ...]
    parameter: str
    domain: Domain
    architecture: Architecture
    networks: NetworkFamily

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str]) -> Family:
        """Read a family file. Raises InputError that names the file, the key and the fault."""
        try:
            return cls.from_mapping(read_toml(path), default_name=Path(path).stem)
        except InputError as error:
            raise error.within(source=str(path)) from None

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any], *, default_name: str = "family") -> Family:
        """Build from the tables of a family file. Raises InputError."""
        _check_keys(data, _KEYS, "")
        name = data.get("name", default_name)
        if not isinstance(name, str):
            raise InputError("expected a text in quotes", key="name")
        variables = check_variables(_a_list(data.get("variables"), "variables", 'names such as ["x"]'), "variables")
        k = data.get("parameter")
        check_variables([k], "parameter")
        if k in variables:
            raise InputError(f"{k!r} is a variable already", key="parameter")
        architecture = data.get("architecture")
        if architecture not in ("feedforward", "residual"):
            raise InputError("expected feedforward or residual", key="architecture")
        if "domain" not in data:
            raise InputError('is missing; expected a shape such as { box = [["0", "1"]] }', key="domain")
        try:
            domain = Domain.from_mapping(data["domain"], list(variables))
        except InputError as error:
            raise error.within(key="domain") from None
        if domain.restriction is not None:
            raise InputError("a family's domain is a box, vertices or a union of them", key="domain.restriction")
        _ = domain.polytopes
        reader = _Reader(variables, str(k), architecture)
        return cls(name, variables, str(k), domain, architecture, reader.networks(data.get("network")))


class _Reader:
    def __init__(self, variables: Sequence[str], parameter_name: str, architecture: Architecture) -> None:
        self.variables = variables
        self.parameter = parameter_name
        self.architecture = architecture

    def networks(self, data: object) -> NetworkFamily:
        table = _a_table(data, "network")
        _check_keys(table, ("offset", "affine", "neurons"), "network")
        n = len(self.variables)
        affine = AffineGerm.of([0] * n, self.coefficient(table.get("offset", "0"), "network.offset"))
        if "affine" in table:
            if self.architecture == "feedforward":
                raise InputError("only residual families have an affine part", key="network.affine")
            node = parse(table["affine"], [*self.variables, self.parameter], "network.affine")
            affine = affine + self.affine(node, "network.affine")
        neurons = table.get("neurons", [])
        if not isinstance(neurons, list):
            raise InputError("expected tables [[network.neurons]]", key="network.neurons")
        if len(neurons) > MAX_NEURONS:
            raise InputError(f"{len(neurons)} neurons; at most {MAX_NEURONS} are accepted", key="network.neurons")
        moving = [self.neuron(entry, f"network.neurons.{i}") for i, entry in enumerate(neurons, start=1)]
        return NetworkFamily(affine, tuple(moving))

    def neuron(self, data: object, key: str) -> MovingNeuron:
        table = _a_table(data, key)
        _check_keys(table, _NEURON_KEYS, key)
        for name in _NEURON_KEYS:
            if name not in table:
                raise InputError("is missing", key=f"{key}.{name}")
        weights = _a_list(table["weights"], f"{key}.weights", "one expression a variable")
        if len(weights) != len(self.variables):
            raise InputError(f"{len(weights)} weights for {len(self.variables)} variables", key=f"{key}.weights")
        return MovingNeuron.of(
            self.coefficient(table["output"], f"{key}.output"),
            [self.coefficient(w, f"{key}.weights.{i}") for i, w in enumerate(weights, start=1)],
            self.coefficient(table["bias"], f"{key}.bias"),
        )

    def coefficient(self, text: object, key: str) -> Germ:
        return self.checked(parse(text, [self.parameter], key), key)

    def checked(self, node: Expression, key: str) -> Germ:
        try:
            germ = as_germ_of(node)
            germ.start()
        except UndefinedGermError as error:
            raise InputError(f"has no real value for small {self.parameter} > 0: {error}", key=key) from None
        except (UndecidedError, ImpreciseError):
            pass  # the limit may not depend on it; if it does, it says so
        return germ

    def affine(self, node: Expression, key: str) -> AffineGerm:
        """Return an expression as an affine function of the variables, with germs as coefficients."""
        n = len(self.variables)
        if not tree.variables_of(node) & set(self.variables):
            return AffineGerm.of([0] * n, self.checked(node, key))
        match node:
            case tree.Variable(name):
                return AffineGerm.of([int(name == v) for v in self.variables])
            case tree.Sum(terms):
                return in_pairs([self.affine(t, key) for t in terms], add)
            case tree.Product(factors):
                moving = [f for f in factors if tree.variables_of(f) & set(self.variables)]
                if len(moving) == 1:
                    rest = [self.checked(f, key) for f in factors if f is not moving[0]]
                    return reduce(mul, rest, self.affine(moving[0], key))
            case tree.Power(base, tree.Number(value)) if value == 1:
                return self.affine(base, key)
        raise InputError("is not visibly an affine function of the variables", key=key)


def as_germ_of(node: Expression) -> Germ:
    """Return an expression in one variable, the parameter, as a germ at 0+.

    Raises UndefinedGermError where it is visibly undefined; what cannot be settled is raised when it is expanded.
    """
    try:
        return _germ(node)
    except UndecidedError as error:
        return _refused(error)


def _germ(node: Expression) -> Germ:
    match node:
        case tree.Number(value):
            return as_germ(value)
        case tree.Constant(name):
            import sympy

            return as_germ(sympy.pi if name == "pi" else sympy.E)
        case tree.Variable():
            return parameter()
        case tree.Sum(terms):
            return in_pairs([as_germ_of(t) for t in terms], add)
        case tree.Product(factors):
            return in_pairs([as_germ_of(f) for f in factors], mul)
        case tree.Power(base, tree.Number(exponent)):
            return as_germ_of(base) ** exponent
        case tree.Power(base, other):
            return apply("exp", as_germ_of(other) * apply("log", as_germ_of(base)))
        case tree.Call(name, arguments):
            return _call(name, [as_germ_of(a) for a in arguments])
        case tree.Piecewise(branches):
            for branch, condition in branches:
                if condition is None or _holds(condition):
                    return as_germ_of(branch)
    raise AssertionError("every Piecewise ends with True")


def _call(name: str, arguments: list[Germ]) -> Germ:
    first = arguments[0]
    if name in ("Max", "Min"):
        wanted = 1 if name == "Max" else -1
        for other in arguments[1:]:
            if (other - first).sign() == wanted:
                first = other
        return first
    if name == "Abs":
        return first * -1 if first.sign() < 0 else first
    if name == "sign":
        return as_germ(first.sign())
    if name == "Heaviside":
        return as_germ(Fraction(first.sign() + 1, 2))
    if name == "ceiling":
        return apply("floor", first * -1) * -1
    return apply(name, first)


def _holds(condition: Condition) -> bool:
    sign = (as_germ_of(condition.left) - as_germ_of(condition.right)).sign()
    return condition.holds(sign)


def _refused(error: UndecidedError) -> Germ:
    def refuse(operands: Sequence[Series], precision: int) -> NoReturn:
        raise error

    return Composite(refuse, ())


def _check_keys(table: Mapping[str, Any], allowed: Sequence[str], key: str) -> None:
    for name in table:
        if name not in allowed:
            path = f"{key}.{name}" if key else name
            raise InputError(f"unknown key; expected one of {', '.join(allowed)}", key=path)


def _a_table(data: object, key: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise InputError("expected a table", key=key)
    return data


def _a_list(data: object, key: str, what: str) -> list[Any]:
    if not isinstance(data, list) or not data:
        raise InputError(f"expected a list of {what}", key=key)
    return data
