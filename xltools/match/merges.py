"""Figures under merged cells: which cell of several a figure is of cannot be told."""

from collections.abc import Mapping, Sequence

from xltools.match.expected import Expected
from xltools.match.figures import Figures, several
from xltools.model.cells import Area, Grid
from xltools.model.findings import Finding, finding
from xltools.model.returns import Status


def merged(table: Expected, figures: Figures, grid: Grid) -> list[Finding]:
    """Areas of a sheet, merged into one cell, over several cells of a table that was read from it,
    an input among them: M-09 where they hold a figure, or hide what stands in an input; M-16 where
    all is blank or zero, so that nothing can be mistaken.
    """
    strange = [area for area in grid.merges if area not in table.merges]
    if not strange:
        return []
    cells: dict[tuple[int, int], int] = {}
    for item, _ in table.cells:
        place = figures.places[item]
        if place is not None and place.sheet == grid.name:
            cells[place.row, place.col] = item
    areas: dict[str, dict[Area, list[int]]] = {"M-09": {}, "M-16": {}}
    for area in strange:
        items = [item for at, item in cells.items() if area.holds(*at)]
        if all(figures.form.items[item].formula is not None for item in items):
            continue
        if _mixed(area, items, figures, grid):
            areas["M-09"][area] = items
        elif len(items) > 1:
            areas["M-16"][area] = items
    return [_of(code, held, figures, grid) for code, held in areas.items() if held]


def _of(code: str, areas: Mapping[Area, Sequence[int]], figures: Figures, grid: Grid) -> Finding:
    """The finding on areas of a sheet; the figures beneath each are given."""
    covered = list(dict.fromkeys(item for items in areas.values() for item in items))
    places = [figures.places[item] for item in covered]
    return finding(
        code,
        sheet=grid.name,
        cells=tuple(p.a1 for p in places if p is not None),
        items=tuple(figures.form.items[item].name for item in covered),
        labels=figures.form.items[covered[0]].path,
        found=several([area.a1 for area in areas]),
    )


def _mixed(area: Area, items: Sequence[int], figures: Figures, grid: Grid) -> bool:
    """Whether a merged area holds a figure that may be of another cell than the one it is read
    from.
    """
    shown = grid.raw(area.top, area.left)
    figure = isinstance(shown, (int, float)) and shown != 0
    if len(items) > 1:
        return figure or any(
            figures.statuses[i] is Status.UNREADABLE or figures.numbers[i] for i in items
        )
    place = figures.places[items[0]]
    if place is None or (place.row, place.col) == (area.top, area.left):
        return False
    beneath = grid.raw(place.row, place.col)
    return figure if beneath is None else beneath != shown
