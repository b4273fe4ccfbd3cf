"""Times in the plane and in space, as ratios in one run. Run: python -m tests.benchmarks.bench_plane

Rigorous gains for given ramps, from the responses to the enclosure, after a warm-up. The polynomial one is compared
with SymPy's `integrate` over the same cells, cut into triangles. Then certify as a whole, and the cost of the gain
against the number of half-spaces in the plane.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import sympy

from proofs.geometry.polytopes import Polytope
from proofs.ramp import constructions, stages
from tests.benchmarks.clock import median
from verify import Problem, certify
from verify.choice.settled import anchors, settled_ramps
from verify.enclosure import Enclosure, total
from verify.expressions.symbolic import to_sympy
from verify.gain import excess_integrals, pieces
from verify.integration import Deadline, Integral, Integrator

PLANE = {"variables": ["x", "y"], "box": [["0", "1"], ["0", "1"]]}
SPACE = {"variables": ["x", "y", "z"], "box": [["0", "1"], ["0", "1"], ["0", "1"]]}
DEGREE_SIX = "x**6 - 3*x**4*y**2 + x**2*y**3 - 2*x*y + 1/3"
ANALYTIC = "sin(x*y)*exp(x)"
DIGITS = 6
MOST = 12


def stated(domain: dict[str, Any], target: str, halfspaces: int = 1) -> Problem:
    """Return the residual problem with half-spaces that turn around the middle, all with jumps."""
    steps = []
    for k in range(halfspaces):
        slope = Fraction(2 * k + 1 - halfspaces, 3)
        where = f"y - 1/2 + {slope}*(x - {Fraction(1, 2) + Fraction(k, 40)}) > 0" if halfspaces > 1 else "x + y > 1"
        steps.append({"where": where, "jump": f"{Fraction(1, k + 2)} - x/{k + 3}"})
    response = {"affine": "x/3", "halfspaces": steps}
    width = 2 * halfspaces
    return Problem(domain=domain, target=target, architecture="residual", width=width, response=response)


def prepared(problem: Problem, kappa: Fraction) -> Callable[[], tuple[list[Integral], Enclosure]]:
    """Return what encloses the gain of ramps with a given kappa, and returns its integrals too."""
    assert problem.response is not None
    construction = next(constructions(problem.response.reduced(problem.domain), problem.architecture))
    ramps = settled_ramps(
        construction, [kappa] * len(construction.response.jumps), anchors(construction, problem.domain.cells)
    )

    def work() -> tuple[list[Integral], Enclosure]:
        parts = pieces(problem)
        integrator = Integrator(problem.variables, Deadline(None))
        integrals: list[Integral] = []
        gains = []
        for first, second in pairwise(stages(construction, ramps)):
            found = excess_integrals(problem, parts, first, second)
            integrals += found
            gains.append(integrator.enclose(found, DIGITS))
        return integrals, total(gains)

    return work


def by_sympy(integrals: list[Integral]) -> Fraction:
    """Return the sum of the integrals by SymPy: triangles pulled back, expanded, `integrate` twice."""
    names = {name: sympy.Symbol(name) for name in "xy"}
    s, t = sympy.symbols("s t")
    result = Fraction(0)
    for integral in integrals:
        integrand = to_sympy(integral.expression, names)
        assert isinstance(integral.cell, Polytope)
        for triangle in integral.cell.simplices():
            corner, first, second = (sympy.Matrix([sympy.Rational(*v.as_integer_ratio()) for v in p]) for p in triangle)
            place = corner + s * (first - corner) + t * (second - corner)
            jacobian = abs(sympy.Matrix.hstack(first - corner, second - corner).det())
            inner = sympy.expand(integrand.subs(dict(zip(names.values(), place, strict=True)), simultaneous=True))
            value = sympy.integrate(inner, (t, 0, 1 - s), (s, 0, 1)) * jacobian
            result += Fraction(int(value.p), int(value.q))
    return result


def main() -> None:
    """Print the tables."""
    polynomial = prepared(stated(PLANE, DEGREE_SIX), Fraction(1, 8))
    integrals, gain = polynomial()
    ours = median(polynomial, 21)
    began = time.perf_counter()
    assert gain.is_exact and by_sympy(integrals) == gain.lower
    theirs = time.perf_counter() - began
    print(f"plane, degree 6, exact        {1000 * ours:8.1f} ms  (wanted: 50)")
    print(f"the same with SymPy           {1000 * theirs:8.1f} ms  {theirs / ours:6.0f} times slower (wanted: 100)")
    analytic = median(prepared(stated(PLANE, ANALYTIC), Fraction(1, 8)), 9)
    print(f"plane, {ANALYTIC}, 6 digits {1000 * analytic:4.0f} ms  (wanted: 300)")
    space = median(prepared(stated(SPACE, "sin(x*y)*exp(z)"), Fraction(1, 8)), 3)
    print(f"space, sin(x*y)*exp(z)        {1000 * space:8.1f} ms  (wanted: 10000)")
    for name, problem in (("degree 6", stated(PLANE, DEGREE_SIX)), ("analytic", stated(PLANE, ANALYTIC))):
        seconds = median(lambda problem=problem: certify(problem, digits=DIGITS), 3)  # type: ignore[misc]
        print(f"whole certify, plane, {name} {1000 * seconds:7.1f} ms")
    print("\nplane, half-spaces (jumps)      polynomial: cells, seconds    analytic: integrals, seconds")
    for count in range(1, MOST + 1):
        row = []
        for target in ("x**3 - 2*x*y", ANALYTIC):
            work = prepared(stated(PLANE, target, count), Fraction(1, 20))
            began = time.perf_counter()
            found, _ = work()
            row.append((len(found), time.perf_counter() - began))
        print(f"{count:26} {row[0][0]:17} {row[0][1]:9.2f} {row[1][0]:22} {row[1][1]:9.2f}", flush=True)


if __name__ == "__main__":
    main()
