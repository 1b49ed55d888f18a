"""A draft of a mail as a file (.eml) that any mail program opens to be looked over and sent."""

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
