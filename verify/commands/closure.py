"""`verify closure FAMILY`: the exact limit of a family of networks."""

from __future__ import annotations

from proofs.closure.notation import parts
from verify.closure import Closure, closure
from verify.commands.answer import NO, UNDECIDED, YES, Answer, Table
from verify.family import Family
from verify.shipped import resolve

_EXIT = {"converges": YES, "diverges": NO, "undecided": UNDECIDED}


def run(family: str, latex: bool) -> Answer:
    """Find the limit of one family; `latex` asks for the formula alone."""
    found = closure(Family.from_toml(resolve(family, "family")))
    words = [found.latex()] if latex else _words(found)
    document = found.document() | ({"latex": found.latex()} if latex else {})
    return Answer(document, _EXIT[found.verdict], words)


def _words(found: Closure) -> list[str | Table]:
    words: list[str | Table] = [_sentence(found)]
    if found.limit.response is not None:
        names = found.family.variables
        affine, terms = parts(found.limit.response)
        words.append(Table(("affine part", affine.text(names)), []))
        if terms:
            rows = [
                (f"{side.text(names)} > 0", jump.text(names), {1: "kink", 2: "jump", None: "undecided"}[multiplicity])
                for side, jump, multiplicity in terms
            ]
            words.append(Table(("half-space", "added there", "kind"), rows))
    words.append(Table(("", ""), found.facts()))
    return words


def _sentence(found: Closure) -> str:
    kind = f"{found.family.architecture} networks with {found.family.networks.width} neurons"
    if found.verdict == "converges":
        return f"CONVERGES almost everywhere: {kind}, {found.family.parameter} -> 0+."
    if found.verdict == "diverges":
        return f"DIVERGES: {kind}, {found.family.parameter} -> 0+."
    return f"UNDECIDED: {found.limit.reason}."
