"""Find all documents in a file, one at a time, through nested archives and mails."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from xltools.model.errors import ReadError
from xltools.model.file_kinds import FileKind
from xltools.model.limits import MB, limits, over
from xltools.model.wording import Phrase
from xltools.readers import kinds
from xltools.readers.bundles import READ, Bundle, bundles, may_belong
from xltools.readers.containers.entry import (
    Budget,
    ContainerEntry,
    Mail,
    Member,
    Opened,
    SpentError,
    numbered,
    parts,
    shown_path,
)


def gathered(entries: Iterator[ContainerEntry]) -> Iterator[ContainerEntry]:
    """Yield the entries of a container. Files that together are one document become one entry;
    entries that may belong to such a document come after all others.

    Raises what unpacking an entry raises, after all entries before that.
    """
    held: list[ContainerEntry] = []
    fault: Exception | None = None
    try:
        for entry in entries:
            if entry.ignored or entry.opened is not None or not may_belong(_path(entry)):
                yield entry
            else:
                held.append(entry)
    except MemoryError:
        raise
    except Exception as error:  # of any kind; raised again below
        fault = error
    yield from _together(held)
    if fault is not None:
        raise fault


def _together(held: Sequence[ContainerEntry]) -> Iterator[ContainerEntry]:
    """Combine entries: yields first the documents of several files, each followed by an ignored
    entry for its parts (unless the folder itself is the document), then the remaining entries.
    """
    by_path: dict[str, ContainerEntry] = {}
    for entry in held:
        by_path.setdefault(_path(entry), entry)
    taken: set[int] = set()
    for bundle in bundles(list(by_path)):
        members = [by_path[path] for path in bundle.parts]
        taken.update(map(id, members))
        if bundle.name in by_path:
            taken.add(id(by_path[bundle.name]))
        yield _document(bundle, by_path)
        if bundle.folder != bundle.name:
            yield ContainerEntry(name=bundle.folder or bundle.parts[0], ignored=bundle.about)
    yield from (entry for entry in held if id(entry) not in taken)


def _document(bundle: Bundle, entries: dict[str, ContainerEntry]) -> ContainerEntry:
    """Return the entry for a document of several files, with the first error of those that have to
    be read. ``entries``: by path.
    """
    main = entries.get(bundle.name)
    parts_of = {path: entries[path] for path in bundle.parts}
    needed = [main] if main is not None else []
    needed += [entry for path, entry in parts_of.items() if path.lower().endswith(READ)]
    dates = [entry.modified for entry in needed[:1] if entry.modified is not None]
    return ContainerEntry(
        name=bundle.name,
        data=main.data if main is not None else b"",
        modified=dates[0] if dates else None,
        error=next((entry.error for entry in needed if entry.error is not None), None),
        parts={p: e.data if p.lower().endswith(READ) else b"" for p, e in parts_of.items()},
    )


def _path(entry: ContainerEntry) -> str:
    """The path of an entry, cleaned for display."""
    return "/".join(parts(entry.name))


# Their nesting has a limit of its own, apart from that of archives.
_MAILS: Final = (FileKind.MAIL, FileKind.OUTLOOK, FileKind.MAILBOX)


def unpack(data: bytes, name: str, passwords: Sequence[str] = ()) -> Iterator[Member]:
    """Yield every document in a file, one at a time, through nested archives and mails.

    A file that is not a container is itself the one document. ``name``: the name of the file;
    ``modified``: its date; ``passwords``: tried on whatever is locked. What cannot be unpacked
    becomes a Member with an error, and the rest still follows. Raises only MemoryError.
    """
    if len(data) > limits().file_size * MB:
        yield Member(path="", error=over("file-size", Phrase.FILE_SIZE(len(data) // MB)))
        return
    kind = kinds.container(data)
    if kind is not None:
        at = _Place(path="", depth=0, mails=())
        yield from _Walk(passwords).container(kind, data, name, at)
    else:
        yield Member(path="", data=data)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A place in a file: the path to it, how many archives enclose it, and the mails that contain
    it, the outermost first.
    """

    path: str
    depth: int
    mails: tuple[Mail, ...]


class _Walk:
    """The walk through one file: what has been unpacked so far, and the paths already used.
    ``spent``: a limit of the whole file is exceeded.
    """

    def __init__(self, passwords: Sequence[str]) -> None:
        self.passwords = [p for p in dict.fromkeys(passwords) if p]
        self.budget = Budget()
        self.used: dict[str, int] = {}
        self.spent = False

    def container(self, kind: FileKind, data: bytes, name: str, at: _Place) -> Iterator[Member]:
        """Yield the documents in an archive or a mail. ``name``: its file name; ``at``:
        its place.
        """
        if kind not in _MAILS:
            if at.depth >= limits().depth:
                yield self._failed(at, over("depth", Phrase.ARCHIVE_DEPTH(at.depth + 1)))
                return
            at = replace(at, depth=at.depth + 1)
        try:
            opened = self._opened(kind, data, name)
        except (ReadError, SpentError) as error:
            yield self._failed(at, error)
            return
        if opened.document is not None:
            self.budget.document()
            yield self._member(opened.document, at)
            return
        yield from self._contents(opened, at)

    def _opened(self, kind: FileKind, data: bytes, name: str) -> Opened:
        """Open a container; its entries are not unpacked yet. Raises ReadError, SpentError. What
        opens it is imported only when it is needed, as most files are no containers.
        """
        match kind:
            case FileKind.MAIL:
                from xltools.readers.containers import eml

                return eml.opened(data, self.budget)
            case FileKind.OUTLOOK:
                from xltools.readers.containers import msg

                return msg.opened(data, self.budget)
            case FileKind.MAILBOX:
                from xltools.readers.containers import eml

                return Opened(entries=eml.opened_mailbox(data, self.budget))
            case FileKind.SIGNED:
                from xltools.readers.containers import p7m

                return p7m.opened(data, name, self.budget)
            case FileKind.ZIP:
                from xltools.readers.containers import zips

                return Opened(entries=zips.opened(data, self.passwords, self.budget))
            case FileKind.SEVEN_ZIP:
                from xltools.readers.containers import sevenzip

                return Opened(entries=sevenzip.opened(data, self.passwords, self.budget))
            case FileKind.RAR:
                from xltools.readers.containers import rar

                return Opened(entries=rar.opened(data, self.passwords, self.budget))
            case _:
                from xltools.readers.containers import streams

                return Opened(entries=streams.opened(data, kind, name, self.budget))

    def _contents(self, opened: Opened, at: _Place) -> Iterator[Member]:
        """Yield the documents in an opened container; a Member with an error if it is empty, nested
        too deep or damaged.
        """
        if opened.mail is not None:
            if len(at.mails) >= limits().mail_depth:
                yield self._failed(at, over("mail-depth", Phrase.MAIL_DEPTH(len(at.mails) + 1)))
                return
            # If a mail is signed as a whole, the sender is in the outer mail.
            mail = at.mails[-1] if at.mails and opened.mail == Mail() else opened.mail
            at = replace(at, mails=(*at.mails, mail))
        some = False
        entries = gathered(opened.entries)
        while True:
            try:
                entry = _next(entries)
                if entry is None:
                    break
                some = True
                inside = self._entry(entry, at)
            except (ReadError, SpentError) as error:
                yield self._failed(at, error)
                return
            yield from inside
            if self.spent:
                return
        if not some:
            yield self._failed(at, ReadError("F-02", Phrase.NO_FILES_INSIDE))

    def _entry(self, entry: ContainerEntry, at: _Place) -> Iterator[Member]:
        """Return the documents in an entry: the entry itself, or those within it. ``at``: the place
        of its container. Raises SpentError.
        """
        path = shown_path(at.path, parts(entry.name))
        place = replace(at, path=path)
        if entry.ignored:
            self.budget.leftover()
        elif entry.error is None:
            if entry.opened is not None:
                return self._contents(entry.opened, place)
            if entry.parts:
                self.budget.document()
                return iter([self._member(entry, place)])
            kind = kinds.container(entry.data)
            if kind is None and entry.mail and _text(entry):
                kind = FileKind.MAIL
            if kind is not None:
                return self.container(kind, entry.data, entry.name, place)
        if not entry.ignored:
            self.budget.document()
        return iter([self._member(entry, place)])

    def _member(self, entry: ContainerEntry, at: _Place) -> Member:
        """Return the Member for an entry."""
        return Member(
            path=self._unique(at.path) if at.path else "",
            data=b"" if entry.ignored else entry.data,
            modified=entry.modified,
            mails=at.mails,
            ignored=entry.ignored,
            error=entry.error,
            parts=entry.parts,
        )

    def _failed(self, at: _Place, error: ReadError | SpentError) -> Member:
        """Return the Member for a container that cannot be opened, or not read to its end."""
        if isinstance(error, SpentError):
            self.spent = True
            error = error.refusal
        elif not self.spent:
            try:
                self.budget.document()
            except SpentError as spent:
                self.spent, error = True, spent.refusal
        return Member(path=self._unique(at.path) if at.path else "", mails=at.mails, error=error)

    def _unique(self, path: str) -> str:
        """Return a path that no other document of the file has: this one, with a number added if
        need be.
        """
        unused = path
        while unused in self.used:
            self.used[path] = count = self.used.get(path, 1) + 1
            unused = numbered(path, count)
        self.used[unused] = 1
        return unused


def _next(entries: Iterator[ContainerEntry]) -> ContainerEntry | None:
    """Return the next entry; None at the end. Raises ReadError, SpentError, MemoryError; any other
    exception of a library becomes ReadError F-02.
    """
    try:
        return next(entries, None)
    except (ReadError, SpentError, MemoryError):
        raise
    except Exception as error:  # raised by a library for damage that it does not expect
        raise ReadError("F-02", Phrase.DAMAGED_ONWARDS) from error


def _text(entry: ContainerEntry) -> bool:
    """Whether the content of an entry that is meant to be a mail may be one. Mails are recognised
    by their beginning, which some lack.
    """
    return b"\x00" not in entry.data[:1024] and kinds.kind(entry.data) in (
        FileKind.TEXT,
        FileKind.UNKNOWN,
        FileKind.MAIL,
        FileKind.HTML,
    )
