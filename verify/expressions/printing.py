"""From tree to text: an expression of the grammar of INTERFACE.md that parses to the same function."""

from __future__ import annotations

from fractions import Fraction

from verify.expressions import tree
from verify.expressions.tree import Call, Condition, Constant, Expression, Number, Piecewise, Power, Product, Sum
from verify.expressions.tree import Variable as Name

_SUM, _PRODUCT, _POWER, _ATOM = range(4)


def text(node: Expression) -> str:
    """Return the expression as a text of the grammar."""
    return _text(node)[0]


def condition_text(condition: Condition | None) -> str:
    """Return a condition as a text of the grammar."""
    if condition is None:
        return "True"
    return f"{text(condition.left)} {condition.relation} {text(condition.right)}"


def _text(node: Expression) -> tuple[str, int]:
    """Return the text and how tightly its outermost operation binds."""
    match node:
        case Number(value):
            tight = _ATOM if value >= 0 and value.denominator == 1 else _SUM if value < 0 else _PRODUCT
            return str(value), tight
        case Constant(name) | Name(name):
            return name, _ATOM
        case Call(name, parts):
            return f"{name}({', '.join(text(p) for p in parts)})", _ATOM
        case Piecewise(branches):
            inner = ", ".join(f"({text(value)}, {condition_text(c)})" for value, c in branches)
            return f"Piecewise({inner})", _ATOM
        case Power(_, Number(value)) if value < 0:
            return _product((node,))
        case Power(base, exponent):
            return f"{_at_least(base, _ATOM)}**{_at_least(exponent, _ATOM)}", _POWER
        case Product(parts):
            return _product(parts)
        case Sum(parts):
            return _sum(parts), _SUM


def _at_least(node: Expression, level: int) -> str:
    shown, tight = _text(node)
    return shown if tight >= level else f"({shown})"


def _product(parts: tuple[Expression, ...]) -> tuple[str, int]:
    number, over, under = Fraction(1), [], []
    for part in parts:
        if isinstance(part, Number):
            number *= part.value
        elif isinstance(part, Power) and isinstance(part.exponent, Number) and part.exponent.value < 0:
            rest = Number(-part.exponent.value)
            under.append(_at_least(part.base if rest == tree.ONE else Power(part.base, rest), _POWER))
        else:
            over.append(_at_least(part, _POWER))
    if abs(number.numerator) != 1 or not over:
        over.insert(0, str(abs(number.numerator)))
    if number.denominator != 1:
        under.insert(0, str(number.denominator))
    shown = "/".join(["*".join(over), *under])
    return (f"-{shown}", _SUM) if number < 0 else (shown, _PRODUCT)


def _sum(parts: tuple[Expression, ...]) -> str:
    shown = ""
    for part in parts:
        term, _ = _text(part)
        if not shown:
            shown = term
        else:
            shown += f" - {term[1:]}" if term.startswith("-") else f" + {term}"
    return shown
