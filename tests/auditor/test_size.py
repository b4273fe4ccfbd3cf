"""The size of the auditor and the order of its files.

A line of code is a physical line that holds a token of code: blank lines, comments and docstrings do not count, every
line of a long statement does. Lines are at most 120 characters wide, and laid out by the formatter.
"""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

import verify.auditor

FILES = {path.stem: path.read_text() for path in Path(verify.auditor.__file__).parent.glob("*.py")}
LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def code_lines(text: str) -> int:
    inner = [n.body[0] for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Module | ast.ClassDef | ast.FunctionDef)]
    docs: set[int] = set()
    for node in inner:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            docs |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    tokens = [t for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.type not in LAYOUT]
    return len({line for t in tokens for line in range(t.start[0], t.end[0] + 1)} - docs)


def imported(name: str) -> set[str]:
    """The files of the auditor that one of them imports."""
    found = set()
    for node in ast.walk(ast.parse(FILES[name])):
        if isinstance(node, ast.ImportFrom) and node.module == "verify.auditor":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.removeprefix("verify.auditor."))
    return found & set(FILES)


def needed(name: str) -> set[str]:
    """A file and all that it imports, directly or not."""
    found, stack = set(), [name]
    while stack:
        if (name := stack.pop()) not in found:
            found.add(name)
            stack += imported(name)
    return found


def test_lines_of_code_are_counted_as_stated() -> None:
    assert code_lines('"""Doc\n\nmore."""\n\n# comment\nx = (\n    1,  # one\n\n    2,\n)\n') == 4
    assert code_lines('def f():\n    "doc"\n    return """a\nb"""\n') == 3


def test_size() -> None:
    lines = {name: code_lines(text) for name, text in FILES.items()}
    whole = sum(lines.values())
    alone = sum(lines[name] for name in needed("domination") | {"main", "__init__", "__main__"})
    print(f"lines of code: {whole} with every kind, {alone} for domination alone")
    assert max(len(text.splitlines()) for text in FILES.values()) <= 400
    assert whole <= 3_690
    assert alone <= 2_450


def test_imports_have_no_circle() -> None:
    below = {name: imported(name) for name in FILES}
    while lowest := [name for name, others in below.items() if not others & set(below)]:
        below = {name: others for name, others in below.items() if name not in lowest}
    assert not below
