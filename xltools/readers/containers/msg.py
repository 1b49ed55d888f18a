"""Open Outlook mails (.msg) with python-oxmsg and olefile."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from xltools.model.errors import ReadError
from xltools.model.file_kinds import FileKind
from xltools.model.limits import MB, limits, over
from xltools.model.wording import Phrase
from xltools.readers import kinds
from xltools.readers.containers.eml import EXTRA_NAMES, MailText, linked
from xltools.readers.containers.entry import (
    Budget,
    ContainerEntry,
    Mail,
    Opened,
    decoded,
    leftover,
    parts,
    plain,
)
from xltools.readers.containers.headers import MailHeaders, sender

if TYPE_CHECKING:
    from oxmsg.storage import Storage

# Properties, as MS-OXPROPS numbers them.
_SUBJECT, _HEADERS, _BODY, _HTML = 0x0037, 0x007D, 0x1000, 0x1013
_SENDER_NAME, _SENDER_ADDRESS, _SENDER_SMTP, _SENT_FOR_SMTP = 0x0C1A, 0x0C1F, 0x5D01, 0x5D02
_SUBMITTED, _DELIVERED = 0x0039, 0x0E06
_SHOWN, _CHANGED, _CONTENT, _SHORT, _METHOD, _LONG = 0x3001, 0x3008, 0x3701, 0x3704, 0x3705, 0x3707
_CID, _HIDDEN = 0x3712, 0x7FFE
_ELSEWHERE: Final = (2, 3, 4, 7)  # methods of attachments stored outside the mail

_EMBEDDED: Final = "__substg1.0_3701000D"
_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)


def opened(data: bytes, budget: Budget) -> Opened:
    """Open a mail. Raises ReadError: F-02 if it is damaged, F-05 over a limit."""
    import olefile
    from oxmsg.storage import Storage

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            _weigh(ole.direntries, len(data))
            root = Storage.from_ole(ole)
    except (ReadError, MemoryError):
        raise
    except RecursionError as error:
        raise over("mail-depth", Phrase.MAILS_TOO_DEEP) from error
    except Exception as error:
        raise ReadError("F-02", Phrase.MAIL_DAMAGED) from error
    return _opened(root, 32, budget)


def _weigh(entries: list[object], file_size: int) -> None:
    """Raise ReadError F-05 if there are too many streams, or if together they are larger than the
    file, which means that they share bytes. ``file_size``: in bytes.
    """
    if len(entries) > 4 * limits().entries:
        raise over("entries", Phrase.MAIL_ENTRIES(len(entries)))
    size = sum(getattr(e, "size", 0) for e in entries if getattr(e, "entry_type", 0) == 2)
    if size > 2 * file_size + MB:
        raise over("unpacked", Phrase.MAIL_SIZE(size // MB))
    if any(len(getattr(e, "kids", ())) > limits().entries for e in entries):
        raise over("entries", Phrase.MAIL_ENTRIES_TOO_MANY)


def _opened(storage: "Storage", header: int, budget: Budget) -> Opened:
    """Open a message. ``header``: the number of bytes before its properties: 32, or 24 for one that
    is embedded in another.
    """
    return Opened(
        entries=_entries(storage, header, budget), mail=_mail(_Properties(storage, header))
    )


def _mail(properties: "_Properties") -> Mail:
    """Return sender, subject and date of a message."""
    head = MailHeaders.of(properties.text(_HEADERS).encode())
    sent = head.mail()
    address = sent.sender
    for number in (_SENDER_SMTP, _SENDER_ADDRESS, _SENT_FOR_SMTP):
        address = address or sender(f"<{properties.text(number)}>")[1]
    return Mail(
        sender=address,
        name=sent.name or plain(properties.text(_SENDER_NAME)),
        subject=plain(properties.text(_SUBJECT), 200) or sent.subject,
        date=properties.date(_SUBMITTED) or sent.date or properties.date(_DELIVERED),
    )


def _entries(storage: "Storage", header: int, budget: Budget) -> Iterator[ContainerEntry]:
    """Yield the entries of a message: its attachments, the files that it links to, and its text,
    which is ignored. Raises ReadError F-02, after all other entries, if attachments are missing.
    """
    count = seen = 0
    page = _Properties(storage, header)
    html = page.raw(_HTML, 0x0102) or page.text(_HTML).encode()
    names: list[str] = []
    for attached in storage.iter_attachment_storages():
        properties = _Properties(attached, 8)
        seen += 1
        name = properties.text(_LONG) or properties.text(_SHORT)
        changed = properties.date(_CHANGED)
        why = leftover(parts(name)) if name else ""
        why = why or (Phrase.MAIL_EXTRA if EXTRA_NAMES.search(name) else "")
        if why:
            yield ContainerEntry(name=name, modified=changed, ignored=why)
            continue
        inner = next((s for s in attached.storages if s.name == _EMBEDDED), None)
        if inner is None and _inline(properties, html.lower()):
            yield ContainerEntry(name=name or "图片", ignored=Phrase.MAIL_IMAGE)
            continue
        count += 1
        names.append(name)
        if inner is not None:
            yield _embedded(inner, name or properties.text(_SHOWN), count, budget)
            continue
        content = properties.raw(_CONTENT, 0x0102)
        budget.take(len(content or b""))
        if content is not None and len(content) < properties.number(_CONTENT):
            yield ContainerEntry(
                name=name or f"附件{count}", error=ReadError("F-02", Phrase.ATTACHMENT_INCOMPLETE)
            )
            continue
        if content is None:
            far = properties.number(_METHOD) in _ELSEWHERE
            name = name or f"附件{count}"
            error = ReadError("F-17", name) if far else ReadError("F-02", Phrase.ATTACHMENT_MISSING)
            yield ContainerEntry(name=name, error=error)
        else:
            name = name or f"附件{count}{kinds.suffix(content)}"
            yield ContainerEntry(name=name, data=content, modified=changed)
    texts = [MailText(page.text(_BODY), page=False), MailText(decoded(html), page=True)]
    for entry in linked(texts, names, page.text(_SUBJECT)):
        count += 1
        yield entry
    if seen < page.attached:
        raise ReadError("F-02", Phrase.MAIL_ATTACHMENTS_LOST(page.attached, seen))
    yield ContainerEntry(name="正文", ignored=Phrase.MAIL_TEXT if count else Phrase.MAIL_TEXT_ALONE)


def _embedded(inner: "Storage", name: str, count: int, budget: Budget) -> ContainerEntry:
    """Return the entry for an attached message; with the error F-01 for an embedded object of
    another kind. ``count``: the number of the attachment.
    """
    if not any(s.name == "__properties_version1.0" for s in inner.streams):
        error = ReadError("F-01", Phrase.EMBEDDED_OBJECT)
        return ContainerEntry(name=name or f"附件{count}", error=error)
    title = name or _Properties(inner, 24).text(_SUBJECT) or f"附件{count}"
    title = plain(title).replace("/", "_")
    title = title if title.lower().endswith(".msg") else f"{title}.msg"
    return ContainerEntry(name=title, opened=_opened(inner, 24, budget))


def _inline(properties: "_Properties", html: bytes) -> bool:
    """Whether an attachment is an image that the HTML of the mail (``html``, in lower case)
    displays.
    """
    content = properties.raw(_CONTENT, 0x0102) or b""
    if kinds.kind(content[:4096]) != FileKind.IMAGE:
        return False
    content_id = properties.text(_CID).strip("<> ").lower().encode()
    return bool(properties.number(_HIDDEN)) or (bool(content_id) and b"cid:" + content_id in html)


class _Properties:
    """The properties of a message or of an attachment, which ``storage`` contains. ``header``: the
    number of bytes before the properties of fixed size. Each property is decoded only when asked
    for, so that a damaged one does not affect the others. ``attached``: how many attachments the
    message should have.
    """

    def __init__(self, storage: "Storage", header: int) -> None:
        self.streams = {s.name: s.bytes_ for s in storage.streams}
        fixed = self.streams.get("__properties_version1.0", b"")
        self.attached = int.from_bytes(fixed[20:24], "little") if header > 8 else 0
        self.fixed = {
            int.from_bytes(fixed[at + 2 : at + 4], "little"): fixed[at + 8 : at + 16]
            for at in range(header, len(fixed) - 15, 16)
        }

    def raw(self, number: int, kind: int) -> bytes | None:
        """Return the stream of a property of this type (``kind``); None if it is missing."""
        return self.streams.get(f"__substg1.0_{number:04X}{kind:04X}")

    def text(self, number: int) -> str:
        """Return a property that is a text; empty if it is missing."""
        wide = self.raw(number, 0x001F)
        if wide is not None:
            return wide.decode("utf-16-le", "replace").rstrip("\x00")
        return decoded(self.raw(number, 0x001E) or b"").rstrip("\x00")

    def number(self, number: int) -> int:
        """Return a property that is a number without a sign; 0 if it is missing."""
        return int.from_bytes(self.fixed.get(number, b"")[:4], "little")

    def date(self, number: int) -> datetime | None:
        """Return a property that is a date, in local time; None if it is missing or impossible."""
        ticks = int.from_bytes(self.fixed.get(number, b""), "little")  # units of 100 ns
        try:
            at = (_EPOCH + timedelta(microseconds=ticks // 10)).astimezone()
        except (ValueError, OverflowError, OSError):
            return None
        return at.replace(tzinfo=None, microsecond=0) if ticks else None
