"""Other activations: the risk along an escaping family stays below its proved bound, by a quadrature in floats.

MATHEMATICS.md, section 6. Floats are a second route here: they can refute a bound that is wrong, and prove nothing.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from proofs.activations.catalogue import NAMES, activation
from verify.expressions import parse
from verify.expressions.floats import compile_float
from verify.integration import Deadline
from verify.properties.record import Example, Property, require
from verify.sampling.choices import Choices
from verify.separation.analysis import DOMAIN, LostMinimum, analyse
from verify.separation.risk import VARIABLES, network

BUDGET = 60.0
KEEPERS = ("relu", "leaky-relu", "abs", "hard-tanh")
LOSERS = tuple(name for name in NAMES if name not in KEEPERS)
_CELLS = 200
_NODES = ((-(0.6**0.5), 5 / 18), (0.0, 8 / 18), (0.6**0.5, 5 / 18))
_ROUNDING = 1e-9


@lru_cache(maxsize=len(NAMES))
def _lost(name: str) -> tuple[LostMinimum, ...]:
    return tuple(analyse(activation(name), Deadline(BUDGET)).lost)


def _drawn(choices: Choices) -> Example:
    name = choices.pick(LOSERS)
    found = _lost(name)
    index = choices.integer(0, max(0, len(found) - 1))
    part = Fraction(choices.integer(8, 64), 64)
    low, high = map(str, DOMAIN)
    table = {
        "name": name,
        "domain": {"variables": ["x"], "box": [[low, high]]},
        "target": {"expression": _limit_text(found[index], name) if found else "x"},
        "network": {"architecture": "feedforward", "width": 2},
    }
    return Example(table, (name, index, part), {"activation": name, "statement": str(index + 1), "k/until": str(part)})


def _limit_text(lost: LostMinimum, name: str) -> str:
    pieces = list(lost.family.limit(activation(name), *DOMAIN))
    branches = [f"({p.formula}, x < {p.upper})" for p in pieces[:-1]]
    last = str(pieces[-1].formula)
    return f"Piecewise({', '.join([*branches, f'({last}, True)'])})" if branches else last


def _below(example: Example) -> None:
    name, index, part = example.choices
    found = _lost(name)
    require(bool(found), f"{name} was not found to lose its minimum")
    lost = found[index]
    k = lost.bound.until * part
    proved = float(lost.bound.factor * k**lost.bound.rate)
    approximant = compile_float(network(activation(name), lost.family, k), VARIABLES)
    seen = 0.0
    for piece in lost.family.limit(activation(name), *DOMAIN):
        assert piece.lower is not None and piece.upper is not None
        limit = compile_float(parse(str(piece.formula), VARIABLES), VARIABLES)
        low, width = float(piece.lower), float(piece.upper - piece.lower) / _CELLS
        edges = [low + width * i for i in range(_CELLS + 1)]
        for a, b in pairwise(edges):
            for node, weight in _NODES:
                x = ((a + b) / 2 + (b - a) / 2 * node,)
                seen += weight * (b - a) * (approximant(x) - limit(x)) ** 2
    words = f"at k = {k} the risk is {seen:.9g}, the bound {proved:.9g}"
    require(seen <= proved * (1 + _ROUNDING) + _ROUNDING, words)


PROPERTIES = (
    Property(
        "activation-bounds",
        "The risk along the escaping families of other activations stays below the proved bound",
        _drawn,
        _below,
    ),
)
