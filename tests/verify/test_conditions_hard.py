"""Problems made to mislead: a verdict is the truth or undecided, and most are decided."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

import pytest

from tests.verify.hard_losses import LOSSES
from tests.verify.hard_planes import PLANES
from tests.verify.hard_shapes import box, on
from tests.verify.hard_targets import TARGETS, WIDE
from verify import Problem, check_conditions
from verify.expressions import parse
from verify.expressions.points import sign_at

LOSS_IDS = ("loss-continuous", "loss-strictly-convex", "loss-attains-minimum")
NEGATIVE_AT_A_POINT = [
    "Piecewise((1, x < 1/2), (-2, x <= 1/2), (1, True))",
    "Piecewise((0, x < 1/2), (-1, x <= 1/2), (1, True))",
    "Piecewise((-1, x <= 0), (1, True))",
    "1/2 - floor(x)",
    "Piecewise((-1, x**2 <= 0), (1, True))",
    "Piecewise((1, x**2 < 1/2), (-1, x**2 <= 1/2), (1, True))",
]


def finding(name: str, domain: dict[str, Any], **parts: Any) -> Any:
    return check_conditions(Problem(domain=domain, width=2, **{"target": "0", **parts}), budget=20)[name]


@pytest.mark.parametrize("case", TARGETS, ids=lambda c: f"{c[0]} {c[1]}")
@pytest.mark.many
def test_a_target_is_never_misjudged(case: tuple[Any, ...]) -> None:
    truth, target, domain, density = (*case, "1")[:4]
    found = finding("target-continuous", domain, target=target, density=density)
    assert found.verdict in (truth, "undecided"), found.reason


@pytest.mark.parametrize(("truth", "domain", "density"), PLANES, ids=lambda v: v if isinstance(v, str) else "")
@pytest.mark.many
def test_a_hyperplane_is_never_misjudged(truth: str, domain: dict[str, Any], density: str) -> None:
    found = finding("hyperplane", domain, density=density)
    assert found.verdict in (truth, "undecided"), found.reason


@pytest.mark.parametrize(("loss", "truths", "target"), LOSSES, ids=lambda v: v)
@pytest.mark.many
def test_a_loss_is_never_misjudged(loss: str, truths: str, target: str) -> None:
    problem = Problem(domain=on(box("0", "1")), target=target, loss={"kind": "expression", "expression": loss}, width=1)
    found = check_conditions(problem, budget=20)
    for name, truth in zip(LOSS_IDS, truths, strict=True):
        if truth != "-":
            assert found[name].verdict[0] in (truth, "u"), found[name].reason


@pytest.mark.parametrize("density", NEGATIVE_AT_A_POINT)
def test_a_density_that_is_negative_at_one_point_is_not_nonnegative(density: str) -> None:
    assert finding("density-nonnegative", WIDE if "**2" in density else on(box("0", "1")), density=density).verdict in (
        "fails",
        "undecided",
    )


def test_most_targets_are_decided() -> None:
    verdicts = Counter(
        finding("target-continuous", domain, target=target).verdict
        for _, target, domain, *rest in TARGETS[::5]
        if not rest
    )
    assert verdicts["undecided"] <= 0.2 * verdicts.total(), verdicts


def test_a_small_jump_is_shown_with_enough_digits() -> None:
    target = "Piecewise((sin(x), x < 1), (sin(1) + 1e-40, True))"
    values = finding("target-continuous", on(box("0", "2")), target=target).witness["values"]
    assert values["below"] != values["above"]


@pytest.mark.parametrize(
    ("density", "domain"),
    [
        ("Piecewise((1/2 - 1e-9 - x, x < 1/2), (1, True))", on(box("0", "1"))),
        ("Piecewise((1/2 - 1e-9 - x, x < 1/2), (1, True))", on(box("0", "1", "0", "1"))),
        ("Piecewise((1/2 - 1e-9 - x - y, x + y < 1/2), (1, True))", on(box("0", "1", "0", "1"))),
        ("Max(0, x) - 1e-12", WIDE),
        ("floor(2*x) - 1e-9", on(box("0", "1"))),
    ],
)
def test_a_density_is_negative_at_the_witness(density: str, domain: dict[str, Any]) -> None:
    witness = finding("density-nonnegative", domain, density=density).witness
    place = dict(zip(domain["variables"], map(Fraction, witness["point"]), strict=True))
    assert sign_at(parse(density, domain["variables"]), place) == -1


@pytest.mark.parametrize(
    ("truth", "target", "loss"),
    [
        ("fails", "Abs(x - 1/3)", "poisson"),
        ("fails", "1/2 + x/2", "logistic"),
        ("holds", "1/2 + x/2 - 1e-12*x", "logistic"),
        ("holds", "1/2 + sin(100*x)/2.0000001", "logistic"),
        ("fails", "1/2 + sin(100*x)/2", "logistic"),
        ("fails", "sin(pi*x)", "logistic"),
        ("fails", "Piecewise((1/2, x < 1/2), (0, x <= 1/2), (1/2, True))", "logistic"),
        ("undefined", "1/x", "poisson"),
        ("holds", "Piecewise((1/x, x > 1/2), (2, True))", "poisson"),
        ("fails", "x**2 - x + 1/4", "poisson"),
        ("holds", "x**2 - x + 1/4 + 1e-15", "poisson"),
    ],
)
def test_labels_are_never_misjudged(truth: str, target: str, loss: str) -> None:
    found = finding("loss-attains-minimum", on(box("0", "1")), target=target, loss=loss)
    assert found.verdict in (truth, "undecided"), found.reason
