"""The cells of a sheet as text: one pass over its XML, which sees whatever a reader of the sheet would not.

No library of spreadsheets is used: each reads on where a value is none (an error becomes empty, or a word), and what
was looked at before need not be what it reads. Here the cells that are checked are the cells that are paid.
"""

from __future__ import annotations

import datetime
import re
from array import array
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import IO

import numpy as np

from payfs.claims.cells import (
    LONG,
    MOST_PARTS,
    MOST_TEXT,
    SPACES,
    Damaged,
    TooMuch,
    day_text,
    new_parser,
    number_text,
    percent_text,
    whole,
)
from payfs.claims.columns import Column, column_of
from payfs.claims.faults import FAILED, FORMULA, HIDDEN_SIGN, MANY_DIGITS
from payfs.money import Array
from payfs.text.files import UNSEEN

MOST_COLUMNS = 100
MOST_GAP = 1000  # empty rows in the middle of a table
_RANGE = re.compile(r"[A-Z]{1,3}\d{1,7}(:[A-Z]{1,3}\d{1,7})?", re.ASCII)
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(T00:00(:00(\.0+)?)?Z?)?", re.ASCII)


class Sheet:
    """What stands in a sheet.

    Attributes:
        rows: the numbers of the rows that hold anything, the header's first.
        far: row and place of the first cell far from the table, which is not kept.
        far_cells: how many there are.
        merged: the first merged range.
        merges: how many there are.
        hidden_rows: numbers of rows that hold something and are not shown.
        hidden_columns: first and last of those that are not shown.
    """

    def __init__(
        self,
        shared: Sequence[str],
        dates: Sequence[bool],
        since_1904: bool,
        most: int = MOST_PARTS,
        percents: Sequence[bool] = (),
    ) -> None:
        """Take the workbook's texts, which of its styles show dates, from which day it counts them, and percentages."""
        self.shared, self.dates, self.percents = shared, dates, percents
        self.epoch = datetime.date(1904, 1, 1) if since_1904 else datetime.date(1899, 12, 30)
        self.left = most
        self.rows = array("q")
        self.far: tuple[int, str] | None = None
        self.far_cells = self.merges = 0
        self.merged = ""
        self.hidden_rows: list[int] = []
        self.hidden_columns: list[tuple[int, int]] = []
        self._words: list[dict[str, int]] = []
        self._codes: list[array[int]] = []
        self._memo: dict[tuple[str, bool, bool], str] = {}
        self._letters: dict[str, int] = {}
        self._row, self._number, self._hidden = 0, "", False
        self._column, self._kind, self._style, self._formula = 0, "n", "", False
        self._cell, self._spoken, self._text = False, 0, ""

    def read(self, part: IO[bytes]) -> None:
        """Read the sheet.

        Raises:
            Damaged: it is not what the format says.
            TooMuch: it holds too many cells.
        """
        parser = new_parser()

        def hear(data: str) -> None:
            self._text += data
            if len(self._text) > MOST_TEXT:
                raise Damaged("a cell of more text than a cell can have")

        def first(root: str, _: dict[str, str]) -> None:
            space, bare = root.rpartition(" ")[::2]
            if bare != "worksheet" or space not in SPACES:
                raise Damaged("no worksheet")
            cell, value, text, row, formula, spoken = (f"{space} {name}" for name in ("c", "v", "t", "row", "f", "rPh"))
            held = (value, text)

            def start(name: str, values: dict[str, str]) -> None:
                if name == cell:
                    self._begin(values)
                elif name in held:
                    if self._cell and not self._spoken:
                        parser.CharacterDataHandler = hear
                elif name == row:
                    self._begin_row(values)
                elif name == formula:
                    self._formula = True
                elif name == spoken:
                    self._spoken += 1
                else:
                    self._others(name.removeprefix(space + " "), values)

            def end(name: str) -> None:
                if name == cell:
                    self._finish()
                elif name in held:
                    parser.CharacterDataHandler = None
                elif name == spoken:
                    self._spoken -= 1

            parser.StartElementHandler, parser.EndElementHandler = start, end

        parser.StartElementHandler = first
        parser.ParseFile(part)

    def _begin_row(self, values: Mapping[str, str]) -> None:
        self._take()
        number = values.get("r", "")
        row = self._row + 1 if number == "" else whole(number)
        if row <= self._row:
            raise Damaged("rows out of order")
        self._row, self._number, self._column = row, str(row), 0
        self._hidden = values.get("hidden") in ("1", "true") or values.get("ht") in ("0", "0.0")

    def _begin(self, values: Mapping[str, str]) -> None:
        self.left -= 3
        if self.left < 0:
            raise TooMuch
        place = values.get("r")
        if place is None:
            column = self._column + 1
        else:
            letters = place.removesuffix(self._number)
            known = self._letters.get(letters)
            column = self._letters.setdefault(letters, _column_number(letters)) if known is None else known
            if len(letters) == len(place):
                raise Damaged("a cell in another row")
        if column <= self._column or not self._row:
            raise Damaged("cells out of order")
        self._column = column
        self._kind, self._style, self._formula = values.get("t", "n"), values.get("s", ""), False
        self._text, self._cell = "", True

    def _finish(self) -> None:
        self._cell = False
        kind, text = self._kind, self._text
        if self._formula:
            word = FORMULA
        elif kind == "e":
            word = FAILED
        elif text == "":
            return
        elif kind == "s":
            word = self.shared[whole(text)]
        elif kind == "n":
            date = self._style != "" and self.dates[whole(self._style)] if self.dates else False
            percent = self._style != "" and self.percents[whole(self._style)] if self.percents else False
            known = self._memo.get((text, date, percent))
            if known is None:
                number = percent_text if percent else number_text
                known = self._memo[text, date, percent] = day_text(text, self.epoch) if date else number(text)
            word = known
        elif kind in ("str", "inlineStr"):
            word = text.strip()
        elif kind == "b":
            word = "TRUE" if text.strip() in ("1", "true") else "FALSE"
        elif kind == "d":
            day = _DAY.fullmatch(text.strip())
            word = day[1] if day is not None else text.strip()
        else:
            raise Damaged("a cell of no known kind")
        if word == "":
            return
        column, row, rows = self._column, self._row, self.rows
        if column > MOST_COLUMNS or row - (rows[-1] if rows else 0) > MOST_GAP:
            self.far = self.far or (row, f"{_letters_of(column)}{row}")
            self.far_cells += 1
            return
        if not rows or rows[-1] != row:
            rows.append(row)
            if self._hidden:
                self.hidden_rows.append(row)
        while len(self._words) < column:
            self._words.append({"": 0})
            self._codes.append(array("i"))
        words, codes = self._words[column - 1], self._codes[column - 1]
        missing = len(rows) - 1 - len(codes)
        if missing:
            codes.frombytes(bytes(missing * codes.itemsize))
        codes.append(words.setdefault(word, len(words)))

    def _others(self, name: str, values: Mapping[str, str]) -> None:
        self._take()
        if name == "mergeCell":
            place = values.get("ref", "")
            if _RANGE.fullmatch(place) is None:
                raise Damaged("a merged range without a place")
            self.merged = self.merged or place
            self.merges += 1
        elif name == "col" and (values.get("hidden") in ("1", "true") or float(values.get("width") or 1) == 0):
            self.hidden_columns.append((whole(values.get("min", "")), whole(values.get("max", ""))))

    def _take(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise TooMuch

    def head(self, most: int) -> list[list[str]]:
        """Return the first rows that hold anything, as text."""
        return [
            [self._word(column, place) for column in range(len(self._words))]
            for place in range(min(most, len(self.rows)))
        ]

    def _word(self, column: int, place: int) -> str:
        codes = self._codes[column]
        return next(islice(self._words[column], codes[place], None)) if place < len(codes) else ""

    def table(self, header: Sequence[str]) -> tuple[list[tuple[str, Column]], Array]:
        """Return the columns under the header, and the number of each row."""
        count = len(self.rows) - 1
        columns = []
        for place, name in enumerate(header):
            codes = np.zeros(count + 1, dtype=np.int64)
            found = np.frombuffer(self._codes[place], dtype=np.int32)
            codes[: len(found)] = found
            words = [_shown(word, name) for word in self._words[place]]
            used, inverse = np.unique(codes[1:], return_inverse=True)
            columns.append((name, column_of([words[code] for code in used.tolist()], inverse)))
        return columns, np.array(self.rows[1:], dtype=np.int64)

    def beside(self, wide: int) -> list[int]:
        """Return the rows that hold something right of so many columns."""
        rows: set[int] = set()
        for codes in self._codes[wide:]:
            rows.update(np.asarray(self.rows)[np.flatnonzero(np.frombuffer(codes, dtype=np.int32))].tolist())
        return sorted(rows)


def _shown(word: str, column: str) -> str:
    if word.startswith(LONG):  # of an amount the digits that a spreadsheet shows; an id has to be told exactly
        return MANY_DIGITS if column == "person" else word.removeprefix(LONG)
    return HIDDEN_SIGN if not word.startswith("\0") and UNSEEN.search(word) is not None else word


def _column_number(letters: str) -> int:
    if not (1 <= len(letters) <= 3 and letters.isascii() and letters.isalpha() and letters.isupper()):
        raise Damaged("a cell without a place")
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _letters_of(column: int) -> str:
    letters = ""
    while column:
        column, last = divmod(column - 1, 26)
        letters = chr(65 + last) + letters
    return letters
