"""Periods in sentences: from when to when, when they are measured, and when payment is due."""

from __future__ import annotations

from collections.abc import Iterator

from payfs.contract.written import PeriodSpec
from payfs.periods import Lag, Period
from payfs.report.clauses import Clauses
from payfs.report.phrases import ROLLED, Block, Item, business_days, counted, full_stop, on, span, start
from payfs.spec import Unknown, spoken


def dates(clauses: Clauses) -> Iterator[str]:
    """Say which days are business days, and in which order periods count."""
    spec = clauses.spec
    lags = [lag for period in spec.periods.values() for lag in (period.measured, period.paid) if isinstance(lag, Lag)]
    if (
        spec.holidays.code
        or any(period.roll for period in spec.periods.values())
        or any(lag.unit == "business days" for lag in lags)
    ):
        yield business_days(spec.holidays)
    if len(clauses.contract.periods) > 1:
        yield "Periods count in the order of their payment dates."


def period(clauses: Clauses, name: str) -> Block:
    """Say from when to when a period or a run of them is, when it is measured and when it is paid."""
    written = clauses.spec.periods[name]
    periods = written.periods(name, clauses.spec.holidays)
    body: list[Item] = [full_stop(written.what)] if written.what else []
    if written.every is None:
        only = periods[0]
        body.append(f"{start(span(only.start, only.end))}.")
        body += _measured_and_paid(written, only)
    else:
        body += _run(written, periods)
    if written.note:
        body.append(f"Note: {full_stop(written.note)}")
    return Block(clauses.tag(name), tuple(body), inline=written.every is None)


def _paid(written: PeriodSpec, period: Period) -> str:
    if isinstance(written.paid, Unknown):
        return "The day of payment is not known from the sources"
    return f"Payment is due {on(period.paid)}"


def _measured_and_paid(written: PeriodSpec, period: Period) -> Iterator[str]:
    """Say when one period is measured and paid, and why then."""
    if written.measured is None:
        measured = "Measured on its last day"
    elif isinstance(written.measured, Lag):
        measured = f"Measured {written.measured}, {on(period.measured)}"
    else:
        measured = f"Measured {on(period.measured)}"
    if written.paid is None:
        yield f"{measured}; payment is due on the day of measurement{_rolled(written, period)}."
        return
    yield f"{measured}."
    lag = f" ({written.paid})" if isinstance(written.paid, Lag) else ""
    yield f"{_paid(written, period)}{lag}{_rolled(written, period)}."


def _rolled(written: PeriodSpec, period: Period) -> str:
    if not written.roll:
        return ""
    return f"; a payment date on a day off {ROLLED[written.roll]}"


def _run(written: PeriodSpec, periods: list[Period]) -> Iterator[str]:
    """Sum a run of periods up: how many, how long, when measured and paid, and the first and the last of them."""
    first, last = periods[0], periods[-1]
    every = str(written.every)
    if every[:1].isdigit():
        months = int(every.split()[0])
        long = counted(len(periods), "period") + f" of {counted(months, 'month')} each"
    else:
        long = counted(len(periods), every)
    named = spoken(first.name) if len(periods) == 1 else f"{spoken(first.name)} to {spoken(last.name)}"
    yield f"{start(long)}, {span(first.start, last.end)}, named {named}."
    yield f"Each is measured {written.measured if written.measured else 'on its last day'}."
    if isinstance(written.paid, Unknown):
        yield "When each is paid is not known from the sources."
        return
    how = f"{written.paid}" if written.paid else "on the day of measurement"
    yield f"Payment is due {how}{_rolled(written, first)}."
    if len(periods) == 1:
        yield f"It is measured {on(first.measured)} and paid {on(first.paid)}."
        return
    measured = [f"is measured {on(period.measured)} and " if written.measured else "" for period in (first, last)]
    yield (
        f"The first, to {first.end}, {measured[0]}is paid {on(first.paid)}; the last, to {last.end}, "
        f"{measured[1]}is paid {on(last.paid)}."
    )
