"""Large attachments that a mail holds only a link to, as the mail services here send them.

Marks of QQ (``QQMailBigAttach``, ``foxmail_hugeattachment``) and NetEase (``divNeteaseBigAttach``,
``netease-attDown``) stand in the page of a mail; other services write a link to a file or to one of
the public stores.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from xltools.model.errors import ReadError
from xltools.readers.containers.entry import ContainerEntry

_MOST: Final = 20  # links of a mail that are named
_LONGEST: Final = 200_000  # characters of a mail's text that are looked at
# Each pattern ends, or gives up, within a few characters: nothing is looked at over and over.
_HIDDEN: Final = re.compile(
    r"<(style|script|head)\b.*?(?:</\1[^<>]*>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL | re.IGNORECASE
)
# The style sheets of NetEase name the element in every mail: only the element itself tells.
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
# Where the text of another mail begins that this one answers or passes on.
_QUOTED: Final = re.compile(
    r"<blockquote|-{2,}\s*(?:原始邮件|原邮件|Original)|发件人[:：]|写道[:：]|^\s*>", re.I | re.M
)
_PASSED: Final = re.compile(r"(?:转发|转|fwd?)\s*[:：]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MailText:
    """The text of a mail, one of the forms that it was sent in."""

    text: str
    page: bool


def linked(
    texts: Sequence[MailText], attached: Sequence[str], subject: str = ""
) -> list[ContainerEntry]:
    """The files that a mail holds only links to, each as an entry that cannot be taken out (F-17).

    ``attached``: names of what is attached. Beside attachments only what the text calls a large
    attachment counts: a link may be to anything. The text of a mail that is answered counts as
    little as what was attached to it; that of one that is passed on (by its ``subject``) does.
    """
    found: dict[str, str] = {}
    for one in texts:
        text = _HIDDEN.sub(" ", one.text[:_LONGEST])
        quoted = _QUOTED.search(text)
        if quoted is not None and not _PASSED.match(subject.strip()):
            text = text[: quoted.start()]
        marked = _MARKED.search(text) is not None
        sure = marked or _CALLED.search(text) is not None
        if attached and not sure:
            continue
        for name, address in _links(text, sure, page=one.page):
            if attached and not (marked or _is_store(address)):  # of a signature, as a rule
                continue
            if not (name and any(held.endswith(name) for held in attached)):
                found.setdefault(name or address, address)
    until = next((m[0].strip() for one in texts if (m := _UNTIL.search(one.text))), "")
    expiry = f"，{until}到期" if until else ""
    named = [name for name in found if _FILE.fullmatch(name)]
    return [
        ContainerEntry(
            name=name if name in named else "正文",
            error=ReadError("F-17", f"{name}（{_host(found[name])}{expiry}）"),
        )
        for name in (named or list(found)[:1])[:_MOST]
    ]


def _links(text: str, sure: bool, *, page: bool) -> list[tuple[str, str]]:
    """The files that a text links to, by name and address; the name is empty where none is told.

    ``sure``: the text calls some link a large attachment.
    """
    plain = html.unescape(_TAG.sub(" ", text)) if page else text
    anchors = [(html.unescape(_TAG.sub("", t)), html.unescape(a)) for a, t in _ANCHOR.findall(text)]
    anchors += [("", address) for address in _ADDRESS.findall(plain)]
    kept = []
    for shown, address in anchors:
        name = _named(shown) or _named(unquote(urlsplit(address).path))
        if name or _is_store(address, sure=sure):
            kept.append((name, address))
    if kept and not any(name for name, _ in kept) and sure:
        # Names stand beside their links.
        kept = [(name, kept[0][1]) for name in dict.fromkeys(_FILE.findall(plain))] or kept
    return kept


def _is_store(address: str, *, sure: bool = True) -> bool:
    """Whether an address is one of a store of files; ``sure``: or of any download."""
    known = any(host in _host(address) for host in _STORES)
    return known or (sure and _DOWNLOADS.search(address) is not None)


def _named(text: str) -> str:
    found = _FILE.search(" ".join(text.split()))
    return found[0] if found else ""


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
