"""A sample contract, and for every field of a contract the ways in which it is read aloud differently."""

from __future__ import annotations

from collections.abc import Callable

BASE = """
contract: sample
title: A sample
currency: USD
parties:
  city: {name: The City, role: outcome payer}
  state: {name: The State, role: outcome payer}
  firm: {name: A Firm, role: service provider}
  fund: {name: The Fund, role: investor}
  judge: {name: An Office, role: evaluator}
payer: city
payee: firm
population:
  who: People
  cohorts:
    east: {}
    west: {}
periods:
  first: {from: 2018-01-01, to: 2018-06-30}
  years: {every: year, from: 2019-01-01, to: 2021-12-31}
metrics:
  days: {unit: day}
  heads: {unit: person, reports: to date}
  all: {unit: person, by_cohort: no}
  rate: {unit: "%", step: 0.1%}
  other: {unit: "%", step: 0.1%}
  cost: {unit: money}
  ready: {unit: yes/no}
  index: {unit: point, by_cohort: no}
  due: {unit: money, by_cohort: no}
rules:
  days: {price: 10}
  rated: {metric: rate, tiers: [{below: 20%, pays: 0}, {from: 20%, pays: 100}]}
  banded: {metric: days, bands: [{up_to: 30, price: 2}, {above: 30, price: 1}]}
  tabled: {metric: rate, table: [{at: 10%, pays: 0}, {at: 50%, pays: 100}]}
  staged: {metric: cost, stages: [{price: 95%, until_paid: 1000}, {price: 40%}]}
  lump: {pays: 500}
  fee: {instalments: {total: 1000, split: {first: 40%, "2019": 60%}}}
  pooled: {metric: days, pool: 900}
  bonus: {part_of: [days], share: 10%}
  floor: {tops_up: {rules: [days], to: 700}}
  headed: {metric: heads, price: 5}
limits:
  cap: {most: 5000}
  units: {most_units: 300, rules: [days]}
sources: {law: The law, press: The press}
examples:
  - name: One day
    period: first
    cohort: east
    results: {days: 1}
    expect: {total: 10}
"""


def rule(name: str, *bodies: str) -> list[str]:
    """Give a rule one body after the other."""
    return [f"rules: {{{name}: {{{body}}}}}" for body in bodies]


def fresh(*bodies: str) -> list[str]:
    """Add a rule, with one body after the other."""
    return rule("fresh", *bodies)


def metric(*bodies: str) -> list[str]:
    """Add a metric, with one body after the other."""
    return [f"metrics: {{fresh: {{{body}}}}}" for body in bodies]


def claims(*bodies: str) -> list[str]:
    """Add a metric that claims give, with one body of conditions after the other."""
    unit = "day" if any("days: {" in body for body in bodies) else "outcome"
    return metric(*(f"unit: {unit}, claims: {{{body}}}" for body in bodies))


def period(*bodies: str) -> list[str]:
    """Add a period, with one body after the other."""
    return [f"periods: {{fresh: {{{body}}}}}" for body in bodies]


def limit(*bodies: str) -> list[str]:
    """Add a limit, with one body after the other."""
    return [f"limits: {{fresh: {{{body}}}}}" for body in bodies]


def gate(*bodies: str) -> list[str]:
    """Put one gate after the other on a rule."""
    return rule("days", *(f"gate: {{{body}}}" for body in bodies))


def example(*bodies: str) -> list[str]:
    """Give one worked example after the other."""
    return [f"examples: [{{{body}}}]" for body in bodies]


def amendment(*bodies: str) -> list[str]:
    """Amend the contract by one amendment after the other."""
    return [f"amendments: [{{{body}}}]" for body in bodies]


def capital(*bodies: str) -> list[str]:
    """Add a capital stack of one loan, with one body after the other."""
    return [f"capital: {{tranches: {{loan: {{{LOAN}}}}}{', ' if body else ''}{body}}}" for body in bodies]


def tranche(*bodies: str) -> list[str]:
    """Add a capital stack of one loan of which one thing after the other is said."""
    return [f"capital: {{tranches: {{loan: {{{LOAN}{', ' if body else ''}{body}}}}}}}" for body in bodies]


def pool(*bodies: str) -> list[str]:
    """Add a capital stack of two pools, the second with one body after the other."""
    loans = ", ".join(f"{name}: {{{LOAN}, pool: {name}}}" for name in ("one", "two"))
    loans = loans.replace("one:", "loan one:").replace("two:", "loan two:")
    return [f"capital: {{pools: {{one: {{}}, two: {{{body}}}}}, tranches: {{{loans}}}}}" for body in bodies]


def part(key: str, *bodies: str) -> list[str]:
    """Add a capital stack with one guarantee, cost or reserve after the other."""
    return capital(*(f"{key}: {{fresh: {{{body}}}}}" for body in bodies))


def asides(make: Callable[..., list[str]], before: str = "", after: str = "") -> dict[str, list[str]]:
    """Say a clause, a note and a source of something."""
    ways = {"clause": ("2.1", "2.2"), "note": ("Mark this", "Mark that"), "source": ("law", "press")}
    return {key: make(*(f"{before}{key}: {word}{after}" for word in words)) for key, words in ways.items()}


LOAN = "holder: fund, kind: senior, commitment: 900, draws: {2018-01-31: 900}"
NEEDS = "holder: fund, kind: senior, commitment: 900, draws: as needed"
RUNS = "days: ACT/365, rate: 5%"
STEPS = "days: ACT/365, due: {every: year, from: 2018-01-01, to: 2021-12-31}, rates: ["
SCALE = "by: index, tiers: [{below: 50, pays: 1%}, {from: 50, pays: 2%}]"
LINE = "by: index, table: [{at: 50, pays: 1%}, {at: 60, pays: 2%}]"
MONTHLY = "amount: 5, every: month, from: 2018-01-01, to: 2018-12-31"
COST = "payee: firm, amounts: {2018-12-31: 5}"
COVER = "guarantor: fund, covers: [loan], most: 5"
SPENT = "provider: firm, amounts: {2018-12-31: 5}"
SUCCESS = "success: {on: 2021-12-31, "
REDEEMED = "redeemed: {on: 2021-12-31, pays: 75%"
TERMINATED = "terminated: {on: 2021-12-31"
ASKED = ("", ", if: {metric: index, below: 5}", ", if: {metric: days, below: 5}", ", if: {metric: days, below: 6}")


def every(make: Callable[..., list[str]], before: str = "") -> dict[str, list[str]]:
    """Say an amount at equal distances, and amounts by date."""
    return {
        "amounts": make(
            *(
                f"{before}amounts: {{{day}: {n}}}"
                for day, n in (("2018-12-31", 5), ("2018-12-30", 5), ("2018-12-31", "unknown"))
            )
        ),
        "amount": make(*(before + MONTHLY.replace("5", str(n)) for n in (5, 6, "unknown"))),
        "every": make(*(before + MONTHLY.replace("month", word) for word in ("month", "quarter", "half-year", "year"))),
        "from_": make(*(before + MONTHLY.replace("2018-01-01", f"2018-{month}-01") for month in ("01", "02"))),
        "to": make(*(before + MONTHLY.replace("2018-12-31", f"2018-{day}") for day in ("12-31", "11-30"))),
    }


def payoffs(
    make: Callable[..., list[str]], before: str, after: str, body: Callable[[str], str]
) -> dict[str, list[str]]:
    """Say what is owed where a tranche ends early."""

    def ways(*bodies: str) -> list[str]:
        return make(*(f"{before}{body(text)}{after}" for text in bodies))

    return {
        "pays": ways("pays: 75%", "pays: 1/3", "pays: 100%", "pays: 0%", "pays: unknown"),
        "amount": ways("amount: 5", "amount: 6"),
        "by": ways(*(SCALE.replace("index", by) for by in ("index", "all"))),
        "tiers": ways(*(SCALE.replace("2%", rate) for rate in ("2%", "3%"))),
        "table": ways(*(LINE.replace("2%", rate) for rate in ("2%", "3%"))),
        "premium": ways("pays: 75%", "pays: 75%, premium: 5%", "pays: 75%, premium: 6%", "pays: 75%, premium: unknown"),
    }


YEAR = "from: 2022-01-01, to: 2022-12-31"
TIERS = "metric: rate, tiers: [{below: 20%, pays: 0}, "
BANDS = "metric: days, bands: [{up_to: 30, price: 2}, "
GIVEN = "name: One, period: first, cohort: east, results: {days: 1}"
LATER = "effective: 2019-01-01, what: Changed"
NEW = "changes: {rules: {days: {price: 11}}}"
GROWS = "metric: days, price: {starts_at: 10, grows: 1%, every: year, from: 2016-01-01}"
VARYING = {
    "by_year": ["{by_year: {2018: 1}}", "{by_year: {2018: 1, 2020: 2}}", "{by_year: {2018: 1, 2020: unknown}}"],
    "by_cohort": ["{by_cohort: {east: 1, west: 2}}", "{by_cohort: {east: 1, west: 3}}"],
    "by_period": ["{by_period: {first: 1, years: 2}}", "{by_period: {first: 1, years: 3}}"],
}
CONDITION = {
    "metric": ["metric: rate, from: 5%", "metric: other, from: 5%"],
    "from_": ["metric: rate, from: 5%", "metric: rate, from: 6%", "metric: rate, above: 5%"],
    "above": ["metric: rate, above: 5%", "metric: rate, above: 6%", "metric: rate, above: 5%, up_to: 9%"],
    "below": ["metric: rate, below: 5%", "metric: rate, below: 6%", "metric: rate, up_to: 5%"],
    "up_to": ["metric: rate, up_to: 5%", "metric: rate, up_to: 6%", "metric: rate, from: 1%, up_to: 6%"],
    "of": [
        "metric: days, from: 5",
        "metric: days, from: 5, of: pooled",
        "metric: days, from: 5, of: every cohort",
        "metric: days, from: 5, of: any cohort",
    ],
    "at": ["metric: rate, from: 5%", "metric: rate, from: 5%, at: first", 'metric: rate, from: 5%, at: "2019"'],
    "counts": ["metric: days, from: 5", "metric: days, from: 5, counts: to date"],
    **{
        word: [f"{word}: [{{metric: rate, from: 5%}}, {{metric: other, from: {n}%}}]" for n in (6, 7)]
        for word in ("all_of", "any_of", "none_of")
    },
}
WORKED = "unit: point, "
LEVELS = "metric: days, price: {by: [site, year], amounts: {north: {2018: 1}, south: {2018: "
UPLIFT = "metric: days, price: 9, uplift: {where: {group: [leaver]}, share: 10%"
CLAIMED = "name: One, claims: [{person: a, outcome: days, cohort: east, date: 2018-01-31"
PERSON = "most: 7, per: person, rules: [days]"

CASES: dict[str, list[str]] = {
    "ContractSpec.contract": ["", "contract: another"],
    "ContractSpec.title": ["", "title: Another"],
    "ContractSpec.summary": ["", "summary: In short"],
    "ContractSpec.place": ["", "place: Here"],
    "ContractSpec.currency": ["", "currency: EUR"],
    "ContractSpec.signed": ["", "signed: 2017-10-31", "signed: 2017-10"],
    "ContractSpec.term": ["", "term: {start: 2018-01-01, end: 2021-12-31}"],
    "ContractSpec.rounding": ["", "rounding: half even", "rounding: down", "rounding: up"],
    "ContractSpec.holidays": ["", "holidays: US", "holidays: US-CO", "holidays: JP"],
    "ContractSpec.notes": ["", "notes: [Mark this]"],
    "ContractSpec.parties": ["", "parties: {more: {name: More, role: other}}"],
    "ContractSpec.payer": ["", "payer: state"],
    "ContractSpec.payers": [
        "{payer: none, payers: {city: 60%, state: 40%}}",
        "{payer: none, payers: {city: 70%, state: 30%}}",
    ],
    "ContractSpec.payee": ["", "payee: fund"],
    "ContractSpec.population": ["", "population: {who: Others}"],
    "ContractSpec.periods": ["", "periods: {fresh: {from: 2022-01-01, to: 2022-12-31}}"],
    "ContractSpec.metrics": ["", *metric("unit: day")],
    "ContractSpec.rules": ["", *fresh("metric: days, price: 1")],
    "ContractSpec.limits": ["", *limit("most: 7")],
    "ContractSpec.amendments": ["", *amendment(f"{LATER}, {NEW}")],
    "ContractSpec.sources": ["", "sources: {more: Another}"],
    "ContractSpec.examples": ["", "examples: []"],
    "RoundingSpec.flat": ["rounding: half up", "rounding: half even", "rounding: down", "rounding: up"],
    "RoundingSpec.how": [f"rounding: {{how: {how}}}" for how in ("half up", "half even", "down", "up")],
    "RoundingSpec.to": ["", "rounding: {how: half up, to: 1}", "rounding: {how: half up, to: 0.05}"],
    "Term.start": ["term: {start: 2018-01-01, end: 2021}", "term: {start: 2018-01-02, end: 2021}"],
    "Term.end": ["term: {start: 2018-01-01, end: 2021}", "term: {start: 2018-01-01, end: 2021-12}"],
    "Party.name": ["", "parties: {city: {name: Town}}"],
    "Party.role": ["", "parties: {judge: {role: adviser}}", "parties: {judge: {role: [adviser, evaluator]}}"],
    "Party.fiscal_year_starts": ["", "parties: {city: {fiscal_year_starts: 1 July}}"],
    "Party.what": ["", "parties: {city: {what: The capital}}"],
    "Party.note": ["", "parties: {city: {note: Moved}}"],
    "Population.who": ["", "population: {who: Others}"],
    "Population.size": ["", "population: {size: 70}"],
    "Population.cohorts": ["", "population: {cohorts: {north: {}}}"],
    "Population.note": ["", "population: {note: Some left}"],
    "Cohort.what": ["", "population: {cohorts: {east: {what: The east}}}"],
    "Cohort.from_": ["", "population: {cohorts: {east: {from: 2018-01-01}}}"],
    "Cohort.to": ["", "population: {cohorts: {east: {to: 2018-01-01}}}"],
    "Cohort.size": ["", "population: {cohorts: {east: {size: 7}}}"],
    "Cohort.payer": ["", "population: {cohorts: {east: {payer: state}}}"],
    "Cohort.payers": [
        f"population: {{cohorts: {{east: {{payers: {{city: {part}%, state: {100 - part}%}}}}}}}}" for part in (60, 70)
    ],
    "Cohort.payee": ["", "population: {cohorts: {east: {payee: fund}}}"],
    "Cohort.note": ["", "population: {cohorts: {east: {note: Late}}}"],
    "PeriodSpec.what": period(f"{YEAR}", f"{YEAR}, what: The last"),
    "PeriodSpec.note": period(f"{YEAR}", f"{YEAR}, note: Put off"),
    "PeriodSpec.every": period(
        *(f"{YEAR}, every: {every}" for every in ("month", "quarter", "half-year", "year", "4 months"))
    ),
    "PeriodSpec.from_": period("from: 2022-01-01, to: 2022-12-31", "from: 2022-01-02, to: 2022-12-31"),
    "PeriodSpec.to": period("from: 2022-01-01, to: 2022-12-30", "from: 2022-01-01, to: 2022-12-31"),
    "PeriodSpec.measured": period(
        YEAR,
        *(f"{YEAR}, measured: {when}" for when in ("2023-01-31", "2023-01", "31 days after the period")),
        *(f"{YEAR}, every: quarter, measured: {n} days after the period" for n in (30, 31)),
    ),
    "PeriodSpec.paid": period(
        YEAR,
        *(f"{YEAR}, paid: {when}" for when in ("2023-01-31", "2023", "1 month after measurement", "unknown")),
        *(f"{YEAR}, every: quarter, paid: {n}" for n in ("30 business days after the period", "unknown")),
    ),
    "PeriodSpec.roll": period(
        *(
            f"{YEAR}, paid: 2023-01-01{roll}"
            for roll in ("", *(f", roll: {r}" for r in ("following", "preceding", "modified following")))
        )
    ),
    "Metric.what": metric("unit: day, what: One", "unit: day, what: Two"),
    "Metric.unit": metric("unit: day", "unit: night", "unit: money", "unit: yes/no", 'unit: "%", step: 1%'),
    "Metric.plural": metric("unit: goose", "unit: goose, plural: geese"),
    "Metric.step": metric("unit: day", "unit: day, step: 0.5", "unit: money", "unit: money, step: 1"),
    "Metric.reports": metric("unit: day", "unit: day, reports: to date"),
    "Metric.measured": metric("unit: day", "unit: day, measured: first", "unit: day, measured: [first, years]"),
    "Metric.by_cohort": metric("unit: day", "unit: day, by_cohort: no"),
    "Metric.least": metric("unit: day", "unit: day, least: none", "unit: day, least: 1"),
    "Metric.most": metric("unit: day", "unit: day, most: 9", "unit: day, most: 9, least: 1"),
    "Metric.better": metric("unit: day", "unit: day, better: lower", "unit: day, better: neither"),
    "Metric.rounded": metric(
        *(f"{WORKED}ratio: {{of: days, to: cost}}, rounded: {how}" for how in ("half up", "half even", "down", "up"))
    ),
    "Metric.if_zero": metric(
        *(f"{WORKED}ratio: {{of: days, to: all}}{zero}" for zero in ("", ", if_zero: 0", ", if_zero: 1"))
    ),
    "Metric.source": metric("unit: day, source: law", "unit: day, source: [law, press]"),
    "Metric.verifier": metric("unit: day", "unit: day, verifier: judge"),
    "Metric.baseline": metric("unit: day", "unit: day, baseline: last year"),
    "Metric.counterfactual": metric("unit: day", "unit: day, counterfactual: a control group"),
    "Metric.clause": metric("unit: day", "unit: day, clause: 2.2"),
    "Metric.note": metric("unit: day", "unit: day, note: Roughly"),
    "Metric.claims": metric("unit: day", "unit: day, claims: {}", "unit: day, claims: {of: [work day]}"),
    "Counting.of": claims("", "of: [kept]", "of: [kept, begun]"),
    "Counting.where": claims("", "where: {site: north}", "where: {site: north, age: {from: 16}}"),
    "Counting.months": claims("", "months: 3", "months: 9 of 18", "months: 6 in a row", "months: 1"),
    "Counting.weeks": claims("months: 3", "weeks: 3", "weeks: 9 of 18", "weeks: 13 in a row", "weeks: 1"),
    "Counting.quarters": claims("weeks: 3", "quarters: 3", "quarters: 6 of 8", "quarters: 2 in a row", "quarters: 1"),
    "Counting.if_none": claims("", "if_none: 0"),
    "Counting.reaches": claims("", "reaches: {earnings: 768}", "reaches: {earnings: 769}", "reaches: {hours: 768}"),
    "Counting.once_a": claims("", *(f"once_a: {unit}" for unit in ("day", "week", "month", "quarter", "year"))),
    "Counting.times": claims("", "times: 1", "times: 2", "times: 36", "times: {by_cohort: {east: 36, west: 60}}"),
    "Counting.needs": claims("", "needs: [days]", "needs: [days, heads]"),
    "Counting.needs_paid": claims("", "needs: [days]", "needs_paid: [days]", "needs_paid: [days, heads]"),
    "Counting.wait": claims(
        "needs: [days]", *(f"needs: [days], wait: {lapse}" for lapse in ("1 day", "13 weeks", "13 months", "2 years"))
    ),
    "Counting.not_with": claims("", "not_with: [days]", "not_with: [days, heads]"),
    "Counting.closed_by": claims("", "closed_by: [left]", "closed_by: [days]", "closed_by: [left, moved, days]"),
    "Counting.lost_by": claims("", "lost_by: [left]", "lost_by: [days]", "lost_by: [left, moved]"),
    "Counting.lost_within": claims(
        "lost_by: [left]", "lost_by: [left], lost_within: 6 months", "lost_by: [left], lost_within: 1 month"
    ),
    "Counting.within": claims(
        "",
        "within: 12 months of start",
        "within: 1 year of start",
        "within: 12 months of end",
        "within: 1 year of days",
    ),
    "Counting.claimed_within": claims("", "claimed_within: 3 months", "claimed_within: 4 months"),
    "Counting.missing": claims("missing: [days], at: 12 of heads", "missing: [days, all], at: 12 of heads"),
    "Counting.at": claims(
        *(f"missing: [days], at: {which}" for which in ("1 of heads", "2 of heads", "3 of heads", "12 of all"))
    ),
    "Counting.days": claims("of: [housed]", "of: [housed], days: {}", "of: [housed], days: {less: [jail]}"),
    "Counting.or_counts": claims("", "or_counts: yes"),
    "Counting.clause": claims("", "clause: 2.1", "clause: 2.2"),
    "Counting.note": claims("", "note: Mark this", "note: Mark that"),
    "Where.flat": claims("where: {site: north}", "where: {site: south}", "where: {ward: north}"),
    "Where.is_": claims(
        "where: {site: [north, south]}", "where: {site: {is: north}}", "where: {site: {is: [north, x]}}"
    ),
    "Where.is_not": claims("where: {site: {is: a}}", "where: {site: {is_not: a}}", "where: {site: {is_not: [a, b]}}"),
    "Where.from_": claims(*(f"where: {{pay: {{{end}}}}}" for end in ("from: 5", "from: 6", "from: 5, below: 9"))),
    "Where.above": claims(*(f"where: {{pay: {{{end}}}}}" for end in ("above: 5", "above: 6", "from: 5"))),
    "Where.below": claims(*(f"where: {{pay: {{{end}}}}}" for end in ("below: 5", "below: 6", "above: 1, below: 5"))),
    "Where.up_to": claims(*(f"where: {{pay: {{{end}}}}}" for end in ("up_to: 5", "up_to: 6", "below: 5"))),
    "Times.flat": claims("times: 1", "times: 2", "times: 3"),
    "Times.by_cohort": claims(*(f"times: {{by_cohort: {{east: {n}, west: 2}}}}" for n in (1, 2, 36))),
    "Days.less": claims("days: {}", "days: {less: [jail]}", "days: {less: [jail, ward]}"),
    "Days.after": claims("days: {}", "days: {after: 365 days}", "days: {after: 52 weeks}"),
    "Days.in_a_row": claims("days: {after: 365 days}", "days: {after: 365 days, in_a_row: yes}"),
    "Days.waived_by": claims(
        "days: {after: 9 days}",
        *(
            f"days: {{after: 9 days, less: [jail], waived_by: {{reason: {words}}}}}"
            for words in ("death", "[death, moved]")
        ),
    ),
    "Metric.sum": metric(f"{WORKED}sum: [days, all]", f"{WORKED}sum: [days, 7]"),
    "Metric.difference": metric(*(f"{WORKED}difference: {{of: days, less: {o}}}" for o in ("all", "7"))),
    "Metric.product": metric(f"{WORKED}product: [days, all]", f"{WORKED}product: [days, 7]"),
    "Metric.ratio": metric(f"{WORKED}ratio: {{of: days, to: all}}", 'unit: "%", step: 1%, ratio: {of: days, to: all}'),
    "Metric.reduction": metric(
        'unit: "%", step: 1%, reduction: {from: days, to: all}', f"{WORKED}reduction: {{from: days, to: all}}"
    ),
    "Metric.weighted": metric(*(f"{WORKED}weighted: {{days: {n}%, all: {100 - n}%}}" for n in (20, 30))),
    "Metric.highest": metric(f"{WORKED}highest: [days, all]", f"{WORKED}lowest: [days, all]"),
    "Metric.lowest": metric(f"{WORKED}lowest: [days, all]", f"{WORKED}lowest: [days, heads]"),
    "Metric.change": metric(f"{WORKED}change: days", f"{WORKED}change: all"),
    "Metric.running": metric(f"{WORKED}running: days", f"{WORKED}running: all"),
    "Metric.pooled": metric(f"{WORKED}pooled: days", f"{WORKED}pooled: heads"),
    "Metric.fixed": metric(f"{WORKED}fixed: 7", f"{WORKED}fixed: 8", f"{WORKED}fixed: unknown"),
    "Metric.score": metric(*(f"{WORKED}score: {{of: {of}, tiers: [{{gives: 7}}]}}" for of in ("rate", "other"))),
    "Metric.met": metric("unit: yes/no, met: {metric: rate, from: 5%}", "unit: yes/no, met: {metric: rate, from: 6%}"),
    "Difference.of": metric(*(f"{WORKED}difference: {{of: {o}, less: 1}}" for o in ("days", "all", "7"))),
    "Difference.less": metric(*(f"{WORKED}difference: {{of: days, less: {o}}}" for o in ("heads", "all", "7"))),
    "Ratio.of": metric(*(f"{WORKED}ratio: {{of: {o}, to: days}}" for o in ("heads", "all"))),
    "Ratio.to": metric(*(f"{WORKED}ratio: {{of: days, to: {o}}}" for o in ("heads", "all", "12"))),
    "Reduction.from_": metric(*(f"{WORKED}reduction: {{from: {o}, to: days}}" for o in ("heads", "all"))),
    "Reduction.to": metric(*(f"{WORKED}reduction: {{from: days, to: {o}}}" for o in ("heads", "all"))),
    "Score.of": metric(*(f"{WORKED}score: {{of: {of}, tiers: [{{gives: 7}}]}}" for of in ("rate", "other"))),
    "Score.tiers": metric(
        *(f"{WORKED}score: {{of: rate, tiers: [{{below: {n}%, gives: 0}}, {{gives: 7}}]}}" for n in (5, 6))
    ),
    "Score.table": metric(
        *(f"{WORKED}score: {{of: rate, table: [{{at: 0%, gives: 0}}, {{at: {n}%, gives: 7}}]}}" for n in (5, 6))
    ),
    "Score.before": metric(
        *(
            f"{WORKED}score: {{of: rate, table: [{{at: 0%, gives: 1}}, {{at: 5%, gives: 7}}]{b}}}"
            for b in ("", ", before: 3")
        )
    ),
    "Score.after": metric(
        *(
            f"{WORKED}score: {{of: rate, table: [{{at: 0%, gives: 1}}, {{at: 5%, gives: 7}}]{b}}}"
            for b in ("", ", after: 3")
        )
    ),
    "Varying.flat": metric(f"{WORKED}fixed: 7", f"{WORKED}fixed: 8"),
    **{f"Varying.{key}": metric(*(f"{WORKED}fixed: {one}" for one in every)) for key, every in VARYING.items()},
    **{
        f"Condition.{key}": rule(
            "days", *(f"holdback: {{share: 10%, released: first, gate: {{{body}}}}}" for body in every)
        )
        for key, every in CONDITION.items()
    },
    **{f"Gate.{key}": gate(*every) for key, every in CONDITION.items()},
    "Gate.otherwise": gate(
        "metric: rate, from: 5%", *(f"metric: rate, from: 5%, otherwise: {share}" for share in ("50%", "5/6"))
    ),
    "Gate.before": gate("metric: rate, from: 5%", "metric: rate, from: 5%, before: held"),
    "Gate.stays_open": gate("metric: rate, from: 5%", "metric: rate, from: 5%, stays_open: yes"),
    "Rule.what": rule("days", "price: 10", "what: For days"),
    "Rule.clause": rule("days", "price: 10", "clause: 3.1"),
    "Rule.note": rule("days", "price: 10", "note: Mark this"),
    "Rule.source": rule("days", "price: 10", "source: law"),
    "Rule.metric": fresh("price: 1, metric: days", "price: 1, metric: heads"),
    "Rule.cohorts": rule("days", "price: 10", "cohorts: [east]", "cohorts: [east, west]"),
    "Rule.periods": rule("days", "price: 10", "periods: first", "periods: years", "periods: [first, years]"),
    "Rule.payer": rule("days", "price: 10", "payer: state"),
    "Rule.payers": rule("days", "payers: {city: 60%, state: 40%}", "payers: {city: 1/3, state: 2/3}"),
    "Rule.payee": rule("days", "price: 10", "payee: fund"),
    "Rule.price": rule("days", "price: 10", "price: 0.125", "price: unknown"),
    "Rule.tiers": rule(
        "rated", *(f"tiers: [{{below: 30%, pays: 0}}, {{from: 30%, pays: {pays}}}]" for pays in (1, 2, "unknown"))
    ),
    "Rule.bands": rule(
        "banded", *(f"bands: [{{up_to: 9, price: 2}}, {{above: 9, price: {price}}}]" for price in (1, 0, "unknown"))
    ),
    "Rule.table": rule(
        "tabled", *(f"table: [{{at: 10%, pays: 0}}, {{at: 60%, pays: {pays}}}]" for pays in (1, 2, "unknown"))
    ),
    "Rule.before": rule("tabled", "counts: each period", "before: 7", "before: unknown"),
    "Rule.after": rule("tabled", "counts: each period", "after: 7", "after: unknown"),
    "Rule.stages": rule(
        "staged", *(f"stages: [{{price: {price}, until_paid: 9}}, {{price: 1%}}]" for price in ("90%", "80%"))
    ),
    "Rule.pays": rule("lump", "pays: 1", "pays: 2", "pays: unknown"),
    "Rule.instalments": rule("fee", *(f"instalments: {{total: {total}}}" for total in (1, 2, "unknown"))),
    "Rule.pool": rule("pooled", "pool: 1", "pool: 2", "pool: unknown"),
    "Rule.part_of": rule("bonus", "part_of: [days]", "part_of: [rated]", "part_of: [days, rated]"),
    "Rule.tops_up": rule("floor", *(f"tops_up: {{to: {to}}}" for to in (1, 2, "unknown"))),
    "Rule.per": rule("days", "per: 5", "per: 6", "price: 10"),
    "Rule.complete": rule("days", "per: 5", "per: 5, complete: yes"),
    "Rule.counts": [
        *rule("days", "counts: to date", "counts: each period"),
        *rule("headed", "counts: each period"),
        *rule("bonus", "counts: to date"),
    ],
    "Rule.pooled": rule("days", "price: 10", "pooled: yes"),
    "Rule.baseline": rule("days", "price: 10", "baseline: 7", "baseline: 8", "baseline: unknown"),
    "Rule.most_units": rule("days", "price: 10", "most_units: 7", "most_units: 8", "most_units: unknown"),
    "Rule.uplift": fresh("metric: days, price: 9", f"{UPLIFT}}}"),
    "Rule.pays_for": rule("days", "price: 10", "pays_for: 5 of 6", "pays_for: 1 of 6", "pays_for: 5 of 6, pooled: yes"),
    "Uplift.where": fresh(
        *(f"{UPLIFT}}}".replace("leaver", words) for words in ("leaver", "parent", "leaver, parent"))
    ),
    "Uplift.share": fresh(*(f"{UPLIFT}}}".replace("10%", share) for share in ("10%", "20%", "1/3"))),
    "Uplift.rounded": fresh(*(f"{UPLIFT}, rounded: {how}}}" for how in ("half up", "half even", "down", "up"))),
    "Uplift.to": fresh(f"{UPLIFT}}}", *(f"{UPLIFT}, to: {to}}}" for to in (1, 5))),
    "Rule.of": fresh(*(f"metric: rate, of: {of}, tiers: [{{pays: 5%}}]" for of in (100, 200, "unknown"))),
    "Rule.for_every": fresh(
        *(f"metric: rate, of: 500, for_every: {every}, tiers: [{{pays: 5}}]" for every in (100, 200, "unknown"))
    ),
    "Rule.share": rule("days", "price: 10", "share: 5/6", "share: 35%"),
    "Rule.gate": gate("metric: rate, from: 5%", "metric: rate, from: 6%", "metric: ready"),
    "Rule.two_way": [
        *rule("days", "price: 10", "two_way: yes"),
        *rule("headed", "two_way: yes"),
    ],
    "Rule.returned": rule("days", "price: 10", "returned: yes"),
    "Rule.most": rule("days", "price: 10", "most: 7", "most: 8", "most: unknown", "most: due"),
    "Rule.holdback": rule("days", "price: 10", "holdback: {share: 10%, released: first}"),
    "PayerStage.until": rule(
        "days",
        *(
            f"payers: [{{until: {day}, shares: {{city: 100%}}}}, {{shares: {{state: 100%}}}}]"
            for day in ("2018", "2019")
        ),
    ),
    "PayerStage.shares": rule(
        "days",
        *(
            f"payers: [{{until: 2018, shares: {{city: {n}%, state: {100 - n}%}}}}, {{shares: {{state: 100%}}}}]"
            for n in (1, 2)
        ),
    ),
    "Price.flat": rule("days", "price: 10", "price: 11"),
    **{f"Price.{key}": fresh(*(f"metric: days, price: {one}" for one in every)) for key, every in VARYING.items()},
    "Price.by": fresh(
        f"{LEVELS}9}}}}}}",
        *(f"metric: days, price: {{by: {by}, amounts: {{north: 1, south: 2}}}}" for by in ("site", "ward")),
        "metric: days, price: {by: cohort, amounts: {east: 1, west: 2}}",
        "metric: days, price: {by: [cohort, period], amounts: {east: {first: 1, years: 2}, west: {first: 3}}}",
    ),
    "Price.amounts": fresh(*(f"{LEVELS}{amount}}}}}}}" for amount in (8, 9, "unknown"))),
    "Price.starts_at": fresh(GROWS, GROWS.replace("10", "11"), GROWS.replace("10", "unknown")),
    "Price.grows": fresh(GROWS, GROWS.replace("1%", "2%")),
    "Price.every": fresh(*(GROWS.replace("year", every) for every in ("month", "quarter", "half-year", "year"))),
    "Price.from_": fresh(GROWS, GROWS.replace("2016-01-01", "2016-01-02")),
    "Price.index": fresh(
        *(f"metric: days, price: {{starts_at: 5, index: {index}, index_base: 9}}" for index in ("index", "all"))
    ),
    "Price.index_base": fresh(
        *(f"metric: days, price: {{starts_at: 5, index: index, index_base: {base}}}" for base in (8, 9))
    ),
    "Tier.from_": fresh(*(f"metric: rate, tiers: [{{below: {n}%, pays: 0}}, {{from: {n}%, pays: 1}}]" for n in (5, 6))),
    "Tier.above": fresh(
        *(f"metric: rate, tiers: [{{pays: 0}}, {{above: {n}%, pays: 1}}]" for n in (5, 6)),
        "metric: rate, tiers: [{pays: 0}, {from: 5%, pays: 1}]",
    ),
    "Tier.below": fresh(*(f"metric: rate, tiers: [{{below: {n}%, pays: 0}}, {{pays: 1}}]" for n in (5, 6))),
    "Tier.up_to": fresh(*(f"metric: rate, tiers: [{{up_to: {n}%, pays: 0}}, {{pays: 1}}]" for n in (5, 6))),
    "Tier.at": fresh(
        *(
            f"metric: rate, tiers: [{{below: {n}%, pays: 0}}, {{at: {n}%, pays: 1}}, {{above: {n}%, pays: 2}}]"
            for n in (5, 6)
        )
    ),
    "Tier.pays": fresh(*(f"{TIERS}{{from: 20%, pays: {pays}}}]" for pays in (1, 2, -1, "unknown"))),
    "Tier.gives": metric(*(f"{WORKED}score: {{of: rate, tiers: [{{gives: {gives}}}]}}" for gives in (1, 2))),
    "Tier.price": fresh(*(f"{TIERS}{{from: 20%, price: {price}}}]" for price in (1, 2, "unknown"))),
    "Tier.plus": fresh(
        *(f"{TIERS}{{from: 20%, pays: 5{plus}}}]" for plus in ("", ", plus: 1", ", plus: 2", ", plus: unknown"))
    ),
    **{
        f"Tier.{key}": fresh(*(f"{TIERS}{{from: 20%, pays: 1, {key}: {one}}}]" for one in ("law", "press")))
        for key in ("clause", "note", "source")
    },
    "Band.from_": fresh(*(f"metric: days, bands: [{{below: {n}, price: 2}}, {{from: {n}, price: 1}}]" for n in (5, 6))),
    "Band.above": fresh(*(f"metric: days, bands: [{{price: 2}}, {{above: {n}, price: 1}}]" for n in (5, 6))),
    "Band.below": fresh(*(f"metric: days, bands: [{{below: {n}, price: 2}}, {{price: 1}}]" for n in (5, 6))),
    "Band.up_to": fresh(*(f"metric: days, bands: [{{up_to: {n}, price: 2}}, {{price: 1}}]" for n in (5, 6))),
    "Band.at": fresh(
        *(
            f"metric: days, bands: [{{below: {n}, price: 2}}, {{at: {n}, price: 1}}, {{above: {n}, price: 3}}]"
            for n in (5, 6)
        )
    ),
    "Band.price": fresh(*(f"{BANDS}{{above: 30, price: {price}}}]" for price in (5, 6, "unknown"))),
    **{
        f"Band.{key}": fresh(*(f"{BANDS}{{above: 30, price: 1, {key}: {one}}}]" for one in ("law", "press")))
        for key in ("clause", "note", "source")
    },
    "Point.at": rule("tabled", *(f"table: [{{at: 10%, pays: 0}}, {{at: {at}%, pays: 9}}]" for at in (20, 30))),
    "Point.pays": rule("tabled", *(f"table: [{{at: 10%, pays: {pays}}}, {{at: 20%, pays: 9}}]" for pays in (1, 2))),
    "Point.gives": metric(
        *(f"{WORKED}score: {{of: rate, table: [{{at: 0%, gives: {n}}}, {{at: 5%, gives: 7}}]}}" for n in (1, 2))
    ),
    "Stage.price": rule(
        "staged", *(f"stages: [{{price: 9%, until_paid: 9}}, {{price: {price}}}]" for price in ("1%", "2%", "unknown"))
    ),
    "Stage.until_paid": rule(
        "staged", *(f"stages: [{{price: 9%, until_paid: {n}}}, {{price: 1%}}]" for n in (8, 9, "unknown"))
    ),
    "Instalments.total": rule("fee", "instalments: {total: 1}", "instalments: {total: 2}"),
    "Instalments.split": rule("fee", *(f'instalments: {{split: {{first: {n}%, "2019": {100 - n}%}}}}' for n in (1, 2))),
    "Instalments.evenly": fresh(
        "instalments: {total: 3, evenly: yes}",
        "instalments: {total: 3, evenly: yes}, periods: years",
        'instalments: {total: 3, split: {"2019": 100%}}',
    ),
    "TopUp.rules": rule("floor", "tops_up: {rules: [days]}", "tops_up: {rules: [rated]}"),
    "TopUp.to": rule("floor", "tops_up: {to: 1}", "tops_up: {to: 2}"),
    "Holdback.share": rule("days", *(f"holdback: {{share: {share}, released: first}}" for share in ("10%", "1/3"))),
    "Holdback.released": rule(
        "days", *(f"holdback: {{share: 10%, released: {name}}}" for name in ("first", "years", '"2021"'))
    ),
    "Holdback.gate": rule(
        "days",
        *(f"holdback: {{share: 10%, released: first{gate}}}" for gate in ("", ", gate: {metric: rate, from: 5%}")),
    ),
    "Baseline.flat": rule("days", "baseline: 7", "baseline: 8"),
    "Baseline.metric": rule("days", "baseline: all", "baseline: heads"),
    **{f"Baseline.{key}": rule("days", *(f"baseline: {one}" for one in every)) for key, every in VARYING.items()},
    "Limit.what": limit("most: 7", "most: 7, what: The budget"),
    "Limit.clause": limit("most: 7", "most: 7, clause: 5.5"),
    "Limit.note": limit("most: 7", "most: 7, note: Mark this"),
    "Limit.source": limit("most: 7", "most: 7, source: law"),
    "Limit.most": limit("most: 7", "most: 8", "most: unknown"),
    "Limit.most_units": limit(*(f"most_units: {n}, rules: [days]" for n in (7, 8, "unknown"))),
    "Limit.rules": limit("most: 7", "most: 7, rules: [days]", "most: 7, rules: [days, rated]"),
    "Limit.cohorts": limit("most: 7", "most: 7, cohorts: [east]"),
    "Limit.payer": limit("most: 7", "most: 7, payer: city", "most: 7, payer: state"),
    "Limit.then": limit("most: 7, payer: city", "most: 7, payer: city, then: state"),
    "Limit.per": limit(
        "most: 7",
        *(f"most: 7, per: {per}" for per in ("period", "fiscal year", "year", "cohort", "rule", "[year, rule]")),
        PERSON,
        PERSON.replace("person", "[person, year]"),
    ),
    "Limit.shared": limit("most: 7", "most: 7, shared: [days, rated]", "most: 7, shared: [rated, days]"),
    "Limit.beyond": limit("most: 7, per: year", "most: 7, per: year, beyond: carried forward"),
    "Limit.unused": limit("most: 7, per: year", "most: 7, per: year, unused: carried forward"),
    "Most.flat": limit("most: 7", "most: 8"),
    "Most.metric": limit("most: due", "most: cost"),
    "Most.none": limit("most: none", "most: 7"),
    "Most.by_year": limit(
        *(f"per: year, most: {{by_year: {{2018: {n}, 2019: 7, 2020: 7, 2021: 7}}}}" for n in (7, 8, "unknown"))
    ),
    "Most.by_period": limit(
        *(f"per: period, most: {{by_period: {{first: {n}, 2019: 7, 2020: 7, 2021: 7}}}}" for n in (7, 8))
    ),
    "Amendment.effective": amendment(f"{LATER}, {NEW}", f"effective: 2020-01-01, what: Changed, {NEW}"),
    "Amendment.applies_from": amendment(f"{LATER}, {NEW}", f'{LATER}, applies_from: "2020", {NEW}'),
    "Amendment.what": amendment(f"{LATER}, {NEW}", f"effective: 2019-01-01, what: Raised, {NEW}"),
    "Amendment.clause": amendment(f"{LATER}, {NEW}", f"{LATER}, clause: Deed 2, {NEW}"),
    "Amendment.source": amendment(f"{LATER}, {NEW}", f"{LATER}, source: law, {NEW}"),
    "Amendment.note": amendment(f"{LATER}, {NEW}", f"{LATER}, note: Mark this, {NEW}"),
    "Amendment.changes": amendment(
        f"{LATER}, {NEW}",
        f"{LATER}, changes: {{rules: {{days: {{price: 12}}}}}}",
        f"{LATER}, changes: {{limits: {{cap: none}}}}",
        f"{LATER}, changes: {{limits: {{fresh: {{most: 9}}}}}}",
        f"{LATER}, changes: {{notes: [It was changed]}}",
        f"{LATER}, changes: {{sources: {{deed: The deed}}}}",
        f"{LATER}, changes: {{parties: {{city: {{fiscal_year_starts: 1 July}}}}}}",
    ),
    "Example.name": example(f"{GIVEN}, expect: {{total: 10}}", f"{GIVEN.replace('One', 'Two')}, expect: {{total: 10}}"),
    "Example.as_of": example(
        *(f"{GIVEN}{when}, expect: {{total: 10}}" for when in ("", ", as_of: 2019-12-31", ", as_of: 2020"))
    ),
    "Example.period": example(
        f"{GIVEN}, expect: {{total: 10}}", f"{GIVEN.replace('first', '2019')}, expect: {{total: 10}}"
    ),
    "Example.cohort": example(
        f"{GIVEN}, expect: {{total: 10}}", f"{GIVEN.replace('east', 'west')}, expect: {{total: 10}}"
    ),
    "Example.assuming": example(
        f"{GIVEN}, expect: {{total: 10}}",
        f"{GIVEN}, assuming: {{rules: {{days: {{price: 9}}}}}}, expect: {{total: 10}}",
    ),
    "Example.results": example(
        f"{GIVEN}, expect: {{total: 10}}", f"{GIVEN.replace('days: 1', 'days: 2')}, expect: {{total: 10}}"
    ),
    "Example.claims": example(
        "name: One, expect: {total: 0}",
        "name: One, claims: [], expect: {total: 0}",
        f"{CLAIMED}}}], expect: {{total: 10}}",
        f"{CLAIMED}, every: month, times: 3}}], expect: {{total: 30}}",
        f"{CLAIMED}, units: 3}}], expect: {{total: 30}}",
        f"{CLAIMED}, to: 2018-02-10}}], expect: {{total: 10}}",
        f"{CLAIMED}, reported: 2018-02-10}}], expect: {{total: 10}}",
        f"{CLAIMED}, withdrawn: 2018-02-10}}], expect: {{total: 10}}",
        f"{CLAIMED}}}, {{person: b, outcome: days, cohort: west, date: 2018-01-31}}], expect: {{total: 20}}",
        f"{CLAIMED}}}], results: {{all: {{first: 3}}}}, expect: {{total: 10}}",
    ),
    "Example.corrections": example(
        f"{GIVEN}, expect: {{total: 10}}",
        f'{GIVEN}, corrections: [{{metric: days, cohort: east, period: first, value: 5, reported: "2019"}}], '
        f"expect: {{total: 10}}",
    ),
    "Example.expect": example(f"{GIVEN}, expect: {{total: 10}}", f"{GIVEN}, expect: {{total: 11}}"),
    "Example.source": example(f"{GIVEN}, expect: {{total: 10}}", f"{GIVEN}, source: law, expect: {{total: 10}}"),
    "Example.confidence": example(
        f"{GIVEN}, expect: {{total: 10}}",
        *(f"{GIVEN}, confidence: {word}, expect: {{total: 10}}" for word in ("high", "medium", "low")),
    ),
    "Example.note": example(f"{GIVEN}, expect: {{total: 10}}", f"{GIVEN}, note: So, expect: {{total: 10}}"),
    "Expect.total": example(*(f"{GIVEN}, expect: {{total: {n}}}" for n in (0, 1, -1, 10))),
    "Expect.rules": example(
        *(f"{GIVEN}, expect: {{rules: {{days: {n}}}}}" for n in (1, 2, "{first: 2}", "{east: {first: 2}}"))
    ),
    "Expect.payers": example(*(f"{GIVEN}, expect: {{payers: {{{who}: 1}}}}" for who in ("city", "state"))),
    "Expect.payees": example(*(f"{GIVEN}, expect: {{payees: {{{who}: 1}}}}" for who in ("firm", "fund"))),
    "Expect.cohorts": example(*(f"{GIVEN}, expect: {{cohorts: {{{who}: 1}}}}" for who in ("east", "west"))),
    "Expect.periods": example(*(f"{GIVEN}, expect: {{periods: {{{who}: 1}}}}" for who in ("first", "2019"))),
    "Expect.fiscal_years": example(*(f"{GIVEN}, expect: {{fiscal_years: {{{who}: 1}}}}" for who in ("2018", "2019"))),
    "Expect.metrics": example(*(f"{GIVEN}, expect: {{metrics: {{days: {n}}}}}" for n in (1, 2))),
    "Expect.unpaid": example(
        *(f"{GIVEN}, expect: {{unpaid: {{{what}}}}}" for what in ("days: 1", "days: 2", "units: 1", "cap: 1"))
    ),
    "ContractSpec.capital": ["", *capital("")],
    "Capital.what": capital("", "what: Two lenders"),
    "Capital.total": capital("", "total: 900", "total: unknown"),
    "Capital.terminated": capital("", f"{TERMINATED}}}"),
    "Capital.ends": capital("", "ends: 2024-01-31", "ends: 2024"),
    "Capital.pools": [*capital(""), *pool("")],
    "Capital.receives": capital("", "receives: [days]", "receives: [rated, days]"),
    "Capital.priority": capital(
        "",
        "priority: [loan]",
        *(
            f"costs: {{fee: {{{COST}}}}}, priority: {order}"
            for order in ("[fee, loan]", "[loan, costs]", "[[costs, senior]]")
        ),
    ),
    "Capital.surplus": capital("", "surplus: {firm: 60%}", "surplus: {firm: 60%, loan: 40%}"),
    "Capital.surplus_paid": capital(
        *(f"surplus: {{firm: 100%}}, surplus_paid: {when}" for when in ("at the end", "as cash comes"))
    ),
    "Capital.drawn_pays": capital(
        *(f"costs: {{fee: {{{COST}}}}}, drawn_pays: {what}" for what in ("costs", "all that is due"))
    ),
    "Capital.tranches": [*capital(""), f"capital: {{tranches: {{loan: {{{LOAN}}}, other: {{{LOAN}}}}}}}"],
    "Capital.guarantees": capital("", f"guarantees: {{cover: {{{COVER}}}}}"),
    "Capital.costs": capital("", f"costs: {{fee: {{{COST}}}}}"),
    "Capital.spending": capital("", f"spending: {{{SPENT}}}"),
    "Capital.reserves": capital("", "reserves: {kept: {target: 5}}"),
    **{f"Capital.{key}": ways for key, ways in asides(capital).items()},
    "Pool.what": pool("", "what: The houses"),
    "Pool.receives": pool("", "receives: days", "receives: [days, rated]"),
    "Pool.priority": pool("", "priority: [loan two]"),
    "Pool.surplus": pool("", "surplus: {firm: 60%}", "surplus: {one: 60%}", "surplus: {loan two: 100%}"),
    "Pool.surplus_paid": pool(
        *(f"surplus: {{firm: 100%}}, surplus_paid: {when}" for when in ("at the end", "as cash comes"))
    ),
    "Pool.drawn_pays": [
        f"{way[:-1]}, costs: {{fee: {{{COST}, pool: two}}}}}}"
        for way in pool("", "drawn_pays: costs", "drawn_pays: all that is due")[1:]
    ],
    **{f"Pool.{key}": ways for key, ways in asides(pool).items()},
    "Tranche.what": tranche("", "what: The first loan"),
    "Tranche.holder": [*tranche(""), *(way.replace("holder: fund", "holder: judge") for way in tranche(""))],
    "Tranche.holders": [
        way.replace("holder: fund", f"holders: {{fund: {n}%, judge: {100 - n}%}}")
        for way in tranche("")
        for n in (60, 70)
    ],
    "Tranche.kind": [
        way.replace("kind: senior", f"kind: {kind}")
        for way in tranche("")
        for kind in (
            "senior",
            "subordinate",
            "first loss",
            "equity",
            "recoverable grant",
            "recyclable grant",
            "grant",
            "deferred fee",
            "unknown",
        )
    ],
    "Tranche.pool": [*pool(""), *(way.replace("pool: two", "pool: one") for way in pool(""))],
    "Tranche.commitment": [
        way.replace("commitment: 900", f"commitment: {much}") for way in tranche("") for much in (900, 1000, "unknown")
    ],
    "Tranche.draws": [
        *(
            way.replace("draws: {2018-01-31: 900}", f"draws: {when}")
            for way in tranche("")
            for when in (
                "{2018-01-31: 900}",
                "{2018-01: 900}",
                "{2018-01-31: 9, 2019-01-31: 5}",
                "unknown",
                "{2018-01-31: unknown}",
            )
        ),
        f"capital: {{tranches: {{loan: {{{NEEDS}}}}}, costs: {{fee: {{{COST}}}}}}}",
    ],
    "Tranche.draws_until": [
        f"capital: {{tranches: {{loan: {{{NEEDS}{until}}}}}, costs: {{fee: {{{COST}}}}}}}"
        for until in ("", ", draws_until: 2018-06-30", ", draws_until: 2018-07-31")
    ],
    "Tranche.interest": tranche("", f"interest: {{{RUNS}}}"),
    "Tranche.repaid": tranche(
        *(
            f"matures: 2021-12-31, repaid: {when}"
            for when in (
                "as cash comes",
                "at maturity",
                "never",
                "{2020-12-31: 5}",
                "{2020-12-31: 5, 2021-12-31: unknown}",
            )
        )
    ),
    "Tranche.repaid_from": tranche("", "repaid_from: 2019-01-01", "repaid_from: 2019-01-02"),
    "Tranche.matures": tranche("", "matures: 2019-01-01", "matures: 2019-01-02"),
    "Tranche.owed": tranche(
        *(f"matures: 2021-12-31{owed}" for owed in ("", f", owed: {{{SCALE}}}", f", owed: {{{LINE}}}"))
    ),
    "Tranche.success": tranche("", f"{SUCCESS}amount: 5}}"),
    "Tranche.receives": tranche("", "receives: days", "receives: [days, rated]"),
    "Tranche.paid_by": tranche("matures: 2021-12-31", "matures: 2021-12-31, paid_by: city"),
    "Tranche.most": tranche("", "most: {irr: 15%}"),
    "Tranche.redeemed": tranche("", f"{REDEEMED}}}"),
    **{f"Tranche.{key}": ways for key, ways in asides(tranche).items()},
    "ReturnLimit.irr": tranche(*(f"most: {{irr: {rate}}}" for rate in ("15%", "16%", "unknown"))),
    "ReturnLimit.multiple": tranche(*(f"most: {{multiple: {times}}}" for times in ("1.45", "1.5", "unknown"))),
    "ReturnLimit.interest": tranche(*(f"most: {{interest: {much}}}" for much in ("5", "6", "unknown"))),
    "ReturnLimit.clause": tranche(*(f"most: {{irr: 15%, clause: {clause}}}" for clause in ("2.1", "2.2"))),
    "Interest.rate": tranche(*(f"interest: {{days: ACT/365, rate: {rate}}}" for rate in ("5%", "6%", "unknown"))),
    "Interest.rates": tranche(
        *(
            f"interest: {{days: ACT/365, rates: [{{until: 2019-12-31, rate: {rate}%}}, {{rate: 2%}}]}}"
            for rate in (5, 6)
        )
    ),
    "Interest.days": tranche(
        *(
            f"interest: {{rate: 5%, days: {days}, due: {{every: year, from: 2018-01-01, to: 2021-12-31}}}}"
            for days in ("ACT/365", "ACT/360", "30/360", "ACT/ACT", "ACT/ACT ICMA", "unknown")
        )
    ),
    "Interest.due": tranche(
        *(
            f"matures: 2021-12-31, interest: {{{RUNS}, due: {when}}}"
            for when in (
                "as cash comes",
                "at maturity",
                "unknown",
                "2020-12-31",
                "[2020-12-31, 2021-12-31]",
                "{every: year, from: 2018-01-01, to: 2021-12-31}",
            )
        )
    ),
    "Interest.capitalised": tranche(
        f"interest: {{{RUNS}, due: [2021-12-31]}}", f"interest: {{{RUNS}, due: [2021-12-31], capitalised: yes}}"
    ),
    "Interest.compound": tranche(
        f"interest: {{{RUNS}, due: [2021-12-31]}}",
        f"interest: {{{RUNS}, due: [2021-12-31], compound: yes}}",
        f"interest: {{{RUNS}, due: [2021-12-31], capitalised: yes, compound: yes}}",
    ),
    "Interest.from_": tranche(
        f"interest: {{{RUNS}}}", *(f"interest: {{{RUNS}, from: 2018-02-{day}}}" for day in ("01", "02"))
    ),
    **{f"Interest.{key}": ways for key, ways in asides(tranche, f"interest: {{{RUNS}, ", "}").items()},
    "Every.every": tranche(
        *(
            f"interest: {{{RUNS}, due: {{every: {every}, from: 2018-01-01, to: 2021-12-31}}}}"
            for every in ("month", "quarter", "half-year", "year")
        )
    ),
    "Every.from_": tranche(
        *(f"interest: {{{RUNS}, due: {{every: month, from: 2018-0{n}-01, to: 2021-12-31}}}}" for n in (1, 2))
    ),
    "Every.to": tranche(
        *(
            f"interest: {{{RUNS}, due: {{every: month, from: 2018-01-01, to: 2021-{end}}}}}"
            for end in ("11-30", "12-31")
        )
    ),
    "RateStep.until": tranche(
        *(f"interest: {{{STEPS}{{until: 20{n}-12-31, rate: 5%}}, {{rate: 2%}}]}}" for n in (19, 20))
    ),
    "RateStep.rate": tranche(*(f"interest: {{{STEPS}{{rate: {rate}}}]}}" for rate in ("5%", "6%", "unknown"))),
    "RateStep.by": tranche(*(f"interest: {{{STEPS}{{{SCALE.replace('index', by)}}}]}}" for by in ("index", "all"))),
    "RateStep.tiers": tranche(
        *(f"interest: {{{STEPS}{{{SCALE.replace('2%', rate)}}}]}}" for rate in ("2%", "3%", "unknown"))
    ),
    "RateStep.table": tranche(*(f"interest: {{{STEPS}{{{LINE.replace('2%', rate)}}}]}}" for rate in ("2%", "3%"))),
    "RateStep.least": tranche(
        *(
            f"interest: {{{STEPS}{{{SCALE}{least}}}]}}"
            for least in ("", ", least: 1%", ", least: 2%", ", least: unknown")
        ),
    ),
    "ByMetric.by": tranche(
        *(f"matures: 2021-12-31, owed: {{{SCALE.replace('index', by)}}}" for by in ("index", "all"))
    ),
    "ByMetric.tiers": tranche(
        *(f"matures: 2021-12-31, owed: {{{SCALE.replace('2%', rate)}}}" for rate in ("2%", "3%", "unknown"))
    ),
    "ByMetric.table": tranche(
        *(f"matures: 2021-12-31, owed: {{{LINE.replace('2%', rate)}}}" for rate in ("2%", "3%", "unknown"))
    ),
    "Success.on": tranche(*(f"{SUCCESS.replace('2021', year)}amount: 5}}" for year in ("2021", "2020"))),
    "Success.amount": tranche(*(f"{SUCCESS}amount: {much}}}" for much in ("5", "6", "unknown"))),
    "Success.share": tranche(*(f"{SUCCESS}share: {much}}}" for much in ("5%", "1/3", "unknown"))),
    "Success.by": tranche(*(f"{SUCCESS}{SCALE.replace('index', by)}}}" for by in ("index", "all"))),
    "Success.tiers": tranche(*(f"{SUCCESS}{SCALE.replace('2%', rate)}}}" for rate in ("2%", "3%", "unknown"))),
    "Success.table": tranche(*(f"{SUCCESS}{LINE.replace('2%', rate)}}}" for rate in ("2%", "3%"))),
    **{f"Success.{key}": ways for key, ways in asides(tranche, f"{SUCCESS}amount: 5, ", "}").items()},
    **{
        f"Redemption.{key}": ways
        for key, ways in payoffs(tranche, "redeemed: {on: 2021-12-31, ", "}", lambda body: body).items()
    },
    **{
        f"Payoff.{key}": ways
        for key, ways in payoffs(capital, f"{TERMINATED}, pays: {{loan: ", "}}", lambda body: f"{{{body}}}").items()
    },
    "Redemption.if_": tranche(*(f"{REDEEMED}{asked}}}" for asked in ASKED)),
    "Termination.on": capital(*(f"{TERMINATED.replace('2021', year)}}}" for year in ("2021", "2020"))),
    "Termination.if_": capital(*(f"{TERMINATED}{asked}}}" for asked in ASKED)),
    "Termination.pays": capital(
        f"{TERMINATED}}}", *(f"{TERMINATED}, pays: {pays}}}" for pays in ("{loan: 75%}", "75%", "{amount: 5}"))
    ),
    **{f"Termination.{key}": ways for key, ways in asides(capital, f"{TERMINATED}, ", "}").items()},
    "When.metric": capital(*(f"{TERMINATED}, if: {{metric: {m}, from: 5}}}}" for m in ("index", "days"))),
    **{
        f"When.{key}": capital(*(f"{TERMINATED}, if: {{metric: index, {key.strip('_')}: {n}}}}}" for n in (5, 6)))
        for key in ("from_", "above", "below", "up_to")
    },
    "Redemption.on": tranche(*(f"{REDEEMED.replace('2021', year)}}}" for year in ("2021", "2020"))),
    **{f"Redemption.{key}": ways for key, ways in asides(tranche, f"{REDEEMED}, ", "}").items()},
    "Guarantee.guarantor": part("guarantees", COVER, COVER.replace("fund", "state")),
    "Guarantee.covers": [
        f"capital: {{tranches: {{loan: {{{LOAN}}}, other: {{{LOAN}}}}}, guarantees: {{fresh: {{{cover}}}}}}}"
        for cover in (COVER.replace("[loan]", covers) for covers in ("[loan]", "[other]", "[loan, other]"))
    ],
    "Guarantee.of": part("guarantees", COVER, f"{COVER}, of: principal and interest"),
    "Guarantee.most": part("guarantees", *(COVER.replace("5", much) for much in ("5", "6", "unknown"))),
    "Guarantee.share": part(
        "guarantees", COVER, f"{COVER}, share: 50%", f"{COVER}, share: 1/3", f"{COVER}, share: unknown"
    ),
    "Guarantee.up_to": part("guarantees", COVER, *(f"{COVER}, up_to: {much}" for much in ("5", "6", "unknown"))),
    "Guarantee.on": part("guarantees", COVER, f"{COVER}, on: 2021-12-31", f"{COVER}, on: 2021"),
    "Guarantee.deposited": part(
        "guarantees",
        COVER,
        f"{COVER}, deposited: 2018-12-31",
        f"{COVER}, deposited: 2018",
        f"{COVER}, deposited: unknown",
    ),
    "Guarantee.unused": part(
        "guarantees", *(f"{COVER}, deposited: 2018-12-31, unused: {what}" for what in ("returned", "recycled"))
    ),
    **{f"Guarantee.{key}": ways for key, ways in asides(capital, f"guarantees: {{fresh: {{{COVER}, ", "}}").items()},
    "Cost.what": part("costs", COST, f"{COST}, what: Fees"),
    "Cost.payee": part("costs", COST, COST.replace("firm", "judge")),
    "Cost.pool": [
        f"{way[:-1]}, costs: {{fee: {{{COST}, pool: {name}}}}}}}" for way in pool("") for name in ("one", "two")
    ],
    **{
        f"Cost.{key}": part("costs", *ways)
        for key, ways in every(lambda *bodies: list(bodies), "payee: firm, ").items()
    },
    **{f"Cost.{key}": ways for key, ways in asides(capital, f"costs: {{fresh: {{{COST}, ", "}}").items()},
    "Spending.provider": capital(*(f"spending: {{{SPENT.replace('firm', who)}}}" for who in ("firm", "judge"))),
    "Spending.opening": capital(
        f"spending: {{{SPENT}}}", *(f"spending: {{{SPENT}, opening: {much}}}" for much in ("5", "6"))
    ),
    **{
        f"Spending.{key}": capital(*(f"spending: {{{way}}}" for way in ways))
        for key, ways in every(lambda *bodies: list(bodies), "provider: firm, ").items()
    },
    **{
        f"Spending.{key}": ways
        for key, ways in asides(capital, f"spending: {{{SPENT}, ", "}").items()
        if key != "clause"
    },
    "Reserve.pool": [
        f"{way[:-1]}, reserves: {{kept: {{target: 5, pool: {name}}}}}}}" for way in pool("") for name in ("one", "two")
    ],
    "Reserve.target": part("reserves", "target: 5", "target: 6", "target: unknown"),
    "Reserve.released": part("reserves", "target: 5", "target: 5, released: 2020-12-31", "target: 5, released: 2020"),
    "Reserve.clause": part("reserves", "target: 5, clause: 2.1", "target: 5, clause: 2.2"),
    "Reserve.note": part("reserves", "target: 5, note: Mark this", "target: 5, note: Mark that"),
    "Expect.capital": example(
        *(
            f"{GIVEN}, expect: {{capital: {{{said}}}}}"
            for said in (
                "loan: {drawn: 5}",
                "loan: {drawn: 6}",
                "loan: {interest: 5}",
                "loan: {principal: 5}",
                "loan: {success: 5}",
                "loan: {received: 5}",
                "loan: {gain: 5}",
                "loan: {gain: -5}",
                "loan: {loss: 5}",
                "loan: {at risk: 5}",
                "loan: {multiple: 0.75}",
                "loan: {irr: 5%}",
                "firm: {lowest cash: 5}",
                "all tranches: {drawn: 5}",
                "loan: {interest: {2018-12-31: 5}}",
                "loan: {interest: {2018-12-31: 5, 2019-12-31: 6}}",
                "fund: {drawn: 0}",
            )
        )
    ),
    "Expect.claims": example(
        *(
            f"{CLAIMED}}}], expect: {{claims: {{{kind}: 1}}}}"
            for kind in ("paid", "cut", "refused", "towards", "withdrawn")
        ),
        f"{CLAIMED}}}], expect: {{claims: {{paid: 2}}}}",
    ),
    "Expect.unknown": example(*(f"{GIVEN}, expect: {{unknown: [rules.{name}.price]}}" for name in ("days", "headed"))),
}
