"""The first-order gain of thin ramps as a number.

MATHEMATICS.md, section 4: for ramps with `kappa_k = r_k kappa` and fixed shifts, `gain / kappa` tends, as kappa -> 0+,
to

    sum_k r_k / |n_k| int_{H_k} h { |J| [L_- + L_+ - int_{-1}^{1} L(x, R_- + J (1 + t)/2) dt] - e (L_+ - L_-) } dsigma,

for squared loss with `h (|J|^3/3 - e J (R_- + R_+ - 2 f))` as the integrand. It is positive where thin ramps win. The
formula needs both sides of H_k in the domain, and density, target and loss continuous there; if that is not shown,
nothing is claimed. Surface integrals are taken over shadows (proofs.geometry.traces): exact where all is polynomial.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from proofs.geometry.affine import Affine
from proofs.geometry.balls import RoundCell
from proofs.geometry.polytopes import Cell, Polytope, cells
from proofs.geometry.traces import Hyperplane, trace
from proofs.ramp_family import RampFamily
from proofs.response import GeneralizedResponse, Term
from verify.conditions.switches import first_switch
from verify.conditions.verdicts import Finding
from verify.enclosure import Enclosure
from verify.expressions import Expression, tree
from verify.expressions.algebra import affine_expression
from verify.expressions.normal import identically_zero
from verify.gain import Piece, pieces
from verify.integration import Deadline, Integral, Integrator
from verify.problem import Problem
from verify.smooth import smooth_cells

ALONG = "t of the ramp"  # no name of a variable in a file


@dataclass(frozen=True)
class FirstOrder:
    """The limit of `gain / kappa`, or None with the reason why it is not claimed."""

    value: Enclosure | None
    reason: str


class _SilentError(Exception):
    """The formula is not known to hold here."""


def first_order(
    problem: Problem, family: RampFamily, findings: Iterable[Finding], deadline: Deadline, digits: int
) -> FirstOrder:
    """Return an enclosure of the limit of `gain / kappa` for a family of ramps, kappa being that of the first ramp.

    `findings` are verdicts on the hypotheses (`check_conditions`): where density or target are continuous everywhere,
    they are so at the jumps.
    """
    held = {finding.id for finding in findings if finding.verdict == "holds"}
    response = family.construction.response
    parts = pieces(problem)
    integrals: list[Integral] = []
    try:
        if problem.loss.kind == "expression" and "loss-continuous" not in held:
            raise _SilentError("the loss was not shown to be continuous")
        for term, ratio, shift in zip(response.jumps, family.ratios, family.shifts, strict=True):
            surface = _Surface(problem, response, term, shift, _data(problem, parts, term, held))
            integrals += surface.integrals(ratio / surface.plane.slope)
    except _SilentError as silence:
        return FirstOrder(None, str(silence))
    try:
        return FirstOrder(Integrator(_coordinates(problem), deadline).enclose(integrals, digits), "")
    except ArithmeticError as error:
        return FirstOrder(None, f"a surface integral could not be enclosed: {error}")


def _shadow_names(problem: Problem) -> tuple[str, ...]:
    return tuple(f"shadow {i}" for i in range(1, problem.domain.dimension))


def _runs_along(problem: Problem) -> bool:
    """Whether the integrals run along the ramp, too: over t, where there is no closed form or no surface."""
    return problem.domain.dimension == 1 or problem.loss.kind != "squared"


def _coordinates(problem: Problem) -> tuple[str, ...]:
    return (*_shadow_names(problem), *[ALONG] * _runs_along(problem))


def _data(problem: Problem, parts: Sequence[Piece], term: Term, held: set[str]) -> tuple[Expression, Expression]:
    """Return density and target near a hyperplane, each continuous there, or raise _SilentError."""
    near = [p for p in parts if _meets(p.cell, term.halfspace.side)]
    result = []
    for key, whole, ours in (
        ("density", problem.density, {p.density for p in near}),
        ("target", problem.target, {p.target for p in near}),
    ):
        first = next(iter(ours), whole)
        if len(ours) == 1 and first_switch(first) is None:
            result.append(first)
        elif f"{key}-continuous" in held:
            result.append(whole)
        else:
            place = term.halfspace.side.text(problem.variables)
            raise _SilentError(f"the {key} was not shown to be continuous at {place} = 0")
    return result[0], result[1]


def _meets(cell: Cell, side: Affine) -> bool:
    """Whether the closed cell may have a point on the hyperplane."""
    return cell.lower_bound(side) <= 0 and cell.lower_bound(-side) <= 0


class _Surface:
    """One jump with its hyperplane and the data there."""

    def __init__(
        self,
        problem: Problem,
        response: GeneralizedResponse,
        term: Term,
        shift: Affine,
        data: tuple[Expression, Expression],
    ) -> None:
        self.problem, self.response, self.term, self.shift = problem, response, term, shift
        self.plane = Hyperplane(term.halfspace.side)
        self.names = _shadow_names(problem)
        others = [name for i, name in enumerate(problem.variables) if i != self.plane.pivot]
        images: dict[str, Expression] = {
            problem.variables[self.plane.pivot]: affine_expression(self.plane.solved, self.names),
            **{name: tree.Variable(new) for name, new in zip(others, self.names, strict=True)},
        }
        self.images = images
        self.density, self.target = (tree.folded(tree.substituted(e, images)) for e in data)

    def integrals(self, factor: Fraction) -> list[Integral]:
        """Return integrals over the shadow whose sum is the jump's share, times a factor."""
        result: list[Integral] = []
        for face in self._faces():
            below = self._restricted(self.response.at(self._lifted(face)))
            integrand = tree.Product((tree.Number(factor), self.density, self._win(below)))
            if _runs_along(self.problem):
                ends = (Fraction(-1), Fraction(1))
                face = Polytope.box([ends]) if face is None else _prism(face)
            assert face is not None
            for cell, (expression,) in smooth_cells((integrand,), face, _coordinates(self.problem)):
                result.append(Integral(expression, cell))
        return result

    def _faces(self) -> list[Polytope | None]:
        """Return the shadow of the hyperplane in the domain, cut by the other half-spaces of the response."""
        shapes = self.problem.domain.cells
        if any(isinstance(cell, RoundCell) for cell in shapes):
            raise _SilentError("surface integrals in balls are not built")
        found = trace([cell for cell in shapes if isinstance(cell, Polytope)], self.plane)
        if found.one_sided and not identically_zero(self.density):
            place = self.plane.side.text(self.problem.variables)
            raise _SilentError(f"the domain has a face at {place} = 0 and nothing beyond it")
        solid = [face for face in found.inner if face is not None]
        walls = [self.plane.restricted(t.halfspace.side) for t in self.response.terms if t is not self.term]
        cut: list[Polytope | None] = [*cells(solid, [w for w in walls if not w.is_constant])]
        return cut or list(found.inner)

    def _lifted(self, face: Polytope | None) -> Sequence[Fraction]:
        return self.plane.lifted(() if face is None else face.centre)

    def _restricted(self, function: Affine) -> Expression:
        return affine_expression(self.plane.restricted(function), self.names)

    def _win(self, below: Expression) -> Expression:
        """Return the integrand without the density, given `R_-` on the hyperplane (along t its mean is taken)."""
        jump, shift = self._restricted(self.term.jump), self._restricted(self.shift)
        size = tree.Call("Abs", (jump,))
        half = tree.Number(Fraction(1, 2))
        if self.problem.loss.kind == "squared":
            twice_target = tree.Product((tree.Number(Fraction(-2)), self.target))
            slope = tree.Sum((below, below, jump, twice_target))
            cube = tree.Product((tree.Number(Fraction(1, 3)), size, jump, jump))
            moved: Expression = tree.Product((tree.MINUS_ONE, shift, jump, slope))
            win = cube if self.shift.is_zero else tree.Sum((cube, moved))
            return tree.folded(tree.Product((half, win)) if _runs_along(self.problem) else win)
        along = tree.Sum((half, tree.Product((half, tree.Variable(ALONG)))))
        low, high, between = (
            tree.substituted(self.problem.loss.at(output, self.target), self.images)
            for output in (below, tree.Sum((below, jump)), tree.Sum((below, tree.Product((jump, along)))))
        )
        bent = tree.Product((size, tree.difference(tree.Product((half, tree.Sum((low, high)))), between)))
        moved = tree.Product((half, shift, tree.difference(low, high)))
        return tree.folded(bent if self.shift.is_zero else tree.Sum((bent, moved)))


def _prism(face: Polytope) -> Polytope:
    """Return the product of a face with [-1, 1]."""
    corners = [(*v, Fraction(t)) for v in face.vertices for t in (-1, 1)]
    return Polytope.hull(corners)
