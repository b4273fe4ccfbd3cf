"""Suites: what is in them, in which order, under which ids; generator files and their faults."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.campaigns.tools import generator, problem
from verify import InputError, Problem
from verify.campaigns.suite import read_suite
from verify.shipped import listed, resolve


def ids(name: str | Path, out: str | Path = "nowhere") -> list[str]:
    suite = read_suite(str(name), Path(out))
    found = [item.id for item in suite.items()]
    assert suite.count == len(found) == len(set(found))
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.toml", "a.toml", "deep/er/c.toml", "note.txt", "out/problems/d.toml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(problem(path.stem), "utf-8")
    return tmp_path


def test_a_folder_is_all_problem_files_below_it_in_order(folder: Path) -> None:
    assert ids(folder) == ["a", "b", "deep/er/c", "out/problems/d"]


def test_the_results_are_no_problems(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ids(folder, folder / "out") == ["a", "b", "deep/er/c"]
    monkeypatch.chdir(folder)
    assert ids(".", "out") == ["a", "b", "deep/er/c"]


def test_a_glob(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ids(folder / "*") == ["a", "b"]
    assert ids(folder / "**/*.toml") == ["a", "b", "deep/er/c", "out/problems/d"]
    assert ids(folder / "deep/*/c.toml") == ["er/c"]
    monkeypatch.chdir(folder)
    assert ids("[ab].toml") == ["a", "b"]


def test_one_problem_file(folder: Path) -> None:
    assert ids(folder / "b.toml") == ["b"]


def test_digests_follow_the_contents(folder: Path) -> None:
    first = [item.digest for item in read_suite(str(folder), Path("out")).items()]
    (folder / "b.toml").write_text(problem("b", "x**2"), "utf-8")
    second = [item.digest for item in read_suite(str(folder), Path("out")).items()]
    assert [a == b for a, b in zip(first, second, strict=True)] == [True, False, True, True]


@pytest.mark.parametrize("name", ["empty", "missing", "*.nothing"])
def test_nothing_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"no problem files|no such file"):
        read_suite(str(tmp_path / name), tmp_path / "out")


def test_generated_problems_are_those_of_the_settings(tmp_path: Path) -> None:
    path = generator(
        tmp_path,
        60,
        dimensions=[1, 2],
        cases=["free", "searched"],
        domains=["gap"],
        targets=["sin({a}*x)", "x*y - {b}", "{a}"],
        densities=["1 + {b}*x**2"],
        ranges='{ a = ["1", "6"], b = ["1/3", "1/3"] }',
    )
    tables = [tomllib.loads(item.read()) for item in read_suite(str(path), tmp_path).items()]
    problems = [Problem.from_mapping(table) for table in tables]
    assert Counter(p.domain.dimension for p in problems).keys() == {1, 2}
    assert {"response" in table for table in tables} == {True, False}
    for table, found in zip(tables, problems, strict=True):
        assert table["density"]["expression"] == "1 + (1/3)*x**2"
        assert "union" in table["domain"] and 2 <= found.width <= 4 and found.loss.kind == "squared"
        assert found.domain.dimension == 2 or "y" not in table["target"]["expression"]
        if found.response is not None:
            assert found.response.reduced(found.domain).has_free_affine_part


def test_a_larger_count_keeps_what_was_there(tmp_path: Path) -> None:
    texts = []
    identities = set()
    for count in (5, 9):
        suite = read_suite(str(generator(tmp_path, count)), tmp_path)
        identities.add(suite.identity)
        texts.append([(item.id, item.digest, item.read()) for item in suite.items()])
    assert texts[1][:5] == texts[0] and len(texts[1]) == 9 and len(identities) == 1


def test_other_settings_are_another_suite(tmp_path: Path) -> None:
    first = read_suite(str(generator(tmp_path, 5)), tmp_path).identity
    assert read_suite(str(generator(tmp_path, 5, dimensions=[2])), tmp_path).identity != first


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "key": ({"colour": 1}, r"generate\.colour: unknown key"),
    "dimension": ({"dimensions": [4]}, r"generate\.dimensions: 4 is none of 1, 2, 3"),
    "no dimension": ({"dimensions": []}, r"generate\.dimensions: expected a list"),
    "truth": ({"dimensions": "[true]"}, r"generate\.dimensions: True is none"),
    "case": ({"cases": ["easy"]}, r"generate\.cases: 'easy' is none of constant"),
    "width for case": ({"cases": ["free"], "widths": [3, 5]}, r"generate\.widths: none of the cases free is possible"),
    "widths": ({"widths": [5, 3]}, r"generate\.widths: expected the lowest and the highest"),
    "seed": ({"seed": -1}, r"generate\.seed: expected a whole number"),
    "domain": ({"domains": ["ball"]}, r"generate\.domains: 'ball' is none of"),
    "target": ({"targets": ["x +"]}, r"generate\.targets"),
    "attribute": ({"targets": ["{a.__class__}"], "ranges": '{ a = ["0", "1"] }'}, r"generate\.targets"),
    "unknown name": ({"targets": ["{b}*x"], "ranges": '{ a = ["0", "1"] }'}, r"generate\.targets"),
    "no target": ({"targets": ["y"], "dimensions": [1, 2]}, r"generate\.targets: no expression suits dimension 1"),
    "range": ({"ranges": '{ a = ["2", "1"] }'}, r"generate\.ranges\.a: the lower end 2 is above"),
    "range of a float": ({"ranges": "{ a = [0.5, 1] }"}, r"generate\.ranges\.a: 0\.5 is a floating-point number"),
    "loss": ({"losses": '[{ kind = "best" }]'}, r"generate\.losses\.1\.kind: 'best' is no loss"),
    "loss of y": (
        {"dimensions": [2], "losses": '[{ kind = "expression", expression = "(y - f)**2" }]'},
        r"generate\.losses: a loss that is an expression is for 1 variable",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_of_generator_files_name_the_key(tmp_path: Path, name: str) -> None:
    settings, words = FAULTS[name]
    path = tmp_path / "suite.toml"
    lines = ["[generate]", *(f"{key} = {value}" for key, value in settings.items())]
    path.write_text("\n".join(lines), "utf-8")
    with pytest.raises(InputError, match=words) as caught:
        read_suite(str(path), tmp_path)
    assert caught.value.source == str(path)


@pytest.mark.parametrize("count", ["0", "-3", "1.5", '"7"', "true", "100000001"])
def test_counts_are_whole_numbers(tmp_path: Path, count: str) -> None:
    path = tmp_path / "suite.toml"
    path.write_text(f"[generate]\ncount = {count}\n", "utf-8")
    with pytest.raises(InputError, match=r"generate\.count: expected a whole number"):
        read_suite(str(path), tmp_path)


def test_shipped_generators_are_read() -> None:
    for name, about in listed("campaign"):
        suite = read_suite(str(resolve(f"example:{name}", "campaign")), Path("out"))
        assert suite.count >= 100 and about
        Problem.from_mapping(tomllib.loads(next(suite.items()).read()))
