"""Read a file into its documents: each becomes a return, a failure with its reason, or is set
aside. What reads is imported when it is used, as only workers use it.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from xltools.forms.declaration import available, load
from xltools.inbox.stored import Fetched
from xltools.layout.places import lay_out
from xltools.model.errors import ReadError, refusal
from xltools.model.file_kinds import FileKind
from xltools.model.findings import Topic, finding, is_about
from xltools.model.form import Form
from xltools.model.record import DocumentRecord, Origin, ReturnRecord
from xltools.model.returns import Return
from xltools.model.summary import Outcome
from xltools.model.wording import Phrase, Saying, Value
from xltools.readers import kinds
from xltools.readers.containers.entry import Member
from xltools.readers.parts import DiskFolder, parts_below, parts_beside
from xltools.readers.passwords import fitted, forget

if TYPE_CHECKING:
    from xltools.match.matcher import Matcher
    from xltools.readers.book import Book
    from xltools.readers.known import Structures


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReturn:
    """A document that was read as a return. ``source``: where it came from; ``ret``: the return."""

    source: Origin
    ret: Return

    @property
    def record(self) -> ReturnRecord:
        """The document as a record for the steps of ``collect``: a return that may count."""
        return ReturnRecord(source=self.source, ret=self.ret)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFailure:
    """A document that could not be read. ``code``: the code in the catalogue of findings that says
    why; ``detail``: what its message adds.
    """

    source: Origin
    code: str
    detail: Value = ""

    @property
    def record(self) -> DocumentRecord:
        """The document as a record for the steps of ``collect``: unreadable, with the finding that
        says why.
        """
        return DocumentRecord(
            source=self.source,
            outcome=Outcome.UNREADABLE,
            findings=(finding(self.code, found=self.detail),),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A document that is certainly not a return, such as a lock file or the signature of a mail.
    ``reason``: why it is not read.
    """

    source: Origin
    reason: Value

    @property
    def record(self) -> DocumentRecord:
        """The document as a record for the steps of ``collect``: ignored, with the reason."""
        return DocumentRecord(source=self.source, outcome=Outcome.IGNORED, reason=self.reason)


Reading = ReadReturn | ReadFailure | SetAside
"""What a worker makes of a document."""


def failed(source: Origin, error: ReadError) -> ReadFailure:
    """The failure of a document, made from the error that reading it raised."""
    return ReadFailure(source=source, code=error.code, detail=error.detail)


def lasts(reading: Reading) -> bool:
    """Whether a reading is due to the file alone, so that another attempt would end alike: no
    limit, no time-out, no missing program had a part in it.
    """
    codes: Sequence[str] = ()
    if isinstance(reading, ReadReturn):
        codes = [finding.code for finding in reading.ret.findings]
    elif isinstance(reading, ReadFailure):
        detail = reading.detail
        if isinstance(detail, Saying) and detail.phrase is Phrase.LIBREOFFICE_CANNOT:
            return False  # it may have failed for the state that it was in
        codes = [reading.code]
    return not any(is_about(code, Topic.CIRCUMSTANCE) for code in codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """A document that was taken out of its file and is yet to be read. ``member``: its bytes."""

    source: Origin
    member: Member


def read(
    name: str,
    place: Path | Fetched,
    matcher: "Matcher",
    passwords: Sequence[str] = (),
    only: int | None = None,
    structures: "Structures | None" = None,
) -> Iterator[Reading]:
    """Read the documents of a file one after the other; whatever is in it, nothing is raised.

    ``name``: the path of the file below the inbox; ``place``: the file, or its content.
    ``passwords``: tried on protected files. ``only``: the number of the one document to read,
    counted from 0; None for all. ``structures``: what was learned from the workbooks
    read before.
    """
    forget()
    for number, document in enumerate(_documents(name, place, passwords)):
        if only is None or number == only:
            reading = (
                _matched(document, matcher, passwords, structures)
                if isinstance(document, _Opened)
                else document
            )
            if fitted():
                reading = replace(reading, source=replace(reading.source, locked=True))
            yield reading
        if number == only:
            return


def contents(
    name: str, place: Path | Fetched, passwords: Sequence[str] = ()
) -> list[Origin | ReadFailure | SetAside]:
    """List the documents of a file without reading them; parameters as for `read`. A document that
    cannot even be taken out is listed as a failure.
    """
    return [
        document.source if isinstance(document, _Opened) else document
        for document in _documents(name, place, passwords)
    ]


def _documents(
    name: str, place: Path | Fetched, passwords: Sequence[str]
) -> Iterator[_Opened | ReadFailure | SetAside]:
    """The documents of a file: the file itself, or the files inside it if it is an archive or a
    mail. Where it cannot be opened, or is being written just now, a single failure.
    """
    from xltools.readers.containers.walk import unpack

    modified, size = None, 0
    try:
        if isinstance(place, Path):
            before = place.stat()
            modified, size = datetime.fromtimestamp(before.st_mtime), before.st_size
            fetched = _loaded(place, modified)
            after = place.stat()
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                raise ReadError("F-06", Phrase.BEING_WRITTEN)
        else:
            fetched = place
    except ReadError as error:
        yield failed(Origin(path=name, size=size, date=modified), error)
        return
    except OSError as error:
        yield failed(Origin(path=name), ReadError("F-06", refusal(error)))
        return
    modified, data = fetched.modified, fetched.data
    if not data:
        yield _opened(name, Member(path="", parts=fetched.parts), modified)
        return
    parts = fetched.parts
    if parts and kinds.kind(data) is not FileKind.HTML:
        parts = {}
    for member in unpack(data, fetched.name, passwords):
        if member.path:
            yield _opened(name, member, modified)
        else:  # the file itself
            itself = replace(member, data=member.data or data, parts=member.parts or parts)
            yield _opened(name, itself, modified)


def _loaded(path: Path, modified: datetime) -> Fetched:
    """A file of this machine with what belongs to it, or a folder that is one document. Raises
    OSError and ReadError.
    """
    from xltools.readers.workbook import load_bytes

    around = DiskFolder(path.parent)
    if path.is_dir():
        parts = parts_below(around, path.name)
        return Fetched(name=path.name, data=b"", parts=parts, modified=modified)
    data = load_bytes(path)
    is_page = not data.startswith(kinds.ZIP) and kinds.kind(data) is FileKind.HTML
    parts = parts_beside(around, path.name, data) if is_page else {}
    return Fetched(name=path.name, data=data, parts=parts, modified=modified)


def _opened(
    name: str, member: Member, modified: datetime | None
) -> _Opened | ReadFailure | SetAside:
    """One member of a file with its origin (path, date, senders, digest): ready to be read, set
    aside, or a failure. ``name``: the path of the file below the inbox. ``modified``: the date of
    the file, used where neither a mail nor the archive gives one.
    """
    mailed = next((m.date for m in reversed(member.mails) if m.date is not None), None)
    own_date = mailed or member.modified
    source = Origin(
        path=f"{name}/{member.path}" if member.path else name,
        file=name if member.path else "",
        sha256=digest(member) if member.data or member.parts else "",
        size=len(member.data) + sum(map(len, member.parts.values())),
        date=own_date or modified,
        dated=own_date is not None,
        senders=tuple(mail.sender for mail in member.mails),
        subject=member.mails[-1].subject if member.mails else "",
    )
    if member.ignored:
        return SetAside(source=source, reason=member.ignored)
    if member.error is not None:
        return failed(source, member.error)
    return _Opened(source=source, member=member)


def digest(member: Member) -> str:
    """The SHA-256 of a document's bytes and those of its parts, in hexadecimal."""
    digest = hashlib.sha256(member.data)
    for path in sorted(member.parts):
        digest.update(member.parts[path])
    return digest.hexdigest()


def _matched(
    document: _Opened,
    matcher: "Matcher",
    passwords: Sequence[str],
    structures: "Structures | None" = None,
) -> ReadReturn | ReadFailure:
    """Read one document and find the form's figures in it. Returns a failure where it cannot be
    read, or takes too much memory.
    """
    from xltools.readers.workbook import book_of, kind_of

    source, member = document.source, document.member
    try:
        if not member.data and not member.parts:
            raise ReadError("F-02", Phrase.EMPTY_FILE)
        book = book_of(
            member.data,
            passwords,
            name=Path(source.path).name,
            parts=member.parts,
            structures=structures,
        )
        ret = _in_common(matcher.match(book), book, matcher.form)
    except ReadError as error:
        kind = kind_of(member.data, source.path, member.parts)
        return failed(replace(source, kind=kind), error)
    except MemoryError:
        return failed(source, ReadError("F-08"))
    if book.macros:
        ret = replace(ret, findings=(*ret.findings, finding("F-13")))
    return ReadReturn(source=replace(source, kind=book.kind), ret=ret)


def _in_common(ret: Return, book: "Book", form: Form) -> Return:
    """``ret``, or, when the document is on another edition of ``form``, the document read with that
    edition and carried over to ``form``. ``other`` of the result then names the edition. Raises
    ReadError for a damaged sheet.
    """
    identity = ret.identity
    name = ret.other
    if identity is not None and identity.form == form.form and identity.edition != form.edition:
        name = f"{identity.form}-{identity.edition}"
    if not name or name not in available():
        return ret
    from xltools.match.editions import carried_over

    matcher = _matcher_of(name)
    carried = carried_over(matcher.match(book), matcher.form, form)
    findings = tuple(f for f in ret.findings if f.is_about(Topic.ANOTHER_EDITION))
    return replace(carried, identity=identity, other=name, findings=findings)


@lru_cache(maxsize=4)
def _matcher_of(name: str) -> "Matcher":
    """The matcher of another edition. ``name``: the form and its edition, such as
    ``zfxxgk-2019``.
    """
    from xltools.match.matcher import Matcher

    return Matcher(lay_out(load(name)))
