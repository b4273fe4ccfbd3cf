"""Switches with their two sides: sign, Heaviside, Piecewise, Max, Min, and Abs where it is asked for.

A switch has one value where its gap is > 0, one where it is < 0, and a third where it is 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from verify.expressions import tree
from verify.expressions.normal import up_to_scale
from verify.expressions.points import bounds
from verify.expressions.printing import text
from verify.expressions.ranges import Range
from verify.expressions.tree import Call, Condition, Expression, Number, Piecewise
from verify.signs.decide import Signs

MAX_LEVELS = 64
_STEPS = ("sign", "Heaviside", "floor", "ceiling")


@dataclass(frozen=True)
class Switch:
    """The first decision of a node: its values where `gap` is > 0, = 0 and < 0 (each may hold further decisions)."""

    node: Expression
    gap: Expression
    above: Expression
    at_zero: Expression
    below: Expression


def as_switch(node: Expression, *, with_absolute_values: bool = False) -> Switch | None:
    """Return the first decision that a node makes, None if it makes none (floor and ceiling are not read)."""
    match node:
        case Call("Heaviside", (gap,)):
            return Switch(node, gap, tree.ONE, Number(Fraction(1, 2)), tree.ZERO)
        case Call("sign", (gap,)):
            return Switch(node, gap, tree.ONE, tree.ZERO, tree.MINUS_ONE)
        case Call("Abs", (gap,)) if with_absolute_values:
            return Switch(node, gap, gap, tree.ZERO, tree.negated(gap))
        case Call("Max" | "Min" as name, (first, *others)):
            rest = others[0] if len(others) == 1 else Call(name, tuple(others))
            gap = tree.difference(first, rest)
            return Switch(node, gap, first, first, rest) if name == "Max" else Switch(node, gap, rest, first, first)
        case Piecewise(((value, Condition(left, relation, right)), *others)):
            branches = tuple(others)
            rest = branches[0][0] if branches[0][1] is None else Piecewise(branches)
            gap = tree.difference(left, right)
            above, below = (value, rest) if relation in (">", ">=") else (rest, value)
            return Switch(node, gap, above, value if relation in ("<=", ">=") else rest, below)
        case _:
            return None


def has_steps(node: Expression) -> bool:
    """Whether an expression has a switch at which it may jump."""
    return any(isinstance(p, Piecewise) or (isinstance(p, Call) and p.name in _STEPS) for p in tree.walk(node))


def first_switch(node: Expression) -> Switch | str | None:
    """Return the first discontinuous switch whose gap has none itself, None if there is none."""
    for part in tree.walk(node):
        if isinstance(part, Call) and part.name in ("floor", "ceiling"):
            return f"too many steps of {text(part)}"
        if isinstance(part, Piecewise) or (isinstance(part, Call) and part.name in ("sign", "Heaviside")):
            switch = as_switch(part)
            if switch is not None and first_switch(switch.gap) is None:
                return switch
            if switch is not None:
                return first_switch(switch.gap)
    return None


def inner_kink(node: Expression) -> Switch | None:
    """Return an `Abs`, `Max` or `Min` whose gap has none itself, None if there is none."""
    kinks = [k for part in tree.walk(node) if (k := as_switch(part, with_absolute_values=True)) is not None]
    return min(kinks, key=lambda k: sum(1 for _ in tree.walk(k.gap)), default=None)


def settled_at(node: Expression, gap: Expression, side: int) -> Expression:
    """Return the expression where a gap is > 0, 0 or < 0 (`side` 1, 0, -1), all switches at multiples of it settled."""
    above, below = up_to_scale(gap), up_to_scale(tree.negated(gap))
    while True:
        for part in tree.walk(node):
            switch = as_switch(part) if has_steps(part) else None
            if switch is None or (isinstance(part, Call) and part.name in ("Max", "Min")):
                continue
            unit = up_to_scale(switch.gap)
            if unit in (above, below):
                there = side if unit == above else -side
                value = switch.above if there > 0 else switch.below if there < 0 else switch.at_zero
                node = tree.folded(tree.replaced(node, part, value))
                break
        else:
            return node


def without_steps(node: Expression, signs: Signs) -> Expression:
    """Return the expression with floor and ceiling written as Piecewise over the steps that occur on a region."""
    for part in tree.walk(node):
        if isinstance(part, Call) and part.name in ("floor", "ceiling"):
            levels = steps_of(part, signs.range(part.arguments[0]))
            if levels is not None:
                return without_steps(tree.folded(tree.replaced(node, part, levels)), signs)
    return node


def steps_of(node: Call, values: Range) -> Expression | None:
    """Return floor or ceiling as Piecewise, for an argument between the ends of a range; None if there are too many."""
    ends = bounds(values)
    if ends is None:
        return None
    low, high = floor(ends[0]), ceil(ends[1])
    if high - low > MAX_LEVELS:
        return None
    argument = node.arguments[0]
    branches: list[tuple[Expression, Condition | None]] = []
    if node.name == "floor":  # k on [k, k + 1)
        for k in range(low, high):
            branches.append((Number(Fraction(k)), Condition(argument, "<", Number(Fraction(k + 1)))))
        branches.append((Number(Fraction(high)), None))
    else:  # k on (k - 1, k]
        for k in range(low, high):
            branches.append((Number(Fraction(k)), Condition(argument, "<=", Number(Fraction(k)))))
        branches.append((Number(Fraction(high)), None))
    return Piecewise(tuple(branches)) if len(branches) > 1 else branches[0][0]
