"""Lies in certificates of kind `conditions`, each refused by one check alone (see tests/source_mutation)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.auditor.test_conditions_hostile import INTERVAL, Entry, document
from tests.verify.hard_shapes import ball, box, hull, on
from verify.auditor import audit
from verify.certificates import sealed

SQUARE = on(box("-1", "1", "-1", "1"))
TWO_INTERVALS = on(box("0", "1"), box("2", "3"))
DISCS = on(ball("-2", "0", "1"), ball("2", "0", "1"))
SIDE_BY_SIDE = on(box("0", "1", "0", "1"), box("1", "2", "0", "1"))
LEG = on(box("0", "1", "0", "2"), box("1", "2", "0", "1"))  # with the density max(1 - y, 0) its P is a rectangle
APART = on(hull(("0", "0"), ("1", "0"), ("0", "1")), box("2", "3", "2", "3"))
LINE = {"above": ["3/4"], "below": ["1/4"]}
PLANE = {"above": ["1/2", "0"], "below": ["-1/2", "0"]}
SIDES = {"above": ["3/2", "1/2"], "below": ["1/2", "1/2"]}
CORNER_SIDES = {"above": ["3/2", "3/2"], "below": ["1/2", "1/2"]}
Case = tuple[dict[str, Any], str, Entry, str, str]

INVALID: list[Case] = [
    (SQUARE, "1", ("holds", "interval", {"lower": "-1", "upper": "1"}), "1/2 1/2", "one input variable"),
    (TWO_INTERVALS, "1", ("holds", "interval", {"lower": "0", "upper": "1"}), "1/2", "the density is not 0"),
    (INTERVAL, "1", ("holds", "interval", {"lower": "1/2", "upper": "1/2"}), "1/2", "lower < upper"),
    (INTERVAL, "1", ("fails", "gap", {"point": "1/2", "radius": "0", **LINE}), "1/2", "radius > 0"),
    (INTERVAL, "1", ("fails", "gap", {"point": "1/2", "radius": "-1", **LINE}), "1/2", "radius > 0"),
    (INTERVAL, "1", ("fails", "gap", {"point": "-5", "radius": "1", **LINE}), "1/2", "below: it is not on its side"),
    (INTERVAL, "1", ("fails", "gap", {"point": "5", "radius": "1", **LINE}), "1/2", "above: it is not on its side"),
    (
        INTERVAL,
        "1",
        ("fails", "gap", {"point": "-5", "radius": "1", "above": ["1/2"], "below": ["-6"]}),
        "1/2",
        "not in the domain",
    ),
    (SQUARE, "1", ("fails", "gap", {"point": "0", "radius": "1", **PLANE}), "0 0", "one input variable"),
    (SQUARE, "x**2", ("fails", "zero", {"point": "0", **PLANE}), "1/2 0", "one input variable"),
    (INTERVAL, "x", ("fails", "zero", {"point": "1/2", **LINE}), "1/2", "a density that is not 0"),
    (INTERVAL, "1", ("holds", "interval", {"lower": "0", "upper": "1/2"}), "1/4", "the density is not 0"),
    (INTERVAL, "1", ("holds", "interval", {"lower": "1/2", "upper": "1"}), "3/4", "the density is not 0"),
    (SQUARE, "Abs(x)*Abs(y)", ("holds", "convex", {}), "1/2 1/2", "vanishes on a hyperplane"),
    (SQUARE, "(x*y)**2", ("holds", "convex", {}), "1/2 1/2", "vanishes on a hyperplane"),
    (DISCS, "1", ("holds", "convex", {}), "2 0", "not one convex shape"),
    (
        SQUARE,
        "1",
        ("fails", "separated", {"hyperplane": "x + 5", **PLANE, "apart": []}),
        "0 0",
        "below: it is not on its side",
    ),
    (
        SQUARE,
        "1",
        ("fails", "separated", {"hyperplane": "x + 5", **PLANE, "below": ["-6", "0"], "apart": []}),
        "0 0",
        "not in the domain",
    ),
    (SQUARE, "1", ("fails", "separated", {"hyperplane": "1", **PLANE, "apart": []}), "0 0", "not constant"),
    (
        INTERVAL,
        "(x - 1/2)**2",
        ("fails", "separated", {"hyperplane": "x - 1/2", **LINE, "apart": []}),
        "1/4",
        "two and more",
    ),
    (
        SIDE_BY_SIDE,
        "1",
        ("fails", "one-sided-face", {"hyperplane": "x - 1", "point": ["3/2", "1/2"], **SIDES}),
        "1/2 1/2",
        "not on the hyperplane",
    ),
    (
        SIDE_BY_SIDE,
        "1",
        ("fails", "one-sided-face", {"hyperplane": "0", "point": ["3/2", "1/2"], **SIDES}),
        "1/2 1/2",
        "not constant",
    ),
    (
        SIDE_BY_SIDE,
        "1",
        ("fails", "one-sided-face", {"hyperplane": "x - 1", "point": ["1", "1/2"], **SIDES}),
        "1/2 1/2",
        "both sides",
    ),
    (
        SIDE_BY_SIDE,
        "1",
        ("fails", "one-sided-face", {"hyperplane": "x", "point": ["0", "1/2"], **SIDES}),
        "1/2 1/2",
        "below: it is not on its side",
    ),
    (
        TWO_INTERVALS,
        "1",
        ("fails", "one-sided-face", {"hyperplane": "x - 1", "point": ["1"], "above": ["5/2"], "below": ["1/2"]}),
        "1/2",
        "two and more",
    ),
    (
        DISCS,
        "1",
        (
            "fails",
            "one-sided-face",
            {"hyperplane": "x + 1", "point": ["-1", "0"], "above": ["2", "0"], "below": ["-2", "0"]},
        ),
        "2 0",
        "no shape has a face",
    ),
    (
        APART,
        "1",
        (
            "fails",
            "one-sided-face",
            {"hyperplane": "x + y", "point": ["0", "0"], "above": ["1/4", "1/4"], "below": ["-1", "-1"]},
        ),
        "1/4 1/4",
        "not in the domain",
    ),
    (
        SQUARE,
        "1",
        ("fails", "one-sided-face", {"hyperplane": "x - y", "point": ["0", "0"], **PLANE}),
        "0 0",
        "both sides",
    ),
    (
        APART,
        "1",
        (
            "fails",
            "one-sided-face",
            {"hyperplane": "x - 1", "point": ["1", "0"], "above": ["5/2", "5/2"], "below": ["1/4", "1/4"]},
        ),
        "1/4 1/4",
        "no shape has a face",
    ),
    # P is (1/2, 1), and 1/8 does not lie in D
    (
        INTERVAL,
        "Max(x - 1/2, 0)",
        ("fails", "zero", {"point": "1/4", "above": ["3/4"], "below": ["1/8"]}),
        "3/4",
        "a density <= 0",
    ),
    (
        LEG,
        "Max(1 - y, 0)",
        ("fails", "one-sided-face", {"hyperplane": "x - 1", "point": ["1", "3/2"], **SIDES}),
        "1/2 1/2",
        "a density <= 0",
    ),
]  # fmt: skip
UNDECIDED: list[Case] = [
    # h is 1e-300 between 1/4 and 3/4, not 0
    (
        INTERVAL,
        "Max(x - 3/4, 0) + Max(1/4 - x, 0) + sin(x)**2 + cos(x)**2 - 1 + 1e-300",
        ("fails", "gap", {"point": "1/2", "radius": "1/8", "above": ["7/8"], "below": ["1/8"]}),
        "1/8",
        "not seen to be 0",
    ),
    (
        INTERVAL,
        "(x - 1/2)**2 + sin(x)**2 + cos(x)**2 - 1 + 1e-300",
        ("fails", "zero", {"point": "1/2", **LINE}),
        "1/4",
        "cannot exclude",
    ),
    (SQUARE, "(x**2 - 2*y**2)**2", ("holds", "convex", {}), "1 0", "a zero of a factor"),
    (
        SQUARE,
        "1",
        ("fails", "separated", {"hyperplane": "x", **PLANE, "apart": []}),
        "0 0",
        "cuts a shape",
    ),
    (
        SIDE_BY_SIDE,
        "1",
        ("fails", "separated", {"hyperplane": "x - 1", **SIDES, "apart": []}),
        "1/2 1/2",
        "may share a face",
    ),
    *(
        (
            SIDE_BY_SIDE,
            "1",
            ("fails", "separated", {"hyperplane": "x - 1", **SIDES, "apart": [apart]}),
            "1/2 1/2",
            "may share a face",
        )
        for apart in ("0", "x - 1", "y", "1 - y", "y - 1/2", "-1")
    ),
    # one shape of three is cut
    (
        on(box("0", "1", "0", "1"), box("1", "2", "1", "2"), box("0", "2", "3", "4")),
        "1",
        ("fails", "separated", {"hyperplane": "x - 1", **CORNER_SIDES, "apart": ["y - 1"]}),
        "1/2 1/2",
        "cuts a shape",
    ),
    # the lower half of the one face is the other face
    (
        on(box("1", "2", "0", "2"), box("0", "1", "0", "1")),
        "1",
        ("fails", "separated", {"hyperplane": "x - 1", **SIDES, "apart": ["y - 1", "1 - y"]}),
        "1/2 1/2",
        "may share a face",
    ),
    # (3 x - 1) (x^2 + y^2 + 1): no quadratic polynomial
    (
        SQUARE,
        "(3*x**3 + 3*x*y**2 + 3*x - x**2 - y**2 - 1)**2",
        ("holds", "convex", {}),
        "1 0",
        "a zero of a factor",
    ),
]  # fmt: skip

CORNER = on(box("0", "1", "0", "1"), box("1", "2", "1", "2"))
VERTEX = on(box("0", "1", "0", "1"), hull(("1", "1/2"), ("2", "0"), ("2", "1")))
TOUCHED = on(hull(("0", "0"), ("0", "1"), ("1", "1/2")), box("0", "1", "0", "1"), box("1", "2", "1", "2"))
TRUE: list[tuple[dict[str, Any], str, Entry, str]] = [
    (CORNER, "1", ("fails", "separated", {"hyperplane": "x - 1", **CORNER_SIDES, "apart": ["y - 1"]}), "1/2 1/2"),
    (VERTEX, "1", ("fails", "separated", {"hyperplane": "x - 1", **SIDES, "apart": []}), "1/2 1/2"),
    (VERTEX, "exp(x)", ("fails", "separated", {"hyperplane": "x - 1", **SIDES, "apart": []}), "1/2 1/2"),
    (
        TOUCHED,
        "1",
        ("fails", "one-sided-face", {"hyperplane": "x - 1", "point": ["1", "1/2"], **CORNER_SIDES}),
        "1 1",
    ),
    (SQUARE, "(x - y)**2", ("fails", "separated", {"hyperplane": "x - y", **PLANE, "apart": []}), "1/2 0"),
    (
        SQUARE,
        "(2*x + y - 1/2)**2",
        ("fails", "separated", {"hyperplane": "2*x + y - 1/2", **PLANE, "apart": []}),
        "1/2 0",
    ),
    (SQUARE, "1 + x**2 + y**2", ("holds", "convex", {}), "0 0"),
    (
        CORNER,
        "1",
        ("fails", "one-sided-face", {"hyperplane": "x - 1", "point": ["1", "1/2"], **CORNER_SIDES}),
        "1 1",
    ),
]


def facts(inside: str, continuous: str = "composition") -> dict[str, Entry]:
    return {
        "density_continuous": ("holds", continuous, {}),
        "density_nonnegative": ("holds", "nonnegative", {"point": inside.split()}),
    }


@pytest.mark.parametrize(("domain", "density", "claim", "inside"), TRUE)
def test_confirmed(domain: dict[str, Any], density: str, claim: Entry, inside: str) -> None:
    found = audit(document(domain, density=density, **facts(inside), hyperplane=claim))
    assert found.verdict == "valid", found.reason


@pytest.mark.parametrize(("domain", "density", "lie", "inside", "word"), INVALID)
def test_refuted(domain: dict[str, Any], density: str, lie: Entry, inside: str, word: str) -> None:
    found = audit(document(domain, density=density, **facts(inside), hyperplane=lie))
    assert found.verdict == "invalid" and word in found.reason


@pytest.mark.parametrize(("domain", "density", "lie", "inside", "word"), UNDECIDED)
def test_not_confirmed(domain: dict[str, Any], density: str, lie: Entry, inside: str, word: str) -> None:
    given = {**facts(inside), "hyperplane": lie}
    if "sin" in density:  # its sign is open on all of the interval
        del given["density_nonnegative"]
    found = audit(document(domain, density=density, **given))
    assert found.verdict == "undecided" and word in found.reason


@pytest.mark.parametrize("missing", ["density_continuous", "density_nonnegative"])
@pytest.mark.parametrize(
    "entry",
    [("holds", "interval", {"lower": "0", "upper": "1"}), ("holds", "convex", {})],
)
def test_what_a_rule_rests_on_must_be_claimed(missing: str, entry: Entry) -> None:
    given = facts("1/2")
    assert audit(document(INTERVAL, **given, hyperplane=entry)).verdict == "valid"
    del given[missing]
    found = audit(document(INTERVAL, **given, hyperplane=entry))
    assert found.verdict == "undecided" and missing.split("_")[1] in found.reason


def test_mass_rests_on_a_continuous_density() -> None:
    entry: Entry = ("fails", "zero", {"point": "1/2", **LINE})
    given = facts("1/4")
    assert audit(document(INTERVAL, density="(x - 1/2)**2", **given, hyperplane=entry)).verdict == "valid"
    found = audit(document(INTERVAL, density="(x - 1/2)**2", hyperplane=entry))
    assert found.verdict == "undecided" and "continuous" in found.reason


def test_a_density_0_has_no_hyperplane_condition() -> None:
    given = {**facts("1/2"), "density_nonnegative": ("holds", "none", {})}
    found = audit(document(INTERVAL, density="0", **given, hyperplane=("holds", "convex", {})))
    assert found.verdict == "invalid" and "the density is 0" in found.reason


@pytest.mark.parametrize(
    ("entry", "word"),
    [
        (("undecided", "interval", {}), "nothing is claimed"),
        (("undecided", "none", {"point": "1"}), "no data"),
        (("maybe", "none", {}), "verdict"),
        (("holds", "zero", {}), "rule"),
    ],
)
def test_entries_that_do_not_fit(entry: Entry, word: str) -> None:
    found = audit(document(INTERVAL, **facts("1/2"), hyperplane=entry))
    assert found.verdict == "invalid" and word in found.reason


LOSSES: list[tuple[str, str, str, Entry]] = [  # the density is 0 at 0, and undefined there in the last one
    ("logistic", "2", "loss_attains_minimum", ("fails", "label", {"point": ["0"]})),
    ("poisson", "-1", "loss_attains_minimum", ("fails", "label", {"point": ["0"]})),
    ("absolute", "0", "loss_strictly_convex", ("fails", "known-loss", {"point": ["0"]})),
    ("squared", "1/2", "loss_attains_minimum", ("holds", "labels", {})),
]


@pytest.mark.parametrize(("loss", "target", "name", "lie"), LOSSES)
def test_lies_about_losses(loss: str, target: str, name: str, lie: Entry) -> None:
    body = document(INTERVAL, target, density="x", **facts("1/2"), **{name: lie})
    body["problem"]["loss"] = {"kind": loss}
    assert audit(sealed("conditions", {key: body[key] for key in ("problem", "claim")})).verdict == "invalid"


def test_a_jump_where_there_is_no_mass() -> None:
    lie: Entry = ("fails", "jump", {"point": "1/2", "radius": "1/8"})
    given = facts("7/8")
    for density, verdict in (("1", "valid"), ("Max(x - 3/4, 0)", "invalid")):
        for target in ("Heaviside(x - 1/2)", "Piecewise((0, x <= 1/2), (1, True))"):
            found = audit(document(INTERVAL, target, density, **given, target_continuous=lie))
            assert found.verdict == verdict


def test_a_pole_is_not_pasted() -> None:
    """The limit is -1/pi, the value is 0; and 0 times the tangent has the normal form 0."""
    target = "Piecewise((0, x <= 0), (x*tan(pi*x + pi/2), True))"
    lie: Entry = ("holds", "pasting", {})
    found = audit(document(on(box("-1/4", "1/4")), target, **facts("1/8"), target_continuous=lie))
    assert found.verdict == "invalid" and "pole of the tangent at (0)" in found.reason


def test_an_undefined_density_is_not_negative() -> None:
    lie: Entry = ("fails", "negative-value", {"point": ["0"]})
    assert audit(document(INTERVAL, density="-exp(log(x))", density_nonnegative=lie)).verdict == "invalid"


def test_a_pole_inside_a_part() -> None:
    target = "Piecewise((-2, x <= 0), (1/(x**2 - 1/2), True))"
    lie: Entry = ("holds", "pasting", {})
    assert audit(document(on(box("-1", "1")), target, **facts("1/2"), target_continuous=lie)).verdict != "valid"
    assert audit(document(on(box("-1", "1/2")), target, **facts("1/4"), target_continuous=lie)).verdict == "valid"
