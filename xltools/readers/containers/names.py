"""Names of entries to names that can be shown, never used as paths on a disk; and what systems and
programs leave among files, told by its name.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

_SYSTEM: Final = frozenset({"thumbs.db", ".ds_store", "desktop.ini", "__macosx"})


def leftover(parts: Sequence[str]) -> str:
    """Why a file with this path is no return whatever it holds; empty when it may be one."""
    name = parts[-1].lower() if parts else ""
    if name.startswith(("~$", ".~lock.")):
        return "编辑软件的锁定文件"
    if name.startswith(".") or any(part.lower() in _SYSTEM for part in parts):
        return "系统文件"
    return ""


NAMELESS: Final = "未命名"

_MOST: Final = 200  # characters of a path
_ONE: Final = 120  # characters of a name in it
_TAIL: Final = 24  # kept of a name that is cut: its suffix
_DRIVE: Final = re.compile(r"^[A-Za-z]:(?=[/\\]|[^/\\]*[/\\]|.*\.)")
# Control, bidi and zero-width characters, halves of characters, ends of lines.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def parts(name: str) -> list[str]:
    """The folders of an entry's name and the name itself, cleaned; none where nothing is left."""
    name = _DRIVE.sub("", name[:4096].replace("\x00", ""))
    shown = (_seen(part) for part in re.split(r"[/\\]", name))
    return [_cut(part, _ONE) for part in shown if part.strip(". ")]


def path(outer: str, inner: list[str]) -> str:
    """Names through the containers to one path."""
    whole = "/".join([*filter(None, [outer]), *(inner or [NAMELESS])])
    return _cut(whole, _MOST)


def plain(text: str, most: int = _ONE) -> str:
    """A text of one line, as a subject, without what cannot be seen."""
    return _cut(_seen(text[:4096]), most)


def decoded(raw: bytes) -> str:
    """A name whose encoding nobody tells: UTF-8, else GB18030."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")


def again(shown: str, count: int) -> str:
    """The name for another file of the same name."""
    folder, slash, name = shown.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    if not stem:
        stem, dot, suffix = name, "", ""
    return f"{folder}{slash}{stem}（{count}）{dot}{suffix}"


def _seen(text: str) -> str:
    text = unicodedata.normalize("NFC", re.sub(r"[\t\r\n]+", " ", text))
    return "".join(c for c in text if unicodedata.category(c) not in _UNSEEN).strip()


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - _TAIL - 1]}…{text[-_TAIL:]}"
