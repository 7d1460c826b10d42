"""An independent reckoning of Denver, written straight from its clauses in plain fractions, against the engine.

The clauses: housing pays 15.12 for each day to date, at most 5,290,000. Jail days pay, once, nothing below a
reduction of 20 percent, 160,000 a point from there, 4,800,000 and 38,000 for each point above 30 from 30 percent on,
and 6,130,000 from 65 percent on. Both together at most 11,420,000. What is paid is what is due in all less what was
paid before; nothing is taken back; a result that is missing changes nothing.
"""

import itertools
import random
from fractions import Fraction

import numpy as np
import pytest

from payfs.contract import Contract, load, load_document
from payfs.evidence.measured import Measured, Series
from payfs.places import contract_specs
from payfs.statement import statement
from payfs.text import read_yaml

DENVER = contract_specs() / "denver-sib.yaml"
PAYMENTS = 5
PATHS = 48


def cents(amount: Fraction) -> int:
    """Round dollars to cents, a tie up."""
    return int((amount * 100 + Fraction(1, 2)) // 1)


def housing_in_all(days: int) -> int:
    return min(cents(Fraction(1512, 100) * days), 529_000_000)


def jail(hundredths: int) -> int:
    """What a reduction of so many hundredths of a percent pays [cents]."""
    percent = Fraction(hundredths, 100)
    if percent < 20:
        return 0
    if percent < 30:
        return cents(160_000 * percent)
    if percent < 65:
        return cents(30 * 160_000 + 38_000 * (percent - 30))
    return 613_000_000


def reckon(days: list[int | None], reduction: int | None, cap: int) -> tuple[list[int], int]:
    """Return the five housing payments and the jail payment [cents]."""
    paid, in_all, payments, jail_paid = 0, 0, [], 0
    for number, given in enumerate(days):
        before, in_all = in_all, in_all if given is None else max(in_all, housing_in_all(given))
        last = number == PAYMENTS - 1
        due = {"housing": in_all - before, "jail": jail(reduction) if last and reduction is not None else 0}
        off = shared(max(paid + sum(due.values()) - cap, 0), due)
        payments.append(due["housing"] - off["housing"])
        jail_paid = due["jail"] - off["jail"]
        paid += payments[-1] + jail_paid
    return payments, jail_paid


def shared(cut: int, due: dict[str, int]) -> dict[str, int]:
    """Share a cut in proportion; a cent left over goes to the larger remainder, or to the first by name."""
    whole = sum(due.values())
    if not cut:
        return dict.fromkeys(due, 0)
    exact = {name: Fraction(cut * amount, whole) for name, amount in due.items()}
    off = {name: int(share) for name, share in exact.items()}
    for name in sorted(due, key=lambda name: (off[name] - exact[name], name))[: cut - sum(off.values())]:
        off[name] += 1
    return off


def contract(cap: int) -> Contract:
    """Return the contract with another cap [dollars]."""
    text = DENVER.read_text(encoding="utf-8")
    assert text.count("{most: 11420000}") == 1
    text = text[: text.index("\nexamples:")].replace("{most: 11420000}", f"{{most: {cap}}}")
    return load_document(read_yaml(text + "\n", "denver.yaml"), text)


def days_to_date(rng: random.Random) -> list[int]:
    """Draw days to date: mostly rising, about the limit, and now and then falling."""
    top = rng.choice([100, 300_000, 349_867, 349_868, 360_000, 900_000])
    days = sorted(rng.randint(0, top) for _ in range(PAYMENTS))
    if rng.random() < 0.3:
        rng.shuffle(days)
    if rng.random() < 0.3:
        days[rng.randrange(PAYMENTS)] = rng.choice([0, 349_867, 349_868])
    return days


def reductions(rng: random.Random) -> int:
    edges = [0, 1999, 2000, 2001, 2999, 3000, 3001, 6499, 6500, 6501, 10_000, -500]
    return rng.choice(edges) if rng.random() < 0.5 else rng.randint(-10_000, 10_000)


@pytest.mark.parametrize("cap", [11_420_000, 9_000_000, 5_290_000, 4_000_000, 0])
def test_denver_pays_what_its_clauses_say(cap):
    rng = random.Random(cap)
    deal = contract(cap)
    scales = deal.terms[-1].scales
    checked = 0
    for given in itertools.product([True, False], repeat=PAYMENTS + 1):
        days = [days_to_date(rng) for _ in range(PATHS)]
        falls = [reductions(rng) for _ in range(PATHS)]
        there = np.array([given[:PAYMENTS]])
        jail_there = np.array([[False] * (PAYMENTS - 1) + [given[-1]]])
        values = np.array(days, dtype=np.int64).T[None] * there[:, :, None]
        jail_values = np.zeros((1, PAYMENTS, PATHS), dtype=np.int64)
        jail_values[0, -1] = np.array(falls) * given[-1]
        measured = Measured(
            {
                "stable_days": Series(values, there, scales["stable_days"], running=True),
                "jail_reduction": Series(jail_values, jail_there, scales["jail_reduction"]),
            },
            deal.cohorts,
            tuple(period.name for period in deal.periods),
            tuple(period.start.date.year for period in deal.periods),
            PATHS,
        )
        made = statement(deal, measured)
        lines = {stream.rule: np.broadcast_to(stream.paid, (1, PAYMENTS, PATHS)) for stream in made.streams}
        for path in range(PATHS):
            known = [day if flag else None for day, flag in zip(days[path], given[:PAYMENTS], strict=True)]
            housing, jailed = reckon(known, falls[path] if given[-1] else None, cap * 100)
            assert lines["housing"][0, :, path].tolist() == housing
            assert lines["jail_days"][0, :, path].tolist() == [0, 0, 0, 0, jailed]
            checked += 1
    assert checked == 64 * PATHS


def test_the_oracle_itself_comes_to_what_denver_really_paid():
    assert load(DENVER).name == "denver-sib"
    housing, jailed = reckon([None, 67_855, None, 258_858, 299_928], 3800, 1_142_000_000)
    assert housing == [0, 102_596_760, 0, 288_796_536, 62_097_840]
    assert jailed == 510_400_000
