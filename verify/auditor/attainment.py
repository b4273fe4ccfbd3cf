"""The checks of a certificate of kind `attainment` (docs/certificate.md, section 7)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from verify.auditor import affine, polynomials
from verify.auditor.activations import activation, check_standard, interval, require_relu
from verify.auditor.affine import Affine, intervals
from verify.auditor.arguments import require_smooth, rule_of
from verify.auditor.certificate import Problem, Reader, Records
from verify.auditor.domains import split
from verify.auditor.expressions import Node, add, multiply, negate, number, power, substitute, subtract
from verify.auditor.grammar import parse
from verify.auditor.integrate import Integral
from verify.auditor.lines import Part
from verify.auditor.losses import as_node
from verify.auditor.polynomials import Polynomial
from verify.auditor.verdicts import Effort, require, settle, shown

FITTING = {  # every_target, widths
    "piecewise-linear": (True, "all"), "polynomial-space": (True, "from"),
    "exact-network": (False, "this"), "one-kink": (False, "this"),
}  # fmt: skip


KEYS = "activation:string claim:claim argument:any"
RECORDS: Records = {
    "claim": (lambda *values: values, "every_target:flag widths:string minimum:exact?"),
    "inner": (Affine, "weights:point bias:exact"),
    "network": (lambda *both: both, "offset:exact neurons:neuron*"),
}


def check(
    effort: Effort, r: Reader, problem: Problem, text: str, claim: tuple[bool, str, Fraction | None], argument: Any
) -> None:
    """Return if the certificate is valid; InvalidError or UndecidedError with the reason otherwise."""
    check_standard(problem)
    rule, (*form, minimum) = rule_of(argument), claim
    require(rule in FITTING, f"argument.rule: expected one of {', '.join(FITTING)}")
    fits = tuple(form) == FITTING[rule] and FITTING[rule][0] is (minimum is None) and len(problem.variables) == 1
    require(fits, "claim: it does not fit the rule")
    sigma = activation(text, effort)
    if rule == "piecewise-linear":
        r.record(argument, "argument", "rule:any")
        _check_kinks(sigma)
    elif rule == "polynomial-space":
        _check_space(sigma, r.record(argument, "argument", "rule:any neurons:inner*")[1], problem.width)
    if minimum is None:
        interval(problem)
        require(problem.target.number is not None, "problem.target: expected a number, which stands for every target")
        return
    _, (offset, stated) = r.record(argument, "argument", "rule:any network:network")
    require(len(stated) <= problem.width, "argument.network: more neurons than the width")
    node = parse(text, ["x"])
    terms = [multiply(number(n.output), substitute(node, {0: as_node(n.argument)})) for n in stated]
    square = power(subtract(add(number(offset), *terms), problem.target), number(2))
    low, high = Integral(effort, [(square, a, b) for a, b in intervals(problem.shapes)], Fraction(1)).enclosure()
    settle(low == high, "argument.network: its risk is not found exactly")
    require(low == minimum, f"claim.minimum: the risk of the network is {shown(low)}")
    if rule == "one-kink":
        require_relu(sigma)
        require(problem.width == 1, "problem.network.width: expected 1")
        _check_one_kink(problem, minimum, effort)
    else:
        require(minimum == 0, "claim.minimum: expected 0")


def _check_kinks(sigma: list[Part]) -> None:
    """Continuous, and linear with one kink or constant, linear, constant."""
    lines = [p.node.polynomial for p in sigma]
    require(all(line is not None and len(line) <= 2 for line in lines), "activation: it is not piecewise linear")
    require_smooth(sigma, 0)
    slopes = [line[1] if line is not None and len(line) == 2 else 0 for line in lines]
    fits = len(slopes) == 2 or (len(slopes) == 3 and not slopes[0] and not slopes[2])
    require(fits and slopes[0] != slopes[1], "activation: expected one kink, or a clipped line")


def _check_space(sigma: list[Part], neurons: list[Affine], width: int) -> None:
    """A polynomial activation of degree p, and neurons that span, with the constants, all polynomials of degree p."""
    p = sigma[0].node.polynomial if len(sigma) == 1 else None
    require(p is not None and len(p) > 1 and len(neurons) <= width, "argument: expected a polynomial, enough neurons")
    size, rows = len(p or []), []
    for argument in neurons:
        q = substitute(sigma[0].node, {0: as_node(argument)}).polynomial or []
        rows.append([*q, *[Fraction(0)] * size][1:size])
    require(affine.rank(rows) == size - 1, "argument.neurons: they do not span the polynomials")


def _check_one_kink(problem: Problem, minimum: Fraction, effort: Effort) -> None:
    """No b + c (x - o)^+, nor its mirror image, has a smaller risk: signs of polynomials in o on every cell."""
    a, b = interval(problem)
    mirrored = substitute(problem.target, {0: negate(Node("variable"))})
    for target, start, end in ((problem.target, a, b), (mirrored, -b, -a)):
        pieces = [(node.polynomial, u, v) for node, u, v in split(effort, target, start, end)]
        settle(all(p is not None for p, _, _ in pieces), "problem.target: it is not piecewise polynomial")
        for gap, u, v in _gaps([(p or [], u, v) for p, u, v in pieces], minimum):
            fits = polynomials.sign(gap, u, v)[0] >= 0
            require(fits, f"claim.minimum: a kink between {shown(u)} and {shown(v)} may have a smaller risk")


def _gaps(
    pieces: list[tuple[Polynomial, Fraction, Fraction]], minimum: Fraction
) -> Iterator[tuple[Polynomial, Fraction, Fraction]]:
    """(risk - minimum) times the Gram determinant of 1 and (x - o)^+, as polynomials in o, on each cell."""

    def plus(*terms: tuple[Fraction, Polynomial]) -> Polynomial:
        total: Polynomial = []
        for factor, p in terms:
            total = polynomials.add(total, [factor * c for c in p] if factor else [])
        return total

    one, times, integral = Fraction(1), polynomials.multiply, polynomials.integral
    x, length, rest = [Fraction(0), one], pieces[-1][2] - pieces[0][1], [pieces[-1][2], -one]
    mean = sum((integral(f, u, v) for f, u, v in pieces), Fraction(0))
    square = sum((integral(times(f, f), u, v) for f, u, v in pieces), Fraction(0))
    half, third = plus((Fraction(one, 2), times(rest, rest))), plus((Fraction(one, 3), polynomials.power(rest, 3)))
    determinant = plus((length, third), (-one, times(half, half)))
    for i, (f, u, v) in enumerate(pieces):
        tail = [(g, p, q) for g, p, q in pieces[i + 1 :]]
        moment: Polynomial = []  # int_o f(y) (y - o) dy = int y f dy - o int f dy, from o to the end
        for factor, weight in ((one, [one]), (-one, x)):
            rows = [(times(g, x) if factor > 0 else g, p, q) for g, p, q in [(f, u, v), *tail]]
            inner = [Fraction(0), *(Fraction(c, k + 1) for k, c in enumerate(rows[0][0]))]
            whole = polynomials.value(inner, v) + sum((integral(*row) for row in rows[1:]), Fraction(0))
            moment = plus((one, moment), (factor, times(plus((whole, [one]), (-one, inner)), weight)))
        explained = plus((mean**2, third), (-2 * mean, times(moment, half)), (length, times(moment, moment)))
        yield plus((square - minimum, determinant), (-one, explained)), u, v
