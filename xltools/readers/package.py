"""Read the parts of a zip such as Office and OpenDocument files are, within limits that no honest
file exceeds; and the relations between those parts.
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from xltools.model.errors import ReadError
from xltools.model.limits import MB, limits, over
from xltools.model.wording import Phrase
from xltools.readers.markup import parse, root

RATIO_FROM: Final = 10 * MB  # up to this size a part may have any ratio of compression

_LOCAL: Final = 30  # bytes of a local file header before the name


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The parts of a zip. ``data``: the content of the zip; ``parts``: the directory entries by
    name. Names are in lower case, with forward slashes, and without a leading slash.
    """

    data: bytes
    parts: Mapping[str, zipfile.ZipInfo]

    @classmethod
    def of(cls, data: bytes) -> "Package":
        """Read the directory of a zip. Raises ReadError: F-02 if it is damaged, F-05 over a limit
        or if a part occurs twice.
        """
        # Counted before zipfile creates an object for each; the end record may state a wrong count.
        count = data.count(b"PK\x01\x02")
        if count > limits().entries:
            raise over("entries", Phrase.PACKAGE_ENTRIES(count))
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                entries = archive.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError) as error:
            raise ReadError("F-02", Phrase.PACKAGE_INCOMPLETE) from error
        parts: dict[str, zipfile.ZipInfo] = {}
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

    def read(self, name: str) -> bytes:
        """Unpack a part; upper and lower case do not matter in ``name``. Raises ReadError: F-02 if
        it is damaged or missing, F-05 if it is larger than its directory entry says.
        """
        entry = self.parts.get(name.lower())
        if entry is None:
            raise ReadError("F-02", Phrase.PART_MISSING(name[:60]))
        at, data = entry.header_offset, self.data
        if entry.flag_bits & 1:
            raise ReadError("F-02", Phrase.PACKAGE_LOCKED_PART)
        if data[at : at + 4] != b"PK\x03\x04":
            raise ReadError("F-02", Phrase.PACKAGE_INCOMPLETE)
        at += _LOCAL + sum(
            int.from_bytes(data[at + i : at + i + 2], "little")
            for i in (26, 28)  # lengths of the name and of the extra field
        )
        packed = data[at : at + entry.compress_size]
        if entry.compress_type == zipfile.ZIP_STORED:
            plain = packed
        elif entry.compress_type == zipfile.ZIP_DEFLATED:
            # The entry may state a wrong size: reading one byte more is enough to notice.
            inflater = zlib.decompressobj(-15)
            try:
                plain = inflater.decompress(packed, entry.file_size + 1)
            except zlib.error as error:
                raise ReadError("F-02", Phrase.PART_DAMAGED(name[:60])) from error
            if len(plain) > entry.file_size:
                raise ReadError("F-05", Phrase.PACKAGE_SIZE_WRONG)
        else:
            raise ReadError("F-02", Phrase.ARCHIVE_METHOD)
        if len(plain) != entry.file_size or zlib.crc32(plain) != entry.CRC:
            raise ReadError("F-02", Phrase.PART_DAMAGED(name[:60]))
        return plain


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
    folder, name = posixpath.split(part)
    links: dict[str, Relation] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.endswith("Relationship") and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "").replace("\\", "/")
            full = target if target.startswith("/") else f"{folder}/{target}"
            if "." in full.partition("/")[0] or "./" in full:
                full = posixpath.normpath(full)
            kind = attributes.get("Type", "").rpartition("/")[2]
            links[attributes.get("Id", "")] = Relation(kind=kind, part=full.lstrip("/").lower())

    parse(package.read(posixpath.join(folder, "_rels", name + ".rels")), start=start)
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
    try:
        return root(xml)[0]
    except ReadError:
        return ""
