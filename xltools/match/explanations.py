"""What a unit explains in lines of its own: on the list that ends 校验, and on 问题.

A line names a code and, if its writer likes, cells. Both are read as people type them: in any
width and case, a cell with or without its sheet, or by its labels.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from xltools.layout.places import TEXT_SHEET, Layout
from xltools.ledgers.targets import labelled
from xltools.match.fields import visible_text
from xltools.match.labels import key
from xltools.model.cells import Address, Grid, column_name
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
    OTHERS,
    WHERE,
    WHY,
)
from xltools.model.returns import Explanation, Named
from xltools.model.text import folded
from xltools.readers.workbook import Book

_MOST: Final = 2000  # rows looked at
_WIDEST: Final = 40  # columns looked at
_CELLS: Final = 4000  # of one line
_LONGEST: Final = 200  # characters of a place
_DASHES: Final = str.maketrans(dict.fromkeys("‐‑‒–—―−ー_~", "-"))
_TOKEN: Final = re.compile(r"[A-Z]{1,6}[0-9]{0,2}\s*-?\s*[0-9]{1,3}(?![0-9])")
_PARTS: Final = re.compile(r"[、,;\n]+")
# Behind the sheet a mark, a space, or nothing where its name ends with no letter: 表二B16.
_CELL: Final = re.compile(
    r"(?:['\"$]*(?P<sheet>.+?)['\"]*(?:\s*[!.]\s*|\s+|(?<=[^A-Za-z$])))??"
    r"\$?(?P<left>[A-Za-z]{1,3})\$?(?P<top>[1-9][0-9]{0,5})"
    r"(?:\s*[:\-~至到]\s*\$?(?P<right>[A-Za-z]{1,3})\$?(?P<bottom>[1-9][0-9]{0,5}))?"
)


def explained(
    book: Book, layout: Layout, places: Sequence[Address | None], *, checks: bool
) -> tuple[Explanation, ...]:
    """The lines of 问题 and of the list on 校验 in which something is written.

    ``places``: the cells of the items in this file. ``checks``: whether 校验 is to be read.
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
    """What is written in the rows of 校验, with what lines of their own say of the same rows."""
    explained_rows = dict(rows)
    for line in lines:
        for name in line.rows:
            words = explained_rows.get(name, "")
            if line.words not in words:
                explained_rows[name] = f"{words}；{line.words}" if words else line.words
    return explained_rows


def _answers(grid: Grid) -> Iterator[tuple[Address, str, str, str]]:
    """The answers on 问题: the place, the cells, the code and the words of each.

    A row that begins with the label lies below that of its code.
    """
    for row, col in _labelled(grid, EXPLANATION):
        answer = col + ANSWER - ASKED
        words = visible_text(grid, row, answer)
        if words:
            about = grid.text(row - 1, col + ABOUT - ASKED)
            yield Address(grid.name, row, answer), grid.text(row - 1, col), about, words


def _listed(grid: Grid) -> Iterator[tuple[Address, str, str, str]]:
    """The lines below the heading of the list, alike."""
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
    """The cells that begin with a label."""
    for r, row in enumerate(grid.rows[:_MOST]):
        for c, value in enumerate(row[:_WIDEST]):
            if isinstance(value, str) and value.startswith(label):
                yield r, c


class _ExplanationReader:
    """Reads the lines of one return: what codes and cells there are is worked out once."""

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
        """A line as it was typed; one for each code that it names."""
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
        """The known codes in a text, and what else stands there."""
        wide = folded(text).upper().translate(_DASHES)
        code = self.codes.get(_folded(wide))
        if code is not None:
            return [code], ""
        tokens = [m for m in _TOKEN.finditer(wide) if _folded(m[0]) in self.codes]
        codes = list(dict.fromkeys(self.codes[_folded(m[0])] for m in tokens))
        rest = wide[tokens[-1].end() :].strip(" \t:,、;。") if len(codes) == 1 else ""
        return codes, rest

    def _named(self, text: str) -> Iterator[Named]:
        """The places that a text names; one that means nothing for what is not understood."""
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
        if sheet:
            item = self.items.get((sheet, a1))
            return Named(items=(item,) if item else (), cell=f"{sheet}!{a1}")
        items = [name for (_, at), name in self.items.items() if at == a1]
        return Named(items=tuple(dict.fromkeys(items)), cell=a1)

    def _labels(self, words: str) -> Iterator[str]:
        """The items and texts that a label may mean."""
        for text in self.form.texts:
            if key(words) in (key(text.label), key(text.part_title)):
                yield text.name
        for item in labelled(self.form, words):
            yield self.form.items[item].name


def _folded(code: str) -> str:
    """A code as it is compared: without spaces and hyphens."""
    return "".join(c for c in code.upper() if c.isalnum())


def _cells(match: re.Match[str]) -> Iterator[str]:
    """The cells of a range, or the one."""
    left, top = _column(match["left"]), int(match["top"])
    right, bottom = _column(match["right"] or match["left"]), int(match["bottom"] or top)
    (top, bottom), (left, right) = sorted((top, bottom)), sorted((left, right))
    for row in range(top, min(bottom, top + _CELLS) + 1):
        for col in range(left, min(right, left + _CELLS) + 1):
            yield f"{column_name(col)}{row}"


def _column(letters: str) -> int:
    number = 0
    for c in letters.upper():
        number = 26 * number + ord(c) - 64
    return number - 1


def _rows(form: Form, code: str, about: Sequence[Named]) -> Iterator[str]:
    """The rows of 校验 that a line explains: a rule's at the places that are its anchors, else
    those that look at a place; all of it where none is named.
    """
    instances = [i for i in form.instances if i.rule.code == code]
    if about:
        named = {n.items[0] for n in about if n.certain and n.items}
        anchored = [i for i in instances if form.items[i.anchor].name in named]
        looking = [i for i in instances if any(form.items[c].name in named for c in i.cells)]
        unsure = [n for n in about if len(n.items) > 1]
        for place in unsure:  # certain all the same if the rule stands at one of them only
            at = [i for i in instances if form.items[i.anchor].name in place.items]
            anchored += at if len(at) == 1 else []
        instances = anchored or looking
    for instance in dict.fromkeys(instances):
        yield form.key_of(instance)
