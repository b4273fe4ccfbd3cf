"""Exact readings of an expression: as a polynomial over Q in any ring of coefficients, as an affine function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Protocol, TypeVar

from proofs.geometry.affine import Affine, HalfSpace
from verify.errors import InputError
from verify.expressions import tree
from verify.expressions.parser import parse, parse_condition
from verify.expressions.tree import Expression


class RingElement(Protocol):
    """What a polynomial is evaluated in: `fmpq_poly`, `fmpq_mpoly`, `Fraction`, ..."""

    def __add__(self, other: Any, /) -> Any: ...
    def __mul__(self, other: Any, /) -> Any: ...
    def __pow__(self, other: int, /) -> Any: ...


T = TypeVar("T", bound=RingElement)


def in_ring(node: Expression, variables: Mapping[str, T], constant: Callable[[Fraction], T]) -> T | None:
    """Return the value of a polynomial expression in a commutative ring, or None if it is not visibly polynomial.

    `variables` gives the images of the variables, `constant` embeds the rationals.
    """
    match node:
        case tree.Number(value):
            return constant(value)
        case tree.Variable(name):
            return variables[name]
        case tree.Sum(parts) | tree.Product(parts):
            result = None
            for part in parts:
                image = in_ring(part, variables, constant)
                if image is None:
                    return None
                if result is None:
                    result = image
                elif isinstance(node, tree.Sum):
                    result = result + image
                else:
                    result = result * image
            return result
        case tree.Power(base, tree.Number(exponent)) if exponent.denominator == 1 and exponent >= 0:
            image = in_ring(base, variables, constant)
            return None if image is None else image ** int(exponent)
        case _:
            return None


def degree_bound(node: Expression) -> int | None:
    """Return a bound of the degree of a polynomial expression, or None if it is not visibly polynomial."""
    match node:
        case tree.Number():
            return 0
        case tree.Variable():
            return 1
        case tree.Sum(parts) | tree.Product(parts):
            degrees = [degree_bound(part) for part in parts]
            known = [d for d in degrees if d is not None]
            if len(known) < len(degrees):
                return None
            return max(known) if isinstance(node, tree.Sum) else sum(known)
        case tree.Power(base, tree.Number(exponent)) if exponent.denominator == 1 and exponent >= 0:
            inner = degree_bound(base)
            return None if inner is None else inner * int(exponent)
        case _:
            return None


def as_affine(node: Expression, variables: Sequence[str]) -> Affine | None:
    """Return the affine function with rational coefficients that an expression is, or None."""
    n = len(variables)
    match node:
        case tree.Number(value):
            return Affine.constantly(value, n)
        case tree.Variable(name):
            return Affine.of([int(name == v) for v in variables])
        case tree.Sum(parts):
            total = Affine.constantly(0, n)
            for part in parts:
                term = as_affine(part, variables)
                if term is None:
                    return None
                total = total + term
            return total
        case tree.Product(parts):
            product = Affine.constantly(1, n)
            for part in parts:
                factor = as_affine(part, variables)
                if factor is None:
                    return None
                if factor.is_constant:
                    product = product * factor.constant
                elif product.is_constant:
                    product = factor * product.constant
                else:
                    return None
            return product
        case tree.Power(base, tree.Number(exponent)) if exponent.denominator == 1:
            inner = as_affine(base, variables)
            if exponent == 1:
                return inner
            if inner is None or not inner.is_constant or (inner.constant == 0 and exponent < 0):
                return None
            return Affine.constantly(inner.constant ** int(exponent), n)
        case _:
            return None


def affine_expression(function: Affine, variables: Sequence[str]) -> Expression:
    """Return an affine function as an expression."""
    terms: list[Expression] = [
        tree.Variable(name) if g == 1 else tree.Product((tree.Number(g), tree.Variable(name)))
        for g, name in zip(function.gradient, variables, strict=True)
        if g
    ]
    if function.constant or not terms:
        terms.append(tree.Number(function.constant))
    return tree.sum_of(terms)


def parse_affine(text: object, variables: Sequence[str], key: str = "") -> Affine:
    """Return the affine function a text denotes. Raises InputError if it is malformed or not affine over Q."""
    result = as_affine(parse(text, variables, key), variables)
    if result is None:
        raise InputError(f"{str(text)[:60]!r} is not an affine function with rational coefficients", key=key)
    return result


def parse_halfspace(text: object, variables: Sequence[str], key: str = "") -> HalfSpace:
    """Return the open half-space a text such as `x - 1/2 > 0` denotes. Raises InputError."""
    condition = parse_condition(text, variables, key)
    if condition.relation not in ("<", ">"):
        raise InputError(f"half-spaces are open: use > or < instead of {condition.relation}", key=key)
    side = as_affine(tree.difference(condition.left, condition.right), variables)
    if side is None:
        raise InputError(f"{str(text)[:60]!r} is not bounded by an affine function with rational coefficients", key=key)
    if side.is_constant:
        raise InputError(f"{str(text)[:60]!r} is no half-space: its two sides differ by a constant", key=key)
    return HalfSpace(side if condition.relation == ">" else -side)
