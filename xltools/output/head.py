"""The multi-level head of a list with a column for each item: official headings, merged."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from xltools.model.form import Form, Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A box of the multi-level head: first and last level, first and last column, its text."""

    top: int
    bottom: int
    left: int
    right: int
    text: str


def _rows(item: Item) -> tuple[str, ...]:
    return tuple(label for label in item.rows if label)


def depth(form: Form) -> int:
    """Levels of the head: the title of a table, then its rows' headings, then its columns'."""
    return 1 + max(
        max(len(_rows(i)) for i in items) + max(len(_spanners(items, i)) for i in items)
        for items in ([i for i in form.items if i.table == t.key] for t in form.tables)
    )


def _spanners(items: Sequence[Item], item: Item) -> tuple[str, ...]:
    """The labels above an item, without an outer one that all of its table share."""
    common = 0
    while all(len(i.columns) > common + 1 for i in items) and (
        len({i.columns[: common + 1] for i in items}) == 1
    ):
        common += 1
    return item.columns[common:]


def heads(form: Form, columns: Sequence[int], levels: int) -> list[Head]:
    """The boxes of the head over the columns that the items stand in (by item), titles first.

    Neighbours under the same outer labels share a box; the innermost label, of the rows as of
    the columns, stretches over the levels that are left.
    """
    made: list[Head] = []
    for table in form.tables:
        items = [i for i in form.items if i.table == table.key]
        stubs = max(len(_rows(i)) for i in items)
        boxes: dict[tuple[object, ...], Head] = {}
        for item in items:
            col = columns[item.index]
            for key, top, bottom, text in _levels(table.title, items, item, stubs, levels):
                box = boxes.get(key)
                left = col if box is None else box.left
                boxes[key] = Head(top=top, bottom=bottom, left=left, right=col, text=text)
        made.extend(boxes.values())
    return made


def split(boxes: Iterable[Head], breaks: Iterable[int]) -> list[Head]:
    """The boxes cut before some columns: so each piece, on its own page, says what it is."""
    found = list(boxes)
    for cut in breaks:
        for box in [b for b in found if b.left < cut <= b.right]:
            found.remove(box)
            found += [replace(box, right=cut - 1), replace(box, left=cut)]
    return found


def _levels(
    title: str, items: Sequence[Item], item: Item, stubs: int, levels: int
) -> Iterator[tuple[tuple[object, ...], int, int, str]]:
    """What stands above an item: (what makes it the same box, first level, last level, text)."""
    yield (title,), 0, 0, title
    rows, columns = _rows(item), _spanners(items, item)
    for level, label in enumerate(rows, 1):
        last = level == len(rows)
        same = ("row", rows[:level], item.row if last else "")
        yield same, level, stubs if last else level, label
    for level, label in enumerate(columns, 1):
        last = level == len(columns)
        top = stubs + level
        key = ("column", item.row, columns[:level], item.index if last else -1)
        yield key, top, levels - 1 if last else top, label
