"""Signs of an expression on a piece of the domain, and the switches they settle.

A piece is a relatively open simplex with rational vertices: a point, an open interval, a triangle without its sides.
A sign is a pair (least, largest) of numbers in {-1, 0, 1} between which the sign of the expression lies, wherever it is
defined on the piece; (-1, 1) says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import cached_property, partial
from itertools import combinations, pairwise
from typing import Any

from verify.auditor import polynomials, simplices
from verify.auditor.elementary import NoEnclosureError
from verify.auditor.evaluate import Evaluation, Jet, Vertex
from verify.auditor.expressions import Node, add, branches, evaluate, multiply, negate, number, rebuild, subtract, tidy
from verify.auditor.forms import Edge, Form
from verify.auditor.polynomials import signs_of
from verify.auditor.simplices import Simplex
from verify.auditor.verdicts import Effort, shown

Sign = tuple[int, int]
UNKNOWN: Sign = (-1, 1)
ORDERS = {1: 12, 2: 11, 3: 5, 4: 6}  # for each dimension
_ODD = ("sinh", "tanh", "atan", "asin", "erf")


class Piece:
    """One piece, with what is known about expressions on it."""

    def __init__(self, effort: Effort, *vertices: Vertex) -> None:
        self.effort, self.vertices = effort, vertices
        self.known: dict[Node, Sign] = {}
        self.resolved: dict[Node, Node] = {}
        small = max(max(column) - min(column) for column in zip(*vertices, strict=True)) or Fraction(1)
        self.p = 160 + 2 * max(0, small.denominator.bit_length() - small.numerator.bit_length())

    @cached_property
    def size(self) -> Fraction:
        """The volume, 0 for a face."""
        full = len(self.vertices) > len(self.vertices[0])
        return simplices.volume(self.vertices) if full else Fraction(0)

    def evaluation(self, p: int, n: int, **options: Any) -> Evaluation:
        """What evaluates expressions on the piece."""
        return Evaluation(self.effort, p, n, *self.vertices, **options)

    def jet(self, node: Node, n: int, *, at_middle: bool = False) -> Jet | None:
        """The jet of order n of an expression, None if there is none."""
        try:
            return self.evaluation(self.p, n, at_middle=at_middle)(node)
        except NoEnclosureError:
            return None

    def order(self, node: Node) -> int:
        """How many derivatives serve to integrate an expression."""
        return ORDERS[len(self.vertices) - 1]

    def charts(self, node: Node) -> Iterable[tuple[Any, ...]]:
        """(Weight, expression, *simplex): the weighted integrals add up to that of an expression over the piece."""
        return [(1, node, *self.vertices)]

    def bounds(self, node: Node, p: int, n: int) -> tuple[Fraction, Fraction] | None:
        """Bounds of an integral from n derivatives, where the piece has a way of its own; None elsewhere."""
        return None

    def is_empty(self) -> bool:
        """Whether no point of the hull belongs to the domain."""
        return False

    def has_middle(self) -> bool:
        """Whether the middle belongs to the domain: what fails on the whole hull fails there."""
        return True

    def place(self) -> str:
        """The centre, for a message."""
        return f"({', '.join(map(shown, simplices.centre(self.vertices)))})"

    def marked(self, parts: Iterable[Simplex]) -> list[Simplex]:
        """Simplices with the mark of what of them counts: here all."""
        return list(parts)

    def faces(self) -> list[tuple[Vertex, ...]]:
        """The vertices of the piece and of the faces of its closure."""
        return self.marked(face for k in range(len(self.vertices)) for face in combinations(self.vertices, k + 1))

    def halves(self, edge: Edge = None) -> list[Simplex]:
        """The vertices of the two halves, and of what is between them."""
        return self.marked(simplices.halves(self.vertices, edge))

    def cut(self, nodes: Iterable[Node]) -> list[Simplex]:
        """The vertices of the parts between the zeros of affine functions, also of those that are factors."""
        parts, stack = [self.vertices], list(nodes)
        while stack:
            node = stack.pop()
            if node.kind in ("*", "**"):
                stack += node.args
            elif node.degree == 1:
                parts = [q for p in parts for q in simplices.cut(self.effort, p, partial(evaluate, node))]
        return self.marked(parts)

    def integral(self, node: Node) -> Fraction | None:
        """The integral of a polynomial, None for other expressions."""
        if node.degree is None:
            return None
        return simplices.integral(self.effort, self.vertices, node.degree, partial(evaluate, node))

    def is_point(self) -> bool:
        """Whether the piece is a single point."""
        return len(self.vertices) == 1

    def face(self, *vertices: Vertex) -> Piece:
        """A face of the piece."""
        return Piece(self.effort, *vertices)

    def _polynomial_sign(self, node: Node) -> Sign:
        if node.degree is None or (node.degree > 1 and not self.is_point()):
            return UNKNOWN
        values = [evaluate(node, vertex) for vertex in self.vertices]
        low, high = min(values), max(values)
        if low < high:  # an affine function takes its least and largest value on the boundary only
            return (1 if low >= 0 else -1), (-1 if high <= 0 else 1)
        return signs_of(low, high)

    def sign(self, node: Node) -> Sign:
        """The sign of the expression on the piece."""
        if node not in self.known:
            self.effort.spend(10)
            self.known[node] = self._sign(self.resolve(node))
        return self.known[node]

    def resolve(self, node: Node) -> Node:
        """An expression equal to it wherever it is defined on the piece, with as few switches as the signs allow."""
        if not node.switches:
            return node
        if node not in self.resolved:
            self.resolved[node] = self._resolve(node)
        return self.resolved[node]

    def _resolve(self, node: Node) -> Node:
        if node.kind == "Piecewise":
            return self._branch(node)
        node = rebuild(node, list(map(self.resolve, node.args)))
        kind = node.kind
        if kind in ("Max", "Abs"):
            u, v = node.args if kind == "Max" else (node.args[0], negate(node.args[0]))
            low, high = self.sign(subtract(u, v) if kind == "Max" else u)
            return u if low >= 0 else v if high <= 0 else node
        if kind == "sign":
            low, high = self.sign(node.args[0])
            return number(low) if low == high else node
        if kind == "floor" and (k := self._whole(node.args[0])) is not None:
            return number(k)
        return tidy(node) if kind == "+" else node

    def _whole(self, u: Node) -> int | None:
        """The number k with k <= u < k + 1 on the piece, if there is one."""
        jet = self.jet(u, 0, at_middle=True)
        for k in {jet.lo >> self.p, jet.hi >> self.p} if jet else ():
            if self.sign(add(u, number(-k)))[0] >= 0 and self.sign(add(u, number(-k - 1)))[1] < 0:
                return k
        return None

    def _branch(self, node: Node) -> Node:
        args: list[Node] = []
        conditions: list[str] = []
        for branch, difference, condition, holds in branches(node, self.sign):
            if holds is not False:
                args += [self.resolve(branch), number(0) if holds else self.resolve(difference)]
                conditions.append("True" if holds else condition)
        return args[0] if len(conditions) == 1 else Node("Piecewise", tuple(args), tuple(conditions))

    def _sign(self, node: Node) -> Sign:
        if (found := self._polynomial_sign(node)) != UNKNOWN:
            return found
        jet = self.jet(node, 0)
        low, high = UNKNOWN if jet is None else signs_of(jet.lo, jet.hi)
        if low < high:
            least, largest = self._structural_sign(node)
            low, high = max(low, least), min(high, largest)
        if (low, high) == UNKNOWN and not self.is_point():
            low, high = self._monotone_sign(node)
        return low, high

    def _monotone_sign(self, node: Node) -> Sign:
        """If the expression rises from a vertex towards all others, it is least there on the closed piece."""
        if (jet := self.jet(node, 1)) is None:
            return UNKNOWN
        slope, radius = jet.mid[1], jet.rad[1]
        slopes = [0, *(slope.coefficients[::-1] if isinstance(slope, Form) else [slope])]  # from vertex 0 to the others
        least, largest = UNKNOWN
        for i, vertex in enumerate(self.vertices):
            others = [s - slopes[i] for j, s in enumerate(slopes) if j != i]
            if min(others) >= radius:
                least = self.face(vertex).sign(node)[0]
            if max(others) <= -radius:
                largest = self.face(vertex).sign(node)[1]
        return least, largest

    def _structural_sign(self, node: Node) -> Sign:
        kind = node.kind
        if kind == "*":
            result = 1, 1
            for arg in node.args:
                ends = [x * y for x in result for y in self.sign(arg)]
                result = min(ends), max(ends)
            return result
        if kind in ("+", "Max", "Piecewise"):
            args = node.args[::2] if kind == "Piecewise" else node.args
            lows, highs = zip(*map(self.sign, args), strict=True)
            if kind == "+":
                return (max(lows) if min(lows) >= 0 else -1), (min(highs) if max(highs) <= 0 else 1)
            return max(lows) if kind == "Max" else min(lows), max(highs)
        if kind == "**":
            return self._power_sign(*node.args)
        if kind in ("exp", "cosh", "softplus"):
            return 1, 1
        if kind in ("sin", "cos"):
            return self._periodic_sign(kind, node.args[0])
        if kind not in (*_ODD, "Abs", "log", "sign"):
            return UNKNOWN
        least, largest = self.sign(add(node.args[0], number(-1)) if kind == "log" else node.args[0])
        if kind == "Abs":
            return min(abs(least), abs(largest)) if least * largest > 0 else 0, 1
        return least, largest

    def _power_sign(self, base: Node, exponent: Node) -> Sign:
        least, largest = self.sign(base)
        e = exponent.number
        if e is not None and e.denominator == 1 and e % 2:
            return least, largest
        if e == 0 or least > 0 or (largest < 0 and e is not None):
            return 1, 1
        return 0, 1

    def _periodic_sign(self, kind: str, argument: Node) -> Sign:
        """Sine and cosine of pi times a rational affine function, whose zeros are known exactly."""
        turns = _turns(argument)
        if turns is None or turns.degree is None or turns.degree > 1:
            return UNKNOWN
        values = [evaluate(turns, vertex) + Fraction(kind == "cos", 2) for vertex in self.vertices]
        low, high = min(values), max(values)
        k = low.numerator // low.denominator
        if low == high == k:
            return 0, 0
        if high > k + 1:
            return UNKNOWN
        return (-1, -1) if k % 2 else (1, 1)


class Stretch(Piece):
    """An open interval, or a point."""

    @property
    def ends(self) -> tuple[Fraction, Fraction]:
        """The ends, in order."""
        (a,), (b,) = min(self.vertices), max(self.vertices)
        return a, b

    def cut(self, nodes: Iterable[Node]) -> list[Simplex]:
        """The vertices of the parts between those zeros of polynomials that are rational."""
        known = [node.polynomial for node in nodes if node.polynomial is not None]
        roots = {(x,) for p in known for x in polynomials.rational_roots(p, *self.ends)}
        return list(pairwise([min(self.vertices), *sorted(roots), max(self.vertices)]))

    def integral(self, node: Node) -> Fraction | None:
        """The integral of a polynomial, None for other expressions."""
        return None if node.polynomial is None else polynomials.integral(node.polynomial, *self.ends)

    def face(self, *vertices: Vertex) -> Piece:
        """An end."""
        return Stretch(self.effort, *vertices)

    def _polynomial_sign(self, node: Node) -> Sign:
        return UNKNOWN if node.polynomial is None else polynomials.sign(node.polynomial, *self.ends)


def _turns(node: Node) -> Node | None:
    """The expression divided by pi, where its form shows that this is a polynomial; else None or one of no degree."""
    if node.kind == "pi":
        return number(1)
    if node.kind not in ("+", "*"):
        return None
    turns = [None if arg.degree is not None else _turns(arg) for arg in node.args]
    found = [part for part in turns if part is not None]
    if node.kind == "+":
        return add(*found) if len(found) == len(turns) else None
    factors = [arg if part is None else part for arg, part in zip(node.args, turns, strict=True)]
    return multiply(*factors) if len(found) == 1 else None
