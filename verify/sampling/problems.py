"""Random problem tables (the contents of a problem file) of a given mix."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from proofs.geometry.affine import Point
from proofs.geometry.polytopes import Polytope
from proofs.response import GeneralizedResponse
from verify.domain import Domain
from verify.problem import response_as_texts
from verify.sampling.choices import Choices
from verify.sampling.functions import STRICT, density, polynomial, polynomial_density, target
from verify.sampling.geometry import CONVEX, NAMES, domain_table
from verify.sampling.responses import CASES, counts, feasible, least_width, response

SEARCHED = "searched"
_STEPS = 60


@dataclass(frozen=True)
class Mix:
    """What random problems are made of; the defaults satisfy all hypotheses of the theorem.

    `cases` may hold "searched": no response is stated. `targets` and `densities` hold templates by dimension, with
    names in braces for numbers from `ranges`; where there are none, functions are made up, polynomials if asked for.
    Of the `widths`, lowest and highest, those are drawn that some case allows; raises ValueError if there is none.
    """

    dimensions: Sequence[int] = (1,)
    cases: Sequence[str] = CASES
    losses: Sequence[Mapping[str, Any]] = STRICT
    domains: Sequence[str] = CONVEX
    widths: tuple[int, int] = (2, 6)
    targets: Mapping[int, Sequence[str]] = field(default_factory=dict)
    densities: Mapping[int, Sequence[str]] = field(default_factory=dict)
    ranges: Mapping[str, tuple[Fraction, Fraction]] = field(default_factory=dict)
    polynomial: bool = False

    def __post_init__(self) -> None:
        if not any(feasible(case, self.widths[1]) for case in self.cases):
            raise ValueError(f"none of the cases {', '.join(self.cases)} is possible with width {self.widths[1]}")


ANY = Mix()


def problem_table(choices: Choices, mix: Mix = ANY, name: str = "random") -> dict[str, Any]:
    """Return the contents of a problem file whose response needs at most its width."""
    n = choices.pick(mix.dimensions)
    domain = domain_table(choices, n, mix.domains)
    loss = choices.pick([table for table in mix.losses if accepts(table, n)])
    lowest, highest = mix.widths
    width = choices.integer(max(lowest, min(map(least_width, mix.cases))), highest)
    case = choices.pick([c for c in mix.cases if feasible(c, width)])
    architecture = "residual" if case == "residual" else "feedforward"
    if mix.polynomial:
        made_up = polynomial_density(choices, n), polynomial(choices, n)
    else:
        made_up = density(choices, n), target(choices, n, loss["kind"])
    table: dict[str, Any] = {
        "name": name,
        "domain": domain,
        "density": {"expression": _from_templates(choices, mix, mix.densities.get(n)) or made_up[0]},
        "target": {"expression": _from_templates(choices, mix, mix.targets.get(n)) or made_up[1]},
        "loss": dict(loss),
        "network": {"architecture": architecture, "width": width},
    }
    if case in CASES:
        size = counts(choices, n, case, width)
        table["response"] = response_table(response(choices, corners(domain), case, size), NAMES[:n])
    return table


def accepts(loss: Mapping[str, Any], n: int) -> bool:
    """Whether a loss goes with n variables: in a loss that is an expression, y means the network's output."""
    return n == 1 or loss["kind"] != "expression"


def response_table(found: GeneralizedResponse, variables: tuple[str, ...]) -> dict[str, Any]:
    """Return a response as the table `[response]` of a problem file."""
    texts = response_as_texts(found, variables)
    halfspaces = [{"where": h["where"], "jump": h["jump"]} for h in texts["halfspaces"]]
    return {"affine": texts["affine"], "halfspaces": halfspaces}


def corners(domain: Mapping[str, Any]) -> list[Point]:
    """Return the vertices of all pieces of a domain, of a ball the ends of the diameters along the axes."""
    result: list[Point] = []
    for piece in Domain.from_mapping(domain).pieces:
        if isinstance(piece, Polytope):
            result += piece.vertices
        else:
            steps = [(i, sign * piece.radius) for i in range(len(piece.centre)) for sign in (1, -1)]
            result += [tuple(c + s * (i == k) for k, c in enumerate(piece.centre)) for i, s in steps]
    return result


def filled(template: str, values: Mapping[str, str]) -> str:
    """Return a template with the names in braces replaced; unknown ones stay."""
    return re.sub(r"\{([A-Za-z]+)\}", lambda found: values.get(found[1], found[0]), template)


def _from_templates(choices: Choices, mix: Mix, templates: Sequence[str] | None) -> str:
    """Return a template with its numbers drawn, or "" if there are no templates."""
    if not templates:
        return ""
    values = {}
    for name, (lower, upper) in mix.ranges.items():
        values[name] = f"({lower + (upper - lower) * Fraction(choices.integer(0, _STEPS), _STEPS)})"
    return filled(choices.pick(templates), values)
