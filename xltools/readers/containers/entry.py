"""What an archive or a mail holds, as data, and one thing in it before it is known what that is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from xltools.model.errors import ReadError
from xltools.readers.containers.budget import SpentError
from xltools.readers.containers.names import leftover, parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Who sent a mail, and when. ``sender``: the address, small letters; ``name``: shown beside
    it. ``date``: local time without zone, as dates of files are; None when it names none.
    """

    sender: str = ""
    name: str = ""
    subject: str = ""
    date: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A document within a file, or the file itself.

    ``path``: through the containers, with slashes, one for each document of the file; empty for
    the file itself. ``modified``: of the entry, local time. ``mails``: that it came in,
    outermost first. ``ignored``: why it is by nature no return. ``error``: why it could not be
    taken out. With either of these ``data`` may be empty. ``parts``: the other files of a document
    that has several, by path; ``data`` is its first page, empty where it has none.
    """

    path: str
    data: bytes = b""
    modified: datetime | None = None
    mails: tuple[Mail, ...] = ()
    ignored: str = ""
    error: ReadError | None = None
    parts: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """``name`` as the container has it. ``mail``: it is meant to be one, whatever it begins with.
    ``opened``: what is in it, where the container gives that instead of bytes. ``parts``: the
    other files of a document that has several, by path.
    """

    name: str
    data: bytes = b""
    modified: datetime | None = None
    ignored: str = ""
    error: ReadError | None = None
    mail: bool = False
    opened: "Opened | None" = None
    parts: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A container: its entries, one at a time, and the mail that it is. ``document``: what it is
    itself, where it is a document of several parts.
    """

    entries: Iterator[Entry]
    mail: Mail | None = None
    document: Entry | None = None


def entry(
    name: str,
    read: Callable[[], bytes],
    *,
    modified: datetime | None = None,
    ignored: str = "",
) -> Entry:
    """An entry of an archive, taken out unless it is ignored. What fails is its ``error``."""
    why = ignored or leftover(parts(name))
    if why:
        return Entry(name=name, modified=modified, ignored=why)
    try:
        return Entry(name=name, modified=modified, data=read())
    except ReadError as error:
        return Entry(name=name, modified=modified, error=error)
    except (SpentError, MemoryError):
        raise
    except Exception:  # many kinds: libraries and the modules that they unpack by
        return Entry(
            name=name, modified=modified, error=ReadError("F-02", "压缩包内的这一项已损坏")
        )


def moment(seconds: float | None) -> datetime | None:
    """Seconds since 1970 to local time; None for no date, which is written as 0."""
    try:
        return datetime.fromtimestamp(seconds) if seconds else None
    except (ValueError, OverflowError, OSError):
        return None
