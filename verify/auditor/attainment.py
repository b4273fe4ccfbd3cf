"""The checks of a certificate of kind `attainment` (docs/certificate.md, section 7)."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from verify.auditor import affine, polynomials
from verify.auditor.affine import Affine, intervals
from verify.auditor.arguments import require_smooth
from verify.auditor.certificate import Problem, Reader, Records
from verify.auditor.domains import check_sign, split
from verify.auditor.expressions import Node, add, multiply, number, power, substitute, subtract
from verify.auditor.grammar import parse
from verify.auditor.integrate import Integral
from verify.auditor.lines import Part, activation, check_standard, interval, require_relu
from verify.auditor.losses import as_node
from verify.auditor.polynomials import Polynomial
from verify.auditor.verdicts import Effort, require, settle, shown

Neuron = tuple[Fraction, Affine]
Piece = tuple[Polynomial, Fraction, Fraction]
RULES = {  # what is claimed: every_target, widths; the keys of the argument
    "piecewise-linear": (True, "all", ""),
    "polynomial-space": (True, "from", "neurons:inner*"),
    "exact-network": (False, "this", "network:network"),
    "one-kink": (False, "this", "network:network"),
}
KEYS = "activation:string claim:claim argument:any"
RECORDS: Records = {
    "claim": (lambda *values: values, "every_target:flag widths:string minimum:exact?"),
    "inner": (Affine, "weights:point bias:exact"),
    "neuron": (lambda output, *argument: (output, Affine(*argument)), "output:exact weights:point bias:exact"),
    "network": (lambda *both: both, "offset:exact neurons:neuron*"),
}
# The least risk of b + c r over b and c, with r = (x - o)^+ and the integrals h = (end - o)^2/2 of r, t = (end - o)^3/3
# of r^2, q of f r, is square - (t mean^2 - 2 h mean q + length q^2) / (length t - h^2). This, less `least`, times what
# it is divided by:
GAP = parse(
    "(square - least)*(length*(end - o)**3/3 - (end - o)**4/4)"
    " - mean**2*(end - o)**3/3 + mean*(end - o)**2*q - length*q**2",
    ["o", "q", "square", "least", "mean", "length", "end"],
)


def check(
    effort: Effort, r: Reader, problem: Problem, text: str, claim: tuple[bool, str, Fraction | None], argument: Any
) -> None:
    """Return if the certificate is valid; InvalidError or UndecidedError with the reason otherwise."""
    check_standard(problem)
    rule, *data = r.choice(argument, "argument", "rule", {rule: keys for rule, (_, _, keys) in RULES.items()})
    every_target, widths, minimum = claim
    fits = (every_target, widths) == RULES[rule][:2] and every_target is (minimum is None)
    require(fits and len(problem.variables) == 1, "claim: it does not fit the rule")
    sigma = activation(text, effort)
    if minimum is None:
        (_check_kinks if rule == "piecewise-linear" else _check_space)(sigma, problem.width, *data)
        interval(problem)
        require(problem.target.number is not None, "problem.target: expected a number, which stands for every target")
    else:
        _check_network(effort, problem, parse(text, ["x"]), minimum, *data[0])
        if rule == "one-kink":
            require_relu(sigma)
            require(problem.width == 1, "problem.network.width: expected 1")
            _check_one_kink(problem, minimum, effort)
        else:
            require(minimum == 0, "claim.minimum: expected 0")


def _check_network(
    effort: Effort,
    problem: Problem,
    sigma: Node,
    minimum: Fraction,
    offset: Fraction,
    neurons: list[Neuron],
) -> None:
    """The stated network has the claimed risk, exactly."""
    require(len(neurons) <= problem.width, "argument.network: more neurons than the width")
    terms = [multiply(number(output), substitute(sigma, {0: as_node(argument)})) for output, argument in neurons]
    square = power(subtract(add(number(offset), *terms), problem.target), number(2))
    low, high = Integral(effort, [(square, (a,), (b,)) for a, b in intervals(problem.shapes)], Fraction(1)).enclosure()
    settle(low == high, "argument.network: its risk is not found exactly")
    require(low == minimum, f"claim.minimum: the risk of the network is {shown(low)}")


def _check_kinks(sigma: list[Part], width: int) -> None:
    """Continuous, and linear with one kink or constant, linear, constant."""
    lines = [p.node.polynomial for p in sigma]
    require(all(line is not None and len(line) <= 2 for line in lines), "activation: it is not piecewise linear")
    require_smooth(sigma, 0)
    slopes = [line[1] if line is not None and len(line) == 2 else 0 for line in lines]
    fits = len(slopes) == 2 or (len(slopes) == 3 and not slopes[0] and not slopes[2])
    require(fits and slopes[0] != slopes[1], "activation: expected one kink, or a clipped line")


def _check_space(sigma: list[Part], width: int, neurons: list[Affine]) -> None:
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
    low, high = interval(problem)
    cells = [(node.polynomial, u, v) for node, (u,), (v,) in split(effort, problem.target, (low,), (high,))]
    settle(all(p is not None for p, _, _ in cells), "problem.target: it is not piecewise polynomial")
    pieces = [(p or [], u, v) for p, u, v in cells]
    mirrored = [([c * (-1) ** k for k, c in enumerate(p)], -v, -u) for p, u, v in reversed(pieces)]
    for gap, u, v in (*_gaps(pieces, minimum), *_gaps(mirrored, minimum)):
        check_sign(effort, gap, ((u,), (v,)), ">=", "claim.minimum: a kink with a smaller risk")


def _gaps(pieces: list[Piece], least: Fraction) -> Iterator[tuple[Node, Fraction, Fraction]]:
    """GAP as a polynomial in o on each cell, from the right: there q and its derivative are 0, and q'' = f."""
    end, x = pieces[-1][2], Node("variable")
    mean = sum((polynomials.integral(f, u, v) for f, u, v in pieces), Fraction(0))
    square = sum((polynomials.integral(polynomials.multiply(f, f), u, v) for f, u, v in pieces), Fraction(0))
    known = dict(enumerate(map(number, (square, least, mean, end - pieces[0][1], end)), 2))
    slope = q = Fraction(0)
    for f, u, v in reversed(pieces):
        first = polynomials.primitive(f, v, slope)
        second = polynomials.primitive(first, v, q)
        slope, q = polynomials.value(first, u), polynomials.value(second, u)
        moment = add(*(multiply(number(c), power(x, number(k))) for k, c in enumerate(second)), number(0))
        yield substitute(GAP, {**known, 1: moment}), u, v
