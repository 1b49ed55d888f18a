"""Sheets that people fill in: the rows below a row of headings, wherever that row stands and in
whatever order its columns are. One class reads them all, and collects every problem with its
place.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from xltools.model.cells import Area, Grid, column_name
from xltools.model.errors import Problem
from xltools.model.text import clean, key

WITHIN = 15
"""Rows of a sheet among which the headings are looked for: titles and notes may stand above."""
_SEVERAL = re.compile(r"[；;、，,\r\n]+")


@dataclass(slots=True, kw_only=True)
class FilledTable:
    """The rows below a row of headings, read by the names of their columns.

    ``head``: the row of the headings, ``columns``: the column of each heading, both counted from
    0. ``repeated``: headings that stand there once more, with the column of the second one.
    ``named``: whether problems name the sheet, as they must where a workbook has several that
    people fill in. ``problems``: all that were met so far.
    """

    grid: Grid
    head: int
    columns: dict[str, int]
    repeated: list[tuple[str, int]] = field(default_factory=list)
    named: bool = False
    problems: list[Problem] = field(default_factory=list)

    @property
    def rows(self) -> range:
        """The rows below the headings, counted from 0."""
        return range(self.head + 1, len(self.grid.rows))

    def raw(self, row: int, label: str) -> str:
        """The text of a cell as it stands, of several lines perhaps; empty where there is no such
        column. Of merged cells below the headings each gives what stands in the first of them.
        """
        if label not in self.columns:
            return ""
        col = self.columns[label]
        area = self.merged(row, col)
        return self.grid.text(row, col) if area is None else self.grid.text(area.top, area.left)

    def merged(self, row: int, col: int) -> Area | None:
        """The merged area below the headings in which a cell lies, if any."""
        areas = (a for a in self.grid.merges if a.top > self.head and a.holds(row, col))
        return next(areas, None)

    def text(self, row: int, label: str) -> str:
        """The text of a cell on one line, without spaces that mean nothing."""
        return clean(self.raw(row, label))

    def lines(self, row: int, label: str) -> str:
        """The text of a cell that may be of several lines, these joined by semicolons."""
        return "；".join(clean(part) for part in self.raw(row, label).splitlines() if part.strip())

    def several(self, row: int, label: str) -> tuple[str, ...]:
        """The entries of a cell that may hold several, commas or the like between; each once."""
        entries: dict[str, str] = {}
        for part in _SEVERAL.split(self.raw(row, label)):
            entries.setdefault(key(part), clean(part))
        return tuple(filter(None, entries.values()))

    def choice(self, row: int, label: str, options: Sequence[str], default: str) -> str:
        """The entry of a cell with a list of options; another entry is a problem, and counts as
        the default. An empty default: the cell may stay blank.
        """
        text = key(self.text(row, label)) or default
        if text in options or not text:
            return text
        offer = "、".join(options)
        blank = f"；不填按“{default}”" if default else "，或留空"
        self.wrong(row, label, f"“{text}”不在可选范围内，请改为其中之一：{offer}{blank}。")
        return default

    def filled(self, row: int) -> list[str]:
        """The headings of the cells of a row that are not blank."""
        return [label for label in self.columns if self.text(row, label)]

    def wrong(self, row: int, label: str, message: str, *, col: int | None = None) -> None:
        """Add a problem of a cell: the one of the row below the heading, or that in ``col``.

        Where there is no such column, the first cell of the row is named.
        """
        at = self.columns.get(label, 0) if col is None else col
        cell = f"{column_name(at)}{row + 1}"
        sheet = f"“{self.grid.name}”页" if self.named else ""
        self.problems.append(
            Problem(
                message=message,
                place=f"{sheet}第 {row + 1} 行“{label}”（{cell}）",
                row=row + 1,
                column=label,
                cell=cell,
            )
        )

    def in_order(self) -> tuple[Problem, ...]:
        """The problems in the order in which a reader of the sheet comes upon them."""
        return tuple(sorted(self.problems, key=lambda p: (p.row, self.columns.get(p.column, 0))))

    def faulty(self, row: int, label: str) -> bool:
        """Whether a cell is known to be wrong (``row`` from 1), so that nothing follows from it."""
        return any((p.row, p.column) == (row, label) for p in self.problems)


def find_table(
    grid: Grid,
    headings: Mapping[str, str],
    *,
    required: Collection[str] = (),
    least: int = 1,
    named: bool = False,
    merged: bool = False,
) -> FilledTable | None:
    """The table of a sheet: the row among the first 15 that has the most of some headings.

    ``headings``: what may stand there (as ``key`` gives it) and the label by which the column is
    known; marks around a heading (``单位名称*``, ``邮箱：``) do not matter. A row that lacks a
    ``required`` label, or has fewer than ``least``, is no row of headings. None where there is
    none. ``merged``: what stands in a cell merged over several rows stands in each of them, not in
    the first alone.
    """
    if not merged:
        grid = replace(grid, merges=())
    best: FilledTable | None = None
    for row in range(min(WITHIN, len(grid.rows))):
        table = FilledTable(grid=grid, head=row, columns={}, named=named)
        for col in range(len(grid.rows[row])):
            heading = re.sub(r"\.\.+", "...", key(grid.text(row, col)).strip("*:"))
            label = headings.get(heading)
            if label in table.columns:
                table.repeated.append((label, col))
            elif label:
                table.columns[label] = col
        enough = len(table.columns) >= least and table.columns.keys() >= set(required)
        if enough and (best is None or len(table.columns) > len(best.columns)):
            best = table
    return best
