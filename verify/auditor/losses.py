"""The nine losses as expressions in x, once response and target are put in (docs/certificate.md, section 3)."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from verify.auditor.affine import Affine
from verify.auditor.expressions import Node, add, call, multiply, negate, number, substitute, subtract
from verify.auditor.grammar import parse

# The key of the parameter q, and the loss in y, f, q, r = y - f, size = |r| (r itself if q is even), soft =
# log(1 + e**y), tail = log(1 + e**(-2 r)): log cosh r = r + tail - log 2.
KINDS = {
    "squared": ("", "r**2"),
    "power": ("exponent:exact", "size**q"),
    "absolute": ("", "Abs(r)"),
    "huber": ("delta:exact", "Piecewise((q*(r - q/2), r > q), (q*(-r - q/2), r < -q), (r**2/2, True))"),
    "logcosh": ("", "r + tail - log(2)"),
    "pinball": ("level:exact", "Max(r, 0) - q*r"),
    "logistic": ("", "soft - f*y"),
    "poisson": ("", "exp(y) - f*y"),
    "expression": ("expression:integrand", "0"),
}
_FORMS = {kind: parse(form, ["y", "f", "q", "r", "size", "soft", "tail"]) for kind, (_, form) in KINDS.items()}


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
        if self.kind == "expression":
            return substitute(self.expression, {**(coordinates or {}), self.variables: f, self.variables + 1: y})
        r = subtract(y, f)
        size = r if self.parameter % 2 == 0 else call("Abs", r)
        soft, tail = (call("softplus", u) for u in (y, multiply(number(-2), r)))
        return substitute(_FORMS[self.kind], dict(enumerate((y, f, number(self.parameter), r, size, soft, tail))))

    def drop(self, f: Node, y: Node, z: Node, step: Node, *, coordinates: dict[int, Node] | None = None) -> Node:
        """L(x, y) - L(x, z) for z = y - step; what is a multiple of f comes in once, without cancellation."""
        if self.kind == "squared":
            return multiply(step, add(y, z, multiply(number(-2), f)))
        if name := {"logistic": "softplus", "poisson": "exp"}.get(self.kind):
            return add(call(name, y), negate(call(name, z)), negate(multiply(f, step)))
        return subtract(self.of(y, f, coordinates), self.of(z, f, coordinates))


@lru_cache(1 << 12)
def as_node(function: Affine) -> Node:
    """An affine function of x as an expression."""
    terms = [multiply(number(a), Node("variable", (), i)) for i, a in enumerate(function.gradient) if a]
    return add(*terms, number(function.constant))
