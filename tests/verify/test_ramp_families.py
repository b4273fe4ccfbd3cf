"""Families of ramps: rates against gains that are computed one by one, limits against closed forms."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from math import sqrt
from typing import Any

import pytest

from proofs.ramp import stages
from proofs.ramp_family import RampFamily
from verify import Problem, audit, certify
from verify.auditor import Audit
from verify.certificates import schema_path, sealed
from verify.certification import Certificate
from verify.cli import main
from verify.gain import excess_integrals, pieces
from verify.integration import Deadline, Integrator
from verify.ramp_families import FamilyProof
from verify.ramp_families.document import family_document
from verify.ramp_families.exact import ExactGain
from verify.ramp_families.line import LineGain
from verify.ramp_families.space import SpatialGain

STEP = {"affine": "0", "halfspaces": [{"where": "x - 1/2 > 0", "jump": "1"}]}


def line(target: str = "x", **more: Any) -> Problem:
    table: dict[str, Any] = {"domain": {"variables": ["x"], "box": [["0", "1"]]}, "width": 2, "response": STEP}
    return Problem(**{**table, "target": target, **more})


def plane(**more: Any) -> Problem:
    table: dict[str, Any] = {
        "domain": {"variables": ["x", "y"], "box": [["0", "1"], ["0", "1"]]}, "target": "x*y", "width": 2,
        "architecture": "residual",
        "response": {"affine": "0", "halfspaces": [{"where": "x + y/3 - 1/2 > 0", "jump": "1"}]},
    }  # fmt: skip
    return Problem(**{**table, **more})


def audited(found: Certificate, proof: FamilyProof) -> Audit:
    return audit(family_document(found.result, proof))


def member(problem: Problem, family: RampFamily, kappa: Fraction) -> Fraction:
    """gain / kappa of one member, by the integrals of `certify`."""
    responses = stages(family.construction, family.ramps(kappa))
    integrals = excess_integrals(problem, pieces(problem), responses[0], responses[-1])
    return Integrator(problem.variables, Deadline(20.0)).enclose(integrals, 5).upper / kappa


def holds(problem: Problem, proof: FamilyProof) -> None:
    """The cover is complete, and its rates hold at random members."""
    source, reached = random.Random(5), Fraction(0)
    assert proof.family is not None
    for stretch in proof.cover:
        assert stretch.low == reached < stretch.high and stretch.rate > 0
        reached = stretch.high
        for weight in (Fraction(1), Fraction(1, 10**6), Fraction(source.randint(1, 999), 1000)):
            kappa = stretch.low + (stretch.high - stretch.low) * weight
            assert member(problem, proof.family, kappa) >= stretch.rate
    assert reached == proof.kappa


def test_the_closed_example() -> None:
    found = certify(line())
    proof = found.family()
    assert proof.verdict == "proved" and proof.kappa == 1
    assert isinstance(proof.cover[0].rate, Fraction) and proof.cover[0].rate <= Fraction(1, 3)
    holds(line(), proof)
    assert audited(found, proof).verdict == "valid"


def test_gains_of_the_closed_example_are_the_polynomials_of_the_text() -> None:
    problem = line()
    found = certify(problem)
    family = found.family().family
    assert family is not None
    gain = ExactGain(problem, family, pieces(problem), Deadline(20.0))
    free = Deadline(None)
    # kappa^2 gain = kappa^3/3 - kappa^4/3 while the ramp lies inside
    assert gain.breaks[:2] == [0, Fraction(1, 2)]
    assert [str(c) for c in gain.polynomial(0).coeffs()] == ["0", "0", "0", "1/3", "-1/3"]
    assert gain.proves(Fraction(0), Fraction(1, 2), Fraction(1, 6), free)
    assert not gain.proves(Fraction(0), Fraction(1, 2), Fraction(1, 6) + Fraction(1, 10**12), free)
    # afterwards err = (1 - 1/(2 kappa))^2/12
    assert gain.proves(Fraction(1, 2), Fraction(1000), Fraction(1, 13 * 10**6), free)
    assert not gain.proves(Fraction(1, 2), Fraction(1000), Fraction(1, 12 * 10**6), free)


LIMIT = (3 + sqrt(5)) / 20
"""The target is the ramp of kappa = c = 1/10. With q = kappa/c > 1 err(N)/err(R) = (q - 1)^2/q: q < LIMIT/c wins."""


def test_the_family_ends_where_it_stops_to_win() -> None:
    problem = line("Min(1, Max(0, 5*x - 2))")
    found = certify(problem)
    proof = found.family()
    assert proof.kappa is not None and 0.9 * LIMIT < proof.kappa < LIMIT
    holds(problem, proof)
    assert audited(found, proof).verdict == "valid"
    inside, beyond = Fraction(round(LIMIT * 0.995 * 10**6), 10**6), Fraction(round(LIMIT * 1.005 * 10**6), 10**6)
    closer = found.family(kappa=inside)
    assert closer.kappa == inside
    assert audited(found, closer).verdict == "valid"
    assert found.family(kappa=beyond).verdict == "undecided"


LOSSES = [
    {"kind": "absolute"}, {"kind": "logcosh"}, {"kind": "logistic"}, {"kind": "poisson"},
    {"kind": "huber", "delta": "1/3"}, {"kind": "pinball", "level": "1/3"}, {"kind": "power", "exponent": "3/2"},
    {"kind": "power", "exponent": "4"}, {"kind": "expression", "expression": "(y - f)**2 + exp(y - x)"},
]  # fmt: skip


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: f"{loss['kind']}-{loss.get('exponent', '')}")
def test_every_loss_on_the_line(loss: dict[str, Any]) -> None:
    problem = line("1/4 + x/3", loss=loss)
    found = certify(problem)
    proof = found.family()
    assert proof.verdict == "proved" and proof.kappa is not None and proof.kappa >= 1
    holds(problem, proof)
    assert audited(found, proof).verdict == "valid"


@pytest.mark.parametrize("seed", range(2))
def test_random_analytic_data_and_two_jumps(seed: int) -> None:
    pick = random.Random(seed)
    number = lambda: str(Fraction(pick.choice([-1, 1]) * pick.randint(2, 9), 6))  # noqa: E731
    jumps = [
        {"where": "x - 1/3 > 0", "jump": number()},
        {"where": "x - 2/3 < 0", "jump": f"{number()} + x/6"},
    ]
    architecture, affine = pick.choice([("feedforward", "x/3"), ("residual", "1 - x")])
    problem = line(
        "sin(3*x) + Abs(x - 1/2)", density="exp(-x)", width=4, architecture=architecture,
        response={"affine": affine, "halfspaces": jumps},
    )  # fmt: skip
    found = certify(problem)
    proof = found.family()
    assert proof.verdict == "proved", proof.reason
    holds(problem, proof)
    assert audited(found, proof).verdict == "valid"


def test_both_routes_agree_on_polynomials() -> None:
    problem = line("3*x**2 - 2*x", density="1 + x")
    family = certify(problem).family().family
    assert family is not None
    routes = (ExactGain(problem, family, pieces(problem), Deadline(30.0)), LineGain(problem, family, pieces(problem)))
    for low, high in ((Fraction(0), Fraction(1, 4)), (Fraction(1, 4), Fraction(3, 4)), (Fraction(3, 4), Fraction(2))):
        truth = min(routes[0].gain(low + (high - low) * Fraction(i, 20)) / (low + (high - low) * Fraction(i, 20))
                    for i in range(1, 21))  # fmt: skip
        for route in routes:
            assert route.proves(low, high, truth * Fraction(9, 10), Deadline(None))
            assert not route.proves(low, high, truth * Fraction(21, 20), Deadline(None))


def test_the_plane_with_one_jump_and_with_two_that_cross() -> None:
    two = [{"where": "x + y/3 - 1/2 > 0", "jump": "1"}, {"where": "x - y > 0", "jump": "1/2"}]
    for problem in (plane(), plane(width=4, response={"affine": "0", "halfspaces": two})):
        found = certify(problem)
        proof = found.family(kappa=Fraction(1, 8))
        assert proof.verdict == "proved", proof.reason
        holds(problem, proof)
        assert audited(found, proof).verdict == "valid"


SPATIAL: dict[str, dict[str, Any]] = {
    "affine": {"jump": "1 + y/2"},
    "affine, of both signs, analytic": {"jump": "y - 1/3", "target": "sin(x + y)"},
    "analytic density": {"density": "exp(-x*y)", "target": "exp(x*y)"},
    "the density vanishes at the rim": {"jump": "1 + y/2", "density": "y*(1 - y)"},
    "absolute": {"target": "1/4 + x/3", "loss": {"kind": "absolute"}},
    "huber": {"end": "1/20", "loss": {"kind": "huber", "delta": "1/3"}},
    "logcosh": {"end": "1/20", "jump": "1 + y/2", "loss": {"kind": "logcosh"}},
    "power 4": {"jump": "1 + y/2", "loss": {"kind": "power", "exponent": "4"}},
    "a triangle": {
        "jump": "1 + y/2", "domain": {"variables": ["x", "y"], "vertices": [["0", "0"], ["1", "0"], ["0", "1"]]}
    },
    "a union": {
        "domain": {"variables": ["x", "y"], "union": [{"box": [["0", "1"]] * 2}, {"box": [["1/2", "2"], ["0", "1/2"]]}]}
    },
    "jumps of 1e-9": {"end": "1e8", "jump": "1e-9*(1 + y)", "target": "1e-9*(1 + y)*x"},
    "jumps of 1e9": {"end": "1e-10", "jump": "1e9*(1 + y)", "target": "1e9*(1 + y)*x"},
    "space": {
        "end": "1/20",
        "jump": "1 + z/2", "target": "exp(x - z)",
        "domain": {"variables": ["x", "y", "z"], "box": [["0", "1"]] * 3},
    },
}  # fmt: skip


def beyond(jump: str = "1", **more: Any) -> Problem:
    """One jump in the plane or in space, beyond constant jumps, polynomials and even powers."""
    return plane(response={"affine": "0", "halfspaces": [{"where": "x + y/3 - 1/2 > 0", "jump": jump}]}, **more)


@pytest.mark.parametrize("name", SPATIAL)
def test_the_plane_and_space_beyond_exact_gains(name: str) -> None:
    data = dict(SPATIAL[name])
    end = Fraction(data.pop("end", "1/8"))
    problem = beyond(**data)
    found = certify(problem)
    proof = found.family(kappa=end)
    assert proof.verdict == "proved", proof.reason
    assert proof.kappa == end
    holds(problem, proof)
    document = family_document(found.result, proof)
    assert audit(document).verdict == "valid"
    limit = proof.first_order and proof.first_order.value
    assert limit is not None and 0 < proof.cover[0].rate < limit.lower
    cover = document["claim"]["cover"]
    cover[0]["rate"] = str(limit.upper * Fraction(21, 20))  # gain / kappa tends to less
    assert audit(sealed("domination-family", document)).verdict == "invalid"


def test_the_end_is_searched_for_in_the_plane() -> None:
    problem = beyond("y - 1/3")
    proof = certify(problem).family()
    assert proof.verdict == "proved" and proof.kappa is not None and proof.kappa > Fraction(1, 2)
    holds(problem, proof)


MEMBERS = {
    "constant": ("1", "1", "1"),
    "affine": ("1 + y/2", "exp(x - y)", "1 + x"),
    "of both signs": ("y - 1/3", "sin(3*x*y)", "exp(y)"),
}


@pytest.mark.parametrize("name", MEMBERS)
def test_bounds_for_intervals_of_kappas_are_below_all_members_and_near_their_least(name: str) -> None:
    """Members are integrated in x, by exact cells; the bounds in the coordinates of the blow-up."""
    jump, target, density = MEMBERS[name]
    two = [{"where": "x + y/3 - 1/2 > 0", "jump": jump}, {"where": "x - y > 0", "jump": "1/2"}]
    for halfspaces in (two[:1], two):
        problem = plane(target=target, density=density, width=4, response={"affine": "y/2", "halfspaces": halfspaces})
        found = certify(problem).result
        assert found.construction is not None
        family = RampFamily.through(found.construction, found.ramps)
        gain = SpatialGain(problem, family, pieces(problem), Deadline(60.0))
        for low, high in (("1/10", "1/10"), ("3/2", "3/2"), ("0", "1/100"), ("1/10", "3/25"), ("1", "21/20")):
            u, v = Fraction(low), Fraction(high)
            least = gain.least(u, v, Fraction(1, 50))
            truth = [member(problem, family, k) for k in {v, (u + 3 * v) / 4, (u + 99 * v) / 100, (99 * u + v) / 100}]
            near = Fraction(1, 100) if u == v else 1 + max(map(abs, truth))
            assert least is not None and min(truth) - near < least <= min(truth)


DISC = {"ball": {"center": ["1/2", "1/2"], "radius": "1"}}
ROUND: dict[str, dict[str, Any]] = {
    "analytic": {"jump": "1 + y/2", "target": "exp(x)*cos(y)"},
    "the density vanishes at the rim": {"density": "1 - (x - 1/2)**2 - (y - 1/2)**2"},
    "and a box": {"domain": {"variables": ["x", "y"], "union": [DISC, {"box": [["3/2", "2"], ["0", "1"]]}]}},
}


@pytest.mark.parametrize("name", ROUND)
def test_discs(name: str) -> None:
    problem = beyond(**{"domain": {"variables": ["x", "y"], **DISC}, **ROUND[name]})
    found = certify(problem)
    proof = found.family(kappa=Fraction(1, 8))
    assert proof.verdict == "proved" and proof.family is not None, proof.reason
    holds(problem, proof)
    document = family_document(found.result, proof)
    assert audit(document).verdict == "valid"
    claim = document["claim"]["cover"][-1]
    claim["rate"] = str(member(problem, proof.family, Fraction(claim["to"])) * Fraction(9, 8))
    assert audit(sealed("domination-family", document)).verdict == "invalid"


@pytest.mark.parametrize("ends", [("0", "1/100"), ("1/2", "1/2"), ("1/2", "3/5")])
@pytest.mark.parametrize("jump", ["1", "1e-9", "1e9"])
def test_bounds_on_a_disc(ends: tuple[str, str], jump: str) -> None:
    """A jump by J at x = 0, the target J/2: gain / kappa = J^3 int (1 - w^2)/2 (1 - k^2 w^2)^(1/2) dw, k = kappa J."""
    halfspaces, size = [{"where": "x > 0", "jump": jump}], Fraction(jump)
    domain = {"variables": ["x", "y"], "ball": {"center": ["0", "0"], "radius": "1"}}
    problem = plane(domain=domain, target=str(size / 2), response={"affine": "0", "halfspaces": halfspaces})
    found = certify(problem).result
    assert found.construction is not None
    family = RampFamily(found.construction, (Fraction(1),), (found.construction.response.affine * 0,))
    gain = SpatialGain(problem, family, pieces(problem), Deadline(60.0))
    low, high = map(Fraction, ends)
    least = gain.least(low / size, high / size, size**3 / 50)
    k, n = float(high), 20_000
    ws = [(i + 0.5) / n for i in range(n)]
    truth = sum((1 - w * w) * sqrt(1 - k * k * w * w) for w in ws) / n
    assert least is not None and truth - 0.1 - (k - float(low)) / 2 < float(least / size**3) < truth


UNDECIDED = {
    "the density vanishes at the jump": line(density="(2*x - 1)**2"),
    "it does so in the plane": beyond(density="(x + y/3 - 1/2)**2"),
    "a function that is not offered on arrays": beyond(target="asin(x*y/2)"),
}


@pytest.mark.parametrize("name", UNDECIDED)
def test_what_stays_undecided_has_a_reason(name: str) -> None:
    proof = certify(UNDECIDED[name]).family()
    assert proof.verdict == "undecided" and proof.reason and not proof.cover


def test_shifts_by_which_thin_ramps_lose_are_seen_through() -> None:
    # with every kappa larger than 1/4 the best shift is no good for thin ramps; the family falls back on e = 0
    problem = line("x + 4*(x - 1/2)**3", density="1 + 100*(x - 1/2)**2")
    proof = certify(problem).family()
    assert proof.verdict == "proved"
    holds(problem, proof)


def test_the_command(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "family.json"
    assert main(["certify", "--family", "example:step-identity", "-o", str(path), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["family"]["verdict"] == "proved" and answer["family"]["kappa"] == "1"
    assert answer["certificate"] == str(path) and answer["verdict"] == "dominated"
    assert answer["family"]["ramps"][0]["facing"] == "same"
    document = json.loads(path.read_text("utf-8"))
    import jsonschema

    jsonschema.validate(document, json.loads(schema_path().read_text("utf-8")))
    assert main(["audit", str(path)]) == 0
    capsys.readouterr()
    assert main(["certify", "example:step-identity", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["family"] is None
    other = tmp_path / "none.json"
    assert main(["certify", "--family", "--kappa", "1/100", "example:gap", "-o", str(other)]) == 3
    assert not other.exists() and "FAMILY UNDECIDED" in capsys.readouterr().out


def test_the_command_in_the_plane(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    problem, path = tmp_path / "affine.toml", tmp_path / "affine.json"
    problem.write_text(
        """name = "affine"
[domain]
variables = ["x", "y"]
box = [["0", "1"], ["0", "1"]]
[target]
expression = "sin(x + y)"
[loss]
kind = "squared"
[network]
architecture = "residual"
width = 2
[response]
affine = "0"
[[response.halfspaces]]
where = "x + y/3 - 1/2 > 0"
jump = "y - 1/3"
"""
    )
    assert main(["certify", "--family", str(problem), "-o", str(path)]) == 0
    assert "PROVED for a whole family" in capsys.readouterr().out
    assert main(["audit", str(path)]) == 0
