"""Responses with irrational or symbolic coefficients: the same counts as for rational ones."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from proofs.closure.vectors import (
    ExactAffine,
    ExactResponse,
    ExactTerm,
    is_zero,
    monic,
    primitive,
    rank,
    response_of,
    times,
    value,
)
from proofs.numbers.constants import UndecidedError, tidied
from proofs.response import GeneralizedResponse
from tests.proofs.strategies import cube, dimensions, integers, responses

ROOT = sympy.sqrt(2)


def vector(*entries: Any) -> tuple[Any, ...]:
    return tuple(tidied(e) for e in entries)


@given(st.data())
def test_dimensions_agree_with_the_rational_case_after_multiplying_by_an_irrational(data: st.DataObject) -> None:
    n = data.draw(dimensions)
    response = data.draw(responses(n, max_terms=3)).reduced(cube(n))
    scaled = ExactResponse(
        ExactAffine(times(ROOT, (*response.affine.gradient, response.affine.constant))),
        tuple(
            ExactTerm(
                ExactAffine((*t.halfspace.side.gradient, t.halfspace.side.constant)),
                ExactAffine(times(ROOT, (*t.jump.gradient, t.jump.constant))),
            )
            for t in response.terms
        ),
    )
    assert [t.multiplicity for t in scaled.terms] == [t.multiplicity for t in response.terms]
    assert scaled.is_strict == response.is_strict
    assert scaled.dimension("feedforward") == response.dimension("feedforward")
    assert scaled.dimension("residual") == response.dimension("residual")


def test_rational_vectors_give_a_rational_response() -> None:
    side, jump = vector(1, 0), vector(0, 1)
    assert isinstance(response_of(vector(0, 0), [(side, jump)]), GeneralizedResponse)
    assert isinstance(response_of(vector(0, ROOT), [(side, jump)]), ExactResponse)


@given(st.lists(st.lists(integers, min_size=3, max_size=3), min_size=1, max_size=4))
def test_rank_against_sympy(rows: list[list[int]]) -> None:
    assert rank([vector(*row) for row in rows]) == sympy.Matrix(rows).rank()


def test_rank_of_irrational_rows() -> None:
    assert rank([vector(1, ROOT), vector(ROOT, 2)]) == 1
    assert rank([vector(1, ROOT), vector(ROOT, 3)]) == 2


def test_normal_forms() -> None:
    assert monic(vector(0, -2, 4)) == (vector(0, 1, -2), -1)
    assert monic(vector(0, 0, 4)) is None
    assert primitive(vector(Fraction(2, 3), Fraction(4, 3), 1)) == vector(1, 2, Fraction(3, 2))
    assert primitive(vector(ROOT, 1, 1)) == vector(ROOT, 1, 1)


def test_zero_and_values() -> None:
    t = sympy.Symbol("t", real=True)
    assert not is_zero([t, Fraction(1)])  # one entry settles it
    assert is_zero(vector(0, ROOT - ROOT))
    with pytest.raises(UndecidedError):
        is_zero([t, Fraction(0)])
    assert value(vector(ROOT, 2, 1), [Fraction(1, 2), Fraction(3)]) == ROOT / 2 + 7


def test_texts() -> None:
    assert ExactAffine(vector(1, Fraction(-1, 2))).text("x") == "x - 1/2"
    assert ExactAffine(vector(sympy.pi, 0, 1)).text("xy") == "pi*x + 1"


def test_a_multiplicity_that_depends_on_symbols_is_undecided() -> None:
    t = sympy.Symbol("t", real=True)
    term = ExactTerm(ExactAffine(vector(1, 0)), ExactAffine((Fraction(1), t)))
    assert term.known_multiplicity is None
    with pytest.raises(UndecidedError):
        _ = term.multiplicity
