"""Times of the main job on the line, as ratios in one run. Run: python -m tests.benchmarks.bench_gain

Problem: target sin(2 pi x), density exp(x), squared loss, one jump at 1/2, kappa = 1/4. Compared with what a user would
do instead: `mpmath.quad` at 15 digits (which guarantees nothing), and the bare `acb.integral` calls on the same strips.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
from flint import acb, arb, ctx, fmpq

from proofs.geometry.affine import Affine
from proofs.ramp import Ramp, constructions, stages
from tests.benchmarks.clock import median_ms
from verify import Problem, certify
from verify.gain import excess_integrals, pieces
from verify.integration import Deadline, Integrator

ARGUMENTS: dict[str, Any] = {
    "domain": {"variables": ["x"], "box": [["0", "1"]]},
    "target": "sin(2*pi*x)",
    "density": "exp(x)",
    "width": 2,
    "response": {"affine": "0", "halfspaces": [{"where": "x - 1/2 > 0", "jump": "1"}]},
}


def quad() -> mpmath.mpf:
    """The gain as a user of mpmath computes it from the problem and the network, the interval cut at the breaks."""
    half, kappa = mpmath.mpf(1) / 2, mpmath.mpf(1) / 4
    neurons = [(1 / (2 * kappa), 1, kappa - half), (-1 / (2 * kappa), 1, -kappa - half)]

    def response(x: mpmath.mpf) -> mpmath.mpf:
        return mpmath.mpf(1) if x - half > 0 else mpmath.mpf(0)

    def network(x: mpmath.mpf) -> mpmath.mpf:
        return sum((c * max(w * x + b, 0) for c, w, b in neurons), mpmath.mpf(0))

    def difference(x: mpmath.mpf) -> mpmath.mpf:
        target = mpmath.sin(2 * mpmath.pi * x)
        return ((response(x) - target) ** 2 - (network(x) - target) ** 2) * mpmath.exp(x)

    return mpmath.quad(difference, [half - kappa, half, half + kappa])


def bare() -> acb:
    """The two `acb.integral` calls, with the integrands typed in by hand."""
    total = acb(0)
    for step, low, high in ((0, fmpq(1, 4), fmpq(1, 2)), (1, fmpq(1, 2), fmpq(3, 4))):

        def difference(x: acb, analytic: bool, step: int = step) -> acb:
            network = (x - fmpq(1, 4)) * 2
            return (step - network) * (step + network - 2 * (2 * acb.pi() * x).sin()) * x.exp()

        total += acb.integral(difference, low, high, rel_tol=arb(10) ** -7)
    return total


def rigorous() -> Callable[[], object]:
    """The rigorous gain for a given kappa to 6 digits, from the responses to the enclosure."""
    problem = Problem(**ARGUMENTS)
    assert problem.response is not None
    construction = next(constructions(problem.response.reduced(problem.domain), problem.architecture))
    ramps = [Ramp(t, Fraction(1, 4), Affine.constantly(0, 1)) for t in construction.response.jumps]
    first, last = stages(construction, ramps)
    parts = pieces(problem)

    def work() -> object:
        return Integrator(problem.variables, Deadline(None)).enclose(excess_integrals(problem, parts, first, last), 6)

    return work


def cold(arguments: list[str]) -> tuple[float, float]:
    """Return (seconds, peak MB) of the command in a new process: the median of five runs, the peak of all."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import sys; from verify.cli import main; sys.exit(main())", *arguments],
                       check=True, capture_output=True)  # fmt: skip
        times.append(time.perf_counter() - began)
    return statistics.median(times), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    """Print the table."""
    mpmath.mp.dps, ctx.prec = 15, 60
    reference = median_ms(quad)
    gain, by_hand = median_ms(rigorous()), median_ms(bare)
    whole = median_ms(lambda: certify(Problem(**ARGUMENTS)).document())
    print(f"mpmath.quad, 15 digits        {reference:8.3f} ms")
    print(f"bare acb.integral             {by_hand:8.3f} ms")
    print(f"rigorous gain, 6 digits       {gain:8.3f} ms   {reference / gain:5.1f} times faster than quad (wanted: 10)")
    print(f"{'':44} {gain / by_hand:5.1f} times the bare calls (wanted: 5 at most)")
    print(f"whole warm certify            {whole:8.3f} ms   {whole / reference:5.2f} of quad (wanted: under 2)")
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "c.json")
        seconds, memory = cold(["certify", "example:sine-exponential", "-o", path])
        print(f"cold verify certify           {seconds:8.3f} s    {memory:5.0f} MB (wanted: 0.8 s, 150 MB)")
        seconds, memory = cold(["audit", path])
        print(f"cold verify audit             {seconds:8.3f} s                (wanted: 0.3 s)")


if __name__ == "__main__":
    main()
