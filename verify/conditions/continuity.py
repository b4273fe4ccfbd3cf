"""Continuity of an expression on regions: proved, refuted with two values that differ, or left open.

The argument is the pasting lemma. A switch (`sign`, `Heaviside`, a condition of `Piecewise`, a step of `floor`) cuts a
region into the closed sides of its gap; the expression is continuous if it is on both sides and the values agree where
the gap is 0. Without switches it is a composition of continuous functions, each asked to be defined: a division by 0, a
logarithm of 0, ... is an obstacle, unless the expression extends continuously (verify.conditions.removable).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from proofs.geometry.affine import Point
from verify.conditions.agreement import agree
from verify.conditions.jumps import Carries, Jump, constant_text, find_jump
from verify.conditions.places import point_text
from verify.conditions.removable import Demand, Extension, examine
from verify.conditions.support import where_nonnegative
from verify.conditions.switches import Switch, first_switch, inner_kink, settled_at, without_steps
from verify.expressions import tree
from verify.expressions.algebra import as_affine
from verify.expressions.demands import demands
from verify.expressions.normal import monic, up_to_scale
from verify.expressions.points import UndefinedError, at_point, sign_of_constant
from verify.expressions.printing import text
from verify.expressions.tree import Expression
from verify.integration import Deadline
from verify.signs.decide import Signs
from verify.signs.regions import Region

MAX_DEPTH = 40
MANY_BOXES = 300


@dataclass(frozen=True)
class Continuity:
    """`verdict` True with the steps that prove it, False with a witness, None with the reason why it is open."""

    verdict: bool | None
    reason: str = ""
    witness: Mapping[str, Any] | None = None
    limits: tuple[tuple[Point, Expression], ...] = ()


@dataclass
class Checker:
    """Checks one expression on the regions of a domain.

    `carries(points)` says whether a segment certainly lies in D; `edges` are the regions next to D where the density is
    0; `steps` collects the reasoning, `extensions` where values were filled in.
    """

    name: str
    variables: tuple[str, ...]
    deadline: Deadline
    carries: Carries
    edges: Sequence[Region] = ()
    is_density: bool = False
    steps: list[str] = field(default_factory=list)
    extensions: list[tuple[Region, Extension]] = field(default_factory=list)
    whole: Expression = tree.ZERO

    def check(self, node: Expression, regions: Sequence[Region]) -> Continuity:
        """Return whether the expression is continuous on the union of closed regions."""
        self.whole = node
        doubt: Continuity | None = None
        for region in regions:
            found = self._paste(node, region, 0)
            if found.verdict is False:
                return found
            if found.verdict is None and doubt is None:
                doubt = found
        if doubt is None:
            doubt = conflict(self.extensions, self.variables, self.carries)
        if doubt is not None and doubt.verdict is False:
            return doubt
        if doubt is None and len(regions) > 1:
            self._note(f"finitely many closed pieces cover D and {self.name} is continuous on each: pasting lemma")
        return Continuity(True, self._summary()) if doubt is None else doubt

    def _summary(self) -> str:
        if self.extensions:
            return f"continuous on D after filling in limits at removable points ({self.extensions[0][1].words})"
        return f"continuous on D: {self.steps[0]}" if len(self.steps) == 1 else "continuous on D"

    def _note(self, step: str) -> None:
        if step not in self.steps:
            self.steps.append(step)

    def _paste(self, node: Expression, region: Region, depth: int) -> Continuity:
        node = without_steps(node, Signs(region, self.variables, self.deadline))
        switch = first_switch(node)
        if switch is None:
            return self._composition(node, region)
        if self.deadline.passed or depth > MAX_DEPTH:
            return Continuity(None, "the budget ended before every switch was looked at")
        if isinstance(switch, str):
            return Continuity(None, switch)
        kink = inner_kink(switch.gap)
        if kink is not None:
            return self._on_both_sides(node, kink, region, depth)
        inner = self._gap_is_continuous(switch.gap, region)
        if inner.verdict is not True:
            return inner
        settled = self._settled(node, switch, region)
        if settled is not None:
            return self._paste(settled, region, depth + 1)
        above, at_zero, below = (settled_at(node, switch.gap, side) for side in (1, 0, -1))
        sides = [
            (value, list(where_nonnegative(region, gap, self.variables, self.deadline)))
            for value, gap in ((above, switch.gap), (below, tree.negated(switch.gap)))
        ]
        early = self._jump(switch.gap, above, at_zero, below, region)
        if early is not None and not early.isolated:
            return Continuity(False, early.words(self.name), early.witness(self.variables))
        doubt: Continuity | None = None
        limits: dict[tuple[int, Point], Expression] = {}
        for side, (value, parts) in zip((1, -1), sides, strict=True):
            for part in parts:
                found = self._paste(value, part, depth + 1)
                if found.verdict is False:
                    return found
                doubt = found if found.verdict is None else doubt
                for p, limit in found.limits:
                    if not _same(limits.setdefault((side, p), limit), limit):
                        doubt = Continuity(None, f"two limits at {point_text(p)} were not compared")
        for side, (value, parts) in zip((1, -1), sides, strict=True):
            continued = {p: limit for (s, p), limit in limits.items() if s == side}
            if doubt is None and parts and not self._agrees(value, at_zero, switch.gap, continued, region):
                jump = self._jump(switch.gap, above, at_zero, below, region, limits)
                found = self._mismatch(switch.gap, jump, region)
                if found.verdict is False:
                    return found
                doubt = found if found.verdict is None else doubt
        if doubt is None:
            self._note(f"the values on both sides of {text(switch.gap)} = 0 agree there")
            return Continuity(True)
        return doubt

    def _jump(
        self,
        gap: Expression,
        above: Expression,
        at_zero: Expression,
        below: Expression,
        region: Region,
        limits: Mapping[tuple[int, Point], Expression] | None = None,
    ) -> Jump | None:
        return find_jump(gap, above, at_zero, below, region, self.variables, self.carries, self.whole, limits)

    def _on_both_sides(self, node: Expression, kink: Switch, region: Region, depth: int) -> Continuity:
        """Settle an `Abs`, `Max` or `Min`: it equals one argument on each closed side of its gap."""
        limits: list[tuple[Point, Expression]] = []
        for gap, value in ((kink.gap, kink.above), (tree.negated(kink.gap), kink.below)):
            settled = tree.folded(tree.replaced(node, kink.node, value))
            for part in where_nonnegative(region, gap, self.variables, self.deadline):
                found = self._paste(settled, part, depth + 1)
                if found.verdict is not True:
                    return found
                limits += found.limits
        return Continuity(True, limits=tuple(limits))

    def _agrees(
        self,
        side: Expression,
        at_zero: Expression,
        gap: Expression,
        limits: Mapping[Point, Expression],
        region: Region,
    ) -> bool:
        """Whether the value of one side, continued to where the gap is 0, is the value there."""
        if side == at_zero and not limits:
            return True
        if at_zero != side and not self._defined_on(at_zero, gap, region):
            return False
        wall = as_affine(gap, self.variables)
        if len(self.variables) == 1 and wall is not None:
            p = -wall.constant / wall.gradient[0]
            continued = limits.get((p,))
            try:
                here = at_point(at_zero, {self.variables[0]: p})
                there = continued if continued is not None else at_point(side, {self.variables[0]: p})
            except UndefinedError:
                return False
            return sign_of_constant(tree.folded(tree.difference(there, here))) == 0
        return not limits and agree(side, at_zero, gap, region, self.variables, self.deadline)

    def _defined_on(self, node: Expression, gap: Expression, region: Region) -> bool:
        """Whether the value at a switch is shown to be defined on all of `{gap = 0}` in a region."""
        asked = [d for part in tree.walk(node) for d in demands(part)]
        if not asked:
            return True
        section = region.with_constraint(gap, self.variables).with_constraint(tree.negated(gap), self.variables)
        signs = Signs(section, self.variables, self.deadline)
        return all(signs.decide(need, relation, MANY_BOXES).verdict is True for need, relation, _ in asked)

    def _mismatch(self, gap: Expression, jump: Jump | None, region: Region) -> Continuity:
        """Return what follows where the values at a switch could not be shown to agree."""
        edge = self._is_edge(gap, region) or (jump is not None and jump.isolated and self._on_edge(jump))
        if edge and self.is_density:
            self._note(f"the value where {text(gap)} = 0, on the edge of the support, has no effect on the measure")
            return Continuity(True)
        if jump is None:
            return Continuity(None, f"whether the values agree where {text(gap)} = 0 was not settled")
        if edge and jump.isolated:
            return Continuity(
                None,
                f"on the edge of the support, where {text(gap)} = 0, the value is {jump.value} but the limit from D is "
                f"{jump.limit}; state {self.name} with that value there to settle it",
            )
        return Continuity(False, jump.words(self.name), jump.witness(self.variables))

    def _on_edge(self, jump: Jump) -> bool:
        """Whether an isolated value in one dimension lies next to a stretch where the density is 0."""
        if jump.point is None or len(self.variables) > 1:
            return False
        return any(edge.contains(jump.point, self.variables) for edge in self.edges)

    def _is_edge(self, gap: Expression, region: Region) -> bool:
        """Whether `{gap = 0}` in a region is a part of its boundary next to a region where the density is 0.

        Either the two share their cell and their constraints, but for one whose sign is opposite and whose zeros are
        those of the gap; or a facet of the one lies in the other.
        """
        own = {up_to_scale(c): c for c in region.constraints}
        shared = next((c for c in own.values() if monic(c) == monic(gap)), None)
        if shared is not None:
            rest, opposite = set(own) - {up_to_scale(shared)}, up_to_scale(tree.negated(shared))
            return any(
                edge.cell == region.cell and {up_to_scale(c) for c in edge.constraints} <= rest | {opposite}
                for edge in self.edges
            )
        wall = as_affine(gap, self.variables)
        if wall is None or wall.is_constant or not region.cell.sign_of(wall):
            return False
        face = [v for v in region.cell.vertices if wall(v) == 0]
        return any(not edge.constraints and all(edge.contains(v, self.variables) for v in face) for edge in self.edges)

    def _settled(self, node: Expression, switch: Switch, region: Region) -> Expression | None:
        """Return the expression with a switch settled, if its gap keeps one sign on the whole region."""
        signs = Signs(region, self.variables, self.deadline)
        low, high = signs.sign(switch.gap)
        if low < 0 < high:
            if signs.decide(switch.gap, ">", MANY_BOXES).verdict:
                low = 1
            elif signs.decide(switch.gap, "<", MANY_BOXES).verdict:
                high = -1
        for value, closed, holds in (
            (switch.above, switch.above == switch.at_zero, (low > 0, low >= 0)),
            (switch.below, switch.below == switch.at_zero, (high < 0, high <= 0)),
            (switch.at_zero, False, (low == high == 0, False)),
        ):
            if holds[closed]:
                return tree.folded(tree.replaced(node, switch.node, value))
        return None

    def _gap_is_continuous(self, gap: Expression, region: Region) -> Continuity:
        """Return whether the gap of a switch is defined everywhere; where it is not, the switch is not either."""
        before = len(self.extensions), len(self.steps)
        found = self._composition(gap, region)
        if found.verdict is False and found.witness is not None and "undefined" in found.witness:
            return found
        if found.verdict is not True or len(self.extensions) > before[0]:
            return Continuity(None, f"the condition on {text(gap)} is not defined everywhere")
        del self.steps[before[1] :]
        return found

    def _composition(self, node: Expression, region: Region) -> Continuity:
        """Return whether an expression without switches is defined, hence continuous, on a region."""
        signs = Signs(region, self.variables, self.deadline)
        asked, unmet = 0, []
        for part in tree.walk(node):
            for gap, relation, words in demands(part):
                asked += 1
                outcome = signs.decide(gap, relation)
                if outcome.verdict is True:
                    self._note(f"{text(gap)} {relation} 0 on D, so {text(part)} is defined and continuous")
                else:
                    unmet.append(Demand(part, gap, relation, words, outcome))
        if unmet:
            return self._obstacle(node, unmet, region)
        if not asked:
            self._note(f"{text(node)} is a composition of functions that are continuous everywhere")
        return Continuity(True)

    def _obstacle(self, node: Expression, unmet: Sequence[Demand], region: Region) -> Continuity:
        found = examine(node, unmet, region, self.variables, self.deadline, self.carries)
        if found.verdict is True and found.extension is not None:
            self.extensions.append((region, found.extension))
            self._note(found.extension.words)
            return Continuity(True, limits=found.extension.limits)
        if found.verdict is False and found.witness is not None:
            return Continuity(False, f"{self.name} is not continuous: {found.reason}", found.witness)
        first = unmet[0]
        return Continuity(
            None, f"{first.words} in {text(first.part)} could not be ruled out or resolved: {found.reason}"
        )


def conflict(
    extensions: Sequence[tuple[Region, Extension]], variables: tuple[str, ...], carries: Carries
) -> Continuity | None:
    """Return what follows if values were filled in differently on two pieces that meet, None if they agree."""
    doubt: Continuity | None = None
    for i, (first, one) in enumerate(extensions):
        for second, two in extensions[i + 1 :]:
            if any(a[1] < b[0] or b[1] < a[0] for a, b in zip(first.box, second.box, strict=True)):
                continue
            if not one.limits and not two.limits:
                if one.value != two.value:
                    doubt = Continuity(None, "values filled in on two touching pieces of D were not compared")
                continue
            for p in {*dict(one.limits), *dict(two.limits)}:
                if not all(region.contains(p, variables) for region in (first, second)):
                    continue
                left, right = one.at(p, variables), two.at(p, variables)
                if left is None or right is None or not _same(left, right):
                    doubt = Continuity(None, f"two limits at {point_text(p)} were not shown to agree")
                    if left is not None and right is not None and _differ(left, right) and carries([p]):
                        values = {"below": constant_text(left), "above": constant_text(right)}
                        reason = f"the limits at {point_text(p)} are {values['below']} and {values['above']}"
                        return Continuity(False, reason, {"point": [str(x) for x in p], "values": values})
    return doubt


def _same(first: Expression, second: Expression) -> bool:
    return first == second or sign_of_constant(tree.folded(tree.difference(first, second))) == 0


def _differ(first: Expression, second: Expression) -> bool:
    return sign_of_constant(tree.folded(tree.difference(first, second))) in (1, -1)
