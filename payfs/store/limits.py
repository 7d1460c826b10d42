"""Limits added up from certified lines alone: a second look that does not ask the engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction

from payfs.contract import Contract
from payfs.spec import quoted
from payfs.store.due import Line
from payfs.terms.limit import Limit
from payfs.text import Finding

BY = {"period": "reported", "fiscal year": "fiscal_year", "cohort": "cohort", "rule": "rule"}


def beyond_limits(contract: Contract, lines: Sequence[Line]) -> tuple[int, list[Finding]]:
    """Add up what was certified under each limit in money that is one figure throughout.

    Limits in units, for one person, by calendar year, that change or are carried on are held by what the engine works
    out, not here.

    Returns:
        How many limits were added up, and what goes beyond one.
    """
    counted, found = 0, []
    for name, most, limit in _plain(contract):
        counted += 1
        sums: dict[tuple[str | None, ...], int] = defaultdict(int)
        for line in lines:
            if (
                (limit.rules is None or line.rule in limit.rules)
                and (limit.payer is None or line.payer == limit.payer)
                and (limit.cohorts is None or line.cohort in limit.cohorts)
            ):
                sums[tuple(getattr(line, BY[scope]) for scope in limit.per)] += line.amount
        for place, total in sums.items():
            if total > most:
                where = f" in {', '.join(str(part) for part in place)}" if place else ""
                show = contract.money.show
                what = f"{contract.name} certified {show(total)}{where}"
                what += f", beyond its limit {quoted(name)} of {show(int(most))}"
                found.append(Finding(what, "see where it differs: payfs ledger replay"))
    return counted, found


def _plain(contract: Contract) -> Iterator[tuple[str, Fraction, Limit]]:
    """Yield limits that are one figure in all terms, with the figure [minor units]."""
    for name, limit in contract.spec.limits.items():
        stated = [terms.spec.limits.get(name) for terms in contract.terms]
        figures = {one.most.flat for one in stated if one is not None and one.most is not None}
        figure = next(iter(figures), None)
        if (
            len(figures) == 1
            and None not in stated
            and isinstance(figure, Fraction)
            and set(limit.per) <= set(BY)
            and limit.unused == "lost"
            and limit.then is None
        ):
            yield name, figure * contract.money.minor, limit
