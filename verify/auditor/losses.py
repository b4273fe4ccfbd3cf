"""The nine losses as expressions in x, once response and target are put in (docs/certificate.md, section 3)."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from verify.auditor.affine import Affine
from verify.auditor.expressions import Node, add, call, multiply, negate, number, power, substitute, subtract

PARAMETERS = {  # as keys of a record
    "squared": "", "power": "exponent:exact", "absolute": "", "huber": "delta:exact", "logcosh": "",
    "pinball": "level:exact", "logistic": "", "poisson": "", "expression": "expression:integrand",
}  # fmt: skip


class Loss(NamedTuple):
    """A kind with its parameter; for the kind "expression" the node, in so many variables, then f and y."""

    kind: str
    parameter: Fraction = Fraction(0)
    expression: Node = number(0)
    variables: int = 1

    def in_range(self) -> bool:
        """Whether the parameter is one the kind allows."""
        q = self.parameter
        return {"power": q >= 1, "huber": q > 0, "pinball": 0 < q < 1}.get(self.kind, True)

    def of(self, y: Node, f: Node, coordinates: dict[int, Node] | None = None) -> Node:
        """L(x, y) for the target's value f; in other coordinates those of x are given."""
        kind, q, r = self.kind, number(self.parameter), subtract(y, f)
        if kind == "squared":
            return power(r, number(2))
        if kind == "power":
            even = self.parameter.denominator == 1 and self.parameter % 2 == 0
            return power(r if even else call("Abs", r), q)
        if kind == "absolute":
            return call("Abs", r)
        if kind == "huber":
            size, half = call("Abs", r), number(Fraction(1, 2))
            outer = multiply(q, subtract(size, multiply(half, q)))
            inner = multiply(half, power(r, number(2)))
            return Node("Piecewise", (inner, subtract(size, q), outer, number(0)), ("<=", "True"))
        if kind == "logcosh":  # log cosh r = r + log(1 + e**(-2 r)) - log 2
            tail = call("softplus", multiply(number(-2), r))
            return add(r, tail, negate(call("log", number(2))))
        if kind == "pinball":
            return call("Max", multiply(negate(q), r), multiply(subtract(number(1), q), r))
        if kind in ("logistic", "poisson"):
            return subtract(call("softplus" if kind == "logistic" else "exp", y), multiply(f, y))
        return substitute(self.expression, {**(coordinates or {}), self.variables: f, self.variables + 1: y})

    def drop(self, y: Affine, step: Affine, f: Node) -> Node:
        """L(x, y) - L(x, y - step); if squared as step * (2 y - step - 2 f), without cancellation."""
        if self.kind == "squared":
            return multiply(as_node(step), add(as_node(y.times(2).plus(step, -1)), multiply(number(-2), f)))
        return subtract(self.of(as_node(y), f), self.of(as_node(y.plus(step, -1)), f))


def as_node(function: Affine) -> Node:
    """An affine function of x as an expression."""
    terms = [multiply(number(a), Node("variable", (), i)) for i, a in enumerate(function.gradient) if a]
    return add(*terms, number(function.constant))
