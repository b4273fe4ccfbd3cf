"""The auditor in space: integrands that are not polynomial, claims with room, sums of like terms."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import mpmath
import pytest

from tests.auditor.builder import changed
from tests.auditor.test_plane import audit
from verify import Problem, certify
from verify.auditor.affine import Affine
from verify.auditor.certificate import Claim
from verify.auditor.claims import check_claims
from verify.auditor.domains import check_defined
from verify.auditor.evaluate import Evaluation
from verify.auditor.expressions import add, evaluate, multiply, negate, tidy
from verify.auditor.grammar import parse
from verify.auditor.integrate import Integral
from verify.auditor.losses import Loss, as_node
from verify.auditor.simplices import Simplex, volume
from verify.auditor.verdicts import Effort, InvalidError

NAMES = ["x", "y", "z"]


def a_rational(rng: random.Random) -> Fraction:
    return Fraction(rng.randint(-12, 12), rng.randint(1, 6))


def a_simplex(rng: random.Random) -> Simplex:
    while True:
        simplex = tuple(tuple(a_rational(rng) / 3 for _ in NAMES) for _ in range(4))
        if volume(simplex) > Fraction(1, 20):
            return simplex


def text_of(gradient: list[Fraction], constant: Fraction) -> str:
    return " + ".join([f"({a})*{name}" for a, name in zip(gradient, NAMES, strict=True)]) + f" + ({constant})"


def as_mpf(q: Fraction) -> Any:
    return mpmath.mpf(q.numerator) / q.denominator


def divided_difference(g: Any, points: list[Any]) -> Any:
    """g[p0, ..., pn] of distinct points."""
    return mpmath.fsum(g(p) / mpmath.fprod(p - q for q in points if q is not p) for p in points)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "text, g",
    [
        ("exp(u)", mpmath.exp),
        ("Abs(exp(u) - 1)", lambda v: mpmath.sign(v) * (mpmath.exp(v) - 1 - v - v**2 / 2 - v**3 / 6)),
        ("Max(sinh(u), -u)", lambda v: mpmath.cosh(v) - 1 - v**2 / 2 if v > 0 else -(v**4) / 24),
        ("atan(u)", lambda v: _thrice_integrated_atan(v)),
    ],
)
def test_integrals_over_simplices_in_space(text: str, g: Any, seed: int) -> None:
    """Hermite and Genocchi: the mean of g'''(u) over a simplex is 3! g[u's values]."""
    rng = random.Random(f"space {seed}")
    simplex, gradient, constant = a_simplex(rng), [a_rational(rng) / 8 for _ in NAMES], a_rational(rng) / 24
    inner = parse(text_of(gradient, constant), NAMES)
    node = parse(text.replace("u", f"({text_of(gradient, constant)})"), NAMES)
    values = [evaluate(inner, vertex) for vertex in simplex]
    assert len(set(values)) == 4
    tolerance = volume(simplex) / 20
    low, high = Integral(Effort(), [(node, *simplex)], tolerance).enclosure(tolerance)
    assert high - low <= tolerance
    with mpmath.workdps(60):
        exact = 6 * as_mpf(volume(simplex)) * divided_difference(g, [as_mpf(v) for v in values])
        assert as_mpf(low) <= exact <= as_mpf(high)


def _thrice_integrated_atan(v: Any) -> Any:
    return v * (v**2 - 3) * mpmath.atan(v) / 6 - (3 * v**2 - 1) * mpmath.log(1 + v**2) / 12


def test_the_third_derivative_of_the_reference() -> None:
    for v in ("-2.5", "0.25", "1.75"):
        with mpmath.workdps(40):
            x = mpmath.mpf(v)
            assert abs(mpmath.diff(_thrice_integrated_atan, x, 3) - mpmath.atan(x)) < mpmath.mpf(10) ** -9


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("at_middle", [False, True])
def test_affine_functions_are_taken_at_the_vertices(seed: int, at_middle: bool) -> None:
    rng = random.Random(f"affine {seed}")
    simplex, gradient, constant = a_simplex(rng), [a_rational(rng) for _ in NAMES], a_rational(rng)
    jet = Evaluation(Effort(), 64, 2, *simplex, at_middle=at_middle)(parse(text_of(gradient, constant), NAMES))
    values = [sum((a * x for a, x in zip(gradient, vertex, strict=True)), constant) * (1 << 64) for vertex in simplex]
    ends = [sum(values) / 4] * 2 if at_middle else [min(values), max(values)]
    assert ends[0] - 1 < jet.lo <= ends[0] <= ends[1] <= jet.hi < ends[1] + 1
    slopes = jet.mid[1].coefficients[::-1]
    assert sum(abs(s - (v - values[0])) for s, v in zip(slopes, values[1:], strict=True)) <= jet.rad[1] <= 3


@pytest.mark.parametrize("seed", range(40))
def test_like_terms_are_collected(seed: int) -> None:
    """The value is the same at random points, and equal terms stand once, whatever the signs and brackets."""
    rng = random.Random(f"terms {seed}")
    terms = [parse(text, NAMES) for text in ("x", "x*y", "(x - z)**2", "y*(x + z)", "z**3 + 1")]

    def a_sum(depth: int) -> Any:
        parts = [
            multiply(parse(f"({a_rational(rng) or 1})", NAMES), rng.choice(terms)) for _ in range(rng.randint(1, 4))
        ]
        parts += [negate(a_sum(depth - 1)) for _ in range(2 if depth else 0)]
        return add(*parts)

    node = a_sum(3)
    found = tidy(node)
    point = [a_rational(rng) for _ in NAMES]
    assert evaluate(found, point) == evaluate(node, point)
    parts = found.args if found.kind == "+" else (found,)
    bare = [
        multiply(*part.args[1:]) if part.kind == "*" and part.args[0].number is not None else part for part in parts
    ]
    assert len(set(bare)) == len(bare) <= len(terms) + 1


def test_what_cancels_still_has_to_be_defined() -> None:
    cell = tuple((Fraction(a), Fraction(b), Fraction(c)) for a, b, c in [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)])
    gone = tidy(parse("1/(x - 1/5) + y - (1/(x - 1/5) + y)", NAMES))
    with pytest.raises(InvalidError, match="division by 0"):
        check_defined(Effort(), gone, cell)
    jet = Evaluation(Effort(), 64, 0, (Fraction(1),) * 3)(gone)
    assert jet.lo == jet.hi == 0


def test_long_factors_stay_before_brackets() -> None:
    """Else a nest of brackets would make constants as long as the file at every term."""
    text = "x"
    for _ in range(40):
        text = f"{'7' * 100}*({text} + y)"
    found, stack, longest = tidy(parse(text, NAMES)), [], 0
    stack.append(found)
    while stack:
        node = stack.pop()
        longest = max(longest, abs(node.number or 0).numerator.bit_length())
        stack += node.args
    assert longest < 700


LOSSES = {
    "squared": lambda y, f: (y - f) ** 2,
    "absolute": lambda y, f: abs(y - f),
    "logcosh": lambda y, f: mpmath.log(mpmath.cosh(y - f)),
    "logistic": lambda y, f: mpmath.log(1 + mpmath.exp(y)) - f * y,
    "poisson": lambda y, f: mpmath.exp(y) - f * y,
}


@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("seed", range(5))
def test_drops_of_losses(kind: str, seed: int) -> None:
    rng = random.Random(f"drop {kind} {seed}")
    y, step = (Affine(tuple(a_rational(rng) / 4 for _ in NAMES), a_rational(rng) / 4) for _ in "ab")
    f, point = parse("sin(x) + y*z", NAMES), tuple(a_rational(rng) / 4 for _ in NAMES)
    drop = Loss(kind).drop(f, as_node(y), as_node(y.plus(step, -1)), as_node(step))
    jet = Evaluation(Effort(), 100, 0, point)(drop)
    with mpmath.workdps(50):
        value = mpmath.sin(as_mpf(point[0])) + as_mpf(point[1] * point[2])
        before, after = (as_mpf(function.value(point)) for function in (y, y.plus(step, -1)))
        exact = (LOSSES[kind](before, value) - LOSSES[kind](after, value)) * 2**100
        assert jet.lo <= exact <= jet.hi and jet.hi - jet.lo < 1 << 12


def test_claims_are_worked_at_only_as_far_as_they_need(monkeypatch: pytest.MonkeyPatch) -> None:
    """The risk, 1/3 and claimed widely, is enclosed well enough at once; the gain is not."""
    asked: list[Any] = []
    enclosure = Integral.enclosure

    def recorded(self: Integral, tolerance: Fraction | None = None) -> Any:
        asked.append((self, tolerance))
        return enclosure(self, tolerance)

    monkeypatch.setattr(Integral, "enclosure", recorded)
    cell = ((Fraction(0),), (Fraction(1),))
    sine = parse("sin(x)", ["x"])  # its integral is 0.4597
    wide, narrow = (Fraction(-4), Fraction(4)), (Fraction("0.4596"), Fraction("0.4598"))
    check_claims(Effort(), Claim(2, 2, wide, wide, narrow, [narrow]), [(sine, *cell)], [[(sine, *cell)]])
    first = asked[0][0]
    assert [t for integral, t in asked if integral is first] == [None]
    assert len(asked) > 2
    for off in (Fraction("0.0003"), Fraction("-0.0003")):
        moved = narrow[0] + off, narrow[1] + off
        with pytest.raises(InvalidError, match="gain"):
            check_claims(Effort(), Claim(2, 2, wide, wide, moved, [moved]), [(sine, *cell)], [[(sine, *cell)]])


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    corners = [["2/3", "3/2", "-5/2"], ["5/3", "3/2", "-5/2"], ["5/3", "3", "-5/2"], ["-1/3", "-3/2", "-1"]]
    problem = {
        "name": "space",
        "domain": {"variables": NAMES, "vertices": corners},
        "density": {"expression": "exp((-2*x - y + 5/2)/4)"},
        "target": {"expression": "3*log(1 + (3*x/2 - 3*y + z/3 + 3)**2)"},
        "loss": {"kind": "absolute"},
        "network": {"architecture": "feedforward", "width": 6},
        "response": {
            "affine": "-4",
            "halfspaces": [
                {"where": "2*y/3 - 2*z - 7/5 > 0", "jump": "-x/5 + y - 5*z/3 - 313/75"},
                {"where": "-2*z - 27/10 > 0", "jump": "5/6"},
            ],
        },
    }
    return certify(Problem.from_mapping(problem)).document()


def test_certificates_in_space(data: dict[str, Any]) -> None:
    result = audit(data)
    assert result.verdict == "valid", result


def moved(document: dict[str, Any], key: str, widths: Fraction) -> Iterator[dict[str, Any]]:
    """The certificate with one claimed interval moved up, then down, by so many of its widths."""
    entry: Any = document["claim"]
    for part in key.split("."):
        entry = entry[int(part)] if part.isdigit() else entry[part]
    low, high = Fraction(entry["lower"]), Fraction(entry["upper"])
    for shift in ((high - low) * widths, (low - high) * widths):
        yield changed(document, f"claim.{key}", {"lower": str(low + shift), "upper": str(high + shift)})


@pytest.mark.parametrize("key", ["response_risk", "network_risk", "gain", "ramp_gains.0"])
def test_claims_in_space_that_miss_the_value(data: dict[str, Any], key: str) -> None:
    """The claims are about the value: moved by three quarters of their widths they are wrong."""
    for wrong in moved(data, key, Fraction(3, 4)):
        result = audit(wrong)
        assert result.verdict == "invalid" and "claim" in result.reason, result


def a_certificate_of_extreme_jumps(density: str, more_corners: list[list[str]]) -> dict[str, Any]:
    """Jumps of 1e9 and 1e-9 across planes that are parallel but for 1e-6, and one that changes sign."""
    corners = [["0", "0", "0"], ["3", "0", "1/7"], ["0", "2", "0"], ["1/3", "1/5", "5/2"], *more_corners]
    problem = {
        "domain": {"variables": NAMES, "vertices": corners},
        "density": {"expression": density},
        "target": {"expression": "x**2 - y*z"},
        "loss": {"kind": "squared"},
        "network": {"architecture": "feedforward", "width": 6},
        "response": {
            "affine": "x/2 - z",
            "halfspaces": [
                {"where": "x + y - z > 1/2", "jump": "1e9"},
                {"where": "x + 1000001/1000000*y - z > 1/2", "jump": "1e-9"},
                {"where": "y > 1", "jump": "1e-9*x - 1e-9"},
            ],
        },
    }
    return certify(Problem.from_mapping(problem)).document()


@pytest.fixture(scope="module")
def extreme() -> dict[str, Any]:
    return a_certificate_of_extreme_jumps("1", [])


def test_extreme_jumps(extreme: dict[str, Any]) -> None:
    result = audit(extreme)
    assert result.verdict == "valid", result


@pytest.mark.many
@pytest.mark.parametrize("density", ["1", "1 + x*y/10", "x*(1 - z/4)", "1 + z**2"])
def test_extreme_jumps_in_a_hull(density: str) -> None:
    result = audit(a_certificate_of_extreme_jumps(density, [["2", "2", "2"]]))
    assert result.verdict == "valid", result


@pytest.mark.parametrize("key", ["network_risk", "ramp_gains.1", "ramp_gains.2"])
def test_claims_about_extreme_jumps_are_missed_by_a_digit(extreme: dict[str, Any], key: str) -> None:
    """Claims are ten digits wide here: the last one moved by two makes them wrong, by 1e-27 where a gain is 3e-18."""
    for wrong in moved(extreme, key, Fraction(2)):
        result = audit(wrong)
        assert result.verdict == "invalid" and key.split(".")[0] in result.reason, result


@pytest.mark.parametrize(
    "path, value, reason",
    [
        ("ramps.1.jump", "-1001/1000000000000", "its jump is not that of the response"),
        ("ramps.1.kappa", "1/43239042", "the response with ramps is"),
        ("ramps.1.where", "-x - 1000002*y/1000000 + z + 1/2 > 0", "no jump of multiplicity 2 is left"),
        ("network.neurons.3.weights.1", "1000002/1000000", "the response with ramps is"),
        ("response.halfspaces.1.jump", "2e-9", "its jump is not that of the response"),
    ],
)
def test_near_misses_beside_extreme_jumps(extreme: dict[str, Any], path: str, value: str, reason: str) -> None:
    result = audit(changed(extreme, path, value))
    assert result.verdict == "invalid" and reason in result.reason, result
