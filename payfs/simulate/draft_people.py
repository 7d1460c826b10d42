"""Neutral groups of participants, from what a contract says of the claims that count."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from payfs.contract import Contract
from payfs.evidence.counting import Counting, Lapse, Where
from payfs.periods.days import months_between
from payfs.simulate.draft_beliefs import flow, short, size_of

MOST_OUTCOMES = 12
DAYS_OF = {"day": 1, "week": 7, "month": 30, "year": 365}
MONTHS_OF = {"month": 1, "quarter": 3}


class Drafted(NamedTuple):
    """One outcome of a draft."""

    key: str
    claimed: str
    columns: dict[str, str]
    lasts: int
    needs: str | None
    months: int
    what: str


def groups(contract: Contract, metrics: Sequence[str]) -> Iterator[str]:
    """Yield the lines of a group of participants for each cohort."""
    cohorts = list(contract.spec.population.cohorts or {})
    for name, size in zip(cohorts or ["everybody"], size_of(contract), strict=True):
        joins = _joins(contract, name if cohorts else None)
        drafted = list(_outcomes(contract, metrics, name, joins))
        if not drafted:
            continue
        yield f"  {flow(name)}:"
        yield f"    people: {size}                        # REPLACE. Or between 80 and 120"
        if cohorts:
            yield f"    cohort: {flow(name)}"
        yield f"    joins: {joins}                  # REPLACE. Or {{from: {joins}, every: quarter, times: 4}}"
        yield "    outcomes:"
        for one in drafted:
            parts: dict[str, Any] = {"claimed_as": one.claimed} if one.claimed != one.key else {}
            parts |= {"chance": "50%"} | ({"needs": one.needs} if one.needs else {})
            parts |= {"months": one.months} if one.months else {}
            parts |= {"lasts": one.lasts} if one.lasts > 1 else {}
            parts |= {"columns": one.columns} if one.columns else {}
            after = f"after {one.needs}" if one.needs else "after joining"
            yield f"      # {one.what} - REPLACE the chance" + (f", and the months {after}" if one.months else "")
            yield f"      {flow(one.key)}: {flow(parts)}"


def _joins(contract: Contract, cohort: str | None) -> datetime.date:
    first = min(period.start.date for period in contract.periods)
    cohorts = contract.spec.population.cohorts or {}
    start = cohorts[cohort].from_ if cohort in cohorts else None
    return max(first, start.date) if start is not None else first


def _outcomes(contract: Contract, metrics: Sequence[str], cohort: str, joins: datetime.date) -> Iterator[Drafted]:
    frame, seen = contract.frame, dict[tuple[str, str], str]()
    keys: dict[str, str] = {}
    runs: dict[str, int] = {}
    told: list[tuple[str, Counting, str, dict[str, str]]] = []
    for name in metrics:
        words = frame.metrics[name].claims or Counting()
        if words.missing is not None or (words.times is not None and _times(words, cohort) == 0):
            continue
        claimed, columns = words.outcomes(name)[0], _columns(contract, name, words)
        same = (claimed, str(sorted(columns.items())))
        keys[name] = seen.setdefault(same, name)
        runs[keys[name]] = max(runs.get(keys[name], 1), _lasts(words))
        if keys[name] == name:
            told.append((name, words, claimed, columns))
    for name, words, claimed, columns in told[:MOST_OUTCOMES]:
        kept = {one[0] for one in told[:MOST_OUTCOMES]}
        before = [keys[other] for other in (*(words.needs or ()), *(words.needs_paid or ())) if other in keys]
        needs = next((other for other in before if other in kept and other != name), None)
        wait = _months(words.wait) + 1 if words.wait is not None else 3
        start = min(frame.periods[place].start.date for place in frame.measured_in(name))
        months = wait if needs else max(months_between(joins, start), 0)
        what = short(frame.metrics[name].what or name, 60)
        yield Drafted(name, claimed, columns, runs[name], needs, months, what)


def _times(words: Counting, cohort: str) -> int:
    assert words.times is not None
    try:
        return words.times.of(cohort)
    except (KeyError, TypeError):
        return 1


def _lasts(words: Counting) -> int:
    if words.run is None:
        return 1
    run, unit = words.run
    return run.number * MONTHS_OF.get(unit, 1)


def _months(lapse: Lapse) -> int:
    return -(-lapse.number * DAYS_OF[lapse.unit] // 28)


def _columns(contract: Contract, name: str, words: Counting) -> dict[str, str]:
    """Return columns with which a claim counts."""
    columns = {column: _meeting(where) for column, where in (words.where or {}).items()}
    columns |= {column: str(figure.value) for column, figure in (words.reaches or {}).items() if column != "units"}
    for rule_name, rule in contract.document.data.get("rules", {}).items():
        if not isinstance(rule, dict) or rule.get("metric", rule_name) != name:
            continue
        for column in (rule.get("uplift") or {}).get("where") or {}:
            columns.setdefault(column, "other")  # for whom nothing is added
        price = rule.get("price")
        if isinstance(price, dict) and "by" in price:
            node, by = price.get("amounts"), price["by"]
            for level in [by] if isinstance(by, str) else by:
                first = next(iter(node), "") if isinstance(node, dict) else ""
                if level not in ("cohort", "year", "period"):
                    columns.setdefault(level, str(first))
                node = node.get(first) if isinstance(node, dict) else None
    return columns


def _meeting(where: Where) -> str:
    """Return a value that a condition on a column lets through."""
    if where.words is not None:
        return str(next(iter(where.words)))
    if where.is_not is not None:
        return "other"
    for end, more in ((where.from_, 0), (where.above, 1), (where.up_to, 0), (where.below, -1)):
        if end is not None:
            return str(end.value + more)
    return ""
