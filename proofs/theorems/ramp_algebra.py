"""The algebra of the ramp: each function computes what a step of `proofs.theorems.ramps` needs to be 0 or positive.

Where `^+` splits, every case is written with symbols whose signs are declared, so that the sign of each argument is
decided before the positive part is taken.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from proofs.numbers.constants import UndecidedError


def positive_part(argument: Any) -> Any:
    """Return `argument^+`. Raises UndecidedError unless the sign follows from the declared signs of the symbols."""
    from sympy import expand

    argument = expand(argument)
    if argument.is_nonnegative:
        return argument
    if argument.is_nonpositive:
        return argument * 0
    raise UndecidedError(f"cannot tell the sign of {argument}")


@cache
def _symbols() -> Any:
    from types import SimpleNamespace

    from sympy import Function, Symbol

    def real(name: str) -> Any:
        return Symbol(name, real=True)

    def above(name: str) -> Any:
        return Symbol(name, positive=True)

    return SimpleNamespace(
        size=above("|J|"), kappa=above("kappa"), p=above("p"), q=above("q"), r=Symbol("r", nonnegative=True),
        e=real("e"), low=real("R_-"), f=real("f"), J=real("J"), t=real("t"), u=real("u"),
        L_low=real("L_-"), L_up=real("L_+"), L=real("L_N"), theta=real("theta"), loss=Function("L", real=True),
    )  # fmt: skip


def ramp_value(moved: Any, jump: Any, kappa: Any) -> Any:
    """Return `[(m + kappa J)^+ - (m - kappa J)^+] / (2 kappa)`, the ramp at `m = s + kappa e`."""
    from sympy import expand

    return expand((positive_part(moved + kappa * jump) - positive_part(moved - kappa * jump)) / (2 * kappa))


def ramp_outside(sign: int, side: int) -> Any:
    """The ramp minus `J 1{m > 0}` at `m = side (kappa |J| + r)`, for J of the given sign."""
    s = _symbols()
    jump = sign * s.size
    return ramp_value(side * (s.kappa * s.size + s.r), jump, s.kappa) - (jump if side > 0 else 0)


def outside_the_strip(sign: int, side: int, shift: int) -> Any:
    """The same where `|s| = kappa (|e| + |J|) + r`, for e of the given sign: beyond the strip the ramp is the jump."""
    s = _symbols()
    size = s.p  # |e|
    jump = sign * s.size
    moved = side * (s.kappa * (size + s.size) + s.r) + s.kappa * shift * size
    return ramp_value(moved, jump, s.kappa) - (jump if side > 0 else 0)


def long_normal() -> Any:
    """The pair at `|n| s` with kappa minus the pair at `s` with `kappa/|n|`, both neurons active or one of them."""
    from sympy import expand

    s = _symbols()
    results = []
    for upper, lower in ((s.p + s.q, s.q), (s.p, -s.q)):  # s + (kappa/|n|) J and s - (kappa/|n|) J, J > 0
        kappa = s.r + 1  # any kappa/|n|, with |n| the symbol |J|
        length = s.size
        long = (positive_part(length * upper) - positive_part(length * lower)) / (2 * kappa * length)
        short = (positive_part(upper) - positive_part(lower)) / (2 * kappa)
        results.append(expand(long - short))
    return results


def ramp_inside(sign: int) -> Any:
    """The ramp minus `theta J` at `m = kappa |J| (p - q)/(p + q)`, that is at `theta = p/(p + q)`."""
    from sympy import simplify

    s = _symbols()
    jump = sign * s.size
    # both arguments are 2 kappa |J| p/(p + q) and -2 kappa |J| q/(p + q) in one order or the other
    upper, lower = 2 * s.kappa * s.size * s.p / (s.p + s.q), -2 * s.kappa * s.size * s.q / (s.p + s.q)
    moved = (upper + lower) / 2
    first, second = (upper, lower) if sign > 0 else (lower, upper)
    check = [simplify(moved + s.kappa * jump - first), simplify(moved - s.kappa * jump - second)]
    value = (positive_part(first) - positive_part(second)) / (2 * s.kappa)
    theta = (1 + moved / (s.kappa * s.size)) / 2
    return [*check, simplify(value - theta * jump), simplify(theta - s.p / (s.p + s.q))]


def mean_of_moved_jumps(sign: int) -> Any:
    """The mean of `J 1{m + kappa t J > 0}` over t in [-1, 1], minus `theta J`, for |m| < kappa |J|."""
    from sympy import integrate, simplify

    s = _symbols()
    jump = sign * s.size
    moved = s.kappa * s.size * (s.p - s.q) / (s.p + s.q)
    switch = -moved / (s.kappa * jump)
    bounds = (switch, 1) if sign > 0 else (-1, switch)
    mean = integrate(jump, (s.t, *bounds)) / 2
    return simplify(mean - jump * s.p / (s.p + s.q))


def decomposition(side: int) -> Any:
    """`L_N - L_R - (-C + A (L_+ - L_-))` with L_N, L_-, L_+ symbols, below (-1) or above (1) the boundary."""
    from sympy import expand

    s = _symbols()
    defect = (1 - s.theta) * s.L_low + s.theta * s.L_up - s.L
    transport = s.theta if side < 0 else -(1 - s.theta)
    before = s.L_low if side < 0 else s.L_up
    return expand(s.L - before - (-defect + transport * (s.L_up - s.L_low)))


def squared_defect() -> Any:
    """The convexity defect of squared loss minus `theta (1 - theta) J^2`."""
    from sympy import expand

    s = _symbols()
    up = s.low + s.J
    mixed = (1 - s.theta) * s.low + s.theta * up
    defect = (1 - s.theta) * (s.low - s.f) ** 2 + s.theta * (up - s.f) ** 2 - (mixed - s.f) ** 2
    return expand(defect - s.theta * (1 - s.theta) * s.J**2)


def transport_integral(case: str) -> Any:
    """The integral of A over the scaled normal u, minus e; cases: e inside the ramp, beyond it to either side.

    `theta = (1 + (u + e)/|J|)/2` cut to [0, 1]; `A = theta` for u < 0 and `-(1 - theta)` for u > 0.
    """
    from sympy import integrate, simplify

    s = _symbols()
    shifts = {"inside": s.size * (s.p - s.q) / (s.p + s.q), "above": s.size + s.r, "below": -s.size - s.r}
    e = shifts[case]
    theta = (1 + (s.u + e) / s.size) / 2
    left, right = -e - s.size, -e + s.size  # theta is 0 left of `left` and 1 right of `right`
    if case == "inside":
        total = integrate(theta, (s.u, left, 0)) - integrate(1 - theta, (s.u, 0, right))
    elif case == "above":  # the whole ramp lies in u <= 0, then theta = 1 up to u = 0
        total = integrate(theta, (s.u, left, right)) + (0 - right)
    else:  # theta = 0 from u = 0 to the ramp, which lies in u >= 0
        total = -(left - 0) - integrate(1 - theta, (s.u, left, right))
    return simplify(total - e)


def defect_integral() -> Any:
    """The integral of -C over the ramp minus Phi, for any loss: the linear parts integrate to L_- and L_+."""
    from sympy import integrate, simplify

    s = _symbols()
    theta = (1 + s.t) / 2
    linear = integrate((1 - theta) * s.L_low + theta * s.L_up, (s.t, -1, 1))
    mean = s.L  # stands for the integral of L(R_- + J (1 + t)/2) over [-1, 1]
    return simplify(s.size * (mean - linear) - s.size * (mean - s.L_low - s.L_up))


def squared_phi() -> Any:
    """`|J| [int (R_- + J (1 + t)/2 - f)^2 dt - L_- - L_+] + |J|^3/3` for squared loss."""
    from sympy import expand, integrate

    s = _symbols()
    results = []
    for sign in (1, -1):
        jump = sign * s.size
        mean = integrate(expand((s.low + jump * (1 + s.t) / 2 - s.f) ** 2), (s.t, -1, 1))
        phi = s.size * (mean - (s.low - s.f) ** 2 - (s.low + jump - s.f) ** 2)
        results.append(expand(phi + s.size**3 / 3))
    return results


def exact_instance() -> Any:
    """The kappa-derivative at 0+ of an exact risk difference in one dimension, minus the first-order formula.

    D = [-1, 1], h = 1 + h1 x, f = f0 + f1 x, R = r0 + r1 x + J 1{x > 0}, shift e, all symbols; |e| < J.
    """
    from sympy import Symbol, diff, expand, integrate

    s = _symbols()
    x = Symbol("x", real=True)
    h1, f0, f1, r0, r1 = (Symbol(name, real=True) for name in ("h1", "f0", "f1", "r0", "r1"))
    jump, shift, kappa = s.size, s.e, s.kappa
    h, f, below = 1 + h1 * x, f0 + f1 * x, r0 + r1 * x
    inside = below + (x + kappa * (shift + jump)) / (2 * kappa)

    def risk(response: Any, start: Any, end: Any) -> Any:
        return integrate(expand((response - f) ** 2 * h), (x, start, end))

    left, right = -kappa * (shift + jump), kappa * (jump - shift)
    change = risk(inside, left, right) - risk(below, left, 0) - risk(below + jump, 0, right)
    slope = diff(expand(change), kappa).subs(kappa, 0)
    transport = (r0 + jump - f0) ** 2 - (r0 - f0) ** 2
    return expand(slope - (-(jump**3) / 3 + shift * transport))


def effective_pieces() -> Any:
    """The three integrals of the effective bound: int A = 0, int |A| = kappa |J|/2, int theta (1 - theta) = ..."""
    from sympy import expand, integrate

    s = _symbols()
    half_width = s.kappa * s.size
    theta = (1 + s.u / half_width) / 2
    below = integrate(theta, (s.u, -half_width, 0))
    above = integrate(1 - theta, (s.u, 0, half_width))
    spread = integrate(expand(theta * (1 - theta)), (s.u, -half_width, half_width))
    difference = expand((s.low + s.J - s.f) ** 2 - (s.low - s.f) ** 2 - 2 * s.J * (s.low + s.J / 2 - s.f))
    return [
        expand(below - above),
        expand(below + above - half_width / 2),
        expand(spread - half_width / 3),
        difference,
    ]


def effective_margin() -> Any:
    """The guaranteed gain, for oscillation `(2/3) |J| h0 - r` of h m, with `r > 0` and `h0 = min h > 0`."""
    from sympy import Symbol, expand

    s = _symbols()
    h0, r = Symbol("h0", positive=True), Symbol("r", positive=True)
    oscillation = s.size * h0 * 2 / 3 - r
    won = h0 * s.size**2 * s.kappa * s.size / 3
    lost = 2 * s.size * (oscillation / 2) * (s.kappa * s.size / 2)
    return expand(won - lost)


def closed_example() -> Any:
    """err(N_kappa) - err(R) + kappa/3 - kappa^2/3 for D = [0, 1], h = 1, f = x, R = 1{x > 1/2}, kappa <= 1/2."""
    from sympy import Rational, Symbol, expand, integrate

    x, kappa = Symbol("x", real=True), _symbols().kappa
    half = Rational(1, 2)
    inside = (x - half + kappa) / (2 * kappa)
    change = integrate(expand((inside - x) ** 2), (x, half - kappa, half + kappa))
    change -= integrate(x**2, (x, half - kappa, half)) + integrate(expand((1 - x) ** 2), (x, half, half + kappa))
    return expand(change + kappa / 3 - kappa**2 / 3)


def closed_example_is_target() -> bool:
    """Whether the ramp with kappa = 1/2 equals the target x on [0, 1]."""
    from fractions import Fraction

    from proofs.geometry.affine import Affine, HalfSpace
    from proofs.geometry.polytopes import Polytope
    from proofs.network import ShallowNetwork
    from proofs.ramp import Ramp
    from proofs.response import Term

    zero_function, one = Affine.constantly(0, 1), Affine.constantly(1, 1)
    ramp = Ramp(Term(HalfSpace(Affine.of([1], Fraction(-1, 2))), one), Fraction(1, 2), zero_function)
    network = ShallowNetwork(zero_function, ramp.neurons())
    return network.equals(ShallowNetwork(Affine.of([1]), ()), [Polytope.box([(0, 1)])])


def free_identity(sign: int) -> Any:
    """`ramp + s/(2 kappa) + (e - J)/2` minus the opposite pair, by cases of the sign of `s + kappa (e - J)`."""
    from sympy import Symbol, expand

    s = _symbols()
    upper = Symbol("u", real=True)  # (s + kappa (e + J))^+, whatever it is
    lower = sign * s.r  # s + kappa (e - J)
    opposite = (upper - positive_part(-lower)) / (2 * s.kappa)
    ramp = (upper - positive_part(lower)) / (2 * s.kappa)
    side = lower - s.kappa * (s.e - s.J)
    return expand(opposite - ramp - side / (2 * s.kappa) - (s.e - s.J) / 2)


def free_gradient(count: int) -> Any:
    """The linear part that `count` opposite pairs leave, minus grad a, when the shifts satisfy the condition."""
    from sympy import Symbol, expand

    s = _symbols()
    normals = [Symbol(f"n{k}", real=True) for k in range(1, count)]
    weights = [Symbol(f"c{k}", positive=True) for k in range(1, count + 1)]
    normals.append(-sum(c * n for c, n in zip(weights, normals, strict=False)) / weights[-1])
    slopes = [Symbol(f"J{k}", real=True) for k in range(1, count + 1)]
    affine = Symbol("a", real=True)
    shifts = [Symbol(f"e{k}", real=True) for k in range(1, count)]
    shifts.append(2 * affine + sum(slopes) - sum(shifts))
    rows = zip(normals, weights, shifts, slopes, strict=True)
    left = sum(c * n / (2 * s.kappa) + (e - j) / 2 for n, c, e, j in rows)
    return expand(left - affine)


def turning_over() -> Any:
    """Turning over all labels keeps the condition on the shifts and reverses the transport term."""
    from sympy import Symbol, expand

    s = _symbols()
    affine, slopes = Symbol("a", real=True), [Symbol(f"J{k}", real=True) for k in (1, 2, 3)]
    before = 2 * affine + sum(slopes)
    after = 2 * (affine + sum(slopes)) - sum(slopes)
    transport = s.e * (s.L_up - s.L_low) + s.e * (s.L_low - s.L_up)
    return [expand(before - after), expand(transport)]


def theta_and_rest() -> Any:
    """`theta` and `1 - theta` inside the ramp."""
    s = _symbols()
    return [s.p / (s.p + s.q), s.q / (s.p + s.q)]
