"""The rules by which no network of a width equals a target (docs/certificate.md, section 6.3)."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from math import comb, gcd, lcm
from typing import Any, NamedTuple

from verify.auditor import polynomials
from verify.auditor.calculus import Form, Forms, Sum, polynomial
from verify.auditor.certificate import Reader
from verify.auditor.domains import sign_at
from verify.auditor.expressions import Node, decide, number, substitute, subtract
from verify.auditor.lines import Line, Part, growth, require_analytic
from verify.auditor.polynomials import Polynomial
from verify.auditor.slopes import derivative
from verify.auditor.verdicts import Effort, doubt, require, settle

MOST_STEPS = 1_000  # between exponents, in their common unit


class Setting(NamedTuple):
    """The activation in pieces on the line, the target in pieces on the domain, the width."""

    effort: Effort
    sigma: list[Part]
    target: list[Part]
    width: int

    def piece(self, index: int) -> Part:
        """A piece of the target."""
        require(index < len(self.target), "argument.piece: the target has fewer pieces")
        return self.target[index]

    def polynomial(self) -> Polynomial:
        """The target, which must be one polynomial."""
        p = self.target[0].node.polynomial
        require(len(self.target) == 1 and p is not None, "argument: the target is not a polynomial")
        return p or []


def is_nonzero(effort: Effort, node: Node, x: Fraction) -> bool:
    """Whether the value at a point, where the expression must be defined, is proved to differ from 0."""
    with doubt(f"no value at {x}"):
        return decide("!=", sign_at(effort, node, (x,))) is True


def require_smooth(sigma: Sequence[Part], order: int) -> None:
    """The activation is C^order on the line: the normal forms of its one-sided derivatives agree."""
    for left, right in pairwise(sigma):
        for j in range(order + 1):
            gap = substitute(derivative(subtract(left.node, right.node), j), {0: number(left.high or 0)})
            settle(not Forms()(gap).over, f"one-sided derivatives of order {j} at {left.high} are not seen to agree")


def by_single_neuron(s: Setting, piece: int, points: list[Fraction | None]) -> None:
    """Width 1; the target varies and is a polynomial on a piece, the activation none of its degree on any piece."""
    p = polynomial(s.piece(piece).node)
    require(s.width == 1 and len(points) == len(s.sigma), "argument: expected width 1, one point a piece of sigma")
    require(p is not None, "argument.piece: the target is not a polynomial there")
    degree = max(len(p or []) - 1, 0)
    inside = [(g.node, low + (high - low) * Fraction(n, 7)) for g in s.target for low, high in [g.ends] for n in (3, 5)]
    varies = any(is_nonzero(s.effort, derivative(node), x) for node, x in inside)
    settle(varies, "the target is not seen to vary")
    for part, point in zip(s.sigma, points, strict=True):
        if point is None:
            q = polynomial(part.node)
            settle(q is not None, "argument.points: a piece is not seen to be a polynomial")
            require(max(len(q or []) - 1, 0) != degree, f"argument.points: a piece has degree {degree}")
        else:
            require(part.inside(point), f"argument.points: {point} lies outside its piece")
            settle(is_nonzero(s.effort, derivative(part.node, degree + 1), point), "argument.points: a derivative is 0")


def by_growth(s: Setting, degree: int) -> None:
    """The activation is one piece of growth at most `degree`, the target a polynomial of higher degree."""
    own = growth(Line(s.effort, None, None), s.sigma[0].node) if len(s.sigma) == 1 else None
    settle(own is not None and own <= degree, "the growth of the activation is not seen from its form")
    require(len(s.polynomial()) - 1 > degree, "argument.degree: it is not below that of the target")


def _forms(s: Setting, piece: int, level: int) -> list[Form]:
    """The normal forms of the derivatives of the pieces of the activation, then of that of the target."""
    return [Forms()(derivative(part.node, level)) for part in (*s.sigma, s.piece(piece))]


def poles(form: Form) -> tuple[int, int | None]:
    """The largest order of a pole in the plane, and that at infinity for a rational function of s (else None).

    UndecidedError unless the form is rational in s, or in s and exp(s) without s below.
    """
    monomials = [*form.over, *form.under]
    slopes = [m.q[1] for m in monomials if len(m.q) > 1]
    settle(
        all(m.i >= 0 and (not m.q or (len(m.q) == 2 and not m.q[0])) for m in monomials)
        and len({m.others for m in form.over}) <= 1
        and all(m.others_are_constant() for m in monomials)
        and not any(m.others or (slopes and m.i) for m in form.under),
        "the normal form is not rational in s, or in exp(s) with powers of s above",
    )
    scale = lcm(*(c.denominator for c in slopes))
    unit = Fraction(gcd(*(int(c * scale) for c in slopes)) or 1, scale)
    steps = [0, *(int(Fraction(c, unit)) for c in slopes)]
    least = min(steps)
    settle(max(steps) - least <= MOST_STEPS, "exponents too far apart")

    def row(part: Sum, i: int | None) -> Polynomial:
        """The polynomial in exp(unit s) beside s**i, or in s if there is no exponential."""
        p = {int(Fraction(m.q[1], unit)) - least if m.q else -least: c for m, c in part.items() if m.i == i}
        p = p if slopes else {m.i: c for m, c in part.items()}
        return [p.get(j, Fraction(0)) for j in range(max(p, default=-1) + 1)]

    under, rows = row(form.under, 0), [row(form.over, i) for i in {m.i for m in form.over}]
    common = under
    for over in rows:
        common = polynomials.gcd(common, over)
    p = polynomials.divide(under, common)[0]
    while slopes and not p[0]:  # exp(s) has no zero
        p = p[1:]
    order = 0
    while len(p) > 1:
        p, order = polynomials.gcd(p, polynomials.derivative(p)), order + 1
    return order, None if slopes else max(0, max(map(len, rows), default=0) - len(under))


def by_poles(s: Setting, level: int, piece: int, where: str, activation: int, target: int) -> None:
    """Every piece of sigma^(level) has poles of order <= `activation`, g^(level) one of order `target` > that."""
    require(target > activation, "argument: expected a higher order of the target")
    *own, goal = [poles(form)[where == "infinity"] for form in _forms(s, piece, level)]
    fits = all(order is not None and order <= activation for order in own) and goal == target
    require(fits, f"argument: the orders of the poles are {own} and {goal}")


def by_exponentials(
    s: Setting, level: int, piece: int, with_exponential: int, without_exponential: int, target: int, exponential: bool
) -> None:
    """Coefficients of sigma^(level) have at most the stated degrees, one of g^(level) the degree `target` beyond."""
    *own, goal = _forms(s, piece, level)
    limits = {True: with_exponential, False: without_exponential}
    monomials = [m for form in own for m in form.over]
    plain = all(m.i >= 0 and m.others_are_constant() for m in (*monomials, *goal.over))
    settle(plain and all(len(form.under) == 1 for form in (*own, goal)), "no exponential polynomial was seen")
    require(limits[False] >= -(level > 0), "argument.without_exponential: constants count")
    require(all(m.i <= limits[bool(m.q[1:])] for m in monomials), "argument: sigma has a higher degree")
    require(target > limits[exponential], "argument.target: it is not beyond the degrees of the activation")
    settle(not any(m.q and m.q[0] for m in goal.over), "the target has an exponent with a constant")
    top = [m.q for m in goal.over if m.i == target and bool(m.q) == exponential]
    settle(any(top.count(q) == 1 for q in top), "no coefficient of the target is seen to have this degree")


def by_smoothness(s: Setting, class_: int, point: Fraction, order: int) -> None:
    """The activation is C^class, the one-sided derivatives of order `order` of the target at the point differ."""
    require(order <= class_, "argument.order: it exceeds the class")
    require_smooth(s.sigma, class_)
    sides = [pair for pair in pairwise(s.target) if pair[0].high == point]
    require(len(sides) == 1, "argument.point: no point between two pieces of the target")
    for part in sides[0]:
        require_analytic(s.effort, part)
    gap = derivative(subtract(sides[0][0].node, sides[0][1].node), order)
    settle(is_nonzero(s.effort, gap, point), "the one-sided derivatives are not seen to differ")


def by_waring(s: Setting, power: int, multipliers: list[Fraction]) -> None:
    """sigma = s**power; the multipliers contradict the recurrences of the target's moments."""
    p, width = s.polynomial(), s.width
    own = s.sigma[0].node.polynomial if len(s.sigma) == 1 else None
    is_power = own is not None and len(own) == power + 1 and own[-1] == 1 and not any(own[:-1])
    require(is_power, "argument.power: the activation is not this power")
    fits = 0 < width < power and len(p) <= power + 1 and len(multipliers) == power - width
    require(fits, "argument: width, degree or the number of multipliers are out of range")
    g = [*p, *[Fraction(0)] * (power + 1 - len(p))]
    mu = [Fraction(g[power - i], comb(power, i)) for i in range(power)]
    sums = [sum(y * mu[i + j] for j, y in enumerate(multipliers)) for i in range(width + 1)]
    require(not any(sums[:-1]) and bool(sums[-1]), "argument.multipliers: they do not contradict the recurrences")


RULES: dict[str, tuple[Callable[..., None], bool, str]] = {  # the rule, whether it holds for every width, its keys
    "single-neuron": (by_single_neuron, False, "piece:count points:exact?*"),
    "growth": (by_growth, True, "degree:count"),
    "pole-order": (by_poles, True, "level:count piece:count where:finite|infinity activation:count target:count"),
    "exponential-polynomials": (
        by_exponentials, True, "level:count piece:count with_exponential:degree without_exponential:degree"
        " target:count target_with_exponential:flag",
    ),
    "smoothness": (by_smoothness, True, "class:count point:exact order:count"),
    "waring": (by_waring, False, "power:count multipliers:exact*"),
}  # fmt: skip


def check_argument(s: Setting, data: Any, r: Reader, every_width: bool) -> None:
    """Apply the stated rule; InvalidError or UndecidedError if it does not prove the claim."""
    name, *values = r.choice(data, "argument", "rule", {name: keys for name, (_, _, keys) in RULES.items()})
    rule, holds_for_every_width, _ = RULES[name]
    require(every_width is holds_for_every_width, "claim.every_width: it does not fit the rule")
    for part in s.sigma:
        require_analytic(s.effort, part)
    rule(s, *values)
