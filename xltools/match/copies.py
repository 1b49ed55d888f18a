"""A copy of a table as it was found on a sheet, and how a copy is put together from the rows and
columns that were found.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from xltools.match.labels import SAME, Vocabulary
from xltools.match.lines import Match, Place, View
from xltools.match.measures import MOST, Bounds, Statement, statements
from xltools.model.cells import Area
from xltools.model.form import Heading, Table
from xltools.model.wording import Value


@dataclass(frozen=True, slots=True)
class Uneven:
    """A row with more or fewer figures than the table has columns, so that nobody can tell which
    figure is which.

    ``place``: the first cell of the row; ``label``: its label; ``count``: how many figures it
    should have; ``items``: the items that it should hold.
    """

    place: Place
    label: str
    count: int
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of a block under one common label. ``labels``: all labels that they share, the outermost
    first; ``rows``: the numbers of the rows in the block.
    """

    labels: tuple[str, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Collapsed:
    """A single row with only the label over a group of rows, found in place of the rows of the
    group.

    ``parts``: for the cell of each of its figures, the items of the group whose sum this figure is.
    """

    label: str
    parts: Mapping[Place, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Stray:
    """An area of figures within a table or beside it that do not belong to an item. ``equal``:
    whether they may as well be the right figures as those that were read.
    """

    area: Area
    equal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A table as it was found on a sheet.

    ``corner``: the first row and the first column of its labels; ``cells``: the cell of each item
    that was found. ``missing``: labels of rows and columns that were not found; ``changed``: labels
    that differ from those in the form, as (cell, text there, label in the form).

    ``uneven``: rows left out of ``cells`` because nobody can tell which of their figures is which;
    ``shifted``: rows whose figures are not under their headings and were read in order, as (cell of
    the first figure, label). ``statements``: what texts say about the units of measure of its
    figures. ``collapsed``: groups of rows replaced by a single row; if their items are in
    ``cells``, they share the cells of that row. ``strays``: only for running text, which has no
    columns; on sheets they are looked for later.
    """

    sheet: str
    corner: Place
    cells: Mapping[int, Place]
    missing: tuple[Value, ...] = ()
    changed: tuple[tuple[Place, str, str], ...] = ()
    uneven: tuple[Uneven, ...] = ()
    shifted: tuple[tuple[Place, str], ...] = ()
    statements: tuple[Statement, ...] = ()
    strays: tuple[Stray, ...] = ()
    collapsed: tuple[Collapsed, ...] = ()

    @property
    def figures(self) -> Area:
        """The smallest rectangle that contains all its cells. The copy must have at least one
        cell.
        """
        rows, columns = zip(*self.cells.values(), strict=True)
        return Area(min(rows), min(columns), max(rows), max(columns))

    @property
    def size(self) -> int:
        """The number of items that were found, including those in uneven rows."""
        return len(self.cells) + sum(len(row.items) for row in self.uneven)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoughtBlock:
    """A block of a table, prepared for the search.

    ``title``: the number of the vertical line that is its title, None if it has no title; ``rows``:
    the number of the vertical line of each labelled row, by the row's number in the block (see
    `SearchPlan`); ``columns``: the vocabulary of its columns; ``headings``: their headings;
    ``items``: the item of each row and column number; ``names``: the labels of each row as one
    text; ``groups``: rows that share a label.
    """

    title: int | None
    rows: Mapping[int, int]
    columns: Vocabulary
    headings: Sequence[Heading]
    items: Mapping[Place, int]
    names: Sequence[str]
    groups: Sequence[Group]


def is_enough(cells: Collection[int], blocks: Sequence[Collection[int]]) -> bool:
    """Whether enough items were found (``cells``) to count as a copy of a table: half of all its
    items, or all items of half of its blocks. ``blocks``: the items of each block.
    """
    held = set(cells)
    complete = sum(held.issuperset(items) for items in blocks)
    return 2 * len(held) >= sum(map(len, blocks)) or 2 * complete >= len(blocks)


@dataclass(slots=True)
class CopyDraft:
    """A copy that is being put together. ``cells``: the cell of each item; ``blocks``: the same,
    block by block; ``matches``: the labels that were found, each with the label as the form prints
    it; ``missing`` and ``collapsed``: as in `Copy`.
    """

    blocks: list[dict[int, Place]] = field(default_factory=list)
    cells: dict[int, Place] = field(default_factory=dict)
    missing: list[Value] = field(default_factory=list)
    matches: list[tuple[Match, str]] = field(default_factory=list)
    collapsed: list[Collapsed] = field(default_factory=list)

    def cross(
        self, block: SoughtBlock, rows: Mapping[int, int], answer: Mapping[int, Match]
    ) -> None:
        """Add the cells of a block in which its rows and columns cross, and the columns that were
        not found. ``rows``: the row of the sheet for each row of the block that was found;
        ``answer``: the heading found for each column, by its number.
        """
        for c, heading in enumerate(block.headings):
            if c not in answer:
                self.missing.append(" > ".join(heading.labels))
                continue
            self.matches.append((answer[c], heading.labels[-1]))
            for r, row in rows.items():
                self.cells[block.items[r, c]] = row, answer[c].place[1]
        block_items = set(block.items.values())
        self.blocks.append({i: place for i, place in self.cells.items() if i in block_items})

    def collapse(
        self, block: SoughtBlock, group: Group, row: int, answer: Mapping[int, Match]
    ) -> None:
        """Add the fact that a ``row`` of the sheet takes the place of a group of a block's rows.
        ``answer``: the headings found for the block's columns.
        """
        parts = {
            (row, match.place[1]): tuple(block.items[r, c] for r in group.rows)
            for c, match in answer.items()
        }
        self.collapsed.append(Collapsed(group.labels[-1], parts))

    @property
    def corner(self) -> Place:
        """The first row and the first column of all labels found; (0, 0) without any."""
        places = [m.place for m, _ in self.matches] or [(0, 0)]
        return min(r for r, _ in places), min(c for _, c in places)

    def finished(
        self, view: View, corner: Place, table: Table, label_keys: Collection[str]
    ) -> Copy:
        """The finished copy. ``view``: its sheet; ``corner``: where it begins; ``label_keys``: the
        keys of all labels of the form.
        """
        bounds = Bounds(
            corner=corner,
            blocks=self.blocks,
            labels={m.place: label for m, label in self.matches},
            title=table.title,
            label_keys=label_keys,
        )
        return Copy(
            sheet=view.grid.name,
            corner=corner,
            cells=self.cells,
            missing=tuple(dict.fromkeys(self.missing)),
            changed=tuple((m.place, m.text, label) for m, label in self.matches if m.score < SAME),
            statements=tuple(islice(statements(view, bounds), MOST)),
            collapsed=tuple(self.collapsed),
        )
