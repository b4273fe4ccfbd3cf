"""Random targets, densities and losses as texts of the grammar: right by construction, or wrong in a known way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from proofs.geometry.affine import Affine, Point
from verify.sampling.choices import Choices
from verify.sampling.geometry import NAMES, affine, normal, sides

_CONTINUOUS = (
    "{u}",
    "({u})**2",
    "sin({u})",
    "cos({u})",
    "exp(-({u})**2)",
    "Abs({u})",
    "Max({u}, {v})",
    "Min({u}, ({v})**2)",
    "Piecewise((({u})**2, {u} < 0), ({c}*({u}), True))",
    "sqrt(1 + ({u})**2)",
    "1/(1 + ({u})**2)",
    "atan({u})",
    "log(1 + ({u})**2)",
    "tanh({u})*({v})",
    "erf({u})",
)
"""Continuous on all of R^n, whatever the affine functions u, v and the number c."""

_POSITIVE = (
    "1",
    "1 + ({u})**2",
    "exp(({u})/4)",
    "2 + sin({u})",
    "1/(1 + ({u})**2)",
    "3/2 - atan({u})/4",
)
_STEPS = {
    "step": "Piecewise((0, {s} < 0), ({c}, True))",
    "sign": "{c}*sign({s})",
    "heaviside": "{c}*Heaviside({s})",
    "floor": "{c}*floor({s})",
}
_UNDEFINED = {"pole": "{c}/({s})", "logarithm": "{c}*log({s})", "root": "{c}*sqrt({s})"}
FAULTS = (*_STEPS, *_UNDEFINED)

STRICT: tuple[dict[str, Any], ...] = (
    {"kind": "squared"},
    {"kind": "power", "exponent": "4"},
    {"kind": "power", "exponent": "3"},
    {"kind": "logcosh"},
    {"kind": "expression", "expression": "(y - f)**2 + (y - f)**4"},
    {"kind": "logistic"},
    {"kind": "poisson"},
    {"kind": "power", "exponent": "3/2"},
)
"""Losses to which the theorem applies (logistic and Poisson with the targets of `target`)."""

NOT_STRICT: tuple[dict[str, Any], ...] = (
    {"kind": "absolute"},
    {"kind": "huber", "delta": "1/2"},
    {"kind": "pinball", "level": "1/3"},
    {"kind": "power", "exponent": "1"},
)
"""Losses that are convex but not strictly."""


@dataclass(frozen=True)
class BrokenTarget:
    """A target that is not continuous, or not defined everywhere: the fault's name, and where (side = 0)."""

    expression: str
    fault: str
    side: Affine

    @property
    def is_undefined(self) -> bool:
        """Whether the target is undefined somewhere (bad input for certify) rather than discontinuous."""
        return self.fault in _UNDEFINED


def continuous(choices: Choices, n: int) -> str:
    """Return an expression that is continuous on R^n."""
    terms = [_filled(choices, choices.pick(_CONTINUOUS), n) for _ in range(choices.integer(1, 2))]
    return " + ".join(f"({choices.nonzero()})*({term})" for term in terms)


def polynomial(choices: Choices, n: int) -> str:
    """Return a polynomial of degree at most 3 with rational coefficients."""
    u, v = (affine(choices, n).text(NAMES[:n]) for _ in range(2))
    return choices.pick((f"{u}", f"({u})*({v})", f"({u})**3 + {v}"))


def target(choices: Choices, n: int, loss: str = "squared") -> str:
    """Return a continuous target; for logistic loss its values lie in (0, 1), for Poisson loss they are positive."""
    base = continuous(choices, n)
    return {"logistic": f"1/2 + atan({base})/4", "poisson": f"1/4 + ({base})**2"}.get(loss, base)


def broken_target(choices: Choices, points: Sequence[Point], faults: Sequence[str] = FAULTS) -> BrokenTarget:
    """Return a continuous function plus a fault along a hyperplane that cuts the hull of the points."""
    n = len(points[0])
    fault = choices.pick(faults)
    (side,) = sides(choices, points, [normal(choices, n)])
    values = {"s": side.text(NAMES[:n]), "c": f"({choices.nonzero()})"}
    return BrokenTarget(f"{continuous(choices, n)} + {(_STEPS | _UNDEFINED)[fault].format(**values)}", fault, side)


def density(choices: Choices, n: int) -> str:
    """Return a continuous density that is positive on R^n."""
    return _filled(choices, choices.pick(_POSITIVE), n)


def polynomial_density(choices: Choices, n: int) -> str:
    """Return a polynomial density that is positive on R^n."""
    return _filled(choices, choices.pick(_POSITIVE[:2]), n)


def vanishing_density(choices: Choices, points: Sequence[Point]) -> str:
    """Return a density that is 0 on a hyperplane through the domain, so that (H2a) fails there, and positive off it."""
    (side,) = sides(choices, points, [normal(choices, len(points[0]))])
    text = side.text(NAMES[: side.dimension])
    return choices.pick((f"({text})**2", f"Abs({text})"))


def _filled(choices: Choices, template: str, n: int) -> str:
    # whatever the template needs: templates can be exchanged while all other choices stay, which helps to shrink
    functions = [Affine.of([choices.rational(6, 3) for _ in range(n)], choices.rational(6, 3)) for _ in "uv"]
    u, v = (function.text(NAMES[:n]) for function in functions)
    return template.format(u=u, v=v, c=f"({choices.rational()})")
