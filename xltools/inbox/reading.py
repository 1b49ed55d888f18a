"""What the files of an inbox are found to hold: one file to the readings of its documents.

All of this happens in a worker process (`pool`): nothing here trusts a byte.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from xltools.forms.declaration import available, load
from xltools.layout.places import lay_out
from xltools.match.matcher import Matcher
from xltools.match.others import carried_over
from xltools.model.errors import ReadError, refusal
from xltools.model.file_kinds import FileKind
from xltools.model.findings import Topic, finding
from xltools.model.form import Form
from xltools.model.returns import Return
from xltools.readers import kinds
from xltools.readers.containers.entry import Mail, Member
from xltools.readers.containers.walk import unpack
from xltools.readers.workbook import Book


def in_common(ret: Return, book: Book, form: Form) -> Return:
    """A return as it was matched with ``form``, or, if it is on another edition of it, read as
    that and carried over; ``Return.other`` then names the edition. Raises ReadError for a sheet
    that is damaged.
    """
    identity = ret.identity
    name = ret.other
    if identity is not None and identity.form == form.form and identity.edition != form.edition:
        name = f"{identity.form}-{identity.edition}"
    if not name or name not in available():
        return ret
    matcher = _matcher(name)
    made = carried_over(matcher.match(book), matcher.form, form)
    said = tuple(f for f in ret.findings if f.is_about(Topic.ANOTHER_EDITION))
    return replace(made, identity=identity, other=name, findings=said)


@lru_cache(maxsize=4)
def _matcher(name: str) -> Matcher:
    return Matcher(lay_out(load(name)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of one document. ``ret`` is None when it could not be read: then ``code`` is a
    code of the catalogue, with ``detail``; or when ``ignored`` says that it is no return.

    ``file``: the file of the inbox that holds it, where that is another. ``kind``: what kind of
    file it is. ``modified``: its date, local time, of its mail if it has one. ``mails``: that it
    came in, outermost first.
    """

    name: str
    file: str = ""
    kind: FileKind | None = None
    sha256: str = ""
    size: int = 0
    modified: datetime | None = None
    mails: tuple[Mail, ...] = ()
    ignored: str = ""
    ret: Return | None = None
    code: str = ""
    detail: str = ""


def read(
    name: str,
    path: Path,
    matcher: Matcher | None,
    passwords: Sequence[str] = (),
    only: int | None = None,
) -> Iterator[Reading]:
    """Every document of a file of the inbox, one by one; never raises for what is in it.

    Without a ``matcher`` the documents are only listed. ``only``: the number of the one document
    to be read. ``passwords`` are tried on what has one.
    """
    from xltools.readers.bundles import parts_below, parts_beside
    from xltools.readers.workbook import load_bytes

    modified, size, parts = None, 0, dict[str, bytes]()
    try:
        before = path.stat()
        modified, size = datetime.fromtimestamp(before.st_mtime), before.st_size
        if path.is_dir():
            whole = Member(path="", parts=parts_below(path), modified=modified)
            yield _document(name, whole, matcher, passwords)
            return
        data = load_bytes(path)
        if kinds.kind(data) is FileKind.HTML:
            parts = parts_beside(path, data)
        after = path.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise ReadError("F-06", "文件正在被写入")
    except ReadError as error:
        yield failed(Reading(name=name, size=size, modified=modified), error)
        return
    except OSError as error:
        yield failed(Reading(name=name), ReadError("F-06", refusal(error)))
        return
    for number, member in enumerate(unpack(data, path.name, passwords, modified=modified)):
        if only is None or number == only:
            own = member
            if not member.path:
                own = replace(member, data=member.data or data, parts=member.parts or parts)
            reading = _document(name, own, matcher, passwords)
            yield reading if reading.modified else replace(reading, modified=modified)
        if number == only:
            return


def failed(reading: Reading, error: ReadError) -> Reading:
    """A reading of what could not be read."""
    return replace(reading, ret=None, code=error.code, detail=error.detail)


def _digest(member: Member) -> str:
    """The digest of a document, all its files together."""
    digest = hashlib.sha256(member.data)
    for path in sorted(member.parts):
        digest.update(member.parts[path])
    return digest.hexdigest()


def _document(
    name: str, member: Member, matcher: Matcher | None, passwords: Sequence[str]
) -> Reading:
    """Read one document of a file."""
    from xltools.readers.workbook import book_of, kind_of

    full = f"{name}/{member.path}" if member.path else name
    mailed = next((m.date for m in reversed(member.mails) if m.date is not None), None)
    reading = Reading(
        name=full,
        file=name if member.path else "",
        sha256=_digest(member) if member.data or member.parts else "",
        size=len(member.data) + sum(map(len, member.parts.values())),
        modified=mailed or member.modified,
        mails=member.mails,
        ignored=member.ignored,
    )
    if member.error is not None:
        return failed(reading, member.error)
    if member.ignored or matcher is None:
        return reading
    try:
        if not member.data and not member.parts:
            raise ReadError("F-02", "文件是空的（0 字节）")
        book = book_of(member.data, passwords, name=Path(full).name, parts=member.parts)
        ret = in_common(matcher.match(book), book, matcher.form)
    except ReadError as error:
        return failed(replace(reading, kind=kind_of(member.data, full, member.parts)), error)
    except MemoryError:
        return failed(reading, ReadError("F-08"))
    reading = replace(reading, kind=book.kind)
    if book.macros:
        ret = replace(ret, findings=(*ret.findings, finding("F-13")))
    return replace(reading, ret=ret)
