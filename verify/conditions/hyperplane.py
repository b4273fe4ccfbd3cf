"""The hyperplane condition (H2) in two and more dimensions.

MATHEMATICS.md, section 1. D is cut into pieces that no hyperplane missing P can cut. Pieces that are tied lie on one
side of such a hyperplane, so (a) fails exactly if two groups of tied pieces can be separated weakly; (b) is checked
face by face.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

from proofs.geometry.affine import Affine
from verify.conditions.connected import is_connected
from verify.conditions.faces import carries_nothing, curved_face, one_sided_faces
from verify.conditions.irrational import irrational_wall
from verify.conditions.pieces import Piece, contacts, pieces_of, section, tied
from verify.conditions.places import canonical_wall
from verify.conditions.separation import separate
from verify.conditions.support import Support
from verify.conditions.verdicts import Finding
from verify.expressions.algebra import affine_expression
from verify.expressions.printing import text
from verify.expressions.tree import Expression
from verify.integration import Deadline

ID = "hyperplane"
MAX_GROUPS = 10
FEW_GROUPS = 4  # for so few the simplest of all separating hyperplanes is looked for


def in_space(support: Support, density: Expression, deadline: Deadline) -> Finding:
    """Return the verdict on (H2) in two and more dimensions."""
    pieces = pieces_of(support.parts, support.variables, deadline)
    if not pieces:
        return Finding(
            ID, "undecided", "a part of the stated shape in which no point with h > 0 was found may be empty"
        )
    doubts = [doubt for piece in pieces if (doubt := _doubt(piece)) is not None]
    steps = [_described(piece) for piece in pieces]
    if not doubts and not all(piece.is_convex for piece in pieces):
        steps.append(
            "the interior of each piece that is not convex is connected: boxes inside hang together, and the rest "
            "can be moved into them along directions in which the constraints grow"
        )
    groups, ties = _groups(pieces, density)
    steps += ties
    if len(groups) > 1:
        found = _separated(groups)
        if isinstance(found, Affine):
            return _fails_at(found, pieces, tuple(steps))
        if found is not None:
            doubts.append(found)
        else:
            steps.append("the groups of pieces cannot be separated: for any two of them the convex hulls overlap")
    if doubts:
        witness = irrational_wall(pieces)
        if witness is not None:
            reason = (
                f"the density is 0 on the hyperplane {witness['hyperplane']} = 0, which has points of P on both sides"
            )
            return Finding(ID, "fails", reason, witness, (*steps, reason))
        return Finding(ID, "undecided", doubts[0], steps=tuple(steps))
    one_convex = len(pieces) == 1 and pieces[0].is_convex
    if one_convex and support.is_full and pieces[0].flats.walls == frozenset():
        steps.append(
            "D is convex, and the density vanishes on no hyperplane through its interior: every one meets P (a)"
        )
        steps.append("a hyperplane through the interior of a convex D meets its boundary in a null set (b)")
        return Finding(
            ID, "holds", "D is convex and h vanishes on no hyperplane through its interior", steps=tuple(steps)
        )
    steps.append("every hyperplane that misses P has all pieces on one side: (a) holds")
    faces = one_sided_faces(pieces)
    steps += faces.steps
    if faces.verdict is False:
        return Finding(ID, "fails", f"(b) fails: {faces.reason}", faces.witness, (*steps, faces.reason))
    if faces.verdict is None:
        return Finding(ID, "undecided", f"(a) holds, (b) is open: {faces.reason}", steps=tuple(steps))
    steps.append(f"(b) holds: {faces.reason}")
    reason = "the pieces of D hang together, and no hyperplane through its interior carries a one-sided face"
    return Finding(ID, "holds", reason, steps=tuple(steps))


def _doubt(piece: Piece) -> str | None:
    """Return why a hyperplane that misses P might still cut a piece."""
    if not piece.flats.is_known:
        nodes = [*piece.flats.open, *(root.node for _, root in piece.flats.irrational)]
        return f"whether {text(nodes[0])} vanishes on a hyperplane was not settled"
    if not piece.is_convex and not is_connected(piece.region, piece.signs):
        shown = ", ".join(f"{text(c)} >= 0" for c in piece.region.constraints)
        return f"whether the part of D with {shown} is connected was not settled"
    return None


def _described(piece: Piece) -> str:
    box = " x ".join(f"[{lo}, {hi}]" for lo, hi in piece.region.box)
    inside = f"a polytope in {box}" if len(piece.region.cell.facets) != 2 * len(piece.region.box) else box
    constraints = "".join(f", {text(c)} >= 0" for c in piece.region.constraints)
    shape = "convex " if piece.is_convex else ""
    return f"{shape}piece {inside}{constraints} with density {text(piece.density)}"


def _groups(pieces: Sequence[Piece], density: Expression) -> tuple[list[list[Piece]], list[str]]:
    """Return the groups of pieces that are tied directly or through others, with the reasons."""
    groups: list[list[Piece]] = []
    reasons: list[str] = []
    for piece in pieces:
        joined = [piece]
        rest = []
        for group in groups:
            why = next((w for other in group if (w := tied(other, piece, density)) is not None), None)
            if why is None:
                rest.append(group)
            else:
                joined = group + joined
                reasons.append(f"pieces are tied: {why}")
        groups = [*rest, joined]
    return groups, reasons


def _separated(groups: Sequence[list[Piece]]) -> Affine | str | None:
    """Return a hyperplane that separates groups weakly, a doubt, or None if there is none."""
    if len(groups) > MAX_GROUPS:
        return f"{len(groups)} separate groups of pieces are too many to compare"
    doubt = None
    walls: list[Affine] = []
    for above, below in _bipartitions(groups):
        found = separate(above, below)
        if found.wall is not None:
            walls.append(canonical_wall(found.wall))
            if len(groups) > FEW_GROUPS:
                break
        elif found.verdict is None:
            doubt = "whether a hyperplane separates two groups of pieces was not settled"
    return min(walls, key=_size) if walls else doubt


def _size(wall: Affine) -> Fraction:
    return sum((abs(c) for c in wall.gradient), abs(wall.constant))


def _bipartitions(groups: Sequence[list[Piece]]) -> Iterator[tuple[list[Piece], list[Piece]]]:
    first, *others = groups
    for size in range(len(others)):
        for chosen in combinations(range(len(others)), size):
            above = first + [p for i in chosen for p in others[i]]
            yield above, [p for i, group in enumerate(others) if i not in chosen for p in group]


def _fails_at(wall: Affine, pieces: Sequence[Piece], steps: tuple[str, ...]) -> Finding:
    """Return the failure of (a) at a separating hyperplane, once no contact across it carries density."""
    wall = canonical_wall(wall)
    shown = text(affine_expression(wall, pieces[0].variables))
    sides = [piece.side(wall) for piece in pieces]
    doubts = [curved_face(p) for p in pieces]
    if any(doubts):
        return Finding(ID, "undecided", f"whether P meets {shown} = 0 was not settled", steps=steps)
    for first, one in zip(pieces, sides, strict=True):
        for second, other in zip(pieces, sides, strict=True):
            if one > 0 > other:
                for common, facet in contacts(first, second):
                    face = section(common, facet)
                    if facet.ratio_to(wall) is None or face is None:
                        continue
                    if carries_nothing(first, wall, face) is None and carries_nothing(second, wall, face) is None:
                        return Finding(ID, "undecided", f"whether P meets {shown} = 0 was not settled", steps=steps)
    reason = f"the hyperplane {shown} = 0 misses P, and P has points on both sides of it"
    points: dict[str, Any] = {}
    for sign, name in ((1, "above"), (-1, "below")):
        point = next(p.point for p, s in zip(pieces, sides, strict=True) if s == sign)
        points[name] = [str(x) for x in point]
    return Finding(
        ID, "fails", f"(a) fails: {reason}", {"hyperplane": shown, "part": "a", "points": points}, (*steps, reason)
    )
