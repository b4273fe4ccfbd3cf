"""Minima known exactly: piecewise linear approximation of x^2 (section 7), with symbols for the width."""

from __future__ import annotations

from typing import Any

from proofs.theorems.record import Statement, positive, zero


def _symbols() -> Any:
    from sympy import Symbol

    return Symbol("x", real=True), Symbol("a", real=True), Symbol("l", positive=True)


def best_affine_piece() -> Any:
    """On [a, a + l]: x^2 minus the best affine function is orthogonal to 1 and x, and is l^2/6 at both ends."""
    from sympy import expand, integrate

    x, a, length = _symbols()
    error = expand((x - a) * (x - a - length) + length**2 / 6)
    return [
        expand(integrate(error, (x, a, a + length))),
        expand(integrate(expand(error * x), (x, a, a + length))),
        expand(error.subs(x, a) - error.subs(x, a + length)),
        expand(error - x**2).coeff(x, 2),
    ]


def piece_risk() -> Any:
    """Its squared error minus l^5/180."""
    from sympy import expand, integrate

    x, a, length = _symbols()
    error = expand((x - a) * (x - a - length) + length**2 / 6)
    return expand(integrate(expand(error**2), (x, a, a + length)) - length**5 / 180)


def equal_pieces() -> Any:
    """d + 1 pieces of length 1/(d + 1): the sum minus 1/(180 (d + 1)^4); the tangent bound of l^5 sums to 0."""
    from sympy import Symbol, simplify

    d, length = Symbol("d", positive=True), 1 / (Symbol("d", positive=True) + 1)
    total = (d + 1) * length**5 / 180
    return simplify(total - 1 / (180 * (d + 1) ** 4))


def tangent_bound() -> Any:
    """`l^5 - m^5 - 5 m^4 (l - m)` over `(l - m)^2`, for positive l, m: l^5 lies above its tangents."""
    from sympy import Symbol, cancel

    length, mean = Symbol("l", positive=True), Symbol("m", positive=True)
    return cancel((length**5 - mean**5 - 5 * mean**4 * (length - mean)) / (length - mean) ** 2)


def half_piece() -> Any:
    """The best piece on [-l/2, l/2] is constant, half of it has risk l^5/360; with d more pieces l = 2/(2d + 1)."""
    from sympy import Rational, Symbol, expand, integrate, simplify

    x, _, length = _symbols()
    d = Symbol("d", positive=True)
    half = integrate(expand((x**2 - length**2 / 12) ** 2), (x, 0, length / 2))
    step = 2 / (2 * d + 1)
    total = step**5 / 360 + d * step**5 / 180
    return [expand(half - length**5 / 360), simplify(total - 1 / (180 * (d + Rational(1, 2)) ** 4))]


def mirrored() -> Any:
    """Twice the value for [0, 1] and width 1 is 8/3645."""
    from sympy import Rational

    return 2 / (180 * Rational(3, 2) ** 4) - Rational(8, 3645)


STATEMENTS = (
    Statement(
        id="square-residual",
        title="x^2 on [0, 1], residual, any width d: minimum 1/(180 (d + 1)^4)",
        hypotheses=("squared loss, h = 1",),
        claim="the minimum over residual networks of width d is 1/(180 (d + 1)^4), at the knots j/(d + 1)",
        latex=r"\min=\frac1{180\,(d+1)^4}",
        reference="MATHEMATICS.md, section 7",
        status="derived",
        argument="A network of width d is affine on at most d + 1 intervals; on each its error is at least "
        "l^5/180, and by convexity the sum is least for equal lengths. The best pieces have the same error l^2/6 "
        "at their ends, so for equal lengths they join to a continuous function, a network.",
        steps=(
            zero("the best affine piece, and its equal end errors", best_affine_piece),
            zero("its risk is l^5/180", piece_risk),
            positive("l^5 is convex on l > 0", tangent_bound),
            zero("equal lengths", equal_pieces),
        ),
    ),
    Statement(
        id="square-feedforward",
        title="x^2 on [0, 1], feedforward: the value 1/(180 (d + 1/2)^4)",
        hypotheses=("squared loss, h = 1, first piece constant, knots (2j - 1)/(2d + 1)",),
        claim="this value is attained by d neurons; that it is the minimum for d = 1..4 is known numerically. "
        "Mirrored, two neurons attain 8/3645 on [-1, 1]",
        latex=r"\mathrm{err}=\frac1{180\,(d+\frac12)^4}",
        reference="MATHEMATICS.md, section 7",
        status="cited",
        steps=(
            zero("half a piece and d pieces", half_piece),
            zero("the mirrored value", mirrored),
        ),
        uses=("square-residual",),
    ),
)
