"""One-sided faces: MATHEMATICS.md, section 1, (H2b).

A hyperplane that meets the interior of conv(D) may carry a flat piece of the boundary of D only where h = 0. Flat
pieces lie on facets of the cells or in constraints with an affine factor; a facet is one-sided where no other piece
covers it from the other side or across.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from proofs.geometry.affine import Affine, HalfSpace, Point
from proofs.geometry.polytopes import Polytope
from verify.conditions.agreement import divides, solved
from verify.conditions.pieces import Piece, lifted, pivot_of, section
from verify.conditions.places import canonical_wall, point_text
from verify.expressions import tree
from verify.expressions.algebra import affine_expression
from verify.expressions.analytic import is_analytic
from verify.expressions.demands import demands
from verify.expressions.derivative import NoDerivativeError, derivative
from verify.expressions.factors import factors_of, may_be_flat
from verify.expressions.normal import canonical, identically_zero, up_to_scale
from verify.expressions.printing import text
from verify.expressions.tree import Expression
from verify.signs.decide import Signs
from verify.signs.regions import Region, sign_at_point

MAX_CUTS = 6


@dataclass(frozen=True)
class FaceCheck:
    """`verdict` True if no hyperplane carries a one-sided face, False with a witness, None with the doubt."""

    verdict: bool | None
    reason: str
    witness: dict[str, Any] | None = None
    steps: tuple[str, ...] = ()


def one_sided_faces(pieces: Sequence[Piece]) -> FaceCheck:
    """Check (H2b) for pieces whose union is D."""
    variables = pieces[0].variables
    doubt: str | None = None
    steps: list[str] = []
    for piece in pieces:
        trouble = curved_face(piece)
        if trouble is not None and doubt is None:
            doubt = trouble
    seen: set[tuple[int, ...]] = set()
    for piece in pieces:
        for facet in piece.region.cell.facets:
            key = HalfSpace(facet).boundary
            if key in seen:
                continue
            seen.add(key)
            found = _on_wall(facet, pieces)
            if found.verdict is False:
                return found
            if found.verdict is None and doubt is None:
                doubt = found.reason
            elif found.verdict and found.reason:
                shown = text(affine_expression(canonical_wall(facet), variables))
                steps.append(f"{shown} = 0: {found.reason}")
    if doubt is not None:
        return FaceCheck(None, doubt, steps=tuple(steps))
    return FaceCheck(True, "no hyperplane through the interior of conv(D) carries a one-sided face", steps=tuple(steps))


def curved_face(piece: Piece) -> str | None:
    """Return a doubt if a constraint may be 0 on a flat piece where the density is not."""
    for constraint in piece.region.constraints:
        found = factors_of(constraint, piece.variables)
        if found is not None and not any(may_be_flat(f.polynomial) for f in found.factors):
            continue
        if divides(constraint, piece.density) or _is_curved_graph(constraint, piece):
            continue
        return f"whether the boundary {text(constraint)} = 0 has a flat piece was not settled"
    return None


def _is_curved_graph(constraint: Expression, piece: Piece) -> bool:
    """Whether `{constraint = 0}` is the graph of an analytic function that is not affine: it has no flat piece.

    A flat piece would make a second derivative vanish on an open set, hence everywhere on the cell.
    """
    solution = solved(constraint, piece.variables)
    if solution is None or not is_analytic(solution[1]):
        return False
    name, value = solution
    others = [v for v in piece.variables if v != name]
    signs = Signs(Region(piece.region.cell), piece.variables, piece.deadline)
    for first in others:
        try:
            second = derivative(derivative(value, first), first)
        except NoDerivativeError:
            return False
        if sign_at_point(second, piece.region.cell.centre, piece.variables) in (1, -1):
            return _is_defined(value, signs)
    return False


def _is_defined(node: Expression, signs: Signs) -> bool:
    return all(
        signs.decide(gap, relation).verdict is True for part in tree.walk(node) for gap, relation, _ in demands(part)
    )


def _on_wall(wall: Affine, pieces: Sequence[Piece]) -> FaceCheck:
    """Check one hyperplane that carries a facet of some cell."""
    sides = [piece.side(wall) for piece in pieces]
    if all(s == 1 for s in sides) or all(s == -1 for s in sides):
        return FaceCheck(True, "")
    cuts = _some_point(pieces, wall, 1) and _some_point(pieces, wall, -1)
    doubt: str | None = None
    covered = []
    for own in (1, -1):
        for piece, side in zip(pieces, sides, strict=True):
            if side != own:
                continue
            face = _face(piece, wall)
            if face is None:
                continue
            others = [p for p, s in zip(pieces, sides, strict=True) if s != own]
            found = _uncovered(face, piece, others, wall)
            if found.verdict is False and cuts:
                return found
            if not found.verdict and doubt is None:
                doubt = found.reason
            if found.reason and found.verdict:
                covered.append(found.reason)
    if doubt is not None:
        return FaceCheck(None, doubt)
    return FaceCheck(True, covered[0] if covered else "")


def _some_point(pieces: Sequence[Piece], wall: Affine, sign: int) -> bool:
    return any(sign * wall(p) > 0 for piece in pieces for p in piece.corners)


def _face(piece: Piece, wall: Affine) -> Polytope | None:
    """Return the cell's face in a hyperplane, in one coordinate less; None if it has no interior there."""
    return section([v for v in piece.region.cell.vertices if wall(v) == 0], wall)


def _uncovered(face: Polytope, piece: Piece, others: Sequence[Piece], wall: Affine) -> FaceCheck:
    """Check the part of a face that no piece covers from the other side or across."""
    dead = carries_nothing(piece, wall, face)
    if dead is not None:
        return FaceCheck(True, dead)
    rest = [face]
    own = {up_to_scale(_within(c, wall, piece.variables)) for c in piece.region.constraints}
    for other in others:
        if not {up_to_scale(_within(c, wall, piece.variables)) for c in other.region.constraints} <= own:
            continue
        across = other.region.cell.split(wall)[0 if piece.side(wall) > 0 else 1]
        cover = None if across is None else section([v for v in across.vertices if wall(v) == 0], wall)
        if cover is not None:
            rest = [part for r in rest for part in r.minus(cover)]
    rest = [part for r in rest for part in _outside_curved(r, others, wall, MAX_CUTS)]
    if not rest:
        return FaceCheck(True, "the face is covered from both sides")
    for part in rest:
        for point in _samples(part):
            place = lifted(point, wall)
            if not piece.region.satisfies(place, piece.variables, strictly=True):
                continue
            outside = all(_certainly_outside(other, place) for other in others)
            if outside and sign_at_point(piece.density, place, piece.variables) == 1:
                return _failure(piece, wall, place)
    shown = text(affine_expression(canonical_wall(wall), piece.variables))
    return FaceCheck(None, f"whether {shown} = 0 carries a one-sided face was not settled")


def _failure(piece: Piece, wall: Affine, place: Point) -> FaceCheck:
    shown = text(affine_expression(canonical_wall(wall), piece.variables))
    reason = f"the hyperplane {shown} = 0 carries a one-sided face of D with h > 0, e.g. at {point_text(place)}"
    witness = {"hyperplane": shown, "part": "b", "point": [str(x) for x in place]}
    return FaceCheck(False, reason, witness)


def _within(node: Expression, wall: Affine, variables: tuple[str, ...]) -> Expression:
    """Return an expression restricted to a hyperplane, the pivot variable put in."""
    pivot = pivot_of(wall)
    value = Affine(
        tuple(Fraction(0) if i == pivot else -g / wall.gradient[pivot] for i, g in enumerate(wall.gradient)),
        -wall.constant / wall.gradient[pivot],
    )
    return tree.folded(tree.substituted(node, {variables[pivot]: affine_expression(value, variables)}))


def carries_nothing(piece: Piece, wall: Affine, face: Polytope) -> str | None:
    """Return why a face of a piece (in one coordinate less) carries no density, up to a null set; None if it may.

    The density vanishes on it, or a constraint is <= 0 on it without vanishing identically.
    """
    if identically_zero(_within(piece.density, wall, piece.variables)):
        return "the density is 0 on the face"
    if any(body.sign_of(wall) for body in piece.region.ellipsoids):
        return "D meets the hyperplane in one point at most"
    pivot = pivot_of(wall)
    names = tuple(v for i, v in enumerate(piece.variables) if i != pivot)
    for constraint in piece.region.constraints:
        node = canonical(_within(constraint, wall, piece.variables))
        if isinstance(node, tree.Number):
            if node.value < 0:
                return "a constraint excludes the face"
            continue
        decided = Signs(Region(face), names, piece.deadline).decide(node, "<=", 200)
        if decided.verdict is True and is_analytic(node) and not identically_zero(node):
            return "a constraint leaves a null set of the face"
    return None


def _outside_curved(part: Polytope, others: Sequence[Piece], wall: Affine, cuts: int) -> Iterator[Polytope]:
    """Yield what is left of a face after taking away what convex curved pieces cover, by halving."""
    corners = [lifted(v, wall) for v in part.vertices]
    centre = lifted(part.centre, wall)
    for other in others:
        if not (other.region.constraints and other.is_convex and (other.cut(wall) or other.side(wall))):
            continue
        around = all(other.region.contains(c, other.variables) for c in corners)
        if around and other.region.satisfies(centre, other.variables, strictly=True):
            return
    inside = any(
        other.region.constraints and any(other.region.contains(c, other.variables) for c in corners) for other in others
    )
    if cuts and inside:
        widths = [max(c) - min(c) for c in zip(*part.vertices, strict=True)]
        i = widths.index(max(widths))
        unit = [Fraction(int(j == i)) for j in range(len(widths))]
        middle = (max(v[i] for v in part.vertices) + min(v[i] for v in part.vertices)) / 2
        for half in part.split(Affine(tuple(unit), -middle)):
            if half is not None:
                yield from _outside_curved(half, others, wall, cuts - 1)
    else:
        yield part


def _certainly_outside(piece: Piece, point: Point) -> bool:
    if any(f(point) < 0 for f in piece.region.cell.facets):
        return True
    return any(sign_at_point(c, point, piece.variables) == -1 for c in piece.region.constraints)


def _samples(part: Polytope) -> Iterator[Point]:
    centre = part.centre
    yield centre
    for v in part.vertices:
        yield tuple((a + b) / 2 for a, b in zip(centre, v, strict=True))
