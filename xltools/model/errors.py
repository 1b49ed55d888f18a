"""Errors that are raised on purpose, why the system refused something, and libraries whose failures
must not end the program.
"""

import errno
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypeVar

from xltools.model.wording import Phrase, Value


class XltoolsError(Exception):
    """The base of all errors that are raised on purpose. The text says what is wrong, where, and
    what to do.
    """


class ArgumentError(XltoolsError, ValueError):
    """A function of the public interface was given something that it cannot use; says what."""


class AccessError(XltoolsError, OSError):
    """The system refused a file or a folder; as the OSError that it was, its text in Chinese."""

    def __str__(self) -> str:
        return f"{self.filename}: {self.strerror}"


class WorkerError(XltoolsError):
    """No worker process can start: the main module of the program works without its guard."""

    def __str__(self) -> str:
        return (
            "files are read in worker processes, which import the program's main module: "
            'keep what it does below  if __name__ == "__main__":'
        )


class FormError(XltoolsError):
    """A form file is wrong: one message, its place, and a caret under that.

    ``line`` and ``column`` count from 1; ``source`` is the text of that line. Without a place
    (``line`` 0) only path and message are shown.
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
        # A Chinese character is two columns wide on a terminal: pad with what stands above.
        before = self.source[: max(0, self.column - 1)]
        pad = "".join("\u3000" if ord(c) > 0x2E7F else "\t" if c == "\t" else " " for c in before)
        return f"{self.path}:{self.line}:{self.column}: {self.message}\n  {self.source}\n  {pad}^"


class ReadError(XltoolsError):
    """A file could not be read. ``code``: of the catalogue of findings; ``detail``: the
    value that the message of that code shows as what was found; empty where it shows none.
    """

    def __init__(self, code: str, detail: Value = "") -> None:
        self.code, self.detail = code, detail
        super().__init__(code, detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake in a file that people filled in: where it is, what is wrong and what to do.

    ``place``: the sheet, row and column in words, as people count them (from 1); empty where the
    whole file is meant. ``row`` (from 1), ``column`` (its heading) and ``cell`` (``B7``) say the
    same to programs; they are 0 and empty where no single cell is meant.
    """

    message: str
    place: str = ""
    row: int = 0
    column: str = ""
    cell: str = ""

    def __str__(self) -> str:
        return f"{self.place}：{self.message}" if self.place else self.message


class ProblemsError(XltoolsError):
    """A file that people filled in cannot be used; ``problems`` holds every mistake in it, in the
    order of the file. A subclass says in ``noun`` what kind of file it is.
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
    """Why the system refused something; in the system's words where there are none here."""
    return _SYSTEM.get(error.errno or 0, error.strerror or str(error))


T = TypeVar("T")


def guarded(read: Callable[[], T | None]) -> T | None:
    """What a library gives, or None where it fails: by an exception, or by a panic, which is none.

    Raises ReadError and MemoryError as they come, and what is no error, as an interrupt from the
    keyboard.
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
