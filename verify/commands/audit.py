"""`verify audit CERTIFICATE...`: certificates, or folders of them, re-checked with independent arithmetic.

Only the standard library is loaded, unless a progress bar is shown.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict

from verify.audits import Row, audited, certificates
from verify.commands.answer import BAD_INPUT, NO, UNDECIDED, YES
from verify.commands.progress import progress

_CODES = {"": BAD_INPUT, "invalid": NO, "undecided": UNDECIDED, "valid": YES}


def run(paths: Sequence[str], as_json: bool, jobs: int | None) -> int:
    """Audit files and all *.json below folders; print one line each, or one JSON object. Returns the exit code."""
    files = certificates(paths)
    counts: Counter[str] = Counter()
    rows: list[Row] = []
    several = len(files) > 1
    with progress("audit", wanted=several) as show, closing(audited(files, jobs or os.cpu_count() or 1)) as found:
        for row in found:
            rows.append(row)
            counts[row.verdict or "bad input"] += 1
            show(len(rows), len(files), note=_sum(counts))
    for row in rows:
        if not row.verdict:
            print(f"error: {_printable(row.path)}: {row.reason}", file=sys.stderr)
        elif not as_json:
            print(f"{_printable(row.path)}: {row.verdict}: {row.reason}")
    if as_json:
        print(json.dumps({"certificates": [asdict(row) for row in rows if row.verdict]}))
    elif several:
        print(f"{len(rows)} certificates: {_sum(counts)}")
    codes = {_CODES[row.verdict] for row in rows}
    return next(code for code in (BAD_INPUT, NO, UNDECIDED, YES) if code in codes)


def _sum(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[v]} {v}" for v in ("valid", "invalid", "undecided", "bad input") if counts[v])


def _printable(path: str) -> str:
    """Return a path whose bytes may not be UTF-8 as something that can be printed."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
