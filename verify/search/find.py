"""The search, whatever the input dimension."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial

from proofs.geometry.affine import Affine
from proofs.response import GeneralizedResponse, Term
from verify.integration import Deadline
from verify.problem import Problem
from verify.search import line, space
from verify.search.space import Show

SHARE = 0.2


def find_response(problem: Problem, deadline: Deadline, show: Show | None = None) -> GeneralizedResponse:
    """Return a strict response whose dimension is at most the problem's width, with small risk if the search is lucky.

    The same for the same problem, unless time is short: it takes at most a fifth of the time left. `show`
    is told how far it is. Raises InputError if the width admits no strict response, or density or target give no
    finite numbers.
    """
    if problem.width < 2:
        raise problem.fault("width 1 admits no strict response (a jump needs 2 neurons)", "network.width")
    if problem.domain.dimension == 1:
        found, size = line.search(problem)
    else:
        found, size = space.search(problem, Deadline(SHARE * deadline.remaining), show)
    suits = partial(_suits, problem)
    for response in found:
        reduced = response.reduced(problem.domain)
        if suits(reduced):
            return reduced
        nudged = next(filter(suits, _nudged(reduced, size)), None)
        if nudged is not None:
            return nudged
    return next(filter(suits, _plain(problem, found[0].affine, size)))


def _suits(problem: Problem, response: GeneralizedResponse) -> bool:
    return response.is_strict and response.dimension(problem.architecture) <= problem.width


def _nudged(response: GeneralizedResponse, size: Fraction) -> Iterator[GeneralizedResponse]:
    """Yield the response with one kink made a small jump: where pieces join up, a network is as good already."""
    for k, term in enumerate(response.terms):
        jump = Term(term.halfspace, term.jump.plus(size / 16))
        yield replace(response, terms=(*response.terms[:k], jump, *response.terms[k + 1 :]))


def _plain(problem: Problem, affine: Affine, size: Fraction) -> Iterator[GeneralizedResponse]:
    """Yield an affine function, and a constant, with a small jump across the middle of the domain."""
    low, high = problem.domain.lower_bound(affine), -problem.domain.lower_bound(-affine)
    first = Affine.of([1, *[0] * (affine.dimension - 1)])
    middle = (problem.domain.lower_bound(first) - problem.domain.lower_bound(-first)) / 2
    jump = Affine.constantly(size / 16, affine.dimension)
    for start in (affine, Affine.constantly((low + high) / 2, affine.dimension)):
        yield GeneralizedResponse.of(start, [(first.plus(-middle), jump)])
