"""Cells shown in an odd way, and what is to be made of them; and workbooks that hold them, written
part by part as .xlsx, record by record as .xlsb and .xls.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from support.hostile.ole import compound
from support.hostile.ooxml import record
from support.sheet_xml import HEAD, NS, packed, parts
from xltools.model.cells import PLAIN, Flag, Raw

Traits = frozenset[str]  # of a font: raised, lowered, struck, white
RAISED, LOWERED, STRUCK, WHITE = (
    frozenset({name}) for name in ("raised", "lowered", "struck", "white")
)
USUAL: Final[Traits] = frozenset()
FONTS: Final = (USUAL, RAISED, LOWERED, STRUCK, WHITE)
GROUNDS: Final = ("", "white", "dark")
Run = tuple[str, Traits | None]  # None: in the font of the cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A cell: its text by runs, or a number; how it is shown; the value and flag to be read."""

    runs: tuple[Run, ...] = ()
    number: float | None = None
    font: Traits = USUAL
    ground: str = ""
    code: str = "General"
    guide: str = ""
    value: Raw
    flag: Flag = PLAIN

    @property
    def style(self) -> tuple[Traits, str, str]:
        return self.font, self.ground, self.code


def text(*runs: Run, value: Raw, **more: object) -> Shown:
    return Shown(runs=runs, value=value, **more)  # type: ignore[arg-type]  # because of object


def number(value: Raw, given: float = 3, **more: object) -> Shown:
    return Shown(number=given, value=value, **more)  # type: ignore[arg-type]  # because of object


LONG = "本机关全年办理情况良好。" * 10
FONT_CASES: dict[str, Shown] = {
    "raised mark": text(
        ("1573179", None), ("1", RAISED), value="1573179", flag=Flag(mark="1")
    ),
    "lowered mark": text(("12", USUAL), ("注", LOWERED), value="12", flag=Flag(mark="注")),
    "mark in front": text(("①", RAISED), ("12", USUAL), value="12", flag=Flag(mark="①")),
    "two marks": text(
        ("1", RAISED), ("12", USUAL), ("2", RAISED), value="12", flag=Flag(mark="1 2")
    ),
    "old figure struck": text(
        ("77", STRUCK), ("254", USUAL), value="254", flag=Flag(unseen="77")
    ),
    "struck and marked": text(
        ("77", STRUCK), ("254", USUAL), ("1", RAISED), value="254",
        flag=Flag(unseen="77", mark="1"),
    ),
    "a mark on a struck figure": text(
        ("77", STRUCK), ("1", RAISED), value=None, flag=Flag(unseen="77 1")
    ),
    "raised behind a letter": text(("12m", USUAL), ("2", RAISED), value="12m2"),
    "every run struck": text(("7", STRUCK), ("7", STRUCK), value=None, flag=Flag(unseen="77")),
    "white beside": text(("12", USUAL), ("99", WHITE), value="12", flag=Flag(unseen="99")),
    "white beside on white": text(
        ("12", USUAL), ("99", WHITE), ground="white", value="12", flag=Flag(unseen="99")
    ),
    "white beside on dark": text(("12", WHITE), ("99", WHITE), ground="dark", value="1299"),
    "cell struck, a run not": text(
        ("77", None), ("254", USUAL), font=STRUCK, value="254", flag=Flag(unseen="77")
    ),
    "cell raised, a run not": text(
        ("1", None), ("254", USUAL), font=RAISED, value="254", flag=Flag(mark="1")
    ),
    "text raised as a whole": text(("254", None), font=RAISED, value="254"),
    "every run raised": text(("2", RAISED), ("54", RAISED), value="254"),
    "text struck as a whole": text(("77", None), font=STRUCK, value=None, flag=Flag(unseen="77")),
    "white text": text(("77", None), font=WHITE, value=None, flag=Flag(unseen="77")),
    "usual runs": text(("2", USUAL), ("54", None), value="254"),
    "a mark in prose is read": text((LONG, USUAL), ("2", RAISED), value=LONG),
    "guide": text(("九", None), guide="jiǔ", value="九", flag=Flag(mark="jiǔ")),
    "number struck": number(None, font=STRUCK, flag=Flag(unseen="3")),
    "number struck, a fraction": number(None, 2.5, font=STRUCK, flag=Flag(unseen="2.5")),
    "number raised": number(3.0, font=RAISED),
    "number white": number(None, font=WHITE, flag=Flag(unseen="3")),
    "number white on white": number(None, font=WHITE, ground="white", flag=Flag(unseen="3")),
    "number white on dark": number(3.0, font=WHITE, ground="dark"),
}  # fmt: skip
ODD_CODES = ("0%", '0"万件"', "#,##0,", ";;;", '0"万"0', '0.0,"万"', "0\\‰")
PLAIN_CODES = ("0", "0.00", "#,##0", "@", "#,##0.00_);(#,##0.00)")
FORMAT_CASES: dict[str, Shown] = {
    **{f"number as {code}": number(3.0, code=code, flag=Flag(format=code)) for code in ODD_CODES},
    **{f"number as {code}": number(3.0, code=code) for code in PLAIN_CODES},
    "text under a format of numbers": text(("3", None), code="0%", value="3"),
    "text under a format of text": text(
        ("3", None), code='@"万件"', value="3", flag=Flag(format='@"万件"')
    ),
    "text that is hidden": text(("3", None), code=";;;", value="3", flag=Flag(format=";;;")),
    "number in white by its format": number(None, code="[White]0", flag=Flag(unseen="3")),
    "struck, under an odd format": number(None, font=STRUCK, code="0%", flag=Flag(unseen="3")),
}
CASES = FONT_CASES | FORMAT_CASES


def styles_of(cells: Sequence[Shown]) -> list[tuple[Traits, str, str]]:
    """The styles that cells have, each once; the first is the usual one."""
    return list(dict.fromkeys([(USUAL, "", "General"), *(cell.style for cell in cells)]))


def _codes(cells: Sequence[Shown]) -> dict[str, int]:
    codes = dict.fromkeys(cell.code for cell in cells if cell.code != "General")
    return {"General": 0, **{code: n for n, code in enumerate(codes, 164)}}


# .xlsx


def _properties(traits: Traits) -> str:
    elements = {
        "raised": '<vertAlign val="superscript"/>',
        "lowered": '<vertAlign val="subscript"/>',
        "struck": "<strike/>",
        "white": '<color rgb="FFFFFFFF"/>',
    }
    return "".join(elements[trait] for trait in sorted(traits))


def _item(cell: Shown) -> str:
    runs = "".join(
        f"<r>{'' if font is None else f'<rPr>{_properties(font)}</rPr>'}<t>{escape(said)}</t></r>"
        for said, font in cell.runs
    )
    if len(cell.runs) == 1 and cell.runs[0][1] is None:
        runs = f"<t>{escape(cell.runs[0][0])}</t>"
    guide = f'<rPh sb="0" eb="1"><t>{escape(cell.guide)}</t></rPh>' if cell.guide else ""
    return runs + guide


def stylesheet(cells: Sequence[Shown]) -> str:
    fills = "".join(
        '<fill><patternFill patternType="none"/></fill>'
        if not ground
        else '<fill><patternFill patternType="solid">'
        f'<fgColor rgb="{"FFFFFFFF" if ground == "white" else "FF1F4E79"}"/></patternFill></fill>'
        for ground in GROUNDS
    )
    codes = _codes(cells)
    formats = "".join(
        f'<numFmt numFmtId="{n}" formatCode={quoteattr(code)}/>' for code, n in codes.items() if n
    )
    xfs = "".join(
        f'<xf numFmtId="{codes[code]}" fontId="{FONTS.index(font)}" '
        f'fillId="{GROUNDS.index(ground)}"/>'
        for font, ground, code in styles_of(cells)
    )
    fonts = "".join(f"<font>{_properties(font)}</font>" for font in FONTS)
    return (
        f'{HEAD}<styleSheet xmlns="{NS}"><numFmts>{formats}</numFmts><fonts>{fonts}</fonts>'
        f"<fills>{fills}</fills><borders><border/></borders>"
        f'<cellStyleXfs><xf numFmtId="0"/></cellStyleXfs><cellXfs>{xfs}</cellXfs>'
        "<dxfs><dxf><font><strike/></font></dxf></dxfs></styleSheet>"
    )


def xlsx(cells: Sequence[Shown], *, inline: bool = False, behind: str = "") -> bytes:
    """Cells one below the other in column A. ``inline``: their texts stand in the cells."""
    styles, rows, items = styles_of(cells), [], list[str]()
    for n, cell in enumerate(cells, 1):
        about = f'<c r="A{n}" s="{styles.index(cell.style)}"'
        if cell.number is not None:
            rows.append(f'<row r="{n}">{about}><v>{cell.number}</v></c></row>')
        elif inline:
            rows.append(f'<row r="{n}">{about} t="inlineStr"><is>{_item(cell)}</is></c></row>')
        else:
            rows.append(f'<row r="{n}">{about} t="s"><v>{len(items)}</v></c></row>')
            items.append(f"<si>{_item(cell)}</si>")
    made = parts(
        f'{HEAD}<worksheet xmlns="{NS}"><sheetData>{"".join(rows)}</sheetData>{behind}</worksheet>'
    )
    made["xl/styles.xml"] = stylesheet(cells)
    made["xl/sharedStrings.xml"] = f'{HEAD}<sst xmlns="{NS}">{"".join(items)}</sst>'
    return packed(made)


# .xlsb


def wide(said: str) -> bytes:
    units = said.encode("utf-16-le")
    return struct.pack("<I", len(units) // 2) + units


def _color(rgb: bytes) -> bytes:
    return struct.pack("<BBh", 5, 0, 0) + rgb + b"\xff"


def _rich(cell: Shown) -> bytes:
    """A text with its runs and its guide."""
    runs = [(n, font) for n, (_, font) in _starts(cell) if font is not None]
    made = bytes([bool(runs) | 2 * bool(cell.guide)]) + wide("".join(said for said, _ in cell.runs))
    if runs:
        made += struct.pack("<I", len(runs))
        made += b"".join(struct.pack("<HH", n, FONTS.index(font)) for n, font in runs)
    if cell.guide:
        made += wide(cell.guide) + struct.pack("<I", 0)
    return made


def _starts(cell: Shown) -> list[tuple[int, Run]]:
    """Runs, each with where it begins."""
    made, at = [], 0
    for run in cell.runs:
        made.append((at, run))
        at += len(run[0].encode("utf-16-le")) // 2
    return made


def xlsb(cells: Sequence[Shown], *, sheet: bytes = b"", behind: bytes = b"") -> bytes:
    """The same as an .xlsb. ``sheet``: more records of cells."""
    styles, codes, items, rows = styles_of(cells), _codes(cells), list[bytes](), sheet
    for n, cell in enumerate(cells):
        rows += record(0, struct.pack("<IIHHBI", n, 0, 300, 0, 0, 0))
        about = struct.pack("<II", 0, styles.index(cell.style))
        if cell.number is not None:
            rows += record(5, about + struct.pack("<d", cell.number))
        else:
            rows += record(7, about + struct.pack("<I", len(items)))
            items.append(record(19, _rich(cell)))
    fonts = b"".join(
        record(
            43,
            struct.pack(
                "<HHHHBBBB", 220, 8 * ("struck" in font), 400,
                1 if "raised" in font else 2 * ("lowered" in font), 0, 0, 0, 0,
            )
            + (_color(b"\xff\xff\xff") if "white" in font else bytes(8)) + b"\0" + wide("宋体"),
        )
        for font in FONTS
    )  # fmt: skip
    fills = b"".join(
        record(
            45,
            struct.pack("<I", bool(ground))
            + (_color(b"\xff\xff\xff") if ground == "white" else _color(b"\x1f\x4e\x79"))
            + bytes(8),
        )
        for ground in GROUNDS
    )
    formats = b"".join(
        record(44, struct.pack("<H", n) + wide(code)) for code, n in codes.items() if n
    )
    xfs = b"".join(
        record(
            47,
            struct.pack(
                "<HHHHHBBHH", 0xFFFF, codes[code], FONTS.index(font), GROUNDS.index(ground),
                0, 0, 0, 0, 0,
            ),
        )
        for font, ground, code in styles
    )  # fmt: skip
    contents = parts("")
    count = struct.pack("<I", len(styles))
    return packed(
        {
            "_rels/.rels": str(contents["_rels/.rels"]).replace(".xml", ".bin"),
            "[Content_Types].xml": contents["[Content_Types].xml"],
            "xl/_rels/workbook.bin.rels": str(contents["xl/_rels/workbook.xml.rels"]).replace(
                ".xml", ".bin"
            ),
            "xl/workbook.bin": record(131) + record(143)
            + record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("Sheet1"))
            + record(144) + record(132),
            "xl/sharedStrings.bin": record(159, struct.pack("<II", len(items), len(items)))
            + b"".join(items) + record(160),
            "xl/styles.bin": record(278) + formats + fonts + fills
            + record(626) + record(47, bytes(16)) + record(627)
            + record(617, count) + xfs + record(618) + record(279),
            "xl/worksheets/sheet1.bin": record(129)
            + record(148, struct.pack("<IIII", 0, len(cells), 0, 9))
            + record(145) + rows + record(146) + behind + record(130),
        }
    )  # fmt: skip


# .xls


def biff(code: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", code, len(body)) + body


def _font_number(font: Traits) -> int:
    """There is no font of the number 4."""
    number = FONTS.index(font)
    return number + (number > 3)


def xls(cells: Sequence[Shown], *, sheet: bytes = b"", cut: int = 8000, old: bool = False) -> bytes:
    """The same as the records of an .xls. ``sheet``: more records of cells; ``cut``: how many
    bytes of shared texts go into a record; ``old``: as of Excel 5, each text in its cell.
    """
    styles, codes = styles_of(cells), _codes(cells)
    version = struct.pack("<HHHH", 0x0500 if old else 0x0600, 5, 0x2000, 1997) + bytes(8)
    rows, items = sheet, list[tuple[bytes, bytes, bytes]]()
    for n, cell in enumerate(cells):
        about = struct.pack("<HHH", n, 0, styles.index(cell.style))
        if cell.number is not None:
            rows += biff(0x0203, about + struct.pack("<d", cell.number))
        elif old:
            said = "".join(said for said, _ in cell.runs).encode("gbk")
            runs = b"".join(
                bytes([len("".join(s for s, _ in cell.runs[:k]).encode("gbk")), _font_number(font)])
                for k, (_, font) in enumerate(cell.runs) if font is not None
            )  # fmt: skip
            rows += biff(
                0x00D6,
                about + struct.pack("<H", len(said)) + said + bytes([len(runs) // 2]) + runs,
            )
        else:
            rows += biff(0x00FD, about + struct.pack("<I", len(items)))
            items.append(_sst_item(cell))
    made = biff(0x0809, version) + biff(0x0042, struct.pack("<H", 936 if old else 1200))
    for font in FONTS:
        name = b"\4Song" if old else b"\2\1" + "宋体".encode("utf-16-le")
        made += biff(
            0x0031,
            struct.pack(
                "<HHHHHBBBB", 220, 8 * ("struck" in font), 9 if "white" in font else 0x7FFF, 400,
                1 if "raised" in font else 2 * ("lowered" in font), 0, 0, 134, 0,
            ) + name,
        )  # fmt: skip
    for code, n in codes.items():
        if n and old:
            said = code.encode("gbk")
            made += biff(0x041E, struct.pack("<HB", n, len(said)) + said)
        elif n:
            units = code.encode("utf-16-le")
            made += biff(0x041E, struct.pack("<HHB", n, len(units) // 2, 1) + units)
    for font, ground, code in styles:
        head = struct.pack("<HHH", _font_number(font), codes[code], 1)
        color = {"": 0x40, "white": 9, "dark": 18}[ground]
        if old:
            fill = struct.pack("<HHHH", color, bool(ground), 0, 0)
            made += biff(0x00E0, head + struct.pack("<H", 0) + fill)
        else:
            fill = struct.pack("<IIH", 0, bool(ground) << 26, color)
            made += biff(0x00E0, head + bytes(4) + fill)
    name = b"\x06Sheet1" if old else b"\x06\0Sheet1"
    tail = (b"" if old else _sst(items, cut)) + biff(0x000A)
    start = len(made) + 4 + 6 + len(name) + len(tail)
    made += biff(0x0085, struct.pack("<IH", start, 0) + name) + tail
    about = struct.pack("<HHHH", 0x0500 if old else 0x0600, 0x10, 0x2000, 1997) + bytes(8)
    whole = made + biff(0x0809, about) + rows + biff(0x000A)
    return compound({"Book" if old else "Workbook": whole + bytes(max(0, 5000 - len(whole)))})


def _sst_item(cell: Shown) -> tuple[bytes, bytes, bytes]:
    """A shared text: what stands before its characters, these, what stands behind."""
    said = "".join(said for said, _ in cell.runs)
    runs = [(n, font) for n, (_, font) in _starts(cell) if font is not None]
    narrow = said.isascii()
    guide = b""
    if cell.guide:
        count = len(cell.guide)
        guide = struct.pack("<HHHHHHH", 1, 10 + 2 * count, 0, 0, 1, count, count)
        guide += cell.guide.encode("utf-16-le") + bytes(6)
    head = struct.pack("<HB", len(said), (not narrow) | 8 * bool(runs) | 4 * bool(guide))
    head += struct.pack("<H", len(runs)) if runs else b""
    head += struct.pack("<I", len(guide)) if guide else b""
    places = b"".join(struct.pack("<HH", n, _font_number(font)) for n, font in runs)
    return head, said.encode("ascii" if narrow else "utf-16-le"), places + guide


def _sst(items: Sequence[tuple[bytes, bytes, bytes]], cut: int) -> bytes:
    """The shared texts in records of ``cut`` bytes, cut within characters if need be."""
    records, body = list[bytes](), struct.pack("<II", len(items), len(items))
    for head, said, behind in items:
        if len(body) + len(head) > cut:
            records, body = [*records, body], b""
        body += head
        left = said
        while len(body) + len(left) > cut:
            room = (cut - len(body)) // 2 * 2
            records, body = [*records, body + left[:room]], bytes([head[2] & 1])
            left = left[room:]
        body, left = body + left, behind
        while len(body) + len(left) > cut:
            room = (cut - len(body)) // 4 * 4
            records, body, left = [*records, body + left[:room]], b"", left[room:]
        body += left
    records.append(body)
    return b"".join(biff(0x003C if n else 0x00FC, content) for n, content in enumerate(records))
