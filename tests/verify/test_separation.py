"""Separation: rigorous risk bounds against mpmath quadrature, verdicts, definitions of one's own, the command."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import mpmath
import pytest

from proofs.activations.activation import Activation
from proofs.activations.catalogue import NAMES, activation
from proofs.activations.scaling import Scaling
from tests.verify.activations import numeric, value
from verify.certificates import schema_path
from verify.cli import main
from verify.errors import InputError
from verify.integration import Deadline
from verify.separation.analysis import LostMinimum, Separation, analyse
from verify.separation.answer import Files, boundary_row, row
from verify.separation.boundary import boundary
from verify.separation.polynomials import polynomial_targets
from verify.separation.reading import defined, pieces
from verify.separation.risk import compiled, supremum

F = Fraction
KEPT = {"relu", "leaky-relu", "abs", "hard-tanh"}


@cache
def analysed(name: str) -> Separation:
    return analyse(activation(name) if name in NAMES else defined(name), Deadline(None))


def number(q: Fraction) -> Any:
    return mpmath.mpf(q.numerator) / q.denominator


def true_risk(a: Activation, lost: LostMinimum, k: Fraction) -> Any:
    """The risk along a family by quadrature at 40 digits, from the definitions alone."""
    family, target = lost.family, lost.target

    def network(t: Any) -> Any:
        if isinstance(family, Scaling):
            return number(k) * numeric(a, t / number(k))
        at = lambda line: number(line.gradient[0]) * t + number(line.constant)  # noqa: E731
        total = mpmath.mpf(0)
        for weight, s in family.nodes:
            total += number(weight) * numeric(a, at(family.base) + number(k * s) * at(family.direction))
            if family.vanishing:
                total -= number(weight) * numeric(a, number(family.base.constant))
        scale = mpmath.mpf(1)
        if family.vanishing:
            moment = number(family.moment(family.order)) / mpmath.factorial(family.order)
            base = number(family.base.constant)
            scale = moment * mpmath.diff(lambda s: numeric(a, s), base, family.order, h=mpmath.mpf(10) ** -10)
        return total / (scale * number(k) ** family.order)

    with mpmath.workdps(40):
        kinks = {target.lower, target.upper, *(p.upper for p in target.pieces)}
        for s in (0, *(step for _, step in getattr(family, "nodes", ()))):
            for b in a.breakpoints:
                if not isinstance(family, Scaling) and not family.vanishing:
                    line = family.base + family.direction * (k * s)
                    kinks |= {(b - line.constant) / line.gradient[0]} if line.gradient[0] else set()
        cuts = sorted(p for p in kinks if p is not None and target.lower <= p <= target.upper)
        if isinstance(family, Scaling):
            cuts = sorted({*cuts, *(-k * 2**n for n in range(1, 12) if k * 2**n < -target.lower)})
        return mpmath.quad(lambda t: (network(t) - value(target.text, x=t)) ** 2, [number(c) for c in cuts])


@pytest.mark.parametrize("name", sorted(set(NAMES) - KEPT))
def test_bounds_contain_the_true_risk_and_fall_at_the_rate(name: str) -> None:
    a, found = activation(name), analysed(name)
    assert found.verdict == "not-attained"
    for lost in found.lost:
        bound = lost.bound
        chosen = [bound.risks[i] for i in (2, 4)]
        risks = [true_risk(a, lost, k) for k, _ in chosen]
        for (k, upper), risk in zip(chosen, risks, strict=True):
            assert risk <= number(upper) <= risk * mpmath.mpf("1.01"), (lost.target.text, k)
            assert risk <= number(bound.factor) * number(k) ** bound.rate
        slope = math.log(float(risks[0] / risks[1])) / math.log(float(chosen[0][0] / chosen[1][0]))
        assert bound.rate - 0.35 < slope, (lost.target.text, slope)


@pytest.mark.parametrize("name", NAMES)
def test_parameters_fall_and_bounds_fall(name: str) -> None:
    for lost in analysed(name).lost:
        ks, uppers = zip(*lost.bound.risks, strict=True)
        assert list(ks) == sorted(ks, reverse=True) and ks[0] <= lost.bound.until
        assert list(uppers) == sorted(uppers, reverse=True) and uppers[-1] < uppers[0] / 100


def test_verdicts() -> None:
    for name in NAMES:
        assert analysed(name).verdict == ("attained" if name in KEPT else "not-attained")
    everywhere = {name for name in NAMES if analysed(name).lost and analysed(name).lost[0].widths == "every width"}
    assert everywhere >= {"tanh", "logistic", "arctan", "erf", "softsign", "sin", "exp", "gaussian", "elu"}


@pytest.mark.parametrize("name", sorted(set(NAMES) - KEPT - {"quadratic", "cubic"}))
def test_every_width_is_lost(name: str) -> None:
    lost = analysed(name).lost
    least = min(one.family.neurons for one in lost if one.argument.every_width)
    for width in range(1, least):
        assert any(one.family.neurons <= width <= one.width for one in lost if not one.argument.every_width)


def test_powers_lose_narrow_widths_only() -> None:
    for name, widths, least in (("quadratic", "width 1", 2), ("cubic", "widths 1 to 2", 3)):
        found = analysed(name)
        assert found.lost[0].widths == widths
        assert found.spanning is not None and len(found.spanning) == least


RULES = {
    "tanh": {"growth", "pole-order"},
    "arctan": {"growth", "pole-order"},
    "softplus": {"growth", "pole-order", "single-neuron"},
    "gelu": {"growth", "exponential-polynomials", "single-neuron"},
    "exp": {"exponential-polynomials"},
    "elu": {"smoothness", "exponential-polynomials"},
    "requ": {"smoothness", "single-neuron"},
    "cubic": {"waring"},
}


@pytest.mark.parametrize("name", sorted(RULES))
def test_arguments(name: str) -> None:
    assert {one.argument.rule for one in analysed(name).lost} == RULES[name]


POLYNOMIALS = {
    ("softplus", 1): ["closure-only", "in-class", "in-class"],
    ("softplus", 2): ["undecided", "closure-only", "closure-only"],
    ("tanh", 1): ["closure-only"] * 3,
    ("gaussian", 2): ["closure-only"] * 3,
    ("relu", 1): ["in-class"] * 3,
    ("relu", 2): ["outside"] * 3,
    ("cubic", 1): ["closure-only", "closure-only", "in-class"],
    ("cubic", 2): ["undecided", "in-class", "in-class"],
    ("quadratic", 3): ["outside"] * 3,
    ("elu", 1): ["in-class"] * 3,
    ("requ", 1): ["closure-only", "in-class", "in-class"],
}


@pytest.mark.parametrize(("name", "degree"), sorted(POLYNOMIALS))
def test_polynomials(name: str, degree: int) -> None:
    found = [one.verdict for one in polynomial_targets(analysed(name)) if one.degree == degree]
    assert found == POLYNOMIALS[name, degree]


DEFINED = {
    "x*tanh(x)": ("not-attained", "every width"),
    "x": ("attained", None),
    "3*Max(x, 0) - 1": ("attained", None),
    "Max(0, Min(x, 6))": ("attained", None),
    "x/(1 + exp(-1.702*x))": ("not-attained", "every width >= 2"),
    "x**4": ("not-attained", "widths 1 to 3"),
    "sqrt(1 + x**2)": ("not-attained", "every width"),
    "Max(x, 0) + Max(x - 1, 0)": ("undecided", None),
    "Heaviside(x)": ("undecided", None),
    "Abs(x) - Abs(x - 1) + Abs(x - 3)": ("undecided", None),
}


@pytest.mark.parametrize("text", sorted(DEFINED))
def test_activations_of_ones_own(text: str) -> None:
    found = analysed(text)
    verdict, widths = DEFINED[text]
    assert found.verdict == verdict
    assert widths is None or found.lost[0].widths == widths
    assert found.reason


@pytest.mark.parametrize("text", ["floor(x)", "1/x", "Max(x**2 - 2, 0)", "tan(x)", "log(x)", "Max(tanh(x) - 1/2, 0)"])
def test_definitions_that_cannot_be_read_exactly(text: str) -> None:
    with pytest.raises(ValueError, match=r"analytic|switch"):
        defined(text)


@pytest.mark.parametrize("text", ["", "3", "y", "x +", "x.real", "__import__('os')", "lambda x: x"])
def test_definitions_that_are_bad_input(text: str) -> None:
    with pytest.raises(InputError):
        defined(text)


@pytest.mark.parametrize("name", NAMES)
def test_texts_and_pieces_agree(name: str) -> None:
    from verify.expressions import parse

    a = activation(name)
    found = pieces(parse(a.text, ["x"]))
    assert [(p.lower, p.upper) for p in found] == [(p.lower, p.upper) for p in a.pieces]
    assert all((p.formula - q.formula).simplify() == 0 for p, q in zip(found, a.pieces, strict=True))


def test_nested_switches_are_cut_in_turn() -> None:
    found = defined("Max(0, Min(x, Max(1, x/2)))").pieces
    assert [p.upper for p in found] == [0, 1, 2, None]
    assert [str(p.formula) for p in found] == ["0", "x", "1", "x/2"]


def test_supremum_is_an_upper_bound() -> None:
    for name in ("mish", "softplus", "gelu", "arctan", "erf"):
        formula = activation(name).pieces[0].derivative(3).formula
        bound = supremum(compiled(formula), F(-2), F(3))
        sampled = max(abs(value(str(formula), x=mpmath.mpf(n) / 50)) for n in range(-100, 151))
        assert sampled <= number(bound) <= sampled * mpmath.mpf("1.05")


def test_boundary_cases() -> None:
    found = {case.name: case for case in boundary()}
    assert {name: case.verdict for name, case in found.items()} == {
        "step": "not-attained",
        "step-width-1": "attained",
        "three-discs": "not-attained",
        "cusp": "not-attained",
        "gap": "attained",
    }
    assert found["step-width-1"].minimum == F(1, 9) and found["gap"].minimum == 0
    assert found["step"].risks[0] == (F(1, 4), F("0.0416667"))


def test_risk_of_the_three_discs_and_the_cusp_by_quadrature() -> None:
    found = {case.name: case for case in boundary()}
    for exact, upper in found["three-discs"].risks[:3]:
        k = number(exact)
        risk = 3 * mpmath.quad(_cap(k), [0, k])
        assert risk <= number(upper) <= risk * 1.1
    for exact, upper in found["cusp"].risks[:2]:
        k = number(exact)
        assert 0 < 4 * mpmath.quad(_wing(k), [0, k**2]) <= number(upper)


def _cap(k: Any) -> Any:
    return lambda t: ((1 - t / k) / 2) ** 2 * 2 * mpmath.sqrt(2 * t - t * t)


def _wing(k: Any) -> Any:
    return lambda s: mpmath.quad(lambda y: ((y - s / k) / 2) ** 2, [s / k, mpmath.sqrt(s)])


def test_rows_and_schema() -> None:
    schema = jsonschema.Draft202012Validator(json.loads(schema_path().read_text("utf-8")))
    files = Files("folder")
    rows = [row(name, analysed(name), files) for name in ("relu", "tanh", "cubic", "elu")]
    cases = [boundary_row(case, files) for case in boundary()]
    keys = {"name", "verdict", "width", "target", "domain", "limit", "risk_bounds", "rate", "argument", "certificate"}
    for one in (*rows, *cases):
        assert keys <= set(one)
        assert one["certificate"] in {f"folder/{name}" for name in files.documents}
    for document in files.documents.values():
        schema.validate(document)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = tmp_path / "certificates"
    code, out, _ = run(capsys, "activations", "exp", "relu", "-o", str(folder), "--json")
    document = json.loads(out)
    assert code == 0
    assert [one["verdict"] for one in document["activations"]] == ["not-attained", "attained"]
    assert len(document["boundary"]) == 5
    assert {path.name for path in folder.iterdir()} >= {"exp.json", "relu-attained.json", "relu-cusp.json"}
    assert all(Path(one["certificate"]).is_file() for one in document["activations"])
    code, out, _ = run(capsys, "activations", "sigmoid")
    assert code == 0 and "growth" in out


def test_command_with_a_definition(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "activations", "--define", "sin(x)/2", "--json")
    assert code == 0 and json.loads(out)["activations"][0]["verdict"] == "not-attained"
    for text in ("Max(x, 0) + Max(x - 1, 0)", "1/x"):
        code, out, _ = run(capsys, "activations", "--define", text, "--json")
        (one,) = json.loads(out)["activations"]
        assert code == 3 and one["verdict"] == "undecided" and one["reason"] and one["certificate"] is None


def test_bad_usage_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    for arguments in (["tanhh"], ["--define", "y"], ["exp", "-o", str(blocked / "inside")]):
        code, out, err = run(capsys, "activations", *arguments)
        assert code == 2 and not out and err.startswith("error: ") and err.count("\n") == 1


def test_missing_matplotlib_is_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: Any, tmp_path: Path) -> None:
    import verify.separation.plot as plot

    monkeypatch.setattr(plot, "find_spec", lambda name: None)
    code, _, err = run(capsys, "activations", "exp", "--plot", str(tmp_path / "figure.png"))
    assert code == 2 and "matplotlib" in err and err.count("\n") == 1


def test_figure(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    target = tmp_path / "figure.svg"
    code, _, _ = run(capsys, "activations", "tanh", "--plot", str(target))
    assert code == 0 and target.read_text("utf-8").count("<svg") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["figure.svg"]
    code, _, err = run(capsys, "activations", "relu", "--plot", str(tmp_path / "none.svg"))
    assert code == 2 and "no minimum is lost" in err
