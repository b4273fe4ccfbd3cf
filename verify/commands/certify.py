"""`verify certify PROBLEM`: beat the response, prove it, write the certificate."""

from __future__ import annotations

from contextlib import nullcontext

from verify.certificates import as_text, write_text
from verify.certification import Certificate, certify
from verify.commands.answer import NO, UNDECIDED, YES, Answer, Table
from verify.commands.progress import progress
from verify.enclosure import Enclosure
from verify.exact import parse_number
from verify.problem import Problem
from verify.ramp_families import FamilyProof
from verify.ramp_families.document import family_answer, family_document
from verify.shipped import resolve

_EXIT = {"dominated": YES, "not-dominated": NO, "undecided": UNDECIDED}


def run(
    problem: str, output: str | None, kappa: str | None, digits: int, budget: float, *, family: bool = False
) -> Answer:
    """Certify one problem; writes the certificate to `output` where the verdict is "dominated".

    With `family` the question is whether all thinner ramps win, too, and the certificate is one for all of them.
    """
    fixed = None if kappa is None else parse_number(kappa, "--kappa")
    stated = Problem.from_toml(resolve(problem))
    with progress("searching a response") if stated.response is None else nullcontext() as show:
        found = certify(stated, kappa=fixed, digits=digits, budget=budget, show=show)
    if family:
        return _of_family(found, output, found.family(kappa=fixed, budget=budget))
    saved = None
    if output is not None and found.verdict == "dominated":
        found.save(output)
        saved = output
    document = found.answer(saved)
    return Answer(document, _EXIT[found.verdict], _words(found, output, saved))


def _of_family(found: Certificate, output: str | None, proof: FamilyProof) -> Answer:
    saved = None
    if output is not None and proof.verdict == "proved":
        write_text(output, as_text(family_document(found.result, proof)))
        saved = output
    variables = found.result.problem.variables
    document = {**found.answer(saved), "family": family_answer(proof, variables)}
    words: list[str | Table]
    if proof.verdict != "proved":
        words = [f"FAMILY UNDECIDED: {proof.reason}.", *_words(found, output, saved)]
    else:
        words = [
            f"PROVED for a whole family: each of its networks, 0 < kappa <= {proof.kappa}, beats the response "
            f"with {proof.neurons} neurons.",
            Table(
                ("ramp at", "jump", "its kappa", "shift"),
                [
                    (ramp["where"], ramp["jump"], f"{ramp['ratio']} kappa", ramp["shift"])
                    for ramp in document["family"]["ramps"]
                ],
            ),
            Table(
                ("for kappa in", "the gain is at least"),
                [(f"({s.low}, {s.high}]", f"{s.rate} kappa") for s in proof.cover],
            ),
            _last_words(found, output, saved),
        ]
    exit_code = _EXIT[found.verdict] if proof.verdict == "proved" or found.verdict != "dominated" else UNDECIDED
    return Answer(document, exit_code, words)


def _words(found: Certificate, output: str | None, saved: str | None) -> list[str | Table]:
    result = found.result
    problem = result.problem
    words: list[str | Table] = [_sentence(found)]
    rows = [
        ("problem", f"{problem.name}: {problem.loss.kind} loss, {problem.architecture}, width {problem.width}"),
        ("response", _formula(found)),
        ("dimension", f"{result.dimension} neurons are needed, {problem.width} allowed"),
    ]
    for name, value in (("risk of the response", result.response_risk), ("risk of the network", result.network_risk)):
        if value is not None:
            rows.append((name, _interval(value, result.digits)))
    if found.gain is not None:
        rows.append(("gain", _interval(found.gain, result.digits)))
    if found.first_order.value is not None:
        rows.append(("thin ramps", f"gain / kappa tends to {_interval(found.first_order.value, result.digits)}"))
    elif result.ramps:
        rows.append(("thin ramps", f"the limit of gain / kappa is undecided: {found.first_order.reason}"))
    if found.network is not None:
        rows.append(("network", f"{found.network.width} neurons"))
    rows.append(("theorem", _theorem(found)))
    words.append(Table(("", ""), rows))
    if result.ramps:
        words.append(
            Table(
                ("ramp at", "jump", "kappa", "shift", "gain"),
                [
                    (
                        ramp.term.halfspace.text(problem.variables),
                        ramp.term.jump.text(problem.variables),
                        str(ramp.kappa),
                        ramp.shift.text(problem.variables),
                        _interval(gain, result.digits),
                    )
                    for ramp, gain in zip(result.ramps, result.ramp_gains, strict=True)
                ],
            )
        )
    words.append(_last_words(found, output, saved))
    return [part for part in words if part]


def _last_words(found: Certificate, output: str | None, saved: str | None) -> str:
    if saved is not None:
        return f"Certificate written to {saved}; check it with: verify audit {saved}"
    if output is not None:
        return "No certificate was written."
    return "Add -o FILE to write the certificate." if found.verdict == "dominated" else ""


def _sentence(found: Certificate) -> str:
    if found.verdict == "dominated" and found.gain is not None and found.network is not None:
        return (
            f"PROVED: a {found.result.problem.architecture} ReLU network with {found.network.width} neurons has a risk "
            f"smaller by {_interval(found.gain, found.result.digits)} than the discontinuous response."
        )
    return f"{found.verdict.upper()}: {found.reason}."


def _theorem(found: Certificate) -> str:
    conditions = found.conditions
    if conditions.theorem == "applies":
        return "its hypotheses hold for this problem: a network of minimal risk exists"
    wanted = "fails" if conditions.theorem == "does-not-apply" else "undecided"
    names = ", ".join(finding.id for finding in conditions.findings if finding.verdict == wanted)
    return f"hypotheses {'that fail' if wanted == 'fails' else 'undecided'}: {names}; the result stands on its own"


def _formula(found: Certificate) -> str:
    variables = found.result.problem.variables
    parts = [found.response.affine.text(variables)]
    parts += [f"({t.jump.text(variables)}) 1{{{t.halfspace.text(variables)}}}" for t in found.response.terms]
    return " + ".join(parts[1:] if parts[0] == "0" and len(parts) > 1 else parts)


def _interval(value: Enclosure, digits: int) -> str:
    if value.is_exact and max(value.lower.numerator, value.lower.denominator, key=abs).bit_length() <= 80:
        return f"{value.lower} (exactly)"
    ends = value.decimals(digits + 2)
    return ends["lower"] if ends["lower"] == ends["upper"] else f"[{ends['lower']}, {ends['upper']}]"
