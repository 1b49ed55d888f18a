"""The contents of an archive or a mail: its entries, as yet of unknown kind; their names in a form
that can be displayed; and the budget for unpacking a file with all its layers.
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
    """The limits for the file as a whole are exceeded, so nothing more of it is read. ``refusal``:
    the error to report.
    """

    def __init__(self, refusal: ReadError) -> None:
        self.refusal = refusal
        super().__init__(refusal.code, refusal.detail)


class Budget:
    """Counts what is unpacked from one file: ``size`` in bytes, ``documents``, and ``ignored``
    entries, which are not documents. Each method raises SpentError as soon as a limit is exceeded.
    """

    def __init__(self) -> None:
        self.size = self.documents = self.ignored = 0

    def take(self, count: int) -> None:
        """Count so many unpacked bytes. Raises SpentError."""
        self.size += count
        if self.size > limits().unpacked * MB:
            raise SpentError(over("unpacked", Phrase.UNPACKED_SO_FAR(self.size // MB)))

    def document(self) -> None:
        """Count a document. Raises SpentError."""
        self.documents += 1
        if self.documents > limits().members:
            raise SpentError(over("members", Phrase.DOCUMENTS_SO_FAR(self.documents)))

    def leftover(self) -> None:
        """Count an entry that is not a document. Raises SpentError."""
        self.ignored += 1
        if self.ignored > limits().entries:
            raise SpentError(over("entries", Phrase.OTHER_ENTRIES_SO_FAR(self.ignored)))

    def weigh(self, size: int, packed: int) -> None:
        """Check the sizes in bytes that an entry states, before it is unpacked. Raises ReadError
        F-05 if the entry itself is too large, SpentError if the whole file would be.
        """
        weigh(size, packed)
        if self.size + size > limits().unpacked * MB:
            raise SpentError(over("unpacked", Phrase.UNPACKED_IN_ALL((self.size + size) // MB)))

    def gather(self, read: Callable[[int], bytes], packed: int) -> bytes:
        """Return all that ``read`` delivers piece by piece, whatever size the entry states; an
        empty piece is the end. ``packed``: its packed size in bytes.

        Raises ReadError F-05 and SpentError as soon as a limit is exceeded, and whatever ``read``
        raises.
        """
        gathered = io.BytesIO()
        while piece := read(_CHUNK):
            self.take(len(piece))
            weigh(gathered.tell() + len(piece), packed)
            gathered.write(piece)
        return gathered.getvalue()


_SYSTEM: Final = frozenset({"thumbs.db", ".ds_store", "desktop.ini", "__macosx"})


def leftover(parts: Sequence[str]) -> Value:
    """Return why a file with this path is ignored whatever its content (a lock file, a file of the
    operating system); empty if it is not. ``parts``: its folders and its name.
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
_TAIL: Final = 24  # characters kept at the end of a shortened name, for its suffix
_DRIVE: Final = re.compile(r"^[A-Za-z]:(?=[/\\]|[^/\\]*[/\\]|.*\.)")
# Unicode categories of invisible characters: control, bidi and zero-width characters, surrogates,
# ends of lines.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def parts(name: str) -> list[str]:
    """Split the name of an entry into its folders and its file name, each cleaned for display;
    empty if nothing remains.
    """
    name = _DRIVE.sub("", name[:4096].replace("\x00", ""))
    shown = (_seen(part) for part in re.split(r"[/\\]", name))
    return [_cut(part, _ONE) for part in shown if part.strip(". ")]


def shown_path(outer: str, inner: list[str]) -> str:
    """Return the path of an entry through the containers, with slashes, for display. ``outer``: the
    path of the container; ``inner``: folders and name within it.
    """
    path = "/".join([*filter(None, [outer]), *(inner or [NAMELESS])])
    return _cut(path, _MOST)


def plain(text: str, most: int = _ONE) -> str:
    """Return a text such as a subject on one line, without invisible characters, and shortened to
    ``most`` characters.
    """
    return _cut(_seen(text[:4096]), most)


def decoded(raw: bytes) -> str:
    """Decode a name whose encoding is unknown: as UTF-8 if that is valid, else as GB18030."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")


def numbered(shown: str, count: int) -> str:
    """Return a path for the ``count``-th file with the same path: the number is put in front of the
    suffix.
    """
    folder, slash, name = shown.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    if not stem:
        stem, dot, suffix = name, "", ""
    return f"{folder}{slash}{stem}（{count}）{dot}{suffix}"


def _seen(text: str) -> str:
    """Return a text with composed characters (NFC) and without invisible ones."""
    text = unicodedata.normalize("NFC", re.sub(r"[\t\r\n]+", " ", text))
    return "".join(c for c in text if unicodedata.category(c) not in _UNSEEN).strip()


def _cut(text: str, most: int) -> str:
    """Shorten a text to ``most`` characters by leaving out its middle."""
    return text if len(text) <= most else f"{text[: most - _TAIL - 1]}…{text[-_TAIL:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Sender, subject and date of a mail. ``sender``: the address, in lower case; ``name``: the
    name given with it; ``date``: local time without a zone, like the dates of files; None if
    unknown. Other fields are empty if unknown.
    """

    sender: str = ""
    name: str = ""
    subject: str = ""
    date: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A document in a file, or the file itself.

    ``path``: the path through the containers, with slashes, unique within the file; empty for the
    file itself. ``modified``: the date of the entry, in local time. ``mails``: the mails that
    contained it, the outermost first. ``ignored``: why it is not a document that may be a return;
    empty if it may be. ``error``: why it could not be unpacked. With either of these, ``data`` may
    be empty. ``parts``: for a document saved as several files, the content of the others by path;
    then ``data`` is its main file, empty if it has none.
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
    """An entry of a container. ``name``: as written in the container. ``mail``: it is meant to be a
    mail, whatever its content begins with. ``opened``: its contents, if the container provides
    these instead of bytes. The other fields are as in Member.
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
    """An opened container: its entries, each unpacked only when it is asked for, and ``mail`` if
    the container is one. ``document``: the container itself, if it is a document of several files.
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
    """Return an entry of an archive. It is unpacked by ``read`` unless it is ignored; if that
    fails, the entry has the error. Raises SpentError, MemoryError.
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
    except Exception:  # libraries raise many kinds of errors
        return ContainerEntry(
            name=name, modified=modified, error=ReadError("F-02", Phrase.ARCHIVE_ENTRY_DAMAGED)
        )


def moment(seconds: float | None) -> datetime | None:
    """Convert seconds since 1970 to local time; None for 0, which means no date, and for an
    impossible date.
    """
    try:
        return datetime.fromtimestamp(seconds) if seconds else None
    except (ValueError, OverflowError, OSError):
        return None
