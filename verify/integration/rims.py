"""Roots of what vanishes on a circle, on charts that end there.

The function `rho = r^2 - |x - c|^2` is 0 on a circle, and its roots have infinite slopes there. On a cone
`x = a + t (y - a)` from a point a inside over an arc, `rho = (1 - t) E` with
    E = (1 - t) (r^2 - |a - c|^2) + 2 t (r^2 - (a - c).(y - c)) > 0.
With `t = 1 - s^m` the m-th root of rho is `s E^(1/m)`, which is analytic in s and in the other coordinate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import lcm

from flint import acb

from proofs.geometry.affine import Affine
from proofs.geometry.balls import Ball
from verify.expressions import tree
from verify.expressions.algebra import affine_expression
from verify.expressions.balls import compile_balls, to_fmpq
from verify.expressions.switches import has_switches
from verify.expressions.tree import Call, Expression, Number, Power, Variable
from verify.expressions.univariate import to_fraction
from verify.integration.charts import Chart, Coordinates
from verify.integration.curves import Arc, dot, minus
from verify.integration.forms import Forms
from verify.integration.polynomials import to_polynomial
from verify.integration.round import ConeChart

RIM = "rim"
_HALF = Fraction(1, 2)


def straightened(forms: Forms, chart: Chart, circle: Ball) -> tuple[Forms, Chart]:
    """Return a function on a chart in coordinates in which roots of rho are analytic, as it is if it has none."""
    if not (isinstance(chart, ConeChart) and chart.dimension == 2 and isinstance(chart.curve, Arc)):
        return forms, chart
    roots = roots_of(forms, circle)
    if not roots:
        return forms, chart
    m = lcm(*(exponent.denominator for _, exponent in roots.values()))
    body = forms.body
    for node, (factor, exponent) in roots.items():
        power = Power(Variable(RIM), Number(exponent * m))
        body = tree.replaced(body, node, tree.Product((Power(Number(factor), Number(exponent)), power)))
    if has_switches(body):  # cuts along their zeros need derivatives
        return forms, chart
    names = (*forms.names, RIM)
    return Forms(forms.affine, names, body, compile_balls(body, names)), RimChart(chart, circle, m)


def roots_of(forms: Forms, sphere: Ball) -> dict[Expression, tuple[Fraction, Fraction]]:
    """Return the parts `(k rho)^q` of a function with k > 0 and a fractional q > 0, each with k and q."""
    return {node: root for node in tree.walk(forms.body) if (root := _root(node, forms, sphere)) is not None}


def _root(node: Expression, forms: Forms, circle: Ball) -> tuple[Fraction, Fraction] | None:
    """Return k > 0 and q where a node is `(k rho)^q` with a fractional q > 0."""
    match node:
        case Call("sqrt", (base,)):
            exponent = _HALF
        case Power(base, Number(exponent)) if exponent.denominator > 1 and exponent > 0:
            pass
        case _:
            return None
    names = [f"x{i}" for i in range(len(circle.centre))]
    images = {n: affine_expression(a, names) for n, a in zip(forms.names, forms.affine, strict=True)}
    found = to_polynomial(tree.substituted(base, images), names)
    rho = tree.Sum(
        (
            Number(circle.radius**2),
            *(
                tree.negated(Power(tree.difference(Variable(n), Number(c)), Number(Fraction(2))))
                for n, c in zip(names, circle.centre, strict=True)
            ),
        )
    )
    whole = to_polynomial(rho, names)
    if found is None or whole is None or not found:
        return None
    factor = to_fraction(found.leading_coefficient() / whole.leading_coefficient())
    return (factor, exponent) if factor > 0 and found == whole * to_fmpq(factor) else None


class RimChart:
    """A cone over an arc in the coordinates s and that of the arc, t = 1 - s^m, with the m-th root of rho."""

    dimension = 2

    def __init__(self, chart: ConeChart, circle: Ball, m: int) -> None:
        self.chart, self.circle, self.m = chart, circle, m

    def prepared(self, functions: Sequence[Affine]) -> Callable[[Coordinates], tuple[list[acb], acb]]:
        """Return `t -> (values of affine functions and the root of rho, Jacobian)`."""
        centre, square, m = self.circle.centre, self.circle.radius**2, self.m
        out = minus(self.chart.apexes[0], centre)
        chart = self.chart.prepared(functions)
        reach = self.chart.prepared([Affine(tuple(-x for x in out), square + dot(out, centre))])
        depth = acb(to_fmpq(square - dot(out, out)))
        root = compile_balls(Power(Variable("E"), Number(Fraction(1, m))), ("E",))

        def straight(t: Coordinates) -> tuple[list[acb], acb]:
            s, along = t
            power = s ** (m - 1)
            rest = power * s
            values, jacobian = chart([1 - rest, along])
            ((far,), _) = reach([acb(1), along])
            rim = s * root([rest * depth + 2 * (1 - rest) * far], True)
            return [*values, rim], jacobian * power * m

        return straight

    def slopes(self, functions: Sequence[Affine], k: int) -> None:
        """Return None: derivatives are not built for this chart."""

    def lost_bits(self) -> int:
        """Return how many bits the position of the image needs beyond its size."""
        return self.chart.lost_bits()
