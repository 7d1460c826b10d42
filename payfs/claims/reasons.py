"""Why a claim counts or does not: one word for the machine, and one sentence for whoever asks."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from payfs.claims.spells import SpellDays
from payfs.evidence.counting import Counting, Where
from payfs.evidence.metric import Metric
from payfs.spec import spoken


class Reason(IntEnum):
    """What became of a claim."""

    COUNTED = 0
    WHERE = 1
    LATE = 2
    WITHIN = 3
    CLOSED = 4
    NEEDS = 5
    NEEDS_PAID = 6
    WAIT = 7
    NOT_WITH = 8
    ONCE_A = 9
    TIMES = 10
    BUILDING = 11
    NOTHING_MISSING = 12
    GATE = 13
    NO_START = 14
    NOT_MEASURED = 15
    LOST = 16
    AGAIN = 17
    BROKEN = 18
    REACHED = 19
    ELSEWHERE = 20
    TAKEN_OFF = 21


SHORT = {
    Reason.COUNTED: "counted",
    Reason.WHERE: "does not meet the conditions",
    Reason.LATE: "claimed too late",
    Reason.WITHIN: "outside the window",
    Reason.NOT_MEASURED: "not measured on its date",
    Reason.NO_START: "lacks what its window begins with",
    Reason.CLOSED: "closed by an event",
    Reason.NEEDS: "lacks an earlier outcome",
    Reason.NEEDS_PAID: "lacks an earlier outcome that was paid",
    Reason.WAIT: "too soon after an earlier outcome",
    Reason.NOT_WITH: "excluded by another outcome",
    Reason.ONCE_A: "already counted in the same stretch of time",
    Reason.TIMES: "beyond what counts for one person",
    Reason.BUILDING: "counts towards a later one",
    Reason.NOTHING_MISSING: "nothing is left to make up",
    Reason.GATE: "waits until enough days are reached",
    Reason.LOST: "lost by a later event",
    Reason.AGAIN: "not the first of its stretch of time",
    Reason.BROKEN: "part of a run that came to nothing",
    Reason.REACHED: "what is asked for was reached before",
    Reason.ELSEWHERE: "its days count in other rows",
    Reason.TAKEN_OFF: "its days are taken off",
}


class Decision(NamedTuple):
    """What became of one claim for one metric.

    Attributes:
        metric: name.
        reason: the word.
        sentence: the reason in full.
        clause: the place in the signed contract.
        units: how many count.
        of: how many could.
    """

    metric: str
    reason: Reason
    sentence: str
    clause: str
    units: int
    of: int


def sentence(reason: Reason, name: str, metric: Metric, cohort: str) -> str:
    """Say why a claim counts for a metric or does not, in the contract's own figures."""
    words = metric.claims or Counting()
    asked = {
        Reason.COUNTED: "it counts",
        Reason.WHERE: f"asked for: {conditions(words)}; this is not met",
        Reason.LATE: f"it had to be claimed within {words.claimed_within}, and was claimed later",
        Reason.WITHIN: _within(words),
        Reason.NOT_MEASURED: "its date lies in no period in which this is measured",
        Reason.NO_START: f"it counts within a time of {_names((words.within.of,) if words.within else ())}, "
        "and the person has none that counted before",
        Reason.CLOSED: f"the person has {_names(words.closed_by)} from an earlier day, after which nothing more counts",
        Reason.NEEDS: f"it needs an earlier {_names(words.needs, 'and')}, and the person has none that counted",
        Reason.NEEDS_PAID: f"it needs an earlier {_names(words.needs_paid, 'and')} that was paid, and none was",
        Reason.WAIT: f"it has to come at least {words.wait} after what it needs, and comes sooner",
        Reason.NOT_WITH: f"it does not go with {_names(words.not_with)}, which counted before",
        Reason.ONCE_A: f"one counts for a person in a {words.once_a}, and one of the same {words.once_a} did already",
        Reason.BUILDING: _building(words),
        Reason.NOTHING_MISSING: f"nothing of {_names(words.missing)} is left to make up",
        Reason.GATE: f"the person has not been there for {words.days.after if words.days else ''} yet",
        Reason.LOST: _lost(words),
        Reason.AGAIN: f"a {_unit(words)} counts once, however many claims it has, and this one had one before",
        Reason.BROKEN: _broken(words),
        Reason.REACHED: f"the {_asked_for(words)} had been reached before",
        Reason.ELSEWHERE: "all of its days stand in rows of the person that begin earlier, and count there",
        Reason.TAKEN_OFF: f"all of its days are taken off: they are days of {_names(_less(words))}",
    }
    if reason is Reason.TIMES:
        most = words.times.of(cohort) if words.times else 1
        if most == 0:
            return "it does not count for anybody of the cohort"
        if words.days is not None:
            return f"at most {most:,} days count for one person, and so many have counted already"
        return f"it counts {_times(most)} for one person, and has counted so often already"
    return asked[reason]


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def _names(names: tuple[str, ...] | None, joint: str = "or") -> str:
    quoted = [spoken(name) for name in names or ()]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {joint} {quoted[-1]}" if quoted else "nothing"


def conditions(words: Counting) -> str:
    """Say what is asked of the columns."""
    return " and ".join(f"{spoken(name)} is {asked(where)}" for name, where in (words.where or {}).items())


def asked(where: Where) -> str:
    """Say what is asked of one column."""
    if where.words is not None:
        return " or ".join(where.words)
    if where.is_not is not None:
        return f"not {' or '.join(where.is_not)}"
    ends = [
        f"{figure} or more" if key == "from_" else f"{figure} or less" if key == "up_to" else f"{key} {figure}"
        for key in ("from_", "above", "below", "up_to")
        if (figure := getattr(where, key)) is not None
    ]
    return " and ".join(ends)


def _less(words: Counting) -> tuple[str, ...]:
    return (words.days.less if words.days else None) or ()


def _lost(words: Counting) -> str:
    soon = f"within {words.lost_within} of" if words.lost_within is not None else "after"
    return f"it was lost: the person has {_names(words.lost_by)} {soon} its date"


def _unit(words: Counting) -> str:
    return words.run[1] if words.run is not None else "month"


def _broken(words: Counting) -> str:
    if words.run is None:
        return ""
    run, unit = words.run
    if run.in_a_row:
        return f"it was part of a run of {unit}s that was broken before {run.number} were reached"
    return f"the {run.of} {unit}s in which {run.number} are asked for went by before they were reached"


def days_said(days: SpellDays, at: int, words: Counting) -> str:
    """Say how many of a spell's days count, and why others do not."""
    count, of, elsewhere, taken_off, beyond = (int(figures[at]) for figures in days)
    if count == of:
        return f"it counts, with {_days(count)}"
    parts = []
    if elsewhere:
        rows = "rows of the person that begin earlier"
        parts.append(
            f"1 stands in {rows}, and counts there"
            if elsewhere == 1
            else f"{elsewhere:,} stand in {rows}, and count there"
        )
    if taken_off:
        kind = "a day" if taken_off == 1 else "days"
        parts.append(f"{_are(taken_off)} taken off as {kind} of {_names(_less(words))}")
    if beyond:
        parts.append(f"{_are(beyond)} beyond what counts for one person")
    outside = of - count - elsewhere - taken_off - beyond
    if outside:
        lie = "1 lies" if outside == 1 else f"{outside:,} lie"
        parts.append(f"{lie} in no period in which this is measured, or before what is asked for is reached")
    return f"it counts, with {count:,} of its {_days(of)}: {'; '.join(parts)}"


def _are(number: int) -> str:
    return "1 is" if number == 1 else f"{number:,} are"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number:,} days"


def _asked_for(words: Counting) -> str:
    asked = ", ".join(f"{figure} of {spoken(name)}" for name, figure in (words.reaches or {}).items())
    return f"{asked} that is asked for"


def _within(words: Counting) -> str:
    if words.within is None:
        return ""
    return f"it counts within {words.within.lapse} of {spoken(words.within.of)}, and lies outside"


def _building(words: Counting) -> str:
    if words.run is not None:
        run, unit = words.run
        span = f" within {run.of} {unit}s" if run.of else " in a row" if run.in_a_row else ""
        return f"it counts towards the {run.number} {unit}{'s' if run.number > 1 else ''}{span} that are asked for"
    if words.reaches is not None:
        return f"it counts towards the {_asked_for(words)}"
    if words.at is not None:
        return f"what is missing is made up at claim {words.at.number} of {spoken(words.at.of)}, which this is not"
    return "it counts towards a later one"
