"""Signs of expressions on cells, and where an expression is defined: proved, refuted with a point, or left open.

Exact for affine expressions and for polynomials of one variable; by subdivision with balls otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import acb, arb

from proofs.geometry.affine import Affine, Point
from proofs.geometry.polytopes import Cell, Polytope
from verify.expressions import tree
from verify.expressions.algebra import as_affine
from verify.expressions.balls import BallFunction, ball_between, compile_balls, to_fmpq, truth
from verify.expressions.ranges import between, compile_range
from verify.expressions.tree import Call, Condition, Expression, Number, Piecewise, Power
from verify.expressions.univariate import rational_roots, roots_inside, to_polynomial

MAX_CELLS = 400


@dataclass(frozen=True, slots=True)
class Decision:
    """`verdict` is True (proved on the whole cell), False (refuted at `point`) or None (not settled near `point`)."""

    verdict: bool | None
    point: Point | None = None


HOLDS = Decision(True)


def decide(
    gap: Expression,
    relation: str,
    cell: Cell,
    variables: Sequence[str],
    excluded: Sequence[Affine] = (),
    max_cells: int = MAX_CELLS,
) -> Decision:
    """Decide whether `gap relation 0` on a closed cell without the hyperplanes `excluded = 0` along its boundary.

    The relation is one of `> >= < <= !=`; `gap` must be defined on the cell.
    """
    if relation in ("<", "<="):
        return decide(tree.negated(gap), {"<": ">", "<=": ">="}[relation], cell, variables, excluded, max_cells)
    wall = as_affine(gap, variables)
    if wall is not None:
        if cell.sign_of(wall) > 0 and any(_is_excluded(wall, out, cell) for out in excluded):
            return HOLDS  # it vanishes on excluded points at most
        return _decide_affine(wall, relation, cell)
    if len(variables) == 1:
        exact = _decide_polynomial(gap, relation, cell, variables)
        if exact is not None:
            return exact
    if _plain(gap, relation, cell, variables):
        return HOLDS
    if relation == "!=" and not any(_steps(part) for part in tree.walk(gap)):
        return _decide_zero_free(compile_balls(gap, variables), cell, max_cells)
    return _decide_by_subdivision(compile_balls(gap, variables), relation, cell, max_cells)


def _plain(gap: Expression, relation: str, cell: Cell, variables: Sequence[str]) -> bool:
    """Whether one look at the cell's box proves it, with ends of ranges that stay sharp: even powers are >= 0."""
    low, high = compile_range(gap, variables)([between(*ends) for ends in cell.bounds])
    if relation == "!=":
        return bool(low > 0) or bool(high < 0)
    return bool(low > 0) if relation == ">" else bool(low >= 0)


def _steps(node: Expression) -> bool:
    """Whether a node may be discontinuous where it is defined."""
    return isinstance(node, Piecewise) or (
        isinstance(node, Call) and node.name in ("sign", "floor", "ceiling", "Heaviside")
    )


def _decide_zero_free(function: BallFunction, cell: Cell, max_cells: int) -> Decision:
    """Decide `!= 0` for a continuous function: it has no zero iff it keeps one strict sign on the cell."""
    at_centre = function([acb(to_fmpq(x)) for x in cell.centre], False).real
    relation = ">" if at_centre > 0 else "<" if at_centre < 0 else None
    if relation is None:
        return Decision(False if at_centre.is_zero() else None, cell.centre)
    side = function if relation == ">" else _opposite(function)
    decision = _decide_by_subdivision(side, ">", cell, max_cells)
    if decision.verdict is not False or decision.point is None:
        return decision
    inside, outside = cell.centre, decision.point  # between them lies a zero (intermediate value theorem)
    for _ in range(60):
        middle = tuple((p + q) / 2 for p, q in zip(inside, outside, strict=True))
        value = side([acb(to_fmpq(x)) for x in middle], False).real
        inside, outside = (middle, outside) if value > 0 else (inside, middle)
    return Decision(False, outside)


def _opposite(function: BallFunction) -> BallFunction:
    return lambda x, analytic: -function(x, analytic)


def box_of(cell: Cell) -> list[acb]:
    """Return balls that contain the coordinates of all points of a cell."""
    return [acb(ball_between(arb(to_fmpq(low)), arb(to_fmpq(high)))) for low, high in cell.bounds]


def halves(cell: Cell) -> Iterator[Cell]:
    """Yield the two halves of a cell across its longest coordinate direction."""
    _, i, middle = max((high - low, i, (low + high) / 2) for i, (low, high) in enumerate(cell.bounds))
    unit = [Fraction(int(i == j)) for j in range(cell.dimension)]
    for part in cell.split(Affine.of(unit, -middle)):
        if part is not None:
            yield part


def _decide_affine(wall: Affine, relation: str, cell: Cell) -> Decision:
    low = cell.lowest(wall)
    value = wall(low)
    if relation == "!=":
        high = cell.lowest(-wall)
        if value * wall(high) > 0:
            return HOLDS
        if value == wall(high):
            return Decision(False, low)
        weight = value / (value - wall(high))
        return Decision(False, tuple(p + weight * (q - p) for p, q in zip(low, high, strict=True)))
    holds = value > 0 if relation == ">" else value >= 0
    return HOLDS if holds else Decision(False, low)


def _is_excluded(wall: Affine, out: Affine, cell: Cell) -> bool:
    """Whether an affine function `>= 0` on a cell vanishes nowhere on it but (perhaps) where `out` vanishes too."""
    if isinstance(cell, Polytope):
        return all(out(v) == 0 for v in cell.vertices if wall(v) == 0)
    return wall.ratio_to(out) is not None


def _decide_polynomial(gap: Expression, relation: str, cell: Cell, variables: Sequence[str]) -> Decision | None:
    polynomial = to_polynomial(gap, variables[0])
    if polynomial is None:
        return None
    ((low, high),) = cell.bounds
    if polynomial.degree() < 0:
        return HOLDS if relation == ">=" else Decision(False, (low,))
    touching = roots_inside(polynomial, low, high, closed=True)[0]
    steps = polynomial.degree() + 2
    samples = [low + (high - low) * Fraction(k, steps) for k in range(steps + 1)]
    if relation != "!=":
        negative = [x for x in samples if polynomial(to_fmpq(x)) < 0]
        if negative:
            return Decision(False, (negative[0],))
        if not roots_inside(polynomial, low, high, closed=False)[1]:
            if relation == ">=" or not touching:
                return HOLDS
            zeros = [x for x in samples if polynomial(to_fmpq(x)) == 0]
            return Decision(False, (zeros[0] if zeros else _near_root(gap, cell, variables),))
    elif not touching:
        return HOLDS
    return Decision(False, (_near_root(gap, cell, variables),))


def _near_root(gap: Expression, cell: Cell, variables: Sequence[str]) -> Fraction:
    """Return a rational root of a polynomial on an interval, or a rational within 2^-60 of its width of a root."""
    polynomial = to_polynomial(gap, variables[0])
    assert polynomial is not None
    ((low, high),) = cell.bounds
    exact = [root for root in rational_roots(polynomial) if low <= root <= high]
    if exact:
        return min(exact)
    for _ in range(60):
        middle = (low + high) / 2
        if roots_inside(polynomial, low, middle, closed=True)[0]:
            high = middle
        else:
            low = middle
    return (low + high) / 2


def _decide_by_subdivision(function: BallFunction, relation: str, cell: Cell, max_cells: int) -> Decision:
    for corner in cell.vertices if isinstance(cell, Polytope) else ():
        if _refuted(function, relation, corner):
            return Decision(False, corner)
    queue = [cell]
    seen = 0
    while queue:
        part = queue.pop(0)
        seen += 1
        if _proved(function(box_of(part), False).real, relation):
            continue
        if _refuted(function, relation, part.centre):
            return Decision(False, part.centre)
        if seen + len(queue) >= max_cells:
            return Decision(None, part.centre)
        queue.extend(halves(part))
    return HOLDS


def _refuted(function: BallFunction, relation: str, point: Point) -> bool:
    value = function([acb(to_fmpq(x)) for x in point], False).real
    if relation == "!=":
        return bool(value.is_zero())
    return value.is_finite() and truth(value, relation) is False


def _proved(value: arb, relation: str) -> bool:
    if not value.is_finite():
        return False
    if relation == "!=":
        return bool(value > 0) or bool(value < 0)
    return bool(value > 0) if relation == ">" else bool(value >= 0)


def demands(node: Expression) -> Iterator[tuple[Expression, str, str]]:
    """Yield what a node asks of its arguments in order to be defined: (gap, relation to 0, words)."""
    match node:
        case Power(base, Number(exponent)):
            if exponent.denominator == 1:
                if exponent < 0:
                    yield base, "!=", "a division by zero"
            else:
                yield base, ">=" if exponent > 0 else ">", "a negative base (or 0) under a fractional power"
        case Power(base, _):
            yield base, ">", "a base that is not positive under a variable power"
        case Call("log", (part,)):
            yield part, ">", "the logarithm of a number that is not positive"
        case Call("sqrt", (part,)):
            yield part, ">=", "the square root of a negative number"
        case Call("asin" | "acos" as name, (part,)):
            yield tree.difference(part, tree.MINUS_ONE), ">=", f"{name} outside [-1, 1]"
            yield tree.difference(tree.ONE, part), ">=", f"{name} outside [-1, 1]"
        case Call("tan", (part,)):
            yield Call("cos", (part,)), "!=", "a pole of tan"


@dataclass(frozen=True, slots=True)
class Undefined:
    """Where and why an expression is undefined, or (`certain` False) could not be shown to be defined."""

    point: Point
    reason: str
    certain: bool


@dataclass(frozen=True, slots=True)
class _Region:
    """A closed cell without the hyperplanes `excluded = 0` along its boundary."""

    cell: Cell
    excluded: tuple[Affine, ...] = ()


def first_undefined(node: Expression, cell: Cell, variables: Sequence[str]) -> Undefined | None:
    """Return None if an expression is defined on a whole closed cell, otherwise a point of trouble.

    Branches of `Piecewise` are asked only where they can be chosen.
    """
    return _first_undefined(node, [_Region(cell)], variables)


def _worse(first: Undefined | None, second: Undefined | None) -> Undefined | None:
    return second if first is None or (second is not None and second.certain and not first.certain) else first


def _first_undefined(node: Expression, regions: list[_Region], variables: Sequence[str]) -> Undefined | None:
    trouble: Undefined | None = None
    if isinstance(node, Piecewise):
        return _first_undefined_branch(node, regions, variables)
    for child in tree.children(node):
        trouble = _worse(trouble, _first_undefined(child, regions, variables))
    if trouble is not None:
        return trouble
    for gap, relation, words in demands(node):
        for region in regions:
            decision = decide(gap, relation, region.cell, variables, region.excluded)
            if decision.verdict is not True:
                assert decision.point is not None
                certain = decision.verdict is False and all(out(decision.point) != 0 for out in region.excluded)
                trouble = _worse(trouble, Undefined(decision.point, words, certain))
    return trouble


def _first_undefined_branch(node: Piecewise, regions: list[_Region], variables: Sequence[str]) -> Undefined | None:
    trouble: Undefined | None = None
    for value, condition in node.branches:
        if condition is None:
            return _worse(trouble, _first_undefined(value, regions, variables))
        for side in (condition.left, condition.right):
            trouble = _worse(trouble, _first_undefined(side, regions, variables))
        chosen, regions, sharp = _where(condition, regions, variables)
        branch = _first_undefined(value, chosen, variables)
        if branch is not None and not sharp:
            branch = Undefined(branch.point, branch.reason, False)
        trouble = _worse(trouble, branch)
        if not sharp and trouble is not None:
            trouble = Undefined(trouble.point, trouble.reason, False)
        if not regions:
            break
    return trouble


def _where(
    condition: Condition, regions: list[_Region], variables: Sequence[str]
) -> tuple[list[_Region], list[_Region], bool]:
    """Return regions that cover where a condition holds, where it does not, and whether both are exact."""
    wall = as_affine(tree.difference(condition.left, condition.right), variables)
    if wall is None:
        return regions, regions, False
    if wall.is_constant:
        verdict = truth(arb(to_fmpq(wall.constant)), condition.relation)
        return (regions, [], True) if verdict else ([], regions, True)
    if condition.relation in ("<", "<="):
        wall = -wall
    strict = condition.relation in ("<", ">")
    yes: list[_Region] = []
    no: list[_Region] = []
    for region in regions:
        below, above = region.cell.split(wall)
        if above is not None:
            yes.append(_Region(above, (*region.excluded, wall) if strict else region.excluded))
        if below is not None:
            no.append(_Region(below, region.excluded if strict else (*region.excluded, wall)))
    return yes, no, True
