"""Participants: their patterns, priced once by the contract's own rules, are what people drawn one by one come to."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator

import numpy as np
import pytest
from scenes import CLAIMS, alike, card, contract, of_deal, uniforms

from payfs.claims.rows import claims_of_rows
from payfs.contract import Contract
from payfs.payments import pay
from payfs.simulate.outcomes import Course, Pattern
from payfs.simulate.paths import measured_on
from payfs.simulate.patterns import Group, priced
from payfs.simulate.scenario import Scenario
from payfs.statement import statement
from payfs.text import Refused

MADE_UP = """
  all:
    people: %s
    joins: {2020-01-15: 60%%, 2020-08-15: 40%%}
    drawn: %s
    outcomes:
      start: {chance: {beta: {a: 8, b: 2}}}
      job: {chance: between 30%% and 60%%, needs: start, months: {discrete: {1: 20%%, 4: 80%%}}}
      course: {chance: 40%%, months: 5}
      work:
        claimed_as: still at work
        chance: 70%%
        needs: job
        months: 1
        lasts: {discrete: {2: 30%%, 3: 30%%, 7: 40%%}}
"""
DWP = """
participants:
  young:
    people: between 20 and 60
    cohort: round 1
    joins: {2012-04-01: 50%%, 2013-04-01: 50%%}
    drawn: %s
    outcomes:
      behaviour: {chance: between 35%% and 60%%, months: 6}
      level_2: {chance: 50%%, months: 18}
      level_3: {chance: 50%%, needs: level_2, months: 12}
      employment_13w: {chance: between 30%% and 60%%, months: 15}
      employment_26w: {chance: 80%%, needs: employment_13w, months: {discrete: {2: 30%%, 3: 70%%}}}
"""
TICKET = """
assuming:
  rules:
    p1m1: {price: {by_year: {2026: 1850}}}
    p1m2: {price: {by_year: {2026: 1850}}}
    p1m3: {price: {by_year: {2026: 1850}}}
    p1m4: {price: {by_year: {2026: 1850}}}
    phase_2: {price: 500}
    phase_2_blind: {price: 500}
    outcome: {price: {amounts: {ssdi: {2026: 555}, ssi: {2026: 310}}}}
    outcome_blind: {price: {amounts: {ssdi: {2026: 555}, ssi: {2026: 310}}}}
    catch_up_1: {price: {by_year: {2026: 1850}}}
    catch_up_1_blind: {price: {by_year: {2026: 1850}}}
    catch_up_2: {price: 500}
    catch_up_2_blind: {price: 500}
participants:
  tickets:
    people: 40
    cohort: ssdi
    joins: 2025-01-31
    columns: {blind: no}
    drawn: %s
    outcomes:
      part-time work:
        {claimed_as: work month, chance: between 40%% and 70%%, lasts: {discrete: {2: 50%%, 8: 50%%}},
         columns: {earnings: 1650, benefit: yes}}
      full-time work:
        {claimed_as: work month, chance: 60%%, needs: part-time work, months: 2, lasts: {discrete: {5: 50%%, 14: 50%%}},
         columns: {earnings: 1700, benefit: no}}
"""
FAMILIES = """
participants:
  families:
    people: 45
    cohort: year 1
    joins: {2012-04-15: 50%%, 2012-10-15: 50%%}
    drawn: %s
    outcomes:
      attached: {chance: 95%%}
      school_and_crime: {chance: between 20%% and 60%%, months: 12}
      progress_to_work: {chance: 20%%, months: 9}
      employment: {chance: 25%%, needs: attached, months: {discrete: {6: 50%%, 15: 50%%}}}
"""


def made_up(people: str = "50", drawn: str = "patterns", terms: str = CLAIMS) -> Scenario:
    return card(MADE_UP % (people, drawn), "", contract(terms, "card.yaml"))


DEALS = {
    "made up": lambda drawn: made_up("between 20 and 60", drawn),
    "uk-dwp-innovation-fund": lambda drawn: of_deal("uk-dwp-innovation-fund", DWP % drawn),
    "ticket-to-work": lambda drawn: of_deal("ticket-to-work", TICKET % drawn),
    "uk-troubled-families": lambda drawn: of_deal("uk-troubled-families", FAMILIES % drawn),
}


def amounts(scenario: Scenario, paths: int, seed: int) -> dict[str, np.ndarray]:
    """Return the total and what each rule and the limits come to, (paths,) each."""
    made = statement(scenario.contract, measured_on(scenario, uniforms(scenario, paths, seed)))
    found = {"total": made.total()[0, 0]}
    found |= {rule: amount[0, 0] for rule, amount in made.by_rule().items()}
    found |= {f"cut from {rule} by {limit}": cut.sum(axis=(0, 1)) for (rule, limit), cut in made.unpaid.items()}
    return {name: np.broadcast_to(values, (paths,)) for name, values in found.items()}


@pytest.mark.parametrize("deal", DEALS)
def test_patterns_and_people_drawn_one_by_one_agree(deal):
    one = amounts(DEALS[deal]("patterns"), 4000, 1)
    other = amounts(DEALS[deal]("people"), 4000, 2)
    assert one.keys() == other.keys()
    assert one["total"].std() > 0
    for name, values in one.items():
        alike(values, other[name])


def some(course: Course, number: int) -> Iterator[Pattern]:
    """Draw some patterns, each as likely as any other."""
    every = course.patterns(10_000)
    assert every is not None
    order = np.random.default_rng(4).integers(0, len(every), number)
    return (every[at] for at in order)


def claimed(terms: Contract, course: Course, patterns: list[Pattern]) -> tuple[list[dict[str, str]], datetime.date]:
    last = max(period.end.date for period in terms.periods)
    rows = [{"person": f"q{n}", **row} for n, one in enumerate(patterns) for row in course.claims(one, last)]
    return rows, last


@pytest.mark.parametrize("deal", DEALS)
def test_patterns_add_up_to_what_the_engine_pays_for_the_same_claims_in_one_file(deal):
    scenario = DEALS[deal]("patterns")
    (group,), terms = scenario.groups, scenario.contract
    patterns = list(some(group.course, 60))
    rows, _ = claimed(terms, group.course, patterns)
    account = pay(terms, (), claims_of_rows(rows, list(range(1, len(rows) + 1)), "all", terms.frame))
    for (kind, name, _), part in priced(terms, group.course, patterns).parts.items():
        if kind == "series":
            engine = account.statement.measured.series[name].values[:, :, 0]
            assert (part.sum(axis=0) == engine).all()
    members = {pattern: at for at, many in enumerate(group.members) for pattern in many}
    counts = np.bincount([members[pattern] for pattern in patterns], minlength=len(group.members))
    made = statement(terms, measured_on(certain(scenario, counts), np.full((scenario.columns, 1), 0.5)))
    assert int(made.total()[0, 0, 0]) == account.total > 0
    assert {rule: int(amount[0, 0, 0]) for rule, amount in made.by_rule().items() if amount.any()} == {
        rule: amount for rule, amount in account.sums("rule").items() if amount
    }
    unpaid = {key: int(cut.sum()) for key, cut in made.unpaid.items() if cut.any()}
    assert unpaid == account.unpaid()


def certain(scenario: Scenario, counts: np.ndarray) -> Scenario:
    """Return the scenario with so many people of each pattern, and no chance left."""
    from dataclasses import replace

    (group,) = scenario.groups
    assert group.prices is not None

    class Fixed(Group):
        def add(self, uniforms):
            from payfs.simulate.patterns import _times

            return {key: _times(part, counts[:, None]) for key, part in group.prices.parts.items()}

    fixed = Fixed(**{name: getattr(group, name) for name in Group.__dataclass_fields__ if not name.startswith("_")})
    return replace(scenario, groups=(fixed,))


def test_the_limit_for_one_person_the_wait_and_the_exclusion_decide():
    words = """
  all:
    people: 10
    joins: 2020-01-15
    outcomes:
      start: {chance: 100%}
      job: {chance: 100%, needs: start, months: MONTHS}
      course: {chance: 100%, months: 5}
"""
    late = amounts(card(words.replace("MONTHS", "4")), 3, 1)
    early = amounts(card(words.replace("MONTHS", "1")), 3, 1)
    assert late["job"].tolist() == [10 * 200033] * 3  # and whoever has a job takes no course
    assert late["course"].tolist() == [0] * 3
    assert early["job"].tolist() == [0] * 3
    assert early["course"].tolist() == [10 * 90000] * 3
    assert late["total"].tolist() == [10 * 250033] * 3


def test_outcomes_that_last_are_claimed_month_by_month():
    words = """
  all:
    people: 4
    joins: 2020-01-31
    outcomes:
      start: {chance: 100%}
      job: {chance: 100%, needs: start, months: 3}
      work: {claimed_as: still at work, chance: 100%, needs: job, months: 1, lasts: LASTS}
"""
    kept = {lasts: amounts(card(words.replace("LASTS", str(lasts))), 1, 1)["kept"][0] for lasts in (2, 3, 5, 6, 20)}
    assert kept == {2: 0, 3: 4 * 49967, 5: 4 * 49967, 6: 4 * 49967, 20: 4 * 49967}  # 3,000 less 2,500.33
    more = CLAIMS.replace("most: 3000, per: person", "most: 30000, per: person")
    kept = {
        lasts: amounts(card(words.replace("LASTS", str(lasts)), "", contract(more)), 1, 1)["kept"][0]
        for lasts in (2, 3, 5, 6, 20)
    }
    assert kept == {2: 0, 3: 4 * 70000, 5: 4 * 70000, 6: 4 * 140000, 20: 4 * 140000}


def test_months_count_from_the_day_of_joining_and_do_not_drift():
    made = card(
        """
  all:
    people: 1
    joins: 2020-01-31
    outcomes: {start: {chance: 100%, months: 1}, job: {chance: 100%, needs: start, months: 1}}
"""
    )
    (group,) = made.groups
    (pattern,) = [one for one in group.course.patterns(9) or () if None not in one.whens]
    days = [row["date"] for row in group.course.claims(pattern, datetime.date(2030, 1, 1))]
    assert days == ["2020-02-29", "2020-03-31"]


@pytest.mark.parametrize(
    ("words", "shares"),
    [
        ("2020-03-01", {"2020-03-01": 1}),
        ("{2020-03: 25%, 2021: 75%}", {"2020-03-01": 0.25, "2021-01-01": 0.75}),
        ("{from: 2020-01-31, every: month, times: 2}", {"2020-01-31": 0.5, "2020-02-29": 0.5}),
        ("{from: 2020, every: half-year, times: 2}", {"2020-01-01": 0.5, "2020-07-01": 0.5}),
    ],
)
def test_people_join_on_a_day_on_some_days_or_evenly(words, shares):
    (group,) = card(f"  all: {{people: 5, joins: {words}, outcomes: {{start: {{chance: 50%}}}}}}\n").groups
    joins = dict(zip(map(str, group.course.joins), group.course.shares, strict=True))
    assert joins == pytest.approx(shares)


def test_a_chance_that_a_group_shares_does_not_average_out():
    words = "  all: {people: 400, joins: 2020-01-15, outcomes: {start: {chance: {beta: {a: 6, b: 14}}}}}\n"
    starts = amounts(card(words), 20_000, 3)["start"] / 50000
    mean = 400 * 0.3
    sd = np.sqrt(mean * 0.7 * 420 / 21)
    assert starts.mean() == pytest.approx(mean, abs=5 * sd / np.sqrt(20_000))
    assert starts.std() == pytest.approx(sd, rel=0.03)


def test_groups_of_one_metric_are_added_up_beside_what_is_believed_of_others():
    text = CLAIMS.replace("metrics:\n", "metrics:\n  visits: {unit: visit}\n").replace(
        "rules:\n", "rules:\n  visits: {price: 1}\n"
    )
    text = text.replace("per: person}", "per: person, rules: [start, job, course, kept]}")
    words = "  one: {people: 3, joins: 2020, outcomes: {start: {chance: 100%}}}\n"
    words += "  two: {people: 4, joins: 2020, outcomes: {start: {chance: 100%}}}\n"
    made = card(words, "metrics: {visits: 100}\n", contract(text, "card.yaml"))
    assert amounts(made, 1, 1)["start"].tolist() == [7 * 50000]
    assert amounts(made, 1, 1)["visits"].tolist() == [8 * 10000]


def test_a_block_in_which_nothing_happens_is_worth_nothing():
    words = "  all: {people: 2, joins: 2020, drawn: people, outcomes: {start: {chance: 1%}, job: {chance: 1%}}}\n"
    made = card(words)
    found = measured_on(made, np.full((made.columns, 5), 0.5))
    assert not found.series["start"].values.any()
    assert not found.by_claim["job"].due.any()
    some = amounts(made, 3000, 1)  # and then patterns of one outcome, and of the other
    assert some["total"].mean() == pytest.approx(2 * 0.01 * 50000, rel=0.5)


def test_outcomes_that_take_others_back_are_refused_and_not_guessed():
    text = CLAIMS.replace("claims: {needs: [start], wait: 2 months, times: 1}", "claims: {lost_by: [start], times: 1}")
    with pytest.raises(Refused, match="takes back what was claimed and paid before"):
        card(
            "  all: {people: 2, joins: 2020, outcomes: {start: {chance: 50%, months: 9}, job: {chance: 50%}}}\n",
            "",
            contract(text, "card.yaml"),
        )


def test_the_cost_does_not_grow_with_the_number_of_participants():
    def seconds(people: int) -> float:
        made = made_up(str(people))
        u = uniforms(made, 5000, 1)
        best = np.inf
        for _ in range(3):
            start = time.perf_counter()
            measured_on(made, u)
            best = min(best, time.perf_counter() - start)
        return best

    assert seconds(300_000) < 10 * seconds(300) + 0.3  # a thousand times the people


def test_a_path_is_the_same_alone_and_in_any_block_however_people_are_drawn():
    for drawn in ("patterns", "people"):
        made = made_up("between 20 and 60", drawn)
        u = uniforms(made, 60, 9)
        whole = statement(made.contract, measured_on(made, u)).total()[0, 0]
        for start, stop in ((0, 1), (13, 14), (20, 60)):
            part = statement(made.contract, measured_on(made_up("between 20 and 60", drawn), u[:, start:stop]))
            assert (part.total()[0, 0] == whole[start:stop]).all()
