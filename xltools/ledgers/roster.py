"""Read a roster of units from a workbook or a CSV file. All problems are collected: those of the
file, of single rows, and between rows.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from xltools.ledgers.filled import WITHIN, FilledTable, find_table
from xltools.model.cells import Grid, column_name
from xltools.model.errors import Problem, ReadError, refusal
from xltools.model.form import CATEGORIES
from xltools.model.roster import (
    ALIASES,
    CATEGORY,
    CODE,
    CONTACT,
    COUNTED,
    EMAIL,
    LABELS,
    LIMIT,
    NAME,
    NO,
    PASSWORD,
    PHONE,
    PREDECESSORS,
    STATE,
    TEXT,
    THROUGH,
    YES,
    Roster,
    RosterError,
    Texts,
    Unit,
    UnitState,
)
from xltools.model.text import clean, key, meant
from xltools.model.wording import in_words
from xltools.readers.workbook import book_of

LARGEST = 50_000_000
"""Bytes. No honest roster comes near it."""
INSTRUCTIONS = "填写说明"
"""The sheet with the instructions in a blank roster; its examples are not units."""

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_SAME = {"由何单位合并报送": THROUGH, "合并报送单位": THROUGH, "联系电话": PHONE, "电子邮箱": EMAIL}
_SAME |= {"文件密码": PASSWORD, "文件打开密码": PASSWORD}
_HEADINGS = {key(label): label for label in LABELS} | {key(k): v for k, v in _SAME.items()}
_STATES, _TEXTS = [state.value for state in UnitState], [text.value for text in Texts]
_LENGTH = re.compile(
    r"(?:不超过|不多于|至多|最多|≤|<=)?([1-9][0-9]{0,5})(?:\.0)?个?字?(?:以内|以下)?"
)
_NO_UNIT = re.compile(r"[(\[【]?(?:示例|例[:)\]】]|填写说明|填表说明|说明:|注:|备注:)")


class CannotReadError(Exception):
    """The file is not a readable workbook or CSV. The text, in Chinese, says why and what to do."""


def load(path: Path | str, group: str = "") -> Roster:
    """Read a roster from a workbook (.xlsx, .xlsm) or a CSV file (UTF-8, UTF-16 or GB18030).

    The first sheet that has the heading 单位名称 in its first 15 rows is read. ``group``: the
    heading of a column by whose entries the units are grouped; "" for no groups. Raises RosterError
    with all problems at once: of the file, of single rows, and between rows.
    """
    path = Path(path)
    try:
        table = find(read_grids(path))
        grouped_by = _group(table, group)
    except CannotReadError as error:
        raise RosterError(path, (Problem(message=str(error)),)) from None
    units = [
        replace(unit, group=table.text(row, grouped_by)) if grouped_by else unit
        for row in table.rows
        if (unit := unit_of(table, row))
    ]
    owners = owners_of(table, units)
    units = [with_filer(table, unit, owners) for unit in units]
    units = with_predecessors(table, units, owners)
    if not units and not table.problems:
        message = "名录里还没有单位；请从标题行的下一行起填写，每个单位一行。"
        table.problems.append(Problem(message=message))
    if table.problems:
        raise RosterError(path, table.in_order())
    return Roster(units=tuple(units), path=path, grouped_by=grouped_by)


def _group(table: FilledTable, group: str) -> str:
    """The heading of the column by which units are grouped, with which it can be read; "" for no
    groups. Raises CannotReadError if no column has the heading ``group``.
    """
    label = _HEADINGS.get(key(group), group)
    if not group or label in table.columns:
        return label
    columns = range(len(table.grid.rows[table.head]))
    headings = [clean(table.grid.text(table.head, col)) for col in columns]
    for col, heading in enumerate(headings):
        if key(heading) == key(group) and label != PASSWORD:
            table.columns[label] = col
            return label
    there = [heading for heading in headings if heading]
    asked = meant(group, there) or f"；名录里有：{'、'.join(there)}。"
    raise CannotReadError(f"没有“{group}”这一栏，不能按它分组{asked}")


def read_grids(path: Path) -> list[Grid]:
    """Read the sheets of a workbook, or the single grid of a CSV file; the content of the file
    decides which it is.

    Row and column 0 of a grid are row 1 and column A of the file. Raises CannotReadError.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise CannotReadError("文件超过 50 MB，不像单位名录；请核对是否选错了文件。")
        data = path.read_bytes()
    except FileNotFoundError:
        raise CannotReadError("找不到这个文件；请核对路径和文件名。") from None
    except IsADirectoryError:
        raise CannotReadError("这是一个文件夹，请指定名录文件。") from None
    except OSError as error:
        raise CannotReadError(
            f"文件打不开（{in_words(refusal(error))}）；如正在别的程序中打开，请先关闭。"
        ) from None
    if not data.strip():
        raise CannotReadError("文件是空的。")
    if data.startswith(_OLE):
        raise CannotReadError(
            "这是旧格式（.xls、.et）或加了密码的工作簿；"
            "请用 Excel 或 WPS 打开，取消密码，另存为“Excel 工作簿（.xlsx）”。"
        )
    if data.startswith(_ZIP):
        return _workbook(data)
    return [Grid(name=path.stem, rows=_csv(_decode(data)))]


def _workbook(data: bytes) -> list[Grid]:
    """The sheets of a workbook, given as bytes, with the texts of their cells and the merged areas.
    Raises CannotReadError.
    """
    try:
        book = book_of(data)
        grids = [book.grid(sheet.name) for sheet in book.sheets]
        return [Grid(name=g.name, rows=g.rows, merges=g.merges) for g in grids]
    except ReadError as error:
        raise CannotReadError(
            f"不是完好的 Excel 工作簿（{in_words(error.detail) or error.code}）；"
            "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（.xlsx）”后再试。"
        ) from None


def _decode(data: bytes) -> str:
    # Excel in Chinese saves "CSV" as GBK, "CSV UTF-8" with a BOM, "Unicode text" as UTF-16.
    """The text of a CSV file. Raises CannotReadError for bytes that are not text in UTF-8, UTF-16
    or GB18030.
    """
    codecs = ["utf-16"] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for codec in codecs:
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise CannotReadError("既不是 Excel 工作簿（.xlsx），也不是 CSV 文本；请核对是否选错了文件。")


def _csv(text: str) -> list[list[str]]:
    """The cells of a CSV text, row by row; separated by tabs where its beginning has more tabs than
    commas. Raises CannotReadError.
    """
    head = text[:2000]
    mark = "\t" if head.count("\t") > head.count(",") else ","
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error as error:
        raise CannotReadError(
            f"CSV 读不下去（{error}）；请用 Excel 或 WPS 打开，另存为“Excel 工作簿（.xlsx）”。"
        ) from None


def find(grids: Sequence[Grid]) -> FilledTable:
    """Find the table of units, on the first sheet that has the heading 单位名称; the sheet 填写说明
    is skipped.

    A heading that occurs twice is added to the table's problems. Raises CannotReadError where no
    sheet has the heading 单位名称.
    """
    for grid in grids:
        if grid.name == INSTRUCTIONS:
            continue
        table = find_table(grid, _HEADINGS, required=(NAME,), merged=True)
        if table is None:
            continue
        for label, col in table.repeated:
            first = column_name(table.columns[label])
            message = f"这一栏与 {first} 列重复，不知以哪一列为准；请删去其中一列。"
            table.wrong(table.head, label, message, col=col)
        return table
    raise CannotReadError(
        f"前 {WITHIN} 行里找不到“{NAME}”一栏，不像单位名录；请核对是否选错了文件，"
        f"或在标题行写上“{NAME}”。空白名录可用 xltools roster new 生成。"
    )


def unit_of(table: FilledTable, row: int) -> Unit | None:
    """Read the unit of a row (counted from 0). None for a row that is empty, an example or a note,
    or whose name is missing or merged with others.

    Whatever is wrong in the row is added to the table's problems.
    """
    name = table.text(row, NAME)
    if _NO_UNIT.match(key(name)) or _unclear(table, row):
        return None
    if not name:
        filled = table.filled(row)
        if filled:
            labels = "、".join(filled)
            table.wrong(row, NAME, f"本行填了{labels}，但没有单位名称；请补上全称，或清空本行。")
        return None
    email = table.text(row, EMAIL).replace("＠", "@")
    if email and "@" not in email:
        table.wrong(row, EMAIL, f"“{email}”缺少 @，不是邮箱地址；请改正或留空。")
    return Unit(
        name=name,
        code=table.text(row, CODE),
        aliases=tuple(a for a in table.several(row, ALIASES) if key(a) != key(name)),
        category=table.choice(row, CATEGORY, CATEGORIES, "") or None,
        state=UnitState(table.choice(row, STATE, _STATES, UnitState.REGISTERED.value)),
        counted=table.choice(row, COUNTED, (YES, NO), YES) == YES,
        files_through=table.text(row, THROUGH) or None,
        predecessors=table.several(row, PREDECESSORS),
        text=Texts(table.choice(row, TEXT, _TEXTS, Texts.OPTIONAL.value)),
        limit=_limit(table, row),
        contact=table.text(row, CONTACT),
        phone=table.text(row, PHONE),
        email=email,
        password=table.raw(row, PASSWORD),
        row=row + 1,
    )


def _unclear(table: FilledTable, row: int) -> bool:
    """Whether merged cells make it unclear what a row says; then no unit is read from it, and the
    first row of the merged area gets a problem.

    That is so for a cell merged over several columns, where nobody knows which column is meant, and
    for a name merged over several rows, where nobody knows which of the rows the unit is.
    """
    if not table.grid.merges:
        return False
    for label, col in table.columns.items():
        area = table.merged(row, col)
        if area is None:
            continue
        labels = [k for k, c in table.columns.items() if area.left <= c <= area.right]
        if len(labels) > 1:
            which = "、".join(f"“{k}”" for k in labels)
            message = f"{area.a1} 合并成一格，不知填的是{which}中的哪一栏；请取消合并。"
        elif label == NAME and area.top < area.bottom:
            message = f"{area.a1} 合并成一格；每个单位一行，请取消合并，逐行填写单位名称。"
        else:
            continue
        if row == area.top:
            table.wrong(row, label, message)
        return True
    return False


def _limit(table: FilledTable, row: int) -> int | None:
    """The greatest length that a unit's texts may have: a number of characters; 0 where the cell
    says 是, for the lengths that the form sets; None where it is blank or says 否, for no limit.
    Anything else is a problem.
    """
    text = key(table.text(row, LIMIT))
    if text in ("", NO):
        return None
    if text == YES:
        return 0
    match = _LENGTH.fullmatch(text.replace(",", ""))
    if match is None:
        table.wrong(
            row,
            LIMIT,
            f"“{text}”不是字数；请填一个数（如 1000），或填“是”按报表规定的字数，或留空。",
        )
        return None
    return int(match[1])


def owners_of(table: FilledTable, units: Sequence[Unit]) -> dict[str, Unit]:
    """The unit to which each name, code and alias belongs, by the `key` of the text. The same text
    for two units is added to the table's problems.
    """
    owners: dict[str, tuple[Unit, str]] = {}
    for unit in units:
        entries = [(unit.name, NAME), (unit.code, CODE), *((a, ALIASES) for a in unit.aliases)]
        twins: set[int] = set()  # a line pasted twice is one mistake, not one for each cell
        for text, label in entries:
            if not text:
                continue
            owner, owned_as = owners.setdefault(key(text), (unit, label))
            if owner.row == unit.row or owner.row in twins:
                continue
            if label == owned_as == NAME:
                twins.add(owner.row)
                message = f"“{text}”与第 {owner.row} 行重复；每个单位只能有一行，请删去多余的一行。"
            else:
                message = (
                    f"“{text}”已是第 {owner.row} 行“{owner.name}”的{owned_as}，"
                    "收表时分不清是哪个单位；请改正其中一个。"
                )
            table.wrong(unit.row - 1, label, message)
    return {text: unit for text, (unit, _) in owners.items()}


def with_filer(table: FilledTable, unit: Unit, owners: dict[str, Unit]) -> Unit:
    """The unit with ``files_through``, the unit that files for it, given by its full name as its
    own row has it. ``owners``: as `owners_of` gives them.

    It is a problem when that unit is not in the roster, is the unit itself, does not report, or is
    filed for by another unit.
    """
    if unit.files_through is None:
        return unit
    text, filer = unit.files_through, owners.get(key(unit.files_through))
    if filer is None:
        message = f"“{text}”不在名录里；请填名录中一个单位的全称，或为它补一行。"
    elif filer.row == unit.row:
        message = "填的是本单位自己；自行报送的请留空，由别的单位合并报送的请填那个单位。"
    elif filer.files_through is not None:
        message = (
            f"“{text}”自己也由“{filer.files_through}”合并报送；请直接填最后实际报送的那个单位。"
        )
    elif filer.state is not UnitState.REGISTERED and not table.faulty(filer.row, STATE):
        message = f"“{text}”的状态是“{filer.state.value}”，不会报送；请改填一个在册的单位。"
    else:
        return replace(unit, files_through=filer.name)
    table.wrong(unit.row - 1, THROUGH, message)
    return unit


def with_predecessors(
    table: FilledTable, units: Sequence[Unit], owners: dict[str, Unit]
) -> list[Unit]:
    """The units with their predecessors given by their full names. ``owners``: as `owners_of` gives
    them.

    It is a problem when a predecessor is not in the roster, is not abolished, or is claimed by two
    units: its figures of last year are carried over to its successor, and with two they would count
    twice.
    """
    heirs: dict[str, Unit] = {}
    resolved = []
    for unit in units:
        names: dict[str, None] = {}
        for text in unit.predecessors:
            former = owners.get(key(text))
            if former is None:
                message = f"“{text}”不在名录里；请为它补一行，状态填“{UnitState.ABOLISHED.value}”。"
            elif former.row == unit.row:
                message = "填的是本单位自己；前身单位应是已经撤销的其他单位，没有就留空。"
            elif former.state is not UnitState.ABOLISHED and not table.faulty(former.row, STATE):
                message = (
                    f"“{text}”（第 {former.row} 行）的状态是“{former.state.value}”；"
                    f"前身单位的状态应是“{UnitState.ABOLISHED.value}”，请改正其中一处。"
                )
            elif (heir := heirs.setdefault(former.name, unit)) is not unit:
                message = (
                    f"“{text}”已是第 {heir.row} 行“{heir.name}”的前身单位；"
                    "上年结转只能归一个单位，请只保留一处。"
                )
            else:
                names[former.name] = None
                continue
            table.wrong(unit.row - 1, PREDECESSORS, message)
        former_names = tuple(names)
        changed = former_names != unit.predecessors
        resolved.append(replace(unit, predecessors=former_names) if changed else unit)
    return resolved
