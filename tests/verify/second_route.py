"""Risks and gains by a route of its own: mpmath quadrature of the formulas as they stand in the answer."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import mpmath
from mpmath import mpf

NAMES: dict[str, Any] = {
    "sin": mpmath.sin, "cos": mpmath.cos, "tan": mpmath.tan, "asin": mpmath.asin, "acos": mpmath.acos,
    "atan": mpmath.atan, "sinh": mpmath.sinh, "cosh": mpmath.cosh, "tanh": mpmath.tanh, "exp": mpmath.exp,
    "log": mpmath.log, "sqrt": mpmath.sqrt, "erf": mpmath.erf, "Abs": abs, "Max": max, "Min": min,
    "sign": mpmath.sign, "floor": mpmath.floor, "ceiling": mpmath.ceil,
    "Heaviside": lambda u: mpf(1) if u > 0 else mpf(0) if u < 0 else mpf("0.5"),
}  # fmt: skip


OPERATORS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip


def function(text: str) -> Callable[[mpf], mpf]:
    """A reading of an expression of one variable `x` as closures over mpmath, by Python's own parser (tests only)."""
    source = text.strip()
    return _closure(ast.parse(source, mode="eval").body, source)


def _closure(node: ast.AST, source: str) -> Callable[[mpf], Any]:
    def inner(part: ast.AST) -> Callable[[mpf], Any]:
        return _closure(part, source)

    match node:
        case ast.Constant():
            digits = ast.get_source_segment(source, node)
            return lambda x: mpf(digits)
        case ast.Name("x"):
            return lambda x: x
        case ast.Name("pi" | "E" as name):
            return lambda x: +mpmath.pi if name == "pi" else +mpmath.e
        case ast.UnaryOp(operator, operand):
            value = inner(operand)
            return (lambda x: -value(x)) if isinstance(operator, ast.USub) else value
        case ast.BinOp(left, operator, right):
            a, b, apply = inner(left), inner(right), OPERATORS[type(operator)]
            return lambda x: apply(a(x), b(x))
        case ast.Compare(left, [operator], [right]):
            a, b, apply = inner(left), inner(right), OPERATORS[type(operator)]
            return lambda x: apply(a(x), b(x))
        case ast.Call(ast.Name("Piecewise"), branches):
            pairs = [(inner(branch.elts[0]), branch.elts[1]) for branch in branches]  # type: ignore[attr-defined]
            tests = [(v, None if isinstance(c, ast.Constant) else inner(c)) for v, c in pairs]
            return lambda x: next(v(x) for v, c in tests if c is None or c(x))
        case ast.Call(ast.Name(name), arguments):
            parts, apply = [inner(a) for a in arguments], NAMES[name]
            return lambda x: apply(*(p(x) for p in parts))
    raise ValueError(ast.dump(node))


def loss(table: dict[str, Any]) -> Callable[[mpf, mpf], mpf]:
    """L(y, f) of a loss table."""
    kind = table["kind"]
    if kind == "squared":
        return lambda y, f: (y - f) ** 2
    if kind == "power":
        p = Fraction(table["exponent"])
        return lambda y, f: abs(y - f) ** (mpf(p.numerator) / p.denominator)
    raise ValueError(kind)


def network(answer: dict[str, Any]) -> Callable[[mpf], mpf]:
    """The network of a certify answer."""
    affine = function(answer["affine"])

    def fraction(text: str) -> mpf:
        q = Fraction(text)
        return mpf(q.numerator) / q.denominator

    neurons = [(fraction(n["output"]), fraction(n["weights"][0]), fraction(n["bias"])) for n in answer["neurons"]]
    offset = fraction(answer["offset"])
    return lambda x: affine(x) + offset + sum(c * max(w * x + b, mpf(0)) for c, w, b in neurons)


def response(table: dict[str, Any]) -> Callable[[mpf], mpf]:
    """The response of a certify answer."""
    affine = function(table["affine"])
    terms = [(function(h["where"].split(">")[0]), function(h["jump"])) for h in table["halfspaces"]]
    return lambda x: affine(x) + sum((j(x) for s, j in terms if s(x) > 0), mpf(0))


def breakpoints(answer: dict[str, Any], lower: Fraction, upper: Fraction) -> list[Fraction]:
    """Kinks of the network and boundaries of the response inside (lower, upper), with the end points."""
    marks = {lower, upper}
    for n in answer["network"]["neurons"]:
        if Fraction(n["weights"][0]):
            marks.add(-Fraction(n["bias"]) / Fraction(n["weights"][0]))
    for h in answer["response"]["halfspaces"]:
        s = function(h["where"].split(">")[0])
        with mpmath.workdps(60):
            slope = s(mpf(1)) - s(mpf(0))
            marks.add(Fraction(str(mpmath.nstr(-s(mpf(0)) / slope, 50))))
    return sorted(m for m in marks if lower <= m <= upper)


def split_at_roots(r: Callable[[mpf], mpf], marks: list[mpf]) -> list[mpf]:
    """Marks with the sign changes of `r` between them added (found by sampling and bisection)."""
    result = []
    for a, b in pairwise(marks):
        result.append(a)
        for u, v in pairwise([a + (b - a) * (k + mpf("0.37")) / 21 for k in range(21)]):
            if r(u) * r(v) < 0:
                result.append(mpmath.findroot(r, (u, v), solver="anderson", tol=mpf(10) ** -70))
    return [*result, marks[-1]]


def gain(problem: dict[str, Any], answer: dict[str, Any], kinks: list[mpf], digits: int = 40) -> mpf:
    """err(response) - err(network) by `mpmath.quad`, the interval cut at all breaks."""
    ((low, high),) = problem["domain"]["box"]
    with mpmath.workdps(digits):
        f, h = function(problem["target"]), function(problem.get("density", "1"))
        L, R, N = loss(problem["loss"]), response(answer["response"]), network(answer["network"])
        squared = problem["loss"]["kind"] == "squared"
        marks = [mpf(m.numerator) / m.denominator for m in breakpoints(answer, Fraction(low), Fraction(high))]
        marks = sorted({*marks, *(k for k in kinks if marks[0] < k < marks[-1])})

        def difference(x: mpf) -> mpf:
            y, r, n = f(x), R(x), N(x)
            return h(x) * (L(r, y) - L(n, y))

        total = mpf(0)
        for a, b in pairwise(marks):
            if b - a > mpf(10) ** (5 - digits):
                cuts = (
                    [a, b]
                    if squared
                    else split_at_roots(lambda x: N(x) - f(x), split_at_roots(lambda x: R(x) - f(x), [a, b]))
                )
                total += mpmath.quad(difference, cuts, method="gauss-legendre" if squared else "tanh-sinh")
        return total
