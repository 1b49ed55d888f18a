"""Open zip archives."""

import io
import lzma
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import Final

from xltools.model.errors import ReadError
from xltools.model.limits import limits, over
from xltools.model.wording import Phrase, Value
from xltools.readers.bundles import STYLES
from xltools.readers.containers.entry import Budget, ContainerEntry, decoded, entry
from xltools.readers.passwords import fits

_END: Final = b"PK\x05\x06"
_RECORD: Final = b"PK\x01\x02"
_TYPES: Final = b"[Content_Types].xml"
_BEFORE: Final = 46  # bytes of a directory record before the name
_UTF8: Final = 0x800
_REPARSE: Final = 0x400  # reparse point: a link in Windows
_METHODS: Final = frozenset(
    {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
)
_AES: Final = 99
# A zip with one of these at its top is a document, not a container of documents.
_PACKAGE: Final = re.compile(
    r"\[content_types\]\.xml|_rels/\.rels|mimetype|ofd\.xml|meta-inf/manifest\.xml"
    r"|(?:xl|word|ppt)/.+|index/.+\.iwa|(?:metadata/)?buildversionhistory\.plist"
)
# A workbook of Google, saved as web pages: nothing else is in it.
_PAGES: Final = re.compile(r"[^/]+\.html|resources/.+|resources/")
_OPEN_DOCUMENT: Final = {"content.xml", "styles.xml"}  # a file without its manifest


def is_package(data: bytes) -> bool:
    """Whether a zip is a single document, as the files of Office, OpenDocument, OFD, Apple and
    Google are. If its directory cannot be read, the name of its first entry decides.
    """
    end, at = _end(data), data.rfind(_TYPES)
    size = int.from_bytes(data[end + 12 : end + 16], "little") if end >= 0 else 0
    if end - size <= at - _BEFORE and data.startswith(_RECORD, at - _BEFORE):
        return True  # as in most packages; this saves reading the whole directory
    try:
        names = [
            name_of(info.orig_filename, utf8=bool(info.flag_bits & _UTF8))
            for info in directory(data)
        ]
    except ReadError:
        length = int.from_bytes(data[26:28], "little")
        names = [decoded(data[30 : 30 + length])]
    names = [n.replace("\\", "/").lstrip("/").lower() for n in names]
    if STYLES in names and all(_PAGES.fullmatch(n) for n in names):
        return True
    return any(_PACKAGE.fullmatch(n) for n in names) or set(names) >= _OPEN_DOCUMENT


def directory(data: bytes) -> list[zipfile.ZipInfo]:
    """Return the entries of a zip. Raises ReadError: F-02 if it is damaged, F-05 over a limit, F-10
    if it is one volume of several.
    """
    end = _end(data)
    if end < 0:
        raise ReadError("F-02", Phrase.ARCHIVE_INCOMPLETE)
    if data[end + 4 : end + 8] not in (bytes(4), b"\xff" * 4):
        raise ReadError("F-10", Phrase.ARCHIVE_VOLUME)
    # Counted before zipfile creates an object for each; zips stored in this one do not count.
    size = int.from_bytes(data[end + 12 : end + 16], "little")
    if data[max(0, end - 20) : end][:4] == b"PK\x06\x07":
        far = data.rfind(b"PK\x06\x06", 0, end)
        size = int.from_bytes(data[far + 40 : far + 48], "little") if far >= 0 else end
    count = data.count(_RECORD, max(0, end - size - 76), end)
    if count > limits().entries:
        raise over("entries", Phrase.ARCHIVE_ENTRIES(count))
    try:
        with zipfile.ZipFile(io.BytesIO(_legible(data))) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError) as error:
        raise ReadError("F-02", Phrase.ARCHIVE_INCOMPLETE) from error


def opened(data: bytes, passwords: Sequence[str], budget: Budget) -> Iterator[ContainerEntry]:
    """Yield the entries of a zip archive, without folders. Raises ReadError as ``directory``, and
    F-05 if entries overlap, F-02 if something precedes the first entry.
    """
    infos = directory(data)
    if len(infos) > limits().entries:
        raise over("entries", Phrase.ARCHIVE_ENTRIES(len(infos)))
    _refuse_overlaps(infos)
    if min((info.header_offset for info in infos), default=0) > 0:
        raise ReadError("F-02", Phrase.TWO_ARCHIVES)
    data = _legible(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in infos:
            name = name_of(info.orig_filename, utf8=bool(info.flag_bits & _UTF8))
            if not name.endswith(("/", "\\")):
                read = partial(_read, archive, data, info, passwords, budget)
                yield entry(name, read, modified=_date(info), ignored=_nature(info))


def _end(data: bytes) -> int:
    """Return the offset of the end record, searched as zipfile does; -1 if there is none."""
    if data[-22:-18] == _END and data[-2:] == b"\x00\x00":
        return len(data) - 22
    return data.rfind(_END, max(0, len(data) - (1 << 16) - 22))


def _legible(data: bytes) -> bytes:
    """Return the archive in a form that zipfile opens: names that are marked as UTF-8, but are not,
    lose that mark.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)):
            return data
    except UnicodeDecodeError:
        mended = bytearray(data)
    at = data.find(_RECORD)
    while at >= 0:
        length = int.from_bytes(data[at + 28 : at + 30], "little")
        try:
            data[at + 46 : at + 46 + length].decode("utf-8")
        except UnicodeDecodeError:
            begin = int.from_bytes(data[at + 42 : at + 46], "little")
            mended[at + 9] &= ~(_UTF8 >> 8)
            if data[begin : begin + 4] == b"PK\x03\x04":
                mended[begin + 7] &= ~(_UTF8 >> 8)
        at = data.find(_RECORD, at + 4)
    return bytes(mended)


def name_of(raw: str, *, utf8: bool) -> str:
    """Return the name of an entry as people see it. ``raw``: as `zipfile` reads it; ``utf8``: it is
    marked as UTF-8; if not, it is decoded as ``decoded`` does.
    """
    if utf8:
        return raw
    try:
        return decoded(raw.encode("cp437"))
    except UnicodeEncodeError:
        return raw


def _refuse_overlaps(infos: Sequence[zipfile.ZipInfo]) -> None:
    """Raise ReadError F-05 if entries share bytes, which happens only in zip bombs."""
    ordered = sorted(infos, key=lambda i: i.header_offset)
    for earlier, following in pairwise(ordered):
        if earlier.header_offset + 30 + earlier.compress_size > following.header_offset:
            raise ReadError("F-05", Phrase.ARCHIVE_OVERLAP)


def _nature(info: zipfile.ZipInfo) -> Value:
    """Return why an entry is ignored because of its type (a link, a device); empty for a plain
    file.
    """
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode) or info.external_attr & _REPARSE:
        return Phrase.LINK
    return Phrase.NOT_A_FILE if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR) else ""


def _date(info: zipfile.ZipInfo) -> datetime | None:
    """Return the date of an entry in local time; None if it has none."""
    try:
        date = datetime(*info.date_time)
    except ValueError:
        return None
    return date if date > datetime(1980, 1, 2) else None  # 1 January 1980 means no date


def _read(
    archive: zipfile.ZipFile,
    data: bytes,
    info: zipfile.ZipInfo,
    passwords: Sequence[str],
    budget: Budget,
) -> bytes:
    """Unpack an entry. Raises ReadError: F-02 if it is damaged, F-03 if no password fits, F-05 over
    a limit, F-10 for an unknown method of compression. Raises SpentError, and errors of zipfile.
    """
    locked = info.flag_bits & 1
    if locked and (info.compress_type == _AES or info.flag_bits & 0x40 or not passwords):
        raise ReadError("F-03")
    if info.compress_type not in _METHODS or info.flag_bits & 0x20:
        raise ReadError("F-10", Phrase.ARCHIVE_METHOD_NUMBER(info.compress_type))
    budget.weigh(info.file_size, info.compress_size)
    _take_own_name(data, info)
    if not locked:
        with archive.open(info) as file:
            return budget.gather(file.read, info.compress_size)
    for password in dict.fromkeys(p.encode(c) for p in passwords for c in ("utf-8", "gb18030")):
        spent = budget.size
        try:
            with archive.open(info, pwd=password) as file:
                content = budget.gather(file.read, info.compress_size)
        except (RuntimeError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError):
            budget.size = spent  # a wrong password may pass the first check, but never the last
        else:
            fits()
            return content
    raise ReadError("F-03")


def _take_own_name(data: bytes, info: zipfile.ZipInfo) -> None:
    """Give an entry the name in its own header, because some programs write the name there in
    another encoding, and zipfile refuses an entry whose names differ. Raises ReadError F-02 if the
    entry is cut off.
    """
    at = info.header_offset
    if len(data) < at + 30:
        raise ReadError("F-02", Phrase.ARCHIVE_ENTRY_INCOMPLETE)
    length = int.from_bytes(data[at + 26 : at + 28], "little")
    raw = data[at + 30 : at + 30 + length]
    labelled = data[at + 7] & _UTF8 >> 8
    info.orig_filename = raw.decode("utf-8" if labelled else "cp437")
