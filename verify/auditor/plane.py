"""Jumps as targets of ReLU networks: on the line, on discs, on the cusp (docs/certificate.md, section 6.4)."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import Any

from verify.auditor import affine
from verify.auditor.activations import Claim, interval, require_relu
from verify.auditor.affine import Affine
from verify.auditor.arguments import Setting, check_argument
from verify.auditor.certificate import Problem, Reader
from verify.auditor.grammar import parse_condition
from verify.auditor.lines import Part, parts
from verify.auditor.responses import Jump
from verify.auditor.verdicts import Effort, require, shown

RULES = {"unique-separating-line": "apart:count weights:exact*", "cusp": ""}  # beside those of section 6.3
Bound = tuple[Fraction, Fraction]  # (factor, rate)


def check_ramp(
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
        rule, *data = r.choice(argument, "argument", "rule", RULES)
        factor, rate = (_on_cusp if rule == "cusp" else _on_discs)(problem, target, claim, *data)
    require(claim.rate == rate and claim.factor >= factor, f"claim: rate {rate}, factor at least {shown(factor)}")
    for k, upper in claim.risks:  # upper >= factor k**rate, without roots
        proved = upper >= 0 and upper**rate.denominator >= factor**rate.denominator * k**rate.numerator
        require(proved, f"claim.risks: the bound at {shown(k)} does not follow from the general one")


def _on_discs(problem: Problem, target: Jump, claim: Claim, apart: int, weights: list[Fraction]) -> Bound:
    """One disc, where the target is 1, is separated from the others by one line only: equality in Cauchy-Schwarz."""
    require(problem.restriction is None, "problem.domain: expected no restriction")
    discs = problem.shapes
    plain = all(d.kind == "ball" for d in discs) and len(problem.variables) == 2 and problem.width == 2
    fits = plain and not claim.every_width and apart < len(discs) == len(weights)
    require(fits, "argument: expected discs in the plane, width 2, and one weight a disc")
    unit = (
        target.jump == affine.zero(2)._replace(constant=Fraction(1)) and sum(g * g for g in target.side.gradient) == 1
    )
    require(unit, "family: expected the jump 1 and a unit normal")
    sides = [d.sides(target.side) == (i != apart, i == apart) for i, d in enumerate(discs)]
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
