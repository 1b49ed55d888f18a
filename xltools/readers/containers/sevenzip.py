"""Open 7z archives with py7zr, from memory to memory.

py7zr unpacks all files at once. Here each file is unpacked only when it is asked for, by the
decompressor of its folder (7z packs several files as one stream), so that no more than one file is
held in memory.
"""

import io
import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from xltools.model.errors import ReadError
from xltools.model.limits import MB, limits, over
from xltools.model.wording import Phrase
from xltools.readers.containers.entry import Budget, ContainerEntry, SpentError, entry, moment
from xltools.readers.passwords import fits

if TYPE_CHECKING:
    from py7zr import SevenZipFile

_ENTRY: Final = 400  # bytes of the directory for each entry, at most
_CHUNK: Final = 1 << 18
_LZMA, _LZMA2, _PPMD, _AES = b"\x03\x01\x01", b"\x21", b"\x03\x04\x01", b"\x06\xf1\x07\x01"
_MOST_CYCLES: Final = 21  # doublings of the number of password hashes; 7-Zip uses 19


def opened(data: bytes, passwords: Sequence[str], budget: Budget) -> Iterator[ContainerEntry]:
    """Yield the entries of a 7z archive. Raises ReadError: F-02 if it is damaged, F-03 if no
    password fits, F-05 over a limit, F-10 for an unknown method of compression.
    """
    _directory(data)
    archive = _archive(data, passwords, budget)
    if len(archive.files) > limits().entries:
        raise over("entries", Phrase.ARCHIVE_ENTRIES(len(archive.files)))
    yield from _Drawn(archive).entries(budget)


def _directory(data: bytes) -> None:
    """Check the size of the directory, and how it is packed, before py7zr reads it. Raises
    ReadError F-02, F-05.
    """
    at, size = (int.from_bytes(data[i : i + 8], "little") for i in (12, 20))
    head = data[32 + at : 32 + at + size]
    if len(data) < 32 or len(head) < size:
        raise ReadError("F-02", Phrase.ARCHIVE_PERHAPS_VOLUME)
    if head[:1] == b"\x17":  # the directory is packed
        from py7zr.archiveinfo import HeaderStreamsInfo

        try:
            folders = HeaderStreamsInfo.retrieve(io.BytesIO(head[1:])).unpackinfo.folders
            size = sum(folder.unpacksizes[-1] for folder in folders)
        except MemoryError:
            raise
        except Exception as error:
            raise ReadError("F-02", Phrase.ARCHIVE_DIRECTORY_DAMAGED) from error
        _weigh(folders)
    if size > limits().entries * _ENTRY:
        raise over("entries", Phrase.ARCHIVE_DIRECTORY_SIZE(size // 1024))


def _weigh(folders: Sequence[Any]) -> None:
    """Raise ReadError F-05 if unpacking these folders would take more memory or time than the
    limits allow.
    """
    for folder in folders:
        for coder in folder.coders:
            method, properties = coder["method"], coder["properties"] or b""
            size = 0
            if method in (_LZMA, _PPMD):
                size = int.from_bytes(properties[1:5], "little")
            elif method == _LZMA2 and properties:
                size = (2 | properties[0] & 1) << (min(properties[0], 40) // 2 + 11)
            elif method == _AES and properties and _MOST_CYCLES < properties[0] & 0x3F < 0x3F:
                raise ReadError("F-05", Phrase.PASSWORD_ROUNDS)
            if size > limits().memory * MB // 2:  # the other half is for the unpacked data
                raise over("memory", Phrase.ARCHIVE_MEMORY(size // MB))


def _archive(data: bytes, passwords: Sequence[str], budget: Budget) -> "SevenZipFile":
    """Open the archive, with the password that fits if it needs one. Raises ReadError as
    ``opened``.
    """
    from py7zr import SevenZipFile
    from py7zr.exceptions import PasswordRequired, UnsupportedCompressionMethodError

    locked = False
    for password in (None, *dict.fromkeys(filter(None, passwords))):
        try:
            archive = SevenZipFile(io.BytesIO(data), password=password)
            streams = getattr(archive.header, "main_streams", None)
            _weigh(streams.unpackinfo.folders if streams is not None else ())
            if password is None and archive.needs_password():
                locked = True
                continue
            if password is None or _fits(archive, budget):
                if password is not None:
                    fits()
                return SevenZipFile(io.BytesIO(data), password=password)
        except (ReadError, MemoryError):
            raise
        except PasswordRequired:
            locked = True
        except UnsupportedCompressionMethodError as error:
            raise ReadError("F-10", Phrase.ARCHIVE_METHOD_7Z) from error
        except Exception as error:  # of many kinds, for damage and for a wrong password alike
            if not locked:
                raise ReadError("F-02", Phrase.ARCHIVE_INCOMPLETE) from error
    raise ReadError("F-03")


def _fits(archive: "SevenZipFile", budget: Budget) -> bool:
    """Whether the password fits: the first file with content is unpacked correctly, or there is no
    such file.
    """
    spent = budget.size
    for drawn in _Drawn(archive).entries(budget):
        if drawn.data or drawn.error is not None:
            budget.size = spent
            return drawn.error is None
    return True


class _Drawn:
    """Unpacks the files of an archive in the order in which they are stored."""

    def __init__(self, archive: "SevenZipFile") -> None:
        self.archive = archive
        self.broken: set[int] = set()  # folders in which unpacking failed

    def entries(self, budget: Budget) -> Iterator[ContainerEntry]:
        """Yield the entries of the archive, without folders. Raises SpentError."""
        packed = self._packed()
        current, spare = None, 0
        for file in self.archive.files:
            if file.is_directory:
                continue
            size = 0 if file.emptystream else file.uncompressed
            folder = file.folder if size else None
            if folder is not None and folder is not current:
                current = folder
                start, spare = packed.get(id(folder), (0, 0))
                self.archive.fp.seek(start)
            why = Phrase.LINK if file.is_symlink or file.is_junction else ""
            if not why and not file.is_file:
                why = Phrase.NOT_A_FILE
            time = file.lastwritetime
            read = partial(self._read, file, size, spare, budget) if size else bytes
            drawn = entry(
                file.filename,
                read,
                modified=moment(time.totimestamp() if time is not None else None),
                ignored=why,
            )
            if size and (drawn.ignored or (drawn.error is not None and drawn.error.code == "F-05")):
                self._skip(file, budget)
            yield drawn

    def _packed(self) -> dict[int, tuple[int, int]]:
        """Return for each folder, by its ``id``, the offset of its packed bytes and their
        number.
        """
        streams = getattr(self.archive.header, "main_streams", None)
        if streams is None:
            return {}
        places, at = {}, 0
        starts, sizes = streams.packinfo.packpositions, streams.packinfo.packsizes
        for folder in streams.unpackinfo.folders:
            count = max(1, len(folder.packed_indices))
            begin = self.archive.afterheader + starts[min(at, len(starts) - 1)]
            places[id(folder)] = begin, sum(sizes[at : at + count])
            at += count
        return places

    def _read(self, file: Any, size: int, packed: int, budget: Budget) -> bytes:
        """Unpack a file of ``size`` bytes. ``packed``: the packed size of its folder. Raises
        ReadError F-02, F-05, F-10, and SpentError.
        """
        budget.weigh(size, packed)
        unpacked = io.BytesIO()
        for piece in self._pieces(file, size):
            budget.take(len(piece))
            unpacked.write(piece)
        data = unpacked.getvalue()
        if file.crc32 is not None and zlib.crc32(data) != file.crc32:
            raise ReadError("F-02", Phrase.ARCHIVE_ENTRY_DAMAGED)
        return data

    def _skip(self, file: Any, budget: Budget) -> None:
        """Unpack a file and discard it, because the files after it in the same folder can be
        reached in no other way.
        """
        try:
            for piece in self._pieces(file, file.uncompressed):
                budget.take(len(piece))
        except (SpentError, MemoryError):
            raise
        except Exception:
            return  # reported for the files after it

    def _pieces(self, file: Any, left: int) -> Iterator[bytes]:
        """Yield the next ``left`` bytes of a file's folder, piece by piece. Raises ReadError F-02,
        F-10, and errors of py7zr.
        """
        from py7zr.exceptions import UnsupportedCompressionMethodError

        folder, source = file.folder, self.archive.fp
        if id(folder) in self.broken:
            raise ReadError("F-02", Phrase.ARCHIVE_DAMAGED_BEFORE)
        try:
            drawn = folder.get_decompressor(file.compressed)
            while left > 0:
                at = source.tell()
                piece = drawn.decompress(source, min(left, _CHUNK))
                if not piece and source.tell() == at:
                    raise ReadError("F-02", Phrase.ARCHIVE_ENTRY_INCOMPLETE)
                left -= len(piece)
                yield piece
        except GeneratorExit:
            raise
        except UnsupportedCompressionMethodError as error:
            self.broken.add(id(folder))
            raise ReadError("F-10", Phrase.ARCHIVE_METHOD_7Z) from error
        except BaseException:
            self.broken.add(id(folder))
            raise
