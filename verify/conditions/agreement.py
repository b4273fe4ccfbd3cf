"""Do two expressions agree where a third one is 0?

Proved by solving for a variable and comparing normal forms, or by divisibility: a difference that is a multiple of the
gap, or of each of its factors that vanish somewhere in the region, is 0 with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from verify.expressions import tree
from verify.expressions.factors import factors_of
from verify.expressions.normal import Form, NoFormError, as_expression, form, forms, identically_zero
from verify.expressions.tree import Expression, Number, Piecewise, Variable
from verify.expressions.univariate import to_fraction
from verify.integration import Deadline
from verify.signs.decide import Signs
from verify.signs.regions import Region

FEW_BOXES = 200
MAX_BRANCHINGS = 6


def agree(
    first: Expression,
    second: Expression,
    gap: Expression,
    region: Region,
    variables: tuple[str, ...],
    deadline: Deadline,
) -> bool:
    """Whether two expressions are shown to agree on `{gap = 0}` in a region, wherever both are defined there."""
    difference = tree.folded(tree.difference(first, second))
    if identically_zero(difference):
        return True
    section = region.with_constraint(gap, variables).with_constraint(tree.negated(gap), variables)
    signs = Signs(section, variables, deadline)
    solution = solved(gap, variables)
    if solution is not None:
        name, value = solution
        on_it = tree.substituted(difference, {name: value})
        if _vanishes(on_it, identically_zero, signs, MAX_BRANCHINGS):
            return True
        pinned = [q for c in region.constraints for q in _pinned(tree.substituted(c, {name: value}), variables)]
        if any(divides(q, on_it) for q in pinned):
            return True
    found = factors_of(gap, variables)
    if found is None:
        return _vanishes(difference, lambda node: divides(gap, node), signs, MAX_BRANCHINGS)
    whole = Signs(region, variables, deadline)
    active = [f.expression for f in found.factors if whole.decide(f.expression, "!=", FEW_BOXES).verdict is not True]
    return _vanishes(difference, lambda node: all(divides(f, node) for f in active), signs, MAX_BRANCHINGS)


def _pinned(constraint: Expression, variables: tuple[str, ...]) -> list[Expression]:
    """Return what is 0 where a constraint that is minus the square of an irreducible polynomial is >= 0."""
    found = factors_of(tree.folded(constraint), variables)
    if found is None or found.scale >= 0 or len(found.factors) != 1 or found.factors[0].multiplicity % 2:
        return []
    return [found.factors[0].expression]


def divides(divisor: Expression, node: Expression) -> bool:
    """Whether an expression is a multiple of another one, as polynomials in variables and functions of them."""
    try:
        over, under = forms([node, divisor])
    except NoFormError:
        return False
    if under.numerator.is_zero():
        return False
    return bool(divmod(over.numerator, under.numerator)[1].is_zero())


def solved(gap: Expression, variables: Sequence[str]) -> tuple[str, Expression] | None:
    """Return a variable and its value on `{gap = 0}`, if the gap is linear in it with a rational coefficient."""
    try:
        settled = form(gap)
    except NoFormError:
        return None
    for index, generator in enumerate(settled.generators):
        if isinstance(generator, Variable) and generator.name in variables:
            value = _solution(settled, index, generator.name)
            if value is not None:
                return generator.name, value
    return None


def _solution(settled: Form, index: int, name: str) -> Expression | None:
    polynomial = settled.numerator
    if not settled.denominator.is_constant() or int(polynomial.degrees()[index]) != 1:
        return None
    for place, generator in enumerate(settled.generators):
        if place != index and name in tree.variables_of(generator):
            return None
    slope = polynomial.derivative(index)
    if not slope.is_constant():
        return None
    rest = polynomial - slope * polynomial.context().gens()[index]
    factor = -1 / to_fraction(slope.leading_coefficient())
    return tree.folded(tree.Product((Number(factor), as_expression(rest, settled.generators))))


def _vanishes(node: Expression, test: Callable[[Expression], bool], signs: Signs, branchings: int) -> bool:
    """Whether an expression passes a test of vanishing, whichever branches of Piecewise are taken on a section."""
    if test(node):
        return True
    switch = next((part for part in tree.walk(node) if isinstance(part, Piecewise)), None)
    if switch is None or not branchings:
        return False
    for value, condition in switch.branches:
        verdict: bool | None = True
        if condition is not None:
            gap = tree.difference(condition.left, condition.right)
            verdict = signs.decide(gap, condition.relation, FEW_BOXES).verdict
        if verdict is False and condition is not None:
            opposite = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}[condition.relation]
            if signs.decide(gap, opposite, FEW_BOXES).verdict is True:
                continue
        if not _vanishes(tree.folded(tree.replaced(node, switch, value)), test, signs, branchings - 1):
            return False
        if verdict is True:
            break
    return True
