"""The capital stack in sentences: pools, who is paid first, costs, reserves, guarantees and what is left."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from payfs.capital.dates import NEVER
from payfs.capital.stack import Step, covered_by, default_steps, pays_success, written_steps
from payfs.capital.written import COSTS, Budget, Capital, Cost, Guarantee, Pool, Reserve, Spending
from payfs.periods import Day
from payfs.report.phrases import Block, Item, Rows, begin, full_stop, inside, listed, names, on, start, the
from payfs.report.tranche_text import TrancheText
from payfs.report.wording import NOT_KNOWN
from payfs.spec import UnknownTerm, spoken, written_share

IN_TURN = (
    "On each date interest runs up to it first. Then payments and draws come in, costs draw what they need, and what "
    "is due is paid step by step, as far as the cash goes. Then come guarantees, and last what is left. What stands "
    "together in one step is paid in proportion to what is due. What cannot be paid stays due."
)


class CapitalText(TrancheText):
    """Says where the money comes from, and who is paid back first."""

    def capital(self) -> dict[str, Block]:
        """Say the whole stack, part by part."""
        spec = self.spec.capital
        if spec is None:
            return {}
        return {
            "": Block("", tuple(self._whole(spec))),
            **{name if spec.pools else "the pool": self._pool(spec, name) for name in spec.pots},
            **{name: self.tranche(spec, name) for name in spec.tranches},
            **({"termination": self.terminated(spec.terminated)} if spec.terminated is not None else {}),
            **{name: self._guarantee(spec, name, one) for name, one in spec.guarantees.items()},
            **{name: self._cost(spec, name, one) for name, one in spec.costs.items()},
            **{name: self._reserve(spec, name, one) for name, one in spec.reserves.items()},
            **({"spending": self._spending(spec.spending)} if spec.spending is not None else {}),
        }

    def _whole(self, spec: Capital) -> Iterator[str]:
        if spec.what:
            yield full_stop(spec.what)
        yield "Nothing here changes a payment under the rules; those payments are what comes in."
        if spec.total is not None:
            yield f"All tranches together come to {self.sum_of(spec.total)}."
        last = f"The last date is {spec.ends}" if spec.ends else "The last date is the last on which anything falls due"
        yield full_stop(last)
        yield ""
        yield IN_TURN
        if spec.clause:
            yield f"Clause: {full_stop(spec.clause)}"
        yield from self._aside(spec)

    # -- a pool, and who is paid out of it in which order

    def _pool(self, spec: Capital, name: str) -> Block:
        pool = spec.pots[name]
        body: list[Item] = [self._comes_in(spec, pool)]
        for other, feeds in spec.pots.items():
            if name in (feeds.surplus or {}):
                part = (feeds.surplus or {})[name]
                body.append(f"Of what is left in the pool {spoken(other)}, {written_share(part)} comes in as well.")
        body += self._drawn_for(spec, name)
        through = self.passes_through(spec, name)
        body = [full_stop(pool.what), *body] if pool.what else body
        if through is not None:
            body.append(f"All that comes in goes to {spoken(through)} as soon as it comes, whatever was put in.")
        else:
            body += self._order(spec, name, pool)
            body.append(self._surplus(spec, pool))
        heading = self.tag(name, pool.clause) if spec.pools else "The pool"
        return Block(heading, (*body, *self._aside(pool)))

    def _comes_in(self, spec: Capital, pool: Pool) -> str:
        direct = {rule for tranche in spec.tranches.values() for rule in tranche.receives}
        others = [rule for rule in self.spec.rules if rule in direct]
        if pool.receives is None and len(spec.pots) == 1 and len(others) < len(self.spec.rules):
            but = f" but those under {the('rule', others)}" if others else ""
            return f"All payments under the rules{but} come into it."
        if not pool.receives:
            return "No payments under the rules come into it."
        return f"Payments under {the('rule', pool.receives)} come into it."

    def _drawn_for(self, spec: Capital, name: str) -> Iterator[str]:
        lends = [one for one in spec.tranches.values() if spec.pool_of(one.pool) == name and not one.in_kind]
        if not lends:
            return
        if any(spec.pool_of(cost.pool) == name for cost in spec.costs.values()):
            if spec.pots[name].drawn_pays != COSTS:
                yield (
                    "What is drawn pays whatever is due, as what comes in does; what is drawn because costs need it "
                    "pays those costs."
                )
                return
            ended = ", or the deal is terminated," if spec.terminated is not None else ""
            yield (
                f"What is drawn pays for costs only, until the last of them has fallen due{ended} or the last date has "
                "come. From that day on, what is left of it is like what came in."
            )
            return
        providers = [key for key, party in self.spec.parties.items() if "service provider" in party.role]
        payee = providers[0] if len(providers) == 1 else self.spec.payee_of(next(iter(self.spec.rules.values())))
        to = dict.fromkeys(one.paid_by or payee for one in lends)
        who = listed(inside(self.party(key)) if key is not None else "the payee" for key in to)
        yield full_stop(f"What is drawn is handed on for the service at once, to {who}")

    def _order(self, spec: Capital, name: str, pool: Pool) -> Iterator[Item]:
        if pool.priority is not None:
            groups = [list(written_steps(spec, name, [entry])) for entry in pool.priority]
            head = "It is paid out in this order:"
        else:
            try:
                groups = _paired(list(default_steps(spec, name)))
            except UnknownTerm:
                yield f"In which order it is paid out is {NOT_KNOWN}."
                return
            head = "No order is written, so it is paid out in this one:"
        served: set[tuple[str, str]] = set()
        said = [words for group in groups if (words := self._step(spec, group, served))]
        if not said:
            yield "Nobody is paid out of it but with what is left."
            return
        yield head
        yield Rows(tuple((f"{place}.", start(words)) for place, words in enumerate(said, 1)))
        if len(said) > 1:
            yield "So somebody who comes later may be paid before what falls due to an earlier one on a later date."

    def _step(self, spec: Capital, group: list[Step], served: set[tuple[str, str]]) -> str:
        """Say who is paid in one step, but for what a step before it pays and for what never falls due."""
        said, due = [], []
        for step in group:
            mine = [one for one in step.names if (step.kind, one) not in served and _owes(spec, step.kind, one)]
            served.update((step.kind, one) for one in mine)
            due += [(step.kind, mine)] if mine else []
        if len(due) == 2 and due[0][0] == "interest" and due[1][0] == "principal" and due[0][1] == due[1][1]:
            due = [("interest, then principal,", due[0][1])]
        for kind, mine in due:
            several = ", in proportion to what is due" if len(mine) > 1 else ""
            if kind in ("cost", "reserve"):
                said.append(f"{the(kind, mine)}{several}")
            elif kind == "success":
                said.append(f"the success payment{'s' if len(mine) > 1 else ''} of {names(mine)}{several}")
            else:
                said.append(f"{kind} of {names(mine)}{several}")
        return "; then ".join(said)

    def _surplus(self, spec: Capital, pool: Pool) -> str:
        when = "on the last date" if pool.surplus_paid == "at the end" else "after each date"
        if not pool.surplus:
            return f"What is left {when} stays in it."
        to = listed(f"{written_share(part)} to {self._whose(spec, key)}" for key, part in pool.surplus.items())
        rest = 1 - sum(pool.surplus.values(), Fraction(0))
        stays = f"; the other {written_share(rest)} stays in it" if rest > 0 else ""
        limited = any(key in spec.tranches and spec.tranches[key].most is not None for key in pool.surplus)
        cut = " What a limit cuts from a share goes to the others that share, in proportion to their shares."
        return f"Of what is left {when}, there goes {to}{stays}.{cut if limited and len(pool.surplus) > 1 else ''}"

    def _whose(self, spec: Capital, key: str) -> str:
        if key in spec.tranches:
            return f"the holders of {spoken(key)}"
        return f"the pool {spoken(key)}" if key in spec.pots else inside(self.party(key))

    # -- what stands beside the tranches

    def _guarantee(self, spec: Capital, name: str, one: Guarantee) -> Block:
        when = on(one.on) if one.on else "on the last date"
        what = "principal" if one.of == "principal" else "principal and interest that fell due"
        much = [f"{self.part_of(one.share)} of what is missing"] if one.share is not None else []
        much += [f"at most {self.sum_of(one.most)}"] if one.most is not None else []
        much += [f"no more than lifts what has come back to {self.sum_of(one.up_to)}"] if one.up_to is not None else []
        covers = names(covered_by(spec, one))
        body = [
            f"Guarantee: {begin(inside(self.party(one.guarantor)))} makes up {what} of {covers} that is not paid back "
            f"{when}: {' and '.join(much)}."
        ]
        if len(list(covered_by(spec, one))) > 1:
            body.append("It is shared in proportion to what each lacks.")

        def same_day(earlier: Guarantee, later: Guarantee) -> bool:
            """Whether both are called on one day: on others, what was made up has come back already."""
            ends = spec.ends.date if spec.ends is not None else None
            days = [each.on.date if each.on is not None else ends for each in (earlier, later)]
            return days[0] == days[1]

        before = [
            other
            for other, earlier in list(spec.guarantees.items())[: list(spec.guarantees).index(name)]
            if set(covered_by(spec, earlier)) & set(covered_by(spec, one)) and same_day(earlier, one)
        ]
        if before:
            body.append(f"It comes after {names(before)}: what is made up there is not lacking any more.")
        if one.deposited is not None:
            known = isinstance(one.deposited, Day)
            when = on(one.deposited) if known else f"on a day that is {NOT_KNOWN}"
            body.append(f"The most that may be called is deposited {when}.")
        if one.deposited is not None or one.unused == "recycled":
            body.append(f"What is not called is {'returned' if one.unused == 'returned' else 'kept to be used again'}.")
        return Block(self.tag(name, one.clause), (*body, *self._aside(one)))

    def _cost(self, spec: Capital, name: str, one: Cost) -> Block:
        out_of = f" out of the pool {spoken(spec.pool_of(one.pool))}" if spec.pools else ""
        payee = begin(inside(self.party(one.payee)))
        body = [*([full_stop(one.what)] if one.what else []), *self._budget(one, f"Cost: {payee} is paid", out_of)]
        return Block(self.tag(name, one.clause), (*body, *self._aside(one)))

    def _budget(self, one: Budget, verb: str, after: str = "") -> Iterator[Item]:
        if one.amounts is not None:
            yield from self.by_date(one.amounts, f"{verb}{after}")
        elif one.every and one.from_ and one.to:
            much = self.sum_of(one.amount)
            yield f"{verb} {much}{after} on the last day of each {one.every}, counted from {one.from_} to {one.to}."

    def _reserve(self, spec: Capital, name: str, one: Reserve) -> Block:
        out_of = f" in the pool {spoken(spec.pool_of(one.pool))}" if spec.pools else ""
        until = f"until {one.released}" if one.released else "until the last date"
        body = [
            f"Reserve: {self.sum_of(one.target)} is set aside{out_of}, by its place in the order, and filled up "
            f"{until}. Costs and interest may be paid out of it. Then it is released."
        ]
        note = [f"Note: {full_stop(one.note)}"] if one.note else []
        return Block(self.tag(name, one.clause), (*body, "", *note))

    def _spending(self, one: Spending) -> Block:
        who = inside(self.party(one.provider))
        opening = self.sum_of(one.opening) if one.opening else "nothing"
        body: list[Item] = [f"So that its own cash can be followed: {who} begins with {opening} of its own."]
        body += self._budget(one, f"{begin(who)} spends")
        return Block("What the service costs", (*body, *self._aside(one)))


def _paired(steps: list[Step]) -> list[list[Step]]:
    """Put the interest and the principal of the same tranches into one step."""
    groups: list[list[Step]] = []
    for step in steps:
        before = groups[-1][-1] if groups else None
        if before is not None and (before.kind, step.kind) == ("interest", "principal") and before.names == step.names:
            groups[-1].append(step)
        else:
            groups.append([step])
    return groups


def _owes(spec: Capital, kind: str, name: str) -> bool:
    """Whether there is anything of a kind that can fall due."""
    if kind in ("cost", "reserve"):
        return True
    tranche = spec.tranches[name]
    if kind == "principal":
        return tranche.repaid != NEVER and tranche.kind != "grant"
    if kind == "success":
        return pays_success(spec, name)
    return tranche.interest is not None and not tranche.interest.capitalised
