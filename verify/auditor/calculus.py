"""Normal forms of expressions in one variable s (docs/certificate.md, 6.1).

A form is a quotient of sums of monomials c s**i exp(q(s)), c and the coefficients of the polynomial q rational, times
powers of other functions and of square roots of numbers, which are taken as they are (but sqrt(n)**2 = n).
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from verify.auditor.expressions import Node
from verify.auditor.verdicts import UndecidedError, settle

MOST_TERMS, MOST_POWER = 3_000, 60
ODD = ("tanh", "sin", "tan", "atan", "erf", "sinh")


class Monomial(NamedTuple):
    """s**i exp(q) times the others with their powers; q lists coefficients from s**0 on, without zeros at the end."""

    i: int = 0
    q: tuple[Fraction, ...] = ()
    others: tuple[tuple[str, int], ...] = ()

    def others_are_constant(self) -> bool:
        """Whether the other factors are roots of numbers and powers of pi only."""
        return all(name == "pi" or name.startswith("root ") for name, _ in self.others)

    def times(self, other: Monomial, sign: int = 1) -> tuple[Monomial, Fraction]:
        """The product (or quotient, for the sign -1) as a monomial and a factor."""
        size, factor, others = max(len(self.q), len(other.q)), Fraction(1), dict(self.others)
        q = [sum(sign**j * m.q[k] for j, m in enumerate((self, other)) if k < len(m.q)) for k in range(size)]
        while q and not q[-1]:
            q.pop()
        for name, p in other.others:
            p = others.get(name, 0) + sign * p
            if name.startswith("root "):
                p, factor = p % 2, factor * Fraction(name[5:]) ** (p // 2)
            others[name] = p
        kept = tuple(sorted((name, p) for name, p in others.items() if p))
        return Monomial(self.i + sign * other.i, tuple(map(Fraction, q)), kept), factor


Sum = dict[Monomial, Fraction]
ONE: Sum = {Monomial(): Fraction(1)}


class Form(NamedTuple):
    """over / under; under is 1 if it has a single term."""

    over: Sum
    under: Sum = ONE

    def plus(self, other: Form) -> Form:
        """The sum."""
        if self.under == other.under:
            return _form(_added(self.over, other.over), self.under)
        crossed = _added(_multiplied(self.over, other.under), _multiplied(other.over, self.under))
        return _form(crossed, _multiplied(self.under, other.under))

    def times(self, other: Form) -> Form:
        """The product."""
        return _form(_multiplied(self.over, other.over), _multiplied(self.under, other.under))

    def power(self, n: int) -> Form:
        """An integer power."""
        settle(abs(n) <= MOST_POWER and (n >= 0 or bool(self.over)), "a power is too large, or one of 0")
        base, result = (self if n >= 0 else _form(self.under, self.over)), Form(ONE)
        for _ in range(abs(n)):
            result = result.times(base)
        return result


def _added(a: Sum, b: Sum) -> Sum:
    return {m: c for m in {**a, **b} if (c := a.get(m, Fraction(0)) + b.get(m, Fraction(0)))}


def _multiplied(a: Sum, b: Sum) -> Sum:
    settle(len(a) * len(b) <= MOST_TERMS, "a normal form has too many terms")
    total: Sum = {}
    for m, c in a.items():
        for n, d in b.items():
            key, factor = m.times(n)
            total[key] = total.get(key, Fraction(0)) + c * d * factor
    return {m: c for m, c in total.items() if c}


def _form(over: Sum, under: Sum) -> Form:
    if len(under) > 1 or under == ONE:
        return Form(over, under if over else ONE)
    [(n, d)] = under.items()
    divided = [(m.times(n, -1), Fraction(c, d)) for m, c in over.items()]
    return Form({m: c * factor for (m, factor), c in divided})


def constant(value: Fraction | int) -> Form:
    """A number as a form."""
    return Form({Monomial(): Fraction(value)} if value else {})


class Forms:
    """Normal forms; logarithms are remembered, so that exp(2 log u) becomes u**2."""

    def __init__(self) -> None:
        self.logs: dict[str, Form] = {}

    def __call__(self, node: Node) -> Form:
        """The form of an expression without switches."""
        kind, args = node.kind, node.args
        if kind == "variable":
            return Form({Monomial(1): Fraction(1)})
        if (value := node.number) is not None:
            return constant(value)
        if kind == "pi":
            return Form({Monomial(others=(("pi", 2),)): Fraction(1)})
        forms = list(map(self, args))
        u = forms[0]
        if kind in ("+", "*"):
            for other in forms[1:]:
                u = u.plus(other) if kind == "+" else u.times(other)
            return u
        e = args[1].number if kind == "**" else None
        if e is not None and e.denominator == 1:
            return u.power(e.numerator)
        if e is not None and e.denominator == 2 and (root := _root(args[0])) is not None:
            return Form({Monomial(others=((root, 1),)): Fraction(1)}).power(e.numerator)
        if not u.over and kind in (*ODD, "cos", "cosh"):
            return constant(kind not in ODD)
        if kind == "log" and u == Form(ONE):
            return constant(0)
        if kind == "exp":
            return self._exp(u, 1)
        if kind == "tanh":
            square = self._exp(u, 2)
            return square.plus(constant(-1)).times(square.plus(constant(1)).power(-1))
        if kind in ("sinh", "cosh"):
            ends = self._exp(u, 1).plus(self._exp(u, -1).times(constant(1 if kind == "cosh" else -1)))
            return ends.times(constant(Fraction(1, 2)))
        name = kind + str([(sorted(f.over.items()), sorted(f.under.items())) for f in forms])
        if kind == "log":
            self.logs[name] = u
        return Form({Monomial(others=((name, 1),)): Fraction(1)})

    def _exp(self, u: Form, factor: int) -> Form:
        q: dict[int, Fraction] = {}
        result = Form(ONE)
        for m, c in u.over.items():
            c = c * factor
            base = self.logs.get(m.others[0][0]) if len(m.others) == 1 and m.others[0][1] == 1 else None
            if u.under == ONE and m == Monomial(m.i) and m.i >= 0:
                q[m.i] = c
            elif u.under == ONE and base is not None and m == Monomial(others=m.others) and c.denominator == 1:
                result = result.times(base.power(c.numerator))
            else:
                raise UndecidedError("an exponential of something else than polynomials and logarithms")
        exponent = tuple(q.get(i, Fraction(0)) for i in range(max(q, default=-1) + 1))
        return result.times(Form({Monomial(q=exponent): Fraction(1)}))


def polynomial(node: Node) -> list[Fraction] | None:
    """The coefficients of an expression that is seen to be a polynomial over Q, lowest degree first."""
    try:
        form = Forms()(node)
    except UndecidedError:
        return None
    if form.under != ONE or any(m != Monomial(m.i) or m.i < 0 for m in form.over):
        return None
    return [form.over.get(Monomial(i), Fraction(0)) for i in range(max((m.i for m in form.over), default=-1) + 1)]


def _root(node: Node) -> str | None:
    """The name of the square root of a positive number, or of pi."""
    value = node.number
    return "pi" if node.kind == "pi" else f"root {value}" if value is not None and value > 0 else None
