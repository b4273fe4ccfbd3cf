"""Where the hypotheses bite: the examples of section 5, as far as they are exactly computable."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from proofs.geometry.affine import Affine, HalfSpace
from proofs.geometry.polytopes import Polytope
from proofs.geometry.regions import cuts_interior
from proofs.network import ShallowNetwork
from proofs.ramp import Ramp
from proofs.response import Term
from proofs.theorems.record import Statement, positive, true, zero

HALF = Fraction(1, 2)


def least_squares_risk(basis: Sequence[Any], target: Sequence[tuple[Any, Any, Any]], breaks: Sequence[Any]) -> Any:
    """The least `int (f - span(basis))^2` on [-1, 1]; functions are lists of (from, to, expression) pieces."""
    from sympy import Matrix, Symbol, integrate, simplify

    x = Symbol("x", real=True)

    def inner(first: Any, second: Any) -> Any:
        total = 0
        for a, b, g in first:
            for c, d, h in second:
                low = max((a, c), key=breaks.index)
                high = min((b, d), key=breaks.index)
                if breaks.index(low) < breaks.index(high):
                    total += integrate(g * h, (x, low, high))
        return total

    gram = Matrix([[inner(g, h) for h in basis] for g in basis])
    moments = Matrix([inner(g, target) for g in basis])
    return simplify(inner(target, target) - (moments.T * gram.inv() * moments)[0])


def step_risk(knot_is_right: bool, residual: bool) -> tuple[Any, Any]:
    """The least risk of one neuron (x - t)^+ for the target 1{x > 0} on [-1, 1]: (knot, risk), by the side of t."""
    from sympy import Integer, Symbol

    x = Symbol("x", real=True)
    t = Symbol("t", positive=True) if knot_is_right else Symbol("t", negative=True)
    breaks = [Integer(-1), Integer(0), t, Integer(1)] if knot_is_right else [Integer(-1), t, Integer(0), Integer(1)]
    everywhere = [(breaks[0], breaks[-1], Integer(1))]
    basis = [everywhere, [(t, breaks[-1], x - t)]]
    if residual:
        basis.append([(breaks[0], breaks[-1], x)])
    return t, least_squares_risk(basis, [(Integer(0), breaks[-1], Integer(1))], breaks)


def step_minimum(residual: bool) -> Any:
    """The risk minus 1/9 at t = 1/2 or -1/2, where it is least, and minus its factored form."""
    from sympy import Rational, factor, simplify

    t, left = step_risk(False, residual)
    results = [left.subs(t, -Rational(1, 2)) - Rational(1, 9)]
    if residual:
        s, right = step_risk(True, residual)
        results.append(right.subs(s, Rational(1, 2)) - Rational(1, 9))
        results.append(simplify(right - Rational(1, 9) - (2 * s - 1) ** 2 * (7 * s + 1) / (72 * (s + 1) ** 3)))
        results.append(simplify(left - Rational(1, 9) - (2 * t + 1) ** 2 * (7 * t - 1) / (72 * (t - 1) ** 3)))
    else:
        shape = 2 * (2 * t + 1) ** 2 * (3 * t**2 + 2 * t - 2) / (9 * (t - 1) ** 3 * (3 * t + 5))
        results.append(simplify(left - Rational(1, 9) - shape))
    return [factor(r) for r in results]


def step_is_least() -> Any:
    """Feedforward: risk - 1/9 over `(2t + 1)^2` is positive on (-1, 0); the risk on (0, 1) exceeds 1/9.

    Residual: the risk minus 1/9 is a square times positive factors on both sides.

    With `t = -p/(p + q)` or `t = p/(p + q)`; knots outside (-1, 1) leave affine functions, risk at least 1/8.
    """
    from sympy import Rational, Symbol, factor

    p, q = Symbol("p", positive=True), Symbol("q", positive=True)
    inside = p / (p + q)
    t, s = -inside, inside
    left = (3 * t**2 + 2 * t - 2) / ((t - 1) ** 3 * (3 * t + 5))
    knot, right = step_risk(True, False)
    feedforward = [factor(left), factor(right.subs(knot, s) - Rational(1, 9)), Rational(1, 8) - Rational(1, 9)]
    residual = [factor((7 * s + 1) / (s + 1) ** 3), factor((7 * t - 1) / (t - 1) ** 3)]
    return feedforward + residual


def affine_step_risk() -> Any:
    """The least risk of an affine function for the step, minus 1/8."""
    from sympy import Integer, Rational, Symbol

    x, breaks = Symbol("x", real=True), [Integer(-1), Integer(0), Integer(1)]
    basis = [[(breaks[0], breaks[2], Integer(1))], [(breaks[0], breaks[2], x)]]
    return least_squares_risk(basis, [(breaks[1], breaks[2], Integer(1))], breaks) - Rational(1, 8)


def step_slope() -> Any:
    """The least risk at t = -1/2 is attained with slope 8/9: the normal equations of constant and neuron."""
    from sympy import Matrix, Rational

    # int 1 = 2, int g = 9/8, int g^2 = 9/8, int f = 1, int f g = 1 for g = (x + 1/2)^+, f = 1{x > 0}
    gram = Matrix([[2, Rational(9, 8)], [Rational(9, 8), Rational(9, 8)]])
    solution = gram.inv() * Matrix([1, 1])
    return [solution[1] - Rational(8, 9), solution[0]]


def step_ramp_risk() -> Any:
    """The risk of the ramp for the step, minus kappa/6."""
    from sympy import Symbol, expand, integrate

    x, kappa = Symbol("x", real=True), Symbol("kappa", positive=True)
    theta = (1 + x / kappa) / 2
    return expand(integrate(theta**2, (x, -kappa, 0)) + integrate((1 - theta) ** 2, (x, 0, kappa)) - kappa / 6)


def discs_touch_one_line() -> bool:
    """Whether (0, 0) is the midpoint of points of the first two discs and a boundary point of the third.

    Then a line that separates the third disc weakly from both others passes through (0, 0) and supports the third
    disc there: it is x = 0. All three discs lie on their side of it.
    """
    centres = ((-1, 2), (-1, -2), (1, 0))
    first, second = (0, 2), (0, -2)

    def squared(p: tuple[int, int], q: tuple[int, int]) -> int:
        return (p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2

    middle = (first[0] + second[0], first[1] + second[1]) == (0, 0)
    touching = squared(first, centres[0]) == squared(second, centres[1]) == squared((0, 0), centres[2]) == 1
    sides = [c[0] + 1 <= 0 for c in centres[:2]] == [True, True] and centres[2][0] - 1 >= 0
    apart = all(squared(a, b) > 4 for a, b in ((centres[0], centres[1]), (centres[0], centres[2])))
    return middle and touching and sides and apart


def cusp_bound() -> Any:
    """The integral of y^2 over |x| <= kappa^2, |y| <= sqrt|x|, minus (8/15) kappa^5."""
    from sympy import Rational, Symbol, integrate, simplify

    x, kappa = Symbol("x", positive=True), Symbol("kappa", positive=True)
    return simplify(2 * integrate(Rational(2, 3) * x ** Rational(3, 2), (x, 0, kappa**2)) - Rational(8, 15) * kappa**5)


def gap_is_bridged() -> bool:
    """Whether (H2a) fails at 3/2 for D = [0, 1] u [2, 3], and the ramp with kappa = 1/2 equals 1{x > 3/2} on D."""
    pieces = [Polytope.box([(0, 1)]), Polytope.box([(2, 3)])]
    side, nothing = Affine.of([1], Fraction(-3, 2)), Affine.constantly(0, 1)
    term = Term(HalfSpace(side), Affine.constantly(1, 1))
    network = ShallowNetwork(nothing, Ramp(term, HALF, nothing).neurons())
    exact = network.equals(ShallowNetwork(nothing, ()), pieces[:1]) and network.equals(
        ShallowNetwork(Affine.constantly(1, 1), ()), pieces[1:]
    )
    return exact and not cuts_interior(pieces, side)


def strictly_convex() -> Any:
    """Second derivatives in y of logistic, log cosh and Poisson losses."""
    from sympy import Symbol, cosh, diff, exp, log, simplify

    y, p = Symbol("y", real=True), Symbol("p", real=True)
    return [simplify(diff(loss, y, 2)) for loss in (log(1 + exp(y)) - p * y, log(cosh(y)), exp(y) - p * y)]


def minima() -> Any:
    """Logistic: stationary at log(p/(1 - p)) for 0 < p < 1; Poisson: at log f for f > 0."""
    from sympy import Symbol, diff, exp, log, simplify

    a, b, y = Symbol("a", positive=True), Symbol("b", positive=True), Symbol("y", real=True)
    p = a / (a + b)
    logistic = diff(log(1 + exp(y)) - p * y, y).subs(y, log(a / b))
    return [simplify(logistic), simplify(diff(exp(y) - a * y, y).subs(y, log(a)))]


def never_attained() -> Any:
    """Logistic with hard labels and Poisson with f = 0: minus the derivative (p = 1), and the derivative, positive."""
    from sympy import Symbol, diff, exp, log, simplify

    y = Symbol("y", real=True)
    losses = (-(log(1 + exp(y)) - y), log(1 + exp(y)), exp(y))
    return [simplify(diff(loss, y)) for loss in losses]


def flat_pieces() -> Any:
    """|y - f|, Huber and pinball are affine for y > f + delta: second differences on that side vanish."""
    from sympy import Symbol, expand

    r, d, q = Symbol("r", positive=True), Symbol("delta", positive=True), Symbol("q", positive=True)

    def midpoint(loss: Any) -> Any:
        return expand((loss(d + r) + loss(d + 3 * r)) / 2 - loss(d + 2 * r))

    return [midpoint(lambda z: z), midpoint(lambda z: d * (z - d / 2)), midpoint(lambda z: (1 - q) * z)]


STATEMENTS = (
    Statement(
        id="counterexample-step",
        title="A discontinuous target: the infimum of width 2 is not attained, width 1 has minimum 1/9",
        hypotheses=("f = 1{x > 0} on [-1, 1], h = 1, squared loss",),
        claim="width 2: the ramp has risk kappa/6, the infimum 0 is not attained (networks are continuous); width "
        "1: minimum 1/9, feedforward (knot -1/2 or 1/2, slope 8/9) and residual",
        latex=r"\min_{d=1}\mathrm{err}=\tfrac19,\qquad\inf_{d=2}\mathrm{err}=0",
        reference="MATHEMATICS.md, sections 5 and 7",
        status="derived",
        argument="Turning a neuron over is the reflection x -> -x, f -> 1 - f, which maps the problem to itself.",
        steps=(
            zero("the risk of the ramp is kappa/6", step_ramp_risk),
            zero(
                "feedforward: risk at t = -1/2, and risk - 1/9 = (2t + 1)^2 times a factor", lambda: step_minimum(False)
            ),
            positive("that factor on (-1, 0); risk - 1/9 on (0, 1); affine functions; residual factors", step_is_least),
            zero("affine functions have risk at least 1/8", affine_step_risk),
            zero("slope 8/9 and offset 0", step_slope),
            zero("residual: the same value, risk - 1/9 factored on both sides", lambda: step_minimum(True)),
        ),
    ),
    Statement(
        id="counterexample-discs",
        title="Three discs that touch one line",
        hypotheses=("discs of radius 1 at (-1, 2), (-1, -2), (1, 0); f = 0, 0, 1 on them, continuous on D; width 2",),
        claim="x = 0 is the only line that separates the third disc weakly from both others; the infimum 0 is not "
        "attained; (H2a) fails at x = 0",
        latex=r"f=\mathbf 1_{\{x>0\}}\ \text{on}\ D,\qquad \inf_{d=2}\mathrm{err}=0\ \text{not attained}",
        reference="MATHEMATICS.md, section 5",
        status="argued",
        argument="A network of width 2 that equals f is constant on each disc. Kink lines that do not cancel miss "
        "the discs. On the way from disc 3 to disc 1 the gradient jumps must cancel, so both lines are crossed; "
        "the same for disc 2. Both lines then separate disc 3 from the others, so both are x = 0, and kinks on one "
        "line that cancel leave a constant.",
        steps=(true("the geometry, in integers", discs_touch_one_line),),
    ),
    Statement(
        id="counterexample-cusp",
        title="A cusp: the support pinched at a point",
        hypotheses=("D = {|y| <= sqrt|x|} in a disc, f = y 1{x > 0}, squared loss, width 2",),
        claim="the ramp has risk at most (8/15) kappa^5, so the infimum is 0; it is not attained",
        latex=r"\mathrm{err}(N_\kappa)\le\tfrac8{15}\kappa^5",
        reference="MATHEMATICS.md, section 5",
        status="argued",
        argument="On the strip |x| <= kappa |y| within D, |x| <= kappa^2, and the error is at most |y|. A network "
        "that equals f has its kinks on x = 0 (every other line that cuts D meets the inside of a lobe), so its "
        "two halves differ by a multiple of x, not by y.",
        steps=(zero("the bound", cusp_bound),),
    ),
    Statement(
        id="counterexample-gap",
        title="A gap in the support: the theorem is silent, the answer is yes",
        hypotheses=("D = [0, 1] u [2, 3], R = 1{x > 3/2}",),
        claim="(H2a) fails at every point of the gap, yet the ramp with kappa = 1/2 equals R on D: a network "
        "attains it",
        latex=r"\mathrm{ramp}_{1/2}=\mathbf 1_{\{x>3/2\}}\ \text{on}\ [0,1]\cup[2,3]",
        reference="MATHEMATICS.md, section 5",
        status="derived",
        steps=(true("exact equality on both intervals; 3/2 is no interior point of D", gap_is_bridged),),
    ),
    Statement(
        id="losses",
        title="Which losses are strictly convex and attain their minimum",
        hypotheses=("L as a function of y at one point x",),
        claim="logistic, log cosh, Poisson: strictly convex; logistic attains its minimum iff 0 < p < 1, Poisson "
        "iff f > 0; |y - f|, Huber and pinball are affine on a half-line, not strictly convex",
        latex=r"\partial_y^2\log(1+e^y)>0,\quad \partial_y^2\log\cosh y>0,\quad \partial_y^2e^y>0",
        reference="MATHEMATICS.md, section 5",
        status="derived",
        steps=(
            positive("second derivatives", strictly_convex),
            zero("where the minimum is", minima),
            positive("hard labels p = 1 and p = 0, and f = 0: strictly monotone, no minimum", never_attained),
            zero("affine pieces", flat_pieces),
        ),
    ),
)
