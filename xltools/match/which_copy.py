"""Which of a table's copies in a workbook is the entry, and what is to be said of the others.

In a workbook of ours the table on its own sheet is the entry, whatever lies beside it: another
copy may be last year's. In any other, the first copy that is filled is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from xltools.layout.places import TEXT_SHEET
from xltools.match.copies import Copy
from xltools.match.figures import Figures
from xltools.match.lines import View
from xltools.match.locate import Expected
from xltools.model.cells import Address, Grid
from xltools.model.evaluate import with_totals
from xltools.model.findings import Finding, finding
from xltools.model.identity import CHECKS, COVER, IDENTITY, ISSUES, PRINT
from xltools.model.numbers import Number
from xltools.model.returns import Status
from xltools.model.wording import Phrase, Value, several
from xltools.readers.workbook import Sheet

NO_ENTRY: Final = frozenset((COVER, CHECKS, PRINT, IDENTITY, ISSUES, TEXT_SHEET))
"""Sheets of ours on which no table is filled in; 打印稿 repeats them all."""

_HEADING: Final = 8  # rows above a copy in which its title is looked for


@dataclass(frozen=True, slots=True)
class Choice:
    """A copy of a table as read, and the sheet it stands on.

    ``formulas``: items whose cells hold one. ``past``: its title, or the name of its sheet, says
    that it is of a year before. ``findings``: on the measures of its figures. ``partly``: formulas
    make it, and of its cells only those are left in which something was typed over them.
    """

    copy: Copy
    figures: Figures
    sheet: Sheet
    formulas: frozenset[int] = frozenset()
    past: bool = False
    findings: Sequence[Finding] = ()
    partly: bool = False

    @property
    def made(self) -> bool:
        """Whether most of its inputs come by formulas, as on a print-out."""
        items = self.figures.form.items
        inputs = [i for i in self.copy.cells if items[i].formula is None]
        return 2 * sum(i in self.formulas for i in inputs) > len(inputs)

    @property
    def corner(self) -> Address:
        """Where it begins."""
        at = min(self.copy.cells.values()) if self.partly else self.copy.corner
        return Address(self.copy.sheet, *at)

    @property
    def place(self) -> Value:
        """Where it begins, how many cells it has if it is only a part of a table, and how people
        get to see its sheet if it is hidden.
        """
        count = len(self.copy.cells)
        place = Phrase.CELLS_FROM(self.corner, count) if self.partly and count > 1 else self.corner
        if self.sheet.visible:
            return place
        return (Phrase.BURIED_SHEET if self.sheet.buried else Phrase.HIDDEN_SHEET)(place)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a return before its tables are read: whether it is a workbook of ours, its
    year (0: not known), last year's figures that its template carried, by item, and the tables
    (keys) whose blanks are declared zero.
    """

    ours: bool
    year: int = 0
    priors: Mapping[int, Number] = field(default_factory=dict)
    declared: frozenset[str] = frozenset()


def formulas_of(copy: Copy, grid: Grid) -> frozenset[int]:
    """The items of a copy whose cells hold formulas."""
    flags = grid.flags
    return frozenset(i for i, at in copy.cells.items() if at in flags and flags[at].formula)


def headings(copy: Copy, copies: Sequence[Copy], view: View) -> list[str]:
    """The texts above the figures of a copy, up to the copy above it. ``copies``: all on its
    sheet.
    """
    (first, _), (left, right) = _extent(copy)
    above = [last for _, last in (_extent(c)[0] for c in copies) if last < first]
    top = max([copy.corner[0] - _HEADING, *(last + 1 for last in above)])
    left = min(left, copy.corner[1])
    return [
        text
        for r in range(max(top, 0), first)
        for c, text in view.rows.get(r, {}).items()
        if left <= c <= right
    ]


def entry_of(choices: Sequence[Choice], table: Expected, known: Known) -> Choice | None:
    """The copy that is the entry; None without any, and where in a workbook of ours only such are
    left as the unit may not mean: hidden, or of a year before.
    """
    typed = [c for c in choices if not c.made]
    if known.ours:
        at_home = [c for c in choices if c.copy.sheet == table.sheet]
        if at_home:
            return max(at_home, key=lambda c: table.in_place(c.copy))
        choices = [c for c in typed if _meant(c) and c.copy.sheet not in NO_ENTRY]
    else:
        choices = typed or choices
    seen = [c for c in choices if c.sheet.visible] or choices
    filled = [c for c in seen if not blank(c, known)]
    return next(iter(filled or seen), None)


def others_of(choices: Sequence[Choice], entry: Choice | None, known: Known) -> list[Choice]:
    """The copies beside the entry that count. Of one that formulas make, as they do a print-out,
    in a workbook of ours only what was typed over them does.
    """
    others = [c for c in choices if c is not entry]
    if not known.ours:
        return [c for c in others if entry is not None and c.made == entry.made]
    # Where the entry is blank, formulas of the unit's own may have given what is filled in.
    empty = entry is not None and blank(entry, known)
    counted = (c if not c.made or (empty and _worked_out(c)) else _typed_over(c) for c in others)
    return [c for c in counted if c is not None]


def _worked_out(choice: Choice) -> bool:
    """Whether formulas give figures in a copy, and it is not on our print-out."""
    numbers = choice.figures.numbers
    return choice.copy.sheet != PRINT and any(numbers[i] for i in choice.copy.cells)


def _typed_over(choice: Choice) -> Choice | None:
    """What of a copy that formulas make was typed over them; None where nothing was."""
    read, cells = choice.figures, choice.copy.cells
    typed = {
        i: at
        for i, at in cells.items()
        if i not in choice.formulas and read.statuses[i] is not Status.BLANK
    }
    return replace(choice, copy=replace(choice.copy, cells=typed), partly=True) if typed else None


def verdict(
    entry: Choice | None, others: Sequence[Choice], table: Expected, known: Known
) -> list[Finding]:
    """What is to be said of the copies that are not the entry."""
    title = table.table.title
    if entry is not None and known.ours and entry.past and not blank(entry, known):
        known = replace(known, ours=False)  # none is surely this year's, a blank one may be
    else:
        others = [c for c in others if not blank(c, known)]
    if entry is None:
        lost = finding("M-01", sheet=table.sheet, found=title, detail=title)
        return [lost, *_left_out(others, title)]
    if blank(entry, known):
        zero = table.table.key in known.declared
        filled = [c for c in others if not zero or _something(c)]
        return [_question("M-12", entry, filled, title)] if filled else []
    differing = [c for c in others if not _same(entry, c, table)]
    if not known.ours:
        return [_question("M-05", entry, [entry, *differing], title)] if differing else []
    meant = [c for c in differing if _meant(c)]
    asked = [_question("M-05", entry, [entry, *meant], title)] if meant else []
    return [*asked, *_left_out(differing, title)]


def blank(choice: Choice, known: Known) -> bool:
    """Whether nothing was filled in, but for what the template had carried from last year."""
    return not choice.partly and unfilled(choice.figures, choice.copy.cells, known.priors)


def unfilled(figures: Figures, items: Iterable[int], priors: Mapping[int, Number]) -> bool:
    """Whether all inputs among some items are blank, but for what the template had carried."""
    form, statuses, numbers = figures.form, figures.statuses, figures.numbers
    for i in items:
        if form.items[i].formula is None and statuses[i] is not Status.BLANK:
            source = form.carried.get(i)
            if source is None or numbers[i] is None or numbers[i] != priors.get(source):
                return False
    return True


def _meant(choice: Choice) -> bool:
    """Whether a unit may mean a copy that is not on the table's own sheet."""
    return choice.sheet.visible and not choice.past


def _something(choice: Choice) -> bool:
    """Whether anything but zeros stands in a copy."""
    read = choice.figures
    return any(read.statuses[i] is Status.UNREADABLE or read.numbers[i] for i in choice.copy.cells)


def _same(entry: Choice, copy: Choice, table: Expected) -> bool:
    """Whether another copy says nothing else than the entry; a blank is as good as 0.

    Totals count only where that is all there is of the copy: typed over a print-out's formulas.
    """
    first, second = entry.figures, copy.figures
    inputs = [i for i, _ in table.cells if first.form.items[i].formula is None]
    unreadable = {i for i in inputs if first.statuses[i] is Status.UNREADABLE}
    counted = {i: first.numbers[i] or 0 for i in inputs if i not in unreadable}
    compared: Iterable[int] = inputs
    if copy.partly:
        counted = with_totals(first.form, counted)
        compared = [i for i in copy.copy.cells if i in counted or i in unreadable]
    return all(
        counted[i] == (second.numbers[i] or 0)
        if i in counted and second.statuses[i] is not Status.UNREADABLE
        else first.statuses[i] is second.statuses[i]
        and first.contents.get(i) == second.contents.get(i)
        for i in compared
    )


def _left_out(choices: Iterable[Choice], title: str) -> list[Finding]:
    """M-14 of hidden copies, M-13 of those of a year before."""
    groups: dict[str, list[Choice]] = {}
    for choice in choices:
        if not _meant(choice):
            code = "M-13" if choice.sheet.visible else "M-14"
            groups.setdefault(code, []).append(choice)
    return [_question(code, group[0], group, title) for code, group in groups.items()]


def _question(code: str, at: Choice, copies: Sequence[Choice], title: str) -> Finding:
    return finding(
        code,
        sheet=at.copy.sheet,
        cells=(at.corner.a1,),
        found=several(c.place for c in copies),
        detail=title,
    )


def _extent(copy: Copy) -> tuple[tuple[int, int], tuple[int, int]]:
    """The first and last row, and the first and last column, of a copy's figures."""
    rows, cols = zip(*copy.cells.values(), strict=True)
    return (min(rows), max(rows)), (min(cols), max(cols))
