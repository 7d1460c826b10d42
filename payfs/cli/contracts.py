"""The commands that read contracts: check, read, pay, explain, returns and their like."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from payfs.cli.shared import (
    AsJson,
    AsOf,
    Large,
    PathsOption,
    Results,
    Seed,
    Spec,
    account_of,
    app,
    as_json,
    complain,
    counted,
    findings,
    read_number,
    read_rate,
    say,
)


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
    scenario: Annotated[
        str | None,
        typer.Option(
            "--scenario",
            metavar="FILE",
            help="Implies --incentives, and says which tiers, bands and gates a scenario makes nearly certain or "
            "impossible.",
        ),
    ] = None,
) -> None:
    """Is the contract valid, and do its worked examples hold? Everything that is wrong, at once.

    With --incentives also what each rule rewards: steps that are worth much (cliffs), stretches in which doing better
    earns nothing (flats), and places where better results pay less; with --scenario also tiers, bands and gates that
    are nearly certain or nearly impossible. These are warnings and change no exit status.
    """
    from payfs.examples import examine
    from payfs.places import find_spec
    from payfs.text import Refused, dotted

    if rewards or scenario is not None:
        from payfs.incentives import looks
        from payfs.report.incentives_text import incentives_data, incentives_lines
        from payfs.simulate.certainty import believed

        rewards = True
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
        looked, asked = (looks(contract) if rewards and contract is not None else ()), False
        if scenario is not None and contract is not None:
            try:
                contract, looked = believed(scenario, contract)
                asked = True
            except Refused as refused:
                found = (*found, *refused.findings)
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
                say(f"{name}: ok, {counted(rules, 'rule')}, {held}")
            else:
                say(f"{name}: {counted(len(found), 'finding')}" + (f", {held}" if rules else ""))
            if rewards and contract is None:
                say(f"{name}: what it rewards can be seen once it is mended")
            elif rewards and contract is not None:
                say()
                say("\n".join([*incentives_lines(contract, looked, asked), ""]))
    if json_:
        as_json({"files": files})
    elif len(files) > 1:
        good = sum(1 for file in files if file["ok"])
        total = sum(file["examples"]["passed"] for file in files)
        say(f"{good} of {counted(len(files), 'contract')} ok, {total} worked examples hold")
    if not all(file["ok"] for file in files):
        raise typer.Exit(1)


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
        account = account_of(spec, results, large, as_of)
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
    spec: Annotated[
        str, typer.Argument(metavar="SPEC", help="A contract; with --path a scenario, or a folder of --out.")
    ],
    results: Results = (),  # type: ignore[assignment]
    rule: Annotated[str | None, typer.Option("--rule", metavar="R", help="Only this rule.")] = None,
    period: Annotated[str | None, typer.Option("--period", metavar="P", help="Only this period.")] = None,
    claim: Annotated[
        int | None, typer.Option("--claim", metavar="ROW", help="Why the claim in this row is paid or refused.")
    ] = None,
    path: Annotated[str | None, typer.Option("--path", metavar="N", help="This path of a simulation, from 0.")] = None,
    paths: PathsOption = None,
    seed: Seed = None,
    show_people: Annotated[bool, typer.Option("--show-people", help="Write the person's id.")] = False,
    large: Large = False,
    as_of: AsOf = None,
) -> None:
    """Why each payment is what it is, down to the measured value, the clause and the limits."""
    from payfs.claims.fates import fate_of
    from payfs.report.claims_text import fate_lines
    from payfs.report.statement_text import chosen, explanation_lines

    with findings():
        if path is not None:
            for line in _path_lines(spec, path, paths, seed, rule, period):
                say(line)
            return
        if not results:
            raise typer.BadParameter("say --results FILE, or --path N for a scenario", param_hint="--results")
        account = account_of(spec, results, large, as_of)
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


def _path_lines(
    name: str, path: str, paths: str | None, seed: str | None, rule: str | None, period: str | None
) -> Iterator[str]:
    """Tell one simulated path, or of it what is paid under a rule or in a period."""
    from payfs.report.path_text import path_lines
    from payfs.report.statement_text import chosen
    from payfs.simulate.manifest import read_manifest, repeat
    from payfs.simulate.one_path import one_path
    from payfs.simulate.run import Run
    from payfs.simulate.scenario import find_scenario, load_scenario
    from payfs.simulate.worked import Worked
    from payfs.text import Finding, Refused

    if Path(name).is_dir():
        if paths is not None or seed is not None:
            remedy = "leave --paths and --seed out, or name the scenario"
            raise Refused([Finding("a saved run has its own paths and its own seed", remedy, file=name)])
        run = repeat(read_manifest(name))
    else:
        scenario = load_scenario(find_scenario(name))
        run = Run(Worked(scenario), scenario.draws(read_number(paths, "--paths", 1), read_number(seed, "--seed", 0)))
    made = one_path(run.worked, run.draws, read_number(path, "--path", 0) or 0)
    payments, wrong = chosen(made.account, rule, period)
    if wrong and (rule is not None or period is not None):
        complain(f"{made.account.contract.file}: {wrong}")
        raise typer.Exit(1)
    return path_lines(made, payments)


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
        made = invest(account_of(spec, results, large, as_of), None if rate is None else read_rate(rate))
        if json_:
            as_json(returns_data(made))
        for line in () if json_ else returns_lines(made, why):
            say(line)


@app.command()
def new(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="The new file's short name; it is written to NAME.yaml."),
    ],
    template: Annotated[
        str | None, typer.Option("--from", metavar="TEMPLATE", help="A contract: the template to start from.")
    ] = None,
    of: Annotated[
        str | None, typer.Option("--for", metavar="SPEC", help="A scenario: the contract that it simulates.")
    ] = None,
) -> None:
    """A commented contract, or a commented scenario of a contract, to start from.

    With --from TEMPLATE a contract. With --for SPEC a scenario, which runs as it stands, or lists what the contract
    does not say and has to be assumed.
    """
    from payfs.simulate.draft import CANNOT_RUN
    from payfs.spec import NAME
    from payfs.text import Finding, Refused

    with findings():
        if (template is None) == (of is None):
            raise typer.BadParameter("say --from TEMPLATE for a contract, or --for SPEC for a scenario")
        if not NAME.fullmatch(name) or "/" in name or name.endswith("."):
            raise Refused([Finding(f"{name!r} cannot be a file's name", "use letters, digits and hyphens")])
        target = Path(f"{name}.yaml")
        text = _scenario_for(of, name) if of is not None else _contract_from(template or "", name)
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
        if of is not None and CANNOT_RUN in text:
            say(f"{target} is written. The contract does not say all that is needed:")
            say(f"fill in what it lists under assuming, then: payfs simulate {target}")
        else:
            say(f"{target} is written. Edit it, then: payfs {'check' if of is None else 'simulate'} {target}")


def _contract_from(template: str, name: str) -> str:
    """Return the text of a contract from a template."""
    from payfs.places import contract_specs, template_names
    from payfs.text import Finding, Refused, suggest

    known = template_names()
    if template not in known:
        hint = suggest(template, known) or f"the templates are {', '.join(known)}"
        raise Refused([Finding(f"there is no template {template!r}", hint)])
    text = (contract_specs() / "templates" / f"{template}.yaml").read_text(encoding="utf-8")
    return text.replace(f"contract: {template}", f"contract: {name}", 1)


def _scenario_for(spec: str, name: str) -> str:
    """Return the text of a scenario of a contract."""
    from payfs.contract import load
    from payfs.places import find_spec
    from payfs.simulate.draft import draft

    return draft(load(find_spec(spec)), name)


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
