"""What becomes of an activation: a target whose infimum 0 is not attained, or a proof that all minima are.

MATHEMATICS.md, section 6. Candidates are the limits of divided differences; each is tried against the rules of
`proofs.arguments` in turn, and only their exact checks and the rigorous risk bounds decide.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from proofs.activations.activation import Activation
from proofs.activations.differences import ONE, X, first_difference
from proofs.activations.limits import AddedLimit, base_point, limits
from proofs.activations.scaling import scaling
from proofs.arguments import exponentials, growth, kinks, poles, single_neuron, smoothness, waring
from proofs.arguments.membership import Inner, spanning_neurons
from proofs.arguments.record import Argument, RefusedError, Target
from proofs.numbers.constants import UndecidedError
from verify.integration import Deadline
from verify.separation.risk import Family, RiskBound, bound, is_exact

Verdict = Literal["attained", "not-attained", "undecided"]
DOMAIN = (Fraction(-1), Fraction(1))
DEGREES = (1, 2, 3)
_RULES = (growth, poles, exponentials, smoothness, waring, single_neuron)
_MAX_WIDTH = 8


@dataclass(frozen=True)
class LostMinimum:
    """A target with infimum 0 that no network of the width equals: the minimum is not attained.

    `width` is the largest width of the statement (the least one where the argument holds for every width); it holds
    for all widths from `family.neurons` to that one. `refused` lists the rules that did not apply, with reasons.
    """

    family: Family
    target: Target
    width: int
    argument: Argument
    bound: RiskBound
    refused: tuple[tuple[str, str], ...]

    @property
    def widths(self) -> str:
        """The widths for which the minimum is lost, in words."""
        least = self.family.neurons
        if self.argument.every_width:
            return f"every width >= {least}" if least > 1 else "every width"
        return f"width {least}" if least == self.width else f"widths {least} to {self.width}"


@dataclass(frozen=True)
class Separation:
    """All that was found about one activation; `lost[0]`, if any, is the strongest statement."""

    activation: Activation
    verdict: Verdict
    reason: str
    lost: tuple[LostMinimum, ...]
    kept: Argument | None
    spanning: tuple[Inner, ...] | None
    limits: tuple[AddedLimit, ...]


def analyse(activation: Activation, deadline: Deadline) -> Separation:
    """Return what can be proved about an activation."""
    kept: Argument | None = None
    try:
        kept = kinks.argue(activation)
        reason = "piecewise linear with one kink, or a clipped line: every width attains every continuous target"
    except RefusedError as refusal:
        reason = str(refusal)
    spanning = spanning_neurons(activation)
    lost: list[LostMinimum] = []
    reasons: list[str] = []
    if kept is None:
        for family, lower, upper in _candidates(activation):
            found = _tried(activation, family, lower, upper, deadline)
            if isinstance(found, LostMinimum):
                lost.append(found)
            else:
                reasons.append(found)
    lost.sort(key=lambda one: (not one.argument.every_width, one.family.neurons))
    verdict: Verdict = "undecided"
    if kept is not None or (spanning is not None and len(spanning) == 1):
        verdict = "attained"
        if kept is None:
            reason = "every network is a polynomial, and one neuron gives all of them"
    elif lost:
        verdict = "not-attained"
        reason = f"infimum 0 for the target {lost[0].target.text}, not attained ({lost[0].widths})"
    elif reasons:
        reason = "; ".join(dict.fromkeys(reasons))
    else:
        reason = f"no limit of divided differences was found, and {reason}"
    return Separation(activation, verdict, reason, tuple(lost), kept, spanning, limits(activation))


def _candidates(activation: Activation) -> Iterator[tuple[Family, Fraction, Fraction]]:
    """Yield families with their domains: powers of x by vanishing weights, then first differences."""
    for degree in DEGREES:
        family = base_point(activation, degree)
        if family is not None and not is_exact(activation, family):
            yield family, *DOMAIN
    growing = scaling(activation)
    if growing is not None:
        yield growing, *DOMAIN
    smooth = activation.smoothness is None or activation.smoothness >= 1
    for direction in (ONE, X):
        if smooth:
            yield first_difference(direction, central=activation.smoothness is None), *DOMAIN
            continue
        for piece in (activation.pieces[0], activation.pieces[-1]):
            if piece.upper is not None:
                yield first_difference(direction, central=True), piece.upper - 3, piece.upper - 2
            elif piece.lower is not None:
                yield first_difference(direction, central=True), piece.lower + 2, piece.lower + 3


def _tried(
    activation: Activation, family: Family, lower: Fraction, upper: Fraction, deadline: Deadline
) -> LostMinimum | str:
    """Return the lost minimum that a family shows, or why it shows none."""
    target = Target(family.limit(activation, lower, upper))
    if all(piece.polynomial is not None and len(piece.polynomial) < 2 for piece in target.pieces):
        return "the limit is constant"
    found = argued(activation, target, family.neurons)
    if isinstance(found, str):
        return found
    argument, width, refused = found
    try:
        risk = bound(activation, family, lower, upper, deadline)
    except ArithmeticError as error:
        return f"target {target.text}: {error}"
    if risk is None:
        return f"target {target.text}: the activation is not smooth enough for Taylor's formula"
    return LostMinimum(family, target, width, argument, risk, refused)


def argued(
    activation: Activation, target: Target, neurons: int
) -> tuple[Argument, int, tuple[tuple[str, str], ...]] | str:
    """Return the first argument that holds, with the largest width it covers from `neurons` on, or all refusals."""
    refused: list[tuple[str, str]] = []
    for rule in _RULES:
        try:
            argument, width = rule.argue(activation, target, neurons), neurons
        except (RefusedError, UndecidedError) as refusal:
            refused.append((rule.RULE, str(refusal)))
            continue
        while not argument.every_width and width < _MAX_WIDTH:
            try:
                argument, width = rule.argue(activation, target, width + 1), width + 1
            except (RefusedError, UndecidedError):
                break
        return argument, width, tuple(refused)
    return f"target {target.text}: " + ", ".join(f"{rule}: {reason}" for rule, reason in refused)
