"""Integrands as programs on arrays, and the functions whose moduli occur in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from verify.expressions import Expression, tree
from verify.expressions.derivative import NoDerivativeError, derivative
from verify.integration.kinks import GAP, LEVEL, MODULUS, Kinks, with_signs
from verify.vectorized.compiled import Program, UnsupportedError
from verify.vectorized.intervals import Interval

Compiler = Callable[[Sequence[Expression], Sequence[str]], Program]
_NONE: Mapping[str, Interval] = {}


@dataclass(frozen=True)
class Integrand:
    """A function of the affine functions on simplices and of signs, times a power of the last one of them."""

    value: Program
    gaps: tuple[Gap, ...] = ()
    power: Fraction = Fraction(0)

    @property
    def growth(self) -> float:
        """How the number of parts at kinks grows with the inverse of the error of each."""
        bent = max((gap.bent for gap in self.gaps), default=1)
        return (bent - 1) / (bent + 3)

    @classmethod
    def of(
        cls,
        expression: Expression,
        names: Sequence[str],
        ranges: Mapping[str, Interval] = _NONE,
        constants: Sequence[str] = (),
    ) -> Integrand:
        """Compile an expression in names, in constants of simplices, and in names of which ranges are known.

        Raises UnsupportedError where it cannot be.
        """
        kinks, compiler = with_signs(expression), partial(Program, ranges=ranges)
        inputs = (*names, *kinks.signs, *constants)
        try:
            gaps = tuple(Gap.of(kinks, j, names, constants, compiler) for j in range(len(kinks.gaps)))
            return cls(compiler([kinks.expression], inputs), gaps)
        except (NoDerivativeError, OverflowError) as error:
            raise UnsupportedError(str(error)) from None


@dataclass(frozen=True)
class Gap:
    """A function whose modulus occurs in an integrand.

    `value` gives it, `slopes` its derivatives by all names, `bends` the second ones (k <= l), `rate` the derivative of
    the integrand by the modulus, `bent` counts the functions in which it is not affine. `rough`: see `Kinks`.
    """

    value: Program
    slopes: Program
    bends: Program
    rate: Program
    rough: bool
    bent: int
    straight: Straight | None

    @classmethod
    def of(cls, kinks: Kinks, j: int, names: Sequence[str], constants: Sequence[str], compiler: Compiler) -> Gap:
        """Compile a gap."""
        gap, inputs = kinks.gaps[j], (*names, *kinks.signs, *constants)
        slopes = [derivative(gap, name) for name in names]
        bends = [derivative(slope, name) for k, slope in enumerate(slopes) for name in names[k:]]
        value, first, second = (compiler(expressions, inputs) for expressions in ([gap], slopes, bends))
        rate = compiler([kinks.rate(j)], (*inputs, GAP, MODULUS))
        found, straight = kinks.power(j), None
        if found is not None:
            q, factor = found
            near = compiler([kinks.straightened(j)], (*names, LEVEL, *kinks.signs, *constants))
            straight = Straight(q, compiler([factor], inputs), Integrand(near, (), q - 1))
        bent = max(1, sum(derivative(slope, name) != tree.ZERO for slope, name in zip(slopes, names, strict=True)))
        return cls(value, first, second, rate, kinks.rough[j], bent, straight)


@dataclass(frozen=True)
class Straight:
    """An integrand `factor |g|^exponent`, and what it becomes where g is nearly an affine function, the last one."""

    exponent: Fraction
    factor: Program
    near: Integrand
