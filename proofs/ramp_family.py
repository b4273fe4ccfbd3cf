"""One-parameter families of ramps: all kappas in fixed proportion, shifts fixed.

MATHEMATICS.md, sections 3 and 4. Over T (case "free") the kappas are tied by their ratios anyway, and the condition on
the shifts does not contain kappa: if one member is a network of the construction, all are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from proofs.geometry.affine import Affine
from proofs.ramp import Construction, Ramp


@dataclass(frozen=True)
class RampFamily:
    """The ramps with `kappa_k = ratios[k] * kappa` and shifts `shifts[k]`, one for each jump of a construction.

    The parameter kappa is that of the first ramp: `ratios[0]` is 1.
    """

    construction: Construction
    ratios: tuple[Fraction, ...]
    shifts: tuple[Affine, ...]

    @classmethod
    def through(cls, construction: Construction, ramps: Sequence[Ramp]) -> RampFamily:
        """Return the family that given ramps belong to."""
        ratios = tuple(ramp.kappa / ramps[0].kappa for ramp in ramps)
        return cls(construction, ratios, tuple(ramp.shift for ramp in ramps))

    def ramps(self, kappa: Fraction) -> list[Ramp]:
        """Return the member at a kappa > 0."""
        jumps = self.construction.response.jumps
        return [Ramp(t, r * kappa, e) for t, r, e in zip(jumps, self.ratios, self.shifts, strict=True)]
