"""`verify activations [NAME...]`: which activations keep their minimum, and which lose it, with proof."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from proofs.activations.catalogue import ALIASES, NAMES, activation
from verify.certificates import as_text, write_text
from verify.commands.answer import UNDECIDED, YES, Answer, Table
from verify.errors import InputError
from verify.integration import Deadline
from verify.separation.analysis import Separation, analyse
from verify.separation.answer import Files, boundary_row, row
from verify.separation.boundary import boundary
from verify.separation.reading import defined

DEFINED = "defined"


def run(names: Sequence[str], output: str | None, define: str | None, plot: str | None, budget: float) -> Answer:
    """Settle the named activations (all, if neither a name nor a definition is given); write the certificates."""
    for name in names:
        if name not in NAMES and name not in ALIASES:
            raise InputError(f"no such activation; known are {', '.join(NAMES)}", key="NAME", source=name)
    wanted = list(dict.fromkeys(ALIASES.get(name, name) for name in names))
    if not wanted and define is None:
        wanted = list(NAMES)
    if plot is not None:
        from verify.separation.plot import check_available

        check_available()
    files = Files(output)
    found: list[Separation] = []
    rows: list[dict[str, Any]] = []
    for name in wanted:
        found.append(analyse(activation(name), Deadline(budget)))
        rows.append(row(name, found[-1], files))
    if define is not None:
        try:
            found.append(analyse(defined(define), Deadline(budget)))
            rows.append(row(DEFINED, found[-1], files))
        except ValueError as error:
            if isinstance(error, InputError):
                raise
            rows.append(_unread(define, str(error)))
    cases = [boundary_row(case, files) for case in boundary()] if "relu" in wanted else []
    words = _words(rows, cases, bool(names) or define is not None)
    if output is not None:
        _write(files, output)
        words.append(
            f"{len(files.documents)} certificates written to {output}; check them with: verify audit {output}/*"
        )
    if plot is not None:
        from verify.separation.plot import draw

        words.append(draw(found, plot))
    document = {"activations": rows, "boundary": cases}
    return Answer(document, YES if all(r["verdict"] != "undecided" for r in rows) else UNDECIDED, words)


def _unread(definition: str, reason: str) -> dict[str, Any]:
    """The row of a definition whose pieces are not found exactly."""
    keys = ("width", "widths", "target", "domain", "limit", "rate", "factor", "until", "argument", "certificate")
    empty: dict[str, Any] = dict.fromkeys(keys)
    lists: dict[str, Any] = {key: [] for key in ("risk_bounds", "steps", "further", "limits", "polynomials")}
    start = {"name": DEFINED, "definition": definition, "verdict": "undecided", "reason": reason}
    return {**start, **empty, **lists, "attained_from_width": None}


def _write(files: Files, folder: str) -> None:
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot be made: {error.strerror or error}", source=folder) from None
    for name, document in files.documents.items():
        write_text(Path(folder) / name, as_text(document))


def _words(rows: Sequence[dict[str, Any]], cases: Sequence[dict[str, Any]], everything: bool) -> list[str | Table]:
    lines: list[Sequence[str]] = []
    for one in rows:
        lines.append(_line(one["name"], one))
        lines += [_line("", other) for other in one["further"] if everything or other["widths"] == "width 1"]
        if one["attained_from_width"] is not None and one["verdict"] == "not-attained":
            width = one["attained_from_width"]["width"]
            lines.append(("", "attained", _EVERY, f"every width >= {width}", "", "polynomial-space"))
    words: list[str | Table] = [Table(_HEADER, lines)]
    words += [f"{one['name']} is undecided: {one['reason']}" for one in rows if one["verdict"] == "undecided"]
    if cases:
        title = "ReLU's own boundary: targets and domains outside the theorem"
        words += ["", title, Table(_HEADER, [_case(one) for one in cases])]
    return words


_EVERY = "every continuous function"
_HEADER = ("activation", "minimum", "target", "lost at", "risk falls as", "argument")


def _line(name: str, one: dict[str, Any]) -> Sequence[str]:
    verdict = one.get("verdict", "not-attained")
    widths = one["widths"] or ""
    rate = f"k^{one['rate']}" if one["rate"] else ""
    target = _shortened(one["target"] or "")
    return (name, verdict, target, widths, rate, one["argument"] or "")


def _case(one: dict[str, Any]) -> Sequence[str]:
    rate = f"k^{one['rate']}" if one["rate"] else f"minimum {one['minimum']}"
    return (one["name"], one["verdict"], one["about"], f"width {one['width']}", rate, one["argument"])


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
