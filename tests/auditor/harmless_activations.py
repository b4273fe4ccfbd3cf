"""When a mutant of a certificate about an activation says nothing false (see `tests.auditor.harmless`).

Non-attainment: the risks are computed anew, by quadrature with 30 digits from the formulas of docs/certificate.md, and
have to respect every claimed bound; the target is no network's for the reason given, or for the same reason.
Attainment: by exact computation with SymPy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import factorial
from typing import Any

import mpmath
import numpy as np
import sympy

from tests.auditor.harmless import corners, function, same, variables

Data = dict[str, Any]
X = sympy.Symbol("x0", real=True)
DIGITS = 30
ROUNDING = mpmath.mpf("1e-9")  # of the quadrature, relative
NODES = [(mpmath.mpf(x), mpmath.mpf(w)) for x, w in zip(*np.polynomial.legendre.leggauss(16), strict=True)]


def non_attainment(old: Data, new: Data) -> bool:
    """The claimed bounds hold, and no network of the width (of any width) equals the target."""
    a, b = old["claim"], new["claim"]
    with mpmath.workdps(DIGITS):
        return (
            new["problem"]["loss"] == old["problem"]["loss"]
            and same(new["problem"]["density"]["expression"], "1", new, new)
            and b["neurons"] == a["neurons"] <= new["problem"]["network"]["width"]
            and a["every_width"] == b["every_width"]
            and (b["every_width"] or new["problem"]["network"] == old["problem"]["network"])
            and _bounds_hold(new)
            and _not_a_network(old, new)
            and _argued(old, new)
        )


def _not_a_network(old: Data, new: Data) -> bool:
    """Activation and target are the old ones up to a factor and a constant, which weights and offset absorb.

    A slope added to the activation changes its networks: what the rules look at stays (the second derivative at a
    point, exponential terms; the degree without exponential was 1 before).
    """
    first, second = function(old["activation"], ("x",)), function(new["activation"], ("x",))
    at = [sympy.Rational(n, 7) for n in (-9, -2, 1, 5)]
    tilted = all(abs(sympy.N((second - first).subs(X, p) - p / 1000, 30)) < 1e-25 for p in at)
    shifted = tilted and old["argument"]["rule"] in ("single-neuron", "exponential-polynomials")
    targets = [d["problem"]["target"]["expression"] for d in (old, new)]
    if old["family"]["form"] == "ramp":
        return targets[0] == targets[1] and first == second
    return (shifted or _proportional(first, second)) and _proportional(*(function(t, ("x",)) for t in targets))


def _proportional(a: sympy.Expr, b: sympy.Expr) -> bool:
    """Whether b = c a + d with c != 0, exactly if the difference simplifies, else at random points."""
    at = [sympy.Rational(n, 7) for n in (-11, -5, -2, 1, 3, 9)]
    pairs = [(sympy.N(a.subs(X, p), 30), sympy.N(b.subs(X, p), 30)) for p in at]
    (a0, b0), (a1, b1) = pairs[0], next(pair for pair in pairs if abs(pair[0] - pairs[0][0]) > 1e-9)
    c = (b1 - b0) / (a1 - a0)
    return abs(c) > 1e-9 and all(abs(b0 + c * (p - a0) - q) < 1e-20 for p, q in pairs)


def _argued(old: Data, new: Data) -> bool:
    """The data of the rule, where they are others, are as good."""
    a, b = old["argument"], new["argument"]
    if a == b:
        return True
    rule = a["rule"]
    others = {key for key in a if a[key] != b.get(key)}
    if rule == "single-neuron" and others == {"points"}:  # another place where sigma is no polynomial of degree 1
        second = sympy.diff(function(new["activation"], ("x",)), X, 2)
        values = [(sympy.N(second.subs(X, sympy.Rational(p)), 20), p) for p in b["points"] if p is not None]
        return len(b["points"]) == len(a["points"]) and all(abs(value) > 1e-9 for value, _ in values)
    if rule == "pole-order" and others == {"activation"}:
        return bool(a["activation"] <= b["activation"] < b["target"])
    if rule == "exponential-polynomials":
        key = "with_exponential" if b["target_with_exponential"] else "without_exponential"
        weaker = all(a[k] <= b[k] for k in ("with_exponential", "without_exponential"))
        if others <= {"with_exponential", "without_exponential"}:
            return bool(weaker and b[key] < b["target"])
        # a derivative of p e^x has the same degree; of a constant and e^x the constant vanishes
        return others == {"level"} and old["activation"] == "exp(x)"
    if rule == "waring" and others == {"multipliers"}:
        return _recurrence(new)
    return False


def _recurrence(data: Data) -> bool:
    """The multipliers give sum_l y_l mu_(l + i) = 0 for i < d and not 0 for i = d."""
    p, d = data["argument"]["power"], data["problem"]["network"]["width"]
    y = [Fraction(v) for v in data["argument"]["multipliers"]]
    g = sympy.Poly(function(data["problem"]["target"]["expression"], ("x",)), X)
    mu = [Fraction(str(g.coeff_monomial(X ** (p - m)))) / sympy.binomial(p, m) for m in range(p)]
    if any(m >= p for i in range(d + 1) for m in range(i, i + len(y)) if m - i < len(y) and m >= len(mu)):
        return False
    sums = [sum(v * mu[m + i] for m, v in enumerate(y)) for i in range(d + 1)]
    return not any(sums[:d]) and sums[d] != 0


def _bounds_hold(data: Data) -> bool:
    """err(N_k) <= factor k^rate at some k up to the largest, err(N_k) <= upper where that is claimed."""
    claim = data["claim"]
    factor, rate, until = (_number(claim[key]) for key in ("factor", "rate", "until"))
    general = [(until / n, factor * (until / n) ** rate) for n in (1, 2, 5, 30)]
    single = [(_number(r["parameter"]), _number(r["upper"])) for r in claim["risks"]]
    falling = all(k > later > 0 for (k, _), (later, _) in pairwise(single)) and 0 < single[0][0] <= until
    risk = _risk(data)
    return falling and all(risk(k) <= upper * (1 + ROUNDING) for k, upper in general + single)


def _number(text: str) -> Any:
    q = Fraction(text)
    return mpmath.mpf(q.numerator) / q.denominator


def _risk(data: Data) -> Callable[[Any], Any]:
    """The risk of N_k as a function of k."""
    if data["family"]["form"] == "ramp" and len(variables(data)) == 2:
        return _risk_in_the_plane(data)
    [ends] = data["problem"]["domain"]["box"]
    a, b = map(_number, ends)
    g = _real(data["problem"]["target"]["expression"])
    network, inner = _family(data)

    def risk(k: Any) -> Any:
        u = [(f(0), f(1) - f(0)) for f in inner(k)]  # what neurons see is c + d x; breakpoints are at 0
        cuts = sorted({a, b, *(p for p in [mpmath.mpf(0), *(-c / d for c, d in u if d)] if a < p < b)})
        f = network(k)
        return _integral(lambda x: (f(x) - g(x)) ** 2, cuts)

    return risk


def _integral(f: Callable[[Any], Any], cuts: list[Any]) -> Any:
    """The integral of a function that is smooth between the cuts, by Gauss's rule on four parts of each cell."""
    total = mpmath.mpf(0)
    for p, q in pairwise(cuts):
        half = (q - p) / 8
        total += sum(half * w * f(p + half * (2 * i + 1 + x)) for i in range(4) for x, w in NODES)
    return total


def _family(data: Data) -> tuple[Callable[[Any], Callable[[Any], Any]], Callable[[Any], list[Any]]]:
    """N_k, and what its neurons are applied to, as functions of k (section 6.2)."""
    sigma, family = _real(data["activation"]), data["family"]
    if family["form"] == "scaling":
        return (lambda k: lambda x: k * sigma(x / k)), (lambda k: [lambda x: x / k])
    if family["form"] == "ramp":
        s, jump = _real(_difference(family["where"])), _number(family["jump"].replace("(1)**2", "1"))
        inner = lambda k: [lambda x: s(x) + k * jump, lambda x: s(x) - k * jump]  # noqa: E731
        return (lambda k: lambda x: (sigma(s(x) + k * jump) - sigma(s(x) - k * jump)) / (2 * k)), inner
    m, u, v = family["order"], _real(family["base"]), _real(family["direction"])
    nodes = [(_number(n["weight"]), _number(n["step"])) for n in family["nodes"]]
    constant = not function(family["base"], ("x",)).has(X)
    nu, offset = mpmath.mpf(1), mpmath.mpf(0)
    if constant:
        place = function(family["base"], ("x",))
        derivative = sympy.N(sympy.diff(function(data["activation"], ("x",)), X, m).subs(X, place), DIGITS)
        nu = sum(w * t**m for w, t in nodes) / factorial(m) * mpmath.mpf(str(derivative))
        offset = -sum(w for w, _ in nodes) * sigma(u(0)) / nu

    def network(k: Any) -> Callable[[Any], Any]:
        return lambda x: (offset + sum(w * sigma(u(x) + k * t * v(x)) for w, t in nodes) / nu) / k**m

    return network, lambda k: [(lambda x, t=t: u(x) + k * t * v(x)) for _, t in nodes]


def _difference(where: str) -> str:
    left, sign, right = where.partition(">" if ">" in where else "<")
    return f"({left}) - ({right})" if sign == ">" else f"({right}) - ({left})"


@cache
def _real(text: str) -> Callable[[Any], Any]:
    found: Callable[[Any], Any] = sympy.lambdify(X, function(text, ("x",)), "mpmath")
    return found


def _risk_in_the_plane(data: Data) -> Callable[[Any], Any]:
    """The ramps at x = 0: the difference is (|J| - |x|/k)/2 where |x| < k |J|; J = 1 on discs, J = y on the cusp."""
    domain = data["problem"]["domain"]
    discs = [[*map(_number, d["ball"]["center"]), _number(d["ball"]["radius"])] for d in domain.get("union", [domain])]

    def chord(x: Any) -> Any:
        return sum(2 * mpmath.sqrt(max(0, r * r - (x - c) ** 2)) for c, _, r in discs)

    def on_discs(k: Any) -> Any:
        both = lambda x: (1 - x / k) ** 2 / 4 * (chord(x) + chord(-x))  # noqa: E731
        return _integral(lambda t: both(t * t) * 2 * t, [mpmath.mpf(0), mpmath.sqrt(k)])

    def on_cusp(k: Any) -> Any:  # at most four times the part with x, y > 0: y^2 <= x <= k y, so y <= k
        bound = lambda y: _integral(lambda x: (y - x / k) ** 2 / 4, [y * y, k * y])  # noqa: E731
        return 4 * _integral(bound, [mpmath.mpf(0), k])

    return on_cusp if "restriction" in domain else on_discs


def attainment(old: Data, new: Data) -> bool:
    """The rule applies to what the mutant states, by exact computation."""
    rule, width = new["argument"]["rule"], new["problem"]["network"]["width"]
    if rule != old["argument"]["rule"] or old["claim"] != new["claim"]:
        return False
    sigma = function(new["activation"], ("x",))
    if rule == "piecewise-linear":
        return width >= 1 and _one_kink_or_clipped(sigma)
    if rule == "polynomial-space":
        neurons = new["argument"]["neurons"]
        degree = int(sympy.degree(sigma, X))
        inner = [sympy.Rational(n["weights"][0]) * X + sympy.Rational(n["bias"]) for n in neurons]
        polynomials = [sympy.Poly(sigma.subs(X, u), X) for u in inner]
        rows = [[p.coeff_monomial(X**i) for i in range(1, degree + 1)] for p in polynomials]
        return len(neurons) <= width and sympy.Matrix(rows).rank() == degree
    same_target = same(*(d["problem"]["target"]["expression"] for d in (old, new)), old, new)
    if rule == "exact-network":
        domain = new["problem"]["domain"]
        return width >= len(new["argument"]["network"]["neurons"]) and _equal_on_domain(new, sigma, domain)
    # one-kink: on a larger domain no risk is smaller; the network's is the same if it equals the target there
    ends = [corners(d["problem"]["domain"]) for d in (old, new)]
    ((a,), (b,)), ((c,), (d,)) = ends
    added = {"union": [{"box": [[str(p), str(q)]]} for p, q in ((c, a), (b, d)) if p != q]}
    return (
        same_target and c <= a and b <= d and width == 1 and old["argument"] == new["argument"]
        and same(old["activation"], new["activation"], old, new) and _equal_on_domain(new, sigma, added)
    )  # fmt: skip


def _one_kink_or_clipped(sigma: sympy.Expr) -> bool:
    """Continuous, with one kink or with constant ends; kinks at 0, 1 or -1 only, which the activations here have."""
    slopes = [sympy.diff(sigma, X).subs(X, sympy.Rational(p, 2)) for p in (-3, -1, 1, 3)]
    smooth = all(
        abs(sympy.N(sigma.subs(X, p + e) - sigma.subs(X, p))) < 1e-6 for p in (-1, 0, 1) for e in (-1e-8, 1e-8)
    )
    changes = sum(a != b for a, b in pairwise(slopes))
    return smooth and (changes == 1 or (changes == 2 and not slopes[0] and not slopes[-1]))


def _equal_on_domain(data: Data, sigma: sympy.Expr, domain: Data) -> bool:
    network = data["argument"]["network"]
    total = sympy.Rational(network["offset"])
    for n in network["neurons"]:
        inner = sympy.Rational(n["weights"][0]) * X + sympy.Rational(n["bias"])
        total += sympy.Rational(n["output"]) * sigma.subs(X, inner)
    g = function(data["problem"]["target"]["expression"], ("x",))
    return all((total - g).subs(X, p) == 0 for p in _points(domain))


def _points(domain: Data) -> Iterator[sympy.Rational]:
    for shape in domain.get("union", [domain]):
        (low,), (high,) = corners(shape)
        yield from (sympy.Rational(str(low + (high - low) * Fraction(i, 97))) for i in range(1, 97))
