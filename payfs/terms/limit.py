"""Every limit is a running total cut: in money or in units, per period, year, cohort, rule, payer or in all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from pydantic import BeforeValidator, model_validator

from payfs.evidence.varying import Scalarable, closed
from payfs.money import Array, at_least_nothing, since_before, split, sum_over, to_date
from payfs.spec import Amount, Name, Names, OneOrMore, Pay, Problem, Spec, Text, as_list, read_figure

NO_LIMIT = 10**17  # beyond any total that money.py lets through, and far inside int64

Scope = Literal["period", "fiscal year", "year", "cohort", "rule", "person"]


class Most(Scalarable):
    """How much a limit lets through: a figure, ``none``, a money metric, or a figure by year or period."""

    flat: Amount | None = None
    metric: Name | None = None
    none: bool = False
    by_year: dict[Name, Amount] | None = None
    by_period: dict[Name, Amount] | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_scalar(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return closed(value)
        if value == "none":
            return {"none": True}
        try:
            read_figure(value)
        except ValueError:
            return {"flat": value} if value == "unknown" or not value[:1].isalpha() else {"metric": value}
        return {"flat": value}


class Limit(Spec):
    """Lets its rules through until the running total reaches ``most``; what passes it is recorded as unpaid."""

    what: Text | None = None
    clause: Text | None = None
    note: Text | None = None
    source: Names | None = None
    most: Most | None = None
    most_units: Pay | None = None
    rules: Names | None = None
    cohorts: Names | None = None
    payer: Name | None = None
    then: Name | None = None
    per: Annotated[tuple[Scope, ...], BeforeValidator(as_list), OneOrMore()] = ()
    shared: Annotated[tuple[Name, ...], BeforeValidator(as_list), OneOrMore()] = ("pro rata",)
    beyond: Literal["lost", "carried forward"] = "lost"
    unused: Literal["lost", "carried forward"] = "lost"

    @property
    def order(self) -> tuple[str, ...] | None:
        """The rules in the order in which they are served; None where they share in proportion."""
        return None if self.shared == ("pro rata",) else self.shared

    @property
    def in_time(self) -> str | None:
        """The stretch of time after which the limit begins anew."""
        return next((scope for scope in self.per if scope in ("period", "fiscal year", "year")), None)

    def problems(self) -> Iterator[Problem]:
        """Find limits that say nothing, or what cannot be together."""
        if (self.most is None) == (self.most_units is None):
            yield Problem((), "a limit needs most, or most_units", "say one of them")
        if (
            self.most is not None
            and sum(
                [
                    self.most.flat is not None,
                    self.most.metric is not None,
                    self.most.none,
                    self.most.by_year is not None,
                    self.most.by_period is not None,
                ]
            )
            != 1
        ):
            yield Problem(
                ("most",), "the limit is said twice, or not at all", "give one figure, or one of by_year and by_period"
            )
        times = [scope for scope in self.per if scope in ("period", "fiscal year", "year")]
        if len(times) > 1:
            yield Problem(("per",), f"per names {times[0]} and {times[1]}", "keep one of them, or write two limits")
        if not times and (self.beyond != "lost" or self.unused != "lost"):
            key = "beyond" if self.beyond != "lost" else "unused"
            yield Problem(
                (key,),
                "nothing can be carried forward, because the limit is for all of the term",
                "say per: fiscal year, year or period",
            )
        if self.most is not None and self.most.by_year is not None and self.in_time not in ("year", "fiscal year"):
            yield Problem(
                ("most", "by_year"),
                "the figures are by year, but the limit is not",
                "say per: year, or per: fiscal year",
            )
        if self.most is not None and self.most.by_period is not None and self.in_time != "period":
            yield Problem(("most", "by_period"), "the figures are by period, but the limit is not", "say per: period")
        if self.most_units is not None:
            if self.rules is None or (len(self.rules) != 1 and "person" not in self.per):
                yield Problem(("rules",), "units are counted of one rule", "name that rule under rules")
            for key in ("payer", "then"):
                if getattr(self, key) is not None:
                    yield Problem((key,), "units have no payer", f"leave {key} out, or say most")
            if self.order:
                yield Problem(("shared",), "units of one rule need no order", "leave shared out")
        if self.then is not None and self.beyond != "lost":
            yield Problem(
                ("beyond",),
                "what is cut is taken over at once, and cannot be carried forward too",
                "keep then, or beyond",
            )
        if self.then is not None and (self.payer is None or self.then == self.payer):
            yield Problem(
                ("then",), "then names who pays after the limit's payer", "say payer, and another party under then"
            )


def touched_by(limit: Limit, place: int, periods: int) -> range:
    """Return the places of the periods whose payments depend on what a limit is in one period."""
    first = 0 if limit.beyond == "carried forward" else place
    return range(first, periods if limit.unused == "carried forward" else place + 1)


class Due(NamedTuple):
    """One stream that a limit sees: amounts of one rule and payer, (cohorts or 1, periods, paths)."""

    rule: str
    amount: Array


@dataclass(frozen=True)
class Cut:
    """What a limit did.

    Attributes:
        paid: of each stream.
        reached: the total to date that the limit let through, (cohorts or 1, periods, paths), for each stream.
        room: what it could let through until then, what was left over before included, for each stream.
    """

    paid: tuple[Array, ...]
    reached: tuple[Array, ...]
    room: tuple[Array, ...]


def cut(dues: Sequence[Due], most: Array, stretches: Sequence[slice], limit: Limit) -> Cut:
    """Cut streams at a running total.

    Args:
        dues: what is due.
        most: the limit in each period, (1, periods, 1 or paths) [minor units or steps].
        stretches: contiguous runs of periods, each with a total of its own.
        limit: how it is shared, and what is carried forward.

    Returns:
        What is paid; no running total passes ``most``.
    """
    if "rule" in limit.per:
        each = limit.model_copy(update={"per": tuple(scope for scope in limit.per if scope != "rule")})
        done: dict[int, tuple[Array, Array, Array]] = {}
        for rule in dict.fromkeys(due.rule for due in dues):
            mine = [place for place, due in enumerate(dues) if due.rule == rule]
            own = cut([dues[place] for place in mine], most, stretches, each)
            done |= dict(zip(mine, zip(own.paid, own.reached, own.room, strict=True), strict=True))
        return Cut(*zip(*(done[place] for place in range(len(dues))), strict=True))
    by_cohort = "cohort" in limit.per
    paid: list[list[Array]] = [[] for _ in dues]
    reached: list[Array] = []
    rooms: list[Array] = []
    carried: list[Array | None] = [None] * len(dues)
    spare: Array | None = None
    for stretch in stretches:
        here = [Due(due.rule, _with(due.amount[:, stretch], extra)) for due, extra in zip(dues, carried, strict=True)]
        room = most[:, stretch]
        if spare is not None:
            room = np.minimum(room + spare, NO_LIMIT)
        rooms.append(room)
        let_through, so_far = _cut_stretch(here, room, by_cohort, limit.order)
        reached.append(so_far)
        for parts_of_one, part in zip(paid, let_through, strict=True):
            parts_of_one.append(part)
        if limit.beyond == "carried forward":
            carried = [sum_over(due.amount - got, 1) for due, got in zip(here, let_through, strict=True)]
        if limit.unused == "carried forward":
            # where there was no limit nothing is left over
            left = np.maximum(room[:, -1:] - so_far[:, -1:], 0)
            spare = np.where(room[:, -1:] >= NO_LIMIT, 0, left).astype(room.dtype)
    count = len(dues)
    everywhere = most if spare is None else _join(rooms)
    return Cut(tuple(_join(parts_of_one) for parts_of_one in paid), (_join(reached),) * count, (everywhere,) * count)


def _with(amount: Array, extra: Array | None) -> Array:
    """Add what was carried forward to the first period."""
    if extra is None:
        return amount
    result = np.array(np.broadcast_to(amount, np.broadcast_shapes(amount.shape, (1, 1, extra.shape[2]))))
    result[:, :1] += extra
    return result


def _join(parts: list[Array]) -> Array:
    if len(parts) == 1:
        return parts[0]
    rows, paths = (max(part.shape[axis] for part in parts) for axis in (0, 2))
    return np.concatenate([np.broadcast_to(part, (rows, part.shape[1], paths)) for part in parts], axis=1)


def _cut_stretch(
    dues: list[Due], most: Array, by_cohort: bool, order: tuple[str, ...] | None
) -> tuple[list[Array], Array]:
    """Cut streams at one running total: what is paid of each, and the total to date."""
    total = _add([due.amount if by_cohort else sum_over(due.amount, 0) for due in dues])
    first, short, reached = _short(total, most, all(total is not due.amount for due in dues))
    if not short.size:
        return [due.amount for due in dues], reached
    shapes = [(max(due.amount.shape[0], reached.shape[0]), *reached.shape[1:]) for due in dues]
    paid = [np.array(np.broadcast_to(due.amount, shape)) for due, shape in zip(dues, shapes, strict=True)]
    for period in range(first, reached.shape[1]):
        # only where the limit cuts something is it shared out anew, which is in few periods of few paths
        beyond = short[:, period - first]
        here = np.flatnonzero((beyond != 0).any(axis=0))
        if not here.size:
            continue
        some = [Due(due.rule, _some(whole[:, period], here)) for due, whole in zip(dues, paid, strict=True)]
        parts = _take_off(some, _some(beyond, here), by_cohort, order)
        for whole, part in zip(paid, parts, strict=True):
            for row, new in zip(whole[:, period], part[:, 0], strict=True):
                row[here] = new
    return paid, reached


def _some(amount: Array, paths: Array) -> Array:
    """Return some paths of one period, (cohorts or 1, 1, so many)."""
    return amount.take(paths, axis=1, mode="wrap")[:, None]  # all of them are there, so none is looked at for it


def _add(arrays: list[Array]) -> Array:
    result = arrays[0]
    for array in arrays[1:]:
        result = result + array
    return result


def _short(total: Array, most: Array, used_up: bool) -> tuple[int, Array, Array]:
    """Return the first period in which a running total is cut, what is cut from then on, and the total to date.

    Where the limit changes on the way, what was cut before stays cut, and nothing that was paid is taken back.

    Args:
        total: what is due in all.
        most: the limit.
        used_up: whether nobody needs the total any more.
    """
    if not (most[:, 1:] != most[:, :-1]).any():
        running, room = to_date(total, used_up), np.maximum(most[:, :1], 0)
        passed = np.flatnonzero(running.max(axis=(0, 2)) > int(room.min())) if running.size else running
        first = int(passed[0]) if passed.size else running.shape[1]
        if first == running.shape[1]:
            return first, running[:, first:], running
        late = np.minimum(running[:, first:], room)
        beyond = running[:, first:] - late
        if (running is total and not used_up) or late.shape != running[:, first:].shape:
            reached = _join([running[:, :first], late])
        else:
            reached = running
            reached[:, first:] = late
        return first, since_before(beyond), reached
    # path by path: where the limit changes, what was let through until then counts, and what was cut does not
    reached = np.array(np.broadcast_to(total, np.broadcast_shapes(total.shape, most.shape)))
    before, since = np.zeros_like(reached[:, 0]), np.zeros_like(reached[:, 0])
    for period in range(total.shape[1]):
        if period:
            changed = most[:, period] != most[:, period - 1]
            before = np.where(changed, reached[:, period - 1], before)
            since = np.where(changed, 0, since)
        since = since + total[:, period]
        reached[:, period] = np.minimum(since, np.maximum(most[:, period] - before, 0)) + before
    return 0, total - since_before(reached), reached


def _take_off(dues: list[Due], short: Array, by_cohort: bool, order: tuple[str, ...] | None) -> list[Array]:
    """Take what is beyond the limit off the streams; where ``short`` is below 0, less is owed back."""
    columns: list[tuple[int, int | None, Array]] = []
    for place, due in enumerate(dues):
        if by_cohort or due.amount.shape[0] == 1:
            columns.append((place, None, due.amount))
        else:
            columns += [(place, row, due.amount[row : row + 1]) for row in range(due.amount.shape[0])]
    # streams with the same claim are served in an order that does not depend on how the file lists them
    ranks: dict[int, list[int]] = {}
    for index, (place, _, _) in enumerate(columns):
        rule = dues[place].rule
        rank = 0 if order is None else order.index(rule) if rule in order else len(order)
        ranks.setdefault(rank, []).append(index)
    left, sign = short, None
    if short.size and int(short.min()) < 0:
        left, sign = np.abs(short), np.where(short < 0, -1, 1)
    taken: dict[int, Array] = {}
    for rank in sorted(ranks, reverse=True):
        claims = [columns[index][2] for index in ranks[rank]]
        weights = [at_least_nothing(claim if sign is None else claim * sign) for claim in claims]
        off = np.minimum(left, _add(weights))
        left = left - off
        shares = split(off, weights) if len(weights) > 1 else [off]
        for index, share in zip(ranks[rank], shares, strict=True):
            taken[index] = share if sign is None else share * sign
    result: list[Array] = []
    for place in range(len(dues)):
        mine = [(row, amount - taken[index]) for index, (where, row, amount) in enumerate(columns) if where == place]
        result.append(mine[0][1] if mine[0][0] is None else np.concatenate([amount for _, amount in mine], axis=0))
    return result


def said(limit: Limit, names: Mapping[str, str]) -> str:
    """Say what a limit covers: ``for housing, in each fiscal year``."""
    words = []
    if limit.rules:
        words.append("for " + " and ".join(limit.rules))
    if limit.cohorts:
        words.append("for " + " and ".join(limit.cohorts))
    if limit.payer:
        words.append(f"from {names.get(limit.payer, limit.payer)}")
    words += [
        f"in each {scope}" if scope in ("period", "fiscal year", "year") else f"for each {scope}" for scope in limit.per
    ]
    return ", ".join(words)
