"""What a simulation comes to, as text of at most 80 columns: first in plain words, then figure by figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from payfs.report.histogram import histogram
from payfs.report.lines import wrapped
from payfs.report.phrases import counted, full_stop, inside
from payfs.report.simulation_figures import SPREAD, Shown, beside, paragraph, share, shown_of, spread
from payfs.report.simulation_returns import invested, returned_lines
from payfs.simulate.budget import ANY_PASSES, TOTAL_PASSES, YEAR, YEAR_PASSES
from payfs.simulate.labels import Meaning, meanings, of_kind, units_in
from payfs.simulate.question import Unit
from payfs.simulate.risk import TAILS, Figure, Risk
from payfs.simulate.run import Run
from payfs.simulate.worked import LOWEST, NOTHING, TOTAL
from payfs.spec import spoken
from payfs.text import Path, dotted

MOST_TAKEN = 8  # figures that are taken to be so and told in the summary

DRAWN = {"sobol": "as Sobol' sequences", "random": "at random"}

FEW = 100  # paths of a replicate, of which each is a hundredth


@dataclass(frozen=True)
class Telling:
    """A run, what it came to, and how that is written."""

    run: Run
    risk: Risk

    @cached_property
    def shown(self) -> Shown:
        """How amounts are written."""
        ends = ("mean", "least", "most")
        units = units_in(self.risk)
        amounts = [told for label, told in self.risk.labels.items() if units[label] == "money"]
        return shown_of(self.run.worked.contract.money, [told.figures[end].value for told in amounts for end in ends])

    @cached_property
    def meanings(self) -> dict[str, Meaning]:
        """What each label stands for."""
        return meanings(self.run.worked, units_in(self.risk))

    @property
    def budgets(self) -> dict[str, int]:
        """What may be paid, in all (under "") and by fiscal year [minor units]."""
        return self.run.worked.scenario.budgets()

    def figure(self, label: str, name: str) -> Figure:
        """Return a figure of a label."""
        return self.risk[label].figures[name]

    def rows(self, labels: Mapping[str, str]) -> dict[str, tuple[Mapping[str, Figure], Unit]]:
        """Return the figures of labels by the name that is written."""
        return {name: (self.risk[label].figures, self.meanings[label].unit) for label, name in labels.items()}


def simulation_lines(run: Run, risk: Risk) -> Iterator[str]:
    """Write what a simulation comes to."""
    yield from simulation_head(run, risk)
    yield from _sections(run, risk, (_by_rule, _by_payer, _tails, _chances, _provider, _investors, _sure))


def simulation_head(run: Run, risk: Risk) -> Iterator[str]:
    """Write the first part: a summary, how the total spreads, and what to appropriate in each fiscal year."""
    contract, scenario = run.worked.contract, run.worked.scenario
    yield from wrapped(contract.spec.title)
    what = f": {scenario.spec.what}" if scenario.spec.what else ""
    yield from wrapped(full_stop(f"Simulation {spoken(scenario.spec.scenario)}{what}"))
    yield ""
    yield from wrapped(summary(run, risk))
    yield from _sections(run, risk, (_total, _by_year))


def _sections(run: Run, risk: Risk, sections: Iterable[Callable[[Telling], Iterator[str]]]) -> Iterator[str]:
    telling = Telling(run, risk)
    for section in sections:
        lines = list(section(telling))
        if lines:
            yield ""
            yield from lines


def summary(run: Run, risk: Risk) -> str:
    """Say in one paragraph what came out."""
    return " ".join(_summary(Telling(run, risk)))


def _taken(assuming: object, path: Path = ()) -> list[str]:
    """Say what a scenario takes to be so: the place in the contract, and the figure as it is written."""
    if isinstance(assuming, dict) and assuming:
        return [said for key, inside in assuming.items() for said in _taken(inside, (*path, str(key)))]
    return [f"{dotted(path)} = {assuming}"] if path else []


def _summary(telling: Telling) -> Iterator[str]:
    run, risk, said = telling.run, telling.risk, telling.shown.said
    total = risk[TOTAL].figures
    if risk.paths == 1:
        yield "One path, a possible course of this contract, was drawn and paid exactly as it says."
    else:
        yield f"{risk.paths:,} paths, each a possible course of this contract, were drawn and paid exactly as it says."
    if taken := _taken(run.worked.scenario.spec.assuming or {}):
        shown = "; ".join(taken[:MOST_TAKEN]) + (f"; and {len(taken) - MOST_TAKEN} more" if taken[MOST_TAKEN:] else "")
        yield f"In the place of what the contract says or leaves unknown, this is taken to be so: {shown}."
    grid = risk[TOTAL].grid
    if grid[0] == grid[-1]:
        yield f"On {'it' if risk.paths == 1 else 'every one of them'} {said(total['mean'].value)} is paid."
    else:
        enough, nearly, most = (said(total[name].value) for name in ("p95", "p80", "most"))
        years = len(of_kind(telling.meanings, "fiscal year"))
        many = "both" if years == 2 else f"all {years}"
        over = f" over {many} fiscal years together" if years > 1 else ""
        yield f"On average {said(total['mean'].value)} is paid{over}."
        if nearly == most:
            yield f"{most} is the most that is paid on any path, and on at least a fifth of them it is paid."
        elif enough == most:
            yield f"{nearly} is enough on 80% of the paths, and {most} on every one."
        elif nearly == enough:
            yield f"{enough} is enough on 95% of the paths."
        else:
            yield f"{nearly} is enough on 80% of the paths, and {enough} on 95%."
        if years > 1:
            yield "What to appropriate in each year stands below."
    yield from _budget_said(telling)
    nothing = risk.chance(NOTHING).value
    if nothing == 0:
        yield "Something is paid on every path."
    else:
        yield f"Nothing at all is paid on {_of_paths(nothing)}."
    if LOWEST in risk.labels:
        low, name = risk[LOWEST].figures, _spender(telling)
        often = _of_paths(low["below nothing"].value)
        yield (
            f"On average the cash of {name} is {said(low['mean'].value)} at its lowest, and it falls below nothing on "
            f"{often}."
        )
    loss = invested(telling.meanings)
    if loss is not None:
        yield _loss_said(telling, loss)
    elif run.worked.contract.spec.capital is not None:
        yield "What investors can lose is not known: the sources do not say enough of the capital."


def _budget_said(telling: Telling) -> Iterator[str]:
    risk, said, budgets = telling.risk, telling.shown.said, telling.budgets
    if TOTAL_PASSES in risk.labels:
        yield _passed(risk.chance(TOTAL_PASSES).value, f"The budget of {said(budgets[''])}")
    years = {year: risk.chance(label).value for year in budgets if (label := YEAR + year + YEAR_PASSES) in risk.labels}
    if len(years) == 1:
        ((year, chance),) = years.items()
        yield _passed(chance, f"The budget of {said(budgets[year])} for fiscal year {year}")
    elif years and not any(years.values()):
        yield "No fiscal year's budget is passed on any path."
    elif years:
        worst = max(years, key=lambda year: years[year])
        yield (
            f"The budget of at least one fiscal year is passed on {_of_paths(risk.chance(ANY_PASSES).value)}, most "
            f"often that of {worst}, on {_of_paths(years[worst])}."
        )


def _passed(chance: float, budget: str) -> str:
    return f"{budget} is passed on {_of_paths(chance)}."


def _of_paths(chance: float) -> str:
    return ("every path" if chance else "no path") if chance in (0, 1) else f"{share(chance)} of the paths"


def _loss_said(telling: Telling, name: str) -> str:
    loss, said = telling.risk[f"{name} loss"].figures, telling.shown.said
    chance, mean = loss["above nothing"].value, loss["mean"].value
    who = "The investors together" if name == "all tranches" else f"Whoever holds {spoken(name)}"
    lose = "lose" if name == "all tranches" else "loses"
    if chance == 0:
        return f"{who} {lose} money on no path."
    return (
        f"{who} {lose} money on {_of_paths(chance)}: on average {said(mean)} over all paths, and "
        f"{said(loss['cvar95'].value)} over the worst 5% of them."
    )


def _total(telling: Telling) -> Iterator[str]:
    risk, shown = telling.risk, telling.shown
    told = risk[TOTAL]
    yield f"Paid in all, by how many of the paths [{shown.unit}]"
    budget, words = telling.budgets.get(""), ""
    if budget is not None:
        words = f"budget of {shown.said(budget)}: passed on {shown.both(risk.chance(TOTAL_PASSES), 'event')}"
    yield from histogram(told.grid, shown, budget, words)
    mean, sd = shown.both(told.figures["mean"]), shown.both(told.figures["sd"])
    yield from paragraph(f"Mean {mean}, standard deviation {sd}.")


def _by_year(telling: Telling) -> Iterator[str]:
    risk, shown = telling.risk, telling.shown
    years = of_kind(telling.meanings, "fiscal year")
    yield f"Payments by fiscal year [{shown.unit}]"
    yield from spread(shown, telling.rows(years), SPREAD)
    apart = " They do not add up: what is enough for several years together, with that confidence, is another figure."
    yield from paragraph(
        "The columns 50%, 80% and 95% are the appropriations that are enough with that confidence in the year."
        + (apart if len(years) > 1 else "")
    )
    rows = []
    for year, budget in telling.budgets.items():
        if (label := YEAR + year + YEAR_PASSES) in risk.labels:
            rows.append((shown.both(risk.chance(label), "event"), f"{year}, budget of {shown.said(budget)}"))
    if ANY_PASSES in risk.labels:
        rows.append((shown.both(risk.chance(ANY_PASSES), "event"), "at least one of them"))
    if rows:
        yield ""
        yield "How often a fiscal year passes its budget"
        yield from beside(rows)
    if YEAR + "not known" in years:
        yield from paragraph("The contract does not say when all of its payments are made: not known.")


def _by_rule(telling: Telling) -> Iterator[str]:
    rules = of_kind(telling.meanings, "rule")
    if len(rules) == 1:
        yield from wrapped(f"All of it is paid for the rule {spoken(next(iter(rules.values())))}.")
        return
    yield f"Payments by rule [{telling.shown.unit}]"
    yield from spread(telling.shown, telling.rows(rules), SPREAD)


def _by_payer(telling: Telling) -> Iterator[str]:
    payers, parties = of_kind(telling.meanings, "payer"), telling.run.worked.contract.spec.parties
    named = {label: parties[name].name for label, name in payers.items()}
    if len(named) == 1:
        yield from wrapped(f"All of it is paid by {inside(next(iter(named.values())))}.")
        return
    yield f"Payments by payer [{telling.shown.unit}]"
    yield from spread(telling.shown, telling.rows(named), SPREAD)


def _tails(telling: Telling) -> Iterator[str]:
    figures = telling.risk[TOTAL].figures
    yield f"How high the total may come [{telling.shown.unit}]"
    rows: dict[str, tuple[Mapping[str, Figure], Unit]] = {
        f"{tail}%": ({"VaR": figures[f"p{tail}"], "CVaR": figures[f"cvar{tail}"]}, "money") for tail in TAILS
    }
    yield from spread(telling.shown, rows, {"VaR": "VaR", "CVaR": "CVaR"})
    yield from paragraph(
        "VaR 95% (value at risk) is what the total does not pass on 95% of the paths; CVaR 95% is its average on the "
        "other 5%, those on which the most is paid."
    )


def _chances(telling: Telling) -> Iterator[str]:
    risk, both, limits = telling.risk, telling.shown.both, telling.run.worked.contract.spec.limits
    rows = [(both(risk.chance(NOTHING), "event"), "nothing at all is paid")]
    if TOTAL_PASSES in risk.labels:
        rows.append((both(risk.chance(TOTAL_PASSES), "event"), "the total passes the budget"))
    for label, name in of_kind(telling.meanings, "limit").items():
        whose = name.removeprefix("of ")
        own = name not in limits and name.startswith("of ")
        what = f"the limit of the rule {spoken(whose)} binds" if own else f"the limit {spoken(name)} binds"
        rows.append((both(risk.chance(label), "event"), what))
    tiers = {label: one for label, one in telling.meanings.items() if one.kind == "tier"}
    yield "How often it happens, of all paths"
    yield from beside(rows)
    for rule in dict.fromkeys(one.rule for one in tiers.values()):
        yield ""
        yield from wrapped(f"How often a result of {spoken(rule)} lies in each tier, in any period or cohort")
        yield from beside(
            (both(risk.chance(label), "event"), one.name) for label, one in tiers.items() if one.rule == rule
        )


def _spender(telling: Telling) -> str:
    capital = telling.run.worked.contract.spec.capital
    assert capital is not None
    assert capital.spending is not None
    return inside(telling.run.worked.contract.spec.parties[capital.spending.provider].name)


def _provider(telling: Telling) -> Iterator[str]:
    if LOWEST not in telling.risk.labels:
        return
    shown, figures = telling.shown, telling.risk[LOWEST].figures
    yield from wrapped(f"Lowest cash of {_spender(telling)} [{shown.unit}]")
    columns = {"mean": "mean", "1%": "p1", "5%": "p5", "50%": "p50", "95%": "p95"}
    yield from spread(shown, {"lowest": (figures, "money")}, columns)
    yield from paragraph(f"It falls below nothing on {shown.both(figures['below nothing'], 'event')} of the paths.")


def _investors(telling: Telling) -> Iterator[str]:
    yield from returned_lines(telling.run.worked, telling.risk, telling.meanings, telling.shown)


def _sure(telling: Telling) -> Iterator[str]:
    run, risk = telling.run, telling.risk
    draws = run.draws
    yield "How sure this is"
    parts = f"in {risk.replicates} independent replicates" if risk.replicates > 1 else "in one replicate"
    drawn = f"{counted(risk.paths, 'path')} {'was' if risk.paths == 1 else 'were'} drawn {DRAWN[draws.how]}"
    yield from paragraph(
        f"{drawn}, {parts}, from the seed {draws.seed}. The figure behind each ± is its standard error: what endless "
        "paths would give lies within twice of it about 19 times in 20. It says how well so many paths tell what the "
        "scenario believes, and not whether what it believes is right."
    )
    yield from paragraph(enough_said(risk))
    if few := few_said(risk):
        yield from paragraph(few)
    if any(
        told.figures["probability"].value in (0, 1) for told in risk.labels.values() if "probability" in told.figures
    ):
        yield from paragraph(
            "What is seen on no path may happen all the same, but hardly more often than 3 times in so many paths (the "
            "rule of three)."
        )


def few_said(risk: Risk) -> str:
    """Say that paths are too few for percentiles; nothing where they are not."""
    if risk.paths == 1:
        return "One path says nothing of percentiles or chances: whatever stands there is what this path comes to."
    if risk.paths >= FEW * risk.replicates:
        return ""
    if risk.paths < FEW:
        return (
            f"{risk.paths} paths say nothing of percentiles near the ends, such as what is enough with 95% confidence: "
            "what stands there is the highest or lowest of a few paths. Draw more."
        )
    return (
        f"A replicate has fewer than {FEW} paths, so that percentiles near the ends, and VaR and CVaR, are those "
        "of its highest and lowest path: draw more."
    )


def enough_said(risk: Risk) -> str:
    """Say how many paths would have been enough."""
    if risk.replicates < 2:
        return "From one replicate alone no standard error can be told: draw more paths."
    if risk.enough is None:
        return (
            f"{risk.paths:,} paths are not enough to know the mean of the total to a thousandth of it: draw more, if "
            "it has to be known so well."
        )
    if risk.enough >= risk.paths:
        return (
            f"All {risk.paths:,} paths were needed to know the mean of the total to a thousandth of it; half as many "
            "would not have been enough."
        )
    return f"{risk.enough:,} paths would have been enough to know the mean of the total to a thousandth of it."
