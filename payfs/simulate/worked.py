"""What paths come to: the contract's own statement and capital stack, and what is asked of them, by label."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from payfs.capital.cash import Cash, NoReading, NothingYet, Receipt
from payfs.capital.flows import CashFlows
from payfs.capital.irr import irr
from payfs.capital.pour import pour
from payfs.capital.returns import multiple
from payfs.capital.straight import Way, way
from payfs.contract import Contract
from payfs.evidence.measured import Measured
from payfs.incentives import Stretch, tiers_of
from payfs.investment import Investment, cash_of
from payfs.periods import fiscal_year
from payfs.simulate.budget import ANY_PASSES, YEAR, passes
from payfs.simulate.delays import Late
from payfs.simulate.gaps import saying_what_to_assume
from payfs.simulate.model import Floats, Input
from payfs.simulate.paths import drawn_together, measured_on
from payfs.simulate.scenario import Scenario
from payfs.spec import Unknown, UnknownTerm
from payfs.statement import Statement, statement
from payfs.streams import Stream
from payfs.text import Finding
from payfs.unknowns import unknown_finding

Array = NDArray[Any]
TOTAL, NOTHING, LOWEST, ALL = "total", "nothing is paid", "lowest cash", "all tranches"


@dataclass(frozen=True)
class Worked:
    """A scenario that can be worked out on any draws: :class:`payfs.simulate.model.Model`.

    Attributes:
        scenario: what is believed.
        wanted: the labels that are asked for, beside the total; None for all. What nobody asks for is not worked out,
            as far as nothing else needs it.
    """

    scenario: Scenario
    wanted: frozenset[str] | None = None

    @property
    def inputs(self) -> tuple[Input, ...]:
        """What is uncertain."""
        return self.scenario.inputs

    @property
    def columns(self) -> int:
        """How many uniforms a path needs."""
        return self.scenario.columns

    @property
    def contract(self) -> Contract:
        """The contract that is simulated."""
        return self.scenario.contract

    @cached_property
    def stretches(self) -> tuple[tuple[str, Stretch], ...]:
        """The tiers, bands and gates of every rule, each with its label."""
        found: dict[str, Stretch] = {}
        for rule in self.contract.rules:
            stretches = tiers_of(self.contract, rule)
            for stretch in stretches:
                # a price that is the same everywhere is reached by any result, and tells nothing
                if not stretch.beyond and (len(stretches) > 1 or stretch.kind == "gate"):
                    found.setdefault(f"{rule}: {stretch.said}", stretch)
        return tuple(found.items())

    @cached_property
    def gap(self) -> Finding | None:
        """What the stack needs and no source says; None where it can be poured."""
        probe = np.full((self.columns, 1), 0.5)
        made = self.statement(measured_on(self.scenario, probe))
        try:
            self._poured(self._cash(made, probe))
        except UnknownTerm as error:
            return unknown_finding(self.contract, error.path)
        except (NoReading, NothingYet):
            return Finding("what the stack depends on is not measured in this scenario", file=self.contract.file)
        return None

    @property
    def stack(self) -> bool:
        """Whether the capital stack is poured, too."""
        return self.contract.spec.capital is not None and self.gap is None

    @cached_property
    def called_early(self) -> dict[str, date]:
        """The guarantees that are called on a day after which a payment that was due by then may still come."""
        spec = self.contract.spec.capital
        if spec is None:
            return {}
        days = {
            name: on.date if (on := one.on or spec.ends) is not None else None for name, one in spec.guarantees.items()
        }
        spans = [
            (period.paid.date, period.paid.date + timedelta(days=late.steps[-1]))
            for late in self.scenario.late.values()
            for period in self.contract.periods
            if period.paid_known
        ]
        return {
            name: day
            for name, day in days.items()
            if day is not None and any(due <= day < latest for due, latest in spans)
        }

    def statement(self, measured: Measured) -> Statement:
        """Work out what is paid on every path, saying in plain words what stands in the way."""
        with saying_what_to_assume(self.contract):
            return statement(self.contract, measured)

    def evaluate(self, uniforms: Floats) -> dict[str, Array]:
        """Work out what each path comes to, (paths,) by label.

        Args:
            uniforms: (columns, paths), strictly between 0 and 1.
        """
        return self.of_measured(measured_on(self.scenario, uniforms), uniforms)

    def of_measured(self, measured: Measured, uniforms: Floats) -> dict[str, Array]:
        """Work out what each path comes to on what was measured, (paths,) by label."""
        made = self.statement(measured)
        found: dict[str, Array] = {TOTAL: made.total()[0, 0]}
        if self._asks("rule "):
            found |= {f"rule {name}": amount[0, 0] for name, amount in made.by_rule().items()}
        if self._asks("payer "):
            found |= {f"payer {name}": amount[0, 0] for name, amount in made.by_payer().items()}
        late = drawn_together(self.scenario, uniforms) if self.scenario.late else uniforms
        if self._asks(YEAR) or self._asks(ANY_PASSES):
            found |= {f"{YEAR}{year}": amount for year, amount in self.by_year(made, late).items()}
        found |= passes(self.scenario.budgets(), found)
        if self._asks(NOTHING):
            found[NOTHING] = found[TOTAL] == 0
        if self._asks("limit "):
            found |= {f"limit {name} binds": here for name, here in self._binds(made).items()}
        if any(self._asks(label) for label, _ in self.stretches):
            found |= self.reached(made)
        if any(map(self._asks, self._of_stack)) and self.stack:
            found |= self._returns(self._cash(made, late))
        paths = uniforms.shape[1]
        asked = {label: array for label, array in found.items() if label == TOTAL or self._asks(label)}
        return {label: _wide(array, paths) for label, array in asked.items()}

    def _asks(self, label: str) -> bool:
        """Whether a label is asked for, or any that begins so."""
        if self.wanted is None:
            return True
        if label not in self._asked:
            self._asked[label] = any(name.startswith(label) for name in self.wanted)
        return self._asked[label]

    @cached_property
    def _asked(self) -> dict[str, bool]:
        """What was asked for so far: every block asks the same."""
        return {}

    @cached_property
    def _of_stack(self) -> tuple[str, ...]:
        """How the labels begin that the stack gives."""
        capital = self.contract.spec.capital
        return () if capital is None else (LOWEST, *(f"{name} " for name in (ALL, *capital.tranches)))

    def _binds(self, made: Statement) -> dict[str, Array]:
        """Return on which paths each limit cuts something, (paths,)."""
        binds: dict[str, Array] = {}
        for cut in (made.unpaid, made.unpaid_units):
            for (rule, limit), amount in cut.items():
                name = limit if limit in self.contract.spec.limits else f"of {rule}"
                here = (amount != 0).any(axis=(0, 1))
                binds[name] = binds[name] | here if name in binds else here
        for name, parts in made.taken_over.items():  # what a limit hands to another payer is cut for the first
            here = np.logical_or.reduce([(part != 0).any(axis=(0, 1)) for part in parts])
            binds[name] = binds[name] | here if name in binds else here
        return binds

    def reached(self, made: Statement) -> dict[str, Array]:
        """Return on which paths a result lies in each tier and band and meets each gate, (paths or 1,) by label."""
        return {label: self._reached(made.measured, stretch) for label, stretch in self.stretches}

    def _reached(self, measured: Measured, stretch: Stretch) -> Array:
        """Return on which paths a result lies in a stretch, in any cohort and period."""
        series = measured.series[stretch.metric]
        inside = series.present[:, :, None] & np.ones_like(series.values, dtype=bool)
        if stretch.first is not None:
            inside &= series.values >= stretch.first
        if stretch.last is not None:
            inside &= series.values <= stretch.last
        here: Array = inside.any(axis=(0, 1))
        return here

    # -- when

    def by_year(self, made: Statement, uniforms: Floats) -> dict[str, Array]:
        """Return what is paid in each payer's fiscal year, (paths,) [minor units]."""
        parties = self.contract.spec.parties
        alike = len({party.fiscal_year_starts for party in parties.values() if party.pays}) < 2
        found: dict[str, Array] = {}
        for stream in made.streams:
            starts = self.contract.fiscal_year_start(stream.payer)
            for day, known, amount in self._dated(stream, uniforms):
                year = fiscal_year(day, starts) if known else "not known"
                label = year if alike or not known else f"{stream.payer} {year}"
                found[label] = found[label] + amount if label in found else amount
        return dict(sorted(found.items()))

    def _dated(self, stream: Stream, uniforms: Floats) -> list[tuple[date, bool, Array]]:
        """Return what a stream pays on each day, late or not."""
        result: list[tuple[date, bool, Array]] = []
        late = self.scenario.late.get(stream.payer)
        days = None if late is None else late.days(uniforms)
        paid = stream.paid.sum(axis=0)
        for place, period in enumerate(self.contract.periods):
            if late is None or days is None or not period.paid_known:
                result.append((period.paid.date, period.paid_known, paid[place]))
                continue
            for step in late.steps:
                result.append((period.paid.date + timedelta(days=step), True, paid[place] * (days[place] == step)))
        return result

    # -- who gets it

    def _cash(self, made: Statement, uniforms: Floats) -> Cash:
        """Return what comes into the stack, late or not."""
        cash = cash_of(self.contract, made)
        paths = uniforms.shape[1]
        receipts = tuple(self._shifted(receipt, uniforms) for receipt in cash.receipts)
        latest = max((day for receipt in receipts for day in receipt.days), default=cash.ends)
        return replace(cash, receipts=receipts, paths=paths, ends=max(cash.ends, latest))

    def _poured(self, cash: Cash) -> CashFlows:
        spec = self.contract.spec.capital
        assert spec is not None
        return pour(cash, spec, self.contract.money, self.contract.spec.rounding.rounding(self.contract.money))

    def invested(self, made: Statement, uniforms: Floats) -> Investment | None:
        """Pour a statement through the stack; None where there is none, or it cannot be poured."""
        spec = self.contract.spec.capital
        if spec is None or not self.stack:
            return None
        cash = self._cash(made, drawn_together(self.scenario, uniforms))
        return Investment(self.contract, spec, self._poured(cash))

    def _shifted(self, receipt: Receipt, uniforms: Floats) -> Receipt:
        """Let payments come late; every day on which they may come has a place, whatever the path."""
        amounts = _wide(receipt.amounts, uniforms.shape[1])
        late: Late | None = self.scenario.late.get(receipt.payer)
        if late is None:
            return receipt._replace(amounts=amounts)
        delays = late.days(uniforms)
        days, gaps, parts = [], [], []
        for place, (day, gap) in enumerate(zip(receipt.days, receipt.gaps, strict=True)):
            for step in (0,) if gap is not None else late.steps:
                days.append(day + step)
                gaps.append(gap)
                parts.append(amounts[place] if gap is not None else amounts[place] * (delays[place] == step))
        return receipt._replace(days=tuple(days), gaps=tuple(gaps), amounts=np.stack(parts))

    @cached_property
    def _ways(self) -> dict[Hashable, Way | None]:
        """Where all that comes in on some days goes to one tranche: every block is paid on the same days."""
        return {}

    def _way(self, cash: Cash) -> Way | None:
        """Return the way of all that comes in to one tranche; None where the stack has to be poured."""
        key = (cash.starts, cash.ends, *((one.rule, one.days, one.gaps) for one in cash.receipts))
        if key not in self._ways:
            spec, money = self.contract.spec, self.contract.money
            assert spec.capital is not None
            self._ways[key] = way(cash, spec.capital, money, spec.rounding.rounding(money))
        return self._ways[key]

    def _returns(self, cash: Cash) -> dict[str, Array]:
        spec, found = self.contract.spec.capital, dict[str, Array]()
        assert spec is not None
        straight = self._way(cash)
        if straight is not None and (one := straight.along(cash)) is not None:
            return self._earned(one.tranche, one.days, one.put_in, one.back, np.ones(len(one.days), dtype=bool))
        flows = self._poured(cash)
        tranches = {name: tranche for name, tranche in spec.tranches.items() if tranche.kind != "grant"}
        sets = {name: [name] for name in tranches} | ({ALL: list(tranches)} if len(tranches) > 1 else {})
        for name, members in sets.items():
            if not self._asks(f"{name} "):
                continue
            back = flows.total(lambda f, m=members: f.tranche in m and f.kind != "draw")  # type: ignore[misc]
            if any(isinstance(spec.tranches[member].commitment, Unknown) for member in members):
                found[f"{name} received"] = back.sum(axis=0)
                continue
            put_in = flows.total(lambda f, m=members: f.tranche in m and f.kind == "draw")  # type: ignore[misc]
            found |= self._earned(name, flows.days, put_in, back, flows.known)
        if self._asks(LOWEST) and spec.spending is not None and not isinstance(spec.spending.opening, Unknown):
            made = Investment(self.contract, spec, flows)
            opening = int(spec.spending.opening * self.contract.money.minor)
            balance = opening + np.cumsum(made.cash_of_party(spec.spending.provider), axis=0)
            found[LOWEST] = np.minimum(balance.min(axis=0), opening)
        return found

    def _earned(self, name: str, days: Array, put_in: Array, back: Array, known: Array) -> dict[str, Array]:
        """Return what tranches come to, (paths,) by label.

        Args:
            name: of the tranche, or :data:`ALL`.
            days: of each date [days since 1970-01-01].
            put_in: (dates, paths or 1) [minor units].
            back: (dates, paths) [minor units]; used up.
            known: of which dates a source gives the day, (dates,).
        """
        found = dict[str, Array]()
        if self._asks(f"{name} received"):
            found[f"{name} received"] = back.sum(axis=0)
        if self._asks(f"{name} loss") or self._asks(f"{name} multiple"):
            received = back.sum(axis=0)
            drawn = np.broadcast_to(put_in.sum(axis=0), received.shape)
            found[f"{name} loss"] = np.maximum(drawn - received, 0)
            found[f"{name} multiple"] = multiple(np.stack([-drawn, received]))
        if self._asks(f"{name} IRR"):
            moved = back
            for date in np.flatnonzero(put_in.any(axis=1)):  # on few dates anything is drawn
                moved[date] -= put_in[date]
            if known.all():
                found[f"{name} IRR"] = irr(days, moved, threads=1).rate
            elif not moved[~known].any():
                found[f"{name} IRR"] = irr(days[known], moved[known], threads=1).rate
        return found


def _wide(array: Array, paths: int) -> Array:
    """Return figures for so many paths, (..., paths), of which all may share one."""
    return array if array.shape[-1] == paths else np.broadcast_to(array, (*array.shape[:-1], paths))


def check(worked: Worked) -> None:
    """Work out one path in the middle, so that what stands in the way is told before anything else.

    Raises:
        Refused: the contract cannot be worked out on what the scenario believes.
    """
    with saying_what_to_assume(worked.contract):
        worked.evaluate(np.full((worked.columns, 2), 0.5))
