"""A sheet of the file: where its headings and columns stand, and its lines as text."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from xltools.model.cells import Grid, column_name
from xltools.model.decisions import Problem
from xltools.model.roster import clean, key

_WITHIN = 15  # rows: a title and a note stand above the headings


@dataclass(slots=True, kw_only=True)
class Table:
    """The lines below a row of headings, and the problems met so far."""

    grid: Grid
    head: int
    columns: dict[str, int]
    problems: list[Problem] = field(default_factory=list)

    def text(self, row: int, label: str) -> str:
        """An entry on one line; empty where there is no such column."""
        if label not in self.columns:
            return ""
        raw = self.grid.raw(row, self.columns[label])
        if isinstance(raw, datetime):
            return raw.date().isoformat()
        if isinstance(raw, date):
            return raw.isoformat()
        return clean(self.grid.text(row, self.columns[label]))

    def lines(self, row: int, label: str) -> str:
        """An entry that may be of several lines."""
        text = self.grid.text(row, self.columns[label]) if label in self.columns else ""
        return "；".join(clean(part) for part in text.splitlines() if part.strip())

    def wrong(self, row: int, label: str, message: str) -> None:
        """Add a problem of one cell, or of the line where there is no such column."""
        col = self.columns.get(label, 0)
        self.problems.append(
            Problem(
                message=message,
                sheet=self.grid.name,
                row=row + 1,
                column=label,
                cell=f"{column_name(col)}{row + 1}",
            )
        )


def find(grid: Grid, labels: Sequence[str]) -> Table | None:
    """The sheet's table: the row with most of these headings, at least three of them.

    The first of two columns with the same heading counts; a second one is a problem.
    """
    known = {key(label): label for label in labels}
    best: Table | None = None
    for row in range(min(_WITHIN, len(grid.rows))):
        table = Table(grid=grid, head=row, columns={})
        for col in range(len(grid.rows[row])):
            label = known.get(key(grid.text(row, col)).strip("*:"))
            if label is None:
                continue
            if label in table.columns:
                table.wrong(
                    row, label, f"有两列“{label}”，不知以哪一列为准；请删去或改名其中一列。"
                )
            else:
                table.columns[label] = col
        if len(table.columns) >= 3 and (not best or len(table.columns) > len(best.columns)):
            best = table
    return best
