"""Read the parts of a zip such as Office and OpenDocument files are, within limits that no honest
file exceeds; and the relations between those parts.
"""

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Final, NamedTuple

from xltools.model.errors import ReadError
from xltools.model.limits import MB, limits, over
from xltools.model.wording import Phrase
from xltools.readers.markup import parse, root

inflating: ModuleType = zlib
"""What inflates: isal, which takes a third of the time of zlib, where it is installed."""

with suppress(ImportError):
    from isal import isal_zlib

    inflating = isal_zlib

RATIO_FROM: Final = 10 * MB  # up to this size a part may have any ratio of compression

_LOCAL: Final = 30  # bytes of a local file header before the name
_END: Final = struct.Struct("<4s4H2LH")  # the end record of a zip: [APPNOTE] 4.3.16
_ENTRY: Final = struct.Struct("<4s6H3L5H2L")  # an entry of its directory: 4.3.12
_UTF8: Final = 0x800  # the flag of a name in UTF-8
_VERSION: Final = 63  # of the format, the highest that `zipfile` reads
_KEPT: Final = 1 << 16  # what small parts say is kept
_SMALL: Final = 1 << 11  # packed bytes of a part that is kept unpacked


class PackageEntry(NamedTuple):
    """An entry of a zip's directory: the name, as `zipfile` reads it and as it is written, and
    whether it is marked as UTF-8; whether the part is encrypted, the method of compression, the
    checksum, the sizes, and where its local header begins.
    """

    filename: str
    orig_filename: str
    utf8: bool
    encrypted: bool
    compress_type: int
    crc: int
    compress_size: int
    file_size: int
    header_offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The parts of a zip. ``data``: the content of the zip; ``parts``: the directory entries by
    name. Names are in lower case, with forward slashes, and without a leading slash.
    """

    data: bytes
    parts: Mapping[str, PackageEntry]

    @classmethod
    def of(cls, data: bytes) -> "Package":
        """Read the directory of a zip. Raises ReadError: F-02 if it is damaged, F-05 over a limit
        or if a part occurs twice.
        """
        entries = _plain_directory(data)
        if entries is None:
            # Counted before an object is made for each; the end record may state a wrong count.
            count = data.count(b"PK\x01\x02")
            if count > limits().entries:
                raise over("entries", Phrase.PACKAGE_ENTRIES(count))
            entries = _directory(data)
        parts: dict[str, PackageEntry] = {}
        for entry in entries:
            name = entry.filename.replace("\\", "/").lstrip("/").lower()
            if name in parts:
                raise ReadError("F-05", Phrase.PACKAGE_PART_TWICE(name[:60]))
            parts[name] = entry
            weigh(entry.file_size, entry.compress_size)
        size = sum(entry.file_size for entry in entries)
        if size > limits().unpacked * MB:
            raise over("unpacked", Phrase.UNPACKED_SIZE(size // MB))
        return cls(data=data, parts=parts)

    @property
    def has_headers(self) -> bool:
        """Whether there is a header in front of each part where the directory says."""
        return all(
            self.data.startswith(b"PK\x03\x04", entry.header_offset)
            for entry in self.parts.values()
        )

    def read(self, name: str) -> bytes:
        """Unpack a part; upper and lower case do not matter in ``name``. Raises ReadError: F-02 if
        it is damaged or missing, F-05 if it is larger than its directory entry says.
        """
        entry = self.parts.get(name.lower())
        if entry is None:
            raise ReadError("F-02", Phrase.PART_MISSING(name[:60]))
        at, data = entry.header_offset, self.data
        if entry.encrypted:
            raise ReadError("F-02", Phrase.PACKAGE_LOCKED_PART)
        if data[at : at + 4] != b"PK\x03\x04":
            raise ReadError("F-02", Phrase.PACKAGE_INCOMPLETE)
        lengths = data[at + 26 : at + _LOCAL]  # of the name and of the extra field
        at += _LOCAL + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
        packed = data[at : at + entry.compress_size]
        if entry.compress_type == zipfile.ZIP_STORED:
            plain = packed
        elif entry.compress_type == zipfile.ZIP_DEFLATED:
            plain = _unpacked(packed, entry.file_size, name)
        else:
            raise ReadError("F-02", Phrase.ARCHIVE_METHOD)
        if len(plain) != entry.file_size or inflating.crc32(plain) != entry.crc:
            raise ReadError("F-02", Phrase.PART_DAMAGED(name[:60]))
        return plain


def _unpacked(packed: bytes, size: int, name: str) -> bytes:
    """Inflate a part, as `_inflated` does; many files have the same small parts."""
    return (_inflated if len(packed) < _SMALL else _inflated.__wrapped__)(packed, size, name)


@lru_cache(maxsize=128)
def _inflated(packed: bytes, size: int, name: str) -> bytes:
    """Inflate the part ``name``. Raises ReadError: F-02 if it is damaged, F-05 if it has more than
    ``size`` bytes.
    """
    # The entry may state a wrong size: reading one byte more is enough to notice.
    try:
        plain: bytes = inflating.decompressobj(-15).decompress(packed, size + 1)
    except (zlib.error, inflating.error):
        # What zlib does not find fault with is not damaged.
        try:
            plain = zlib.decompressobj(-15).decompress(packed, size + 1)
        except zlib.error as error:
            raise ReadError("F-02", Phrase.PART_DAMAGED(name[:60])) from error
    if len(plain) > size:
        raise ReadError("F-05", Phrase.PACKAGE_SIZE_WRONG)
    return plain


def _plain_directory(data: bytes) -> list[PackageEntry] | None:
    """The directory of a zip that is written as nearly every program does: at the end of the file,
    with names in ASCII; None for any other.
    """
    at = len(data) - _END.size
    if at < 0:
        return None
    mark, disk, first, here, count, size, start, comment = _END.unpack_from(data, at)
    plain = mark == b"PK\x05\x06" and not (disk or first or comment) and here == count
    if not plain or start + size != at or count > limits().entries:
        return None
    entries: list[PackageEntry] = []
    position = start
    for _ in range(count):
        if position + _ENTRY.size > at:
            return None
        fields = _ENTRY.unpack_from(data, position)
        mark, _, version, flags, method, _, _, crc, packed, full, *lengths = fields[:13]
        offset = fields[-1]
        position += _ENTRY.size
        name = data[position : position + lengths[0]]
        position += sum(lengths)  # of the name, the extra field and the note
        plain = mark == b"PK\x01\x02" and name.isascii() and b"\0" not in name
        if not plain or version > _VERSION or 0xFFFFFFFF in (packed, full, offset):
            return None
        text = name.decode()
        entries.append(
            PackageEntry(
                text, text, bool(flags & _UTF8), bool(flags & 1), method, crc, packed, full, offset
            )
        )
    return entries if position == at else None


def _directory(data: bytes) -> list[PackageEntry]:
    """The directory of any zip. Raises ReadError F-02 if it is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError) as error:
        raise ReadError("F-02", Phrase.PACKAGE_INCOMPLETE) from error
    return [
        PackageEntry(
            entry.filename,
            entry.orig_filename,
            bool(entry.flag_bits & _UTF8),
            bool(entry.flag_bits & 1),
            entry.compress_type,
            entry.CRC,
            entry.compress_size,
            entry.file_size,
            entry.header_offset,
        )
        for entry in entries
    ]


def weigh(size: int, packed: int) -> None:
    """Raise ReadError F-05 if a part with so many bytes, unpacked (``size``) and packed, is over a
    limit.
    """
    if size > limits().part * MB:
        raise over("part", Phrase.UNPACKED_PART(size // MB))
    if size > RATIO_FROM and size > limits().ratio * packed:
        raise over("ratio", Phrase.UNPACKED_PART_RATIO(size // max(packed, 1)))


_TRANSITIONAL: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT: Final = "http://purl.oclc.org/ooxml/wordprocessingml/main"
DOCUMENTS: Final = frozenset(f"{namespace} document" for namespace in (_TRANSITIONAL, _STRICT))
"""The root of a Word document's main part, as ``namespace name``."""

_USUAL: Final = "word/document.xml"  # its usual name; the relations decide


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A relation from one part to another. ``kind``: the last word of its type, such as
    ``worksheet``; ``part``: the name of the part that it refers to, which may be missing.
    """

    kind: str
    part: str


def relations(package: Package, part: str) -> dict[str, Relation]:
    """Return the relations of a part by id, without those that refer to something outside the
    package. For the relations of the package itself, ``part`` is empty.

    Raises ReadError F-02 if there are none, or they are damaged.
    """
    xml = package.read(relations_part(part))
    return dict((relations_in if len(xml) < _KEPT else relations_in.__wrapped__)(xml, part))


def relations_part(part: str) -> str:
    """Return the name of the part with the relations of ``part``."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", name + ".rels")


@lru_cache(maxsize=256)
def relations_in(xml: bytes, part: str) -> Mapping[str, Relation]:
    """Return the relations of ``part`` by id, from the XML that holds them, as ``relations`` does.
    Results are cached, because many files have the same small parts.
    """
    folder = posixpath.dirname(part)
    links: dict[str, Relation] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.endswith("Relationship") and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "").replace("\\", "/")
            full = target if target.startswith("/") else f"{folder}/{target}"
            if "." in full.partition("/")[0] or "./" in full:
                full = posixpath.normpath(full)
            kind = attributes.get("Type", "").rpartition("/")[2]
            links[attributes.get("Id", "")] = Relation(kind=kind, part=full.lstrip("/").lower())

    parse(xml, start=start)
    return links


def sound_relations(package: Package, part: str) -> dict[str, Relation]:
    """Return the relations of a part, by id, that refer to an existing part. Programs leave others
    behind, such as those of deleted pictures. If a part has no relations, or damaged ones, the
    result is empty. Raises ReadError F-05 over a limit.
    """
    try:
        links = relations(package, part)
    except ReadError as error:
        if error.code != "F-02":
            raise
        return {}
    return {key: link for key, link in links.items() if link.part in package.parts}


def main_part(package: Package, roots: frozenset[str]) -> str:
    """Return the name of a package's main part if its root element is one of ``roots``; else an
    empty string.

    Raises ReadError F-02 for damage, and if there are two such parts.
    """
    links = sound_relations(package, "").values()
    parts = dict.fromkeys(link.part for link in links if link.kind == "officeDocument")
    mains = [part for part in parts if _root(package, part) in roots]
    if len(mains) > 1:
        # Programs would show different documents.
        raise ReadError("F-02", Phrase.TWO_BODIES)
    return mains[0] if mains else ""


def word_part(package: Package) -> str:
    """Return the name of a Word document's main part: by the relations, whatever its name is, or
    else its usual name, even if that part is missing; an empty string for another kind of package.
    Raises ReadError as ``main_part``.
    """
    part = main_part(package, DOCUMENTS)
    return part or (_USUAL if any(name.startswith("word/") for name in package.parts) else "")


def _root(package: Package, part: str) -> str:
    """Return the root element of a part, as ``namespace name``; empty if the part is not XML."""
    xml = package.read(part)
    return _root_of(xml) if len(xml) < _KEPT else _root_of.__wrapped__(xml)


@lru_cache(maxsize=256)
def _root_of(xml: bytes) -> str:
    """Return the root element of XML as ``_root`` does; results are cached, because many files have
    the same small parts.
    """
    try:
        return root(xml)[0]
    except ReadError:
        return ""
