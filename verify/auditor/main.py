"""The auditor's functions and command: certificates in, verdicts out.

A file that is no certificate at all (missing, too large, not UTF-8, not JSON, not an object, not of this format) is bad
input: one line on standard error, exit code 2. Everything else gets a verdict: a certificate with a duplicate or
unknown key, an inexact number, another kind or a wrong digest is `invalid`; beyond the auditor's limits, `undecided`.
"""

import json
import sys
from dataclasses import asdict, dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Protocol

from verify.auditor import attainment, certificate, conditions, domination, family, separation
from verify.auditor.verdicts import BadInputError, Effort, InvalidError, UndecidedError, require

USAGE = "usage: python3 -m verify.auditor [--json] CERTIFICATE..."
_CODES = {"valid": 0, "invalid": 1, "undecided": 3}
_KINDS = {
    "domination": domination, "domination-family": family, "non-attainment": separation, "attainment": attainment,
    "conditions": conditions,
}  # fmt: skip


@dataclass(frozen=True)
class Audit:
    """The outcome of an audit: verdict is valid, invalid or undecided; reason names the place and the numbers."""

    kind: str
    verdict: str
    reason: str


def audit_text(text: str) -> Audit:
    """Audit the text of a certificate; BadInputError if it is none."""
    kind = ""
    try:
        data = certificate.load(text)
        if isinstance(data.get("kind"), str):
            kind = data["kind"]
        require(kind in _KINDS, f"kind: expected {', '.join(_KINDS)}, found {ascii(data.get('kind'))[:40]}")
        certificate.check_digest(data)
        checker = _KINDS[kind]
        r = certificate.Reader(checker.RECORDS)
        keys = f"format:any kind:any digest:any problem:problem {checker.KEYS}"
        _, _, _, problem, *rest = r.record(data, "certificate", keys)
        allowed = kind == "non-attainment" or problem.restriction is None
        require(allowed, "problem.domain: unknown key 'restriction'")
        found = checker.check(Effort(), r, problem, *rest)
    except MemoryError:
        return Audit(kind, "undecided", "the memory is used up")
    except RecursionError:
        return Audit(kind, "undecided", "an expression is nested too deeply for this auditor")
    except InvalidError as fault:
        return Audit(kind, "invalid", str(fault))
    except UndecidedError as fault:
        return Audit(kind, "undecided", str(fault))
    return Audit(kind, "valid", found or "all conditions hold, all intervals are confirmed")


class Document(Protocol):
    """What `verify.certify` returns."""

    def document(self) -> dict[str, Any]:
        """The certificate as an object."""


def audit(source: str | PathLike[str] | dict[str, Any] | Document) -> Audit:
    """Audit the file of that path, or a certificate in memory; BadInputError if it is none."""
    if isinstance(source, str | PathLike):
        return audit_file(source)
    return audit_text(json.dumps(source if isinstance(source, dict) else source.document()))


def audit_file(path: str | PathLike[str]) -> Audit:
    """Audit a file; BadInputError if it cannot be read as a certificate."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(certificate.MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise BadInputError(f"file: {getattr(error, 'strerror', None) or error}") from None
    if len(content) > certificate.MOST_BYTES:
        raise BadInputError(f"file: larger than {certificate.MOST_BYTES} bytes")
    try:
        return audit_text(content.decode())
    except UnicodeDecodeError as error:
        raise BadInputError(f"file: not UTF-8 at byte {error.start}") from None


def main(argv: list[str]) -> int:
    """The command; the exit code is the first of 2 (bad input), 1 (invalid), 3 (undecided), 0 that occurs."""
    options = [a for a in argv if a.startswith("-")]
    paths = [a for a in argv if not a.startswith("-")]
    if "--help" in options or "-h" in options:
        print(f"{USAGE}\n\nRe-prove certificates with integer arithmetic. Exit codes: 0 all valid, 1 some invalid,")
        print("2 bad input or usage, 3 undecided.")
        return 0
    if not paths or set(options) - {"--json"}:
        print(f"error: expected options --json, --help and at least one file\n{USAGE}", file=sys.stderr)
        return 2
    results, codes = [], set()
    for path in paths:
        try:
            audit = audit_file(path)
        except BadInputError as fault:
            print(f"error: {path}: {fault}", file=sys.stderr)
            codes.add(2)
            continue
        results.append({"path": path, **asdict(audit)})
        codes.add(_CODES[audit.verdict])
        if not options:
            print(f"{path}: {audit.verdict}: {audit.reason}")
    if options:
        print(json.dumps({"certificates": results}))
    return next(code for code in (2, 1, 3, 0) if code in codes)
