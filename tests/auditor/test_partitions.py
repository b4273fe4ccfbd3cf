"""Pieces of a domain on which a response is affine: against its values at points, and against what they must cover."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.auditor.affine import Affine, Jump, Response, Shape, reduced
from verify.auditor.partitions import cells, pieces
from verify.auditor.simplices import centre, cut, volume
from verify.auditor.verdicts import Effort, UndecidedError

small = st.integers(-3, 3).map(Fraction)


def affine(n: int) -> st.SearchStrategy[Affine]:
    return st.builds(Affine, st.tuples(*[small] * n), st.fractions(-2, 2, max_denominator=5))


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Shape], Response]:
    n = draw(st.integers(1, 3))
    low = draw(st.lists(small, min_size=n, max_size=n))
    boxes = [Shape("box", (tuple(low), tuple(x + 1 for x in low)))]
    if draw(st.booleans()):
        boxes.append(Shape("box", (tuple(x + 3 for x in low), tuple(x + 5 for x in low))))
    jumps = st.lists(st.builds(Jump, affine(n), affine(n)), max_size=5)
    return boxes, Response(draw(affine(n)), tuple(draw(jumps)))


def value(response: Response, point: Any) -> Fraction:
    values = (jump.value(point) for side, jump in response.jumps if side.value(point) > 0)
    return response.affine.value(point) + sum(values, Fraction(0))


@given(cases(), st.randoms(use_true_random=False))
def test_pieces_cover_the_domain_and_are_the_response(case: tuple[list[Shape], Response], random: Any) -> None:
    shapes, response = case
    found = list(pieces(Effort(), cells(Effort(), shapes), response))
    assert sum(volume(cell) for cell, _ in found) == 1 + (2 ** len(response.affine.gradient) if shapes[1:] else 0)
    for cell, function in found:
        weights = [Fraction(random.randint(1, 9)) for _ in cell]
        inside = tuple(
            sum(w * x for w, x in zip(weights, c, strict=True)) / sum(weights) for c in zip(*cell, strict=True)
        )
        for point in (centre(cell), inside):
            assert function.value(point) == value(response, point)


def line(a: Any, b: Any) -> Affine:
    return Affine((Fraction(a),), Fraction(b))


def test_jumps_between_the_parts_of_a_domain_may_lie_anywhere_there() -> None:
    """1{x > 1/2} = 1{x > 3/5} on [0, 2/5] and [7/10, 1], not on [0, 11/20] and [7/10, 1]."""
    first, second = (Response(line(0, 0), (Jump(line(1, -at), line(0, 1)),)) for at in (Fraction(1, 2), Fraction(3, 5)))
    for end, same in ((Fraction(2, 5), True), (Fraction(1, 2), True), (Fraction(11, 20), False)):
        shapes = [Shape("box", ((a,), (b,))) for a, b in ((Fraction(0), end), (Fraction(7, 10), Fraction(1)))]
        difference = reduced(first.minus(second), shapes)
        assert len(difference.jumps) == 2  # S is on both sides of both
        gaps = [gap for _, gap in pieces(Effort(), cells(Effort(), shapes), difference)]
        assert all(gap.is_zero() for gap in gaps) is same


def test_a_cell_whose_parts_do_not_cover_it_is_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verify.auditor.partitions.cut", lambda *given: list(cut(*given))[1:])
    step = Response(line(0, 0), (Jump(line(1, Fraction(-1, 3)), line(0, 1)),))
    with pytest.raises(UndecidedError, match="do not cover"):
        list(pieces(Effort(), cells(Effort(), [Shape("box", ((Fraction(0),), (Fraction(1),)))]), step))


def test_many_boundaries_end_within_the_effort() -> None:
    one = Affine((Fraction(0), Fraction(0)), Fraction(1))
    jumps = tuple(Jump(Affine((Fraction(k), Fraction(1)), Fraction(-k * k, 900)), one) for k in range(1, 600))
    square = Shape("box", ((Fraction(0), Fraction(0)), (Fraction(1), Fraction(1))))
    with pytest.raises(UndecidedError, match="limit"):
        list(pieces(Effort(steps=1_000_000), cells(Effort(), [square]), Response(one, jumps)))
