"""Where an expression is defined, where it is >= 0, and where its switches are (docs/certificate.md, section 4.2)."""

from collections.abc import Callable, Iterator
from typing import Any

from verify.auditor.balls import piece as piece_of
from verify.auditor.evaluate import Vertex
from verify.auditor.expressions import Node, add, branches, call, decide, negate, number, subtract
from verify.auditor.signs import Piece
from verify.auditor.verdicts import Effort, InvalidError, UndecidedError, shown

MOST_STEPS_OF_FLOOR = 1_000
MOST_BISECTIONS = 500
Part = tuple[Any, ...]  # an expression, and the vertices of the cell it is meant on


class _UnsettledError(Exception):
    """A condition is neither proved nor refuted on the piece."""


def _require(piece: Piece, node: Node, condition: str, what: str) -> None:
    holds = decide(condition, piece.sign(node))
    if holds is False and piece.has_middle():
        raise InvalidError(f"{what} at {piece.place()}")
    if not holds:
        raise _UnsettledError(what)


def _check_defined(piece: Piece, node: Node) -> None:
    """Return if the expression is defined on the piece; raise if it is not, or if neither is seen."""
    if node.kind == "Piecewise":
        for branch, difference, _, holds in branches(node, piece.sign):
            _check_defined(piece, difference)
            if holds is None:
                _check_possible(piece, branch)
            elif holds:
                return _check_defined(piece, branch)
        return None
    for arg in node.args:
        if not arg.total:
            _check_defined(piece, arg)
    kind, u = node.kind, node.args[0] if node.args else node
    if kind == "log":
        _require(piece, u, ">", "the logarithm of a number <= 0")
    elif kind in ("asin", "acos"):
        for side in (u, negate(u)):
            _require(piece, add(number(1), side), ">=", f"{kind} outside [-1, 1]")
    elif kind == "tan":
        _require(piece, call("cos", u), "!=", "a pole of the tangent")
    elif kind == "**":
        _check_power(piece, u, node.args[1])
    return None


def _check_possible(piece: Piece, branch: Node) -> None:
    try:
        _check_defined(piece, branch)
    except InvalidError as fault:
        raise _UnsettledError(str(fault)) from None


def _check_power(piece: Piece, base: Node, exponent: Node) -> None:
    e = exponent.number
    if e is None:
        if piece.sign(base)[0] < 0 or (piece.sign(base)[0] == 0 and piece.sign(exponent)[0] < 0):
            raise _UnsettledError("a base < 0, or 0 with an exponent < 0, of a power whose exponent is not constant")
    elif e.denominator > 1:
        _require(
            piece, base, ">=" if e > 0 else ">", f"a base {'< 0' if e > 0 else '<= 0'} with the exponent {shown(e)}"
        )
    elif e < 0:
        _require(piece, base, "!=", "a division by 0")


def _everywhere(
    effort: Effort, node: Node, cell: tuple[Vertex, ...], check: Callable[[Piece], None], inside: bool = False
) -> None:
    """Check a condition on a closed cell, or inside an interval; cut at the switches, bisected where it is open."""
    parts = [vertices for _, *vertices in split(effort, node, *cell)]
    faces = {tuple(sorted(face)) for vertices in parts for face in piece_of(effort, *vertices).faces()}
    faces -= {(end,) for end in cell if inside}
    stack = sorted(faces, key=lambda face: (-len(face), face))
    bisections = 0
    while stack:
        piece = piece_of(effort, *stack.pop())
        if piece.is_empty():
            continue
        try:
            check(piece)
        except _UnsettledError as what:
            bisections += 1
            if piece.is_point() or bisections > MOST_BISECTIONS:
                raise UndecidedError(f"cannot exclude {what} near {piece.place()}") from None
            stack += piece.halves()


def check_defined(effort: Effort, node: Node, cell: tuple[Vertex, ...]) -> None:
    """Prove that the expression is defined on the closed cell, or raise with a point that refutes it or stays open."""
    if not node.total:
        _everywhere(effort, node, cell, lambda piece: _check_defined(piece, node))


def sign_at(effort: Effort, node: Node, point: Vertex) -> tuple[int, int]:
    """The sign of an expression at a point, where it must be defined."""
    check_defined(effort, node, (point,))
    return piece_of(effort, point).sign(node)


def check_sign(
    effort: Effort, node: Node, cell: tuple[Vertex, ...], condition: str, what: str, *, inside: bool = False
) -> None:
    """Prove that the expression is ">", ">=", "=" 0 or "!=" 0 on the closed cell or inside an interval; or raise."""
    _everywhere(effort, node, cell, lambda piece: _require(piece, node, condition, what), inside)


def split(effort: Effort, node: Node, *cell: Vertex, make: Callable[..., Piece] = piece_of) -> Iterator[Part]:
    """Cut a cell at the rational points (hyperplanes) where a switch or a branch point of the expression shows.

    Yields (expression equal to the given one inside, *vertices): polynomial where it is piecewise polynomial.
    """
    stack: list[Part] = [(node, *cell)]
    while stack:
        node, *vertices = stack.pop()
        piece = make(effort, *vertices)
        node = piece.resolve(node)
        effort.spend(1)
        parts = piece.cut(_switching(node, piece))
        if len(parts) > 1:
            stack += [(node, *part) for part in reversed(parts)]
        else:
            yield node, *vertices


def _switching(node: Node, piece: Piece) -> Iterator[Node]:
    """The expressions at whose zeros a node, or one in the tree below, switches or branches."""
    seen, stack = {node}, [node]
    while stack:
        node = stack.pop()
        yield from _own_switching(node, piece)
        stack += [arg for arg in node.args if arg not in seen]
        seen.update(node.args)


def _own_switching(node: Node, piece: Piece) -> list[Node]:
    kind = node.kind
    branches_off = kind == "**" and ((e := node.args[1].number) is None or e < 0 or e.denominator > 1)
    if branches_off or kind in ("Abs", "sign", "log"):
        return [node.args[0]]
    if kind == "Max":
        return [subtract(*node.args)]
    if kind == "Piecewise":
        return list(node.args[1::2])
    if kind == "floor" and node.args[0].degree is not None:
        jet = piece.jet(node.args[0], 0)
        steps = range(jet.lo >> piece.p, (jet.hi >> piece.p) + 2) if jet else ()
        return [add(node.args[0], number(-k)) for k in steps] if len(steps) <= MOST_STEPS_OF_FLOOR else []
    return []
