"""What stands above the tables of a workbook that does not say otherwise whose it is."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from xltools.match.labels import key
from xltools.model.cells import Address
from xltools.model.sheets import PRINT
from xltools.readers.workbook import Book

_ROWS: Final = 15  # above the first figure of a sheet
_COLUMNS: Final = 60
_LONGEST: Final = 80  # characters of a text; what is longer is prose
_MOST: Final = 400  # characters of all of them


def titles(book: Book, places: Sequence[Address | None], known: Collection[str]) -> str:
    """The short texts above the first figure of each sheet that holds figures, and on top of
    打印稿, a line each; without the labels of the form (``known``, by key). Empty where no
    figure was found.
    """
    first: dict[str, int] = {}
    for place in places:
        if place is not None and place.row < first.get(place.sheet, 1 << 30):
            first[place.sheet] = place.row
    if not first:
        return ""
    if PRINT in book.names:
        first.setdefault(PRINT, _ROWS)
    found: dict[str, None] = {}
    for sheet, row in first.items():
        found.update(dict.fromkeys(_above(book, sheet, min(row, _ROWS), known)))
    return "\n".join(found)[:_MOST]


def _above(book: Book, sheet: str, end: int, known: Collection[str]) -> Iterator[str]:
    for row in book.values(sheet).rows[:end]:
        for value in row[:_COLUMNS]:
            if isinstance(value, str) and value.strip() and len(value) <= _LONGEST:
                own = key(value)
                if own and own not in known:
                    yield " ".join(value.split())
