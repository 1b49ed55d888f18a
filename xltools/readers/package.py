"""A zip of parts, read within limits that no honest file passes."""

import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from xltools.model.errors import ReadError
from xltools.model.limits import MB, limits, over

RATIO_FROM: Final = 10 * MB  # smaller parts may be packed as well as they like

_LOCAL: Final = 30  # bytes of a local header before the name


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The parts of a zip by name: small letters, forward slashes, no leading slash."""

    data: bytes
    parts: Mapping[str, zipfile.ZipInfo]

    @classmethod
    def of(cls, data: bytes) -> "Package":
        """Read the directory. Raises ReadError F-02 when damaged, F-05 over a limit."""
        # Counted before zipfile makes an object of each: the count in the end record may lie.
        count = data.count(b"PK\x01\x02")
        if count > limits().entries:
            raise over("entries", f"压缩结构内有 {count} 项")
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                entries = archive.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError) as error:
            raise ReadError("F-02", "压缩结构不完整") from error
        parts: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            name = entry.filename.replace("\\", "/").lstrip("/").lower()
            if name in parts:
                raise ReadError("F-05", f"压缩包内有重名的部分（{name[:60]}）")
            parts[name] = entry
            _weigh(entry)
        whole = sum(entry.file_size for entry in entries)
        if whole > limits().unpacked * MB:
            raise over("unpacked", f"解压后 {whole // MB} MB")
        return cls(data=data, parts=parts)

    def read(self, name: str) -> bytes:
        """Give a part, inflated; never more than its entry says. Raises ReadError F-02, F-05."""
        entry = self.parts.get(name.lower())
        if entry is None:
            raise ReadError("F-02", f"缺少 {name[:60]}")
        at, data = entry.header_offset, self.data
        if entry.flag_bits & 1:
            raise ReadError("F-02", "压缩包内有加密的部分")
        if data[at : at + 4] != b"PK\x03\x04":
            raise ReadError("F-02", "压缩结构不完整")
        at += _LOCAL + sum(
            int.from_bytes(data[at + i : at + i + 2], "little")
            for i in (26, 28)  # name, extra
        )
        packed = data[at : at + entry.compress_size]
        if entry.compress_type == zipfile.ZIP_STORED:
            plain = packed
        elif entry.compress_type == zipfile.ZIP_DEFLATED:
            # A size that lies would let another reader inflate without end: one byte more tells.
            inflater = zlib.decompressobj(-15)
            try:
                plain = inflater.decompress(packed, entry.file_size + 1)
            except zlib.error as error:
                raise ReadError("F-02", f"{name[:60]} 已损坏") from error
            if len(plain) > entry.file_size:
                raise ReadError("F-05", "压缩包内所记大小与实际不符")
        else:
            raise ReadError("F-02", "压缩方式不常见")
        if len(plain) != entry.file_size or zlib.crc32(plain) != entry.CRC:
            raise ReadError("F-02", f"{name[:60]} 已损坏")
        return plain


def _weigh(entry: zipfile.ZipInfo) -> None:
    size, packed = entry.file_size, entry.compress_size
    if size > limits().part * MB:
        raise over("part", f"其中一项解压后 {size // MB} MB")
    if size > RATIO_FROM and size > limits().ratio * packed:
        raise over("ratio", f"其中一项解压后是原来的 {size // max(packed, 1)} 倍")
