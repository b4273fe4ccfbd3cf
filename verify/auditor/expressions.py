"""Expressions as trees, with the constants folded and an exact polynomial where there is one (docs/certificate.md, 2).

Kinds of a node: "number" (value: the rational), "variable" (value: its index), "pi", "+" and "*" (any number of
arguments), "**", the unary functions under their names, "Max" (two arguments), "Piecewise" (arguments e1, d1, e2, d2,
...; value: the comparison signs o1, o2, ...: branch i is taken where `d_i o_i 0`). A difference a - b is a + (-1) * b,
a quotient a * b**(-1); `call` says what becomes of sqrt, Min, ceiling and Heaviside. "softplus", log(1 + e**x), serves
the losses; files have no name for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from math import prod
from weakref import WeakValueDictionary

from verify.auditor import polynomials
from verify.auditor.polynomials import Polynomial
from verify.auditor.verdicts import settle

RESTRICTED = frozenset({"log", "asin", "acos", "tan"})
SWITCHES = frozenset({"Abs", "sign", "floor", "Max", "Piecewise"})
MOST_BITS = 1 << 17  # of a folded constant
MOST_DEGREE = 150
MOST_VALUE = 1 << 22  # bits of a power at a point
Value = Fraction | int | tuple[str, ...]
_ALLOWED = {  # conditions on a sign
    "<": {-1}, "<=": {-1, 0}, ">": {1}, ">=": {0, 1}, "True": {-1, 0, 1}, "=": {0}, "!=": {-1, 1},
}  # fmt: skip


class Node:
    """One node; equal ones are the same object.

    `number` is the value of a number. Of the tree below, `powers` is the largest product of nested exponents,
    `constant` says whether no variable is in it, `switches` whether a switch is, `total` whether its form shows that it
    is defined everywhere, `degree` bounds its degree if it is a polynomial by its form (else None).
    """

    def __new__(cls, kind: str, args: tuple[Node, ...] = (), value: Value = 0, powers: int = 1) -> Node:
        """The node, a new one if there is none."""
        key = kind, args, value, powers
        if (self := _NODES.get(key)) is None:
            self = _NODES[key] = super().__new__(cls)
            self._describe(*key)
        return self

    def _describe(self, kind: str, args: tuple[Node, ...], value: Value, powers: int) -> None:
        self.kind, self.args, self.value = kind, args, value
        self.number = value if kind == "number" and isinstance(value, Fraction) else None
        self.powers: int = max((a.powers for a in args), default=1) * powers
        self.constant: bool = kind != "variable" and all(a.constant for a in args)
        self.switches: bool = kind in SWITCHES or any(a.switches for a in args)
        self.total: bool = kind not in RESTRICTED and all(a.total for a in args)
        if kind == "**" and ((e := args[1].number) is None or e < 0 or e.denominator > 1):
            self.total = False
        self.degree = _degree(self)

    @cached_property
    def polynomial(self) -> Polynomial | None:
        """The coefficients of the node as a polynomial in variable 0, where its form shows that it is one."""
        return _polynomial(self)


_NODES: WeakValueDictionary[tuple[str, tuple[Node, ...], Value, int], Node] = WeakValueDictionary()


def number(value: Fraction | int) -> Node:
    """A constant."""
    return Node("number", (), Fraction(value))


def _folded(kind: str, parts: Sequence[Node], neutral: int, fold: Callable[..., Fraction]) -> Node:
    """A sum or a product with its constants in one, which stands first."""
    rest = [part for part in parts if part.number is None]
    constant = fold((part.number for part in parts if part.number is not None), start=Fraction(neutral))
    if constant != neutral or not rest:
        rest.insert(0, number(constant))
    return rest[0] if len(rest) == 1 else Node(kind, tuple(rest))


def add(*terms: Node) -> Node:
    """A sum."""
    return _folded("+", terms, 0, sum) if len(terms) != 1 else terms[0]


def multiply(*factors: Node) -> Node:
    """A product; a factor 0 is kept beside the others, which may be undefined somewhere."""
    return _folded("*", factors, 1, prod) if len(factors) != 1 else factors[0]


def negate(node: Node) -> Node:
    """Minus the node."""
    return multiply(number(-1), node)


def subtract(a: Node, b: Node) -> Node:
    """The difference."""
    return add(a, negate(b))


def power(base: Node, exponent: Node) -> Node:
    """The power; folded if base and exponent are rational numbers, the value is one too and not huge."""
    b, e = base.number, exponent.number
    if e is None:
        return call("exp", multiply(*base.args, exponent)) if base.kind == "exp" else Node("**", (base, exponent))
    size = max(1, abs(-(-e.numerator // e.denominator)))
    if e == 1:
        return base
    bits = max(b.numerator.bit_length(), b.denominator.bit_length()) if b is not None else 0
    if b is not None and e.denominator == 1 and (b or e >= 0) and size * bits <= MOST_BITS:
        return Node("number", (), b**e.numerator, size * base.powers)
    return Node("**", (base, exponent), 0, size)


def call(name: str, *args: Node) -> Node:
    """A function of its arguments: Max of many as a balanced tree, some functions by others."""
    if name == "sqrt":
        return power(args[0], number(Fraction(1, 2)))
    if name in ("Min", "ceiling"):
        return negate(call("Max" if name == "Min" else "floor", *map(negate, args)))
    if name == "Heaviside":
        return multiply(number(Fraction(1, 2)), add(number(1), call("sign", *args)))
    if name == "Max" and len(args) != 2:
        half = len(args) // 2
        return args[0] if len(args) == 1 else call(name, call(name, *args[:half]), call(name, *args[half:]))
    if name == "Abs" and (value := args[0].number) is not None:
        return number(abs(value))
    return Node(name, args)


def tidy(total: Node) -> Node:
    """A sum as one of different terms; one with the factor 0 is kept: it may be undefined somewhere."""
    found, stack = dict[Node, Fraction](), [(Fraction(1), total)]
    while stack:
        factor, term = stack.pop()
        product = factor * (term.args[0].number or 0) if term.kind == "*" else Fraction(0)
        if term.kind == "+":
            stack += ((factor, part) for part in term.args)
        elif product and abs(product.numerator) * product.denominator < 1 << 256:  # short
            stack.append((product, multiply(*term.args[1:])))
        else:
            found[term] = found.get(term, 0) + factor
    return add(*(multiply(number(factor), term) for term, factor in found.items()))


def rebuild(node: Node, args: Sequence[Node]) -> Node:
    """The same operation on other arguments."""
    if all(a is b for a, b in zip(args, node.args, strict=True)):
        return node
    if node.kind in ("+", "*"):
        return (add if node.kind == "+" else multiply)(*args)
    if node.kind == "**":
        return power(*args)
    return Node(node.kind, tuple(args), node.value) if node.kind == "Piecewise" else call(node.kind, *args)


def substitute(node: Node, values: dict[int, Node]) -> Node:
    """The node with other nodes in place of variables."""
    done: dict[int, Node] = {}

    def visit(n: Node) -> Node:
        if n.kind == "variable" and isinstance(n.value, int):
            return values.get(n.value, n)
        if id(n) not in done:
            done[id(n)] = rebuild(n, list(map(visit, n.args)))
        return done[id(n)]

    return visit(node)


def evaluate(node: Node, point: Sequence[Fraction]) -> Fraction:
    """The value of a polynomial in any number of variables at a point."""
    if (value := node.number) is not None:
        return value
    if node.kind == "variable" and isinstance(node.value, int):
        return point[node.value]
    values = [evaluate(arg, point) for arg in node.args]
    if node.kind == "**":
        base, n = values[0], values[1].numerator
        bits = base.numerator.bit_length() + base.denominator.bit_length()
        settle(n * bits <= MOST_VALUE, "a power of too many digits")
        return base**n
    return sum(values, Fraction(0)) if node.kind == "+" else prod(values, start=Fraction(1))


def decide(condition: str, sign: tuple[int, int]) -> bool | None:
    """Whether a condition on a sign holds for all those between the least and the largest (True), for none (False)."""
    signs = set(range(sign[0], sign[1] + 1))
    return True if signs <= _ALLOWED[condition] else False if signs.isdisjoint(_ALLOWED[condition]) else None


def branches(node: Node, sign: Callable[[Node], tuple[int, int]]) -> Iterator[tuple[Node, Node, str, bool | None]]:
    """Branches of a Piecewise up to the one that is surely taken: (value, difference, condition, whether it holds)."""
    conditions = node.value if isinstance(node.value, tuple) else ()
    for branch, difference, condition in zip(node.args[::2], node.args[1::2], conditions, strict=True):
        holds = decide(condition, sign(difference))
        yield branch, difference, condition, holds
        if holds:
            return


def _degree(node: Node) -> int | None:
    if node.kind in ("number", "variable"):
        return int(node.kind == "variable")
    known = [arg.degree for arg in node.args if arg.degree is not None]
    if node.kind not in ("+", "*", "**") or len(known) < len(node.args):
        return None
    if node.kind == "**":
        e = node.args[1].number
        return known[0] * e.numerator if e is not None and e.denominator == 1 and e >= 0 else None
    return max(known) if node.kind == "+" else sum(known)


def _polynomial(node: Node) -> Polynomial | None:
    if node.degree is None or node.degree > MOST_DEGREE or (node.kind == "variable" and node.value != 0):
        return None
    if not node.args:
        return [Fraction(0), Fraction(1)] if node.kind == "variable" else [node.number] if node.number else []
    result, *others = (arg.polynomial for arg in node.args)
    if node.kind == "**" and result is not None:
        return polynomials.power(result, (node.args[1].number or Fraction(0)).numerator)
    for other in others:
        if result is None or other is None or any(c.denominator.bit_length() > MOST_BITS for c in result):
            return None
        result = (polynomials.add if node.kind == "+" else polynomials.multiply)(result, other)
    return result
