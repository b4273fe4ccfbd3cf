"""Taylor jets with interval coefficients: what a function does around every point of a cell.

A jet of order n holds the range [lo, hi] of a function on a cell, and enclosures of its Taylor coefficients up to n at
every point of the cell at once, in a variable t: the cell is the image of [-1, 1] under x = centre + radius * t.
Coefficient k lies in [mid[k] - rad[k], mid[k] + rad[k]] * 2**-p; entry 0 covers [lo, hi]. Sums of products are exact,
with one rounding (below 1 unit) of the middle and one of the radius: hence `ulps`. In several variables coefficient k
is a form, the part of degree k, and mid[k] is off by a form whose coefficients have sizes that add up to rad[k] at
most; the rules below, which are those of the derivative along t, stay the same. Order 0 is plain interval arithmetic.
Where a function has no derivatives on the whole cell, an order >= 1 raises NoEnclosureError.

The functions follow from y' = d u' for y = g(u), d = g'(u): k y_k is the sum of j u_j d_(k-j) over j = 1..k, and
`_chain` asks for one d_k after the other, so that d may itself depend on y.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from operator import mul
from typing import Any, NamedTuple

from verify.auditor.enclosures import Enclosures, Interval, NoEnclosureError
from verify.auditor.forms import Form, size, zeros

Coefficient = Any  # an integer; in several variables, from degree 1 on, a Form
Ball = tuple[Coefficient, int]
Row = list[Coefficient]
Slope = Callable[[Row, list[int]], Ball]


class Jet(NamedTuple):
    """Range and Taylor coefficients, see above."""

    lo: int
    hi: int
    mid: Row
    rad: list[int]


def _dot(am: Row, ar: list[int], bm: Row, br: list[int]) -> Ball:
    """The sum of products of two rows of balls (the longer row is cut)."""
    rad = sum(map(mul, map(abs, am), br)) + sum(r * (abs(m) + s) for r, m, s in zip(ar, bm, br, strict=False) if r)
    return sum(map(mul, am, bm)), rad


class Jets:
    """Arithmetic of jets of order n at precision p, in some number of variables."""

    def __init__(self, p: int, n: int, variables: int = 1) -> None:
        self.p, self.n = p, n
        self.zeros = zeros(variables, n)
        self.ulps = [2 * size(c) for c in self.zeros]
        self.enclosures = Enclosures(p)

    def _jet(self, value: Interval, mid: Row, rad: list[int]) -> Jet:
        lo, hi = value
        mid[0] = (lo + hi) >> 1
        rad[0] = hi - mid[0]
        return Jet(lo, hi, mid, rad)

    def constant(self, value: Interval) -> Jet:
        """A constant."""
        return self._jet(value, list(self.zeros), [0] * (self.n + 1))

    def affine(self, value: Interval, slopes: Sequence[Fraction]) -> Jet:
        """An affine function with these coefficients of the variables."""
        jet = self.constant(value)
        if self.n:
            ends = list(map(self.enclosures.rational, slopes))
            lows = [lo for lo, _ in ends]
            jet.mid[1] = Form(len(lows), 1, lows[::-1]) if len(lows) > 1 else lows[0]
            jet.rad[1] = sum(hi - lo for lo, hi in ends)
        return jet

    def add(self, jets: list[Jet]) -> Jet:
        """The sum."""
        value = sum(j.lo for j in jets), sum(j.hi for j in jets)
        mid, rad = (list(map(sum, zip(*rows, strict=True))) for rows in ([j.mid for j in jets], [j.rad for j in jets]))
        return self._jet(value, mid, rad)

    def scale(self, a: Jet, q: Fraction) -> Jet:
        """The product with a rational number."""
        n, d = q.numerator, q.denominator
        ends = (a.lo * n, a.hi * n) if n >= 0 else (a.hi * n, a.lo * n)
        mid = [m * n // d for m in a.mid]
        rows = zip(a.mid, a.rad, self.ulps, strict=True)
        rad = [r * abs(n) // d + ulp if r or m else 0 for m, r, ulp in rows]
        return self._jet((ends[0] // d, -(-ends[1] // d)), mid, rad)

    def multiply(self, a: Jet, b: Jet) -> Jet:
        """The product."""
        p, n = self.p, self.n
        mid: Row = [0]
        rad = [0]
        bm, br = b.mid[::-1], b.rad[::-1]
        for k in range(1, n + 1):
            m, r = _dot(a.mid[: k + 1], a.rad, bm[n - k :], br[n - k :])
            mid.append(m >> p)
            rad.append((r >> p) + self.ulps[k])
        return self._jet(self.enclosures.product((a.lo, a.hi), (b.lo, b.hi)), mid, rad)

    def power(self, u: Jet, a: Fraction) -> Jet:
        """The power with a constant exponent."""
        value = self.enclosures.power((u.lo, u.hi), a)
        if a.denominator == 1 and a >= 0:
            result = u if a else self.constant(value)
            for bit in bin(a.numerator)[3:] if self.n else "":
                result = self.multiply(result, result)
                result = self.multiply(result, u) if bit == "1" else result
            return self._jet(value, result.mid, result.rad)
        if self.n and a.denominator > 1 and u.lo <= 0:
            raise NoEnclosureError("a fractional power at 0")
        n, d = a.numerator, a.denominator
        return self._chain(
            u,
            value,
            self._over(u, lambda ym, yr: (ym[-1] * n // d, yr[-1] * abs(n) // d + self.ulps[len(ym) - 1]))
            if self.n
            else None,
        )

    def function(self, name: str, u: Jet) -> Jet:
        """An elementary function."""
        value = self.enclosures.function(name, (u.lo, u.hi))
        return self._chain(u, value, self._slope(name, u) if self.n else None)

    def _slope(self, name: str, u: Jet) -> Slope:
        one, square = self.enclosures.one, Fraction(2)
        if name == "exp":
            return lambda ym, yr: (ym[-1], yr[-1])
        if name in ("tan", "tanh"):
            return self._square_slope(1 if name == "tan" else -1)
        if name in ("sin", "cos", "sinh", "cosh"):
            return self._partner_slope(name, u)
        if name == "log":
            return self._over(u, lambda ym, yr: (0 if len(ym) > 1 else one, 0))
        if name == "sqrt":
            if u.lo <= 0:
                raise NoEnclosureError("a square root at 0")
            return self._over(u, lambda ym, yr: (ym[-1] >> 1, (yr[-1] >> 1) + self.ulps[len(ym) - 1]))
        if name == "softplus":
            half = Fraction(1, 2)
            d = self.scale(self.add([self.constant((one, one)), self.function("tanh", self.scale(u, half))]), half)
        elif name == "erf":
            factor = self.enclosures.power(self.enclosures.pi(), Fraction(-1, 2))
            gauss = self.function("exp", self.scale(self.power(u, square), Fraction(-1)))
            d = self.scale(self.multiply(self.constant(factor), gauss), square)
        elif name == "atan":
            d = self.power(self.add([self.constant((one, one)), self.power(u, square)]), Fraction(-1))
        else:
            rest = self.add([self.constant((one, one)), self.scale(self.power(u, square), Fraction(-1))])
            d = self.scale(self.power(rest, Fraction(-1, 2)), Fraction(1 if name == "asin" else -1))
        return lambda ym, yr: (d.mid[len(ym) - 1], d.rad[len(ym) - 1])

    def _chain(self, u: Jet, value: Interval, slope: Slope | None) -> Jet:
        jet = self._jet(value, [0], [0])
        mid, rad = jet.mid, jet.rad
        um, ur = ([j * c for j, c in enumerate(row)] for row in (u.mid, u.rad))
        dm: Row = []
        dr: list[int] = []
        for k in range(1, self.n + 1 if slope else 1):
            m, r = slope(mid, rad) if slope else (0, 0)
            dm.insert(0, m)
            dr.insert(0, r)
            m, r = _dot(um[1 : k + 1], ur[1 : k + 1], dm, dr)
            mid.append(m // (k << self.p))
            rad.append(r // (k << self.p) + self.ulps[k])
        return jet

    def _over(self, u: Jet, numerator: Slope) -> Slope:
        """d with u d = numerator: d_k = (numerator_k - sum of u_j d_(k-j) over j >= 1) / u_0."""
        lo, hi = self.enclosures.reciprocal((u.lo, u.hi))
        inverse_mid = (lo + hi) >> 1
        inverse_rad = hi - inverse_mid
        dm: Row = []
        dr: list[int] = []

        def slope(ym: Row, yr: list[int]) -> Ball:
            m, r = _dot(u.mid[1 : len(ym)], u.rad[1 : len(ym)], dm, dr)
            top, rest, ulp = *numerator(ym, yr), self.ulps[len(ym) - 1]
            m, r = _dot([top - (m >> self.p)], [rest + (r >> self.p) + ulp], [inverse_mid], [inverse_rad])
            dm.insert(0, m >> self.p)
            dr.insert(0, (r >> self.p) + ulp)
            return dm[0], dr[0]

        return slope

    def _square_slope(self, sign: int) -> Slope:
        """1 + y**2 or 1 - y**2."""

        def slope(ym: Row, yr: list[int]) -> Ball:
            m, r = _dot(ym, yr, ym[::-1], yr[::-1])
            return (self.enclosures.one if len(ym) == 1 else 0) + sign * (m >> self.p), (r >> self.p) + self.ulps[
                len(ym) - 1
            ]

        return slope

    def _partner_slope(self, name: str, u: Jet) -> Slope:
        """The derivative z of y, where z' = sign * y u' and y' = z u' up to the sign of cos' = -sin."""
        partner = {"sin": "cos", "cos": "sin", "sinh": "cosh", "cosh": "sinh"}[name]
        lo, hi = self.enclosures.function(partner, (u.lo, u.hi))
        flip, sign = (-1 if name == "cos" else 1), (1 if name in ("sinh", "cosh") else -1)
        first = flip * ((lo + hi) >> 1), hi - ((lo + hi) >> 1)
        um, ur = ([j * c for j, c in enumerate(row)] for row in (u.mid, u.rad))

        def slope(ym: Row, yr: list[int]) -> Ball:
            k = len(ym) - 1
            if k == 0:
                return first
            m, r = _dot(um[1 : k + 1], ur[1 : k + 1], ym[k - 1 :: -1], yr[k - 1 :: -1])
            return sign * (m // (k << self.p)), r // (k << self.p) + self.ulps[k]

        return slope
