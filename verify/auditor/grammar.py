"""Parser of exact numbers and of the expression grammar (docs/certificate.md, sections 1 and 2)."""

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TypeVar

from verify.auditor.expressions import Node, add, call, multiply, negate, number, power, subtract
from verify.auditor.verdicts import InvalidError, at, require, settle

_NAMES = "sin cos tan asin acos atan sinh cosh tanh exp log sqrt Abs Max Min sign floor ceiling Heaviside erf"
FUNCTIONS = frozenset(_NAMES.split(" "))
RESERVED = FUNCTIONS | {"pi", "E", "Piecewise", "True"}
MOST_DIGITS, MOST_EXPONENT = 4_000, 9_999
MOST_CHARACTERS, MOST_NODES, MOST_BRACKETS = 100_000, 20_000, 100
MOST_POWER, MOST_POWERS = 1_000, 10_000
MOST_BITS = 1 << 19  # of all constants together, also of those that are folded

_NUMBER = re.compile(r"[+-]?(\d+)(?:(?:\.(\d+))?(?:e([+-]?\d+))?|/(\d+))", re.ASCII)
VARIABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_TOKEN = re.compile(  # a number, a name, a sign, nothing at the end; any other character is a token that fits nowhere
    rf"[ \t\r\n]*(\d+(?:\.\d+)?(?:e[+-]?\d+)?|{VARIABLE.pattern}|\*\*|<=|>=|\Z|.)", re.ASCII | re.DOTALL
)
T = TypeVar("T")


def rational(text: str) -> Fraction:
    """The exact number a text denotes; InvalidError says what is wrong with it."""
    match = _NUMBER.fullmatch(text) if len(text) < 2 * MOST_DIGITS else None
    if match is None:
        raise InvalidError("expected an exact number such as 1/3, 0.25 or 1e-3")
    whole, decimals, exponent, denominator = (part or "" for part in match.groups())
    require(len(whole + decimals + denominator) <= MOST_DIGITS, f"a number of more than {MOST_DIGITS} digits")
    small = len(exponent) < 10 and abs(int(exponent or 0)) <= MOST_EXPONENT
    require(small, f"an exponent of a number beyond {MOST_EXPONENT}")
    require(denominator == "" or int(denominator) > 0, "a number with denominator 0")
    return Fraction(text)


class _Parser:
    """Recursive descent: sums of products, signed powers, atoms, what stands in brackets, conditions."""

    def __init__(self, text: str, variables: Sequence[str]) -> None:
        require(len(text) <= MOST_CHARACTERS, f"an expression of more than {MOST_CHARACTERS} characters")
        self.atoms = {name: Node("variable", (), i) for i, name in enumerate(variables)}
        self.atoms |= {"pi": Node("pi"), "E": call("exp", number(1))}
        self.tokens = _TOKEN.finditer(text)
        self.token, self.start, self.nodes, self.bits, self.depth = "", 0, 0, 0, 0
        self.advance()

    def advance(self) -> str:
        """Go on to the next token; returns the one before."""
        token, match = self.token, next(self.tokens)
        self.token, self.start = match[1], match.start(1)
        return token

    def require(self, holds: bool, what: str, start: int | None = None) -> None:
        """InvalidError with the position unless a condition holds."""
        require(holds, f"character {1 + (self.start if start is None else start)}: {what}")

    def expect(self, token: str) -> None:
        """InvalidError unless this is the next token."""
        self.require(self.token == token, f"unexpected {self.token[:20]!a}, expected {token!r}")

    def check(self, node: Node) -> Node:
        """Count a node, and the digits of a constant before sums and products of many are folded."""
        self.nodes += 1
        value = node.number or Fraction(0)
        self.bits += value.numerator.bit_length() + value.denominator.bit_length()
        settle(self.bits <= MOST_BITS, f"constants of more than {MOST_BITS} bits")
        self.require(self.nodes <= MOST_NODES, f"more than {MOST_NODES} nodes")
        self.require(node.powers <= MOST_POWERS, f"nested powers multiply to more than {MOST_POWERS}")
        return node

    def nested(self, read: Callable[[], T]) -> T:
        """Go on to what is one level deeper, and read it."""
        self.depth += 1
        self.require(self.depth <= MOST_BRACKETS, f"nested more than {MOST_BRACKETS} deep")
        self.advance()
        found = read()
        self.depth -= 1
        return found

    def expression(self) -> Node:
        terms, factors = [], [self.factor()]
        while self.token in ("+", "-", "*", "/"):
            token = self.advance()
            factor = self.check(self.factor())
            if token in ("*", "/"):
                factors.append(factor if token == "*" else self.check(power(factor, number(-1))))
            else:
                terms.append(multiply(*factors))
                factors = [factor] if token == "+" else [number(-1), factor]
        return self.check(add(*terms, multiply(*factors)))

    def factor(self) -> Node:
        negative = False
        while self.token in ("+", "-"):
            negative ^= self.advance() == "-"
        node = self.atom()
        if self.token == "**":
            exponent = self.nested(self.factor)
            self.require(abs(exponent.number or Fraction(0)) <= MOST_POWER, f"an exponent beyond {MOST_POWER}")
            node = self.check(power(node, exponent))
        return negate(node) if negative else node

    def atom(self) -> Node:
        start, token = self.start, self.token
        if token in self.atoms:
            return self.check(self.atoms[self.advance()])
        if "0" <= token[:1] <= "9":
            with at(f"character {start + 1}"):
                value = rational(self.advance())
            return self.check(number(value))
        if token != "(":
            what = "unknown name" if VARIABLE.match(token) else "unexpected"
            self.require(token in FUNCTIONS or token == "Piecewise", f"{what} {token[:20]!a}")
            self.advance()
        if token == "Piecewise":
            branches = self.brackets(lambda: self.brackets(self.condition))
            paired = all([bool(sign) for _, sign in branch] == [False, True] for branch in branches)
            self.require(paired, "each branch of Piecewise is (value, condition)", start)
            self.require(branches[-1][1][1] == "True", "the last condition of Piecewise must be True", start)
            nodes = tuple(node for branch in branches for node, _ in branch)
            return self.check(Node("Piecewise", nodes, tuple(sign for _, (_, sign) in branches)))
        args = self.brackets(self.expression)
        fits = len(args) == 1 or token in ("Max", "Min")
        self.require(fits, f"expected one value between the brackets, found {len(args)}", start)
        return args[0] if token == "(" else self.check(call(token, *args))

    def brackets(self, read: Callable[[], T]) -> list[T]:
        """What stands between brackets, with commas in between."""
        self.expect("(")
        found = [self.nested(read)]
        while self.token == ",":
            found.append(self.nested(read))
        self.expect(")")
        self.advance()
        return found

    def condition(self) -> tuple[Node, str]:
        """(left side - right side, comparison sign); (0, "True") for True; (a value, "") for what compares nothing."""
        if self.token == "True":
            return number(0), self.advance()
        left = self.expression()
        if self.token not in ("<", "<=", ">", ">="):
            return left, ""
        sign = self.advance()
        return subtract(left, self.expression()), sign


def parse(text: str, variables: Sequence[str]) -> Node:
    """The expression a text denotes; InvalidError with the position of the first fault."""
    parser = _Parser(text, variables)
    node = parser.expression()
    parser.expect("")
    return node


def parse_condition(text: str, variables: Sequence[str]) -> tuple[Node, str]:
    """(A - B, comparison sign) of the text `A < B` and the like; InvalidError with the position of the first fault."""
    parser = _Parser(text, variables)
    condition = parser.condition()
    parser.expect("")
    parser.require(condition[1] != "", "expected one of < <= > >=")
    return condition
