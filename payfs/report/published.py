"""A statement for publishing: no number from which a reader could tell what one of a few people did.

A count of 1 to 10 people is suppressed, and so is whatever would tell it; :mod:`payfs.report.disclosure` decides that.
Money says how many claims there were, and at which prices, so it is shown only where nothing is suppressed and what is
paid rests on nothing but what is shown. Measures that are worked out from counts are not shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from payfs.evidence.counting import Counting
from payfs.evidence.measured import Series
from payfs.money import Array
from payfs.payments import Account
from payfs.report.disclosure import SMALLEST, Atom, protect, with_few
from payfs.report.lines import table, wrapped
from payfs.spec import quoted
from payfs.statement import statement

NOTE = (
    "Whoever holds an earlier publication of this contract can subtract it from this one: publish at fixed dates, and "
    "only once for each."
)


class Cell(NamedTuple):
    """What one metric counted for one cohort in one period.

    Attributes:
        metric: name.
        cohort: name, or None for all together.
        period: name.
        place: of the cohort and the period, as one number.
        counted: how many were counted [steps].
        shown: the same, as it is written.
    """

    metric: str
    cohort: str | None
    period: str
    place: int
    counted: int
    shown: str


class Sum(NamedTuple):
    """A sum of counts that is published.

    Attributes:
        metric: name.
        kind: cohort, period or total.
        name: of which cohort or period.
        cells: places of the cells that it adds up.
        shown: as it is written.
    """

    metric: str
    kind: str
    name: str
    cells: tuple[int, ...]
    shown: str


class Published(NamedTuple):
    """A statement for publishing.

    Attributes:
        cells: what was counted, by metric, cohort and period.
        sums: by metric: of each cohort, of each period and in all.
        hidden: which cells are suppressed.
        hidden_sums: which sums are.
        left_out: metrics of which nothing is shown, each with the metric that counts days of the same spells.
        money: what is paid by rule and in all [minor units]; None where it would tell something that is not shown.
        why: the reasons why money is not shown.
        smallest: the smallest number of people that is shown.
    """

    cells: tuple[Cell, ...]
    sums: tuple[Sum, ...]
    hidden: NDArray[np.bool_]
    hidden_sums: NDArray[np.bool_]
    left_out: Mapping[str, str]
    money: dict[str, int] | None
    why: tuple[str, ...]
    smallest: int


def publish(account: Account, smallest: int = SMALLEST) -> Published:
    """Lay a statement out for publishing, and suppress what says too much about a few people."""
    left_out = _same_spells(account)
    cells = tuple(_cells(account, left_out))
    sums = tuple(_sums(account, cells))
    atoms, falling = _atoms(account, cells)
    hidden, hidden_sums = protect(
        atoms, [cell.metric for cell in cells], [one.cells for one in sums], smallest, falling
    )
    why = tuple(_reasons(account, left_out, bool(hidden.any() or hidden_sums.any()), smallest))
    money = None if why else {**account.sums("rule"), "Total": account.total}
    return Published(cells, sums, hidden, hidden_sums, left_out, money, why, smallest)


def _same_spells(account: Account) -> dict[str, str]:
    """Return metrics that count days of spells of which another one, earlier in the contract, counts days, too.

    Days of two metrics differ by days of single people, and no count of claims says by how many: so only one is shown.
    """
    seen: dict[str, str] = {}
    left_out: dict[str, str] = {}
    for name in account.evidence.fed:
        words = account.contract.frame.metrics[name].claims
        if words is None or words.days is None:
            continue
        looks = (*words.outcomes(name), *(words.days.less or ()))
        earlier = next((seen[outcome] for outcome in looks if outcome in seen), None)
        if earlier is not None:
            left_out[name] = earlier
        else:
            seen.update(dict.fromkeys(looks, name))
    return left_out


def _cells(account: Account, left_out: Mapping[str, str], amounts: bool = False) -> Iterator[Cell]:
    """Yield what was counted; with ``amounts`` also money and the like, which are not published."""
    contract, measured = account.contract, account.statement.measured
    for name, metric in contract.frame.metrics.items():
        series = measured.series.get(name)
        if metric.worked_out is not None or series is None or name in left_out:
            continue
        scale = series.scale
        if not _counted(series) and not amounts:
            continue
        each, rows = series.each_period(), series.present.shape[0]
        for row in range(rows):
            cohort = contract.cohorts[row] if rows > 1 else None
            for period in np.flatnonzero(each.present[row]).tolist():
                steps = int(each.values[row, period, 0])
                place = row * len(contract.periods) + period
                yield Cell(name, cohort, contract.periods[period].name, place, steps, scale.show(steps))


def _counted(series: Series) -> bool:
    """Whether a metric counts something, and is no percentage, amount of money, or yes or no."""
    scale = series.scale
    return not scale.percent and not scale.yes_no and scale.money is None


def _sums(account: Account, cells: Sequence[Cell]) -> Iterator[Sum]:
    for metric in dict.fromkeys(cell.metric for cell in cells):
        mine = [place for place, cell in enumerate(cells) if cell.metric == metric]
        show = account.statement.measured.series[metric].scale.show
        by: dict[str, dict[str, list[int]]] = {"cohort": {}, "period": {}}
        for place in mine:
            by["cohort"].setdefault(cells[place].cohort or "", []).append(place)
            by["period"].setdefault(cells[place].period, []).append(place)
        for kind, other in (("cohort", "period"), ("period", "cohort")):
            # with one cohort only, each period would stand there twice
            for name, places in by[kind].items() if len(by["cohort"]) > 1 and len(by[other]) > 1 else ():
                yield Sum(metric, kind, name, tuple(places), show(sum(cells[place].counted for place in places)))
        yield Sum(metric, "total", "", tuple(mine), show(sum(cells[place].counted for place in mine)))


def _atoms(account: Account, cells: Sequence[Cell]) -> tuple[list[Atom], set[str]]:
    """Return whom the cells count, told apart as far as the cells do it, and metrics with a count below zero."""
    atoms: list[Atom] = []
    falling = {cell.metric for cell in cells if cell.counted < 0}
    entries: list[tuple[Array, Array, Array, int]] = []
    for metric in dict.fromkeys(cell.metric for cell in cells):
        mine = {cell.place: number for number, cell in enumerate(cells) if cell.metric == metric}
        counted = {number: cells[number].counted for number in mine.values()}
        step = account.statement.measured.series[metric].scale.step
        claimed = _claims_of(account, metric, mine, counted)
        if claimed is not None:
            entries.append(claimed)
            continue
        who = account.evidence.who(metric)
        for place, number in mine.items():
            if counted[number]:
                most = ceil(abs(counted[number] * step))
                people = most if who is None else np.unique(who[1][who[0] == place])
                atoms.append(Atom(counted[number], people, ((number, 1),)))
    return [*atoms, *_told_apart(account, entries)], falling


def _claims_of(
    account: Account, metric: str, mine: Mapping[int, int], counted: Mapping[int, int]
) -> tuple[Array, Array, Array, int] | None:
    """Return the claims that count for a metric, the cell and the units of each, and the steps of one unit.

    None where counts were reported, or days of spells are counted, so that the cell cannot be taken apart.
    """
    if metric not in account.evidence.fed:
        return None
    contract, last = account.contract, account.evidence.decided[-1]
    if (contract.frame.metrics[metric].claims or Counting()).days is not None:
        return None
    verdicts, series = last.verdicts[metric], account.statement.measured.series[metric]
    counts = verdicts.units > 0
    claims, units, period = verdicts.claims[counts], verdicts.units[counts], verdicts.period[counts]
    cohort = last.claims.cohort[claims] if series.present.shape[0] > 1 else 0
    cell_of = np.full(len(contract.cohorts) * len(contract.periods), -1, dtype=np.int64)
    cell_of[list(mine)] = list(mine.values())
    cell = cell_of[cohort * len(contract.periods) + period]
    each = int(1 / series.scale.step)
    sums = np.zeros(max(mine.values()) + 1, dtype=np.int64)
    np.add.at(sums, cell[cell >= 0], units[cell >= 0] * each)
    # where steps are coarser than units, claims do not add up to what is shown
    whole = (cell >= 0).all() and all(sums[number] == figure for number, figure in counted.items())
    return (claims, cell, units, each) if whole else None


def _told_apart(account: Account, entries: Sequence[tuple[Array, Array, Array, int]]) -> Iterator[Atom]:
    """Put claims together that count in the same cells."""
    if not entries:
        return
    claims = account.evidence.decided[-1].claims
    least, most = np.full(len(claims), np.iinfo(np.int64).max), np.zeros(len(claims), dtype=np.int64)
    for places, _, units, _ in entries:
        least[places], most[places] = np.minimum(least[places], units), np.maximum(most[places], units)
    uneven = least < most  # a claim of three months may be one outcome: these are counted by claims, others by units
    made: list[tuple[int, int, int]] = [(0, -1, 0)]  # the atom before, the cell that tells it apart, and the steps
    code = np.zeros(len(claims), dtype=np.int64)
    for places, cell, units, each in entries:
        weight = np.where(uneven[places], units, 1) * each
        number = np.zeros(len(places), dtype=np.int64)
        for column in (code[places], cell, weight):
            part = np.unique(column, return_inverse=True)[1]
            number = np.unique(number * (part.max(initial=0) + 1) + part, return_inverse=True)[1]
        first = np.unique(number, return_index=True)[1]
        before = zip(code[places][first].tolist(), cell[first].tolist(), weight[first].tolist(), strict=True)
        code[places] = len(made) + number
        made += before
    there = np.flatnonzero(code)
    atom, number = np.unique(code[there], return_inverse=True)
    count = np.zeros(len(atom), dtype=np.int64)
    np.add.at(count, number, np.where(uneven, 1, least)[there])
    pairs = np.unique(number * len(claims.people) + claims.person[there])
    owner, people = np.divmod(pairs, len(claims.people))
    behind = np.split(people, np.searchsorted(owner, np.arange(1, len(atom))))
    for place, last in enumerate(atom.tolist()):
        path = []
        while last:
            last, where, steps = made[last]
            path.append((where, steps))
        yield Atom(int(count[place]), behind[place], tuple(path))


def _reasons(account: Account, left_out: Mapping[str, str], suppressed: bool, smallest: int) -> Iterator[str]:
    """Say why what was paid is not shown, if it is not: it may rest on nothing but what is shown."""
    contract, made = account.contract, account.statement
    if suppressed:
        yield "it would tell how many of a few people were counted"
    if left_out and smallest > 1:
        yield f"it would tell what is left out ({', '.join(map(quoted, left_out))})"
    if single := [quoted(name) for name, one in made.measured.by_claim.items() if one.due.any()]:
        yield f"the sum would tell the prices of single claims (rule {', '.join(single)})"
    cells = [cell for cell in _cells(account, left_out, amounts=True) if cell.metric in account.evidence.fed]
    of_money = [
        name for name in dict.fromkeys(cell.metric for cell in cells) if not _counted(made.measured.series[name])
    ]
    if of_money and not suppressed:
        few = with_few(_atoms(account, cells)[0], [cell.metric for cell in cells], smallest)
        for name in (name for name in of_money if name in few):
            yield f"{quoted(name)}, which is not shown, would tell of fewer than {smallest} people"
    for name in _figures_paid_on(account) if smallest > 1 else ():
        yield f"nobody can tell how many people stand behind {quoted(name)}, a figure that was reported"
    if len(made.history) > 1:
        settled = statement(contract, made.history[-1][1]).by_rule()
        if any(settled[name].sum() != paid.sum() for name, paid in made.by_rule().items()):
            yield "it tells of results that were corrected after they were paid"


def _figures_paid_on(account: Account) -> Iterator[str]:
    """Yield amounts of money that were reported, and on which a rule pays; beside claims, rates and yes or no too."""
    wanted, seen = [], set[str]()
    for terms in account.contract.terms:
        wanted += [rule.metric or name for name, rule in terms.spec.rules.items()]
    while wanted:
        name = wanted.pop()
        metric = account.contract.frame.metrics.get(name)
        if name in seen or metric is None:
            continue
        seen.add(name)
        wanted += [operand for _, operand in metric.operands()]
        series = account.statement.measured.series[name]
        reported = metric.worked_out is None and name not in account.evidence.fed
        told = series.scale.money is not None or (account.evidence.fed and not _counted(series))
        if reported and told and series.values.any():
            yield name


def published_data(account: Account, made: Published) -> dict[str, Any]:
    """Return a statement for publishing as plain data; what is suppressed is null."""
    plain = account.contract.money.plain
    return {
        "contract": account.contract.name,
        "currency": account.contract.money.code,
        "smallest_number_of_people": made.smallest,
        "counts": [
            {
                "metric": cell.metric,
                "cohort": cell.cohort,
                "period": cell.period,
                "counted": None if hidden else cell.shown,
            }
            for cell, hidden in zip(made.cells, made.hidden, strict=True)
        ],
        "sums": [
            {"metric": one.metric, "of": one.kind, "name": one.name, "counted": None if hidden else one.shown}
            for one, hidden in zip(made.sums, made.hidden_sums, strict=True)
        ],
        "left_out": sorted(made.left_out),
        "paid": None if made.money is None else {name: plain(amount) for name, amount in made.money.items()},
        "paid_not_shown_because": list(made.why),
        "note": NOTE,
    }


def published_lines(account: Account, made: Published) -> Iterator[str]:
    """Write a statement for publishing."""
    money = account.contract.money
    yield from wrapped(account.contract.spec.title)
    protected = made.smallest > 1
    yield f"For publishing: {f'nothing about fewer than {made.smallest} people' if protected else 'every count'}"
    if not made.cells:
        yield from ("", "No counts were reported.")
    for metric in dict.fromkeys(cell.metric for cell in made.cells):
        yield ""
        yield metric
        rows = [
            (cell.period, cell.cohort or "", "suppressed" if hidden else cell.shown)
            for cell, hidden in zip(made.cells, made.hidden, strict=True)
            if cell.metric == metric
        ]
        for one, hidden in zip(made.sums, made.hidden_sums, strict=True):
            if one.metric == metric:
                names = {
                    "cohort": ("all periods", one.name),
                    "period": (one.name, "all cohorts"),
                    "total": ("in all", ""),
                }
                rows.append((*names[one.kind], "suppressed" if hidden else one.shown))
        yield from table(("period", "cohort", "counted"), rows, right=(2,))
    yield ""
    for name, other in made.left_out.items():
        yield from wrapped(f"Not shown: {name}. It counts days of the spells that {other} looks at, too.")
    if made.hidden.any() or made.hidden_sums.any():
        few = f"counts of 1 to {made.smallest - 1} people" if made.smallest > 2 else "counts of 1 person"
        yield from wrapped(f"Suppressed: {few}, and others that would tell them by subtraction.")
    if made.money is None:
        yield from wrapped(f"What was paid is not shown: {'; '.join(made.why)}.")
    else:
        yield "Paid"
        yield from table(("", ""), [(name, money.show(amount)) for name, amount in made.money.items()], right=(1,))
    yield ""
    yield from wrapped(NOTE)
