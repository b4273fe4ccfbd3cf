"""LaTeX for exact objects: constants, affine functions, half-spaces, responses, leading terms."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

from proofs.closure.vectors import ExactAffine, ExactResponse, Vector
from proofs.geometry.affine import Affine
from proofs.numbers.constants import Constant
from proofs.response import GeneralizedResponse

AnyAffine: TypeAlias = Affine | ExactAffine
AnyResponse: TypeAlias = GeneralizedResponse | ExactResponse


def default_variables(dimension: int) -> tuple[str, ...]:
    """Return x, or x, y, or x, y, z, or x1, x2, ..."""
    return ("x", "y", "z")[:dimension] if dimension <= 3 else tuple(f"x{i}" for i in range(1, dimension + 1))


def dimension_of(response: AnyResponse) -> int:
    """Return the input dimension n."""
    if isinstance(response, GeneralizedResponse):
        return response.dimension_of_input
    return len(response.affine.entries) - 1


def parts(response: AnyResponse) -> tuple[AnyAffine, list[tuple[AnyAffine, AnyAffine, int | None]]]:
    """Return the affine part, and (side, jump, multiplicity) for each term (None where that is undecided)."""
    if isinstance(response, GeneralizedResponse):
        return response.affine, [(t.halfspace.side, t.jump, t.multiplicity) for t in response.terms]
    return response.affine, [(t.side, t.jump, t.known_multiplicity) for t in response.terms]


def latex_constant(value: Constant) -> str:
    """Return an exact constant as LaTeX."""
    if not isinstance(value, Fraction):
        from sympy import latex

        return str(latex(value))
    size = abs(value)
    body = str(size) if size.denominator == 1 else rf"\tfrac{{{size.numerator}}}{{{size.denominator}}}"
    return f"-{body}" if value < 0 else body


def latex_name(name: str) -> str:
    """Return a variable as LaTeX: trailing digits become an index, long names are set upright."""
    stem = name.rstrip("0123456789").rstrip("_")
    index = name[len(stem) :].lstrip("_")
    shown = stem if len(stem) == 1 else r"\mathrm{" + stem.replace("_", r"\_") + "}"
    return f"{shown}_{{{index}}}" if index else shown


def latex_affine(function: AnyAffine, variables: Sequence[str]) -> str:
    """Return an affine function as LaTeX."""
    entries: Vector
    entries = function.entries if isinstance(function, ExactAffine) else (*function.gradient, function.constant)
    result = ""
    for entry, name in zip(entries, [*map(latex_name, variables), ""], strict=True):
        if entry == 0:
            continue
        body = latex_constant(entry)
        if name and entry in (1, -1):
            body = "-" if entry == -1 else ""
        elif name and not isinstance(entry, Fraction) and entry.is_Add:
            body = rf"\left({body}\right)"
        separator = "" if not result or body.startswith("-") else "+"
        result += separator + body + (r"\," if name and body not in ("", "-") else "") + name
    return result or "0"


def latex_condition(side: AnyAffine, variables: Sequence[str]) -> str:
    """Return the half-space `side > 0` as LaTeX."""
    return f"{latex_affine(side, variables)} > 0"


def latex_response(response: AnyResponse, variables: Sequence[str]) -> str:
    """Return a generalized response as LaTeX."""
    affine, terms = parts(response)
    shown = [latex_affine(affine, variables)]
    for side, jump, _ in terms:
        body = latex_affine(jump, variables)
        factor = "" if body == "1" else rf"\left({body}\right)\,"
        shown.append(rf"{factor}\mathbf{{1}}_{{\{{{latex_condition(side, variables)}\}}}}")
    return " + ".join(shown[1:] if shown[0] == "0" and len(shown) > 1 else shown)


def power_text(name: str, exponent: Fraction) -> str:
    """Return `name**exponent` in the grammar of INTERFACE.md, e.g. `k**-2` or `k**(-1/2)`."""
    return f"{name}**{exponent}" if exponent.denominator == 1 else f"{name}**({exponent})"


def term_text(function: AnyAffine, variables: Sequence[str], parameter: str, exponent: Fraction) -> str:
    """Return `function * parameter**exponent` in the grammar of INTERFACE.md."""
    return f"({function.text(variables)})*{power_text(parameter, exponent)}"
