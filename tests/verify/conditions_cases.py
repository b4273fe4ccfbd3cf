"""Problems with the expected verdict on one hypothesis each: all ids, near-misses side by side.

A case is (id, verdict, problem, witness): the witness holds what is expected of the one that is found, `at` a point
(floats, each within 1e-6), `plane` an equation up to a factor, `part` of (H2), anything else verbatim.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

Table = dict[str, Any]


class Case(NamedTuple):
    """One expectation."""

    id: str
    verdict: str
    problem: Table
    witness: Mapping[str, Any] = MappingProxyType({})


def line(lower: str = "0", upper: str = "1") -> Table:
    return {"variables": ["x"], "box": [[lower, upper]]}


def plane(*sides: str, restriction: str | None = None) -> Table:
    pairs = [list(sides[:2]), list(sides[2:])] if sides else [["-1", "1"], ["-1", "1"]]
    return {"variables": ["x", "y"], "box": pairs, **({"restriction": restriction} if restriction else {})}


def disc(x: str, y: str, radius: str) -> Table:
    return {"ball": {"center": [x, y], "radius": radius}}


def box(*sides: str) -> Table:
    return {"box": [list(sides[i : i + 2]) for i in range(0, len(sides), 2)]}


def union(*pieces: Table, variables: str = "xy") -> Table:
    return {"variables": list(variables), "union": list(pieces)}


def unit_disc(restriction: str | None = None) -> Table:
    return {"variables": ["x", "y"], **disc("0", "0", "1"), **({"restriction": restriction} if restriction else {})}


def problem(domain: Table | None = None, target: str = "0", density: str = "1", loss: Any = "squared") -> Table:
    domain = line() if domain is None else domain
    return {"domain": domain, "target": target, "density": density, "loss": loss, "width": 2}


def loss(expression: str) -> Table:
    return {"kind": "expression", "expression": expression}


def target(verdict: str, text: str, domain: Table | None = None, density: str = "1", **witness: Any) -> Case:
    return Case("target-continuous", verdict, problem(domain, text, density), witness)


def density(name: str, verdict: str, text: str, domain: Table | None = None, **witness: Any) -> Case:
    return Case(name, verdict, problem(domain, density=text), witness)


def hyper(verdict: str, domain: Table | None = None, text: str = "1", **witness: Any) -> Case:
    return Case("hyperplane", verdict, problem(domain, density=text), witness)


WIDE = line("-1", "1")
H, F, U = "holds", "fails", "undecided"
THREE_DISCS = union(disc("-1", "2", "1"), disc("-1", "-2", "1"), disc("1", "0", "1"))
L_SHAPE = union(box("-1", "0", "-10", "10"), box("0", "1", "-1", "1"))
CUBE = {"variables": ["x", "y", "z"], "box": [["0", "1"]] * 3}
SPHERE = {"variables": ["x", "y", "z"], "ball": {"center": ["0", "0", "0"], "radius": "1"}}
TRIANGLE = {"variables": ["x", "y"], "vertices": [["0", "0"], ["1", "0"], ["0", "1"]]}

COMPACT = [
    Case("domain-compact", H, problem()),
    Case("domain-compact", H, problem(union(disc("0", "0", "1"), box("0", "2", "0", "2")))),
    Case("domain-compact", H, problem(TRIANGLE)),
    Case("domain-compact", H, problem(unit_disc("x > 0"))),
]

TARGETS = [
    target(H, "1/(x + 2)", WIDE),
    target(F, "1/x", WIDE, at=[0]),
    target(H, "tan(x)", line("0", "3/2")),
    target(F, "tan(x)", line("0", "2"), at=[1.5707963267948966]),
    target(H, "log(x + 1/100)"),
    target(F, "log(x)", at=[0]),
    target(H, "sqrt(x)"),
    target(F, "sqrt(x)", WIDE),
    target(H, "Abs(x)", WIDE),
    target(F, "Abs(x)/x", WIDE, at=[0]),
    target(H, "x*sign(x)", WIDE),
    target(F, "sign(x)", WIDE, at=[0], values={"below": "-1", "at": "0", "above": "1"}),
    target(F, "sign(x)**2", WIDE, at=[0], values={"below": "1", "at": "0", "above": "1"}),
    target(F, "Heaviside(x)", WIDE, at=[0]),
    target(H, "floor(x/2)"),
    target(F, "floor(x)", at=[1]),
    target(F, "floor(3*x)", at=[1 / 3]),
    target(F, "ceiling(2*x)", line("1/4", "3/4"), at=[1 / 2]),
    target(H, "Piecewise((x, x < 0), (x**2, True))", WIDE),
    target(F, "Piecewise((x + 1, x < 0), (x**2, True))", WIDE, at=[0], values={"below": "1", "at": "0", "above": "0"}),
    target(H, "Piecewise((x**2, x**2 < 1/2), (1/2, True))", WIDE),
    target(F, "Piecewise((x**2, x**2 < 1/2), (1/3, True))", WIDE, at=[-0.7071067811865476]),
    target(H, "Piecewise((cos(x), x < pi/4), (sin(x), True))"),
    target(F, "Piecewise((cos(x), x < pi/4), (sin(2*x), True))", at=[0.7853981633974483]),
    target(H, "Piecewise((exp(x), x < 1/2), (exp(1/2) + x - 1/2, True))"),
    target(F, "Piecewise((exp(x), x < 1/2), (exp(1/2) + x, True))", at=[0.5]),
    target(H, "Max(sin(x), cos(x))", line("0", "6")),
    target(H, "Piecewise((sin(x), sin(x) > cos(x)), (cos(x), True))", line("0", "6")),
    target(H, "(x**2 - 1)/(x - 1)", line("0", "2")),
    target(F, "(x**2 + 1)/(x - 1)", line("0", "2"), at=[1]),
    target(H, "sin(x)/x", WIDE),
    target(F, "cos(x)/x", WIDE, at=[0]),
    target(H, "(1 - cos(x))/x**2", WIDE),
    target(F, "(1 - cos(x))/x**3", WIDE, at=[0]),
    target(H, "x*log(x)"),
    target(F, "(x + 1)*log(x)", at=[0]),
    target(H, "Piecewise((x*log(x), x > 0), (0, True))"),
    target(F, "Piecewise((x*log(x), x > 0), (1, True))", at=[0]),
    target(U, "sin(1/x)", WIDE),
    target(F, "1/(x**2 - 1/2)", at=[0.7071067811865476]),
    target(H, "1/(x**2 + 1/2)"),
    target(H, "asin(x)", WIDE),
    target(F, "asin(x)", line("-1", "5/4")),
    target(H, "sign(x + 1/2)", WIDE, "Max(0, x)"),
    target(U, "sign(x)", WIDE, "Max(0, x)"),
    target(F, "sign(x)", WIDE, "Abs(x)", at=[0]),
    target(H, "1/(x - 3/2)", union(box("0", "1"), box("2", "3"), variables="x")),
    target(F, "1/(x - 3/2)", line("0", "3"), at=[1.5]),
    target(H, "1/(x + y + 3)", plane()),
    target(F, "1/(x + y + 1)", plane()),
    target(H, "Piecewise((x, x < y), (y, True))", plane()),
    target(F, "Heaviside(x - y)", plane()),
    target(H, "Piecewise((x**2 + y**2, x**2 + y**2 < 1/4), (1/4, True))", plane()),
    target(F, "Piecewise((x**2 + y**2, x**2 + y**2 < 1/4), (1, True))", plane()),
    target(H, "sqrt(1 - x**2 - y**2)", unit_disc()),
    target(F, "sqrt(1 - x**2 - y**2)", plane()),
    target(H, "log(2 - x**2 - y**2)", unit_disc()),
    target(F, "1/(1 - x**2 - y**2)", unit_disc()),
    target(F, "x*y/(x**2 + y**2)", plane(), at=[0, 0]),
    target(H, "(x**2 - y**2)/(x - y)", plane()),
    target(H, "y*Heaviside(x)", unit_disc("y**2 - Abs(x) <= 0")),
    target(H, "Piecewise((0, x + y < z), (x + y - z, True))", CUBE),
    target(F, "Piecewise((0, x + y < z), (x + y, True))", CUBE),
]

DENSITIES = [
    density("density-nonnegative", H, "x*(1 - x)"),
    density("density-nonnegative", F, "x - 1/2"),
    density("density-nonnegative", H, "sin(pi*x)"),
    density("density-nonnegative", F, "sin(2*pi*x)"),
    density("density-nonnegative", H, "exp(x) - 1 - x"),
    density("density-nonnegative", F, "exp(x) - 3/2 - x"),
    density("density-nonnegative", H, "x**2 - x + 1/4"),
    density("density-nonnegative", F, "x**2 - x + 6/25"),
    density("density-nonnegative", F, "0"),
    density("density-nonnegative", F, "Max(0, x)", line("-2", "-1")),
    density("density-nonnegative", H, "x**2 - x*y + y**2", plane()),
    density("density-nonnegative", F, "x**2 - 3*x*y + y**2", plane()),
    density("density-nonnegative", H, "1 - x**2 - y**2", unit_disc()),
    density("density-nonnegative", F, "1 - x**2 - y**2", plane()),
    density("density-nonnegative", H, "x + y + z", CUBE),
    density("density-continuous", H, "Abs(x - 1/2)"),
    density("density-continuous", F, "Piecewise((1, x < 1/2), (2, True))", at=[0.5]),
    density("density-continuous", H, "Piecewise((0, x < 1/2), (1, True))"),
    density("density-continuous", H, "Heaviside(1/2 - x**2 - y**2)", plane()),
    density("density-continuous", F, "1 + Heaviside(1/2 - x**2 - y**2)", plane()),
    density("density-continuous", F, "1/sqrt(x)", at=[0]),
    density("density-continuous", H, "sqrt(x)"),
    density("density-continuous", F, "1 + sign(x - 1/3)**2", at=[1 / 3]),
]

PLANES = [
    hyper(H, None, "x*(1 - x)"),
    hyper(F, WIDE, "Abs(x)", at=[0], plane="x", part="a"),
    hyper(F, None, "(x - 1/2)**2", plane="x - 1/2", part="a"),
    hyper(H, None, "(x + 1/2)**2"),
    hyper(F, union(box("0", "1"), box("2", "3"), variables="x"), part="a"),
    hyper(H, union(box("0", "1"), box("1", "3"), variables="x")),
    hyper(F, WIDE, "Max(0, x**2 - 1/4)", part="a"),
    hyper(H, WIDE, "Max(0, 1/4 - x**2)"),
    hyper(F, None, "(x**2 - 1/2)**2", at=[0.7071067811865476]),
    hyper(F, None, "(sin(x) - 1/2)**2", at=[0.5235987755982989]),
    hyper(U, WIDE, "Piecewise((x**2, x < 0), (1, True))"),
    hyper(U, WIDE, "Piecewise((x**2, x**2 - Abs(x) < 0), (1, True))"),
    hyper(H, WIDE, "Piecewise((1 + x**2, x < 0), (2, True))"),
    hyper(H, None, "1 - cos(x)"),
    hyper(F, WIDE, "1 - cos(x)", at=[0]),
    hyper(H, WIDE, "exp(-x**2/2)"),
    hyper(H, plane()),
    hyper(H, TRIANGLE, "x*y*(1 - x - y)"),
    hyper(F, plane(), "(x - y)**2", plane="x - y", part="a"),
    hyper(H, plane(), "(x - y)**2 + y**4"),
    hyper(H, unit_disc(), "x**2 + y**2"),
    hyper(F, unit_disc(), "x**2", plane="x", part="a"),
    hyper(H, plane(), "(x**2 + y**2 - 1/4)**2"),
    hyper(F, plane(), "(x**2 - 2*y**2)**2", part="a"),
    hyper(F, plane(), "(x**2 - 1/2)**2", part="a"),
    hyper(H, plane("0", "1", "0", "1"), "(x + y - 2)**2"),
    hyper(H, union(disc("-1/2", "0", "1"), disc("1/2", "0", "1"))),
    hyper(F, union(disc("-1", "0", "1"), disc("1", "0", "1")), plane="x", part="a"),
    hyper(F, union(disc("-2", "0", "1"), disc("2", "0", "1")), part="a"),
    hyper(F, THREE_DISCS, plane="x", part="a"),
    hyper(H, union(disc("-1", "1", "1"), disc("-1", "-1", "1"), disc("1/2", "0", "1"))),
    hyper(F, union(disc("-1", "2", "5/4"), disc("-1", "-2", "5/4"), disc("1", "0", "3/4")), part="a"),
    hyper(H, union(box("0", "1", "0", "1"), box("1", "2", "0", "1"))),
    hyper(F, union(box("0", "1", "0", "1"), box("1", "2", "1", "2")), part="a"),
    hyper(F, union(box("0", "1", "0", "1"), box("1", "2", "1/2", "3/2")), part="b"),
    hyper(F, L_SHAPE, part="b"),
    hyper(H, union(box("-1", "0", "-1", "1"), box("0", "1", "-1", "1")), "1 + x**2"),
    hyper(F, union(box("-3", "3", "-1", "1"), box("-1", "1", "-3", "3")), part="b"),
    hyper(F, union(disc("0", "0", "1"), box("0", "2", "-1/2", "1/2")), part="b"),
    hyper(F, unit_disc("y**2 - Abs(x) <= 0"), plane="x", part="a"),
    hyper(F, unit_disc("y**4 - x**2 <= 0"), plane="x", part="a"),
    hyper(H, unit_disc("y**2 - Abs(x) <= 1/10")),
    hyper(H, unit_disc("x**2 + y**2 >= 1/4")),
    hyper(F, plane(restriction="x*y >= 0"), part="a"),
    hyper(F, plane(restriction="Max(Abs(x), Abs(y)) >= 1/2"), part="b"),
    hyper(H, plane(restriction="Abs(x) + Abs(y) <= 1")),
    hyper(F, plane(restriction="x**2 >= 1/4"), part="a"),
    hyper(H, plane(restriction="x**2 > 0")),
    hyper(H, plane(), "Max(0, 1 - x**2 - y**2)"),
    hyper(H, plane(), "Max(0, x)*Max(0, y)"),
    hyper(H, SPHERE, "x**2 + y**2"),
    hyper(F, SPHERE, "(x + y - z)**2", plane="x + y - z", part="a"),
    hyper(H, CUBE, "x*y*z"),
    hyper(
        F,
        {"variables": ["x", "y", "z"], "union": [box("0", "1", "0", "1", "0", "1"), box("1", "2", "1", "2", "0", "1")]},
        part="a",
    ),
]

LOSSES = [
    Case("loss-continuous", H, problem(target="x")),
    Case("loss-continuous", H, problem(target="x", loss=loss("Piecewise(((y - f)**2, y > f), (2*(y - f)**2, True))"))),
    Case("loss-continuous", F, problem(target="x", loss=loss("Piecewise(((y - f)**2, y > f), (1, True))"))),
    Case("loss-continuous", F, problem(target="x", loss=loss("(y - f)**2 + Heaviside(y)")), {"f": "1/2"}),
    Case("loss-continuous", F, problem(target="x", loss=loss("log(y - f)"))),
    Case("loss-continuous", H, problem(target="x", loss=loss("log(1 + exp(y - f))"))),
    Case("loss-strictly-convex", H, problem(target="x")),
    Case("loss-strictly-convex", F, problem(target="x", loss="absolute"), {"midpoint": "5/2"}),
    Case("loss-strictly-convex", F, problem(target="x", loss={"kind": "huber", "delta": "1/2"})),
    Case("loss-strictly-convex", F, problem(target="x", loss={"kind": "pinball", "level": "1/3"})),
    Case("loss-strictly-convex", H, problem(target="x", loss="logcosh")),
    Case("loss-strictly-convex", H, problem(target="x", loss={"kind": "power", "exponent": "11/10"})),
    Case("loss-strictly-convex", F, problem(target="x", loss={"kind": "power", "exponent": "1"})),
    Case("loss-strictly-convex", H, problem(target="x", loss=loss("(y - f)**4"))),
    Case(
        "loss-strictly-convex", F, problem(target="x", loss=loss("(y**2 - 1)**2")), {"y": ["-1", "1"], "midpoint": "0"}
    ),
    Case("loss-strictly-convex", H, problem(target="x", loss=loss("(1 + x)*(y - f)**2"))),
    Case("loss-strictly-convex", F, problem(target="x", loss=loss("x*(y - f)**2")), {"at": [0]}),
    Case("loss-strictly-convex", H, problem(target="x", loss=loss("sqrt(1 + (y - f)**2)"))),
    Case("loss-strictly-convex", F, problem(target="x", loss=loss("sqrt(1 + Abs(y - f))"))),
    Case("loss-strictly-convex", H, problem(target="x", loss=loss("y**2 - sin(y)"))),
    Case("loss-strictly-convex", F, problem(target="x", loss=loss("y**2 - 3*sin(y)"))),
    Case("loss-strictly-convex", F, problem(target="x", loss=loss("Max(0, y - f)**2"))),
    Case("loss-attains-minimum", H, problem(target="1/4 + x/2", loss="logistic")),
    Case("loss-attains-minimum", F, problem(target="x", loss="logistic"), {"at": [0]}),
    Case("loss-attains-minimum", F, problem(target="1 - x**2", loss="logistic"), {"at": [1]}),
    Case("loss-attains-minimum", F, problem(target="sin(pi*x)/2", loss="logistic")),
    Case("loss-attains-minimum", H, problem(target="x + 1/100", loss="poisson")),
    Case("loss-attains-minimum", F, problem(target="x", loss="poisson"), {"at": [0]}),
    Case("loss-attains-minimum", H, problem(WIDE, "x", "Max(0, x - 1/2)", "poisson")),
    Case("loss-attains-minimum", F, problem(WIDE, "x", "1", "poisson")),
    Case("loss-attains-minimum", H, problem(target="x", loss="absolute")),
    Case("loss-attains-minimum", H, problem(target="x", loss=loss("(y**2 - 1)**2"))),
    Case("loss-attains-minimum", F, problem(target="x", loss=loss("exp(y - f)"))),
    Case("loss-attains-minimum", H, problem(target="x", loss=loss("exp(y - f) + exp(f - y)"))),
    Case("loss-attains-minimum", H, problem(target="1 + x", loss=loss("exp(y) - f*y"))),
    Case("loss-attains-minimum", F, problem(target="x", loss=loss("exp(y) - f*y")), {"at": [0]}),
    Case("loss-attains-minimum", F, problem(target="x", loss=loss("y**3 - f"))),
    Case("loss-attains-minimum", F, problem(target="x", loss=loss("f - y**2"))),
]

CASES = [*COMPACT, *TARGETS, *DENSITIES, *PLANES, *LOSSES]
