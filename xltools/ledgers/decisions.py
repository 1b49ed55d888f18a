"""Read the file of decisions, and decisions given as options of a command. All errors in a file are
collected and raised together.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from xltools.layout.places import Layout
from xltools.ledgers.filled import FilledTable, find_table
from xltools.ledgers.targets import (
    TargetError,
    after_code,
    cell_target,
    cell_words,
    code_and_cell,
    files_of,
    item_of,
    item_target,
)
from xltools.model import numbers
from xltools.model.decisions import (
    KINDS,
    NEEDS,
    Accept,
    Choose,
    Columns,
    Combine,
    Correct,
    Decision,
    DecisionKind,
    DecisionLine,
    Decisions,
    DecisionsError,
    Excuse,
    MatchUnit,
    basis_of,
)
from xltools.model.errors import Problem, ReadError, XltoolsError
from xltools.model.findings import catalogue, why_unread
from xltools.model.form import Form
from xltools.model.roster import Roster
from xltools.model.stated import first_year
from xltools.model.text import key
from xltools.readers.workbook import Book, open_book

_NOTE = re.compile(r"[（(].*", re.S)
_ALSO = {"免报": DecisionKind.EXCUSE, "接受": DecisionKind.ACCEPT, "同意": DecisionKind.ACCEPT}


def load(path: Path, layout: Layout, roster: Roster | None = None) -> Decisions:
    """Read all decisions of a file: every line of the sheet 决定, and the lines of 待定 in which a
    decision was chosen.

    Units may be written by any name that ``roster`` knows; without a roster, names are taken as
    they are. Raises DecisionsError with all problems at once.
    """
    problems: list[Problem] = []
    decisions: list[Decision] = []
    try:
        book = open_book(path)
        names = {key(sheet.name): sheet.name for sheet in book.sheets}
        for sheet, labels, choice in (
            (Columns.MADE, Columns.ON_MADE, Columns.KIND),
            (Columns.WAITING, Columns.ON_WAITING, Columns.CHOICE),
        ):
            table = _table(book, names[sheet], labels) if sheet in names else None
            if table is None or choice not in table.columns:
                if sheet == Columns.MADE or sheet in names:
                    what = f"没有标题行（要有“{choice}”“{Columns.UNIT}”等栏）"
                    message = what if sheet in names else f"没有“{sheet}”这一页"
                    message += "，不像决定表；请核对文件，或移走它，用 xltools decide 新建。"
                    place = f"“{sheet}”页" if sheet in names else ""
                    problems.append(Problem(message=message, place=place))
                continue
            lines = _DecisionLines(table, layout, roster, choice)
            for row in table.rows:
                decisions += lines.decisions(row)
            problems += table.problems
    except ReadError as error:
        problems.append(Problem(message=why_unread(error.code, error.detail)))
    if problems:
        raise DecisionsError(path, problems)
    return Decisions(all=tuple(decisions), path=path)


def _table(book: Book, sheet: str, labels: Sequence[str]) -> FilledTable | None:
    """The lines of a sheet, below the row that has most of the headings ``labels``; None where no
    row has three of them.

    Of two columns with the same heading the first is read, and the second is a problem. A merged
    cell belongs only to the first line of its area, because one line is one decision.
    """
    headings = {key(label): label for label in labels}
    table = find_table(book.values(sheet), headings, least=3, named=True)
    if table is not None:
        for label, _ in table.repeated:
            message = f"有两列“{label}”，不知以哪一列为准；请删去或改名其中一列。"
            table.wrong(table.head, label, message)
    return table


class _DecisionLines:
    """Reads the lines of one sheet into decisions; problems are added to those of the table.
    ``choice``: the heading of the column with the kind of decision; ``waiting``: whether the sheet
    is 待定.
    """

    def __init__(
        self, table: FilledTable, layout: Layout, roster: Roster | None, choice: str
    ) -> None:
        self.table, self.layout, self.roster, self.choice = table, layout, roster, choice
        self.waiting = choice == Columns.CHOICE

    def decisions(self, row: int) -> Iterator[Decision]:
        """The decisions of a line (``row`` from 0): none for an empty line or one with a problem,
        several for a line that corrects several figures.
        """
        table, before = self.table, len(self.table.problems)
        chosen = table.text(row, self.choice)
        filled = table.filled(row)
        if not chosen:
            # The program writes the state itself; a line with only a state is empty.
            if not self.waiting and [label for label in filled if label != Columns.STATE]:
                table.wrong(
                    row, self.choice, f"没有选种类；请选一种（{'、'.join(KINDS)}），或清空本行。"
                )
            return
        kind = _kind(chosen)
        if kind is None:
            table.wrong(
                row, self.choice, f"“{chosen}”不是决定的种类；请改为其中之一：{'、'.join(KINDS)}。"
            )
            return
        texts = {label: table.lines(row, label) for label in (*Columns.ON_MADE, Columns.FILE)}
        texts[Columns.DATE] = _date(table.text(row, Columns.DATE))
        if self.waiting:
            texts = self._of_waiting(kind, texts)
        for label in NEEDS[kind]:
            if not texts[label]:
                name = Columns.VALUE if self.waiting and label == Columns.TARGET else label
                table.wrong(row, name, f"“{kind.value}”要填“{name}”；请补上。")
        unit = self._unit(row, texts[Columns.UNIT]) if texts[Columns.UNIT] else ""
        line = DecisionLine(
            kind=kind,
            unit=unit,
            target=texts[Columns.TARGET],
            basis=texts[Columns.BASIS],
            value=texts[Columns.VALUE],
            reason=texts[Columns.REASON],
            by=texts[Columns.BY],
            date=texts[Columns.DATE],
            year=self._year(row),
            sheet=table.grid.name,
            row=row + 1,
        )
        if len(table.problems) > before:
            return
        decisions: list[Decision] = []
        form = self.layout.form
        try:
            parts = _single(line, form) if kind is DecisionKind.CORRECT and line.value else (line,)
            decisions += (understood(part, self.layout, self.roster) for part in parts)
        except TargetError as error:
            table.wrong(row, Columns.TARGET, str(error))
        except ValueError as error:
            table.wrong(row, Columns.VALUE, str(error))
        if len(table.problems) == before:
            yield from decisions

    def _year(self, row: int) -> int:
        """The year that a line is about; 0 where it does not say."""
        text = self.table.text(row, Columns.YEAR)
        year = first_year(text)
        if text and not year:
            message = f"“{text}”不是年份；请写成 2025 这样，或清空，由 xltools decide 填写。"
            self.table.wrong(row, Columns.YEAR, message)
        return year

    def _of_waiting(self, kind: DecisionKind, texts: dict[str, str]) -> dict[str, str]:
        """The entries of a line of 待定, by heading, as they will be when the line is moved to
        决定: what was typed under 新值 may be the unit or the file there.
        """
        line = dict(texts)
        if kind is DecisionKind.MATCH:
            line[Columns.UNIT] = texts[Columns.VALUE] or texts[Columns.UNIT]
            target = texts[Columns.TARGET]
            if after_code(target, self.layout.form) != target and texts[Columns.FILE]:
                line[Columns.TARGET] = texts[Columns.FILE]
            line |= {Columns.VALUE: "", Columns.BASIS: ""}
        elif kind is DecisionKind.CHOOSE:
            line |= {Columns.TARGET: texts[Columns.VALUE], Columns.VALUE: ""}
        elif kind is not DecisionKind.CORRECT:
            line[Columns.VALUE] = ""
        return line

    def _unit(self, row: int, text: str) -> str:
        """The name in the roster of the unit that ``text`` names. Where there is none, a problem of
        the line, which suggests similar names; then ``text`` is returned.
        """
        if self.roster is None:
            return text
        unit = self.roster.find(text)
        if unit is not None:
            return unit.name
        near = get_close_matches(text, [u.name for u in self.roster], n=2, cutoff=0.5)
        hint = f"（是不是“{'”或“'.join(near)}”？）" if near else ""
        label = Columns.UNIT if Columns.UNIT in self.table.columns else Columns.VALUE
        self.table.wrong(row, label, f"名录中没有“{text}”{hint}；请写名录中的单位名称。")
        return text


def _kind(text: str) -> DecisionKind | None:
    """The kind of decision that a text means: it may be the beginning of the kind's name or another
    usual word for it; None where it means none, or several.
    """
    word = key(text)
    hits = [kind for kind in DecisionKind if len(word) > 1 and kind.value.startswith(word)]
    return hits[0] if len(hits) == 1 else _ALSO.get(word)


def _date(text: str) -> str:
    """A date as people type it, or as a cell gives it with a time, as 2026-01-25; other text as it
    is.
    """
    match = re.fullmatch(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})(?:日| \d\d:\d\d:\d\d.*)?", text)
    return f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}" if match else text


def _single(line: DecisionLine, form: Form) -> Iterator[DecisionLine]:
    """Split a line that corrects several figures (``D5=12；D6=3``) into a line for each; one with a
    single value stays. Raises ValueError for a cell that a line of 待定 does not list under 原值.
    """
    values = basis_of(line.value)
    if set(values) <= {""}:
        yield line
        return
    made_on = basis_of(line.basis)
    sheet = cell_words(_NOTE.sub("", after_code(line.target, form))).rpartition("!")[0]
    for place, value in values.items():
        cell = cell_words(place)
        target = cell if "!" in cell or not (cell and sheet) else f"{sheet}!{cell}"
        target = target or place
        if line.sheet == Columns.WAITING and key(target) not in made_on:
            # Where the unit moved its tables, the cell of its file is another one's here.
            message = f"“{place}”不在本行“{Columns.BASIS}”所列的单元格里；请照那里的写法。"
            raise ValueError(message)
        yield replace(line, target=target, value=value, basis=made_on.get(key(target), ""))


def understood(line: DecisionLine, layout: Layout, roster: Roster | None) -> Decision:
    """The decision that a line states, as an object of the class of its kind.

    Raises TargetError when what the decision is about cannot be found or decided on, and ValueError
    for a wrong value; the message says how to write it.
    """
    match line.kind:
        case DecisionKind.ACCEPT:
            code, cell = code_and_cell(line.target, layout.form)
            if code in catalogue() and not catalogue()[code].acceptable:
                entry = catalogue()[code]
                raise TargetError(f"{code}（{entry.meaning}）不能认可：{entry.remedy}")
            return Accept(**line.words, code=code, cell=cell)
        case DecisionKind.CORRECT:
            return _correction(line, layout)
        case DecisionKind.EXCUSE:
            return Excuse(**line.words)
        case DecisionKind.MATCH:
            unit = roster.find(line.target) if roster is not None else None
            if unit is not None and unit.name != line.unit:
                raise TargetError(
                    f"“{line.target}”已是名录中的“{unit.name}”；"
                    "要指定某一个文件的，请写文件名（连同后缀）。"
                )
            return MatchUnit(**line.words)
        case DecisionKind.CHOOSE:
            return Choose(**line.words, files=_files(line, "一个文件"))
        case DecisionKind.COMBINE:
            return Combine(**line.words, files=_files(line, "两个以上的文件，用＋连接"))


def _files(line: DecisionLine, expected: str) -> tuple[str, ...]:
    """The names of the files in a decision: one for a choice, several for a combination. Raises
    TargetError for another number, or where people have typed something under 原值.
    """
    names = files_of(line.target)
    if (len(names) == 1) is not (line.kind is DecisionKind.CHOOSE):
        raise TargetError(f"“{line.kind.value}”要写{expected}。")
    if line.basis and not all(basis_of(line.basis)):
        message = "“原值”一栏不是程序写的；请清空它，由 xltools decide 填写。"
        raise TargetError(message)
    return names


def _correction(line: DecisionLine, layout: Layout) -> Correct:
    # A line of 待定, about a finding with one cell, has the finding's code before the cell.
    """The correction that a line states: an item of the form and its new number. Raises TargetError
    where it names no single item, and ValueError for a value that the item cannot have.
    """
    target = after_code(line.target, layout.form)
    item = item_of(layout, target)
    figure = layout.form.items[item]
    reading = numbers.read(line.value, figure.unit)
    number = reading.number if reading is not None else None
    if number is None:
        raise ValueError(f"“{line.value}”不是数；请只填数字，或写成 表名!D5=12。")
    if number < 0 and not figure.signed:
        raise ValueError(f"{numbers.show(number)} 不能是负数。")
    if figure.whole and not isinstance(number, int):
        raise ValueError(f"{numbers.show(number)} 不能是小数。")
    basis = basis_of(line.basis)
    at = key(cell_target(layout.address(item)))
    words = {
        **line.words,
        "target": item_target(layout, item),
        "value": numbers.show(number),
        "basis": basis.get(at, basis.get("", "")) if basis else "",
    }
    return Correct(**words, item=item, number=number)


class GivenError(XltoolsError):
    """A decision given as an option of a command cannot be understood. The text says what was
    written and how to write it.
    """


HOW = {
    DecisionKind.ACCEPT: ("--accept", "单位 编码 [单元格]"),
    DecisionKind.CORRECT: ("--set", "单位 数据项=新值"),
    DecisionKind.EXCUSE: ("--excuse", "单位"),
    DecisionKind.MATCH: ("--match", "名称=单位"),
    DecisionKind.CHOOSE: ("--choose", "单位=文件"),
    DecisionKind.COMBINE: ("--combine", "单位=文件1+文件2"),
}
"""The option of each kind, and how its words are written."""


def given(
    words: Sequence[tuple[DecisionKind, str]],
    layout: Layout,
    roster: Roster | None,
    *,
    reason: str,
    by: str,
    date: str,
) -> list[Decision]:
    """The decisions given as options of a command. ``words``: kind and text of each, the text in
    the notation of `HOW`. ``reason``, ``by`` and ``date`` are the same for all. Raises GivenError
    for the first that cannot be understood.
    """
    decisions = []
    for kind, text in words:
        option, how = HOW[kind]
        try:
            line = replace(_parts(kind, text, roster), reason=reason, by=by, date=date)
            decisions.append(understood(line, layout, roster))
        except ValueError as error:
            raise GivenError(f'{option} “{text}”：{error}（写法：{option} "{how}"）') from None
    return decisions


def _parts(kind: DecisionKind, text: str, roster: Roster | None) -> DecisionLine:
    """Split the text of an option into the entries of a line of decisions, by the notation of its
    kind. Raises TargetError where a part is missing or the unit is unknown.
    """
    if kind is DecisionKind.EXCUSE:
        return DecisionLine(kind=kind, unit=_unit(text, roster))
    if kind is DecisionKind.ACCEPT:
        unit, rest = _leading(text, roster)
        return DecisionLine(kind=kind, unit=unit, target=_rest(rest, "编码"))
    before, mark, after = (part.strip() for part in text.replace("＝", "=").rpartition("="))
    if not mark or not before or not after:
        raise TargetError("缺少等号，或等号一边是空的")
    if kind is DecisionKind.CORRECT:
        unit, rest = _leading(before, roster)
        return DecisionLine(kind=kind, unit=unit, target=_rest(rest, "数据项"), value=after)
    if kind is DecisionKind.MATCH:
        return DecisionLine(kind=kind, unit=_unit(after, roster), target=before)
    return DecisionLine(kind=kind, unit=_unit(before, roster), target=after)


def _rest(text: str, what: str) -> str:
    """``text``, the words behind a unit. Raises TargetError, saying that ``what`` is missing, if
    empty.
    """
    if not text:
        raise TargetError(f"单位后面没有写{what}")
    return text


def _unit(text: str, roster: Roster | None) -> str:
    """The name in the roster of the unit that a text names; without a roster, the text. Raises
    TargetError for an unknown unit.
    """
    if roster is None:
        return text.strip()
    unit = roster.find(text)
    if unit is None:
        raise TargetError(f"名录中没有“{text.strip()}”")
    return unit.name


def _leading(text: str, roster: Roster | None) -> tuple[str, str]:
    """Split a text after the unit that it begins with: the unit's name in the roster, and the rest.
    Names may contain spaces; the longest one that fits is taken. Without a roster the first word is
    the unit. Raises TargetError where no unit is at the beginning.
    """
    words = text.split()
    for count in range(len(words), 0, -1):
        name = " ".join(words[:count])
        if roster is None and count == 1 and key(name):
            return name, " ".join(words[1:])
        unit = roster.find(name) if roster is not None else None
        if unit is not None:
            return unit.name, " ".join(words[count:])
    raise TargetError("开头不是名录中的单位（或它的别名、代码）")
