"""When a mutant of a certificate about a family of networks says nothing false (see `tests.auditor.harmless`).

The claim is tried on members of every stretch, by the generator's integrals of the loss over cells; that a member is a
network is tried by building it.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

from proofs.geometry.affine import HalfSpace
from proofs.ramp import Construction, Ramp, stages
from proofs.response import GeneralizedResponse, Term
from tests.auditor.harmless import affine, side, variables
from verify import Problem
from verify.gain import excess_integrals, pieces
from verify.integration import Deadline, Integrator

Data = dict[str, Any]
SAMPLES = [Fraction(1, 10**9), Fraction(1, 3), Fraction(7, 10), Fraction(1)]


def family(old: Data, new: Data) -> bool:
    """The cover is complete, its rates hold, the members are networks of the claimed width, the limit is right."""
    claim, names = new["claim"], variables(new)
    problem = Problem.from_mapping({**new["problem"], "name": "the generator wants one"})
    terms = [Term(HalfSpace(side(h["where"], names)), affine(h["jump"], names)) for h in new["response"]["halfspaces"]]
    response = GeneralizedResponse(affine(new["response"]["affine"], names), tuple(terms))
    reduced = response.reduced(problem.domain)
    stretches = [[Fraction(s[key]) for key in ("from", "to", "rate")] for s in claim["cover"]]
    marks = [s[0] for s in stretches] + [stretches[-1][1]]
    complete = all(a < b for a, b in pairwise(marks)) and [s[1] for s in stretches] == marks[1:]
    return (
        complete
        and marks[0] == 0
        and marks[-1] == Fraction(claim["kappa"])
        and len(reduced.terms) == len(terms)
        and claim["dimension"] == reduced.dimension(problem.architecture) <= problem.width
        and claim["neurons"] <= problem.width
        and all(_is_network(new, problem, response, kappa) for kappa in marks[1:])
        and all(
            _rate(new, problem, response, low + (high - low) * at) >= rate > 0
            for low, high, rate in stretches
            for at in SAMPLES
        )
        and _limit(new, problem, response, marks[-1])
    )


def _ramps(data: Data, kappa: Fraction) -> list[Ramp]:
    names = variables(data)
    return [
        Ramp(
            Term(HalfSpace(side(r["where"], names)), affine(r["jump"], names)),
            Fraction(r["ratio"]) * kappa,
            affine(r["shift"], names),
        )
        for r in data["ramps"]
    ]


def _is_network(data: Data, problem: Problem, response: GeneralizedResponse, kappa: Fraction) -> bool:
    ramps = _ramps(data, kappa)
    turned = [k for k, r in enumerate(data["ramps"]) if r["facing"] == "opposite"]
    weights = tuple((k, Fraction(1)) for k in turned)
    extra = data["claim"]["neurons"] - len(response.terms) - len(response.jumps)
    case = "residual" if problem.architecture == "residual" else "active" if extra else "free"
    try:
        network = Construction(case, response, weights).network(ramps, problem.domain)  # type: ignore[arg-type]
    except ValueError:
        return False
    last = stages(Construction(case, response, weights), ramps)[-1]  # type: ignore[arg-type]
    cells = [p.cell for p in pieces(problem)]
    return network.equals(last, cells) and network.width <= data["claim"]["neurons"]


def _rate(data: Data, problem: Problem, response: GeneralizedResponse, kappa: Fraction) -> Fraction:
    """An upper bound of gain / kappa."""
    first, *_, last = stages(Construction("residual", response), _ramps(data, kappa))
    integrals = excess_integrals(problem, pieces(problem), first, last)
    return Integrator(problem.variables, Deadline(20.0)).enclose(integrals, 6).upper / kappa


def _limit(data: Data, problem: Problem, response: GeneralizedResponse, kappa: Fraction) -> bool:
    claimed = data["claim"]["first_order"]
    if claimed is None:
        return True
    near = _rate(data, problem, response, kappa / 10**9)
    slack = abs(near) / 10**6
    return Fraction(claimed["lower"]) <= near + slack and near - slack <= Fraction(claimed["upper"])
