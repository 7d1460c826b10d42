"""Guarantees being called: what was not paid back is made up, as far as each reaches, out of a deposit or not."""

from __future__ import annotations

from collections.abc import Mapping

from payfs.capital.book import Book
from payfs.capital.cash import Moment, day_number
from payfs.capital.claims import TrancheState
from payfs.capital.stack import Stack, covered_by, known
from payfs.capital.written import Guarantee
from payfs.money import Array, split, times
from payfs.spec import Unknown, written_share

Tranches = Mapping[str, TrancheState]


class Guarantees:
    """The guarantees of one stack that is being poured.

    Attributes:
        deposits: what is held of each that is deposited, (paths,) [minor units].
    """

    def __init__(self, stack: Stack, book: Book, zero: Array) -> None:
        """Begin with nothing deposited."""
        self.stack, self.book, self.zero = stack, book, zero
        self.spec = stack.spec.guarantees
        self.deposits = {name: zero for name, one in self.spec.items() if one.deposited is not None}

    def come_in(self, row: int, moment: Moment) -> None:
        """Take the deposits of a date."""
        for name, guarantee in self.spec.items():
            day = guarantee.deposited
            dated = day is not None and not isinstance(day, Unknown) and day_number(day) == moment.day
            if (dated and moment.gap is None) or moment.gap == ("capital", "guarantees", name, "deposited"):
                amount = self.zero + self.stack.minor(guarantee.most, "guarantees", name, "most")
                self.deposits[name] = self.deposits[name] + amount
                why = "deposited for the guarantee"
                self.book.write("deposit", row, amount, guarantee.guarantor, name, None, name, why)

    def make_up(self, row: int, moment: Moment, served: set[str], called: set[str], tranches: Tranches) -> None:
        """Make up what tranches were not repaid, once all their pools have paid.

        Args:
            row: the place of the date.
            moment: the date.
            served: pools that have paid on it.
            called: guarantees that were called on it; those that are now are added.
            tranches: by name.
        """
        for name, guarantee in self.spec.items():
            day = day_number(guarantee.on) if guarantee.on is not None else self.stack.ends
            covered = list(covered_by(self.stack.spec, guarantee))
            waits = not {self.stack.pool_of(key) for key in covered} <= served
            if waits or name in called or moment.day != day or moment.gap is not None:
                continue
            called.add(name)
            self._call(name, guarantee, row, {key: tranches[key] for key in covered})

    def _call(self, name: str, guarantee: Guarantee, row: int, covered: Tranches) -> None:
        shorts = [state.short(guarantee.of) for state in covered.values()]
        whole = sum(shorts, start=self.zero)
        called, facts, why = whole, {"short": whole}, "{short} of what it covers was not paid back"
        if guarantee.share is not None and whole.any():
            called = times(whole, known(guarantee.share, ("guarantees", name, "share")), self.stack.rounding)
            why += f"; it makes up {written_share(guarantee.share)} of that"
        if guarantee.most is not None:
            most = self.stack.minor(guarantee.most, "guarantees", name, "most")
            called = called.clip(max=most)
            why += "; it makes up at most {most}"
            facts["most"] = self.zero + most
        if guarantee.up_to is not None:
            level = self.stack.minor(guarantee.up_to, "guarantees", name, "up_to")
            back = sum((state.received for state in covered.values()), start=self.zero)
            called = called.clip(max=(level - back).clip(min=0))
            why += "; it lifts what comes back to no more than {level}, and {back} had"
            facts |= {"level": self.zero + level, "back": back}
        source = guarantee.guarantor
        if name in self.deposits:
            called = called.clip(max=self.deposits[name])
            source = name
            self.deposits[name] = self.deposits[name] - called
        facts["called"] = called
        why += "; {called} is made up"
        for (key, state), part in zip(covered.items(), split(called, shorts), strict=True):
            holder = state.spec.holder or key
            principal, interest = state.make_up(part)
            self.book.write("guarantee", row, principal, source, holder, key, name, why, facts)
            self.book.write("guaranteed interest", row, interest, source, holder, key, name, why, facts)
        if name in self.deposits and guarantee.unused == "returned":
            left = self.deposits[name]
            self.deposits[name] = self.zero
            why = "what was not called is returned"
            self.book.write("deposit", row, -left, guarantee.guarantor, name, None, name, why)
