"""Random one-dimensional problems of every case; simple numbers, so that failures shrink to something readable."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

small = st.builds(Fraction, st.integers(-12, 12), st.integers(1, 6))
places = st.builds(Fraction, st.integers(1, 29), st.just(30))

TARGETS = [
    "x",
    "x**2 - x/3",
    "sin(5*x)",
    "exp(-x) + x/2",
    "Abs(x - 2/7)",
    "sqrt(x + 1/10)",
    "Max(x, 1/2) - Min(x**2, 1/3)",
    "Piecewise((x, x < 1/2), (2*x - 1/2, True))",
    "cos(3*x)*x",
    "1/(1 + x**2)",
]
DENSITIES = ["1", "exp(x)", "1 + x", "x*(1 - x)", "2 + sin(3*x)"]


@st.composite
def responses(draw: st.DrawFn, jumps: int, kinks: int, sloped_affine: bool, sloped_jumps: bool) -> dict[str, Any]:
    where = draw(st.lists(places, min_size=jumps + kinks, max_size=jumps + kinks, unique=True))
    halfspaces = []
    for index, place in enumerate(where):
        size = draw(small.filter(bool))
        slope = draw(small) if sloped_jumps else Fraction(0)
        flipped = draw(st.booleans())
        jump = f"{size} + ({slope})*(x - {place})" if index < jumps else f"({size})*(x - {place})"
        condition = f"x < {place}" if flipped else f"x > {place}"
        halfspaces.append({"where": condition, "jump": jump})
    slope = draw(small) if sloped_affine else Fraction(0)
    return {"affine": f"{draw(small)} + ({slope})*x", "halfspaces": halfspaces}


@st.composite
def problems(draw: st.DrawFn) -> dict[str, Any]:
    """Keyword arguments of `Problem`, with a width that is ample for the response."""
    jumps = draw(st.integers(1, 3))
    kinks = draw(st.integers(0, 2))
    exponents = st.sampled_from(["3/2", "3", "4", "5/4"])
    loss = draw(
        st.one_of(
            st.just({"kind": "squared"}),
            st.just({"kind": "squared"}),
            st.builds(lambda p: {"kind": "power", "exponent": p}, exponents),
        )
    )
    return {
        "domain": {"variables": ["x"], "box": [["0", "1"]]},
        "target": draw(st.sampled_from(TARGETS)),
        "density": draw(st.sampled_from(DENSITIES)),
        "loss": loss,
        "architecture": draw(st.sampled_from(["feedforward", "residual"])),
        "width": 2 * jumps + kinks + 1,
        "response": draw(responses(jumps, kinks, draw(st.booleans()), draw(st.booleans()))),
    }
