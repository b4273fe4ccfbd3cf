"""Points where an expression is undefined: removable, or certainly discontinuous, or open.

Undefined on an open set refutes. A division that cancels is removable. On the line, one-sided limits are found by the
orders of the zeros of numerator and denominator (all derivatives exact), and `(x - p)^a log|x - p| -> 0` for a > 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, pairwise
from typing import Any

from proofs.geometry.affine import Affine, Point
from proofs.geometry.polytopes import Polytope
from verify.conditions.dense import nowhere_flat
from verify.conditions.jumps import Carries, constant_text
from verify.conditions.limits import INFINITE, one_sided_limit
from verify.conditions.places import bracket_text, point_text
from verify.conditions.switches import has_steps
from verify.expressions import tree
from verify.expressions.analytic import is_analytic
from verify.expressions.demands import demands
from verify.expressions.derivative import NoDerivativeError, derivative
from verify.expressions.factors import factors_of
from verify.expressions.normal import NoFormError, form, identically_zero
from verify.expressions.points import UndefinedError, at_point, sign_of_constant
from verify.expressions.printing import text
from verify.expressions.tree import Expression, Number
from verify.integration import Deadline
from verify.signs.decide import Outcome, Signs
from verify.signs.regions import Region, as_mapping, sign_at_point

MAX_ORDER = 4
MAX_RAYS = 12
_RAY = "t"
_TINY = Fraction(1, 2**100)


@dataclass(frozen=True)
class Extension:
    """The continuous extension: `value` equals the expression where that is defined; limits at isolated points."""

    value: Expression
    limits: tuple[tuple[Point, Expression], ...]
    words: str

    def at(self, point: Point, variables: Sequence[str]) -> Expression | None:
        """Return the extension's value at a point, None if it is not found."""
        for place, limit in self.limits:
            if place == point:
                return limit
        try:
            return at_point(self.value, as_mapping(point, variables))
        except UndefinedError:
            return None


@dataclass(frozen=True)
class Obstacle:
    """What is known about an undefined place: removable (True, with the extension), a fault (False), open (None)."""

    verdict: bool | None
    reason: str
    extension: Extension | None = None
    witness: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Demand:
    """What `part` asks of its argument, `gap relation 0`, and how far that was decided on a region."""

    part: Expression
    gap: Expression
    relation: str
    words: str
    outcome: Outcome


def examine(
    node: Expression,
    unmet: Sequence[Demand],
    region: Region,
    variables: tuple[str, ...],
    deadline: Deadline,
    carries: Carries,
) -> Obstacle:
    """Examine an expression where some of its demands fail on a region, or may fail; `unmet` are all of these."""
    signs = Signs(region, variables, deadline)
    for demand in unmet:
        place = _violated(demand, region, variables)
        if place is not None and carries([place]):
            witness = {"point": [str(x) for x in place], "expression": text(demand.part), "undefined": demand.words}
            reason = f"{demand.words} in {text(demand.part)} at {point_text(place)} and near it"
            return Obstacle(False, reason, None, witness)
    doubts = [doubt for demand in unmet if (doubt := _not_isolated(demand, signs)) is not None]
    cancelled = None if doubts else _cancelled(node, signs)
    if cancelled is not None:
        where = f"{text(node)} = {text(cancelled)} wherever it is defined"
        return Obstacle(True, where, Extension(cancelled, (), where))
    for demand in unmet:
        for fault in (
            _pole(node, demand, region, variables, carries),
            _along_rays(node, demand.outcome, region, variables, deadline, carries),
        ):
            if fault is not None:
                return fault
    if doubts:
        return Obstacle(None, doubts[0])
    if len(variables) == 1:
        return _on_line(node, unmet, region, variables, deadline, carries)
    return Obstacle(None, f"the limit where {text(unmet[0].gap)} = 0 was not found")


def _not_isolated(demand: Demand, signs: Signs) -> str | None:
    """Return a doubt if a demand was not shown to be met on a dense subset of a region (as its gap is != 0 there)."""
    gap = _bare(demand.gap)
    if not (is_analytic(gap) and nowhere_flat(gap, signs)):
        return f"where {text(demand.gap)} {demand.relation} 0 fails is not plain"
    if demand.relation != "!=" and signs.decide(demand.gap, ">=").verdict is not True:
        return f"{text(demand.gap)} >= 0 was not proved"
    return None


def _bare(gap: Expression) -> Expression:
    """Return a plainer expression with the same zeros."""
    match gap:
        case tree.Call("Abs" | "sqrt" | "sinh" | "tanh" | "atan" | "asin" | "erf", (part,)):
            return _bare(part)
        case tree.Power(base, Number(exponent)) if exponent > 0:
            return _bare(base)
        case _:
            return gap


def _violated(demand: Demand, region: Region, variables: Sequence[str]) -> Point | None:
    """Return a point of a region near which the expression is undefined throughout."""
    if demand.relation == "!=":
        return next(region.samples(variables), None) if identically_zero(demand.gap) else None
    known = [] if demand.outcome.point is None else [demand.outcome.point]
    places = (*region.samples(variables, 16), *(p for p in known if region.contains(p, variables)))
    return next((p for p in places if sign_at_point(demand.gap, p, variables) == -1), None)


def _cancelled(node: Expression, signs: Signs) -> Expression | None:
    """Return the normal form of an expression if it is defined on the whole region."""
    try:
        value = form(node).expression
    except NoFormError:
        return None
    if value == node:
        return None
    for part in tree.walk(value):
        for gap, relation, _ in demands(part):
            if signs.decide(gap, relation).verdict is not True:
                return None
    return value


def _pole(
    node: Expression,
    demand: Demand,
    region: Region,
    variables: tuple[str, ...],
    carries: Carries,
) -> Obstacle | None:
    """Refute by unboundedness: the denominator has a zero in D where the numerator is not 0."""
    try:
        settled = form(node)
    except NoFormError:
        return None
    quotient = over, under = settled.quotient
    if any(has_steps(e) for e in quotient):
        return None
    point, bracket, shown = demand.outcome.point, demand.outcome.bracket, text(demand.part)
    witness: dict[str, Any] = {"expression": shown, "values": "unbounded"}
    if point is not None and carries([point]):
        at = [sign_at_point(e, point, variables) for e in quotient]
        if at[1] == 0 and at[0] in (1, -1) and not identically_zero(under):
            where: dict[str, Any] = {"point": [str(x) for x in point]}
            return Obstacle(False, f"{shown} is unbounded near {point_text(point)}", None, {**where, **witness})
    if bracket is not None and carries(list(bracket)) and all(is_analytic(e) for e in quotient):
        low, high = bracket
        around = Region(Polytope.box([(min(p) - _TINY, max(p) + _TINY) for p in zip(low, high, strict=True)]))
        signs = Signs(around, variables, Deadline(None))
        ends = [sign_at_point(under, p, variables) for p in (low, high)]
        smooth = all(
            signs.decide(g, r, 8).verdict is True for e in quotient for p in tree.walk(e) for g, r, _ in demands(p)
        )
        if smooth and ends in ([-1, 1], [1, -1]) and signs.sign(over) in ((1, 1), (-1, -1)):
            where = {"point": bracket_text(low, high)}
            return Obstacle(
                False, f"{shown} is unbounded near a zero of {text(demand.gap)}", None, {**where, **witness}
            )
    return None


def _along_rays(
    node: Expression,
    outcome: Outcome,
    region: Region,
    variables: tuple[str, ...],
    deadline: Deadline,
    carries: Carries,
) -> Obstacle | None:
    """Refute by two rays into the region with different limits at an undefined point, or by one without a limit."""
    p = outcome.point
    if p is None or len(variables) == 1 or not carries([p]) or not region.is_convex:
        return None
    first: tuple[Point, Expression] | None = None
    for inner in islice(region.samples(variables, 4), MAX_RAYS):
        step = [a - b for a, b in zip(inner, p, strict=True)]
        if not any(step):
            continue
        line = {
            name: tree.Sum((Number(x), tree.Product((Number(s), tree.Variable(_RAY)))))
            for name, x, s in zip(variables, p, step, strict=True)
        }
        along = tree.folded(tree.substituted(node, line))
        limit = one_sided_limit(along, _RAY, Fraction(0), 1, Region(Polytope.box([(0, 1)])), deadline)
        if limit is None:
            continue
        where = {"point": [str(x) for x in p], "expression": text(node)}
        if limit is INFINITE:
            reason = f"{text(node)} is unbounded near {point_text(p)}, on the way to {point_text(inner)}"
            return Obstacle(False, reason, None, {**where, "values": "unbounded"})
        if first is None:
            first = inner, limit
        elif sign_of_constant(tree.folded(tree.difference(limit, first[1]))):
            values = {f"towards {point_text(q)}": constant_text(v) for q, v in (first, (inner, limit))}
            reason = f"different limits at {point_text(p)} along two rays: {' and '.join(values.values())}"
            return Obstacle(False, reason, None, {**where, "values": values})
    return None


def _on_line(
    node: Expression,
    unmet: Sequence[Demand],
    region: Region,
    variables: tuple[str, ...],
    deadline: Deadline,
    carries: Carries,
) -> Obstacle:
    """Decide by one-sided limits at the zeros of the gaps, if these are found to be finitely many rational points."""
    name = variables[0]
    places: set[Fraction] = set()
    for gap in dict.fromkeys(_bare(demand.gap) for demand in unmet):
        found_here = sorted(set(_zeros(gap, region, name)))
        if not found_here or not _no_other_zero(gap, found_here, region, variables, deadline):
            return Obstacle(None, f"not every zero of {text(gap)} was found exactly")
        places.update(found_here)
    limits: list[tuple[Point, Expression]] = []
    lower, upper = region.box[0]
    for p in sorted(places):
        found: dict[int, Expression] = {}
        for side in (-1, 1):
            if (side < 0 and p == lower) or (side > 0 and p == upper):
                continue
            limit = one_sided_limit(node, name, p, side, region, deadline)
            if limit is None:
                return Obstacle(None, f"the limit at {name} = {p} was not found")
            if limit is INFINITE:
                if not carries([(p,)]):
                    return Obstacle(None, f"unbounded near {name} = {p}, which was not shown to belong to D")
                place = {"point": [str(p)], "expression": text(node), "values": "unbounded"}
                return Obstacle(False, f"{text(node)} is unbounded near {name} = {p}", None, place)
            found[side] = limit
        if len(found) == 2:
            sign = sign_of_constant(tree.folded(tree.difference(found[-1], found[1])))
            if sign is None:
                return Obstacle(None, f"whether the two limits at {name} = {p} agree was not settled")
            if sign and carries([(p,)]):
                values = {"below": constant_text(found[-1]), "above": constant_text(found[1])}
                reason = f"the limits at {name} = {p} are {values['below']} and {values['above']}"
                return Obstacle(False, reason, None, {"point": [str(p)], "values": values})
            if sign:
                return Obstacle(None, f"two different limits at {name} = {p}, which was not shown to belong to D")
        limits.append(((p,), next(iter(found.values()))))
    shown = ", ".join(f"{constant_text(value)} at {name} = {p[0]}" for p, value in limits)
    return Obstacle(True, "", Extension(node, tuple(limits), f"{text(node)} has the limit {shown}"))


def _zeros(gap: Expression, region: Region, name: str) -> Iterator[Fraction]:
    """Yield rational points of an interval where a gap is exactly 0."""
    lower, upper = region.box[0]
    candidates = [lower, upper, (lower + upper) / 2, Fraction(0)]
    for part in tree.walk(gap):
        found = factors_of(part, (name,))
        for factor in found.factors if found else ():
            flat = factor.affine(1)
            if flat is not None:
                candidates.append(-flat.constant / flat.gradient[0])
    for x in candidates:
        if lower <= x <= upper and sign_at_point(gap, (x,), (name,)) == 0:
            yield x


def _no_other_zero(
    gap: Expression,
    places: Sequence[Fraction],
    region: Region,
    variables: tuple[str, ...],
    deadline: Deadline,
) -> bool:
    """Whether the gap is != 0 on the whole interval but for the given points.

    Around each point some derivative is != 0 whose predecessors vanish there: by Taylor's
    formula no other zero is near.
    """
    lower, upper = region.box[0]
    distances = [b - a for a, b in pairwise(places)]
    radius = min([upper - lower, *distances]) / 4
    for _ in range(30):
        if all(_isolated(gap, p, radius, region, variables, deadline) for p in places):
            break
        radius /= 2
    else:
        return False
    rest: list[Region | None] = [region]
    for p in places:
        left = [r.split(Affine.of([1], radius - p))[0] for r in rest if r is not None]
        right = [r.split(Affine.of([1], -radius - p))[1] for r in rest if r is not None]
        rest = [*left, *right]
    return all(Signs(r, variables, deadline).decide(gap, "!=").verdict is True for r in rest if r is not None)


def _isolated(
    gap: Expression, p: Fraction, radius: Fraction, region: Region, variables: tuple[str, ...], deadline: Deadline
) -> bool:
    near: Region | None = region
    for wall in (Affine.of([1], radius - p), Affine.of([-1], radius + p)):
        near = None if near is None else near.split(wall)[1]
    if near is None:
        return False
    node = gap
    try:
        for _ in range(MAX_ORDER):
            if sign_at_point(node, (p,), variables) != 0:
                return False
            node = derivative(node, variables[0])
            if Signs(near, variables, deadline).decide(node, "!=", 60).verdict is True:
                return True
    except NoDerivativeError:
        return False
    return False
