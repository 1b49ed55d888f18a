"""Find a table in a text that has lost its columns, as in plain text or PDF: labels and figures
follow each other.

The figures of a row follow its label, and are as many as the table has columns. They are read in
order if the headings are above them, complete and in the order of the form.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final

from xltools.layout.geometry import Role
from xltools.layout.places import TableLayout
from xltools.match.copies import Collapsed, Copy, Group, Stray, Uneven, is_enough
from xltools.match.irregular_rows import between, groups_of
from xltools.match.labels import beyond, core, is_filler, key, period, variants, without_period
from xltools.match.lines import Place, chains, decide
from xltools.match.measures import MOST, Rank, Statement
from xltools.match.runs import WordRun, are_headings, counting, figure, runs_of
from xltools.model.cells import Area, Grid
from xltools.model.form import Block
from xltools.model.stated import stated
from xltools.model.wording import Phrase, Value

# How sure it is that words are the label of a row: all its labels; the innermost; the innermost
# without number or remark, or a part of it; the innermost with letters wrong.
_WHOLE, _INNERMOST, _LOOSE, _DAMAGED = 1.0, 0.95, 0.85, 0.7
_WRONG: Final = 0.2  # the share of a label's characters that may be wrong
_LIKE: Final = 0.55  # how like its label a heading is that names a measure, from 0 to 1
_HEADS: Final = 2  # characters of all headings that may be wrong: to change places takes more


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRow:
    """A row of a table, prepared for being found in a text.

    ``label``: its innermost label, or the title of a table whose rows have no labels; ``labels``:
    all of its labels, from the outermost to the innermost; ``stubs``: the cores of these;
    ``items``: its items, from left to right; ``block``: the number of its block, from 1.

    For the first row of a block (empty for others): ``heads``, the cores of the headings put
    together, in each order in which they may be read; ``orders``, the same headings one by one as
    printed, with and without the corner, and with and without their units of measure.
    """

    label: str
    labels: tuple[str, ...]
    stubs: tuple[str, ...]
    heads: tuple[str, ...]
    orders: tuple[tuple[str, ...], ...]
    block: int
    items: tuple[int, ...]


def rows_of(table_layout: TableLayout) -> tuple[FlowRow, ...]:
    """The rows of a table, from top to bottom, as they are looked for in a text."""
    boxes = sorted(table_layout.drawing.boxes, key=lambda b: (b.row, b.col))
    heading_rows = {b.row for b in boxes if b.role is Role.SPANNER}
    rows: list[FlowRow] = []
    heads: list[str] = []
    leaves: list[tuple[int, str]] = []
    texts: list[str] = []
    corner = table_layout.table.corner
    # By column, the latest row label in it: its first row, the row after it, and its text.
    covers: dict[int, tuple[int, int, str]] = {}
    block = 0
    for row in range(len(table_layout.drawing.heights)):
        row_boxes = [b for b in boxes if b.row == row]
        spanners = [b for b in row_boxes if b.role is Role.SPANNER]
        if spanners and not heads:
            block, leaves, texts = block + 1, [], []
        heads += [core(b.text) for b in spanners]
        texts += [b.text for b in spanners]
        bottom = max((b.row + b.height for b in boxes if b.role is Role.SPANNER and b.row <= row),
                     default=0)  # fmt: skip
        leaves += [(b.col, core(b.text)) for b in spanners if b.row + b.height not in heading_rows]
        for b in row_boxes:
            if b.role is Role.STUB:
                covers[b.col] = b.row, b.row + b.height, b.text
        items = tuple(b.item for b in row_boxes if b.item is not None)
        if not items or row < bottom:
            continue
        stubs = [text for _, (top, end, text) in sorted(covers.items()) if top <= row < end]
        orders = ("".join(heads), "".join(k for _, k in sorted(leaves)))
        rows.append(
            FlowRow(
                label=stubs[-1] if stubs else table_layout.table.title,
                stubs=tuple(map(core, stubs)),
                labels=tuple(stubs),
                heads=tuple(dict.fromkeys(orders)) if heads else (),
                orders=_orders(texts, corner) if heads else (),
                block=block,
                items=items,
            )
        )
        heads = []
    return tuple(rows)


def _orders(heads: Sequence[str], corner: str) -> tuple[tuple[str, ...], ...]:
    """The headings of a block one by one, as keys and as cores, with and without the table's
    corner.
    """
    orders = (
        tuple(make(text) for text in texts if make(text))
        for texts in (heads, (corner, *heads))
        for make in (key, core)
    )
    return tuple(dict.fromkeys(orders))


class Flow:
    """A table prepared for being found in texts.

    ``rows``: its rows; ``counts``: the numbers of figures that its rows have; ``blocks``: the items
    of each block; ``groups``: rows that share a label.
    """

    def __init__(self, layout: TableLayout) -> None:
        self.table = layout.table
        self.rows = rows_of(layout)
        self.counts = frozenset(len(row.items) for row in self.rows)
        self.blocks = [
            [item for row in rows for item in row.items]
            for _, rows in groupby(self.rows, key=lambda row: row.block)
        ]
        self.groups = groups_of([row.labels for row in self.rows])

    def copies(self, grid: Grid) -> list[Copy]:
        """Find every copy of the table in a text of which enough rows are there."""
        runs: list[WordRun] = []
        scores: dict[int, dict[int, float]] = {}
        for run in runs_of(grid, self._counts_blanks):
            row_scores = self._score(run)
            if row_scores:
                scores[len(runs)] = row_scores
            runs.append(run)
        copies = (
            self._copy(grid, decide(scores, first, last, len(self.rows)), runs, scores)
            for first, last in chains(scores, least=max(1, len(self.rows) // 2))
        )
        return [copy for copy in copies if is_enough(copy.cells, self.blocks)]

    def _counts_blanks(self, run: WordRun) -> bool:
        """Whether the blanks behind the words of a run are those of a row or of a group of rows."""
        return any(
            len(self.rows[n].items) == len(run.places) and score >= _INNERMOST
            for n, score in self._score(run).items()
        ) or any(self._is_of(run, group) for group in self.groups)

    def _is_of(self, run: WordRun, group: Group) -> bool:
        """Whether the words of a run end with the label over a group of rows, followed by as many
        figures as one of these rows has.
        """
        label, count = group.labels[-1], len(self.rows[group.rows[0]].items)
        return run.last in (core(label), *variants(label)) and _figures_of(run, count) is not None

    def _collapsed(
        self, answer: Mapping[int, int], runs: Sequence[WordRun]
    ) -> Iterator[tuple[int, Group]]:
        """The groups of rows in whose place the text has a single row with the label over them;
        each with the index of its run. ``answer``: the index of the run of each row that was found.
        """
        for group in self.groups:
            lines = between(answer, group.rows)
            run = lines[0] + 1 if lines is not None and lines[1] - lines[0] == 2 else None
            if run is not None and self._is_of(runs[run], group):
                yield run, group

    def _score(self, run: WordRun) -> dict[int, float]:
        """The rows whose labels the words of a run may end with, each with a score from 0 to 1.
        Only those are returned whose score is close to the best.
        """
        likely = {n: score for n, row in enumerate(self.rows) if (score := _ends(run, row))}
        best = max(likely.values(), default=0.0)
        return {n: s for n, s in likely.items() if s >= best - 0.2}

    def _copy(
        self,
        grid: Grid,
        answer: Mapping[int, int],
        runs: Sequence[WordRun],
        scores: Mapping[int, Mapping[int, float]],
    ) -> Copy:
        """Make the copy whose rows are these runs of a text. ``answer``: the index of the run of
        each row that was found; ``scores``: how certain it is that a run is a row, by run and row.
        """
        cells: dict[int, Place] = {}
        missing: list[Value] = []
        uneven: list[Uneven] = []
        changed: list[tuple[Place, str, str]] = []
        headed: set[int] = set()
        statements: list[Statement] = []
        together = dict(self._collapsed(answer, runs))
        within = {n for group in together.values() for n in group.rows}
        for n, row in enumerate(self.rows):
            if n in answer and (not row.heads or _headed(runs[answer[n]], row)):
                if row.heads:
                    headed.add(row.block)
                    changed += self._unmeasured(runs[answer[n]], row)
            elif row.heads:
                missing.append(Phrase.HEADING_ABOVE(row.label))
            if n not in answer or row.block not in headed:
                if n not in within or row.block not in headed:
                    missing.append(row.label)
                continue
            run = runs[answer[n]]
            statements += self._statements(run, row)
            places = _figures_of(run, len(row.items))
            if places is None:
                uneven.append(Uneven(run.start, row.label, len(row.items), row.items))
                continue
            cells |= dict(zip(row.items, places, strict=True))
            if scores[answer[n]][n] < _LOOSE:
                changed.append((run.start, run.words[-len(row.stubs[-1]) :], row.label))
        return Copy(
            sheet=grid.name,
            corner=min((runs[g].start for g in answer.values()), default=(0, 0)),
            cells=cells,
            missing=tuple(dict.fromkeys(missing)),
            changed=tuple(changed),
            uneven=tuple(uneven),
            statements=tuple(statements[:MOST]),
            strays=tuple(self._strays({*answer.values(), *together}, runs)),
            collapsed=tuple(
                self._parts(runs[n], group)
                for n, group in together.items()
                if self.rows[group.rows[0]].block in headed
            ),
        )

    def _parts(self, run: WordRun, group: Group) -> Collapsed:
        """A group of rows in whose place the text has a single run: for each of its figures, the
        items of the group whose sum it is.
        """
        items = list(zip(*(self.rows[n].items for n in group.rows), strict=True))
        places = _figures_of(run, len(items)) or ()
        return Collapsed(group.labels[-1], dict(zip(places, items, strict=True)))

    def _statements(self, run: WordRun, row: FlowRow) -> Iterator[Statement]:
        """What the texts before the figures of a row say about units of measure: of columns of its
        block, of the row, of the block or of the table.
        """
        block = self.table.blocks[row.block - 1]
        rows = [r.items for r in self.rows if r.block == row.block]
        block_keys = {core(self.table.title), core(self.table.corner), core(block.title)}
        keys = [core(text) for _, text in run.texts]
        # Texts above the title of the table are about another table.
        titles = [n for n, text_key in enumerate(keys) if text_key == core(self.table.title)]
        for n in range(titles[-1] if titles else 0, len(keys)):
            place, text = run.texts[n]
            statement, columns = stated(text), self._columns(text, block)
            measures, rank, items = statement.measures, Rank.HEADING, row.items
            if columns and not statement.alone:
                measures = beyond(text, block.columns[min(columns)].labels[-1])
                items = tuple(r[c] for r in rows for c in columns if c < len(r))
            elif statement.alone or keys[n] in block_keys:
                if not row.stubs or row.stubs[-1] not in keys[:n]:
                    rank = Rank.BLOCK if row.block > 1 else Rank.TABLE
                    above = rows if row.block > 1 else [r.items for r in self.rows]
                    items = tuple(i for r in above for i in r)
            elif keys[n] not in row.stubs:
                continue
            if measures:
                yield Statement(
                    text=text, measures=measures, items=frozenset(items), rank=rank, place=place
                )

    def _unmeasured(self, run: WordRun, row: FlowRow) -> Iterator[tuple[Place, str, str]]:
        """The headings above a row that lack the unit of measure that the form prints in them: the
        cell, the text, and the label as the form prints it.
        """
        labels = [c.labels[-1] for c in self.table.blocks[row.block - 1].columns if c.labels]
        for label in labels:
            for place, text in run.texts if stated(label).measures else ():
                if core(text) == core(label) and not stated(text).measures:
                    yield place, text, label

    @staticmethod
    def _columns(text: str, block: Block) -> frozenset[int]:
        """The numbers of the columns of a block whose heading a text is. A text that names a unit
        of measure need only resemble the heading.
        """
        from rapidfuzz.distance import Levenshtein

        text_key = core(text)
        labels = [[core(label) for label in heading.labels] for heading in block.columns]
        named = frozenset(
            n
            for n, keys in enumerate(labels)
            if text_key in keys or (keys and beyond(text_key, keys[-1]))
        )
        if named or not stated(text).measures:
            return named
        likes = [
            Levenshtein.normalized_similarity(text_key, keys[-1]) if keys else 0.0
            for keys in labels
        ]
        best = max(likes, default=0.0)
        return frozenset(n for n, like in enumerate(likes) if like == best >= _LIKE)

    def _strays(self, used: Set[int], runs: Sequence[WordRun]) -> Iterator[Stray]:
        """The figures between the rows of a copy, and directly behind the last row, that belong to
        no item. Those behind the last row count only if they have no label, or one that names a
        period. ``used``: the indices of the copy's runs.
        """
        for n in range(min(used, default=0), min(max(used, default=-1) + 2, len(runs))):
            run = runs[n]
            (row, first), (_, last) = run.places[0], run.places[-1]
            dated = period(run.last) is not None and is_filler(without_period(run.last))
            if run.soft or (n in used and not dated) or (run.words and not dated and n > max(used)):
                continue
            figures = [f for value in run.values if (f := figure(value)) is not None]
            full = not self.counts.isdisjoint((len(run.places), len(figures)))
            # A single number may be that of a page, unless the row before is a single number too.
            below = n - 1 in used and row == runs[n - 1].places[0][0] + 1
            alone = len(run.places) == 1 and not (below and len(runs[n - 1].places) == 1)
            if dated or not (alone or counting(figures) or (run.words and not full)):
                equal = full and (dated or not run.words)
                yield Stray(Area(row, first, row, last), equal=equal)


def _figures_of(run: WordRun, count: int) -> list[Place] | None:
    """The cells of the ``count`` figures of a row in a run; None if it is not certain which they
    are.

    They are side by side and everything else is blank; or they are at equal distances with blanks
    between, as figures in merged cells are.
    """
    over = len(run.values) - count
    blank = [v in (None, "") for v in run.values]
    ways = [n for n in range(over + 1) if all(blank[:n]) and all(blank[n + count :])]
    if len(ways) == 1:
        return run.places[ways[0] : ways[0] + count]
    filled = [n for n, b in enumerate(blank) if not b]
    even = len({b - a for a, b in pairwise(filled)}) == 1
    return [run.places[n] for n in filled] if even and len(filled) == count else None


def _ends(run: WordRun, row: FlowRow) -> float:
    """How certain it is, from 0 to 1, that the words of a run end with the label of a row or, for a
    row without labels, with the headings above it. 0.0 if they do not.
    """
    if not row.stubs:
        return _WHOLE if _headed(run, row) else 0.0
    words = run.words
    if words.endswith("".join(row.stubs)):
        return _WHOLE
    label = row.stubs[-1]
    if words.endswith(label) and (len(label) > 1 or words == label):
        return _INNERMOST
    if words.endswith(variants(row.label)):
        return _LOOSE
    if len(run.last) >= 4 and 2 * len(run.last) >= len(label) and run.last in label:
        return _LOOSE
    from rapidfuzz.distance import Levenshtein

    most = int(len(label) * _WRONG)
    for length in range(len(label) - most, len(label) + most + 1) if most else ():
        if Levenshtein.distance(words[-length:], label, score_cutoff=most) <= most:
            return _DAMAGED
    return 0.0


def _headed(run: WordRun, row: FlowRow) -> bool:
    """Whether all headings of a block are in order in front of the label of its first row
    (``row``). They may be broken over several lines.
    """
    label = row.stubs[-1] if row.stubs else ""
    ends = ("".join(row.stubs), label, run.last if label else "")
    if _follows(run.words, ends, row.heads):
        return True
    if label and run.last not in (label, *variants(row.label)):
        return False
    cuts = range(1, len(row.stubs) + 1) if label else (0,)
    return any(
        are_headings(texts[: len(texts) - cut], order)
        for texts in ([key(text) for _, text in run.texts], [key(text) for text in run.all_texts])
        for cut in cuts
        for order in row.orders
    )


def _follows(words: str, ends: Sequence[str], heads: Sequence[str]) -> bool:
    """Whether ``words`` end with one of the ``heads`` (headings put together), in which a few
    characters may be wrong, followed by one of the ``ends``.
    """
    from rapidfuzz.distance import Levenshtein

    for end in dict.fromkeys(map(len, ends)):
        before = words[: len(words) - end]
        for head in heads:
            wrong = min(_HEADS, len(head) // 8)
            for length in range(len(head) - wrong, len(head) + wrong + 1):
                tail = before[-length:]
                if Levenshtein.distance(tail, head, score_cutoff=wrong) <= wrong:
                    return True
    return False
