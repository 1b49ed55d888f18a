"""Read sheets that people fill in: the rows below a row of headings, wherever that row is on the
sheet and in whatever order its columns are. Every problem is collected with its place.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from xltools.model.cells import Area, Grid, column_name
from xltools.model.errors import Problem
from xltools.model.text import clean, key

WITHIN = 15
"""Rows of a sheet in which the headings are looked for: titles and notes may be above them."""
_SEVERAL = re.compile(r"[；;、，,\r\n]+")


@dataclass(slots=True, kw_only=True)
class FilledTable:
    """The rows below a row of headings, read by the names of their columns.

    ``head``: the row of the headings, and ``columns``: the column of each heading, both counted
    from 0. ``repeated``: headings that occur a second time, each with the column of that.
    ``named``: whether the place of a problem names the sheet, as it must in a workbook with several
    sheets to fill in. ``problems``: all problems found so far.
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
        """The text of a cell as it is, possibly of several lines; empty where there is no such
        column. Each cell of a merged area below the headings has the text of the area's first cell.
        """
        if label not in self.columns:
            return ""
        col = self.columns[label]
        area = self.merged(row, col)
        return self.grid.text(row, col) if area is None else self.grid.text(area.top, area.left)

    def merged(self, row: int, col: int) -> Area | None:
        """The merged area below the headings that contains a cell; None where there is none."""
        if not self.grid.merges:
            return None
        areas = (a for a in self.grid.merges if a.top > self.head and a.holds(row, col))
        return next(areas, None)

    def text(self, row: int, label: str) -> str:
        """The text of a cell on one line, without superfluous spaces."""
        text = self.raw(row, label)
        return clean(text) if text else ""

    def lines(self, row: int, label: str) -> str:
        """The text of a cell, its lines joined by ``；``."""
        return "；".join(clean(part) for part in self.raw(row, label).splitlines() if part.strip())

    def several(self, row: int, label: str) -> tuple[str, ...]:
        """The entries of a cell that may hold several, separated by commas, semicolons, 、 or line
        breaks. An entry that is repeated is returned once.
        """
        text = self.raw(row, label)
        if not text:
            return ()
        entries: dict[str, str] = {}
        for part in _SEVERAL.split(text):
            entries.setdefault(key(part), clean(part))
        return tuple(filter(None, entries.values()))

    def choice(self, row: int, label: str, options: Sequence[str], default: str) -> str:
        """The entry of a cell that has a list of options. A blank counts as ``default``; so does an
        entry that is not in the list, which is also added as a problem. An empty ``default`` means
        that the cell may stay blank.
        """
        text = self.text(row, label)
        text = (key(text) if text else "") or default
        if text in options or not text:
            return text
        offer = "、".join(options)
        blank = f"；不填按“{default}”" if default else "，或留空"
        self.wrong(row, label, f"“{text}”不在可选范围内，请改为其中之一：{offer}{blank}。")
        return default

    def filled(self, row: int) -> list[str]:
        """The headings of the columns in which a row has something."""
        return [label for label in self.columns if self.text(row, label)]

    def wrong(self, row: int, label: str, message: str, *, col: int | None = None) -> None:
        """Add a problem of a cell, which is in the column of the heading ``label`` or, where given,
        in the column ``col`` (from 0). Where there is no such column, the place is the first cell
        of the row.
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
        """The problems sorted by row, then by column."""
        return tuple(sorted(self.problems, key=lambda p: (p.row, self.columns.get(p.column, 0))))

    def faulty(self, row: int, label: str) -> bool:
        """Whether a problem of a cell (``row`` from 1) has been added already; then its content
        must not lead to further problems.
        """
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
    """Find the row of headings on a sheet and return the table below it; None where there is none.
    Of the first 15 rows, the one with the most headings is taken.

    ``headings``: the possible headings, as `key` gives them, each with the label by which its
    column is then known; a star or colon at a heading (``单位名称*``, ``邮箱：``) is ignored. A row
    that lacks one of ``required``, or has fewer labels than ``least``, is not a row of headings.
    ``merged``: whether the content of a cell merged over several rows counts for each of them;
    otherwise only for the first.
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
