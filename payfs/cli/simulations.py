"""The commands that simulate: simulate, sensitivity, solve and compare."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Annotated, Any

import typer

from payfs.cli.shared import AsJson, PathsOption, Seed, app, as_json, findings, read_number, say

Scenario = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A scenario file, or the short name of an example scenario.")
]


@contextmanager
def progress(total: int, what: str) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal while long work goes on; nothing where nobody looks."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn(what),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda number: bar.update(task, advance=number)


@app.command()
def simulate(
    scenarios: Annotated[
        list[str], typer.Argument(metavar="SCENARIO...", help="Scenario files, or names of example scenarios.")
    ],
    paths: PathsOption = None,
    seed: Seed = None,
    json_: AsJson = False,
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Write tables, paths and a manifest to a new folder: of one scenario, without --workers or --cluster.",
        ),
    ] = None,
    csv: Annotated[
        bool, typer.Option("--csv", help="With --out: every path as CSV, too, however many there are.")
    ] = False,
    repeat: Annotated[
        bool, typer.Option("--repeat", help="SCENARIO is a folder that --out wrote: run it again and compare the bits.")
    ] = False,
    cluster: Annotated[
        str | None,
        typer.Option("--cluster", metavar="WHERE", help="Work on Dask: local, or tcp://host:port of a scheduler."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", metavar="N", min=1, help="Work in so many processes of this machine.")
    ] = None,
) -> None:
    """What may be paid, in which year, and who gets it: the contract itself, drawn many times."""
    from payfs.text import Finding, Refused

    with findings():
        number, start = read_number(paths, "--paths", 1), read_number(seed, "--seed", 0)
        if csv and out is None:
            raise Refused([Finding("--csv says how paths are saved, and nothing is", "say --out DIR, too")])
        if repeat:
            if json_ or out or cluster or workers or paths or seed:
                raise Refused([Finding("--repeat runs what was saved, just as it was", "leave the other options out")])
            _repeat(scenarios)
            return
        if out is not None and (len(scenarios) > 1 or cluster or workers):
            what = "--out keeps every path of one scenario, in one process"
            raise Refused([Finding(what, "leave --cluster and --workers out, and name one scenario")])
        runs = _runs(scenarios, number, start)
        with progress(sum(run.draws.paths for run in runs), "paths") as told:
            risks = _worked_out(runs, out, csv, cluster, workers, told)
        _tell(list(zip(runs, risks, strict=True)), json_)
        if out is not None and not json_:
            say()
            say(f"Saved in {out}. To run it again: payfs simulate --repeat {out}")


def _runs(scenarios: list[str], paths: int | None, seed: int | None) -> list[Any]:
    """Load scenarios; what is wrong with any of them is told at once."""
    from payfs.simulate.run import Run
    from payfs.simulate.scenario import find_scenario, load_scenario
    from payfs.simulate.worked import Worked
    from payfs.text import Refused

    runs, found = [], []
    for name in scenarios:
        try:
            scenario = load_scenario(find_scenario(name))
            runs.append(Run(Worked(scenario), scenario.draws(paths, seed)))
        except Refused as refused:
            found += list(refused.findings)
    if found:
        raise Refused(found)
    return runs


def _worked_out(
    runs: list[Any], out: str | None, csv: bool, cluster: str | None, workers: int | None, told: Callable[[int], None]
) -> list[Any]:
    if out is not None:
        from payfs.simulate.saved import save

        return [save(runs[0], out, csv or None, told)]
    if cluster is not None or workers is not None:
        from payfs.simulate.cluster import work_out

        return work_out(runs, cluster, workers, told)
    return [run.risk(told) for run in runs]


def _tell(made: list[tuple[Any, Any]], json_: bool) -> None:
    """Print what runs come to, and how much of it is luck where a comparison measures."""
    from payfs.report.luck_text import luck_data, luck_lines
    from payfs.report.simulation_data import simulation_data
    from payfs.report.simulation_text import simulation_lines
    from payfs.simulate.luck import luck
    from payfs.simulate.run import FEW

    told = []
    for place, (run, risk) in enumerate(made):
        scenario = run.worked.scenario
        chances = luck(run.worked, scenario.draws(min(run.draws.paths, FEW), run.draws.seed))
        if json_:
            told.append({**simulation_data(run, risk), "luck": luck_data(scenario.contract, chances)})
            continue
        if place:
            say()
        for line in simulation_lines(run, risk):
            say(line)
        if chances:
            say()
        for line in luck_lines(scenario.contract, chances) if chances else ():
            say(line)
    if json_:
        as_json(told[0] if len(told) == 1 else {"scenarios": told})


def _repeat(folders: list[str]) -> None:
    """Run what was saved again, and say whether every bit is the same."""
    from payfs.simulate.saved import repeated
    from payfs.text import Refused

    found = []
    for folder in folders:
        again = repeated(folder)
        found += list(again.findings)
        if not again.findings:
            say(f"{folder}: {again.run.draws.paths:,} paths drawn again, and every bit is the same")
    if found:
        raise Refused(found)


@app.command()
def sensitivity(
    name: Scenario,
    of: Annotated[
        str, typer.Option("--of", metavar="WHAT", help="Of what: total, fiscal year 2018, senior IRR, ...")
    ] = "total",
    paths: PathsOption = None,
    seed: Seed = None,
    json_: AsJson = False,
) -> None:
    """What drives it: each input from its 10th to its 90th percentile, rank correlations, and Sobol' indices."""
    import numpy as np

    from payfs.report.sensitivity_text import sensitivity_data, sensitivity_lines
    from payfs.simulate.question import hint_of
    from payfs.simulate.scenario import find_scenario, load_scenario
    from payfs.simulate.sensitivity import rank_correlations, sobol_indices, tornado
    from payfs.simulate.worked import Worked, check
    from payfs.text import Finding, Refused

    with findings():
        scenario = load_scenario(find_scenario(name))
        worked = Worked(scenario)
        check(worked)
        labels = list(worked.evaluate(np.full((worked.columns, 2), 0.5)))
        if of not in labels:
            raise Refused([Finding(f"--of: nothing is called {of!r}", hint_of(of, labels), file=scenario.file)])
        draws = scenario.draws(read_number(paths, "--paths", 1) or min(scenario.spec.paths, 2**14))
        draws = scenario.draws(draws.paths, read_number(seed, "--seed", 0))
        found = tornado(worked, [of], draws), rank_correlations(worked, [of], draws), sobol_indices(worked, [of], draws)
        if json_:
            as_json(sensitivity_data(worked, draws, *found))
            return
        for line in sensitivity_lines(worked, draws, *found):
            say(line)


def read_figure_of(text: str, option: str) -> Fraction:
    """Read a figure of an option.

    Raises:
        Refused: it is none.
    """
    from payfs.spec import read_figure
    from payfs.text import Finding, Refused

    try:
        return read_figure(text).value
    except ValueError:
        raise Refused([Finding(f"{option}: {text!r} is no figure", "write it as the contract does")]) from None


def percent_of(figure: Fraction) -> str:
    """Write a percentage."""
    from payfs.spec import decimal

    return f"{decimal(figure)}%"


@app.command()
def solve(
    name: Scenario,
    vary: Annotated[
        str, typer.Option("--vary", metavar="FIGURE", help="Which figure of the contract: rules.housing.price.")
    ],
    until: Annotated[
        str, typer.Option("--until", metavar="QUESTION", help='What has to hold: "P(senior IRR >= 5%) >= 0.8".')
    ],
    between: Annotated[
        tuple[str, str] | None, typer.Option("--between", metavar="LOW HIGH", help="Where to look.")
    ] = None,
    step: Annotated[str | None, typer.Option("--step", metavar="STEP", help="Figures are multiples of it.")] = None,
    paths: PathsOption = None,
    seed: Seed = None,
    json_: AsJson = False,
) -> None:
    """The price at which it just holds: one figure of the contract, varied on the same random numbers."""
    from payfs.report.solved_text import solved_data, solved_lines
    from payfs.simulate.scenario import find_scenario, load_scenario
    from payfs.simulate.varied import solved

    with findings():
        scenario = load_scenario(find_scenario(name))
        draws = scenario.draws(read_number(paths, "--paths", 1), read_number(seed, "--seed", 0))
        ends = (
            None
            if between is None
            else (read_figure_of(between[0], "--between"), read_figure_of(between[1], "--between"))
        )
        grid = None if step is None else read_figure_of(step, "--step")
        found, question, knob = solved(scenario, draws, vary, until, ends, grid)
        money = scenario.contract.money
        show = percent_of if knob.figure.percent else money.rate
        if json_:
            as_json(solved_data(found, question, vary, show))
            return
        for line in solved_lines(found, question, vary, show):
            say(line)


@app.command()
def compare(
    one: Scenario,
    other: Annotated[
        str, typer.Argument(metavar="OTHER", help="Another scenario, or another contract for the same scenario.")
    ],
    paths: PathsOption = None,
    seed: Seed = None,
    json_: AsJson = False,
) -> None:
    """Two contracts or scenarios on the same random numbers: who gains and loses what."""
    from payfs.report.compared_text import compared_data, compared_lines
    from payfs.simulate.compared import compared

    with findings():
        first, second = _two(one, other)
        number, start = read_number(paths, "--paths", 1), read_number(seed, "--seed", 0)
        with progress(number or first.spec.paths, "paths") as told:
            made = compared(first, second, number, start, told)
        if json_:
            as_json(compared_data(made))
            return
        for line in compared_lines(made):
            say(line)


def _two(one: str, other: str) -> Any:
    """Load two scenarios; where the second is a contract, the first scenario under it."""
    from payfs.contract import load
    from payfs.places import find_spec
    from payfs.simulate.scenario import find_scenario, is_scenario, load_scenario
    from payfs.text import Finding, Refused

    path = find_scenario(one)
    if not is_scenario(path):
        raise Refused([Finding("this is a contract, and no scenario", "name a scenario first", file=str(path))])
    first = load_scenario(path)
    try:
        second = find_scenario(other)
    except Refused:
        second = find_spec(other)
    if is_scenario(second):
        return first, load_scenario(second)
    return first, load_scenario(path, load(second))
