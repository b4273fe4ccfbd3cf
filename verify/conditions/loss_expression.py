"""Losses given as an expression in x, f and y: continuity, strict convexity and attained minimum, all y real.

MATHEMATICS.md, section 1, (H3) and (H4). D is covered by boxes with a range of the target on each; y runs through the
whole line, so everything about y is decided by structure (verify.conditions.curvature, verify.conditions.everywhere) or
refuted at one point x with exact values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import islice
from typing import Any

from flint import arb

from proofs.geometry.affine import Point
from proofs.geometry.polytopes import Polytope
from verify.conditions.continuity import Checker
from verify.conditions.curvature import OUTPUT, Curvature, curvature
from verify.conditions.everywhere import Everywhere
from verify.conditions.jumps import constant_text
from verify.conditions.places import point_text
from verify.conditions.support import Support
from verify.conditions.switches import first_switch
from verify.conditions.verdicts import Finding
from verify.expressions import tree
from verify.expressions.balls import exact_bounds
from verify.expressions.demands import demands
from verify.expressions.derivative import NoDerivativeError, derivative
from verify.expressions.normal import NoFormError, canonical, form
from verify.expressions.points import UndefinedError, at_point, bounds, sign_of_constant
from verify.expressions.printing import text
from verify.expressions.ranges import Range, between, compile_range, holds, hull
from verify.expressions.tree import Expression, Number, Variable
from verify.integration import Deadline
from verify.problem import Problem
from verify.signs.decide import halved
from verify.signs.regions import Box, Region, as_mapping

CONTINUOUS, CONVEX, ATTAINS = "loss-continuous", "loss-strictly-convex", "loss-attains-minimum"
TARGET = "f"
FAR = (2, 8, 64, 1_000, 100_000)
MAX_BOXES, FEW_BOXES = 256, 20
MAX_PLACES = 12
_STEPS = tuple(Fraction(k, 2) for k in range(-8, 9))


def findings(problem: Problem, support: Support, deadline: Deadline) -> tuple[Finding, Finding, Finding]:
    """Return the verdicts on the three ids for an expression loss."""
    return _Expression(problem, support, deadline).findings()


@dataclass(frozen=True)
class _Expression:
    problem: Problem
    support: Support
    deadline: Deadline

    @property
    def loss(self) -> Expression:
        return self.problem.loss.expression

    def covers(self) -> Iterator[list[dict[str, Range]]]:
        """Yield ever finer covers of D by boxes: ranges of the variables and of the target on each."""
        yield [self.whole] if self.whole else [{}]
        if self.whole:
            for count in (16, MAX_BOXES):
                boxes = self._boxes(count)
                if boxes is not None and not self.deadline.passed:
                    yield boxes

    def _boxes(self, count: int) -> list[dict[str, Range]] | None:
        """Return the ranges on about so many boxes, None if the target is unbounded on one."""
        target = compile_range(self.problem.target, self.problem.variables)
        queue: list[Box] = [region.box for region in self.support.regions]
        while 2 * len(queue) <= count:
            queue = [half for box in queue for half in halved(box)]
        result = []
        for box in queue:
            ranges = [between(lo, hi) for lo, hi in box]
            value = target(ranges)
            if not value.is_bounded:
                return None
            result.append({**dict(zip(self.problem.variables, ranges, strict=True)), TARGET: value})
        return result

    @cached_property
    def whole(self) -> dict[str, Range] | None:
        """The ranges over all of D, None if no bound of the target was found."""
        if not tree.variables_of(self.loss) - {OUTPUT}:
            return {}
        boxes = self._boxes(MAX_BOXES)
        return None if boxes is None else {name: hull([box[name] for box in boxes]) for name in boxes[0]}

    def findings(self) -> tuple[Finding, Finding, Finding]:
        continuous = self._continuous()
        if continuous.verdict == "fails":
            later = "not examined: the loss is not continuous"
            return continuous, Finding(CONVEX, "undecided", later), Finding(ATTAINS, "undecided", later)
        known = self._curvature() if continuous.verdict == "holds" else Curvature.UNKNOWN
        return continuous, self._convex(known), self._attains(known)

    # continuity

    def _continuous(self) -> Finding:
        whole = self.whole
        if whole is None:
            return Finding(CONTINUOUS, "undecided", "no bound of the target on D was found")
        names = [name for name in (*self.problem.variables, TARGET) if name in tree.variables_of(self.loss)]
        far = next((far for far in FAR if self._plain_beyond(far, whole)), None)
        if far is None:
            open_end = f"the loss was not shown to be defined and continuous for all large {OUTPUT}"
            return self._jump(FAR[1]) or Finding(CONTINUOUS, "undecided", open_end)
        sides = []
        for name in names:
            ends = bounds(whole[name])
            assert ends is not None
            lower, upper = ends
            sides.append((lower, upper) if lower < upper else (lower - 1, upper + 1))
        region = Region(Polytope.box([*sides, (Fraction(-far), Fraction(far))]))
        checker = Checker("the loss", (*names, OUTPUT), self.deadline, lambda points: False)
        found = checker.check(self.loss, [region])
        if found.verdict is not True or checker.extensions:
            fault = self._jump(far)
            reason = found.reason or "the loss is undefined somewhere"
            return fault or Finding(CONTINUOUS, "undecided", reason, steps=tuple(checker.steps))
        words = f"continuous in x, f and y, for f between {_ends(whole.get(TARGET))} and every real y"
        return Finding(CONTINUOUS, "holds", words, steps=(*checker.steps, words))

    def _jump(self, far: int) -> Finding | None:
        """Refute at one x: L is not continuous as a function of y alone."""
        region = Region(Polytope.box([(Fraction(-far), Fraction(far))]))
        for point, label in self._places():
            place = {name: Number(x) for name, x in zip(self.problem.variables, point, strict=True)}
            node = tree.folded(tree.substituted(self.loss, {**place, TARGET: label}))
            checker = Checker("the loss", (OUTPUT,), self.deadline, lambda points: True)
            found = checker.check(node, [region])
            if found.verdict is False and found.witness is not None:
                where = {"point": [str(x) for x in point], "f": constant_text(label)}
                reason = f"at x = {point_text(point)}, f = {constant_text(label)}: {found.reason}"
                return Finding(CONTINUOUS, "fails", reason, {**where, OUTPUT: dict(found.witness)}, (reason,))
        return None

    def _plain_beyond(self, far: int, whole: dict[str, Range]) -> bool:
        """Whether for |y| >= far no switch is left and everything is defined."""
        for half in (Range(arb(far), arb.pos_inf()), Range(arb.neg_inf(), arb(-far))):
            signs = Everywhere({**whole, OUTPUT: half})
            node = _settled(self.loss, signs)
            if first_switch(node) is not None:
                return False
            for part in tree.walk(node):
                for gap, relation, _ in demands(part):
                    low, high = signs.sign(gap)
                    if not {"!=": low == high != 0, ">": low > 0, ">=": low >= 0}[relation]:
                        return False
        return True

    # strict convexity

    def _curvature(self) -> Curvature:
        best = Curvature.UNKNOWN
        for boxes in self.covers():
            best = max(best, self._least_curvature(boxes))
            if best == Curvature.STRICT or (best == Curvature.CONVEX and len(boxes) > 1) or len(boxes) > FEW_BOXES:
                break
        return best

    def _least_curvature(self, boxes: Sequence[dict[str, Range]]) -> Curvature:
        least = Curvature.STRICT
        for box in boxes:
            least = min(least, curvature(self.loss, Everywhere(box)))
            if least == Curvature.UNKNOWN or self.deadline.passed:
                return Curvature.UNKNOWN
        return least

    def _convex(self, known: Curvature) -> Finding:
        if known == Curvature.STRICT:
            words = (
                "strictly convex in y for every x in D, by the rules of convexity or d^2L/dy^2 >= 0 with isolated zeros"
            )
            return Finding(CONVEX, "holds", words, steps=(*self._second(), words))
        for point, label in self._places():
            witness = self._midpoint(point, label)
            if witness is not None:
                reason = (
                    f"not strictly convex in y at x = {point_text(point)}: a midpoint's value is not below the mean"
                )
                return Finding(CONVEX, "fails", reason, witness, (*self._second(), reason))
        reason = "strict convexity in y was neither proved nor refuted"
        if known == Curvature.CONVEX:
            reason = "convex in y, but strict convexity was neither proved nor refuted"
        return Finding(CONVEX, "undecided", reason, steps=self._second())

    def _second(self) -> tuple[str, ...]:
        try:
            second = derivative(derivative(self.loss, OUTPUT), OUTPUT)
            return (f"d^2L/dy^2 = {text(form(second).expression)}",)
        except (NoDerivativeError, NoFormError):
            return ()

    def _places(self) -> Iterator[tuple[Point, Expression]]:
        """Yield points of D with the target's value there: interior ones, then vertices and the like."""
        variables = self.problem.variables
        for part in self.support.parts:
            points = [] if part.point is None else [part.point]
            points += islice(part.region.samples(variables, 4), MAX_PLACES)
            points += part.region.cell.vertices[:MAX_PLACES]
            for point in points:
                if not self.support.carries([point]):
                    continue
                try:
                    label = at_point(self.problem.target, as_mapping(point, variables))
                except UndefinedError:
                    continue
                yield point, label

    def _at(self, point: Point, label: Expression, output: Expression) -> Expression | None:
        place = {name: Number(x) for name, x in zip(self.problem.variables, point, strict=True)}
        node = tree.substituted(self.loss, {**place, TARGET: label, OUTPUT: output})
        try:
            return at_point(node, {})
        except UndefinedError:
            return None

    def _midpoint(self, point: Point, label: Expression) -> dict[str, Any] | None:
        """Return y_1, y_2 with `2 L((y_1 + y_2)/2) >= L(y_1) + L(y_2)`."""
        starts: list[Expression] = [label, tree.ZERO] if label != tree.ZERO else [tree.ZERO]
        for start in starts:
            values = {s: self._at(point, label, tree.folded(tree.Sum((start, Number(s))))) for s in _STEPS}
            for width in (4, 2, 8, 1):
                for low in _STEPS:
                    high, middle = low + width, low + Fraction(width, 2)
                    if any(values.get(s) is None for s in (low, middle, high)):
                        continue
                    one, two, mean = (values[s] for s in (low, high, middle))
                    assert one is not None and two is not None and mean is not None
                    excess = tree.Sum((tree.Product((Number(Fraction(2)), mean)), tree.negated(one), tree.negated(two)))
                    if sign_of_constant(tree.folded(excess)) in (0, 1):
                        shown = [constant_text(tree.folded(tree.Sum((start, Number(s))))) for s in (low, high, middle)]
                        return {
                            "point": [str(x) for x in point],
                            "f": constant_text(label),
                            "y": shown[:2],
                            "midpoint": shown[2],
                            "values": {
                                "ends": [constant_text(one), constant_text(two)],
                                "midpoint": constant_text(mean),
                            },
                        }
        return None

    # attained minimum

    def _attains(self, known: Curvature) -> Finding:
        if self.whole is None:
            return Finding(ATTAINS, "undecided", "no bound of the target on D was found")
        for proof in (self._floor, self._coercive, *([self._bowl] if known != Curvature.UNKNOWN else [])):
            words = proof()
            if words is not None:
                return Finding(ATTAINS, "holds", words, steps=(words,))
        for point, label in self._places():
            fault = self._monotone(point, label)
            if fault is not None:
                return fault
        return Finding(ATTAINS, "undecided", "whether the minimum over y is attained was neither proved nor refuted")

    def _floor(self) -> str | None:
        """A lower bound of the loss that is its value at y = f + c (or y = c) for every x is its minimum."""
        whole = self.whole
        assert whole is not None
        if OUTPUT not in tree.variables_of(self.loss):
            return "the loss does not depend on y: every y attains its minimum"
        low = Everywhere(whole).range(self.loss).lower
        least = exact_bounds(low)[0] if low.is_finite() else None
        for start in (Variable(TARGET), tree.ZERO):
            for step in (0, 1, -1):
                output = tree.folded(tree.Sum((start, Number(Fraction(step)))))
                value = canonical(tree.folded(tree.substituted(self.loss, {OUTPUT: output})))
                if isinstance(value, Number) and value.value == least:
                    return f"L >= {least}, and y = {text(output)} attains it for every x in D"
        return None

    def _bowl(self) -> str | None:
        """A convex loss that is larger at y = c - r and c + r than at c attains its minimum between, for all x in D."""
        whole = self.whole
        assert whole is not None
        ends = bounds(whole[TARGET]) if TARGET in whole else None
        centre = ((ends[0] + ends[1]) / 2).limit_denominator(100) if ends else Fraction(0)
        size = Fraction(1) if ends is None else 1 + abs(ends[1] - ends[0])
        for scale in (1, 4, 16, 100):
            radius = Fraction(-(-(scale * size).numerator // (scale * size).denominator))
            rims = [centre - radius, centre + radius]
            rises = []
            for rim in rims:
                low, high = (tree.substituted(self.loss, {OUTPUT: Number(v)}) for v in (rim, centre))
                rises.append(tree.folded(tree.difference(low, high)))
            if all(self._positive(rise) for rise in rises):
                return (
                    f"convex in y with L(x, {rims[0]}) > L(x, {centre}) < L(x, {rims[1]}) for every x in D: "
                    "the minimum is attained between"
                )
        return None

    def _coercive(self) -> str | None:
        """A polynomial in y of even degree with a leading coefficient > 0 on D tends to infinity on both sides."""
        parts = _powers(self.loss)
        if parts is None or len(parts) < 3 or len(parts) % 2 == 0 or not self._positive(parts[-1]):
            return None
        return f"a polynomial in y of degree {len(parts) - 1} with leading coefficient {text(parts[-1])} > 0 on D"

    def _positive(self, node: Expression) -> bool:
        return any(all(Everywhere(box).sign(node)[0] > 0 for box in boxes) for boxes in self.covers())

    def _monotone(self, point: Point, label: Expression) -> Finding | None:
        """Refute at one x: L is strictly monotone in y, or constant, or a polynomial that is unbounded below."""
        place = {name: Number(x) for name, x in zip(self.problem.variables, point, strict=True)}
        node = tree.folded(tree.substituted(self.loss, {**place, TARGET: label}))
        where = {"point": [str(x) for x in point], "f": constant_text(label)}
        shown = f"at x = {point_text(point)}, f = {constant_text(label)}, y -> {text(canonical(node))}"
        powers = _powers(node)
        lead = None if powers is None or len(powers) < 2 else sign_of_constant(powers[-1])
        if powers is not None and lead and (len(powers) % 2 == 0 or lead < 0):
            reason = f"{shown} is not bounded below: a polynomial of degree {len(powers) - 1}"
            witness = {**where, "values": {"degree": len(powers) - 1, "leading coefficient": text(powers[-1])}}
            return Finding(ATTAINS, "fails", reason, witness, (reason,))
        try:
            sign = Everywhere({}).sign(derivative(node, OUTPUT))
        except NoDerivativeError:
            return None
        if sign not in ((1, 1), (-1, -1)):
            return None
        way, end = ("increases", "-oo") if sign[0] > 0 else ("decreases", "oo")
        reason = f"{shown} {way} strictly: its infimum lies at y -> {end} and is not attained"
        witness = {**where, "values": {"slope": f"{way} strictly"}}
        return Finding(ATTAINS, "fails", reason, witness, (reason,))


def _powers(node: Expression) -> list[Expression] | None:
    """Return the coefficients of the powers of y, None if an expression is no polynomial in y."""
    try:
        settled = form(node)
    except NoFormError:
        return None
    variable = Variable(OUTPUT)
    others = [g for g in settled.generators if g != variable]
    if any(OUTPUT in tree.variables_of(g) for g in others) or not settled.denominator.is_constant():
        return None
    return settled.coefficients(variable) if variable in settled.generators else [node]


def _settled(node: Expression, signs: Everywhere) -> Expression:
    """Return an expression with the switches settled whose conditions have one answer on all ranges."""
    match node:
        case tree.Piecewise(branches):
            for value, condition in branches:
                verdict: bool | None = True
                if condition is not None:
                    verdict = holds(signs.range(tree.difference(condition.left, condition.right)), condition.relation)
                if verdict:
                    return _settled(value, signs)
                if verdict is None:
                    return node
            return node
        case tree.Sum(parts):
            return tree.Sum(tuple(_settled(p, signs) for p in parts))
        case tree.Product(parts):
            return tree.Product(tuple(_settled(p, signs) for p in parts))
        case tree.Power(base, exponent):
            return tree.Power(_settled(base, signs), _settled(exponent, signs))
        case tree.Call("sign" | "Heaviside" as name, (part,)):
            low, high = signs.sign(part)
            if low == high != 0:
                return Number(Fraction(low) if name == "sign" else Fraction(1 + low, 2))
            return node
        case tree.Call(name, parts):
            return tree.Call(name, tuple(_settled(p, signs) for p in parts))
        case _:
            return node


def _ends(value: Range | None) -> str:
    ends = None if value is None else bounds(value)
    return "its bounds" if ends is None else f"{float(ends[0]):.6g} and {float(ends[1]):.6g}"
