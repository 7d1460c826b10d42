"""An oracle of capital stacks: the words of the reference, one path, one date and one claim at a time.

It is written from ``contract_specs/README.md`` ("Capital"), in fractions, and knows nothing of the engine. It reads
the stack as it stands in the YAML, and money is whole minor units of a currency with two decimals.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import floor
from typing import Any, NamedTuple

Date = datetime.date
DAY = datetime.timedelta(days=1)
NANO = 10**9
RANKS = ("senior", "subordinate", "recoverable grant", "recyclable grant", "deferred fee", "first loss", "equity")
MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
Key = tuple[Date, str, str, str]  # the day, what it is, whose it is, and from whom or to whom


class NoResult(Exception):
    """A rate or a share depends on a result that was not given."""


class Payment(NamedTuple):
    """A payment of the statement: its day, rule, payer, payee and amount [minor units]."""

    day: Date
    rule: str
    payer: str
    payee: str
    amount: int


class Result(NamedTuple):
    """A metric's result for a period that ended on a day, as a share."""

    day: Date
    value: Fraction


# -- reading


@cache
def date_of(text: str) -> Date:
    return Date.fromisoformat(text)


@cache
def cents(text: str) -> int:
    amount = Fraction(text.replace(",", "")) * 100
    assert amount.denominator == 1
    return int(amount)


@cache
def share_of(text: str) -> Fraction:
    return Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)


def listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]


@cache
def months_later(day: Date, months: int) -> Date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return Date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def last_days(spec: dict[str, str]) -> list[Date]:
    """The last day of each month (quarter ...) of a stretch of time that begins with one."""
    first, to, days = date_of(spec["from"]), date_of(spec["to"]), []
    number = 1
    while (day := months_later(first, number * MONTHS[spec["every"]]) - DAY) <= to:
        days.append(day)
        number += 1
    return days


def amounts_of(spec: dict[str, Any]) -> dict[Date, int]:
    """What a cost or a budget comes to by day."""
    if "amounts" in spec:
        return {date_of(day): cents(amount) for day, amount in spec["amounts"].items()}
    return dict.fromkeys(last_days(spec), cents(spec["amount"]))


# -- arithmetic

Rounding = Callable[[Fraction], int]


def rounding_named(how: str) -> Rounding:
    def round_(value: Fraction) -> int:
        size = abs(value)
        whole, rest = int(size), size - int(size)
        if how == "half up":
            whole += rest >= Fraction(1, 2)
        elif how == "half even":
            whole += rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2 == 1)
        elif how == "up":
            whole += rest > 0
        return whole if value >= 0 else -whole

    return round_


HALF_UP = rounding_named("half up")


def in_proportion(amount: int, weights: list[int | Fraction]) -> list[int]:
    """Share an amount out; odd cents go to the largest remainders, and among equal ones to the first."""
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    exact = [amount * Fraction(weight) / whole for weight in weights]
    parts = [int(part) for part in exact]
    order = sorted(range(len(parts)), key=lambda at: (parts[at] - exact[at], at))
    for at in order[: amount - sum(parts)]:
        parts[at] += 1
    return parts


@cache
def year_fraction(start: Date, end: Date, basis: str) -> Fraction:
    """The fraction of a year between two dates, by the definitions of ISDA 2006, 4.16 (30/360 as in 4.16(g))."""
    days = (end - start).days
    if basis == "ACT/365":
        return Fraction(days, 365)
    if basis == "ACT/360":
        return Fraction(days, 360)
    if basis == "30/360":
        # every month has 30 days, and a 31st counts as a 30th
        d1, d2 = min(start.day, 30), min(end.day, 30)
        return Fraction(360 * (end.year - start.year) + 30 * (end.month - start.month) + d2 - d1, 360)
    assert basis == "ACT/ACT"
    days_of = (start + n * DAY for n in range(days))
    leap = sum(calendar.isleap(day.year) for day in days_of)
    return Fraction(leap, 366) + Fraction(days - leap, 365)


@cache
def grown(rate: Fraction, days: int) -> Fraction:
    """What one grows to in so many days at a rate a year, ACT/365, to fifty digits."""
    with localcontext() as context:
        context.prec = 50
        return Fraction((1 + Decimal(rate.numerator) / Decimal(rate.denominator)) ** (Decimal(days) / 365))


def decided_by(word: dict[str, Any], results: list[Result], day: Date) -> Fraction:
    """What a result decides, to nine decimals: the last one of a period that has ended by a day."""
    known = [result for result in results if result.day <= day]
    if not known:
        raise NoResult(word["by"])
    value = max(known, key=lambda result: result.day).value
    if "table" in word:
        points = [(share_of(point["at"]), share_of(point["pays"])) for point in word["table"]]
        if value <= points[0][0]:
            share = points[0][1]
        elif value >= points[-1][0]:
            share = points[-1][1]
        else:
            (x0, y0), (x1, y1) = next((a, b) for a, b in pairwise(points) if a[0] <= value <= b[0])
            share = y0 + (y1 - y0) * (value - x0) / (x1 - x0)
    else:
        share = next(
            share_of(tier["pays"])
            for tier in word["tiers"]
            if ("from" not in tier or value >= share_of(tier["from"]))
            and ("below" not in tier or value < share_of(tier["below"]))
        )
    return Fraction(HALF_UP(share * NANO), NANO)


# -- one tranche


class Tranche:
    """What was drawn, what is outstanding and due, and what came back."""

    def __init__(self, name: str, spec: dict[str, Any], oracle: Oracle) -> None:
        self.name, self.spec, self.oracle = name, spec, oracle
        self.kind = spec["kind"]
        self.pool = spec.get("pool", next(iter(oracle.pools)))
        self.commitment = cents(spec["commitment"])
        self.drawn = self.outstanding = self.capitalised = self.repaid = self.lost = 0
        self.unpaid = 0  # interest that fell due
        self.success = 0
        self.got_interest = self.got_principal = self.got_extra = 0
        self.moved: list[tuple[Date, int]] = []  # for the rate of return: below 0 it pays in
        self.running = Fraction(0)  # interest since it last fell due
        self.since: Date | None = None  # the day since which the balance that bears interest has been the same
        self.bearing = 0
        self.stopped = False
        interest = spec.get("interest")
        self.interest = interest
        self.rates = [] if interest is None else interest.get("rates") or [{"rate": interest["rate"]}]
        self.dues = [] if interest is None else self.due_days(interest.get("due", "as cash comes"))

    def date(self, key: str) -> Date | None:
        return date_of(self.spec[key]) if key in self.spec else None

    def due_days(self, due: Any) -> list[Date]:
        if isinstance(due, dict):
            return last_days(due)
        if isinstance(due, list):
            return sorted(map(date_of, due))
        return [date_of(self.spec["matures"])] if due == "at maturity" else []

    @property
    def received(self) -> int:
        return self.got_interest + self.got_principal + self.got_extra

    @property
    def undrawn(self) -> int:
        return self.commitment - self.drawn

    # interest

    def run_to(self, day: Date) -> None:
        """Let interest run on the balance as it has been, if the balance or the rate is about to change."""
        if self.interest is None:
            return
        day = min(day, self.oracle.ends)
        begins = date_of(self.interest["from"]) if "from" in self.interest else None
        if self.since is not None and begins is not None:
            self.since = max(self.since, begins)
        while self.since is not None and self.since < day and self.bearing:
            at, stop = self.step(self.since, day)
            self.running += self.bearing * self.rate(at, stop) * self.fraction(self.since, stop)
            self.since = stop
        if self.since is None or self.since < day:
            self.since = day

    def step(self, start: Date, day: Date) -> tuple[dict[str, Any], Date]:
        """The rate that holds from a day, and the day until which it and the interest period do."""
        stop = min([day, *(due for due in self.dues if due > start)])
        for rate in self.rates:
            if "until" not in rate:
                return rate, stop
            if start < date_of(rate["until"]):
                return rate, min(stop, date_of(rate["until"]))
        return self.rates[-1], stop

    def period_end(self, day: Date) -> Date:
        """The day on which the interest period ends that a day ends or lies in."""
        ends = [due for due in self.dues if due >= day]
        ends += [on for on, _ in self.endings if on >= day]
        matures = self.date("matures")
        ends += [matures] if matures is not None and matures >= day else []
        return min([*ends, max(self.oracle.ends, day)])

    def rate(self, rate: dict[str, Any], stop: Date) -> Fraction:
        if "by" not in rate:
            return share_of(rate["rate"])
        decided = decided_by(rate, self.oracle.results[rate["by"]], self.period_end(stop))
        return max(decided, share_of(rate["least"])) if "least" in rate else decided

    def fraction(self, start: Date, stop: Date) -> Fraction:
        basis = self.interest["days"]
        if basis != "ACT/ACT ICMA":
            return year_fraction(start, stop, basis)
        # an interest period counts as so many twelfths, and a part of it by its days
        due = self.interest["due"]
        assert isinstance(due, dict)
        schedule = last_days(
            {**due, "to": str(months_later(max(stop, self.dues[-1]), 12))}
        )  # it goes on after the last
        total = Fraction(0)
        while start < stop:
            ends = next(day for day in schedule if day > start)
            begins = max((day for day in schedule if day < ends), default=date_of(due["from"]) - DAY)
            # where interest begins with the first period, the first day is part of it
            start -= DAY if start == begins + DAY == date_of(due["from"]) and not self.running else 0 * DAY
            last = min(ends, stop)
            total += Fraction(MONTHS[due["every"]], 12) * Fraction((last - start).days, (ends - begins).days)
            start = last
        return total

    def interest_falls_due(self, day: Date) -> bool:
        if self.interest is None:
            return False
        as_cash_comes = self.interest.get("due", "as cash comes") == "as cash comes"
        ends_early = not self.stopped and any(on == day for on, _ in self.endings)
        at_its_end = day >= self.oracle.ends or ends_early or day == self.date("matures")
        return as_cash_comes or day in self.dues or at_its_end

    @property
    def endings(self) -> list[tuple[Date, dict[str, Any]]]:
        """On which days it ends early, and what is paid off then."""
        found = []
        redeemed, deal = self.spec.get("redeemed"), self.oracle.capital.get("terminated")
        if redeemed is not None and self.oracle.comes_true(redeemed):
            found.append((date_of(redeemed["on"]), redeemed))
        if deal is not None and self.kind != "grant" and self.oracle.comes_true(deal):
            pays = deal.get("pays", {})
            alike = not isinstance(pays, dict) or any(key in pays for key in ("pays", "amount", "by"))
            paid_off = pays if alike else pays.get(self.name, {"pays": "100%"})
            found.append((date_of(deal["on"]), paid_off if isinstance(paid_off, dict) else {"pays": paid_off}))
        return sorted(found, key=lambda ending: ending[0])

    def come_to(self, day: Date) -> None:
        """Let interest run up to a date, and fall due on it."""
        if self.interest_falls_due(day):
            self.run_to(day)
            due, self.running = self.oracle.round(self.running), Fraction(0)
            if self.interest.get("capitalised") == "yes":
                self.outstanding += due
                self.capitalised += due
            else:
                self.unpaid += due
        self.weigh(day)

    def weigh(self, day: Date) -> None:
        """See whether the balance that bears interest has changed; if so, it has run on the old one."""
        balance = self.outstanding
        if self.interest is not None and self.interest.get("compound") == "yes":
            balance += self.unpaid
        if balance != self.bearing:
            self.run_to(day)
            self.bearing = balance

    # principal and success

    def on_its_day(self, day: Date) -> None:
        """Let fall due what does once."""
        for on, payoff in self.endings:
            if on == day and not self.stopped:
                self.pay_off(payoff, day)
        if not self.stopped and "owed" in self.spec and self.date("matures") == day:
            part = decided_by(self.spec["owed"], self.oracle.results[self.spec["owed"]["by"]], day)
            self.owe(self.oracle.round(self.outstanding * part))
        success = self.spec.get("success")
        if success is not None and date_of(success["on"]) == day and not self.oracle.over_before(day):
            if "amount" in success:
                self.success += cents(success["amount"])
            elif "share" in success:
                self.success += self.oracle.round(self.drawn * share_of(success["share"]))
            else:
                part = decided_by(success, self.oracle.results[success["by"]], day)
                self.success += self.oracle.round(self.drawn * part)

    def pay_off(self, payoff: dict[str, Any], day: Date) -> None:
        """End early: so much of principal is owed, and a premium on it."""
        if "by" in payoff:
            part = decided_by(payoff, self.oracle.results[payoff["by"]], day)
            owed = self.oracle.round(self.outstanding * part)
        elif "amount" in payoff:
            owed = min(self.outstanding, cents(payoff["amount"]))
        else:
            owed = self.oracle.round(self.outstanding * share_of(payoff.get("pays", "100%")))
        self.owe(owed)
        if "premium" in payoff:
            self.success += self.oracle.round(owed * share_of(payoff["premium"]))

    def owe(self, left: int) -> None:
        """Owe just so much, now; the rest is lost."""
        self.lost += self.outstanding - left
        self.outstanding = left
        self.stopped = True

    def principal_due(self, day: Date) -> int:
        repaid, repaid_from = self.spec.get("repaid", "as cash comes"), self.date("repaid_from")
        matures = self.date("matures")
        if repaid == "never" or self.kind == "grant":
            return 0
        if self.stopped:
            return self.outstanding
        if repaid_from is not None and day < repaid_from:
            return 0
        if matures is not None and day >= matures:
            return self.outstanding
        if isinstance(repaid, dict):
            by_now = sum(cents(amount) for on, amount in repaid.items() if date_of(on) <= day)
            return min(self.outstanding, max(by_now - self.got_principal, 0))
        owed_by_a_party = "paid_by" in self.spec
        return self.outstanding if repaid == "as cash comes" and not owed_by_a_party else 0

    def due(self, kind: str, day: Date) -> int:
        if kind == "interest":
            return self.let_through(self.unpaid, day, True)
        if kind == "principal":
            return self.let_through(self.principal_due(day), day, False)
        return self.let_through(self.success, day, True)

    def let_through(self, amount: int, day: Date, earned: bool) -> int:
        """As much as the limits on what the tranche earns let through."""
        most = self.spec.get("most", {})
        if "multiple" in most:
            amount = min(amount, max(self.oracle.round(self.drawn * Fraction(most["multiple"])) - self.received, 0))
        if "interest" in most:
            # all that comes back beyond what was drawn counts, however it was called: capitalised interest too
            most_in_all, on_top = cents(most["interest"]), self.got_interest + self.got_extra
            beyond = max(self.got_principal - self.drawn, 0)
            if earned:
                amount = min(amount, max(most_in_all - on_top - beyond, 0))
            else:
                amount = min(amount, max(most_in_all - on_top + self.drawn - self.got_principal, 0))
        if "irr" in most:
            amount = min(amount, max(self.room(share_of(most["irr"]), day), 0))
        return amount

    def room(self, rate: Fraction, day: Date) -> int:
        """What would bring the rate of return up to the limit today."""
        worth = sum((-flow * grown(rate, (day - on).days) for on, flow in self.moved), Fraction(0))
        return floor(worth + Fraction(1, 10**7))  # what is whole but for the last digits of a power is whole

    # what moves

    def draw(self, amount: int, day: Date) -> None:
        self.drawn += amount
        if self.kind != "grant":
            self.outstanding += amount
        self.moved.append((day, -amount))

    def get(self, kind: str, amount: int, day: Date) -> None:
        self.moved.append((day, amount))
        if kind == "principal":
            self.outstanding -= amount
            self.got_principal += amount
        elif kind == "interest":
            self.unpaid -= amount
            self.got_interest += amount
        else:
            self.success -= amount if kind == "success" else 0
            self.got_extra += amount


# -- the stack


class Pool:
    """Cash that is kept apart: what was drawn for costs, what came in, and reserves."""

    def __init__(self) -> None:
        self.drawn = self.earned = 0
        self.reserves: dict[str, int] = {}

    @property
    def set_aside(self) -> int:
        return sum(self.reserves.values())

    def take(self, amount: int, drawn: bool, reserves: bool) -> None:
        """Take what was drawn first, then what came in, then reserves."""
        if drawn:
            part = min(amount, self.drawn)
            self.drawn, amount = self.drawn - part, amount - part
        part = min(amount, max(self.earned, 0))
        self.earned, amount = self.earned - part, amount - part
        for name in self.reserves if reserves else ():
            part = min(amount, self.reserves[name])
            self.reserves[name], amount = self.reserves[name] - part, amount - part
        assert amount == 0


class Oracle:
    """One stack, poured for one path."""

    def __init__(
        self,
        capital: dict[str, Any],
        payments: Iterable[Payment],
        results: dict[str, list[Result]],
        payee: str,
        rounding: str = "half up",
    ) -> None:
        self.capital, self.payments, self.results, self.payee = capital, list(payments), results, payee
        self.round = rounding_named(rounding)
        own = {
            key: capital[key]
            for key in ("receives", "priority", "surplus", "surplus_paid", "drawn_pays")
            if key in capital
        }
        self.pools: dict[str, dict[str, Any]] = capital.get("pools") or {"pool": own}
        self.first_pool = next(iter(self.pools))
        self.ends = Date.max
        self.tranches = {name: Tranche(name, spec, self) for name, spec in capital["tranches"].items()}
        self.costs = capital.get("costs", {})
        self.reserves = capital.get("reserves", {})
        self.guarantees = capital.get("guarantees", {})
        self.bills = {name: amounts_of(cost) for name, cost in self.costs.items()}
        self.spending = amounts_of(capital["spending"]) if "spending" in capital else {}
        self.dates = sorted({*self.days(), *([date_of(capital["ends"])] if "ends" in capital else [])})
        self.ends = date_of(capital["ends"]) if "ends" in capital else self.dates[-1]
        self.cash = {name: Pool() for name in self.pools}
        for name, reserve in self.reserves.items():
            self.cash[self.pool_of(reserve)].reserves[name] = 0
        self.owed = dict.fromkeys(self.costs, 0)
        self.deposits = {name: 0 for name, guarantee in self.guarantees.items() if "deposited" in guarantee}
        self.flows: dict[Key, int] = {}
        self.kept: dict[tuple[Date, str], int] = {}
        self.outstanding: dict[tuple[Date, str], int] = {}
        for day in self.dates:
            self.on(day)

    def pool_of(self, spec: dict[str, Any]) -> str:
        return spec.get("pool", self.first_pool)

    def of_pool(self, specs: dict[str, Any], pool: str) -> list[str]:
        return [name for name, spec in specs.items() if self.pool_of(spec) == pool]

    def tranches_of(self, pool: str) -> list[Tranche]:
        return [tranche for tranche in self.tranches.values() if tranche.pool == pool]

    def days(self) -> Iterator[Date]:
        """Every date on which something happens."""
        yield from (payment.day for payment in self.payments)
        for bill in self.bills.values():
            yield from bill
        yield from self.spending
        for tranche in self.tranches.values():
            for key in ("draws", "repaid"):
                if isinstance(tranche.spec.get(key), dict):
                    yield from map(date_of, tranche.spec[key])
            yield from tranche.dues
            yield from (date_of(tranche.spec[key]) for key in ("matures", "repaid_from") if key in tranche.spec)
            yield from (date_of(tranche.spec[key]["on"]) for key in ("success", "redeemed") if key in tranche.spec)
        for guarantee in self.guarantees.values():
            yield from (date_of(guarantee[key]) for key in ("on", "deposited") if key in guarantee)
        yield from (date_of(reserve["released"]) for reserve in self.reserves.values() if "released" in reserve)
        if "terminated" in self.capital:
            yield date_of(self.capital["terminated"]["on"])

    def comes_true(self, ending: dict[str, Any]) -> bool:
        """Whether the result on which an early end depends is as it says."""
        asked = ending.get("if")
        if asked is None:
            return True
        known = [result for result in self.results[asked["metric"]] if result.day <= date_of(ending["on"])]
        if not known:
            raise NoResult(asked["metric"])
        value = max(known, key=lambda result: result.day).value
        return (
            ("from" not in asked or value >= share_of(asked["from"]))
            and ("above" not in asked or value > share_of(asked["above"]))
            and ("below" not in asked or value < share_of(asked["below"]))
            and ("up_to" not in asked or value <= share_of(asked["up_to"]))
        )

    def over_before(self, day: Date) -> bool:
        """Whether the deal was terminated before a day."""
        deal = self.capital.get("terminated")
        return deal is not None and date_of(deal["on"]) < day and self.comes_true(deal)

    def move(self, day: Date, kind: str, whose: str, other: str, amount: int) -> None:
        if amount:
            key = (day, kind, whose, other)
            self.flows[key] = self.flows.get(key, 0) + amount

    # one date

    def on(self, day: Date) -> None:
        for tranche in self.tranches.values():
            tranche.come_to(day)
        self.come_in(day)
        for tranche in self.tranches.values():
            tranche.weigh(day)
            tranche.on_its_day(day)
            tranche.weigh(day)
        served: set[str] = set()
        for pool in self.in_order():
            self.pay_costs_and_claims(pool, day)
            self.parties_pay(pool, day)
            served.add(pool)
            for name, guarantee in self.guarantees.items():
                pools = {self.tranches[tranche].pool for tranche in listed(guarantee["covers"])}
                if pool in pools <= served and day == (date_of(guarantee["on"]) if "on" in guarantee else self.ends):
                    self.make_up(name, guarantee, day)
            self.share_out(pool, day)
        for tranche in self.tranches.values():
            tranche.weigh(day)
            self.outstanding[day, tranche.name] = tranche.outstanding
        for on, amount in self.spending.items():
            if on == day and not self.over_before(day):
                self.move(day, "spending", "spending", self.capital["spending"]["provider"], amount)
        for name, cash in self.cash.items():
            self.kept[day, name] = cash.drawn + cash.earned + cash.set_aside
        for name, held in self.deposits.items():
            self.kept[day, name] = held

    def in_order(self) -> list[str]:
        """The pools, each after those that pass on to it what is left."""
        order: list[str] = []
        while len(order) < len(self.pools):
            left = [name for name in self.pools if name not in order]
            order.append(
                next(n for n in left if not any(n in self.pools[o].get("surplus", {}) for o in left if o != n))
            )
        return order

    def come_in(self, day: Date) -> None:
        direct = {rule: t for t in self.tranches.values() for rule in listed(t.spec.get("receives"))}
        for payment in self.payments:
            if payment.day != day:
                continue
            if payment.rule in direct:
                tranche = direct[payment.rule]
                tranche.get("payment", payment.amount, day)
                self.move(day, "payment", payment.rule, tranche.spec.get("holder", tranche.name), payment.amount)
                continue
            target = payment.payee
            for name, pool in self.pools.items():
                everything = "receives" not in pool and len(self.pools) == 1
                if everything or payment.rule in listed(pool.get("receives")):
                    self.cash[name].earned += payment.amount
                    target = name
            self.move(day, "payment", payment.rule, target, payment.amount)
        for name, guarantee in self.guarantees.items():
            if guarantee.get("deposited") == str(day):
                self.deposits[name] += cents(guarantee["most"])
                self.move(day, "deposit", name, guarantee["guarantor"], cents(guarantee["most"]))
        for tranche in self.tranches.values():
            draws = tranche.spec.get("draws")
            if isinstance(draws, dict) and str(day) in draws and not self.over_before(day) and not tranche.stopped:
                self.draw(tranche, min(cents(draws[str(day)]), tranche.undrawn), day)

    def draw(self, tranche: Tranche, amount: int, day: Date) -> None:
        """A pool without costs hands it to the service at once, and so it is with a fee that waits: no cash moves."""
        tranche.draw(amount, day)
        if tranche.kind == "deferred fee":
            self.move(day, "draw", tranche.name, "the service", amount)
        elif "paid_by" in tranche.spec:  # it stands outside the pool: who owes it has it
            self.move(day, "draw", tranche.name, tranche.spec["paid_by"], amount)
        elif self.of_pool(self.costs, tranche.pool):
            self.cash[tranche.pool].drawn += amount
            self.move(day, "draw", tranche.name, tranche.pool, amount)
        else:
            self.move(day, "draw", tranche.name, self.payee, amount)

    def pay_costs_and_claims(self, pool: str, day: Date) -> None:
        cash, last = self.cash[pool], day >= self.ends
        for name in self.of_pool(self.costs, pool):
            self.owed[name] += 0 if self.over_before(day) else self.bills[name].get(day, 0)
        if self.drawn_is_free(pool, day):
            cash.drawn, cash.earned = 0, cash.earned + cash.drawn
        self.draw_as_needed(pool, day)
        for name in self.of_pool(self.reserves, pool):
            if last or self.reserves[name].get("released") == str(day) or self.over_before(day + DAY):
                cash.earned += cash.reserves[name]
                cash.reserves[name] = 0
        for step in self.steps(pool):
            self.serve(pool, step, day)

    def drawn_is_free(self, pool: str, day: Date) -> bool:
        """Whether no cost of a pool is to come any more, for which what was drawn would have to wait."""
        if self.pools[pool].get("drawn_pays") == "all that is due" or day >= self.ends or self.over_before(day + DAY):
            return True
        return all(day >= bill for name in self.of_pool(self.costs, pool) for bill in self.bills[name])

    def draw_as_needed(self, pool: str, day: Date) -> None:
        cash = self.cash[pool]
        need = sum(self.owed[name] for name in self.of_pool(self.costs, pool))
        need -= cash.drawn + max(cash.earned, 0) + cash.set_aside  # what was taken back is no cost
        lenders = [
            tranche
            for tranche in self.tranches_of(pool)
            if tranche.spec.get("draws") == "as needed"
            and not tranche.stopped
            and not self.over_before(day)
            and day <= min(self.ends, tranche.date("draws_until") or self.ends)
        ]
        rooms = [tranche.undrawn for tranche in lenders]
        parts = in_proportion(min(max(need, 0), sum(rooms)), list(rooms))
        for tranche, part in zip(lenders, parts, strict=True):
            self.draw(tranche, part, day)
            tranche.weigh(day)

    # the priority

    def steps(self, pool: str) -> Iterator[list[tuple[str, str]]]:
        """Each step: the claims (what it is, whose it is) that are served together."""
        written = self.pools[pool].get("priority")
        mine = [tranche for tranche in self.tranches_of(pool) if "paid_by" not in tranche.spec]
        if written is None:
            yield from ([("cost", name)] for name in self.of_pool(self.costs, pool))
            yield from ([("reserve", name)] for name in self.of_pool(self.reserves, pool))
            for kinds in (("interest", "principal"), ("success",)):
                for rank in RANKS:
                    for kind in kinds:
                        yield [(kind, tranche.name) for tranche in mine if tranche.kind == rank]
            return
        for entry in written:
            claims = [claim for name in listed(entry) for claim in self.meant(pool, name, mine)]
            # what stands together is served together; of a tranche its interest comes before its principal
            for kind in dict.fromkeys(kind for kind, _ in claims):
                yield [claim for claim in claims if claim[0] == kind]

    def meant(self, pool: str, entry: str, mine: list[Tranche]) -> list[tuple[str, str]]:
        if entry == "costs":
            return [("cost", name) for name in self.of_pool(self.costs, pool)]
        if entry in self.of_pool(self.costs, pool):
            return [("cost", entry)]
        if entry in self.of_pool(self.reserves, pool):
            return [("reserve", entry)]
        kinds = ["interest", "principal"]
        for kind in ("interest", "principal", "success"):
            if entry.startswith(f"{kind} of "):
                kinds, entry = [kind], entry.removeprefix(f"{kind} of ")
        return [(kind, tranche.name) for tranche in mine for kind in kinds if entry in (tranche.name, tranche.kind)]

    def serve(self, pool: str, step: list[tuple[str, str]], day: Date) -> None:
        if not step:
            return
        cash, kind = self.cash[pool], step[0][0]
        dues = [self.due(kind, name, day) for _, name in step]
        drawn, reserves = kind == "cost", kind in ("cost", "interest")
        # a hole in what came in is not filled with what was drawn for costs, nor out of reserves
        there = max(cash.earned, 0) + (cash.drawn if drawn else 0) + (cash.set_aside if reserves else 0)
        parts = dues if sum(dues) <= there else in_proportion(there, list(dues))
        for (_, name), part in zip(step, parts, strict=True):
            cash.take(part, drawn, reserves)
            if kind == "cost":
                self.owed[name] -= part
                self.move(day, "cost", name, self.costs[name]["payee"], part)
            elif kind == "reserve":
                cash.reserves[name] += part
            else:
                self.tranches[name].get(kind, part, day)
                self.move(day, kind, name, pool, part)

    def due(self, kind: str, name: str, day: Date) -> int:
        if kind == "cost":
            return self.owed[name]
        if kind == "reserve":
            released = self.reserves[name].get("released")
            if day >= self.ends or (released is not None and day >= date_of(released)) or self.over_before(day + DAY):
                return 0
            return max(
                cents(self.reserves[name]["target"]) - self.cash[self.pool_of(self.reserves[name])].reserves[name], 0
            )
        return self.tranches[name].due(kind, day)

    # what comes after it

    def parties_pay(self, pool: str, day: Date) -> None:
        for tranche in self.tranches_of(pool):
            for kind in ("interest", "principal", "success") if "paid_by" in tranche.spec else ():
                due = tranche.due(kind, day)
                tranche.get(kind, due, day)
                self.move(day, kind, tranche.name, tranche.spec["paid_by"], due)

    def make_up(self, name: str, guarantee: dict[str, Any], day: Date) -> None:
        covered = [tranche for tranche in self.tranches.values() if tranche.name in listed(guarantee["covers"])]
        both = guarantee.get("of") == "principal and interest"
        shorts = [tranche.outstanding + (tranche.unpaid if both else 0) for tranche in covered]
        called = sum(shorts)
        if "share" in guarantee:
            called = self.round(called * share_of(guarantee["share"]))
        if "most" in guarantee:
            called = min(called, cents(guarantee["most"]))
        source = guarantee["guarantor"]
        if name in self.deposits:
            called, source = min(called, self.deposits[name]), name
            self.deposits[name] -= called
        for tranche, part in zip(covered, in_proportion(called, list(shorts)), strict=True):
            principal = min(part, tranche.outstanding)
            tranche.get("principal", principal, day)
            tranche.get("interest", part - principal, day)
            self.move(day, "guarantee", tranche.name, source, part)
        if name in self.deposits and guarantee.get("unused", "returned") == "returned":
            self.move(day, "deposit", name, guarantee["guarantor"], -self.deposits[name])
            self.deposits[name] = 0

    def share_out(self, pool: str, day: Date) -> None:
        surplus, cash, last = self.pools[pool].get("surplus"), self.cash[pool], day >= self.ends
        if not surplus or not (last or self.pools[pool].get("surplus_paid") == "as cash comes"):
            return
        left = max(cash.earned, 0)
        weights = {name: share_of(share) for name, share in surplus.items()}
        parts = in_proportion(left, [*weights.values(), 1 - sum(weights.values())])
        gets, give, sharing = dict.fromkeys(surplus, 0), dict(zip(surplus, parts, strict=False)), list(surplus)
        while any(give.values()):
            over = 0
            for name, part in give.items():
                wants = gets[name] + part
                gets[name] = self.tranches[name].let_through(wants, day, True) if name in self.tranches else wants
                if gets[name] < wants:  # what its limit cuts goes to the others, of whom it is none any more
                    over += wants - gets[name]
                    sharing.remove(name)
            give = dict(zip(sharing, in_proportion(over, [weights[name] for name in sharing]), strict=True))
        for name, part in gets.items():
            if name in self.tranches:
                self.tranches[name].get("surplus", part, day)
            elif name in self.cash:
                self.cash[name].earned += part
            self.move(day, "surplus", name, pool, part)
            cash.take(part, False, False)
