"""Which strict responses a width allows: how many jumps and kinks, and what becomes of the affine part.

MATHEMATICS.md, section 2: two neurons a jump, one a kink; in a feedforward network the affine part costs one more
unless it is constant, or the normals of the jumps are linearly dependent.
"""

from __future__ import annotations

from dataclasses import dataclass

from proofs.response import Architecture

MAX_JUMPS = 4
MAX_KINKS = 2


@dataclass(frozen=True)
class Layout:
    """Numbers of half-spaces, jumps first; `parallel`: the first two share their normal."""

    jumps: int
    kinks: int
    constant: bool = False
    parallel: bool = False

    @property
    def normals(self) -> tuple[int, ...]:
        """For each half-space, the index of its normal."""
        count = self.jumps + self.kinks
        return tuple(max(0, k - 1) for k in range(count)) if self.parallel else tuple(range(count))


def layouts(width: int, architecture: Architecture, n: int) -> list[Layout]:
    """Return the layouts of at most `width` neurons with as many jumps as fit, in n >= 2 input dimensions."""
    jumps = min(width // 2, MAX_JUMPS)
    spare = width - 2 * jumps
    kinks = min(spare, MAX_KINKS)
    if architecture == "residual" or jumps > n:
        return [Layout(jumps, kinks)]
    result = [Layout(jumps, kinks, constant=True)]
    if spare:
        result.append(Layout(jumps, min(spare - 1, MAX_KINKS)))
    if jumps >= 2:
        result.append(Layout(jumps, kinks, parallel=True))
    return result
