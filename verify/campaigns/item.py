"""What a suite consists of: problems in a fixed order, with permanent ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """One problem of a suite. Two items with the same id and digest are the same problem.

    `read` returns the text of its file; it raises InputError if there is none. `generated` says that the problem is in
    no file of the user's.
    """

    id: str
    digest: str
    read: Callable[[], str]
    generated: bool = False


@dataclass(frozen=True)
class Suite:
    """Problems in a fixed order. `identity` tells suites apart that must not share a directory of results."""

    identity: str
    count: int
    items: Callable[[], Iterator[Item]]
