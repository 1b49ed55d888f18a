"""The errors that the package raises on purpose, why the system refused something, and a guard for
libraries whose failures must not end the program.
"""

import errno
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypeVar

from xltools.model.wording import Phrase, Value


class XltoolsError(Exception):
    """The base class of all errors that are raised on purpose. Its text says what is wrong, where,
    and what to do about it.
    """


class ArgumentError(XltoolsError, ValueError):
    """A function of the public interface was given an argument that it cannot use; the text says
    which and why.
    """


class AccessError(XltoolsError, OSError):
    """The system refused access to a file or folder. Has the number and file name of the original
    OSError, and says in Chinese why.
    """

    def __str__(self) -> str:
        return f"{self.filename}: {self.strerror}"


class WorkerError(XltoolsError):
    """No worker process can be started, or it ends before it is ready: no memory is left, or this
    Python cannot be started again.
    """

    def __str__(self) -> str:
        return "不能启动读取文件的进程：可能内存不足，或 Python 不能再次启动。"


class SheetFullError(XltoolsError):
    """A sheet would need more rows than Excel has. ``sheet``: its name; ``rows``: how many it would
    have; ``most``: how many there can be.
    """

    def __init__(self, sheet: str, rows: int, most: int) -> None:
        self.sheet, self.rows, self.most = sheet, rows, most
        super().__init__(sheet, rows, most)

    def __str__(self) -> str:
        return (
            f"工作表“{self.sheet}”要写 {self.rows} 行，Excel 的工作表至多 {self.most} 行，"
            "所以没有写出工作簿。请按地区分成几个收件夹，各汇总一次。"
        )


class TomlError(XltoolsError):
    """A TOML file that people write is wrong. The text has the message, the place, and a caret
    below the line in question.

    ``line`` and ``column`` are counted from 1; ``source`` is the text of that line. If ``line`` is
    0, the place is not known and only path and message are shown.
    """

    def __init__(
        self, message: str, *, path: Path | str, line: int = 0, column: int = 0, source: str = ""
    ) -> None:
        self.message, self.path = message, path
        self.line, self.column, self.source = line, column, source
        super().__init__(message)

    def __str__(self) -> str:
        if not self.line:
            return f"{self.path}: {self.message}"
        # Pad as wide as the text above: a Chinese character takes two columns of a terminal.
        before = self.source[: max(0, self.column - 1)]
        pad = "".join("\u3000" if ord(c) > 0x2E7F else "\t" if c == "\t" else " " for c in before)
        return f"{self.path}:{self.line}:{self.column}: {self.message}\n  {self.source}\n  {pad}^"


class FormError(TomlError):
    """A form file is wrong."""


class SettingsError(TomlError):
    """A file of settings is wrong."""


class ReadError(XltoolsError):
    """A file could not be read. ``code``: a code of the catalogue of findings; ``detail``: what
    goes into the message of that code as ``found``; empty where the message needs nothing.
    """

    def __init__(self, code: str, detail: Value = "") -> None:
        self.code, self.detail = code, detail
        super().__init__(code, detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake in a file that people filled in: where it is, what is wrong and what to do.

    ``place``: sheet, row and column in words, as people count them (from 1); empty if the mistake
    concerns the whole file. ``row`` (from 1), ``column`` (its heading) and ``cell`` (such as
    ``B7``) give the same place to programs; they are 0 and empty if it is not a single cell.
    """

    message: str
    place: str = ""
    row: int = 0
    column: str = ""
    cell: str = ""

    def __str__(self) -> str:
        return f"{self.place}：{self.message}" if self.place else self.message


class ProblemsError(XltoolsError):
    """A file that people filled in cannot be used. ``problems``: every mistake in it, in the order
    of the file. Subclasses set ``noun`` to what kind of file it is, for the message.
    """

    noun: ClassVar[str] = "文件"

    def __init__(self, path: Path | str, problems: Iterable[Problem]) -> None:
        self.path, self.problems = path, tuple(problems)
        super().__init__(path, self.problems)

    def __str__(self) -> str:
        head = f"{self.noun} {self.path} 有 {len(self.problems)} 处问题，请改正后再试："
        return "\n".join([head, *(f"  {problem}" for problem in self.problems)])


_SYSTEM = {
    errno.ENOENT: Phrase.NO_SUCH_PATH,
    errno.EACCES: Phrase.ACCESS_DENIED,
    errno.EPERM: Phrase.NO_PERMISSION,
    errno.EROFS: Phrase.DISK_READ_ONLY,
    errno.ENOSPC: Phrase.DISK_FULL,
    errno.EDQUOT: Phrase.DISK_QUOTA,
    errno.EEXIST: Phrase.NAME_TAKEN,
    errno.ENOTDIR: Phrase.NOT_A_FOLDER,
    errno.EISDIR: Phrase.IS_A_FOLDER,
    errno.ENAMETOOLONG: Phrase.NAME_TOO_LONG,
    errno.EBUSY: Phrase.IN_USE,
    errno.ELOOP: Phrase.LINKS_IN_CIRCLE,
    errno.EIO: Phrase.DISK_FAILURE,
}


def refusal(error: OSError) -> Value:
    """Why the system refused something: a phrase of ours, or the system's own words for an error
    that has no phrase here.
    """
    return _SYSTEM.get(error.errno or 0, error.strerror or str(error))


T = TypeVar("T")


def guarded(read: Callable[[], T | None]) -> T | None:
    """Call ``read``, a function that uses a library, and return its result; None if the library
    fails, be it with an exception or with a panic of Rust code, which is not derived from
    Exception.

    ReadError and MemoryError are raised as they are, and so is anything that is not an error, such
    as KeyboardInterrupt.
    """
    try:
        return read()
    except (ReadError, MemoryError):
        raise
    except Exception:
        return None
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            return None
        raise
