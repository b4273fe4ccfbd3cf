"""Every certificate with one thing changed: each key, list, number, expression and interval, in many ways."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

from tests.auditor.builder import seal
from tests.auditor.second_auditor import EXACT

Path = tuple[str | int, ...]
FIXED = ("format", "kind", "digest")


@dataclass(frozen=True)
class Mutant:
    """A certificate with one thing changed and its digest made right; `place` has * for the indices of lists."""

    path: Path
    change: str
    document: dict[str, Any]

    @property
    def place(self) -> str:
        return ".".join("*" if isinstance(key, int) else key for key in self.path)


def mutants(document: dict[str, Any]) -> Iterator[Mutant]:
    """Yield all mutants of a certificate that differ from it."""
    for path, value in parts(document):
        if path and path[0] in FIXED and len(path) == 1:
            continue
        for change, new in changes(path, value, document["problem"]["domain"]["variables"][0]):
            if new != value or type(new) is not type(value):
                yield Mutant(path, change, seal(replaced(document, path, new)))


def parts(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every part of a certificate, the whole first."""
    yield path, value
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield from parts(part, (*path, key))


def replaced(document: dict[str, Any], path: Path, value: Any) -> Any:
    """Return a copy with the part at a path replaced."""
    if not path:
        return value
    result = copy.deepcopy(document)
    place: Any = result
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return result


def changes(path: Path, value: Any, variable: str) -> Iterator[tuple[str, Any]]:
    """Yield the names of changes of one part, and what it becomes."""
    if path:
        yield "null", None if value is not None else "0"
        yield "another type", [] if not isinstance(value, list) else {}
        yield "a float", 0.5
    if isinstance(value, dict):
        yield from _of_object(value)
    elif isinstance(value, list):
        yield from _of_list(value)
    elif isinstance(value, bool):
        yield "the contrary", not value
    elif isinstance(value, int):
        yield from (("one more", value + 1), ("one less", value - 1), ("twice", 2 * value + 1), ("negated", -value - 1))
    elif isinstance(value, str) and EXACT.fullmatch(value) and path[-1] != "name":
        yield from _of_number(Fraction(value))
        if path[-1] in ("affine", "jump", "shift", "base", "direction", "expression", "activation"):
            yield from _of_expression(value, variable)
    elif path[-1] == "where" and isinstance(value, str) and re.search("[<>]", value):
        yield from _of_condition(value, variable)
    elif isinstance(value, str):
        yield "empty", ""
        yield "another word", f"{value}x"
        if path[-1] not in ("name", "architecture", "kind", "rule", "form", "id", "verdict", "theorem", "widths"):
            yield from _of_expression(value, variable)


def _of_object(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key in value:
        if key != "digest":
            yield f"without {key}", {k: v for k, v in value.items() if k != key}
    yield "with a new key", {**value, "surprise": "1"}
    for a, b in combinations(value, 2):
        if type(value[a]) is type(value[b]) and not {a, b} & set(FIXED):
            yield f"{a} and {b} swapped", {**value, a: value[b], b: value[a]}
    if set(value) == {"lower", "upper"} and all(isinstance(v, str) and EXACT.fullmatch(v) for v in value.values()):
        low, high = Fraction(value["lower"]), Fraction(value["upper"])
        if low != high or low:  # also an end of a domain
            step = 2 * (high - low) or abs(low) / 1000
            yield "moved up", {"lower": str(low + step), "upper": str(high + step)}
            yield "moved down", {"lower": str(low - step), "upper": str(high - step)}
        yield "narrowed to its lower end", {"lower": str(low), "upper": str(low)}
        yield "narrowed to its upper end", {"lower": str(high), "upper": str(high)}


def _of_list(value: list[Any]) -> Iterator[tuple[str, Any]]:
    for i in range(len(value)):
        yield "one dropped", value[:i] + value[i + 1 :]
        yield "one doubled", value[: i + 1] + value[i:]
    for i, j in combinations(range(len(value)), 2):
        swapped = list(value)
        swapped[i], swapped[j] = value[j], value[i]
        yield "two swapped", swapped
        if isinstance(value[i], dict) and isinstance(value[j], dict):
            for key in value[i].keys() & value[j].keys():
                entries = copy.deepcopy(value)
                entries[i][key], entries[j][key] = value[j][key], value[i][key]
                yield f"two {key} swapped", entries
    yield "empty", []


def _of_number(value: Fraction) -> Iterator[tuple[str, Any]]:
    yield "nudged up", str(value + (abs(value) or 1) / 1000)
    yield "nudged down", str(value - (abs(value) or 1) / 1000)
    yield "one added", str(value + 1)
    yield "negated", str(-value)
    yield "zero", "0"
    yield "doubled", str(2 * value)
    yield "halved", str(value / 2)
    yield "no number", "1/0"


def _of_expression(value: str, variable: str) -> Iterator[tuple[str, Any]]:
    yield "constant added", f"({value}) + 1/1000"
    yield "slope added", f"({value}) + ({variable})/1000"
    yield "scaled", f"({value})*(1001/1000)"
    yield "of the other sign", f"-({value})"
    yield "squared", f"({value})**2"
    yield "broken", f"({value}"


def _of_condition(value: str, variable: str) -> Iterator[tuple[str, Any]]:
    left, sign, right = re.split("([<>])", value)
    yield "turned", f"{left}{'<' if sign == '>' else '>'}{right}"
    yield "not strict", f"{left}{sign}={right}"
    yield "moved", f"{left} + 1/1000 {sign}{right}"
    yield "tilted", f"{left} + ({variable})/1000 {sign}{right}"
    yield "scaled", f"2*({left}) {sign} 2*({right})"
    yield "constant", f"0 {sign} 1"
