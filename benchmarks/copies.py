"""True saves multiplied: the save of one return with the cells of another one in it.

A save is cut at its cells, once. For another return each cell gets what it would show, written in
the way of the program that saved it; all between the cells stays, byte for byte. What formulas
show comes from the generator, which gives every formula its value for any figures. So a copy is
the file that the program itself would have saved; a test compares the two.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Final, TypeAlias
from uuid import UUID
from xml.sax.saxutils import escape, unescape

from benchmarks.returns import LAYOUT, FilledReturn, typed
from benchmarks.saves import PASSWORD
from xltools.layout.places import TEXT_SHEET
from xltools.model.identity import COVER
from xltools.model.text import columns
from xltools.template.build import build

VERSION: Final = 1
"""To be raised whenever copies come out differently, so that none of before is used."""

Value: TypeAlias = str | int | float | None
Values: TypeAlias = Mapping[tuple[str, str], Value]  # by part of the sheet and address

_CELL: Final = re.compile(
    rb'<c r="(?P<at>[A-Z]+[0-9]+)"(?P<style>(?: s="[0-9]+")?)(?: t="(?P<type>[A-Za-z]+)")?'
    rb"(?:/>|>(?P<body>.*?)</c>)",
    re.DOTALL,
)
_FORMULA: Final = re.compile(rb"<f[ >].*?</f>|<f>.*?</f>", re.DOTALL)
_VALUE: Final = re.compile(rb"<v[^>]*>([^<]*)</v>|<t[^>]*>([^<]*)</t>")
_SHEET: Final = re.compile(r"xl/worksheets/sheet[0-9]+\.xml")
_STRINGS: Final = "xl/sharedStrings.xml"
_HEIGHT: Final = re.compile(rb'(?<= ht=")[0-9.]+(?=" [^>]*>$)')
_LINE: Final = 86  # narrow characters to a line of 文字
_GUID: Final = re.compile(rb'(?<=xr:uid="\{)[0-9A-F-]{36}(?=\}")')


def escaped(text: str) -> bytes:
    return escape(text).encode()


def referenced(text: str) -> bytes:
    """As openpyxl writes it: characters beyond ASCII by their numbers."""
    return escape(text).encode("ascii", "xmlcharrefreplace")


# How each program writes a cell: blank, with a number, with a text (by its number in the table, or
# the text itself), and a formula with its result.


def _libreoffice(head: bytes, formula: bytes, value: Value, index: int) -> bytes:
    if value is None:
        return b'%b t="str">%b<v></v></c>' % (head, formula) if formula else head + b"/>"
    if isinstance(value, str):
        if not formula:
            return b'%b t="s"><v>%d</v></c>' % (head, index)
        return b'%b t="str">%b<v>%b</v></c>' % (head, formula, escaped(value))
    return b'%b t="n">%b<v>%b</v></c>' % (head, formula, shown(value))


def _onlyoffice(head: bytes, formula: bytes, value: Value, index: int) -> bytes:
    if value is None:
        return b'%b t="str">%b<v></v></c>' % (head, formula) if formula else head + b"/>"
    if isinstance(value, str):
        if not formula:
            return b'%b t="s"><v>%d</v></c>' % (head, index)
        space = b' xml:space="preserve"' if " " in value else b""
        return b'%b t="str">%b<v%b>%b</v></c>' % (head, formula, space, escaped(value))
    return b"%b>%b<v>%b</v></c>" % (head, formula, shown(value))


def _openpyxl(head: bytes, formula: bytes, value: Value, index: int) -> bytes:
    if formula:
        return b"%b>%b<v></v></c>" % (head, formula)
    if value is None:
        return head + b' t="n"></c>'
    if isinstance(value, str):
        return b'%b t="inlineStr"><is><t>%b</t></is></c>' % (head, referenced(value))
    return b'%b t="n"><v>%b</v></c>' % (head, f"{value:.16g}".encode())


CELL_WRITERS: Final = {
    "LibreOffice": _libreoffice,
    "openpyxl": _openpyxl,
    "ONLYOFFICE": _onlyoffice,
}


def shown(value: int | float) -> bytes:
    return str(int(value) if value == int(value) else value).encode()


def _string(writer: str, text: str) -> bytes:
    """An entry of the table of shared strings."""
    if writer == "LibreOffice":
        return b'<si><t xml:space="preserve">%b</t></si>' % escaped(text).replace(b"\n", b"&#10;")
    space = b' xml:space="preserve"' if " " in text or "\n" in text else b""
    return b"<si><t%b>%b</t></si>" % (space, escaped(text).replace(b"\n", b"&#xA;"))


def _height(text: str) -> bytes:
    """The height that LibreOffice gives to a row of 文字, by the lines of its paragraph."""
    if not text:
        return b"15"
    lines = -(-columns(text) // _LINE)
    return f"{(1640 + (lines - 1) * 1492.5) // 5 * 5 / 100:g}".encode()


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a save: the bytes up to its style, its formula, what it holds, and all of it."""

    key: tuple[str, str]
    head: bytes
    formula: bytes
    value: Value
    raw: bytes
    shared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of a zip: as it is listed, and its bytes as they are stored."""

    info: zipfile.ZipInfo
    stored: bytes
    data: bytes


class Mould:
    """A true save, cut at its cells. ``path``: the file; ``writer``: the program that saved it;
    ``filled``: the return that it holds.
    """

    def __init__(self, path: Path, writer: str, filled: FilledReturn) -> None:
        self.writer = writer
        self.unit = filled.unit.name
        self.wrong = filled.wrong
        self.entries = list(_entries(path))
        data = {entry.info.filename: entry.data for entry in self.entries}
        self.strings = _strings(data[_STRINGS]) if _STRINGS in data else []
        self.sheets = {
            name: self._cut(name, part) for name, part in data.items() if _SHEET.fullmatch(name)
        }
        # Cells that the program shows otherwise than the generator says keep what they show.
        ours = values_of(filled)
        cells = [c for pieces in self.sheets.values() for c in pieces if isinstance(c, Cell)]
        self.ours = ours
        self.differing = {
            cell.key
            for cell in cells
            if cell.formula and writer != "openpyxl" and not same(cell.value, ours.get(cell.key))
        }

        rows = [row for p in LAYOUT.texts for row in range(p.first, p.last + 1)]
        part = _part(TEXT_SHEET)
        self.growing = {(part, f"A{row + 1}") for row in rows} if writer == "LibreOffice" else set()
        missing = {key for key, value in ours.items() if value is not None}
        missing -= {cell.key for cell in cells}
        assert not missing, f"{path} has no cells {sorted(missing)[:9]}"

    def _cut(self, name: str, part: bytes) -> list[bytes | Cell]:
        """A sheet as bytes and cells in turn."""
        pieces: list[bytes | Cell] = []
        last = 0
        for match in _CELL.finditer(part):
            pieces.append(part[last : match.start()])
            body, last = match["body"] or b"", match.end()
            formula = _FORMULA.match(body)
            value: Value = None
            if (found := _VALUE.search(body, formula.end() if formula else 0)) is not None:
                text = unescape(_characters(found[1] if found[1] is not None else found[2]))
                if match["type"] == b"s":
                    value = self.strings[int(text)]
                elif match["type"] in (b"str", b"inlineStr", b"e"):
                    value = text
                elif text:
                    value = float(text)
            pieces.append(
                Cell(
                    key=(name, match["at"].decode()),
                    head=b'<c r="%b"%b' % (match["at"], match["style"]),
                    formula=formula[0] if formula else b"",
                    value=value,
                    raw=match[0],
                    shared=match["type"] == b"s",
                )
            )
        return [*pieces, part[last:]]

    def copy(self, filled: FilledReturn, values: Values) -> bytes:
        """The file that the program would have saved for another return. ``values``: what the
        generator shows for it.
        """
        write = CELL_WRITERS[self.writer]
        rename = self._renamer(filled)
        wrong: dict[Value, Value] = dict(
            zip(self.wrong.values(), filled.wrong.values(), strict=False)
        )
        index: dict[str, int] = {}
        count = 0
        parts: dict[str, bytes] = {}
        for name in sorted(self.sheets, key=_number):
            out: list[bytes] = []
            for piece in self.sheets[name]:
                if isinstance(piece, bytes):
                    out.append(rename(piece))
                    continue
                value = piece.value
                if piece.key in self.differing:
                    value = wrong.get(value, value)
                else:
                    value = values.get(piece.key) if piece.key in self.ours else value
                if piece.key in self.growing:
                    out[-1] = _HEIGHT.sub(_height(str(value or "")), out[-1])
                if isinstance(value, str) and not piece.formula and self.strings:
                    count += 1
                    at = index.setdefault(value, len(index))
                    out.append(write(piece.head, b"", value, at))
                elif same(value, piece.value) and not piece.shared:
                    out.append(piece.raw)
                else:
                    out.append(write(piece.head, piece.formula, value, 0))
            parts[name] = b"".join(out)
        if self.strings:
            parts[_STRINGS] = self._table(list(index), count)
        return _packed(self.entries, parts)

    def _renamer(self, filled: FilledReturn) -> "Renamer":
        return Renamer(
            old=_coded(self.writer, self.unit), new=_coded(self.writer, filled.unit.name),
            guids=Random(filled.unit.code) if self.writer == "ONLYOFFICE" else None,
        )  # fmt: skip

    def _table(self, strings: list[str], count: int) -> bytes:
        """The table of shared strings, each in the order in which the cells first show it."""
        (data,) = (e.data for e in self.entries if e.info.filename == _STRINGS)
        head, _, _ = data.partition(b"<si>")
        used = count if self.writer == "LibreOffice" else len(strings)
        head = re.sub(rb' count="[0-9]+"', b' count="%d"' % used, head)
        head = re.sub(rb' uniqueCount="[0-9]+"', b' uniqueCount="%d"' % len(strings), head)
        return head + b"".join(_string(self.writer, s) for s in strings) + b"</sst>"


@dataclass(slots=True)
class Renamer:
    """Gives what stands between cells its unit, and new random identifiers where the program
    draws them with each save.
    """

    old: bytes
    new: bytes
    guids: Random | None

    def __call__(self, piece: bytes) -> bytes:
        if len(piece) < 200:
            return piece
        piece = piece.replace(self.old, self.new)
        if self.guids is not None:
            piece = _GUID.sub(self._guid, piece)
        return piece

    def _guid(self, _: re.Match[bytes]) -> bytes:
        assert self.guids is not None
        return str(UUID(int=self.guids.getrandbits(128), version=4)).upper().encode()


def restyled(path: Path, structure: int) -> bytes:
    """A return with bytes of its own in every row: its styles are numbered anew, and every row has
    a height of its own. ``structure``: a number from which both follow.
    """
    entries = list(_entries(path))
    data = {entry.info.filename: entry.data for entry in entries}
    styles = data["xl/styles.xml"]
    start, end = styles.index(b"<cellXfs"), styles.index(b"</cellXfs>")
    head, _, rest = styles[start:end].partition(b">")
    formats = re.findall(rb"<xf .*?(?:/>|</xf>)(?=<xf |$)", rest, re.DOTALL)
    rng = Random(f"styles {structure}")
    # Among three times as many, which are not used; the first one is that of cells without a style.
    places = [0, *rng.sample(range(1, 3 * len(formats)), len(formats) - 1)]
    renumbered = [formats[0]] * (3 * len(formats))
    for old, new in enumerate(places):
        renumbered[new] = formats[old]
    head = re.sub(rb'count="[0-9]+"', b'count="%d"' % len(renumbered), head)
    styles = styles[:start] + head + b">" + b"".join(renumbered) + styles[end:]

    def numbered(match: re.Match[bytes]) -> bytes:
        return b'%b s="%d"' % (match[1], places[int(match[2])])

    def higher(match: re.Match[bytes]) -> bytes:
        height = float(found[1]) if (found := re.search(rb' ht="([0-9.]+)"', match[0])) else 15
        rest = re.sub(rb' ht="[0-9.]+"| customHeight="[a-z0-9]+"', b"", match[0])
        yes = b"true" if b'"false"' in match[0] else b"1"
        height += structure / 100_000
        return b'%b ht="%.5f" customHeight="%b">' % (rest[:-1], height, yes)

    parts = {"xl/styles.xml": styles}
    for name, part in data.items():
        if _SHEET.fullmatch(name):
            sheet = re.sub(rb'(<c r="[A-Z]+[0-9]+") s="([0-9]+)"', numbered, part)
            parts[name] = re.sub(rb"<row [^>]*>", higher, sheet)
    return _packed(entries, parts)


def _packed(entries: Sequence[Entry], parts: Mapping[str, bytes]) -> bytes:
    """The zip: changed parts deflated anew, the others as they are stored."""
    body, listed = bytearray(), bytearray()
    for entry in entries:
        info, data, stored = entry.info, entry.data, entry.stored
        if info.filename in parts and parts[info.filename] != data:
            data = parts[info.filename]
            stored = deflated(data) if info.compress_type else data
        _append(body, listed, info, zlib.crc32(data), stored, len(data))
    number = len(entries)
    end = struct.pack("<HHHHIIH", 0, 0, number, number, len(listed), len(body), 0)
    return bytes(body + listed) + b"PK\5\6" + end


def deflated(data: bytes) -> bytes:
    """As all three programs do it: zlib at its default level."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def _append(
    body: bytearray, listed: bytearray, info: zipfile.ZipInfo, crc: int, stored: bytes, size: int
) -> None:
    """An entry at the end of a zip, its headers as the program writes them."""
    name = info.filename.encode()
    year, month, day, hour, minute, second = info.date_time
    date = (year - 1980) << 9 | month << 5 | day
    time = hour << 11 | minute << 5 | second // 2
    later = bool(info.flag_bits & 8)
    sizes = (crc, len(stored), size)
    common = (info.flag_bits, info.compress_type, time, date)
    local = (0, 0, 0) if later else sizes
    at = len(body)
    body += b"PK\3\4" + struct.pack(
        "<HHHHHIIIHH", info.extract_version, *common, *local, len(name), 0
    )
    body += name + stored
    if later:
        body += b"PK\7\10" + struct.pack("<III", *sizes)
    listed += b"PK\1\2" + struct.pack(
        "<BBHHHHHIIIHHHHHII", info.create_version, info.create_system, info.extract_version,
        *common, *sizes, len(name), 0, 0, 0, info.internal_attr, info.external_attr, at,
    ) + name  # fmt: skip


def _entries(path: Path) -> Iterator[Entry]:
    raw = path.read_bytes()
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        for info in archive.infolist():
            name, extra = struct.unpack_from("<HH", raw, info.header_offset + 26)
            start = info.header_offset + 30 + name + extra
            stored = raw[start : start + info.compress_size]
            yield Entry(info=info, stored=stored, data=archive.read(info))


def _strings(part: bytes) -> list[str]:
    found = re.findall(rb"<si><t(?: xml:space=\"preserve\")?>([^<]*)</t></si>|<si><t/></si>", part)
    assert len(found) == part.count(b"<si>"), "a string with runs"
    return [unescape(_characters(text)) for text in found]


def _characters(text: bytes) -> str:
    """A text of XML with its character references resolved."""
    found = re.sub(r"&#([0-9]+);", lambda m: chr(int(m[1])), text.decode())
    return unescape(found, {"&apos;": "'", "&quot;": '"'})


def _coded(writer: str, text: str) -> bytes:
    return referenced(text) if writer == "openpyxl" else escaped(text)


def _number(name: str) -> int:
    return int(re.sub(r"\D", "", name))


def same(one: Value, other: Value) -> bool:
    """Whether two cells show the same; a number to fifteen digits, and nothing is no text."""
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= 1e-9 * max(1, abs(one))
    return (one if one != "" else None) == (other if other != "" else None)


def values_of(filled: FilledReturn) -> dict[tuple[str, str], Value]:
    """What every cell of a return shows, by part and address; of cells with a mistake in them,
    what is typed.
    """
    book = build(LAYOUT, filled.subject(), PASSWORD)
    with zipfile.ZipFile(BytesIO(book)) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    strings = _strings(parts[_STRINGS])
    values: dict[tuple[str, str], Value] = {}
    for name, part in parts.items():
        if not _SHEET.fullmatch(name):
            continue
        for match in _CELL.finditer(part):
            value: Value = None
            body = match["body"] or b""
            formula = _FORMULA.match(body)
            if (found := _VALUE.search(body, formula.end() if formula else 0)) is not None:
                text = _characters(found[1] if found[1] is not None else found[2])
                if match["type"] == b"s":
                    value = strings[int(text)]
                elif match["type"] in (b"str", b"inlineStr"):
                    value = text
                elif text:
                    value = float(text)
            values[name, match["at"].decode()] = value
    if filled.wrong:
        cells = typed(filled)
        for item in filled.wrong:
            at = LAYOUT.address(item)
            values[_part(at.sheet), at.a1] = cells[str(at)]
    return values


@cache
def _part(sheet: str) -> str:
    """The part of a sheet of the template; all three programs keep the order of the sheets."""
    names = [COVER, *(t.sheet for t in LAYOUT.tables), TEXT_SHEET]
    return f"xl/worksheets/sheet{names.index(sheet) + 1}.xml"
