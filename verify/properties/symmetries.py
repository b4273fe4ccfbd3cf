"""Symmetries: moving, stretching, reflecting or exchanging coordinates, and rescaling outputs, changes no verdict.

With kappa carried along, the gain changes by a known factor. Gains with kappa fixed are compared as enclosures.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from proofs.geometry.affine import Affine
from proofs.response import GeneralizedResponse, Term
from verify.certification import certify
from verify.expressions import parse, tree
from verify.expressions.algebra import affine_expression
from verify.expressions.printing import text
from verify.properties.ramps import SQUARED
from verify.properties.record import Example, Property, require
from verify.sampling.choices import Choices
from verify.sampling.functions import STRICT
from verify.sampling.problems import Mix, problem_table, response_table

BUDGET = 60.0
LINE = Mix(losses=[loss for loss in STRICT if loss["kind"] != "expression"])
PLANE = Mix(dimensions=(2,), losses=SQUARED, polynomial=True, widths=(2, 4))
HOMOGENEOUS = Mix(losses=[loss for loss in STRICT if loss["kind"] in ("squared", "power")])


@dataclass(frozen=True)
class _Motion:
    """New coordinate `order[i]` is `factors[i] * x_i + shifts[i]`."""

    order: tuple[int, ...]
    factors: tuple[Fraction, ...]
    shifts: tuple[Fraction, ...]

    def point(self, point: list[str]) -> list[str]:
        """Return where a point goes."""
        result = [""] * len(point)
        for i, x in enumerate(point):
            result[self.order[i]] = str(self.factors[i] * Fraction(x) + self.shifts[i])
        return result

    def back(self, i: int) -> Affine:
        """Return the old coordinate i as a function of the new ones."""
        gradient = [Fraction(0)] * len(self.order)
        gradient[self.order[i]] = 1 / self.factors[i]
        return Affine.of(gradient, -self.shifts[i] / self.factors[i])

    def moved(self, function: Affine) -> Affine:
        """Return an affine function of the old coordinates as one of the new ones."""
        total = Affine.constantly(function.constant, len(self.order))
        for i, g in enumerate(function.gradient):
            total = total + self.back(i) * g
        return total


def _with_motion(choices: Choices) -> Example:
    table = problem_table(choices, PLANE if choices.integer(0, 3) == 3 else LINE)
    n = len(table["domain"]["variables"])
    motion = _Motion(
        tuple(choices.distinct(range(n), n)),
        tuple(choices.nonzero(3, 3) for _ in range(n)),
        tuple(choices.rational() for _ in range(n)),
    )
    kappa = Fraction(1, 2 ** choices.integer(4, 10))
    return Example(table, (motion, kappa), {"motion": str(motion), "kappa": str(kappa)})


def _motion(example: Example) -> None:
    motion, kappa = example.choices
    volume = abs(_product_of(motion.factors))
    _compare(example, _moved_table(example, motion), kappa, kappa, volume)


def _moved_table(example: Example, motion: _Motion) -> dict[str, Any]:
    problem, table = example.problem, example.table
    variables = problem.variables
    places = {name: affine_expression(motion.back(i), variables) for i, name in enumerate(variables)}

    def moved(key: str) -> dict[str, str]:
        return {"expression": text(tree.substituted(parse(table[key]["expression"], variables), places))}

    corners = [list(map(str, v)) for polytope in problem.domain.polytopes for v in polytope.vertices]
    assert problem.response is not None
    response = GeneralizedResponse.of(
        motion.moved(problem.response.affine),
        [(motion.moved(t.halfspace.side), motion.moved(t.jump)) for t in problem.response.terms],
    )
    return {
        **table,
        "domain": {"variables": list(variables), "vertices": [motion.point(v) for v in corners]},
        "density": moved("density"),
        "target": moved("target"),
        "response": response_table(response, variables),
    }


def _with_rescaling(choices: Choices) -> Example:
    table = problem_table(choices, HOMOGENEOUS)
    factor, level = choices.nonzero(3, 3), choices.rational()
    kappa = Fraction(1, 2 ** choices.integer(4, 10))
    notes = {"outputs": f"times {factor} plus {level}", "kappa": str(kappa)}
    return Example(table, (factor, level, kappa), notes)


def _rescaling(example: Example) -> None:
    factor, level, kappa = example.choices
    problem, table = example.problem, example.table
    assert problem.response is not None
    terms = [Term(t.halfspace, t.jump * factor) for t in problem.response.terms]
    response = GeneralizedResponse((problem.response.affine * factor).plus(level), tuple(terms))
    other = {
        **table,
        "target": {"expression": f"({factor})*({table['target']['expression']}) + {level}"},
        "response": response_table(response, problem.variables),
    }
    exponent = Fraction(2) if problem.loss.parameter is None else problem.loss.parameter
    scale = abs(factor) ** int(exponent) if exponent.denominator == 1 else None
    if factor < 0 and problem.response.reduced(problem.domain).has_free_affine_part:
        scale = None  # the construction (free) goes over into the one with all labels turned over: another network
    _compare(example, other, kappa, kappa / abs(factor), scale)


def _compare(
    example: Example, other: dict[str, Any], kappa: Fraction, scaled: Fraction, scale: Fraction | None
) -> None:
    """Require equal verdicts, and gains that agree up to `scale` (None: there is no rational factor)."""
    first = certify(example.problem, kappa=kappa, budget=BUDGET)
    second = certify(Example(other).problem, kappa=scaled, budget=BUDGET)
    require(first.verdict == second.verdict, f"{first.verdict} becomes {second.verdict} ({second.reason})")
    require(first.result.dimension == second.result.dimension, "the dimension changes")
    if first.gain is not None and second.gain is not None and scale is not None:
        low, high = first.gain.lower * scale, first.gain.upper * scale
        words = f"the gain {float(low):.12g} becomes {float(second.gain.lower):.12g}"
        require(low <= second.gain.upper and second.gain.lower <= high, words)


def _product_of(factors: tuple[Fraction, ...]) -> Fraction:
    result = Fraction(1)
    for factor in factors:
        result *= factor
    return result


PROPERTIES = (
    Property(
        "moved-coordinates",
        "Shifting, stretching, reflecting and exchanging coordinates keeps the verdict; the gain grows like the volume",
        _with_motion,
        _motion,
    ),
    Property(
        "rescaled-outputs",
        "Target and response times c plus a constant keep the verdict; the gain grows like the loss",
        _with_rescaling,
        _rescaling,
    ),
)
