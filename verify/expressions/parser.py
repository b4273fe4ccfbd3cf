"""From text to tree: the grammar of INTERFACE.md. Nothing is ever evaluated as code.

Precedence climbing over a list of tokens; every refusal names the position (counted from 1) of the fault.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from verify.errors import InputError
from verify.exact import decimal_literal
from verify.expressions import tree
from verify.expressions.tree import Condition, Expression, Number

MAX_CHARACTERS = 100_000
MAX_NODES = 20_000
MAX_DEPTH = 100
MAX_EXPONENT = 1_000
MAX_DEGREE = 10_000

_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n]+)|(?P<number>[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z][A-Za-z0-9_]*)|(?P<sign>\*\*|<=|>=|[-+*/(),<>])",
    re.ASCII,
)
_RELATIONS = frozenset({"<", "<=", ">", ">="})


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


def parse(text: object, variables: Sequence[str], key: str = "") -> Expression:
    """Return the expression that a text denotes. Raises InputError with the position of the first fault."""
    parser = _Parser(_text(text, key), frozenset(variables), key)
    result = parser.expression()
    parser.finish()
    return result


def parse_condition(text: object, variables: Sequence[str], key: str = "") -> Condition:
    """Return the comparison that a text such as `x - 1/2 > 0` denotes. Raises InputError."""
    parser = _Parser(_text(text, key), frozenset(variables), key)
    result = parser.condition()
    parser.finish()
    if result is None:
        raise InputError("expected a comparison such as x - 1/2 > 0", key=key)
    return result


def check_variables(names: Sequence[object], key: str = "") -> tuple[str, ...]:
    """Return declared variable names. Raises InputError for malformed, reserved or repeated names."""
    for name in names:
        if not isinstance(name, str) or re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,63}", name, re.ASCII) is None:
            raise InputError(f"{name!r} is not a variable name (a letter, then letters, digits or _)", key=key)
        if name in tree.RESERVED:
            raise InputError(f"{name!r} is a name of the grammar and cannot be a variable", key=key)
    if len(set(names)) != len(names):
        raise InputError("a variable is declared twice", key=key)
    return tuple(str(name) for name in names)


def _text(text: object, key: str) -> str:
    if isinstance(text, float):
        raise InputError(f'{text!r} is a floating-point number; quote it ("{text!r}") to mean it exactly', key=key)
    if isinstance(text, int) and not isinstance(text, bool):
        text = str(text)
    if not isinstance(text, str):
        raise InputError("expected an expression in quotes", key=key)
    if len(text) > MAX_CHARACTERS:
        raise InputError(f"an expression of {len(text)} characters; at most {MAX_CHARACTERS} are accepted", key=key)
    return text


class _Parser:
    def __init__(self, text: str, variables: frozenset[str], key: str) -> None:
        self.key = key
        self.variables = variables
        self.nodes = 0
        self.depth = 0
        self.tokens: list[_Token] = []
        self.next = 0
        position = 0
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None:
                shown = text[position].encode("unicode_escape").decode()
                raise self.fault(f"the character {shown!r} has no meaning here", position)
            kind = match.lastgroup or ""
            if kind != "space":
                self.tokens.append(_Token(kind, match.group(), position))
            position = match.end()
        self.tokens.append(_Token("end", "", len(text)))

    def fault(self, message: str, position: int) -> InputError:
        return InputError(f"{message} (at position {position + 1})", key=self.key)

    @property
    def token(self) -> _Token:
        return self.tokens[self.next]

    def accept(self, *texts: str) -> _Token | None:
        token = self.token
        if token.kind == "sign" and token.text in texts:
            self.next += 1
            return token
        return None

    def expect(self, text: str) -> None:
        if self.accept(text) is None:
            raise self.fault(f"expected {text!r}{self._found()}", self.token.position)

    def _found(self) -> str:
        return " but the expression ends" if self.token.kind == "end" else f" but found {self.token.text[:20]!r}"

    def finish(self) -> None:
        token = self.token
        if token.kind == "end":
            return
        if token.text in _RELATIONS:
            raise self.fault("a comparison belongs in a condition only, and conditions are not chained", token.position)
        raise self.fault(f"expected an operator{self._found()}", token.position)

    def count(self, position: int) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.fault(f"more than {MAX_NODES} terms", position)

    def enter(self, position: int) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fault(f"nested more than {MAX_DEPTH} deep", position)

    def expression(self) -> Expression:
        self.enter(self.token.position)
        terms = [self.product()]
        while token := self.accept("+", "-"):
            self.count(token.position)
            term = self.product()
            terms.append(tree.negated(term) if token.text == "-" else term)
        self.depth -= 1
        if len(terms) == 1:
            return terms[0]
        if all(isinstance(t, Number) for t in terms):
            return Number(sum((t.value for t in terms if isinstance(t, Number)), Fraction(0)))
        return tree.Sum(tuple(terms))

    def product(self) -> Expression:
        factors = [self.signed()]
        while token := self.accept("*", "/"):
            self.count(token.position)
            factor = self.signed()
            if token.text == "/":
                if factor == tree.ZERO:
                    raise self.fault("division by zero", token.position)
                factor = self.power(factor, tree.MINUS_ONE, token.position)
            last = factors[-1]
            if isinstance(last, Number) and isinstance(factor, Number):
                factors[-1] = Number(last.value * factor.value)
            else:
                factors.append(factor)
        return factors[0] if len(factors) == 1 else tree.Product(tuple(factors))

    def signed(self) -> Expression:
        negative = False
        while token := self.accept("+", "-"):
            self.count(token.position)
            negative ^= token.text == "-"
        result = self.raised()
        return tree.negated(result) if negative else result

    def raised(self) -> Expression:
        base = self.atom()
        token = self.accept("**")
        if token is None:
            return base
        self.count(token.position)
        self.enter(token.position)
        exponent = self.signed()
        self.depth -= 1
        return self.power(base, exponent, token.position)

    def power(self, base: Expression, exponent: Expression, position: int) -> Expression:
        if isinstance(exponent, Number):
            value = exponent.value
            if abs(value) > MAX_EXPONENT or value.denominator > MAX_EXPONENT:
                raise self.fault(f"an exponent beyond {MAX_EXPONENT}", position)
            if isinstance(base, Number) and value.denominator == 1:
                if base == tree.ZERO and value < 0:
                    raise self.fault("division by zero", position)
                if base.value.numerator.bit_length() * abs(value) > 4 * MAX_CHARACTERS or (
                    base.value.denominator.bit_length() * abs(value) > 4 * MAX_CHARACTERS
                ):
                    raise self.fault("a power with too many digits", position)
                return Number(base.value ** int(value))
        result = tree.Power(base, exponent)
        if _degree(result) > MAX_DEGREE:
            raise self.fault(f"nested powers beyond degree {MAX_DEGREE}", position)
        return result

    def atom(self) -> Expression:
        token = self.token
        self.count(token.position)
        if token.kind == "number":
            self.next += 1
            mantissa, _, exponent = token.text.partition("e")
            whole, _, decimals = mantissa.partition(".")
            try:
                return Number(decimal_literal(whole, decimals, exponent or "0"))
            except InputError as error:
                raise self.fault(f"a number with {error.message}", token.position) from None
        if token.kind == "name":
            self.next += 1
            return self.named(token)
        if self.accept("("):
            result = self.expression()
            self.expect(")")
            return result
        raise self.fault(f"expected a number, a variable or '('{self._found()}", token.position)

    def named(self, token: _Token) -> Expression:
        name = token.text
        if name in self.variables:
            return tree.Variable(name)
        if name in tree.CONSTANTS:
            return tree.Constant(name)
        if name == "Piecewise":
            self.expect("(")
            return self.piecewise(token.position)
        if name in tree.FUNCTIONS:
            self.expect("(")
            arguments = [self.expression()]
            while self.accept(","):
                arguments.append(self.expression())
            self.expect(")")
            if len(arguments) != 1 and name not in ("Max", "Min"):
                raise self.fault(f"{name} takes one argument, not {len(arguments)}", token.position)
            return arguments[0] if name in ("Max", "Min") and len(arguments) == 1 else tree.Call(name, tuple(arguments))
        known = ", ".join(sorted(self.variables)) or "none"
        raise self.fault(f"{name[:40]!r} is neither a declared variable ({known}) nor a known function", token.position)

    def piecewise(self, position: int) -> Expression:
        branches: list[tuple[Expression, Condition | None]] = []
        self.enter(position)
        while True:
            self.expect("(")
            value = self.expression()
            self.expect(",")
            condition = self.condition()
            self.expect(")")
            branches.append((value, condition))
            if condition is None:
                break
            if self.accept(",") is None:
                raise self.fault("the last branch of Piecewise must have the condition True", self.token.position)
        self.expect(")")
        self.depth -= 1
        return branches[0][0] if len(branches) == 1 else tree.Piecewise(tuple(branches))

    def condition(self) -> Condition | None:
        token = self.token
        if token.kind == "name" and token.text == "True":
            self.next += 1
            return None
        left = self.expression()
        relation = self.accept(*_RELATIONS)
        if relation is None:
            raise self.fault(f"expected a comparison (< <= > >=){self._found()}", self.token.position)
        right = self.expression()
        return Condition(left, relation.text, right)


def _degree(node: Expression) -> int:
    """Return a bound of the degree that nested constant powers build up to."""
    match node:
        case tree.Power(base, Number(value)):
            return max(1, abs(value.numerator) // value.denominator) * max(1, _degree(base))
        case tree.Sum(parts) | tree.Call(_, parts):
            return max(_degree(p) for p in parts)
        case tree.Product(parts):
            return sum(_degree(p) for p in parts)
        case tree.Piecewise(branches):
            return max(_degree(value) for value, _ in branches)
        case tree.Variable():
            return 1
        case _:
            return 0
