"""Problem tables and family tables as TOML texts that the commands accept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any


def toml_text(table: Mapping[str, Any], comments: Sequence[str] = ()) -> str:
    """Return a TOML text of nested tables, texts, whole numbers, truth values and lists, after lines of comment."""
    lines = [f"# {line}" for text in comments for line in text.splitlines() or [""]]
    _write(lines, table, "")
    return "\n".join(lines) + "\n"


def _write(lines: list[str], table: Mapping[str, Any], path: str) -> None:
    inner = {key: value for key, value in table.items() if isinstance(value, Mapping) or _is_tables(value)}
    lines += [f"{_key(key)} = {_value(value)}" for key, value in table.items() if key not in inner]
    for key, value in inner.items():
        name = f"{path}{_key(key)}"
        for entry in [value] if isinstance(value, Mapping) else value:
            lines.append(f"[{name}]" if isinstance(value, Mapping) else f"[[{name}]]")
            _write(lines, entry, f"{name}.")


def _is_tables(value: object) -> bool:
    return isinstance(value, Sequence) and bool(value) and all(isinstance(entry, Mapping) for entry in value)


def _key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else _value(key)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Sequence):
        return f"[{', '.join(_value(entry) for entry in value)}]"
    raise TypeError(f"{type(value).__name__} has no place in a problem file")
