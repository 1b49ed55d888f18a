"""Find a table of a form on a sheet: at its expected cells, or wherever its labels are."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from xltools.layout.geometry import Role
from xltools.layout.places import Layout, TableLayout
from xltools.match.copies import Copy, CopyDraft, Group, SoughtBlock, is_enough
from xltools.match.irregular_rows import between, groups_of, line_of
from xltools.match.labels import LONGEST, SAME, SURE, Labels, Vocabulary, core, key
from xltools.match.lines import (
    COLUMNS,
    ROWS,
    SLACK,
    Lines,
    Match,
    Place,
    View,
    bands,
    chains,
    columns,
)
from xltools.match.runs import counting
from xltools.model.cells import PLAIN, Address, Area, Grid
from xltools.model.form import Form, Table
from xltools.model.stated import stated

WIDE: Final = 16  # columns that stubs may take


class SearchPlan:
    """A table prepared for being found on any sheet.

    A table is read from top to bottom as a sequence of vertical lines: its title, and for each
    block its title and its rows. ``rows``: the vocabulary of these lines; ``stubs``: the numbers of
    those that are rows of the table. Each block has the vocabulary of its columns. ``depth``: the
    greatest number of heading rows above a block; ``heads``: the cores of the innermost headings of
    columns; ``keys``: the keys of all labels of the table; ``label_keys``: those of all labels of
    the form.
    """

    def __init__(self, form: Form, layout: TableLayout) -> None:
        self.table: Table = layout.table
        self.corner = core(self.table.corner)
        self.depth = max(len(c.labels) for b in self.table.blocks for c in b.columns)
        numbers = {(i.row, i.column): i.index for i in form.items if i.table == self.table.key}
        self.heads = frozenset(
            core(c.labels[-1]) for b in self.table.blocks for c in b.columns if c.labels
        )
        labels = Labels.of(form)
        self.label_keys = labels.keys
        lines: list[tuple[str, ...]] = [(self.table.title,)]
        self.stubs: set[int] = set()
        self.blocks: list[SoughtBlock] = []
        for block in self.table.blocks:
            title = None
            if block.title:
                title = len(lines)
                lines.append((block.title,))
            rows = {}
            for i, row in enumerate(block.rows):
                if any(row.labels):
                    rows[i] = len(lines)
                    self.stubs.add(len(lines))
                    lines.append(row.labels)
            self.blocks.append(
                SoughtBlock(
                    title=title,
                    rows=rows,
                    columns=Vocabulary([c.labels for c in block.columns], labels),
                    headings=block.columns,
                    items={
                        (r, c): numbers[row.key, column.key]
                        for r, row in enumerate(block.rows)
                        for c, column in enumerate(block.columns)
                    },
                    names=[" > ".join(row.labels) for row in block.rows],
                    groups=groups_of([row.labels for row in block.rows]),
                )
            )
        self.rows = Vocabulary(lines, labels)
        self.words = (self.rows, *(b.columns for b in self.blocks))
        self.keys = frozenset[str]().union(*(w.keys for w in self.words))

    def copies(self, view: View) -> list[Copy]:
        """Find every copy of the table on a sheet of which enough figures are there; copies do not
        overlap.
        """
        copies: list[Copy] = []
        # A copy has most labels as the form prints them; a sheet with few is not looked at closely.
        if 6 * len(view.keys & self.keys) < len(self.keys):
            return copies
        for words in self.words:
            words.forget()
        used: set[Place] = set()
        for copy in self._stubbed(view) if self.stubs else self._bare(view):
            cells = set(copy.cells.values())
            blocks = [block.items.values() for block in self.blocks]
            if is_enough(copy.cells, blocks) and not used & cells:
                used |= cells
                copies.append(copy)
        return copies

    def _stubbed(self, view: View) -> Iterator[Copy]:
        """The copies of a table with row labels: first side by side, then below each other."""
        for left, stub_end, right in self._intervals(view):
            lines = self._vertical(view, left, stub_end, right)
            spans = chains(lines.scores, least=max(1, len(self.stubs) // 2))
            for n, (first, _) in enumerate(spans):
                top = spans[n - 1][1] + 1 if n else 0
                end = spans[n + 1][0] - 1 if n + 1 < len(spans) else ROWS
                matched = lines.answer(top, end, len(self.rows.lines))
                # The headings of the first block are above its first row, at most this far.
                start = max(top, first - self.depth - SLACK)
                draft = self._assemble(view, matched, start, (left, right), stub_end)
                yield draft.finished(view, draft.corner, self.table, self.label_keys)

    def _intervals(self, view: View) -> list[tuple[int, int, int]]:
        """The columns of copies that are side by side, as three numbers for each: the first and the
        last column of row labels, and the last column of the copy.
        """
        stubs: dict[int, set[int]] = {}
        heads: set[int] = set()
        for row in view.rows.values():
            for c, text in row.items():
                text_key = key(text)
                if core(text) in self.heads:
                    heads.add(c)
                    continue
                # A label of elsewhere in the form counts as a stub only if it reads the same.
                least = SAME if text_key in self.rows.form_keys else SURE
                likely = {f for f, score in self.rows.find(text).items() if score >= least}
                stubs.setdefault(c, set()).update(likely & self.stubs)
        groups: list[tuple[list[int], set[int]]] = []
        past = True  # whether a column of figures came since the last stubs
        for c in sorted({c for c, lines in stubs.items() if lines} | heads):
            if not stubs.get(c):
                past = True
                continue
            if past:
                groups.append(([], set()))
            groups[-1][0].append(c)
            groups[-1][1].update(stubs[c])
            past = False
        least_lines = max(1, len(self.stubs) // 3)
        good = [cols for cols, lines in groups if len(lines) >= least_lines]
        ends = [cols[0] - 1 for cols in good[1:]] + [COLUMNS - 1]
        return [(cols[0], cols[-1], end) for cols, end in zip(good, ends, strict=False)]

    def _vertical(self, view: View, left: int, stub_end: int, right: int) -> Lines:
        """Score the rows of a sheet as vertical lines of the table. ``left``, ``stub_end``,
        ``right``: as `_intervals` gives them.
        """
        lines = Lines()
        above: dict[int, str] = {}  # by column, the label over several rows that holds
        for r, row in view.rows.items():
            for c, text in row.items():
                if c <= stub_end:
                    group = self.rows.group(text)
                    above[c] = group if group in self.rows.groups else ""
            for c, text in row.items():
                stub = left <= c <= stub_end
                if stub and core(text) != self.corner:
                    lines.written.add(r)
                if not self.rows.find(text):
                    continue
                if stub or (left <= c <= right and self._is_title(text)):
                    around = [
                        g for x in range(c - 1, max(-1, c - WIDE), -1) if (g := above.get(x, ""))
                    ]
                    lines.take(self.rows, r, (r, c), text, around)
        return lines

    def _is_title(self, text: str) -> bool:
        """Whether a text is the title of the table or of one of its blocks."""
        return any(f not in self.stubs and s == SAME for f, s in self.rows.find(text).items())

    def _assemble(
        self, view: View, matched: Mapping[int, Match], start: int, cols: Place, stub_end: int
    ) -> CopyDraft:
        """Put a copy together from its vertical lines as found (``matched``): look for the headings
        above the rows of each block, and add the cells where rows and columns cross. ``start``: the
        first row that may belong to the copy; ``cols``: its first and last column; ``stub_end``:
        the last column of its row labels.
        """
        draft = CopyDraft()
        free = start  # the first row that no earlier block has used
        for line, match in matched.items():
            if line not in self.stubs:
                draft.matches.append((match, self.rows.lines[line][-1]))
        for block in self.blocks:
            for title in (0, block.title):
                if title is not None and title in matched:
                    free = max(free, matched[title].place[0] + 1)
            stubs = {i: matched[n] for i, n in block.rows.items() if n in matched}
            draft.matches += [(m, block.names[i].rpartition(" > ")[2]) for i, m in stubs.items()]
            lost = [i for i in block.rows if i not in stubs]
            if not stubs:
                draft.missing += [block.names[i] for i in lost]
                continue
            rows = {i: m.place[0] for i, m in stubs.items()}
            first = min([r for r in rows.values() if r >= free] or rows.values())
            heads = columns(view, block.columns, (free, first - 1), cols, list(rows.values()))
            answer = heads.answer(0, COLUMNS, len(block.headings))
            for group in block.groups if lost else ():
                row = self._collapsed(view, rows, group, answer, (cols[0], stub_end))
                if row is not None:
                    lost = [i for i in lost if i not in group.rows]
                    draft.collapse(block, group, row, answer)
            draft.missing += [block.names[i] for i in lost]
            draft.cross(block, rows, answer)
            free = max(rows.values()) + 1
        return draft

    def _collapsed(
        self,
        view: View,
        rows: Mapping[int, int],
        group: Group,
        answer: Mapping[int, Match],
        stubs: Place,
    ) -> int | None:
        """The row of a sheet that takes the place of a group of rows and has only the label over
        them; None where there is none. ``rows``: the rows of the block that were found, by their
        number; ``answer``: its columns; ``stubs``: the first and last column of row labels.
        """
        lines = between(rows, group.rows)
        if lines is None or not answer:
            return None
        label, outer = core(group.labels[-1]), set(map(core, group.labels))
        is_label: dict[int, bool] = {}
        for r in range(lines[0] + 1, lines[1]):
            texts = [t for c, t in view.rows.get(r, {}).items() if stubs[0] <= c <= stubs[1]]
            if texts:
                groups = {self.rows.group(text) for text in texts}
                is_label[r] = label in groups <= outer
        places = [match.place[1] for match in answer.values()]
        return line_of(view, lines, is_label, stubs, (min(places), max(places)))

    def _bare(self, view: View) -> Iterator[Copy]:
        """The copies of a table without row labels: the rows of its only block follow its
        headings.
        """
        block = self.blocks[0]
        count = len(block.headings)
        for top, bottom in bands(view, block.columns, self.depth):
            lines = columns(view, block.columns, (top, bottom), (0, COLUMNS - 1))
            spans = chains(lines.scores, least=max(1, count // 2))
            for n in range(len(spans)):
                left = spans[n - 1][1] + 1 if n else 0
                right = spans[n + 1][0] - 1 if n + 1 < len(spans) else COLUMNS
                answer = lines.answer(left, right, count)
                if not answer:
                    continue
                low = max(m.place[0] for m in answer.values())
                data = _data_row(view, low, sorted(m.place[1] for m in answer.values()))
                draft = CopyDraft()
                draft.cross(block, {i: data + i for i in range(len(block.names))}, answer)
                corner = draft.corner
                for r in range(max(0, top - 3), top + 1):
                    for c, text in view.rows.get(r, {}).items():
                        if left <= c <= right and self._is_title(text):
                            corner = r, min(c, corner[1])
                yield draft.finished(view, corner, self.table, self.label_keys)


def _data_row(view: View, low: int, cols: Sequence[int]) -> int:
    """The first row of figures under headings, of which the lowest is in row ``low``. It is the
    next row, or the one after that if the next only numbers the columns; where the next is blank,
    the nearest row that has figures. ``cols``: the columns of the headings.
    """
    first = [view.grid.raw(low + 1, c) for c in cols]
    if counting([int(n) for n in first if isinstance(n, (int, float))]) and any(
        view.filled(low + 2, c) for c in cols
    ):
        return low + 2
    if any(view.filled(low + 1, c) for c in cols):
        return low + 1
    for r in range(low + 2, low + 2 + SLACK):
        for c in cols:
            value, flag = view.grid.raw(r, c), view.grid.flags.get((r, c), PLAIN)
            # A text is not a figure, not even with a mark beside it.
            if isinstance(value, (int, float)) or flag.formula or flag.error or flag.unseen:
                return r
    return low + 1


class Expected:
    """A table as our template has it, and prepared for being found elsewhere (``plan``).

    ``cells``: its items with their cells, ``rows``: the same by row; ``labels``: row, column, text
    and key of the labels that must be at their places; ``keys``: those keys; ``sheet``: the name of
    its sheet; ``height`` and ``width``: of the table in cells; ``frame``: the cells beside and
    below it that the template fills.
    """

    def __init__(self, layout: Layout, table_layout: TableLayout) -> None:
        self.layout, self.table, self.sheet = table_layout, table_layout.table, table_layout.sheet
        drawing = table_layout.drawing
        boxes = drawing.boxes
        # Title and corner are not among these: they may be changed, or lost, without harm.
        self.labels = [
            (b.row, b.col, b.text, key(b.text))
            for b in boxes
            if b.item is None and b.role not in (Role.TITLE, Role.CORNER)
        ]
        self.merges = frozenset(
            Area(b.row, b.col, b.row + b.height - 1, b.col + b.width - 1)
            for b in boxes
            if b.height > 1 or b.width > 1
        )
        self.keys = frozenset(k for _, _, _, k in self.labels)
        self.height, self.width = len(drawing.heights), len(drawing.widths)
        self.cells = [(b.item, layout.address(b.item)) for b in boxes if b.item is not None]
        self.rows: dict[int, list[tuple[int, Address]]] = {}
        for item, place in self.cells:
            self.rows.setdefault(place.row, []).append((item, place))
        self.plan = SearchPlan(layout.form, table_layout)
        titles = (b for b in boxes if b.role in (Role.TITLE, Role.CORNER))
        self._titles = {(b.row, b.col): b.text for b in titles}
        # Cells beneath merged labels; rows without labels; cells between items that are no item's.
        self._covered = [
            (r, c)
            for b in boxes
            for r in range(b.row, b.row + b.height)
            for c in range(b.col, b.col + b.width)
            if (r, c) != (b.row, b.col)
        ]
        stubs = {r for b in boxes if b.role is Role.STUB for r in range(b.row, b.row + b.height)}
        self._bare = sorted({place.row for _, place in self.cells} - stubs)
        self.frame = table_layout.beside
        held = {(b.row, b.col) for b in boxes}
        rows = sorted({place.row for _, place in self.cells})
        self._spare = [(r, c) for r in rows for c in range(self.width) if (r, c) not in held]

    def holds(self, grid: Grid) -> bool:
        """Whether the table is at its expected cells on a sheet: each label is at its place, each
        row without a label has some content, and nothing names another unit of measure than the
        form does.
        """
        rows = grid.rows
        for row in self._bare:
            if row >= len(rows) or not any(v is not None and v != "" for v in rows[row]):
                return False
        for row, col, text, label_key in self.labels:
            try:
                value = rows[row][col]
            except IndexError:
                return False
            if value != text and (
                not isinstance(value, str)
                or key(value) != label_key
                or stated(value).measures != stated(text).measures
            ):
                return False
        return not self._names_another_measure(grid)

    def _names_another_measure(self, grid: Grid) -> bool:
        """Whether the title, the corner or a cell beneath a merged label names another unit of
        measure than the form prints there.
        """
        for place in (*self._covered, *self._titles):
            value, text = grid.raw(*place), self._titles.get(place, "")
            if (
                isinstance(value, str)
                and value != text
                and stated(value).measures != stated(text).measures
            ):
                return True
        return False

    def in_place(self, copy: Copy) -> int:
        """How many items of a copy are at their expected cells."""
        return sum(copy.cells.get(item) == (at.row, at.col) for item, at in self.cells)

    def alone(self, grid: Grid, *, ours: bool) -> bool:
        """Whether the sheet has no figures other than those of the table at its expected cells. In
        a workbook made by xltools (``ours``), the cells that the template fills beside and below
        the table do not count.
        """
        rows = grid.rows
        formulas = {at for at, flag in grid.flags.items() if flag.formula or flag.error}
        frame = self.frame if ours and not formulas else frozenset[tuple[int, int]]()
        for r, row in enumerate(rows[:ROWS]):
            start = self.width if r < self.height else 0
            for c, value in enumerate(row[start:COLUMNS], start):
                if (
                    value is not None
                    and value != ""
                    and (type(value) is not str or value[0].isdigit())
                    and (r, c) not in formulas
                    and (r, c) not in frame
                ):
                    return False
        return not any(grid.raw(r, c) is not None for r, c in self._spare)

    def outside(self, grid: Grid) -> Iterator[str]:
        """The short texts to the right of the table's expected cells and below them."""
        for r, row in enumerate(grid.rows[:ROWS]):
            for value in row[self.width if r < self.height else 0 : COLUMNS]:
                if isinstance(value, str) and 0 < len(value) <= LONGEST:
                    yield value
