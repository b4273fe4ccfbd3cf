"""The limit of a family file as an answer: for programs (JSON), for people, as LaTeX, in a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from proofs.closure.excess import Excess, excess
from proofs.closure.limits import Limit, Verdict, limit
from proofs.closure.notation import (
    AnyAffine,
    latex_affine,
    latex_condition,
    latex_response,
    parts,
    power_text,
    term_text,
)
from proofs.expansions.series import UndefinedGermError
from proofs.numbers.constants import UndecidedError
from proofs.response import Architecture, GeneralizedResponse
from verify.errors import InputError
from verify.family import Family


@dataclass(frozen=True)
class Risk:
    """What the squared-loss risk does along a family (h = 1, any bounded target); None where it is not settled."""

    is_bounded: bool | None
    tends_to_limit: bool | None
    excess: str | None
    reason: str

    @classmethod
    def of(cls, family: Family, found: Limit) -> Risk:
        """Settle it from the exact order of `int (N_k - R)^2 dx`; a family that diverges has unbounded risk."""
        if found.verdict == "diverges":
            return cls(False, False, None, "on the witness cell the network tends to infinity (Fatou's lemma)")
        if found.verdict == "undecided":
            return cls(None, None, None, "the limit is undecided")
        if not isinstance(found.response, GeneralizedResponse):
            return cls(None, None, None, "the excess is computed only for limits with rational coefficients")
        try:
            rate = excess(family.networks, found.response, family.domain.polytopes)
        except UndecidedError as error:
            return cls(None, None, None, str(error))
        return cls(rate.is_bounded, rate.tends_to_limit, _order(rate, family.parameter), _consequence(rate))

    def document(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {
            "bounded": self.is_bounded,
            "tends_to_limit": self.tends_to_limit,
            "excess": self.excess,
            "reason": self.reason,
        }


@dataclass(frozen=True)
class Closure:
    """The exact limit of a family, with its dimension for the family's architecture and its risk."""

    family: Family
    limit: Limit
    risk: Risk

    @property
    def verdict(self) -> Verdict:
        """converges, diverges or undecided."""
        return self.limit.verdict

    def document(self) -> dict[str, Any]:
        """Return the JSON object of `verify closure` (INTERFACE.md)."""
        names, family = self.family.variables, self.family
        result: dict[str, Any] = {"family": family.name, "verdict": self.verdict}
        if self.limit.response is not None:
            affine, terms = parts(self.limit.response)
            result["response"] = {
                "affine": affine.text(names),
                "halfspaces": [
                    {"where": _condition(side, names), "jump": jump.text(names), "multiplicity": multiplicity}
                    for side, jump, multiplicity in terms
                ],
            }
            result["dimension"] = self.dimension(family.architecture)
            result["dimensions"] = {a: self.dimension(a) for a in ("feedforward", "residual")}
            result["strict"] = self.is_strict
            result["determined"] = self.limit.determined
        witness = self.limit.witness
        if witness is not None:
            result["witness"] = {
                "cell": [_condition(side, names) for side in witness.sides],
                "point": None if witness.point is None else [str(x) for x in witness.point],
                "leading_term": term_text(witness.leading, names, family.parameter, witness.exponent),
            }
        result["risk"] = self.risk.document()
        if self.limit.reason:
            result["reason"] = self.limit.reason
        return result

    def dimension(self, architecture: Architecture) -> int | None:
        """Return the dimension of the limit, None where it is undecided or there is no limit."""
        if self.limit.response is None:
            return None
        try:
            return self.limit.dimension(architecture)
        except UndecidedError:
            return None

    @property
    def is_strict(self) -> bool | None:
        """Whether the limit has a jump, None where that is undecided or there is no limit."""
        if self.limit.response is None:
            return None
        try:
            return self.limit.is_strict
        except UndecidedError:
            return None

    def latex(self) -> str:
        """Return the answer as one displayed formula."""
        names = self.family.variables
        k = self.family.parameter
        if self.limit.response is not None:
            return rf"\lim_{{{k}\downarrow 0}} N_{{{k}}} = {latex_response(self.limit.response, names)}"
        witness = self.limit.witness
        if witness is None:
            return rf"\text{{undecided: {self.limit.reason}}}"
        cell = r",\ ".join(latex_condition(side, names) for side in witness.sides)
        lead = rf"\left({latex_affine(witness.leading, names)}\right) {k}^{{{witness.exponent}}}"
        return rf"N_{{{k}}} \sim {lead} \quad\text{{on}}\quad \{{{cell}\}}"

    def _repr_latex_(self) -> str:
        return f"$$ {self.latex()} $$"

    def _repr_html_(self) -> str:
        rows = [("family", self.family.name), ("verdict", self.verdict), *self.facts()]
        body = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)
        return f"<table>{body}</table><p>$$ {escape(self.latex())} $$</p>"

    def facts(self) -> list[tuple[str, str]]:
        """Return what a person wants to know besides the formula, as (name, value)."""
        facts: list[tuple[str, str]] = []
        if self.limit.response is not None:
            needs = [f"{_or_open(self.dimension(a))} neurons ({a})" for a in ("feedforward", "residual")]
            facts.append(("dimension", ", ".join(needs)))
            facts.append(("strict", {True: "yes", False: "no", None: "undecided"}[self.is_strict]))
            if not self.limit.determined:
                facts.append(("determined", "no: a limit boundary misses the interior of the domain, so (H2a) fails"))
        witness = self.limit.witness
        if witness is not None:
            names, k = self.family.variables, self.family.parameter
            facts.append(("cell", " and ".join(_condition(side, names) for side in witness.sides) or "all of D"))
            if witness.point is not None:
                facts.append(("point", ", ".join(f"{n} = {x}" for n, x in zip(names, witness.point, strict=True))))
            facts.append(("leading term", term_text(witness.leading, names, k, witness.exponent)))
        if self.limit.reason:
            facts.append(("reason", self.limit.reason))
        facts.append(("risk", self.risk.reason))
        return facts


def closure(family: Family) -> Closure:
    """Return the exact limit of a family on its domain. Raises InputError for coefficients that are not real."""
    try:
        found = limit(family.networks, family.domain.polytopes)
        return Closure(family, found, Risk.of(family, found))
    except UndefinedGermError as error:
        message = f"a coefficient has no real value for small {family.parameter} > 0: {error}"
        raise InputError(message, source=family.name) from None


def _condition(side: AnyAffine, names: Sequence[str]) -> str:
    return f"{side.text(names)} > 0"


def _or_open(value: int | None) -> str:
    return "undecided" if value is None else str(value)


def _order(rate: Excess, parameter: str) -> str:
    if rate.exponent is None:
        return "0"
    power = power_text(parameter, rate.exponent)
    return f"{rate.factor}*{power}" if rate.factor else f"O({power})"


def _consequence(rate: Excess) -> str:
    if rate.tends_to_limit:
        return "the risk tends to the risk of the limit"
    if rate.is_bounded:
        return f"the risk tends to the risk of the limit plus {rate.factor}"
    return "the risk is unbounded although the family converges almost everywhere"
