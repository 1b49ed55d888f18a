"""Open mails as they are sent (.eml), mailboxes (.mbox) and web pages saved as one file (.mht); and
find the large attachments that a mail only contains a link to.

The mail services in use here mark such links in the HTML of a mail in their own ways: QQ
(``QQMailBigAttach``, ``foxmail_hugeattachment``) and NetEase (``divNeteaseBigAttach``,
``netease-attDown``); other services write a link to a file or to one of the public stores.
"""

import html
import mimetypes
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from xltools.model.errors import ReadError
from xltools.model.file_kinds import FileKind
from xltools.model.limits import limits, over
from xltools.model.wording import Phrase
from xltools.readers import kinds
from xltools.readers.containers.entry import Budget, ContainerEntry, Opened, leftover, plain
from xltools.readers.containers.entry import parts as parts_of
from xltools.readers.containers.headers import MailHeaders, MailPart, MailWalk, body, head, words
from xltools.readers.kinds import MAILBOX_LINE
from xltools.readers.markup import decode

_SHOWN: Final = frozenset({"text/html", "text/css", "text/xml", "application/xml"})
_MAILS: Final = frozenset({"message/rfc822", "message/global", "message/news"})
_EXTRAS: Final = re.compile(
    r"application/(?:x-)?pkcs7-signature|application/pgp-signature|application/pgp-keys"
    r"|text/(?:x-v)?calendar|application/ics|text/(?:x-)?vcard"
)
EXTRA_NAMES: Final = re.compile(r"\.(?:p7s|ics|vcf)$", re.IGNORECASE)
_STRAY_BODY: Final = re.compile(r"ATT\d{5,}\.(?:txt|html?)$", re.IGNORECASE)  # as Exchange names it
_SENT: Final = ("to", "cc", "bcc", "received", "message-id", "return-path", "delivered-to")
_CID: Final = re.compile(rb"cid:([^\"'\s<>)]{1,200})", re.IGNORECASE)
_SUFFIXES: Final = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.ms-excel": ".xls",
    "application/msword": ".doc",
}


@dataclass(frozen=True, slots=True)
class MailText:
    """The text of a mail in one of the forms in which it was sent; ``page``: it is HTML."""

    text: str
    page: bool


def opened(data: bytes, budget: Budget) -> Opened:
    """Open a mail, or a web page that was saved as one. Raises ReadError: F-05 over a limit, F-02
    for a damaged page. Damage in a mail is raised when its entries are read.
    """
    for mark, coding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            data = data.decode(coding, "replace").encode()
    data = data.removeprefix(b"\xef\xbb\xbf")
    start = len(data) - len(data.lstrip(b"\r\n"))
    headers, at = head(data, start, len(data))
    walk = MailWalk(data).of(headers, at, len(data))
    page = not headers.has(*_SENT) and (
        headers.type == "multipart/related"
        or (headers.type == "text/html" and headers.has("content-location"))
    )
    if page:
        return Opened(entries=iter(()), document=_page(data, walk, budget))
    return Opened(entries=_mail(data, walk, headers.text("subject"), budget), mail=headers.mail())


def subject(data: bytes, start: int = 0, end: int | None = None) -> str:
    """Return the subject of the mail in ``data`` between the offsets ``start`` and ``end`` (None:
    to the end of ``data``); empty if it has none or its headers are too long.
    """
    try:
        return plain(head(data, start, len(data) if end is None else end)[0].text("subject"), 60)
    except ReadError:
        return ""


def _mail(
    data: bytes, walk: Iterator[MailPart], subject: str, budget: Budget
) -> Iterator[ContainerEntry]:
    """Yield the entries of a mail: its attachments, the files that it links to, and its text, which
    is ignored. ``walk``: the parts of the mail. If the mail is damaged, ReadError is raised after
    all entries before the damage.
    """
    parts: list[MailPart] = []
    fault: ReadError | None = None
    try:
        parts.extend(walk)
    except ReadError as error:
        fault = error  # the parts before the damage count
    cited = _cited(data, parts)
    count, text = 0, False
    texts, names = list[MailText](), list[str]()
    for part in parts:
        kind, name = part.head.type, part.head.filename
        plainly = not name and part.head.disposition != "attachment"
        if plainly and (kind in ("text/plain", "text/html", "text/enriched") or _report(kind)):
            text = True
            texts += _said(data, part)
            continue
        if _EXTRAS.fullmatch(kind) or EXTRA_NAMES.search(name):
            yield ContainerEntry(name=name or "签名或日程", ignored=Phrase.MAIL_EXTRA)
            continue
        if kind.startswith("text/") and _STRAY_BODY.match(name):
            yield ContainerEntry(name=name, ignored=Phrase.MAIL_TEXT)
            continue
        if name and leftover(parts_of(name)):
            yield ContainerEntry(name=name, ignored=leftover(parts_of(name)))
            continue
        entry = _attached(data, part, budget)
        if entry.error is None and _inline(part, entry.data, cited):
            yield ContainerEntry(name=name or "图片", ignored=Phrase.MAIL_IMAGE)
            continue
        count += 1
        entry = entry if entry.name else _named(entry, part.head, count)
        names.append(entry.name)
        yield entry
    for entry in linked(texts, names, subject):
        count += 1
        yield entry
    if fault is not None:
        raise fault
    if text or not count:
        yield ContainerEntry(
            name="正文", ignored=Phrase.MAIL_TEXT if count else Phrase.MAIL_TEXT_ALONE
        )


def _said(data: bytes, part: MailPart) -> Iterator[MailText]:
    """Yield the text of a part; nothing if it cannot be decoded."""
    try:
        yield MailText(decode(body(data, part)), page=part.head.type != "text/plain")
    except ReadError:
        return


def _report(kind: str) -> bool:
    """Whether a part of this type reports on the delivery of another mail."""
    return kind in ("message/delivery-status", "text/rfc822-headers") or (
        kind == "message/disposition-notification" or kind.startswith("multipart/")
    )


def _attached(data: bytes, part: MailPart, budget: Budget) -> ContainerEntry:
    """Return an attachment as an entry. Its name may be empty; if it cannot be decoded or is too
    large, the entry has the error. Raises SpentError.
    """
    mail, name = part.head.type in _MAILS, part.head.filename
    size = part.end - part.start
    try:
        budget.weigh(size // 4 * 3, size)
        content = body(data, part)
    except ReadError as error:
        return ContainerEntry(name=name, error=error, mail=mail)
    budget.take(len(content))
    if part.head.type == "message/external-body" and not content.strip():
        return ContainerEntry(name=name, error=ReadError("F-17", name or "附件"))
    return ContainerEntry(name=name, data=content, mail=mail)


def _named(entry: ContainerEntry, headers: MailHeaders, count: int) -> ContainerEntry:
    """Give an attachment without a name one: the subject of an attached mail, else its number
    (``count``), with a suffix that fits its type.
    """
    if entry.mail:
        name = f"{subject(entry.data) or f'附件{count}'}.eml"
    else:
        suffix = _SUFFIXES.get(headers.type) or kinds.suffix(entry.data)
        suffix = suffix or mimetypes.guess_extension(headers.type, strict=True) or ""
        name = f"附件{count}{suffix if suffix != '.bin' else ''}"
    return ContainerEntry(name=name, data=entry.data, error=entry.error, mail=entry.mail)


def _cited(data: bytes, parts: list[MailPart]) -> frozenset[str]:
    """Return the Content-IDs that the HTML of a mail refers to, in lower case."""
    ids: set[str] = set()
    for part in parts:
        if part.head.type == "text/html" and not part.head.filename:
            try:
                cited = _CID.findall(body(data, part))
            except ReadError:
                continue
            ids.update(i.decode("utf-8", "replace").lower() for i in cited)
    return frozenset(ids)


def _inline(part: MailPart, content: bytes, cited: frozenset[str]) -> bool:
    """Whether a part is an image that the HTML of the mail displays. Its content must be an image
    or of unknown kind, so that a document is never taken for one. ``cited``: the Content-IDs that
    the HTML refers to.
    """
    image = kinds.kind(content[:4096]) == FileKind.IMAGE
    if not image and not (
        part.head.type.startswith("image/") and kinds.kind(content[:4096]) == FileKind.UNKNOWN
    ):
        return False
    content_id = words(part.head.raw("content-id")).strip("<> ").lower()
    return (
        part.head.disposition == "inline"
        or (bool(content_id) and content_id in cited)
        or (part.related and part.head.disposition != "attachment")
    )


def _page(data: bytes, walk: Iterator[MailPart], budget: Budget) -> ContainerEntry:
    """Return the document in a saved page: its first HTML part, with the other pages and style
    sheets as parts. Raises ReadError F-02, F-05.
    """
    main: bytes | None = None
    parts: dict[str, bytes] = {}
    for number, part in enumerate(walk):
        entry = _attached(data, part, budget)
        place = words(part.head.raw("content-location"))
        if part.head.type in _SHOWN:
            if entry.error is not None:
                raise entry.error
            if main is None and part.head.type == "text/html":
                main = entry.data
                continue
            parts[place or entry.name or f"{number}"] = entry.data
            content_id = words(part.head.raw("content-id")).strip("<> ")
            if content_id:  # how pages saved by browsers refer to their frames
                parts[f"cid:{content_id}"] = entry.data
    return ContainerEntry(name="", data=main or b"", parts=parts)


_STUFFED: Final = re.compile(rb"^>(>*From )", re.MULTILINE)


def opened_mailbox(data: bytes, budget: Budget) -> Iterator[ContainerEntry]:
    """Yield the mails of a mailbox. Raises ReadError F-05 for too many mails, SpentError."""
    begun, count = None, 0
    for mark in MAILBOX_LINE.finditer(data):
        if begun is not None:
            yield _mail_of_mailbox(data, begun, mark.start(), count, budget)
        begun, count = mark.end(), count + 1
        if count > limits().entries:
            raise over("entries", Phrase.MAILBOX_MAILS(limits().entries))
    if begun is not None:
        yield _mail_of_mailbox(data, begun, len(data), count, budget)


def _mail_of_mailbox(
    data: bytes, start: int, end: int, count: int, budget: Budget
) -> ContainerEntry:
    """Return the mail between two offsets in a mailbox as an entry, named by its number (``count``)
    and subject, with the quoting of ``From`` lines undone.
    """
    title = subject(data, start, end)
    budget.take(end - start)
    name = f"第{count}封（{title.replace('/', '_')}）.eml" if title else f"第{count}封.eml"
    return ContainerEntry(name=name, data=_STUFFED.sub(rb"\1", data[start:end]), mail=True)


_MOST_LINKS: Final = 20  # links that are listed for one mail
_LONGEST_TEXT: Final = 200_000  # characters of a mail's text that are searched
# All repetitions in these patterns are limited, so that no text takes long to search.
_HIDDEN: Final = re.compile(
    r"<(style|script|head)\b.*?(?:</\1[^<>]*>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL | re.IGNORECASE
)
# Every mail of NetEase has style sheets for this element, so the element itself is searched for.
_MARKED: Final = re.compile(
    r"<[a-z]{1,10}\s[^<>]{0,500}?(?:id|class)\s*=\s*[\"']?(?:QQMailBigAttach|qqmailbgattach"
    r"|foxmail_hugeattachment|divNeteaseBigAttach|netease-attDown)\b",
    re.IGNORECASE,
)
_CALLED: Final = re.compile(r"(?:超大|云|大)附件|文件中转站|文件快递")
_ANCHOR: Final = re.compile(
    r"<a\s[^<>]{0,500}?href\s*=\s*[\"']?(https?://[^\"'\s<>]{1,2000})[^<>]{0,500}>(.{0,2000}?)</a\s*>",
    re.DOTALL | re.IGNORECASE,
)
_ADDRESS: Final = re.compile(r"https?://[^\s\"'<>，。；）)]{1,2000}")
_TAG: Final = re.compile(r"<[^<>]*>")
_FILE: Final = re.compile(
    r"[^\s/\\:*?\"<>|（(]{1,100}"
    r"\.(?:xlsx?|xlsm|et|ods|docx?|wps|odt|pdf|ofd|zip|rar|7z|numbers|pages)(?![a-z0-9])",
    re.IGNORECASE,
)
_STORES: Final = (
    "1drv.ms", "onedrive.live.com", "sharepoint.com", "drive.google.com", "docs.google.com",
    "icloud.com", "dropbox.com", "pan.baidu.com", "yun.baidu.com", "weiyun.com", "alipan.com",
    "aliyundrive.com", "123pan.com", "lanzou", "jianguoyun.com", "kdocs.cn", "docs.qq.com",
    "cloud.189.cn", "yun.139.com", "caiyun.139.com", "feishu.cn", "wetransfer.com",
)  # fmt: skip
_DOWNLOADS: Final = re.compile(
    r"ftn|bigattach|large-?attach|hugeattach|filehub|/fs/display|download", re.IGNORECASE
)
_UNTIL: Final = re.compile(
    r"20[0-9]{2}年[0-9]{1,2}月[0-9]{1,2}日[^<）)]{0,12}?(?=\s*(?:到期|过期|失效|前))"
)
# The beginning of the quoted text of the mail that this one answers or forwards.
_QUOTED: Final = re.compile(
    r"<blockquote|-{2,}\s*(?:原始邮件|原邮件|Original)|发件人[:：]|写道[:：]|^\s*>", re.I | re.M
)
_PASSED: Final = re.compile(r"(?:转发|转|fwd?)\s*[:：]", re.IGNORECASE)


def linked(
    texts: Sequence[MailText], attached: Sequence[str], subject: str = ""
) -> list[ContainerEntry]:
    """Return the files that a mail only links to, each as an entry with the error F-17.

    ``attached``: the names of the attachments. If there are any, a link counts only if the text
    calls it a large attachment, because it might lead anywhere. Links in the quoted text of an
    earlier mail count if the mail forwards it, which ``subject`` shows, and not if the mail answers
    it.
    """
    addresses: dict[str, str] = {}
    for mail_text in texts:
        text = _HIDDEN.sub(" ", mail_text.text[:_LONGEST_TEXT])
        quoted = _QUOTED.search(text)
        if quoted is not None and not _PASSED.match(subject.strip()):
            text = text[: quoted.start()]
        marked = _MARKED.search(text) is not None
        sure = marked or _CALLED.search(text) is not None
        if attached and not sure:
            continue
        for name, address in _links(text, sure, page=mail_text.page):
            if attached and not (marked or _is_store(address)):  # usually a link in a signature
                continue
            if not (name and any(held.endswith(name) for held in attached)):
                addresses.setdefault(name or address, address)
    until = next((m[0].strip() for mail_text in texts if (m := _UNTIL.search(mail_text.text))), "")
    expiry = Phrase.LINKED_UNTIL(until) if until else ""
    named = [name for name in addresses if _FILE.fullmatch(name)]
    return [
        ContainerEntry(
            name=name if name in named else "正文",
            error=ReadError("F-17", Phrase.LINKED_FILE(name, _host(addresses[name]), expiry)),
        )
        for name in (named or list(addresses)[:1])[:_MOST_LINKS]
    ]


def _links(text: str, sure: bool, *, page: bool) -> list[tuple[str, str]]:
    """Return the files that a text links to, as name and address; the name is empty if unknown.

    ``sure``: the text calls some link a large attachment; ``page``: the text is HTML.
    """
    bare = html.unescape(_TAG.sub(" ", text)) if page else text
    anchors = [(html.unescape(_TAG.sub("", t)), html.unescape(a)) for a, t in _ANCHOR.findall(text)]
    anchors += [("", address) for address in _ADDRESS.findall(bare)]
    kept = []
    for shown, address in anchors:
        name = _file_name(shown) or _file_name(unquote(urlsplit(address).path))
        if name or _is_store(address, downloads=sure):
            kept.append((name, address))
    if kept and not any(name for name, _ in kept) and sure:
        # The names are in the text next to the links.
        kept = [(name, kept[0][1]) for name in dict.fromkeys(_FILE.findall(bare))] or kept
    return kept


def _is_store(address: str, *, downloads: bool = True) -> bool:
    """Whether a link leads to a file-sharing service or, with ``downloads``, to any download."""
    named = any(host in _host(address) for host in _STORES)
    return named or (downloads and _DOWNLOADS.search(address) is not None)


def _file_name(text: str) -> str:
    """Return the first file name in a text; empty if there is none."""
    name = _FILE.search(" ".join(text.split()))
    return name[0] if name else ""


def _host(address: str) -> str:
    """Return the host of an address; empty if the address is not valid."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
