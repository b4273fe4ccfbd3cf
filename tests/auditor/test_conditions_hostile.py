"""Certificates of kind `conditions` written by hand to claim what is false: none is ever valid."""

from __future__ import annotations

import itertools
import random
import re
import time
from pathlib import Path
from typing import Any

import pytest

from tests.verify.hard_planes import PLANES
from tests.verify.hard_shapes import box, on
from tests.verify.hard_targets import TARGETS, WIDE
from verify.auditor import audit
from verify.auditor.conditions import _RULES
from verify.certificates import sealed
from verify.conditions import IDS

Entry = tuple[str, str, dict[str, Any]]
INTERVAL = on(box("0", "1"))
LINE_POINTS = ("0", "1/2", "1", "-1/2", "1/3")


def document(domain: dict[str, Any], target: str = "0", density: str = "1", **entries: Entry) -> dict[str, Any]:
    """A certificate that claims these entries and nothing else."""
    problem = {
        "name": "hostile",
        "domain": domain,
        "density": {"expression": density},
        "target": {"expression": target},
        "loss": {"kind": "squared"},
        "network": {"architecture": "feedforward", "width": 2},
    }
    conditions = []
    for name in IDS:
        verdict, rule, data = entries.get(name.replace("-", "_"), ("undecided", "none", {}))
        conditions.append({"id": name, "verdict": verdict, "rule": rule, "data": data})
    verdicts = {entry["verdict"] for entry in conditions}
    theorem = "does-not-apply" if "fails" in verdicts else "undecided" if "undecided" in verdicts else "applies"
    return sealed("conditions", {"problem": problem, "claim": {"theorem": theorem, "conditions": conditions}})


def lies_about_continuity(truth: str, domain: dict[str, Any]) -> list[Entry]:
    if truth == "fails":
        return [("holds", "composition", {}), ("holds", "pasting", {})]
    radii = ("1/8", "1/1000") if len(domain["variables"]) == 1 else ("1/8",)
    return [("fails", "jump", {"point": p, "radius": r}) for p in LINE_POINTS for r in radii]


@pytest.mark.parametrize(
    ("truth", "target", "domain"),
    [case for case in TARGETS if len(case) == 3 and "restriction" not in case[2]],  # D is the stated shape
    ids=lambda v: v if isinstance(v, str) else "",
)
@pytest.mark.many
def test_no_lie_about_continuity_is_valid(truth: str, target: str, domain: dict[str, Any]) -> None:
    honest: Entry = ("holds", "composition", {})
    for lie in lies_about_continuity(truth, domain):
        assert audit(document(domain, target, density_continuous=honest, target_continuous=lie)).verdict != "valid"
        assert audit(document(domain, density=target, density_continuous=lie)).verdict != "valid"


def points(domain: dict[str, Any]) -> list[list[str]]:
    shapes = domain.get("union", [domain])
    found = [[str(x) for x in p] for p in itertools.product(("1/2", "1/4", "-1/2"), repeat=len(domain["variables"]))]
    for shape in shapes:
        found += [list(p) for p in shape.get("vertices", [])]
        found += [[side[i] for side in shape["box"]] for i in (0, 1)] if "box" in shape else []
        found += [shape["ball"]["center"]] if "ball" in shape else []
    return found


def lies_about_hyperplanes(truth: str, domain: dict[str, Any]) -> list[Entry]:
    places, names = points(domain), domain["variables"]
    if truth == "fails":
        ends = [p[0] for p in places] if len(names) == 1 else []
        pairs = itertools.permutations(ends, 2)
        return [("holds", "convex", {}), *(("holds", "interval", {"lower": a, "upper": b}) for a, b in pairs)]
    sides = [{"above": a, "below": b} for a, b in itertools.permutations(places[-5:] + places[:2], 2)]
    if len(names) == 1:
        zero = [("fails", "zero", {"point": p[0], **s}) for p in places for s in sides]
        gap = [("fails", "gap", {"point": p[0], "radius": "1/100", **s}) for p in places for s in sides]
        return (zero + gap)[::31]
    walls = [f"{v} - ({c})" for v in names[:2] for c in ("0", "1", "1/2", "-1/2")] + ["x - y", "x + y - 1"]
    lies: list[Entry] = []
    for wall, side in itertools.product(walls, sides):
        shown = {"hyperplane": wall, **side}
        lies.append(("fails", "separated", {**shown, "apart": ["y - 1/2", "x"]}))
        lies += [("fails", "one-sided-face", {**shown, "point": p}) for p in places[:9:4]]
    return lies[:: max(1, len(lies) // (15 if len(names) < 4 else 2))]


@pytest.mark.parametrize(
    ("truth", "domain", "density"),
    [case for case in PLANES if "restriction" not in case[1]],
    ids=lambda v: v if isinstance(v, str) else "",
)
@pytest.mark.many
def test_no_lie_about_hyperplanes_is_valid(truth: str, domain: dict[str, Any], density: str) -> None:
    continuous: Entry = ("holds", "composition", {})
    for place in points(domain):
        data: Entry = ("holds", "nonnegative", {"point": place})
        honest = {"density_continuous": continuous, "density_nonnegative": data}
        if audit(document(domain, density=density, **honest)).verdict == "valid":
            break
    for lie in lies_about_hyperplanes(truth, domain):
        assert audit(document(domain, density=density, **honest, hyperplane=lie)).verdict != "valid"


@pytest.mark.parametrize(
    ("density", "point"),
    [
        ("Piecewise((0, x < 1/2), (1, x <= 1/2), (0, True))", "1/2"),
        ("Piecewise((1, x <= 0), (0, True))", "0"),
        ("1 - sign(x - 1/3)**2", "1/3"),
        ("floor(x)", "1"),
    ],
)
def test_a_value_at_one_point_is_no_mass(density: str, point: str) -> None:
    lie: Entry = ("holds", "nonnegative", {"point": [point]})
    assert audit(document(INTERVAL, density=density, density_nonnegative=lie)).verdict != "valid"
    continuous: Entry = ("holds", "pasting", {})
    both = document(INTERVAL, density=density, density_nonnegative=lie, density_continuous=continuous)
    assert audit(both).verdict == "invalid"


def test_an_entry_without_a_rule_has_no_data() -> None:
    assert audit(document(INTERVAL, hyperplane=("undecided", "none", {"point": "1"}))).verdict == "invalid"
    assert audit(document(INTERVAL, hyperplane=("holds", "none", {"point": "1"}))).verdict == "invalid"


def test_a_certificate_that_claims_little_says_so() -> None:
    found = audit(document(WIDE, "x", target_continuous=("holds", "composition", {})))
    assert (found.verdict, found.reason[:6]) == ("valid", "1 of 8")


@pytest.mark.parametrize("n", [5, 8])
def test_a_hull_in_many_dimensions_is_refused_at_once(n: int) -> None:
    generator = random.Random(n)
    vertices = [[str(generator.randint(-50, 50)) for _ in range(n)] for _ in range(20)]
    domain = {"variables": [f"x{i}" for i in range(n)], "vertices": vertices}
    claim: Entry = ("fails", "negative-value", {"point": ["0"] * n})
    start = time.process_time()
    assert audit(document(domain, density="-1", density_nonnegative=claim)).verdict == "undecided"
    assert time.process_time() - start < 2


def test_every_rule_is_documented_and_no_other() -> None:
    text = (Path(__file__).parents[2] / "docs" / "certificate.md").read_text("utf-8")
    section = text.split("## 5.")[1].split("\n## 6.")[0]
    documented: set[tuple[str, str, str]] = set()
    claims: list[tuple[str, str]] = []
    for row in re.findall(r"^\| (?!id,|---)(.*?) \| (.*?) \|", section, re.MULTILINE):
        if not row[0].startswith("the same"):
            names, verdict = row[0].rsplit(" ", 1)
            first, *rest = names.split(", ")
            tail = rest[0].split("-", 1)[1] if rest else ""
            claims = [(f"{first}{tail}" if rest else first, verdict), *((name, verdict) for name in rest)]
        documented |= {(*claim, row[1]) for claim in claims}
    assert documented == {tuple(name.split()) for name in _RULES}
