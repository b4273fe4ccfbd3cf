"""Problems: domain, density, target, loss, architecture and width, with an optional response to beat.

INTERFACE.md, "Problem file". Reading a file runs nothing in it; every fault is one line that names file and key.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proofs.geometry.affine import Affine
from proofs.response import Architecture, GeneralizedResponse
from verify.domain import Domain
from verify.errors import InputError
from verify.expressions import Expression, parse
from verify.expressions.algebra import parse_affine, parse_halfspace
from verify.losses import Loss

MAX_FILE_BYTES = 10_000_000
MAX_WIDTH = 1_000_000
MAX_HALFSPACES = 200
TABLES = ("name", "domain", "density", "target", "loss", "network", "response")


@dataclass(frozen=True, init=False)
class Problem:
    """One concrete problem; all parts are exact and parsed.

    `response` is the generalized response to beat as stated (not reduced), or None.
    """

    name: str
    domain: Domain
    density: Expression
    target: Expression
    loss: Loss
    architecture: Architecture
    width: int
    response: GeneralizedResponse | None
    source: str
    specification: Mapping[str, Any]

    def __init__(
        self,
        *,
        domain: Mapping[str, Any],
        target: str,
        density: str = "1",
        loss: str | Mapping[str, Any] = "squared",
        architecture: str = "feedforward",
        width: int,
        response: Mapping[str, Any] | None = None,
        name: str = "problem",
    ) -> None:
        """Build a problem from the same texts as a file holds. Raises InputError.

        `domain` is the table `[domain]`, e.g. `{"variables": ["x"], "box": [["0", "1"]]}`; `loss` a kind or the table
        `[loss]`; `response` the table `[response]`.
        """
        table: dict[str, Any] = {
            "name": name,
            "domain": domain,
            "density": {"expression": density},
            "target": {"expression": target},
            "loss": {"kind": loss} if isinstance(loss, str) else loss,
            "network": {"architecture": architecture, "width": width},
        }
        if response is not None:
            table["response"] = response
        self._read(table, "")

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str]) -> Problem:
        """Read a problem file. Raises InputError that names the file, the key and the fault."""
        return cls.from_mapping(read_toml(path), str(path))

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any], source: str = "") -> Problem:
        """Read the contents of a problem file. Raises InputError."""
        problem = cls.__new__(cls)
        problem._read(data, source)
        return problem

    def _read(self, data: Mapping[str, Any], source: str) -> None:
        try:
            parts = _parsed(data)
        except InputError as error:
            raise error.within(source=source) from None
        for field, value in {**parts, "source": source}.items():
            object.__setattr__(self, field, value)

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the input variables."""
        return self.domain.variables

    def fault(self, message: str, key: str) -> InputError:
        """Return bad input in this problem's own file."""
        return InputError(message, key=key, source=self.source)


def read_toml(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the contents of a TOML file. Raises InputError if it is missing, too large, not UTF-8 or not TOML."""
    return parse_toml(read_text(path), str(path))


def read_text(path: str | os.PathLike[str]) -> str:
    """Return the text of a file. Raises InputError if it is missing, too large or not UTF-8."""
    name = str(path)
    try:
        with Path(path).open("rb") as stream:
            raw = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", source=name) from None
    if len(raw) > MAX_FILE_BYTES:
        raise InputError(f"more than {MAX_FILE_BYTES} bytes", source=name)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError("not a text file (UTF-8 expected)", source=name) from None


def parse_toml(text: str, source: str = "") -> dict[str, Any]:
    """Return the contents of a TOML text. Raises InputError if it is none."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"not TOML: {error}", source=source) from None
    except (RecursionError, ValueError) as error:
        raise InputError(f"not TOML that can be read: {type(error).__name__}", source=source) from None


def _parsed(data: Mapping[str, Any]) -> dict[str, Any]:
    for key in data:
        if key not in TABLES:
            raise InputError(f"unknown key; expected one of {', '.join(TABLES)}", key=str(key)[:60])
    for key in ("domain", "target", "network"):
        if key not in data:
            raise InputError("this table is missing", key=key)
    name = data.get("name", "problem")
    if not isinstance(name, str) or not name or len(name) > 200 or not name.isprintable():
        raise InputError("expected a printable name of at most 200 characters", key="name")
    domain = _at("domain", lambda: Domain.from_mapping(data["domain"]))
    density, density_text = _expression(data.get("density", {"expression": "1"}), domain, "density")
    target, target_text = _expression(data["target"], domain, "target")
    loss = _at("loss", lambda: Loss.from_mapping(data.get("loss", {"kind": "squared"}), domain.variables))
    architecture, width = _at("network", lambda: _network(data["network"]))
    response = None
    if "response" in data:
        response = _at("response", lambda: read_response(data["response"], domain))
    return {
        "name": name,
        "domain": domain,
        "density": density,
        "target": target,
        "loss": loss,
        "architecture": architecture,
        "width": width,
        "response": response,
        "specification": {
            "name": name,
            "domain": domain.specification,
            "density": {"expression": density_text},
            "target": {"expression": target_text},
            "loss": loss.specification,
            "network": {"architecture": architecture, "width": width},
        },
    }


def _at(key: str, read: Any) -> Any:
    try:
        return read()
    except InputError as error:
        raise error.within(key=key) from None


def _expression(data: object, domain: Domain, key: str) -> tuple[Expression, str]:
    if not isinstance(data, Mapping) or set(data) != {"expression"}:
        raise InputError('expected a table with the one key expression = "..."', key=key)
    text = data["expression"]
    return parse(text, domain.variables, f"{key}.expression"), " ".join(str(text).split())


def _network(data: object) -> tuple[Architecture, int]:
    if not isinstance(data, Mapping):
        raise InputError("expected a table with architecture and width")
    for key in data:
        if key not in ("architecture", "width"):
            raise InputError("unknown key; expected architecture and width", key=str(key)[:60])
    architecture = data.get("architecture", "feedforward")
    if architecture not in ("feedforward", "residual"):
        raise InputError(f"{architecture!r} is neither feedforward nor residual", key="architecture")
    width = data.get("width")
    if isinstance(width, bool) or not isinstance(width, int) or not 1 <= width <= MAX_WIDTH:
        raise InputError(f"expected a whole number of neurons from 1 to {MAX_WIDTH}, found {width!r}", key="width")
    return architecture, width


def read_response(data: object, domain: Domain) -> GeneralizedResponse:
    """Return the response of a table `[response]`, as stated. Raises InputError."""
    if not isinstance(data, Mapping):
        raise InputError("expected a table with affine and halfspaces")
    for key in data:
        if key not in ("affine", "halfspaces"):
            raise InputError("unknown key; expected affine and halfspaces", key=str(key)[:60])
    affine = parse_affine(data.get("affine", "0"), domain.variables, "affine")
    entries = data.get("halfspaces", [])
    if not isinstance(entries, list | tuple):
        raise InputError("expected a list of tables with where and jump", key="halfspaces")
    if len(entries) > MAX_HALFSPACES:
        raise InputError(f"{len(entries)} half-spaces; at most {MAX_HALFSPACES} are accepted", key="halfspaces")
    pairs: list[tuple[Affine, Affine]] = []
    for index, entry in enumerate(entries):
        place = f"halfspaces.{index + 1}"
        if not isinstance(entry, Mapping) or set(entry) != {"where", "jump"}:
            raise InputError("expected a table with the two keys where and jump", key=place)
        halfspace = parse_halfspace(entry["where"], domain.variables, f"{place}.where")
        pairs.append((halfspace.side, parse_affine(entry["jump"], domain.variables, f"{place}.jump")))
    return GeneralizedResponse.of(affine, pairs)


def response_as_texts(response: GeneralizedResponse, variables: tuple[str, ...]) -> dict[str, Any]:
    """Return a response as the JSON of INTERFACE.md, multiplicities included."""
    return {
        "affine": response.affine.text(variables),
        "halfspaces": [
            {
                "where": term.halfspace.text(variables),
                "jump": term.jump.text(variables),
                "multiplicity": term.multiplicity,
            }
            for term in response.terms
        ],
    }
