"""The closure: how many neurons a response needs, and that families tend to the responses they are built for.

MATHEMATICS.md, section 2. Dimensions are counted again by brute force: all subsets, and a rank by flint.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import chain, combinations

from flint import fmpq, fmpq_mat

from proofs.closure.family import converging_to
from proofs.closure.limits import limit
from proofs.geometry.affine import Affine, HalfSpace
from proofs.ramp import constructions
from proofs.response import Architecture, GeneralizedResponse, Term, equal_almost_everywhere
from verify.properties.ramps import ANYWHERE
from verify.properties.record import Example, Property, require
from verify.sampling.choices import Choices
from verify.sampling.problems import problem_table
from verify.sampling.responses import ramps

ARCHITECTURES: tuple[Architecture, ...] = ("feedforward", "residual")


def _disguised(choices: Choices) -> Example:
    """Return a response, and the same function with terms turned over, split in two, and one outside the domain."""
    table = problem_table(choices, ANYWHERE)
    _, reduced = Example(table).reduced()
    affine, terms = reduced.affine, list(reduced.terms)
    n = reduced.dimension_of_input
    for index in range(len(terms)):
        if choices.flag():  # the part of another jump on the same boundary, seen from the other side
            extra = Affine.of([choices.rational() for _ in range(n)], choices.rational())
            terms[index] = Term(terms[index].halfspace, terms[index].jump + extra)
            affine = affine - extra
            terms.append(Term(terms[index].halfspace.complement, extra))
    far = Affine.of([1, *[0] * (n - 1)], 100)
    terms.append(Term(HalfSpace(far), far))
    disguised = GeneralizedResponse(affine - far, tuple(choices.distinct(terms, len(terms))))
    disguised = disguised.turned_over([i for i in range(len(terms)) if choices.flag()])
    return Example(table, disguised)


def _counts(example: Example) -> None:
    problem, reduced = example.reduced()
    plain = example.choices.reduced(problem.domain)
    require(
        equal_almost_everywhere(plain, example.choices, problem.domain.polytopes)
        and equal_almost_everywhere(plain, reduced, problem.domain.polytopes),
        "the reduced form is another function",
    )
    for architecture in ARCHITECTURES:
        counted = _brute_force(reduced, architecture)
        for name, form in (("as stated", reduced), ("in disguise", plain)):
            found = form.dimension(architecture)
            require(found == counted, f"dimension {found} {name} ({architecture}), counted by hand {counted}")


def _brute_force(response: GeneralizedResponse, architecture: Architecture) -> int:
    """Return the dimension by the definition: all sets of half-spaces to turn over, the rank of the jumps' normals."""
    multiplicities = [1 if _vanishes_on_boundary(t) else 2 for t in response.terms]
    if architecture == "residual":
        return sum(multiplicities)
    indices = range(len(response.terms))
    for chosen in chain.from_iterable(combinations(indices, k) for k in range(len(indices) + 1)):
        total = response.affine
        for index in chosen:
            total = total + response.terms[index].jump
        if total.is_constant:
            return sum(multiplicities)
    normals = [t.halfspace.side.gradient for t, m in zip(response.terms, multiplicities, strict=True) if m == 2]
    dependent = fmpq_mat([[_fmpq(g) for g in row] for row in normals]).rank() < len(normals)
    return sum(multiplicities) + (not dependent)


def _vanishes_on_boundary(term: Term) -> bool:
    """Whether the jump is a multiple of the side: the two rows of coefficients have rank 1."""
    rows = [[*f.gradient, f.constant] for f in (term.halfspace.side, term.jump)]
    return bool(fmpq_mat([[_fmpq(e) for e in row] for row in rows]).rank() < 2)


def _fmpq(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)


def _as_drawn(choices: Choices) -> Example:
    return Example(problem_table(choices, ANYWHERE))


def _family(example: Example) -> None:
    problem, reduced = example.reduced()
    pieces = problem.domain.polytopes
    for architecture in ARCHITECTURES:
        family = converging_to(reduced, architecture, problem.domain)
        dimension = reduced.dimension(architecture)
        words = f"the family has {family.width} neurons, the dimension is {dimension} ({architecture})"
        require(family.width == dimension, words)
        found = limit(family, pieces)
        require(found.verdict == "converges" and found.response is not None, f"the limit is {found.verdict}")
        response = found.response
        assert isinstance(response, GeneralizedResponse)
        if found.determined:
            words = f"the limit is another response ({architecture})"
            require(equal_almost_everywhere(response, reduced, pieces), words)
            require(found.dimension(architecture) == dimension, "the limit has another dimension")
        require(found.is_strict, "the limit is not strict")


def _thinner(choices: Choices) -> Example:
    table = problem_table(choices, ANYWHERE)
    problem, reduced = Example(table).reduced()
    options = list(constructions(reduced, problem.architecture))
    index = choices.integer(0, len(options) - 1)
    return Example(table, (options[index], ramps(choices, options[index])), {"construction": str(index + 1)})


def _bounds(example: Example) -> None:
    problem = example.problem
    construction, drawn = example.choices
    network = construction.network(drawn, problem.domain)
    own = network.response.reduced(problem.domain)
    require(not own.is_strict, "a network has a jump")
    need, have = own.dimension(problem.architecture), network.width
    require(need <= have, f"a network of {have} neurons has dimension {need}")


PROPERTIES = (
    Property(
        "dimension-counts",
        "The dimension is that of the definition, and does not depend on how the response is written",
        _disguised,
        _counts,
    ),
    Property(
        "networks-count-themselves",
        "A network is a response without jumps, of a dimension that is at most its number of neurons",
        _thinner,
        _bounds,
    ),
    Property(
        "limit-of-family",
        "The family built for a response has as many neurons as its dimension, and tends to it, exactly",
        _as_drawn,
        _family,
    ),
)
