"""The checks of a certificate of kind `non-attainment` (docs/certificate.md, section 6)."""

from collections.abc import Callable
from fractions import Fraction
from math import factorial, isqrt
from typing import Any

from verify.auditor import affine, polynomials
from verify.auditor.affine import Affine, Jump
from verify.auditor.arguments import Setting, check_argument, is_nonzero, require_smooth
from verify.auditor.calculus import Forms
from verify.auditor.certificate import Problem, Reader, Records
from verify.auditor.domains import check_sign
from verify.auditor.expressions import Node, add, multiply, number, power, substitute, subtract
from verify.auditor.grammar import parse, parse_condition
from verify.auditor.integrate import Integral
from verify.auditor.lines import Claim, Part, activation, check_standard, interval, parts, read_claim, require_relu
from verify.auditor.losses import as_node
from verify.auditor.slopes import derivative
from verify.auditor.verdicts import Effort, at, require, settle, shown

_RULES = {"unique-separating-line": "apart:count weights:exact*", "cusp": ""}  # beside those of section 6.3
Bound = tuple[Fraction, Fraction]  # (factor, rate)
Network = Callable[[Fraction], Node]
# 1/(nu k**order) times the sum of weight sigma(base + k step direction): order, base, direction, pairs (weight, step)
Family = tuple[int, Affine, Affine, list[tuple[Fraction, Fraction]]]


FORMS = {
    "difference": "order:count base:affine direction:affine nodes:node*",
    "scaling": "",
    "ramp": "where:where jump:affine",
}
KEYS = "activation:string family:any claim:claim argument:any"
RECORDS: Records = {
    "claim": (read_claim, "neurons:count every_width:flag until:exact factor:exact rate:exact risks:risk*"),
    "risk": (lambda *both: both, "parameter:exact upper:exact"),
    "node": (lambda *both: both, "weight:exact step:exact"),
}


def check(effort: Effort, r: Reader, problem: Problem, text: str, family: Any, claim: Claim, argument: Any) -> None:
    """Return if the certificate is valid; InvalidError or UndecidedError with the reason otherwise."""
    sigma = activation(text, effort)
    check_standard(problem)
    require(claim.neurons <= problem.width, "claim.neurons: more than the width")
    form, *values = r.choice(family, "family", "form", FORMS)
    if form == "ramp":
        return _check_ramp(problem, sigma, Jump(*values), claim, argument, r, effort)
    target = parts(effort, problem.target, *interval(problem))
    check_argument(Setting(effort, sigma, target, problem.width), argument, r, claim.every_width)
    node = parse(text, ["x"])
    if form == "scaling":
        network = _check_scaling(node, sigma, target, claim)
    else:
        network = _check_difference(effort, node, (*values,), sigma, target, claim)
    return _check_risks(effort, network, target, claim)


def _check_difference(
    effort: Effort, sigma: Node, family: Family, pieces: list[Part], target: list[Part], claim: Claim
) -> Network:
    """The family tends to the target at the claimed rate: Taylor's formula in k, with a bound of the remainder."""
    m, u, v, nodes = family

    def moment(i: int) -> Fraction:
        return sum((weight * step**i for weight, step in nodes), Fraction(0))

    vanishing = not any(u.gradient)
    require(sum(1 for _, t in nodes if t or not vanishing) == claim.neurons, "claim.neurons: not those of the family")
    q = m + Fraction(claim.rate, 2)
    require(q.denominator == 1 and 0 < m < q < 20, "claim.rate: it does not fit the order of the family")
    a, b = target[0].ends[0], target[-1].ends[1]
    ends = [u.value([x]) + k * t * v.value([x]) for x in (a, b) for k in (0, claim.until) for _, t in nodes]
    low, high = min(ends), max(ends)
    if any(p.high is not None and low <= p.high <= high for p in pieces):
        require_smooth(pieces, int(q) - 1)
    nu, leading, direction = number(1), Fraction(moment(m), factorial(m)), power(as_node(v), number(m))
    require(bool(leading), "family: the moment of its order is 0")
    orders = [i for i in range(int(q)) if i != m and moment(i)]  # with a Taylor coefficient that has to vanish
    if vanishing:
        here = [p.node for p in pieces if p.inside(u.constant)]
        require(len(here) == 1, "family.base: it is a breakpoint of the activation")
        at_base = {0: number(u.constant)}
        coefficients = [Forms()(substitute(derivative(here[0], i), at_base)) for i in orders if i]  # 0: the offset
        settle(not any(c.over for c in coefficients), "family: a Taylor coefficient is not seen to vanish")
        nu = multiply(number(leading), substitute(derivative(here[0], m), at_base))
        limits = [subtract(g.node, direction) for g in target]
    else:
        require(u.gradient[0] == 1 and not u.constant, "family.base: expected a constant or x")
        require(not orders, "family: a moment of lower order is not 0")
        limit = multiply(number(leading), direction)
        common = [(g, p) for g in target for p in parts(effort, sigma, *g.ends)]
        limits = [subtract(g.node, multiply(limit, derivative(p.node, m))) for g, p in common]
    settle(not any(Forms()(gap).over for gap in limits), "the limit of the family is not seen to be the target")
    settle(is_nonzero(effort, nu, Fraction(0)), "family: the normaliser is not proved to differ from 0")
    size = sum((abs(w * t ** int(q)) for w, t in nodes), Fraction(0)) ** 2
    size *= polynomials.integral(polynomials.power([v.constant, *v.gradient], 2 * int(q)), a, b)
    for piece in parts(effort, sigma, low, high) if size else []:
        _check_remainder(effort, piece, int(q), multiply(number(Fraction(claim.factor, size)), power(nu, number(2))))

    def network(k: Fraction) -> Node:
        weighted = [*nodes, (-moment(0), Fraction(0))] if vanishing else nodes
        terms = [multiply(number(w), substitute(sigma, {0: as_node(u.plus(v, k * t))})) for w, t in weighted]
        return multiply(power(multiply(nu, number(k**m)), number(-1)), add(*terms))

    return network


def _check_remainder(effort: Effort, piece: Part, q: int, largest: Node) -> None:
    """The square of the Taylor coefficient of order q is at most `largest` on the piece."""
    square = power(derivative(piece.node, q), number(2))
    gap = subtract(multiply(number(factorial(q) ** 2), largest), square)
    with at("claim.factor"):
        check_sign(effort, gap, tuple((x,) for x in piece.ends), ">=", "a remainder that is larger")


def _check_scaling(sigma: Node, pieces: list[Part], target: list[Part], claim: Claim) -> Network:
    """k sigma(x/k) stays within k times a bound of the target, a multiple of x on either side of 0."""
    own = Fraction(0)
    breaks = [p.high for p in pieces] == [0, None] and [p.high for p in target][:-1] == [0]
    require(breaks, "family: expected activation and target with the breakpoint 0")
    for side, piece, g in zip((-1, 1), pieces, target, strict=True):
        p = g.node.polynomial
        require(p is not None and len(p) <= 2 and not any(p[:1]), "problem.target: expected multiples of x")
        length = abs(g.ends[side > 0])
        form, low, high = Forms()(subtract(piece.node, g.node)), Fraction(0), Fraction(0)
        for m, c in form.over.items():  # constants, and multiples of exp(c s) with c s < 0 on this side
            bounded = not m.i and not m.others and (not m.q or (len(m.q) == 2 and not m.q[0] and m.q[1] * side < 0))
            settle(bounded and len(form.under) == 1, "the activation is not seen to be bounded beside its linear part")
            low += min(c, Fraction(0)) if m.q else c
            high += max(c, Fraction(0)) if m.q else c
        own += length * max(low**2, high**2)
    fits = claim.neurons == 1 and claim.rate == 2 and own <= claim.factor
    require(fits, f"claim: expected one neuron, rate 2 and a factor of at least {shown(own)}")
    return lambda k: multiply(number(k), substitute(sigma, {0: multiply(number(Fraction(1, k)), Node("variable"))}))


def _check_risks(effort: Effort, network: Network, target: list[Part], claim: Claim) -> None:
    """Every claimed upper bound of a risk is confirmed by the auditor's own enclosure of the integral."""
    for k, upper in claim.risks:
        with at(f"claim.risks at {shown(k)}"):
            square = [(power(subtract(network(k), g.node), number(2)), *((x,) for x in g.ends)) for g in target]
            tolerance = Fraction(upper, 4096) or Fraction(1, 1 << 64)
            low, high = Integral(effort, square, tolerance).enclosure(tolerance)
            require(low <= upper, f"the risk is at least {shown(low)}")
            settle(high <= upper, f"the risk is enclosed only below {shown(high)}")


def _check_ramp(
    problem: Problem, sigma: list[Part], target: Jump, claim: Claim, argument: Any, r: Reader, effort: Effort
) -> None:
    """The ramps (1/(2k)) [(s + k J)^+ - (s - k J)^+] tend to the target J 1{s > 0}, which no network equals."""
    require_relu(sigma)
    side, jump = target
    found = [affine.from_node(node, len(problem.variables)) for node in problem.target.args[:3]]
    is_jump = problem.target.kind == "Piecewise" and problem.target.value == (">", "True")
    is_jump = is_jump and claim.neurons == 2 and found == [jump, side, affine.zero(len(problem.variables))]
    require(is_jump, "problem.target: expected Piecewise((J, s > 0), (0, True)), and two neurons")
    if len(problem.variables) == 1:
        require(not any(jump.gradient), "family: expected a constant jump")
        setting = Setting(effort, sigma, parts(effort, problem.target, *interval(problem)), problem.width)
        check_argument(setting, argument, r, claim.every_width)
        factor, rate = Fraction(abs(jump.constant) ** 3, 6 * abs(side.gradient[0])), Fraction(1)
    else:
        rule, *data = r.choice(argument, "argument", "rule", _RULES)
        factor, rate = (_on_cusp if rule == "cusp" else _on_discs)(problem, target, claim, *data)
    require(claim.rate == rate and claim.factor >= factor, f"claim: rate {rate}, factor at least {shown(factor)}")
    for k, upper in claim.risks:  # upper >= factor k**rate, without roots
        proved = upper >= 0 and upper**rate.denominator >= factor**rate.denominator * k**rate.numerator
        require(proved, f"claim.risks: the bound at {shown(k)} does not follow from the general one")


def _on_discs(problem: Problem, target: Jump, claim: Claim, apart: int, weights: list[Fraction]) -> Bound:
    """One disc, where the target is 1, is separated from the others by one line only: equality in Cauchy-Schwarz."""
    require(problem.restriction is None, "problem.domain: expected no restriction")
    discs, (side, jump) = problem.shapes, target
    plain = all(d.kind == "ball" for d in discs) and len(problem.variables) == 2 and problem.width == 2
    fits = plain and not claim.every_width and apart < len(discs) == len(weights)
    require(fits, "argument: expected discs in the plane, width 2, and one weight a disc")
    unit = jump.constant == 1 and not any(jump.gradient) and sum(g * g for g in side.gradient) == 1
    require(unit, "family: expected the jump 1 and a unit normal")
    sides = [d.sides(side) == (i != apart, i == apart) for i, d in enumerate(discs)]
    require(all(sides), "argument.apart: the line does not separate this disc from the others")
    convex = min(weights) >= 0 and not weights[apart] and sum(weights) == 1
    require(convex, "argument.weights: expected weights >= 0 with sum 1, 0 for the disc itself")
    [one], radius = discs[apart].points, discs[apart].radius
    used = [(w, d.points[0], d.radius) for w, d in zip(weights, discs, strict=True) if w]
    vector = [sum(w * (one[i] - c[i]) for w, c, _ in used) for i in (0, 1)]
    reach = sum((w * (radius + s) for w, _, s in used), Fraction(0))
    require(sum(x * x for x in vector) == reach**2, "argument.weights: no equality in Cauchy-Schwarz")
    normal = Affine(tuple(Fraction(x, reach) for x in vector), Fraction(0))
    tangent = all(normal.value(c) + s == normal.value(one) - radius for _, c, s in used)
    require(tangent, "argument.weights: the tangents differ")
    roots = [Fraction(isqrt(int(2 * d.radius * 10**18) + 1) + 1, 10**9) for d in discs]
    return Fraction(8, 105) * sum(roots), Fraction(3, 2)


def _on_cusp(problem: Problem, target: Jump, claim: Claim) -> Bound:
    """The domain is {y**2 <= |x|} in a disc around 0, s = x, J = y."""
    names, shape = problem.variables, problem.shapes[0]
    zero, one = Fraction(0), Fraction(1)
    fits = len(names) == 2 and target == (Affine((one, zero), zero), Affine((zero, one), zero))
    require(fits and claim.every_width, "family: expected s = x and J = y in the plane, and every width")
    disc = len(problem.shapes) == 1 and shape.kind == "ball" and not any(shape.points[0])
    require(disc, "problem.domain: expected a disc around 0")
    expected = parse_condition(f"{names[1]}**2 - Abs({names[0]}) <= 0", names)
    require(problem.restriction == expected, "problem.domain.restriction: expected y**2 - Abs(x) <= 0")
    return Fraction(2, 15), Fraction(5)
