"""What an expression asks of its parts in order to be defined (INTERFACE.md, "Numbers and expressions")."""

from __future__ import annotations

from collections.abc import Iterator

from verify.expressions import tree
from verify.expressions.tree import Call, Expression, Number, Power


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
