"""Switches: the functions that change their formula where a subexpression, their gap, changes its sign.

`Abs`, `sign`, `Heaviside`, `Max`, `Min` and `Piecewise` are settled by the signs of their gaps, `floor`, `ceiling` by
the whole number below their argument. Where these are known the switch goes away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from verify.expressions import tree
from verify.expressions.tree import Call, Condition, Expression, Number, Piecewise

BY_SIGN = frozenset({"Abs", "sign", "Heaviside"})
STEPS = frozenset({"floor", "ceiling"})
SWITCHES = BY_SIGN | STEPS | {"Max", "Min"}


def is_switch(node: Expression) -> bool:
    """Whether the formula may change at this node, its subexpressions left aside."""
    return isinstance(node, Piecewise) or (isinstance(node, Call) and node.name in SWITCHES)


def has_switches(node: Expression) -> bool:
    """Whether there is a switch in an expression."""
    return any(map(is_switch, tree.walk(node)))


def gaps(node: Expression) -> Iterator[Expression]:
    """Yield the expressions whose signs decide a switch; none for `floor` and `ceiling`."""
    match node:
        case Piecewise(branches):
            for _, condition in branches:
                if condition is not None:
                    yield tree.difference(condition.left, condition.right)
        case Call("Max" | "Min", parts):
            for i, first in enumerate(parts):
                for second in parts[i + 1 :]:
                    yield tree.difference(first, second)
        case Call(name, (part,)) if name in BY_SIGN:
            yield part


def settled(
    node: Expression,
    sign: Callable[[Expression], int | None],
    step: Callable[[str, Expression], int | None] = lambda name, argument: None,
) -> Expression:
    """Return an expression without the switches that are known, inner ones first.

    `sign(gap)` is 1, -1, 0, or None where it is not known; `step("floor" | "ceiling", argument)` a whole number.
    """

    def inner(part: Expression) -> Expression:
        return settled(part, sign, step)

    match node:
        case Call("Abs" | "sign" | "Heaviside" as name, (part,)):
            argument = inner(part)
            side = sign(argument)
            if side is None:
                return Call(name, (argument,))
            if name == "Abs":
                return tree.ZERO if side == 0 else argument if side > 0 else tree.negated(argument)
            return Number(Fraction(side) if name == "sign" else Fraction(side + 1, 2))
        case Call("floor" | "ceiling" as name, (part,)):
            argument = inner(part)
            whole = step(name, argument)
            return Call(name, (argument,)) if whole is None else Number(Fraction(whole))
        case Call("Max" | "Min" as name, parts):
            return _extremum(name, [inner(p) for p in parts], sign)
        case Piecewise(branches):
            kept: list[tuple[Expression, Condition | None]] = []
            for value, condition in branches:
                if condition is not None:
                    condition = Condition(inner(condition.left), condition.relation, inner(condition.right))
                    side = sign(tree.difference(condition.left, condition.right))
                    if side is not None and not condition.holds(side):
                        continue
                    condition = condition if side is None else None
                kept.append((inner(value), condition))
                if condition is None:
                    break
            return kept[0][0] if kept[0][1] is None else Piecewise(tuple(kept))
        case _:
            return tree.rebuilt(node, inner)


def _extremum(name: str, parts: list[Expression], sign: Callable[[Expression], int | None]) -> Expression:
    better = 1 if name == "Max" else -1
    best = parts[:1]
    for candidate in parts[1:]:
        sides = [sign(tree.difference(candidate, old)) for old in best]
        if all(side is None or side == better for side in sides):
            best = [old for old, side in zip(best, sides, strict=True) if side is None] + [candidate]
    return best[0] if len(best) == 1 else Call(name, tuple(best))
