"""Generator files: a seed and ranges instead of problems.

name = "mixed-line"
[generate]
count = 1000                        # how many; the first ones stay the same when it grows
seed = 1
dimensions = [1]                    # input dimensions; here and below one of the list is drawn for each problem
widths = [2, 6]                     # lowest and highest
cases = ["constant", "free"]        # also "active", "residual", "searched" (no response is stated)
domains = ["box", "vertices"]       # also "gap"
targets = ["sin({a}*x)", "x*y"]     # optional; those that suit the dimension; without any, functions are made up
densities = ["1", "1 + {b}*x"]      # optional, the same
ranges = { a = ["1", "6"], b = ["0", "1/2"] }        # for the names in braces: a rational between the two
[[generate.losses]]                 # tables as in problem files
kind = "power"
exponent = "4"
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from verify.campaigns.item import Item, Suite
from verify.errors import InputError
from verify.exact import parse_number
from verify.expressions import parse
from verify.losses import Loss
from verify.sampling.choices import SeededChoices
from verify.sampling.functions import STRICT
from verify.sampling.geometry import CONVEX, DOMAINS, NAMES
from verify.sampling.problems import SEARCHED, Mix, accepts, filled, problem_table
from verify.sampling.responses import CASES, feasible
from verify.sampling.texts import toml_text

DRAWN = 1
"""Changes whenever the same settings would give other problems."""

MAX_COUNT = 100_000_000
MAX_WIDTH = 100
KEYS = (
    "count", "seed", "dimensions", "widths", "cases", "domains", "targets", "densities", "ranges", "losses",
)  # fmt: skip


def generated(table: Mapping[str, Any], source: str) -> Suite:
    """Return the suite of a generator file. Raises InputError that names the key."""
    try:
        return _suite(table)
    except InputError as error:
        raise error.within(source=source) from None


def _suite(table: Mapping[str, Any]) -> Suite:
    for key in table:
        if key not in ("name", "generate"):
            raise InputError("unknown key; expected name and generate", key=str(key)[:60])
    settings = table["generate"]
    if not isinstance(settings, Mapping):
        raise InputError("expected a table", key="generate")
    for key in settings:
        if key not in KEYS:
            raise InputError(f"unknown key; expected one of {', '.join(KEYS)}", key=f"generate.{key}"[:80])
    name = table.get("name", "generated")
    if not isinstance(name, str) or not name.isprintable() or not 0 < len(name) <= 150:
        raise InputError("expected a printable name of at most 150 characters", key="name")
    count = _whole(settings, "count", 1, MAX_COUNT, 100)
    seed = _whole(settings, "seed", 0, 2**63, 0)
    mix = _mix(settings)
    own = json.dumps({"drawn": DRAWN, "name": name, **settings, "count": 0, "seed": seed}, sort_keys=True, default=str)
    digest = hashlib.sha256(own.encode()).hexdigest()

    def items() -> Iterator[Item]:
        for index in range(count):
            # ids sort in order up to MAX_COUNT, whatever the count
            yield Item(f"{index // 1000:05d}/{index:08d}", digest, _reader(mix, seed, index, name), generated=True)

    return Suite(f"generator {digest}", count, items)


def _reader(mix: Mix, seed: int, index: int, name: str) -> Callable[[], str]:
    return lambda: toml_text(problem_table(SeededChoices(f"{seed}/{index}"), mix, f"{name}-{index:08d}"))


def _mix(settings: Mapping[str, Any]) -> Mix:
    dimensions = _some(settings, "dimensions", (1,), range(1, len(NAMES) + 1))
    widths = _widths(settings.get("widths", [2, 6]))
    cases = _some(settings, "cases", CASES, (*CASES, SEARCHED))
    possible = [case for case in cases if feasible(case, widths[0])]
    if not possible:
        words = f"none of the cases {', '.join(cases)} is possible with width {widths[0]}"
        raise InputError(words, key="generate.widths")
    losses = _losses(settings.get("losses", STRICT))
    for n in dimensions:
        if not any(accepts(loss, n) for loss in losses):
            raise InputError(f"a loss that is an expression is for 1 variable, not {n}", key="generate.losses")
    ranges = _ranges(settings.get("ranges", {}))
    return Mix(
        dimensions=dimensions,
        cases=cases,
        losses=losses,
        domains=_some(settings, "domains", CONVEX, DOMAINS),
        widths=widths,
        targets=_templates(settings, "targets", dimensions, ranges),
        densities=_templates(settings, "densities", dimensions, ranges),
        ranges=ranges,
    )


def _whole(settings: Mapping[str, Any], key: str, lower: int, upper: int, default: int) -> int:
    value = settings.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not lower <= value <= upper:
        raise InputError(f"expected a whole number from {lower} to {upper}, found {value!r}", key=f"generate.{key}")
    return value


def _some(settings: Mapping[str, Any], key: str, default: Sequence[Any], known: Sequence[Any]) -> tuple[Any, ...]:
    values = settings.get(key, default)
    if not isinstance(values, Sequence) or isinstance(values, str) or not values:
        raise InputError("expected a list that is not empty", key=f"generate.{key}")
    for value in values:
        if isinstance(value, bool) or value not in known:
            raise InputError(f"{value!r} is none of {', '.join(map(str, known))}", key=f"generate.{key}")
    return tuple(values)


def _widths(value: object) -> tuple[int, int]:
    whole = isinstance(value, list | tuple) and all(isinstance(w, int) and not isinstance(w, bool) for w in value)
    if (
        not isinstance(value, list | tuple)
        or not whole
        or len(value) != 2
        or not 2 <= value[0] <= value[1] <= MAX_WIDTH
    ):
        words = f"expected the lowest and the highest width, whole numbers from 2 to {MAX_WIDTH}"
        raise InputError(words, key="generate.widths")
    return value[0], value[1]


def _losses(tables: object) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(tables, list | tuple) or not tables:
        raise InputError("expected a list of tables that is not empty", key="generate.losses")
    for index, table in enumerate(tables):
        try:
            Loss.from_mapping(table, NAMES[:1])
        except InputError as error:
            raise error.within(key=f"generate.losses.{index + 1}") from None
    return tuple(tables)


def _ranges(table: object) -> dict[str, tuple[Fraction, Fraction]]:
    if not isinstance(table, Mapping):
        raise InputError('expected a table such as { a = ["1", "6"] }', key="generate.ranges")
    result = {}
    for name, ends in table.items():
        key = f"generate.ranges.{name}"[:80]
        if not re.fullmatch("[A-Za-z]+", name):
            raise InputError("expected a name made of letters", key=key)
        if not isinstance(ends, list) or len(ends) != 2:
            raise InputError("expected a pair [lower, upper]", key=key)
        lower, upper = (parse_number(end, key) for end in ends)
        if lower > upper:
            raise InputError(f"the lower end {lower} is above the upper end {upper}", key=key)
        result[name] = (lower, upper)
    return result


def _templates(
    settings: Mapping[str, Any], key: str, dimensions: Sequence[int], ranges: Mapping[str, tuple[Fraction, Fraction]]
) -> dict[int, tuple[str, ...]]:
    """Return the templates by the dimensions they suit: those that have all the variables."""
    if key not in settings:
        return {}
    place = f"generate.{key}"
    texts = settings[key]
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise InputError("expected a list of expressions that is not empty", key=place)
    ends = {name: f"({lower})" for name, (lower, _) in ranges.items()}
    for text in texts:
        parse(filled(text, ends), NAMES, place)
    result = {n: tuple(text for text in texts if _suits(filled(text, ends), n)) for n in dimensions}
    for n, suiting in result.items():
        if not suiting:
            raise InputError(f"no expression suits dimension {n} (variables {', '.join(NAMES[:n])})", key=place)
    return result


def _suits(text: str, n: int) -> bool:
    try:
        parse(text, NAMES[:n])
    except InputError:
        return False
    return True
