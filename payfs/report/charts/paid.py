"""What is paid and when, as charts: payments by month and fiscal year, cases side by side, and the provider's cash."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Literal

import altair as alt

from payfs.capital.cash import EPOCH
from payfs.investment import Investment
from payfs.money import Currency
from payfs.payments import Account, Payment
from payfs.report.charts.drawn import (
    DARK,
    DASHES,
    INK,
    Drawn,
    Row,
    apart,
    layered,
    legend,
    money_axis,
    names_axis,
    on_shade,
    rows,
    scaled,
    shaded,
    shades,
    short,
    tips,
)
from payfs.report.phrases import counted, inside, listed
from payfs.report.tables import Amount, Cell, table_of
from payfs.spec import spoken

SERIES = 6  # beside the rest of them together
ROOM = 0.07  # of the highest bar: a part that is smaller has no room for its number
NUMBERED = 90  # bars that are wide enough for a number
NOT_KNOWN = "not known"
MONTH = "%b %Y"  # of two months without a year nobody knows which are meant
Points = Sequence[tuple[datetime.date, int]]


def payments_by(
    account: Account, by: Literal["fiscal year", "month"] = "fiscal year", split: Literal["rule", "payer"] = "rule"
) -> Drawn:
    """Draw what is paid in each month or fiscal year as bars, with a part for each rule or payer.

    Every part bears the number of its series, which stands beside its name. What is taken back lies below 0. A payment
    of which no source says when it is due stands by itself.
    """
    money, whose = account.contract.money, _named(account, split)
    sums: dict[tuple[str, str], int] = {}
    for payment in account.payments:
        key = (_when(account, payment, by), whose(payment))
        sums[key] = sums.get(key, 0) + payment.amount
    times = _in_order([time for time, _ in sums], by)
    series = _largest(sums)
    every = list(dict.fromkeys(series.values()))
    numbered = {name: f"{place} {cut}" for place, (name, cut) in enumerate(zip(every, apart(every), strict=True), 1)}
    parts: dict[tuple[str, str], int] = {}
    for (time, name), amount in sums.items():
        part = (time, numbered[series[name]])
        parts[part] = parts.get(part, 0) + amount
    by_time = {time: sum(amount for (when, _), amount in sums.items() if when == time) for time in times}
    says = _paid_said(account, by, split, by_time)
    chart = layered(_stacked(parts, times, list(numbered.values()), money, by, split.capitalize()), says)
    place = {time: at for at, time in enumerate(times)}
    cells = [
        (time, name, Amount(amount, money))
        for (time, name), amount in sorted(sums.items(), key=lambda item: (place[item[0][0]], item[0][1]))
    ]
    columns = (by.capitalize(), split.capitalize(), "Paid")
    return Drawn(chart, says, table_of(columns, [*cells, ("In all", "", Amount(account.total, money))]))


def _stacked(
    parts: Mapping[tuple[str, str], int], times: list[str], names: list[str], money: Currency, by: str, title: str
) -> list[alt.Chart]:
    """Draw bars of several parts; each part's ends are worked out here, so that its number stands in its middle."""
    highest = max((sum(abs(parts.get((time, name), 0)) for name in names) for time in times), default=0)
    scale = scaled(money, [highest])
    inks = dict(zip(names, on_shade(len(names)), strict=True))
    data: list[Row] = []
    for time in times:
        ends = {True: 0, False: 0}  # of what is paid, and of what is taken back
        for name in names:
            amount = parts.get((time, name), 0)
            begins = ends[amount >= 0]
            ends[amount >= 0] += amount
            if not amount:
                continue
            row: Row = {"time": time, "name": name, "text": money.show(amount), "ink": inks[name]}
            row |= {"low": scale.at(begins), "middle": scale.at(begins + amount / 2), "high": scale.at(begins + amount)}
            seen = abs(amount) > ROOM * highest and len(times) <= NUMBERED
            data.append({**row, "number": name.partition(" ")[0] if seen else ""})
    # times in which nothing is paid have their place, too
    x = alt.X("time", type="nominal", sort=times, scale=alt.Scale(domain=times), axis=names_axis(by.capitalize()))
    y = alt.Y("low", **money_axis(scale, "Paid"))
    shown = tips(time=by.capitalize(), name=title, text="Paid")
    bars = alt.Chart(rows(data)).mark_bar(stroke=DARK, strokeWidth=0.7)
    numbers = alt.Chart(rows([row for row in data if row["number"]])).mark_text(fontSize=11)
    return [
        bars.encode(x=x, y=y, y2=alt.Y2("high"), color=shaded("name", names, title), tooltip=shown),
        numbers.encode(
            x=x,
            y=alt.Y("middle", type="quantitative"),
            text=alt.Text("number", type="nominal"),
            color=alt.Color("ink", type="nominal", scale=None, legend=None),
        ),
    ]


def side_by_side(cases: Mapping[str, Account], by: Literal["fiscal year", "rule", "payer"] = "fiscal year") -> Drawn:
    """Draw what is paid in several cases, such as worst, expected and best, as bars side by side.

    Args:
        cases: what is paid, by the name of the case; at least one, all in the same currency.
        by: what the bars stand for.
    """
    first = next(iter(cases.values()))
    money, head = first.contract.money, by.capitalize()
    sums = {name: account.sums(by) for name, account in cases.items()}
    keys = list(dict.fromkeys(key for one in sums.values() for key in one))
    keys = _in_order(keys, by) if by == "fiscal year" else keys
    labels = dict(zip(keys, apart([key.replace("_", " ") for key in keys], 28), strict=True))
    names = dict(zip(cases, apart(list(cases), 28), strict=True))
    scale = scaled(money, [amount for one in sums.values() for amount in one.values()])
    data = [
        {
            "key": labels[key],
            "case": names[name],
            "amount": scale.at(one.get(key, 0)),
            "text": money.show(one.get(key, 0)),
        }
        for name, one in sums.items()
        for key in keys
    ]
    order = list(names.values())
    bars = (
        alt.Chart(rows(data))
        .mark_bar(stroke=DARK, strokeWidth=0.7)
        .encode(
            x=alt.X("key", type="nominal", sort=list(labels.values()), axis=names_axis(head)),
            y=alt.Y("amount", **money_axis(scale, "Paid")),
            xOffset=alt.XOffset("case", type="nominal", sort=order),
            color=shaded("case", order, "Case, from left to right"),
            tooltip=tips(case="Case", key=head, text="Paid"),
        )
    )
    totals = {name: account.total for name, account in cases.items()}
    said = listed(f"{money.show(total)} in the case {spoken(name)}" for name, total in totals.items())
    says = f"{_contract(first)} pays {said}, in all. Bars stand for {by}s, one for each case."
    cells: list[tuple[Cell, ...]] = [(key, *(Amount(one.get(key, 0), money) for one in sums.values())) for key in keys]
    cells.append(("In all", *(Amount(total, money) for total in totals.values())))
    return Drawn(layered([bars], says), says, table_of((head, *cases), cells))


def cash_points(made: Investment, path: int = 0) -> list[tuple[datetime.date, int]]:
    """Return what the provider has after each date that is known [minor units]; none without a budget.

    Raises:
        Refused: what the provider begins with is unknown.
    """
    provider = made.provider
    if provider is None:
        return []
    column = provider.balance[:, path if provider.balance.shape[1] > 1 else 0]
    days = zip(made.flows.days.tolist(), made.flows.known.tolist(), column.tolist(), strict=True)
    return [(EPOCH + timedelta(days=day), balance) for day, known, balance in days if known]


def provider_cash(made: Investment) -> Drawn | None:
    """Draw the provider's cash; None where the contract has no budget of the provider.

    Raises:
        Refused: what the provider begins with is unknown.
    """
    points = cash_points(made)
    if made.provider is None or not points:
        return None
    parties = made.contract.spec.parties
    return cash_lines({"cash": points}, made.contract.money, inside(parties[made.provider.name].name))


def cash_lines(lines: Mapping[str, Points], money: Currency, whose: str = "the provider") -> Drawn:
    """Draw what somebody has in cash after each date, beside the line of nothing.

    Args:
        lines: by name, up to four: dates in order, and what there is after each [minor units].
        money: the currency.
        whose: cash it is, as it stands in a sentence.
    """
    scale = scaled(money, [balance for points in lines.values() for _, balance in points])
    names = dict(zip(lines, apart(list(lines), 28), strict=True))
    data = [
        {
            "day": f"{day}T00:00:00Z",  # without its hour it would be read in the reader's time zone
            "cash": scale.at(cash),
            "line": names[name],
            "text": money.show(cash),
            "date": day.isoformat(),
        }
        for name, points in lines.items()
        for day, cash in points
    ]
    order, several = list(names.values()), len(lines) > 1
    told = legend("Case", order) if several else None
    inks = alt.Scale(domain=order, range=[*shades(4)[:3], INK][: len(order)])
    dashes = alt.Scale(domain=order, range=list(DASHES[: len(order)]))
    x = alt.X(
        "day", type="temporal", scale=alt.Scale(type="utc"), axis=alt.Axis(title=None, labelOverlap=True, format=MONTH)
    )
    y = alt.Y("cash", **money_axis(scale, "Cash"))
    base = alt.Chart(rows(data)).encode(x=x, y=y)
    line = base.mark_line(interpolate="step-after", strokeWidth=2.5).encode(
        color=alt.Color("line", type="nominal", sort=order, scale=inks, legend=told),
        strokeDash=alt.StrokeDash("line", type="nominal", sort=order, scale=dashes, legend=told),
    )
    nothing = alt.Chart(rows([{"cash": 0}])).mark_rule(color=INK, strokeWidth=1.5).encode(y=y)
    dots = base.mark_circle(size=60, opacity=0).encode(tooltip=tips(line="Case", date="After", text="Cash"))
    says = " ".join(_cash_said(name if several else "", points, money, whose) for name, points in lines.items())
    days = sorted({day for points in lines.values() for day, _ in points})
    columns = ("After", *(lines if several else ("Cash",)))
    cells = [(day, *(_on(points, day, money) for points in lines.values())) for day in days]
    return Drawn(layered([nothing, line, dots], says), says, table_of(columns, cells))


def _cash_said(name: str, points: Points, money: Currency, whose: str) -> str:
    if not points:
        return f"No movement of the cash of {whose} has a known date."
    low, day = min((cash, day) for day, cash in points)
    below = next((day for day, cash in points if cash < 0), None)
    case = f"In the case {spoken(name)}, the cash of {whose}" if name else f"The cash of {whose}"
    falls = "never falls below nothing" if below is None else f"first falls below nothing on {below}"
    return (
        f"{case} is {money.show(points[-1][1])} at the end and {money.show(low)} at its lowest, on {day}; it {falls}."
    )


def _on(points: Points, day: datetime.date, money: Currency) -> Cell:
    """Return what there is after a day: nothing is said before the first."""
    before = [cash for on, cash in points if on <= day]
    return Amount(before[-1], money) if before else ""


def _contract(account: Account) -> str:
    return f"The contract {spoken(account.contract.name)}"


def _named(account: Account, split: str) -> Callable[[Payment], str]:
    """Return how a payment's rule or payer is named."""
    parties = account.contract.spec.parties

    def name(payment: Payment) -> str:
        return payment.rule.replace("_", " ") if split == "rule" else parties[payment.payer].name

    return name


def _when(account: Account, payment: Payment, by: str) -> str:
    if by == "fiscal year":
        year, name = account.fiscal_year(payment), account.contract.spec.parties[payment.payer].name
        key = f"{payment.payer} "
        return f"{name} {year.removeprefix(key)}" if year.startswith(key) else year
    return NOT_KNOWN if payment.due is None else payment.due.isoformat()[:7]


def _in_order(times: Sequence[str], by: str) -> list[str]:
    """Put months or fiscal years in order, months without a gap between them, what is not known last."""
    known = sorted({time for time in times if not time.endswith(NOT_KNOWN)})
    if by == "month" and known:
        first, last = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (known[0], known[-1]))
        known = [f"{month // 12:04}-{month % 12 + 1:02}" for month in range(first, last + 1)]
    return [*known, *dict.fromkeys(time for time in times if time.endswith(NOT_KNOWN))]


def _largest(sums: Mapping[tuple[str, str], int]) -> dict[str, str]:
    """Return for each name that of its series: its own among the largest, one for all others."""
    size: dict[str, int] = {}
    for (_, name), amount in sums.items():
        size[name] = size.get(name, 0) + abs(amount)
    if len(size) <= SERIES + 1:
        return {name: name for name in size}
    kept = set(sorted(size, key=lambda name: -size[name])[:SERIES])
    rest = f"{len(size) - SERIES} others"
    own = {name: name for name in size if name in kept}
    return own | {name: rest for name in size if name not in kept}


def _paid_said(account: Account, by: str, split: str, by_time: Mapping[str, int]) -> str:
    money, whose = account.contract.money, _named(account, split)
    if not account.payments:
        return f"{_contract(account)} pays nothing on these results."
    most = max(by_time, key=lambda time: by_time[time])
    paid_in = [time for time, amount in by_time.items() if amount]
    says = f"{_contract(account)} pays {money.show(account.total)} in all"
    if paid_in:
        says += f", in {counted(len(paid_in), by)}, the most in {most}: {money.show(by_time[most])}"
    unknown = sum(amount for time, amount in by_time.items() if time.endswith(NOT_KNOWN))
    says += f"; of {money.show(unknown)} no source says when it is due." if unknown else "."
    sums: dict[str, int] = {}
    for payment in account.payments:
        sums[whose(payment)] = sums.get(whose(payment), 0) + payment.amount
    largest = sorted(sums, key=lambda name: -abs(sums[name]))[:3]
    parts = [f"{money.show(sums[name])} {'under' if split == 'rule' else 'by'} {short(name)}" for name in largest]
    return f"{says} By {split}{', the largest' if len(sums) > 3 else ''}: {listed(parts)}."
