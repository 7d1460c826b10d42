"""Amounts of a summary, which are means and no longer whole minor units, written in units of the currency."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from payfs.money import Currency

FINER = 2  # decimals of a standard error beyond those of the currency, so that a small one is not lost


def amount_text(minor: float, money: Currency) -> str:
    """Write an amount [minor units] to the minor unit, half away from 0: ``8487942.60``."""
    return money.plain(int(Decimal(minor).to_integral_value(ROUND_HALF_UP)))


def error_text(minor: float, money: Currency) -> str:
    """Write a standard error [minor units], two decimals finer than amounts are: ``962.3517``."""
    finer = money._replace(digits=money.digits + FINER)
    return finer.plain(int((Decimal(minor) * 10**FINER).to_integral_value(ROUND_HALF_UP)))
