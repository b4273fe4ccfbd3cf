"""Mutants of a source text: one small change each, of the kinds that have made checkers wrong.

Left alone are annotations and the texts of messages, for no verdict depends on them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_REVERSED = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
             ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In}  # fmt: skip
_SLACK = {ast.Lt: ast.LtE, ast.Gt: ast.GtE, ast.LtE: ast.Lt, ast.GtE: ast.Gt}
_SIGNS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult}
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
_CHECKS = ("require", "settle", "check", "_check", "_require")
Change = Callable[[ast.AST], ast.AST | None]  # None: the statement is dropped


@dataclass(frozen=True, order=True)
class Mutant:
    """One change: in which file, in which line, and what."""

    file: str
    line: int
    what: str
    index: int  # of the node in the order of `ast.walk`
    number: int  # of the change at that node

    @property
    def name(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"

    def text(self, source: str) -> str:
        """The source with the change."""
        tree = ast.parse(source)
        place = next(node for i, node in enumerate(ast.walk(tree)) if i == self.index)
        change = list(_changes(place))[self.number][1]
        return ast.unparse(ast.fix_missing_locations(_At(place, change).visit(tree)))


def _compare(table: dict[type[ast.cmpop], type[ast.cmpop]], i: int) -> Change:
    def change(node: ast.AST) -> ast.AST:
        assert isinstance(node, ast.Compare)
        node.ops[i] = table[type(node.ops[i])]()
        return node

    return change


def _set(**fields: object) -> Change:
    def change(node: ast.AST) -> ast.AST:
        for name, value in fields.items():
            setattr(node, name, value)
        return node

    return change


def _swap(field: str, i: int) -> Change:
    def change(node: ast.AST) -> ast.AST:
        items = getattr(node, field)
        items[i], items[i + 1] = items[i + 1], items[i]
        return node

    return change


def _changes(node: ast.AST) -> Iterator[tuple[str, Change]]:
    """The changes that can be made at a node: what they are called, and how they are made."""
    if isinstance(node, ast.Compare):
        for i, op in enumerate(node.ops):
            if type(op) in _REVERSED:
                yield "comparison reversed", _compare(_REVERSED, i)
            if type(op) in _SLACK:
                yield "equality let in or out", _compare(_SLACK, i)
    elif isinstance(node, ast.BoolOp):
        yield "and/or", _set(op=ast.And() if isinstance(node.op, ast.Or) else ast.Or())
        for i in range(len(node.values)):
            rest = [value for j, value in enumerate(node.values) if j != i]
            yield f"condition {i} dropped", _set(values=rest)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield "negation dropped", lambda n: n.operand  # type: ignore[attr-defined]
    elif isinstance(node, ast.BinOp) and type(node.op) in _SIGNS:
        yield "operation changed", _set(op=_SIGNS[type(node.op)]())
    elif isinstance(node, ast.Constant) and type(node.value) is bool:
        yield "truth flipped", _set(value=not node.value)
    elif isinstance(node, ast.Constant) and type(node.value) is int and node.value < 1000:
        yield "off by one up", _set(value=node.value + 1)
        yield "off by one down", _set(value=node.value - 1)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _NAMES:
        yield f"{node.func.id} -> {_NAMES[node.func.id]}", _set(func=ast.Name(_NAMES[node.func.id], ast.Load()))
    elif isinstance(node, ast.Call) and len(node.args) > 1 and not any(isinstance(a, ast.Starred) for a in node.args):
        for i in range(len(node.args) - 1):
            yield f"arguments {i} and {i + 1} swapped", _swap("args", i)
    elif isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Store) and len(node.elts) > 1:
        yield "targets swapped", _swap("elts", 0)
    elif isinstance(node, ast.Raise):
        yield "raise dropped", lambda n: ast.Pass()
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        called = node.value.func
        name = called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
        if name.startswith(_CHECKS):
            yield f"{name}(...) dropped", lambda n: ast.Pass()


class _At(ast.NodeTransformer):
    """Makes a change at one node."""

    def __init__(self, place: ast.AST, change: Change) -> None:
        self.place, self.change = place, change

    def visit(self, node: ast.AST) -> ast.AST | None:
        if node is self.place:
            return self.change(node)
        return self.generic_visit(node)


def mutants(file: str, source: str) -> list[Mutant]:
    """All mutants of a source text."""
    tree, found = ast.parse(source), []
    hidden = {id(inner) for node in ast.walk(tree) for inner in _without_effect(node)}
    for index, node in enumerate(ast.walk(tree)):
        if id(node) not in hidden:
            for number, (what, _) in enumerate(_changes(node)):
                found.append(Mutant(file, node.lineno, what, index, number))  # type: ignore[attr-defined]
    return found


def _without_effect(node: ast.AST) -> Iterator[ast.AST]:
    """Annotations and the texts of messages: a change there changes no verdict."""
    if isinstance(node, ast.JoinedStr):
        yield from ast.walk(node)
    for field in ("annotation", "returns"):
        if isinstance(inner := getattr(node, field, None), ast.AST):
            yield from ast.walk(inner)
