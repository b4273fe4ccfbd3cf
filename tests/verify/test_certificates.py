"""Certificates of the generator: accepted as written, rejected when one number that matters is changed."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given

from tests.verify.random_problems import problems
from verify import Problem, audit, certify
from verify.auditor import BadInputError
from verify.certificates import as_text, digest
from verify.shipped import resolve

NAMES = ["step-identity", "sine-exponential", "free-affine", "residual-mix", "kink-three-halves", "square-root",
         "always-active"]  # fmt: skip
Path = tuple[str | int, ...]


def document(name: str) -> dict[str, Any]:
    """A certificate whose ramps lie inside the domain, so that every neuron matters."""
    return certify(Problem.from_toml(resolve(f"example:{name}")), kappa=Fraction(1, 128)).document()


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from leaves(part, (*path, index))
    else:
        yield path, value


def replaced(data: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    result = copy.deepcopy(data)
    place: Any = result
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    result["digest"] = digest(result)
    return result


def nudged(path: Path, value: Any, data: dict[str, Any]) -> list[Any]:
    """Changes of one entry that make the statement false."""
    key = path[-1]
    if path[0] == "claim" and key in ("lower", "upper"):
        other: Any = data["claim"]
        for part in path[1:-1]:
            other = other[part]
        low, high = Fraction(other["lower"]), Fraction(other["upper"])
        if low == high:
            return [str(low - 1 if key == "upper" else low + 1), str(-low - 1)]
        beyond = high - low
        return [str(high + beyond) if key == "lower" else str(low - beyond)]
    if path[0] == "claim":
        return [value + 1, value - 1, -value]
    if key == "width":
        return [data["claim"]["dimension"] - 1, 0]
    if key in ("kappa", "offset", "output", "bias") or (len(path) > 1 and path[-2] == "weights"):
        number = Fraction(value)
        return [
            str(number + Fraction(1, 1000)),
            str(-number - 1),
            str(number * Fraction(1_001, 1_000) + Fraction(1, 10**9)),
        ]
    if key in ("jump", "shift", "affine"):
        return [f"{value} + 1/1000000", f"-({value}) + 3/7", f"{value} + x/1000000"]
    if key == "where":
        left, right = value.split(">")
        moved = [f"{left} + 1/1000000 > {right}", f"{right} > {left} + 1/7"]
        return [*moved, f"2*({left}) > {right}"] if path[0] == "ramps" else moved
    if key == "exponent":
        return ["7/4", "1/2"]
    if path[-2:] == ("target", "expression"):
        return [f"{value} + 1/50", f"({value})*11/10 + x/7"]
    if path[-2:] == ("density", "expression"):
        return [f"({value})*101/100", f"{value} + x/7", "0", "x - 1/3"]
    return []


@pytest.mark.parametrize("name", NAMES)
def test_every_number_matters(name: str) -> None:
    data = document(name)
    assert audit(data).verdict == "valid"
    tried = 0
    for path, value in leaves(data):
        for new in nudged(path, value, data):
            if new == value:
                continue
            tried += 1
            outcome = audit(replaced(data, path, new))
            assert outcome.verdict != "valid", (path, value, new)
    assert tried >= 30


@pytest.mark.parametrize("name", ["step-identity", "free-affine", "residual-mix"])
def test_dropped_and_added_parts_are_rejected(name: str) -> None:
    data = document(name)
    for key in data:
        shorter = {k: v for k, v in data.items() if k != key}
        if key == "digest":
            assert audit(shorter).verdict == "invalid"
        elif key == "format":
            with pytest.raises(BadInputError):
                audit(shorter)
        else:
            assert audit({**shorter, "digest": digest(shorter)}).verdict == "invalid"
    for path in (("ramps",), ("network", "neurons"), ("response", "halfspaces"), ("claim", "ramp_gains")):
        items: Any = data
        for key in path:
            items = items[key]
        for changed in (items[1:], [*items, items[0]]):
            assert audit(replaced(data, path, changed)).verdict == "invalid"
    assert audit({**data, "digest": "0" * 64}).verdict == "invalid"
    assert audit(replaced(data, ("surprise",), 1)).verdict == "invalid"


def test_harmless_changes_are_accepted() -> None:
    data = document("free-affine")
    neurons = data["network"]["neurons"]
    assert audit(replaced(data, ("network", "neurons"), neurons[::-1])).verdict == "valid"
    assert audit(replaced(data, ("problem", "name"), "another name")).verdict == "valid"
    assert audit(replaced(data, ("problem", "network", "width"), 7)).verdict == "valid"
    assert audit(replaced(data, ("response", "halfspaces"), data["response"]["halfspaces"][::-1])).verdict == "valid"


def test_write_read_write_is_the_same_text() -> None:
    text = as_text(document("sine-exponential"))
    assert as_text(json.loads(text)) == text


@given(problems())
def test_random_certificates_are_accepted(arguments: dict[str, Any]) -> None:
    found = certify(Problem(**arguments))
    if found.verdict == "dominated":
        outcome = audit(found)
        assert outcome.verdict == "valid", outcome.reason
