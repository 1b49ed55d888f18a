"""What is to be asked of the tables as they were found: figures that belong to no item, and which
figures were left out as another period's.
"""

from collections.abc import Iterator, Sequence

from xltools.match.copies import Copy, Stray
from xltools.match.expected import Expected
from xltools.match.figures import several
from xltools.match.labels import key
from xltools.match.lines import Place
from xltools.match.search import Search
from xltools.match.strays import Beside, strays
from xltools.model import sheets
from xltools.model.cells import Address, Area, Grid
from xltools.model.findings import Finding, finding


def doubts(search: Search) -> list[Finding]:
    """M-10, M-11 and M-15 of every table that was searched for."""
    found: list[Finding] = []
    for table, copy in search.taken:
        if not copy.cells:
            continue
        aside = [c for t, c in search.set_aside if t is table]
        if aside:
            found.append(_set_aside(table, copy, aside))
        ruled = search.ruled_out(copy.sheet)
        if search.doubtful(table, copy.sheet) and ruled:
            found.append(_of("M-11", table, copy, [r.area for r in ruled]))
            continue
        # Where tables stand one below the other, figures go with the nearest.
        near = [c for _, c in search.taken if c.sheet == copy.sheet and c.cells]
        ruled = [r for r in ruled if _apart(r.area, copy) == min(_apart(r.area, c) for c in near)]
        if ruled:
            words = several([" ".join(r.words.split()) for r in ruled])
            found.append(_of("M-15", table, copy, [r.area for r in ruled], words))
        grid = search.source(table, copy.sheet)
        left = copy.strays if grid.loose else _left(search, table, copy, grid)
        if copy.missing:
            # What misses its label is named as missing; figures under a label twice are not.
            left = [s for s in left if s.equal]
        for code, equal in (("M-11", True), ("M-10", False)):
            areas = [s.area for s in left if s.equal is equal]
            if areas:
                found.append(_of(code, table, copy, areas))
    return found


def _left(search: Search, table: Expected, copy: Copy, grid: Grid) -> Sequence[Stray]:
    """The strays of a copy that no other finding names already."""
    if copy.uneven:
        return ()
    passed = set(search.cells[copy.sheet])
    if search.known.ours or key(sheets.TO_COVER) in search.view(copy.sheet).keys:
        passed |= _layout(table, copy, grid)
    numbers = search.figures.numbers
    beside = Beside(passed=passed, labels=search.form_labels, number=lambda item: numbers[item])
    return strays(grid, copy, beside)


def _layout(table: Expected, copy: Copy, grid: Grid) -> set[Place]:
    """The cells that our own sheet has beside its table and below: they hold formulas, or, where a
    program kept values alone, stand at their places from the table's last row and column.
    """
    made = {at for at, flag in grid.flags.items() if flag.formula}
    if made:
        return made
    down = max(r for r, _ in copy.cells.values()) - max(p.row for _, p in table.cells)
    over = max(c for _, c in copy.cells.values()) - max(p.col for _, p in table.cells)
    return {(r + down, c + over) for r, c in table.frame}


def _apart(area: Area, copy: Copy) -> int:
    """How many rows lie between an area and a copy; 0 beside it."""
    rows = {r for r, _ in copy.cells.values()}
    return max(0, area.top - max(rows), min(rows) - area.bottom)


def _set_aside(table: Expected, copy: Copy, aside: Sequence[Copy]) -> Finding:
    corners = [Address(c.sheet, *c.corner) for c in aside]
    return finding(
        "M-15",
        sheet=copy.sheet,
        cells=tuple(at.a1 for at in corners if at.sheet == copy.sheet),
        found=several([str(at) for at in corners]),
        expected="标题写明的年度不同",
        detail=table.table.title,
    )


def _of(code: str, table: Expected, copy: Copy, areas: Sequence[Area], words: str = "") -> Finding:
    return finding(
        code,
        sheet=copy.sheet,
        cells=tuple(Address(copy.sheet, a.top, a.left).a1 for a in areas),
        found=several(list(_ranges(areas))),
        expected=words,
        detail=table.table.title,
    )


def _ranges(areas: Sequence[Area]) -> Iterator[str]:
    for area in areas:
        first, _, last = area.a1.partition(":")
        yield first if first == last else area.a1
