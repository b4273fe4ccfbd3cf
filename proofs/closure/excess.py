"""The risk along a family: does it stay bounded, and does it tend to the risk of the limit?

For squared loss on D with h = 1 and any bounded target f, if `N_k -> R` almost everywhere, then
    err(N_k) = err(R) + int_D (N_k - R)^2 dx + o(1)        whenever the integral, the excess, stays bounded,
because a bounded sequence in L^2 that converges almost everywhere converges weakly; and err(N_k) -> infinity along
with the excess otherwise. So the order in k of the excess decides for every target at once. It is computed exactly:
the coefficients are replaced by their expansions (with an error in N_k that is O(k^r) uniformly on D), and the
integral over the moving cells is a Laurent series in a root of k (`proofs.closure.moving`). MATHEMATICS.md, section 2:
the spike `k^-3 [(x+k)^+ - 2x^+ + (x-k)^+]` tends to 0 almost everywhere, and its excess is `2/(3 k^3)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, lcm

from proofs.closure.family import AffineGerm, NetworkFamily
from proofs.closure.moving import ZERO, Form, Laurent, MovingPolytope, polynomial
from proofs.closure.vectors import is_rational
from proofs.expansions.series import Series
from proofs.geometry.affine import Affine
from proofs.geometry.polytopes import Polytope
from proofs.numbers.constants import UndecidedError
from proofs.response import GeneralizedResponse

WANTED_ORDERS = (Fraction(2), Fraction(1), Fraction(1, 2), Fraction(1, 8))
"""The expansions are kept until their error in N_k is below the first of these powers of k that can be reached."""

MAX_COST = 4_000_000
"""Of the pairs of neurons times 6^n, about what an integral over a cube cut twice costs: some ten seconds."""

MAX_LENGTH = 2_000
"""Of the Laurent series, in powers of a root of k."""


@dataclass(frozen=True)
class Excess:
    """The leading term `factor k^exponent` of the excess; factor 0: it is O(k^exponent), or 0 if `exponent` is None."""

    factor: Fraction
    exponent: Fraction | None

    @property
    def is_bounded(self) -> bool:
        """Whether the risk stays bounded along the family."""
        return self.exponent is None or self.exponent >= 0

    @property
    def tends_to_limit(self) -> bool:
        """Whether the risk tends to that of the limit."""
        return self.exponent is None or self.exponent > 0


@dataclass(frozen=True)
class _Atom:
    """The function `t^shift * form(x) 1{where(x) > 0}`; everywhere if `where` is None."""

    form: Form
    shift: int
    where: Form | None


def excess(family: NetworkFamily, response: GeneralizedResponse, pieces: Iterable[Polytope]) -> Excess:
    """Return the leading term of `int_D (N_k - R)^2 dx` for a family that tends to a response almost everywhere.

    The pieces may overlap in their boundaries only. Raises UndecidedError where a coefficient has no expansion, or
    an irrational one.
    """
    parts, error = _jets(family)
    root = lcm(*(Fraction(e).denominator for _, form, where in parts for s in (*form, *where) for e, _ in s.terms))
    atoms = [_moving_atom(form, where if has_boundary else None, root) for has_boundary, form, where in parts]
    atoms += [_fixed_atom(-term.jump, term.halfspace.side) for term in response.terms]
    atoms.append(_fixed_atom(-response.affine, None))
    known = 2 * (WANTED_ORDERS[0] if error is None else min(error, WANTED_ORDERS[0]))
    length = ceil(known * root)
    if len(atoms) ** 2 * 6**family.dimension > MAX_COST or length - 2 * min(a.shift for a in atoms) > MAX_LENGTH:
        raise UndecidedError("the excess is computed only for few neurons, moderate orders and low dimension")
    total = Laurent(ZERO, 0)
    for piece in pieces:
        total = total.plus(_square(atoms, MovingPolytope.fixed(piece), length))
    found = total.leading(length)
    if found is not None:
        return Excess(found[1], Fraction(found[0], root))
    if error is None and not any(_moves(atom) for atom in atoms):
        return Excess(Fraction(0), None)
    return Excess(Fraction(0), known)


def _square(atoms: Sequence[_Atom], domain: MovingPolytope, length: int) -> Laurent:
    """Return the integral of the square of a sum of atoms over one piece."""
    clipped = [domain if a.where is None else domain.clipped(a.where) for a in atoms]
    total = Laurent(ZERO, 0)
    for i, (first, region) in enumerate(zip(atoms, clipped, strict=True)):
        if region is None:
            continue
        for j in range(i + 1):
            second = atoms[j]
            common = region if second.where is None or i == j else region.clipped(second.where)
            if common is None:
                continue
            shift = first.shift + second.shift
            integral = common.integral_of_product(first.form, second.form, length - shift).times_power(shift)
            total = total.plus(integral if i == j else integral.plus(integral))
    return total


_Part = tuple[bool, tuple[Series, ...], tuple[Series, ...]]


def _jets(family: NetworkFamily) -> tuple[list[_Part], Fraction | None]:
    """Return what the family adds up, expanded far enough, and r > 0 with a uniform error O(k^r) (None: no error)."""
    for wanted in WANTED_ORDERS:
        try:
            return _jets_to(family, wanted)
        except UndecidedError:
            if wanted == WANTED_ORDERS[-1]:
                raise
    raise AssertionError("unreachable")


def _jets_to(family: NetworkFamily, wanted: Fraction) -> tuple[list[_Part], Fraction | None]:
    """Expand until the error is below `k^wanted`; each part is (has it a boundary, its function, what bounds it).

    What is left out of `c l^+` is at most `|c - c'| |l| + |c'| |l - l'|`, whose order the expansions state.
    """
    affine = [germ.upto(wanted) for germ in family.affine.entries]
    parts: list[_Part] = [(False, tuple(_exact(affine)), ())]
    errors = [s.order for s in affine]
    for neuron in family.neurons:
        output_floor = neuron.output.start().floor
        inner_floor = _floor(neuron.inner)
        if output_floor is None or inner_floor is None:
            continue
        output = neuron.output.upto(wanted - inner_floor)
        inner = [germ.upto(wanted - output_floor) for germ in neuron.inner.entries]
        errors += [None if s.order is None else s.order + output_floor for s in inner]
        errors.append(None if output.order is None else output.order + inner_floor)
        (kept_output,) = _exact([output])
        kept = tuple(_exact(inner))
        if kept_output.terms and any(s.terms for s in kept):
            parts.append((True, tuple(kept_output * s for s in kept), kept))
    return parts, min((Fraction(e) for e in errors if e is not None), default=None)


def _floor(inner: AffineGerm) -> Fraction | None:
    floors = [floor for germ in inner.entries if (floor := germ.start().floor) is not None]
    return Fraction(min(floors)) if floors else None


def _exact(expansions: Iterable[Series]) -> list[Series]:
    """Drop the error terms. Raises UndecidedError for irrational coefficients."""
    result = []
    for series in expansions:
        if not is_rational(c for _, c in series.terms):
            raise UndecidedError("the excess is computed only for expansions with rational coefficients")
        result.append(Series(series.terms))
    return result


def _moving_atom(form: Sequence[Series], where: Sequence[Series] | None, root: int) -> _Atom:
    polynomials, shift = _common_power(form, root)
    return _Atom(polynomials, shift, None if where is None else _common_power(where, root)[0])


def _common_power(entries: Sequence[Series], root: int) -> tuple[Form, int]:
    """Return polynomials in `t = k^(1/root)` and the power of t that they have to be multiplied with."""
    exponents = [int(e * root) for s in entries for e, _ in s.terms]
    low = min(exponents, default=0)
    result = []
    for series in entries:
        coefficients = {int(e * root) - low: c for e, c in series.terms}
        result.append(polynomial([coefficients.get(i, Fraction(0)) for i in range(max(coefficients, default=-1) + 1)]))
    return tuple(result), low


def _fixed_atom(function: Affine, where: Affine | None) -> _Atom:
    return _Atom(_fixed(function), 0, None if where is None else _fixed(where))


def _fixed(function: Affine) -> Form:
    return tuple(polynomial([e]) for e in (*function.gradient, function.constant))


def _moves(atom: _Atom) -> bool:
    return bool(atom.shift) or any(p.degree() > 0 for p in (*atom.form, *(atom.where or ())))
