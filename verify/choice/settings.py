"""Parameters of ramps as floats for the search, and as simple rationals for the proof."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol

from proofs.geometry.affine import Affine, Point
from proofs.ramp import Construction, Ramp

Setting = tuple[float, ...]
"""kappa, the shift at the jump's anchor, the gradient of the shift."""

_SNAPS = (Fraction(1, 50), Fraction(1, 1000), Fraction(1, 10**6))


class Estimator(Protocol):
    """Estimates gains in floating point; one anchor, a point on or near its hyperplane, a jump."""

    anchors: Sequence[Point]

    def total(self, settings: Sequence[Setting]) -> float:
        """Return the estimated gain with all jumps ramped."""
        ...

    def stage(self, index: int, setting: Setting, before: Sequence[Setting] = ()) -> float:
        """Return the estimated gain of ramping one jump, the jumps of `before` being ramps already."""
        ...

    def kappas(self, index: int) -> list[float]:
        """Return kappas worth a try, from one whose ramp fills the domain downwards."""
        ...

    def unit(self, index: int) -> float:
        """Return the size of a jump, the unit of its shift."""
        ...

    def steepness(self, index: int) -> float:
        """Return the size of a jump's gradient, the unit of the gradient of its shift."""
        ...


def to_float(value: Fraction) -> float:
    """Return the nearest float, or a huge one."""
    try:
        return float(value)
    except OverflowError:
        return math.copysign(1e300, value)


def setting_of(ramp: Ramp, anchor: Point) -> Setting:
    """Return a ramp's parameters as floats."""
    return to_float(ramp.kappa), to_float(ramp.shift(anchor)), *(to_float(g) for g in ramp.shift.gradient)


def snapped(
    construction: Construction, estimator: Estimator, settings: Sequence[Setting], gain: float
) -> tuple[list[Ramp], float]:
    """Return ramps with parameters as simple as keeps most of an estimated gain, and what is left of it."""
    for tolerance in _SNAPS:
        ramps = _rational(construction, estimator, settings, tolerance)
        estimate = estimator.total([setting_of(r, a) for r, a in zip(ramps, estimator.anchors, strict=True)])
        if estimate > 0.9 * gain:
            break
    return ramps, estimate


def _rational(
    construction: Construction, estimator: Estimator, settings: Sequence[Setting], tolerance: Fraction
) -> list[Ramp]:
    """Return ramps near the given settings, tied together as the construction asks.

    The tolerance is relative to kappa, to the size of the jump and to that of the gradient.
    """
    kappas = construction.kappas([simplest(Fraction(s[0]), Fraction(s[0]) * tolerance) for s in settings])
    tied = [k for k, _ in construction.weights]
    missing = construction.shift_gradient.gradient if tied else ()
    ramps: list[Ramp] = []
    for k, (term, kappa, (_, constant, *gradient)) in enumerate(
        zip(construction.response.jumps, kappas, settings, strict=True)
    ):
        unit = Fraction(estimator.unit(k))
        tilt = tuple(Fraction(0) for _ in gradient)
        if k in tied:
            if k == tied[-1]:
                tilt = missing
            else:
                size = Fraction(max(max(map(abs, gradient)), estimator.steepness(k) or float(unit)))
                tilt = tuple(simplest(Fraction(g), size * tolerance) for g in gradient)
            missing = tuple(m - t for m, t in zip(missing, tilt, strict=True))
        shift = Affine(tilt, Fraction(0))
        level = simplest(Fraction(constant), unit * tolerance) if math.isfinite(constant) else Fraction(0)
        ramps.append(Ramp(term, kappa, shift.plus(level - shift(estimator.anchors[k]))))
    return ramps


def simplest(value: Fraction, tolerance: Fraction) -> Fraction:
    """Return the simplest rational within the tolerance."""
    if abs(value) <= tolerance:
        return Fraction(0)
    size = abs(value)
    low, high = size - tolerance, size + tolerance
    # Stern-Brocot descent, by continued fractions
    terms: list[int] = []
    while True:
        whole = low.numerator // low.denominator
        if low == whole:
            terms.append(whole)
            break
        if whole + 1 <= high:
            terms.append(whole + 1)
            break
        terms.append(whole)
        low, high = 1 / (high - whole), 1 / (low - whole)
    result = Fraction(terms[-1])
    for term in reversed(terms[:-1]):
        result = term + 1 / result
    return result if value > 0 else -result
