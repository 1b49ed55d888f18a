"""Choose which copy of a table is the entry, the one whose figures are used, and make the findings
about the other copies.

In a workbook of ours the table on its own sheet is the entry, whatever else there is: another copy
may be last year's. In any other workbook it is the first copy that is filled in, among those that
may be this year's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from xltools.layout.places import TEXT_SHEET
from xltools.match.copies import Copy
from xltools.match.figures import Figures
from xltools.match.labels import Labels, PeriodOrYear, is_other_period, is_title, key, period
from xltools.match.lines import View
from xltools.match.locate import Expected
from xltools.model.cells import Address, Grid
from xltools.model.differences import Entry, differing
from xltools.model.evaluate import with_totals
from xltools.model.findings import Finding, finding
from xltools.model.form import Form
from xltools.model.identity import CHECKS, COVER, IDENTITY, ISSUES, PRINT
from xltools.model.numbers import Number
from xltools.model.returns import Status
from xltools.model.text import half_width
from xltools.model.wording import Phrase, Value, several
from xltools.readers.book import Sheet

NO_ENTRY: Final = frozenset((COVER, CHECKS, PRINT, IDENTITY, ISSUES, TEXT_SHEET))
"""Sheets of our workbook on which no table is filled in; 打印稿 repeats all tables."""

_HEADING: Final = 8  # rows above a copy in which its title is looked for
_LONGEST: Final = 60  # characters of a title
_SHORT: Final = 10  # characters of a text that need not read like a title to name a period


@dataclass(frozen=True, slots=True)
class Choice:
    """A copy of a table, its figures as read, and the sheet it is on.

    ``formulas``: the items whose cells have a formula. ``past``: whether its title, or the name of
    its sheet, says that it is of an earlier year. ``findings``: about the units of measure of its
    figures. ``typed_over``: whether it is filled by formulas and only those cells are kept in which
    something was typed over the formula.
    """

    copy: Copy
    figures: Figures
    sheet: Sheet
    formulas: frozenset[int] = frozenset()
    past: bool = False
    findings: Sequence[Finding] = ()
    typed_over: bool = False

    @property
    def by_formulas(self) -> bool:
        """Whether most of its inputs have formulas, as on a print-out."""
        items = self.figures.form.items
        inputs = [i for i in self.copy.cells if items[i].formula is None]
        return 2 * sum(i in self.formulas for i in inputs) > len(inputs)

    @property
    def corner(self) -> Address:
        """The cell where the copy begins: the first of its labels or, if only cells typed over are
        kept, the first of these.
        """
        at = min(self.copy.cells.values()) if self.typed_over else self.copy.corner
        return Address(self.copy.sheet, *at)

    @property
    def place(self) -> Value:
        """Where the copy is, for a finding: the cell where it begins; how many cells it has, if
        only some of a table are kept; and that its sheet is hidden, if it is.
        """
        count = len(self.copy.cells)
        place = (
            Phrase.CELLS_FROM(self.corner, count) if self.typed_over and count > 1 else self.corner
        )
        if self.sheet.visible:
            return place
        return (Phrase.BURIED_SHEET if self.sheet.buried else Phrase.HIDDEN_SHEET)(place)


@dataclass(frozen=True, slots=True)
class BookFacts:
    """What is known about a book before its tables are read.

    ``ours``: whether it was made by xltools; ``year``: the year it is for, 0 where it names none;
    ``priors``: last year's figures that its template carried, by item; ``declared``: the keys of
    the tables whose blanks the unit declares to be zero.
    """

    ours: bool
    year: int = 0
    priors: Mapping[int, Number] = field(default_factory=dict)
    declared: frozenset[str] = frozenset()


def formulas_of(copy: Copy, grid: Grid) -> frozenset[int]:
    """The items of a copy whose cells have formulas."""
    flags = grid.flags
    return frozenset(i for i, at in copy.cells.items() if at in flags and flags[at].formula)


def headings(copy: Copy, copies: Sequence[Copy], view: View) -> list[str]:
    """The texts above the figures of a copy, within its columns, as far up as the next copy above
    it.

    ``copies``: all copies of the table on the sheet; ``view``: that sheet.
    """
    area = copy.figures
    bottoms = [c.figures.bottom for c in copies if c.figures.bottom < area.top]
    top = max([copy.corner[0] - _HEADING, *(bottom + 1 for bottom in bottoms)])
    left = min(area.left, copy.corner[1])
    return [
        text
        for r in range(max(top, 0), area.top)
        for c, text in view.rows.get(r, {}).items()
        if left <= c <= area.right
    ]


def titled_period(
    copy: Copy, view: View, labels: Labels, neighbours: Sequence[Copy]
) -> PeriodOrYear | None:
    """The period that the nearest title above a copy names; otherwise the one that the name of its
    sheet names; None where neither does.

    ``view``: the sheet of the copy. ``neighbours``: the other copies of the table, on any sheet;
    what is above one that is higher up on the same sheet is not a title of this copy.
    """
    area = copy.figures
    left = min(area.left, copy.corner[1])
    top = 0
    for neighbour in neighbours:
        near = neighbour.figures
        in_line = near.right >= left and min(near.left, neighbour.corner[1]) <= area.right
        if neighbour.sheet == copy.sheet and near.bottom < area.top and in_line:
            top = max(top, near.bottom + 1)
    for r in range(area.top - 1, top - 1, -1):
        for c, text in view.rows.get(r, {}).items():
            if (
                left <= c <= area.right
                and len(text) <= _LONGEST
                and key(text) not in labels.printed
                and (is_title(text) or len(half_width(text)) <= _SHORT)
                and (named := period(text)) is not None
            ):
                return named
    return period(copy.sheet)


def of_this_year(periods: Sequence[PeriodOrYear | None], year: int) -> list[bool]:
    """For each copy, whether it may hold this year's figures, by the period that its title names:
    all that are not certainly of another period; if that leaves none, all of them.

    ``year``: the year of the return; 0 where it is not known. Then, if the titles name several
    years, the latest of them counts as this year.
    """
    years = {named for named in periods if isinstance(named, int)}
    year = year or (max(years) if len(years) > 1 else 0)
    may = [not is_other_period(named, year) for named in periods]
    return may if any(may) else [True] * len(periods)


def entry_of(choices: Sequence[Choice], table: Expected, facts: BookFacts) -> Choice | None:
    """The copy whose figures are used. None where there is no copy, and where a workbook of ours
    lacks the table's own sheet and has only copies that the unit probably does not mean (hidden
    ones, or ones of an earlier year).
    """
    typed = [c for c in choices if not c.by_formulas]
    if facts.ours:
        at_home = [c for c in choices if c.copy.sheet == table.sheet]
        if at_home:
            return max(at_home, key=lambda c: table.in_place(c.copy))
        choices = [c for c in typed if _is_meant(c) and c.copy.sheet not in NO_ENTRY]
    else:
        choices = typed or choices
    seen = [c for c in choices if c.sheet.visible] or choices
    filled = [c for c in seen if not is_blank(c, facts)]
    return next(iter(filled or seen), None)


def further_copies(
    choices: Sequence[Choice], entry: Choice | None, facts: BookFacts
) -> list[Choice]:
    """The copies other than the entry that must not contradict it.

    In a workbook of ours, a copy that is filled by formulas, as the print-out is, counts only with
    the cells in which something was typed over a formula. In any other workbook, those copies count
    that are filled in the same way as the entry: by formulas, or by hand.
    """
    further = [c for c in choices if c is not entry]
    if not facts.ours:
        return [c for c in further if entry is not None and c.by_formulas == entry.by_formulas]
    # Where the entry is blank, formulas that the unit wrote may hold what should be in it.
    empty = entry is not None and is_blank(entry, facts)
    counted = (
        c if not c.by_formulas or (empty and _has_results(c)) else _only_typed_over(c)
        for c in further
    )
    return [c for c in counted if c is not None]


def _has_results(choice: Choice) -> bool:
    """Whether a copy has figures other than 0 and is not on our print-out."""
    numbers = choice.figures.numbers
    return choice.copy.sheet != PRINT and any(numbers[i] for i in choice.copy.cells)


def _only_typed_over(choice: Choice) -> Choice | None:
    """A copy that is filled by formulas, reduced to the cells in which something was typed over a
    formula; None where there are none.
    """
    read, cells = choice.figures, choice.copy.cells
    typed = {
        i: at
        for i, at in cells.items()
        if i not in choice.formulas and read.statuses[i] is not Status.BLANK
    }
    return (
        replace(choice, copy=replace(choice.copy, cells=typed), typed_over=True) if typed else None
    )


def on_further_copies(
    entry: Choice | None, further: Sequence[Choice], table: Expected, facts: BookFacts
) -> list[Finding]:
    """The findings about copies that are not the entry: they are filled in while the entry is blank
    (M-12), contradict it (M-05), are hidden (M-14) or of an earlier year (M-13). M-01 where no copy
    is the entry. ``further``: as `further_copies` gives them.
    """
    title = table.table.title
    if entry is not None and facts.ours and entry.past and not is_blank(entry, facts):
        facts = replace(facts, ours=False)  # none is surely this year's; a blank one may be
    else:
        further = [c for c in further if not is_blank(c, facts)]
    if entry is None:
        lost = finding("M-01", sheet=table.sheet, found=title, detail=title)
        return [lost, *_on_not_meant(further, title)]
    if is_blank(entry, facts):
        zero = table.table.key in facts.declared
        filled = [c for c in further if not zero or _has_more_than_zeros(c)]
        return [_on_copies("M-12", entry, filled, title)] if filled else []
    differing = [c for c in further if not _says_the_same(entry, c, table)]
    if not facts.ours:
        return [_on_copies("M-05", entry, [entry, *differing], title)] if differing else []
    meant = [c for c in differing if _is_meant(c)]
    asked = [_on_copies("M-05", entry, [entry, *meant], title)] if meant else []
    return [*asked, *_on_not_meant(differing, title)]


def is_blank(choice: Choice, facts: BookFacts) -> bool:
    """Whether a copy has nothing filled in except what its template carried over from last year."""
    figures = choice.figures
    return not choice.typed_over and is_unfilled(
        figures.form, choice.copy.cells, figures.statuses, figures.numbers, facts.priors
    )


def is_unfilled(
    form: Form,
    items: Iterable[int],
    statuses: Sequence[Status],
    numbers: Sequence[Number | None],
    priors: Mapping[int, Number],
) -> bool:
    """Whether all inputs among some items are blank or have what the template carried over from
    last year. ``statuses``, ``numbers``: of all items of the form; ``priors``: last year's figures
    in the template, by item.
    """
    for i in items:
        if form.items[i].formula is None and statuses[i] is not Status.BLANK:
            if not priors:
                return False
            source = form.carried.get(i)
            if source is None or numbers[i] is None or numbers[i] != priors.get(source):
                return False
    return True


def _is_meant(choice: Choice) -> bool:
    """Whether a unit may have filled in a copy on purpose: it is neither hidden nor of an earlier
    year.
    """
    return choice.sheet.visible and not choice.past


def _has_more_than_zeros(choice: Choice) -> bool:
    """Whether a copy has a figure other than 0, or something that cannot be read."""
    read = choice.figures
    return any(read.statuses[i] is Status.UNREADABLE or read.numbers[i] for i in choice.copy.cells)


def _says_the_same(entry: Choice, copy: Choice, table: Expected) -> bool:
    """Whether ``copy``, a further copy of a table, says the same as ``entry``, the copy that is
    used. A blank counts as 0; content that is not a number must be the same text.

    Only inputs are compared, not totals. The exception is a copy filled by formulas, of which only
    the cells where somebody typed over the formula are kept (``copy.typed_over``): then just these
    cells are compared, totals included, with the totals computed from the inputs of ``entry``.
    """
    form = entry.figures.form
    entries = _entries(entry.figures, (i for i, _ in table.cells if form.items[i].formula is None))
    if copy.typed_over:
        numbers = {i: e.number for i, e in entries.items() if e.number is not None}
        entries |= {i: Entry(number) for i, number in with_totals(form, numbers).items()}
        entries = {i: entries[i] for i in copy.copy.cells if i in entries}
    return not any(differing(entries, _entries(copy.figures, entries)))


def _entries(figures: Figures, items: Iterable[int]) -> dict[int, Entry]:
    """The content of some items as entries that can be compared; a blank counts as 0."""
    return {
        i: Entry.of(figures.numbers[i], figures.statuses[i], figures.contents.get(i)).counted
        for i in items
    }


def _on_not_meant(choices: Iterable[Choice], title: str) -> list[Finding]:
    """M-14 for hidden copies and M-13 for those of an earlier year; nothing for the others."""
    groups: dict[str, list[Choice]] = {}
    for choice in choices:
        if not _is_meant(choice):
            code = "M-13" if choice.sheet.visible else "M-14"
            groups.setdefault(code, []).append(choice)
    return [_on_copies(code, group[0], group, title) for code, group in groups.items()]


def _on_copies(code: str, at: Choice, copies: Sequence[Choice], title: str) -> Finding:
    """A finding with a code about copies of a table; its cell is the one where ``at`` begins.
    ``title``: of the table.
    """
    return finding(
        code,
        sheet=at.copy.sheet,
        cells=(at.corner.a1,),
        found=several(c.place for c in copies),
        detail=title,
    )
