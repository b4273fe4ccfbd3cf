"""When a mutant says nothing false: it states the same or less, or what it states is true by a second route.

Nothing here uses the auditor. Domination: the same statement in another form, by exact comparison. Conditions: the
generator's own verdicts, and the witnesses by evaluation. The other kinds: `tests.auditor.harmless_activations`.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import mpmath
import sympy

from proofs.geometry.affine import Affine
from proofs.network import Neuron, ShallowNetwork
from tests.auditor.mutants import replaced
from verify import Problem, check_conditions
from verify.domain import Domain

Data = dict[str, Any]


def domination(old: Data, new: Data) -> bool:
    """The same problem, response, ramps and network, with intervals that are not narrower; or the numbers hold anew.

    In the plane it may be the same with the two variables exchanged.
    """
    return (
        _same_or_less(old, new)
        or _true_on_another_interval(old, new)
        or (len(variables(new)) == 2 and _same_or_less(old, _mirrored(new)))
    )


def _mirrored(data: Data) -> Data:
    """The same certificate with the variables in the other order."""
    result = json.loads(json.dumps(data))
    domain = result["problem"]["domain"]
    for shape in domain.get("union", [domain]):
        for rows in [shape["box"]] if "box" in shape else shape.get("vertices", []):
            rows.reverse()
    for neuron in result["network"]["neurons"]:
        neuron["weights"].reverse()
    domain["variables"].reverse()
    return dict(result)


def _true_on_another_interval(old: Data, new: Data) -> bool:
    """One ramp on the line, squared loss, and only the interval is another: the risks by quadrature."""
    shapes = [d["problem"]["domain"] for d in (old, new)]
    same_rest = replaced(new, ("problem", "domain"), shapes[0]) == {**old, "digest": new["digest"]}
    names = variables(old)
    if not same_rest or set(shapes[1]) != {"variables", "box"} or len(old["ramps"]) != 1 or len(names) != 1:
        return False
    base, jumps = response(old["response"], names)
    (a,), (b,) = corners(shapes[1])
    if new["problem"]["loss"] != {"kind": "squared"} or not all(a < -s.constant < b for s in jumps):
        return False
    net = network(old["network"], names)
    parts = [(net.affine, None, Fraction(1)), *((n.inner, n.inner, n.output) for n in net.neurons)]
    steps = [(base, None, Fraction(1)), *((jump, s, Fraction(1)) for s, jump in jumps.items())]
    cuts = sorted({a, b, *(-s.constant / s.gradient[0] for _, s, _ in parts[1:] + steps[1:] if s)})
    f, h = (
        sympy.lambdify(sympy.Symbol("x0", real=True), function(new["problem"][key]["expression"], names), "mpmath")
        for key in ("target", "density")
    )

    def value(terms: list[Any], x: Any) -> Any:
        p = (Fraction(str(x)),)
        at = [(g(p), s is None or s(p) > 0, c) for g, s, c in terms]
        return sum((_real(c * g) for g, active, c in at if active), mpmath.mpf(0))

    places = [_real(c) for c in cuts if a <= c <= b]
    risks = [mpmath.quad(lambda x, t=t: h(x) * (value(t, x) - f(x)) ** 2, places) for t in (steps, parts)]
    values = {"response_risk": risks[0], "network_risk": risks[1], "gain": risks[0] - risks[1]}
    claims = [(new["claim"][key], found) for key, found in values.items()]
    claims.append((new["claim"]["ramp_gains"][0], values["gain"]))
    return all(_real(Fraction(c["lower"])) <= found <= _real(Fraction(c["upper"])) for c, found in claims)


def _real(q: Fraction) -> Any:
    return mpmath.mpf(q.numerator) / q.denominator


def _same_or_less(old: Data, new: Data) -> bool:
    names = variables(new)
    pieces = Domain.from_mapping(old["problem"]["domain"]).polytopes
    claims, gains = (old["claim"], new["claim"]), [d["claim"]["ramp_gains"] for d in (old, new)]
    return (
        same_problem(old, new)
        and response(old["response"], variables(old)) == response(new["response"], names)
        and network(old["network"], variables(old)).equals(network(new["network"], names), pieces)
        and claims[0]["dimension"] == claims[1]["dimension"]
        and claims[1]["neurons"] == len(new["network"]["neurons"])
        and all(wider(*(c[key] for c in claims)) for key in ("response_risk", "network_risk", "gain"))
        and Fraction(claims[1]["gain"]["lower"]) > 0
        and [ramp(r, variables(old)) for r in old["ramps"]] == [ramp(r, names) for r in new["ramps"]]
        and all(wider(a, b) for a, b in zip(*gains, strict=True))
    )


def same_problem(old: Data, new: Data) -> bool:
    """The same functions on the same set, and a width that is not smaller."""
    a, b = old["problem"], new["problem"]
    return (
        same_set(a["domain"], b["domain"])
        and all(same(a[key]["expression"], b[key]["expression"], old, new) for key in ("density", "target"))
        and a["loss"] == b["loss"]
        and a["network"]["architecture"] == b["network"]["architecture"]
        and a["network"]["width"] <= b["network"]["width"]
    )


def same(a: str, b: str, old: Data, new: Data) -> bool:
    """Whether two expressions are the same function of the variables in their order."""
    return (a == b and variables(old) == variables(new)) or function(a, variables(old)) == function(b, variables(new))


@cache
def function(text: str, names: Sequence[str]) -> sympy.Expr:
    """An expression in x0, x1, ..., exact and simplified."""
    symbols = {name: sympy.Symbol(f"x{i}", real=True) for i, name in enumerate(names)}
    exact = re.sub(r"(?<![\w.])(\d+\.\d+(e[+-]?\d+)?|\d+e[+-]?\d+)", r"Rational('\1')", text)
    return sympy.simplify(sympy.sympify(exact, locals={**symbols, "E": sympy.E, "Rational": sympy.Rational}))


def same_set(old: Data, new: Data) -> bool:
    """Whether random points lie in both domains or in neither; equal tables (but for the variables) are equal sets."""
    if {**old, "variables": 0} == {**new, "variables": 0}:
        return len(old["variables"]) == len(new["variables"])
    if "vertices" in old:
        return set(corners(old)) == set(corners(new))
    return all(inside(old, p) == inside(new, p) for p in points(old) + points(new))


@cache
def _drawn(bounds: tuple[tuple[Fraction, Fraction], ...], count: int) -> list[tuple[Fraction, ...]]:
    source = random.Random(1)
    return [tuple(a + (b - a) * Fraction(source.randint(1, 9999), 10007) for a, b in bounds) for _ in range(count)]


def points(domain: Data, count: int = 2000) -> list[tuple[Fraction, ...]]:
    """Random points of the box around a domain, enlarged by a tenth."""
    ends = [corners(shape) for shape in domain.get("union", [domain])]
    box = [(min(c), max(c)) for c in zip(*(p for e in ends for p in e), strict=True)]
    return _drawn(tuple((a - (b - a) / 10, b + (b - a) / 10) for a, b in box), count)


def corners(shape: Data) -> list[tuple[Fraction, ...]]:
    if "ball" in shape:
        centre, r = [Fraction(c) for c in shape["ball"]["center"]], Fraction(shape["ball"]["radius"])
        return [tuple(c + sign * r for c in centre) for sign in (-1, 1)]
    rows = shape["vertices"] if "vertices" in shape else zip(*shape["box"], strict=True)
    return [tuple(Fraction(e) for e in row) for row in rows]


def inside(domain: Data, p: Sequence[Fraction]) -> bool:
    return any(_inside(shape, p) for shape in domain.get("union", [domain]))


def _inside(shape: Data, p: Sequence[Fraction]) -> bool:
    if "box" in shape:
        return all(Fraction(a) <= x <= Fraction(b) for x, (a, b) in zip(p, shape["box"], strict=True))
    if "ball" in shape:
        squares = (x - Fraction(c) for x, c in zip(p, shape["ball"]["center"], strict=True))
        return bool(sum(d * d for d in squares) <= Fraction(shape["ball"]["radius"]) ** 2)
    (low,), *_, (high,) = sorted(corners(shape))  # in more dimensions hulls are compared by their vertices
    return bool(low <= p[0] <= high)


def variables(data: Data) -> tuple[str, ...]:
    return tuple(data["problem"]["domain"]["variables"])


def affine(text: str, names: Sequence[str]) -> Affine:
    f = function(text, tuple(names))
    symbols = [sympy.Symbol(f"x{i}", real=True) for i in range(len(names))]
    gradient = [Fraction(str(sympy.diff(f, s))) for s in symbols]
    return Affine.of(gradient, Fraction(str(f.subs(dict.fromkeys(symbols, 0)))))


def side(text: str, names: Sequence[str]) -> Affine:
    left, sign, right = re.split("([<>])", text)
    s = affine(f"({left}) - ({right})", names)
    return s if sign == ">" else s * -1


def response(table: Data, names: Sequence[str]) -> tuple[Affine, dict[Affine, Affine]]:
    """The affine part, and the jumps by their boundaries, all half-spaces turned to one side."""
    base, jumps = affine(table["affine"], names), {}
    for entry in table["halfspaces"]:
        s, jump = side(entry["where"], names), affine(entry["jump"], names)
        lead = next(a for a in s.gradient if a)
        if lead < 0:
            base, jump = base + jump, jump * -1
        s = s * (1 / lead)
        jumps[s] = jumps[s] + jump if s in jumps else jump
    return base, jumps


def ramp(table: Data, names: Sequence[str]) -> tuple[Affine, Affine, Fraction, Affine]:
    s, *functions = side(table["where"], names), affine(table["jump"], names), affine(table["shift"], names)
    return s, functions[0], Fraction(table["kappa"]), functions[1]


def network(table: Data, names: Sequence[str]) -> ShallowNetwork:
    neurons = [
        Neuron(Fraction(n["output"]), Affine.of([Fraction(w) for w in n["weights"]], Fraction(n["bias"])))
        for n in table["neurons"]
        if Fraction(n["output"])
    ]
    return ShallowNetwork(affine(table["affine"], names).plus(Fraction(table["offset"])), tuple(neurons))


def wider(old: Data, new: Data) -> bool:
    return Fraction(new["lower"]) <= Fraction(old["lower"]) and Fraction(old["upper"]) <= Fraction(new["upper"])


def conditions(old: Data, new: Data) -> bool:
    """What is claimed is what the generator finds by its own means; every witness does what it is cited for."""
    entries = new["claim"]["conditions"]
    claimed = {e["id"]: e["verdict"] for e in entries if e["verdict"] != "undecided"}
    problem = {**new["problem"], "name": "the generator wants one"}
    if "target-continuous" not in claimed:  # nothing is claimed of the target, it need not even be defined
        problem["target"] = {"expression": "0"}
    if "exponent" in problem["loss"]:  # the generator limits the denominator; the verdicts depend on p > 1 only
        p = Fraction(problem["loss"]["exponent"])
        problem["loss"] = {**problem["loss"], "exponent": str(p.limit_denominator(1000))}
    found = {f.id: f.verdict for f in check_conditions(Problem.from_mapping(problem), budget=20).findings}
    return all(found[key] == verdict for key, verdict in claimed.items()) and all(_witness(e, new) for e in entries)


def _witness(entry: Data, data: Data) -> bool:
    """The points lie in the domain, where the density is positive (negative, or 0, if that is what they witness)."""
    rule, found, domain = entry["rule"], entry["data"], data["problem"]["domain"]
    single = {"jump", "gap", "zero"}  # there the point is one number, and is itself on no side
    cited = [found[key] for key in ("above", "below") if key in found]
    cited += [] if rule in single or "point" not in found else [found["point"]]
    sign = -1 if rule == "negative-value" else 1
    if rule in ("separated", "one-sided-face"):
        s = affine(found["hyperplane"], variables(data))
        values = [s(tuple(map(Fraction, found[key]))) for key in ("above", "below")]
        if not values[0] > 0 > values[1]:
            return False
    return all(inside(domain, [Fraction(c) for c in p]) and sign * _density(data, p) > 0 for p in cited)


def _density(data: Data, p: Sequence[str]) -> Any:
    h = function(data["problem"]["density"]["expression"], variables(data))
    return h.subs({sympy.Symbol(f"x{i}", real=True): sympy.Rational(c) for i, c in enumerate(p)})
