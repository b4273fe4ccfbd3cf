"""Certificates in two and three variables, near-misses of them, and the geometry against closed forms."""

from __future__ import annotations

import json
import tomllib
from fractions import Fraction
from functools import partial
from typing import Any

import mpmath
import pytest

from tests.auditor.builder import changed, seal
from verify import Problem, certify
from verify.auditor import Audit, audit_text
from verify.auditor.affine import Affine, Shape
from verify.auditor.domains import check_defined, check_sign
from verify.auditor.evaluate import Evaluation
from verify.auditor.expressions import evaluate
from verify.auditor.forms import monomials
from verify.auditor.grammar import parse
from verify.auditor.integrate import Integral
from verify.auditor.signs import Piece
from verify.auditor.simplices import Point, centre, cut_all, hull, integral, union, volume
from verify.auditor.verdicts import Effort, InvalidError, UndecidedError

SQUARE = 'box = [["0", "1"], ["0", "1"]]'
CUBE = 'box = [["0", "1"], ["0", "1"], ["0", "1"]]'


def certificate(
    target: str, where: str, jump: str, domain: str = SQUARE, density: str = "1", loss: str = "squared", width: int = 2
) -> dict[str, Any]:
    names = '["x", "y", "z"]' if domain == CUBE else '["x", "y"]'
    halfspaces = "".join(f'[[response.halfspaces]]\nwhere = "{w}"\njump = "{jump}"\n' for w in where.split(";"))
    text = f"""
        name = "several variables"
        domain = {{ variables = {names}, {domain} }}
        density = {{ expression = "{density}" }}
        target = {{ expression = "{target}" }}
        loss = {{ kind = "{loss}" }}
        network = {{ architecture = "residual", width = {width} }}
        [response]
        affine = "0"
        {halfspaces}"""
    return certify(Problem.from_mapping(tomllib.loads(text))).document()


def audit(data: dict[str, Any]) -> Audit:
    return audit_text(json.dumps(data))


PLANE = {
    "polynomial": partial(certificate, "x*y", "x + y - 1 > 0", "1/2"),
    "cubic": partial(certificate, "x**3 - 2*x*y", "x + y - 1 > 0", "x/3 - 1/2"),
    "analytic": partial(certificate, "sin(x*y)*exp(x)", "x + y - 1 > 0", "1"),
    "density": partial(certificate, "x*y", "x - y > 0", "1/2", density="exp(-x**2 - y**2)"),
    "switches": partial(certificate, "Abs(x - y)", "x + y - 1 > 0", "1/2", density="Max(x, 1/3)"),
    "triangle": partial(
        certificate, "x*y", "x + y - 1/2 > 0", "1/2", 'vertices = [["0", "0"], ["1", "0"], ["0", "1"]]'
    ),
    "union": partial(
        certificate,
        "x*y",
        "x + y - 1 > 0",
        "1",
        'union = [{ box = [["0", "1"], ["0", "1"]] }, { box = [["1/2", "3/2"], ["1/2", "1"]] }]',
    ),
    "two jumps": partial(certificate, "x + y", "x - 1/3 > 0;y - 1/2 > 0", "1", width=4),
    "logistic": partial(certificate, "x*y", "x + y - 1 > 0", "1/2", loss="logistic", density="2"),
    "space": partial(certificate, "x*y*z", "x + y + z - 3/2 > 0", "1/2", CUBE),
}


@pytest.mark.parametrize("name", PLANE)
def test_valid(name: str) -> None:
    result = audit(PLANE[name]())
    assert result.verdict == "valid", result


@pytest.fixture(scope="module", params=["cubic", "analytic"])
def data(request: pytest.FixtureRequest) -> dict[str, Any]:
    return PLANE[request.param]()


@pytest.mark.parametrize(
    "path, value, word",
    [
        ("ramps.0.kappa", "1/3", "network: around"),
        ("ramps.0.shift", "1/1000000", "network: around"),
        ("ramps.0.jump", "x/3 - 1/2 + y/1000000", "jump"),
        ("ramps.0.where", "x + y - 1 - 1/1000000 > 0", "boundary"),
        ("network.affine", "x/1000000", "network: around"),
        ("network.offset", "1/1000000", "network: around"),
        ("network.neurons.0.weights", ["1", "1000001/1000000"], "network: around"),
        ("network.neurons.1.bias", "-1/7", "network: around"),
        ("network.neurons.1.weights", ["1"], "weights"),
        ("problem.target.expression", "x*y + 1/1000", "claim"),
        ("problem.density.expression", "1 + x*y/1000", "claim"),
        ("problem.density.expression", "x - 1/10", "a negative value"),
        ("problem.target.expression", "log(x + y)", "the logarithm of a number <= 0 at (0, 0)"),
        ("problem.target.expression", "1/(x - y)", "a division by 0"),
        ("problem.domain.box", [["0", "1"], ["0", "1001/1000"]], "claim"),
        ("problem.network.width", 1, "width"),
    ],
)
def test_near_misses(data: dict[str, Any], path: str, value: Any, word: str) -> None:
    result = audit(changed(data, path, value))
    assert result.verdict == "invalid" and word in result.reason, result


def test_every_claim_moved_off_the_value(data: dict[str, Any]) -> None:
    for key in ("response_risk", "network_risk", "gain", "ramp_gains.0"):
        entry: Any = data["claim"]
        for part in key.split("."):
            entry = entry[int(part)] if part.isdigit() else entry[part]
        low, high = Fraction(entry["lower"]), Fraction(entry["upper"])
        for shift in (high - low, low - high):
            moved = {"lower": str(low + shift), "upper": str(high + shift)}
            result = audit(changed(data, f"claim.{key}", moved))
            assert result.verdict == "invalid" and key.split(".")[0] in result.reason, result


def test_the_claims_of_a_cube_are_not_those_of_a_ball() -> None:
    data = certificate("x*y*z", "x + y + z - 1 > 0", "1/2", domain=CUBE)
    data["problem"]["domain"] = {"variables": ["x", "y", "z"], "ball": {"center": ["0", "0", "0"], "radius": "2"}}
    result = audit(seal(data))
    assert result.verdict == "invalid" and "claim." in result.reason


def box(n: int, low: Any = 0, high: Any = 1) -> Shape:
    return Shape("box", ((Fraction(low),) * n, (Fraction(high),) * n))


@pytest.mark.parametrize("n", [2, 3, 4])
def test_volumes(n: int) -> None:
    def total(simplices: list[tuple[Point, ...]]) -> Fraction:
        return sum(map(volume, simplices), Fraction(0))

    cube = union(Effort(), [box(n)])
    assert total(cube) == 1
    half = Fraction(1, 2)
    assert total(union(Effort(), [box(n), box(n, half, 3 * half)])) == 2 - half**n
    assert total(union(Effort(), [box(n), box(n), box(n, 1, 2), box(n, half, Fraction(3, 4))])) == 2
    corner = Affine((Fraction(1),) * n, -half)  # cuts off the simplex sum x_i < 1/2
    diagonal = Affine((Fraction(1), Fraction(-1), *(Fraction(0),) * (n - 2)), Fraction(0))
    cells = cut_all(Effort(), cube, [corner, diagonal])
    assert total(cells) == 1
    small = [c for c in cells if corner.value(centre(c)) < 0 and diagonal.value(centre(c)) > 0]
    assert total(small) * 2 == half**n / [1, 1, 2, 6, 24][n]
    assert all(not min(map(f.value, c)) < 0 < max(map(f.value, c)) for c in cells for f in (corner, diagonal))


def test_hull_of_points_some_of_which_are_not_extreme() -> None:
    points = [(1, 0), (0, 1), (Fraction(1, 2), Fraction(1, 2)), (-1, 0), (0, 0), (0, -1), (1, 0)]
    assert sum(map(volume, hull(Effort(), [(Fraction(a), Fraction(b)) for a, b in points]))) == 2


@pytest.mark.parametrize("n", [2, 3, 4])
def test_integrals_of_polynomials(n: int) -> None:
    cells = cut_all(Effort(), union(Effort(), [box(n)]), [Affine((Fraction(2),) * n, Fraction(-1))])
    for exponents in [(0, 0), (1, 2), (3, 1), (2, 5), (6, 0)]:
        node = parse(f"x**{exponents[0]}*y**{exponents[1]} + x - x", ["x", "y", "z", "w"][:n])
        assert node.degree == max(sum(exponents), 1)
        found = sum(integral(Effort(), c, node.degree, partial(evaluate, node)) for c in cells)
        assert found == Fraction(1, (exponents[0] + 1) * (exponents[1] + 1))


@pytest.mark.parametrize(
    "text, f",
    [
        ("exp(x*y - z)", lambda x, y, z: mpmath.exp(x * y - z)),
        ("sin(3*x + y**2)/(1 + z)", lambda x, y, z: mpmath.sin(3 * x + y**2) / (1 + z)),
        ("tanh(x - y*z) + sqrt(1 + x*z)", lambda x, y, z: mpmath.tanh(x - y * z) + mpmath.sqrt(1 + x * z)),
        ("erf(x*z) + atan(y + x)", lambda x, y, z: mpmath.erf(x * z) + mpmath.atan(y + x)),
        ("cosh(x)*cos(y) + log(1 + z)", lambda x, y, z: mpmath.cosh(x) * mpmath.cos(y) + mpmath.log(1 + z)),
        ("(1 + x + z)**(5/3)", lambda x, y, z: (1 + x + z) ** (mpmath.mpf(5) / 3)),
    ],
)
def test_jets_add_up_to_the_function(text: str, f: Any) -> None:
    """Lagrange: the thin coefficients below the order plus the wide ones of that order, at points of the simplex."""
    node, n, p = parse(text, ["x", "y", "z"]), 4, 80
    corners = [(0, 0, 0), ("1/2", 0, "1/7"), ("1/5", "1/3", 0), (0, "1/4", "1/2")]
    vertices = [tuple(Fraction(x) for x in corner) for corner in corners]
    wide = Evaluation(Effort(), p, n, *vertices)(node)
    thin = Evaluation(Effort(), p, n - 1, *vertices, at_middle=True)(node)
    for weights in ([1, 0, 0, 0], [0, 0, 0, 1], [1, 2, 3, 4], [1, 1, 0, 0], [5, 1, 1, 1]):
        t = [Fraction(w, sum(weights)) - Fraction(1, 4) for w in weights[1:]]
        low = high = Fraction(0)
        for k in range(n + 1):
            mid, rad = (wide if k == n else thin).mid[k], (wide if k == n else thin).rad[k]
            value = Fraction(mid) if k == 0 else _value(mid, t)
            low, high = low + value - rad, high + value + rad
        with mpmath.workdps(40):
            columns = zip(*vertices, strict=True)
            point = [sum(w * x for w, x in zip(weights, column, strict=True)) / sum(weights) for column in columns]
            found = f(*(mpmath.mpf(x.numerator) / x.denominator for x in point)) * 2**p
            assert low <= Fraction(int(mpmath.floor(found))) + 1 and Fraction(int(mpmath.floor(found))) <= high
            assert wide.lo <= found <= wide.hi


def _value(form: Any, t: list[Fraction]) -> Fraction:
    total = Fraction(0)
    for c, exponents in zip(form.coefficients, monomials(form.n, form.degree), strict=True):
        term = Fraction(c)
        for x, e in zip(t, exponents, strict=True):
            term *= x**e
        total += term
    return total


def test_integrals_that_are_not_polynomial() -> None:
    cells = union(Effort(), [box(2)])
    for text, value in [
        ("exp(x + y)", (mpmath.e - 1) ** 2),
        ("Abs(x - y)*exp(x)", mpmath.quad(lambda x: mpmath.exp(x) * (x**2 + (1 - x) ** 2) / 2, [0, 1])),
        ("sqrt(x)", mpmath.mpf(2) / 3),
    ]:
        parts = [(parse(text, ["x", "y"]), *cell) for cell in cells]
        tolerance = Fraction(1, 1000)
        low, high = Integral(Effort(), parts, tolerance).enclosure(tolerance)
        assert high - low <= tolerance
        assert mpmath.mpf(low.numerator) / low.denominator <= value <= mpmath.mpf(high.numerator) / high.denominator


def test_conditions_on_a_triangle() -> None:
    cell = tuple((Fraction(a), Fraction(b)) for a, b in [(0, 0), (1, 0), (0, 1)])

    def defined(text: str) -> None:
        check_defined(Effort(), parse(text, ["x", "y"]), cell)

    for text in ("sqrt(x*y)", "log(2 - x - y)", "Piecewise((log(x - y), x > y), (0, True))", "1/(x + y + 1)"):
        defined(text)
    for text in ("1/(x - y)", "sqrt(x - y)", "log(x)", "sqrt(1/2 - x - y)", "acos(1 + x)"):
        with pytest.raises((InvalidError, UndecidedError)):
            defined(text)
    for text in ("x*y", "(x - y)**2", "1 - x - y", "Abs(x - y)", "sin(pi*x)*sin(pi*y)", "Max(x - y, 0)", "1 - cos(x)"):
        check_sign(Effort(), parse(text, ["x", "y"]), cell, ">=", "a negative value")
    for text in ("x*y - 1/1000", "1/2 - x - y", "x - y", "cos(2*pi*x)"):
        with pytest.raises(InvalidError):
            check_sign(Effort(), parse(text, ["x", "y"]), cell, ">=", "a negative value")
    assert Piece(Effort(), *cell).sign(parse("x + y", ["x", "y"])) == (1, 1)
    assert Piece(Effort(), *cell[1:]).sign(parse("x + y - 1", ["x", "y"])) == (0, 0)
