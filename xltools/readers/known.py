"""Known structures: what a worker has learned of worksheet parts, so that the next sheet with the
same structure need not be parsed.

A structure is understood by the shapes of its cells: all that is written of a cell but its address
and its value. When a sheet is read the full way, these shapes are noted. When one of them is met
again, the plan of that sheet is tried: the full path reads it with marker values in every cell, and
only if each comes out where the plan says are its shapes known from then on. Sheets, and rows,
whose cells are all of known shapes are looked up as a whole.

All of it holds for workbooks with the same parts, sheets and styles (an `Environment`). It is
kept in memory only, and forgotten when it becomes too large.
"""

import io
import re
import zipfile
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from operator import lt
from typing import Final

from xltools.model.cells import Grid
from xltools.readers.cutting import (
    ROW,
    Around,
    Border,
    CutSheet,
    cell_keys,
    cut,
    has_inline,
    is_plain_around,
    pieces_of,
    plain_place,
    row_key,
    row_number,
    shape_of,
)
from xltools.readers.structures import CellPlan, RowPlan, SheetPlan, ValueKind, cell_plan
from xltools.readers.texts import SharedTexts
from xltools.readers.xlsx_styles import XlsxStyles

_MOST: Final = 48 << 20  # bytes that may be learned
_OBJECT: Final = 80  # bytes of a small object, about
_ENVIRONMENTS: Final = 64
_LATEST: Final = 8  # keys of environments that are compared first
_KINDS: Final = 100_000  # kinds of workbooks of which one was met
_ALIKE: Final = 6  # structures kept for sheets of the same name with as many values
_WRITTEN: Final = re.compile(
    rb"(<v(?: xml:space=\"preserve\")?>)([^<]+)(</v></c>)"
    rb"|(<is><t(?: xml:space=\"preserve\")?>)([^<]+)(</t></is></c>)"
)
# Sheets of a name are learned while they have credit: they begin with _TRUST, and have _MOST_TRUST
# at most. Without credit every _SELDOM-th is learned, so that they can earn some.
_TRUST, _MOST_TRUST, _SELDOM = 6, 64, 32
_FAILED: Final = 4  # credit that a trial costs in which the plan was wrong
_REFERENCE: Final = b'r="'
_LARGEST: Final = 2 << 20  # bytes of a part that is worth learning


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSheet:
    """A sheet with a known structure: its plan and its values. ``lasting``: the plan is kept for
    the next sheet of this structure.
    """

    plan: SheetPlan
    values: Sequence[bytes]
    lasting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Template:
    """A whole sheet that is known. ``before``: what stands before each value, and behind the last;
    ``length``: of all of it.
    """

    plan: SheetPlan
    before: Sequence[bytes]
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _NotedSheet:
    """A sheet as it is being learned. ``plan`` and ``values``: as for a known sheet; ``tags``: the
    start tags of its rows; ``shapes``: the shapes of its cells that are not known yet, each with
    the plan of such a cell; ``cells``: how many cells it has, ``new``: how many shapes were never
    met before; ``again``: something that is not known was met before, so that it is worth a
    trial.
    """

    plan: SheetPlan
    values: Sequence[bytes]
    tags: set[bytes]
    shapes: Mapping[bytes, CellPlan]
    cells: int
    new: int
    again: bool


class Environment:
    """What was learned of workbooks with the same parts, sheets and styles."""

    def __init__(self, styles: XlsxStyles) -> None:
        self.styles = styles
        self._inline: dict[str, bool] = {}  # by the name of the sheet, as the first one has it
        self._noted: dict[bytes, CellPlan] = {}
        self._noted_arounds: set[tuple[bytes, bytes]] = set()
        self._shapes: dict[bytes, CellPlan] = {}
        self._cells: dict[bytes, CellPlan] = {}
        self._tags: set[bytes] = set()
        self._rows: dict[bytes, RowPlan] = {}
        self._arounds: dict[tuple[bytes, bytes], Around] = {}
        self._borders: dict[str, list[tuple[Border, Around]]] = {}
        self._sheets: dict[tuple[str, int], list[_Template]] = {}
        self._credit: dict[str, int] = {}
        self._met: set[int] = set()
        self._frames: dict[Hashable, int] = {}
        self.size = 0

    def find(self, name: str, xml: bytes) -> KnownSheet | None:
        """The plan and the values of the sheet ``name``; None where its structure is not known."""
        around, rows = self._within(name, xml)
        if around is None:
            return None
        pieces = pieces_of(rows)
        length = len(rows)
        templates = self._sheets.setdefault((name, len(pieces)), [])
        for position, template in enumerate(templates):
            if template.plan.around is around:
                values = _values(pieces, length, template)
                if values is not None:
                    if position:
                        templates.insert(0, templates.pop(position))
                    return KnownSheet(plan=template.plan, values=values, lasting=True)
        known = self._by_rows(rows, around)
        if known is None:
            return None
        met = hash(tuple(map(id, known.plan.rows)))
        if met not in self._met:
            self._met.add(met)
            self.size += _OBJECT
            return known
        before = [p[: len(p) - len(v)] for p, v in zip(pieces, known.values, strict=False)]
        before.append(pieces[-1])
        template = _Template(plan=known.plan, before=before, length=sum(map(len, before)))
        self.size += template.length + _OBJECT * len(before)
        templates.insert(0, template)
        for dropped in templates[_ALIKE:]:
            self.size -= dropped.length + _OBJECT * len(dropped.before)
        del templates[_ALIKE:]
        return known

    def _within(self, name: str, xml: bytes) -> tuple[Around | None, bytes]:
        """What stands around the rows of the sheet ``name``, None where that is not known; and
        the XML of its rows.
        """
        borders = self._borders.setdefault(name, [])
        inline = self._has_inline(name, xml)
        for position, (border, around) in enumerate(borders):
            rows = border.rows(xml, inline=inline)
            if rows is not None:
                if position:
                    borders.insert(0, borders.pop(position))
                return around, rows
        sheet = cut(xml, inline=inline)
        known = self._arounds.get(sheet.around) if sheet is not None else None
        if sheet is None or known is None:
            return None, b""
        new = Border.of(xml)
        if new is not None:
            borders.insert(0, (new, known))
            self.size += sum(map(len, sheet.around))
            for _, dropped in borders[_ALIKE:]:
                self.size -= sum(map(len, dropped.key))
            del borders[_ALIKE:]
        return known, sheet.rows

    def _has_inline(self, name: str, xml: bytes) -> bool:
        """Whether the sheet ``name`` has inline strings. A program writes all texts in one way, so
        the first one answers for all.
        """
        if name not in self._inline:
            self._inline[name] = has_inline(xml)
        return self._inline[name]

    def _by_rows(self, sheet_rows: bytes, around: Around) -> KnownSheet | None:
        """Find a sheet by its rows, and those rows that are not known by their cells."""
        first, *rows = sheet_rows.split(ROW)
        if first:
            return None
        values: list[bytes] = []
        plans = list(map(self._rows.get, rows))  # a row without values is its own key
        for position, row in enumerate(rows):
            if plans[position] is None:
                key, held = row_key(row)
                plan = self._rows.get(key)
                if plan is None:
                    plan = self._row(row)
                    if plan is None:
                        return None
                    self._rows[key] = plan
                    self.size += len(key) + _OBJECT * (4 + len(plan.cells))
                plans[position] = plan
                values += held
        known = [plan for plan in plans if plan is not None]
        numbers = [plan.row for plan in known]
        sheet = SheetPlan.of(known, around)
        if not all(map(lt, numbers, numbers[1:])) or len(values) != sheet.count:
            return None
        return KnownSheet(plan=sheet, values=values)

    def _row(self, row: bytes) -> RowPlan | None:
        """The plan of a row all of whose cells are known; else None."""
        cut_row = cell_keys(row)
        if cut_row is None or shape_of(cut_row[0])[1] not in self._tags:
            return None
        number = row_number(cut_row[0])
        cells = []
        for key in cut_row[1]:
            cell = self._cell(key)
            if cell is None:
                return None
            cells.append(cell)
        return RowPlan.of(number, cells, self._frames) if number is not None else None

    def _cell(self, key: bytes) -> CellPlan | None:
        """The plan of a cell whose shape is known; else None. ``key``: its XML with the value taken
        out.
        """
        cell = self._cells.get(key)
        if cell is None:
            address, shape = shape_of(key)
            plan, place = self._shapes.get(shape), plain_place(address)
            if plan is not None and place is not None and key.startswith(_REFERENCE):
                cell = self._cells[key] = replace(plan, row=place[0], col=place[1])
                self.size += len(key) + 2 * _OBJECT
        return cell

    def is_open(self, name: str) -> bool:
        """Whether it is worth learning the structure of a sheet ``name``: it is not, where most
        of what was learned of such sheets was new each time, but for a few of them.
        """
        credit = self._credit.get(name, _TRUST)
        return credit > 0 or credit % _SELDOM == 0

    def learn(
        self, name: str, xml: bytes, grid: Grid, read: Callable[[bytes, Sequence[str]], Grid | None]
    ) -> None:
        """Learn the structure of a sheet that was read the full way into ``grid``. ``read`` reads
        the part with other values the full way: it takes its XML and the shared texts.
        """
        if not self.is_open(name):
            self._credit[name] -= 1
            return
        sheet = None
        if len(xml) <= _LARGEST:
            sheet = cut(xml, inline=self._has_inline(name, xml))
        if sheet is None or not is_plain_around(sheet.around):
            return
        draft = self._noted_sheet(sheet, grid)
        # Sheets of which most cells are new each time are not worth it.
        mostly_new = draft is None or 2 * draft.new > draft.cells
        credit = self._credit.get(name, _TRUST)
        self._credit[name] = credit - 1 if mostly_new else min(_MOST_TRUST, credit + 1)
        if draft is None or not draft.again:
            return
        if not self._is_right(draft, xml, grid, read):
            self._credit[name] -= _FAILED
            return
        self._tags.update(draft.tags)
        self._shapes.update(draft.shapes)
        self._arounds.setdefault(sheet.around, draft.plan.around)

    def _noted_sheet(self, sheet: CutSheet, grid: Grid) -> "_NotedSheet | None":
        """Note the cells of a sheet. Returns what was noted; None where the sheet has something
        that cannot be known.
        """
        dates = frozenset(
            (r, c)
            for r, row in enumerate(grid.rows)
            for c, value in enumerate(row)
            if isinstance(value, date)
        )
        first, *rows = sheet.rows.split(ROW)
        if first and rows:
            return None
        plans: list[RowPlan] = []
        values: list[bytes] = []
        tags: set[bytes] = set()
        shapes: dict[bytes, CellPlan] = {}
        new, last, again = 0, -1, sheet.around not in self._arounds
        again = again and sheet.around in self._noted_arounds
        for row in rows:
            key, held = row_key(row)
            values += held
            known = self._rows.get(key)
            if known is not None and known.row > last and len(held) == len(known.valued):
                last = known.row
                plans.append(known)
                continue
            cut_row = cell_keys(row)
            number = row_number(cut_row[0]) if cut_row is not None else None
            if cut_row is None or number is None or number <= last:
                return None
            last = number
            tags.add(shape_of(cut_row[0])[1])
            cells = []
            for cell_key in cut_row[1]:
                cell = self._cell(cell_key)
                if cell is None:
                    address, shape = shape_of(cell_key)
                    plan = shapes.get(shape) or self._noted.get(shape)
                    again = again or shape in self._noted
                    if plan is None:
                        new += 1
                        plan = cell_plan(cell_key, self.styles, dates)
                    place = plain_place(address)
                    if plan is None or place is None:
                        return None
                    shapes[shape] = plan
                    cell = replace(plan, row=place[0], col=place[1])
                cells.append(cell)
            row_plan = RowPlan.of(number, cells, self._frames)
            if row_plan is None:
                return None
            plans.append(row_plan)
        again = again or (not new and not tags <= self._tags)
        if sheet.around not in self._noted_arounds:
            self._noted_arounds.add(sheet.around)
            self.size += sum(map(len, sheet.around))
        self._noted.update(shapes)
        self.size += sum(len(shape) + 2 * _OBJECT for shape in shapes)
        return _NotedSheet(
            plan=SheetPlan.of(plans, Around(key=sheet.around, merges=tuple(grid.merges))),
            values=values,
            tags=tags,
            shapes=shapes,
            cells=sum(len(row.cells) for row in plans),
            new=new,
            again=again,
        )

    def _is_right(
        self,
        draft: "_NotedSheet",
        xml: bytes,
        grid: Grid,
        read: Callable[[bytes, Sequence[str]], Grid | None],
    ) -> bool:
        """Whether the full path reads a sheet with marker values as its plan does."""
        plan, values = draft.plan, draft.values
        markers = list(_markers(plan, values))
        texts = [f"标记{n}" for n, cell in enumerate(plan.valued) if cell.kind is ValueKind.SHARED]
        filled = iter([m for m, value in zip(markers, values, strict=True) if value])

        def marked(written: "re.Match[bytes]") -> bytes:
            opening, _, end = written.groups()[:3] if written[1] else written.groups()[3:]
            return bytes(opening) + next(filled, b"") + bytes(end)

        full = read(_WRITTEN.sub(marked, xml), texts)
        content = plan.content(markers, texts, SharedTexts())
        return (
            full is not None and content is not None and next(filled, None) is None
            and _alike(full, plan.grid(grid.name, content, visible=grid.visible))
        )  # fmt: skip


def _values(pieces: Sequence[bytes], length: int, template: _Template) -> list[bytes] | None:
    """The values of a sheet that has the structure of ``template``, else None. ``pieces``: the XML
    of its rows, ``length`` bytes long, cut behind each value.
    """
    values = list(map(bytes.removeprefix, pieces, template.before))
    written = b"\n".join(values)
    # Where a piece does not begin as the template's, it is left whole, and the sum is wrong.
    size = len(written) - len(values) + 1
    ends = (len(pieces) - 1) * len(b"</v></c>")
    if b"<" in written or size + template.length + ends != length or values.pop():
        return None
    return values if template.plan.fits(values) else None


def _markers(plan: SheetPlan, values: Sequence[bytes]) -> Iterator[bytes]:
    """A marker in place of each value that is not empty, all different."""
    numbers, texts, days = count(1_000_001), count(), count(40_000)
    for cell, value in zip(plan.valued, values, strict=True):
        if not value:
            yield b""
        elif cell.kind is ValueKind.SHARED:
            yield b"%d" % next(texts)
        elif cell.kind is ValueKind.DATE:
            yield b"%d" % next(days)
        elif cell.kind is ValueKind.NUMBER:
            yield b"%d" % next(numbers) if b"." not in value else b"%d.25" % next(numbers)
        else:
            yield f"标记{next(numbers)}".encode()


def _alike(full: Grid, planned: Grid) -> bool:
    """Whether two grids are the same, down to the types of their values."""
    return (
        full.rows == planned.rows
        and [list(map(type, row)) for row in full.rows]
        == [list(map(type, r)) for r in planned.rows]
        and full.flags == planned.flags
        and tuple(full.merges) == tuple(planned.merges)
    )


class Structures:
    """All that a worker has learned of structures: the environments, and the shared texts."""

    def __init__(self) -> None:
        self.texts = SharedTexts()
        self._environments: dict[Hashable, Environment] = {}
        self._latest: list[Hashable] = []
        self._met: set[int] = set()

    def environment(self, key: Hashable, styles: Callable[[], XlsxStyles]) -> Environment | None:
        """What was learned of workbooks like this one; None for the first of its kind. ``key``: its
        parts, sheets and styles; ``styles`` reads the styles.
        """
        # To compare a few keys takes less time than to hash so many bytes.
        key = next((latest for latest in self._latest if latest == key), key)
        environment = self._environments.get(key)
        if environment is None:
            met = hash(key)
            if met not in self._met:
                if len(self._met) > _KINDS:
                    self._met.clear()
                self._met.add(met)
                return None
            full = sum(e.size for e in self._environments.values()) > _MOST
            if full or len(self._environments) >= _ENVIRONMENTS:
                self._environments.clear()
            environment = self._environments[key] = Environment(styles())
            self._latest = [key, *self._latest[: _LATEST - 1]]
        elif environment.size > _MOST:
            environment = self._environments[key] = Environment(styles())
        return environment


def trial(parts: Mapping[str, bytes]) -> bytes:
    """A zip of these parts, uncompressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def shared_part(texts: Sequence[str]) -> bytes:
    """A part of shared texts, which need no escape."""
    items = "".join(f"<si><t>{text}</t></si>" for text in texts)
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0" encoding="UTF-8"?><sst xmlns="{namespace}">{items}</sst>'.encode()
