"""Mails of Outlook (.msg) for the tests: an OLE file with just what MS-OXMSG asks for."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

Tree = Mapping[str, "bytes | Tree"]

FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
SECTOR, MINI, CUTOFF = 512, 64, 4096


@dataclass
class _Node:
    name: str
    kind: int  # 1 storage, 2 stream, 5 root
    data: bytes = b""
    child: int = FREE
    right: int = FREE
    start: int = END
    size: int = 0


def ole(tree: Tree) -> bytes:
    """An OLE file of streams (bytes) and storages (mappings)."""
    nodes = [_Node("Root Entry", 5)]
    _add(nodes, 0, tree)
    mini, minifat = b"", list[int]()
    for node in nodes:
        node.size = len(node.data)
        if node.kind == 2 and 0 < node.size < CUTOFF:
            node.start = len(minifat)
            count = -(-node.size // MINI)
            minifat += [*range(node.start + 1, node.start + count), END]
            mini += node.data.ljust(count * MINI, b"\0")
    nodes[0].data, nodes[0].size = mini, len(mini)
    minis = struct.pack(f"<{len(minifat)}I", *minifat)
    directory = -(-len(nodes) // 4) * SECTOR
    bodies = [n for n in nodes if n.kind == 5 or n.size >= CUTOFF]
    sectors = [-(-len(b.data) // SECTOR) for b in bodies]
    rest = directory // SECTOR + -(-len(minis) // SECTOR) + sum(sectors)
    fats = 1
    while fats * 128 < fats + rest:
        fats += 1
    assert fats <= 109
    fat, parts = [FAT] * fats, list[bytes]()

    def place(data: bytes) -> int:
        count = -(-len(data) // SECTOR)
        if not count:
            return END
        start = len(fat)
        fat.extend([*range(start + 1, start + count), END])
        parts.append(data.ljust(count * SECTOR, b"\0"))
        return start

    at = len(fat)
    fat.extend([*range(at + 1, at + directory // SECTOR), END])
    minat = place(minis)
    for body in bodies:
        body.start = place(body.data)
    fat += [FREE] * (fats * 128 - len(fat))
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    head += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, fats, at, 0, CUTOFF, minat,
                        -(-len(minis) // SECTOR), END, 0)  # fmt: skip
    head += struct.pack("<109I", *range(fats), *([FREE] * (109 - fats)))
    listed = b"".join(map(_entry, nodes)).ljust(directory, b"\0")
    return head + struct.pack(f"<{len(fat)}I", *fat) + listed + b"".join(parts)


def _add(nodes: list[_Node], parent: int, tree: Tree) -> None:
    last = 0
    for name, inside in tree.items():
        stream = isinstance(inside, bytes)
        nodes.append(_Node(name, 2 if stream else 1, inside if isinstance(inside, bytes) else b""))
        here = len(nodes) - 1
        if last:
            nodes[last].right = here
        else:
            nodes[parent].child = here
        last = here
        if not isinstance(inside, bytes):
            _add(nodes, here, inside)


def _entry(node: _Node) -> bytes:
    name = node.name.encode("utf-16-le") + b"\0\0"
    return name.ljust(64, b"\0") + struct.pack(
        "<HBBIII36xIQ", len(name), node.kind, 1, FREE, node.right, node.child, node.start, node.size
    )


@dataclass(frozen=True, kw_only=True)
class Attached:
    """``data``: of a file, or the mail that is attached. ``cid``: shown by the mail's page."""

    name: str
    data: bytes | Outlook
    cid: str = ""


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """A mail. ``narrow``: its texts in GBK instead of UTF-16."""

    subject: str = "报送"
    sender: str = "Min.Zheng@example.org"
    name: str = "民政局"
    sent: datetime = datetime(2026, 1, 15, 1, 30, tzinfo=UTC)
    html: bytes = b""
    attached: Sequence[Attached] = field(default=())
    narrow: bool = False

    def file(self) -> bytes:
        return ole(self.tree(32))

    def tree(self, header: int) -> dict[str, bytes | Tree]:
        made: dict[str, bytes | Tree] = {}
        ticks = int((self.sent - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10**7
        fixed = struct.pack("<8xIIII", 0, len(self.attached), 0, len(self.attached))
        fixed = fixed.ljust(header, b"\0") + struct.pack("<HHIQ", 0x40, 0x0039, 6, ticks)
        texts = {0x0037: self.subject, 0x0C1A: self.name, 0x5D01: self.sender}
        for number, text in texts.items():
            fixed += _text(made, number, text, self.narrow)
        if self.html:
            made["__substg1.0_10130102"] = self.html
        for count, one in enumerate(self.attached):
            made[f"__attach_version1.0_#{count:08X}"] = self._attached(one)
        return {"__properties_version1.0": fixed, **made}

    def _attached(self, one: Attached) -> Tree:
        made: dict[str, bytes | Tree] = {}
        fixed = bytes(8) + _text(made, 0x3707, one.name, self.narrow)
        if one.cid:
            fixed += _text(made, 0x3712, one.cid, False)
        if isinstance(one.data, Outlook):
            made["__substg1.0_3701000D"] = one.data.tree(24)
            fixed += struct.pack("<HHIII", 0x03, 0x3705, 6, 5, 0)
        else:
            made["__substg1.0_37010102"] = one.data
            fixed += struct.pack("<HHIII", 0x03, 0x3705, 6, 1, 0)
            fixed += struct.pack("<HHIII", 0x0102, 0x3701, 6, len(one.data), 0)
        return {"__properties_version1.0": fixed, **made}


def _text(made: dict[str, bytes | Tree], number: int, text: str, narrow: bool) -> bytes:
    kind = 0x1E if narrow else 0x1F
    raw = text.encode("gbk" if narrow else "utf-16-le")
    made[f"__substg1.0_{number:04X}{kind:04X}"] = raw
    return struct.pack("<HHIII", kind, number, 6, len(raw), 0)


def outlook(sender: str, sent: datetime, subject: str, files: Mapping[str, bytes]) -> bytes:
    """A mail with these files attached, as its file."""
    attached = [Attached(name=name, data=data) for name, data in files.items()]
    return Outlook(sender=sender, sent=sent, subject=subject, attached=attached).file()
