"""Uniform numbers strictly between 0 and 1, the same to the last bit however a run is cut into blocks.

A number depends only on the seed, the replicate, the place in the replicate and the column: not on the size of a block,
on the number of processes, nor on how many other columns or paths are drawn. Only raw bits of numpy's generator are
used, which numpy promises to keep (NEP 19), so that a newer version draws the same paths.

Sobol' points (I. M. Sobol', "On the distribution of points in a cube", 1967; direction numbers of S. Joe and F. Y. Kuo,
"Constructing Sobol sequences with better two-dimensional projections", 2008, as scipy has them) fill the cube more
evenly than random ones. Each replicate scrambles them by a random lower triangular matrix over bits and a random
digital shift (J. Matousek, "On the L2-discrepancy for anchored boxes", 1998), which keeps the evenness and makes every
point uniform, so that a mean is unbiased and the spread between replicates tells its error (A. B. Owen, "Scrambling
Sobol' and Niederreiter-Xing points", 1998, of which this scrambling is the cheaper kin). The first point is kept
(A. B. Owen, "On dropping the first Sobol' point", 2020).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from operator import index
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]

TABLE = 21_201
"""The columns for which there are direction numbers; those beyond are drawn by the random generator."""

DEPTH = 30  # direction numbers of a column: a replicate has at most 2**30 Sobol' points
BITS = 52  # of a uniform: the fraction of a float64
CHUNK = 13  # Sobol' points are made 2**13 at a time, which fit the processor's cache
KEPT = 13  # of each replicate the first points are kept, up to 2**13 numbers, for others are made from them

# the exponent of 1: with it, 52 bits are a number from 1 to 2, which is cheaper to turn into a uniform than a whole one
ONE = np.uint64(1023 << BITS)
DROP = np.uint64(64 - BITS)


@dataclass(frozen=True)
class Draws:
    """The uniforms of a run, cut into replicates that are independent of each other.

    Replicates follow each other along the paths; where the paths do not divide, the first replicates have one path
    more, and where there are fewer paths than replicates, the last have none.

    Attributes:
        seed: a whole number of at least 0, of any size.
        columns: how many numbers each path needs.
        paths: how many paths the run has.
        replicates: into how many parts it is cut.
        how: ``sobol``, or ``random`` for independent numbers (Philox: J. Salmon and others, "Parallel random numbers:
            as easy as 1, 2, 3", 2011). Beyond :data:`TABLE` columns the rest is random in any case.

    Raises:
        ValueError: a figure is out of its range.
    """

    seed: int
    columns: int
    paths: int
    replicates: int = 16
    how: Literal["sobol", "random"] = "sobol"

    def __post_init__(self) -> None:
        for name, least in (("seed", 0), ("columns", 0), ("paths", 1), ("replicates", 1)):
            value = getattr(self, name)
            try:
                whole = index(value)
            except TypeError:
                whole = -1
            if whole < least or isinstance(value, bool):
                raise ValueError(f"{name} is {value!r}; write a whole number of at least {least}")
            object.__setattr__(self, name, whole)
        if self.how not in ("sobol", "random"):
            raise ValueError(f"numbers cannot be drawn by {self.how!r}; write sobol or random")
        if self.how == "sobol" and len(self.paths_of(0)) > 2**DEPTH:
            raise ValueError(
                f"{self.paths:,} paths in {self.replicates:,} replicates need more than {2**DEPTH:,} Sobol' points "
                "each; use more replicates, or random numbers"
            )

    def paths_of(self, replicate: int) -> range:
        """Return the paths of a replicate.

        Raises:
            ValueError: there is no such replicate.
        """
        if not 0 <= replicate < self.replicates:
            raise ValueError(f"there is no replicate {replicate} among {self.replicates}; they count from 0")
        each, more = divmod(self.paths, self.replicates)
        start = replicate * each + min(replicate, more)
        return range(start, start + each + (replicate < more))

    def replicate_of(self, path: int) -> tuple[int, int]:
        """Return the replicate of a path and its place there, both from 0.

        Raises:
            ValueError: there is no such path.
        """
        if not 0 <= path < self.paths:
            raise ValueError(f"there is no path {path} among {self.paths}; they count from 0")
        each, more = divmod(self.paths, self.replicates)
        longer = more * (each + 1)
        if path < longer:
            return divmod(path, each + 1)
        replicate, place = divmod(path - longer, each)
        return more + replicate, place

    def take(self, replicate: int, start: int, stop: int) -> Floats:
        """Return the uniforms of places ``start`` to ``stop`` of a replicate, (columns, stop - start).

        Raises:
            ValueError: the replicate does not have these places.
        """
        size = len(self.paths_of(replicate))
        if not 0 <= start <= stop <= size:
            raise ValueError(f"places {start} to {stop} are not all among the {size} of replicate {replicate}")
        words = np.empty((self.columns, stop - start), dtype=np.uint64)
        self._fill(words, replicate, start)
        return _uniforms(words)

    def between(self, start: int, stop: int) -> Floats:
        """Return the uniforms of paths ``start`` to ``stop``, whatever replicates they lie in, (columns, stop - start).

        Raises:
            ValueError: the run does not have these paths.
        """
        if not 0 <= start <= stop <= self.paths:
            raise ValueError(f"paths {start} to {stop} are not all among the {self.paths} of the run")
        words = np.empty((self.columns, stop - start), dtype=np.uint64)
        at = start
        while at < stop:
            replicate, place = self.replicate_of(at)
            end = min(stop, self.paths_of(replicate).stop)
            part = words[:, at - start : end - start]
            self._fill(part, replicate, place)
            _uniforms(part)  # while it is at hand
            at = end
        return words.view(np.float64)

    def _fill(self, words: Words, replicate: int, start: int) -> None:
        """Write the bits of the numbers from place ``start`` on, with :data:`ONE`."""
        count = words.shape[1]
        even = min(self.columns, TABLE) if self.how == "sobol" else 0
        if even and count:
            # as many as the run needs and not the block, so that every block finds the same table
            depth = (len(self.paths_of(replicate)) - 1).bit_length()
            _, directions = _scrambled(self.seed, replicate, even, depth)
            _fill_sobol(words[:even], _first_points(self.seed, replicate, even, depth), directions, start)
        if even < self.columns:
            key = _key(self.seed, replicate, 1)
        for column in range(even, self.columns):
            # a step of the counter gives four numbers; the column stands in its second word
            block, before = divmod(start, 4)
            raw = np.random.Philox(key=key, counter=(column << 64) + block).random_raw(before + count)[before:]
            words[column] = (raw >> DROP) | ONE


def _uniforms(words: Words) -> Floats:
    """Turn 52 bits k with :data:`ONE` into (k + 1/2) / 2**52, which is exact, in place."""
    numbers = words.view(np.float64)
    numbers -= 1 - 2.0 ** -(BITS + 1)
    return numbers


def _key(seed: int, replicate: int, purpose: int) -> Words:
    # the replicate as a spawn key: numpy fills a short seed up with zeros, so that seed 2**32 would be seed 0 in
    # replicate 1 if both were given as one list of numbers
    words = np.random.SeedSequence(seed, spawn_key=(replicate, purpose)).generate_state(2, np.uint64)
    return words.astype(np.uint64, copy=False)


def _fill_sobol(words: Words, begun: Words, directions: Words, start: int) -> None:
    """Write Sobol' points: point i is the shift and the directions of all bits of i, added without carry.

    Points come in the order of i and not in that of its Gray code, so that any block is reached at once.

    Args:
        words: where to, (columns, points).
        begun: the first points of all, (columns, a power of two), with :data:`ONE`.
        directions: of each bit, (columns, bits).
        start: the first point that is written.
    """
    stop = start + words.shape[1]
    low_bits = min((stop - start - 1).bit_length(), CHUNK)
    size = 1 << low_bits
    # from the first point on, those of the first chunk are made where they belong
    low = words[:, :size] if start == 0 else np.empty((len(words), size), dtype=np.uint64)
    made, there = low.shape[1], begun.shape[1]
    low[:, :there] = begun[:, :made]
    _double(low, directions, there, low_bits)
    for chunk in range(1 if start == 0 else start >> low_bits, ((stop - 1) >> low_bits) + 1):
        high = np.zeros(len(words), dtype=np.uint64)
        for bit in range(chunk.bit_length()):
            if chunk >> bit & 1:
                high ^= directions[:, low_bits + bit]
        first, last = max(start, chunk * size), min(stop, (chunk + 1) * size)
        part = low[:, first - chunk * size : last - chunk * size]
        np.bitwise_xor(part, high[:, None], out=words[:, first - start : last - start])


def _double(points: Words, directions: Words, there: int, bits: int) -> None:
    """Make points 0 up to 2**bits, as far as there is room, from those that are there, a power of two."""
    made = points.shape[1]
    for bit in range(there.bit_length() - 1, bits):
        half = 1 << bit
        more = min(half, made - half)
        np.bitwise_xor(points[:, :more], directions[:, bit, None], out=points[:, half : half + more])


@lru_cache(maxsize=32)
def _first_points(seed: int, replicate: int, columns: int, depth: int) -> Words:
    """Return the first points of a replicate, (columns, a power of two)."""
    shift, directions = _scrambled(seed, replicate, columns, depth)
    bits = min(max(KEPT - columns.bit_length(), 0), depth)
    points = np.empty((columns, 1 << bits), dtype=np.uint64)
    points[:, 0] = shift | ONE
    _double(points, directions, 1, bits)
    points.flags.writeable = False
    return points


@lru_cache(maxsize=32)
def _scrambled(seed: int, replicate: int, columns: int, depth: int) -> tuple[Words, Words]:
    """Scramble the direction numbers of a replicate.

    Returns:
        The digital shift (columns,) and the directions (columns, depth), in the low 52 bits.
    """
    # 32 words for each column, of which 30 are the random matrix, one by each of its columns, and one is the shift
    words = np.random.Philox(key=_key(seed, replicate, 0)).random_raw(32 * columns).reshape(columns, 32) >> DROP
    top = np.uint64(1) << np.arange(BITS - 1, BITS - 1 - DEPTH, -1, dtype=np.uint64)
    matrix = (words[:, :DEPTH] & (top - np.uint64(1))) | top  # ones on the diagonal, random below it
    plain = _directions(columns, depth)
    directions = np.zeros_like(plain)
    for bit in range(depth):
        has = (plain >> np.uint64(DEPTH - 1 - bit)) & np.uint64(1)
        directions ^= has * matrix[:, bit, None]
    shift = words[:, DEPTH].copy()
    for array in (shift, directions):
        array.flags.writeable = False
    return shift, directions


@lru_cache(maxsize=8)
def _directions(columns: int, depth: int) -> Words:
    """Return the direction numbers of Joe and Kuo, (columns, depth) [whole numbers of 30 bits]."""
    from scipy.stats import qmc

    # scipy tells them only through its points: in Gray code the points 2**j - 1 and 2**j differ by direction j alone
    points = qmc.Sobol(columns, scramble=False, bits=DEPTH)
    result = np.zeros((columns, depth), dtype=np.uint64)
    before = points.random(1)[0]
    for bit in range(depth):
        if (away := 2**bit - points.num_generated) > 0:
            points.fast_forward(away - 1)
            before = points.random(1)[0]
        after = points.random(1)[0]
        result[:, bit] = (before * 2**DEPTH).astype(np.uint64) ^ (after * 2**DEPTH).astype(np.uint64)
        before = after
    return result
