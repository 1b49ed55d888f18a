"""Text of others as it may stand in our workbooks, and links to their files."""

import os
import re
from pathlib import Path
from unicodedata import category

LONGEST = 32_767
"""UTF-16 units in a cell; XlsxWriter cuts longer text without a word."""
CUT = "……（超过单元格上限，余下部分见原文件）"
NAME = 120
"""Characters of a name of a unit, file or sheet."""

# Control characters, marks that turn the direction of text around, half characters.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufffe\uffff]"
)
_ODD_IN_PATH = re.compile(r'[\\:"<>|?*\n\t]')
_ESCAPES = {ord(c): f"%{ord(c):02X}" for c in "% #[]^`{}"}


def plain(text: str) -> str:
    """Text of several lines as it may stand in a cell: nothing invisible, and not too long."""
    text = _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST:
        return text
    return units[: 2 * (LONGEST - len(CUT))].decode("utf-16-le", "ignore") + CUT


def name(text: str) -> str:
    """A name or path on one line, without anything invisible, and not too long."""
    seen = (" " if c.isspace() else c for c in text)
    line = " ".join("".join(c for c in seen if category(c) not in ("Cc", "Cf")).split())
    line = _UNWANTED.sub("", line)
    return line if len(line) <= NAME else line[: NAME - 1] + "…"


def file_link(folder: Path | None, path: str, home: Path) -> str | None:
    """A link from the folder ``home`` to a file below ``folder``; None where none can be made."""
    if folder is None or _UNWANTED.search(path):
        return None
    try:
        target = Path(os.path.relpath(folder / path, home)).as_posix()
    except ValueError:  # on another drive
        return None
    if _ODD_IN_PATH.search(target) or len(target) < 2 or target.startswith("/"):
        return None
    target = target.translate(_ESCAPES)
    # Half of what XlsxWriter takes: it counts again after changes of its own.
    return f"external:{target}" if len(target) <= 1000 else None
