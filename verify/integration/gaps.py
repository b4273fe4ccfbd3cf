"""Where the formula of an expression changes (hard gaps), and where it is steep (soft gaps)."""

from __future__ import annotations

from fractions import Fraction

from verify.expressions import tree
from verify.expressions.switches import gaps, has_switches, is_switch, settled
from verify.expressions.tree import Call, Expression, Number, Power, Sum

_MOST_GAPS = 8


def tamed(node: Expression) -> Expression:
    """Return a derivative with sinh u/cosh u as tanh u, and e^u/(1 + e^u) as (1 + tanh(u/2))/2: sharp on wide boxes."""
    if isinstance(node, tree.Product):
        factors = list(node.factors)
        for factor in node.factors:
            match factor:
                case Power(Call("cosh", (u,)), tree.MINUS_ONE) if Call("sinh", (u,)) in factors:
                    factors.remove(factor)
                    factors[factors.index(Call("sinh", (u,)))] = Call("tanh", (u,))
                case Power(Sum(parts), tree.MINUS_ONE) if len(parts) == 2 and tree.ONE in parts:
                    other = parts[1] if parts[0] == tree.ONE else parts[0]
                    if isinstance(other, Call) and other.name == "exp" and other in factors:
                        half = tree.Product((Number(Fraction(1, 2)), other.arguments[0]))
                        factors.remove(factor)
                        share = tree.Sum((tree.ONE, Call("tanh", (half,))))
                        factors[factors.index(other)] = tree.Product((Number(Fraction(1, 2)), share))
        return tree.product_of([tamed(f) for f in factors])
    return tree.rebuilt(node, tamed)


def hard_gaps(expression: Expression) -> list[Expression] | None:
    """Return the gaps of an expression without switches of their own; None if there is `floor` or are too many.

    A gap with a switch in it counts with every formula that it has for some signs of the gaps inside.
    """
    found: dict[Expression, None] = {}
    stack = [expression]
    while stack:
        node = stack.pop()
        plain: list[Expression] = []
        nested = False
        for part in tree.walk(node):
            own = list(gaps(part))
            if is_switch(part) and not own:
                return None
            plain += [gap for gap in own if not has_switches(gap)]
            nested = nested or any(map(has_switches, own))
        found.update(dict.fromkeys(plain))
        if len(found) > _MOST_GAPS:
            return None
        if nested:
            first = next(iter(plain), None)
            if first is None:
                return None
            back = _reversed(node, first)
            for sign in (1, -1):
                known = {first: sign, back: -sign}
                simpler = settled(node, known.get)
                if simpler == node:
                    return None
                stack.append(simpler)
    return list(found)


def _reversed(expression: Expression, gap: Expression) -> Expression:
    """Return the other difference of the two arguments of `Max` or `Min` that a gap is one of (else the negative)."""
    for node in tree.walk(expression):
        match node:
            case Call("Max" | "Min", parts):
                for i, one in enumerate(parts):
                    for two in parts[i + 1 :]:
                        if tree.difference(one, two) == gap:
                            return tree.difference(two, one)
    return tree.negated(gap)


def soft_gaps(expression: Expression) -> list[Expression]:
    """Return what is 0 where parts of an expression are steep: between two almost straight ends, or at a summit."""
    found: dict[Expression, None] = {}
    for node in tree.walk(expression):
        match node:
            case Call("log", (Call("cosh", (u,)),)) | Call("tanh" | "atan" | "erf", (u,)):
                found[u] = None
            case Call("log", (Sum((tree.ONE, Call("exp", (u,)))) | Sum((Call("exp", (u,)), tree.ONE)),)):
                found[u] = None
            case Call("exp" | "log" | "sqrt", (outer,)) | Power(outer, Number(_)):
                found.update((u, None) for u in _squares(outer))
    return [u for u in found if not has_switches(u)]


def _squares(node: Expression) -> list[Expression]:
    """Return u for each square u**2 in a sum."""
    terms = node.terms if isinstance(node, Sum) else (node,)
    factors = [f for t in terms for f in (t.factors if isinstance(t, tree.Product) else (t,))]
    return [f.base for f in factors if isinstance(f, Power) and f.exponent == Number(Fraction(2))]
