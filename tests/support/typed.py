"""Figures and words typed into a stored workbook, all else left as it is."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from io import BytesIO
from xml.sax.saxutils import escape

from support.containers import zip_

_CELL = re.compile(rb'<c r="([A-Z]+[0-9]+)"( s="[0-9]+")?(?: t="[A-Za-z]+")?(?:/>|>.*?</c>)')
_RESULT = re.compile(rb"(?<=</f>)<v>[^<]*</v>")


def typed(data: bytes, cells: Mapping[str, str | int | float], *, results: bool = True) -> bytes:
    """A workbook with something in blank cells or over totals, all else left as it is stored.

    ``cells``: what is typed by place ("表三!C5"). A text that begins with = is a formula whose
    result is its last number, one that begins with # an error. Without ``results`` the formulas
    of the workbook have none, as some programs save them.
    """
    with zipfile.ZipFile(BytesIO(data)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    names = re.findall('<sheet [^>]*name="([^"]+)"', parts["xl/workbook.xml"].decode())
    entries: dict[str, dict[bytes, str | int | float]] = {}
    for place, value in cells.items():
        sheet, _, address = place.rpartition("!")
        part = f"xl/worksheets/sheet{names.index(sheet) + 1}.xml"
        entries.setdefault(part, {})[address.encode()] = value
    for part, values in entries.items():

        def fill(cell: re.Match[bytes], values: dict[bytes, str | int | float] = values) -> bytes:
            value = values.pop(cell[1], None)
            return cell[0] if value is None else _cell(cell[1], cell[2] or b"", value)

        parts[part] = _CELL.sub(fill, parts[part])
        assert not values, f"{part} has no cells for {values}"
    if not results:
        parts |= {
            name: _RESULT.sub(b"", part) for name, part in parts.items() if "/worksheets/" in name
        }
    return zip_(parts)


def _cell(address: bytes, style: bytes, value: str | int | float) -> bytes:
    head = b'<c r="%b"%b' % (address, style)
    if not isinstance(value, str):
        return b"%b><v>%b</v></c>" % (head, str(value).encode())
    if value.startswith("#"):
        return b'%b t="e"><v>%b</v></c>' % (head, value.encode())
    if value.startswith("="):
        result = re.findall(r"[0-9]+", value)[-1]
        return f"{head.decode()}><f>{escape(value[1:])}</f><v>{result}</v></c>".encode()
    text = f'<is><t xml:space="preserve">{escape(value)}</t></is>'
    return f'{head.decode()} t="inlineStr">{text}</c>'.encode()
