"""Putting one expression in place of another."""

from __future__ import annotations

from verify.expressions.tree import Call, Condition, Expression, Piecewise, Power, Product, Sum


def replaced(node: Expression, old: Expression, new: Expression) -> Expression:
    """Return the expression with one subexpression replaced wherever it occurs."""
    if node == old:
        return new
    match node:
        case Sum(parts):
            return Sum(tuple(replaced(p, old, new) for p in parts))
        case Product(parts):
            return Product(tuple(replaced(p, old, new) for p in parts))
        case Power(base, exponent):
            return Power(replaced(base, old, new), replaced(exponent, old, new))
        case Call(name, parts):
            return Call(name, tuple(replaced(p, old, new) for p in parts))
        case Piecewise(branches):
            return Piecewise(
                tuple(
                    (
                        replaced(value, old, new),
                        c and Condition(replaced(c.left, old, new), c.relation, replaced(c.right, old, new)),
                    )
                    for value, c in branches
                )
            )
        case _:
            return node
