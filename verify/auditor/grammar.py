"""Parser of exact numbers and of the expression grammar (docs/certificate.md, sections 1 and 2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from verify.auditor.expressions import Node, add, call, multiply, negate, number, power, subtract
from verify.auditor.verdicts import InvalidError

_NAMES = "sin cos tan asin acos atan sinh cosh tanh exp log sqrt Abs Max Min sign floor ceiling Heaviside erf"
FUNCTIONS = frozenset(_NAMES.split(" "))
RESERVED = FUNCTIONS | {"pi", "E", "Piecewise", "True"}
MOST_DIGITS, MOST_EXPONENT = 4_000, 9_999
MOST_CHARACTERS, MOST_NODES, MOST_BRACKETS = 100_000, 20_000, 100
MOST_POWER, MOST_POWERS = 1_000, 10_000

_NUMBER = re.compile(r"[+-]?(\d+)(?:(?:\.(\d+))?(?:e([+-]?\d+))?|/(\d+))", re.ASCII)
_TOKEN = re.compile(
    r"[ \t\r\n]*(?:(?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)|(?P<name>[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<sign>\*\*|<=|>=|[-+*/(),<>])|(?P<end>$))",
    re.ASCII,
)
VARIABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)


def rational(text: str) -> Fraction:
    """The exact number a text denotes; ValueError says what is wrong with it."""
    match = _NUMBER.fullmatch(text) if len(text) < 2 * MOST_DIGITS else None
    if match is None:
        raise ValueError("expected an exact number such as 1/3, 0.25 or 1e-3")
    whole, decimals, exponent, denominator = match.groups()
    if len(whole) + len(decimals or "") + len(denominator or "") > MOST_DIGITS:
        raise ValueError(f"a number of more than {MOST_DIGITS} digits")
    if exponent is not None and (len(exponent) > 9 or abs(int(exponent)) > MOST_EXPONENT):
        raise ValueError(f"an exponent of a number beyond {MOST_EXPONENT}")
    if denominator is not None and not int(denominator):
        raise ValueError("a number with denominator 0")
    return Fraction(text)


class _Parser:
    """Recursive descent; one frame for a sum of products, one for a signed power."""

    def __init__(self, text: str, variables: Sequence[str]) -> None:
        if len(text) > MOST_CHARACTERS:
            raise InvalidError(f"an expression of more than {MOST_CHARACTERS} characters")
        self.text = text
        self.variables = {name: Node("variable", (), i) for i, name in enumerate(variables)}
        self.nodes = self.brackets = self.position = self.start = 0
        self.kind = self.token = ""
        self.advance()

    def fault(self, what: str) -> InvalidError:
        return InvalidError(f"character {self.start + 1}: {what}")

    def advance(self) -> None:
        match = _TOKEN.match(self.text, self.position)
        if match is None:
            blank = re.compile(r"[ \t\r\n]*").match(self.text, self.position)
            self.start = blank.end() if blank else self.position
            raise self.fault(f"unexpected character {self.text[self.start]!a}")
        self.kind, self.position = match.lastgroup or "", match.end()
        self.token = match[self.kind]
        self.start = self.position - len(self.token)

    def expect(self, token: str) -> None:
        if not self.accept(token):
            raise self.fault(f"expected {token!r}, found {self.token[:20]!r}" if self.token else f"expected {token!r}")

    def check(self, node: Node) -> Node:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise self.fault(f"more than {MOST_NODES} nodes")
        if node.powers > MOST_POWERS:
            raise self.fault(f"nested powers multiply to more than {MOST_POWERS}")
        return node

    def enter(self) -> None:
        self.brackets += 1
        if self.brackets > MOST_BRACKETS:
            raise self.fault(f"nested more than {MOST_BRACKETS} deep")

    def expression(self) -> Node:
        terms, factors = [], [self.factor()]
        while self.kind == "sign" and self.token in ("+", "-", "*", "/"):
            token = self.token
            self.advance()
            factor = self.check(self.factor())
            if token in ("*", "/"):
                factors.append(factor if token == "*" else self.check(power(factor, number(-1))))
            else:
                terms.append(multiply(*factors))
                factors = [factor] if token == "+" else [number(-1), factor]
        return self.check(add(*terms, multiply(*factors)))

    def factor(self) -> Node:
        negative = False
        while self.kind == "sign" and self.token in ("+", "-"):
            negative ^= self.token == "-"
            self.advance()
        node = self.atom()
        if self.kind == "sign" and self.token == "**":
            self.advance()
            self.enter()
            exponent = self.factor()
            if (size := exponent.number) is not None and abs(size) > MOST_POWER:
                raise self.fault(f"an exponent beyond {MOST_POWER}")
            self.brackets -= 1
            node = self.check(power(node, exponent))
        return negate(node) if negative else node

    def atom(self) -> Node:
        kind, token, at = self.kind, self.token, self.start
        if kind == "end" or (kind == "sign" and token != "("):
            raise self.fault(f"unexpected {token!r}" if token else "unexpected end")
        self.advance()
        if kind == "number":
            try:
                return self.check(number(rational(token)))
            except ValueError as error:
                self.start = at
                raise self.fault(str(error)) from None
        if token in self.variables:
            return self.check(self.variables[token])
        if token in ("pi", "E"):
            return self.check(Node("pi") if token == "pi" else call("exp", number(1)))
        if token != "(" and token != "Piecewise" and token not in FUNCTIONS:
            self.start = at
            raise self.fault(f"unknown name {token[:20]!r}")
        if token != "(":
            self.expect("(")
        self.enter()
        args: list[Node] = []
        signs: list[str] = []
        while not args or self.accept(","):
            if token == "Piecewise":
                self.expect("(")
                self.enter()
                args.append(self.expression())
                self.expect(",")
                difference, sign = self.condition()
                args.append(difference)
                signs.append(sign)
                self.brackets -= 1
                self.expect(")")
            else:
                args.append(self.expression())
        self.expect(")")
        self.brackets -= 1
        self.start = at
        if token == "(" or (token in FUNCTIONS and token not in ("Max", "Min")):
            if len(args) != 1:
                raise self.fault(f"expected one value between the brackets, found {len(args)}")
            return args[0] if token == "(" else self.check(call(token, *args))
        if token != "Piecewise":
            return self.check(call(token, *args))
        if signs[-1] != "True":
            raise self.fault("the last condition of Piecewise must be True")
        return self.check(Node("Piecewise", tuple(args), tuple(signs)))

    def condition(self) -> tuple[Node, str]:
        """(left side - right side, comparison sign); (0, "True") for True."""
        if self.token == "True":
            self.advance()
            return number(0), "True"
        left, sign = self.expression(), self.token
        if sign not in ("<", "<=", ">", ">="):
            raise self.fault("expected one of < <= > >=")
        self.advance()
        return subtract(left, self.expression()), sign

    def accept(self, token: str) -> bool:
        if self.kind == "sign" and self.token == token:
            self.advance()
            return True
        return False

    def end(self) -> None:
        if self.kind != "end":
            raise self.fault(f"unexpected {self.token[:20]!r}")


def parse(text: str, variables: Sequence[str]) -> Node:
    """The expression a text denotes; InvalidError with the position of the first fault."""
    parser = _Parser(text, variables)
    node = parser.expression()
    parser.end()
    return node


def parse_condition(text: str, variables: Sequence[str]) -> tuple[Node, str]:
    """(A - B, comparison sign) of the text `A < B` and the like; InvalidError with the position of the first fault."""
    parser = _Parser(text, variables)
    condition = parser.condition()
    parser.end()
    return condition
