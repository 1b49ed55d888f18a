"""Compound files (OLE) and the records of an .xls in them."""

import struct
from collections.abc import Mapping, Sequence

SECTOR = 512
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def compound(
    streams: Mapping[str, bytes],
    *,
    loop: bool = False,
    fats: int | None = None,
    size: int | None = None,
) -> bytes:
    """A compound file of these streams, each padded so that it needs no small sectors.

    ``loop``: the chain of the first stream leads back to its beginning. ``fats``: how many
    sectors of the allocation table the header claims; ``size``: of the first stream likewise.
    """
    padded = [d.ljust(max(4096, -(-len(d) // SECTOR) * SECTOR), b"\0") for d in streams.values()]
    folders = -(-(len(padded) + 1) // 4)
    needed = folders + sum(len(d) // SECTOR for d in padded)
    tables = 1
    while tables * (SECTOR // 4) < tables + needed:
        tables += 1
    chain = [FAT] * tables + _run(tables, folders)
    starts = []
    for data in padded:
        starts.append(len(chain))
        chain += _run(len(chain), len(data) // SECTOR)
    if loop:
        chain[starts[0] + len(padded[0]) // SECTOR - 1] = starts[0]
    chain += [FREE] * (tables * (SECTOR // 4) - len(chain))
    directory = _entry("Root Entry", 5, FREE, 1, END, 0)
    for n, (name, data) in enumerate(zip(streams, padded, strict=True), 1):
        after = n + 1 if n < len(padded) else FREE
        told = size if size is not None and n == 1 else len(data)
        directory += _entry(name, 2, after, FREE, starts[n - 1], told)
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    claimed = tables if fats is None else fats
    header += struct.pack("<9I", 0, claimed, tables, 0, 4096, END, 0, END, 0)
    header += struct.pack("<109I", *range(tables), *[FREE] * (109 - tables))
    whole = header + struct.pack(f"<{len(chain)}I", *chain)
    return whole + directory.ljust(folders * SECTOR, b"\0") + b"".join(padded)


def _run(start: int, length: int) -> list[int]:
    """A chain of sectors one after the other."""
    return [*range(start + 1, start + length), END]


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    wide = name.encode("utf-16-le") + b"\0\0"
    head = wide.ljust(64, b"\0") + struct.pack("<HBBIII", len(wide), kind, 1, FREE, right, child)
    return head + bytes(36) + struct.pack("<IQ", start, size)


def record(code: int, body: bytes = b"") -> bytes:
    """A record of an .xls."""
    return struct.pack("<HH", code, len(body)) + body


Cells = Sequence[tuple[int, int, float]]  # row, column, number


def workbook(sheets: Mapping[str, Cells], *, more: bytes = b"") -> bytes:
    """The stream of an .xls with these sheets; ``more`` records stand before them."""
    bodies = []
    for cells in sheets.values():
        rows, cols = [c[0] for c in cells], [c[1] for c in cells]
        body = record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
        extent = (min(rows), max(rows) + 1, min(cols), min(max(cols) + 1, 65535), 0)
        body += record(0x200, struct.pack("<IIHHH", *extent))
        for row, col, value in cells:
            body += record(0x203, struct.pack("<HHHd", row, col, 0, value))
        bodies.append(body + record(0x0A))
    head = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
    head += record(0x42, struct.pack("<H", 1200)) + more
    at = len(head) + sum(12 + 2 * len(name) for name in sheets) + 4
    for name, body in zip(sheets, bodies, strict=True):
        told = struct.pack("<IBBBB", at, 0, 0, len(name), 1) + name.encode("utf-16-le")
        head += record(0x85, told)
        at += len(body)
    return head + record(0x0A) + b"".join(bodies)


def xls(sheets: Mapping[str, Cells], *, more: bytes = b"") -> bytes:
    """A whole .xls."""
    return compound({"Workbook": workbook(sheets, more=more)})


ONE = {"S": [(0, 0, 1.0)]}
