"""Small suites, running `verify campaign` in a process of its own, and reading what it left."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
VERIFY = [sys.executable, "-c", "import sys; from verify.cli import main; sys.exit(main())"]

PROBLEM = """
name = "{name}"
[domain]
variables = ["x"]
box = [["0", "1"]]
[target]
expression = "{target}"
[network]
width = 2
[response]
affine = "0"
[[response.halfspaces]]
where = "x - 1/2 > 0"
jump = "1"
"""


def problem(name: str = "step", target: str = "x") -> str:
    return PROBLEM.format(name=name, target=target)


def generator(folder: Path, count: int, **settings: Any) -> Path:
    """A generator file of small fast problems."""
    lines = ["[generate]", f"count = {count}", "seed = 5", "widths = [2, 4]"]
    lines += [f"{key} = {value}" for key, value in settings.items()]
    if "losses" not in settings:
        lines += ["[[generate.losses]]", 'kind = "squared"']
    path = folder / "suite.toml"
    path.write_text("\n".join(lines), "utf-8")
    return path


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def start(*arguments: object, **more: str) -> subprocess.Popen[str]:
    """`verify campaign` in a process of its own."""
    return subprocess.Popen(
        [*VERIFY, "campaign", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**more),
    )


def table(folder: Path, name: str = "results") -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "campaign.sqlite")) as database:
        return list(database.execute(f"SELECT * FROM {name} ORDER BY id"))


def rows_in(folder: Path) -> int:
    """How many rows there are; 0 while there is no table yet."""
    try:
        return len(table(folder))
    except sqlite3.Error:
        return 0


def column(folder: Path, *names: str) -> dict[str, Any]:
    """id -> values of columns."""
    with closing(sqlite3.connect(folder / "campaign.sqlite")) as database:
        rows = database.execute(f"SELECT id, {', '.join(names)} FROM results ORDER BY id")
        return {row[0]: row[1] if len(names) == 1 else row[1:] for row in rows}


def files(folder: Path) -> dict[str, bytes]:
    """All certificates and problem files that were written, by path."""
    found = [p for sub in ("certificates", "problems") for p in (folder / sub).rglob("*") if p.is_file()]
    return {str(p.relative_to(folder)): p.read_bytes() for p in found}


def left_over(marker: str) -> list[int]:
    """Processes of campaigns whose arguments hold a marker."""
    listing = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [int(line.split()[0]) for line in listing.splitlines() if "campaigns.worker" in line and marker in line]
