"""The risk along a family: does it stay bounded, and does it tend to the risk of the limit?

For squared loss on D with h = 1 and any bounded target f, if `N_k -> R` almost everywhere, then
    err(N_k) = err(R) + int_D (N_k - R)^2 dx + o(1)        whenever the integral, the excess, stays bounded,
because a bounded sequence in L^2 that converges almost everywhere converges weakly; and err(N_k) -> infinity along
with the excess otherwise. So the order in k of the excess decides for every target at once. It is computed exactly:
the coefficients are replaced by their expansions (with an error in N_k that is O(k^r) uniformly on D), and the
integral over the moving cells is a Laurent series in a root of k (`proofs.moving`). MATHEMATICS.md, section 2: the
spike `k^-3 [(x+k)^+ - 2x^+ + (x-k)^+]` tends to 0 almost everywhere, and its excess is `2/(3 k^3)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from proofs.affine import Affine
from proofs.constants import UndecidedError
from proofs.family import AffineGerm, NetworkFamily
from proofs.moving import ZERO, Form, Laurent, MovingPolytope, polynomial
from proofs.polytopes import Polytope
from proofs.response import GeneralizedResponse
from proofs.series import Series
from proofs.vectors import is_rational

EXTRA_ORDERS = 2
"""The expansions are kept until their error in N_k is below `k^EXTRA_ORDERS`, uniformly on D."""


@dataclass(frozen=True)
class Excess:
    """The leading term `factor k^exponent` of the excess; `factor` 0 if it is below k^exponent (0 at all: None)."""

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
    parts, is_exact = _jets(family)
    root = lcm(*(Fraction(e).denominator for _, form, where in parts for s in (*form, *where) for e, _ in s.terms))
    atoms = [_moving_atom(form, where if has_boundary else None, root) for has_boundary, form, where in parts]
    atoms += [_fixed_atom(-term.jump, term.halfspace.side) for term in response.terms]
    atoms.append(_fixed_atom(-response.affine, None))
    length = 2 * EXTRA_ORDERS * root
    total = Laurent(ZERO, 0)
    for piece in pieces:
        total = total.plus(_square(atoms, MovingPolytope.fixed(piece), length))
    found = total.leading(length)
    if found is not None:
        return Excess(found[1], Fraction(found[0], root))
    if is_exact and not any(_moves(atom) for atom in atoms):
        return Excess(Fraction(0), None)
    return Excess(Fraction(0), Fraction(2 * EXTRA_ORDERS))


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


def _jets(family: NetworkFamily) -> tuple[list[_Part], bool]:
    """Return what the family adds up, expanded far enough, and whether nothing was left out.

    Each part is (whether it has a boundary, the affine function, the function whose sign bounds it). What is left
    out of `c l` is at most `|c - c'| |l| + |c'| |l - l'|`, below `k^EXTRA_ORDERS` by the choice of the orders.
    """
    affine = [germ.upto(EXTRA_ORDERS) for germ in family.affine.entries]
    parts: list[_Part] = [(False, tuple(_exact(affine)), ())]
    is_exact = all(s.order is None for s in affine)
    for neuron in family.neurons:
        output_floor = neuron.output.start().floor
        inner_floor = _floor(neuron.inner)
        if output_floor is None or inner_floor is None:
            continue
        output = neuron.output.upto(EXTRA_ORDERS - inner_floor)
        inner = [germ.upto(EXTRA_ORDERS - output_floor) for germ in neuron.inner.entries]
        is_exact &= all(s.order is None for s in (output, *inner))
        (kept_output,) = _exact([output])
        kept = tuple(_exact(inner))
        if kept_output.terms and any(s.terms for s in kept):
            parts.append((True, tuple(kept_output * s for s in kept), kept))
    return parts, is_exact


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
