"""Choice of ramps: floating-point heuristics; what they propose is judged by rigorous arithmetic elsewhere."""

from verify.choice.attempts import attempts

__all__ = ["attempts"]
