"""What a worked example says that tranches and holders earn, held against what they do."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from payfs.capital.cash import EPOCH
from payfs.contract import Contract
from payfs.contract.written import Example
from payfs.investment import ALL, Investment, Return
from payfs.money import Array
from payfs.periods import read_day
from payfs.spec import Figure, quoted, read_figure
from payfs.text import Finding, Path, suggest

AMOUNTS = ("drawn", "interest", "principal", "success", "received", "gain", "loss", "at risk", "outstanding")
RATIOS = ("multiple", "irr")
DATED = ("drawn", "interest", "principal", "success", "received")
BALANCES = ("lowest cash",)


def names_of(made: Investment) -> list[str]:
    """Return whom an example may say something of: tranches, holders, all of them, and who spends."""
    spending = [made.spec.spending.provider] if made.spec.spending is not None else []
    return list(dict.fromkeys([*made.spec.tranches, *made.holders, ALL, *spending]))


def earned(made: Investment, name: str) -> Return:
    """Return what a tranche, a holder or all of them earn."""
    if name == ALL:
        return made.all
    return made.tranche(name) if name in made.spec.tranches else made.holder(name)


def compare_earnings(contract: Contract, example: Example, where: Path, made: Investment) -> Iterator[Finding]:
    """Yield what does not hold of what an example expects of the stack."""
    names = names_of(made)
    for name, tree in (example.expect.capital or {}).items():
        path = (*where, "capital", name)
        if name not in names:
            remedy = suggest(name, names) or f"name one of {', '.join(names[:12])}"
            yield contract.document.finding(path, f"there is no tranche or holder {quoted(name)}", remedy)
            continue
        for key, value in tree.items() if isinstance(tree, dict) else ((str(tree), None),):
            yield from _figure(contract, example, made, name, key, value, (*path, key) if value is not None else path)


def _figure(
    contract: Contract, example: Example, made: Investment, name: str, key: str, value: Any, path: Path
) -> Iterator[Finding]:
    known = [*AMOUNTS, *RATIOS, *BALANCES]
    if key not in known or value is None:
        remedy = suggest(key, known) or f"say one of {', '.join(known)}"
        yield contract.document.finding(path, f"{quoted(key)} is nothing that is worked out", remedy)
        return
    if isinstance(value, dict) and key in DATED:
        for day, text in value.items():
            yield from _dated(contract, example, made, name, key, str(day), text, (*path, day))
        return
    show = contract.money.show
    try:
        figure = read_figure(value)
    except ValueError as error:
        context = getattr(error, "context", None) or {}
        yield contract.document.finding(path, context.get("what", str(error)), context.get("remedy", ""))
        return
    got: Array | None
    if key == "lowest cash":
        provider = made.provider
        if provider is None or provider[0] != name:
            what = f"nothing says what {quoted(name)} spends"
            yield contract.document.finding(path, what, "write capital.spending, or take this out")
            return
        got = provider.lowest
    else:
        got = getattr(earned(made, name), key.replace(" ", "_"))
    if got is None:
        what = f"the {key} of {quoted(name)} cannot be worked out, because a figure or a date is unknown"
        yield contract.document.finding(path, what, "take it out, or give the figure under assuming")
    elif key in RATIOS:
        yield from _ratio(contract, example, name, key, figure, float(got[0]), path)
    elif figure.value * contract.money.minor != int(got[0]):
        what = f"the example {quoted(example.name)} expects {show(int(figure.value * contract.money.minor))}"
        what += f", but it comes to {show(int(got[0]))}"
        yield contract.document.finding(path, what, "mend the example or the stack")


def _ratio(
    contract: Contract, example: Example, name: str, key: str, figure: Figure, got: float, path: Path
) -> Iterator[Finding]:
    """A ratio holds if it rounds to what is written, to as many decimals as are written."""
    digits = next(place for place in range(10) if (figure.value * 10**place).denominator == 1)
    there = got * 100 if figure.percent else got
    if not abs(there - float(figure.value)) <= 0.5 * 10**-digits + 1e-9:
        comes = "none" if np.isnan(there) else f"{there:.{digits + 2}f}{'%' if figure.percent else ''}"
        what = f"the example {quoted(example.name)} expects {figure} as the {key} of {quoted(name)}"
        yield contract.document.finding(path, f"{what}, but it is {comes}", "mend the example or the stack")


def _dated(
    contract: Contract, example: Example, made: Investment, name: str, key: str, day: str, text: Any, path: Path
) -> Iterator[Finding]:
    money = contract.money
    try:
        when, figure = (read_day(day).date - EPOCH).days, read_figure(text)
    except ValueError as error:
        context = getattr(error, "context", None) or {}
        what, _, remedy = str(error).partition("; ")
        yield contract.document.finding(path, context.get("what", what), context.get("remedy", remedy))
        return
    got = sum(int(amount) for amount in made.by_date(name, key)[made.flows.days == when][:, 0])
    if figure.value * money.minor != got:
        what = f"the example {quoted(example.name)} expects {money.rate(Fraction(figure.value))} on {read_day(day)}"
        what += f", but it comes to {money.show(got)}"
        yield contract.document.finding(path, what, "mend the example or the stack")
