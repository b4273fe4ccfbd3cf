"""The exact limit of a family of shallow ReLU networks: a generalized response, or a cell on which it diverges.

MATHEMATICS.md, section 2, "Exact limits of a given family": normalise every neuron, take its limit half-space, group
equal boundaries, add up the expansions in k on both sides of each. No negative power may be left on a cell of
positive mass; the powers k^0 give the affine part and the jumps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from proofs.closure.family import AffineGerm, MovingNeuron, NetworkFamily
from proofs.closure.notation import default_variables, dimension_of, latex_response
from proofs.closure.vectors import (
    ExactAffine,
    ExactResponse,
    Vector,
    as_affine,
    is_rational,
    is_zero,
    monic,
    plus,
    primitive,
    response_of,
    times,
    value,
)
from proofs.expansions.germs import Germ
from proofs.expansions.series import Exponent
from proofs.geometry.affine import Affine, Point
from proofs.geometry.polytopes import Polytope
from proofs.geometry.regions import cuts_interior
from proofs.numbers.constants import UndecidedError, nearby, sign, vanishes, visibly_vanishes
from proofs.response import Architecture, GeneralizedResponse

Verdict = Literal["converges", "diverges", "undecided"]
MAX_CELLS = 20_000
Powers = dict[Exponent, Vector]


@dataclass(frozen=True)
class Witness:
    """A cell `{x in D : s(x) > 0 for s in sides}` on which the family is `leading k^exponent + ...`, exponent < 0.

    `point` is a rational point of the cell at which `leading` does not vanish; None if the family has symbols.
    """

    sides: tuple[ExactAffine, ...]
    point: Point | None
    leading: ExactAffine
    exponent: Fraction


@dataclass(frozen=True)
class Limit:
    """What a family of networks tends to, almost everywhere on a domain.

    `determined` is False if a limit boundary may miss the interior of the domain: then (H2a) fails there, and the
    response is only one of several with these values on the cells of positive mass. `reason` says what could not be
    settled if the verdict is undecided.
    """

    verdict: Verdict
    response: GeneralizedResponse | ExactResponse | None = None
    witness: Witness | None = None
    reason: str = ""
    determined: bool = True

    def dimension(self, architecture: Architecture) -> int:
        """Return the dimension of the limit. Raises ValueError unless the family converges."""
        return self._response.dimension(architecture)

    @property
    def is_strict(self) -> bool:
        """Whether the limit has a jump. Raises ValueError unless the family converges."""
        return self._response.is_strict

    def _repr_latex_(self) -> str:
        if self.response is None:
            return rf"$$ \text{{{self.verdict}}} $$"
        return f"$$ {latex_response(self.response, default_variables(dimension_of(self.response)))} $$"

    @property
    def _response(self) -> GeneralizedResponse | ExactResponse:
        if self.response is None:
            raise ValueError("the family has no limit")
        return self.response


@dataclass
class _Group:
    """The neurons with one limit boundary: what they add up to below and above it, up to k^0."""

    side: Vector
    below: Powers = field(default_factory=dict)
    above: Powers = field(default_factory=dict)
    facings: set[int] = field(default_factory=set)

    @property
    def facing(self) -> int:
        """The side of the boundary from which the half-space is labelled: that of the neurons if they agree."""
        return -1 if self.facings == {-1} else 1


def limit(family: NetworkFamily, pieces: Sequence[Polytope] | None) -> Limit:
    """Return the limit of a family as k -> 0+ on the union of polytopes (on all of R^n for None).

    The polytopes may overlap in their boundaries only. Coefficients whose expansion or sign cannot be settled give
    the verdict undecided. Raises UndefinedGermError if a coefficient has no real value for small k.
    """
    try:
        return _limit(family, pieces)
    except UndecidedError as error:
        return Limit("undecided", reason=str(error))


def limit_boundary(inner: AffineGerm) -> Vector | None:
    """Return the limit of `inner / |inner|` up to a positive factor; None if the function vanishes identically.

    Raises UndecidedError where the expansion does not show a leading term.
    """
    entries = [germ.start() for germ in inner.entries]
    if all(series.is_exactly_zero for series in entries):
        return None
    for exponent in sorted({e for series in entries for e, _ in series.terms}):
        vector = tuple(germ.upto(exponent).coefficient(exponent) for germ in inner.entries)
        if not is_zero(vector):
            return vector
    raise UndecidedError("cannot tell whether a neuron vanishes identically")


def sign_on(vector: Vector, pieces: Sequence[Polytope] | None) -> int:
    """Return 1 if the function is >= 0 on the pieces, -1 if <= 0, 0 if it takes both signs (or D is all of R^n)."""
    if is_zero(vector[:-1]):
        return sign(vector[-1])
    if pieces is None:
        return 0
    signs = {sign(value(vector, vertex)) for piece in pieces for vertex in piece.vertices}
    if {1, -1} <= signs:
        return 0
    return 1 if 1 in signs else -1


def _limit(family: NetworkFamily, pieces: Sequence[Polytope] | None) -> Limit:
    base, groups = _grouped(family, pieces)
    for group in groups:
        base = _sum(base, group.below if group.facing == 1 else group.above)
    jumps = [_sum(g.above, g.below, -1) if g.facing == 1 else _sum(g.below, g.above, -1) for g in groups]
    sides = [primitive(times(Fraction(g.facing), g.side)) for g in groups]
    diverging = [i for i, jump in enumerate(jumps) if _first(jump) is not None]
    if diverging or _first(base) is not None:
        witness = _witness(base, sides, jumps, diverging, pieces)
        if witness is not None:
            return Limit("diverges", witness=witness)
    zero = (Fraction(0),) * (family.dimension + 1)
    terms = [(side, jump.get(0, zero)) for side, jump in zip(sides, jumps, strict=True)]
    kept = [(side, jump) for side, jump in terms if not all(visibly_vanishes(entry) for entry in jump)]
    response = response_of(base.get(0, zero), kept)
    return Limit("converges", response=response, determined=_is_determined(sides, pieces))


def _is_determined(sides: Sequence[Vector], pieces: Sequence[Polytope] | None) -> bool:
    """Whether every limit boundary satisfies (H2a); an irrational one in a union of pieces is taken not to."""
    if pieces is None or len(pieces) == 1:
        return True
    return all(is_rational(side) and cuts_interior(pieces, as_affine(side)) for side in sides)


def _grouped(family: NetworkFamily, pieces: Sequence[Polytope] | None) -> tuple[Powers, list[_Group]]:
    """Return what is active on all of the domain, and the neurons whose limit boundary cuts it, grouped."""
    try:
        base = _powers(family.affine.entries)
    except UndecidedError as error:
        raise UndecidedError(f"affine part: {error}") from None
    groups: list[_Group] = []
    for index, neuron in enumerate(family.neurons):
        try:
            boundary = _boundary_of(neuron)
            direction = -1 if boundary is None else sign_on(boundary, pieces)
            if boundary is None or direction < 0:
                continue
            powers = _powers([neuron.output * entry for entry in neuron.inner.entries])
            if direction > 0:
                base = _sum(base, powers)
            else:
                _place(groups, boundary, powers)
        except UndecidedError as error:
            raise UndecidedError(f"neuron {index + 1}: {error}") from None
    return base, groups


def _boundary_of(neuron: MovingNeuron) -> Vector | None:
    """Return the limit boundary, or None for a neuron that contributes nothing in the limit, wherever it is active."""
    if neuron.output.is_exactly_zero:
        return None
    try:
        return limit_boundary(neuron.inner)
    except UndecidedError:
        products = [(neuron.output * entry).start() for entry in neuron.inner.entries]
        if all(p.floor is None or p.floor > 0 for p in products):
            return None
        raise


def _place(groups: list[_Group], boundary: Vector, powers: Powers) -> None:
    normalised = monic(boundary)
    assert normalised is not None
    side, facing = normalised
    for group in groups:
        if is_zero(plus(side, times(Fraction(-1), group.side))):
            break
    else:
        group = _Group(side)
        groups.append(group)
    group.facings.add(facing)
    if facing == 1:
        group.above = _sum(group.above, powers)
    else:
        group.below = _sum(group.below, powers)


def _powers(entries: Sequence[Germ]) -> Powers:
    """Return the coefficients of the powers k^e with e <= 0 of an affine function, one vector for each power."""
    expansions = [germ.upto(0) for germ in entries]
    exponents = {e for series in expansions for e, _ in series.terms if e <= 0}
    return {e: tuple(series.coefficient(e) for series in expansions) for e in exponents}


def _sum(first: Powers, second: Powers, factor: int = 1) -> Powers:
    result = dict(first)
    for exponent, vector in second.items():
        scaled = times(Fraction(factor), vector)
        result[exponent] = plus(result[exponent], scaled) if exponent in result else scaled
    return result


def _first(powers: Powers) -> tuple[Exponent, Vector] | None:
    """Return the leading term of negative order, or None."""
    return next(((e, powers[e]) for e in sorted(powers) if e < 0 and not is_zero(powers[e])), None)


def _witness(
    base: Powers, sides: list[Vector], jumps: list[Powers], diverging: list[int], pieces: Sequence[Polytope] | None
) -> Witness | None:
    """Return a cell of positive mass that keeps a negative power, or None if there is none.

    In a convex domain there is one, next to a boundary with a diverging jump if there is such a boundary.
    """
    if pieces is None:
        return _unbounded_witness(base, sides, jumps, diverging)
    last = diverging[:1]
    order = [i for i in range(len(sides)) if i not in last] + last
    exact = all(is_rational(side) for side in sides)
    cuts = [as_affine(tuple(nearby(entry).limit_denominator(10**6) for entry in side)) for side in sides]
    visited = 0
    for piece in pieces:
        for cell in _cells(piece, [cuts[i] for i in order], bool(last)):
            visited += 1
            if visited > MAX_CELLS:
                raise UndecidedError(f"none of {MAX_CELLS} cells diverges, and there are more")
            centre = cell.centre
            signs = [sign(value(side, centre)) for side in sides]
            if 0 in signs:
                continue
            total = base
            for jump, above in zip(jumps, signs, strict=True):
                if above > 0:
                    total = _sum(total, jump)
            found = _first(total)
            if found is not None:
                oriented = tuple(ExactAffine(times(Fraction(s), side)) for s, side in zip(signs, sides, strict=True))
                point = _where_not_zero(found[1], cell, sides)
                return Witness(oriented, point, ExactAffine(found[1]), Fraction(found[0]))
    if not exact:
        raise UndecidedError("no cell was found that diverges; some boundaries are irrational")
    return None


def _cells(piece: Polytope, cuts: Sequence[Affine], last_must_cut: bool) -> Iterator[Polytope]:
    """Yield the cells of the arrangement in a piece, depth first; those next to the last boundary come first."""
    if not cuts:
        yield piece
        return
    parts = [part for part in piece.split(cuts[0]) if part is not None]
    if last_must_cut:
        parts.sort(key=lambda part: part.sign_of(cuts[-1]) != 0)
    for part in parts:
        yield from _cells(part, cuts[1:], last_must_cut)


def _where_not_zero(vector: Vector, cell: Polytope, sides: Sequence[Vector]) -> Point:
    """Return a rational point of the cell at which an affine function, not identically 0, is not 0."""
    centre = cell.centre
    if not vanishes(value(vector, centre)):
        return centre
    for vertex in cell.vertices:
        point = tuple((c + v) / 2 for c, v in zip(centre, vertex, strict=True))
        if not vanishes(value(vector, point)) and all(sign(value(s, point)) == sign(value(s, centre)) for s in sides):
            return point
    raise UndecidedError("no rational point was found at which the leading term does not vanish")


def _unbounded_witness(base: Powers, sides: list[Vector], jumps: list[Powers], diverging: list[int]) -> Witness:
    """Return a witness on all of R^n: one side of a boundary whose jump diverges, the leading term of one sum there."""
    found = _first(base)
    if found is not None:
        away = tuple(ExactAffine(times(Fraction(-1), side)) for side in sides)
        return Witness(away if len(sides) <= 1 else (), None, ExactAffine(found[1]), Fraction(found[0]))
    chosen = diverging[0]
    leading = _first(jumps[chosen])
    assert leading is not None
    return Witness((ExactAffine(sides[chosen]),), None, ExactAffine(leading[1]), Fraction(leading[0]))
