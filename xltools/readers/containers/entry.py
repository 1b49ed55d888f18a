"""What an archive or a mail holds: its entries before it is known what they are, their names in a
form that can be shown, and the budget that unpacking a file with all its layers has to keep.
"""

import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from xltools.model.errors import ReadError
from xltools.model.limits import MB, limits, over
from xltools.model.wording import Phrase, Value
from xltools.readers.package import weigh

_CHUNK: Final = 1 << 18


class SpentError(Exception):
    """A limit for the whole file is passed, and nothing more of it is read. ``refusal``: why."""

    def __init__(self, refusal: ReadError) -> None:
        self.refusal = refusal
        super().__init__(refusal.code, refusal.detail)


class Budget:
    """Counts what is unpacked from one file. ``size``: bytes; ``documents``; ``ignored``: entries
    that are no documents. Methods raise at the first byte or entry too many.
    """

    def __init__(self) -> None:
        self.size = self.documents = self.ignored = 0

    def take(self, count: int) -> None:
        """Count bytes that were unpacked. Raises SpentError."""
        self.size += count
        if self.size > limits().unpacked * MB:
            raise SpentError(over("unpacked", Phrase.UNPACKED_SO_FAR(self.size // MB)))

    def document(self) -> None:
        """Count a document. Raises SpentError."""
        self.documents += 1
        if self.documents > limits().members:
            raise SpentError(over("members", Phrase.DOCUMENTS_SO_FAR(self.documents)))

    def leftover(self) -> None:
        """Count an entry that is no document. Raises SpentError."""
        self.ignored += 1
        if self.ignored > limits().entries:
            raise SpentError(over("entries", Phrase.OTHER_ENTRIES_SO_FAR(self.ignored)))

    def weigh(self, size: int, packed: int) -> None:
        """Check an entry before it is unpacked, by the sizes that it gives. Raises ReadError F-05
        where it is too large itself, SpentError where the whole file would be.
        """
        weigh(size, packed)
        if self.size + size > limits().unpacked * MB:
            raise SpentError(over("unpacked", Phrase.UNPACKED_IN_ALL((self.size + size) // MB)))

    def gather(self, read: Callable[[int], bytes], packed: int) -> bytes:
        """All that ``read`` gives piece by piece, however much the entry says that it holds.
        ``packed``: its packed size in bytes.

        Raises as ``weigh``, and what ``read`` raises.
        """
        gathered = io.BytesIO()
        while piece := read(_CHUNK):
            self.take(len(piece))
            weigh(gathered.tell() + len(piece), packed)
            gathered.write(piece)
        return gathered.getvalue()


_SYSTEM: Final = frozenset({"thumbs.db", ".ds_store", "desktop.ini", "__macosx"})


def leftover(parts: Sequence[str]) -> Value:
    """Why a file with this path is ignored whatever it holds (a lock file, a file of the system);
    empty where it is not. ``parts``: its folders and its name.
    """
    name = parts[-1].lower() if parts else ""
    if name.startswith(("~$", ".~lock.")):
        return Phrase.LOCK_FILE
    if name.startswith(".") or any(part.lower() in _SYSTEM for part in parts):
        return Phrase.SYSTEM_FILE
    return ""


NAMELESS: Final = "未命名"

_MOST: Final = 200  # characters of a path
_ONE: Final = 120  # characters of one name in a path
_TAIL: Final = 24  # characters kept at the end of a name that is cut, for its suffix
_DRIVE: Final = re.compile(r"^[A-Za-z]:(?=[/\\]|[^/\\]*[/\\]|.*\.)")
# Unicode categories of what cannot be seen: control, bidi and zero-width characters, surrogates,
# ends of lines.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def parts(name: str) -> list[str]:
    """The folders in an entry's name and the name itself, cleaned; empty where nothing is left of
    it.
    """
    name = _DRIVE.sub("", name[:4096].replace("\x00", ""))
    shown = (_seen(part) for part in re.split(r"[/\\]", name))
    return [_cut(part, _ONE) for part in shown if part.strip(". ")]


def shown_path(outer: str, inner: list[str]) -> str:
    """One path through the containers. ``outer``: that of the container; ``inner``: folders and
    name within it.
    """
    path = "/".join([*filter(None, [outer]), *(inner or [NAMELESS])])
    return _cut(path, _MOST)


def plain(text: str, most: int = _ONE) -> str:
    """A text on one line, as a subject, at most ``most`` characters long and without what cannot be
    seen.
    """
    return _cut(_seen(text[:4096]), most)


def decoded(raw: bytes) -> str:
    """A name whose encoding is not given, decoded as UTF-8, else as GB18030."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")


def numbered(shown: str, count: int) -> str:
    """The name for the ``count``-th file with the same path."""
    folder, slash, name = shown.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    if not stem:
        stem, dot, suffix = name, "", ""
    return f"{folder}{slash}{stem}（{count}）{dot}{suffix}"


def _seen(text: str) -> str:
    """A text in composed characters (NFC) and without what cannot be seen."""
    text = unicodedata.normalize("NFC", re.sub(r"[\t\r\n]+", " ", text))
    return "".join(c for c in text if unicodedata.category(c) not in _UNSEEN).strip()


def _cut(text: str, most: int) -> str:
    """A text cut in its middle to ``most`` characters."""
    return text if len(text) <= most else f"{text[: most - _TAIL - 1]}…{text[-_TAIL:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Who sent a mail, and when. ``sender``: the address, in small letters; ``name``: what stands
    beside it. ``date``: local time without a zone, as dates of files are; None where it gives none.
    """

    sender: str = ""
    name: str = ""
    subject: str = ""
    date: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A document in a file, or the file itself.

    ``path``: through the containers, with slashes, different for each document of a file; empty for
    the file itself. ``modified``: the date of the entry, local time. ``mails``: those that it came
    in, the outermost first. ``ignored``: why it is no document that may be a return. ``error``: why
    it could not be taken out. With either of these, ``data`` may be empty. ``parts``: the other
    files of a document that has several, by path; then ``data`` is its first page, empty where it
    has none.
    """

    path: str
    data: bytes = b""
    modified: datetime | None = None
    mails: tuple[Mail, ...] = ()
    ignored: Value = ""
    error: ReadError | None = None
    parts: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerEntry:
    """An entry of a container. ``name``: as the container has it. ``mail``: it is meant to be a
    mail, whatever its content begins with. ``opened``: what is in it, where the container gives
    that in place of bytes. Other fields as in Member.
    """

    name: str
    data: bytes = b""
    modified: datetime | None = None
    ignored: Value = ""
    error: ReadError | None = None
    mail: bool = False
    opened: "Opened | None" = None
    parts: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An opened container: its entries, each taken out when its turn comes, and the mail that the
    container is. ``document``: itself, where it is a document of several parts.
    """

    entries: Iterator[ContainerEntry]
    mail: Mail | None = None
    document: ContainerEntry | None = None


def entry(
    name: str,
    read: Callable[[], bytes],
    *,
    modified: datetime | None = None,
    ignored: Value = "",
) -> ContainerEntry:
    """An entry of an archive, taken out by ``read`` unless it is ignored. Where that fails, the
    entry has the error. Raises SpentError, MemoryError.
    """
    why = ignored or leftover(parts(name))
    if why:
        return ContainerEntry(name=name, modified=modified, ignored=why)
    try:
        return ContainerEntry(name=name, modified=modified, data=read())
    except ReadError as error:
        return ContainerEntry(name=name, modified=modified, error=error)
    except (SpentError, MemoryError):
        raise
    except Exception:  # libraries raise errors of many kinds
        return ContainerEntry(
            name=name, modified=modified, error=ReadError("F-02", Phrase.ARCHIVE_ENTRY_DAMAGED)
        )


def moment(seconds: float | None) -> datetime | None:
    """Seconds since 1970 to local time; None for no date, which is written as 0, or an impossible
    one.
    """
    try:
        return datetime.fromtimestamp(seconds) if seconds else None
    except (ValueError, OverflowError, OSError):
        return None
