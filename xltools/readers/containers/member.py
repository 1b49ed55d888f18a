"""What an archive or a mail holds, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from xltools.model.errors import ReadError


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
