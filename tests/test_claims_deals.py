"""Deals from claims: each made-up file pays what a few plain lines, written from the clauses, come to."""

from __future__ import annotations

import csv
import datetime
import random
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from payfs.claims.file import read_claims
from payfs.claims.rows import claims_of_rows
from payfs.contract import Contract, load
from payfs.evidence.results import read_results
from payfs.payments import Account, pay
from payfs.places import contract_specs
from payfs.text import Refused

FILES = contract_specs() / "claims"
DEALS = ["denver-sib", "ticket-to-work", "uk-care-leavers-sib", "uk-dwp-innovation-fund", "uk-troubled-families"]
CARE = {"reboot west": 1_871_540, "iaspire": 2_165_460, "apollo": 848_540}
DAY = datetime.timedelta(1)
Row = dict[str, str]


def account_of(deal: str, path: Path | None = None) -> Account:
    contract = load(contract_specs() / f"{deal}.yaml")
    return pay(contract, (), read_claims(str(path or FILES / f"made-up-{deal}.csv"), contract.frame))


def pounds(account: Account) -> int:
    assert account.total % 100 == 0
    return account.total // 100


def rows_of(deal: str) -> list[Row]:
    with (FILES / f"made-up-{deal}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_person(deal: str) -> dict[tuple[str, str], list[Row]]:
    """Return what stands of each person's claims in the end, in order of date and outcome."""
    people: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in sorted(rows_of(deal), key=lambda row: (row["date"], row["outcome"])):
        if not row["withdrawn"]:
            people[row["person"], row.get("cohort", "")].append(row)
    return people


def write(path: Path, rows: list[Row]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.parametrize("deal", DEALS)
def test_every_file_is_marked_as_made_up_and_has_late_and_withdrawn_claims(deal):
    rows = rows_of(deal)
    assert all(row["person"].startswith("made up ") for row in rows)
    assert any(row["reported"] for row in rows)
    assert any(row["withdrawn"] for row in rows)


# Ticket to Work: worked out by hand, person by person.

OUTCOME_MONTH = {
    "person": "a", "cohort": "ssdi", "outcome": "work month", "earnings": "1700", "benefit": "no", "blind": "no",
}  # fmt: skip
TICKET = {
    "made up 1": 4 * 1850,  # nine months of milestones
    "made up 2": 2 * 1850 + 9 * 310,
    "made up 3": 1850 + 9 * 555,  # blind; one month of 2,600 is short of 2,700
    "made up 4": 6 * 310,  # a recent work history
    "made up 5": 0,  # a dollar short
    "made up 6": 2 * 1850,  # the second month was reported late
    "made up 7": 4 * 555,  # a fifth month was withdrawn
    "made up 8": 1850 + 2 * 555,  # three later months of milestones are closed
    "made up 9": 2 * 310,  # one of three lies in the same month as another
    "made up 10": 0,  # placed by a State agency
    "made up 11": 2 * 1850,  # January, March and July are seven months; March, July and August are six
    "made up 12": 11 * 555,
}


def test_ticket_to_work_pays_what_was_worked_out_by_hand():
    assert sum(TICKET.values()) == 41_900
    assert pounds(account_of("ticket-to-work")) == 41_900


def test_ticket_to_work_pays_each_person_what_was_worked_out_by_hand(tmp_path):
    rows = rows_of("ticket-to-work")
    for person, amount in TICKET.items():
        path = write(tmp_path / "one.csv", [row for row in rows if row["person"] == person])
        assert pounds(account_of("ticket-to-work", path)) == amount, person


def test_a_reconciliation_is_taken_back_when_a_month_is_withdrawn_and_paid_at_the_next():
    """A thirteenth month takes the place of one of the twelve; the part for phase 2, of unknown price, is left out."""
    contract = load(contract_specs() / "ticket-to-work.yaml")
    later = {"outcome": {"price": {"amounts": {"ssdi": {"2026": "555"}}}}, "catch_up_2": "none"}
    later["catch_up_1"] = {"price": {"by_year": {"2026": "1850"}}}
    contract = contract.assuming({"rules": later}, ("assumed",))
    months = [f"2025-{month:02}-28" for month in range(1, 13)]
    rows = [{**OUTCOME_MONTH, "date": day, "withdrawn": "2026-05-10" * (day == "2025-05-28")} for day in months]
    twelve = pay(contract, (), claims_of_rows(rows, range(2, 14), "twelve", contract.frame))
    assert pounds(twelve) == 11 * 555
    rows.append({**OUTCOME_MONTH, "date": "2026-01-28", "withdrawn": ""})
    thirteen = pay(contract, (), claims_of_rows(rows, range(2, 15), "thirteen", contract.frame))
    lines = [(p.period, p.amount // 100) for p in thirteen.payments if p.rule == "catch_up_1" and p.amount]
    assert sorted(lines) == [("2025-12", -7400), ("2025-12", 7400), ("2026-01", 7400)]
    assert pounds(thirteen) == 12 * 555 + 4 * 1850


# DWP Innovation Fund.

FUND = {
    "round 1": {
        "behaviour": 1300, "attendance": 800, "level_1": 700, "level_2": 2200, "level_3": 3300, "level_4": 2000,
        "esol": 1200, "employment_13w": 2600, "employment_26w": 1000,
    },
    "round 2": {
        "attitude": 700, "behaviour": 1300, "attendance": 1400, "entry_level": 900, "basic_skills": 900,
        "level_1": 1100, "level_2": 3300, "level_3": 5100, "employment_13w": 3500, "employment_26w": 2000,
    },
}  # fmt: skip


def test_the_innovation_fund_pays_first_outcomes_up_to_what_one_person_can_bring_in():
    total, fates = 0, Counter[str]()
    for (_, cohort), rows in by_person("uk-dwp-innovation-fund").items():
        left, had, paid_13w = {"round 1": 8200, "round 2": 11_700}[cohort], set(), None
        for row in rows:
            outcome, date = row["outcome"], datetime.date.fromisoformat(row["date"])
            lacks = outcome == "employment_26w" and (paid_13w is None or date < paid_13w + 91 * DAY)
            if outcome in had or outcome not in FUND[cohort] or lacks:
                fates["refused"] += 1
                continue
            had.add(outcome)
            amount = min(FUND[cohort][outcome], left)
            fates["cut" if amount < FUND[cohort][outcome] else "paid"] += 1
            if outcome == "employment_13w" and amount:
                paid_13w = date
            left -= amount
            total += amount
    assert pounds(account_of("uk-dwp-innovation-fund")) == total == 441_200
    assert fates == {"paid": 238, "cut": 23, "refused": 20}


def test_the_innovation_funds_claims_are_counted_by_what_became_of_them():
    from payfs.claims.fates import fates

    made = fates(account_of("uk-dwp-innovation-fund").evidence)
    assert made is not None
    assert (made.paid, sum(made.cut.values()), sum(made.refused.values()), made.withdrawn) == (238, 23, 20, 10)


# Troubled Families.


def test_troubled_families_pay_five_fees_of_six_and_one_route():
    fee = {"year 1": 3200, "year 2": 2400, "year 3": 1600, "phase 2": 1000}
    whole = {"year 1": 800, "year 2": 1600, "year 3": 2400, "phase 2": 800}
    price = {"school_and_crime": 700, "progress_to_work": 100}
    families, results = Counter[str](), 0
    for (_, cohort), rows in by_person("uk-troubled-families").items():
        had = set[str]()
        for outcome in (row["outcome"] for row in rows):
            other = {"employment": {"school_and_crime", "progress_to_work"}}.get(outcome, {"employment"})
            if outcome in had or (outcome != "attached" and ("attached" not in had or had & other)):
                continue
            had.add(outcome)
            families[cohort] += outcome == "attached"
            results += 0 if outcome == "attached" else price.get(outcome, whole[cohort])
    fees = sum(fee[c] * (n if c == "phase 2" else n - n // 6) for c, n in families.items())
    account = account_of("uk-troubled-families")
    by_rule = account.sums("rule")
    assert (by_rule["attachment"] + by_rule["attachment_phase_2"]) // 100 == fees == 121_200
    assert pounds(account) == fees + results == 178_100


def test_no_family_brings_in_more_than_4_000(tmp_path):
    for (person, _), _ in list(by_person("uk-troubled-families").items())[:24]:
        rows = [row for row in rows_of("uk-troubled-families") if row["person"] == person]
        assert pounds(account_of("uk-troubled-families", write(tmp_path / "one.csv", rows))) <= 4000


# Denver, day by day.

EXITS = {"death", "other permanent housing", "long-term care", "earlier acts"}
ENDS = [
    datetime.date.fromisoformat(day) for day in ("2017-06-30", "2018-06-30", "2018-12-31", "2020-06-30", "2020-12-31")
]


def days_of(rows: list[Row], end: datetime.date) -> int:
    """Count the days of one person that are due by a day, as the clauses say.

    Every day in housing that is no day in jail counts, once housing has been kept for 365 days without a break. Until
    then only those before a planned exit do.
    """
    days: dict[str, set[datetime.date]] = {"housed": set(), "jail": set()}
    for row in rows:
        day, last = (datetime.date.fromisoformat(row[name]) for name in ("date", "to"))
        while day <= min(last, end):
            days[row["outcome"]].add(day)
            day += DAY
    kept, reached = 0, False
    day = datetime.date(2016, 1, 1)
    while day <= end:
        kept = kept + 1 if day in days["housed"] else 0
        reached = reached or kept == 365
        day += DAY
    exits = [row["to"] for row in rows if row["outcome"] == "housed" and row["exit reason"] in EXITS]
    last = max((exit for exit in exits if exit <= end.isoformat()), default="")
    return sum(reached or day.isoformat() <= last for day in days["housed"] - days["jail"])


def test_denvers_file_pays_15_12_for_every_day_that_a_plain_count_finds():
    days = sum(days_of(rows, ENDS[-1]) for rows in by_person("denver-sib").values())
    account = account_of("denver-sib")
    assert days == 36_850
    assert account.total == days * 1512 == 55_717_200
    assert account.unpaid() == {}


@pytest.mark.parametrize("seed", range(6))
def test_each_of_denvers_payments_agrees_with_a_count_day_by_day(seed, tmp_path):
    drawn = random.Random(seed)
    people: dict[str, list[Row]] = {}
    for number in range(12):
        rows, day = list[Row](), datetime.date(2016, 1, 1) + drawn.randrange(700) * DAY
        while day < ENDS[-1] and len(rows) < 8:
            last = min(day + (drawn.choice([20, 200, 364, 365, 366, 700]) - 1) * DAY, ENDS[-1])
            reason = drawn.choice([*sorted(EXITS), "left", "moved"])
            rows.append({"outcome": "housed", "date": f"{day}", "to": f"{last}", "exit reason": reason})
            if drawn.random() < 0.6:
                jailed = max(day + drawn.randrange(-30, 90) * DAY, datetime.date(2016, 1, 1))
                until = min(jailed + drawn.randrange(40) * DAY, ENDS[-1])
                if jailed <= until:
                    rows.append({"outcome": "jail", "date": f"{jailed}", "to": f"{until}", "exit reason": ""})
            day = last + drawn.choice([-10, 1, 1, 2, 120]) * DAY
        people[f"p{number}"] = rows
    every = [{"person": person, **row} for person, rows in people.items() for row in rows]
    account = account_of("denver-sib", write(tmp_path / "spells.csv", every))
    due = [sum(days_of(rows, end) for rows in people.values()) for end in ENDS]
    found = {payment.period: payment.amount for payment in account.payments}
    for place, days in enumerate(due):
        before = due[place - 1] if place else 0
        assert found.get(f"payment {place + 1}", 0) == (days - before) * 1512


def test_denver_takes_claims_or_counts_of_the_days_and_not_both():
    contract = load(contract_specs() / "denver-sib.yaml")
    counts = read_results(str(contract_specs() / "results" / "denver-sib.csv"), contract.frame)
    claims = read_claims(str(FILES / "made-up-denver-sib.csv"), contract.frame)
    with pytest.raises(Refused, match="both claims and counts were given of 'stable_days'"):
        _ = pay(contract, counts, claims).total
    jail = tuple(result for result in counts if result.metric == "jail_reduction")
    assert pay(contract, jail, claims).total == 55_717_200 + 510_400_000


# The care leavers' bonds: what was really paid, from counts and from claims.


def counts_of(contract: Contract, cohort: str) -> dict[str, int]:
    """Return what one project was paid for, from the worked example of all its outcomes."""
    example = next(e for e in contract.spec.examples if "for all its outcomes" in e.name and cohort in str(e.results))
    return {metric: int(by_cohort[cohort]) for metric, by_cohort in (example.results or {}).items()}


def test_reboot_wests_file_holds_what_it_was_really_paid_for():
    counts = counts_of(load(contract_specs() / "uk-care-leavers-sib.yaml"), "reboot west")
    claimed = Counter[str]()
    for rows in by_person("uk-care-leavers-sib").values():
        for row in rows:
            claimed[row["outcome"]] += int(row["units"] or 1)
    assert claimed == counts
    assert pounds(account_of("uk-care-leavers-sib")) == 1_871_540


@pytest.mark.parametrize(("cohort", "total"), list(CARE.items()))
def test_claims_of_a_project_pay_the_same_pounds_as_its_counts(cohort, total, tmp_path):
    contract = load(contract_specs() / "uk-care-leavers-sib.yaml")
    counts = counts_of(contract, cohort)
    first, drawn = datetime.date(2018, 10, 1), random.Random(cohort)
    claims = [
        {"person": f"p{number % 240}", "cohort": cohort, "outcome": metric, "date": f"{first + number * DAY}"}
        for metric, count in counts.items()
        for number in range(count)
    ]
    drawn.shuffle(claims)
    from_claims = account_of("uk-care-leavers-sib", write(tmp_path / "claims.csv", claims))
    lines = [f"{metric},{cohort},results,{count}" for metric, count in counts.items()]
    (tmp_path / "counts.csv").write_text("\n".join(["metric,cohort,period,value", *lines]), encoding="utf-8")
    from_counts = pay(contract, read_results(str(tmp_path / "counts.csv"), contract.frame))
    assert pounds(from_claims) == pounds(from_counts) == total
    paid = {rule: amount for rule, amount in from_counts.sums("rule").items() if amount}
    assert {rule: amount for rule, amount in from_claims.sums("rule").items() if amount} == paid
