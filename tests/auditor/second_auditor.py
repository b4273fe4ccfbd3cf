"""A second auditor, written from docs/certificate.md alone: domination on the line, squared loss, polynomials.

Everything is exact: a claimed interval contains the value or does not. Nothing of `verify` or `proofs` is used; the
structure is left to the JSON Schema. Functions are polynomials, lists of coefficients, lowest degree first.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from fractions import Fraction as Q
from itertools import combinations, pairwise
from math import comb
from typing import Any

EXACT = re.compile(r"[+-]?([0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?|[0-9]+/[0-9]*[1-9][0-9]*)")
Poly = list[Q]


def need(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(what)


def exact(value: Any) -> Q:
    need(type(value) is int or (isinstance(value, str) and bool(EXACT.fullmatch(value))), f"{value!r} is not exact")
    return Q(value)


def plus(p: Poly, q: Poly, factor: Q | int = 1) -> Poly:
    size = max(len(p), len(q))
    r = [a + factor * b for a, b in zip(*(c + [Q(0)] * (size - len(c)) for c in (p, q)), strict=True)]
    while r and not r[-1]:
        r.pop()
    return r


def times(p: Poly, q: Poly) -> Poly:
    r: Poly = []
    for i, a in enumerate(p):
        r = plus(r, [Q(0)] * i + q, a)
    return r


def at(p: Poly, x: Q) -> Q:
    return sum((c * x**i for i, c in enumerate(p)), Q(0))


def integral(p: Poly, a: Q, b: Q) -> Q:
    return sum((c * (b ** (i + 1) - a ** (i + 1)) / (i + 1) for i, c in enumerate(p)), Q(0))


def polynomial(text: str, name: str) -> Poly:
    """Section 2; the syntax of Python has its precedences."""

    def read(node: ast.AST) -> Poly:
        match node:
            case ast.Constant():
                return plus([], [exact(ast.get_source_segment(text, node))])
            case ast.Name(id=found) if found == name:
                return [Q(0), Q(1)]
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as op, operand=inner):
                return plus([], read(inner), -1 if isinstance(op, ast.USub) else 1)
            case ast.BinOp(op=ast.Add() | ast.Sub() as op):
                return plus(read(node.left), read(node.right), 1 if isinstance(op, ast.Add) else -1)
            case ast.BinOp(op=ast.Mult()):
                return times(read(node.left), read(node.right))
            case ast.BinOp(op=ast.Div()) if len(divisor := read(node.right)) == 1:
                return plus([], read(node.left), 1 / divisor[0])
            case ast.BinOp(op=ast.Pow()) if len(n := read(node.right)) < 2 and at(n, Q(0)) in range(100):
                r = [Q(1)]
                for _ in range(int(at(n, Q(0)))):
                    r = times(r, read(node.left))
                return r
        raise ValueError(f"{text!r} is beyond this auditor")

    text = text.strip()
    return read(ast.parse(text, mode="eval").body)


def affine(text: str, name: str) -> Poly:
    p = polynomial(text, name)
    need(len(p) <= 2, f"{text!r} is not affine")
    return p


def half(text: str, name: str) -> tuple[Poly, Q]:
    """The function s of a half-space {s > 0}, and its zero."""
    left, sign, right = re.split("([<>])", text)
    s = plus([], plus(affine(left, name), affine(right, name), -1), 1 if sign == ">" else -1)
    need(len(s) == 2, f"{text!r} is constant")
    return s, -s[0] / s[1]


def intervals(domain: dict[str, Any]) -> list[tuple[Q, Q]]:
    """S as intervals in order that share no interior."""
    found = []
    for shape in domain.get("union", [domain]):
        if "ball" in shape:
            [c], r = map(exact, shape["ball"]["center"]), exact(shape["ball"]["radius"])
            ends = [c - r, c + r]
        else:
            rows = zip(*shape["box"], strict=True) if "box" in shape else shape["vertices"]
            ends = [exact(e) for [e] in rows]
        need(ends[0] < ends[1] if "vertices" not in shape else min(ends) < max(ends), "an empty shape")
        found.append((min(ends), max(ends)))
    places = sorted({e for pair in found for e in pair})
    return [(a, b) for a, b in pairwise(places) if any(low <= a and b <= high for low, high in found)]


def check_nonnegative(p: Poly, a: Q, b: Q, depth: int = 40) -> None:
    """p >= 0 on [a, b]: its Bernstein coefficients there are, or those on the halves."""
    n, moved = len(p) - 1, []
    for c in reversed(p):  # p(a + (b - a) t) in powers of t
        moved = plus(times(moved, [a, b - a]), [c])
    moved += [Q(0)] * (n + 1 - len(moved))
    if any(sum((moved[j] * comb(i, j) / comb(n, j) for j in range(i + 1)), Q(0)) < 0 for i in range(n + 1)):
        need(at(p, a) >= 0 and at(p, b) >= 0 and depth > 0, "the density is negative, or its sign is not settled")
        check_nonnegative(p, a, (a + b) / 2, depth - 1)
        check_nonnegative(p, (a + b) / 2, b, depth - 1)


def check(text: str) -> None:
    """Return if the certificate is valid; ValueError if it is not, or if this auditor cannot tell."""
    c = json.loads(text, parse_float=exact, parse_constant=exact)
    rest = json.dumps({k: v for k, v in c.items() if k != "digest"}, sort_keys=True, separators=(",", ":"),
                      ensure_ascii=False)  # fmt: skip
    need(c["format"] == "relu-closure/1" and c["kind"] == "domination", "another format or kind")
    need(hashlib.sha256(rest.encode()).hexdigest() == c["digest"], "digest")
    problem, claim = c["problem"], c["claim"]
    need(problem["loss"] == {"kind": "squared"}, "another loss")
    [x] = problem["domain"]["variables"]
    f, h = (polynomial(problem[key]["expression"], x) for key in ("target", "density"))
    S = intervals(problem["domain"])
    for a, b in S:
        check_nonnegative(h, a, b)

    # 3. reduction: jumps[o] is the jump on {x > o}
    base, found = affine(c["response"]["affine"], x), {}
    for entry in c["response"]["halfspaces"]:
        (s, o), J = half(entry["where"], x), affine(entry["jump"], x)
        inside = S[0][0] < o < S[-1][1]
        if s[1] < 0 if inside else at(s, (S[0][0] + S[-1][1]) / 2) > 0:
            base = plus(base, J)
        if inside:
            found[o] = plus(found.get(o, []), J, 1 if s[1] > 0 else -1)
    jumps = {o: J for o, J in found.items() if J}
    strict = {o: J for o, J in jumps.items() if at(J, o)}
    need(bool(strict), "the response is not strict")

    # 4. dimension
    size, slope = len(jumps) + len(strict), lambda p: p[1] if len(p) == 2 else Q(0)
    subsets = (F for r in range(len(jumps) + 1) for F in combinations(jumps.values(), r))
    free = len(strict) > 1 or any(not slope(base) + sum(map(slope, F)) for F in subsets)
    feedforward, width = problem["network"]["architecture"] == "feedforward", problem["network"]["width"]
    need(size + (feedforward and not free) == claim["dimension"] <= width, "dimension")

    # 5. neurons
    part = plus(affine(c["network"]["affine"], x), [exact(c["network"]["offset"])])
    neurons = [(exact(n["output"]), [exact(n["bias"]), *map(exact, n["weights"])]) for n in c["network"]["neurons"]]
    need(len(neurons) == claim["neurons"] <= width and all(len(g) == 2 and g[1] for _, g in neurons), "neurons")
    need(not (feedforward and len(part) > 1), "the affine part of the network")

    # 6. ramps: (s, J, kappa, e), what is added where the ramp faces the other way
    ramps, left = [], dict(strict)
    for entry in c["ramps"]:
        (s, o), J, k = half(entry["where"], x), affine(entry["jump"], x), exact(entry["kappa"])
        need(k > 0 and left.pop(o, None) == plus([], J, 1 if s[1] > 0 else -1), "a ramp")
        ramps.append((s, J, k, affine(entry["shift"], x)))
    need(not left and len(ramps) == len(claim["ramp_gains"]), "a jump without a ramp")

    # 7, 8, and the integrals, cell by cell
    pairs = [[plus(s, plus(e, J, sign), k) for sign in (1, -1)] for s, J, k, e in ramps]
    zeros = {-g[0] / g[1] for g in [g for _, g in neurons] + [g for pair in pairs for g in pair] if len(g) == 2}
    places = sorted({*zeros, *jumps, *(e for pair in S for e in pair)})
    risk, risk_of_network, gains = Q(0), Q(0), [Q(0)] * len(ramps)
    for a, b in pairwise(places):
        if not any(low <= a and b <= high for low, high in S):
            continue
        m = (a + b) / 2
        R, N = base, part
        for o, J in jumps.items():
            R = plus(R, J) if m > o else R
        for output, g in neurons:
            N = plus(N, g, output) if at(g, m) > 0 else N
        now = R
        for i, ((s, J, k, _), (up, down)) in enumerate(zip(ramps, pairs, strict=True)):
            before, now = now, plus(now, J, -1) if at(s, m) > 0 else now
            now = plus(now, up, 1 / (2 * k)) if at(up, m) > 0 else now
            now = plus(now, down, -1 / (2 * k)) if at(down, m) > 0 else now
            change = times(plus(before, now, -1), plus(plus(before, now), f, -2))  # (R_i - f)^2 - (R_i+1 - f)^2
            gains[i] += integral(times(h, change), a, b)
        need(now == N, f"the network is not the response with ramps between {a} and {b}")
        acting = (abs(at(s, m) + k * at(e, m)) < k * abs(at(J, m)) or at(s, m) * (at(s, m) + k * at(e, m)) < 0
                  for s, J, k, e in ramps)  # fmt: skip
        need(N == R or any(acting), f"the network differs outside the ramps between {a} and {b}")
        risk += integral(times(h, times(plus(R, f, -1), plus(R, f, -1))), a, b)
        risk_of_network += integral(times(h, times(plus(N, f, -1), plus(N, f, -1))), a, b)

    # 9. numbers
    need(exact(claim["gain"]["lower"]) > 0, "the gain is not positive")
    values = [(claim["response_risk"], risk), (claim["network_risk"], risk_of_network)]
    values += [(claim["gain"], risk - risk_of_network), *zip(claim["ramp_gains"], gains, strict=True)]
    for ends, value in values:
        need(exact(ends["lower"]) <= value <= exact(ends["upper"]), f"{value} is not in {ends}")
