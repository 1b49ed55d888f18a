"""Open mails and files that are signed as a whole (smime.p7m): they contain the signed content
unencrypted.

The cryptography library, a dependency of msoffcrypto, decrypts such files and returns their
certificates, but not the signed content. That is only four ASN.1 elements deep, and the signature
is not verified here, so the content is read directly: RFC 5652, 3 and 5.1. GM/T 0010 gives the same
types other numbers, for the Chinese ciphers.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from xltools.model.errors import ReadError
from xltools.model.wording import Phrase
from xltools.readers.containers.entry import Budget, ContainerEntry, Opened

# 1.2.840.113549.1.7 and 1.2.156.10197.6.1.4.2: 1 data, 2 signed, 3 enveloped, 4 both, 6 encrypted.
_ARCS: Final = (b"\x2a\x86\x48\x86\xf7\x0d\x01\x07", b"\x2a\x81\x1c\xcf\x55\x06\x01\x04\x02")
_SIGNED: Final = tuple(arc + b"\x02" for arc in _ARCS)
_SEALED: Final = (
    *(arc + number for arc in _ARCS for number in (b"\x03", b"\x04", b"\x06")),
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17",  # authEnvelopedData, RFC 5083
)
_ARMOUR: Final = re.compile(rb"\s*-----BEGIN (?:PKCS ?#?7|CMS)[ A-Z]{0,20}-----([^-]+)")
_BARE: Final = re.compile(rb"\s*(MI[A-Za-z0-9+/]{40}[A-Za-z0-9+/=\s]*)")
_SUFFIX: Final = re.compile(r"\.p7[ms]$", re.IGNORECASE)
_OCTETS: Final = 0x04
_DEEP: Final = 16  # nested elements without a length, at most


def is_p7m(data: bytes) -> bool:
    """Whether bytes begin as a signed or encrypted message does."""
    head = _binary(data[:4096])
    return head[:1] == b"\x30" and any(kind in head[:40] for kind in (*_SIGNED, *_SEALED))


def opened(data: bytes, name: str, budget: Budget) -> Opened:
    """Open a signed file: its only entry is the signed content, a mail or a file; for a signature
    without content, it is an ignored entry. ``name``: the name of the file. Raises ReadError: F-02
    if it is damaged, F-16 if it is encrypted. Raises SpentError.
    """
    data = _binary(data)
    try:
        kind, content = _content(data)
        if kind in _SEALED:
            raise ReadError("F-16", Phrase.MAIL_CERTIFICATE)
        (_, _, *signed) = _within(data, _within(data, content)[0])
        inner = [*_within(data, signed[0])]
        if len(inner) < 2:
            return Opened(
                entries=iter([ContainerEntry(name="签名", ignored=Phrase.SIGNATURE_ALONE)])
            )
        signed_data = b"".join(_octets(data, _within(data, inner[1])[0]))
    except (IndexError, ValueError) as error:
        raise ReadError("F-02", Phrase.SIGNATURE_INCOMPLETE) from error
    budget.take(len(signed_data))
    name = _SUFFIX.sub("", name.rpartition("/")[2])
    mail = "." not in name  # otherwise it is the name of the signed file
    return Opened(
        entries=iter(
            [ContainerEntry(name=f"{name}.eml" if mail else name, data=signed_data, mail=mail)]
        )
    )


@dataclass(frozen=True, slots=True)
class _Element:
    """An ASN.1 element: its tag, the offsets where its content begins and ends, and where the next
    element begins.
    """

    tag: int
    start: int
    end: int
    after: int


def _content(data: bytes) -> tuple[bytes, _Element]:
    """Return the type of a message, and the element with its content. Raises IndexError,
    ValueError.
    """
    kind, content = _within(data, _element(data, 0))[:2]
    return data[kind.start : kind.end], content


def _within(data: bytes, outer: _Element, depth: int = 0) -> list[_Element]:
    """Return the elements within an element. Raises IndexError, ValueError if it is cut off or
    nested too deep.
    """
    elements, at = list[_Element](), outer.start
    while at < outer.end:
        elements.append(_element(data, at, depth))
        at = elements[-1].after
    return elements


def _element(data: bytes, at: int, depth: int = 0) -> _Element:
    """Read the element at offset ``at``, whose length BER states in one of three ways. ``depth``:
    how many elements without a length enclose it. Raises IndexError, ValueError.
    """
    tag, length, start = data[at], data[at + 1], at + 2
    if tag & 0x1F == 0x1F or depth > _DEEP:
        raise ValueError("no element of a message")
    if length == 0x80:  # no length: the content ends with two zero bytes
        end = start
        while data[end : end + 2] != b"\x00\x00":
            end = _element(data, end, depth + 1).after
        return _Element(tag, start, end, end + 2)
    if length > 0x80:
        count = length & 0x7F
        length, start = int.from_bytes(data[start : start + count], "big"), start + count
    if start + length > len(data):
        raise ValueError("cut off")
    return _Element(tag, start, start + length, start + length)


def _octets(data: bytes, element: _Element, depth: int = 0) -> Iterator[bytes]:
    """Yield the bytes of an octet string, which may be in pieces. Raises IndexError, ValueError."""
    if element.tag == _OCTETS:
        yield data[element.start : element.end]
        return
    if depth > _DEEP:
        raise ValueError("no element of a message")
    for piece in _within(data, element):
        yield from _octets(data, piece, depth + 1)


def _binary(data: bytes) -> bytes:
    """Return the message in binary: decoded if it is written as base64, else as it is."""
    armoured = _ARMOUR.match(data) or _BARE.match(data)
    if armoured is None:
        return data
    try:
        return mended_base64(armoured[1])
    except binascii.Error:
        return data


def mended_base64(text: bytes) -> bytes:
    """Decode base64, ignoring other characters and a surplus last one. Raises binascii.Error."""
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", text)
    kept = kept[: len(kept) - (len(kept) % 4 == 1)]
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))
