"""Growth: an analytic activation that grows at most like |s|^q cannot add up to a polynomial of higher degree."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

from proofs.activations.activation import Activation, Formula
from proofs.arguments.record import CITED, Argument, RefusedError, Target, degree_of

RULE = "growth"


def argue(activation: Activation, target: Target, width: int) -> Argument:
    """Return the argument for a polynomial target, any width (MATHEMATICS.md, section 6).

    Hypotheses: sigma is analytic on R (one piece) and |sigma(s)| <= A (1 + |s|)^q for some A, seen from its form; the
    degree of the target exceeds q. Raises RefusedError where they fail.
    """
    degree = degree_of(target)
    if len(activation.pieces) > 1:
        raise RefusedError("the activation is not one analytic piece")
    bound = growth(activation.pieces[0].formula)
    if bound is None:
        raise RefusedError("no polynomial bound of the activation was seen")
    if degree <= bound:
        raise RefusedError(f"the target's degree {degree} does not exceed the growth |s|^{bound} of the activation")
    return Argument(
        RULE,
        True,
        {"degree": bound},
        (
            "Suppose a network of any width equals the polynomial g almost everywhere on D. Both are real-analytic.",
            CITED + "Identity theorem: they are equal on all of R.",
            f"The network grows at most like |x|^{bound}, as |sigma(s)| <= A (1 + |s|)^{bound}; g has degree {degree}.",
        ),
    )


def growth(formula: Formula) -> int | None:
    """Return q with |formula| <= A (1 + |s|)^q on R for some A, as seen from its form, or None."""
    import sympy

    if formula.is_number:
        return 0
    if formula.is_Symbol:
        return 1
    if formula.is_Add or formula.is_Mul:
        parts = [growth(part) for part in formula.args]
        known = [p for p in parts if p is not None]
        if len(known) < len(parts):
            return None
        return max(known) if formula.is_Add else sum(known)
    if isinstance(formula, sympy.tanh | sympy.sin | sympy.cos | sympy.atan | sympy.erf):
        return 0
    if isinstance(formula, sympy.exp):
        argument = formula.args[0]
        return 0 if argument.is_nonpositive or growth(argument) == 0 else None
    if isinstance(formula, sympy.log):
        return log_growth(formula.args[0]) if _stays_above_0(formula.args[0]) else None
    if formula.is_Pow and formula.exp.is_Rational:
        if formula.exp < 0:
            return 0 if _stays_above_0(formula.base) else None
        base = growth(formula.base)
        return None if base is None else ceil(Fraction(base * int(formula.exp.p), int(formula.exp.q)))
    return None


def log_growth(formula: Formula) -> int | None:
    """Return q with |formula| <= e^(A (1 + |s|)^q) on R for some A, or None."""
    import sympy

    bound = growth(formula)
    if bound is not None:
        return min(bound, 1)
    if formula.is_Add or formula.is_Mul:
        parts = [log_growth(part) for part in formula.args]
        known = [p for p in parts if p is not None]
        return max(known) if len(known) == len(parts) else None
    if isinstance(formula, sympy.exp):
        return growth(formula.args[0])
    if formula.is_Pow and formula.exp.is_Integer and formula.exp > 0:
        return log_growth(formula.base)
    return None


def _stays_above_0(formula: Formula) -> bool:
    """Whether a sum visibly has a positive constant and otherwise terms >= 0 (so that it is bounded away from 0)."""
    if formula.is_number:
        return bool(formula.is_positive)
    if not formula.is_Add:
        return bool(formula.is_Pow and formula.exp.is_positive and _stays_above_0(formula.base))
    constants = [part for part in formula.args if part.is_number]
    others = [part for part in formula.args if not part.is_number]
    return any(c.is_positive for c in constants) and all(part.is_nonnegative for part in others)
