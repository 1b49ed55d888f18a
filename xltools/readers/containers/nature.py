"""What systems and programs leave among files, told by the names alone."""

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
