"""The outcome for one file."""

from __future__ import annotations

from dataclasses import dataclass

from verify.auditor import BadInputError, audit_file


@dataclass(frozen=True)
class Row:
    """A verdict (valid, invalid, undecided) with its reason; bad input has a reason and no verdict."""

    path: str
    kind: str
    verdict: str
    reason: str


def audited_file(path: str) -> Row:
    """Audit one file. Whatever goes wrong is said in the row: nothing but Ctrl-C is raised."""
    try:
        found = audit_file(path)
    except BadInputError as fault:
        return Row(path, "", "", str(fault))
    except MemoryError:
        return Row(path, "", "undecided", "the audit needs too much memory")
    except Exception as fault:
        words = " ".join(f"{type(fault).__name__}: {fault}".split())[:300]
        return Row(path, "", "undecided", f"the auditor failed: {words}")
    return Row(path, found.kind, found.verdict, found.reason)
