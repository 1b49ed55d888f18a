"""A table as it was found on a sheet, how it is put together, and of which year each copy is."""

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
    """A row whose figures are not as many as its columns: where, its label, how many it ought to
    have, and of which items.
    """

    place: Place
    label: str
    count: int
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of a block under one label: the labels that they share, the outermost first, and which
    rows they are.
    """

    labels: tuple[str, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Collapsed:
    """A row that has the label over a group of the form's rows, which are not there: the label,
    and by the cell of each of its figures the items of the group that it is the sum of.
    """

    label: str
    parts: Mapping[Place, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Stray:
    """Figures within a table or beside it that belong to no item; ``equal``: they could be those
    of this year as well as what was taken.
    """

    area: Area
    equal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A table as found: the cell of each item, and what is wrong with its headings.

    ``missing``: labels of rows and columns not found; ``changed``: (cell, text found, label).
    ``uneven``: rows whose figures cannot be told apart, left out of ``cells``; ``shifted``: rows
    that stood beside their columns, and were read in order (cell of the first figure, label).
    ``statements``: what is said of the measures of its figures. ``strays``: of a text, whose cells
    have no columns; elsewhere they are looked for later. ``collapsed``: groups of rows that have
    one row together; those of their items that are in ``cells`` share its cells.
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
        """The rectangle that holds all its figures. It must have some."""
        rows, columns = zip(*self.cells.values(), strict=True)
        return Area(min(rows), min(columns), max(rows), max(columns))

    @property
    def size(self) -> int:
        """How many items were found, those too that cannot be told apart."""
        return len(self.cells) + sum(len(row.items) for row in self.uneven)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoughtBlock:
    """A block, ready to be looked for: vertical lines of its title and rows, its columns."""

    title: int | None
    rows: Mapping[int, int]  # index of a row -> vertical line
    columns: Vocabulary
    headings: Sequence[Heading]
    items: Mapping[Place, int]  # index of row and of column -> item
    names: Sequence[str]  # of its rows
    groups: Sequence[Group]


def is_enough(cells: Collection[int], blocks: Sequence[Collection[int]]) -> bool:
    """Whether so many of a table's items were found that it is that table: half of them, or all of
    half its blocks. ``blocks``: the items of each.
    """
    held = set(cells)
    complete = sum(held.issuperset(items) for items in blocks)
    return 2 * len(held) >= sum(map(len, blocks)) or 2 * complete >= len(blocks)


@dataclass(slots=True)
class CopyDraft:
    """A copy while it is put together. ``blocks``: its cells by block."""

    blocks: list[dict[int, Place]] = field(default_factory=list)
    cells: dict[int, Place] = field(default_factory=dict)
    missing: list[Value] = field(default_factory=list)
    matches: list[tuple[Match, str]] = field(default_factory=list)
    collapsed: list[Collapsed] = field(default_factory=list)

    def cross(
        self, block: SoughtBlock, rows: Mapping[int, int], answer: Mapping[int, Match]
    ) -> None:
        """Note the cells where rows found meet columns found, and the columns not found."""
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
        """Note a row that a group of the block's rows has together."""
        parts = {
            (row, match.place[1]): tuple(block.items[r, c] for r in group.rows)
            for c, match in answer.items()
        }
        self.collapsed.append(Collapsed(group.labels[-1], parts))

    @property
    def corner(self) -> Place:
        """The first row and the first column of all labels found."""
        places = [m.place for m, _ in self.matches] or [(0, 0)]
        return min(r for r, _ in places), min(c for _, c in places)

    def done(self, view: View, corner: Place, table: Table, label_keys: Collection[str]) -> Copy:
        """Give the copy as found on a sheet, its top left corner at a cell. ``label_keys``: keys of
        all labels of the form.
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
