"""Zip archives written byte by byte, so that a header can lie."""

import struct
import zlib

UTF8 = 0x800  # the flag that says that a name is UTF-8


def deflated(data: bytes, flush: int = zlib.Z_FINISH) -> bytes:
    """A raw deflate stream, ended or not."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush(flush)


class Zip:
    """An archive in the making; ``done`` gives its bytes."""

    def __init__(self) -> None:
        self._body = bytearray()
        self._directory: list[bytes] = []

    def add(
        self,
        name: str | bytes,
        data: str | bytes = b"",
        *,
        method: int = 8,
        raw: bytes | None = None,
        crc: int | None = None,
        size: int | None = None,
        flags: int | None = None,
        mode: int = 0,
        at: int | None = None,
    ) -> int:
        """Add an entry; where its header stands.

        ``raw``: the bytes as packed already. ``crc``, ``size``: what the headers claim.
        ``mode``: of Unix (a link, a device). ``at``: share the header that stands there.
        """
        called = name if isinstance(name, bytes) else name.encode()
        content = data.encode() if isinstance(data, str) else data
        if flags is None:
            flags = 0 if called.isascii() else UTF8
        if raw is None:
            raw = deflated(content) if method == 8 else content
        crc = zlib.crc32(content) if crc is None else crc
        size = len(content) if size is None else size
        told = struct.pack(
            "<HHHHIIIHH", flags, method, 0, 0x21, crc, len(raw), size, len(called), 0
        )
        where = len(self._body) if at is None else at
        if at is None:
            self._body += struct.pack("<IH", 0x04034B50, 20) + told + called + raw
        head = struct.pack("<IBBH", 0x02014B50, 20, 3, 20)
        tail = struct.pack("<HHHII", 0, 0, 0, mode << 16, where)
        self._directory.append(head + told + tail + called)
        return where

    def done(self) -> bytes:
        """The whole archive, with the end record of zip64 where it needs one."""
        start, count = len(self._body), len(self._directory)
        directory = b"".join(self._directory)
        end = b""
        if count > 0xFFFE:
            there = start + len(directory)
            sizes = (44, 45, 45, 0, 0, count, count, len(directory), start)
            end = struct.pack("<IQHHIIQQQQ", 0x06064B50, *sizes)
            end += struct.pack("<IIQI", 0x07064B50, 0, there, 1)
        few = min(count, 0xFFFF)
        end += struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, few, few, len(directory), start, 0)
        return bytes(self._body) + directory + end


def packed(entries: dict[str, str | bytes]) -> bytes:
    """A plain archive of these."""
    made = Zip()
    for name, data in entries.items():
        made.add(name, data)
    return made.done()


def repeated(before: bytes, chunk: bytes, times: int, after: bytes) -> tuple[bytes, int, int]:
    """``before``, a chunk many times, ``after``: as a deflate stream, its CRC and its size.

    Neither is built in full: equal chunks pack equally, and a CRC can be put together from those
    of the parts.
    """
    full = zlib.Z_FULL_FLUSH
    raw = deflated(before, full) + deflated(chunk, full) * times + deflated(after)
    crc, size = zlib.crc32(before), len(before)
    part, length = zlib.crc32(chunk), len(chunk)
    left = times
    while left:  # chunks by powers of two
        if left & 1:
            crc, size = _joined(crc, part, length), size + length
        part, length, left = _joined(part, part, length), 2 * length, left >> 1
    return raw, _joined(crc, zlib.crc32(after), len(after)), size + len(after)


def _joined(first: int, second: int, length: int) -> int:
    """The CRC of two texts one after the other; ``length`` of the second, in bytes."""
    return _times(_power(8 * length), first) ^ second


def _times(one: int, other: int) -> int:
    """The product of two polynomials modulo that of CRC-32, bits reversed as there."""
    product = 0
    for bit in range(31, -1, -1):
        if one >> bit & 1:
            product ^= other
        other = other >> 1 ^ (0xEDB88320 if other & 1 else 0)
    return product


def _power(exponent: int) -> int:
    """x to a power, likewise."""
    power, square = 1 << 31, 1 << 30
    while exponent:
        if exponent & 1:
            power = _times(square, power)
        square, exponent = _times(square, square), exponent >> 1
    return power
