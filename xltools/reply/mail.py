"""What a mail to a unit says, and its draft as a file (.eml) that any mail program opens."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.charset import BASE64, Charset
from email.encoders import encode_base64
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from hashlib import sha256

from xltools.model.text import listed
from xltools.reply.asks import EXPLAIN, MEND, SHOWN, Ask
from xltools.reply.case import Addressee, ReplyKind

_INDENT = "　　"
_SECRET = "请勿通过互联网邮箱报送涉密内容。"


def subject_line(case: Addressee, title: str) -> str:
    """The subject. ``title``: the form with its year."""
    verb = {
        ReplyKind.CORRECTION: "请核对更正",
        ReplyKind.AGAIN: "请重新报送",
        ReplyKind.REMINDER: "催报",
    }
    return f"{verb[case.kind]}：{title}（{case.unit.name}）"


def body_text(case: Addressee, title: str, asked: Sequence[Ask], file: str, lost: int) -> str:
    """The text of the mail. ``file``: the name of the workbook that goes along; ``lost``: how
    many entries it could not take over.
    """
    lines = [f"{case.unit.name}：", ""]
    if case.kind is ReplyKind.REMINDER:
        lines += [
            f"{_INDENT}截至目前，尚未收到贵单位的{title}。填报模板随本邮件附上（{file}），请尽快"
            "填好，把文件发回本邮箱，不要改文件名；已经报送的，请回复告知报送时间和方式，以便查找。",
        ]
    elif case.kind is ReplyKind.AGAIN:
        lines += [f"{_INDENT}贵单位报来的文件（{_names(case)}）收悉，但其中的数据无法采用："]
        lines += _listed(asked, kinds=False)
        lines += [
            f"{_INDENT}填报模板随本邮件附上（{file}），请填好后把文件发回本邮箱，不要改文件名。",
        ]
    else:
        counts = {kind: sum(a.kind == kind for a in asked) for kind in (MEND, EXPLAIN)}
        parts = [f"{n} 项{kind}" for kind, n in counts.items() if n]
        lines += [f"{_INDENT}贵单位报来的{title}收悉。经核对，有 {'、'.join(parts)}："]
        lines += _listed(asked)
        lines += [
            f"{_INDENT}贵单位已填的内容都已填入附件（{file}），不必重填：请打开附件，按“问题”页逐条"
            "处理橙色框的格（光标移到格上有说明）；数字属实、不必改的，在该条的“情况说明”格写明原因。处理好后"
            "把附件发回本邮箱，不要改文件名。",
        ]
        if lost:
            lines.append(f"{_INDENT}另有 {lost} 处原填内容无法填入附件，已列在“问题”页，请补填。")
    lines += [f"{_INDENT}如有疑问，请与我们联系。感谢支持！", "", f"{_INDENT}{_SECRET}"]
    return "\n".join(lines) + "\n"


def _listed(asked: Sequence[Ask], *, kinds: bool = True) -> list[str]:
    """What is asked, a line each; ``kinds``: with the word that says what for."""
    lines = [""]
    for number, one in enumerate(asked[:SHOWN], 1):
        sheet = one.cells[0].sheet if one.cells else ""
        own = [cell.a1 for cell in one.cells[:4] if cell.sheet == sheet]
        more = f" 等 {len(one.cells)} 格" if len(one.cells) > len(own) else ""
        place = f"，{sheet} {'、'.join(own)}{more}" if own else ""
        head = f"{one.kind}（{one.code}{place}）：" if kinds else ""
        lines.append(f"{_INDENT}{number}. {head}{one.text}")
    if len(asked) > SHOWN:
        lines.append(f"{_INDENT}另有 {len(asked) - SHOWN} 项，见附件各表橙色框的格。")
    return [*lines, ""]


def _names(case: Addressee) -> str:
    names = [d.path.rsplit("/", 1)[-1] for d in case.documents]
    return listed(names, 3)


_WORKBOOK = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A workbook that goes along."""

    name: str
    data: bytes


def addresses(text: str) -> tuple[str, ...]:
    """The addresses in what somebody typed as one: several may stand there, with any marks."""
    return tuple(dict.fromkeys(_ADDRESS.findall(text)))


def draft(to: Sequence[str], subject: str, body: str, attachments: Sequence[Attachment]) -> bytes:
    """The bytes of a draft; the same content gives the same bytes.

    Headers in RFC 2047 words of at most 75 characters. An attachment is named twice, as RFC 2231
    asks (``filename*``) and as older programs read it (``name`` in RFC 2047). The legacy message
    classes are used since they leave such headers as they are given.
    """
    mail = MIMEMultipart("mixed")
    # X-Unsent lets Outlook open the file as a draft instead of a mail received.
    mail["X-Unsent"] = "1"
    if to:
        mail["To"] = ", ".join(to)
    mail["Subject"] = Header(" ".join(subject.split()), "utf-8", header_name="Subject").encode()
    utf8 = Charset("utf-8")
    utf8.body_encoding = BASE64
    text = MIMENonMultipart("text", "plain", charset="utf-8")
    text.set_payload(body.replace("\r\n", "\n").replace("\n", "\r\n"), utf8)
    mail.attach(text)
    digest = sha256(body.encode())
    for one in attachments:
        digest.update(one.data)
        part = MIMEBase(*_WORKBOOK)
        part.set_payload(one.data)
        encode_base64(part)
        words = Header(one.name, "utf-8", maxlinelen=75).encode(linesep="\r\n")
        part.replace_header("Content-Type", f'{"/".join(_WORKBOOK)};\r\n name="{words}"')
        part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", one.name))
        mail.attach(part)
    mail.set_boundary(f"=_xltools_{digest.hexdigest()[:32]}")
    # The headers are folded above: folding them again would break in front of a long type.
    lines = mail.as_bytes(policy=compat32.clone(max_line_length=0)).splitlines()
    return b"\r\n".join(lines) + b"\r\n"
