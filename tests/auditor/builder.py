"""Certificates built by hand: the ramp formulas as they stand, and claims from mpmath quadrature at 40 digits.

Nothing of `verify` or `proofs` is used. A half-space is the set side * (x - at) > 0 with the affine jump
(constant, slope); `kappa` None says that the jump is a kink and becomes one neuron.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import mpmath

Line = tuple[Fraction, Fraction]  # (constant, slope)
Real = Callable[[Any], Any]


@dataclass(frozen=True)
class Half:
    """A half-space with its jump, and the ramp that replaces it."""

    at: Fraction
    jump: Line
    side: Fraction = Fraction(1)
    kappa: Fraction | None = None
    shift: Line = (Fraction(0), Fraction(0))
    turn: bool = False  # the ramp (or neuron) faces the other way than the half-space


def line(constant: Any, slope: Any = 0) -> Line:
    return Fraction(constant), Fraction(slope)


def half(at: Any, jump: Any, *, side: Any = 1, kappa: Any = None, shift: Any = 0, turn: bool = False) -> Half:
    lines = [value if isinstance(value, tuple) else line(value) for value in (jump, shift)]
    return Half(Fraction(at), lines[0], Fraction(side), None if kappa is None else Fraction(kappa), lines[1], turn)


def seal(data: dict[str, Any]) -> dict[str, Any]:
    """The same object with the right digest."""
    data = {key: value for key, value in data.items() if key != "digest"}
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return {**data, "digest": hashlib.sha256(text.encode()).hexdigest()}


def changed(data: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A sealed copy with one entry replaced; the path is dotted, list indices are numbers."""
    data = copy.deepcopy(data)
    *parents, last = (int(part) if part.isdigit() else part for part in path.split("."))
    target: Any = data
    for part in parents:
        target = target[part]
    target[last] = value
    return seal(data)


def text(value: Line) -> str:
    return f"({value[0]}) + ({value[1]})*x"


def _plus(a: Line, b: Line, factor: Fraction | int = 1) -> Line:
    return a[0] + factor * b[0], a[1] + factor * b[1]


def _neuron(output: Fraction, argument: Line) -> dict[str, Any]:
    return {"output": str(output), "weights": [str(argument[1])], "bias": str(argument[0])}


def _facing(h: Half) -> tuple[Line, Line, str]:
    """Side function and jump as the ramp has them, and the text of the half-space."""
    s = (-h.at * h.side, h.side)
    jump = h.jump
    if h.turn:
        s, jump = (-s[0], -s[1]), (-jump[0], -jump[1])
    return s, jump, f"{text(s)} > 0"


def decimals(value: Any, towards: int, digits: int = 15) -> str:
    """A decimal string, rounded down (-1) or up (1)."""
    if value == 0:
        return "0"
    shift = digits - int(mpmath.floor(mpmath.log10(abs(value))))
    scaled = value * mpmath.mpf(10) ** shift
    return f"{int(mpmath.floor(scaled) if towards < 0 else mpmath.ceil(scaled))}e{-shift}"


def interval(value: Any, slack: Any = "1e-4") -> dict[str, str]:
    width = abs(value) * mpmath.mpf(slack)
    return {"lower": decimals(value - width, -1), "upper": decimals(value + width, 1)}


def build(
    halves: Sequence[Half],
    *,
    affine: Line = (Fraction(0), Fraction(0)),
    target: str = "x",
    f: Real = lambda x: x,
    density: str = "1",
    h: Real = lambda x: mpmath.mpf(1),
    pieces: Sequence[tuple[Any, Any]] = ((0, 1),),
    domain: dict[str, Any] | None = None,
    loss: dict[str, Any] | None = None,
    L: Callable[[Any, Any], Any] = lambda y, f: (y - f) ** 2,
    architecture: str = "feedforward",
    mode: str = "plain",
    breaks: Sequence[Any] = (),
    slack: Any = "1e-4",
    claims: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A certificate. `mode`: plain (no neuron for the affine part), always (one always-active neuron), free.

    In the mode free the slopes of the shifts have to be such that the affine part becomes constant. `claims` replaces
    the quadrature.
    """
    base = affine
    ramps: list[dict[str, str]] = []
    neurons: list[dict[str, Any]] = []
    multiplicities = 0
    for one in halves:
        s, jump, where = _facing(one)
        base = _plus(base, one.jump) if one.turn else base
        multiplicities += 1 if one.kappa is None else 2
        if one.kappa is None:
            neurons.append(_neuron(jump[1] / s[1], s))
            continue
        k = one.kappa
        up, down = (_plus(s, _plus(one.shift, jump, sign), k) for sign in (1, -1))
        if mode == "free":  # the second neuron faces the other way: y^+ = y + (-y)^+
            base = _plus(base, down, -1 / (2 * k))
            down = -down[0], -down[1]
        neurons += [_neuron(1 / (2 * k), up), _neuron(-1 / (2 * k), down)]
        ramps.append({"where": where, "jump": text(jump), "kappa": str(k), "shift": text(one.shift)})
    if mode == "always":
        bound = Fraction(1000)
        neurons.append(_neuron(Fraction(1), (base[0] + bound, base[1])))
        base = (-bound, Fraction(0))
    if architecture == "feedforward":
        assert base[1] == 0, "the affine part is not constant"
    data = {
        "format": "relu-closure/1",
        "kind": "domination",
        "problem": {
            "name": "by hand",
            "domain": {
                "variables": ["x"],
                **(domain or {"union": [{"box": [[str(Fraction(a)), str(Fraction(b))]]} for a, b in pieces]}),
            },
            "density": {"expression": density},
            "target": {"expression": target},
            "loss": loss or {"kind": "squared"},
            "network": {"architecture": architecture, "width": len(neurons)},
        },
        "response": {
            "affine": text(affine),
            "halfspaces": [{"where": _facing(replace(one, turn=False))[2], "jump": text(one.jump)} for one in halves],
        },
        "ramps": ramps,
        "network": {"affine": f"({base[1]})*x", "offset": str(base[0]), "neurons": neurons},
        "claim": {
            "dimension": multiplicities + (1 if mode == "always" else 0),
            "neurons": len(neurons),
            **(claims or _claims(halves, affine, f, h, L, pieces, breaks, slack)),
        },
    }
    return seal(data)


def _claims(
    halves: Sequence[Half],
    affine: Line,
    f: Real,
    h: Real,
    loss: Callable[[Any, Any], Any],
    pieces: Sequence[tuple[Any, Any]],
    breaks: Sequence[Any],
    slack: Any,
) -> dict[str, Any]:
    with mpmath.workdps(40):
        exact = _risks(halves, affine, f, h, loss, pieces, breaks)
        risk, gains = exact
        total = mpmath.fsum(gains)
        return {
            "response_risk": interval(risk, slack),
            "network_risk": interval(risk - total, slack),
            "gain": interval(total, slack),
            "ramp_gains": [interval(gain, slack) for gain in gains],
        }


def _risks(
    halves: Sequence[Half],
    affine: Line,
    f: Real,
    h: Real,
    loss: Callable[[Any, Any], Any],
    pieces: Sequence[tuple[Any, Any]],
    breaks: Sequence[Any],
) -> tuple[Any, list[Any]]:
    def value(a: Line, x: Any) -> Any:
        return mpmath.mpf(a[0].numerator) / a[0].denominator + x * mpmath.mpf(a[1].numerator) / a[1].denominator

    def term(one: Half, ramped: bool, x: Any) -> Any:
        s, jump, _ = _facing(one)
        turned = value(one.jump, x) if one.turn else 0
        if not ramped:
            return turned + (value(jump, x) if value(s, x) > 0 else 0)
        k = one.kappa
        assert k is not None
        up, down = (max(value(_plus(s, _plus(one.shift, jump, sign), k), x), 0) for sign in (1, -1))
        return turned + (up - down) / (2 * value((k, Fraction(0)), 0))

    points = {Fraction(b) for b in breaks}
    for one in halves:
        s, jump, _ = _facing(one)
        zeros = [s]
        if one.kappa is not None:
            zeros += [_plus(s, _plus(one.shift, jump, sign), one.kappa) for sign in (1, -1)]
        points |= {-z[0] / z[1] for z in zeros if z[1]}

    def number(q: Any) -> Any:
        return value((Fraction(q), Fraction(0)), 0)

    cells: list[tuple[Any, Any]] = []
    for a, b in pieces:
        inner = sorted(number(p) for p in points)
        ends = [number(a), *(p for p in inner if number(a) < p < number(b)), number(b)]
        cells += pairwise(ends)

    def integral(g: Real) -> Any:
        return mpmath.fsum(mpmath.quad(g, cell) for cell in cells)

    def response(done: int, x: Any) -> Any:
        jumping = [one for one in halves if one.kappa is not None]
        ramped = {id(one) for one in jumping[:done]}
        return value(affine, x) + mpmath.fsum(term(one, id(one) in ramped, x) for one in halves)

    count = sum(one.kappa is not None for one in halves)
    risk = integral(lambda x: h(x) * loss(response(0, x), f(x)))
    gains = [
        integral(lambda x, i=i: h(x) * (loss(response(i, x), f(x)) - loss(response(i + 1, x), f(x))))  # type: ignore[misc]
        for i in range(count)
    ]
    return risk, gains
