"""The public list of the package, and what importing it may load."""

from __future__ import annotations

import subprocess
import sys

import pytest

import proofs

PUBLIC = ["Affine", "GeneralizedResponse", "HalfSpace", "Limit", "NetworkFamily", "Neuron", "Polytope"]
PUBLIC += ["ShallowNetwork", "converging_to", "limit"]


def test_the_public_list_is_fixed_and_every_name_loads() -> None:
    assert proofs.__all__ == PUBLIC
    assert all(hasattr(proofs, name) for name in PUBLIC)
    assert set(PUBLIC) <= set(dir(proofs))
    with pytest.raises(AttributeError, match="no attribute"):
        _ = proofs.no_such_name


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_importing_is_light() -> None:
    code = "import proofs, sys; print(sorted({'sympy', 'flint', 'numpy', 'proofs.geometry.affine'} & set(sys.modules)))"
    assert run(code) == "[]"


def test_limit_is_the_function_whatever_was_imported_before() -> None:
    code = "import proofs.closure.limits; from proofs import limit; print(callable(limit))"
    assert run(code) == "True"


def test_rational_families_need_no_sympy() -> None:
    code = (
        "import sys; from fractions import Fraction as F; from proofs import NetworkFamily, Polytope, limit\n"
        "from proofs.closure.family import AffineGerm, MovingNeuron; from proofs.expansions.germs import parameter\n"
        "k = parameter(); pair = [MovingNeuron.of(c / k, [1], -F(1, 2) + b * k) for c, b in ((1, 1), (-1, -1))]\n"
        "found = limit(NetworkFamily(AffineGerm.of([0]), tuple(pair)), [Polytope.box([(0, 1)])])\n"
        "print(found.verdict, 'sympy' in sys.modules)"
    )
    assert run(code) == "converges False"
