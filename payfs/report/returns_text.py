"""Who got the money, as text: sources and uses, cash by date and party, and the returns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np

from payfs.capital.cash import EPOCH
from payfs.capital.returns import NO_DAY
from payfs.investment import Investment, Return
from payfs.report.cash_text import (
    UNKNOWN,
    by_date_lines,
    by_party_lines,
    party,
    short,
    sources_and_uses_lines,
)
from payfs.report.ends_text import day_in_words, ended_early_lines, guarantor_lines, not_paid_lines
from payfs.report.lines import table, wrapped
from payfs.report.phrases import exact
from payfs.spec import written_share


def returns_lines(made: Investment, why: bool = False) -> Iterator[str]:
    """Write sources and uses, cash by date and party, and the returns."""
    yield from wrapped(made.contract.spec.title)
    yield f"Returns in {made.contract.money.code}"
    yield ""
    yield from sources_and_uses_lines(made)
    yield ""
    yield from by_date_lines(made, why)
    yield from by_party_lines(made)
    yield ""
    yield from _returns(made)
    provider = made.provider
    if provider is not None:
        show, then = made.contract.money.show, "in the end" if made.flows.ended else "by then"
        below = int(provider.below[0])
        first = f"; it is first below nothing on {day_in_words(below)}" if below != NO_DAY else ""
        yield ""
        yield from wrapped(
            f"Cash of {party(made, provider.name)}: {show(int(provider.balance[-1, 0]))} {then}; the lowest is "
            f"{show(int(provider.lowest[0]))}, on {day_in_words(int(provider.on[0]))}{first}."
        )


def _returns(made: Investment) -> Iterator[str]:
    earned = [made.tranche(name) for name in made.spec.tranches]
    yield "Returns by tranche"
    yield from _table(made, [*earned, made.all] if len(earned) > 1 or made.spec.total is not None else earned)
    several = [name for name, tranche in made.spec.tranches.items() if len(tranche.shares) > 1]
    if several or len(made.holders) < len(made.spec.tranches):
        yield ""
        yield "Returns by holder"
        yield from _table(made, [made.holder(name) for name in made.holders])
    all_of = [*earned, *(made.holder(name) for name in made.holders), made.all]
    notes = [*ended_early_lines(made), *(note for one in earned for note in _notes(made, one))]
    notes += [note for one in all_of for note in _no_rate(one)]
    notes += [*not_paid_lines(made), *guarantor_lines(made)]
    for note in dict.fromkeys(notes):
        yield from wrapped(note, "  ")
    if made.rate is not None and made.flows.known.any():
        day = day_in_words(int(made.flows.days[made.flows.known][0]))
        yield from wrapped(f"Net present values are those of {day}, the first date of the stack.", "  ")


def _table(made: Investment, returns: list[Return]) -> Iterator[str]:
    header = ("", *(short(one.name, 18) for one in returns[:3]))
    for start in range(0, len(returns), 3):
        some = returns[start : start + 3]
        if start:
            yield ""
        header = ("", *(short(one.name, 18) for one in some))
        rows = [[words, *(said(made, one)[place] for one in some)] for place, words in enumerate(rows_of(made))]
        yield from table(header, rows, right=range(1, len(some) + 1))


ROWS = (
    "put in",
    "interest",
    "principal back",
    "success and the rest",
    "received in all",
    "principal still owed",
    "gain",
    "multiple",
    "IRR a year",
    "net present value",
    "money back on",
    "most at risk",
    "average life [years]",
)


def rows_of(made: Investment) -> list[str]:
    """Return what stands before the figures; a net present value with the rate at which it is worked out."""
    worth = "net present value"
    return [f"{worth} at {written_share(made.rate)}" if row == worth and made.rate is not None else row for row in ROWS]


def nearest(amount: Any) -> int:
    """Round to a whole minor unit, half away from 0; a present value is the one amount that is not whole."""
    return int(Decimal(float(amount)).to_integral_value(ROUND_HALF_UP)) if amount.dtype.kind == "f" else int(amount)


def said(made: Investment, one: Return) -> list[str]:
    """Write a return, a figure for each of :data:`ROWS`."""
    show = made.contract.money.show

    def money(amount: Any) -> str:
        return UNKNOWN if amount is None else show(nearest(amount[0]))

    running = not made.flows.ended and one.apart and int(one.received[0]) == 0  # nothing is lost yet
    rate = UNKNOWN
    if one.irr is not None:
        none = "none yet" if running else "none"
        rate = none if running or np.isnan(one.irr[0]) else f"{100 * float(one.irr[0]):.2f}%"
    if one.several is not None and bool(one.several[0]):
        rate += " (*)"
    back = UNKNOWN
    if one.gain is not None and int(one.gain[0]) < 0:
        back = "not yet" if not made.flows.ended else "never"
    elif one.drawn is not None and int(one.drawn[0]) == 0:
        back = "nothing drawn" if made.flows.ended else "not yet"
    elif one.payback is not None:
        back = "never" if int(one.payback[0]) < 0 else (EPOCH + timedelta(days=int(one.payback[0]))).isoformat()
    ratio = UNKNOWN
    if one.multiple is not None:
        ratio = "none" if np.isnan(one.multiple[0]) else f"{float(one.multiple[0]):.4f}"
    life = UNKNOWN if one.life is None else "none" if np.isnan(one.life[0]) else f"{float(one.life[0]):.2f}"
    worth = money(one.npv) if made.rate is not None else "no rate given"
    parts = [money(part) if one.apart else UNKNOWN for part in (one.interest, one.principal, one.success)]
    amounts = [money(one.drawn), *parts, money(one.received)]
    return [
        *amounts,
        money(one.outstanding if one.apart else None),
        money(one.gain),
        ratio,
        rate,
        worth,
        back,
        money(one.at_risk),
        life,
    ]


def _no_rate(one: Return) -> Iterator[str]:
    if one.irr is not None and one.drawn is not None and int(one.drawn[0]) and np.isnan(one.irr[0]):
        yield f"No rate discounts the flows of {exact(one.name)} to nothing."


def _notes(made: Investment, one: Return) -> Iterator[str]:
    if one.drawn is None:
        yield f"No source says how much was put into {exact(one.name)}."
    elif one.irr is None:
        yield f"No source says when all of {exact(one.name)} was put in or paid, so it has no rate."
    if one.several is not None and bool(one.several[0]):
        yield "(*) Several rates discount these flows to nothing; the one nearest to 0 is given."
    grant = one.name in made.spec.tranches and made.spec.tranches[one.name].kind == "grant"
    if grant:
        yield f"{exact(one.name)} is a grant that is not repaid."
    elif not made.flows.ended and int(one.outstanding[0]):
        owed = made.contract.money.show(int(one.outstanding[0]))
        yield f"Of {exact(one.name)} {owed} is still owed; its returns are those to date."
    elif one.gain is not None and int(one.gain[0]) < 0:
        yield f"{exact(one.name)} loses {made.contract.money.show(-int(one.gain[0]))}."
