"""Spells day by day: an oracle in plain Python that ticks off each day of each person, against the engine.

Examples are drawn the same way in every run, as in ``test_laws.py``.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from case_files import contract_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payfs.claims.reasons import Reason
from payfs.claims.rows import claims_of_rows
from payfs.payments import Account, pay

law = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

FIRST = datetime.date(2016, 1, 1)
QUARTERS = [
    (
        datetime.date(year, month, 1),
        datetime.date(year + (month + 2) // 12, (month + 2) % 12 + 1, 1) - datetime.timedelta(1),
    )
    for year in (2016, 2017)
    for month in (1, 4, 7, 10)
]
Row = dict[str, str]


class Drawn(NamedTuple):
    """What is asked of spells, and rows of a file."""

    words: dict[str, Any]
    rows: list[Row]


@st.composite
def drawn(draw: st.DrawFn, late: bool = False) -> Drawn:
    rng = random.Random(draw(st.integers(0, 2**32 - 1)))
    days: dict[str, Any] = {"less": rng.choice([["jail"], ["jail", "ward"]])}
    if rng.random() < 0.6:
        days["after"] = rng.choice(["10 days", "60 days", "8 weeks", "365 days"])
        if rng.random() < 0.4:
            days["in_a_row"] = "yes"
        if rng.random() < 0.5:
            days["waived_by"] = {"exit": ["death", "moved"]}
    words: dict[str, Any] = {"of": rng.choice([["home"], ["home", "hostel"]]), "days": days}
    if rng.random() < 0.4:
        words["times"] = str(rng.choice([1, 15, 100, 400]))
    seen, rows = set(), []
    for _ in range(rng.randint(1, 14)):
        outcome = rng.choice(["home", "home", "hostel", "jail", "ward"])
        if outcome not in (*words["of"], *days["less"]):
            continue
        day = FIRST + datetime.timedelta(rng.randint(-30, 700))
        to = "" if rng.random() < 0.1 else str(day + datetime.timedelta(rng.choice([0, 1, 5, 20, 90, 400])))
        if to and datetime.date.fromisoformat(to) < FIRST:
            continue
        row = {"person": rng.choice("ab"), "outcome": outcome, "date": str(day), "to": to}
        if tuple(row.values()) in seen:
            continue
        seen.add(tuple(row.values()))
        row["exit"] = rng.choice(["death", "moved", "evicted", ""]) if to else ""
        row["reported"] = str(max(day, FIRST) + datetime.timedelta(rng.choice([0, 30, 200, 500]))) if late else ""
        rows.append(row)
    return Drawn(words, rows)


def paid(case: Drawn) -> Account:
    parts = {
        "periods": {"quarters": {"every": "quarter", "from": str(FIRST), "to": "2017-12-31"}},
        "metrics": {
            "m": {"unit": "day", "claims": case.words},
            "other": {"unit": "unit", "claims": {"where": {"exit": {"is_not": "x"}}}},
        },
        "rules": {"m": {"price": "1"}},
    }
    contract = contract_of(parts)
    rows = [*case.rows, {"person": "c", "outcome": "other", "date": "2017-12-31", "exit": ""}]
    return pay(contract, (), claims_of_rows(rows, list(range(2, len(rows) + 2)), "claims.csv", contract.frame))


def span(row: Row) -> Iterator[datetime.date]:
    """Yield the days of a spell; an open one goes on to the end of the last period."""
    day, last = datetime.date.fromisoformat(row["date"]), datetime.date.fromisoformat(row["to"] or "2017-12-31")
    while day <= last:
        yield day
        day += datetime.timedelta(1)


def gate(home: set[datetime.date], asked: int, in_a_row: bool) -> datetime.date:
    """Return the day on which so many days are reached; the last day there is where they are not."""
    count, before = 0, None
    for day in sorted(home):
        count = 1 if in_a_row and before is not None and (day - before).days > 1 else count + 1
        before = day
        if count >= asked:
            return day
    return datetime.date.max


class Person:
    """One person's days, ticked off one by one."""

    def __init__(self, words: dict[str, Any], rows: list[Row]) -> None:
        days = words["days"]
        self.home_rows = [row for row in rows if row["outcome"] in words["of"]]
        self.home = {day for row in self.home_rows for day in span(row)}
        self.off = {day for row in rows if row["outcome"] in days["less"] for day in span(row)}
        self.most = int(words.get("times", 10**6))
        number, _, unit = days.get("after", "0 days").partition(" ")
        asked = int(number) * (7 if unit == "weeks" else 1)
        self.through = gate(self.home, asked, "in_a_row" in days) if asked else datetime.date.min
        self.exits = [
            datetime.date.fromisoformat(row["to"])
            for row in self.home_rows
            if row["exit"] in days.get("waived_by", {}).get("exit", ()) and row["to"]
        ]

    def counts_until(self, end: datetime.date) -> datetime.date:
        """Return the last day that counts by the end of a period."""
        if self.through <= end:
            return end
        return max((day for day in self.exits if day <= end), default=datetime.date.min)

    def net(self, end: datetime.date) -> list[datetime.date]:
        """Return the days that count by the end of a period, in order."""
        until = self.counts_until(end)
        return sorted(day for day in self.home - self.off if FIRST <= day <= until)[: self.most]


@law
@given(drawn())
def test_each_period_pays_the_days_that_it_adds(case):
    account = paid(case)
    people = [Person(case.words, [row for row in case.rows if row["person"] == name]) for name in "ab"]
    in_all = [sum(len(person.net(end)) for person in people) for _, end in QUARTERS]
    expected = [now - before for before, now in zip([0, *in_all], in_all, strict=False)]
    sums = account.sums("period")
    assert [sums.get(period.name, 0) // 100 for period in account.contract.periods] == expected


@law
@given(drawn())
def test_each_day_belongs_to_one_row_and_each_row_says_what_became_of_its_days(case):
    account = paid(case)
    last = account.evidence.decided[-1]
    verdicts = last.verdicts["m"]
    assert verdicts.days is not None
    end = QUARTERS[-1][1]
    for name in "ab":
        person = Person(case.words, [row for row in case.rows if row["person"] == name])
        counted, until = set(person.net(end)), person.counts_until(end)
        ticked: set[datetime.date] = set()
        mine = [
            (place, case.rows[int(last.claims.rows[claim]) - 2])
            for place, claim in enumerate(verdicts.claims.tolist())
            if last.claims.people[last.claims.person[claim]] == name
        ]
        for place, row in mine:  # in order of their first days
            days = {day for day in span(row) if day <= end}
            reached = {day for day in days if FIRST <= day <= until}
            fresh = reached - ticked
            kept, of, elsewhere, taken_off, beyond = (int(figures[place]) for figures in verdicts.days)
            assert kept == len(fresh & counted)
            assert elsewhere == len(reached & ticked)
            assert taken_off == len(fresh & person.off)
            assert beyond == len(fresh - person.off - counted)
            assert of == len(days)
            assert (verdicts.reason[place] == Reason.COUNTED) == (kept > 0)
            assert verdicts.units[place] == kept
            ticked |= reached
    assert int(verdicts.units.sum()) * 100 == account.total


@law
@given(drawn(late=True))
def test_what_is_reported_late_comes_to_the_same_in_the_end(case):
    rows = [{**row, "reported": ""} for row in case.rows]
    one, other = (paid(Drawn(case.words, own)).sums("period") for own in (case.rows, rows))
    assert {period: amount for period, amount in one.items() if amount} == {
        period: amount for period, amount in other.items() if amount
    }
