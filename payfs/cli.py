"""The commands. Findings go to standard error, results to standard output.

Exit status: 0 all well, 1 findings in what the user gave, 2 wrong usage.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="payfs",
    help="Results-based contracts that can be checked, read in plain English, and paid to the cent.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

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


@app.command()
def demo() -> None:
    """Denver's contract, its real results, its real payments, and what the investors got back."""
    from payfs.report.demo import demo_lines

    with findings():
        for line in demo_lines():
            say(line)


@app.command()
def check(
    specs: Annotated[
        list[str], typer.Argument(metavar="SPEC...", help="Contract files, or names of example contracts.")
    ],
    json_: AsJson = False,
    rewards: Annotated[
        bool,
        typer.Option("--incentives", help="Say what each rule rewards: cliffs, flats, where doing better pays less."),
    ] = False,
) -> None:
    """Is the contract valid, and do its worked examples hold? Everything that is wrong, at once.

    With --incentives also what each rule rewards: steps that are worth much (cliffs), stretches in which doing better
    earns nothing (flats), and places where better results pay less. These are warnings and change no exit status.
    """
    from payfs.examples import examine
    from payfs.places import find_spec
    from payfs.text import Refused, dotted

    if rewards:
        from payfs.incentives import looks
        from payfs.report.incentives_text import incentives_data, incentives_lines
    files: list[dict[str, Any]] = []
    for spec in specs:
        name, rules, passed, failed, contract = spec, 0, 0, 0, None
        try:
            name = str(find_spec(spec))
            contract, outcome = examine(name)
            rules = len(contract.spec.rules) if contract else 0
            passed, failed, found = outcome.passed, outcome.failed, outcome.findings
        except Refused as refused:
            found = refused.findings
        looked = looks(contract) if rewards and contract is not None else ()
        files.append(
            {
                "file": name,
                "ok": not found,
                "rules": rules,
                "examples": {"passed": passed, "failed": failed},
                "findings": [
                    {"line": f.line, "column": f.column, "path": dotted(f.path), "what": f.what, "remedy": f.remedy}
                    for f in found
                ],
                **(
                    {"incentives": incentives_data(contract, looked) if contract is not None else None}
                    if rewards
                    else {}
                ),
            }
        )
        if not json_:
            for finding in found:
                complain(str(finding))
            held = (
                "no worked examples" if not passed + failed else f"{passed} of {passed + failed} worked examples hold"
            )
            if not found:
                say(f"{name}: ok, {_count(rules, 'rule')}, {held}")
            else:
                say(f"{name}: {_count(len(found), 'finding')}" + (f", {held}" if rules else ""))
            if rewards and contract is None:
                say(f"{name}: what it rewards can be seen once it is mended")
            elif rewards and contract is not None:
                say()
                say("\n".join([*incentives_lines(contract, looked), ""]))
    if json_:
        as_json({"files": files})
    elif len(files) > 1:
        good = sum(1 for file in files if file["ok"])
        total = sum(file["examples"]["passed"] for file in files)
        say(f"{good} of {_count(len(files), 'contract')} ok, {total} worked examples hold")
    if not all(file["ok"] for file in files):
        raise typer.Exit(1)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _day(text: str) -> int:
    from payfs.claims.table import EPOCH
    from payfs.periods import read_day
    from payfs.text import Finding, Refused

    try:
        return (read_day(text).date - EPOCH).days
    except ValueError as error:
        what, _, remedy = str(error).partition("; ")
        raise Refused([Finding(f"--as-of: {what}", remedy)]) from None


def _rate(text: str) -> Fraction:
    from payfs.spec import read_figure
    from payfs.text import Finding, Refused

    try:
        figure = read_figure(text)
    except ValueError:
        figure = None
    if figure is None or not figure.percent or not -100 < figure.value < 1000:
        raise Refused([Finding(f"--rate: {text!r} is no rate a year", "write a percentage, such as 4%")])
    return figure.share


def _account(spec: str, results: list[str], large: bool = False, as_of: str | None = None) -> Any:
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
    account = pay_results(contract, tuple(counts), claims, None if as_of is None else _day(as_of))
    outcome = run_examples(contract)
    if outcome.failed:
        number = _count(outcome.failed, "worked example")
        complain(
            f"{contract.file}: {number} of its own cannot be met by its rules; payfs check says which, before you pay"
        )
    return account


@app.command()
def read(spec: Spec) -> None:
    """The contract in plain English."""
    from payfs.contract import load
    from payfs.places import find_spec
    from payfs.report.english import contract_lines

    with findings():
        for line in contract_lines(load(find_spec(spec))):
            say(line)


@app.command()
def pay(
    spec: Spec,
    results: Results,
    json_: AsJson = False,
    large: Large = False,
    as_of: AsOf = None,
    publish: Annotated[
        bool, typer.Option("--for-publishing", help="Suppress figures about a few people, and what tells them.")
    ] = False,
    smallest: Annotated[
        int, typer.Option("--smallest", metavar="N", min=1, help="The fewest people that are shown when publishing.")
    ] = 11,
) -> None:
    """The statement: every payment, its date, payer, payee, by rule, period and fiscal year."""
    from payfs.payments import as_data
    from payfs.report.published import publish as lay_out
    from payfs.report.published import published_data, published_lines
    from payfs.report.statement_text import statement_lines

    with findings():
        account = _account(spec, results, large, as_of)
        if publish:
            made = lay_out(account, smallest)
            if json_:
                as_json(published_data(account, made))
            for line in () if json_ else published_lines(account, made):
                say(line)
            return
        if json_:
            as_json(as_data(account))
        else:
            for line in statement_lines(account):
                say(line)


@app.command()
def explain(
    spec: Spec,
    results: Results,
    rule: Annotated[str | None, typer.Option("--rule", metavar="R", help="Only this rule.")] = None,
    period: Annotated[str | None, typer.Option("--period", metavar="P", help="Only this period.")] = None,
    claim: Annotated[
        int | None, typer.Option("--claim", metavar="ROW", help="Why the claim in this row is paid or refused.")
    ] = None,
    show_people: Annotated[bool, typer.Option("--show-people", help="Write the person's id.")] = False,
    large: Large = False,
    as_of: AsOf = None,
) -> None:
    """Why each payment is what it is, down to the measured value, the clause and the limits."""
    from payfs.claims.fates import fate_of
    from payfs.report.claims_text import fate_lines
    from payfs.report.statement_text import chosen, explanation_lines

    with findings():
        account = _account(spec, results, large, as_of)
        if claim is not None:
            for line in fate_lines(fate_of(account.evidence, claim), account, show_people):
                say(line)
            return
        payments, wrong = chosen(account, rule, period)
        if wrong:
            complain(f"{account.contract.file}: {wrong}")
            raise typer.Exit(1)
        for place, payment in enumerate(payments):
            if place:
                say()
            for line in explanation_lines(payment, account):
                say(line)


@app.command()
def returns(
    spec: Spec,
    results: Results,
    json_: AsJson = False,
    large: Large = False,
    as_of: AsOf = None,
    rate: Annotated[
        str | None, typer.Option("--rate", metavar="R", help="A year, such as 4%: works out present values.")
    ] = None,
    why: Annotated[bool, typer.Option("--why", help="Say below each movement of cash why it is what it is.")] = False,
) -> None:
    """Who gets the money: sources and uses, cash by date and party, and the return of each tranche."""
    from payfs.investment import invest
    from payfs.report.returns_data import returns_data
    from payfs.report.returns_text import returns_lines

    with findings():
        made = invest(_account(spec, results, large, as_of), None if rate is None else _rate(rate))
        if json_:
            as_json(returns_data(made))
        for line in () if json_ else returns_lines(made, why):
            say(line)


@app.command()
def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The new contract's short name; it is written to NAME.yaml.")
    ],
    template: Annotated[str, typer.Option("--from", metavar="TEMPLATE", help="The template to start from.")],
) -> None:
    """A commented contract to start from."""
    from payfs.places import contract_specs, template_names
    from payfs.spec import NAME
    from payfs.text import Finding, Refused, suggest

    with findings():
        known = template_names()
        if template not in known:
            hint = suggest(template, known) or f"the templates are {', '.join(known)}"
            raise Refused([Finding(f"there is no template {template!r}", hint)])
        if not NAME.fullmatch(name) or "/" in name or name.endswith("."):
            raise Refused([Finding(f"{name!r} cannot be a contract's name", "use letters, digits and hyphens")])
        target = Path(f"{name}.yaml")
        text = (contract_specs() / "templates" / f"{template}.yaml").read_text(encoding="utf-8")
        text = text.replace(f"contract: {template}", f"contract: {name}", 1)
        try:
            with target.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            raise Refused(
                [Finding("the file is there already", "choose another name, or move it away", file=str(target))]
            ) from None
        except OSError as error:
            raise Refused(
                [Finding(f"the file cannot be written: {error.strerror}", "choose another folder", file=str(target))]
            ) from None
        say(f"{target} is written. Edit it, then: payfs check {target}")


@app.command()
def schema() -> None:
    """JSON Schema of the contract file, so that an editor completes and checks while you type."""
    from payfs.contract import ContractSpec

    as_json(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "payfs contract",
            **ContractSpec.model_json_schema(by_alias=True),
        }
    )


def main() -> None:
    """Run the command line; a broken pipe, a full disk or Ctrl-C ends it without a traceback."""
    sys.stdout, sys.stderr = sys.stdout or io.StringIO(), sys.stderr or io.StringIO()  # None where they are closed
    for stream in (sys.stdout, sys.stderr):
        # a terminal that is set to ASCII cannot write £ or §; UTF-8 is what every terminal of today reads
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() != "utf-8":
            stream.reconfigure(encoding="utf-8")
    command: Callable[[], Any] = app
    try:
        try:
            command()
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        complain("stopped")
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        complain(f"the result cannot be written: {(error.strerror or str(error)).lower()}; write it elsewhere")
        sys.stderr.flush()
        os._exit(1)  # to leave in order would be to write the rest of the result once more
