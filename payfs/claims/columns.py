"""Columns of a claims file: a code for each cell, and the words that the codes stand for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from payfs.money import Array


class Column(NamedTuple):
    """A column of words: a code for each claim, and what the codes stand for."""

    codes: NDArray[np.int32]
    values: tuple[str, ...]


def column_of(words: Sequence[str], codes: Array) -> Column:
    """Build a column from words and the place of each cell's word, without spaces around them."""
    bare = [word.strip() for word in words]
    if bare == list(words) and all(one < other for one, other in pairwise(bare)):
        return Column(codes.astype(np.int32), tuple(bare))  # as a reader of files hands over a million ids
    values = sorted(set(bare))
    places = {value: place for place, value in enumerate(values)}
    translated = np.array([places[word] for word in bare], dtype=np.int32)
    return Column(translated[codes] if len(translated) else np.zeros(0, dtype=np.int32), tuple(values))


def only_rows(column: Column, keep: NDArray[np.bool_]) -> Column:
    """Keep some rows of a column, and only the words that they hold."""
    used, codes = np.unique(column.codes[keep], return_inverse=True)
    return Column(codes.astype(np.int32), tuple(column.values[code] for code in used.tolist()))
