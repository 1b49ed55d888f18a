"""Write many workbooks that differ in a few places: one workbook is made with marks in these places
(slots), and for each further one only what stands in the slots is written anew.

The parts of a workbook are compressed in pieces, and a piece is compressed again only if a slot in
it has another content than in the workbook before. Compressed pieces can be put one behind the
other: none refers to bytes of another, and each ends at the end of a byte (Z_SYNC_FLUSH of zlib).
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from typing import Final, Generic, TypeAlias, TypeVar
from xml.sax.saxutils import escape
from zipfile import BadZipFile, ZipFile, ZipInfo

SlotContent: TypeAlias = int | float | str
"""What stands in a slot: a number, or a text."""
Known = TypeVar("Known")
"""What the contents of slots are computed from."""

# Marks: characters for private use, and numbers that no figure has.
_MARK, _NUMBER = "\ue000{}\ue001", "1.{:06d}1E+300"
_PLACE = re.compile(
    ' t="str"(?=><f>[^<]*</f><v>\ue000(?P<type>[0-9]+)\ue001</v>)'
    '|(?<==")\ue000(?P<attribute>[0-9]+)\ue001(?=")'
    "|(?<=<v>)1\\.(?P<number>[0-9]{6})1E\\+300(?=</v>)"
    "|\ue000(?P<text>[0-9]+)\ue001"
)
_ERRORS: Final = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")
_ODD = re.compile(
    r"[\x00-\x1f\ud800-\udfff\ue000\ue001\ufffe\uffff]|_x[0-9A-Fa-f]{4}_|&G|&\[|^\s|\s$|^<r>"
)


class Slots(Generic[Known]):
    """The slots of a workbook that is being made. ``contents``: for each slot, by its number, a
    function that computes its content.
    """

    def __init__(self) -> None:
        self.contents: list[Callable[[Known], SlotContent]] = []

    def words(self, content: Callable[[Known], SlotContent]) -> str:
        """Add a slot; returns the mark to write to a cell with a formula as its value, to any
        other cell, or as any text of a sheet.
        """
        self.contents.append(content)
        return _MARK.format(len(self.contents) - 1)

    def number(self, content: Callable[[Known], int | float]) -> float:
        """Add a slot for a cell with a number and no formula; returns the mark to write to it."""
        self.contents.append(content)
        return float(_NUMBER.format(len(self.contents) - 1))

    def fill(self, known: Known) -> list[SlotContent]:
        """The contents of all slots."""
        return [content(known) for content in self.contents]


def stampable(text: str) -> bool:
    """Whether a name may be the content of a slot. XlsxWriter writes blanks at the ends of a text
    and control characters in a way of its own, and a few texts mean something to it.
    """
    return 0 < len(text) <= 255 and not _ODD.search(text)


def _type(content: SlotContent) -> bytes:
    """The attribute of a cell with a formula whose value is ``content``. XlsxWriter writes none for
    an empty text, so that programs compute the formula.
    """
    if not isinstance(content, str) or not content:
        return b""
    return b' t="e"' if content in _ERRORS else b' t="str"'


def _attribute(content: SlotContent) -> bytes:
    """A content as the value of an attribute."""
    return escape(str(content), {'"': "&quot;", "\n": "&#xA;"}).encode()


def _number(content: SlotContent) -> bytes:
    """A content as the number in a cell without formula, with the digits that XlsxWriter gives."""
    return f"{content:.16G}".encode()


def _text(content: SlotContent) -> bytes:
    """A content as the text of an element, such as the value of a formula."""
    return escape(content).encode() if isinstance(content, str) else str(content).encode()


_WRITE: Final = {"type": _type, "attribute": _attribute, "number": _number, "text": _text}


@dataclass(frozen=True, slots=True)
class _StampPlace:
    """A place in a part of the workbook where the content of a slot stands. ``write``: gives the
    content as it is written there. A slot may stand in several places.
    """

    slot: int
    write: Callable[[SlotContent], bytes]


_GAP, _SHORT_GAP, _FEW = 2048, 128, 4
"""Bytes from which on what lies between two places that differ is a piece of its own; the second is
for parts with no more such places than the third. The shorter the pieces, the less is compressed
again, and the larger a file."""
_SMALL: Final = 128  # bytes that are stored rather than compressed
_OFTEN, _ONCE = 4, 9  # levels of compression of pieces that differ, and of all others


@dataclass(slots=True)
class _Piece:
    """Consecutive bytes of a part. ``texts``: the constant ones before, between and behind its
    places; ``first``: the number of its first place among those of the workbook; ``level``: how
    well it is compressed, as zlib has it.

    Of the last workbook: ``plain``: the whole of it; ``deflated``: this compressed; ``crc``: the
    CRC of the part up to its end. ``stale``: whether the content of a slot has changed since.
    """

    texts: Sequence[bytes]
    first: int
    level: int
    plain: bytes = b""
    deflated: bytes = b""
    crc: int = 0
    stale: bool = True

    def fill(self, written: Sequence[bytes]) -> None:
        """Make the piece anew. ``written``: what stands in all places of the workbook."""
        last = self.first + len(self.texts) - 1
        pairs = zip(written[self.first : last], self.texts[1:], strict=True)
        self.plain = self.texts[0] + b"".join(content + text for content, text in pairs)
        self.deflated = _deflated(self.plain, self.level)


def _deflated(plain: bytes, level: int) -> bytes:
    """Bytes as part of a compressed stream that goes on behind them; ``level``: of compression."""
    if len(plain) <= _SMALL:
        return struct.pack("<BHH", 0, len(plain), 0xFFFF ^ len(plain)) + plain
    # A window no larger than needed: zlib takes 40 µs to set up its largest.
    window = min(15, max(9, len(plain).bit_length()))
    compressor = zlib.compressobj(level, zlib.DEFLATED, -window, max(1, window - 7))
    return compressor.compress(plain) + compressor.flush(zlib.Z_SYNC_FLUSH)


_END: Final = b"\x03\x00"  # an empty last block, which ends a compressed stream
_LOCAL: Final = struct.Struct("<4s5H3L2H")  # of a zip: the header of an entry without its name,
_CENTRAL: Final = struct.Struct("<4s2B5H3L5HL")  # the same in the directory without the offset,
_END_RECORD: Final = struct.Struct("<4s4H2LH")  # and the end record
_DAY: Final = 1 << 5 | 1  # 1 January 1980, as XlsxWriter has it


class _StampEntry:
    """An entry of the zip. ``pieces``: those of a part with slots, none for another part.

    ``local``: its header and compressed bytes in the last workbook.
    """

    def __init__(self, info: ZipInfo, data: bytes, pieces: Sequence[_Piece] = ()) -> None:
        self.pieces = pieces
        self._name = info.orig_filename.encode()
        self._attributes = info.external_attr
        if not pieces:
            self._pack(info.CRC, info.file_size, data)

    def fill(self, written: Sequence[bytes]) -> None:
        """Make all stale pieces anew and put the part together. ``written``: what stands in all
        places of the workbook.
        """
        crc, changed = 0, False
        for piece in self.pieces:
            if piece.stale:
                piece.fill(written)
            if piece.stale or changed:
                piece.crc, piece.stale, changed = zlib.crc32(piece.plain, crc), False, True
            crc = piece.crc
        size = sum(len(piece.plain) for piece in self.pieces)
        self._pack(crc, size, b"".join((*(piece.deflated for piece in self.pieces), _END)))

    def _pack(self, crc: int, size: int, data: bytes) -> None:
        """Set the content of the entry. ``crc``, ``size``: of the part; ``data``: it compressed."""
        common = (20, 0, zlib.DEFLATED, 0, _DAY, crc, len(data), size, len(self._name), 0)
        self.local = b"".join((_LOCAL.pack(b"PK\3\4", *common), self._name, data))
        self._listed = _CENTRAL.pack(b"PK\1\2", 20, 3, *common, 0, 0, 0, self._attributes)

    def central(self, offset: int) -> bytes:
        """The entry in the zip's directory. ``offset``: where its header is in the file."""
        return self._listed + offset.to_bytes(4, "little") + self._name


class Stamp:
    """A workbook from which further ones are made, that differ in what stands in its slots.

    ``package``: the workbook with the marks of its `Slots`. ``samples``: contents of the slots, of
    at least two workbooks. They decide nothing but how the parts are cut into pieces.
    """

    def __init__(self, package: bytes, samples: Sequence[Sequence[SlotContent]]) -> None:
        self._places: list[_StampPlace] = []
        self._entries: list[_StampEntry] = []
        with ZipFile(BytesIO(package)) as archive:
            for info in archive.infolist():
                self._add(info, archive.read(info), package, samples)
        self._contents = samples[-1]
        self._written = [place.write(self._contents[place.slot]) for place in self._places]
        self._where: list[list[tuple[int, _Piece, _StampEntry]]] = [[] for _ in self._contents]
        for entry in self._entries:
            for piece in entry.pieces:
                for number in range(piece.first, piece.first + len(piece.texts) - 1):
                    self._where[self._places[number].slot].append((number, piece, entry))
            if entry.pieces:
                entry.fill(self._written)

    def _add(
        self, info: ZipInfo, part: bytes, package: bytes, samples: Sequence[Sequence[SlotContent]]
    ) -> None:
        """Add an entry of the zip. ``part``: its content."""
        first, texts, end = len(self._places), [], 0
        text = part.decode()
        for match in _PLACE.finditer(text):
            kind = match.lastgroup or ""
            self._places.append(_StampPlace(int(match[kind]), _WRITE[kind]))
            texts.append(text[end : match.start()].encode())
            end = match.end()
        texts.append(text[end:].encode())
        pieces = tuple(_cut(texts, first, self._differ(samples, first))) if end else ()
        start = info.header_offset + _LOCAL.size + len(info.orig_filename)
        self._entries.append(_StampEntry(info, package[start : start + info.compress_size], pieces))

    def _differ(self, samples: Sequence[Sequence[SlotContent]], first: int) -> list[bool]:
        """For each place from number ``first`` on, whether the samples differ there."""
        return [
            len({place.write(sample[place.slot]) for sample in samples}) > 1
            for place in self._places[first:]
        ]

    def filled(self, contents: Sequence[SlotContent]) -> bytes:
        """The workbook with these contents of its slots."""
        entries: dict[_StampEntry, None] = {}  # those to be made anew
        for slot, (content, former) in enumerate(zip(contents, self._contents, strict=True)):
            if content == former and type(content) is type(former):
                continue  # 1 and 1.0 are equal, but not written alike
            for number, piece, entry in self._where[slot]:
                self._written[number] = self._places[number].write(content)
                piece.stale = True
                entries[entry] = None
        self._contents = contents
        for entry in entries:
            entry.fill(self._written)
        offset, directory = 0, []
        for entry in self._entries:
            directory.append(entry.central(offset))
            offset += len(entry.local)
        count, listing = len(self._entries), b"".join(directory)
        end = _END_RECORD.pack(b"PK\5\6", 0, 0, count, count, len(listing), offset, 0)
        return b"".join((*(entry.local for entry in self._entries), listing, end))


def _cut(texts: Sequence[bytes], first: int, differ: Sequence[bool]) -> Iterator[_Piece]:
    """Cut a part into pieces. ``texts``: its constant bytes, before, between and behind its places,
    the first of which has the number ``first``; ``differ``: for each place, whether samples differ
    there.
    """
    last = len(texts) - 1
    lively = [place for place, differs in enumerate(differ) if differs]
    gap = _SHORT_GAP if len(lively) <= _FEW else _GAP
    # Texts and places are counted in turn here: text n is 2n, place n is 2n + 1.
    cuts = {0, 2 * last + 1}
    for left, right in pairwise((-1, *lively, last)):
        if sum(map(len, texts[left + 1 : right + 1])) >= gap:
            cuts |= {2 * left + 2, 2 * right + 1}
    for start, end in pairwise(sorted(cuts)):
        inner = texts[(start + 1) // 2 : (end + 1) // 2]
        before = [b""] if start % 2 else []
        behind = [] if end % 2 else [b""]
        level = _OFTEN if any(differ[start // 2 : end // 2]) else _ONCE
        yield _Piece((*before, *inner, *behind), first + start // 2, level)


def same_parts(package: bytes, other: bytes) -> bool:
    """Whether two workbooks have parts with the same names and contents in the same order, however
    these are compressed; False where one is no zip.
    """
    if package == other:
        return True
    try:
        with ZipFile(BytesIO(package)) as first, ZipFile(BytesIO(other)) as second:
            # Sizes come first: what is read then is no larger than our own workbook.
            return _listing(first) == _listing(second) and all(
                first.read(name) == second.read(name) for name in first.namelist()
            )
    except (BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError):
        return False


def _listing(archive: ZipFile) -> list[tuple[str, int, int]]:
    """Name, size and CRC of each entry."""
    return [(info.filename, info.file_size, info.CRC) for info in archive.infolist()]
