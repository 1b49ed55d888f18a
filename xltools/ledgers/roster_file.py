"""A roster file, workbook or CSV, into grids of cells; knows nothing of units."""

import csv
import io
from pathlib import Path

from xltools.model.cells import Grid
from xltools.model.errors import ReadError, refusal
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
