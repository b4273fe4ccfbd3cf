"""The examples that ship with the package, reachable as `example:NAME`."""

from __future__ import annotations

from pathlib import Path

from verify.errors import InputError

_FOLDERS = {"problem": "", "family": "families", "campaign": "campaigns"}
_ROOT = Path(__file__).with_name("examples")


def resolve(name: str, kind: str = "problem") -> Path:
    """Return the file that `example:NAME` or a path stands for. Raises InputError for unknown examples."""
    if not name.startswith("example:"):
        return Path(name)
    wanted = name.removeprefix("example:")
    for path in _files(kind):
        if path.stem == wanted:
            return path
    known = ", ".join(path.stem for path in _files(kind))
    raise InputError(f"no such {kind}; shipped are {known}", source=name)


def listed(kind: str) -> list[tuple[str, str]]:
    """Return (name, one line on why it is interesting) for every shipped file of a kind."""
    return [(path.stem, path.read_text("utf-8").splitlines()[0].removeprefix("#").strip()) for path in _files(kind)]


def _files(kind: str) -> list[Path]:
    return sorted((_ROOT / _FOLDERS[kind]).glob("*.toml"))
