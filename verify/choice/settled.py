"""Ramps with given kappas: the shifts that the construction asks for, and thin ramps that win by first-order theory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from proofs.geometry.affine import Affine, Point
from proofs.geometry.polytopes import Cell
from proofs.ramp import Construction, Ramp
from verify.choice.settings import Estimator, Setting, setting_of, simplest
from verify.problem import Problem


def anchors(construction: Construction, cells: Iterable[Cell]) -> list[Point]:
    """Return for each jump a rational point of its hyperplane inside the domain (anywhere on it if there is none)."""
    parts = list(cells)
    return [_anchor(term.halfspace.side, parts) for term in construction.response.jumps]


def _anchor(side: Affine, cells: Sequence[Cell]) -> Point:
    found = []
    for cell in cells:
        below, above = cell.split(side)
        if below is not None and above is not None:
            found.append(_crossing(side, below.centre, above.centre))
    if not found:
        scale = side.constant / sum((g * g for g in side.gradient), Fraction(0))
        found.append(tuple(-scale * g for g in side.gradient))
    return tuple(sum(column, Fraction(0)) / len(found) for column in zip(*found, strict=True))


def _crossing(side: Affine, first: Point, second: Point) -> Point:
    weight = side(first) / (side(first) - side(second))
    return tuple(p + weight * (q - p) for p, q in zip(first, second, strict=True))


def settled_ramps(construction: Construction, kappas: Sequence[Fraction], places: Sequence[Point]) -> list[Ramp]:
    """Return ramps with given kappas and no shift beyond what the construction asks for, shared out evenly.

    Over T the kappas are tied to the first, and each shift vanishes at its jump's place (MATHEMATICS.md, end of
    section 3).
    """
    tied = [k for k, _ in construction.weights]
    share = construction.shift_gradient * Fraction(1, max(1, len(tied))) if tied else None
    ramps = []
    for k, (term, kappa) in enumerate(zip(construction.response.jumps, construction.kappas(kappas), strict=True)):
        if k in tied and share is not None:
            shift = share.plus(-share(places[k]))
        else:
            shift = Affine.constantly(0, construction.response.dimension_of_input)
        ramps.append(Ramp(term, kappa, shift))
    return ramps


def pushed(estimator: Estimator, ramps: Sequence[Ramp]) -> list[Ramp]:
    """Return the ramps, each moved by the size of its jump to the side where more is gained, or left where it is."""
    result: list[Ramp] = []
    before: list[Setting] = []
    for k, ramp in enumerate(ramps):
        unit = Fraction(estimator.unit(k))
        step = simplest(unit, unit / 10)
        choices = [replace(ramp, shift=ramp.shift.plus(move)) for move in (0, step, -step)]
        settings = [setting_of(choice, estimator.anchors[k]) for choice in choices]
        best = max(range(3), key=lambda i: estimator.stage(k, settings[i], before))
        result.append(choices[best])
        before.append(settings[best])
    return result


def thin_kappa(problem: Problem, jump: Affine, side: Affine, shrink: int) -> Fraction:
    """Return a kappa whose ramp reaches about 4^-shrink of the domain."""
    reach = max(abs(problem.domain.lower_bound(sign * jump)) for sign in (1, -1))
    spread = max(abs(problem.domain.lower_bound(sign * side)) for sign in (1, -1))
    exact = spread / reach / 4**shrink
    bits = exact.denominator.bit_length() - exact.numerator.bit_length()
    return Fraction(1, 2**bits) if bits >= 0 else Fraction(2**-bits)
