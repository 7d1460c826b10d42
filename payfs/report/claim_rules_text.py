"""Which claims count, in sentences: a metric's conditions on the claims of one person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from payfs.evidence.counting import Counting, Days, Run, Where
from payfs.report.phrases import Item, Rows, exact, exactly, full_stop, listed, names, start
from payfs.report.wording import Wording
from payfs.scale import Scale
from payfs.spec import Figure, decimal, spoken

ONE = Figure(Fraction(1), False)
STRETCH = {
    "day": "day",
    "week": "week, Monday to Sunday",
    "month": "calendar month",
    "quarter": "calendar quarter",
    "year": "calendar year",
}


class ClaimRulesText(Wording):
    """Says which claims count."""

    def _claims(self, name: str, words: Counting, scale: Scale) -> Iterator[Item]:
        """Say which claims of a person count for a metric, and when."""
        if words.days is not None:
            yield from _days(words.outcomes(name), words.days)
        elif words.missing is not None and words.at is not None:
            yield f"It counts when {spoken(words.at.of)} counts for the {_ordinal(words.at.number)} time for a person."
            yield (
                f"Then it counts how many of {names(words.missing)} are still missing for that person: one of each, or "
                "as many as may count for one person, less those that have counted."
            )
        else:
            yield f"It counts claims of {exactly(words.outcomes(name))}."
            if words.run is None and words.reaches is None:
                yield f"A claim counts as {scale.whole(ONE)} unless it gives more units."
        yield from self._conditions(words)
        yield from self._history(words)
        yield from self._times(words)
        yield from _reached(words)
        if words.if_none is not None:
            yield "A period without such a claim counts as 0, once the claims given reach beyond it."
        if words.or_counts:
            yield "It may be reported as counts instead of claims."
        else:
            yield "Only claims decide it; counts are refused."
        if words.clause:
            yield f"Clause on claims: {full_stop(words.clause)}"
        if words.note:
            yield f"Note on claims: {full_stop(words.note)}"

    def _conditions(self, words: Counting) -> Iterator[str]:
        """Say what a claim must be like by itself, and when it must lie and be made."""
        if words.where:
            asked = (f"{exact(column)} is {_asked(where)}" for column, where in words.where.items())
            yield f"A claim counts only if {', and '.join(asked)}."
        if words.claimed_within is not None:
            yield f"It must be claimed within {words.claimed_within} of its date."
        if words.within is not None:
            lapse, of = words.within
            since = f"the day on which {spoken(of)} first counted for the person"
            begins = since if of in self.spec.metrics else f"the day that {exact(of)} gives"
            yield f"It counts only from {begins}, and not later than {lapse} after that day."
        if words.closed_by:
            metrics = [key for key in words.closed_by if key in self.spec.metrics]
            events = [key for key in words.closed_by if key not in self.spec.metrics]
            ends = [f"after the day on which {_either(metrics)} first counted for the person"] if metrics else []
            ends += [f"after the person's first claim of {exactly(events)}"] if events else []
            yield f"What is dated {' or '.join(ends)} does not count."
        if words.lost_by:
            soon = f"at most {words.lost_within} after it" if words.lost_within is not None else "at any time after it"
            event = f"if the person has {exactly(words.lost_by)} on the same day or {soon}"
            yield f"A claim is lost, and what was paid for it is owed back, {event}."

    def _history(self, words: Counting) -> Iterator[str]:
        """Say what must have counted for the person before, or must not."""
        if words.needs:
            yield f"{names(words.needs)} must have counted for the person by another claim, on the same day or earlier."
        if words.needs_paid:
            yield (
                f"{names(words.needs_paid)} must have been paid for another claim of the person, at least in part, "
                "on the same day or earlier; limits on all claims together are not looked at for this."
            )
        if words.wait is not None:
            yield f"At least {words.wait} must have passed since that was first so."
        if words.not_with:
            yield f"It does not count where {_either(words.not_with)} has counted for the person before."
        if words.once_a is not None:
            yield f"For one person, at most one claim counts in each {STRETCH[words.once_a]}."

    def _times(self, words: Counting) -> Iterator[Item]:
        """Say how often it counts for one person."""
        if words.times is None:
            return
        said = _often if words.days is None else _at_most_days
        if words.times.by_cohort is None:
            yield f"For one person it counts {said(words.times.flat or 0)}."
            return
        yield f"How {'often' if words.days is None else 'many days'} it counts for one person differs by cohort:"
        yield Rows(tuple((start(cohort), said(number)) for cohort, number in words.times.by_cohort.items()))


def _days(outcomes: tuple[str, ...], days: Days) -> Iterator[str]:
    yield f"It counts the days of spells of {exactly(outcomes)}, the first and the last day included."
    yield "A day counts once for a person, even where spells overlap. A spell without an end goes on."
    if days.less:
        yield f"Days that lie in spells of {exactly(days.less)} are taken off."
    if days.after is not None:
        how = "in a row" if days.in_a_row else "in all"
        yield (
            f"Nothing counts until the person has spent {days.after} {how} in these spells. Then all earlier days "
            "count, too."
        )
        if days.less:
            yield "For this, the days that are taken off count as spent."
        if days.in_a_row:
            yield "A break of a day or more sets this back to nothing."
    if days.waived_by:
        ends = (f"{exact(column)} is {exactly(values)}" for column, values in days.waived_by.items())
        yield (
            f"Once a spell has ended of which {' or '.join(ends)}, the person's days up to its last day count without "
            "this."
        )


def _reached(words: Counting) -> Iterator[str]:
    """Say what several claims must come to before one counts."""
    if words.run is not None:
        yield f"It counts at the claim that completes {_run(*words.run)} with such a claim."
        if words.times is None or words.times.flat != 1:
            yield "Then the clock starts anew."
    for column, figure in (words.reaches or {}).items():
        yield (
            f"It counts at the claim at which the total of {exact(column)} over the person's claims reaches "
            f"{decimal(figure.value)}."
        )


def _run(run: Run, unit: str) -> str:
    what = "week" if unit == "week" else f"calendar {unit}"
    span = f" within {run.of} {what}s" if run.of else " in a row" if run.in_a_row else ""
    days = ", Monday to Sunday," if unit == "week" else ""
    return f"{run.number} {what}{'' if run.number == 1 else 's'}{span}{days}"


def _asked(where: Where) -> str:
    """Say what is asked of one column."""
    if where.words is not None:
        return exactly(where.words)
    if where.is_not is not None:
        several = len(where.is_not) > 1
        return f"neither {listed(map(exact, where.is_not), 'nor')}" if several else f"not {exact(where.is_not[0])}"
    lows = ((where.from_, "{} or more"), (where.above, "more than {}"))
    highs = ((where.below, "less than {}"), (where.up_to, "not more than {}"))
    ends = [said.replace("{}", decimal(end.value)) for end, said in (*lows, *highs) if end is not None]
    return " but ".join(ends)


def _either(keys: Iterable[str]) -> str:
    return listed((spoken(key) for key in keys), "or")


def _often(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice at most"}.get(number, f"{number:,} times at most")


def _at_most_days(number: int) -> str:
    return "1 day at most" if number == 1 else f"{number:,} days at most"


def _ordinal(number: int) -> str:
    teen = number % 100 in (11, 12, 13)
    return f"{number:,}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
