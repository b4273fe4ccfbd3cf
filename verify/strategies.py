"""Strategies of hypothesis for the objects of this project, for use in your own tests.

    from hypothesis import given
    from verify import certify
    from verify.strategies import problems

    @given(problems(dimensions=(1,)))
    def test_mine(problem):
        assert certify(problem).verdict == "dominated"

Everything is constructed, so that no draws are thrown away, and small choices give simple objects: failures shrink to
something readable. Input dimensions are 1, 2 and 3; the variables are x, y, z. Needs hypothesis (the extra
`properties`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeVar

from proofs.closure.family import NetworkFamily, converging_to
from proofs.geometry.affine import Affine, HalfSpace
from proofs.geometry.polytopes import Polytope
from proofs.network import ShallowNetwork
from proofs.ramp import Case
from proofs.response import Architecture, GeneralizedResponse
from verify.domain import Domain
from verify.problem import Problem
from verify.sampling import functions, geometry
from verify.sampling import responses as made
from verify.sampling.choices import Choices
from verify.sampling.functions import FAULTS, NOT_STRICT, STRICT, BrokenTarget
from verify.sampling.geometry import CONVEX
from verify.sampling.problems import ANY, Mix, problem_table
from verify.sampling.responses import CASES, feasible

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as error:
    message = "hypothesis is not installed; try: pip install 'relu-closure[properties]'"
    raise ModuleNotFoundError(message, name=error.name) from None

__all__ = [
    "Mix",
    "affines",
    "broken_targets",
    "built",
    "densities",
    "domains",
    "families",
    "halfspaces",
    "losses",
    "networks",
    "polytopes",
    "problem_tables",
    "problems",
    "rationals",
    "responses",
    "targets",
]

T = TypeVar("T")


class _Drawn(Choices):
    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def integer(self, lower: int, upper: int) -> int:
        return self._draw(st.integers(lower, upper))


def built(build: Callable[[Choices], T]) -> st.SearchStrategy[T]:
    """Return the strategy of what a function builds from choices (`verify.sampling`)."""

    @st.composite
    def strategy(draw: st.DrawFn) -> T:
        return build(_Drawn(draw))

    return strategy()


def rationals(size: int = 12, denominator: int = 6) -> st.SearchStrategy[Fraction]:
    """Fractions with numerators and denominators of bounded size."""
    return built(lambda c: c.rational(size, denominator))


def affines(n: int) -> st.SearchStrategy[Affine]:
    """Affine functions on R^n."""
    return built(lambda c: geometry.affine(c, n))


def polytopes(n: int) -> st.SearchStrategy[Polytope]:
    """Boxes, simplices and boxes with a peak in R^n."""
    return built(lambda c: geometry.polytope(c, n))


def halfspaces(polytope: Polytope) -> st.SearchStrategy[HalfSpace]:
    """Half-spaces whose boundaries cut the interior of a polytope."""

    def build(choices: Choices) -> HalfSpace:
        normals = [geometry.normal(choices, polytope.dimension)]
        return HalfSpace(geometry.sides(choices, polytope.vertices, normals)[0] * choices.pick((1, -1)))

    return built(build)


def domains(n: int, kinds: Sequence[str] = CONVEX) -> st.SearchStrategy[Domain]:
    """Domains: "box", "vertices" (convex hulls), "gap" (two boxes apart, where (H2a) fails)."""
    return built(lambda c: Domain.from_mapping(geometry.domain_table(c, n, kinds)))


def targets(n: int) -> st.SearchStrategy[str]:
    """Expressions that are continuous on R^n."""
    return built(lambda c: functions.continuous(c, n))


def broken_targets(polytope: Polytope, faults: Sequence[str] = FAULTS) -> st.SearchStrategy[BrokenTarget]:
    """Targets that are discontinuous, or undefined, along a known hyperplane through the interior of a polytope."""
    return built(lambda c: functions.broken_target(c, polytope.vertices, faults))


def densities(n: int) -> st.SearchStrategy[str]:
    """Expressions that are continuous and positive on R^n."""
    return built(lambda c: functions.density(c, n))


def losses(*, strictly_convex: bool = True) -> st.SearchStrategy[Mapping[str, Any]]:
    """Tables `[loss]`: losses to which the theorem applies, or losses that are convex but not strictly."""
    return built(lambda c: dict(c.pick(STRICT if strictly_convex else NOT_STRICT)))


def responses(polytope: Polytope, case: Case, max_width: int = 6) -> st.SearchStrategy[GeneralizedResponse]:
    """Strict responses in reduced form on a polytope, of a case (see `verify.sampling.responses`).

    Their dimension is at most `max_width`, which has to be 3 or more for "active" and 4 or more for "free".
    """

    def build(choices: Choices) -> GeneralizedResponse:
        size = made.counts(choices, polytope.dimension, case, max_width)
        return made.response(choices, polytope.vertices, case, size)

    return built(build)


def networks(polytope: Polytope, max_width: int = 4) -> st.SearchStrategy[ShallowNetwork]:
    """Networks with kinks in a polytope, feedforward or residual."""
    return built(lambda c: made.network(c, polytope.vertices, c.integer(0, max_width)))


def families(polytope: Polytope, max_width: int = 6) -> st.SearchStrategy[tuple[NetworkFamily, GeneralizedResponse]]:
    """Families of networks that tend to a strict response on a polytope, with that response."""

    def build(choices: Choices) -> tuple[NetworkFamily, GeneralizedResponse]:
        case = choices.pick([c for c in CASES if feasible(c, max_width)])
        size = made.counts(choices, polytope.dimension, case, max_width)
        found = made.response(choices, polytope.vertices, case, size)
        architecture: Architecture = "residual" if case == "residual" else "feedforward"
        return converging_to(found, architecture, polytope), found

    return built(build)


def problem_tables(mix: Mix = ANY) -> st.SearchStrategy[dict[str, Any]]:
    """Contents of problem files of a mix; by default all hypotheses of the theorem hold, in one dimension.

    A `Mix` chooses dimensions, cases, losses, domains, widths, and templates such as
    `targets={1: ["sin({a}*x)"]}, ranges={"a": (Fraction(1), Fraction(6))}`.
    """
    return built(lambda c: problem_table(c, mix))


def problems(
    *,
    dimensions: Sequence[int] = (1,),
    cases: Sequence[str] = CASES,
    losses: Sequence[Mapping[str, Any]] = STRICT,
    domains: Sequence[str] = CONVEX,
    widths: tuple[int, int] = (2, 6),
) -> st.SearchStrategy[Problem]:
    """Problems with a response that needs at most their width; by default all hypotheses of the theorem hold."""
    mix = Mix(dimensions=dimensions, cases=cases, losses=losses, domains=domains, widths=widths)
    return problem_tables(mix).map(Problem.from_mapping)
