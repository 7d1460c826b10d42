"""A forecast in sentences: what a case changes, what it comes to, whether the cash lasts, and where it breaks even."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from payfs.claims.table import Claims
from payfs.contract import Contract
from payfs.evidence.results import Result
from payfs.forecast import (
    NEVER,
    BreakEven,
    Case,
    Outcome,
    ProviderCash,
    Reached,
    Unfunded,
    counted,
    from_claims,
    to_assume,
    unclaimed,
)
from payfs.forecast.cases import adds_up
from payfs.payments import Payment
from payfs.periods import Day, read_day
from payfs.report.gaps_text import unknown_terms
from payfs.report.phrases import listed
from payfs.spec import decimal, spoken, written_share


def month_text(month: date) -> str:
    """Write a month: ``March 2019``."""
    return str(Day(month, month.isoformat()[:7]))


def party_name(contract: Contract, party: str) -> str:
    """Return a party's full name."""
    return contract.spec.parties[party].name


def first_text(made: Outcome) -> str:
    """Write when the first payment is due: a day, ``none``, or ``not known``."""
    if made.first is not None:
        return due_text(made.first)
    return "not known" if any(one.amount > 0 for one in made.account.payments) else "none"


def due_text(payment: Payment) -> str:
    """Write the day of a payment, no more exactly than the contract has it."""
    return str(read_day(payment.due_written)) if payment.due_written else "not known"


WHOLE_COUNTS = (
    "Counts stay whole: what a share comes to is rounded down on the total at the end of each period, so that the "
    "fraction is carried into the next. 75% of 1, 1, 1 and 1 is 0, 1, 1 and 1."
)


def case_sentences(contract: Contract, case: Case, made: Reached) -> Iterator[str]:
    """Say what a case changes, what it leaves, what is lost and what is held."""
    frame = contract.frame
    names = [name for name in counted(contract) if name in case.metrics]
    if not names:
        yield "Nothing is chosen that this case could change."
        return
    late = f", {_months(case.months)} late" if case.months else ", in time"
    yield f"{written_share(case.share)} of what is expected of {_listed(names)}{late}."
    rest = [name for name in counted(contract) if name not in case.metrics]
    if rest:
        yield f"{_listed(rest)} {'stays' if len(rest) == 1 else 'stay'} as expected."
    for one in made.lost:
        cohort = f" of {spoken(frame.cohorts[one.cohort])}" if frame.cohorts != ("all",) else ""
        yield (
            f"{frame.scales[one.metric].show(one.value)} of {spoken(one.metric)}{cohort} would come after the last "
            "period, and are lost."
        )
    for name in made.held:
        yield f"{spoken(name)} is held within the range that the contract gives it."
    lower = [name for name in names if frame.scales[name].lower_is_better and adds_up(frame.scales[name])]
    if lower and case.share != 1:
        yield f"Of {_listed(lower)} less is better: check whether a share of it is what you mean."


def claims_sentences(contract: Contract, claims: Claims) -> Iterator[str]:
    """Say what comes from a claims file, also where nothing of it is claimed, and what comes from figures by period."""
    told, none = from_claims(contract, claims), unclaimed(contract, claims)
    some = [name for name in told if name not in none]
    if some:
        yield f"{_listed(some)} {'comes' if len(some) == 1 else 'come'} from it."
    if none:
        come, of = ("comes", "it") if len(none) == 1 else ("come", "them")
        yield f"{_listed(none)} {come} from it, too: nothing of {of} is claimed, so there is none."
    rest = [name for name in counted(contract) if name not in told]
    if rest:
        yield f"{_listed(rest)} {'comes' if len(rest) == 1 else 'come'} from the grid."
    if any(name in told for name in counted(contract)):
        yield "What stands in the grid of what comes from the file is kept, and counts again once the file is put away."


def _months(number: int) -> str:
    return f"{number} month{'' if number == 1 else 's'}"


def _listed(names: Sequence[str]) -> str:
    return listed([spoken(name) for name in names])


def paid_sentence(made: Outcome) -> str:
    """Say what is paid in all, and first."""
    contract = made.account.contract
    if not made.total:
        return "Nothing is paid in all."
    if made.total < 0:
        return f"{contract.money.show(-made.total)} is owed back in all."
    first = made.first
    if first is None:
        return f"{contract.money.show(made.total)} is paid in all; the contract does not say when."
    return (
        f"{contract.money.show(made.total)} is paid in all, the first of it, {contract.money.show(made.first_amount)}, "
        f"due {due_text(first)}."
    )


def cash_sentences(contract: Contract, cash: ProviderCash) -> Iterator[str]:
    """Say whether the provider's cash lasts, how low it falls, and what is left; for one path."""
    show, name = contract.money.show, party_name(contract, cash.party)
    low, there = int(cash.lowest[0]), cash.months[int(cash.lowest_in[0])]
    below = int(cash.below_in[0])
    if below == NEVER:
        yield f"The cash of {name} lasts: it is never less than {show(low)}, in {month_text(there)}."
    else:
        yield (
            f"The cash of {name} runs out in {month_text(cash.months[below])}. At the lowest, in "
            f"{month_text(there)}, {show(-low)} is missing."
        )
    yield f"At the end, in {month_text(cash.months[-1])}, it is {show(int(cash.end[0]))}."
    for amount, what in ((cash.undated, "outcome payments"), (cash.undated_others, "other movements of the funding")):
        if amount[0]:
            yield (
                f"{show(int(amount[0]))} of {what} is in no month, because the contract does not say when it is paid."
            )


def unfunded_sentences(contract: Contract, refused: Unfunded) -> Iterator[str]:
    """Say why the funding in the contract is not counted, and what to do so that it is."""
    words = dict(unknown_terms(contract))
    unknown = list(dict.fromkeys(one.path for one in refused.findings if one.path in words))
    yield (
        "The funding in the contract is not counted: what is put in, what is paid back and what the contract says is "
        "spent are left out."
    )
    if unknown:
        yield f"The contract does not say {listed([words[path] for path in unknown])}."
        if set(unknown) <= set(to_assume(contract)):
            yield "To count it, type what to take that to be under What is not known."
        else:
            yield "To count it, write that in a draft of your own of this contract."
    for one in refused.findings:
        if one.path not in words:
            yield f"{one.what[:1].upper()}{one.what[1:]}: {one.remedy}."


def break_even_sentences(
    contract: Contract, found: dict[str, BreakEven], results: Sequence[Result], case: Case
) -> Iterator[str]:
    """Say from which share of the expected performance on payments cover the costs, and the cash lasts."""
    words = {"covers": "Outcome payments cover the costs", "lasts": "The cash lasts"}
    for goal, one in found.items():
        most = written_share(one.most)
        if one.share is None:
            yield f"{words[goal]} at no share of the expected results up to {most}."
        elif one.share == 0:
            yield f"{words[goal]} even where nothing is reached."
        else:
            figures = listed(list(_parts(contract, results, case, one)))
            yield f"{words[goal]} from {written_share(one.share)} of the expected results on{_in(figures)}."
        if one.again is not None:
            yield f"Not at every share above: at {written_share(one.again)} it does not hold again."
    gaps = next(iter(found.values())).gaps if found else None
    if gaps is not None:
        yield (
            f"At shares from {written_share(gaps[0])} to {written_share(gaps[1])} the contract does not always say "
            "what is paid; those were left out."
        )


def _in(figures: str) -> str:
    return f": {figures}" if figures else ""


def _parts(contract: Contract, results: Sequence[Result], case: Case, found: BreakEven) -> Iterator[str]:
    """Say what a share comes to of each metric that can be added up: ``75 of 78 people of "enrolled"``."""
    frame = contract.frame
    for name in (name for name in counted(contract) if name in case.metrics):
        scale = frame.scales[name]
        mine = [one for one in results if one.metric == name]
        if not mine or not adds_up(scale) or found.share is None:
            continue
        if frame.metrics[name].reports == "to date":
            last: dict[int, int] = {}
            for one in sorted(mine, key=lambda r: frame.periods[r.period].end.date):
                last[one.cohort] = one.value
            total = sum(last.values())
        else:
            total = sum(one.value for one in mine)
        if total:
            yield f"{decimal(scale.value(int(found.share * total)))} of {scale.show(total)} of {spoken(name)}"
