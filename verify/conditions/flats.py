"""Flat zero sets: on which hyperplanes may an expression vanish identically inside a region?

MATHEMATICS.md, section 1, (H2a): a hyperplane that meets a convex piece of D but not P lies, within the piece, in the
zero set of the density.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from proofs.geometry.affine import Affine
from verify.conditions.places import canonical_wall
from verify.conditions.roots import Root, zeros
from verify.expressions import tree
from verify.expressions.factors import Factor, definite, factors_of, may_be_flat, quadratic_matrix
from verify.expressions.tree import Call, Expression, Number, Power, Product, Sum
from verify.signs.decide import Signs

FEW_BOXES = 300


@dataclass(frozen=True)
class Flats:
    """All hyperplanes in the zero set are among the `walls` and what the other two fields hold.

    `irrational` are roots in one variable, each a hyperplane `variable = root`; `open` are factors about which nothing
    is known.
    """

    walls: frozenset[Affine] = frozenset()
    irrational: tuple[tuple[str, Root], ...] = ()
    open: tuple[Expression, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether the hyperplanes are known to be among the rational walls."""
        return not self.open and not self.irrational

    def __or__(self, other: Flats) -> Flats:
        return Flats(self.walls | other.walls, self.irrational + other.irrational, self.open + other.open)


NONE = Flats()


def flats(node: Expression, signs: Signs) -> Flats:
    """Return the hyperplanes on which an expression, defined on a region, may vanish identically inside the region."""
    if signs.sign(node) in ((1, 1), (-1, -1)):
        return NONE
    found = factors_of(node, signs.variables)
    if found is not None:
        result = NONE
        for factor in found.factors:
            result |= _of_factor(factor, signs)
        return result
    match node:
        case Product(parts):
            result = NONE
            for part in parts:
                result |= flats(part, signs)
            return result
        case Power(base, Number(exponent)):
            return flats(base, signs) if exponent > 0 else NONE
        case Call("Abs" | "sqrt" | "sinh" | "tanh" | "atan" | "asin" | "erf", (part,)):
            return flats(part, signs)
        case Call("exp" | "cosh", _):
            return NONE
        case Call("log", (part,)):
            return flats(tree.difference(part, tree.ONE), signs)
        case Sum(parts) if all(signs.sign(p)[0] >= 0 for p in parts):
            return _common([flats(p, signs) for p in parts], node)
        case _:
            return _of_one_variable(node, signs)


def _common(parts: Sequence[Flats], node: Expression) -> Flats:
    """A sum of terms >= 0 vanishes only where all do: any term whose zeros are known bounds the sum's."""
    known = [part.walls for part in parts if part.is_known]
    if not known:
        return Flats(open=(node,))
    walls = known[0]
    for other in known[1:]:
        walls &= other
    return Flats(walls)


def _of_factor(factor: Factor, signs: Signs) -> Flats:
    n = len(signs.variables)
    wall = factor.affine(n)
    if wall is not None:
        return NONE if signs.region.sign_of(wall) else Flats(frozenset({canonical_wall(wall)}))
    if not may_be_flat(factor.polynomial):
        return NONE
    matrix = quadratic_matrix(factor.polynomial, n)
    if matrix is not None:
        sign, rank = definite(matrix)
        if sign and rank >= 2:
            return NONE  # it vanishes on an affine subspace of codimension >= 2 at most
    decided = signs.decide(factor.expression, "!=", FEW_BOXES)
    if decided.verdict is True or any(
        signs.decide(factor.expression, relation, FEW_BOXES).verdict is True for relation in (">=", "<=")
    ):
        return NONE  # of one sign, its zeros are critical points; it is square-free, so these have codimension >= 2
    return _of_one_variable(factor.expression, signs)


def _of_one_variable(node: Expression, signs: Signs) -> Flats:
    """The zeros of a function of one coordinate are parallel hyperplanes; of others only a strict sign is seen."""
    names = tree.variables_of(node)
    if len(names) == 1:
        name = next(iter(names))
        index = signs.variables.index(name)
        lower, upper = signs.region.box[index]
        roots = zeros(node, lower, upper, name, signs.deadline)
        if roots is not None:
            unit = [int(i == index) for i in range(len(signs.variables))]
            walls = [Affine.of(unit, -r.lower) for r in roots if r.is_exact]
            inside = [canonical_wall(w) for w in walls if not signs.region.sign_of(w)]
            return Flats(frozenset(inside), tuple((name, r) for r in roots if not r.is_exact))
    if signs.decide(node, "!=", FEW_BOXES).verdict is True:
        return NONE
    return Flats(open=(node,))
