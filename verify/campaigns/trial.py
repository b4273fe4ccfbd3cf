"""One problem of a campaign: read it, check the hypotheses, certify, audit."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from verify.auditor import audit_text
from verify.campaigns.outcome import Limits, Outcome
from verify.certificates import as_text
from verify.certification import certify
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
    found = certify(problem, budget=limits.budget)
    answer = found.answer()
    known = replace(
        known,
        verdict=found.verdict,
        reason=found.reason,
        **{key: answer[key] for key in ("case", "dimension", "neurons", "response_risk", "network_risk", "gain")},
    )
    if found.verdict == "dominated":
        known = replace(known, certificate=as_text(found.document()))
        yield known
        assert known.certificate is not None
        audit = audit_text(known.certificate)
        known = replace(known, audit=audit.verdict, audit_reason=audit.reason)
    yield known
