"""Choice of ramps: floating-point heuristics; what they propose is judged by rigorous arithmetic elsewhere."""

from verify.choice.climb import choose
from verify.choice.settled import settled_ramps

__all__ = ["choose", "settled_ramps"]
