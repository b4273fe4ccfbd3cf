"""Certificates that hold are accepted: every loss, architecture and case of the construction."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import mpmath
import pytest

from tests.auditor.builder import build, half, line, seal
from verify.auditor import audit_text

mp = mpmath.mpf
STEP = [half("1/2", 1, kappa="1/4")]


def verdict(data: dict[str, Any]) -> str:
    audit = audit_text(json.dumps(data))
    return audit.verdict if audit.verdict == "valid" else f"{audit.verdict}: {audit.reason}"


@pytest.mark.parametrize("kappa", ["1/2", "1/4", "1/3", "1e-9", "0.123456789"])
def test_step_against_identity_with_exact_claims(kappa: str) -> None:
    data = build([half("1/2", 1, kappa=kappa)])
    k = Fraction(kappa)
    gain, risk = k / 3 - k**2 / 3, Fraction(1, 12)
    for key, value in (("response_risk", risk), ("network_risk", risk - gain), ("gain", gain)):
        data["claim"][key] = {"lower": str(value), "upper": str(value)}
    data["claim"]["ramp_gains"] = [data["claim"]["gain"]]
    assert verdict(seal(data)) == "valid"


LOSSES: list[tuple[dict[str, Any], Any]] = [
    ({"kind": "squared"}, lambda y, f: (y - f) ** 2),
    ({"kind": "power", "exponent": "4"}, lambda y, f: (y - f) ** 4),
    ({"kind": "power", "exponent": "3"}, lambda y, f: abs(y - f) ** 3),
    ({"kind": "power", "exponent": "3/2"}, lambda y, f: abs(y - f) ** mp("1.5")),
    (
        {"kind": "huber", "delta": "3/10"},
        lambda y, f: (y - f) ** 2 / 2 if abs(y - f) <= mp("0.3") else mp("0.3") * (abs(y - f) - mp("0.15")),
    ),
    ({"kind": "logcosh"}, lambda y, f: mpmath.log(mpmath.cosh(y - f))),
    ({"kind": "poisson"}, lambda y, f: mpmath.exp(y) - f * y),
    ({"kind": "logistic"}, lambda y, f: mpmath.log(1 + mpmath.exp(y)) - f * y),
    ({"kind": "expression", "expression": "(y - f)**2*(1 + x) + exp(y)"}, None),
]


@pytest.mark.parametrize("loss, L", LOSSES, ids=lambda v: v["kind"] if isinstance(v, dict) else "")
def test_losses_on_a_polynomial_target(loss: dict[str, Any], L: Any) -> None:
    if loss["kind"] == "logistic":
        data = build([half("1/2", 6, kappa="1/100")], affine=line(-3), loss=loss, L=L)
    elif L is None:
        data = build(STEP, density="2", h=lambda x: 2, loss=loss, L=lambda y, f: (y - f) ** 2 * (1 + f) + mpmath.exp(y))
    else:
        data = build(STEP, loss=loss, L=L, breaks=["0.3", "0.7", "1/5", "2/5", "3/5", "4/5"])
    assert verdict(data) == "valid"


@pytest.mark.parametrize(
    "loss, L",
    [
        ({"kind": "absolute"}, lambda y, f: abs(y - f)),
        ({"kind": "pinball", "level": "0.3"}, lambda y, f: max(mp("0.3") * (f - y), mp("0.7") * (y - f))),
    ],
    ids=["absolute", "pinball"],
)
def test_losses_that_are_not_strictly_convex(loss: dict[str, Any], L: Any) -> None:
    # the ramp with kappa = 1/2 is the target itself
    assert verdict(build([half("1/2", 1, kappa="1/2")], loss=loss, L=L)) == "valid"


SINE = {"target": "sin(2*pi*x)", "f": lambda x: mpmath.sin(2 * mpmath.pi * x)}


def test_the_cases_of_the_affine_part() -> None:
    two = [half("1/3", line(1, 1), kappa="1/50"), half("2/3", line("-1/2"), kappa="1/40")]
    assert verdict(build(two, **SINE)) == "valid"
    assert verdict(build(two[:1], affine=line(0, 2), mode="always", **SINE)) == "valid"
    # turned over, the constant affine part is reached through the jump's own slope (F = {jump})
    turned = [half("1/3", line(1, -2), kappa="1/50", turn=True)]
    assert verdict(build(turned, affine=line(0, 2), **SINE)) == "valid"
    # two jumps facing away from each other leave an arbitrary affine part: the shifts carry it
    slope, a, b = Fraction(1, 2), Fraction(1, 3), Fraction(2, 3)
    m = (2 * slope + 0) / 2
    free = [
        half(a, 1, kappa="1/60", shift=line(-m * a, m)),
        half(b, -1, side=-1, kappa="1/60", shift=line(-m * b, m)),
    ]
    assert verdict(build(free, affine=line(0, slope), mode="free", **SINE)) == "valid"
    kinks = [*two, half("1/2", line("-3/2", 3)), half("4/5", line("4/5", -1), turn=True)]
    assert verdict(build(kinks, affine=line(1, 1), **SINE)) == "valid"


def test_residual_networks() -> None:
    halves = [
        half("1/3", line(1, 1), kappa="1/50", side=2),
        half("1/2", line("-1", 2)),
        half("3/4", -1, kappa="1/9", turn=True),
    ]
    assert verdict(build(halves, affine=line(1, -2), architecture="residual", **SINE)) == "valid"


def test_shifts_and_jumps_that_vanish_somewhere() -> None:
    assert verdict(build([half("1/2", 1, kappa="1/20", shift="1/10")], **SINE)) == "valid"
    assert (
        verdict(
            build([half("1/2", line("-0.52", 1), kappa="1/2")], affine=line("1/4"), target="x**2", f=lambda x: x**2)
        )
        == "valid"
    )
    assert verdict(build([half("1/2", line("-1/2", 2), kappa="1/30", shift=line("1/4", "-1/2"))], **SINE)) == "valid"


PROBLEMS: list[tuple[str, Any, str, Any, tuple[Any, ...]]] = [
    ("Abs(x - 1/3)**(3/2)", lambda x: abs(x - mp(1) / 3) ** mp("1.5"), "1", lambda x: 1, ("1/3",)),
    ("sqrt(x)", mpmath.sqrt, "exp(x)", mpmath.exp, ()),
    (
        "Max(x, 1/2) - Min(x**2, 1/4)",
        lambda x: max(x, mp("0.5")) - min(x**2, mp("0.25")),
        "x*(1 - x)",
        lambda x: x * (1 - x),
        (),
    ),
    ("x**2", lambda x: x**2, "sin(pi*x)", lambda x: mpmath.sin(mpmath.pi * x), ()),
    (
        "floor(3*x)/3",
        lambda x: mpmath.floor(3 * x) / 3,
        "1 + Abs(x - 1/4)",
        lambda x: 1 + abs(x - mp("0.25")),
        ("1/3", "2/3", "1/4"),
    ),
    (
        "Piecewise((x**2, x < 2/5), (exp(-x), True))",
        lambda x: x**2 if x < mp("0.4") else mpmath.exp(-x),
        "2",
        lambda x: 2,
        ("2/5",),
    ),
    (
        "tanh(20*(x - 1/2))",
        lambda x: mpmath.tanh(20 * (x - mp("0.5"))),
        "(x - 1/3)**2",
        lambda x: (x - mp(1) / 3) ** 2,
        ("1/3",),
    ),
    (
        "erf(3*x) + atan(x)/2",
        lambda x: mpmath.erf(3 * x) + mpmath.atan(x) / 2,
        "1/(1 + x**2)",
        lambda x: 1 / (1 + x**2),
        (),
    ),
]


@pytest.mark.parametrize("target, f, density, h, breaks", PROBLEMS, ids=[p[0] for p in PROBLEMS])
def test_targets_and_densities(target: str, f: Any, density: str, h: Any, breaks: tuple[Any, ...]) -> None:
    halves = [half("1/3", "1/2", kappa="1/100"), half("3/5", "-1/4", kappa="1/50", turn=True)]
    data = build(halves, target=target, f=f, density=density, h=h, breaks=[*breaks, "1/2"])
    assert verdict(data) == "valid"


def test_domains() -> None:
    f = {"target": "exp(x)", "f": mpmath.exp}
    pieces = [(0, 1), (2, 3)]
    assert verdict(build([half("1/2", 1, kappa="1/9"), half("5/2", 4, kappa="1/99")], pieces=pieces, **f)) == "valid"
    # a jump in the gap costs nothing to replace: the ramp fits into the gap, the gain is that of the other ramp
    overlap = {
        "union": [
            {"box": [["0", "1/2"]]},
            {"ball": {"center": ["3/4"], "radius": "1/4"}},
            {"vertices": [["1/4"], ["2/3"]]},
        ]
    }
    assert verdict(build(STEP, domain=overlap, **f)) == "valid"
    for shape in (
        {"ball": {"center": ["1/2"], "radius": "1/2"}},
        {"vertices": [["1"], ["1/3"], ["0"]]},
        {"box": [["0", "1"]]},
    ):
        assert verdict(build(STEP, domain=shape, **f)) == "valid"


def test_a_response_that_has_to_be_reduced_first() -> None:
    data = build([half("1/2", 1, kappa="1/4")])
    data["response"]["halfspaces"] = [
        {"where": "2*x - 1 > 0", "jump": "3"},  # with the next one: 3 1{x > 1/2} + 2 1{x < 1/2} = 2 + 1{x > 1/2}
        {"where": "x < 1/2", "jump": "2"},
        {"where": "x > 1", "jump": "17"},  # misses the interior, holds nothing of it
        {"where": "x > -1/5", "jump": "x - 2"},  # contains all of it
        {"where": "x > 1/4", "jump": "0"},
    ]
    data["response"]["affine"] = "-x"
    assert verdict(seal(data)) == "valid"


@pytest.mark.parametrize("jump, kappa", [("1e-9", "1e-3"), ("1e9", "1e-12"), ("1e-9", "1e5"), ("1", "1e-12")])
def test_extreme_scales(jump: str, kappa: str) -> None:
    size = mp(jump)
    f = {"target": f"{jump}*exp(x) + sin(x)*1e-9", "f": lambda x: size * mpmath.exp(x) + mpmath.sin(x) * mp("1e-9")}
    with mpmath.workdps(60):
        assert verdict(build([half("1/2", jump, kappa=kappa)], affine=line(jump), **f)) == "valid"


def test_a_tiny_jump_against_a_target_of_size_one() -> None:
    # the response is the target at the jump up to a billionth: the gain is a tiny difference of large numbers
    data = build(
        [half(0, "1e-9", kappa="1e-3")], affine=line(1), pieces=[(-1, 1)], target="cos(x)", f=mpmath.cos, slack="1e-6"
    )
    assert verdict(data) == "valid"


def test_neurons_in_another_order() -> None:
    data = build([half("1/3", 1, kappa="1/50"), half("2/3", -1, kappa="1/50")], **SINE)
    data["network"]["neurons"].reverse()
    assert verdict(seal(data)) == "valid"


@pytest.mark.parametrize("n", [100, 200])
def test_many_jumps_with_exact_claims(n: int) -> None:
    kappa = Fraction(1, 10 * n)
    signs = [1 if i % 2 else -1 for i in range(1, n + 1)]
    halves = [half(Fraction(i, n + 1), sign, kappa=kappa) for i, sign in enumerate(signs, 1)]
    ends = [Fraction(i, n + 1) for i in range(n + 2)]
    risk = sum(((b - r) ** 3 - (a - r) ** 3) / 3 for a, b, r in zip(ends, ends[1:], [0, 1] * n, strict=False))
    gains = [kappa / 3 - sign * kappa**2 / 3 for sign in signs]
    values = {"response_risk": risk, "network_risk": risk - sum(gains), "gain": sum(gains)}
    claims: dict[str, Any] = {key: {"lower": str(v), "upper": str(v)} for key, v in values.items()}
    claims["ramp_gains"] = [{"lower": str(g), "upper": str(g)} for g in gains]
    assert verdict(build(halves, claims=claims)) == "valid"
