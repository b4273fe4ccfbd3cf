"""Valid certificates of every kind, which `tests.auditor.mutants` change: by name, made when they are asked for."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from fractions import Fraction
from functools import cache, partial
from typing import Any

from proofs.activations.catalogue import activation
from tests.auditor.builder import changed, seal
from tests.auditor.test_conditions_certificates import VALID, certificate
from tests.auditor.test_plane import PLANE
from verify import Problem, certify
from verify.integration import Deadline
from verify.ramp_families.document import family_document
from verify.separation.analysis import analyse
from verify.separation.answer import Files, boundary_row, row
from verify.separation.boundary import boundary
from verify.shipped import resolve

Data = dict[str, Any]


def _example(name: str) -> Data:
    """A shipped problem with thin ramps, so that every neuron matters."""
    return certify(Problem.from_toml(resolve(f"example:{name}")), kappa=Fraction(1, 128)).document()


def _line(target: str, loss: str, domain: str = 'box = [["0", "1"]]', density: str = "1") -> Data:
    text = f"""
        name = "on the line"
        domain = {{ variables = ["x"], {domain} }}
        density = {{ expression = "{density}" }}
        target = {{ expression = "{target}" }}
        loss = {{ {loss} }}
        network = {{ architecture = "feedforward", width = 3 }}
        [response]
        affine = "1/5"
        halfspaces = [{{ where = "1/2 - x > 0", jump = "2/3" }}, {{ where = "3*x > 2", jump = "2 - 3*x" }}]"""
    return certify(Problem.from_mapping(tomllib.loads(text)), kappa=Fraction(1, 100)).document()


def _family(name: str) -> Data:
    """The family of a shipped problem, or of one of its kind."""
    table = {**tomllib.loads(resolve(f"example:{name}").read_text("utf-8")), **_FAMILIES[name]}
    found = certify(Problem.from_mapping(table))
    return family_document(found.result, found.family(kappa=Fraction(1, 8)))


_FAMILIES: dict[str, Data] = {
    "step-identity": {},
    "free-affine": {},
    "sine-exponential": {"density": {"expression": "1 + x"}},
    "residual-mix": {},
}


@cache
def _activations(name: str) -> dict[str, Data]:
    files = Files(None)
    if name == "boundary":
        for case in boundary():
            boundary_row(case, files)
    else:
        row(name, analyse(activation(name), Deadline(None)), files)
    return {key.removesuffix(".json"): json.loads(json.dumps(data)) for key, data in files.documents.items()}


def _activation(name: str, key: str) -> Data:
    """A certificate about an activation, with two risks at most."""
    data = _activations(name)[key]
    return changed(data, "claim.risks", data["claim"]["risks"][:2]) if "risks" in data["claim"] else seal(data)


_BALL = 'ball = { center = ["1/2"], radius = "1/2" }'
_UNION = f'union = [{{ box = [["-1", "3/4"]] }}, {{ {_BALL} }}, {{ vertices = [["2"], ["3"]] }}]'
_KEYS = {
    "tanh": ["tanh", "tanh-5"],
    "softsign": ["softsign-2"],
    "elu": ["elu", "elu-2", "elu-3"],
    "selu": ["selu-4"],
    "gelu": ["gelu-5"],
    "exp": ["exp-3"],
    "requ": ["requ"],
    "quadratic": ["quadratic", "quadratic-attained"],
    "cubic": ["cubic", "cubic-attained"],
    "relu": ["relu-attained"],
    "hard-tanh": ["hard-tanh-attained"],
    "boundary": ["relu-cusp", "relu-three-discs", "relu-step", "relu-gap", "relu-step-width-1"],
}

BASES: dict[str, Callable[[], Data]] = {
    **{
        f"domination: {name}": partial(_example, name)
        for name in ("step-identity", "free-affine", "residual-mix", "sine-exponential", "always-active", "square-root")
    },
    "domination: line, union": partial(_line, "x**2", 'kind = "squared"', _UNION),
    "domination: line, polynomial density": partial(_line, "x**3 - x", 'kind = "squared"', density="1 + x**2"),
    "domination: line, power": partial(_line, "x", 'kind = "power", exponent = "3"'),
    "domination: line, logcosh": partial(_line, "x", 'kind = "logcosh"'),
    "domination: line, expression": partial(_line, "x", 'kind = "expression", expression = "(y - f)**2 + (y - f)**4"'),
    **{
        f"domination: {name}": PLANE[name]
        for name in ("polynomial", "cubic", "triangle", "union", "two jumps", "logistic", "analytic", "space")
    },
    **{f"family: {name}": partial(_family, name) for name in _FAMILIES},
    **{f"conditions: {i}": partial(certificate, table) for i, table in enumerate(VALID)},
    **{f"activation: {key}": partial(_activation, name, key) for name, keys in _KEYS.items() for key in keys},
}
