"""Suites: a directory, a glob, one file, or a generator file, as a stream of items with permanent ids."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Iterator
from pathlib import Path

from verify.campaigns.generator import generated
from verify.campaigns.item import Item, Suite
from verify.errors import InputError
from verify.problem import read_text, read_toml


def read_suite(name: str, out: Path) -> Suite:
    """Return the suite of a directory, a glob, a problem file or a generator file.

    A directory means all *.toml below it, except in hidden files and folders. Files below `out` are left aside. Raises
    InputError if there is nothing.
    """
    path = Path(name)
    if path.is_file():
        table = read_toml(path)
        if "generate" in table:
            return generated(table, name)
        return _files(name, path.parent, [path])
    parts = path.parts
    plain = next((i for i, part in enumerate(parts) if glob.has_magic(part)), len(parts))
    root = Path(*parts[:plain])
    if plain == len(parts) and not path.is_dir():
        raise InputError("no such file or folder", source=name)
    if plain < len(parts):
        found = list(root.glob(str(Path(*parts[plain:]))))
    else:
        found = [p for p in root.glob("**/*.toml") if not any(e.startswith(".") for e in p.relative_to(root).parts)]
    results = out.resolve()
    inside = results.is_relative_to(root.resolve())
    chosen = [p for p in found if p.suffix == ".toml" and p.is_file()]
    return _files(name, root, [p for p in chosen if not (inside and p.resolve().is_relative_to(results))])


def _files(name: str, root: Path, paths: list[Path]) -> Suite:
    if not paths:
        raise InputError("no problem files (*.toml) and no generator file are there", source=name)

    def items() -> Iterator[Item]:
        for path in sorted(paths):
            yield Item(_id(path.relative_to(root)), _digest(path), lambda path=path: read_text(path))  # type: ignore[misc]

    return Suite("files", len(paths), items)


def _id(path: Path) -> str:
    """Return the id of a problem file: its path as a text, also where the name is no UTF-8."""
    return path.with_suffix("").as_posix().encode("utf-8", "backslashreplace").decode("utf-8")


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        return f"unreadable: {error.strerror}"
