"""The hyperplane condition (H2) on the line.

A hyperplane is a point. MATHEMATICS.md, section 1: (a) asks that every point strictly between the ends of D belongs to
P, that is, h > 0 there and D has no gap; (b) then holds by itself, for a point of P is no boundary point of D.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from verify.conditions.places import Place, decimals, interval_text, simplest_between
from verify.conditions.roots import Root, factors_for_zeros, zeros
from verify.conditions.support import Part, Support
from verify.conditions.verdicts import Finding
from verify.expressions import tree
from verify.expressions.factors import factors_of, quadratic_matrix
from verify.expressions.normal import monic
from verify.expressions.printing import text
from verify.expressions.tree import Expression, Number
from verify.integration import Deadline
from verify.signs.regions import sign_at_point

ID = "hyperplane"
SILENT = "the theorem is silent here, its conclusion is not refuted: a ramp may still fit in and win (section 5)"


@dataclass(frozen=True)
class _Stretch:
    """An open interval of P between two zeros or ends; each end is a bracket of one point."""

    left: Root
    right: Root
    part: Part


def on_line(support: Support, density: Expression, deadline: Deadline) -> Finding:
    """Return the verdict on (H2) in one dimension."""
    name = support.variables[0]
    stretches: list[_Stretch] = []
    steps: list[str] = []
    for part in support.parts:
        found = _stretches(part, name, deadline)
        if found is None:
            return Finding(
                ID,
                "undecided",
                f"the zeros of the density {text(part.density)} on D were not all found",
                steps=(*steps, "an expression of the density whose zeros are plain would settle it"),
            )
        stretches += found
        steps += [
            f"h = {text(s.part.density)} > 0 on the open interval {_shown(s.left)} to {_shown(s.right)}" for s in found
        ]
    stretches.sort(key=lambda s: (s.left.lower, s.right.upper))
    if not stretches:
        return Finding(ID, "undecided", "no interval with positive density was found", steps=tuple(steps))
    doubts: list[str] = []
    reach = stretches[0]
    for following in stretches[1:]:
        met = _meeting(reach, following, density, name)
        if isinstance(met, Finding):
            return Finding(ID, met.verdict, met.reason, met.witness, (*steps, *met.steps), met.proof)
        if met is not None:
            doubts.append(met)
        if following.right.upper > reach.right.upper:
            reach = following
    if doubts:
        return Finding(ID, "undecided", doubts[0], steps=tuple(steps))
    ends = f"{_shown(stretches[0].left)} and {_shown(reach.right)}"
    steps.append(f"every point strictly between {ends} belongs to P, so P is an open interval: it is convex")
    steps.append("in one dimension (b) follows from (a): a point of P is no boundary point of D")
    return Finding(
        ID, "holds", "P is an open interval, so every point inside conv(D) belongs to it", steps=tuple(steps)
    )


def _stretches(part: Part, name: str, deadline: Deadline) -> list[_Stretch] | None:
    """Return the open intervals of a part where all constraints and the density are > 0."""
    lower, upper = part.region.box[0]
    everything = tree.product_of([part.density, *part.region.constraints])
    breaks = zeros(everything, lower, upper, name, deadline)
    if breaks is None:
        return None
    ends = [Root(x, x, tree.difference(tree.Variable(name), Number(x))) for x in (lower, upper)]
    inner = [r for r in breaks if r.lower > lower and r.upper < upper]
    if len(inner) + sum(r.is_exact and r.lower in (lower, upper) for r in breaks) != len(breaks):
        return None
    places = [ends[0], *inner, ends[1]]
    found = []
    for left, right in pairwise(places):
        middle = ((left.upper + right.lower) / 2,)
        if not left.upper < right.lower:
            return None
        if not part.region.satisfies(middle, (name,), strictly=True):
            continue
        if sign_at_point(part.density, middle, (name,)) != 1:
            return None
        found.append(_Stretch(left, right, part))
    return found


def _meeting(first: _Stretch, second: _Stretch, density: Expression, name: str) -> Finding | str | None:
    """Return a failure between two consecutive intervals of P, a doubt, or None if they overlap or join."""
    if second.left.upper < first.right.lower:
        return None
    if first.right.upper < second.left.lower:
        middle = simplest_between(first.right.upper, second.left.lower)
        witness = {
            "hyperplane": text(tree.folded(tree.difference(tree.Variable(name), Number(middle)))),
            "part": "a",
            "point": [str(middle)],
            "values": {"gap": [_end(first.right), _end(second.left)]},
        }
        reason = (
            f"D has a gap between {_shown(first.right)} and {_shown(second.left)}: the point {name} = {middle} misses P"
        )
        return Finding(ID, "fails", reason, witness, (reason, SILENT), {"rule": "gap"})
    same = first.right
    if (same.lower, same.upper) != (second.left.lower, second.left.upper):
        return "whether two intervals of P meet was not settled"
    if same.is_exact:
        sign = sign_at_point(density, (same.lower,), (name,))
        limits = [sign_at_point(s.part.density, (same.lower,), (name,)) for s in (first, second)]
        if sign == 1 and limits == [1, 1]:
            return None
        if sign == 1:
            return f"the density is > 0 at {name} = {same.lower} by its value there, but not by its limits"
        if sign is None:
            return f"the sign of the density at {name} = {same.lower} was not settled"
        if limits != [0, 0]:
            return f"the density is 0 at {name} = {same.lower} by its value there, but not by its limit"
    elif first.part is not second.part or not _is_zero_of(first.part.density, same):
        return "whether two intervals of P join at an irrational point was not settled"
    expression = hyperplane_text(same, name)
    place = {"hyperplane": expression, "part": "a", "point": [_end(same)], "values": {"density": "0"}}
    reason = f"the density is 0 at the interior point {_shown(same)}: the hyperplane {expression} = 0 misses P"
    return Finding(ID, "fails", reason, place, (reason, SILENT), {"rule": "zero"})


def _is_zero_of(density: Expression, root: Root) -> bool:
    """Whether a zero between two intervals of one part is one of the density (not of a constraint)."""
    return any(part == root.node for part in _zero_sources(density))


def _zero_sources(density: Expression) -> Iterator[Expression]:
    for factor in map(monic, factors_for_zeros(density)):
        yield factor
        found = factors_of(factor, tuple(sorted(tree.variables_of(factor))))
        for part in found.factors if found else ():
            yield part.expression


def hyperplane_text(root: Root, name: str) -> str:
    """Return an expression that is 0 at a root: `x - q`, `x - (p + sqrt(d))/q`, or the factor it is a zero of."""
    if root.is_exact:
        return text(tree.folded(tree.difference(tree.Variable(name), Number(root.lower))))
    found = factors_of(root.node, (name,))
    matrix = quadratic_matrix(found.factors[0].polynomial, 1) if found and len(found.factors) == 1 else None
    if matrix is None:
        return text(root.node)
    (a, b), c = matrix[0], matrix[1][1]
    middle, square = -b / a, (b * b - a * c) / (a * a)
    sign = "-" if root.lower > middle else "+"
    shift = f" - {middle}" if middle > 0 else f" + {-middle}" if middle < 0 else ""
    return f"{name}{shift} {sign} sqrt({square})"


def _end(root: Root) -> Place:
    return interval_text(root.lower, root.upper)


def _shown(root: Root) -> str:
    return decimals(root.lower, root.upper)
