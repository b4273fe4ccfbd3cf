"""Activations and formulas in mpmath, read from their definitions by other means than the package's."""

from __future__ import annotations

from typing import Any

import mpmath

from proofs.activations.activation import Activation


def _piecewise(*branches: tuple[Any, bool]) -> Any:
    return next(value() if callable(value) else value for value, holds in branches if holds)


FUNCTIONS: dict[str, Any] = {
    **{
        name: getattr(mpmath, name)
        for name in ("sin", "cos", "tanh", "sinh", "cosh", "exp", "log", "sqrt", "erf", "atan")
    },
    "pi": mpmath.pi,
    "E": mpmath.e,
    "Max": max,
    "Min": min,
    "Abs": abs,
    "Piecewise": _piecewise,
}


class _Exact:
    """Numbers in formulas as mpmath numbers, so that 1/3 is not a float."""

    def __init__(self, text: str) -> None:
        import ast

        class Numbers(ast.NodeTransformer):
            def visit_Constant(self, node: ast.Constant) -> ast.AST:
                if isinstance(node.value, int | float) and not isinstance(node.value, bool):
                    literal = ast.get_source_segment(text, node) or str(node.value)
                    return ast.Call(ast.Name("mpf", ast.Load()), [ast.Constant(literal)], [])
                return node

        tree = ast.fix_missing_locations(Numbers().visit(ast.parse(text, mode="eval")))
        self.code = compile(tree, "<formula>", "eval")


_CACHE: dict[str, _Exact] = {}


def value(text: str, **names: Any) -> Any:
    """The value of a formula of the grammar."""
    if text not in _CACHE:
        _CACHE[text] = _Exact(text)
    return eval(_CACHE[text].code, {"mpf": mpmath.mpf, **FUNCTIONS, **names})


def numeric(activation: Activation, point: Any) -> Any:
    """The value of an activation."""
    return value(activation.text, x=mpmath.mpf(point))
