"""Signs of expressions on a whole region or a box, at one look: exact, by structure, by ranges and by monotony.

Exact for affine functions and for polynomials by their factors (affine ones on polytopes and ellipsoids, definite
quadratic ones, any of one variable, a constraint of the region), and for sin and cos of pi times an affine function. A
sign is a pair (least, largest) of numbers in {-1, 0, 1}.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import product
from math import floor

from proofs.geometry.affine import Affine
from verify.expressions import tree
from verify.expressions.algebra import as_affine
from verify.expressions.demands import demands
from verify.expressions.derivative import NoDerivativeError, gradient
from verify.expressions.factors import Factor, definite, factors_of, quadratic_matrix, to_mpoly
from verify.expressions.ranges import Range, RangeFunction, between, compile_range, holds
from verify.expressions.tree import Call, Expression, Number, Piecewise, Power, Product, Sum
from verify.expressions.univariate import roots_inside, to_fraction, to_polynomial
from verify.signs.regions import Box, Region, same_up_to_factor, sign_at_point

Sign = tuple[int, int]
UNKNOWN: Sign = (-1, 1)
MAX_NODES_TO_DERIVE = 60
_LIKE_ARGUMENT = frozenset({"sinh", "tanh", "atan", "asin", "erf", "sign"})


class Part:
    """A box inside the region's box, with its ranges."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.ranges = [between(lo, hi) for lo, hi in box]


class StructuralSigns:
    """The signs on one region that are known without a search."""

    def __init__(self, region: Region, variables: Sequence[str]) -> None:
        self.region, self.variables = region, tuple(variables)
        self._whole: dict[int, tuple[Expression, Sign]] = {}
        self._ranges: dict[int, tuple[Expression, RangeFunction]] = {}
        self._smooth: dict[int, tuple[Expression, list[Expression]]] = {}
        self._gap: dict[tuple[int, int], tuple[Expression, Expression, Expression]] = {}
        self._slopes: dict[int, tuple[Expression, tuple[Expression, ...] | None]] = {}
        self._box = [between(lo, hi) for lo, hi in region.box]

    def sign(self, node: Expression) -> Sign:
        """Return what is known at once about the sign on the whole region."""
        if id(node) not in self._whole:
            self._whole[id(node)] = node, UNKNOWN  # a node may not ask for itself
            self._whole[id(node)] = node, self._sign(node, None)
        return self._whole[id(node)][1]

    def range(self, node: Expression, box: Sequence[Range] | None = None) -> Range:
        """Return a range of the expression over the region's box, or another one."""
        if id(node) not in self._ranges:
            self._ranges[id(node)] = node, compile_range(node, self.variables)
        return self._ranges[id(node)][1](self._box if box is None else box)

    def _at(self, node: Expression, where: Part | None) -> Sign:
        return self.sign(node) if where is None else self._sign(node, where)

    def _sign(self, node: Expression, where: Part | None) -> Sign:
        known = self._exact(node) if where is None else self.sign(node)
        if known[0] == known[1]:
            return known
        value = self.range(node, None if where is None else where.ranges)
        if not (value.lower.is_nan() or value.upper.is_nan()):
            low = 1 if value.lower > 0 else 0 if value.lower >= 0 else -1
            high = -1 if value.upper < 0 else 0 if value.upper <= 0 else 1
            known = max(known[0], low), min(known[1], high)
        if known[0] < known[1]:
            least, largest = self._structural(node, where)
            known = max(known[0], least), min(known[1], largest)
        return known if known[0] <= known[1] else UNKNOWN  # contradictory where the node is nowhere defined

    def _structural(self, node: Expression, where: Part | None) -> Sign:
        match node:
            case Sum(parts):
                signs = [self._at(p, where) for p in parts]
                low, high = min(s[0] for s in signs), max(s[1] for s in signs)
                return (max(s[0] for s in signs) if low >= 0 else -1), (min(s[1] for s in signs) if high <= 0 else 1)
            case Product(parts):
                result = (1, 1)
                for part in parts:
                    ends = [a * b for a in result for b in self._at(part, where)]
                    result = min(ends), max(ends)
                return result
            case Power(base, exponent):
                return _power(self._at(base, where), exponent)
            case Call("exp" | "cosh", _):
                return 1, 1
            case Call("Abs" | "sqrt", (part,)):
                low, high = self._at(part, where)
                return (min(abs(low), abs(high)) if low * high > 0 else 0), (0 if low == high == 0 else 1)
            case Call("Max" | "Min" as name, parts):
                signs, best = [self._at(p, where) for p in parts], (max if name == "Max" else min)
                return best(s[0] for s in signs), best(s[1] for s in signs)
            case Call("sin" | "cos" as name, (part,)):
                return self._periodic(name, part, where)
            case Call(name, (part,)) if name in _LIKE_ARGUMENT:
                return self._at(part, where)
            case Call("log", (part,)):
                return self._at(self._difference(part, tree.ONE), where)
            case Piecewise(branches):
                signs = [self._at(value, where) for value in self._possible(branches, where)]
                return min(s[0] for s in signs), max(s[1] for s in signs)
            case _:
                return UNKNOWN

    def _periodic(self, name: str, argument: Expression, where: Part | None) -> Sign:
        """The sign of the sine or cosine of pi times an affine function, whose zeros are known exactly."""
        turns = in_half_turns(argument, self.variables)
        if turns is None:
            return UNKNOWN
        corners = self.region.cell.vertices if where is None else tuple(product(*where.box))
        values = [turns(p) + (Fraction(1, 2) if name == "cos" else 0) for p in corners]
        low, high = min(values), max(values)
        k = floor(low)
        if high > k + 1:
            return UNKNOWN
        touches = k == low or high == k + 1
        ends = (int(not touches), int(low < high or not touches))
        return ends if k % 2 == 0 else (-ends[1], -ends[0])

    def _possible(
        self, branches: Sequence[tuple[Expression, tree.Condition | None]], where: Part | None
    ) -> list[Expression]:
        values = []
        for value, condition in branches:
            verdict: bool | None = True
            if condition is not None:
                gap, ranges = self._difference(condition.left, condition.right), None if where is None else where.ranges
                verdict = holds(self.range(gap, ranges), condition.relation)
            if verdict is not False:
                values.append(value)
            if verdict:
                break
        return values

    def refined(self, node: Expression, where: Part, order: int) -> Sign:
        """The sign on a box, by monotony if the plain one is open; derivatives up to `order` are looked at."""
        known = self._sign(node, where)
        return self._monotone(node, where, order) if known == UNKNOWN and order else known

    def _monotone(self, node: Expression, where: Part, order: int) -> Sign:
        """If every partial derivative keeps one sign on a box, the least and largest values are at two corners."""
        slopes = self._gradient(node)
        if slopes is None or not all(self._sign(gap, where)[0] > 0 for gap in self._gaps(node)):
            return UNKNOWN
        low, high = [], []
        for slope, (first, last) in zip(slopes, where.box, strict=True):
            rate = self.refined(slope, where, order - 1)
            if rate[0] < 0 < rate[1]:
                return UNKNOWN
            low.append(first if rate[0] >= 0 else last)
            high.append(last if rate[0] >= 0 else first)
        least, largest = (sign_at_point(node, tuple(corner), self.variables) for corner in (low, high))
        return (-1 if least is None else least), (1 if largest is None else largest)

    def _gaps(self, node: Expression) -> list[Expression]:
        """Return expressions that are all positive only where the node is differentiable."""
        if id(node) not in self._smooth:
            gaps = []
            for gap, relation, _ in (d for part in tree.walk(node) for d in demands(part)):
                gaps.append(tree.Power(gap, Number(Fraction(2))) if relation == "!=" else gap)
            self._smooth[id(node)] = node, gaps
        return self._smooth[id(node)][1]

    def _gradient(self, node: Expression) -> tuple[Expression, ...] | None:
        if id(node) not in self._slopes:
            slopes: tuple[Expression, ...] | None = None
            if sum(1 for _ in tree.walk(node)) <= MAX_NODES_TO_DERIVE:
                with suppress(NoDerivativeError):
                    slopes = gradient(node, self.variables)
            self._slopes[id(node)] = node, slopes
        return self._slopes[id(node)][1]

    def _difference(self, left: Expression, right: Expression) -> Expression:
        key = id(left), id(right)
        if key not in self._gap:
            self._gap[key] = left, right, tree.difference(left, right)
        return self._gap[key][2]

    # exact signs on the whole region

    def _exact(self, node: Expression) -> Sign:
        if isinstance(node, Number):
            sign = (node.value > 0) - (node.value < 0)
            return sign, sign
        wall = as_affine(node, self.variables)
        if wall is not None:
            return self._affine(wall)
        if isinstance(node, Call | Piecewise | tree.Constant | tree.Variable):
            return UNKNOWN
        if (shared := self._constraint(node)) is not None:
            return shared
        found = factors_of(node, self.variables)
        if found is None:
            return UNKNOWN
        result = (1, 1) if found.scale > 0 else (-1, -1)
        for factor in found.factors:
            low, high = self._factor(factor)
            if factor.multiplicity % 2 == 0:
                low, high = (1 if low == high != 0 else 0), 1
            ends = [a * b for a in result for b in (low, high)]
            result = min(ends), max(ends)
        return result

    def _constraint(self, node: Expression) -> Sign | None:
        """The sign of a node that is, up to a factor, a constraint of the region."""
        for constraint in self.region.constraints:
            for factor, sign in ((Fraction(1), (0, 1)), (Fraction(-1), (-1, 0))):
                if node == constraint or same_up_to_factor(node, constraint, factor):
                    return sign
        return None

    def _affine(self, wall: Affine) -> Sign:
        if wall.is_constant:
            sign = (wall.constant > 0) - (wall.constant < 0)
            return sign, sign
        values = [wall(v) for v in self.region.cell.vertices]
        low, high = min(values), max(values)
        result = (low > 0) - (low < 0), (high > 0) - (high < 0)
        for body in self.region.ellipsoids:
            at, reach = wall(body.centre), body.reach_squared(wall)
            if at * at >= reach:
                side = 1 if at > 0 else -1
                ends = sorted((side, side * int(at * at > reach)))
                result = max(result[0], ends[0]), min(result[1], ends[1])
        return result

    def _factor(self, factor: Factor) -> Sign:
        n = len(self.variables)
        wall = factor.affine(n)
        if wall is not None:
            return self._affine(wall)
        matrix = quadratic_matrix(factor.polynomial, n)
        if matrix is not None:
            sign, rank = definite(matrix)
            if sign:
                return (sign, sign) if rank == n + 1 else (min(sign, 0), max(sign, 0))
        if n == 1:
            return self._on_line(factor.expression)
        for constraint in self.region.constraints:
            shared = factors_of(constraint, self.variables)
            if shared is None or len(shared.factors) != 1 or shared.factors[0].multiplicity != 1:
                continue
            if shared.factors[0].expression == factor.expression:
                return (0, 1) if shared.scale > 0 else (-1, 0)
        return UNKNOWN

    def _on_line(self, node: Expression) -> Sign:
        polynomial = to_polynomial(node, self.variables[0])
        assert polynomial is not None
        lower, upper = self.region.box[0]
        if roots_inside(polynomial, lower, upper, closed=True)[0]:
            return UNKNOWN  # irreducible of degree >= 2: it changes sign at each root
        at = sign_at_point(node, ((lower + upper) / 2,), self.variables)
        return UNKNOWN if at is None else (at, at)


def in_half_turns(node: Expression, variables: tuple[str, ...]) -> Affine | None:
    """Return an expression divided by pi as an affine function over Q, None if it is not visibly pi times one."""
    polynomial = to_mpoly(tree.replaced(node, tree.Constant("pi"), tree.Variable("pi")), (*variables, "pi"))
    if polynomial is None or polynomial.is_zero():
        return None
    gradient, constant = [Fraction(0)] * len(variables), Fraction(0)
    for exponents, coefficient in polynomial.terms():
        *powers, turns = map(int, exponents)
        if turns != 1 or sum(powers) > 1:
            return None
        if sum(powers):
            gradient[powers.index(1)] = to_fraction(coefficient)
        else:
            constant = to_fraction(coefficient)
    return Affine(tuple(gradient), constant)


def _power(base: Sign, exponent: Expression) -> Sign:
    low, high = base
    if isinstance(exponent, Number) and exponent.value.denominator == 1:
        if exponent.value == 0:
            return 1, 1
        if exponent.value % 2:
            return base
        return (1 if low == high != 0 or low * high > 0 else 0), (0 if low == high == 0 else 1)
    return (1 if low > 0 else 0), 1
