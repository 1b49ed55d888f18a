"""Make texts, names and paths from other people safe for a cell or a link."""

import os
import posixpath
import re
from pathlib import Path
from typing import Final
from unicodedata import category

LONGEST: Final = 32_767
"""UTF-16 code units that Excel allows in a cell; XlsxWriter silently drops longer text."""
CUT: Final = "……（超过单元格上限，余下部分见原文件）"
NAME: Final = 120
"""Characters at which the name of a unit, file or sheet is cut off."""

# Control characters, marks that turn the direction of text around, half of a surrogate pair.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufffe\uffff]"
)
_ODD_IN_PATH = re.compile(r'[\\:"<>|?*\n\t]')
_ESCAPES = {ord(c): f"%{ord(c):02X}" for c in "% #[]^`{}"}
_ESCAPED = re.compile(r"[% #\[\]^`{}]")


def plain(text: str) -> str:
    """A text made safe for a cell: lines end in line feeds, control characters and marks of text
    direction are removed, and text longer than Excel allows is cut off and ends in the remark
    `CUT`.
    """
    if not text.isprintable():  # which has none of these characters, and no line ends
        text = _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) <= LONGEST // 2:  # as a character takes at most two code units
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST:
        return text
    return units[: 2 * (LONGEST - len(CUT))].decode("utf-16-le", "ignore") + CUT


def name(text: str) -> str:
    """A name or path made safe for a cell: on one line, with single spaces, without invisible
    characters, and cut off with … after `NAME` characters.
    """
    if not text.isprintable():
        seen = (" " if c.isspace() else c for c in text)
        text = "".join(c for c in seen if category(c) not in ("Cc", "Cf"))
        text = _UNWANTED.sub("", text)
    line = " ".join(text.split()) if " " in text else text
    return line if len(line) <= NAME else line[: NAME - 1] + "…"


def way_to(folder: Path, home: Path) -> str | None:
    """The relative path from the folder ``home`` to another folder, with slashes; None where there
    is none, because it is on another drive.
    """
    try:
        return Path(os.path.relpath(folder, home)).as_posix()
    except ValueError:
        return None


def file_link(way: str | None, path: str) -> str | None:
    """The address of a link to a file, as XlsxWriter takes it; None where no link can be made:
    without a way, or for a name that Excel does not allow in a link.

    ``way``: the path from the folder of the workbook to that of the file, see `way_to`; ``path``:
    that of the file below its folder, with slashes.
    """
    if way is None or _UNWANTED.search(path):
        return None
    target = posixpath.normpath(f"{way}/{path}")
    if _ODD_IN_PATH.search(target) or len(target) < 2 or target.startswith("/"):
        return None
    if _ESCAPED.search(target):
        target = target.translate(_ESCAPES)
    # Half of what XlsxWriter takes: it counts again after changes of its own.
    return f"external:{target}" if len(target) <= 1000 else None
