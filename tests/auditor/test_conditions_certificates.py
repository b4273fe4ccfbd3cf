"""Certificates of kind `conditions`: every rule accepts what is true and refuses its near-misses."""

from __future__ import annotations

import copy
from typing import Any

import jsonschema
import pytest

from tests.verify.conditions_cases import CASES, L_SHAPE, WIDE, box, disc, line, plane, problem, union
from verify import InputError, Problem, check_conditions
from verify.auditor import audit
from verify.certificates import digest, schema_path
from verify.conditions import IDS

DISCS = union(disc("-2", "0", "1"), disc("2", "0", "1"))
CORNER = union(box("0", "1", "0", "1"), box("1", "2", "1", "2"))
SIDE_BY_SIDE = union(box("0", "1", "0", "1"), box("1", "2", "0", "1"))
GAP = union(box("0", "1"), box("2", "3"), variables="x")

VALID = [
    problem(target="sin(3*x)", density="exp(x)"),
    problem(target="Piecewise((x, x < 1/2), (1/2, True))"),
    problem(target="3*exp(-(2*x - 1/3)**2) + Piecewise(((x - 1/2)**2, x - 1/2 < 0), (6*(x - 1/2), True))*sin(x)"),
    problem(WIDE, "sign(x)"),
    problem(WIDE, "1/(x + 2)"),
    problem(density="x*(1 - x)"),
    problem(density="x - 1/2"),
    problem(density="0*x"),
    problem(density="(x - 1/2)**2"),
    problem(GAP),
    problem(target="x", loss="logistic"),
    problem(target="1/4 + x/2", loss="logistic"),
    problem(target="x", loss="absolute"),
    problem(target="x", loss={"kind": "power", "exponent": "3/2"}),
    problem(plane(), "x*y", "(x - y)**2"),
    problem(plane(), "Abs(x - y)", "exp(x*y)"),
    problem({"variables": ["x", "y"], **disc("0", "0", "1")}, "x*y"),
    problem(DISCS),
    problem(CORNER),
    problem(L_SHAPE),
]


def certificate(table: dict[str, Any]) -> dict[str, Any]:
    return check_conditions(Problem(**table)).document()


def entry(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = document["claim"]["conditions"][IDS.index(name)]
    return found


def forged(document: dict[str, Any], **entries: tuple[str, str, dict[str, Any]]) -> dict[str, Any]:
    """The certificate with other entries, its theorem and digest made to fit."""
    changed = copy.deepcopy(document)
    for name, (verdict, rule, data) in entries.items():
        entry(changed, name.replace("_", "-")).update(verdict=verdict, rule=rule, data=data)
    verdicts = {e["verdict"] for e in changed["claim"]["conditions"]}
    changed["claim"]["theorem"] = (
        "does-not-apply" if "fails" in verdicts else "undecided" if "undecided" in verdicts else "applies"
    )
    return {**changed, "digest": digest(changed)}


@pytest.mark.parametrize("table", VALID, ids=lambda t: f"{t['target']}, {t['density']}, {t['loss']}")
def test_true_certificates_are_valid(table: dict[str, Any]) -> None:
    document = certificate(table)
    found = audit(document)
    assert found.verdict == "valid", found.reason
    jsonschema.validate(document, __import__("json").loads(schema_path().read_text("utf-8")))


def test_no_certificate_of_the_cases_is_invalid() -> None:
    verdicts = []
    for case in CASES[::3]:
        try:
            verdicts.append(audit(check_conditions(Problem(**case.problem)).document()).verdict)
        except InputError as error:
            assert "restriction" in str(error)
    assert "invalid" not in verdicts
    assert verdicts.count("valid") >= 0.3 * len(verdicts)


def point(*values: str) -> dict[str, Any]:
    return {"point": list(values)}


SIDES = {"above": ["3/4"], "below": ["1/4"]}
PLANE_SIDES = {"above": ["3/2", "1/2"], "below": ["1/2", "1/2"]}
FORGERIES = [
    (problem(WIDE, "sign(x)"), {"target_continuous": ("holds", "pasting", {})}),
    (
        problem(WIDE, "exp(x) + Piecewise((x, x < 1/2), (1/2 + 1e-90, True))"),
        {"target_continuous": ("holds", "pasting", {})},
    ),
    (
        problem(WIDE, "exp(x)*Piecewise((0, x < 1/2), (1, x <= 1/2), (0, True))"),
        {"target_continuous": ("holds", "pasting", {})},
    ),
    (problem(WIDE, "sign(x)"), {"target_continuous": ("holds", "composition", {})}),
    (problem(WIDE, "1/x"), {"target_continuous": ("holds", "composition", {})}),
    (problem(WIDE, "x*sign(x)"), {"target_continuous": ("fails", "jump", {"point": "0", "radius": "1/8"})}),
    (problem(WIDE, "sign(x)"), {"target_continuous": ("fails", "jump", {"point": "1/2", "radius": "1/8"})}),
    (problem(density="x - 1/2"), {"density_nonnegative": ("holds", "nonnegative", point("3/4"))}),
    (problem(density="x + 1/2"), {"density_nonnegative": ("fails", "negative-value", point("1/4"))}),
    (problem(density="x - 1/2"), {"density_nonnegative": ("fails", "negative-value", point("-1"))}),
    (problem(density="x"), {"density_nonnegative": ("fails", "zero-density", {})}),
    (problem(GAP), {"hyperplane": ("holds", "interval", {"lower": "0", "upper": "3"})}),
    (problem(GAP), {"hyperplane": ("holds", "interval", {"lower": "0", "upper": "1"})}),
    (problem(density="(x - 1/2)**2"), {"hyperplane": ("holds", "interval", {"lower": "0", "upper": "1"})}),
    (problem(density="x"), {"hyperplane": ("fails", "zero", {"point": "1/2", **SIDES})}),
    (problem(density="x"), {"hyperplane": ("fails", "zero", {"point": "0", **SIDES})}),
    (problem(), {"hyperplane": ("fails", "gap", {"point": "1/2", "radius": "1/8", **SIDES})}),
    (problem(plane(), density="(x - y)**2"), {"hyperplane": ("holds", "convex", {})}),
    (problem(plane(), density="(x**2 - 2*y**2)**2"), {"hyperplane": ("holds", "convex", {})}),
    (problem(DISCS), {"hyperplane": ("holds", "convex", {})}),
    (
        problem(SIDE_BY_SIDE),
        {"hyperplane": ("fails", "separated", {"hyperplane": "x - 1", **PLANE_SIDES, "apart": []})},
    ),
    (
        problem(SIDE_BY_SIDE),
        {"hyperplane": ("fails", "separated", {"hyperplane": "x - 1", **PLANE_SIDES, "apart": ["y - 1/2"]})},
    ),
    (
        problem(SIDE_BY_SIDE),
        {"hyperplane": ("fails", "one-sided-face", {"hyperplane": "x - 1", "point": ["1", "1/2"], **PLANE_SIDES})},
    ),
    (
        problem(SIDE_BY_SIDE),
        {"hyperplane": ("fails", "one-sided-face", {"hyperplane": "x", "point": ["0", "1/2"], **PLANE_SIDES})},
    ),
    (
        problem(plane(), density="(x - y)**2"),
        {
            "hyperplane": (
                "fails",
                "separated",
                {"hyperplane": "x + y", "above": ["1/2", "0"], "below": ["-1/2", "0"], "apart": []},
            )
        },
    ),
    (problem(target="x", loss="absolute"), {"loss_strictly_convex": ("holds", "known-loss", {})}),
    (problem(target="x"), {"loss_strictly_convex": ("fails", "known-loss", point("1/2"))}),
    (problem(target="x", loss="logistic"), {"loss_attains_minimum": ("holds", "labels", {})}),
    (problem(target="x", loss="logistic"), {"loss_attains_minimum": ("holds", "known-loss", {})}),
    (problem(target="1/4 + x/2", loss="logistic"), {"loss_attains_minimum": ("fails", "label", point("1/2"))}),
    (problem(target="x", loss="logistic"), {"loss_attains_minimum": ("fails", "label", point("1/2"))}),
    (problem(target="x - 1", loss="poisson"), {"loss_attains_minimum": ("holds", "labels", {})}),
]


@pytest.mark.parametrize(("table", "entries"), FORGERIES, ids=lambda v: next(iter(v)) if "domain" not in v else "")
def test_forgeries_are_never_valid(table: dict[str, Any], entries: dict[str, Any]) -> None:
    assert audit(forged(certificate(table), **entries)).verdict != "valid"


def test_most_forgeries_are_refuted_outright() -> None:
    verdicts = [audit(forged(certificate(table), **entries)).verdict for table, entries in FORGERIES]
    assert verdicts.count("invalid") >= 0.6 * len(verdicts)


def test_a_verdict_without_a_rule_leaves_the_certificate_undecided() -> None:
    document = forged(certificate(problem(target="x")), target_continuous=("holds", "none", {}))
    assert audit(document).verdict == "undecided"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d["claim"].update(theorem="does-not-apply"),
        lambda d: d["claim"]["conditions"].reverse(),
        lambda d: d["claim"]["conditions"].pop(),
        lambda d: entry(d, "hyperplane").update(verdict="maybe"),
        lambda d: entry(d, "hyperplane").update(rule="labels"),
        lambda d: entry(d, "hyperplane")["data"].update(more="1"),
        lambda d: entry(d, "hyperplane").update(verdict="undecided"),
        lambda d: d.update(extra=1),
    ],
)
def test_malformed_certificates_are_invalid(spoil: Any) -> None:
    document = certificate(problem(line(), "x"))
    spoil(document)
    assert audit({**document, "digest": digest(document)}).verdict == "invalid"


def test_a_restricted_domain_has_no_certificate_yet() -> None:
    with pytest.raises(InputError, match="restriction"):
        certificate(problem(plane(restriction="x*y >= 0")))
