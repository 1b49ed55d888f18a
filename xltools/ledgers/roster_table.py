"""Where the roster stands in a file, workbook or CSV: its sheet, its header row and its columns."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xltools.model.cells import Area, Grid, column_name
from xltools.model.errors import ReadError, refusal
from xltools.model.roster import (
    EMAIL,
    LABELS,
    NAME,
    PASSWORD,
    PHONE,
    THROUGH,
    RosterProblem,
    Unit,
    clean,
    key,
)
from xltools.readers.workbook import book_of

LARGEST = 50_000_000
"""Bytes. No honest roster comes near it."""

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class CannotReadError(Exception):
    """A file is no readable workbook or CSV; the text says why and what to do, in Chinese."""


def read_grids(path: Path) -> list[Grid]:
    """Return the sheets of a workbook, or the one grid of a CSV, told apart by content.

    Raises CannotReadError. Row and column 0 of a grid are row 1 and column A of the file.
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
            f"文件打不开（{refusal(error)}）；如正在别的程序中打开，请先关闭。"
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
    try:
        book = book_of(data)
        grids = [book.grid(sheet.name) for sheet in book.sheets]
        return [Grid(name=g.name, rows=g.rows, merges=g.merges) for g in grids]
    except ReadError as error:
        raise CannotReadError(
            f"不是完好的 Excel 工作簿（{error.detail or error.code}）；"
            "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（.xlsx）”后再试。"
        ) from None


def _decode(data: bytes) -> str:
    # Excel in Chinese saves "CSV" as GBK, "CSV UTF-8" with a BOM, "Unicode text" as UTF-16.
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
    head = text[:2000]
    mark = "\t" if head.count("\t") > head.count(",") else ","
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error as error:
        raise CannotReadError(
            f"CSV 读不下去（{error}）；请用 Excel 或 WPS 打开，另存为“Excel 工作簿（.xlsx）”。"
        ) from None


INSTRUCTIONS = "填写说明"
"""The sheet of a blank roster that explains; its examples are no units."""

_SAME = {"由何单位合并报送": THROUGH, "合并报送单位": THROUGH, "联系电话": PHONE, "电子邮箱": EMAIL}
_SAME |= {"文件密码": PASSWORD, "文件打开密码": PASSWORD}
_HEADINGS = {key(label): label for label in LABELS} | {key(k): v for k, v in _SAME.items()}
_HEADER_WITHIN = 15  # rows: titles and notes may stand above the headings
_SEVERAL = re.compile(r"[；;、，,\r\n]+")


@dataclass(slots=True, kw_only=True)
class RosterTable:
    """The grid with the roster in it, where its columns stand, and the problems met so far."""

    grid: Grid
    header: int
    columns: dict[str, int]
    problems: list[RosterProblem] = field(default_factory=list)

    def raw(self, row: int, label: str) -> str:
        """The entry of a cell as it stands; of one merged over several rows, in each of them."""
        if label not in self.columns:
            return ""
        col = self.columns[label]
        area = self.merged(row, col)
        return self.grid.text(row, col) if area is None else self.grid.text(area.top, area.left)

    def merged(self, row: int, col: int) -> Area | None:
        """The merged area below the headings that a cell lies in."""
        areas = (a for a in self.grid.merges if a.top > self.header and a.holds(row, col))
        return next(areas, None)

    def unclear(self, row: int) -> bool:
        """Whether cells of a line are merged so that it is no line of one unit: a problem then.

        Over several columns nobody knows which is meant, over several rows of names which unit.
        """
        for label, col in self.columns.items():
            area = self.merged(row, col)
            if area is None:
                continue
            labels = [k for k, c in self.columns.items() if area.left <= c <= area.right]
            if len(labels) > 1:
                which = "、".join(f"“{k}”" for k in labels)
                message = f"{area.a1} 合并成一格，不知填的是{which}中的哪一栏；请取消合并。"
            elif label == NAME and area.top < area.bottom:
                message = f"{area.a1} 合并成一格；每个单位一行，请取消合并，逐行填写单位名称。"
            else:
                continue
            if row == area.top:
                self.wrong(row, label, message)
            return True
        return False

    def text(self, row: int, label: str) -> str:
        """The entry of a cell on one line; empty where there is no such column."""
        return clean(self.raw(row, label))

    def several(self, row: int, label: str) -> tuple[str, ...]:
        """The entries of a cell that may hold several, each once."""
        found: dict[str, str] = {}
        for part in _SEVERAL.split(self.raw(row, label)):
            found.setdefault(key(part), clean(part))
        return tuple(filter(None, found.values()))

    def choice(self, row: int, label: str, options: Sequence[str], default: str) -> str:
        """The entry of a cell with a list; outside the list a problem, and the default."""
        text = key(self.text(row, label)) or default
        if text in options or not text:
            return text
        offer = "、".join(options)
        blank = f"；不填按“{default}”" if default else "，或留空"
        self.wrong(row, label, f"“{text}”不在可选范围内，请改为其中之一：{offer}{blank}。")
        return default

    def wrong(self, row: int, label: str, message: str) -> None:
        """Add a problem of one cell."""
        cell = f"{column_name(self.columns[label])}{row + 1}"
        self.problems.append(RosterProblem(message=message, row=row + 1, column=label, cell=cell))

    def in_order(self) -> tuple[RosterProblem, ...]:
        """The problems met so far, as a reader of the file comes upon them."""
        return tuple(sorted(self.problems, key=lambda p: (p.row, self.columns.get(p.column, 0))))

    def faulty(self, unit: Unit, label: str) -> bool:
        """Whether a cell has been found wrong, so that nothing is concluded from it."""
        return any((p.row, p.column) == (unit.row, label) for p in self.problems)


def find(grids: Sequence[Grid]) -> RosterTable:
    """Find the header row by its headings; of several on a sheet, that with the most of them."""
    for grid in grids:
        if grid.name == INSTRUCTIONS:
            continue
        best: RosterTable | None = None
        for row in range(min(_HEADER_WITHIN, len(grid.rows))):
            table = RosterTable(grid=grid, header=row, columns={})
            for col in range(len(grid.rows[row])):
                heading = key(grid.text(row, col)).strip("*:")
                label = _HEADINGS.get(re.sub(r"\.\.+", "...", heading))
                if label in table.columns:
                    first = column_name(table.columns[label])
                    message = f"这一栏与 {first} 列重复，不知以哪一列为准；请删去其中一列。"
                    place = f"{column_name(col)}{row + 1}"
                    table.problems.append(
                        RosterProblem(message=message, row=row + 1, column=label, cell=place)
                    )
                elif label:
                    table.columns[label] = col
            if NAME in table.columns and (not best or len(table.columns) > len(best.columns)):
                best = table
        if best:
            return best
    raise CannotReadError(
        f"前 {_HEADER_WITHIN} 行里找不到“{NAME}”一栏，不像单位名录；请核对是否选错了文件，"
        f"或在标题行写上“{NAME}”。空白名录可用 xltools roster new 生成。"
    )
