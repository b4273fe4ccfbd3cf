"""A jump as target: the ramps of ReLU tend to it, with explicit bounds of the risk.

MATHEMATICS.md, sections 3 and 5. The ramp `(1/(2k)) [(s + k J)^+ - (s - k J)^+]` equals `J 1{s > 0}` where
`|s| >= k |J|`; elsewhere it differs by `(|J| - |s|/k) / 2`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from proofs.arguments.discs import Disc
from proofs.arguments.record import RefusedError
from proofs.geometry.affine import Affine

_SCALE = 10**9


@dataclass(frozen=True)
class PowerBound:
    """`risk <= factor k^rate` for all 0 < k <= until."""

    factor: Fraction
    rate: Fraction
    until: Fraction


def on_interval(side: Affine, jump: Fraction) -> PowerBound:
    """Return the bound for a constant jump J on the line: `2 int_0^(k|J|) ((|J| - t/k)/2)^2 dt = k |J|^3 / 6`, |n| = 1.

    For `s = n x - o` it is divided by |n|; equality where the ramp lies in the domain.
    """
    return PowerBound(abs(jump) ** 3 / (6 * abs(side.gradient[0])), Fraction(1), Fraction(1))


def on_discs(discs: Sequence[Disc], side: Affine) -> PowerBound:
    """Return the bound for J = 1 on discs in the plane that the line does not cut, `s = n.x - o` with |n| = 1.

    At distance t from a line that does not enter a disc of radius r, its chord is at most `2 sqrt(2 r t)` long, and
    `int_0^k ((1 - t/k)/2)^2 2 sqrt(2 r t) dt = (8/105) sqrt(2 r) k^(3/2)`. Raises RefusedError.
    """
    if len(side.gradient) != 2 or sum(g * g for g in side.gradient) != 1:
        raise RefusedError("the normal is not a unit vector of the plane")
    if any(side(disc.centre) ** 2 < disc.radius**2 for disc in discs):
        raise RefusedError("the line cuts a disc")
    roots = sum((_root_above(2 * disc.radius) for disc in discs), Fraction(0))
    return PowerBound(Fraction(8, 105) * roots, Fraction(3, 2), Fraction(1))


def on_cusp() -> PowerBound:
    """Return the bound for `J = y`, `s = x` on `{|y| <= sqrt|x|}`.

    There `|x| < k |y|` implies `|x| < k^2`, and the difference is at most |y|/2: the risk is at most
    `2 int_0^(k^2) int_(|y| <= sqrt x) y^2/4 dy dx = (2/15) k^5`.
    """
    return PowerBound(Fraction(2, 15), Fraction(5), Fraction(1))


def _root_above(value: Fraction) -> Fraction:
    """A rational upper bound of a square root, within 1e-9."""
    return Fraction(isqrt(-(-value.numerator * _SCALE**2 // value.denominator)) + 1, _SCALE)
