"""The losses of INTERFACE.md, each as an expression in the variables, `f` (target) and `y` (output)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from proofs.geometry.affine import Affine
from verify.errors import InputError
from verify.exact import parse_number
from verify.expressions import Expression, check_variables, parse, tree
from verify.expressions.algebra import affine_expression

KINDS = {
    "squared": None,
    "power": "exponent",
    "absolute": None,
    "huber": "delta",
    "logcosh": None,
    "pinball": "level",
    "logistic": None,
    "poisson": None,
    "expression": "expression",
}
_TEMPLATES = {
    "squared": "(y - f)**2",
    "absolute": "Abs(y - f)",
    "logcosh": "log(cosh(y - f))",
    "logistic": "log(1 + exp(y)) - f*y",
    "poisson": "exp(y) - f*y",
    "power": "Abs(y - f)**p",
    "huber": "Piecewise((-p*(y - f) - p**2/2, y - f < -p), ((y - f)**2/2, y - f <= p), (p*(y - f) - p**2/2, True))",
    "pinball": "Abs(y - f)/2 + (1/2 - p)*(y - f)",
}


_MINUS_TWO = tree.Number(Fraction(-2))


@dataclass(frozen=True)
class Loss:
    """`L(x, y)`; `expression` is written in the variables of the problem, `f` and `y`."""

    kind: str
    parameter: Fraction | None
    expression: Expression
    specification: Mapping[str, Any]

    @classmethod
    def from_mapping(cls, data: object, variables: Sequence[str]) -> Loss:
        """Read the table `[loss]`. Raises InputError for unknown kinds and parameters out of range."""
        if not isinstance(data, Mapping):
            raise InputError('expected a table such as kind = "squared"')
        kind = data.get("kind")
        if not isinstance(kind, str) or kind not in KINDS:
            raise InputError(f"{kind!r} is no loss; expected one of {', '.join(KINDS)}", key="kind")
        needed = KINDS[kind]
        for key in data:
            if key not in ("kind", needed):
                raise InputError(f"unknown key for the loss {kind}", key=str(key))
        if needed is None:
            return cls(kind, None, parse(_TEMPLATES[kind], ("f", "y")), {"kind": kind})
        if needed not in data:
            raise InputError(f"the loss {kind} needs this key", key=needed)
        if kind == "expression":
            if {"f", "y"} & set(variables):
                raise InputError("no variable may be called f or y beside an expression loss", key="expression")
            names = check_variables([*variables, "f", "y"])
            text = data["expression"]
            return cls(
                kind, None, parse(text, names, "expression"), {"kind": kind, "expression": " ".join(str(text).split())}
            )
        parameter = parse_number(data[needed], needed)
        _check_range(kind, needed, parameter)
        even = kind == "power" and parameter.denominator == 1 and parameter.numerator % 2 == 0
        template = parse("(y - f)**p" if even else _TEMPLATES[kind], ("f", "y", "p"))
        expression = tree.folded(tree.substituted(template, {"p": tree.Number(parameter)}))
        return cls(kind, parameter, expression, {"kind": kind, needed: str(parameter)})

    def at(self, output: Expression, target: Expression) -> Expression:
        """Return `L(x, output(x))` as an expression in the variables."""
        return tree.substituted(self.expression, {"y": output, "f": target})

    def excess(self, first: Affine, second: Affine, target: Expression, variables: Sequence[str]) -> Expression:
        """Return `L(x, first) - L(x, second)`; for squared loss as a product, which cancels nothing."""
        if self.kind == "squared":
            twice_target = tree.Product((_MINUS_TWO, target))
            middle = tree.Sum((twice_target, affine_expression(first + second, variables)))
            return tree.Product((affine_expression(first - second, variables), middle))
        left, right = (self.at(affine_expression(a, variables), target) for a in (first, second))
        return tree.difference(left, right)

    @property
    def pointwise_minimum_is_zero(self) -> bool:
        """Whether `min_y L(x, y) = 0` for every x, by the form of the loss."""
        return self.kind in ("squared", "power", "absolute", "huber", "logcosh", "pinball")


def _check_range(kind: str, key: str, value: Fraction) -> None:
    if kind == "power" and not 1 <= value <= 1000:
        raise InputError(f"the exponent must lie between 1 and 1000, not {value}", key=key)
    if kind == "power" and value.denominator > 1000:
        raise InputError("the exponent's denominator must be at most 1000", key=key)
    if kind == "huber" and value <= 0:
        raise InputError(f"delta must be positive, not {value}", key=key)
    if kind == "pinball" and not 0 < value < 1:
        raise InputError(f"the level must lie strictly between 0 and 1, not {value}", key=key)
