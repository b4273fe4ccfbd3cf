"""The command line: thin. It parses arguments, hands them to one module of `verify.commands`, and prints the answer."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from verify import __version__
from verify.commands.answer import BAD_INPUT, INTERRUPTED, Answer, ended, interrupted
from verify.errors import InputError

app = typer.Typer(
    name="verify",
    help="Exact closures of shallow ReLU networks, and proofs that generalized responses are beaten by networks.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Json = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object.")]
Output = Annotated[str | None, typer.Option("-o", "--output", help="File to write (whole or not at all).")]
Budget = Annotated[float, typer.Option("--budget", help="Seconds before the answer is undecided.", min=0.001)]
ProblemArgument = Annotated[str, typer.Argument(metavar="PROBLEM", help="A problem file, or example:NAME.")]


def _finish(work: Callable[[], Answer], as_json: bool) -> None:
    answer = work()
    answer.show(as_json=as_json)
    raise typer.Exit(answer.exit_code)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"relu-closure {__version__}")
        raise typer.Exit()


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print name and version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


@app.command()
def certify(
    problem: ProblemArgument,
    output: Output = None,
    kappa: Annotated[str | None, typer.Option("--kappa", help="A rational kappa for all ramps.")] = None,
    digits: Annotated[int, typer.Option("--digits", help="Relative width of the gain: 10^-N.")] = 6,
    budget: Budget = 60.0,
    family: Annotated[
        bool, typer.Option("--family", help="Prove that all thinner ramps win, too: every kappa in (0, kappa*].")
    ] = False,
    json: Json = False,
) -> None:
    """Build a network of the given width that beats the response, and prove it.

    The JSON key first_order is the limit of gain / kappa as kappa (that of the first ramp, the others in proportion)
    tends to 0: positive where thin ramps win. With --family the key family holds kappa* and a cover of (0, kappa*] by
    rates (gain >= rate * kappa), -o writes a certificate for the whole family, and --kappa fixes kappa*.
    """
    from verify.commands import certify as command

    _finish(lambda: command.run(problem, output, kappa, digits, budget, family=family), json)


@app.command()
def conditions(
    problem: ProblemArgument,
    output: Output = None,
    explain: Annotated[str | None, typer.Option("--explain", help="Spell out the verdict on one hypothesis.")] = None,
    budget: Budget = 60.0,
    json: Json = False,
) -> None:
    """Check every hypothesis of the existence theorem on a problem."""
    from verify.commands import conditions as command

    _finish(lambda: command.run(problem, output, explain, budget), json)


@app.command()
def closure(
    family: Annotated[str, typer.Argument(metavar="FAMILY", help="A family file, or example:NAME.")],
    latex: Annotated[bool, typer.Option("--latex", help="Print the formula as LaTeX.")] = False,
    json: Json = False,
) -> None:
    """Find the exact limit of a family of networks, or the cell on which it diverges."""
    from verify.commands import closure as command

    _finish(lambda: command.run(family, latex), json)


@app.command()
def activations(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME...]", help="Activations; all if none.")] = None,
    output: Annotated[str | None, typer.Option("-o", "--output", help="Folder for the certificates.")] = None,
    define: Annotated[str | None, typer.Option("--define", help="An activation of your own, in x.")] = None,
    plot: Annotated[str | None, typer.Option("--plot", help="Draw one escaping family to this file.")] = None,
    budget: Budget = 60.0,
    json: Json = False,
) -> None:
    """Say which activations keep their minimum and which lose it, with proof."""
    from verify.commands import activations as command

    _finish(lambda: command.run(names or [], output, define, plot, budget), json)


@app.command()
def audit(
    certificates: Annotated[
        list[str], typer.Argument(metavar="CERTIFICATE...", help="Certificate files; of a folder, all *.json below it.")
    ],
    jobs: Annotated[int | None, typer.Option("--jobs", help="Processes; one a core if not given.", min=1)] = None,
    json: Json = False,
) -> None:
    """Re-check certificates with independent arithmetic (standard library only)."""
    from verify.commands import audit as command

    raise typer.Exit(command.run(certificates, json, jobs))


@app.command()
def campaign(
    suite: Annotated[
        str,
        typer.Argument(metavar="SUITE", help="A folder, glob, problem file, generator file or example:NAME; or: show"),
    ],
    directory: Annotated[str | None, typer.Argument(metavar="[DIR]", help="After show: the folder of results.")] = None,
    out: Annotated[str | None, typer.Option("--out", help="Folder for the results; what is there is kept.")] = None,
    jobs: Annotated[int | None, typer.Option("--jobs", help="Processes; one a core if not given.", min=1)] = None,
    scheduler: Annotated[str | None, typer.Option("--scheduler", help="A Dask scheduler, tcp://HOST:PORT.")] = None,
    timeout: Annotated[float, typer.Option("--timeout", help="Seconds for one problem.", min=0.1)] = 60.0,
    memory: Annotated[int, typer.Option("--memory", help="Megabytes for one problem.", min=16)] = 2048,
    csv: Annotated[bool, typer.Option("--csv", help="After show: print all results as CSV.")] = False,
    json: Json = False,
) -> None:
    """Check, certify and audit many problems (resumable); or sum up results: campaign show DIR."""
    from verify.commands import campaign as command

    if suite == "show" and directory is not None:
        if csv and not json:
            command.export(directory)
            return
        _finish(lambda: command.show(directory), json)
    if directory is not None or out is None or csv:
        raise InputError("expected: campaign SUITE --out DIR (a glob in quotes), or campaign show DIR [--csv]")
    _finish(lambda: command.run(suite, out, jobs, scheduler, timeout, memory), json)


@app.command()
def properties(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME...]", help="Properties; all if none.")] = None,
    examples: Annotated[int, typer.Option("--examples", help="Random examples of each.", min=1)] = 50,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same examples.", min=0)] = 0,
    jobs: Annotated[int | None, typer.Option("--jobs", help="Processes; one a core if not given.", min=1)] = None,
    json: Json = False,
) -> None:
    """Try the theorem and its lemmas on random problems; a failure prints a small problem file."""
    from verify.commands import properties as command

    _finish(lambda: command.run(names or [], examples, seed, jobs), json)


@app.command()
def examples(json: Json = False) -> None:
    """List the shipped problems and families."""
    from verify.commands import examples as command

    _finish(command.run, json)


@app.command()
def schema(
    spec: Annotated[bool, typer.Option("--spec", help="Print the specification in words instead.")] = False,
    json: Json = False,
) -> None:
    """Print the JSON Schema of the certificate format."""
    from verify.commands import schema as command

    _finish(lambda: command.run(spec), json)


@app.command()
def theorems(
    id: Annotated[str | None, typer.Argument(metavar="ID", help="Show this statement only.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Run every step by exact computation.")] = False,
    json: Json = False,
) -> None:
    """Show the statements that all answers rest on, and check them."""
    from verify.commands import theorems as command

    _finish(lambda: command.run(id, check), json)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; bad input is one line on standard error."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    return ended(lambda: _run(arguments))


def _run(arguments: list[str]) -> int:
    try:
        result: Any = typer.main.get_command(app).main(arguments, prog_name="verify", standalone_mode=False)
        code = int(result or 0)
        return interrupted() if code == INTERRUPTED else code
    except InputError as error:
        return _refuse(str(error))
    except typer.Exit as stop:
        return stop.exit_code
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except Exception as error:
        if hasattr(error, "format_message"):  # usage errors of the argument parser
            return _refuse(error.format_message())
        if type(error).__name__ == "Abort" or _was_interrupted(error):
            return interrupted()
        raise


def _was_interrupted(error: BaseException | None) -> bool:
    """Whether Ctrl-C came inside a compiled function, which wraps it into a SystemError."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__
    return error is not None


def _refuse(message: str) -> int:
    print("error: " + " ".join(message.split()), file=sys.stderr)
    return BAD_INPUT
