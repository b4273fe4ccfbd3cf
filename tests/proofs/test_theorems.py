"""The statements: every step holds, and the machinery can fail."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy

from proofs.theorems import Statement, statement, statements
from proofs.theorems.counterexamples import step_risk
from proofs.theorems.faces import rate_of_constant_shift
from proofs.theorems.ramp_algebra import positive_part
from proofs.theorems.record import Step, positive, true, zero

ALL = {s.id: s for s in statements()}
PERMANENT = {
    "pair-any-jump", "single-neuron-kink", "opposite-pair-diverges", "free-affine-limit", "spike", "ramp-identity",
    "ramp-mean", "risk-decomposition", "first-order-gain", "squared-gain", "effective-kappa", "closed-example",
    "free-affine-lemma", "counting-rule", "closure-theorem", "domination-theorem", "risk-along-a-family",
    "counterexample-step", "counterexample-discs", "counterexample-cusp", "counterexample-gap", "losses",
    "counterexample-one-sided-faces", "square-residual", "square-feedforward",
}  # fmt: skip


@pytest.mark.parametrize("id", sorted(ALL))
def test_every_step_holds(id: str) -> None:
    assert [(step.text, failure) for step, failure in ALL[id].check() if failure] == []


def test_ids_are_permanent_and_unique() -> None:
    assert set(ALL) >= PERMANENT
    assert len(ALL) == len(statements())
    assert statement("spike").title == ALL["spike"].title
    with pytest.raises(KeyError):
        statement("no-such-statement")


@pytest.mark.parametrize("id", sorted(ALL))
def test_records_are_complete(id: str) -> None:
    s = ALL[id]
    assert s.title and s.claim and s.hypotheses and s.steps
    assert s.reference.startswith("MATHEMATICS.md, section")
    assert set(s.uses) <= set(ALL) and id not in s.uses
    assert s.latex.count("{") == s.latex.count("}")
    assert s._repr_latex_().startswith("$$ ")
    assert s.status == "derived" or s.argument or s.status == "cited"


def test_what_rests_on_compactness_or_fatou_is_argued() -> None:
    assert {ALL[i].status for i in ("closure-theorem", "domination-theorem", "counting-rule")} == {"argued"}


t = sympy.Symbol("t", real=True)


@pytest.mark.parametrize(
    ("step", "failure"),
    [
        (zero("", lambda: t - t), ""),
        (zero("", lambda: [Fraction(0), t * 0]), ""),
        (zero("", lambda: sympy.Symbol("p", positive=True)), "is not 0"),
        (zero("", lambda: sympy.pi - Fraction(22, 7)), "is not 0"),
        (zero("", lambda: t), "cannot tell"),  # open is a failure
        (positive("", lambda: 1 + t**2), ""),
        (positive("", lambda: t), "cannot tell"),
        (positive("", lambda: Fraction(0)), "not positive"),
        (true("", lambda: True), ""),
        (true("", lambda: [True, False]), "does not hold"),
        (true("", lambda: 1), "does not hold"),  # only True itself
        (zero("", lambda: positive_part(t)), "cannot tell the sign"),
    ],
)
def test_steps_fail_unless_proved(step: Step, failure: str) -> None:
    found = step.check()
    assert failure in found if failure else found == ""


def test_a_statement_holds_iff_its_steps_do() -> None:
    assert ALL["squared-gain"].holds
    wrong: Any = Statement("x", "x", (), "", "", "", "derived", (zero("", lambda: Fraction(1)),))
    assert not wrong.holds


def test_one_neuron_for_the_step_against_least_squares_by_hand() -> None:
    # knot 0, feedforward: basis 1, x^+ ; int 1 = 2, int x^+ = 1/2, int (x^+)^2 = 1/3, moments 1, 1/2
    knot, risk = step_risk(False, residual=False)
    gram = sympy.Matrix([[2, sympy.Rational(1, 2)], [sympy.Rational(1, 2), sympy.Rational(1, 3)]])
    moments = sympy.Matrix([1, sympy.Rational(1, 2)])
    assert risk.subs(knot, 0) == 1 - (moments.T * gram.inv() * moments)[0]


def test_rate_of_one_sided_faces_against_direct_integration() -> None:
    """The rate 97/120 from exact risks at small kappa, with f itself instead of its value on the face."""
    x, y = sympy.symbols("x y", real=True)
    kappa = sympy.Rational(1, 10**6)
    theta = (1 + x / kappa) / 2
    two_sided = 2 * (
        sympy.integrate(sympy.expand((theta - 1 - 20 * x) ** 2 - (1 + 20 * x) ** 2), (x, -kappa, 0))
        + sympy.integrate(sympy.expand((theta - 1) ** 2), (x, 0, kappa))
    )
    chi = 21 - 20 * y
    edge = sympy.integrate(sympy.expand((theta - chi * (1 + 20 * x)) ** 2 - chi**2 * (1 + 20 * x) ** 2), (x, -kappa, 0))
    edges = 2 * sympy.integrate(edge, (y, 1, sympy.Rational(21, 20)))
    rest = 2 * (10 - sympy.Rational(21, 20)) * sympy.integrate(sympy.expand(theta**2), (x, -kappa, 0))
    rate = (two_sided + edges + rest) / kappa
    v = sympy.Symbol("v", nonnegative=True)
    assert rate_of_constant_shift(True).subs(v, 1) == sympy.Rational(97, 120)
    assert abs(rate - sympy.Rational(97, 120)) < sympy.Rational(1, 10**4)
