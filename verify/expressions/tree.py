"""The nodes of an expression: exact, immutable, and inert until someone compiles them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

FUNCTIONS = frozenset(
    {"sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "exp", "log", "sqrt", "erf"}
    | {"Abs", "Max", "Min", "sign", "floor", "ceiling", "Heaviside"}
)
CONSTANTS = frozenset({"pi", "E"})
RESERVED = FUNCTIONS | CONSTANTS | {"Piecewise", "True"}


@dataclass(frozen=True, slots=True)
class Number:
    """An exact rational."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Constant:
    """`pi` or `E`."""

    name: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A declared variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of two or more terms."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """The product of two or more factors; a quotient has a factor `y**-1`."""

    factors: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Power:
    """`base ** exponent`, real-valued where INTERFACE.md defines it."""

    base: Expression
    exponent: Expression


@dataclass(frozen=True, slots=True)
class Call:
    """One of FUNCTIONS with its arguments."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """`left relation right` with relation one of `< <= > >=`."""

    left: Expression
    relation: str
    right: Expression

    def holds(self, sign: Fraction | int) -> bool:
        """Whether it holds where `left - right` has this sign (or this value)."""
        return {"<": sign < 0, "<=": sign <= 0, ">": sign > 0, ">=": sign >= 0}[self.relation]


@dataclass(frozen=True, slots=True)
class Piecewise:
    """The first branch whose condition holds; the last condition is None (always)."""

    branches: tuple[tuple[Expression, Condition | None], ...]


Expression = Number | Constant | Variable | Sum | Product | Power | Call | Piecewise

ZERO = Number(Fraction(0))
ONE = Number(Fraction(1))
MINUS_ONE = Number(Fraction(-1))


def children(node: Expression) -> tuple[Expression, ...]:
    """Return the direct subexpressions, those of conditions included."""
    return _CHILDREN[type(node)](node)


def _of_piecewise(node: Piecewise) -> tuple[Expression, ...]:
    result: list[Expression] = []
    for value, condition in node.branches:
        result += (value,) if condition is None else (condition.left, condition.right, value)
    return tuple(result)


_CHILDREN: dict[type, Callable[[Any], tuple[Expression, ...]]] = {
    Number: lambda node: (),
    Constant: lambda node: (),
    Variable: lambda node: (),
    Sum: lambda node: node.terms,
    Product: lambda node: node.factors,
    Power: lambda node: (node.base, node.exponent),
    Call: lambda node: node.arguments,
    Piecewise: _of_piecewise,
}


def rebuilt(node: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """Return the expression with its direct subexpressions changed, those of conditions included."""
    match node:
        case Sum(parts):
            return Sum(tuple(change(p) for p in parts))
        case Product(parts):
            return Product(tuple(change(p) for p in parts))
        case Power(base, exponent):
            return Power(change(base), change(exponent))
        case Call(name, parts):
            return Call(name, tuple(change(p) for p in parts))
        case Piecewise(branches):
            return Piecewise(
                tuple(
                    (change(value), c and Condition(change(c.left), c.relation, change(c.right)))
                    for value, c in branches
                )
            )
        case _:
            return node


def walk(node: Expression) -> Iterator[Expression]:
    """Yield the expression and all its subexpressions."""
    stack = [node]
    while stack:
        top = stack.pop()
        yield top
        stack.extend(children(top))


def negated(node: Expression) -> Expression:
    """Return `-node`."""
    if isinstance(node, Number):
        return Number(-node.value)
    if isinstance(node, Product) and isinstance(node.factors[0], Number):
        return Product((Number(-node.factors[0].value), *node.factors[1:]))
    return Product((MINUS_ONE, node))


def difference(left: Expression, right: Expression) -> Expression:
    """Return `left - right`."""
    return left if right == ZERO else Sum((left, negated(right)))


def sum_of(terms: Sequence[Expression]) -> Expression:
    """Return the sum of one or more terms."""
    return terms[0] if len(terms) == 1 else Sum(tuple(terms))


def product_of(factors: Sequence[Expression]) -> Expression:
    """Return the product of one or more factors."""
    return factors[0] if len(factors) == 1 else Product(tuple(factors))


def substituted(node: Expression, values: Mapping[str, Expression]) -> Expression:
    """Return the expression with expressions put in for variables."""
    if isinstance(node, Variable):
        return values.get(node.name, node)
    return rebuilt(node, lambda part: substituted(part, values))


def replaced(node: Expression, old: Expression, new: Expression) -> Expression:
    """Return the expression with one subexpression replaced wherever it occurs."""
    return new if node == old else rebuilt(node, lambda part: replaced(part, old, new))


def folded(node: Expression) -> Expression:
    """Return the expression with sums, products and whole powers of rationals worked out."""
    known: dict[int, Expression] = {}

    def fold(part: Expression) -> Expression:
        if id(part) not in known:  # parts often occur in many places
            known[id(part)] = _folded(part, fold)
        return known[id(part)]

    return fold(node)


def _folded(node: Expression, fold: Callable[[Expression], Expression]) -> Expression:
    """Return an expression folded, given how its parts are."""
    match node:
        case Sum(parts):
            terms = [fold(p) for p in parts]
            total = sum((t.value for t in terms if isinstance(t, Number)), Fraction(0))
            rest: list[Expression] = [t for t in terms if not isinstance(t, Number)]
            if total or not rest:
                rest.append(Number(total))
            return sum_of(rest)
        case Product(parts):
            factors = [fold(p) for p in parts]
            scale = prod((f.value for f in factors if isinstance(f, Number)), start=Fraction(1))
            others: list[Expression] = [f for f in factors if not isinstance(f, Number)]
            if scale != 1 or not others:
                others.insert(0, Number(scale))
            return product_of(others)
        case Power(base, exponent):
            root, power = fold(base), fold(exponent)
            if isinstance(power, Number) and power.value == 1:
                return root
            if isinstance(root, Number) and isinstance(power, Number) and power.value.denominator == 1:
                whole = int(power.value)
                if root.value or whole >= 0:
                    return Number(root.value**whole)
            if root == ZERO and isinstance(power, Number) and power.value > 0:
                return ZERO
            return Power(root, power)
        case _:
            return rebuilt(node, fold)


def variables_of(node: Expression) -> frozenset[str]:
    """Return the names of the variables that occur."""
    return frozenset(part.name for part in walk(node) if isinstance(part, Variable))
