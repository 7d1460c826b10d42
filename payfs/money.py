"""Exact money over integer arrays: the one place that multiplies, divides, rounds and shares out.

Money is a whole number of minor units [cents, pence, yen], held in ``int64`` or, as an oracle, in ``object``
arrays of Python's unbounded integers: the same code runs on both and gives the same figures. No ``int64`` can wrap
unseen: where a product might not fit it is worked out in unbounded integers, and a result beyond :data:`MOST` is
refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]  # int64 or object, shaped (cohorts or 1, periods, paths)

MOST = 10**15
"""The largest amount [minor units] and the largest measure [steps]: small enough that thousands can be added."""

SAFE = 2**62  # half the int64 range: twice a checked product still fits, which rounding needs


class TooLarge(ValueError):
    """An amount passed :data:`MOST`."""


class Currency(NamedTuple):
    """A currency by ISO 4217, with its minor unit."""

    code: str
    digits: int  # decimals of the minor unit: 2 for USD, 0 for JPY, 3 for KWD
    symbol: str

    @property
    def minor(self) -> int:
        """Minor units in one unit of the currency."""
        return int(10**self.digits)

    def show(self, minor: int) -> str:
        """Write an amount [minor units] with its currency: ``$5,104,000.00``, ``-CHF 40,500.00``."""
        gap = " " if self.symbol[-1:].isalpha() else ""
        return f"{'-' if minor < 0 else ''}{self.symbol}{gap}{self.plain(abs(minor), ',')}"

    def plain(self, minor: int, thousands: str = "") -> str:
        """Write an amount [minor units] in decimal units without a symbol: ``9638911.36``."""
        units, rest = divmod(abs(int(minor)), self.minor)
        text = f"{units:,}".replace(",", thousands)
        if self.digits:
            text += f".{rest:0{self.digits}d}"
        return f"-{text}" if minor < 0 else text

    def rate(self, amount: Fraction) -> str:
        """Write a price [units of the currency], which may be finer than the minor unit: ``$0.125``."""
        minor = amount * self.minor
        if minor.denominator == 1:
            return self.show(int(minor))
        for digits in range(self.digits + 1, 10):
            scaled = amount * 10**digits
            if scaled.denominator == 1:
                return self._replace(digits=digits).show(int(scaled))
        return f"{self.symbol} {amount}"


@lru_cache
def currency(code: str) -> Currency:
    """Look a currency up by its ISO 4217 code.

    Raises:
        KeyError: no such currency.
    """
    from babel import Locale
    from babel.numbers import get_currency_precision

    english = Locale("en")
    if code not in english.currencies:
        raise KeyError(code)
    return Currency(code, get_currency_precision(code), english.currency_symbols.get(code, code))


class Rounding(NamedTuple):
    """How the contract rounds: ``how``, and to a whole number of what [minor units]."""

    how: str = "half up"  # half up | half even | down | up
    to: int = 1


HALF_UP = Rounding()


def peak(array: Array) -> int:
    """Return the largest size of any entry; 0 of an empty array."""
    if array.size == 0:
        return 0
    if array.dtype == np.int64:
        # read without signs, a number below 0 is beyond all others: where there is none, one look is enough
        most = int(array.view(np.uint64).max())
        if most < 2**63:
            return most
    return max(int(array.max()), -int(array.min()))


def refuse_beyond(result: Array, most: int = MOST) -> Array:
    """Return the array if no entry passes ``most`` in size.

    Raises:
        TooLarge: one does.
    """
    if peak(result) > most:
        raise TooLarge("an amount is beyond what can be paid exactly")
    return result


def over(number: Array, by: int | Array, rounding: Rounding = HALF_UP) -> Array:
    """Divide integers by a positive integer and round as the contract says.

    Ties of ``half up`` go away from zero, for negative amounts too, so that a clawback mirrors the payment that it
    takes back; ``down`` is towards zero and ``up`` away from it.
    """
    how, to = rounding
    whole = by * to
    if isinstance(whole, int) and whole == 1:
        return number
    if isinstance(whole, np.ndarray):
        whole = whole.astype(number.dtype)
    if number.size and int(number.min()) < 0:
        negative = number < 0
        size = _over(np.where(negative, -number, number), whole, how)
        result: Array = np.where(negative, -size, size)
    else:
        result = _over(number, whole, how)
    return result * to if to != 1 else result


def _over(size: Array, by: int | Array, how: str) -> Array:
    """Divide integers of at least 0, rounding by size."""
    if how == "half up":
        return (2 * size + by) // (2 * by)
    if how == "down":
        return size // by
    if how == "up":
        return -(-size // by)
    quotient = size // by
    twice = 2 * (size - quotient * by)
    up: Array = quotient + ((twice > by) | ((twice == by) & (quotient % 2 == 1)))
    return up


def times(amount: Array, rate: Fraction | tuple[Array, int], rounding: Rounding = HALF_UP) -> Array:
    """Multiply amounts or counts by an exact rate and round once.

    Args:
        amount: integers, (cohorts, periods, paths).
        rate: a fraction, or integers that broadcast to ``amount`` over one denominator.
        rounding: as the contract says.

    Raises:
        TooLarge: a result passes :data:`MOST`.
    """
    top: int | Array
    if isinstance(rate, tuple):
        top, bottom = rate
        most = peak(top)
    else:
        top, bottom = rate.numerator, rate.denominator
        most = abs(top)
    reach = max(peak(amount), 1) * most  # the rate itself must fit even where all amounts are 0
    if fits(reach, bottom * rounding.to):
        if isinstance(top, np.ndarray):
            top = top.astype(amount.dtype)
        return within(reach, over(amount * top, bottom, rounding), bottom, rounding)
    if isinstance(top, np.ndarray):
        top = top.astype(object)
    exact = over(amount.astype(object) * top, bottom, rounding)
    return refuse_beyond(exact).astype(amount.dtype)


def times_to_date(added: Array, rate: tuple[Array, int], rounding: Rounding = HALF_UP) -> Array:
    """Multiply what each period adds by that period's rate, add up to date and round the totals once.

    Args:
        added: integers, (cohorts, periods, paths).
        rate: integers that broadcast to ``added`` over one denominator.
        rounding: as the contract says.

    Raises:
        TooLarge: a result passes :data:`MOST`.
    """
    top, bottom = rate
    reach = max(peak(added), 1) * peak(top) * added.shape[1]
    exact = fits(reach, bottom * rounding.to)
    product = added * top.astype(added.dtype) if exact else added.astype(object) * top.astype(object)
    result = over(carried(np.add, product), bottom, rounding)
    return within(reach, result, bottom, rounding).astype(added.dtype, copy=False)


def fits(product: int, divisor: int = 1) -> bool:
    """Whether a product and its rounding stay inside int64."""
    return 2 * product + divisor < SAFE and 2 * divisor < SAFE


def within(reach: int, result: Array, divisor: int = 1, rounding: Rounding = HALF_UP) -> Array:
    """Return the result of a division by ``divisor`` if no entry passes :data:`MOST`.

    The array is looked through only where the bound before the division, ``reach``, leaves a doubt: the bound is known
    anyway, and looking through an array costs as much as working it out.

    Raises:
        TooLarge: an entry does.
    """
    return result if reach // divisor + rounding.to <= MOST else refuse_beyond(result)


def total(arrays: Sequence[Array], like: Array | None = None) -> Array:
    """Add amounts of one shape up to broadcasting.

    Raises:
        TooLarge: the sum passes :data:`MOST`.
    """
    if not arrays:
        return np.zeros((1, 1, 1), dtype=np.int64 if like is None else like.dtype)
    result = arrays[0]
    for array in arrays[1:]:
        result = result + array
    # every entry is within MOST already, so a wrap would take more than 9,000 of them
    return refuse_beyond(result) if len(arrays) < 9000 else refuse_beyond(sum_over(np.stack(arrays), 0))


def sum_over(array: Array, axis: int, bound: int | None = None) -> Array:
    """Add along an axis, keeping it with length 1, without wrapping.

    Args:
        array: integers.
        axis: along which they are added up.
        bound: that no entry passes in size, where it is known: to look through an array costs as much as to add it up.

    Raises:
        TooLarge: a sum passes 1,000 times :data:`MOST`.
    """
    if array.shape[axis] == 1:
        return array
    length, most = array.shape[axis], 1000 * MOST
    known = bound is not None and fits(bound * length)
    reach = (bound if known and bound is not None else peak(array)) * length
    exact = array if fits(reach) else array.astype(object)
    result: Array = exact.sum(axis=axis, keepdims=True)
    return (result if reach <= most else refuse_beyond(result, most)).astype(array.dtype, copy=False)


def to_date(array: Array, used_up: bool = False) -> Array:
    """Add up along the periods: the total to date.

    Args:
        array: amounts.
        used_up: whether nobody needs them any more, so that the totals may take their place.

    Raises:
        TooLarge: a total passes :data:`MOST`.
    """
    if array.shape[1] == 1:
        return array
    reach = peak(array) * array.shape[1]
    result = carried(np.add, array, used_up) if fits(reach) else carried(np.add, array.astype(object))
    return within(reach, result).astype(array.dtype, copy=False)


def carried(step: np.ufunc, array: Array, used_up: bool = False) -> Array:
    """Carry along the periods: the running total of ``np.add``, the highest so far of ``np.maximum``.

    With ``used_up`` they take the place of the array.
    """
    periods, paths = array.shape[1:]
    if paths <= periods:
        result: Array = step.accumulate(array, axis=1)
        return result
    # accumulate goes path by path, across the grain of the memory; period by period is ten times as fast
    result = array if used_up else np.empty_like(array, order="C")
    result[:, 0] = array[:, 0]
    for period in range(1, periods):
        step(result[:, period - 1], array[:, period], out=result[:, period])
    return result


def at_least_nothing(array: Array) -> Array:
    """Return the entries, 0 where they are below it; the array itself where none is."""
    return np.maximum(array, 0) if array.size and int(array.min()) < 0 else array


def since_before(running: Array) -> Array:
    """Undo :func:`to_date`: what each period adds to the total."""
    if running.shape[1] == 1:
        return running
    result = np.array(running)
    result[:, 1:] -= running[:, :-1]
    return result


def split(amount: Array, weights: Sequence[Array | int], to: int = 1) -> list[Array]:
    """Share amounts out in proportion to weights, to the last minor unit.

    With ``to``, shares are whole numbers of so many minor units, as far as the amounts are.

    Each share is rounded down in size and the minor units left over go to the largest remainders (Hamilton's method);
    equal remainders are served in the order given. The shares of a negative amount mirror those of a positive one.
    Where all weights are 0 nothing is shared out.
    """
    if to != 1:
        # decided for each amount by itself, so that a path of a batch is split as that path alone would be
        even = amount % to == 0
        whole, single = split(np.where(even, amount // to, 0), weights), split(np.where(even, 0, amount), weights)
        return [lot * to + rest for lot, rest in zip(whole, single, strict=True)]
    shape = np.broadcast_shapes(amount.shape, *(np.shape(weight) for weight in weights))
    dtype = amount.dtype
    some = [place for place, weight in enumerate(weights) if not (isinstance(weight, int) and weight == 0)]
    if len(some) == 1:
        # nobody else has a claim, so there is nothing to divide
        only, nothing = weights[some[0]], np.zeros((1,) * len(shape), dtype=dtype)
        alone = amount if isinstance(only, int) else np.where(only == 0, nothing, amount)
        return [np.broadcast_to(alone if place in some else nothing, shape) for place in range(len(weights))]
    if len(weights) == 2:
        first, second = (np.asarray(weight, dtype=dtype) for weight in weights)
        return _in_two(amount, first, second)
    size = np.broadcast_to(np.abs(amount), shape)
    stack = np.stack([np.broadcast_to(np.asarray(weight, dtype=dtype), shape) for weight in weights])
    heaviest = max(peak(stack), 1)
    if not fits(peak(size) * heaviest, heaviest * len(stack)):
        size, stack = size.astype(object), stack.astype(object)
    everything = stack.sum(axis=0)
    divisor = np.where(everything == 0, 1, everything)
    product = stack * size
    shares = product // divisor
    left = np.where(everything == 0, 0, size - shares.sum(axis=0))
    if (left != 0).any():
        remainder = product - shares * divisor
        if int(left.max()) > 1:
            rank = np.argsort(np.argsort(-remainder, axis=0, kind="stable"), axis=0, kind="stable")
            shares = shares + (rank < left)
        else:  # one at most, which goes to the first of the largest
            largest, there = remainder.max(axis=0), left == 1
            for place, rest in enumerate(remainder):
                here = there & (rest == largest)
                shares[place] = shares[place] + here
                there &= ~here
    signed = np.where(np.broadcast_to(amount, shape) < 0, -shares, shares).astype(dtype, copy=False)
    return list(signed)


def _in_two(amount: Array, first: Array, second: Array) -> list[Array]:
    """Share amounts out between two, looking only where there are any at amounts below 0 and at weights that are all 0.

    The first gets what is left over where its remainder is half of a unit at least: that is to round.
    """
    negative, size = amount < 0, np.abs(amount)
    heaviest = max(peak(first), peak(second), 1)
    if not fits(peak(amount) * heaviest, 2 * heaviest):
        size, first, second = (array.astype(object) for array in (size, first, second))
    everything = np.asarray(first + second)  # of two plain numbers, too
    if not everything.all():
        size = np.where(everything == 0, 0, size)
        everything = np.maximum(everything, 1)
    lot = _over(first * size, everything, "half up")
    lots = [lot, size - lot]
    if negative.any():
        lots = [np.where(negative, -lot, lot) for lot in lots]
    return [lot.astype(amount.dtype, copy=False) for lot in lots]
