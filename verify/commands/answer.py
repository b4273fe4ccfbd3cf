"""What a command answers: JSON for programs, words for people, an exit code for both (INTERFACE.md)."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

YES, NO, BAD_INPUT, UNDECIDED, INTERRUPTED = 0, 1, 2, 3, 130


@dataclass(frozen=True)
class Table:
    """Rows for a person, with a header line."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Answer:
    """One answer; `words` holds paragraphs and tables in the order in which a person reads them."""

    document: Mapping[str, Any]
    exit_code: int
    words: Sequence[str | Table] = ()

    def show(self, *, as_json: bool) -> None:
        """Print the answer to standard output."""
        if as_json:
            print(json.dumps(self.document, ensure_ascii=False, indent=1))
            return
        if not any(isinstance(part, Table) for part in self.words):
            for part in self.words:
                print(part)
            return
        from rich.console import Console
        from rich.table import Table as RichTable
        from rich.text import Text

        console = Console(highlight=False, markup=False, soft_wrap=True)
        if not console.is_terminal:
            console.width = 200
        for part in self.words:
            if isinstance(part, str):
                console.print(Text(part))
                continue
            table = RichTable(box=None, pad_edge=False, header_style="bold")
            for name in part.header:
                table.add_column(name, overflow="fold")
            for row in part.rows:
                table.add_row(*(Text(cell) for cell in row))
            console.print(table)


def ended(work: Callable[[], int]) -> int:
    """Return the exit code of a command; Ctrl-C and a reader that has gone away end it without a traceback."""
    try:
        code = work()
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return interrupted()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return INTERRUPTED


def interrupted() -> int:
    """Say so, and return the exit code."""
    print("interrupted", file=sys.stderr)
    return INTERRUPTED
