"""What all commands share: their arguments, and how findings and results are printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

from payfs import __version__

app = typer.Typer(
    name="payfs",
    help="Results-based contracts that can be checked, read in plain English, and paid to the cent.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        say(f"payfs {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version of payfs this is.")
    ] = False,
) -> None:
    pass


Spec = Annotated[str, typer.Argument(metavar="SPEC", help="A contract file, or the short name of an example contract.")]
Results = Annotated[
    list[str],
    typer.Option(
        "--results",
        metavar="FILE",
        help="Results: CSV (metric,cohort,period,value), YAML, or claims (person,outcome,date,...) as CSV or .xlsx."
        " May be given more than once.",
    ),
]
PathsOption = Annotated[
    str | None, typer.Option("--paths", metavar="N", help="How many paths, in the place of what the scenario says.")
]
Seed = Annotated[
    str | None, typer.Option("--seed", metavar="S", help="The seed, in the place of what the scenario says.")
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="Look at this day: claims reported and money moved until then."),
]
Large = Annotated[bool, typer.Option("--large", help="Read claims files of more than 150 MB or 5,000,000 rows, too.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def say(text: str = "") -> None:
    """Print a line of the result."""
    sys.stdout.write(text + "\n")


def complain(text: str) -> None:
    """Print a finding."""
    sys.stderr.write(text + "\n")


@contextmanager
def findings() -> Iterator[None]:
    """Print what was refused, and leave with status 1."""
    from payfs.text import Refused

    try:
        yield
    except Refused as refused:
        for finding in refused.findings:
            complain(str(finding))
        raise typer.Exit(1) from None


def as_json(value: Any) -> None:
    """Print JSON."""
    say(json.dumps(value, indent=2, ensure_ascii=False))


def counted(number: int, what: str) -> str:
    """Write a number with what is counted."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def read_as_of(text: str) -> int:
    """Read the day of --as-of [days since 1970-01-01].

    Raises:
        Refused: it is no date.
    """
    from payfs.claims.table import EPOCH
    from payfs.periods import read_day
    from payfs.text import Finding, Refused

    try:
        return (read_day(text).date - EPOCH).days
    except ValueError as error:
        what, _, remedy = str(error).partition("; ")
        raise Refused([Finding(f"--as-of: {what}", remedy)]) from None


def read_rate(text: str) -> Fraction:
    """Read the rate of --rate [a year].

    Raises:
        Refused: it is no percentage.
    """
    from payfs.spec import read_figure
    from payfs.text import Finding, Refused

    try:
        figure = read_figure(text)
    except ValueError:
        figure = None
    if figure is None or not figure.percent or not -100 < figure.value < 1000:
        raise Refused([Finding(f"--rate: {text!r} is no rate a year", "write a percentage, such as 4%")])
    return figure.share


def account_of(spec: str, results: list[str], large: bool = False, as_of: str | None = None) -> Any:
    """Work out what is paid under a contract on results and claims, and warn where its own examples fail.

    Raises:
        Refused: what was given has faults.
    """
    from payfs.claims.file import is_claims, read_claims
    from payfs.contract import load
    from payfs.evidence.results import Result, read_results
    from payfs.examples import run_examples
    from payfs.payments import pay as pay_results
    from payfs.places import find_spec
    from payfs.text import Finding, Refused

    contract = load(find_spec(spec))
    counts: list[Result] = []
    claims = None
    for file in results:
        if not is_claims(file):
            counts += read_results(file, contract.frame)
        elif claims is None:
            claims = read_claims(file, contract.frame, large)
        else:
            raise Refused([Finding("this is the second file of claims", "put all claims in one file", file=file)])
    account = pay_results(contract, tuple(counts), claims, None if as_of is None else read_as_of(as_of))
    outcome = run_examples(contract)
    if outcome.failed:
        number = counted(outcome.failed, "worked example")
        complain(
            f"{contract.file}: {number} of its own cannot be met by its rules; payfs check says which, before you pay"
        )
    return account


def read_number(text: str | None, option: str, least: int) -> int | None:
    """Read a whole number of an option, such as ``100,000``.

    Raises:
        Refused: it is none.
    """
    from payfs.simulate.written import MOST_PATHS
    from payfs.spec import read_count
    from payfs.text import Finding, Refused

    if text is None:
        return None
    try:
        number = read_count(text)
    except ValueError:
        number = -1
    if number < least or (option == "--paths" and number > MOST_PATHS):
        most = f" to {MOST_PATHS:,}" if option == "--paths" else " on"
        raise Refused([Finding(f"{option}: {text!r} cannot be", f"write a whole number from {least}{most}")])
    return number


def write_new(file: str, made: Callable[[], bytes]) -> None:
    """Write a document to a file that is not there yet."""
    from payfs.text import Finding, Refused

    with findings():
        data = made()
        try:
            with Path(file).open("xb") as opened_file:
                opened_file.write(data)
        except FileExistsError:
            raise Refused([Finding("the file is there already", "choose another name", file=file)]) from None
        except (OSError, ValueError) as error:
            reason = (getattr(error, "strerror", None) or str(error)).lower()
            raise Refused(
                [Finding(f"the file cannot be written: {reason}", "choose another place", file=file)]
            ) from None
    say(f"{file} is written")
