"""A figure of one escaping family: the networks and their target, and how the risk falls while parameters run off."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

from proofs.activations.scaling import Scaling
from verify.errors import InputError
from verify.expressions import parse
from verify.expressions.floats import compile_float
from verify.separation.analysis import LostMinimum, Separation
from verify.separation.risk import VARIABLES, network

_POINTS = 240
_SHOWN = 3


def check_available() -> None:
    """Raise InputError where matplotlib, an optional dependency, is missing."""
    if find_spec("matplotlib") is None:
        raise InputError("matplotlib is missing; install relu-closure[plot]", key="--plot")


def draw(found: Sequence[Separation], path: str) -> str:
    """Draw the first lost minimum among the results to a file; return a sentence on it.

    Raises InputError where there is none, or where the file cannot be written.
    """
    one = next((separation for separation in found if separation.lost), None)
    if one is None:
        raise InputError("no family to draw: no minimum is lost", key="--plot")
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    lost = one.lost[0]
    figure = Figure(figsize=(11, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    step = (lost.target.upper - lost.target.lower) / _POINTS
    xs = [float(lost.target.lower + step * i) for i in range(_POINTS + 1)]
    goal = compile_float(parse(lost.target.text, VARIABLES), VARIABLES)
    left.plot(xs, [goal((x,)) for x in xs], color="black", linewidth=3, alpha=0.4, label=f"target {lost.target.text}")
    parameters = [k for k, _ in lost.bound.risks]
    for k in parameters[:_SHOWN]:
        values = compile_float(network(one.activation, lost.family, k), VARIABLES)
        left.plot(xs, [values((x,)) for x in xs], label=f"network, k = {k}")
    left.set_title(f"{one.activation.text}: the minimum is lost at {lost.widths}")
    left.legend(fontsize="small")
    ks = [float(k) for k in parameters]
    right.loglog(ks, [float(risk) for _, risk in lost.bound.risks], "o", label="risk (rigorous upper bound)")
    proved = [float(lost.bound.factor) * k**lost.bound.rate for k in ks]
    right.loglog(ks, proved, "--", label=f"proved for all k: C k^{lost.bound.rate}")
    right.loglog(ks, [_largest_parameter(one, lost, k) for k in parameters], "s-", label="largest parameter")
    right.set_xlabel("k")
    right.set_title("parameters run off while the risk falls")
    right.legend(fontsize="small")
    target = Path(path)
    temporary = target.with_name(f".{os.getpid()}-{target.name}")
    try:
        figure.savefig(temporary)
        temporary.replace(target)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be written: {error}", source=path) from None
    finally:
        temporary.unlink(missing_ok=True)
    return f"The family for {one.activation.text} is drawn in {path}."


def _largest_parameter(one: Separation, lost: LostMinimum, k: Fraction) -> float:
    """The largest output weight, inner weight or bias of the network N_k, for the eye only."""
    family = lost.family
    if isinstance(family, Scaling):
        return max(float(k), float(1 / k))
    nu = compile_float(parse(str(family.normaliser(one.activation)), VARIABLES), VARIABLES)((0.0,))
    outputs = [abs(float(weight / k**family.order) / nu) for weight, _ in family.nodes]
    inner = [family.base + family.direction * (k * t) for _, t in family.nodes]
    return max(*outputs, *(abs(float(v)) for one_inner in inner for v in (*one_inner.gradient, one_inner.constant)))
