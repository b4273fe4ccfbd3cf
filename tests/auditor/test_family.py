"""Certificates of kind `domination-family`, built by hand: to accept, and near misses to refuse.

Closed forms (squared loss, f = x on [0, 1], R = 1{x > 1/2}): gain/kappa is 1/3 - kappa/3 up to kappa = 1/2, afterwards
(1/kappa - 1/(4 kappa^2)) / (12 kappa). For the target 1/2 + 5 (x - 1/2), cut off at 0 and 1, the ramp of c = 1/10,
it is (c/6) (1 - (q - 1)^2/q) / kappa with q = kappa/c > 1: the family wins up to q = (3 + sqrt 5)/2 only.
"""

from __future__ import annotations

import copy
import time
from fractions import Fraction
from typing import Any

import mpmath
import pytest

from tests.auditor.builder import changed, seal
from verify.auditor import audit

STEP = {"affine": "0", "halfspaces": [{"where": "x - 1/2 > 0", "jump": "1"}]}
RAMP = {"where": "x - 1/2 > 0", "jump": "1", "ratio": "1", "shift": "0", "facing": "same"}
SQUARE = {"variables": ["x", "y"], "box": [["0", "1"], ["0", "1"]]}
CUT = "Min(1, Max(0, 5*x - 2))"


def family(cover: list[tuple[Any, Any, Any]], **more: Any) -> dict[str, Any]:
    """A certificate, of the step against the identity unless stated otherwise."""
    network = {"architecture": more.get("architecture", "feedforward"), "width": more.get("width", 2)}
    return seal(
        {
            "format": "relu-closure/1",
            "kind": "domination-family",
            "problem": {
                "name": "by hand",
                "domain": more.get("domain", {"variables": ["x"], "box": [["0", "1"]]}),
                "density": {"expression": more.get("density", "1")},
                "target": {"expression": more.get("target", "x")},
                "loss": more.get("loss", {"kind": "squared"}),
                "network": network,
            },
            "response": more.get("response", STEP),
            "ramps": more.get("ramps", [RAMP]),
            "claim": {
                "dimension": more.get("dimension", 2),
                "neurons": more.get("neurons", 2),
                "kappa": str(cover[-1][1]),
                "first_order": more.get("first_order"),
                "cover": [{"from": str(a), "to": str(b), "rate": str(r)} for a, b, r in cover],
            },
        }
    )


def true_rate(kappa: Fraction) -> Fraction:
    return (1 - kappa) / 3 if kappa <= Fraction(1, 2) else (1 / kappa - 1 / (4 * kappa**2)) / (12 * kappa)


@pytest.mark.parametrize("high", [Fraction(1, 100), Fraction(1, 3), Fraction(1, 2), Fraction(7, 9), Fraction(3)])
def test_rates_just_below_the_truth_hold_and_just_above_it_fail(high: Fraction) -> None:
    low = high * Fraction(9, 10)
    truth = true_rate(high)  # the rate falls with kappa
    below, above = truth * Fraction(99, 100), truth * Fraction(101, 100)
    start = [(Fraction(0), low, true_rate(low) / 2)]
    assert audit(family([*start, (low, high, below)])).verdict == "valid"
    found = audit(family([*start, (low, high, above)]))
    assert found.verdict == "invalid" and "claim.cover[1]" in found.reason and "the gain is at most" in found.reason


def test_the_end_of_the_family() -> None:
    limit = Fraction(26180339, 10**8)  # (3 + sqrt 5)/20, from below
    cover = [(0, Fraction(1, 10), "1/10"), (Fraction(1, 10), Fraction(1, 5), "1/100")]
    inside = [*cover, (Fraction(1, 5), limit * Fraction(99, 100), "1/1000")]
    beyond = [*cover, (Fraction(1, 5), limit * Fraction(101, 100), "1/10000000")]
    assert audit(family(inside, target=CUT)).verdict == "valid"
    assert audit(family(beyond, target=CUT)).verdict == "invalid"
    nudged = family(inside, target=CUT)
    assert audit(changed(nudged, "claim.kappa", str(limit))).verdict == "invalid"
    assert audit(changed(nudged, "claim.cover.2.to", str(limit))).verdict == "invalid"


GOOD = [(Fraction(0), Fraction(1, 4), "1/5"), (Fraction(1, 4), Fraction(1, 2), "1/8"), (Fraction(1, 2), 1, "1/20")]
COVERS = {
    "no first piece": GOOD[1:],
    "no middle piece": [GOOD[0], GOOD[2]],
    "a gap": [GOOD[0], (Fraction(1, 4) + Fraction(1, 10**30), Fraction(1, 2), "1/8"), GOOD[2]],
    "an overlap": [GOOD[0], (Fraction(1, 5), Fraction(1, 2), "1/8"), GOOD[2]],
    "not from 0": [(Fraction(1, 10**30), Fraction(1, 4), "1/5"), *GOOD[1:]],
    "an empty piece": [GOOD[0], (Fraction(1, 4), Fraction(1, 4), "1/5"), *GOOD[1:]],
    "backwards": [GOOD[0], GOOD[2], GOOD[1]],
    "rate 0": [*GOOD[:2], (Fraction(1, 2), 1, "0")],
    "a negative rate": [(Fraction(0), Fraction(1, 4), "-1"), *GOOD[1:]],
    "from below 0": [(Fraction(-1), Fraction(1, 4), "1/5"), *GOOD[1:]],
}


@pytest.mark.parametrize("name", COVERS)
def test_the_cover_is_complete(name: str) -> None:
    assert audit(family(GOOD)).verdict == "valid"
    found = audit(family(COVERS[name]))
    assert found.verdict == "invalid" and "claim" in found.reason


@pytest.mark.parametrize("text", ["x + log(x + 1/10)/1000", "x + 1/(1000*(x + 1/10))"])
def test_targets_need_no_value_outside_the_domain(text: str) -> None:
    """The cells around the ramp reach to x = -1/2 and 3/2."""
    assert audit(family([(0, "1/4", "1/5"), ("1/4", "1/2", "1/8")], target=text)).verdict == "valid"


def test_no_cover_at_all() -> None:
    bare = family(GOOD)
    for end in ("0", "1"):
        bare["claim"] = {**bare["claim"], "cover": [], "kappa": end}
        assert audit(seal(bare)).verdict == "invalid"


@pytest.mark.parametrize(
    ("lower", "upper", "verdict"),
    [
        ("0.3333", "0.3334", "valid"),
        ("0.3334", "0.34", "invalid"),
        ("0.32", "0.33333", "invalid"),
        ("1/3", "1/3", "undecided"),
    ],
)
def test_the_limit(lower: str, upper: str, verdict: str) -> None:
    assert audit(family(GOOD, first_order={"lower": lower, "upper": upper})).verdict == verdict


def test_a_narrow_limit() -> None:
    """It is log 2 + log(1 + e) - 2 int_0^1 log(1 + e^y) dy for the logistic loss, whatever the labels are."""
    with mpmath.workdps(30):
        whole = mpmath.quad(lambda y: mpmath.log(1 + mpmath.exp(y)), [0, 1])
        exact = mpmath.log(2) + mpmath.log(1 + mpmath.e) - 2 * whole
        near = [{"lower": str(exact + a * d), "upper": str(exact + b * d)} for d in [mpmath.mpf("1e-12")]
                for a, b in ((-1, 1), (1, 2))]  # fmt: skip
    for claimed, verdict in zip(near, ("valid", "invalid"), strict=True):
        data = family([(0, "1/100", "1/1000")], first_order=claimed, loss={"kind": "logistic"}, target="1/2")
        assert audit(data).verdict == verdict


def test_the_limit_is_that_of_the_gain_where_the_target_jumps() -> None:
    # f = 1{x > 1/2} + x - 1/2: to the right R - f = 1/2 - x -> 0, as on the left: rate -(1/4) (1/3) 2 to first order
    found = audit(family([(0, "1/100", "1/10")], target="Heaviside(x - 1/2) + x - 1/2"))
    assert found.verdict == "invalid"


TWO = {
    "affine": "x/3",
    "halfspaces": [{"where": "x - 1/3 > 0", "jump": "1"}, {"where": "2/3 - x > 0", "jump": "-1/2"}],
}


def free(shift: str = "1/3*x - 1/9", other: str = "x/3 - 2/9", facing: str = "opposite", ratio: str = "1") -> Any:
    """Two jumps that face each other; the shifts have to add up to the slope 2/3."""
    ramps = [
        {"where": "x - 1/3 > 0", "jump": "1", "ratio": "1", "shift": shift, "facing": facing},
        {"where": "2/3 - x > 0", "jump": "-1/2", "ratio": ratio, "shift": other, "facing": facing},
    ]
    return family([(0, "1/8", "1/100")], response=TWO, ramps=ramps, width=4, dimension=4, neurons=4, target="x**2")


def test_the_free_affine_part() -> None:
    assert audit(free()).verdict == "valid"
    for broken in (free(shift="0"), free(other="0"), free(facing="same"), free(ratio="2"), free(shift="x/3 + x/1000")):
        found = audit(broken)
        assert found.verdict == "invalid" and "claim.neurons" in found.reason
    wide = changed(changed(free(facing="same"), "claim.neurons", 5), "problem.network.width", 5)
    assert audit(wide).verdict == "valid"  # one neuron more pays for the affine part


BROKEN: dict[str, tuple[str, Any]] = {
    "more neurons": ("claim.neurons", 3),
    "fewer neurons": ("claim.neurons", 1),
    "another dimension": ("claim.dimension", 3),
    "a narrower network": ("problem.network.width", 1),
    "another jump": ("ramps.0.jump", "2"),
    "another place": ("ramps.0.where", "x - 2/5 > 0"),
    "the other side": ("ramps.0.where", "x - 1/2 < 0"),
    "another scale": ("ramps.0.where", "2*x - 1 > 0"),
    "no ratio": ("ramps.0.ratio", "0"),
    "a negative ratio": ("ramps.0.ratio", "-1"),
    "another facing": ("ramps.0.facing", "both"),
    "no ramps": ("ramps", []),
    "a ramp twice": ("ramps", [RAMP, RAMP]),
    "no response": ("response.halfspaces", []),
    "a kappa that is a float": ("claim.kappa", 1.0),
    "an unknown key": ("claim.note", "x"),
    "the same half-space twice": ("response.halfspaces", [{"where": "x > 1/2", "jump": "1/2"}] * 2),
    "a half-space outside": ("response.halfspaces", [*STEP["halfspaces"], {"where": "x > 2", "jump": "1"}]),
    "a negative density": ("problem.density.expression", "x - 1/10"),
    "an undefined target": ("problem.target.expression", "x + log(x - 1/100)*0"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_near_misses(name: str) -> None:
    path, value = BROKEN[name]
    good = family(GOOD)
    if path == "claim.note":
        good["claim"] = {**good["claim"], "note": "x"}
        broken = seal(good)
    else:
        broken = changed(good, path, value)
    assert audit(broken).verdict == "invalid"


def test_the_digest() -> None:
    stale = copy.deepcopy(family(GOOD))
    stale["claim"]["kappa"] = "2"
    assert audit(stale).verdict == "invalid"


def plane(jump: str, cover: list[tuple[Any, Any, Any]], **more: Any) -> dict[str, Any]:
    response = {"affine": "0", "halfspaces": [{"where": "x + y - 1 > 0", "jump": jump}]}
    ramps = [{"where": "x + y - 1 > 0", "jump": jump, "ratio": "1", "shift": "0", "facing": "same"}]
    table = {"domain": SQUARE, "response": response, "ramps": ramps, "architecture": "residual", "target": "x*y"}
    return family(cover, **{**table, **more})


def test_the_plane() -> None:
    # the limit is (1/sqrt 2) int |J|^3/3 dsigma = int_0^1 |J(1 - y, y)|^3/3 dy: 1/3, and (1/24)(82/16) for 3/2 - 2y
    cover = [(0, "1/4", "1/100")]
    assert audit(plane("1", cover, first_order={"lower": "0.333", "upper": "0.334"})).verdict == "valid"
    assert audit(plane("1", cover, first_order={"lower": "0.334", "upper": "0.335"})).verdict == "invalid"
    assert audit(plane("3/2 - 2*y", cover, first_order={"lower": "0.213", "upper": "0.214"})).verdict == "valid"
    assert audit(plane("1", [(0, "1/4", "0.34")])).verdict == "invalid"


def across(jump: str, target: str, cover: list[tuple[Any, Any, Any]], **more: Any) -> dict[str, Any]:
    """A jump at x = 1/2 in the square."""
    where = "x - 1/2 > 0"
    response = {"affine": "0", "halfspaces": [{"where": where, "jump": jump}]}
    ramps = [{"where": where, "jump": jump, "ratio": "1", "shift": "0", "facing": "same"}]
    return plane(jump, cover, response=response, ramps=ramps, target=target, **more)


@pytest.mark.parametrize(("density", "near"), [("1", "1/50"), ("exp(y)", "1/8"), ("y*(1 - y)", "1/8")])
def test_a_jump_that_changes_its_sign(density: str, near: str) -> None:
    """For J = y - 1/3, f = x J it is gain = kappa/3 int h |J|^3 dy - kappa^2/3 int h J^4 dy, as on the line."""

    def moment(p: int) -> Any:
        weight = {"1": lambda y: 1, "exp(y)": mpmath.exp, "y*(1 - y)": lambda y: y * (1 - y)}[density]
        return mpmath.quad(lambda y: weight(y) * abs(y - mpmath.mpf(1) / 3) ** p, [0, mpmath.mpf(1) / 3, 1]) / 3

    low, high = Fraction(2, 5), Fraction(1, 2)
    truth = Fraction(str(mpmath.nstr(moment(3) - moment(4) * mpmath.mpf(high.numerator) / high.denominator, 12)))
    limit = Fraction(str(mpmath.nstr(moment(3), 12)))
    start = [(0, low, truth / 2)]
    first = {"lower": str(limit * Fraction(999, 1000)), "upper": str(limit * Fraction(1001, 1000))}
    more: dict[str, Any] = {"density": density, "first_order": first}
    below = [*start, (low, high, truth * (1 - Fraction(near)))]
    above = [*start, (low, high, truth * (1 + Fraction(near)))]
    assert audit(across("y - 1/3", "x*(y - 1/3)", below, **more)).verdict == "valid"
    found = audit(across("y - 1/3", "x*(y - 1/3)", above, **more))
    assert found.verdict == "invalid" and "claim.cover[1]" in found.reason
    wrong = {"lower": str(limit * Fraction(1001, 1000)), "upper": str(limit * Fraction(1003, 1000))}
    assert audit(across("y - 1/3", "x*(y - 1/3)", below, **{**more, "first_order": wrong})).verdict == "invalid"


LOSSES: list[tuple[dict[str, Any], Any]] = [
    ({"kind": "absolute"}, abs),
    ({"kind": "huber", "delta": "1/4"}, lambda r: r * r / 2 if abs(r) <= 0.25 else (abs(r) - 0.125) / 4),
    ({"kind": "logcosh"}, lambda r: mpmath.log(mpmath.cosh(r))),
    ({"kind": "power", "exponent": "4"}, lambda r: r**4),
    ({"kind": "power", "exponent": "3/2"}, lambda r: abs(r) ** mpmath.mpf("1.5")),
]


@pytest.mark.parametrize(("loss", "value"), LOSSES, ids=[str(loss) for loss, _ in LOSSES])
def test_losses_in_the_plane(loss: dict[str, Any], value: Any) -> None:
    """For J = 1 and f = 1/2 + (y - 1/2)/5 gain / kappa is the same for all kappas up to 1/2."""

    def won(y: Any) -> Any:
        off = (y - 0.5) / 5
        ends = value(0.5 - off) + value(-0.5 - off)
        return ends - mpmath.quad(lambda w: value(w / 2 - off), [-1, -0.5 + 2 * off, 2 * off, 0.5 + 2 * off, 1])

    truth = Fraction(str(mpmath.nstr(mpmath.quad(won, [0, 0.5, 1]), 9)))
    target = "1/2 + (y - 1/2)/5"
    for factor, verdict in ((Fraction(9, 10), "valid"), (Fraction(11, 10), "invalid")):
        cover = [(0, Fraction(1, 4), truth * factor), (Fraction(1, 4), Fraction(1, 2), truth * factor)]
        assert audit(across("1", target, cover, loss=loss)).verdict == verdict


def test_gaps_in_a_cover_in_the_plane() -> None:
    cover = [(0, "1/10", "1/100"), ("1/10", "1/5", "1/100")]
    assert audit(across("y - 1/3", "x*(y - 1/3)", cover)).verdict == "valid"
    for gap in ([cover[0], ("1/9", "1/5", "1/100")], cover[1:], [("1/1000", "1/10", "1/100"), cover[1]]):
        assert audit(across("y - 1/3", "x*(y - 1/3)", gap)).verdict == "invalid"


def test_beyond_the_end_in_the_plane() -> None:
    # f = 3 x J - J: gain / kappa = 17/972 - 3 kappa 11/1215 up to kappa = 3/4, where it is < 0 beyond 0.644
    cover = [(0, "1/2", "1/1000")]
    assert audit(across("y - 1/3", "(3*x - 1)*(y - 1/3)", cover)).verdict == "valid"
    beyond = [*cover, ("1/2", "3/4", "1/100000000")]
    assert audit(across("y - 1/3", "(3*x - 1)*(y - 1/3)", beyond)).verdict == "invalid"


def half(domain: dict[str, Any], cover: list[tuple[Any, Any, Any]], **more: Any) -> dict[str, Any]:
    """A jump by 1 at x = 0, the target 1/2: gain / kappa = int (1 - w^2)/4 A(kappa w) dw, A the size of a section."""
    where = f"{domain['variables'][0]} > 0"
    response = {"affine": "0", "halfspaces": [{"where": where, "jump": "1"}]}
    ramps = [{"where": where, "jump": "1", "ratio": "1", "shift": "0", "facing": "same"}]
    return plane("1", cover, domain=domain, response=response, ramps=ramps, target="1/2", **more)


def disc(center: str = "0") -> dict[str, Any]:
    return {"ball": {"center": [center, "0"], "radius": "1"}}


SHAPES: dict[str, tuple[dict[str, Any], Any]] = {
    "disc": ({"variables": ["x", "y"], **disc()}, lambda x: 2 * mpmath.sqrt(1 - x * x)),
    "union": (
        {"variables": ["x", "y"], "union": [{"box": [["-1", "0"], ["0", "1"]]}, {"box": [["-1", "1"], ["1/2", "2"]]}]},
        lambda x: 2 if x < 0 else 1.5,
    ),
    "disc and triangle": (
        {"variables": ["x", "y"], "union": [disc(), {"vertices": [["-1", "1"], ["1", "1"], ["0", "2"]]}]},
        lambda x: 2 * mpmath.sqrt(1 - x * x) + 1 - abs(x),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_balls_and_unions(name: str) -> None:
    domain, section = SHAPES[name]

    def rate(kappa: Fraction) -> Fraction:
        k = mpmath.mpf(kappa.numerator) / kappa.denominator
        return Fraction(str(mpmath.nstr(mpmath.quad(lambda w: (1 - w * w) / 4 * section(k * w), [-1, 0, 1]), 12)))

    low, high = Fraction(1, 4), Fraction(1, 2)  # the rates fall, or stay
    below, above = (Fraction(7, 8), Fraction(9, 8)) if name in ("disc", "union") else (Fraction(1, 2), Fraction(2))
    start = (Fraction(0), low, rate(low) / 4)
    assert audit(half(domain, [start, (low, high, rate(high) * below)])).verdict == "valid"
    found = audit(half(domain, [start, (low, high, rate(low) * above)]))
    assert found.verdict == "invalid" and "claim.cover[1]" in found.reason
    assert audit(half(domain, [(Fraction(0), low, rate(Fraction(1, 10**9)) * above)])).verdict == "invalid"


def test_a_ball_that_overlaps_another_shape_is_left_alone() -> None:
    domain = {"variables": ["x", "y"], "union": [disc(), disc("1")]}
    assert audit(half(domain, [(0, "1/8", "1/100")])).verdict == "undecided"


def test_a_union_on_the_line_and_an_end_of_the_domain_within_the_ramps() -> None:
    # [2/5, 1/2] u [1/2, 3/5] and a far piece that no ramp reaches: as the identity on [2/5, 3/5]
    pieces = [{"box": [["2/5", "1/2"]]}, {"box": [["1/2", "3/5"]]}, {"box": [["5", "6"]]}]
    domain = {"variables": ["x"], "union": pieces}

    def rate(k: Fraction) -> Fraction:
        """N - f = (x - 1/2) (1/(2k) - 1) within, R - f = +-1/2 - (x - 1/2), over |x - 1/2| < a = 1/10 < k."""
        a = Fraction(1, 10)
        return (2 * (Fraction(1, 4) * a - a**2 / 2 + a**3 / 3) - 2 * a**3 / 3 * (1 / (2 * k) - 1) ** 2) / k

    low, high = Fraction(3, 10), Fraction(2, 5)
    start = [(0, "1/10", "1/20"), ("1/10", "3/10", "1/100")]
    below, above = rate(high) * Fraction(99, 100), rate(high) * Fraction(101, 100)
    assert audit(family([*start, (low, high, below)], domain=domain)).verdict == "valid"
    assert audit(family([*start, (low, high, above)], domain=domain)).verdict == "invalid"


def test_hostile_numbers_end_soon() -> None:
    tiny = Fraction(1, 10**300)
    assert audit(family([(0, tiny, "1/4")])).verdict == "valid"
    start = time.process_time()
    long = [(0, "1/4", "1/5"), ("1/4", 5, "1/400")]  # gain/kappa is 19/6000 at the end
    assert audit(family(long)).verdict == "valid"
    assert time.process_time() - start < 20
