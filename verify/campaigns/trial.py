"""One problem of a campaign: read it, check the hypotheses, certify, audit."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from verify.auditor import audit_text
from verify.campaigns.outcome import Limits, Outcome
from verify.certificates import as_text
from verify.certification import certify
from verify.conditions import check_conditions
from verify.domination import Domination
from verify.enclosure import Enclosure
from verify.errors import InputError
from verify.problem import Problem, parse_toml


def stages(text: str, limits: Limits) -> Iterator[Outcome]:
    """Yield what is known about the problem of a file's text, ever more; the last outcome is the final one."""
    start = time.perf_counter()
    known = Outcome()
    try:
        for known in _stages(text, limits):
            yield replace(known, seconds=time.perf_counter() - start)
    except InputError as error:
        yield replace(known.failed("input", str(error)), seconds=time.perf_counter() - start)
    except Exception as error:
        yield replace(_broken(known, error, limits), seconds=time.perf_counter() - start)


def _broken(known: Outcome, error: BaseException, limits: Limits) -> Outcome:
    cause: BaseException | None = error
    while cause is not None:  # what is raised within a callback of flint arrives as the cause of a SystemError
        if isinstance(cause, MemoryError):
            return known.failed("memory", f"more than {limits.memory} MB of memory")
        cause = cause.__cause__ or cause.__context__
    return known.failed("error", " ".join(f"{type(error).__name__}: {error}".split())[:500])


def _stages(text: str, limits: Limits) -> Iterator[Outcome]:
    problem = Problem.from_mapping(parse_toml(text))
    known = Outcome(
        name=problem.name,
        inputs=problem.domain.dimension,
        loss=problem.loss.kind,
        architecture=problem.architecture,
        width=problem.width,
    )
    yield known
    conditions = check_conditions(problem, budget=limits.timeout / 4)
    verdicts = {finding.id: finding.verdict for finding in conditions.findings}
    known = replace(known, theorem=conditions.theorem, conditions=verdicts)
    yield known
    found = certify(problem, budget=limits.timeout / 2)
    known = replace(known, **_results(found.result))
    if found.verdict == "dominated":
        certificate = as_text(found.document())
        known = replace(known, certificate=certificate)
        yield known
        audit = audit_text(certificate)
        known = replace(known, audit=audit.verdict, audit_reason=audit.reason)
    yield known


def _results(found: Domination) -> dict[str, Any]:
    def decimals(value: Enclosure | None) -> dict[str, str] | None:
        return None if value is None else value.decimals(found.digits + 3)

    return {
        "verdict": found.verdict,
        "reason": found.reason,
        "case": None if found.construction is None else found.construction.case,
        "dimension": found.dimension,
        "neurons": None if found.network is None else found.network.width,
        "response_risk": decimals(found.response_risk),
        "network_risk": decimals(found.network_risk),
        "gain": decimals(found.gain),
    }
