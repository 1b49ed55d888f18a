"""Read what a unit explains: in the rows of 校验, each of which is a rule at a place, and in lines
of its own, in the list at the end of 校验 and on the sheet 问题.

Such a line names a code and, optionally, places. Both are read as people type them: in any width
and case; a cell with or without its sheet, or by its labels.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from unicodedata import category

from xltools.layout.places import TEXT_SHEET, Layout
from xltools.ledgers.targets import labelled
from xltools.match.labels import key
from xltools.model.cells import Address, Grid, column_name, column_number
from xltools.model.findings import SHARED, catalogue
from xltools.model.form import Form
from xltools.model.identity import (
    ABOUT,
    ANSWER,
    ASKED,
    CHECKS,
    CODE,
    EXPLANATION,
    ISSUES,
    NUMBER,
    OTHERS,
    WHERE,
    WHY,
)
from xltools.model.returns import Explanation, Named
from xltools.model.text import folded
from xltools.readers.book import Book

_UNSEEN: Final = ("Cc", "Cf", "Zs", "Zl", "Zp")  # categories of characters that cannot be seen
_MOST: Final = 2000  # rows of a sheet that are looked at
_WIDEST: Final = 40  # columns of a sheet that are looked at
_CELLS: Final = 4000  # cells that one line may name
_LONGEST: Final = 200  # characters of a place
_DASHES: Final = str.maketrans(dict.fromkeys("‐‑‒–—―−ー_~", "-"))
_TOKEN: Final = re.compile(r"[A-Z]{1,6}[0-9]{0,2}\s*-?\s*[0-9]{1,3}(?![0-9])")
_PARTS: Final = re.compile(r"[、,;\n]+")
# Behind the sheet a mark, a space, or nothing where its name does not end with a letter: 表二B16.
_CELL: Final = re.compile(
    r"(?:['\"$]*(?P<sheet>.+?)['\"]*(?:\s*[!.]\s*|\s+|(?<=[^A-Za-z$])))??"
    r"\$?(?P<left>[A-Za-z]{1,3})\$?(?P<top>[1-9][0-9]{0,5})"
    r"(?:\s*[:\-~至到]\s*\$?(?P<right>[A-Za-z]{1,3})\$?(?P<bottom>[1-9][0-9]{0,5}))?"
)


def explained(
    book: Book, layout: Layout, places: Sequence[Address | None], *, checks: bool
) -> tuple[Explanation, ...]:
    """Read the explanations that a workbook gives in lines of their own: one for each code that a
    line names.

    ``places``: the cells of the items in this workbook, None for one that was not found;
    ``checks``: whether 校验 is read, too.
    """
    lines: list[tuple[Address, str, str, str]] = []
    if ISSUES in book.names:
        lines += _answers(book.values(ISSUES))
    if checks and CHECKS in book.names:
        lines += _listed(book.values(CHECKS))
    if not lines:
        return ()
    reader = _ExplanationReader(layout, places)
    return tuple(line for typed in lines for line in reader.read(*typed))


def by_row(rows: Mapping[str, str], lines: Sequence[Explanation]) -> Mapping[str, str]:
    """The explanations of rows of 校验, by the key of the rule at its place: what is written in the
    rows, followed by what lines of their own say about them. ``rows``: as `in_rows` gives them.
    """
    explained_rows = dict(rows)
    for line in lines:
        for name in line.rows:
            words = explained_rows.get(name, "")
            if line.words not in words:
                explained_rows[name] = f"{words}；{line.words}" if words else line.words
    return explained_rows


def in_rows(grid: Grid, form: Form) -> dict[str, str]:
    """Read what the unit explains in the rows of 校验, by the key of the rule at its place
    (``CODE@item``). The rows of a rule are assigned in the order of its instances.
    """
    waiting: dict[str, list[str]] = {}
    for instance in form.instances:
        name = form.key_of(instance)
        waiting.setdefault(instance.rule.code, []).append(name)
    code = CODE  # the column of codes, or where columns were moved, the one that has some
    if not any(len(row) > code and row[code] in waiting for row in grid.rows[:_MOST]):
        cells = (
            (r, c) for r, row in enumerate(grid.rows[:_MOST]) for c in range(min(len(row), _WIDEST))
        )
        code = next((c for r, c in cells if grid.rows[r][c] in waiting), -1)
    if code < 0:
        return {}
    why = code + WHY - CODE
    written = {}
    for r in range(min(len(grid.rows), _MOST)):
        if grid.text(r, code + NUMBER - CODE).startswith(OTHERS):
            break
        instances = waiting.get(grid.text(r, code))
        if instances:
            name, words = instances.pop(0), visible_text(grid, r, why)
            if words:
                written[name] = words
    return written


def visible_text(grid: Grid, row: int, col: int) -> str:
    """The text in a cell; "" if it has no visible characters."""
    words = grid.text(row, col)
    return words if any(category(c) not in _UNSEEN for c in words) else ""


def _answers(grid: Grid) -> Iterator[tuple[Address, str, str, str]]:
    """The answers on 问题: the cell of each, its code, the places named, and the words.

    An answer is in a row that begins with a label, below the row with its code.
    """
    for row, col in _labelled(grid, EXPLANATION):
        answer = col + ANSWER - ASKED
        words = visible_text(grid, row, answer)
        if words:
            about = grid.text(row - 1, col + ABOUT - ASKED)
            yield Address(grid.name, row, answer), grid.text(row - 1, col), about, words


def _listed(grid: Grid) -> Iterator[tuple[Address, str, str, str]]:
    """The lines of the list on 校验: the cell of the words, the code, the places named, and the
    words.
    """
    head = next(_labelled(grid, OTHERS), None)
    if head is None:
        return
    top, left = head
    code, cell, why = (left + c for c in (CODE, WHERE, WHY))
    for row in range(top + 1, min(len(grid.rows), _MOST)):
        words = visible_text(grid, row, why)
        if words:
            yield Address(grid.name, row, why), grid.text(row, code), grid.text(row, cell), words


def _labelled(grid: Grid, label: str) -> Iterator[tuple[int, int]]:
    """The cells whose text begins with ``label``, as (row, column), from top to bottom."""
    for r, row in enumerate(grid.rows[:_MOST]):
        for c, value in enumerate(row[:_WIDEST]):
            if isinstance(value, str) and value.startswith(label):
                yield r, c


class _ExplanationReader:
    """Reads the explaining lines of one return.

    ``codes``: every code, by its text as `_folded` gives it; ``names``: the sheets, by key;
    ``items``: the names of items and texts, by sheet and cell.
    """

    def __init__(self, layout: Layout, places: Sequence[Address | None]) -> None:
        self.layout, self.form = layout, layout.form
        codes = [r.code for r in layout.form.rules] + [c for c in catalogue() if c not in SHARED]
        self.codes = {_folded(code): code for code in reversed(codes)}
        self.names = {key(t.sheet): t.sheet for t in layout.tables} | {key(TEXT_SHEET): TEXT_SHEET}
        self.items: dict[tuple[str, str], str] = {}
        for address in (layout.addresses, places):  # the file's own cells come first
            for item, at in zip(layout.form.items, address, strict=True):
                if at is not None:
                    self.names.setdefault(key(at.sheet), at.sheet)
                    self.items[at.sheet, at.a1] = item.name
        for text in layout.texts:
            for row in range(text.heading, text.last + 1):
                self.items[TEXT_SHEET, Address(TEXT_SHEET, row, 0).a1] = text.text.name

    def read(self, place: Address, code: str, cell: str, words: str) -> Iterator[Explanation]:
        """The explanations in a line: one for each code that it names, or one with an empty code
        where it names none. ``place``: the cell of the words; ``code`` and ``cell``: what is typed
        as code and places.
        """
        codes, rest = self._codes(code)
        about = tuple(self._named(cell or rest))
        for known_code in codes or [""]:
            yield Explanation(
                place=place,
                words=words,
                typed=(code, cell),
                code=known_code,
                about=about,
                rows=tuple(_rows(self.form, known_code, about)),
            )

    def _codes(self, text: str) -> tuple[list[str], str]:
        """The codes in a text and, if there is only one, the rest of the text behind it, which may
        name places.
        """
        wide = folded(text).upper().translate(_DASHES)
        code = self.codes.get(_folded(wide))
        if code is not None:
            return [code], ""
        tokens = [m for m in _TOKEN.finditer(wide) if _folded(m[0]) in self.codes]
        codes = list(dict.fromkeys(self.codes[_folded(m[0])] for m in tokens))
        rest = wide[tokens[-1].end() :].strip(" \t:,、;。") if len(codes) == 1 else ""
        return codes, rest

    def _named(self, text: str) -> Iterator[Named]:
        """The places that a text names. A part that is not understood gives a place without cell
        and items.
        """
        sheet, left = "", _CELLS
        for part in _PARTS.split(folded(text)):
            words = part.strip()[:_LONGEST]
            if not words:
                continue
            match = _CELL.fullmatch(words)
            name = self.names.get(key(match["sheet"])) if match and match["sheet"] else None
            if match is None or (match["sheet"] and name is None):
                yield Named(items=tuple(self._labels(words)))
                continue
            sheet = name or sheet
            for a1 in _cells(match):
                left -= 1
                if left < 0:
                    return
                yield self._cell(sheet, a1)

    def _cell(self, sheet: str, a1: str) -> Named:
        """The place that a cell is; without a sheet ("") it has the items at that cell on all
        sheets.
        """
        if sheet:
            item = self.items.get((sheet, a1))
            return Named(items=(item,) if item else (), cell=f"{sheet}!{a1}")
        items = [name for (_, at), name in self.items.items() if at == a1]
        return Named(items=tuple(dict.fromkeys(items)), cell=a1)

    def _labels(self, words: str) -> Iterator[str]:
        """The names of the items and texts to which some labels belong."""
        for text in self.form.texts:
            if key(words) in (key(text.label), key(text.part_title)):
                yield text.name
        for item in labelled(self.form, words):
            yield self.form.items[item].name


def _folded(code: str) -> str:
    """A code in upper case, without spaces and hyphens, for comparing codes."""
    return "".join(c for c in code.upper() if c.isalnum())


def _cells(match: re.Match[str]) -> Iterator[str]:
    """The cells in a match of ``_CELL``, such as D5: all cells of a range, or a single one. Very
    large ranges are cut off.
    """
    left, top = column_number(match["left"].upper()), int(match["top"])
    right, bottom = (
        column_number((match["right"] or match["left"]).upper()),
        int(match["bottom"] or top),
    )
    (top, bottom), (left, right) = sorted((top, bottom)), sorted((left, right))
    for row in range(top, min(bottom, top + _CELLS) + 1):
        for col in range(left, min(right, left + _CELLS) + 1):
            yield f"{column_name(col)}{row}"


def _rows(form: Form, code: str, about: Sequence[Named]) -> Iterator[str]:
    """The rows of 校验 that a line explains, as keys of rules at their places. They are those of
    the rule ``code`` whose anchor is a named place; if there are none, those that use a named
    place; and all rows of the rule if no place is named.
    """
    instances = [i for i in form.instances if i.rule.code == code]
    if about:
        named = {n.items[0] for n in about if n.certain and n.items}
        anchored = [i for i in instances if form.items[i.anchor].name in named]
        looking = [i for i in instances if any(form.items[c].name in named for c in i.cells)]
        unsure = [n for n in about if len(n.items) > 1]
        for place in unsure:  # clear if the rule stands at only one of its items
            at = [i for i in instances if form.items[i.anchor].name in place.items]
            anchored += at if len(at) == 1 else []
        instances = anchored or looking
    for instance in dict.fromkeys(instances):
        yield form.key_of(instance)
