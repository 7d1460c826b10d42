"""A run: every path of a scenario drawn, paid and poured, block by block, and summed up replicate by replicate.

What a path comes to depends on its number alone, and a replicate is summed up from all of its paths in their order; so
the result is the same to the last bit whatever the size of the blocks, and whoever works out which replicates.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from payfs.simulate.draws import Draws
from payfs.simulate.risk import Risk, Told, gathered, tell
from payfs.simulate.worked import TOTAL, Worked, check
from payfs.text import Finding, Refused
from payfs.threads import processors, side_by_side

Array = NDArray[Any]
Outcomes = Mapping[str, Array]
Progress = Callable[[int], None]
Sink = Callable[[int, Outcomes], None]

BLOCK = 50_000
"""The most paths that are worked out at a time: enough for arithmetic to outweigh what each block costs by itself."""

FEW = 16_384
"""Paths that tell a chance to a few tenths of a percentage point, where many runs are wanted."""

FIGURES = 2**18  # of one array of a block (cohorts x periods x paths): with all that a contract makes, some 50 MB
NUMBERS = 2**24  # uniforms of a block
MANY = 2_000  # figures of a path: more than any contract has
PREFIXES = 6  # how often the paths are halved to see how many would have been enough


class Part(NamedTuple):
    """What one replicate comes to.

    Attributes:
        told: by label.
        prefixes: the mean of the total over the first half, quarter, ... of its paths, fewest first.
    """

    told: Mapping[str, Told]
    prefixes: tuple[float, ...]


@dataclass(frozen=True)
class Run:
    """A scenario and the draws on which it is worked out.

    Attributes:
        worked: what is worked out.
        draws: how many paths, in how many replicates, from which seed.
        block: paths at a time.
    """

    worked: Worked
    draws: Draws
    block: int = BLOCK

    @property
    def size(self) -> int:
        """How many paths a block has at most, so that what is worked out of them fits the memory."""
        frame = self.worked.contract.frame
        cells = len(frame.cohorts) * len(frame.periods)
        return max(64, min(self.block, NUMBERS // max(self.draws.columns, 1), FIGURES // cells))

    def blocks(self, replicates: range) -> Iterator[tuple[int, int]]:
        """Yield the first path and the one after the last of each block of some replicates that follow each other."""
        start = self.draws.paths_of(replicates[0]).start
        stop = self.draws.paths_of(replicates[-1]).stop
        number = -(-(stop - start) // self.size)
        edges = [start + (stop - start) * place // number for place in range(number + 1)]
        yield from pairwise(edges)  # of the same size, so that those who work side by side end together

    def outcomes(self, replicates: range, threads: int | None = None) -> Iterator[tuple[int, Outcomes]]:
        """Yield what each block comes to, in order: the number of its first path, and (paths,) by label."""

        def work(block: tuple[int, int]) -> tuple[int, Outcomes]:
            return block[0], self.worked.evaluate(self.draws.between(*block))

        # Linux gives the memory of a block back when it is done and takes it again for the next; once so much has been
        # given back at a time, the allocator keeps as much for what comes next
        np.empty(30_000_000, dtype=np.int8)
        blocks = list(self.blocks(replicates))
        many = min(processors(), 4) if threads is None else threads
        yield from side_by_side(work, blocks, min(many, len(blocks)))

    def parts(
        self,
        replicates: range | None = None,
        progress: Progress | None = None,
        sink: Sink | None = None,
        threads: int | None = None,
    ) -> Iterator[Part]:
        """Work some replicates out that follow each other, and yield what each comes to.

        Args:
            replicates: which; all if not said.
            progress: told how many paths are done.
            sink: given every block.
            threads: how many blocks are worked out at once; as many as there are processors, up to 4, if not said.
        """
        wanted = [r for r in (replicates or range(self.draws.replicates)) if len(self.draws.paths_of(r))]
        if not wanted:
            return
        waiting = iter(wanted)
        now, held = next(waiting), list[Outcomes]()
        for first, outcomes in self.outcomes(range(wanted[0], wanted[-1] + 1), threads):
            if sink is not None:
                sink(first, outcomes)
            place, number = 0, len(outcomes[TOTAL])
            while place < number:
                stop = self.draws.paths_of(now).stop - first
                held.append({label: values[place:stop] for label, values in outcomes.items()})
                place = min(stop, number)
                if first + place == self.draws.paths_of(now).stop:
                    yield _summed(held)
                    now, held = next(waiting, now), []
            if progress is not None:
                progress(number)

    def risk(self, progress: Progress | None = None, sink: Sink | None = None) -> Risk:
        """Work everything out.

        Raises:
            Refused: the contract cannot be worked out on what the scenario believes, or memory would not do.
        """
        check(self.worked)
        self.fits()
        return self.put_together(list(self.parts(None, progress, sink)))

    def put_together(self, parts: list[Part]) -> Risk:
        """Put the replicates of a run together, in their order."""
        prefixes = [np.array(means) for means in zip(*(part.prefixes for part in parts), strict=True)]
        paths = self.draws.paths
        sizes = [max(paths >> (PREFIXES - 1 - at), len(parts)) for at in range(PREFIXES)]
        return gathered([part.told for part in parts], paths, list(zip(sizes, prefixes, strict=True)))

    def fits(self, at_once: int = 1) -> None:
        """Refuse a run of which a replicate would not fit the memory.

        Args:
            at_once: how many are worked out at the same time on this machine.

        Raises:
            Refused: with how many replicates it would.
        """
        each = len(self.draws.paths_of(0))
        if each * MANY * 16 <= memory() // at_once / 2:
            return  # however many figures there are, and without working one path out
        labels = len(self.worked.evaluate(np.full((self.worked.columns, 1), 0.5)))
        needed, there = each * labels * 16, memory() // at_once
        if needed > there / 2:
            most = int(there / 2 / labels / 16)
            what = f"a replicate of {each:,} paths with {labels} figures needs {needed / 2**30:,.1f} GiB of memory"
            remedy = f"say replicates: {-(-self.draws.paths // max(most, 1)):,} or more, or draw fewer paths"
            raise Refused([Finding(what, remedy, file=self.worked.scenario.file)])


def memory() -> int:
    """Return how much memory the machine has free [bytes]."""
    try:
        return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES"))
    except (ValueError, OSError, AttributeError):
        return 4 * 2**30


def _summed(held: list[Outcomes]) -> Part:
    """Sum one replicate up."""
    whole = {label: np.concatenate([one[label] for one in held]) for label in held[0]}
    total = whole[TOTAL].astype(np.float64)
    prefixes = [float(total[: max(len(total) >> (PREFIXES - 1 - at), 1)].mean()) for at in range(PREFIXES)]
    return Part({label: tell(values) for label, values in whole.items()}, tuple(prefixes))
