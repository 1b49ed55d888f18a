"""The file of decisions, read: its sheets and lines into decisions, with every error in them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path

from xltools.layout.places import Layout
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
from xltools.model.cells import Grid, column_name
from xltools.model.decisions import (
    KINDS,
    NEEDS,
    Columns,
    Decision,
    DecisionKind,
    DecisionProblem,
    Decisions,
    DecisionsError,
    basis_of,
)
from xltools.model.errors import ReadError
from xltools.model.findings import catalogue
from xltools.model.form import Form
from xltools.model.roster import Roster, clean, key
from xltools.readers.workbook import open_book

_WITHIN = 15  # rows: a title and a note stand above the headings


@dataclass(slots=True, kw_only=True)
class DecisionTable:
    """The lines below a row of headings, and the problems met so far."""

    grid: Grid
    head: int
    columns: dict[str, int]
    problems: list[DecisionProblem] = field(default_factory=list)

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
            DecisionProblem(
                message=message,
                sheet=self.grid.name,
                row=row + 1,
                column=label,
                cell=f"{column_name(col)}{row + 1}",
            )
        )


def find(grid: Grid, labels: Sequence[str]) -> DecisionTable | None:
    """The sheet's table: the row with most of these headings, at least three of them.

    The first of two columns with the same heading counts; a second one is a problem.
    """
    known = {key(label): label for label in labels}
    best: DecisionTable | None = None
    for row in range(min(_WITHIN, len(grid.rows))):
        table = DecisionTable(grid=grid, head=row, columns={})
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


_NOTE = re.compile(r"[（(].*", re.S)
_ALSO = {"免报": DecisionKind.EXCUSE, "接受": DecisionKind.ACCEPT, "同意": DecisionKind.ACCEPT}


def load(path: Path, layout: Layout, roster: Roster | None = None) -> Decisions:
    """All decisions of a file: the lines of 决定, and those of 待定 with a choice.

    A name of a unit may be any that the roster knows. Raises DecisionsError with all problems at
    once.
    """
    problems: list[DecisionProblem] = []
    found: list[Decision] = []
    try:
        book = open_book(path)
        names = {key(sheet.name): sheet.name for sheet in book.sheets}
        for sheet, labels, choice in (
            (Columns.MADE, Columns.ON_MADE, Columns.KIND),
            (Columns.WAITING, Columns.ON_WAITING, Columns.CHOICE),
        ):
            table = find(book.values(names[sheet]), labels) if sheet in names else None
            if table is None or choice not in table.columns:
                if sheet == Columns.MADE or sheet in names:
                    what = f"没有标题行（要有“{choice}”“{Columns.UNIT}”等栏）"
                    message = what if sheet in names else f"没有“{sheet}”这一页"
                    message += "，不像决定表；请核对文件，或移走它，用 xltools decide 新建。"
                    problems.append(
                        DecisionProblem(message=message, sheet=sheet if sheet in names else "")
                    )
                continue
            lines = _Lines(table, layout, roster, choice)
            for row in range(table.head + 1, len(table.grid.rows)):
                found += lines.decisions(row)
            problems += table.problems
    except ReadError as error:
        message = catalogue()[error.code].message.format(found=error.detail or "无法识别")
        problems.append(DecisionProblem(message=message))
    if problems:
        raise DecisionsError(path, tuple(problems))
    return Decisions(all=tuple(found), path=path)


class _Lines:
    """The lines of one sheet; what is wrong with them is added to the table's problems."""

    def __init__(
        self, table: DecisionTable, layout: Layout, roster: Roster | None, choice: str
    ) -> None:
        self.table, self.layout, self.roster, self.choice = table, layout, roster, choice
        self.waiting = choice == Columns.CHOICE

    def decisions(self, row: int) -> Iterator[Decision]:
        """Those of a line: none for an empty one, several for several figures at once."""
        table, before = self.table, len(self.table.problems)
        chosen = table.text(row, self.choice)
        filled = [label for label in table.columns if table.text(row, label)]
        if not chosen:
            # The state is the program's own; a line that has nothing else is empty.
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
        line = Decision(
            kind=kind,
            unit=unit,
            target=texts[Columns.TARGET],
            basis=texts[Columns.BASIS],
            value=texts[Columns.VALUE],
            reason=texts[Columns.REASON],
            by=texts[Columns.BY],
            date=texts[Columns.DATE],
            sheet=table.grid.name,
            row=row + 1,
        )
        if len(table.problems) > before:
            return
        made: list[Decision] = []
        form = self.layout.form
        try:
            several = (
                _single(line, form) if kind is DecisionKind.CORRECT and line.value else (line,)
            )
            made += (settled(one, self.layout, self.roster) for one in several)
        except TargetError as error:
            table.wrong(row, Columns.TARGET, str(error))
        except ValueError as error:
            table.wrong(row, Columns.VALUE, str(error))
        if len(table.problems) == before:
            yield from made

    def _of_waiting(self, kind: DecisionKind, texts: dict[str, str]) -> dict[str, str]:
        """A line of 待定 as it will stand on 决定."""
        made = dict(texts)
        if kind is DecisionKind.MATCH:
            made[Columns.UNIT] = texts[Columns.VALUE] or texts[Columns.UNIT]
            target = texts[Columns.TARGET]
            if after_code(target, self.layout.form) != target and texts[Columns.FILE]:
                made[Columns.TARGET] = texts[Columns.FILE]
            made |= {Columns.VALUE: "", Columns.BASIS: ""}
        elif kind is DecisionKind.CHOOSE:
            made |= {Columns.TARGET: texts[Columns.VALUE], Columns.VALUE: ""}
        elif kind is not DecisionKind.CORRECT:
            made[Columns.VALUE] = ""
        return made

    def _unit(self, row: int, text: str) -> str:
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
    word = key(text)
    hits = [kind for kind in DecisionKind if len(word) > 1 and kind.value.startswith(word)]
    return hits[0] if len(hits) == 1 else _ALSO.get(word)


def _date(text: str) -> str:
    """A date as people type it, written 2026-01-25; any other words as they are."""
    found = re.fullmatch(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})日?", text)
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}" if found else text


def _single(line: Decision, form: Form) -> Iterator[Decision]:
    """A line that corrects several figures (``D5=12；D6=3``), each by itself."""
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


def settled(one: Decision, layout: Layout, roster: Roster | None) -> Decision:
    """A decision with its words understood. Raises TargetError for what it is made on, and
    ValueError for its value.
    """
    if not one.target:
        return one
    if one.kind is DecisionKind.ACCEPT:
        code, cell = code_and_cell(one.target, layout.form)
        if code in catalogue() and not catalogue()[code].acceptable:
            why = catalogue()[code]
            raise TargetError(f"{code}（{why.meaning}）不能认可：{why.remedy}")
        return replace(one, code=code, cell=cell)
    if one.kind is DecisionKind.CORRECT:
        return _correction(one, layout)
    if one.kind in (DecisionKind.CHOOSE, DecisionKind.COMBINE):
        files = files_of(one.target)
        wanted = "一个文件" if one.kind is DecisionKind.CHOOSE else "两个以上的文件，用＋连接"
        if (len(files) == 1) is not (one.kind is DecisionKind.CHOOSE):
            raise TargetError(f"“{one.kind.value}”要写{wanted}。")
        if one.basis and not all(basis_of(one.basis)):
            message = "“原值”一栏不是程序写的；请清空它，由 xltools decide 填写。"
            raise TargetError(message)
        return replace(one, files=files)
    other = roster.find(one.target) if roster is not None else None
    if one.kind is DecisionKind.MATCH and other is not None and other.name != one.unit:
        raise TargetError(
            f"“{one.target}”已是名录中的“{other.name}”；要指定某一个文件的，请写文件名（连同后缀）。"
        )
    return one


def _correction(one: Decision, layout: Layout) -> Decision:
    target = after_code(one.target, layout.form)  # a line of 待定, about a finding with one cell
    item = item_of(layout, target)
    figure = layout.form.items[item]
    reading = numbers.read(one.value, figure.unit)
    number = reading.number if reading is not None else None
    if number is None:
        raise ValueError(f"“{one.value}”不是数；请只填数字，或写成 表名!D5=12。")
    if number < 0 and not figure.signed:
        raise ValueError(f"{numbers.show(number)} 不能是负数。")
    if figure.whole and not isinstance(number, int):
        raise ValueError(f"{numbers.show(number)} 不能是小数。")
    basis = basis_of(one.basis)
    at = key(cell_target(layout.address(item)))
    kept = basis.get(at, basis.get("", "")) if basis else ""
    return replace(
        one,
        item=item,
        number=number,
        target=item_target(layout, item),
        value=numbers.show(number),
        basis=kept,
    )
