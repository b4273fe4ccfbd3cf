"""Mutate the auditor's own source and see whether its tests notice: `python -m tests.source_mutation.run`.

The tests are collected and run once, to learn which of them call which function and how long they take. For each mutant
a child process puts the changed code in place of the loaded one and runs the tests that call the changed function,
the quickest first, until one fails. Prints each mutant with its fate, the kill rate and the survivors; ends with 1 if
there is a survivor that `survivors.toml` does not explain. The mutants are drawn at random from all, the same for the
same seed; `--all` takes all of those files.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import functools
import importlib
import os
import random
import resource
import sys
import time
import tomllib
import types
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

import verify.auditor
from tests.source_mutation.mutants import Mutant, mutants

SOURCE = Path(verify.auditor.__file__).parent
EXPLAINED = Path(__file__).parent / "survivors.toml"
SECONDS = 60  # of the processor for the tests of one mutant
Function = tuple[str, int]  # file, first line


def modules() -> dict[str, types.ModuleType]:
    return {
        path.stem: importlib.import_module(f"verify.auditor.{path.stem}") for path in sorted(SOURCE.glob("[!_]*.py"))
    }


def _put_function(old: Any, new: Any) -> None:
    old, new = getattr(old, "__wrapped__", old), getattr(new, "__wrapped__", new)
    old.__code__, old.__defaults__, old.__kwdefaults__ = new.__code__, new.__defaults__, new.__kwdefaults__


def put(file: str, text: str, loaded: dict[str, types.ModuleType]) -> None:
    """Put other code in place of the loaded one, in functions, classes and constants; forget cached values."""
    module = loaded[Path(file).stem]
    fresh = types.ModuleType(module.__name__)
    fresh.__file__ = module.__file__
    exec(compile(text, file, "exec"), vars(fresh))
    for name, new in vars(fresh).items():
        old = vars(module).get(name)
        if name.startswith("__") or getattr(new, "__module__", module.__name__) != module.__name__:
            continue
        if isinstance(getattr(new, "__wrapped__", new), types.FunctionType):
            _put_function(old, new)
        elif isinstance(new, type):
            for key, value in vars(new).items():
                own = vars(old).get(key)
                if isinstance(value, types.FunctionType) and isinstance(own, types.FunctionType):
                    _put_function(own, value)
                elif isinstance(value, property) and isinstance(own, property):
                    _put_function(own.fget, value.fget)
                elif isinstance(value, functools.cached_property) and isinstance(own, functools.cached_property):
                    _put_function(own.func, value.func)
        elif isinstance(old, dict):
            old.clear()
            old.update(new)
        elif old != new or not isinstance(new, int | str | tuple | frozenset):
            for other in loaded.values():
                if vars(other).get(name) is old:
                    setattr(other, name, new)
    vars(fresh).update(vars(module))  # for functions in tables, which look their names up there
    for other in loaded.values():
        for value in vars(other).values():
            if isinstance(value, functools._lru_cache_wrapper):
                value.cache_clear()


def _passes(item: Any) -> bool:
    return not any(report.failed for report in runtestprotocol(item, nextitem=None, log=False))


def _noting(file: str, text: str) -> str:
    """The source with a note at the start of every function."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.body.insert(0, ast.parse(f"_seen.add(({file!r}, {node.lineno}))").body[0])
    return ast.unparse(ast.fix_missing_locations(tree))


class Campaign:
    """A plugin of pytest that takes over after collection."""

    def __init__(self, chosen: list[Mutant]) -> None:
        self.chosen = chosen
        self.calls: dict[Function, list[tuple[float, Any]]] = defaultdict(list)
        self.items: list[tuple[float, Any]] = []
        self.survivors: list[Mutant] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        loaded = modules()
        self.learn(session, loaded)
        start = time.monotonic()
        for i, mutant in enumerate(self.chosen, 1):
            fate = self.fate(mutant, loaded)
            if fate == "survived":
                self.survivors.append(mutant)
            print(f"{i}/{len(self.chosen)} {time.monotonic() - start:.0f} s {fate}: {mutant.name}", flush=True)
        return True

    def learn(self, session: pytest.Session, loaded: dict[str, types.ModuleType]) -> None:
        """Run every test once, and note the functions of the auditor that it calls."""
        seen: set[Function] = set()
        vars(builtins)["_seen"] = seen
        sources = {path.name: path.read_text() for path in SOURCE.glob("[!_]*.py")}
        for name, text in sources.items():
            put(name, _noting(name, text), loaded)
        for item in session.items:
            seen.clear()
            start = time.process_time()
            if not _passes(item):
                raise RuntimeError(f"{item.nodeid} fails without any mutation")
            entry = time.process_time() - start, item
            self.items.append(entry)
            for function in seen:
                self.calls[function].append(entry)
        for name, text in sources.items():
            put(name, text, loaded)
        print(f"{len(self.items)} tests, {sum(seconds for seconds, _ in self.items):.0f} s", flush=True)

    def tests_of(self, mutant: Mutant) -> list[tuple[float, Any]]:
        """The tests that call the function a mutant changes; all for what is outside functions."""
        functions = []
        for node in ast.walk(ast.parse((SOURCE / mutant.file).read_text())):
            if isinstance(node, ast.FunctionDef) and node.lineno <= mutant.line <= (node.end_lineno or 0):
                functions.append(node.lineno)
        outer = min(functions, default=0)
        return self.calls[mutant.file, outer] if functions else self.items

    def fate(self, mutant: Mutant, loaded: dict[str, types.ModuleType]) -> str:
        child = os.fork()
        if child:
            _, status = os.waitpid(child, 0)
            code = os.waitstatus_to_exitcode(status)
            return {0: "survived", 1: "killed"}.get(code, "killed by its limits" if code < 0 else "killed at loading")
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        code = 2
        try:
            put(mutant.file, mutant.text((SOURCE / mutant.file).read_text()), loaded)
            code = 0
            for _, item in sorted(self.tests_of(mutant), key=lambda entry: entry[0]):
                if not _passes(item):
                    code = 1
                    break
        finally:
            os._exit(code)


def _draw(everything: list[Mutant], count: int, seed: int) -> list[Mutant]:
    """Mutants drawn at random, one of each kind of change in turn."""
    kinds: dict[str, list[Mutant]] = defaultdict(list)
    for mutant in random.Random(seed).sample(everything, len(everything)):
        kinds[mutant.what.partition(" ")[0].partition("(")[0]].append(mutant)
    turns = sorted((i, kind, mutant) for kind, some in kinds.items() for i, mutant in enumerate(some))
    return [mutant for _, _, mutant in turns[:count]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", help="files of verify/auditor; all without any")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--what", default="", help="only changes whose name contains this, for instance dropped")
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    paths = [path for path in sorted(SOURCE.glob("[!_]*.py")) if not options.files or path.name in options.files]
    everything = [mutant for path in paths for mutant in mutants(path.name, path.read_text())]
    everything = [mutant for mutant in everything if options.what in mutant.what]
    chosen = everything if options.all else _draw(everything, options.count, options.seed)
    explained = tomllib.loads(EXPLAINED.read_text()) if EXPLAINED.exists() else {}
    campaign = Campaign(chosen)
    code = pytest.main(
        ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "addopts=", "-s", "tests/auditor"], [campaign]
    )
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):  # the tests fail without any mutation
        return int(code)
    lines = {path.name: path.read_text().splitlines() for path in paths}
    open_ones = 0
    print(f"\n{len(everything)} mutants in all, {len(chosen)} drawn, survivors:")
    for mutant in campaign.survivors:
        line = lines[mutant.file][mutant.line - 1].strip()
        reason = explained.get(f"{mutant.file}: {line}: {mutant.what}")
        open_ones += reason is None
        print(f"  {mutant.name}: {line}\n      {reason or 'NOT EXPLAINED'}")
    killed = len(chosen) - len(campaign.survivors)
    print(f"killed {killed} of {len(chosen)} ({100 * killed // len(chosen)} %), {open_ones} survivors not explained")
    return int(open_ones > 0)


if __name__ == "__main__":
    sys.exit(main())
