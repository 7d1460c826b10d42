"""What became of rights that were not paid in full: early ends, what the cash did not reach, what a limit cut."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from payfs.capital.cash import EPOCH
from payfs.capital.flows import Early
from payfs.investment import Investment
from payfs.report.phrases import exact
from payfs.spec import Unknown


def day_in_words(day: int) -> str:
    """Write a day [days since 1970-01-01] as in a text."""
    when = EPOCH + timedelta(days=day)
    return f"{when.day} {when.strftime('%B %Y')}"


def happened(made: Investment) -> Iterator[Early]:
    """Yield what ended early."""
    yield from (early for early in made.flows.early if bool(early.happens[0]))


def ended_early_lines(made: Investment) -> Iterator[str]:
    """Say of each tranche that ended early when and why, what was due of principal, and what was written off."""
    show = made.contract.money.show
    for early in happened(made):
        verb = "was redeemed" if early.why == "redeemed" else "ended with the deal, which was terminated"
        because = ""
        if early.metric is not None and early.result is not None:
            result = made.contract.frame.scales[early.metric].show(int(early.result[0]))
            because = f", because {exact(early.metric)} was {result}"
        due, lost = int(early.due[0]), int(early.lost[0])
        whole = f"{show(due + lost) if due + lost else 'nothing'} of principal was outstanding"
        then = f"{show(lost)} of it was lost" if lost else "all of it fell due" if due else ""
        then = f", and {then}" if then else ""
        yield f"{exact(early.tranche)} {verb} on {day_in_words(early.day)}{because}: {whole}{then}."


def not_paid_lines(made: Investment) -> Iterator[str]:
    """Say what the cash did not reach, and what a limit lets nobody pay."""
    show, flows = made.contract.money.show, made.flows
    ended = made.spec.terminated
    redeemed = {early.tranche: early for early in happened(made) if early.why == "redeemed"}
    for name, left in flows.undrawn.items():
        if int(left[0]) and not isinstance(made.spec.tranches[name].commitment, Unknown) and flows.ended:
            gone = ended is not None and bool(flows.terminated[0])
            then = f"; it lapsed when the deal was terminated, on {ended.on}" if ended is not None and gone else ""
            if name in redeemed:
                then = f"; it lapsed when it was redeemed, on {day_in_words(redeemed[name].day)}"
            yield f"Of the commitment of {exact(name)} {show(int(left[0]))} was not drawn{then}."
    for name, left in flows.unpaid_costs.items():
        if int(left[0]):
            yield f"Of the cost {exact(name)} {show(int(left[0]))} is not paid: there is no cash for it."
    for name in made.spec.tranches:
        yield from _not_paid(made, name)
    for name, kept in flows.kept.items():
        low = int(kept[:, 0].min(initial=0))
        if low < 0:
            day = day_in_words(int(flows.days[int(kept[:, 0].argmin())]))
            yield (
                f"More is taken back out of the pool {exact(name)} than it holds: on {day} it is short by "
                f"{show(-low)}, and the contract does not say who pays that."
            )


def _not_paid(made: Investment, name: str) -> Iterator[str]:
    """Say what is not paid of interest and success payments, and how much of it for want of cash."""
    show, flows = made.contract.money.show, made.flows
    cut = int(flows.beyond_limit[name][0])
    parts = (("interest on", flows.unpaid_interest), ("success payments of", flows.unpaid_success))
    for words, unpaid in parts:
        left = int(unpaid[name][0])
        beyond = min(cut, left)
        cut -= beyond
        if beyond:
            what = "is beyond the limit on what it earns, and is not paid"
            yield f"Of the {words} {exact(name)} that fell due, {show(beyond)} {what}."
        if left - beyond:
            yield f"Of the {words} {exact(name)} that fell due, {show(left - beyond)} is not paid."


def guarantor_lines(made: Investment) -> Iterator[str]:
    """Say what holders paid as guarantors, which is no part of what they put in."""
    for name in made.holders:
        called = made.guaranteed_by(name)
        if int(called[0]):
            party = made.contract.spec.parties[name].name
            amount = made.contract.money.show(int(called[0]))
            yield f"{party} also paid {amount} as guarantor, which its returns leave out."
