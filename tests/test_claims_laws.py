"""Laws of claims, on drawn contracts and small files; and an oracle that decides one person at a time, in plain Python.

Examples are drawn the same way in every run, as in ``test_laws.py``.
"""

from __future__ import annotations

import calendar
import datetime
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from case_files import contract_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payfs.claims.fates import fate_of, fates
from payfs.claims.reasons import Reason
from payfs.claims.rows import claims_of_rows
from payfs.contract import Contract
from payfs.payments import Account, pay

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
law = settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=SLOW)

FIRST, LAST = datetime.date(2016, 1, 1), datetime.date(2017, 12, 31)
METRICS = ("zeta", "mid", "alpha")  # in another order than the alphabet, which must not matter
EVENT = "left"
PRICES = {"zeta": 40, "mid": 25, "alpha": 100}
Row = dict[str, str]


class Drawn(NamedTuple):
    """A contract as written, and the rows of a claims file."""

    parts: dict[str, Any]
    rows: list[Row]


@st.composite
def conditions(draw: st.DrawFn, name: str) -> dict[str, str | dict[str, Any]]:
    """Draw what is asked of the claims of one metric."""
    words: dict[str, Any] = {}

    def maybe(key: str, *values: Any, often: int = 3) -> None:
        if draw(st.integers(0, 9)) < often:
            words[key] = draw(st.sampled_from(values))

    maybe("where", {"grade": {"from": "5"}}, {"grade": {"above": "2", "up_to": "8"}}, {"site": ["n", "s"]}, often=2)
    maybe("claimed_within", "1 month", "45 days", often=2)
    maybe("once_a", "day", "week", "month", "quarter", "year", often=2)
    maybe("times", "1", "2", "5")
    maybe("months", "2 of 3", "3 of 4", "2 in a row", "2", "1", often=2)
    if "months" not in words:
        maybe("weeks", "2 of 5", "2 in a row", "3", often=2)
    maybe("within", "6 months of start", *(["13 weeks of zeta"] if name != "zeta" else []), often=2)
    maybe("closed_by", EVENT, *(["zeta"] if name == "mid" else []), *(["mid"] if name == "alpha" else []), often=2)
    if name == "alpha":
        maybe("needs", "zeta", ["zeta", "mid"], often=4)
        maybe("needs_paid", "zeta", often=2)
        if "needs" in words or "needs_paid" in words:
            maybe("wait", "2 weeks", "1 month", often=4)
    maybe("lost_by", EVENT, often=2)
    if "lost_by" in words:
        maybe("lost_within", "3 months", "100 days", often=7)
    maybe("not_with", *([n for n in METRICS if n != name]), often=2)
    return words


@st.composite
def drawn(draw: st.DrawFn, late: bool = True) -> Drawn:
    """Draw a contract and claims of up to three people."""
    metrics = {name: {"unit": "unit", "claims": {**draw(conditions(name)), "of": name}} for name in METRICS}
    # one that no claim is for, so that the contract has a use for everything in the file
    columns = {"grade": {"from": "0"}, "site": {"is_not": "x"}, "start": {"is_not": "x"}}
    metrics["nobody"] = {"unit": "unit", "claims": {"where": columns, "closed_by": EVENT}}
    parts: dict[str, Any] = {
        "periods": {"quarters": {"every": "quarter", "from": str(FIRST), "to": str(LAST)}},
        "metrics": metrics,
        "rules": {name: {"price": str(price)} for name, price in PRICES.items()},
        "limits": {},
    }
    if draw(st.booleans()):
        per: Any = draw(st.sampled_from(["person", ["person", "year"]]))
        rules = draw(st.sampled_from([["zeta", "alpha"], ["zeta"], list(METRICS)]))
        most = str(draw(st.sampled_from([30, 60, 130, 200])))
        parts["limits"]["person"] = {"most": most, "per": per, "rules": rules}
    return Drawn(parts, draw(files(late)))


@st.composite
def files(draw: st.DrawFn, late: bool = True) -> list[Row]:
    """Draw the rows of a file: no two of one person, outcome and day."""
    rng = random.Random(draw(st.integers(0, 2**32 - 1)))
    seen, rows = set(), []
    for _ in range(rng.randint(1, 24)):
        span = rng.choice([90, 730])
        day = FIRST + datetime.timedelta(days=rng.randint(0, span))
        row = {"person": rng.choice("abc"), "outcome": rng.choice([*METRICS, *METRICS, EVENT]), "date": str(day)}
        key = tuple(row.values())
        if key in seen:
            continue
        seen.add(key)
        start = FIRST + datetime.timedelta(days=rng.randint(-60, 200))
        row |= {
            "grade": str(rng.randint(0, 9)),
            "site": rng.choice("nsw"),
            "start": str(start),
            "units": rng.choice("1112"),
        }
        reported = day + datetime.timedelta(days=rng.choice([0, 0, 20, 60, 200]) if late else 0)
        gone = reported + datetime.timedelta(days=rng.choice([0, 10, 100, 400]))
        row |= {"reported": str(reported), "withdrawn": str(gone) if late and rng.random() < 0.15 else ""}
        rows.append(row)
    return rows


def paid(contract: Contract, rows: list[Row]) -> Account:
    """Pay claims; the first stands in row 2."""
    return pay(contract, (), claims_of_rows(rows, list(range(2, len(rows) + 2)), "claims.csv", contract.frame))


def by_person(account: Account) -> dict[str, int]:
    """Add up what each person's claims are paid in the end [minor units]."""
    last, money = account.evidence.decided[-1], account.contract.money
    sums: dict[str, int] = {}
    for name in account.contract.rules:
        if name in last.paid:
            made = last.paid[name][1]
            places, amounts = made.claims, made.left
        else:
            places = last.verdicts[name].claims
            amounts = last.verdicts[name].units * PRICES[name] * money.minor
        for place, amount in zip(places.tolist(), amounts.tolist(), strict=True):
            person = last.claims.people[last.claims.person[place]]
            sums[person] = sums.get(person, 0) + amount
    return sums


def decided(account: Account) -> dict[tuple[int, str], tuple[str, int]]:
    """Return for each row and metric why it counts or not, and how many units do."""
    last = account.evidence.decided[-1]
    found = {}
    for name, verdicts in last.verdicts.items():
        for place, reason, units in zip(
            verdicts.claims.tolist(), verdicts.reason.tolist(), verdicts.units.tolist(), strict=True
        ):
            found[int(last.claims.rows[place]), name] = (Reason(reason).name, units)
    return found


# -- the oracle: the words of the conditions, one person and one claim at a time


def as_list(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def later(day: datetime.date, lapse: str) -> datetime.date:
    number, unit = int(lapse.split()[0]), lapse.split()[1].rstrip("s")
    if unit in ("day", "week"):
        return day + datetime.timedelta(days=number * {"day": 1, "week": 7}[unit])
    months = day.year * 12 + day.month - 1 + number * {"month": 1, "year": 12}[unit]
    year, month = months // 12, months % 12 + 1
    return datetime.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def stretch(day: datetime.date, unit: str) -> int:
    """Number the stretch of time that a day lies in, so that the next one has the next number."""
    if unit == "day":
        return day.toordinal()
    if unit == "week":
        return (day - datetime.date(1900, 1, 1)).days // 7  # a Monday
    return (day.year * 12 + day.month - 1) // {"month": 1, "quarter": 3, "year": 12}[unit]


class Person:
    """One person's claims, decided one after another."""

    def __init__(self, parts: dict[str, Any], rows: list[tuple[int, Row]]) -> None:
        self.parts = parts
        self.words = {name: parts["metrics"][name]["claims"] for name in METRICS}
        self.counted: dict[str, list[tuple[datetime.date, int]]] = {name: [] for name in METRICS}
        self.paid_on: dict[str, list[datetime.date]] = {name: [] for name in METRICS}
        self.seen: dict[str, list[int]] = {name: [] for name in METRICS}  # months or weeks since the clock started
        self.last: dict[str, int | None] = dict.fromkeys(METRICS)  # the last month or week with a claim
        self.spent: dict[int, int] = {}
        self.built: dict[tuple[int, str], int] = {}  # the month or week that a claim stands for in a run
        self.looked_at: dict[str, list[datetime.date]] = {name: [] for name in METRICS}
        self.used: dict[str, set[int]] = {name: set() for name in METRICS}  # those of runs that were completed
        self.due: dict[str, int] = dict.fromkeys(METRICS, 0)
        self.events = [datetime.date.fromisoformat(row["date"]) for _, row in rows if row["outcome"] == EVENT]
        order = self.order()
        self.found: dict[tuple[int, str], tuple[str, int]] = {}
        for number, row in sorted(rows, key=lambda r: (r[1]["date"], [*order, EVENT].index(r[1]["outcome"]))):
            if row["outcome"] != EVENT:
                self.decide(number, row, row["outcome"])
        for (number, name), when in self.built.items():
            if self.found[number, name][0] == "BUILDING" and when not in self.used[name] and not self.open(name, when):
                self.found[number, name] = ("BROKEN", 0)

    def order(self) -> list[str]:
        """Each metric after what it needs, else as written."""
        needs = {}
        for name, words in self.words.items():
            needs[name] = {*as_list(words.get("needs")), *as_list(words.get("needs_paid"))}
            window = words.get("within", "").rpartition(" of ")[2]
            needs[name] |= {window} & set(METRICS)
        order: list[str] = []
        while len(order) < len(METRICS):
            order.append(next(n for n in METRICS if n not in order and needs[n] <= set(order)))
        return order

    def decide(self, number: int, row: Row, name: str) -> None:
        day = datetime.date.fromisoformat(row["date"])
        reason, units = next(self.refusals(row, name, day), "COUNTED"), int(row["units"])
        if reason == "COUNTED":
            most = self.words[name].get("times")
            room = int(most) - sum(units for _, units in self.counted[name]) if most else units
            units = min(units, room)
            run = self.completes(name, day, number)
            if run:
                reason = run
            if "months" in self.words[name] or "weeks" in self.words[name]:
                units = 1  # a run is completed once
        if reason != "COUNTED":
            self.found[number, name] = (reason, 0)
            return
        self.found[number, name] = (reason, units)
        self.counted[name].append((day, units))
        amount = units * PRICES[name]
        limit = self.parts["limits"].get("person")
        if limit is not None and name in limit["rules"]:
            year = day.year if "year" in limit["per"] else 0
            amount = min(amount, int(limit["most"]) - self.spent.get(year, 0))
            self.spent[year] = self.spent.get(year, 0) + amount
        if amount:
            self.paid_on[name].append(day)
        self.due[name] += amount

    def refusals(self, row: Row, name: str, day: datetime.date) -> Iterator[str]:
        """Yield everything that speaks against a claim, in the order in which it is asked."""
        words = self.words[name]
        grade = int(row["grade"])
        for column, where in words.get("where", {}).items():
            if column == "site" and row["site"] not in where:
                yield "WHERE"
            if column == "grade" and not (
                grade >= int(where.get("from", 0))
                and grade > int(where.get("above", -1))
                and grade <= int(where.get("up_to", 9))
            ):
                yield "WHERE"
        if "claimed_within" in words and datetime.date.fromisoformat(row["reported"]) > later(
            day, words["claimed_within"]
        ):
            yield "LATE"
        if "within" in words:
            lapse, _, of = words["within"].rpartition(" of ")
            first = (
                [d for d, _ in self.counted[of]][:1] if of in METRICS else [datetime.date.fromisoformat(row["start"])]
            )
            outside = not first or not first[0] <= day <= later(first[0], lapse)
            if outside and of not in METRICS:
                yield "WITHIN"
            late = outside
        else:
            of, late = "", False
        closing = as_list(words.get("closed_by"))
        if EVENT in closing and any(event < day for event in self.events):
            yield "CLOSED"
        if "lost_by" in words:
            until = later(day, words["lost_within"]) if "lost_within" in words else datetime.date.max
            if any(day <= event <= until for event in self.events):
                yield "LOST"
        if any(d < day for other in closing if other != EVENT for d, _ in self.counted[other]):
            yield "CLOSED"
        if late and of in METRICS:
            yield "WITHIN" if self.counted[of] else "NO_START"
        for key, why in (("needs", "NEEDS"), ("needs_paid", "NEEDS_PAID")):
            for other in as_list(words.get(key)):
                days = [d for d, _ in self.counted[other]] if key == "needs" else self.paid_on[other]
                if not any(d <= day for d in days):
                    yield why
                elif "wait" in words and later(min(days), words["wait"]) > day:
                    yield "WAIT"
        if any(self.counted[other] for other in as_list(words.get("not_with"))):
            yield "NOT_WITH"
        if "once_a" in words:
            unit = words["once_a"]
            used = [d for d, _ in self.counted[name]]
            if "months" in words or "weeks" in words:
                used = self.looked_at[name]  # there each claim that is looked at stands for its month or week
            if any(stretch(d, unit) == stretch(day, unit) for d in used):
                yield "ONCE_A"
        if "times" in words and sum(units for _, units in self.counted[name]) >= int(words["times"]):
            yield "TIMES"

    def completes(self, name: str, day: datetime.date, claim: int) -> str:
        """Say what a claim lacks to fill so many months or weeks; when they are full the clock starts anew."""
        words = self.words[name]
        run = words.get("months") or words.get("weeks")
        if run is None:
            return ""
        now = stretch(day, "month" if "months" in words else "week")
        self.looked_at[name].append(day)
        if now == self.last[name]:
            return "AGAIN"
        self.last[name] = now
        self.seen[name].append(now)
        self.built[claim, name] = now
        number, _, rest = run.partition(" ")
        if rest.startswith("of "):
            reached = len([one for one in self.seen[name] if one > now - int(rest[3:])]) >= int(number)
        elif rest == "in a row":
            reached = all(now - back in self.seen[name] for back in range(int(number)))
        else:
            reached = len(self.seen[name]) >= int(number)
        if not reached:
            return "BUILDING"
        width = int(rest[3:]) if rest.startswith("of ") else int(number) if rest else 10**6
        self.used[name] |= {one for one in self.seen[name] if one > now - width}
        self.seen[name] = []
        return ""

    def open(self, name: str, when: int) -> bool:
        """Whether a month or week of a run that was not completed may still come to something."""
        run = self.words[name].get("months") or self.words[name]["weeks"]
        last = self.seen[name][-1] if self.seen[name] else when - 1
        rest = run.partition(" ")[2]
        if when not in self.seen[name]:
            return False
        if rest == "in a row":
            return all(between in self.seen[name] for between in range(when, last + 1))
        return not rest or when > last - int(rest[3:])


@settings(law, max_examples=150)
@given(drawn(late=False))
def test_each_claim_is_decided_as_its_words_say(case):
    contract = contract_of(case.parts)
    account = paid(contract, case.rows)
    expected: dict[tuple[int, str], tuple[str, int]] = {}
    due = dict.fromkeys(METRICS, 0)
    for person in {row["person"] for row in case.rows}:
        mine = [(number, row) for number, row in enumerate(case.rows, 2) if row["person"] == person]
        oracle = Person(case.parts, mine)
        expected |= oracle.found
        for name, amount in oracle.due.items():
            due[name] += amount
    found = decided(account)
    assert {key: found[key] for key in sorted(found)} == {key: expected[key] for key in sorted(expected)}
    sums = account.sums("rule")
    assert {name: sums.get(name, 0) for name in METRICS} == {name: amount * 100 for name, amount in due.items()}


# -- laws


@law
@given(drawn(), st.randoms(use_true_random=False))
def test_neither_the_order_of_the_rows_nor_the_names_of_people_matter(case, rng):
    contract = contract_of(case.parts)
    names = dict(zip("abc", rng.sample(["Z", "0", "m", "ä"], 3), strict=True))
    places = rng.sample(range(len(case.rows)), len(case.rows))
    others = [{**case.rows[place], "person": names[case.rows[place]["person"]]} for place in places]
    one, other = paid(contract, case.rows), paid(contract, others)
    assert [payment[:-1] for payment in one.payments] == [payment[:-1] for payment in other.payments]
    for now, before in list(enumerate(places))[:3]:  # any of them, since their order was drawn
        fates = [fate_of(a.evidence, at + 2) for a, at in ((one, before), (other, now))]
        assert fates[0]._replace(row=0, person="") == fates[1]._replace(row=0, person="")


@law
@given(drawn())
def test_a_person_is_never_paid_more_than_the_persons_limit(case):
    parts = {**case.parts, "limits": {"person": {"most": "90", "per": "person"}}}
    account = paid(contract_of(parts), case.rows)
    assert all(amount <= 9000 for amount in by_person(account).values())
    assert sum(by_person(account).values()) == account.total


@law
@given(drawn(late=False), st.integers(0, 2**32 - 1))
def test_another_claim_takes_nothing_from_other_people(case, seed):
    contract, rng = contract_of(case.parts), random.Random(seed)
    day = FIRST + datetime.timedelta(days=rng.randint(0, 730))
    more = {"person": rng.choice("abcd"), "outcome": rng.choice([*METRICS, EVENT]), "date": str(day), "units": "7"}
    more |= {"grade": "5", "site": "n", "start": "2016-01-01", "reported": str(day), "withdrawn": ""}
    before, after = by_person(paid(contract, case.rows)), by_person(paid(contract, [*case.rows, more]))
    others = set("abc") - {more["person"]}
    assert {p: before.get(p, 0) for p in others} == {p: after.get(p, 0) for p in others}


@settings(law, max_examples=30)
@given(drawn())
def test_paying_quarter_by_quarter_adds_up_to_paying_all_at_once(case):
    contract = contract_of(case.parts)
    whole = paid(contract, case.rows)
    places = {period.name: place for place, period in enumerate(contract.periods)}
    for place, period in enumerate(contract.periods):
        end = str(period.end.date) if place < len(contract.periods) - 1 else "2200-01-01"
        known = [
            {**row, "withdrawn": row["withdrawn"] if row["withdrawn"] <= end else ""}
            for row in case.rows
            if row["reported"] <= end
        ]
        so_far = dict.fromkeys(METRICS, 0) | paid(contract, known).sums("rule")
        listed = dict.fromkeys(METRICS, 0)
        for payment in whole.payments:
            if places[payment.reported] <= place:
                listed[payment.rule] += payment.amount
        assert so_far == listed, period.name


@law
@given(drawn())
def test_what_became_of_the_claims_adds_up_to_all_of_them(case):
    account = paid(contract_of(case.parts), case.rows)
    made = fates(account.evidence)
    assert made is not None
    counts = made.paid + sum(made.cut.values()) + made.towards + sum(made.refused.values()) + made.withdrawn
    counts += made.events
    assert counts == len(case.rows)
