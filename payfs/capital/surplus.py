"""What is left, shared out: what a limit cuts from one goes to the others that share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import lcm
from typing import NamedTuple

import numpy as np

from payfs.money import Array, split

Limit = Callable[[Array], Array]  # what of an amount a limit lets through, (paths,) [minor units]


class Share(NamedTuple):
    """One party's, tranche's or pool's part of what was left; all (paths,) [minor units].

    Attributes:
        agreed: its share of what was left, whatever the limits.
        paid: what it gets.
        cut: what a limit cut from it, and the others that share got.
        stays: what a limit cut from it where there was no other, so that it stays in the pool.
    """

    agreed: Array
    paid: Array
    cut: Array
    stays: Array


def over_one(shares: list[Fraction]) -> tuple[list[int], int]:
    """Return shares as whole weights, and the weight of what is shared out to nobody."""
    bottom = lcm(*(share.denominator for share in shares))
    weights = [int(share * bottom) for share in shares]
    return weights, max(bottom - sum(weights), 0)


def share_out(left: Array, shares: Mapping[str, Fraction], limits: Mapping[str, Limit]) -> dict[str, Share]:
    """Share out what is left; what a limit cuts goes to the others in proportion to their shares, again and again.

    It ends where nothing is cut or nobody is left. What is nobody's share stays nobody's.

    Args:
        left: (paths,) [minor units], at least 0.
        shares: of each; together at most 1.
        limits: of those that have one.
    """
    weights, nobody = over_one([Fraction(share) for share in shares.values()])
    none = np.zeros_like(left)
    paid, cut, stays = (dict.fromkeys(shares, none) for _ in range(3))
    open_ = dict.fromkeys(shares, np.ones(left.shape, dtype=bool))
    parts = agreed = split(left, [*weights, nobody])[:-1]
    while any(part.any() for part in parts):
        beyond = {}
        for name, part in zip(shares, parts, strict=True):
            whole = paid[name] + part
            paid[name] = limits[name](whole) if name in limits else whole
            beyond[name] = whole - paid[name]
            open_[name] = open_[name] & (beyond[name] == 0)
        others = [weight * open_[name].astype(left.dtype) for name, weight in zip(shares, weights, strict=True)]
        goes_on = sum(others, start=none) > 0
        for name, amount in beyond.items():
            cut[name] = cut[name] + amount * goes_on
            stays[name] = stays[name] + amount * ~goes_on
        parts = split(sum(beyond.values(), start=none), others)
    return {name: Share(part, paid[name], cut[name], stays[name]) for name, part in zip(shares, agreed, strict=True)}
