"""Domains in short: `on(box("0", "1"), ball("2", "0", "1"), where="x > 0")`."""

from __future__ import annotations

from typing import Any

Table = dict[str, Any]


def box(*sides: str) -> Table:
    return {"box": [list(sides[i : i + 2]) for i in range(0, len(sides), 2)]}


def ball(*numbers: str) -> Table:
    return {"ball": {"center": list(numbers[:-1]), "radius": numbers[-1]}}


def hull(*points: tuple[str, ...]) -> Table:
    return {"vertices": [list(p) for p in points]}


def on(*pieces: Table, where: str | None = None) -> Table:
    """A domain in x, y, z, w: the union of the pieces, cut down by a restriction."""
    first = pieces[0]
    n = len(first.get("box") or first.get("vertices", [()])[0] or first["ball"]["center"])
    shape = first if len(pieces) == 1 else {"union": list(pieces)}
    return {"variables": list("xyzw"[:n]), **shape, **({"restriction": where} if where else {})}
